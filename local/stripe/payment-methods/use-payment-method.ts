import type Stripe from 'stripe';
import { invalidParameter, invalidRequest, noSuchReference, StripeRefusal } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import {
  keepBankAccount,
  keepCard,
  type PaymentMethodData,
  readCard,
  type ShownIntent,
} from './make-payment-method.ts';
import { testBankAccountNamed } from './test-bank-accounts.ts';
import { type CardFace, setupOutcomeOf, testCardNamed } from './test-cards.ts';

export interface SuppliedMethod {
  readonly payment_method?: string | undefined;
  readonly payment_method_data?: PaymentMethodData | undefined;
}

const RAW_CARD_REFUSED =
  'Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens that map to the test card you are using, see https://stripe.com/docs/testing.';

/** A server that handles card numbers needs a PCI assessment; Stripe refuses it unless it was switched on. */
export function refuseCardNumbersFromServers(call: Call): void {
  if (call.keyKind === 'secret') throw invalidRequest(RAW_CARD_REFUSED);
}

/** The card behind a test id, good until the end of next year. */
export function unwrittenCard(call: Call, { name, face }: { name: string; face: CardFace }) {
  const expYear = new Date(call.nowSeconds * 1000).getUTCFullYear() + 1;
  return { testCardName: name, face, expMonth: 12, expYear };
}

/**
 * The payment method with this id; Stripe's test ids make a new one each time.
 * @throws StripeRefusal resource_missing, or 400 for one that was used up or detached.
 */
export function namedPaymentMethod(call: Call, id: string): Stripe.PaymentMethod {
  const card = testCardNamed(id.startsWith('pm_') ? id : '');
  if (card !== undefined) return keepCard(call, unwrittenCard(call, card));
  const account = testBankAccountNamed(id);
  if (account !== undefined) return keepBankAccount(call, account);
  const method = call.store.find('payment_method', id);
  if (method === undefined) throw noSuchReference('PaymentMethod', id, 'payment_method');
  if (call.store.privatePart('payment_method', id)?.used) {
    throw invalidRequest(
      'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.',
    );
  }
  return method;
}

/** @throws StripeRefusal 400 when the method belongs to another customer than the one who pays, or to one at all. */
function refuseMethodOfOthers(method: Stripe.PaymentMethod, customer: string | undefined): void {
  if (method.customer === null || method.customer === customer) return;
  throw invalidRequest(
    customer === undefined
      ? 'The payment method you provided is attached to a customer so for security purposes you must provide the customer in the request.'
      : `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
    { param: 'payment_method' },
  );
}

/**
 * The payment method that a request brings along, or undefined if it brings none.
 * @param shown the intent to show when a typed card is refused.
 */
export function suppliedPaymentMethod(
  call: Call,
  supplied: SuppliedMethod,
  { shown, customer }: { shown: ShownIntent; customer: string | undefined },
): Stripe.PaymentMethod | undefined {
  const { payment_method: id, payment_method_data: data } = supplied;
  if (id !== undefined && data !== undefined) {
    throw invalidParameter(
      'You may only specify one of these parameters: payment_method, payment_method_data.',
    );
  }
  if (id !== undefined) {
    const method = namedPaymentMethod(call, id);
    refuseMethodOfOthers(method, customer);
    return method;
  }
  if (data === undefined) return undefined;
  refuseCardNumbersFromServers(call);
  const card = readCard(data.card, { nowSeconds: call.nowSeconds, shown });
  return keepCard(call, card, {
    allow_redisplay: data.allow_redisplay,
    billing_details: data.billing_details,
  });
}

/** What a payment method was made from, with the default for one that is unknown. */
export function privatePartOf(call: Call, methodId: string) {
  const part = call.store.privatePart('payment_method', methodId);
  return { testName: part?.testName ?? '', used: part?.used ?? false, setUp: part?.setUp ?? false };
}

/** A card that was not attached to a customer pays once. */
export function markUsed(call: Call, method: Stripe.PaymentMethod): void {
  if (method.customer !== null) return;
  call.store.setPrivatePart('payment_method', method.id, { ...privatePartOf(call, method.id), used: true });
}

/** Its holder has authenticated it for use without them. */
export function markSetUp(call: Call, methodId: string): void {
  call.store.setPrivatePart('payment_method', methodId, { ...privatePartOf(call, methodId), setUp: true });
}

/** Attaches without asking the bank, as after a payment or setup that the bank has already allowed. */
export function attachAllowed(
  call: Call,
  method: Stripe.PaymentMethod,
  customer: string,
): Stripe.PaymentMethod {
  if (method.customer === customer) return method;
  const attached = call.change(method, {
    customer,
  });
  call.emit('payment_method.attached', attached);
  return attached;
}

/**
 * https://docs.stripe.com/api/payment_methods/attach
 * @throws StripeRefusal 402 for a card whose bank refuses, 400 when it belongs to another customer.
 */
export function attachPaymentMethod(
  call: Call,
  method: Stripe.PaymentMethod,
  customer: string,
): Stripe.PaymentMethod {
  if (method.customer !== null && method.customer !== customer) {
    throw invalidRequest('The payment method you provided has already been attached to a customer.', {
      code: 'payment_method_unexpected_state',
    });
  }
  // The holder is not asked: a card that needs authentication asks for it when it is used.
  const outcome =
    method.type === 'card' ? setupOutcomeOf(privatePartOf(call, method.id).testName, true) : 'succeeds';
  if (typeof outcome === 'object') throw new StripeRefusal(402, 'card_error', outcome.message, outcome);
  return attachAllowed(call, method, customer);
}

/** https://docs.stripe.com/api/payment_methods/detach; what was detached can never be used again. */
export function detachPaymentMethod(call: Call, method: Stripe.PaymentMethod): Stripe.PaymentMethod {
  if (typeof method.customer !== 'string') {
    throw invalidRequest(
      'The payment method you provided is not attached to a customer so detachment is impossible.',
      { param: 'payment_method' },
    );
  }
  const owner = call.store.find('customer', method.customer);
  const detached = call.change(method, {
    customer: null,
  });
  call.store.setPrivatePart('payment_method', method.id, { ...privatePartOf(call, method.id), used: true });
  call.emit('payment_method.detached', detached, method);
  if (owner?.invoice_settings?.default_payment_method === method.id) {
    const updated = call.change(owner, {
      invoice_settings: { ...owner.invoice_settings, default_payment_method: null },
    });
    call.emit('customer.updated', updated, owner);
  }
  return detached;
}
