import type Stripe from 'stripe';
import type { Call } from '../api/route.ts';
import { privatePartOf } from '../payment-methods/supplied-payment-method.ts';
import type { DisputeCause } from '../payment-methods/test-card-table.ts';
import { testCard } from '../payment-methods/test-cards.ts';
import { newId } from '../store/identifiers.ts';
import { disputeTransaction } from './dispute-money.ts';
import { emptyEvidence } from './evidence.ts';

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
  return {
    id,
    object: 'dispute',
    amount,
    balance_transactions: inquiry ? [] : [disputeTransaction(call, { id, currency }, -amount)],
    charge: charge.id,
    created: call.nowSeconds,
    currency,
    enhanced_eligibility_types: [],
    evidence: emptyEvidence(),
    evidence_details: {
      due_by: call.nowSeconds + SECONDS_TO_ANSWER,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: inquiry,
    livemode: false,
    metadata: {},
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
  };
}

/** The holder of a card disputes a charge; except for an inquiry their bank takes the money at once. */
export function openDispute(call: Call, charge: Stripe.Charge, cause: DisputeCause): Stripe.Dispute {
  const dispute = call.store.insert(newDispute(call, charge, cause));
  const disputed = call.store.update<Stripe.Charge>({ ...charge, disputed: true });
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
