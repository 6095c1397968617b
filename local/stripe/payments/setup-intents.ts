import type Stripe from 'stripe';
import { z } from 'zod';
import { boolean, created, mergeMetadata, metadata, text } from '../api/form.ts';
import { listing } from '../api/list-objects.ts';
import { invalidParameter, invalidRequest, type Reply, StripeRefusal } from '../api/refusal.ts';
import { type Call, ok, type Route, route, viewOf } from '../api/route.ts';
import { requireCustomer } from '../payment-methods/customers.ts';
import { paymentMethodData } from '../payment-methods/make-payment-method.ts';
import { type Decline, setupOutcomeOf } from '../payment-methods/test-cards.ts';
import {
  attachAllowed,
  markSetUp,
  privatePartOf,
  type SuppliedMethod,
  suppliedPaymentMethod,
} from '../payment-methods/use-payment-method.ts';
import { newId, randomText } from '../store/kinds.ts';
import { authenticationAction, intentWithSecret, refuseMissingReturnUrl } from './confirmation-rules.ts';
import { automaticMethods, mandateData, methodChoice } from './payment-intents.ts';

interface Confirmation extends SuppliedMethod {
  readonly return_url?: string | undefined;
  readonly use_stripe_sdk?: boolean | undefined;
}

const UNEXPECTED_STATE = 'setup_intent_unexpected_state';

function methodToSetUp(
  call: Call,
  intent: Stripe.SetupIntent,
  confirmation: Confirmation,
): Stripe.PaymentMethod {
  const customer = typeof intent.customer === 'string' ? intent.customer : undefined;
  const shown = { setup_intent: intent };
  const supplied = suppliedPaymentMethod(call, confirmation, { shown, customer });
  const attached =
    typeof intent.payment_method === 'string'
      ? call.store.find('payment_method', intent.payment_method)
      : undefined;
  const method = supplied ?? attached;
  if (method !== undefined) return method;
  throw invalidRequest(
    "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.",
    { code: UNEXPECTED_STATE, setup_intent: intent },
  );
}

