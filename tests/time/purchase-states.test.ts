import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, createBank, overHttp, PRICES } from './bank.ts';
import { accountOf, addPerson, violations } from './people.ts';

/** What may come after what; all else is refused. */
const ALLOWED: Record<string, string[]> = {
  created: ['unknown', 'awaiting_payment', 'processing', 'failed', 'canceled', 'review', 'succeeded'],
  unknown: ['awaiting_payment', 'processing', 'failed', 'canceled', 'review', 'succeeded'],
  awaiting_payment: ['processing', 'failed', 'canceled', 'review', 'succeeded'],
  processing: ['failed', 'canceled', 'review', 'succeeded'],
  failed: ['canceled', 'review', 'succeeded'],
  canceled: ['review', 'succeeded'],
  review: ['succeeded', 'refused'],
  succeeded: [],
  refused: [],
};
const STATES = Object.keys(ALLOWED);
const PAIRS = STATES.flatMap((from) => STATES.map((to) => [from, to] as const));

let db: TestDatabase;
let bank: Bank;
let userId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overHttp(db.service));
  userId = await addPerson(db.sql);
});
afterAll(() => db.close());

/** A purchase that was put into a state below all guards. */
async function purchaseIn(state: string): Promise<string> {
  const id = await bank.begin(userId, 'starter');
  await db.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`update public.purchases set status = ${state} where id = ${id}`;
  });
  return id;
}

test('the states are these, and no path leads back', async () => {
  const [row] = await db.sql`select pg_get_constraintdef(oid) as text from pg_constraint
    where conname = 'purchases_status_check'`;
  expect([...String(row?.text).matchAll(/'(\w+)'::text/g)].map(([, state]) => state).sort()).toEqual(
    [...STATES].sort(),
  );
  for (const [from, states] of Object.entries(ALLOWED)) {
    for (const to of states) expect(ALLOWED[to], `${from} and ${to}`).not.toContain(from);
  }
});

test.each(PAIRS)('from %s to %s', async (from, to) => {
  const [row] = await db.sql`select private.may_follow(${from}, ${to}) as may`;
  expect(row?.may).toBe(ALLOWED[from]?.includes(to));
  const id = await purchaseIn(from);
  const moved = await db.sql`update public.purchases set status = ${to} where id = ${id} returning status`
    .then(() => true)
    .catch((error: { code?: string }) => {
      expect(error.code).toBe('23514');
      return false;
    });
  expect(moved).toBe(from === to || row?.may);
  // No card came of it, which the audit would call a fault.
  await db.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`delete from private.money_changes where purchase_id = ${id}`;
    await sql`delete from public.purchases where id = ${id}`;
  });
});

test('no order begins anywhere else, and no state is a null', async () => {
  const id = await purchaseIn('created');
  await expect(
    db.sql`insert into public.purchases (user_id, package_id, purpose, idempotency_key, amount_cents, currency,
      paid_seconds, bonus_seconds, status) values (${userId}, 'starter', 'me', 'x', 999, 'usd', 3600, 0, 'succeeded')`,
  ).rejects.toMatchObject({ code: '23514' });
  await expect(db.sql`update public.purchases set status = null where id = ${id}`).rejects.toMatchObject({
    code: '23514',
  });
  const [row] =
    await db.sql`select private.may_follow(null, 'succeeded') as a, private.may_follow('created', null) as b`;
  expect(row).toEqual({ a: false, b: false });
});

describe('an order whose outcome is unknown', () => {
  const statusOf = async (id: string) =>
    (await db.sql`select status, stripe_attempt from public.purchases where id = ${id}`)[0];
  const call = async (name: string, args: Record<string, unknown>) =>
    (await db.service.rpc(name as 'note_unknown_outcome', args as never)).data as unknown;

  test('stays under its key, and is found again by it', async () => {
    const id = await bank.begin(userId, 'starter', 'me', 'the key');
    expect(await call('note_unknown_outcome', { p_purchase_id: id })).toBe(true);
    expect(await bank.begin(userId, 'starter', 'me', 'the key')).toBe(id);
    expect(await statusOf(id)).toEqual({ status: 'unknown', stripe_attempt: 1 });
    await bank.attach(id, `pi_${id}`);
    expect(await statusOf(id)).toMatchObject({ status: 'awaiting_payment' });
    expect(await call('note_unknown_outcome', { p_purchase_id: id })).toBe(false);
  });

  test('moves on to its next key once, however many ask at once', async () => {
    const id = await bank.begin(userId, 'starter');
    const args = { p_purchase_id: id, p_attempt: 1 };
    const answers = await Promise.all(Array.from({ length: 10 }, () => call('next_stripe_attempt', args)));
    expect(new Set(answers)).toEqual(new Set([2]));
    expect(await statusOf(id)).toMatchObject({ stripe_attempt: 2 });
  });

  test('ends as never made, and its money is received all the same', async () => {
    const id = await bank.begin(userId, 'starter');
    const end = (seconds: number) =>
      call('end_purchase_unmade', { p_purchase_id: id, p_older_than_seconds: seconds });
    expect(await end(600)).toBe(false);
    await db.sql`update public.purchases set updated_at = now() - interval '1 hour' where id = ${id}`;
    expect(await end(600)).toBe(true);
    const before = await accountOf(db.sql, userId);
    await bank.pay({ purchaseId: id, intentId: `pi_${id}`, cents: PRICES.starter });
    expect((await accountOf(db.sql, userId)).balance).toBe(before.balance + 3600);
    expect(await end(0)).toBe(false);
    expect(await violations(db.sql)).toEqual([]);
  });
});

test('an asynchronous payment is processing until it succeeded, and an older look does not take it back', async () => {
  const id = await bank.begin(userId, 'starter');
  const intentId = `pi_${id}`;
  await bank.attach(id, intentId);
  const tell = async (status: string) =>
    (
      await db.service.rpc('apply_payment', {
        p_event_id: randomUUID(),
        p_event_type: 'test',
        p_purchase_id: id,
        p_payment_intent_id: intentId,
        p_status: status,
        p_received_cents: status === 'succeeded' ? PRICES.starter : 0,
        p_tax_cents: 0,
        p_currency: 'usd',
        p_failure_code: 'test',
        p_refunds: [],
        p_disputes: [],
        p_code_hash: 'a'.repeat(64),
      })
    ).data;
  expect(await tell('processing')).toMatchObject({ status: 'applied' });
  expect(await tell('processing')).toMatchObject({ status: 'already_applied' });
  expect(await tell('failed')).toMatchObject({ status: 'applied' });
  expect(await tell('processing')).toMatchObject({ status: 'already_applied' });
  expect(await tell('succeeded')).toMatchObject({ status: 'applied', card_id: id });
  for (const late of ['processing', 'failed', 'canceled', 'succeeded', 'under_way']) {
    expect(await tell(late)).toMatchObject({ status: 'already_applied' });
  }
});
