import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PeriodicJob } from '../../webhook-server/base/job.ts';
import { durabilityProblems, readDatabaseSettings } from '../../webhook-server/operations/check-database.ts';
import { listPeriodicJobs } from '../../webhook-server/queue/jobs.ts';
import { startQueue } from '../../webhook-server/queue/start-queue.ts';
import { findLostJobs } from '../support/queue.ts';
import { startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

async function run(name: string): Promise<void> {
  const job = listPeriodicJobs(sidecar.deps).find((candidate) => candidate.name === name);
  if (job === undefined) throw new Error(`no job ${name}`);
  await job.run();
}

const start = (...periodic: PeriodicJob[]) =>
  startQueue(sidecar.deps, { databaseUrl: sidecar.deps.config.DATABASE_URL, effects: [], periodic });
const NEVER = '0 0 29 2 *';

async function metric(name: string): Promise<string[]> {
  const text = await sidecar.deps.metrics.registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(name));
}

test('the reaper settles a call whose worker went silent', async () => {
  const person = await sidecar.database.signUp();
  await sidecar.buy(person);
  const callId = randomUUID();
  const { service, sql } = sidecar.database;
  await service.rpc('open_call', { p_call_id: callId, p_user_id: person.id, p_room_name: 'silent' });
  await service.rpc('renew_call', { p_call_id: callId, p_epoch: 1, p_used_ms: 12_900 });
  await sql`update holds set lease_expires_at = now() - interval '1 second' where id = ${callId}`;
  await run('reap_calls');
  expect(await sidecar.balanceOf(person)).toBe(3588);
  expect(await metric('mindbot_reaped_calls_total')).toEqual(['mindbot_reaped_calls_total 1']);
  await run('reap_calls');
  expect(await metric('mindbot_reaped_calls_total')).toEqual(['mindbot_reaped_calls_total 1']);
  await sidecar.expectSound();
});

test('the sweep expires what is due', async () => {
  const person = await sidecar.database.signUp();
  await sidecar.buy(person);
  const { sql } = sidecar.database;
  await sql`update time_cards set expires_at = now() - interval '1 second' where user_id = ${person.id}`;
  await run('expire_cards');
  const [account] = await sql`select balance_seconds::int from time_accounts where user_id = ${person.id}`;
  expect(account?.balance_seconds).toBe(0);
  expect(await metric('mindbot_expired_cards_total')).toEqual(['mindbot_expired_cards_total 1']);
  await sidecar.expectSound();
});

test('of several replicas one at a time runs a job', async () => {
  let runs = 0;
  let atOnce = 0;
  let most = 0;
  const job: PeriodicJob = {
    name: 'shared',
    async run() {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 100));
      atOnce--;
      runs++;
    },
    nextInSeconds: async () => 1,
  };
  const replicas = await Promise.all(Array.from({ length: 4 }, () => start(job)));
  await until(async () => runs >= 3);
  await Promise.all(replicas.map((replica) => replica.stop()));
  expect(most).toBe(1);
  // However many replicas said so: one waits.
  const [row] = await sidecar.database.sql`select count(*)::int as n from pgboss.job
    where name = 'periodic' and singleton_key = 'shared' and state = 'created'`;
  expect(row?.n).toBe(1);
});

test('a job that fails is counted and comes round again; stopping waits for one under way', async () => {
  let runs = 0;
  let begun = false;
  let finished = 0;
  const failing: PeriodicJob = {
    name: 'failing',
    async run() {
      runs++;
      throw new Error('not today');
    },
    nextInSeconds: async () => 1,
  };
  const slow: PeriodicJob = {
    name: 'slow',
    async run() {
      begun = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
      finished++;
    },
    cron: NEVER,
  };
  const queue = await start(failing, slow);
  await until(async () => runs >= 2 && begun);
  expect(queue.late()).toEqual([]);
  await queue.stop();
  expect(finished).toBe(1);
  const after = runs;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(runs).toBe(after);
  expect(await metric('mindbot_job_runs_total{job="failing",outcome="failed"}')).toHaveLength(1);
});

