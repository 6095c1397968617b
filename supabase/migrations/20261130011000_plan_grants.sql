-- The minutes that a plan brings: a grant of the source plan for each period of a live subscription, on the tenant's account.

create table private.plan_grants (
  grant_id uuid primary key references public.grants (id) on delete restrict,
  subscription_id text not null references public.subscriptions (id) on delete restrict,
  period_start timestamptz not null,
  period_end timestamptz not null,
  plan_id text not null references public.plans (id) on delete restrict,
  -- What the plan brought a month when it was given: more is given in the same period only where another plan brings more.
  monthly_minutes int not null check (monthly_minutes > 0),
  is_trial boolean not null,
  ended_early boolean not null default false,
  given_at timestamptz not null default now(),
  constraint once_for_so_much unique (subscription_id, period_start, monthly_minutes)
);
comment on table private.plan_grants is
  'Which grant was given for which period of a subscription: the first is the month''s minutes, each further one the difference to '
  'a larger plan, by the time that was left.';
create index plan_grants_by_plan on private.plan_grants (plan_id);
revoke all on private.plan_grants from public, anon, authenticated, service_role;

-- Grants of this period end with it, wherever its end moved to. Those of other periods, and all of a subscription that is over,
-- end now: what would be used of them is billed by nobody. What a live call was promised, it keeps; and what ended because nobody
-- paid is there again when they did. Expects the account locked.
create function private.end_plan_grants(s public.subscriptions) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_lives boolean := s.status in ('trialing', 'active', 'past_due');
  v_ended record;
begin
  update private.plan_grants set period_end = s.current_period_end
    where v_lives and subscription_id = s.id and period_start = s.current_period_start and period_end <> s.current_period_end;
  update private.plan_grants p set ended_early = true from public.grants g
    where g.id = p.grant_id and not v_lives and p.subscription_id = s.id and g.status = 'active' and g.expires_at > now();
  update public.grants g
    set expires_at = case when v_lives and p.period_start = s.current_period_start then p.period_end else least(g.expires_at, now()) end
    from private.plan_grants p where p.grant_id = g.id and p.subscription_id = s.id and g.status = 'active';
  perform private.expire_grants_of(s.tenant_id);
  for v_ended in
    update private.plan_grants p set ended_early = false
      where p.ended_early and v_lives and p.subscription_id = s.id and p.period_start = s.current_period_start and p.period_end > now()
      returning p.grant_id as id, p.period_end, (select -sum(l.amount) from public.ledger l
        where l.grant_id = p.grant_id and l.reason in ('expire', 'restore')) as seconds
  loop
    if v_ended.seconds > 0 then
      update public.grants set expires_at = v_ended.period_end where id = v_ended.id;
      perform private.post(s.tenant_id, v_ended.id, 'restore', v_ended.seconds::bigint, format('restore:%s:%s', v_ended.id, gen_random_uuid()));
      perform private.pay_debt(s.tenant_id);
    end if;
  end loop;
end $$;

-- What was used beyond its share of a period that this one cut short: for the rest of it the tenant was credited by time, and gets
-- no minutes twice. Nobody paid for a trial.
create function private.overused_seconds(s public.subscriptions) returns bigint
language sql volatile security definer set search_path = '' as $$
  select coalesce(sum(greatest(0, u.seconds - floor(g.paid * extract(epoch from s.current_period_start - p.period_start)
      / extract(epoch from p.period_end - p.period_start)))), 0)::bigint
  from private.plan_grants p join public.grants g on g.id = p.grant_id
  cross join lateral (select coalesce(-sum(l.amount), 0) as seconds from public.ledger l
    where l.about_grant_id = g.id and l.reason in ('use', 'debt_payment')) u
  where p.subscription_id = s.id and not p.is_trial
    and p.period_start < s.current_period_start and p.period_end > s.current_period_start
$$;

-- Once for a period, whatever comes again. A larger plan in its middle brings the difference, by the time that is left; a smaller
-- one takes nothing back. Whoever has not paid gets nothing new, and all of it when they have. Expects the account locked.
create function private.give_plan_grant(s public.subscriptions, p_plan_before text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_minutes int := (select monthly_minutes from public.plans where id = s.plan_id);
  v_before int;
  v_last_plan text;
  v_seconds bigint;
  v_grant public.grants;
begin
  if (s.status in ('trialing', 'active') and v_minutes > 0 and s.current_period_end > now()) is not true
     or exists (select from public.tenants where id = s.tenant_id and closed_at is not null) then
    return;
  end if;
  select max(monthly_minutes), (array_agg(plan_id order by given_at desc, monthly_minutes desc))[1] into v_before, v_last_plan
    from private.plan_grants where subscription_id = s.id and period_start = s.current_period_start;
  if v_last_plan is null and p_plan_before is null then
    v_seconds := v_minutes::bigint * 60 - private.overused_seconds(s);
  elsif coalesce(v_last_plan, p_plan_before) <> s.plan_id then
    -- What the plan before brought was given, be it nothing: the catalogue may say something else by now.
    v_seconds := floor(greatest(0, v_minutes - coalesce(v_before, 0))::numeric * 60
      * least(1, extract(epoch from s.current_period_end - now()) / extract(epoch from s.current_period_end - s.current_period_start)));
  end if;
  if (v_seconds > 0) is not true then
    return;
  end if;
  insert into public.grants (id, account_id, unit, source, status, paid, remaining, activated_at, expires_at)
    values (gen_random_uuid(), s.tenant_id, 'second', 'plan', 'active', v_seconds, v_seconds, now(), s.current_period_end)
    returning * into v_grant;
  insert into private.plan_grants (grant_id, subscription_id, period_start, period_end, plan_id, monthly_minutes, is_trial)
    values (v_grant.id, s.id, s.current_period_start, s.current_period_end, s.plan_id, v_minutes, s.status = 'trialing');
  perform private.credit_grant(v_grant);
end $$;

create function private.follow_subscription() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- A tenant without an account has no time to give.
  if (private.lock_account(new.tenant_id)).id is null then
    return null;
  end if;
  perform private.end_plan_grants(new);
  perform private.give_plan_grant(new, case when tg_op = 'UPDATE' and old.status in ('trialing', 'active')
    and old.current_period_start = new.current_period_start and old.plan_id <> new.plan_id then old.plan_id end);
  return null;
end $$;
create trigger follow_subscription after insert or update of status, plan_id, current_period_start, current_period_end
  on public.subscriptions for each row execute function private.follow_subscription();

-- What is subscribed to already.
update public.subscriptions set status = status;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
