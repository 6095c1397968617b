-- What is remembered of a person changes after their calls, and by themselves in another window.

create or replace function private.hint() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_notify('mindbot_hints',
    (to_jsonb(case when tg_op = 'DELETE' then old else new end) ->> tg_argv[0]) || ' ' || tg_argv[1]);
  return null;
end $$;
create trigger hint_at_memory after insert or update or delete on public.caller_memories
  for each row execute function private.hint('user_id', 'memories');

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
