-- What operators see of all calls, counted once per call and not once per look: by day, in rows that are added to. A call
-- that is settled, and a purchase whose money changed, waits in a queue until the sidecar counts it.

create table private.calls_to_count (
  id bigint generated always as identity primary key,
  call_id uuid not null
);
comment on table private.calls_to_count is 'Settled calls that the rows by day do not have yet.';

create table private.purchases_to_count (
  id bigint generated always as identity primary key,
  purchase_id uuid not null
);
comment on table private.purchases_to_count is
  'Purchases whose money changed: what their seconds earned is counted anew. One that stands here twice does no harm.';

create table private.call_days (
  day date primary key,
  calls bigint not null default 0,
  measured_calls bigint not null default 0,
  charged_seconds bigint not null default 0,
  turns bigint not null default 0,
  interruptions bigint not null default 0,
  errors bigint not null default 0,
  latency_p50_ms int,
  worst_latency_p95_ms int,
  quality_sum bigint not null default 0,
  quality_calls bigint not null default 0,
  provider_cost_micros bigint not null default 0,
  calls_not_fully_priced bigint not null default 0,
  unpriced_models text[] not null default '{}'
);
comment on table private.call_days is 'Settled calls by the day of their beginning (UTC).';

create table private.call_day_latencies (
  day date not null,
  latency_p50_ms int not null,
  calls bigint not null,
  primary key (day, latency_p50_ms)
);
comment on table private.call_day_latencies is 'How many calls of a day had which median: what the median of a day is made of.';

create table private.call_day_purchases (
  day date not null,
  purchase_id uuid not null,
  seconds bigint not null,
  currency text not null,
  micros numeric not null,
  primary key (day, purchase_id)
);
comment on table private.call_day_purchases is 'Seconds of a purchase that were used in the calls of a day, and what they earned.';
create index call_day_purchases_by_purchase on private.call_day_purchases (purchase_id);

create table private.call_day_earnings (
  day date not null,
  currency text not null,
  micros numeric not null,
  primary key (day, currency)
);
comment on table private.call_day_earnings is 'The sums of call_day_purchases.';

create function private.owe_count_of_call() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.calls_to_count (call_id) values (new.id);
  return null;
end $$;
create trigger owe_count after update of status on public.calls
  for each row when (new.status = 'settled' and old.status is distinct from 'settled')
  execute function private.owe_count_of_call();

create function private.owe_count_of_purchase() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.purchases_to_count (purchase_id) values (new.id);
  return null;
end $$;
create trigger owe_count after update on public.purchases
  for each row when ((new.status, new.currency, new.amount_cents, new.received_cents, new.refunded_cents, new.lost_cents)
    is distinct from (old.status, old.currency, old.amount_cents, old.received_cents, old.refunded_cents, old.lost_cents))
  execute function private.owe_count_of_purchase();

-- Calls from before.
insert into private.calls_to_count (call_id) select id from public.calls where status = 'settled';

-- The median of the medians of a day, as percentile_cont has it.
create function private.median_of_day(p_day date) returns int
language sql stable security definer set search_path = '' as $$
  select round((min(ms) filter (where upto > (calls - 1) / 2) + min(ms) filter (where upto > calls / 2)) / 2.0::float8)::int
  from (select latency_p50_ms as ms, sum(calls) over (order by latency_p50_ms) as upto,
      (sum(calls) over ())::bigint as calls
    from private.call_day_latencies where day = p_day) l
$$;

create function private.count_earnings_again(p_purchases uuid[]) returns void
language sql security definer set search_path = '' as $$
  with now_earned as materialized (
    select d.day, d.purchase_id, d.currency as old_currency, d.micros as old_micros, private.money_currency(p) as currency,
      d.seconds * private.earned_micros_per_second(p) as micros
    from public.purchases p join private.call_day_purchases d on d.purchase_id = p.id where p.id = any (p_purchases)),
  changed as (
    update private.call_day_purchases d set currency = n.currency, micros = n.micros
      from now_earned n where d.day = n.day and d.purchase_id = n.purchase_id)
  insert into private.call_day_earnings as e (day, currency, micros)
    select day, currency, sum(micros) from (
      select day, currency, micros from now_earned union all select day, old_currency, -old_micros from now_earned) m
    group by day, currency order by day, currency
  on conflict (day, currency) do update set micros = e.micros + excluded.micros
