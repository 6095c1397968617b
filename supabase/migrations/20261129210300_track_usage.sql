-- What services report of what they served, in batches that can be sent again.

-- Figures and names, as metadata may have them: never a sentence.
create function private.is_plain_metadata(p_metadata jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select jsonb_typeof(p_metadata) = 'object' and octet_length(p_metadata::text) <= 2048 and not exists (
    select from jsonb_each(p_metadata) m where m.key !~ '^[A-Za-z][A-Za-z0-9_]{0,63}$' or (case jsonb_typeof(m.value)
      when 'string' then m.value #>> '{}' ~ '^[A-Za-z][A-Za-z0-9_.:@/-]{0,99}$'
      when 'number' then abs((m.value #>> '{}')::numeric) <= 1000000000000
      else jsonb_typeof(m.value) in ('boolean', 'null') end) is not true)
$$;

-- Why an event is refused; null where it is not.
create function private.usage_refusal(p_event jsonb, p_user_id uuid, p_tenant_id uuid) returns text
language plpgsql stable security definer set search_path = '' as $$
declare
  v_name text;
  v_at timestamptz;
begin
  if jsonb_typeof(p_event) is distinct from 'object' or coalesce(jsonb_typeof(p_event -> 'key'), '') <> 'string'
      or (length(p_event ->> 'key') between 1 and 255) is not true then
    return 'key';
  elsif p_event ->> 'key' like 'call:%' then
    return 'key_is_reserved';
  elsif (p_event ->> 'kind' in ('stt_second', 'llm_input_token', 'llm_cached_input_token', 'llm_output_token', 'tts_character',
      'tool_call')) is not true then
    -- Seconds of voice are told by the settlement of a call, and by nobody else.
    return 'kind';
  elsif (jsonb_typeof(p_event -> 'quantity') = 'number' and (p_event ->> 'quantity')::numeric between 1 and 1000000000
      and (p_event ->> 'quantity')::numeric = floor((p_event ->> 'quantity')::numeric)) is not true then
    return 'quantity';
  elsif (p_event ->> 'kind' = 'tool_call') <> (p_event ->> 'tool' is not null) then
    return 'tool';
  end if;
  foreach v_name in array array['tool', 'server', 'provider', 'model'] loop
    if (p_event ->> v_name ~ '^[A-Za-z0-9_.:@/-]{1,100}$') is false then
      return v_name;
    end if;
  end loop;
  if p_event ? 'metadata' and private.is_plain_metadata(p_event -> 'metadata') is not true then
    return 'metadata';
  elsif (p_event ->> 'occurred_at' ~ '^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$') is not true then
    return 'occurred_at';
  end if;
  begin
    v_at := (p_event ->> 'occurred_at')::timestamptz;
    if p_event ->> 'call_id' is not null and not exists (select from public.calls c where c.id = (p_event ->> 'call_id')::uuid
        and c.user_id = p_user_id and c.tenant_id is not distinct from p_tenant_id) then
      return 'call_id';
    end if;
  exception when data_exception then
    return case when v_at is null then 'occurred_at' else 'call_id' end;
  end;
  return case when v_at > clock_timestamp() + interval '5 minutes' then 'in_the_future'
    when v_at < clock_timestamp() - interval '400 days' then 'too_old' end;
end $$;

create function public.track_usage(p_user_id uuid, p_tenant_id uuid, p_events jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_owner_id uuid := coalesce(p_tenant_id, p_user_id);
  v_refusals text[];
  v_answers jsonb;
begin
  if (jsonb_typeof(p_events) = 'array' and jsonb_array_length(p_events) <= 100) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif not exists (select from public.users where id = p_user_id) then
    return jsonb_build_object('status', 'unknown_user');
  elsif p_tenant_id is not null
      and not exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_user_id) then
    -- Better not billed than billed to whom it does not concern.
    return jsonb_build_object('status', 'not_a_member');
  end if;
  v_refusals := array(select private.usage_refusal(e, p_user_id, p_tenant_id) from jsonb_array_elements(p_events) with ordinality s (e, n)
    order by n);
  -- Who sends an event again shortly after the end of a month, with a time of then, must not be charged in both months: around
  -- it the keys are locked, in one order, so that of two at once the second one sees the first.
  perform pg_advisory_xact_lock(hash) from (
    select distinct hashtextextended(v_owner_id || ' ' || (e ->> 'key'), 21030) as hash
    from jsonb_array_elements(p_events) with ordinality s (e, n)
    where case when v_refusals[n] is null then
      date_trunc('month', (e ->> 'occurred_at')::timestamptz - interval '1 day', 'utc')
        <> date_trunc('month', (e ->> 'occurred_at')::timestamptz + interval '1 day', 'utc') end order by 1) h;
  with sent as materialized (
    select n, e, e ->> 'key' as key, v_refusals[n] as refusal from jsonb_array_elements(p_events) with ordinality s (e, n)),
  fit as materialized (
    select distinct on (s.key) s.n, row((s.e ->> 'occurred_at')::timestamptz, p_user_id, p_tenant_id, (s.e ->> 'call_id')::uuid, s.e ->> 'kind',
        s.e ->> 'tool', s.e ->> 'server', s.e ->> 'provider', s.e ->> 'model', floor((s.e ->> 'quantity')::numeric)::bigint,
        coalesce(s.e -> 'metadata', '{}'), s.key, s.e ->> 'kind' = 'tool_call' and s.e -> 'metadata' ->> 'outcome' = 'refused')::private.usage_entry as entry
    from sent s where s.refusal is null order by s.key, s.n),
  before as materialized (
    -- Of this month, and of the ones beside it.
    select u.key, u.occurred_month, u.kind, u.tool, u.quantity
    from fit f cross join lateral (
      select date_trunc('month', (f.entry).occurred_at at time zone 'utc')::date as month) m
    cross join lateral (values (m.month), ((m.month - interval '1 month')::date), ((m.month + interval '1 month')::date)) near (month)
    join public.usage_events u on u.occurred_month = near.month and u.owner_id = v_owner_id and u.key = (f.entry).key),
  recorded as materialized (
    select r.key from private.record_usage(array(select f.entry from fit f
      where not exists (select from before b where b.key = (f.entry).key))) r)
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', coalesce(s.key, ''), 'reason', s.refusal,
      'status', case when s.refusal is not null then 'refused'
        when f.n is not null and exists (select from recorded r where r.key = s.key) then 'recorded'
        when exists (select from before b where b.key = s.key and (b.kind, coalesce(b.tool, ''), b.quantity::numeric, b.occurred_month)
            is distinct from (s.e ->> 'kind', coalesce(s.e ->> 'tool', ''), (s.e ->> 'quantity')::numeric,
              date_trunc('month', (s.e ->> 'occurred_at')::timestamptz at time zone 'utc')::date)) then 'conflict'
        else 'duplicate' end)) order by s.n), '[]') into v_answers
  from sent s left join fit f on f.n = s.n;
  return jsonb_build_object('status', 'tracked', 'events', v_answers);
end $$;
comment on function public.track_usage(uuid, uuid, jsonb) is
  'Records what a person, or a member of a tenant, used: up to 100 events {kind, quantity, occurred_at, key, tool, server, '
  'provider, model, call_id, metadata}. Each is answered by its key: recorded, duplicate, conflict (the key names another event, '
  'also of a month beside) or refused with a reason. Harmless to repeat with the same key and occurred_at. Status tracked, '
  'malformed, unknown_user or not_a_member.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.track_usage(uuid, uuid, jsonb) from public, anon, authenticated;
grant execute on function public.track_usage(uuid, uuid, jsonb) to service_role;
