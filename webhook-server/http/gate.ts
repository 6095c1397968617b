import { Fault } from '../../shared/errors.ts';

/** So many wait for one that is at work. */
const WAITING_FOR_EACH = 4;
/** Whoever cannot begin by then is told so, while those who began are still answered fast. */
const WAIT_MS = 250;

export type Gate = {
  <T>(work: () => Promise<T> | T): Promise<T>;
  /** @throws Fault `overloaded` when one more would be refused: before anything is spent on who asks */
  refuseIfFull(): void;
};

/**
 * Lets so many at once work. A short burst waits its turn; what is too much is refused early, instead of making everybody
 * wait: a queue of seconds helps nobody, as whoever asked has gone by then.
 * @throws Fault `overloaded`
 */
export function createGate(atOnce: number): Gate {
  let working = 0;
  const waiting = new Set<() => void>();

  function refuseIfFull(): void {
    if (working >= atOnce && waiting.size >= atOnce * WAITING_FOR_EACH) throw new Fault('overloaded');
  }

  function turn(): Promise<void> {
    refuseIfFull();
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(enter);
        reject(new Fault('overloaded'));
      }, WAIT_MS);
      waiting.add(enter);
    });
  }

  async function enter<T>(work: () => Promise<T> | T): Promise<T> {
    // Who leaves hands the place on, so that nobody who comes then takes it from those who wait.
    if (working < atOnce) working++;
    else await turn();
    try {
      return await work();
    } finally {
      const [next] = waiting;
      if (next === undefined) working--;
      else {
        waiting.delete(next);
        next();
      }
    }
  }

  return Object.assign(enter, { refuseIfFull });
}
