-- What Stripe tells: every event is stored first, and what it hints at is applied in one transaction, as it is then.

-- Only what names the object is kept: an event's copy of it can be hours old, and holds names, addresses and secrets.
alter table public.stripe_events
  add column object_id text,
  add column status text not null default 'done' check (status in ('received', 'done', 'ignored', 'parked')),
  add column attempts int not null default 0,
  add column last_error text,
  add column handled_at timestamptz;
comment on table public.stripe_events is
  'Every event told of. received: not applied yet; done: applied in the transaction that wrote this; ignored: of no '
  'interest; parked: failed too often, waits for a person.';
create index stripe_events_waiting on public.stripe_events (received_at) where status in ('received', 'parked');

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

-- Lets a parked or ignored event be applied again.
create function private.reopen_event(p_event_id text) returns text
language plpgsql security definer set search_path = '' as $$
begin
  update public.stripe_events set status = 'received', outcome = 'received', attempts = 0
    where id = p_event_id and status in ('parked', 'ignored', 'received');
  return case when found then 'reopened'
    when exists (select from public.stripe_events where id = p_event_id) then 'done' else 'unknown_event' end;
end $$;

-- Takes the event for this transaction. False when it was applied before: then nothing else may happen. Without an
-- event (a comparison with Stripe) there is nothing to take: what follows is harmless to repeat.
create or replace function private.claim_event(p_event_id text, p_type text, p_intent_id text, p_outcome text)
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

create or replace function private.finish_event(p_event_id text, p_outcome text, p_card_id uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.stripe_events set outcome = p_outcome, status = 'done', last_error = null, handled_at = now()
    where id = p_event_id;
  return jsonb_build_object('status', p_outcome, 'card_id', p_card_id);
end $$;

create function public.finish_stripe_event(p_event_id text, p_event_type text, p_outcome text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if not private.claim_event(p_event_id, p_event_type, null, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  return private.finish_event(p_event_id, p_outcome);
end $$;
comment on function public.finish_stripe_event(text, text, text) is
  'Ends an event that is about no order of ours. Answers the outcome, or duplicate_event.';

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

-- The sums that follow from the rows. Refunds from before there were rows keep the sum that was noted then, until
-- Stripe's whole list of them comes.
create function private.sum_money_back(p public.payment_history) returns public.payment_history
language plpgsql security definer set search_path = '' as $$
begin
  update public.payment_history
    set refunded_cents = coalesce((select sum(case status when 'failed' then 0 else amount_cents end)::int
          from public.payment_refunds where purchase_id = p.id), refunded_cents),
        disputed_cents = (select coalesce(sum(amount_cents), 0)::int from public.payment_disputes
          where purchase_id = p.id and status = 'open'),
        lost_cents = (select coalesce(sum(amount_cents), 0)::int from public.payment_disputes
          where purchase_id = p.id and status = 'lost')
    where id = p.id returning * into p;
  return p;
end $$;

-- Why money that came does not fit its order, or null when it does.
create function private.review_reason(p public.payment_history, p_intent_id text, p_received_cents int,
  p_tax_cents int, p_currency text) returns text
language sql stable security definer set search_path = '' as $$
  select case
    when p_intent_id is null then 'paid without a payment intent'
    when p.payment_intent_id is distinct from p_intent_id and p.payment_intent_id is not null
      then format('paid by %s, but its intent is %s', p_intent_id, p.payment_intent_id)
    when p.payment_intent_id is null and exists (select from public.payment_history o
      where o.payment_intent_id = p_intent_id) then format('%s pays another order', p_intent_id)
    when p.currency is distinct from p_currency
      or p.amount_cents is distinct from p_received_cents - coalesce(p_tax_cents, 0) or (p_tax_cents < 0)
      then format('%s %s received for %s %s', p_received_cents, p_currency, p.amount_cents, p.currency)
  end
$$;

-- The money came: gives the card, or leaves the order to a person.
create function private.receive_money(p public.payment_history, p_intent_id text, p_received_cents int,
  p_tax_cents int, p_currency text, p_code_hash text) returns public.payment_history
language plpgsql security definer set search_path = '' as $$
declare
  v_reason text := private.review_reason(p, p_intent_id, p_received_cents, p_tax_cents, p_currency);
begin
  if v_reason is null then
    perform private.lock_account(p.user_id);
    update public.payment_history
      set status = 'succeeded', failure_code = null, payment_intent_id = p_intent_id,
          received_cents = p_received_cents, updated_at = now()
      where id = p.id returning * into p;
    perform private.make_card(p, p_code_hash);
  else
    -- Money that does not fit its purchase gives no time by itself: a person has to look.
    update public.payment_history
      set status = 'review', review_reason = v_reason, updated_at = now(),
          received_cents = case when p_received_cents >= 0 then p_received_cents end,
          payment_intent_id = case when exists (select from public.payment_history o
              where o.payment_intent_id = p_intent_id) then payment_intent_id
            else coalesce(payment_intent_id, p_intent_id) end
      where id = p.id returning * into p;
  end if;
  return p;
end $$;

create function public.apply_payment(p_event_id text, p_event_type text, p_purchase_id uuid,
  p_payment_intent_id text, p_status text, p_received_cents int, p_tax_cents int, p_currency text,
  p_failure_code text, p_refunds jsonb, p_disputes jsonb, p_code_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_before public.payment_history;
  v_after public.payment_history;
begin
  if not private.claim_event(p_event_id, p_event_type, p_payment_intent_id, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  select * into v_before from public.payment_history where id = p_purchase_id for update;
  if not found then
    return private.finish_event(p_event_id, 'not_ours');
  end if;
  v_after := v_before;
  if p_status = 'succeeded' and private.may_follow(v_before.status, 'succeeded') and v_before.status <> 'review' then
    v_after := private.receive_money(v_before, p_payment_intent_id, p_received_cents, p_tax_cents, p_currency, p_code_hash);
  end if;
  if v_after.payment_intent_id is distinct from p_payment_intent_id and v_after.payment_intent_id is not null then
    -- Another intent than the one that counts: its end is not the end of the order, but its money is looked at.
    return private.finish_event(p_event_id, case when p_status = 'succeeded' then 'review' else 'other_intent' end);
  end if;
  if p_status in ('processing', 'failed', 'canceled') and private.may_follow(v_after.status, p_status) then
    update public.payment_history set status = p_status, updated_at = now(),
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
  'Brings an order and its card to where Stripe says that its payment is, together with the row of the event that told '
  'of it; without an event, too. p_status: succeeded, processing, failed, canceled, or anything else for under way. '
  'p_refunds: all of them, as {id, amount_cents, status}; p_disputes as well. Answers applied, already_applied, '
  'duplicate_event, review (a person has to look), other_intent or not_ours.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.store_stripe_events(jsonb), public.fail_stripe_event(text, text, int),
  public.finish_stripe_event(text, text, text),
  public.apply_payment(text, text, uuid, text, text, int, int, text, text, jsonb, jsonb, text)
  from public, anon, authenticated;
grant execute on function public.store_stripe_events(jsonb), public.fail_stripe_event(text, text, int),
  public.finish_stripe_event(text, text, text),
  public.apply_payment(text, text, uuid, text, text, int, int, text, text, jsonb, jsonb, text) to service_role;
