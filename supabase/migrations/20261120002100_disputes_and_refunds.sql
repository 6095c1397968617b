-- Money back, by refunds that may fail and disputes that may be won. Each refund and each dispute is a row that only
-- moves forward, and what is taken from a card follows from the rows: so events may come in any order, twice or late.

create table public.payment_refunds (
  id text primary key check (length(id) between 1 and 255),
  purchase_id uuid not null references public.payment_history (id) on delete restrict,
  amount_cents int not null check (amount_cents > 0),
  status text not null check (status in ('pending', 'succeeded', 'failed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.payment_refunds is
  'Refunds as Stripe has them. A pending one counts already; a failed or canceled one (failed) counts no more.';
create index payment_refunds_by_purchase on public.payment_refunds (purchase_id);

create table public.payment_disputes (
  id text primary key check (length(id) between 1 and 255),
  purchase_id uuid not null references public.payment_history (id) on delete restrict,
  amount_cents int not null check (amount_cents > 0),
  status text not null check (status in ('open', 'lost', 'won')),
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.payment_disputes is
  'Disputes as Stripe has them: open freezes time, lost takes it back, won (also after a loss) gives it back.';
create index payment_disputes_by_purchase on public.payment_disputes (purchase_id);

alter table public.payment_refunds enable row level security;
alter table public.payment_disputes enable row level security;
revoke all on public.payment_refunds, public.payment_disputes from anon, authenticated, service_role;
grant select on public.payment_refunds, public.payment_disputes to service_role;

alter table public.time_cards
  add column disputed_seconds int not null default 0,
  add column frozen_seconds int not null default 0,
  add column frozen_at timestamptz,
  add constraint time_cards_frozen_check check (frozen_seconds between 0 and disputed_seconds),
  add constraint time_cards_whole_check check (remaining_seconds + frozen_seconds <= paid_seconds + bonus_seconds);
comment on column public.time_cards.disputed_seconds is 'The share of the card whose money is under dispute.';
comment on column public.time_cards.frozen_seconds is
  'What of it could be frozen: no part of the remainder, not usable, and not lost before the dispute is.';

alter table public.time_ledger drop constraint time_ledger_reason_check;
alter table public.time_ledger add constraint time_ledger_reason_check check (reason in
  ('grant', 'bonus_grant', 'goodwill', 'restore', 'use', 'expire', 'clawback', 'debt_payment', 'freeze'));

-- Seconds of a card for this part of its price, rounded down once over the whole sum.
create function private.share_seconds(p public.payment_history, p_cents bigint) returns int
language sql immutable set search_path = '' as $$
  select ((p.paid_seconds + p.bonus_seconds)::bigint * least(p_cents, m.paid) / m.paid)::int
  from (select coalesce(nullif(p.received_cents, 0), p.amount_cents)::bigint as paid) m
$$;

-- What was taken back from an owned card, with what is noted as debt for it; and what expired of it.
-- The second part of these ledger keys is the card that an entry is about, also where it stands on no card or another.
create function private.taken_from(p_card public.time_cards, out clawed_back int, out expired int, out owed int)
language sql stable security definer set search_path = '' as $$
  select p_card.paid_seconds + p_card.bonus_seconds - p_card.frozen_seconds
      - coalesce(sum(l.seconds) filter (where l.reason <> 'expire'), 0)::int,
    -coalesce(sum(l.seconds) filter (where l.reason = 'expire'), 0)::int,
    -coalesce(sum(l.seconds) filter (where l.card_id is null), 0)::int
  from public.time_ledger l
  where l.user_id = p_card.user_id and split_part(l.key, ':', 2) = p_card.id::text
    and l.reason in ('grant', 'bonus_grant', 'clawback', 'expire', 'freeze', 'restore')
$$;

drop function private.claw_back(public.payment_history) cascade;
drop function private.claw_back_owned(public.time_cards, int, int);
drop function private.unpaid_claw_back(public.time_cards, int);
-- A service that still calls these answers an error, and Stripe sends the event again to the next version.
drop function public.apply_paid_intent(text, text, uuid, text, int, text, text);
drop function public.apply_unpaid_intent(text, text, uuid, text, text, text);
drop function public.apply_refund(text, text, text, int);

-- Moves seconds onto a card (more than zero) or off it, in the books of card, account and ledger at once.
create function private.move_seconds(p_card public.time_cards, p_seconds int, p_reason text, p_key text)
returns public.time_cards
language plpgsql security definer set search_path = '' as $$
begin
  update public.time_cards
    set remaining_seconds = remaining_seconds + p_seconds,
        status = case when remaining_seconds + p_seconds = 0 then 'exhausted' else 'active' end
    where id = p_card.id returning * into p_card;
  insert into public.time_ledger (user_id, card_id, reason, seconds, key)
    values (p_card.user_id, p_card.id, p_reason, p_seconds, p_key);
  update public.time_accounts set balance_seconds = balance_seconds + p_seconds where user_id = p_card.user_id;
  return p_card;
end $$;

-- Changes what a person owes (more than zero: owes more).
create function private.move_debt(p_user_id uuid, p_seconds int, p_reason text, p_key text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.time_ledger (user_id, reason, seconds, key) values (p_user_id, p_reason, -p_seconds, p_key);
  update public.time_accounts set debt_seconds = debt_seconds + p_seconds where user_id = p_user_id;
end $$;

-- Takes back up to the total: from the card's remainder first, then as debt. Time promised to a live call is not taken
-- from under it: that part becomes debt, paid when the call settles. Nobody owes what expired: it was never talked away.
create function private.take_back(p_card public.time_cards, p_seconds int, p_total_seconds int, p_key text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_take int := least(p_card.remaining_seconds, p_seconds,
    private.free_seconds(private.lock_account(p_card.user_id)));
  v_taken record;
begin
  if v_take > 0 then
    p_card := private.move_seconds(p_card, -v_take, 'clawback', p_key);
  end if;
  v_taken := private.taken_from(p_card);
  if p_total_seconds > v_taken.clawed_back + v_taken.expired then
    perform private.move_debt(p_card.user_id, p_total_seconds - v_taken.clawed_back - v_taken.expired, 'clawback',
      p_key || ':debt');
  end if;
end $$;

-- Gives back what was taken beyond the total, when a refund failed or a lost dispute was won after all: the debt first,
-- because it was noted last.
create function private.give_back(p_card public.time_cards, p_total_seconds int, p_key text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_taken record := private.taken_from(p_card);
  v_left int := least(v_taken.clawed_back, v_taken.clawed_back + v_taken.expired - p_total_seconds);
  v_part int := least(v_left, v_taken.owed, (private.lock_account(p_card.user_id)).debt_seconds);
  v_bonus public.time_cards;
begin
  if v_part > 0 then
    perform private.move_debt(p_card.user_id, -v_part, 'restore', p_key || ':debt');
    v_left := v_left - v_part;
  end if;
  v_part := least(v_left,
    p_card.paid_seconds + p_card.bonus_seconds - p_card.remaining_seconds - p_card.frozen_seconds);
  if v_part > 0 then
    perform private.move_seconds(p_card, v_part, 'restore', p_key);
    v_left := v_left - v_part;
  end if;
  if v_left > 0 then
    -- Its debt was paid by another card while a call still held its last seconds: no card has room for more than it was.
    insert into public.time_cards (id, user_id, source, status, paid_seconds, bonus_seconds, remaining_seconds,
        activated_at, expires_at)
      values (gen_random_uuid(), p_card.user_id, 'bonus', 'exhausted', 0, v_left, 0, now(), p_card.expires_at)
      returning * into v_bonus;
    perform private.move_seconds(v_bonus, v_left, 'restore', p_key || ':bonus');
  end if;
end $$;

-- Freezes what is under dispute and free. What a live call holds is frozen when the call settles.
create function private.freeze_disputed(p_user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.time_cards;
  v_take int;
begin
  for v_card in
    select * from public.time_cards
    where user_id = p_user_id and status = 'active' and disputed_seconds > frozen_seconds order by id for update
  loop
    v_take := least(v_card.remaining_seconds, v_card.disputed_seconds - v_card.frozen_seconds,
      private.free_seconds(private.lock_account(p_user_id)));
    continue when v_take <= 0;
    perform private.move_seconds(v_card, -v_take, 'freeze', format('freeze:%s:%s', v_card.id, gen_random_uuid()));
    update public.time_cards set frozen_seconds = frozen_seconds + v_take, frozen_at = coalesce(frozen_at, now())
      where id = v_card.id;
  end loop;
end $$;

-- The same seconds again, usable for as long as they were when they were frozen.
create function private.unfreeze(p_card public.time_cards, p_seconds int, p_key text) returns public.time_cards
language plpgsql security definer set search_path = '' as $$
begin
  update public.time_cards
    set frozen_seconds = frozen_seconds - p_seconds,
        frozen_at = case when frozen_seconds = p_seconds then null else frozen_at end,
        expires_at = expires_at + (now() - coalesce(frozen_at, now()))
    where id = p_card.id returning * into p_card;
  return private.move_seconds(p_card, p_seconds, 'restore', p_key);
end $$;

-- Wherever time becomes free, what is disputed is frozen first and debt is paid next, before anything else can use it.
create or replace function private.pay_debt(p_user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.time_accounts := private.lock_account(p_user_id);
  v_pay int;
  v_key text := 'debt:' || gen_random_uuid();
begin
  perform private.freeze_disputed(p_user_id);
  v_account := private.lock_account(p_user_id);
  v_pay := least(v_account.debt_seconds, private.free_seconds(v_account), 2147483647);
  if v_pay <= 0 then
    return;
  end if;
  perform private.take_from_cards(p_user_id, v_pay, 'debt_payment', v_key, null);
  insert into public.time_ledger (user_id, reason, seconds, key) values (p_user_id, 'debt_payment', v_pay, v_key);
  update public.time_accounts set debt_seconds = debt_seconds - v_pay where user_id = p_user_id;
end $$;

create function private.settle_owned(p_card public.time_cards, p public.payment_history, p_total int, p_disputed int)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.time_cards := p_card;
  v_name text := format('%s:s%s', p_card.id, p.settlements + 1);
begin
  -- Before anything is taken: what was frozen for a dispute that is lost is what is taken first.
  if v_card.frozen_seconds > p_disputed then
    v_card := private.unfreeze(v_card, v_card.frozen_seconds - p_disputed, format('restore:%s:frozen', v_name));
  end if;
  update public.time_cards set disputed_seconds = p_disputed where id = v_card.id returning * into v_card;
  if p_total > p.clawed_back_seconds then
    perform private.take_back(v_card, p_total - p.clawed_back_seconds, p_total, 'clawback:' || v_name);
  elsif p_total < p.clawed_back_seconds then
    perform private.give_back(v_card, p_total, 'restore:' || v_name);
  end if;
  perform private.pay_debt(v_card.user_id);
end $$;

-- Brings a paid card in line with its money: taken back is what was refunded or lost, frozen is what is disputed.
-- Lock order: purchase (held by the caller), account, card.
create function private.settle_card(p public.payment_history) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_total int := private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents);
  v_disputed int := private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents + p.disputed_cents) - v_total;
  v_owner uuid;
  v_card public.time_cards;
begin
  select * into strict v_card from public.time_cards where id = p.id;
  if v_total = p.clawed_back_seconds and v_disputed = v_card.disputed_seconds then
    return;
  end if;
  v_owner := v_card.user_id;
  perform private.lock_account(v_owner);
  select * into strict v_card from public.time_cards where id = p.id for update;
  if v_card.user_id is distinct from v_owner then
    -- Activated at this very moment, by an account that is not locked here. Stripe sends the event again.
    raise exception 'card % changed hands during its refund', v_card.id using errcode = '40001';
  end if;
  if v_owner is null then
    -- Nobody owns it yet, so it is no part of any ledger. Wholly frozen, it cannot be activated until the dispute is won.
    update public.time_cards
      set remaining_seconds = paid_seconds + bonus_seconds - v_total - v_disputed,
          disputed_seconds = v_disputed, frozen_seconds = v_disputed,
          frozen_at = case when v_disputed > 0 then coalesce(frozen_at, now()) end,
          status = case when paid_seconds + bonus_seconds = v_total + v_disputed then 'revoked' else 'unactivated' end
      where id = v_card.id;
  else
    perform private.settle_owned(v_card, p, v_total, v_disputed);
  end if;
  update public.payment_history set clawed_back_seconds = v_total, settlements = settlements + 1 where id = p.id;
end $$;

revoke execute on all functions in schema private from public, anon, authenticated;
