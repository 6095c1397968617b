import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Person } from '../support/database.ts';
import { NOT_BY_ITSELF_MS, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar({ settleAfterMs: NOT_BY_ITSELF_MS });
});
afterAll(() => sidecar.close());
beforeEach(async () => {
  person = await sidecar.database.signUp();
});
afterEach(() => sidecar.expectSound());

const orderOf = async (intentId: string) => {
  const [row] = await sidecar.database.sql`
    select status, refunded_cents, disputed_cents, lost_cents, failure_code from purchases
    where payment_intent_id = ${intentId}`;
  return row;
};
const account = async () =>
  (
    await sidecar.database.sql`
    select balance_seconds::int as balance, debt_seconds::int as debt from time_accounts where user_id = ${person.id}`
  )[0];
const balanceIs = (seconds: number) => until(async () => (await account())?.balance === seconds);

/** Where a refund stands in the books. */
async function refundOf(intentId: string) {
  const [row] = await sidecar.database.sql`select r.status from payment_refunds r
    join purchases p on p.id = r.purchase_id where p.payment_intent_id = ${intentId}`;
  return row?.status;
}

async function buyWith(method: string): Promise<string> {
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  await sidecar.pay(intentId, method);
  return intentId;
}

async function disputeOf(intentId: string): Promise<string> {
  let id = '';
  await until(async () => {
    const { data } = await sidecar.stripe.disputes.list({ payment_intent: intentId });
    id = data[0]?.id ?? '';
    return id !== '';
  });
  return id;
}

/** An order whose intent takes debits, as a shop with such methods would make it. */
async function beginDebit(method: string): Promise<string> {
  const purchaseId = await beginPurchase();
  const intent = await sidecar.stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    allowed_payment_method_types: ['card', 'us_bank_account'],
    metadata: { purchase_id: purchaseId, price_cents: '999' },
  });
  await sidecar.database.service.rpc('attach_payment_intent', {
    p_purchase_id: purchaseId,
    p_payment_intent_id: intent.id,
  });
  expect(await orderOf(intent.id)).toMatchObject({ status: 'awaiting_payment' });
  await sidecar.stripe.paymentIntents.confirm(intent.id, {
    payment_method: method,
    return_url: 'https://example.com',
    mandate_data: {
      customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'test' } },
    },
  });
  return intent.id;
}

async function beginPurchase(): Promise<string> {
  const { data } = await sidecar.database.service.rpc('begin_purchase', {
    p_user_id: person.id,
    p_package_id: 'starter',
    p_purpose: 'me',
    p_key: crypto.randomUUID(),
  });
  return (data as { purchase: { id: string } }).purchase.id;
}

test('an asynchronous payment is processing until the money is there, and only then gives time', async () => {
  const intentId = await beginDebit('pm_usBankAccount_success');
  await until(async () => (await orderOf(intentId))?.status === 'processing');
  sidecar.standIn.settle();
  await balanceIs(3600);
  expect(await orderOf(intentId)).toMatchObject({ status: 'succeeded' });
});

test('an asynchronous payment that comes back gives nothing, and can be paid otherwise', async () => {
  const intentId = await beginDebit('pm_usBankAccount_insufficientFunds');
  sidecar.standIn.settle();
  await until(async () => (await orderOf(intentId))?.status === 'failed');
  expect(await account()).toEqual({ balance: 0, debt: 0 });
  await sidecar.pay(intentId);
  await balanceIs(3600);
});

/** A page of Stripe's own for an order; its intent comes into being when somebody pays there. */
async function beginCheckout() {
  const purchaseId = await beginPurchase();
  const session = await sidecar.stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://example.com',
    client_reference_id: purchaseId,
    payment_intent_data: { metadata: { purchase_id: purchaseId } },
    line_items: [
      { quantity: 1, price_data: { currency: 'usd', unit_amount: 999, product_data: { name: 'Starter' } } },
    ],
  });
  return { purchaseId, session };
}
const statusOf = async (purchaseId: string) =>
  (await sidecar.database.sql`select status from purchases where id = ${purchaseId}`)[0]?.status;

