import type Stripe from 'stripe';
import type { Call } from '../api/route.ts';
import { disputeTransaction } from './dispute-money.ts';
import { isInquiry } from './find-dispute.ts';

/** Ends a dispute; a win brings the money back, an inquiry never took it. */
export function closeDispute(call: Call, dispute: Stripe.Dispute, verdict: 'lost' | 'won'): Stripe.Dispute {
  const inquiry = isInquiry(dispute);
  const won = verdict === 'won' && !inquiry;
  const closed = call.store.update<Stripe.Dispute>({
    ...dispute,
    balance_transactions: won
      ? [...dispute.balance_transactions, disputeTransaction(call, dispute, dispute.amount)]
      : dispute.balance_transactions,
    is_charge_refundable: inquiry || won,
    status: inquiry ? 'warning_closed' : verdict,
  });
  call.emit('charge.dispute.closed', closed, dispute);
  if (won) call.emit('charge.dispute.funds_reinstated', closed, dispute);
  return closed;
}

/** An inquiry that was not answered well becomes a chargeback. */
function escalate(call: Call, dispute: Stripe.Dispute): void {
  const escalated = call.store.update<Stripe.Dispute>({
    ...dispute,
    balance_transactions: [disputeTransaction(call, dispute, -dispute.amount)],
    evidence_details: {
      ...dispute.evidence_details,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    is_charge_refundable: false,
    status: 'needs_response',
  });
  call.emit('charge.dispute.updated', escalated, dispute);
  call.emit('charge.dispute.funds_withdrawn', escalated, dispute);
}

/**
 * The bank's verdict, by the words that Stripe's test mode knows (https://docs.stripe.com/testing#disputes);
 * with any other evidence the dispute stays under review.
 */
export function decideDispute(call: Call, disputeId: string): void {
  const dispute = call.store.find('dispute', disputeId);
  if (dispute === undefined || !dispute.status.endsWith('under_review')) return;
  const words = dispute.evidence.uncategorized_text;
  if (words === 'winning_evidence') closeDispute(call, dispute, 'won');
  if (words === 'losing_evidence') closeDispute(call, dispute, 'lost');
  if (words === 'escalate_inquiry_evidence' && isInquiry(dispute)) escalate(call, dispute);
}