$$;

create or replace function private.count_earnings(p_calls uuid[]) returns void
language sql security definer set search_path = '' as $$
  -- A card has the id of its purchase, and a part that came back names its card; one that was not bought earned nothing.
  with used as materialized (
    select (c.opened_at at time zone 'utc')::date as day, coalesce(g.part_of, g.id) as purchase_id,
      sum((card ->> 'seconds')::bigint) as seconds
    from public.calls c cross join jsonb_array_elements(c.receipt -> 'cards') card
    join public.grants g on g.id = (card ->> 'card_id')::uuid
    where c.id = any (p_calls) group by 1, 2),
  earned as materialized (
    select u.day, p.id as purchase_id, u.seconds, private.money_currency(p) as currency, u.seconds * private.earned_micros_per_second(p) as micros
    from used u join public.purchases p on p.id = u.purchase_id),
  kept as (
    insert into private.call_day_purchases as d (day, purchase_id, seconds, currency, micros)
      select day, purchase_id, seconds, currency, micros from earned order by day, purchase_id
    on conflict (day, purchase_id) do update
      set seconds = d.seconds + excluded.seconds, micros = d.micros + excluded.micros
    returning d.day, d.purchase_id, d.currency)
  insert into private.call_day_earnings as e (day, currency, micros)
    select k.day, k.currency, sum(n.micros) from kept k join earned n on n.day = k.day and n.purchase_id = k.purchase_id
    group by k.day, k.currency order by k.day, k.currency
  on conflict (day, currency) do update set micros = e.micros + excluded.micros
$$;

