-- Money back: a refund takes back minutes in proportion, from that card's remainder first, then as debt.

-- What the refunded share of a card comes to beyond what could be taken from it, less the debt already noted for it.
-- Seconds that expired were never talked away, so nobody owes them.
create function private.unpaid_claw_back(p_card public.time_cards, p_total_seconds int) returns int
language sql stable security definer set search_path = '' as $$
  select greatest(0, p_total_seconds - p_card.paid_seconds - p_card.bonus_seconds + coalesce(sum(l.seconds), 0))::int
  from public.time_ledger l
  where l.user_id = p_card.user_id
    and (l.card_id = p_card.id and l.reason in ('grant', 'bonus_grant', 'clawback', 'expire')
      or l.card_id is null and l.reason = 'clawback' and starts_with(l.key, format('clawback:%s:', p_card.id)))
$$;

create function private.claw_back_owned(p_card public.time_cards, p_seconds int, p_total_seconds int) returns void
language plpgsql security definer set search_path = '' as $$
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
end $$;

-- Brings the minutes taken back up to the refunded share of the price, rounded down once over all refunds.
-- Lock order: purchase (held by the caller), account, card.
create function private.claw_back(p public.payment_history) returns void
language plpgsql security definer set search_path = '' as $$
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
end $$;

create function public.apply_refund(p_event_id text, p_event_type text, p_payment_intent_id text,
  p_refunded_cents int) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;
comment on function public.apply_refund(text, text, text, int) is
  'Takes back minutes for the refunded share of a payment: what the card still has, the rest as debt.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.apply_refund(text, text, text, int) from public, anon, authenticated;
grant execute on function public.apply_refund(text, text, text, int) to service_role;
