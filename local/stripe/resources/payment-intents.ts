import type Stripe from 'stripe';
import { z } from 'zod';
import { text } from '../api/form.ts';
import { fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { invalidRequest, noSuchObject } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { cancelPaymentIntent } from '../payments/cancel-payment-intent.ts';
import { confirmPaymentIntent } from '../payments/confirm-payment-intent.ts';
import { createPaymentIntent } from '../payments/create-payment-intent.ts';
import { confirmParams, createParams } from '../payments/payment-intent-params.ts';
import { updateParams, updatePaymentIntent } from '../payments/update-payment-intent.ts';

const NEVER_MODELLED = [
  'amount_details',
  'excluded_payment_method_types',
  'hooks',
  'payment_details',
  'payment_method_options',
  'shipping',
];

const CREATE_NOT_MODELLED = [
  ...NEVER_MODELLED,
  'application_fee_amount',
  'confirmation_token',
  'customer_account',
  'mandate',
  'on_behalf_of',
  'payment_method_configuration',
  'radar_options',
  'transfer_data',
  'transfer_group',
];

const UPDATE_NOT_MODELLED = [
  ...NEVER_MODELLED,
  'allowed_payment_method_types',
  'application_fee_amount',
  'capture_method',
  'customer_account',
  'payment_method_configuration',
  'payment_method_data',
  'transfer_data',
  'transfer_group',
];

const CONFIRM_NOT_MODELLED = [
  ...NEVER_MODELLED,
  'allowed_payment_method_types',
  'amount_to_confirm',
  'capture_method',
  'confirmation_token',
  'mandate',
  'radar_options',
];

export function paymentIntentAt(call: Call): Stripe.PaymentIntent {
  const intent = call.store.find('payment_intent', call.id);
  if (intent === undefined) throw noSuchObject('payment_intent', call.id, 'intent');
  return intent;
}

/** @throws StripeRefusal 400 unless the secret is this intent's own. */
export function checkClientSecret(intent: Stripe.PaymentIntent, clientSecret: string): void {
  if (intent.client_secret === clientSecret) return;
  throw invalidRequest(
    'The client_secret provided does not match the client_secret associated with the PaymentIntent.',
    { code: 'payment_intent_invalid_parameter', param: 'client_secret' },
  );
}

const create = route({
  method: 'POST',
  path: '/v1/payment_intents',
  params: createParams,
  notModelled: CREATE_NOT_MODELLED,
  handle: createPaymentIntent,
});

const retrieve = route({
  method: 'GET',
  path: '/v1/payment_intents/:id',
  params: { client_secret: text().optional() },
  handle(call, { client_secret: clientSecret }) {
    const intent = paymentIntentAt(call);
    if (clientSecret !== undefined) checkClientSecret(intent, clientSecret);
    return ok(intent);
  },
});

const update = route({
  method: 'POST',
  path: '/v1/payment_intents/:id',
  params: updateParams,
  notModelled: UPDATE_NOT_MODELLED,
  handle: (call, given) => updatePaymentIntent(call, paymentIntentAt(call), given),
});

const list = route({
  method: 'GET',
  path: '/v1/payment_intents',
  params: { ...listParams, customer: text().optional() },
  notModelled: ['customer_account'],
  handle: (call, given) =>
    ok(listObjects(call, 'payment_intent', given, fieldIs('customer', given.customer))),
});

const confirm = route({
  method: 'POST',
  path: '/v1/payment_intents/:id/confirm',
  params: confirmParams,
  notModelled: CONFIRM_NOT_MODELLED,
  handle: (call, given) => confirmPaymentIntent(call, paymentIntentAt(call), given),
});

const cancel = route({
  method: 'POST',
  path: '/v1/payment_intents/:id/cancel',
  params: {
    cancellation_reason: z.enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  },
  handle: (call, given) => cancelPaymentIntent(call, paymentIntentAt(call), given.cancellation_reason),
});

export const paymentIntentRoutes: readonly Route[] = [create, retrieve, update, list, confirm, cancel];
