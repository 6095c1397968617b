-- The catalogue brings plans of every line, and a tenant subscribes once in each.

create or replace function public.set_catalogue(p_plans jsonb, p_dry_run boolean default false) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_before jsonb;
  v_after jsonb;
  v_changes jsonb;
  v_columns text;
  v_values text;
  v_changed text;
  v_plans jsonb;
begin
  if (jsonb_typeof(p_plans) = 'array' and jsonb_array_length(p_plans) <= 500) is not true then
    return jsonb_build_object('status', 'refused', 'reason', 'not_a_list');
  end if;
  perform pg_advisory_xact_lock(24, 23);
  select coalesce(jsonb_agg(x || '{"active": true}'), '[]') into v_plans from jsonb_array_elements(p_plans) x;
  select coalesce(jsonb_object_agg(p.id, to_jsonb(p) || jsonb_build_object('metered', private.meters_of_plan(p.id))), '{}')
    into v_before from public.plans p;
  update public.plans set active = false where active and id not in (select x ->> 'id' from jsonb_array_elements(p_plans) x);
  -- Each column that the table has: what the file does not say is as the table has it for a new row.
  select string_agg(format('%I', a.attname), ', '),
      string_agg(format('coalesce(x.%I, %s)', a.attname, coalesce(pg_get_expr(d.adbin, d.adrelid), 'null')), ', '),
      string_agg(format('%1$I = excluded.%1$I', a.attname), ', ')
    into v_columns, v_values, v_changed
    from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = 'public.plans'::regclass and a.attnum > 0 and not a.attisdropped;
  execute format('insert into public.plans (%s) select %s from jsonb_populate_recordset(null::public.plans, $1) x
    on conflict (id) do update set %s', v_columns, v_values, v_changed) using v_plans;
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


-- Who pays for a tenant, as whoever does its billing sees it.
drop function public.read_tenant_billing(uuid, uuid);
create function public.read_tenant_billing(p_user_id uuid, p_tenant_id uuid, p_line text default 'time') returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((select case when m.role not in ('owner', 'billing') then jsonb_build_object('status', 'forbidden')
      when t.closed_at is not null then jsonb_build_object('status', 'closed')
      else jsonb_build_object('status', 'found', 'customer', t.stripe_customer_id, 'plan_id', t.plan_id,
        'subscription', (select jsonb_build_object('id', s.id, 'plan_id', s.plan_id, 'status', s.status, 'seats', s.quantity,
            'current_period_end', private.utc_text(s.current_period_end), 'cancel_at', private.utc_text(s.cancel_at))
          from public.subscriptions s join public.plans p on p.id = s.plan_id and p.line = p_line
          where s.tenant_id = t.id and s.status not in ('canceled', 'incomplete_expired')
          order by s.status = 'incomplete', s.current_period_end desc nulls last, s.id limit 1)) end
    from public.tenant_members m join public.tenants t on t.id = m.tenant_id
    where m.user_id = p_user_id and m.tenant_id = p_tenant_id), jsonb_build_object('status', 'unknown_tenant'))
$$;
comment on function public.read_tenant_billing(uuid, uuid, text) is
  'The customer of a tenant and its subscription in a line, for its owners and who does its billing. Status found, forbidden, closed or '
  'unknown_tenant (also for who does not belong to it).';

-- A look at Stripe. An older one that comes late changes nothing: looks may come in any order.
create or replace function public.apply_subscription(p_subscription jsonb, p_read_at timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  s record;
  v_tenant_id uuid;
  v_line text;
begin
  if jsonb_typeof(p_subscription) is distinct from 'object' or (isfinite(p_read_at) and p_read_at <= now() + interval '1 minute') is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select * into s from jsonb_to_record(p_subscription) as x (id text, customer text, plan_id text, status text, quantity int,
    current_period_start timestamptz, current_period_end timestamptz, cancel_at timestamptz, items jsonb);
  select coalesce((select tenant_id from public.subscriptions where id = s.id),
    (select id from public.tenants where stripe_customer_id = s.customer)) into v_tenant_id;
  if v_tenant_id is null or s.plan_id is null then
    return jsonb_build_object('status', 'not_ours');
  end if;
  select line into v_line from public.plans where id = s.plan_id;
  if not found then
    return jsonb_build_object('status', 'unknown_plan');
  end if;
  perform from public.tenants where id = v_tenant_id for update;
  insert into public.subscriptions as known (id, tenant_id, plan_id, status, quantity, current_period_start, current_period_end,
      cancel_at, stripe_items, read_at)
    values (s.id, v_tenant_id, s.plan_id, s.status, s.quantity, s.current_period_start, s.current_period_end, s.cancel_at,
      coalesce(s.items, '[]'), p_read_at)
    on conflict (id) do update set plan_id = excluded.plan_id, status = excluded.status, quantity = excluded.quantity,
      current_period_start = excluded.current_period_start, current_period_end = excluded.current_period_end,
      cancel_at = excluded.cancel_at, stripe_items = excluded.stripe_items, read_at = excluded.read_at, updated_at = now()
      where known.read_at <= excluded.read_at;
  if not found then
    return jsonb_build_object('status', 'older_look');
  end if;
  if s.status in ('trialing', 'active', 'past_due') and exists (select from public.subscriptions o
      join public.plans p on p.id = o.plan_id and p.line = v_line
      where o.tenant_id = v_tenant_id and o.id <> s.id and o.status in ('trialing', 'active', 'past_due')) then
    perform public.note_finding('second_subscription', s.id,
      format('The tenant %s pays for two subscriptions of one line: cancel one of them at Stripe, and refund it.', v_tenant_id));
  end if;
  if s.status in ('trialing', 'active', 'past_due') and exists (select from public.tenants where id = v_tenant_id and closed_at is not null) then
    perform public.note_finding('subscription_of_closed_tenant', s.id,
      format('The tenant %s is closed and pays: cancel this subscription at Stripe, and refund it.', v_tenant_id));
  end if;
  -- Who is late with a payment keeps the plan until Stripe gives up.
  update public.tenants t set plan_id = n.plan_id
    from (select (select o.plan_id from public.subscriptions o join public.plans p on p.id = o.plan_id and p.line = 'time'
      where o.tenant_id = v_tenant_id and o.status in ('trialing', 'active', 'past_due')
      order by o.status = 'past_due', o.current_period_end desc nulls last, o.id limit 1) as plan_id) n
    where t.id = v_tenant_id and t.plan_id is distinct from n.plan_id;
  return jsonb_build_object('status', 'applied', 'tenant_id', v_tenant_id);
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'malformed');
end $$;
comment on function public.apply_subscription(jsonb, timestamptz) is
  'Brings a subscription, and the plan of its tenant, to what Stripe said at that moment: {id, customer, plan_id, status, quantity, '
  'current_period_start, current_period_end, cancel_at, items}. Status applied, older_look, not_ours, unknown_plan (its product is not in the catalogue) or malformed.';

revoke execute on function public.read_tenant_billing(uuid, uuid, text) from public, anon, authenticated;
grant execute on function public.read_tenant_billing(uuid, uuid, text) to service_role;
