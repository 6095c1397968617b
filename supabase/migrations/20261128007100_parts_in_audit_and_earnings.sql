-- The audit and the figures of operators, with the ends of grants and with parts that came back.

-- I1 to I4 of accounts: the ledger explains balance and debt; the balance is the sum of the grants, and no active one ends
-- before the first end that is noted; every live call has its hold, of its own person, and at most a slice ahead; nothing
-- is negative, nothing is promised twice, and nobody has debt and something free at once; of what ended, what remains is
-- kept for live calls.
create or replace function private.audit_accounts(p_accounts uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  with a as materialized (
    select a.id, a.balance, a.debt, a.first_end, h.amount as held, h.calls
    from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id
    cross join lateral (select coalesce(sum(amount), 0) as amount, count(*) as calls from public.holds
      where account_id = a.id) h)
  select 'I1', a.id::text, format('ledger %s, balance - debt %s', l.amount, a.balance - a.debt), a.id
  from a cross join lateral (select coalesce(sum(amount), 0) as amount from public.ledger where account_id = a.id) l
  where l.amount <> a.balance - a.debt
  union all
  select 'I2', a.id::text, format('balance %s, grants %s', a.balance, g.amount), a.id
  from a cross join lateral (select coalesce(sum(remaining), 0) as amount from public.grants where account_id = a.id) g
  where a.balance <> g.amount
  union all
  select 'I2', h.id::text, format('call %s, hold of %s', coalesce(c.user_id::text, 'missing'), h.account_id), a.id
  from a join public.holds h on h.account_id = a.id
  left join public.calls c on c.id = h.id and c.status = 'open'
  where c.user_id is distinct from h.account_id
  union all
  select 'I3', id::text, format('balance %s, held %s, debt %s', balance, held, debt), id from a
  where balance < 0 or debt < 0 or held < 0 or held > balance or debt > 0 and balance > held
  union all
  select 'I3', h.id::text, format('hold of %s, used %s ms, restored %s ms', h.amount, h.used_ms, h.restored_ms), a.id
  from a join public.holds h on h.account_id = a.id
  where h.amount < 0 or h.used_ms < 0 or h.restored_ms < 0 or h.restored_ms > h.used_ms
  union all
  select 'I3', g.id::text, format('%s of %s disputed frozen, %s left and free', w.frozen, w.disputed,
    least(g.remaining - k.amount, a.balance - a.held)), a.id
  from a join public.grants g on g.account_id = a.id and g.status = 'active'
  join public.grants w on w.id = coalesce(g.part_of, g.id)
  cross join lateral (select private.kept_of(g.id) as amount) k
  where w.disputed > w.frozen and a.balance > a.held and g.remaining > k.amount
  union all
  -- What a live call may use beyond its last report is one slice (plus the second it is rounded up to).
  select 'I4', h.id::text, format('granted %s, used %s ms', h.amount, h.used_ms), a.id
  from a join public.holds h on h.account_id = a.id
  where h.amount * 1000 - h.used_ms >= (h.slice_seconds + 1) * 1000::bigint
  union all
  select 'I2', a.id::text, format('first end %s, of a grant %s', a.first_end, g.first_end), a.id
  from a cross join lateral (select min(expires_at) as first_end from public.grants
    where account_id = a.id and status = 'active') g
  where g.first_end is not null and (a.first_end <= g.first_end) is not true
  union all
  -- Of a grant that ended, what remains is what live calls keep, each within what it holds.
  select 'I4', g.id::text, format('ended with %s, of which calls keep %s', g.remaining, k.amount), a.id
  from a join public.grants g on g.account_id = a.id and g.status = 'active' and g.ended_at >= g.expires_at
  cross join lateral (select private.kept_of(g.id) as amount) k
  where g.remaining <> k.amount
  union all
  select 'I4', h.id::text, format('granted %s, keeps %s', h.amount, k.amount), a.id
  from a join public.holds h on h.account_id = a.id
  cross join lateral (select coalesce(sum(amount), 0) as amount from private.kept_parts where hold_id = h.id) k
  where k.amount > h.amount
$$;

-- I5 and I6 of purchases: each refund and dispute is applied once, and a paid one has exactly one card of its id and size;
-- what came back of it is a part of that one.
create or replace function private.audit_purchases(p_cards uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  select 'I5', p.id::text, format('refunded %s and lost %s of %s cents, taken back %s of %s seconds', p.refunded_cents,
    p.lost_cents, coalesce(p.received_cents, p.amount_cents), p.clawed_back_seconds, p.paid_seconds + p.bonus_seconds), p.id
  from unnest(p_cards) as asked (id) join public.purchases p on p.id = asked.id
  where p.clawed_back_seconds <> case when p.status = 'succeeded'
    then private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents) else 0 end
  union all
  select 'I5', p.id::text, format('refunded %s, lost %s, disputed %s cents; by rows %s, %s, %s', p.refunded_cents,
    p.lost_cents, p.disputed_cents, r.cents, d.lost, d.disputed), p.id
  from unnest(p_cards) as asked (id) join public.purchases p on p.id = asked.id
  cross join lateral (select coalesce(sum(amount_cents), 0) as cents from public.payment_refunds
    where purchase_id = p.id and status <> 'failed') r
  cross join lateral (select coalesce(sum(amount_cents) filter (where status = 'open'), 0) as disputed,
      coalesce(sum(amount_cents) filter (where status = 'lost'), 0) as lost
    from public.payment_disputes where purchase_id = p.id) d
  where p.refunded_cents <> r.cents or p.lost_cents <> d.lost or p.disputed_cents <> d.disputed
  union all
  select 'I6', asked.id::text,
    format('purchase %s, card %s', coalesce(p.status, 'missing'), coalesce(g.status, 'missing')), asked.id
  from unnest(p_cards) as asked (id)
  left join public.purchases p on p.id = asked.id and p.status = 'succeeded'
  left join public.grants g on g.id = asked.id
    and (g.part_of is null and g.source in ('paid', 'gift') or g.payment_intent_id is not null)
  where (p.id is not null or g.id is not null)
    and (g.payment_intent_id = p.payment_intent_id and g.paid = p.paid_seconds and g.bonus = p.bonus_seconds) is not true
  union all
  select 'I6', g.id::text, format('part of a grant of %s', coalesce(w.account_id::text, 'nobody')), g.id
  from unnest(p_cards) as asked (id) join public.grants g on g.id = asked.id join public.grants w on w.id = g.part_of
  where w.account_id is distinct from g.account_id or w.part_of is not null
$$;

-- I2 of cards: one is what remains, what is frozen, what was taken back and what was used of it; and of what is frozen it
-- is known how long it can be used.
create or replace function private.audit_frozen(p_cards uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  select 'I2', g.id::text, v.detail, g.id
  from unnest(p_cards) as asked (id) join public.grants g on g.id = asked.id
  left join public.purchases p on p.id = g.id
  cross join lateral (
    select format('%s under dispute, %s of it frozen', g.disputed, g.frozen)
    where g.frozen not between 0 and g.disputed
      or g.disputed <> case when p.status = 'succeeded'
        then private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents + p.disputed_cents)
          - private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents) else 0 end
    union all
    select format('%s frozen, noted %s', g.frozen, t.amount)
    from (select coalesce(sum(t.amount), 0) as amount from private.taken_parts t
      where t.reason = 'freeze' and t.grant_id in (select id from public.grants where g.id in (id, part_of))) t
    where g.account_id is not null and g.part_of is null and g.frozen <> t.amount
    union all
    select format('whole %s, left %s, frozen %s, taken back %s', g.paid + g.bonus, g.remaining, g.frozen,
      p.clawed_back_seconds)
    where p.id is not null and g.account_id is null
      and g.remaining + g.frozen + p.clawed_back_seconds <> g.paid + g.bonus
    union all
    select format('taken back %s of %s, frozen %s', t.clawed_back, p.clawed_back_seconds, g.frozen)
    from (select g.paid + g.bonus - g.frozen - coalesce(sum(amount), 0) as clawed_back from public.ledger
      where about_grant_id = g.id and reason in ('grant', 'bonus_grant', 'clawback', 'freeze', 'restore')) t
    where p.id is not null and g.account_id is not null and t.clawed_back not between 0 and p.clawed_back_seconds
  ) v (detail)
