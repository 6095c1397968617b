import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { durabilityProblems, readDatabaseSettings } from '../../webhook-server/operations/check-database.ts';
import { listJobs } from '../../webhook-server/operations/list-jobs.ts';
import { type PeriodicJob, runJob, startJobs } from '../../webhook-server/operations/periodic-jobs.ts';
import { startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

async function run(name: string): Promise<void> {
  const job = listJobs(sidecar.deps).find((candidate) => candidate.name === name);
  if (job === undefined) throw new Error(`no job ${name}`);
  await job.run();
}

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

test('the audit tells of a broken invariant until it is mended', async () => {
  const person = await sidecar.database.signUp();
  await sidecar.buy(person);
  const { sql } = sidecar.database;
  const violations = async () => (await metric('mindbot_audit_violations')).sort();
  await run('audit_invariants');
  expect(await violations()).toEqual(
    [1, 2, 3, 4, 5, 6].map((i) => `mindbot_audit_violations{invariant="I${i}"} 0`),
  );
  await sql`update accounts set balance = balance + 60 where id = ${person.id}`;
  await run('audit_invariants');
  expect(await violations()).toContain('mindbot_audit_violations{invariant="I1"} 1');
  expect(await violations()).toContain('mindbot_audit_violations{invariant="I2"} 1');
  await sql`update accounts set balance = balance - 60 where id = ${person.id}`;
  await run('audit_invariants');
  expect(await violations()).toContain('mindbot_audit_violations{invariant="I1"} 0');
});

test('of ten replicas one runs a job, the others leave it', async () => {
  let runs = 0;
  let left = 0;
  const job: PeriodicJob = {
    name: 'shared',
    everySeconds: 60,
    run: async () => void runs++,
    leftToAnother: () => void left++,
  };
  await Promise.all(Array.from({ length: 10 }, () => runJob(sidecar.deps, job)));
  expect([runs, left]).toEqual([1, 9]);
});

test('a job that fails is counted and comes round again; stopping waits for it', async () => {
  let runs = 0;
  let finished = 0;
  const failing: PeriodicJob = {
    name: 'failing',
    everySeconds: 0.02,
    async run() {
      runs++;
      throw new Error('not today');
    },
  };
  const slow: PeriodicJob = {
    name: 'slow',
    everySeconds: 60,
    async run() {
      await new Promise((resolve) => setTimeout(resolve, 200));
      finished++;
    },
  };
  const jobs = startJobs(sidecar.deps, [failing, slow]);
  await until(async () => runs > 2);
  expect(jobs.late()).toEqual([]);
  await jobs.stop();
  expect(finished).toBe(1);
  const after = runs;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(runs).toBe(after);
  expect(await metric('mindbot_job_runs_total{job="failing",outcome="failed"}')).toHaveLength(1);
});

test('the ledger is kept only where a commit is on disk', async () => {
  expect(durabilityProblems(await readDatabaseSettings(sidecar.deps.database))).toEqual([]);
  expect(durabilityProblems({ synchronous_commit: 'remote_apply', fsync: 'on' })).toEqual([]);
  expect(durabilityProblems({ synchronous_commit: 'off', fsync: 'on' })).toHaveLength(1);
  expect(durabilityProblems({ synchronous_commit: 'local', fsync: 'off' })).toHaveLength(2);
});
