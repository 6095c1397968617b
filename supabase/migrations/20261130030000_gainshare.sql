-- Gain-share: what was measured before, what is measured now, what that saves, and the share of it that is billed once the
-- tenant has agreed to it. supabase/README.md has the rules.

create table public.kpi_baselines (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  metric text not null check (metric ~ '^[a-z][a-z0-9_]{0,63}$'),
  unit text not null check (length(unit) between 1 and 40),
  direction text not null check (direction in ('up', 'down')),
  method text not null check (method in ('share_of_hours', 'failures', 'per_event', 'plain')),
  baseline_value numeric(20, 6) not null check (baseline_value >= 0),
  cost_per_unit numeric(20, 6) not null check (cost_per_unit >= 0),
  scheduled_hours numeric(12, 2) check (scheduled_hours > 0),
  max_savings_cents bigint check (max_savings_cents >= 0),
  currency text not null default 'cad' check (currency ~ '^[a-z]{3}$'),
  effective_from date not null,
  evidence jsonb not null default '{}' check (jsonb_typeof(evidence) = 'object' and length(evidence::text) <= 20000),
  recorded_by uuid references public.users (id) on delete restrict,
  created_at timestamptz not null default now(),
  constraint what_needs_hours_has_them check (method not in ('share_of_hours', 'failures') or scheduled_hours is not null),
  constraint a_share_is_of_a_hundred check (method <> 'share_of_hours' or baseline_value <= 100),
  constraint failures_need_a_time_between check (method <> 'failures' or baseline_value > 0),
  constraint one_baseline_a_day unique (tenant_id, metric, effective_from)
);
comment on table public.kpi_baselines is
  'What each metric was before. It holds from effective_from until a later row of the metric; none is ever changed.';
comment on column public.kpi_baselines.method is
  'What an improvement is worth in units: share_of_hours: points of a hundred of the scheduled hours; failures: scheduled hours by '
  'the time between failures; per_event: the difference at each event; plain: the difference.';
comment on column public.kpi_baselines.scheduled_hours is
  'The hours that were planned in the period of a run. Availability is a share of them, not of all hours of a year.';
create index kpi_baselines_by_person on public.kpi_baselines (recorded_by);

create table public.kpi_actuals (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  metric text not null check (metric ~ '^[a-z][a-z0-9_]{0,63}$'),
  period_start date not null,
  period_end date not null,
  value numeric(20, 6) not null check (value >= 0),
  events bigint check (events >= 0),
  evidence jsonb not null default '{}' check (jsonb_typeof(evidence) = 'object' and length(evidence::text) <= 20000),
  recorded_by uuid references public.users (id) on delete restrict,
  created_at timestamptz not null default clock_timestamp(),
  constraint a_stretch_has_days check (period_end >= period_start)
);
comment on table public.kpi_actuals is
  'What was measured in a stretch of days, both included. A correction is a later row of the same stretch; none is ever changed.';
comment on column public.kpi_actuals.events is 'How many repairs, where the value is the mean of each; null where there are none to count.';
create index kpi_actuals_by_tenant on public.kpi_actuals (tenant_id, metric, period_start, period_end, created_at desc);
create index kpi_actuals_by_person on public.kpi_actuals (recorded_by);

create table public.gainshare_runs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  period_start date not null,
  period_end date not null,
  share_pct numeric(5, 2) not null check (share_pct between 10 and 20),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  savings_cents bigint not null check (savings_cents >= 0),
  fee_cents bigint not null check (fee_cents >= 0),
  fee_cap_cents bigint check (fee_cap_cents >= 0),
  status text not null default 'pending_approval' check (status in ('pending_approval', 'approved', 'rejected', 'disputed',
    'withdrawn', 'invoiced')),
  snapshot jsonb not null,
  snapshot_hash text not null check (snapshot_hash ~ '^[0-9a-f]{64}$'),
  run_by uuid references public.users (id) on delete restrict,
  created_at timestamptz not null default now(),
  dispute_until timestamptz not null,
  decided_by uuid references public.users (id) on delete restrict,
  decided_at timestamptz,
  reason text check (length(reason) between 1 and 500),
  invoice_id text,
  calculated_savings_cad numeric generated always as (case currency when 'cad' then savings_cents / 100.0 end) stored,
  fee_cad numeric generated always as (case currency when 'cad' then fee_cents / 100.0 end) stored,
  constraint a_run_has_days check (period_end >= period_start),
  constraint decided_by_somebody check ((status in ('approved', 'invoiced')) <= (decided_by is not null)),
  constraint invoiced_somewhere check ((status = 'invoiced') = (invoice_id is not null))
);
comment on table public.gainshare_runs is
  'What a period saved and the share of it. The snapshot is the whole chain as it was when it was run; its hash is what is agreed to.';
