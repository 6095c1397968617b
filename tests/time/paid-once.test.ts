import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overHttp, PRICES } from './bank.ts';
import { accountOf, addPerson, cardOf, violations } from './people.ts';

const ALL = PRICES.starter;
let db: TestDatabase;
let bank: Bank;
let userId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overHttp(db.service));
});
afterAll(() => db.close());
beforeEach(async () => {
  userId = await addPerson(db.sql);
});
afterEach(async () => {
  expect(await violations(db.sql)).toEqual([]);
});

const rpc = async (name: string, args: object) => {
  const { data, error } = await db.service.rpc(name as never, args as never);
  if (error) throw new Error(error.message);
  return data as Record<string, unknown>;
};
const tell = (purchaseId: string, intentId: string | null, news: object = {}) =>
  rpc('apply_payment', {
    p_event_id: `evt_${randomUUID()}`,
    p_event_type: 'test',
    p_purchase_id: purchaseId,
    p_payment_intent_id: intentId,
    p_status: 'succeeded',
    p_received_cents: ALL,
    p_tax_cents: 0,
    p_currency: 'usd',
    p_failure_code: null,
    p_refunds: [],
    p_disputes: [],
    p_code_hash: purchaseId.replaceAll('-', '').padEnd(64, '0'),
    ...news,
  });
const purchaseOf = async (id: string) => (await db.sql`select * from purchases where id = ${id}`)[0];
const secondsOf = async (id: string) => [
  ...(await db.sql`select payment_intent_id as intent, received_cents as cents, currency, refunded_cents as back
    from second_payments where purchase_id = ${id}`),
];
const owed = async (intentId: string) =>
  (
    await db.sql`select name from pgboss.job where data ->> 'payment_intent_id' = ${intentId}
    or data ->> 'subject_id' = ${intentId} order by name`
  ).map(({ name }) => name);
const findingOf = async (intentId: string) =>
  (await db.sql`select kind, detail from reconciliation_findings where subject = ${intentId}`)[0];

