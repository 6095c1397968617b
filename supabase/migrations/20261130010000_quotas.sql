-- What the plan of a tenant serves of requests by keys: so many in a period, and so many in a minute. Counted here and nowhere
-- else, in the statement that also finds the key: so it is exact on any number of replicas, and no check outlives a revocation.

create table private.api_allowances (
  tenant_id uuid primary key references public.tenants (id) on delete restrict,
  plan_id text references public.plans (id) on delete restrict,
  period_start timestamptz not null,
  period_end timestamptz not null,
  quota bigint check (quota >= 0),
  used bigint not null default 0 check (used >= 0),
  per_minute int not null check (per_minute >= 0),
  minute_at timestamptz not null default '-infinity',
  minute_used int not null default 0 check (minute_used >= 0),
  is_stale boolean not null default false,
  constraint a_period_has_a_length check (period_end > period_start)
) with (fillfactor = 50);
comment on table private.api_allowances is
  'What is left of the plan of a tenant in the line api. Stale: its subscription or its plan was changed, so it is to be read anew. No quota: none is for sale.';
create index api_allowances_by_plan on private.api_allowances (plan_id);

create table private.api_periods (
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  period_start timestamptz not null,
  period_end timestamptz not null,
  plan_id text,
  used bigint not null,
  primary key (tenant_id, period_start)
);
comment on table private.api_periods is
  'Periods that are not the current one, with what was used of each: a plan, or a clock, that comes back goes on where it was.';

create table private.api_hours (
  key_id uuid not null references public.api_keys (id) on delete restrict,
  hour timestamptz not null,
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  served bigint not null default 0,
  over_quota bigint not null default 0,
  over_rate bigint not null default 0,
  client_errors bigint not null default 0,
  server_errors bigint not null default 0,
  primary key (key_id, hour)
) with (fillfactor = 50);
comment on table private.api_hours is
  'Requests by key and hour: served, and refused for the quota or the rate. Of those served, how many were answered by an error of '
  'the client or of ours; one of ours is given back.';
create index api_hours_by_tenant on private.api_hours (tenant_id, hour);

create table private.api_errors (
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  day date not null,
  key_id uuid not null references public.api_keys (id) on delete restrict,
  code text not null check (length(code) between 1 and 64),
  status int not null,
  count bigint not null,
  last_at timestamptz not null,
  last_request_id text check (length(last_request_id) <= 64),
  primary key (tenant_id, day, key_id, code)
);
comment on table private.api_errors is 'By which errors requests by key were answered, by day of UTC.';
create index api_errors_by_key on private.api_errors (key_id);
alter table private.api_allowances enable row level security;
alter table private.api_periods enable row level security;
alter table private.api_hours enable row level security;
alter table private.api_errors enable row level security;

-- What was said of a plan or a subscription is read again by the next request.
create function private.api_allowance_is_stale() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_table_name = 'plans' then
    -- In the order of those who use them, or one would wait for the other.
    perform from private.api_allowances order by tenant_id for update;
    update private.api_allowances set is_stale = true;
  else
    update private.api_allowances set is_stale = true where tenant_id = new.tenant_id;
  end if;
  return null;
end $$;
create trigger api_allowance_is_stale after insert or update on public.subscriptions
  for each row execute function private.api_allowance_is_stale();
create trigger api_allowance_is_stale after insert or update on public.plans
  for each row when (new.line = 'api') execute function private.api_allowance_is_stale();

-- The period is that of the subscription; of the free plan it is the month of UTC. Stripe's next period begins where the last one
-- ended, also before we have heard of it. Where no plan of the line is for sale there is no quota, and only a rate.
create function private.renew_api_allowance(p_tenant_id uuid) returns private.api_allowances
language plpgsql security definer set search_path = '' as $$
declare
  p public.plans := private.plan_of(p_tenant_id, 'api');
  a private.api_allowances;
  v_start timestamptz;
  v_end timestamptz;
  v_used bigint;
