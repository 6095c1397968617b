import { z } from 'zod';
import { created, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { listing, retrieving } from '../api/list-objects.ts';
import { noSuchReference } from '../api/refusal.ts';
import { ok, type Route, route } from '../api/route.ts';
import { expire } from '../payments/session-life.ts';
import { createSession, sessionParams } from './create-session.ts';

const create = route({
  method: 'POST',
  path: '/v1/checkout/sessions',
  params: sessionParams,
  handle: (call, given) => ok(createSession(call, given)),
});

const update = route({
  method: 'POST',
  path: '/v1/checkout/sessions/:id',
  params: { metadata: metadata().optional() },
  handle(call, given) {
    const session = call.object('checkout.session');
    return ok(call.change(session, { metadata: mergeMetadata(session.metadata ?? {}, given.metadata) }));
  },
});

const expireNow = route({
  method: 'POST',
  path: '/v1/checkout/sessions/:id/expire',
  handle: (call) => ok(expire(call, call.object('checkout.session'))),
});

const listLineItems = route({
  method: 'GET',
  path: '/v1/checkout/sessions/:id/line_items',
  params: { limit: integer(1, 100).optional(), starting_after: text().optional() },
  handle(call, { limit = 10, starting_after: after }) {
    const { id: sessionId } = call.object('checkout.session');
    const all = call.store.privatePart('checkout.session', sessionId)?.lineItems ?? [];
    const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    if (after !== undefined && start === 0) throw noSuchReference('line_item', after, 'starting_after');
    const data = all.slice(start, start + limit);
    return ok({ object: 'list', url: call.path, has_more: start + limit < all.length, data });
  },
});

export const checkoutRoutes: readonly Route[] = [
  create,
  retrieving('checkout.session'),
  update,
  listing('checkout.session', {
    created: created(),
    customer: text(),
    customer_details: z.strictObject({ email: text() }),
    payment_intent: text(),
    status: z.enum(['complete', 'expired', 'open']),
  }),
  expireNow,
  listLineItems,
];