test('a payment on the hosted page gives time', async () => {
  const { purchaseId, session } = await beginCheckout();
  const form = new URLSearchParams({
    email: person.email,
    method: 'card',
    number: '4242424242424242',
    expiry: '12/34',
    cvc: '123',
    name: 'Somebody',
  });
  await fetch(session.url ?? '', { method: 'POST', body: form, redirect: 'manual' });
  await balanceIs(3600);
  expect(await statusOf(purchaseId)).toBe('succeeded');
});

test('a hosted page that expired cancels its order', async () => {
  const { purchaseId, session } = await beginCheckout();
  await sidecar.stripe.checkout.sessions.expire(session.id);
  await until(async () => (await statusOf(purchaseId)) === 'canceled');
  expect(await account()).toEqual({ balance: 0, debt: 0 });
});

test('a dispute freezes the time, and a win gives it back', async () => {
  const intentId = await buyWith('pm_card_createDispute');
  sidecar.standIn.settle();
  await until(async () => (await orderOf(intentId))?.disputed_cents === 999);
  expect(await account()).toEqual({ balance: 0, debt: 0 });
  await sidecar.stripe.disputes.update(await disputeOf(intentId), {
    evidence: { uncategorized_text: 'winning_evidence' },
  });
  sidecar.standIn.settle();
  await balanceIs(3600);
  expect(await orderOf(intentId)).toMatchObject({ disputed_cents: 0, lost_cents: 0 });
});

test('a dispute that is lost takes the time back, and what was used is owed', async () => {
  const intentId = await sidecar.buy(person);
  await sidecar.database.service.rpc('deduct_user_time', { user_id: person.id, minutes: 20 });
  const { latest_charge: charge } = await sidecar.stripe.paymentIntents.retrieve(intentId);
  sidecar.standIn.disputeCharge(String(charge), 'product_not_received');
  await balanceIs(0);
  expect(await account()).toEqual({ balance: 0, debt: 0 });
  await sidecar.stripe.disputes.close(await disputeOf(intentId));
  sidecar.standIn.settle();
  await until(async () => (await orderOf(intentId))?.lost_cents === 999);
  expect(await account()).toEqual({ balance: 0, debt: 1200 });
  await sidecar.buy(person);
  expect(await account()).toEqual({ balance: 2400, debt: 0 });
});

test('an inquiry freezes as well, and its end gives the time back', async () => {
  const intentId = await buyWith('pm_card_createDisputeInquiry');
  sidecar.standIn.settle();
  await until(async () => (await orderOf(intentId))?.disputed_cents === 999);
  expect(await account()).toEqual({ balance: 0, debt: 0 });
  await sidecar.stripe.disputes.update(await disputeOf(intentId), {
    evidence: { uncategorized_text: 'winning_evidence' },
  });
  sidecar.standIn.settle();
  await balanceIs(3600);
});

test('a refund that fails gives the time back', async () => {
  const intentId = await buyWith('pm_card_refundFail');
  await balanceIs(3600);
  await sidecar.stripe.refunds.create({ payment_intent: intentId, amount: 333 });
  await balanceIs(2400);
  sidecar.standIn.settle();
  await until(
    async () =>
      (await sidecar.stripe.refunds.list({ payment_intent: intentId })).data[0]?.status === 'failed',
  );
  await balanceIs(3600);
  await until(async () => (await orderOf(intentId))?.refunded_cents === 0);
  await until(async () => (await refundOf(intentId)) === 'failed');
  expect(await account()).toEqual({ balance: 3600, debt: 0 });
});

test('a refund that is pending counts already', async () => {
  const intentId = await buyWith('pm_card_pendingRefund');
  await balanceIs(3600);
  await sidecar.stripe.refunds.create({ payment_intent: intentId });
  await balanceIs(0);
  expect(await refundOf(intentId)).toBe('pending');
  sidecar.standIn.settle();
  await until(async () => (await refundOf(intentId)) === 'succeeded');
  expect(await account()).toEqual({ balance: 0, debt: 0 });
});
