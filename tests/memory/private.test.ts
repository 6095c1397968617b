import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startRememberedCalls } from './remembered-calls.ts';

let calls: Awaited<ReturnType<typeof startRememberedCalls>>;
beforeAll(async () => {
  calls = await startRememberedCalls();
});
afterAll(() => calls.close());
beforeEach(() => {
  calls.model.received.notes.length = 0;
});

it('what the caller wants private stays out, from the turn before on', async () => {
  const userId = await calls.person();
  await calls.call(userId, async ({ ask, tools }) => {
    await ask('My name is Ada.');
    await ask('I live in Paris.');
    expect(await ask('Please keep that private.')).toBe(
      'All right. I will not remember that, nor what you say from here on in this call.',
    );
    expect(tools()).toEqual(['keep_private']);
    await ask('I love cigars.');
  });
  expect(await calls.memoriesOf(userId)).toEqual(['Name is Ada']);
  expect(calls.lastSaid()).toEqual(['My name is Ada.']);
});

it.each([
  ['by the tool, in words that only the model understands', 'Nobody should know that I love cigars.', true],
  ['where the model does not understand it', 'All of this stays between us.', false],
])('%s', async (_, wish, isToolCalled) => {
  const userId = await calls.person();
  await calls.call(userId, async ({ ask, tools }) => {
    await ask('My name is Ada.');
    await ask('I live in Paris.');
    await ask(wish);
    expect(tools()).toEqual(isToolCalled ? ['keep_private'] : []);
    await ask('I love cigars.');
  });
  expect(await calls.memoriesOf(userId)).toEqual(['Name is Ada']);
});

it('a whole call, after which the model is not even asked', async () => {
  const userId = await calls.person();
  const { answers, outcome } = await calls.call(userId, [
    'My name is Ada.',
    'I live in Paris.',
    'Do not remember this call.',
  ]);
  expect(answers.at(-1)).toBe('All right. I will remember nothing of this call.');
  expect(outcome).toBe('nothing_said');
  expect(calls.model.received.notes).toEqual([]);
});
