import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type Stripe from 'stripe';
import { expect } from 'vitest';
import { queueUrlOf } from '../../local/database/queue-role.ts';
import { startStripeStandIn } from '../../local/stripe/server.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { type SidecarConfig, sidecarVariables } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { type AppOptions, createApp } from '../../webhook-server/app.ts';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import { createMail } from '../../webhook-server/base/mail.ts';
import { createMetrics } from '../../webhook-server/base/metrics.ts';
import { createStripeClient } from '../../webhook-server/payments/stripe-client.ts';
import { createTestDatabase, type Person, type TestDatabase } from './database.ts';
import { TEST_KEYS } from './keys.ts';
import { patience } from './patience.ts';

export const SIDECAR_KEYS = {
  stripeSecret: 'sk_test_for_the_sidecar_tests',
  stripePublishable: 'pk_test_for_the_sidecar_tests',
  webhookSecret: 'whsec_for_the_sidecar_tests',
  activationCodeKey: 'an activation code key for tests only, of enough length',
  apiKeyPepper: 'a pepper of API keys for tests only, of enough length',
  livekitKey: 'test-livekit-key',
  livekitSecret: 'test-livekit-secret-of-more-than-32-characters',
};

export type Answer = { status: number; body: unknown; headers: Headers; text: string };
type Request = {
  person?: Person;
  token?: string;
  body?: unknown;
  /** Sent as it is, instead of `body` as JSON. */
  raw?: string;
  headers?: Record<string, string>;
};

/** What Stripe's server does wrong: see the stand-in's `Fault`. */
export type StripeFault = NonNullable<Parameters<typeof startStripeStandIn>[0]['fault']>;

export type TestSidecar = Awaited<ReturnType<typeof startSidecar>>;

function environment(database: TestDatabase, stripeUrl: string): Record<string, string> {
  return {
    ENVIRONMENT: 'test',
    LOG_LEVEL: 'silent',
    SUPABASE_URL: database.gateway.url,
    DATABASE_URL: queueUrlOf(database.url),
    SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
    SUPABASE_PUBLISHABLE_KEY: TEST_KEYS.publishableKey,
    SUPABASE_JWT_SECRET: TEST_KEYS.jwtSecret,
    STRIPE_SECRET_KEY: SIDECAR_KEYS.stripeSecret,
    STRIPE_PUBLISHABLE_KEY: SIDECAR_KEYS.stripePublishable,
    STRIPE_WEBHOOK_SECRET: SIDECAR_KEYS.webhookSecret,
    STRIPE_API_URL: stripeUrl,
    ACTIVATION_CODE_KEY: SIDECAR_KEYS.activationCodeKey,
    API_KEY_PEPPER: SIDECAR_KEYS.apiKeyPepper,
    // Tests ask many things at once that they want done.
    REQUESTS_AT_ONCE: '1000',
    LIVEKIT_URL: 'ws://127.0.0.1:7880',
    LIVEKIT_API_KEY: SIDECAR_KEYS.livekitKey,
    LIVEKIT_API_SECRET: SIDECAR_KEYS.livekitSecret,
  };
}

