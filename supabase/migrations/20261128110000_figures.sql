-- What operators see of calls, time and money, added up by hour and by day, exact to the last commit. Rows are rolled up
-- by the transaction that wrote them: what is below the watermark stands in the sums, and what is not is read beside them.
-- A number that grows, or a clock, would lose what a slow transaction commits late; a transaction that is older than all
-- that still run cannot. It takes the place of call_days and of the queues beside it.

drop trigger owe_count on public.calls;
drop trigger owe_count on public.purchases;
drop function public.count_calls(int), private.count_measures(uuid[]), private.count_earnings(uuid[]),
  private.count_earnings_again(uuid[]), private.median_of_day(date), private.owe_count_of_call(),
  private.owe_count_of_purchase();
drop table private.calls_to_count, private.purchases_to_count, private.call_days, private.call_day_latencies,
  private.call_day_purchases, private.call_day_earnings;

-- Where rows come from. One that was there before this migration has no transaction, and counts as rolled up.

create table private.rolled_up (
  is_one boolean primary key default true check (is_one),
  upto xid8 not null
);
comment on table private.rolled_up is
  'The watermark: what transactions before this one wrote stands in the sums, what others wrote does not.';

alter table public.ledger add column xid xid8;
alter table public.ledger alter column xid set default pg_current_xact_id();
comment on column public.ledger.xid is 'The transaction that wrote it: what the sums for operators are rolled up by.';
create index ledger_by_transaction on public.ledger (xid) where xid is not null;
create index ledger_in_time on public.ledger using brin (created_at) with (pages_per_range = 16);

create table private.settled_calls (
  xid xid8 not null default pg_current_xact_id(),
  call_id uuid not null
);
comment on table private.settled_calls is 'Settled calls that are not rolled up yet: what is below the watermark is gone.';
create index settled_calls_by_transaction on private.settled_calls (xid);

create table private.people_changes (
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null,
  people int not null
);
comment on table private.people_changes is 'Who signed up (1), and who is gone with everything (-1), and is not rolled up yet.';
create index people_changes_by_transaction on private.people_changes (xid);
create index users_by_beginning on public.users (created_at);

create table private.money_changes (
  id bigint generated always as identity primary key,
  xid xid8 default pg_current_xact_id(),
  purchase_id uuid not null references public.purchases (id) on delete restrict,
  booked_at timestamptz not null default now(),
  happened_at timestamptz not null default now(),
  currency text not null,
  package_id text not null,
  way text not null check (way in ('own', 'gift', 'automatic')),
  purchases int not null,
  declined int not null,
  sold_seconds bigint not null,
  received_cents bigint not null,
  tax_cents bigint not null,
  refunded_cents bigint not null,
  lost_cents bigint not null,
  micros_per_second numeric not null
);
comment on table private.money_changes is
  'The journal of what purchases brought: each change of one is the difference that it made, and none is written over. '
  'Their sum is the purchase as it stands. A refund in March of a sale in January is booked in March, and happened in January.';
comment on column private.money_changes.micros_per_second is 'The difference in what a second of its card earns.';
create index money_changes_by_transaction on private.money_changes (xid) where xid is not null;
create index money_changes_by_purchase on private.money_changes (purchase_id);
create index money_changes_booked on private.money_changes (booked_at);
create index money_changes_happened on private.money_changes (happened_at);
create trigger money_changes_are_append_only before update or delete on private.money_changes
  for each row execute function private.refuse_change();
create trigger money_changes_are_never_truncated before truncate on private.money_changes
  for each statement execute function private.refuse_change();

create function private.note_settled_call() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.settled_calls (call_id) values (new.id);
  return null;
end $$;
create trigger note_settled_call after update of status on public.calls
  for each row when (new.status = 'settled' and old.status is distinct from 'settled')
  execute function private.note_settled_call();

create function private.note_person() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.people_changes (at, people)
    select case tg_op when 'INSERT' then new.created_at else old.created_at end, case tg_op when 'INSERT' then 1 else -1 end;
  return null;
end $$;
create trigger note_person after insert or delete on public.users
  for each row execute function private.note_person();

-- A purchase as its journal has it. What is tax can be told where the money is of the price's currency.
create function private.money_of(p public.purchases) returns private.money_changes
language sql stable security definer set search_path = '' as $$
  select row(null, null, p.id, null, null, private.money_currency(p), p.package_id,
    case when p.idempotency_key like 'auto_top_up:%' then 'automatic' when p.purpose = 'gift' then 'gift' else 'own' end,
    (p.status = 'succeeded')::int, (p.status = 'failed' and p.idempotency_key like 'auto_top_up:%')::int,
    case when p.status = 'succeeded' then p.paid_seconds + p.bonus_seconds else 0 end, coalesce(p.received_cents, 0),
    case when private.money_currency(p) = p.currency then greatest(0, coalesce(p.received_cents, 0) - p.amount_cents) else 0 end,
    p.refunded_cents, p.lost_cents, private.earned_micros_per_second(p))::private.money_changes
