import { z } from 'zod';
import { checkChargeAmount } from '../api/amount.ts';
import { boolean, created, text } from '../api/form.ts';
import { listing } from '../api/list-objects.ts';
import { invalidParameter, type Reply } from '../api/refusal.ts';
import { type Call, ok, type Route, route, viewOf } from '../api/route.ts';
import { requireCustomer } from '../payment-methods/customers.ts';
import { paymentMethodData } from '../payment-methods/make-payment-method.ts';
import { suppliedPaymentMethod } from '../payment-methods/use-payment-method.ts';
import { confirmPaymentIntent } from './confirm-payment-intent.ts';
import { intentWithSecret } from './confirmation-rules.ts';
import {
  type CreateParams,
  cancelPaymentIntent,
  confirmParams,
  createParams,
  futureUsage,
  newPaymentIntent,
  updateParams,
  updatePaymentIntent,
} from './payment-intents.ts';
import { methodOfToken } from './shared-tokens.ts';

const ONLY_WITH_CONFIRM = ['error_on_requires_action', 'off_session', 'return_url'] as const;

/** https://docs.stripe.com/api/payment_intents/create; with `confirm` it is paid, or declined (402), at once. */
function createPaymentIntent(call: Call, given: CreateParams): Reply {
  checkChargeAmount(given.amount, given.currency);
  requireCustomer(call, given.customer);
  const misplaced = ONLY_WITH_CONFIRM.find((name) => given[name] !== undefined);
  if (given.confirm !== true && misplaced !== undefined) {
    throw invalidParameter(
      `The parameter \`${misplaced}\` cannot be passed when creating a PaymentIntent unless confirm is set to true.`,
      { param: misplaced },
    );
  }
  const { shared_payment_granted_token: token } = given;
  const method = token === undefined ? undefined : methodOfToken(call, token, given);
  const intent = newPaymentIntent(call, given);
  if (given.confirm === true) {
    call.emit('payment_intent.created', intent);
    return confirmPaymentIntent(
      call,
      intent,
      method === undefined ? given : { ...given, payment_method: method.id },
    );
  }
  const supplied = suppliedPaymentMethod(call, given, {
    shown: { payment_intent: intent },
    customer: given.customer,
  });
  const created =
    supplied === undefined
      ? intent
      : call.change(intent, {
          payment_method: supplied.id,
          status: 'requires_confirmation',
        });
  call.emit('payment_intent.created', created);
  return ok(created);
}

const create = route({
  method: 'POST',
  path: '/v1/payment_intents',
  params: createParams,
  handle: createPaymentIntent,
});

const retrieve = route({
  method: 'GET',
  path: '/v1/payment_intents/:id',
  params: { client_secret: text().optional() },
  handle: (call, given) => ok(intentWithSecret(call, 'payment_intent', given.client_secret)),
});

const update = route({
  method: 'POST',
  path: '/v1/payment_intents/:id',
  params: updateParams,
  handle: (call, given) => updatePaymentIntent(call, call.object('payment_intent'), given),
});

const confirm = route({
  method: 'POST',
  path: '/v1/payment_intents/:id/confirm',
  params: confirmParams,
  handle: (call, given) => confirmPaymentIntent(call, call.object('payment_intent'), given),
});

const cancel = route({
  method: 'POST',
  path: '/v1/payment_intents/:id/cancel',
  params: {
    cancellation_reason: z.enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  },
  handle: (call, given) =>
    cancelPaymentIntent(call, call.object('payment_intent'), given.cancellation_reason),
});

/** What the holder of a publishable key may see: nothing about the customer, the charge or the metadata. */
const VISIBLE_FIELDS = [
  'id',
  'object',
  'amount',
  'amount_details',
  'automatic_payment_methods',
  'canceled_at',
  'cancellation_reason',
  'capture_method',
  'client_secret',
  'confirmation_method',
  'created',
  'currency',
  'description',
  'last_payment_error',
  'livemode',
  'next_action',
  'payment_method',
  'payment_method_types',
  'processing',
  'receipt_email',
  'setup_future_usage',
  'shipping',
  'source',
  'status',
];

const view = viewOf('payment_intent', (intent) =>
  Object.fromEntries(Object.entries(intent).filter(([field]) => VISIBLE_FIELDS.includes(field))),
);

const retrieveInBrowser = route({
  method: 'GET',
  path: '/v1/payment_intents/:id',
  keyKind: 'publishable',
  params: { client_secret: text() },
  view,
  handle: (call, given) => ok(intentWithSecret(call, 'payment_intent', given.client_secret)),
});

const confirmInBrowser = route({
  method: 'POST',
  path: '/v1/payment_intents/:id/confirm',
  keyKind: 'publishable',
  params: {
    client_secret: text(),
    payment_method: text().optional(),
    payment_method_data: paymentMethodData.optional(),
    return_url: z.url().optional(),
    setup_future_usage: futureUsage.optional(),
    use_stripe_sdk: boolean().optional(),
  },
  view,
  handle: (call, { client_secret: secret, ...confirmation }) =>
    confirmPaymentIntent(call, intentWithSecret(call, 'payment_intent', secret), confirmation),
});

export const paymentIntentRoutes: readonly Route[] = [
  create,
  retrieve,
  update,
  listing('payment_intent', { created: created(), customer: text() }),
  confirm,
  cancel,
  retrieveInBrowser,
  confirmInBrowser,
];
