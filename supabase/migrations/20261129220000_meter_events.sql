-- What is reported of usage to where it is billed: a row for each usage event, written in the transaction that recorded it,
-- frozen before it is first sent, and sent again word for word until it is known to have arrived. Nothing on a call's path
-- waits for any of it.

create table private.plan_meters (
  plan_id text not null references public.plans (id) on delete restrict,
  kind text not null check (kind in ('voice_second', 'stt_second', 'llm_input_token', 'llm_cached_input_token',
    'llm_output_token', 'tts_character', 'tool_call')),
  event_name text not null check (event_name ~ '^[a-z0-9_]{1,100}$'),
  value text not null check (value in ('price_micros', 'quantity')),
  -- Of one unit of the value, in hundredths of the currency's unit, as Stripe has it: rounding happens once, on the invoice.
  unit_amount_decimal numeric(30, 12) not null check (unit_amount_decimal >= 0),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  -- One usage event is billed by one meter at most.
  primary key (plan_id, kind)
);
comment on table private.plan_meters is
  'By which meter a plan bills a kind of usage; a kind that is not here is not billed by use. Written by set_catalogue only.';

create table private.late_usage (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  event_name text not null,
  occurred_month date not null,
  customer text not null,
  value bigint not null check (value > 0),
  events int not null check (events > 0),
  unit_amount_decimal numeric(30, 12) not null,
  currency text not null,
  noted_at timestamptz not null default now(),
  invoice_item_id text unique,
  billed_at timestamptz
);
comment on table private.late_usage is
  'The audit of what was too old for a meter and became an item of an invoice: whose, of which month, how much, and which item.';
create index late_usage_of_tenant on private.late_usage (tenant_id, occurred_month);
create index late_usage_not_billed on private.late_usage (noted_at) where invoice_item_id is null;

create table private.meter_events (
  id bigint generated always as identity primary key,
  occurred_month date not null,
  usage_event_id bigint not null,
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  event_name text not null,
  -- Null: the usage has no price.
  value bigint check (value > 0),
  unit_amount_decimal numeric(30, 12) not null,
  currency text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  -- Not made of a number that another database would count up to as well: Stripe would take it for a repeat.
  identifier uuid not null unique default gen_random_uuid(),
  customer text,
  state text not null default 'owed' check (state in ('owed', 'frozen', 'delivered', 'refused', 'too_old', 'uncertain', 'unpriced')),
  attempts int not null default 0,
  first_tried_at timestamptz,
  due_at timestamptz not null default now(),
  settled_at timestamptz,
  reason text check (length(reason) <= 300),
  late_id uuid references private.late_usage (id) on delete restrict,
  constraint of_one_usage_event_once unique (usage_event_id, occurred_month),
  constraint frozen_before_it_is_sent check (state not in ('frozen', 'delivered', 'uncertain') or (customer is not null and value is not null)),
  constraint what_has_no_price_is_not_sent check ((value is null) = (state = 'unpriced'))
);
comment on table private.meter_events is
  'What is reported of each usage event of a tenant whose plan bills it. owed: never sent; frozen: sent, and perhaps arrived; '
  'delivered; refused: it will never be counted as it is; too_old: becomes an invoice item; uncertain: sent so long ago that a '
  'repeat could count twice; unpriced: nobody knows for how much.';
create index meter_events_due on private.meter_events (due_at, id) where state in ('owed', 'frozen');
create index meter_events_to_look_at on private.meter_events (state, id) where state in ('refused', 'too_old', 'uncertain', 'unpriced');
create index meter_events_of_tenant on private.meter_events (tenant_id, event_name, occurred_at);
create index meter_events_of_late_usage on private.meter_events (late_id);

-- In the transaction that records usage. What costs nothing is not reported.
create function private.owe_meter_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.meter_events (occurred_month, usage_event_id, tenant_id, event_name, value, unit_amount_decimal, currency,
      occurred_at, due_at, state, reason)
    select a.occurred_month, a.id, a.tenant_id, m.event_name, v.value, m.unit_amount_decimal, m.currency, a.occurred_at,
      -- Clocks differ: what is ahead by more than five minutes would be refused.
      greatest(now(), a.occurred_at - interval '4 minutes'), case when v.value is null then 'unpriced' else 'owed' end,
      case when v.value is null then case when a.price_micros is null then 'no_rate' else 'another_currency' end end
    from added a join public.tenants t on t.id = a.tenant_id
    join private.plan_meters m on m.plan_id = t.plan_id and m.kind = a.kind
    cross join lateral (select case when m.value = 'quantity' then a.quantity
      when a.currency = m.currency then a.price_micros end as value) v
    where v.value is distinct from 0
    on conflict (usage_event_id, occurred_month) do nothing;
  return null;
