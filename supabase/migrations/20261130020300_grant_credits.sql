-- Periods, and the credits that they bring. Lock order: the tenant (for key share), its account of credits, then the rest.

-- The tenant's account of credits, locked; made where there is none.
create function private.lock_credits(p_tenant_id uuid) returns public.accounts
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  perform from public.tenants where id = p_tenant_id for key share;
  select id into v_id from public.accounts where owner_kind = 'tenant' and owner_id = p_tenant_id and unit = 'credit';
  if not found then
    insert into public.accounts (owner_kind, owner_id, unit) values ('tenant', p_tenant_id, 'credit')
      on conflict (owner_kind, owner_id, unit) do nothing;
    select id into strict v_id from public.accounts where owner_kind = 'tenant' and owner_id = p_tenant_id and unit = 'credit';
  end if;
  return private.lock_account(v_id);
end $$;

-- What is used ahead of a payment: no more than the payment brings. Nobody uses a trial ahead.
create function private.credits_ahead(c public.credit_periods) returns bigint
language sql immutable set search_path = '' as $$
  select case when c.is_trial or c.subscription_id is null then 0 else greatest(0, c.included - c.granted) end
$$;

-- A trial brings its part of a month of 30 days.
create function private.credits_of_trial(p_included bigint, p_start timestamptz, p_end timestamptz) returns bigint
language sql immutable set search_path = '' as $$
  select least(p_included, floor(p_included * extract(epoch from p_end - p_start) / 2592000))::bigint
$$;

-- A period begins, or Stripe tells its end or another plan of it. One that is closed stays as it is.
create function private.note_credit_period(s public.subscriptions, p_start timestamptz, p_end timestamptz) returns void
language sql security definer set search_path = '' as $$
  insert into public.credit_periods as c (subscription_id, period_start, period_end, tenant_id, plan_id, is_trial, included)
    select s.id, p_start, p_end, s.tenant_id, p.id, s.status = 'trialing',
      case when s.status = 'trialing' then private.credits_of_trial(p.included_credits, p_start, p_end) else p.included_credits end
    from public.plans p where p.id = s.plan_id and p.kind = 'credits'
  -- What was noted before Stripe told of the period may have been of the plan before.
  on conflict (subscription_id, period_start) do update set period_end = coalesce(excluded.period_end, c.period_end), plan_id = excluded.plan_id,
      included = case when c.period_end is null then excluded.included else c.included end
    where c.closed_at is null and (c.period_end, c.plan_id) is distinct from (coalesce(excluded.period_end, c.period_end), excluded.plan_id)
$$;

-- Gives an amount once, by its key.
create function private.give_credits(p_account_id uuid, p_grant private.credit_grants, p_until timestamptz) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_grant public.grants;
  v_is_gift boolean := p_grant.kind = 'promotion';
begin
  if exists (select from private.credit_grants where key = p_grant.key) then
    return false;
  end if;
  insert into public.grants (id, account_id, unit, source, priority, status, paid, bonus, remaining, activated_at, expires_at)
    values (gen_random_uuid(), p_account_id, 'credit', case p_grant.kind when 'promotion' then 'bonus' when 'trial' then 'trial' else 'plan' end,
      case when v_is_gift then -1 else 0 end, 'active', case when v_is_gift then 0 else p_grant.amount end,
      case when v_is_gift then p_grant.amount else 0 end, p_grant.amount, now(), p_until) returning * into v_grant;
  p_grant.grant_id := v_grant.id;
  p_grant.taken := 0;
  insert into private.credit_grants select (p_grant).*;
  update public.credit_periods set granted = granted + p_grant.amount
    where subscription_id = p_grant.subscription_id and period_start = p_grant.period_start;
  perform private.credit_grant(v_grant);
  return true;
end $$;

-- Closes the periods of a tenant that began before a moment: what is owed beyond the credits is the overage of the first of them,
-- but for what was used ahead of its own payment. The account owes nothing then. Expects it locked.
create function private.close_credit_periods(p_account public.accounts, p_before timestamptz) returns void
language plpgsql security definer set search_path = '' as $$
declare
  c public.credit_periods;
  v_debt bigint;
