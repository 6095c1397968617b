-- The same answers, sooner: a function of SQL costs more to call than what it computes, so what is done for each row is
-- written out; what is not rolled up is added up once, and held against the few steps that it
-- can lie in; and each step reads its own rows by the index.

create or replace function private.figures_of_calls(p_calls uuid[]) returns setof private.call_figures
language sql stable security definer set search_path = '' as $$
  select 'hour', date_trunc('hour', c.opened_at, 'utc'), coalesce(left(c.measures ->> 'version', 100), ''), count(*), count(c.turns),
    coalesce(sum(c.charged_seconds), 0)::bigint, coalesce(sum(c.turns), 0)::bigint,
    sum((case when jsonb_typeof(c.measures -> 'unanswered_turns') = 'number' then greatest(0, least((c.measures -> 'unanswered_turns' #>> '{}')::numeric, 1000000000))::bigint else 0 end))::bigint,
    coalesce(sum(c.interruptions), 0)::bigint,
    sum((case when jsonb_typeof(c.measures -> 'false_interruptions') = 'number' then greatest(0, least((c.measures -> 'false_interruptions' #>> '{}')::numeric, 1000000000))::bigint else 0 end))::bigint,
    coalesce(sum(c.errors), 0)::bigint,
    coalesce(sum(c.quality), 0)::bigint, count(c.quality), coalesce(sum(c.provider_cost_micros), 0)::bigint,
    count(*) filter (where c.provider_cost_micros is null or c.measures -> 'unpriced' <> '[]')
  from public.calls c where c.id = any (p_calls) group by 2, 3
$$;

create or replace function private.figures_of_turns(p_calls uuid[]) returns setof private.turn_figures
language sql stable security definer set search_path = '' as $$
  with turns as materialized (
    select date_trunc('hour', c.opened_at, 'utc') as at, coalesce(left(c.measures ->> 'version', 100), '') as version,
      t.turn -> place.whole as whole, t.turn -> place.eot as eot, t.turn -> place.llm as llm, t.turn -> place.tts as tts
    from public.calls c
    cross join lateral (select array_position(names, 'whole') - 1 as whole, array_position(names, 'end_of_turn') - 1 as eot,
        array_position(names, 'llm_first_token') - 1 as llm, array_position(names, 'tts_first_byte') - 1 as tts
      from (select array(select jsonb_array_elements_text(case jsonb_typeof(c.measures -> 'turn_parts')
        when 'array' then c.measures -> 'turn_parts' else '[]' end)) as names offset 0) n offset 0) place
    cross join lateral jsonb_array_elements(case jsonb_typeof(c.measures -> 'latest_turns')
      when 'array' then c.measures -> 'latest_turns' else '[]' end) t (turn)
    where c.id = any (p_calls) and jsonb_typeof(t.turn -> place.whole) = 'number'),
  waits as materialized (
    select at, version, (case when jsonb_typeof(whole) = 'number' then greatest(0, least((whole #>> '{}')::numeric, 1000000000))::bigint else 0 end) as whole, (case when jsonb_typeof(eot) = 'number' then greatest(0, least((eot #>> '{}')::numeric, 1000000000))::bigint else 0 end) as eot,
      (case when jsonb_typeof(llm) = 'number' then greatest(0, least((llm #>> '{}')::numeric, 1000000000))::bigint else 0 end) as llm, (case when jsonb_typeof(tts) = 'number' then greatest(0, least((tts #>> '{}')::numeric, 1000000000))::bigint else 0 end) as tts from turns),
  first as (select *, least(eot, whole) as eot_part from waits),
  second as (
    select *, least(llm, whole - eot_part) as llm_part,
      -- As private.slot_of.
      greatest(0, least(63, floor(ln(greatest(whole, 1) / 20.0::float8) / ln(1.15::float8))::int + 1)) as slot from first)
  select 'hour', at, version, slot, count(*), sum(whole)::bigint, sum(eot_part)::bigint, sum(llm_part)::bigint,
    sum(least(tts, whole - eot_part - llm_part))::bigint
  from second group by at, version, slot
$$;

create or replace function private.figures_of_failures(p_calls uuid[]) returns setof private.failure_figures
language sql stable security definer set search_path = '' as $$
  select 'hour', at, source, sum(failures)::bigint from (
    select date_trunc('hour', c.opened_at, 'utc') as at, left(f.key, 150) as source, (case when jsonb_typeof(f.value) = 'number' then greatest(0, least((f.value #>> '{}')::numeric, 1000000000))::bigint else 0 end) as failures
    from public.calls c cross join lateral jsonb_each(case jsonb_typeof(c.measures -> 'errors_by_provider')
      when 'object' then c.measures -> 'errors_by_provider' else '{}' end) f where c.id = any (p_calls)
    union all
    select date_trunc('hour', c.opened_at, 'utc'), 'unpriced:' || left(model, 140), 1
    from public.calls c cross join lateral jsonb_array_elements_text(case jsonb_typeof(c.measures -> 'unpriced')
      when 'array' then c.measures -> 'unpriced' else '[]' end) model where c.id = any (p_calls)) f
  where failures > 0 group by at, source
$$;

create or replace function private.figures_of_activity(p_calls uuid[]) returns setof private.active_people
language sql stable security definer set search_path = '' as $$
  with fresh as materialized (
    select distinct c.user_id, (c.opened_at at time zone 'utc')::date as day from public.calls c where c.id = any (p_calls)
    except select d.user_id, d.day from private.person_days d
      where d.user_id in (select user_id from public.calls where id = any (p_calls))),
  days as (
    select user_id, day, false as is_fresh from private.person_days where user_id in (select user_id from fresh)
    union all select user_id, day, true from fresh),
  gaps as (
    select user_id, day, lag(day, 1, '-infinity') over (partition by user_id order by day) as previous_day, 1 as people from days
    union all
    select user_id, day, lag(day, 1, '-infinity') over (partition by user_id order by day), -1 from days where not is_fresh)
  select g.day, g.previous_day, date_trunc('month', u.created_at at time zone 'utc')::date, sum(g.people)::bigint
  from gaps g join public.users u on u.id = g.user_id group by 1, 2, 3 having sum(g.people) <> 0
$$;

create or replace function private.figures_of_time(p_entries bigint[]) returns setof private.time_figures
language sql stable security definer set search_path = '' as $$
  select 'hour', date_trunc('hour', l.created_at, 'utc'), l.reason, coalesce(g.source, 'debt'), count(*), sum(l.amount)::bigint
  from public.ledger l left join public.grants g on g.id = l.grant_id
  where l.id = any (p_entries) and l.unit = 'second' group by 2, 3, 4
$$;

drop function private.step_list(timestamptz, timestamptz, text, text);
drop function private.steps(timestamptz, timestamptz, text, text);
drop function private.waits_of(jsonb);
create function private.steps(p_from timestamptz, p_to timestamptz, p_step text, p_zone text)
returns table (name text, step timestamptz, step_end timestamptz, grain text, since timestamptz, until timestamptz)
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
  days as (
    select to_char(m.first_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as name, m.first_at, m.last_at,
      date_trunc('day', m.first_at + interval '23:59:59.999999', 'utc') as first_day, date_trunc('day', m.last_at, 'utc') as last_day
    from marks m where m.first_at < m.last_at)
  select d.name, d.first_at, d.last_at, p.grain, p.since, p.until from days d cross join lateral (
    select 'hour' as grain, d.first_at as since, d.last_at as until where d.first_day >= d.last_day
    union all select 'hour', d.first_at, d.first_day where d.first_day < d.last_day and d.first_at < d.first_day
    union all select 'day', d.first_day, d.last_day where d.first_day < d.last_day
    union all select 'hour', d.last_day, d.last_at where d.first_day < d.last_day and d.last_day < d.last_at) p;
end $$;

create or replace function public.board_money(p_from timestamptz, p_to timestamptz, p_step text, p_zone text, p_basis text) returns jsonb
language sql stable security definer set search_path = '' as $$
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  basis as (select case p_basis when 'happened' then 'happened' else 'booked' end as name),
  fresh as materialized (select f.* from private.tail() t, private.figures_of_money(t.changes) f),
  sums as materialized (
    select s.name, f.* from basis b, steps s cross join lateral (select * from private.money_figures f
      where f.grain = s.grain and f.basis = b.name and f.at >= s.since and f.at < s.until offset 0) f
    union all
    select s.name, f.* from basis b, (select w.* from whole w where w.step_end > (select min(at) from fresh)
          and w.step <= (select max(at) from fresh)) s join fresh f on f.at >= s.step and f.at < s.step_end where f.basis = b.name),
  by_step as (
    select name as step, currency, sum(purchases) as purchases, sum(declined) as declined, sum(received_cents) as received_cents,
      sum(tax_cents) as tax_cents, sum(refunded_cents) as refunded_cents, sum(lost_cents) as lost_cents,
      sum(sold_seconds) as sold_seconds
    from sums group by name, currency),
  by_package as (
    select currency, package_id, way, sum(purchases) as purchases, sum(received_cents) as received_cents,
      sum(refunded_cents + lost_cents) as returned_cents, sum(sold_seconds) as sold_seconds, sum(declined) as declined
    from sums group by currency, package_id, way having sum(purchases) <> 0 or sum(received_cents) <> 0 or sum(declined) <> 0
      or sum(refunded_cents + lost_cents) <> 0)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'money', (select coalesce(jsonb_agg(to_jsonb(m) order by step, currency), '[]') from by_step m),
    'packages', (select coalesce(jsonb_agg(to_jsonb(p) order by currency, received_cents desc, package_id, way), '[]') from by_package p))
$$;

create or replace function public.board_time(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
language sql stable security definer set search_path = '' as $$
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  bounds as materialized (select min(step) as first_at, max(step_end) as last_at,
    date_trunc('day', max(step_end), 'utc') as last_day from whole),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail, private.figures_of_time(tail.entries) f),
  fresh_calls as materialized (select f.* from tail, private.figures_of_calls(tail.calls) f),
  fresh_earnings as materialized (
    select f.* from tail, private.figures_of_earnings(tail.entries, tail.changes, tail.since, null) f),
  times as (
    select name as step, coalesce(sum(seconds) filter (where reason = 'grant'), 0) as granted_paid_seconds,
      coalesce(sum(seconds) filter (where reason in ('bonus_grant', 'goodwill')), 0) as given_seconds,
      coalesce(-sum(seconds) filter (where reason = 'use'), 0) as used_seconds,
      coalesce(-sum(seconds) filter (where reason = 'expire'), 0) as expired_seconds,
      coalesce(-sum(seconds) filter (where reason = 'expire' and source in ('paid', 'gift')), 0) as breakage_seconds,
      coalesce(-sum(seconds) filter (where reason in ('clawback', 'freeze', 'restore')), 0) as taken_back_seconds
    from (
      select s.name, f.reason, f.source, f.seconds from steps s cross join lateral (select reason, source, seconds from private.time_figures f
      where f.grain = s.grain and f.at >= s.since and f.at < s.until offset 0) f
      union all select s.name, f.reason, f.source, f.seconds from (select w.* from whole w where w.step_end > (select min(at) from fresh)
          and w.step <= (select max(at) from fresh)) s join fresh f on f.at >= s.step and f.at < s.step_end) t
    group by name),
  owed as (
    select source, sum(seconds) as seconds from (
      select f.source, f.seconds from bounds cross join lateral (select source, seconds from private.time_figures f
        where f.grain = 'day' and f.at < bounds.last_day offset 0) f
      union all select f.source, f.seconds from bounds cross join lateral (select source, seconds from private.time_figures f
        where f.grain = 'hour' and f.at >= bounds.last_day and f.at < bounds.last_at offset 0) f
      union all select source, seconds from fresh, bounds where at < last_at) o
    group by source having sum(seconds) <> 0),
  calls as (
    select name as step, sum(calls) as calls, sum(charged_seconds) as charged_seconds,
      sum(provider_cost_micros) as provider_cost_micros, sum(calls_not_fully_priced) as calls_not_fully_priced
    from (
      select s.name, f.* from steps s cross join lateral (select calls, charged_seconds, provider_cost_micros, calls_not_fully_priced from private.call_figures f
      where f.grain = s.grain and f.at >= s.since and f.at < s.until offset 0) f
      union all
      select s.name, f.calls, f.charged_seconds, f.provider_cost_micros, f.calls_not_fully_priced
        from (select w.* from whole w where w.step_end > (select min(at) from fresh_calls)
          and w.step <= (select max(at) from fresh_calls)) s join fresh_calls f on f.at >= s.step and f.at < s.step_end) c
    group by name),
  earned as (
    select name as step, reason, currency, round(sum(micros))::bigint as micros
    from (
      select s.name, f.* from steps s cross join lateral (select reason, currency, micros from private.earning_figures f
      where f.grain = s.grain and f.at >= s.since and f.at < s.until offset 0) f
      union all
      select s.name, f.reason, f.currency, f.micros from (select w.* from whole w where w.step_end > (select min(at) from fresh_earnings)
          and w.step <= (select max(at) from fresh_earnings)) s join fresh_earnings f on f.at >= s.step and f.at < s.step_end) e
    group by name, reason, currency having sum(micros) <> 0)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'time', (select coalesce(jsonb_agg(to_jsonb(t) order by step), '[]') from times t),
    'owed', (select coalesce(jsonb_agg(to_jsonb(o) order by source), '[]') from owed o),
    'waiting', (select coalesce(jsonb_agg(to_jsonb(w) order by source), '[]') from (
      select source, count(*) as cards, sum(remaining) as seconds from public.grants where status = 'unactivated' group by source) w),
    'calls', (select coalesce(jsonb_agg(to_jsonb(c) order by step), '[]') from calls c),
    'earned', (select coalesce(jsonb_agg(to_jsonb(e) order by step, reason, currency), '[]') from earned e))
$$;

create or replace function public.board_people(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
language sql stable security definer set search_path = '' as $$
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (
    select distinct name, step, step_end, (step at time zone 'utc')::date as first_day,
      greatest((step at time zone 'utc')::date + 1, (step_end at time zone 'utc')::date) as last_day from steps),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail, private.figures_of_activity(tail.calls) f),
  fresh_people as materialized (select f.* from tail, private.figures_of_people(tail.since, null) f),
  signed_up as (
    select name as step, sum(people) as people from (
      select s.name, f.people from steps s cross join lateral (select people from private.people_figures f
      where f.grain = s.grain and f.at >= s.since and f.at < s.until offset 0) f
      union all select s.name, f.people from (select w.* from whole w where w.step_end > (select min(at) from fresh_people)
          and w.step <= (select max(at) from fresh_people)) s join fresh_people f on f.at >= s.step and f.at < s.step_end) p group by name),
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
      from active a where step is null))
$$;

create or replace function public.board_retention(p_months int) returns jsonb
language sql stable security definer set search_path = '' as $$
  with since as materialized (select (date_trunc('month', now() at time zone 'utc')
      - make_interval(months => least(greatest(coalesce(p_months, 12), 1), 36) - 1))::date as month),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail, private.figures_of_activity(tail.calls) f),
  fresh_people as materialized (select f.* from tail, private.figures_of_people(tail.since, null) f),
  months as (
    select cohort, date_trunc('month', day::timestamp)::date as month, sum(people) as people from (
      select a.cohort, a.day, a.people from private.active_people a, since where a.day >= since.month
        and a.previous_day < date_trunc('month', a.day::timestamp)::date
      union all
      select a.cohort, a.day, a.people from fresh a, since
        where a.day >= since.month and a.previous_day < date_trunc('month', a.day::timestamp)::date) a, since
    where a.cohort >= since.month group by 1, 2),
  by_cohort as (
    select cohort, jsonb_agg(jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'people', people) order by month) as active
    from months where people <> 0 group by cohort),
  cohorts as (
    select date_trunc('month', f.at at time zone 'utc')::date as cohort, sum(people) as people from (
      select at, people from private.people_figures, since where grain = 'day' and at >= since.month::timestamp at time zone 'utc'
      union all select at, people from fresh_people) f group by 1)
  select coalesce(jsonb_agg(jsonb_build_object('month', to_char(c.cohort, 'YYYY-MM'), 'people', c.people,
      'active', coalesce(b.active, '[]')) order by c.cohort), '[]')
  from since cross join cohorts c left join by_cohort b on b.cohort = c.cohort where c.cohort >= since.month
$$;

-- The percentile of a group is the mean of the slot in which it lies: the parts are those of the same turns.
create or replace function public.board_voice(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
language sql stable security definer set search_path = '' as $$
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  tail as materialized (select * from private.tail()),
  fresh_turns as materialized (select f.* from tail, private.figures_of_turns(tail.calls) f),
  fresh_calls as materialized (select f.* from tail, private.figures_of_calls(tail.calls) f),
  fresh_failures as materialized (select f.* from tail, private.figures_of_failures(tail.calls) f),
  failures as materialized (
    select source, sum(failures) as failures from (
      select f.source, f.failures from steps s cross join lateral (select source, failures from private.failure_figures f
      where f.grain = s.grain and f.at >= s.since and f.at < s.until offset 0) f
      union all select f.source, f.failures from (select w.* from whole w where w.step_end > (select min(at) from fresh_failures)
          and w.step <= (select max(at) from fresh_failures)) s join fresh_failures f on f.at >= s.step and f.at < s.step_end) f
    group by source),
  turns as materialized (
    select s.step, f.version, f.slot, f.turns::float8 as turns, f.whole_ms::float8 as whole_ms,
        f.end_of_turn_ms::float8 as end_of_turn_ms, f.llm_ms::float8 as llm_ms, f.tts_ms::float8 as tts_ms
      from steps s cross join lateral (select * from private.turn_figures f
      where f.grain = s.grain and f.at >= s.since and f.at < s.until offset 0) f
    union all
    select s.step, f.version, f.slot, f.turns, f.whole_ms, f.end_of_turn_ms, f.llm_ms, f.tts_ms
      from (select w.* from whole w where w.step_end > (select min(at) from fresh_turns)
          and w.step <= (select max(at) from fresh_turns)) s join fresh_turns f on f.at >= s.step and f.at < s.step_end),
  -- Whole numbers far below 2^53, which are exact so, and added up five times as fast. Each set by itself: a hash of each
  -- is cheaper than to sort all rows for each of three.
  slots as (
    select 1 as kind, step, '' as version, slot, sum(turns) as turns, sum(whole_ms) as whole_ms,
      sum(end_of_turn_ms) as end_of_turn_ms, sum(llm_ms) as llm_ms, sum(tts_ms) as tts_ms from turns group by step, slot
    union all
    select 2, null, version, slot, sum(turns), sum(whole_ms), sum(end_of_turn_ms), sum(llm_ms), sum(tts_ms)
      from turns group by version, slot
    union all
    select 3, null, '', slot, sum(turns), sum(whole_ms), sum(end_of_turn_ms), sum(llm_ms), sum(tts_ms) from turns group by slot),
  ranked as (
    select *, sum(turns) over (partition by kind, step, version order by slot) as upto,
      sum(turns) over (partition by kind, step, version) as total from slots where turns > 0),
  -- Of the slots in order, the one in which a share is reached.
  picked as (
    select kind, step, version, percentile, round(whole_ms / turns) as whole_ms, round(end_of_turn_ms / turns) as end_of_turn_ms,
      round(llm_ms / turns) as llm_ms, round(tts_ms / turns) as tts_ms
    from ranked cross join (values ('p50', 0.5::float8), ('p95', 0.95), ('p99', 0.99)) q (percentile, share)
    where upto >= share * total and upto - turns < share * total),
  waits as materialized (
    select kind, step, version, jsonb_object_agg(percentile, jsonb_build_object('whole_ms', whole_ms,
      'end_of_turn_ms', end_of_turn_ms, 'llm_ms', llm_ms, 'tts_ms', tts_ms,
      'other_ms', whole_ms - end_of_turn_ms - llm_ms - tts_ms)) as waits
    from picked group by kind, step, version),
  calls as materialized (
    select s.step, f.* from steps s cross join lateral (select * from private.call_figures f
      where f.grain = s.grain and f.at >= s.since and f.at < s.until offset 0) f
    union all
    select s.step, f.* from (select w.* from whole w where w.step_end > (select min(at) from fresh_calls)
          and w.step <= (select max(at) from fresh_calls)) s join fresh_calls f on f.at >= s.step and f.at < s.step_end),
  sums as materialized (
    select grouping(step, version) as kind, step, case grouping(version) when 0 then version else '' end as version,
      jsonb_build_object('calls', coalesce(sum(calls), 0),
        'measured_calls', coalesce(sum(measured_calls), 0), 'turns', coalesce(sum(turns), 0),
        'unanswered_turns', coalesce(sum(unanswered_turns), 0), 'interruptions', coalesce(sum(interruptions), 0),
        'false_interruptions', coalesce(sum(false_interruptions), 0), 'errors', coalesce(sum(errors), 0),
        'quality', round(sum(quality_sum) / nullif(sum(quality_calls), 0))::int) as sums
    from calls group by grouping sets ((step), (version), ())),
  answers as materialized (
    select s.kind, s.step, s.version, s.sums || jsonb_build_object('waits', coalesce(w.waits, '{}')) as answer
    from sums s left join waits w on w.kind = s.kind and coalesce(w.step, '-infinity') = coalesce(s.step, '-infinity')
      and w.version = s.version)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'all', (select answer from answers where kind = 3),
    'by_step', (select coalesce(jsonb_agg(a.answer || jsonb_build_object('step', w.name) order by w.step), '[]')
      from answers a join whole w on w.step = a.step where a.kind = 1),
    'by_version', (select coalesce(jsonb_agg(answer || jsonb_build_object('version', version) order by version), '[]')
      from answers where kind = 2),
    'failures', (select coalesce(jsonb_agg(jsonb_build_object('source', source, 'failures', failures) order by failures desc, source), '[]')
      from failures where source not like 'unpriced:%'),
    'unpriced_models', (select coalesce(jsonb_agg(substr(source, 10) order by source), '[]') from failures where source like 'unpriced:%'))
$$;

create or replace function public.find_people(p_text text, p_code_hash text default null, p_limit int default 20) returns jsonb
language sql stable security definer set search_path = '' as $$
  with asked as (
    -- Whatever begins with it lies between it and it with the last of all characters behind: so an index finds it, which it
    -- does not for a pattern that is known only when it is asked.
    select text, lower(text) as first, lower(text) || U&'\+10FFFF' as last from (select trim(left(p_text, 200)) as text) t
    where length(text) > 0),
  found as (
    (select u.id as user_id, 'e-mail' as found_by, 1 as rank from public.users u, asked
      where lower(u.email) ~>=~ asked.first and lower(u.email) ~<~ asked.last order by lower(u.email) limit 50)
    union all
    (select u.id, 'name', 2 from public.users u, asked
      where lower(u.display_name) ~>=~ asked.first and lower(u.display_name) ~<~ asked.last order by lower(u.display_name) limit 50)
    union all
    select f.user_id, f.found_by, 0 from asked, private.people_of_id(
      case when asked.text ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then asked.text::uuid end) f
    union all select p.user_id, 'payment', 0 from public.purchases p, asked
      where p.payment_intent_id = asked.text or p.checkout_session_id = asked.text
    union all select p.user_id, 'refund', 0 from public.payment_refunds r join public.purchases p on p.id = r.purchase_id, asked where r.id = asked.text
    union all select p.user_id, 'dispute', 0 from public.payment_disputes d join public.purchases p on p.id = d.purchase_id, asked where d.id = asked.text
    union all select u.id, 'customer', 0 from public.users u, asked where u.stripe_customer_id = asked.text
    union all select o.user_id, case o.user_id when g.account_id then 'code' else 'code given' end, 0
      from public.activation_codes c join public.grants g on g.id = c.card_id
      cross join lateral (select g.account_id as user_id union select g.purchaser_id) o where c.code_hash = p_code_hash)
  select coalesce(jsonb_agg(jsonb_build_object('user_id', u.id, 'email', u.email, 'display_name', u.display_name,
      'created_at', private.utc_text(u.created_at), 'is_deleted', u.deleted_at is not null, 'is_frozen', u.frozen_at is not null,
      'role', u.role, 'found_by', f.found_by, 'balance_seconds', coalesce(a.balance, 0)) order by f.rank, lower(u.email), u.id), '[]')
  from (select o.*, p.email from (select distinct on (user_id) * from found where user_id is not null order by user_id, rank) o
    join public.users p on p.id = o.user_id order by o.rank, lower(p.email), p.id limit greatest(1, least(coalesce(p_limit, 20), 100))) f
  join public.users u on u.id = f.user_id left join public.accounts a on a.id = u.id
$$;
drop function private.beginning_with(text);

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
