-- Calls and cards of tenants. The account of a call or a purchase has the id coalesce(tenant_id, user_id): it holds, is charged,
-- has the receipts in its chain, and owes where money goes back. Whoever talks must be a member, whoever buys owner or billing;
-- a code may be activated for a tenant by any of its members, as a gift to it.

alter table public.purchases add constraint tenants_buy_for_themselves check (tenant_id is null or purpose = 'me');

-- All calls that an account pays for.
create function private.calls_of(p_account_id uuid) returns setof public.calls
language sql stable security definer set search_path = '' as $$
  select * from public.calls where user_id = p_account_id and tenant_id is null
  union all
  select * from public.calls where tenant_id = p_account_id
$$;

-- Of tenants, too: under the name of the first design, their id stands in user_id.
create or replace view public.time_accounts with (security_invoker = true) as
  select a.id as user_id, a.balance as balance_seconds, h.held_seconds, a.debt as debt_seconds, h.live_calls
  from public.accounts a
  cross join lateral (select coalesce(sum(amount - restored_ms / 1000), 0)::bigint as held_seconds, count(*)::int as live_calls
    from public.holds where account_id = a.id) h
  where a.unit = 'second';
comment on view public.time_accounts is 'The seconds of each person and tenant, and how many of them live calls hold.';

-- Whether somebody decides about what is their own: of theirs, or of a tenant that they belong to.
create function private.is_own_account(p_user_id uuid, p_account_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select p_user_id = p_account_id or exists (select from public.tenant_members
    where tenant_id = p_account_id and user_id = p_user_id)
$$;

create or replace function private.make_card(p public.purchases, p_code_hash text)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_grant public.grants;
begin
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, purchaser_id, package_id,
      payment_intent_id, activated_at, expires_at)
    select p.id, owner.id, 'second', case p.purpose when 'me' then 'paid' else 'gift' end,
      case p.purpose when 'me' then 'active' else 'unactivated' end,
      p.paid_seconds, p.bonus_seconds, p.paid_seconds + p.bonus_seconds, p.user_id, p.package_id, p.payment_intent_id,
      case p.purpose when 'me' then now() end, case p.purpose when 'me' then now() + interval '1 year' end
    from (select case p.purpose when 'me' then coalesce(p.tenant_id, p.user_id) end as id) owner
    returning * into v_grant;
  if p.purpose = 'gift' then
    insert into public.activation_codes (card_id, code_hash) values (v_grant.id, p_code_hash);
  else
    perform private.credit_grant(v_grant);
  end if;
end $$;

create or replace function private.receive_money(p public.purchases, p_intent_id text, p_received_cents integer, p_tax_cents integer, p_currency text, p_code_hash text)
returns public.purchases
language plpgsql security definer set search_path = '' as $$
declare
  v_reason text := private.review_reason(p, p_intent_id, p_received_cents, p_tax_cents, p_currency);
begin
  if v_reason is null then
    perform private.lock_account(coalesce(p.tenant_id, p.user_id));
    update public.purchases
      set status = 'succeeded', failure_code = null, review_reason = null, payment_intent_id = p_intent_id,
          received_cents = p_received_cents, received_currency = null, updated_at = now()
      where id = p.id returning * into p;
    perform private.make_card(p, p_code_hash);
  else
    -- Money that does not fit its purchase gives no time by itself: a person has to look.
    update public.purchases
      set status = 'review', review_reason = v_reason, updated_at = now(),
          received_cents = case when p_received_cents >= 0 then p_received_cents end,
          received_currency = nullif(p_currency, currency),
          payment_intent_id = case when exists (select from public.purchases o
              where o.payment_intent_id = p_intent_id) then payment_intent_id
            else coalesce(payment_intent_id, p_intent_id) end
      where id = p.id returning * into p;
  end if;
  return p;
end $$;

create or replace function private.settle_card(p public.purchases)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_total bigint := private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents);
  v_disputed bigint := private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents + p.disputed_cents) - v_total;
  v_account_id uuid;
  v_grant public.grants;
