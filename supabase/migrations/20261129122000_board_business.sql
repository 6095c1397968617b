-- What the board asks of the sums: months of any zone in a few rows, what Stripe keeps, and free minutes from sums. The bodies
-- are plpgsql, so that a connection plans each question once.

-- The steps of a range, in the days of a time zone, and of each what of the sums makes it up: a month or days of UTC, the
-- hours that it has beside them, and less (sign) the hours that they have and it has not. So a year is a few dozen rows,
-- whatever the zone.
drop function private.steps(timestamptz, timestamptz, text, text);
create function private.steps(p_from timestamptz, p_to timestamptz, p_step text, p_zone text)
returns table (name text, step timestamptz, step_end timestamptz, sign int, grain text, since timestamptz, until timestamptz)
language plpgsql stable security definer set search_path = '' as $$
declare
  v_from timestamptz := date_trunc('hour', p_from, 'utc');
  v_to timestamptz := date_trunc('hour', p_to + interval '59 minutes 59.999999 seconds', 'utc');
begin
  if (p_step in ('hour', 'day', 'week', 'month') and v_from < v_to and v_from >= '2000-01-01' and v_to <= '2999-12-31'
      and p_zone is not null) is not true
     or v_to - v_from > (case p_step when 'hour' then interval '8 days' when 'day' then interval '367 days' else interval '3700 days' end) then
    raise exception 'a range begins before it ends, and has at most 8 days by hour, 367 by day and 3700 by week or month'
      using errcode = '22023';
  end if;
  return query
  with marks as (
    -- Zones whose days do not begin with an hour of UTC have them from the hour before.
    select date_trunc('hour', greatest(v_from, s at time zone p_zone), 'utc') as first_at,
      date_trunc('hour', least(v_to, (s + ('1 ' || p_step)::interval) at time zone p_zone), 'utc') as last_at
    from generate_series(date_trunc(p_step, v_from at time zone p_zone),
      (v_to at time zone p_zone) - interval '1 second', ('1 ' || p_step)::interval) s),
  near as (
    select m.first_at, m.last_at, date_trunc('month', m.first_at + interval '14 hours', 'utc') as first_month,
      date_trunc('month', m.last_at + interval '14 hours', 'utc') as last_month,
      date_trunc('day', m.first_at + interval '12 hours', 'utc') as first_day,
      date_trunc('day', m.last_at + interval '12 hours', 'utc') as last_day
    from marks m where m.first_at < m.last_at),
  whole as (
    select n.first_at, n.last_at, g.grain, g.since, g.until from near n cross join lateral (
      select case when p_step = 'month' and n.first_month < n.last_month and n.first_at <= n.first_month + interval '14 hours'
          and n.last_at <= n.last_month + interval '14 hours' then 'month' when n.first_day < n.last_day then 'day' end as grain) k
    cross join lateral (select k.grain, case k.grain when 'month' then n.first_month when 'day' then n.first_day else n.first_at end as since,
      case k.grain when 'month' then n.last_month when 'day' then n.last_day else n.first_at end as until) g)
  select to_char(w.first_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), w.first_at, w.last_at, p.sign, p.grain, p.since, p.until
  from whole w cross join lateral (
    select 1 as sign, w.grain as grain, w.since as since, w.until as until where w.grain is not null
    union all select 1, 'hour', w.first_at, w.since where w.first_at < w.since
    union all select -1, 'hour', w.since, w.first_at where w.since < w.first_at
    union all select 1, 'hour', w.until, w.last_at where w.until < w.last_at
    union all select -1, 'hour', w.last_at, w.until where w.last_at < w.until) p;
end $$;

