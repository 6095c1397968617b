-- What the board asks of the sums: by steps of any range, with what is not rolled up yet.

-- The steps of a range, in the days of a time zone, and of each the whole days of UTC in it and the hours around them: so
-- a year is a few hundred rows, whatever the zone.
create function private.steps(p_from timestamptz, p_to timestamptz, p_step text, p_zone text)
returns table (step timestamptz, step_end timestamptz, grain text, since timestamptz, until timestamptz)
language plpgsql stable security definer set search_path = '' as $$
declare
  v_from timestamptz := private.hour_of(p_from);
  v_to timestamptz := private.hour_of(p_to + interval '59 minutes 59.999999 seconds');
begin
  if (p_step in ('hour', 'day', 'week', 'month') and v_from < v_to and v_from >= '2000-01-01' and v_to <= '2999-12-31'
      and p_zone is not null) is not true
     or v_to - v_from > (case p_step when 'hour' then interval '8 days' when 'day' then interval '367 days' else interval '3700 days' end) then
    raise exception 'a range begins before it ends, and has at most 8 days by hour, 367 by day and 3700 by week or month'
      using errcode = '22023';
  end if;
  return query
  with marks as (
    select greatest(v_from, s at time zone p_zone) as first_at,
      least(v_to, (s + ('1 ' || p_step)::interval) at time zone p_zone) as last_at
    from generate_series(date_trunc(p_step, v_from at time zone p_zone),
      (v_to at time zone p_zone) - interval '1 second', ('1 ' || p_step)::interval) s),
  days as (
    -- Zones whose days do not begin with an hour of UTC have them from the hour before.
    select private.hour_of(first_at) as first_at, private.hour_of(last_at) as last_at,
      private.day_of(first_at + interval '23:59:59.999999')::timestamp at time zone 'utc' as first_day,
      private.day_of(last_at)::timestamp at time zone 'utc' as last_day
    from marks)
  select d.first_at, d.last_at, p.grain, p.since, p.until from days d cross join lateral (
    select 'hour' as grain, d.first_at as since, d.last_at as until where d.first_day >= d.last_day
    union all select 'hour', d.first_at, d.first_day where d.first_day < d.last_day and d.first_at < d.first_day
    union all select 'day', d.first_day, d.last_day where d.first_day < d.last_day
    union all select 'hour', d.last_day, d.last_at where d.first_day < d.last_day and d.last_day < d.last_at) p
  where d.first_at < d.last_at;
end $$;

create function private.step_list(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(private.utc_text(step) order by step), '[]')
  from (select distinct step from private.steps(p_from, p_to, p_step, p_zone)) s
$$;

-- Money: what came and went by step and currency, and which packages it was. Never summed across currencies.
create function public.board_money(p_from timestamptz, p_to timestamptz, p_step text, p_zone text, p_basis text) returns jsonb
language sql stable security definer set search_path = '' as $$
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  tail as materialized (select * from private.tail()),
  rows as materialized (
    select s.step, f.* from steps s join private.money_figures f on f.grain = s.grain
      and f.basis = case p_basis when 'happened' then 'happened' else 'booked' end and f.at >= s.since and f.at < s.until
    union all
    select s.step, f.* from (select distinct step, step_end from steps) s, tail
      cross join lateral private.figures_of_money(tail.changes) f
      where f.basis = case p_basis when 'happened' then 'happened' else 'booked' end and f.at >= s.step and f.at < s.step_end),
  by_step as (
    select step, currency, sum(purchases) as purchases, sum(declined) as declined, sum(received_cents) as received_cents,
      sum(tax_cents) as tax_cents, sum(refunded_cents) as refunded_cents, sum(lost_cents) as lost_cents,
      sum(sold_seconds) as sold_seconds
    from rows group by step, currency),
  by_package as (
    select currency, package_id, way, sum(purchases) as purchases, sum(received_cents) as received_cents,
      sum(refunded_cents + lost_cents) as returned_cents, sum(sold_seconds) as sold_seconds, sum(declined) as declined
    from rows group by currency, package_id, way having sum(purchases) <> 0 or sum(received_cents) <> 0 or sum(declined) <> 0
      or sum(refunded_cents + lost_cents) <> 0)
  select jsonb_build_object('steps', private.step_list(p_from, p_to, p_step, p_zone),
    'money', (select coalesce(jsonb_agg(to_jsonb(m) || jsonb_build_object('step', private.utc_text(step)) order by step, currency), '[]')
      from by_step m),
    'packages', (select coalesce(jsonb_agg(to_jsonb(p) order by currency, received_cents desc, package_id, way), '[]') from by_package p))
