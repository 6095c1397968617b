-- How usage is recorded: by one function, priced as it is written. A call's usage in the transaction that settles it, what
-- services report in batches.

create type private.usage_entry as (
  occurred_at timestamptz, user_id uuid, tenant_id uuid, call_id uuid, kind text, tool text, server text, provider text, model text,
  quantity bigint, metadata jsonb, key text, is_free boolean
);

-- The only writer of usage_events. @param p_priced_at whose rates hold; without it those of when it happened.
-- Ordered, so that two that record the same at once wait for each other instead of deadlocking.
create function private.record_usage(p_entries private.usage_entry[], p_priced_at timestamptz default null)
returns table (owner_id uuid, key text)
language sql volatile security definer set search_path = '' as $$
  insert into public.usage_events (occurred_month, occurred_at, owner_id, tenant_id, user_id, call_id, kind, tool, server, provider,
      model, quantity, cost_micro_usd, price_micros, currency, rate_id, metadata, key)
    select date_trunc('month', e.occurred_at at time zone 'utc')::date, e.occurred_at, coalesce(e.tenant_id, e.user_id), e.tenant_id,
      e.user_id, e.call_id, e.kind, e.tool, e.server, e.provider, e.model, e.quantity,
      -- What runs on a machine of ours costs nothing, unless a rate says so.
      coalesce(round(e.quantity::numeric * r.cost_micros_usd_per_million / 1000000)::bigint,
        case when e.provider ~ '^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$' then 0 end),
      case when e.is_free then 0
        else round(e.quantity::numeric * coalesce(r.price_micros_per_million,
          r.cost_micros_usd_per_million * (100 + r.markup_percent) / 100) / 1000000)::bigint end,
      e.currency, r.id, coalesce(e.metadata, '{}'), e.key
    from (select u.*, coalesce((select p.currency from public.tenants t join public.plans p on p.id = t.plan_id
        where t.id = u.tenant_id), 'usd') as currency from unnest(p_entries) u) e
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
  returning usage_events.owner_id, usage_events.key
$$;

