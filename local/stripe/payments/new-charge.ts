import type Stripe from 'stripe';
import type { Call } from '../api/route.ts';
import type { Decline } from '../payment-methods/test-card-table.ts';
import { newId } from '../store/identifiers.ts';
import { methodDetails } from './charge-method-details.ts';

function outcome(decline: Decline | undefined): Stripe.Charge.Outcome {
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: decline === undefined ? 'approved_by_network' : 'declined_by_network',
    reason: decline === undefined ? null : (decline.decline_code ?? decline.code),
    risk_level: 'normal',
    seller_message:
      decline === undefined ? 'Payment complete.' : 'The bank did not return any further details.',
    type: decline === undefined ? 'authorized' : 'issuer_declined',
  };
}

/** Records one attempt to take money: succeeded, failed with its decline, or pending as debits are at first. */
export function newCharge(
  call: Call,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  result?: Decline | 'pending',
): Stripe.Charge {
  const pending = result === 'pending';
  const decline = pending ? undefined : result;
  const accepted = decline === undefined;
  return call.store.insert<Stripe.Charge>({
    id: newId(method.type === 'card' ? 'ch' : 'py'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: accepted ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: null,
    captured: accepted,
    created: call.nowSeconds,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcome(decline),
    paid: accepted,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: methodDetails(method, accepted ? intent.amount : 0),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: pending ? 'pending' : accepted ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: null,
  });
}
