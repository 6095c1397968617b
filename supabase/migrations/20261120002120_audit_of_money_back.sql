-- The audit of what came since: sums that follow from refunds and disputes, and time that is frozen.

create or replace function private.audit_payments() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I5', id, 'event without an outcome' from public.stripe_events where outcome = 'applying'
  union all
  select 'I5', id::text, format('refunded %s and lost %s of %s cents, taken back %s of %s seconds', refunded_cents,
    lost_cents, coalesce(received_cents, amount_cents), clawed_back_seconds, paid_seconds + bonus_seconds)
  from public.payment_history p
  where clawed_back_seconds <> case when status = 'succeeded'
    then private.share_seconds(p, refunded_cents::bigint + lost_cents) else 0 end
  union all
  select 'I5', p.id::text, format('refunded %s, lost %s, disputed %s cents; by rows %s, %s, %s', p.refunded_cents,
    p.lost_cents, p.disputed_cents, r.cents, coalesce(d.lost, 0), coalesce(d.disputed, 0))
  from public.payment_history p
  left join (select purchase_id, sum(case status when 'failed' then 0 else amount_cents end) as cents
    from public.payment_refunds group by purchase_id) r on r.purchase_id = p.id
  left join (select purchase_id, coalesce(sum(amount_cents) filter (where status = 'open'), 0) as disputed,
      coalesce(sum(amount_cents) filter (where status = 'lost'), 0) as lost
    from public.payment_disputes group by purchase_id) d on d.purchase_id = p.id
  -- Refunds from before there were rows have a sum only.
  where p.refunded_cents <> coalesce(r.cents, p.refunded_cents)
    or p.lost_cents <> coalesce(d.lost, 0) or p.disputed_cents <> coalesce(d.disputed, 0)
  union all
  select 'I6', coalesce(p.id, c.id)::text,
    format('payment %s, card %s', coalesce(p.status, 'missing'), coalesce(c.status, 'missing'))
  from (select * from public.payment_history where status = 'succeeded') p
  full join (select * from public.time_cards where source in ('paid', 'gift') or payment_intent_id is not null) c
    on c.id = p.id and c.payment_intent_id = p.payment_intent_id
    and c.paid_seconds = p.paid_seconds and c.bonus_seconds = p.bonus_seconds
  where p.id is null or c.id is null
$$;

-- I2: what is frozen belongs to a dispute, and a card is what is left of it: nothing vanished while it was frozen.
-- I3: nobody can use what is under dispute.
create function private.audit_frozen() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I2', c.id::text, format('%s seconds under dispute, %s of them frozen', c.disputed_seconds, c.frozen_seconds)
  from public.time_cards c left join public.payment_history p on p.id = c.id
  where c.frozen_seconds not between 0 and c.disputed_seconds
    or c.disputed_seconds <> case when p.status = 'succeeded'
      then private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents + p.disputed_cents)
        - private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents) else 0 end
  union all
  select 'I2', c.id::text, format('whole %s, left %s, frozen %s, taken back %s', c.paid_seconds + c.bonus_seconds,
    c.remaining_seconds, c.frozen_seconds, p.clawed_back_seconds)
  from public.time_cards c join public.payment_history p on p.id = c.id
  where c.user_id is null
    and c.remaining_seconds + c.frozen_seconds + p.clawed_back_seconds <> c.paid_seconds + c.bonus_seconds
  union all
  select 'I2', c.id::text, format('taken back %s seconds of %s, frozen %s', t.clawed_back, p.clawed_back_seconds,
    c.frozen_seconds)
  from public.time_cards c join public.payment_history p on p.id = c.id
  left join (
    select split_part(key, ':', 2) as card_id, sum(seconds) as seconds from public.time_ledger
    where reason in ('grant', 'bonus_grant', 'clawback', 'freeze', 'restore') group by 1) l on l.card_id = c.id::text
  cross join lateral (
    select c.paid_seconds + c.bonus_seconds - c.frozen_seconds - coalesce(l.seconds, 0) as clawed_back) t
  where c.user_id is not null and t.clawed_back not between 0 and p.clawed_back_seconds
  union all
  select 'I3', c.id::text, format('%s of %s disputed seconds frozen, %s left and free', c.frozen_seconds,
    c.disputed_seconds, least(c.remaining_seconds, a.balance_seconds - a.held_seconds))
  from public.time_cards c join public.time_accounts a on a.user_id = c.user_id
  where c.status = 'active' and c.disputed_seconds > c.frozen_seconds and a.balance_seconds > a.held_seconds
$$;

create or replace function public.audit_invariants() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select * from private.audit_conservation()
  union all select * from private.audit_accounts()
  union all select * from private.audit_calls()
  union all select * from private.audit_payments()
  union all select * from private.audit_frozen()
$$;

create or replace function public.get_user_analytics(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'totals', (select jsonb_build_object('calls', count(*), 'charged_seconds', coalesce(sum(charged_seconds), 0),
        'average_call_seconds', coalesce(round(avg(charged_seconds)), 0),
        -- What comes back after a dispute was granted before.
        'granted_seconds', (select coalesce(sum(seconds), 0) from public.time_ledger
          where user_id = p_user_id and seconds > 0 and reason not in ('debt_payment', 'restore')),
        'spent_cents', (select coalesce(sum(greatest(0, coalesce(received_cents, amount_cents) - refunded_cents
            - lost_cents)), 0) from public.payment_history
          where user_id = p_user_id and status = 'succeeded'),
        'currency', coalesce((select currency from public.payment_history where user_id = p_user_id
          order by created_at desc limit 1), 'usd'))
      from public.voice_sessions where user_id = p_user_id and status = 'settled'),
    'days', (select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]') from (
      select to_char(day, 'YYYY-MM-DD') as day, count(v.id) as calls, coalesce(sum(v.charged_seconds), 0) as charged_seconds
      from generate_series((now() at time zone 'utc')::date - 29, (now() at time zone 'utc')::date, interval '1 day') day
      left join public.voice_sessions v on v.user_id = p_user_id and v.status = 'settled'
        and (v.opened_at at time zone 'utc')::date = day::date
      group by day) d),
    'payments', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
      select payment_intent_id, package_id, amount_cents, currency, status,
        to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
      from public.payment_history where user_id = p_user_id order by payment_history.created_at desc limit 50) p))
$$;

revoke execute on all functions in schema private from public, anon, authenticated;
