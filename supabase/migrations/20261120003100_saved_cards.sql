-- A card is kept at Stripe only where its owner said so when paying. The card itself is never stored here.

alter table public.payment_history add column card_consent_at timestamptz;
comment on column public.payment_history.card_consent_at is
  'When the buyer said that the card of this payment is to be kept for later ones; null where they did not.';

create function public.note_card_consent(p_purchase_id uuid, p_consent boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.payment_history
    set card_consent_at = case when p_consent then coalesce(card_consent_at, now()) end, updated_at = now()
    where id = p_purchase_id and status in ('created', 'unknown', 'awaiting_payment', 'failed');
  return found;
end $$;
comment on function public.note_card_consent(uuid, boolean) is
  'Notes, before the payment, whether its card may be kept. False where the payment is over or on its way.';

create function public.stop_using_card(p_user_id uuid, p_payment_method_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update private.auto_top_ups set status = 'disabled', updated_at = now()
    where user_id = p_user_id and payment_method_id = p_payment_method_id and status <> 'disabled';
  return jsonb_build_object('status', case when found then 'disabled' else 'not_used' end);
end $$;
comment on function public.stop_using_card(uuid, text) is
  'Before a saved card is removed: ends the automatic top-up that uses it. Status disabled or not_used.';

revoke execute on function public.note_card_consent(uuid, boolean), public.stop_using_card(uuid, text)
  from public, anon, authenticated;
grant execute on function public.note_card_consent(uuid, boolean), public.stop_using_card(uuid, text) to service_role;
