-- What is owned, promised and owed, in any unit: accounts, their grants, their holds, and the ledger that explains them.

create table public.accounts (
  id uuid primary key default gen_random_uuid(),
  owner_kind text not null check (owner_kind in ('person')),
  owner_id uuid not null,
  unit text not null check (unit in ('second')),
  balance bigint not null default 0 check (balance >= 0),
  debt bigint not null default 0 check (debt >= 0),
  -- The chain of this account's receipts: how many there are, and the hash of the last one.
  receipts int not null default 0 check (receipts >= 0),
  last_receipt_hash text,
  person_id uuid generated always as (case owner_kind when 'person' then owner_id end) stored
    references public.users (id) on delete cascade,
  unique (owner_kind, owner_id, unit),
  unique (id, unit),
  constraint seconds_of_a_person_have_their_id check (owner_kind <> 'person' or unit <> 'second' or id = owner_id)
) with (fillfactor = 70);
comment on table public.accounts is
  'One row per owner and unit: the lock that every money function takes first, and the sum of the account''s grants. '
  'What it holds is not stored: it is the sum of its holds.';
comment on column public.accounts.unit is
  'What balance, debt and every amount of this account count, always in the smallest unit: seconds.';
comment on column public.accounts.person_id is 'Whose account it is, where it is a person''s: what row level security asks.';
create index accounts_by_person on public.accounts (person_id);

create table public.grants (
  id uuid primary key,
  account_id uuid,
  unit text not null,
  source text not null check (source in ('paid', 'gift', 'bonus', 'goodwill')),
  priority smallint not null default 0,
  status text not null check (status in ('unactivated', 'active', 'exhausted', 'expired', 'revoked')),
  paid bigint not null check (paid >= 0),
  bonus bigint not null default 0 check (bonus >= 0),
  remaining bigint not null check (remaining >= 0),
  disputed bigint not null default 0,
  frozen bigint not null default 0,
  frozen_at timestamptz,
  purchaser_id uuid references public.users (id) on delete restrict,
  package_id text references public.pricing_tiers (id),
  payment_intent_id text unique,
  created_at timestamptz not null default now(),
  activated_at timestamptz,
  expires_at timestamptz,
  foreign key (account_id, unit) references public.accounts (id, unit) on delete restrict,
  check (remaining + frozen <= paid + bonus),
  check (frozen between 0 and disputed),
  check (account_id is not null or status in ('unactivated', 'revoked')),
  check ((status = 'unactivated') = (activated_at is null) or status = 'revoked'),
  check (status not in ('exhausted', 'expired') or remaining = 0),
  check (status <> 'active' or remaining > 0 and expires_at is not null)
) with (fillfactor = 70);
comment on table public.grants is
  'Amounts owned, each with its source and its end; a time card is a grant of seconds. One without an account waits for '
  'its owner and is no part of the ledger. Bonus is used before what was paid, so what is refundable is used last.';
comment on column public.grants.priority is
  'Lower ones are used first; among equals the one that expires first, then the older one.';
create index grants_in_order_of_use on public.grants (account_id, priority, expires_at, created_at, id)
  where status = 'active';
create index grants_by_purchaser on public.grants (purchaser_id) where source = 'gift';

create table public.holds (
  id uuid primary key,
  account_id uuid not null,
  unit text not null,
  amount bigint not null default 0 check (amount >= 0),
  used_ms bigint not null default 0 check (used_ms >= 0),
  restored_ms bigint not null default 0 check (restored_ms >= 0),
  slice_seconds int not null check (slice_seconds between 1 and 3600),
  lease_margin_seconds int not null check (lease_margin_seconds between 0 and 3600),
  epoch int not null default 1 check (epoch > 0),
  renewals int not null default 0,
  lease_expires_at timestamptz not null,
  foreign key (account_id, unit) references public.accounts (id, unit) on delete restrict,
  constraint used_is_held check (used_ms <= amount * 1000),
  constraint restored_was_used check (restored_ms <= used_ms)
) with (fillfactor = 50);
comment on table public.holds is
  'What is promised to a live call, under the id of that call, and deleted when the call settles. amount and used_ms are '
  'absolute counters since the call began, so a repeated report is harmless. The only row that a renewal writes.';
create index holds_by_account on public.holds (account_id);

