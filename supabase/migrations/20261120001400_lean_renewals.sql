-- The same renewals for less: one statement locks and reads what a renewal needs, and the formula of
-- private.seconds_to_grant is written out, because calling it took longer than all the rest of a renewal in a batch.
-- So the formula is in three places: change it in all. Figures: docs/metering.md.

-- Calls that were opened together lie together and are renewed together. A page must have room for a second version
-- of all of them, or their updates go to other pages and into every index. Holds for pages filled from now on.
alter table public.voice_sessions set (fillfactor = 50);

create or replace function public.renew_call(p_call_id uuid, p_epoch int, p_used_ms bigint,
  p_restored_ms bigint default 0) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_call record;
  v_ahead int;
  v_give int;
begin
  -- Rows are locked in the order of the list: account, then call. After a wait both are read again as they are then.
  select v.user_id, v.epoch, v.status, v.charged_seconds, v.granted_seconds, v.slice_seconds, v.used_ms,
      a.balance_seconds - a.held_seconds as free, a.live_calls into v_call
    from public.voice_sessions v join public.time_accounts a on a.user_id = v.user_id
    where v.id = p_call_id for update of a, v;
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  elsif v_call.epoch is distinct from p_epoch then
    return jsonb_build_object('status', 'fenced', 'epoch', v_call.epoch);
  elsif v_call.status = 'settled' then
    return jsonb_build_object('status', 'call_settled', 'charged_seconds', v_call.charged_seconds);
  end if;
  v_call.used_ms := least(v_call.granted_seconds * 1000::bigint, greatest(v_call.used_ms, greatest(p_used_ms, 0)));
  v_ahead := v_call.granted_seconds - (v_call.used_ms + 999) / 1000;
  v_give := greatest(0, least(v_call.free, v_call.slice_seconds - v_ahead,
    greatest(least(5, v_call.slice_seconds) - v_ahead, v_call.free / greatest(v_call.live_calls, 1))));
  update public.voice_sessions
    set used_ms = v_call.used_ms, restored_ms = least(greatest(restored_ms, p_restored_ms), v_call.used_ms),
        granted_seconds = granted_seconds + v_give, renewals = renewals + 1,
        lease_expires_at = clock_timestamp() + make_interval(secs => slice_seconds + lease_margin_seconds)
    where id = p_call_id;
  if v_give > 0 then
    update public.time_accounts set held_seconds = held_seconds + v_give where user_id = v_call.user_id;
  end if;
  return jsonb_build_object('status', 'renewed', 'call_id', p_call_id, 'epoch', v_call.epoch,
    'granted_seconds', v_call.granted_seconds + v_give, 'used_ms', v_call.used_ms, 'free_seconds', v_call.free - v_give,
    'live_calls', v_call.live_calls, 'final', v_call.free = v_give);
end $$;

create or replace function public.renew_calls(p_call_ids uuid[], p_epochs int[], p_used_ms bigint[],
  p_restored_ms bigint[])
returns table (call_id uuid, status text, epoch int, granted_seconds int, free_seconds bigint, live_calls int, final boolean)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_calls tid[];
  v_accounts tid[];
  v_used_ms bigint[];
  v_restored_ms bigint[];
begin
  select array_agg(call), array_agg(account), array_agg(used_ms), array_agg(restored_ms)
    into v_calls, v_accounts, v_used_ms, v_restored_ms from (
      select v.ctid as call, a.ctid as account, asked.used_ms, asked.restored_ms
      from (
        -- A call that is in the batch twice is renewed once, at its latest report.
        select distinct on (id) * from unnest(p_call_ids, p_epochs, p_used_ms, p_restored_ms)
          as t (id, epoch, used_ms, restored_ms) order by id, used_ms desc nulls last) asked
      join public.voice_sessions v on v.id = asked.id and v.epoch = asked.epoch and v.status = 'open'
      join public.time_accounts a on a.user_id = v.user_id
      -- In user_id order, so that two batches with the same people wait for each other instead of deadlocking; and
      -- of each person the account before the call.
      order by a.user_id, v.id for update of a, v) locked;
  -- A locked row stays where it is until the end of the transaction, so it is found again by its place, which takes
  -- a third of the time that an index takes.
  return query
  with locked as (
    select v.id, v.user_id, v.epoch, v.granted_seconds, v.slice_seconds, v.lease_margin_seconds,
      asked.call, asked.account, m.used_ms, least(greatest(v.restored_ms, asked.restored_ms), m.used_ms) as restored_ms,
      v.granted_seconds - (m.used_ms + 999) / 1000 as ahead,
      a.balance_seconds - a.held_seconds as free, a.live_calls
    from unnest(v_calls, v_accounts, v_used_ms, v_restored_ms) as asked (call, account, used_ms, restored_ms)
    join public.voice_sessions v on v.ctid = asked.call
    join public.time_accounts a on a.ctid = asked.account
    cross join lateral (
      values (least(v.granted_seconds * 1000::bigint, greatest(v.used_ms, asked.used_ms)))) m (used_ms)),
  wanted as (
    select l.*, greatest(0, least(free, slice_seconds - ahead,
      greatest(least(5, slice_seconds) - ahead, free / greatest(live_calls, 1)))) as want from locked l),
  given as materialized (
    -- What several calls of one person want is given in turn, as far as their free time reaches.
    select w.*, greatest(0, least(want, free - (sum(want) over mine - want)))::int as give,
      least(free, sum(want) over (partition by user_id))::bigint as give_all, row_number() over mine as nth
    from wanted w window mine as (partition by user_id order by id rows unbounded preceding)),
  renewed as (
    update public.voice_sessions v
      set used_ms = g.used_ms, restored_ms = g.restored_ms, granted_seconds = v.granted_seconds + g.give,
          renewals = v.renewals + 1,
          lease_expires_at = clock_timestamp() + make_interval(secs => g.slice_seconds + g.lease_margin_seconds)
      from given g where v.ctid = g.call),
  held as (
    update public.time_accounts a set held_seconds = a.held_seconds + g.give_all
      from given g where g.nth = 1 and g.give_all > 0 and a.ctid = g.account)
  select g.id, 'renewed', g.epoch, g.granted_seconds + g.give, g.free - g.give_all, g.live_calls, g.free = g.give_all
  from given g;
  if cardinality(v_calls) = cardinality(p_call_ids) then
    return;
  end if;
  -- A call's epoch only rises and a settled call stays settled, so what was not renewed above is refused here.
  return query
  select asked.id, case when v.id is null then 'unknown_call' when v.epoch is distinct from asked.epoch then 'fenced'
      when v.status = 'settled' then 'call_settled' end, v.epoch, null::int, null::bigint, null::int, null::boolean
  from (
    select distinct on (id) * from unnest(p_call_ids, p_epochs, p_used_ms, p_restored_ms)
      as t (id, epoch, used_ms, restored_ms) order by id, used_ms desc nulls last) asked
  left join public.voice_sessions v on v.id = asked.id
  where v.id is null or v.epoch is distinct from asked.epoch or v.status = 'settled';
end $$;
