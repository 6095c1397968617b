-- Calls of paid APIs: a price is held, the API is called, and what it was is settled, once, whatever happens in between.

create table public.api_product_versions (
  product_id uuid not null references public.api_products (id) on delete restrict,
  version int not null check (version > 0),
  described jsonb not null,
  created_at timestamptz not null default now(),
  primary key (product_id, version)
);
comment on table public.api_product_versions is 'What each version of a product was: its price, what it asks, where, and its limits. Never changed.';
create trigger versions_are_kept before update or delete on public.api_product_versions
  for each row execute function private.refuse_change();

create table private.api_secrets (
  product_id uuid not null references public.api_products (id) on delete restrict,
  name text not null check (name ~ '^[A-Za-z0-9_-]{1,64}$'),
  sealed text not null check (length(sealed) between 20 and 8000),
  updated_at timestamptz not null default now(),
  primary key (product_id, name)
);
comment on table private.api_secrets is
  'What a seller''s API is shown to let us in, sealed by the service with a key that the database does not have.';

create table private.api_minutes (
  product_id uuid primary key references public.api_products (id) on delete restrict,
  minute timestamptz not null,
  calls int not null
) with (fillfactor = 50);
comment on table private.api_minutes is 'How often each product was called in its last minute, over all replicas together.';

create table public.api_executions (
  id uuid primary key default gen_random_uuid(),
  key text not null unique check (length(key) between 1 and 150),
  product_id uuid not null,
  version int not null,
  account_id uuid references public.accounts (id) on delete restrict,
  user_id uuid references public.users (id) on delete restrict,
  tenant_id uuid references public.tenants (id) on delete restrict,
  agent_id uuid references public.autonomous_agents (id) on delete restrict,
  task_id uuid,
  call_id uuid,
  hold_id uuid references public.wallet_holds (id) on delete restrict,
  attempt int not null default 1 check (attempt > 0),
  status text not null default 'running' check (status in ('running', 'succeeded', 'failed')),
  outcome text check (outcome in ('ok', 'timeout', 'unreachable', 'unsafe', 'redirect', 'server_error', 'client_error', 'too_big',
    'bad_answer', 'bad_arguments', 'lost')),
  price_micros bigint not null check (price_micros >= 0),
  charged_micros bigint check (charged_micros between 0 and price_micros),
  http_status int check (http_status between 100 and 599),
  bytes bigint check (bytes >= 0),
  took_ms int check (took_ms >= 0),
  result jsonb,
  created_at timestamptz not null default now(),
  lease_until timestamptz not null,
  ended_at timestamptz,
  foreign key (product_id, version) references public.api_product_versions (product_id, version) on delete restrict,
  constraint ended_with_an_outcome check ((status = 'running') = (outcome is null) and (status = 'running') = (ended_at is null)
    and (status = 'running') = (charged_micros is null))
) with (fillfactor = 70);
comment on table public.api_executions is
  'Each call of a paid API, once for a key: by whom, of which version, what became of it and what it cost. The result is kept for a day, '
  'so that a repeat is answered without calling again.';
create index api_executions_by_product on public.api_executions (product_id, version, created_at desc);
create index api_executions_by_account on public.api_executions (account_id, created_at desc);
create index api_executions_by_person on public.api_executions (user_id);
create index api_executions_by_tenant on public.api_executions (tenant_id);
create index api_executions_by_agent on public.api_executions (agent_id, created_at desc);
create index api_executions_by_call on public.api_executions (call_id) where call_id is not null;
create index api_executions_by_hold on public.api_executions (hold_id);
create index api_executions_running on public.api_executions (lease_until) where status = 'running';
create index api_executions_with_result on public.api_executions (ended_at) where result is not null;

