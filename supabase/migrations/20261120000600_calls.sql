-- Metering a live call: hold, use, settle (the smallest form of RFC 8506).
-- Lock order everywhere: account, then call, then cards. Time is the database's clock, never the worker's.

-- Seconds to add to a call's grant: a fair share of what is free, so that 5 seconds or more, and the configured
-- slice or less, lie ahead of what it used. What lies ahead already counts: a slice of the free time alone would
-- shrink with every renewal, and the last one, which warns the caller, would be a single second.
create function private.seconds_to_grant(p_free bigint, p_live_calls int, p_ahead_seconds int, p_max int) returns int
language sql immutable set search_path = '' as $$
  select greatest(0, least(p_free, p_max - p_ahead_seconds,
    greatest(least(5, p_max) - p_ahead_seconds, p_free / greatest(p_live_calls, 1))))::int
$$;

-- Volatile, because a stable function would not see what extend_grant wrote in the same statement.
create function private.call_answer(c public.voice_sessions, p_status text) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object('status', p_status, 'call_id', c.id, 'epoch', c.epoch,
    'granted_seconds', c.granted_seconds, 'used_ms', c.used_ms, 'free_seconds', private.free_seconds(a),
    'live_calls', a.live_calls, 'final', private.free_seconds(a) = 0)
  from public.time_accounts a where a.user_id = c.user_id
$$;

-- Raises the grant so that a slice is ahead of what was used, as far as free time reaches, and extends the lease.
create function private.extend_grant(c public.voice_sessions, p_used_ms bigint) returns public.voice_sessions
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.time_accounts := private.lock_account(c.user_id);
  v_used_ms bigint := least(c.granted_seconds * 1000::bigint, greatest(c.used_ms, p_used_ms));
  v_give int := private.seconds_to_grant(private.free_seconds(v_account), v_account.live_calls,
    c.granted_seconds - ceil(v_used_ms / 1000.0)::int, c.slice_seconds);
begin
  update public.voice_sessions
    set used_ms = v_used_ms, granted_seconds = granted_seconds + v_give,
        lease_expires_at = clock_timestamp() + make_interval(secs => c.slice_seconds + c.lease_margin_seconds)
    where id = c.id returning * into c;
  if v_give > 0 then
    update public.time_accounts set held_seconds = held_seconds + v_give where user_id = c.user_id;
  end if;
  return c;
end $$;

create function public.open_call(p_call_id uuid, p_user_id uuid, p_room_name text, p_slice_seconds int default 30,
  p_lease_margin_seconds int default 15, p_max_live_calls int default 4) returns jsonb
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
    -- Another worker takes the call over: the new epoch fences the old one, the counters go on.
    update public.voice_sessions set epoch = epoch + 1 where id = p_call_id returning * into v_call;
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
  insert into public.voice_sessions
    (id, user_id, room_name, slice_seconds, lease_margin_seconds, granted_seconds, lease_expires_at)
    values (p_call_id, p_user_id, p_room_name, p_slice_seconds, p_lease_margin_seconds, 0, now())
    on conflict do nothing returning * into v_call;
  if not found then
    -- Somebody else, whose account is not locked here, took the room or the id since the look above.
    return jsonb_build_object('status', case when exists (select from public.voice_sessions where id = p_call_id)
      then 'call_mismatch' else 'room_taken' end);
  end if;
  update public.time_accounts set live_calls = live_calls + 1 where user_id = p_user_id;
  return private.call_answer(private.extend_grant(v_call, 0), 'open');
end $$;
comment on function public.open_call(uuid, uuid, text, int, int, int) is
  'Opens a call and grants its first slice, or takes an open one over with a new epoch. '
  'Refuses with status unknown_user, no_time_left, too_many_calls, room_taken, call_settled or call_mismatch.';

create function public.renew_call(p_call_id uuid, p_epoch int, p_used_ms bigint) returns jsonb
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
  return private.call_answer(private.extend_grant(v_call, greatest(p_used_ms, 0)), 'renewed');
end $$;
comment on function public.renew_call(uuid, int, bigint) is
  'Reports the cumulative use and raises the grant to used + slice within what is free. '
  'Absolute counters: a repeat changes nothing. A wrong epoch is answered with status fenced: hang up.';

