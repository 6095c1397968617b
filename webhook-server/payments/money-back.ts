import type Stripe from 'stripe';

/**
 * As the database keeps them (supabase/migrations, `payment_refunds` and `payment_disputes`). Amounts are in the currency
 * that was paid in, and in no other.
 */
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

/**
 * Whether the money that a dispute took came back: each withdrawal has its reversal. By their number and not by their sum,
 * as what comes back in another currency comes at another rate.
 * https://docs.stripe.com/api/disputes/object#dispute_object-balance_transactions
 */
function isReinstated({ balance_transactions: moves }: Stripe.Dispute): boolean {
  const back = moves.filter(({ amount }) => amount > 0).length;
  return back > 0 && back >= moves.filter(({ amount }) => amount < 0).length;
}

/**
 * Where a dispute stands. An inquiry freezes as well, because no event that we handle tells when it becomes a
 * dispute; an appeal comes after a loss, so the money is gone until it is won.
 */
export function disputeStatus(dispute: Stripe.Dispute): DisputeFact['status'] {
  switch (dispute.status) {
    case 'won':
    case 'warning_closed':
    case 'prevented':
      return 'won';
    case 'lost':
    case 'appeal_needs_response':
    case 'appeal_under_review':
      return isReinstated(dispute) ? 'won' : 'lost';
    default:
      return 'open';
  }
}

/** What a disputed charge took, and what came of it on our own balance, where that is known. */
export type DisputedCharge = {
  amount: number;
  currency: string;
  settled: { amount: number; currency: string } | null;
};

/**
 * What a dispute is about, in the currency that was paid in. A bank disputes in its own: then it is the share of the charge
 * that was taken from our balance. Where that cannot be told, as of an inquiry, which takes nothing yet, it is all of it.
 */
function disputedCents(dispute: Stripe.Dispute, charge: DisputedCharge): number {
  if (dispute.currency === charge.currency || dispute.amount === 0) return dispute.amount;
  const taken = dispute.balance_transactions.filter(({ amount }) => amount < 0);
  const cents = -taken.reduce((sum, { amount }) => sum + amount, 0);
  const isOf = (currency: string | undefined) => taken.every((move) => move.currency === currency);
  const whole = [charge.settled, charge].find((one) => one !== null && isOf(one.currency))?.amount ?? 0;
  if (cents <= 0 || whole <= 0) return charge.amount;
  return Math.min(charge.amount, Math.round((charge.amount * cents) / whole));
}

export function disputeFact(dispute: Stripe.Dispute, charge: DisputedCharge): DisputeFact {
  return {
    id: dispute.id,
    amount_cents: disputedCents(dispute, charge),
    reason: dispute.reason,
    status: disputeStatus(dispute),
  };
}
