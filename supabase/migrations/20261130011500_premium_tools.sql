-- Premium tools: a plan opens them by name. Asked each time one is used, so that an upgrade holds in the same call.

create function public.premium_tool(p_user_id uuid, p_tenant_id uuid, p_tool text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select case
    when r.role is null then jsonb_build_object('status', 'unknown_tenant')
    when p_tool = any (p.features) then jsonb_build_object('status', 'open')
    else jsonb_build_object('status', 'not_in_plan', 'may_buy', r.role in ('owner', 'billing'), 'plan', p.name,
      'offer', (select jsonb_build_object('plan_id', o.id, 'name', o.name, 'seat_price_cents', o.seat_price_cents, 'currency', o.currency)
        from public.plans o where o.active and o.line = 'time' and p_tool = any (o.features)
        order by o.seat_price_cents nulls last, o.id limit 1)) end
  from (select private.role_in(p_user_id, p_tenant_id) as role) r
    left join public.tenants t on t.id = p_tenant_id and r.role is not null left join public.plans p on p.id = t.plan_id
$$;
comment on function public.premium_tool(uuid, uuid, text) is
  'Whether the plan of a tenant opens a tool to a member. Status open, unknown_tenant, or not_in_plan: with the name of the plan it has, '
  'whether they may subscribe to another one, and the cheapest for sale that opens it.';

revoke execute on function public.premium_tool(uuid, uuid, text) from public, anon, authenticated;
grant execute on function public.premium_tool(uuid, uuid, text) to service_role;