/** The card is not kept, and the intent can be tried with another one. */
export function failSetup(
  call: Call,
  intent: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  reason: Decline,
): Reply {
  const error = { ...reason, payment_method: method };
  const failed = call.change(intent, {
    last_setup_error: { type: 'card_error', ...error },
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  call.emit('setup_intent.setup_failed', failed);
  return new StripeRefusal(402, 'card_error', reason.message, { ...error, setup_intent: failed }).toReply();
}

/** Keeps the method for the customer, authenticated for the use that was asked for. */
function succeedSetup(call: Call, intent: Stripe.SetupIntent, method: Stripe.PaymentMethod): Reply {
  const done = call.change(intent, {
    last_setup_error: null,
    next_action: null,
    payment_method: method.id,
    status: 'succeeded',
  });
  if (typeof intent.customer === 'string') attachAllowed(call, method, intent.customer);
  if (intent.usage === 'off_session') markSetUp(call, method.id);
  call.emit('setup_intent.succeeded', done);
  return ok(done);
}

/**
 * https://docs.stripe.com/api/setup_intents/confirm
 * @returns 200 with the intent, succeeded or requires_action; or 402 with the bank's refusal, recorded.
 */
export function confirmSetupIntent(
  call: Call,
  intent: Stripe.SetupIntent,
  confirmation: Confirmation,
): Reply {
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw invalidRequest(
      intent.status === 'succeeded'
        ? 'You cannot confirm this SetupIntent because it has already succeeded.'
        : 'You cannot confirm this SetupIntent because it has a status of canceled.',
      { code: UNEXPECTED_STATE, setup_intent: intent },
    );
  }
  refuseMissingReturnUrl(call, intent, confirmation.return_url);
  const method = methodToSetUp(call, intent, confirmation);
  const { testName } = privatePartOf(call, method.id);
  const outcome =
    method.type === 'card' ? setupOutcomeOf(testName, intent.status === 'requires_action') : 'succeeds';
  if (outcome === 'succeeds') return succeedSetup(call, intent, method);
  if (outcome !== 'requires_action') return failSetup(call, intent, method, outcome);
  const waiting = call.change(intent, {
    last_setup_error: null,
    next_action: authenticationAction(call, intent, confirmation),
    payment_method: method.id,
    status: 'requires_action',
  });
  call.emit('setup_intent.requires_action', waiting);
  return ok(waiting);
}

const confirmParams = {
  mandate_data: mandateData.optional(),
  payment_method: text().optional(),
  payment_method_data: paymentMethodData.optional(),
  return_url: z.url().optional(),
  use_stripe_sdk: boolean().optional(),
};

const create = route({
  method: 'POST',
  path: '/v1/setup_intents',
  params: {
    ...confirmParams,
    ...methodChoice,
    confirm: boolean().optional(),
    customer: text().optional(),
    description: text(1000).optional(),
    metadata: metadata().optional(),
    usage: z.enum(['off_session', 'on_session']).default('off_session'),
  },
  handle(call, given) {
    requireCustomer(call, given.customer);
    if (given.confirm !== true && given.return_url !== undefined) {
      throw invalidParameter(
        'The parameter `return_url` cannot be passed when creating a SetupIntent unless confirm is set to true.',
        { param: 'return_url' },
      );
    }
    const id = newId('seti');
    const intent = call.create('setup_intent', {
      id,
      allowed_payment_method_types: given.allowed_payment_method_types,
      automatic_payment_methods: automaticMethods(given),
      client_secret: `${id}_secret_${randomText(25)}`,
      customer: given.customer,
      description: given.description,
      metadata: mergeMetadata({}, given.metadata),
      payment_method_options: { card: { request_three_d_secure: 'automatic' } },
      payment_method_types: given.allowed_payment_method_types ?? ['card'],
      status: 'requires_payment_method',
      usage: given.usage,
    });
    call.emit('setup_intent.created', intent);
    if (given.confirm === true) return confirmSetupIntent(call, intent, given);
    const shown = { setup_intent: intent };
    const method = suppliedPaymentMethod(call, given, { shown, customer: given.customer });
    if (method === undefined) return ok(intent);
    return ok(call.change(intent, { payment_method: method.id, status: 'requires_confirmation' }));
  },
});

const retrieve = route({
  method: 'GET',
  path: '/v1/setup_intents/:id',
  params: { client_secret: text().optional() },
  handle: (call, given) => ok(intentWithSecret(call, 'setup_intent', given.client_secret)),
});

const update = route({
  method: 'POST',
  path: '/v1/setup_intents/:id',
  params: { description: text(1000).optional(), metadata: metadata().optional() },
  handle(call, given) {
    const intent = call.object('setup_intent');
    const merged = mergeMetadata(intent.metadata ?? {}, given.metadata);
    return ok(call.change(intent, { ...given, metadata: merged }));
  },
});

const confirm = route({
  method: 'POST',
  path: '/v1/setup_intents/:id/confirm',
  params: confirmParams,
  handle: (call, given) => confirmSetupIntent(call, call.object('setup_intent'), given),
});

const cancel = route({
  method: 'POST',
  path: '/v1/setup_intents/:id/cancel',
  params: {
    cancellation_reason: z.enum(['abandoned', 'duplicate', 'requested_by_customer']).optional(),
  },
  handle(call, given) {
    const intent = call.object('setup_intent');
    if (intent.status === 'succeeded' || intent.status === 'canceled') {
      throw invalidRequest(
        `You cannot cancel this SetupIntent because it has a status of ${intent.status}.`,
        { code: UNEXPECTED_STATE, setup_intent: intent },
      );
    }
    const canceled = call.change(intent, { ...given, next_action: null, status: 'canceled' });
    call.emit('setup_intent.canceled', canceled);
    return ok(canceled);
  },
});

/** A browser sees nothing of the customer or the metadata. */
const view = viewOf('setup_intent', (intent) => {
  const { customer: _customer, metadata: _metadata, ...visible } = { customer: 0, metadata: 0, ...intent };
  return visible;
});

const retrieveInBrowser = route({
  method: 'GET',
  path: '/v1/setup_intents/:id',
  keyKind: 'publishable',
  params: { client_secret: text() },
  view,
  handle: (call, given) => ok(intentWithSecret(call, 'setup_intent', given.client_secret)),
});

const confirmInBrowser = route({
  method: 'POST',
  path: '/v1/setup_intents/:id/confirm',
  keyKind: 'publishable',
  params: { ...confirmParams, client_secret: text() },
  view,
  handle: (call, { client_secret: secret, ...confirmation }) =>
    confirmSetupIntent(call, intentWithSecret(call, 'setup_intent', secret), confirmation),
});

export const setupIntentRoutes: readonly Route[] = [
  create,
  retrieve,
  update,
  listing('setup_intent', { created: created(), customer: text(), payment_method: text() }),
  confirm,
  cancel,
  retrieveInBrowser,
  confirmInBrowser,
];
