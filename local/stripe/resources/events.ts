import { z } from 'zod';
import { boolean, created, text } from '../api/form.ts';
import { fieldIn, fieldIs, listObjects, pageParams } from '../api/list-objects.ts';
import { invalidParameter, noSuchObject } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import type { WireEvent } from '../store/kinds.ts';
import type { Condition } from '../store/store.ts';
import { pendingWebhooks } from '../webhooks/events.ts';

const RETENTION_SECONDS = 30 * 24 * 60 * 60;

function withPendingWebhooks(call: Call, event: WireEvent): WireEvent {
  return { ...event, pending_webhooks: pendingWebhooks(call.store, event.id) };
}

/** `type` may end in a wildcard, such as `charge.*`. */
function typeConditions(type: string | undefined): Condition[] {
  if (type === undefined || !type.includes('*')) return fieldIs('type', type);
  return [{ sql: `json_extract(body, '$.type') GLOB ?`, values: [type] }];
}

/** False finds what is still pending as well as what was given up; true finds what every endpoint accepted. */
function deliveryConditions(success: boolean | undefined): Condition[] {
  if (success === undefined) return [];
  const undelivered = `EXISTS (SELECT 1 FROM deliveries WHERE event_id = objects.id AND state <> 'delivered')`;
  return [{ sql: success ? `NOT ${undelivered}` : undelivered, values: [] }];
}

const retrieve = route({
  method: 'GET',
  path: '/v1/events/:id',
  handle(call) {
    const event = call.object('event');
    if (event.created < call.nowSeconds - RETENTION_SECONDS) {
      throw noSuchObject('event', call.id);
    }
    return ok(withPendingWebhooks(call, event));
  },
});

const list = route({
  method: 'GET',
  path: '/v1/events',
  params: {
    ...pageParams,
    created: created().optional(),
    delivery_success: boolean().optional(),
    type: z
      .string()
      .regex(/^[a-z0-9_.*]+$/)
      .optional(),
    types: z.array(text()).max(20).optional(),
  },
  handle(call, given) {
    if (given.type !== undefined && given.types !== undefined) {
      throw invalidParameter('You may only specify one of these parameters: type, types.');
    }
    const page = listObjects(call, 'event', given, [
      { sql: 'created >= ?', values: [call.nowSeconds - RETENTION_SECONDS] },
      ...typeConditions(given.type),
      ...fieldIn('type', given.types),
      ...deliveryConditions(given.delivery_success),
    ]);
    return ok({ ...page, data: page.data.map((event) => withPendingWebhooks(call, event)) });
  },
});

export const eventRoutes: readonly Route[] = [retrieve, list];