begin
  select * into strict v_grant from public.grants where id = p.id;
  if v_total = p.clawed_back_seconds and v_disputed = v_grant.disputed then
    return;
  end if;
  v_account_id := v_grant.account_id;
  -- Of a gift both: the receiver has the time, and the buyer owes what was used of it.
  perform from public.accounts where id in (v_account_id, coalesce(p.tenant_id, p.user_id)) and v_account_id is not null order by id for update;
  if v_account_id is not null then
    perform private.expire_grants_of(v_account_id);
  end if;
  select * into strict v_grant from public.grants where id = p.id for update;
  if v_grant.account_id is distinct from v_account_id then
    -- Activated at this very moment, by an account that is not locked here. Stripe sends the event again.
    raise exception 'card % changed hands during its refund', v_grant.id using errcode = '40001';
  end if;
  if v_account_id is null then
    -- Nobody owns it yet, so it is no part of any ledger. Wholly frozen, it cannot be activated until the dispute is won.
    update public.grants
      set remaining = paid + bonus - v_total - v_disputed, disputed = v_disputed, frozen = v_disputed,
          frozen_at = case when v_disputed > 0 then coalesce(frozen_at, now()) end,
          status = case when paid + bonus = v_total + v_disputed then 'revoked' else 'unactivated' end
      where id = v_grant.id;
  else
    perform private.settle_owned(v_grant, p, v_total, v_disputed);
  end if;
  update public.purchases set clawed_back_seconds = v_total, settlements = settlements + 1 where id = p.id;
end $$;

create or replace function private.settle_owned(g public.grants, p public.purchases, p_total bigint, p_disputed bigint)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_payer_id uuid := coalesce(p.tenant_id, p.user_id);
  v_name text := format('%s:s%s', g.id, p.settlements + 1);
  v_thawed bigint := greatest(0, g.frozen - p_disputed);
  v_lost bigint := least(v_thawed, greatest(0, p_total - p.clawed_back_seconds));
begin
  update public.grants
    set disputed = p_disputed, frozen = frozen - v_thawed, frozen_at = case when frozen > v_thawed then frozen_at end
    where id = g.id returning * into g;
  -- Before anything is taken: what was frozen for a dispute that is lost is what is taken first.
  if v_lost > 0 then
    perform private.lose_frozen(g, v_lost, v_name);
  end if;
  if v_thawed > v_lost then
    perform private.bring_back(g.account_id, g.id, g.id, 'freeze', v_thawed - v_lost, format('restore:%s:frozen', v_name));
  end if;
  if p_total > p.clawed_back_seconds then
    perform private.take_back(g, v_payer_id, p_total - p.clawed_back_seconds - v_lost, p_total, 'clawback:' || v_name);
  elsif p_total < p.clawed_back_seconds then
    perform private.give_back(g, v_payer_id, p_total, 'restore:' || v_name);
  end if;
  perform private.pay_debt(g.account_id);
  if v_payer_id <> g.account_id then
    perform private.pay_debt(v_payer_id);
  end if;
end $$;

create or replace function private.settle_kept(p_account_id uuid, p_grant_ids uuid[], p_call_id uuid)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_whole public.grants;
  v_total bigint;
begin
  perform private.expire_grants_of(p_account_id);
  for v_whole in
    select * from public.grants where id in (select coalesce(part_of, id) from public.grants where id = any (p_grant_ids))
    order by id
  loop
    select clawed_back_seconds into v_total from public.purchases where id = v_whole.id and coalesce(tenant_id, user_id) = p_account_id;
    if v_total > 0 then
      perform private.note_debt(v_whole, p_account_id, v_total, format('clawback:%s:call:%s', v_whole.id, p_call_id));
    end if;
  end loop;
end $$;

