-- How rows become sums: what a batch of them adds, and the batch that is rolled up at a time.

-- What calls add. Whatever a worker may have sent as its measures, the calls are counted. A function of SQL costs more to
-- call than what it computes, so what is done for each row is written out.
create function private.figures_of_calls(p_calls uuid[]) returns setof private.call_figures
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

-- Each part as far as it was waited for: they overlap where the model begins early, and what is left of the whole is ours.
create function private.figures_of_turns(p_calls uuid[]) returns setof private.turn_figures
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

create function private.figures_of_failures(p_calls uuid[]) returns setof private.failure_figures
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

-- Who is active, as what it changes: for each of these people all days before, and all days with the new ones.
create function private.figures_of_activity(p_calls uuid[]) returns setof private.active_people
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

-- What entries of the ledger add, and changes of the journal.
create function private.figures_of_time(p_entries bigint[]) returns setof private.time_figures
language sql stable security definer set search_path = '' as $$
  select 'hour', date_trunc('hour', l.created_at, 'utc'), l.reason, coalesce(g.source, 'debt'), count(*), sum(l.amount)::bigint
  from public.ledger l left join public.grants g on g.id = l.grant_id
  where l.id = any (p_entries) and l.unit = 'second' group by 2, 3, 4
$$;

create function private.figures_of_money(p_changes bigint[]) returns setof private.money_figures
language sql stable security definer set search_path = '' as $$
  select 'hour', b.basis, private.hour_of(b.at), m.currency, m.package_id, m.way, sum(m.purchases)::bigint,
    sum(m.declined)::bigint, sum(m.sold_seconds)::bigint, sum(m.received_cents)::bigint, sum(m.tax_cents)::bigint,
    sum(m.refunded_cents)::bigint, sum(m.lost_cents)::bigint
  from private.money_changes m cross join lateral (values ('booked', m.booked_at), ('happened', m.happened_at)) b (basis, at)
  where m.id = any (p_changes) group by 2, 3, 4, 5, 6
$$;

-- What seconds earn is seconds times a rate, and both change: new seconds at the rate of then, and the change of the rate
-- times the seconds of before. A refund in March so lowers what calls of January earned, in January.
create function private.figures_of_earnings(p_entries bigint[], p_changes bigint[], p_from xid8, p_upto xid8)
returns setof private.earning_figures
language sql stable security definer set search_path = '' as $$
  with new_seconds as (
    select l.call_id, l.created_at, l.reason, r.currency, -l.amount * r.rate as micros
    from public.ledger l join public.grants g on g.id = l.grant_id
    cross join lateral (select m.currency, sum(m.micros_per_second) as rate from private.money_changes m
      where m.purchase_id = coalesce(g.part_of, g.id) and (m.xid is null or p_upto is null or m.xid < p_upto)
      group by m.currency) r
    where l.id = any (p_entries) and l.reason in ('use', 'expire') and l.unit = 'second'),
  new_rates as (
    select l.call_id, l.created_at, l.reason, m.currency, -l.amount * m.rate as micros
    from (select purchase_id, currency, sum(micros_per_second) as rate from private.money_changes
      where id = any (p_changes) group by 1, 2 having sum(micros_per_second) <> 0) m
    cross join lateral (select id from public.grants where id = m.purchase_id
      union all select id from public.grants where part_of = m.purchase_id) g
    join public.ledger l on l.grant_id = g.id and l.reason in ('use', 'expire') and l.unit = 'second'
      and (l.xid is null or l.xid < p_from))
  select 'hour', private.hour_of(coalesce(c.opened_at, e.created_at)), e.reason, e.currency, sum(e.micros)
  from (select * from new_seconds union all select * from new_rates) e left join public.calls c on c.id = e.call_id
  group by 2, 3, 4
$$;

create function private.figures_of_people(p_from xid8, p_upto xid8) returns setof private.people_figures
language sql stable security definer set search_path = '' as $$
  select 'hour', private.hour_of(at), sum(people)::bigint from private.people_changes
  where xid >= p_from and (p_upto is null or xid < p_upto) group by 2
$$;

-- All that was written between two transactions; without the second, all that is there: the tail that is read live.
create function private.written_between(p_from xid8, p_upto xid8, out calls uuid[], out entries bigint[], out changes bigint[])
language sql stable security definer set search_path = '' as $$
  select array(select call_id from private.settled_calls where xid >= p_from and (p_upto is null or xid < p_upto)),
    array(select id from public.ledger where xid >= p_from and (p_upto is null or xid < p_upto)),
    array(select id from private.money_changes where xid >= p_from and (p_upto is null or xid < p_upto))
$$;

create function private.tail(out calls uuid[], out entries bigint[], out changes bigint[], out since xid8)
language sql stable security definer set search_path = '' as $$
  select w.calls, w.entries, w.changes, r.upto from private.rolled_up r, private.written_between(r.upto, null) w
$$;

-- Of a table of sums: the columns of its key but for grain and time, and those that are summed.
create function private.columns_of_figures(p_table text, out keys text[], out sums text[])
language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(a.attname::text order by a.attnum) filter (where k.is_key and a.attname not in ('grain', 'at')), '{}'),
    array_agg(a.attname::text order by a.attnum) filter (where not k.is_key)
  from pg_catalog.pg_attribute a
  cross join lateral (select exists (select from pg_catalog.pg_index i where i.indrelid = a.attrelid and i.indisprimary
    and a.attnum = any (i.indkey::int2[])) as is_key) k
  where a.attrelid = format('private.%I', p_table)::regclass and a.attnum > 0 and not a.attisdropped