-- Whatever a worker sent as its measures: no figure is out of range, and no name is a sentence.
create function private.usage_figure(p_value jsonb) returns bigint
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(p_value) = 'number' then floor(greatest(0, least((p_value #>> '{}')::numeric, 1000000000)))::bigint else 0 end
$$;
create function private.usage_name(p_value jsonb) returns text
language sql immutable set search_path = '' as $$
  select coalesce(nullif(left(regexp_replace(p_value #>> '{}', '[^A-Za-z0-9_.:@/-]', '_', 'g'), 64), ''), 'unknown')
$$;
create function private.usage_list(p_measures jsonb, p_name text) returns setof jsonb
language sql immutable set search_path = '' as $$
  select value from jsonb_array_elements(case jsonb_typeof(p_measures -> p_name) when 'array' then p_measures -> p_name else '[]' end)
    with ordinality l (value, position)
  where jsonb_typeof(value) = 'object' order by position limit 32
$$;

-- Of a settled call: what it is charged for.
create function private.seconds_of_call(c public.calls) returns private.usage_entry[]
language sql stable set search_path = '' as $$
  select case when c.charged_seconds > 0 then array[row(c.ended_at, c.user_id, c.tenant_id, c.id, 'voice_second', null, null, null,
    null, c.charged_seconds, jsonb_build_object('settled_by', c.settled_by), 'call:' || c.id || ':voice', false)::private.usage_entry]
    else '{}' end
$$;

-- And what its measures say: models by name and provider, and one event for each use of a tool. Who was refused by a tool pays
-- nothing for it; of what failed nobody knows how far it came. Of a thousand uses of one tool each is an event; what is more
-- is added to the last one.
create function private.measured_usage_of_call(c public.calls) returns private.usage_entry[]
language sql stable security definer set search_path = '' as $$
  with used as (
    select k.kind, null::text as tool, private.usage_name(m -> 'provider') as provider, private.usage_name(m -> 'model') as model,
      k.quantity, '{}'::jsonb as metadata, k.kind || ':' || private.usage_name(m -> 'provider') || ':' || private.usage_name(m -> 'model') as name,
      false as is_free
    from private.usage_list(c.measures, 'llm') m
    cross join lateral (select private.usage_figure(m -> 'input_tokens') as input, least(private.usage_figure(m -> 'cached_tokens'),
      private.usage_figure(m -> 'input_tokens')) as cached) t
    cross join lateral (values ('llm_input_token', t.input - t.cached), ('llm_cached_input_token', t.cached),
      ('llm_output_token', private.usage_figure(m -> 'output_tokens'))) k (kind, quantity)
    union all
    select 'stt_second', null, private.usage_name(m -> 'provider'), private.usage_name(m -> 'model'),
      private.usage_figure(m -> 'audio_ms') / 1000, jsonb_build_object('audio_ms', private.usage_figure(m -> 'audio_ms')),
      'stt_second:' || private.usage_name(m -> 'provider') || ':' || private.usage_name(m -> 'model'), false
    from private.usage_list(c.measures, 'stt') m
    union all
    select 'tts_character', null, private.usage_name(m -> 'provider'), private.usage_name(m -> 'model'),
      private.usage_figure(m -> 'characters'), jsonb_build_object('audio_ms', private.usage_figure(m -> 'audio_ms')),
      'tts_character:' || private.usage_name(m -> 'provider') || ':' || private.usage_name(m -> 'model'), false
    from private.usage_list(c.measures, 'tts') m
    union all
    select 'tool_call', private.usage_name(m -> 'tool'), null, null, case when n = 1000 then o.uses - 999 else 1 end,
      jsonb_build_object('outcome', o.outcome), 'tool:' || private.usage_name(m -> 'tool') || ':' || o.outcome || ':' || n,
      o.outcome = 'refused'
    from private.usage_list(c.measures, 'tools') m
    cross join lateral (values ('ok', private.usage_figure(m -> 'ok')), ('refused', private.usage_figure(m -> 'refused')),
      ('failed', private.usage_figure(m -> 'failed')), ('unfinished', private.usage_figure(m -> 'unfinished'))) o (outcome, uses)
    cross join lateral generate_series(1, least(o.uses, 1000)) n)
  select array(select row(c.ended_at, c.user_id, c.tenant_id, c.id, kind, tool, case kind when 'tool_call' then 'agent' end, provider,
    model, quantity, metadata, 'call:' || c.id || ':' || name, is_free)::private.usage_entry from used where quantity > 0)
$$;

-- What a call used is priced as it was when the call began, and belongs to the month in which it ended: a price does not
-- change in the middle of a call, and no call comes too late for the month's invoice. Whatever is wrong with it, the call is
-- settled; it is noted then, and a job records it.
create function private.record_call_usage() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.record_usage(case when old.status = 'settled' then '{}' else private.seconds_of_call(new) end
    || case when new.measures is null then '{}' else private.measured_usage_of_call(new) end, new.opened_at);
  return null;
exception when others then
  raise warning 'usage of call % not recorded: %', new.id, sqlstate;
  begin
    insert into private.usage_to_record (call_id, reason) values (new.id, sqlstate) on conflict do nothing;
  exception when others then
    -- The check of each night finds it.
    raise warning 'nor noted: %', sqlstate;
  end;
  return null;
end $$;
-- Measures are written after the settlement, in the same transaction.
create trigger record_call_usage after update of status, measures on public.calls
  for each row when (new.status = 'settled' and (old.status is distinct from 'settled' or old.measures is null and new.measures is not null))
  execute function private.record_call_usage();

create function public.record_missing_usage(p_limit int default 200) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_note private.usage_to_record;
  v_call public.calls;
  v_recorded int := 0;
  v_failed int := 0;
begin
  for v_note in select * from private.usage_to_record order by attempts, noted_at
    limit greatest(0, least(coalesce(p_limit, 200), 1000)) for update skip locked
  loop
    select * into v_call from public.calls where id = v_note.call_id;
    begin
      perform private.record_usage(private.seconds_of_call(v_call) || private.measured_usage_of_call(v_call), v_call.opened_at);
      delete from private.usage_to_record where call_id = v_note.call_id;
      v_recorded := v_recorded + 1;
    exception when others then
      update private.usage_to_record set attempts = attempts + 1, reason = sqlstate where call_id = v_note.call_id;
      v_failed := v_failed + 1;
      perform public.note_finding('usage_not_recorded', v_note.call_id::text, format('What this call used could not be recorded, '
        'and is tried again (%s, %s times so far).', sqlstate, v_note.attempts + 1));
    end;
  end loop;
  return jsonb_build_object('recorded', v_recorded, 'failed', v_failed);
end $$;
comment on function public.record_missing_usage(int) is
  'Records the usage of calls for which that failed when they were settled. Harmless to repeat, and beside itself.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.record_missing_usage(int) from public, anon, authenticated;
grant execute on function public.record_missing_usage(int) to service_role;