$$;
comment on function public.board_money(timestamptz, timestamptz, text, text, text) is
  'Money by step and currency, and by package, booked then or (p_basis happened) about sales of then. p_step: hour, day, week '
  'or month in the time zone p_zone.';

-- Time: what became of seconds by step, what is owed at the end of the range, and what seconds earned and cost.
create function public.board_time(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
language sql stable security definer set search_path = '' as $$
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct step, step_end from steps),
  bounds as (select min(step) as first_at, max(step_end) as last_at from whole),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail, private.figures_of_time(tail.entries) f),
  times as (
    select step, sum(seconds) filter (where reason = 'grant') as granted_paid_seconds,
      sum(seconds) filter (where reason in ('bonus_grant', 'goodwill')) as given_seconds,
      -sum(seconds) filter (where reason = 'use') as used_seconds,
      -sum(seconds) filter (where reason = 'expire') as expired_seconds,
      -sum(seconds) filter (where reason = 'expire' and source in ('paid', 'gift')) as breakage_seconds,
      -sum(seconds) filter (where reason in ('clawback', 'freeze', 'restore')) as taken_back_seconds
    from (
      select s.step, f.reason, f.source, f.seconds from steps s join private.time_figures f
        on f.grain = s.grain and f.at >= s.since and f.at < s.until
      union all select s.step, f.reason, f.source, f.seconds from whole s join fresh f on f.at >= s.step and f.at < s.step_end) t
    group by step),
  owed as (
    select source, sum(seconds) as seconds from (
      select source, seconds from private.time_figures, bounds where grain = 'day' and at < private.day_of(last_at)::timestamp at time zone 'utc'
      union all select source, seconds from private.time_figures, bounds
        where grain = 'hour' and at >= private.day_of(last_at)::timestamp at time zone 'utc' and at < last_at
      union all select source, seconds from fresh, bounds where at < last_at) o
    group by source having sum(seconds) <> 0),
  calls as (
    select step, sum(calls) as calls, sum(charged_seconds) as charged_seconds, sum(provider_cost_micros) as provider_cost_micros,
      sum(calls_not_fully_priced) as calls_not_fully_priced
    from (
      select s.step, f.calls, f.charged_seconds, f.provider_cost_micros, f.calls_not_fully_priced
        from steps s join private.call_figures f on f.grain = s.grain and f.at >= s.since and f.at < s.until
      union all
      select s.step, f.calls, f.charged_seconds, f.provider_cost_micros, f.calls_not_fully_priced
        from tail cross join lateral private.figures_of_calls(tail.calls) f join whole s on f.at >= s.step and f.at < s.step_end) c
    group by step),
  earned as (
    select step, reason, currency, round(sum(micros))::bigint as micros
    from (
      select s.step, f.reason, f.currency, f.micros from steps s join private.earning_figures f
        on f.grain = s.grain and f.at >= s.since and f.at < s.until
      union all
      select s.step, f.reason, f.currency, f.micros
        from tail cross join lateral private.figures_of_earnings(tail.entries, tail.changes, tail.since, null) f
        join whole s on f.at >= s.step and f.at < s.step_end) e
    group by step, reason, currency having sum(micros) <> 0)
  select jsonb_build_object('steps', private.step_list(p_from, p_to, p_step, p_zone),
    'time', (select coalesce(jsonb_agg(jsonb_build_object('step', private.utc_text(step),
        'granted_paid_seconds', coalesce(granted_paid_seconds, 0), 'given_seconds', coalesce(given_seconds, 0),
        'used_seconds', coalesce(used_seconds, 0), 'expired_seconds', coalesce(expired_seconds, 0),
        'breakage_seconds', coalesce(breakage_seconds, 0), 'taken_back_seconds', coalesce(taken_back_seconds, 0)) order by step), '[]') from times),
    'owed', (select coalesce(jsonb_agg(to_jsonb(o) order by source), '[]') from owed o),
    'waiting', (select coalesce(jsonb_agg(to_jsonb(w) order by source), '[]') from (
      select source, count(*) as cards, sum(remaining) as seconds from public.grants where status = 'unactivated' group by source) w),
    'calls', (select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('step', private.utc_text(step)) order by step), '[]') from calls c),
    'earned', (select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object('step', private.utc_text(step)) order by step, reason, currency), '[]')
      from earned e))
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
  whole as materialized (select distinct step, step_end, private.day_of(step) as first_day,
    greatest(private.day_of(step) + 1, private.day_of(step_end)) as last_day from steps),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail, private.figures_of_activity(tail.calls) f),
  all_of_it as (select min(first_day) as first_day, max(last_day) as last_day from whole),
  signed_up as (
    select step, sum(people) as people from (
      select s.step, f.people from steps s join private.people_figures f on f.grain = s.grain and f.at >= s.since and f.at < s.until
      union all select s.step, f.people from tail cross join lateral private.figures_of_people(tail.since, null) f
        join whole s on f.at >= s.step and f.at < s.step_end) p group by step),
  active as (
    select w.step, sum(a.people) as active, sum(a.people) filter (where a.previous_day > '-infinity') as came_back
    from (select step, first_day, last_day from whole union all select null, first_day, last_day from all_of_it) w
    cross join lateral (
      select people, previous_day from private.active_people
        where day >= w.first_day and day < w.last_day and previous_day < w.first_day
      union all select people, previous_day from fresh
        where day >= w.first_day and day < w.last_day and previous_day < w.first_day) a
    group by w.step)
  select jsonb_build_object('steps', private.step_list(p_from, p_to, p_step, p_zone),
    'new', (select coalesce(jsonb_agg(jsonb_build_object('step', private.utc_text(step), 'people', people) order by step), '[]') from signed_up),
    'active', (select coalesce(jsonb_agg(jsonb_build_object('step', private.utc_text(step), 'people', active,
      'returning', coalesce(came_back, 0)) order by step), '[]') from active where step is not null),
    'in_range', (select jsonb_build_object('active', coalesce(sum(active), 0), 'returning', coalesce(sum(came_back), 0))
      from active where step is null))
