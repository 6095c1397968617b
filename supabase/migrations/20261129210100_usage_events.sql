-- Usage: every billable thing that happened, once, with what it cost and what it is charged at as it was then. Append-only,
-- a partition for each month.

create sequence private.usage_event_ids;

create table public.usage_events (
  id bigint not null default nextval('private.usage_event_ids'),
  occurred_month date not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  xid xid8 not null default pg_current_xact_id(),
  owner_id uuid not null,
  tenant_id uuid references public.tenants (id) on delete restrict,
  user_id uuid not null references public.users (id) on delete restrict,
  call_id uuid references public.calls (id) on delete restrict,
  kind text not null,
  tool text check (tool ~ '^[\w.:@/-]{1,100}$'),
  server text check (server ~ '^[\w.:@/-]{1,100}$'),
  provider text check (provider ~ '^[\w.:@/-]{1,100}$'),
  model text check (model ~ '^[\w.:@/-]{1,100}$'),
  quantity bigint not null check (quantity between 1 and 1000000000),
  unit text not null generated always as (case kind when 'voice_second' then 'second' when 'stt_second' then 'second'
    when 'llm_input_token' then 'token' when 'llm_cached_input_token' then 'token' when 'llm_output_token' then 'token'
    when 'tts_character' then 'character' when 'tool_call' then 'call' end) stored,
  cost_micro_usd bigint check (cost_micro_usd >= 0),
  price_micros bigint check (price_micros >= 0),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  rate_id bigint,
  metadata jsonb not null default '{}',
  key text not null check (length(key) between 1 and 255),
  primary key (occurred_month, id),
  -- A unique key cannot span partitions without the month: so the month is that of the event itself, and a repeat finds it.
  constraint usage_events_once unique (owner_id, key, occurred_month),
  constraint a_month_is_that_of_the_event check (occurred_month = date_trunc('month', occurred_at at time zone 'utc')::date),
  constraint an_owner_is_who_pays check (owner_id = coalesce(tenant_id, user_id)),
  constraint a_tool_call_has_a_tool check ((kind = 'tool_call') = (tool is not null)),
  constraint metadata_is_short check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 2048)
) partition by range (occurred_month);
comment on table public.usage_events is
  'Every billable thing that happened, once. Append-only; written by private.record_usage only.';
comment on column public.usage_events.occurred_month is 'The month (UTC) of occurred_at, by which it is kept.';
comment on column public.usage_events.xid is 'The transaction that wrote it: whoever reads on goes by it, and never by the id.';
comment on column public.usage_events.owner_id is 'Who pays: the tenant, or the person.';
comment on column public.usage_events.cost_micro_usd is
  'What it costs us, in millionths of a US dollar, by the rate of then. Null: nobody knows, which is not nothing.';
comment on column public.usage_events.price_micros is
  'What is asked for it, in millionths of the currency''s unit, by the rate of then. Null: it has no price, which is not 0.';
comment on column public.usage_events.metadata is 'Figures and names only, never what somebody said.';
create index usage_events_of_tenant on public.usage_events (tenant_id, occurred_at);
create index usage_events_of_person on public.usage_events (user_id, occurred_at);
create index usage_events_of_call on public.usage_events (call_id);
create index usage_events_by_transaction on public.usage_events (xid);

create trigger usage_events_are_append_only before update or delete on public.usage_events
  for each row execute function private.refuse_change();
create trigger usage_events_are_never_truncated before truncate on public.usage_events
  for each statement execute function private.refuse_change();

-- Where an event goes whose month has no partition: it is never refused. Partitions stand in private, where no API looks.
create table private.usage_events_elsewhere partition of public.usage_events default;
create trigger usage_events_elsewhere_are_never_truncated before truncate on private.usage_events_elsewhere
  for each statement execute function private.refuse_change();

-- A month gets its partition. It is made by itself and then attached, so that nobody who records waits; what stood elsewhere
-- moves in as it is. To attach it locks what its rows refer to, and whoever calls waits behind that: where it is not to be had
-- at once, the next hour tries again, with months of time.
create function private.make_usage_partition(p_month date) returns boolean
language plpgsql security definer set search_path = '' set lock_timeout = '300ms' as $$
declare
  v_month date := date_trunc('month', p_month)::date;
  v_next date := (date_trunc('month', p_month) + interval '1 month')::date;
  v_name text := 'usage_events_' || to_char(p_month, 'YYYY_MM');