begin
  for c in select * from public.credit_periods where tenant_id = p_account.tenant_id and closed_at is null and period_start < p_before
    order by period_start, subscription_id for update
  loop
    select debt into v_debt from public.accounts where id = p_account.id;
    c.unpaid := least(v_debt, private.credits_ahead(c));
    c.overage := v_debt - c.unpaid;
    c.period_end := coalesce(c.period_end, p_before);
    if c.overage > 0 then
      perform private.post(p_account.id, null, 'debt_payment', c.overage, format('billed:%s:%s', c.subscription_id, private.utc_text(c.period_start)));
    end if;
    if c.unpaid > 0 then
      perform private.post(p_account.id, null, 'restore', c.unpaid, format('unpaid:%s:%s', c.subscription_id, private.utc_text(c.period_start)));
    end if;
    update public.credit_periods set period_end = c.period_end, overage = c.overage, unpaid = c.unpaid, closed_at = now(),
        usage = private.usage_of_period(c, c.overage, null) || jsonb_build_object('is_final', true)
      where subscription_id = c.subscription_id and period_start = c.period_start;
  end loop;
end $$;

-- The credits of a period that was paid, once; of a trial, when it begins. The period before is closed first, so that its overage is
-- never paid with credits of this one.
create function private.grant_credits(p_subscription_id text, p_period_start timestamptz, p_period_end timestamptz,
  p_invoice_id text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  s public.subscriptions;
  c public.credit_periods;
  v_account public.accounts;
  v_grant private.credit_grants;
begin
  select * into s from public.subscriptions where id = p_subscription_id;
  if not found or not exists (select from public.plans where id = s.plan_id and kind = 'credits') then
    return jsonb_build_object('status', 'unknown_subscription');
  elsif (p_period_end > p_period_start and isfinite(p_period_start) and isfinite(p_period_end)) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  v_account := private.lock_credits(s.tenant_id);
  if not exists (select from public.credit_periods where subscription_id = s.id and period_start = p_period_start and period_end is not null) then
    perform private.note_credit_period(s, p_period_start, p_period_end);
  end if;
  perform private.close_credit_periods(v_account, p_period_start);
  select * into strict c from public.credit_periods where subscription_id = s.id and period_start = p_period_start;
  if c.closed_at is not null or c.period_end <= now() then
    return jsonb_build_object('status', 'period_over');
  end if;
  v_grant.subscription_id := s.id;
  v_grant.period_start := c.period_start;
  v_grant.tenant_id := s.tenant_id;
  v_grant.kind := case when c.is_trial then 'trial' else 'period' end;
  v_grant.invoice_id := p_invoice_id;
  v_grant.key := format('period:%s:%s', s.id, private.utc_text(c.period_start));
  v_grant.amount := c.included - (select coalesce(sum(amount), 0) from private.credit_grants
    where subscription_id = s.id and period_start = c.period_start and kind = 'upgrade');
  if v_grant.amount <= 0 or private.give_credits(v_account.id, v_grant, c.period_end) is false then
    return jsonb_build_object('status', 'granted_before');
  end if;
  return jsonb_build_object('status', 'granted', 'credits', v_grant.amount);
end $$;

-- A larger plan from now on, when its difference is paid: the difference in credits for the time that is left. What was used stays used.
create function private.grant_upgrade_credits(p_subscription_id text, p_from_plan_id text, p_to_plan_id text, p_at timestamptz,
  p_invoice_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  s public.subscriptions;
  c public.credit_periods;
  v_account public.accounts;
  v_more bigint;
  v_grant private.credit_grants;
begin
  select * into s from public.subscriptions where id = p_subscription_id;
  select b.included_credits - a.included_credits into v_more from public.plans a, public.plans b
    where a.id = p_from_plan_id and b.id = p_to_plan_id and a.kind = 'credits' and b.kind = 'credits';
  if s.id is null or v_more is null or (p_at <= now() + interval '5 minutes' and length(p_invoice_id) > 0) is not true then
    return jsonb_build_object('status', 'unknown_subscription');
  end if;
  v_account := private.lock_credits(s.tenant_id);
  select * into c from public.credit_periods where subscription_id = s.id and period_start <= p_at and period_end > p_at
    order by period_start desc limit 1 for update;
  if c.closed_at is not null or (c.period_end > now()) is not true then
    return jsonb_build_object('status', 'period_over');
  end if;
  v_grant.amount := floor(v_more * extract(epoch from c.period_end - p_at) / extract(epoch from c.period_end - c.period_start));
  v_grant.key := format('upgrade:%s:%s', s.id, p_invoice_id);
  if exists (select from private.credit_grants where key = v_grant.key) then
    return jsonb_build_object('status', 'granted_before');
  end if;
  update public.credit_periods set plan_id = p_to_plan_id, included = included + greatest(0, v_grant.amount)
    where subscription_id = s.id and period_start = c.period_start;
  if v_grant.amount <= 0 then
    return jsonb_build_object('status', 'nothing_more');
  end if;
  v_grant.subscription_id := s.id;
  v_grant.period_start := c.period_start;
  v_grant.tenant_id := s.tenant_id;
  v_grant.kind := 'upgrade';
  v_grant.invoice_id := p_invoice_id;
  perform private.give_credits(v_account.id, v_grant, c.period_end);
  return jsonb_build_object('status', 'granted', 'credits', v_grant.amount);
end $$;

-- Money of an invoice went back: so much of what it had brought is taken, of what is left. What was used stays used. @param p_share of the
-- invoice, in all so far: a repeat takes nothing more.
create function private.take_back_credits(p_invoice_id text, p_share numeric) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_row private.credit_grants;
  v_grant public.grants;
  v_take bigint;
  v_taken bigint := 0;
begin
  for v_row in select * from private.credit_grants where invoice_id = p_invoice_id order by tenant_id, key loop
    perform private.lock_credits(v_row.tenant_id);
    select * into v_row from private.credit_grants where grant_id = v_row.grant_id for update;
    perform private.expire_grants_of((select account_id from public.grants where id = v_row.grant_id));
    select * into v_grant from public.grants where id = v_row.grant_id for update;
    v_take := least(v_grant.remaining, floor(v_row.amount * greatest(0, least(p_share, 1)))::bigint - v_row.taken);
    continue when (v_take > 0) is not true;
    update private.credit_grants set taken = taken + v_take where grant_id = v_row.grant_id;
    perform private.post(v_grant.account_id, v_grant.id, 'clawback', -v_take, format('clawback:%s:%s', v_grant.id, v_row.taken + v_take));
    v_taken := v_taken + v_take;
  end loop;
  return v_taken;
end $$;

-- Whatever tells of a subscription, its period begins with it.
create function private.follow_credit_period() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.current_period_start is null or new.status not in ('trialing', 'active', 'past_due')
      or not exists (select from public.plans where id = new.plan_id and kind = 'credits') then
    return null;
  end if;
  perform private.note_credit_period(new, new.current_period_start, new.current_period_end);
  if new.status = 'trialing' and new.current_period_end is not null then
    perform private.grant_credits(new.id, new.current_period_start, new.current_period_end);
  end if;
  return null;
end $$;
create trigger follow_credit_period after insert or update of status, plan_id, current_period_start, current_period_end on public.subscriptions
  for each row execute function private.follow_credit_period();

create function public.give_promotional_credits(p_tenant_id uuid, p_credits bigint, p_days int, p_reason text, p_operator_id uuid,
  p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_grant private.credit_grants;
begin
  if (p_credits between 1 and 1000000000000 and p_days between 1 and 3660 and length(trim(p_reason)) between 1 and 500
      and length(p_key) between 1 and 200) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif not exists (select from public.tenants where id = p_tenant_id and closed_at is null)
      or not exists (select from public.users where id = p_operator_id and role = 'operator' and deleted_at is null) then
    return jsonb_build_object('status', 'unknown');
  elsif exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_operator_id) then
    -- Nobody gives to themselves, here as little as time.
    return jsonb_build_object('status', 'own_tenant');
  end if;
  v_grant.tenant_id := p_tenant_id;
  v_grant.kind := 'promotion';
  v_grant.amount := p_credits;
  v_grant.reason := trim(p_reason);
  v_grant.given_by := p_operator_id;
  v_grant.key := 'promotion:' || p_operator_id || ':' || p_key;
  return jsonb_build_object('status', case when private.give_credits((private.lock_credits(p_tenant_id)).id, v_grant,
    now() + make_interval(days => p_days)) then 'given' else 'given_before' end);
end $$;
comment on function public.give_promotional_credits(uuid, bigint, int, text, uuid, text) is
  'Gives a tenant credits for so many days: burned before those that were paid for. Once by its key. Status given, given_before, malformed, '
  'unknown (tenant, or operator) or own_tenant.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.give_promotional_credits(uuid, bigint, int, text, uuid, text) from public, anon, authenticated;
grant execute on function public.give_promotional_credits(uuid, bigint, int, text, uuid, text) to service_role;