end $$;
create trigger owe_meter_events after insert on public.usage_events referencing new table as added
  for each statement execute function private.owe_meter_events();

-- Freezes what is due and hands it out. Two reporters at once get different rows; one that dies leaves its rows to be taken
-- again when its time is up. Stripe takes nothing of more than 35 days ago, and knows an identifier for a day. Where the invoice of
-- its period is final, a meter that counts it now bills nobody: it becomes an item of the next one, as what is older does.
create function public.take_meter_events(p_limit int, p_lease_seconds int default 60, p_oldest_days int default 35) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_lease interval := make_interval(secs => least(greatest(coalesce(p_lease_seconds, 60), 0), 3600));
  v_events jsonb;
  v_ids bigint[];
begin
  v_ids := array(select id from private.meter_events where state in ('owed', 'frozen') and due_at <= now()
    order by due_at, id limit least(greatest(coalesce(p_limit, 0), 0), 5000) for update skip locked);
  update private.meter_events set state = 'uncertain', reason = 'tried_a_day_ago'
    where id = any(v_ids) and state = 'frozen' and first_tried_at < now() - interval '23 hours';
  update private.meter_events set state = 'too_old'
    where id = any(v_ids) and state in ('owed', 'frozen') and first_tried_at is null
      and occurred_at < now() - make_interval(days => least(greatest(coalesce(p_oldest_days, 35), 1), 400)) + interval '1 hour';
  -- Stripe counts it and bills it to nobody: the invoice of that period is final an hour after its end.
  update private.meter_events m set state = 'too_old', reason = 'its_period_is_billed'
    from public.subscriptions s where m.id = any(v_ids) and m.state in ('owed', 'frozen') and m.first_tried_at is null
      and s.tenant_id = m.tenant_id and s.status in ('trialing', 'active', 'past_due')
      and m.occurred_at < s.current_period_start and s.current_period_start < now() - interval '50 minutes';
  update private.meter_events m set due_at = now() + interval '10 minutes', reason = 'no_customer'
    from public.tenants t where m.id = any(v_ids) and m.state in ('owed', 'frozen') and t.id = m.tenant_id
      and m.customer is null and t.stripe_customer_id is null;
  with taken as (
    update private.meter_events m set state = 'frozen', customer = coalesce(m.customer, t.stripe_customer_id),
      attempts = m.attempts + 1, first_tried_at = coalesce(m.first_tried_at, now()), due_at = now() + v_lease, reason = null
    from public.tenants t where m.id = any(v_ids) and m.state in ('owed', 'frozen') and t.id = m.tenant_id
      and coalesce(m.customer, t.stripe_customer_id) is not null
    returning m.*)
  select coalesce(jsonb_agg(jsonb_build_object('id', id, 'tenant_id', tenant_id, 'customer', customer, 'event_name', event_name,
    'identifier', identifier, 'value', value::text, 'occurred_at', private.utc_text(occurred_at),
    'recorded_at', private.utc_text(recorded_at), 'attempt', attempts) order by id), '[]') into v_events from taken;
  return jsonb_build_object('status', case when cardinality(v_ids) = 0 then 'nothing' else 'taken' end, 'events', v_events);
end $$;
comment on function public.take_meter_events(int, int, int) is
  'Freezes up to so many meter events and hands them out: {id, tenant_id, customer, event_name, identifier, value, occurred_at, '
  'attempt}. Status taken or nothing. Harmless to repeat: what was frozen is handed out word for word.';