begin
  if to_regclass('private.' || v_name) is not null then
    return false;
  end if;
  execute format('create table private.%I (like public.usage_events including defaults including constraints including generated)', v_name);
  lock table private.usage_events_elsewhere in access exclusive mode;
  if exists (select from private.usage_events_elsewhere where occurred_month = v_month) then
    alter table private.usage_events_elsewhere disable trigger usage_events_are_append_only;
    execute format('with moved as (delete from private.usage_events_elsewhere where occurred_month = %1$L returning *)
      insert into private.%2$I (%3$s) select %3$s from moved', v_month, v_name, (select string_agg(quote_ident(attname), ', ' order by attnum)
        from pg_attribute where attrelid = 'public.usage_events'::regclass and attnum > 0 and not attisdropped and attgenerated = ''));
    alter table private.usage_events_elsewhere enable trigger usage_events_are_append_only;
  end if;
  execute format('alter table public.usage_events attach partition private.%I for values from (%L) to (%L)', v_name, v_month, v_next);
  execute format('create trigger %I before truncate on private.%I for each statement execute function private.refuse_change()',
    v_name || '_is_never_truncated', v_name);
  execute format('revoke all on private.%I from public, anon, authenticated, service_role', v_name);
  return true;
end $$;

create function public.make_usage_partitions(p_months int default 3) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_months date[];
  v_month date;
  v_made text[] := '{}';
  v_elsewhere bigint;
begin
  if not pg_try_advisory_xact_lock(24, 6) then
    return jsonb_build_object('status', 'busy');
  end if;
  -- Read to the end before anything is made: a table that is being read cannot be changed.
  v_months := array(
    select (date_trunc('month', now() at time zone 'utc') + make_interval(months => n))::date
      from generate_series(0, greatest(0, least(coalesce(p_months, 3), 24))) n
    union select occurred_month from private.usage_events_elsewhere
      where occurred_month between '2020-01-01' and date_trunc('month', now() at time zone 'utc') + interval '2 years' order by 1);
  foreach v_month in array v_months loop
    if private.make_usage_partition(v_month) then
      v_made := v_made || v_month::text;
    end if;
  end loop;
  select count(*) into v_elsewhere from private.usage_events_elsewhere;
  if v_elsewhere > 0 then
    -- The clock of a server has jumped, or somebody wrote by hand.
    perform public.note_finding('usage_out_of_time', 'usage_events_elsewhere', format('%s usage events are of months that cannot be '
      'true (first: %s). They are counted in those months.', v_elsewhere, (select min(occurred_month) from private.usage_events_elsewhere)));
  end if;
  return jsonb_build_object('status', 'complete', 'made', to_jsonb(v_made), 'elsewhere', v_elsewhere);
end $$;
comment on function public.make_usage_partitions(int) is
  'Makes the partitions of usage events for this month and the next ones, and of months whose events came before their partition.';

-- The first ones; the job usage_partitions makes the others.
select private.make_usage_partition(month::date)
from generate_series('2026-11-01'::date, '2027-02-01'::date, interval '1 month') month;

-- Calls whose usage could not be recorded when they were settled: the settlement went on, and a job records it.
create table private.usage_to_record (
  call_id uuid not null primary key references public.calls (id) on delete restrict,
  noted_at timestamptz not null default now(),
  reason text not null,
  attempts int not null default 0
);
comment on table private.usage_to_record is 'Settled calls whose usage is still to be recorded, with the code of what was wrong.';

alter table public.usage_events enable row level security;
create policy "own usage" on public.usage_events for select to authenticated
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null)
    and (tenant_id is null or tenant_id in (select m.tenant_id from public.tenant_members m where m.user_id = (select auth.uid()))));
create policy "usage of own tenants" on public.usage_events for select to authenticated
  using (tenant_id in (select m.tenant_id from public.tenant_members m
    where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')));
revoke all on public.usage_events, private.usage_events_elsewhere, private.usage_to_record from anon, authenticated, service_role;
revoke all on sequence private.usage_event_ids from anon, authenticated, service_role;
grant select on public.usage_events to service_role;
-- What it costs us is not for who pays.
grant select (id, occurred_month, occurred_at, recorded_at, owner_id, tenant_id, user_id, call_id, kind, tool, server, provider,
  model, quantity, unit, price_micros, currency, metadata, key) on public.usage_events to authenticated;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.make_usage_partitions(int) from public, anon, authenticated;
grant execute on function public.make_usage_partitions(int) to service_role;
