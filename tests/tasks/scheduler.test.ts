import type postgres from 'postgres';
import { describe, expect } from 'vitest';
import { connect } from '../support/connect.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { addAgent, addOpportunity, addProduct, answer, budgetOf, task, tasksOf } from './agents.ts';

const schedule = (sql: postgres.ISql) => answer(sql`select schedule_tasks(1000) as answer`);

describe('many at once', () => {
  test('fifty schedulers make one task of each opportunity, within budgets and numbers', async ({ db }) => {
    const { sql } = db;
    const product = await addProduct(sql, 100_000);
    const agents = await Promise.all(
      [1, 2, 3, 4].map((i) => addAgent(sql, { daily_budget: i, max_concurrent_tasks: 12 })),
    );
    for (let i = 0; i < 60; i++) await addOpportunity(sql, { target_api_id: product });
    const connections = Array.from({ length: 50 }, () => connect(db.url, { max: 1 }));
    for (let round = 0; round < 3; round++) await Promise.all(connections.map((own) => schedule(own)));
    await Promise.all(connections.map((own) => own.end()));
    const rows =
      await sql`select opportunity_id, count(*)::int as n from brain_tasks group by 1 having count(*) > 1`;
    expect(rows).toEqual([]);
    // $1, $2, $3, $4 at 10 cents each: 10, and three times the 12 that may run at once.
    const each = await Promise.all(agents.map((id) => tasksOf(sql, id)));
    expect(each.map(({ length }) => length)).toEqual([10, 12, 12, 12]);
    for (const id of agents) {
      const { running_tasks, daily_budget_micros, reserved } = await budgetOf(sql, id);
      expect(reserved).toBe(100_000 * running_tasks);
      expect(reserved).toBeLessThanOrEqual(daily_budget_micros);
    }
    // One job for each.
    const [jobs] = await sql`select count(*)::int as n from pgboss.job where name = 'agent_task'`;
    expect(jobs?.n).toBe(46);
  });

  test('a budget is taken by as many as it suffices for', async ({ db }) => {
    const { sql } = db;
    const product = await addProduct(sql, 300_000);
    const agent = await addAgent(sql, { daily_budget: 1, max_concurrent_tasks: 100 });
    const ask = (i: number) =>
      task(sql, { agent_id: agent, target_api_id: product }, `at once ${i} ${agent}`);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => ask(i)));
    expect(answers.filter(({ status }) => status === 'assigned')).toHaveLength(3);
    expect(await budgetOf(sql, agent)).toMatchObject({ reserved: 900_000, spent: 0, running_tasks: 3 });
  });
});

describe('who does it', () => {
  test('the best that can, is free, and may', async ({ db }) => {
    const { sql } = db;
    const product = await addProduct(sql, 50_000);
    await sql`update autonomous_agents set status = 'maintenance'`;
    await sql`update market_opportunities set status = 'canceled' where status = 'open'`;
    const good = await addAgent(sql, { performance_score: 0.9, capabilities: ['api_calls'] });
    const better = await addAgent(sql, { performance_score: 0.95, capabilities: ['api_calls', 'charts'] });
    await addAgent(sql, { performance_score: 1, status: 'error', capabilities: ['api_calls', 'charts'] });
    await addAgent(sql, {
      performance_score: 1,
      agent_type: 'payment_bot',
      capabilities: ['api_calls', 'charts'],
    });
    await addAgent(sql, { performance_score: 1, daily_budget: 0.04, capabilities: ['api_calls', 'charts'] });
    const target = { target_api_id: product, required_capabilities: ['api_calls'] };
    await addOpportunity(sql, target);
    await addOpportunity(sql, target);
    await addOpportunity(sql, { ...target, required_capabilities: ['teleport'] });
    await addOpportunity(sql, { ...target, max_price_micros: 49_999 });
    await addOpportunity(sql, { ...target, expires_at: '2020-01-01' });
    expect(await schedule(sql)).toEqual({ status: 'done', looked_at: 4, assigned: 2 });
    expect([(await tasksOf(sql, better)).length, (await tasksOf(sql, good)).length]).toEqual([1, 1]);
  });

  test('what is simulated costs nothing and says so', async ({ db }) => {
    const { sql } = db;
    const product = await addProduct(sql, 50_000);
    const minter = await addAgent(sql, { agent_type: 'nft_minter', daily_budget: 0 });
    const request = {
      task_type: 'simulation',
      target_api_id: product,
      agent_id: minter,
      expected_revenue_micros: 5,
    };
    const made = await task(sql, request, `simulated ${minter}`);
    expect(made).toMatchObject({ status: 'assigned', task: { is_simulation: true, reserved_micros: 0 } });
    const [row] =
      await sql`select expected_revenue_micros::int from brain_tasks where assigned_agent = ${minter}`;
    expect(row?.expected_revenue_micros).toBe(0);
  });
});