-- Whether somebody may act for a seller, or for an agent: a person for their own, a tenant's owners and who does its billing.
create function private.acts_for(p_user_id uuid, p_owner_user_id uuid, p_owner_tenant_id uuid) returns boolean
language sql security definer set search_path = '' as $$
  select coalesce(p_user_id = p_owner_user_id and exists (select from public.users where id = p_user_id and deleted_at is null), false)
    or coalesce(private.role_in(p_user_id, p_owner_tenant_id) in ('owner', 'billing'), false)
    or (p_owner_user_id is null and p_owner_tenant_id is null
      and exists (select from public.users where id = p_user_id and role = 'operator' and deleted_at is null))
$$;

create function public.register_seller(p_user_id uuid, p_tenant_id uuid, p_name text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_seller public.sellers;
begin
  if (length(trim(p_name)) between 1 and 200) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif (private.acts_for(p_user_id, case when p_tenant_id is null then p_user_id end, p_tenant_id)) is not true then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  insert into public.sellers (user_id, tenant_id, name)
    values (case when p_tenant_id is null then p_user_id end, p_tenant_id, trim(p_name)) on conflict do nothing;
  select * into strict v_seller from public.sellers
    where case when p_tenant_id is null then user_id = p_user_id else tenant_id = p_tenant_id end;
  return jsonb_build_object('status', 'registered', 'seller_id', v_seller.id, 'name', v_seller.name, 'fee_bps', v_seller.fee_bps);
end $$;
comment on function public.register_seller(uuid, uuid, text) is
  'Makes a person, or a tenant by its owners or who does its billing, a seller of paid APIs; who is one stays that one. Refuses with '
  'not_allowed or malformed.';

create function public.register_agent(p_user_id uuid, p_tenant_id uuid, p_agent jsonb, p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  -- Of version 8 (RFC 9562), which is for ids of one's own making.
  v_id uuid := overlay(overlay(md5('agent ' || p_key) placing '8' from 13 for 1) placing '8' from 17 for 1)::uuid;
  v_agent public.autonomous_agents;
begin
  if (length(p_key) between 1 and 300) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif p_user_id is not null and (private.acts_for(p_user_id, case when p_tenant_id is null then p_user_id end, p_tenant_id)) is not true
     or p_tenant_id is not null and not exists (select from public.tenants where id = p_tenant_id and closed_at is null) then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  insert into public.autonomous_agents (id, user_id, tenant_id, agent_name, agent_type, capabilities, wallet_address, daily_budget,
      max_concurrent_tasks, metadata)
    values (v_id, case when p_tenant_id is null then p_user_id end, p_tenant_id, trim(p_agent ->> 'agent_name'), p_agent ->> 'agent_type',
      array(select jsonb_array_elements_text(case jsonb_typeof(p_agent -> 'capabilities') when 'array' then p_agent -> 'capabilities' else '[]' end)),
      p_agent ->> 'wallet_address', coalesce((p_agent ->> 'daily_budget')::numeric, 0), coalesce((p_agent ->> 'max_concurrent_tasks')::int, 1),
      case jsonb_typeof(p_agent -> 'metadata') when 'object' then p_agent -> 'metadata' else '{}' end)
    on conflict (id) do nothing;
  select * into strict v_agent from public.autonomous_agents where id = v_id;
  if v_agent.user_id is distinct from (case when p_tenant_id is null then p_user_id end)
     or v_agent.tenant_id is distinct from p_tenant_id or v_agent.agent_name is distinct from trim(p_agent ->> 'agent_name') then
    return jsonb_build_object('status', 'key_reused');
  end if;
  perform private.wallet('agent', v_id);
  return jsonb_build_object('status', 'registered', 'agent', to_jsonb(v_agent));
exception when check_violation or not_null_violation or invalid_text_representation or numeric_value_out_of_range or datatype_mismatch then
  return jsonb_build_object('status', 'malformed');
end $$;
comment on function public.register_agent(uuid, uuid, jsonb, text) is
  'Registers an agent of a person, of a tenant, or (without both, by the service) of the house, idle and with a wallet of its own; once '
  'for a key. Refuses with not_allowed, key_reused or malformed.';

-- Money of who an agent works for becomes the agent's.
create function public.fund_agent(p_user_id uuid, p_agent_id uuid, p_micros bigint, p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_agent public.autonomous_agents;
begin
  select * into v_agent from public.autonomous_agents where id = p_agent_id;
  if v_agent.id is null or num_nonnulls(v_agent.user_id, v_agent.tenant_id) = 0
     or (private.acts_for(p_user_id, v_agent.user_id, v_agent.tenant_id)) is not true then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  return private.transfer_micros(
    private.wallet(case when v_agent.tenant_id is null then 'person' else 'tenant' end, coalesce(v_agent.tenant_id, v_agent.user_id)),
    private.wallet('agent', p_agent_id), p_micros, format('fund:%s:%s', p_agent_id, left(p_key, 100)));
end $$;
comment on function public.fund_agent(uuid, uuid, bigint, text) is
  'Moves money from the wallet of who an agent works for to the agent''s, once for a key. Refuses with not_allowed, not_enough_money, '
  'unknown_wallet, key_reused or malformed.';

-- An operator's goodwill, in money: to an agent of the house, too.
create function public.credit_wallet(p_operator_id uuid, p_owner_kind text, p_owner_id uuid, p_micros bigint, p_reason text, p_key text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_wallet uuid;
  v_grant public.grants;
begin
  if (p_micros between 1 and 1000000000 and length(trim(p_reason)) between 1 and 500 and length(p_key) between 1 and 150
      and p_owner_kind in ('person', 'tenant', 'agent')) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator' and deleted_at is null) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif private.is_own_account(p_operator_id, p_owner_id) or exists (select from public.autonomous_agents a
      where a.id = p_owner_id and p_owner_kind = 'agent'
        and private.is_own_account(p_operator_id, coalesce(a.tenant_id, a.user_id))) then
    return jsonb_build_object('status', 'own_account');
  end if;
  v_wallet := private.wallet(p_owner_kind, p_owner_id);
  if v_wallet is null then
    return jsonb_build_object('status', 'unknown_wallet');
  end if;
  v_grant.id := private.credit_wallet(v_wallet, 'goodwill', p_micros, 'goodwill ' || p_key);
  select * into strict v_grant from public.grants where id = v_grant.id;
  if v_grant.account_id <> v_wallet or v_grant.bonus <> p_micros then
    return jsonb_build_object('status', 'key_reused');
  end if;
  insert into public.goodwill_grants (card_id, operator_id, reason, key) values (v_grant.id, p_operator_id, trim(p_reason), 'wallet ' || p_key)
    on conflict do nothing;
  return jsonb_build_object('status', 'credited', 'micros', p_micros);
end $$;
comment on function public.credit_wallet(uuid, text, uuid, bigint, text, text) is
  'Gives a wallet money, for a reason, by an operator; once for a key. Refuses with not_an_operator, own_account, unknown_wallet, '
  'key_reused or malformed.';

create function private.describe_product(p public.api_products) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('id', p.id, 'seller_id', p.seller_id, 'tenant_id', p.tenant_id, 'name', p.name, 'title', p.title,
    'description', p.description, 'category', p.category, 'version', p.version, 'status', p.status, 'price_micros', p.price_micros,
    'price_per_call', p.price_per_call, 'api_endpoint', p.api_endpoint, 'method', p.method, 'parameters', p.parameters, 'places', p.places,
    'response_schema', p.response_schema, 'headers', p.headers, 'speech', p.speech, 'rate_per_minute', p.rate_per_minute,
    'timeout_ms', p.timeout_ms, 'max_bytes', p.max_bytes, 'charges_client_errors', p.charges_client_errors, 'is_spoken', p.is_spoken)
$$;

create function public.save_api_product(p_user_id uuid, p_seller_id uuid, p_product_id uuid, p_product jsonb, p_secrets jsonb default '{}')
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_seller public.sellers;
  v_old public.api_products;
  v_new public.api_products;
begin
  select * into v_seller from public.sellers where id = p_seller_id and closed_at is null;
  if p_seller_id is not null and v_seller.id is null
     or p_user_id is not null and (private.acts_for(p_user_id, v_seller.user_id, v_seller.tenant_id)) is not true then
    return jsonb_build_object('status', 'not_allowed');
  elsif (jsonb_typeof(p_product) = 'object' and jsonb_typeof(coalesce(p_secrets, '{}')) = 'object') is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select * into v_old from public.api_products where id = p_product_id for update;
  if v_old.id is not null and v_old.seller_id is distinct from p_seller_id then
    return jsonb_build_object('status', 'not_allowed');
  elsif v_old.status = 'retired' then
    return jsonb_build_object('status', 'retired');
  end if;
  v_new := v_old;
  if v_old.id is null then
    v_new.id := coalesce(p_product_id, gen_random_uuid());
    v_new.seller_id := p_seller_id;
    v_new := jsonb_populate_record(v_new, jsonb_build_object('title', '', 'description', '', 'category', 'data', 'version', 1,
      'status', 'draft', 'method', 'GET', 'parameters', '{"type": "object", "properties": {}}'::jsonb, 'places', '{}'::jsonb,
      'headers', '{}'::jsonb, 'rate_per_minute', 60, 'timeout_ms', 10000, 'max_bytes', 262144, 'charges_client_errors', false,
      'is_spoken', false, 'created_at', now(), 'updated_at', now()));
  end if;
  v_new := jsonb_populate_record(v_new, p_product - '{id,seller_id,version,price_micros,created_at,updated_at}'::text[]);
  -- To some only, where the seller is theirs: nobody offers a tool inside a tenant of others.
  if v_new.tenant_id is not null and v_new.tenant_id is distinct from v_seller.tenant_id
     and p_user_id is not null and (private.role_in(p_user_id, v_new.tenant_id) in ('owner', 'billing')) is not true then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  if v_old.id is null then
    insert into public.api_products (id, seller_id, tenant_id, name, title, description, category, status, price_per_call, api_endpoint,
        method, parameters, places, response_schema, headers, speech, rate_per_minute, timeout_ms, max_bytes, charges_client_errors, is_spoken)
      values (v_new.id, v_new.seller_id, v_new.tenant_id, v_new.name, v_new.title, v_new.description, v_new.category, v_new.status,
        v_new.price_per_call, v_new.api_endpoint, v_new.method, v_new.parameters, v_new.places, v_new.response_schema, v_new.headers,
        v_new.speech, v_new.rate_per_minute, v_new.timeout_ms, v_new.max_bytes, v_new.charges_client_errors, v_new.is_spoken)
      returning * into v_new;
  else
    v_new.version := v_old.version + case when (v_old.price_per_call, v_old.api_endpoint, v_old.method, v_old.parameters, v_old.places,
        v_old.response_schema, v_old.headers, v_old.timeout_ms, v_old.max_bytes, v_old.charges_client_errors, v_old.name, v_old.title,
        v_old.description, v_old.speech)
      is distinct from (v_new.price_per_call, v_new.api_endpoint, v_new.method, v_new.parameters, v_new.places, v_new.response_schema,
        v_new.headers, v_new.timeout_ms, v_new.max_bytes, v_new.charges_client_errors, v_new.name, v_new.title, v_new.description,
        v_new.speech) then 1 else 0 end;
    update public.api_products set tenant_id = v_new.tenant_id, name = v_new.name, title = v_new.title, description = v_new.description,
        category = v_new.category, status = v_new.status, price_per_call = v_new.price_per_call, api_endpoint = v_new.api_endpoint,
        method = v_new.method, parameters = v_new.parameters, places = v_new.places, response_schema = v_new.response_schema,
        headers = v_new.headers, speech = v_new.speech, rate_per_minute = v_new.rate_per_minute, timeout_ms = v_new.timeout_ms,
        max_bytes = v_new.max_bytes, charges_client_errors = v_new.charges_client_errors, is_spoken = v_new.is_spoken,
        version = v_new.version, updated_at = now()
      where id = v_old.id returning * into v_new;
  end if;
  insert into public.api_product_versions (product_id, version, described)
    values (v_new.id, v_new.version, private.describe_product(v_new)) on conflict do nothing;
  -- A secret that is null goes.
  delete from private.api_secrets s using jsonb_each(coalesce(p_secrets, '{}')) e
    where s.product_id = v_new.id and s.name = e.key and jsonb_typeof(e.value) = 'null';
  insert into private.api_secrets (product_id, name, sealed)
    select v_new.id, e.key, e.value #>> '{}' from jsonb_each(coalesce(p_secrets, '{}')) e where jsonb_typeof(e.value) = 'string'
    on conflict (product_id, name) do update set sealed = excluded.sealed, updated_at = now();
  return jsonb_build_object('status', 'saved', 'product', private.describe_product(v_new), 'secrets',
    (select coalesce(jsonb_agg(name order by name), '[]') from private.api_secrets where product_id = v_new.id));
exception
  when unique_violation then
    return jsonb_build_object('status', 'name_taken');
  when foreign_key_violation then
    return jsonb_build_object('status', 'not_allowed');
  when check_violation or not_null_violation or invalid_text_representation or numeric_value_out_of_range or datatype_mismatch then
    return jsonb_build_object('status', 'malformed', 'constraint', sqlerrm);
end $$;
comment on function public.save_api_product(uuid, uuid, uuid, jsonb, jsonb) is
  'Makes a product of a seller (or, by an operator or the service, of the house), or changes what is named of one; a change of what a caller '
  'gets or pays is a new version. Secrets come sealed; null removes one. Refuses with not_allowed, retired, name_taken or malformed.';

create function public.list_api_products(p_user_id uuid, p_seller_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_seller public.sellers;
begin
  select * into v_seller from public.sellers where id = p_seller_id;
  if p_seller_id is not null and v_seller.id is null or (private.acts_for(p_user_id, v_seller.user_id, v_seller.tenant_id)) is not true then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  return jsonb_build_object('status', 'ok', 'products', (select coalesce(jsonb_agg(private.describe_product(p) || jsonb_build_object(
      'secrets', (select coalesce(jsonb_agg(name order by name), '[]') from private.api_secrets s where s.product_id = p.id)) order by p.created_at, p.id), '[]')
    from (select * from public.api_products where seller_id is not distinct from p_seller_id order by created_at desc limit 500) p));
end $$;
comment on function public.list_api_products(uuid, uuid) is
  'The products of a seller, for who may act for it, or those of the house, for operators: with the names of their secrets. Refuses with not_allowed.';

-- What may be called by voice: read once when a call begins.
create function public.spoken_products(p_user_id uuid, p_tenant_id uuid, p_limit int default 16) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(private.describe_product(p) order by p.created_at, p.id), '[]')
  from (select * from public.api_products p where p.status = 'active' and p.is_spoken
      and (p.tenant_id is null or p.tenant_id = p_tenant_id)
      -- To have them described costs in every turn: only who has money for them has them.
      and exists (select from public.accounts a where a.unit = 'micro_usd' and a.balance > 0
        and a.owner_kind = case when p_tenant_id is null then 'person' else 'tenant' end and a.owner_id = coalesce(p_tenant_id, p_user_id))
    order by p.tenant_id nulls last, p.created_at, p.id limit greatest(0, least(coalesce(p_limit, 16), 64))) p
$$;
comment on function public.spoken_products(uuid, uuid, int) is
  'The paid APIs that a call of a person, for a tenant or not, may use by voice: none for who has no money in the wallet that pays.';
