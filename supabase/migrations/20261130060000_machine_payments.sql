-- What programs buy by HTTP 402, over x402 (USDC on a chain) and MPP (a card at Stripe): the same purchases, cards and
-- ledger. docs/machine-payments.md has the rules. A payment on a chain is in 'usdc', a currency of its own: its cents are
-- hundredths of a USDC, and stand in no sum with dollars.

alter table public.purchases
  add column rail text not null default 'stripe' check (rail in ('stripe', 'x402', 'mpp')),
  drop constraint purchases_amount_cents_check,
  -- Stripe takes no less than 50 cents; a chain does.
  add constraint purchases_amount_cents_check check (amount_cents >= case rail when 'x402' then 1 else 50 end),
  add constraint a_chain_has_no_intent check (rail <> 'x402' or payment_intent_id is null and currency = 'usdc');
comment on column public.purchases.rail is 'How it is paid: at Stripe by a person, or by a program over x402 or MPP.';

-- Who pays with nothing but a secret has an account, too: a user without a person, nobody's customer and nobody to count.
alter table public.users add column is_machine boolean not null default false;
comment on column public.users.is_machine is 'A program that pays by a secret of its own: no person, no address, no customer at Stripe.';

drop trigger owe_customer on public.users;
create trigger owe_customer after insert on public.users
  for each row when (new.stripe_customer_id is null and not new.is_machine)
  execute function private.owe_customer_at_sign_up();

create or replace function private.note_person() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.people_changes (at, people)
    select case tg_op when 'INSERT' then new.created_at else old.created_at end, case tg_op when 'INSERT' then 1 else -1 end
    where not case tg_op when 'INSERT' then new.is_machine else old.is_machine end;
  return null;
end $$;

create table private.machine_payers (
  user_id uuid primary key references public.users (id) on delete cascade,
  secret_hash text not null unique check (secret_hash ~ '^[0-9a-f]{64}$')
);
comment on table private.machine_payers is 'By the keyed hash of its secret, which is stored nowhere: the user that stands for who has it.';

create table public.machine_payments (
  purchase_id uuid primary key references public.purchases (id) on delete restrict,
  account_id uuid not null,
  order_key text not null check (length(order_key) between 1 and 255),
  attempt int not null check (attempt > 0),
  payment_key text not null unique check (length(payment_key) between 1 and 255),
  call_id uuid,
  network text,
  asset text,
  amount_units bigint check (amount_units > 0),
  payer text,
  pay_to text,
  valid_before timestamptz,
  payload jsonb,
  requirements jsonb,
  transaction text,
  settle_after timestamptz not null,
  asked int not null default 1,
  settled_at timestamptz,
  created_at timestamptz not null default now(),
  unique (account_id, order_key, attempt)
);
comment on table public.machine_payments is
  'The payment of a purchase over x402 or MPP. payment_key is what makes it one payment (on a chain: network, asset, payer and '
  'nonce; else the challenge), so it pays one purchase, once. amount_units are micro-units of the asset, in whole. payload is '
  'kept only until it is settled.';
comment on column public.machine_payments.order_key is 'What the buyer calls the order; a later attempt follows one that failed for good.';
comment on column public.machine_payments.settle_after is 'Until then somebody is settling it; after that anybody may go on.';
create index machine_payments_pending on public.machine_payments (settle_after) where settled_at is null and payload is not null;
create index machine_payments_by_call on public.machine_payments (call_id);
alter table public.machine_payments enable row level security;
revoke all on public.machine_payments from anon, authenticated, service_role;

-- The user for who has this secret, made when it first pays.
create function private.machine_payer(p_secret_hash text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended(p_secret_hash, 6000));
  select user_id into v_user_id from private.machine_payers where secret_hash = p_secret_hash;
  if not found then
    insert into public.users (id, is_machine) values (gen_random_uuid(), true) returning id into v_user_id;
    insert into public.accounts (id, owner_kind, owner_id, unit) values (v_user_id, 'person', v_user_id, 'second');
    insert into private.machine_payers (user_id, secret_hash) values (v_user_id, p_secret_hash);
    -- What a program says is nothing to remember of a person.
    insert into public.caller_settings (user_id, memory_enabled) values (v_user_id, false)
      on conflict (user_id) do update set memory_enabled = false;
  end if;
  return v_user_id;
end $$;