begin
  insert into private.api_allowances (tenant_id, period_start, period_end, per_minute, is_stale)
    values (p_tenant_id, '-infinity', now(), 0, true)
    on conflict (tenant_id) do nothing;
  select * into a from private.api_allowances where tenant_id = p_tenant_id for update;
  select current_period_start, current_period_end into v_start, v_end from public.subscriptions
    where tenant_id = p_tenant_id and plan_id = p.id and status in ('trialing', 'active', 'past_due') and coalesce(cancel_at > now(), true)
    order by status = 'past_due', current_period_end desc nulls last, id limit 1;
  while v_end <= now() loop
    v_start := v_end;
    v_end := v_end + interval '1 month';
  end loop;
  v_start := coalesce(v_start, date_trunc('month', now(), 'UTC'));
  v_end := coalesce(v_end, (date_trunc('month', now() at time zone 'UTC') + interval '1 month') at time zone 'UTC');
  if isfinite(a.period_start) and a.period_start <> v_start then
    insert into private.api_periods (tenant_id, period_start, period_end, plan_id, used)
      values (p_tenant_id, a.period_start, a.period_end, a.plan_id, a.used)
      on conflict (tenant_id, period_start) do update set used = excluded.used, period_end = excluded.period_end, plan_id = excluded.plan_id;
  end if;
  v_used := case when a.period_start = v_start then a.used else
    (select used from private.api_periods where tenant_id = p_tenant_id and period_start = v_start) end;
  delete from private.api_hours where tenant_id = p_tenant_id and hour < now() - interval '400 days';
  delete from private.api_errors where tenant_id = p_tenant_id and day < current_date - 400;
  update private.api_allowances set plan_id = p.id, period_start = v_start, period_end = v_end, used = coalesce(v_used, 0),
      quota = case when p.id is not null or exists (select from public.plans where line = 'api' and active)
        then coalesce(p.requests_per_period, 0) end,
      per_minute = coalesce(p.requests_per_minute, 600), is_stale = false
    where tenant_id = p_tenant_id returning * into a;
  return a;
end $$;

-- The allowance of a tenant, locked, as it is now. A clock that jumped ahead and came back has nobody wait for its period to come.
create function private.lock_api_allowance(p_tenant_id uuid) returns private.api_allowances
language plpgsql security definer set search_path = '' as $$
declare
  a private.api_allowances;
begin
  select * into a from private.api_allowances where tenant_id = p_tenant_id for update;
  if not found or a.is_stale or now() >= a.period_end or now() < a.period_start - interval '1 day' then
    a := private.renew_api_allowance(p_tenant_id);
  end if;
  return a;
end $$;

create function private.describe_api_allowance(a private.api_allowances) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('plan_id', a.plan_id, 'limit', a.quota, 'remaining', case when a.quota is not null then greatest(0, a.quota - a.used) end,
    'period_start', private.utc_text(a.period_start), 'resets_at', private.utc_text(a.period_end),
    'resets_in', greatest(1, ceil(extract(epoch from a.period_end - now()))::bigint),
    'window', extract(epoch from a.period_end - a.period_start)::bigint,
    'per_minute', a.per_minute,
    'remaining_in_minute', case when a.minute_at = date_trunc('minute', now()) then greatest(0, a.per_minute - a.minute_used) else a.per_minute end,
    'minute_resets_in', greatest(1, ceil(extract(epoch from date_trunc('minute', now()) + interval '1 minute' - now()))::int))
$$;

