import type Stripe from 'stripe';
import { z } from 'zod';
import { boolean, emptyableText } from '../api/form.ts';
import { listObjects, pageParams } from '../api/list-objects.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { onlyGiven } from '../api/only-given.ts';
import { noSuchObject } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { API_VERSION } from '../api-version.ts';
import { newId } from '../store/identifiers.ts';
import { newEndpoint } from '../webhooks/configured-endpoint.ts';
import { dropDeliveriesTo } from '../webhooks/deliveries.ts';

const enabledEvents = z.array(z.string().regex(/^(\*|[a-z0-9_]+(\.[a-z0-9_]+)+)$/)).min(1);
const endpointUrl = z.url({ protocol: /^https?$/ });

function endpointAt(call: Call): Stripe.WebhookEndpoint {
  const endpoint = call.store.find('webhook_endpoint', call.id);
  if (endpoint === undefined) throw noSuchObject('webhook endpoint', call.id);
  return endpoint;
}

const create = route({
  method: 'POST',
  path: '/v1/webhook_endpoints',
  params: {
    api_version: z.enum([API_VERSION]).optional(),
    description: emptyableText().optional(),
    enabled_events: enabledEvents,
    metadata: metadata().optional(),
    url: endpointUrl,
  },
  notModelled: ['connect'],
  handle(call, given) {
    const secret = newId('whsec', 32);
    const endpoint = newEndpoint(newId('we'), call.nowSeconds, {
      url: given.url,
      enabled_events: given.enabled_events,
      description: given.description ?? null,
      metadata: mergeMetadata({}, given.metadata),
    });
    call.store.insert(endpoint, { secret });
    // As at Stripe, the answer to the creation is the only one that shows the secret.
    return ok({ ...endpoint, secret });
  },
});

const update = route({
  method: 'POST',
  path: '/v1/webhook_endpoints/:id',
  params: {
    description: emptyableText().optional(),
    disabled: boolean().optional(),
    enabled_events: enabledEvents.optional(),
    metadata: metadata().optional(),
    url: endpointUrl.optional(),
  },
  handle(call, { disabled, metadata: change, ...fields }) {
    const endpoint = endpointAt(call);
    const status = disabled === undefined ? endpoint.status : disabled ? 'disabled' : 'enabled';
    return ok(
      call.store.update<Stripe.WebhookEndpoint>({
        ...endpoint,
        ...onlyGiven(fields),
        metadata: mergeMetadata(endpoint.metadata, change),
        status,
      }),
    );
  },
});

const retrieve = route({
  method: 'GET',
  path: '/v1/webhook_endpoints/:id',
  handle: (call) => ok(endpointAt(call)),
});

const list = route({
  method: 'GET',
  path: '/v1/webhook_endpoints',
  params: pageParams,
  handle: (call, given) => ok(listObjects(call, 'webhook_endpoint', given)),
});

const remove = route({
  method: 'DELETE',
  path: '/v1/webhook_endpoints/:id',
  handle(call) {
    const { id, object } = endpointAt(call);
    dropDeliveriesTo(call.store, id);
    call.store.remove(id);
    return ok({ id, object, deleted: true });
  },
});

export const webhookEndpointRoutes: readonly Route[] = [create, retrieve, update, list, remove];
