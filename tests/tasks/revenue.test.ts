import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { expect } from 'vitest';
import { connect } from '../support/connect.ts';
import { until } from '../support/sidecar.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { addAgent, addOpportunity, addProduct, answer, task } from './agents.ts';

const earn = (sql: postgres.ISql, micros: number, more: Record<string, unknown> = {}) => {
  const row = {
    amount_micros: micros,
    platform_fee_micros: Math.trunc(micros / 20),
    seller_share_micros: micros - Math.trunc(micros / 20),
    revenue_source: 'api_calls',
    status: 'collected',
    key: randomUUID(),
    ...more,
  };
  return sql`insert into autonomous_revenue ${sql(row)}`;
};
const rollUp = (sql: postgres.ISql, limit = 5000) => answer(sql`select roll_up_revenue(${limit}) as answer`);
/** A transaction of any database of the server holds back what is newer. */
const rollUpAll = (sql: postgres.ISql) =>
  until(async () => {
    await rollUp(sql);
    const [row] =
      await sql`select count(*)::int as rest from autonomous_revenue r, private.revenue_rolled_up w where r.xid >= w.upto`;
    return row?.rest === 0;
  });

/** Where what is shown differs from what the rows come to, by quarter and by day. */
async function differences(sql: postgres.ISql): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const [grain, unit] of [
    ['quarter', 'private.quarter_of(created_at)'],
    ['day', "date_trunc('day', created_at, 'utc')"],
  ]) {
    const shown = `select at, currency, revenue_source, sum(entries), sum(amount_micros), sum(platform_fee_micros), sum(seller_share_micros)
      from private.revenue_between('-infinity', 'infinity', '${grain}') group by 1, 2, 3`;
    const right = `select ${unit}, currency, revenue_source, count(*)::numeric, sum(amount_micros), sum(platform_fee_micros), sum(seller_share_micros)
      from autonomous_revenue where status = 'collected' group by 1, 2, 3`;
    found.push(...(await sql.unsafe(`(${shown} except ${right}) union all (${right} except ${shown})`)));
  }
  return found;
}
const look = (sql: postgres.Sql) => sql.begin('isolation level repeatable read', (own) => differences(own));

test('the sums are those of the rows to the last commit, also of what commits late, goes back or is collected later', async ({
  db,
}) => {
  const { sql } = db;
  const slow = connect(db.url, { max: 1 });
  for (let n = 0; n < 30; n++)
    await earn(sql, 1000 + n, { created_at: new Date(Date.now() - n * 3_700_000).toISOString() });
  await slow`begin`;
  await earn(slow, 777);
  await earn(sql, 500, { status: 'pending', key: 'later' });
  for (const limit of [3, 7, 5000]) {
    await rollUp(sql, limit);
    expect(await look(sql)).toEqual([]);
  }
  await slow`commit`;
  expect(await look(sql)).toEqual([]);
  await sql`update autonomous_revenue set status = 'collected' where key = 'later'`;
  await earn(sql, -1000, { revenue_source: 'payment_fees' });
  expect(await look(sql)).toEqual([]);
  await rollUpAll(sql);
  expect(await look(sql)).toEqual([]);
  await slow.end();
  // A zone of half hours, and one of which the clocks are put half an hour on.
  for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe']) {
    const shown = await answer(
      sql`select revenue_over_time((now() - interval '20 days')::date, (now() + interval '2 days')::date, 'day', ${zone}) as answer`,
    );
    const days = (shown.rows as { at: string; amount_micros: number }[]).map(({ at, amount_micros }) => [
      at,
      amount_micros,
    ]);
    const right =
      await sql`select private.utc_text(date_trunc('day', created_at, ${zone})) as at, sum(amount_micros)::float8 as sum
      from autonomous_revenue where status = 'collected' group by 1, revenue_source order by 1, revenue_source`;
    expect(days).toEqual(right.map(({ at, sum }) => [at, sum]));
  }
  // Built anew they are the same; what somebody changed by hand is found and mended.
  const [{ day } = { day: '' }] = await sql`select (now() at time zone 'utc')::date::text as day`;
  expect(await answer(sql`select check_revenue(${day}) as answer`)).toMatchObject({ status: 'same' });
  await sql`update private.revenue_figures set amount_micros = amount_micros + 1 where grain = 'quarter' and at >= ${day}::date at time zone 'utc'`;
  expect(await look(sql)).not.toEqual([]);
  expect(await answer(sql`select check_revenue(${day}) as answer`)).toMatchObject({ status: 'replaced' });
  expect(await look(sql)).toEqual([]);
  // What is collected stays as it is.
  await expect(
    sql`update autonomous_revenue set amount_micros = 1, platform_fee_micros = 1, seller_share_micros = 0`,
  ).rejects.toThrow('revenue is not changed');
  await expect(sql`delete from autonomous_revenue`).rejects.toThrow();
});

