-- Money that went back and comes again: a refund that fails, a dispute that is won. What was taken for it is usable for as
-- long as was left when it was taken, and only that part is. And whose debt it is where a gift was used.

alter table public.grants add column part_of uuid references public.grants (id) on delete restrict;
comment on column public.grants.part_of is
  'The grant of which this is a part that was taken and came back with an end of its own. What was paid stands with that one.';
create index grants_by_whole on public.grants (part_of);

create or replace view public.time_cards with (security_invoker = true) as
  select id, account_id as user_id, purchaser_id, package_id, payment_intent_id, source, status, paid as paid_seconds,
    bonus as bonus_seconds, remaining as remaining_seconds, disputed as disputed_seconds, frozen as frozen_seconds,
    frozen_at, created_at, activated_at, expires_at, part_of as part_of_card_id,
    (select coalesce(-sum(l.amount), 0)::bigint from public.ledger l
      where l.grant_id = g.id and l.reason = 'debt_payment') as paid_debt_seconds
  from public.grants g where unit = 'second';

create table private.taken_parts (
  id bigint generated always as identity primary key,
  account_id uuid not null references public.accounts (id) on delete restrict,
  grant_id uuid not null references public.grants (id) on delete restrict,
  reason text not null check (reason in ('freeze', 'clawback', 'debt_payment')),
  amount bigint not null check (amount > 0),
  bonus bigint not null check (bonus between 0 and amount),
  usable_for interval not null check (usable_for >= interval '0')
);
comment on table private.taken_parts is
  'What was taken of grants and may come back, with how long it could still be used when it was taken.';
create index taken_parts_by_grant on private.taken_parts (grant_id);
create index taken_parts_by_account on private.taken_parts (account_id);
revoke all on private.taken_parts from public, anon, authenticated, service_role;

insert into private.taken_parts (account_id, grant_id, reason, amount, bonus, usable_for)
  select account_id, id, 'freeze', frozen, 0, greatest(interval '0', expires_at - coalesce(frozen_at, now()))
  from public.grants where frozen > 0 and account_id is not null;
insert into private.taken_parts (account_id, grant_id, reason, amount, bonus, usable_for)
  select l.account_id, l.grant_id, l.reason, -l.amount, 0, greatest(interval '0', g.expires_at - l.created_at)
  from public.ledger l join public.grants g on g.id = l.grant_id
  where l.reason in ('clawback', 'debt_payment') and l.amount < 0 order by l.id;

create function private.note_taken(g public.grants, p_reason text, p_amount bigint) returns void
language sql security definer set search_path = '' as $$
  insert into private.taken_parts (account_id, grant_id, reason, amount, bonus, usable_for)
  values (g.account_id, g.id, p_reason, p_amount, least(p_amount, greatest(0, g.remaining - g.paid)),
    greatest(interval '0', g.expires_at - now()))
$$;

-- Picks up what was taken, the last first: of a grant and its parts, or of any grant of the account. What was taken before
-- the year of a grant began has the whole year.
create function private.pick_up(p_account_id uuid, p_whole_id uuid, p_reason text, p_amount bigint)
returns setof private.taken_parts
language plpgsql security definer set search_path = '' as $$
declare
  v_left bigint := p_amount;
  v_part private.taken_parts;
begin
  for v_part in
    select * from private.taken_parts t where t.account_id = p_account_id and t.reason = p_reason
      and (p_whole_id is null or t.grant_id in (select id from public.grants where p_whole_id in (id, part_of)))
    order by t.id desc for update
  loop
    exit when v_left = 0;
    if v_part.amount <= v_left then
      delete from private.taken_parts where id = v_part.id;
    else
      update private.taken_parts set amount = amount - v_left, bonus = least(bonus, amount - v_left) where id = v_part.id;
      v_part.bonus := greatest(0, v_part.bonus - (v_part.amount - v_left));
      v_part.amount := v_left;
    end if;
    v_left := v_left - v_part.amount;
    return next v_part;
  end loop;
  if v_left > 0 then
    v_part := null;
    v_part.account_id := p_account_id;
    v_part.grant_id := p_whole_id;
    v_part.amount := v_left;
    v_part.bonus := 0;
    v_part.usable_for := interval '1 year';
    return next v_part;
  end if;
