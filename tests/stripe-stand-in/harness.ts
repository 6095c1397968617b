import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { onTestFinished } from 'vitest';
import {
  type StripeStandIn,
  type StripeStandInOptions,
  startStripeStandIn,
} from '../../local/stripe/server.ts';

export const SECRET_KEY = 'sk_test_standinSecretKey1234';
export const PUBLISHABLE_KEY = 'pk_test_standinPublishable5678';
export const WEBHOOK_SECRET = 'whsec_standinWebhookSecret';

/** A real SDK client. Retries are off, so that a test sees every answer itself. */
export function clientOf(standIn: { port: number }, key = SECRET_KEY): Stripe {
  return new Stripe(key, {
    host: '127.0.0.1',
    port: standIn.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

export async function startForTest(options: Partial<StripeStandInOptions> = {}): Promise<StripeStandIn> {
  const standIn = await startStripeStandIn({
    secretKey: SECRET_KEY,
    publishableKey: PUBLISHABLE_KEY,
    databaseFile: ':memory:',
    ...options,
  });
  onTestFinished(() => standIn.close().catch(() => {}));
  return standIn;
}

export function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stripe-stand-in-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'stripe.sqlite');
}

/** The error a call was refused with; fails the test when it was not refused. */
export async function refusalOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('the call was expected to be refused, but it succeeded');
}

/** A payment intent that a server may confirm without naming an address to return to. */
export const CARD_ONLY = { automatic_payment_methods: { enabled: true, allow_redirects: 'never' } } as const;

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  close(): Promise<void>;
}

/**
 * An endpoint for webhooks.
 * @param answers what the next deliveries are answered with, 'never' for a silent endpoint; then 200.
 */
export async function startReceiver(answers: (number | 'never')[] = []): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      const answer = answers.shift() ?? 200;
      if (answer !== 'never') response.writeHead(answer, { location: '/elsewhere' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${port}/webhook`, received, close };
}

/** One request without the SDK, as a browser or a careless client sends it. */
export async function send(
  standIn: { url: string },
  method: string,
  path: string,
  {
    key,
    form,
    headers = {},
  }: { key?: string; form?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<{
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { error?: Record<string, unknown> };
}> {
  const response = await fetch(`${standIn.url}${path}`, {
    method,
    headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

/** Types of the events so far, oldest first. */
export async function eventTypes(stripe: Stripe): Promise<string[]> {
  return (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse();
}

/** A clock that a test moves. */
export function movableClock(startMs = Date.UTC(2027, 0, 15)) {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advanceSeconds(seconds: number) {
      nowMs += seconds * 1000;
    },
  };
}

interface Visited {
  readonly status: number;
  readonly location: string | null;
  readonly text: string;
  readonly headers: Headers;
}

/** Opens a page as a browser does, or sends its form; redirects are not followed. */
export async function visit(url: string, form?: Record<string, string>): Promise<Visited> {
  const response = await fetch(url, {
    redirect: 'manual',
    ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
  });
  const { status, headers } = response;
  return { status, headers, location: headers.get('location'), text: await response.text() };
}
