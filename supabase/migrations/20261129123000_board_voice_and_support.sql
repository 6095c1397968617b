-- How calls were, from months where there are whole ones; and requests for help beside the calls that they are about.

-- The percentile of a group is the mean of the slot in which it lies: the parts are those of the same turns.
create or replace function public.board_voice(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  tail as materialized (select * from private.tail()),
  fresh_turns as materialized (select f.* from tail, private.figures_of_turns(tail.calls) f),
  fresh_calls as materialized (select f.* from tail, private.figures_of_calls(tail.calls) f),
  fresh_failures as materialized (select f.* from tail, private.figures_of_failures(tail.calls) f),
  failures as materialized (
    select source, sum(failures) as failures from (
      select f.source, s.sign * f.failures as failures from steps s cross join lateral (
        select source, failures from private.failure_figures x
        where x.grain = s.grain and x.at >= s.since and x.at < s.until offset 0) f
      union all
      select f.source, f.failures from whole w join fresh_failures f on f.at >= w.step and f.at < w.step_end) f
    group by source having sum(failures) <> 0),
  -- Whole numbers far below 2^53, which are exact so, and added up five times as fast.
  turns as materialized (
    select step, version, slot, sum(turns) as turns, sum(whole_ms) as whole_ms, sum(end_of_turn_ms) as end_of_turn_ms,
      sum(llm_ms) as llm_ms, sum(tts_ms) as tts_ms from (
      select s.step, f.version, f.slot, s.sign::float8 * f.turns as turns, s.sign::float8 * f.whole_ms as whole_ms,
          s.sign::float8 * f.end_of_turn_ms as end_of_turn_ms, s.sign::float8 * f.llm_ms as llm_ms, s.sign::float8 * f.tts_ms as tts_ms
        from steps s cross join lateral (select * from private.turn_figures x
          where x.grain = s.grain and x.at >= s.since and x.at < s.until offset 0) f
      union all
      select w.step, f.version, f.slot, f.turns, f.whole_ms, f.end_of_turn_ms, f.llm_ms, f.tts_ms
        from whole w join fresh_turns f on f.at >= w.step and f.at < w.step_end) t
    group by step, version, slot),
  -- Each set by itself: a hash of each is cheaper than to sort all rows for each of three.
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
    select s.step, s.sign::float8 as sign, f.* from steps s cross join lateral (select * from private.call_figures x
      where x.grain = s.grain and x.at >= s.since and x.at < s.until offset 0) f
    union all
    select w.step, 1, f.* from whole w join fresh_calls f on f.at >= w.step and f.at < w.step_end),
  sums as materialized (
    select grouping(step, version) as kind, step, case grouping(version) when 0 then version else '' end as version,
      jsonb_build_object('calls', coalesce(sum(sign * calls), 0),
        'measured_calls', coalesce(sum(sign * measured_calls), 0), 'turns', coalesce(sum(sign * turns), 0),
        'unanswered_turns', coalesce(sum(sign * unanswered_turns), 0), 'interruptions', coalesce(sum(sign * interruptions), 0),
        'false_interruptions', coalesce(sum(sign * false_interruptions), 0), 'errors', coalesce(sum(sign * errors), 0),
        'quality', round(sum(sign * quality_sum) / nullif(sum(sign * quality_calls), 0))::int) as sums
    from calls group by grouping sets ((step), (version), ())
    having sum(sign * calls) <> 0 or grouping(step, version) = 3),
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
    'unpriced_models', (select coalesce(jsonb_agg(substr(source, 10) order by source), '[]') from failures where source like 'unpriced:%')));
end $$;

