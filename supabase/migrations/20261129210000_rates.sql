-- Rates: what a unit of something costs us, and what we ask for it, from one moment to another.

create function private.usage_unit(p_kind text) returns text
language sql immutable set search_path = '' as $$
  select case p_kind when 'voice_second' then 'second' when 'stt_second' then 'second' when 'llm_input_token' then 'token'
    when 'llm_cached_input_token' then 'token' when 'llm_output_token' then 'token' when 'tts_character' then 'character'
    when 'tool_call' then 'call' end
$$;

create table public.rates (
  id bigint generated always as identity primary key,
  kind text not null,
  unit text not null generated always as (private.usage_unit(kind)) stored,
  provider text check (provider ~ '^[\w.:@/-]{1,100}$'),
  model text check (model ~ '^[\w.:@/-]{1,100}$'),
  tool text check (tool ~ '^[\w.:@/-]{1,100}$'),
  cost_micros_usd_per_million bigint check (cost_micros_usd_per_million between 0 and 100000000000000),
  price_micros_per_million bigint check (price_micros_per_million between 0 and 100000000000000),
  markup_percent numeric(7, 3) check (markup_percent between 0 and 1000),
  currency text not null default 'usd' check (currency ~ '^[a-z]{3}$'),
  valid_from timestamptz not null check (isfinite(valid_from)),
  valid_to timestamptz check (valid_to > valid_from and isfinite(valid_to)),
  thing bigint not null generated always as (hashtextextended(kind || ' ' || coalesce(provider, '') || ' ' || coalesce(model, '')
    || ' ' || coalesce(tool, '') || ' ' || currency, 0) >> 1) stored,
  constraint one_way_to_the_price check (num_nonnulls(price_micros_per_million, markup_percent) <= 1),
  constraint a_markup_is_on_a_cost check (markup_percent is null or cost_micros_usd_per_million is not null and currency = 'usd'),
  -- Of one thing one rate holds at a time.
  constraint rates_never_overlap exclude using gist
    (int8range(thing, thing, '[]') with &&, tstzrange(valid_from, valid_to) with &&)
);
comment on table public.rates is
  'What a million units cost us, and what we ask for them: a price of its own, or the cost with a markup. Provider, model and '
  'tool that are null are any; the rate that names most of them holds. Written by set_rates only.';
comment on column public.rates.price_micros_per_million is
  'In millionths of the currency''s unit. Neither this nor a markup: what is used of it is not priced.';
create index rates_by_kind on public.rates (kind, currency, valid_from);

create function private.refuse_rate(p_why text, p_rate jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT422', message = p_why, detail = left(p_rate::text, 500);
end $$;

-- One rate as it is asked for. What a rate was while it held stays as it is: who used something was told that price.
create function private.set_rate(p_rate jsonb) returns text
language plpgsql security definer set search_path = '' as $$
declare
  r record;
  v_thing bigint;
  v_same public.rates;
  v_before public.rates;
  v_next timestamptz;
begin
  select * into r from jsonb_to_record(p_rate) as x (kind text, provider text, model text, tool text,
    cost_micros_usd_per_million bigint, price_micros_per_million bigint, markup_percent numeric(7, 3), currency text,
    valid_from timestamptz, valid_to timestamptz);
  r.currency := coalesce(r.currency, 'usd');
  if private.usage_unit(r.kind) is null then
    perform private.refuse_rate('unknown_kind', p_rate);
  end if;
  v_thing := hashtextextended(r.kind || ' ' || coalesce(r.provider, '') || ' ' || coalesce(r.model, '') || ' '
    || coalesce(r.tool, '') || ' ' || r.currency, 0) >> 1;
  select * into v_same from public.rates where thing = v_thing and valid_from = r.valid_from;
  if found then
    if (v_same.cost_micros_usd_per_million, v_same.price_micros_per_million, v_same.markup_percent)
        is distinct from (r.cost_micros_usd_per_million, r.price_micros_per_million, r.markup_percent) then
      if v_same.valid_from <= clock_timestamp() then
        perform private.refuse_rate('has_held_already', p_rate);
      end if;
      update public.rates set cost_micros_usd_per_million = r.cost_micros_usd_per_million,
        price_micros_per_million = r.price_micros_per_million, markup_percent = r.markup_percent where id = v_same.id;
      return 'changed';
    elsif r.valid_to is not null and r.valid_to is distinct from v_same.valid_to then
      if least(r.valid_to, v_same.valid_to) <= clock_timestamp() then
        perform private.refuse_rate('has_held_already', p_rate);
      end if;
      update public.rates set valid_to = r.valid_to where id = v_same.id;
      return 'changed';
    end if;
    return 'unchanged';
  end if;
  select * into v_before from public.rates where thing = v_thing and valid_from < r.valid_from
    and (valid_to is null or valid_to > r.valid_from);
  if found then
    if r.valid_from <= clock_timestamp() then
      perform private.refuse_rate('another_held_then', p_rate);
    end if;
    update public.rates set valid_to = r.valid_from where id = v_before.id;
  end if;
  select min(valid_from) into v_next from public.rates where thing = v_thing and valid_from > r.valid_from;
  insert into public.rates (kind, provider, model, tool, cost_micros_usd_per_million, price_micros_per_million, markup_percent,
      currency, valid_from, valid_to)
    values (r.kind, r.provider, r.model, r.tool, r.cost_micros_usd_per_million, r.price_micros_per_million, r.markup_percent,
      r.currency, r.valid_from, least(r.valid_to, v_next));
  return 'added';
end $$;

create function public.set_rates(p_rates jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_rate jsonb;
  v_done text[] := '{}';
  v_detail text;
begin
  if (jsonb_typeof(p_rates) = 'array' and jsonb_array_length(p_rates) <= 2000) is not true then
    return jsonb_build_object('status', 'refused', 'reason', 'not_a_list');
  end if;
  -- One at a time: two at once would each see what was there before the other.
  perform pg_advisory_xact_lock(24, 5);
  for v_rate in select value from jsonb_array_elements(p_rates) order by value ->> 'valid_from' loop
    v_done := v_done || private.set_rate(v_rate);
  end loop;
  return jsonb_build_object('status', 'set', 'added', cardinality(array_positions(v_done, 'added')),
    'changed', cardinality(array_positions(v_done, 'changed')), 'unchanged', cardinality(array_positions(v_done, 'unchanged')));
exception
  when sqlstate 'PT422' then
    get stacked diagnostics v_detail = pg_exception_detail;
    return jsonb_build_object('status', 'refused', 'reason', sqlerrm, 'rate', v_detail);
  when data_exception or integrity_constraint_violation then
    return jsonb_build_object('status', 'refused', 'reason', sqlerrm, 'rate', left(v_rate::text, 500));
end $$;
comment on function public.set_rates(jsonb) is
  'Brings rates of the catalogue here: all of them, or none. Each is {kind, provider, model, tool, cost_micros_usd_per_million, '
  'price_micros_per_million or markup_percent, currency, valid_from, valid_to}; the one before ends where the next begins. '
  'Harmless to repeat. Refuses to change what has held already: add one from a later moment on.';

alter table public.rates enable row level security;
revoke all on public.rates from anon, authenticated, service_role;
grant select on public.rates to service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.set_rates(jsonb) from public, anon, authenticated;
grant execute on function public.set_rates(jsonb) to service_role;
