import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import { createLogger } from '../../shared/logging.ts';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import { describeFailure, PermanentError } from '../../webhook-server/base/failures.ts';
import type { OutboxHandler } from '../../webhook-server/outbox/outbox-item.ts';
import { MAX_ATTEMPTS, retryDelaySeconds } from '../../webhook-server/outbox/retry-delay.ts';
import { watchOutbox } from '../../webhook-server/outbox/watch-outbox.ts';
import { workOutbox } from '../../webhook-server/outbox/work-outbox.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let deps: Dependencies;
beforeAll(async () => {
  sidecar = await startSidecar();
  deps = { ...sidecar.deps, logger: createLogger('test', 'silent') };
});
beforeEach(() => sidecar.database.sql`delete from private.outbox`);
afterEach(() => vi.restoreAllMocks());
afterAll(() => sidecar.close());

async function enqueue(count: number, kind = 'test'): Promise<string[]> {
  const keys = Array.from({ length: count }, () => `${kind}:${randomUUID()}`);
  await sidecar.database.sql`select private.enqueue(${kind}, key, '{}') from unnest(${keys}::text[]) key`;
  return keys;
}
const makeAllDue = () => sidecar.database.sql`update private.outbox set due_at = now() where done_at is null`;
const rows = () => sidecar.database.sql<
  { key: string; attempts: number; done: boolean; parked: boolean; error: string | null; due_in: number }[]
>`select key, attempts, done_at is not null as done, parked_at is not null as parked, last_error as error,
    extract(epoch from due_at - now())::float as due_in from private.outbox order by created_at, key`;

/** A process of its own, as far as the outbox can tell. */
function replica(): Dependencies {
  const { SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY } = deps.config;
  return { ...deps, database: createDatabaseClient(SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY) };
}

async function doTwice(items: number): Promise<{ keys: string[]; done: string[] }> {
  const keys = await enqueue(items);
  const done: string[] = [];
  const handle: OutboxHandler = async (_deps, { key }) => {
    done.push(key);
    await sleep(2);
    return 'done';
  };
  await Promise.all([replica(), replica()].map((one) => workOutbox(one, { kind: 'test', handle })));
  return { keys, done };
}

test('two replicas at once do each item once', async () => {
  const { keys, done } = await doTwice(150);
  expect(done.toSorted()).toEqual(keys.toSorted());
  expect((await rows()).every((row) => row.done && row.attempts === 1)).toBe(true);
});

test('which the lock is for: without it items are done twice', async () => {
  const { sql } = sidecar.database;
  const [row] = await sql`select pg_get_functiondef('public.claim_outbox_item'::regproc) as definition`;
  const guarded = row?.definition as string;
  const unguarded = guarded.replace('for update skip locked', '');
  expect(unguarded).not.toBe(guarded);
  await sql.unsafe(unguarded);
  try {
    const { keys, done } = await doTwice(50);
    expect(done.length).toBeGreaterThan(keys.length);
  } finally {
    await sql.unsafe(guarded);
  }
});

test('an effect whose mark got lost in a crash is repeated when its lease runs out, and not before', async () => {
  const [key] = await enqueue(1);
  const seen: string[] = [];
  const handle: OutboxHandler = async (_deps, item) => {
    seen.push(`${item.key} ${item.attempt}`);
    return 'done';
  };
  const claim = { p_kind: 'test', p_lease_seconds: 60, p_max_attempts: MAX_ATTEMPTS };
  const { data } = await deps.database.rpc('claim_outbox_item', claim);
  expect(data).toMatchObject({ status: 'claimed', key, attempt: 1 });
  await workOutbox(deps, { kind: 'test', handle });
  expect(seen).toEqual([]);
  await makeAllDue();
  await workOutbox(deps, { kind: 'test', handle });
  expect(seen).toEqual([`${key} 2`]);
  await makeAllDue();
  await workOutbox(deps, { kind: 'test', handle });
  expect(seen).toHaveLength(1);
});

