-- A word to whoever looks, that something of a person has changed: fetch it again. It is heard when the transaction commits,
-- by every replica that listens, and says neither what changed nor how. Renewals of calls say nothing: they change holds only.

create function private.hint() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_notify('mindbot_hints',
    (to_jsonb(case when tg_op = 'DELETE' then old else new end) ->> tg_argv[0]) || ' ' || tg_argv[1]);
  return null;
end $$;

create trigger hint_at_balance after update on public.accounts
  for each row when (new.owner_kind = 'person' and (old.balance <> new.balance or old.debt <> new.debt))
  execute function private.hint('owner_id', 'balance');
create trigger hint_at_call after insert or update of status on public.calls
  for each row execute function private.hint('user_id', 'calls');
create trigger hint_at_purchase after update on public.purchases
  for each row when (row(old.status, old.refunded_cents, old.disputed_cents, old.lost_cents, old.deliver_at)
    is distinct from row(new.status, new.refunded_cents, new.disputed_cents, new.lost_cents, new.deliver_at))
  execute function private.hint('user_id', 'purchases');
create trigger hint_at_support after insert or update of status on private.support_requests
  for each row execute function private.hint('user_id', 'support');
-- What is remembered changes after a call, and by the person in another window.
create trigger hint_at_memory after insert or update or delete on public.caller_memories
  for each row execute function private.hint('user_id', 'memories');

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
