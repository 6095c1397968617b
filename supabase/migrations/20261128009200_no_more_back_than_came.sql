-- What comes back of a card is never more than the share of the money that came back. What expired counts as refunded
-- first, so a card of which a part was taken and the rest expired has something to spare; that is not for a refund of a
-- cent to release, which came to nothing after the end of the card.
create or replace function private.give_back(g public.grants, p_debtor_id uuid, p_total bigint, p_key text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_taken record := private.taken_from(g);
  v_came_back bigint := (select clawed_back_seconds from public.purchases where id = g.id) - p_total;
  v_left bigint := least(v_came_back, v_taken.clawed_back, v_taken.clawed_back + v_taken.expired - p_total);
  v_debt bigint := least(v_left, v_taken.owed);
  v_paid bigint := greatest(0, v_debt - (private.lock_account(p_debtor_id)).debt);
begin
  if v_paid > 0 then
    perform private.bring_back(p_debtor_id, g.id, null, 'debt_payment', v_paid, p_key || ':paid');
    perform private.post(p_debtor_id, null, 'debt_payment', -v_paid, p_key || ':paid');
  end if;
  if v_debt > 0 then
    perform private.post(p_debtor_id, null, 'restore', v_debt, p_key || ':debt', p_about_grant_id => g.id);
  end if;
  if v_left > v_debt then
    perform private.bring_back(g.account_id, g.id, g.id, 'clawback', v_left - v_debt, p_key);
  end if;
end $$;

-- A state of its own: whoever asks is told that this account does not exist any more, and not that something broke here.
create or replace function private.refuse_deleted_person() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.users where deleted_at is not null
      and id::text = to_jsonb(new) ->> case tg_table_name when 'grants' then 'account_id' else 'user_id' end) then
    raise exception 'this person was deleted' using errcode = 'PT401';
  end if;
  return new;
end $$;

-- Nobody gives time to who was deleted: nobody would use it.
create or replace function public.grant_goodwill(p_user_id uuid, p_seconds int, p_reason text, p_operator_id uuid,
  p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.grants;
  v_known public.goodwill_grants;
begin
  if (p_seconds between 1 and 360000) is not true or (length(trim(p_reason)) between 1 and 500) is not true
     or (length(p_key) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_grant');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  elsif p_operator_id = p_user_id then
    return jsonb_build_object('status', 'own_account');
  elsif (private.lock_account(p_user_id)).id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  select * into v_known from public.goodwill_grants where key = p_key;
  if found then
    select * into v_card from public.grants where id = v_known.card_id;
    return case when v_card.account_id = p_user_id and v_card.bonus = p_seconds
      then jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', true)
      else jsonb_build_object('status', 'key_reused') end;
  elsif exists (select from public.users where id = p_user_id and deleted_at is not null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, activated_at, expires_at)
    values (gen_random_uuid(), p_user_id, 'second', 'goodwill', 'active', 0, p_seconds, p_seconds, now(),
      now() + interval '1 year')
    returning * into v_card;
  -- Unique by key: of two grants at once with one key for two people, the second fails as a whole.
  insert into public.goodwill_grants (card_id, operator_id, reason, key)
    values (v_card.id, p_operator_id, trim(p_reason), p_key);
  perform private.credit_grant(v_card);
  return jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', false);
end $$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
