import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import {
  CARD_ONLY,
  clientOf,
  eventTypes,
  movableClock,
  refusalOf,
  SECRET_KEY,
  startForTest,
} from './harness.ts';

async function disputedBy(card: string) {
  const clock = movableClock();
  const standIn = await startForTest({ now: clock.now, settleAfterMs: 60_000 });
  const stripe = clientOf(standIn);
  const intent = await stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    confirm: true,
    payment_method: card,
    ...CARD_ONLY,
  });
  expect((await stripe.disputes.list()).data).toEqual([]);
  clock.advanceSeconds(61);
  const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
  return { clock, standIn, stripe, intent, dispute: dispute as Stripe.Dispute };
}

const submit = (uncategorized_text: string) => ({ evidence: { uncategorized_text } });

test.each([
  ['pm_card_createDispute', 'fraudulent'],
  ['pm_card_createDisputeProductNotReceived', 'product_not_received'],
])('%s pays and is disputed later as %s', async (card, reason) => {
  const { stripe, intent, dispute } = await disputedBy(card);
  expect(dispute).toMatchObject({
    object: 'dispute',
    amount: 999,
    charge: intent.latest_charge,
    evidence_details: { has_evidence: false, submission_count: 0 },
    is_charge_refundable: false,
    payment_intent: intent.id,
    reason,
    status: 'needs_response',
    balance_transactions: [{ amount: -999, fee: 1500, net: -2499 }],
  });
  expect((await stripe.charges.retrieve(String(intent.latest_charge))).disputed).toBe(true);
  // The fees of the payment and of the dispute.
  expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(-59 - 1500);
  expect((await eventTypes(stripe)).slice(-3)).toEqual([
    'charge.updated',
    'charge.dispute.created',
    'charge.dispute.funds_withdrawn',
  ]);
  const refund = await refusalOf(stripe.refunds.create({ payment_intent: intent.id }));
  expect(refund.code).toBe('charge_disputed');
});

test('winning evidence brings the money back', async () => {
  const { clock, stripe, dispute, intent } = await disputedBy('pm_card_createDispute');
  const sent = await stripe.disputes.update(dispute.id, submit('winning_evidence'));
  expect(sent).toMatchObject({
    status: 'under_review',
    evidence_details: { has_evidence: true, submission_count: 1 },
  });
  const again = stripe.disputes.update(dispute.id, submit('losing_evidence'));
  expect((await refusalOf(again)).message).toContain('under review');
  clock.advanceSeconds(61);
  const won = await stripe.disputes.retrieve(dispute.id, { expand: ['charge', 'payment_intent'] });
  expect(won).toMatchObject({ status: 'won', charge: { id: intent.latest_charge, disputed: true } });
  expect(won.balance_transactions.map(({ amount }) => amount)).toEqual([-999, 999]);
  expect((await eventTypes(stripe)).slice(-3)).toEqual([
    'charge.dispute.updated',
    'charge.dispute.closed',
    'charge.dispute.funds_reinstated',
  ]);
  expect((await stripe.refunds.create({ payment_intent: intent.id })).status).toBe('succeeded');
});

test('losing evidence, and giving in, lose', async () => {
  const first = await disputedBy('pm_card_createDispute');
  await first.stripe.disputes.update(first.dispute.id, submit('losing_evidence'));
  first.clock.advanceSeconds(61);
  expect((await first.stripe.disputes.retrieve(first.dispute.id)).status).toBe('lost');
  expect((await eventTypes(first.stripe)).at(-1)).toBe('charge.dispute.closed');
  const second = await disputedBy('pm_card_createDispute');
  expect((await second.stripe.disputes.close(second.dispute.id)).status).toBe('lost');
  expect((await refusalOf(second.stripe.disputes.close(second.dispute.id))).message).toContain(
    'already closed',
  );
});

test('evidence can be written without sending it, and other evidence decides nothing', async () => {
  const { clock, stripe, dispute } = await disputedBy('pm_card_createDispute');
  const staged = await stripe.disputes.update(dispute.id, { ...submit('winning_evidence'), submit: false });
  expect(staged).toMatchObject({ status: 'needs_response', evidence_details: { has_evidence: true } });
  clock.advanceSeconds(3600);
  expect((await stripe.disputes.retrieve(dispute.id)).status).toBe('needs_response');
  await stripe.disputes.update(dispute.id, { ...submit('we delivered it'), metadata: { case: '1' } });
  clock.advanceSeconds(3600);
  expect(await stripe.disputes.retrieve(dispute.id)).toMatchObject({
    status: 'under_review',
    metadata: { case: '1' },
  });
});

test('an inquiry takes no money until it is escalated', async () => {
  const { clock, stripe, dispute, intent } = await disputedBy('pm_card_createDisputeInquiry');
  expect(dispute).toMatchObject({ status: 'warning_needs_response', balance_transactions: [] });
  expect(await eventTypes(stripe)).not.toContain('charge.dispute.funds_withdrawn');
  await stripe.disputes.update(dispute.id, submit('escalate_inquiry_evidence'));
  clock.advanceSeconds(61);
  expect(await stripe.disputes.retrieve(dispute.id)).toMatchObject({
    status: 'needs_response',
    is_charge_refundable: false,
  });
  expect((await eventTypes(stripe)).at(-1)).toBe('charge.dispute.funds_withdrawn');
  expect((await refusalOf(stripe.refunds.create({ payment_intent: intent.id }))).code).toBe(
    'charge_disputed',
  );
});

test('any charge can be disputed by a test, or by a person over the control route', async () => {
  const standIn = await startForTest();
  const stripe = clientOf(standIn);
  const pay = async () => {
    const params = {
      amount: 999,
      currency: 'usd',
      confirm: true,
      payment_method: 'pm_card_visa',
      ...CARD_ONLY,
    };
    return String((await stripe.paymentIntents.create(params)).latest_charge);
  };
  const id = standIn.disputeCharge(await pay(), 'product_not_received');
  expect((await stripe.disputes.retrieve(id)).reason).toBe('product_not_received');
  const answer = await fetch(`${standIn.url}/_faults/disputes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ charge: await pay() }),
  });
  const { dispute } = (await answer.json()) as { dispute: string };
  expect((await stripe.disputes.retrieve(dispute)).reason).toBe('fraudulent');
  expect(() => standIn.disputeCharge('ch_none')).toThrow('No such charge');
});