test("the first design's own questions are answered alike, for operators; nobody else sees the house's", async ({
  db,
}) => {
  const { sql } = db;
  const operator = await db.signUp();
  await sql`update users set role = 'operator' where id = ${operator.id}`;
  const product = await addProduct(sql, 100_000);
  const agent = await addAgent(sql, { max_concurrent_tasks: 3 });
  await earn(sql, 100_000, { agent_id: agent });
  const made = [1, 2, 3].map((n) => task(sql, { agent_id: agent, target_api_id: product }, `board ${n}`));
  const [first] = await Promise.all(made);
  await sql`select begin_task(${first?.task?.id ?? ''})`;
  await sql`select end_task(${first?.task?.id ?? ''}, 2, 'completed', 0)`;
  await addOpportunity(sql);
  await sql`insert into pending_payments (amount_micros) values (100000), (200000)`;
  const stats = await answer(sql`select revenue_stats('Asia/Kathmandu') as answer`);

  const { client } = operator;
  const [{ start } = { start: '' }] =
    await sql`select to_json(date_trunc('day', now(), 'Asia/Kathmandu')) as start`;
  const yesterday = new Date(Date.now() - 86_400_000).toISOString();
  const revenue = await client
    .from('autonomous_revenue')
    .select('amount')
    .gte('created_at', start)
    .eq('status', 'collected');
  const total = (revenue.data ?? []).reduce((sum, row) => sum + Number(row.amount), 0);
  const active = await client
    .from('autonomous_agents')
    .select('*', { count: 'exact', head: true })
    .eq('status', 'active');
  const tasks = (await client.from('brain_tasks').select('status').gte('created_at', yesterday)).data ?? [];
  const rate = tasks.filter(({ status }) => status === 'completed').length / tasks.length;
  const pending = await client
    .from('pending_payments')
    .select('*', { count: 'exact', head: true })
    .eq('status', 'pending');
  const today = (stats.today as { amount_micros: number }[])[0]?.amount_micros ?? 0;
  expect({ today: today / 1e6, active: stats.active_agents, pending: stats.pending_payments }).toEqual({
    today: Number(total.toFixed(6)),
    active: active.count,
    pending: pending.count,
  });
  expect(stats.success_rate).toBeCloseTo(rate, 6);
  expect([active.count, tasks.length, pending.count]).toEqual([1, 3, 2]);
  const [row] =
    await sql`select total_revenue_generated::text as total from autonomous_agents where id = ${agent}`;
  expect(row?.total).toBe('0.100000');
  const stranger = (await db.signUp()).client;
  for (const table of ['autonomous_revenue', 'brain_tasks', 'market_opportunities', 'agent_budgets'] as const)
    expect((await stranger.from(table).select('*')).data).toEqual([]);
  expect(await answer(sql`select revenue_stats('Mars/Olympus') as answer`)).toEqual({
    status: 'unknown_zone',
  });
  const [cards, list, open] = (
    await sql`select agent_cards() as a, list_tasks() as t, list_opportunities() as o`
  ).flatMap(({ a, t, o }) => [a, t, o]);
  expect([cards.length, list.length, open.length]).toEqual([1, 3, 4]);
});
