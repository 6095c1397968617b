-- The audit by increments. What it asks is asked of some accounts and of some cards, by their ids, each found by an index:
-- so a run is as long as it is allowed to be, whatever the size of the books. What changed is audited first, and with
-- what is left of a run everything in turn. What was found is kept, so that every replica can tell of it, and goes when
-- its account or card is audited again and found well.

drop function public.audit_invariants();
drop function private.audit_conservation();
drop function private.audit_accounts();
drop function private.audit_signs();
drop function private.audit_calls();
drop function private.audit_payments();
drop function private.audit_frozen();

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

-- I5 and I2 of the calls of accounts: one is charged once, what it used; a live one has its hold; each settled one has
-- its receipt.
create function private.audit_calls(p_accounts uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  select v.invariant, c.id::text, v.detail, c.user_id
  from unnest(p_accounts) as asked (id) join public.calls c on c.user_id = asked.id
  cross join lateral (select coalesce(-sum(amount), 0) as amount from public.ledger where call_id = c.id) l
  cross join lateral (
    select 'I5', format('charged %s, ledger %s, used %s ms, restored %s ms', c.charged_seconds, l.amount, c.used_ms,
      c.restored_ms)
    where coalesce(c.charged_seconds, 0) <> l.amount
      or c.status = 'settled' and c.charged_seconds <> (c.used_ms - c.restored_ms) / 1000
    union all
    select 'I3', format('call charged %s, used %s ms, restored %s ms', c.charged_seconds, c.used_ms, c.restored_ms)
    where c.used_ms < 0 or c.charged_seconds < 0 or c.restored_ms < 0 or c.restored_ms > c.used_ms
    union all
    select 'I2', format('call %s, hold of nobody', c.user_id)
    where c.status = 'open' and not exists (select from public.holds h where h.id = c.id and h.account_id = c.user_id)
  ) v (invariant, detail)
  union all
  select 'I5', a.id::text, format('%s receipts, %s settled calls', a.receipts, c.settled), a.id
  from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id
  cross join lateral (select count(*) as settled from public.calls where user_id = a.id and status = 'settled') c
  where a.receipts <> c.settled
$$;

-- I5 of the receipts of accounts: each settled call has its own, in an unbroken chain.
create function private.audit_receipts(p_accounts uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  select 'I5', asked.id::text, format('receipts %s, broken %s, complete %s', r.found ->> 'receipts',
    r.found ->> 'broken', r.found ->> 'complete'), asked.id
  from unnest(p_accounts) as asked (id) cross join lateral (select public.verify_receipts(asked.id) as found) r
  where r.found -> 'broken' <> '[]' or (r.found ->> 'complete')::boolean is not true
$$;

-- I1 to I3 of cards (any grant): the ledger explains what remains; it stands on no other account; nothing is negative.
create function private.audit_grants(p_cards uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  with g as materialized (
    select g.* from unnest(p_cards) as asked (id) join public.grants g on g.id = asked.id)
  select 'I1', g.id::text, format('ledger %s, grant %s', l.amount, g.remaining), g.id
  from g cross join lateral (
    select coalesce(sum(amount), 0) as amount, coalesce(bool_or(account_id is distinct from g.account_id), false) as strange
    from public.ledger where grant_id = g.id) l
  where l.amount <> case when g.account_id is null then 0 else g.remaining end or l.strange
  union all
  select 'I3', id::text, format('%s remain', remaining), id from g where remaining < 0
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

-- I5: every event is applied once.
create function private.audit_events() returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  select 'I5', id, 'event without an outcome', null::uuid from public.stripe_events where outcome = 'applying'
$$;

-- Everything that is asked of one kind of subject. What changed lately is asked all but the receipts: those of long ago
-- are the ones that somebody would change.
create function private.audit_part(p_part text, p_ids uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  select * from private.audit_accounts(case when p_part in ('accounts', 'changed accounts') then p_ids end)
  union all select * from private.audit_calls(case when p_part in ('accounts', 'changed accounts') then p_ids end)
  union all select * from private.audit_receipts(case when p_part = 'accounts' then p_ids end)
  union all select * from private.audit_grants(case when p_part = 'cards' then p_ids end)
  union all select * from private.audit_purchases(case when p_part = 'cards' then p_ids end)
  union all select * from private.audit_frozen(case when p_part = 'cards' then p_ids end)
  union all select v.* from private.audit_events() v where p_part = 'events'
$$;

create function public.audit_invariants() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select v.invariant, v.subject, v.detail from (
    values ('accounts', (select array_agg(id) from public.accounts)),
      ('cards', (select array_agg(id) from (select id from public.grants union select id from public.purchases) c)),
      ('events', null)) part (name, ids)
  cross join lateral private.audit_part(part.name, part.ids) v
$$;
comment on function public.audit_invariants() is
  'One row per violation of I1 to I6; none when all is well. Asks everything at once, which takes two minutes for a million '
  'calls: for a quiet hour, and by psql. The sidecar asks audit_some.';

create table private.audit_violations (
  part text not null check (part in ('accounts', 'cards', 'events')),
  scope uuid,
  invariant text not null,
  subject text not null,
  detail text not null,
  seen_at timestamptz not null default now()
);
comment on table private.audit_violations is
  'What the audit found. A row goes when its account or card (scope) is audited again and found well.';
create index audit_violations_by_scope on private.audit_violations (part, scope);

create table private.audit_progress (
  part text primary key check (part in ('accounts', 'cards')),
  -- Everything up to this id was audited in this round; null: a round is about to begin.
  after_id uuid,
  begun_at timestamptz not null default now(),
  completed_at timestamptz
);
insert into private.audit_progress (part) values ('accounts'), ('cards');

create table private.audit_state (
  one boolean primary key default true check (one),
  -- Whose accounts and cards were audited since they changed.
  ledger_id bigint not null,
  ran_at timestamptz
);
insert into private.audit_state (ledger_id) select coalesce(max(id), 0) from public.ledger;

-- Audits some, and keeps what was found in place of what had been found of them before.
create function private.audit_and_keep(p_part text, p_ids uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_part text := replace(p_part, 'changed ', '');
begin
  delete from private.audit_violations v where v.part = v_part
    and (v.scope = any (p_ids) or v_part = 'events')
    -- Only what is asked again: the receipts are not, where an account is audited because it changed.
    and (p_part <> 'changed accounts' or v.detail not like 'receipts %');
  insert into private.audit_violations (part, scope, invariant, subject, detail)
    select v_part, f.scope, f.invariant, f.subject, f.detail from private.audit_part(p_part, p_ids) f;
end $$;

-- Accounts and cards that the next entries of the ledger are about. Entries of the last minute wait: one with a lower id
-- may not be committed yet. Answers whether there was anything.
create function private.audit_changes(p_limit int) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_last bigint;
  v_accounts uuid[];
  v_cards uuid[];
begin
  with entries as materialized (
    select l.* from public.ledger l
    where l.id > (select ledger_id from private.audit_state) and l.created_at < now() - interval '1 minute'
    order by l.id limit p_limit)
  select max(e.id), array_agg(distinct e.account_id), (
      select array_agg(distinct c.id) from entries, unnest(array[grant_id, about_grant_id]) c (id) where c.id is not null)
    into v_last, v_accounts, v_cards from entries e;
  if v_last is null then
    return false;
  end if;
  perform private.audit_and_keep('changed accounts', v_accounts);
  perform private.audit_and_keep('cards', v_cards);
  update private.audit_state set ledger_id = v_last;
  return true;
end $$;

-- The next ones of a round. Answers false at its end.
create function private.audit_next(p_part text, p_limit int) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_after uuid := coalesce((select after_id from private.audit_progress where part = p_part),
    '00000000-0000-0000-0000-000000000000');
  v_ids uuid[];
begin
  if p_part = 'accounts' then
    v_ids := array(select id from public.accounts where id > v_after order by id limit p_limit);
  else
    v_ids := array(select id from (
        (select id from public.grants where id > v_after order by id limit p_limit) union
        (select id from public.purchases where id > v_after order by id limit p_limit)) c order by id limit p_limit);
  end if;
  if cardinality(v_ids) > 0 then
    perform private.audit_and_keep(p_part, v_ids);
    update private.audit_progress set after_id = v_ids[cardinality(v_ids)],
        begun_at = case when after_id is null then now() else begun_at end
      where part = p_part;
    return true;
  end if;
  -- What was found of an account that is gone would stay for ever.
  delete from private.audit_violations v using private.audit_progress p
    where v.part = p_part and p.part = p_part and v.seen_at < p.begun_at;
  update private.audit_progress set after_id = null, completed_at = clock_timestamp() where part = p_part;
  return false;
end $$;

create function public.audit_some(p_milliseconds int default 1000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_from timestamptz := clock_timestamp();
  v_for interval := make_interval(secs => greatest(1, least(p_milliseconds, 5000)) / 1000.0);
  v_more boolean := true;
  v_part text;
begin
  -- A run whose answer nobody waited for may still be at it: a second one beside it would only make both slower.
  if not pg_try_advisory_xact_lock(24, 1) then
    return jsonb_build_object('status', 'busy');
  end if;
  perform private.audit_and_keep('events', null);
  while v_more and clock_timestamp() < v_from + v_for / 2 loop
    v_more := private.audit_changes(500);
  end loop;
  -- A round is all accounts, then all cards: where the last run stopped, this one goes on.
  v_part := case when (select a.completed_at > coalesce(c.completed_at, '-infinity')
      from private.audit_progress a, private.audit_progress c where a.part = 'accounts' and c.part = 'cards')
    then 'cards' else 'accounts' end;
  loop
    if not private.audit_next(v_part, 100) then
      v_part := case v_part when 'accounts' then 'cards' end;
      exit when v_part is null;
    end if;
    exit when clock_timestamp() >= v_from + v_for;
  end loop;
  update private.audit_state set ran_at = clock_timestamp();
  return jsonb_build_object('status', case when v_part is null then 'complete' else 'more' end, 'violations',
    (select coalesce(jsonb_agg(jsonb_build_object('invariant', v.invariant, 'subject', v.subject, 'detail', v.detail)), '[]')
      from (select * from private.audit_violations where seen_at = now() limit 100) v));
end $$;
comment on function public.audit_some(int) is
  'Audits for so many milliseconds: first what the ledger tells of since the last run, then everything in turn. Status '
  'complete (a whole round is done), more or busy (another run is at it), with what was found, at most 100.';

create function public.audit_figures() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'violations', (select coalesce(jsonb_object_agg(invariant, n), '{}')
      from (select invariant, count(*) as n from private.audit_violations group by invariant) v),
    'ran_seconds_ago', (select floor(extract(epoch from clock_timestamp() - ran_at))::bigint from private.audit_state),
    'round_seconds_ago', (select floor(extract(epoch from clock_timestamp() - min(completed_at)))::bigint
      from private.audit_progress having bool_and(completed_at is not null)))
$$;
comment on function public.audit_figures() is
  'What the audit has found and not seen mended, when it last ran, and when it had last asked everything; null: never.';

revoke all on private.audit_violations, private.audit_progress, private.audit_state
  from public, anon, authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.audit_invariants(), public.audit_some(int), public.audit_figures()
  from public, anon, authenticated;
grant execute on function public.audit_invariants(), public.audit_some(int), public.audit_figures() to service_role;