create index gainshare_runs_by_tenant on public.gainshare_runs (tenant_id, created_at desc);
create index gainshare_runs_by_operator on public.gainshare_runs (run_by);
create index gainshare_runs_by_decider on public.gainshare_runs (decided_by);

create table public.gainshare_acts (
  id bigint generated always as identity primary key,
  run_id uuid not null references public.gainshare_runs (id) on delete restrict,
  act text not null check (act in ('run', 'approve', 'reject', 'dispute', 'withdraw', 'invoice')),
  actor_id uuid references public.users (id) on delete restrict,
  snapshot_hash text not null,
  reason text,
  at timestamptz not null default clock_timestamp()
);
comment on table public.gainshare_acts is 'Who did what about a run, in which state of it. Nobody changes or removes a row.';
create index gainshare_acts_by_run on public.gainshare_acts (run_id, id);
create index gainshare_acts_by_actor on public.gainshare_acts (actor_id);

create function private.keep_gainshare() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_table_name = 'gainshare_runs' and tg_op = 'UPDATE' then
    if (new.id, new.tenant_id, new.period_start, new.period_end, new.share_pct, new.currency, new.savings_cents, new.fee_cents,
        new.fee_cap_cents, new.snapshot, new.snapshot_hash, new.run_by, new.created_at, new.dispute_until)
      is not distinct from (old.id, old.tenant_id, old.period_start, old.period_end, old.share_pct, old.currency, old.savings_cents,
        old.fee_cents, old.fee_cap_cents, old.snapshot, old.snapshot_hash, old.run_by, old.created_at, old.dispute_until) then
      return new;
    end if;
  end if;
  raise exception 'rows of % are kept as they are', tg_table_name using errcode = '55000';
end $$;
create trigger kpi_baselines_are_kept before update or delete on public.kpi_baselines
  for each row execute function private.keep_gainshare();
create trigger kpi_actuals_are_kept before update or delete on public.kpi_actuals
  for each row execute function private.keep_gainshare();
create trigger gainshare_runs_are_frozen before update or delete on public.gainshare_runs
  for each row execute function private.keep_gainshare();
create trigger gainshare_acts_are_kept before update or delete on public.gainshare_acts
  for each row execute function private.keep_gainshare();

-- What is usual for the metrics of the catalogue; others say it themselves.
create function private.usual_of_metric(p_metric text, out unit text, out direction text, out method text, out scheduled_hours numeric)
language sql immutable security definer set search_path = '' as $$
  select x.unit, x.direction, x.method, x.hours from (values
    ('availability', 'percent', 'up', 'share_of_hours', 2500::numeric),
    ('mtbf', 'hour', 'up', 'failures', 2500),
    ('mttr', 'hour', 'down', 'per_event', null),
    ('inventory', 'currency', 'down', 'plain', null),
    ('overtime', 'hour', 'down', 'plain', null)) x (metric, unit, direction, method, hours)
  where x.metric = p_metric
$$;

