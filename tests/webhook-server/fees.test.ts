import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { comparePayments } from '../../webhook-server/payments/compare-payments.ts';
import { cameTrue } from '../browser/page-steps.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

const feeOf = async (intentId: string) =>
  (
    await sidecar.database.sql`select f.cents::int as cents, f.currency from private.payment_fees f
      join purchases p on p.id = f.purchase_id where p.payment_intent_id = ${intentId}`
  )[0];

test('what Stripe keeps is noted with the payment; where it came later it is found out, and not before', async () => {
  const person = await sidecar.database.signUp();
  const first = await sidecar.buy(person);
  // After the time is given, which nobody waits with.
  await expect.poll(() => feeOf(first), cameTrue).toEqual({ cents: 59, currency: 'usd' });

  // A charge whose balance transaction is not there yet, as at Stripe where it comes after the payment.
  const retrieve = sidecar.deps.stripe.paymentIntents.retrieve.bind(sidecar.deps.stripe.paymentIntents);
  const early = vi.spyOn(sidecar.deps.stripe.paymentIntents, 'retrieve');
  early.mockImplementation((async (id: string, params: object, options: object) => {
    const intent = await retrieve(id, params, options);
    if (typeof intent.latest_charge === 'object' && intent.latest_charge !== null)
      intent.latest_charge.balance_transaction = null;
    return intent;
  }) as never);
  const intentId = await sidecar.buy(person);
  expect(await feeOf(intentId)).toBeUndefined();
  const compare = () => comparePayments(sidecar.deps, new Date(Date.now() - 60_000));
  await compare();
  expect(await feeOf(intentId)).toBeUndefined();
  early.mockRestore();
  // Asked a moment ago: not again before an hour.
  await compare();
  expect(await feeOf(intentId)).toBeUndefined();
  await sidecar.database.sql`update private.fees_wanted set asked_at = now() - interval '2 hours'`;
  await compare();
  expect(await feeOf(intentId)).toEqual({ cents: 59, currency: 'usd' });
  expect(await sidecar.database.sql`select from private.fees_wanted`).toHaveLength(0);
  await sidecar.expectSound();
});