create function private.count_measures(p_calls uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_days date[];
begin
  with c as materialized (
    select v.*, (v.opened_at at time zone 'utc')::date as day from public.calls v where v.id = any (p_calls)),
  latencies as (
    insert into private.call_day_latencies as l (day, latency_p50_ms, calls)
      select day, latency_p50_ms, count(*) from c where latency_p50_ms is not null
      group by day, latency_p50_ms order by day, latency_p50_ms
    on conflict (day, latency_p50_ms) do update set calls = l.calls + excluded.calls),
  days as (
    insert into private.call_days as d (day, calls, measured_calls, charged_seconds, turns, interruptions, errors,
        worst_latency_p95_ms, quality_sum, quality_calls, provider_cost_micros, calls_not_fully_priced, unpriced_models)
      select day, count(*), count(turns), coalesce(sum(charged_seconds), 0), coalesce(sum(turns), 0),
        coalesce(sum(interruptions), 0), coalesce(sum(errors), 0), max(latency_p95_ms), coalesce(sum(quality), 0),
        count(quality), coalesce(sum(provider_cost_micros), 0)::bigint,
        count(*) filter (where provider_cost_micros is null or jsonb_array_length(measures -> 'unpriced') > 0),
        coalesce((select array_agg(distinct model) from c o, jsonb_array_elements_text(o.measures -> 'unpriced') model
          where o.day = c.day), '{}')
      from c group by day order by day
    on conflict (day) do update set calls = d.calls + excluded.calls,
      measured_calls = d.measured_calls + excluded.measured_calls,
      charged_seconds = d.charged_seconds + excluded.charged_seconds, turns = d.turns + excluded.turns,
      interruptions = d.interruptions + excluded.interruptions, errors = d.errors + excluded.errors,
      worst_latency_p95_ms = greatest(d.worst_latency_p95_ms, excluded.worst_latency_p95_ms),
      quality_sum = d.quality_sum + excluded.quality_sum, quality_calls = d.quality_calls + excluded.quality_calls,
      provider_cost_micros = d.provider_cost_micros + excluded.provider_cost_micros,
      calls_not_fully_priced = d.calls_not_fully_priced + excluded.calls_not_fully_priced,
      unpriced_models = array(select distinct model from unnest(d.unpriced_models || excluded.unpriced_models) model
        order by model)
    returning d.day)
  select array_agg(day) into v_days from days;
  update private.call_days set latency_p50_ms = private.median_of_day(day) where day = any (v_days);
end $$;

create function public.count_calls(p_limit int default 2000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_limit int := greatest(1, least(p_limit, 10000));
  v_purchases uuid[];
  v_calls uuid[];
begin
  -- One at a time: a run whose answer nobody waited for may still be at it.
  if not pg_try_advisory_xact_lock(24, 2) then
    return jsonb_build_object('status', 'busy');
  end if;
  with gone as (
    delete from private.purchases_to_count where id in
      (select id from private.purchases_to_count order by id limit v_limit) returning purchase_id)
  select array_agg(distinct purchase_id) into v_purchases from gone;
  perform private.count_earnings_again(v_purchases);
  with gone as (
    delete from private.calls_to_count where id in
      (select id from private.calls_to_count order by id limit v_limit) returning call_id)
  select array_agg(distinct call_id) into v_calls from gone;
  if v_calls is not null then
    perform private.count_measures(v_calls);
    perform private.count_earnings(v_calls);
  end if;
  return jsonb_build_object('status', case when exists (select from private.calls_to_count)
    or exists (select from private.purchases_to_count) then 'more' else 'complete' end);
end $$;
comment on function public.count_calls(int) is
  'Adds calls that were settled to the days that operators see, at most so many, and counts anew what changed purchases '
  'earned. Status complete, more (call it again) or busy (another run is at it).';

create or replace function public.operator_analytics(p_days int) returns jsonb
language sql stable security definer set search_path = '' as $$
  with period as (
    select (now() at time zone 'utc')::date - (least(greatest(p_days, 1), 366) - 1) as first_day,
      (now() at time zone 'utc')::date as last_day),
  earned as (select e.* from private.call_day_earnings e, period where e.day >= first_day),
  days as (
    select to_char(at, 'YYYY-MM-DD') as day, coalesce(d.calls, 0) as calls, coalesce(d.measured_calls, 0) as measured_calls,
      coalesce(d.charged_seconds, 0) as charged_seconds, coalesce(d.turns, 0) as turns,
      coalesce(d.interruptions, 0) as interruptions, coalesce(d.errors, 0) as errors, d.latency_p50_ms,
      d.worst_latency_p95_ms, round(d.quality_sum::numeric / nullif(d.quality_calls, 0))::int as quality,
      coalesce(d.provider_cost_micros, 0) as provider_cost_micros,
      coalesce(d.calls_not_fully_priced, 0) as calls_not_fully_priced, round(coalesce(e.micros, 0))::bigint as earned_micros
    from period cross join generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') at
    left join private.call_days d on d.day = at::date
    left join earned e on e.day = at::date and e.currency = 'usd')
  select jsonb_build_object(
    'days', (select jsonb_agg(to_jsonb(d) || jsonb_build_object('margin_micros', earned_micros - provider_cost_micros)
      order by day) from days d),
    'unpriced_models', (select coalesce(jsonb_agg(distinct model order by model), '[]')
      from period join private.call_days d on d.day >= first_day, unnest(d.unpriced_models) model),
    'earned_in_other_currencies', (select coalesce(jsonb_object_agg(currency, micros), '{}') from (
      select currency, round(sum(micros))::bigint as micros from earned where currency <> 'usd'
      group by currency having sum(micros) <> 0) o),
    'calls_not_counted', (select count(*) from private.calls_to_count))
$$;
comment on function public.operator_analytics(int) is
  'Calls, latency, quality, provider cost, earnings and margin of the last days, for operators, as far as count_calls has '
  'counted; calls_not_counted says how many are still to come.';

revoke all on private.calls_to_count, private.purchases_to_count, private.call_days, private.call_day_latencies,
  private.call_day_purchases, private.call_day_earnings from public, anon, authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.count_calls(int), public.operator_analytics(int) from public, anon, authenticated;
grant execute on function public.count_calls(int), public.operator_analytics(int) to service_role;
