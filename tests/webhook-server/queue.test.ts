import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Fault } from '../../shared/errors.ts';
import { createLogger } from '../../shared/logging.ts';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import { describeFailure, PermanentError } from '../../webhook-server/base/failures.ts';
import type { JobHandler } from '../../webhook-server/base/job.ts';
import { showFigures } from '../../webhook-server/operations/show-figures.ts';
import { createBoss, startQueue } from '../../webhook-server/queue/start-queue.ts';
import { findLostJobs, makeAllDue, workJobs } from '../support/queue.ts';
import { startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

const MAX_ATTEMPTS = 20;
let sidecar: TestSidecar;
let deps: Dependencies;
beforeAll(async () => {
  sidecar = await startSidecar();
  deps = { ...sidecar.deps, logger: createLogger('test', 'silent') };
  const { sql } = sidecar.database;
  // As the product's own kinds are.
  await sql`select pgboss.create_queue('test', jsonb_build_object('policy', policy, 'retryLimit', retry_limit,
    'retryDelay', retry_delay, 'retryBackoff', retry_backoff, 'retryDelayMax', retry_delay_max,
    'expireInSeconds', expire_seconds, 'retentionSeconds', retention_seconds,
    'deleteAfterSeconds', deletion_seconds, 'notify', notify)) from pgboss.queue where name = 'notice'`;
});
beforeEach(() => sidecar.database.sql`delete from pgboss.job`);
afterEach(() => vi.restoreAllMocks());
afterAll(() => sidecar.close());

async function enqueue(count: number, kind = 'test'): Promise<string[]> {
  const keys = Array.from({ length: count }, () => `${kind}:${randomUUID()}`);
  await sidecar.database.sql`select private.enqueue(${kind}, key, '{}') from unnest(${keys}::text[]) key`;
  return keys;
}
const work = (handle: JobHandler) => workJobs({ deps, database: sidecar.database }, 'test', handle);
const rows = () => sidecar.database.sql<
  { key: string; attempt: number; state: string; reason: string | null; due_in: number }[]
>`select singleton_key as key, retry_count + 1 as attempt, state::text, output ->> 'reason' as reason,
    extract(epoch from start_after - now())::float as due_in from pgboss.job order by created_on, singleton_key`;

/** A replica that does `kind` jobs as in production: told of them, and without asking every second. */
const replica = (handle: JobHandler) =>
  startQueue(deps, {
    databaseUrl: deps.config.DATABASE_URL,
    effects: [{ kind: 'test', handle }],
    periodic: [],
  });

async function doTwice(jobs: number): Promise<{ keys: string[]; done: string[] }> {
  const keys = await enqueue(jobs);
  const done: string[] = [];
  const handle: JobHandler = async (_deps, { key }) => {
    done.push(key);
    await sleep(2);
    return 'done';
  };
  await Promise.all([work(handle), work(handle)]);
  return { keys, done };
}

test('two replicas at once do each job once', async () => {
  const { keys, done } = await doTwice(150);
  expect(done.toSorted()).toEqual(keys.toSorted());
  expect((await rows()).every(({ state, attempt }) => state === 'completed' && attempt === 1)).toBe(true);
});

test('a job begins when its transaction is committed, not when somebody asks for it', async () => {
  const begunMs: number[] = [];
  const running = await replica(async () => {
    begunMs.push(performance.now());
    return 'done';
  });
  try {
    // Whoever asked at its start has found nothing by now.
    await sleep(300);
    const owedMs = performance.now();
    await enqueue(1);
    await until(async () => begunMs.length === 1);
    // Far below the minute that lies between two questions.
    expect((begunMs[0] ?? 0) - owedMs).toBeLessThan(10_000);
  } finally {
    await running.stop();
  }
});

test('what one replica leaves, another one takes over', async () => {
  const begun: string[] = [];
  const first = await replica(async (_deps, { key }) => {
    begun.push(key);
    return 'done';
  });
  const second = await replica(async (_deps, { key }) => {
    begun.push(key);
    return 'done';
  });
  await first.stop();
  try {
    const [key] = await enqueue(1);
    await until(async () => begun.length === 1);
    expect(begun).toEqual([key]);
  } finally {
    await second.stop();
  }
});

test('an effect whose mark got lost in a crash is repeated when its time has run out, and not before', async () => {
  const [key] = await enqueue(1);
  const boss = createBoss(deps.config.DATABASE_URL, { isWorking: false });
  await boss.start();
  const [claimed] = await boss.fetch('test', { includeMetadata: true });
  expect(claimed).toMatchObject({ singletonKey: key, retryCount: 0 });
  await boss.supervise();
  expect(await rows()).toMatchObject([{ state: 'active' }]);
  await findLostJobs(sidecar);
  await makeAllDue(sidecar);
  const seen: string[] = [];
  const handle: JobHandler = async (_deps, job) => {
    seen.push(`${job.key} ${job.attempt}`);
    return 'done';
  };
  await work(handle);
  expect(seen).toEqual([`${key} 2`]);
  await makeAllDue(sidecar);
  await work(handle);
  expect(seen).toHaveLength(1);
  // The first comes back late: it changes nothing.
  if (claimed === undefined) throw new Error('nothing was claimed');
  await boss.fail('test', { id: claimed.id, retryCount: claimed.retryCount }, { reason: 'late' });
  await boss.stop();
  expect(await rows()).toMatchObject([{ state: 'completed', attempt: 2 }]);
});

test('a poison job holds up nobody: it waits longer each time and is given up with an alarm', async () => {
  const [poison] = await enqueue(1);
  await enqueue(20);
  const error = vi.spyOn(deps.logger, 'error');
  const handle: JobHandler = async (_deps, { key }) => {
    if (key === poison) throw new Error('550 no such user a.person@example.com');
    return 'done';
  };
  await work(handle);
  expect((await rows()).filter(({ state }) => state === 'completed')).toHaveLength(20);
  const ofPoison = async () => (await rows()).find(({ key }) => key === poison);
  const waits: number[] = [];
  // Each attempt counts, whoever makes it; only some are made here.
  for (const attempt of [2, 3, 11, MAX_ATTEMPTS - 1]) {
    await sidecar.database
      .sql`update pgboss.job set retry_count = ${attempt - 2} where singleton_key = ${poison ?? ''}`;
    await makeAllDue(sidecar);
    await work(handle);
    waits.push((await ofPoison())?.due_in ?? 0);
  }
  expect(waits[0]).toBeGreaterThan(3);
  expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
  expect(waits.at(-1)).toBeGreaterThan(3500);
  expect(waits.at(-1)).toBeLessThan(3601);
  await makeAllDue(sidecar);
  await work(handle);
  expect(await ofPoison()).toMatchObject({
    state: 'failed',
    attempt: MAX_ATTEMPTS,
    reason: 'Error: 550 no such user [address]',
  });
  expect(error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ kind: 'test', job_key: poison, attempt: MAX_ATTEMPTS }),
    expect.stringContaining('given up'),
  );
  await makeAllDue(sidecar);
  await work(handle);
  expect((await ofPoison())?.attempt).toBe(MAX_ATTEMPTS);
  await showFigures(deps);
  const figures = await deps.metrics.registry.metrics();
  expect(figures).toContain('mindbot_jobs_given_up{kind="test"} 1');
  expect(figures).toContain('mindbot_jobs_waiting{kind="test"} 0');
});