-- Requests for help, beside the calls that they are about.
create function public.board_support(p_from timestamptz, p_to timestamptz, p_step text, p_zone text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  tail as materialized (select * from private.tail()),
  events as materialized (
    select s.step, f.kind, f.name, f.version, s.sign * f.events as events, s.sign * f.total as total from steps s
      cross join (values ('rating'), ('request'), ('request_provider'), ('answer')) k (kind)
      cross join lateral (select e.kind, e.name, e.version, e.events, e.total from private.event_figures e
        where e.grain = s.grain and e.kind = k.kind and e.at >= s.since and e.at < s.until offset 0) f
    union all
    select w.step, f.kind, f.name, f.version, f.events, f.total from tail t
      cross join lateral private.figures_of_events('{}', '{}', t.since, null) f join whole w on f.at >= w.step and f.at < w.step_end),
  calls as materialized (
    select s.step, f.version, s.sign * f.calls as calls, s.sign * f.turns as turns, s.sign * f.errors as errors from steps s
      cross join lateral (select c.version, c.calls, c.turns, c.errors from private.call_figures c
        where c.grain = s.grain and c.at >= s.since and c.at < s.until offset 0) f
    union all
    select w.step, f.version, f.calls, f.turns, f.errors from tail t
      cross join lateral private.figures_of_calls(t.calls) f join whole w on f.at >= w.step and f.at < w.step_end),
  providers as (
    select provider, sum(calls) as calls, sum(failing_calls) as failing_calls, sum(failures) as failures from (
      select f.provider, s.sign * f.calls as calls, s.sign * f.failing_calls as failing_calls, s.sign * f.failures as failures from steps s
        cross join lateral (select p.provider, p.calls, p.failing_calls, p.failures from private.provider_figures p
          where p.grain = s.grain and p.at >= s.since and p.at < s.until offset 0) f
      union all
      select f.provider, f.calls, f.failing_calls, f.failures from tail t
        cross join lateral private.figures_of_providers(t.calls) f join whole w on f.at >= w.step and f.at < w.step_end) p
    group by provider),
  requests_of_provider as (select name as provider, sum(events) as requests from events where kind = 'request_provider' group by name),
  by_provider as (
    select provider, coalesce(p.calls, 0) as calls, coalesce(p.failing_calls, 0) as failing_calls, coalesce(p.failures, 0) as failures,
      coalesce(r.requests, 0) as requests
    from providers p full join requests_of_provider r using (provider) where coalesce(p.calls, 0) <> 0 or coalesce(r.requests, 0) <> 0),
  requests_of_version as (
    select version, coalesce(sum(events) filter (where kind = 'request'), 0) as requests,
      coalesce(sum(events) filter (where kind = 'rating'), 0) as ratings, coalesce(sum(total) filter (where kind = 'rating'), 0) as stars
    from events where kind = 'rating' or kind = 'request' and name = 'call' group by version),
  by_version as (
    select version, coalesce(c.calls, 0) as calls, coalesce(c.turns, 0) as turns, coalesce(c.errors, 0) as errors,
      coalesce(r.requests, 0) as requests, coalesce(r.ratings, 0) as ratings, coalesce(r.stars, 0) as stars
    from (select version, sum(calls) as calls, sum(turns) as turns, sum(errors) as errors from calls group by version) c
    full join requests_of_version r using (version) where coalesce(c.calls, 0) <> 0 or coalesce(r.requests, 0) <> 0 or coalesce(r.ratings, 0) <> 0),
  by_step as (
    select w.name as step, w.step as at, coalesce(e.requests, 0) as requests, coalesce(e.answered, 0) as answered,
      coalesce(e.ratings, 0) as ratings, coalesce(e.stars, 0) as stars, coalesce(c.calls, 0) as calls, coalesce(c.errors, 0) as errors
    from whole w
    left join (select step, sum(events) filter (where kind = 'request') as requests, sum(events) filter (where kind = 'answer') as answered,
      sum(events) filter (where kind = 'rating') as ratings, sum(total) filter (where kind = 'rating') as stars from events group by step) e
      on e.step = w.step
    left join (select step, sum(calls) as calls, sum(errors) as errors from calls group by step) c on c.step = w.step),
  slots as (
    select name, sum(events) as events, sum(total) as seconds, sum(sum(events)) over (order by name) as upto, sum(sum(events)) over () as all_of_them
    from events where kind = 'answer' group by name having sum(events) > 0)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'open', (select count(*) from private.support_requests where status = 'open'),
    'longest_waiting_seconds', (select floor(extract(epoch from now() - min(created_at)))::bigint
      from private.support_requests where status = 'open'),
    'requests', (select coalesce(sum(requests), 0) from by_step), 'answered', (select coalesce(sum(answered), 0) from by_step),
    'answer_seconds', (select coalesce(jsonb_object_agg(q.name, round(s.seconds / s.events)), '{}')
      from (values ('p50', 0.5), ('p95', 0.95), ('p99', 0.99)) q (name, share)
      join slots s on s.upto >= q.share * s.all_of_them and s.upto - s.events < q.share * s.all_of_them),
    'by_step', (select coalesce(jsonb_agg(to_jsonb(b) - 'at' order by b.at), '[]') from by_step b),
    'by_about', (select coalesce(jsonb_agg(jsonb_build_object('about', name, 'requests', requests) order by requests desc, name), '[]')
      from (select name, sum(events) as requests from events where kind = 'request' group by name having sum(events) <> 0) a),
    'by_version', (select coalesce(jsonb_agg(to_jsonb(b) order by b.version), '[]') from by_version b),
    'by_provider', (select coalesce(jsonb_agg(to_jsonb(b) order by b.requests desc, b.provider), '[]') from by_provider b)));
end $$;
comment on function public.board_support(timestamptz, timestamptz, text, text) is
  'Requests for help by when they were asked, how soon they were answered (percentiles within 15 %), and for the releases and '
  'providers of the calls that they are about how many there were beside calls, failures and ratings of these.';

create function public.board_requests(p_from timestamptz, p_to timestamptz, p_about text default null, p_version text default null,
  p_provider text default null, p_limit int default 50) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(private.request_for_operators(r) order by r.created_at desc, r.id desc), '[]')
  from (select * from private.support_requests q where created_at >= p_from and created_at < p_to
      and (p_about is null or about = p_about) and (p_version is null or about = 'call' and version = p_version)
      and (p_provider is null or p_provider = any (providers))
    order by created_at desc, id desc limit greatest(1, least(coalesce(p_limit, 50), 200))) r
$$;
comment on function public.board_requests(timestamptz, timestamptz, text, text, text, int) is
  'The requests behind a figure: of a range, newest first; about something, or about calls of a version, or that used a provider.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.board_support(timestamptz, timestamptz, text, text),
  public.board_requests(timestamptz, timestamptz, text, text, text, int) from public, anon, authenticated;
grant execute on function public.board_support(timestamptz, timestamptz, text, text),
  public.board_requests(timestamptz, timestamptz, text, text, text, int) to service_role;
