import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, createBank, overSql } from './bank.ts';
import { accountOf, addPerson, cardOf, expireCard, giveTime, violations } from './people.ts';
import { type Report, renewCalls } from './renewals.ts';

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

const HOUR = 3600;
const WEEK = 604_800;

/** A card of an hour and a larger one that ends later; a call that used 55 minutes before the first one ended. */
async function talkToTheEnd() {
  const first = await giveTime(db.sql, userId, HOUR, { expiresInSeconds: HOUR });
  const second = await giveTime(db.sql, userId, 10 * HOUR, { expiresInSeconds: WEEK });
  const callId = randomUUID();
  await bank.open(userId, { callId });
  for (let seconds = 25; seconds <= 3300; seconds += 25) await bank.renew(callId, 1, seconds * 1000);
  await expireCard(db.sql, first);
  return { first, second, callId };
}

const usesOf = async (callId: string, settledMs: number) =>
  (await bank.settle(callId, 1, settledMs)).receipt?.cards.map(({ card_id, seconds }) => [card_id, seconds]);

test.each([
  ['nothing', async () => {}],
  ['the sweep', () => bank.sweep()],
  ['a second call', () => bank.open(userId)],
  ['a deduction', () => bank.deduct(userId, 1)],
  ['a new card', () => giveTime(db.sql, userId, 100, { expiresInSeconds: 10 * WEEK })],
])(
  'what was used before the end of a card is charged to it, and %s comes before the settlement',
  async (_, come) => {
    const { first, callId } = await talkToTheEnd();
    await come();
    expect(await usesOf(callId, 3_310_000)).toEqual([[first, 3310]]);
    // The rest of its slice ended with the call.
    expect(await cardOf(db.sql, first)).toEqual({ status: 'expired', remaining: 0 });
  },
);

test('a call that goes on after the end of a card has its slice of it, and no more', async () => {
  const { first, second, callId } = await talkToTheEnd();
  for (let seconds = 3320; seconds <= 5000; seconds += 20) await bank.renew(callId, 1, seconds * 1000);
  expect(await usesOf(callId, 5_000_000)).toEqual([
    [first, 3330],
    [second, 1670],
  ]);
});

test.each(['one by one', 'in a batch'])('renewals %s grant nothing of a card that has ended', async (how) => {
  const cardId = await giveTime(db.sql, userId, 7200, { expiresInSeconds: HOUR });
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await expireCard(db.sql, cardId);
  const report = { callId, epoch: 1, usedMs: 20_000, restoredMs: 0 };
  const answer =
    how === 'in a batch' ? (await renewCalls(db.sql, [report]))[0] : await bank.renew(callId, 1, 20_000);
  expect(answer).toMatchObject({ status: 'renewed', granted_seconds: 30, free_seconds: 0, final: true });
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 30, held: 30 });
});

test('nor does a take-over', async () => {
  const cardId = await giveTime(db.sql, userId, 7200, { expiresInSeconds: HOUR });
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await bank.renew(callId, 1, 20_000);
  await expireCard(db.sql, cardId);
  expect(await bank.open(userId, { callId })).toMatchObject({ epoch: 2, granted_seconds: 50, final: true });
});

test('a batch renews the others, though the account of one is broken at the end of a card', async () => {
  const broken = await addPerson(db.sql);
  const reports: Report[] = [];
  for (const person of [userId, broken]) {
    const cardId = await giveTime(db.sql, person, 7200);
    const callId = randomUUID();
    await bank.open(person, { callId });
    reports.push({ callId, epoch: 1, usedMs: 20_000, restoredMs: 0 });
    await expireCard(db.sql, cardId);
  }
  await db.sql.unsafe(`alter table public.ledger
    add constraint one_broken_account check (account_id <> '${broken}') not valid`);
  const rows = await renewCalls(db.sql, reports);
  await db.sql`alter table public.ledger drop constraint one_broken_account`;
  expect(rows.map(({ status }) => status)).toEqual(['renewed', 'renewed']);
  expect(rows.find(({ call_id }) => call_id === reports[0]?.callId)).toMatchObject({ granted_seconds: 30 });
  await bank.sweep();
});

test('a call that began after the end of a card does not use what is kept of it for another', async () => {
  const { first, second, callId } = await talkToTheEnd();
  const late = randomUUID();
  await bank.open(userId, { callId: late });
  expect(await usesOf(late, 25_000)).toEqual([[second, 25]]);
  expect(await usesOf(callId, 3_310_000)).toEqual([[first, 3310]]);
});

test('two calls at the end of a card that is too small for both: what was used comes first', async () => {
  const first = await giveTime(db.sql, userId, 60, { expiresInSeconds: HOUR });
  const second = await giveTime(db.sql, userId, HOUR, { expiresInSeconds: WEEK });
  const [one, two] = [randomUUID(), randomUUID()].sort() as [string, string];
  await bank.open(userId, { callId: one });
  await bank.open(userId, { callId: two });
  await bank.renew(one, 1, 5_000);
  await bank.renew(two, 1, 28_000);
  await expireCard(db.sql, first);
  await bank.sweep();
  // 5 and 28 were used; the other 27 are of the first one's slice.
  expect(await usesOf(two, 40_000)).toEqual([
    [first, 28],
    [second, 12],
  ]);
  expect(await usesOf(one, 33_000)).toEqual([
    [first, 32],
    [second, 1],
  ]);
});

test('the reaper charges what was used before the end of a card to it, too', async () => {
  const { first, second, callId } = await talkToTheEnd();
  await bank.sweep();
  await db.sql`update holds set lease_expires_at = now() - interval '1 second' where id = ${callId}`;
  await bank.reap();
  expect(await cardOf(db.sql, first)).toEqual({ status: 'expired', remaining: 0 });
  expect(await cardOf(db.sql, second)).toMatchObject({ remaining: 36_000 });
});

async function expirePage(after: string | null) {
  const [row] = await db.sql<{ page: { cards: number; next: string | null } }[]>`
    select public.expire_cards(${after}, 3) as page`;
  if (row === undefined) throw new Error('no page');
  return row.page;
}

test('a sweep comes to the end of what is due, however many people it takes', async () => {
  const cards = [];
  for (let i = 0; i < 7; i++) cards.push(await giveTime(db.sql, await addPerson(db.sql), 60));
  await db.sql`update time_cards set expires_at = now() - interval '1 second' where id = any(${cards})`;
  const pages = [];
  let next: string | null = null;
  do {
    const page = await expirePage(next);
    pages.push(page.cards);
    next = page.next;
  } while (next !== null);
  expect(pages.reduce((sum, expired) => sum + expired, 0)).toBe(7);
  expect(pages.length).toBeGreaterThanOrEqual(3);
  expect(await bank.sweep()).toBe(0);
});

test('an old worker in the same batch does not keep the new one from being renewed', async () => {
  await giveTime(db.sql, userId, HOUR);
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await bank.open(userId, { callId });
  const rows = await renewCalls(db.sql, [
    { callId, epoch: 1, usedMs: 9_000, restoredMs: 0 },
    { callId, epoch: 2, usedMs: 5_000, restoredMs: 0 },
  ]);
  expect(rows.map(({ status }) => status).sort()).toEqual(['fenced', 'renewed']);
  expect(rows.find(({ status }) => status === 'renewed')).toMatchObject({ epoch: 2, granted_seconds: 35 });
});
