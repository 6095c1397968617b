import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overSql } from '../time/bank.ts';
import { accountOf, addPerson, giveTime, violations } from '../time/people.ts';

let db: TestDatabase;
let bank: Bank;
let userId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overSql(db.sql));
});
afterAll(() => db.close());
beforeEach(async () => {
  userId = await addPerson(db.sql);
});
afterEach(async () => {
  expect(await violations(db.sql)).toEqual([]);
});

/** As Supabase's auth server deletes: the row, or (softly) its address turned into a hash and a date. */
const WAYS = {
  hard: (id: string) => db.sql`delete from auth.users where id = ${id}`,
  soft: async (id: string) => {
    await db.sql`update auth.users set email = ${`hash-of-${id}`}, deleted_at = now() where id = ${id}`;
    await db.sql`update auth.users set email = ${`another-hash-of-${id}`} where id = ${id}`;
  },
};
type Way = keyof typeof WAYS;
const personOf = async (id: string) =>
  (
    await db.sql`select email, display_name, role, deleted_at is not null as deleted from users where id = ${id}`
  )[0];
const TOMBSTONE = { email: null, display_name: '', role: 'caller', deleted: true };
const count = async (table: string, id: string) =>
  (await db.sql.unsafe(`select count(*)::int as n from ${table} where user_id = '${id}'`))[0]?.n;

test('who never did anything is gone, with the wrong codes that they tried and what is remembered of them', async () => {
  await bank.activate(userId, 'nothing');
  await db.sql`select write_settings(${userId}, 'de-DE')`;
  await WAYS.hard(userId);
  expect(await personOf(userId)).toBeUndefined();
  expect(await count('activation_attempts', userId)).toBe(0);
  expect(await count('caller_settings', userId)).toBe(0);
  expect((await bank.open(userId)).status).toBe('unknown_user');
});

describe.each(['hard', 'soft'] as Way[])('a person is deleted (%s)', (way) => {
  test.each([
    ['looked at a price', () => bank.begin(userId, 'starter')],
    ['talked', async () => bank.open(userId).catch(() => undefined)],
    ['gave a gift', () => buy(bank, userId, 'starter', 'gift')],
    [
      'gave codes out',
      () => db.sql`insert into code_batches (kind, seconds, count, usable_until, note, operator_id, key)
      values ('promo', 60, 1, now() + interval '1 day', 'n', ${userId}, ${userId})`,
    ],
  ])('who %s: the books stay, and nothing says whose they are', async (_, act) => {
    await giveTime(db.sql, userId, 100);
    await db.sql`update users set display_name = 'Somebody', role = 'operator' where id = ${userId}`;
    await act();
    const before = await accountOf(db.sql, userId);
    await WAYS[way](userId);
    expect(await personOf(userId)).toEqual(TOMBSTONE);
    expect(await accountOf(db.sql, userId)).toEqual(before);
  });

  test('memories, settings and the consent to automatic top-up go; a call under way is settled', async () => {
    await giveTime(db.sql, userId, 100);
    const callId = randomUUID();
    await bank.open(userId, { callId });
    await db.sql`select remember_facts(${callId}, ${userId}, ${db.sql.json([{ text: 'likes tea', kind: 'fact' }])})`;
    await db.sql`select set_auto_top_up(${userId}, 'starter', 600, 5000, 'pm_1')`;
    await WAYS[way](userId);
    expect(await count('caller_memories', userId)).toBe(0);
    expect(await count('private.auto_top_ups', userId)).toBe(0);
    expect((await bank.settle(callId, 1, 9_000)).receipt?.charged_seconds).toBe(9);
    await db.sql`select remember_facts(${callId}, ${userId}, ${db.sql.json([{ text: 'likes milk', kind: 'fact' }])})`;
    expect(await count('caller_memories', userId)).toBe(0);
  });

  test('words of a gift stay until it is activated, and go with their giver after that', async () => {
    const words = { p_user_id: userId, p_package_id: 'starter', p_purpose: 'gift', p_message: 'For you' };
    const ids: string[] = [];
    for (const key of ['waiting', 'used']) {
      const { purchase } = (await overSql(db.sql)('begin_purchase', { ...words, p_key: key })) as {
        purchase: { id: string };
      };
      await bank.pay({
        purchaseId: purchase.id,
        intentId: `pi_${purchase.id}`,
        cents: 999,
        code: purchase.id,
      });
      ids.push(purchase.id);
    }
    const receiver = await addPerson(db.sql);
    await bank.activate(receiver, ids[1] ?? '');
    await WAYS[way](userId);
    const rows = await db.sql`select gift_message as words from purchases where user_id = ${userId}
      order by idempotency_key desc`;
    expect(rows.map((row) => row.words)).toEqual(['For you', null]);
    expect((await bank.activate(receiver, ids[0] ?? '')).status).toBe('activated');
  });

  test('money still comes back to the books, and a token that is left opens nothing', async () => {
    const { intentId } = await buy(bank, userId, 'starter');
    const { code } = await buy(bank, await addPerson(db.sql), 'starter', 'gift');
    await WAYS[way](userId);
    const attempts = [
      () => bank.open(userId),
      () => bank.begin(userId, 'starter'),
      () => bank.activate(userId, code),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({ code: 'PT401' });
    }
    await bank.refund(intentId, 999);
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 0 });
    await bank.failRefund(intentId);
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3600 });
  });
});

test('minutes that are deducted count as used, in all and on their day', async () => {
  await giveTime(db.sql, userId, 3600);
  await bank.deduct(userId, 10);
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await bank.settle(callId, 1, 7_000);
  const { data } = await db.service.rpc('get_user_analytics', { p_user_id: userId });
  const answer = data as { totals: object; days: { charged_seconds: number; calls: number }[] };
  expect(answer.totals).toMatchObject({ charged_seconds: 607, calls: 1, average_call_seconds: 7 });
  expect(answer.days.at(-1)).toMatchObject({ charged_seconds: 607, calls: 1 });
});
