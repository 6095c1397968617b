-- Plans and by which meters they bill, from the catalogue file.

-- Says what it changes, and with p_dry_run only says it. A plan that is not in the file any more is not for sale any more; whoever
-- has it keeps it. How usage is billed that was recorded before stays as it was then: each meter event has its own price.
create function public.set_catalogue(p_plans jsonb, p_dry_run boolean default false) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_before jsonb;
  v_after jsonb;
  v_changes jsonb;
begin
  if (jsonb_typeof(p_plans) = 'array' and jsonb_array_length(p_plans) <= 500) is not true then
    return jsonb_build_object('status', 'refused', 'reason', 'not_a_list');
  end if;
  perform pg_advisory_xact_lock(24, 23);
  select coalesce(jsonb_object_agg(p.id, to_jsonb(p) || jsonb_build_object('metered', private.meters_of_plan(p.id))), '{}')
    into v_before from public.plans p;
  insert into public.plans as p (id, name, kind, monthly_minutes, calls_at_once, requests_per_minute, soft_spend_per_day_micros,
      hard_spend_per_day_micros, soft_spend_per_month_micros, hard_spend_per_month_micros, currency, features, seat_price_cents, active)
    select x.id, x.name, x.kind, x.monthly_minutes, x.calls_at_once, x.requests_per_minute, x.soft_spend_per_day_micros,
      x.hard_spend_per_day_micros, x.soft_spend_per_month_micros, x.hard_spend_per_month_micros, x.currency,
      coalesce(x.features, '{}'), x.seat_price_cents, true
    from jsonb_to_recordset(p_plans) as x (id text, name text, kind text, monthly_minutes int, calls_at_once int,
      requests_per_minute int, soft_spend_per_day_micros bigint, hard_spend_per_day_micros bigint, soft_spend_per_month_micros bigint,
      hard_spend_per_month_micros bigint, currency text, features text[], seat_price_cents int)
    on conflict (id) do update set name = excluded.name, kind = excluded.kind, monthly_minutes = excluded.monthly_minutes,
      calls_at_once = excluded.calls_at_once, requests_per_minute = excluded.requests_per_minute,
      soft_spend_per_day_micros = excluded.soft_spend_per_day_micros, hard_spend_per_day_micros = excluded.hard_spend_per_day_micros,
      soft_spend_per_month_micros = excluded.soft_spend_per_month_micros,
      hard_spend_per_month_micros = excluded.hard_spend_per_month_micros, currency = excluded.currency,
      features = excluded.features, seat_price_cents = excluded.seat_price_cents, active = true;
  update public.plans set active = false where active and id not in (select x ->> 'id' from jsonb_array_elements(p_plans) x);
  delete from private.plan_meters where plan_id in (select x ->> 'id' from jsonb_array_elements(p_plans) x);
  insert into private.plan_meters (plan_id, kind, event_name, value, unit_amount_decimal, currency)
    select x ->> 'id', k, m ->> 'event_name', m ->> 'value', (m ->> 'unit_amount_decimal')::numeric, x ->> 'currency'
    from jsonb_array_elements(p_plans) x cross join lateral jsonb_array_elements(coalesce(x -> 'metered', '[]')) m
    cross join lateral jsonb_array_elements_text(m -> 'kinds') k;
  select coalesce(jsonb_object_agg(p.id, to_jsonb(p) || jsonb_build_object('metered', private.meters_of_plan(p.id))), '{}')
    into v_after from public.plans p;
  select coalesce(jsonb_agg(jsonb_build_object('plan', a.key, 'change', case when v_before -> a.key is null then 'added'
      when not (a.value -> 'active')::boolean then 'retired' else 'changed' end,
      'fields', coalesce((select jsonb_agg(f.key order by f.key) from jsonb_each(a.value) f
        where v_before -> a.key is not null and f.value is distinct from v_before -> a.key -> f.key), '[]')) order by a.key), '[]')
    into v_changes from jsonb_each(v_after) a where a.value is distinct from v_before -> a.key;
  if p_dry_run is true then
    raise exception using errcode = 'PT200', message = v_changes::text;
  end if;
  return jsonb_build_object('status', 'set', 'changes', v_changes);
exception
  when sqlstate 'PT200' then
    return jsonb_build_object('status', 'set', 'changes', sqlerrm::jsonb);
  when data_exception or integrity_constraint_violation then
    return jsonb_build_object('status', 'refused', 'reason', sqlerrm);
end $$;
comment on function public.set_catalogue(jsonb, boolean) is
  'Brings the plans of the catalogue here, all or none, and says what that changes: [{plan, change, fields}]; with p_dry_run it '
  'changes nothing. Status set or refused. Harmless to repeat.';

create function private.meters_of_plan(p_plan_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(m) - 'plan_id' order by m.kind), '[]') from private.plan_meters m where m.plan_id = p_plan_id
$$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.set_catalogue(jsonb, boolean) from public, anon, authenticated;
grant execute on function public.set_catalogue(jsonb, boolean) to service_role;
