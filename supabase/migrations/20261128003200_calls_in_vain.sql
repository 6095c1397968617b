-- A call of less than a second costs nothing, and still has its greeting: nobody may have those one after the other.

create function public.calls_in_vain(p_user_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select count(*) >= 20 from (
    select from public.calls
    where user_id = p_user_id and opened_at > now() - interval '10 minutes' and settled_by = 'worker'
      and charged_seconds = 0
      and end_reason in ('caller_hung_up', 'caller_never_came', 'never_heard', 'line_lost', 'said_goodbye')
    limit 20) calls
$$;
comment on function public.calls_in_vain(uuid) is
  'Whether a person began 20 calls within ten minutes that ended on their side before a second was charged. More are '
  'refused until the oldest is ten minutes old. Calls that ended on our side do not count. A bad line is not hurt: '
  'somebody who dials again every half a minute, and is cut off each time, never comes to it.';

create or replace function public.open_call(p_call_id uuid, p_user_id uuid, p_room_name text,
  p_slice_seconds int default 30, p_lease_margin_seconds int default 15, p_max_live_calls int default 4,
  p_worker_id text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts := private.lock_account(p_user_id);
  v_live_calls int;
  v_free bigint;
  v_call public.calls;
  v_hold public.holds;
begin
  if v_account.id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  perform private.expire_grants_of(p_user_id);
  v_account := private.lock_account(p_user_id);
  select * into v_call from public.calls where id = p_call_id for update;
  if found then
    if v_call.user_id <> p_user_id or v_call.room_name is distinct from p_room_name then
      return jsonb_build_object('status', 'call_mismatch');
    elsif v_call.status = 'settled' then
      return jsonb_build_object('status', 'call_settled');
    end if;
    -- Another worker takes the call over: the new epoch fences the old one, the counters go on. The same worker
    -- only repeats a request whose answer was lost, and must not fence itself.
    update public.holds set epoch = epoch + case when v_call.worker_id = p_worker_id then 0 else 1 end
      where id = p_call_id returning * into strict v_hold;
    update public.calls set worker_id = p_worker_id where id = p_call_id;
    v_hold := private.extend_hold(v_hold);
    return private.call_answer(v_hold, private.free_amount(v_account), private.live_calls(p_user_id));
  end if;
  v_live_calls := private.live_calls(p_user_id);
  if exists (select from public.calls where room_name = p_room_name and status = 'open') then
    return jsonb_build_object('status', 'room_taken');
  elsif (v_live_calls < p_max_live_calls) is not true then
    return jsonb_build_object('status', 'too_many_calls', 'live_calls', v_live_calls);
  elsif public.calls_in_vain(p_user_id) then
    return jsonb_build_object('status', 'too_many_short_calls');
  end if;
  v_free := private.free_amount(v_account);
  if v_free <= 0 then
    return jsonb_build_object('status', 'no_time_left', 'held_seconds', v_account.balance - v_free);
  end if;
  insert into public.calls (id, user_id, room_name, worker_id) values (p_call_id, p_user_id, p_room_name, p_worker_id)
    on conflict do nothing;
  if not found then
    -- Somebody else, whose account is not locked here, took the room or the id since the look above.
    return jsonb_build_object('status', case when exists (select from public.calls where id = p_call_id)
      then 'call_mismatch' else 'room_taken' end);
  end if;
  v_live_calls := v_live_calls + 1;
  insert into public.holds (id, account_id, unit, amount, slice_seconds, lease_margin_seconds, renewals, lease_expires_at)
    values (p_call_id, p_user_id, 'second', private.seconds_to_grant(v_free, v_live_calls, 0, p_slice_seconds),
      p_slice_seconds, p_lease_margin_seconds, 1,
      clock_timestamp() + make_interval(secs => p_slice_seconds + p_lease_margin_seconds))
    returning * into v_hold;
  return private.call_answer(v_hold, v_free - v_hold.amount, v_live_calls) || jsonb_build_object('expiring_seconds',
    (select coalesce(sum(remaining), 0) from public.grants
      where account_id = p_user_id and status = 'active' and expires_at < now() + interval '7 days'));
end $$;
comment on function public.open_call(uuid, uuid, text, int, int, int, text) is
  'Opens a call and grants its first slice, or takes an open one over with a new epoch (not for the same worker). '
  'Refuses with status unknown_user, no_time_left, too_many_calls, too_many_short_calls, room_taken, call_settled or '
  'call_mismatch. expiring_seconds is what expires within a week.';

revoke execute on function public.calls_in_vain(uuid) from public, anon, authenticated;
grant execute on function public.calls_in_vain(uuid) to service_role;
