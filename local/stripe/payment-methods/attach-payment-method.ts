import type Stripe from 'stripe';
import { invalidRequest, noSuchObject, StripeRefusal } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { privatePartOf } from './supplied-payment-method.ts';
import { setupOutcomeOf } from './test-cards.ts';

/** @throws StripeRefusal 404 when it was attached to no customer before, as one that was never kept. */
export function paymentMethodAt(call: Call, id: string): Stripe.PaymentMethod {
  const method = call.store.find('payment_method', id);
  if (method === undefined) throw noSuchObject('PaymentMethod', id, 'payment_method');
  return method;
}

/** Attaches without asking the bank, as after a payment or setup that the bank has already allowed. */
export function attachAllowed(
  call: Call,
  method: Stripe.PaymentMethod,
  customer: string,
): Stripe.PaymentMethod {
  if (method.customer === customer) return method;
  const attached = call.store.update<Stripe.PaymentMethod>({ ...method, customer });
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
  const detached = call.store.update<Stripe.PaymentMethod>({ ...method, customer: null });
  call.store.setPrivatePart('payment_method', method.id, { ...privatePartOf(call, method.id), used: true });
  call.emit('payment_method.detached', detached, method);
  if (owner?.invoice_settings?.default_payment_method === method.id) {
    const updated = call.store.update<Stripe.Customer>({
      ...owner,
      invoice_settings: { ...owner.invoice_settings, default_payment_method: null },
    });
    call.emit('customer.updated', updated, owner);
  }
  return detached;
}
