-- The audit of wallets. What is held of one is promised as what a call holds is; and of each charge the ledger says what the
-- charge says (I7).

create or replace function private.audit_accounts(p_accounts uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  with a as materialized (
    select a.id, a.balance, a.debt, a.first_end, h.amount as held, h.calls
    from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id
    cross join lateral (select coalesce(sum(amount - restored_ms / 1000), 0) + case a.unit when 'micro_usd' then
        (select coalesce(sum(w.amount), 0) from public.wallet_holds w where w.account_id = a.id and w.status = 'held') else 0 end as amount,
      count(*) as calls from public.holds where account_id = a.id) h)
  select 'I1', a.id::text, format('ledger %s, balance - debt %s', l.amount, a.balance - a.debt), a.id
  from a cross join lateral (select coalesce(sum(amount), 0) as amount from public.ledger where account_id = a.id) l
  where l.amount <> a.balance - a.debt
  union all
  select 'I2', a.id::text, format('balance %s, grants %s', a.balance, g.amount), a.id
  from a cross join lateral (select coalesce(sum(remaining), 0) as amount from public.grants where account_id = a.id) g
  where a.balance <> g.amount
  union all
  select 'I2', h.id::text, format('call %s, hold of %s', coalesce(coalesce(c.tenant_id, c.user_id)::text, 'missing'), h.account_id), a.id
  from a join public.holds h on h.account_id = a.id
  left join public.calls c on c.id = h.id and c.status = 'open'
  where coalesce(c.tenant_id, c.user_id) is distinct from h.account_id
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

-- I7 of the charges of wallets: what the buyer paid is what the seller, the platform and the remainder got, to the millionth, and
-- what went back is what each gave back; and a seller has no share that no charge explains.
create function private.audit_wallets(p_accounts uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  select 'I7', h.id::text, format('charge of %s, taken %s, share %s of %s, fee %s of %s, remainder %s of %s', h.charged, taken.amount,
    s.amount, h.share, f.amount, h.fee, r.amount, h.remainder), h.account_id
  from unnest(p_accounts) as asked (id)
  join public.wallet_holds h on h.account_id = asked.id and h.unit = 'micro_usd' and h.status = 'settled'
  cross join lateral (select coalesce(-sum(l.amount), 0) as amount from jsonb_array_elements(h.lines) line
    join public.ledger l on l.key = format('charge:%s:%s', h.id, line ->> 'grant_id') and l.account_id = h.account_id and l.reason = 'use') taken
  left join public.ledger s on s.key = format('charge:%s:share', h.id) and s.account_id = h.seller_account_id
  left join public.ledger f on f.key = format('charge:%s:fee', h.id) and f.account_id = h.platform_account_id
  left join public.ledger r on r.key = format('charge:%s:remainder', h.id) and r.account_id = h.platform_account_id
  where (taken.amount, coalesce(s.amount, 0), coalesce(f.amount, 0), coalesce(r.amount, 0))
    <> (h.charged, h.share, h.fee, h.remainder)
  union all
  select 'I7', h.id::text, format('charge of which %s went back, by refunds %s', h.refunded, b.amount), h.account_id
  from unnest(p_accounts) as asked (id)
  join public.wallet_holds h on h.account_id = asked.id and h.unit = 'micro_usd' and h.status = 'settled'
  cross join lateral (select coalesce(sum(amount), 0) as amount from public.wallet_refunds where hold_id = h.id) b
  where h.refunded <> b.amount
  union all
  select 'I7', h.id::text, format('charge, refund %s of %s: back %s, share %s of %s, fee %s of %s, remainder %s of %s', b.key, b.amount,
    l.back, l.share, b.share, l.fee, b.fee, l.remainder, b.remainder), h.account_id
  from unnest(p_accounts) as asked (id)
  join public.wallet_holds h on h.account_id = asked.id and h.unit = 'micro_usd' and h.refunded > 0
  join public.wallet_refunds b on b.hold_id = h.id
  cross join lateral (
    select coalesce(sum(e.amount) filter (where e.reason = 'restore'), 0) as back,
      coalesce(-sum(e.amount) filter (where e.reason = 'share_reversed'), 0) as share,
      coalesce(-sum(e.amount) filter (where e.reason = 'fee_reversed'), 0) as fee,
      coalesce(-sum(e.amount) filter (where e.reason = 'remainder'), 0) as remainder
    from public.ledger e where e.key in (
      select format('charge:%s:back:%s:%s', h.id, b.key, part.name)
      from (select line ->> 'grant_id' from jsonb_array_elements(h.lines) line
        union all select p || q from unnest(array['share', 'fee', 'remainder']) p,
          unnest(array['', ':debt', ':' || h.seller_account_id, ':' || h.platform_account_id]) q where q is not null) part (name))) l
  where (l.back, l.share, l.fee, l.remainder) <> (b.amount, b.share, b.fee, b.remainder)
  union all
  select 'I7', a.id::text, format('charge shares %s, ledger %s', h.share, l.amount), a.id
  from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id and a.owner_kind = 'seller'
  cross join lateral (select coalesce(sum(w.share), 0) - coalesce(sum(b.share), 0) as share from public.wallet_holds w
    left join lateral (select sum(share) as share from public.wallet_refunds where hold_id = w.id and w.refunded > 0) b on true
    where w.seller_account_id = a.id) h
  cross join lateral (select coalesce(sum(amount), 0) as amount from public.ledger
    where account_id = a.id and reason in ('share', 'share_reversed')) l
  where h.share <> l.amount
$$;

create or replace function private.audit_and_keep(p_part text, p_ids uuid[])
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_part text := replace(p_part, 'changed ', '');
begin
  delete from private.audit_violations v where v.part = v_part
    and (v.scope = any (p_ids) or v_part = 'events')
    -- Only what is asked again: receipts and charges are not, where an account is audited because it changed.
    and (p_part <> 'changed accounts' or v.detail not like 'receipts %' and v.detail not like 'charge %');
  insert into private.audit_violations (part, scope, invariant, subject, detail)
    select v_part, f.scope, f.invariant, f.subject, f.detail from private.audit_part(p_part, p_ids) f;
end $$;

comment on function public.audit_invariants() is
  'One row per violation of I1 to I7; none when all is well. Asks everything at once, which takes two minutes for a million '
  'calls: for a quiet hour, and by psql. The sidecar asks audit_some.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