create or replace function public.begin_operator_refund(p_purchase_id uuid, p_operator_id uuid, p_amount_cents integer, p_reason text, p_key text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
  v_refund public.operator_refunds;
  v_left int;
begin
  if (p_amount_cents < 1) is true or (length(trim(p_reason)) between 1 and 500) is not true
     or (length(p_key) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_refund');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_purchase from public.purchases where id = p_purchase_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_purchase');
  elsif v_purchase.user_id = p_operator_id or private.is_own_account(p_operator_id, v_purchase.tenant_id) then
    return jsonb_build_object('status', 'own_purchase');
  end if;
  select * into v_refund from public.operator_refunds where key = p_key;
  if found then
    if v_refund.purchase_id <> p_purchase_id or v_refund.asked_cents is distinct from p_amount_cents then
      return jsonb_build_object('status', 'key_reused');
    end if;
    return jsonb_build_object('status', 'ready', 'refund', to_jsonb(v_refund), 'replayed', true,
      'payment_intent_id', v_purchase.payment_intent_id);
  elsif v_purchase.payment_intent_id is null or v_purchase.status not in ('succeeded', 'review', 'refused') then
    return jsonb_build_object('status', 'not_paid');
  end if;
  -- What is under way counts as refunded: two operators at once must not refund the same rest twice.
  v_left := coalesce(v_purchase.received_cents, v_purchase.amount_cents) - v_purchase.refunded_cents
    - (select coalesce(sum(amount_cents), 0) from public.operator_refunds o where o.purchase_id = p_purchase_id
       and o.refusal is null and not exists (select from public.payment_refunds r where r.id = o.stripe_refund_id));
  if coalesce(p_amount_cents, v_left) > v_left or v_left < 1 then
    return jsonb_build_object('status', 'not_so_much_left', 'left_cents', greatest(0, v_left));
  end if;
  insert into public.operator_refunds (purchase_id, operator_id, key, asked_cents, amount_cents)
    values (p_purchase_id, p_operator_id, p_key, p_amount_cents, coalesce(p_amount_cents, v_left))
    returning * into v_refund;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, 'refund', p_purchase_id::text, trim(p_reason));
  return jsonb_build_object('status', 'ready', 'refund', to_jsonb(v_refund), 'replayed', false,
    'payment_intent_id', v_purchase.payment_intent_id);
end $$;

create or replace function public.resolve_review(p_purchase_id uuid, p_decision text, p_operator_id uuid, p_reason text, p_code_hash text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
begin
  if (p_decision in ('release', 'refuse')) is not true or (length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_decision');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_purchase from public.purchases where id = p_purchase_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_purchase');
  elsif v_purchase.user_id = p_operator_id or private.is_own_account(p_operator_id, v_purchase.tenant_id) then
    return jsonb_build_object('status', 'own_purchase');
  elsif v_purchase.status = (case p_decision when 'release' then 'succeeded' else 'refused' end)
    and v_purchase.review_reason is not null then
    return jsonb_build_object('status', v_purchase.status, 'replayed', true);
  elsif v_purchase.status <> 'review' then
    return jsonb_build_object('status', 'not_in_review');
  elsif p_decision = 'release' and (v_purchase.payment_intent_id is null or p_code_hash is null) then
    return jsonb_build_object('status', 'nothing_to_release');
  end if;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, p_decision, p_purchase_id::text, trim(p_reason));
  if p_decision = 'refuse' then
    update public.purchases set status = 'refused', updated_at = now() where id = p_purchase_id;
    return jsonb_build_object('status', 'refused', 'replayed', false);
  end if;
  perform private.lock_account(coalesce(v_purchase.tenant_id, v_purchase.user_id));
  update public.purchases set status = 'succeeded', failure_code = null, updated_at = now()
    where id = p_purchase_id returning * into v_purchase;
  perform private.make_card(v_purchase, p_code_hash);
  perform private.settle_card(v_purchase);
  return jsonb_build_object('status', 'succeeded', 'replayed', false);
end $$;

