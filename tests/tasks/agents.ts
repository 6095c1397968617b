import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';

export type Answer = {
  status: string;
  repeated?: boolean;
  task?: { id: string; epoch: number; attempt: number; is_simulation: boolean };
  [field: string]: unknown;
};

export async function answer(query: Promise<readonly postgres.Row[]>): Promise<Answer> {
  return (await query)[0]?.answer;
}

/** An agent of the house that may spend $10 a day, unless said otherwise. */
export async function addAgent(sql: postgres.ISql, more: Record<string, unknown> = {}): Promise<string> {
  const row = {
    agent_name: 'Agent',
    agent_type: 'api_consumer',
    daily_budget: 10,
    capabilities: ['api_calls'],
    ...more,
  };
  const [made] = await sql`insert into autonomous_agents ${sql(row)} returning id`;
  return made?.id;
}

export async function addProduct(
  sql: postgres.ISql,
  priceMicros: number,
  more: object = {},
): Promise<string> {
  const row = {
    name: `api_${randomUUID().slice(0, 8)}`,
    status: 'active',
    price_per_call: priceMicros / 1e6,
    api_endpoint: 'https://api.example.com/v1',
    ...more,
  };
  const [made] = await sql`insert into api_products ${sql(row)} returning id`;
  return made?.id;
}

export async function addOpportunity(
  sql: postgres.ISql,
  more: Record<string, unknown> = {},
): Promise<string> {
  const [made] =
    await sql`insert into market_opportunities ${sql({ title: 'Chance', ...more })} returning id`;
  return made?.id;
}

export const task = (sql: postgres.ISql, request: object, key: string) =>
  answer(sql`select create_task(${sql.json(request as never)}, ${key}) as answer`);

export async function budgetOf(sql: postgres.ISql, agentId: string) {
  const [row] = await sql<
    { running_tasks: number; status: string; daily_budget_micros: number; reserved: number; spent: number }[]
  >`select running_tasks, status, daily_budget_micros::float8, coalesce(sum(reserved_micros), 0)::float8 as reserved,
      coalesce(sum(spent_micros), 0)::float8 as spent
    from autonomous_agents a left join agent_budgets b on b.agent_id = a.id where a.id = ${agentId} group by a.id`;
  if (row === undefined) throw new Error('there is no such agent');
  return row;
}

export async function tasksOf(sql: postgres.ISql, agentId: string): Promise<{ status: string }[]> {
  const rows = await sql<
    { status: string }[]
  >`select status from brain_tasks where assigned_agent = ${agentId}`;
  return rows.map(({ status }) => ({ status }));
}
