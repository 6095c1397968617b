import type Stripe from 'stripe';

/** As the database keeps them (supabase/migrations, `payment_refunds` and `payment_disputes`). */
export type RefundFact = { id: string; amount_cents: number; status: 'pending' | 'succeeded' | 'failed' };
export type DisputeFact = {
  id: string;
  amount_cents: number;
  status: 'open' | 'lost' | 'won';
  reason: string;
};

/** A refund counts until it failed: Stripe takes the money at once (https://docs.stripe.com/refunds#failed-refunds). */
export function refundFact({ id, amount, status }: Stripe.Refund): RefundFact {
  const known = status === 'failed' || status === 'canceled' ? 'failed' : 'pending';
  return { id, amount_cents: amount, status: status === 'succeeded' ? 'succeeded' : known };
}

/** Whether the money that a dispute took came back. https://docs.stripe.com/api/disputes/object#dispute_object-balance_transactions */
function isReinstated({ balance_transactions }: Stripe.Dispute): boolean {
  const sum = balance_transactions.reduce((cents, { amount }) => cents + amount, 0);
  return balance_transactions.length > 1 && sum >= 0;
}

/**
 * Where a dispute stands. An inquiry freezes as well, because no event that we handle tells when it becomes a
 * dispute; an appeal comes after a loss, so the money is gone until it is won.
 */
export function disputeFact(dispute: Stripe.Dispute): DisputeFact {
  const { id, amount, reason, status } = dispute;
  const fact = { id, amount_cents: amount, reason };
  switch (status) {
    case 'won':
    case 'warning_closed':
    case 'prevented':
      return { ...fact, status: 'won' };
    case 'lost':
    case 'appeal_needs_response':
    case 'appeal_under_review':
      return { ...fact, status: isReinstated(dispute) ? 'won' : 'lost' };
    default:
      return { ...fact, status: 'open' };
  }
}
