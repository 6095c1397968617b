import type Stripe from 'stripe';
import { z } from 'zod';
import { integer, mergeMetadata, metadata, onlyGiven, text } from '../api/form.ts';
import { fieldIs, listObjects, pageParams, retrieving } from '../api/list-objects.ts';
import { invalidParameter, invalidRequest, noSuchObject, noSuchReference } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { customerAt, requireCustomer } from './customers.ts';
import {
  billingDetails,
  keepBankAccount,
  keepCard,
  readBankAccount,
  readCard,
  typedBankAccount,
  typedCard,
} from './make-payment-method.ts';
import { testCardNamed } from './test-cards.ts';
import {
  attachPaymentMethod,
  detachPaymentMethod,
  namedPaymentMethod,
  refuseCardNumbersFromServers,
  unwrittenCard,
} from './use-payment-method.ts';

const createParams = {
  type: z.enum(['card', 'us_bank_account']),
  allow_redisplay: z.enum(['always', 'limited', 'unspecified']).optional(),
  billing_details: billingDetails.optional(),
  card: z.union([z.strictObject({ token: text() }), typedCard]).optional(),
  metadata: metadata().optional(),
  us_bank_account: typedBankAccount.optional(),
};

const createSchema = z.strictObject(createParams);
type CreateParams = z.output<typeof createSchema>;

function missing(param: string) {
  return invalidParameter(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}

/** https://docs.stripe.com/api/payment_methods/create; numbers come from browsers, tokens from servers. */
function createPaymentMethod(call: Call, given: CreateParams): Stripe.PaymentMethod {
  const extras = {
    allow_redisplay: given.allow_redisplay,
    billing_details: given.billing_details,
    metadata: mergeMetadata({}, given.metadata),
  };
  if (given.type === 'us_bank_account') {
    if (given.us_bank_account === undefined) throw missing('us_bank_account');
    return keepBankAccount(call, readBankAccount(given.us_bank_account), extras);
  }
  if (given.card === undefined) throw missing('card');
  if ('token' in given.card) {
    const { token } = given.card;
    const named = testCardNamed(token.startsWith('tok_') ? token : '');
    if (named === undefined) throw noSuchReference('token', token, 'card[token]');
    return keepCard(call, unwrittenCard(call, named), extras);
  }
  refuseCardNumbersFromServers(call);
  return keepCard(call, readCard(given.card, { nowSeconds: call.nowSeconds, shown: {} }), extras);
}

const create = route({
  method: 'POST',
  path: '/v1/payment_methods',
  params: createParams,
  handle: (call, given) => ok(createPaymentMethod(call, given)),
});

const createInBrowser = route({
  method: 'POST',
  path: '/v1/payment_methods',
  keyKind: 'publishable',
  params: createParams,
  handle: (call, given) => ok(createPaymentMethod(call, given)),
});

const update = route({
  method: 'POST',
  path: '/v1/payment_methods/:id',
  params: {
    allow_redisplay: z.enum(['always', 'limited', 'unspecified']).optional(),
    billing_details: billingDetails.optional(),
    card: z
      .strictObject({ exp_month: integer(1, 12), exp_year: integer(2000, 2099) })
      .partial()
      .optional(),
    metadata: metadata().optional(),
  },
  handle(call, given) {
    const method = call.object('payment_method');
    if (method.customer === null) {
      throw invalidRequest('You must save this PaymentMethod to a customer before you can update it.', {
        code: 'payment_method_unexpected_state',
      });
    }
    const { card, billing_details: billing, metadata: change, allow_redisplay } = given;
    const updated = call.change(method, {
      allow_redisplay,
      billing_details: { ...method.billing_details, ...onlyGiven(billing ?? {}) },
      card: method.card && { ...method.card, ...onlyGiven(card ?? {}) },
      metadata: mergeMetadata(method.metadata ?? {}, change),
    });
    call.emit('payment_method.updated', updated, method);
    return ok(updated);
  },
});

function listOf(
  call: Call,
  customer: string | undefined,
  given: Parameters<typeof listObjects>[2] & {
    type?: string | undefined;
    allow_redisplay?: string | undefined;
  },
) {
  // Without a customer Stripe lists what is for its Treasury; payment methods in between belong to nobody.
  const ofCustomer = customer === undefined ? [{ sql: 'false', values: [] }] : fieldIs('customer', customer);
  return ok(
    listObjects(call, 'payment_method', given, [
      ...ofCustomer,
      ...fieldIs('type', given.type),
      ...fieldIs('allow_redisplay', given.allow_redisplay),
    ]),
  );
}

const listFilter = {
  ...pageParams,
  type: z.enum(['card', 'us_bank_account']).optional(),
  allow_redisplay: z.enum(['always', 'limited', 'unspecified']).optional(),
};

const list = route({
  method: 'GET',
  path: '/v1/payment_methods',
  params: { ...listFilter, customer: text().optional() },
  handle(call, { customer, ...given }) {
    requireCustomer(call, customer);
    return listOf(call, customer, given);
  },
});

const listOfCustomer = route({
  method: 'GET',
  path: '/v1/customers/:id/payment_methods',
  params: listFilter,
  handle: (call, given) => listOf(call, customerAt(call).id, given),
});

const retrieveOfCustomer = route({
  method: 'GET',
  path: '/v1/customers/:id/payment_methods/:subId',
  handle(call) {
    const method = call.object('payment_method', call.subId);
    if (method.customer !== customerAt(call).id) {
      throw noSuchObject('PaymentMethod', call.subId, 'payment_method');
    }
    return ok(method);
  },
});

const attach = route({
  method: 'POST',
  path: '/v1/payment_methods/:id/attach',
  params: { customer: text() },
  handle(call, { customer }) {
    requireCustomer(call, customer);
    return ok(attachPaymentMethod(call, namedPaymentMethod(call, call.id), customer));
  },
});

const detach = route({
  method: 'POST',
  path: '/v1/payment_methods/:id/detach',
  handle: (call) => ok(detachPaymentMethod(call, call.object('payment_method'))),
});

export const paymentMethodRoutes: readonly Route[] = [
  create,
  createInBrowser,
  retrieving('payment_method'),
  update,
  list,
  listOfCustomer,
  retrieveOfCustomer,
  attach,
  detach,
];
