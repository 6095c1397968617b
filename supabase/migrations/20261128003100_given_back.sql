-- What a live call gave back is free at once: it was held for the call until its settlement, which ended with "time is
-- used up" while an outage had given minutes back. A hold keeps its counters, which only grow; what it promises is the
-- amount less the whole seconds that were restored of it.

create or replace function private.free_amount(a public.accounts) returns bigint
language sql security definer set search_path = '' as $$
  select a.balance - coalesce(sum(h.amount - h.restored_ms / 1000), 0)::bigint
  from public.holds h where h.account_id = a.id
$$;

create or replace view public.time_accounts with (security_invoker = true) as
  select a.id as user_id, a.balance as balance_seconds, h.held_seconds, a.debt as debt_seconds, h.live_calls
  from public.accounts a
  cross join lateral (select coalesce(sum(amount - restored_ms / 1000), 0)::bigint as held_seconds,
      count(*)::int as live_calls
    from public.holds where account_id = a.id) h
  where a.owner_kind = 'person' and a.unit = 'second';

-- A live call gives back so much of what it was counted: its account is locked. Of grants that ended meanwhile it keeps no
-- more than it is still promised. What becomes free expires, is frozen or pays debt before anything else can use it, this
-- call included.
create function private.release_restored(p_hold_id uuid, p_used_ms bigint, p_restored_ms bigint) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_hold public.holds;
  v_over bigint;
  v_part record;
begin
  update public.holds set used_ms = p_used_ms, restored_ms = p_restored_ms where id = p_hold_id returning * into strict v_hold;
  select coalesce(sum(amount), 0) - (v_hold.amount - v_hold.restored_ms / 1000) into v_over
    from private.kept_parts where hold_id = p_hold_id;
  for v_part in
    select k.grant_id, k.amount from private.kept_parts k join public.grants g on g.id = k.grant_id
    where k.hold_id = p_hold_id order by g.priority desc, g.expires_at desc, g.created_at desc, g.id desc
  loop
    exit when v_over <= 0;
    delete from private.kept_parts
      where hold_id = p_hold_id and grant_id = v_part.grant_id and amount <= v_over;
    update private.kept_parts set amount = amount - v_over where hold_id = p_hold_id and grant_id = v_part.grant_id;
    v_over := v_over - v_part.amount;
  end loop;
  perform private.pay_debt(v_hold.account_id);
end $$;

create or replace function public.renew_call(p_call_id uuid, p_epoch int, p_used_ms bigint,
  p_restored_ms bigint default 0) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_hold record;
  v_refusal record;
  v_free bigint;
  v_live_calls bigint;
  v_ahead bigint;
  v_give bigint;
  v_restored_ms bigint;
begin
  -- Rows are locked in the order of the list: account, then hold. After a wait both are read again as they are then.
  select h.account_id, h.epoch, h.amount, h.slice_seconds, h.used_ms, h.restored_ms, a.balance,
      a.first_end into v_hold
    from public.holds h join public.accounts a on a.id = h.account_id
    where h.id = p_call_id and h.epoch = p_epoch for update of a, h;
  if not found then
    v_refusal := private.renewal_refusal(p_call_id, p_epoch);
    return case v_refusal.status when 'call_settled'
        then jsonb_build_object('status', 'call_settled', 'charged_seconds', v_refusal.charged_seconds)
      when 'fenced' then jsonb_build_object('status', 'fenced', 'epoch', v_refusal.epoch)
      else jsonb_build_object('status', 'unknown_call') end;
  end if;
  if v_hold.first_end <= now() then
    perform private.expire_grants_of(v_hold.account_id);
    select balance into v_hold.balance from public.accounts where id = v_hold.account_id;
  end if;
  v_hold.used_ms := least(v_hold.amount * 1000, greatest(v_hold.used_ms, p_used_ms));
  v_restored_ms := least(greatest(v_hold.restored_ms, p_restored_ms), v_hold.used_ms);
  if v_restored_ms / 1000 > v_hold.restored_ms / 1000 then
    perform private.release_restored(p_call_id, v_hold.used_ms, v_restored_ms);
    select balance into v_hold.balance from public.accounts where id = v_hold.account_id;
  end if;
  -- A statement of its own: it sees what changed while the lock was waited for.
  select v_hold.balance - sum(amount - restored_ms / 1000), count(*) into v_free, v_live_calls
    from public.holds where account_id = v_hold.account_id;
  v_ahead := v_hold.amount - (v_hold.used_ms + 999) / 1000;
  -- As private.seconds_to_grant, which would cost as much as the rest.
  v_give := greatest(0, least(v_free, v_hold.slice_seconds - v_ahead,
    greatest(least(5, v_hold.slice_seconds) - v_ahead, v_free / v_live_calls)));
  update public.holds
    set used_ms = v_hold.used_ms, restored_ms = v_restored_ms, amount = amount + v_give, renewals = renewals + 1,
        lease_expires_at = clock_timestamp() + make_interval(secs => slice_seconds + lease_margin_seconds)
    where id = p_call_id;
  return jsonb_build_object('status', 'renewed', 'call_id', p_call_id, 'epoch', v_hold.epoch,
    'granted_seconds', v_hold.amount + v_give, 'used_ms', v_hold.used_ms, 'free_seconds', v_free - v_give,
    'live_calls', v_live_calls, 'final', v_free = v_give);
end $$;