create function public.add_kpi_baseline(p_operator_id uuid, p_tenant_id uuid, p_baseline jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  b public.kpi_baselines;
  u record;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif not exists (select from public.tenants where id = p_tenant_id) then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif jsonb_typeof(p_baseline) is distinct from 'object' then
    return jsonb_build_object('status', 'invalid_baseline');
  end if;
  select * into u from private.usual_of_metric(p_baseline ->> 'metric');
  insert into public.kpi_baselines as known (tenant_id, metric, unit, direction, method, baseline_value, cost_per_unit, scheduled_hours,
      max_savings_cents, currency, effective_from, evidence, recorded_by)
    select p_tenant_id, x.metric, coalesce(x.unit, u.unit), coalesce(x.direction, u.direction), coalesce(x.method, u.method),
      x.baseline_value, x.cost_per_unit, coalesce(x.scheduled_hours, u.scheduled_hours), x.max_savings_cents,
      coalesce(x.currency, 'cad'), x.effective_from,
      coalesce(x.evidence, '{}') || case when x.scheduled_hours is null and u.scheduled_hours is not null
        then jsonb_build_object('scheduled_hours', 'assumed') else '{}' end, p_operator_id
    from jsonb_to_record(p_baseline) as x (metric text, unit text, direction text, method text, baseline_value numeric,
      cost_per_unit numeric, scheduled_hours numeric, max_savings_cents bigint, currency text, effective_from date, evidence jsonb)
    on conflict (tenant_id, metric, effective_from) do nothing
    returning * into b;
  if found then
    return jsonb_build_object('status', 'added', 'baseline_id', b.id);
  end if;
  select * into b from public.kpi_baselines
    where tenant_id = p_tenant_id and metric = p_baseline ->> 'metric' and effective_from = (p_baseline ->> 'effective_from')::date;
  -- The same again is the same row; another value for a day that has one would change what was agreed.
  if (b.baseline_value, b.cost_per_unit) = ((p_baseline ->> 'baseline_value')::numeric, (p_baseline ->> 'cost_per_unit')::numeric)
     and b.scheduled_hours is not distinct from coalesce((p_baseline ->> 'scheduled_hours')::numeric, u.scheduled_hours) then
    return jsonb_build_object('status', 'added', 'baseline_id', b.id);
  end if;
  return jsonb_build_object('status', 'has_another');
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'invalid_baseline');
end $$;
comment on function public.add_kpi_baseline(uuid, uuid, jsonb) is
  'An operator notes what a metric was before, with its evidence. Unit, direction, method and hours of availability, mtbf, mttr, '
  'inventory and overtime are known; hours that were not given are marked as assumed. Status added (also of a repeat); refuses with '
  'has_another (of that day), invalid_baseline, unknown_tenant or not_an_operator.';

create function public.add_kpi_actual(p_operator_id uuid, p_tenant_id uuid, p_actual jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_start date;
  v_end date;
  a public.kpi_actuals;
  v_latest public.kpi_actuals;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif not exists (select from public.tenants where id = p_tenant_id) then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif jsonb_typeof(p_actual) is distinct from 'object' then
    return jsonb_build_object('status', 'invalid_actual');
  end if;
  v_start := (p_actual ->> 'period_start')::date;
  v_end := (p_actual ->> 'period_end')::date;
  perform pg_advisory_xact_lock(hashtextextended(p_tenant_id::text, 30000));
  if exists (select from public.kpi_actuals k where k.tenant_id = p_tenant_id and k.metric = p_actual ->> 'metric'
      and k.period_start <= v_end and k.period_end >= v_start and (k.period_start, k.period_end) <> (v_start, v_end)) then
    return jsonb_build_object('status', 'overlaps');
  end if;
  select * into v_latest from public.kpi_actuals k where k.tenant_id = p_tenant_id and k.metric = p_actual ->> 'metric'
    and (k.period_start, k.period_end) = (v_start, v_end) order by k.created_at desc, k.id limit 1;
  if v_latest.value = (p_actual ->> 'value')::numeric and v_latest.events is not distinct from (p_actual ->> 'events')::bigint then
    return jsonb_build_object('status', 'added', 'actual_id', v_latest.id);
  end if;
  insert into public.kpi_actuals (tenant_id, metric, period_start, period_end, value, events, evidence, recorded_by)
    values (p_tenant_id, p_actual ->> 'metric', v_start, v_end, (p_actual ->> 'value')::numeric, (p_actual ->> 'events')::bigint,
      coalesce(p_actual -> 'evidence', '{}'), p_operator_id)
    returning * into a;
  return jsonb_build_object('status', 'added', 'actual_id', a.id);
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'invalid_actual');
end $$;
comment on function public.add_kpi_actual(uuid, uuid, jsonb) is
  'An operator notes what was measured from the one day to the other. A correction is the same stretch with another value. Status '
  'added (also of a repeat); refuses with overlaps (another stretch has some of these days), invalid_actual, unknown_tenant or '
  'not_an_operator.';