test('a job that ends its process each time is given up, too', async () => {
  await enqueue(1);
  const { sql } = sidecar.database;
  await sql`update pgboss.job set retry_limit = 2`;
  const boss = createBoss(deps.config.DATABASE_URL, { isWorking: false });
  await boss.start();
  for (let attempt = 1; attempt <= 3; attempt++) {
    expect(await boss.fetch('test')).toHaveLength(1);
    await findLostJobs(sidecar);
    await makeAllDue(sidecar);
  }
  expect(await boss.fetch('test')).toEqual([]);
  await boss.stop();
  const [row] = await sql`select public.list_given_up_jobs(10) as jobs`;
  expect(row?.jobs).toMatchObject([{ kind: 'test', attempts: 3, last_error: 'job timed out' }]);
});

test('what no repeat can mend is given up at once', async () => {
  await enqueue(1);
  await work(() => Promise.reject(new PermanentError('the recipient is refused')));
  expect(await rows()).toMatchObject([
    { state: 'failed', attempt: 1, reason: 'PermanentError: the recipient is refused' },
  ]);
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
  await work(async () => 'done');
  await sql`select private.enqueue('test', 'key', '{}')`;
  await work(() => Promise.reject(new Error('it was done already')));
  expect(await rows()).toMatchObject([{ state: 'completed' }]);
  // A kind that nobody works would be owed for ever.
  await expect(sql`select private.enqueue('no_such_kind', 'key', '{}')`).rejects.toThrow('no_such_kind');
});

test('what was done is kept for longer than a key can come again, and then deleted', async () => {
  const { sql } = sidecar.database;
  await enqueue(2);
  await work(async () => 'done');
  const [kept] = await enqueue(1);
  await sql`update pgboss.job set completed_on = now() - interval '401 days' where singleton_key =
    (select min(singleton_key) from pgboss.job where state = 'completed')`;
  await sql`update pgboss.job set completed_on = now() - interval '399 days'
    where state = 'completed' and completed_on > now() - interval '1 day'`;
  await sql`update pgboss.job set created_on = now() - interval '300 days', start_after = now() - interval '300 days'
    where singleton_key = ${kept ?? ''}`;
  await sql`update pgboss.queue set maintain_on = null`;
  const boss = createBoss(deps.config.DATABASE_URL, { isWorking: false });
  await boss.start();
  await boss.supervise();
  await boss.stop();
  expect((await rows()).map(({ state }) => state).toSorted()).toEqual(['completed', 'created']);
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
