/** A question of the board, and the same one asked of the rows. */
export type Question = { name: string; ask: (run: number) => string; raw?: string };

const year = `date_trunc('day', now() - interval '364 days'), date_trunc('hour', now()) + interval '1 hour'`;
/** As the page asks for a year: by months of the reader's zone. */
const months = `date_trunc('month', now() at time zone 'Europe/Berlin' - interval '11 months') at time zone 'Europe/Berlin',
  date_trunc('hour', now()) + interval '1 hour'`;
const week = `now() - interval '7 days', now()`;
const since = `date_trunc('day', now() - interval '364 days', 'UTC')`;
const quarter = (run: number) =>
  `date_trunc('day', now()) - interval '${90 + (run % 7) * 30} days', date_trunc('day', now()) - interval '${(run % 7) * 30} days'`;
const day = (column: string) => `(${column} at time zone 'utc')::date`;

const RAW = {
  money: `select ${day('p.created_at')}, p.currency, p.package_id, count(*), sum(received_cents), sum(refunded_cents), sum(lost_cents),
      f.currency, count(f.cents), sum(f.cents) from purchases p left join private.payment_fees f on f.purchase_id = p.id
    where status = 'succeeded' and created_at >= ${since} group by 1, 2, 3, 8`,
  time: `with t as (select ${day('l.created_at')} as d, l.reason, g.source, sum(l.amount) as s from ledger l left join grants g on g.id = l.grant_id
      where l.created_at >= ${since} group by 1, 2, 3),
    e as (select ${day('c.opened_at')} as d, p.currency, sum(-l.amount * private.earned_micros_per_second(p)) as m
      from ledger l join calls c on c.id = l.call_id join grants g on g.id = l.grant_id join purchases p on p.id = coalesce(g.part_of, g.id)
      where l.reason = 'use' and c.opened_at >= ${since} group by 1, 2),
    o as (select g.source, sum(l.amount) from ledger l left join grants g on g.id = l.grant_id group by 1),
    c as (select ${day('opened_at')} as d, count(*), sum(charged_seconds), sum(provider_cost_micros) from calls
      where status = 'settled' and opened_at >= ${since} group by 1)
    select (select count(*) from t), (select count(*) from e), (select count(*) from o), (select count(*) from c)`,
  people: `with d as (select distinct user_id, ${day('opened_at')} as d from calls where status = 'settled' and opened_at >= ${since}),
    a as (select d, count(*) from d group by 1), n as (select ${day('created_at')}, count(*) from users where created_at >= ${since} group by 1),
    f as (select user_id, min(opened_at) as first_at from calls where status = 'settled' group by 1)
    select (select count(*) from a), (select count(*) from n), (select count(distinct user_id) from d),
      (select count(*) from f where first_at < ${since})`,
  retention: `select date_trunc('month', u.created_at), date_trunc('month', c.opened_at), count(distinct c.user_id)
    from calls c join users u on u.id = c.user_id where c.status = 'settled' group by 1, 2`,
  voice: `with t as (select ${day('c.opened_at')} as d, (t.turn ->> 4)::int as whole from calls c
      cross join lateral jsonb_array_elements(c.measures -> 'latest_turns') t (turn) where c.status = 'settled' and c.opened_at >= ${since}),
    p as (select d, percentile_disc(array[0.5, 0.95, 0.99]) within group (order by whole) from t group by d),
    s as (select ${day('opened_at')} as d, measures ->> 'version', count(*), sum(turns), sum(interruptions), sum(errors), avg(quality)
      from calls where status = 'settled' and opened_at >= ${since} group by 1, 2)
    select (select count(*) from p), (select count(*) from s)`,
  support: `with c as (select measures ->> 'version' as version, count(*), sum(errors), sum(turns) from calls
      where status = 'settled' and opened_at >= ${since} group by 1),
    p as (select p.provider, count(*), count(*) filter (where p.failures > 0) from calls c
      cross join lateral private.providers_of(c.measures) p where c.status = 'settled' and c.opened_at >= ${since} group by 1),
    r as (select c.measures ->> 'version', count(*) from private.support_requests r join calls c on c.id = r.about_id
      where r.created_at >= ${since} group by 1),
    s as (select c.measures ->> 'version', count(*), avg(score) from private.call_ratings r join calls c on c.id = r.call_id
      where c.opened_at >= ${since} group by 1)
    select (select count(*) from c), (select count(*) from p), (select count(*) from r), (select count(*) from s)`,
};

