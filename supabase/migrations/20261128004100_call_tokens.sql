-- Who may ask for a call, and how often; and who may have one, asked before anything is spent on it.

create table public.call_tokens (
  call_id uuid primary key,
  user_id uuid not null references public.users (id) on delete cascade,
  address_hash text check (address_hash ~ '^[0-9a-f]{64}$'),
  issued_at timestamptz not null default now()
);
comment on table public.call_tokens is
  'Tokens for calls of the last minutes, by person and by the keyed hash of the address that asked. Forgotten after ten minutes.';
create index call_tokens_by_person on public.call_tokens (user_id, issued_at);
create index call_tokens_by_address on public.call_tokens (address_hash, issued_at);
create index call_tokens_to_forget on public.call_tokens (issued_at);

create or replace function public.take_call_token(p_user_id uuid, p_call_id uuid, p_address_hash text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  -- Many requests at once get no more than one after the other. Person before address, as everywhere.
  perform pg_advisory_xact_lock(hashtextextended(p_user_id::text, 4100));
  if p_address_hash is not null then
    perform pg_advisory_xact_lock(hashtextextended(p_address_hash, 4101));
  end if;
  if exists (select from public.call_tokens where call_id = p_call_id) then
    return jsonb_build_object('status', 'taken');
  end if;
  -- Far more than a person needs whose line is bad, and than a house full of people behind one address.
  if (select count(*) from public.call_tokens where user_id = p_user_id and issued_at > now() - interval '1 minute') >= 10
    or (select count(*) from public.call_tokens where user_id = p_user_id and issued_at > now() - interval '10 minutes') >= 40
    or (select count(*) from public.call_tokens
      where address_hash = p_address_hash and issued_at > now() - interval '1 minute') >= 120 then
    return jsonb_build_object('status', 'too_many_requests');
  end if;
  -- The table cleans itself: more is forgotten than is written.
  delete from public.call_tokens where call_id in (select call_id from public.call_tokens
    where issued_at < now() - interval '10 minutes' order by issued_at limit 20 for update skip locked);
  insert into public.call_tokens (call_id, user_id, address_hash) values (p_call_id, p_user_id, p_address_hash);
  return jsonb_build_object('status', 'taken');
end $$;
comment on function public.take_call_token(uuid, uuid, text) is
  'Counts a token for a call: 10 a minute and 40 in ten minutes for a person, 120 a minute for an address. '
  'Refuses with status too_many_requests or unknown_user.';

-- Reads only, and decides nothing: open_call does, under the lock of the account.
create or replace function public.may_call(p_call_id uuid, p_user_id uuid, p_room_name text, p_max_live_calls int default 4) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'status', case
      when not exists (select from public.users where id = p_user_id and deleted_at is null) then 'unknown_user'
      when c.id is not null and (c.user_id <> p_user_id or c.room_name is distinct from p_room_name) then 'call_mismatch'
      when c.status = 'settled' then 'call_settled'
      when c.id is not null then 'open'
      when exists (select from public.calls where room_name = p_room_name and status = 'open') then 'room_taken'
      when (held.calls < p_max_live_calls) is not true then 'too_many_calls'
      when public.calls_in_vain(p_user_id) then 'too_many_short_calls'
      when (held.free > 0) is not true then 'no_time_left'
      else 'open' end,
    'live_calls', held.ids,
    'free_seconds', greatest(coalesce(held.free, 0), 0))
  from (select count(*) as calls, coalesce(jsonb_agg(id), '[]') as ids,
      public.get_user_time_balance(p_user_id) - coalesce(sum(amount - restored_ms / 1000), 0)::bigint as free
    from public.holds where account_id = p_user_id) held
  left join public.calls c on c.id = p_call_id
$$;
comment on function public.may_call(uuid, uuid, text, int) is
  'Whether open_call would open that call now: status open, or the status it would refuse with; the live_calls of the '
  'person, and the free_seconds that none of them holds.';

alter table public.call_tokens enable row level security;
revoke all on public.call_tokens from anon, authenticated, service_role;
grant select on public.call_tokens to service_role;
revoke execute on function public.take_call_token(uuid, uuid, text), public.may_call(uuid, uuid, text, int)
  from public, anon, authenticated;
grant execute on function public.take_call_token(uuid, uuid, text), public.may_call(uuid, uuid, text, int)
  to service_role;
