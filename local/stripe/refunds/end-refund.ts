import type Stripe from 'stripe';
import type { Call } from '../api/route.ts';
import { newId } from '../store/identifiers.ts';

function announce(call: Call, types: readonly string[], refund: Stripe.Refund, before: Stripe.Refund): void {
  for (const type of types) call.emit(type, refund, before);
}

/** A refund that was pending has reached the card. */
export function succeedRefund(call: Call, refundId: string): void {
  const refund = call.store.find('refund', refundId);
  if (refund?.status !== 'pending') return;
  const { pending_reason: _reason, ...rest } = refund;
  const updated = call.store.update<Stripe.Refund>({ ...rest, status: 'succeeded' });
  announce(call, ['refund.updated', 'charge.refund.updated'], updated, refund);
}

/**
 * The bank sent the money back: the charge counts as not refunded by this amount
 * (https://docs.stripe.com/refunds#failed-refunds).
 */
export function failRefund(call: Call, refundId: string): void {
  const refund = call.store.find('refund', refundId);
  if (refund === undefined || refund.status === 'failed') return;
  const failed = call.store.update<Stripe.Refund>({
    ...refund,
    failure_balance_transaction: newId('txn'),
    failure_reason: 'expired_or_canceled_card',
    status: 'failed',
  });
  const charge = call.store.find('charge', String(refund.charge));
  if (charge !== undefined) {
    const amountRefunded = charge.amount_refunded - refund.amount;
    call.store.update<Stripe.Charge>({ ...charge, amount_refunded: amountRefunded, refunded: false });
  }
  announce(call, ['refund.updated', 'charge.refund.updated', 'refund.failed'], failed, refund);
}
