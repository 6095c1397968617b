-- Time owned, time promised, time used.

create table public.time_cards (
  id uuid primary key,
  user_id uuid references public.users (id) on delete restrict,
  purchaser_id uuid references public.users (id) on delete restrict,
  package_id text references public.pricing_tiers (id),
  payment_intent_id text unique,
  source text not null check (source in ('paid', 'gift', 'bonus', 'goodwill')),
  status text not null check (status in ('unactivated', 'active', 'exhausted', 'expired', 'revoked')),
  paid_seconds int not null check (paid_seconds >= 0),
  bonus_seconds int not null default 0 check (bonus_seconds >= 0),
  remaining_seconds int not null check (remaining_seconds >= 0),
  created_at timestamptz not null default now(),
  activated_at timestamptz,
  expires_at timestamptz,
  check (remaining_seconds <= paid_seconds + bonus_seconds),
  check ((status = 'unactivated') = (activated_at is null) or status = 'revoked'),
  check (user_id is not null or status in ('unactivated', 'revoked')),
  check (status not in ('exhausted', 'expired') or remaining_seconds = 0),
  check (status <> 'active' or remaining_seconds > 0 and expires_at is not null)
) with (fillfactor = 70);
comment on table public.time_cards is
  'Seconds owned. Bonus seconds are used before paid ones, so what is refundable is used last.';
-- The predicate is on status, which changes once per card: one on remaining_seconds would defeat HOT updates.
create index time_cards_first_expiring on public.time_cards (user_id, expires_at, created_at, id)
  where status = 'active';
create index time_cards_by_purchaser on public.time_cards (purchaser_id) where source = 'gift';

create table public.activation_codes (
  card_id uuid primary key references public.time_cards (id) on delete restrict,
  code_hash text not null unique check (code_hash ~ '^[0-9a-f]{64}$')
);
comment on table public.activation_codes is
  'Keyed hashes only. The code itself is derived from the card''s id with a key that the database never sees.';

create table public.activation_attempts (
  user_id uuid primary key references public.users (id) on delete cascade,
  failed_count int not null,
  window_started_at timestamptz not null
);

create table public.voice_sessions (
  id uuid primary key,
  user_id uuid not null references public.users (id) on delete restrict,
  room_name text not null check (length(room_name) between 1 and 200),
  epoch int not null default 1 check (epoch > 0),
  status text not null default 'open' check (status in ('open', 'settled')),
  slice_seconds int not null check (slice_seconds between 1 and 3600),
  lease_margin_seconds int not null check (lease_margin_seconds between 0 and 3600),
  granted_seconds int not null check (granted_seconds >= 0),
  used_ms bigint not null default 0 check (used_ms >= 0),
  charged_seconds int check (charged_seconds >= 0),
  opened_at timestamptz not null default now(),
  lease_expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  settled_by text check (settled_by in ('worker', 'reaper')),
  receipt jsonb,
  check (used_ms <= granted_seconds * 1000::bigint),
  check ((status = 'settled') = (charged_seconds is not null and ended_at is not null and receipt is not null))
) with (fillfactor = 70);
comment on table public.voice_sessions is
  'One row per call. used_ms and granted_seconds are absolute counters, so that a repeated report is harmless.';
create unique index voice_sessions_one_open_call_per_room on public.voice_sessions (room_name) where status = 'open';
-- No index on lease_expires_at: every renewal moves it, and an index would make each of them a non-HOT update.
create index voice_sessions_open_calls on public.voice_sessions (user_id) where status = 'open';
create index voice_sessions_history on public.voice_sessions (user_id, opened_at desc);

create table public.time_ledger (
  id bigint generated always as identity primary key,
  user_id uuid not null references public.users (id) on delete restrict,
  card_id uuid references public.time_cards (id) on delete restrict,
  call_id uuid references public.voice_sessions (id) on delete restrict,
  reason text not null check (reason in
    ('grant', 'bonus_grant', 'goodwill', 'restore', 'use', 'expire', 'clawback', 'debt_payment')),
  seconds int not null check (seconds <> 0),
  key text not null unique,
  created_at timestamptz not null default now(),
  check ((reason in ('grant', 'bonus_grant', 'goodwill', 'restore')) = (seconds > 0) or reason = 'debt_payment')
);
comment on table public.time_ledger is
  'Append-only. Sum over a card = its remainder; sum over a person = balance - debt; rows without a card are debt.';
create index time_ledger_by_user on public.time_ledger (user_id, created_at) include (reason, seconds);
create index time_ledger_by_card on public.time_ledger (card_id);

create function private.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception 'time_ledger is append-only: write a correcting entry instead' using errcode = 'PT403';
end $$;
create trigger time_ledger_is_append_only before update or delete on public.time_ledger
  for each row execute function private.refuse_change();
create trigger time_ledger_is_never_truncated before truncate on public.time_ledger
  for each statement execute function private.refuse_change();