-- What became of what was sent: {id, state, reason}. State delivered, refused, too_old, or not_sent (known not to have arrived: it is owed
-- as if it had never been tried). What is not named stays frozen, as nobody knows.
create function public.settle_meter_events(p_outcomes jsonb, p_retry_seconds int default 30) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_settled int;
begin
  if jsonb_typeof(p_outcomes) is distinct from 'array' or jsonb_array_length(p_outcomes) > 10000 then
    return jsonb_build_object('status', 'malformed', 'settled', 0);
  end if;
  update private.meter_events m set settled_at = now(), state = o.state, reason = left(o.reason, 300)
    from jsonb_to_recordset(p_outcomes) as o (id bigint, state text, reason text)
    where m.id = o.id and m.state in ('frozen', 'uncertain') and o.state in ('delivered', 'refused', 'too_old');
  get diagnostics v_settled = row_count;
  -- Known not to have arrived, this time: it is as if it had not been tried, unless it was before and nobody knows of that.
  update private.meter_events m set state = case m.attempts when 1 then 'owed' else 'frozen' end, attempts = m.attempts - 1,
      first_tried_at = case m.attempts when 1 then null else m.first_tried_at end,
      due_at = now() + make_interval(secs => least(greatest(coalesce(p_retry_seconds, 30), 0), 3600))
    from jsonb_to_recordset(p_outcomes) as o (id bigint, state text)
    where m.id = o.id and m.state = 'frozen' and o.state = 'not_sent' and m.attempts > 0;
  get diagnostics v_settled = row_count;
  return jsonb_build_object('status', 'settled', 'settled', v_settled);
exception when data_exception then
  return jsonb_build_object('status', 'malformed', 'settled', 0);
end $$;
comment on function public.settle_meter_events(jsonb, int) is
  'Notes what became of meter events that were handed out: [{id, state: delivered, refused, too_old or not_sent, reason}]. Status settled '
  'or malformed. Only forward: what was refused stays refused.';