async function listen(deps: Dependencies, options: AppOptions) {
  const server = createServer(createApp(deps, options)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function ask(url: string, method: string, path: string, request: Request): Promise<Answer> {
  const headers = new Headers(request.headers);
  const token = request.token ?? request.person?.accessToken;
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const body = request.raw ?? (request.body === undefined ? null : JSON.stringify(request.body));
  if (request.body !== undefined) headers.set('content-type', 'application/json');
  const response = await fetch(url + path, { method, headers, body });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers, text };
}

/** What the stand-in would do by itself happens when the test calls `standIn.settle()`. */
export const NOT_BY_ITSELF_MS = 3_600_000;

/** Waits until something becomes true. */
export async function until(isTrue: () => Promise<boolean>, deadlineMs = patience(20_000)): Promise<void> {
  for (const end = Date.now() + deadlineMs; !(await isTrue()); ) {
    if (Date.now() > end) throw new Error('it never became true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The code of an error answer. */
export function codeOf(answer: Answer): unknown {
  return (answer.body as { error?: { code?: unknown } }).error?.code;
}

/**
 * A sidecar on a database of its own, with a Stripe stand-in behind it.
 * @param options.webhooks false: Stripe's events reach the sidecar only through `deliver`
 */
export async function startSidecar(
  options: {
    webhooks?: boolean;
    config?: Partial<SidecarConfig>;
    app?: Partial<AppOptions>;
    logger?: Logger;
    /** How long the stand-in takes for debits, refunds, disputes and their verdicts. */
    settleAfterMs?: number;
    /** Closed with the sidecar. */
    database?: TestDatabase;
  } = {},
) {
  const database = options.database ?? (await createTestDatabase());
  let fault: StripeFault = () => undefined;
  const standIn = await startStripeStandIn({
    secretKey: SIDECAR_KEYS.stripeSecret,
    publishableKey: SIDECAR_KEYS.stripePublishable,
    databaseFile: ':memory:',
    retryDelaysMs: Array.from({ length: 50 }, () => 100),
    ...(options.settleAfterMs !== undefined && { settleAfterMs: options.settleAfterMs }),
    fault: (request) => fault(request),
  });
  const variables = environment(database, standIn.url);
  const config = { ...loadConfig(sidecarVariables, variables), ...options.config };
  const deps: Dependencies = {
    config,
    database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
    stripe: createStripeClient(config),
    metrics: createMetrics(),
    mail: createMail(config),
    logger: options.logger ?? createLogger('sidecar', config.LOG_LEVEL),
    now: () => new Date(),
  };
  const { server, url } = await listen(deps, {
    budgets: { windowMs: 60_000, reads: 10_000, writes: 10_000 },
    checkAnswers: true,
    pageFolder: '/nonexistent',
    isReady: () => true,
    lateJobs: () => [],
    ...options.app,
  });
  if (options.webhooks !== false) standIn.setWebhook(`${url}/webhooks/stripe`, SIDECAR_KEYS.webhookSecret);
  const stripe = deps.stripe;

  const sidecar = {
    url,
    database,
    deps,
    stripe,
    variables,
    standIn,
    failStripe(next: StripeFault) {
      fault = next;
    },
    get: (path: string, request: Request = {}) => ask(url, 'GET', path, request),
    post: (path: string, request: Request = {}) => ask(url, 'POST', path, request),
    put: (path: string, request: Request = {}) => ask(url, 'PUT', path, request),
    patch: (path: string, request: Request = {}) => ask(url, 'PATCH', path, request),
    delete: (path: string, request: Request = {}) => ask(url, 'DELETE', path, request),
    /** Posts an event as Stripe would, signed. */
    deliver(event: Stripe.Event) {
      const payload = JSON.stringify(event);
      const signature = stripe.webhooks.generateTestHeaderString({
        payload,
        secret: SIDECAR_KEYS.webhookSecret,
      });
      return ask(url, 'POST', '/webhooks/stripe', {
        raw: payload,
        headers: { 'stripe-signature': signature },
      });
    },
    /** The events of one type so far, newest first. */
    async events(type: string): Promise<Stripe.Event[]> {
      return (await stripe.events.list({ types: [type], limit: 100 })).data;
    },
    /** Begins a purchase over HTTP; asked again with the same key where too much at once made it unavailable. */
    async begin(person: Person, packageId = 'starter', purpose = 'me', key: string = crypto.randomUUID()) {
      const request = {
        person,
        body: { package_id: packageId, for: purpose },
        headers: { 'idempotency-key': key },
      };
      let answer = await sidecar.post('/create-payment-intent', request);
      for (let again = 0; answer.status === 503 && again < 5; again++)
        answer = await sidecar.post('/create-payment-intent', request);
      expect(answer.status).toBe(201);
      return answer.body as { payment_intent_id: string; client_secret: string };
    },
    /** Pays as the buyer's browser would. */
    pay: (intentId: string, card = 'pm_card_visa') =>
      stripe.paymentIntents.confirm(intentId, { payment_method: card, return_url: 'https://example.com' }),
    async balanceOf(person: Person): Promise<number> {
      const answer = await sidecar.get(`/user/${person.id}/balance`, { person });
      return (answer.body as { balance_seconds: number }).balance_seconds;
    },
    /** Buys and waits until the time is there. Needs webhooks. */
    async buy(person: Person, packageId = 'starter') {
      const before = await sidecar.balanceOf(person);
      const { payment_intent_id } = await sidecar.begin(person, packageId);
      await sidecar.pay(payment_intent_id);
      await until(async () => (await sidecar.balanceOf(person)) > before);
      return payment_intent_id;
    },
    async expectSound() {
      expect(await database.sql`select * from audit_invariants()`).toEqual([]);
    },
    async close() {
      await standIn.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.close();
    },
  };
  return sidecar;
}