create or replace function public.grant_goodwill(p_user_id uuid, p_seconds integer, p_reason text, p_operator_id uuid, p_key text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.grants;
  v_known public.goodwill_grants;
begin
  if (p_seconds between 1 and 360000) is not true or (length(trim(p_reason)) between 1 and 500) is not true
     or (length(p_key) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_grant');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  elsif private.is_own_account(p_operator_id, p_user_id) then
    return jsonb_build_object('status', 'own_account');
  elsif (private.lock_account(p_user_id)).id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  select * into v_known from public.goodwill_grants where key = p_key;
  if found then
    select * into v_card from public.grants where id = v_known.card_id;
    return case when v_card.account_id = p_user_id and v_card.bonus = p_seconds
      then jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', true)
      else jsonb_build_object('status', 'key_reused') end;
  elsif exists (select from public.users where id = p_user_id and deleted_at is not null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, activated_at, expires_at)
    values (gen_random_uuid(), p_user_id, 'second', 'goodwill', 'active', 0, p_seconds, p_seconds, now(),
      now() + interval '1 year')
    returning * into v_card;
  -- Unique by key: of two grants at once with one key for two people, the second fails as a whole.
  insert into public.goodwill_grants (card_id, operator_id, reason, key)
    values (v_card.id, p_operator_id, trim(p_reason), p_key);
  perform private.credit_grant(v_card);
  return jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', false);
end $$;

create or replace function private.audit_accounts(p_accounts uuid[])
returns table(invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  with a as materialized (
    select a.id, a.balance, a.debt, a.first_end, h.amount as held, h.calls
    from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id
    cross join lateral (select coalesce(sum(amount - restored_ms / 1000), 0) as amount, count(*) as calls from public.holds
      where account_id = a.id) h)
  select 'I1', a.id::text, format('ledger %s, balance - debt %s', l.amount, a.balance - a.debt), a.id
  from a cross join lateral (select coalesce(sum(amount), 0) as amount from public.ledger where account_id = a.id) l
  where l.amount <> a.balance - a.debt
  union all
  select 'I2', a.id::text, format('balance %s, grants %s', a.balance, g.amount), a.id
  from a cross join lateral (select coalesce(sum(remaining), 0) as amount from public.grants where account_id = a.id) g
  where a.balance <> g.amount
  union all
  select 'I2', h.id::text, format('call %s, hold of %s', coalesce(coalesce(c.tenant_id, c.user_id)::text, 'missing'), h.account_id), a.id
  from a join public.holds h on h.account_id = a.id
  left join public.calls c on c.id = h.id and c.status = 'open'
  where coalesce(c.tenant_id, c.user_id) is distinct from h.account_id
  union all
  select 'I3', id::text, format('balance %s, held %s, debt %s', balance, held, debt), id from a
  where balance < 0 or debt < 0 or held < 0 or held > balance or debt > 0 and balance > held
  union all
  select 'I3', h.id::text, format('hold of %s, used %s ms, restored %s ms', h.amount, h.used_ms, h.restored_ms), a.id
  from a join public.holds h on h.account_id = a.id
  where h.amount < 0 or h.used_ms < 0 or h.restored_ms < 0 or h.restored_ms > h.used_ms
  union all
  select 'I3', g.id::text, format('%s of %s disputed frozen, %s left and free', w.frozen, w.disputed,
    least(g.remaining - k.amount, a.balance - a.held)), a.id
  from a join public.grants g on g.account_id = a.id and g.status = 'active'
  join public.grants w on w.id = coalesce(g.part_of, g.id)
  cross join lateral (select private.kept_of(g.id) as amount) k
  where w.disputed > w.frozen and a.balance > a.held and g.remaining > k.amount
  union all
  -- What a live call may use beyond its last report is one slice (plus the second it is rounded up to).
  select 'I4', h.id::text, format('granted %s, used %s ms', h.amount, h.used_ms), a.id
  from a join public.holds h on h.account_id = a.id
  where h.amount * 1000 - h.used_ms >= (h.slice_seconds + 1) * 1000::bigint
  union all
  select 'I2', a.id::text, format('first end %s, of a grant %s', a.first_end, g.first_end), a.id
  from a cross join lateral (select min(expires_at) as first_end from public.grants
    where account_id = a.id and status = 'active') g
  where g.first_end is not null and (a.first_end <= g.first_end) is not true
  union all
  -- Of a grant that ended, what remains is what live calls keep, each within what it holds.
  select 'I4', g.id::text, format('ended with %s, of which calls keep %s', g.remaining, k.amount), a.id
  from a join public.grants g on g.account_id = a.id and g.ended_at >= g.expires_at
  cross join lateral (select private.kept_of(g.id) as amount) k
  where g.remaining <> k.amount
  union all
  select 'I4', h.id::text, format('granted %s, keeps %s', h.amount, k.amount), a.id
  from a join public.holds h on h.account_id = a.id
  cross join lateral (select coalesce(sum(amount), 0) as amount from private.kept_parts where hold_id = h.id) k
  where k.amount > h.amount - h.restored_ms / 1000
$$;

create or replace function private.audit_calls(p_accounts uuid[])
returns table(invariant text, subject text, detail text, scope uuid)
language sql stable security definer set search_path = '' as $$
  select v.invariant, c.id::text, v.detail, coalesce(c.tenant_id, c.user_id)
  from unnest(p_accounts) as asked (id) cross join lateral private.calls_of(asked.id) c
  cross join lateral (select coalesce(-sum(amount), 0) as amount from public.ledger where call_id = c.id) l
  cross join lateral (
    select 'I5', format('charged %s, ledger %s, used %s ms, restored %s ms', c.charged_seconds, l.amount, c.used_ms,
      c.restored_ms)
    where coalesce(c.charged_seconds, 0) <> l.amount
      or c.status = 'settled' and c.charged_seconds <> (c.used_ms - c.restored_ms) / 1000
    union all
    select 'I3', format('call charged %s, used %s ms, restored %s ms', c.charged_seconds, c.used_ms, c.restored_ms)
    where c.used_ms < 0 or c.charged_seconds < 0 or c.restored_ms < 0 or c.restored_ms > c.used_ms
    union all
    select 'I2', format('call %s, hold of nobody', coalesce(c.tenant_id, c.user_id))
    where c.status = 'open' and not exists (select from public.holds h where h.id = c.id and h.account_id = coalesce(c.tenant_id, c.user_id))
  ) v (invariant, detail)
  union all
  select 'I5', a.id::text, format('%s receipts, %s settled calls', a.receipts, c.settled), a.id
  from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id
  cross join lateral (select count(*) as settled from private.calls_of(a.id) where status = 'settled') c
  where a.receipts <> c.settled
$$;

create or replace function public.verify_receipts(p_user_id uuid)
returns jsonb
language sql stable security definer set search_path = '' as $$
  with chain as (
    select (receipt ->> 'number')::int as number, receipt,
      lag(receipt ->> 'hash') over (order by (receipt ->> 'number')::int) as before,
      row_number() over (order by (receipt ->> 'number')::int) as position
    from private.calls_of(p_user_id) where status = 'settled')
  select jsonb_build_object('receipts', count(*), 'broken', coalesce(jsonb_agg(number order by number) filter (where
      receipt ->> 'hash' is distinct from private.receipt_hash(receipt)
      or receipt ->> 'previous_hash' is distinct from before or number <> position), '[]'),
    'complete', count(*) = (select receipts from public.accounts where id = p_user_id)
      and max(receipt ->> 'hash') filter (where number = (select receipts from public.accounts where id = p_user_id))
        is not distinct from (select last_receipt_hash from public.accounts where id = p_user_id))
  from chain
$$;

create or replace function public.deletion_terms(p_user_id uuid)
returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('email', u.email,
    'has_password', coalesce((select encrypted_password from auth.users where id = p_user_id), '') <> '',
    'remaining_seconds', public.get_user_time_balance(p_user_id),
    'frozen_seconds', (select coalesce(sum(frozen), 0)::bigint from public.grants where account_id = p_user_id),
    'waiting_gifts', (select count(*) from public.grants
      where purchaser_id = p_user_id and source = 'gift' and status = 'unactivated'),
    'live_calls', (select count(*) from public.calls where user_id = p_user_id and status = 'open'))
  from public.users u where id = p_user_id and deleted_at is null
$$;

drop function public.begin_purchase(uuid, text, text, text, text, text, text, date, text);
create or replace function public.begin_purchase(p_user_id uuid, p_package_id text, p_purpose text, p_key text, p_message text default null, p_recipient_name text default null, p_gift_email text default null, p_deliver_on date default null, p_time_zone text default null, p_tenant_id uuid default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
  v_deliver_at timestamptz := private.delivery_time(p_deliver_on, p_time_zone);
begin
  -- A tenant buys for itself, by whoever does its billing; of a repeat, too.
  if p_tenant_id is not null and p_purpose is distinct from 'me' then
    return jsonb_build_object('status', 'key_reused');
  end if;
  select * into v_purchase from public.purchases where user_id = p_user_id and idempotency_key = p_key;
  if v_purchase.id is null and p_deliver_on is not null and v_deliver_at is null then
    return jsonb_build_object('status', 'invalid_delivery');
  end if;
  if coalesce(v_purchase.tenant_id, p_tenant_id) is not null
     and (private.role_in(p_user_id, coalesce(v_purchase.tenant_id, p_tenant_id)) in ('owner', 'billing')) is not true then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  insert into public.purchases
    (user_id, package_id, purpose, idempotency_key, amount_cents, currency, paid_seconds, bonus_seconds,
     gift_message, gift_recipient, gift_email, deliver_at, tenant_id)
    select u.id, t.id, p_purpose, p_key, t.price_cents, t.currency, (t.total_minutes - t.bonus_minutes) * 60,
      t.bonus_minutes * 60, p_message, p_recipient_name, p_gift_email, v_deliver_at, p_tenant_id
    from public.pricing_tiers t, public.users u where t.id = p_package_id and t.active and u.id = p_user_id
    on conflict (user_id, idempotency_key) do nothing;
  select * into v_purchase from public.purchases where user_id = p_user_id and idempotency_key = p_key;
  if not found then
    return jsonb_build_object('status',
      case when exists (select from public.users where id = p_user_id) then 'unknown_package' else 'unknown_user' end);
  -- The day may have been changed since, so it is no part of what a repeat has to say again.
  elsif v_purchase.package_id is distinct from p_package_id or v_purchase.purpose is distinct from p_purpose
     or v_purchase.gift_message is distinct from p_message
     or v_purchase.gift_recipient is distinct from p_recipient_name
     or v_purchase.gift_email is distinct from p_gift_email
     -- The page pays what a call began by its key alone.
     or p_tenant_id is not null and v_purchase.tenant_id is distinct from p_tenant_id then
    return jsonb_build_object('status', 'key_reused');
  end if;
  return jsonb_build_object('status', 'ready', 'purchase', to_jsonb(v_purchase),
    'stripe_customer_id', (select stripe_customer_id from public.users where id = p_user_id),
    'email', (select email from public.users where id = p_user_id));
end $$;

drop function public.activate_time_card(uuid, text, text);
create or replace function public.activate_time_card(p_user_id uuid, p_code_hash text, p_address_hash text default null, p_tenant_id uuid default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account_id uuid := coalesce(p_tenant_id, p_user_id);
  v_card public.grants;
  v_is_over boolean;
  v_words jsonb;
begin
  -- Both, as wrong codes are counted by person.
  perform from public.accounts where id in (p_user_id, v_account_id) order by id for update;
  if (private.lock_account(p_user_id)).id is null then
    return jsonb_build_object('status', 'unknown_user');
  elsif p_tenant_id is not null and private.role_in(p_user_id, p_tenant_id) is null then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  if p_address_hash is not null then
    -- After the account and before the card: many people behind one address get no more attempts by asking at once.
    perform pg_advisory_xact_lock(hashtextextended(p_address_hash, 2500));
  end if;
  -- Before the code is looked up, so that the answer is the same whether it exists or not.
  if private.activation_is_closed(p_user_id, p_address_hash) then
    return jsonb_build_object('status', 'too_many_attempts');
  end if;
  select t.* into v_card from public.grants t join public.activation_codes c on c.card_id = t.id
    where c.code_hash = p_code_hash for update of t;
  if not found then
    perform private.count_failed_attempt(p_user_id);
    perform private.count_failed_address(p_address_hash);
    return jsonb_build_object('status', 'unknown_code');
  end if;
  select coalesce(usable_until <= now(), false) into v_is_over
    from public.activation_codes where card_id = v_card.id;
  select jsonb_build_object('message', gift_message, 'recipient_name', gift_recipient) into v_words
    from public.purchases where id = v_card.id and (gift_message is not null or gift_recipient is not null);
  if v_card.status = 'revoked' or v_card.account_id is null and v_is_over then
    return jsonb_build_object('status', 'revoked');
  elsif v_card.account_id = v_account_id then
    return jsonb_build_object('status', 'already_yours', 'card_id', v_card.id, 'gift', v_words);
  elsif v_card.account_id is not null then
    return jsonb_build_object('status', 'used');
  elsif exists (select from public.code_batch_cards c join public.code_batches b on b.id = c.batch_id
      where c.card_id = v_card.id and p_user_id in (b.operator_id, b.exported_by)) then
    -- Nobody gives time to themselves, here as little as by goodwill.
    return jsonb_build_object('status', 'own_code');
  end if;
  update public.grants
    set account_id = v_account_id, status = 'active', activated_at = now(), expires_at = now() + interval '1 year'
    where id = v_card.id returning * into v_card;
  if v_card.frozen > 0 then
    perform private.note_taken(v_card, 'freeze', v_card.frozen);
  end if;
  perform private.credit_grant(v_card);
  return jsonb_build_object('status', 'activated', 'card_id', v_card.id, 'gift', v_words);
end $$;

drop function public.open_call(uuid, uuid, text, int, int, int, text);
create or replace function public.open_call(p_call_id uuid, p_user_id uuid, p_room_name text, p_slice_seconds integer default 30, p_lease_margin_seconds integer default 15, p_max_live_calls integer default 4, p_worker_id text default null, p_tenant_id uuid default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account_id uuid := coalesce(p_tenant_id, p_user_id);
  v_account public.accounts := private.lock_account(v_account_id);
  v_plan public.plans;
  v_own_calls int;
  v_live_calls int;
  v_free bigint;
  v_call public.calls;
  v_hold public.holds;
begin
  if v_account.id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  perform private.expire_grants_of(v_account_id);
  v_account := private.lock_account(v_account_id);
  select * into v_call from public.calls where id = p_call_id for update;
  if found then
    if v_call.user_id <> p_user_id or v_call.tenant_id is distinct from p_tenant_id or v_call.room_name is distinct from p_room_name then
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
    return private.call_answer(v_hold, private.free_amount(v_account), private.live_calls(v_account_id));
  end if;
  v_live_calls := private.live_calls(v_account_id);
  v_own_calls := v_live_calls;
  if p_tenant_id is not null then
    if private.role_in(p_user_id, p_tenant_id) is null then
      return jsonb_build_object('status', 'unknown_tenant');
    end if;
    select count(*) into v_own_calls from public.holds h join public.calls c on c.id = h.id
      where h.account_id = p_tenant_id and c.user_id = p_user_id;
    select p.* into v_plan from public.tenants t join public.plans p on p.id = t.plan_id where t.id = p_tenant_id;
  end if;
  if exists (select from public.calls where room_name = p_room_name and status = 'open') then
    return jsonb_build_object('status', 'room_taken');
  elsif (v_own_calls < p_max_live_calls) is not true or v_live_calls >= v_plan.calls_at_once then
    return jsonb_build_object('status', 'too_many_calls', 'live_calls', v_live_calls);
  elsif public.calls_in_vain(p_user_id) then
    return jsonb_build_object('status', 'too_many_short_calls');
  elsif p_tenant_id is not null and private.spend_refusal(p_tenant_id) is not null then
    return jsonb_build_object('status', 'spend_limit_reached', 'period', private.spend_refusal(p_tenant_id));
  end if;
  v_free := private.free_amount(v_account);
  if v_free <= 0 then
    return jsonb_build_object('status', 'no_time_left', 'held_seconds', v_account.balance - v_free);
  end if;
  insert into public.calls (id, user_id, tenant_id, room_name, worker_id)
    values (p_call_id, p_user_id, p_tenant_id, p_room_name, p_worker_id)
    on conflict do nothing;
  if not found then
    -- Somebody else, whose account is not locked here, took the room or the id since the look above.
    return jsonb_build_object('status', case when exists (select from public.calls where id = p_call_id)
      then 'call_mismatch' else 'room_taken' end);
  end if;
  v_live_calls := v_live_calls + 1;
  insert into public.holds (id, account_id, unit, amount, slice_seconds, lease_margin_seconds, renewals, lease_expires_at)
    values (p_call_id, v_account_id, 'second', private.seconds_to_grant(v_free, v_live_calls, 0, p_slice_seconds),
      p_slice_seconds, p_lease_margin_seconds, 1,
      clock_timestamp() + make_interval(secs => p_slice_seconds + p_lease_margin_seconds))
    returning * into v_hold;
  return private.call_answer(v_hold, v_free - v_hold.amount, v_live_calls) || jsonb_build_object('expiring_seconds',
    (select coalesce(sum(remaining), 0) from public.grants
      where account_id = v_account_id and status = 'active' and expires_at < now() + interval '7 days'));
end $$;

drop function public.may_call(uuid, uuid, text, int);
create or replace function public.may_call(p_call_id uuid, p_user_id uuid, p_room_name text, p_max_live_calls integer default 4, p_tenant_id uuid default null)
returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object(
    'status', case
      when not exists (select from public.users where id = p_user_id and deleted_at is null) then 'unknown_user'
      when p_tenant_id is not null and private.role_in(p_user_id, p_tenant_id) is null then 'unknown_tenant'
      when c.id is not null and (c.user_id <> p_user_id or c.tenant_id is distinct from p_tenant_id or c.room_name is distinct from p_room_name) then 'call_mismatch'
      when c.status = 'settled' then 'call_settled'
      when c.id is not null then 'open'
      when exists (select from public.calls where room_name = p_room_name and status = 'open') then 'room_taken'
      when (held.own < p_max_live_calls) is not true or held.calls >= (select p.calls_at_once from public.tenants t
        join public.plans p on p.id = t.plan_id where t.id = p_tenant_id) then 'too_many_calls'
      when public.calls_in_vain(p_user_id) then 'too_many_short_calls'
      when p_tenant_id is not null and private.spend_refusal(p_tenant_id) is not null then 'spend_limit_reached'
      when (held.free > 0) is not true then 'no_time_left'
      else 'open' end,
    'live_calls', held.ids,
    'free_seconds', greatest(coalesce(held.free, 0), 0))
  from (select count(*) as calls, coalesce(jsonb_agg(id), '[]') as ids,
      count(*) filter (where p_tenant_id is null or exists (select from public.calls o where o.id = holds.id and o.user_id = p_user_id)) as own,
      public.get_user_time_balance(coalesce(p_tenant_id, p_user_id)) - coalesce(sum(amount - restored_ms / 1000), 0)::bigint as free
    from public.holds where account_id = coalesce(p_tenant_id, p_user_id)) held
  left join public.calls c on c.id = p_call_id
$$;

comment on function public.begin_purchase(uuid, text, text, text, text, text, text, date, text, uuid) is
  'Begins a purchase at today''s price, or answers the one that this key began. A gift may carry words, and go to an address on a '
  'day; a tenant buys for itself. Refuses with unknown_package, unknown_user, invalid_delivery, key_reused or not_allowed.';
comment on function public.activate_time_card(uuid, text, text, uuid) is
  'Gives the card behind a code to a person, or to a tenant of theirs. Refuses with unknown_code, used, own_code, revoked, '
  'too_many_attempts, unknown_tenant or unknown_user.';
comment on function public.open_call(uuid, uuid, text, int, int, int, text, uuid) is
  'Opens a call and grants its first slice, or takes an open one over with a new epoch (not for the same worker); of a tenant''s '
  'time where the person is a member. Refuses with status unknown_user, unknown_tenant, no_time_left, too_many_calls, '
  'too_many_short_calls, spend_limit_reached, room_taken, call_settled or call_mismatch. expiring_seconds is what expires within a week.';
comment on function public.may_call(uuid, uuid, text, int, uuid) is
  'Whether open_call would open that call now: status open, or the status it would refuse with; the live_calls of the account, and '
  'the free_seconds that none of them holds.';
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.begin_purchase(uuid, text, text, text, text, text, text, date, text, uuid),
  public.activate_time_card(uuid, text, text, uuid), public.open_call(uuid, uuid, text, int, int, int, text, uuid),
  public.may_call(uuid, uuid, text, int, uuid)
  from public, anon, authenticated;
grant execute on function public.begin_purchase(uuid, text, text, text, text, text, text, date, text, uuid),
  public.activate_time_card(uuid, text, text, uuid), public.open_call(uuid, uuid, text, int, int, int, text, uuid),
  public.may_call(uuid, uuid, text, int, uuid)
  to service_role;
