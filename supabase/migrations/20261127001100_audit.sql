-- The invariants, asked of the books themselves: one row per violation, none when all is well.

-- I1: the ledger explains every amount, per account and per grant.
create function private.audit_conservation() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I1', a.id::text, format('ledger %s, balance - debt %s', coalesce(l.amount, 0), a.balance - a.debt)
  from public.accounts a
  left join (select account_id, sum(amount) as amount from public.ledger group by account_id) l on l.account_id = a.id
  where coalesce(l.amount, 0) <> a.balance - a.debt
  union all
  select 'I1', g.id::text, format('ledger %s, grant %s', coalesce(l.amount, 0), g.remaining)
  from public.grants g
  left join (select grant_id, account_id, sum(amount) as amount from public.ledger where grant_id is not null
             group by grant_id, account_id) l on l.grant_id = g.id
  where coalesce(l.amount, 0) <> case when g.account_id is null then 0 else g.remaining end
    or l.account_id is distinct from g.account_id and l.account_id is not null
$$;

-- I2: an account is the sum of its grants, and every live call has its hold.
create function private.audit_accounts() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I2', a.id::text, format('balance %s, grants %s', a.balance, coalesce(g.amount, 0))
  from public.accounts a
  left join (select account_id, sum(remaining) as amount from public.grants group by account_id) g on g.account_id = a.id
  where a.balance <> coalesce(g.amount, 0)
  union all
  select 'I2', coalesce(c.id, h.id)::text, format('call %s, hold of %s', coalesce(c.user_id::text, 'missing'),
    coalesce(h.account_id::text, 'nobody'))
  from (select id, user_id from public.calls where status = 'open') c
  full join public.holds h on h.id = c.id and h.account_id = c.user_id
  where c.id is null or h.id is null
$$;

-- I3: nothing is negative, nothing is promised twice, and nobody has debt and something free at once.
create function private.audit_signs() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  with a as (select a.*, coalesce(h.amount, 0) as held from public.accounts a
    left join (select account_id, sum(amount) as amount from public.holds group by account_id) h on h.account_id = a.id)
  select 'I3', id::text, format('balance %s, held %s, debt %s', balance, held, debt) from a
  where balance < 0 or debt < 0 or held < 0 or held > balance or debt > 0 and balance > held
  union all
  select 'I3', id::text, format('%s remain', remaining) from public.grants where remaining < 0
  union all
  select 'I3', id::text, format('hold of %s, used %s ms, restored %s ms', amount, used_ms, restored_ms) from public.holds
  where amount < 0 or used_ms < 0 or restored_ms < 0 or restored_ms > used_ms
  union all
  select 'I3', id::text, format('call charged %s, used %s ms, restored %s ms', charged_seconds, used_ms, restored_ms)
  from public.calls where used_ms < 0 or charged_seconds < 0 or restored_ms < 0 or restored_ms > used_ms
  union all
  select 'I3', g.id::text, format('%s of %s disputed frozen, %s left and free', g.frozen, g.disputed,
    least(g.remaining, a.balance - a.held))
  from public.grants g join a on a.id = g.account_id
  where g.status = 'active' and g.disputed > g.frozen and a.balance > a.held
$$;

-- I4: what a live call may use beyond its last report is one slice (plus the second it is rounded up to).
-- I5: a call is charged once, what it used; and each settled call has its receipt in the chain.
create function private.audit_calls() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I4', id::text, format('granted %s, used %s ms', amount, used_ms) from public.holds
  where amount * 1000 - used_ms >= (slice_seconds + 1) * 1000::bigint
  union all
  select 'I5', c.id::text, format('charged %s, ledger %s, used %s ms, restored %s ms', c.charged_seconds,
    coalesce(l.amount, 0), c.used_ms, c.restored_ms)
  from public.calls c
  left join (select call_id, -sum(amount) as amount from public.ledger where call_id is not null group by call_id) l
    on l.call_id = c.id
  where coalesce(c.charged_seconds, 0) <> coalesce(l.amount, 0)
     or c.status = 'settled' and c.charged_seconds <> (c.used_ms - c.restored_ms) / 1000
  union all
  select 'I5', a.id::text, format('%s receipts, %s settled calls', a.receipts, coalesce(c.settled, 0))
  from public.accounts a
  left join (select user_id, count(*) as settled from public.calls where status = 'settled' group by user_id) c
    on c.user_id = a.id
  where a.receipts <> coalesce(c.settled, 0)
