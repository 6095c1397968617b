import { copyFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patience } from '../support/patience.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { giveTime } from '../time/people.ts';
import { startFlaky } from './flaky-server.ts';
import { addCustomer, emptyFolder, hasCommand, runIn, variablesOf } from './pack.ts';

// The generator and what the SDK stands on are fetched by pip.
const isNew = ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 11))'];
const canPack =
  (await hasCommand('python3', isNew)) &&
  (await hasCommand('python3', ['-m', 'pip', 'index', 'versions', 'attrs']));
if (!canPack)
  console.log('the SDK for Python is not tried: there is no Python 3.11 here, or pip reaches no registry');

let sidecar: TestSidecar;
let flaky: Awaited<ReturnType<typeof startFlaky>>;
let customer: Awaited<ReturnType<typeof addCustomer>>;
let folder: string;
let remove = () => {};

beforeAll(async () => {
  if (!canPack) return;
  sidecar = await startSidecar();
  flaky = await startFlaky(sidecar.url);
  customer = await addCustomer(sidecar);
  ({ folder, remove } = emptyFolder());
  const source = resolve('sdk/python');
  const pip = (venv: string, ...args: string[]) =>
    runIn(folder, `${venv}/bin/python`, ['-m', 'pip', '--disable-pip-version-check', '-q', ...args]);
  // Apart from each other, so that the SDK has to name all that it stands on.
  for (const venv of ['maker', 'user']) await runIn(folder, 'python3', ['-m', 'venv', venv]);
  await pip('maker', 'install', 'openapi-python-client==0.29.1');
  await runIn(source, join(folder, 'maker/bin/python'), ['generate.py']);
  await pip('maker', 'wheel', '--no-deps', '--wheel-dir', folder, source);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl')) ?? 'none';
  await pip('user', 'install', `./${wheel}`);
  copyFileSync('sdk/python/tests/program.py', join(folder, 'program.py'));
}, patience(180_000));
afterAll(async () => {
  remove();
  await flaky?.close();
  await sidecar?.close();
});

async function step(name: string): Promise<unknown> {
  const env = { ...variablesOf(flaky.url, customer), MINDBOT_STEP: name };
  return JSON.parse(await runIn(folder, join(folder, 'user/bin/python'), ['program.py'], env));
}

test.skipIf(!canPack)(
  'packed, installed and asked, sync and async: answers, refusals, and what is left',
  async () => {
    for (const name of ['plan', 'aplan']) expect(await step(name)).toEqual({ plan: 'api-free', limit: 1000 });
    expect(await step('refused')).toMatchObject({ code: 'not_signed_in', status: 401, hasRequestId: true });
    expect(await step('invalid')).toMatchObject({ code: 'invalid_request', remaining: 997 });
    expect(await step('nobody')).toEqual({ code: 'no_answer' });
    await customer.allow(0);
    for (const name of ['quota', 'aquota'])
      expect(await step(name)).toMatchObject({ code: 'quota_spent', status: 429, remaining: 0, waits: true });
    await customer.allow(1000);
  },
  patience(60_000),
);

test.skipIf(!canPack)(
  'what may be sent again is, with its key; what may not is told at once',
  async () => {
    for (const name of ['plan', 'aplan']) {
      flaky.seen.length = 0;
      flaky.next({ status: 500 }, { status: 429, headers: { 'retry-after': '1' } });
      expect(await step(name)).toMatchObject({ plan: 'api-free' });
      expect(flaky.seen).toHaveLength(3);
    }
    flaky.seen.length = 0;
    flaky.next({ drop: true });
    expect(await step('once')).toEqual({ same: true });
    expect(new Set(flaky.seen.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
    expect(flaky.seen).toHaveLength(3);
    expect(await sidecar.database.sql`select 1 from tenants where name = 'By SDK in Python'`).toHaveLength(1);
    for (const wrong of [{ status: 500 }, { status: 500, headers: { 'payment-response': 'paid' } }]) {
      flaky.seen.length = 0;
      flaky.next(wrong);
      expect(await step(wrong.headers ? 'quota' : 'notAgain')).toMatchObject({ code: 'internal' });
      expect(flaky.seen).toHaveLength(1);
    }
  },
  patience(60_000),
);

test.skipIf(!canPack)(
  'pages follow each other to the last, each item once',
  async () => {
    const { service, sql } = sidecar.database;
    await giveTime(sql, customer.owner.id, 1_000);
    for (let i = 0; i < 5; i++) {
      const callId = crypto.randomUUID();
      await service.rpc('open_call', {
        p_call_id: callId,
        p_user_id: customer.owner.id,
        p_room_name: callId,
      });
      await service.rpc('settle_call', {
        p_call_id: callId,
        p_epoch: 1,
        p_used_ms: 1_000,
        p_end_reason: 'hung_up',
      });
    }
    for (const name of ['pages', 'apages']) expect(await step(name)).toEqual({ found: 5, different: 5 });
  },
  patience(60_000),
);
