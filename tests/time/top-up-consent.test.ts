import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overHttp, PRICES } from './bank.ts';
import { addPerson, giveTime, violations } from './people.ts';

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
  await db.sql`update private.auto_top_ups set status = 'disabled', stop_reason = null`;
  await db.sql`delete from pgboss.job`;
});
afterEach(async () => {
  expect(await violations(db.sql)).toEqual([]);
});

const rpc = async (name: string, args: object) =>
  (await db.service.rpc(name as never, args as never)).data as unknown as Record<string, unknown>;
const consent = (terms: object = {}, of = userId) =>
  rpc('set_auto_top_up', {
    p_user_id: of,
    p_package_id: 'starter',
    p_threshold_seconds: 600,
    p_monthly_cap_cents: 10_000,
    p_payment_method_id: 'pm_1',
    ...terms,
  });
const decide = () => rpc('decide_auto_top_ups', {});
const read = (of = userId) => rpc('read_auto_top_up', { p_user_id: of });
const charges = (of = userId) =>
  db.sql`select id, status, amount_cents as cents, purchase_id as purchase from private.auto_top_up_charges
    where user_id = ${of} order by created_at`;
const claim = async () => rpc('claim_auto_top_up_charge', { p_charge_id: (await charges()).at(-1)?.id });
async function payLast(currency = 'usd'): Promise<string> {
  const last = (await charges()).at(-1);
  const id = String(last?.purchase);
  await bank.attach(id, `pi_${id}`);
  await rpc('apply_payment', paid(id, Number(last?.cents), currency));
  return id;
}
const paid = (id: string, cents: number, currency = 'usd') => ({
  p_event_id: `evt_${randomUUID()}`,
  p_event_type: 'test',
  p_purchase_id: id,
  p_payment_intent_id: `pi_${id}`,
  p_status: 'succeeded',
  p_received_cents: cents,
  p_tax_cents: 0,
  p_currency: currency,
  p_failure_code: null,
  p_refunds: [],
  p_disputes: [],
  p_code_hash: 'a'.repeat(64),
});
/** A package of its own, which only this test changes. */
async function offer(change: { cents?: number; currency?: string; minutes?: number } = {}): Promise<string> {
  const { cents = 1500, currency = 'usd', minutes = 0 } = change;
  const id = `p-${randomUUID()}`;
  await db.sql`insert into pricing_tiers (id, name, hours, bonus_minutes, price_cents, currency)
    values (${id}, 'Own', 1, ${minutes}, ${cents}, ${currency})`;
  return id;
}

test.each([
  ['price', 'price_cents = 9900'],
  ['lower price', 'price_cents = 900'],
  ['currency', "currency = 'jpy'"],
  ['time', 'bonus_minutes = 10'],
  ['sale', 'active = false'],
])('another %s of the package asks again, and charges nothing', async (_what, change) => {
  const id = await offer();
  expect(await consent({ p_package_id: id })).toEqual({ status: 'set' });
  await db.sql.unsafe(`update pricing_tiers set ${change} where id = '${id}'`);
  expect(await decide()).toEqual({ terms_changed: 1 });
  expect(await charges()).toEqual([]);
  expect(await read()).toMatchObject({ status: 'stopped', stop_reason: 'terms_changed', price_cents: 1500 });
  expect(await decide()).toEqual({});
  const notices = await db.sql`select data from pgboss.job where name = 'notice'`;
  expect(notices.map(({ data }) => data)).toEqual([
    { notice: 'top_up_stopped', user_id: userId, reason: 'terms_changed' },
  ]);
});

test('who is shown one price does not consent to another', async () => {
  const id = await offer();
  const shown = (cents: number, currency: string) =>
    consent({ p_package_id: id, p_price_cents: cents, p_currency: currency });
  expect(await shown(1400, 'usd')).toMatchObject({ status: 'price_changed', price_cents: 1500 });
  expect(await shown(1500, 'jpy')).toMatchObject({ status: 'price_changed', currency: 'usd' });
  expect(await read()).toEqual({ status: 'not_set' });
  expect(await shown(1500, 'usd')).toEqual({ status: 'set' });
});

test('a charge that was decided under older terms is dropped, whatever the newer ones are', async () => {
  await consent({ p_package_id: 'premium' });
  await decide();
  await consent({ p_monthly_cap_cents: 1000 });
  expect(await claim()).toEqual({ status: 'not_wanted' });
  // Word for word the same terms are a consent of their own, too.
  await decide();
  await consent({ p_monthly_cap_cents: 1000 });
  expect(await claim()).toEqual({ status: 'not_wanted' });
  expect((await charges()).map(({ status }) => status)).toEqual(['canceled', 'canceled']);
});

test('a charge goes on no more when time was bought meanwhile, or time is owed', async () => {
  await consent();
  await decide();
  await giveTime(db.sql, userId, 3600);
  expect(await claim()).toEqual({ status: 'not_wanted' });
  await bank.deduct(userId, 55);
  await decide();
  await db.sql`select private.post(${userId}, null, 'clawback', -100, ${`test:${userId}`})`;
  await db.sql`update accounts set debt = 100 where id = ${userId}`;
  expect(await claim()).toEqual({ status: 'not_wanted' });
  await db.sql`select private.post(${userId}, null, 'restore', 100, ${`test:${userId}:back`})`;
});

