import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { expect } from 'vitest';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { addPerson } from '../time/people.ts';
import { addTenant } from '../usage/usage.ts';

type Run = {
  gainshare_run_id: string;
  calculated_savings_cad: number;
  fee_cad: number;
  fee_cents: number;
  status: string;
  snapshot_hash: string;
  chain: string;
  savings_breakdown: Record<string, { savings: number; improvement: number; actual: number; chain: string }>;
  acts: { act: string }[];
};
type Answer = { status: string; run?: Run };

async function plant(sql: postgres.Sql) {
  const [owner, operator] = [await addPerson(sql), await addPerson(sql)];
  await sql`update public.users set role = 'operator' where id = ${operator}`;
  const tenant = await addTenant(sql, [owner]);
  const ask = async (text: string, values: unknown[]): Promise<Answer> => {
    const [row] = await sql.unsafe(`select ${text} as answer`, values as never[]);
    return row?.answer as Answer;
  };
  const baseline = (row: object) =>
    ask('public.add_kpi_baseline($1, $2, $3)', [operator, tenant, { effective_from: '2024-01-01', ...row }]);
  const actual = (row: object) =>
    ask('public.add_kpi_actual($1, $2, $3)', [
      operator,
      tenant,
      { period_start: '2024-01-01', period_end: '2024-12-31', ...row },
    ]);
  const run = (share = 15, cap: number | null = null, to = '2024-12-31') =>
    ask('public.run_gainshare($1, $2, $3, $4, $5, $6)', [operator, tenant, '2024-01-01', to, share, cap]);
  const decide = (who: string, found: Run | undefined, decision: string, reason?: string, hash?: string) =>
    ask('public.decide_gainshare($1, $2, $3, $4, $5)', [
      who,
      found?.gainshare_run_id ?? randomUUID(),
      decision,
      hash ?? found?.snapshot_hash ?? '',
      reason ?? null,
    ]);
  return { owner, operator, tenant, baseline, actual, run, decide };
}

/** The case of the first design, with the rows that make the rest of its savings. */
async function measured(sql: postgres.Sql) {
  const it = await plant(sql);
  await it.baseline({ metric: 'availability', baseline_value: 86, cost_per_unit: 25_000 });
  await it.baseline({ metric: 'mtbf', baseline_value: 100, cost_per_unit: 80_000 });
  await it.baseline({ metric: 'mttr', baseline_value: 8, cost_per_unit: 5_000 });
  await it.actual({ metric: 'availability', value: 90 });
  await it.actual({ metric: 'mtbf', value: 125 });
  await it.actual({ metric: 'mttr', value: 5, events: 20 });
  return it;
}

test('from measurement to fee: 86 to 90 of 2,500 hours, 3,200,000 in all, 15 % of it', async ({ db }) => {
  const { run } = await measured(db.sql);
  const { status, run: found } = await run();
  expect([status, found?.status, found?.calculated_savings_cad, found?.fee_cad]).toEqual([
    'run',
    'pending_approval',
    3_200_000,
    480_000,
  ]);
  expect(found?.chain).toBe('2500000 + 400000 + 300000 = 3200000.00; 3200000.00 × 15 % = 480000.00');
  const chains = Object.entries(found?.savings_breakdown ?? {}).map(
    ([name, { chain }]) => `${name}: ${chain}`,
  );
  expect(chains).toEqual([
    'mtbf: 125 − 100 = 25 hour; 2500 h / 100 − 2500 h / 125 = 5; 5 × 80000 = 400000.00',
    'mttr: 8 − 5 = 3 hour; 3 × 20 events = 60; 60 × 5000 = 300000.00',
    'availability: 90 − 86 = 4 percent; 4 % × 2500 h = 100; 100 × 25000 = 2500000.00',
  ]);
  expect(found?.savings_breakdown.availability).toMatchObject({
    ...{ baseline: 86, actual: 90, improvement: 4, savings: 2_500_000, hours_assumed: true },
  });
});

test('the same measurements are the same run; others take its place while nobody agreed', async ({ db }) => {
  const { run, actual, decide, owner } = await measured(db.sql);
  const first = (await run()).run;
  expect((await run()).run?.gainshare_run_id).toBe(first?.gainshare_run_id);
  await actual({ metric: 'availability', value: 89 });
  expect((await decide(owner, first, 'approve', undefined, 'f'.repeat(64))).status).toBe('another_run');
  const second = (await run()).run;
  expect([second?.fee_cad, (await decide(owner, first, 'approve')).status]).toEqual([386_250, 'too_late']);
  expect((await decide(owner, second, 'approve')).run?.status).toBe('approved');
  await actual({ metric: 'availability', value: 90 });
  expect((await run()).status).toBe('overlaps');
});