test('a job whose replica died in the middle is done again by another one, and goes on', async () => {
  const { sql } = sidecar.database;
  let runs = 0;
  const job: PeriodicJob = {
    name: 'broken_off',
    run: async () => void runs++,
    nextInSeconds: async () => 3600,
  };
  const first = await start(job);
  await until(async () => runs === 1);
  await first.stop();
  // It was begun there, and the process ended: nobody noted a next time.
  await sql`delete from pgboss.job where singleton_key = 'broken_off' and state = 'created'`;
  await sql`update pgboss.job set state = 'active' where singleton_key = 'broken_off'`;
  const before = runs;
  await findLostJobs(sidecar);
  const [row] = await sql`select state::text from pgboss.job where singleton_key = 'broken_off'`;
  expect(row?.state).toBe('retry');
  const queue = await start(job);
  await until(async () => runs > before);
  await queue.stop();
});

test('what comes by the clock is there for every replica, and once however many there are', async () => {
  const queues = await Promise.all([1, 2].map(() => start(...listPeriodicJobs(sidecar.deps))));
  await Promise.all(queues.map((queue) => queue.stop()));
  const rows = await sidecar.database
    .sql`select key, cron from pgboss.schedule where key <> 'slow' order by key`;
  expect([...rows]).toEqual([
    { key: 'audit_invariants', cron: '*/10 * * * *' },
    { key: 'bill_late_usage', cron: '7 * * * *' },
    { key: 'check_figures', cron: '17 3 * * *' },
    { key: 'check_revenue', cron: '51 3 * * *' },
    { key: 'check_usage', cron: '41 3 * * *' },
    { key: 'compare_payments', cron: '*/5 * * * *' },
    { key: 'compare_usage', cron: '41 4 * * *' },
    { key: 'expire_cards', cron: '0 * * * *' },
    { key: 'forget_addresses', cron: '30 * * * *' },
    { key: 'invoice_runs', cron: '*/15 * * * *' },
    { key: 'reap_executions', cron: '* * * * *' },
    { key: 'reap_tasks', cron: '* * * * *' },
    { key: 'reconcile_payments', cron: '* * * * *' },
    { key: 'roll_up', cron: '* * * * *' },
    { key: 'roll_up_revenue', cron: '* * * * *' },
    { key: 'roll_up_usage', cron: '* * * * *' },
    { key: 'schedule_tasks', cron: '*/5 * * * *' },
    { key: 'usage_partitions', cron: '11 * * * *' },
  ]);
});

test('the reaper looks when the first lease can run out, and calls keep the top-ups awake', async () => {
  const { service, sql } = sidecar.database;
  const next = async (name: string) => {
    const job = listPeriodicJobs(sidecar.deps).find((candidate) => candidate.name === name);
    return job !== undefined && 'nextInSeconds' in job ? job.nextInSeconds() : undefined;
  };
  expect(await next('reap_calls')).toBe(30);
  expect(await next('auto_top_ups')).toBe(60);
  const person = await sidecar.database.signUp();
  await sidecar.buy(person);
  const callId = randomUUID();
  await service.rpc('open_call', { p_call_id: callId, p_user_id: person.id, p_room_name: 'awake' });
  await sql`update holds set lease_expires_at = now() + interval '12 seconds' where id = ${callId}`;
  expect(await next('reap_calls')).toBeGreaterThan(5);
  expect(await next('reap_calls')).toBeLessThan(12);
  expect(await next('auto_top_ups')).toBe(10);
  await sql`update holds set lease_expires_at = now() - interval '1 hour' where id = ${callId}`;
  expect(await next('reap_calls')).toBe(1);
  await run('reap_calls');
  expect(await next('reap_calls')).toBe(30);
});

test('the ledger is kept only where a commit is on disk', async () => {
  expect(durabilityProblems(await readDatabaseSettings(sidecar.deps.database))).toEqual([]);
  expect(durabilityProblems({ synchronous_commit: 'remote_apply', fsync: 'on' })).toEqual([]);
  expect(durabilityProblems({ synchronous_commit: 'off', fsync: 'on' })).toHaveLength(1);
  expect(durabilityProblems({ synchronous_commit: 'local', fsync: 'off' })).toHaveLength(2);
});
