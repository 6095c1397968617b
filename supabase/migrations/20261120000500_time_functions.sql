-- The moves of time. Every function here expects its caller to hold the lock on the account row.

-- Takes the one lock that serialises everything about a person's time.
create function private.lock_account(p_user_id uuid) returns public.time_accounts
language sql security definer set search_path = '' as $$
  select * from public.time_accounts where user_id = p_user_id for update
$$;

create function private.free_seconds(a public.time_accounts) returns bigint
language sql immutable set search_path = '' as $$
  select a.balance_seconds - a.held_seconds
$$;

-- Takes seconds from cards, first-expiring first, and from the account. Raises if the cards do not hold them.
create function private.take_from_cards(p_user_id uuid, p_seconds int, p_reason text, p_key text, p_call_id uuid)
returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;

-- Pays debt (minutes refunded after they were used) from what is free, before anything else can use it.
create function private.pay_debt(p_user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
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
end $$;

-- Puts a card's whole time into its owner's account.
create function private.credit_card(p_card public.time_cards) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.time_ledger (user_id, card_id, reason, seconds, key)
    select p_card.user_id, p_card.id, t.reason, t.seconds, t.reason || ':' || p_card.id
    from (values ('grant', least(p_card.remaining_seconds, p_card.paid_seconds)),
                 ('bonus_grant', greatest(0, p_card.remaining_seconds - p_card.paid_seconds))) t (reason, seconds)
    where t.seconds > 0;
  update public.time_accounts set balance_seconds = balance_seconds + p_card.remaining_seconds
    where user_id = p_card.user_id;
  perform private.pay_debt(p_card.user_id);
end $$;

-- Expires what is due and not promised to a live call; the rest of such a card expires after the call.
create function private.expire_cards_of(p_user_id uuid) returns int
language plpgsql security definer set search_path = '' as $$
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
end $$;

create function public.get_user_time_balance(user_id uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select coalesce(sum(c.remaining_seconds), 0)::bigint from public.time_cards c
  where c.user_id = get_user_time_balance.user_id and c.status = 'active' and c.expires_at > now()
$$;
comment on function public.get_user_time_balance(uuid) is
  'Seconds left on all active, unexpired cards of a person, including those promised to live calls.';

create function public.deduct_user_time(user_id uuid, minutes int, key text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;
comment on function public.deduct_user_time(uuid, int, text) is
  'Takes whole minutes, first-expiring card first, all or nothing; the same key deducts once.';

create function public.cleanup_expired_time_cards() returns int
language plpgsql security definer set search_path = '' as $$
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
end $$;
comment on function public.cleanup_expired_time_cards() is 'Expires up to 500 people''s due cards; answers how many cards.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.get_user_time_balance(uuid), public.deduct_user_time(uuid, int, text),
  public.cleanup_expired_time_cards() from public, anon, authenticated;
grant execute on function public.get_user_time_balance(uuid), public.deduct_user_time(uuid, int, text),
  public.cleanup_expired_time_cards() to service_role;
