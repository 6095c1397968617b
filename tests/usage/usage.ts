import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { addPerson, giveTime } from '../time/people.ts';

/** A kind of thing in what a person or a tenant used. */
export type Used = {
  kind: string;
  tool: string | null;
  events: number;
  quantity: number;
  cost: number | null;
  price: number | null;
};

/** What the rows of somebody who pays come to. */
export async function usedBy(sql: postgres.ISql, ownerId: string): Promise<Used[]> {
  const rows = await sql<Used[]>`
    select kind, tool, count(*)::int as events, sum(quantity)::float8 as quantity, sum(cost_micro_usd)::float8 as cost,
      sum(price_micros)::float8 as price
    from public.usage_events where owner_id = ${ownerId} group by kind, tool order by kind, tool`;
  return rows.map((row) => ({ ...row }));
}

/** A tenant with its members, the first of whom owns it. */
export async function addTenant(sql: postgres.Sql, members: string[], planId?: string): Promise<string> {
  const id = randomUUID();
  await sql.begin(async (sql) => {
    await sql`insert into public.tenants (id, name, plan_id) values (${id}, 'Acme', ${planId ?? null})`;
    await sql`insert into public.accounts (id, owner_kind, owner_id, unit) values (${id}, 'tenant', ${id}, 'second')`;
    for (const [index, userId] of members.entries()) {
      await sql`insert into public.tenant_members (tenant_id, user_id, role)
        values (${id}, ${userId}, ${index === 0 ? 'owner' : 'member'})`;
    }
  });
  return id;
}

export async function talker(sql: postgres.ISql, seconds = 100_000): Promise<string> {
  const userId = await addPerson(sql);
  await giveTime(sql, userId, seconds);
  return userId;
}

/** What a worker sends of a call with three uses of tools and a model of each kind. */
export const MEASURES = {
  turns: 2,
  interruptions: 0,
  errors: 0,
  provider_cost_micros: 100,
  unpriced: [],
  llm: [
    {
      model: 'm-1',
      provider: 'api.example.com',
      requests: 2,
      input_tokens: 1000,
      cached_tokens: 400,
      output_tokens: 50,
    },
  ],
  tts: [{ model: 'v-1', provider: 'api.example.com', requests: 2, characters: 300, audio_ms: 12_345 }],
  stt: [{ model: 's-1', provider: '127.0.0.1:9000', audio_ms: 61_999 }],
  tools: [
    { tool: 'check_time_balance', ok: 1, refused: 1, failed: 0, unfinished: 0 },
    { tool: 'recall', ok: 0, refused: 0, failed: 1, unfinished: 0 },
  ],
};

/** Opens a call of a person and settles it after so many seconds. @returns its id */
export async function talk(
  sql: postgres.ISql,
  userId: string,
  seconds: number,
  measures: object | null = MEASURES,
) {
  const callId = randomUUID();
  await sql`select open_call(${callId}, ${userId}, ${callId}, 3600, 15, 100)`;
  await settle(sql, callId, seconds, measures);
  return callId;
}

export const settle = (
  sql: postgres.ISql,
  callId: string,
  seconds: number,
  measures: object | null = MEASURES,
) =>
  sql`select settle_call(${callId}, 1, ${seconds * 1000}, 'hang_up',
    p_measures => ${measures === null ? null : sql.json(measures as never)})`;

export type Answer = { key: string; status: string; reason?: string };

export async function track(
  sql: postgres.ISql,
  userId: string,
  events: unknown,
  tenantId: string | null = null,
): Promise<{ status: string; events?: Answer[] }> {
  const [row] = await sql`select track_usage(${userId}, ${tenantId}, ${sql.json(events as never)}) as answer`;
  return row?.answer;
}

/** A use of a tool as a service reports it. */
export const toolCall = (more: Record<string, unknown> = {}) => ({
  kind: 'tool_call',
  tool: 'search',
  quantity: 1,
  occurred_at: new Date().toISOString(),
  key: randomUUID(),
  ...more,
});

export async function setRates(
  sql: postgres.ISql,
  rates: object[],
): Promise<{ status: string; reason?: string }> {
  const [row] = await sql`select set_rates(${sql.json(rates as never)}) as answer`;
  return row?.answer;
}
