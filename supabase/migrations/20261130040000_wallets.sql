-- Wallets: accounts of micro_usd (millionths of a US dollar) in the one ledger. A promised price is held, settled once between
-- the buyer, the seller and the platform in one transaction, or released; money that goes back goes back the same ways.

alter table public.accounts
  drop constraint accounts_owner_kind_check,
  add constraint accounts_owner_kind_check check (owner_kind in ('person', 'tenant', 'agent', 'seller', 'platform')),
  drop constraint accounts_unit_check,
  add constraint accounts_unit_check check (unit in ('second', 'credit', 'micro_usd')),
  add constraint only_people_and_tenants_have_more_than_money
    check (owner_kind in ('person', 'tenant') or unit = 'micro_usd');
alter table public.grants drop constraint grants_source_check,
  add constraint grants_source_check
    check (source in ('paid', 'gift', 'bonus', 'goodwill', 'trial', 'plan', 'top_up', 'earned'));
alter table public.ledger drop constraint ledger_reason_check, drop constraint ledger_check,
  add constraint ledger_reason_check check (reason in ('grant', 'bonus_grant', 'goodwill', 'restore', 'use', 'expire', 'clawback',
    'debt_payment', 'freeze', 'share', 'fee', 'remainder', 'share_reversed', 'fee_reversed', 'transfer', 'payout',
    'payout_returned')),
  add constraint ledger_check check (reason in ('debt_payment', 'remainder', 'transfer')
    or (reason in ('grant', 'bonus_grant', 'goodwill', 'restore', 'share', 'fee', 'payout_returned')) = (amount > 0));

create table public.sellers (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references public.users (id) on delete restrict,
  tenant_id uuid references public.tenants (id) on delete restrict,
  name text not null check (length(trim(name)) between 1 and 200),
  fee_bps int not null default 500 check (fee_bps between 0 and 10000),
  owed_fraction int not null default 0 check (owed_fraction between 0 and 9999),
  created_at timestamptz not null default now(),
  closed_at timestamptz,
  constraint sold_by_a_person_or_a_tenant check (num_nonnulls(user_id, tenant_id) = 1)
);
comment on table public.sellers is 'Who offers paid APIs. What a seller has earned is an account of micro_usd of the kind seller.';
comment on column public.sellers.fee_bps is 'What the platform keeps of each price, in hundredths of a percent: 500 is 5 %.';
comment on column public.sellers.owed_fraction is
  'What of the seller''s shares was less than a millionth of a dollar so far, in ten-thousandths of one: the next share pays it.';
create unique index sellers_one_per_person on public.sellers (user_id);
create unique index sellers_one_per_tenant on public.sellers (tenant_id);

create table public.wallet_holds (
  id uuid primary key default gen_random_uuid(),
  key text not null unique check (length(key) between 1 and 200),
  account_id uuid not null,
  unit text not null default 'micro_usd' check (unit = 'micro_usd'),
  seller_account_id uuid references public.accounts (id) on delete restrict,
  platform_account_id uuid references public.accounts (id) on delete restrict,
  amount bigint not null check (amount between 0 and 1000000000000),
  fee_bps int not null check (fee_bps between 0 and 10000),
  status text not null default 'held' check (status in ('held', 'settled', 'released', 'expired')),
  charged bigint,
  share bigint,
  fee bigint,
  remainder bigint,
  lines jsonb,
  refunded bigint not null default 0,
  about jsonb not null default '{}',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  foreign key (account_id, unit) references public.accounts (id, unit) on delete restrict,
  constraint ended_once check ((status = 'held') = (ended_at is null)),
  constraint charged_when_settled check ((status = 'settled') = (charged is not null)
    and num_nulls(charged, share, fee, remainder, lines) in (0, 5)),
  constraint no_more_than_promised check (charged between 0 and amount),
  constraint parts_of_what_was_charged check (charged = share + fee + remainder and share >= 0 and fee >= 0 and remainder in (0, 1)),
  constraint no_more_back_than_charged check (refunded between 0 and coalesce(charged, 0)),
  constraint a_share_has_its_seller check (seller_account_id is not null or coalesce(share, 0) = 0),
  constraint settled_with_the_platform check (status <> 'settled' or platform_account_id is not null)
) with (fillfactor = 70);
comment on table public.wallet_holds is
  'What is promised of a wallet for one paid thing, and, settled, who got what of it. It cannot be spent elsewhere while it is held.';
