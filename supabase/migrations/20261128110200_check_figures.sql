-- A day of the sums, built anew from the rows: for the check of each night, and for what was there before.

-- A day anew, from the rows themselves, as far as they are rolled up.
create function private.build_day(p_day date, p_upto xid8) returns void
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
  for t in select * from (values
    ('call_figures', 'select * from private.figures_of_calls($1)', v_entries),
    ('turn_figures', 'select * from private.figures_of_turns($1)', v_entries),
    ('failure_figures', 'select * from private.figures_of_failures($1)', v_entries),
    ('time_figures', 'select * from private.figures_of_time($2)', v_entries),
    ('money_figures', 'select * from private.figures_of_money($3) where private.day_of(at) = $6', v_entries),
    ('earning_figures', 'select * from private.figures_of_earnings($2, ''{}'', $4, $5)', v_earning),
    ('people_figures', 'select private.hour_of(u.created_at) as at, 1 as people from public.users u
        where u.created_at >= $6::timestamp at time zone ''utc'' and u.created_at < ($6 + 1)::timestamp at time zone ''utc''
      union all select private.hour_of(at), -people from private.people_changes where private.day_of(at) = $6', v_entries))
    f (name, rows, entries)
  loop
    execute format('delete from private.%I where at >= $1 and at < $2 and grain in (''hour'', ''day'')', t.name) using v_begin, v_end;
    perform private.add_figures(t.name, t.rows, v_calls, t.entries, v_changes, p_upto, p_upto, p_day);
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

-- What stands for a day, but for sums that came to nothing.
create function private.figures_of_day(p_day date) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_name text;
  v_rows jsonb;
  v_all jsonb := '{}';
begin
  foreach v_name in array array['call_figures', 'turn_figures', 'failure_figures', 'time_figures', 'money_figures',
    'earning_figures', 'people_figures'] loop
    execute format('select coalesce(jsonb_agg(to_jsonb(f) order by f::text), ''[]'') from private.%I f
      where f.grain in (''hour'', ''day'') and f.at >= $1 and f.at < $2 and (%s)', v_name,
      (select string_agg(format('f.%I <> 0', s), ' or ') from private.columns_of_figures(v_name) c, unnest(c.sums) s))
      into v_rows using p_day::timestamp at time zone 'utc', (p_day + 1)::timestamp at time zone 'utc';
    v_all := v_all || jsonb_build_object(v_name, v_rows);
  end loop;
  return v_all || jsonb_build_object('active_people', (select coalesce(jsonb_agg(to_jsonb(a) order by a.previous_day, a.cohort), '[]')
    from private.active_people a where a.day = p_day and a.people <> 0));
end $$;

-- The first and the last day that anything stands for.
create function private.days_of_figures(out first_day date, out last_day date)
language sql stable security definer set search_path = '' as $$
  select private.day_of(least((select min(at) from private.call_figures where grain = 'day'),
      (select min(at) from private.time_figures where grain = 'day'), (select min(at) from private.people_figures where grain = 'day'))),
    private.day_of(now())
$$;

create function public.check_figures(p_day date default null) returns jsonb
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
  'Builds a day anew from calls, ledger, journal and people, a random one unless given, and compares it to the unit with the '
  'sums that stand for it. Where they differ, the day is replaced, and a finding says so. Status same, replaced or nothing.';

-- All days that there are: at first, and whenever all is to be built anew.
create function private.build_all_days() returns void
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
end $$;

-- After a dump was restored into another server: its transactions are numbered anew, so nothing is told by number any more.
create function private.begin_figures_anew() returns void
language plpgsql security definer set search_path = '' as $$
begin
  lock table public.ledger, private.money_changes, public.calls, public.users in access exclusive mode;
  alter table public.ledger disable trigger ledger_is_append_only;
  alter table private.money_changes disable trigger money_changes_are_append_only;
  update public.ledger set xid = null where xid is not null;
  update private.money_changes set xid = null where xid is not null;
  alter table public.ledger enable trigger ledger_is_append_only;
  alter table private.money_changes enable trigger money_changes_are_append_only;
  delete from private.settled_calls;
  delete from private.people_changes;
  update private.rolled_up set upto = pg_snapshot_xmin(pg_current_snapshot());
  perform private.build_all_days();
end $$;

select private.build_all_days();

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.check_figures(date) from public, anon, authenticated;
grant execute on function public.check_figures(date) to service_role;
