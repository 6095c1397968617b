import type Stripe from 'stripe';
import { fieldIs } from '../api/list-objects.ts';
import type { Call } from '../api/route.ts';
import { type DisputeCause, testCard } from '../payment-methods/test-cards.ts';
import { privatePartOf } from '../payment-methods/use-payment-method.ts';
import { moveMoney } from '../resources/balance-transactions.ts';
import { newId } from '../store/kinds.ts';

/** Whether the bank has taken the money of a charge back: an inquiry has not, and a dispute won is over. */
export function isChargedBack(call: Call, chargeId: string): boolean {
  const disputes = call.store.page('dispute', fieldIs('charge', chargeId), { limit: 100 }).data;
  return disputes.some(({ is_charge_refundable: refundable }) => !refundable);
}

export function isInquiry({ status }: Stripe.Dispute): boolean {
  return status.startsWith('warning_');
}

/** What Stripe takes for each dispute in the United States, in cents. */
const FEE_CENTS = 1500;

/**
 * Money taken from the account for a dispute (`amount` negative, with the fee), or given back after one was
 * won (the fee stays with Stripe).
 */
function disputeTransaction(
  call: Call,
  dispute: Pick<Stripe.Dispute, 'id' | 'currency'>,
  amount: number,
): Stripe.BalanceTransaction {
  const taken = amount < 0;
  return moveMoney(call, {
    amount,
    currency: dispute.currency,
    description: taken ? 'Chargeback withdrawal' : 'Chargeback reversal',
    fee: taken ? FEE_CENTS : 0,
    feeDescription: 'Dispute fee',
    reporting_category: taken ? 'dispute' : 'dispute_reversal',
    source: dispute.id,
    type: 'adjustment',
  });
}

const SECONDS_TO_ANSWER = 9 * 24 * 60 * 60;

/** The reason of Stripe and the code of the card network (here Visa's). */
const REASONS: Readonly<Record<DisputeCause, { reason: string; networkCode: string }>> = {
  fraudulent: { reason: 'fraudulent', networkCode: '10.4' },
  inquiry: { reason: 'general', networkCode: '10.4' },
  product_not_received: { reason: 'product_not_received', networkCode: '13.1' },
};

function newDispute(call: Call, charge: Stripe.Charge, cause: DisputeCause): Stripe.Dispute {
  const id = newId('du');
  const inquiry = cause === 'inquiry';
  const { reason, networkCode } = REASONS[cause];
  const brand = charge.payment_method_details?.card?.brand ?? 'visa';
  const { amount, currency } = charge;
  return call.create('dispute', {
    id,
    amount,
    balance_transactions: inquiry ? [] : [disputeTransaction(call, { id, currency }, -amount)],
    charge: charge.id,
    currency,
    evidence_details: {
      due_by: call.nowSeconds + SECONDS_TO_ANSWER,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    is_charge_refundable: inquiry,
    network_reason_code: networkCode,
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: {
        brand,
        case_type: inquiry ? 'inquiry' : 'chargeback',
        network: brand,
        network_reason_code: networkCode,
      },
      type: 'card',
    },
    reason,
    status: inquiry ? 'warning_needs_response' : 'needs_response',
  });
}

/** The holder of a card disputes a charge; except for an inquiry their bank takes the money at once. */
export function openDispute(call: Call, charge: Stripe.Charge, cause: DisputeCause): Stripe.Dispute {
  const dispute = newDispute(call, charge, cause);
  const disputed = call.change(charge, {
    disputed: true,
  });
  call.emit('charge.updated', disputed, charge);
  call.emit('charge.dispute.created', dispute);
  if (cause !== 'inquiry') call.emit('charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

/** The dispute that a test card brings along; none when the money went back before. */
export function openDisputeOfTestCard(call: Call, chargeId: string): void {
  const charge = call.store.find('charge', chargeId);
  if (charge === undefined || charge.refunded) return;
  const cause = testCard(privatePartOf(call, String(charge.payment_method)).testName).dispute;
  if (cause !== undefined) openDispute(call, charge, cause);
}

/** Ends a dispute; a win brings the money back, an inquiry never took it. */
export function closeDispute(call: Call, dispute: Stripe.Dispute, verdict: 'lost' | 'won'): Stripe.Dispute {
  const inquiry = isInquiry(dispute);
  const won = verdict === 'won' && !inquiry;
  const closed = call.change(dispute, {
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
  const escalated = call.change(dispute, {
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
