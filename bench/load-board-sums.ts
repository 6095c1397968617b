export type BoardLoad = { calls: number; payments: number; unrolled: number };

/** Adds what a query gives by the hour to a table of sums, to hours, days and months. */
const add = (table: string, rows: string) =>
  `select private.add_figures('${table}', $rows$${rows}$rows$, null, null, null, null, null)`;

/** The calls again, as far as sums need them: by the same rule as the rows, which takes a tenth of the time that reading them takes. */
const made = ({ calls, payments }: BoardLoad, of: number) => `
  create unlogged table bench.made as select n, date_trunc('hour', bench.at(n::float8 / ${of}), 'utc') as hour,
    (1 + (n * 7919 % greatest(1, ${payments}::bigint * n / ${of})))::int as person, (30 + n % 240)::int as seconds,
    '1.' || n * 12 / ${of} || '.0' as version from generate_series(1::bigint, ${calls}) n;
  analyze bench.made`;

/** What a turn of its own adds, by the number of its call: its numbers come again after 9000 calls. */
const turnKinds = `
  create table bench.turn_kinds as
    with t as (select m, m % 900 as eot, 300 + m % 1500 as llm, 150 as tts, 700 + m % 3000 as whole from generate_series(0, 8999) m
      union all select -1, 400, 350, 180, 1050)
    select m, private.slot_of(whole) as slot, whole, least(eot, whole) as eot_part, least(llm, whole - least(eot, whole)) as llm_part,
      least(tts, whole - least(eot, whole) - least(llm, whole - least(eot, whole))) as tts_part from t`;

const activity = `
  alter table private.person_days drop constraint person_days_pkey; drop index private.person_days_by_day;
  insert into private.person_days (user_id, day) select bench.id('a', person), day from (
    select distinct person, (hour at time zone 'utc')::date as day from bench.made) d;
  alter table private.person_days add primary key (user_id, day); create index person_days_by_day on private.person_days (day);
  insert into private.active_people (day, previous_day, cohort, people)
    select g.day, g.previous_day, date_trunc('month', u.created_at at time zone 'utc')::date, count(*) from (
      select user_id, day, lag(day, 1, '-infinity') over (partition by user_id order by day) as previous_day from private.person_days) g
    join public.users u on u.id = g.user_id group by 1, 2, 3;
  update private.trials t set talked = true where exists (select from private.person_days d where d.user_id = t.user_id)`;

const SUMS: Record<string, string> = {
  call_figures: `select hour as at, version, count(*) as calls, count(*) as measured_calls, sum(seconds) as charged_seconds,
      6 * count(*) as turns, count(*) filter (where n % 211 = 0) as unanswered_turns, sum(n % 3) as interruptions,
      0 as false_interruptions, count(*) filter (where n % 97 = 0) as errors, sum(60 + n % 40) as quality_sum,
      count(*) as quality_calls, sum(20000 + n % 5000) as provider_cost_micros, 0 as calls_not_fully_priced
    from bench.made group by hour, version`,
  turn_figures: `select c.hour as at, c.version, t.slot, sum(c.turns) as turns, sum(c.turns * t.whole) as whole_ms,
      sum(c.turns * t.eot_part) as end_of_turn_ms, sum(c.turns * t.llm_part) as llm_ms, sum(c.turns * t.tts_part) as tts_ms
    from (select hour, version, (n % 9000)::int as m, count(*) as turns from bench.made group by 1, 2, 3
      union all select hour, version, -1, count(*) from bench.made group by 1, 2) c
    join bench.turn_kinds t on t.m = c.m group by 1, 2, 3`,
  failure_figures: `select hour as at, 'llm@api.openai.com' as source, count(*) as failures from bench.made where n % 97 = 0 group by hour`,
  provider_figures: `select c.hour as at, c.version, p.provider, c.calls, case when p.fails then c.failing else 0 end as failing_calls,
      case when p.fails then c.failing else 0 end as failures
    from (select hour, version, count(*) as calls, count(*) filter (where n % 97 = 0) as failing from bench.made group by 1, 2) c
    cross join (values ('llm@api.openai.com', true), ('stt@api.deepgram.com', false), ('tts@api.openai.com', false)) p (provider, fails)`,
  time_figures: `select hour as at, 'use' as reason, 'paid' as source, count(*) as entries, -sum(seconds) as seconds from bench.made group by hour
    union all
    select date_trunc('hour', created_at, 'utc'), 'grant', 'paid', count(*), sum(19800) from public.purchases group by 1`,
  money_figures: `select basis, date_trunc('hour', booked_at, 'utc') as at, currency, package_id, way, sum(purchases) as purchases, sum(declined) as declined,
      sum(sold_seconds) as sold_seconds, sum(received_cents) as received_cents, sum(tax_cents) as tax_cents,
      sum(refunded_cents) as refunded_cents, sum(lost_cents) as lost_cents
    from private.money_changes cross join (values ('booked'), ('happened')) b (basis) group by 1, 2, 3, 4, 5`,
  earning_figures: `select c.hour as at, 'use' as reason, c.currency, sum(c.seconds * r.rate) as micros
    from (select hour, (array['usd', 'usd', 'usd', 'eur', 'gbp'])[1 + person % 5] as currency, person % 50 = 0 as is_refunded,
        sum(seconds) as seconds from bench.made group by 1, 2, 3) c
    join (select distinct refunded_cents > 0 as is_refunded, currency, micros_per_second as rate from private.money_changes) r
      on r.is_refunded = c.is_refunded and r.currency = c.currency group by 1, 3`,
  people_figures: `select date_trunc('hour', created_at, 'utc') as at, count(*) as people from public.users group by 1`,
  event_figures: `select kind, date_trunc('hour', at, 'utc') as at, name, version, sum(events) as events, sum(total) as total
    from private.event_rows group by 1, 2, 3, 4`,
};

/** Statements that make the sums of all days at once, in order, each with what it is about. @param of all calls, also those that are not rolled up */
export const sumStatements = (load: BoardLoad, of: number): [what: string, statement: string][] => [
  ['calls once more', made(load, of)],
  ['kinds of turns', turnKinds],
  ['who was active', activity],
  ...Object.entries(SUMS).map(([table, rows]): [string, string] => [table, add(table, rows)]),
  ['made', 'drop table bench.made'],
];