describe('a task', () => {
  const assigned = async (sql: postgres.ISql, more: object = {}) => {
    const product = await addProduct(sql, 200_000);
    const agent = await addAgent(sql, { daily_budget: 1, ...more });
    const made = await task(sql, { agent_id: agent, target_api_id: product, quantity: 2 }, `key of ${agent}`);
    return { agent, product, id: made.task?.id ?? '' };
  };
  const begin = (sql: postgres.ISql, id: string) => answer(sql`select begin_task(${id}) as answer`);
  const end = (sql: postgres.ISql, id: string, epoch: number, outcome: string, charged = 0) =>
    answer(sql`select end_task(${id}, ${epoch}, ${outcome}, ${charged}, '{"ok": true}', 'why') as answer`);

  test('is made once for a key, begun by one worker, and ended once', async ({ db }) => {
    const { sql } = db;
    const { agent, product, id } = await assigned(sql);
    const again = await task(
      sql,
      { agent_id: agent, target_api_id: product, quantity: 2 },
      `key of ${agent}`,
    );
    expect(again).toMatchObject({ status: 'assigned', repeated: true, task: { id } });
    expect(await budgetOf(sql, agent)).toMatchObject({
      reserved: 400_000,
      running_tasks: 1,
      status: 'active',
    });
    const begun = await Promise.all([begin(sql, id), begin(sql, id), begin(sql, id)]);
    expect(begun.map(({ status }) => status).sort()).toEqual(['begun', 'under_way', 'under_way']);
    expect(await end(sql, id, 2, 'completed', 400_001)).toMatchObject({ status: 'more_than_reserved' });
    expect(await end(sql, id, 1, 'completed', 200_000)).toEqual({ status: 'lost' });
    expect(await end(sql, id, 2, 'completed', 200_000)).toEqual({ status: 'completed', repeated: false });
    expect(await end(sql, id, 2, 'failed', 0)).toEqual({ status: 'completed', repeated: true });
    expect(await budgetOf(sql, agent)).toMatchObject({
      reserved: 0,
      spent: 200_000,
      running_tasks: 0,
      status: 'idle',
    });
    const [row] =
      await sql`select total_tasks_completed::int as n, success_rate::float8 as rate, current_task_id
      from autonomous_agents where id = ${agent}`;
    expect(row).toEqual({ n: 1, rate: 1, current_task_id: null });
  });

  test('of a lost worker comes back, and who comes back late is not believed', async ({ db }) => {
    const { sql } = db;
    const { agent, id } = await assigned(sql);
    await begin(sql, id);
    expect(await answer(sql`select beat_task(${id}, 2) as answer`)).toEqual({ status: 'beating' });
    await sql`update brain_tasks set lost_at = now() - interval '1 second' where id = ${id}`;
    expect(await answer(sql`select reap_tasks() as answer`)).toMatchObject({ lost: 1 });
    expect(await begin(sql, id)).toMatchObject({ status: 'begun', task: { epoch: 3, attempt: 2 } });
    expect(await answer(sql`select beat_task(${id}, 2) as answer`)).toEqual({ status: 'lost' });
    expect(await end(sql, id, 2, 'completed', 1)).toEqual({ status: 'lost' });
    expect(await end(sql, id, 3, 'completed', 1)).toMatchObject({ status: 'completed' });
    expect(await budgetOf(sql, agent)).toMatchObject({ reserved: 0, spent: 1, running_tasks: 0 });
  });

  test('that fails is tried again later, and given up at last; who fails five times gets nothing for an hour', async ({
    db,
  }) => {
    const { sql } = db;
    const { agent, id } = await assigned(sql);
    for (let attempt = 1; attempt <= 5; attempt++) {
      await sql`update brain_tasks set due_at = now() where id = ${id}`;
      const { task: begun } = await begin(sql, id);
      const ended = await end(sql, id, begun?.epoch ?? 0, 'again');
      expect(ended.status).toBe(attempt < 5 ? 'again' : 'failed');
      if (attempt === 1) expect(await begin(sql, id)).toEqual({ status: 'not_due' });
    }
    expect(await budgetOf(sql, agent)).toMatchObject({
      reserved: 0,
      spent: 0,
      running_tasks: 0,
      status: 'idle',
    });
    await sql`update autonomous_agents set errors_in_a_row = 4 where id = ${agent}`;
    const product = await addProduct(sql, 1);
    const last = await task(sql, { agent_id: agent, target_api_id: product }, `last of ${agent}`);
    const { task: begun } = await begin(sql, last.task?.id ?? '');
    await end(sql, last.task?.id ?? '', begun?.epoch ?? 0, 'failed');
    expect(await budgetOf(sql, agent)).toMatchObject({ status: 'error' });
    expect((await task(sql, { agent_id: agent, target_api_id: product }, `none of ${agent}`)).status).toBe(
      'waiting',
    );
    await sql`update autonomous_agents set last_active_at = now() - interval '61 minutes' where id = ${agent}`;
    await sql`select optimise_agents()`;
    expect(await budgetOf(sql, agent)).toMatchObject({ status: 'idle' });
  });

  test('of an agent that is deleted goes to another one, unless it has begun', async ({ db }) => {
    const { sql } = db;
    await sql`update autonomous_agents set status = 'maintenance'`;
    const { agent, product, id } = await assigned(sql);
    const second = await task(sql, { agent_id: agent, target_api_id: product }, `second of ${agent}`);
    expect(second.status).toBe('waiting');
    await sql`update autonomous_agents set max_concurrent_tasks = 2 where id = ${agent}`;
    const { task: waiting } = await task(
      sql,
      { agent_id: agent, target_api_id: product },
      `third of ${agent}`,
    );
    await begin(sql, id);
    await sql`select set_agent_state(${agent}, 'retired')`;
    const heir = await addAgent(sql, { daily_budget: 1 });
    await sql`update market_opportunities set status = 'canceled' where key = ${`task:second of ${agent}`}`;
    expect(await schedule(sql)).toMatchObject({ assigned: 1 });
    expect(await tasksOf(sql, heir)).toEqual([{ status: 'assigned' }]);
    expect(await begin(sql, waiting?.id ?? '')).toEqual({ status: 'ended' });
    expect(await end(sql, id, 2, 'completed', 400_000)).toMatchObject({ status: 'completed' });
    expect(await budgetOf(sql, agent)).toMatchObject({ reserved: 0, spent: 400_000, running_tasks: 0 });
  });

  test("counts on the day of the agent's zone on which it was assigned", async ({ db }) => {
    const { sql } = db;
    const { agent } = await assigned(sql, { zone: 'Pacific/Kiritimati' });
    const [row] =
      await sql`select day = (now() at time zone 'Pacific/Kiritimati')::date as ok from agent_budgets where agent_id = ${agent}`;
    expect(row?.ok).toBe(true);
    await expect(addAgent(sql, { zone: 'Europe/Atlantis' })).rejects.toMatchObject({ code: '22023' });
  });
});

test('what is for sale is found once in five minutes, and not while it waits', async ({ db }) => {
  const { sql } = db;
  await addProduct(sql, 70_000, { title: 'Weather' });
  const look = () => answer(sql`select monitor_market(null, 500) as answer`);
  const found = (await look()).opportunities as { title: string; expected_revenue_micros: number }[];
  const weather = found.find(({ title }) => title === 'Call Weather');
  expect(weather).toMatchObject({ expected_revenue_micros: 70_000, score: 0.5 });
  expect(await look()).toEqual({ status: 'monitored', opportunities: [] });
  const strangers = await answer(sql`select monitor_market(gen_random_uuid()) as answer`);
  expect(strangers).toEqual({ status: 'unknown_tenant' });
});
