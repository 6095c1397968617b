import { randomUUID } from 'node:crypto';
import { llm } from '@livekit/agents';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callContext, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences } from '../../../tests/languages/check-sentences.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { giveTime } from '../../../tests/time/people.ts';
import { CallMemory } from '../../memory/call-memory.ts';
import forget, { meansEverything } from './tool.ts';

checkSentences(forget, ({ askThis, ...say }) => ({ ...say, askThis: askThis('Has a dog') }));

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

async function scene() {
  const { id: userId } = await db.signUp();
  await giveTime(db.sql, userId, 60);
  const id = randomUUID();
  await db.sql`insert into caller_memories (id, user_id, text, kind, source)
    values (${id}, ${userId}, 'Lives in Paris', 'fact', 'call')`;
  const history = llm.ChatContext.empty();
  const memory = new CallMemory({ memoryEnabled: true, facts: [{ id, text: 'Lives in Paris' }] });
  const call = callContext({ userId, database: db.service, memory });
  return {
    memory,
    say: (content: string) => history.addMessage({ role: 'user', content }),
    use: (args: { what?: string; answer?: 'yes' | 'no' }) => useTool(forget, args, call, history),
    isKept: async () => (await db.sql`select from caller_memories where id = ${id}`).length === 1,
  };
}

it('a model that says yes for the caller is not believed', async () => {
  const { use, say, isKept, memory } = await scene();
  say('Forget that I live in Paris.');
  expect((await use({ what: 'Paris' })).speech).toMatch(/Lives in Paris.*Shall I forget it/);
  await expect(use({ answer: 'yes' })).rejects.toThrow();
  say('Yes.');
  await expect(use({ answer: 'yes' })).rejects.toThrow();
  expect(await isKept()).toBe(true);
  expect((await use({ what: 'Paris' })).speech).toMatch(/Shall I forget it/);
  say('Yes!');
  expect((await use({ answer: 'yes' })).speech).toMatch(/Done/);
  expect(await isKept()).toBe(false);
  expect(memory.facts).toEqual([]);
});

it('a yes without a question forgets nothing, and neither does one to what was refused', async () => {
  const { use, say, isKept } = await scene();
  say('Yes.');
  await expect(use({ answer: 'yes' })).rejects.toThrow();
  await use({ what: 'Paris' });
  say('No.');
  expect((await use({ answer: 'no' })).speech).toMatch(/keep it/);
  say('Yes.');
  await expect(use({ answer: 'yes' })).rejects.toThrow();
  expect(await isKept()).toBe(true);
});

it('a yes that comes three turns after the question is one to something else', async () => {
  const { use, say, isKept } = await scene();
  await use({ what: 'Paris' });
  for (const text of ['Wait.', 'How much time do I have?', 'Yes.']) say(text);
  await expect(use({ answer: 'yes' })).rejects.toThrow();
  expect(await isKept()).toBe(true);
  await use({ what: 'Paris' });
  for (const text of ['Well.', 'Yes.']) say(text);
  expect((await use({ answer: 'yes' })).speech).toMatch(/Done/);
  expect(await isKept()).toBe(false);
});

it('forgets everything about somebody who says it in more than one word, and reads nothing of that call', async () => {
  const { use, say, isKept, memory } = await scene();
  expect((await use({ what: 'everything about me' })).speech).toMatch(/everything/);
  say('Yes.');
  await use({ answer: 'yes' });
  expect(await isKept()).toBe(false);
  expect(memory.mayRead(Date.now() + 60_000)).toBe(false);
});

it.each([
  'everything',
  'Everything.',
  'everything about me',
  'everything you know about me',
  'everything that you remember of me',
  'everything I ever told you',
  'all',
  'all of it',
  'all of it, please',
  'all my data',
  'all memories of me',
  'alles über mich',
  'todo sobre mí',
  'tout sur moi',
])('%j is everything', (what) => {
  expect(meansEverything(what)).toBe(true);
});

it.each([
  'all my pets',
  'everything about my dog',
  'all of my pets',
  'allergies',
  'everything bagels',
  'where I live',
  'not everything',
  'everything you know about my dog',
  'all that jazz',
  '',
])('%j is not', (what) => {
  expect(meansEverything(what)).toBe(false);
});
