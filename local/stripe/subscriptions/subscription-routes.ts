import { z } from 'zod';
import { boolean, created, text } from '../api/form.ts';
import { fieldIs, listObjects, pageParams, retrieving } from '../api/list-objects.ts';
import { noSuchObject } from '../api/refusal.ts';
import { ok, type Route, route } from '../api/route.ts';
import { timeOf } from '../payment-methods/time-of-customer.ts';
import { changeSubscription, updateParams } from './change-subscription.ts';
import { createParams, createSubscription } from './create-subscription.ts';
import { pauseRoutes } from './pause-subscription.ts';
import { endSubscription } from './renew-subscription.ts';

const create = route({
  method: 'POST',
  path: '/v1/subscriptions',
  params: createParams,
  handle: (call, given) => ok(createSubscription(call, given)),
});

const update = route({
  method: 'POST',
  path: '/v1/subscriptions/:id',
  params: updateParams,
  handle: (call, given) => ok(changeSubscription(call, call.object('subscription'), given)),
});

const cancel = route({
  method: 'DELETE',
  path: '/v1/subscriptions/:id',
  params: { invoice_now: boolean().optional(), prorate: boolean().optional() },
  handle(call, given) {
    const subscription = call.object('subscription');
    if (subscription.status === 'canceled') throw noSuchObject('subscription', subscription.id);
    const at = timeOf(call, String(subscription.customer));
    return ok(endSubscription(call, subscription, at, given.invoice_now === true));
  },
});

/** Those that ended are listed only when they are asked for. */
const list = route({
  method: 'GET',
  path: '/v1/subscriptions',
  params: {
    ...pageParams,
    created: created().optional(),
    customer: text().optional(),
    status: z
      .enum(['active', 'all', 'canceled', 'incomplete', 'past_due', 'paused', 'trialing', 'unpaid'])
      .optional(),
  },
  handle(call, given) {
    const { status } = given;
    const living = { sql: `json_extract(body, '$.status') <> 'canceled'`, values: [] };
    return ok(
      listObjects(call, 'subscription', given, [
        ...fieldIs('customer', given.customer),
        ...(status === 'all' ? [] : status === undefined ? [living] : fieldIs('status', status)),
      ]),
    );
  },
});

export const subscriptionRoutes: readonly Route[] = [
  create,
  ...pauseRoutes,
  retrieving('subscription'),
  update,
  cancel,
  list,
];
