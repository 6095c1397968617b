-- What the board asks of the sums: by steps of any range, with what is not rolled up yet.

-- The steps of a range, in the days of a time zone, and of each the whole days of UTC in it and the hours around them: so
-- a year is a few hundred rows, whatever the zone.
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

-- Money: what came and went by step and currency, and which packages it was. Never summed across currencies.
create function public.board_money(p_from timestamptz, p_to timestamptz, p_step text, p_zone text, p_basis text) returns jsonb
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
comment on function public.board_money(timestamptz, timestamptz, text, text, text) is
  'Money by step and currency, and by package, booked then or (p_basis happened) about sales of then. p_step: hour, day, week '
  'or month in the time zone p_zone.';

-- Time: what became of seconds by step, what is owed at the end of the range, and what seconds earned and cost.
create function public.board_time(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
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
comment on function public.board_time(timestamptz, timestamptz, text, text) is
  'Seconds given, used, expired and taken back by step; what people own at the end of the range, by source (debt is what they '
  'owe), and what waits for whoever has its code, now; and what calls of each step earned, at what was paid for them so far, '
  'and cost.';
create index grants_that_wait on public.grants (source) include (remaining) where status = 'unactivated';

-- People: by the days of UTC, as who is active cannot be parted further without counting anew.
create function public.board_people(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
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
comment on function public.board_people(timestamptz, timestamptz, text, text) is
  'Who signed up, who had a call (once per person and step, and once in the whole range) and whose first one was before it.';

create function public.board_retention(p_months int) returns jsonb
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
comment on function public.board_retention(int) is
  'Of who signed up in each of the last months, how many had a call in each month since.';

-- The percentile of a group is the mean of the slot in which it lies: the parts are those of the same turns.
create function public.board_voice(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
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
comment on function public.board_voice(timestamptz, timestamptz, text, text) is
  'How long answers took at the 50th, 95th and 99th percentile (within 15 %), each with the parts that add up to it, and turns, '
  'interruptions, failures and quality: by step, in all, and by version of the agent.';

create or replace function public.operator_analytics(p_days int) returns jsonb
language sql stable security definer set search_path = '' as $$
  with period as (
    select private.day_of(now()) - (least(greatest(p_days, 1), 366) - 1) as first_day, private.day_of(now()) as last_day),
  tail as materialized (select * from private.tail()),
  since as (select first_day::timestamp at time zone 'utc' as at from period),
  calls as materialized (
    select private.day_of(c.at) as day, sum(calls) as calls, sum(measured_calls) as measured_calls,
      sum(charged_seconds) as charged_seconds, sum(turns) as turns, sum(interruptions) as interruptions, sum(errors) as errors,
      round(sum(quality_sum) / nullif(sum(quality_calls), 0))::int as quality, sum(provider_cost_micros) as provider_cost_micros,
      sum(calls_not_fully_priced) as calls_not_fully_priced
    from (select * from private.call_figures where grain = 'day'
      union all select f.* from tail, private.figures_of_calls(tail.calls) f) c, since where c.at >= since.at group by 1),
  slots as (
    select private.day_of(t.at) as day, slot, sum(turns) as turns, sum(whole_ms) / sum(turns) as ms
    from (select * from private.turn_figures where grain = 'day'
      union all select f.* from tail, private.figures_of_turns(tail.calls) f) t, since where t.at >= since.at group by 1, 2),
  waits as (
    select day, round(min(ms) filter (where upto >= total * 0.5))::int as p50, round(min(ms) filter (where upto >= total * 0.95))::int as p95
    from (select *, sum(turns) over (partition by day order by slot) as upto, sum(turns) over (partition by day) as total
      from slots) s group by day),
  earned as materialized (
    select private.day_of(e.at) as day, currency, sum(micros) as micros
    from (select * from private.earning_figures where grain = 'day'
      union all select f.* from tail, private.figures_of_earnings(tail.entries, tail.changes, tail.since, null) f) e, since
    where e.at >= since.at and e.reason = 'use' group by 1, 2),
  days as (
    select to_char(d, 'YYYY-MM-DD') as day, coalesce(c.calls, 0) as calls, coalesce(c.measured_calls, 0) as measured_calls,
      coalesce(c.charged_seconds, 0) as charged_seconds, coalesce(c.turns, 0) as turns,
      coalesce(c.interruptions, 0) as interruptions, coalesce(c.errors, 0) as errors, w.p50 as latency_p50_ms,
      w.p95 as latency_p95_ms, c.quality, coalesce(c.provider_cost_micros, 0) as provider_cost_micros,
      coalesce(c.calls_not_fully_priced, 0) as calls_not_fully_priced, round(coalesce(e.micros, 0))::bigint as earned_micros
    from period cross join generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') d
    left join calls c on c.day = d::date left join waits w on w.day = d::date
    left join earned e on e.day = d::date and e.currency = 'usd')
  select jsonb_build_object(
    'days', (select jsonb_agg(to_jsonb(d) || jsonb_build_object('margin_micros', earned_micros - provider_cost_micros)
      order by day) from days d),
    'unpriced_models', (select coalesce(jsonb_agg(distinct substr(f.source, 10) order by substr(f.source, 10)), '[]')
      from (select * from private.failure_figures where grain = 'day'
        union all select f.* from tail, private.figures_of_failures(tail.calls) f) f, since
      where f.at >= since.at and f.source like 'unpriced:%'),
    'earned_in_other_currencies', (select coalesce(jsonb_object_agg(currency, micros), '{}') from (
      select currency, round(sum(micros))::bigint as micros from earned where currency <> 'usd'
      group by currency having sum(micros) <> 0) o))
$$;
comment on function public.operator_analytics(int) is
  'Calls, latency, quality, provider cost, earnings and margin of the last days, for operators, exact to the last commit.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.board_money(timestamptz, timestamptz, text, text, text),
  public.board_time(timestamptz, timestamptz, text, text), public.board_people(timestamptz, timestamptz, text, text),
  public.board_retention(int), public.board_voice(timestamptz, timestamptz, text, text), public.operator_analytics(int)
  from public, anon, authenticated;
grant execute on function public.board_money(timestamptz, timestamptz, text, text, text),
  public.board_time(timestamptz, timestamptz, text, text), public.board_people(timestamptz, timestamptz, text, text),
  public.board_retention(int), public.board_voice(timestamptz, timestamptz, text, text), public.operator_analytics(int)
  to service_role;
