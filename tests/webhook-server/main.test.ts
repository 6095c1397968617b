import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startGateway } from '../../local/database/gateway.ts';
import { freePort } from '../../local/free-port.ts';
import { deriveActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let child: ChildProcess | undefined;
beforeAll(async () => {
  sidecar = await startSidecar({ webhooks: false });
});
afterEach(async () => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
});
afterAll(() => sidecar.close());

type Line = Record<string, unknown> & { msg: string };

async function start(variables: Record<string, string> = {}) {
  const port = await freePort();
  const started = spawn(process.execPath, ['webhook-server/main.ts'], {
    env: {
      PATH: process.env.PATH ?? '',
      ...sidecar.variables,
      LOG_LEVEL: 'info',
      SIDECAR_PORT: String(port),
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  const lines: Line[] = [];
  createInterface({ input: started.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Line));
  let complaint = '';
  started.stderr.on('data', (data) => {
    complaint += String(data);
  });
  const exit = once(started, 'exit').then(([code]) => code as number | null);
  return {
    url: `http://127.0.0.1:${port}`,
    lines,
    exit,
    complaint: () => complaint,
    saw: (text: string) => until(async () => lines.some(({ msg }) => msg.includes(text))),
    stop: () => started.kill('SIGTERM'),
  };
}

const statusOf = async (url: string) => (await fetch(url)).status;

test('starts, serves, runs its jobs, and stops when asked', async () => {
  const run = await start();
  await run.saw('the sidecar is ready');
  expect(run.lines.find(({ msg }) => msg === 'the sidecar is listening')?.url).toBe(run.url);
  expect(await statusOf(`${run.url}/health`)).toBe(200);
  expect(await statusOf(`${run.url}/pricing`)).toBe(200);
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  await sidecar.pay(intentId);
  run.stop();
  expect(await run.exit).toBe(0);

  // No webhook told it of the payment: the next start finds it.
  await sidecar.database.sql`delete from pgboss.job where name = 'periodic'`;
  const next = await start();
  await next.saw('the queue is worked');
  await until(async () => (await sidecar.balanceOf(person)) === 3600);
  next.stop();
  expect(await next.exit).toBe(0);
  const log = JSON.stringify([...run.lines, ...next.lines]);
  for (const secret of [person.accessToken, sidecar.variables.STRIPE_SECRET_KEY, 'client_secret']) {
    expect(log).not.toContain(secret);
  }
});

test('a request under way when it is told to stop is finished', async () => {
  const run = await start();
  await run.saw('the sidecar is ready');
  const person = await sidecar.database.signUp();
  const code = deriveActivationCode('a key that signs no cards', 'no card');
  let answer: Promise<Response> | undefined;
  await sidecar.database.sql.begin(async (transaction) => {
    await transaction`select from accounts where id = ${person.id} for update`;
    answer = fetch(`${run.url}/activate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    await until(async () => {
      const [waiting] = await sidecar.database.sql`
        select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return waiting?.n === 1;
    });
    run.stop();
    await until(async () => (await fetch(run.url).catch(() => 'refused')) === 'refused');
  });
  expect((await answer)?.status).toBe(404);
  expect(await run.exit).toBe(0);
});

test('waits for a database and a Stripe that are not there yet', async () => {
  const port = await freePort();
  const run = await start({
    SUPABASE_URL: `http://127.0.0.1:${port}`,
    STRIPE_API_URL: 'http://127.0.0.1:1',
  });
  await run.saw('waiting for the database');
  expect(await statusOf(`${run.url}/health`)).toBe(503);
  expect(await statusOf(`${run.url}/pricing`)).toBe(503);
  run.stop();
  expect(await run.exit).toBe(0);
});

test('refuses a database that could lose paid time', async () => {
  const { sql, url } = sidecar.database;
  const name = new URL(url).pathname.slice(1);
  await sql.unsafe(`alter database ${name} set synchronous_commit = off`);
  const port = await freePort();
  const careless = await startGateway({ databaseUrl: url, port, keys: TEST_KEYS, migrations: null });
  try {
    const run = await start({ SUPABASE_URL: careless.url });
    expect(await run.exit).toBe(78);
    expect(run.lines.find(({ msg }) => msg.includes('power cut'))?.problems).toEqual([
      'synchronous_commit is "off": set it to "on"',
    ]);
  } finally {
    await careless.close();
    await sql.unsafe(`alter database ${name} reset synchronous_commit`);
  }
});

test('says everything that is wrong with its configuration, and no value of it', async () => {
  const run = await start({ STRIPE_SECRET_KEY: 'not-a-key-at-all', ACTIVATION_CODE_KEY: '' });
  expect(await run.exit).toBe(78);
  expect(run.complaint()).toContain('STRIPE_SECRET_KEY: must begin with');
  expect(run.complaint()).toContain('ACTIVATION_CODE_KEY: is missing');
  expect(run.complaint()).not.toContain('not-a-key-at-all');
});
