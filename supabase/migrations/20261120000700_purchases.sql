-- Money in: a purchase begins, Stripe says what became of it, and time follows exactly once.

create function public.begin_purchase(p_user_id uuid, p_package_id text, p_purpose text, p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;
comment on function public.begin_purchase(uuid, text, text, text) is
  'Begins a purchase at today''s price, or answers the one that this key began. '
  'Refuses with status unknown_package, unknown_user or key_reused.';

create function public.attach_payment_intent(p_purchase_id uuid, p_payment_intent_id text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.payment_history set payment_intent_id = p_payment_intent_id, updated_at = now()
    where id = p_purchase_id and (payment_intent_id is null or payment_intent_id = p_payment_intent_id);
  return found;
end $$;
comment on function public.attach_payment_intent(uuid, text) is
  'Notes which intent pays a purchase; false when another one already does.';

-- Writes the event's row. False when the event was applied before: then nothing else may happen.
create function private.claim_event(p_event_id text, p_type text, p_intent_id text, p_outcome text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.stripe_events (id, type, payment_intent_id, outcome)
    values (p_event_id, p_type, p_intent_id, p_outcome) on conflict (id) do nothing;
  return found;
end $$;

create function private.finish_event(p_event_id text, p_outcome text, p_card_id uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.stripe_events set outcome = p_outcome where id = p_event_id;
  return jsonb_build_object('status', p_outcome, 'card_id', p_card_id);
end $$;

create function private.make_card(p public.payment_history, p_code_hash text) returns public.time_cards
language plpgsql security definer set search_path = '' as $$
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
end $$;

create function public.apply_paid_intent(p_event_id text, p_event_type text, p_purchase_id uuid,
  p_payment_intent_id text, p_amount_received_cents int, p_currency text, p_code_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;
comment on function public.apply_paid_intent(text, text, uuid, text, int, text, text) is
  'Turns a succeeded payment intent into exactly one card, together with the row of the event that told of it.';

create function public.apply_unpaid_intent(p_event_id text, p_event_type text, p_purchase_id uuid,
  p_payment_intent_id text, p_status text, p_failure_code text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if not private.claim_event(p_event_id, p_event_type, p_payment_intent_id, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  update public.payment_history set status = p_status, failure_code = p_failure_code, updated_at = now()
    where id = p_purchase_id and status in ('created', 'failed') and p_status in ('failed', 'canceled');
  return private.finish_event(p_event_id, case when found then 'applied' else 'already_applied' end);
end $$;
comment on function public.apply_unpaid_intent(text, text, uuid, text, text, text) is
  'Notes a failed or canceled attempt. Never moves a purchase back from succeeded.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.begin_purchase(uuid, text, text, text), public.attach_payment_intent(uuid, text),
  public.apply_paid_intent(text, text, uuid, text, int, text, text),
  public.apply_unpaid_intent(text, text, uuid, text, text, text) from public, anon, authenticated;
grant execute on function public.begin_purchase(uuid, text, text, text), public.attach_payment_intent(uuid, text),
  public.apply_paid_intent(text, text, uuid, text, int, text, text),
  public.apply_unpaid_intent(text, text, uuid, text, text, text) to service_role;
