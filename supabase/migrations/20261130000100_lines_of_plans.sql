-- The catalogue brings plans of every line, and a tenant subscribes once in each.

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

revoke execute on function public.read_tenant_billing(uuid, uuid, text) from public, anon, authenticated;
grant execute on function public.read_tenant_billing(uuid, uuid, text) to service_role;
