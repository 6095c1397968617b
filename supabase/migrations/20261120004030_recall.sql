-- Finding what is remembered: at the beginning of a call, by the agent's tool, and on the person's page.

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
      select from public.voice_sessions c where c.id = p_call_id and c.user_id = s.user_id
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

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.search_memories(uuid, text, real[], text, int), public.read_caller(uuid, int, uuid),
  public.list_memories(uuid) from public, anon, authenticated;
grant execute on function public.search_memories(uuid, text, real[], text, int), public.read_caller(uuid, int, uuid),
  public.list_memories(uuid) to service_role;
