import type Stripe from 'stripe';
import { z } from 'zod';
import { text } from '../api/form.ts';
import { fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { invalidParameter, invalidRequest } from '../api/refusal.ts';
import { ok, type Route, route } from '../api/route.ts';
import { requireCustomer } from '../customers/find-customer.ts';
import { suppliedPaymentMethod } from '../payment-methods/supplied-payment-method.ts';
import { confirmSetupIntent } from './confirm-setup-intent.ts';
import { setupIntentAt, setupIntentWithSecret } from './find-setup-intent.ts';
import { confirmParams, createParams, newSetupIntent } from './setup-intent-fields.ts';

const UPDATE_NOT_MODELLED = [
  'allowed_payment_method_types',
  'attach_to_self',
  'customer',
  'customer_account',
  'excluded_payment_method_types',
  'flow_directions',
  'payment_method',
  'payment_method_configuration',
  'payment_method_data',
  'payment_method_options',
];

const CREATE_NOT_MODELLED = [
  'attach_to_self',
  'confirmation_token',
  'customer_account',
  'excluded_payment_method_types',
  'flow_directions',
  'on_behalf_of',
  'payment_method_configuration',
  'payment_method_options',
  'single_use',
];

const create = route({
  method: 'POST',
  path: '/v1/setup_intents',
  params: createParams,
  notModelled: CREATE_NOT_MODELLED,
  handle(call, given) {
    requireCustomer(call, given.customer);
    if (given.confirm !== true && given.return_url !== undefined) {
      throw invalidParameter(
        'The parameter `return_url` cannot be passed when creating a SetupIntent unless confirm is set to true.',
        { param: 'return_url' },
      );
    }
    const intent = call.store.insert(newSetupIntent(call, given));
    call.emit('setup_intent.created', intent);
    if (given.confirm === true) return confirmSetupIntent(call, intent, given);
    const shown = { setup_intent: intent };
    const method = suppliedPaymentMethod(call, given, { shown, customer: given.customer });
    if (method === undefined) return ok(intent);
    const status = 'requires_confirmation';
    return ok(call.store.update<Stripe.SetupIntent>({ ...intent, payment_method: method.id, status }));
  },
});

const retrieve = route({
  method: 'GET',
  path: '/v1/setup_intents/:id',
  params: { client_secret: text().optional() },
  handle: (call, { client_secret: secret }) =>
    ok(secret === undefined ? setupIntentAt(call) : setupIntentWithSecret(call, secret)),
});

const update = route({
  method: 'POST',
  path: '/v1/setup_intents/:id',
  params: { description: text(1000).optional(), metadata: metadata().optional() },
  notModelled: UPDATE_NOT_MODELLED,
  handle(call, given) {
    const intent = setupIntentAt(call);
    return ok(
      call.store.update<Stripe.SetupIntent>({
        ...intent,
        description: given.description ?? intent.description,
        metadata: mergeMetadata(intent.metadata ?? {}, given.metadata),
      }),
    );
  },
});

const list = route({
  method: 'GET',
  path: '/v1/setup_intents',
  params: { ...listParams, customer: text().optional(), payment_method: text().optional() },
  notModelled: ['attach_to_self', 'customer_account'],
  handle: (call, given) =>
    ok(
      listObjects(call, 'setup_intent', given, [
        ...fieldIs('customer', given.customer),
        ...fieldIs('payment_method', given.payment_method),
      ]),
    ),
});

const confirm = route({
  method: 'POST',
  path: '/v1/setup_intents/:id/confirm',
  params: confirmParams,
  notModelled: ['allowed_payment_method_types', 'confirmation_token', 'payment_method_options'],
  handle: (call, given) => confirmSetupIntent(call, setupIntentAt(call), given),
});

const cancel = route({
  method: 'POST',
  path: '/v1/setup_intents/:id/cancel',
  params: {
    cancellation_reason: z.enum(['abandoned', 'duplicate', 'requested_by_customer']).optional(),
  },
  handle(call, { cancellation_reason: reason }) {
    const intent = setupIntentAt(call);
    if (intent.status === 'succeeded' || intent.status === 'canceled') {
      throw invalidRequest(
        `You cannot cancel this SetupIntent because it has a status of ${intent.status}.`,
        { code: 'setup_intent_unexpected_state', setup_intent: intent },
      );
    }
    const canceled = call.store.update<Stripe.SetupIntent>({
      ...intent,
      cancellation_reason: reason ?? null,
      next_action: null,
      status: 'canceled',
    });
    call.emit('setup_intent.canceled', canceled);
    return ok(canceled);
  },
});

export const setupIntentRoutes: readonly Route[] = [create, retrieve, update, list, confirm, cancel];
