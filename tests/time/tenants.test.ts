import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { undone } from '../support/undone.ts';
import { type Bank, buy, createBank, overSql, PRICES } from './bank.ts';
import { accountOf, addPerson, expireCard, giveTime, lapse, violations } from './people.ts';

let db: TestDatabase;
let bank: Bank;
let owner: string;
let member: string;
let tenantId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overSql(db.sql));
});
afterAll(() => db.close());
beforeEach(async () => {
  [owner, member] = [await addPerson(db.sql), await addPerson(db.sql)];
  tenantId = (await bank.createTenant(owner))?.id ?? '';
  await db.sql`insert into tenant_members (tenant_id, user_id, role) values (${tenantId}, ${member}, 'member')`;
});
afterEach(async () => expect(await violations(db.sql)).toEqual([]));

const open = (userId: string, callId: string = randomUUID()) => bank.open(userId, { callId, tenantId });
const receiptsOf = async (id: string) => (await db.sql`select verify_receipts(${id}) as answer`)[0]?.answer;
const mayCall = async (userId: string) => {
  const call = randomUUID();
  const [row] = await db.sql`select may_call(${call}, ${userId}, ${call}, 4, ${tenantId}) as answer`;
  return row?.answer.status;
};

test('a call for a tenant uses its time, and nobody’s own', async () => {
  await giveTime(db.sql, member, 50);
  await giveTime(db.sql, tenantId, 100);
  const callId = randomUUID();
  expect(await open(member, callId)).toMatchObject({ status: 'open', granted_seconds: 30, free_seconds: 70 });
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 100, held: 30, live: 1 });
  await bank.renew(callId, 1, 20_000);
  expect((await bank.settle(callId, 1, 25_000)).receipt).toMatchObject({
    charged_seconds: 25,
    balance_seconds: 75,
  });
  expect(await accountOf(db.sql, member)).toMatchObject({ balance: 50, held: 0 });
  await bank.open(member, { callId: randomUUID() });
  expect(await receiptsOf(tenantId)).toEqual({ receipts: 1, broken: [], complete: true });
  expect(await receiptsOf(member)).toMatchObject({ receipts: 0, broken: [] });
});

test('its receipts are one chain over all its members, and a changed one is found', async () => {
  await giveTime(db.sql, tenantId, 100);
  for (const person of [owner, member, owner]) {
    const callId = randomUUID();
    await open(person, callId);
    await bank.settle(callId, 1, 5_000);
  }
  expect(await receiptsOf(tenantId)).toEqual({ receipts: 3, broken: [], complete: true });
  await undone(db, async (sql) => {
    await sql`update calls set receipt = jsonb_set(receipt, '{charged_seconds}', '1')
      where tenant_id = ${tenantId} and user_id = ${member}`;
    const [row] = await sql`select verify_receipts(${tenantId}) as answer`;
    expect(row?.answer.broken).toEqual([2]);
  });
});

test('only members call on its time, as long as they belong to it and it is open', async () => {
  await giveTime(db.sql, tenantId, 100);
  const stranger = await addPerson(db.sql);
  expect([(await open(stranger)).status, await mayCall(stranger)]).toEqual([
    'unknown_tenant',
    'unknown_tenant',
  ]);
  expect([(await open(member)).status, await mayCall(member)]).toEqual(['open', 'open']);
  await db.sql`select remove_member(${owner}, ${tenantId}, ${member})`;
  expect([(await open(member)).status, await mayCall(member)]).toEqual(['unknown_tenant', 'unknown_tenant']);
  await bank.sweep();
  await db.sql`update tenants set closed_at = now() where id = ${tenantId}`;
  expect((await open(owner)).status).toBe('unknown_tenant');
});

test('a call of one’s own is not taken over for a tenant, nor the other way round', async () => {
  await giveTime(db.sql, tenantId, 100);
  await giveTime(db.sql, member, 100);
  const [own, theirs] = [randomUUID(), randomUUID()];
  await bank.open(member, { callId: own });
  await open(member, theirs);
  expect((await open(member, own)).status).toBe('call_mismatch');
  expect((await bank.open(member, { callId: theirs })).status).toBe('call_mismatch');
  await lapse(db.sql, theirs);
  expect(await bank.reap()).toContain(theirs);
});

