-- What a refund or a dispute took of a card, and of a payment: so that a card whose money went back is not shown as used up.

create or replace view public.time_cards with (security_invoker = true) as
  select id, account_id as user_id, purchaser_id, package_id, payment_intent_id, source, status, paid as paid_seconds,
    bonus as bonus_seconds, remaining as remaining_seconds, disputed as disputed_seconds, frozen as frozen_seconds,
    frozen_at, created_at, activated_at, expires_at, part_of as part_of_card_id,
    (select coalesce(-sum(l.amount), 0)::bigint from public.ledger l
      where l.grant_id = g.id and l.reason = 'debt_payment') as paid_debt_seconds,
    -- What was taken and not brought back, less what is only frozen. What was used is owed instead, and stands on no grant.
    (select coalesce(-sum(l.amount), 0)::bigint - g.frozen from public.ledger l
      where l.about_grant_id = g.id and l.grant_id is not null and l.reason in ('clawback', 'freeze', 'restore'))
      as taken_back_seconds,
    (select p.clawed_back_seconds from public.purchases p where p.id = g.id) as refunded_seconds
  from public.grants g where unit = 'second';
comment on column public.time_cards.taken_back_seconds is 'Taken off the card because its money went back.';
comment on column public.time_cards.refunded_seconds is
  'The time whose money went back, whether it was still on the card, used or expired. Null for a card that was not bought.';

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
      select id as purchase_id, purpose, payment_intent_id, package_id, amount_cents, currency, received_cents,
        private.money_currency(purchases) as received_currency, refunded_cents, disputed_cents, lost_cents, status,
        to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
      from public.purchases where user_id = p_user_id order by purchases.created_at desc limit 50) p))
$$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