test('a poison item holds up nobody: it waits longer each time and is parked with an alarm', async () => {
  const [poison] = await enqueue(1);
  await enqueue(20);
  const error = vi.spyOn(deps.logger, 'error');
  const handle: OutboxHandler = async (_deps, { key }) => {
    if (key === poison) throw new Error('550 no such user a.person@example.com');
    return 'done';
  };
  await workOutbox(deps, { kind: 'test', handle, random: () => 1 });
  expect((await rows()).filter((row) => row.done)).toHaveLength(20);
  const waits: number[] = [];
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
    waits.push((await rows()).find(({ key }) => key === poison)?.due_in ?? 0);
    await makeAllDue();
    await workOutbox(deps, { kind: 'test', handle, random: () => 1 });
  }
  expect(waits[0]).toBeGreaterThan(3);
  expect(waits.at(-1)).toBeGreaterThan(3500);
  const parked = (await rows()).find(({ key }) => key === poison);
  expect(parked).toMatchObject({ parked: true, attempts: MAX_ATTEMPTS });
  expect(parked?.error).toBe('Error: 550 no such user [address]');
  expect(error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ kind: 'test', item_key: poison, attempts: MAX_ATTEMPTS }),
    expect.stringContaining('parked'),
  );
  await makeAllDue();
  await workOutbox(deps, { kind: 'test', handle });
  expect((await rows()).find(({ key }) => key === poison)?.attempts).toBe(MAX_ATTEMPTS);
  await watchOutbox(deps);
  const figures = await deps.metrics.registry.metrics();
  expect(figures).toContain('mindbot_outbox_parked{kind="test"} 1');
  expect(figures).toContain('mindbot_outbox_waiting{kind="test"} 0');
});

test('an item that ends its process each time is parked, too', async () => {
  await enqueue(1);
  const claim = { p_kind: 'test', p_lease_seconds: 60, p_max_attempts: 3 };
  for (let attempt = 1; attempt <= 3; attempt++) {
    const { data } = await deps.database.rpc('claim_outbox_item', claim);
    expect(data).toMatchObject({ status: 'claimed', attempt });
    await makeAllDue();
  }
  expect((await deps.database.rpc('claim_outbox_item', claim)).data).toMatchObject({ status: 'parked' });
  expect(await rows()).toMatchObject([{ parked: true, error: 'no attempt came to an end' }]);
});

test('what no repeat can mend is parked at once', async () => {
  await enqueue(1);
  const handle: OutboxHandler = () => Promise.reject(new PermanentError('the recipient is refused'));
  await workOutbox(deps, { kind: 'test', handle });
  expect(await rows()).toMatchObject([
    { parked: true, attempts: 1, error: 'PermanentError: the recipient is refused' },
  ]);
});

test('a worker that comes back late changes nothing for the next attempt, and may still say that it is done', async () => {
  await enqueue(1);
  const claim = { p_kind: 'test', p_lease_seconds: 60, p_max_attempts: MAX_ATTEMPTS };
  const { data: first } = await deps.database.rpc('claim_outbox_item', claim);
  await makeAllDue();
  await deps.database.rpc('claim_outbox_item', claim);
  const { id } = first as { id: string };
  const late = await deps.database.rpc('fail_outbox_item', { p_id: id, p_attempt: 1, p_error: 'late' });
  expect(late.data).toEqual({ status: 'stale' });
  expect(await rows()).toMatchObject([{ parked: false, attempts: 2, error: null }]);
  await deps.database.rpc('finish_outbox_item', { p_id: id });
  const failed = await deps.database.rpc('fail_outbox_item', { p_id: id, p_attempt: 2, p_error: 'second' });
  expect(failed.data).toEqual({ status: 'stale' });
  expect(await rows()).toMatchObject([{ done: true, parked: false }]);
});

test('a key is owed once, in the transaction that causes it or not at all', async () => {
  const { sql } = sidecar.database;
  await expect(
    sql.begin(async (transaction) => {
      await transaction`select private.enqueue('test', 'key', '{}')`;
      throw new Error('the purchase failed');
    }),
  ).rejects.toThrow('the purchase failed');
  expect(await rows()).toEqual([]);
  await Promise.all(Array.from({ length: 8 }, () => sql`select private.enqueue('test', 'key', '{}')`));
  expect(await rows()).toHaveLength(1);
});

test('the delay doubles up to an hour, is never the same twice, and ends', () => {
  expect([1, 2, 3].map((attempt) => retryDelaySeconds(attempt, 1))).toEqual([5, 10, 20]);
  expect(retryDelaySeconds(1, 0)).toBe(2.5);
  expect(retryDelaySeconds(MAX_ATTEMPTS - 1, 1)).toBe(3600);
  expect(retryDelaySeconds(MAX_ATTEMPTS, 1)).toBeNull();
});

test('no address, code, key or token stays in what is stored of a failure', () => {
  const texts = [
    'to <someone@example.com> refused',
    'code ABCD-EFGH-2346 and whsec_abcdef123 and sk_live_0123',
    'pi_123_secret_456 eyJhbGciOi.eyJzdWIi.c2ln',
  ];
  for (const text of texts) {
    const line = describeFailure(new Fault('internal', undefined, { cause: new Error(text) }));
    expect(line).toMatch(/^internal, Error: /);
    for (const secret of ['someone', 'ABCD', 'whsec_', 'sk_live', '_secret_', 'eyJ'])
      expect(line).not.toContain(secret);
  }
  expect(describeFailure('thrown text')).toBe('string');
});