const money = [
  {
    name: 'money, 12 months of Berlin',
    ask: () => `select board_money(${months}, 'month', 'Europe/Berlin', 'booked')`,
    raw: RAW.money,
  },
  {
    name: 'money, a quarter by week of Berlin',
    ask: (run: number) => `select board_money(${quarter(run)}, 'week', 'Europe/Berlin', 'happened')`,
  },
  {
    name: 'money, a year by day',
    ask: () => `select board_money(${year}, 'day', 'UTC', 'booked')`,
    raw: RAW.money,
  },
];
const time = [
  {
    name: 'time and margin, 12 months of Berlin',
    ask: () => `select board_time(${months}, 'month', 'Europe/Berlin')`,
    raw: RAW.time,
  },
  {
    name: 'time and margin, a quarter by week of Berlin',
    ask: (run: number) => `select board_time(${quarter(run)}, 'week', 'Europe/Berlin')`,
  },
  {
    name: 'time and margin, a year by day',
    ask: () => `select board_time(${year}, 'day', 'UTC')`,
    raw: RAW.time,
  },
];
const people = [
  {
    name: 'people, 12 months of Berlin',
    ask: () => `select board_people(${months}, 'month', 'Europe/Berlin')`,
    raw: RAW.people,
  },
  {
    name: 'people, a year by day',
    ask: () => `select board_people(${year}, 'day', 'UTC')`,
    raw: RAW.people,
  },
  { name: 'retention of 12 months', ask: () => 'select board_retention(12)', raw: RAW.retention },
  { name: 'trials that buy, a year', ask: () => `select board_trials(${year})` },
];
const voice = [
  {
    name: 'voice, 12 months of Berlin',
    ask: () => `select board_voice(${months}, 'month', 'Europe/Berlin')`,
    raw: RAW.voice,
  },
  {
    name: 'voice, a quarter by week of Berlin',
    ask: (run: number) => `select board_voice(${quarter(run)}, 'week', 'Europe/Berlin')`,
  },
  {
    name: 'voice, a year by day',
    ask: () => `select board_voice(${year}, 'day', 'UTC')`,
    raw: RAW.voice,
  },
  { name: 'voice, a week by hour', ask: () => `select board_voice(${week}, 'hour', 'UTC')` },
  {
    name: 'the slowest calls of a day',
    ask: (run: number) =>
      `select board_calls(date_trunc('day', now()) - interval '${run + 2} days', date_trunc('day', now()) - interval '${run + 1} days', 'slow')`,
  },
];
const support = [
  {
    name: 'support, 12 months of Berlin',
    ask: () => `select board_support(${months}, 'month', 'Europe/Berlin')`,
    raw: RAW.support,
  },
  { name: 'requests of a release, a year', ask: () => `select board_requests(${year}, null, '1.3.0')` },
];
const rest = [
  { name: 'now', ask: () => 'select board_now()' },
  {
    name: 'people by the beginning of an address',
    ask: (run: number) => `select find_people('person${run * 97}')`,
  },
  { name: 'people by a payment', ask: (run: number) => `select find_people('pi_${run * 97 + 1}')` },
  { name: 'all about a person', ask: (run: number) => `select board_person(bench.id('a', ${run * 97 + 1}))` },
  { name: 'disputes', ask: () => `select board_disputes(null, 100)` },
  { name: 'what operators did', ask: () => 'select list_operator_acts(null, 100)' },
];

/** As the page asks them, and by more steps than the page does. */
export const QUESTIONS: Question[] = [...money, ...time, ...people, ...voice, ...support, ...rest];
