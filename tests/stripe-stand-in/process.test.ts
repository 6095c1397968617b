import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import {
  CARD_ONLY,
  clientOf,
  PUBLISHABLE_KEY,
  SECRET_KEY,
  send,
  startForTest,
  temporaryFile,
  WEBHOOK_SECRET,
} from './harness.ts';

const MAIN = fileURLToPath(new URL('../../local/stripe/main.ts', import.meta.url));

function startProcess(environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function readyUrl(child: ChildProcess): Promise<{ url: string; port: number }> {
  if (child.stdout === null) throw new Error('no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as { ready: boolean; url: string };
    expect(message.ready).toBe(true);
    return { url: message.url, port: Number(new URL(message.url).port) };
  }
  throw new Error('the process ended before it was ready');
}

test('the process says when it is ready, keeps its objects over a kill, and stops on SIGTERM', async () => {
  const file = temporaryFile();
  const first = startProcess({ STRIPE_STAND_IN_FILE: file, STRIPE_STAND_IN_PORT: '0' });
  const running = await readyUrl(first);
  expect((await send(running, 'GET', '/health')).status).toBe(200);
  const intent = await clientOf(running).paymentIntents.create({
    amount: 500,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_visa',
    ...CARD_ONLY,
  });
  first.kill('SIGKILL');
  await once(first, 'exit');
  const second = startProcess({ STRIPE_STAND_IN_FILE: file });
  const again = await readyUrl(second);
  const found = await clientOf(again).paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
  expect(found).toMatchObject({ status: 'succeeded', latest_charge: { amount: 500 } });
  second.kill('SIGTERM');
  expect((await once(second, 'exit'))[0]).toBe(0);
});

test.each([
  ['in production', { ENVIRONMENT: 'production' }, /must not run in production/],
  ['with a live key', { STRIPE_SECRET_KEY: 'sk_live_abcdef' }, /live key/],
  ['without a secret key', { STRIPE_SECRET_KEY: '' }, /STRIPE_SECRET_KEY/],
  [
    'with an endpoint it cannot sign for',
    { STRIPE_WEBHOOK_URL: 'http://127.0.0.1:1/', STRIPE_WEBHOOK_SECRET: '' },
    /STRIPE_WEBHOOK_SECRET/,
  ],
])('the process refuses to start %s', async (_name, environment, reason) => {
  const child = startProcess({
    STRIPE_STAND_IN_FILE: ':memory:',
    ...(environment as Record<string, string>),
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(errors).toMatch(reason);
  expect(errors).not.toContain('sk_live_abcdef');
});

test('a taken port is an error and not a hang', async () => {
  const { port } = await startForTest();
  await expect(startForTest({ port })).rejects.toThrow('EADDRINUSE');
});

test('the environment says where browsers reach the pages and how long a debit takes', async () => {
  const child = startProcess({
    STRIPE_STAND_IN_FILE: ':memory:',
    STRIPE_STAND_IN_URL: 'https://pay.example/',
    STRIPE_STAND_IN_SETTLE_MS: '1',
    STRIPE_STAND_IN_RETRY_SCALE: '0.001',
  });
  const stripe = clientOf(await readyUrl(child));
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [
      { price_data: { currency: 'usd', unit_amount: 999, product_data: { name: 'P' } }, quantity: 1 },
    ],
    success_url: 'https://shop.example/',
  });
  expect(session.url).toBe(`https://pay.example/c/pay/${session.id}`);
  const refunded = await stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_pendingRefund',
    ...CARD_ONLY,
  });
  const refund = await stripe.refunds.create({ payment_intent: refunded.id });
  await expect.poll(async () => (await stripe.refunds.retrieve(refund.id)).status).toBe('succeeded');
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(0);
});
