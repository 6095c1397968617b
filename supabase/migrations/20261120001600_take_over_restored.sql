-- A worker that takes a call over goes on from what was given back before, too: counting it from zero again, it
-- would report less than is stored, and the caller would pay for the difference.

create or replace function private.call_answer(c public.voice_sessions, p_status text) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object('status', p_status, 'call_id', c.id, 'epoch', c.epoch,
    'granted_seconds', c.granted_seconds, 'used_ms', c.used_ms, 'restored_ms', c.restored_ms,
    'free_seconds', private.free_seconds(a), 'live_calls', a.live_calls, 'final', private.free_seconds(a) = 0)
  from public.time_accounts a where a.user_id = c.user_id
$$;

revoke execute on all functions in schema private from public, anon, authenticated;