create or replace function public.renew_calls(p_call_ids uuid[], p_epochs int[], p_used_ms bigint[], p_restored_ms bigint[])
returns table (call_id uuid, status text, epoch int, granted_seconds bigint, free_seconds bigint, live_calls int,
  final boolean)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_holds tid[];
  v_accounts uuid[];
  v_balances bigint[];
  v_used_ms bigint[];
  v_restored_ms bigint[];
  v_first_end timestamptz;
  v_is_back boolean;
  v_back record;
begin
  -- Once, and again after something was given back: that changes balances and the places of rows.
  for v_round in 1..2 loop
    select array_agg(hold), array_agg(account), array_agg(balance), array_agg(used_ms), array_agg(restored_ms), min(first_end)
      into v_holds, v_accounts, v_balances, v_used_ms, v_restored_ms, v_first_end from (
        select h.ctid as hold, a.id as account, a.balance, a.first_end, asked.used_ms, asked.restored_ms
        from (
          -- What one worker reports of a call twice is renewed once, at its latest report. What a worker reports that was
          -- taken over from does not stand in the way of the one that took over.
          select distinct on (id, epoch) * from unnest(p_call_ids, p_epochs, p_used_ms, p_restored_ms)
            as t (id, epoch, used_ms, restored_ms) order by id, epoch, used_ms desc nulls last) asked
        join public.holds h on h.id = asked.id and h.epoch = asked.epoch
        join public.accounts a on a.id = h.account_id
        -- In the order of the accounts, so that two batches with the same ones wait for each other instead of
        -- deadlocking; and of each account the account before its holds.
        order by a.id, h.id for update of a, h) locked;
    exit when v_round = 2;
    v_is_back := false;
    for v_back in
      select h.id, m.used_ms, least(asked.restored_ms, m.used_ms) as restored_ms
      from (select * from unnest(v_holds, v_used_ms, v_restored_ms) as t (hold, used_ms, restored_ms)
        where restored_ms >= 1000) asked
      join public.holds h on h.ctid = asked.hold
      cross join lateral (values (least(h.amount * 1000, greatest(h.used_ms, asked.used_ms)))) m (used_ms)
      where least(asked.restored_ms, m.used_ms) / 1000 > h.restored_ms / 1000
    loop
      perform private.release_restored(v_back.id, v_back.used_ms, v_back.restored_ms);
      v_is_back := true;
    end loop;
    exit when not v_is_back;
  end loop;
  if v_first_end <= now() then
    v_balances := private.balances_without_ended(v_accounts);
  end if;
  -- A locked row stays where it is until the end of the transaction, so it is found again by its place, which takes
  -- a third of the time that an index takes.
  return query
  with locked as materialized (
    select h.id, h.account_id, h.epoch, h.amount, h.slice_seconds, h.lease_margin_seconds, asked.hold, asked.balance,
      m.used_ms, least(greatest(h.restored_ms, asked.restored_ms), m.used_ms) as restored_ms,
      h.amount - (m.used_ms + 999) / 1000 as ahead
    from unnest(v_holds, v_balances, v_used_ms, v_restored_ms) as asked (hold, balance, used_ms, restored_ms)
    join public.holds h on h.ctid = asked.hold
    cross join lateral (values (least(h.amount * 1000, greatest(h.used_ms, asked.used_ms)))) m (used_ms)),
  held as materialized (
    select account_id, sum(amount - restored_ms / 1000)::bigint as amount, count(*) as calls from public.holds
    where account_id = any (v_accounts) group by account_id),
  wanted as (
    select l.*, h.calls, l.balance - h.amount as free, greatest(0, least(l.balance - h.amount, slice_seconds - ahead,
      greatest(least(5, slice_seconds) - ahead, (l.balance - h.amount) / h.calls))) as want
    from locked l join held h on h.account_id = l.account_id),
  given as materialized (
    -- What several calls of one account want is given in turn, as far as what is free reaches.
    select w.*, greatest(0, least(want, free - ((sum(want) over mine)::bigint - want))) as give,
      least(free, (sum(want) over (partition by account_id))::bigint) as give_all
    from wanted w window mine as (partition by account_id order by id rows unbounded preceding)),
  renewed as (
    update public.holds h
      set used_ms = g.used_ms, restored_ms = g.restored_ms, amount = h.amount + g.give, renewals = h.renewals + 1,
          lease_expires_at = clock_timestamp() + make_interval(secs => g.slice_seconds + g.lease_margin_seconds)
      from given g where h.ctid = g.hold)
  select g.id, 'renewed', g.epoch, g.amount + g.give, g.free - g.give_all, g.calls::int, g.free = g.give_all
  from given g;
  if cardinality(v_holds) = cardinality(p_call_ids) then
    return;
  end if;
  -- A call's epoch only rises and a settled call stays settled, so what was not renewed above is refused here.
  return query
  select asked.id, refusal.status, refusal.epoch, null::bigint, null::bigint, null::int, null::boolean
  from (select distinct on (id, epoch) * from unnest(p_call_ids, p_epochs) as t (id, epoch)) asked
  cross join lateral private.renewal_refusal(asked.id, asked.epoch) refusal
  where refusal.status is not null;
end $$;
comment on function public.renew_calls(uuid[], int[], bigint[], bigint[]) is
  'renew_call for many calls in one statement: the same rules, one row per call and epoch. The arrays go by position.';

comment on table public.holds is
  'What is promised to a live call, under the id of that call, and deleted when the call settles. amount, used_ms and '
  'restored_ms are absolute counters since the call began, so a repeated report is harmless; what is still promised is '
  'amount less the whole seconds restored. The only row that a renewal writes.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