-- What a metric saved in a period, step by step. Values of several stretches count by their days, or by their events.
create function private.gain_of_metric(b public.kpi_baselines, p_from date, p_to date) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  m record;
  v_improvement numeric;
  v_units numeric;
  v_savings numeric;
  v_counted numeric;
  v_one numeric := 1000000 / private.micros_of_smallest_unit(b.currency);
begin
  select sum(value * weight) / nullif(sum(weight), 0) as actual, sum(events) as events, sum(days) as days,
      jsonb_agg(jsonb_build_object('id', id, 'from', period_start, 'to', period_end, 'value', value, 'events', events,
        'evidence', encode(sha256(convert_to(evidence::text, 'utf8')), 'hex')) order by period_start) as rows
    into m
    from (select distinct on (period_start, period_end) *, period_end - period_start + 1 as days,
        case when b.method = 'per_event' then events else period_end - period_start + 1 end as weight
      from public.kpi_actuals where tenant_id = b.tenant_id and metric = b.metric and period_start >= p_from and period_end <= p_to
      order by period_start, period_end, created_at desc, id) x;
  if m.actual is null or b.method = 'failures' and m.actual <= 0 then
    return null;
  end if;
  v_improvement := case b.direction when 'up' then m.actual - b.baseline_value else b.baseline_value - m.actual end;
  v_units := case b.method
    when 'share_of_hours' then v_improvement * b.scheduled_hours / 100
    when 'failures' then b.scheduled_hours / b.baseline_value - b.scheduled_hours / m.actual
    when 'per_event' then v_improvement * coalesce(m.events, 0)
    else v_improvement end;
  v_savings := v_units * b.cost_per_unit;
  v_counted := least(v_savings, b.max_savings_cents / v_one);
  return jsonb_build_object('metric', b.metric, 'unit', b.unit, 'direction', b.direction, 'method', b.method,
    'baseline', trim_scale(b.baseline_value), 'actual', trim_scale(round(m.actual, 6)), 'improvement', trim_scale(round(v_improvement, 6)),
    'scheduled_hours', trim_scale(b.scheduled_hours), 'events', m.events, 'days_measured', m.days,
    'units', trim_scale(round(v_units, 6)), 'cost_per_unit', trim_scale(b.cost_per_unit), 'savings', trim_scale(round(v_savings, 6)),
    'cap', b.max_savings_cents / v_one, 'counted', trim_scale(round(v_counted, 6)),
    'baseline_id', b.id, 'baseline_from', b.effective_from, 'hours_assumed', b.evidence ->> 'scheduled_hours' is not distinct from 'assumed',
    'evidence', encode(sha256(convert_to(b.evidence::text, 'utf8')), 'hex'), 'measured', m.rows,
    'chain', format('%s − %s = %s %s; %s = %s; %s × %s = %s',
      trim_scale(case b.direction when 'up' then round(m.actual, 6) else b.baseline_value end),
      trim_scale(case b.direction when 'up' then b.baseline_value else round(m.actual, 6) end), trim_scale(round(v_improvement, 6)), b.unit,
      case b.method
        when 'share_of_hours' then format('%s %% × %s h', trim_scale(round(v_improvement, 6)), trim_scale(b.scheduled_hours))
        when 'failures' then format('%s h / %s − %s h / %s', trim_scale(b.scheduled_hours), trim_scale(b.baseline_value),
          trim_scale(b.scheduled_hours), trim_scale(round(m.actual, 6)))
        when 'per_event' then format('%s × %s events', trim_scale(round(v_improvement, 6)), coalesce(m.events, 0))
        else trim_scale(round(v_improvement, 6))::text end,
      trim_scale(round(v_units, 6)), trim_scale(round(v_units, 6)), trim_scale(b.cost_per_unit), to_char(round(v_savings, 2), 'FM999999999999990.00')));
