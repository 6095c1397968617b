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

-- Expires what is due but for what live calls keep of it.
create or replace function private.expire_grants_of(p_account_id uuid) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts := private.lock_account(p_account_id);
  v_grant public.grants;
  v_take bigint;
  v_count int := 0;
begin
  if (v_account.first_end <= now()) is not true then
    return 0;
  end if;
  for v_grant in
    select * from public.grants where account_id = p_account_id and status = 'active' and expires_at <= now()
    order by priority, expires_at, created_at, id for update
  loop
    if (v_grant.ended_at >= v_grant.expires_at) is not true then
      perform private.keep_for_calls(v_grant);
      update public.grants set ended_at = now() where id = v_grant.id;
    end if;
    v_take := v_grant.remaining - private.kept_of(v_grant.id);
    continue when v_take <= 0;
    -- A part may come back after it expired, and expire again: each time is an entry of its own.
    perform private.post(p_account_id, v_grant.id, 'expire', -v_take, format('expire:%s:%s', v_grant.id, gen_random_uuid()),
      p_emptied => 'expired');
    v_count := v_count + 1;
  end loop;
  update public.accounts a set first_end = e.first_end
    from (select min(expires_at) as first_end from public.grants where account_id = p_account_id and status = 'active') e
    where a.id = p_account_id and a.first_end is distinct from e.first_end;
  return v_count;
end $$;

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

