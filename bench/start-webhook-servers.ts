import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { queueUrlOf } from '../local/database/queue-role.ts';
import { freePort } from '../local/free-port.ts';
import { KEYS } from './start-server.ts';

export const API_KEY_PEPPER = 'a pepper of API keys for the bench, of enough length';
export const WEBHOOK_SECRET = 'whsec_of_the_benchmark';
const STARTS_WITHIN_MS = 30_000;

export type WebhookServer = { name: string; url: string; pid: number; end(): Promise<void> };

function start(name: string, args: string[], variables: Record<string, string> = {}) {
  const { PATH, HOME, LANG } = process.env;
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH, HOME, LANG, NODE_ENV: 'production', ...variables },
  });
  const exited = once(child, 'exit');
  const kill = () => child.kill('SIGTERM');
  process.on('exit', kill);
  const end = async () => {
    kill();
    await exited;
    process.off('exit', kill);
  };
  return { name, child, end, exited };
}

/** A route without a database: the least that a webhook costs. */
export async function startPlain(kind: 'express' | 'http'): Promise<WebhookServer> {
  const { name, child, end, exited } = start(`raw ${kind}, verifies only`, [
    'bench/plain-webhook-server.ts',
    kind,
    WEBHOOK_SECRET,
  ]);
  const early = exited.then(() => Promise.reject(new Error(`${name}: ended before it was up`)));
  const [port] = await Promise.race([once(createInterface(child.stdout), 'line'), early]);
  return { name, url: `http://127.0.0.1:${port}/webhooks/stripe`, pid: child.pid ?? 0, end };
}

/** A route that inserts one row, by the driver and nothing else. */
export async function startBareInsert(databaseUrl: string): Promise<WebhookServer> {
  const { name, child, end, exited } = start('a bare route that inserts one row', [
    'bench/plain-insert-server.ts',
    databaseUrl,
  ]);
  const early = exited.then(() => Promise.reject(new Error(`${name}: ended before it was up`)));
  const [port] = await Promise.race([once(createInterface(child.stdout), 'line'), early]);
  return { name, url: `http://127.0.0.1:${port}/usage/track`, pid: child.pid ?? 0, end };
}

/** The sidecar as it runs in production, in front of the database behind `supabaseUrl`, which is that of `databaseUrl`. */
export async function startSidecar(
  supabaseUrl: string,
  databaseUrl: string,
  variables: Record<string, string> = {},
): Promise<WebhookServer> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const { name, child, end } = start('the sidecar', ['webhook-server/main.ts'], {
    ENVIRONMENT: 'test',
    LOG_LEVEL: 'warn',
    SIDECAR_PORT: String(port),
    SUPABASE_URL: supabaseUrl,
    SUPABASE_SERVICE_ROLE_KEY: KEYS.secretKey,
    SUPABASE_PUBLISHABLE_KEY: KEYS.publishableKey,
    SUPABASE_JWT_SECRET: KEYS.jwtSecret,
    DATABASE_URL: queueUrlOf(databaseUrl),
    STRIPE_SECRET_KEY: 'sk_test_of_the_benchmark',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_of_the_benchmark',
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    // Nobody is there: what is measured asks Stripe for nothing.
    STRIPE_API_URL: `http://127.0.0.1:${await freePort()}`,
    ACTIVATION_CODE_KEY: 'an activation code key of the benchmark, of enough length',
    API_KEY_PEPPER,
    LIVEKIT_URL: 'ws://127.0.0.1:7880',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'a secret of the benchmark, 32 letters or more',
    ...variables,
  });
  child.stdout.resume();
  for (let waitedMs = 0; waitedMs < STARTS_WITHIN_MS; waitedMs += 50) {
    const answer = await fetch(`${address}/pricing`).catch(() => undefined);
    if (answer?.status === 200) return { name, url: `${address}/webhooks/stripe`, pid: child.pid ?? 0, end };
    await sleep(50);
  }
  await end();
  throw new Error('The sidecar did not start.');
}