end $$;

-- All metrics net: what got worse is taken from what got better, and a period that lost saves nothing.
create function private.gain_snapshot(p_tenant_id uuid, p_from date, p_to date, p_share numeric, p_fee_cap_cents bigint) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_metrics jsonb;
  v_currencies text[];
  v_one numeric;
  v_sum numeric;
  v_net numeric;
  v_fee bigint;
begin
  select jsonb_agg(g order by g ->> 'metric'), array_agg(distinct b.currency) into v_metrics, v_currencies
    from (select distinct on (metric) * from public.kpi_baselines where tenant_id = p_tenant_id and effective_from <= p_from
        order by metric, effective_from desc) b
    cross join lateral (select private.gain_of_metric(b, p_from, p_to) as g) x where g is not null;
  if v_metrics is null then
    return jsonb_build_object('refused', 'nothing_measured');
  elsif cardinality(v_currencies) > 1 then
    return jsonb_build_object('refused', 'several_currencies');
  end if;
  v_one := 1000000 / private.micros_of_smallest_unit(v_currencies[1]);
  v_sum := (select sum((m ->> 'counted')::numeric) from jsonb_array_elements(v_metrics) m);
  v_net := greatest(0, v_sum);
  -- Rounded once, half up, at the fee.
  v_fee := least(round(v_net * p_share / 100 * v_one), coalesce(p_fee_cap_cents, 9223372036854775807))::bigint;
  return jsonb_build_object('tenant_id', p_tenant_id, 'period_start', p_from, 'period_end', p_to, 'currency', v_currencies[1],
    'share_pct', trim_scale(p_share), 'rule', 'net of losses, rounded once at the fee', 'metrics', v_metrics, 'savings', trim_scale(v_net),
    'savings_cents', round(v_net * v_one)::bigint, 'fee_cap_cents', p_fee_cap_cents, 'fee_cents', v_fee,
    'chain', format('%s = %s; %s × %s %% = %s%s',
      (select string_agg((m ->> 'counted'), ' + ' order by m ->> 'metric') from jsonb_array_elements(v_metrics) m),
      to_char(v_net, 'FM999999999999990.00'), to_char(v_net, 'FM999999999999990.00'), trim_scale(p_share),
      to_char(round(v_net * p_share / 100 * v_one) / v_one, 'FM999999999999990.00'),
      case when v_fee < round(v_net * p_share / 100 * v_one) then format(', at most %s', to_char(v_fee / v_one, 'FM999999999999990.00')) else '' end));
end $$;

create function private.describe_gainshare(r public.gainshare_runs) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('gainshare_run_id', r.id, 'tenant_id', r.tenant_id, 'period_start', r.period_start, 'period_end', r.period_end,
    'currency', r.currency, 'calculated_savings_cents', r.savings_cents, 'fee_cents', r.fee_cents, 'calculated_savings_cad', r.calculated_savings_cad,
    'fee_cad', r.fee_cad, 'share_pct', r.share_pct, 'status', r.status, 'dispute_until', private.utc_text(r.dispute_until),
    'decided_at', private.utc_text(r.decided_at), 'reason', r.reason, 'invoice_id', r.invoice_id, 'snapshot_hash', r.snapshot_hash,
    'chain', r.snapshot ->> 'chain', 'created_at', private.utc_text(r.created_at),
    'savings_breakdown', (select jsonb_object_agg(m ->> 'metric', m - 'metric') from jsonb_array_elements(r.snapshot -> 'metrics') m),
    'acts', (select jsonb_agg(jsonb_build_object('act', a.act, 'at', private.utc_text(a.at), 'actor_id', a.actor_id, 'reason', a.reason) order by a.id)
      from public.gainshare_acts a where a.run_id = r.id))
$$;

