-- Payments on chains that tenants have verified: what was asked, what came of it, and which transfer paid for which order.

create table private.payment_verifications (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  key text not null check (length(key) between 1 and 255),
  request_hash text not null check (request_hash ~ '^[0-9a-f]{64}$'),
  chain text not null check (chain ~ '^[a-z0-9-]{3,8}:[-_a-zA-Z0-9]{1,32}$'),
  tx_hash text not null check (tx_hash ~ '^[0-9A-Za-z]{32,100}$'),
  reference text check (length(reference) between 1 and 200),
  status text not null check (status in ('verified', 'pending', 'rejected')),
  verdict jsonb not null check (jsonb_typeof(verdict) = 'object' and octet_length(verdict::text) <= 8192),
  is_final boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint payment_verifications_once unique (tenant_id, key)
);
comment on table private.payment_verifications is
  'Each payment that a tenant had verified, by the tenant''s key. While it is not final, asking again looks again, free of charge.';
create index payment_verifications_of_tenant on private.payment_verifications (tenant_id, created_at desc, id desc);

-- A transfer pays for one order of a tenant. For ever: the chain does not forget it either. Per tenant and not for all, because
-- anybody may name anybody's address as their own: else a stranger could take a payment away from whom it is for.
create table private.payment_claims (
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  chain text not null,
  tx_hash text not null,
  log_index int not null check (log_index >= 0),
  verification_id uuid not null unique references private.payment_verifications (id) on delete restrict,
  reference text,
  claimed_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, chain, tx_hash, log_index)
);
comment on table private.payment_claims is 'Which transfer was taken for which verification: once.';

