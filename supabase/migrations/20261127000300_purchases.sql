-- Purchases: a package at its frozen price, on its way to being paid.
--

-- An purchase is a small state machine that only moves forward, so that late, repeated and reordered news change nothing.
--
--   created           it is noted here, and nothing is known of it at Stripe
--   unknown           Stripe was asked to make or confirm its payment and did not answer: the reconciler finds out
--   awaiting_payment  its intent is at Stripe and waits for the buyer
--   processing        an asynchronous payment method is on its way, which can take days
--   failed            the last attempt failed; the same purchase can still be paid
--   canceled          nobody can pay it any more; money that was under way can still arrive
--   review            money came that does not fit: a person decides
--   succeeded         paid, and the time is given
--   refused           a person decided that no time is given for it



create table public.purchases (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  package_id text not null references public.pricing_tiers (id),
  purpose text not null check (purpose in ('me', 'gift')),
  idempotency_key text not null check (length(idempotency_key) between 1 and 255),
  amount_cents int not null check (amount_cents >= 50),
  currency text not null,
  paid_seconds int not null check (paid_seconds > 0),
  bonus_seconds int not null check (bonus_seconds >= 0),
  gift_message text check (length(gift_message) between 1 and 300),
  gift_recipient text check (length(gift_recipient) between 1 and 100),
  status text not null default 'created' check (status in ('created', 'unknown', 'awaiting_payment', 'processing',
    'failed', 'canceled', 'review', 'succeeded', 'refused')),
  failure_code text,
  review_reason text,
  stripe_attempt int not null default 1 check (stripe_attempt > 0),
  payment_intent_id text unique,
  checkout_expires_at timestamptz,
  checkout_session_id text unique,
  replaced_intent_id text unique,
  card_consent_at timestamptz,
  received_cents int check (received_cents >= 0),
  refunded_cents int not null default 0 check (refunded_cents >= 0),
  disputed_cents int not null default 0 check (disputed_cents >= 0),
  lost_cents int not null default 0 check (lost_cents >= 0),
  clawed_back_seconds int not null default 0 check (clawed_back_seconds >= 0),
  settlements int not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, idempotency_key),
  constraint only_gifts_have_words check (purpose = 'gift' or gift_message is null and gift_recipient is null),
  constraint only_a_page_has_a_session check (checkout_expires_at is not null
    or checkout_session_id is null and replaced_intent_id is null),
  -- With a page of Stripe's own there is no intent of ours; that of the page is noted with its money.
  constraint one_way_to_pay check (checkout_expires_at is null or payment_intent_id is null
    or status in ('succeeded', 'review', 'refused'))
);
comment on table public.purchases is
  'A purchase and its frozen price. The id of a purchase becomes the id of its card. Status only moves forward.';
comment on column public.purchases.stripe_attempt is
  'Part of the idempotency key at Stripe. It only changes when Stripe has used a key up by an error of its own.';
comment on column public.purchases.checkout_expires_at is
  'Set when the buyer chose Stripe''s own page; from then on no intent of ours may be attached. The page ends then.';
comment on column public.purchases.checkout_session_id is 'The page, once Stripe has made it.';
comment on column public.purchases.replaced_intent_id is
  'The intent that the page replaced. It is canceled before the page is made, and its end is not the end of the purchase.';
comment on column public.purchases.card_consent_at is
  'When the buyer said that the card of this payment is to be kept for later ones; null where they did not.';
comment on column public.purchases.received_cents is 'What was paid, tax included; refunds and disputes are shares of it.';
comment on column public.purchases.disputed_cents is 'Under dispute now: the time for it is frozen.';
comment on column public.purchases.lost_cents is 'Lost in disputes: the time for it is taken back.';
comment on column public.purchases.settlements is
  'How often its card was brought in line with its money; names the ledger entries.';
create index purchases_by_user on public.purchases (user_id, created_at desc);
create index purchases_open on public.purchases (created_at)
  where status in ('created', 'unknown', 'awaiting_payment', 'processing', 'failed');

-- The name of the first design.
create view public.payment_history with (security_invoker = true) as select * from public.purchases;



-- The one place that says which state may come after which.
create function private.may_follow(p_from text, p_to text) returns boolean
language sql immutable set search_path = '' as $$
  select coalesce(p_to = any (case p_from
    when 'created' then array['unknown', 'awaiting_payment', 'processing', 'failed', 'canceled', 'review', 'succeeded']
    when 'unknown' then array['awaiting_payment', 'processing', 'failed', 'canceled', 'review', 'succeeded']
    when 'awaiting_payment' then array['processing', 'failed', 'canceled', 'review', 'succeeded']
    when 'processing' then array['failed', 'canceled', 'review', 'succeeded']
    -- A failure does not end a purchase, and a cancellation does not end a payment that was under way.
    when 'failed' then array['canceled', 'review', 'succeeded']
    when 'canceled' then array['review', 'succeeded']
    when 'review' then array['succeeded', 'refused']
    else array[]::text[] end), false)
