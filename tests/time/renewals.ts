import type postgres from 'postgres';

export type Report = { callId: string; epoch: number; usedMs: number; restoredMs: number };
export type Row = {
  call_id: string;
  status: string;
  epoch: number | null;
  granted_seconds: number | null;
  free_seconds: number | null;
  live_calls: number | null;
  final: boolean | null;
};

/** Many renewals in one statement. */
export async function renewCalls(sql: postgres.ISql, reports: readonly Report[]): Promise<Row[]> {
  return await sql<Row[]>`
    select call_id, status, epoch, granted_seconds, free_seconds::int, live_calls, final from public.renew_calls(
      ${reports.map((one) => one.callId)}::uuid[], ${reports.map((one) => one.epoch)}::int[],
      ${reports.map((one) => one.usedMs)}::bigint[], ${reports.map((one) => one.restoredMs)}::bigint[])`;
}

/** All that a renewal may change of a call, but for how much it grants. */
export const callsOf = (sql: postgres.ISql, ids: readonly string[]) => sql`
  select id, epoch, status, used_ms::int, restored_ms::int, renewals, lease_expires_at > now() as leased
  from public.voice_sessions where id = any(${[...ids]}::uuid[]) order by id`;

/** Many calls, made by the database itself. */
export async function openMany(
  sql: postgres.ISql,
  people: readonly string[],
  count: number,
): Promise<Report[]> {
  const rows = await sql<{ id: string }[]>`
    select (public.open_call(gen_random_uuid(), p, 'room-' || n || '-' || p, 30, 15, 500) ->> 'call_id') as id
    from unnest(${[...people]}::uuid[]) p, generate_series(1, ${count}) n`;
  return rows.map(({ id }) => ({ callId: id, epoch: 1, usedMs: 10_000, restoredMs: 0 }));
}
