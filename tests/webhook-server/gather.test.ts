import { expect, test } from 'vitest';
import { gather } from '../../shared/gather.ts';

/** Notes what was sent together, and answers when it is told to. */
function slowSender() {
  const batches: number[][] = [];
  const answers: (() => void)[] = [];
  const send = (items: number[]) =>
    new Promise<string[]>((resolve) => {
      batches.push(items);
      answers.push(() => resolve(items.map((item) => `answer ${item}`)));
    });
  return { batches, send, answer: async (index: number) => answers[index]?.() };
}

test('the first goes alone and at once, and what comes meanwhile goes together', async () => {
  const { batches, send, answer } = slowSender();
  const ask = gather(send, 100);
  const asked = [1, 2, 3].map(ask);
  expect(batches).toEqual([[1]]);
  await answer(0);
  expect(await asked[0]).toBe('answer 1');
  expect(batches).toEqual([[1], [2, 3]]);
  await answer(1);
  expect(await Promise.all(asked)).toEqual(['answer 1', 'answer 2', 'answer 3']);
});

test('a crowd is sent in parts of at most so many', async () => {
  const { batches, send, answer } = slowSender();
  const ask = gather(send, 2);
  const asked = [1, 2, 3, 4].map(ask);
  for (const index of [0, 1, 2]) {
    await answer(index);
    await asked[Math.min(3, index * 2)];
  }
  expect(batches).toEqual([[1], [2, 3], [4]]);
  expect(await Promise.all(asked)).toHaveLength(4);
});

test('all of a request fail with it, and the next one goes as ever', async () => {
  let isDown = true;
  const ask = gather(async (items: number[]) => {
    if (isDown) throw new Error('down');
    return items;
  }, 100);
  const failed = await Promise.allSettled([ask(1), ask(2), ask(3)]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  isDown = false;
  expect(await ask(4)).toBe(4);
});

test('an answer too few is an error, and not somebody else’s answer', async () => {
  const ask = gather(async (items: number[]) => items.slice(1), 100);
  await expect(ask(1)).rejects.toThrow('0 answers to 1 questions');
});
