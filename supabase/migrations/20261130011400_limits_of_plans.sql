-- What a plan and a day allow, told before it is reached, and counted over calls at the same time.

-- The day's budget of free desks is one for all calls of a person: of calls that go on, what they took of it counts, too.
create table private.desks (
  call_id uuid primary key references public.calls (id) on delete cascade,
  reserved_ms bigint not null check (reserved_ms >= 0)
);
comment on table private.desks is
  'How much of the day''s free desks calls that go on have had or taken; of those that ended, their receipts say it.';
revoke all on private.desks from public, anon, authenticated, service_role;

create function public.reserve_desk(p_call_id uuid, p_had_ms bigint, p_seconds int, p_seconds_per_day int) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid := (select user_id from public.calls where id = p_call_id and status = 'open');
  v_left_ms bigint;
  v_seconds int;
begin
  if (v_user_id is not null and p_had_ms between 0 and 86400000 and p_seconds between 0 and 86400 and p_seconds_per_day between 0 and 86400) is not true then
    return 0;
  end if;
  -- One after the other: calls at the same time get no more together.
  perform pg_advisory_xact_lock(hashtextextended(v_user_id::text, 11400));
  delete from private.desks d using public.calls c where c.id = d.call_id and c.user_id = v_user_id and c.status <> 'open';
  v_left_ms := p_seconds_per_day * 1000::bigint - public.desk_ms_today(v_user_id) - p_had_ms
    - (select coalesce(sum(d.reserved_ms), 0) from private.desks d join public.calls c on c.id = d.call_id
      where c.user_id = v_user_id and c.id <> p_call_id);
  v_seconds := greatest(0, least(p_seconds, v_left_ms / 1000));
  insert into private.desks (call_id, reserved_ms) values (p_call_id, p_had_ms + v_seconds * 1000::bigint)
    on conflict (call_id) do update set reserved_ms = excluded.reserved_ms;
  return v_seconds;
end $$;
comment on function public.reserve_desk(uuid, bigint, int, int) is
  'Takes so many seconds of the day''s free desks for a call that goes on and had so much of them before; answers how many it gets.';

-- Thresholds of spending are told once in a period: by mail to owners and who does the billing, and by the agent where a call begins.
create table private.spend_notices (
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  period text not null check (period in ('day', 'month')),
  began date not null,
  threshold text not null check (threshold in ('soft', 'hard')),
  spent_micros bigint not null,
  limit_micros bigint not null,
  currency text not null,
  noted_at timestamptz not null default now(),
  primary key (tenant_id, period, began, threshold)
);
comment on table private.spend_notices is 'Thresholds that tenants reached: told once for a day or a month of UTC.';
revoke all on private.spend_notices from public, anon, authenticated, service_role;

-- The thresholds of its plan that a tenant has reached now.
create function private.spend_reached(p_tenant_id uuid)
returns table (period text, began date, threshold text, spent_micros bigint, limit_micros bigint, currency text)
language plpgsql stable security definer set search_path = '' as $$
declare
  p public.plans;
  s record;
  v_today date := (now() at time zone 'utc')::date;
begin
  select pl.* into p from public.tenants t join public.plans pl on pl.id = t.plan_id where t.id = p_tenant_id;
  if not found then
    return;
  end if;
  s := private.tenant_spend(p_tenant_id);
  return query select x.period, x.began, x.threshold, round(x.spent)::bigint, x.most, s.currency
    from (values ('day', v_today, 'soft', s.day_micros, p.soft_spend_per_day_micros),
      ('day', v_today, 'hard', s.day_micros, p.hard_spend_per_day_micros),
      ('month', date_trunc('month', v_today)::date, 'soft', s.month_micros, p.soft_spend_per_month_micros),
      ('month', date_trunc('month', v_today)::date, 'hard', s.month_micros, p.hard_spend_per_month_micros))
      x (period, began, threshold, spent, most)
    -- Nothing spent is nothing to tell of, however low the threshold.
    where x.spent >= x.most and x.spent > 0;
end $$;

