import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import {
  clientOf,
  eventTypes,
  movableClock,
  refusalOf,
  startForTest,
  temporaryFile,
  visit,
} from './harness.ts';

const SETTLE_AFTER_MS = 60_000;
const SESSION = {
  mode: 'payment',
  line_items: [
    { price_data: { currency: 'usd', unit_amount: 999, product_data: { name: 'One hour' } }, quantity: 1 },
  ],
  success_url: 'https://shop.example/paid',
} as const satisfies Stripe.Checkout.SessionCreateParams;

function form(account: string) {
  return {
    email: 'payer@example.com',
    method: 'us_bank_account',
    routing_number: '110000000',
    account_number: account,
  };
}

async function startWithClock(options = {}) {
  const clock = movableClock();
  const standIn = await startForTest({ now: clock.now, settleAfterMs: SETTLE_AFTER_MS, ...options });
  return { clock, standIn, stripe: clientOf(standIn) };
}

test('a debit completes the session unpaid and is paid later', async () => {
  const { clock, stripe } = await startWithClock();
  const { id, url } = await stripe.checkout.sessions.create(SESSION);
  expect((await visit(String(url), form('000123456789'))).status).toBe(303);
  const processing = await stripe.checkout.sessions.retrieve(id, {
    expand: ['payment_intent.latest_charge'],
  });
  expect(processing).toMatchObject({
    status: 'complete',
    payment_status: 'unpaid',
    payment_intent: {
      status: 'processing',
      amount_received: 0,
      latest_charge: { status: 'pending', payment_method_details: { type: 'us_bank_account' } },
    },
  });
  expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(0);
  clock.advanceSeconds(61);
  const settled = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
  expect(settled).toMatchObject({
    payment_status: 'paid',
    payment_intent: { status: 'succeeded', amount_received: 999 },
  });
  expect((await eventTypes(stripe)).slice(-7)).toEqual([
    'payment_intent.created',
    'charge.pending',
    'payment_intent.processing',
    'checkout.session.completed',
    'charge.succeeded',
    'payment_intent.succeeded',
    'checkout.session.async_payment_succeeded',
  ]);
});

test('a debit that comes back leaves the session unpaid and says why', async () => {
  const { clock, stripe } = await startWithClock();
  const { id, url } = await stripe.checkout.sessions.create(SESSION);
  await visit(String(url), form('000222222227'));
  clock.advanceSeconds(61);
  const failed = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
  expect(failed).toMatchObject({
    status: 'complete',
    payment_status: 'unpaid',
    payment_intent: {
      status: 'requires_payment_method',
      amount_received: 0,
      last_payment_error: { code: 'insufficient_funds' },
    },
  });
  expect((await stripe.charges.list()).data[0]).toMatchObject({ status: 'failed', paid: false });
  expect((await eventTypes(stripe)).slice(-3)).toEqual([
    'charge.failed',
    'payment_intent.payment_failed',
    'checkout.session.async_payment_failed',
  ]);
});

test('a server debits with a mandate, and may not cancel or confirm what is under way', async () => {
  const { clock, stripe } = await startWithClock();
  const params = {
    amount: 999,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_usBankAccount_success',
    allowed_payment_method_types: ['us_bank_account'],
  } satisfies Stripe.PaymentIntentCreateParams;
  expect((await refusalOf(stripe.paymentIntents.create(params))).message).toContain('requires a mandate');
  const intent = await stripe.paymentIntents.create({
    ...params,
    mandate_data: {
      customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'test' } },
    },
  });
  expect(intent.status).toBe('processing');
  expect((await refusalOf(stripe.paymentIntents.confirm(intent.id))).code).toBe(
    'payment_intent_unexpected_state',
  );
  const refund = stripe.refunds.create({ payment_intent: intent.id });
  expect((await refusalOf(refund)).message).toContain('does not have a successful charge');
  clock.advanceSeconds(61);
  expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
  const card = stripe.paymentIntents.create({
    ...params,
    allowed_payment_method_types: ['card'],
  });
  expect((await refusalOf(card)).code).toBe('payment_intent_incompatible_payment_method');
});

test('a debit under way survives a restart and is settled by the timer', async () => {
  const databaseFile = temporaryFile();
  const before = await startForTest({ databaseFile, settleAfterMs: 50 });
  const { id, url } = await clientOf(before).checkout.sessions.create(SESSION);
  await visit(String(url), form('000123456789'));
  await before.close();
  const after = await startForTest({ databaseFile });
  await expect
    .poll(async () => (await clientOf(after).checkout.sessions.retrieve(id)).payment_status)
    .toBe('paid');
});
