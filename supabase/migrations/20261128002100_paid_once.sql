-- Money in the currency that it came in, and a purchase that is paid once: the money of another intent goes back.

-- What was received need not be of the price's currency: a person can release money that did not fit.
alter table public.purchases add column received_currency text;
comment on column public.purchases.received_currency is
  'Of what was received, refunded, disputed and lost; null for the currency of the price.';
update public.purchases set received_currency = split_part(review_reason, ' ', 2)
  where review_reason ~ '^\d+ [a-z]{3} received for ' and split_part(review_reason, ' ', 2) <> currency;
create or replace view public.payment_history with (security_invoker = true) as select * from public.purchases;

-- Of all sums about what was paid for a purchase. What it was offered for is in purchases.currency.
create function private.money_currency(p public.purchases) returns text
language sql immutable set search_path = '' as $$
  select coalesce(p.received_currency, p.currency)
$$;

-- Nothing is taken for a dispute about nothing, and nothing is parked for it.
alter table public.payment_disputes drop constraint payment_disputes_amount_cents_check,
  add constraint payment_disputes_amount_cents_check check (amount_cents >= 0);
alter table public.payment_refunds drop constraint payment_refunds_amount_cents_check,
  add constraint payment_refunds_amount_cents_check check (amount_cents >= 0);

