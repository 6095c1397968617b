-- Programs of a tenant ask by keys of their own. Plans have a line: a tenant subscribes once in each.

alter table public.plans
  add column line text not null default 'time' check (line in ('time', 'credits', 'api')),
  add column base_price_cents int check (base_price_cents >= 0),
  add column requests_per_period bigint check (requests_per_period >= 0),
  drop constraint plans_kind_check,
  add constraint plans_kind_check check (kind in ('prepaid', 'metered', 'seats', 'flat')),
  add constraint a_flat_plan_has_a_price check (kind <> 'flat' or base_price_cents is not null),
  add constraint a_plan_of_the_api_has_a_quota check (line <> 'api' or requests_per_period is not null);
comment on column public.plans.line is 'What it is a plan of: a tenant has at most one live subscription in each line.';
comment on column public.plans.base_price_cents is
  'The price of a period, whatever is used in it. The plan of a line that costs nothing holds for whoever has no other.';
comment on column public.plans.requests_per_period is 'Requests by keys that the plan serves in a period.';
create unique index plans_one_free_in_each_line on public.plans (line) where active and base_price_cents = 0;

-- Of the live subscription, else the free plan of the line, else no row. Who is late with a payment keeps the plan until Stripe gives up; one that was
-- canceled ends on its day, also before we have heard that it did.
create function private.plan_of(p_tenant_id uuid, p_line text) returns public.plans
language sql stable security definer set search_path = '' as $$
  select p from public.plans p
    left join public.subscriptions s on s.plan_id = p.id and s.tenant_id = p_tenant_id and s.status in ('trialing', 'active', 'past_due')
      and coalesce(s.cancel_at > now(), true)
  where p.line = p_line and (s.id is not null or p.active and p.base_price_cents = 0)
  order by s.id is null, s.status = 'past_due', s.current_period_end desc nulls last, s.id limit 1
$$;

create table public.api_keys (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  name text not null check (length(trim(name)) between 1 and 100),
  prefix text not null check (prefix ~ '^mb_(live|test)_[0-9A-Za-z]{4}$'),
  last4 text not null check (last4 ~ '^[0-9A-Za-z]{4}$'),
  key_hash text not null unique check (key_hash ~ '^[0-9a-f]{64}$'),
  scopes text[] not null check (scopes <@ array['usage:read', 'usage:write', 'billing:read', 'billing:write', 'verify', 'tasks', 'calls']
    and cardinality(scopes) > 0),
  created_by uuid not null references public.users (id) on delete restrict,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  rotated_to uuid references public.api_keys (id) on delete restrict,
  grace_until timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  constraint a_grace_follows_a_rotation check ((rotated_to is null) = (grace_until is null))
);
comment on table public.api_keys is
  'Keys by which programs of a tenant ask. The key is shown once; here is its HMAC under a pepper that the database does not have.';
create index api_keys_by_tenant on public.api_keys (tenant_id, created_at desc, id);
create index api_keys_by_creator on public.api_keys (created_by);
create index api_keys_by_successor on public.api_keys (rotated_to);
alter table public.api_keys enable row level security;
revoke all on public.api_keys from anon, authenticated, service_role;
grant select on public.api_keys to service_role;

-- A key that holds now: neither revoked nor over, nor of a tenant that is closed.
create function private.holds_now(k public.api_keys) returns boolean
language sql stable security definer set search_path = '' as $$
  select k.revoked_at is null and coalesce(k.expires_at > now(), true) and coalesce(k.grace_until > now(), true)
    and exists (select from public.tenants where id = k.tenant_id and closed_at is null)
$$;

create function public.read_tenant_role(p_user_id uuid, p_tenant_id uuid) returns text
language sql stable security definer set search_path = '' as $$
  select private.role_in(p_user_id, p_tenant_id)
$$;
comment on function public.read_tenant_role(uuid, uuid) is 'The role of a person in an open tenant; null for who does not belong to it.';

create function private.describe_api_key(k public.api_keys) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('id', k.id, 'name', k.name, 'preview', k.prefix || '…' || k.last4, 'scopes', to_jsonb(k.scopes),
    'state', case when k.revoked_at is not null then 'revoked' when not private.holds_now(k) then 'over'
      when k.rotated_to is not null then 'rotated' else 'live' end,
    'created_by', k.created_by, 'creator_left', private.role_in(k.created_by, k.tenant_id) is null,
    'created_at', private.utc_text(k.created_at), 'expires_at', private.utc_text(k.expires_at),
    'rotated_to', k.rotated_to, 'grace_until', private.utc_text(k.grace_until), 'revoked_at', private.utc_text(k.revoked_at),
    'last_used_at', private.utc_text(k.last_used_at))
$$;