end $$;

-- Gives an amount back to the account that it was taken from. It comes back on its grant where nothing else is on it or
-- the end is the same, to a minute; else as a grant of its own, so that nothing but what was taken is usable for longer.
create function private.bring_back(p_account_id uuid, p_about_id uuid, p_whole_id uuid, p_reason text, p_amount bigint,
  p_key text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_part private.taken_parts;
  v_whole public.grants;
  v_end timestamptz;
  v_grant_id uuid;
  v_count int := 0;
begin
  for v_part in select * from private.pick_up(p_account_id, p_whole_id, p_reason, p_amount) loop
    v_count := v_count + 1;
    v_end := now() + v_part.usable_for;
    select w.* into v_whole from public.grants g join public.grants w on w.id = coalesce(g.part_of, g.id)
      where g.id = v_part.grant_id;
    if v_whole.account_id = p_account_id and v_whole.remaining + v_whole.frozen + v_part.amount <= v_whole.paid + v_whole.bonus
       and (v_whole.remaining = 0
         or v_whole.expires_at > now() and v_whole.expires_at - v_end between interval '-1 minute' and interval '1 minute') then
      v_grant_id := v_whole.id;
      update public.grants set expires_at = case when remaining = 0 then v_end else expires_at end, ended_at = null
        where id = v_grant_id;
    else
      insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, package_id, part_of,
          activated_at, expires_at)
        select gen_random_uuid(), a.id, a.unit, coalesce(v_whole.source, 'bonus'), 'exhausted',
          v_part.amount - v_part.bonus, v_part.bonus, 0, v_whole.package_id, v_whole.id, now(), v_end
        from public.accounts a where a.id = p_account_id
        returning id into v_grant_id;
    end if;
    perform private.post(p_account_id, v_grant_id, case p_reason when 'debt_payment' then p_reason else 'restore' end,
      v_part.amount, format('%s:%s', p_key, v_count),
      p_about_grant_id => case p_reason when 'debt_payment' then v_grant_id else p_about_id end);
  end loop;
end $$;

-- Expires what is due but for what live calls keep of it.
create or replace function private.expire_grants_of(p_account_id uuid) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts := private.lock_account(p_account_id);
  v_grant public.grants;
  v_take bigint;
  v_count int := 0;
begin
  if (v_account.first_end <= now()) is not true then
    return 0;
  end if;
  for v_grant in
    select * from public.grants where account_id = p_account_id and status = 'active' and expires_at <= now()
    order by priority, expires_at, created_at, id for update
  loop
    if (v_grant.ended_at >= v_grant.expires_at) is not true then
      perform private.keep_for_calls(v_grant);
      update public.grants set ended_at = now() where id = v_grant.id;
    end if;
    v_take := v_grant.remaining - private.kept_of(v_grant.id);
    continue when v_take <= 0;
    -- A part may come back after it expired, and expire again: each time is an entry of its own.
    perform private.post(p_account_id, v_grant.id, 'expire', -v_take, format('expire:%s:%s', v_grant.id, gen_random_uuid()),
      p_about_grant_id => coalesce(v_grant.part_of, v_grant.id), p_emptied => 'expired');
    v_count := v_count + 1;
  end loop;
  update public.accounts a set first_end = e.first_end
    from (select min(expires_at) as first_end from public.grants where account_id = p_account_id and status = 'active') e
    where a.id = p_account_id and a.first_end is distinct from e.first_end;
  return v_count;
end $$;

