-- Money back: a refund takes back minutes in proportion, from that card's remainder first, then as debt.

create function private.claw_back_owned(p_card public.time_cards, p_seconds int, p_key text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.time_accounts := private.lock_account(p_card.user_id);
  v_take int;
  v_debt int;
begin
  -- Time promised to a live call is not taken from under it: that part becomes debt, paid when the call settles.
  select least(c.remaining_seconds, p_seconds, private.free_seconds(v_account)) into v_take
    from public.time_cards c where c.id = p_card.id;
  if v_take > 0 then
    update public.time_cards
      set remaining_seconds = remaining_seconds - v_take,
          status = case when remaining_seconds = v_take then 'exhausted' else status end
      where id = p_card.id;
    insert into public.time_ledger (user_id, card_id, reason, seconds, key)
      values (p_card.user_id, p_card.id, 'clawback', -v_take, p_key);
    update public.time_accounts set balance_seconds = balance_seconds - v_take where user_id = p_card.user_id;
  end if;
  -- Seconds that expired were never talked away, so nobody owes them.
  select greatest(0, p_seconds - v_take + coalesce(sum(seconds), 0)) into v_debt
    from public.time_ledger where card_id = p_card.id and reason = 'expire';
  if v_debt > 0 then
    insert into public.time_ledger (user_id, reason, seconds, key)
      values (p_card.user_id, 'clawback', -v_debt, p_key || ':debt');
    update public.time_accounts set debt_seconds = debt_seconds + v_debt where user_id = p_card.user_id;
    perform private.pay_debt(p_card.user_id);
  end if;
end $$;

create function public.apply_refund(p_event_id text, p_event_type text, p_payment_intent_id text,
  p_refunded_cents int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.payment_history;
  v_owner uuid;
  v_card public.time_cards;
  v_delta int;
begin
  if not private.claim_event(p_event_id, p_event_type, p_payment_intent_id, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  select * into v_purchase from public.payment_history where payment_intent_id = p_payment_intent_id for update;
  if not found or v_purchase.status <> 'succeeded' then
    return private.finish_event(p_event_id, 'not_ours');
  end if;
  -- p_refunded_cents is the sum of all refunds so far, so events may come late, twice or out of order.
  v_delta := ((v_purchase.paid_seconds + v_purchase.bonus_seconds)::bigint
    * least(p_refunded_cents, v_purchase.amount_cents) / v_purchase.amount_cents)::int - v_purchase.clawed_back_seconds;
  if v_delta <= 0 then
    return private.finish_event(p_event_id, 'already_applied', v_purchase.id);
  end if;
  select user_id into v_owner from public.time_cards where id = v_purchase.id;
  perform private.lock_account(v_owner);
  select * into v_card from public.time_cards where id = v_purchase.id for update;
  if v_card.user_id is distinct from v_owner then
    -- Activated at this very moment, by an account that is not locked here. Stripe sends the event again.
    raise exception 'card % changed hands during its refund', v_card.id using errcode = '40001';
  end if;
  if v_card.status = 'unactivated' then
    update public.time_cards
      set remaining_seconds = remaining_seconds - v_delta,
          status = case when remaining_seconds = v_delta then 'revoked' else status end
      where id = v_card.id;
  else
    perform private.claw_back_owned(v_card, v_delta,
      format('clawback:%s:%s', v_purchase.id, v_purchase.clawed_back_seconds + v_delta));
  end if;
  update public.payment_history
    set refunded_cents = least(p_refunded_cents, amount_cents), clawed_back_seconds = clawed_back_seconds + v_delta,
        updated_at = now()
    where id = v_purchase.id;
  return private.finish_event(p_event_id, 'applied', v_purchase.id);
end $$;
comment on function public.apply_refund(text, text, text, int) is
  'Takes back minutes for the refunded share of a payment: what the card still has, the rest as debt.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.apply_refund(text, text, text, int) from public, anon, authenticated;
grant execute on function public.apply_refund(text, text, text, int) to service_role;
