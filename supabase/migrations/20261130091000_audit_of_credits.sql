-- The audit of credits (I8): what was burned stands in the ledger, in the days and in the periods alike; what closed periods say of
-- overage was taken off the account; each grant has its reason; and nobody owes where nothing may be owed.
create function private.audit_credits(p_accounts uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  with a as materialized (
    select a.id, a.tenant_id, a.debt from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id and a.unit = 'credit')
  select 'I8', a.id::text, format('burned %s by the ledger, %s by days', l.amount, d.amount), a.id
  from a cross join lateral (select coalesce(-sum(amount), 0) as amount from public.ledger where account_id = a.id and reason = 'use') l
  cross join lateral (select coalesce(sum(credits), 0) as amount from public.credit_days where tenant_id = a.tenant_id) d
  where l.amount <> d.amount
  union all
  select 'I8', a.id::text, format('%s and %s closed, %s and %s taken off the debt', p.overage, p.unpaid, l.billed, l.unpaid), a.id
  from a cross join lateral (select coalesce(sum(overage), 0) as overage, coalesce(sum(unpaid), 0) as unpaid from public.credit_periods
    where tenant_id = a.tenant_id) p
  cross join lateral (select coalesce(sum(amount) filter (where key like 'billed:%'), 0) as billed,
      coalesce(sum(amount) filter (where key like 'unpaid:%'), 0) as unpaid
    from public.ledger where account_id = a.id and grant_id is null and amount > 0) l
  where (p.overage, p.unpaid) <> (l.billed, l.unpaid)
  union all
  select 'I8', g.id::text, format('%s granted, %s with a reason', g.paid + g.bonus, coalesce(c.amount, 0)), a.id
  from a join public.grants g on g.account_id = a.id and g.part_of is null left join private.credit_grants c on c.grant_id = g.id
  where g.paid + g.bonus is distinct from c.amount
  union all
  select 'I8', c.subscription_id, format('granted %s, grants of %s in the period of %s', c.granted, g.amount, c.period_start), a.id
  from a join public.credit_periods c on c.tenant_id = a.tenant_id
  cross join lateral (select coalesce(sum(amount), 0) as amount from private.credit_grants
    where subscription_id = c.subscription_id and period_start = c.period_start) g
  where c.granted <> g.amount
  union all
  select 'I8', a.id::text, format('owes %s, and no period is open that it may be of', a.debt), a.id
  from a where a.debt > 0 and not exists (select from public.credit_periods where tenant_id = a.tenant_id and closed_at is null and not is_trial)
$$;

create or replace function private.audit_part(p_part text, p_ids uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  select * from private.audit_accounts(case when p_part in ('accounts', 'changed accounts') then p_ids end)
  union all select * from private.audit_calls(case when p_part in ('accounts', 'changed accounts') then p_ids end)
  union all select * from private.audit_receipts(case when p_part = 'accounts' then p_ids end)
  union all select * from private.audit_wallets(case when p_part = 'accounts' then p_ids end)
  union all select * from private.audit_credits(case when p_part = 'accounts' then p_ids end)
  union all select * from private.audit_grants(case when p_part = 'cards' then p_ids end)
  union all select * from private.audit_purchases(case when p_part = 'cards' then p_ids end)
  union all select * from private.audit_frozen(case when p_part = 'cards' then p_ids end)
  union all select v.* from private.audit_events() v where p_part = 'events'
$$;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
