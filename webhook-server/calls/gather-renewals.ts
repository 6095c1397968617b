import type { RenewalAnswer, RenewalRequest } from '../../shared/api/renewals.ts';
import { Fault } from '../../shared/errors.ts';

export type SendBatch = (renewals: readonly RenewalRequest[]) => Promise<RenewalAnswer[]>;

type Waiter = { resolve: (answer: RenewalAnswer) => void; reject: (error: unknown) => void };
/** One report of one worker, and all who asked for it. */
type Entry = { renewal: RenewalRequest; sinceMs: number; waiters: Waiter[] };

/** A statement of 500 takes some 20 ms; of larger ones the locks are held for longer and nothing is gained. */
const MAX_SIZE = 500;
/** The next batch need not wait for the last one; more at once would only wait for each other's locks. */
const MAX_IN_FLIGHT = 4;
/** Workers give up after 1.5 seconds: to do the work of who has gone would make those behind wait, too. */
const MAX_WAIT_MS = 1_000;

/** Repeats of one report are one: the largest counters say it all. */
function merged(known: RenewalRequest, next: RenewalRequest): RenewalRequest {
  return {
    ...known,
    used_ms: Math.max(known.used_ms, next.used_ms),
    restored_ms: Math.max(known.restored_ms, next.restored_ms),
  };
}

/**
 * Gathers the renewals of many calls for a few milliseconds and sends them as one.
 * @param gatherMs how long the first of a batch waits for others; a full batch goes at once
 * @returns what to ask for one call; rejects with what its batch failed with
 */
export function gatherRenewals(
  send: SendBatch,
  gatherMs: number,
): (renewal: RenewalRequest) => Promise<RenewalAnswer> {
  const waiting = new Map<string, Entry>();
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;

  /** The oldest of those that wait; of two workers of one call only one, as a batch has one row for each call. */
  function takeBatch(): Entry[] {
    const batch = new Map<string, Entry>();
    for (const [key, entry] of waiting) {
      if (batch.size === MAX_SIZE) break;
      if (batch.has(entry.renewal.call_id)) continue;
      waiting.delete(key);
      if (performance.now() - entry.sinceMs > MAX_WAIT_MS) reject(entry, new Fault('database_unavailable'));
      else batch.set(entry.renewal.call_id, entry);
    }
    return [...batch.values()];
  }

  async function sendBatch(batch: Entry[]): Promise<void> {
    inFlight += 1;
    try {
      const answers = await send(batch.map(({ renewal }) => renewal));
      const byCall = new Map(answers.map((answer) => [answer.call_id, answer]));
      for (const entry of batch) {
        const answer = byCall.get(entry.renewal.call_id);
        if (answer === undefined) reject(entry, new Fault('database_unavailable'));
        else for (const { resolve } of entry.waiters) resolve(answer);
      }
    } catch (error) {
      for (const entry of batch) reject(entry, error);
    } finally {
      inFlight -= 1;
      // Those that came meanwhile and found no place have waited long enough; others have their own timer.
      if (timer === undefined) sendAll();
    }
  }

  function sendAll(): void {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.size > 0 && inFlight < MAX_IN_FLIGHT) {
      const batch = takeBatch();
      if (batch.length > 0) void sendBatch(batch);
    }
  }

  return (renewal) =>
    new Promise((resolve, rejectOne) => {
      const key = `${renewal.call_id}:${renewal.epoch}`;
      const known = waiting.get(key);
      const waiters = [...(known?.waiters ?? []), { resolve, reject: rejectOne }];
      waiting.set(key, {
        renewal: known === undefined ? renewal : merged(known.renewal, renewal),
        sinceMs: known?.sinceMs ?? performance.now(),
        waiters,
      });
      if (waiting.size >= MAX_SIZE) sendAll();
      else if (inFlight < MAX_IN_FLIGHT) timer ??= setTimeout(sendAll, gatherMs);
    });
}

function reject(entry: Entry, error: unknown): void {
  for (const waiter of entry.waiters) waiter.reject(error);
}
