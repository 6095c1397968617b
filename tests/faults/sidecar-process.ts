import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../local/free-port.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { monotonicMs } from './presence-clock.ts';
import { openSidecarBench } from './sidecar-bench.ts';
import { eventually } from './wait.ts';
import type { Sabotage, World } from './world.ts';

const MAIN = fileURLToPath(new URL('../../webhook-server/main.ts', import.meta.url));
const CUT_SOURCE = fileURLToPath(new URL('./cut-source.ts', import.meta.url));
const STARTS_WITHIN_MS = 60_000;

type Question = { token?: string; body: unknown; isService?: boolean };

/** The sidecar as a process of its own, as in production, with the payment service's webhooks sent to it. */
export async function openSidecarProcess(world: World, sabotage: Sabotage | undefined) {
  const bench = await openSidecarBench(world, sabotage);
  const { stripe, variables } = bench.sidecar;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const endpoint = await stripe.webhookEndpoints.create({
    url: `${url}/webhooks/stripe`,
    enabled_events: ['*'],
  });
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(process.execPath, [...(sabotage?.sources ? ['--import', CUT_SOURCE] : []), MAIN], {
      env: {
        PATH: process.env.PATH,
        ...variables,
        LOG_LEVEL: 'silent',
        SIDECAR_PORT: String(port),
        STRIPE_WEBHOOK_SECRET: endpoint.secret,
        FAULTS_CUTS: JSON.stringify(sabotage?.sources ?? []),
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const isUp = await eventually(
      async () => (await fetch(`${url}/pricing`).catch(() => undefined))?.status === 200,
      STARTS_WITHIN_MS,
      20,
    );
    if (isUp === undefined) throw new Error('the sidecar did not start');
  }

  async function kill(): Promise<number> {
    const atMs = monotonicMs();
    if (child === undefined || child.exitCode !== null) throw new Error('the sidecar ended by itself');
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    return atMs;
  }

  async function post(
    path: string,
    { token, body, isService }: Question,
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
        authorization: `Bearer ${isService ? TEST_KEYS.secretKey : token}`,
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  await start();
  return {
    ...bench,
    codeKey: bench.sidecar.deps.config.ACTIVATION_CODE_KEY,
    start,
    kill,
    post,
    confirm: (intentId: string) => bench.sidecar.pay(intentId),
    async close(): Promise<void> {
      await kill().catch(() => undefined);
      await bench.close();
    },
  };
}

export type SidecarProcess = Awaited<ReturnType<typeof openSidecarProcess>>;