-- Money: what came and went by step and currency, what Stripe keeps of it, and which packages it was. Never summed across
-- currencies.
create or replace function public.board_money(p_from timestamptz, p_to timestamptz, p_step text, p_zone text, p_basis text)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  basis as (select case p_basis when 'happened' then 'happened' else 'booked' end as name),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail t, private.figures_of_money(t.changes) f),
  fresh_fees as materialized (select f.* from tail t, private.figures_of_events('{}', '{}', t.since, null) f where f.kind = 'fee'),
  sums as materialized (
    select s.name, f.currency, f.package_id, f.way, sum(s.sign * f.purchases) as purchases, sum(s.sign * f.declined) as declined,
      sum(s.sign * f.sold_seconds) as sold_seconds, sum(s.sign * f.received_cents) as received_cents, sum(s.sign * f.tax_cents) as tax_cents,
      sum(s.sign * f.refunded_cents) as refunded_cents, sum(s.sign * f.lost_cents) as lost_cents
    from (
      select s.name, s.sign, s.grain, s.since, s.until from steps s
      union all select w.name, 1, 'fresh', w.step, w.step_end from whole w, (select min(at) as first_at, max(at) as last_at from fresh) t
        where w.step_end > t.first_at and w.step <= t.last_at) s, basis b
    cross join lateral (
      select m.currency, m.package_id, m.way, m.purchases, m.declined, m.sold_seconds, m.received_cents, m.tax_cents,
          m.refunded_cents, m.lost_cents from private.money_figures m
        where m.grain = s.grain and m.basis = b.name and m.at >= s.since and m.at < s.until
      union all
      select m.currency, m.package_id, m.way, m.purchases, m.declined, m.sold_seconds, m.received_cents, m.tax_cents,
          m.refunded_cents, m.lost_cents from fresh m
        where s.grain = 'fresh' and m.basis = b.name and m.at >= s.since and m.at < s.until) f
    group by s.name, f.currency, f.package_id, f.way),
  by_step as (
    select name as step, currency, sum(purchases) as purchases, sum(declined) as declined, sum(received_cents) as received_cents,
      sum(tax_cents) as tax_cents, sum(refunded_cents) as refunded_cents, sum(lost_cents) as lost_cents,
      sum(sold_seconds) as sold_seconds
    from sums group by name, currency having sum(purchases) <> 0 or sum(received_cents) <> 0 or sum(declined) <> 0
      or sum(refunded_cents) <> 0 or sum(lost_cents) <> 0 or sum(tax_cents) <> 0 or sum(sold_seconds) <> 0),
  by_package as (
    select currency, package_id, way, sum(purchases) as purchases, sum(received_cents) as received_cents,
      sum(refunded_cents + lost_cents) as returned_cents, sum(sold_seconds) as sold_seconds, sum(declined) as declined
    from sums group by currency, package_id, way having sum(purchases) <> 0 or sum(received_cents) <> 0 or sum(declined) <> 0
      or sum(refunded_cents + lost_cents) <> 0),
  fees as (
    select name as step, version as currency, fee as fee_currency, sum(events) as payments, sum(total) as fee_cents from (
      select s.name, f.version, f.name as fee, s.sign * f.events as events, s.sign * f.total as total from steps s
        cross join lateral (select e.name, e.version, e.events, e.total from private.event_figures e
          where e.grain = s.grain and e.kind = 'fee' and e.at >= s.since and e.at < s.until offset 0) f
      union all
      select w.name, f.version, f.name, f.events, f.total from whole w join fresh_fees f on f.at >= w.step and f.at < w.step_end) f
    group by name, version, fee having sum(events) <> 0)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'money', (select coalesce(jsonb_agg(to_jsonb(m) order by step, currency), '[]') from by_step m),
    'fees', (select coalesce(jsonb_agg(to_jsonb(f) order by step, currency, fee_currency), '[]') from fees f),
    'packages', (select coalesce(jsonb_agg(to_jsonb(p) order by currency, received_cents desc, package_id, way), '[]') from by_package p)));
end $$;
comment on function public.board_money(timestamptz, timestamptz, text, text, text) is
  'Money by step and currency, and by package, booked then or (p_basis happened) about sales of then; and what Stripe keeps of '
  'payments of then, as far as that is known. p_step: hour, day, week or month in the time zone p_zone.';

