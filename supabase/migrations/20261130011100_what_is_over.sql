-- What is over for a tenant or a person, and what came for it all the same: money, calls, and what Stripe knows of them.

-- Money for somebody who is gone would make a card that nobody can use: an operator gives it back.
create function private.nobody_can_use(p public.purchases) returns text
language sql stable security definer set search_path = '' as $$
  select case
    when p.tenant_id is not null then
      (select 'the tenant that it was bought for is closed' from public.tenants where id = p.tenant_id and closed_at is not null)
    when p.purpose = 'me' then
      (select 'the account that it was bought for is deleted' from public.users where id = p.user_id and deleted_at is not null)
  end
$$;

create or replace function private.review_reason(p public.purchases, p_intent_id text, p_received_cents int,
  p_tax_cents int, p_currency text) returns text
language sql stable security definer set search_path = '' as $$
  select case
    when p_intent_id is null then 'paid without a payment intent'
    when p.payment_intent_id is null and exists (select from public.purchases o
      where o.payment_intent_id = p_intent_id) then format('%s pays another purchase', p_intent_id)
    when p.currency is distinct from p_currency
      or p.amount_cents is distinct from p_received_cents - coalesce(p_tax_cents, 0) or (p_tax_cents < 0)
      then format('%s %s received for %s %s', p_received_cents, p_currency, p.amount_cents, p.currency)
    else private.nobody_can_use(p)
  end
$$;

-- The money came: gives the card, or leaves the purchase to a person. Whether somebody can use it is asked after the lock that
-- closing takes, too.
create or replace function private.receive_money(p public.purchases, p_intent_id text, p_received_cents integer, p_tax_cents integer, p_currency text, p_code_hash text)
returns public.purchases
language plpgsql security definer set search_path = '' as $$
declare
  v_reason text;
begin
  perform private.lock_account(coalesce(p.tenant_id, p.user_id));
  v_reason := private.review_reason(p, p_intent_id, p_received_cents, p_tax_cents, p_currency);
  if v_reason is null then
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
  end if;
  perform private.lock_account(coalesce(v_purchase.tenant_id, v_purchase.user_id));
  if p_decision = 'release' and (v_purchase.payment_intent_id is null or p_code_hash is null) then
    return jsonb_build_object('status', 'nothing_to_release');
  elsif p_decision = 'release' and private.nobody_can_use(v_purchase) is not null then
    return jsonb_build_object('status', 'nobody_to_release_to');
  end if;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, p_decision, p_purchase_id::text, trim(p_reason));
  if p_decision = 'refuse' then
    update public.purchases set status = 'refused', updated_at = now() where id = p_purchase_id;
    return jsonb_build_object('status', 'refused', 'replayed', false);
  end if;
  update public.purchases set status = 'succeeded', failure_code = null, updated_at = now()
    where id = p_purchase_id returning * into v_purchase;
  perform private.make_card(v_purchase, p_code_hash);
  perform private.settle_card(v_purchase);
  return jsonb_build_object('status', 'succeeded', 'replayed', false);
end $$;

-- Calls that may not go on are ended by a job, which closes their rooms: no failure of LiveKit leaves one talking.
select pgboss.create_queue('end_call', '{"policy": "standard", "retryLimit": 19, "retryDelay": 3,
  "retryBackoff": true, "retryDelayMax": 3600, "expireInSeconds": 60, "retentionSeconds": 34560000,
  "deleteAfterSeconds": 34560000, "notify": true}'::jsonb);

create function private.end_calls_of(p_user_id uuid, p_tenant_id uuid default null) returns void
language sql security definer set search_path = '' as $$
  select private.enqueue('end_call', 'end_call:' || id, jsonb_build_object('call_id', id)) from public.calls
    where user_id = p_user_id and status = 'open' and (p_tenant_id is null or tenant_id = p_tenant_id)
$$;

