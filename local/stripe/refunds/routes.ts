import type Stripe from 'stripe';
import { text } from '../api/form.ts';
import { fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { noSuchObject } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { createRefund, refundParams } from './create-refund.ts';

function refundAt(call: Call): Stripe.Refund {
  const refund = call.store.find('refund', call.id);
  if (refund === undefined) throw noSuchObject('refund', call.id);
  return refund;
}

const create = route({
  method: 'POST',
  path: '/v1/refunds',
  params: refundParams,
  notModelled: [
    'currency',
    'customer',
    'instructions_email',
    'origin',
    'refund_application_fee',
    'reverse_transfer',
  ],
  handle: createRefund,
});

const retrieve = route({
  method: 'GET',
  path: '/v1/refunds/:id',
  handle: (call) => ok(refundAt(call)),
});

const update = route({
  method: 'POST',
  path: '/v1/refunds/:id',
  params: { metadata: metadata().optional() },
  handle(call, given) {
    const refund = refundAt(call);
    const updated = call.store.update<Stripe.Refund>({
      ...refund,
      metadata: mergeMetadata(refund.metadata ?? {}, given.metadata),
    });
    call.emit('refund.updated', updated, refund);
    return ok(updated);
  },
});

const list = route({
  method: 'GET',
  path: '/v1/refunds',
  params: { ...listParams, charge: text().optional(), payment_intent: text().optional() },
  handle: (call, given) =>
    ok(
      listObjects(call, 'refund', given, [
        ...fieldIs('charge', given.charge),
        ...fieldIs('payment_intent', given.payment_intent),
      ]),
    ),
});

export const refundRoutes: readonly Route[] = [create, retrieve, update, list];
