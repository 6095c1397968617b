-- Usage added up by hour and by day, rolled up by the transaction that wrote it, as the figures of calls are: what is below the
-- watermark stands in the sums, what is not is read beside them.

-- Also where some events come late: plain minima and maxima of pages would span months then.
create index usage_events_in_time on public.usage_events using brin (occurred_at timestamptz_minmax_multi_ops (values_per_range = 64))
  with (pages_per_range = 16);

create table private.usage_rolled_up (
  is_one boolean primary key default true check (is_one),
  upto xid8 not null,
  begun_at timestamptz not null default now()
);
comment on table private.usage_rolled_up is
  'The watermark: usage that transactions before this one wrote stands in the sums. Calls that ended before begun_at left none.';
insert into private.usage_rolled_up (upto) values (pg_snapshot_xmin(pg_current_snapshot()));

create table private.usage_figures (
  grain text not null check (grain in ('hour', 'day')),
  at timestamptz not null,
  owner_id uuid not null,
  user_id uuid not null,
  kind text not null,
  tool text not null,
  currency text not null,
  events bigint not null,
  quantity numeric not null,
  cost_micro_usd numeric not null,
  events_without_cost bigint not null,
  price_micros numeric not null,
  events_without_price bigint not null,
  primary key (owner_id, user_id, grain, at, kind, tool, currency)
);
comment on table private.usage_figures is
  'Usage by who pays, by person, and of a tenant also by all its people together (user_id 0), so that a tenant of a thousand '
  'people is not a thousand rows.';

create function private.nobody() returns uuid
language sql immutable set search_path = '' as $$ select '00000000-0000-0000-0000-000000000000'::uuid $$;

-- What events add, by hour. Without an end: all that is not rolled up yet. Planned for the watermark as it is: a plan for any
-- watermark would take a third of all events for its tail.
create function private.figures_of_usage(p_from xid8, p_upto xid8, p_owner_id uuid default null) returns setof private.usage_figures
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

create function private.figures_of_usage_of_day(p_day date, p_upto xid8) returns setof private.usage_figures
language sql stable security definer set search_path = '' as $$
  select 'hour', date_trunc('hour', u.occurred_at, 'utc'), u.owner_id, p.user_id, u.kind, coalesce(u.tool, ''), u.currency, count(*),
    sum(u.quantity), coalesce(sum(u.cost_micro_usd), 0), count(*) filter (where u.cost_micro_usd is null), coalesce(sum(u.price_micros), 0),
    count(*) filter (where u.price_micros is null)
  from public.usage_events u
  cross join lateral (select u.user_id union all select private.nobody() where u.tenant_id is not null) p
  where u.occurred_month = date_trunc('month', p_day)::date and u.occurred_at >= p_day::timestamp at time zone 'utc'
    and u.occurred_at < (p_day + 1)::timestamp at time zone 'utc' and u.xid < p_upto
  group by 2, 3, 4, 5, 6, 7
$$;

create function private.add_usage_figures(p_hours private.usage_figures[]) returns void
language sql security definer set search_path = '' as $$
  insert into private.usage_figures as f
    select g.grain, g.at, h.owner_id, h.user_id, h.kind, h.tool, h.currency, sum(h.events), sum(h.quantity), sum(h.cost_micro_usd),
      sum(h.events_without_cost), sum(h.price_micros), sum(h.events_without_price)
    from unnest(p_hours) h cross join lateral (values ('hour', h.at), ('day', date_trunc('day', h.at, 'utc'))) g (grain, at)
    group by g.grain, g.at, h.owner_id, h.user_id, h.kind, h.tool, h.currency order by 3, 4, 1, 2, 5, 6, 7
  on conflict (owner_id, user_id, grain, at, kind, tool, currency) do update set events = f.events + excluded.events,
    quantity = f.quantity + excluded.quantity, cost_micro_usd = f.cost_micro_usd + excluded.cost_micro_usd,
    events_without_cost = f.events_without_cost + excluded.events_without_cost, price_micros = f.price_micros + excluded.price_micros,
    events_without_price = f.events_without_price + excluded.events_without_price
$$;

-- Up to where a batch goes: before the first transaction that still runs, and not much more than so many rows. What one
-- transaction wrote is never parted.
create function private.end_of_usage_batch(p_from xid8, p_limit int) returns xid8
language plpgsql stable security definer set search_path = '' as $$
declare
  v_upto xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_xid xid8;
