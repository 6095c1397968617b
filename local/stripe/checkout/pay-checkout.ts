import type Stripe from 'stripe';
import { StripeRefusal } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { type Field, notFoundPage, type PageAnswer, redirect } from '../pages/send-page.ts';
import { newCustomer } from '../payment-methods/customers.ts';
import {
  keepBankAccount,
  keepCard,
  readBankAccount,
  readCard,
} from '../payment-methods/make-payment-method.ts';
import { attachAllowed } from '../payment-methods/use-payment-method.ts';
import { confirmPaymentIntent } from '../payments/confirm-payment-intent.ts';
import { newPaymentIntent } from '../payments/payment-intents.ts';
import { createSubscription } from '../subscriptions/create-subscription.ts';
import { findSession, type Mistakes, openPage, showCheckout, successAddress } from './checkout-page.ts';

/** Which input a parameter of the API was typed into. */
const INPUTS: Readonly<Record<string, string>> = {
  number: 'number',
  exp_month: 'expiry',
  exp_year: 'expiry',
  cvc: 'cvc',
  'us_bank_account[routing_number]': 'routing_number',
  'us_bank_account[account_number]': 'account_number',
};

export function mistakesOf(refusal: StripeRefusal): Mistakes {
  const name = INPUTS[refusal.details.param ?? ''];
  return { message: refusal.message, fields: name === undefined ? {} : { [name]: refusal.message } };
}

function emailMistake(field: Field): Mistakes | undefined {
  if (/^[^\s@]+@[^\s@]+$/.test(field('email'))) return undefined;
  const message = 'Please enter your e-mail address.';
  return { message, fields: { email: message } };
}

export function typedMethod(call: Call, field: Field): Stripe.PaymentMethod {
  const billing_details = { email: field('email'), name: field('name') === '' ? null : field('name') };
  if (field('method') === 'us_bank_account') {
    const account = readBankAccount({
      account_number: field('account_number').replaceAll(/\s/g, ''),
      routing_number: field('routing_number').replaceAll(/\s/g, ''),
    });
    return keepBankAccount(call, account, { billing_details });
  }
  const [, month = '0', year = '0'] = /^\s*(\d{1,2})\s*\/?\s*(\d{4}|\d{2})\s*$/.exec(field('expiry')) ?? [];
  const typed = {
    number: field('number'),
    exp_month: Number(month),
    exp_year: Number(year),
    cvc: field('cvc').trim(),
  };
  return keepCard(call, readCard(typed, { nowSeconds: call.nowSeconds, shown: {} }), { billing_details });
}

/** The customer who pays; a guest gets one only when the shop asked for it or keeps the card. */
function payingCustomer(call: Call, session: Stripe.Checkout.Session, field: Field): string | null {
  if (typeof session.customer === 'string') return session.customer;
  const usage = call.store.privatePart('checkout.session', session.id)?.intentData.setup_future_usage;
  if (session.mode === 'payment' && session.customer_creation !== 'always' && !usage) return null;
  const customer = newCustomer(call, { email: field('email'), name: field('name') || null });
  call.emit('customer.created', customer);
  return customer.id;
}

function withPayer(call: Call, session: Stripe.Checkout.Session, field: Field): Stripe.Checkout.Session {
  return call.change(session, {
    customer: payingCustomer(call, session, field),
    customer_details: {
      address: null,
      business_name: null,
      individual_name: null,
      phone: null,
      tax_exempt: 'none',
      tax_ids: [],
      ...session.customer_details,
      email: field('email'),
      name: field('name') || null,
    },
  });
}

/** The one intent of the session, made at the first try to pay. */
function intentOf(call: Call, session: Stripe.Checkout.Session): Stripe.PaymentIntent {
  const begun = call.store.find('payment_intent', String(session.payment_intent));
  if (begun !== undefined) return begun;
  const intentData = call.store.privatePart('checkout.session', session.id)?.intentData ?? { metadata: {} };
  const intent = newPaymentIntent(call, {
    ...intentData,
    amount: session.amount_total ?? 0,
    currency: session.currency ?? 'usd',
    automatic_payment_methods: { enabled: false },
    ...(typeof session.customer === 'string' ? { customer: session.customer } : {}),
  });
  const typed = call.change(intent, {
    payment_method_types: session.payment_method_types,
  });
  call.change(session, {
    payment_intent: intent.id,
  });
  call.emit('payment_intent.created', typed);
  return typed;
}

/**
 * Begins the subscription that the page is for. What is paid in advance is paid now; a card that asks for 3-D Secure is
 * declined here.
 */
function subscribe(call: Call, session: Stripe.Checkout.Session, field: Field): PageAnswer {
  const method = typedMethod(call, field);
  const paying = withPayer(call, session, field);
  const customer = String(paying.customer);
  attachAllowed(call, method, customer);
  const part = call.store.privatePart('checkout.session', session.id);
  const subscription = createSubscription(call, {
    customer,
    default_payment_method: method.id,
    items: (part?.lineItems ?? []).map(({ price, quantity }) => ({
      price: price.id,
      quantity: quantity ?? undefined,
    })),
    metadata: part?.subscriptionMetadata ?? {},
    payment_behavior: 'error_if_incomplete',
  });
  const done = call.change(paying, {
    invoice: subscription.latest_invoice,
    payment_status: 'paid',
    status: 'complete',
    subscription: subscription.id,
    url: null,
  });
  call.emit('checkout.session.completed', done);
  return redirect(successAddress(done));
}

function pay(call: Call, session: Stripe.Checkout.Session, field: Field): PageAnswer {
  const method = typedMethod(call, field);
  const intent = intentOf(call, withPayer(call, session, field));
  const reply = confirmPaymentIntent(call, intent, {
    payment_method: method.id,
    return_url: `${call.baseUrl}/c/pay/${session.id}/return`,
  });
  const outcome = call.store.find('payment_intent', intent.id);
  if (reply.status !== 200) {
    const message = outcome?.last_payment_error?.message ?? 'Your payment was declined.';
    return openPage(call, session, field, { message, fields: {} });
  }
  const challenge = outcome?.next_action?.redirect_to_url?.url;
  return redirect(challenge ?? successAddress(session));
}

/** Pays with what was typed; pressing twice pays once. */
export function payCheckout(call: Call, field: Field): PageAnswer {
  const session = findSession(call);
  if (session === undefined) return notFoundPage();
  if (session.status === 'complete') return redirect(successAddress(session));
  if (session.status !== 'open') return showCheckout(call, field);
  const mistake = emailMistake(field);
  if (mistake !== undefined) return openPage(call, session, field, mistake);
  try {
    if (session.mode === 'payment') return pay(call, session, field);
    return call.store.attempt(() => subscribe(call, session, field));
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    return openPage(call, session, field, mistakesOf(error));
  }
}
