-- Invoices of tenants as Stripe has them, what is added to their drafts, and what follows when one is paid.

-- Periods are of the tenant's zone, and keep to it: Stripe's are of UTC, and begin at an hour at which that zone has the same day.
alter table public.subscriptions
  add column time_zone text not null default 'UTC' check (time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'),
  add column anchor_hour int check (anchor_hour between 0 and 12),
  add column next_plan_id text references public.plans (id) on delete restrict,
  add column trial_end timestamptz,
  add column ended_at timestamptz;
comment on column public.subscriptions.anchor_hour is
  'The hour of UTC at which Stripe begins a period whose first midnight is that of the zone on that day; null where a period begins when it does.';
comment on column public.subscriptions.next_plan_id is 'The smaller plan that the next period has.';
create index subscriptions_by_next_plan on public.subscriptions (next_plan_id);

-- The hour of UTC at which it is the same day in a zone, in summer and in winter, as soon after its midnight as can be.
create function private.anchor_hour(p_zone text) returns int
language sql stable security definer set search_path = '' as $$
  select greatest(0, max(ceil(extract(epoch from d at time zone p_zone at time zone 'UTC' - d) / 3600)))::int
  from unnest(array['2026-01-15', '2026-04-15', '2026-07-15', '2026-10-15']::timestamp[]) d
$$;

create function private.local_moment(p_at timestamptz, p_zone text, p_anchor_hour int) returns timestamptz
language sql stable security definer set search_path = '' as $$
  select case when p_at = date_trunc('day', p_at, 'UTC') + make_interval(hours => p_anchor_hour)
    then (p_at at time zone 'UTC')::date::timestamp at time zone p_zone else p_at end
$$;

-- Where a new subscription begins: today at Stripe's clock, or a day that its period would have begun on.
create function public.subscription_start(p_tenant_id uuid, p_start date default null, p_now timestamptz default now()) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_zone text := (select time_zone from public.tenants where id = p_tenant_id);
  v_hour int;
  v_today date;
begin
  if v_zone is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif not exists (select from pg_catalog.pg_timezone_names where name = v_zone) then
    v_zone := 'UTC';
  end if;
  v_hour := private.anchor_hour(v_zone);
  v_today := ((p_now - make_interval(hours => v_hour)) at time zone 'UTC')::date;
  if not (coalesce(p_start, v_today) between (v_today - interval '1 month')::date + 1 and v_today) then
    return jsonb_build_object('status', 'not_then', 'today', v_today);
  end if;
  return jsonb_build_object('status', 'found', 'time_zone', v_zone, 'anchor_hour', v_hour, 'day', extract(day from coalesce(p_start, v_today)),
    'start', extract(epoch from coalesce(p_start, v_today)::timestamp at time zone 'UTC' + make_interval(hours => v_hour))::bigint);
exception when data_exception then
  return jsonb_build_object('status', 'not_then', 'today', v_today);
end $$;
comment on function public.subscription_start(uuid, date, timestamptz) is
  'The moment of UTC at which Stripe is to begin a subscription on that day of the tenant''s zone: today, or a day of the month before. '
  'Status found, not_then or unknown_tenant.';

create table public.billing_invoices (
  id text primary key check (length(id) between 1 and 255),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  subscription_id text references public.subscriptions (id) on delete restrict,
  number text,
  status text not null check (status in ('draft', 'open', 'paid', 'uncollectible', 'void', 'deleted')),
  billing_reason text,
  period_start timestamptz,
  period_end timestamptz,
  currency text not null check (currency ~ '^[a-z]{3}$'),
  subtotal_cents bigint not null,
  tax_cents bigint not null,
  total_cents bigint not null,
  amount_due_cents bigint not null,
  amount_paid_cents bigint not null,
  credited_cents bigint not null default 0,
  base_cents bigint not null default 0,
  assets_cents bigint not null default 0,
  credits_cents bigint not null default 0,
  gainshare_cents bigint not null default 0,
  other_cents bigint not null default 0,
  breakdown jsonb not null default '[]',
  hosted_url text,
  pdf_url text,
  attempt_count int not null default 0,
  next_attempt_at timestamptz,
  tax_status text,
  problem text,
  created_at timestamptz not null,
  finalized_at timestamptz,
  paid_at timestamptz,
  granted_at timestamptz,
  read_at timestamptz not null,
  updated_at timestamptz not null default now(),
  stripe_invoice_id text generated always as (id) stored,
  total_cad numeric generated always as (case currency when 'cad' then total_cents / 100.0 end) stored,
  constraint the_parts_are_the_subtotal check (base_cents + assets_cents + credits_cents + gainshare_cents + other_cents = subtotal_cents),
  constraint tax_is_on_top check (subtotal_cents + tax_cents = total_cents)
);
comment on table public.billing_invoices is
  'What Stripe says of each invoice of a tenant, in the smallest unit of its currency. period is what its base pays for, in advance; what was '
  'used beyond a plan is that of the period before.';
create index billing_invoices_by_tenant on public.billing_invoices (tenant_id, created_at desc, id);
create index billing_invoices_by_subscription on public.billing_invoices (subscription_id, created_at desc);

create table private.invoice_lines (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  subscription_id text references public.subscriptions (id) on delete restrict,
  part text not null check (part in ('assets', 'credits', 'gainshare')),
  period_start timestamptz,
  period_end timestamptz,
  gainshare_run_id uuid unique references public.gainshare_runs (id) on delete restrict,
  quantity bigint not null check (quantity > 0),
  unit_micros bigint check (unit_micros >= 0),
  amount_cents bigint not null check (amount_cents > 0),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  description text not null check (length(description) between 1 and 400),
  target_invoice_id text,
  stripe_item_id text unique,
  invoice_id text,
  was_late boolean not null default false,
  created_at timestamptz not null default now(),
  placed_at timestamptz,
  constraint a_fee_is_of_a_run check ((part = 'gainshare') = (gainshare_run_id is not null)),
  constraint placed_as_an_item check ((placed_at is null) = (stripe_item_id is null))
);
comment on table private.invoice_lines is
  'What is added to an invoice of a subscription, once: the row is there before Stripe is asked, and its id names the item there. '
  'target_invoice_id is the draft that it is tried on; placed without an invoice_id it waits at Stripe for the next one.';
create unique index invoice_lines_once on private.invoice_lines (subscription_id, part, period_start) where part <> 'gainshare';
create index invoice_lines_of_tenant on private.invoice_lines (tenant_id, created_at);
create index invoice_lines_of_subscription on private.invoice_lines (subscription_id, placed_at);
create index invoice_lines_by_invoice on private.invoice_lines (invoice_id);

create table private.invoiced_periods (
  subscription_id text not null references public.subscriptions (id) on delete restrict,
  period_start timestamptz not null,
  usage jsonb,
  taken_at timestamptz not null default now(),
  primary key (subscription_id, period_start)
);
comment on table private.invoiced_periods is 'Periods whose assets and credits are lines of invoices, or were none; with the chain of then.';

-- The draft that a fee goes to is the tenant's next one; whoever disputes before takes it back.
create function private.gainshare_is_placed(p_run_id uuid) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform from private.invoice_lines where gainshare_run_id = p_run_id for update;
  return exists (select from private.invoice_lines where gainshare_run_id = p_run_id
    and (placed_at is not null or target_invoice_id is not null or subscription_id is not null));
end $$;

create function private.owe_gainshare(p_run_id uuid) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  r public.gainshare_runs;
begin
  select * into strict r from public.gainshare_runs where id = p_run_id;
  if r.status <> 'approved' then
    delete from private.invoice_lines where gainshare_run_id = r.id and placed_at is null and target_invoice_id is null;
  elsif r.fee_cents > 0 then
    insert into private.invoice_lines (tenant_id, part, gainshare_run_id, quantity, amount_cents, currency, description)
      values (r.tenant_id, 'gainshare', r.id, 1, r.fee_cents, r.currency, format('Gain-share %s to %s: %s %% of %s', r.period_start, r.period_end,
        trim_scale(r.share_pct), to_char(r.savings_cents * private.micros_of_smallest_unit(r.currency) / 1000000, 'FM999999999999990.00')))
      on conflict (gainshare_run_id) do nothing;
  end if;
end $$;

-- What goes to the next invoice of a subscription: of each period that is over what was used beyond the plan, and approved fees. A
-- period is over when Stripe has begun the next one, or has ended the subscription.
create function public.take_invoice_lines(p_subscription_id text, p_invoice_id text default null) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  s public.subscriptions;
  c record;
  u jsonb;
  v_end timestamptz;
begin
  select * into s from public.subscriptions where id = p_subscription_id for no key update;
  if not found or not exists (select from public.plans where id = s.plan_id and kind = 'credits') then
    return jsonb_build_object('status', 'not_ours', 'lines', '[]'::jsonb);
  end if;
  for c in select p.* from public.credit_periods p left join private.invoiced_periods i
      on i.subscription_id = p.subscription_id and i.period_start = p.period_start
    where p.subscription_id = s.id and i.subscription_id is null and (p.period_start < s.current_period_start or s.ended_at is not null)
    order by p.period_start
  loop
    -- What was paused and went on within the period began another one before this one was over.
    v_end := least(c.period_end, s.ended_at,
      (select min(n.period_start) from public.credit_periods n where n.subscription_id = s.id and n.period_start > c.period_start));
    continue when (v_end <= now()) is not true;
    u := case when v_end > c.period_start then private.period_usage(s.id, c.period_start, v_end) end;
    insert into private.invoiced_periods (subscription_id, period_start, usage) values (s.id, c.period_start, u) on conflict do nothing;
    insert into private.invoice_lines (tenant_id, subscription_id, part, period_start, period_end, quantity, unit_micros, amount_cents, currency, description)
      select s.tenant_id, s.id, x.part, c.period_start, v_end, x.quantity, (u -> x.part ->> 'unit_price_micros')::bigint, a.amount, u ->> 'currency',
        format('%s: %s × %s (%s to %s)', x.words, x.quantity,
          trim_scale((u -> x.part ->> 'unit_price_micros')::numeric / 1000000), (c.period_start at time zone s.time_zone)::date,
          ((v_end - interval '1 microsecond') at time zone s.time_zone)::date)
      from (values ('assets', 'Assets beyond the plan', (u -> 'assets' ->> 'extra')::bigint),
        ('credits', 'Credits beyond the plan', (u -> 'credits' ->> 'overage')::bigint)) x (part, words, quantity)
      -- In the smallest unit of whichever currency, as Stripe rounds it; of a trial nothing.
      cross join lateral (select round(x.quantity * (u -> x.part ->> 'unit_price_micros')::numeric
        / private.micros_of_smallest_unit(u ->> 'currency'))::bigint as amount) a
      where a.amount > 0 and (u -> x.part ->> 'cents')::bigint > 0
      on conflict do nothing;
  end loop;
  update private.invoice_lines set subscription_id = s.id
    where tenant_id = s.tenant_id and subscription_id is null and placed_at is null and s.status in ('trialing', 'active', 'past_due')
      and currency = (select currency from public.plans where id = s.plan_id);
  update private.invoice_lines set target_invoice_id = p_invoice_id
    where subscription_id = s.id and placed_at is null and target_invoice_id is null and p_invoice_id is not null;
  return jsonb_build_object('status', 'taken', 'customer', (select stripe_customer_id from public.tenants where id = s.tenant_id),
    'lines', coalesce((select jsonb_agg(jsonb_build_object('id', l.id, 'part', l.part, 'target_invoice_id', l.target_invoice_id,
        'quantity', l.quantity, 'unit_micros', l.unit_micros, 'amount_cents', l.amount_cents, 'currency', l.currency,
        'description', l.description, 'period_start', extract(epoch from l.period_start)::bigint, 'period_end', extract(epoch from l.period_end)::bigint,
        'age_seconds', extract(epoch from now() - l.created_at)::bigint) order by l.created_at, l.part)
      from private.invoice_lines l where l.subscription_id = s.id and l.placed_at is null), '[]'));
end $$;
comment on function public.take_invoice_lines(text, text) is
  'Works out, once for each period that is over, what goes to the next invoice of a subscription, and answers what is not at Stripe yet. '
  'With the id of a draft, that is where it is tried. Status taken or not_ours.';

create function public.note_invoice_line(p_id uuid, p_item_id text, p_invoice_id text) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  l private.invoice_lines;
begin
  update private.invoice_lines set stripe_item_id = p_item_id, invoice_id = p_invoice_id, target_invoice_id = p_invoice_id, was_late = p_invoice_id is null,
      placed_at = now() where id = p_id and placed_at is null and length(p_item_id) > 0 returning * into l;
  if not found then
    return jsonb_build_object('status', case when exists (select from private.invoice_lines where id = p_id) then 'noted_before' else 'unknown_line' end);
  elsif l.was_late and l.part <> 'gainshare' and exists (select from public.subscriptions where id = l.subscription_id and ended_at is null) then
    perform public.note_finding('late_invoice_line', l.id::text, format('%s of %s came after the invoice of its period was final: the next one has it.',
      l.part, l.subscription_id));
  end if;
  return jsonb_build_object('status', 'noted');
exception when integrity_constraint_violation then
  return jsonb_build_object('status', 'unknown_line');
end $$;
comment on function public.note_invoice_line(uuid, text, text) is
  'A line is an item at Stripe: on that draft, or (null) waiting for the next invoice, which is a finding. Status noted, noted_before or unknown_line.';

create function public.miss_invoice_line(p_id uuid, p_invoice_id text) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
begin
  update private.invoice_lines set target_invoice_id = null where id = p_id and placed_at is null and target_invoice_id = p_invoice_id;
  return jsonb_build_object('status', case when found then 'missed' else 'not_there' end);
end $$;
comment on function public.miss_invoice_line(uuid, text) is
  'The draft that a line was tried on was final already: it is tried elsewhere. Status missed or not_there.';

-- Which part of an invoice a line of it is.
create function private.part_of_line(p_line jsonb) returns text
language sql immutable security definer set search_path = '' as $$
  select case when p_line ->> 'part' in ('assets', 'credits', 'gainshare') then p_line ->> 'part'
    when (p_line ->> 'is_base')::boolean then 'base' else 'other' end
$$;

create function public.apply_invoice(p_invoice jsonb, p_read_at timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  x record;
  v_tenant_id uuid;
  s public.subscriptions;
  old public.billing_invoices;
  i public.billing_invoices;
  v_sums jsonb;
begin
  if jsonb_typeof(p_invoice) is distinct from 'object' or (isfinite(p_read_at) and p_read_at <= now() + interval '1 minute') is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select * into x from jsonb_to_record(p_invoice) as r (id text, customer text, subscription text, number text, status text, billing_reason text,
    currency text, subtotal bigint, tax bigint, total bigint, amount_due bigint, amount_paid bigint, credited bigint, lines jsonb, hosted_url text,
    pdf_url text, attempt_count int, next_attempt_at timestamptz, tax_status text, problem text, created_at timestamptz, finalized_at timestamptz,
    paid_at timestamptz);
  select id into v_tenant_id from public.tenants where stripe_customer_id = x.customer;
  if v_tenant_id is null then
    select tenant_id into v_tenant_id from public.billing_invoices where id = x.id;
  end if;
  if v_tenant_id is null then
    return jsonb_build_object('status', 'not_ours');
  end if;
  perform private.lock_account(v_tenant_id);
  select * into s from public.subscriptions where id = x.subscription;
  select * into old from public.billing_invoices where id = x.id;
  if old.read_at > p_read_at then
    return jsonb_build_object('status', 'older_look');
  end if;
  select jsonb_object_agg(g.part, g.cents) into v_sums
    from (select private.part_of_line(l) as part, sum((l ->> 'amount')::bigint) as cents from jsonb_array_elements(coalesce(x.lines, '[]')) l group by 1) g;
  insert into public.billing_invoices as known (id, tenant_id, subscription_id, number, status, billing_reason, period_start, period_end, currency,
      subtotal_cents, tax_cents, total_cents, amount_due_cents, amount_paid_cents, credited_cents, base_cents, assets_cents, credits_cents,
      gainshare_cents, other_cents, breakdown, hosted_url, pdf_url, attempt_count, next_attempt_at, tax_status, problem, created_at, finalized_at,
      paid_at, read_at)
    select x.id, v_tenant_id, s.id, x.number, x.status, x.billing_reason,
      private.local_moment((b.l ->> 'period_start')::timestamptz, s.time_zone, s.anchor_hour),
      private.local_moment((b.l ->> 'period_end')::timestamptz, s.time_zone, s.anchor_hour), x.currency,
      x.subtotal, x.tax, x.total, x.amount_due, x.amount_paid, coalesce(x.credited, 0), coalesce((v_sums ->> 'base')::bigint, 0),
      coalesce((v_sums ->> 'assets')::bigint, 0), coalesce((v_sums ->> 'credits')::bigint, 0), coalesce((v_sums ->> 'gainshare')::bigint, 0),
      x.subtotal - coalesce((v_sums ->> 'base')::bigint, 0) - coalesce((v_sums ->> 'assets')::bigint, 0) - coalesce((v_sums ->> 'credits')::bigint, 0)
        - coalesce((v_sums ->> 'gainshare')::bigint, 0), coalesce(x.lines, '[]'), x.hosted_url, x.pdf_url, coalesce(x.attempt_count, 0),
      x.next_attempt_at, x.tax_status, x.problem, x.created_at, x.finalized_at, x.paid_at, p_read_at
    from (select 1) o left join lateral (select l from jsonb_array_elements(coalesce(x.lines, '[]')) l where (l ->> 'is_base')::boolean limit 1) b on true
    on conflict (id) do update set number = excluded.number, status = excluded.status, subscription_id = coalesce(known.subscription_id, excluded.subscription_id),
      period_start = excluded.period_start, period_end = excluded.period_end, subtotal_cents = excluded.subtotal_cents, tax_cents = excluded.tax_cents,
      total_cents = excluded.total_cents, amount_due_cents = excluded.amount_due_cents, amount_paid_cents = excluded.amount_paid_cents,
      credited_cents = excluded.credited_cents, base_cents = excluded.base_cents, assets_cents = excluded.assets_cents,
      credits_cents = excluded.credits_cents, gainshare_cents = excluded.gainshare_cents, other_cents = excluded.other_cents,
      breakdown = excluded.breakdown, hosted_url = excluded.hosted_url, pdf_url = excluded.pdf_url, attempt_count = excluded.attempt_count,
      next_attempt_at = excluded.next_attempt_at, tax_status = excluded.tax_status, problem = excluded.problem, finalized_at = excluded.finalized_at,
      paid_at = excluded.paid_at, read_at = excluded.read_at, updated_at = now()
    returning * into i;
  -- A line that waited at Stripe has come to an invoice.
  update private.invoice_lines l set invoice_id = i.id from jsonb_array_elements(i.breakdown) b
    where l.id::text = b ->> 'line_id' and l.placed_at is not null and l.invoice_id is distinct from i.id;
  perform private.follow_invoice(i, old.status, old.attempt_count, old.credited_cents);
  return jsonb_build_object('status', 'applied', 'tenant_id', v_tenant_id, 'invoice_status', i.status);
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'malformed');
end $$;
comment on function public.apply_invoice(jsonb, timestamptz) is
  'Brings an invoice to what Stripe said at that moment, and does once what follows: credits of a period that is paid, fees that are on an '
  'invoice, mails, findings. Status applied, older_look, not_ours or malformed.';

create function private.owe_invoice_mail(p_notice text, p_invoice_id text, p_subject text) returns void
language sql security definer set search_path = '' as $$
  select private.enqueue('notice', format('notice:%s:%s', p_notice, p_subject), jsonb_build_object('notice', p_notice, 'invoice_id', p_invoice_id))
$$;

-- What an invoice brings with it. Each step names what it did, so that nothing happens twice, in whichever order looks come.
create function private.follow_invoice(i public.billing_invoices, p_old_status text, p_old_attempts int, p_old_credited bigint) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_is_credits boolean := exists (select from public.subscriptions s join public.plans p on p.id = s.plan_id
    where s.id = i.subscription_id and p.kind = 'credits');
  v_change jsonb;
begin
  if i.status in ('open', 'paid', 'uncollectible', 'void') then
    update public.gainshare_runs r set status = 'invoiced', invoice_id = i.id from private.invoice_lines l
      where l.invoice_id = i.id and l.gainshare_run_id = r.id and r.status = 'approved';
    insert into public.gainshare_acts (run_id, act, snapshot_hash, reason)
      select r.id, 'invoice', r.snapshot_hash, i.id from public.gainshare_runs r where r.invoice_id = i.id and r.status = 'invoiced'
        and not exists (select from public.gainshare_acts a where a.run_id = r.id and a.act = 'invoice');
  end if;
  if i.status = 'paid' and i.granted_at is null and v_is_credits then
    if i.period_start is not null then
      perform private.grant_credits(i.subscription_id, i.period_start, i.period_end, i.id);
    end if;
    select jsonb_build_object('from', g.l ->> 'plan_id', 'to', c.l ->> 'plan_id', 'at', c.l ->> 'period_start') into v_change
      from (select l from jsonb_array_elements(i.breakdown) l where (l ->> 'is_proration')::boolean and (l ->> 'amount')::bigint < 0 limit 1) g,
        (select l from jsonb_array_elements(i.breakdown) l where (l ->> 'is_proration')::boolean and (l ->> 'amount')::bigint > 0 limit 1) c;
    if v_change ->> 'from' <> v_change ->> 'to' then
      perform private.grant_upgrade_credits(i.subscription_id, v_change ->> 'from', v_change ->> 'to', (v_change ->> 'at')::timestamptz, i.id);
    end if;
    update public.billing_invoices set granted_at = now() where id = i.id;
  end if;
  if i.credited_cents > coalesce(p_old_credited, 0) then
    perform private.owe_invoice_mail('invoice_credited', i.id, format('%s:%s', i.id, i.credited_cents));
    if i.total_cents > 0 and i.status = 'paid' then
      perform private.take_back_credits(i.id, i.credited_cents::numeric / i.total_cents);
    end if;
  end if;
  if not v_is_credits then
    return;
  end if;
  -- Nothing to pay, nothing to tell: a trial, or a change that was credited.
  if i.status = 'paid' and i.amount_paid_cents > 0 then
    perform private.owe_invoice_mail('invoice_paid', i.id, i.id);
  elsif i.status = 'open' and i.attempt_count > coalesce(p_old_attempts, 0) then
    perform private.owe_invoice_mail('invoice_failed', i.id, format('%s:%s', i.id, i.attempt_count));
  elsif i.status = 'open' and i.attempt_count = 0 then
    perform private.owe_invoice_mail('invoice_open', i.id, i.id);
  elsif i.status = 'void' then
    perform private.owe_invoice_mail('invoice_void', i.id, i.id);
  end if;
  if i.status = 'void' and p_old_status is distinct from 'void' and i.billing_reason is distinct from 'subscription_create' then
    perform public.note_finding('invoice_void', i.id, format('Invoice %s of %s was voided: what it billed (%s %s) is billed by no other, and the credits of '
      'its period are not granted. Make another one at Stripe if that was not meant.', coalesce(i.number, i.id), i.subscription_id, i.total_cents, i.currency));
  elsif i.status = 'uncollectible' then
    perform public.note_finding('invoice_uncollectible', i.id, format('Invoice %s of %s was given up: %s %s.', coalesce(i.number, i.id), i.subscription_id,
      i.total_cents, i.currency));
  elsif i.status = 'draft' and i.problem is not null then
    perform public.note_finding('invoice_not_final', i.id, format('Invoice of %s cannot become final: %s', i.subscription_id, i.problem));
  end if;
end $$;

-- Subscriptions that have something to bill: a period that is over, or a line that is not at Stripe.
create function public.list_invoice_runs(p_limit int, p_after_seconds int default 0) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(x.id order by x.id), '[]') from (
    select s.id from public.subscriptions s where exists (select from public.credit_periods c left join private.invoiced_periods i
        on i.subscription_id = c.subscription_id and i.period_start = c.period_start
      where c.subscription_id = s.id and i.subscription_id is null and (c.period_start < s.current_period_start or s.ended_at is not null)
        and least(c.period_end, s.ended_at) <= now() - make_interval(secs => greatest(0, p_after_seconds)))
      or exists (select from private.invoice_lines l where l.subscription_id = s.id and l.invoice_id is null
        and (l.placed_at is null or s.ended_at is not null) and l.created_at <= now() - make_interval(secs => greatest(0, p_after_seconds)))
    order by s.id limit greatest(0, least(p_limit, 1000))) x
