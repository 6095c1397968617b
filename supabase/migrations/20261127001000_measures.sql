-- What calls cost and how they went: for the person, and for operators.



-- Stores measures with a call. Whatever is wrong with them, the bill is written: they are dropped, and that is noted.
create function private.write_measures(p_call_id uuid, p_measures jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  m record;
begin
  if octet_length(p_measures::text) > 32768 then
    raise exception using errcode = 'PT413', message = 'too large';
  end if;
  select * into m from jsonb_to_record(p_measures) as r (turns int, interruptions int, errors int,
    latency_p50_ms int, latency_p95_ms int, provider_cost_micros bigint, quality smallint);
  if m.turns is null or m.interruptions is null or m.errors is null or m.provider_cost_micros is null
      or least(m.turns, m.interruptions, m.errors, m.latency_p50_ms, m.latency_p95_ms, m.provider_cost_micros,
        m.quality) < 0
      or m.quality > 100 or m.provider_cost_micros > 1000000000000
      or jsonb_typeof(p_measures -> 'unpriced') is distinct from 'array'
      or jsonb_path_exists(p_measures -> 'unpriced', 'strict $[*] ? (@.type() != "string")') then
    raise exception using errcode = 'PT400', message = 'out of range';
  end if;
  update public.calls
    set turns = m.turns, interruptions = m.interruptions, errors = m.errors, latency_p50_ms = m.latency_p50_ms,
        latency_p95_ms = m.latency_p95_ms, provider_cost_micros = m.provider_cost_micros, quality = m.quality,
        measures = p_measures - array['turns', 'interruptions', 'errors', 'latency_p50_ms', 'latency_p95_ms',
          'provider_cost_micros', 'quality']
    where id = p_call_id;
exception when others then
  -- The code says what was wrong without a word of what was sent.
  raise warning 'measures of call % dropped: %', p_call_id, sqlstate;
  update public.calls
    set measures = jsonb_build_object('dropped', case sqlstate when 'PT413' then 'too_large' else 'malformed' end)
    where id = p_call_id;
end $$;

create function private.user_analytics(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'totals', (select jsonb_build_object('calls', count(*), 'charged_seconds', coalesce(sum(charged_seconds), 0),
        'average_call_seconds', coalesce(round(avg(charged_seconds)), 0),
        -- What comes back after a dispute was granted before.
        'granted_seconds', (select coalesce(sum(amount), 0) from public.ledger
          where account_id = p_user_id and amount > 0 and reason not in ('debt_payment', 'restore')),
        'spent_cents', (select coalesce(sum(greatest(0, coalesce(received_cents, amount_cents) - refunded_cents
            - lost_cents)), 0) from public.purchases
          where user_id = p_user_id and status = 'succeeded'),
        'currency', coalesce((select currency from public.purchases where user_id = p_user_id
          order by created_at desc limit 1), 'usd'))
      from public.calls where user_id = p_user_id and status = 'settled'),
    'days', (select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]') from (
      select to_char(day, 'YYYY-MM-DD') as day, count(v.id) as calls, coalesce(sum(v.charged_seconds), 0) as charged_seconds
      from generate_series((now() at time zone 'utc')::date - 29, (now() at time zone 'utc')::date, interval '1 day') day
      left join public.calls v on v.user_id = p_user_id and v.status = 'settled'
        and (v.opened_at at time zone 'utc')::date = day::date
      group by day) d),
    'payments', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
      select payment_intent_id, package_id, amount_cents, currency, status,
        to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
      from public.purchases where user_id = p_user_id order by purchases.created_at desc limit 50) p))
$$;

create function private.conversation_totals(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('measured_calls', count(*), 'turns', coalesce(sum(turns), 0),
    'interruptions', coalesce(sum(interruptions), 0),
    'latency_p50_ms', round(percentile_cont(0.5) within group (order by latency_p50_ms))::int,
    'quality', round(avg(quality))::int)
  from public.calls where user_id = p_user_id and status = 'settled' and turns is not null
$$;

-- The latest measured calls, oldest first.
create function private.conversation_calls(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(c) order by c.opened_at), '[]') from (
    select id as call_id, private.utc_text(opened_at) as opened_at, turns, interruptions, latency_p50_ms,
      latency_p95_ms, quality
    from public.calls where user_id = p_user_id and status = 'settled' and turns is not null
    order by calls.opened_at desc limit 30) c
$$;

