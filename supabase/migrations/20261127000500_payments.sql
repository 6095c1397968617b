-- What Stripe tells: payments, refunds that may fail and disputes that may be won. Each refund and each dispute is a row
-- that only moves forward, and what is taken from a card follows from the rows: so events may come in any order, twice or
-- late. And what operators do about money, each act with its reason.



create table public.stripe_events (
  id text primary key,
  type text not null,
  object_id text,
  payment_intent_id text,
  status text not null default 'done' check (status in ('received', 'done', 'ignored', 'parked')),
  outcome text not null,
  attempts int not null default 0,
  last_error text,
  received_at timestamptz not null default now(),
  handled_at timestamptz
);
comment on table public.stripe_events is
  'Every event told of. received: not applied yet; done: applied in the transaction that wrote this; ignored: of no '
  'interest; parked: failed too often, waits for a person.';
create index stripe_events_by_payment_intent on public.stripe_events (payment_intent_id);
create index stripe_events_waiting on public.stripe_events (received_at) where status in ('received', 'parked');

create table public.payment_refunds (
  id text primary key check (length(id) between 1 and 255),
  purchase_id uuid not null references public.purchases (id) on delete restrict,
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
  purchase_id uuid not null references public.purchases (id) on delete restrict,
  amount_cents int not null check (amount_cents > 0),
  status text not null check (status in ('open', 'lost', 'won')),
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.payment_disputes is
  'Disputes as Stripe has them: open freezes time, lost takes it back, won (also after a loss) gives it back.';
create index payment_disputes_by_purchase on public.payment_disputes (purchase_id);

create table public.operator_acts (
  id bigint generated always as identity primary key,
  operator_id uuid not null references public.users (id) on delete restrict,
  act text not null check (act in ('release', 'refuse', 'refund', 'replay')),
  subject text not null check (length(subject) between 1 and 255),
  reason text not null check (length(reason) between 1 and 500),
  created_at timestamptz not null default now()
);
comment on table public.operator_acts is 'Who did what about whose money, and why. Nobody changes or removes a row.';
create index operator_acts_by_subject on public.operator_acts (subject);
create trigger operator_acts_are_kept before update or delete on public.operator_acts
  for each row execute function private.refuse_change();
create trigger operator_acts_are_never_truncated before truncate on public.operator_acts
  for each statement execute function private.refuse_change();

create table public.operator_refunds (
  id uuid primary key default gen_random_uuid(),
  purchase_id uuid not null references public.purchases (id) on delete restrict,
  operator_id uuid not null references public.users (id) on delete restrict,
  key text not null unique check (length(key) between 1 and 255),
  asked_cents int check (asked_cents > 0),
  amount_cents int not null check (amount_cents > 0),
  attempt int not null default 1,
  stripe_refund_id text,
  refusal text,
  created_at timestamptz not null default now()
);
comment on table public.operator_refunds is
  'Refunds that an operator asked for, with a frozen amount. Without stripe_refund_id and refusal: the outcome at '
  'Stripe is unknown, and asking again under the same key finds it.';
create index operator_refunds_under_way on public.operator_refunds (created_at)
  where stripe_refund_id is null and refusal is null;

create table public.reconciliation_findings (
  kind text not null check (length(kind) between 1 and 100),
  subject text not null check (length(subject) between 1 and 255),
  detail text not null,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (kind, subject)
);
comment on table public.reconciliation_findings is
  'Where Stripe and the books differ and nothing here may decide. A row that no run sees again is old, not gone.';



create function public.store_stripe_events(p_events jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  -- In the order of their ids, so that two replicas with the same events wait for each other instead of deadlocking.
  insert into public.stripe_events (id, type, object_id, outcome, status)
    select distinct on (id) id, type, object_id, status, status
    from jsonb_to_recordset(p_events) as e (id text, type text, object_id text, handled boolean),
      lateral (values (case when handled then 'received' else 'ignored' end)) s (status)
    order by id on conflict (id) do nothing;
  return (select jsonb_agg(jsonb_build_object('status', e.status) order by asked.nth)
    from jsonb_array_elements(p_events) with ordinality as asked (event, nth)
    join public.stripe_events e on e.id = asked.event ->> 'id');
end $$;
comment on function public.store_stripe_events(jsonb) is
  'Notes events before anything is done about them, and answers in their order where each stands: received, done, '
  'ignored or parked.';

-- Takes the event for this transaction. False when it was applied before: then nothing else may happen. Without an
-- event (a comparison with Stripe) there is nothing to take: what follows is harmless to repeat.
create function private.claim_event(p_event_id text, p_type text, p_intent_id text, p_outcome text)
returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if p_event_id is null then
    return true;
  end if;
  insert into public.stripe_events (id, type, payment_intent_id, outcome, status)
    values (p_event_id, p_type, p_intent_id, p_outcome, 'received')
    on conflict (id) do update set outcome = excluded.outcome, payment_intent_id = excluded.payment_intent_id
    where stripe_events.status in ('received', 'parked');
  return found;
end $$;

create function private.finish_event(p_event_id text, p_outcome text, p_card_id uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.stripe_events set outcome = p_outcome, status = 'done', last_error = null, handled_at = now()
    where id = p_event_id;
  return jsonb_build_object('status', p_outcome, 'card_id', p_card_id);
end $$;

-- Lets a parked or ignored event be applied again.
create function private.reopen_event(p_event_id text) returns text
language plpgsql security definer set search_path = '' as $$
begin
  update public.stripe_events set status = 'received', outcome = 'received', attempts = 0
    where id = p_event_id and status in ('parked', 'ignored', 'received');
  return case when found then 'reopened'
    when exists (select from public.stripe_events where id = p_event_id) then 'done' else 'unknown_event' end;
end $$;

create function public.fail_stripe_event(p_event_id text, p_error text, p_max_attempts int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_event public.stripe_events;
begin
  update public.stripe_events
    set attempts = attempts + 1, last_error = left(p_error, 500),
        status = case when attempts + 1 < p_max_attempts then status else 'parked' end
    where id = p_event_id and status = 'received' returning * into v_event;
  if not found then
    return jsonb_build_object('status', 'not_waiting');
  end if;
  return jsonb_build_object('status', v_event.status, 'attempts', v_event.attempts);
end $$;
comment on function public.fail_stripe_event(text, text, int) is
  'Counts a failure to apply an event, and parks it at the last one allowed. Answers received, parked or not_waiting.';

create function public.finish_stripe_event(p_event_id text, p_event_type text, p_outcome text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if not private.claim_event(p_event_id, p_event_type, null, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  return private.finish_event(p_event_id, p_outcome);
end $$;
comment on function public.finish_stripe_event(text, text, text) is
  'Ends an event that is about no purchase of ours. Answers the outcome, or duplicate_event.';

create function public.note_replay(p_event_id text, p_operator_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_status text;
begin
  if not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  v_status := private.reopen_event(p_event_id);
  if v_status = 'reopened' then
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, 'replay', p_event_id, 'replayed');
  end if;
  return jsonb_build_object('status', v_status);
end $$;
comment on function public.note_replay(text, uuid) is
  'Lets an event be applied again, by an operator. Answers reopened, done, unknown_event or not_an_operator.';

-- Why money that came does not fit its purchase, or null when it does.
create function private.review_reason(p public.purchases, p_intent_id text, p_received_cents int,
  p_tax_cents int, p_currency text) returns text
language sql stable security definer set search_path = '' as $$
  select case
    when p_intent_id is null then 'paid without a payment intent'
    when p.payment_intent_id is distinct from p_intent_id and p.payment_intent_id is not null
      then format('paid by %s, but its intent is %s', p_intent_id, p.payment_intent_id)
    when p.payment_intent_id is null and exists (select from public.purchases o
      where o.payment_intent_id = p_intent_id) then format('%s pays another purchase', p_intent_id)
    when p.currency is distinct from p_currency
      or p.amount_cents is distinct from p_received_cents - coalesce(p_tax_cents, 0) or (p_tax_cents < 0)
      then format('%s %s received for %s %s', p_received_cents, p_currency, p.amount_cents, p.currency)
  end
$$;

-- The money came: gives the card, or leaves the purchase to a person.
create function private.receive_money(p public.purchases, p_intent_id text, p_received_cents int,
  p_tax_cents int, p_currency text, p_code_hash text) returns public.purchases
language plpgsql security definer set search_path = '' as $$
declare
  v_reason text := private.review_reason(p, p_intent_id, p_received_cents, p_tax_cents, p_currency);
begin
  if v_reason is null then
    perform private.lock_account(p.user_id);
    update public.purchases
      set status = 'succeeded', failure_code = null, payment_intent_id = p_intent_id,
          received_cents = p_received_cents, updated_at = now()
      where id = p.id returning * into p;
    perform private.make_card(p, p_code_hash);
  else
    -- Money that does not fit its purchase gives no time by itself: a person has to look.
    update public.purchases
      set status = 'review', review_reason = v_reason, updated_at = now(),
          received_cents = case when p_received_cents >= 0 then p_received_cents end,
          payment_intent_id = case when exists (select from public.purchases o
              where o.payment_intent_id = p_intent_id) then payment_intent_id
            else coalesce(payment_intent_id, p_intent_id) end
      where id = p.id returning * into p;
  end if;
  return p;
end $$;

-- Each row only moves forward, pending, succeeded, failed and open, lost, won: an older look at Stripe that comes to
-- its end after a newer one changes nothing.
create function private.note_refunds(p_purchase_id uuid, p_refunds jsonb) returns void
language sql security definer set search_path = '' as $$
  insert into public.payment_refunds (id, purchase_id, amount_cents, status)
    select r ->> 'id', p_purchase_id, (r ->> 'amount_cents')::int, r ->> 'status'
    from jsonb_array_elements(case jsonb_typeof(p_refunds) when 'array' then p_refunds else '[]' end) r
    order by r ->> 'id'
  on conflict (id) do update set status = excluded.status, updated_at = now()
  where payment_refunds.purchase_id = excluded.purchase_id
    and array_position(array['pending', 'succeeded', 'failed'], excluded.status)
      > array_position(array['pending', 'succeeded', 'failed'], payment_refunds.status)
$$;

create function private.note_disputes(p_purchase_id uuid, p_disputes jsonb) returns void
language sql security definer set search_path = '' as $$
  insert into public.payment_disputes (id, purchase_id, amount_cents, status, reason)
    select d ->> 'id', p_purchase_id, (d ->> 'amount_cents')::int, d ->> 'status', d ->> 'reason'
    from jsonb_array_elements(case jsonb_typeof(p_disputes) when 'array' then p_disputes else '[]' end) d
    order by d ->> 'id'
  on conflict (id) do update set status = excluded.status, updated_at = now()
  where payment_disputes.purchase_id = excluded.purchase_id
    and array_position(array['open', 'lost', 'won'], excluded.status)
      > array_position(array['open', 'lost', 'won'], payment_disputes.status)
$$;

-- The sums that follow from the rows.
create function private.sum_money_back(p public.purchases) returns public.purchases
language plpgsql security definer set search_path = '' as $$
begin
  update public.purchases
    set refunded_cents = (select coalesce(sum(amount_cents), 0)::int from public.payment_refunds
          where purchase_id = p.id and status <> 'failed'),
        disputed_cents = (select coalesce(sum(amount_cents), 0)::int from public.payment_disputes
          where purchase_id = p.id and status = 'open'),
        lost_cents = (select coalesce(sum(amount_cents), 0)::int from public.payment_disputes
          where purchase_id = p.id and status = 'lost')
    where id = p.id returning * into p;
  return p;
end $$;

-- What was taken back from an owned grant, with what is noted as debt for it; and what expired of it.
create function private.taken_from(g public.grants, out clawed_back bigint, out expired bigint, out owed bigint)
language sql volatile security definer set search_path = '' as $$
  select g.paid + g.bonus - g.frozen - coalesce(sum(l.amount) filter (where l.reason <> 'expire'), 0)::bigint,
    -coalesce(sum(l.amount) filter (where l.reason = 'expire'), 0)::bigint,
    -coalesce(sum(l.amount) filter (where l.grant_id is null), 0)::bigint
  from public.ledger l
  where l.about_grant_id = g.id and l.reason in ('grant', 'bonus_grant', 'clawback', 'expire', 'freeze', 'restore')
$$;

-- The same amount again, usable for as long as it was when it was frozen.
create function private.unfreeze(g public.grants, p_amount bigint, p_key text) returns public.grants
language plpgsql security definer set search_path = '' as $$
begin
  update public.grants
    set frozen = frozen - p_amount, frozen_at = case when frozen = p_amount then null else frozen_at end,
        expires_at = expires_at + (now() - coalesce(frozen_at, now()))
    where id = g.id;
  return private.post(g.account_id, g.id, 'restore', p_amount, p_key);
end $$;

-- Takes back up to the total: from what remains of the grant first, then as debt. What is promised to a live call is not
-- taken from under it: that part becomes debt, paid when the call settles. Nobody owes what expired: it was never used.
create function private.take_back(g public.grants, p_amount bigint, p_total bigint, p_key text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_take bigint := least(g.remaining, p_amount, private.free_amount(private.lock_account(g.account_id)));
  v_taken record;
begin
  if v_take > 0 then
    g := private.post(g.account_id, g.id, 'clawback', -v_take, p_key);
  end if;
  v_taken := private.taken_from(g);
  if p_total > v_taken.clawed_back + v_taken.expired then
    perform private.post(g.account_id, null, 'clawback', v_taken.clawed_back + v_taken.expired - p_total, p_key || ':debt',
      p_about_grant_id => g.id);
  end if;
end $$;

-- Gives back what was taken beyond the total, when a refund failed or a lost dispute was won after all: the debt first,
-- because it was noted last.
create function private.give_back(g public.grants, p_total bigint, p_key text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_taken record := private.taken_from(g);
  v_left bigint := least(v_taken.clawed_back, v_taken.clawed_back + v_taken.expired - p_total);
  v_part bigint := least(v_left, v_taken.owed, (private.lock_account(g.account_id)).debt);
  v_bonus_id uuid := gen_random_uuid();
begin
  if v_part > 0 then
    perform private.post(g.account_id, null, 'restore', v_part, p_key || ':debt', p_about_grant_id => g.id);
    v_left := v_left - v_part;
  end if;
  v_part := least(v_left, g.paid + g.bonus - g.remaining - g.frozen);
  if v_part > 0 then
    perform private.post(g.account_id, g.id, 'restore', v_part, p_key);
    v_left := v_left - v_part;
  end if;
  if v_left > 0 then
    -- Its debt was paid by another grant while a call still held its last seconds: none has room for more than it was.
    insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, activated_at, expires_at)
      values (v_bonus_id, g.account_id, g.unit, 'bonus', 'exhausted', 0, v_left, 0, now(), g.expires_at);
    perform private.post(g.account_id, v_bonus_id, 'restore', v_left, p_key || ':bonus', p_about_grant_id => g.id);
  end if;
end $$;

create function private.settle_owned(g public.grants, p public.purchases, p_total bigint, p_disputed bigint)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_name text := format('%s:s%s', g.id, p.settlements + 1);
begin
  -- Before anything is taken: what was frozen for a dispute that is lost is what is taken first.
  if g.frozen > p_disputed then
    perform private.unfreeze(g, g.frozen - p_disputed, format('restore:%s:frozen', v_name));
  end if;
  update public.grants set disputed = p_disputed where id = g.id returning * into g;
  if p_total > p.clawed_back_seconds then
    perform private.take_back(g, p_total - p.clawed_back_seconds, p_total, 'clawback:' || v_name);
  elsif p_total < p.clawed_back_seconds then
    perform private.give_back(g, p_total, 'restore:' || v_name);
  end if;
  perform private.pay_debt(g.account_id);
end $$;

-- Brings a paid card in line with its money: taken back is what was refunded or lost, frozen is what is disputed.
-- Lock order: purchase (held by the caller), account, grant.
create function private.settle_card(p public.purchases) returns void
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
  perform private.lock_account(v_account_id);
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

create function public.apply_payment(p_event_id text, p_event_type text, p_purchase_id uuid,
  p_payment_intent_id text, p_status text, p_received_cents int, p_tax_cents int, p_currency text,
  p_failure_code text, p_refunds jsonb, p_disputes jsonb, p_code_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_before public.purchases;
  v_after public.purchases;
begin
  if not private.claim_event(p_event_id, p_event_type, p_payment_intent_id, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  if p_status = 'canceled' and exists (select from public.purchases
      where id = p_purchase_id and replaced_intent_id = p_payment_intent_id) then
    -- It made way for a page of Stripe's own.
    return private.finish_event(p_event_id, 'other_intent');
  end if;
  select * into v_before from public.purchases where id = p_purchase_id for update;
  if not found then
    return private.finish_event(p_event_id, 'not_ours');
  end if;
  v_after := v_before;
  if p_status = 'succeeded' and private.may_follow(v_before.status, 'succeeded') and v_before.status <> 'review' then
    v_after := private.receive_money(v_before, p_payment_intent_id, p_received_cents, p_tax_cents, p_currency, p_code_hash);
  end if;
  if v_after.payment_intent_id is distinct from p_payment_intent_id and v_after.payment_intent_id is not null then
    -- Another intent than the one that counts: its end is not the end of the purchase, but its money is looked at.
    return private.finish_event(p_event_id, case when p_status = 'succeeded' then 'review' else 'other_intent' end);
  end if;
  if p_status in ('processing', 'failed', 'canceled') and private.may_follow(v_after.status, p_status) then
    update public.purchases set status = p_status, updated_at = now(),
        failure_code = case when p_status = 'processing' then null else p_failure_code end
      where id = p_purchase_id returning * into v_after;
  end if;
  perform private.note_refunds(p_purchase_id, p_refunds);
  perform private.note_disputes(p_purchase_id, p_disputes);
  v_after := private.sum_money_back(v_after);
  -- Before the payment itself is known there is nothing to take: it is taken when the time is given.
  if v_after.status = 'succeeded' then
    perform private.settle_card(v_after);
  end if;
  return private.finish_event(p_event_id, case
      when v_after.status = 'review' then 'review'
      when row(v_after.status, v_after.refunded_cents, v_after.disputed_cents, v_after.lost_cents)
        is distinct from row(v_before.status, v_before.refunded_cents, v_before.disputed_cents, v_before.lost_cents)
        then 'applied'
      else 'already_applied' end,
    case when v_after.status = 'succeeded' then v_after.id end);
end $$;
comment on function public.apply_payment(text, text, uuid, text, text, int, int, text, text, jsonb, jsonb, text) is
  'Brings a purchase and its card to where Stripe says that its payment is, together with the row of the event that told '
  'of it; without an event, too. p_status: succeeded, processing, failed, canceled, or anything else for under way. '
  'p_refunds: all of them, as {id, amount_cents, status}; p_disputes as well. Answers applied, already_applied, '
  'duplicate_event, review (a person has to look), other_intent or not_ours.';

create function public.resolve_review(p_purchase_id uuid, p_decision text, p_operator_id uuid, p_reason text,
  p_code_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
begin
  if (p_decision in ('release', 'refuse')) is not true or (length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_decision');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_purchase from public.purchases where id = p_purchase_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_purchase');
  elsif v_purchase.user_id = p_operator_id then
    return jsonb_build_object('status', 'own_purchase');
  elsif v_purchase.status = (case p_decision when 'release' then 'succeeded' else 'refused' end)
    and v_purchase.review_reason is not null then
    return jsonb_build_object('status', v_purchase.status, 'replayed', true);
  elsif v_purchase.status <> 'review' then
    return jsonb_build_object('status', 'not_in_review');
  elsif p_decision = 'release' and (v_purchase.payment_intent_id is null or p_code_hash is null) then
    return jsonb_build_object('status', 'nothing_to_release');
  end if;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, p_decision, p_purchase_id::text, trim(p_reason));
  if p_decision = 'refuse' then
    update public.purchases set status = 'refused', updated_at = now() where id = p_purchase_id;
    return jsonb_build_object('status', 'refused', 'replayed', false);
  end if;
  perform private.lock_account(v_purchase.user_id);
  update public.purchases set status = 'succeeded', failure_code = null, updated_at = now()
    where id = p_purchase_id returning * into v_purchase;
  perform private.make_card(v_purchase, p_code_hash);
  perform private.settle_card(v_purchase);
  return jsonb_build_object('status', 'succeeded', 'replayed', false);
end $$;
comment on function public.resolve_review(uuid, text, uuid, text, text) is
  'An operator gives the time for money that did not fit (release), or does not (refuse), for a reason. Answers succeeded '
  'or refused; refuses with invalid_decision, not_an_operator, unknown_purchase, own_purchase, not_in_review or '
  'nothing_to_release (no intent of its own paid it: refund that one in Stripe).';

create function public.begin_operator_refund(p_purchase_id uuid, p_operator_id uuid, p_amount_cents int,
  p_reason text, p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
  v_refund public.operator_refunds;
  v_left int;
begin
  if (p_amount_cents < 1) is true or (length(trim(p_reason)) between 1 and 500) is not true
     or (length(p_key) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_refund');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_purchase from public.purchases where id = p_purchase_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_purchase');
  elsif v_purchase.user_id = p_operator_id then
    return jsonb_build_object('status', 'own_purchase');
  end if;
  select * into v_refund from public.operator_refunds where key = p_key;
  if found then
    if v_refund.purchase_id <> p_purchase_id or v_refund.asked_cents is distinct from p_amount_cents then
      return jsonb_build_object('status', 'key_reused');
    end if;
    return jsonb_build_object('status', 'ready', 'refund', to_jsonb(v_refund), 'replayed', true,
      'payment_intent_id', v_purchase.payment_intent_id);
  elsif v_purchase.payment_intent_id is null or v_purchase.status not in ('succeeded', 'review', 'refused') then
    return jsonb_build_object('status', 'not_paid');
  end if;
  -- What is under way counts as refunded: two operators at once must not refund the same rest twice.
  v_left := coalesce(v_purchase.received_cents, v_purchase.amount_cents) - v_purchase.refunded_cents
    - (select coalesce(sum(amount_cents), 0) from public.operator_refunds o where o.purchase_id = p_purchase_id
       and o.refusal is null and not exists (select from public.payment_refunds r where r.id = o.stripe_refund_id));
  if coalesce(p_amount_cents, v_left) > v_left or v_left < 1 then
    return jsonb_build_object('status', 'not_so_much_left', 'left_cents', greatest(0, v_left));
  end if;
  insert into public.operator_refunds (purchase_id, operator_id, key, asked_cents, amount_cents)
    values (p_purchase_id, p_operator_id, p_key, p_amount_cents, coalesce(p_amount_cents, v_left))
    returning * into v_refund;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, 'refund', p_purchase_id::text, trim(p_reason));
  return jsonb_build_object('status', 'ready', 'refund', to_jsonb(v_refund), 'replayed', false,
    'payment_intent_id', v_purchase.payment_intent_id);
end $$;
comment on function public.begin_operator_refund(uuid, uuid, int, text, text) is
  'Notes a refund before Stripe is asked for it; without an amount, of all that is left. The same key answers the same '
  'refund. Refuses with invalid_refund, not_an_operator, unknown_purchase, own_purchase, key_reused, not_paid or '
  'not_so_much_left.';

create function public.next_refund_attempt(p_refund_id uuid, p_attempt int) returns int
language plpgsql security definer set search_path = '' as $$
begin
  update public.operator_refunds set attempt = attempt + 1 where id = p_refund_id and attempt = p_attempt;
  return (select attempt from public.operator_refunds where id = p_refund_id);
end $$;

create function public.finish_operator_refund(p_refund_id uuid, p_stripe_refund_id text, p_refusal text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.operator_refunds
    set stripe_refund_id = p_stripe_refund_id, refusal = case when p_stripe_refund_id is null then left(p_refusal, 500) end
    where id = p_refund_id and stripe_refund_id is null and (p_stripe_refund_id is not null or p_refusal is not null);
  return found;
end $$;
comment on function public.finish_operator_refund(uuid, text, text) is
  'Notes what Stripe made of a refund: its id, or why it was refused. A refund that was made stays made.';

create function public.note_finding(p_kind text, p_subject text, p_detail text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_is_new boolean;
begin
  insert into public.reconciliation_findings (kind, subject, detail) values (p_kind, p_subject, left(p_detail, 500))
    on conflict (kind, subject) do update set detail = excluded.detail, last_seen_at = now()
    returning xmax = 0 into v_is_new;
  return v_is_new;
end $$;
comment on function public.note_finding(text, text, text) is
  'Notes where Stripe and the books differ; true when it was not known.';



alter table public.stripe_events enable row level security;
alter table public.payment_refunds enable row level security;
alter table public.payment_disputes enable row level security;
alter table public.operator_acts enable row level security;
alter table public.operator_refunds enable row level security;
alter table public.reconciliation_findings enable row level security;
revoke all on public.stripe_events, public.payment_refunds, public.payment_disputes, public.operator_acts,
  public.operator_refunds, public.reconciliation_findings from anon, authenticated, service_role;
grant select on public.stripe_events, public.payment_refunds, public.payment_disputes, public.operator_acts,
  public.operator_refunds, public.reconciliation_findings to service_role;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.store_stripe_events(jsonb), public.fail_stripe_event(text, text, int),
  public.finish_stripe_event(text, text, text), public.note_replay(text, uuid),
  public.apply_payment(text, text, uuid, text, text, int, int, text, text, jsonb, jsonb, text),
  public.resolve_review(uuid, text, uuid, text, text), public.begin_operator_refund(uuid, uuid, int, text, text),
  public.next_refund_attempt(uuid, int), public.finish_operator_refund(uuid, text, text),
  public.note_finding(text, text, text) from public, anon, authenticated;
grant execute on function public.store_stripe_events(jsonb), public.fail_stripe_event(text, text, int),
  public.finish_stripe_event(text, text, text), public.note_replay(text, uuid),
  public.apply_payment(text, text, uuid, text, text, int, int, text, text, jsonb, jsonb, text),
  public.resolve_review(uuid, text, uuid, text, text), public.begin_operator_refund(uuid, uuid, int, text, text),
  public.next_refund_attempt(uuid, int), public.finish_operator_refund(uuid, text, text),
  public.note_finding(text, text, text) to service_role;
