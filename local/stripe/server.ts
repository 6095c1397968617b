import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { IdempotencyKeys } from './api/idempotency-keys.ts';
import type { Api, Fault } from './api/transact.ts';
import { createApp } from './create-app.ts';
import { FaultPlan, type FaultRule } from './faults/fault-plan.ts';
import { Tasks, TaskTimer } from './later/tasks.ts';
import { changeAccount, disputeCharge } from './register-control.ts';
import { configureEndpoint } from './resources/webhook-endpoints.ts';
import { runDueTasks } from './run-due-tasks.ts';
import { openDatabase, Store } from './store/store.ts';
import { configureThinEndpoint } from './webhooks/events.ts';
import { DEFAULT_RETRY_SCALE, retryWaitsMs, WebhookDispatcher } from './webhooks/webhook-dispatcher.ts';

export interface StripeStandInOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly host?: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  /** An endpoint that gets all events without being registered over the API. */
  readonly webhook?: { readonly url: string; readonly secret: string };
  /** The endpoint that gets thin events: those about meter events that could not be counted. */
  readonly thinWebhook?: { readonly url: string; readonly secret: string };
  /** A path, or ':memory:' for a stand-in that forgets. */
  readonly databaseFile: string;
  /** Waits before each further attempt to deliver an event, in place of Stripe's scaled ones. */
  readonly retryDelaysMs?: readonly number[];
  /** How fast events are delivered again: 1 is Stripe's own pace, over three days. */
  readonly retryScale?: number;
  /** How long debits, refunds, disputes and their verdicts take. */
  readonly settleAfterMs?: number;
  /** Where browsers reach the pages, without a slash at the end; the address of the API unless given. */
  readonly publicUrl?: string;
  /** Milliseconds since 1970; governs timestamps and expiry, not the waits between deliveries. */
  readonly now?: () => number;
  /** How long every API request takes, which is what makes requests with the same key overlap. */
  readonly latencyMs?: number;
  readonly fault?: Fault;
  /** What shall go wrong from the start on; `setFaults` changes it. */
  readonly faults?: readonly FaultRule[];
}

export interface StripeStandIn {
  readonly url: string;
  readonly port: number;
  /** @param oldSecret signs too, as at Stripe for some hours after a secret was rolled. */
  setWebhook(url: string, secret: string, oldSecret?: string): void;
  /** Where thin events go from now on. */
  setThinWebhook(url: string, secret: string): void;
  /** Replaces what shall go wrong. @throws ZodError for a rule that makes no sense. */
  setFaults(rules: readonly FaultRule[]): void;
  /** Opens a dispute about any charge that was paid. @returns its id. */
  disputeCharge(charge: string, cause?: 'fraudulent' | 'inquiry' | 'product_not_received'): string;
  /** What Stripe comes to know of a seller's account, or their bank. */
  changeAccount(
    account: string,
    decision: {
      transfers?: 'active' | 'pending' | 'rejected' | 'restricted' | 'unsupported';
      payouts?: 'enabled' | 'paused' | 'failing';
    },
  ): void;
  /** Does at once what is due by the clock; else a timer or the next request does it. */
  runDue(): void;
  /** Does at once what debits, refunds and disputes wait for, so that a test says when and no clock does. */
  settle(): void;
  close(): Promise<void>;
}

const DEFAULT_SETTLE_AFTER_MS = 3_000;
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
  if (options.thinWebhook !== undefined) configureThinEndpoint(store, options.thinWebhook);
  const faults = new FaultPlan();
  faults.set(options.faults ?? []);
  const dispatcher = new WebhookDispatcher({
    store,
    faults,
    now,
    retryDelaysMs: options.retryDelaysMs ?? retryWaitsMs(options.retryScale ?? DEFAULT_RETRY_SCALE),
  });
  const tasks: Tasks = new Tasks(database, () => timer.arm());
  const api: Api = {
    keys: { secretKey, publishableKey },
    store,
    idempotencyKeys: new IdempotencyKeys(database, secretKey, now),
    dispatcher,
    tasks,
    runDue: () => runDueTasks(api),
    settleAfterMs: options.settleAfterMs ?? DEFAULT_SETTLE_AFTER_MS,
    publicUrl: options.publicUrl,
    now,
    latencyMs: options.latencyMs ?? 0,
    fault: options.fault,
    faults,
  };
  const timer = new TaskTimer({
    now,
    earliestDueMs: () => tasks.earliestDueMs(),
    runDue: api.runDue,
  });
  const app = createApp(api);
  const server = createServer(app);
  server.listen(options.port ?? 0, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    database.close();
    throw error;
  }
  dispatcher.resume();
  timer.arm();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://${host}:${port}`,
    port,
    setWebhook: (url, secret, oldSecret) =>
      configureEndpoint(store, { url, secret, oldSecret }, nowSeconds()),
    setThinWebhook: (url, secret) => configureThinEndpoint(store, { url, secret }),
    setFaults: (rules) => faults.set(rules),
    disputeCharge: (charge, cause) => disputeCharge(api, { charge, cause }),
    changeAccount: (account, decision) => changeAccount(api, { account, ...decision }),
    runDue: api.runDue,
    settle: () => runDueTasks(api, api.settleAfterMs),
    async close() {
      timer.close();
      await closeServer(server);
      await dispatcher.close();
      database.close();
    },
  };
}