$$;

create function private.note_money_change(m private.money_changes, p_sign int, p_minus private.money_changes default null)
returns void
language sql security definer set search_path = '' as $$
  insert into private.money_changes (purchase_id, happened_at, currency, package_id, way, purchases, declined, sold_seconds,
      received_cents, tax_cents, refunded_cents, lost_cents, micros_per_second)
    select m.purchase_id, coalesce((select min(happened_at) from private.money_changes
        where purchase_id = m.purchase_id and (purchases > 0 or received_cents > 0)), now()),
      m.currency, m.package_id, m.way, d.purchases, d.declined, d.sold, d.received, d.tax, d.refunded, d.lost, d.rate
    from (select p_sign * m.purchases - coalesce(p_minus.purchases, 0) as purchases,
      p_sign * m.declined - coalesce(p_minus.declined, 0) as declined,
      p_sign * m.sold_seconds - coalesce(p_minus.sold_seconds, 0) as sold,
      p_sign * m.received_cents - coalesce(p_minus.received_cents, 0) as received,
      p_sign * m.tax_cents - coalesce(p_minus.tax_cents, 0) as tax,
      p_sign * m.refunded_cents - coalesce(p_minus.refunded_cents, 0) as refunded,
      p_sign * m.lost_cents - coalesce(p_minus.lost_cents, 0) as lost,
      p_sign * m.micros_per_second - coalesce(p_minus.micros_per_second, 0) as rate) d
    where (d.purchases, d.declined, d.sold, d.received, d.tax, d.refunded, d.lost, d.rate) is distinct from
      (0, 0, 0, 0, 0, 0, 0, 0)
$$;

create function private.note_money() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_now private.money_changes := private.money_of(new);
  v_before private.money_changes := private.money_of(old);
begin
  if v_now.currency = v_before.currency then
    perform private.note_money_change(v_now, 1, v_before);
  else
    -- No difference of two currencies: what stood in the one goes, and comes in the other.
    perform private.note_money_change(v_before, -1);
    perform private.note_money_change(v_now, 1);
  end if;
  return null;
end $$;
create trigger note_money after update on public.purchases
  for each row when ((new.status, new.currency, new.received_currency, new.amount_cents, new.received_cents,
      new.refunded_cents, new.lost_cents)
    is distinct from (old.status, old.currency, old.received_currency, old.amount_cents, old.received_cents,
      old.refunded_cents, old.lost_cents))
  execute function private.note_money();

-- What was there before: the journal of what purchases brought (their refunds stand where they
-- changed last), and a watermark that all that comes from now on is above of.
create function private.write_journal_of_before() returns void
language sql security definer set search_path = '' as $$
  insert into private.money_changes (xid, purchase_id, booked_at, happened_at, currency, package_id, way, purchases, declined,
      sold_seconds, received_cents, tax_cents, refunded_cents, lost_cents, micros_per_second)
    select null::xid8, p.id, p.created_at, p.created_at, m.currency, m.package_id, m.way, m.purchases, m.declined, m.sold_seconds,
      m.received_cents, m.tax_cents, 0, 0, m.micros_per_second
    from public.purchases p cross join lateral private.money_of(p) m
    where p.received_cents is not null or p.status in ('succeeded', 'failed')
    union all
    select null::xid8, p.id, p.updated_at, p.created_at, m.currency, m.package_id, m.way, 0, 0, 0, 0, 0, m.refunded_cents, m.lost_cents, 0
    from public.purchases p cross join lateral private.money_of(p) m where p.refunded_cents > 0 or p.lost_cents > 0
$$;


-- The sums. Each stands twice: by the hour, and by the day of UTC, so that neither a day nor a year is many rows.

create table private.call_figures (
  grain text not null check (grain in ('hour', 'day')),
  at timestamptz not null,
  version text not null,
  calls bigint not null,
  measured_calls bigint not null,
  charged_seconds bigint not null,
  turns bigint not null,
  unanswered_turns bigint not null,
  interruptions bigint not null,
  false_interruptions bigint not null,
  errors bigint not null,
  quality_sum bigint not null,
  quality_calls bigint not null,
  provider_cost_micros bigint not null,
  calls_not_fully_priced bigint not null,
  primary key (grain, at, version)
);
comment on table private.call_figures is 'Settled calls by their beginning, and by the version of the agent that held them.';

