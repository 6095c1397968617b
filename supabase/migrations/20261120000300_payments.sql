-- Money: one row per purchase attempt, one row per Stripe event.

create table public.payment_history (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  package_id text not null references public.pricing_tiers (id),
  purpose text not null check (purpose in ('me', 'gift')),
  idempotency_key text not null check (length(idempotency_key) between 1 and 255),
  amount_cents int not null check (amount_cents >= 50),
  currency text not null,
  paid_seconds int not null check (paid_seconds > 0),
  bonus_seconds int not null check (bonus_seconds >= 0),
  payment_intent_id text unique,
  status text not null default 'created'
    check (status in ('created', 'failed', 'canceled', 'succeeded', 'review')),
  failure_code text,
  refunded_cents int not null default 0 check (refunded_cents between 0 and amount_cents),
  clawed_back_seconds int not null default 0 check (clawed_back_seconds >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, idempotency_key)
);
comment on table public.payment_history is
  'A purchase and its frozen price. The id of a purchase becomes the id of its card. Status only moves forward.';
create index payment_history_by_user on public.payment_history (user_id, created_at desc);

create table public.stripe_events (
  id text primary key,
  type text not null,
  payment_intent_id text,
  outcome text not null,
  received_at timestamptz not null default now()
);
comment on table public.stripe_events is
  'Events already applied: the row and its effect are written in one transaction, so neither is ever without the other.';
create index stripe_events_by_payment_intent on public.stripe_events (payment_intent_id);

create table private.timers (
  name text primary key,
  due_at timestamptz not null
);
comment on table private.timers is 'When each periodic job is next due: the replica that moves the row forward runs it.';