$$;
comment on function public.list_invoice_runs(int, int) is
  'Subscriptions with a period that has been over for so long and is on no invoice, or with something that is not at Stripe yet.';

create function private.describe_invoice(i public.billing_invoices) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('id', i.id, 'subscription_id', i.subscription_id, 'number', i.number, 'status', i.status, 'billing_reason', i.billing_reason,
    'period_start', private.utc_text(i.period_start), 'period_end', private.utc_text(i.period_end), 'currency', i.currency,
    'subtotal_cents', i.subtotal_cents, 'tax_cents', i.tax_cents, 'total_cents', i.total_cents, 'amount_due_cents', i.amount_due_cents,
    'amount_paid_cents', i.amount_paid_cents, 'credited_cents', i.credited_cents,
    'breakdown', jsonb_build_object('base_cents', i.base_cents, 'assets_cents', i.assets_cents, 'credits_cents', i.credits_cents,
      'gainshare_cents', i.gainshare_cents, 'other_cents', i.other_cents, 'lines', i.breakdown),
    'hosted_url', i.hosted_url, 'pdf_url', i.pdf_url, 'attempt_count', i.attempt_count, 'next_attempt_at', private.utc_text(i.next_attempt_at),
    'created_at', private.utc_text(i.created_at), 'finalized_at', private.utc_text(i.finalized_at), 'paid_at', private.utc_text(i.paid_at))
