import { expect } from 'vitest';
import { violations } from '../time/people.ts';
import { testWithCalls as it } from './test-with-calls.ts';

it('a second call uses what the first one told; what is erased, the third one does not know', async ({
  calls,
}) => {
  const userId = await calls.person();
  const first = await calls.call(userId, ['My name is Ada.', 'I live in Paris, and I like jazz.']);
  expect(first.answers[0]).toBe('Nice to meet you, Ada.');
  expect(first.outcome).toBe('remembered');
  expect(await calls.memoriesOf(userId)).toEqual(['Name is Ada', 'Lives in Paris', 'Likes jazz']);

  const second = await calls.call(userId, async ({ ask, tools, instructions }) => {
    expect(instructions()).toContain('\n- "Name is Ada"');
    expect(await ask('What is my name?')).toBe('Your name is Ada.');
    expect(await ask('Do you remember where I live?')).toBe('You live in Paris.');
    expect(tools()).toEqual([]);
    expect(await ask('Please forget where I live: Paris.')).toBe(
      'I remember this: Lives in Paris. Shall I forget it?',
    );
    expect(await calls.memoriesOf(userId)).toContain('Lives in Paris');
    expect(await ask('Yes.')).toBe('Done. I have forgotten it.');
    expect(tools()).toEqual(['forget', 'forget']);
    expect(instructions()).toContain('Name is Ada');
    expect(instructions()).not.toContain('Paris');
  });
  expect(second.outcome).toBe('nothing_said');
  expect(await calls.memoriesOf(userId)).toEqual(['Name is Ada', 'Likes jazz']);

  await calls.call(userId, async ({ ask, instructions }) => {
    expect(instructions()).not.toContain('Paris');
    expect(await ask('Where do I live?')).toBe('I remember nothing about that.');
    expect(await ask('What is my name?')).toBe('Your name is Ada.');
  });
  expect(await violations(calls.db.sql)).toEqual([]);
});

it('what is new takes the place of what it replaces', async ({ calls }) => {
  const userId = await calls.person();
  await calls.call(userId, ['My name is Ada.', 'I live in Paris.']);
  await calls.call(userId, ['By the way, I live in Rome.', 'My name is Ada.']);
  expect(await calls.memoriesOf(userId)).toEqual(['Name is Ada', 'Lives in Rome']);
});

it('looks up what the instructions have no room for', async ({ calls }) => {
  const userId = await calls.person();
  await calls.call(userId, ['I am learning Portuguese.']);
  const teas =
    'green black white red yellow herbal iced sweet strong weak smoked spiced fresh aged rolled'.split(' ');
  await calls.call(userId, [teas.map((tea) => `I like ${tea} tea.`).join(' ')]);
  expect(await calls.memoriesOf(userId)).toHaveLength(16);
  await calls.call(userId, async ({ ask, tools, instructions }) => {
    const notes = instructions()
      .split('\n')
      .filter((line) => line.startsWith('- "'));
    expect(notes).toHaveLength(12);
    expect(notes.join('\n').length).toBeLessThanOrEqual(1000);
    expect(instructions()).not.toContain('Portuguese');
    expect(await ask('What am I learning? Is it Portuguese?')).toBe('You told me: Is learning Portuguese.');
    expect(tools()).toEqual(['recall']);
  });
});

it('forgets nothing without a yes, and only what was asked about', async ({ calls }) => {
  const userId = await calls.person();
  await calls.call(userId, ['My name is Ada.', 'I work as a nurse.']);
  await calls.call(userId, async ({ ask }) => {
    expect(await ask('Forget my work as a nurse.')).toMatch(/Works as nurse.*Shall I forget it/);
    expect(await ask('No.')).toBe('All right. I keep it.');
    expect(await calls.memoriesOf(userId)).toHaveLength(2);
    expect(await ask('Forget everything.')).toBe('Shall I forget everything that you ever told me?');
    expect(await ask('Yes.')).toBe('Done. I have forgotten it.');
    expect(await calls.memoriesOf(userId)).toEqual([]);
  });
});