create function public.begin_payment_verification(p_tenant_id uuid, p_key text, p_request_hash text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v private.payment_verifications;
  v_period text;
begin
  select * into v from private.payment_verifications where tenant_id = p_tenant_id and key = p_key;
  if found and v.request_hash is distinct from p_request_hash then
    return jsonb_build_object('status', 'key_reused');
  elsif found and v.is_final then
    return jsonb_build_object('status', 'known', 'id', v.id, 'verdict', v.verdict);
  elsif found then
    -- It has begun, and is paid for, whatever the plan says by now.
    return jsonb_build_object('status', 'begun', 'begun_at', v.created_at);
  elsif not exists (select from public.tenants where id = p_tenant_id and closed_at is null) then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  v_period := private.spend_refusal(p_tenant_id);
  if v_period is not null then
    return jsonb_build_object('status', 'spend_limit', 'period', v_period);
  end if;
  return jsonb_build_object('status', 'begun');
end $$;
comment on function public.begin_payment_verification(uuid, text, text) is
  'Whether a tenant may have a payment verified. Status begun, known with the verdict that will not change, key_reused for another '
  'request under the same key, unknown_tenant or spend_limit.';

-- One of the transfers that would do and that no other verification has; null where all are taken. The one it has stays its own.
-- The same reference is the same order: asked for under another key, it is no second payment.
create function private.claim_transfer(p_verification private.payment_verifications, p_candidates jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_candidate jsonb;
  v_index int;
  c private.payment_claims;
begin
  for v_candidate in select value from jsonb_array_elements(p_candidates) with ordinality x (value, n)
    order by exists (select from private.payment_claims k where k.tenant_id = p_verification.tenant_id and k.chain = p_verification.chain
      and k.tx_hash = p_verification.tx_hash and k.log_index = (value ->> 'log_index')::int
      and (k.verification_id = p_verification.id or k.reference = p_verification.reference)) desc, n
  loop
    v_index := (v_candidate ->> 'log_index')::int;
    select * into c from private.payment_claims where tenant_id = p_verification.tenant_id and chain = p_verification.chain
      and tx_hash = p_verification.tx_hash and log_index = v_index;
    if not found then
      insert into private.payment_claims (tenant_id, chain, tx_hash, log_index, verification_id, reference)
        values (p_verification.tenant_id, p_verification.chain, p_verification.tx_hash, v_index, p_verification.id, p_verification.reference);
      return v_candidate;
    elsif c.verification_id = p_verification.id or c.reference = p_verification.reference then
      return v_candidate;
    end if;
  end loop;
  return null;
end $$;

create function public.record_payment_verification(p_tenant_id uuid, p_key_id uuid, p_key text, p_request jsonb, p_verdict jsonb,
  p_candidates jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v private.payment_verifications;
  v_verdict jsonb := p_verdict;
  v_claim jsonb;
  v_is_new boolean := false;
  -- Whose program asked: an event of usage is of a person.
  v_user_id uuid := (select created_by from public.api_keys where id = p_key_id and tenant_id = p_tenant_id);
begin
  if (jsonb_typeof(p_request) = 'object' and jsonb_typeof(p_verdict) = 'object' and jsonb_typeof(p_candidates) = 'array'
      and p_verdict ->> 'status' in ('verified', 'pending', 'rejected')) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif not exists (select from public.tenants where id = p_tenant_id and closed_at is null)
      or v_user_id is null then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  -- One after the other, for each transaction of a chain and for each key: of two at once the second one sees the first.
  perform pg_advisory_xact_lock(hashtextextended(p_tenant_id || ' ' || p_key, 21070));
  perform pg_advisory_xact_lock(hashtextextended(p_tenant_id || ' ' || (p_request ->> 'chain') || ' ' || (p_request ->> 'tx_hash'), 21071));
  select * into v from private.payment_verifications where tenant_id = p_tenant_id and key = p_key for update;
  if not found then
    v_is_new := true;
    insert into private.payment_verifications (tenant_id, key, request_hash, chain, tx_hash, reference, status, verdict)
      values (p_tenant_id, p_key, p_request ->> 'hash', p_request ->> 'chain', p_request ->> 'tx_hash', p_request ->> 'reference',
        'pending', '{}') returning * into v;
  elsif v.request_hash is distinct from p_request ->> 'hash' then
    return jsonb_build_object('status', 'key_reused');
  elsif v.is_final then
    -- Somebody who asked at the same time was first, and that will not change.
    return jsonb_build_object('status', 'recorded', 'id', v.id, 'verdict', v.verdict);
  end if;
  if v_verdict ->> 'status' = 'verified' then
    v_claim := private.claim_transfer(v, p_candidates);
    v_verdict := case when v_claim is null then v_verdict || jsonb_build_object('status', 'rejected', 'reasons', jsonb_build_array('already_claimed'))
      else v_verdict || jsonb_build_object('transfer', v_claim) end;
  end if;
  if v_verdict ->> 'status' = 'rejected' then
    -- The chain has decided anew: what it took is no payment any more. While it is still deciding, nobody else gets it.
    delete from private.payment_claims where verification_id = v.id;
  end if;
  update private.payment_verifications set status = v_verdict ->> 'status', verdict = v_verdict, updated_at = clock_timestamp(),
      is_final = v_verdict ->> 'finality' = 'final' and v_verdict ->> 'status' <> 'pending'
    where id = v.id returning * into v;
  if v_is_new then
    perform private.record_usage(array[row(v.created_at, v_user_id, p_tenant_id, null, 'tool_call', 'payments.verify', 'api', null, null, 1,
      jsonb_build_object('chain', v.chain, 'outcome', v.status), 'verify:' || v.id, false)::private.usage_entry]);
  end if;
  return jsonb_build_object('status', 'recorded', 'id', v.id, 'verdict', v.verdict);
end $$;
comment on function public.record_payment_verification(uuid, uuid, text, jsonb, jsonb, jsonb) is
  'Writes down what the nodes of a chain say of a payment, and takes one of the transfers that would do: for one order of the '
  'tenant, once. A key is one event of usage, however often it is asked. Status recorded with the verdict that holds, key_reused, '
  'unknown_tenant or malformed.';

create function public.list_payment_verifications(p_tenant_id uuid, p_before timestamptz default null, p_limit int default 50) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(v) order by v.created_at desc, v.id desc), '[]') from (
    select id, key, chain, tx_hash, reference, status, verdict, is_final, created_at, updated_at from private.payment_verifications
    where tenant_id = p_tenant_id and created_at < coalesce(p_before, 'infinity')
    order by created_at desc, id desc limit greatest(1, least(coalesce(p_limit, 50), 100))) v
$$;
comment on function public.list_payment_verifications(uuid, timestamptz, int) is
  'What a tenant had verified, newest first.';

alter table private.payment_verifications enable row level security;
alter table private.payment_claims enable row level security;
revoke all on private.payment_verifications, private.payment_claims from anon, authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.begin_payment_verification(uuid, text, text), public.list_payment_verifications(uuid, timestamptz, int),
  public.record_payment_verification(uuid, uuid, text, jsonb, jsonb, jsonb) from public, anon, authenticated;
grant execute on function public.begin_payment_verification(uuid, text, text), public.list_payment_verifications(uuid, timestamptz, int),
  public.record_payment_verification(uuid, uuid, text, jsonb, jsonb, jsonb) to service_role;