test('net of losses, capped, averaged by days and by repairs; a period that lost owes nothing', async ({
  db,
}) => {
  const { baseline, actual, run } = await plant(db.sql);
  expect((await run()).status).toBe('nothing_measured');
  await baseline({ metric: 'overtime', baseline_value: 1_000, cost_per_unit: 60 });
  await baseline({
    metric: 'inventory',
    baseline_value: 500_000,
    cost_per_unit: 1,
    max_savings_cents: 10_000_00,
  });
  await baseline({ metric: 'mttr', baseline_value: 8, cost_per_unit: 100 });
  await actual({ metric: 'overtime', value: 1_500 });
  await actual({ metric: 'inventory', value: 400_000 });
  await actual({ metric: 'mttr', value: 4, events: 3, period_end: '2024-06-30' });
  await actual({ metric: 'mttr', value: 10, events: 1, period_start: '2024-07-01' });
  expect((await actual({ metric: 'mttr', value: 1, period_start: '2024-06-01' })).status).toBe('overlaps');
  // 30,000 lost, at most 10,000 won, and (8 − 5.5) × 4 × 100 = 1,000.
  const lost = (await run()).run;
  expect([lost?.calculated_savings_cad, lost?.fee_cad]).toEqual([0, 0]);
  expect(lost?.savings_breakdown.mttr).toMatchObject({ actual: 5.5, savings: 1_000 });
  await actual({ metric: 'overtime', value: 900.33 });
  // 5,980.20 + 10,000 + 1,000 = 16,980.20, of which 12.5 % are 2,122.525: half a cent goes up.
  expect((await run(12.5)).run?.fee_cents).toBe(212_253);
  expect((await run(12.5, 200_000)).run?.fee_cents).toBe(200_000);
  expect((await run(25)).status).toBe('invalid_run');
});

test('a yen has no cents', async ({ db }) => {
  const { baseline, actual, run } = await plant(db.sql);
  await baseline({ metric: 'overtime', baseline_value: 100, cost_per_unit: 333, currency: 'jpy' });
  await actual({ metric: 'overtime', value: 49 });
  const { run: found } = await run(15);
  // 51 × 333 = 16,983 yen; 15 % are 2,547.45.
  expect([found?.fee_cents, found?.fee_cad]).toEqual([2_547, null]);
});

test('owner or billing decide, never who ran it; silence is no consent; all of it is written down', async ({
  db,
}) => {
  const { sql } = db;
  const { run, decide, owner, operator, tenant } = await measured(sql);
  const found = (await run()).run;
  const [member, stranger] = [await addPerson(sql), await addPerson(sql)];
  for (const [id, role] of [
    [member, 'member'],
    [operator, 'owner'],
  ] as const)
    await sql`insert into public.tenant_members (tenant_id, user_id, role) values (${tenant}, ${id}, ${role})`;
  expect((await decide(stranger, found, 'approve')).status).toBe('unknown_run');
  expect((await decide(member, found, 'approve')).status).toBe('not_allowed');
  expect((await decide(operator, found, 'approve')).status).toBe('own_affair');
  expect((await decide(owner, found, 'dispute')).status).toBe('invalid_decision');
  expect((await decide(owner, found, 'dispute', 'The hours are too many.')).run?.status).toBe('disputed');
  expect((await decide(owner, found, 'approve')).run?.status).toBe('approved');
  // On no invoice yet: it is taken back, and nothing waits any more.
  const lines = () =>
    sql`select amount_cents from private.invoice_lines where gainshare_run_id = ${found?.gainshare_run_id ?? ''}`;
  expect((await lines()).map(({ amount_cents }) => Number(amount_cents))).toEqual([48_000_000]);
  expect((await decide(owner, found, 'dispute', 'After all.')).run?.status).toBe('disputed');
  expect(await lines()).toHaveLength(0);
  expect((await decide(owner, found, 'reject', 'No.')).run?.acts.map(({ act }) => act)).toEqual([
    'run',
    'dispute',
    'approve',
    'dispute',
    'reject',
  ]);
  expect((await decide(owner, found, 'approve')).status).toBe('too_late');
  await expect(sql`update public.gainshare_runs set fee_cents = 1`).rejects.toThrow('are kept');
  await expect(sql`delete from public.gainshare_acts`).rejects.toThrow('are kept');
  await expect(sql`update public.kpi_baselines set cost_per_unit = 1`).rejects.toThrow('are kept');
  const [hash] =
    await sql`select encode(sha256(convert_to(snapshot::text, 'utf8')), 'hex') = snapshot_hash as same from public.gainshare_runs
    where id = ${found?.gainshare_run_id ?? ''}`;
  expect(hash?.same).toBe(true);
});
