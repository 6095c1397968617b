-- Calls: hold a slice, renew it while it is used, settle once, and explain every second.

create table public.calls (
  id uuid primary key,
  user_id uuid not null references public.users (id) on delete restrict,
  room_name text not null check (length(room_name) between 1 and 200),
  worker_id text,
  status text not null default 'open' check (status in ('open', 'settled')),
  opened_at timestamptz not null default now(),
  ended_at timestamptz,
  end_reason text,
  settled_by text check (settled_by in ('worker', 'reaper')),
  epoch int check (epoch > 0),
  used_ms bigint check (used_ms >= 0),
  restored_ms bigint check (restored_ms between 0 and used_ms),
  charged_seconds int check (charged_seconds >= 0),
  receipt jsonb,
  turns int,
  interruptions int,
  errors int,
  latency_p50_ms int,
  latency_p95_ms int,
  provider_cost_micros bigint,
  quality smallint,
  measures jsonb,
  check (num_nulls(ended_at, epoch, used_ms, restored_ms, charged_seconds, receipt)
    = case status when 'settled' then 0 else 6 end)
);
comment on table public.calls is
  'One row per call. What a live call is promised and has used stands in its hold, and here when it is settled.';
comment on column public.calls.epoch is 'Which worker owned it at the end; of a live call, see its hold.';
comment on column public.calls.restored_ms is
  'Part of used_ms that turned out to be free, as when a provider failed. It is not charged.';
comment on column public.calls.latency_p50_ms is
  'Median of the turns, from the end of what the caller said to the first sound of the answer.';
comment on column public.calls.provider_cost_micros is
  'Estimate at list prices, in millionths of a US dollar; models without a price are named in measures.unpriced.';
comment on column public.calls.quality is '0 to 100, by the formula in docs/voice-measures.md.';
comment on column public.calls.measures is
  'Figures only, never words. {"dropped": why} in place of measures that could not be stored.';
create unique index calls_one_open_call_per_room on public.calls (room_name) where status = 'open';
create index calls_history on public.calls (user_id, opened_at desc);
create index calls_opened on public.calls using brin (opened_at) with (pages_per_range = 16);

alter table public.ledger add foreign key (call_id) references public.calls (id) on delete restrict;

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

-- Seconds to add to a call's hold: a fair share of what is free, so that 5 seconds or more, and the configured
-- slice or less, lie ahead of what it used. What lies ahead already counts: a slice of the free time alone would
-- shrink with every renewal, and the last one, which warns the caller, would be a single second.
create function private.seconds_to_grant(p_free bigint, p_live_calls bigint, p_ahead_seconds bigint, p_max int)
returns bigint
language sql immutable set search_path = '' as $$
  select greatest(0, least(p_free, p_max - p_ahead_seconds,
    greatest(least(5, p_max) - p_ahead_seconds, p_free / greatest(p_live_calls, 1))))
$$;

create function private.live_calls(p_account_id uuid) returns int
language sql volatile security definer set search_path = '' as $$
  select count(*)::int from public.holds where account_id = p_account_id
$$;

create function private.call_answer(h public.holds, p_free bigint, p_live_calls int) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('status', 'open', 'call_id', h.id, 'epoch', h.epoch, 'granted_seconds', h.amount,
    'used_ms', h.used_ms, 'restored_ms', h.restored_ms, 'free_seconds', p_free, 'live_calls', p_live_calls,
    'final', p_free = 0)
$$;

create function private.extend_hold(h public.holds) returns public.holds
language plpgsql security definer set search_path = '' as $$
declare
  v_free bigint := private.free_amount(private.lock_account(h.account_id));
begin
  update public.holds
    set amount = amount + private.seconds_to_grant(v_free, private.live_calls(account_id),
          amount - (used_ms + 999) / 1000, slice_seconds),
        renewals = renewals + 1,
        lease_expires_at = clock_timestamp() + make_interval(secs => slice_seconds + lease_margin_seconds)
    where id = h.id returning * into h;
  return h;
end $$;

-- The hash of a receipt: SHA-256 over the text of its JSON as PostgreSQL writes it, without the hash itself.
create function private.receipt_hash(p_receipt jsonb) returns text
language sql immutable set search_path = '' as $$
  select encode(sha256(convert_to((p_receipt - 'hash')::text, 'UTF8')), 'hex')
$$;

-- What was taken from each card, with the price that was paid for it.
create function private.receipt_cards(p_lines jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(line || jsonb_build_object(
      'paid_seconds', (line ->> 'seconds')::bigint - (line ->> 'bonus_seconds')::bigint,
      'package_id', g.package_id, 'expires_at', private.utc_text(g.expires_at),
      'tariff', case when p.id is not null then jsonb_build_object('price_cents', p.amount_cents,
        'currency', p.currency, 'seconds', g.paid + g.bonus) end) order by position), '[]')
  from jsonb_array_elements(private.card_lines(p_lines)) with ordinality as l (line, position)
  join public.grants g on g.id = (line ->> 'card_id')::uuid
  left join public.purchases p on p.id = g.id
