import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createApp } from './api/create-app.ts';
import type { Fault } from './api/execute-call.ts';
import { IdempotencyKeys } from './api/idempotency-keys.ts';
import { openDatabase } from './store/open-database.ts';
import { Store } from './store/store.ts';
import { configureEndpoint } from './webhooks/configured-endpoint.ts';
import { WebhookDispatcher } from './webhooks/webhook-dispatcher.ts';

export interface StripeStandInOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly host?: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  /** An endpoint that gets all events without being registered over the API. */
  readonly webhook?: { readonly url: string; readonly secret: string };
  /** A path, or ':memory:' for a stand-in that forgets. */
  readonly databaseFile: string;
  /** Waits before each further attempt to deliver an event; after the last one it stays undelivered. */
  readonly retryDelaysMs?: readonly number[];
  /** Milliseconds since 1970; governs timestamps and expiry, not the waits between deliveries. */
  readonly now?: () => number;
  /** How long every API request takes, which is what makes requests with the same key overlap. */
  readonly latencyMs?: number;
  readonly fault?: Fault;
}

export interface StripeStandIn {
  readonly url: string;
  readonly port: number;
  setWebhook(url: string, secret: string): void;
  close(): Promise<void>;
}

const DEFAULT_RETRY_DELAYS_MS = [500, 2_000, 10_000, 60_000, 300_000, 1_800_000, 3_600_000];
const CLOSING_GRACE_MS = 1_000;

function refuseLiveKeys(options: StripeStandInOptions): void {
  if ([options.secretKey, options.publishableKey].some((key) => /^[a-z]+_live_/.test(key))) {
    throw new Error('The Stripe stand-in was given a live key; it moves no money and must not hold one.');
  }
  if (options.secretKey === '' || options.secretKey === options.publishableKey) {
    throw new Error('The Stripe stand-in needs a secret key that differs from the publishable key.');
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const grace = setTimeout(() => server.closeAllConnections(), CLOSING_GRACE_MS);
  await closed;
  clearTimeout(grace);
}

/**
 * Starts a stateful stand-in for the Stripe API, test mode only.
 * @throws if a key is a live one, the port is taken or the file cannot be opened.
 */
export async function startStripeStandIn(options: StripeStandInOptions): Promise<StripeStandIn> {
  refuseLiveKeys(options);
  const { secretKey, publishableKey, webhook, host = '127.0.0.1', now = Date.now } = options;
  const database = openDatabase(options.databaseFile);
  const store = new Store(database);
  const nowSeconds = () => Math.floor(now() / 1000);
  if (webhook !== undefined) configureEndpoint(store, webhook, nowSeconds());
  const dispatcher = new WebhookDispatcher({
    store,
    now,
    retryDelaysMs: options.retryDelaysMs ?? DEFAULT_RETRY_DELAYS_MS,
  });
  const app = createApp({
    keys: { secretKey, publishableKey },
    store,
    idempotencyKeys: new IdempotencyKeys(database, secretKey, now),
    dispatcher,
    now,
    latencyMs: options.latencyMs ?? 0,
    fault: options.fault,
  });
  const server = createServer(app);
  server.listen(options.port ?? 0, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    database.close();
    throw error;
  }
  dispatcher.resume();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://${host}:${port}`,
    port,
    setWebhook: (url, secret) => configureEndpoint(store, { url, secret }, nowSeconds()),
    async close() {
      await closeServer(server);
      await dispatcher.close();
      database.close();
    },
  };
}