-- Requests that came at the same time are one statement. Tenants are taken in one order, so that no two statements wait for each other.
create function public.use_api_keys(p_uses jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_answers jsonb := '[]'::jsonb;
  v_minute timestamptz := date_trunc('minute', now());
  u record;
  a private.api_allowances;
  v_count int;
  v_served int;
  v_by_quota int;
begin
  if (jsonb_typeof(p_uses) = 'array' and jsonb_array_length(p_uses) <= 1000) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  for u in
    select x.n, x.use ->> 'scope' as scope, (x.use ->> 'count')::int as count, (x.use ->> 'writes')::boolean as writes,
      k as key, k.tenant_id, k.id is not null and private.holds_now(k) as holds, p.frozen_at is not null as is_frozen
    from jsonb_array_elements(p_uses) with ordinality x (use, n)
      left join public.api_keys k on k.key_hash = x.use ->> 'hash'
      left join public.users p on p.id = k.created_by
    order by k.tenant_id nulls first, k.id, x.n
  loop
    if not u.holds then
      v_answers := v_answers || jsonb_build_object('n', u.n, 'status', 'unknown');
      continue;
    end if;
    if (u.scope = any ((u.key).scopes)) is not true then
      v_answers := v_answers || jsonb_build_object('n', u.n, 'status', 'scope_missing');
      continue;
    elsif u.is_frozen and u.writes is not false then
      v_answers := v_answers || jsonb_build_object('n', u.n, 'status', 'frozen');
      continue;
    end if;
    -- Before the row of a key: whoever has that lock waits for nobody.
    a := private.lock_api_allowance(u.tenant_id);
    update public.api_keys set last_used_at = now()
      where id = (u.key).id and coalesce(abs(extract(epoch from now() - last_used_at)) > 60, true);
    -- A statement that waited may be of the minute before; a clock that was set back begins anew.
    if a.minute_at < v_minute or a.minute_at > v_minute + interval '2 minutes' then
      a.minute_at := v_minute;
      a.minute_used := 0;
    end if;
    v_count := greatest(0, least(coalesce(u.count, 0), 100000));
    v_by_quota := least(v_count, greatest(0, coalesce(a.quota - a.used, v_count)));
    v_served := least(v_by_quota, greatest(0, a.per_minute - a.minute_used));
    if v_served > 0 then
      update private.api_allowances set used = used + v_served, minute_at = a.minute_at, minute_used = a.minute_used + v_served
        where tenant_id = u.tenant_id returning * into a;
    end if;
    insert into private.api_hours as h (key_id, hour, tenant_id, served, over_quota, over_rate)
      values ((u.key).id, date_trunc('hour', now(), 'UTC'), u.tenant_id, v_served, v_count - v_by_quota, v_by_quota - v_served)
      on conflict (key_id, hour) do update set served = h.served + excluded.served, over_quota = h.over_quota + excluded.over_quota,
        over_rate = h.over_rate + excluded.over_rate;
    v_answers := v_answers || jsonb_build_object('n', u.n, 'status', 'ok', 'key_id', (u.key).id, 'tenant_id', u.tenant_id, 'served', v_served,
      'over_rate', v_by_quota - v_served, 'allowance', private.describe_api_allowance(a));
  end loop;
  return jsonb_build_object('status', 'ok', 'answers', (select coalesce(jsonb_agg(x - 'n' order by (x ->> 'n')::int), '[]')
    from jsonb_array_elements(v_answers) x));
exception when data_exception then
  return jsonb_build_object('status', 'malformed');
end $$;
comment on function public.use_api_keys(jsonb) is
  'Finds keys by [{hash, scope, writes, count}] and counts so many requests of each. Answers in their order: unknown (also revoked, over, '
  'or of a closed tenant), scope_missing, frozen (who made it is, and it writes), or ok with how many are served and what is left. '
  'Of those not served, over_rate are for the minute and the others for the period. Status ok or malformed.';

-- What became of requests that were served. What failed by our doing is given back, while its period goes on.
create function public.note_api_answers(p_notes jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  x record;
begin
  if (jsonb_typeof(p_notes) = 'array' and jsonb_array_length(p_notes) <= 1000) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  -- Before anything of a key, as use_api_keys has it, or two of them could wait for each other.
  perform from private.api_allowances a where a.tenant_id in (select k.tenant_id
    from jsonb_to_recordset(p_notes) as n (key_id uuid) join public.api_keys k on k.id = n.key_id) order by a.tenant_id for update;
  for x in
    select k.id, k.tenant_id, n.code, n.status, least(n.count, 100000) as count, n.period_start, n.request_id
    from jsonb_to_recordset(p_notes) as n (key_id uuid, code text, status int, count int, period_start timestamptz, request_id text)
      join public.api_keys k on k.id = n.key_id
    where n.count > 0 and n.status between 400 and 599 and length(n.code) between 1 and 64
    order by k.tenant_id, k.id, n.code
  loop
    update private.api_allowances set used = greatest(0, used - x.count)
      where tenant_id = x.tenant_id and x.status >= 500 and period_start = x.period_start;
    insert into private.api_hours as h (key_id, hour, tenant_id, client_errors, server_errors)
      values (x.id, date_trunc('hour', now(), 'UTC'), x.tenant_id, case when x.status < 500 then x.count else 0 end,
        case when x.status >= 500 then x.count else 0 end)
      on conflict (key_id, hour) do update set client_errors = h.client_errors + excluded.client_errors,
        server_errors = h.server_errors + excluded.server_errors;
    insert into private.api_errors as e (tenant_id, day, key_id, code, status, count, last_at, last_request_id)
      values (x.tenant_id, (now() at time zone 'UTC')::date, x.id, x.code, x.status, x.count, now(), left(x.request_id, 64))
      on conflict (tenant_id, day, key_id, code) do update set count = e.count + excluded.count, last_at = excluded.last_at,
        last_request_id = excluded.last_request_id, status = excluded.status;
  end loop;
  return jsonb_build_object('status', 'noted');
exception when data_exception then
  return jsonb_build_object('status', 'malformed');
end $$;
comment on function public.note_api_answers(jsonb) is
  'Notes by which errors requests by keys were answered: [{key_id, code, status, count, period_start, request_id}]. What failed by our '
  'doing is not counted against the quota. Status noted or malformed.';

-- The dashboard of a tenant.
create function public.read_api_plan(p_tenant_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  a private.api_allowances;
begin
  if not exists (select from public.tenants where id = p_tenant_id and closed_at is null) then
    return null;
  end if;
  a := private.lock_api_allowance(p_tenant_id);
  return jsonb_build_object('allowance', private.describe_api_allowance(a), 'used', a.used,
    'plan', (select jsonb_build_object('id', p.id, 'name', p.name, 'base_price_cents', p.base_price_cents, 'currency', p.currency)
      from public.plans p where p.id = a.plan_id),
    'keys', (select count(*) from public.api_keys k where k.tenant_id = p_tenant_id and private.holds_now(k)),
    'periods', (select coalesce(jsonb_agg(jsonb_build_object('period_start', private.utc_text(x.period_start),
        'period_end', private.utc_text(x.period_end), 'plan_id', x.plan_id, 'used', x.used) order by x.period_start desc), '[]')
      from (select * from private.api_periods where tenant_id = p_tenant_id order by period_start desc limit 12) x));
end $$;
comment on function public.read_api_plan(uuid) is
  'The plan of a tenant in the line api, what is left of it, and the periods before; null for one that is closed.';

create function public.read_api_usage(p_tenant_id uuid, p_from timestamptz, p_to timestamptz, p_by text, p_key_id uuid default null)
returns jsonb
language sql stable security definer set search_path = '' as $$
  select case when (p_from < p_to and p_to <= p_from + case p_by when 'hour' then interval '31 days' else interval '400 days' end
      and p_by in ('hour', 'day', 'key')) is not true
    then jsonb_build_object('status', 'out_of_range')
    else jsonb_build_object('status', 'ok', 'rows', (select coalesce(jsonb_agg(to_jsonb(r) order by r.at, r.key_id), '[]') from (
      select case when p_by <> 'key' then private.utc_text(date_trunc(p_by, h.hour, 'UTC')) end as at,
        case when p_by = 'key' or p_key_id is not null then h.key_id end as key_id, sum(h.served)::bigint as served,
        sum(h.over_quota)::bigint as over_quota, sum(h.over_rate)::bigint as over_rate, sum(h.client_errors)::bigint as client_errors,
        sum(h.server_errors)::bigint as server_errors
      from private.api_hours h
      where h.tenant_id = p_tenant_id and h.hour >= p_from and h.hour < p_to and coalesce(h.key_id = p_key_id, true)
      group by 1, 2) r)) end
$$;
comment on function public.read_api_usage(uuid, timestamptz, timestamptz, text, uuid) is
  'Requests by keys of a tenant by hour (31 days at most), day or key (400 days). Status ok or out_of_range.';

create function public.read_api_errors(p_tenant_id uuid, p_days int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(r) order by r.day desc, r.count desc, r.code, r.key_id), '[]') from (
    select e.day, e.key_id, e.code, e.status, e.count, private.utc_text(e.last_at) as last_at, e.last_request_id
    from private.api_errors e
    where e.tenant_id = p_tenant_id and e.day > (now() at time zone 'UTC')::date - least(greatest(p_days, 1), 400)
    order by e.day desc, e.count desc, e.code, e.key_id limit 500) r
$$;
comment on function public.read_api_errors(uuid, int) is
  'By which errors requests by keys of a tenant were answered in so many days up to today, newest first, 500 lines at most.';

revoke all on private.api_allowances, private.api_periods, private.api_hours, private.api_errors
  from public, anon, authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.use_api_keys(jsonb), public.note_api_answers(jsonb), public.read_api_plan(uuid),
  public.read_api_usage(uuid, timestamptz, timestamptz, text, uuid), public.read_api_errors(uuid, int) from public, anon, authenticated;
grant execute on function public.use_api_keys(jsonb), public.note_api_answers(jsonb), public.read_api_plan(uuid),
  public.read_api_usage(uuid, timestamptz, timestamptz, text, uuid), public.read_api_errors(uuid, int) to service_role;