begin
  select xid into v_xid from public.usage_events where xid >= p_from and xid < v_upto order by xid offset p_limit limit 1;
  if v_xid = p_from then
    select xid into v_xid from public.usage_events where xid > p_from and xid < v_upto order by xid limit 1;
  end if;
  return coalesce(v_xid, v_upto);
end $$;

create function public.roll_up_usage(p_limit int default 5000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_from xid8;
  v_upto xid8;
begin
  if not pg_try_advisory_xact_lock(24, 7) then
    return jsonb_build_object('status', 'busy');
  end if;
  select upto into v_from from private.usage_rolled_up;
  if v_from > pg_snapshot_xmax(pg_current_snapshot()) then
    perform public.note_finding('figures_of_another_server', 'usage_rolled_up', 'These books were restored into another PostgreSQL, '
      'which counts its transactions anew: run select private.begin_usage_figures_anew() once (docs/usage.md).');
    return jsonb_build_object('status', 'busy');
  end if;
  v_upto := private.end_of_usage_batch(v_from, greatest(1, least(coalesce(p_limit, 5000), 50000)));
  if v_upto > v_from then
    perform private.add_usage_figures(array(select h from private.figures_of_usage(v_from, v_upto) h));
    update private.usage_rolled_up set upto = v_upto;
  end if;
  return jsonb_build_object('status',
    case when v_upto > v_from and v_upto < pg_snapshot_xmin(pg_current_snapshot()) then 'more' else 'complete' end);
end $$;
comment on function public.roll_up_usage(int) is
  'Adds usage that was recorded since to its sums, not much more than so many events. Status complete, more (call it again) or '
  'busy (another run is at it).';

-- A day anew, from the events, as far as they are rolled up.
create function private.build_usage_day(p_day date, p_upto xid8) returns void
language sql security definer set search_path = '' as $$
  delete from private.usage_figures where at >= p_day::timestamp at time zone 'utc' and at < (p_day + 1)::timestamp at time zone 'utc';
  select private.add_usage_figures(array(select h from private.figures_of_usage_of_day(p_day, p_upto) h))
$$;
create index usage_figures_in_time on private.usage_figures (at);

create function private.usage_figures_of_day(p_day date) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(f) order by f::text), '[]') from private.usage_figures f
  where at >= p_day::timestamp at time zone 'utc' and at < (p_day + 1)::timestamp at time zone 'utc'
$$;

