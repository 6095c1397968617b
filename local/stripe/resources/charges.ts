import { text } from '../api/form.ts';
import { fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { noSuchObject } from '../api/refusal.ts';
import { ok, type Route, route } from '../api/route.ts';

const retrieve = route({
  method: 'GET',
  path: '/v1/charges/:id',
  handle(call) {
    const charge = call.store.find('charge', call.id);
    if (charge === undefined) throw noSuchObject('charge', call.id);
    return ok(charge);
  },
});

const list = route({
  method: 'GET',
  path: '/v1/charges',
  params: { ...listParams, customer: text().optional(), payment_intent: text().optional() },
  notModelled: ['transfer_group'],
  handle: (call, given) =>
    ok(
      listObjects(call, 'charge', given, [
        ...fieldIs('customer', given.customer),
        ...fieldIs('payment_intent', given.payment_intent),
      ]),
    ),
});

export const chargeRoutes: readonly Route[] = [retrieve, list];
