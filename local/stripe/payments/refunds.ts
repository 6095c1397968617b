import type Stripe from 'stripe';
import { z } from 'zod';
import { formatAmount } from '../api/amount.ts';
import { created, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { listing, retrieving } from '../api/list-objects.ts';
import { invalidParameter, invalidRequest, noSuchReference, type Reply } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { isChargedBack } from '../disputes/dispute-rules.ts';
import { testCard } from '../payment-methods/test-cards.ts';
import { privatePartOf } from '../payment-methods/use-payment-method.ts';
import { bookRefund } from '../resources/balance-transactions.ts';
import { newId } from '../store/kinds.ts';

const refundParams = {
  amount: integer(1).optional(),
  charge: text().optional(),
  metadata: metadata().optional(),
  payment_intent: text().optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
};

const refundSchema = z.strictObject(refundParams);
type RefundParams = z.output<typeof refundSchema>;

function chargeOfIntent(call: Call, intentId: string): Stripe.Charge {
  const intent = call.store.find('payment_intent', intentId);
  if (intent === undefined) throw noSuchReference('payment_intent', intentId, 'payment_intent');
  const charge =
    typeof intent.latest_charge === 'string' ? call.store.find('charge', intent.latest_charge) : undefined;
  if (charge === undefined || charge.status !== 'succeeded') {
    throw invalidRequest(`This PaymentIntent (${intentId}) does not have a successful charge to refund.`, {
      param: 'payment_intent',
    });
  }
  return charge;
}

function chargeToRefund(call: Call, given: RefundParams): Stripe.Charge {
  if ((given.charge === undefined) === (given.payment_intent === undefined)) {
    throw invalidParameter(
      'One of the following params should be provided for this request: payment_intent or charge.',
    );
  }
  if (given.payment_intent !== undefined) return chargeOfIntent(call, given.payment_intent);
  const charge = call.store.find('charge', given.charge ?? '');
  if (charge === undefined) throw noSuchReference('charge', given.charge ?? '', 'charge');
  if (charge.status !== 'succeeded') {
    throw invalidRequest(
      `This PaymentIntent (${String(charge.payment_intent)}) does not have a successful charge to refund.`,
      { param: 'charge' },
    );
  }
  return charge;
}

/** @throws StripeRefusal charge_disputed, charge_already_refunded, or 400 for more than is left. */
function amountToRefund(call: Call, charge: Stripe.Charge, asked: number | undefined): number {
  if (isChargedBack(call, charge.id)) {
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    });
  }
  const left = charge.amount_captured - charge.amount_refunded;
  if (left === 0) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    });
  }
  const amount = asked ?? left;
  if (amount > left) {
    throw invalidRequest(
      `Refund amount (${formatAmount(amount, charge.currency)}) is greater than unrefunded amount on charge (${formatAmount(left, charge.currency)})`,
      { param: 'amount' },
    );
  }
  return amount;
}

function destinationOf(charge: Stripe.Charge): Stripe.Refund.DestinationDetails {
  if (charge.payment_method_details?.type === 'us_bank_account') {
    return {
      type: 'us_bank_transfer',
      us_bank_transfer: { reference: null, reference_status: 'pending' },
    };
  }
  return {
    card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
    type: 'card',
  };
}

/**
 * Gives back all that is left of a charge, or part of it (https://docs.stripe.com/api/refunds/create).
 * Refunds to some test cards begin as pending, or look paid and fail later.
 */
export function createRefund(call: Call, given: RefundParams): Reply {
  const charge = chargeToRefund(call, given);
  const amount = amountToRefund(call, charge, given.amount);
  const course = testCard(privatePartOf(call, String(charge.payment_method)).testName).refund;
  const pending = course === 'pending';
  const noted = call.create('refund', {
    ...(charge.id.startsWith('py_') ? { id: newId('pyr') } : {}),
    amount,
    charge: charge.id,
    currency: charge.currency,
    customer: charge.customer,
    destination_details: destinationOf(charge),
    metadata: mergeMetadata({}, given.metadata),
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    pending_reason: pending ? 'processing' : undefined,
    reason: given.reason,
    status: pending ? 'pending' : 'succeeded',
  });
  const refund = call.change(noted, { balance_transaction: bookRefund(call, noted) });
  if (course !== undefined) call.later(pending ? 'succeed_refund' : 'fail_refund', refund.id);
  const total = charge.amount_refunded + amount;
  const refunded = call.change(charge, {
    amount_refunded: total,
    refunded: total === charge.amount_captured,
  });
  call.emit('charge.refunded', refunded, charge);
  call.emit('refund.created', refund);
  return ok(refund);
}

function announce(call: Call, types: readonly string[], refund: Stripe.Refund, before: Stripe.Refund): void {
  for (const type of types) call.emit(type, refund, before);
}

/** A refund that was pending has reached the card. */
export function succeedRefund(call: Call, refundId: string): void {
  const refund = call.store.find('refund', refundId);
  if (refund?.status !== 'pending') return;
  const { pending_reason: _reason, ...rest } = refund;
  const updated = call.store.replace<Stripe.Refund>({ ...rest, status: 'succeeded' });
  announce(call, ['refund.updated', 'charge.refund.updated'], updated, refund);
}

/**
 * The bank sent the money back: the charge counts as not refunded by this amount
 * (https://docs.stripe.com/refunds#failed-refunds).
 */
export function failRefund(call: Call, refundId: string): void {
  const refund = call.store.find('refund', refundId);
  if (refund === undefined || refund.status === 'failed') return;
  const failed = call.change(refund, {
    failure_balance_transaction: bookRefund(call, refund, true),
    failure_reason: 'expired_or_canceled_card',
    status: 'failed',
  });
  const charge = call.store.find('charge', String(refund.charge));
  if (charge !== undefined) {
    call.change(charge, { amount_refunded: charge.amount_refunded - refund.amount, refunded: false });
  }
  announce(call, ['refund.updated', 'charge.refund.updated', 'refund.failed'], failed, refund);
}

const create = route({ method: 'POST', path: '/v1/refunds', params: refundParams, handle: createRefund });

const update = route({
  method: 'POST',
  path: '/v1/refunds/:id',
  params: { metadata: metadata().optional() },
  handle(call, given) {
    const refund = call.object('refund');
    const updated = call.change(refund, { metadata: mergeMetadata(refund.metadata ?? {}, given.metadata) });
    call.emit('refund.updated', updated, refund);
    return ok(updated);
  },
});

export const refundRoutes: readonly Route[] = [
  create,
  retrieving('refund'),
  update,
  listing('refund', { created: created(), charge: text(), payment_intent: text() }),
];