create table public.ledger (
  id bigint generated always as identity primary key,
  account_id uuid not null,
  unit text not null,
  grant_id uuid references public.grants (id) on delete restrict,
  about_grant_id uuid references public.grants (id) on delete restrict,
  call_id uuid,
  reason text not null check (reason in
    ('grant', 'bonus_grant', 'goodwill', 'restore', 'use', 'expire', 'clawback', 'debt_payment', 'freeze')),
  amount bigint not null check (amount <> 0),
  key text not null unique,
  created_at timestamptz not null default now(),
  foreign key (account_id, unit) references public.accounts (id, unit) on delete restrict,
  check ((reason in ('grant', 'bonus_grant', 'goodwill', 'restore')) = (amount > 0) or reason = 'debt_payment')
);
comment on table public.ledger is
  'Append-only. Sum over a grant = its remainder; sum over an account = balance - debt; entries without a grant are debt.';
comment on column public.ledger.about_grant_id is
  'The grant that an entry is about, also where it stands on none (debt) or on another one (a bonus in its place).';
create index ledger_by_account on public.ledger (account_id, created_at) include (reason, amount);
create index ledger_by_about_grant on public.ledger (about_grant_id);

create trigger ledger_is_append_only before update or delete on public.ledger
  for each row execute function private.refuse_change();
create trigger ledger_is_never_truncated before truncate on public.ledger
  for each statement execute function private.refuse_change();

create function private.follow_auth_user() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.users (id, email, display_name)
  values (new.id, new.email, left(coalesce(new.raw_user_meta_data ->> 'display_name', ''), 200))
  on conflict (id) do update set email = excluded.email;
  insert into public.accounts (id, owner_kind, owner_id, unit) values (new.id, 'person', new.id, 'second')
  on conflict do nothing;
  return new;
end $$;

create trigger follow_auth_user after insert or update of email on auth.users
  for each row execute function private.follow_auth_user();

-- People who signed up before the first migration.
insert into public.users (id, email) select id, email from auth.users on conflict do nothing;
insert into public.accounts (id, owner_kind, owner_id, unit) select id, 'person', id, 'second' from public.users;

-- Takes the one lock that serialises everything about an account. A person's seconds have the person's id.
create function private.lock_account(p_account_id uuid) returns public.accounts
language sql security definer set search_path = '' as $$
  select * from public.accounts where id = p_account_id for update
$$;

-- What an account may still spend: all that it has but what its holds promise. Exact only while the account is locked.
-- Volatile, as it answers what its caller has just written.
create function private.free_amount(a public.accounts) returns bigint
language sql security definer set search_path = '' as $$
  select a.balance - coalesce(sum(h.amount), 0)::bigint from public.holds h where h.account_id = a.id
$$;

-- The only writer of the ledger and of what it explains: an account's balance and debt, and what remains of a grant.
-- Without a grant it writes debt: a negative amount is owed, a positive one is paid or forgiven. Expects the account locked.
create function private.post(p_account_id uuid, p_grant_id uuid, p_reason text, p_amount bigint, p_key text,
  p_about_grant_id uuid default null, p_call_id uuid default null, p_emptied text default 'exhausted')
returns public.grants
language plpgsql security definer set search_path = '' as $$
declare
  v_unit text;
  v_grant public.grants;
begin
  update public.accounts
    set balance = balance + case when p_grant_id is null then 0 else p_amount end,
        debt = debt - case when p_grant_id is null then p_amount else 0 end
    where id = p_account_id returning unit into strict v_unit;
  if p_grant_id is not null then
    update public.grants
      set remaining = remaining + p_amount,
          status = case when remaining + p_amount = 0 then p_emptied else 'active' end
      where id = p_grant_id and account_id = p_account_id returning * into strict v_grant;
  end if;
  insert into public.ledger (account_id, unit, grant_id, about_grant_id, call_id, reason, amount, key)
    values (p_account_id, v_unit, p_grant_id, coalesce(p_about_grant_id, p_grant_id), p_call_id, p_reason, p_amount, p_key);
  return v_grant;
end $$;

-- Takes an amount from an account's grants in their order of use, and answers a line for each. Raises if they do not hold it.
create function private.take_from_grants(p_account_id uuid, p_amount bigint, p_reason text, p_key text,
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

-- The same lines as they are shown where the unit is the second and a grant is a time card.
create function private.card_lines(p_lines jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('card_id', line -> 'grant_id', 'source', line -> 'source',
      'seconds', line -> 'amount', 'bonus_seconds', line -> 'bonus', 'remaining_seconds', line -> 'remaining')
    order by position), '[]')
  from jsonb_array_elements(p_lines) with ordinality as l (line, position)
