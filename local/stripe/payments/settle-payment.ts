import type Stripe from 'stripe';
import { type Reply, StripeRefusal } from '../api/refusal.ts';
import { type Call, ok } from '../api/route.ts';
import { type Decline, testCard } from '../payment-methods/test-cards.ts';
import { attachAllowed, markSetUp, markUsed, privatePartOf } from '../payment-methods/use-payment-method.ts';
import { bookCharge } from '../resources/balance-transactions.ts';
import { newId } from '../store/kinds.ts';
import { followPayment } from './session-life.ts';

/** How a charge shows the card or account that it took the money from. */
function methodDetails(method: Stripe.PaymentMethod, authorized: number) {
  const { card, us_bank_account: account } = method;
  if (account !== undefined) {
    const { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number } = account;
    return {
      type: 'us_bank_account',
      us_bank_account: { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number },
    };
  }
  return {
    type: 'card',
    card: {
      amount_authorized: authorized,
      brand: card?.brand,
      checks: { cvc_check: 'pass' },
      country: card?.country,
      exp_month: card?.exp_month ?? 0,
      exp_year: card?.exp_year ?? 0,
      extended_authorization: { status: 'disabled' },
      fingerprint: card?.fingerprint,
      funding: card?.funding,
      incremental_authorization: { status: 'unavailable' },
      last4: card?.last4,
      multicapture: { status: 'unavailable' },
      network: card?.brand,
      network_token: { used: false },
      overcapture: { maximum_amount_capturable: authorized, status: 'unavailable' },
      regulated_status: 'unregulated',
    },
  } as const;
}

function outcomeOf(decline: Decline | undefined) {
  if (decline === undefined) {
    return {
      network_status: 'approved_by_network',
      risk_level: 'normal',
      seller_message: 'Payment complete.',
      type: 'authorized',
    };
  }
  return {
    network_status: 'declined_by_network',
    reason: decline.decline_code ?? decline.code,
    risk_level: 'normal',
    seller_message: 'The bank did not return any further details.',
    type: 'issuer_declined',
  };
}

/** Records one attempt to take money: succeeded, failed with its decline, or pending as debits are at first. */
function newCharge(
  call: Call,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  result?: Decline | 'pending',
): Stripe.Charge {
  const pending = result === 'pending';
  const decline = pending ? undefined : result;
  const accepted = decline === undefined;
  const id = newId(method.type === 'card' ? 'ch' : 'py');
  return call.create('charge', {
    id,
    amount: intent.amount,
    amount_captured: accepted ? intent.amount : 0,
    amount_refunded: 0,
    billing_details: method.billing_details,
    captured: accepted,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    failure_code: decline?.code,
    failure_message: decline?.message,
    fraud_details: {},
    metadata: intent.metadata,
    outcome: outcomeOf(decline),
    paid: accepted,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: methodDetails(method, accepted ? intent.amount : 0),
    receipt_email: intent.receipt_email,
    receipt_url: accepted ? `${call.baseUrl}/receipts/${id}` : null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: pending ? 'pending' : accepted ? 'succeeded' : 'failed',
    transfer_group: intent.transfer_group ?? undefined,
  });
}

/** Records that the bank refused, and answers 402 with the intent, which can be tried with another method. */
export function declinePayment(
  call: Call,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  reason: Decline,
): Reply {
  const charge = newCharge(call, intent, method, reason);
  const error = { charge: charge.id, ...reason, payment_method: method };
  const failed = call.change(intent, {
    last_payment_error: { type: 'card_error', ...error },
    latest_charge: charge.id,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  call.emit('charge.failed', charge);
  call.emit('payment_intent.payment_failed', failed);
  return new StripeRefusal(402, 'card_error', reason.message, { ...error, payment_intent: failed }).toReply();
}

/**
 * After a payment a method belongs to the customer, when its holder agreed to keep it; else, unless it
 * belonged to them already, it is used up.
 */
function keepOrUseUp(call: Call, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  if (intent.setup_future_usage === null || typeof intent.customer !== 'string') {
    markUsed(call, method);
    return;
  }
  attachAllowed(call, method, intent.customer);
  if (intent.setup_future_usage === 'off_session') markSetUp(call, method.id);
}

/** The money of an intent has come. */
function received(
  call: Call,
  intent: Stripe.PaymentIntent,
  chargeId: string,
  methodId: string,
): Stripe.PaymentIntent {
  return call.change(intent, {
    amount_received: intent.amount,
    last_payment_error: null,
    latest_charge: chargeId,
    next_action: null,
    payment_method: methodId,
    processing: null,
    status: 'succeeded',
  });
}

/** Records that a card was charged, with the dispute that some test cards bring along. */
export function succeedPayment(
  call: Call,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Reply {
  const charge = bookCharge(call, newCharge(call, intent, method));
  const paid = received(call, intent, charge.id, method.id);
  keepOrUseUp(call, intent, method);
  if (testCard(privatePartOf(call, method.id).testName).dispute !== undefined) {
    call.later('open_dispute', charge.id);
  }
  call.emit('charge.succeeded', charge);
  call.emit('payment_intent.succeeded', paid);
  followPayment(call, paid);
  return ok(paid);
}

/** A debit of a bank account: nobody knows yet whether the money will come. */
export function startDebit(call: Call, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Reply {
  const charge = newCharge(call, intent, method, 'pending');
  const processing = call.change(intent, {
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: method.id,
    status: 'processing',
  });
  keepOrUseUp(call, intent, method);
  call.later('settle_debit', charge.id);
  call.emit('charge.pending', charge);
  call.emit('payment_intent.processing', processing);
  followPayment(call, processing);
  return ok(processing);
}

/** Ends a debit: paid, or sent back by the bank with the failure. */
export function settleDebit(
  call: Call,
  charge: Stripe.Charge,
  intent: Stripe.PaymentIntent,
  failure: Decline | undefined,
): void {
  if (failure === undefined) {
    const settled = bookCharge(call, call.change(charge, { paid: true, status: 'succeeded' }));
    const paid = received(call, intent, charge.id, String(intent.payment_method));
    call.emit('charge.succeeded', settled);
    call.emit('payment_intent.succeeded', paid);
    followPayment(call, paid);
    return;
  }
  const failed = call.change(charge, {
    amount_captured: 0,
    captured: false,
    failure_code: failure.code,
    failure_message: failure.message,
    paid: false,
    status: 'failed',
  });
  const method = call.store.find('payment_method', String(intent.payment_method));
  const open = call.change(intent, {
    last_payment_error: {
      type: 'invalid_request_error',
      charge: charge.id,
      code: failure.code,
      message: failure.message,
      ...(method === undefined ? {} : { payment_method: method }),
    },
    payment_method: null,
    status: 'requires_payment_method',
  });
  call.emit('charge.failed', failed);
  call.emit('payment_intent.payment_failed', open);
  followPayment(call, open);
}