$$;
comment on function public.board_people(timestamptz, timestamptz, text, text) is
  'Who signed up, who had a call (once per person and step, and once in the whole range) and whose first one was before it.';

create function public.board_retention(p_months int) returns jsonb
language sql stable security definer set search_path = '' as $$
  with since as (select (date_trunc('month', now() at time zone 'utc')
      - make_interval(months => least(greatest(coalesce(p_months, 12), 1), 36) - 1))::date as month),
  tail as materialized (select * from private.tail()),
  months as (
    select cohort, date_trunc('month', day::timestamp)::date as month, sum(people) as people from (
      select a.cohort, a.day, a.people from private.active_people a, since where a.day >= since.month
        and a.previous_day < date_trunc('month', a.day::timestamp)::date
      union all
      select a.cohort, a.day, a.people from tail cross join lateral private.figures_of_activity(tail.calls) a, since
        where a.day >= since.month and a.previous_day < date_trunc('month', a.day::timestamp)::date) a, since
    where a.cohort >= since.month group by 1, 2),
  cohorts as (
    select date_trunc('month', f.at at time zone 'utc')::date as cohort, sum(people) as people from (
      select at, people from private.people_figures, since where grain = 'day' and at >= since.month::timestamp at time zone 'utc'
      union all select f.at, f.people from tail cross join lateral private.figures_of_people(tail.since, null) f) f group by 1)
  select coalesce(jsonb_agg(jsonb_build_object('month', to_char(c.cohort, 'YYYY-MM'), 'people', c.people, 'active',
      (select coalesce(jsonb_agg(jsonb_build_object('month', to_char(m.month, 'YYYY-MM'), 'people', m.people) order by m.month), '[]')
        from months m where m.cohort = c.cohort and m.people <> 0)) order by c.cohort), '[]')
  from cohorts c, since where c.cohort >= since.month
$$;
comment on function public.board_retention(int) is
  'Of who signed up in each of the last months, how many had a call in each month since.';

