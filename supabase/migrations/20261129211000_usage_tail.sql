-- The part of usage that is not in the sums yet is found by its transaction, whatever else an index could be used for: the plan
-- is made for the watermark as it is, as one for any watermark would take a third of all events for its tail.

-- A day of the sums is read without all others; and one of the events also where some of them come late: plain minima and maxima
-- of pages would span months then.
drop index private.usage_figures_in_time, public.usage_events_in_time;
create index usage_figures_in_time on private.usage_figures (at);
create index usage_events_in_time on public.usage_events using brin (occurred_at timestamptz_minmax_multi_ops (values_per_range = 64))
  with (pages_per_range = 16);

create or replace function private.figures_of_usage(p_from xid8, p_upto xid8, p_owner_id uuid default null) returns setof private.usage_figures
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
begin
  return query
  select 'hour', date_trunc('hour', u.occurred_at, 'utc'), u.owner_id, p.user_id, u.kind, coalesce(u.tool, ''), u.currency, count(*),
    sum(u.quantity), coalesce(sum(u.cost_micro_usd), 0), count(*) filter (where u.cost_micro_usd is null), coalesce(sum(u.price_micros), 0),
    count(*) filter (where u.price_micros is null)
  from public.usage_events u
  cross join lateral (select u.user_id union all select private.nobody() where u.tenant_id is not null) p
  where u.xid >= p_from and (p_upto is null or u.xid < p_upto) and (p_owner_id is null or u.owner_id = p_owner_id)
  group by 2, 3, 4, 5, 6, 7;
end $$;

create or replace function private.tenant_spend(p_tenant_id uuid, out currency text, out day_micros numeric, out month_micros numeric)
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

create or replace function public.begin_tool_call(p_id uuid, p_user_id uuid, p_tenant_id uuid, p_tool text, p_server text, p_seconds int)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_limit int;
  v_period text;
  -- A moment that is known: an index is no help against a clock that goes on.
  v_since timestamptz := clock_timestamp() - interval '1 minute';
begin
  if not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  elsif p_tenant_id is not null
      and not exists (select from public.tenant_members m join public.tenants t on t.id = m.tenant_id and t.closed_at is null
        where m.tenant_id = p_tenant_id and m.user_id = p_user_id) then
    return jsonb_build_object('status', 'not_a_member');
  end if;
  v_period := private.spend_refusal(p_tenant_id);
  if v_period is not null then
    return jsonb_build_object('status', 'spend_limit', 'period', v_period);
  end if;
  if p_tenant_id is not null then
    -- One after the other, so that of many at once no more begin than the plan allows.
    perform pg_advisory_xact_lock(hashtextextended(p_tenant_id::text, 21090));
    select p.requests_per_minute into v_limit from public.tenants t join public.plans p on p.id = t.plan_id where t.id = p_tenant_id;
    if (select count(*) from (
        (select from private.tool_calls c where c.tenant_id = p_tenant_id and c.begun_at > v_since limit v_limit)
        union all
        (select from public.usage_events u where u.tenant_id = p_tenant_id and u.occurred_at > v_since
          and u.kind = 'tool_call' and u.key like 'tool:%' limit v_limit)) x) >= v_limit then
      return jsonb_build_object('status', 'too_many_requests');
    end if;
  end if;
  insert into private.tool_calls (id, user_id, tenant_id, tool, server, lost_at)
    values (p_id, p_user_id, p_tenant_id, p_tool, p_server,
      clock_timestamp() + make_interval(secs => greatest(1, least(coalesce(p_seconds, 60), 86400))))
    on conflict (id) do nothing;
  return jsonb_build_object('status', 'begun');
end $$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
