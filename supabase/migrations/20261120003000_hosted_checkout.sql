-- A purchase can be paid on a page of Stripe's own. An order has one way of being paid, an intent or such a page, and
-- moves from the first to the second only: so nobody can be charged both ways.

alter table public.payment_history
  add column checkout_expires_at timestamptz,
  add column checkout_session_id text unique,
  add column replaced_intent_id text unique,
  add constraint payment_history_checkout_check check (checkout_expires_at is not null
    or checkout_session_id is null and replaced_intent_id is null),
  -- With a page there is no intent of ours; that of the page itself is noted with its money.
  add constraint payment_history_one_way_to_pay check (checkout_expires_at is null or payment_intent_id is null
    or status in ('succeeded', 'review', 'refused'));
comment on column public.payment_history.checkout_expires_at is
  'Set when the buyer chose Stripe''s own page; from then on no intent of ours may be attached. The page ends then.';
comment on column public.payment_history.checkout_session_id is 'The page, once Stripe has made it.';
comment on column public.payment_history.replaced_intent_id is
  'The intent that the page replaced. It is canceled before the page is made, and its end is not the end of the order.';

create function public.choose_checkout(p_purchase_id uuid, p_lasts_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.payment_history;
begin
  select * into v_purchase from public.payment_history where id = p_purchase_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_purchase');
  elsif v_purchase.status not in ('created', 'unknown', 'awaiting_payment', 'failed') then
    return jsonb_build_object('status', 'closed');
  elsif (p_lasts_seconds between 1800 and 86400) is not true then
    raise exception 'a page of Stripe''s lasts between 30 minutes and a day, not % seconds', p_lasts_seconds
      using errcode = '22023';
  elsif v_purchase.checkout_expires_at is null then
    update public.payment_history
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
  'The buyer pays this order on a page of Stripe''s own, which ends after so many seconds; a repeat answers the first '
  'choice. Refuses with status closed or unknown_purchase.';

create function public.attach_checkout_session(p_purchase_id uuid, p_session_id text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_session_id text;
begin
  update public.payment_history
    set checkout_session_id = coalesce(checkout_session_id, p_session_id), updated_at = now(),
        status = case when private.may_follow(status, 'awaiting_payment') then 'awaiting_payment' else status end
    where id = p_purchase_id and checkout_expires_at is not null
    returning checkout_session_id into v_session_id;
  return v_session_id;
end $$;
comment on function public.attach_checkout_session(uuid, text) is
  'Notes the page of an order, and answers the one that counts: the first one. Null where no page was chosen.';

create or replace function public.attach_payment_intent(p_purchase_id uuid, p_payment_intent_id text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.payment_history
    set payment_intent_id = p_payment_intent_id, updated_at = now(),
        status = case when private.may_follow(status, 'awaiting_payment') and p_payment_intent_id is not null
          then 'awaiting_payment' else status end
    where id = p_purchase_id and (payment_intent_id is null or payment_intent_id = p_payment_intent_id)
      -- The intent of Stripe's own page is noted when it is paid; any other would be a second way to pay.
      and checkout_expires_at is null;
  return found;
end $$;

-- The end of an intent that was given up for Stripe's page says nothing about its order. Its money, should there be
-- any, does.
alter function public.apply_payment(text, text, uuid, text, text, int, int, text, text, jsonb, jsonb, text)
  set schema private;
alter function private.apply_payment(text, text, uuid, text, text, int, int, text, text, jsonb, jsonb, text)
  rename to apply_payment_of_order;
create function public.apply_payment(p_event_id text, p_event_type text, p_purchase_id uuid,
  p_payment_intent_id text, p_status text, p_received_cents int, p_tax_cents int, p_currency text,
  p_failure_code text, p_refunds jsonb, p_disputes jsonb, p_code_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if p_status = 'canceled' and exists (select from public.payment_history
      where id = p_purchase_id and replaced_intent_id = p_payment_intent_id) then
    if not private.claim_event(p_event_id, p_event_type, p_payment_intent_id, 'applying') then
      return jsonb_build_object('status', 'duplicate_event');
    end if;
    return private.finish_event(p_event_id, 'other_intent');
  end if;
  return private.apply_payment_of_order(p_event_id, p_event_type, p_purchase_id, p_payment_intent_id, p_status,
    p_received_cents, p_tax_cents, p_currency, p_failure_code, p_refunds, p_disputes, p_code_hash);
end $$;
comment on function public.apply_payment(text, text, uuid, text, text, int, int, text, text, jsonb, jsonb, text) is
  'Brings an order and its card to where Stripe says that its payment is, together with the row of the event that told '
  'of it; without an event, too. p_status: succeeded, processing, failed, canceled, or anything else for under way. '
  'p_refunds: all of them, as {id, amount_cents, status}; p_disputes as well. Answers applied, already_applied, '
  'duplicate_event, review (a person has to look), other_intent or not_ours.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.choose_checkout(uuid, int), public.attach_checkout_session(uuid, text),
  public.apply_payment(text, text, uuid, text, text, int, int, text, text, jsonb, jsonb, text)
  from public, anon, authenticated;
grant execute on function public.choose_checkout(uuid, int), public.attach_checkout_session(uuid, text),
  public.apply_payment(text, text, uuid, text, text, int, int, text, text, jsonb, jsonb, text) to service_role;