-- Voice: how long answers took, with the parts that add up, and what went wrong; by step, in all, and by version.
create function private.waits_of(p_slots jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  with slots as (
    select *, sum(turns) over (order by slot) as upto, sum(turns) over () as total
    from jsonb_to_recordset(p_slots) as s (slot int, turns numeric, whole_ms numeric, end_of_turn_ms numeric, llm_ms numeric, tts_ms numeric)),
  parts as (
    select q.name, round(s.whole_ms / s.turns) as whole, round(s.end_of_turn_ms / s.turns) as end_of_turn,
      round(s.llm_ms / s.turns) as llm, round(s.tts_ms / s.turns) as tts
    from (values ('p50', 0.5), ('p95', 0.95), ('p99', 0.99)) q (name, share)
    cross join lateral (select * from slots where turns > 0 and upto >= q.share * total order by slot limit 1) s)
  select coalesce(jsonb_object_agg(name, jsonb_build_object('whole_ms', whole, 'end_of_turn_ms', end_of_turn, 'llm_ms', llm,
    'tts_ms', tts, 'other_ms', whole - end_of_turn - llm - tts)), '{}') from parts
$$;

create function public.board_voice(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
language sql stable security definer set search_path = '' as $$
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct step, step_end from steps),
  tail as materialized (select * from private.tail()),
  turns as materialized (
    select step, version, slot, sum(turns) as turns, sum(whole_ms) as whole_ms, sum(end_of_turn_ms) as end_of_turn_ms,
      sum(llm_ms) as llm_ms, sum(tts_ms) as tts_ms
    from (
      select s.step, f.* from steps s join private.turn_figures f on f.grain = s.grain and f.at >= s.since and f.at < s.until
      union all select s.step, f.* from tail cross join lateral private.figures_of_turns(tail.calls) f
        join whole s on f.at >= s.step and f.at < s.step_end) t group by step, version, slot),
  slots as materialized (
    select step, version, slot, grouping(step) = 1 as is_all, grouping(version) = 0 as is_version, jsonb_build_object('slot', slot,
      'turns', sum(turns), 'whole_ms', sum(whole_ms), 'end_of_turn_ms', sum(end_of_turn_ms), 'llm_ms', sum(llm_ms), 'tts_ms', sum(tts_ms)) as s
    from turns group by grouping sets ((step, slot), (version, slot), (slot))),
  waits as (
    select step, version, is_all, is_version, private.waits_of(jsonb_agg(s)) as waits from slots group by step, version, is_all, is_version),
  calls as materialized (
    select step, version, sum(calls) as calls, sum(measured_calls) as measured_calls, sum(turns) as turns,
      sum(unanswered_turns) as unanswered_turns, sum(interruptions) as interruptions, sum(false_interruptions) as false_interruptions,
      sum(errors) as errors, sum(quality_sum) as quality_sum, sum(quality_calls) as quality_calls
    from (
      select s.step, f.* from steps s join private.call_figures f on f.grain = s.grain and f.at >= s.since and f.at < s.until
      union all select s.step, f.* from tail cross join lateral private.figures_of_calls(tail.calls) f
        join whole s on f.at >= s.step and f.at < s.step_end) c group by step, version),
  sums as (
    select step, version, grouping(step) = 1 as is_all, grouping(version) = 0 as is_version, jsonb_build_object('calls', coalesce(sum(calls), 0),
      'measured_calls', coalesce(sum(measured_calls), 0), 'turns', coalesce(sum(turns), 0), 'unanswered_turns', coalesce(sum(unanswered_turns), 0),
      'interruptions', coalesce(sum(interruptions), 0), 'false_interruptions', coalesce(sum(false_interruptions), 0),
      'errors', coalesce(sum(errors), 0), 'quality', round(sum(quality_sum) / nullif(sum(quality_calls), 0))::int) as sums
    from calls group by grouping sets ((step), (version), ()))
  select jsonb_build_object('steps', private.step_list(p_from, p_to, p_step, p_zone),
    'all', (select s.sums || jsonb_build_object('waits', coalesce((select waits from waits where is_all and not is_version), '{}'))
      from sums s where is_all and not is_version),
    'by_step', (select coalesce(jsonb_agg(s.sums || jsonb_build_object('step', private.utc_text(s.step), 'waits', coalesce(w.waits, '{}'))
        order by s.step), '[]')
      from sums s left join waits w on w.step = s.step and not w.is_all where not s.is_all),
    'by_version', (select coalesce(jsonb_agg(s.sums || jsonb_build_object('version', s.version, 'waits', coalesce(w.waits, '{}'))
        order by s.version), '[]')
      from sums s left join waits w on w.version = s.version and w.is_version where s.is_version),
    'failures', (select coalesce(jsonb_agg(jsonb_build_object('source', source, 'failures', failures) order by failures desc, source), '[]')
      from (select source, sum(failures) as failures from (
          select f.source, f.failures from steps s join private.failure_figures f on f.grain = s.grain and f.at >= s.since and f.at < s.until
          union all select f.source, f.failures from tail cross join lateral private.figures_of_failures(tail.calls) f
            join whole s on f.at >= s.step and f.at < s.step_end) f group by source) f where source not like 'unpriced:%'),
    'unpriced_models', (select coalesce(jsonb_agg(distinct substr(source, 10)), '[]') from (
        select f.source from steps s join private.failure_figures f on f.grain = s.grain and f.at >= s.since and f.at < s.until
        union all select f.source from tail cross join lateral private.figures_of_failures(tail.calls) f
          join whole s on f.at >= s.step and f.at < s.step_end) f where source like 'unpriced:%'))
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
