import Stripe from 'stripe';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { comparePayments } from '../../webhook-server/payments/compare-payments.ts';
import { createPaymentIntent } from '../../webhook-server/payments/create-payment-intent.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeEach(async () => {
  sidecar = await startSidecar({ webhooks: false, settleAfterMs: 20 });
});
afterEach(async () => {
  await sidecar.expectSound();
  await sidecar.close();
});

const EPOCH = new Date(0);
const compare = (since = EPOCH) => comparePayments(sidecar.deps, since);

async function paid(method?: string) {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  await sidecar.pay(intentId, method).catch(() => undefined);
  return { person, intentId };
}
const statusOf = async (intentId: string) =>
  (await sidecar.database.sql`select status from purchases where payment_intent_id = ${intentId}`)[0]?.status;

test('heals payments, declines, refunds and disputes that no event told of, and then finds nothing', async () => {
  const [plain, refunded, disputed, declined] = [
    await paid(),
    await paid(),
    await paid('pm_card_visa'),
    await paid('pm_card_chargeDeclined'),
  ];
  await sidecar.stripe.refunds.create({ payment_intent: refunded.intentId, amount: 333 });
  const { latest_charge: charge } = await sidecar.stripe.paymentIntents.retrieve(disputed.intentId);
  sidecar.standIn.disputeCharge(String(charge));
  const first = await compare();
  expect(first).toMatchObject({ intents: 4, charges: 3, refunds: 1, disputes: 1, findings: [], failures: 0 });
  expect(first.healed.sort()).toEqual(
    [plain, refunded, disputed, declined].map(({ intentId }) => intentId).sort(),
  );
  expect(await sidecar.balanceOf(plain.person)).toBe(3600);
  expect(await sidecar.balanceOf(refunded.person)).toBe(2400);
  expect(await sidecar.balanceOf(disputed.person)).toBe(0);
  expect(await statusOf(declined.intentId)).toBe('failed');
  expect((await compare()).healed).toEqual([]);
});

