import type postgres from 'postgres';

export const APPLICATION = 'bench-renewals';
const EVERY_MS = 200;

/**
 * Looks again and again what the renewing connections wait for, as PostgreSQL tells it: `running` is the CPU, or
 * the wait for it. Autovacuum at work is counted beside them.
 * @returns how to stop, and what was seen: shares of all looks at a busy connection
 */
export function sampleWaits(sql: postgres.Sql) {
  const seen = new Map<string, number>();
  let isStopped = false;
  const look = async () => {
    while (!isStopped) {
      const rows = await sql<{ doing: string }[]>`
        select coalesce(wait_event_type || ' ' || wait_event, 'running') as doing from pg_stat_activity
          where application_name = ${APPLICATION} and state = 'active'
        union all select 'autovacuum' from pg_stat_activity where backend_type = 'autovacuum worker'`;
      for (const { doing } of rows) seen.set(doing, (seen.get(doing) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  };
  const looking = look();
  return async (): Promise<string> => {
    isStopped = true;
    await looking;
    const all = [...seen].reduce((sum, [doing, times]) => sum + (doing === 'autovacuum' ? 0 : times), 0);
    return [...seen]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 5)
      .map(([doing, times]) => `${doing} ${((times / all) * 100).toFixed(0)} %`)
      .join(', ');
  };
}