create function public.check_spend(p_limit int default 500) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_tenant_id uuid;
  n private.spend_notices;
  v_upto xid8 := (select upto from private.usage_rolled_up);
  v_count int := 0;
begin
  for v_tenant_id in
    -- Who used something today: nobody else comes nearer to a threshold.
    select t.id from public.tenants t join public.plans p on p.id = t.plan_id
    where t.closed_at is null and coalesce(p.soft_spend_per_day_micros, p.hard_spend_per_day_micros, p.soft_spend_per_month_micros,
        p.hard_spend_per_month_micros) is not null
      and (exists (select from private.usage_figures f where f.owner_id = t.id and f.user_id = private.nobody() and f.grain = 'day'
          and f.at >= date_trunc('day', now(), 'utc'))
        or exists (select from public.usage_events u where u.tenant_id = t.id and u.xid >= v_upto
          and u.occurred_at >= date_trunc('day', now(), 'utc')))
    order by t.id limit greatest(1, least(coalesce(p_limit, 500), 10000))
  loop
    for n in
      insert into private.spend_notices (tenant_id, period, began, threshold, spent_micros, limit_micros, currency)
        select v_tenant_id, r.period, r.began, r.threshold, r.spent_micros, r.limit_micros, r.currency
        from private.spend_reached(v_tenant_id) r
        on conflict do nothing returning *
    loop
      v_count := v_count + 1;
      -- At the hard one everything has been said: a soft one that is reached with it needs no mail of its own.
      perform private.enqueue('notice', format('notice:spend:%s:%s:%s:%s:%s', n.tenant_id, n.period, n.began, n.threshold, m.user_id),
          jsonb_build_object('notice', 'spend_threshold', 'tenant_id', n.tenant_id, 'user_id', m.user_id, 'period', n.period,
            'began', n.began, 'threshold', n.threshold))
        from public.tenant_members m
        where m.tenant_id = n.tenant_id and m.role in ('owner', 'billing')
          and (n.threshold = 'hard' or not exists (select from private.spend_notices h where h.tenant_id = n.tenant_id
            and h.period = n.period and h.began = n.began and h.threshold = 'hard'));
    end loop;
  end loop;
  return v_count;
end $$;
comment on function public.check_spend(int) is
  'Notes which thresholds of spending tenants have reached since the last look, and owes a mail about each to their owners and who does '
  'their billing, once in a day or month of UTC. Answers how many.';

create function public.read_spend_mail(p_tenant_id uuid, p_user_id uuid, p_period text, p_began date, p_threshold text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('tenant_name', t.name, 'email', case when m.role in ('owner', 'billing') then u.email end,
    'period', n.period, 'began', n.began, 'threshold', n.threshold, 'spent_micros', n.spent_micros, 'limit_micros', n.limit_micros,
    'currency', n.currency)
  from private.spend_notices n join public.tenants t on t.id = n.tenant_id
  join public.users u on u.id = p_user_id left join public.tenant_members m on m.tenant_id = t.id and m.user_id = u.id
  where n.tenant_id = p_tenant_id and n.period = p_period and n.began = p_began and n.threshold = p_threshold
$$;
comment on function public.read_spend_mail(uuid, uuid, text, date, text) is
  'What the mail about a threshold of spending says; its address is null for who left since. Null where there is no such notice.';

create function public.spend_warning(p_tenant_id uuid) returns text
language sql stable security definer set search_path = '' as $$
  select r.period from private.spend_reached(p_tenant_id) r order by r.period desc limit 1
$$;
comment on function public.spend_warning(uuid) is
  'Whether a tenant has reached a threshold of spending of its plan, for what a call says when it begins: month, day or null.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.reserve_desk(uuid, bigint, int, int), public.check_spend(int),
  public.read_spend_mail(uuid, uuid, text, date, text), public.spend_warning(uuid) from public, anon, authenticated;
grant execute on function public.reserve_desk(uuid, bigint, int, int), public.check_spend(int),
  public.read_spend_mail(uuid, uuid, text, date, text), public.spend_warning(uuid) to service_role;