create or replace function public.remove_member(p_user_id uuid, p_tenant_id uuid, p_member_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_role text;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_role <> 'owner' and p_member_id is distinct from p_user_id then
    return jsonb_build_object('status', 'not_allowed');
  elsif not exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_member_id) then
    return jsonb_build_object('status', 'unknown_member');
  elsif private.is_last_owner(p_member_id, p_tenant_id) then
    return jsonb_build_object('status', 'last_owner');
  end if;
  delete from public.tenant_members where tenant_id = p_tenant_id and user_id = p_member_id;
  perform private.revoke_invitations_by(p_member_id, p_tenant_id);
  perform private.end_calls_of(p_member_id, p_tenant_id);
  return jsonb_build_object('status', 'removed');
end $$;
comment on function public.remove_member(uuid, uuid, uuid) is
  'An owner removes a member, or a member leaves; calls of theirs that use the tenant''s time are ended. Refuses with unknown_tenant, '
  'not_allowed, unknown_member or last_owner.';

-- Also their own calls: whoever deletes themselves ends those first, and an operator who deletes somebody means it.
create or replace function private.follow_deletion() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  -- Before the row goes.
  v_customer_id text := (select stripe_customer_id from public.users where id = old.id);
begin
  perform private.end_calls_of(old.id);
  perform private.leave_tenants(old.id);
  if tg_op = 'UPDATE' then
    perform private.forget_person(old.id);
  else
    begin
      -- What has books refuses, by its foreign keys.
      delete from public.users where id = old.id;
    exception when restrict_violation or foreign_key_violation then
      perform private.forget_person(old.id);
    end;
  end if;
  -- Whoever is gone pays nothing more: what they had kept at Stripe to pay with goes, by whomever they were deleted.
  if v_customer_id is not null then
    perform private.enqueue('detach_cards', 'detach:' || v_customer_id, jsonb_build_object('customer_id', v_customer_id));
  end if;
  return null;
end $$;

-- Invoices go where the tenant says now, and where it says nothing, to its first owner.
select pgboss.create_queue('update_tenant_customer', '{"policy": "standard", "retryLimit": 19, "retryDelay": 3,
  "retryBackoff": true, "retryDelayMax": 3600, "expireInSeconds": 60, "retentionSeconds": 34560000,
  "deleteAfterSeconds": 34560000, "notify": true}'::jsonb);

create function private.owe_update_of_tenant(p_tenant_id uuid) returns void
language sql security definer set search_path = '' as $$
  select private.enqueue('update_tenant_customer', format('tenant_customer:%s:changed:%s', p_tenant_id, gen_random_uuid()),
    jsonb_build_object('tenant_id', p_tenant_id))
$$;
create function private.follow_tenant() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.owe_update_of_tenant(new.id);
  return null;
end $$;
create trigger follow_tenant after update of name, billing_email on public.tenants
  for each row when (new.stripe_customer_id is not null
    and (old.name, old.billing_email) is distinct from (new.name, new.billing_email))
  execute function private.follow_tenant();

create function private.follow_owners() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.owe_update_of_tenant(t.id) from public.tenants t
    where t.id = coalesce(new.tenant_id, old.tenant_id) and t.stripe_customer_id is not null and t.billing_email is null
      and t.closed_at is null and 'owner' in (new.role, old.role);
  return null;
end $$;
create trigger follow_owners after insert or update of role or delete on public.tenant_members
  for each row execute function private.follow_owners();

create function private.follow_address_of_owner() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.owe_update_of_tenant(t.id) from public.tenant_members m join public.tenants t on t.id = m.tenant_id
    where m.user_id = new.id and m.role = 'owner' and t.stripe_customer_id is not null and t.billing_email is null
      and t.closed_at is null;
  return null;
end $$;
create trigger follow_address_of_owner after update of email on public.users
  for each row when (old.email is distinct from new.email) execute function private.follow_address_of_owner();

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
