import type Stripe from 'stripe';
import { z } from 'zod';
import { text } from '../api/form.ts';
import { fieldIs, listing, retrieving } from '../api/list-objects.ts';
import { invalidRequest } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { listSummaries } from './summaries.ts';

const CUSTOMER_KEY = 'stripe_customer_id';
const VALUE_KEY = 'value';

/** The meter that counts events of this name, the active one before those that were. */
export function meterFor(call: Call, eventName: string): Stripe.Billing.Meter | undefined {
  const meters = call.store.page('billing.meter', fieldIs('event_name', eventName), { limit: 100 }).data;
  return meters.find(({ status }) => status === 'active') ?? meters[0];
}

function refuseSecondMeter(call: Call, eventName: string, except = ''): void {
  const known = meterFor(call, eventName);
  if (known?.status !== 'active' || known.id === except) return;
  throw invalidRequest(`There's already an active meter with the event name ${eventName}.`, {
    param: 'event_name',
  });
}

const create = route({
  method: 'POST',
  path: '/v1/billing/meters',
  params: {
    customer_mapping: z.strictObject({ event_payload_key: text(100), type: z.literal('by_id') }).optional(),
    default_aggregation: z.strictObject({ formula: z.enum(['count', 'last', 'sum']) }),
    display_name: text(250),
    event_name: text(100),
    value_settings: z.strictObject({ event_payload_key: text(100) }).optional(),
  },
  handle(call, given) {
    refuseSecondMeter(call, given.event_name);
    const meter = call.create('billing.meter', {
      ...given,
      customer_mapping: given.customer_mapping ?? { event_payload_key: CUSTOMER_KEY },
      value_settings: given.value_settings ?? { event_payload_key: VALUE_KEY },
      status: 'active',
      updated: call.nowSeconds,
    });
    call.emit('billing.meter.created', meter);
    return ok(meter);
  },
});

/** Nothing but what people read can be changed. */
const update = route({
  method: 'POST',
  path: '/v1/billing/meters/:id',
  params: { display_name: text(250).optional() },
  handle(call, given) {
    const meter = call.object('billing.meter');
    const updated = call.change(meter, { ...given, updated: call.nowSeconds });
    call.emit('billing.meter.updated', updated, meter);
    return ok(updated);
  },
});

const deactivate = route({
  method: 'POST',
  path: '/v1/billing/meters/:id/deactivate',
  handle(call) {
    const meter = call.object('billing.meter');
    if (meter.status !== 'active') throw invalidRequest('This meter is already inactive.');
    const inactive = call.change(meter, {
      status: 'inactive',
      status_transitions: { deactivated_at: call.nowSeconds },
      updated: call.nowSeconds,
    });
    call.emit('billing.meter.deactivated', inactive);
    return ok(inactive);
  },
});

const reactivate = route({
  method: 'POST',
  path: '/v1/billing/meters/:id/reactivate',
  handle(call) {
    const meter = call.object('billing.meter');
    if (meter.status === 'active') throw invalidRequest('This meter is already active.');
    refuseSecondMeter(call, meter.event_name, meter.id);
    const active = call.change(meter, {
      status: 'active',
      status_transitions: { deactivated_at: null },
      updated: call.nowSeconds,
    });
    call.emit('billing.meter.reactivated', active);
    return ok(active);
  },
});

export const meterRoutes: readonly Route[] = [
  create,
  retrieving('billing.meter'),
  update,
  listing('billing.meter', { status: z.enum(['active', 'inactive']) }),
  deactivate,
  reactivate,
  listSummaries,
];
