-- The end of a grant, also in the middle of a call. What a call had used by then belongs to the grant that ended, and so
-- does what it had been promised: the call may finish its slice. Nobody is promised anything of that grant any more.

alter table public.accounts add column first_end timestamptz;
comment on column public.accounts.first_end is
  'None of the active grants ends before this. A renewal reads it with the account: only where it is past, what ended is '
  'looked for, so that all other renewals stay as they are.';
update public.accounts a set first_end =
  (select min(expires_at) from public.grants where account_id = a.id and status = 'active');
create index accounts_by_first_end on public.accounts (first_end);

create function private.note_first_end() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.accounts set first_end = new.expires_at
    where id = new.account_id and (first_end <= new.expires_at) is not true;
  return null;
end $$;
create trigger note_first_end after insert on public.grants
  for each row when (new.status = 'active') execute function private.note_first_end();
create trigger note_changed_end after update on public.grants
  for each row when (new.status = 'active' and (old.status <> 'active' or old.expires_at is distinct from new.expires_at
    or old.account_id is distinct from new.account_id))
  execute function private.note_first_end();

alter table public.grants add column ended_at timestamptz;
comment on column public.grants.ended_at is
  'When its end was noticed and what live calls keep of it was written down; null, or before expires_at, while it runs.';

create table private.kept_parts (
  hold_id uuid not null references public.holds (id) on delete cascade,
  grant_id uuid not null references public.grants (id) on delete restrict,
  amount bigint not null check (amount > 0),
  primary key (hold_id, grant_id)
);
comment on table private.kept_parts is
  'What a live call keeps of a grant that ended during it: charged to this call first, and to no other. Of a grant that '
  'has ended, what remains is what calls keep.';
create index kept_parts_by_grant on private.kept_parts (grant_id);
revoke all on private.kept_parts from public, anon, authenticated, service_role;

create function private.kept_of(p_grant_id uuid) returns bigint
language sql volatile security definer set search_path = '' as $$
  select coalesce(sum(amount), 0)::bigint from private.kept_parts where grant_id = p_grant_id
$$;

-- Writes down what live calls keep of a grant at its end. What calls hold lies on the grants in their order of use: first
-- what they have used, then their slices, and behind what is used before this grant and has not ended.
create function private.keep_for_calls(g public.grants) returns void
language sql security definer set search_path = '' as $$
  with before as (
    select coalesce(sum(remaining), 0) as amount from public.grants
    where account_id = g.account_id and status = 'active' and priority < g.priority and expires_at > now()),
  held as (
    select h.id, greatest(0, h.amount - h.restored_ms / 1000 - k.amount) as amount,
      greatest(0, (h.used_ms - h.restored_ms + 999) / 1000 - k.amount) as used
    from public.holds h
    cross join lateral (select coalesce(sum(amount), 0)::bigint as amount from private.kept_parts where hold_id = h.id) k
    where h.account_id = g.account_id),
  laid as (
    select id, size, sum(size) over (order by turn, id) as upto
    from held cross join lateral (values (1, least(used, amount)), (2, amount - least(used, amount))) part (turn, size))
  insert into private.kept_parts (hold_id, grant_id, amount)
    select id, g.id, sum(here)::bigint from (
      select id, greatest(0, least(upto, before.amount + g.remaining) - greatest(upto - size, before.amount)) as here
      from laid, before) parts
    group by id having sum(here) > 0
$$;

-- Takes an amount from an account's grants in their order of use, and answers a line for each. Raises if they do not hold
-- it. Of a grant that ended, a call takes what it keeps of it, and nobody else takes anything.
create or replace function private.take_from_grants(p_account_id uuid, p_amount bigint, p_reason text, p_key text,
  p_call_id uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_left bigint := p_amount;
  v_take bigint;
  v_grant public.grants;
  v_lines jsonb := '[]'::jsonb;
begin
  for v_grant in
    select * from public.grants where account_id = p_account_id and status = 'active'
    order by priority, expires_at, created_at, id for update
  loop
    exit when v_left = 0;
    v_take := least(v_left, v_grant.remaining);
    if v_grant.expires_at <= now() then
      v_take := least(v_take, coalesce(
        (select amount from private.kept_parts where hold_id = p_call_id and grant_id = v_grant.id), 0));
    end if;
    continue when v_take = 0;
    perform private.post(p_account_id, v_grant.id, p_reason, -v_take, p_key || ':' || v_grant.id, p_call_id => p_call_id);
    v_lines := v_lines || jsonb_build_object(
      'grant_id', v_grant.id, 'source', v_grant.source, 'amount', v_take,
      'bonus', least(v_take, greatest(0, v_grant.remaining - v_grant.paid)), 'remaining', v_grant.remaining - v_take);
    v_left := v_left - v_take;
  end loop;
  if v_left > 0 then
    raise exception 'account % and its grants disagree by %', p_account_id, v_left;
  end if;
  return v_lines;
end $$;

-- Expires what ended of accounts that the caller has locked, and answers their balances in the same order.
create function private.balances_without_ended(p_account_ids uuid[]) returns bigint[]
language plpgsql security definer set search_path = '' as $$
declare
  v_account_id uuid;
begin
  for v_account_id in
    select id from public.accounts where id = any (p_account_ids) and first_end <= now() order by id
  loop
    begin
      perform private.expire_grants_of(v_account_id);
    exception when others then
      -- One broken account must not keep all others of the batch from being renewed; the audit names it.
      raise warning 'grants of % not expired: %', v_account_id, sqlerrm;
    end;
  end loop;
  return (select array_agg(a.balance order by asked.nth)
    from unnest(p_account_ids) with ordinality asked (id, nth) join public.accounts a on a.id = asked.id);
end $$;

-- The sweep, page by page: an account is locked until its page is done, and a page is soon done.
create function public.expire_cards(p_after uuid default null, p_limit int default 500) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account_id uuid;
  v_last uuid;
  v_count int := 0;
  v_accounts int := 0;
begin
  -- In the order of their ids, so that two sweeps at once wait for each other instead of deadlocking.
  for v_account_id in
    select id from public.accounts where first_end <= now() and (id > p_after or p_after is null)
    order by id limit greatest(1, least(coalesce(p_limit, 500), 10000))
  loop
    v_accounts := v_accounts + 1;
    v_last := v_account_id;
    begin
      v_count := v_count + private.expire_grants_of(v_account_id);
    exception when others then
      -- One broken account must not keep everybody else's sweep from happening; the audit names it.
      raise warning 'grants of % not swept: %', v_account_id, sqlerrm;
    end;
  end loop;
  return jsonb_build_object('cards', v_count, 'next',
    case when v_accounts = greatest(1, least(coalesce(p_limit, 500), 10000)) then v_last end);
end $$;
comment on function public.expire_cards(uuid, int) is
  'Expires what is due of so many accounts, from the one after the given one on. Answers how many cards, and where to go '
  'on; next is null where all are done.';

create or replace function public.cleanup_expired_time_cards() returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_page jsonb := '{}';
  v_count int := 0;
begin
  loop
    v_page := public.expire_cards((v_page ->> 'next')::uuid);
    v_count := v_count + (v_page ->> 'cards')::int;
    exit when v_page ->> 'next' is null;
  end loop;
  return v_count;
end $$;
comment on function public.cleanup_expired_time_cards() is
  'Expires all that is due, in one transaction; answers how many cards. The sidecar goes page by page, with expire_cards.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.expire_cards(uuid, int) from public, anon, authenticated;
grant execute on function public.expire_cards(uuid, int) to service_role;
