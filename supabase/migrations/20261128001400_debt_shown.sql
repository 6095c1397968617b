-- What a card paid of time that was owed is shown with the card: else an hour is bought and nobody says where it went.
create or replace view public.time_cards with (security_invoker = true) as
  select id, account_id as user_id, purchaser_id, package_id, payment_intent_id, source, status, paid as paid_seconds,
    bonus as bonus_seconds, remaining as remaining_seconds, disputed as disputed_seconds, frozen as frozen_seconds,
    frozen_at, created_at, activated_at, expires_at, part_of as part_of_card_id,
    (select coalesce(-sum(l.amount), 0)::bigint from public.ledger l
      where l.grant_id = g.id and l.reason = 'debt_payment') as paid_debt_seconds
  from public.grants g where unit = 'second';