$$;

create function private.refuse_to_begin_elsewhere() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.status <> 'created' then
    raise exception 'purchase % cannot begin as %', new.id, new.status using errcode = '23514';
  end if;
  return new;
end $$;

create function private.refuse_to_go_back() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.status is distinct from old.status and not private.may_follow(old.status, new.status) then
    raise exception 'purchase % cannot go from % to %', old.id, old.status, new.status using errcode = '23514';
  end if;
  return new;
end $$;

create function public.begin_purchase(p_user_id uuid, p_package_id text, p_purpose text, p_key text,
  p_message text default null, p_recipient_name text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
begin
  insert into public.purchases
    (user_id, package_id, purpose, idempotency_key, amount_cents, currency, paid_seconds, bonus_seconds,
     gift_message, gift_recipient)
    select u.id, t.id, p_purpose, p_key, t.price_cents, t.currency, t.hours * 3600, t.bonus_minutes * 60,
      p_message, p_recipient_name
    from public.pricing_tiers t, public.users u where t.id = p_package_id and t.active and u.id = p_user_id
    on conflict (user_id, idempotency_key) do nothing;
  select * into v_purchase from public.purchases where user_id = p_user_id and idempotency_key = p_key;
  if not found then
    return jsonb_build_object('status',
      case when exists (select from public.users where id = p_user_id) then 'unknown_package' else 'unknown_user' end);
  elsif v_purchase.package_id is distinct from p_package_id or v_purchase.purpose is distinct from p_purpose
     or v_purchase.gift_message is distinct from p_message
     or v_purchase.gift_recipient is distinct from p_recipient_name then
    return jsonb_build_object('status', 'key_reused');
  end if;
  return jsonb_build_object('status', 'ready', 'purchase', to_jsonb(v_purchase),
    'stripe_customer_id', (select stripe_customer_id from public.users where id = p_user_id),
    'email', (select email from public.users where id = p_user_id));
end $$;
comment on function public.begin_purchase(uuid, text, text, text, text, text) is
  'Begins a purchase at today''s price, or answers the one that this key began. A gift may carry words. '
  'Refuses with status unknown_package, unknown_user or key_reused.';

create function public.attach_payment_intent(p_purchase_id uuid, p_payment_intent_id text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.purchases
    set payment_intent_id = p_payment_intent_id, updated_at = now(),
        status = case when private.may_follow(status, 'awaiting_payment') and p_payment_intent_id is not null
          then 'awaiting_payment' else status end
    where id = p_purchase_id and (payment_intent_id is null or payment_intent_id = p_payment_intent_id)
      -- The intent of Stripe's own page is noted when it is paid; any other would be a second way to pay.
      and checkout_expires_at is null;
  return found;
end $$;
comment on function public.attach_payment_intent(uuid, text) is
  'Notes which intent pays a purchase; false when another one already does.';

create function public.choose_checkout(p_purchase_id uuid, p_lasts_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
begin
  select * into v_purchase from public.purchases where id = p_purchase_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_purchase');
  elsif v_purchase.status not in ('created', 'unknown', 'awaiting_payment', 'failed') then
    return jsonb_build_object('status', 'closed');
  elsif (p_lasts_seconds between 1800 and 86400) is not true then
    raise exception 'a page of Stripe''s lasts between 30 minutes and a day, not % seconds', p_lasts_seconds
      using errcode = '22023';
  elsif v_purchase.checkout_expires_at is null then
    update public.purchases
      -- Whole seconds, as Stripe takes them: a repeat must ask for exactly the same.
      set checkout_expires_at = date_trunc('second', now()) + make_interval(secs => p_lasts_seconds),
          replaced_intent_id = payment_intent_id, payment_intent_id = null, updated_at = now()
      where id = p_purchase_id returning * into v_purchase;
  elsif v_purchase.checkout_session_id is null and v_purchase.checkout_expires_at < now() + interval '31 minutes' then
    -- Never made, and Stripe makes no page that ends so soon.
    return jsonb_build_object('status', 'closed');
  end if;
  return jsonb_build_object('status', 'chosen', 'checkout_session_id', v_purchase.checkout_session_id,
    'expires_at_seconds', extract(epoch from v_purchase.checkout_expires_at)::bigint,
    'replaced_intent_id', v_purchase.replaced_intent_id);
end $$;
comment on function public.choose_checkout(uuid, int) is
  'The buyer pays on a page of Stripe''s own, which ends after so many seconds; a repeat answers the first '
  'choice. Refuses with status closed or unknown_purchase.';

create function public.attach_checkout_session(p_purchase_id uuid, p_session_id text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_session_id text;
begin
  update public.purchases
    set checkout_session_id = coalesce(checkout_session_id, p_session_id), updated_at = now(),
        status = case when private.may_follow(status, 'awaiting_payment') then 'awaiting_payment' else status end
    where id = p_purchase_id and checkout_expires_at is not null
    returning checkout_session_id into v_session_id;
  return v_session_id;
end $$;
comment on function public.attach_checkout_session(uuid, text) is
  'Notes the page of a purchase, and answers the one that counts: the first one. Null where no page was chosen.';

create function public.note_unknown_outcome(p_purchase_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.purchases set status = 'unknown', updated_at = now()
    where id = p_purchase_id and private.may_follow(status, 'unknown');
  return found;
end $$;
comment on function public.note_unknown_outcome(uuid) is
  'Stripe was asked for this purchase''s payment and did not answer. Its idempotency key stays, so asking again finds it.';

create function public.next_stripe_attempt(p_purchase_id uuid, p_attempt int) returns int
language plpgsql security definer set search_path = '' as $$
begin
  -- Of several that found the key used up, one moves on, and the others get the key that it moved on to.
  update public.purchases set stripe_attempt = stripe_attempt + 1, updated_at = now()
    where id = p_purchase_id and stripe_attempt = p_attempt;
  return (select stripe_attempt from public.purchases where id = p_purchase_id);
end $$;
comment on function public.next_stripe_attempt(uuid, int) is
  'The next idempotency key of a purchase, where Stripe keeps an error of its own under this one; answers its number.';

create function public.end_purchase_unmade(p_purchase_id uuid, p_older_than_seconds int) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  -- The same purchase can still be begun again under its own key, and its money, should there be any, is still received.
  update public.purchases set status = 'failed', failure_code = 'never_made', updated_at = now()
    where id = p_purchase_id and payment_intent_id is null and private.may_follow(status, 'failed')
      and updated_at < now() - make_interval(secs => p_older_than_seconds);
  return found;
end $$;
comment on function public.end_purchase_unmade(uuid, int) is
  'Ends the doubt about a purchase of which Stripe has nothing: it failed before it reached Stripe.';

create function public.note_card_consent(p_purchase_id uuid, p_consent boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.purchases
    set card_consent_at = case when p_consent then coalesce(card_consent_at, now()) end, updated_at = now()
    where id = p_purchase_id and status in ('created', 'unknown', 'awaiting_payment', 'failed');
  return found;
end $$;
comment on function public.note_card_consent(uuid, boolean) is
  'Notes, before the payment, whether its card may be kept. False where the payment is over or on its way.';

-- A paid purchase becomes a grant of its own id: the buyer's, or a gift that waits for whoever has its code.
create function private.make_card(p public.purchases, p_code_hash text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_grant public.grants;
begin
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, purchaser_id, package_id,
      payment_intent_id, activated_at, expires_at)
    select p.id, owner.id, 'second', case p.purpose when 'me' then 'paid' else 'gift' end,
      case p.purpose when 'me' then 'active' else 'unactivated' end,
      p.paid_seconds, p.bonus_seconds, p.paid_seconds + p.bonus_seconds, p.user_id, p.package_id, p.payment_intent_id,
      case p.purpose when 'me' then now() end, case p.purpose when 'me' then now() + interval '1 year' end
    from (select case p.purpose when 'me' then p.user_id end as id) owner
    returning * into v_grant;
  if p.purpose = 'gift' then
    insert into public.activation_codes (card_id, code_hash) values (v_grant.id, p_code_hash);
  else
    perform private.credit_grant(v_grant);
  end if;
end $$;

-- Seconds of a card for this part of its price, rounded down once over the whole sum.
create function private.share_seconds(p public.purchases, p_cents bigint) returns bigint
language sql immutable set search_path = '' as $$
  select (p.paid_seconds + p.bonus_seconds)::bigint * least(p_cents, m.paid) / m.paid
  from (select coalesce(nullif(p.received_cents, 0), p.amount_cents)::bigint as paid) m
$$;



create trigger purchases_begin_as_created before insert on public.purchases
  for each row execute function private.refuse_to_begin_elsewhere();
create trigger purchases_only_move_forward before update of status on public.purchases
  for each row execute function private.refuse_to_go_back();

alter table public.purchases enable row level security;
create policy "own purchases" on public.purchases for select to authenticated using (user_id = (select auth.uid()));
revoke all on public.purchases, public.payment_history from anon, authenticated, service_role;
grant select on public.purchases, public.payment_history to authenticated, service_role;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.begin_purchase(uuid, text, text, text, text, text),
  public.attach_payment_intent(uuid, text), public.choose_checkout(uuid, int),
  public.attach_checkout_session(uuid, text), public.note_unknown_outcome(uuid), public.next_stripe_attempt(uuid, int),
  public.end_purchase_unmade(uuid, int), public.note_card_consent(uuid, boolean) from public, anon, authenticated;
grant execute on function public.begin_purchase(uuid, text, text, text, text, text),
  public.attach_payment_intent(uuid, text), public.choose_checkout(uuid, int),
  public.attach_checkout_session(uuid, text), public.note_unknown_outcome(uuid), public.next_stripe_attempt(uuid, int),
  public.end_purchase_unmade(uuid, int), public.note_card_consent(uuid, boolean) to service_role;
