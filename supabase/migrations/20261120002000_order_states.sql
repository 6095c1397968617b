-- An order is a small state machine that only moves forward, so that late, repeated and reordered news change nothing.
--
--   created           it is noted here, and nothing is known of it at Stripe
--   unknown           Stripe was asked to make or confirm its payment and did not answer: the reconciler finds out
--   awaiting_payment  its intent is at Stripe and waits for the buyer
--   processing        an asynchronous payment method is on its way, which can take days
--   failed            the last attempt failed; the same order can still be paid
--   canceled          nobody can pay it any more; money that was under way can still arrive
--   review            money came that does not fit: a person decides
--   succeeded         paid, and the time is given
--   refused           a person decided that no time is given for it

alter table public.payment_history drop constraint payment_history_status_check;
alter table public.payment_history drop constraint payment_history_check;
alter table public.payment_history
  add column received_cents int check (received_cents >= 0),
  add column disputed_cents int not null default 0 check (disputed_cents >= 0),
  add column lost_cents int not null default 0 check (lost_cents >= 0),
  add column settlements int not null default 0,
  add column stripe_attempt int not null default 1 check (stripe_attempt > 0),
  add column review_reason text,
  add constraint payment_history_status_check check (status in ('created', 'unknown', 'awaiting_payment', 'processing',
    'failed', 'canceled', 'review', 'succeeded', 'refused')),
  add constraint payment_history_refunded_check check (refunded_cents >= 0);
comment on column public.payment_history.received_cents is 'What was paid, tax included; refunds and disputes are shares of it.';
comment on column public.payment_history.disputed_cents is 'Under dispute now: the time for it is frozen.';
comment on column public.payment_history.lost_cents is 'Lost in disputes: the time for it is taken back.';
comment on column public.payment_history.settlements is 'How often its card was brought in line with its money; names the ledger entries.';
comment on column public.payment_history.stripe_attempt is
  'Part of the idempotency key at Stripe. It only changes when Stripe has used a key up by an error of its own.';

update public.payment_history set status = 'awaiting_payment' where status = 'created' and payment_intent_id is not null;
-- The reconciler looks for orders whose end is open.
create index payment_history_open on public.payment_history (created_at)
  where status in ('created', 'unknown', 'awaiting_payment', 'processing', 'failed');

-- The one place that says which state may come after which.
create function private.may_follow(p_from text, p_to text) returns boolean
language sql immutable set search_path = '' as $$
  select coalesce(p_to = any (case p_from
    when 'created' then array['unknown', 'awaiting_payment', 'processing', 'failed', 'canceled', 'review', 'succeeded']
    when 'unknown' then array['awaiting_payment', 'processing', 'failed', 'canceled', 'review', 'succeeded']
    when 'awaiting_payment' then array['processing', 'failed', 'canceled', 'review', 'succeeded']
    when 'processing' then array['failed', 'canceled', 'review', 'succeeded']
    -- A failure does not end an order, and a cancellation does not end a payment that was under way.
    when 'failed' then array['canceled', 'review', 'succeeded']
    when 'canceled' then array['review', 'succeeded']
    when 'review' then array['succeeded', 'refused']
    else array[]::text[] end), false)
$$;

create function private.refuse_to_go_back() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.status is distinct from old.status and not private.may_follow(old.status, new.status) then
    raise exception 'order % cannot go from % to %', old.id, old.status, new.status using errcode = '23514';
  end if;
  return new;
end $$;
create trigger payment_history_only_moves_forward before update of status on public.payment_history
  for each row execute function private.refuse_to_go_back();
create function private.refuse_to_begin_elsewhere() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.status <> 'created' then
    raise exception 'order % cannot begin as %', new.id, new.status using errcode = '23514';
  end if;
  return new;
end $$;
create trigger payment_history_begins_as_created before insert on public.payment_history
  for each row execute function private.refuse_to_begin_elsewhere();

create or replace function public.attach_payment_intent(p_purchase_id uuid, p_payment_intent_id text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.payment_history
    set payment_intent_id = p_payment_intent_id, updated_at = now(),
        status = case when private.may_follow(status, 'awaiting_payment') and p_payment_intent_id is not null
          then 'awaiting_payment' else status end
    where id = p_purchase_id and (payment_intent_id is null or payment_intent_id = p_payment_intent_id);
  return found;
end $$;

create function public.note_unknown_outcome(p_purchase_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.payment_history set status = 'unknown', updated_at = now()
    where id = p_purchase_id and private.may_follow(status, 'unknown');
  return found;
end $$;
comment on function public.note_unknown_outcome(uuid) is
  'Stripe was asked for this order''s payment and did not answer. Its idempotency key stays, so asking again finds it.';

create function public.next_stripe_attempt(p_purchase_id uuid, p_attempt int) returns int
language plpgsql security definer set search_path = '' as $$
begin
  -- Of several that found the key used up, one moves on, and the others get the key that it moved on to.
  update public.payment_history set stripe_attempt = stripe_attempt + 1, updated_at = now()
    where id = p_purchase_id and stripe_attempt = p_attempt;
  return (select stripe_attempt from public.payment_history where id = p_purchase_id);
end $$;
comment on function public.next_stripe_attempt(uuid, int) is
  'The next idempotency key of an order, where Stripe keeps an error of its own under this one; answers its number.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.note_unknown_outcome(uuid), public.next_stripe_attempt(uuid, int)
  from public, anon, authenticated;
grant execute on function public.note_unknown_outcome(uuid), public.next_stripe_attempt(uuid, int) to service_role;
