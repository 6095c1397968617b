import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import Stripe from 'stripe';
import { problemsOf } from '../../local/stripe/description/objects.ts';
import { playSteps } from './play.ts';

/**
 * Stripe's own mock (MIT): it checks requests against Stripe's OpenAPI and answers examples, without a state. It is
 * the newest release, and of an API version somewhat older than the one of stripe-node.
 */
const MODULE = 'github.com/stripe/stripe-mock@v0.203.0';
const LONGEST_START_SECONDS = 30;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function waitUntilReady(stripe: Stripe): Promise<void> {
  for (let waited = 0; waited < LONGEST_START_SECONDS; waited += 1) {
    const ready = await stripe.balance.retrieve().then(
      () => true,
      () => false,
    );
    if (ready) return;
    await sleep(1_000);
  }
  throw new Error(`stripe-mock did not answer within ${LONGEST_START_SECONDS} seconds`);
}

/**
 * Plays the sequence at stripe-mock.
 * @returns where it takes or refuses a request otherwise than the sequence says, and where its examples have fields
 * that the declarations have not; undefined when there is no Go to build it with.
 */
export async function askStripeMock(): Promise<{ requests: string[]; fields: string[] } | undefined> {
  const run = promisify(execFile);
  const go = await run('go', ['version']).catch(() => undefined);
  if (go === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'stripe-mock-'));
  try {
    await run('go', ['install', MODULE], { env: { ...process.env, GOBIN: folder } });
    const port = await freePort();
    const mock = spawn(join(folder, 'stripe-mock'), ['-http-addr', `127.0.0.1:${port}`], { stdio: 'ignore' });
    try {
      const host = { host: '127.0.0.1', port, protocol: 'http' } as const;
      const stripe = new Stripe('sk_test_contractMock', { ...host, maxNetworkRetries: 0, telemetry: false });
      await waitUntilReady(stripe);
      const played = await playSteps(stripe);
      // It has no state: what it can refuse is a parameter that Stripe does not have.
      const requests = played
        .filter(({ step, code }) => (code === null) === (step.refused === 'parameter_unknown'))
        .map(({ step, code, words }) => `${step.name}: ${code === null ? 'taken' : `refused: ${words}`}`);
      const fields = played.flatMap(({ answer }) =>
        answer === undefined ? [] : problemsOf(JSON.parse(JSON.stringify(answer))),
      );
      // Examples leave out what is new, and much that is null.
      return { requests, fields: [...new Set(fields.filter((line) => !line.endsWith(': missing')))] };
    } finally {
      mock.kill();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