test('heals what changed later: a refund, its failure, and a dispute that was won', async () => {
  const { person, intentId } = await paid();
  await compare();
  const { latest_charge: charge } = await sidecar.stripe.paymentIntents.retrieve(intentId);
  const disputeId = sidecar.standIn.disputeCharge(String(charge));
  expect((await compare()).healed).toEqual([intentId]);
  expect(await sidecar.balanceOf(person)).toBe(0);
  await sidecar.stripe.disputes.update(disputeId, { evidence: { uncategorized_text: 'winning_evidence' } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  sidecar.standIn.runDue();
  expect((await compare()).healed).toEqual([intentId]);
  expect(await sidecar.balanceOf(person)).toBe(3600);
});

test('while all is well it asks for four lists and nothing else', async () => {
  await Promise.all([paid(), paid(), paid()]);
  await compare();
  const asked: string[] = [];
  sidecar.failStripe(({ path }) => {
    asked.push(path);
    return undefined;
  });
  await compare();
  expect(asked).toEqual(['/v1/payment_intents', '/v1/charges', '/v1/refunds', '/v1/disputes']);
});

test('finds out what became of an order whose intent was made, but never answered', async () => {
  const person = await sidecar.database.signUp();
  const request = {
    userId: person.id,
    packageId: 'starter',
    purpose: 'me',
    idempotencyKey: 'the key',
  } as const;
  // The intent is made, and every answer is lost on the way.
  const { paymentIntents } = sidecar.stripe;
  const create = async (...args: Parameters<typeof paymentIntents.create>) => {
    await paymentIntents.create(...args);
    throw new Stripe.errors.StripeConnectionError({ type: 'api_error', message: 'cut off' });
  };
  const stripe = Object.create(sidecar.stripe, {
    paymentIntents: { value: Object.create(paymentIntents, { create: { value: create } }) },
  }) as Stripe;
  await expect(createPaymentIntent({ ...sidecar.deps, stripe }, request)).rejects.toMatchObject({
    code: 'payment_provider_unavailable',
  });
  const order = async () =>
    (
      await sidecar.database
        .sql`select id, status, payment_intent_id from purchases where user_id = ${person.id}`
    )[0];
  expect(await order()).toMatchObject({ status: 'unknown', payment_intent_id: null });
  const later = { ...sidecar.deps, now: () => new Date(Date.now() + 120_000) };
  const { resolved } = await comparePayments(later, EPOCH);
  expect(resolved).toEqual([{ purchase: (await order())?.id, outcome: 'found' }]);
  expect(await order()).toMatchObject({ status: 'awaiting_payment' });
  const intents = await sidecar.stripe.paymentIntents.list();
  expect(intents.data.map(({ id }) => id)).toEqual([(await order())?.payment_intent_id]);
  expect(await createPaymentIntent(sidecar.deps, request)).toMatchObject({
    payment_intent_id: intents.data[0]?.id,
  });
});

test('ends the doubt about an order that never reached Stripe, and it can still be bought', async () => {
  const person = await sidecar.database.signUp();
  sidecar.failStripe(({ method, path }) =>
    method === 'POST' && path === '/v1/payment_intents' ? 'api_error' : undefined,
  );
  const begin = () =>
    sidecar.post('/create-payment-intent', {
      person,
      body: { package_id: 'starter' },
      headers: { 'idempotency-key': 'the key' },
    });
  expect((await begin()).status).toBe(502);
  sidecar.failStripe(() => undefined);
  const later = { ...sidecar.deps, now: () => new Date(Date.now() + 120_000) };
  expect((await comparePayments(later, EPOCH)).resolved).toMatchObject([{ outcome: 'waiting' }]);
  await sidecar.database.sql`update purchases set updated_at = now() - interval '1 hour'`;
  expect((await comparePayments(later, EPOCH)).resolved).toMatchObject([{ outcome: 'never_made' }]);
  const answer = await begin();
  expect(answer.status).toBe(201);
  await sidecar.pay((answer.body as { payment_intent_id: string }).payment_intent_id);
  await compare();
  expect(await sidecar.balanceOf(person)).toBe(3600);
});

test('reports what it may not decide: money without an order, that does not fit, and time without money', async () => {
  const orphan = await sidecar.stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    metadata: { purchase_id: crypto.randomUUID(), user_id: 'u', package_id: 'starter', price_cents: '999' },
  });
  await sidecar.pay(orphan.id);
  const { payment_intent_id: odd } = await sidecar.begin(await sidecar.database.signUp());
  await sidecar.stripe.paymentIntents.update(odd, { amount: 50 });
  await sidecar.pay(odd);
  const { intentId } = await paid();
  await compare();
  await sidecar.database.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`update purchases set payment_intent_id = 'pi_gone' where payment_intent_id = ${intentId}`;
    await sql`update time_cards set payment_intent_id = 'pi_gone' where payment_intent_id = ${intentId}`;
  });
  const { findings } = await compare();
  const kinds = findings.map(({ kind, subject }) => [kind, subject]);
  expect(kinds).toContainEqual(['purchase_missing', orphan.id]);
  expect(kinds).toContainEqual(['payment_missing', 'pi_gone']);
  const rows = await sidecar.database.sql`select kind, subject from reconciliation_findings order by kind`;
  expect(rows.map(({ kind }) => kind as string)).toEqual(
    expect.arrayContaining(['does_not_fit', 'purchase_missing', 'payment_missing']),
  );
});

test('what cannot be compared does not hold up the others', async () => {
  const [stuck, fine] = [await paid(), await paid()];
  sidecar.failStripe(({ path }) => (path.includes(stuck.intentId) ? 'api_error' : undefined));
  expect(await compare()).toMatchObject({ failures: 1, healed: [fine.intentId] });
  sidecar.failStripe(() => undefined);
  expect(await compare()).toMatchObject({ failures: 0, healed: [stuck.intentId] });
});
