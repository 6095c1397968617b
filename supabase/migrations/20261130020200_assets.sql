-- Assets: how many things a tenant has under care, night by night.

create table public.asset_snapshots (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  asset_count int not null check (asset_count between 0 and 100000000),
  site_breakdown jsonb not null default '{}' check (jsonb_typeof(site_breakdown) = 'object' and octet_length(site_breakdown::text) <= 20000),
  captured_at timestamptz not null default now() check (isfinite(captured_at)),
  source text not null default 'service' check (source in ('service', 'api', 'csv', 'connector')),
  key text check (length(key) between 1 and 255),
  created_at timestamptz not null default now(),
  unique (tenant_id, key)
);
comment on table public.asset_snapshots is
  'How many assets a tenant had at a moment, in all and by site. Append-only: a better count is another row, of a later moment.';
create index asset_snapshots_in_time on public.asset_snapshots (tenant_id, captured_at desc, created_at desc) include (asset_count);
create trigger asset_snapshots_are_append_only before update or delete on public.asset_snapshots
  for each row execute function private.refuse_change();
create trigger asset_snapshots_are_never_truncated before truncate on public.asset_snapshots
  for each statement execute function private.refuse_change();

-- What counts may say, whoever sends them.
create function private.is_site_breakdown(p_sites jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select jsonb_typeof(p_sites) = 'object' and (select count(*) <= 500 and bool_and(s.key ~ '^[A-Za-z0-9][A-Za-z0-9 _.:/-]{0,63}$'
      and (case jsonb_typeof(s.value) when 'number' then (s.value #>> '{}')::numeric between 0 and 10000000
        and (s.value #>> '{}')::numeric = floor((s.value #>> '{}')::numeric) end) is true) is not false
    from jsonb_each(case jsonb_typeof(p_sites) when 'object' then p_sites else '{}' end) s)
$$;

create function public.record_assets(p_tenant_id uuid, p_asset_count int, p_site_breakdown jsonb default '{}',
  p_captured_at timestamptz default null, p_source text default 'api', p_key text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_at timestamptz := coalesce(p_captured_at, now());
  v_sites jsonb := coalesce(p_site_breakdown, '{}');
  v_snapshot public.asset_snapshots;
begin
  if (p_source in ('service', 'api', 'csv', 'connector') and private.is_site_breakdown(v_sites)
      and coalesce(length(p_key) between 1 and 255, true) and p_asset_count between 0 and 100000000) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif v_at > now() + interval '5 minutes' or v_at < now() - interval '400 days' then
    return jsonb_build_object('status', 'out_of_range');
  elsif v_sites <> '{}' and (select sum((s.value #>> '{}')::bigint) from jsonb_each(v_sites) s) > p_asset_count then
    return jsonb_build_object('status', 'sites_exceed_count');
  end if;
  perform from public.tenants where id = p_tenant_id and closed_at is null for key share;
  if not found then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  insert into public.asset_snapshots (tenant_id, asset_count, site_breakdown, captured_at, source, key)
    values (p_tenant_id, p_asset_count, v_sites, v_at, p_source, p_key)
    on conflict (tenant_id, key) do nothing returning * into v_snapshot;
  if not found then
    select * into v_snapshot from public.asset_snapshots where tenant_id = p_tenant_id and key = p_key;
    if (v_snapshot.asset_count, v_snapshot.site_breakdown) is distinct from (p_asset_count, v_sites) then
      return jsonb_build_object('status', 'key_reused');
    end if;
  end if;
  return jsonb_build_object('status', 'recorded', 'snapshot', jsonb_build_object('id', v_snapshot.id, 'tenant_id', p_tenant_id,
    'asset_count', v_snapshot.asset_count, 'site_breakdown', v_snapshot.site_breakdown, 'captured_at', private.utc_text(v_snapshot.captured_at),
    'source', v_snapshot.source));
end $$;
comment on function public.record_assets(uuid, int, jsonb, timestamptz, text, text) is
  'Writes down how many assets a tenant has, by a key once. Status recorded, malformed, out_of_range (of more than 400 days ago, or to '
  'come), sites_exceed_count, unknown_tenant or key_reused.';

-- One site at a time, as a job of each night and site counts: the others stay as they were counted last.
create function public.record_site_assets(p_tenant_id uuid, p_site text, p_asset_count int, p_night date, p_source text default 'connector')
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_zone text;
  v_at timestamptz;
  v_sites jsonb;
begin
  if (p_night between '2020-01-01' and '2200-01-01') is not true or private.is_site_breakdown(jsonb_build_object(p_site, p_asset_count)) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select time_zone into v_zone from public.tenants where id = p_tenant_id for no key update;
  -- The last moment of the night that is asked for, or this one while it lasts.
  v_at := least(now(), (p_night + 1)::timestamp at time zone coalesce(v_zone, 'UTC') - interval '1 microsecond');
  if exists (select from public.asset_snapshots where tenant_id = p_tenant_id and key = format('%s:%s:%s', p_source, p_night, p_site)) then
    return jsonb_build_object('status', 'recorded_before');
  end if;
  select a.site_breakdown into v_sites from public.asset_snapshots a
    where a.tenant_id = p_tenant_id and a.captured_at <= v_at order by a.captured_at desc, a.created_at desc limit 1;
  v_sites := coalesce(v_sites, '{}') || jsonb_build_object(p_site, p_asset_count);
  return public.record_assets(p_tenant_id, (select sum((s.value #>> '{}')::bigint)::int from jsonb_each(v_sites) s), v_sites, v_at, p_source,
    format('%s:%s:%s', p_source, p_night, p_site));
exception when data_exception then
  return jsonb_build_object('status', 'malformed');
end $$;
comment on function public.record_site_assets(uuid, text, int, date, text) is
  'Writes down how many assets one site had in a night, once; the other sites count as they did last. Who counts by site counts all of '
  'them by site. Status as record_assets, or recorded_before.';

-- The nights of a period up to now, each by its midnight in the tenant's zone: a night has the last count before it, its own or that
-- of a night before. Nights before the first count are none; where none was counted yet, the latest count is all there is.
create function private.assets_of_period(p_tenant_id uuid, p_zone text, p_start timestamptz, p_end timestamptz,
  out nights int, out average numeric, out latest int, out peak int, out total bigint)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
declare
  v_end timestamptz := least(p_end, now());
begin
  select count(c.assets), avg(c.assets), max(c.assets), coalesce(sum(c.assets), 0) into nights, average, peak, total
    from (
      select (select a.asset_count from public.asset_snapshots a where a.tenant_id = p_tenant_id and a.captured_at < d::timestamp at time zone p_zone
        order by a.captured_at desc, a.created_at desc limit 1) as assets
      from generate_series((p_start at time zone p_zone)::date + 1, (v_end at time zone p_zone)::date, interval '1 day') d) c;
  select a.asset_count into latest from public.asset_snapshots a where a.tenant_id = p_tenant_id and a.captured_at < p_end
    order by a.captured_at desc, a.created_at desc limit 1;
  average := coalesce(average, latest);
  peak := coalesce(peak, latest);
end $$;

create view public.v_asset_latest with (security_invoker = true) as
  select distinct on (tenant_id) tenant_id, asset_count, site_breakdown, captured_at
  from public.asset_snapshots order by tenant_id, captured_at desc, created_at desc;
comment on view public.v_asset_latest is 'The latest count of each tenant''s assets.';

alter table public.asset_snapshots enable row level security;
create policy "assets of own tenants" on public.asset_snapshots for select to authenticated
  using (tenant_id in (select m.tenant_id from public.tenant_members m
    where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')));
revoke all on public.asset_snapshots, public.v_asset_latest from anon, authenticated, service_role;
grant select on public.asset_snapshots, public.v_asset_latest to authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.record_assets(uuid, int, jsonb, timestamptz, text, text), public.record_site_assets(uuid, text, int, date, text)
  from public, anon, authenticated;
grant execute on function public.record_assets(uuid, int, jsonb, timestamptz, text, text), public.record_site_assets(uuid, text, int, date, text)
  to service_role;