create function public.run_gainshare(p_operator_id uuid, p_tenant_id uuid, p_period_start date, p_period_end date, p_share_pct numeric,
  p_fee_cap_cents bigint default null, p_dispute_days int default 30) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_snapshot jsonb;
  v_hash text;
  r public.gainshare_runs;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif (p_share_pct between 10 and 20 and p_period_end >= p_period_start and isfinite(p_period_start) and isfinite(p_period_end)
      and p_period_end <= p_period_start + 400
      and p_period_end <= current_date and coalesce(p_fee_cap_cents >= 0, true) and p_dispute_days between 1 and 365) is not true then
    return jsonb_build_object('status', 'invalid_run');
  elsif not exists (select from public.tenants where id = p_tenant_id) then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  perform pg_advisory_xact_lock(hashtextextended(p_tenant_id::text, 30000));
  v_snapshot := private.gain_snapshot(p_tenant_id, p_period_start, p_period_end, round(p_share_pct, 2), p_fee_cap_cents);
  if v_snapshot ? 'refused' then
    return jsonb_build_object('status', v_snapshot ->> 'refused');
  end if;
  v_hash := encode(sha256(convert_to(v_snapshot::text, 'utf8')), 'hex');
  for r in select * from public.gainshare_runs where tenant_id = p_tenant_id and period_start <= p_period_end
      and period_end >= p_period_start and status not in ('withdrawn', 'rejected') for update
  loop
    if r.snapshot_hash = v_hash then
      return jsonb_build_object('status', 'run', 'run', private.describe_gainshare(r));
    elsif r.status not in ('pending_approval', 'disputed') then
      return jsonb_build_object('status', 'overlaps', 'gainshare_run_id', r.id);
    end if;
  end loop;
  -- Measured anew, and nobody agreed to the one before.
  with withdrawn as (update public.gainshare_runs set status = 'withdrawn', reason = 'run anew' where tenant_id = p_tenant_id
      and period_start <= p_period_end and period_end >= p_period_start and status in ('pending_approval', 'disputed')
      returning id, snapshot_hash)
  insert into public.gainshare_acts (run_id, act, actor_id, snapshot_hash, reason)
    select id, 'withdraw', p_operator_id, snapshot_hash, 'run anew' from withdrawn;
  insert into public.gainshare_runs (tenant_id, period_start, period_end, share_pct, currency, savings_cents, fee_cents, fee_cap_cents,
      snapshot, snapshot_hash, run_by, dispute_until)
    values (p_tenant_id, p_period_start, p_period_end, p_share_pct, v_snapshot ->> 'currency', (v_snapshot ->> 'savings_cents')::bigint,
      (v_snapshot ->> 'fee_cents')::bigint, p_fee_cap_cents, v_snapshot, v_hash, p_operator_id,
      now() + make_interval(days => p_dispute_days))
    returning * into r;
  insert into public.gainshare_acts (run_id, act, actor_id, snapshot_hash) values (r.id, 'run', p_operator_id, v_hash);
  return jsonb_build_object('status', 'run', 'run', private.describe_gainshare(r));
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'invalid_run');
end $$;
comment on function public.run_gainshare(uuid, uuid, date, date, numeric, bigint, int) is
  'An operator works out what a period saved, both days included, and freezes it. The same measurements answer the same run; others '
  'take the place of one that nobody has agreed to. Status run with the run; refuses with overlaps (some of these days are agreed), '
  'nothing_measured, several_currencies, invalid_run, unknown_tenant or not_an_operator.';

