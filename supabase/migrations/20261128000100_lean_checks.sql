-- A renewal is checked against every CHECK of its table, each of which PostgreSQL parses anew for each statement. What a
-- renewal never changes is checked by its type, at the one time it is written; what it changes, by one expression.
create domain private.slice_seconds as int check (value between 1 and 3600);
create domain private.lease_margin_seconds as int check (value between 0 and 3600);

-- The view names two of the columns, so it stands aside meanwhile.
drop view public.voice_sessions;

alter table public.holds
  drop constraint holds_amount_check,
  drop constraint holds_used_ms_check,
  drop constraint holds_restored_ms_check,
  drop constraint holds_slice_seconds_check,
  drop constraint holds_lease_margin_seconds_check,
  drop constraint holds_epoch_check,
  drop constraint used_is_held,
  drop constraint restored_was_used,
  alter column slice_seconds type private.slice_seconds,
  alter column lease_margin_seconds type private.lease_margin_seconds,
  add constraint used_is_held_and_restored_was_used
    check (restored_ms >= 0 and restored_ms <= used_ms and used_ms <= amount * 1000 and epoch > 0);

create view public.voice_sessions with (security_invoker = true) as
  select c.id, c.user_id, c.room_name, c.worker_id, c.status, coalesce(c.epoch, h.epoch) as epoch,
    coalesce(h.slice_seconds, (c.receipt -> 'slices' ->> 'slice_seconds')::int) as slice_seconds,
    h.lease_margin_seconds,
    coalesce(h.amount, (c.receipt -> 'slices' ->> 'granted_seconds')::bigint) as granted_seconds,
    coalesce(c.used_ms, h.used_ms) as used_ms, coalesce(c.restored_ms, h.restored_ms) as restored_ms,
    coalesce(h.renewals, (c.receipt -> 'slices' ->> 'renewals')::int) as renewals, h.lease_expires_at,
    c.charged_seconds, c.opened_at, c.ended_at, c.end_reason, c.settled_by, c.receipt,
    c.turns, c.interruptions, c.errors, c.latency_p50_ms, c.latency_p95_ms, c.quality
  from public.calls c left join public.holds h on h.id = c.id;
comment on view public.voice_sessions is
  'Calls as people may see theirs, live ones with their hold: seconds granted, milliseconds used and restored so far.';
grant select on public.voice_sessions to authenticated, service_role;