$$;

create function public.list_billing_invoices(p_tenant_id uuid, p_limit int default 50, p_before timestamptz default null) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(private.describe_invoice(i) order by i.created_at desc, i.id), '[]')
  from (select * from public.billing_invoices where tenant_id = p_tenant_id and (p_before is null or created_at < p_before) and status <> 'deleted'
    order by created_at desc, id limit greatest(0, least(p_limit, 200))) i
$$;
comment on function public.list_billing_invoices(uuid, int, timestamptz) is 'The invoices of a tenant, newest first, with what each is made of.';

create function public.read_invoice_mail(p_invoice_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select private.describe_invoice(i) || jsonb_build_object('tenant_name', t.name, 'owner_id', o.user_id, 'email', coalesce(t.billing_email, o.email),
    'time_zone', coalesce(s.time_zone, 'UTC'), 'plan_name', p.name)
  from public.billing_invoices i join public.tenants t on t.id = i.tenant_id and t.closed_at is null
    left join public.subscriptions s on s.id = i.subscription_id left join public.plans p on p.id = s.plan_id
    left join lateral (select m.user_id, u.email from public.tenant_members m join public.users u on u.id = m.user_id and u.deleted_at is null
      where m.tenant_id = t.id and m.role = 'owner' order by m.created_at, m.user_id limit 1) o on true
  where i.id = p_invoice_id
$$;
comment on function public.read_invoice_mail(text) is 'What a mail about an invoice says, and to whom it goes; null where there is none, or its tenant is closed.';

-- Why a tenant cannot go to a smaller plan: what it has of sites, seats and assets is more than that one takes.
create function public.downgrade_blockers(p_tenant_id uuid, p_plan_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('what', x.what, 'has', x.has, 'allows', x.allows) order by x.what), '[]')
  from public.plans p cross join lateral (values
    ('sites', coalesce((select count(*) from jsonb_object_keys((select site_breakdown from public.v_asset_latest where tenant_id = p_tenant_id))), 0), p.max_sites),
    ('seats', (select count(*) from public.tenant_members where tenant_id = p_tenant_id), p.max_seats),
    ('assets', coalesce((select asset_count from public.v_asset_latest where tenant_id = p_tenant_id), 0)::bigint, p.included_assets)) x (what, has, allows)
  where p.id = p_plan_id and x.has > x.allows