create function public.decide_gainshare(p_user_id uuid, p_run_id uuid, p_decision text, p_snapshot_hash text, p_reason text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  r public.gainshare_runs;
  v_role text;
begin
  select * into r from public.gainshare_runs where id = p_run_id for update;
  v_role := private.role_in(p_user_id, r.tenant_id);
  if r.id is null or v_role is null then
    return jsonb_build_object('status', 'unknown_run');
  elsif v_role not in ('owner', 'billing') then
    return jsonb_build_object('status', 'not_allowed');
  elsif (p_decision in ('approve', 'reject', 'dispute') and coalesce(length(trim(p_reason)) between 1 and 500, p_decision = 'approve')) is not true then
    return jsonb_build_object('status', 'invalid_decision');
  elsif p_snapshot_hash is distinct from r.snapshot_hash then
    return jsonb_build_object('status', 'another_run');
  elsif p_user_id = r.run_by then
    return jsonb_build_object('status', 'own_affair');
  elsif (p_decision, r.status) in (('approve', 'approved'), ('approve', 'invoiced'), ('reject', 'rejected'), ('dispute', 'disputed')) then
    return jsonb_build_object('status', 'decided', 'run', private.describe_gainshare(r));
  elsif not (r.status = 'pending_approval' and (p_decision <> 'dispute' or now() <= r.dispute_until)
      or r.status = 'disputed' and p_decision in ('approve', 'reject')
      -- Who agreed may think better of it, until it is on an invoice.
      or r.status = 'approved' and p_decision = 'dispute' and now() <= r.dispute_until
        and not private.gainshare_is_placed(r.id)) then
    return jsonb_build_object('status', 'too_late');
  end if;
  update public.gainshare_runs set status = case p_decision when 'approve' then 'approved' when 'reject' then 'rejected' else 'disputed' end,
    decided_by = p_user_id, decided_at = now(), reason = trim(p_reason) where id = p_run_id returning * into r;
  insert into public.gainshare_acts (run_id, act, actor_id, snapshot_hash, reason)
    values (r.id, p_decision, p_user_id, r.snapshot_hash, trim(p_reason));
  perform private.owe_gainshare(r.id);
  return jsonb_build_object('status', 'decided', 'run', private.describe_gainshare(r));
end $$;
comment on function public.decide_gainshare(uuid, uuid, text, text, text) is
  'An owner, or who does the billing, approves, rejects or disputes (with a reason) the run whose hash they saw. Silence is no consent: '
  'what nobody approves is never billed. Status decided with the run; refuses with too_late, another_run, own_affair (who ran it), '
  'not_allowed, invalid_decision or unknown_run.';

create function public.list_gainshare(p_tenant_id uuid, p_limit int default 50) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(private.describe_gainshare(r) order by r.created_at desc, r.id), '[]')
  from (select * from public.gainshare_runs where tenant_id = p_tenant_id order by created_at desc, id
    limit greatest(0, least(p_limit, 200))) r
$$;
comment on function public.list_gainshare(uuid, int) is 'The runs of a tenant, newest first, each with its chain and what was done about it.';

alter table public.kpi_baselines enable row level security;
alter table public.kpi_actuals enable row level security;
alter table public.gainshare_runs enable row level security;
alter table public.gainshare_acts enable row level security;
create policy "baselines of own tenants" on public.kpi_baselines for select to authenticated
  using (tenant_id in (select tenant_id from public.tenant_members where user_id = (select auth.uid()) and role in ('owner', 'billing')));
create policy "actuals of own tenants" on public.kpi_actuals for select to authenticated
  using (tenant_id in (select tenant_id from public.tenant_members where user_id = (select auth.uid()) and role in ('owner', 'billing')));
create policy "runs of own tenants" on public.gainshare_runs for select to authenticated
  using (tenant_id in (select tenant_id from public.tenant_members where user_id = (select auth.uid()) and role in ('owner', 'billing')));
revoke all on public.kpi_baselines, public.kpi_actuals, public.gainshare_runs, public.gainshare_acts from anon, authenticated, service_role;
grant select on public.kpi_baselines, public.kpi_actuals, public.gainshare_runs to authenticated, service_role;
grant select on public.gainshare_acts to service_role;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.add_kpi_baseline(uuid, uuid, jsonb), public.add_kpi_actual(uuid, uuid, jsonb),
  public.run_gainshare(uuid, uuid, date, date, numeric, bigint, int), public.decide_gainshare(uuid, uuid, text, text, text),
  public.list_gainshare(uuid, int) from public, anon, authenticated;
grant execute on function public.add_kpi_baseline(uuid, uuid, jsonb), public.add_kpi_actual(uuid, uuid, jsonb),
  public.run_gainshare(uuid, uuid, date, date, numeric, bigint, int), public.decide_gainshare(uuid, uuid, text, text, text),
  public.list_gainshare(uuid, int) to service_role;