$$;

-- Settles a live call, whose account is locked: its hold becomes a charge, a receipt and a settled call.
create function private.finish_call(h public.holds, p_used_ms bigint, p_restored_ms bigint, p_reason text, p_by text,
  p_windows jsonb) returns jsonb
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
  delete from public.holds where id = h.id;
  v_cards := private.receipt_cards(private.take_from_grants(h.account_id, v_charge, 'use', 'call:' || h.id, h.id));
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

create function public.open_call(p_call_id uuid, p_user_id uuid, p_room_name text, p_slice_seconds int default 30,
  p_lease_margin_seconds int default 15, p_max_live_calls int default 4, p_worker_id text default null) returns jsonb
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
  perform private.expire_grants_of(p_user_id);
  v_account := private.lock_account(p_user_id);
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
  'Refuses with status unknown_user, no_time_left, too_many_calls, room_taken, call_settled or call_mismatch. '
  'expiring_seconds is what expires within a week.';

-- Why a call is not renewed: nobody knows it, another worker owns it, or it is over.
create function private.renewal_refusal(p_call_id uuid, p_epoch int, out status text, out epoch int, out charged_seconds int)
language sql volatile security definer set search_path = '' as $$
  select case when c.id is null then 'unknown_call' when coalesce(c.epoch, h.epoch) is distinct from p_epoch then 'fenced'
      when c.status = 'settled' then 'call_settled' end, coalesce(c.epoch, h.epoch), c.charged_seconds
  from (select) one left join public.calls c on c.id = p_call_id left join public.holds h on h.id = c.id
$$;

