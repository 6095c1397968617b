-- A word to whoever looks, that something of a person has changed: fetch it again. It is heard when the transaction commits,
-- by every replica that listens, and says neither what changed nor how. Renewals of calls say nothing: they change holds only.

-- A transaction that tells holds up the commits of all others that tell, so most, at whose page nobody looks, must not.
create unlogged table private.lookers (
  user_id uuid primary key,
  looks_until timestamptz not null
);
comment on table private.lookers is
  'Whose pages are open, as those who serve them say again and again. Nothing depends on it but who is told.';
create index lookers_by_end on private.lookers (looks_until);
revoke all on private.lookers from public, anon, authenticated, service_role;

create function public.note_lookers(p_user_ids uuid[], p_seconds int) returns int
language plpgsql security definer set search_path = '' as $$
begin
  -- In one order, so that two who serve the same people wait for each other instead of deadlocking.
  insert into private.lookers as l (user_id, looks_until)
    select id, now() + make_interval(secs => p_seconds) from unnest(p_user_ids) id group by id order by id
    on conflict (user_id) do update set looks_until = greatest(l.looks_until, excluded.looks_until);
  delete from private.lookers where user_id in
    (select user_id from private.lookers where looks_until < now() for update skip locked);
  return cardinality(p_user_ids);
end $$;
comment on function public.note_lookers(uuid[], int) is
  'Changes of these people are told for so many seconds from now on. Answers how many they are.';

create function private.hint() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid;
begin
  if tg_table_name = 'accounts' then
    v_user_id := new.owner_id;
  elsif tg_op = 'DELETE' then
    v_user_id := old.user_id;
  else
    v_user_id := new.user_id;
  end if;
  if exists (select from private.lookers where user_id = v_user_id and looks_until > now()) then
    perform pg_notify('mindbot_hints', v_user_id || ' ' || tg_argv[0]);
  end if;
  return null;
end $$;

create trigger hint_at_balance after update on public.accounts
  for each row when (new.owner_kind = 'person' and (old.balance <> new.balance or old.debt <> new.debt))
  execute function private.hint('balance');
create trigger hint_at_call after insert or update of status on public.calls
  for each row execute function private.hint('calls');
create trigger hint_at_purchase after update on public.purchases
  for each row when (row(old.status, old.refunded_cents, old.disputed_cents, old.lost_cents, old.deliver_at)
    is distinct from row(new.status, new.refunded_cents, new.disputed_cents, new.lost_cents, new.deliver_at))
  execute function private.hint('purchases');
create trigger hint_at_support after insert or update of status on private.support_requests
  for each row execute function private.hint('support');
-- What is remembered changes after a call, and by the person in another window.
create trigger hint_at_memory after insert or update or delete on public.caller_memories
  for each row execute function private.hint('memories');

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.note_lookers(uuid[], int) from public, anon, authenticated;
grant execute on function public.note_lookers(uuid[], int) to service_role;
