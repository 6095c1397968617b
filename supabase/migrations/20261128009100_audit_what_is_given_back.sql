-- What an account holds is what its holds still promise: their amounts less the whole seconds given back.
create or replace function private.audit_accounts(p_accounts uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  with a as materialized (
    select a.id, a.balance, a.debt, a.first_end, h.amount as held, h.calls
    from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id
    cross join lateral (select coalesce(sum(amount - restored_ms / 1000), 0) as amount, count(*) as calls from public.holds
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
  from a join public.grants g on g.account_id = a.id and g.ended_at >= g.expires_at
  cross join lateral (select private.kept_of(g.id) as amount) k
  where g.remaining <> k.amount
  union all
  select 'I4', h.id::text, format('granted %s, keeps %s', h.amount, k.amount), a.id
  from a join public.holds h on h.account_id = a.id
  cross join lateral (select coalesce(sum(amount), 0) as amount from private.kept_parts where hold_id = h.id) k
  where k.amount > h.amount - h.restored_ms / 1000
$$;
