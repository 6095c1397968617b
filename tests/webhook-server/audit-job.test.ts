import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway } from '../../local/database/gateway.ts';
import { freePort } from '../../local/free-port.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { auditInvariants } from '../../webhook-server/operations/audit-invariants.ts';
import { showFigures } from '../../webhook-server/operations/show-figures.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { startSidecar, type TestSidecar, until } from '../support/sidecar.ts';
import { giveTime } from '../time/people.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

/** What is shown of one figure, by its label. */
async function shown(name: string): Promise<Record<string, number>> {
  const text = await sidecar.deps.metrics.registry.metrics();
  const lines = text.matchAll(new RegExp(`^${name}\\{\\w+="(\\w+)"\\} (.+)$`, 'gm'));
  return Object.fromEntries([...lines].map(([, label = '', value]) => [label, Number(value)]));
}

async function violations(): Promise<Record<string, number>> {
  await showFigures(sidecar.deps);
  return shown('mindbot_audit_violations');
}

const SOUND = { I1: 0, I2: 0, I3: 0, I4: 0, I5: 0, I6: 0 };

async function auditFor(milliseconds: number) {
  const { data, error } = await sidecar.database.service.rpc('audit_some', { p_milliseconds: milliseconds });
  expect(error).toBeNull();
  return data as { status: string; violations?: { subject: string }[] };
}

async function people(count: number): Promise<string[]> {
  const { sql } = sidecar.database;
  const rows = await sql<{ id: string }[]>`
    insert into auth.users (id, email) select gen_random_uuid(), n || '@many.example' from generate_series(1, ${count}) n
    returning id`;
  return rows.map(({ id }) => id);
}

test('the audit tells of a broken invariant until it is mended, and every replica shows it', async () => {
  const person = await sidecar.database.signUp();
  const { sql } = sidecar.database;
  await giveTime(sql, person.id, 600);
  expect(await violations()).toEqual({});
  await auditInvariants(sidecar.deps);
  expect(await violations()).toEqual(SOUND);
  await sql`update accounts set balance = balance + 60 where id = ${person.id}`;
  await auditInvariants(sidecar.deps);
  expect(await violations()).toEqual({ ...SOUND, I1: 1, I2: 1 });
  await sql`update accounts set balance = balance - 60 where id = ${person.id}`;
  await auditInvariants(sidecar.deps);
  expect(await violations()).toEqual(SOUND);
});

test('a receipt that somebody changed is found by the job', async () => {
  const { sql, service, signUp } = sidecar.database;
  const person = await signUp();
  await giveTime(sql, person.id, 600);
  const callId = crypto.randomUUID();
  await service.rpc('open_call', { p_call_id: callId, p_user_id: person.id, p_room_name: callId });
  await service.rpc('settle_call', {
    p_call_id: callId,
    p_epoch: 1,
    p_used_ms: 20_000,
    p_end_reason: 'silence',
  });
  await auditInvariants(sidecar.deps);
  expect(await violations()).toEqual(SOUND);
  const set = (seconds: number) =>
    sql`update calls set receipt = jsonb_set(receipt, '{charged_seconds}', to_jsonb(${seconds}::int)) where id = ${callId}`;
  await set(19);
  await auditInvariants(sidecar.deps);
  expect(await violations()).toEqual({ ...SOUND, I5: 1 });
  await set(20);
  await auditInvariants(sidecar.deps);
  expect(await violations()).toEqual(SOUND);
});

test('a run is bounded, rounds go on where the last run stopped, and what changed is audited before its turn', async () => {
  const { sql } = sidecar.database;
  await people(1000);
  const last = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
  await sql`insert into auth.users (id, email) values (${last}, 'last@many.example')`;
  await sql`update private.audit_progress set after_id = null, completed_at = null`;
  await giveTime(sql, last, 600);
  await sql`update accounts set balance = balance + 1 where id = ${last}`;
  // Nobody of the round so far, and the entry is not a minute old.
  expect(await auditFor(1)).toMatchObject({ status: 'more', violations: [] });
  const [progress] = await sql`select after_id from private.audit_progress where part = 'accounts'`;
  expect(progress?.after_id).not.toBeNull();
  await sql`alter table ledger disable trigger user`;
  await sql`update ledger set created_at = created_at - interval '2 minutes'`;
  await sql`alter table ledger enable trigger user`;
  const changed = await auditFor(100);
  expect(changed.violations?.map(({ subject }) => subject)).toContain(last);
  const rounds = [];
  // A millisecond is over after the first hundred of them.
  for (let run = 0; run < 200 && rounds.at(-1) !== 'complete'; run++) rounds.push((await auditFor(1)).status);
  expect(rounds.at(-1)).toBe('complete');
  expect(rounds.length).toBeGreaterThan(1);
  await sql`update accounts set balance = balance - 1 where id = ${last}`;
  await auditInvariants(sidecar.deps);
  expect(await violations()).toEqual(SOUND);
});

test('what is not known is not shown: after an audit that did not run, and while the database is away', async () => {
  const { sql } = sidecar.database;
  await auditInvariants(sidecar.deps);
  await sql`update private.audit_state set ran_at = now() - interval '26 minutes'`;
  expect(await violations()).toEqual({});
  expect((await shown('mindbot_audit_age_seconds')).run).toBeGreaterThanOrEqual(26 * 60);
  await auditInvariants(sidecar.deps);
  expect(await violations()).toEqual(SOUND);
  const away = { ...sidecar.deps, database: createDatabaseClient('http://127.0.0.1:1', TEST_KEYS.secretKey) };
  await expect(showFigures(away)).rejects.toMatchObject({ code: 'database_unavailable' });
  expect(await shown('mindbot_audit_violations')).toEqual({});
  expect(await sidecar.deps.metrics.registry.metrics()).not.toMatch(/^mindbot_people_without_customer \d/m);
});

/** Statements of the audit and the count that the database is at. */
async function underWay(): Promise<number> {
  const [row] = await sidecar.database.sql`select count(*)::int as n from pg_stat_activity
    where query ~ 'audit_some|roll_up' and state = 'active' and pid <> pg_backend_pid()`;
  return row?.n as number;
}

test('a run that takes too long is canceled in the database, sent once, and not begun beside itself', async () => {
  const { sql, url } = sidecar.database;
  const options = { databaseUrl: url, port: await freePort(), keys: TEST_KEYS, migrations: null };
  const gateway = await startGateway({ ...options, statementTimeoutMs: 4000 });
  const deps = { ...sidecar.deps, database: createDatabaseClient(gateway.url, TEST_KEYS.secretKey) };
  try {
    // The gateway's own first look at the schema is no part of it.
    await auditInvariants(deps);
    let beside: unknown;
    await sql.begin(async (holder) => {
      await holder`lock table private.audit_violations in access exclusive mode`;
      const run = auditInvariants(deps).catch((error: unknown) => error);
      await until(async () => (await underWay()) > 0);
      beside = (await auditFor(100)).status;
      expect(await run).toMatchObject({
        code: 'database_unavailable',
        cause: { message: expect.stringContaining('statement timeout') },
      });
      expect(await underWay()).toBe(0);
    });
    expect(beside).toBe('busy');
    await auditInvariants(deps);
    expect(await violations()).toEqual(SOUND);
  } finally {
    await gateway.close();
  }
});