$$;

-- I5: every event, refund and dispute is applied once. I6: a paid purchase has exactly one card, of its id and size.
create function private.audit_payments() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I5', id, 'event without an outcome' from public.stripe_events where outcome = 'applying'
  union all
  select 'I5', id::text, format('refunded %s and lost %s of %s cents, taken back %s of %s seconds', refunded_cents,
    lost_cents, coalesce(received_cents, amount_cents), clawed_back_seconds, paid_seconds + bonus_seconds)
  from public.purchases p
  where clawed_back_seconds <> case when status = 'succeeded'
    then private.share_seconds(p, refunded_cents::bigint + lost_cents) else 0 end
  union all
  select 'I5', p.id::text, format('refunded %s, lost %s, disputed %s cents; by rows %s, %s, %s', p.refunded_cents,
    p.lost_cents, p.disputed_cents, coalesce(r.cents, 0), coalesce(d.lost, 0), coalesce(d.disputed, 0))
  from public.purchases p
  left join (select purchase_id, sum(amount_cents) as cents from public.payment_refunds where status <> 'failed'
    group by purchase_id) r on r.purchase_id = p.id
  left join (select purchase_id, coalesce(sum(amount_cents) filter (where status = 'open'), 0) as disputed,
      coalesce(sum(amount_cents) filter (where status = 'lost'), 0) as lost
    from public.payment_disputes group by purchase_id) d on d.purchase_id = p.id
  where p.refunded_cents <> coalesce(r.cents, 0)
    or p.lost_cents <> coalesce(d.lost, 0) or p.disputed_cents <> coalesce(d.disputed, 0)
  union all
  select 'I6', coalesce(p.id, g.id)::text,
    format('purchase %s, card %s', coalesce(p.status, 'missing'), coalesce(g.status, 'missing'))
  from (select * from public.purchases where status = 'succeeded') p
  full join (select * from public.grants where source in ('paid', 'gift') or payment_intent_id is not null) g
    on g.id = p.id and g.payment_intent_id = p.payment_intent_id
    and g.paid = p.paid_seconds and g.bonus = p.bonus_seconds
  where p.id is null or g.id is null
$$;

-- I2: a grant is what remains, what is frozen, what was taken back and what was used of it.
create function private.audit_frozen() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I2', g.id::text, format('%s under dispute, %s of it frozen', g.disputed, g.frozen)
  from public.grants g left join public.purchases p on p.id = g.id
  where g.frozen not between 0 and g.disputed
    or g.disputed <> case when p.status = 'succeeded'
      then private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents + p.disputed_cents)
        - private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents) else 0 end
  union all
  select 'I2', g.id::text, format('whole %s, left %s, frozen %s, taken back %s', g.paid + g.bonus, g.remaining, g.frozen,
    p.clawed_back_seconds)
  from public.grants g join public.purchases p on p.id = g.id
  where g.account_id is null and g.remaining + g.frozen + p.clawed_back_seconds <> g.paid + g.bonus
  union all
  select 'I2', g.id::text, format('taken back %s of %s, frozen %s', t.clawed_back, p.clawed_back_seconds, g.frozen)
  from public.grants g join public.purchases p on p.id = g.id
  left join (
    select about_grant_id, sum(amount) as amount from public.ledger
    where reason in ('grant', 'bonus_grant', 'clawback', 'freeze', 'restore') group by about_grant_id) l
    on l.about_grant_id = g.id
  cross join lateral (select g.paid + g.bonus - g.frozen - coalesce(l.amount, 0) as clawed_back) t
  where g.account_id is not null and t.clawed_back not between 0 and p.clawed_back_seconds
$$;

create function public.audit_invariants() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select * from private.audit_conservation()
  union all select * from private.audit_accounts()
  union all select * from private.audit_signs()
  union all select * from private.audit_calls()
  union all select * from private.audit_payments()
  union all select * from private.audit_frozen()
$$;
comment on function public.audit_invariants() is 'One row per violation of I1 to I6; none when all is well.';

create function public.database_settings() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('synchronous_commit', current_setting('synchronous_commit'),
    'fsync', current_setting('fsync'), 'full_page_writes', current_setting('full_page_writes'))
$$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.audit_invariants(), public.database_settings() from public, anon, authenticated;
grant execute on function public.audit_invariants(), public.database_settings() to service_role;