describe('two intents for one purchase', () => {
  async function begun() {
    const id = await bank.begin(userId, 'starter');
    const [own, other] = [`pi_own_${id}`, `pi_other_${id}`];
    await bank.attach(id, own);
    return { id, own, other };
  }

  test.each([
    ['the own one first', ['own', 'other']],
    ['the other one first', ['other', 'own']],
  ] as const)('are both found, and the right one counts: %s', async (_what, order) => {
    const { id, ...intents } = await begun();
    const answers: Record<string, unknown> = {};
    for (const which of order) answers[which] = (await tell(id, intents[which])).status;
    expect(answers).toEqual({ own: 'applied', other: 'second_payment' });
    expect(await purchaseOf(id)).toMatchObject({ status: 'succeeded', payment_intent_id: intents.own });
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3600 });
    expect(await secondsOf(id)).toEqual([{ intent: intents.other, cents: ALL, currency: 'usd', back: 0 }]);
    expect(await owed(intents.other)).toEqual(['notice', 'return_second_payment']);
    expect(await findingOf(intents.other)).toMatchObject({ kind: 'second_payment' });
    // Told again, nothing happens again.
    expect((await tell(id, intents.other)).status).toBe('other_intent');
    expect(await owed(intents.other)).toHaveLength(2);
  });

  test('neither the end nor the failure of the other one is that of the purchase', async () => {
    const { id, own, other } = await begun();
    for (const p_status of ['failed', 'canceled', 'processing', 'under_way']) {
      expect((await tell(id, other, { p_status, p_received_cents: 0 })).status).toBe('other_intent');
    }
    expect(await purchaseOf(id)).toMatchObject({ status: 'awaiting_payment', payment_intent_id: own });
    expect(await secondsOf(id)).toEqual([]);
  });

  test('what goes back of the second takes nothing from the first', async () => {
    const { id, own, other } = await begun();
    await tell(id, own);
    await tell(id, other);
    const p_refunds = [{ id: `re_${id}`, amount_cents: ALL, status: 'succeeded' }];
    await tell(id, other, { p_refunds, p_disputes: [{ id: `dp_${id}`, amount_cents: ALL, status: 'lost' }] });
    expect(await secondsOf(id)).toMatchObject([{ back: ALL }]);
    expect((await findingOf(other))?.detail).toContain('it went back');
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3600, debt: 0 });
    await tell(id, other, { p_refunds: [{ id: `re_${id}`, amount_cents: ALL, status: 'failed' }] });
    expect((await findingOf(other))?.detail).toContain('return it by hand');
  });

  test('one that was refunded already is noted, and owes nothing', async () => {
    const { id, other } = await begun();
    const p_refunds = [{ id: `re_${id}`, amount_cents: ALL, status: 'pending' }];
    expect((await tell(id, other, { p_refunds })).status).toBe('second_payment');
    expect(await owed(other)).toEqual([]);
  });

  test('money that counts for its own purchase does not go back for naming another', async () => {
    const paid = await buy(bank, userId, 'starter');
    const { id } = await begun();
    expect((await tell(id, paid.intentId)).status).toBe('other_intent');
    expect(await secondsOf(id)).toEqual([]);
  });

  test('money after a review of no payment is the purchase’s own', async () => {
    const id = await bank.begin(userId, 'starter');
    expect((await tell(id, null, { p_received_cents: 0 })).status).toBe('review');
    expect((await tell(id, `pi_${id}`)).status).toBe('applied');
    expect(await cardOf(db.sql, id)).toMatchObject({ remaining: 3600 });
  });

  test.each([null, 'its own'])(
    'money after a person refused goes back, where %s intent was refused',
    async (intent) => {
      const id = await bank.begin(userId, 'starter');
      await tell(id, intent && `pi_${id}`, { p_received_cents: 5 });
      const operator = await addPerson(db.sql);
      await db.sql`update users set role = 'operator' where id = ${operator}`;
      const decision = { p_purchase_id: id, p_decision: 'refuse', p_operator_id: operator, p_reason: 'x' };
      await rpc('resolve_review', { ...decision, p_code_hash: 'a'.repeat(64) });
      expect((await tell(id, `pi_again_${id}`)).status).toBe('second_payment');
    },
  );

  test.each([
    ['no payment of its own came', null, 'a'.repeat(64)],
    ['nobody could tell its code', 'its own', null],
  ])('a review is not released where %s', async (_why, intent, p_code_hash) => {
    const id = await bank.begin(userId, 'starter', 'gift');
    expect((await tell(id, intent && `pi_${id}`, { p_received_cents: 5 })).status).toBe('review');
    const operator = await addPerson(db.sql);
    await db.sql`update users set role = 'operator' where id = ${operator}`;
    const decision = { p_purchase_id: id, p_decision: 'release', p_operator_id: operator, p_reason: 'x' };
    expect(await rpc('resolve_review', { ...decision, p_code_hash })).toEqual({
      status: 'nothing_to_release',
    });
    expect(await purchaseOf(id)).toMatchObject({ status: 'review' });
    expect(await cardOf(db.sql, id)).toBeUndefined();
  });

  test('a purchase begins to be paid on a page or by an intent, and an intent beside the page is none', async () => {
    const id = await bank.begin(userId, 'starter');
    await rpc('choose_checkout', { p_purchase_id: id, p_lasts_seconds: 7200 });
    expect(await bank.attach(id, `pi_${id}`)).toBe(false);
    expect(await purchaseOf(id)).toMatchObject({ payment_intent_id: null, status: 'created' });
  });
});

describe('money in another currency', () => {
  test('does not fit, however equal its number is', async () => {
    const id = await bank.begin(userId, 'starter');
    expect((await tell(id, `pi_${id}`, { p_currency: 'eur' })).status).toBe('review');
    expect(await purchaseOf(id)).toMatchObject({
      review_reason: '999 eur received for 999 usd',
      received_currency: 'eur',
    });
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0 });
  });

  test('that a person released is spent, and earned, in its own', async () => {
    const id = await bank.begin(userId, 'starter');
    await tell(id, `pi_${id}`, { p_currency: 'jpy', p_received_cents: 1500 });
    await buy(bank, userId, 'basic');
    const operator = await addPerson(db.sql);
    await db.sql`update users set role = 'operator' where id = ${operator}`;
    const decision = { p_purchase_id: id, p_decision: 'release', p_operator_id: operator, p_reason: 'x' };
    await rpc('resolve_review', { ...decision, p_code_hash: 'a'.repeat(64) });
    const { totals } = (await rpc('get_user_analytics', { p_user_id: userId })) as { totals: object };
    expect(totals).toMatchObject({
      spent: [
        { currency: 'jpy', cents: 1500 },
        { currency: 'usd', cents: 4499 },
      ],
    });
    const [earned] = await db.sql`select private.earned_micros_per_second(p)::float8 as micros,
      private.money_currency(p) as currency from purchases p where id = ${id}`;
    // 1,500 yen for an hour; yen have no hundredths.
    expect(earned).toEqual({ micros: (1500 * 1_000_000) / 3600, currency: 'jpy' });
    const p_refunds = [{ id: `re_${id}`, amount_cents: 750, status: 'succeeded' }];
    await tell(id, `pi_${id}`, { p_currency: 'jpy', p_received_cents: 1500, p_refunds });
    expect(await cardOf(db.sql, id)).toMatchObject({ remaining: 1800 });
  });
});