-- Wherever something becomes free, what ended is expired first, then what is disputed is frozen, and then debt is paid,
-- before anything else can use it.
create or replace function private.pay_debt(p_account_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts;
  v_pay bigint;
  v_key text := 'debt:' || gen_random_uuid();
begin
  perform private.expire_grants_of(p_account_id);
  perform private.freeze_disputed(p_account_id);
  v_account := private.lock_account(p_account_id);
  v_pay := least(v_account.debt, private.free_amount(v_account));
  if v_pay <= 0 then
    return;
  end if;
  perform private.take_from_grants(p_account_id, v_pay, 'debt_payment', v_key);
  perform private.post(p_account_id, null, 'debt_payment', v_pay, v_key);
end $$;

-- Settles a live call, whose account is locked: its hold becomes a charge, a receipt and a settled call.
create or replace function private.finish_call(h public.holds, p_used_ms bigint, p_restored_ms bigint, p_reason text,
  p_by text, p_windows jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_used_ms bigint := least(h.amount * 1000, greatest(h.used_ms, p_used_ms));
  v_restored_ms bigint := least(greatest(h.restored_ms, p_restored_ms), v_used_ms);
  v_charge bigint := (v_used_ms - v_restored_ms) / 1000;
  v_ended_at timestamptz := clock_timestamp();
  v_opened_at timestamptz;
  v_cards jsonb;
  v_account public.accounts;
  v_receipt jsonb;
begin
  -- While the hold is there, so that what ended during the call is kept for it.
  perform private.expire_grants_of(h.account_id);
  v_cards := private.receipt_cards(private.take_from_grants(h.account_id, v_charge, 'use', 'call:' || h.id, h.id));
  delete from public.holds where id = h.id;
  -- Before the receipt, so that its balance is what is really left.
  perform private.pay_debt(h.account_id);
  v_account := private.lock_account(h.account_id);
  select opened_at into strict v_opened_at from public.calls where id = h.id;
  v_receipt := jsonb_build_object('call_id', h.id, 'number', v_account.receipts + 1,
    'opened_at', private.utc_text(v_opened_at), 'ended_at', private.utc_text(v_ended_at),
    'end_reason', p_reason, 'settled_by', p_by,
    'used_ms', v_used_ms, 'restored_ms', v_restored_ms, 'charged_seconds', v_charge,
    'paid_seconds', (select coalesce(sum((line ->> 'paid_seconds')::int), 0) from jsonb_array_elements(v_cards) line),
    'bonus_seconds', (select coalesce(sum((line ->> 'bonus_seconds')::int), 0) from jsonb_array_elements(v_cards) line),
    'rounding', 'down to whole seconds, once per call',
    'slices', jsonb_build_object('slice_seconds', h.slice_seconds, 'granted_seconds', h.amount, 'renewals', h.renewals),
    'cards', v_cards, 'windows', p_windows, 'balance_seconds', v_account.balance,
    'previous_hash', v_account.last_receipt_hash);
  v_receipt := v_receipt || jsonb_build_object('hash', private.receipt_hash(v_receipt));
  update public.accounts set receipts = receipts + 1, last_receipt_hash = v_receipt ->> 'hash' where id = h.account_id;
  update public.calls
    set status = 'settled', epoch = h.epoch, used_ms = v_used_ms, restored_ms = v_restored_ms, charged_seconds = v_charge,
        ended_at = v_ended_at, end_reason = p_reason, settled_by = p_by, receipt = v_receipt
    where id = h.id;
  return v_receipt;
end $$;

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

create or replace function public.renew_call(p_call_id uuid, p_epoch int, p_used_ms bigint,
  p_restored_ms bigint default 0) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_hold record;
  v_refusal record;
  v_free bigint;
  v_live_calls bigint;
  v_ahead bigint;
  v_give bigint;
begin
  -- Rows are locked in the order of the list: account, then hold. After a wait both are read again as they are then.
  select h.account_id, h.epoch, h.amount, h.slice_seconds, h.used_ms, a.balance, a.first_end into v_hold
    from public.holds h join public.accounts a on a.id = h.account_id
    where h.id = p_call_id and h.epoch = p_epoch for update of a, h;
  if not found then
    v_refusal := private.renewal_refusal(p_call_id, p_epoch);
    return case v_refusal.status when 'call_settled'
        then jsonb_build_object('status', 'call_settled', 'charged_seconds', v_refusal.charged_seconds)
      when 'fenced' then jsonb_build_object('status', 'fenced', 'epoch', v_refusal.epoch)
      else jsonb_build_object('status', 'unknown_call') end;
  end if;
  if v_hold.first_end <= now() then
    perform private.expire_grants_of(v_hold.account_id);
    select balance into v_hold.balance from public.accounts where id = v_hold.account_id;
  end if;
  -- A statement of its own: it sees what changed while the lock was waited for.
  select v_hold.balance - sum(amount), count(*) into v_free, v_live_calls
    from public.holds where account_id = v_hold.account_id;
  v_hold.used_ms := least(v_hold.amount * 1000, greatest(v_hold.used_ms, p_used_ms));
  v_ahead := v_hold.amount - (v_hold.used_ms + 999) / 1000;
  -- As private.seconds_to_grant, which would cost as much as the rest.
  v_give := greatest(0, least(v_free, v_hold.slice_seconds - v_ahead,
    greatest(least(5, v_hold.slice_seconds) - v_ahead, v_free / v_live_calls)));
  update public.holds
    set used_ms = v_hold.used_ms, restored_ms = least(greatest(restored_ms, p_restored_ms), v_hold.used_ms),
        amount = amount + v_give, renewals = renewals + 1,
        lease_expires_at = clock_timestamp() + make_interval(secs => slice_seconds + lease_margin_seconds)
    where id = p_call_id;
  return jsonb_build_object('status', 'renewed', 'call_id', p_call_id, 'epoch', v_hold.epoch,
    'granted_seconds', v_hold.amount + v_give, 'used_ms', v_hold.used_ms, 'free_seconds', v_free - v_give,
    'live_calls', v_live_calls, 'final', v_free = v_give);
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

create or replace function public.renew_calls(p_call_ids uuid[], p_epochs int[], p_used_ms bigint[], p_restored_ms bigint[])
returns table (call_id uuid, status text, epoch int, granted_seconds bigint, free_seconds bigint, live_calls int,
  final boolean)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_holds tid[];
  v_accounts uuid[];
  v_balances bigint[];
  v_used_ms bigint[];
  v_restored_ms bigint[];
  v_first_end timestamptz;
begin
  select array_agg(hold), array_agg(account), array_agg(balance), array_agg(used_ms), array_agg(restored_ms), min(first_end)
    into v_holds, v_accounts, v_balances, v_used_ms, v_restored_ms, v_first_end from (
      select h.ctid as hold, a.id as account, a.balance, a.first_end, asked.used_ms, asked.restored_ms
      from (
        -- What one worker reports of a call twice is renewed once, at its latest report. What a worker reports that was
        -- taken over from does not stand in the way of the one that took over.
        select distinct on (id, epoch) * from unnest(p_call_ids, p_epochs, p_used_ms, p_restored_ms)
          as t (id, epoch, used_ms, restored_ms) order by id, epoch, used_ms desc nulls last) asked
      join public.holds h on h.id = asked.id and h.epoch = asked.epoch
      join public.accounts a on a.id = h.account_id
      -- In the order of the accounts, so that two batches with the same ones wait for each other instead of
      -- deadlocking; and of each account the account before its holds.
      order by a.id, h.id for update of a, h) locked;
  if v_first_end <= now() then
    v_balances := private.balances_without_ended(v_accounts);
  end if;
  -- A locked row stays where it is until the end of the transaction, so it is found again by its place, which takes
  -- a third of the time that an index takes.
  return query
  with locked as materialized (
    select h.id, h.account_id, h.epoch, h.amount, h.slice_seconds, h.lease_margin_seconds, asked.hold, asked.balance,
      m.used_ms, least(greatest(h.restored_ms, asked.restored_ms), m.used_ms) as restored_ms,
      h.amount - (m.used_ms + 999) / 1000 as ahead
    from unnest(v_holds, v_balances, v_used_ms, v_restored_ms) as asked (hold, balance, used_ms, restored_ms)
    join public.holds h on h.ctid = asked.hold
    cross join lateral (values (least(h.amount * 1000, greatest(h.used_ms, asked.used_ms)))) m (used_ms)),
  held as materialized (
    select account_id, sum(amount)::bigint as amount, count(*) as calls from public.holds
    where account_id = any (v_accounts) group by account_id),
  wanted as (
    select l.*, h.calls, l.balance - h.amount as free, greatest(0, least(l.balance - h.amount, slice_seconds - ahead,
      greatest(least(5, slice_seconds) - ahead, (l.balance - h.amount) / h.calls))) as want
    from locked l join held h on h.account_id = l.account_id),
  given as materialized (
    -- What several calls of one account want is given in turn, as far as what is free reaches.
    select w.*, greatest(0, least(want, free - ((sum(want) over mine)::bigint - want))) as give,
      least(free, (sum(want) over (partition by account_id))::bigint) as give_all
    from wanted w window mine as (partition by account_id order by id rows unbounded preceding)),
  renewed as (
    update public.holds h
      set used_ms = g.used_ms, restored_ms = g.restored_ms, amount = h.amount + g.give, renewals = h.renewals + 1,
          lease_expires_at = clock_timestamp() + make_interval(secs => g.slice_seconds + g.lease_margin_seconds)
      from given g where h.ctid = g.hold)
  select g.id, 'renewed', g.epoch, g.amount + g.give, g.free - g.give_all, g.calls::int, g.free = g.give_all
  from given g;
  if cardinality(v_holds) = cardinality(p_call_ids) then
    return;
  end if;
  -- A call's epoch only rises and a settled call stays settled, so what was not renewed above is refused here.
  return query
  select asked.id, refusal.status, refusal.epoch, null::bigint, null::bigint, null::int, null::boolean
  from (select distinct on (id, epoch) * from unnest(p_call_ids, p_epochs) as t (id, epoch)) asked
  cross join lateral private.renewal_refusal(asked.id, asked.epoch) refusal
  where refusal.status is not null;
end $$;
comment on function public.renew_calls(uuid[], int[], bigint[], bigint[]) is
  'renew_call for many calls in one statement: the same rules, one row per call and epoch. The arrays go by position.';

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
