import { text } from '../api/form.ts';
import { fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { noSuchObject } from '../api/refusal.ts';
import { ok, type Route, route } from '../api/route.ts';
import { createRefund, refundParams } from '../payments/create-refund.ts';

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
  handle(call) {
    const refund = call.store.find('refund', call.id);
    if (refund === undefined) throw noSuchObject('refund', call.id);
    return ok(refund);
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

export const refundRoutes: readonly Route[] = [create, retrieve, list];
