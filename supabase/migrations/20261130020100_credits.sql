-- Credits: a unit of the one ledger, of tenants. A paid period grants them, use burns them, and what a plan lets be used beyond
-- them is debt of the account until the period closes: then it is for the invoice, and the account owes nothing.

alter table public.accounts
  drop constraint accounts_unit_check,
  add constraint accounts_unit_check check (unit in ('second', 'credit')),
  add constraint credits_are_of_tenants check (unit <> 'credit' or owner_kind = 'tenant');
create policy "grants of credits of own tenants" on public.grants for select to authenticated
  using (unit = 'credit' and account_id in (select a.id from public.accounts a join public.tenant_members m on m.tenant_id = a.tenant_id
    where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')));
create policy "ledger of credits of own tenants" on public.ledger for select to authenticated
  using (unit = 'credit' and account_id in (select a.id from public.accounts a join public.tenant_members m on m.tenant_id = a.tenant_id
    where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')));

-- What an event costs, from one moment to another.
create table public.credit_rules (
  id bigint generated always as identity primary key,
  event_type text not null check (event_type ~ '^[A-Za-z][A-Za-z0-9_.:-]{0,63}$'),
  unit text not null check (unit ~ '^[A-Za-z0-9_]{1,40}$'),
  piece text not null check (piece ~ '^[a-z_]{1,40}$'),
  pieces_per_unit int not null check (pieces_per_unit between 1 and 1000000),
  credits int not null check (credits between 0 and 1000000),
  per_pieces int not null check (per_pieces between 1 and 1000000),
  valid_from timestamptz not null check (isfinite(valid_from)),
  valid_to timestamptz check (valid_to > valid_from and isfinite(valid_to)),
  thing bigint not null generated always as (hashtextextended(event_type, 0) >> 1) stored,
  constraint credit_rules_never_overlap exclude using gist
    (int8range(thing, thing, '[]') with &&, tstzrange(valid_from, valid_to) with &&)
);
comment on table public.credit_rules is
  'So many credits for so many pieces, by type of event. What a rule was while it held is never changed: set_credit_rule begins '
  'another one. unit is what events are reported in, and has so many pieces, which are never parted.';
create index credit_rules_by_type on public.credit_rules (event_type, valid_from);
insert into public.credit_rules (event_type, unit, piece, pieces_per_unit, credits, per_pieces, valid_from)
  values ('LLM_token_usage', '1k_tokens', 'token', 1000, 1, 1000, '2026-01-01Z'),
    ('vision_frame_batch', '100_frames', 'frame', 100, 5, 100, '2026-01-01Z'),
    ('optimizer_job', 'job', 'job', 1, 500, 1, '2026-01-01Z'), ('simulator_run', 'run', 'run', 1, 1000, 1, '2026-01-01Z'),
    ('voice_minute', 'minute', 'second', 60, 10, 60, '2026-01-01Z'), ('tool_call', 'call', 'call', 1, 1, 1, '2026-01-01Z');

create function public.set_credit_rule(p_event_type text, p_unit text, p_piece text, p_pieces_per_unit int, p_credits int, p_per_pieces int,
  p_from timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(24, 25);
  if exists (select from public.credit_rules where event_type = p_event_type and valid_from = p_from and (unit, piece, pieces_per_unit,
      credits, per_pieces) is not distinct from (p_unit, p_piece, p_pieces_per_unit, p_credits, p_per_pieces)) then
    return jsonb_build_object('status', 'unchanged');
  elsif exists (select from public.credit_rules where event_type = p_event_type) and (p_from > clock_timestamp()) is not true
      or exists (select from public.credit_rules where event_type = p_event_type and valid_from >= p_from) then
    return jsonb_build_object('status', 'refused', 'reason', 'another_holds_then');
  end if;
  update public.credit_rules set valid_to = p_from where event_type = p_event_type and valid_to is null;
  insert into public.credit_rules (event_type, unit, piece, pieces_per_unit, credits, per_pieces, valid_from)
    values (p_event_type, p_unit, p_piece, p_pieces_per_unit, p_credits, p_per_pieces, p_from);
  return jsonb_build_object('status', 'set');
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'refused', 'reason', 'malformed');
end $$;
comment on function public.set_credit_rule(text, text, text, int, int, int, timestamptz) is
  'What an event costs from a later moment on; of a new type, from any. The one before ends there. Status set, unchanged or refused '
  '(another_holds_then, malformed).';

-- The books of each period of a subscription.
create table public.credit_periods (
  subscription_id text not null references public.subscriptions (id) on delete restrict,
  period_start timestamptz not null,
  period_end timestamptz check (period_end > period_start),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  plan_id text not null references public.plans (id) on delete restrict,
  is_trial boolean not null,
  included bigint not null check (included >= 0),
  granted bigint not null default 0 check (granted >= 0),
  used bigint not null default 0 check (used >= 0),
  overage bigint check (overage >= 0),
  unpaid bigint check (unpaid >= 0),
  closed_at timestamptz,
  usage jsonb,
  primary key (subscription_id, period_start),
  constraint closed_as_a_whole check (num_nulls(overage, unpaid, closed_at, usage) in (0, 4) and (closed_at is null or period_end is not null))
);
comment on table public.credit_periods is
  'One row for each period: what its plan includes, what was granted when it was paid, what was burned in it. When it closes, what was '
  'owed beyond the credits is its overage, and usage is what the invoice says, for good.';
comment on column public.credit_periods.period_end is 'Null where the period before is over and Stripe has not told of this one yet.';
comment on column public.credit_periods.unpaid is
  'What was used ahead of a payment that had not come when the period closed: the base of its own invoice is for that.';
create index credit_periods_of_tenant on public.credit_periods (tenant_id, period_start);
create index credit_periods_by_plan on public.credit_periods (plan_id);

create table private.credit_grants (
  grant_id uuid primary key references public.grants (id) on delete restrict,
  subscription_id text,
  period_start timestamptz,
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  kind text not null check (kind in ('period', 'trial', 'upgrade', 'promotion')),
  amount bigint not null check (amount > 0),
  taken bigint not null default 0 check (taken between 0 and amount),
  invoice_id text,
  key text not null unique,
  given_by uuid references public.users (id) on delete restrict,
  reason text check (length(reason) between 1 and 500),
  constraint of_a_period check ((kind = 'promotion') = (subscription_id is null)),
  foreign key (subscription_id, period_start) references public.credit_periods (subscription_id, period_start) on delete restrict
);
comment on table private.credit_grants is 'Why each grant of credits was given, and which invoice paid for it.';
create index credit_grants_of_period on private.credit_grants (subscription_id, period_start);
create index credit_grants_of_tenant on private.credit_grants (tenant_id);
create index credit_grants_by_giver on private.credit_grants (given_by);
create index credit_grants_by_invoice on private.credit_grants (invoice_id);

create table private.credit_remainders (
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  event_type text not null,
  -- In so many parts of a credit, of which less than one whole is left over.
  remainder bigint not null check (remainder >= 0),
  per_pieces bigint not null,
  primary key (tenant_id, event_type),
  constraint less_than_a_credit check (remainder < per_pieces)
);
comment on table private.credit_remainders is 'What was used and is no whole credit yet: the next event of its type adds to it.';

create table private.credit_answers (
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  key text not null check (length(key) between 1 and 255),
  asked text not null,
  answer jsonb not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, key)
);
comment on table private.credit_answers is 'What was answered to each named event: a repeat is answered the same.';

create table private.credit_settings (
  tenant_id uuid primary key references public.tenants (id) on delete restrict,
  overage_cap_cents bigint check (overage_cap_cents >= 0),
  low_credits bigint check (low_credits >= 0)
);
comment on table private.credit_settings is
  'What a tenant wants for itself: the most that overage of a period may cost, and at how many credits left it is told.';

-- Burned credits by day (UTC), type and tenant: what summaries and graphs read.
create table public.credit_days (
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  day date not null,
  event_type text not null,
  events bigint not null,
  units numeric not null,
  credits bigint not null,
  primary key (tenant_id, day, event_type)
);
comment on table public.credit_days is 'Events, units and burned credits of each tenant by day (UTC) and type; added to as events are written.';

alter table public.credit_rules enable row level security;
alter table public.credit_periods enable row level security;
alter table public.credit_days enable row level security;
create policy "rules are public" on public.credit_rules for select to anon, authenticated using (true);
create policy "periods of own tenants" on public.credit_periods for select to authenticated
  using (tenant_id in (select m.tenant_id from public.tenant_members m
    where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')));
create policy "credits of own tenants" on public.credit_days for select to authenticated
  using (tenant_id in (select m.tenant_id from public.tenant_members m
    where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')));
create view public.v_tenant_monthly_usage with (security_invoker = true) as
  select tenant_id, date_trunc('month', day)::date as month, event_type, sum(events)::bigint as event_count, sum(units) as total_units,
    sum(credits)::bigint as total_credits
  from public.credit_days group by 1, 2, 3;
comment on view public.v_tenant_monthly_usage is 'Credits burned by tenant, month (UTC) and type of event.';

revoke all on public.credit_rules, public.credit_periods, public.credit_days, public.v_tenant_monthly_usage, private.credit_grants,
  private.credit_remainders, private.credit_answers, private.credit_settings from anon, authenticated, service_role;
grant select on public.credit_rules to anon, authenticated, service_role;
grant select on public.credit_periods, public.credit_days, public.v_tenant_monthly_usage to authenticated, service_role;
revoke execute on function public.set_credit_rule(text, text, text, int, int, int, timestamptz) from public, anon, authenticated;
grant execute on function public.set_credit_rule(text, text, text, int, int, int, timestamptz) to service_role;

-- Usage takes events that burn credits, also of a program that no person stands for.
alter table public.usage_events
  alter column unit drop expression,
  alter column user_id drop not null,
  add column subscription_id text,
  add column event_type text,
  add column units numeric,
  add column credits_burned bigint check (credits_burned >= 0),
  add column credit_rule_id bigint,
  drop constraint usage_events_quantity_check,
  add constraint usage_events_quantity_check check (quantity between 1 and 1000000000000),
  add constraint somebody_used_it check (num_nonnulls(tenant_id, user_id) > 0),
  add constraint events_of_credits_are_complete check (num_nulls(event_type, units, credits_burned, credit_rule_id)
    = case kind when 'credit_event' then 0 else 4 end);
comment on column public.usage_events.user_id is 'Who used it; null where a program of the tenant did.';
comment on column public.usage_events.quantity is 'In its unit; of what burns credits, the pieces of the rule.';
comment on column public.usage_events.credits_burned is 'By the rule of then, which credit_rule_id names.';
grant select (subscription_id, event_type, units, credits_burned, credit_rule_id) on public.usage_events to authenticated;

create or replace function private.usage_unit(p_kind text) returns text
language sql immutable set search_path = '' as $$
  select case p_kind when 'voice_second' then 'second' when 'stt_second' then 'second' when 'llm_input_token' then 'token'
    when 'llm_cached_input_token' then 'token' when 'llm_output_token' then 'token' when 'tts_character' then 'character'
    when 'tool_call' then 'call' when 'credit_event' then 'piece' end
$$;

create type private.credit_entry as (
  subscription_id text, event_type text, units numeric, credits bigint, rule_id bigint, piece text
);
drop function private.record_usage(private.usage_entry[], timestamptz);
-- The only writer of usage_events. @param p_priced_at whose rates hold; without it those of when it happened.
-- Written in PL/pgSQL, as the others that each call and each event ask: a function of SQL is planned anew at each call, which
-- costs more than what it computes.
create function private.record_usage(p_entries private.usage_entry[], p_priced_at timestamptz default null,
  p_credits private.credit_entry default null)
returns table (owner_id uuid, key text)
language plpgsql volatile security definer set search_path = '' as $$
#variable_conflict use_column
begin
  -- Ordered, so that two that record the same at once wait for each other instead of deadlocking.
  return query insert into public.usage_events (occurred_month, occurred_at, owner_id, tenant_id, user_id, call_id, kind, tool, server,
      provider, model, quantity, unit, cost_micro_usd, price_micros, currency, rate_id, metadata, key, subscription_id, event_type, units,
      credits_burned, credit_rule_id)
    select date_trunc('month', e.occurred_at at time zone 'utc')::date, e.occurred_at, coalesce(e.tenant_id, e.user_id), e.tenant_id,
      e.user_id, e.call_id, e.kind, e.tool, e.server, e.provider, e.model, e.quantity,
      coalesce((p_credits).piece, private.usage_unit(e.kind)),
      -- What runs on a machine of ours costs nothing, unless a rate says so.
      coalesce(round(e.quantity::numeric * r.cost_micros_usd_per_million / 1000000)::bigint,
        case when e.provider ~ '^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$' then 0 end),
      case when e.is_free then 0
        else round(e.quantity::numeric * coalesce(r.price_micros_per_million,
          r.cost_micros_usd_per_million * (100 + r.markup_percent) / 100) / 1000000)::bigint end,
      e.currency, r.id, coalesce(e.metadata, '{}'), e.key, (p_credits).subscription_id, (p_credits).event_type, (p_credits).units,
      (p_credits).credits, (p_credits).rule_id
    from (select u.*, case when u.tenant_id is null then 'usd' else coalesce((select p.currency from public.tenants t
        join public.plans p on p.id = t.plan_id where t.id = u.tenant_id), 'usd') end as currency from unnest(p_entries) u) e
    left join lateral (
      select r.* from public.rates r
      -- Cached input without a rate of its own is input.
      where r.kind in (e.kind, case e.kind when 'llm_cached_input_token' then 'llm_input_token' end) and r.currency = e.currency
        and r.valid_from <= coalesce(p_priced_at, e.occurred_at)
        and (r.valid_to is null or r.valid_to > coalesce(p_priced_at, e.occurred_at))
        and (r.provider is null or r.provider = e.provider) and (r.model is null or r.model = e.model)
        and (r.tool is null or r.tool = e.tool)
      order by r.tool is not null desc, r.model is not null desc, r.provider is not null desc, r.kind = e.kind desc limit 1) r on true
    order by coalesce(e.tenant_id, e.user_id), e.key
  on conflict (owner_id, key, occurred_month) do nothing
  returning usage_events.owner_id, usage_events.key;
end $$;

-- Sums by person leave out what no person used; those of the tenant have it.
create or replace function private.figures_of_usage(p_from xid8, p_upto xid8, p_owner_id uuid default null) returns setof private.usage_figures
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
begin
  return query
  select 'hour', date_trunc('hour', u.occurred_at, 'utc'), u.owner_id, p.user_id, u.kind, coalesce(u.tool, ''), u.currency, count(*),
    sum(u.quantity), coalesce(sum(u.cost_micro_usd), 0), count(*) filter (where u.cost_micro_usd is null), coalesce(sum(u.price_micros), 0),
    count(*) filter (where u.price_micros is null)
  from public.usage_events u
  cross join lateral (select u.user_id where u.user_id is not null union all select private.nobody() where u.tenant_id is not null) p
  where u.xid >= p_from and (p_upto is null or u.xid < p_upto) and (p_owner_id is null or u.owner_id = p_owner_id)
  group by 2, 3, 4, 5, 6, 7;
end $$;
create or replace function private.figures_of_usage_of_day(p_day date, p_upto xid8) returns setof private.usage_figures
language sql stable security definer set search_path = '' as $$
  select 'hour', date_trunc('hour', u.occurred_at, 'utc'), u.owner_id, p.user_id, u.kind, coalesce(u.tool, ''), u.currency, count(*),
    sum(u.quantity), coalesce(sum(u.cost_micro_usd), 0), count(*) filter (where u.cost_micro_usd is null), coalesce(sum(u.price_micros), 0),
    count(*) filter (where u.price_micros is null)
  from public.usage_events u
  cross join lateral (select u.user_id where u.user_id is not null union all select private.nobody() where u.tenant_id is not null) p
  where u.occurred_month = date_trunc('month', p_day)::date and u.occurred_at >= p_day::timestamp at time zone 'utc'
    and u.occurred_at < (p_day + 1)::timestamp at time zone 'utc' and u.xid < p_upto
  group by 2, 3, 4, 5, 6, 7
$$;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
