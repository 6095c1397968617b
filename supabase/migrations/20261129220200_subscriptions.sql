-- Subscriptions of tenants as Stripe has them, and their customers there.

-- Who pays for a tenant, as whoever does its billing sees it.
create function public.read_tenant_billing(p_user_id uuid, p_tenant_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((select case when m.role not in ('owner', 'billing') then jsonb_build_object('status', 'forbidden')
      when t.closed_at is not null then jsonb_build_object('status', 'closed')
      else jsonb_build_object('status', 'found', 'customer', t.stripe_customer_id, 'plan_id', t.plan_id,
        'subscription', (select jsonb_build_object('id', s.id, 'plan_id', s.plan_id, 'status', s.status, 'seats', s.quantity,
            'current_period_end', private.utc_text(s.current_period_end), 'cancel_at', private.utc_text(s.cancel_at))
          from public.subscriptions s where s.tenant_id = t.id and s.status not in ('canceled', 'incomplete_expired')
          order by s.status = 'incomplete', s.current_period_end desc nulls last, s.id limit 1)) end
    from public.tenant_members m join public.tenants t on t.id = m.tenant_id
    where m.user_id = p_user_id and m.tenant_id = p_tenant_id), jsonb_build_object('status', 'unknown_tenant'))
$$;
comment on function public.read_tenant_billing(uuid, uuid) is
  'The customer and the subscription of a tenant, for its owners and who does its billing. Status found, forbidden, closed or '
  'unknown_tenant (also for who does not belong to it).';

-- A look at Stripe. An older one that comes late changes nothing: looks may come in any order.
create function public.apply_subscription(p_subscription jsonb, p_read_at timestamptz) returns jsonb
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
comment on function public.apply_subscription(jsonb, timestamptz) is
  'Brings a subscription, and the plan of its tenant, to what Stripe said at that moment: {id, customer, plan_id, status, quantity, '
  'current_period_start, current_period_end, cancel_at, items}. Status applied, older_look, not_ours, unknown_plan (its product is not in the catalogue) or malformed.';

-- Customers at Stripe, as people have them.
select pgboss.create_queue('create_tenant_customer', '{"policy": "standard", "retryLimit": 19, "retryDelay": 3,
  "retryBackoff": true, "retryDelayMax": 3600, "expireInSeconds": 60, "retentionSeconds": 34560000,
  "deleteAfterSeconds": 34560000, "notify": true}'::jsonb);
create index jobs_about_tenants on pgboss.job_common ((data ->> 'tenant_id')) where name = 'create_tenant_customer';

create function private.owe_tenant_customer(p_tenant_id uuid, p_after text default null) returns void
language sql security definer set search_path = '' as $$
  select private.enqueue('create_tenant_customer', concat_ws(':after:', 'tenant_customer:' || p_tenant_id, p_after),
    jsonb_build_object('tenant_id', p_tenant_id))
$$;
create function private.owe_customer_of_new_tenant() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.owe_tenant_customer(new.id);
  return null;
end $$;
create trigger owe_customer after insert on public.tenants
  for each row when (new.stripe_customer_id is null) execute function private.owe_customer_of_new_tenant();
select private.owe_tenant_customer(id) from public.tenants where stripe_customer_id is null;

create function public.read_tenant_contact(p_tenant_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((select jsonb_build_object('status', 'found', 'customer', t.stripe_customer_id, 'name', t.name,
      'email', coalesce(t.billing_email, (select u.email from public.tenant_members m join public.users u on u.id = m.user_id
        where m.tenant_id = t.id and m.role = 'owner' order by m.created_at, m.user_id limit 1)))
    from public.tenants t where t.id = p_tenant_id), jsonb_build_object('status', 'unknown_tenant'))
$$;
comment on function public.read_tenant_contact(uuid) is
  'What Stripe is told of a tenant: its name, and where its invoices go. Status found or unknown_tenant.';

-- The first one that is noted counts; whoever made another is told of it.
create function public.note_tenant_customer(p_tenant_id uuid, p_customer_at_stripe text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_customer text;
begin
  if (p_customer_at_stripe ~ '^cus_[A-Za-z0-9]{1,200}$') is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  update public.tenants set stripe_customer_id = coalesce(stripe_customer_id, p_customer_at_stripe) where id = p_tenant_id
    returning stripe_customer_id into v_customer;
  if not found then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  return jsonb_build_object('status', case when v_customer = p_customer_at_stripe then 'noted' else 'has_another' end,
    'customer', v_customer);
exception when unique_violation then
  return jsonb_build_object('status', 'malformed');
end $$;
comment on function public.note_tenant_customer(uuid, text) is
  'Notes the customer of a tenant at Stripe, unless it has one. Status noted, has_another, unknown_tenant or malformed.';

create or replace function public.forget_customer(p_customer_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid;
  v_tenant_id uuid;
begin
  update public.users set stripe_customer_id = null where stripe_customer_id = p_customer_id returning id into v_user_id;
  if found then
    perform private.owe_customer(v_user_id, p_customer_id);
    return jsonb_build_object('status', 'forgotten', 'user_id', v_user_id);
  end if;
  update public.tenants set stripe_customer_id = null where stripe_customer_id = p_customer_id returning id into v_tenant_id;
  if not found then
    return jsonb_build_object('status', 'unknown_customer');
  end if;
  perform private.owe_tenant_customer(v_tenant_id, p_customer_id);
  return jsonb_build_object('status', 'forgotten', 'tenant_id', v_tenant_id);
end $$;
comment on function public.forget_customer(text) is
  'For customer.deleted: nobody has this customer any more, and a new one is owed. Status forgotten or unknown_customer, '
  'which is also the answer to a repeat.';

create function public.list_tenants_without_customer(p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('count', (select count(*) from public.tenants where stripe_customer_id is null and closed_at is null),
    'tenants', coalesce((select jsonb_agg(jsonb_build_object('tenant_id', p.id, 'created_at', p.created_at,
        'outbox_item_id', j.id, 'attempts', j.retry_count + (j.started_on is not null)::int,
        'parked_at', case j.state when 'failed' then j.completed_on end, 'last_error', private.why_given_up(j))
        order by p.created_at, p.id)
      from (select id, created_at from public.tenants where stripe_customer_id is null and closed_at is null
            order by created_at, id limit greatest(0, least(p_limit, 1000))) p
      left join lateral (select * from pgboss.job where name = 'create_tenant_customer'
        and data ->> 'tenant_id' = p.id::text order by created_on desc limit 1) j on true), '[]'))
$$;
comment on function public.list_tenants_without_customer(int) is
  'Which tenants have no customer at Stripe, longest first, with what became of the attempts to make one.';

create function public.repair_tenant_customer(p_tenant_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_tenant public.tenants;
  v_job pgboss.job;
begin
  select * into v_tenant from public.tenants where id = p_tenant_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_tenant.stripe_customer_id is not null then
    return jsonb_build_object('status', 'has_customer');
  end if;
  select * into v_job from pgboss.job where name = 'create_tenant_customer' and data ->> 'tenant_id' = p_tenant_id::text
    order by created_on desc limit 1 for update;
  if not found then
    perform private.owe_tenant_customer(p_tenant_id);
  elsif v_job.state in ('completed', 'failed', 'cancelled') then
    perform private.do_again(v_job.name, v_job.id);
  else
    return jsonb_build_object('status', 'under_way');
  end if;
  return jsonb_build_object('status', 'begun');
end $$;
comment on function public.repair_tenant_customer(uuid) is
  'Owes a tenant a customer again. Status begun, under_way, has_customer or unknown_tenant.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.read_tenant_billing(uuid, uuid), public.apply_subscription(jsonb, timestamptz),
  public.read_tenant_contact(uuid), public.note_tenant_customer(uuid, text), public.list_tenants_without_customer(int),
  public.repair_tenant_customer(uuid) from public, anon, authenticated;
grant execute on function public.read_tenant_billing(uuid, uuid), public.apply_subscription(jsonb, timestamptz),
  public.read_tenant_contact(uuid), public.note_tenant_customer(uuid, text), public.list_tenants_without_customer(int),
  public.repair_tenant_customer(uuid) to service_role;