-- Time: what became of seconds by step, what is owed at the end of the range, and what seconds earned and cost.
create or replace function public.board_time(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  bounds as materialized (select max(step_end) as last_at, date_trunc('day', max(step_end), 'utc') as last_day,
    date_trunc('month', max(step_end), 'utc') as last_month from whole),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail, private.figures_of_time(tail.entries) f),
  fresh_calls as materialized (select f.* from tail, private.figures_of_calls(tail.calls) f),
  fresh_earnings as materialized (
    select f.* from tail, private.figures_of_earnings(tail.entries, tail.changes, tail.since, null) f),
  seconds as (
    select s.name, f.reason, f.source, s.sign * f.seconds as seconds from steps s cross join lateral (
      select reason, source, seconds from private.time_figures t
        where t.grain = s.grain and t.at >= s.since and t.at < s.until offset 0) f
    union all
    select w.name, f.reason, f.source, f.seconds from whole w join fresh f on f.at >= w.step and f.at < w.step_end),
  times as (
    select name as step, coalesce(sum(seconds) filter (where reason = 'grant'), 0) as granted_paid_seconds,
      coalesce(sum(seconds) filter (where reason in ('bonus_grant', 'goodwill')), 0) as given_seconds,
      coalesce(-sum(seconds) filter (where reason = 'use'), 0) as used_seconds,
      coalesce(-sum(seconds) filter (where reason = 'expire'), 0) as expired_seconds,
      coalesce(-sum(seconds) filter (where reason = 'expire' and source in ('paid', 'gift')), 0) as breakage_seconds,
      coalesce(-sum(seconds) filter (where reason in ('clawback', 'freeze', 'restore')), 0) as taken_back_seconds
    from seconds group by name),
  owed as (
    select source, sum(seconds) as seconds from (
      select t.source, t.seconds from bounds b cross join lateral (select source, seconds from private.time_figures
        where grain = 'month' and at < b.last_month offset 0) t
      union all select t.source, t.seconds from bounds b cross join lateral (select source, seconds from private.time_figures
        where grain = 'day' and at >= b.last_month and at < b.last_day offset 0) t
      union all select t.source, t.seconds from bounds b cross join lateral (select source, seconds from private.time_figures
        where grain = 'hour' and at >= b.last_day and at < b.last_at offset 0) t
      union all select source, seconds from fresh, bounds where at < last_at) o
    group by source having sum(seconds) <> 0),
  calls as (
    select name as step, sum(calls) as calls, sum(charged_seconds) as charged_seconds,
      sum(provider_cost_micros) as provider_cost_micros, sum(calls_not_fully_priced) as calls_not_fully_priced
    from (
      select s.name, s.sign * f.calls as calls, s.sign * f.charged_seconds as charged_seconds,
        s.sign * f.provider_cost_micros as provider_cost_micros, s.sign * f.calls_not_fully_priced as calls_not_fully_priced
      from steps s cross join lateral (select c.calls, c.charged_seconds, c.provider_cost_micros, c.calls_not_fully_priced
        from private.call_figures c where c.grain = s.grain and c.at >= s.since and c.at < s.until offset 0) f
      union all
      select w.name, f.calls, f.charged_seconds, f.provider_cost_micros, f.calls_not_fully_priced
        from whole w join fresh_calls f on f.at >= w.step and f.at < w.step_end) c
    group by name having sum(calls) <> 0),
  earned as (
    select name as step, reason, currency, round(sum(micros))::bigint as micros
    from (
      select s.name, f.reason, f.currency, s.sign * f.micros as micros from steps s cross join lateral (
        select e.reason, e.currency, e.micros from private.earning_figures e
        where e.grain = s.grain and e.at >= s.since and e.at < s.until offset 0) f
      union all
      select w.name, f.reason, f.currency, f.micros from whole w join fresh_earnings f on f.at >= w.step and f.at < w.step_end) e
    group by name, reason, currency having sum(micros) <> 0)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'time', (select coalesce(jsonb_agg(to_jsonb(t) order by step), '[]') from times t),
    'owed', (select coalesce(jsonb_agg(to_jsonb(o) order by source), '[]') from owed o),
    'waiting', (select coalesce(jsonb_agg(to_jsonb(w) order by source), '[]') from (
      select source, count(*) as cards, sum(remaining) as seconds from public.grants where status = 'unactivated' group by source) w),
    'calls', (select coalesce(jsonb_agg(to_jsonb(c) order by step), '[]') from calls c),
    'earned', (select coalesce(jsonb_agg(to_jsonb(e) order by step, reason, currency), '[]') from earned e)));
end $$;

-- Who signed up is counted as the rest; who was active by the days of UTC, as that cannot be parted further without counting anew.
create or replace function public.board_people(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (
    select distinct name, step, step_end, (step at time zone 'utc')::date as first_day,
      greatest((step at time zone 'utc')::date + 1, (step_end at time zone 'utc')::date) as last_day from steps),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail, private.figures_of_activity(tail.calls) f),
  fresh_people as materialized (select f.* from tail, private.figures_of_people(tail.since, null) f),
  signed_up as (
    select name as step, sum(people) as people from (
      select s.name, s.sign * f.people as people from steps s cross join lateral (select people from private.people_figures p
        where p.grain = s.grain and p.at >= s.since and p.at < s.until offset 0) f
      union all
      select w.name, f.people from whole w join fresh_people f on f.at >= w.step and f.at < w.step_end) p
    group by name having sum(people) <> 0),
  active as materialized (
    select w.name as step, coalesce(sum(a.people), 0) as people,
      coalesce(sum(a.people) filter (where a.previous_day > '-infinity'), 0) as "returning"
    from (select name, first_day, last_day from whole
      union all select null, min(first_day), max(last_day) from whole) w
    cross join lateral (
      select people, previous_day from private.active_people
        where day >= w.first_day and day < w.last_day and previous_day < w.first_day
      union all select people, previous_day from fresh
        where day >= w.first_day and day < w.last_day and previous_day < w.first_day) a
    group by w.name)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'new', (select coalesce(jsonb_agg(to_jsonb(s) order by step), '[]') from signed_up s),
    'active', (select coalesce(jsonb_agg(to_jsonb(a) order by step), '[]') from active a where step is not null),
    'in_range', (select jsonb_build_object('active', coalesce(sum(people), 0), 'returning', coalesce(sum(a."returning"), 0))
      from active a where step is null)));
end $$;

create or replace function public.board_trials(p_from timestamptz, p_to timestamptz) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, 'month', 'UTC')),
  events as (
    select f.name, s.sign * f.events as events from steps s cross join lateral (
      select e.name, e.events from private.event_figures e
      where e.grain = s.grain and e.kind = 'trial' and e.at >= s.since and e.at < s.until offset 0) f
    union all
    select f.name, f.events from private.tail() t, private.figures_of_events(t.calls, t.changes, t.since, null) f,
      (select min(step) as first_at, max(step_end) as last_at from steps) r
    where f.kind = 'trial' and f.at >= r.first_at and f.at < r.last_at)
  select jsonb_build_object('claimed', coalesce(sum(events) filter (where name = 'claimed'), 0),
    'talked', coalesce(sum(events) filter (where name = 'talked'), 0), 'bought', coalesce(sum(events) filter (where name = 'bought'), 0))
  from events);
end $$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
