-- What the agent remembers of a person: short sentences that they told it, which they can see, correct and erase.

-- One line of text as it is stored: composed, without control characters, turned-round or invisible ones.
create function private.memory_text(p_text text) returns text
language sql immutable set search_path = '' as $$
  select trim(regexp_replace(normalize(p_text, NFC),
    '[\s[:cntrl:]\u0080-\u009f\u200b\u2028-\u202e\u2066-\u2069\ufeff]+', ' ', 'g'))
$$;

-- Whether two texts are the same to a reader.
create function private.folded(p_text text) returns text
language sql immutable set search_path = '' as $$
  select lower(p_text collate pg_catalog."und-x-icu")
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
  call_id uuid references public.voice_sessions (id) on delete set null,
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
  call_id uuid primary key references public.voice_sessions (id) on delete cascade,
  remembered_at timestamptz not null default now()
);
comment on table private.remembered_calls is
  'Calls of which everything was remembered that ever will be. Outlives what was remembered, so that a repeat brings '
  'nothing back that was erased.';

alter table public.caller_memories enable row level security;
create policy "own memories" on public.caller_memories for select to authenticated
  using (user_id = (select auth.uid()));
-- Not even the service reads them all: its functions answer for one person at a time.
revoke all on public.caller_memories, private.remembered_calls from public, anon, authenticated, service_role;
grant select on public.caller_memories to authenticated;

revoke execute on all functions in schema private from public, anon, authenticated;
