import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { CreateCheckoutSessionResponse } from '../../shared/api/checkout.ts';
import { comparePayments } from '../../webhook-server/payments/compare-payments.ts';
import { visit } from '../stripe-stand-in/harness.ts';
import { codeOf, until } from '../support/sidecar.ts';
import { CARD, hostedCheckoutBuyer } from './hosted-checkout-buyer.ts';
import { testWithBuyer as test } from './test-with-buyer.ts';

test('the card form first, then the page: the intent can never be paid again, the page once', async ({
  sidecar,
  person,
  buyer,
}) => {
  const { key, intentId } = await buyer.beginByCard();
  const opened = await buyer.open(key);
  expect((await sidecar.stripe.paymentIntents.retrieve(intentId)).status).toBe('canceled');
  await expect(sidecar.pay(intentId)).rejects.toThrow();
  // Its end is told of, and is not the end of the order.
  const { sql } = sidecar.database;
  await until(async () => {
    const [row] = await sql`select count(*)::int as n from stripe_events
      where payment_intent_id = ${intentId} and outcome = 'other_intent'`;
    return row?.n === 1;
  });
  expect(await buyer.orderOf(opened)).toMatchObject({
    status: 'awaiting_payment',
    replaced_intent_id: intentId,
  });
  const back = await sidecar.post('/create-payment-intent', {
    person,
    body: { package_id: 'starter' },
    headers: { 'idempotency-key': key },
  });
  expect([back.status, codeOf(back)]).toEqual([409, 'checkout_open']);
  // Nor does the comparison with Stripe take the old intent for the order's own.
  await sql`update purchases set created_at = now() - interval '1 hour', updated_at = now() - interval '1 hour'
    where id = ${opened.purchase_id}`;
  await comparePayments(sidecar.deps, new Date(Date.now() - 86_400_000));
  expect(await buyer.orderOf(opened)).toMatchObject({ status: 'awaiting_payment', payment_intent_id: null });
  expect(await buyer.open(key)).toEqual(opened);
  await visit(opened.checkout_url, CARD);
  await buyer.reaches(opened, 'succeeded');
  expect(await buyer.countCharges()).toBe(1);
  expect(await sidecar.balanceOf(person)).toBe(3600);
  await sidecar.expectSound();
});

test('pressing both ways at the same moment, again and again: one charge each time', async ({ sidecar }) => {
  for (let round = 0; round < 12; round++) {
    const person = await sidecar.database.signUp();
    const buyer = hostedCheckoutBuyer(sidecar, person);
    const key = randomUUID();
    const byCard = async () => {
      const begun = await sidecar.post('/create-payment-intent', {
        person,
        body: { package_id: 'starter' },
        headers: { 'idempotency-key': key },
      });
      if (begun.status !== 201) return;
      const { payment_intent_id: intentId } = begun.body as { payment_intent_id: string };
      await sidecar.pay(intentId).catch(() => undefined);
    };
    const onPage = async () => {
      const answer = await buyer.ask(key);
      if (answer.status !== 201) return;
      await visit((answer.body as CreateCheckoutSessionResponse).checkout_url, CARD);
    };
    // Every other round the intent is there already, as it is when the page has its checkout open.
    if (round % 2 === 0) await sidecar.begin(person, 'starter', 'me', key);
    await Promise.all([byCard(), onPage(), byCard(), onPage()]);
    await until(async () => (await sidecar.balanceOf(person)) > 0);
    expect(await sidecar.balanceOf(person)).toBe(3600);
    expect(await buyer.countCharges()).toBe(1);
  }
  await sidecar.expectSound();
});

test('paid by card first: there is no page any more', async ({ sidecar, person, buyer }) => {
  const { key, intentId } = await buyer.beginByCard();
  await sidecar.pay(intentId);
  // Also before anybody has told us of the payment.
  expect(codeOf(await buyer.ask(key))).toBe('purchase_closed');
  await until(async () => (await sidecar.balanceOf(person)) === 3600);
  expect(codeOf(await buyer.ask(key))).toBe('purchase_closed');
});

test('cut off after the choice and before the intent was canceled: its money counts, and there is no page', async ({
  sidecar,
  person,
  buyer,
}) => {
  const { key, intentId } = await buyer.beginByCard();
  const { sql } = sidecar.database;
  await sql`select choose_checkout(id, 7200) from purchases where payment_intent_id = ${intentId}`;
  await sidecar.pay(intentId);
  expect(codeOf(await buyer.ask(key))).toBe('purchase_closed');
  await until(async () => (await sidecar.balanceOf(person)) === 3600);
  expect((await sidecar.stripe.checkout.sessions.list({ limit: 1 })).data[0]?.metadata?.user_id).not.toBe(
    person.id,
  );
  await sidecar.expectSound();
});