create table private.turn_figures (
  grain text not null check (grain in ('hour', 'day')),
  at timestamptz not null,
  version text not null,
  slot int not null check (slot between 0 and 63),
  turns bigint not null,
  whole_ms bigint not null,
  end_of_turn_ms bigint not null,
  llm_ms bigint not null,
  tts_ms bigint not null,
  primary key (grain, at, version, slot)
);
comment on table private.turn_figures is
  'Turns by how long their answer took, in 64 slots that are each 15 % wider than the one before, with the time that each '
  'part took. Histograms add up, percentiles do not; and in each slot the parts add up to the whole.';

create table private.failure_figures (
  grain text not null check (grain in ('hour', 'day')),
  at timestamptz not null,
  source text not null,
  failures bigint not null,
  primary key (grain, at, source)
);
comment on table private.failure_figures is
  'Failures of providers (as llm@api.openai.com) and models without a price (as unpriced:name), by the beginning of the call.';

create table private.time_figures (
  grain text not null check (grain in ('hour', 'day')),
  at timestamptz not null,
  reason text not null,
  source text not null,
  entries bigint not null,
  seconds bigint not null,
  primary key (grain, at, reason, source)
);
comment on table private.time_figures is
  'The ledger of seconds, when it was written, by reason and source of the grant. Their sum over all time is what is owed.';

create table private.money_figures (
  grain text not null check (grain in ('hour', 'day')),
  basis text not null check (basis in ('booked', 'happened')),
  at timestamptz not null,
  currency text not null,
  package_id text not null,
  way text not null,
  purchases bigint not null,
  declined bigint not null,
  sold_seconds bigint not null,
  received_cents bigint not null,
  tax_cents bigint not null,
  refunded_cents bigint not null,
  lost_cents bigint not null,
  primary key (grain, basis, at, currency, package_id, way)
);
comment on table private.money_figures is 'The journal of money, when it was booked and when the sale was. Never summed across currencies.';

create table private.earning_figures (
  grain text not null check (grain in ('hour', 'day')),
  at timestamptz not null,
  reason text not null check (reason in ('use', 'expire')),
  currency text not null,
  micros numeric not null,
  primary key (grain, at, reason, currency)
);
comment on table private.earning_figures is
  'What seconds earned that were used (by the beginning of their call) or expired, at what their purchase brought so far.';

create table private.people_figures (
  grain text not null check (grain in ('hour', 'day')),
  at timestamptz not null,
  people bigint not null,
  primary key (grain, at)
);
comment on table private.people_figures is 'People by when they signed up.';

create table private.person_days (
  user_id uuid not null,
  day date not null,
  primary key (user_id, day)
);
comment on table private.person_days is 'On which days (UTC) somebody had a call.';
create index person_days_by_day on private.person_days (day);

create table private.active_people (
  day date not null,
  previous_day date not null,
  cohort date not null,
  people bigint not null,
  primary key (day, previous_day, cohort)
);
comment on table private.active_people is
  'How many had a call on a day, by the day of the call before (-infinity where there was none) and the month in which they '
  'signed up. Who was active between two days is who had a day between them and the one before not: so it adds up.';
create index first_days_of_a_month on private.active_people (day, cohort) include (people)
  where previous_day < date_trunc('month', day::timestamp)::date;

-- Which of 64 slots a wait falls into: 20 ms and less, and then each 15 % wider, up to two minutes and more.
create function private.slot_of(p_ms int) returns int
language sql immutable set search_path = '' as $$
  select greatest(0, least(63, floor(ln(greatest(p_ms, 1) / 20.0::float8) / ln(1.15::float8))::int + 1))
$$;

create function private.hour_of(p_at timestamptz) returns timestamptz
language sql immutable set search_path = '' as $$
  select date_trunc('hour', p_at at time zone 'utc') at time zone 'utc'
$$;
create function private.day_of(p_at timestamptz) returns date
language sql immutable set search_path = '' as $$
  select (p_at at time zone 'utc')::date
$$;

select private.write_journal_of_before();
insert into private.rolled_up (upto) values (pg_snapshot_xmin(pg_current_snapshot()));

revoke all on private.rolled_up, private.settled_calls, private.people_changes, private.money_changes, private.call_figures,
  private.turn_figures, private.failure_figures, private.time_figures, private.money_figures, private.earning_figures,
  private.people_figures, private.person_days, private.active_people from public, anon, authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
