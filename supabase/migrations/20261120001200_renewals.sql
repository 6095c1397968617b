-- Renewals of many calls in one statement, and an opening that its own worker may repeat.

create or replace function private.extend_grant(c public.voice_sessions, p_used_ms bigint) returns public.voice_sessions
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.time_accounts := private.lock_account(c.user_id);
  v_used_ms bigint := least(c.granted_seconds * 1000::bigint, greatest(c.used_ms, p_used_ms));
  v_give int := private.seconds_to_grant(private.free_seconds(v_account), v_account.live_calls,
    c.granted_seconds - ceil(v_used_ms / 1000.0)::int, c.slice_seconds);
begin
  update public.voice_sessions
    set used_ms = v_used_ms, restored_ms = least(greatest(restored_ms, c.restored_ms), v_used_ms),
        granted_seconds = granted_seconds + v_give, renewals = renewals + 1,
        lease_expires_at = clock_timestamp() + make_interval(secs => c.slice_seconds + c.lease_margin_seconds)
    where id = c.id returning * into c;
  if v_give > 0 then
    update public.time_accounts set held_seconds = held_seconds + v_give where user_id = c.user_id;
  end if;
  return c;
end $$;

drop function public.renew_call(uuid, int, bigint);
create function public.renew_call(p_call_id uuid, p_epoch int, p_used_ms bigint, p_restored_ms bigint default 0)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_call public.voice_sessions;
begin
  select * into v_call from public.voice_sessions where id = p_call_id;
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  end if;
  perform private.lock_account(v_call.user_id);
  select * into v_call from public.voice_sessions where id = p_call_id for update;
  if v_call.epoch is distinct from p_epoch then
    return jsonb_build_object('status', 'fenced', 'epoch', v_call.epoch);
  elsif v_call.status = 'settled' then
    return jsonb_build_object('status', 'call_settled', 'charged_seconds', v_call.charged_seconds);
  end if;
  v_call.restored_ms := greatest(v_call.restored_ms, p_restored_ms, 0);
  return private.call_answer(private.extend_grant(v_call, greatest(p_used_ms, 0)), 'renewed');
end $$;
comment on function public.renew_call(uuid, int, bigint, bigint) is
  'Reports the cumulative use and raises the grant to used + slice within what is free. '
  'Absolute counters: a repeat changes nothing. A wrong epoch is answered with status fenced: hang up.';

create function public.renew_calls(p_call_ids uuid[], p_epochs int[], p_used_ms bigint[], p_restored_ms bigint[])
returns table (call_id uuid, status text, epoch int, granted_seconds int, free_seconds bigint, live_calls int, final boolean)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  -- In user_id order, so that two batches with the same people wait for each other instead of deadlocking.
  perform 1 from public.time_accounts
    where user_id in (select user_id from public.voice_sessions where id = any (p_call_ids))
    order by user_id for update;
  return query
  with asked as (
    -- A call that is in the batch twice is renewed once, at its latest report.
    select distinct on (id) * from unnest(p_call_ids, p_epochs, p_used_ms, p_restored_ms)
      as t (id, epoch, used_ms, restored_ms) order by id, used_ms desc nulls last),
  found_calls as (
    select asked.id, v.user_id, v.epoch,
      case when v.id is null then 'unknown_call' when v.epoch is distinct from asked.epoch then 'fenced'
           when v.status = 'settled' then 'call_settled' else 'renewed' end as status,
      least(v.granted_seconds * 1000::bigint, greatest(v.used_ms, asked.used_ms)) as used_ms,
      greatest(v.restored_ms, asked.restored_ms) as restored_ms,
      v.granted_seconds, v.slice_seconds, v.lease_margin_seconds
    from asked left join public.voice_sessions v on v.id = asked.id),
  wanted as (
    select f.id, f.user_id, f.used_ms, f.restored_ms, f.slice_seconds, f.lease_margin_seconds,
      a.balance_seconds - a.held_seconds as free, a.live_calls,
      private.seconds_to_grant(a.balance_seconds - a.held_seconds, a.live_calls,
        f.granted_seconds - ceil(f.used_ms / 1000.0)::int, f.slice_seconds) as want
    from found_calls f join public.time_accounts a on a.user_id = f.user_id where f.status = 'renewed'),
  given as (
    select w.*, greatest(0, least(w.want, w.free - (sum(w.want) over mine - w.want)))::int as give
    from wanted w window mine as (partition by w.user_id order by w.id)),
  renewed as (
    update public.voice_sessions v
      set used_ms = g.used_ms, restored_ms = least(g.restored_ms, g.used_ms),
          granted_seconds = v.granted_seconds + g.give, renewals = v.renewals + 1,
          lease_expires_at = clock_timestamp() + make_interval(secs => g.slice_seconds + g.lease_margin_seconds)
      from given g where v.id = g.id returning v.id, v.granted_seconds),
  held as (
    update public.time_accounts a set held_seconds = a.held_seconds + s.give
      from (select user_id, sum(give) as give from given group by user_id having sum(give) > 0) s
      where a.user_id = s.user_id)
  select f.id, f.status, f.epoch, r.granted_seconds,
    (g.free - sum(g.give) over (partition by g.user_id))::bigint, g.live_calls,
    g.free = sum(g.give) over (partition by g.user_id)
  from found_calls f left join given g on g.id = f.id left join renewed r on r.id = f.id;