comment on column public.wallet_holds.lines is 'Which grants it was taken from, so that what goes back goes back there.';
create index wallet_holds_live on public.wallet_holds (account_id) include (amount) where status = 'held';
create index wallet_holds_due on public.wallet_holds (expires_at) where status = 'held';
create index wallet_holds_by_account on public.wallet_holds (account_id, unit, created_at desc);
create index wallet_holds_by_seller on public.wallet_holds (seller_account_id, ended_at desc);
create index wallet_holds_by_platform on public.wallet_holds (platform_account_id);

create table public.wallet_refunds (
  key text primary key check (length(key) between 1 and 200),
  hold_id uuid not null references public.wallet_holds (id) on delete restrict,
  amount bigint not null check (amount > 0),
  share bigint not null check (share >= 0),
  fee bigint not null check (fee >= 0),
  remainder bigint not null,
  created_at timestamptz not null default now(),
  constraint parts_of_what_goes_back check (amount = share + fee + remainder)
);
comment on table public.wallet_refunds is 'What of a settled hold went back to the buyer, and who gave what of it.';
create index wallet_refunds_by_hold on public.wallet_refunds (hold_id);

-- As before, and less what is promised of a wallet.
create or replace function private.free_amount(a public.accounts) returns bigint
language sql security definer set search_path = '' as $$
  select a.balance - coalesce(sum(h.amount - h.restored_ms / 1000), 0)::bigint - case a.unit when 'micro_usd' then
    (select coalesce(sum(w.amount), 0)::bigint from public.wallet_holds w where w.account_id = a.id and w.status = 'held') else 0 end
  from public.holds h where h.account_id = a.id
$$;