$$;
comment on function public.downgrade_blockers(uuid, text) is 'What a tenant has more of than a plan takes: [{what, has, allows}], none when it may change.';

create function public.read_subscription(p_subscription_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('subscription_id', s.id, 'tenant_id', s.tenant_id, 'status', s.status, 'plan_id', s.plan_id,
    'plan_code', upper(substr(s.plan_id, 9)), 'next_plan_code', upper(substr(s.next_plan_id, 9)),
    'current_period_start', private.utc_text(s.current_period_start), 'current_period_end', private.utc_text(s.current_period_end),
    'cancel_at', private.utc_text(s.cancel_at), 'trial_end', private.utc_text(s.trial_end), 'ended_at', private.utc_text(s.ended_at),
    'time_zone', s.time_zone, 'waiting_lines', coalesce((select jsonb_agg(jsonb_build_object('part', l.part, 'amount_cents', l.amount_cents,
        'currency', l.currency, 'description', l.description) order by l.created_at) from private.invoice_lines l
      where l.subscription_id = s.id and l.invoice_id is null), '[]'))
  from public.subscriptions s join public.plans p on p.id = s.plan_id and p.kind = 'credits' where s.id = p_subscription_id
$$;
comment on function public.read_subscription(text) is 'A subscription to a plan with credits, and what waits for its next invoice; null where there is none.';

create function public.live_subscription(p_tenant_id uuid, p_line text default 'credits') returns text
language sql stable security definer set search_path = '' as $$
  select s.id from public.subscriptions s join public.plans p on p.id = s.plan_id and p.line = p_line
  where s.tenant_id = p_tenant_id and s.status not in ('canceled', 'incomplete_expired')
  order by s.status = 'incomplete', s.current_period_end desc nulls last, s.id limit 1
$$;
comment on function public.live_subscription(uuid, text) is 'The id of the subscription that a tenant has in a line, or null.';

alter table public.billing_invoices enable row level security;
create policy "invoices of own tenants" on public.billing_invoices for select to authenticated
  using (tenant_id in (select tenant_id from public.tenant_members where user_id = (select auth.uid()) and role in ('owner', 'billing')));
revoke all on public.billing_invoices from anon, authenticated, service_role;
grant select on public.billing_invoices to authenticated, service_role;

-- A look at Stripe. An older one that comes late changes nothing: looks may come in any order. The account is locked before the
-- tenant, as by whatever else takes both.
create or replace function public.apply_subscription(p_subscription jsonb, p_read_at timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  s record;
  v_tenant_id uuid;
  v_line text;
  v_zone text;
  v_hour int;
begin
  if jsonb_typeof(p_subscription) is distinct from 'object' or (isfinite(p_read_at) and p_read_at <= now() + interval '1 minute') is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select * into s from jsonb_to_record(p_subscription) as x (id text, customer text, plan_id text, status text, quantity int,
    current_period_start timestamptz, current_period_end timestamptz, cancel_at timestamptz, items jsonb, time_zone text, anchor_hour int,
    kept_plan_id text, kept_until timestamptz, trial_end timestamptz, ended_at timestamptz);
  select coalesce((select tenant_id from public.subscriptions where id = s.id),
    (select id from public.tenants where stripe_customer_id = s.customer)) into v_tenant_id;
  if v_tenant_id is null or s.plan_id is null then
    return jsonb_build_object('status', 'not_ours');
  end if;
  select line into v_line from public.plans where id = s.plan_id;
  if not found then
    return jsonb_build_object('status', 'unknown_plan');
  end if;
  -- Somebody may have written something else there by hand.
  if exists (select from pg_catalog.pg_timezone_names where name = s.time_zone) and s.anchor_hour between 0 and 12 then
    v_zone := s.time_zone;
    v_hour := s.anchor_hour;
  end if;
  -- A smaller plan begins with the next period: until then the one that was paid for holds.
  if (s.kept_until >= s.current_period_end and exists (select from public.plans where id = s.kept_plan_id and line = v_line)) is not true then
    s.kept_plan_id := null;
  end if;
  perform private.lock_account(v_tenant_id);
  perform from public.tenants where id = v_tenant_id for no key update;
  insert into public.subscriptions as known (id, tenant_id, plan_id, status, quantity, current_period_start, current_period_end,
      cancel_at, stripe_items, read_at, time_zone, anchor_hour, next_plan_id, trial_end, ended_at)
    values (s.id, v_tenant_id, coalesce(s.kept_plan_id, s.plan_id), s.status, s.quantity,
      private.local_moment(s.current_period_start, v_zone, v_hour), private.local_moment(s.current_period_end, v_zone, v_hour),
      private.local_moment(s.cancel_at, v_zone, v_hour), coalesce(s.items, '[]'), p_read_at, coalesce(v_zone, 'UTC'), v_hour,
      case when s.kept_plan_id is not null then s.plan_id end, private.local_moment(s.trial_end, v_zone, v_hour),
      private.local_moment(s.ended_at, v_zone, v_hour))
    on conflict (id) do update set plan_id = excluded.plan_id, status = excluded.status, quantity = excluded.quantity,
      current_period_start = excluded.current_period_start, current_period_end = excluded.current_period_end,
      cancel_at = excluded.cancel_at, stripe_items = excluded.stripe_items, read_at = excluded.read_at, time_zone = excluded.time_zone,
      anchor_hour = excluded.anchor_hour, next_plan_id = excluded.next_plan_id, trial_end = excluded.trial_end, ended_at = excluded.ended_at,
      updated_at = now()
      where known.read_at <= excluded.read_at;
  if not found then
    return jsonb_build_object('status', 'older_look');
  end if;
  if s.status in ('trialing', 'active', 'past_due') and exists (select from public.subscriptions o
      join public.plans p on p.id = o.plan_id and p.line = v_line
      where o.tenant_id = v_tenant_id and o.id <> s.id and o.status in ('trialing', 'active', 'past_due')) then
    perform public.note_finding('second_subscription', s.id,
      format('The tenant %s pays for two subscriptions of one line: cancel one of them at Stripe, and refund it.', v_tenant_id));
  end if;
  if s.status in ('trialing', 'active', 'past_due') and exists (select from public.tenants where id = v_tenant_id and closed_at is not null) then
    perform public.note_finding('subscription_of_closed_tenant', s.id,
      format('The tenant %s is closed and pays: cancel this subscription at Stripe, and refund it.', v_tenant_id));
  end if;
  -- Who is late with a payment keeps the plan until Stripe gives up.
  update public.tenants t set plan_id = n.plan_id
    from (select (select o.plan_id from public.subscriptions o join public.plans p on p.id = o.plan_id and p.line = 'time'
      where o.tenant_id = v_tenant_id and o.status in ('trialing', 'active', 'past_due')
      order by o.status = 'past_due', o.current_period_end desc nulls last, o.id limit 1) as plan_id) n
    where t.id = v_tenant_id and t.plan_id is distinct from n.plan_id;
  return jsonb_build_object('status', 'applied', 'tenant_id', v_tenant_id);
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'malformed');
end $$;
comment on function public.apply_subscription(jsonb, timestamptz) is
  'Brings a subscription, and the plan of its tenant, to what Stripe said at that moment: {id, customer, plan_id, status, quantity, '
  'current_period_start, current_period_end, cancel_at, items, time_zone, anchor_hour, kept_plan_id, kept_until, trial_end, ended_at}. Status '
  'applied, older_look, not_ours, unknown_plan (its product is not in the catalogue) or malformed.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.subscription_start(uuid, date, timestamptz), public.take_invoice_lines(text, text),
  public.note_invoice_line(uuid, text, text), public.miss_invoice_line(uuid, text), public.apply_invoice(jsonb, timestamptz),
  public.list_invoice_runs(int, int), public.list_billing_invoices(uuid, int, timestamptz), public.read_invoice_mail(text),
  public.downgrade_blockers(uuid, text), public.read_subscription(text), public.live_subscription(uuid, text) from public, anon, authenticated;
grant execute on function public.subscription_start(uuid, date, timestamptz), public.take_invoice_lines(text, text),
  public.note_invoice_line(uuid, text, text), public.miss_invoice_line(uuid, text), public.apply_invoice(jsonb, timestamptz),
  public.list_invoice_runs(int, int), public.list_billing_invoices(uuid, int, timestamptz), public.read_invoice_mail(text),
  public.downgrade_blockers(uuid, text), public.read_subscription(text), public.live_subscription(uuid, text) to service_role;
