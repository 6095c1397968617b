-- What a tenant has of credits and assets, and what it will pay: for its own people, its programs, and in a call.

create function private.credit_months(p_tenant_id uuid, p_months int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('month', to_char(m.month, 'YYYY-MM'), 'credits', m.credits, 'events', m.events,
      'by_event_type', m.types) order by m.month desc), '[]')
  from (
    select d.month, sum(d.credits)::bigint as credits, sum(d.events)::bigint as events, jsonb_agg(jsonb_build_object('event_type', d.event_type,
        'unit', (select r.unit from public.credit_rules r where r.event_type = d.event_type order by r.valid_from desc limit 1),
        'units', d.units, 'credits', d.credits, 'events', d.events) order by d.event_type) as types
    from (select date_trunc('month', day)::date as month, event_type, sum(units) as units, sum(credits)::bigint as credits,
        sum(events)::bigint as events
      from public.credit_days where tenant_id = p_tenant_id and day >= date_trunc('month', now() at time zone 'utc')
        - make_interval(months => greatest(0, least(coalesce(p_months, 6), 36) - 1)) group by 1, 2) d
    group by d.month) m
$$;

create function public.credit_summary(p_user_id uuid, p_tenant_id uuid, p_months int default 6) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_role text := private.role_in(p_user_id, p_tenant_id);
  s public.subscriptions := private.credit_subscription(p_tenant_id);
  c public.credit_periods;
  v_balance bigint;
  v_debt bigint;
  v_left bigint;
  v_credits jsonb;
begin
  if p_user_id is not null and v_role is null or not exists (select from public.tenants where id = p_tenant_id and closed_at is null) then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  select coalesce(sum(g.remaining) filter (where g.expires_at > now()), 0), coalesce(max(a.debt), 0) into v_balance, v_debt
    from public.accounts a left join public.grants g on g.account_id = a.id and g.status = 'active'
    where a.owner_kind = 'tenant' and a.owner_id = p_tenant_id and a.unit = 'credit';
  select * into c from public.credit_periods where subscription_id = s.id and period_start <= now() order by period_start desc limit 1;
  v_left := v_balance - v_debt + private.credits_ahead(c);
  v_credits := jsonb_build_object('included', coalesce(c.included, 0), 'used', coalesce(c.used, 0), 'remaining', v_left,
    'overage', greatest(0, v_debt - private.credits_ahead(c)), 'alert', private.credit_alert(p_tenant_id, v_left, coalesce(c.included, 0)));
  if v_role = 'member' then
    -- What it costs is for owners and billing.
    return jsonb_build_object('status', 'ok', 'scope', 'member', 'tenant_id', p_tenant_id, 'credits', v_credits);
  end if;
  return jsonb_build_object('status', 'ok', 'scope', 'tenant', 'tenant_id', p_tenant_id, 'credits', v_credits,
    'settings', (select jsonb_build_object('overage_cap_cents', x.overage_cap_cents, 'low_credits', x.low_credits)
      from (values (1)) one left join private.credit_settings x on x.tenant_id = p_tenant_id),
    'subscription', case when s.id is not null then jsonb_build_object('id', s.id, 'plan_code', upper(substr(s.plan_id, 9)), 'status', s.status,
      'current_period_start', private.utc_text(s.current_period_start), 'current_period_end', private.utc_text(s.current_period_end)) end,
    'assets', (select jsonb_build_object('count', l.asset_count, 'site_breakdown', l.site_breakdown, 'captured_at', private.utc_text(l.captured_at))
      from public.asset_snapshots l where l.tenant_id = p_tenant_id order by l.captured_at desc, l.created_at desc limit 1),
    'so_far', case when c.subscription_id is not null then coalesce(c.usage, private.usage_of_period(c, greatest(0, v_debt - private.credits_ahead(c)), null)) end,
    'forecast', private.period_forecast(s), 'months', private.credit_months(p_tenant_id, p_months));
end $$;
comment on function public.credit_summary(uuid, uuid, int) is
  'Credits, assets and amounts of a tenant as they are now, what the period will come to if it goes on like this, and so many months. A '
  'member sees the credits only; without a person it is for a key of the tenant. Status ok or unknown_tenant (also for who does not belong to it).';

create function public.list_credit_plans() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'plans', coalesce((select jsonb_agg(to_jsonb(p) - 'active' - 'plan_id' order by p.base_price_cad, p.code) from public.billing_plans p where p.active), '[]'),
    'credit_rules', coalesce((select jsonb_agg(jsonb_build_object('event_type', r.event_type, 'unit', r.unit, 'pieces_per_unit', r.pieces_per_unit,
        'credits_per_unit', trim_scale(round(r.credits::numeric * r.pieces_per_unit / r.per_pieces, 6))) order by r.event_type)
      from public.credit_rules r where r.valid_from <= now() and (r.valid_to is null or r.valid_to > now())), '[]'))
$$;
comment on function public.list_credit_plans() is 'Plans with credits that are for sale, cheapest first, and what costs how many credits now.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.credit_summary(uuid, uuid, int), public.list_credit_plans() from public, anon, authenticated;
grant execute on function public.credit_summary(uuid, uuid, int), public.list_credit_plans() to service_role;
