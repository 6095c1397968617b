-- What changes a person's memories: a call that is over, and the person themselves. Each takes the person's lock first.

-- Whether it is one fact in the shape that remember_facts takes.
create function private.is_fact(p_fact jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(p_fact) = 'object' then
    coalesce(jsonb_typeof(p_fact -> 'text') = 'string' and p_fact -> 'kind' in ('"fact"', '"preference"')
      and length(private.memory_text(p_fact ->> 'text')) between 1 and 300
      and coalesce(jsonb_typeof(p_fact -> 'replaces'), 'null') in ('string', 'null')
      and coalesce(jsonb_typeof(p_fact -> 'model'), 'null') in ('string', 'null')
      and coalesce(length(p_fact ->> 'model'), 1) between 1 and 200
      and case coalesce(jsonb_typeof(p_fact -> 'embedding'), 'null')
        when 'null' then true
        when 'array' then jsonb_array_length(p_fact -> 'embedding') between 1 and 4096
          and not jsonb_path_exists(p_fact -> 'embedding', 'strict $[*] ? (@.type() != "number")')
        else false end, false)
    else false end
$$;

-- Null where it says nothing about a direction. What a real cannot hold is none or nothing.
create function private.embedding_of(p_embedding jsonb) returns real[]
language sql immutable set search_path = '' as $$
  select case when private.is_embedding(numbers) then numbers end
  from (select array_agg(case when abs(x::numeric) < 1e-30 then 0 when abs(x::numeric) < 1e30 then x::real end order by n)
    from jsonb_array_elements_text(case when jsonb_typeof(p_embedding) = 'array' then p_embedding else '[]' end)
      with ordinality e (x, n)) e (numbers)
$$;

-- Answers stored, refused (a secret), or known: nothing to add, or the person had the last word on it.
create function private.remember_fact(c public.voice_sessions, p_fact jsonb) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_text text := private.memory_text(p_fact ->> 'text');
  v_embedding real[] := private.embedding_of(p_fact -> 'embedding');
  v_model text := case when v_embedding is not null then p_fact ->> 'model' end;
  v_old public.caller_memories;
begin
  if private.holds_secret(v_text) then
    return 'refused';
  end if;
  if p_fact ->> 'replaces' is not null then
    select * into v_old from public.caller_memories
      where user_id = c.user_id and id::text = lower(p_fact ->> 'replaces');
    -- One that is gone was erased: its newer wording would bring it back.
    if not found or v_old.corrected_at >= c.opened_at then
      return 'known';
    end if;
  end if;
  -- Told again: as fresh as new, in the words that it has.
  update public.caller_memories set updated_at = clock_timestamp(), embedding = coalesce(v_embedding, embedding),
      embedding_model = case when v_embedding is null then embedding_model else v_model end
    where user_id = c.user_id and private.folded(text) = private.folded(v_text) and id is distinct from v_old.id;
  if found then
    delete from public.caller_memories where id = v_old.id;
    return 'known';
  elsif v_old.id is not null then
    update public.caller_memories set text = v_text, kind = p_fact ->> 'kind', source = 'call', call_id = c.id,
      embedding = v_embedding, embedding_model = v_model, updated_at = clock_timestamp(), corrected_at = null
      where id = v_old.id;
  else
    insert into public.caller_memories (user_id, text, kind, source, call_id, embedding, embedding_model)
      values (c.user_id, v_text, p_fact ->> 'kind', 'call', c.id, v_embedding, v_model);
  end if;
  return 'stored';
end $$;

create function public.remember_facts(p_call_id uuid, p_user_id uuid, p_facts jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_call public.voice_sessions;
  v_settings public.caller_settings;
  v_outcomes text[];
begin
  select * into v_call from public.voice_sessions where id = p_call_id and user_id = p_user_id;
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  elsif jsonb_typeof(p_facts) is distinct from 'array' or jsonb_array_length(p_facts) > 20
      or exists (select from jsonb_array_elements(p_facts) fact where not private.is_fact(fact)) then
    return jsonb_build_object('status', 'invalid_facts');
  end if;
  v_settings := private.lock_caller(p_user_id);
  if v_call.opened_at <= v_settings.erased_at then
    return jsonb_build_object('status', 'already_remembered');
  end if;
  insert into private.remembered_calls (call_id) values (p_call_id) on conflict do nothing;
  if not found then
    return jsonb_build_object('status', 'already_remembered');
  elsif v_settings.memory_enabled is not true then
    -- Marked all the same: turning memory on later is no consent to what was said before.
    return jsonb_build_object('status', 'memory_off');
  end if;
  for v_fact in 0 .. jsonb_array_length(p_facts) - 1 loop
    v_outcomes := v_outcomes || private.remember_fact(v_call, p_facts -> v_fact);
  end loop;
  delete from public.caller_memories where id in (select id from public.caller_memories
    where user_id = p_user_id order by updated_at desc, id desc offset 200);
  return jsonb_build_object('status', 'remembered', 'count', coalesce(cardinality(array_positions(v_outcomes, 'stored')), 0),
    'refused', coalesce(cardinality(array_positions(v_outcomes, 'refused')), 0));
end $$;
comment on function public.remember_facts(uuid, uuid, jsonb) is
  'Stores what a call told, once: [{text, kind, embedding?, model?, replaces?}], at most 20. Status remembered with how many '
  'were stored and how many refused as secrets, already_remembered (also of calls that began before everything was '
  'erased), memory_off, unknown_call or invalid_facts. Keeps the 200 newest of a person.';

-- What a person takes back, or puts right, is not told again by a call under way: what that call said may say it in any
-- words. So nothing of such a call is remembered, nor of one whose notes may still be being taken. In the order in which
-- renew_calls locks calls.
create function private.close_calls(p_user_id uuid, p_but_call_id uuid) returns void
language sql security definer set search_path = '' as $$
  insert into private.remembered_calls (call_id)
  select id from public.voice_sessions
    where user_id = p_user_id and id is distinct from p_but_call_id
      and (status = 'open' or ended_at > now() - interval '1 hour')
    order by id
  on conflict do nothing
$$;

create function public.correct_memory(p_user_id uuid, p_memory_id uuid, p_text text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_text text := private.memory_text(p_text);
begin
  if (length(v_text) between 1 and 300) is not true then
    return jsonb_build_object('status', 'invalid_text');
  elsif private.holds_secret(v_text) then
    return jsonb_build_object('status', 'refused');
  end if;
  perform private.lock_caller(p_user_id);
  if not exists (select from public.caller_memories where user_id = p_user_id and id = p_memory_id) then
    return jsonb_build_object('status', 'unknown_memory');
  end if;
  delete from public.caller_memories
    where user_id = p_user_id and private.folded(text) = private.folded(v_text) and id <> p_memory_id;
  -- An embedding of other words would find it by what it does not say any more.
  update public.caller_memories set text = v_text, source = 'person',
      embedding = case when text = v_text then embedding end,
      embedding_model = case when text = v_text then embedding_model end,
      corrected_at = clock_timestamp(), updated_at = clock_timestamp()
    where id = p_memory_id;
  perform private.close_calls(p_user_id, null);
  return jsonb_build_object('status', 'corrected');
end $$;
comment on function public.correct_memory(uuid, uuid, text) is
  'A person puts a memory of theirs into their own words; another that says the same goes, and nothing more is remembered '
  'of calls that are open or ended within the hour. Status corrected, unknown_memory, invalid_text, or refused: it holds '
  'a card number or an activation code.';

create function public.erase_memory(p_user_id uuid, p_memory_id uuid, p_call_id uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform private.lock_caller(p_user_id);
  delete from public.caller_memories where user_id = p_user_id and id = p_memory_id;
  if not found then
    return jsonb_build_object('status', 'unknown_memory');
  end if;
  perform private.close_calls(p_user_id, p_call_id);
  return jsonb_build_object('status', 'erased');
end $$;
comment on function public.erase_memory(uuid, uuid, uuid) is
  'Deletes one memory, and has nothing more remembered of calls that are open or ended within the hour, but for the call '
  'in which the person asked for it, if it was in one: that leaves out by itself what was said before. Status erased or '
  'unknown_memory.';

create function public.erase_all_memories(p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_count int;
begin
  if (private.lock_caller(p_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  delete from public.caller_memories where user_id = p_user_id;
  get diagnostics v_count = row_count;
  update public.caller_settings set erased_at = clock_timestamp() where user_id = p_user_id;
  return jsonb_build_object('status', 'erased', 'count', v_count);
end $$;
comment on function public.erase_all_memories(uuid) is
  'Deletes all memories of a person, and has nothing remembered of calls that began before, the ones going on included. '
  'Status erased or unknown_user.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.remember_facts(uuid, uuid, jsonb), public.correct_memory(uuid, uuid, text),
  public.erase_memory(uuid, uuid, uuid), public.erase_all_memories(uuid) from public, anon, authenticated;
grant execute on function public.remember_facts(uuid, uuid, jsonb), public.correct_memory(uuid, uuid, text),
  public.erase_memory(uuid, uuid, uuid), public.erase_all_memories(uuid) to service_role;
