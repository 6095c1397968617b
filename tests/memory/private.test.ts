import { expect } from 'vitest';
import { testWithCalls as it } from './test-with-calls.ts';

it('what the caller wants private stays out, from the turn before on', async ({ calls }) => {
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

it.for([
  ['by the tool, in words that only the model understands', 'Nobody should know that I love cigars.', true],
  ['where the model does not understand it', 'All of this stays between us.', false],
] as const)('%s', async ([_, wish, isToolCalled], { calls }) => {
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

it('a whole call, after which the model is not even asked', async ({ calls }) => {
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