end $$;
comment on function public.renew_calls(uuid[], int[], bigint[], bigint[]) is
  'renew_call for many calls in one statement: the same rules, one row per call. The arrays go by position.';

drop function public.open_call(uuid, uuid, text, int, int, int);
create function public.open_call(p_call_id uuid, p_user_id uuid, p_room_name text, p_slice_seconds int default 30,
  p_lease_margin_seconds int default 15, p_max_live_calls int default 4, p_worker_id text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.time_accounts := private.lock_account(p_user_id);
  v_call public.voice_sessions;
begin
  if v_account.user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  select * into v_call from public.voice_sessions where id = p_call_id for update;
  if found then
    if v_call.user_id <> p_user_id or v_call.room_name is distinct from p_room_name then
      return jsonb_build_object('status', 'call_mismatch');
    elsif v_call.status = 'settled' then
      return jsonb_build_object('status', 'call_settled');
    end if;
    -- Another worker takes the call over: the new epoch fences the old one, the counters go on. The same worker
    -- only repeats a request whose answer was lost, and must not fence itself.
    update public.voice_sessions
      set epoch = epoch + case when worker_id = p_worker_id then 0 else 1 end, worker_id = p_worker_id
      where id = p_call_id returning * into v_call;
    return private.call_answer(private.extend_grant(v_call, v_call.used_ms), 'open');
  end if;
  if exists (select from public.voice_sessions where room_name = p_room_name and status = 'open') then
    return jsonb_build_object('status', 'room_taken');
  elsif (v_account.live_calls < p_max_live_calls) is not true then
    return jsonb_build_object('status', 'too_many_calls', 'live_calls', v_account.live_calls);
  end if;
  perform private.expire_cards_of(p_user_id);
  v_account := private.lock_account(p_user_id);
  if private.free_seconds(v_account) <= 0 then
    return jsonb_build_object('status', 'no_time_left', 'held_seconds', v_account.held_seconds);
  end if;
  insert into public.voice_sessions (id, user_id, room_name, worker_id, slice_seconds, lease_margin_seconds,
      granted_seconds, lease_expires_at)
    values (p_call_id, p_user_id, p_room_name, p_worker_id, p_slice_seconds, p_lease_margin_seconds, 0, now())
    on conflict do nothing returning * into v_call;
  if not found then
    -- Somebody else, whose account is not locked here, took the room or the id since the look above.
    return jsonb_build_object('status', case when exists (select from public.voice_sessions where id = p_call_id)
      then 'call_mismatch' else 'room_taken' end);
  end if;
  update public.time_accounts set live_calls = live_calls + 1 where user_id = p_user_id;
  return private.call_answer(private.extend_grant(v_call, 0), 'open') || jsonb_build_object('expiring_seconds',
    (select coalesce(sum(remaining_seconds), 0) from public.time_cards
      where user_id = p_user_id and status = 'active' and expires_at < now() + interval '7 days'));
end $$;
comment on function public.open_call(uuid, uuid, text, int, int, int, text) is
  'Opens a call and grants its first slice, or takes an open one over with a new epoch (not for the same worker). '
  'Refuses with status unknown_user, no_time_left, too_many_calls, room_taken, call_settled or call_mismatch. '
  'expiring_seconds is what expires within a week.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.open_call(uuid, uuid, text, int, int, int, text),
  public.renew_call(uuid, int, bigint, bigint), public.renew_calls(uuid[], int[], bigint[], bigint[])
  from public, anon, authenticated;
grant execute on function public.open_call(uuid, uuid, text, int, int, int, text),
  public.renew_call(uuid, int, bigint, bigint), public.renew_calls(uuid[], int[], bigint[], bigint[])
  to service_role;
