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
