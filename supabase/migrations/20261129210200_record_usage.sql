-- How usage is recorded: by one function, priced as it is written. A call's usage in the transaction that settles it, what
-- services report in batches.

create type private.usage_entry as (
  occurred_at timestamptz, user_id uuid, tenant_id uuid, call_id uuid, kind text, tool text, server text, provider text, model text,
  quantity bigint, metadata jsonb, key text, is_free boolean
);

-- The only writer of usage_events. @param p_priced_at whose rates hold; without it those of when it happened.
-- Written in PL/pgSQL, as the others that each call and each event ask: a function of SQL is planned anew at each call, which
-- costs more than what it computes.
create function private.record_usage(p_entries private.usage_entry[], p_priced_at timestamptz default null)
returns table (owner_id uuid, key text)
language plpgsql volatile security definer set search_path = '' as $$
#variable_conflict use_column
begin
  -- Ordered, so that two that record the same at once wait for each other instead of deadlocking.
  return query insert into public.usage_events (occurred_month, occurred_at, owner_id, tenant_id, user_id, call_id, kind, tool, server,
      provider, model, quantity, cost_micro_usd, price_micros, currency, rate_id, metadata, key)
    select date_trunc('month', e.occurred_at at time zone 'utc')::date, e.occurred_at, coalesce(e.tenant_id, e.user_id), e.tenant_id,
      e.user_id, e.call_id, e.kind, e.tool, e.server, e.provider, e.model, e.quantity,
      -- What runs on a machine of ours costs nothing, unless a rate says so.
      coalesce(round(e.quantity::numeric * r.cost_micros_usd_per_million / 1000000)::bigint,
        case when e.provider ~ '^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$' then 0 end),
      case when e.is_free then 0
        else round(e.quantity::numeric * coalesce(r.price_micros_per_million,
          r.cost_micros_usd_per_million * (100 + r.markup_percent) / 100) / 1000000)::bigint end,
      e.currency, r.id, coalesce(e.metadata, '{}'), e.key
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

-- Of a settled call: what it is charged for.
create function private.seconds_of_call(c public.calls) returns private.usage_entry[]
language plpgsql stable set search_path = '' as $$
begin
  if (c.charged_seconds > 0) is not true then
    return '{}';
  end if;
  return array[row(c.ended_at, c.user_id, c.tenant_id, c.id, 'voice_second', null, null, null, null, c.charged_seconds,
    jsonb_build_object('settled_by', c.settled_by), 'call:' || c.id || ':voice', false)::private.usage_entry];
end $$;

-- What the measures of a settled call say: models by name and provider, and one event for each use of a tool. Whatever a worker
-- sent, no figure is out of range, and no name is a sentence. Who was refused by a tool pays nothing for it; of what failed
-- nobody knows how far it came. Of a thousand uses of one tool each is an event; what is more is added to the last one.
create function private.measured_usage_of_call(c public.calls) returns private.usage_entry[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return array(
    with entries as materialized (
      select l.list, n.*, t.*
      from (values ('llm'), ('stt'), ('tts'), ('tools')) l (list)
      cross join lateral jsonb_array_elements(case jsonb_typeof(c.measures -> l.list) when 'array' then c.measures -> l.list else '[]' end)
        with ordinality m (value, position)
      cross join lateral (
        select coalesce(nullif(left(regexp_replace(m.value ->> 'provider', '[^A-Za-z0-9_.:@/-]', '_', 'g'), 64), ''), 'unknown') as provider,
          coalesce(nullif(left(regexp_replace(m.value ->> 'model', '[^A-Za-z0-9_.:@/-]', '_', 'g'), 64), ''), 'unknown') as model,
          coalesce(nullif(left(regexp_replace(m.value ->> 'tool', '[^A-Za-z0-9_.:@/-]', '_', 'g'), 64), ''), 'unknown') as tool) n
      cross join lateral (
        select coalesce(max(f.figure) filter (where f.name = 'input_tokens'), 0) as input,
          coalesce(max(f.figure) filter (where f.name = 'cached_tokens'), 0) as cached,
          coalesce(max(f.figure) filter (where f.name = 'output_tokens'), 0) as output,
          coalesce(max(f.figure) filter (where f.name = 'audio_ms'), 0) as audio_ms,
          coalesce(max(f.figure) filter (where f.name = 'characters'), 0) as characters,
          coalesce(max(f.figure) filter (where f.name = 'ok'), 0) as ok, coalesce(max(f.figure) filter (where f.name = 'refused'), 0) as refused,
          coalesce(max(f.figure) filter (where f.name = 'failed'), 0) as failed,
          coalesce(max(f.figure) filter (where f.name = 'unfinished'), 0) as unfinished
        from (select j.key as name, case when jsonb_typeof(j.value) = 'number'
            then floor(greatest(0, least((j.value #>> '{}')::numeric, 1000000000)))::bigint end as figure
          from jsonb_each(case jsonb_typeof(m.value) when 'object' then m.value else '{}' end) j) f) t
      where jsonb_typeof(m.value) = 'object' and m.position <= 32),
    used as (
      select k.kind, null::text as tool, e.provider, e.model, k.quantity, k.metadata, k.kind || ':' || e.provider || ':' || e.model as name,
        false as is_free
      from entries e
      cross join lateral (values
        ('llm', 'llm_input_token', e.input - least(e.cached, e.input), '{}'::jsonb),
        ('llm', 'llm_cached_input_token', least(e.cached, e.input), '{}'),
        ('llm', 'llm_output_token', e.output, '{}'),
        ('stt', 'stt_second', e.audio_ms / 1000, jsonb_build_object('audio_ms', e.audio_ms)),
        ('tts', 'tts_character', e.characters, jsonb_build_object('audio_ms', e.audio_ms))) k (list, kind, quantity, metadata)
      where k.list = e.list
      union all
      select 'tool_call', e.tool, null, null, case when n = 1000 then o.uses - 999 else 1 end, jsonb_build_object('outcome', o.outcome),
        'tool:' || e.tool || ':' || o.outcome || ':' || n, o.outcome = 'refused'
      from entries e
      cross join lateral (values ('ok', e.ok), ('refused', e.refused), ('failed', e.failed), ('unfinished', e.unfinished)) o (outcome, uses)
      cross join lateral generate_series(1, least(o.uses, 1000)) n
      where e.list = 'tools')
    select row(c.ended_at, c.user_id, c.tenant_id, c.id, u.kind, u.tool, case u.kind when 'tool_call' then 'agent' end, u.provider, u.model,
      u.quantity, u.metadata, 'call:' || c.id || ':' || u.name, u.is_free)::private.usage_entry from used u where u.quantity > 0);
end $$;

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