-- In whose name somebody buys: a person, a person or a key for a tenant (of a key it is an owner's), or a secret.
-- Null where there is nobody, or who may not.
create function private.machine_buyer(p_user_id uuid, p_tenant_id uuid, p_secret_hash text, p_begins boolean) returns uuid
language plpgsql security definer set search_path = '' as $$
begin
  if num_nonnulls(p_user_id, p_tenant_id) = 0 then
    if (p_secret_hash ~ '^[0-9a-f]{64}$') is not true then
      return null;
    end if;
    return case when p_begins then private.machine_payer(p_secret_hash)
      else (select user_id from private.machine_payers where secret_hash = p_secret_hash) end;
  elsif p_tenant_id is null then
    return (select id from public.users where id = p_user_id and deleted_at is null);
  elsif p_user_id is null then
    return (select m.user_id from public.tenant_members m join public.tenants t on t.id = m.tenant_id
      where m.tenant_id = p_tenant_id and m.role = 'owner' order by m.created_at, m.user_id limit 1);
  end if;
  return case when private.role_in(p_user_id, p_tenant_id) in ('owner', 'billing') then p_user_id end;
end $$;

-- An order as its buyer sees it. 'settlement_pending' is everything between "asked" and "known": it is never asked for again.
create function private.machine_order(p_purchase_id uuid) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object('order_id', p.id, 'rail', p.rail, 'package_id', p.package_id, 'amount_cents', p.amount_cents,
    'currency', p.currency, 'seconds', p.paid_seconds + p.bonus_seconds, 'created_at', private.utc_text(p.created_at),
    'status', case when p.status = 'succeeded' then 'settled' when p.status in ('failed', 'canceled') then 'failed'
      when p.status in ('review', 'refused') then p.status else 'settlement_pending' end,
    'failure', p.failure_code, 'refunded_cents', p.refunded_cents, 'call_id', m.call_id, 'network', m.network,
    'asset', m.asset, 'amount_units', m.amount_units::text, 'payer', m.payer, 'transaction', m.transaction,
    'card', case when g.id is not null then jsonb_build_object('card_id', g.id, 'status', g.status,
      'remaining_seconds', g.remaining, 'expires_at', private.utc_text(g.expires_at)) end,
    -- The code is derived from this id: whoever may see the order owns a gift that nobody has activated.
    'has_code', g.status = 'unactivated', 'payment_intent_id', p.payment_intent_id)
  from public.machine_payments m join public.purchases p on p.id = m.purchase_id
  left join public.grants g on g.id = p.id where m.purchase_id = p_purchase_id
$$;

create function public.find_machine_order(p_user_id uuid, p_tenant_id uuid, p_secret_hash text, p_key text default null,
  p_order_id uuid default null) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select private.machine_order(m.purchase_id) from public.machine_payments m
  where m.account_id = coalesce(p_tenant_id, private.machine_buyer(p_user_id, p_tenant_id, p_secret_hash, false))
    and (p_tenant_id is null or private.machine_buyer(p_user_id, p_tenant_id, p_secret_hash, false) is not null)
    and (m.order_key = p_key or m.purchase_id = p_order_id)
  order by m.attempt desc limit 1
$$;
comment on function public.find_machine_order(uuid, uuid, text, text, uuid) is
  'An order of this person, tenant or secret, by its key or its id, as it stands; null where there is none of theirs.';

-- Who goes on where somebody was killed: a lease, so that one settles at a time.
create function private.lease_of_settlement() returns interval language sql immutable set search_path = '' as $$
  select interval '60 seconds'
$$;

create function public.begin_machine_payment(p_user_id uuid, p_tenant_id uuid, p_secret_hash text, p_key text,
  p_package_id text, p_price jsonb, p_payment jsonb, p_call_id uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_buyer_id uuid := private.machine_buyer(p_user_id, p_tenant_id, p_secret_hash, true);
  v_account_id uuid := coalesce(p_tenant_id, v_buyer_id);
  v_payment_key text := p_payment ->> 'key';
  v_rail text := p_payment ->> 'rail';
  v_known public.machine_payments;
  v_purchase public.purchases;
  v_call_refusal text;
begin
  if v_buyer_id is null then
    return jsonb_build_object('status', 'unknown_buyer');
  elsif (length(p_key) between 1 and 200 and length(v_payment_key) between 1 and 255 and v_rail in ('x402', 'mpp')) is not true then
    return jsonb_build_object('status', 'invalid_payment');
  end if;
  -- One order after the other, then one payment: whoever comes second finds what the first did.
  perform pg_advisory_xact_lock(hashtextextended(v_account_id || ':' || p_key, 6001));
  perform pg_advisory_xact_lock(hashtextextended(v_payment_key, 6002));
  select * into v_known from public.machine_payments where account_id = v_account_id and order_key = p_key
    order by attempt desc limit 1;
  if found then
    select * into strict v_purchase from public.purchases where id = v_known.purchase_id for update;
    -- Again, and locked: the job may have taken the lease since. The purchase before its payment, as everywhere.
    select * into strict v_known from public.machine_payments where purchase_id = v_known.purchase_id for update;
    if v_purchase.package_id is distinct from p_package_id or v_known.call_id is distinct from p_call_id then
      return jsonb_build_object('status', 'key_reused');
    elsif v_known.payment_key = v_payment_key and v_purchase.status in ('created', 'unknown', 'processing')
        and v_known.settle_after < clock_timestamp() then
      -- Somebody began to settle it and never came back: the same payment, so nothing can be taken twice.
      update public.machine_payments set settle_after = clock_timestamp() + private.lease_of_settlement(), asked = asked + 1
        where purchase_id = v_known.purchase_id;
      return jsonb_build_object('status', 'settle', 'purchase_id', v_known.purchase_id, 'is_first', false);
    elsif v_known.payment_key = v_payment_key or v_purchase.status not in ('failed', 'canceled') then
      -- Paid, or on its way: a second payment for it is not taken.
      return jsonb_build_object('status', 'known', 'order', private.machine_order(v_known.purchase_id));
    end if;
  end if;
  if exists (select from public.machine_payments where payment_key = v_payment_key) then
    return jsonb_build_object('status', 'payment_used');
  end if;
  v_call_refusal := private.paid_call_refusal(v_account_id, p_call_id, (p_price ->> 'cents')::bigint);
  if v_call_refusal is not null then
    return jsonb_build_object('status', v_call_refusal);
  end if;
  insert into public.purchases (user_id, tenant_id, package_id, purpose, idempotency_key, amount_cents, currency, paid_seconds,
      bonus_seconds, rail)
    select v_buyer_id, p_tenant_id, t.id,
      -- Of who has a secret only: a card that waits for whoever has its code. A call is had by the secret itself.
      case when num_nonnulls(p_user_id, p_tenant_id, p_call_id) = 0 then 'gift' else 'me' end,
      format('%s:%s:%s:%s', v_rail, coalesce(v_known.attempt, 0) + 1, v_account_id, p_key), (p_price ->> 'cents')::int, p_price ->> 'currency',
      (p_price ->> 'paid_seconds')::int, (p_price ->> 'bonus_seconds')::int, v_rail
    from public.pricing_tiers t where t.id = p_package_id
    returning * into v_purchase;
  if v_purchase.id is null then
    return jsonb_build_object('status', 'unknown_package');
  end if;
  insert into public.machine_payments (purchase_id, account_id, order_key, attempt, payment_key, call_id, network, asset,
      amount_units, payer, pay_to, valid_before, payload, requirements, settle_after)
    values (v_purchase.id, v_account_id, p_key, coalesce(v_known.attempt, 0) + 1, v_payment_key, p_call_id,
      p_payment ->> 'network', p_payment ->> 'asset', (p_payment ->> 'amount_units')::bigint, p_payment ->> 'payer',
      p_payment ->> 'pay_to', to_timestamp((p_payment ->> 'valid_before')::double precision), p_payment -> 'payload',
      p_payment -> 'requirements', clock_timestamp() + private.lease_of_settlement());
  return jsonb_build_object('status', 'settle', 'purchase_id', v_purchase.id, 'is_first', true);
end $$;
comment on function public.begin_machine_payment(uuid, uuid, text, text, text, jsonb, jsonb, uuid) is
  'Before anything is taken: binds a payment to the order of this key, for good. settle: it is the caller''s to settle, within a '
  'minute. known: the order as it stands, and nothing is to be taken. Refuses with payment_used (it pays another order), '
  'key_reused, unknown_package, unknown_buyer, invalid_payment, call_settled, unknown_call or spend_cap_reached.';

create function public.settle_machine_payment(p_purchase_id uuid, p_outcome text, p_transaction text default null,
  p_failure text default null, p_code_hash text default null, p_again_seconds int default 60) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
begin
  select * into v_purchase from public.purchases where id = p_purchase_id and rail = 'x402' for update;
  if not found then
    return jsonb_build_object('status', 'unknown_purchase');
  elsif (p_outcome in ('settled', 'failed', 'pending')) is not true or p_outcome = 'settled' and p_transaction is null then
    raise exception 'a settlement has no outcome %', p_outcome using errcode = '22023';
  end if;
  if p_outcome = 'settled' and private.may_follow(v_purchase.status, 'succeeded') then
    update public.machine_payments set transaction = p_transaction, settled_at = now(), payload = null
      where purchase_id = p_purchase_id;
    perform private.lock_account(coalesce(v_purchase.tenant_id, v_purchase.user_id));
    update public.purchases set status = 'succeeded', failure_code = null, received_cents = amount_cents, updated_at = now()
      where id = p_purchase_id returning * into v_purchase;
    perform private.make_card(v_purchase, p_code_hash);
  elsif p_outcome = 'failed' and private.may_follow(v_purchase.status, 'failed') then
    update public.machine_payments set payload = null where purchase_id = p_purchase_id;
    update public.purchases set status = 'failed', failure_code = left(p_failure, 100), updated_at = now()
      where id = p_purchase_id;
  elsif p_outcome = 'pending' and v_purchase.status in ('created', 'unknown', 'processing') then
    update public.machine_payments set transaction = coalesce(p_transaction, transaction),
        settle_after = clock_timestamp() + make_interval(secs => least(greatest(p_again_seconds, 1), 3600))
      where purchase_id = p_purchase_id;
    if v_purchase.status <> 'processing' then
      update public.purchases set status = 'processing', updated_at = now() where id = p_purchase_id;
    end if;
  end if;
  return jsonb_build_object('status', 'noted', 'order', private.machine_order(p_purchase_id));
end $$;
comment on function public.settle_machine_payment(uuid, text, text, text, text, int) is
  'What became of a payment on a chain: settled gives the card, once, in the same transaction; failed for good; or pending, which '
  'is looked at again after so many seconds. Of a repeat, and of news that come late, nothing changes.';

create function public.due_machine_payments(p_limit int default 20) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_due jsonb;
begin
  -- Stripe was never asked, as far as anybody knows: twice as long as the comparison needs to find what it has. Money that
  -- comes all the same is taken for what it paid.
  update public.purchases set status = 'failed', failure_code = 'never_made', updated_at = now()
    where rail = 'mpp' and status = 'created' and created_at < now() - interval '15 minutes';
  with due as (
    select m.purchase_id from public.machine_payments m join public.purchases p on p.id = m.purchase_id
    where m.settled_at is null and m.payload is not null and m.settle_after < clock_timestamp() and p.rail = 'x402'
      and p.status in ('created', 'unknown', 'processing')
    order by m.settle_after limit greatest(0, least(p_limit, 100)) for update of m skip locked),
  taken as (
    update public.machine_payments m set settle_after = clock_timestamp() + private.lease_of_settlement(), asked = asked + 1
    from due where m.purchase_id = due.purchase_id
    returning m.*)
  select coalesce(jsonb_agg(jsonb_build_object('purchase_id', purchase_id, 'payload', payload, 'requirements', requirements,
    'network', network, 'asked', asked)), '[]') into v_due from taken;
  return v_due;
end $$;
comment on function public.due_machine_payments(int) is
  'Payments on a chain of which it is not known what became of them, for whoever asks to find out: within a minute nobody else gets them.';

create function public.note_chain_refund(p_operator_id uuid, p_purchase_id uuid, p_amount_cents int, p_transaction text,
  p_reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
begin
  select * into v_purchase from public.purchases where id = p_purchase_id for update;
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_operator');
  elsif v_purchase.id is null or v_purchase.rail <> 'x402' or v_purchase.status <> 'succeeded' then
    return jsonb_build_object('status', 'not_refundable');
  elsif private.is_own_account(p_operator_id, coalesce(v_purchase.tenant_id, v_purchase.user_id)) then
    return jsonb_build_object('status', 'own_purchase');
  elsif (length(p_transaction) between 8 and 200 and length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'not_refundable');
  elsif exists (select from public.payment_refunds where id = 'chain:' || p_transaction) then
    -- One transfer gives back one purchase, once.
    return jsonb_build_object('status', case when exists (select from public.payment_refunds
      where id = 'chain:' || p_transaction and purchase_id = p_purchase_id and amount_cents = p_amount_cents)
      then 'noted' else 'transaction_used' end, 'order', private.machine_order(p_purchase_id));
  elsif (p_amount_cents between 1 and v_purchase.received_cents - v_purchase.refunded_cents) is not true then
    return jsonb_build_object('status', 'not_refundable');
  end if;
  perform private.note_refunds(p_purchase_id, jsonb_build_array(jsonb_build_object('id', 'chain:' || p_transaction,
    'amount_cents', p_amount_cents, 'status', 'succeeded')));
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, 'refund', p_purchase_id::text, trim(p_reason));
  perform private.settle_card(private.sum_money_back(v_purchase));
  return jsonb_build_object('status', 'noted', 'order', private.machine_order(p_purchase_id));
end $$;
comment on function public.note_chain_refund(uuid, uuid, int, text, text) is
  'An operator sent money of a purchase back on its chain: takes its share of the time, as a refund at Stripe does. Keyed by the '
  'transaction. Refuses with not_operator, own_purchase, not_refundable or transaction_used.';

-- I5 and I6 of purchases: each refund and dispute is applied once, and a paid one has exactly one card of its id and size;
-- what came back of it is a part of that one. Its money is an intent at Stripe, or a transaction on a chain.
create or replace function private.audit_purchases(p_cards uuid[])
returns table (invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  select 'I5', p.id::text, format('refunded %s and lost %s of %s cents, taken back %s of %s seconds', p.refunded_cents,
    p.lost_cents, coalesce(p.received_cents, p.amount_cents), p.clawed_back_seconds, p.paid_seconds + p.bonus_seconds), p.id
  from unnest(p_cards) as asked (id) join public.purchases p on p.id = asked.id
  where p.clawed_back_seconds <> case when p.status = 'succeeded'
    then private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents) else 0 end
  union all
  select 'I5', p.id::text, format('refunded %s, lost %s, disputed %s cents; by rows %s, %s, %s', p.refunded_cents,
    p.lost_cents, p.disputed_cents, r.cents, d.lost, d.disputed), p.id
  from unnest(p_cards) as asked (id) join public.purchases p on p.id = asked.id
  cross join lateral (select coalesce(sum(amount_cents), 0) as cents from public.payment_refunds
    where purchase_id = p.id and status <> 'failed') r
  cross join lateral (select coalesce(sum(amount_cents) filter (where status = 'open'), 0) as disputed,
      coalesce(sum(amount_cents) filter (where status = 'lost'), 0) as lost
    from public.payment_disputes where purchase_id = p.id) d
  where p.refunded_cents <> r.cents or p.lost_cents <> d.lost or p.disputed_cents <> d.disputed
  union all
  select 'I6', asked.id::text,
    format('purchase %s, card %s', coalesce(p.status, 'missing'), coalesce(g.status, 'missing')), asked.id
  from unnest(p_cards) as asked (id)
  left join public.purchases p on p.id = asked.id and p.status = 'succeeded'
  left join public.grants g on g.id = asked.id
    and (g.part_of is null and g.source in ('paid', 'gift') or g.payment_intent_id is not null)
  where (p.id is not null or g.id is not null)
    and (case p.rail when 'x402' then g.payment_intent_id is null and exists (select from public.machine_payments m
          where m.purchase_id = p.id and m.transaction is not null and m.amount_units = p.received_cents * 10000::bigint)
        else g.payment_intent_id = p.payment_intent_id end
      and g.paid = p.paid_seconds and g.bonus = p.bonus_seconds) is not true
  union all
  select 'I6', g.id::text, format('part of a grant of %s', coalesce(w.account_id::text, 'nobody')), g.id
  from unnest(p_cards) as asked (id) join public.grants g on g.id = asked.id join public.grants w on w.id = g.part_of
  where w.account_id is distinct from g.account_id or w.part_of is not null
$$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.find_machine_order(uuid, uuid, text, text, uuid),
  public.begin_machine_payment(uuid, uuid, text, text, text, jsonb, jsonb, uuid),
  public.settle_machine_payment(uuid, text, text, text, text, int), public.due_machine_payments(int),
  public.note_chain_refund(uuid, uuid, int, text, text) from public, anon, authenticated;
grant execute on function public.find_machine_order(uuid, uuid, text, text, uuid),
  public.begin_machine_payment(uuid, uuid, text, text, text, jsonb, jsonb, uuid),
  public.settle_machine_payment(uuid, text, text, text, text, int), public.due_machine_payments(int),
  public.note_chain_refund(uuid, uuid, int, text, text) to service_role;