-- The account of an owner's money, made when it is first asked for; null where there is no such owner.
create function private.wallet(p_owner_kind text, p_owner_id uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := (select id from public.accounts where owner_kind = p_owner_kind and owner_id = p_owner_id and unit = 'micro_usd');
begin
  if v_id is not null then
    return v_id;
  elsif not (case p_owner_kind
      when 'person' then exists (select from public.users where id = p_owner_id and deleted_at is null)
      when 'tenant' then exists (select from public.tenants where id = p_owner_id and closed_at is null)
      when 'seller' then exists (select from public.sellers where id = p_owner_id)
      when 'agent' then exists (select from public.autonomous_agents where id = p_owner_id)
      when 'platform' then p_owner_id is not null else false end) then
    return null;
  end if;
  insert into public.accounts (owner_kind, owner_id, unit) values (p_owner_kind, p_owner_id, 'micro_usd') on conflict do nothing;
  return (select id from public.accounts where owner_kind = p_owner_kind and owner_id = p_owner_id and unit = 'micro_usd');
end $$;

-- What the platform keeps, in an account for each month of UTC, so that no sum over one grows for ever.
create function private.platform_wallet() returns uuid
language sql security definer set search_path = '' as $$
  select private.wallet('platform', md5('platform ' || to_char(now() at time zone 'utc', 'YYYY-MM'))::uuid)
$$;

-- Money in a wallet does not expire.
create function private.wallet_end() returns timestamptz
language sql immutable set search_path = '' as $$ select timestamptz '9999-01-01T00:00:00Z' $$;

-- Brings money from outside into a wallet, once for a key: source top_up (paid for) or goodwill.
create function private.credit_wallet(p_account_id uuid, p_source text, p_amount bigint, p_key text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_grant public.grants;
begin
  perform private.lock_account(p_account_id);
  insert into public.grants (id, account_id, unit, source, priority, status, paid, bonus, remaining, activated_at, expires_at)
    values (md5('wallet ' || p_key)::uuid, p_account_id, 'micro_usd', p_source, case p_source when 'top_up' then 0 else -1 end,
      'active', case p_source when 'top_up' then p_amount else 0 end, case p_source when 'top_up' then 0 else p_amount end, p_amount, now(), private.wallet_end())
    on conflict do nothing returning * into v_grant;
  if v_grant.id is not null then
    perform private.credit_grant(v_grant);
  end if;
  return md5('wallet ' || p_key)::uuid;
end $$;

-- Credits what an account earned from another: on one grant that grows. Expects the account locked.
create function private.earn(p_account_id uuid, p_amount bigint, p_reason text, p_key text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, activated_at, expires_at)
    values (p_account_id, p_account_id, 'micro_usd', 'earned', 'exhausted', 0, 0, 0, now(), private.wallet_end())
    on conflict do nothing;
  update public.grants set bonus = bonus + p_amount where id = p_account_id;
  perform private.post(p_account_id, p_account_id, p_reason, p_amount, p_key);
  if (private.lock_account(p_account_id)).debt > 0 then
    perform private.pay_debt(p_account_id);
  end if;
end $$;

-- Takes back what an account had earned; what is not there any more it owes, and what it earns next pays. Expects it locked.
create function private.unearn(p_account_id uuid, p_amount bigint, p_reason text, p_key text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_take bigint := least(p_amount, private.free_amount(private.lock_account(p_account_id)));
begin
  if v_take > 0 then
    perform private.take_from_grants(p_account_id, v_take, p_reason, p_key);
  end if;
  if p_amount > v_take then
    perform private.post(p_account_id, null, p_reason, v_take - p_amount, p_key || ':debt');
  end if;
end $$;

create function private.describe_wallet_hold(h public.wallet_holds, p_repeated boolean default false) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('status', h.status, 'hold_id', h.id, 'held_micros', h.amount, 'charged_micros', h.charged,
    'share_micros', h.share, 'fee_micros', h.fee, 'remainder_micros', h.remainder, 'refunded_micros', h.refunded,
    'repeated', p_repeated)
$$;

-- Ends what was promised of a wallet, whose account is locked, for longer than it was promised for.
create function private.expire_wallet_holds(p_account_id uuid) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_count int;
begin
  update public.wallet_holds set status = 'expired', ended_at = now()
    where account_id = p_account_id and status = 'held' and expires_at <= now();
  get diagnostics v_count = row_count;
  if v_count > 0 and (private.lock_account(p_account_id)).debt > 0 then
    perform private.pay_debt(p_account_id);
  end if;
  return v_count;
end $$;

create function private.hold_micros(p_account_id uuid, p_amount bigint, p_key text, p_seller_id uuid default null,
  p_seconds int default 120, p_about jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts := private.lock_account(p_account_id);
  v_hold public.wallet_holds;
  v_seller public.sellers;
  v_seller_account_id uuid := case when p_seller_id is not null then private.wallet('seller', p_seller_id) end;
  v_free bigint;
begin
  if (v_account.unit = 'micro_usd') is not true or p_seller_id is not null and v_seller_account_id is null then
    return jsonb_build_object('status', 'unknown_wallet');
  elsif (p_amount between 0 and 1000000000000 and length(p_key) between 1 and 200 and p_seconds between 1 and 86400) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select * into v_hold from public.wallet_holds where key = p_key;
  if found then
    return case when (v_hold.account_id, v_hold.amount) = (p_account_id, p_amount)
        and v_hold.seller_account_id is not distinct from v_seller_account_id
      then private.describe_wallet_hold(v_hold, true) else jsonb_build_object('status', 'key_reused') end;
  elsif not (case v_account.owner_kind
      when 'person' then exists (select from public.users where id = v_account.owner_id and deleted_at is null)
      when 'tenant' then exists (select from public.tenants where id = v_account.owner_id and closed_at is null)
      else v_account.owner_kind = 'agent' end) then
    return jsonb_build_object('status', 'unknown_wallet');
  end if;
  perform private.expire_wallet_holds(p_account_id);
  v_free := private.free_amount(private.lock_account(p_account_id));
  if v_free < p_amount then
    return jsonb_build_object('status', 'not_enough_money', 'free_micros', v_free);
  end if;
  select * into v_seller from public.sellers where id = p_seller_id;
  insert into public.wallet_holds (key, account_id, seller_account_id, amount, fee_bps, about, expires_at)
    values (p_key, p_account_id, v_seller_account_id, p_amount, coalesce(v_seller.fee_bps, 10000), coalesce(p_about, '{}'),
      now() + make_interval(secs => p_seconds))
    on conflict do nothing returning * into v_hold;
  if not found then
    -- Under another account, which is not locked here.
    return jsonb_build_object('status', 'key_reused');
  end if;
  return private.describe_wallet_hold(v_hold) || jsonb_build_object('free_micros', v_free - p_amount);
end $$;

-- The parts of a price. What the seller is owed below a millionth is carried to its next share; what is then left over is the
-- remainder, 0 or 1, which the platform keeps.
create function private.split_price(p_amount bigint, p_fee_bps int, p_owed_fraction int,
  out share bigint, out fee bigint, out remainder bigint, out owed_fraction int)
language sql immutable set search_path = '' as $$
  select s.owed / 10000, p_amount * p_fee_bps / 10000, p_amount - s.owed / 10000 - p_amount * p_fee_bps / 10000, (s.owed % 10000)::int
  from (select p_amount * (10000 - p_fee_bps) + case when p_fee_bps < 10000 then p_owed_fraction else 0 end as owed) s
$$;

create function private.settle_micros(p_hold_id uuid, p_amount bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_hold public.wallet_holds;
  v_parts record;
  v_key text := 'charge:' || p_hold_id;
  v_lines jsonb := '[]'::jsonb;
  v_seller_id uuid;
  v_platform uuid;
begin
  perform private.lock_account((select account_id from public.wallet_holds where id = p_hold_id));
  select * into v_hold from public.wallet_holds where id = p_hold_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_hold');
  elsif v_hold.status = 'settled' then
    return case v_hold.charged when p_amount then private.describe_wallet_hold(v_hold, true)
      else jsonb_build_object('status', 'settled_otherwise', 'charged_micros', v_hold.charged) end;
  elsif v_hold.status <> 'held' then
    return private.describe_wallet_hold(v_hold, true);
  elsif (p_amount between 0 and v_hold.amount) is not true then
    return jsonb_build_object('status', 'more_than_held', 'held_micros', v_hold.amount);
  end if;
  -- Locks go from the buyer to the seller to the platform, whoever settles.
  v_platform := private.platform_wallet();
  if v_hold.seller_account_id is not null then
    perform private.lock_account(v_hold.seller_account_id);
    v_seller_id := (select owner_id from public.accounts where id = v_hold.seller_account_id);
  end if;
  v_parts := private.split_price(p_amount, case when v_seller_id is null then 10000 else v_hold.fee_bps end,
    coalesce((select owed_fraction from public.sellers where id = v_seller_id), 0));
  -- What was promised is free again in the moment in which it is taken.
  update public.wallet_holds set status = 'settled', ended_at = now(), charged = p_amount, share = v_parts.share,
      fee = v_parts.fee, remainder = v_parts.remainder, lines = '[]', platform_account_id = v_platform
    where id = p_hold_id;
  if p_amount > 0 then
    v_lines := private.take_from_grants(v_hold.account_id, p_amount, 'use', v_key);
  end if;
  if (private.lock_account(v_hold.account_id)).debt > 0 then
    perform private.pay_debt(v_hold.account_id);
  end if;
  if v_seller_id is not null then
    update public.sellers set owed_fraction = v_parts.owed_fraction where id = v_seller_id and owed_fraction <> v_parts.owed_fraction;
    if v_parts.share > 0 then
      perform private.earn(v_hold.seller_account_id, v_parts.share, 'share', v_key || ':share');
    end if;
  end if;
  perform private.lock_account(v_platform);
  if v_parts.fee > 0 then
    perform private.earn(v_platform, v_parts.fee, 'fee', v_key || ':fee');
  end if;
  if v_parts.remainder > 0 then
    perform private.earn(v_platform, v_parts.remainder, 'remainder', v_key || ':remainder');
  end if;
  update public.wallet_holds set lines = v_lines where id = p_hold_id returning * into v_hold;
  return private.describe_wallet_hold(v_hold);
end $$;

create function private.release_micros(p_hold_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts;
  v_hold public.wallet_holds;
begin
  v_account := private.lock_account((select account_id from public.wallet_holds where id = p_hold_id));
  update public.wallet_holds set status = 'released', ended_at = now() where id = p_hold_id and status = 'held' returning * into v_hold;
  if not found then
    select * into v_hold from public.wallet_holds where id = p_hold_id;
    return case when v_hold.id is null then jsonb_build_object('status', 'unknown_hold')
      else private.describe_wallet_hold(v_hold, true) end;
  end if;
  if v_account.debt > 0 then
    perform private.pay_debt(v_hold.account_id);
  end if;
  return private.describe_wallet_hold(v_hold);
end $$;

-- Gives back what was charged, all of what is left of it or a part: from the seller, the platform and the remainder in the
-- proportion in which they got it, exact when all of it is back. The seller owes what it does not have any more.
create function private.refund_micros(p_hold_id uuid, p_key text, p_amount bigint default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_hold public.wallet_holds;
  v_refund public.wallet_refunds;
  v_before record;
  v_key text;
  v_line record;
  v_left bigint;
  v_back bigint;
  v_platform public.accounts;
begin
  perform private.lock_account((select account_id from public.wallet_holds where id = p_hold_id));
  select * into v_hold from public.wallet_holds where id = p_hold_id for update;
  select * into v_refund from public.wallet_refunds where key = p_key;
  if v_hold.id is null then
    return jsonb_build_object('status', 'unknown_hold');
  elsif v_refund.key is not null then
    return case when v_refund.hold_id = p_hold_id and v_refund.amount = coalesce(p_amount, v_refund.amount)
      then private.describe_wallet_hold(v_hold, true) || jsonb_build_object('status', 'refunded', 'amount_micros', v_refund.amount)
      else jsonb_build_object('status', 'key_reused') end;
  elsif v_hold.status <> 'settled' then
    return jsonb_build_object('status', 'not_settled', 'is', v_hold.status);
  end if;
  v_left := coalesce(p_amount, v_hold.charged - v_hold.refunded);
  if (v_left between 1 and v_hold.charged - v_hold.refunded and length(p_key) between 1 and 200) is not true then
    return jsonb_build_object('status', 'more_than_charged', 'charged_micros', v_hold.charged, 'refunded_micros', v_hold.refunded);
  end if;
  select coalesce(sum(share), 0)::bigint as share, coalesce(sum(fee), 0)::bigint as fee into v_before
    from public.wallet_refunds where hold_id = p_hold_id;
  v_refund.key := p_key;
  v_refund.hold_id := p_hold_id;
  v_refund.amount := v_left;
  v_refund.created_at := now();
  v_refund.share := div(v_hold.share::numeric * (v_hold.refunded + v_left), v_hold.charged) - v_before.share;
  v_refund.fee := div(v_hold.fee::numeric * (v_hold.refunded + v_left), v_hold.charged) - v_before.fee;
  v_refund.remainder := v_left - v_refund.share - v_refund.fee;
  insert into public.wallet_refunds select v_refund.*;
  update public.wallet_holds set refunded = refunded + v_left where id = p_hold_id;
  v_key := format('charge:%s:back:%s', p_hold_id, p_key);
  if v_refund.share > 0 then
    perform private.lock_account(v_hold.seller_account_id);
    perform private.unearn(v_hold.seller_account_id, v_refund.share, 'share_reversed', v_key || ':share');
  end if;
  perform private.lock_account(v_hold.platform_account_id);
  if v_refund.fee > 0 then
    perform private.unearn(v_hold.platform_account_id, v_refund.fee, 'fee_reversed', v_key || ':fee');
  end if;
  if v_refund.remainder > 0 then
    perform private.unearn(v_hold.platform_account_id, v_refund.remainder, 'remainder', v_key || ':remainder');
  elsif v_refund.remainder < 0 then
    perform private.earn(v_hold.platform_account_id, -v_refund.remainder, 'remainder', v_key || ':remainder');
  end if;
  -- The last that was taken comes back first. What earlier refunds brought back of it is skipped.
  v_before.share := v_hold.refunded;
  for v_line in
    select (l.line ->> 'grant_id')::uuid as grant_id, (l.line ->> 'amount')::bigint as amount
    from jsonb_array_elements(v_hold.lines) with ordinality l (line, place) order by l.place desc
  loop
    exit when v_left = 0;
    v_back := least(v_left, v_line.amount - least(v_line.amount, v_before.share));
    v_before.share := v_before.share - least(v_line.amount, v_before.share);
    continue when v_back = 0;
    perform private.post(v_hold.account_id, v_line.grant_id, 'restore', v_back, v_key || ':' || v_line.grant_id);
    v_left := v_left - v_back;
  end loop;
  if v_left > 0 then
    raise exception 'hold % and its lines disagree by %', p_hold_id, v_left;
  end if;
  if (private.lock_account(v_hold.account_id)).debt > 0 then
    perform private.pay_debt(v_hold.account_id);
  end if;
  select * into v_hold from public.wallet_holds where id = p_hold_id;
  return private.describe_wallet_hold(v_hold) || jsonb_build_object('status', 'refunded', 'amount_micros', v_refund.amount);
end $$;

-- Moves money from one wallet to another, all or nothing, once for a key: an agent gets its own from who it works for.
create function private.transfer_micros(p_from_id uuid, p_to_id uuid, p_amount bigint, p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_free bigint;
  v_key text := 'transfer:' || p_key;
  v_before bigint;
begin
  perform from public.accounts where id in (p_from_id, p_to_id) order by id for update;
  if (select count(*) from public.accounts where id in (p_from_id, p_to_id) and unit = 'micro_usd') <> 2 then
    return jsonb_build_object('status', 'unknown_wallet');
  elsif (p_amount between 1 and 1000000000000 and length(p_key) between 1 and 150) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select amount into v_before from public.ledger where key = v_key and account_id = p_to_id;
  if v_before is not null then
    return jsonb_build_object('status', case v_before when p_amount then 'transferred' else 'key_reused' end, 'repeated', true);
  elsif exists (select from public.ledger where key = v_key) then
    return jsonb_build_object('status', 'key_reused');
  end if;
  perform private.expire_wallet_holds(p_from_id);
  v_free := private.free_amount(private.lock_account(p_from_id));
  if v_free < p_amount then
    return jsonb_build_object('status', 'not_enough_money', 'free_micros', v_free);
  end if;
  perform private.take_from_grants(p_from_id, p_amount, 'transfer', v_key);
  perform private.earn(p_to_id, p_amount, 'transfer', v_key);
  return jsonb_build_object('status', 'transferred', 'repeated', false);
end $$;

create function public.reap_wallet_holds(p_limit int default 500) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_account_id uuid;
  v_count int := 0;
begin
  for v_account_id in
    select distinct account_id from (select account_id from public.wallet_holds where status = 'held' and expires_at <= now()
      order by expires_at limit greatest(1, least(coalesce(p_limit, 500), 10000))) due order by account_id
  loop
    begin
      perform private.lock_account(v_account_id);
      v_count := v_count + private.expire_wallet_holds(v_account_id);
    exception when others then
      -- One broken account must not keep everybody else's promises alive; the audit names it.
      raise warning 'wallet % not reaped: %', v_account_id, sqlerrm;
    end;
  end loop;
  return v_count;
end $$;
comment on function public.reap_wallet_holds(int) is 'Frees what was promised of wallets for longer than it was promised for; answers how many promises.';

-- What came into all wallets and went out of them, and what is in them. difference is 0, or something is broken.
create function public.wallet_books() returns jsonb
language sql stable security definer set search_path = '' as $$
  with entries as (select reason, sum(amount)::bigint as amount from public.ledger where unit = 'micro_usd' group by reason),
  moved as (select coalesce(sum(amount) filter (where reason in ('use', 'restore', 'share', 'share_reversed', 'fee', 'fee_reversed',
      'remainder')), 0)::bigint as by_charges, coalesce(sum(amount) filter (where reason = 'transfer'), 0)::bigint as by_transfers,
    coalesce(sum(amount) filter (where reason in ('grant', 'bonus_grant', 'goodwill', 'payout_returned')), 0)::bigint as came_in,
    coalesce(-sum(amount) filter (where reason in ('payout', 'clawback', 'expire', 'freeze')), 0)::bigint as went_out from entries),
  has as (select owner_kind, sum(balance)::bigint as balance, sum(debt)::bigint as debt from public.accounts where unit = 'micro_usd' group by owner_kind)
  select jsonb_build_object('came_in_micros', m.came_in, 'went_out_micros', m.went_out, 'by_charges_micros', m.by_charges,
    'by_transfers_micros', m.by_transfers,
    'in_wallets_micros', (select coalesce(sum(balance - debt), 0) from has),
    'held_micros', (select coalesce(sum(amount), 0) from public.wallet_holds where status = 'held'),
    'by_owner', (select coalesce(jsonb_object_agg(owner_kind, balance - debt), '{}') from has),
    'by_reason', (select coalesce(jsonb_object_agg(reason, amount), '{}') from entries),
    'difference_micros', m.came_in - m.went_out - (select coalesce(sum(balance - debt), 0) from has))
  from moved m
$$;
comment on function public.wallet_books() is
  'What came into all wallets and went out, what is in them by kind of owner, and the difference, which is 0. What charges and '
  'transfers moved between wallets adds up to 0, too. Reads all of the ledger of micro_usd.';

alter table public.sellers enable row level security;
alter table public.wallet_holds enable row level security;
alter table public.wallet_refunds enable row level security;
create policy "own sellers" on public.sellers for select to authenticated
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null)
    or tenant_id in (select m.tenant_id from public.tenant_members m
      where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')));
create policy "accounts of own sellers" on public.accounts for select to authenticated
  using (owner_kind = 'seller' and owner_id in (select id from public.sellers));
create policy "ledger of own wallets" on public.ledger for select to authenticated
  using (unit = 'micro_usd' and account_id in (select a.id from public.accounts a where a.unit = 'micro_usd'
    and (a.owner_kind = 'seller' or a.tenant_id in (select m.tenant_id from public.tenant_members m
      where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')))));
create policy "grants of own wallets" on public.grants for select to authenticated
  using (unit = 'micro_usd' and account_id in (select a.id from public.accounts a where a.unit = 'micro_usd'
    and (a.owner_kind = 'seller' or a.tenant_id in (select m.tenant_id from public.tenant_members m
      where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')))));
-- Who buys sees what is promised; what a seller sees of its sales names no buyer.
create policy "holds of own wallets" on public.wallet_holds for select to authenticated
  using (account_id in (select a.id from public.accounts a where a.unit = 'micro_usd' and (a.person_id = (select auth.uid())
    or a.tenant_id in (select m.tenant_id from public.tenant_members m
      where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')))));
create policy "refunds to own wallets" on public.wallet_refunds for select to authenticated
  using (hold_id in (select id from public.wallet_holds));

revoke all on public.sellers, public.wallet_holds, public.wallet_refunds from anon, authenticated, service_role;
grant select on public.sellers, public.wallet_holds, public.wallet_refunds to authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.reap_wallet_holds(int), public.wallet_books() from public, anon, authenticated;
grant execute on function public.reap_wallet_holds(int), public.wallet_books() to service_role;