create function public.check_usage(p_day date default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_begun_at timestamptz;
  v_upto xid8;
  v_day date := p_day;
  v_before jsonb;
  v_missing int;
  v_status text := 'replaced';
begin
  if v_day is null then
    -- Any day but the one that is still being written.
    select private.day_of(begun_at) + floor(random() * greatest(1, private.day_of(now()) - private.day_of(begun_at)))::int
      into v_day from private.usage_rolled_up;
  end if;
  if (v_day between '2000-01-01' and '2999-12-31') is not true then
    return jsonb_build_object('status', 'nothing');
  end if;
  -- Calls without what they are charged for: neither recorded nor noted.
  select begun_at into v_begun_at from private.usage_rolled_up;
  insert into private.usage_to_record (call_id, reason)
    select c.id, 'missing' from public.calls c where c.status = 'settled' and c.charged_seconds > 0 and c.ended_at >= v_begun_at
      and c.opened_at >= v_day::timestamp at time zone 'utc' and c.opened_at < (v_day + 1)::timestamp at time zone 'utc'
      and not exists (select from public.usage_events u where u.call_id = c.id and u.kind = 'voice_second')
    on conflict do nothing;
  get diagnostics v_missing = row_count;
  if v_missing > 0 then
    perform public.note_finding('usage_missing', v_day::text, format('%s calls of %s had left no usage; it is recorded now.', v_missing, v_day));
  end if;
  perform pg_advisory_xact_lock(24, 7);
  select upto into v_upto from private.usage_rolled_up;
  v_before := private.usage_figures_of_day(v_day);
  begin
    perform private.build_usage_day(v_day, v_upto);
    if private.usage_figures_of_day(v_day) = v_before then
      -- Nothing was wrong: leaves the rows as they were.
      raise exception using errcode = 'PT204';
    end if;
  exception when sqlstate 'PT204' then
    v_status := 'same';
  end;
  if v_status = 'replaced' then
    perform public.note_finding('usage_differs', v_day::text, format('The sums of usage of %s were not those of the events, and were '
      'replaced.', v_day));
  end if;
  return jsonb_build_object('status', v_status, 'day', v_day, 'missing', v_missing);
end $$;
comment on function public.check_usage(date) is
  'Builds a day of the sums of usage anew from the events, a random one unless given, and compares them to the unit; looks for '
  'calls of that day that left no usage, and has it recorded. Status same, replaced or nothing, and how many were missing.';

-- After a dump was restored into another server: its transactions are numbered anew, so nothing is told by number any more.
create function private.begin_usage_figures_anew() returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_day date;
begin
  lock table public.usage_events in access exclusive mode;
  alter table public.usage_events disable trigger usage_events_are_append_only;
  update public.usage_events set xid = '0' where xid <> '0';
  alter table public.usage_events enable trigger usage_events_are_append_only;
  update private.usage_rolled_up set upto = pg_snapshot_xmin(pg_current_snapshot());
  delete from private.usage_figures;
  for v_day in select distinct private.day_of(occurred_at) from public.usage_events loop
    perform private.build_usage_day(v_day, (select upto from private.usage_rolled_up));
  end loop;
end $$;

-- Planned for whom it asks: with a plan for anybody all sums of the month were read for one person's.
create function public.usage_summary(p_user_id uuid, p_tenant_id uuid, p_from date, p_to date, p_by text) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
declare
  v_role text;
  v_owner_id uuid := coalesce(p_tenant_id, p_user_id);
  v_sees_all boolean;
  v_shown_user_id uuid;
  v_rows jsonb;
begin
  if (p_by in ('hour', 'day', 'kind', 'tool', 'person') and isfinite(p_from) and isfinite(p_to) and p_from between '2000-01-01' and '2999-12-30'
      and p_to between p_from + 1 and p_from + case p_by when 'hour' then 31 else 400 end) is not true then
    return jsonb_build_object('status', 'out_of_range');
  end if;
  if p_tenant_id is not null then
    select role into v_role from public.tenant_members where tenant_id = p_tenant_id and user_id = p_user_id;
    if v_role is null then
      return jsonb_build_object('status', 'not_a_member');
    end if;
  end if;
  -- A member sees what they used themselves.
  v_sees_all := coalesce(v_role in ('owner', 'billing'), false);
  -- Of one person, of all together, or (null) of each.
  v_shown_user_id := case when not v_sees_all then p_user_id when p_by <> 'person' then private.nobody() end;
  with shown as materialized (
    select f.* from private.usage_figures f
    where f.owner_id = v_owner_id and f.grain = case p_by when 'hour' then 'hour' else 'day' end
      and f.at >= p_from::timestamp at time zone 'utc' and f.at < p_to::timestamp at time zone 'utc'
      and (f.user_id = v_shown_user_id or v_shown_user_id is null and f.user_id <> private.nobody())
    union all
    select f.* from private.usage_rolled_up r cross join lateral private.figures_of_usage(r.upto, null, v_owner_id) f
    where f.at >= p_from::timestamp at time zone 'utc' and f.at < p_to::timestamp at time zone 'utc'
      and (f.user_id = v_shown_user_id or v_shown_user_id is null and f.user_id <> private.nobody())),
  grouped as (
    select case p_by when 'hour' then private.utc_text(s.at) when 'day' then private.utc_text(date_trunc('day', s.at, 'utc')) end as at,
      case p_by when 'person' then s.user_id end as user_id, s.kind, case p_by when 'tool' then s.tool end as tool, s.currency,
      sum(s.events) as events, sum(s.quantity) as quantity, sum(s.price_micros) as price_micros,
      sum(s.events_without_price) as events_without_price
    from shown s where p_by <> 'tool' or s.kind = 'tool_call' group by 1, 2, 3, 4, 5 having sum(s.events) > 0)
  select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(g)) || jsonb_build_object('unit', private.usage_unit(g.kind))
    order by g.at, g.user_id, g.kind, g.tool, g.currency), '[]') into v_rows from grouped g;
  return jsonb_build_object('status', 'ok', 'scope', case when p_tenant_id is null or not v_sees_all then 'own' else 'tenant' end,
    'rows', v_rows);
end $$;
comment on function public.usage_summary(uuid, uuid, date, date, text) is
  'What somebody used, or a tenant: by hour (31 days at most), day, kind, tool or person, exact to the last commit. From a day to '
  'the one before the other, in UTC. A member sees their own part, owner and billing all. Status ok, out_of_range or not_a_member.';

revoke all on private.usage_rolled_up, private.usage_figures from anon, authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.roll_up_usage(int), public.check_usage(date), public.usage_summary(uuid, uuid, date, date, text)
  from public, anon, authenticated;
grant execute on function public.roll_up_usage(int), public.check_usage(date), public.usage_summary(uuid, uuid, date, date, text) to service_role;
