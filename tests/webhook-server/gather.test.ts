import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gather } from '../../shared/gather.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Notes what was sent together, and answers when it is told to. */
function slowSender() {
  const batches: number[][] = [];
  const answers: (() => void)[] = [];
  const send = (items: number[]) =>
    new Promise<string[]>((resolve) => {
      batches.push(items);
      answers.push(() => resolve(items.map((item) => `answer ${item}`)));
    });
  return {
    batches,
    send,
    async answer(index: number) {
      answers[index]?.();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

test('what comes within a few milliseconds goes together, and what comes while that is under way goes next', async () => {
  const { batches, send, answer } = slowSender();
  const ask = gather(send, { forMs: 3, most: 100 });
  const asked = [1, 2].map(ask);
  await vi.advanceTimersByTimeAsync(2);
  asked.push(ask(3));
  expect(batches).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(batches).toEqual([[1, 2, 3]]);
  asked.push(ask(4), ask(5));
  await vi.advanceTimersByTimeAsync(1000);
  await answer(0);
  expect(batches).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  await answer(1);
  expect(await Promise.all(asked)).toEqual([1, 2, 3, 4, 5].map((item) => `answer ${item}`));
});

test('a crowd is sent in parts of at most so many, one after the other', async () => {
  const { batches, send, answer } = slowSender();
  const ask = gather(send, { forMs: 3, most: 2 });
  const asked = [1, 2, 3].map(ask);
  await vi.advanceTimersByTimeAsync(3);
  expect(batches).toEqual([[1, 2]]);
  await answer(0);
  expect(batches).toEqual([[1, 2], [3]]);
  await answer(1);
  expect(await Promise.all(asked)).toHaveLength(3);
});

test('all of a request fail with it, and the next one goes as ever', async () => {
  let isDown = true;
  const send = async (items: number[]) => {
    if (isDown) throw new Error('down');
    return items;
  };
  const ask = gather(send, { forMs: 3, most: 100 });
  const failed = Promise.allSettled([ask(1), ask(2)]);
  await vi.advanceTimersByTimeAsync(3);
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isDown = false;
  const next = ask(3);
  await vi.advanceTimersByTimeAsync(3);
  expect(await next).toBe(3);
});

test('an answer too few is an error, and not somebody else’s answer', async () => {
  const ask = gather(async (items: number[]) => items.slice(1), { forMs: 3, most: 100 });
  const failed = expect(ask(1)).rejects.toThrow('0 answers to 1 questions');
  await vi.advanceTimersByTimeAsync(3);
  await failed;
});

test('an item that failed alone fails alone', async () => {
  const ask = gather(
    async (items: number[]) => items.map((item) => (item === 2 ? new Error('not 2') : item)),
    {
      forMs: 3,
      most: 100,
    },
  );
  const asked = Promise.allSettled([1, 2, 3].map(ask));
  await vi.advanceTimersByTimeAsync(3);
  expect(await asked).toMatchObject([{ value: 1 }, { reason: { message: 'not 2' } }, { value: 3 }]);
});

test('a full request goes at once, several are under way, and what is behind goes as soon as one is done', async () => {
  const { batches, send, answer } = slowSender();
  const ask = gather(send, { forMs: 3, most: 2, atOnce: 2 });
  const asked = [1, 2].map(ask);
  expect(batches).toEqual([[1, 2]]);
  asked.push(...[3, 4, 5].map(ask));
  await vi.advanceTimersByTimeAsync(1000);
  expect(batches).toEqual([
    [1, 2],
    [3, 4],
  ]);
  await answer(1);
  expect(batches.at(-1)).toEqual([5]);
  await answer(0);
  await answer(2);
  expect(await Promise.all(asked)).toHaveLength(5);
});

test('who waited too long for a turn is rejected and not sent; who came later is', async () => {
  const { batches, send, answer } = slowSender();
  const patience = { ms: 50, error: () => new Error('too late') };
  const ask = gather(send, { forMs: 3, most: 100, patience });
  const first = ask(1);
  await vi.advanceTimersByTimeAsync(3);
  const late = Promise.allSettled([ask(2)]);
  await vi.advanceTimersByTimeAsync(51);
  const fresh = ask(3);
  await answer(0);
  expect(await late).toMatchObject([{ reason: { message: 'too late' } }]);
  expect(batches).toEqual([[1], [3]]);
  await answer(1);
  expect(await Promise.all([first, fresh])).toEqual(['answer 1', 'answer 3']);
});

test('repeats are sent as one, and all who asked get its answer', async () => {
  const { batches, send, answer } = slowSender();
  const repeats = { keyOf: (item: number) => String(item % 10), merge: Math.max };
  const ask = gather(send, { forMs: 3, most: 100, repeats });
  const asked = [1, 2, 31, 21].map(ask);
  await vi.advanceTimersByTimeAsync(3);
  expect(batches).toEqual([[31, 2]]);
  // Sent is sent: the next report is one of its own.
  asked.push(ask(11));
  await answer(0);
  await answer(1);
  expect(batches).toEqual([[31, 2], [11]]);
  expect(await Promise.all(asked)).toEqual([31, 2, 31, 31, 11].map((item) => `answer ${item}`));
});

test('what may not go together goes one after the other, in order', async () => {
  const { batches, send, answer } = slowSender();
  const ask = gather(send, { forMs: 3, most: 100, oneOf: (item) => String(item % 10) });
  const asked = [1, 2, 11, 21].map(ask);
  await vi.advanceTimersByTimeAsync(3);
  for (const batch of [0, 1, 2]) await answer(batch);
  expect(batches).toEqual([[1, 2], [11], [21]]);
  expect(await Promise.all(asked)).toEqual([1, 2, 11, 21].map((item) => `answer ${item}`));
});