-- Stripe tells later that it did not count what it had taken. Only what arrived, or may have, can be refused.
create function public.refuse_meter_events(p_identifiers text[], p_reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_refused int;
begin
  update private.meter_events set state = 'refused', reason = left(coalesce(p_reason, ''), 300), settled_at = now()
    where identifier in (select i::uuid from unnest(p_identifiers) i where pg_input_is_valid(i, 'uuid'))
      and state in ('frozen', 'delivered', 'uncertain');
  get diagnostics v_refused = row_count;
  return jsonb_build_object('status', 'refused', 'refused', v_refused);
end $$;
comment on function public.refuse_meter_events(text[], text) is
  'For reports of Stripe about events that it could not count. Others than ours are left alone. Harmless to repeat.';

-- An operator has mended the cause. Refused is refused for good under its old name: a new one cannot be taken for a repeat.
create function public.retry_refused_meter_events(p_event_name text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_owed int;
begin
  update private.meter_events set state = 'owed', identifier = gen_random_uuid(), customer = null, attempts = 0,
      first_tried_at = null, settled_at = null, reason = null, due_at = now()
    where state = 'refused' and (p_event_name is null or event_name = p_event_name);
  get diagnostics v_owed = row_count;
  return jsonb_build_object('status', 'owed', 'owed', v_owed);
end $$;
comment on function public.retry_refused_meter_events(text) is
  'Owes again what was refused, under new identifiers; all of it, or that of one meter.';

-- What is too old for a meter is billed by the month: one item of an invoice for each tenant, meter and month that a run finds.
create function public.take_late_usage(p_limit int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_group record;
  v_id uuid;
begin
  if not pg_try_advisory_xact_lock(24, 22) then
    return jsonb_build_object('status', 'busy', 'items', '[]'::jsonb);
  end if;
  for v_group in
    select m.tenant_id, m.event_name, m.occurred_month, m.currency, m.unit_amount_decimal, t.stripe_customer_id as customer,
      sum(m.value)::bigint as value, count(*)::int as events, array_agg(m.id) as ids
    from (select * from private.meter_events where state = 'too_old' and late_id is null order by id limit 5000 for update) m
    join public.tenants t on t.id = m.tenant_id and t.stripe_customer_id is not null
    group by 1, 2, 3, 4, 5, 6
  loop
    insert into private.late_usage (tenant_id, event_name, occurred_month, customer, value, events, unit_amount_decimal, currency)
      values (v_group.tenant_id, v_group.event_name, v_group.occurred_month, v_group.customer, v_group.value, v_group.events,
        v_group.unit_amount_decimal, v_group.currency) returning id into v_id;
    update private.meter_events set late_id = v_id where id = any(v_group.ids);
  end loop;
  return jsonb_build_object('status', 'taken', 'items', coalesce((select jsonb_agg(jsonb_build_object('id', l.id,
      'customer', l.customer, 'event_name', l.event_name, 'month', to_char(l.occurred_month, 'YYYY-MM'), 'value', l.value::text,
      'unit_amount_decimal', trim_scale(l.unit_amount_decimal)::text, 'currency', l.currency,
      'age_seconds', extract(epoch from now() - l.noted_at)::int) order by l.noted_at, l.id)
    from (select * from private.late_usage where invoice_item_id is null order by noted_at, id
      limit least(greatest(coalesce(p_limit, 0), 0), 1000)) l), '[]'));
end $$;
comment on function public.take_late_usage(int) is
  'Gathers what is too old for a meter into items of invoices, and hands out those that have none yet. Status taken or busy.';

create function public.note_late_usage(p_id uuid, p_invoice_item_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update private.late_usage set invoice_item_id = p_invoice_item_id, billed_at = now()
    where id = p_id and invoice_item_id is null and length(p_invoice_item_id) between 1 and 255;
  return jsonb_build_object('status', case when found then 'noted'
    when exists (select from private.late_usage where id = p_id) then 'noted_before' else 'unknown' end);
exception when unique_violation then
  return jsonb_build_object('status', 'unknown');
end $$;
comment on function public.note_late_usage(uuid, text) is
  'Notes which invoice item bills late usage. Status noted, noted_before or unknown.';

-- Parity: our sums against those of the meters, day by day of UTC.
create table private.usage_differences (
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  event_name text not null,
  day date not null,
  ours numeric not null,
  theirs numeric not null,
  explanation text not null,
  found_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  cleared_at timestamptz,
  primary key (tenant_id, event_name, day)
);
comment on table private.usage_differences is 'Where a meter had another sum than we: why, since when, and since when no more.';

-- What somebody has to look at.
create function public.usage_report_figures() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'waiting', (select count(*) from private.meter_events where state in ('owed', 'frozen')),
    'oldest_seconds', coalesce((select extract(epoch from now() - min(recorded_at))::int from private.meter_events
      where state in ('owed', 'frozen')), 0),
    'refused', (select count(*) from private.meter_events where state = 'refused'),
    'uncertain', (select count(*) from private.meter_events where state = 'uncertain'),
    'unpriced', (select count(*) from private.meter_events where state = 'unpriced'),
    'late', (select count(*) from private.meter_events where state = 'too_old' and late_id is null)
      + (select count(*) from private.late_usage where invoice_item_id is null),
    -- A meter counts it, and no subscription bills it.
    'without_subscription', (select count(*) from public.tenants t
      where exists (select from private.meter_events m where m.tenant_id = t.id and m.state in ('owed', 'frozen', 'delivered')
          and m.occurred_at > now() - interval '35 days')
        and not exists (select from public.subscriptions s where s.tenant_id = t.id
          and s.status in ('active', 'trialing', 'past_due'))),
    'differences', (select count(*) from private.usage_differences where cleared_at is null and explanation like 'unexplained%'))
$$;
comment on function public.usage_report_figures() is 'What of usage waits to be reported, and what a person has to look at.';

create function public.usage_to_compare(p_days int, p_settled_seconds int default 3600) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(d) order by d.tenant_id, d.event_name, d.day), '[]') from (
    select m.tenant_id, m.event_name, m.customer, (m.occurred_at at time zone 'utc')::date as day,
      coalesce(sum(m.value) filter (where m.state = 'delivered'), 0)::text as delivered,
      bool_or(m.state = 'frozen' or coalesce(m.settled_at > now() - make_interval(secs => greatest(coalesce(p_settled_seconds, 0), 0)), false)) as fresh
    from private.meter_events m
    where m.occurred_at >= date_trunc('day', now() at time zone 'utc' - make_interval(days => least(greatest(coalesce(p_days, 0), 0), 400))) at time zone 'utc'
      and m.customer is not null
    group by 1, 2, 3, 4) d
$$;
comment on function public.usage_to_compare(int, int) is
  'What was delivered, by tenant, meter and day of UTC: to be held against the meters. fresh: some of it may still be on its way.';

-- Why a sum differs, where it can be told; and what was uncertain is decided where the sums say so.
create function public.explain_usage(p_tenant_id uuid, p_event_name text, p_day date, p_theirs numeric) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_ours numeric;
  v_unsure numeric;
  v_refused numeric;
  v_difference numeric;
  v_explanation text;
  v_from timestamptz;
  v_to timestamptz;
begin
  if p_theirs is null or p_theirs in ('NaN', 'Infinity', '-Infinity') or not isfinite(p_day)
      or p_day not between '2000-01-01' and '2200-01-01' then
    return jsonb_build_object('status', 'malformed');
  end if;
  v_from := p_day::timestamp at time zone 'utc';
  v_to := (p_day + 1)::timestamp at time zone 'utc';
  perform from private.meter_events where tenant_id = p_tenant_id and event_name = p_event_name and occurred_at >= v_from
    and occurred_at < v_to and state = 'uncertain' for update;
  select coalesce(sum(value) filter (where state = 'delivered'), 0),
      coalesce(sum(value) filter (where state in ('uncertain', 'frozen') and attempts > 0), 0),
      coalesce(sum(value) filter (where state = 'refused'), 0)
    into v_ours, v_unsure, v_refused from private.meter_events
    where tenant_id = p_tenant_id and event_name = p_event_name and occurred_at >= v_from and occurred_at < v_to;
  v_difference := p_theirs - v_ours;
  if v_unsure > 0 and v_difference in (0, v_unsure) and not exists (select from private.meter_events
      where tenant_id = p_tenant_id and event_name = p_event_name and occurred_at >= v_from and occurred_at < v_to
        and (state = 'frozen' or settled_at > now() - interval '1 hour')) then
    -- All of it arrived, or none of it did.
    update private.meter_events set state = case when v_difference = 0 then 'owed' else 'delivered' end,
        attempts = case when v_difference = 0 then 0 else attempts end,
        first_tried_at = case when v_difference > 0 then first_tried_at end, due_at = now(),
        settled_at = case when v_difference > 0 then now() end, reason = 'decided_by_the_sums'
      where tenant_id = p_tenant_id and event_name = p_event_name and occurred_at >= v_from and occurred_at < v_to and state = 'uncertain';
    v_explanation := case when v_difference = 0 then 'same' else 'arrived_unmarked' end;
  else
    v_explanation := case
      when v_difference = 0 then 'same'
      when v_difference = v_unsure then 'arrived_unmarked'
      when v_difference > 0 and v_difference = v_refused then 'counted_although_refused'
      when v_difference > 0 and exists (select from private.meter_events where tenant_id = p_tenant_id and event_name = p_event_name
        and occurred_at >= v_from and occurred_at < v_to and state = 'delivered' and value = v_difference and attempts > 1) then 'one_counted_twice'
      when v_difference < 0 and exists (select from private.meter_events where tenant_id = p_tenant_id and event_name = p_event_name
        and occurred_at >= v_from and occurred_at < v_to and state = 'delivered' and value = -v_difference) then 'one_not_counted'
      when v_difference < 0 and v_ours = -v_difference then 'none_counted'
      when v_difference > 0 then 'unexplained_more' else 'unexplained_less' end;
  end if;
  if v_explanation = 'same' then
    update private.usage_differences set cleared_at = now()
      where tenant_id = p_tenant_id and event_name = p_event_name and day = p_day and cleared_at is null;
  elsif exists (select from public.tenants where id = p_tenant_id) and p_event_name is not null then
    insert into private.usage_differences as d (tenant_id, event_name, day, ours, theirs, explanation)
      values (p_tenant_id, p_event_name, p_day, v_ours, p_theirs, v_explanation)
      on conflict (tenant_id, event_name, day) do update set ours = excluded.ours, theirs = excluded.theirs,
        explanation = excluded.explanation, seen_at = now(), cleared_at = null;
  end if;
  return jsonb_build_object('status', 'explained', 'difference', v_difference::text, 'ours', v_ours::text, 'explanation', v_explanation);
end $$;
comment on function public.explain_usage(uuid, text, date, numeric) is
  'Holds a meter''s sum of a day against ours. Status explained, with same, arrived_unmarked, counted_although_refused, '
  'one_counted_twice, one_not_counted, none_counted, unexplained_more or unexplained_less; or malformed. Where all or none of what '
  'was uncertain arrived, it is delivered or owed again.';

alter table private.plan_meters enable row level security;
alter table private.late_usage enable row level security;
alter table private.meter_events enable row level security;
alter table private.usage_differences enable row level security;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.take_meter_events(int, int, int), public.settle_meter_events(jsonb, int),
  public.refuse_meter_events(text[], text), public.retry_refused_meter_events(text), public.take_late_usage(int),
  public.note_late_usage(uuid, text), public.usage_report_figures(), public.usage_to_compare(int, int),
  public.explain_usage(uuid, text, date, numeric) from public, anon, authenticated;
grant execute on function public.take_meter_events(int, int, int), public.settle_meter_events(jsonb, int),
  public.refuse_meter_events(text[], text), public.retry_refused_meter_events(text), public.take_late_usage(int),
  public.note_late_usage(uuid, text), public.usage_report_figures(), public.usage_to_compare(int, int),
  public.explain_usage(uuid, text, date, numeric) to service_role;