test('a package lifts above the threshold, so that none follows another without use', async () => {
  expect(await consent({ p_threshold_seconds: 3601 })).toEqual({
    status: 'threshold_above_package',
    package_seconds: 3600,
  });
  expect(await consent({ p_threshold_seconds: 3600 })).toEqual({ status: 'set' });
  expect(await decide()).toEqual({ begun: 1 });
  await payLast();
  expect(await decide()).toEqual({});
  await bank.deduct(userId, 1);
  expect(await decide()).toEqual({ begun: 1 });
});

test('who owes time is not charged for it', async () => {
  const { intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 60);
  await bank.refund(intentId, PRICES.starter);
  await consent();
  expect(await decide()).toEqual({});
  const [row] = await db.sql`select private.decide_auto_top_up(${userId}) as outcome`;
  expect(row?.outcome).toBe('owes_time');
});

test.each([
  ['refund', (id: string) => bank.refund(`pi_${id}`, 1)],
  ['dispute', (id: string) => bank.dispute(`pi_${id}`, 'open', PRICES.starter)],
  ['lost dispute', (id: string) => bank.dispute(`pi_${id}`, 'lost', PRICES.starter)],
])('a %s of a top-up stops it: nothing is charged until the person consents again', async (_what, back) => {
  await consent();
  await decide();
  const id = await payLast();
  expect(await read()).toMatchObject({ status: 'active' });
  await back(id);
  await db.sql`select public.deduct_user_time(${userId}, 55)`;
  expect(await decide()).toEqual({});
  expect(await charges()).toHaveLength(1);
  expect(await read()).toMatchObject({ status: 'stopped', stop_reason: 'money_back' });
});

test('money back of what was bought by hand stops it, too, also of whom it was a gift to', async () => {
  const { intentId } = await buy(bank, userId, 'starter');
  await consent();
  await bank.refund(intentId, PRICES.starter);
  expect(await decide()).toEqual({});
  const receiver = await addPerson(db.sql);
  const gift = await buy(bank, userId, 'starter', 'gift');
  await bank.activate(receiver, gift.code);
  await consent({}, receiver);
  await bank.refund(gift.intentId, PRICES.starter);
  expect(await read(receiver)).toMatchObject({ stop_reason: 'money_back' });
  expect(await decide()).toEqual({});
  expect([...(await charges()), ...(await charges(receiver))]).toEqual([]);
});

test('a charge is dropped when money goes back before it is sent', async () => {
  const { intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 55);
  await consent();
  await decide();
  await bank.refund(intentId, 1);
  expect(await claim()).toEqual({ status: 'not_wanted' });
});

test('the cap is of one currency: what was charged in another one is neither under it nor over it', async () => {
  const yen = await offer({ cents: 1500, currency: 'jpy' });
  const dollars = await offer({ cents: 1999 });
  await consent({ p_package_id: yen, p_monthly_cap_cents: 2000 });
  await decide();
  await payLast('jpy');
  await consent({ p_package_id: dollars, p_monthly_cap_cents: 2000 });
  await bank.deduct(userId, 55);
  expect(await read()).toMatchObject({ charged_this_month_cents: 0, currency: 'usd' });
  expect(await decide()).toEqual({ begun: 1 });
  expect(await read()).toMatchObject({ charged_this_month_cents: 1999 });
});

test('a top-up under review counts in the cap, and stops it', async () => {
  await consent({ p_monthly_cap_cents: 1500 });
  await decide();
  const id = String((await charges())[0]?.purchase);
  await bank.attach(id, `pi_${id}`);
  await rpc('apply_payment', paid(id, 500));
  expect(await read()).toMatchObject({
    status: 'stopped',
    stop_reason: 'review',
    charged_this_month_cents: 999,
  });
  await consent({ p_monthly_cap_cents: 1500 });
  expect(await decide()).toEqual({});
  const [row] = await db.sql`select private.decide_auto_top_up(${userId}) as outcome`;
  expect(row?.outcome).toBe('over_cap');
});

test('what becomes of a charge under older terms says nothing about those of now', async () => {
  await consent();
  await decide();
  expect(await claim()).toMatchObject({ status: 'charge' });
  await consent({ p_payment_method_id: 'pm_2' });
  await rpc('decline_auto_top_up_charge', { p_charge_id: (await charges())[0]?.id });
  expect(await read()).toMatchObject({ status: 'active', consecutive_declines: 0, last_failure: null });
});

test('a charge that was declined names its intent, until that is over', async () => {
  await consent();
  await decide();
  await claim();
  const id = String((await charges())[0]?.purchase);
  await bank.attach(id, `pi_${id}`);
  await rpc('apply_payment', { ...paid(id, 0), p_status: 'failed', p_failure_code: 'card_declined' });
  expect(await claim()).toEqual({ status: 'ended', payment_intent_id: `pi_${id}` });
  const keys =
    await db.sql`select singleton_key as key from pgboss.job where name = 'auto_top_up' order by 1`;
  expect(keys.map(({ key }) => key)).toHaveLength(2);
});
