-- Usage that comes late: the invoice of its period is final, and a meter that counts it now bills nobody. It becomes an item of
-- the next invoice, as what is older than 35 days does. And a page that was open is paid after its tenant was closed: somebody
-- is told.

create or replace function public.take_meter_events(p_limit int, p_lease_seconds int default 60, p_oldest_days int default 35) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_lease interval := make_interval(secs => least(greatest(coalesce(p_lease_seconds, 60), 0), 3600));
  v_events jsonb;
  v_ids bigint[];
begin
  v_ids := array(select id from private.meter_events where state in ('owed', 'frozen') and due_at <= now()
    order by due_at, id limit least(greatest(coalesce(p_limit, 0), 0), 5000) for update skip locked);
  update private.meter_events set state = 'uncertain', reason = 'tried_a_day_ago'
    where id = any(v_ids) and state = 'frozen' and first_tried_at < now() - interval '23 hours';
  update private.meter_events set state = 'too_old'
    where id = any(v_ids) and state in ('owed', 'frozen') and first_tried_at is null
      and occurred_at < now() - make_interval(days => least(greatest(coalesce(p_oldest_days, 35), 1), 400)) + interval '1 hour';
  -- Stripe counts it and bills it to nobody: the invoice of that period is final an hour after its end.
  update private.meter_events m set state = 'too_old', reason = 'its_period_is_billed'
    from public.subscriptions s where m.id = any(v_ids) and m.state in ('owed', 'frozen') and m.first_tried_at is null
      and s.tenant_id = m.tenant_id and s.status in ('trialing', 'active', 'past_due')
      and m.occurred_at < s.current_period_start and s.current_period_start < now() - interval '50 minutes';
  update private.meter_events m set due_at = now() + interval '10 minutes', reason = 'no_customer'
    from public.tenants t where m.id = any(v_ids) and m.state in ('owed', 'frozen') and t.id = m.tenant_id
      and m.customer is null and t.stripe_customer_id is null;
  with taken as (
    update private.meter_events m set state = 'frozen', customer = coalesce(m.customer, t.stripe_customer_id),
      attempts = m.attempts + 1, first_tried_at = coalesce(m.first_tried_at, now()), due_at = now() + v_lease, reason = null
    from public.tenants t where m.id = any(v_ids) and m.state in ('owed', 'frozen') and t.id = m.tenant_id
      and coalesce(m.customer, t.stripe_customer_id) is not null
    returning m.*)
  select coalesce(jsonb_agg(jsonb_build_object('id', id, 'tenant_id', tenant_id, 'customer', customer, 'event_name', event_name,
    'identifier', identifier, 'value', value::text, 'occurred_at', private.utc_text(occurred_at),
    'recorded_at', private.utc_text(recorded_at), 'attempt', attempts) order by id), '[]') into v_events from taken;
  return jsonb_build_object('status', case when cardinality(v_ids) = 0 then 'nothing' else 'taken' end, 'events', v_events);
end $$;

create or replace function public.apply_subscription(p_subscription jsonb, p_read_at timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  s record;
  v_tenant_id uuid;
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
  elsif not exists (select from public.plans where id = s.plan_id) then
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
  if s.status in ('trialing', 'active', 'past_due') and exists (select from public.subscriptions
      where tenant_id = v_tenant_id and id <> s.id and status in ('trialing', 'active', 'past_due')) then
    perform public.note_finding('second_subscription', s.id,
      format('The tenant %s pays for two subscriptions: cancel one of them at Stripe, and refund it.', v_tenant_id));
  end if;
  if s.status in ('trialing', 'active', 'past_due') and exists (select from public.tenants where id = v_tenant_id and closed_at is not null) then
    perform public.note_finding('subscription_of_closed_tenant', s.id,
      format('The tenant %s is closed and pays: cancel this subscription at Stripe, and refund it.', v_tenant_id));
  end if;
  -- Who is late with a payment keeps the plan until Stripe gives up.
  update public.tenants t set plan_id = n.plan_id
    from (select (select plan_id from public.subscriptions where tenant_id = v_tenant_id and status in ('trialing', 'active', 'past_due')
      order by status = 'past_due', current_period_end desc nulls last, id limit 1) as plan_id) n
    where t.id = v_tenant_id and t.plan_id is distinct from n.plan_id;
  return jsonb_build_object('status', 'applied', 'tenant_id', v_tenant_id);
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'malformed');
end $$;
