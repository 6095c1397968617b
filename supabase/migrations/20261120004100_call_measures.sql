-- What a call was like and what it cost us at providers, written with its bill; the margin is computed where it is
-- read, because refunds change what a second earned. No check constraints: PostgreSQL parses them at every renewal,
-- and only write_measures writes here.

alter table public.voice_sessions
  add column turns int,
  add column interruptions int,
  add column errors int,
  add column latency_p50_ms int,
  add column latency_p95_ms int,
  add column provider_cost_micros bigint,
  add column quality smallint,
  add column measures jsonb;
comment on column public.voice_sessions.latency_p50_ms is
  'Median of the turns, from the end of what the caller said to the first sound of the answer.';
comment on column public.voice_sessions.provider_cost_micros is
  'Estimate at list prices, in millionths of a US dollar; models without a price are named in measures.unpriced.';
comment on column public.voice_sessions.quality is '0 to 100, by the formula in docs/voice-measures.md.';
comment on column public.voice_sessions.measures is
  'Figures only, never words. {"dropped": why} in place of measures that could not be stored.';

-- Rows lie in the order in which calls are opened; unlike others, such an index costs an update nothing.
create index voice_sessions_opened on public.voice_sessions using brin (opened_at) with (pages_per_range = 16);

-- People see what their calls were like; what these cost us is for operators.
revoke select on public.voice_sessions from authenticated;
grant select (id, user_id, room_name, epoch, status, slice_seconds, lease_margin_seconds, granted_seconds, used_ms,
  charged_seconds, opened_at, lease_expires_at, ended_at, end_reason, settled_by, receipt, restored_ms, renewals,
  worker_id, turns, interruptions, errors, latency_p50_ms, latency_p95_ms, quality)
  on public.voice_sessions to authenticated;

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
  update public.voice_sessions
    set turns = m.turns, interruptions = m.interruptions, errors = m.errors, latency_p50_ms = m.latency_p50_ms,
        latency_p95_ms = m.latency_p95_ms, provider_cost_micros = m.provider_cost_micros, quality = m.quality,
        measures = p_measures - array['turns', 'interruptions', 'errors', 'latency_p50_ms', 'latency_p95_ms',
          'provider_cost_micros', 'quality']
    where id = p_call_id;
exception when others then
  -- The code says what was wrong without a word of what was sent.
  raise warning 'measures of call % dropped: %', p_call_id, sqlstate;
  update public.voice_sessions
    set measures = jsonb_build_object('dropped', case sqlstate when 'PT413' then 'too_large' else 'malformed' end)
    where id = p_call_id;
end $$;

-- The old signature goes, because a call by name must not find two.
drop function public.settle_call(uuid, int, bigint, text, jsonb, bigint);
create function public.settle_call(p_call_id uuid, p_epoch int, p_used_ms bigint, p_end_reason text,
  p_windows jsonb default '[]', p_restored_ms bigint default 0, p_measures jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_call public.voice_sessions;
  v_receipt jsonb;
begin
  select * into v_call from public.voice_sessions where id = p_call_id;
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  end if;
  perform private.lock_account(v_call.user_id);
  select * into v_call from public.voice_sessions where id = p_call_id for update;
  if v_call.epoch is distinct from p_epoch then
    return jsonb_build_object('status', 'fenced', 'epoch', v_call.epoch);
  elsif v_call.status = 'settled' then
    return jsonb_build_object('status', 'settled', 'replayed', true, 'receipt', v_call.receipt);
  end if;
  v_call.restored_ms := greatest(v_call.restored_ms, p_restored_ms, 0);
  v_receipt := private.finish_call(v_call, greatest(p_used_ms, 0), left(p_end_reason, 100), 'worker', p_windows);
  if p_measures is not null then
    perform private.write_measures(p_call_id, p_measures);
  end if;
  return jsonb_build_object('status', 'settled', 'replayed', false, 'receipt', v_receipt);
end $$;
comment on function public.settle_call(uuid, int, bigint, text, jsonb, bigint, jsonb) is
  'Ends a call once: charges used minus restored time and writes the receipt. '
  'A repeat answers the stored receipt; a wrong epoch is answered with status fenced. '
  'Measures are stored with it, or dropped when malformed.';

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
create function private.earned_micros_per_second(p public.payment_history) returns numeric
language sql immutable set search_path = '' as $$
  select case when p.status = 'succeeded' and coalesce(p.received_cents, p.amount_cents) > 0 then
    least(p.amount_cents, coalesce(p.received_cents, p.amount_cents)) * private.micros_of_smallest_unit(p.currency)
      * greatest(0, coalesce(p.received_cents, p.amount_cents) - p.refunded_cents - p.lost_cents)
      / coalesce(p.received_cents, p.amount_cents) / (p.paid_seconds + p.bonus_seconds)
    else 0 end
$$;

create function private.conversation_totals(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('measured_calls', count(*), 'turns', coalesce(sum(turns), 0),
    'interruptions', coalesce(sum(interruptions), 0),
    'latency_p50_ms', round(percentile_cont(0.5) within group (order by latency_p50_ms))::int,
    'quality', round(avg(quality))::int)
  from public.voice_sessions where user_id = p_user_id and status = 'settled' and turns is not null
$$;

-- The latest measured calls, oldest first.
create function private.conversation_calls(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(c) order by c.opened_at), '[]') from (
    select id as call_id, private.utc_text(opened_at) as opened_at, turns, interruptions, latency_p50_ms,
      latency_p95_ms, quality
    from public.voice_sessions where user_id = p_user_id and status = 'settled' and turns is not null
    order by voice_sessions.opened_at desc limit 30) c
$$;

alter function public.get_user_analytics(uuid) rename to user_analytics;
alter function public.user_analytics(uuid) set schema private;
revoke execute on function private.user_analytics(uuid) from service_role;
create function public.get_user_analytics(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select private.user_analytics(p_user_id) || jsonb_build_object(
    'conversation', private.conversation_totals(p_user_id), 'calls', private.conversation_calls(p_user_id))
$$;

-- What calls were like, cost and earned, by day of their beginning. Margins are in US dollars, as provider prices
-- are: time that was paid for in another currency is counted apart.
create function public.operator_analytics(p_days int) returns jsonb
language sql stable security definer set search_path = '' as $$
  with period as (
    select (now() at time zone 'utc')::date - (least(greatest(p_days, 1), 366) - 1) as first_day,
      (now() at time zone 'utc')::date as last_day),
  called as (
    select v.*, (v.opened_at at time zone 'utc')::date as day from public.voice_sessions v, period
    where v.status = 'settled' and v.opened_at >= first_day::timestamp at time zone 'utc'),
  earned as (
    -- A card has the id of its purchase; one that was not bought earned nothing.
    select c.id, p.currency, sum((card ->> 'seconds')::int * private.earned_micros_per_second(p)) as micros
    from called c cross join jsonb_array_elements(c.receipt -> 'cards') card
    join public.payment_history p on p.id = (card ->> 'card_id')::uuid group by c.id, p.currency),
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

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.settle_call(uuid, int, bigint, text, jsonb, bigint, jsonb),
  public.get_user_analytics(uuid), public.operator_analytics(int) from public, anon, authenticated;
grant execute on function public.settle_call(uuid, int, bigint, text, jsonb, bigint, jsonb),
  public.get_user_analytics(uuid), public.operator_analytics(int) to service_role;
