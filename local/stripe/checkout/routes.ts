import type Stripe from 'stripe';
import { z } from 'zod';
import { integer, text } from '../api/form.ts';
import { fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { noSuchObject, noSuchReference } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { createSession } from './create-session.ts';
import { expire } from './expire-session.ts';
import { SESSION_NOT_MODELLED, sessionParams } from './session-params.ts';

function sessionAt(call: Call): Stripe.Checkout.Session {
  const session = call.store.find('checkout.session', call.id);
  if (session === undefined) throw noSuchObject('checkout.session', call.id, 'session');
  return session;
}

const create = route({
  method: 'POST',
  path: '/v1/checkout/sessions',
  params: sessionParams,
  notModelled: SESSION_NOT_MODELLED,
  handle: (call, given) => ok(createSession(call, given)),
});

const retrieve = route({
  method: 'GET',
  path: '/v1/checkout/sessions/:id',
  handle: (call) => ok(sessionAt(call)),
});

const update = route({
  method: 'POST',
  path: '/v1/checkout/sessions/:id',
  params: { metadata: metadata().optional() },
  notModelled: ['collected_information', 'line_items', 'payment_intent_data', 'shipping_options'],
  handle(call, given) {
    const session = sessionAt(call);
    return ok(
      call.store.update<Stripe.Checkout.Session>({
        ...session,
        metadata: mergeMetadata(session.metadata ?? {}, given.metadata),
      }),
    );
  },
});

const list = route({
  method: 'GET',
  path: '/v1/checkout/sessions',
  params: {
    ...listParams,
    customer: text().optional(),
    customer_details: z.strictObject({ email: text() }).optional(),
    payment_intent: text().optional(),
    status: z.enum(['complete', 'expired', 'open']).optional(),
  },
  notModelled: ['customer_account', 'payment_link', 'subscription'],
  handle: (call, given) =>
    ok(
      listObjects(call, 'checkout.session', given, [
        ...fieldIs('customer', given.customer),
        ...fieldIs('customer_details.email', given.customer_details?.email),
        ...fieldIs('payment_intent', given.payment_intent),
        ...fieldIs('status', given.status),
      ]),
    ),
});

const expireNow = route({
  method: 'POST',
  path: '/v1/checkout/sessions/:id/expire',
  handle: (call) => ok(expire(call, sessionAt(call))),
});

const listLineItems = route({
  method: 'GET',
  path: '/v1/checkout/sessions/:id/line_items',
  params: { limit: integer(1, 100).optional(), starting_after: text().optional() },
  notModelled: ['ending_before'],
  handle(call, { limit = 10, starting_after: after }) {
    const all = call.store.privatePart('checkout.session', sessionAt(call).id)?.lineItems ?? [];
    const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    if (after !== undefined && start === 0) throw noSuchReference('line_item', after, 'starting_after');
    const data = all.slice(start, start + limit);
    return ok({ object: 'list', url: call.path, has_more: start + limit < all.length, data });
  },
});

export const checkoutRoutes: readonly Route[] = [create, retrieve, update, list, expireNow, listLineItems];
