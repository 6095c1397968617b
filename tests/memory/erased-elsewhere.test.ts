import { expect } from 'vitest';
import { addCall, fact } from './memory.ts';
import { testWithCalls as it } from './test-with-calls.ts';
import { testWithMemory as test } from './test-with-memory.ts';

const CLOSED = { status: 'already_remembered' };

test('what the page erases does not come back from another call in other words', async ({
  db,
  userId,
  memory,
}) => {
  const [open, ended] = [await addCall(db.sql, userId), await addCall(db.sql, userId, true)];
  await db.sql`update calls set ended_at = now() - interval '10 seconds' where id = ${ended}`;
  await memory.tell(fact('Lives in Paris'));
  expect(await memory.erase(await memory.idOf('Lives in Paris'))).toEqual({ status: 'erased' });
  for (const call of [open, ended]) {
    expect(await memory.readCaller(30, call)).toMatchObject({ is_call_closed: true });
    expect(await memory.remember(call, [fact('Home is the French capital')])).toEqual(CLOSED);
  }
  const later = await addCall(db.sql, userId);
  expect(await memory.readCaller(30, later)).toMatchObject({ is_call_closed: false });
  expect(await memory.remember(later, [fact('Likes tea')])).toMatchObject({ count: 1 });
  expect(await memory.texts()).toEqual(['Likes tea']);
});

test('what one call erases does not come back from the other, and the one goes on', async ({
  db,
  userId,
  memory,
}) => {
  await memory.tell(fact('Lives in Paris'));
  const [asking, other] = [await addCall(db.sql, userId), await addCall(db.sql, userId)];
  await memory.erase(await memory.idOf('Lives in Paris'), asking);
  expect(await memory.remember(other, [fact('Home is the French capital')])).toEqual(CLOSED);
  expect(await memory.remember(asking, [fact('Likes tea')])).toMatchObject({ count: 1 });
});

test('where nothing was erased, no call is lost', async ({ db, userId, memory }) => {
  const call = await addCall(db.sql, userId);
  expect(await memory.erase(call)).toEqual({ status: 'unknown_memory' });
  expect(await memory.remember(call, [fact('Likes tea')])).toMatchObject({ count: 1 });
});

test('a correction stands alone, whatever a call under way was told', async ({ db, userId, memory }) => {
  await memory.tell(fact('Lives in Rome'));
  const call = await addCall(db.sql, userId);
  await memory.correct(await memory.idOf('Lives in Rome'), 'Lives in Milan');
  expect(await memory.remember(call, [fact('Home is the Italian capital')])).toEqual(CLOSED);
  expect(await memory.texts()).toEqual(['Lives in Milan']);
});

it('a call during which everything was erased is not sent to any model', async ({ calls }) => {
  const erasures = {
    'on the page': async (userId: string) => {
      await calls.db.service.rpc('erase_all_memories', { p_user_id: userId });
    },
    'by the agent': async (_: string, ask: (text: string) => Promise<string>) => {
      await ask('Forget everything.');
      expect(await ask('Yes.')).toMatch(/Done/);
      await ask('And I like tea very much.');
    },
  };
  for (const [where, erase] of Object.entries(erasures)) {
    const userId = await calls.person();
    const { outcome } = await calls.call(userId, async ({ ask }) => {
      await ask('My name is Ada, and I live in Paris.');
      await erase(userId, ask);
    });
    expect({ where, outcome }).toEqual({ where, outcome: 'off' });
  }
  expect(calls.model.received.notes).toEqual([]);
});

it('notes that are being taken while the page erases are not stored', async ({ calls }) => {
  const userId = await calls.person();
  await calls.call(userId, ['I live in Paris.']);
  const [row] = await calls.db.sql`select id from caller_memories where user_id = ${userId}`;
  const told = [{ text: 'Home is the French capital', kind: 'fact', replaces: null }];
  calls.model.notes({ content: JSON.stringify({ facts: told }) });
  calls.model.whenAskedForNotes(async () => {
    await calls.db.service.rpc('erase_memory', { p_user_id: userId, p_memory_id: row?.id });
  });
  const { outcome } = await calls.call(userId, ['I am at home in the French capital.']);
  expect(calls.lastSaid()).toEqual(['I am at home in the French capital.']);
  expect(outcome).toBe('off');
  expect(await calls.memoriesOf(userId)).toEqual([]);
});