test('tax is part of what was received, and not of the price', async () => {
  const id = await bank.begin(userId, 'starter');
  expect((await tell(id, `pi_${id}`, { p_received_cents: ALL + 190, p_tax_cents: 190 })).status).toBe(
    'applied',
  );
  const { totals } = (await rpc('get_user_analytics', { p_user_id: userId })) as { totals: object };
  expect(totals).toMatchObject({ spent: [{ currency: 'usd', cents: ALL + 190 }] });
});

test('who only looked at a yen price has spent nothing in yen', async () => {
  await db.sql`insert into pricing_tiers (id, name, hours, price_cents, currency) values ('looked', 'L', 1, 1500, 'jpy')
    on conflict do nothing`;
  await buy(bank, userId, 'starter');
  await bank.begin(userId, 'looked');
  const { totals } = (await rpc('get_user_analytics', { p_user_id: userId })) as { totals: object };
  expect(totals).toMatchObject({ spent: [{ currency: 'usd', cents: 999 }] });
});

test('a dispute about nothing freezes nothing, and is no reason to park an event', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  await bank.dispute(intentId, 'open', 0);
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'active', remaining: 3600 });
});

describe('guards around money', () => {
  test('an event that is done is not taken again', async () => {
    const { cardId, intentId } = await buy(bank, userId, 'starter');
    const p_event_id = `evt_${cardId}_again`;
    expect((await tell(cardId, intentId, { p_event_id })).status).toBe('already_applied');
    const p_refunds = [{ id: `re_${cardId}`, amount_cents: ALL, status: 'succeeded' }];
    expect((await tell(cardId, intentId, { p_event_id, p_refunds })).status).toBe('duplicate_event');
    expect(await cardOf(db.sql, cardId)).toMatchObject({ remaining: 3600 });
  });

  test.each(['p_refunds', 'p_disputes'])('%s of one purchase change no row of another', async (name) => {
    const [one, two] = [await buy(bank, userId, 'starter'), await buy(bank, userId, 'starter')];
    const id = `x_${one.cardId}`;
    const [first, last] = name === 'p_refunds' ? ['pending', 'failed'] : ['open', 'won'];
    await tell(one.cardId, one.intentId, { [name]: [{ id, amount_cents: 100, status: first }] });
    const taken = await cardOf(db.sql, one.cardId);
    await tell(two.cardId, two.intentId, { [name]: [{ id, amount_cents: 100, status: last }] });
    const table = name === 'p_refunds' ? 'payment_refunds' : 'payment_disputes';
    expect((await db.sql.unsafe(`select status from ${table} where id = '${id}'`))[0]?.status).toBe(first);
    expect(await cardOf(db.sql, one.cardId)).toEqual(taken);
  });

  test('what two operators began together is no more than what is left, and nobody releases their own', async () => {
    const { cardId } = await buy(bank, userId, 'starter');
    const operators = [await addPerson(db.sql), await addPerson(db.sql)];
    await db.sql`update users set role = 'operator' where id in ${db.sql(operators)}`;
    const begin = (operator: string | undefined, cents: number | null) =>
      rpc('begin_operator_refund', {
        p_purchase_id: cardId,
        p_operator_id: operator,
        p_amount_cents: cents,
        p_reason: 'x',
        p_key: randomUUID(),
      });
    expect(await begin(operators[0], 600)).toMatchObject({ status: 'ready' });
    expect(await begin(operators[1], 600)).toMatchObject({ status: 'not_so_much_left', left_cents: 399 });
    expect(await begin(operators[1], null)).toMatchObject({ refund: { amount_cents: 399 } });
    const own = await bank.begin(operators[0] ?? '', 'starter');
    await tell(own, `pi_${own}`, { p_received_cents: 5 });
    for (const p_decision of ['release', 'refuse']) {
      const act = { p_purchase_id: own, p_operator_id: operators[0], p_reason: 'x', p_decision };
      expect(await rpc('resolve_review', { ...act, p_code_hash: 'a'.repeat(64) })).toEqual({
        status: 'own_purchase',
      });
    }
  });
});
