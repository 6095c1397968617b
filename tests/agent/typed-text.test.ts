import { describe, expect, it } from 'vitest';
import { readBounded, takeTyped } from '../../agent/typed/take-typed.ts';
import { MAX_TEXT_BYTES, newTextBudget, takeText, tellRefused } from '../../agent/typed/text-budget.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A text that comes in pieces, and what was read of it. */
function stream(pieces: Iterable<string>, totalSize?: number) {
  const seen = { read: 0, isClosed: false };
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const reader = {
    info: { totalSize } as never,
    async close() {
      seen.isClosed = true;
      close();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (const piece of pieces) {
          seen.read++;
          if (piece === 'never') await closed;
          else yield piece;
        }
      } finally {
        seen.isClosed = true;
      }
    },
  };
  return { reader, seen };
}

function* forever(): Generator<string> {
  for (;;) yield 'a'.repeat(1000);
}

describe('a text', () => {
  it('is read whole up to its bound, in bytes', async () => {
    const clock = new FakeClock();
    expect(await readBounded(stream(['Hello, ', 'you.']).reader, clock)).toBe('Hello, you.');
    const longest = 'é'.repeat(MAX_TEXT_BYTES / 2);
    expect(await readBounded(stream([longest]).reader, clock)).toBe(longest);
    expect(await readBounded(stream([longest, 'e']).reader, clock)).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it('without an end is read to the bound and no further', async () => {
    const { reader, seen } = stream(forever());
    expect(await readBounded(reader, new FakeClock())).toBeUndefined();
    expect(seen).toEqual({ read: 5, isClosed: true });
  });

  it('that says itself that it is too long is not read at all', async () => {
    const { reader, seen } = stream(forever(), 6_000_000);
    expect(await readBounded(reader, new FakeClock())).toBeUndefined();
    expect(seen).toEqual({ read: 0, isClosed: true });
  });

  it('that stops in the middle is given up', async () => {
    const clock = new FakeClock();
    const reading = readBounded(stream(['Hello', 'never']).reader, clock);
    await clock.advance(5000);
    expect(await reading).toBeUndefined();
  });
});

describe('the rate of texts', () => {
  it('lets five come at once, and one more every two seconds', () => {
    let budget = newTextBudget(0);
    const take = (nowMs: number) => {
      const [next, isTaken] = takeText(budget, nowMs);
      budget = next;
      return isTaken;
    };
    expect([1, 2, 3, 4, 5, 6].map(() => take(0))).toEqual([true, true, true, true, true, false]);
    expect([take(1999), take(2000), take(2001), take(4000)]).toEqual([false, true, false, true]);
    // Those that are refused cost nothing of what comes later, and nobody saves up for more than five.
    expect(Array.from({ length: 10 }, () => take(1_000_000)).filter(Boolean)).toHaveLength(5);
  });

  it('is told to whoever exceeds it, but not each time', () => {
    const [told, isTold] = tellRefused(newTextBudget(0), 0);
    expect(isTold).toBe(true);
    expect(tellRefused(told, 14_999)[1]).toBe(false);
    expect(tellRefused(told, 15_000)[1]).toBe(true);
  });
});

it('takes the texts of the caller only, and at most two that arrive at once', async () => {
  const clock = new FakeClock();
  let handler: (reader: unknown, sender: { identity: string }) => void = () => {};
  const room = {
    registerTextStreamHandler(_topic: string, one: typeof handler) {
      handler = one;
    },
  };
  const [taken, refused]: [string[], string[]] = [[], []];
  takeTyped(room as never, {
    identity: 'caller',
    clock,
    taken: (text) => void taken.push(text),
    refused: (why) => void refused.push(why),
  });
  handler(stream(['Hello']).reader, { identity: 'caller' });
  const stranger = stream(['Say something rude']);
  handler(stranger.reader, { identity: 'somebody else' });
  handler(stream([' \n']).reader, { identity: 'caller' });
  await clock.advance(0);
  expect([taken, stranger.seen]).toEqual([['Hello'], { read: 0, isClosed: true }]);
  const open = [1, 2, 3].map(() => stream(['never']));
  for (const { reader } of open) handler(reader, { identity: 'caller' });
  await clock.advance(0);
  expect(open.map(({ seen }) => seen.read)).toEqual([1, 1, 0]);
  expect(refused).toEqual(['too_many_requests']);
});
