-- Written by `node commands/schema.ts write` from the migrations: read it, never edit it.

-- Tables

create table public.activation_attempts (
  user_id uuid not null,
  failed_count integer not null,
  window_started_at timestamp with time zone not null,
  constraint activation_attempts_pkey PRIMARY KEY (user_id),
  constraint activation_attempts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table public.activation_attempts enable row level security;

create table public.activation_codes (
  card_id uuid not null,
  code_hash text not null,
  constraint activation_codes_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.time_cards(id) ON DELETE RESTRICT,
  constraint activation_codes_code_hash_check CHECK ((code_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint activation_codes_code_hash_key UNIQUE (code_hash),
  constraint activation_codes_pkey PRIMARY KEY (card_id)
);
comment on table public.activation_codes is 'Keyed hashes only. The code itself is derived from the card''s id with a key that the database never sees.';
alter table public.activation_codes enable row level security;

create table public.goodwill_grants (
  card_id uuid not null,
  operator_id uuid not null,
  reason text not null,
  key text not null,
  created_at timestamp with time zone not null default now(),
  constraint goodwill_grants_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.time_cards(id) ON DELETE RESTRICT,
  constraint goodwill_grants_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint goodwill_grants_key_key UNIQUE (key),
  constraint goodwill_grants_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint goodwill_grants_pkey PRIMARY KEY (card_id),
  constraint goodwill_grants_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
);
alter table public.goodwill_grants enable row level security;

create table public.payment_history (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  package_id text not null,
  purpose text not null,
  idempotency_key text not null,
  amount_cents integer not null,
  currency text not null,
  paid_seconds integer not null,
  bonus_seconds integer not null,
  payment_intent_id text,
  status text not null default 'created'::text,
  failure_code text,
  refunded_cents integer not null default 0,
  clawed_back_seconds integer not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint payment_history_amount_cents_check CHECK ((amount_cents >= 50)),
  constraint payment_history_bonus_seconds_check CHECK ((bonus_seconds >= 0)),
  constraint payment_history_check CHECK (((refunded_cents >= 0) AND (refunded_cents <= amount_cents))),
  constraint payment_history_clawed_back_seconds_check CHECK ((clawed_back_seconds >= 0)),
  constraint payment_history_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 255))),
  constraint payment_history_package_id_fkey FOREIGN KEY (package_id) REFERENCES public.pricing_tiers(id),
  constraint payment_history_paid_seconds_check CHECK ((paid_seconds > 0)),
  constraint payment_history_payment_intent_id_key UNIQUE (payment_intent_id),
  constraint payment_history_pkey PRIMARY KEY (id),
  constraint payment_history_purpose_check CHECK ((purpose = ANY (ARRAY['me'::text, 'gift'::text]))),
  constraint payment_history_status_check CHECK ((status = ANY (ARRAY['created'::text, 'failed'::text, 'canceled'::text, 'succeeded'::text, 'review'::text]))),
  constraint payment_history_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint payment_history_user_id_idempotency_key_key UNIQUE (user_id, idempotency_key)
);
comment on table public.payment_history is 'A purchase and its frozen price. The id of a purchase becomes the id of its card. Status only moves forward.';
alter table public.payment_history enable row level security;

create table public.pricing_tiers (
  id text not null,
  name text not null,
  hours integer not null,
  bonus_minutes integer not null default 0,
  total_minutes integer not null generated always as (((hours * 60) + bonus_minutes)) stored,
  price_cents integer not null,
  currency text not null default 'usd'::text,
  description text not null default ''::text,
  active boolean not null default true,
  sort_order integer not null default 0,
  constraint pricing_tiers_bonus_minutes_check CHECK (((bonus_minutes >= 0) AND (bonus_minutes <= 600000))),
  constraint pricing_tiers_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint pricing_tiers_hours_check CHECK (((hours >= 1) AND (hours <= 10000))),
  constraint pricing_tiers_id_check CHECK ((id ~ '^[a-z0-9_-]{1,64}$'::text)),
  constraint pricing_tiers_pkey PRIMARY KEY (id),
  constraint pricing_tiers_price_cents_check CHECK ((price_cents >= 50))
);
comment on table public.pricing_tiers is 'The packages for sale. A price is frozen into the purchase when it begins.';
alter table public.pricing_tiers enable row level security;

create table public.stripe_events (
  id text not null,
  type text not null,
  payment_intent_id text,
  outcome text not null,
  received_at timestamp with time zone not null default now(),
  constraint stripe_events_pkey PRIMARY KEY (id)
);
comment on table public.stripe_events is 'Events already applied: the row and its effect are written in one transaction, so neither is ever without the other.';
alter table public.stripe_events enable row level security;

create table public.time_accounts (
  user_id uuid not null,
  balance_seconds bigint not null default 0,
  held_seconds bigint not null default 0,
  debt_seconds bigint not null default 0,
  live_calls integer not null default 0,
  receipts integer not null default 0,
  last_receipt_hash text,
  constraint time_accounts_balance_seconds_check CHECK ((balance_seconds >= 0)),
  constraint time_accounts_check CHECK ((held_seconds <= balance_seconds)),
  constraint time_accounts_debt_seconds_check CHECK ((debt_seconds >= 0)),
  constraint time_accounts_held_seconds_check CHECK ((held_seconds >= 0)),
  constraint time_accounts_live_calls_check CHECK ((live_calls >= 0)),
  constraint time_accounts_pkey PRIMARY KEY (user_id),
  constraint time_accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
) with (fillfactor=70);
comment on table public.time_accounts is 'One row per person: the lock that every money function takes first, and the sum of the person''s cards.';
alter table public.time_accounts enable row level security;

