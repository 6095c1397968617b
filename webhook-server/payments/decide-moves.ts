/** What Stripe says now about one payment. */
export type Payment = {
  intentId: string;
  /** https://docs.stripe.com/payments/paymentintents/lifecycle */
  status: string;
  receivedCents: number;
  currency: string;
  failureCode: string | null;
  /** All refunds so far. */
  refundedCents: number;
};

/** What is stored about the purchase that the payment is for. */
export type StoredPurchase = { status: string; intentId: string | null };

export type Move =
  | { kind: 'paid'; eventId: string }
  | { kind: 'unpaid'; eventId: string; status: 'failed' | 'canceled'; failureCode: string }
  | { kind: 'refund'; eventId: string };

/**
 * Which moves bring a purchase to where its payment is. The event that told of it does not matter, only
 * what is true now; so events may come late, twice, or in any order.
 *
 * The last move carries the event's own id. If a crash comes between two moves, the event still counts as
 * not applied, and its next delivery does the rest.
 * @returns no move while the payment is under way
 */
export function decideMoves(payment: Payment, purchase: StoredPurchase, eventId: string): Move[] {
  const isAttached = purchase.intentId === null || purchase.intentId === payment.intentId;
  switch (payment.status) {
    case 'succeeded': {
      if (payment.refundedCents === 0) return [{ kind: 'paid', eventId }];
      const refund: Move = { kind: 'refund', eventId };
      // A refund of what was never granted would be lost: the time has to be given before it is taken.
      return purchase.status === 'succeeded'
        ? [refund]
        : [{ kind: 'paid', eventId: `${eventId}:paid` }, refund];
    }
    // The end of an intent that lost the race to be attached is not the end of the purchase.
    case 'canceled':
      if (!isAttached) return [];
      return [
        { kind: 'unpaid', eventId, status: 'canceled', failureCode: payment.failureCode ?? 'canceled' },
      ];
    case 'requires_payment_method':
      if (!isAttached || payment.failureCode === null) return [];
      return [{ kind: 'unpaid', eventId, status: 'failed', failureCode: payment.failureCode }];
    default:
      return [];
  }
}