create table public.second_payments (
  payment_intent_id text primary key check (length(payment_intent_id) between 1 and 255),
  purchase_id uuid not null references public.purchases (id) on delete restrict,
  received_cents int not null check (received_cents > 0),
  currency text not null,
  refunded_cents int not null default 0 check (refunded_cents >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.second_payments is
  'Money of an intent for a purchase that another intent pays, whichever of the two is heard of first. It gives no time '
  'and goes back in full: a job returns it.';
create index second_payments_by_purchase on public.second_payments (purchase_id);
alter table public.second_payments enable row level security;
revoke all on public.second_payments from anon, authenticated, service_role;
grant select on public.second_payments to service_role;

select pgboss.create_queue('return_second_payment', '{"policy": "standard", "retryLimit": 19, "retryDelay": 3,
  "retryBackoff": true, "retryDelayMax": 3600, "expireInSeconds": 60, "retentionSeconds": 34560000,
  "deleteAfterSeconds": 34560000, "notify": true}'::jsonb);

-- Purchases that a person decided about for another intent than their own: the one whose money came is the one that counts.
with decided as (
  select id, substring(review_reason from '^paid by (\S+), but its intent is ') as intent_id
  from public.purchases where status in ('review', 'succeeded', 'refused'))
update public.purchases p set payment_intent_id = d.intent_id
  from decided d where d.id = p.id and d.intent_id is not null
    and not exists (select from public.purchases o where o.payment_intent_id = d.intent_id);
update public.grants g set payment_intent_id = p.payment_intent_id
  from public.purchases p where p.id = g.id and p.review_reason like 'paid by %'
    and p.payment_intent_id is distinct from g.payment_intent_id;

-- Notes the money of an intent that is not the one which pays the purchase; answers what the event came to.
create function private.note_second_payment(p public.purchases, p_intent_id text, p_status text, p_received_cents int,
  p_currency text, p_refunds jsonb) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_refunded int;
  v_failed boolean;
  v_is_new boolean;
begin
  if p_status is distinct from 'succeeded' or p_intent_id is null or (p_received_cents > 0) is not true or p_currency is null
     -- Money that counts for the purchase which it pays must not go back because it names another.
     or exists (select from public.purchases where payment_intent_id = p_intent_id) then
    return 'other_intent';
  end if;
  select coalesce(sum((r ->> 'amount_cents')::int) filter (where r ->> 'status' <> 'failed'), 0)::int,
      coalesce(bool_or(r ->> 'status' = 'failed'), false)
    into v_refunded, v_failed
    from jsonb_array_elements(case jsonb_typeof(p_refunds) when 'array' then p_refunds else '[]' end) r;
  insert into public.second_payments (payment_intent_id, purchase_id, received_cents, currency, refunded_cents)
    values (p_intent_id, p.id, p_received_cents, p_currency, v_refunded)
    on conflict (payment_intent_id) do update set refunded_cents = excluded.refunded_cents, updated_at = now()
    returning xmax = 0 into v_is_new;
  perform public.note_finding('second_payment', p_intent_id, format('%s %s paid for purchase %s beside its own payment: %s',
    p_received_cents, p_currency, p.id, case when v_refunded >= p_received_cents then 'it went back'
      when v_failed then 'its refund failed, return it by hand' else 'it goes back' end));
  if v_is_new and v_refunded < p_received_cents then
    perform private.enqueue('return_second_payment', 'second_payment:' || p_intent_id,
      jsonb_build_object('payment_intent_id', p_intent_id));
    perform private.owe_notice('second_payment', p.id, p_intent_id);
  end if;
  return case when v_is_new then 'second_payment' else 'other_intent' end;
end $$;

-- Why money that came does not fit its purchase, or null when it does.
create or replace function private.review_reason(p public.purchases, p_intent_id text, p_received_cents int,
  p_tax_cents int, p_currency text) returns text
language sql stable security definer set search_path = '' as $$
  select case
    when p_intent_id is null then 'paid without a payment intent'
    when p.payment_intent_id is null and exists (select from public.purchases o
      where o.payment_intent_id = p_intent_id) then format('%s pays another purchase', p_intent_id)
    when p.currency is distinct from p_currency
      or p.amount_cents is distinct from p_received_cents - coalesce(p_tax_cents, 0) or (p_tax_cents < 0)
      then format('%s %s received for %s %s', p_received_cents, p_currency, p.amount_cents, p.currency)
  end
$$;

-- The money came: gives the card, or leaves the purchase to a person.
create or replace function private.receive_money(p public.purchases, p_intent_id text, p_received_cents int,
  p_tax_cents int, p_currency text, p_code_hash text) returns public.purchases
language plpgsql security definer set search_path = '' as $$
declare
  v_reason text := private.review_reason(p, p_intent_id, p_received_cents, p_tax_cents, p_currency);
begin
  if v_reason is null then
    perform private.lock_account(p.user_id);
    update public.purchases
      set status = 'succeeded', failure_code = null, review_reason = null, payment_intent_id = p_intent_id,
          received_cents = p_received_cents, received_currency = null, updated_at = now()
      where id = p.id returning * into p;
    perform private.make_card(p, p_code_hash);
  else
    -- Money that does not fit its purchase gives no time by itself: a person has to look.
    update public.purchases
      set status = 'review', review_reason = v_reason, updated_at = now(),
          received_cents = case when p_received_cents >= 0 then p_received_cents end,
          received_currency = nullif(p_currency, currency),
          payment_intent_id = case when exists (select from public.purchases o
              where o.payment_intent_id = p_intent_id) then payment_intent_id
            else coalesce(payment_intent_id, p_intent_id) end
      where id = p.id returning * into p;
  end if;
  return p;
end $$;

create or replace function public.apply_payment(p_event_id text, p_event_type text, p_purchase_id uuid,
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
  if v_before.payment_intent_id is distinct from p_payment_intent_id
     and (v_before.payment_intent_id is not null or v_before.status = 'refused') then
    -- Another intent than the one that counts: its end is not the end of the purchase, and its money goes back.
    return private.finish_event(p_event_id, private.note_second_payment(v_before, p_payment_intent_id, p_status,
      p_received_cents, p_currency, p_refunds));
  end if;
  v_after := v_before;
  -- What was looked at so far may have been no payment of its own: this one is.
  if p_status = 'succeeded' and private.may_follow(v_before.status, 'succeeded')
     and (v_before.status <> 'review' or v_before.payment_intent_id is null) then
    v_after := private.receive_money(v_before, p_payment_intent_id, p_received_cents, p_tax_cents, p_currency, p_code_hash);
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
  'p_refunds: all of them, as {id, amount_cents, status}, in the currency that was received; p_disputes as well. Answers '
  'applied, already_applied, duplicate_event, review (a person has to look), second_payment (of a purchase that another '
  'intent pays: it goes back), other_intent or not_ours.';

-- What the seconds of a purchase earn, in millionths of a unit of the currency that was received, per second: what came,
-- less tax, refunds and lost disputes, over all seconds of its card, bonus included. A refund takes its share of the tax
-- along. What is tax can be told where the money is of the price's currency.
create or replace function private.earned_micros_per_second(p public.purchases) returns numeric
language sql immutable set search_path = '' as $$
  select case when p.status = 'succeeded' and m.paid > 0 then
    case when private.money_currency(p) = p.currency then least(p.amount_cents, m.paid) else m.paid end
      * private.micros_of_smallest_unit(private.money_currency(p))
      * greatest(0, m.paid - p.refunded_cents - p.lost_cents) / m.paid / (p.paid_seconds + p.bonus_seconds)
    else 0 end
  from (select coalesce(p.received_cents, p.amount_cents) as paid) m
$$;

-- What a person used is what calls charged, and what was deducted without a call.
create function private.deducted_by_day(p_user_id uuid) returns table (used_on date, seconds bigint)
language sql stable security definer set search_path = '' as $$
  select (created_at at time zone 'utc')::date, -sum(amount)::bigint from public.ledger
  where account_id = p_user_id and unit = 'second' and reason = 'use' and call_id is null group by 1
$$;

create or replace function private.user_analytics(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'totals', (select jsonb_build_object('calls', count(*), 'charged_seconds', coalesce(sum(charged_seconds), 0)
          + (select coalesce(sum(seconds), 0) from private.deducted_by_day(p_user_id)),
        'average_call_seconds', coalesce(round(avg(charged_seconds)), 0),
        -- What comes back after a dispute was granted before.
        'granted_seconds', (select coalesce(sum(amount), 0) from public.ledger
          where account_id = p_user_id and amount > 0 and reason not in ('debt_payment', 'restore')),
        'spent', (select coalesce(jsonb_agg(to_jsonb(s) order by s.currency), '[]') from (
          select private.money_currency(p) as currency,
            sum(greatest(0, coalesce(received_cents, amount_cents) - refunded_cents - lost_cents)) as cents
          from public.purchases p where user_id = p_user_id and status = 'succeeded' group by 1) s))
      from public.calls where user_id = p_user_id and status = 'settled'),
    'days', (select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]') from (
      select to_char(day, 'YYYY-MM-DD') as day, count(v.id) as calls,
        coalesce(sum(v.charged_seconds), 0) + coalesce(o.seconds, 0) as charged_seconds
      from generate_series((now() at time zone 'utc')::date - 29, (now() at time zone 'utc')::date, interval '1 day') day
      left join public.calls v on v.user_id = p_user_id and v.status = 'settled'
        and (v.opened_at at time zone 'utc')::date = day::date
      left join private.deducted_by_day(p_user_id) o on o.used_on = day::date
      group by day, o.seconds) d),
    'payments', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
      select payment_intent_id, package_id, amount_cents, currency, status,
        to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
      from public.purchases where user_id = p_user_id order by purchases.created_at desc limit 50) p))
$$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