-- Freezes what is under dispute and free. What a live call holds is frozen when the call settles.
create or replace function private.freeze_disputed(p_account_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_grant public.grants;
  v_whole public.grants;
  v_take bigint;
begin
  for v_grant in
    select g.* from public.grants g join public.grants w on w.id = coalesce(g.part_of, g.id)
    where g.account_id = p_account_id and g.status = 'active' and w.disputed > w.frozen
    order by w.id, g.part_of is not null, g.id for update of g
  loop
    select * into strict v_whole from public.grants where id = coalesce(v_grant.part_of, v_grant.id);
    v_take := least(v_grant.remaining - private.kept_of(v_grant.id), v_whole.disputed - v_whole.frozen,
      private.free_amount(private.lock_account(p_account_id)));
    continue when v_take <= 0;
    perform private.note_taken(v_grant, 'freeze', v_take);
    perform private.post(p_account_id, v_grant.id, 'freeze', -v_take, format('freeze:%s:%s', v_grant.id, gen_random_uuid()),
      p_about_grant_id => v_whole.id);
    update public.grants set frozen = frozen + v_take, frozen_at = coalesce(frozen_at, now()) where id = v_whole.id;
  end loop;
end $$;

-- Wherever something becomes free, what ended is expired first, then what is disputed is frozen, and then debt is paid,
-- before anything else can use it.
create or replace function private.pay_debt(p_account_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts;
  v_pay bigint;
  v_key text := 'debt:' || gen_random_uuid();
begin
  perform private.expire_grants_of(p_account_id);
  perform private.freeze_disputed(p_account_id);
  v_account := private.lock_account(p_account_id);
  v_pay := least(v_account.debt, private.free_amount(v_account));
  if v_pay <= 0 then
    return;
  end if;
  insert into private.taken_parts (account_id, grant_id, reason, amount, bonus, usable_for)
    select p_account_id, g.id, 'debt_payment', line.amount, line.bonus, greatest(interval '0', g.expires_at - now())
    from jsonb_to_recordset(private.take_from_grants(p_account_id, v_pay, 'debt_payment', v_key))
      as line (grant_id uuid, amount bigint, bonus bigint)
    join public.grants g on g.id = line.grant_id;
  perform private.post(p_account_id, null, 'debt_payment', v_pay, v_key);
end $$;

-- What was taken from each card, with the price that was paid for it.
create or replace function private.receipt_cards(p_lines jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(line || jsonb_build_object(
      'paid_seconds', (line ->> 'seconds')::bigint - (line ->> 'bonus_seconds')::bigint,
      'package_id', g.package_id, 'expires_at', private.utc_text(g.expires_at),
      'tariff', case when p.id is not null then jsonb_build_object('price_cents', p.amount_cents,
        'currency', p.currency, 'seconds', p.paid_seconds + p.bonus_seconds) end) order by position), '[]')
  from jsonb_array_elements(private.card_lines(p_lines)) with ordinality as l (line, position)
  join public.grants g on g.id = (line ->> 'card_id')::uuid
  left join public.purchases p on p.id = coalesce(g.part_of, g.id)
$$;

-- What of a taken total is neither on a grant nor expired was used, and is owed by who bought it. What a live call keeps
-- is not decided yet.
create function private.note_debt(g public.grants, p_debtor_id uuid, p_total bigint, p_key text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_taken record := private.taken_from(g);
  v_owed bigint := p_total - v_taken.clawed_back - v_taken.expired
    - (select coalesce(sum(private.kept_of(id)), 0) from public.grants where g.id in (id, part_of));
begin
  if v_owed > 0 then
    perform private.post(p_debtor_id, null, 'clawback', -v_owed, p_key || ':debt', p_about_grant_id => g.id);
  end if;
end $$;

drop function private.take_back(public.grants, bigint, bigint, text);
drop function private.give_back(public.grants, bigint, text);
drop function private.unfreeze(public.grants, bigint, text);

-- Takes back up to the total: from what remains of the grant and its parts first, then as debt. What is promised to a live
-- call is not taken from under it: that part becomes debt, paid when the call settles. Nobody owes what expired: it was
-- never used. The debt is the buyer's, who has the money: of a gift, nobody takes what its receiver bought.
create function private.take_back(g public.grants, p_debtor_id uuid, p_amount bigint, p_total bigint, p_key text)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_left bigint := p_amount;
  v_take bigint;
  v_grant public.grants;
begin
  for v_grant in
    select * from public.grants where g.id in (id, part_of) and account_id = g.account_id and status = 'active'
    order by part_of is not null, expires_at, id for update
  loop
    v_take := least(v_left, v_grant.remaining - private.kept_of(v_grant.id),
      private.free_amount(private.lock_account(g.account_id)));
    continue when v_take <= 0;
    perform private.note_taken(v_grant, 'clawback', v_take);
    perform private.post(g.account_id, v_grant.id, 'clawback', -v_take, format('%s:%s', p_key, v_grant.id),
      p_about_grant_id => g.id);
    v_left := v_left - v_take;
  end loop;
  perform private.note_debt(g, p_debtor_id, p_total, p_key);
end $$;

-- Gives back what was taken beyond the total, when a refund failed or a lost dispute was won after all: the debt first,
-- because it was noted last. What had paid it already comes back to who paid. It is never more than the share of the money
-- that came back: what expired counts as refunded first, so a card of which a part was taken and the rest expired has
-- something to spare, which is not for a refund of a cent to release that came to nothing after the end of the card.
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

-- What was frozen for a dispute that is lost stays away, and stands as taken back from now on.
create function private.lose_frozen(g public.grants, p_amount bigint, p_name text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.taken_parts (account_id, grant_id, reason, amount, bonus, usable_for)
    select account_id, grant_id, 'clawback', amount, bonus, usable_for
    from private.pick_up(g.account_id, g.id, 'freeze', p_amount);
  perform private.post(g.account_id, g.id, 'restore', p_amount, format('restore:%s:lost', p_name));
  perform private.post(g.account_id, g.id, 'clawback', -p_amount, format('clawback:%s:lost', p_name));
end $$;

create or replace function private.settle_owned(g public.grants, p public.purchases, p_total bigint, p_disputed bigint)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_name text := format('%s:s%s', g.id, p.settlements + 1);
  v_thawed bigint := greatest(0, g.frozen - p_disputed);
  v_lost bigint := least(v_thawed, greatest(0, p_total - p.clawed_back_seconds));
begin
  update public.grants
    set disputed = p_disputed, frozen = frozen - v_thawed, frozen_at = case when frozen > v_thawed then frozen_at end
    where id = g.id returning * into g;
  -- Before anything is taken: what was frozen for a dispute that is lost is what is taken first.
  if v_lost > 0 then
    perform private.lose_frozen(g, v_lost, v_name);
  end if;
  if v_thawed > v_lost then
    perform private.bring_back(g.account_id, g.id, g.id, 'freeze', v_thawed - v_lost, format('restore:%s:frozen', v_name));
  end if;
  if p_total > p.clawed_back_seconds then
    perform private.take_back(g, p.user_id, p_total - p.clawed_back_seconds - v_lost, p_total, 'clawback:' || v_name);
  elsif p_total < p.clawed_back_seconds then
    perform private.give_back(g, p.user_id, p_total, 'restore:' || v_name);
  end if;
  perform private.pay_debt(g.account_id);
  if p.user_id <> g.account_id then
    perform private.pay_debt(p.user_id);
  end if;
end $$;

-- Brings a paid card in line with its money: taken back is what was refunded or lost, frozen is what is disputed.
-- Lock order: purchase (held by the caller), accounts in the order of their ids, grant.
create or replace function private.settle_card(p public.purchases) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_total bigint := private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents);
  v_disputed bigint := private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents + p.disputed_cents) - v_total;
  v_account_id uuid;
  v_grant public.grants;
begin
  select * into strict v_grant from public.grants where id = p.id;
  if v_total = p.clawed_back_seconds and v_disputed = v_grant.disputed then
    return;
  end if;
  v_account_id := v_grant.account_id;
  -- Of a gift both: the receiver has the time, and the buyer owes what was used of it.
  perform from public.accounts where id in (v_account_id, p.user_id) and v_account_id is not null order by id for update;
  if v_account_id is not null then
    perform private.expire_grants_of(v_account_id);
  end if;
  select * into strict v_grant from public.grants where id = p.id for update;
  if v_grant.account_id is distinct from v_account_id then
    -- Activated at this very moment, by an account that is not locked here. Stripe sends the event again.
    raise exception 'card % changed hands during its refund', v_grant.id using errcode = '40001';
  end if;
  if v_account_id is null then
    -- Nobody owns it yet, so it is no part of any ledger. Wholly frozen, it cannot be activated until the dispute is won.
    update public.grants
      set remaining = paid + bonus - v_total - v_disputed, disputed = v_disputed, frozen = v_disputed,
          frozen_at = case when v_disputed > 0 then coalesce(frozen_at, now()) end,
          status = case when paid + bonus = v_total + v_disputed then 'revoked' else 'unactivated' end
      where id = v_grant.id;
  else
    perform private.settle_owned(v_grant, p, v_total, v_disputed);
  end if;
  update public.purchases set clawed_back_seconds = v_total, settlements = settlements + 1 where id = p.id;
end $$;

-- Settles a live call, whose account is locked: its hold becomes a charge, a receipt and a settled call.
create or replace function private.finish_call(h public.holds, p_used_ms bigint, p_restored_ms bigint, p_reason text,
  p_by text, p_windows jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_used_ms bigint := least(h.amount * 1000, greatest(h.used_ms, p_used_ms));
  v_restored_ms bigint := least(greatest(h.restored_ms, p_restored_ms), v_used_ms);
  v_charge bigint := (v_used_ms - v_restored_ms) / 1000;
  v_ended_at timestamptz := clock_timestamp();
  v_opened_at timestamptz;
  v_cards jsonb;
  v_kept uuid[];
  v_account public.accounts;
  v_receipt jsonb;
begin
  -- While the hold is there, so that what ended during the call is kept for it.
  perform private.expire_grants_of(h.account_id);
  v_cards := private.receipt_cards(private.take_from_grants(h.account_id, v_charge, 'use', 'call:' || h.id, h.id));
  v_kept := array(select grant_id from private.kept_parts where hold_id = h.id);
  delete from public.holds where id = h.id;
  if cardinality(v_kept) > 0 then
    perform private.settle_kept(h.account_id, v_kept, h.id);
  end if;
  -- Before the receipt, so that its balance is what is really left.
  perform private.pay_debt(h.account_id);
  v_account := private.lock_account(h.account_id);
  select opened_at into strict v_opened_at from public.calls where id = h.id;
  v_receipt := jsonb_build_object('call_id', h.id, 'number', v_account.receipts + 1,
    'opened_at', private.utc_text(v_opened_at), 'ended_at', private.utc_text(v_ended_at),
    'end_reason', p_reason, 'settled_by', p_by,
    'used_ms', v_used_ms, 'restored_ms', v_restored_ms, 'charged_seconds', v_charge,
    'paid_seconds', (select coalesce(sum((line ->> 'paid_seconds')::int), 0) from jsonb_array_elements(v_cards) line),
    'bonus_seconds', (select coalesce(sum((line ->> 'bonus_seconds')::int), 0) from jsonb_array_elements(v_cards) line),
    'rounding', 'down to whole seconds, once per call',
    'slices', jsonb_build_object('slice_seconds', h.slice_seconds, 'granted_seconds', h.amount, 'renewals', h.renewals),
    'cards', v_cards, 'windows', p_windows, 'balance_seconds', v_account.balance,
    'previous_hash', v_account.last_receipt_hash);
  v_receipt := v_receipt || jsonb_build_object('hash', private.receipt_hash(v_receipt));
  update public.accounts set receipts = receipts + 1, last_receipt_hash = v_receipt ->> 'hash' where id = h.account_id;
  update public.calls
    set status = 'settled', epoch = h.epoch, used_ms = v_used_ms, restored_ms = v_restored_ms, charged_seconds = v_charge,
        ended_at = v_ended_at, end_reason = p_reason, settled_by = p_by, receipt = v_receipt
    where id = h.id;
  return v_receipt;
end $$;

-- What a call kept of grants that ended, and did not use, expires with the call; and where the money of such a grant went
-- back meanwhile, what the call used of it is owed. A giver, whose account is not locked here, is spared that.
create function private.settle_kept(p_account_id uuid, p_grant_ids uuid[], p_call_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_whole public.grants;
  v_total bigint;
begin
  perform private.expire_grants_of(p_account_id);
  for v_whole in
    select * from public.grants where id in (select coalesce(part_of, id) from public.grants where id = any (p_grant_ids))
    order by id
  loop
    select clawed_back_seconds into v_total from public.purchases where id = v_whole.id and user_id = p_account_id;
    if v_total > 0 then
      perform private.note_debt(v_whole, p_account_id, v_total, format('clawback:%s:call:%s', v_whole.id, p_call_id));
    end if;
  end loop;
end $$;

create or replace function public.activate_time_card(p_user_id uuid, p_code_hash text, p_address_hash text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.grants;
  v_is_over boolean;
  v_words jsonb;
begin
  if (private.lock_account(p_user_id)).id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  if p_address_hash is not null then
    -- After the account and before the card: many people behind one address get no more attempts by asking at once.
    perform pg_advisory_xact_lock(hashtextextended(p_address_hash, 2500));
  end if;
  -- Before the code is looked up, so that the answer is the same whether it exists or not.
  if private.activation_is_closed(p_user_id, p_address_hash) then
    return jsonb_build_object('status', 'too_many_attempts');
  end if;
  select t.* into v_card from public.grants t join public.activation_codes c on c.card_id = t.id
    where c.code_hash = p_code_hash for update of t;
  if not found then
    perform private.count_failed_attempt(p_user_id);
    perform private.count_failed_address(p_address_hash);
    return jsonb_build_object('status', 'unknown_code');
  end if;
  select coalesce(usable_until <= now(), false) into v_is_over
    from public.activation_codes where card_id = v_card.id;
  select jsonb_build_object('message', gift_message, 'recipient_name', gift_recipient) into v_words
    from public.purchases where id = v_card.id and (gift_message is not null or gift_recipient is not null);
  if v_card.status = 'revoked' or v_card.account_id is null and v_is_over then
    return jsonb_build_object('status', 'revoked');
  elsif v_card.account_id = p_user_id then
    return jsonb_build_object('status', 'already_yours', 'card_id', v_card.id, 'gift', v_words);
  elsif v_card.account_id is not null then
    return jsonb_build_object('status', 'used');
  elsif exists (select from public.code_batch_cards c join public.code_batches b on b.id = c.batch_id
      where c.card_id = v_card.id and p_user_id in (b.operator_id, b.exported_by)) then
    -- Nobody gives time to themselves, here as little as by goodwill.
    return jsonb_build_object('status', 'own_code');
  end if;
  update public.grants
    set account_id = p_user_id, status = 'active', activated_at = now(), expires_at = now() + interval '1 year'
    where id = v_card.id returning * into v_card;
  if v_card.frozen > 0 then
    perform private.note_taken(v_card, 'freeze', v_card.frozen);
  end if;
  perform private.credit_grant(v_card);
  return jsonb_build_object('status', 'activated', 'card_id', v_card.id, 'gift', v_words);
end $$;
comment on function public.activate_time_card(uuid, text, text) is
  'Gives the card behind a code to a person, once. Its year of validity begins now. Refuses with status unknown_code, '
  'used, already_yours, own_code (of a batch that this operator issued or exported), revoked, too_many_attempts or '
  'unknown_user.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
