import type postgres from 'postgres';
import { until } from '../support/sidecar.ts';

/** All calls, entries and changes that somebody who looks now can see. */
const ALL = {
  calls: `array(select id from public.calls where status = 'settled')`,
  entries: 'array(select id from public.ledger)',
  changes: 'array(select id from private.money_changes)',
};

/** By table: what is not rolled up yet, and what all rows come to, by the same functions. */
const SUMS: Record<string, { tail: string; all: string }> = {
  call_figures: {
    tail: 'private.figures_of_calls(t.calls)',
    all: `private.figures_of_calls(${ALL.calls})`,
  },
  turn_figures: {
    tail: 'private.figures_of_turns(t.calls)',
    all: `private.figures_of_turns(${ALL.calls})`,
  },
  failure_figures: {
    tail: 'private.figures_of_failures(t.calls)',
    all: `private.figures_of_failures(${ALL.calls})`,
  },
  time_figures: {
    tail: 'private.figures_of_time(t.entries)',
    all: `private.figures_of_time(${ALL.entries})`,
  },
  money_figures: {
    tail: 'private.figures_of_money(t.changes)',
    all: `private.figures_of_money(${ALL.changes})`,
  },
  earning_figures: {
    tail: 'private.figures_of_earnings(t.entries, t.changes, t.since, null)',
    all: `private.figures_of_earnings(${ALL.entries}, '{}', '0', null)`,
  },
  people_figures: {
    tail: 'private.figures_of_people(t.since, null)',
    all: `(select 'hour' as grain, private.hour_of(created_at) as at, count(*) as people from public.users group by 2)`,
  },
  provider_figures: {
    tail: 'private.figures_of_providers(t.calls)',
    all: `private.figures_of_providers(${ALL.calls})`,
  },
  event_figures: {
    tail: 'private.figures_of_events(t.calls, t.changes, t.since, null)',
    all: `(select 'hour' as grain, kind, private.hour_of(at) as at, name, version, events, total from (
        select kind, at, name, version, events, total from private.event_rows where (kind, name) not in (('trial', 'talked'), ('trial', 'bought'))
        union all select 'trial', claimed_at, 'talked', '', 1, 0 from private.trials t
          where exists (select from public.calls where user_id = t.user_id and status = 'settled' and charged_seconds > 0)
        union all select 'trial', claimed_at, 'bought', '', 1, 0 from private.trials t
          where exists (select from public.purchases where user_id = t.user_id and status = 'succeeded' and created_at > t.claimed_at)) e)`,
  },
  active_people: {
    tail: 'private.figures_of_activity(t.calls)',
    all: `(select day, previous_day, cohort, count(*) as people from (
        select d.day, lag(d.day, 1, '-infinity') over (partition by d.user_id order by d.day) as previous_day,
          date_trunc('month', u.created_at at time zone 'utc')::date as cohort
        from (select distinct user_id, private.day_of(opened_at) as day from public.calls where status = 'settled') d
        join public.users u on u.id = d.user_id) x group by 1, 2, 3)`,
  },
};

type Columns = { keys: string[]; sums: string[] };

async function columnsOf(sql: postgres.ISql, table: string): Promise<Columns> {
  if (table === 'active_people') return { keys: ['day', 'previous_day', 'cohort'], sums: ['people'] };
  const [row] = await sql<Columns[]>`select keys, sums from private.columns_of_figures(${table})`;
  return { keys: ['at', ...(row?.keys ?? [])], sums: row?.sums ?? [] };
}

/** Where what operators would be shown differs from what the rows come to, in one look. */
export async function differencesOf(sql: postgres.ISql): Promise<string[]> {
  const found: string[] = [];
  for (const [table, { tail, all }] of Object.entries(SUMS)) {
    const { keys, sums } = await columnsOf(sql, table);
    const key = keys.join(', ');
    const grain = table === 'active_people' ? '' : `where grain = 'hour'`;
    const added = sums.map((name) => `sum(${name})::numeric as ${name}`).join(', ');
    const some = sums.map((name) => `sum(${name}) <> 0`).join(' or ');
    const shown = `select ${key}, ${added} from (select * from private.${table} ${grain}
      union all select f.* from private.tail() t, ${tail} f) s group by ${key} having ${some}`;
    const right = `select ${key}, ${added} from ${all} a group by ${key} having ${some}`;
    const rows = await sql.unsafe(
      `(select 'only shown' as what, to_jsonb(d)::text as row from (${shown} except ${right}) d)
       union all (select 'not shown', to_jsonb(d)::text from (${right} except ${shown}) d)`,
    );
    found.push(...rows.map(({ what, row }) => `${table}: ${what}: ${row}`));
  }
  return found;
}

/** Where days and months differ from their hours. */
export async function daysThatDiffer(sql: postgres.ISql): Promise<string[]> {
  const found: string[] = [];
  for (const table of Object.keys(SUMS).filter((name) => name !== 'active_people')) {
    const { keys, sums } = await columnsOf(sql, table);
    const rest = keys.slice(1);
    const added = sums.map((name) => `sum(${name})`).join(', ');
    const some = sums.map((name) => `sum(${name}) <> 0`).join(' or ');
    for (const longer of ['day', 'month']) {
      const key = [`date_trunc('${longer}', at, 'utc')`, ...rest].join(', ');
      const of = (grain: string) =>
        `select ${key}, ${added} from private.${table} where grain = '${grain}' group by ${key} having ${some}`;
      const rows = await sql.unsafe(
        `(${of('hour')} except ${of(longer)}) union all (${of(longer)} except ${of('hour')})`,
      );
      if (rows.length > 0) found.push(`${table} by ${longer}`);
    }
  }
  return found;
}

export const rollUp = async (sql: postgres.ISql, limit = 5000): Promise<string> => {
  const [row] = await sql<{ status: string }[]>`select public.roll_up(${limit}) ->> 'status' as status`;
  return String(row?.status);
};

/** Rolls up until no tail is left: a transaction of any database of the server holds back what is newer. */
export const rollUpAll = (sql: postgres.ISql): Promise<void> =>
  until(async () => {
    await rollUp(sql);
    const [row] = await sql<{ rest: number }[]>`
      select cardinality(calls) + cardinality(entries) + cardinality(changes) as rest from private.tail()`;
    return row?.rest === 0;
  });
