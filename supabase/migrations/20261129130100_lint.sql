-- As `supabase db lint` wants it: a default of the type of its variable, and not a text that is cast each time.

create or replace function public.cleanup_expired_time_cards() returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_page jsonb := jsonb_build_object();
  v_count int := 0;
begin
  loop
    v_page := public.expire_cards((v_page ->> 'next')::uuid);
    v_count := v_count + (v_page ->> 'cards')::int;
    exit when v_page ->> 'next' is null;
  end loop;
  return v_count;
end $$;

create or replace function private.figures_of_day(p_day date) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_name text;
  v_rows jsonb;
  v_all jsonb := jsonb_build_object();
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