create function public.get_user_analytics(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select private.user_analytics(p_user_id) || jsonb_build_object(
    'conversation', private.conversation_totals(p_user_id), 'calls', private.conversation_calls(p_user_id))
$$;

-- Millionths of a currency's unit in the smallest amount of it that Stripe counts (https://docs.stripe.com/currencies;
-- decimalsOf in shared/units.ts says the same).
create function private.micros_of_smallest_unit(p_currency text) returns numeric
language sql immutable set search_path = '' as $$
  select case
    when upper(p_currency) = any ('{BIF,CLP,DJF,GNF,JPY,KMF,KRW,MGA,PYG,RWF,VND,VUV,XAF,XOF,XPF}') then 1000000
    when upper(p_currency) = any ('{BHD,JOD,KWD,OMR,TND}') then 1000
    else 10000 end
$$;

-- What the seconds of a purchase earn, in millionths of the currency's unit per second: what was received, less tax,
-- refunds and lost disputes, over all seconds of its card, bonus included. A refund takes its share of the tax along.
create function private.earned_micros_per_second(p public.purchases) returns numeric
language sql immutable set search_path = '' as $$
  select case when p.status = 'succeeded' and coalesce(p.received_cents, p.amount_cents) > 0 then
    least(p.amount_cents, coalesce(p.received_cents, p.amount_cents)) * private.micros_of_smallest_unit(p.currency)
      * greatest(0, coalesce(p.received_cents, p.amount_cents) - p.refunded_cents - p.lost_cents)
      / coalesce(p.received_cents, p.amount_cents) / (p.paid_seconds + p.bonus_seconds)
    else 0 end
$$;

-- What calls were like, cost and earned, by day of their beginning. Margins are in US dollars, as provider prices
-- are: time that was paid for in another currency is counted apart.
create function public.operator_analytics(p_days int) returns jsonb
language sql stable security definer set search_path = '' as $$
  with period as (
    select (now() at time zone 'utc')::date - (least(greatest(p_days, 1), 366) - 1) as first_day,
      (now() at time zone 'utc')::date as last_day),
  called as (
    select v.*, (v.opened_at at time zone 'utc')::date as day from public.calls v, period
    where v.status = 'settled' and v.opened_at >= first_day::timestamp at time zone 'utc'),
  earned as (
    -- A card has the id of its purchase; one that was not bought earned nothing.
    select c.id, p.currency, sum((card ->> 'seconds')::int * private.earned_micros_per_second(p)) as micros
    from called c cross join jsonb_array_elements(c.receipt -> 'cards') card
    join public.purchases p on p.id = (card ->> 'card_id')::uuid group by c.id, p.currency),
  by_call as (
    select c.*, coalesce(e.micros, 0) as earned_micros
    from called c left join earned e on e.id = c.id and e.currency = 'usd'),
  days as (
    select to_char(d, 'YYYY-MM-DD') as day, count(c.id) as calls, count(c.turns) as measured_calls,
      coalesce(sum(c.charged_seconds), 0) as charged_seconds, coalesce(sum(c.turns), 0) as turns,
      coalesce(sum(c.interruptions), 0) as interruptions, coalesce(sum(c.errors), 0) as errors,
      round(percentile_cont(0.5) within group (order by c.latency_p50_ms))::int as latency_p50_ms,
      max(c.latency_p95_ms) as worst_latency_p95_ms, round(avg(c.quality))::int as quality,
      coalesce(sum(c.provider_cost_micros), 0)::bigint as provider_cost_micros,
      count(c.id) filter (where c.provider_cost_micros is null or jsonb_array_length(c.measures -> 'unpriced') > 0)
        as calls_not_fully_priced,
      round(coalesce(sum(c.earned_micros), 0))::bigint as earned_micros
    from period cross join generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') d
    left join by_call c on c.day = d::date group by d)
  select jsonb_build_object(
    'days', (select jsonb_agg(to_jsonb(d) || jsonb_build_object('margin_micros', earned_micros - provider_cost_micros)
      order by day) from days d),
    'unpriced_models', (select coalesce(jsonb_agg(distinct model order by model), '[]')
      from called, jsonb_array_elements_text(called.measures -> 'unpriced') model),
    'earned_in_other_currencies', (select coalesce(jsonb_object_agg(currency, micros), '{}') from (
      select currency, round(sum(micros))::bigint as micros from earned where currency <> 'usd' group by currency) o))
$$;
comment on function public.operator_analytics(int) is
  'Calls, latency, quality, provider cost, earnings and margin of the last days, for operators.';



revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.get_user_analytics(uuid), public.operator_analytics(int)
  from public, anon, authenticated;
grant execute on function public.get_user_analytics(uuid), public.operator_analytics(int) to service_role;