-- What changes keys takes the lock of the tenant's account, as what changes its members does.
create function public.create_api_key(p_user_id uuid, p_tenant_id uuid, p_name text, p_scopes text[], p_expires_at timestamptz,
  p_prefix text, p_last4 text, p_key_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_role text;
  k public.api_keys;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is distinct from 'owner' then
    return jsonb_build_object('status', case when v_role is null then 'unknown_tenant' else 'not_allowed' end);
  elsif coalesce(p_expires_at <= now(), false) then
    return jsonb_build_object('status', 'invalid_key');
  elsif (select count(*) from public.api_keys a where tenant_id = p_tenant_id and private.holds_now(a)) >= 50 then
    return jsonb_build_object('status', 'too_many_keys');
  end if;
  insert into public.api_keys (tenant_id, name, prefix, last4, key_hash, scopes, created_by, expires_at)
    values (p_tenant_id, trim(p_name), p_prefix, p_last4, p_key_hash,
      (select array_agg(distinct s order by s) from unnest(p_scopes) s), p_user_id, p_expires_at)
    returning * into k;
  return jsonb_build_object('status', 'created', 'key', private.describe_api_key(k));
exception when integrity_constraint_violation or data_exception then
  return jsonb_build_object('status', 'invalid_key');
end $$;
comment on function public.create_api_key(uuid, uuid, text, text[], timestamptz, text, text, text) is
  'An owner makes a key for programs of a tenant. Refuses with unknown_tenant, not_allowed, too_many_keys (50 that hold) or invalid_key.';

create function public.list_api_keys(p_user_id uuid, p_tenant_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select case r.role when 'member' then jsonb_build_object('status', 'not_allowed') else
    case when r.role is null then jsonb_build_object('status', 'unknown_tenant') else
    jsonb_build_object('status', 'found', 'keys', (select coalesce(jsonb_agg(private.describe_api_key(k) order by k.created_at desc, k.id), '[]')
      from (select * from public.api_keys where tenant_id = p_tenant_id order by created_at desc, id limit 500) k)) end end
  from (select private.role_in(p_user_id, p_tenant_id) as role) r
$$;
comment on function public.list_api_keys(uuid, uuid) is
  'The newest 500 keys of a tenant, for its owners and who does its billing. Status found, not_allowed or unknown_tenant.';

-- The old key holds until the grace is over, so that a program can change it without an outage.
create function public.rotate_api_key(p_user_id uuid, p_tenant_id uuid, p_key_id uuid, p_grace_seconds int,
  p_prefix text, p_last4 text, p_key_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_role text;
  v_old public.api_keys;
  k public.api_keys;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is distinct from 'owner' then
    return jsonb_build_object('status', case when v_role is null then 'unknown_tenant' else 'not_allowed' end);
  elsif (p_grace_seconds between 0 and 2592000) is not true then
    return jsonb_build_object('status', 'invalid_key');
  end if;
  select * into v_old from public.api_keys where id = p_key_id and tenant_id = p_tenant_id for update;
  if not found or not private.holds_now(v_old) then
    return jsonb_build_object('status', 'unknown_key');
  elsif v_old.rotated_to is not null then
    return jsonb_build_object('status', 'already_rotated');
  end if;
  insert into public.api_keys (tenant_id, name, prefix, last4, key_hash, scopes, created_by, expires_at)
    values (p_tenant_id, v_old.name, p_prefix, p_last4, p_key_hash, v_old.scopes, p_user_id, v_old.expires_at)
    returning * into k;
  update public.api_keys set rotated_to = k.id, grace_until = now() + make_interval(secs => p_grace_seconds) where id = v_old.id;
  return jsonb_build_object('status', 'rotated', 'key', private.describe_api_key(k));
exception when integrity_constraint_violation or data_exception then
  return jsonb_build_object('status', 'invalid_key');
end $$;
comment on function public.rotate_api_key(uuid, uuid, uuid, int, text, text, text) is
  'An owner puts a new key in the place of one that holds, which holds for p_grace_seconds (30 days at most) beside it. Refuses with '
  'unknown_tenant, not_allowed, unknown_key, already_rotated or invalid_key.';

-- The next request by the key finds it revoked, at whatever replica: nobody keeps what a check has said.
create function public.revoke_api_key(p_user_id uuid, p_tenant_id uuid, p_key_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_role text;
  k public.api_keys;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is distinct from 'owner' then
    return jsonb_build_object('status', case when v_role is null then 'unknown_tenant' else 'not_allowed' end);
  end if;
  update public.api_keys set revoked_at = coalesce(revoked_at, now()) where id = p_key_id and tenant_id = p_tenant_id returning * into k;
  if not found then
    return jsonb_build_object('status', 'unknown_key');
  end if;
  return jsonb_build_object('status', 'revoked', 'key', private.describe_api_key(k));
end $$;
comment on function public.revoke_api_key(uuid, uuid, uuid) is
  'An owner ends a key at once. Harmless to repeat. Refuses with unknown_tenant, not_allowed or unknown_key.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.read_tenant_role(uuid, uuid), public.list_api_keys(uuid, uuid),
  public.create_api_key(uuid, uuid, text, text[], timestamptz, text, text, text),
  public.rotate_api_key(uuid, uuid, uuid, int, text, text, text), public.revoke_api_key(uuid, uuid, uuid)
  from public, anon, authenticated;
grant execute on function public.read_tenant_role(uuid, uuid), public.list_api_keys(uuid, uuid),
  public.create_api_key(uuid, uuid, text, text[], timestamptz, text, text, text),
  public.rotate_api_key(uuid, uuid, uuid, int, text, text, text), public.revoke_api_key(uuid, uuid, uuid)
  to service_role;