/** Whatever the model makes of a call: what was erased in it stays erased, in other words, too. */
const AGAIN_AND_TEA = [
  { text: 'Lives in Paris, France', kind: 'fact', replaces: null },
  { text: 'Likes tea', kind: 'preference', replaces: null },
];

it('never remembers again what was erased in the same call', async ({ calls }) => {
  const userId = await calls.person();
  await calls.call(userId, ['I live in Paris.', 'My name is Ada.']);
  calls.model.notes({ content: JSON.stringify({ facts: AGAIN_AND_TEA }) });
  await calls.call(userId, async ({ ask }) => {
    await ask('I live in Paris, as I said.');
    await ask('Forget that I live in Paris.');
    await ask('Yes.');
    await ask('And I like tea very much.');
  });
  expect(await calls.memoriesOf(userId)).toEqual(['Name is Ada', 'Likes tea']);
  expect(calls.lastSaid()).toEqual(['And I like tea very much.']);
});

it("another person's memories never come up", async ({ calls }) => {
  const [ada, bob] = [await calls.person(), await calls.person()];
  await calls.call(ada, ['My name is Ada.', 'I live in Paris.']);
  await calls.call(bob, async ({ ask, instructions }) => {
    expect(instructions()).not.toMatch(/Ada|Paris/);
    expect(await ask('What is my name?')).toBe('I remember nothing about that.');
    expect(await ask('Do you remember where I live, in Paris?')).toBe('I remember nothing about that.');
    expect(await ask('Forget that I live in Paris.')).toBe('I remember nothing about that.');
    await ask('Forget everything.');
    await ask('Yes.');
  });
  expect(await calls.memoriesOf(ada)).toHaveLength(2);
});

it('with memory off nothing is known, asked, offered or kept', async ({ calls }) => {
  const userId = await calls.person();
  await calls.call(userId, ['My name is Ada.']);
  await calls.db.sql`update caller_settings set memory_enabled = false where user_id = ${userId}`;
  const before = calls.model.received.notes.length;
  const { outcome } = await calls.call(userId, async ({ ask, instructions }) => {
    expect(instructions()).toContain('You do not remember earlier calls');
    expect(instructions()).not.toContain('Ada');
    expect(await ask('What is my name?')).toBe('You have not told me your name yet.');
    await ask('I live in Paris.');
  });
  expect(outcome).toBe('off');
  expect(calls.model.received.notes).toHaveLength(before);
  expect(calls.model.received.turns.at(-1)).not.toContain('"recall"');
  expect(await calls.memoriesOf(userId)).toEqual(['Name is Ada']);
});

it('of a call in which something is erased on the page nothing is remembered, nor read', async ({
  calls,
}) => {
  const userId = await calls.person();
  await calls.call(userId, ['I live in Paris.', 'My name is Ada.']);
  calls.model.notes({ content: JSON.stringify({ facts: AGAIN_AND_TEA }) });
  const before = calls.model.received.notes.length;
  const { outcome } = await calls.call(userId, async ({ ask }) => {
    await ask('I live in Paris, did you know?');
    await ask('And I like tea.');
    const [row] = await calls.db.sql`select id from caller_memories
      where user_id = ${userId} and text = 'Lives in Paris'`;
    await calls.db.service.rpc('erase_memory', { p_user_id: userId, p_memory_id: row?.id });
  });
  expect(outcome).toBe('off');
  expect(calls.model.received.notes).toHaveLength(before);
  expect(await calls.memoriesOf(userId)).toEqual(['Name is Ada']);
});

it('turned off during a call, it keeps nothing of that call, and sends none of it to the model', async ({
  calls,
}) => {
  const userId = await calls.person();
  const before = calls.model.received.notes.length;
  const { outcome } = await calls.call(userId, async ({ ask }) => {
    await ask('My name is Ada.');
    await calls.db.sql`insert into caller_settings (user_id, memory_enabled) values (${userId}, false)
      on conflict (user_id) do update set memory_enabled = false`;
  });
  expect(calls.model.received.notes).toHaveLength(before);
  expect(outcome).toBe('off');
  expect(await calls.memoriesOf(userId)).toEqual([]);
});