create function public.renew_call(p_call_id uuid, p_epoch int, p_used_ms bigint,
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
  select h.account_id, h.epoch, h.amount, h.slice_seconds, h.used_ms, a.balance into v_hold
    from public.holds h join public.accounts a on a.id = h.account_id
    where h.id = p_call_id and h.epoch = p_epoch for update of a, h;
  if not found then
    v_refusal := private.renewal_refusal(p_call_id, p_epoch);
    return case v_refusal.status when 'call_settled'
        then jsonb_build_object('status', 'call_settled', 'charged_seconds', v_refusal.charged_seconds)
      when 'fenced' then jsonb_build_object('status', 'fenced', 'epoch', v_refusal.epoch)
      else jsonb_build_object('status', 'unknown_call') end;
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
comment on function public.renew_call(uuid, int, bigint, bigint) is
  'Reports the cumulative use and raises the hold to used + slice within what is free. '
  'Absolute counters: a repeat changes nothing. A wrong epoch is answered with status fenced: hang up.';

create function public.renew_calls(p_call_ids uuid[], p_epochs int[], p_used_ms bigint[], p_restored_ms bigint[])
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
begin
  select array_agg(hold), array_agg(account), array_agg(balance), array_agg(used_ms), array_agg(restored_ms)
    into v_holds, v_accounts, v_balances, v_used_ms, v_restored_ms from (
      select h.ctid as hold, a.id as account, a.balance, asked.used_ms, asked.restored_ms
      from (
        -- A call that is in the batch twice is renewed once, at its latest report.
        select distinct on (id) * from unnest(p_call_ids, p_epochs, p_used_ms, p_restored_ms)
          as t (id, epoch, used_ms, restored_ms) order by id, used_ms desc nulls last) asked
      join public.holds h on h.id = asked.id and h.epoch = asked.epoch
      join public.accounts a on a.id = h.account_id
      -- In the order of the accounts, so that two batches with the same ones wait for each other instead of
      -- deadlocking; and of each account the account before its holds.
      order by a.id, h.id for update of a, h) locked;
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
  from (
    select distinct on (id) * from unnest(p_call_ids, p_epochs, p_used_ms, p_restored_ms)
      as t (id, epoch, used_ms, restored_ms) order by id, used_ms desc nulls last) asked
  cross join lateral private.renewal_refusal(asked.id, asked.epoch) refusal
  where refusal.status is not null;
end $$;
comment on function public.renew_calls(uuid[], int[], bigint[], bigint[]) is
  'renew_call for many calls in one statement: the same rules, one row per call. The arrays go by position.';

create function public.settle_call(p_call_id uuid, p_epoch int, p_used_ms bigint, p_end_reason text,
  p_windows jsonb default '[]', p_restored_ms bigint default 0, p_measures jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_hold public.holds;
  v_call public.calls;
  v_receipt jsonb;
begin
  perform private.lock_account(account_id) from public.holds where id = p_call_id;
  select * into v_hold from public.holds where id = p_call_id for update;
  select * into v_call from public.calls where id = p_call_id;
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  elsif coalesce(v_call.epoch, v_hold.epoch) is distinct from p_epoch then
    return jsonb_build_object('status', 'fenced', 'epoch', coalesce(v_call.epoch, v_hold.epoch));
  elsif v_call.status = 'settled' then
    return jsonb_build_object('status', 'settled', 'replayed', true, 'receipt', v_call.receipt);
  end if;
  v_receipt := private.finish_call(v_hold, p_used_ms, p_restored_ms, left(p_end_reason, 100), 'worker', p_windows);
  if p_measures is not null then
    perform private.write_measures(p_call_id, p_measures);
  end if;
  return jsonb_build_object('status', 'settled', 'replayed', false, 'receipt', v_receipt);
end $$;
comment on function public.settle_call(uuid, int, bigint, text, jsonb, bigint, jsonb) is
  'Ends a call once: charges used minus restored time and writes the receipt. '
  'A repeat answers the stored receipt; a wrong epoch is answered with status fenced. '
  'Measures are stored with it, or dropped when malformed.';

create function public.reap_calls(p_limit int default 200) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_candidate record;
  v_hold public.holds;
  v_reaped jsonb := '[]'::jsonb;
begin
  -- In the order of the accounts, so that two reapers at once wait for each other instead of deadlocking.
  for v_candidate in
    select id, account_id from (
      select id, account_id from public.holds where lease_expires_at < clock_timestamp()
      order by lease_expires_at limit p_limit) due order by account_id, id
  loop
    perform private.lock_account(v_candidate.account_id);
    select * into v_hold from public.holds
      where id = v_candidate.id and lease_expires_at < clock_timestamp() for update;
    continue when not found;
    begin
      perform private.finish_call(v_hold, v_hold.used_ms, v_hold.restored_ms, 'lease_expired', 'reaper', '[]'::jsonb);
      v_reaped := v_reaped || to_jsonb(v_hold.id);
    exception when others then
      -- One broken account must not keep every other dead call from ending; the audit names it.
      raise warning 'call % not reaped: %', v_hold.id, sqlerrm;
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
  update public.holds
    set lease_expires_at = least(lease_expires_at, now() + make_interval(secs => lease_margin_seconds))
    where id = (select id from public.calls where room_name = p_room_name and status = 'open');
  return found;
end $$;
comment on function public.room_finished(text) is 'LiveKit says the room is gone: let the reaper look soon.';

create function public.verify_receipts(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  with chain as (
    select (receipt ->> 'number')::int as number, receipt,
      lag(receipt ->> 'hash') over (order by (receipt ->> 'number')::int) as before,
      row_number() over (order by (receipt ->> 'number')::int) as position
    from public.calls where user_id = p_user_id and status = 'settled')
  select jsonb_build_object('receipts', count(*), 'broken', coalesce(jsonb_agg(number order by number) filter (where
      receipt ->> 'hash' is distinct from private.receipt_hash(receipt)
      or receipt ->> 'previous_hash' is distinct from before or number <> position), '[]'),
    'complete', count(*) = (select receipts from public.accounts where id = p_user_id)
      and max(receipt ->> 'hash') filter (where number = (select receipts from public.accounts where id = p_user_id))
        is not distinct from (select last_receipt_hash from public.accounts where id = p_user_id))
  from chain
$$;
comment on function public.verify_receipts(uuid) is
  'Checks a person''s receipts: which numbers do not match their hash or the one before, and whether any is missing.';

alter table public.calls enable row level security;
create policy "own calls" on public.calls for select to authenticated using (user_id = (select auth.uid()));

revoke all on public.calls, public.voice_sessions from anon, authenticated, service_role;
grant select on public.calls to service_role;
-- What the providers cost is not for callers.
grant select (id, user_id, room_name, worker_id, status, opened_at, ended_at, end_reason, settled_by, epoch, used_ms,
  restored_ms, charged_seconds, receipt, turns, interruptions, errors, latency_p50_ms, latency_p95_ms, quality)
  on public.calls to authenticated;
grant select on public.voice_sessions to authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.open_call(uuid, uuid, text, int, int, int, text),
  public.renew_call(uuid, int, bigint, bigint), public.renew_calls(uuid[], int[], bigint[], bigint[]),
  public.settle_call(uuid, int, bigint, text, jsonb, bigint, jsonb), public.reap_calls(int), public.room_finished(text),
  public.verify_receipts(uuid) from public, anon, authenticated;
grant execute on function public.open_call(uuid, uuid, text, int, int, int, text),
  public.renew_call(uuid, int, bigint, bigint), public.renew_calls(uuid[], int[], bigint[], bigint[]),
  public.settle_call(uuid, int, bigint, text, jsonb, bigint, jsonb), public.reap_calls(int), public.room_finished(text),
  public.verify_receipts(uuid) to service_role;