create table public.time_cards (
  id uuid not null,
  user_id uuid,
  purchaser_id uuid,
  package_id text,
  payment_intent_id text,
  source text not null,
  status text not null,
  paid_seconds integer not null,
  bonus_seconds integer not null default 0,
  remaining_seconds integer not null,
  created_at timestamp with time zone not null default now(),
  activated_at timestamp with time zone,
  expires_at timestamp with time zone,
  constraint time_cards_bonus_seconds_check CHECK ((bonus_seconds >= 0)),
  constraint time_cards_check CHECK ((remaining_seconds <= (paid_seconds + bonus_seconds))),
  constraint time_cards_check1 CHECK ((((status = 'unactivated'::text) = (activated_at IS NULL)) OR (status = 'revoked'::text))),
  constraint time_cards_check2 CHECK (((user_id IS NOT NULL) OR (status = ANY (ARRAY['unactivated'::text, 'revoked'::text])))),
  constraint time_cards_check3 CHECK (((status <> ALL (ARRAY['exhausted'::text, 'expired'::text])) OR (remaining_seconds = 0))),
  constraint time_cards_check4 CHECK (((status <> 'active'::text) OR ((remaining_seconds > 0) AND (expires_at IS NOT NULL)))),
  constraint time_cards_package_id_fkey FOREIGN KEY (package_id) REFERENCES public.pricing_tiers(id),
  constraint time_cards_paid_seconds_check CHECK ((paid_seconds >= 0)),
  constraint time_cards_payment_intent_id_key UNIQUE (payment_intent_id),
  constraint time_cards_pkey PRIMARY KEY (id),
  constraint time_cards_purchaser_id_fkey FOREIGN KEY (purchaser_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint time_cards_remaining_seconds_check CHECK ((remaining_seconds >= 0)),
  constraint time_cards_source_check CHECK ((source = ANY (ARRAY['paid'::text, 'gift'::text, 'bonus'::text, 'goodwill'::text]))),
  constraint time_cards_status_check CHECK ((status = ANY (ARRAY['unactivated'::text, 'active'::text, 'exhausted'::text, 'expired'::text, 'revoked'::text]))),
  constraint time_cards_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
) with (fillfactor=70);
comment on table public.time_cards is 'Seconds owned. Bonus seconds are used before paid ones, so what is refundable is used last.';
alter table public.time_cards enable row level security;

create table public.time_ledger (
  id bigint not null generated always as identity,
  user_id uuid not null,
  card_id uuid,
  call_id uuid,
  reason text not null,
  seconds integer not null,
  key text not null,
  created_at timestamp with time zone not null default now(),
  constraint time_ledger_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.voice_sessions(id) ON DELETE RESTRICT,
  constraint time_ledger_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.time_cards(id) ON DELETE RESTRICT,
  constraint time_ledger_check CHECK ((((reason = ANY (ARRAY['grant'::text, 'bonus_grant'::text, 'goodwill'::text, 'restore'::text])) = (seconds > 0)) OR (reason = 'debt_payment'::text))),
  constraint time_ledger_key_key UNIQUE (key),
  constraint time_ledger_pkey PRIMARY KEY (id),
  constraint time_ledger_reason_check CHECK ((reason = ANY (ARRAY['grant'::text, 'bonus_grant'::text, 'goodwill'::text, 'restore'::text, 'use'::text, 'expire'::text, 'clawback'::text, 'debt_payment'::text]))),
  constraint time_ledger_seconds_check CHECK ((seconds <> 0)),
  constraint time_ledger_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
comment on table public.time_ledger is 'Append-only. Sum over a card = its remainder; sum over a person = balance - debt; rows without a card are debt.';
alter table public.time_ledger enable row level security;

create table public.users (
  id uuid not null,
  email text,
  display_name text not null default ''::text,
  role text not null default 'caller'::text,
  stripe_customer_id text,
  created_at timestamp with time zone not null default now(),
  constraint users_display_name_check CHECK ((length(display_name) <= 200)),
  constraint users_id_fkey FOREIGN KEY (id) REFERENCES auth.users(id) ON DELETE CASCADE,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_role_check CHECK ((role = ANY (ARRAY['caller'::text, 'operator'::text]))),
  constraint users_stripe_customer_id_key UNIQUE (stripe_customer_id)
);
comment on table public.users is 'One row per person, made by a trigger when auth.users gains one.';
alter table public.users enable row level security;

create table public.voice_sessions (
  id uuid not null,
  user_id uuid not null,
  room_name text not null,
  epoch integer not null default 1,
  status text not null default 'open'::text,
  slice_seconds integer not null,
  lease_margin_seconds integer not null,
  granted_seconds integer not null,
  used_ms bigint not null default 0,
  charged_seconds integer,
  opened_at timestamp with time zone not null default now(),
  lease_expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  end_reason text,
  settled_by text,
  receipt jsonb,
  restored_ms bigint not null default 0,
  renewals integer not null default 0,
  worker_id text,
  constraint voice_sessions_charged_seconds_check CHECK ((charged_seconds >= 0)),
  constraint voice_sessions_check CHECK ((used_ms <= (granted_seconds * (1000)::bigint))),
  constraint voice_sessions_check1 CHECK (((status = 'settled'::text) = ((charged_seconds IS NOT NULL) AND (ended_at IS NOT NULL) AND (receipt IS NOT NULL)))),
  constraint voice_sessions_epoch_check CHECK ((epoch > 0)),
  constraint voice_sessions_granted_seconds_check CHECK ((granted_seconds >= 0)),
  constraint voice_sessions_lease_margin_seconds_check CHECK (((lease_margin_seconds >= 0) AND (lease_margin_seconds <= 3600))),
  constraint voice_sessions_pkey PRIMARY KEY (id),
  constraint voice_sessions_restored CHECK (((restored_ms >= 0) AND (restored_ms <= used_ms))),
  constraint voice_sessions_room_name_check CHECK (((length(room_name) >= 1) AND (length(room_name) <= 200))),
  constraint voice_sessions_settled_by_check CHECK ((settled_by = ANY (ARRAY['worker'::text, 'reaper'::text]))),
  constraint voice_sessions_slice_seconds_check CHECK (((slice_seconds >= 1) AND (slice_seconds <= 3600))),
  constraint voice_sessions_status_check CHECK ((status = ANY (ARRAY['open'::text, 'settled'::text]))),
  constraint voice_sessions_used_ms_check CHECK ((used_ms >= 0)),
  constraint voice_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
) with (fillfactor=50);
comment on table public.voice_sessions is 'One row per call. used_ms and granted_seconds are absolute counters, so that a repeated report is harmless.';
alter table public.voice_sessions enable row level security;

create table private.timers (
  name text not null,
  due_at timestamp with time zone not null,
  constraint timers_pkey PRIMARY KEY (name)
);
comment on table private.timers is 'When each periodic job is next due: the replica that moves the row forward runs it.';

-- Indexes that are no constraints

CREATE INDEX payment_history_by_user ON public.payment_history USING btree (user_id, created_at DESC);
CREATE INDEX stripe_events_by_payment_intent ON public.stripe_events USING btree (payment_intent_id);
CREATE INDEX time_cards_by_purchaser ON public.time_cards USING btree (purchaser_id) WHERE (source = 'gift'::text);
CREATE INDEX time_cards_first_expiring ON public.time_cards USING btree (user_id, expires_at, created_at, id) WHERE (status = 'active'::text);
CREATE INDEX time_ledger_by_card ON public.time_ledger USING btree (card_id);
CREATE INDEX time_ledger_by_user ON public.time_ledger USING btree (user_id, created_at) INCLUDE (reason, seconds);
CREATE INDEX voice_sessions_history ON public.voice_sessions USING btree (user_id, opened_at DESC);
CREATE UNIQUE INDEX voice_sessions_one_open_call_per_room ON public.voice_sessions USING btree (room_name) WHERE (status = 'open'::text);
CREATE INDEX voice_sessions_open_calls ON public.voice_sessions USING btree (user_id) WHERE (status = 'open'::text);

-- Functions

CREATE OR REPLACE FUNCTION public.activate_time_card(p_user_id uuid, p_code_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_card public.time_cards;
begin
  if (private.lock_account(p_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  elsif exists (select from public.activation_attempts where user_id = p_user_id and failed_count >= 10
                and window_started_at > now() - interval '1 hour') then
    return jsonb_build_object('status', 'too_many_attempts');
  end if;
  select t.* into v_card from public.time_cards t join public.activation_codes c on c.card_id = t.id
    where c.code_hash = p_code_hash for update of t;
  if not found then
    perform private.count_failed_attempt(p_user_id);
    return jsonb_build_object('status', 'unknown_code');
  elsif v_card.status = 'revoked' then
    return jsonb_build_object('status', 'revoked');
  elsif v_card.user_id = p_user_id then
    return jsonb_build_object('status', 'already_yours', 'card_id', v_card.id);
  elsif v_card.user_id is not null then
    return jsonb_build_object('status', 'used');
  end if;
  update public.time_cards
    set user_id = p_user_id, status = 'active', activated_at = now(), expires_at = now() + interval '1 year'
    where id = v_card.id returning * into v_card;
  perform private.credit_card(v_card);
  return jsonb_build_object('status', 'activated', 'card_id', v_card.id);
end $function$;
comment on function public.activate_time_card(uuid,text) is 'Gives the card behind a code to a person, once. Its year of validity begins now. Refuses with status unknown_code, used, already_yours, revoked, too_many_attempts or unknown_user.';

CREATE OR REPLACE FUNCTION public.apply_paid_intent(p_event_id text, p_event_type text, p_purchase_id uuid, p_payment_intent_id text, p_amount_received_cents integer, p_currency text, p_code_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_purchase public.payment_history;
begin
  if not private.claim_event(p_event_id, p_event_type, p_payment_intent_id, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  select * into v_purchase from public.payment_history where id = p_purchase_id for update;
  if not found then
    return private.finish_event(p_event_id, 'not_ours');
  elsif v_purchase.status = 'succeeded' and v_purchase.payment_intent_id = p_payment_intent_id then
    return private.finish_event(p_event_id, 'already_applied', v_purchase.id);
  elsif v_purchase.status in ('succeeded', 'review')
     or p_payment_intent_id is null
     or v_purchase.payment_intent_id is distinct from p_payment_intent_id and v_purchase.payment_intent_id is not null
     or v_purchase.amount_cents is distinct from p_amount_received_cents
     or v_purchase.currency is distinct from p_currency then
    -- Money that does not fit its purchase gives no time by itself: a person has to look.
    update public.payment_history set status = 'review', updated_at = now()
      where id = p_purchase_id and status <> 'succeeded';
    return private.finish_event(p_event_id, 'review');
  end if;
  perform private.lock_account(v_purchase.user_id);
  update public.payment_history
    set status = 'succeeded', failure_code = null, payment_intent_id = p_payment_intent_id, updated_at = now()
    where id = p_purchase_id returning * into v_purchase;
  perform private.make_card(v_purchase, p_code_hash);
  -- Events come in any order: a refund may have been noted before the payment it belongs to.
  perform private.claw_back(v_purchase);
  return private.finish_event(p_event_id, 'applied', v_purchase.id);
end $function$;
comment on function public.apply_paid_intent(text,text,uuid,text,integer,text,text) is 'Turns a succeeded payment intent into exactly one card, together with the row of the event that told of it.';

CREATE OR REPLACE FUNCTION public.apply_refund(p_event_id text, p_event_type text, p_payment_intent_id text, p_refunded_cents integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_purchase public.payment_history;
begin
  if not private.claim_event(p_event_id, p_event_type, p_payment_intent_id, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  select * into v_purchase from public.payment_history where payment_intent_id = p_payment_intent_id for update;
  if not found then
    return private.finish_event(p_event_id, 'not_ours');
  end if;
  -- p_refunded_cents is the sum of all refunds so far, so events may come late, twice or out of order.
  if (p_refunded_cents > v_purchase.refunded_cents) is not true then
    return private.finish_event(p_event_id, 'already_applied', v_purchase.id);
  end if;
  update public.payment_history set refunded_cents = least(p_refunded_cents, amount_cents), updated_at = now()
    where id = v_purchase.id returning * into v_purchase;
  -- Before the payment itself is known there is nothing to take: apply_paid_intent does it then.
  if v_purchase.status = 'succeeded' then
    perform private.claw_back(v_purchase);
  end if;
  return private.finish_event(p_event_id, 'applied', v_purchase.id);
end $function$;
comment on function public.apply_refund(text,text,text,integer) is 'Takes back minutes for the refunded share of a payment: what the card still has, the rest as debt.';

CREATE OR REPLACE FUNCTION public.apply_unpaid_intent(p_event_id text, p_event_type text, p_purchase_id uuid, p_payment_intent_id text, p_status text, p_failure_code text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not private.claim_event(p_event_id, p_event_type, p_payment_intent_id, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  update public.payment_history set status = p_status, failure_code = p_failure_code, updated_at = now()
    where id = p_purchase_id and status in ('created', 'failed') and p_status in ('failed', 'canceled');
  return private.finish_event(p_event_id, case when found then 'applied' else 'already_applied' end);
end $function$;
comment on function public.apply_unpaid_intent(text,text,uuid,text,text,text) is 'Notes a failed or canceled attempt. Never moves a purchase back from succeeded.';

CREATE OR REPLACE FUNCTION public.attach_payment_intent(p_purchase_id uuid, p_payment_intent_id text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.payment_history set payment_intent_id = p_payment_intent_id, updated_at = now()
    where id = p_purchase_id and (payment_intent_id is null or payment_intent_id = p_payment_intent_id);
  return found;
end $function$;
comment on function public.attach_payment_intent(uuid,text) is 'Notes which intent pays a purchase; false when another one already does.';

CREATE OR REPLACE FUNCTION public.audit_invariants()
 RETURNS TABLE(invariant text, subject text, detail text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select * from private.audit_conservation()
  union all select * from private.audit_accounts()
  union all select * from private.audit_calls()
  union all select * from private.audit_payments()
$function$;
comment on function public.audit_invariants() is 'One row per violation of I1 to I6; none when all is well.';

CREATE OR REPLACE FUNCTION public.begin_purchase(p_user_id uuid, p_package_id text, p_purpose text, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_purchase public.payment_history;
begin
  insert into public.payment_history
    (user_id, package_id, purpose, idempotency_key, amount_cents, currency, paid_seconds, bonus_seconds)
    select u.id, t.id, p_purpose, p_key, t.price_cents, t.currency, t.hours * 3600, t.bonus_minutes * 60
    from public.pricing_tiers t, public.users u where t.id = p_package_id and t.active and u.id = p_user_id
    on conflict (user_id, idempotency_key) do nothing;
  select * into v_purchase from public.payment_history where user_id = p_user_id and idempotency_key = p_key;
  if not found then
    return jsonb_build_object('status',
      case when exists (select from public.users where id = p_user_id) then 'unknown_package' else 'unknown_user' end);
  elsif v_purchase.package_id is distinct from p_package_id or v_purchase.purpose is distinct from p_purpose then
    return jsonb_build_object('status', 'key_reused');
  end if;
  return jsonb_build_object('status', 'ready', 'purchase', to_jsonb(v_purchase),
    'stripe_customer_id', (select stripe_customer_id from public.users where id = p_user_id),
    'email', (select email from public.users where id = p_user_id));
end $function$;
comment on function public.begin_purchase(uuid,text,text,text) is 'Begins a purchase at today''s price, or answers the one that this key began. Refuses with status unknown_package, unknown_user or key_reused.';

CREATE OR REPLACE FUNCTION public.claim_timer(p_name text, p_every_seconds numeric)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.timers (name, due_at) values (p_name, clock_timestamp() + make_interval(secs => p_every_seconds))
    on conflict (name) do update set due_at = excluded.due_at where timers.due_at <= clock_timestamp();
  return found;
end $function$;
comment on function public.claim_timer(text,numeric) is 'True for the one replica that may run this periodic job now.';

CREATE OR REPLACE FUNCTION public.cleanup_expired_time_cards()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id uuid;
  v_count int := 0;
begin
  -- In user_id order, so that two sweeps at once wait for each other instead of deadlocking.
  for v_user_id in
    select distinct c.user_id from public.time_cards c
    where c.status = 'active' and c.expires_at <= now() order by c.user_id limit 500
  loop
    begin
      v_count := v_count + private.expire_cards_of(v_user_id);
    exception when others then
      -- One person's broken account must not keep everybody else's sweep from happening; the audit names it.
      raise warning 'cards of % not swept: %', v_user_id, sqlerrm;
    end;
  end loop;
  return v_count;
end $function$;
comment on function public.cleanup_expired_time_cards() is 'Expires up to 500 people''s due cards; answers how many cards.';

CREATE OR REPLACE FUNCTION public.database_settings()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('synchronous_commit', current_setting('synchronous_commit'),
    'fsync', current_setting('fsync'), 'full_page_writes', current_setting('full_page_writes'))
$function$;

CREATE OR REPLACE FUNCTION public.deduct_user_time(user_id uuid, minutes integer, key text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id uuid := user_id;
  v_key text := 'deduct:' || coalesce(deduct_user_time.key, gen_random_uuid()::text);
  v_seconds int;
  v_account public.time_accounts;
begin
  if minutes is null or minutes not between 1 and 100000 then
    return jsonb_build_object('status', 'invalid_minutes');
  end if;
  v_seconds := minutes * 60;
  if (private.lock_account(v_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  if exists (select from public.time_ledger l where l.user_id = v_user_id and l.key = v_key || ':' || l.card_id) then
    return jsonb_build_object('status', 'already_deducted');
  end if;
  perform private.expire_cards_of(v_user_id);
  v_account := private.lock_account(v_user_id);
  if private.free_seconds(v_account) < v_seconds then
    return jsonb_build_object('status', 'not_enough_time', 'free_seconds', private.free_seconds(v_account));
  end if;
  return jsonb_build_object('status', 'deducted', 'deducted_seconds', v_seconds,
    'balance_seconds', v_account.balance_seconds - v_seconds,
    'cards', private.take_from_cards(v_user_id, v_seconds, 'use', v_key, null));
end $function$;
comment on function public.deduct_user_time(uuid,integer,text) is 'Takes whole minutes, first-expiring card first, all or nothing; the same key deducts once.';

CREATE OR REPLACE FUNCTION public.get_user_analytics(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object(
    'totals', (select jsonb_build_object('calls', count(*), 'charged_seconds', coalesce(sum(charged_seconds), 0),
        'average_call_seconds', coalesce(round(avg(charged_seconds)), 0),
        'granted_seconds', (select coalesce(sum(seconds), 0) from public.time_ledger
          where user_id = p_user_id and seconds > 0 and reason <> 'debt_payment'),
        'spent_cents', (select coalesce(sum(amount_cents - refunded_cents), 0) from public.payment_history
          where user_id = p_user_id and status = 'succeeded'),
        'currency', coalesce((select currency from public.payment_history where user_id = p_user_id
          order by created_at desc limit 1), 'usd'))
      from public.voice_sessions where user_id = p_user_id and status = 'settled'),
    'days', (select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]') from (
      select to_char(day, 'YYYY-MM-DD') as day, count(v.id) as calls, coalesce(sum(v.charged_seconds), 0) as charged_seconds
      from generate_series((now() at time zone 'utc')::date - 29, (now() at time zone 'utc')::date, interval '1 day') day
      left join public.voice_sessions v on v.user_id = p_user_id and v.status = 'settled'
        and (v.opened_at at time zone 'utc')::date = day::date
      group by day) d),
    'payments', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
      select payment_intent_id, package_id, amount_cents, currency, status,
        to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
      from public.payment_history where user_id = p_user_id order by payment_history.created_at desc limit 50) p))
$function$;

CREATE OR REPLACE FUNCTION public.get_user_time_balance(user_id uuid)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(sum(c.remaining_seconds), 0)::bigint from public.time_cards c
  where c.user_id = get_user_time_balance.user_id and c.status = 'active' and c.expires_at > now()
$function$;
comment on function public.get_user_time_balance(uuid) is 'Seconds left on all active, unexpired cards of a person, including those promised to live calls.';

CREATE OR REPLACE FUNCTION public.grant_goodwill(p_user_id uuid, p_seconds integer, p_reason text, p_operator_id uuid, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_card public.time_cards;
  v_known public.goodwill_grants;
begin
  if (p_seconds between 1 and 360000) is not true or (length(trim(p_reason)) between 1 and 500) is not true
     or (length(p_key) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_grant');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  elsif (private.lock_account(p_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  select * into v_known from public.goodwill_grants where key = p_key;
  if found then
    select * into v_card from public.time_cards where id = v_known.card_id;
    return case when v_card.user_id = p_user_id and v_card.bonus_seconds = p_seconds
      then jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', true)
      else jsonb_build_object('status', 'key_reused') end;
  end if;
  insert into public.time_cards (id, user_id, source, status, paid_seconds, bonus_seconds, remaining_seconds,
      activated_at, expires_at)
    values (gen_random_uuid(), p_user_id, 'goodwill', 'active', 0, p_seconds, p_seconds, now(), now() + interval '1 year')
    returning * into v_card;
  -- Unique by key: of two grants at once with one key for two people, the second fails as a whole.
  insert into public.goodwill_grants (card_id, operator_id, reason, key)
    values (v_card.id, p_operator_id, trim(p_reason), p_key);
  perform private.credit_card(v_card);
  return jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', false);
end $function$;
comment on function public.grant_goodwill(uuid,integer,text,uuid,text) is 'Gives a person time, for a reason, by an operator; the same key gives it once. Refuses with status invalid_grant, not_an_operator, unknown_user or key_reused.';

CREATE OR REPLACE FUNCTION public.open_call(p_call_id uuid, p_user_id uuid, p_room_name text, p_slice_seconds integer DEFAULT 30, p_lease_margin_seconds integer DEFAULT 15, p_max_live_calls integer DEFAULT 4, p_worker_id text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_account public.time_accounts := private.lock_account(p_user_id);
  v_call public.voice_sessions;
begin
  if v_account.user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  select * into v_call from public.voice_sessions where id = p_call_id for update;
  if found then
    if v_call.user_id <> p_user_id or v_call.room_name is distinct from p_room_name then
      return jsonb_build_object('status', 'call_mismatch');
    elsif v_call.status = 'settled' then
      return jsonb_build_object('status', 'call_settled');
    end if;
    -- Another worker takes the call over: the new epoch fences the old one, the counters go on. The same worker
    -- only repeats a request whose answer was lost, and must not fence itself.
    update public.voice_sessions
      set epoch = epoch + case when worker_id = p_worker_id then 0 else 1 end, worker_id = p_worker_id
      where id = p_call_id returning * into v_call;
    return private.call_answer(private.extend_grant(v_call, v_call.used_ms), 'open');
  end if;
  if exists (select from public.voice_sessions where room_name = p_room_name and status = 'open') then
    return jsonb_build_object('status', 'room_taken');
  elsif (v_account.live_calls < p_max_live_calls) is not true then
    return jsonb_build_object('status', 'too_many_calls', 'live_calls', v_account.live_calls);
  end if;
  perform private.expire_cards_of(p_user_id);
  v_account := private.lock_account(p_user_id);
  if private.free_seconds(v_account) <= 0 then
    return jsonb_build_object('status', 'no_time_left', 'held_seconds', v_account.held_seconds);
  end if;
  insert into public.voice_sessions (id, user_id, room_name, worker_id, slice_seconds, lease_margin_seconds,
      granted_seconds, lease_expires_at)
    values (p_call_id, p_user_id, p_room_name, p_worker_id, p_slice_seconds, p_lease_margin_seconds, 0, now())
    on conflict do nothing returning * into v_call;
  if not found then
    -- Somebody else, whose account is not locked here, took the room or the id since the look above.
    return jsonb_build_object('status', case when exists (select from public.voice_sessions where id = p_call_id)
      then 'call_mismatch' else 'room_taken' end);
  end if;
  update public.time_accounts set live_calls = live_calls + 1 where user_id = p_user_id;
  return private.call_answer(private.extend_grant(v_call, 0), 'open') || jsonb_build_object('expiring_seconds',
    (select coalesce(sum(remaining_seconds), 0) from public.time_cards
      where user_id = p_user_id and status = 'active' and expires_at < now() + interval '7 days'));
end $function$;
comment on function public.open_call(uuid,uuid,text,integer,integer,integer,text) is 'Opens a call and grants its first slice, or takes an open one over with a new epoch (not for the same worker). Refuses with status unknown_user, no_time_left, too_many_calls, room_taken, call_settled or call_mismatch. expiring_seconds is what expires within a week.';

CREATE OR REPLACE FUNCTION public.reap_calls(p_limit integer DEFAULT 200)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_candidate record;
  v_call public.voice_sessions;
  v_reaped jsonb := '[]'::jsonb;
begin
  -- In user_id order, so that two reapers at once wait for each other instead of deadlocking.
  for v_candidate in
    select id, user_id from (
      select id, user_id from public.voice_sessions where status = 'open' and lease_expires_at < clock_timestamp()
      order by lease_expires_at limit p_limit) due order by user_id, id
  loop
    perform private.lock_account(v_candidate.user_id);
    select * into v_call from public.voice_sessions
      where id = v_candidate.id and status = 'open' and lease_expires_at < clock_timestamp() for update;
    continue when not found;
    begin
      perform private.finish_call(v_call, v_call.used_ms, 'lease_expired', 'reaper', '[]'::jsonb);
      v_reaped := v_reaped || to_jsonb(v_call.id);
    exception when others then
      -- One broken account must not keep every other dead call from ending; the audit names it.
      raise warning 'call % not reaped: %', v_call.id, sqlerrm;
    end;
  end loop;
  return v_reaped;
end $function$;
comment on function public.reap_calls(integer) is 'Settles calls whose lease ran out at the last use reported. The operator bears at most one slice of each; the caller never pays for what was not reported.';

CREATE OR REPLACE FUNCTION public.renew_call(p_call_id uuid, p_epoch integer, p_used_ms bigint, p_restored_ms bigint DEFAULT 0)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_call record;
  v_ahead int;
  v_give int;
begin
  -- Rows are locked in the order of the list: account, then call. After a wait both are read again as they are then.
  select v.user_id, v.epoch, v.status, v.charged_seconds, v.granted_seconds, v.slice_seconds, v.used_ms,
      a.balance_seconds - a.held_seconds as free, a.live_calls into v_call
    from public.voice_sessions v join public.time_accounts a on a.user_id = v.user_id
    where v.id = p_call_id for update of a, v;
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  elsif v_call.epoch is distinct from p_epoch then
    return jsonb_build_object('status', 'fenced', 'epoch', v_call.epoch);
  elsif v_call.status = 'settled' then
    return jsonb_build_object('status', 'call_settled', 'charged_seconds', v_call.charged_seconds);
  end if;
  v_call.used_ms := least(v_call.granted_seconds * 1000::bigint, greatest(v_call.used_ms, greatest(p_used_ms, 0)));
  v_ahead := v_call.granted_seconds - (v_call.used_ms + 999) / 1000;
  v_give := greatest(0, least(v_call.free, v_call.slice_seconds - v_ahead,
    greatest(least(5, v_call.slice_seconds) - v_ahead, v_call.free / greatest(v_call.live_calls, 1))));
  update public.voice_sessions
    set used_ms = v_call.used_ms, restored_ms = least(greatest(restored_ms, p_restored_ms), v_call.used_ms),
        granted_seconds = granted_seconds + v_give, renewals = renewals + 1,
        lease_expires_at = clock_timestamp() + make_interval(secs => slice_seconds + lease_margin_seconds)
    where id = p_call_id;
  if v_give > 0 then
    update public.time_accounts set held_seconds = held_seconds + v_give where user_id = v_call.user_id;
  end if;
  return jsonb_build_object('status', 'renewed', 'call_id', p_call_id, 'epoch', v_call.epoch,
    'granted_seconds', v_call.granted_seconds + v_give, 'used_ms', v_call.used_ms, 'free_seconds', v_call.free - v_give,
    'live_calls', v_call.live_calls, 'final', v_call.free = v_give);
end $function$;
comment on function public.renew_call(uuid,integer,bigint,bigint) is 'Reports the cumulative use and raises the grant to used + slice within what is free. Absolute counters: a repeat changes nothing. A wrong epoch is answered with status fenced: hang up.';

CREATE OR REPLACE FUNCTION public.renew_calls(p_call_ids uuid[], p_epochs integer[], p_used_ms bigint[], p_restored_ms bigint[])
 RETURNS TABLE(call_id uuid, status text, epoch integer, granted_seconds integer, free_seconds bigint, live_calls integer, final boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  v_calls tid[];
  v_accounts tid[];
  v_used_ms bigint[];
  v_restored_ms bigint[];
begin
  select array_agg(call), array_agg(account), array_agg(used_ms), array_agg(restored_ms)
    into v_calls, v_accounts, v_used_ms, v_restored_ms from (
      select v.ctid as call, a.ctid as account, asked.used_ms, asked.restored_ms
      from (
        -- A call that is in the batch twice is renewed once, at its latest report.
        select distinct on (id) * from unnest(p_call_ids, p_epochs, p_used_ms, p_restored_ms)
          as t (id, epoch, used_ms, restored_ms) order by id, used_ms desc nulls last) asked
      join public.voice_sessions v on v.id = asked.id and v.epoch = asked.epoch and v.status = 'open'
      join public.time_accounts a on a.user_id = v.user_id
      -- In user_id order, so that two batches with the same people wait for each other instead of deadlocking; and
      -- of each person the account before the call.
      order by a.user_id, v.id for update of a, v) locked;
  -- A locked row stays where it is until the end of the transaction, so it is found again by its place, which takes
  -- a third of the time that an index takes.
  return query
  with locked as (
    select v.id, v.user_id, v.epoch, v.granted_seconds, v.slice_seconds, v.lease_margin_seconds,
      asked.call, asked.account, m.used_ms, least(greatest(v.restored_ms, asked.restored_ms), m.used_ms) as restored_ms,
      v.granted_seconds - (m.used_ms + 999) / 1000 as ahead,
      a.balance_seconds - a.held_seconds as free, a.live_calls
    from unnest(v_calls, v_accounts, v_used_ms, v_restored_ms) as asked (call, account, used_ms, restored_ms)
    join public.voice_sessions v on v.ctid = asked.call
    join public.time_accounts a on a.ctid = asked.account
    cross join lateral (
      values (least(v.granted_seconds * 1000::bigint, greatest(v.used_ms, asked.used_ms)))) m (used_ms)),
  wanted as (
    select l.*, greatest(0, least(free, slice_seconds - ahead,
      greatest(least(5, slice_seconds) - ahead, free / greatest(live_calls, 1)))) as want from locked l),
  given as materialized (
    -- What several calls of one person want is given in turn, as far as their free time reaches.
    select w.*, greatest(0, least(want, free - (sum(want) over mine - want)))::int as give,
      least(free, sum(want) over (partition by user_id))::bigint as give_all, row_number() over mine as nth
    from wanted w window mine as (partition by user_id order by id rows unbounded preceding)),
  renewed as (
    update public.voice_sessions v
      set used_ms = g.used_ms, restored_ms = g.restored_ms, granted_seconds = v.granted_seconds + g.give,
          renewals = v.renewals + 1,
          lease_expires_at = clock_timestamp() + make_interval(secs => g.slice_seconds + g.lease_margin_seconds)
      from given g where v.ctid = g.call),
  held as (
    update public.time_accounts a set held_seconds = a.held_seconds + g.give_all
      from given g where g.nth = 1 and g.give_all > 0 and a.ctid = g.account)
  select g.id, 'renewed', g.epoch, g.granted_seconds + g.give, g.free - g.give_all, g.live_calls, g.free = g.give_all
  from given g;
  if cardinality(v_calls) = cardinality(p_call_ids) then
    return;
  end if;
  -- A call's epoch only rises and a settled call stays settled, so what was not renewed above is refused here.
  return query
  select asked.id, case when v.id is null then 'unknown_call' when v.epoch is distinct from asked.epoch then 'fenced'
      when v.status = 'settled' then 'call_settled' end, v.epoch, null::int, null::bigint, null::int, null::boolean
  from (
    select distinct on (id) * from unnest(p_call_ids, p_epochs, p_used_ms, p_restored_ms)
      as t (id, epoch, used_ms, restored_ms) order by id, used_ms desc nulls last) asked
  left join public.voice_sessions v on v.id = asked.id
  where v.id is null or v.epoch is distinct from asked.epoch or v.status = 'settled';
end $function$;
comment on function public.renew_calls(uuid[],integer[],bigint[],bigint[]) is 'renew_call for many calls in one statement: the same rules, one row per call. The arrays go by position.';

CREATE OR REPLACE FUNCTION public.room_finished(p_room_name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- A hint, not a truth: the worker still settles first, and a late or repeated hint never moves a lease forward.
  update public.voice_sessions
    set lease_expires_at = least(lease_expires_at, now() + make_interval(secs => lease_margin_seconds))
    where room_name = p_room_name and status = 'open';
  return found;
end $function$;
comment on function public.room_finished(text) is 'LiveKit says the room is gone: let the reaper look soon.';

CREATE OR REPLACE FUNCTION public.settle_call(p_call_id uuid, p_epoch integer, p_used_ms bigint, p_end_reason text, p_windows jsonb DEFAULT '[]'::jsonb, p_restored_ms bigint DEFAULT 0)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_call public.voice_sessions;
begin
  select * into v_call from public.voice_sessions where id = p_call_id;
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  end if;
  perform private.lock_account(v_call.user_id);
  select * into v_call from public.voice_sessions where id = p_call_id for update;
  if v_call.epoch is distinct from p_epoch then
    return jsonb_build_object('status', 'fenced', 'epoch', v_call.epoch);
  elsif v_call.status = 'settled' then
    return jsonb_build_object('status', 'settled', 'replayed', true, 'receipt', v_call.receipt);
  end if;
  v_call.restored_ms := greatest(v_call.restored_ms, p_restored_ms, 0);
  return jsonb_build_object('status', 'settled', 'replayed', false, 'receipt',
    private.finish_call(v_call, greatest(p_used_ms, 0), left(p_end_reason, 100), 'worker', p_windows));
end $function$;
comment on function public.settle_call(uuid,integer,bigint,text,jsonb,bigint) is 'Ends a call once: charges used minus restored time and writes the receipt. A repeat answers the stored receipt; a wrong epoch is answered with status fenced.';

CREATE OR REPLACE FUNCTION public.verify_receipts(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with chain as (
    select (receipt ->> 'number')::int as number, receipt,
      lag(receipt ->> 'hash') over (order by (receipt ->> 'number')::int) as before,
      row_number() over (order by (receipt ->> 'number')::int) as position
    from public.voice_sessions where user_id = p_user_id and receipt ? 'number')
  select jsonb_build_object('receipts', count(*), 'broken', coalesce(jsonb_agg(number order by number) filter (where
      receipt ->> 'hash' is distinct from private.receipt_hash(receipt)
      or receipt ->> 'previous_hash' is distinct from before or number <> position), '[]'),
    'complete', count(*) = (select receipts from public.time_accounts where user_id = p_user_id)
      and max(receipt ->> 'hash') filter (where number = (select receipts from public.time_accounts where user_id = p_user_id))
        is not distinct from (select last_receipt_hash from public.time_accounts where user_id = p_user_id))
  from chain
$function$;
comment on function public.verify_receipts(uuid) is 'Checks a person''s receipts: which numbers do not match their hash or the one before, and whether any is missing.';

CREATE OR REPLACE FUNCTION private.audit_accounts()
 RETURNS TABLE(invariant text, subject text, detail text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'I2', a.user_id::text, format('balance %s, cards %s', a.balance_seconds, coalesce(c.s, 0))
  from public.time_accounts a
  left join (select user_id, sum(remaining_seconds) s from public.time_cards group by user_id) c using (user_id)
  where a.balance_seconds <> coalesce(c.s, 0)
  union all
  select 'I2', a.user_id::text, format('held %s in %s calls, grants %s in %s', a.held_seconds, a.live_calls,
    coalesce(v.s, 0), coalesce(v.n, 0))
  from public.time_accounts a
  left join (select user_id, sum(granted_seconds) s, count(*) n from public.voice_sessions where status = 'open'
             group by user_id) v using (user_id)
  where a.held_seconds <> coalesce(v.s, 0) or a.live_calls <> coalesce(v.n, 0)
$function$;

CREATE OR REPLACE FUNCTION private.audit_calls()
 RETURNS TABLE(invariant text, subject text, detail text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'I3', user_id::text, 'negative account' from public.time_accounts
  where balance_seconds < 0 or held_seconds < 0 or debt_seconds < 0 or held_seconds > balance_seconds
  union all
  select 'I3', user_id::text, 'debt beside free time' from public.time_accounts
  where debt_seconds > 0 and balance_seconds > held_seconds
  union all
  select 'I3', id::text, 'negative card' from public.time_cards where remaining_seconds < 0
  union all
  select 'I3', id::text, 'negative call' from public.voice_sessions
  where used_ms < 0 or granted_seconds < 0 or charged_seconds < 0 or restored_ms < 0 or restored_ms > used_ms
  union all
  -- I4: what a live call may use beyond its last report is one slice (plus the second it is rounded up to).
  select 'I4', id::text, format('granted %s, used %s ms', granted_seconds, used_ms) from public.voice_sessions
  where status = 'open' and granted_seconds * 1000::bigint - used_ms >= (slice_seconds + 1) * 1000::bigint
  union all
  select 'I5', v.id::text, format('charged %s, ledger %s, used %s ms, restored %s ms', v.charged_seconds,
    coalesce(l.s, 0), v.used_ms, v.restored_ms)
  from public.voice_sessions v
  left join (select call_id, -sum(seconds) s from public.time_ledger where call_id is not null group by call_id) l
    on l.call_id = v.id
  where coalesce(v.charged_seconds, 0) <> coalesce(l.s, 0)
     or v.status = 'settled' and v.charged_seconds <> floor((v.used_ms - v.restored_ms) / 1000.0)
  union all
  select 'I5', a.user_id::text, format('%s receipts, %s settled calls', a.receipts, coalesce(v.n, 0))
  from public.time_accounts a
  -- Calls settled before there was a chain have receipts without a number.
  left join (select user_id, count(*) n from public.voice_sessions where receipt ? 'number' group by user_id) v
    using (user_id)
  where a.receipts <> coalesce(v.n, 0)
$function$;

CREATE OR REPLACE FUNCTION private.audit_conservation()
 RETURNS TABLE(invariant text, subject text, detail text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'I1', a.user_id::text, format('ledger %s, balance - debt %s', coalesce(l.s, 0), a.balance_seconds - a.debt_seconds)
  from public.time_accounts a
  left join (select user_id, sum(seconds) s from public.time_ledger group by user_id) l using (user_id)
  where coalesce(l.s, 0) <> a.balance_seconds - a.debt_seconds
  union all
  select 'I1', c.id::text, format('ledger %s, card %s', coalesce(l.s, 0), c.remaining_seconds)
  from public.time_cards c
  left join (select card_id, sum(seconds) s from public.time_ledger group by card_id) l on l.card_id = c.id
  where coalesce(l.s, 0) <> case when c.user_id is null then 0 else c.remaining_seconds end
$function$;

CREATE OR REPLACE FUNCTION private.audit_payments()
 RETURNS TABLE(invariant text, subject text, detail text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'I5', id, 'event without an outcome' from public.stripe_events where outcome = 'applying'
  union all
  select 'I5', id::text, format('refunded %s of %s cents, taken back %s of %s seconds', refunded_cents, amount_cents,
    clawed_back_seconds, paid_seconds + bonus_seconds)
  from public.payment_history
  where clawed_back_seconds <> case when status = 'succeeded'
    then (paid_seconds + bonus_seconds)::bigint * refunded_cents / amount_cents else 0 end
  union all
  select 'I6', coalesce(p.id, c.id)::text,
    format('payment %s, card %s', coalesce(p.status, 'missing'), coalesce(c.status, 'missing'))
  from (select * from public.payment_history where status = 'succeeded') p
  full join (select * from public.time_cards where source in ('paid', 'gift') or payment_intent_id is not null) c
    on c.id = p.id and c.payment_intent_id = p.payment_intent_id
    and c.paid_seconds = p.paid_seconds and c.bonus_seconds = p.bonus_seconds
  where p.id is null or c.id is null
$function$;

CREATE OR REPLACE FUNCTION private.call_answer(c public.voice_sessions, p_status text)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('status', p_status, 'call_id', c.id, 'epoch', c.epoch,
    'granted_seconds', c.granted_seconds, 'used_ms', c.used_ms, 'restored_ms', c.restored_ms,
    'free_seconds', private.free_seconds(a), 'live_calls', a.live_calls, 'final', private.free_seconds(a) = 0)
  from public.time_accounts a where a.user_id = c.user_id
$function$;

CREATE OR REPLACE FUNCTION private.claim_event(p_event_id text, p_type text, p_intent_id text, p_outcome text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.stripe_events (id, type, payment_intent_id, outcome)
    values (p_event_id, p_type, p_intent_id, p_outcome) on conflict (id) do nothing;
  return found;
end $function$;

CREATE OR REPLACE FUNCTION private.claw_back(p public.payment_history)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_total int := (p.paid_seconds + p.bonus_seconds)::bigint * p.refunded_cents / p.amount_cents;
  v_delta int := v_total - p.clawed_back_seconds;
  v_owner uuid;
  v_card public.time_cards;
begin
  if v_delta <= 0 then
    return;
  end if;
  select user_id into v_owner from public.time_cards where id = p.id;
  perform private.lock_account(v_owner);
  select * into strict v_card from public.time_cards where id = p.id for update;
  if v_card.user_id is distinct from v_owner then
    -- Activated at this very moment, by an account that is not locked here. Stripe sends the event again.
    raise exception 'card % changed hands during its refund', v_card.id using errcode = '40001';
  end if;
  if v_card.user_id is null then
    update public.time_cards
      set remaining_seconds = remaining_seconds - v_delta,
          status = case when remaining_seconds = v_delta then 'revoked' else status end
      where id = v_card.id;
  else
    perform private.claw_back_owned(v_card, v_delta, v_total);
  end if;
  update public.payment_history set clawed_back_seconds = v_total where id = p.id;
end $function$;

CREATE OR REPLACE FUNCTION private.claw_back_owned(p_card public.time_cards, p_seconds integer, p_total_seconds integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_key text := format('clawback:%s:%s', p_card.id, p_total_seconds);
  -- Time promised to a live call is not taken from under it: that part becomes debt, paid when the call settles.
  v_take int := least(p_card.remaining_seconds, p_seconds,
    private.free_seconds(private.lock_account(p_card.user_id)));
  v_debt int;
begin
  if v_take > 0 then
    update public.time_cards
      set remaining_seconds = remaining_seconds - v_take,
          status = case when remaining_seconds = v_take then 'exhausted' else status end
      where id = p_card.id;
    insert into public.time_ledger (user_id, card_id, reason, seconds, key)
      values (p_card.user_id, p_card.id, 'clawback', -v_take, v_key);
    update public.time_accounts set balance_seconds = balance_seconds - v_take where user_id = p_card.user_id;
  end if;
  v_debt := private.unpaid_claw_back(p_card, p_total_seconds);
  if v_debt > 0 then
    insert into public.time_ledger (user_id, reason, seconds, key)
      values (p_card.user_id, 'clawback', -v_debt, v_key || ':debt');
    update public.time_accounts set debt_seconds = debt_seconds + v_debt where user_id = p_card.user_id;
    perform private.pay_debt(p_card.user_id);
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.count_failed_attempt(p_user_id uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into public.activation_attempts (user_id, failed_count, window_started_at) values (p_user_id, 1, now())
  on conflict (user_id) do update set
    failed_count = case when activation_attempts.window_started_at < now() - interval '1 hour' then 1
                        else activation_attempts.failed_count + 1 end,
    window_started_at = case when activation_attempts.window_started_at < now() - interval '1 hour' then now()
                             else activation_attempts.window_started_at end
$function$;

CREATE OR REPLACE FUNCTION private.credit_card(p_card public.time_cards)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.time_ledger (user_id, card_id, reason, seconds, key)
    select p_card.user_id, p_card.id, t.reason, t.seconds, t.reason || ':' || p_card.id
    from (values ('grant', least(p_card.remaining_seconds, p_card.paid_seconds)),
                 (case p_card.source when 'goodwill' then 'goodwill' else 'bonus_grant' end,
                  greatest(0, p_card.remaining_seconds - p_card.paid_seconds))) t (reason, seconds)
    where t.seconds > 0;
  update public.time_accounts set balance_seconds = balance_seconds + p_card.remaining_seconds
    where user_id = p_card.user_id;
  perform private.pay_debt(p_card.user_id);
end $function$;

CREATE OR REPLACE FUNCTION private.expire_cards_of(p_user_id uuid)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_free bigint := private.free_seconds(private.lock_account(p_user_id));
  v_card public.time_cards;
  v_take int;
  v_count int := 0;
begin
  for v_card in
    select * from public.time_cards where user_id = p_user_id and status = 'active' and expires_at <= now()
    order by expires_at, created_at, id for update
  loop
    v_take := least(v_card.remaining_seconds, v_free);
    continue when v_take = 0;
    update public.time_cards
      set remaining_seconds = remaining_seconds - v_take,
          status = case when remaining_seconds = v_take then 'expired' else status end
      where id = v_card.id;
    insert into public.time_ledger (user_id, card_id, reason, seconds, key)
      values (p_user_id, v_card.id, 'expire', -v_take, format('expire:%s:%s', v_card.id, v_card.remaining_seconds));
    update public.time_accounts set balance_seconds = balance_seconds - v_take where user_id = p_user_id;
    v_free := v_free - v_take;
    v_count := v_count + 1;
  end loop;
  return v_count;
end $function$;

CREATE OR REPLACE FUNCTION private.extend_grant(c public.voice_sessions, p_used_ms bigint)
 RETURNS public.voice_sessions
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_account public.time_accounts := private.lock_account(c.user_id);
  v_used_ms bigint := least(c.granted_seconds * 1000::bigint, greatest(c.used_ms, p_used_ms));
  v_give int := private.seconds_to_grant(private.free_seconds(v_account), v_account.live_calls,
    c.granted_seconds - ceil(v_used_ms / 1000.0)::int, c.slice_seconds);
begin
  update public.voice_sessions
    set used_ms = v_used_ms, restored_ms = least(greatest(restored_ms, c.restored_ms), v_used_ms),
        granted_seconds = granted_seconds + v_give, renewals = renewals + 1,
        lease_expires_at = clock_timestamp() + make_interval(secs => c.slice_seconds + c.lease_margin_seconds)
    where id = c.id returning * into c;
  if v_give > 0 then
    update public.time_accounts set held_seconds = held_seconds + v_give where user_id = c.user_id;
  end if;
  return c;
end $function$;

CREATE OR REPLACE FUNCTION private.finish_call(c public.voice_sessions, p_used_ms bigint, p_reason text, p_by text, p_windows jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_used_ms bigint := least(c.granted_seconds * 1000::bigint, greatest(c.used_ms, p_used_ms));
  v_restored_ms bigint := least(c.restored_ms, v_used_ms);
  v_charge int := floor((v_used_ms - v_restored_ms) / 1000.0);
  v_ended_at timestamptz := clock_timestamp();
  v_cards jsonb;
  v_account public.time_accounts;
  v_receipt jsonb;
begin
  update public.time_accounts
    set held_seconds = held_seconds - c.granted_seconds, live_calls = live_calls - 1 where user_id = c.user_id;
  v_cards := private.receipt_cards(
    private.take_from_cards(c.user_id, v_charge, 'use', 'call:' || c.id, c.id));
  -- Before the receipt, so that its balance is what is really left.
  perform private.pay_debt(c.user_id);
  v_account := private.lock_account(c.user_id);
  v_receipt := jsonb_build_object('call_id', c.id, 'number', v_account.receipts + 1,
    'opened_at', private.utc_text(c.opened_at), 'ended_at', private.utc_text(v_ended_at),
    'end_reason', p_reason, 'settled_by', p_by,
    'used_ms', v_used_ms, 'restored_ms', v_restored_ms, 'charged_seconds', v_charge,
    'paid_seconds', (select coalesce(sum((line ->> 'paid_seconds')::int), 0) from jsonb_array_elements(v_cards) line),
    'bonus_seconds', (select coalesce(sum((line ->> 'bonus_seconds')::int), 0) from jsonb_array_elements(v_cards) line),
    'rounding', 'down to whole seconds, once per call',
    'slices', jsonb_build_object('slice_seconds', c.slice_seconds, 'granted_seconds', c.granted_seconds,
      'renewals', c.renewals),
    'cards', v_cards, 'windows', p_windows, 'balance_seconds', v_account.balance_seconds,
    'previous_hash', v_account.last_receipt_hash);
  v_receipt := v_receipt || jsonb_build_object('hash', private.receipt_hash(v_receipt));
  update public.time_accounts set receipts = receipts + 1, last_receipt_hash = v_receipt ->> 'hash'
    where user_id = c.user_id;
  update public.voice_sessions
    set status = 'settled', used_ms = v_used_ms, restored_ms = v_restored_ms, charged_seconds = v_charge,
        ended_at = v_ended_at, end_reason = p_reason, settled_by = p_by, receipt = v_receipt
    where id = c.id;
  return v_receipt;
end $function$;

CREATE OR REPLACE FUNCTION private.finish_event(p_event_id text, p_outcome text, p_card_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.stripe_events set outcome = p_outcome where id = p_event_id;
  return jsonb_build_object('status', p_outcome, 'card_id', p_card_id);
end $function$;

CREATE OR REPLACE FUNCTION private.follow_auth_user()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.users (id, email, display_name)
  values (new.id, new.email, left(coalesce(new.raw_user_meta_data ->> 'display_name', ''), 200))
  on conflict (id) do update set email = excluded.email;
  insert into public.time_accounts (user_id) values (new.id) on conflict do nothing;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.free_seconds(a public.time_accounts)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select a.balance_seconds - a.held_seconds
$function$;

CREATE OR REPLACE FUNCTION private.lock_account(p_user_id uuid)
 RETURNS public.time_accounts
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select * from public.time_accounts where user_id = p_user_id for update
$function$;

CREATE OR REPLACE FUNCTION private.make_card(p public.payment_history, p_code_hash text)
 RETURNS public.time_cards
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_card public.time_cards;
begin
  insert into public.time_cards (id, user_id, purchaser_id, package_id, payment_intent_id, source, status,
      paid_seconds, bonus_seconds, remaining_seconds, activated_at, expires_at)
    select p.id, owner.id, p.user_id, p.package_id, p.payment_intent_id,
      case p.purpose when 'me' then 'paid' else 'gift' end,
      case p.purpose when 'me' then 'active' else 'unactivated' end,
      p.paid_seconds, p.bonus_seconds, p.paid_seconds + p.bonus_seconds,
      case p.purpose when 'me' then now() end, case p.purpose when 'me' then now() + interval '1 year' end
    from (select case p.purpose when 'me' then p.user_id end as id) owner
    returning * into v_card;
  if p.purpose = 'gift' then
    insert into public.activation_codes (card_id, code_hash) values (v_card.id, p_code_hash);
  else
    perform private.credit_card(v_card);
  end if;
  return v_card;
end $function$;

CREATE OR REPLACE FUNCTION private.pay_debt(p_user_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_account public.time_accounts := private.lock_account(p_user_id);
  v_pay int := least(v_account.debt_seconds, private.free_seconds(v_account), 2147483647);
  v_key text := 'debt:' || gen_random_uuid();
begin
  if v_pay <= 0 then
    return;
  end if;
  perform private.take_from_cards(p_user_id, v_pay, 'debt_payment', v_key, null);
  insert into public.time_ledger (user_id, reason, seconds, key) values (p_user_id, 'debt_payment', v_pay, v_key);
  update public.time_accounts set debt_seconds = debt_seconds - v_pay where user_id = p_user_id;
end $function$;

CREATE OR REPLACE FUNCTION private.receipt_cards(p_lines jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(line || jsonb_build_object(
      'paid_seconds', (line ->> 'seconds')::int - (line ->> 'bonus_seconds')::int,
      'package_id', c.package_id, 'expires_at', private.utc_text(c.expires_at),
      'tariff', case when p.id is not null then jsonb_build_object('price_cents', p.amount_cents,
        'currency', p.currency, 'seconds', c.paid_seconds + c.bonus_seconds) end) order by position), '[]')
  from jsonb_array_elements(p_lines) with ordinality as l (line, position)
  join public.time_cards c on c.id = (line ->> 'card_id')::uuid
  left join public.payment_history p on p.id = c.id
$function$;

CREATE OR REPLACE FUNCTION private.receipt_hash(p_receipt jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select encode(sha256(convert_to((p_receipt - 'hash')::text, 'UTF8')), 'hex')
$function$;

CREATE OR REPLACE FUNCTION private.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  raise exception 'time_ledger is append-only: write a correcting entry instead' using errcode = 'PT403';
end $function$;

CREATE OR REPLACE FUNCTION private.seconds_to_grant(p_free bigint, p_live_calls integer, p_ahead_seconds integer, p_max integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select greatest(0, least(p_free, p_max - p_ahead_seconds,
    greatest(least(5, p_max) - p_ahead_seconds, p_free / greatest(p_live_calls, 1))))::int
$function$;

CREATE OR REPLACE FUNCTION private.take_from_cards(p_user_id uuid, p_seconds integer, p_reason text, p_key text, p_call_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_left int := p_seconds;
  v_take int;
  v_card public.time_cards;
  v_lines jsonb := '[]'::jsonb;
begin
  for v_card in
    select * from public.time_cards where user_id = p_user_id and status = 'active'
    order by expires_at, created_at, id for update
  loop
    exit when v_left = 0;
    v_take := least(v_left, v_card.remaining_seconds);
    update public.time_cards
      set remaining_seconds = remaining_seconds - v_take,
          status = case when remaining_seconds = v_take then 'exhausted' else status end
      where id = v_card.id;
    insert into public.time_ledger (user_id, card_id, call_id, reason, seconds, key)
      values (p_user_id, v_card.id, p_call_id, p_reason, -v_take, p_key || ':' || v_card.id);
    v_lines := v_lines || jsonb_build_object(
      'card_id', v_card.id, 'source', v_card.source, 'seconds', v_take,
      'bonus_seconds', least(v_take, greatest(0, v_card.remaining_seconds - v_card.paid_seconds)),
      'remaining_seconds', v_card.remaining_seconds - v_take);
    v_left := v_left - v_take;
  end loop;
  if v_left > 0 then
    raise exception 'account and cards of % disagree by % seconds', p_user_id, v_left;
  end if;
  update public.time_accounts set balance_seconds = balance_seconds - p_seconds where user_id = p_user_id;
  return v_lines;
end $function$;

CREATE OR REPLACE FUNCTION private.unpaid_claw_back(p_card public.time_cards, p_total_seconds integer)
 RETURNS integer
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select greatest(0, p_total_seconds - p_card.paid_seconds - p_card.bonus_seconds + coalesce(sum(l.seconds), 0))::int
  from public.time_ledger l
  where l.user_id = p_card.user_id
    and (l.card_id = p_card.id and l.reason in ('grant', 'bonus_grant', 'clawback', 'expire')
      or l.card_id is null and l.reason = 'clawback' and starts_with(l.key, format('clawback:%s:', p_card.id)))
$function$;

CREATE OR REPLACE FUNCTION private.utc_text(p_at timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select to_char(p_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$function$;

-- Triggers

CREATE TRIGGER follow_auth_user AFTER INSERT OR UPDATE OF email ON auth.users FOR EACH ROW EXECUTE FUNCTION private.follow_auth_user();
CREATE TRIGGER time_ledger_is_append_only BEFORE DELETE OR UPDATE ON public.time_ledger FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER time_ledger_is_never_truncated BEFORE TRUNCATE ON public.time_ledger FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();

-- Policies

create policy "own payments" on public.payment_history for select to authenticated using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "prices are public" on public.pricing_tiers for select to anon, authenticated using (active);
create policy "own account" on public.time_accounts for select to authenticated using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "own cards" on public.time_cards for select to authenticated using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "own ledger" on public.time_ledger for select to authenticated using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "own person" on public.users for select to authenticated using ((id = ( SELECT auth.uid() AS uid)));
create policy "own calls" on public.voice_sessions for select to authenticated using ((user_id = ( SELECT auth.uid() AS uid)));

-- Grants

grant execute on function public.activate_time_card(uuid,text) to service_role;
grant execute on function public.apply_paid_intent(text,text,uuid,text,integer,text,text) to service_role;
grant execute on function public.apply_refund(text,text,text,integer) to service_role;
grant execute on function public.apply_unpaid_intent(text,text,uuid,text,text,text) to service_role;
grant execute on function public.attach_payment_intent(uuid,text) to service_role;
grant execute on function public.audit_invariants() to service_role;
grant execute on function public.begin_purchase(uuid,text,text,text) to service_role;
grant execute on function public.claim_timer(text,numeric) to service_role;
grant execute on function public.cleanup_expired_time_cards() to service_role;
grant execute on function public.database_settings() to service_role;
grant execute on function public.deduct_user_time(uuid,integer,text) to service_role;
grant execute on function public.get_user_analytics(uuid) to service_role;
grant execute on function public.get_user_time_balance(uuid) to service_role;
grant execute on function public.grant_goodwill(uuid,integer,text,uuid,text) to service_role;
grant execute on function public.open_call(uuid,uuid,text,integer,integer,integer,text) to service_role;
grant execute on function public.reap_calls(integer) to service_role;
grant execute on function public.renew_call(uuid,integer,bigint,bigint) to service_role;
grant execute on function public.renew_calls(uuid[],integer[],bigint[],bigint[]) to service_role;
grant execute on function public.room_finished(text) to service_role;
grant execute on function public.settle_call(uuid,integer,bigint,text,jsonb,bigint) to service_role;
grant execute on function public.verify_receipts(uuid) to service_role;
grant select on public.activation_attempts to service_role;
grant select on public.activation_codes to service_role;
grant select on public.goodwill_grants to service_role;
grant select on public.payment_history to authenticated;
grant select on public.payment_history to service_role;
grant select on public.pricing_tiers to anon;
grant select on public.pricing_tiers to authenticated;
grant insert, select, update on public.pricing_tiers to service_role;
grant select on public.stripe_events to service_role;
grant select on public.time_accounts to authenticated;
grant select on public.time_accounts to service_role;
grant select on public.time_cards to authenticated;
grant select on public.time_cards to service_role;
grant select on public.time_ledger to authenticated;
grant select on public.time_ledger to service_role;
grant select on public.users to authenticated;
grant select, update (display_name), update (role), update (stripe_customer_id) on public.users to service_role;
grant select on public.voice_sessions to authenticated;
grant select on public.voice_sessions to service_role;
