import type Stripe from 'stripe';
import { z } from 'zod';
import { integer, text } from '../api/form.ts';
import { fieldIs, listObjects, pageParams } from '../api/list-objects.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { onlyGiven } from '../api/only-given.ts';
import { invalidRequest, noSuchObject } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { customerAt, requireCustomer } from '../customers/find-customer.ts';
import { attachPaymentMethod, detachPaymentMethod, paymentMethodAt } from './attach-payment-method.ts';
import { createParams, createPaymentMethod } from './create-payment-method.ts';
import { OTHER_METHODS } from './other-methods.ts';
import { billingDetails } from './read-card.ts';
import { namedPaymentMethod } from './supplied-payment-method.ts';

const methodType = z.enum(['card', 'us_bank_account']);

const create = route({
  method: 'POST',
  path: '/v1/payment_methods',
  params: createParams,
  notModelled: OTHER_METHODS,
  handle: (call, given) => ok(createPaymentMethod(call, given)),
});

const createInBrowser = route({
  method: 'POST',
  path: '/v1/payment_methods',
  keyKind: 'publishable',
  params: createParams,
  handle: (call, given) => ok(createPaymentMethod(call, given)),
});

const retrieve = route({
  method: 'GET',
  path: '/v1/payment_methods/:id',
  handle: (call) => ok(paymentMethodAt(call, call.id)),
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
  notModelled: ['us_bank_account'],
  handle(call, given) {
    const method = paymentMethodAt(call, call.id);
    if (method.customer === null) {
      throw invalidRequest('You must save this PaymentMethod to a customer before you can update it.', {
        code: 'payment_method_unexpected_state',
      });
    }
    const { card, billing_details: billing, metadata: change, allow_redisplay: allowRedisplay } = given;
    const updated = call.store.update<Stripe.PaymentMethod>({
      ...method,
      ...onlyGiven({ allow_redisplay: allowRedisplay }),
      billing_details: { ...method.billing_details, ...onlyGiven(billing ?? {}) },
      metadata: mergeMetadata(method.metadata ?? {}, change),
      ...(method.card === undefined ? {} : { card: { ...method.card, ...onlyGiven(card ?? {}) } }),
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
  type: methodType.optional(),
  allow_redisplay: z.enum(['always', 'limited', 'unspecified']).optional(),
};

const list = route({
  method: 'GET',
  path: '/v1/payment_methods',
  params: { ...listFilter, customer: text().optional() },
  notModelled: ['customer_account'],
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
    const method = paymentMethodAt(call, call.subId);
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
  notModelled: ['customer_account'],
  handle(call, { customer }) {
    requireCustomer(call, customer);
    return ok(attachPaymentMethod(call, namedPaymentMethod(call, call.id), customer));
  },
});

const detach = route({
  method: 'POST',
  path: '/v1/payment_methods/:id/detach',
  handle: (call) => ok(detachPaymentMethod(call, paymentMethodAt(call, call.id))),
});

export const paymentMethodRoutes: readonly Route[] = [
  create,
  createInBrowser,
  retrieve,
  update,
  list,
  listOfCustomer,
  retrieveOfCustomer,
  attach,
  detach,
];