test('a plan says how many call at once, and what may be spent', async () => {
  await giveTime(db.sql, tenantId, 1000);
  await db.sql`insert into plans (id, name, kind, calls_at_once) values (${tenantId}, 'Two', 'metered', 2)`;
  await db.sql`update tenants set plan_id = ${tenantId} where id = ${tenantId}`;
  expect((await open(member)).status).toBe('open');
  expect((await open(owner)).status).toBe('open');
  expect([(await open(owner)).status, await mayCall(owner)]).toEqual(['too_many_calls', 'too_many_calls']);
  await db.sql`update plans set calls_at_once = 9, hard_spend_per_day_micros = 0 where id = ${tenantId}`;
  expect([(await open(owner)).status, await mayCall(owner)]).toEqual([
    'spend_limit_reached',
    'spend_limit_reached',
  ]);
});

test('a card is bought for it by owner and billing, is its own, and goes back from it', async () => {
  await expect(buy(bank, member, 'starter', 'me', tenantId)).rejects.toThrow();
  const { intentId } = await buy(bank, owner, 'starter', 'me', tenantId);
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 3600 });
  expect(await accountOf(db.sql, owner)).toMatchObject({ balance: 0 });
  await bank.deduct(tenantId, 50);
  await bank.refund(intentId, 999);
  // What was used of what went back is owed by whoever bought it: the tenant.
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 0, debt: 3000 });
  expect(await accountOf(db.sql, owner)).toMatchObject({ balance: 0, debt: 0 });
  await bank.failRefund(intentId);
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 600, debt: 0 });
});

test('a dispute freezes its card, and the end of a card expires it', async () => {
  const { intentId, cardId } = await buy(bank, owner, 'starter', 'me', tenantId);
  await bank.dispute(intentId, 'open', 999);
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 0, debt: 0 });
  await bank.dispute(intentId, 'won', 999);
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 3600 });
  await expireCard(db.sql, cardId);
  expect((await open(member)).status).toBe('no_time_left');
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 0 });
});

test('a code is activated for it by its members; whoever gave it owes what was used', async () => {
  const giver = await addPerson(db.sql);
  const gift = await buy(bank, giver, 'starter', 'gift');
  expect((await bank.activate(giver, gift.code, tenantId)).status).toBe('unknown_tenant');
  expect((await bank.activate(member, gift.code, tenantId)).status).toBe('activated');
  expect((await bank.activate(owner, gift.code, tenantId)).status).toBe('already_yours');
  expect((await bank.activate(member, gift.code)).status).toBe('used');
  await bank.deduct(tenantId, 30);
  await bank.refund(gift.intentId, 999);
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 0, debt: 0 });
  expect(await accountOf(db.sql, giver)).toMatchObject({ debt: 1800 });
});

test('nobody gives time to a tenant that they belong to', async () => {
  await db.sql`update users set role = 'operator' where id in (${owner}, ${member})`;
  const give = (by: string) =>
    db.sql`select grant_goodwill(${tenantId}, 60, 'sorry', ${by}, ${randomUUID()}) as answer`;
  expect((await give(member))[0]?.answer.status).toBe('own_account');
});

test('money for a tenant that was closed since waits for an operator, who can only give it back', async () => {
  const purchaseId = await bank.begin(owner, 'starter', 'me', randomUUID(), tenantId);
  await db.sql`select close_tenant(${owner}, ${tenantId}, 0)`;
  await bank.pay({ purchaseId, intentId: `pi_${purchaseId}`, cents: PRICES.starter });
  const seen = async () => ({
    ...(await db.sql`select status, review_reason from purchases where id = ${purchaseId}`)[0],
  });
  expect(await seen()).toEqual({
    status: 'review',
    review_reason: 'the tenant that it was bought for is closed',
  });
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 0 });
  const operator = await addPerson(db.sql);
  await db.sql`update users set role = 'operator' where id = ${operator}`;
  const decide = async (decision: string) =>
    (await db.sql`select resolve_review(${purchaseId}, ${decision}, ${operator}, 'closed', 'x') as answer`)[0]
      ?.answer.status;
  expect([await decide('release'), await decide('refuse')]).toEqual(['nobody_to_release_to', 'refused']);
});

test('so does money for an account that was deleted since, but not for a gift', async () => {
  const buyer = await addPerson(db.sql);
  const [own, gift] = [await bank.begin(buyer, 'starter', 'me'), await bank.begin(buyer, 'starter', 'gift')];
  await db.sql`delete from auth.users where id = ${buyer}`;
  for (const id of [own, gift])
    await bank.pay({ purchaseId: id, intentId: `pi_${id}`, cents: PRICES.starter });
  const rows = await db.sql`select purpose, status from purchases where user_id = ${buyer} order by purpose`;
  expect(rows.map(({ purpose, status }) => [purpose, status])).toEqual([
    ['gift', 'succeeded'],
    ['me', 'review'],
  ]);
});