-- Turns used into charged, whole seconds rounded down once, releases the rest, and writes the receipt.
create function private.finish_call(c public.voice_sessions, p_used_ms bigint, p_reason text, p_by text, p_windows jsonb)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_used_ms bigint := least(c.granted_seconds * 1000::bigint, greatest(c.used_ms, p_used_ms));
  v_charge int := floor(v_used_ms / 1000.0);
  v_lines jsonb;
  v_receipt jsonb;
begin
  update public.time_accounts
    set held_seconds = held_seconds - c.granted_seconds, live_calls = live_calls - 1 where user_id = c.user_id;
  v_lines := private.take_from_cards(c.user_id, v_charge, 'use', 'call:' || c.id, c.id);
  -- Before the receipt, so that its balance is what is really left.
  perform private.pay_debt(c.user_id);
  v_receipt := jsonb_build_object('call_id', c.id, 'opened_at', to_char(c.opened_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'ended_at', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'end_reason', p_reason, 'settled_by', p_by, 'used_ms', v_used_ms, 'charged_seconds', v_charge,
    'rounding', 'down to whole seconds, once per call', 'cards', v_lines, 'windows', p_windows,
    'balance_seconds', (select balance_seconds from public.time_accounts where user_id = c.user_id));
  update public.voice_sessions
    set status = 'settled', used_ms = v_used_ms, charged_seconds = v_charge, ended_at = clock_timestamp(),
        end_reason = p_reason, settled_by = p_by, receipt = v_receipt
    where id = c.id;
  return v_receipt;
end $$;

create function public.settle_call(p_call_id uuid, p_epoch int, p_used_ms bigint, p_end_reason text,
  p_windows jsonb default '[]') returns jsonb
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
    return jsonb_build_object('status', 'settled', 'replayed', true, 'receipt', v_call.receipt);
  end if;
  return jsonb_build_object('status', 'settled', 'replayed', false, 'receipt',
    private.finish_call(v_call, greatest(p_used_ms, 0), left(p_end_reason, 100), 'worker', p_windows));
end $$;
comment on function public.settle_call(uuid, int, bigint, text, jsonb) is
  'Ends a call once. A repeat answers the stored receipt; a wrong epoch is answered with status fenced.';

create function public.reap_calls(p_limit int default 200) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_candidate record;
  v_call public.voice_sessions;
  v_reaped jsonb := '[]'::jsonb;
begin
  -- In user_id order, so that two reapers at once wait for each other instead of deadlocking.
  for v_candidate in
    select id, user_id from (
      select id, user_id from public.voice_sessions where status = 'open' and lease_expires_at < clock_timestamp()
      order by lease_expires_at limit p_limit) due order by user_id, id
  loop
    perform private.lock_account(v_candidate.user_id);
    select * into v_call from public.voice_sessions
      where id = v_candidate.id and status = 'open' and lease_expires_at < clock_timestamp() for update;
    continue when not found;
    begin
      perform private.finish_call(v_call, v_call.used_ms, 'lease_expired', 'reaper', '[]'::jsonb);
      v_reaped := v_reaped || to_jsonb(v_call.id);
    exception when others then
      -- One broken account must not keep every other dead call from ending; the audit names it.
      raise warning 'call % not reaped: %', v_call.id, sqlerrm;
    end;
  end loop;
  return v_reaped;
end $$;
comment on function public.reap_calls(int) is
  'Settles calls whose lease ran out at the last use reported. The operator bears at most one slice of each; '
  'the caller never pays for what was not reported.';

create function public.room_finished(p_room_name text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  -- A hint, not a truth: the worker still settles first, and a late or repeated hint never moves a lease forward.
  update public.voice_sessions
    set lease_expires_at = least(lease_expires_at, now() + make_interval(secs => lease_margin_seconds))
    where room_name = p_room_name and status = 'open';
  return found;
end $$;
comment on function public.room_finished(text) is 'LiveKit says the room is gone: let the reaper look soon.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.open_call(uuid, uuid, text, int, int, int), public.renew_call(uuid, int, bigint),
  public.settle_call(uuid, int, bigint, text, jsonb), public.reap_calls(int), public.room_finished(text)
  from public, anon, authenticated;
grant execute on function public.open_call(uuid, uuid, text, int, int, int), public.renew_call(uuid, int, bigint),
  public.settle_call(uuid, int, bigint, text, jsonb), public.reap_calls(int), public.room_finished(text)
  to service_role;
