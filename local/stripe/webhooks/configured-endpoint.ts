import type Stripe from 'stripe';
import { API_VERSION } from '../api-version.ts';
import type { Store } from '../store/store.ts';

/** Always the same id, so that what was undelivered before a restart still finds its endpoint. */
const CONFIGURED_ID = 'we_ConfiguredAtStart';

export function newEndpoint(
  id: string,
  createdSeconds: number,
  fields: { url: string } & Partial<Stripe.WebhookEndpoint>,
): Stripe.WebhookEndpoint {
  return {
    id,
    object: 'webhook_endpoint',
    api_version: API_VERSION,
    application: null,
    created: createdSeconds,
    description: null,
    enabled_events: ['*'],
    livemode: false,
    metadata: {},
    status: 'enabled',
    ...fields,
  };
}

/** Registers the endpoint that needs no API call, for all events, in place of the one configured before. */
export function configureEndpoint(
  store: Store,
  webhook: { url: string; secret: string; oldSecret?: string | undefined },
  nowSeconds: number,
): void {
  store.transaction(() => {
    const known = store.find('webhook_endpoint', CONFIGURED_ID);
    if (known !== undefined) store.update<Stripe.WebhookEndpoint>({ ...known, url: webhook.url });
    else store.insert(newEndpoint(CONFIGURED_ID, nowSeconds, { url: webhook.url }));
    store.setPrivatePart('webhook_endpoint', CONFIGURED_ID, {
      secret: webhook.secret,
      oldSecret: webhook.oldSecret,
    });
  });
}
