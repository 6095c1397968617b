import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patience } from '../support/patience.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { giveTime } from '../time/people.ts';
import { startFlaky } from './flaky-server.ts';
import { addCustomer, emptyFolder, hasCommand, runIn, variablesOf } from './pack.ts';

// The generator is fetched by npm, the first time.
const canPack = await hasCommand('npm', ['ping']);
if (!canPack) console.log('the SDK for TypeScript is not tried: npm reaches no registry here');

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
  ({ folder, remove } = emptyFolder({ 'package.json': '{ "private": true, "type": "module" }' }));
  const [packed] = JSON.parse(
    await runIn(resolve('sdk/typescript'), 'npm', ['pack', '--json', '--pack-destination', folder]),
  ) as { filename: string; files: { path: string }[] }[];
  expect(packed?.files.map(({ path }) => path.split('/')[0]).filter((top) => top !== 'dist')).toEqual([
    'README.md',
    'package.json',
  ]);
  await runIn(folder, 'npm', ['install', '--offline', '--no-audit', '--no-fund', `./${packed?.filename}`]);
  copyFileSync('sdk/typescript/tests/program.ts', join(folder, 'program.ts'));
}, patience(120_000));
afterAll(async () => {
  remove();
  await flaky?.close();
  await sidecar?.close();
});

async function step(name: string): Promise<unknown> {
  const env = { ...variablesOf(flaky.url, customer), MINDBOT_STEP: name };
  return JSON.parse(await runIn(folder, process.execPath, ['program.ts'], env));
}

test.skipIf(!canPack)(
  'packed, installed and asked: typed answers, errors that say what to do, and what is left',
  async () => {
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const strict = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--lib',
      'es2023,dom',
    ];
    const types = [
      '--skipLibCheck',
      'false',
      '--types',
      'node',
      '--typeRoots',
      resolve('node_modules/@types'),
    ];
    await runIn(folder, process.execPath, [tsc, ...strict, ...types, 'program.ts']);
    expect(await step('plan')).toEqual({ plan: 'api-free', limit: 1000 });
    expect(await step('refused')).toMatchObject({ code: 'not_signed_in', status: 401, hasRequestId: true });
    expect(await step('invalid')).toMatchObject({ code: 'invalid_request', remaining: 998 });
    expect(await step('nobody')).toMatchObject({ code: 'no_answer', status: 0 });
    await customer.allow(0);
    // Nobody waits for the next month.
    expect(await step('quota')).toMatchObject({
      code: 'quota_spent',
      status: 429,
      remaining: 0,
      waits: true,
    });
    await customer.allow(1000);
  },
  patience(60_000),
);

test.skipIf(!canPack)(
  'what may be sent again is, with its key and its body; what may not is told at once',
  async () => {
    flaky.seen.length = 0;
    flaky.next({ status: 500 }, { status: 429, headers: { 'retry-after': '1' } });
    expect(await step('plan')).toMatchObject({ plan: 'api-free' });
    expect(flaky.seen).toHaveLength(3);
    flaky.next({ status: 500 }, { status: 500 }, { status: 500 });
    expect(await step('quota')).toMatchObject({ code: 'internal', status: 500 });

    flaky.seen.length = 0;
    flaky.next({ drop: true });
    expect(await step('once')).toEqual({ same: true });
    expect(flaky.seen).toHaveLength(3);
    expect(new Set(flaky.seen.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
    const made = await sidecar.database.sql`select 1 from tenants where name = 'By SDK'`;
    expect(made).toHaveLength(1);

    flaky.seen.length = 0;
    flaky.next({ status: 500 });
    expect(await step('notAgain')).toMatchObject({ code: 'internal' });
    expect(flaky.seen).toHaveLength(1);
    flaky.next({ status: 503, code: 'overloaded', headers: { 'retry-after': '0' } });
    expect(await step('notAgain')).toBe('none');
    // What was paid for is not asked again.
    flaky.seen.length = 0;
    flaky.next({ status: 500, headers: { 'payment-response': 'paid' } });
    expect(await step('quota')).toMatchObject({ code: 'internal' });
    expect(flaky.seen).toHaveLength(1);
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
    expect(await step('pages')).toEqual({ found: 5, different: 5 });
  },
  patience(60_000),
);