$$;

-- Freezes what is under dispute and free. What a live call holds is frozen when the call settles.
create function private.freeze_disputed(p_account_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_grant public.grants;
  v_take bigint;
begin
  for v_grant in
    select * from public.grants
    where account_id = p_account_id and status = 'active' and disputed > frozen order by id for update
  loop
    v_take := least(v_grant.remaining, v_grant.disputed - v_grant.frozen,
      private.free_amount(private.lock_account(p_account_id)));
    continue when v_take <= 0;
    perform private.post(p_account_id, v_grant.id, 'freeze', -v_take, format('freeze:%s:%s', v_grant.id, gen_random_uuid()));
    update public.grants set frozen = frozen + v_take, frozen_at = coalesce(frozen_at, now()) where id = v_grant.id;
  end loop;
end $$;

-- Wherever something becomes free, what is disputed is frozen first and debt is paid next, before anything else can use it.
create function private.pay_debt(p_account_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts := private.lock_account(p_account_id);
  v_pay bigint;
  v_key text := 'debt:' || gen_random_uuid();
begin
  perform private.freeze_disputed(p_account_id);
  v_account := private.lock_account(p_account_id);
  v_pay := least(v_account.debt, private.free_amount(v_account));
  if v_pay <= 0 then
    return;
  end if;
  perform private.take_from_grants(p_account_id, v_pay, 'debt_payment', v_key);
  perform private.post(p_account_id, null, 'debt_payment', v_pay, v_key);
end $$;

-- Brings a grant that was just given to an account into the ledger.
create function private.credit_grant(p_grant public.grants) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_paid bigint := least(p_grant.remaining, p_grant.paid);
  v_bonus bigint := p_grant.remaining - v_paid;
  v_bonus_reason text := case p_grant.source when 'goodwill' then 'goodwill' else 'bonus_grant' end;
begin
  -- What remains is what was posted: it begins at nothing.
  update public.grants set remaining = 0, status = 'exhausted' where id = p_grant.id;
  if v_paid > 0 then
    perform private.post(p_grant.account_id, p_grant.id, 'grant', v_paid, 'grant:' || p_grant.id);
  end if;
  if v_bonus > 0 then
    perform private.post(p_grant.account_id, p_grant.id, v_bonus_reason, v_bonus, v_bonus_reason || ':' || p_grant.id);
  end if;
  perform private.pay_debt(p_grant.account_id);
end $$;

-- Expires what is due and not promised to a live call; the rest of such a grant expires after the call.
create function private.expire_grants_of(p_account_id uuid) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_free bigint := private.free_amount(private.lock_account(p_account_id));
  v_grant public.grants;
  v_take bigint;
  v_count int := 0;
begin
  for v_grant in
    select * from public.grants where account_id = p_account_id and status = 'active' and expires_at <= now()
    order by expires_at, created_at, id for update
  loop
    v_take := least(v_grant.remaining, v_free);
    continue when v_take = 0;
    -- A part may come back after it expired, and expire again: each time is an entry of its own.
    perform private.post(p_account_id, v_grant.id, 'expire', -v_take, format('expire:%s:%s', v_grant.id, gen_random_uuid()),
      p_emptied => 'expired');
    v_free := v_free - v_take;
    v_count := v_count + 1;
  end loop;
  return v_count;
end $$;

create function public.cleanup_expired_time_cards() returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_account_id uuid;
  v_count int := 0;
begin
  -- In the order of their ids, so that two sweeps at once wait for each other instead of deadlocking.
  for v_account_id in
    select distinct account_id from public.grants
    where status = 'active' and expires_at <= now() order by account_id limit 500
  loop
    begin
      v_count := v_count + private.expire_grants_of(v_account_id);
    exception when others then
      -- One broken account must not keep everybody else's sweep from happening; the audit names it.
      raise warning 'grants of % not swept: %', v_account_id, sqlerrm;
    end;
  end loop;
  return v_count;
end $$;
comment on function public.cleanup_expired_time_cards() is 'Expires what is due of up to 500 accounts; answers how many cards.';

create function public.get_user_time_balance(user_id uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select coalesce(sum(g.remaining), 0)::bigint from public.grants g
  where g.account_id = get_user_time_balance.user_id and g.unit = 'second' and g.status = 'active' and g.expires_at > now()
$$;
comment on function public.get_user_time_balance(uuid) is
  'Seconds left on all active, unexpired cards of a person, including those promised to live calls.';

create function public.deduct_user_time(user_id uuid, minutes int, key text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account_id uuid := user_id;
  v_key text := 'deduct:' || coalesce(deduct_user_time.key, gen_random_uuid()::text);
  v_seconds bigint;
  v_account public.accounts;
begin
  if minutes is null or minutes not between 1 and 100000 then
    return jsonb_build_object('status', 'invalid_minutes');
  end if;
  v_seconds := minutes * 60;
  if (private.lock_account(v_account_id)).id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  if exists (select from public.ledger l where l.account_id = v_account_id and l.key = v_key || ':' || l.grant_id) then
    return jsonb_build_object('status', 'already_deducted');
  end if;
  perform private.expire_grants_of(v_account_id);
  v_account := private.lock_account(v_account_id);
  if private.free_amount(v_account) < v_seconds then
    return jsonb_build_object('status', 'not_enough_time', 'free_seconds', private.free_amount(v_account));
  end if;
  return jsonb_build_object('status', 'deducted', 'deducted_seconds', v_seconds,
    'balance_seconds', v_account.balance - v_seconds,
    'cards', private.card_lines(private.take_from_grants(v_account_id, v_seconds, 'use', v_key)));
end $$;
comment on function public.deduct_user_time(uuid, int, text) is
  'Takes whole minutes, first-expiring card first, all or nothing; the same key deducts once.';

-- The names of the first design: seconds of people.
create view public.time_accounts with (security_invoker = true) as
  select a.id as user_id, a.balance as balance_seconds, h.held_seconds, a.debt as debt_seconds, h.live_calls
  from public.accounts a
  cross join lateral (select coalesce(sum(amount), 0)::bigint as held_seconds, count(*)::int as live_calls
    from public.holds where account_id = a.id) h
  where a.owner_kind = 'person' and a.unit = 'second';
comment on view public.time_accounts is 'The seconds of each person, and how many of them live calls hold.';

create view public.time_cards with (security_invoker = true) as
  select id, account_id as user_id, purchaser_id, package_id, payment_intent_id, source, status, paid as paid_seconds,
    bonus as bonus_seconds, remaining as remaining_seconds, disputed as disputed_seconds, frozen as frozen_seconds,
    frozen_at, created_at, activated_at, expires_at
  from public.grants where unit = 'second';
comment on view public.time_cards is 'Grants of seconds.';

create view public.time_ledger with (security_invoker = true) as
  select id, account_id as user_id, grant_id as card_id, about_grant_id as about_card_id, call_id, reason,
    amount as seconds, key, created_at
  from public.ledger where unit = 'second';
comment on view public.time_ledger is 'What the ledger says of seconds.';

alter table public.accounts enable row level security;
alter table public.grants enable row level security;
alter table public.holds enable row level security;
alter table public.ledger enable row level security;
create policy "own accounts" on public.accounts for select to authenticated using (person_id = (select auth.uid()));
create policy "own grants" on public.grants for select to authenticated
  using (account_id in (select id from public.accounts where person_id = (select auth.uid())));
create policy "own holds" on public.holds for select to authenticated
  using (account_id in (select id from public.accounts where person_id = (select auth.uid())));
create policy "own ledger" on public.ledger for select to authenticated
  using (account_id in (select id from public.accounts where person_id = (select auth.uid())));

-- Not even service_role writes time or money except through the functions, which check and lock.
revoke all on public.accounts, public.grants, public.holds, public.ledger, public.time_accounts, public.time_cards,
  public.time_ledger from anon, authenticated, service_role;
grant select on public.accounts, public.grants, public.holds, public.ledger, public.time_accounts, public.time_cards,
  public.time_ledger to authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.cleanup_expired_time_cards(), public.get_user_time_balance(uuid),
  public.deduct_user_time(uuid, int, text) from public, anon, authenticated;
grant execute on function public.cleanup_expired_time_cards(), public.get_user_time_balance(uuid),
  public.deduct_user_time(uuid, int, text) to service_role;
