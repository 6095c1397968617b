-- Sums by the month, too, so that a year is twelve rows of each kind: months of UTC, as days are. And events and providers are
-- rolled up and checked with the rest.
do $$
declare
  v_table text;
begin
  foreach v_table in array array['call_figures', 'turn_figures', 'failure_figures', 'time_figures', 'money_figures',
    'earning_figures', 'people_figures'] loop
    execute format('alter table private.%1$I drop constraint %1$s_grain_check,
      add constraint %1$s_grain_check check (grain in (''hour'', ''day'', ''month''))', v_table);
  end loop;
end $$;

-- All tables of sums, with what adds to them: in $1 calls, $2 entries, $3 changes, $4 and $5 the transactions between which
-- they were written.
create function private.sums() returns table (name text, rows text)
language sql immutable set search_path = '' as $$
  values ('call_figures', 'select * from private.figures_of_calls($1)'),
    ('turn_figures', 'select * from private.figures_of_turns($1)'),
    ('failure_figures', 'select * from private.figures_of_failures($1)'),
    ('provider_figures', 'select * from private.figures_of_providers($1)'),
    ('time_figures', 'select * from private.figures_of_time($2)'),
    ('money_figures', 'select * from private.figures_of_money($3)'),
    ('earning_figures', 'select * from private.figures_of_earnings($2, $3, $4, $5)'),
    ('people_figures', 'select * from private.figures_of_people($4, $5)'),
    ('event_figures', 'select * from private.figures_of_events($1, $3, $4, $5)')
$$;

-- Adds rows by the hour to a table of sums: to their hour, day and month, or to those of these that are asked for.
drop function private.add_figures(text, text, uuid[], bigint[], bigint[], xid8, xid8, date);
create function private.add_figures(p_table text, p_rows text, p_calls uuid[], p_entries bigint[], p_changes bigint[],
  p_from xid8, p_upto xid8, p_day date default null, p_grains text[] default '{hour,day,month}') returns void
language plpgsql security definer set search_path = '' as $$
declare
  c record := private.columns_of_figures(p_table);
  v_keys text := array_to_string(array['grain', 'at'] || c.keys, ', ');
begin
  execute format('insert into private.%1$I as f (%2$s, %3$s)
      select g.grain, date_trunc(g.grain, r.at, ''utc'')%4$s, %5$s
      from (%6$s) r cross join unnest($7) g (grain) group by 1, 2%4$s order by 1, 2%4$s
    on conflict (%2$s) do update set %7$s',
    p_table, v_keys, array_to_string(c.sums, ', '),
    (select coalesce(string_agg(', r.' || k, '' order by n), '') from unnest(c.keys) with ordinality u (k, n)),
    (select string_agg(format('sum(r.%I)', s), ', ' order by n) from unnest(c.sums) with ordinality u (s, n)),
    p_rows,
    (select string_agg(format('%1$I = f.%1$I + excluded.%1$I', s), ', ' order by n) from unnest(c.sums) with ordinality u (s, n)))
    using p_calls, p_entries, p_changes, p_from, p_upto, p_day, p_grains;
end $$;

create or replace function private.add_all(p_calls uuid[], p_entries bigint[], p_changes bigint[], p_from xid8, p_upto xid8) returns void
language plpgsql security definer set search_path = '' as $$
declare
  t record;
begin
  for t in select * from private.sums() loop
    perform private.add_figures(t.name, t.rows, p_calls, p_entries, p_changes, p_from, p_upto);
  end loop;
  perform private.mark_trials(p_calls, p_changes);
  perform private.add_activity(p_calls);
end $$;

create or replace function private.end_of_batch(p_from xid8, p_limit int) returns xid8
language plpgsql security definer set search_path = '' as $$
declare
  v_upto xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_source text;
  v_xid xid8;
begin
  foreach v_source in array array['private.settled_calls', 'public.ledger', 'private.money_changes', 'private.people_changes',
    'private.event_changes'] loop
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

create or replace function public.roll_up(p_limit int default 5000) returns jsonb
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
    delete from private.event_changes where xid < v_upto;
    update private.rolled_up set upto = v_upto;
  end if;
  return jsonb_build_object('status',
    case when v_upto > v_from and v_upto < pg_snapshot_xmin(pg_current_snapshot()) then 'more' else 'complete' end);
end $$;

create or replace function private.build_day(p_day date, p_upto xid8) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_begin timestamptz := p_day::timestamp at time zone 'utc';
  v_end timestamptz := (p_day + 1)::timestamp at time zone 'utc';
  v_calls uuid[] := array(select c.id from public.calls c where c.status = 'settled' and c.opened_at >= v_begin
    and c.opened_at < v_end and not exists (select from private.settled_calls s where s.call_id = c.id));
  v_entries bigint[] := array(select l.id from public.ledger l where l.created_at >= v_begin and l.created_at < v_end
    and (l.xid is null or l.xid < p_upto));
  -- Seconds of a call count when it began, whenever it was settled.
  v_earning bigint[] := array(
    select l.id from public.ledger l where l.id = any (v_entries) and l.reason in ('use', 'expire') and l.call_id is null
    union all select l.id from public.calls c join public.ledger l on l.call_id = c.id
      where c.opened_at >= v_begin and c.opened_at < v_end and l.reason = 'use' and (l.xid is null or l.xid < p_upto));
  v_changes bigint[] := array(select m.id from private.money_changes m where (m.xid is null or m.xid < p_upto)
    and (m.booked_at >= v_begin and m.booked_at < v_end or m.happened_at >= v_begin and m.happened_at < v_end));
  t record;
begin
  update private.trials r set
      talked = exists (select from public.calls c where c.user_id = r.user_id and c.charged_seconds > 0 and c.status = 'settled'
        and not exists (select from private.settled_calls s where s.call_id = c.id)),
      bought = exists (select from public.purchases p join private.money_changes m on m.purchase_id = p.id and m.purchases > 0
        where p.user_id = r.user_id and p.created_at > r.claimed_at and (m.xid is null or m.xid < p_upto))
    where claimed_at >= v_begin and claimed_at < v_end;
  for t in
    select s.name, coalesce(o.rows, s.rows) as rows, case s.name when 'earning_figures' then v_earning else v_entries end as entries
    from private.sums() s left join (values
      ('money_figures', 'select * from private.figures_of_money($3) where private.day_of(at) = $6'),
      ('earning_figures', 'select * from private.figures_of_earnings($2, ''{}'', $4, $5)'),
      ('people_figures', 'select private.hour_of(u.created_at) as at, 1 as people from public.users u
          where u.created_at >= $6::timestamp at time zone ''utc'' and u.created_at < ($6 + 1)::timestamp at time zone ''utc''
        union all select private.hour_of(at), -people from private.people_changes where private.day_of(at) = $6'),
      ('event_figures', 'select kind, private.hour_of(at) as at, name, version, events, total from private.event_rows
          where at >= $6::timestamp at time zone ''utc'' and at < ($6 + 1)::timestamp at time zone ''utc''
        union all select kind, private.hour_of(at), name, version, -events, -total from private.event_changes
          where private.day_of(at) = $6'))
      o (name, rows) on o.name = s.name
  loop
    execute format('delete from private.%I where at >= $1 and at < $2 and grain in (''hour'', ''day'')', t.name) using v_begin, v_end;
    perform private.add_figures(t.name, t.rows, v_calls, t.entries, v_changes, p_upto, p_upto, p_day, '{hour,day}');
  end loop;
  delete from private.person_days where day = p_day
    and user_id not in (select user_id from public.calls where id = any (v_calls));
  insert into private.person_days (user_id, day)
    select distinct user_id, p_day from public.calls where id = any (v_calls) on conflict do nothing;
  delete from private.active_people where day = p_day;
  insert into private.active_people (day, previous_day, cohort, people)
    select p_day, coalesce(b.day, '-infinity'), date_trunc('month', u.created_at at time zone 'utc')::date, count(*)
    from private.person_days d join public.users u on u.id = d.user_id
    left join lateral (select day from private.person_days where user_id = d.user_id and day < p_day
      order by day desc limit 1) b on true
    where d.day = p_day group by 2, 3;
end $$;

-- A month from its days.
create function private.build_month(p_month date) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_begin timestamptz := p_month::timestamp at time zone 'utc';
  v_end timestamptz := (p_month + interval '1 month') at time zone 'utc';
  v_name text;
begin
  for v_name in select name from private.sums() loop
    execute format('delete from private.%I where grain = ''month'' and at = $1', v_name) using v_begin;
    perform private.add_figures(v_name, format('select * from private.%I where grain = ''day'' and at >= %L and at < %L',
      v_name, v_begin, v_end), null, null, null, null, null, null, '{month}');
  end loop;
end $$;

-- What stands for a day and its month, but for sums that came to nothing.
create or replace function private.figures_of_day(p_day date) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_name text;
  v_rows jsonb;
  v_all jsonb := jsonb_build_object();
begin
  for v_name in select name from private.sums() loop
    execute format('select coalesce(jsonb_agg(to_jsonb(f) order by f::text), ''[]'') from private.%I f
      where (f.grain in (''hour'', ''day'') and f.at >= $1 and f.at < $2 or f.grain = ''month'' and f.at = date_trunc(''month'', $1, ''utc''))
        and (%s)', v_name,
      (select string_agg(format('f.%I <> 0', s), ' or ') from private.columns_of_figures(v_name) c, unnest(c.sums) s))
      into v_rows using p_day::timestamp at time zone 'utc', (p_day + 1)::timestamp at time zone 'utc';
    v_all := v_all || jsonb_build_object(v_name, v_rows);
  end loop;
  return v_all || jsonb_build_object('active_people', (select coalesce(jsonb_agg(to_jsonb(a) order by a.previous_day, a.cohort), '[]')
    from private.active_people a where a.day = p_day and a.people <> 0));
end $$;

create or replace function public.check_figures(p_day date default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_day date := p_day;
  v_upto xid8;
  v_before jsonb;
  v_after jsonb;
  v_tables text[];
begin
  if v_day is null then
    -- Any day but the one that is still being written.
    select first_day + floor(random() * greatest(1, last_day - first_day))::int into v_day from private.days_of_figures();
  end if;
  if (v_day between '2000-01-01' and '2999-12-31') is not true then
    return jsonb_build_object('status', 'nothing');
  end if;
  perform pg_advisory_xact_lock(24, 2);
  select upto into v_upto from private.rolled_up;
  v_before := private.figures_of_day(v_day);
  begin
    perform private.build_day(v_day, v_upto);
    perform private.build_month(date_trunc('month', v_day::timestamp)::date);
    v_after := private.figures_of_day(v_day);
    v_tables := array(select key from jsonb_each(v_after) where value is distinct from v_before -> key order by key);
    if v_tables = '{}' then
      -- Nothing was wrong: leaves the rows as they were.
      raise exception using errcode = 'PT204';
    end if;
  exception when sqlstate 'PT204' then
    return jsonb_build_object('status', 'same', 'day', v_day);
  end;
  perform public.note_finding('figures_differ', v_day::text, format('The sums of %s for operators were not those of the rows, '
    'and were replaced: %s', v_day, array_to_string(v_tables, ', ')));
  return jsonb_build_object('status', 'replaced', 'day', v_day, 'tables', to_jsonb(v_tables));
end $$;
comment on function public.check_figures(date) is
  'Builds a day anew from calls, ledger, journals and people, a random one unless given, and its month from its days, and '
  'compares them to the unit with the sums that stand for them. Where they differ, they are replaced, and a finding says so. '
  'Status same, replaced or nothing.';

create or replace function private.build_all_days() returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_day date;
  v_first date := private.day_of(least((select min(opened_at) from public.calls), (select min(created_at) from public.ledger),
    (select min(created_at) from public.users), (select min(booked_at) from private.money_changes)));
  v_upto xid8 := (select upto from private.rolled_up);
begin
  for v_day in select generate_series(v_first, private.day_of(now()), interval '1 day')::date loop
    perform private.build_day(v_day, v_upto);
  end loop;
  for v_day in select generate_series(date_trunc('month', v_first::timestamp), private.day_of(now()), interval '1 month')::date loop
    perform private.build_month(v_day);
  end loop;
end $$;

create or replace function private.begin_figures_anew() returns void
language plpgsql security definer set search_path = '' as $$
begin
  lock table public.ledger, private.money_changes, public.calls, public.users, private.call_ratings, private.support_requests,
    private.trials, private.payment_fees in access exclusive mode;
  alter table public.ledger disable trigger ledger_is_append_only;
  alter table private.money_changes disable trigger money_changes_are_append_only;
  update public.ledger set xid = null where xid is not null;
  update private.money_changes set xid = null where xid is not null;
  alter table public.ledger enable trigger ledger_is_append_only;
  alter table private.money_changes enable trigger money_changes_are_append_only;
  delete from private.settled_calls;
  delete from private.people_changes;
  delete from private.event_changes;
  update private.rolled_up set upto = pg_snapshot_xmin(pg_current_snapshot());
  perform private.build_all_days();
end $$;

-- What was there before this migration.
update private.support_requests r
  set version = coalesce(left(c.measures ->> 'version', 100), ''),
    providers = array(select p.provider from private.providers_of(c.measures) p order by p.provider)
  from public.calls c where r.about = 'call' and c.id = r.about_id;
select private.build_all_days();

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.check_figures(date), public.roll_up(int) from public, anon, authenticated;
grant execute on function public.check_figures(date), public.roll_up(int) to service_role;