$$;

-- Adds rows by the hour to a table of sums: to their hour and to their day. In $1 calls, $2 entries, $3 changes, $4 and $5
-- the transactions between which they were written, $6 a day.
create function private.add_figures(p_table text, p_rows text, p_calls uuid[], p_entries bigint[], p_changes bigint[],
  p_from xid8, p_upto xid8, p_day date default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  c record := private.columns_of_figures(p_table);
  v_keys text := array_to_string(array['grain', 'at'] || c.keys, ', ');
begin
  execute format('insert into private.%1$I as f (%2$s, %3$s)
      select g.grain, case g.grain when ''hour'' then r.at else private.day_of(r.at)::timestamp at time zone ''utc'' end%4$s, %5$s
      from (%6$s) r cross join (values (''hour''), (''day'')) g (grain) group by 1, 2%4$s order by 1, 2%4$s
    on conflict (%2$s) do update set %7$s',
    p_table, v_keys, array_to_string(c.sums, ', '),
    (select coalesce(string_agg(', r.' || k, '' order by n), '') from unnest(c.keys) with ordinality u (k, n)),
    (select string_agg(format('sum(r.%I)', s), ', ' order by n) from unnest(c.sums) with ordinality u (s, n)),
    p_rows,
    (select string_agg(format('%1$I = f.%1$I + excluded.%1$I', s), ', ' order by n) from unnest(c.sums) with ordinality u (s, n)))
    using p_calls, p_entries, p_changes, p_from, p_upto, p_day;
end $$;

create function private.add_activity(p_calls uuid[]) returns void
language sql security definer set search_path = '' as $$
  insert into private.active_people as a (day, previous_day, cohort, people)
    select day, previous_day, cohort, people from private.figures_of_activity(p_calls) order by day, previous_day, cohort
  on conflict (day, previous_day, cohort) do update set people = a.people + excluded.people;
  insert into private.person_days (user_id, day)
    select distinct user_id, private.day_of(opened_at) from public.calls where id = any (p_calls) on conflict do nothing
$$;

create function private.add_all(p_calls uuid[], p_entries bigint[], p_changes bigint[], p_from xid8, p_upto xid8) returns void
language plpgsql security definer set search_path = '' as $$
declare
  t record;
begin
  for t in select * from (values
    ('call_figures', 'select * from private.figures_of_calls($1)'), ('turn_figures', 'select * from private.figures_of_turns($1)'),
    ('failure_figures', 'select * from private.figures_of_failures($1)'),
    ('time_figures', 'select * from private.figures_of_time($2)'), ('money_figures', 'select * from private.figures_of_money($3)'),
    ('earning_figures', 'select * from private.figures_of_earnings($2, $3, $4, $5)'),
    ('people_figures', 'select * from private.figures_of_people($4, $5)')) f (name, rows)
  loop
    perform private.add_figures(t.name, t.rows, p_calls, p_entries, p_changes, p_from, p_upto);
  end loop;
  perform private.add_activity(p_calls);
end $$;

-- Up to where a batch goes: before the first transaction that still runs, and not much more than so many rows. What one
-- transaction wrote is never parted.
create function private.end_of_batch(p_from xid8, p_limit int) returns xid8
language plpgsql security definer set search_path = '' as $$
declare
  v_upto xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_source text;
  v_xid xid8;
begin
  foreach v_source in array array['private.settled_calls', 'public.ledger', 'private.money_changes', 'private.people_changes'] loop
    execute format('select xid from %s where xid >= $1 and xid < $2 order by xid offset $3 limit 1', v_source)
      into v_xid using p_from, v_upto, p_limit;
    if v_xid = p_from then
      execute format('select xid from %s where xid > $1 and xid < $2 order by xid limit 1', v_source)
        into v_xid using p_from, v_upto;
    end if;
    v_upto := least(v_upto, coalesce(v_xid, v_upto));
  end loop;
  return v_upto;
end $$;

create function public.roll_up(p_limit int default 5000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_from xid8;
  v_upto xid8;
  w record;
begin
  -- One at a time: a run whose answer nobody waited for may still be at it.
  if not pg_try_advisory_xact_lock(24, 2) then
    return jsonb_build_object('status', 'busy');
  end if;
  select upto into v_from from private.rolled_up;
  if v_from > pg_snapshot_xmax(pg_current_snapshot()) then
    perform public.note_finding('figures_of_another_server', 'rolled_up', 'These books were restored into another PostgreSQL, '
      'which counts its transactions anew: run select private.begin_figures_anew() once (docs/board.md).');
    return jsonb_build_object('status', 'busy');
  end if;
  v_upto := private.end_of_batch(v_from, greatest(1, least(coalesce(p_limit, 5000), 50000)));
  if v_upto > v_from then
    w := private.written_between(v_from, v_upto);
    perform private.add_all(w.calls, w.entries, w.changes, v_from, v_upto);
    delete from private.settled_calls where xid < v_upto;
    delete from private.people_changes where xid < v_upto;
    update private.rolled_up set upto = v_upto;
  end if;
  return jsonb_build_object('status',
    case when v_upto > v_from and v_upto < pg_snapshot_xmin(pg_current_snapshot()) then 'more' else 'complete' end);
end $$;
comment on function public.roll_up(int) is
  'Adds what was written since to the sums that operators see, not much more than so many rows. Status complete, more (call '
  'it again) or busy (another run is at it).';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.roll_up(int) from public, anon, authenticated;
grant execute on function public.roll_up(int) to service_role;