$$;

create or replace function private.count_earnings(p_calls uuid[]) returns void
language sql security definer set search_path = '' as $$
  -- A card has the id of its purchase, and a part that came back names its card; one that was not bought earned nothing.
  with used as materialized (
    select (c.opened_at at time zone 'utc')::date as day, coalesce(g.part_of, g.id) as purchase_id,
      sum((card ->> 'seconds')::bigint) as seconds
    from public.calls c cross join jsonb_array_elements(c.receipt -> 'cards') card
    join public.grants g on g.id = (card ->> 'card_id')::uuid
    where c.id = any (p_calls) group by 1, 2),
  earned as materialized (
    select u.day, p.id as purchase_id, u.seconds, private.money_currency(p) as currency, u.seconds * private.earned_micros_per_second(p) as micros
    from used u join public.purchases p on p.id = u.purchase_id),
  kept as (
    insert into private.call_day_purchases as d (day, purchase_id, seconds, currency, micros)
      select day, purchase_id, seconds, currency, micros from earned order by day, purchase_id
    on conflict (day, purchase_id) do update
      set seconds = d.seconds + excluded.seconds, micros = d.micros + excluded.micros
    returning d.day, d.purchase_id, d.currency)
  insert into private.call_day_earnings as e (day, currency, micros)
    select k.day, k.currency, sum(n.micros) from kept k join earned n on n.day = k.day and n.purchase_id = k.purchase_id
    group by k.day, k.currency order by k.day, k.currency
  on conflict (day, currency) do update set micros = e.micros + excluded.micros
$$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
