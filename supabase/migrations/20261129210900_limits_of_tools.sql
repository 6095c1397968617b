-- What a tenant's plan allows, where something of it begins: what was spent, exact to the last event, and how often tools are used.

-- What a tenant spent, today and this month (UTC), in the currency of its plan: sums, and what is not in them yet.
create function private.tenant_spend(p_tenant_id uuid, out currency text, out day_micros numeric, out month_micros numeric)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
#variable_conflict use_column
declare
  v_upto xid8;
begin
  select upto into v_upto from private.usage_rolled_up;
  select coalesce(p.currency, 'usd') into tenant_spend.currency from public.tenants t left join public.plans p on p.id = t.plan_id
    where t.id = p_tenant_id;
  select coalesce(sum(s.price_micros) filter (where s.at >= date_trunc('day', now(), 'utc')), 0), coalesce(sum(s.price_micros), 0)
    into tenant_spend.day_micros, tenant_spend.month_micros
  from (
    select f.at, f.price_micros, f.currency from private.usage_figures f
      where f.owner_id = p_tenant_id and f.user_id = private.nobody() and f.grain = 'day' and f.at >= date_trunc('month', now(), 'utc')
    union all
    select u.occurred_at, u.price_micros, u.currency from public.usage_events u
      where u.xid >= v_upto and u.tenant_id = p_tenant_id and u.occurred_at >= date_trunc('month', now(), 'utc')) s
  where s.currency = tenant_spend.currency;
end $$;

-- Which hard threshold of its plan a tenant has reached: nothing new begins then, and what has begun is finished. Null: none.
create function private.spend_refusal(p_tenant_id uuid) returns text
language plpgsql stable security definer set search_path = '' as $$
declare
  p public.plans;
  s record;
begin
  select pl.* into p from public.tenants t join public.plans pl on pl.id = t.plan_id where t.id = p_tenant_id;
  if not found or coalesce(p.hard_spend_per_day_micros, p.hard_spend_per_month_micros) is null then
    return null;
  end if;
  s := private.tenant_spend(p_tenant_id);
  return case when s.day_micros >= p.hard_spend_per_day_micros then 'day' when s.month_micros >= p.hard_spend_per_month_micros then 'month' end;
end $$;

create function public.usage_limits(p_user_id uuid, p_tenant_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  p public.plans;
  s record;
begin
  if not exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_user_id) then
    return jsonb_build_object('status', 'not_a_member');
  end if;
  select pl.* into p from public.tenants t join public.plans pl on pl.id = t.plan_id where t.id = p_tenant_id;
  s := private.tenant_spend(p_tenant_id);
  return jsonb_build_object('status', 'ok', 'plan_id', p.id, 'currency', s.currency, 'calls_at_once', p.calls_at_once,
    'monthly_minutes', p.monthly_minutes, 'requests_per_minute', p.requests_per_minute,
    'day', jsonb_build_object('spent_micros', round(s.day_micros), 'soft_micros', p.soft_spend_per_day_micros,
      'hard_micros', p.hard_spend_per_day_micros),
    'month', jsonb_build_object('spent_micros', round(s.month_micros), 'soft_micros', p.soft_spend_per_month_micros,
      'hard_micros', p.hard_spend_per_month_micros));
end $$;
comment on function public.usage_limits(uuid, uuid) is
  'What the plan of a tenant allows, and what was spent of it today and this month (UTC), for its people. Null is no limit. Status '
  'ok or not_a_member.';

comment on function public.begin_tool_call(uuid, uuid, uuid, text, text, int) is
  'Writes down that a tool begins for a person, or a member of a tenant that pays. Without a word of its end within so many seconds '
  'it counts as unfinished. Status begun, unknown_user, not_a_member, spend_limit or too_many_requests (of the tenant''s plan).';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.usage_limits(uuid, uuid) from public, anon, authenticated;
grant execute on function public.usage_limits(uuid, uuid) to service_role;
