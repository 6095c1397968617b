import type Stripe from 'stripe';
import { z } from 'zod';
import { boolean, emptyableText, mergeMetadata, metadata } from '../api/form.ts';
import { listing, retrieving } from '../api/list-objects.ts';
import { ok, type Route, route } from '../api/route.ts';
import { API_VERSION, fill } from '../description/objects.ts';
import { newId } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import { dropDeliveriesTo } from '../webhooks/events.ts';

/** Always the same id, so that what was undelivered before a restart still finds its endpoint. */
const CONFIGURED_ID = 'we_ConfiguredAtStart';

/** Registers the endpoint that needs no API call, for all events, in place of the one configured before. */
export function configureEndpoint(
  store: Store,
  webhook: { url: string; secret: string; oldSecret?: string | undefined },
  nowSeconds: number,
): void {
  const { url, secret, oldSecret } = webhook;
  store.transaction(() => {
    const known = store.find('webhook_endpoint', CONFIGURED_ID);
    if (known !== undefined) store.replace({ ...known, url });
    else {
      store.insert(
        fill<Stripe.WebhookEndpoint>('webhook_endpoint', {
          id: CONFIGURED_ID,
          api_version: API_VERSION,
          created: nowSeconds,
          enabled_events: ['*'],
          status: 'enabled',
          url,
        }),
      );
    }
    store.setPrivatePart('webhook_endpoint', CONFIGURED_ID, { secret, oldSecret });
  });
}

const enabledEvents = z.array(z.string().regex(/^(\*|[a-z0-9_]+(\.[a-z0-9_]+)+)$/)).min(1);
const endpointUrl = z.url({ protocol: /^https?$/ });

const create = route({
  method: 'POST',
  path: '/v1/webhook_endpoints',
  params: {
    api_version: z.enum([API_VERSION]).default(API_VERSION),
    description: emptyableText().optional(),
    enabled_events: enabledEvents,
    metadata: metadata().optional(),
    url: endpointUrl,
  },
  handle(call, { metadata: change, ...fields }) {
    const secret = newId('whsec', 32);
    const endpoint = call.create(
      'webhook_endpoint',
      { ...fields, metadata: mergeMetadata({}, change), status: 'enabled' },
      { secret },
    );
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
    const endpoint = call.object('webhook_endpoint');
    const status = disabled === undefined ? undefined : disabled ? 'disabled' : 'enabled';
    return ok(
      call.change(endpoint, { ...fields, metadata: mergeMetadata(endpoint.metadata, change), status }),
    );
  },
});

const remove = route({
  method: 'DELETE',
  path: '/v1/webhook_endpoints/:id',
  handle(call) {
    const { id, object } = call.object('webhook_endpoint');
    dropDeliveriesTo(call.store, id);
    call.store.remove(id);
    return ok({ id, object, deleted: true });
  },
});

export const webhookEndpointRoutes: readonly Route[] = [
  create,
  retrieving('webhook_endpoint'),
  update,
  listing('webhook_endpoint', {}),
  remove,
];
