-- How a person wants to be spoken with, and what the agent remembers of them: short sentences that they told it, which
-- they can see, correct and erase.



create table public.caller_settings (
  user_id uuid primary key references public.users (id) on delete cascade,
  locale text check (locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'),
  voice text check (voice ~ '^[a-z][a-z0-9_-]{0,63}$'),
  memory_enabled boolean not null default true,
  -- What began before this moment is not remembered: everything was erased then.
  erased_at timestamptz,
  updated_at timestamptz not null default now()
);
comment on table public.caller_settings is
  'A row per person who chose something, or of whom something is remembered; without a row the defaults hold. Its lock '
  'makes all that changes what is remembered of a person take turns. No function of time or money takes it.';
comment on column public.caller_settings.locale is 'BCP 47: language, script and region, in the usual case. Null: what the service is configured with.';
comment on column public.caller_settings.voice is 'Null: the voice that the service is configured with.';



-- Whether two texts are the same to a reader.
create function private.folded(p_text text) returns text
language sql immutable set search_path = '' as $$
  select lower(p_text collate pg_catalog."und-x-icu")
$$;

-- One line of text as it is stored: composed, without control characters, turned-round or invisible ones.
create function private.memory_text(p_text text) returns text
language sql immutable set search_path = '' as $$
  select trim(regexp_replace(normalize(p_text, NFC),
    '[\s[:cntrl:]\u0080-\u009f\u200b\u2028-\u202e\u2066-\u2069\ufeff]+', ' ', 'g'))
$$;

-- 13 to 19 digits in a row that pass the check of ISO/IEC 7812-1 (Luhn), wherever in longer rows they stand: a date or
-- a security code often follows. Some telephone numbers are taken for cards by chance; a card kept would be worse.
create function private.holds_card_number(p_text text) returns boolean
language sql immutable set search_path = '' as $$
  select exists (
    select from regexp_matches(
        translate(normalize(p_text, NFKC), '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '01234567890123456789'),
        '[0-9](?:[^0-9[:alpha:]]{0,3}[0-9]){12,}', 'g') found (texts),
      regexp_replace(texts[1], '[^0-9]', '', 'g') digits,
      generate_series(13, 19) size, generate_series(1, length(digits) - size + 1) first
    where (select sum(case when place % 2 = 1 then digit else digit * 2 / 10 + digit * 2 % 10 end) % 10 = 0
      from generate_series(1, size) place, cast(substr(digits, first + size - place, 1) as int) digit))
$$;

-- Twelve characters of the alphabet of activation codes (shared/activation-codes/code.ts), however they are grouped.
-- Whether the last one fits the others does not matter: one that was misheard is a secret, too.
create function private.holds_activation_code(p_text text) returns boolean
language sql immutable set search_path = '' as $$
  select upper(normalize(p_text, NFKC)) ~ ('(?<![0-9A-Z])[2346789FHJKLMPQRWXY]'
    '(?:[^0-9A-Z]{0,3}[2346789FHJKLMPQRWXY]){11}(?![0-9A-Z])')
$$;

create function private.holds_secret(p_text text) returns boolean
language sql immutable set search_path = '' as $$
  select private.holds_card_number(p_text) or private.holds_activation_code(p_text)
$$;

-- Something that a direction can be told of: finite, and not all zeros.
create function private.is_embedding(p_embedding real[]) returns boolean
language sql immutable set search_path = '' as $$
  select array_ndims(p_embedding) = 1 and cardinality(p_embedding) <= 4096
    and (select bool_and(coalesce(abs(x) < 1e15, false)) and bool_or(abs(x) > 1e-15) from unnest(p_embedding) x)
$$;



create table public.caller_memories (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete cascade,
  -- The last line of defence against what must never be here; the functions ask first, because a constraint that fails
  -- writes the row into the log.
  text text not null check (length(text) between 1 and 300) check (not private.holds_secret(text)),
  kind text not null check (kind in ('fact', 'preference')),
  source text not null check (source in ('call', 'person')),
  call_id uuid references public.calls (id) on delete set null,
  embedding real[] check (private.is_embedding(embedding)),
  embedding_model text check (length(embedding_model) between 1 and 200),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- When the person put it into their own words.
  corrected_at timestamptz,
  check ((source = 'person') = (corrected_at is not null)),
  check (embedding is not null or embedding_model is null)
);
create unique index caller_memories_said_once on public.caller_memories (user_id, private.folded(text));
comment on table public.caller_memories is
  'What a person told in calls. An erased row is deleted, with its embedding, and there is no other copy.';

create table private.remembered_calls (
  call_id uuid primary key references public.calls (id) on delete cascade,
  remembered_at timestamptz not null default now()
);
comment on table private.remembered_calls is
  'Calls of which everything was remembered that ever will be. Outlives what was remembered, so that a repeat brings '
  'nothing back that was erased.';



-- Null where it says nothing about a direction. What a real cannot hold is none or nothing.
create function private.embedding_of(p_embedding jsonb) returns real[]
language sql immutable set search_path = '' as $$
  select case when private.is_embedding(numbers) then numbers end
  from (select array_agg(case when abs(x::numeric) < 1e-30 then 0 when abs(x::numeric) < 1e30 then x::real end order by n)
    from jsonb_array_elements_text(case when jsonb_typeof(p_embedding) = 'array' then p_embedding else '[]' end)
      with ordinality e (x, n)) e (numbers)
$$;

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

-- The same without the lock, and without leaving a row behind. Null for somebody unknown.
create function private.settings_of(p_user_id uuid) returns public.caller_settings
language sql stable security definer set search_path = '' as $$
  select (u.id, s.locale, s.voice, coalesce(s.memory_enabled, true), s.erased_at,
    coalesce(s.updated_at, u.created_at))::public.caller_settings
  from public.users u left join public.caller_settings s on s.user_id = u.id where u.id = p_user_id
$$;

create function private.settings_answer(p_settings public.caller_settings, p_status text) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('status', p_status, 'locale', p_settings.locale, 'voice', p_settings.voice,
    'memory_enabled', p_settings.memory_enabled)
$$;

-- The row of a person, locked, made where there is none yet. Null for somebody unknown.
create function private.lock_caller(p_user_id uuid) returns public.caller_settings
language plpgsql security definer set search_path = '' as $$
declare
  v_settings public.caller_settings;
begin
  insert into public.caller_settings (user_id) select id from public.users where id = p_user_id on conflict do nothing;
  select * into v_settings from public.caller_settings where user_id = p_user_id for update;
  return v_settings;
end $$;

create function public.read_settings(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((select private.settings_answer(s, 'known') from private.settings_of(p_user_id) s
    where s.user_id is not null), jsonb_build_object('status', 'unknown_user'))
$$;
comment on function public.read_settings(uuid) is
  'How a person wants to be spoken with. Status known, or unknown_user.';

create function public.write_settings(p_user_id uuid, p_locale text default null, p_voice text default null,
  p_memory_enabled boolean default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_settings public.caller_settings;
begin
  if (p_locale = '' or p_locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$') is false
     or (p_voice = '' or p_voice ~ '^[a-z][a-z0-9_-]{0,63}$') is false then
    return jsonb_build_object('status', 'invalid_settings');
  elsif (private.lock_caller(p_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  update public.caller_settings
    set locale = nullif(coalesce(p_locale, locale), ''),
        voice = nullif(coalesce(p_voice, voice), ''),
        memory_enabled = coalesce(p_memory_enabled, memory_enabled),
        updated_at = now()
    where user_id = p_user_id returning * into v_settings;
  return private.settings_answer(v_settings, 'written');
end $$;
comment on function public.write_settings(uuid, text, text, boolean) is
  'Changes what is not null; an empty locale or voice is the one that the service is configured with. Status written, '
  'with all settings as they are now, unknown_user or invalid_settings.';

-- What a person takes back, or puts right, is not told again by a call under way: what that call said may say it in any
-- words. So nothing of such a call is remembered, nor of one whose notes may still be being taken. In the order in which
-- renew_calls locks calls.
create function private.close_calls(p_user_id uuid, p_but_call_id uuid) returns void
language sql security definer set search_path = '' as $$
  insert into private.remembered_calls (call_id)
  select id from public.calls
    where user_id = p_user_id and id is distinct from p_but_call_id
      and (status = 'open' or ended_at > now() - interval '1 hour')
    order by id
  on conflict do nothing
$$;

-- Answers stored, refused (a secret), or known: nothing to add, or the person had the last word on it.
create function private.remember_fact(c public.calls, p_fact jsonb) returns text
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
  v_call public.calls;
  v_settings public.caller_settings;
  v_outcomes text[];
begin
  select * into v_call from public.calls where id = p_call_id and user_id = p_user_id;
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

create function public.list_memories(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((
    select jsonb_build_object('status', 'listed', 'memory_enabled', s.memory_enabled, 'memories', coalesce((
      select jsonb_agg(jsonb_build_object('id', m.id, 'text', m.text, 'kind', m.kind, 'source', m.source,
          'call_id', m.call_id, 'created_at', private.utc_text(m.created_at), 'updated_at', private.utc_text(m.updated_at))
        order by m.updated_at desc, m.id desc)
      from public.caller_memories m where m.user_id = s.user_id), '[]'))
    from private.settings_of(p_user_id) s where s.user_id is not null), jsonb_build_object('status', 'unknown_user'))
$$;
comment on function public.list_memories(uuid) is
  'Everything that is remembered of a person, newest first, also while memory is off. Status listed or unknown_user.';

-- With pgvector where the server has it, and else in plain SQL: a person has 200 memories at most, which are compared
-- one by one, so that no index is missed.
do $$
begin
  if exists (select from pg_available_extensions where name = 'vector' and installed_version is null) then
    if to_regnamespace('extensions') is null then
      create schema extensions;
    end if;
    create extension vector with schema extensions;
  end if;
exception when others then
  raise notice 'pgvector is there, but may not be used (%): plain SQL compares embeddings', sqlerrm;
end $$;
do $$
declare
  v_schema text := (select extnamespace::regnamespace::text from pg_extension where extname = 'vector');
begin
  execute format($create$
    create function private.cosine_similarity(a real[], b real[]) returns float8
    language sql immutable strict set search_path = '' as %L $create$,
    case when v_schema is null then
      'select sum(x::float8 * y) / nullif(sqrt(sum(x::float8 * x)) * sqrt(sum(y::float8 * y)), 0) from unnest(a, b) t (x, y)'
    else
      format('select 1 - (a::%1$s.vector operator(%1$s.<=>) b::%1$s.vector)', v_schema)
    end);
end $$;

create function private.text_search_of(p_locale text) returns regconfig
language sql immutable set search_path = '' as $$
  select (case split_part(p_locale, '-', 1) when 'de' then 'pg_catalog.german' when 'es' then 'pg_catalog.spanish'
    when 'fr' then 'pg_catalog.french' else 'pg_catalog.english' end)::regconfig
$$;

-- What to look for in a text: its words without endings, each found at the beginning of longer ones, too.
create function private.search_words(p_config regconfig, p_text text) returns tsquery[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg((quoted || case when length(lexeme) >= 3 then ':*' else '' end)::tsquery), '{}')
  from (select lexeme, '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''' as quoted
    from unnest(to_tsvector(p_config, private.folded(left(p_text, 1000)))) limit 40) words
$$;

-- The share of the words that a text holds, from 0 to 1.
create function private.share_of_words(p_config regconfig, p_text text, p_words tsquery[]) returns float8
language sql immutable set search_path = '' as $$
  select coalesce(avg((said @@ word)::int), 0)
  from to_tsvector(p_config, private.folded(p_text)) said, unnest(p_words) word
$$;

create function public.search_memories(p_user_id uuid, p_query text, p_embedding real[] default null,
  p_model text default null, p_limit int default 5) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_settings public.caller_settings := private.settings_of(p_user_id);
  v_config regconfig := private.text_search_of(v_settings.locale);
  v_words tsquery[] := private.search_words(v_config, p_query);
  v_embedding real[] := case when private.is_embedding(p_embedding) then p_embedding end;
  v_limit int := greatest(1, least(coalesce(p_limit, 5), 50));
  v_found jsonb;
begin
  if v_settings.memory_enabled is not true then
    return jsonb_build_object('status', 'memory_off');
  end if;
  select jsonb_agg(jsonb_build_object('id', id, 'text', text, 'kind', kind, 'score', round(score::numeric, 4))
      order by score desc, updated_at desc, id desc) into v_found
  from (
    select m.*, greatest(private.share_of_words(v_config, m.text, v_words),
      -- Those of another model lie in another space; where a name is missing, the length has to do.
      case when coalesce(m.embedding_model = p_model, true) and cardinality(m.embedding) = cardinality(v_embedding)
        then nullif(private.cosine_similarity(m.embedding, v_embedding), 'NaN') end) as score
    from public.caller_memories m where m.user_id = p_user_id
    order by score desc, m.updated_at desc, m.id desc limit v_limit) best
  -- Nothing to look for: what was told last.
  where score > 0 or cardinality(v_words) = 0 and v_embedding is null;
  return jsonb_build_object('status', 'found', 'facts', coalesce(v_found, '[]'));
end $$;
comment on function public.search_memories(uuid, text, real[], text, int) is
  'Memories of a person that fit a query, best first: by the words that they share, or by the cosine of the embeddings '
  'where that is greater. A query without words answers the newest. Status found, or memory_off.';

create function public.read_caller(p_user_id uuid, p_facts int default 30, p_call_id uuid default null) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((
    select private.settings_answer(s, 'known') || jsonb_build_object('is_call_closed', exists (
      select from public.calls c where c.id = p_call_id and c.user_id = s.user_id
        and (c.opened_at <= s.erased_at or exists (select from private.remembered_calls r where r.call_id = c.id))),
      'facts', coalesce((
      select jsonb_agg(jsonb_build_object('id', id, 'text', text, 'kind', kind)
        order by corrected_at is null, updated_at desc, id desc)
      from (select * from public.caller_memories where user_id = s.user_id and s.memory_enabled
        order by corrected_at is null, updated_at desc, id desc
        limit greatest(0, least(coalesce(p_facts, 30), 200))) most), '[]'))
    from private.settings_of(p_user_id) s where s.user_id is not null), jsonb_build_object('status', 'unknown_user'))
$$;
comment on function public.read_caller(uuid, int, uuid) is
  'How to speak with a person, and what is remembered of them: what they corrected first, then the newest. No facts when '
  'memory is off. is_call_closed: nothing more is remembered of that call. Status known or unknown_user.';



alter table public.caller_settings enable row level security;
alter table public.caller_memories enable row level security;
create policy "own settings" on public.caller_settings for select to authenticated
  using (user_id = (select auth.uid()));
create policy "own memories" on public.caller_memories for select to authenticated
  using (user_id = (select auth.uid()));
revoke all on public.caller_settings, public.caller_memories, private.remembered_calls
  from public, anon, authenticated, service_role;
grant select on public.caller_settings, public.caller_memories to authenticated;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.read_settings(uuid), public.write_settings(uuid, text, text, boolean),
  public.remember_facts(uuid, uuid, jsonb), public.correct_memory(uuid, uuid, text),
  public.erase_memory(uuid, uuid, uuid), public.erase_all_memories(uuid), public.list_memories(uuid),
  public.search_memories(uuid, text, real[], text, int), public.read_caller(uuid, int, uuid)
  from public, anon, authenticated;
grant execute on function public.read_settings(uuid), public.write_settings(uuid, text, text, boolean),
  public.remember_facts(uuid, uuid, jsonb), public.correct_memory(uuid, uuid, text),
  public.erase_memory(uuid, uuid, uuid), public.erase_all_memories(uuid), public.list_memories(uuid),
  public.search_memories(uuid, text, real[], text, int), public.read_caller(uuid, int, uuid) to service_role;
