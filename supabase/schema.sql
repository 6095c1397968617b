-- Written by `npm run schema` from the migrations: read it, never edit it.

-- Tables

create table public.accounts (
  id uuid not null default gen_random_uuid(),
  owner_kind text not null,
  owner_id uuid not null,
  unit text not null,
  balance bigint not null default 0,
  debt bigint not null default 0,
  receipts integer not null default 0,
  last_receipt_hash text,
  person_id uuid generated always as (
CASE owner_kind
    WHEN 'person'::text THEN owner_id
    ELSE NULL::uuid
END) stored,
  first_end timestamp with time zone,
  tenant_id uuid generated always as (
CASE owner_kind
    WHEN 'tenant'::text THEN owner_id
    ELSE NULL::uuid
END) stored,
  constraint accounts_balance_check CHECK ((balance >= 0)),
  constraint accounts_debt_check CHECK ((debt >= 0)),
  constraint accounts_id_unit_key UNIQUE (id, unit),
  constraint accounts_owner_kind_check CHECK ((owner_kind = ANY (ARRAY['person'::text, 'tenant'::text, 'agent'::text, 'seller'::text, 'platform'::text]))),
  constraint accounts_owner_kind_owner_id_unit_key UNIQUE (owner_kind, owner_id, unit),
  constraint accounts_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.users(id) ON DELETE CASCADE,
  constraint accounts_pkey PRIMARY KEY (id),
  constraint accounts_receipts_check CHECK ((receipts >= 0)),
  constraint accounts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint accounts_unit_check CHECK ((unit = ANY (ARRAY['second'::text, 'credit'::text, 'micro_usd'::text]))),
  constraint credits_are_of_tenants CHECK (((unit <> 'credit'::text) OR (owner_kind = 'tenant'::text))),
  constraint only_people_and_tenants_have_more_than_money CHECK (((owner_kind = ANY (ARRAY['person'::text, 'tenant'::text])) OR (unit = 'micro_usd'::text))),
  constraint seconds_have_the_id_of_their_owner CHECK (((unit <> 'second'::text) OR (id = owner_id)))
) with (fillfactor=70);
comment on table public.accounts is 'One row per owner and unit: the lock that every money function takes first, and the sum of the account''s grants. What it holds is not stored: it is the sum of its holds.';
alter table public.accounts enable row level security;

create table public.activation_addresses (
  address_hash text not null,
  failed_count integer not null,
  forget_at timestamp with time zone not null,
  constraint activation_addresses_address_hash_check CHECK ((address_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint activation_addresses_pkey PRIMARY KEY (address_hash)
);
comment on table public.activation_addresses is 'Wrong codes by the keyed hash of the address they came from. The address itself is stored nowhere.';
alter table public.activation_addresses enable row level security;

create table public.activation_attempts (
  user_id uuid not null,
  failed_count integer not null,
  window_started_at timestamp with time zone not null,
  constraint activation_attempts_pkey PRIMARY KEY (user_id),
  constraint activation_attempts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table public.activation_attempts enable row level security;

create table public.activation_codes (
  card_id uuid not null,
  code_hash text not null,
  usable_until timestamp with time zone,
  constraint activation_codes_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint activation_codes_code_hash_check CHECK ((code_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint activation_codes_code_hash_key UNIQUE (code_hash),
  constraint activation_codes_pkey PRIMARY KEY (card_id)
);
comment on table public.activation_codes is 'Keyed hashes only. The code itself is derived from the card''s id with a key that the database never sees.';
alter table public.activation_codes enable row level security;

create table public.agent_budgets (
  agent_id uuid not null,
  day date not null,
  reserved_micros bigint not null default 0,
  spent_micros bigint not null default 0,
  constraint agent_budgets_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.autonomous_agents(id) ON DELETE RESTRICT,
  constraint agent_budgets_pkey PRIMARY KEY (agent_id, day),
  constraint agent_budgets_reserved_micros_check CHECK ((reserved_micros >= 0)),
  constraint agent_budgets_spent_micros_check CHECK ((spent_micros >= 0))
) with (fillfactor=70);
comment on table public.agent_budgets is 'What an agent has spent on a day of its zone, and what is reserved for tasks that began on it. Both together are never more than its daily budget was.';
alter table public.agent_budgets enable row level security;

create table public.api_executions (
  id uuid not null default gen_random_uuid(),
  key text not null,
  product_id uuid not null,
  version integer not null,
  account_id uuid,
  user_id uuid,
  tenant_id uuid,
  agent_id uuid,
  task_id uuid,
  call_id uuid,
  hold_id uuid,
  attempt integer not null default 1,
  status text not null default 'running'::text,
  outcome text,
  price_micros bigint not null,
  charged_micros bigint,
  http_status integer,
  bytes bigint,
  took_ms integer,
  result jsonb,
  created_at timestamp with time zone not null default now(),
  lease_until timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint api_executions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE RESTRICT,
  constraint api_executions_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.autonomous_agents(id) ON DELETE RESTRICT,
  constraint api_executions_attempt_check CHECK ((attempt > 0)),
  constraint api_executions_bytes_check CHECK ((bytes >= 0)),
  constraint api_executions_check CHECK (((charged_micros >= 0) AND (charged_micros <= price_micros))),
  constraint api_executions_hold_id_fkey FOREIGN KEY (hold_id) REFERENCES public.wallet_holds(id) ON DELETE RESTRICT,
  constraint api_executions_http_status_check CHECK (((http_status >= 100) AND (http_status <= 599))),
  constraint api_executions_key_check CHECK (((length(key) >= 1) AND (length(key) <= 150))),
  constraint api_executions_key_key UNIQUE (key),
  constraint api_executions_outcome_check CHECK ((outcome = ANY (ARRAY['ok'::text, 'timeout'::text, 'unreachable'::text, 'unsafe'::text, 'redirect'::text, 'server_error'::text, 'client_error'::text, 'too_big'::text, 'bad_answer'::text, 'bad_arguments'::text, 'lost'::text]))),
  constraint api_executions_pkey PRIMARY KEY (id),
  constraint api_executions_price_micros_check CHECK ((price_micros >= 0)),
  constraint api_executions_product_id_version_fkey FOREIGN KEY (product_id, version) REFERENCES public.api_product_versions(product_id, version) ON DELETE RESTRICT,
  constraint api_executions_status_check CHECK ((status = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text]))),
  constraint api_executions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint api_executions_took_ms_check CHECK ((took_ms >= 0)),
  constraint api_executions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint ended_with_an_outcome CHECK ((((status = 'running'::text) = (outcome IS NULL)) AND ((status = 'running'::text) = (ended_at IS NULL)) AND ((status = 'running'::text) = (charged_micros IS NULL))))
) with (fillfactor=70);
comment on table public.api_executions is 'Each call of a paid API, once for a key: by whom, of which version, what became of it and what it cost. The result is kept for a day, so that a repeat is answered without calling again.';
alter table public.api_executions enable row level security;

create table public.api_keys (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null,
  name text not null,
  prefix text not null,
  last4 text not null,
  key_hash text not null,
  scopes text[] not null,
  created_by uuid not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  rotated_to uuid,
  grace_until timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint a_grace_follows_a_rotation CHECK (((rotated_to IS NULL) = (grace_until IS NULL))),
  constraint api_keys_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint api_keys_key_hash_check CHECK ((key_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint api_keys_key_hash_key UNIQUE (key_hash),
  constraint api_keys_last4_check CHECK ((last4 ~ '^[0-9A-Za-z]{4}$'::text)),
  constraint api_keys_name_check CHECK (((length(TRIM(BOTH FROM name)) >= 1) AND (length(TRIM(BOTH FROM name)) <= 100))),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_prefix_check CHECK ((prefix ~ '^mb_(live|test)_[0-9A-Za-z]{4}$'::text)),
  constraint api_keys_rotated_to_fkey FOREIGN KEY (rotated_to) REFERENCES public.api_keys(id) ON DELETE RESTRICT,
  constraint api_keys_scopes_check CHECK (((scopes <@ ARRAY['usage:read'::text, 'usage:write'::text, 'billing:read'::text, 'billing:write'::text, 'verify'::text, 'tasks'::text, 'calls'::text]) AND (cardinality(scopes) > 0))),
  constraint api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT
);
comment on table public.api_keys is 'Keys by which programs of a tenant ask. The key is shown once; here is its HMAC under a pepper that the database does not have.';
alter table public.api_keys enable row level security;

create table public.api_product_versions (
  product_id uuid not null,
  version integer not null,
  described jsonb not null,
  created_at timestamp with time zone not null default now(),
  constraint api_product_versions_pkey PRIMARY KEY (product_id, version),
  constraint api_product_versions_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.api_products(id) ON DELETE RESTRICT,
  constraint api_product_versions_version_check CHECK ((version > 0))
);
comment on table public.api_product_versions is 'What each version of a product was: its price, what it asks, where, and its limits. Never changed.';
alter table public.api_product_versions enable row level security;

create table public.api_products (
  id uuid not null default gen_random_uuid(),
  seller_id uuid,
  tenant_id uuid,
  name text not null,
  title text not null default ''::text,
  description text not null default ''::text,
  category text not null default 'data'::text,
  version integer not null default 1,
  status text not null default 'draft'::text,
  price_per_call numeric(14,6) not null,
  price_micros bigint generated always as (((price_per_call * (1000000)::numeric))::bigint) stored,
  api_endpoint text not null,
  method text not null default 'GET'::text,
  parameters jsonb not null default '{"type": "object", "properties": {}}'::jsonb,
  places jsonb not null default '{}'::jsonb,
  response_schema jsonb,
  headers jsonb not null default '{}'::jsonb,
  speech text,
  rate_per_minute integer not null default 60,
  timeout_ms integer not null default 10000,
  max_bytes integer not null default 262144,
  charges_client_errors boolean not null default false,
  is_spoken boolean not null default false,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint api_products_api_endpoint_check CHECK ((((length(api_endpoint) >= 10) AND (length(api_endpoint) <= 2000)) AND (api_endpoint ~ '^https?://'::text))),
  constraint api_products_category_check CHECK (((length(category) >= 1) AND (length(category) <= 100))),
  constraint api_products_description_check CHECK ((length(description) <= 1000)),
  constraint api_products_max_bytes_check CHECK (((max_bytes >= 1) AND (max_bytes <= 5000000))),
  constraint api_products_method_check CHECK ((method = ANY (ARRAY['GET'::text, 'POST'::text, 'PUT'::text, 'PATCH'::text, 'DELETE'::text]))),
  constraint api_products_name_check CHECK ((name ~ '^[a-z][a-z0-9_]{1,63}$'::text)),
  constraint api_products_parameters_check CHECK ((pg_column_size(parameters) <= 30000)),
  constraint api_products_pkey PRIMARY KEY (id),
  constraint api_products_price_per_call_check CHECK (((price_per_call >= (0)::numeric) AND (price_per_call <= (10000)::numeric))),
  constraint api_products_rate_per_minute_check CHECK (((rate_per_minute >= 1) AND (rate_per_minute <= 100000))),
  constraint api_products_response_schema_check CHECK ((pg_column_size(response_schema) <= 30000)),
  constraint api_products_seller_id_fkey FOREIGN KEY (seller_id) REFERENCES public.sellers(id) ON DELETE RESTRICT,
  constraint api_products_speech_check CHECK ((length(speech) <= 500)),
  constraint api_products_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'retired'::text]))),
  constraint api_products_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint api_products_timeout_ms_check CHECK (((timeout_ms >= 100) AND (timeout_ms <= 60000))),
  constraint api_products_title_check CHECK ((length(title) <= 200)),
  constraint api_products_version_check CHECK ((version > 0))
);
comment on table public.api_products is 'Paid APIs as tools: what is asked, where, what a call costs, and the limits of it. Without a seller it is the house''s, and so is the price; without a tenant everybody may call it. Secrets stand in private.api_secrets, never here.';
alter table public.api_products enable row level security;

create table public.asset_snapshots (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null,
  asset_count integer not null,
  site_breakdown jsonb not null default '{}'::jsonb,
  captured_at timestamp with time zone not null default now(),
  source text not null default 'service'::text,
  key text,
  created_at timestamp with time zone not null default now(),
  constraint asset_snapshots_asset_count_check CHECK (((asset_count >= 0) AND (asset_count <= 100000000))),
  constraint asset_snapshots_captured_at_check CHECK (isfinite(captured_at)),
  constraint asset_snapshots_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint asset_snapshots_pkey PRIMARY KEY (id),
  constraint asset_snapshots_site_breakdown_check CHECK (((jsonb_typeof(site_breakdown) = 'object'::text) AND (octet_length((site_breakdown)::text) <= 20000))),
  constraint asset_snapshots_source_check CHECK ((source = ANY (ARRAY['service'::text, 'api'::text, 'csv'::text, 'connector'::text]))),
  constraint asset_snapshots_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint asset_snapshots_tenant_id_key_key UNIQUE (tenant_id, key)
);
comment on table public.asset_snapshots is 'How many assets a tenant had at a moment, in all and by site. Append-only: a better count is another row, of a later moment.';
alter table public.asset_snapshots enable row level security;

create table public.autonomous_agents (
  id uuid not null default gen_random_uuid(),
  user_id uuid,
  tenant_id uuid,
  agent_name text not null,
  agent_type text not null,
  status text not null default 'idle'::text,
  capabilities text[] not null default '{}'::text[],
  wallet_address text,
  daily_budget numeric(14,6) not null default 0,
  daily_budget_micros bigint generated always as (((daily_budget * (1000000)::numeric))::bigint) stored,
  max_concurrent_tasks integer not null default 1,
  performance_score numeric(6,5) not null default 0.5,
  success_rate numeric(6,5) not null default 0,
  total_tasks_completed bigint not null default 0,
  total_revenue_micros bigint not null default 0,
  total_revenue_generated numeric(20,6) generated always as (((total_revenue_micros)::numeric / (1000000)::numeric)) stored,
  current_task_id uuid,
  last_active_at timestamp with time zone,
  last_heartbeat_at timestamp with time zone,
  error_count integer not null default 0,
  last_error text,
  metadata jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  zone text not null default 'UTC'::text,
  running_tasks integer not null default 0,
  errors_in_a_row integer not null default 0,
  decayed_successes double precision not null default 0,
  decayed_tasks double precision not null default 0,
  retired_at timestamp with time zone,
  constraint autonomous_agents_agent_name_check CHECK (((length(TRIM(BOTH FROM agent_name)) >= 1) AND (length(TRIM(BOTH FROM agent_name)) <= 200))),
  constraint autonomous_agents_agent_type_check CHECK ((agent_type = ANY (ARRAY['api_consumer'::text, 'payment_bot'::text, 'volume_generator'::text, 'nft_minter'::text]))),
  constraint autonomous_agents_capabilities_check CHECK ((cardinality(capabilities) <= 50)),
  constraint autonomous_agents_daily_budget_check CHECK (((daily_budget >= (0)::numeric) AND (daily_budget <= (1000000)::numeric))),
  constraint autonomous_agents_decayed_successes_check CHECK ((decayed_successes >= (0)::double precision)),
  constraint autonomous_agents_decayed_tasks_check CHECK ((decayed_tasks >= (0)::double precision)),
  constraint autonomous_agents_error_count_check CHECK ((error_count >= 0)),
  constraint autonomous_agents_errors_in_a_row_check CHECK ((errors_in_a_row >= 0)),
  constraint autonomous_agents_last_error_check CHECK ((length(last_error) <= 1000)),
  constraint autonomous_agents_max_concurrent_tasks_check CHECK (((max_concurrent_tasks >= 0) AND (max_concurrent_tasks <= 1000))),
  constraint autonomous_agents_metadata_check CHECK ((pg_column_size(metadata) <= 20000)),
  constraint autonomous_agents_performance_score_check CHECK (((performance_score >= (0)::numeric) AND (performance_score <= (1)::numeric))),
  constraint autonomous_agents_pkey PRIMARY KEY (id),
  constraint autonomous_agents_running_tasks_check CHECK ((running_tasks >= 0)),
  constraint autonomous_agents_status_check CHECK ((status = ANY (ARRAY['idle'::text, 'active'::text, 'error'::text, 'maintenance'::text]))),
  constraint autonomous_agents_success_rate_check CHECK (((success_rate >= (0)::numeric) AND (success_rate <= (1)::numeric))),
  constraint autonomous_agents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint autonomous_agents_total_tasks_completed_check CHECK ((total_tasks_completed >= 0)),
  constraint autonomous_agents_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint autonomous_agents_wallet_address_check CHECK ((length(wallet_address) <= 200)),
  constraint autonomous_agents_zone_check CHECK (((length(zone) >= 1) AND (length(zone) <= 64))),
  constraint works_for_one CHECK ((num_nonnulls(user_id, tenant_id) <= 1)),
  constraint works_on_a_task FOREIGN KEY (current_task_id) REFERENCES public.brain_tasks(id) ON DELETE RESTRICT
) with (fillfactor=70);
comment on table public.autonomous_agents is 'Agents, each for a person or a tenant, or of the house. An agent pays from its own wallet: an account of micro_usd of the kind agent.';
alter table public.autonomous_agents enable row level security;

create table public.autonomous_revenue (
  id uuid not null default gen_random_uuid(),
  agent_id uuid,
  task_id uuid,
  api_product_id uuid,
  seller_id uuid,
  hold_id uuid,
  pending_payment_id uuid,
  amount_micros bigint not null,
  platform_fee_micros bigint not null default 0,
  seller_share_micros bigint not null default 0,
  stripe_cost_micros bigint not null default 0,
  amount numeric(20,6) generated always as (((amount_micros)::numeric / (1000000)::numeric)) stored,
  platform_fee numeric(20,6) generated always as (((platform_fee_micros)::numeric / (1000000)::numeric)) stored,
  seller_share numeric(20,6) generated always as (((seller_share_micros)::numeric / (1000000)::numeric)) stored,
  currency text not null default 'usd'::text,
  revenue_source text not null,
  status text not null,
  key text not null,
  created_at timestamp with time zone not null default now(),
  xid xid8 not null default pg_current_xact_id(),
  constraint autonomous_revenue_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.autonomous_agents(id) ON DELETE RESTRICT,
  constraint autonomous_revenue_api_product_id_fkey FOREIGN KEY (api_product_id) REFERENCES public.api_products(id) ON DELETE RESTRICT,
  constraint autonomous_revenue_currency_check CHECK ((currency = 'usd'::text)),
  constraint autonomous_revenue_hold_id_fkey FOREIGN KEY (hold_id) REFERENCES public.wallet_holds(id) ON DELETE RESTRICT,
  constraint autonomous_revenue_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint autonomous_revenue_key_key UNIQUE (key),
  constraint autonomous_revenue_pending_payment_id_fkey FOREIGN KEY (pending_payment_id) REFERENCES public.pending_payments(id) ON DELETE RESTRICT,
  constraint autonomous_revenue_pkey PRIMARY KEY (id),
  constraint autonomous_revenue_revenue_source_check CHECK ((revenue_source = ANY (ARRAY['api_calls'::text, 'payment_fees'::text, 'task_completion'::text]))),
  constraint autonomous_revenue_seller_id_fkey FOREIGN KEY (seller_id) REFERENCES public.sellers(id) ON DELETE RESTRICT,
  constraint autonomous_revenue_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'collected'::text, 'failed'::text]))),
  constraint revenue_is_what_became_of_it CHECK ((amount_micros = ((platform_fee_micros + seller_share_micros) + stripe_cost_micros)))
);
comment on table public.autonomous_revenue is 'What was earned, each thing once: amount = platform fee (with the remainder) + seller''s share + what Stripe kept of it. Money that goes back is a row with a negative amount, on the day on which it went back.';
alter table public.autonomous_revenue enable row level security;

create table public.billing_invoices (
  id text not null,
  tenant_id uuid not null,
  subscription_id text,
  number text,
  status text not null,
  billing_reason text,
  period_start timestamp with time zone,
  period_end timestamp with time zone,
  currency text not null,
  subtotal_cents bigint not null,
  tax_cents bigint not null,
  total_cents bigint not null,
  amount_due_cents bigint not null,
  amount_paid_cents bigint not null,
  credited_cents bigint not null default 0,
  base_cents bigint not null default 0,
  assets_cents bigint not null default 0,
  credits_cents bigint not null default 0,
  gainshare_cents bigint not null default 0,
  other_cents bigint not null default 0,
  breakdown jsonb not null default '[]'::jsonb,
  hosted_url text,
  pdf_url text,
  attempt_count integer not null default 0,
  next_attempt_at timestamp with time zone,
  tax_status text,
  problem text,
  created_at timestamp with time zone not null,
  finalized_at timestamp with time zone,
  paid_at timestamp with time zone,
  granted_at timestamp with time zone,
  read_at timestamp with time zone not null,
  updated_at timestamp with time zone not null default now(),
  stripe_invoice_id text generated always as (id) stored,
  total_cad numeric generated always as (
CASE currency
    WHEN 'cad'::text THEN ((total_cents)::numeric / 100.0)
    ELSE NULL::numeric
END) stored,
  constraint billing_invoices_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint billing_invoices_id_check CHECK (((length(id) >= 1) AND (length(id) <= 255))),
  constraint billing_invoices_pkey PRIMARY KEY (id),
  constraint billing_invoices_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'open'::text, 'paid'::text, 'uncollectible'::text, 'void'::text, 'deleted'::text]))),
  constraint billing_invoices_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES public.subscriptions(id) ON DELETE RESTRICT,
  constraint billing_invoices_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint tax_is_on_top CHECK (((subtotal_cents + tax_cents) = total_cents)),
  constraint the_parts_are_the_subtotal CHECK ((((((base_cents + assets_cents) + credits_cents) + gainshare_cents) + other_cents) = subtotal_cents))
);
comment on table public.billing_invoices is 'What Stripe says of each invoice of a tenant, in the smallest unit of its currency. period is what its base pays for, in advance; what was used beyond a plan is that of the period before.';
alter table public.billing_invoices enable row level security;

create table public.brain_tasks (
  id uuid not null default gen_random_uuid(),
  opportunity_id uuid,
  assigned_agent uuid not null,
  task_type text not null,
  target_api_id uuid,
  quantity integer not null default 1,
  input jsonb not null default '{}'::jsonb,
  status text not null default 'assigned'::text,
  priority smallint not null default 0,
  is_simulation boolean not null default false,
  expected_revenue_micros bigint not null default 0,
  expected_revenue numeric(20,6) generated always as (((expected_revenue_micros)::numeric / (1000000)::numeric)) stored,
  reserved_micros bigint not null,
  charged_micros bigint,
  budget_day date not null,
  attempts integer not null default 0,
  max_attempts integer not null default 5,
  epoch integer not null default 0,
  due_at timestamp with time zone not null default now(),
  lost_at timestamp with time zone,
  last_heartbeat_at timestamp with time zone,
  result jsonb,
  error text,
  key text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint brain_tasks_assigned_agent_fkey FOREIGN KEY (assigned_agent) REFERENCES public.autonomous_agents(id) ON DELETE RESTRICT,
  constraint brain_tasks_attempts_check CHECK ((attempts >= 0)),
  constraint brain_tasks_charged_micros_check CHECK ((charged_micros >= 0)),
  constraint brain_tasks_error_check CHECK ((length(error) <= 1000)),
  constraint brain_tasks_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint brain_tasks_key_key UNIQUE (key),
  constraint brain_tasks_max_attempts_check CHECK (((max_attempts >= 1) AND (max_attempts <= 50))),
  constraint brain_tasks_opportunity_id_fkey FOREIGN KEY (opportunity_id) REFERENCES public.market_opportunities(id) ON DELETE RESTRICT,
  constraint brain_tasks_pkey PRIMARY KEY (id),
  constraint brain_tasks_quantity_check CHECK (((quantity >= 1) AND (quantity <= 1000))),
  constraint brain_tasks_reserved_micros_check CHECK ((reserved_micros >= 0)),
  constraint brain_tasks_result_check CHECK ((pg_column_size(result) <= 70000)),
  constraint brain_tasks_status_check CHECK ((status = ANY (ARRAY['assigned'::text, 'running'::text, 'completed'::text, 'failed'::text, 'canceled'::text]))),
  constraint brain_tasks_target_api_id_fkey FOREIGN KEY (target_api_id) REFERENCES public.api_products(id) ON DELETE RESTRICT,
  constraint brain_tasks_task_type_check CHECK ((task_type = ANY (ARRAY['api_call'::text, 'payment_processing'::text, 'simulation'::text]))),
  constraint charged_no_more_than_reserved CHECK ((charged_micros <= reserved_micros)),
  constraint ends_once CHECK (((status = ANY (ARRAY['completed'::text, 'failed'::text, 'canceled'::text])) = (ended_at IS NOT NULL))),
  constraint lives_while_it_runs CHECK (((status = 'running'::text) = (lost_at IS NOT NULL)))
) with (fillfactor=60);
comment on table public.brain_tasks is 'What agents do, each for one opportunity. reserved_micros is what it costs at most: taken from the day''s budget when it was assigned.';
alter table public.brain_tasks enable row level security;

create table public.call_tokens (
  call_id uuid not null,
  user_id uuid not null,
  address_hash text,
  issued_at timestamp with time zone not null default now(),
  constraint call_tokens_address_hash_check CHECK ((address_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint call_tokens_pkey PRIMARY KEY (call_id),
  constraint call_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
comment on table public.call_tokens is 'Tokens for calls of the last minutes, by person and by the keyed hash of the address that asked. Forgotten after ten minutes.';
alter table public.call_tokens enable row level security;

create table public.caller_memories (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  text text not null,
  kind text not null,
  source text not null,
  call_id uuid,
  embedding real[],
  embedding_model text,
  created_at timestamp with time zone not null default clock_timestamp(),
  updated_at timestamp with time zone not null default clock_timestamp(),
  corrected_at timestamp with time zone,
  constraint caller_memories_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE SET NULL,
  constraint caller_memories_check CHECK (((source = 'person'::text) = (corrected_at IS NOT NULL))),
  constraint caller_memories_check1 CHECK (((embedding IS NOT NULL) OR (embedding_model IS NULL))),
  constraint caller_memories_embedding_check CHECK (private.is_embedding(embedding)),
  constraint caller_memories_embedding_model_check CHECK (((length(embedding_model) >= 1) AND (length(embedding_model) <= 200))),
  constraint caller_memories_kind_check CHECK ((kind = ANY (ARRAY['fact'::text, 'preference'::text]))),
  constraint caller_memories_pkey PRIMARY KEY (id),
  constraint caller_memories_source_check CHECK ((source = ANY (ARRAY['call'::text, 'person'::text]))),
  constraint caller_memories_text_check CHECK (((length(text) >= 1) AND (length(text) <= 300))),
  constraint caller_memories_text_check1 CHECK ((NOT private.holds_secret(text))),
  constraint caller_memories_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
comment on table public.caller_memories is 'What a person told in calls. An erased row is deleted, with its embedding, and there is no other copy.';
alter table public.caller_memories enable row level security;

create table public.caller_settings (
  user_id uuid not null,
  locale text,
  voice text,
  memory_enabled boolean not null default true,
  erased_at timestamp with time zone,
  updated_at timestamp with time zone not null default now(),
  constraint caller_settings_locale_check CHECK ((locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'::text)),
  constraint caller_settings_pkey PRIMARY KEY (user_id),
  constraint caller_settings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE,
  constraint caller_settings_voice_check CHECK ((voice ~ '^[a-z][a-z0-9_-]{0,63}$'::text))
);
comment on table public.caller_settings is 'A row per person who chose something, or of whom something is remembered; without a row the defaults hold. Its lock makes all that changes what is remembered of a person take turns. No function of time or money takes it.';
alter table public.caller_settings enable row level security;

create table public.calls (
  id uuid not null,
  user_id uuid not null,
  room_name text not null,
  worker_id text,
  status text not null default 'open'::text,
  opened_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  end_reason text,
  settled_by text,
  epoch integer,
  used_ms bigint,
  restored_ms bigint,
  charged_seconds integer,
  receipt jsonb,
  turns integer,
  interruptions integer,
  errors integer,
  latency_p50_ms integer,
  latency_p95_ms integer,
  provider_cost_micros bigint,
  quality smallint,
  measures jsonb,
  tenant_id uuid,
  constraint calls_charged_seconds_check CHECK ((charged_seconds >= 0)),
  constraint calls_check CHECK (((restored_ms >= 0) AND (restored_ms <= used_ms))),
  constraint calls_check1 CHECK ((num_nulls(ended_at, epoch, used_ms, restored_ms, charged_seconds, receipt) =
CASE status
    WHEN 'settled'::text THEN 0
    ELSE 6
END)),
  constraint calls_epoch_check CHECK ((epoch > 0)),
  constraint calls_pkey PRIMARY KEY (id),
  constraint calls_room_name_check CHECK (((length(room_name) >= 1) AND (length(room_name) <= 200))),
  constraint calls_settled_by_check CHECK ((settled_by = ANY (ARRAY['worker'::text, 'reaper'::text]))),
  constraint calls_status_check CHECK ((status = ANY (ARRAY['open'::text, 'settled'::text]))),
  constraint calls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint calls_used_ms_check CHECK ((used_ms >= 0)),
  constraint calls_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
comment on table public.calls is 'One row per call. What a live call is promised and has used stands in its hold, and here when it is settled.';
alter table public.calls enable row level security;

create table public.code_batch_cards (
  card_id uuid not null,
  batch_id uuid not null,
  constraint code_batch_cards_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.code_batches(id) ON DELETE RESTRICT,
  constraint code_batch_cards_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint code_batch_cards_pkey PRIMARY KEY (card_id)
);
alter table public.code_batch_cards enable row level security;

create table public.code_batches (
  id uuid not null default gen_random_uuid(),
  kind text not null,
  package_id text,
  seconds integer not null,
  count integer not null,
  usable_until timestamp with time zone not null,
  note text not null,
  operator_id uuid not null,
  key text not null,
  created_at timestamp with time zone not null default now(),
  exported_at timestamp with time zone,
  exported_by uuid,
  export_id uuid,
  revoked_at timestamp with time zone,
  revoked_by uuid,
  constraint code_batches_check CHECK ((usable_until > created_at)),
  constraint code_batches_check1 CHECK ((((exported_at IS NULL) = (exported_by IS NULL)) AND ((exported_at IS NULL) = (export_id IS NULL)))),
  constraint code_batches_check2 CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
  constraint code_batches_count_check CHECK (((count >= 1) AND (count <= 1000))),
  constraint code_batches_exported_by_fkey FOREIGN KEY (exported_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint code_batches_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint code_batches_key_key UNIQUE (key),
  constraint code_batches_kind_check CHECK ((kind = ANY (ARRAY['gift'::text, 'promo'::text, 'reseller'::text]))),
  constraint code_batches_note_check CHECK (((length(note) >= 1) AND (length(note) <= 500))),
  constraint code_batches_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint code_batches_package_id_fkey FOREIGN KEY (package_id) REFERENCES public.pricing_tiers(id),
  constraint code_batches_pkey PRIMARY KEY (id),
  constraint code_batches_revoked_by_fkey FOREIGN KEY (revoked_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint code_batches_seconds_check CHECK (((seconds >= 60) AND (seconds <= 3600000)))
);
comment on table public.code_batches is 'Cards that nobody bought. Their seconds are bonus seconds: no payment stands behind them, and none is refunded.';
alter table public.code_batches enable row level security;

create table public.credit_days (
  tenant_id uuid not null,
  day date not null,
  event_type text not null,
  events bigint not null,
  units numeric not null,
  credits bigint not null,
  constraint credit_days_pkey PRIMARY KEY (tenant_id, day, event_type),
  constraint credit_days_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT
);
comment on table public.credit_days is 'Events, units and burned credits of each tenant by day (UTC) and type; added to as events are written.';
alter table public.credit_days enable row level security;

create table public.credit_periods (
  subscription_id text not null,
  period_start timestamp with time zone not null,
  period_end timestamp with time zone,
  tenant_id uuid not null,
  plan_id text not null,
  is_trial boolean not null,
  included bigint not null,
  granted bigint not null default 0,
  used bigint not null default 0,
  overage bigint,
  unpaid bigint,
  closed_at timestamp with time zone,
  usage jsonb,
  constraint closed_as_a_whole CHECK (((num_nulls(overage, unpaid, closed_at, usage) = ANY (ARRAY[0, 4])) AND ((closed_at IS NULL) OR (period_end IS NOT NULL)))),
  constraint credit_periods_check CHECK ((period_end > period_start)),
  constraint credit_periods_granted_check CHECK ((granted >= 0)),
  constraint credit_periods_included_check CHECK ((included >= 0)),
  constraint credit_periods_overage_check CHECK ((overage >= 0)),
  constraint credit_periods_pkey PRIMARY KEY (subscription_id, period_start),
  constraint credit_periods_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.plans(id) ON DELETE RESTRICT,
  constraint credit_periods_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES public.subscriptions(id) ON DELETE RESTRICT,
  constraint credit_periods_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint credit_periods_unpaid_check CHECK ((unpaid >= 0)),
  constraint credit_periods_used_check CHECK ((used >= 0))
);
comment on table public.credit_periods is 'One row for each period: what its plan includes, what was granted when it was paid, what was burned in it. When it closes, what was owed beyond the credits is its overage, and usage is what the invoice says, for good.';
alter table public.credit_periods enable row level security;

create table public.credit_rules (
  id bigint not null generated always as identity,
  event_type text not null,
  unit text not null,
  piece text not null,
  pieces_per_unit integer not null,
  credits integer not null,
  per_pieces integer not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone,
  thing bigint not null generated always as ((hashtextextended(event_type, (0)::bigint) >> 1)) stored,
  constraint credit_rules_check CHECK (((valid_to > valid_from) AND isfinite(valid_to))),
  constraint credit_rules_credits_check CHECK (((credits >= 0) AND (credits <= 1000000))),
  constraint credit_rules_event_type_check CHECK ((event_type ~ '^[A-Za-z][A-Za-z0-9_.:-]{0,63}$'::text)),
  constraint credit_rules_never_overlap EXCLUDE USING gist (int8range(thing, thing, '[]'::text) WITH &&, tstzrange(valid_from, valid_to) WITH &&),
  constraint credit_rules_per_pieces_check CHECK (((per_pieces >= 1) AND (per_pieces <= 1000000))),
  constraint credit_rules_piece_check CHECK ((piece ~ '^[a-z_]{1,40}$'::text)),
  constraint credit_rules_pieces_per_unit_check CHECK (((pieces_per_unit >= 1) AND (pieces_per_unit <= 1000000))),
  constraint credit_rules_pkey PRIMARY KEY (id),
  constraint credit_rules_unit_check CHECK ((unit ~ '^[A-Za-z0-9_]{1,40}$'::text)),
  constraint credit_rules_valid_from_check CHECK (isfinite(valid_from))
);
comment on table public.credit_rules is 'So many credits for so many pieces, by type of event. What a rule was while it held is never changed: set_credit_rule begins another one. unit is what events are reported in, and has so many pieces, which are never parted.';
alter table public.credit_rules enable row level security;

create table public.gainshare_acts (
  id bigint not null generated always as identity,
  run_id uuid not null,
  act text not null,
  actor_id uuid,
  snapshot_hash text not null,
  reason text,
  at timestamp with time zone not null default clock_timestamp(),
  constraint gainshare_acts_act_check CHECK ((act = ANY (ARRAY['run'::text, 'approve'::text, 'reject'::text, 'dispute'::text, 'withdraw'::text, 'invoice'::text]))),
  constraint gainshare_acts_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint gainshare_acts_pkey PRIMARY KEY (id),
  constraint gainshare_acts_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.gainshare_runs(id) ON DELETE RESTRICT
);
comment on table public.gainshare_acts is 'Who did what about a run, in which state of it. Nobody changes or removes a row.';
alter table public.gainshare_acts enable row level security;

create table public.gainshare_runs (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null,
  period_start date not null,
  period_end date not null,
  share_pct numeric(5,2) not null,
  currency text not null,
  savings_cents bigint not null,
  fee_cents bigint not null,
  fee_cap_cents bigint,
  status text not null default 'pending_approval'::text,
  snapshot jsonb not null,
  snapshot_hash text not null,
  run_by uuid,
  created_at timestamp with time zone not null default now(),
  dispute_until timestamp with time zone not null,
  decided_by uuid,
  decided_at timestamp with time zone,
  reason text,
  invoice_id text,
  calculated_savings_cad numeric generated always as (
CASE currency
    WHEN 'cad'::text THEN ((savings_cents)::numeric / 100.0)
    ELSE NULL::numeric
END) stored,
  fee_cad numeric generated always as (
CASE currency
    WHEN 'cad'::text THEN ((fee_cents)::numeric / 100.0)
    ELSE NULL::numeric
END) stored,
  constraint a_run_has_days CHECK ((period_end >= period_start)),
  constraint decided_by_somebody CHECK (((status = ANY (ARRAY['approved'::text, 'invoiced'::text])) <= (decided_by IS NOT NULL))),
  constraint gainshare_runs_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint gainshare_runs_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint gainshare_runs_fee_cap_cents_check CHECK ((fee_cap_cents >= 0)),
  constraint gainshare_runs_fee_cents_check CHECK ((fee_cents >= 0)),
  constraint gainshare_runs_pkey PRIMARY KEY (id),
  constraint gainshare_runs_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500))),
  constraint gainshare_runs_run_by_fkey FOREIGN KEY (run_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint gainshare_runs_savings_cents_check CHECK ((savings_cents >= 0)),
  constraint gainshare_runs_share_pct_check CHECK (((share_pct >= (10)::numeric) AND (share_pct <= (20)::numeric))),
  constraint gainshare_runs_snapshot_hash_check CHECK ((snapshot_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint gainshare_runs_status_check CHECK ((status = ANY (ARRAY['pending_approval'::text, 'approved'::text, 'rejected'::text, 'disputed'::text, 'withdrawn'::text, 'invoiced'::text]))),
  constraint gainshare_runs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint invoiced_somewhere CHECK (((status = 'invoiced'::text) = (invoice_id IS NOT NULL)))
);
comment on table public.gainshare_runs is 'What a period saved and the share of it. The snapshot is the whole chain as it was when it was run; its hash is what is agreed to.';
alter table public.gainshare_runs enable row level security;

create table public.goodwill_grants (
  card_id uuid not null,
  operator_id uuid not null,
  reason text not null,
  key text not null,
  created_at timestamp with time zone not null default now(),
  constraint goodwill_grants_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint goodwill_grants_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint goodwill_grants_key_key UNIQUE (key),
  constraint goodwill_grants_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint goodwill_grants_pkey PRIMARY KEY (card_id),
  constraint goodwill_grants_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
);
alter table public.goodwill_grants enable row level security;

create table public.grants (
  id uuid not null,
  account_id uuid,
  unit text not null,
  source text not null,
  priority smallint not null default 0,
  status text not null,
  paid bigint not null,
  bonus bigint not null default 0,
  remaining bigint not null,
  disputed bigint not null default 0,
  frozen bigint not null default 0,
  frozen_at timestamp with time zone,
  purchaser_id uuid,
  package_id text,
  payment_intent_id text,
  created_at timestamp with time zone not null default now(),
  activated_at timestamp with time zone,
  expires_at timestamp with time zone,
  ended_at timestamp with time zone,
  part_of uuid,
  constraint grants_account_id_unit_fkey FOREIGN KEY (account_id, unit) REFERENCES public.accounts(id, unit) ON DELETE RESTRICT,
  constraint grants_bonus_check CHECK ((bonus >= 0)),
  constraint grants_check CHECK (((remaining + frozen) <= (paid + bonus))),
  constraint grants_check1 CHECK (((frozen >= 0) AND (frozen <= disputed))),
  constraint grants_check2 CHECK (((account_id IS NOT NULL) OR (status = ANY (ARRAY['unactivated'::text, 'revoked'::text])))),
  constraint grants_check3 CHECK ((((status = 'unactivated'::text) = (activated_at IS NULL)) OR (status = 'revoked'::text))),
  constraint grants_check4 CHECK (((status <> ALL (ARRAY['exhausted'::text, 'expired'::text])) OR (remaining = 0))),
  constraint grants_check5 CHECK (((status <> 'active'::text) OR ((remaining > 0) AND (expires_at IS NOT NULL)))),
  constraint grants_package_id_fkey FOREIGN KEY (package_id) REFERENCES public.pricing_tiers(id),
  constraint grants_paid_check CHECK ((paid >= 0)),
  constraint grants_part_of_fkey FOREIGN KEY (part_of) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint grants_payment_intent_id_key UNIQUE (payment_intent_id),
  constraint grants_pkey PRIMARY KEY (id),
  constraint grants_purchaser_id_fkey FOREIGN KEY (purchaser_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint grants_remaining_check CHECK ((remaining >= 0)),
  constraint grants_source_check CHECK ((source = ANY (ARRAY['paid'::text, 'gift'::text, 'bonus'::text, 'goodwill'::text, 'trial'::text, 'plan'::text, 'top_up'::text, 'earned'::text]))),
  constraint grants_status_check CHECK ((status = ANY (ARRAY['unactivated'::text, 'active'::text, 'exhausted'::text, 'expired'::text, 'revoked'::text])))
) with (fillfactor=70);
comment on table public.grants is 'Amounts owned, each with its source and its end; a time card is a grant of seconds. One without an account waits for its owner and is no part of the ledger. Bonus is used before what was paid, so what is refundable is used last.';
alter table public.grants enable row level security;

create table public.holds (
  id uuid not null,
  account_id uuid not null,
  unit text not null,
  amount bigint not null default 0,
  used_ms bigint not null default 0,
  restored_ms bigint not null default 0,
  slice_seconds private.slice_seconds not null,
  lease_margin_seconds private.lease_margin_seconds not null,
  epoch integer not null default 1,
  renewals integer not null default 0,
  lease_expires_at timestamp with time zone not null,
  constraint holds_account_id_unit_fkey FOREIGN KEY (account_id, unit) REFERENCES public.accounts(id, unit) ON DELETE RESTRICT,
  constraint holds_pkey PRIMARY KEY (id),
  constraint used_is_held_and_restored_was_used CHECK (((restored_ms >= 0) AND (restored_ms <= used_ms) AND (used_ms <= (amount * 1000)) AND (epoch > 0)))
) with (fillfactor=50);
comment on table public.holds is 'What is promised to a live call, under the id of that call, and deleted when the call settles. amount, used_ms and restored_ms are absolute counters since the call began, so a repeated report is harmless; what is still promised is amount less the whole seconds restored. The only row that a renewal writes.';
alter table public.holds enable row level security;

create table public.kpi_actuals (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null,
  metric text not null,
  period_start date not null,
  period_end date not null,
  value numeric(20,6) not null,
  events bigint,
  evidence jsonb not null default '{}'::jsonb,
  recorded_by uuid,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint a_stretch_has_days CHECK ((period_end >= period_start)),
  constraint kpi_actuals_events_check CHECK ((events >= 0)),
  constraint kpi_actuals_evidence_check CHECK (((jsonb_typeof(evidence) = 'object'::text) AND (length((evidence)::text) <= 20000))),
  constraint kpi_actuals_metric_check CHECK ((metric ~ '^[a-z][a-z0-9_]{0,63}$'::text)),
  constraint kpi_actuals_pkey PRIMARY KEY (id),
  constraint kpi_actuals_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint kpi_actuals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint kpi_actuals_value_check CHECK ((value >= (0)::numeric))
);
comment on table public.kpi_actuals is 'What was measured in a stretch of days, both included. A correction is a later row of the same stretch; none is ever changed.';
alter table public.kpi_actuals enable row level security;

create table public.kpi_baselines (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null,
  metric text not null,
  unit text not null,
  direction text not null,
  method text not null,
  baseline_value numeric(20,6) not null,
  cost_per_unit numeric(20,6) not null,
  scheduled_hours numeric(12,2),
  max_savings_cents bigint,
  currency text not null default 'cad'::text,
  effective_from date not null,
  evidence jsonb not null default '{}'::jsonb,
  recorded_by uuid,
  created_at timestamp with time zone not null default now(),
  constraint a_share_is_of_a_hundred CHECK (((method <> 'share_of_hours'::text) OR (baseline_value <= (100)::numeric))),
  constraint failures_need_a_time_between CHECK (((method <> 'failures'::text) OR (baseline_value > (0)::numeric))),
  constraint kpi_baselines_baseline_value_check CHECK ((baseline_value >= (0)::numeric)),
  constraint kpi_baselines_cost_per_unit_check CHECK ((cost_per_unit >= (0)::numeric)),
  constraint kpi_baselines_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint kpi_baselines_direction_check CHECK ((direction = ANY (ARRAY['up'::text, 'down'::text]))),
  constraint kpi_baselines_evidence_check CHECK (((jsonb_typeof(evidence) = 'object'::text) AND (length((evidence)::text) <= 20000))),
  constraint kpi_baselines_max_savings_cents_check CHECK ((max_savings_cents >= 0)),
  constraint kpi_baselines_method_check CHECK ((method = ANY (ARRAY['share_of_hours'::text, 'failures'::text, 'per_event'::text, 'plain'::text]))),
  constraint kpi_baselines_metric_check CHECK ((metric ~ '^[a-z][a-z0-9_]{0,63}$'::text)),
  constraint kpi_baselines_pkey PRIMARY KEY (id),
  constraint kpi_baselines_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint kpi_baselines_scheduled_hours_check CHECK ((scheduled_hours > (0)::numeric)),
  constraint kpi_baselines_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint kpi_baselines_unit_check CHECK (((length(unit) >= 1) AND (length(unit) <= 40))),
  constraint one_baseline_a_day UNIQUE (tenant_id, metric, effective_from),
  constraint what_needs_hours_has_them CHECK (((method <> ALL (ARRAY['share_of_hours'::text, 'failures'::text])) OR (scheduled_hours IS NOT NULL)))
);
comment on table public.kpi_baselines is 'What each metric was before. It holds from effective_from until a later row of the metric; none is ever changed.';
alter table public.kpi_baselines enable row level security;

create table public.ledger (
  id bigint not null generated always as identity,
  account_id uuid not null,
  unit text not null,
  grant_id uuid,
  about_grant_id uuid,
  call_id uuid,
  reason text not null,
  amount bigint not null,
  key text not null,
  created_at timestamp with time zone not null default now(),
  xid xid8 default pg_current_xact_id(),
  constraint ledger_about_grant_id_fkey FOREIGN KEY (about_grant_id) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint ledger_account_id_unit_fkey FOREIGN KEY (account_id, unit) REFERENCES public.accounts(id, unit) ON DELETE RESTRICT,
  constraint ledger_amount_check CHECK ((amount <> 0)),
  constraint ledger_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE RESTRICT,
  constraint ledger_check CHECK (((reason = ANY (ARRAY['debt_payment'::text, 'remainder'::text, 'transfer'::text])) OR ((reason = ANY (ARRAY['grant'::text, 'bonus_grant'::text, 'goodwill'::text, 'restore'::text, 'share'::text, 'fee'::text, 'payout_returned'::text])) = (amount > 0)))),
  constraint ledger_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint ledger_key_key UNIQUE (key),
  constraint ledger_pkey PRIMARY KEY (id),
  constraint ledger_reason_check CHECK ((reason = ANY (ARRAY['grant'::text, 'bonus_grant'::text, 'goodwill'::text, 'restore'::text, 'use'::text, 'expire'::text, 'clawback'::text, 'debt_payment'::text, 'freeze'::text, 'share'::text, 'fee'::text, 'remainder'::text, 'share_reversed'::text, 'fee_reversed'::text, 'transfer'::text, 'payout'::text, 'payout_returned'::text])))
);
comment on table public.ledger is 'Append-only. Sum over a grant = its remainder; sum over an account = balance - debt; entries without a grant are debt.';
alter table public.ledger enable row level security;

create table public.machine_payments (
  purchase_id uuid not null,
  account_id uuid not null,
  order_key text not null,
  attempt integer not null,
  payment_key text not null,
  call_id uuid,
  network text,
  asset text,
  amount_units bigint,
  payer text,
  pay_to text,
  valid_before timestamp with time zone,
  payload jsonb,
  requirements jsonb,
  transaction text,
  settle_after timestamp with time zone not null,
  asked integer not null default 1,
  settled_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint machine_payments_account_id_order_key_attempt_key UNIQUE (account_id, order_key, attempt),
  constraint machine_payments_amount_units_check CHECK ((amount_units > 0)),
  constraint machine_payments_attempt_check CHECK ((attempt > 0)),
  constraint machine_payments_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.paid_calls(id) ON DELETE RESTRICT,
  constraint machine_payments_order_key_check CHECK (((length(order_key) >= 1) AND (length(order_key) <= 255))),
  constraint machine_payments_payment_key_check CHECK (((length(payment_key) >= 1) AND (length(payment_key) <= 255))),
  constraint machine_payments_payment_key_key UNIQUE (payment_key),
  constraint machine_payments_pkey PRIMARY KEY (purchase_id),
  constraint machine_payments_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES public.purchases(id) ON DELETE RESTRICT
);
comment on table public.machine_payments is 'The payment of a purchase over x402 or MPP. payment_key is what makes it one payment (on a chain: network, asset, payer and nonce; else the challenge), so it pays one purchase, once. amount_units are micro-units of the asset, in whole. payload is kept only until it is settled.';
alter table public.machine_payments enable row level security;

create table public.market_opportunities (
  id uuid not null default gen_random_uuid(),
  title text not null,
  source text not null default 'manual'::text,
  task_type text not null default 'api_call'::text,
  required_capabilities text[] not null default '{}'::text[],
  target_api_id uuid,
  quantity integer not null default 1,
  input jsonb not null default '{}'::jsonb,
  max_price_micros bigint,
  expected_revenue_micros bigint not null default 0,
  expected_revenue numeric(20,6) generated always as (((expected_revenue_micros)::numeric / (1000000)::numeric)) stored,
  score numeric(6,5) not null default 0.5,
  priority smallint not null default 0,
  status text not null default 'open'::text,
  key text,
  user_id uuid,
  tenant_id uuid,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null default (now() + '1 day'::interval),
  constraint is_for_one CHECK ((num_nonnulls(user_id, tenant_id) <= 1)),
  constraint market_opportunities_expected_revenue_micros_check CHECK (((expected_revenue_micros >= 0) AND (expected_revenue_micros <= '1000000000000'::bigint))),
  constraint market_opportunities_input_check CHECK ((pg_column_size(input) <= 20000)),
  constraint market_opportunities_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint market_opportunities_key_key UNIQUE (key),
  constraint market_opportunities_max_price_micros_check CHECK (((max_price_micros >= 0) AND (max_price_micros <= '1000000000000'::bigint))),
  constraint market_opportunities_pkey PRIMARY KEY (id),
  constraint market_opportunities_quantity_check CHECK (((quantity >= 1) AND (quantity <= 1000))),
  constraint market_opportunities_required_capabilities_check CHECK ((cardinality(required_capabilities) <= 20)),
  constraint market_opportunities_score_check CHECK (((score >= (0)::numeric) AND (score <= (1)::numeric))),
  constraint market_opportunities_source_check CHECK (((length(source) >= 1) AND (length(source) <= 100))),
  constraint market_opportunities_status_check CHECK ((status = ANY (ARRAY['open'::text, 'assigned'::text, 'completed'::text, 'failed'::text, 'expired'::text, 'canceled'::text]))),
  constraint market_opportunities_target_api_id_fkey FOREIGN KEY (target_api_id) REFERENCES public.api_products(id) ON DELETE RESTRICT,
  constraint market_opportunities_task_type_check CHECK ((task_type = ANY (ARRAY['api_call'::text, 'payment_processing'::text, 'simulation'::text]))),
  constraint market_opportunities_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint market_opportunities_title_check CHECK (((length(TRIM(BOTH FROM title)) >= 1) AND (length(TRIM(BOTH FROM title)) <= 200))),
  constraint market_opportunities_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
) with (fillfactor=70);
comment on table public.market_opportunities is 'What could be done: which capabilities it needs, which API it calls how often, what that may cost at most and should bring. One of a person or a tenant is for their agents, and one of nobody for those of the house: no agent spends its money for somebody else.';
alter table public.market_opportunities enable row level security;

create table public.operator_acts (
  id bigint not null generated always as identity,
  operator_id uuid not null,
  act text not null,
  subject text not null,
  reason text not null,
  created_at timestamp with time zone not null default now(),
  constraint operator_acts_act_check CHECK ((act ~ '^[a-z_]{1,40}$'::text)),
  constraint operator_acts_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint operator_acts_pkey PRIMARY KEY (id),
  constraint operator_acts_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500))),
  constraint operator_acts_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 255)))
);
comment on table public.operator_acts is 'Who did what about whose money, and why. Nobody changes or removes a row.';
alter table public.operator_acts enable row level security;

create table public.operator_refunds (
  id uuid not null default gen_random_uuid(),
  purchase_id uuid not null,
  operator_id uuid not null,
  key text not null,
  asked_cents integer,
  amount_cents integer not null,
  attempt integer not null default 1,
  stripe_refund_id text,
  refusal text,
  created_at timestamp with time zone not null default now(),
  constraint operator_refunds_amount_cents_check CHECK ((amount_cents > 0)),
  constraint operator_refunds_asked_cents_check CHECK ((asked_cents > 0)),
  constraint operator_refunds_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint operator_refunds_key_key UNIQUE (key),
  constraint operator_refunds_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint operator_refunds_pkey PRIMARY KEY (id),
  constraint operator_refunds_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES public.purchases(id) ON DELETE RESTRICT
);
comment on table public.operator_refunds is 'Refunds that an operator asked for, with a frozen amount. Without stripe_refund_id and refusal: the outcome at Stripe is unknown, and asking again under the same key finds it.';
alter table public.operator_refunds enable row level security;

create table public.paid_calls (
  id uuid not null,
  account_id uuid not null,
  user_id uuid not null,
  tenant_id uuid,
  max_cents integer,
  created_at timestamp with time zone not null default now(),
  constraint paid_calls_max_cents_check CHECK ((max_cents > 0)),
  constraint paid_calls_pkey PRIMARY KEY (id),
  constraint paid_calls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint paid_calls_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
comment on table public.paid_calls is 'A call that was paid for before it began. Its id is the id of the call; the time that was paid is on the account of who paid.';
alter table public.paid_calls enable row level security;

create table public.payment_disputes (
  id text not null,
  purchase_id uuid not null,
  amount_cents integer not null,
  status text not null,
  reason text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint payment_disputes_amount_cents_check CHECK ((amount_cents >= 0)),
  constraint payment_disputes_id_check CHECK (((length(id) >= 1) AND (length(id) <= 255))),
  constraint payment_disputes_pkey PRIMARY KEY (id),
  constraint payment_disputes_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES public.purchases(id) ON DELETE RESTRICT,
  constraint payment_disputes_status_check CHECK ((status = ANY (ARRAY['open'::text, 'lost'::text, 'won'::text])))
);
comment on table public.payment_disputes is 'Disputes as Stripe has them: open freezes time, lost takes it back, won (also after a loss) gives it back.';
alter table public.payment_disputes enable row level security;

create table public.payment_refunds (
  id text not null,
  purchase_id uuid not null,
  amount_cents integer not null,
  status text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint payment_refunds_amount_cents_check CHECK ((amount_cents >= 0)),
  constraint payment_refunds_id_check CHECK (((length(id) >= 1) AND (length(id) <= 255))),
  constraint payment_refunds_pkey PRIMARY KEY (id),
  constraint payment_refunds_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES public.purchases(id) ON DELETE RESTRICT,
  constraint payment_refunds_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
);
comment on table public.payment_refunds is 'Refunds as Stripe has them. A pending one counts already; a failed or canceled one (failed) counts no more.';
alter table public.payment_refunds enable row level security;

create table public.payments (
  id uuid not null default gen_random_uuid(),
  stripe_id text not null,
  pending_payment_id uuid,
  amount_micros bigint not null,
  amount numeric(20,6) generated always as (((amount_micros)::numeric / (1000000)::numeric)) stored,
  stripe_fee_micros bigint,
  refunded_micros bigint not null default 0,
  currency text not null default 'usd'::text,
  status text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint payments_amount_micros_check CHECK ((amount_micros >= 0)),
  constraint payments_check CHECK (((refunded_micros >= 0) AND (refunded_micros <= amount_micros))),
  constraint payments_currency_check CHECK ((currency = 'usd'::text)),
  constraint payments_pending_payment_id_fkey FOREIGN KEY (pending_payment_id) REFERENCES public.pending_payments(id) ON DELETE RESTRICT,
  constraint payments_pkey PRIMARY KEY (id),
  constraint payments_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text, 'refunded'::text, 'disputed'::text]))),
  constraint payments_stripe_fee_micros_check CHECK ((stripe_fee_micros >= 0)),
  constraint payments_stripe_id_check CHECK (((length(stripe_id) >= 1) AND (length(stripe_id) <= 255))),
  constraint payments_stripe_id_key UNIQUE (stripe_id)
);
comment on table public.payments is 'What Stripe charged, each payment intent once, with what Stripe kept of it.';
alter table public.payments enable row level security;

create table public.pending_payments (
  id uuid not null default gen_random_uuid(),
  agent_id uuid,
  api_product_id uuid,
  account_id uuid,
  amount_micros bigint not null,
  amount numeric(20,6) generated always as (((amount_micros)::numeric / (1000000)::numeric)) stored,
  currency text not null default 'usd'::text,
  status text not null default 'pending'::text,
  payment_intent_id text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint pending_payments_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE RESTRICT,
  constraint pending_payments_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.autonomous_agents(id) ON DELETE RESTRICT,
  constraint pending_payments_amount_micros_check CHECK ((amount_micros > 0)),
  constraint pending_payments_api_product_id_fkey FOREIGN KEY (api_product_id) REFERENCES public.api_products(id) ON DELETE RESTRICT,
  constraint pending_payments_currency_check CHECK ((currency = 'usd'::text)),
  constraint pending_payments_payment_intent_id_check CHECK ((length(payment_intent_id) <= 255)),
  constraint pending_payments_payment_intent_id_key UNIQUE (payment_intent_id),
  constraint pending_payments_pkey PRIMARY KEY (id),
  constraint pending_payments_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'canceled'::text])))
);
comment on table public.pending_payments is 'What is to be charged at Stripe, until its webhook says what became of it.';
alter table public.pending_payments enable row level security;

create table public.plans (
  id text not null,
  name text not null,
  kind text not null,
  monthly_minutes integer,
  calls_at_once integer not null default 4,
  requests_per_minute integer not null default 600,
  soft_spend_per_day_micros bigint,
  hard_spend_per_day_micros bigint,
  soft_spend_per_month_micros bigint,
  hard_spend_per_month_micros bigint,
  currency text not null default 'usd'::text,
  features text[] not null default '{}'::text[],
  seat_price_cents integer,
  active boolean not null default true,
  line text not null default 'time'::text,
  base_price_cents integer,
  requests_per_period bigint,
  included_credits bigint,
  included_assets integer,
  asset_price_micros bigint,
  credit_price_micros bigint,
  max_sites integer,
  max_seats integer,
  trial_days integer,
  assets_billed_by text,
  constraint a_flat_plan_has_a_price CHECK (((kind <> 'flat'::text) OR (base_price_cents IS NOT NULL))),
  constraint a_plan_of_the_api_has_a_quota CHECK (((line <> 'api'::text) OR (requests_per_period IS NOT NULL))),
  constraint plans_asset_price_micros_check CHECK (((asset_price_micros >= 0) AND (asset_price_micros <= '1000000000000'::bigint))),
  constraint plans_assets_billed_by_check CHECK ((assets_billed_by = ANY (ARRAY['average'::text, 'latest'::text, 'peak'::text]))),
  constraint plans_base_price_cents_check CHECK ((base_price_cents >= 0)),
  constraint plans_calls_at_once_check CHECK (((calls_at_once >= 0) AND (calls_at_once <= 10000))),
  constraint plans_credit_price_micros_check CHECK (((credit_price_micros >= 0) AND (credit_price_micros <= '1000000000000'::bigint))),
  constraint plans_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint plans_hard_spend_per_day_micros_check CHECK ((hard_spend_per_day_micros >= 0)),
  constraint plans_hard_spend_per_month_micros_check CHECK ((hard_spend_per_month_micros >= 0)),
  constraint plans_id_check CHECK ((id ~ '^[a-z0-9_-]{1,64}$'::text)),
  constraint plans_included_assets_check CHECK ((included_assets >= 0)),
  constraint plans_included_credits_check CHECK (((included_credits >= 0) AND (included_credits <= '1000000000000'::bigint))),
  constraint plans_kind_check CHECK ((kind = ANY (ARRAY['prepaid'::text, 'metered'::text, 'seats'::text, 'flat'::text, 'credits'::text]))),
  constraint plans_line_check CHECK ((line = ANY (ARRAY['time'::text, 'credits'::text, 'api'::text]))),
  constraint plans_max_seats_check CHECK ((max_seats >= 1)),
  constraint plans_max_sites_check CHECK ((max_sites >= 1)),
  constraint plans_monthly_minutes_check CHECK (((monthly_minutes >= 0) AND (monthly_minutes <= 10000000))),
  constraint plans_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint plans_of_credits_are_complete CHECK ((((kind = 'credits'::text) = (line = 'credits'::text)) AND ((kind <> 'credits'::text) OR (num_nulls(base_price_cents, included_credits, included_assets, trial_days, assets_billed_by) = 0)))),
  constraint plans_of_credits_have_a_code CHECK (((kind <> 'credits'::text) OR (id ~ '^credits_[a-z0-9_]{1,50}$'::text))),
  constraint plans_pkey PRIMARY KEY (id),
  constraint plans_requests_per_minute_check CHECK (((requests_per_minute >= 1) AND (requests_per_minute <= 1000000))),
  constraint plans_requests_per_period_check CHECK ((requests_per_period >= 0)),
  constraint plans_seat_price_cents_check CHECK ((seat_price_cents >= 0)),
  constraint plans_soft_spend_per_day_micros_check CHECK ((soft_spend_per_day_micros >= 0)),
  constraint plans_soft_spend_per_month_micros_check CHECK ((soft_spend_per_month_micros >= 0)),
  constraint plans_trial_days_check CHECK (((trial_days >= 0) AND (trial_days <= 365))),
  constraint seats_have_a_price CHECK (((kind = 'seats'::text) = (seat_price_cents IS NOT NULL))),
  constraint soft_comes_before_hard CHECK ((COALESCE((soft_spend_per_day_micros <= hard_spend_per_day_micros), true) AND COALESCE((soft_spend_per_month_micros <= hard_spend_per_month_micros), true)))
);
comment on table public.plans is 'What tenants subscribe to, brought here from the catalogue file. A limit that is null is none.';
alter table public.plans enable row level security;

create table public.pricing_tiers (
  id text not null,
  name text not null,
  hours integer not null,
  bonus_minutes integer not null default 0,
  price_cents integer not null,
  currency text not null default 'usd'::text,
  description text not null default ''::text,
  active boolean not null default true,
  sort_order integer not null default 0,
  minutes integer not null default 0,
  total_minutes integer not null generated always as ((((hours * 60) + minutes) + bonus_minutes)) stored,
  constraint pricing_tiers_bonus_minutes_check CHECK (((bonus_minutes >= 0) AND (bonus_minutes <= 600000))),
  constraint pricing_tiers_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint pricing_tiers_hours_check CHECK (((hours >= 0) AND (hours <= 10000))),
  constraint pricing_tiers_id_check CHECK ((id ~ '^[a-z0-9_-]{1,64}$'::text)),
  constraint pricing_tiers_minutes_check CHECK (((minutes >= 0) AND (minutes <= 59))),
  constraint pricing_tiers_pkey PRIMARY KEY (id),
  constraint pricing_tiers_price_cents_check CHECK ((price_cents >= 50)),
  constraint some_time_is_sold CHECK ((((hours * 60) + minutes) > 0))
);
comment on table public.pricing_tiers is 'The packages for sale. A price is frozen into the purchase when it begins.';
alter table public.pricing_tiers enable row level security;

create table public.purchases (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  package_id text not null,
  purpose text not null,
  idempotency_key text not null,
  amount_cents integer not null,
  currency text not null,
  paid_seconds integer not null,
  bonus_seconds integer not null,
  gift_message text,
  gift_recipient text,
  status text not null default 'created'::text,
  failure_code text,
  review_reason text,
  stripe_attempt integer not null default 1,
  payment_intent_id text,
  checkout_expires_at timestamp with time zone,
  checkout_session_id text,
  replaced_intent_id text,
  card_consent_at timestamp with time zone,
  received_cents integer,
  refunded_cents integer not null default 0,
  disputed_cents integer not null default 0,
  lost_cents integer not null default 0,
  clawed_back_seconds integer not null default 0,
  settlements integer not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  received_currency text,
  gift_email text,
  deliver_at timestamp with time zone,
  tenant_id uuid,
  rail text not null default 'stripe'::text,
  constraint a_chain_has_no_intent CHECK (((rail <> 'x402'::text) OR ((payment_intent_id IS NULL) AND (currency = 'usdc'::text)))),
  constraint one_way_to_pay CHECK (((checkout_expires_at IS NULL) OR (payment_intent_id IS NULL) OR (status = ANY (ARRAY['succeeded'::text, 'review'::text, 'refused'::text])))),
  constraint only_a_page_has_a_session CHECK (((checkout_expires_at IS NOT NULL) OR ((checkout_session_id IS NULL) AND (replaced_intent_id IS NULL)))),
  constraint only_gifts_are_delivered CHECK (((purpose = 'gift'::text) OR ((gift_email IS NULL) AND (deliver_at IS NULL)))),
  constraint only_gifts_have_words CHECK (((purpose = 'gift'::text) OR ((gift_message IS NULL) AND (gift_recipient IS NULL)))),
  constraint purchases_amount_cents_check CHECK ((amount_cents >=
CASE rail
    WHEN 'x402'::text THEN 1
    ELSE 50
END)),
  constraint purchases_bonus_seconds_check CHECK ((bonus_seconds >= 0)),
  constraint purchases_checkout_session_id_key UNIQUE (checkout_session_id),
  constraint purchases_clawed_back_seconds_check CHECK ((clawed_back_seconds >= 0)),
  constraint purchases_disputed_cents_check CHECK ((disputed_cents >= 0)),
  constraint purchases_gift_email_check CHECK (((length(gift_email) >= 3) AND (length(gift_email) <= 320))),
  constraint purchases_gift_message_check CHECK (((length(gift_message) >= 1) AND (length(gift_message) <= 300))),
  constraint purchases_gift_recipient_check CHECK (((length(gift_recipient) >= 1) AND (length(gift_recipient) <= 100))),
  constraint purchases_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 255))),
  constraint purchases_lost_cents_check CHECK ((lost_cents >= 0)),
  constraint purchases_package_id_fkey FOREIGN KEY (package_id) REFERENCES public.pricing_tiers(id),
  constraint purchases_paid_seconds_check CHECK ((paid_seconds > 0)),
  constraint purchases_payment_intent_id_key UNIQUE (payment_intent_id),
  constraint purchases_pkey PRIMARY KEY (id),
  constraint purchases_purpose_check CHECK ((purpose = ANY (ARRAY['me'::text, 'gift'::text]))),
  constraint purchases_rail_check CHECK ((rail = ANY (ARRAY['stripe'::text, 'x402'::text, 'mpp'::text]))),
  constraint purchases_received_cents_check CHECK ((received_cents >= 0)),
  constraint purchases_refunded_cents_check CHECK ((refunded_cents >= 0)),
  constraint purchases_replaced_intent_id_key UNIQUE (replaced_intent_id),
  constraint purchases_status_check CHECK ((status = ANY (ARRAY['created'::text, 'unknown'::text, 'awaiting_payment'::text, 'processing'::text, 'failed'::text, 'canceled'::text, 'review'::text, 'succeeded'::text, 'refused'::text]))),
  constraint purchases_stripe_attempt_check CHECK ((stripe_attempt > 0)),
  constraint purchases_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint purchases_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint purchases_user_id_idempotency_key_key UNIQUE (user_id, idempotency_key),
  constraint tenants_buy_for_themselves CHECK (((tenant_id IS NULL) OR (purpose = 'me'::text)))
);
comment on table public.purchases is 'A purchase and its frozen price. The id of a purchase becomes the id of its card. Status only moves forward.';
alter table public.purchases enable row level security;

create table public.rates (
  id bigint not null generated always as identity,
  kind text not null,
  unit text not null generated always as (private.usage_unit(kind)) stored,
  provider text,
  model text,
  tool text,
  cost_micros_usd_per_million bigint,
  price_micros_per_million bigint,
  markup_percent numeric(7,3),
  currency text not null default 'usd'::text,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone,
  thing bigint not null generated always as ((hashtextextended(((((((((kind || ' '::text) || COALESCE(provider, ''::text)) || ' '::text) || COALESCE(model, ''::text)) || ' '::text) || COALESCE(tool, ''::text)) || ' '::text) || currency), (0)::bigint) >> 1)) stored,
  constraint a_markup_is_on_a_cost CHECK (((markup_percent IS NULL) OR ((cost_micros_usd_per_million IS NOT NULL) AND (currency = 'usd'::text)))),
  constraint one_way_to_the_price CHECK ((num_nonnulls(price_micros_per_million, markup_percent) <= 1)),
  constraint rates_check CHECK (((valid_to > valid_from) AND isfinite(valid_to))),
  constraint rates_cost_micros_usd_per_million_check CHECK (((cost_micros_usd_per_million >= 0) AND (cost_micros_usd_per_million <= '100000000000000'::bigint))),
  constraint rates_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint rates_markup_percent_check CHECK (((markup_percent >= (0)::numeric) AND (markup_percent <= (1000)::numeric))),
  constraint rates_model_check CHECK ((model ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint rates_never_overlap EXCLUDE USING gist (int8range(thing, thing, '[]'::text) WITH &&, tstzrange(valid_from, valid_to) WITH &&),
  constraint rates_pkey PRIMARY KEY (id),
  constraint rates_price_micros_per_million_check CHECK (((price_micros_per_million >= 0) AND (price_micros_per_million <= '100000000000000'::bigint))),
  constraint rates_provider_check CHECK ((provider ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint rates_tool_check CHECK ((tool ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint rates_valid_from_check CHECK (isfinite(valid_from))
);
comment on table public.rates is 'What a million units cost us, and what we ask for them: a price of its own, or the cost with a markup. Provider, model and tool that are null are any; the rate that names most of them holds. Written by set_rates only.';
alter table public.rates enable row level security;

create table public.reconciliation_findings (
  kind text not null,
  subject text not null,
  detail text not null,
  first_seen_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone not null default now(),
  constraint reconciliation_findings_kind_check CHECK (((length(kind) >= 1) AND (length(kind) <= 100))),
  constraint reconciliation_findings_pkey PRIMARY KEY (kind, subject),
  constraint reconciliation_findings_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 255)))
);
comment on table public.reconciliation_findings is 'Where Stripe and the books differ and nothing here may decide. A row that no run sees again is old, not gone.';
alter table public.reconciliation_findings enable row level security;

create table public.second_payments (
  payment_intent_id text not null,
  purchase_id uuid not null,
  received_cents integer not null,
  currency text not null,
  refunded_cents integer not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint second_payments_payment_intent_id_check CHECK (((length(payment_intent_id) >= 1) AND (length(payment_intent_id) <= 255))),
  constraint second_payments_pkey PRIMARY KEY (payment_intent_id),
  constraint second_payments_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES public.purchases(id) ON DELETE RESTRICT,
  constraint second_payments_received_cents_check CHECK ((received_cents > 0)),
  constraint second_payments_refunded_cents_check CHECK ((refunded_cents >= 0))
);
comment on table public.second_payments is 'Money of an intent for a purchase that another intent pays, whichever of the two is heard of first. It gives no time and goes back in full: a job returns it.';
alter table public.second_payments enable row level security;

create table public.sellers (
  id uuid not null default gen_random_uuid(),
  user_id uuid,
  tenant_id uuid,
  name text not null,
  fee_bps integer not null default 500,
  owed_fraction integer not null default 0,
  created_at timestamp with time zone not null default now(),
  closed_at timestamp with time zone,
  constraint sellers_fee_bps_check CHECK (((fee_bps >= 0) AND (fee_bps <= 10000))),
  constraint sellers_name_check CHECK (((length(TRIM(BOTH FROM name)) >= 1) AND (length(TRIM(BOTH FROM name)) <= 200))),
  constraint sellers_owed_fraction_check CHECK (((owed_fraction >= 0) AND (owed_fraction <= 9999))),
  constraint sellers_pkey PRIMARY KEY (id),
  constraint sellers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint sellers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint sold_by_a_person_or_a_tenant CHECK ((num_nonnulls(user_id, tenant_id) = 1))
);
comment on table public.sellers is 'Who offers paid APIs. What a seller has earned is an account of micro_usd of the kind seller.';
alter table public.sellers enable row level security;

create table public.stripe_events (
  id text not null,
  type text not null,
  object_id text,
  payment_intent_id text,
  status text not null default 'done'::text,
  outcome text not null,
  attempts integer not null default 0,
  last_error text,
  received_at timestamp with time zone not null default now(),
  handled_at timestamp with time zone,
  constraint stripe_events_pkey PRIMARY KEY (id),
  constraint stripe_events_status_check CHECK ((status = ANY (ARRAY['received'::text, 'done'::text, 'ignored'::text, 'parked'::text])))
);
comment on table public.stripe_events is 'Every event told of. received: not applied yet; done: applied in the transaction that wrote this; ignored: of no interest; parked: failed too often, waits for a person.';
alter table public.stripe_events enable row level security;

create table public.subscriptions (
  id text not null,
  tenant_id uuid not null,
  plan_id text not null,
  status text not null,
  quantity integer,
  current_period_start timestamp with time zone,
  current_period_end timestamp with time zone,
  cancel_at timestamp with time zone,
  stripe_items jsonb not null default '[]'::jsonb,
  updated_at timestamp with time zone not null default now(),
  read_at timestamp with time zone not null default now(),
  time_zone text not null default 'UTC'::text,
  anchor_hour integer,
  next_plan_id text,
  trial_end timestamp with time zone,
  ended_at timestamp with time zone,
  constraint a_period_has_a_length CHECK ((current_period_end > current_period_start)),
  constraint subscriptions_anchor_hour_check CHECK (((anchor_hour >= 0) AND (anchor_hour <= 12))),
  constraint subscriptions_id_check CHECK (((length(id) >= 1) AND (length(id) <= 255))),
  constraint subscriptions_next_plan_id_fkey FOREIGN KEY (next_plan_id) REFERENCES public.plans(id) ON DELETE RESTRICT,
  constraint subscriptions_pkey PRIMARY KEY (id),
  constraint subscriptions_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.plans(id) ON DELETE RESTRICT,
  constraint subscriptions_quantity_check CHECK ((quantity >= 0)),
  constraint subscriptions_status_check CHECK ((status = ANY (ARRAY['incomplete'::text, 'incomplete_expired'::text, 'trialing'::text, 'active'::text, 'past_due'::text, 'canceled'::text, 'unpaid'::text, 'paused'::text]))),
  constraint subscriptions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint subscriptions_time_zone_check CHECK ((time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'::text))
);
comment on table public.subscriptions is 'What Stripe says of each subscription. The id is Stripe''s; read_at is when it was last fetched from there.';
alter table public.subscriptions enable row level security;

create table public.tenant_invitations (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null,
  email text not null,
  role text not null,
  token_hash text not null,
  invited_by uuid not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  accepted_at timestamp with time zone,
  accepted_by uuid,
  revoked_at timestamp with time zone,
  constraint accepted_by_somebody CHECK (((accepted_at IS NULL) = (accepted_by IS NULL))),
  constraint accepted_or_revoked CHECK (((accepted_at IS NULL) OR (revoked_at IS NULL))),
  constraint tenant_invitations_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint tenant_invitations_email_check CHECK ((((length(email) >= 3) AND (length(email) <= 320)) AND (email = lower(email)))),
  constraint tenant_invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint tenant_invitations_pkey PRIMARY KEY (id),
  constraint tenant_invitations_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'billing'::text, 'member'::text]))),
  constraint tenant_invitations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint tenant_invitations_token_hash_check CHECK ((token_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint tenant_invitations_token_hash_key UNIQUE (token_hash)
);
comment on table public.tenant_invitations is 'Who was asked by e-mail to join. The token of the link is stored nowhere; its hash lets it be used once.';
alter table public.tenant_invitations enable row level security;

create table public.tenant_members (
  tenant_id uuid not null,
  user_id uuid not null,
  role text not null,
  created_at timestamp with time zone not null default now(),
  constraint keep_an_owner TRIGGER DEFERRABLE INITIALLY DEFERRED,
  constraint tenant_members_pkey PRIMARY KEY (tenant_id, user_id),
  constraint tenant_members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'billing'::text, 'member'::text]))),
  constraint tenant_members_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint tenant_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
comment on table public.tenant_members is 'Who belongs to a tenant. A member talks on its time; billing buys and sees what all did; an owner also says who belongs.';
alter table public.tenant_members enable row level security;

create table public.tenants (
  id uuid not null default gen_random_uuid(),
  name text not null,
  stripe_customer_id text,
  billing_email text,
  plan_id text,
  created_at timestamp with time zone not null default now(),
  closed_at timestamp with time zone,
  created_by uuid,
  key text,
  time_zone text not null default 'UTC'::text,
  constraint keep_an_owner TRIGGER DEFERRABLE INITIALLY DEFERRED,
  constraint tenants_billing_email_check CHECK (((length(billing_email) >= 3) AND (length(billing_email) <= 320))),
  constraint tenants_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint tenants_created_once UNIQUE (created_by, key),
  constraint tenants_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint tenants_name_check CHECK (((length(TRIM(BOTH FROM name)) >= 1) AND (length(TRIM(BOTH FROM name)) <= 200))),
  constraint tenants_pkey PRIMARY KEY (id),
  constraint tenants_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.plans(id) ON DELETE RESTRICT,
  constraint tenants_stripe_customer_id_key UNIQUE (stripe_customer_id),
  constraint tenants_time_zone_check CHECK ((time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'::text))
);
comment on table public.tenants is 'Organisations. One that is closed stays for the books, and nothing new begins in it.';
alter table public.tenants enable row level security;

create table public.usage_events (
  id bigint not null default nextval('private.usage_event_ids'::regclass),
  occurred_month date not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default now(),
  xid xid8 not null default pg_current_xact_id(),
  owner_id uuid not null,
  tenant_id uuid,
  user_id uuid,
  call_id uuid,
  kind text not null,
  tool text,
  server text,
  provider text,
  model text,
  quantity bigint not null,
  unit text not null,
  cost_micro_usd bigint,
  price_micros bigint,
  currency text not null,
  rate_id bigint,
  metadata jsonb not null default '{}'::jsonb,
  key text not null,
  subscription_id text,
  event_type text,
  units numeric,
  credits_burned bigint,
  credit_rule_id bigint,
  constraint a_month_is_that_of_the_event CHECK ((occurred_month = (date_trunc('month'::text, (occurred_at AT TIME ZONE 'utc'::text)))::date)),
  constraint a_tool_call_has_a_tool CHECK (((kind = 'tool_call'::text) = (tool IS NOT NULL))),
  constraint an_owner_is_who_pays CHECK ((owner_id = COALESCE(tenant_id, user_id))),
  constraint events_of_credits_are_complete CHECK ((num_nulls(event_type, units, credits_burned, credit_rule_id) =
CASE kind
    WHEN 'credit_event'::text THEN 0
    ELSE 4
END)),
  constraint metadata_is_short CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 2048))),
  constraint somebody_used_it CHECK ((num_nonnulls(tenant_id, user_id) > 0)),
  constraint usage_events_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE RESTRICT,
  constraint usage_events_cost_micro_usd_check CHECK ((cost_micro_usd >= 0)),
  constraint usage_events_credits_burned_check CHECK ((credits_burned >= 0)),
  constraint usage_events_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint usage_events_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint usage_events_model_check CHECK ((model ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_once UNIQUE (owner_id, key, occurred_month),
  constraint usage_events_pkey PRIMARY KEY (occurred_month, id),
  constraint usage_events_price_micros_check CHECK ((price_micros >= 0)),
  constraint usage_events_provider_check CHECK ((provider ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_quantity_check CHECK (((quantity >= 1) AND (quantity <= '1000000000000'::bigint))),
  constraint usage_events_server_check CHECK ((server ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint usage_events_tool_check CHECK ((tool ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
comment on table public.usage_events is 'Every billable thing that happened, once. Append-only; written by private.record_usage only.';
alter table public.usage_events enable row level security;

create table public.users (
  id uuid not null,
  email text,
  display_name text not null default ''::text,
  role text not null default 'caller'::text,
  stripe_customer_id text,
  created_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  frozen_at timestamp with time zone,
  is_machine boolean not null default false,
  constraint users_display_name_check CHECK ((length(display_name) <= 200)),
  constraint users_pkey PRIMARY KEY (id),
  constraint users_role_check CHECK ((role = ANY (ARRAY['caller'::text, 'operator'::text]))),
  constraint users_stripe_customer_id_key UNIQUE (stripe_customer_id)
);
comment on table public.users is 'One row per person, made by a trigger when auth.users gains one.';
alter table public.users enable row level security;

create table public.wallet_holds (
  id uuid not null default gen_random_uuid(),
  key text not null,
  account_id uuid not null,
  unit text not null default 'micro_usd'::text,
  seller_account_id uuid,
  platform_account_id uuid,
  amount bigint not null,
  fee_bps integer not null,
  status text not null default 'held'::text,
  charged bigint,
  share bigint,
  fee bigint,
  remainder bigint,
  lines jsonb,
  refunded bigint not null default 0,
  about jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint a_share_has_its_seller CHECK (((seller_account_id IS NOT NULL) OR (COALESCE(share, (0)::bigint) = 0))),
  constraint charged_when_settled CHECK ((((status = 'settled'::text) = (charged IS NOT NULL)) AND (num_nulls(charged, share, fee, remainder, lines) = ANY (ARRAY[0, 5])))),
  constraint ended_once CHECK (((status = 'held'::text) = (ended_at IS NULL))),
  constraint no_more_back_than_charged CHECK (((refunded >= 0) AND (refunded <= COALESCE(charged, (0)::bigint)))),
  constraint no_more_than_promised CHECK (((charged >= 0) AND (charged <= amount))),
  constraint parts_of_what_was_charged CHECK (((charged = ((share + fee) + remainder)) AND (share >= 0) AND (fee >= 0) AND (remainder = ANY (ARRAY[(0)::bigint, (1)::bigint])))),
  constraint settled_with_the_platform CHECK (((status <> 'settled'::text) OR (platform_account_id IS NOT NULL))),
  constraint wallet_holds_account_id_unit_fkey FOREIGN KEY (account_id, unit) REFERENCES public.accounts(id, unit) ON DELETE RESTRICT,
  constraint wallet_holds_amount_check CHECK (((amount >= 0) AND (amount <= '1000000000000'::bigint))),
  constraint wallet_holds_fee_bps_check CHECK (((fee_bps >= 0) AND (fee_bps <= 10000))),
  constraint wallet_holds_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint wallet_holds_key_key UNIQUE (key),
  constraint wallet_holds_pkey PRIMARY KEY (id),
  constraint wallet_holds_platform_account_id_fkey FOREIGN KEY (platform_account_id) REFERENCES public.accounts(id) ON DELETE RESTRICT,
  constraint wallet_holds_seller_account_id_fkey FOREIGN KEY (seller_account_id) REFERENCES public.accounts(id) ON DELETE RESTRICT,
  constraint wallet_holds_status_check CHECK ((status = ANY (ARRAY['held'::text, 'settled'::text, 'released'::text, 'expired'::text]))),
  constraint wallet_holds_unit_check CHECK ((unit = 'micro_usd'::text))
) with (fillfactor=70);
comment on table public.wallet_holds is 'What is promised of a wallet for one paid thing, and, settled, who got what of it. It cannot be spent elsewhere while it is held.';
alter table public.wallet_holds enable row level security;

create table public.wallet_refunds (
  key text not null,
  hold_id uuid not null,
  amount bigint not null,
  share bigint not null,
  fee bigint not null,
  remainder bigint not null,
  created_at timestamp with time zone not null default now(),
  constraint parts_of_what_goes_back CHECK ((amount = ((share + fee) + remainder))),
  constraint wallet_refunds_amount_check CHECK ((amount > 0)),
  constraint wallet_refunds_fee_check CHECK ((fee >= 0)),
  constraint wallet_refunds_hold_id_fkey FOREIGN KEY (hold_id) REFERENCES public.wallet_holds(id) ON DELETE RESTRICT,
  constraint wallet_refunds_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint wallet_refunds_pkey PRIMARY KEY (key),
  constraint wallet_refunds_share_check CHECK ((share >= 0))
);
comment on table public.wallet_refunds is 'What of a settled hold went back to the buyer, and who gave what of it.';
alter table public.wallet_refunds enable row level security;

create table private.active_people (
  day date not null,
  previous_day date not null,
  cohort date not null,
  people bigint not null,
  constraint active_people_pkey PRIMARY KEY (day, previous_day, cohort)
);
comment on table private.active_people is 'How many had a call on a day, by the day of the call before (-infinity where there was none) and the month in which they signed up. Who was active between two days is who had a day between them and the one before not: so it adds up.';

create table private.api_allowances (
  tenant_id uuid not null,
  plan_id text,
  period_start timestamp with time zone not null,
  period_end timestamp with time zone not null,
  quota bigint,
  used bigint not null default 0,
  per_minute integer not null,
  minute_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  minute_used integer not null default 0,
  is_stale boolean not null default false,
  constraint a_period_has_a_length CHECK ((period_end > period_start)),
  constraint api_allowances_minute_used_check CHECK ((minute_used >= 0)),
  constraint api_allowances_per_minute_check CHECK ((per_minute >= 0)),
  constraint api_allowances_pkey PRIMARY KEY (tenant_id),
  constraint api_allowances_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.plans(id) ON DELETE RESTRICT,
  constraint api_allowances_quota_check CHECK ((quota >= 0)),
  constraint api_allowances_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint api_allowances_used_check CHECK ((used >= 0))
) with (fillfactor=50);
comment on table private.api_allowances is 'What is left of the plan of a tenant in the line api. Stale: its subscription or its plan was changed, so it is to be read anew. No quota: none is for sale.';
alter table private.api_allowances enable row level security;

create table private.api_errors (
  tenant_id uuid not null,
  day date not null,
  key_id uuid not null,
  code text not null,
  status integer not null,
  count bigint not null,
  last_at timestamp with time zone not null,
  last_request_id text,
  constraint api_errors_code_check CHECK (((length(code) >= 1) AND (length(code) <= 64))),
  constraint api_errors_key_id_fkey FOREIGN KEY (key_id) REFERENCES public.api_keys(id) ON DELETE RESTRICT,
  constraint api_errors_last_request_id_check CHECK ((length(last_request_id) <= 64)),
  constraint api_errors_pkey PRIMARY KEY (tenant_id, day, key_id, code),
  constraint api_errors_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT
);
comment on table private.api_errors is 'By which errors requests by key were answered, by day of UTC.';
alter table private.api_errors enable row level security;

create table private.api_hours (
  key_id uuid not null,
  hour timestamp with time zone not null,
  tenant_id uuid not null,
  served bigint not null default 0,
  over_quota bigint not null default 0,
  over_rate bigint not null default 0,
  client_errors bigint not null default 0,
  server_errors bigint not null default 0,
  constraint api_hours_key_id_fkey FOREIGN KEY (key_id) REFERENCES public.api_keys(id) ON DELETE RESTRICT,
  constraint api_hours_pkey PRIMARY KEY (key_id, hour),
  constraint api_hours_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT
) with (fillfactor=50);
comment on table private.api_hours is 'Requests by key and hour: served, and refused for the quota or the rate. Of those served, how many were answered by an error of the client or of ours; one of ours is given back.';
alter table private.api_hours enable row level security;

create table private.api_minutes (
  product_id uuid not null,
  minute timestamp with time zone not null,
  calls integer not null,
  constraint api_minutes_pkey PRIMARY KEY (product_id),
  constraint api_minutes_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.api_products(id) ON DELETE RESTRICT
) with (fillfactor=50);
comment on table private.api_minutes is 'How often each product was called in its last minute, over all replicas together.';

create table private.api_periods (
  tenant_id uuid not null,
  period_start timestamp with time zone not null,
  period_end timestamp with time zone not null,
  plan_id text,
  used bigint not null,
  constraint api_periods_pkey PRIMARY KEY (tenant_id, period_start),
  constraint api_periods_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT
);
comment on table private.api_periods is 'Periods that are not the current one, with what was used of each: a plan, or a clock, that comes back goes on where it was.';
alter table private.api_periods enable row level security;

create table private.api_secrets (
  product_id uuid not null,
  name text not null,
  sealed text not null,
  updated_at timestamp with time zone not null default now(),
  constraint api_secrets_name_check CHECK ((name ~ '^[A-Za-z0-9_-]{1,64}$'::text)),
  constraint api_secrets_pkey PRIMARY KEY (product_id, name),
  constraint api_secrets_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.api_products(id) ON DELETE RESTRICT,
  constraint api_secrets_sealed_check CHECK (((length(sealed) >= 20) AND (length(sealed) <= 8000)))
);
comment on table private.api_secrets is 'What a seller''s API is shown to let us in, sealed by the service with a key that the database does not have.';

create table private.audit_progress (
  part text not null,
  after_id uuid,
  begun_at timestamp with time zone not null default now(),
  completed_at timestamp with time zone,
  constraint audit_progress_part_check CHECK ((part = ANY (ARRAY['accounts'::text, 'cards'::text]))),
  constraint audit_progress_pkey PRIMARY KEY (part)
);

create table private.audit_state (
  one boolean not null default true,
  ledger_id bigint not null,
  ran_at timestamp with time zone,
  constraint audit_state_one_check CHECK (one),
  constraint audit_state_pkey PRIMARY KEY (one)
);

create table private.audit_violations (
  part text not null,
  scope uuid,
  invariant text not null,
  subject text not null,
  detail text not null,
  seen_at timestamp with time zone not null default now(),
  constraint audit_violations_part_check CHECK ((part = ANY (ARRAY['accounts'::text, 'cards'::text, 'events'::text])))
);
comment on table private.audit_violations is 'What the audit found. A row goes when its account or card (scope) is audited again and found well.';

create table private.auto_top_up_charges (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  purchase_id uuid not null,
  payment_method_id text not null,
  amount_cents integer not null,
  status text not null default 'in_flight'::text,
  tried_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  consent integer not null,
  currency text not null,
  constraint auto_top_up_charges_amount_cents_check CHECK ((amount_cents > 0)),
  constraint auto_top_up_charges_pkey PRIMARY KEY (id),
  constraint auto_top_up_charges_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES public.purchases(id) ON DELETE RESTRICT,
  constraint auto_top_up_charges_purchase_id_key UNIQUE (purchase_id),
  constraint auto_top_up_charges_status_check CHECK ((status = ANY (ARRAY['in_flight'::text, 'succeeded'::text, 'declined'::text, 'canceled'::text, 'review'::text]))),
  constraint auto_top_up_charges_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);

create table private.auto_top_ups (
  user_id uuid not null,
  package_id text not null,
  threshold_seconds integer not null,
  monthly_cap_cents integer not null,
  payment_method_id text not null,
  consent_at timestamp with time zone not null default now(),
  status text not null default 'active'::text,
  consecutive_declines integer not null default 0,
  updated_at timestamp with time zone not null default now(),
  consents integer not null default 1,
  price_cents integer,
  currency text,
  package_seconds integer,
  stop_reason text,
  constraint active_has_its_terms CHECK (((status <> 'active'::text) OR ((price_cents IS NOT NULL) AND (currency IS NOT NULL) AND (package_seconds IS NOT NULL)))),
  constraint auto_top_ups_consecutive_declines_check CHECK ((consecutive_declines >= 0)),
  constraint auto_top_ups_consents_check CHECK ((consents > 0)),
  constraint auto_top_ups_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint auto_top_ups_monthly_cap_cents_check CHECK (((monthly_cap_cents >= 50) AND (monthly_cap_cents <= 10000000))),
  constraint auto_top_ups_package_id_fkey FOREIGN KEY (package_id) REFERENCES public.pricing_tiers(id),
  constraint auto_top_ups_package_seconds_check CHECK ((package_seconds > 0)),
  constraint auto_top_ups_payment_method_id_check CHECK (((length(payment_method_id) >= 1) AND (length(payment_method_id) <= 255))),
  constraint auto_top_ups_pkey PRIMARY KEY (user_id),
  constraint auto_top_ups_price_cents_check CHECK ((price_cents > 0)),
  constraint auto_top_ups_status_check CHECK ((status = ANY (ARRAY['active'::text, 'disabled'::text, 'stopped'::text]))),
  constraint auto_top_ups_stop_reason_check CHECK ((stop_reason = ANY (ARRAY['declined'::text, 'review'::text, 'terms_changed'::text, 'money_back'::text]))),
  constraint auto_top_ups_threshold_seconds_check CHECK (((threshold_seconds >= 60) AND (threshold_seconds <= 360000))),
  constraint auto_top_ups_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE,
  constraint stopped_has_its_reason CHECK (((status = 'stopped'::text) = (stop_reason IS NOT NULL)))
);
comment on table private.auto_top_ups is 'stopped is the breaker: declines, a review, terms that changed or money that went back open it, and only the person closes it, by consenting again.';

create table private.call_figures (
  grain text not null,
  at timestamp with time zone not null,
  version text not null,
  calls bigint not null,
  measured_calls bigint not null,
  charged_seconds bigint not null,
  turns bigint not null,
  unanswered_turns bigint not null,
  interruptions bigint not null,
  false_interruptions bigint not null,
  errors bigint not null,
  quality_sum bigint not null,
  quality_calls bigint not null,
  provider_cost_micros bigint not null,
  calls_not_fully_priced bigint not null,
  constraint call_figures_grain_check CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text]))),
  constraint call_figures_pkey PRIMARY KEY (grain, at, version)
);
comment on table private.call_figures is 'Settled calls by their beginning, and by the version of the agent that held them.';

create table private.call_ratings (
  call_id uuid not null,
  user_id uuid not null,
  score smallint not null,
  words text,
  rated_at timestamp with time zone not null default now(),
  changed_at timestamp with time zone not null default now(),
  constraint call_ratings_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE RESTRICT,
  constraint call_ratings_pkey PRIMARY KEY (call_id),
  constraint call_ratings_score_check CHECK (((score >= 1) AND (score <= 5))),
  constraint call_ratings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint call_ratings_words_check CHECK (((length(words) >= 1) AND (length(words) <= 500)))
);
comment on table private.call_ratings is 'One per call, by its caller: 1 (bad) to 5 (good). Can be changed for a day.';

create table private.credit_answers (
  tenant_id uuid not null,
  key text not null,
  asked text not null,
  answer jsonb not null,
  created_at timestamp with time zone not null default now(),
  constraint credit_answers_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint credit_answers_pkey PRIMARY KEY (tenant_id, key),
  constraint credit_answers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT
);
comment on table private.credit_answers is 'What was answered to each named event: a repeat is answered the same.';

create table private.credit_grants (
  grant_id uuid not null,
  subscription_id text,
  period_start timestamp with time zone,
  tenant_id uuid not null,
  kind text not null,
  amount bigint not null,
  taken bigint not null default 0,
  invoice_id text,
  key text not null,
  given_by uuid,
  reason text,
  constraint credit_grants_amount_check CHECK ((amount > 0)),
  constraint credit_grants_check CHECK (((taken >= 0) AND (taken <= amount))),
  constraint credit_grants_given_by_fkey FOREIGN KEY (given_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint credit_grants_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint credit_grants_key_key UNIQUE (key),
  constraint credit_grants_kind_check CHECK ((kind = ANY (ARRAY['period'::text, 'trial'::text, 'upgrade'::text, 'promotion'::text]))),
  constraint credit_grants_pkey PRIMARY KEY (grant_id),
  constraint credit_grants_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500))),
  constraint credit_grants_subscription_id_period_start_fkey FOREIGN KEY (subscription_id, period_start) REFERENCES public.credit_periods(subscription_id, period_start) ON DELETE RESTRICT,
  constraint credit_grants_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint of_a_period CHECK (((kind = 'promotion'::text) = (subscription_id IS NULL)))
);
comment on table private.credit_grants is 'Why each grant of credits was given, and which invoice paid for it.';

create table private.credit_remainders (
  tenant_id uuid not null,
  event_type text not null,
  remainder bigint not null,
  per_pieces bigint not null,
  constraint credit_remainders_pkey PRIMARY KEY (tenant_id, event_type),
  constraint credit_remainders_remainder_check CHECK ((remainder >= 0)),
  constraint credit_remainders_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint less_than_a_credit CHECK ((remainder < per_pieces))
);
comment on table private.credit_remainders is 'What was used and is no whole credit yet: the next event of its type adds to it.';

create table private.credit_settings (
  tenant_id uuid not null,
  overage_cap_cents bigint,
  low_credits bigint,
  constraint credit_settings_low_credits_check CHECK ((low_credits >= 0)),
  constraint credit_settings_overage_cap_cents_check CHECK ((overage_cap_cents >= 0)),
  constraint credit_settings_pkey PRIMARY KEY (tenant_id),
  constraint credit_settings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT
);
comment on table private.credit_settings is 'What a tenant wants for itself: the most that overage of a period may cost, and at how many credits left it is told.';

create table private.desks (
  call_id uuid not null,
  reserved_ms bigint not null,
  constraint desks_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE CASCADE,
  constraint desks_pkey PRIMARY KEY (call_id),
  constraint desks_reserved_ms_check CHECK ((reserved_ms >= 0))
);
comment on table private.desks is 'How much of the day''s free desks calls that go on have had or taken; of those that ended, their receipts say it.';

create table private.earning_figures (
  grain text not null,
  at timestamp with time zone not null,
  reason text not null,
  currency text not null,
  micros numeric not null,
  constraint earning_figures_grain_check CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text]))),
  constraint earning_figures_pkey PRIMARY KEY (grain, at, reason, currency),
  constraint earning_figures_reason_check CHECK ((reason = ANY (ARRAY['use'::text, 'expire'::text])))
);
comment on table private.earning_figures is 'What seconds earned that were used (by the beginning of their call) or expired, at what their purchase brought so far.';

create table private.event_changes (
  xid xid8 not null default pg_current_xact_id(),
  kind text not null,
  at timestamp with time zone not null,
  name text not null,
  version text not null,
  events integer not null,
  total bigint not null
);
comment on table private.event_changes is 'Events that are not rolled up yet; a change of one is what it was, less, and what it is.';

create table private.event_figures (
  grain text not null,
  kind text not null,
  at timestamp with time zone not null,
  name text not null,
  version text not null,
  events bigint not null,
  total bigint not null,
  constraint event_figures_grain_check CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text]))),
  constraint event_figures_pkey PRIMARY KEY (grain, kind, at, name, version)
);
comment on table private.event_figures is 'What happens less often than calls. rating: by the beginning of the call, name is the score; request (for help): when it was asked, name is what it is about; request_provider: the same for each provider of its call; answer: when its request was asked, name is the slot of how long it took in units of 15 s, total its seconds; trial: when it was claimed, name is claimed, talked or bought; fee: when it was paid, name is the currency of the fee, version the one received, total its smallest units.';

create table private.failure_figures (
  grain text not null,
  at timestamp with time zone not null,
  source text not null,
  failures bigint not null,
  constraint failure_figures_grain_check CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text]))),
  constraint failure_figures_pkey PRIMARY KEY (grain, at, source)
);
comment on table private.failure_figures is 'Failures of providers (as llm@api.openai.com) and models without a price (as unpriced:name), by the beginning of the call.';

create table private.fees_wanted (
  purchase_id uuid not null,
  asked_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  constraint fees_wanted_pkey PRIMARY KEY (purchase_id),
  constraint fees_wanted_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES public.purchases(id) ON DELETE RESTRICT
);
comment on table private.fees_wanted is 'Paid purchases of which nobody knows yet what Stripe keeps, and when Stripe was asked last: it may know later than the payment.';

create table private.invoice_lines (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null,
  subscription_id text,
  part text not null,
  period_start timestamp with time zone,
  period_end timestamp with time zone,
  gainshare_run_id uuid,
  quantity bigint not null,
  unit_micros bigint,
  amount_cents bigint not null,
  currency text not null,
  description text not null,
  target_invoice_id text,
  stripe_item_id text,
  invoice_id text,
  was_late boolean not null default false,
  created_at timestamp with time zone not null default now(),
  placed_at timestamp with time zone,
  constraint a_fee_is_of_a_run CHECK (((part = 'gainshare'::text) = (gainshare_run_id IS NOT NULL))),
  constraint invoice_lines_amount_cents_check CHECK ((amount_cents > 0)),
  constraint invoice_lines_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint invoice_lines_description_check CHECK (((length(description) >= 1) AND (length(description) <= 400))),
  constraint invoice_lines_gainshare_run_id_fkey FOREIGN KEY (gainshare_run_id) REFERENCES public.gainshare_runs(id) ON DELETE RESTRICT,
  constraint invoice_lines_gainshare_run_id_key UNIQUE (gainshare_run_id),
  constraint invoice_lines_part_check CHECK ((part = ANY (ARRAY['assets'::text, 'credits'::text, 'gainshare'::text]))),
  constraint invoice_lines_pkey PRIMARY KEY (id),
  constraint invoice_lines_quantity_check CHECK ((quantity > 0)),
  constraint invoice_lines_stripe_item_id_key UNIQUE (stripe_item_id),
  constraint invoice_lines_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES public.subscriptions(id) ON DELETE RESTRICT,
  constraint invoice_lines_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint invoice_lines_unit_micros_check CHECK ((unit_micros >= 0)),
  constraint placed_as_an_item CHECK (((placed_at IS NULL) = (stripe_item_id IS NULL)))
);
comment on table private.invoice_lines is 'What is added to an invoice of a subscription, once: the row is there before Stripe is asked, and its id names the item there. target_invoice_id is the draft that it is tried on; placed without an invoice_id it waits at Stripe for the next one.';

create table private.invoiced_periods (
  subscription_id text not null,
  period_start timestamp with time zone not null,
  usage jsonb,
  taken_at timestamp with time zone not null default now(),
  constraint invoiced_periods_pkey PRIMARY KEY (subscription_id, period_start),
  constraint invoiced_periods_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES public.subscriptions(id) ON DELETE RESTRICT
);
comment on table private.invoiced_periods is 'Periods whose assets and credits are lines of invoices, or were none; with the chain of then.';

create table private.kept_parts (
  hold_id uuid not null,
  grant_id uuid not null,
  amount bigint not null,
  constraint kept_parts_amount_check CHECK ((amount > 0)),
  constraint kept_parts_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint kept_parts_hold_id_fkey FOREIGN KEY (hold_id) REFERENCES public.holds(id) ON DELETE CASCADE,
  constraint kept_parts_pkey PRIMARY KEY (hold_id, grant_id)
);
comment on table private.kept_parts is 'What a live call keeps of a grant that ended during it: charged to this call first, and to no other. Of a grant that has ended, what remains is what calls keep.';

create table private.late_usage (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null,
  event_name text not null,
  occurred_month date not null,
  customer text not null,
  value bigint not null,
  events integer not null,
  unit_amount_decimal numeric(30,12) not null,
  currency text not null,
  noted_at timestamp with time zone not null default now(),
  invoice_item_id text,
  billed_at timestamp with time zone,
  constraint late_usage_events_check CHECK ((events > 0)),
  constraint late_usage_invoice_item_id_key UNIQUE (invoice_item_id),
  constraint late_usage_pkey PRIMARY KEY (id),
  constraint late_usage_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint late_usage_value_check CHECK ((value > 0))
);
comment on table private.late_usage is 'The audit of what was too old for a meter and became an item of an invoice: whose, of which month, how much, and which item.';
alter table private.late_usage enable row level security;

create table private.lookers (
  user_id uuid not null,
  looks_until timestamp with time zone not null,
  constraint lookers_pkey PRIMARY KEY (user_id)
);
comment on table private.lookers is 'Whose pages are open, as those who serve them say again and again. Nothing depends on it but who is told.';

create table private.machine_payers (
  user_id uuid not null,
  secret_hash text not null,
  constraint machine_payers_pkey PRIMARY KEY (user_id),
  constraint machine_payers_secret_hash_check CHECK ((secret_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint machine_payers_secret_hash_key UNIQUE (secret_hash),
  constraint machine_payers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
comment on table private.machine_payers is 'By the keyed hash of its secret, which is stored nowhere: the user that stands for who has it.';

create table private.meter_events (
  id bigint not null generated always as identity,
  occurred_month date not null,
  usage_event_id bigint not null,
  tenant_id uuid not null,
  event_name text not null,
  value bigint,
  unit_amount_decimal numeric(30,12) not null,
  currency text not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default now(),
  identifier uuid not null default gen_random_uuid(),
  customer text,
  state text not null default 'owed'::text,
  attempts integer not null default 0,
  first_tried_at timestamp with time zone,
  due_at timestamp with time zone not null default now(),
  settled_at timestamp with time zone,
  reason text,
  late_id uuid,
  constraint frozen_before_it_is_sent CHECK (((state <> ALL (ARRAY['frozen'::text, 'delivered'::text, 'uncertain'::text])) OR ((customer IS NOT NULL) AND (value IS NOT NULL)))),
  constraint meter_events_identifier_key UNIQUE (identifier),
  constraint meter_events_late_id_fkey FOREIGN KEY (late_id) REFERENCES private.late_usage(id) ON DELETE RESTRICT,
  constraint meter_events_pkey PRIMARY KEY (id),
  constraint meter_events_reason_check CHECK ((length(reason) <= 300)),
  constraint meter_events_state_check CHECK ((state = ANY (ARRAY['owed'::text, 'frozen'::text, 'delivered'::text, 'refused'::text, 'too_old'::text, 'uncertain'::text, 'unpriced'::text]))),
  constraint meter_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint meter_events_value_check CHECK ((value > 0)),
  constraint of_one_usage_event_once UNIQUE (usage_event_id, occurred_month),
  constraint what_has_no_price_is_not_sent CHECK (((value IS NULL) = (state = 'unpriced'::text)))
);
comment on table private.meter_events is 'What is reported of each usage event of a tenant whose plan bills it. owed: never sent; frozen: sent, and perhaps arrived; delivered; refused: it will never be counted as it is; too_old: becomes an invoice item; uncertain: sent so long ago that a repeat could count twice; unpriced: nobody knows for how much.';
alter table private.meter_events enable row level security;

create table private.money_changes (
  id bigint not null generated always as identity,
  xid xid8 default pg_current_xact_id(),
  purchase_id uuid not null,
  booked_at timestamp with time zone not null default now(),
  happened_at timestamp with time zone not null default now(),
  currency text not null,
  package_id text not null,
  way text not null,
  purchases integer not null,
  declined integer not null,
  sold_seconds bigint not null,
  received_cents bigint not null,
  tax_cents bigint not null,
  refunded_cents bigint not null,
  lost_cents bigint not null,
  micros_per_second numeric not null,
  constraint money_changes_pkey PRIMARY KEY (id),
  constraint money_changes_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES public.purchases(id) ON DELETE RESTRICT,
  constraint money_changes_way_check CHECK ((way = ANY (ARRAY['own'::text, 'gift'::text, 'automatic'::text])))
);
comment on table private.money_changes is 'The journal of what purchases brought: each change of one is the difference that it made, and none is written over. Their sum is the purchase as it stands. A refund in March of a sale in January is booked in March, and happened in January.';

create table private.money_figures (
  grain text not null,
  basis text not null,
  at timestamp with time zone not null,
  currency text not null,
  package_id text not null,
  way text not null,
  purchases bigint not null,
  declined bigint not null,
  sold_seconds bigint not null,
  received_cents bigint not null,
  tax_cents bigint not null,
  refunded_cents bigint not null,
  lost_cents bigint not null,
  constraint money_figures_basis_check CHECK ((basis = ANY (ARRAY['booked'::text, 'happened'::text]))),
  constraint money_figures_grain_check CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text]))),
  constraint money_figures_pkey PRIMARY KEY (grain, basis, at, currency, package_id, way)
);
comment on table private.money_figures is 'The journal of money, when it was booked and when the sale was. Never summed across currencies.';

create table private.page_settings (
  user_id uuid not null,
  language text,
  seen_language text,
  mails_off text[] not null default '{}'::text[],
  updated_at timestamp with time zone not null default now(),
  constraint page_settings_language_check CHECK ((language ~ '^[a-z]{2}$'::text)),
  constraint page_settings_mails_off_check CHECK ((mails_off <@ ARRAY['receipt'::text, 'refund'::text, 'top_up_stopped'::text])),
  constraint page_settings_pkey PRIMARY KEY (user_id),
  constraint page_settings_seen_language_check CHECK ((seen_language ~ '^[a-z]{2}$'::text)),
  constraint page_settings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
comment on table private.page_settings is 'A row per person who chose something, or who bought; without a row the defaults hold.';

create table private.payment_claims (
  tenant_id uuid not null,
  chain text not null,
  tx_hash text not null,
  log_index integer not null,
  verification_id uuid not null,
  reference text,
  claimed_at timestamp with time zone not null default clock_timestamp(),
  constraint payment_claims_log_index_check CHECK ((log_index >= 0)),
  constraint payment_claims_pkey PRIMARY KEY (tenant_id, chain, tx_hash, log_index),
  constraint payment_claims_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint payment_claims_verification_id_fkey FOREIGN KEY (verification_id) REFERENCES private.payment_verifications(id) ON DELETE RESTRICT,
  constraint payment_claims_verification_id_key UNIQUE (verification_id)
);
comment on table private.payment_claims is 'Which transfer was taken for which verification: once.';
alter table private.payment_claims enable row level security;

create table private.payment_fees (
  purchase_id uuid not null,
  cents bigint not null,
  currency text not null,
  of_currency text not null,
  happened_at timestamp with time zone not null,
  noted_at timestamp with time zone not null default now(),
  constraint payment_fees_cents_check CHECK ((cents >= 0)),
  constraint payment_fees_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint payment_fees_of_currency_check CHECK ((of_currency ~ '^[a-z]{3}$'::text)),
  constraint payment_fees_pkey PRIMARY KEY (purchase_id),
  constraint payment_fees_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES public.purchases(id) ON DELETE RESTRICT
);
comment on table private.payment_fees is 'What Stripe keeps of a payment, in the smallest unit of the currency that it settles in, which need not be the one that was received (of_currency). Noted once; without a row it is not known.';

create table private.payment_verifications (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null,
  key text not null,
  request_hash text not null,
  chain text not null,
  tx_hash text not null,
  reference text,
  status text not null,
  verdict jsonb not null,
  is_final boolean not null default false,
  created_at timestamp with time zone not null default clock_timestamp(),
  updated_at timestamp with time zone not null default clock_timestamp(),
  constraint payment_verifications_chain_check CHECK ((chain ~ '^[a-z0-9-]{3,8}:[-_a-zA-Z0-9]{1,32}$'::text)),
  constraint payment_verifications_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint payment_verifications_once UNIQUE (tenant_id, key),
  constraint payment_verifications_pkey PRIMARY KEY (id),
  constraint payment_verifications_reference_check CHECK (((length(reference) >= 1) AND (length(reference) <= 200))),
  constraint payment_verifications_request_hash_check CHECK ((request_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint payment_verifications_status_check CHECK ((status = ANY (ARRAY['verified'::text, 'pending'::text, 'rejected'::text]))),
  constraint payment_verifications_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint payment_verifications_tx_hash_check CHECK ((tx_hash ~ '^[0-9A-Za-z]{32,100}$'::text)),
  constraint payment_verifications_verdict_check CHECK (((jsonb_typeof(verdict) = 'object'::text) AND (octet_length((verdict)::text) <= 8192)))
);
comment on table private.payment_verifications is 'Each payment that a tenant had verified, by the tenant''s key. While it is not final, asking again looks again, free of charge.';
alter table private.payment_verifications enable row level security;

create table private.people_changes (
  xid xid8 not null default pg_current_xact_id(),
  at timestamp with time zone not null,
  people integer not null
);
comment on table private.people_changes is 'Who signed up (1), and who is gone with everything (-1), and is not rolled up yet.';

create table private.people_figures (
  grain text not null,
  at timestamp with time zone not null,
  people bigint not null,
  constraint people_figures_grain_check CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text]))),
  constraint people_figures_pkey PRIMARY KEY (grain, at)
);
comment on table private.people_figures is 'People by when they signed up.';

create table private.person_days (
  user_id uuid not null,
  day date not null,
  constraint person_days_pkey PRIMARY KEY (user_id, day)
);
comment on table private.person_days is 'On which days (UTC) somebody had a call.';

create table private.plan_grants (
  grant_id uuid not null,
  subscription_id text not null,
  period_start timestamp with time zone not null,
  period_end timestamp with time zone not null,
  plan_id text not null,
  monthly_minutes integer not null,
  is_trial boolean not null,
  ended_early boolean not null default false,
  given_at timestamp with time zone not null default now(),
  constraint once_for_so_much UNIQUE (subscription_id, period_start, monthly_minutes),
  constraint plan_grants_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint plan_grants_monthly_minutes_check CHECK ((monthly_minutes > 0)),
  constraint plan_grants_pkey PRIMARY KEY (grant_id),
  constraint plan_grants_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.plans(id) ON DELETE RESTRICT,
  constraint plan_grants_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES public.subscriptions(id) ON DELETE RESTRICT
);
comment on table private.plan_grants is 'Which grant was given for which period of a subscription: the first is the month''s minutes, each further one the difference to a larger plan, by the time that was left.';

create table private.plan_meters (
  plan_id text not null,
  kind text not null,
  event_name text not null,
  value text not null,
  unit_amount_decimal numeric(30,12) not null,
  currency text not null,
  constraint plan_meters_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint plan_meters_event_name_check CHECK ((event_name ~ '^[a-z0-9_]{1,100}$'::text)),
  constraint plan_meters_kind_check CHECK ((kind = ANY (ARRAY['voice_second'::text, 'stt_second'::text, 'llm_input_token'::text, 'llm_cached_input_token'::text, 'llm_output_token'::text, 'tts_character'::text, 'tool_call'::text]))),
  constraint plan_meters_pkey PRIMARY KEY (plan_id, kind),
  constraint plan_meters_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.plans(id) ON DELETE RESTRICT,
  constraint plan_meters_unit_amount_decimal_check CHECK ((unit_amount_decimal >= (0)::numeric)),
  constraint plan_meters_value_check CHECK ((value = ANY (ARRAY['price_micros'::text, 'quantity'::text])))
);
comment on table private.plan_meters is 'By which meter a plan bills a kind of usage; a kind that is not here is not billed by use. Written by set_catalogue only.';
alter table private.plan_meters enable row level security;

create table private.provider_figures (
  grain text not null,
  at timestamp with time zone not null,
  version text not null,
  provider text not null,
  calls bigint not null,
  failing_calls bigint not null,
  failures bigint not null,
  constraint provider_figures_grain_check CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text]))),
  constraint provider_figures_pkey PRIMARY KEY (grain, at, version, provider)
);
comment on table private.provider_figures is 'Settled calls by the providers that they used (as llm@api.openai.com), and in how many of them one failed, by their beginning.';

create table private.remembered_calls (
  call_id uuid not null,
  remembered_at timestamp with time zone not null default now(),
  constraint remembered_calls_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE CASCADE,
  constraint remembered_calls_pkey PRIMARY KEY (call_id)
);
comment on table private.remembered_calls is 'Calls of which everything was remembered that ever will be. Outlives what was remembered, so that a repeat brings nothing back that was erased.';

create table private.revenue_figures (
  grain text not null,
  at timestamp with time zone not null,
  currency text not null,
  revenue_source text not null,
  entries bigint not null,
  amount_micros numeric not null,
  platform_fee_micros numeric not null,
  seller_share_micros numeric not null,
  stripe_cost_micros numeric not null,
  constraint revenue_figures_grain_check CHECK ((grain = ANY (ARRAY['quarter'::text, 'hour'::text, 'day'::text]))),
  constraint revenue_figures_pkey PRIMARY KEY (grain, at, currency, revenue_source)
);
comment on table private.revenue_figures is 'Collected revenue by when it was earned.';

create table private.revenue_rolled_up (
  is_one boolean not null default true,
  upto xid8 not null,
  constraint revenue_rolled_up_is_one_check CHECK (is_one),
  constraint revenue_rolled_up_pkey PRIMARY KEY (is_one)
);
comment on table private.revenue_rolled_up is 'The watermark: revenue that transactions before this one wrote stands in the sums.';

create table private.rolled_up (
  is_one boolean not null default true,
  upto xid8 not null,
  constraint rolled_up_is_one_check CHECK (is_one),
  constraint rolled_up_pkey PRIMARY KEY (is_one)
);
comment on table private.rolled_up is 'The watermark: what transactions before this one wrote stands in the sums, what others wrote does not.';

create table private.settled_calls (
  xid xid8 not null default pg_current_xact_id(),
  call_id uuid not null
);
comment on table private.settled_calls is 'Settled calls that are not rolled up yet: what is below the watermark is gone.';

create table private.spend_notices (
  tenant_id uuid not null,
  period text not null,
  began date not null,
  threshold text not null,
  spent_micros bigint not null,
  limit_micros bigint not null,
  currency text not null,
  noted_at timestamp with time zone not null default now(),
  constraint spend_notices_period_check CHECK ((period = ANY (ARRAY['day'::text, 'month'::text]))),
  constraint spend_notices_pkey PRIMARY KEY (tenant_id, period, began, threshold),
  constraint spend_notices_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint spend_notices_threshold_check CHECK ((threshold = ANY (ARRAY['soft'::text, 'hard'::text])))
);
comment on table private.spend_notices is 'Thresholds that tenants reached: told once for a day or a month of UTC.';

create table private.support_requests (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  key text not null,
  about text not null,
  about_id uuid,
  message text,
  status text not null default 'open'::text,
  answer text,
  created_at timestamp with time zone not null default now(),
  answered_at timestamp with time zone,
  answered_by uuid,
  closed_at timestamp with time zone,
  closed_by uuid,
  version text not null default ''::text,
  providers text[] not null default '{}'::text[],
  constraint about_something CHECK (((about = 'account'::text) = (about_id IS NULL))),
  constraint support_requests_about_check CHECK ((about = ANY (ARRAY['call'::text, 'purchase'::text, 'card'::text, 'account'::text]))),
  constraint support_requests_answer_check CHECK (((length(answer) >= 1) AND (length(answer) <= 5000))),
  constraint support_requests_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint support_requests_check CHECK ((((answered_at IS NULL) = (answered_by IS NULL)) AND ((closed_at IS NULL) = (closed_by IS NULL)))),
  constraint support_requests_check1 CHECK (
CASE status
    WHEN 'open'::text THEN ((answered_at IS NULL) AND (closed_at IS NULL))
    WHEN 'answered'::text THEN ((answered_at IS NOT NULL) AND (closed_at IS NULL))
    ELSE (closed_at IS NOT NULL)
END),
  constraint support_requests_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint support_requests_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint support_requests_message_check CHECK (((length(message) >= 1) AND (length(message) <= 2000))),
  constraint support_requests_pkey PRIMARY KEY (id),
  constraint support_requests_status_check CHECK ((status = ANY (ARRAY['open'::text, 'answered'::text, 'closed'::text]))),
  constraint support_requests_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
  constraint support_requests_user_id_key_key UNIQUE (user_id, key),
  constraint support_requests_version_check CHECK ((length(version) <= 100))
);
comment on table private.support_requests is 'Somebody asks for help with a call, a purchase, a card or their account. Message and answer go with a deleted person.';

create table private.taken_parts (
  id bigint not null generated always as identity,
  account_id uuid not null,
  grant_id uuid not null,
  reason text not null,
  amount bigint not null,
  bonus bigint not null,
  usable_for interval not null,
  constraint taken_parts_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE RESTRICT,
  constraint taken_parts_amount_check CHECK ((amount > 0)),
  constraint taken_parts_check CHECK (((bonus >= 0) AND (bonus <= amount))),
  constraint taken_parts_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint taken_parts_pkey PRIMARY KEY (id),
  constraint taken_parts_reason_check CHECK ((reason = ANY (ARRAY['freeze'::text, 'clawback'::text, 'debt_payment'::text]))),
  constraint taken_parts_usable_for_check CHECK ((usable_for >= '00:00:00'::interval))
);
comment on table private.taken_parts is 'What was taken of grants and may come back, with how long it could still be used when it was taken.';

create table private.time_figures (
  grain text not null,
  at timestamp with time zone not null,
  reason text not null,
  source text not null,
  entries bigint not null,
  seconds bigint not null,
  constraint time_figures_grain_check CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text]))),
  constraint time_figures_pkey PRIMARY KEY (grain, at, reason, source)
);
comment on table private.time_figures is 'The ledger of seconds, when it was written, by reason and source of the grant. Their sum over all time is what is owed.';

create table private.tool_calls (
  id uuid not null,
  user_id uuid not null,
  tenant_id uuid,
  tool text not null,
  server text not null,
  begun_at timestamp with time zone not null default clock_timestamp(),
  lost_at timestamp with time zone not null,
  constraint tool_calls_pkey PRIMARY KEY (id),
  constraint tool_calls_server_check CHECK ((server ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint tool_calls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint tool_calls_tool_check CHECK ((tool ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint tool_calls_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
comment on table private.tool_calls is 'Uses of tools that have begun, and of which no end was told yet.';

create table private.tool_results (
  id uuid not null,
  user_id uuid not null,
  ended_at timestamp with time zone not null default clock_timestamp(),
  result jsonb not null,
  constraint tool_results_pkey PRIMARY KEY (id),
  constraint tool_results_result_check CHECK ((octet_length((result)::text) <= 65536)),
  constraint tool_results_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
comment on table private.tool_results is 'What long jobs came to, for a day.';

create table private.trials (
  user_id uuid not null,
  card_id uuid not null,
  email_hash text not null,
  address_hash text,
  claimed_at timestamp with time zone not null default now(),
  talked boolean not null default false,
  bought boolean not null default false,
  constraint trials_address_hash_check CHECK ((address_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint trials_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.grants(id) ON DELETE RESTRICT,
  constraint trials_card_id_key UNIQUE (card_id),
  constraint trials_email_hash_check CHECK ((email_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint trials_email_hash_key UNIQUE (email_hash),
  constraint trials_pkey PRIMARY KEY (user_id),
  constraint trials_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
comment on table private.trials is 'Who had free minutes, once for ever: by person, and by the keyed hash of their e-mail address, so that who deletes the account and signs up again gets no second ones. The hash of the network address goes after 30 days.';

create table private.turn_figures (
  grain text not null,
  at timestamp with time zone not null,
  version text not null,
  slot integer not null,
  turns bigint not null,
  whole_ms bigint not null,
  end_of_turn_ms bigint not null,
  llm_ms bigint not null,
  tts_ms bigint not null,
  constraint turn_figures_grain_check CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text]))),
  constraint turn_figures_pkey PRIMARY KEY (grain, at, version, slot),
  constraint turn_figures_slot_check CHECK (((slot >= 0) AND (slot <= 63)))
);
comment on table private.turn_figures is 'Turns by how long their answer took, in 64 slots that are each 15 % wider than the one before, with the time that each part took. Histograms add up, percentiles do not; and in each slot the parts add up to the whole.';

create table private.usage_differences (
  tenant_id uuid not null,
  event_name text not null,
  day date not null,
  ours numeric not null,
  theirs numeric not null,
  explanation text not null,
  found_at timestamp with time zone not null default now(),
  seen_at timestamp with time zone not null default now(),
  cleared_at timestamp with time zone,
  constraint usage_differences_pkey PRIMARY KEY (tenant_id, event_name, day),
  constraint usage_differences_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT
);
comment on table private.usage_differences is 'Where a meter had another sum than we: why, since when, and since when no more.';
alter table private.usage_differences enable row level security;

create table private.usage_events_2026_11 (
  id bigint not null default nextval('private.usage_event_ids'::regclass),
  occurred_month date not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default now(),
  xid xid8 not null default pg_current_xact_id(),
  owner_id uuid not null,
  tenant_id uuid,
  user_id uuid,
  call_id uuid,
  kind text not null,
  tool text,
  server text,
  provider text,
  model text,
  quantity bigint not null,
  unit text not null,
  cost_micro_usd bigint,
  price_micros bigint,
  currency text not null,
  rate_id bigint,
  metadata jsonb not null default '{}'::jsonb,
  key text not null,
  subscription_id text,
  event_type text,
  units numeric,
  credits_burned bigint,
  credit_rule_id bigint,
  constraint a_month_is_that_of_the_event CHECK ((occurred_month = (date_trunc('month'::text, (occurred_at AT TIME ZONE 'utc'::text)))::date)),
  constraint a_tool_call_has_a_tool CHECK (((kind = 'tool_call'::text) = (tool IS NOT NULL))),
  constraint an_owner_is_who_pays CHECK ((owner_id = COALESCE(tenant_id, user_id))),
  constraint events_of_credits_are_complete CHECK ((num_nulls(event_type, units, credits_burned, credit_rule_id) =
CASE kind
    WHEN 'credit_event'::text THEN 0
    ELSE 4
END)),
  constraint metadata_is_short CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 2048))),
  constraint somebody_used_it CHECK ((num_nonnulls(tenant_id, user_id) > 0)),
  constraint usage_events_2026_11_owner_id_key_occurred_month_key UNIQUE (owner_id, key, occurred_month),
  constraint usage_events_2026_11_pkey PRIMARY KEY (occurred_month, id),
  constraint usage_events_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE RESTRICT,
  constraint usage_events_cost_micro_usd_check CHECK ((cost_micro_usd >= 0)),
  constraint usage_events_credits_burned_check CHECK ((credits_burned >= 0)),
  constraint usage_events_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint usage_events_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint usage_events_model_check CHECK ((model ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_price_micros_check CHECK ((price_micros >= 0)),
  constraint usage_events_provider_check CHECK ((provider ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_quantity_check CHECK (((quantity >= 1) AND (quantity <= '1000000000000'::bigint))),
  constraint usage_events_server_check CHECK ((server ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint usage_events_tool_check CHECK ((tool ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);

create table private.usage_events_2026_12 (
  id bigint not null default nextval('private.usage_event_ids'::regclass),
  occurred_month date not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default now(),
  xid xid8 not null default pg_current_xact_id(),
  owner_id uuid not null,
  tenant_id uuid,
  user_id uuid,
  call_id uuid,
  kind text not null,
  tool text,
  server text,
  provider text,
  model text,
  quantity bigint not null,
  unit text not null,
  cost_micro_usd bigint,
  price_micros bigint,
  currency text not null,
  rate_id bigint,
  metadata jsonb not null default '{}'::jsonb,
  key text not null,
  subscription_id text,
  event_type text,
  units numeric,
  credits_burned bigint,
  credit_rule_id bigint,
  constraint a_month_is_that_of_the_event CHECK ((occurred_month = (date_trunc('month'::text, (occurred_at AT TIME ZONE 'utc'::text)))::date)),
  constraint a_tool_call_has_a_tool CHECK (((kind = 'tool_call'::text) = (tool IS NOT NULL))),
  constraint an_owner_is_who_pays CHECK ((owner_id = COALESCE(tenant_id, user_id))),
  constraint events_of_credits_are_complete CHECK ((num_nulls(event_type, units, credits_burned, credit_rule_id) =
CASE kind
    WHEN 'credit_event'::text THEN 0
    ELSE 4
END)),
  constraint metadata_is_short CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 2048))),
  constraint somebody_used_it CHECK ((num_nonnulls(tenant_id, user_id) > 0)),
  constraint usage_events_2026_12_owner_id_key_occurred_month_key UNIQUE (owner_id, key, occurred_month),
  constraint usage_events_2026_12_pkey PRIMARY KEY (occurred_month, id),
  constraint usage_events_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE RESTRICT,
  constraint usage_events_cost_micro_usd_check CHECK ((cost_micro_usd >= 0)),
  constraint usage_events_credits_burned_check CHECK ((credits_burned >= 0)),
  constraint usage_events_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint usage_events_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint usage_events_model_check CHECK ((model ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_price_micros_check CHECK ((price_micros >= 0)),
  constraint usage_events_provider_check CHECK ((provider ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_quantity_check CHECK (((quantity >= 1) AND (quantity <= '1000000000000'::bigint))),
  constraint usage_events_server_check CHECK ((server ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint usage_events_tool_check CHECK ((tool ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);

create table private.usage_events_2027_01 (
  id bigint not null default nextval('private.usage_event_ids'::regclass),
  occurred_month date not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default now(),
  xid xid8 not null default pg_current_xact_id(),
  owner_id uuid not null,
  tenant_id uuid,
  user_id uuid,
  call_id uuid,
  kind text not null,
  tool text,
  server text,
  provider text,
  model text,
  quantity bigint not null,
  unit text not null,
  cost_micro_usd bigint,
  price_micros bigint,
  currency text not null,
  rate_id bigint,
  metadata jsonb not null default '{}'::jsonb,
  key text not null,
  subscription_id text,
  event_type text,
  units numeric,
  credits_burned bigint,
  credit_rule_id bigint,
  constraint a_month_is_that_of_the_event CHECK ((occurred_month = (date_trunc('month'::text, (occurred_at AT TIME ZONE 'utc'::text)))::date)),
  constraint a_tool_call_has_a_tool CHECK (((kind = 'tool_call'::text) = (tool IS NOT NULL))),
  constraint an_owner_is_who_pays CHECK ((owner_id = COALESCE(tenant_id, user_id))),
  constraint events_of_credits_are_complete CHECK ((num_nulls(event_type, units, credits_burned, credit_rule_id) =
CASE kind
    WHEN 'credit_event'::text THEN 0
    ELSE 4
END)),
  constraint metadata_is_short CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 2048))),
  constraint somebody_used_it CHECK ((num_nonnulls(tenant_id, user_id) > 0)),
  constraint usage_events_2027_01_owner_id_key_occurred_month_key UNIQUE (owner_id, key, occurred_month),
  constraint usage_events_2027_01_pkey PRIMARY KEY (occurred_month, id),
  constraint usage_events_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE RESTRICT,
  constraint usage_events_cost_micro_usd_check CHECK ((cost_micro_usd >= 0)),
  constraint usage_events_credits_burned_check CHECK ((credits_burned >= 0)),
  constraint usage_events_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint usage_events_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint usage_events_model_check CHECK ((model ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_price_micros_check CHECK ((price_micros >= 0)),
  constraint usage_events_provider_check CHECK ((provider ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_quantity_check CHECK (((quantity >= 1) AND (quantity <= '1000000000000'::bigint))),
  constraint usage_events_server_check CHECK ((server ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint usage_events_tool_check CHECK ((tool ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);

create table private.usage_events_2027_02 (
  id bigint not null default nextval('private.usage_event_ids'::regclass),
  occurred_month date not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default now(),
  xid xid8 not null default pg_current_xact_id(),
  owner_id uuid not null,
  tenant_id uuid,
  user_id uuid,
  call_id uuid,
  kind text not null,
  tool text,
  server text,
  provider text,
  model text,
  quantity bigint not null,
  unit text not null,
  cost_micro_usd bigint,
  price_micros bigint,
  currency text not null,
  rate_id bigint,
  metadata jsonb not null default '{}'::jsonb,
  key text not null,
  subscription_id text,
  event_type text,
  units numeric,
  credits_burned bigint,
  credit_rule_id bigint,
  constraint a_month_is_that_of_the_event CHECK ((occurred_month = (date_trunc('month'::text, (occurred_at AT TIME ZONE 'utc'::text)))::date)),
  constraint a_tool_call_has_a_tool CHECK (((kind = 'tool_call'::text) = (tool IS NOT NULL))),
  constraint an_owner_is_who_pays CHECK ((owner_id = COALESCE(tenant_id, user_id))),
  constraint events_of_credits_are_complete CHECK ((num_nulls(event_type, units, credits_burned, credit_rule_id) =
CASE kind
    WHEN 'credit_event'::text THEN 0
    ELSE 4
END)),
  constraint metadata_is_short CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 2048))),
  constraint somebody_used_it CHECK ((num_nonnulls(tenant_id, user_id) > 0)),
  constraint usage_events_2027_02_owner_id_key_occurred_month_key UNIQUE (owner_id, key, occurred_month),
  constraint usage_events_2027_02_pkey PRIMARY KEY (occurred_month, id),
  constraint usage_events_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE RESTRICT,
  constraint usage_events_cost_micro_usd_check CHECK ((cost_micro_usd >= 0)),
  constraint usage_events_credits_burned_check CHECK ((credits_burned >= 0)),
  constraint usage_events_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint usage_events_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint usage_events_model_check CHECK ((model ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_price_micros_check CHECK ((price_micros >= 0)),
  constraint usage_events_provider_check CHECK ((provider ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_quantity_check CHECK (((quantity >= 1) AND (quantity <= '1000000000000'::bigint))),
  constraint usage_events_server_check CHECK ((server ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint usage_events_tool_check CHECK ((tool ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);

create table private.usage_events_elsewhere (
  id bigint not null default nextval('private.usage_event_ids'::regclass),
  occurred_month date not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default now(),
  xid xid8 not null default pg_current_xact_id(),
  owner_id uuid not null,
  tenant_id uuid,
  user_id uuid,
  call_id uuid,
  kind text not null,
  tool text,
  server text,
  provider text,
  model text,
  quantity bigint not null,
  unit text not null,
  cost_micro_usd bigint,
  price_micros bigint,
  currency text not null,
  rate_id bigint,
  metadata jsonb not null default '{}'::jsonb,
  key text not null,
  subscription_id text,
  event_type text,
  units numeric,
  credits_burned bigint,
  credit_rule_id bigint,
  constraint a_month_is_that_of_the_event CHECK ((occurred_month = (date_trunc('month'::text, (occurred_at AT TIME ZONE 'utc'::text)))::date)),
  constraint a_tool_call_has_a_tool CHECK (((kind = 'tool_call'::text) = (tool IS NOT NULL))),
  constraint an_owner_is_who_pays CHECK ((owner_id = COALESCE(tenant_id, user_id))),
  constraint events_of_credits_are_complete CHECK ((num_nulls(event_type, units, credits_burned, credit_rule_id) =
CASE kind
    WHEN 'credit_event'::text THEN 0
    ELSE 4
END)),
  constraint metadata_is_short CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 2048))),
  constraint somebody_used_it CHECK ((num_nonnulls(tenant_id, user_id) > 0)),
  constraint usage_events_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE RESTRICT,
  constraint usage_events_cost_micro_usd_check CHECK ((cost_micro_usd >= 0)),
  constraint usage_events_credits_burned_check CHECK ((credits_burned >= 0)),
  constraint usage_events_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint usage_events_elsewhere_owner_id_key_occurred_month_key UNIQUE (owner_id, key, occurred_month),
  constraint usage_events_elsewhere_pkey PRIMARY KEY (occurred_month, id),
  constraint usage_events_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint usage_events_model_check CHECK ((model ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_price_micros_check CHECK ((price_micros >= 0)),
  constraint usage_events_provider_check CHECK ((provider ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_quantity_check CHECK (((quantity >= 1) AND (quantity <= '1000000000000'::bigint))),
  constraint usage_events_server_check CHECK ((server ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE RESTRICT,
  constraint usage_events_tool_check CHECK ((tool ~ '^[\w.:@/-]{1,100}$'::text)),
  constraint usage_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);

create table private.usage_figures (
  grain text not null,
  at timestamp with time zone not null,
  owner_id uuid not null,
  user_id uuid not null,
  kind text not null,
  tool text not null,
  currency text not null,
  events bigint not null,
  quantity numeric not null,
  cost_micro_usd numeric not null,
  events_without_cost bigint not null,
  price_micros numeric not null,
  events_without_price bigint not null,
  constraint usage_figures_grain_check CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text]))),
  constraint usage_figures_pkey PRIMARY KEY (owner_id, user_id, grain, at, kind, tool, currency)
);
comment on table private.usage_figures is 'Usage by who pays, by person, and of a tenant also by all its people together (user_id 0), so that a tenant of a thousand people is not a thousand rows.';

create table private.usage_rolled_up (
  is_one boolean not null default true,
  upto xid8 not null,
  begun_at timestamp with time zone not null default now(),
  constraint usage_rolled_up_is_one_check CHECK (is_one),
  constraint usage_rolled_up_pkey PRIMARY KEY (is_one)
);
comment on table private.usage_rolled_up is 'The watermark: usage that transactions before this one wrote stands in the sums. Calls that ended before begun_at left none.';

create table private.usage_to_record (
  call_id uuid not null,
  noted_at timestamp with time zone not null default now(),
  reason text not null,
  attempts integer not null default 0,
  constraint usage_to_record_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE RESTRICT,
  constraint usage_to_record_pkey PRIMARY KEY (call_id)
);
comment on table private.usage_to_record is 'Settled calls whose usage is still to be recorded, with the code of what was wrong.';

create table private.workers (
  id uuid not null,
  name text not null,
  release text not null,
  state text not null,
  calls integer not null,
  seats integer,
  load_percent integer not null,
  started_at timestamp with time zone not null default now(),
  reported_at timestamp with time zone not null default now(),
  constraint workers_calls_check CHECK ((calls >= 0)),
  constraint workers_load_percent_check CHECK ((load_percent >= 0)),
  constraint workers_pkey PRIMARY KEY (id),
  constraint workers_seats_check CHECK ((seats >= 0)),
  constraint workers_state_check CHECK ((state = ANY (ARRAY['open'::text, 'full'::text, 'starved'::text, 'draining'::text, 'not_connected'::text])))
);
comment on table private.workers is 'Worker processes by what they last told of themselves. seats: how many calls it can hold, where calls are counted; null where the processor decides. load_percent: of what it takes at most. One that ends takes its row along, and one that was killed is silent, and forgotten after an hour.';

-- Indexes that are no constraints

CREATE INDEX accounts_by_first_end ON public.accounts USING btree (first_end);
CREATE INDEX accounts_by_person ON public.accounts USING btree (person_id);
CREATE INDEX accounts_by_tenant ON public.accounts USING btree (tenant_id);
CREATE INDEX activation_addresses_to_forget ON public.activation_addresses USING btree (forget_at);
CREATE INDEX api_executions_by_account ON public.api_executions USING btree (account_id, created_at DESC);
CREATE INDEX api_executions_by_agent ON public.api_executions USING btree (agent_id, created_at DESC);
CREATE INDEX api_executions_by_call ON public.api_executions USING btree (call_id) WHERE (call_id IS NOT NULL);
CREATE INDEX api_executions_by_hold ON public.api_executions USING btree (hold_id);
CREATE INDEX api_executions_by_person ON public.api_executions USING btree (user_id);
CREATE INDEX api_executions_by_product ON public.api_executions USING btree (product_id, version, created_at DESC);
CREATE INDEX api_executions_by_tenant ON public.api_executions USING btree (tenant_id);
CREATE INDEX api_executions_running ON public.api_executions USING btree (lease_until) WHERE (status = 'running'::text);
CREATE INDEX api_executions_with_result ON public.api_executions USING btree (ended_at) WHERE (result IS NOT NULL);
CREATE INDEX api_keys_by_creator ON public.api_keys USING btree (created_by);
CREATE INDEX api_keys_by_successor ON public.api_keys USING btree (rotated_to);
CREATE INDEX api_keys_by_tenant ON public.api_keys USING btree (tenant_id, created_at DESC, id);
CREATE UNIQUE INDEX api_products_by_name ON public.api_products USING btree (COALESCE(tenant_id, '00000000-0000-0000-0000-000000000000'::uuid), name) WHERE (status <> 'retired'::text);
CREATE INDEX api_products_by_seller ON public.api_products USING btree (seller_id, created_at DESC);
CREATE INDEX api_products_by_tenant ON public.api_products USING btree (tenant_id);
CREATE INDEX asset_snapshots_in_time ON public.asset_snapshots USING btree (tenant_id, captured_at DESC, created_at DESC) INCLUDE (asset_count);
CREATE INDEX autonomous_agents_by_person ON public.autonomous_agents USING btree (user_id);
CREATE INDEX autonomous_agents_by_status ON public.autonomous_agents USING btree (status, created_at, id);
CREATE INDEX autonomous_agents_by_task ON public.autonomous_agents USING btree (current_task_id);
CREATE INDEX autonomous_agents_by_tenant ON public.autonomous_agents USING btree (tenant_id);
CREATE INDEX autonomous_agents_for_work ON public.autonomous_agents USING btree (performance_score DESC, id) WHERE ((status = ANY (ARRAY['idle'::text, 'active'::text])) AND (retired_at IS NULL));
CREATE INDEX autonomous_revenue_by_agent ON public.autonomous_revenue USING btree (agent_id, created_at);
CREATE INDEX autonomous_revenue_by_hold ON public.autonomous_revenue USING btree (hold_id);
CREATE INDEX autonomous_revenue_by_pending_payment ON public.autonomous_revenue USING btree (pending_payment_id);
CREATE INDEX autonomous_revenue_by_product ON public.autonomous_revenue USING btree (api_product_id);
CREATE INDEX autonomous_revenue_by_seller ON public.autonomous_revenue USING btree (seller_id, created_at);
CREATE INDEX autonomous_revenue_by_task ON public.autonomous_revenue USING btree (task_id);
CREATE INDEX autonomous_revenue_by_time ON public.autonomous_revenue USING btree (created_at, status);
CREATE INDEX autonomous_revenue_by_transaction ON public.autonomous_revenue USING btree (xid);
CREATE INDEX billing_invoices_by_subscription ON public.billing_invoices USING btree (subscription_id, created_at DESC);
CREATE INDEX billing_invoices_by_tenant ON public.billing_invoices USING btree (tenant_id, created_at DESC, id);
CREATE INDEX brain_tasks_by_agent ON public.brain_tasks USING btree (assigned_agent, created_at DESC);
CREATE INDEX brain_tasks_by_opportunity ON public.brain_tasks USING btree (opportunity_id);
CREATE INDEX brain_tasks_by_product ON public.brain_tasks USING btree (target_api_id);
CREATE INDEX brain_tasks_by_time ON public.brain_tasks USING btree (created_at) INCLUDE (status);
CREATE INDEX brain_tasks_lost ON public.brain_tasks USING btree (lost_at) WHERE (status = 'running'::text);
CREATE UNIQUE INDEX brain_tasks_one_of_an_opportunity ON public.brain_tasks USING btree (opportunity_id) WHERE (status = ANY (ARRAY['assigned'::text, 'running'::text, 'completed'::text]));
CREATE INDEX brain_tasks_waiting ON public.brain_tasks USING btree (due_at) WHERE (status = 'assigned'::text);
CREATE INDEX call_tokens_by_address ON public.call_tokens USING btree (address_hash, issued_at);
CREATE INDEX call_tokens_by_person ON public.call_tokens USING btree (user_id, issued_at);
CREATE INDEX call_tokens_to_forget ON public.call_tokens USING btree (issued_at);
CREATE INDEX caller_memories_by_call ON public.caller_memories USING btree (call_id);
CREATE UNIQUE INDEX caller_memories_said_once ON public.caller_memories USING btree (user_id, private.folded(text));
CREATE INDEX calls_by_tenant ON public.calls USING btree (tenant_id, opened_at DESC);
CREATE INDEX calls_history ON public.calls USING btree (user_id, opened_at DESC);
CREATE UNIQUE INDEX calls_one_open_call_per_room ON public.calls USING btree (room_name) WHERE (status = 'open'::text);
CREATE INDEX calls_opened ON public.calls USING brin (opened_at) WITH (pages_per_range='16');
CREATE INDEX calls_with_desk ON public.calls USING btree (user_id, ended_at) WHERE jsonb_path_exists(receipt, '$."windows"[*]?(@."reason" == "desk")'::jsonpath);
CREATE INDEX code_batch_cards_by_batch ON public.code_batch_cards USING btree (batch_id);
CREATE INDEX code_batches_by_exporter ON public.code_batches USING btree (exported_by);
CREATE INDEX code_batches_by_operator ON public.code_batches USING btree (operator_id);
CREATE INDEX code_batches_by_package ON public.code_batches USING btree (package_id);
CREATE INDEX code_batches_by_revoker ON public.code_batches USING btree (revoked_by);
CREATE INDEX credit_periods_by_plan ON public.credit_periods USING btree (plan_id);
CREATE INDEX credit_periods_of_tenant ON public.credit_periods USING btree (tenant_id, period_start);
CREATE INDEX credit_rules_by_type ON public.credit_rules USING btree (event_type, valid_from);
CREATE INDEX disputes_open ON public.payment_disputes USING btree (created_at) WHERE (status = 'open'::text);
CREATE INDEX gainshare_acts_by_actor ON public.gainshare_acts USING btree (actor_id);
CREATE INDEX gainshare_acts_by_run ON public.gainshare_acts USING btree (run_id, id);
CREATE INDEX gainshare_runs_by_decider ON public.gainshare_runs USING btree (decided_by);
CREATE INDEX gainshare_runs_by_operator ON public.gainshare_runs USING btree (run_by);
CREATE INDEX gainshare_runs_by_tenant ON public.gainshare_runs USING btree (tenant_id, created_at DESC);
CREATE INDEX goodwill_grants_by_operator ON public.goodwill_grants USING btree (operator_id);
CREATE INDEX goodwill_grants_in_time ON public.goodwill_grants USING btree (created_at DESC);
CREATE INDEX grants_by_account ON public.grants USING btree (account_id, unit);
CREATE INDEX grants_by_package ON public.grants USING btree (package_id);
CREATE INDEX grants_by_purchaser ON public.grants USING btree (purchaser_id, source);
CREATE INDEX grants_by_whole ON public.grants USING btree (part_of);
CREATE INDEX grants_in_order_of_use ON public.grants USING btree (account_id, priority, expires_at, created_at, id) WHERE (status = 'active'::text);
CREATE INDEX grants_that_wait ON public.grants USING btree (source) INCLUDE (remaining) WHERE (status = 'unactivated'::text);
CREATE INDEX holds_by_account ON public.holds USING btree (account_id, unit);
CREATE INDEX kpi_actuals_by_person ON public.kpi_actuals USING btree (recorded_by);
CREATE INDEX kpi_actuals_by_tenant ON public.kpi_actuals USING btree (tenant_id, metric, period_start, period_end, created_at DESC);
CREATE INDEX kpi_baselines_by_person ON public.kpi_baselines USING btree (recorded_by);
CREATE INDEX ledger_by_about_grant ON public.ledger USING btree (about_grant_id);
CREATE INDEX ledger_by_account ON public.ledger USING btree (account_id, unit, created_at) INCLUDE (reason, amount);
CREATE INDEX ledger_by_call ON public.ledger USING btree (call_id);
CREATE INDEX ledger_by_grant ON public.ledger USING btree (grant_id);
CREATE INDEX ledger_by_transaction ON public.ledger USING btree (xid) WHERE (xid IS NOT NULL);
CREATE INDEX ledger_in_time ON public.ledger USING brin (created_at) WITH (pages_per_range='16');
CREATE INDEX machine_payments_by_call ON public.machine_payments USING btree (call_id);
CREATE INDEX machine_payments_pending ON public.machine_payments USING btree (settle_after) WHERE ((settled_at IS NULL) AND (payload IS NOT NULL));
CREATE INDEX market_opportunities_by_person ON public.market_opportunities USING btree (user_id);
CREATE INDEX market_opportunities_by_product ON public.market_opportunities USING btree (target_api_id);
CREATE INDEX market_opportunities_by_tenant ON public.market_opportunities USING btree (tenant_id);
CREATE INDEX market_opportunities_by_time ON public.market_opportunities USING btree (created_at DESC, id);
CREATE INDEX market_opportunities_open ON public.market_opportunities USING btree (priority DESC, score DESC, created_at, id) WHERE (status = 'open'::text);
CREATE INDEX operator_acts_by_operator ON public.operator_acts USING btree (operator_id);
CREATE INDEX operator_acts_by_subject ON public.operator_acts USING btree (subject);
CREATE INDEX operator_acts_in_time ON public.operator_acts USING btree (created_at DESC, id DESC);
CREATE INDEX operator_refunds_by_operator ON public.operator_refunds USING btree (operator_id);
CREATE INDEX operator_refunds_by_purchase ON public.operator_refunds USING btree (purchase_id);
CREATE INDEX operator_refunds_under_way ON public.operator_refunds USING btree (created_at) WHERE ((stripe_refund_id IS NULL) AND (refusal IS NULL));
CREATE INDEX paid_calls_by_tenant ON public.paid_calls USING btree (tenant_id);
CREATE INDEX paid_calls_by_user ON public.paid_calls USING btree (user_id);
CREATE INDEX payment_disputes_by_purchase ON public.payment_disputes USING btree (purchase_id);
CREATE INDEX payment_refunds_by_purchase ON public.payment_refunds USING btree (purchase_id);
CREATE INDEX payments_by_pending_payment ON public.payments USING btree (pending_payment_id);
CREATE INDEX payments_by_time ON public.payments USING btree (created_at);
CREATE INDEX pending_payments_by_account ON public.pending_payments USING btree (account_id);
CREATE INDEX pending_payments_by_agent ON public.pending_payments USING btree (agent_id);
CREATE INDEX pending_payments_by_product ON public.pending_payments USING btree (api_product_id);
CREATE INDEX pending_payments_by_status ON public.pending_payments USING btree (status, created_at);
CREATE UNIQUE INDEX plans_one_free_in_each_line ON public.plans USING btree (line) WHERE (active AND (base_price_cents = 0));
CREATE INDEX purchases_by_package ON public.purchases USING btree (package_id);
CREATE INDEX purchases_by_tenant ON public.purchases USING btree (tenant_id, created_at DESC);
CREATE INDEX purchases_by_user ON public.purchases USING btree (user_id, created_at DESC);
CREATE INDEX purchases_in_review ON public.purchases USING btree (created_at) WHERE (status = 'review'::text);
CREATE INDEX purchases_open ON public.purchases USING btree (created_at) WHERE (status = ANY (ARRAY['created'::text, 'unknown'::text, 'awaiting_payment'::text, 'processing'::text, 'failed'::text]));
CREATE INDEX purchases_paid ON public.purchases USING btree (created_at) WHERE (status = 'succeeded'::text);
CREATE INDEX purchases_without_intent ON public.purchases USING btree (created_at) WHERE (payment_intent_id IS NULL);
CREATE INDEX rates_by_kind ON public.rates USING btree (kind, currency, valid_from);
CREATE INDEX reconciliation_findings_seen ON public.reconciliation_findings USING btree (last_seen_at DESC);
CREATE INDEX second_payments_by_purchase ON public.second_payments USING btree (purchase_id);
CREATE UNIQUE INDEX sellers_one_per_person ON public.sellers USING btree (user_id);
CREATE UNIQUE INDEX sellers_one_per_tenant ON public.sellers USING btree (tenant_id);
CREATE INDEX stripe_events_by_payment_intent ON public.stripe_events USING btree (payment_intent_id);
CREATE INDEX stripe_events_by_status ON public.stripe_events USING btree (status, received_at DESC);
CREATE INDEX stripe_events_half_applied ON public.stripe_events USING btree (id) WHERE (outcome = 'applying'::text);
CREATE INDEX stripe_events_waiting ON public.stripe_events USING btree (received_at) WHERE (status = ANY (ARRAY['received'::text, 'parked'::text]));
CREATE INDEX subscriptions_by_next_plan ON public.subscriptions USING btree (next_plan_id);
CREATE INDEX subscriptions_by_plan ON public.subscriptions USING btree (plan_id);
CREATE INDEX subscriptions_by_tenant ON public.subscriptions USING btree (tenant_id, status);
CREATE INDEX tenant_invitations_by_address ON public.tenant_invitations USING btree (email, created_at);
CREATE INDEX tenant_invitations_by_inviter ON public.tenant_invitations USING btree (invited_by, created_at);
CREATE INDEX tenant_invitations_by_tenant ON public.tenant_invitations USING btree (tenant_id, created_at DESC);
CREATE INDEX tenant_invitations_by_who_accepted ON public.tenant_invitations USING btree (accepted_by);
CREATE UNIQUE INDEX tenant_invitations_one_waits ON public.tenant_invitations USING btree (tenant_id, email) WHERE ((accepted_at IS NULL) AND (revoked_at IS NULL));
CREATE INDEX tenant_members_by_person ON public.tenant_members USING btree (user_id, role, tenant_id);
CREATE INDEX tenants_by_plan ON public.tenants USING btree (plan_id);
CREATE INDEX tenants_without_customer ON public.tenants USING btree (created_at, id) WHERE ((stripe_customer_id IS NULL) AND (closed_at IS NULL));
CREATE INDEX usage_events_by_transaction ON ONLY public.usage_events USING btree (xid);
CREATE INDEX usage_events_in_time ON ONLY public.usage_events USING brin (occurred_at timestamptz_minmax_multi_ops (values_per_range='64')) WITH (pages_per_range='16');
CREATE INDEX usage_events_of_call ON ONLY public.usage_events USING btree (call_id);
CREATE INDEX usage_events_of_person ON ONLY public.usage_events USING btree (user_id, occurred_at);
CREATE INDEX usage_events_of_tenant ON ONLY public.usage_events USING btree (tenant_id, occurred_at);
CREATE INDEX users_by_beginning ON public.users USING btree (created_at);
CREATE INDEX users_by_email ON public.users USING btree (lower(email) text_pattern_ops);
CREATE INDEX users_by_name ON public.users USING btree (lower(display_name) text_pattern_ops);
CREATE INDEX users_without_customer ON public.users USING btree (created_at, id) WHERE (stripe_customer_id IS NULL);
CREATE INDEX wallet_holds_by_account ON public.wallet_holds USING btree (account_id, unit, created_at DESC);
CREATE INDEX wallet_holds_by_platform ON public.wallet_holds USING btree (platform_account_id);
CREATE INDEX wallet_holds_by_seller ON public.wallet_holds USING btree (seller_account_id, ended_at DESC);
CREATE INDEX wallet_holds_due ON public.wallet_holds USING btree (expires_at) WHERE (status = 'held'::text);
CREATE INDEX wallet_holds_live ON public.wallet_holds USING btree (account_id) INCLUDE (amount) WHERE (status = 'held'::text);
CREATE INDEX wallet_refunds_by_hold ON public.wallet_refunds USING btree (hold_id);
CREATE INDEX api_allowances_by_plan ON private.api_allowances USING btree (plan_id);
CREATE INDEX api_errors_by_key ON private.api_errors USING btree (key_id);
CREATE INDEX api_hours_by_tenant ON private.api_hours USING btree (tenant_id, hour);
CREATE INDEX audit_violations_by_scope ON private.audit_violations USING btree (part, scope);
CREATE INDEX auto_top_up_charges_by_user ON private.auto_top_up_charges USING btree (user_id, created_at);
CREATE UNIQUE INDEX auto_top_up_charges_one_in_flight ON private.auto_top_up_charges USING btree (user_id) WHERE (status = 'in_flight'::text);
CREATE INDEX auto_top_ups_active ON private.auto_top_ups USING btree (user_id) WHERE (status = 'active'::text);
CREATE INDEX auto_top_ups_by_package ON private.auto_top_ups USING btree (package_id);
CREATE INDEX call_ratings_by_person ON private.call_ratings USING btree (user_id);
CREATE INDEX call_ratings_by_time ON private.call_ratings USING btree (rated_at);
CREATE INDEX credit_grants_by_giver ON private.credit_grants USING btree (given_by);
CREATE INDEX credit_grants_by_invoice ON private.credit_grants USING btree (invoice_id);
CREATE INDEX credit_grants_of_period ON private.credit_grants USING btree (subscription_id, period_start);
CREATE INDEX credit_grants_of_tenant ON private.credit_grants USING btree (tenant_id);
CREATE INDEX event_changes_by_transaction ON private.event_changes USING btree (xid);
CREATE INDEX fees_wanted_in_turn ON private.fees_wanted USING btree (asked_at);
CREATE INDEX first_days_of_a_month ON private.active_people USING btree (day, cohort) INCLUDE (people) WHERE (previous_day < (date_trunc('month'::text, (day)::timestamp without time zone))::date);
CREATE INDEX invoice_lines_by_invoice ON private.invoice_lines USING btree (invoice_id);
CREATE INDEX invoice_lines_of_subscription ON private.invoice_lines USING btree (subscription_id, placed_at);
CREATE INDEX invoice_lines_of_tenant ON private.invoice_lines USING btree (tenant_id, created_at);
CREATE UNIQUE INDEX invoice_lines_once ON private.invoice_lines USING btree (subscription_id, part, period_start) WHERE (part <> 'gainshare'::text);
CREATE INDEX kept_parts_by_grant ON private.kept_parts USING btree (grant_id);
CREATE INDEX late_usage_not_billed ON private.late_usage USING btree (noted_at) WHERE (invoice_item_id IS NULL);
CREATE INDEX late_usage_of_tenant ON private.late_usage USING btree (tenant_id, occurred_month);
CREATE INDEX lookers_by_end ON private.lookers USING btree (looks_until);
CREATE INDEX meter_events_due ON private.meter_events USING btree (due_at, id) WHERE (state = ANY (ARRAY['owed'::text, 'frozen'::text]));
CREATE INDEX meter_events_of_late_usage ON private.meter_events USING btree (late_id);
CREATE INDEX meter_events_of_tenant ON private.meter_events USING btree (tenant_id, event_name, occurred_at);
CREATE INDEX meter_events_to_look_at ON private.meter_events USING btree (state, id) WHERE (state = ANY (ARRAY['refused'::text, 'too_old'::text, 'uncertain'::text, 'unpriced'::text]));
CREATE INDEX money_changes_booked ON private.money_changes USING btree (booked_at);
CREATE INDEX money_changes_by_purchase ON private.money_changes USING btree (purchase_id);
CREATE INDEX money_changes_by_transaction ON private.money_changes USING btree (xid) WHERE (xid IS NOT NULL);
CREATE INDEX money_changes_happened ON private.money_changes USING btree (happened_at);
CREATE INDEX payment_fees_in_time ON private.payment_fees USING btree (happened_at);
CREATE INDEX payment_verifications_of_tenant ON private.payment_verifications USING btree (tenant_id, created_at DESC, id DESC);
CREATE INDEX people_changes_by_transaction ON private.people_changes USING btree (xid);
CREATE INDEX person_days_by_day ON private.person_days USING btree (day);
CREATE INDEX plan_grants_by_plan ON private.plan_grants USING btree (plan_id);
CREATE INDEX settled_calls_by_transaction ON private.settled_calls USING btree (xid);
CREATE INDEX support_requests_by_answerer ON private.support_requests USING btree (answered_by);
CREATE INDEX support_requests_by_closer ON private.support_requests USING btree (closed_by);
CREATE INDEX support_requests_by_status ON private.support_requests USING btree (status, created_at, id);
CREATE INDEX support_requests_by_subject ON private.support_requests USING btree (about_id) WHERE (about_id IS NOT NULL);
CREATE INDEX support_requests_by_version ON private.support_requests USING btree (version, created_at) WHERE (about = 'call'::text);
CREATE INDEX support_requests_in_order ON private.support_requests USING btree (created_at, id);
CREATE INDEX taken_parts_by_account ON private.taken_parts USING btree (account_id);
CREATE INDEX taken_parts_by_grant ON private.taken_parts USING btree (grant_id);
CREATE INDEX tool_calls_lost ON private.tool_calls USING btree (lost_at);
CREATE INDEX tool_calls_of_person ON private.tool_calls USING btree (user_id);
CREATE INDEX tool_calls_of_tenant ON private.tool_calls USING btree (tenant_id);
CREATE INDEX tool_results_in_time ON private.tool_results USING btree (ended_at);
CREATE INDEX tool_results_of_person ON private.tool_results USING btree (user_id);
CREATE INDEX trials_by_address ON private.trials USING btree (address_hash, claimed_at) WHERE (address_hash IS NOT NULL);
CREATE INDEX trials_by_day ON private.trials USING btree (claimed_at);
CREATE INDEX usage_events_2026_11_call_id_idx ON private.usage_events_2026_11 USING btree (call_id);
CREATE INDEX usage_events_2026_11_occurred_at_idx ON private.usage_events_2026_11 USING brin (occurred_at timestamptz_minmax_multi_ops (values_per_range='64')) WITH (pages_per_range='16');
CREATE INDEX usage_events_2026_11_tenant_id_occurred_at_idx ON private.usage_events_2026_11 USING btree (tenant_id, occurred_at);
CREATE INDEX usage_events_2026_11_user_id_occurred_at_idx ON private.usage_events_2026_11 USING btree (user_id, occurred_at);
CREATE INDEX usage_events_2026_11_xid_idx ON private.usage_events_2026_11 USING btree (xid);
CREATE INDEX usage_events_2026_12_call_id_idx ON private.usage_events_2026_12 USING btree (call_id);
CREATE INDEX usage_events_2026_12_occurred_at_idx ON private.usage_events_2026_12 USING brin (occurred_at timestamptz_minmax_multi_ops (values_per_range='64')) WITH (pages_per_range='16');
CREATE INDEX usage_events_2026_12_tenant_id_occurred_at_idx ON private.usage_events_2026_12 USING btree (tenant_id, occurred_at);
CREATE INDEX usage_events_2026_12_user_id_occurred_at_idx ON private.usage_events_2026_12 USING btree (user_id, occurred_at);
CREATE INDEX usage_events_2026_12_xid_idx ON private.usage_events_2026_12 USING btree (xid);
CREATE INDEX usage_events_2027_01_call_id_idx ON private.usage_events_2027_01 USING btree (call_id);
CREATE INDEX usage_events_2027_01_occurred_at_idx ON private.usage_events_2027_01 USING brin (occurred_at timestamptz_minmax_multi_ops (values_per_range='64')) WITH (pages_per_range='16');
CREATE INDEX usage_events_2027_01_tenant_id_occurred_at_idx ON private.usage_events_2027_01 USING btree (tenant_id, occurred_at);
CREATE INDEX usage_events_2027_01_user_id_occurred_at_idx ON private.usage_events_2027_01 USING btree (user_id, occurred_at);
CREATE INDEX usage_events_2027_01_xid_idx ON private.usage_events_2027_01 USING btree (xid);
CREATE INDEX usage_events_2027_02_call_id_idx ON private.usage_events_2027_02 USING btree (call_id);
CREATE INDEX usage_events_2027_02_occurred_at_idx ON private.usage_events_2027_02 USING brin (occurred_at timestamptz_minmax_multi_ops (values_per_range='64')) WITH (pages_per_range='16');
CREATE INDEX usage_events_2027_02_tenant_id_occurred_at_idx ON private.usage_events_2027_02 USING btree (tenant_id, occurred_at);
CREATE INDEX usage_events_2027_02_user_id_occurred_at_idx ON private.usage_events_2027_02 USING btree (user_id, occurred_at);
CREATE INDEX usage_events_2027_02_xid_idx ON private.usage_events_2027_02 USING btree (xid);
CREATE INDEX usage_events_elsewhere_call_id_idx ON private.usage_events_elsewhere USING btree (call_id);
CREATE INDEX usage_events_elsewhere_occurred_at_idx ON private.usage_events_elsewhere USING brin (occurred_at timestamptz_minmax_multi_ops (values_per_range='64')) WITH (pages_per_range='16');
CREATE INDEX usage_events_elsewhere_tenant_id_occurred_at_idx ON private.usage_events_elsewhere USING btree (tenant_id, occurred_at);
CREATE INDEX usage_events_elsewhere_user_id_occurred_at_idx ON private.usage_events_elsewhere USING btree (user_id, occurred_at);
CREATE INDEX usage_events_elsewhere_xid_idx ON private.usage_events_elsewhere USING btree (xid);
CREATE INDEX usage_figures_in_time ON private.usage_figures USING btree (at);

-- Functions

CREATE OR REPLACE FUNCTION public.accept_invitation(p_user_id uuid, p_token_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_invitation public.tenant_invitations;
  v_tenant public.tenants;
begin
  select * into v_invitation from public.tenant_invitations where token_hash = p_token_hash;
  if not found then
    return jsonb_build_object('status', 'unknown_invitation');
  end if;
  perform private.lock_account(v_invitation.tenant_id);
  select * into strict v_invitation from public.tenant_invitations where id = v_invitation.id for update;
  select * into strict v_tenant from public.tenants where id = v_invitation.tenant_id;
  if v_invitation.accepted_by = p_user_id and private.role_in(p_user_id, v_tenant.id) is not null then
    -- The answer was lost on its way.
    return jsonb_build_object('status', 'accepted', 'replayed', true,
      'tenant', private.describe_tenant(v_tenant, private.role_in(p_user_id, v_tenant.id)));
  elsif v_invitation.accepted_at is not null or v_invitation.revoked_at is not null or v_tenant.closed_at is not null
    or v_invitation.expires_at <= now() then
    return jsonb_build_object('status', 'invitation_over');
  -- A link that was passed on lets nobody else in.
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null and lower(email) = v_invitation.email) then
    return jsonb_build_object('status', 'other_address');
  end if;
  insert into public.tenant_members (tenant_id, user_id, role) values (v_tenant.id, p_user_id, v_invitation.role)
    on conflict do nothing;
  update public.tenant_invitations set accepted_at = now(), accepted_by = p_user_id where id = v_invitation.id;
  return jsonb_build_object('status', 'accepted', 'replayed', false,
    'tenant', private.describe_tenant(v_tenant, private.role_in(p_user_id, v_tenant.id)));
end $function$;
comment on function public.accept_invitation(uuid,text) is 'A person joins by the token of an invitation to their own address, once. Refuses with unknown_invitation, other_address or invitation_over (accepted, revoked, expired, or the tenant is closed).';

CREATE OR REPLACE FUNCTION public.activate_time_card(p_user_id uuid, p_code_hash text, p_address_hash text DEFAULT NULL::text, p_tenant_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.activate_time_card(uuid,text,text,uuid) is 'Gives the card behind a code to a person, or to a tenant of theirs. Refuses with unknown_code, used, own_code, revoked, too_many_attempts, unknown_tenant or unknown_user.';

CREATE OR REPLACE FUNCTION public.add_kpi_actual(p_operator_id uuid, p_tenant_id uuid, p_actual jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_start date;
  v_end date;
  a public.kpi_actuals;
  v_latest public.kpi_actuals;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif not exists (select from public.tenants where id = p_tenant_id) then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif jsonb_typeof(p_actual) is distinct from 'object' then
    return jsonb_build_object('status', 'invalid_actual');
  end if;
  v_start := (p_actual ->> 'period_start')::date;
  v_end := (p_actual ->> 'period_end')::date;
  perform pg_advisory_xact_lock(hashtextextended(p_tenant_id::text, 30000));
  if exists (select from public.kpi_actuals k where k.tenant_id = p_tenant_id and k.metric = p_actual ->> 'metric'
      and k.period_start <= v_end and k.period_end >= v_start and (k.period_start, k.period_end) <> (v_start, v_end)) then
    return jsonb_build_object('status', 'overlaps');
  end if;
  select * into v_latest from public.kpi_actuals k where k.tenant_id = p_tenant_id and k.metric = p_actual ->> 'metric'
    and (k.period_start, k.period_end) = (v_start, v_end) order by k.created_at desc, k.id limit 1;
  if v_latest.value = (p_actual ->> 'value')::numeric and v_latest.events is not distinct from (p_actual ->> 'events')::bigint then
    return jsonb_build_object('status', 'added', 'actual_id', v_latest.id);
  end if;
  insert into public.kpi_actuals (tenant_id, metric, period_start, period_end, value, events, evidence, recorded_by)
    values (p_tenant_id, p_actual ->> 'metric', v_start, v_end, (p_actual ->> 'value')::numeric, (p_actual ->> 'events')::bigint,
      coalesce(p_actual -> 'evidence', '{}'), p_operator_id)
    returning * into a;
  return jsonb_build_object('status', 'added', 'actual_id', a.id);
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'invalid_actual');
end $function$;
comment on function public.add_kpi_actual(uuid,uuid,jsonb) is 'An operator notes what was measured from the one day to the other. A correction is the same stretch with another value. Status added (also of a repeat); refuses with overlaps (another stretch has some of these days), invalid_actual, unknown_tenant or not_an_operator.';

CREATE OR REPLACE FUNCTION public.add_kpi_baseline(p_operator_id uuid, p_tenant_id uuid, p_baseline jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  b public.kpi_baselines;
  u record;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif not exists (select from public.tenants where id = p_tenant_id) then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif jsonb_typeof(p_baseline) is distinct from 'object' then
    return jsonb_build_object('status', 'invalid_baseline');
  end if;
  select * into u from private.usual_of_metric(p_baseline ->> 'metric');
  insert into public.kpi_baselines as known (tenant_id, metric, unit, direction, method, baseline_value, cost_per_unit, scheduled_hours,
      max_savings_cents, currency, effective_from, evidence, recorded_by)
    select p_tenant_id, x.metric, coalesce(x.unit, u.unit), coalesce(x.direction, u.direction), coalesce(x.method, u.method),
      x.baseline_value, x.cost_per_unit, coalesce(x.scheduled_hours, u.scheduled_hours), x.max_savings_cents,
      coalesce(x.currency, 'cad'), x.effective_from,
      coalesce(x.evidence, '{}') || case when x.scheduled_hours is null and u.scheduled_hours is not null
        then jsonb_build_object('scheduled_hours', 'assumed') else '{}' end, p_operator_id
    from jsonb_to_record(p_baseline) as x (metric text, unit text, direction text, method text, baseline_value numeric,
      cost_per_unit numeric, scheduled_hours numeric, max_savings_cents bigint, currency text, effective_from date, evidence jsonb)
    on conflict (tenant_id, metric, effective_from) do nothing
    returning * into b;
  if found then
    return jsonb_build_object('status', 'added', 'baseline_id', b.id);
  end if;
  select * into b from public.kpi_baselines
    where tenant_id = p_tenant_id and metric = p_baseline ->> 'metric' and effective_from = (p_baseline ->> 'effective_from')::date;
  -- The same again is the same row; another value for a day that has one would change what was agreed.
  if (b.baseline_value, b.cost_per_unit) = ((p_baseline ->> 'baseline_value')::numeric, (p_baseline ->> 'cost_per_unit')::numeric)
     and b.scheduled_hours is not distinct from coalesce((p_baseline ->> 'scheduled_hours')::numeric, u.scheduled_hours) then
    return jsonb_build_object('status', 'added', 'baseline_id', b.id);
  end if;
  return jsonb_build_object('status', 'has_another');
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'invalid_baseline');
end $function$;
comment on function public.add_kpi_baseline(uuid,uuid,jsonb) is 'An operator notes what a metric was before, with its evidence. Unit, direction, method and hours of availability, mtbf, mttr, inventory and overtime are known; hours that were not given are marked as assumed. Status added (also of a repeat); refuses with has_another (of that day), invalid_baseline, unknown_tenant or not_an_operator.';

CREATE OR REPLACE FUNCTION public.agent_cards(p_limit integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'agent_name', a.agent_name, 'agent_type', a.agent_type, 'status', a.status,
    'is_simulation', private.is_simulation(a.agent_type), 'capabilities', a.capabilities, 'running_tasks', a.running_tasks,
    'max_concurrent_tasks', a.max_concurrent_tasks, 'performance_score', a.performance_score, 'success_rate', a.success_rate,
    'total_tasks_completed', a.total_tasks_completed, 'total_revenue_micros', a.total_revenue_micros,
    'daily_budget_micros', a.daily_budget_micros, 'spent_today_micros', coalesce(b.spent_micros, 0), 'reserved_micros', coalesce(b.reserved_micros, 0),
    'error_count', a.error_count, 'last_error', a.last_error, 'last_heartbeat_at', private.utc_text(a.last_heartbeat_at),
    'last_active_at', private.utc_text(a.last_active_at)) order by a.status = 'active' desc, a.performance_score desc, a.id), '[]')
  from (select * from public.autonomous_agents where retired_at is null order by status = 'active' desc, performance_score desc, id
    limit greatest(0, least(p_limit, 500))) a
  left join public.agent_budgets b on b.agent_id = a.id and b.day = private.agent_day(a.zone)
$function$;
comment on function public.agent_cards(integer) is 'Agents with what they do now, spent today and earned so far: those at work first, then the best.';

CREATE OR REPLACE FUNCTION public.answer_support_request(p_request_id uuid, p_operator_id uuid, p_answer text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_request private.support_requests;
begin
  if (length(trim(p_answer)) between 1 and 5000) is not true then
    return jsonb_build_object('status', 'invalid_answer');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_request from private.support_requests where id = p_request_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_request');
  elsif v_request.status <> 'open' then
    return case when v_request.answer = trim(p_answer)
      then jsonb_build_object('status', 'answered', 'replayed', true, 'request', private.request_for_operators(v_request))
      else jsonb_build_object('status', 'not_open') end;
  end if;
  update private.support_requests
    set status = 'answered', answer = trim(p_answer), answered_at = now(), answered_by = p_operator_id
    where id = p_request_id returning * into v_request;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, 'answer', p_request_id::text, 'answered a request for help');
  perform private.enqueue('notice', 'notice:support_answer:' || p_request_id,
    jsonb_build_object('notice', 'support_answer', 'request_id', p_request_id));
  return jsonb_build_object('status', 'answered', 'replayed', false, 'request', private.request_for_operators(v_request));
end $function$;
comment on function public.answer_support_request(uuid,uuid,text) is 'An operator answers a request for help, once; the answer goes by mail. Refuses with unknown_request, not_open (answered otherwise or closed), not_an_operator or invalid_answer.';

CREATE OR REPLACE FUNCTION public.apply_invoice(p_invoice jsonb, p_read_at timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  x record;
  v_tenant_id uuid;
  s public.subscriptions;
  old public.billing_invoices;
  i public.billing_invoices;
  v_sums jsonb;
begin
  if jsonb_typeof(p_invoice) is distinct from 'object' or (isfinite(p_read_at) and p_read_at <= now() + interval '1 minute') is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select * into x from jsonb_to_record(p_invoice) as r (id text, customer text, subscription text, number text, status text, billing_reason text,
    currency text, subtotal bigint, tax bigint, total bigint, amount_due bigint, amount_paid bigint, credited bigint, lines jsonb, hosted_url text,
    pdf_url text, attempt_count int, next_attempt_at timestamptz, tax_status text, problem text, created_at timestamptz, finalized_at timestamptz,
    paid_at timestamptz);
  select id into v_tenant_id from public.tenants where stripe_customer_id = x.customer;
  if v_tenant_id is null then
    select tenant_id into v_tenant_id from public.billing_invoices where id = x.id;
  end if;
  if v_tenant_id is null then
    return jsonb_build_object('status', 'not_ours');
  end if;
  perform private.lock_account(v_tenant_id);
  select * into s from public.subscriptions where id = x.subscription;
  select * into old from public.billing_invoices where id = x.id;
  if old.read_at > p_read_at then
    return jsonb_build_object('status', 'older_look');
  end if;
  select jsonb_object_agg(g.part, g.cents) into v_sums
    from (select private.part_of_line(l) as part, sum((l ->> 'amount')::bigint) as cents from jsonb_array_elements(coalesce(x.lines, '[]')) l group by 1) g;
  insert into public.billing_invoices as known (id, tenant_id, subscription_id, number, status, billing_reason, period_start, period_end, currency,
      subtotal_cents, tax_cents, total_cents, amount_due_cents, amount_paid_cents, credited_cents, base_cents, assets_cents, credits_cents,
      gainshare_cents, other_cents, breakdown, hosted_url, pdf_url, attempt_count, next_attempt_at, tax_status, problem, created_at, finalized_at,
      paid_at, read_at)
    select x.id, v_tenant_id, s.id, x.number, x.status, x.billing_reason,
      private.local_moment((b.l ->> 'period_start')::timestamptz, s.time_zone, s.anchor_hour),
      private.local_moment((b.l ->> 'period_end')::timestamptz, s.time_zone, s.anchor_hour), x.currency,
      x.subtotal, x.tax, x.total, x.amount_due, x.amount_paid, coalesce(x.credited, 0), coalesce((v_sums ->> 'base')::bigint, 0),
      coalesce((v_sums ->> 'assets')::bigint, 0), coalesce((v_sums ->> 'credits')::bigint, 0), coalesce((v_sums ->> 'gainshare')::bigint, 0),
      x.subtotal - coalesce((v_sums ->> 'base')::bigint, 0) - coalesce((v_sums ->> 'assets')::bigint, 0) - coalesce((v_sums ->> 'credits')::bigint, 0)
        - coalesce((v_sums ->> 'gainshare')::bigint, 0), coalesce(x.lines, '[]'), x.hosted_url, x.pdf_url, coalesce(x.attempt_count, 0),
      x.next_attempt_at, x.tax_status, x.problem, x.created_at, x.finalized_at, x.paid_at, p_read_at
    from (select 1) o left join lateral (select l from jsonb_array_elements(coalesce(x.lines, '[]')) l where (l ->> 'is_base')::boolean limit 1) b on true
    on conflict (id) do update set number = excluded.number, status = excluded.status, subscription_id = coalesce(known.subscription_id, excluded.subscription_id),
      period_start = excluded.period_start, period_end = excluded.period_end, subtotal_cents = excluded.subtotal_cents, tax_cents = excluded.tax_cents,
      total_cents = excluded.total_cents, amount_due_cents = excluded.amount_due_cents, amount_paid_cents = excluded.amount_paid_cents,
      credited_cents = excluded.credited_cents, base_cents = excluded.base_cents, assets_cents = excluded.assets_cents,
      credits_cents = excluded.credits_cents, gainshare_cents = excluded.gainshare_cents, other_cents = excluded.other_cents,
      breakdown = excluded.breakdown, hosted_url = excluded.hosted_url, pdf_url = excluded.pdf_url, attempt_count = excluded.attempt_count,
      next_attempt_at = excluded.next_attempt_at, tax_status = excluded.tax_status, problem = excluded.problem, finalized_at = excluded.finalized_at,
      paid_at = excluded.paid_at, read_at = excluded.read_at, updated_at = now()
    returning * into i;
  -- A line that waited at Stripe has come to an invoice.
  update private.invoice_lines l set invoice_id = i.id from jsonb_array_elements(i.breakdown) b
    where l.id::text = b ->> 'line_id' and l.placed_at is not null and l.invoice_id is distinct from i.id;
  perform private.follow_invoice(i, old.status, old.attempt_count, old.credited_cents);
  return jsonb_build_object('status', 'applied', 'tenant_id', v_tenant_id, 'invoice_status', i.status);
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'malformed');
end $function$;
comment on function public.apply_invoice(jsonb,timestamp with time zone) is 'Brings an invoice to what Stripe said at that moment, and does once what follows: credits of a period that is paid, fees that are on an invoice, mails, findings. Status applied, older_look, not_ours or malformed.';

CREATE OR REPLACE FUNCTION public.apply_payment(p_event_id text, p_event_type text, p_purchase_id uuid, p_payment_intent_id text, p_status text, p_received_cents integer, p_tax_cents integer, p_currency text, p_failure_code text, p_refunds jsonb, p_disputes jsonb, p_code_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_before public.purchases;
  v_after public.purchases;
begin
  if not private.claim_event(p_event_id, p_event_type, p_payment_intent_id, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  if p_status = 'canceled' and exists (select from public.purchases
      where id = p_purchase_id and replaced_intent_id = p_payment_intent_id) then
    -- It made way for a page of Stripe's own.
    return private.finish_event(p_event_id, 'other_intent');
  end if;
  select * into v_before from public.purchases where id = p_purchase_id for update;
  if not found then
    return private.finish_event(p_event_id, 'not_ours');
  end if;
  if v_before.payment_intent_id is distinct from p_payment_intent_id
     and (v_before.payment_intent_id is not null or v_before.status = 'refused') then
    -- Another intent than the one that counts: its end is not the end of the purchase, and its money goes back.
    return private.finish_event(p_event_id, private.note_second_payment(v_before, p_payment_intent_id, p_status,
      p_received_cents, p_currency, p_refunds));
  end if;
  v_after := v_before;
  -- What was looked at so far may have been no payment of its own: this one is.
  if p_status = 'succeeded' and private.may_follow(v_before.status, 'succeeded')
     and (v_before.status <> 'review' or v_before.payment_intent_id is null) then
    v_after := private.receive_money(v_before, p_payment_intent_id, p_received_cents, p_tax_cents, p_currency, p_code_hash);
  end if;
  if p_status in ('processing', 'failed', 'canceled') and private.may_follow(v_after.status, p_status) then
    update public.purchases set status = p_status, updated_at = now(),
        failure_code = case when p_status = 'processing' then null else p_failure_code end
      where id = p_purchase_id returning * into v_after;
  end if;
  perform private.note_refunds(p_purchase_id, p_refunds);
  perform private.note_disputes(p_purchase_id, p_disputes);
  v_after := private.sum_money_back(v_after);
  -- Before the payment itself is known there is nothing to take: it is taken when the time is given.
  if v_after.status = 'succeeded' then
    perform private.settle_card(v_after);
  end if;
  return private.finish_event(p_event_id, case
      when v_after.status = 'review' then 'review'
      when row(v_after.status, v_after.refunded_cents, v_after.disputed_cents, v_after.lost_cents)
        is distinct from row(v_before.status, v_before.refunded_cents, v_before.disputed_cents, v_before.lost_cents)
        then 'applied'
      else 'already_applied' end,
    case when v_after.status = 'succeeded' then v_after.id end);
end $function$;
comment on function public.apply_payment(text,text,uuid,text,text,integer,integer,text,text,jsonb,jsonb,text) is 'Brings a purchase and its card to where Stripe says that its payment is, together with the row of the event that told of it; without an event, too. p_status: succeeded, processing, failed, canceled, or anything else for under way. p_refunds: all of them, as {id, amount_cents, status}, in the currency that was received; p_disputes as well. Answers applied, already_applied, duplicate_event, review (a person has to look), second_payment (of a purchase that another intent pays: it goes back), other_intent or not_ours.';

CREATE OR REPLACE FUNCTION public.apply_subscription(p_subscription jsonb, p_read_at timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  s record;
  v_tenant_id uuid;
  v_line text;
  v_zone text;
  v_hour int;
begin
  if jsonb_typeof(p_subscription) is distinct from 'object' or (isfinite(p_read_at) and p_read_at <= now() + interval '1 minute') is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select * into s from jsonb_to_record(p_subscription) as x (id text, customer text, plan_id text, status text, quantity int,
    current_period_start timestamptz, current_period_end timestamptz, cancel_at timestamptz, items jsonb, time_zone text, anchor_hour int,
    kept_plan_id text, kept_until timestamptz, trial_end timestamptz, ended_at timestamptz);
  select coalesce((select tenant_id from public.subscriptions where id = s.id),
    (select id from public.tenants where stripe_customer_id = s.customer)) into v_tenant_id;
  if v_tenant_id is null or s.plan_id is null then
    return jsonb_build_object('status', 'not_ours');
  end if;
  select line into v_line from public.plans where id = s.plan_id;
  if not found then
    return jsonb_build_object('status', 'unknown_plan');
  end if;
  -- Somebody may have written something else there by hand.
  if exists (select from pg_catalog.pg_timezone_names where name = s.time_zone) and s.anchor_hour between 0 and 12 then
    v_zone := s.time_zone;
    v_hour := s.anchor_hour;
  end if;
  -- A smaller plan begins with the next period: until then the one that was paid for holds.
  if (s.kept_until >= s.current_period_end and exists (select from public.plans where id = s.kept_plan_id and line = v_line)) is not true then
    s.kept_plan_id := null;
  end if;
  perform private.lock_account(v_tenant_id);
  perform from public.tenants where id = v_tenant_id for no key update;
  insert into public.subscriptions as known (id, tenant_id, plan_id, status, quantity, current_period_start, current_period_end,
      cancel_at, stripe_items, read_at, time_zone, anchor_hour, next_plan_id, trial_end, ended_at)
    values (s.id, v_tenant_id, coalesce(s.kept_plan_id, s.plan_id), s.status, s.quantity,
      private.local_moment(s.current_period_start, v_zone, v_hour), private.local_moment(s.current_period_end, v_zone, v_hour),
      private.local_moment(s.cancel_at, v_zone, v_hour), coalesce(s.items, '[]'), p_read_at, coalesce(v_zone, 'UTC'), v_hour,
      case when s.kept_plan_id is not null then s.plan_id end, private.local_moment(s.trial_end, v_zone, v_hour),
      private.local_moment(s.ended_at, v_zone, v_hour))
    on conflict (id) do update set plan_id = excluded.plan_id, status = excluded.status, quantity = excluded.quantity,
      current_period_start = excluded.current_period_start, current_period_end = excluded.current_period_end,
      cancel_at = excluded.cancel_at, stripe_items = excluded.stripe_items, read_at = excluded.read_at, time_zone = excluded.time_zone,
      anchor_hour = excluded.anchor_hour, next_plan_id = excluded.next_plan_id, trial_end = excluded.trial_end, ended_at = excluded.ended_at,
      updated_at = now()
      where known.read_at <= excluded.read_at;
  if not found then
    return jsonb_build_object('status', 'older_look');
  end if;
  if s.status in ('trialing', 'active', 'past_due') and exists (select from public.subscriptions o
      join public.plans p on p.id = o.plan_id and p.line = v_line
      where o.tenant_id = v_tenant_id and o.id <> s.id and o.status in ('trialing', 'active', 'past_due')) then
    perform public.note_finding('second_subscription', s.id,
      format('The tenant %s pays for two subscriptions of one line: cancel one of them at Stripe, and refund it.', v_tenant_id));
  end if;
  if s.status in ('trialing', 'active', 'past_due') and exists (select from public.tenants where id = v_tenant_id and closed_at is not null) then
    perform public.note_finding('subscription_of_closed_tenant', s.id,
      format('The tenant %s is closed and pays: cancel this subscription at Stripe, and refund it.', v_tenant_id));
  end if;
  -- Who is late with a payment keeps the plan until Stripe gives up.
  update public.tenants t set plan_id = n.plan_id
    from (select (select o.plan_id from public.subscriptions o join public.plans p on p.id = o.plan_id and p.line = 'time'
      where o.tenant_id = v_tenant_id and o.status in ('trialing', 'active', 'past_due')
      order by o.status = 'past_due', o.current_period_end desc nulls last, o.id limit 1) as plan_id) n
    where t.id = v_tenant_id and t.plan_id is distinct from n.plan_id;
  return jsonb_build_object('status', 'applied', 'tenant_id', v_tenant_id);
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'malformed');
end $function$;
comment on function public.apply_subscription(jsonb,timestamp with time zone) is 'Brings a subscription, and the plan of its tenant, to what Stripe said at that moment: {id, customer, plan_id, status, quantity, current_period_start, current_period_end, cancel_at, items, time_zone, anchor_hour, kept_plan_id, kept_until, trial_end, ended_at}. Status applied, older_look, not_ours, unknown_plan (its product is not in the catalogue) or malformed.';

CREATE OR REPLACE FUNCTION public.ask_for_help(p_user_id uuid, p_key text, p_about text, p_about_id uuid, p_message text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_request private.support_requests;
begin
  if (length(p_key) between 1 and 255 and length(p_message) between 1 and 2000) is not true then
    return jsonb_build_object('status', 'invalid_request');
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  -- Many at once get no more than one after the other.
  perform pg_advisory_xact_lock(hashtextextended(p_user_id::text, 12300));
  select * into v_request from private.support_requests where user_id = p_user_id and key = p_key;
  if found then
    return case when (v_request.about, v_request.about_id, v_request.message)
        is not distinct from (p_about, p_about_id, p_message)
      then jsonb_build_object('status', 'asked', 'replayed', true, 'request', private.describe_request(v_request))
      else jsonb_build_object('status', 'key_reused') end;
  elsif private.is_about_own(p_user_id, p_about, p_about_id) is not true then
    return jsonb_build_object('status', 'unknown_subject');
  elsif (select count(*) from private.support_requests
      where user_id = p_user_id and created_at > now() - interval '1 day') >= 5 then
    return jsonb_build_object('status', 'too_many_requests');
  end if;
  insert into private.support_requests (user_id, key, about, about_id, message)
    values (p_user_id, p_key, p_about, p_about_id, p_message) returning * into v_request;
  perform private.enqueue('notice', 'notice:support_request:' || v_request.id,
    jsonb_build_object('notice', 'support_request', 'request_id', v_request.id));
  return jsonb_build_object('status', 'asked', 'replayed', false, 'request', private.describe_request(v_request));
end $function$;
comment on function public.ask_for_help(uuid,text,text,uuid,text) is 'Somebody asks for help with a call, purchase or card of theirs, or with their account; five times a day. The same key asks once. Refuses with unknown_subject, too_many_requests, key_reused, unknown_user or invalid_request.';

CREATE OR REPLACE FUNCTION public.attach_checkout_session(p_purchase_id uuid, p_session_id text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_session_id text;
begin
  update public.purchases
    set checkout_session_id = coalesce(checkout_session_id, p_session_id), updated_at = now(),
        status = case when private.may_follow(status, 'awaiting_payment') then 'awaiting_payment' else status end
    where id = p_purchase_id and checkout_expires_at is not null
    returning checkout_session_id into v_session_id;
  return v_session_id;
end $function$;
comment on function public.attach_checkout_session(uuid,text) is 'Notes the page of a purchase, and answers the one that counts: the first one. Null where no page was chosen.';

CREATE OR REPLACE FUNCTION public.attach_payment_intent(p_purchase_id uuid, p_payment_intent_id text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.purchases
    set payment_intent_id = p_payment_intent_id, updated_at = now(),
        status = case when private.may_follow(status, 'awaiting_payment') and p_payment_intent_id is not null
          then 'awaiting_payment' else status end
    where id = p_purchase_id and (payment_intent_id is null or payment_intent_id = p_payment_intent_id)
      -- The intent of Stripe's own page is noted when it is paid; any other would be a second way to pay.
      and checkout_expires_at is null;
  return found;
end $function$;
comment on function public.attach_payment_intent(uuid,text) is 'Notes which intent pays a purchase; false when another one already does.';

CREATE OR REPLACE FUNCTION public.audit_figures()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object(
    'violations', (select coalesce(jsonb_object_agg(invariant, n), '{}')
      from (select invariant, count(*) as n from private.audit_violations group by invariant) v),
    'ran_seconds_ago', (select floor(extract(epoch from clock_timestamp() - ran_at))::bigint from private.audit_state),
    'round_seconds_ago', (select floor(extract(epoch from clock_timestamp() - min(completed_at)))::bigint
      from private.audit_progress having bool_and(completed_at is not null)))
$function$;
comment on function public.audit_figures() is 'What the audit has found and not seen mended, when it last ran, and when it had last asked everything; null: never.';

CREATE OR REPLACE FUNCTION public.audit_invariants()
 RETURNS TABLE(invariant text, subject text, detail text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select v.invariant, v.subject, v.detail from (
    values ('accounts', (select array_agg(id) from public.accounts)),
      ('cards', (select array_agg(id) from (select id from public.grants union select id from public.purchases) c)),
      ('events', null)) part (name, ids)
  cross join lateral private.audit_part(part.name, part.ids) v
$function$;
comment on function public.audit_invariants() is 'One row per violation of I1 to I7; none when all is well. Asks everything at once, which takes two minutes for a million calls: for a quiet hour, and by psql. The sidecar asks audit_some.';

CREATE OR REPLACE FUNCTION public.audit_some(p_milliseconds integer DEFAULT 1000)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_from timestamptz := clock_timestamp();
  v_for interval := make_interval(secs => greatest(1, least(p_milliseconds, 5000)) / 1000.0);
  v_more boolean := true;
  v_part text;
begin
  -- A run whose answer nobody waited for may still be at it: a second one beside it would only make both slower.
  if not pg_try_advisory_xact_lock(24, 1) then
    return jsonb_build_object('status', 'busy');
  end if;
  perform private.audit_and_keep('events', null);
  while v_more and clock_timestamp() < v_from + v_for / 2 loop
    v_more := private.audit_changes(500);
  end loop;
  -- A round is all accounts, then all cards: where the last run stopped, this one goes on.
  v_part := case when (select a.completed_at > coalesce(c.completed_at, '-infinity')
      from private.audit_progress a, private.audit_progress c where a.part = 'accounts' and c.part = 'cards')
    then 'cards' else 'accounts' end;
  loop
    if not private.audit_next(v_part, 100) then
      v_part := case v_part when 'accounts' then 'cards' end;
      exit when v_part is null;
    end if;
    exit when clock_timestamp() >= v_from + v_for;
  end loop;
  update private.audit_state set ran_at = clock_timestamp();
  return jsonb_build_object('status', case when v_part is null then 'complete' else 'more' end, 'violations',
    (select coalesce(jsonb_agg(jsonb_build_object('invariant', v.invariant, 'subject', v.subject, 'detail', v.detail)), '[]')
      from (select * from private.audit_violations where seen_at = now() limit 100) v));
end $function$;
comment on function public.audit_some(integer) is 'Audits for so many milliseconds: first what the ledger tells of since the last run, then everything in turn. Status complete (a whole round is done), more or busy (another run is at it), with what was found, at most 100.';

CREATE OR REPLACE FUNCTION public.beat_task(p_task_id uuid, p_epoch integer, p_seconds integer DEFAULT 60)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_agent_id uuid;
begin
  update public.brain_tasks set last_heartbeat_at = clock_timestamp(),
      lost_at = greatest(lost_at, clock_timestamp() + make_interval(secs => greatest(1, least(coalesce(p_seconds, 60), 3600))))
    where id = p_task_id and epoch = p_epoch and status = 'running' returning assigned_agent into v_agent_id;
  if not found then
    return jsonb_build_object('status', 'lost');
  end if;
  update public.autonomous_agents set last_heartbeat_at = clock_timestamp() where id = v_agent_id
    and coalesce(last_heartbeat_at < clock_timestamp() - interval '5 seconds', true);
  return jsonb_build_object('status', 'beating');
end $function$;
comment on function public.beat_task(uuid,integer,integer) is 'A worker says that it lives. Status beating, or lost: another one has the task, so stop.';

CREATE OR REPLACE FUNCTION public.begin_execution(p_key text, p_product_id uuid, p_user_id uuid DEFAULT NULL::uuid, p_tenant_id uuid DEFAULT NULL::uuid, p_agent_id uuid DEFAULT NULL::uuid, p_task_id uuid DEFAULT NULL::uuid, p_call_id uuid DEFAULT NULL::uuid, p_may_cost_micros bigint DEFAULT 0, p_lease_seconds integer DEFAULT 90, p_try boolean DEFAULT false)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_execution public.api_executions;
  v_product public.api_products;
  v_seller public.sellers;
  v_wallet uuid;
  v_price bigint;
  v_hold jsonb;
  v_id uuid := gen_random_uuid();
begin
  if (length(p_key) between 1 and 150 and p_lease_seconds between 1 and 600 and p_try is not null) is not true then
    return jsonb_build_object('status', 'malformed');
  -- Who buys for a tenant is its billing. In a call every member may use what is cheap enough not to be asked about.
  elsif p_user_id is not null and (p_tenant_id is not null and (private.role_in(p_user_id, p_tenant_id) in ('owner', 'billing')
        or p_call_id is not null and p_may_cost_micros <= 250000 and private.role_in(p_user_id, p_tenant_id) is not null) is not true
      or p_agent_id is not null and (select private.acts_for(p_user_id, a.user_id, a.tenant_id) from public.autonomous_agents a
        where a.id = p_agent_id) is not true) then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  v_wallet := case when p_agent_id is not null then private.wallet('agent', p_agent_id)
    when p_tenant_id is not null then private.wallet('tenant', p_tenant_id) else private.wallet('person', p_user_id) end;
  select * into v_execution from public.api_executions where key = p_key for update;
  if v_execution.id is not null then
    if v_execution.product_id <> p_product_id or v_execution.account_id is distinct from (case when not p_try then v_wallet end)
       or v_execution.user_id is distinct from p_user_id then
      return jsonb_build_object('status', 'key_reused');
    elsif v_execution.status <> 'running' then
      return private.describe_execution(v_execution, true);
    elsif v_execution.lease_until > clock_timestamp() then
      return jsonb_build_object('status', 'in_progress', 'execution_id', v_execution.id);
    end if;
    return private.describe_execution(private.end_execution(v_execution, 'lost', null, null, null, null), true);
  end if;
  select * into v_product from public.api_products where id = p_product_id;
  select * into v_seller from public.sellers where id = v_product.seller_id;
  if v_product.id is null or v_product.status = 'retired'
     or not p_try and (v_product.status <> 'active' or v_product.tenant_id is distinct from p_tenant_id and v_product.tenant_id is not null
       or v_seller.closed_at is not null)
     or p_try and (private.acts_for(p_user_id, v_seller.user_id, v_seller.tenant_id)) is not true then
    return jsonb_build_object('status', 'unknown_product');
  elsif v_wallet is null and not p_try then
    return jsonb_build_object('status', 'unknown_wallet');
  elsif p_tenant_id is not null and private.spend_refusal(p_tenant_id) is not null then
    return jsonb_build_object('status', 'spend_limit_reached', 'period', private.spend_refusal(p_tenant_id));
  end if;
  -- Who offers it tries it for nothing: no money moves to oneself.
  v_price := case when p_try then 0 else v_product.price_micros end;
  if (v_price <= p_may_cost_micros) is not true then
    return jsonb_build_object('status', 'confirm_price', 'price_micros', v_price);
  end if;
  if not p_try then
    v_hold := private.hold_micros(v_wallet, v_price, 'execution:' || v_id, v_product.seller_id, p_lease_seconds + 60,
      jsonb_build_object('execution_id', v_id, 'product_id', v_product.id));
    if v_hold ->> 'status' <> 'held' then
      return v_hold || jsonb_build_object('price_micros', v_price);
    end if;
  end if;
  -- Only who can pay takes a place of the minute.
  if not private.take_api_call(v_product.id, v_product.rate_per_minute) then
    if not p_try then
      perform private.release_micros((v_hold ->> 'hold_id')::uuid);
    end if;
    return jsonb_build_object('status', 'too_many_calls');
  end if;
  insert into public.api_executions (id, key, product_id, version, account_id, user_id, tenant_id, agent_id, task_id, call_id, hold_id,
      price_micros, lease_until)
    values (v_id, p_key, v_product.id, v_product.version, case when not p_try then v_wallet end, p_user_id, p_tenant_id, p_agent_id, p_task_id,
      p_call_id, (v_hold ->> 'hold_id')::uuid, v_price, clock_timestamp() + make_interval(secs => p_lease_seconds))
    on conflict (key) do nothing returning * into v_execution;
  if v_execution.id is null then
    -- Another one with this key began at the same moment, and what was held for this one is not needed.
    perform private.release_micros((v_hold ->> 'hold_id')::uuid);
    return jsonb_build_object('status', 'in_progress');
  end if;
  return jsonb_build_object('status', 'begun', 'execution_id', v_id, 'price_micros', v_price, 'product', private.describe_product(v_product),
    'secrets', (select coalesce(jsonb_object_agg(name, sealed), '{}') from private.api_secrets where product_id = v_product.id));
end $function$;
comment on function public.begin_execution(text,uuid,uuid,uuid,uuid,uuid,uuid,bigint,integer,boolean) is 'Holds the price of a call of a paid API, of the wallet of the agent, the tenant or the person, and answers begun with all that is needed to call it; a repeat of the key answers what became of it. Refuses with unknown_product, unknown_wallet, not_allowed, confirm_price (it costs more than it may), not_enough_money, too_many_calls, spend_limit_reached, in_progress, key_reused or malformed.';

CREATE OR REPLACE FUNCTION public.begin_machine_payment(p_user_id uuid, p_tenant_id uuid, p_secret_hash text, p_key text, p_package_id text, p_price jsonb, p_payment jsonb, p_call_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.begin_machine_payment(uuid,uuid,text,text,text,jsonb,jsonb,uuid) is 'Before anything is taken: binds a payment to the order of this key, for good. settle: it is the caller''s to settle, within a minute. known: the order as it stands, and nothing is to be taken. Refuses with payment_used (it pays another order), key_reused, unknown_package, unknown_buyer, invalid_payment, call_settled, unknown_call or spend_cap_reached.';

CREATE OR REPLACE FUNCTION public.begin_operator_refund(p_purchase_id uuid, p_operator_id uuid, p_amount_cents integer, p_reason text, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.begin_operator_refund(uuid,uuid,integer,text,text) is 'Notes a refund before Stripe is asked for it; without an amount, of all that is left. The same key answers the same refund. Refuses with invalid_refund, not_an_operator, unknown_purchase, own_purchase, key_reused, not_paid or not_so_much_left.';

CREATE OR REPLACE FUNCTION public.begin_paid_call(p_user_id uuid, p_tenant_id uuid, p_secret_hash text, p_call_id uuid, p_max_cents integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_buyer_id uuid := private.machine_buyer(p_user_id, p_tenant_id, p_secret_hash, true);
  v_call public.paid_calls;
begin
  if v_buyer_id is null then
    return jsonb_build_object('status', 'unknown_buyer');
  elsif p_call_id is null or p_max_cents <= 0 then
    return jsonb_build_object('status', 'unknown_call');
  end if;
  insert into public.paid_calls (id, account_id, user_id, tenant_id, max_cents)
    values (p_call_id, coalesce(p_tenant_id, v_buyer_id), v_buyer_id, p_tenant_id, p_max_cents) on conflict do nothing;
  select * into v_call from public.paid_calls where id = p_call_id and account_id = coalesce(p_tenant_id, v_buyer_id);
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  end if;
  return jsonb_build_object('status', 'begun', 'call', private.paid_call_seen(v_call));
end $function$;
comment on function public.begin_paid_call(uuid,uuid,text,uuid,integer) is 'Notes a call that is going to be paid for, with the most that its payer wants to pay; the first time counts.';

CREATE OR REPLACE FUNCTION public.begin_payment_verification(p_tenant_id uuid, p_key text, p_request_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.begin_payment_verification(uuid,text,text) is 'Whether a tenant may have a payment verified. Status begun, known with the verdict that will not change, key_reused for another request under the same key, unknown_tenant or spend_limit.';

CREATE OR REPLACE FUNCTION public.begin_purchase(p_user_id uuid, p_package_id text, p_purpose text, p_key text, p_message text DEFAULT NULL::text, p_recipient_name text DEFAULT NULL::text, p_gift_email text DEFAULT NULL::text, p_deliver_on date DEFAULT NULL::date, p_time_zone text DEFAULT NULL::text, p_tenant_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.begin_purchase(uuid,text,text,text,text,text,text,date,text,uuid) is 'Begins a purchase at today''s price, or answers the one that this key began. A gift may carry words, and go to an address on a day; a tenant buys for itself. Refuses with unknown_package, unknown_user, invalid_delivery, key_reused or not_allowed.';

CREATE OR REPLACE FUNCTION public.begin_task(p_task_id uuid, p_seconds integer DEFAULT 60)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  t public.brain_tasks;
  a public.autonomous_agents;
begin
  select g.* into a from public.brain_tasks b join public.autonomous_agents g on g.id = b.assigned_agent
    where b.id = p_task_id for update of g;
  select * into t from public.brain_tasks where id = p_task_id for update;
  if t.id is null then
    return jsonb_build_object('status', 'unknown_task');
  elsif t.ended_at is not null then
    return jsonb_build_object('status', 'ended');
  elsif t.status = 'running' and t.lost_at > clock_timestamp() then
    return jsonb_build_object('status', 'under_way');
  elsif t.due_at > clock_timestamp() then
    return jsonb_build_object('status', 'not_due');
  elsif a.retired_at is not null or a.status = 'maintenance' then
    -- Deleted, or taken out, before its task began: somebody else may do it.
    perform private.end_task(t, a, 'canceled', 0, null, 'its agent does not work any more');
    return jsonb_build_object('status', 'ended');
  elsif t.attempts >= t.max_attempts then
    perform private.end_task(t, a, 'failed', 0, null, coalesce(t.error, 'its workers were lost'));
    return jsonb_build_object('status', 'ended');
  end if;
  update public.brain_tasks set status = 'running', epoch = epoch + 1, attempts = attempts + 1,
      started_at = coalesce(started_at, clock_timestamp()), last_heartbeat_at = clock_timestamp(), updated_at = now(),
      lost_at = clock_timestamp() + make_interval(secs => greatest(1, least(coalesce(p_seconds, 60), 3600)))
    where id = t.id returning * into t;
  update public.autonomous_agents set last_heartbeat_at = clock_timestamp(), last_active_at = clock_timestamp() where id = a.id;
  return jsonb_build_object('status', 'begun', 'task', jsonb_build_object('id', t.id, 'epoch', t.epoch, 'attempt', t.attempts,
    'task_type', t.task_type, 'agent_id', a.id, 'agent_type', a.agent_type, 'user_id', a.user_id, 'tenant_id', a.tenant_id,
    'target_api_id', t.target_api_id, 'quantity', t.quantity, 'input', t.input, 'reserved_micros', t.reserved_micros,
    'is_simulation', t.is_simulation));
end $function$;
comment on function public.begin_task(uuid,integer) is 'Takes a task up for so many seconds, which heartbeats prolong. Status begun (with the task and its epoch), under_way, not_due, ended or unknown_task.';

CREATE OR REPLACE FUNCTION public.begin_tool_call(p_id uuid, p_user_id uuid, p_tenant_id uuid, p_tool text, p_server text, p_seconds integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_limit int;
  v_period text;
  -- A moment that is known: an index is no help against a clock that goes on.
  v_since timestamptz := clock_timestamp() - interval '1 minute';
begin
  if exists (select from private.tool_calls where id = p_id and user_id = p_user_id) then
    -- Asked again, because the answer was lost: it has begun.
    return jsonb_build_object('status', 'begun');
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  elsif p_tenant_id is not null
      and not exists (select from public.tenant_members m join public.tenants t on t.id = m.tenant_id and t.closed_at is null
        where m.tenant_id = p_tenant_id and m.user_id = p_user_id) then
    return jsonb_build_object('status', 'not_a_member');
  end if;
  v_period := private.spend_refusal(p_tenant_id);
  if v_period is not null then
    return jsonb_build_object('status', 'spend_limit', 'period', v_period);
  end if;
  if p_tenant_id is not null then
    -- One after the other, so that of many at once no more begin than the plan allows.
    perform pg_advisory_xact_lock(hashtextextended(p_tenant_id::text, 21090));
    select p.requests_per_minute into v_limit from public.tenants t join public.plans p on p.id = t.plan_id where t.id = p_tenant_id;
    if (select count(*) from (
        (select from private.tool_calls c where c.tenant_id = p_tenant_id and c.begun_at > v_since limit v_limit)
        union all
        (select from public.usage_events u where u.tenant_id = p_tenant_id and u.occurred_at > v_since
          and u.kind = 'tool_call' and u.key like 'tool:%' limit v_limit)) x) >= v_limit then
      return jsonb_build_object('status', 'too_many_requests');
    end if;
  end if;
  insert into private.tool_calls (id, user_id, tenant_id, tool, server, lost_at)
    values (p_id, p_user_id, p_tenant_id, p_tool, p_server,
      clock_timestamp() + make_interval(secs => greatest(1, least(coalesce(p_seconds, 60), 86400))))
    on conflict (id) do nothing;
  return jsonb_build_object('status', 'begun');
end $function$;
comment on function public.begin_tool_call(uuid,uuid,uuid,text,text,integer) is 'Writes down that a tool begins for a person, or a member of a tenant that pays. Without a word of its end within so many seconds it counts as unfinished. Status begun, unknown_user, not_a_member, spend_limit or too_many_requests (of the tenant''s plan).';

CREATE OR REPLACE FUNCTION public.begin_tool_job(p_id uuid, p_user_id uuid, p_tenant_id uuid, p_tool text, p_server text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_answer jsonb := public.begin_tool_call(p_id, p_user_id, p_tenant_id, p_tool, p_server, 86400);
begin
  if v_answer ->> 'status' = 'begun' then
    perform private.enqueue('tool_job', 'tool_job:' || p_id, jsonb_build_object('id', p_id, 'user_id', p_user_id, 'tool', p_tool));
  end if;
  return v_answer;
end $function$;
comment on function public.begin_tool_job(uuid,uuid,uuid,text,text) is 'Begins a tool that takes long: a job of the queue, which tells of its end by end_tool_call. Statuses as begin_tool_call.';

CREATE OR REPLACE FUNCTION public.board_calls(p_from timestamp with time zone, p_to timestamp with time zone, p_order text, p_version text DEFAULT NULL::text, p_limit integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('call_id', c.id, 'user_id', c.user_id, 'opened_at', private.utc_text(c.opened_at),
      'charged_seconds', c.charged_seconds, 'turns', c.turns, 'interruptions', c.interruptions, 'errors', c.errors,
      'latency_p50_ms', c.latency_p50_ms, 'latency_p95_ms', c.latency_p95_ms, 'quality', c.quality, 'end_reason', c.end_reason,
      'version', c.measures ->> 'version') order by c.place, c.id), '[]')
  from (
    select *, row_number() over (order by case p_order when 'slow' then -latency_p95_ms when 'errors' then -errors
        when 'interrupted' then -interruptions when 'quality' then quality end nulls last, opened_at) as place
    from public.calls
    where opened_at >= p_from and opened_at < p_to and p_to - p_from <= interval '32 days' and status = 'settled'
      and (p_version is null or coalesce(measures ->> 'version', '') = p_version)
    order by place limit greatest(1, least(coalesce(p_limit, 50), 200))) c
$function$;
comment on function public.board_calls(timestamp with time zone,timestamp with time zone,text,text,integer) is 'The calls behind a figure: of a range of 32 days at most, worst first by p_order slow, errors, interrupted or quality.';

CREATE OR REPLACE FUNCTION public.board_disputes(p_status text, p_limit integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('dispute_id', d.id, 'status', d.status, 'reason', d.reason,
      'amount_cents', d.amount_cents, 'currency', private.money_currency(p), 'created_at', private.utc_text(d.created_at),
      'purchase_id', p.id, 'user_id', p.user_id, 'email', u.email, 'package_id', p.package_id,
      'paid_at', private.utc_text(p.created_at), 'payment_intent_id', p.payment_intent_id,
      -- What speaks against it: that the time was given, and used, and when.
      'evidence', jsonb_build_object('sold_seconds', p.paid_seconds + p.bonus_seconds,
        'used_seconds', coalesce(-e.seconds, 0), 'calls', coalesce(e.calls, 0),
        'first_used_at', private.utc_text(e.first_at), 'last_used_at', private.utc_text(e.last_at),
        'frozen_seconds', g.frozen, 'activated_at', private.utc_text(g.activated_at))) order by d.created_at desc, d.id), '[]')
  from (select * from public.payment_disputes where p_status is null or status = p_status
    order by created_at desc, id limit greatest(1, least(coalesce(p_limit, 100), 500))) d
  join public.purchases p on p.id = d.purchase_id left join public.users u on u.id = p.user_id
  left join public.grants g on g.id = p.id
  left join lateral (select sum(l.amount) as seconds, count(distinct l.call_id) as calls, min(c.opened_at) as first_at, max(c.opened_at) as last_at
    from public.grants o join public.ledger l on l.grant_id = o.id and l.reason = 'use' left join public.calls c on c.id = l.call_id
    where o.id = p.id or o.part_of = p.id) e on true
$function$;
comment on function public.board_disputes(text,integer) is 'Disputes, newest first, with what the books know that speaks against them.';

CREATE OR REPLACE FUNCTION public.board_money(p_from timestamp with time zone, p_to timestamp with time zone, p_step text, p_zone text, p_basis text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  basis as (select case p_basis when 'happened' then 'happened' else 'booked' end as name),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail t, private.figures_of_money(t.changes) f),
  fresh_fees as materialized (select f.* from tail t, private.figures_of_events('{}', '{}', t.since, null) f where f.kind = 'fee'),
  sums as materialized (
    select s.name, f.currency, f.package_id, f.way, sum(s.sign * f.purchases) as purchases, sum(s.sign * f.declined) as declined,
      sum(s.sign * f.sold_seconds) as sold_seconds, sum(s.sign * f.received_cents) as received_cents, sum(s.sign * f.tax_cents) as tax_cents,
      sum(s.sign * f.refunded_cents) as refunded_cents, sum(s.sign * f.lost_cents) as lost_cents
    from (
      select s.name, s.sign, s.grain, s.since, s.until from steps s
      union all select w.name, 1, 'fresh', w.step, w.step_end from whole w, (select min(at) as first_at, max(at) as last_at from fresh) t
        where w.step_end > t.first_at and w.step <= t.last_at) s, basis b
    cross join lateral (
      select m.currency, m.package_id, m.way, m.purchases, m.declined, m.sold_seconds, m.received_cents, m.tax_cents,
          m.refunded_cents, m.lost_cents from private.money_figures m
        where m.grain = s.grain and m.basis = b.name and m.at >= s.since and m.at < s.until
      union all
      select m.currency, m.package_id, m.way, m.purchases, m.declined, m.sold_seconds, m.received_cents, m.tax_cents,
          m.refunded_cents, m.lost_cents from fresh m
        where s.grain = 'fresh' and m.basis = b.name and m.at >= s.since and m.at < s.until) f
    group by s.name, f.currency, f.package_id, f.way),
  by_step as (
    select name as step, currency, sum(purchases) as purchases, sum(declined) as declined, sum(received_cents) as received_cents,
      sum(tax_cents) as tax_cents, sum(refunded_cents) as refunded_cents, sum(lost_cents) as lost_cents,
      sum(sold_seconds) as sold_seconds
    from sums group by name, currency having sum(purchases) <> 0 or sum(received_cents) <> 0 or sum(declined) <> 0
      or sum(refunded_cents) <> 0 or sum(lost_cents) <> 0 or sum(tax_cents) <> 0 or sum(sold_seconds) <> 0),
  by_package as (
    select currency, package_id, way, sum(purchases) as purchases, sum(received_cents) as received_cents,
      sum(refunded_cents + lost_cents) as returned_cents, sum(sold_seconds) as sold_seconds, sum(declined) as declined
    from sums group by currency, package_id, way having sum(purchases) <> 0 or sum(received_cents) <> 0 or sum(declined) <> 0
      or sum(refunded_cents + lost_cents) <> 0),
  fees as (
    select name as step, version as currency, fee as fee_currency, sum(events) as payments, sum(total) as fee_cents from (
      select s.name, f.version, f.name as fee, s.sign * f.events as events, s.sign * f.total as total from steps s
        cross join lateral (select e.name, e.version, e.events, e.total from private.event_figures e
          where e.grain = s.grain and e.kind = 'fee' and e.at >= s.since and e.at < s.until offset 0) f
      union all
      select w.name, f.version, f.name, f.events, f.total from whole w join fresh_fees f on f.at >= w.step and f.at < w.step_end) f
    group by name, version, fee having sum(events) <> 0)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'money', (select coalesce(jsonb_agg(to_jsonb(m) order by step, currency), '[]') from by_step m),
    'fees', (select coalesce(jsonb_agg(to_jsonb(f) order by step, currency, fee_currency), '[]') from fees f),
    'packages', (select coalesce(jsonb_agg(to_jsonb(p) order by currency, received_cents desc, package_id, way), '[]') from by_package p)));
end $function$;
comment on function public.board_money(timestamp with time zone,timestamp with time zone,text,text,text) is 'Money by step and currency, and by package, booked then or (p_basis happened) about sales of then; and what Stripe keeps of payments of then, as far as that is known. p_step: hour, day, week or month in the time zone p_zone.';

CREATE OR REPLACE FUNCTION public.board_now(p_limit integer DEFAULT 200)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with live as materialized (
    select h.id, h.account_id, h.amount, h.used_ms, h.restored_ms, h.lease_expires_at, h.renewals, c.opened_at, c.worker_id, c.room_name
    from public.holds h join public.calls c on c.id = h.id
    order by c.opened_at limit greatest(1, least(coalesce(p_limit, 200), 500))),
  tail as materialized (select * from private.tail()),
  providers as materialized (
    select provider, sum(calls) as calls, sum(failing_calls) as failing_calls, sum(failures) as failures from (
      select provider, calls, failing_calls, failures from private.provider_figures
        where grain = 'hour' and at >= private.hour_of(now() - interval '1 hour')
      union all select f.provider, f.calls, f.failing_calls, f.failures from tail, private.figures_of_providers(tail.calls) f
        where f.at >= private.hour_of(now() - interval '1 hour')) f
    group by provider)
  select jsonb_build_object(
    'at', private.utc_text(now()),
    'live_calls', (select count(*) from public.holds),
    'calls', (select coalesce(jsonb_agg(jsonb_build_object('call_id', l.id, 'user_id', l.account_id, 'email', u.email,
        'opened_at', private.utc_text(l.opened_at), 'used_seconds', l.used_ms / 1000,
        'restored_seconds', l.restored_ms / 1000,
        'left_seconds', a.balance - (l.used_ms - l.restored_ms) / 1000 - coalesce(o.amount, 0),
        'lease_ends_at', private.utc_text(l.lease_expires_at), 'is_silent', l.lease_expires_at < now()) order by l.opened_at, l.id), '[]')
      from live l join public.accounts a on a.id = l.account_id left join public.users u on u.id = l.account_id
      -- What other calls of the same person hold is not this one's.
      left join lateral (select sum(h.amount - h.restored_ms / 1000) as amount from public.holds h
        where h.account_id = l.account_id and h.id <> l.id) o on true),
    'workers', (select coalesce(jsonb_agg(jsonb_build_object('worker_id', w.id, 'name', w.name, 'release', w.release,
        'state', w.state, 'is_silent', private.is_silent(w), 'calls', w.calls, 'seats', w.seats, 'load_percent', w.load_percent,
        'started_at', private.utc_text(w.started_at), 'reported_seconds_ago', floor(extract(epoch from now() - w.reported_at))::int)
        order by w.name, w.id), '[]') from private.workers w),
    'providers', (select coalesce(jsonb_agg(to_jsonb(p) order by failures desc, provider), '[]') from providers p),
    'jobs', (select coalesce(jsonb_agg(to_jsonb(j) order by j.kind), '[]') from public.job_figures() j),
    'given_up', public.list_given_up_jobs(50),
    'alarms', (select coalesce(jsonb_agg(to_jsonb(a) order by a.alarm), '[]') from private.alarms() a))
$function$;
comment on function public.board_now(integer) is 'Live calls (the oldest so many) with what is left to each; workers by what they last told of themselves; providers by the calls of this hour and the last; what is owed to the world, and the latest 50 jobs that were given up; and what waits for a person.';

CREATE OR REPLACE FUNCTION public.board_people(p_from timestamp with time zone, p_to timestamp with time zone, p_step text, p_zone text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (
    select distinct name, step, step_end, (step at time zone 'utc')::date as first_day,
      greatest((step at time zone 'utc')::date + 1, (step_end at time zone 'utc')::date) as last_day from steps),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail, private.figures_of_activity(tail.calls) f),
  fresh_people as materialized (select f.* from tail, private.figures_of_people(tail.since, null) f),
  signed_up as (
    select name as step, sum(people) as people from (
      select s.name, s.sign * f.people as people from steps s cross join lateral (select people from private.people_figures p
        where p.grain = s.grain and p.at >= s.since and p.at < s.until offset 0) f
      union all
      select w.name, f.people from whole w join fresh_people f on f.at >= w.step and f.at < w.step_end) p
    group by name having sum(people) <> 0),
  active as materialized (
    select w.name as step, coalesce(sum(a.people), 0) as people,
      coalesce(sum(a.people) filter (where a.previous_day > '-infinity'), 0) as "returning"
    from (select name, first_day, last_day from whole
      union all select null, min(first_day), max(last_day) from whole) w
    cross join lateral (
      select people, previous_day from private.active_people
        where day >= w.first_day and day < w.last_day and previous_day < w.first_day
      union all select people, previous_day from fresh
        where day >= w.first_day and day < w.last_day and previous_day < w.first_day) a
    group by w.name)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'new', (select coalesce(jsonb_agg(to_jsonb(s) order by step), '[]') from signed_up s),
    'active', (select coalesce(jsonb_agg(to_jsonb(a) order by step), '[]') from active a where step is not null),
    'in_range', (select jsonb_build_object('active', coalesce(sum(people), 0), 'returning', coalesce(sum(a."returning"), 0))
      from active a where step is null)));
end $function$;
comment on function public.board_people(timestamp with time zone,timestamp with time zone,text,text) is 'Who signed up, who had a call (once per person and step, and once in the whole range) and whose first one was before it.';

CREATE OR REPLACE FUNCTION public.board_person(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object(
    'person', jsonb_build_object('user_id', u.id, 'email', u.email, 'display_name', u.display_name, 'role', u.role,
      'stripe_customer_id', u.stripe_customer_id, 'created_at', private.utc_text(u.created_at),
      'frozen_at', private.utc_text(u.frozen_at), 'deleted_at', private.utc_text(u.deleted_at)),
    'account', (select jsonb_build_object('balance_seconds', t.balance_seconds, 'held_seconds', t.held_seconds,
      'debt_seconds', t.debt_seconds, 'live_calls', t.live_calls) from public.time_accounts t where t.user_id = u.id),
    'auto_top_up', public.read_auto_top_up(u.id),
    'cards', (select coalesce(jsonb_agg(jsonb_build_object('card_id', g.id, 'source', g.source, 'status', g.status,
        'package_id', g.package_id, 'seconds', g.paid + g.bonus, 'remaining_seconds', g.remaining, 'frozen_seconds', g.frozen,
        'is_given_away', g.account_id is distinct from u.id, 'expires_at', private.utc_text(g.expires_at),
        'created_at', private.utc_text(g.created_at)) order by g.created_at desc, g.id), '[]')
      from (select * from public.grants where account_id = u.id
        union select * from public.grants where purchaser_id = u.id and source = 'gift'
        order by created_at desc limit 50) g),
    'calls', (select coalesce(jsonb_agg(jsonb_build_object('call_id', c.id, 'status', c.status, 'opened_at', private.utc_text(c.opened_at),
        'ended_at', private.utc_text(c.ended_at), 'end_reason', c.end_reason, 'charged_seconds', c.charged_seconds,
        'latency_p95_ms', c.latency_p95_ms, 'quality', c.quality, 'errors', c.errors) order by c.opened_at desc), '[]')
      from (select * from public.calls where user_id = u.id order by opened_at desc limit 25) c),
    'purchases', (select coalesce(jsonb_agg(jsonb_build_object('purchase_id', p.id, 'package_id', p.package_id, 'purpose', p.purpose,
        'status', p.status, 'currency', private.money_currency(p), 'amount_cents', p.amount_cents, 'received_cents', p.received_cents,
        'refunded_cents', p.refunded_cents, 'disputed_cents', p.disputed_cents, 'lost_cents', p.lost_cents,
        'review_reason', p.review_reason, 'failure_code', p.failure_code, 'payment_intent_id', p.payment_intent_id,
        'created_at', private.utc_text(p.created_at)) order by p.created_at desc), '[]')
      from (select * from public.purchases where user_id = u.id order by created_at desc limit 50) p),
    'acts', (select coalesce(jsonb_agg(jsonb_build_object('at', private.utc_text(a.at), 'operator_email', o.email,
        'operator_id', a.operator_id, 'act', a.act, 'subject', a.subject, 'reason', a.reason) order by a.at desc), '[]')
      from (
        select created_at as at, operator_id, act, subject, reason from public.operator_acts
          -- One array, so that each is looked up: an or of subqueries reads all that operators ever did.
          where subject = any (array[u.id::text]
            || array(select id::text from public.purchases where user_id = u.id order by created_at desc limit 1000)
            || array(select id::text from public.calls where user_id = u.id order by opened_at desc limit 100))
        union all select w.created_at, w.operator_id, 'goodwill', u.id::text, w.reason
          from public.grants g join public.goodwill_grants w on w.card_id = g.id where g.account_id = u.id
        order by at desc limit 50) a
      left join public.users o on o.id = a.operator_id))
  from public.users u where u.id = p_user_id
$function$;
comment on function public.board_person(uuid) is 'All about a person that operators see: account, cards (given ones, too), the latest calls and purchases, automatic top-up, and what operators did. Null where there is nobody. What the person told is not in it.';

CREATE OR REPLACE FUNCTION public.board_requests(p_from timestamp with time zone, p_to timestamp with time zone, p_about text DEFAULT NULL::text, p_version text DEFAULT NULL::text, p_provider text DEFAULT NULL::text, p_limit integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(private.request_for_operators(r) order by r.created_at desc, r.id desc), '[]')
  from (select * from private.support_requests q where created_at >= p_from and created_at < p_to
      and (p_about is null or about = p_about) and (p_version is null or about = 'call' and version = p_version)
      and (p_provider is null or p_provider = any (providers))
    order by created_at desc, id desc limit greatest(1, least(coalesce(p_limit, 50), 200))) r
$function$;
comment on function public.board_requests(timestamp with time zone,timestamp with time zone,text,text,text,integer) is 'The requests behind a figure: of a range, newest first; about something, or about calls of a version, or that used a provider.';

CREATE OR REPLACE FUNCTION public.board_retention(p_months integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with since as materialized (select (date_trunc('month', now() at time zone 'utc')
      - make_interval(months => least(greatest(coalesce(p_months, 12), 1), 36) - 1))::date as month),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail, private.figures_of_activity(tail.calls) f),
  fresh_people as materialized (select f.* from tail, private.figures_of_people(tail.since, null) f),
  months as (
    select cohort, date_trunc('month', day::timestamp)::date as month, sum(people) as people from (
      select a.cohort, a.day, a.people from private.active_people a, since where a.day >= since.month
        and a.previous_day < date_trunc('month', a.day::timestamp)::date
      union all
      select a.cohort, a.day, a.people from fresh a, since
        where a.day >= since.month and a.previous_day < date_trunc('month', a.day::timestamp)::date) a, since
    where a.cohort >= since.month group by 1, 2),
  by_cohort as (
    select cohort, jsonb_agg(jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'people', people) order by month) as active
    from months where people <> 0 group by cohort),
  cohorts as (
    select date_trunc('month', f.at at time zone 'utc')::date as cohort, sum(people) as people from (
      select at, people from private.people_figures, since where grain = 'day' and at >= since.month::timestamp at time zone 'utc'
      union all select at, people from fresh_people) f group by 1)
  select coalesce(jsonb_agg(jsonb_build_object('month', to_char(c.cohort, 'YYYY-MM'), 'people', c.people,
      'active', coalesce(b.active, '[]')) order by c.cohort), '[]')
  from since cross join cohorts c left join by_cohort b on b.cohort = c.cohort where c.cohort >= since.month
$function$;
comment on function public.board_retention(integer) is 'Of who signed up in each of the last months, how many had a call in each month since.';

CREATE OR REPLACE FUNCTION public.board_support(p_from timestamp with time zone, p_to timestamp with time zone, p_step text, p_zone text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  tail as materialized (select * from private.tail()),
  events as materialized (
    select s.step, f.kind, f.name, f.version, s.sign * f.events as events, s.sign * f.total as total from steps s
      cross join (values ('rating'), ('request'), ('request_provider'), ('answer')) k (kind)
      cross join lateral (select e.kind, e.name, e.version, e.events, e.total from private.event_figures e
        where e.grain = s.grain and e.kind = k.kind and e.at >= s.since and e.at < s.until offset 0) f
    union all
    select w.step, f.kind, f.name, f.version, f.events, f.total from tail t
      cross join lateral private.figures_of_events('{}', '{}', t.since, null) f join whole w on f.at >= w.step and f.at < w.step_end),
  calls as materialized (
    select s.step, f.version, s.sign * f.calls as calls, s.sign * f.turns as turns, s.sign * f.errors as errors from steps s
      cross join lateral (select c.version, c.calls, c.turns, c.errors from private.call_figures c
        where c.grain = s.grain and c.at >= s.since and c.at < s.until offset 0) f
    union all
    select w.step, f.version, f.calls, f.turns, f.errors from tail t
      cross join lateral private.figures_of_calls(t.calls) f join whole w on f.at >= w.step and f.at < w.step_end),
  providers as (
    select provider, sum(calls) as calls, sum(failing_calls) as failing_calls, sum(failures) as failures from (
      select f.provider, s.sign * f.calls as calls, s.sign * f.failing_calls as failing_calls, s.sign * f.failures as failures from steps s
        cross join lateral (select p.provider, p.calls, p.failing_calls, p.failures from private.provider_figures p
          where p.grain = s.grain and p.at >= s.since and p.at < s.until offset 0) f
      union all
      select f.provider, f.calls, f.failing_calls, f.failures from tail t
        cross join lateral private.figures_of_providers(t.calls) f join whole w on f.at >= w.step and f.at < w.step_end) p
    group by provider),
  requests_of_provider as (select name as provider, sum(events) as requests from events where kind = 'request_provider' group by name),
  by_provider as (
    select provider, coalesce(p.calls, 0) as calls, coalesce(p.failing_calls, 0) as failing_calls, coalesce(p.failures, 0) as failures,
      coalesce(r.requests, 0) as requests
    from providers p full join requests_of_provider r using (provider) where coalesce(p.calls, 0) <> 0 or coalesce(r.requests, 0) <> 0),
  requests_of_version as (
    select version, coalesce(sum(events) filter (where kind = 'request'), 0) as requests,
      coalesce(sum(events) filter (where kind = 'rating'), 0) as ratings, coalesce(sum(total) filter (where kind = 'rating'), 0) as stars
    from events where kind = 'rating' or kind = 'request' and name = 'call' group by version),
  by_version as (
    select version, coalesce(c.calls, 0) as calls, coalesce(c.turns, 0) as turns, coalesce(c.errors, 0) as errors,
      coalesce(r.requests, 0) as requests, coalesce(r.ratings, 0) as ratings, coalesce(r.stars, 0) as stars
    from (select version, sum(calls) as calls, sum(turns) as turns, sum(errors) as errors from calls group by version) c
    full join requests_of_version r using (version) where coalesce(c.calls, 0) <> 0 or coalesce(r.requests, 0) <> 0 or coalesce(r.ratings, 0) <> 0),
  by_step as (
    select w.name as step, w.step as at, coalesce(e.requests, 0) as requests, coalesce(e.answered, 0) as answered,
      coalesce(e.ratings, 0) as ratings, coalesce(e.stars, 0) as stars, coalesce(c.calls, 0) as calls, coalesce(c.errors, 0) as errors
    from whole w
    left join (select step, sum(events) filter (where kind = 'request') as requests, sum(events) filter (where kind = 'answer') as answered,
      sum(events) filter (where kind = 'rating') as ratings, sum(total) filter (where kind = 'rating') as stars from events group by step) e
      on e.step = w.step
    left join (select step, sum(calls) as calls, sum(errors) as errors from calls group by step) c on c.step = w.step),
  slots as (
    select name, sum(events) as events, sum(total) as seconds, sum(sum(events)) over (order by name) as upto, sum(sum(events)) over () as all_of_them
    from events where kind = 'answer' group by name having sum(events) > 0)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'open', (select count(*) from private.support_requests where status = 'open'),
    'longest_waiting_seconds', (select floor(extract(epoch from now() - min(created_at)))::bigint
      from private.support_requests where status = 'open'),
    'requests', (select coalesce(sum(requests), 0) from by_step), 'answered', (select coalesce(sum(answered), 0) from by_step),
    'answer_seconds', (select coalesce(jsonb_object_agg(q.name, round(s.seconds / s.events)), '{}')
      from (values ('p50', 0.5), ('p95', 0.95), ('p99', 0.99)) q (name, share)
      join slots s on s.upto >= q.share * s.all_of_them and s.upto - s.events < q.share * s.all_of_them),
    'by_step', (select coalesce(jsonb_agg(to_jsonb(b) - 'at' order by b.at), '[]') from by_step b),
    'by_about', (select coalesce(jsonb_agg(jsonb_build_object('about', name, 'requests', requests) order by requests desc, name), '[]')
      from (select name, sum(events) as requests from events where kind = 'request' group by name having sum(events) <> 0) a),
    'by_version', (select coalesce(jsonb_agg(to_jsonb(b) order by b.version), '[]') from by_version b),
    'by_provider', (select coalesce(jsonb_agg(to_jsonb(b) order by b.requests desc, b.provider), '[]') from by_provider b)));
end $function$;
comment on function public.board_support(timestamp with time zone,timestamp with time zone,text,text) is 'Requests for help by when they were asked, how soon they were answered (percentiles within 15 %), and for the releases and providers of the calls that they are about how many there were beside calls, failures and ratings of these.';

CREATE OR REPLACE FUNCTION public.board_time(p_from timestamp with time zone, p_to timestamp with time zone, p_step text, p_zone text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  bounds as materialized (select max(step_end) as last_at, date_trunc('day', max(step_end), 'utc') as last_day,
    date_trunc('month', max(step_end), 'utc') as last_month from whole),
  tail as materialized (select * from private.tail()),
  fresh as materialized (select f.* from tail, private.figures_of_time(tail.entries) f),
  fresh_calls as materialized (select f.* from tail, private.figures_of_calls(tail.calls) f),
  fresh_earnings as materialized (
    select f.* from tail, private.figures_of_earnings(tail.entries, tail.changes, tail.since, null) f),
  seconds as (
    select s.name, f.reason, f.source, s.sign * f.seconds as seconds from steps s cross join lateral (
      select reason, source, seconds from private.time_figures t
        where t.grain = s.grain and t.at >= s.since and t.at < s.until offset 0) f
    union all
    select w.name, f.reason, f.source, f.seconds from whole w join fresh f on f.at >= w.step and f.at < w.step_end),
  times as (
    select name as step, coalesce(sum(seconds) filter (where reason = 'grant'), 0) as granted_paid_seconds,
      coalesce(sum(seconds) filter (where reason in ('bonus_grant', 'goodwill')), 0) as given_seconds,
      coalesce(-sum(seconds) filter (where reason = 'use'), 0) as used_seconds,
      coalesce(-sum(seconds) filter (where reason = 'expire'), 0) as expired_seconds,
      coalesce(-sum(seconds) filter (where reason = 'expire' and source in ('paid', 'gift')), 0) as breakage_seconds,
      coalesce(-sum(seconds) filter (where reason in ('clawback', 'freeze', 'restore')), 0) as taken_back_seconds
    from seconds group by name),
  owed as (
    select source, sum(seconds) as seconds from (
      select t.source, t.seconds from bounds b cross join lateral (select source, seconds from private.time_figures
        where grain = 'month' and at < b.last_month offset 0) t
      union all select t.source, t.seconds from bounds b cross join lateral (select source, seconds from private.time_figures
        where grain = 'day' and at >= b.last_month and at < b.last_day offset 0) t
      union all select t.source, t.seconds from bounds b cross join lateral (select source, seconds from private.time_figures
        where grain = 'hour' and at >= b.last_day and at < b.last_at offset 0) t
      union all select source, seconds from fresh, bounds where at < last_at) o
    group by source having sum(seconds) <> 0),
  calls as (
    select name as step, sum(calls) as calls, sum(charged_seconds) as charged_seconds,
      sum(provider_cost_micros) as provider_cost_micros, sum(calls_not_fully_priced) as calls_not_fully_priced
    from (
      select s.name, s.sign * f.calls as calls, s.sign * f.charged_seconds as charged_seconds,
        s.sign * f.provider_cost_micros as provider_cost_micros, s.sign * f.calls_not_fully_priced as calls_not_fully_priced
      from steps s cross join lateral (select c.calls, c.charged_seconds, c.provider_cost_micros, c.calls_not_fully_priced
        from private.call_figures c where c.grain = s.grain and c.at >= s.since and c.at < s.until offset 0) f
      union all
      select w.name, f.calls, f.charged_seconds, f.provider_cost_micros, f.calls_not_fully_priced
        from whole w join fresh_calls f on f.at >= w.step and f.at < w.step_end) c
    group by name having sum(calls) <> 0),
  earned as (
    select name as step, reason, currency, round(sum(micros))::bigint as micros
    from (
      select s.name, f.reason, f.currency, s.sign * f.micros as micros from steps s cross join lateral (
        select e.reason, e.currency, e.micros from private.earning_figures e
        where e.grain = s.grain and e.at >= s.since and e.at < s.until offset 0) f
      union all
      select w.name, f.reason, f.currency, f.micros from whole w join fresh_earnings f on f.at >= w.step and f.at < w.step_end) e
    group by name, reason, currency having sum(micros) <> 0)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'time', (select coalesce(jsonb_agg(to_jsonb(t) order by step), '[]') from times t),
    'owed', (select coalesce(jsonb_agg(to_jsonb(o) order by source), '[]') from owed o),
    'waiting', (select coalesce(jsonb_agg(to_jsonb(w) order by source), '[]') from (
      select source, count(*) as cards, sum(remaining) as seconds from public.grants where status = 'unactivated' group by source) w),
    'calls', (select coalesce(jsonb_agg(to_jsonb(c) order by step), '[]') from calls c),
    'earned', (select coalesce(jsonb_agg(to_jsonb(e) order by step, reason, currency), '[]') from earned e)));
end $function$;
comment on function public.board_time(timestamp with time zone,timestamp with time zone,text,text) is 'Seconds given, used, expired and taken back by step; what people own at the end of the range, by source (debt is what they owe), and what waits for whoever has its code, now; and what calls of each step earned, at what was paid for them so far, and cost.';

CREATE OR REPLACE FUNCTION public.board_trials(p_from timestamp with time zone, p_to timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, 'month', 'UTC')),
  events as (
    select f.name, s.sign * f.events as events from steps s cross join lateral (
      select e.name, e.events from private.event_figures e
      where e.grain = s.grain and e.kind = 'trial' and e.at >= s.since and e.at < s.until offset 0) f
    union all
    select f.name, f.events from private.tail() t, private.figures_of_events(t.calls, t.changes, t.since, null) f,
      (select min(step) as first_at, max(step_end) as last_at from steps) r
    where f.kind = 'trial' and f.at >= r.first_at and f.at < r.last_at)
  select jsonb_build_object('claimed', coalesce(sum(events) filter (where name = 'claimed'), 0),
    'talked', coalesce(sum(events) filter (where name = 'talked'), 0), 'bought', coalesce(sum(events) filter (where name = 'bought'), 0))
  from events);
end $function$;
comment on function public.board_trials(timestamp with time zone,timestamp with time zone) is 'How many claimed free minutes then, and how many of these talked, and bought.';

CREATE OR REPLACE FUNCTION public.board_voice(p_from timestamp with time zone, p_to timestamp with time zone, p_step text, p_zone text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return (
  with steps as materialized (select * from private.steps(p_from, p_to, p_step, p_zone)),
  whole as materialized (select distinct name, step, step_end from steps),
  tail as materialized (select * from private.tail()),
  fresh_turns as materialized (select f.* from tail, private.figures_of_turns(tail.calls) f),
  fresh_calls as materialized (select f.* from tail, private.figures_of_calls(tail.calls) f),
  fresh_failures as materialized (select f.* from tail, private.figures_of_failures(tail.calls) f),
  failures as materialized (
    select source, sum(failures) as failures from (
      select f.source, s.sign * f.failures as failures from steps s cross join lateral (
        select source, failures from private.failure_figures x
        where x.grain = s.grain and x.at >= s.since and x.at < s.until offset 0) f
      union all
      select f.source, f.failures from whole w join fresh_failures f on f.at >= w.step and f.at < w.step_end) f
    group by source having sum(failures) <> 0),
  -- Whole numbers far below 2^53, which are exact so, and added up five times as fast.
  turns as materialized (
    select step, version, slot, sum(turns) as turns, sum(whole_ms) as whole_ms, sum(end_of_turn_ms) as end_of_turn_ms,
      sum(llm_ms) as llm_ms, sum(tts_ms) as tts_ms from (
      select s.step, f.version, f.slot, s.sign::float8 * f.turns as turns, s.sign::float8 * f.whole_ms as whole_ms,
          s.sign::float8 * f.end_of_turn_ms as end_of_turn_ms, s.sign::float8 * f.llm_ms as llm_ms, s.sign::float8 * f.tts_ms as tts_ms
        from steps s cross join lateral (select * from private.turn_figures x
          where x.grain = s.grain and x.at >= s.since and x.at < s.until offset 0) f
      union all
      select w.step, f.version, f.slot, f.turns, f.whole_ms, f.end_of_turn_ms, f.llm_ms, f.tts_ms
        from whole w join fresh_turns f on f.at >= w.step and f.at < w.step_end) t
    group by step, version, slot),
  -- Each set by itself: a hash of each is cheaper than to sort all rows for each of three.
  slots as (
    select 1 as kind, step, '' as version, slot, sum(turns) as turns, sum(whole_ms) as whole_ms,
      sum(end_of_turn_ms) as end_of_turn_ms, sum(llm_ms) as llm_ms, sum(tts_ms) as tts_ms from turns group by step, slot
    union all
    select 2, null, version, slot, sum(turns), sum(whole_ms), sum(end_of_turn_ms), sum(llm_ms), sum(tts_ms)
      from turns group by version, slot
    union all
    select 3, null, '', slot, sum(turns), sum(whole_ms), sum(end_of_turn_ms), sum(llm_ms), sum(tts_ms) from turns group by slot),
  ranked as (
    select *, sum(turns) over (partition by kind, step, version order by slot) as upto,
      sum(turns) over (partition by kind, step, version) as total from slots where turns > 0),
  -- Of the slots in order, the one in which a share is reached.
  picked as (
    select kind, step, version, percentile, round(whole_ms / turns) as whole_ms, round(end_of_turn_ms / turns) as end_of_turn_ms,
      round(llm_ms / turns) as llm_ms, round(tts_ms / turns) as tts_ms
    from ranked cross join (values ('p50', 0.5::float8), ('p95', 0.95), ('p99', 0.99)) q (percentile, share)
    where upto >= share * total and upto - turns < share * total),
  waits as materialized (
    select kind, step, version, jsonb_object_agg(percentile, jsonb_build_object('whole_ms', whole_ms,
      'end_of_turn_ms', end_of_turn_ms, 'llm_ms', llm_ms, 'tts_ms', tts_ms,
      'other_ms', whole_ms - end_of_turn_ms - llm_ms - tts_ms)) as waits
    from picked group by kind, step, version),
  calls as materialized (
    select s.step, s.sign::float8 as sign, f.* from steps s cross join lateral (select * from private.call_figures x
      where x.grain = s.grain and x.at >= s.since and x.at < s.until offset 0) f
    union all
    select w.step, 1, f.* from whole w join fresh_calls f on f.at >= w.step and f.at < w.step_end),
  sums as materialized (
    select grouping(step, version) as kind, step, case grouping(version) when 0 then version else '' end as version,
      jsonb_build_object('calls', coalesce(sum(sign * calls), 0),
        'measured_calls', coalesce(sum(sign * measured_calls), 0), 'turns', coalesce(sum(sign * turns), 0),
        'unanswered_turns', coalesce(sum(sign * unanswered_turns), 0), 'interruptions', coalesce(sum(sign * interruptions), 0),
        'false_interruptions', coalesce(sum(sign * false_interruptions), 0), 'errors', coalesce(sum(sign * errors), 0),
        'quality', round(sum(sign * quality_sum) / nullif(sum(sign * quality_calls), 0))::int) as sums
    from calls group by grouping sets ((step), (version), ())
    having sum(sign * calls) <> 0 or grouping(step, version) = 3),
  answers as materialized (
    select s.kind, s.step, s.version, s.sums || jsonb_build_object('waits', coalesce(w.waits, '{}')) as answer
    from sums s left join waits w on w.kind = s.kind and coalesce(w.step, '-infinity') = coalesce(s.step, '-infinity')
      and w.version = s.version)
  select jsonb_build_object('steps', (select jsonb_agg(name order by step) from whole),
    'all', (select answer from answers where kind = 3),
    'by_step', (select coalesce(jsonb_agg(a.answer || jsonb_build_object('step', w.name) order by w.step), '[]')
      from answers a join whole w on w.step = a.step where a.kind = 1),
    'by_version', (select coalesce(jsonb_agg(answer || jsonb_build_object('version', version) order by version), '[]')
      from answers where kind = 2),
    'failures', (select coalesce(jsonb_agg(jsonb_build_object('source', source, 'failures', failures) order by failures desc, source), '[]')
      from failures where source not like 'unpriced:%'),
    'unpriced_models', (select coalesce(jsonb_agg(substr(source, 10) order by source), '[]') from failures where source like 'unpriced:%')));
end $function$;
comment on function public.board_voice(timestamp with time zone,timestamp with time zone,text,text) is 'How long answers took at the 50th, 95th and 99th percentile (within 15 %), each with the parts that add up to it, and turns, interruptions, failures and quality: by step, in all, and by version of the agent.';

CREATE OR REPLACE FUNCTION public.calls_in_vain(p_user_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select count(*) >= 20 from (
    select from public.calls
    where user_id = p_user_id and opened_at > now() - interval '10 minutes' and settled_by = 'worker'
      and charged_seconds = 0
      and end_reason in ('caller_hung_up', 'caller_never_came', 'never_heard', 'line_lost', 'said_goodbye')
    limit 20) calls
$function$;
comment on function public.calls_in_vain(uuid) is 'Whether a person began 20 calls within ten minutes that ended on their side before a second was charged. More are refused until the oldest is ten minutes old. Calls that ended on our side do not count. A bad line is not hurt: somebody who dials again every half a minute, and is cut off each time, never comes to it.';

CREATE OR REPLACE FUNCTION public.change_member_role(p_user_id uuid, p_tenant_id uuid, p_member_id uuid, p_role text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_role text;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_role <> 'owner' then
    return jsonb_build_object('status', 'not_allowed');
  elsif (p_role in ('owner', 'billing', 'member')) is not true then
    return jsonb_build_object('status', 'invalid_role');
  elsif not exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_member_id) then
    return jsonb_build_object('status', 'unknown_member');
  elsif p_role <> 'owner' and private.is_last_owner(p_member_id, p_tenant_id) then
    return jsonb_build_object('status', 'last_owner');
  end if;
  update public.tenant_members set role = p_role where tenant_id = p_tenant_id and user_id = p_member_id;
  if p_role <> 'owner' then
    perform private.revoke_invitations_by(p_member_id, p_tenant_id);
  end if;
  return jsonb_build_object('status', 'changed', 'role', p_role);
end $function$;
comment on function public.change_member_role(uuid,uuid,uuid,text) is 'An owner changes the role of a member. Refuses with unknown_tenant, not_allowed, unknown_member, last_owner or invalid_role.';

CREATE OR REPLACE FUNCTION public.check_figures(p_day date DEFAULT NULL::date)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_day date := p_day;
  v_upto xid8;
  v_before jsonb;
  v_after jsonb;
  v_tables text[];
begin
  if v_day is null then
    -- Any day but the one that is still being written.
    select first_day + floor(random() * greatest(1, last_day - first_day))::int into v_day from private.days_of_figures();
  end if;
  if (v_day between '2000-01-01' and '2999-12-31') is not true then
    return jsonb_build_object('status', 'nothing');
  end if;
  perform pg_advisory_xact_lock(24, 2);
  select upto into v_upto from private.rolled_up;
  v_before := private.figures_of_day(v_day);
  begin
    perform private.build_day(v_day, v_upto);
    perform private.build_month(date_trunc('month', v_day::timestamp)::date);
    v_after := private.figures_of_day(v_day);
    v_tables := array(select key from jsonb_each(v_after) where value is distinct from v_before -> key order by key);
    if v_tables = '{}' then
      -- Nothing was wrong: leaves the rows as they were.
      raise exception using errcode = 'PT204';
    end if;
  exception when sqlstate 'PT204' then
    return jsonb_build_object('status', 'same', 'day', v_day);
  end;
  perform public.note_finding('figures_differ', v_day::text, format('The sums of %s for operators were not those of the rows, '
    'and were replaced: %s', v_day, array_to_string(v_tables, ', ')));
  return jsonb_build_object('status', 'replaced', 'day', v_day, 'tables', to_jsonb(v_tables));
end $function$;
comment on function public.check_figures(date) is 'Builds a day anew from calls, ledger, journals and people, a random one unless given, and its month from its days, and compares them to the unit with the sums that stand for them. Where they differ, they are replaced, and a finding says so. Status same, replaced or nothing.';

CREATE OR REPLACE FUNCTION public.check_revenue(p_day date DEFAULT NULL::date)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_upto xid8;
  v_day date := coalesce(p_day, (now() at time zone 'utc')::date - 1 - floor(random() * 30)::int);
  v_from timestamptz;
  v_wrong int;
begin
  if (v_day between '2000-01-01' and '2999-12-31') is not true then
    return jsonb_build_object('status', 'nothing');
  end if;
  v_from := v_day::timestamp at time zone 'utc';
  perform pg_advisory_xact_lock(24, 50);
  select upto into v_upto from private.revenue_rolled_up;
  create temp table anew on commit drop as select 'quarter'::text as grain, private.quarter_of(r.created_at) as at, r.currency, r.revenue_source,
    count(*) as entries, sum(r.amount_micros) as amount_micros, sum(r.platform_fee_micros) as platform_fee_micros,
    sum(r.seller_share_micros) as seller_share_micros, sum(r.stripe_cost_micros) as stripe_cost_micros
  from public.autonomous_revenue r where r.created_at >= v_from and r.created_at < v_from + interval '1 day' and r.xid < v_upto
    and r.status = 'collected' group by 2, 3, 4;
  select count(*) into v_wrong from (
    (select f.* from private.revenue_figures f where f.grain = 'quarter' and f.at >= v_from and f.at < v_from + interval '1 day'
      except select * from pg_temp.anew)
    union all
    (select * from pg_temp.anew except select f.* from private.revenue_figures f where f.grain = 'quarter')) d;
  if v_wrong > 0 then
    delete from private.revenue_figures where at >= v_from and at < v_from + interval '1 day';
    perform private.add_revenue_figures(array(select row(a.*)::private.revenue_figures from pg_temp.anew a));
    perform public.note_finding('revenue_differs', v_day::text,
      format('The sums of revenue of %s were not those of its rows, and were replaced.', v_day));
  end if;
  drop table pg_temp.anew;
  return jsonb_build_object('status', case when v_wrong > 0 then 'replaced' else 'same' end, 'day', v_day);
end $function$;
comment on function public.check_revenue(date) is 'Builds a day of the sums of revenue anew from its rows, a random one of the last 30 unless given. Status same, replaced or nothing.';

CREATE OR REPLACE FUNCTION public.check_spend(p_limit integer DEFAULT 500)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_tenant_id uuid;
  n private.spend_notices;
  v_upto xid8 := (select upto from private.usage_rolled_up);
  v_count int := 0;
begin
  for v_tenant_id in
    -- Who used something today: nobody else comes nearer to a threshold.
    select t.id from public.tenants t join public.plans p on p.id = t.plan_id
    where t.closed_at is null and coalesce(p.soft_spend_per_day_micros, p.hard_spend_per_day_micros, p.soft_spend_per_month_micros,
        p.hard_spend_per_month_micros) is not null
      and (exists (select from private.usage_figures f where f.owner_id = t.id and f.user_id = private.nobody() and f.grain = 'day'
          and f.at >= date_trunc('day', now(), 'utc'))
        or exists (select from public.usage_events u where u.tenant_id = t.id and u.xid >= v_upto
          and u.occurred_at >= date_trunc('day', now(), 'utc')))
    order by t.id limit greatest(1, least(coalesce(p_limit, 500), 10000))
  loop
    for n in
      insert into private.spend_notices (tenant_id, period, began, threshold, spent_micros, limit_micros, currency)
        select v_tenant_id, r.period, r.began, r.threshold, r.spent_micros, r.limit_micros, r.currency
        from private.spend_reached(v_tenant_id) r
        on conflict do nothing returning *
    loop
      v_count := v_count + 1;
      -- At the hard one everything has been said: a soft one that is reached with it needs no mail of its own.
      perform private.enqueue('notice', format('notice:spend:%s:%s:%s:%s:%s', n.tenant_id, n.period, n.began, n.threshold, m.user_id),
          jsonb_build_object('notice', 'spend_threshold', 'tenant_id', n.tenant_id, 'user_id', m.user_id, 'period', n.period,
            'began', n.began, 'threshold', n.threshold))
        from public.tenant_members m
        where m.tenant_id = n.tenant_id and m.role in ('owner', 'billing')
          and (n.threshold = 'hard' or not exists (select from private.spend_notices h where h.tenant_id = n.tenant_id
            and h.period = n.period and h.began = n.began and h.threshold = 'hard'));
    end loop;
  end loop;
  return v_count;
end $function$;
comment on function public.check_spend(integer) is 'Notes which thresholds of spending tenants have reached since the last look, and owes a mail about each to their owners and who does their billing, once in a day or month of UTC. Answers how many.';

CREATE OR REPLACE FUNCTION public.check_usage(p_day date DEFAULT NULL::date)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_begun_at timestamptz;
  v_upto xid8;
  v_day date := p_day;
  v_before jsonb;
  v_missing int;
  v_status text := 'replaced';
begin
  if v_day is null then
    -- Any day but the one that is still being written.
    select private.day_of(begun_at) + floor(random() * greatest(1, private.day_of(now()) - private.day_of(begun_at)))::int
      into v_day from private.usage_rolled_up;
  end if;
  if (v_day between '2000-01-01' and '2999-12-31') is not true then
    return jsonb_build_object('status', 'nothing');
  end if;
  -- Calls without what they are charged for: neither recorded nor noted.
  select begun_at into v_begun_at from private.usage_rolled_up;
  insert into private.usage_to_record (call_id, reason)
    select c.id, 'missing' from public.calls c where c.status = 'settled' and c.charged_seconds > 0 and c.ended_at >= v_begun_at
      and c.opened_at >= v_day::timestamp at time zone 'utc' and c.opened_at < (v_day + 1)::timestamp at time zone 'utc'
      and not exists (select from public.usage_events u where u.call_id = c.id and u.kind = 'voice_second')
    on conflict do nothing;
  get diagnostics v_missing = row_count;
  if v_missing > 0 then
    perform public.note_finding('usage_missing', v_day::text, format('%s calls of %s had left no usage; it is recorded now.', v_missing, v_day));
  end if;
  perform pg_advisory_xact_lock(24, 7);
  select upto into v_upto from private.usage_rolled_up;
  v_before := private.usage_figures_of_day(v_day);
  begin
    perform private.build_usage_day(v_day, v_upto);
    if private.usage_figures_of_day(v_day) = v_before then
      -- Nothing was wrong: leaves the rows as they were.
      raise exception using errcode = 'PT204';
    end if;
  exception when sqlstate 'PT204' then
    v_status := 'same';
  end;
  if v_status = 'replaced' then
    perform public.note_finding('usage_differs', v_day::text, format('The sums of usage of %s were not those of the events, and were '
      'replaced.', v_day));
  end if;
  return jsonb_build_object('status', v_status, 'day', v_day, 'missing', v_missing);
end $function$;
comment on function public.check_usage(date) is 'Builds a day of the sums of usage anew from the events, a random one unless given, and compares them to the unit; looks for calls of that day that left no usage, and has it recorded. Status same, replaced or nothing, and how many were missing.';

CREATE OR REPLACE FUNCTION public.choose_checkout(p_purchase_id uuid, p_lasts_seconds integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_purchase public.purchases;
begin
  select * into v_purchase from public.purchases where id = p_purchase_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_purchase');
  elsif v_purchase.status not in ('created', 'unknown', 'awaiting_payment', 'failed') then
    return jsonb_build_object('status', 'closed');
  elsif (p_lasts_seconds between 1800 and 86400) is not true then
    raise exception 'a page of Stripe''s lasts between 30 minutes and a day, not % seconds', p_lasts_seconds
      using errcode = '22023';
  elsif v_purchase.checkout_expires_at is null then
    update public.purchases
      -- Whole seconds, as Stripe takes them: a repeat must ask for exactly the same.
      set checkout_expires_at = date_trunc('second', now()) + make_interval(secs => p_lasts_seconds),
          replaced_intent_id = payment_intent_id, payment_intent_id = null, updated_at = now()
      where id = p_purchase_id returning * into v_purchase;
  elsif v_purchase.checkout_session_id is null and v_purchase.checkout_expires_at < now() + interval '31 minutes' then
    -- Never made, and Stripe makes no page that ends so soon.
    return jsonb_build_object('status', 'closed');
  end if;
  return jsonb_build_object('status', 'chosen', 'checkout_session_id', v_purchase.checkout_session_id,
    'expires_at_seconds', extract(epoch from v_purchase.checkout_expires_at)::bigint,
    'replaced_intent_id', v_purchase.replaced_intent_id);
end $function$;
comment on function public.choose_checkout(uuid,integer) is 'The buyer pays on a page of Stripe''s own, which ends after so many seconds; a repeat answers the first choice. Refuses with status closed or unknown_purchase.';

CREATE OR REPLACE FUNCTION public.claim_auto_top_up_charge(p_charge_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_charge private.auto_top_up_charges;
  v_setting private.auto_top_ups;
  v_account public.accounts;
begin
  select * into v_charge from private.auto_top_up_charges where id = p_charge_id;
  if not found then
    return jsonb_build_object('status', 'unknown_charge');
  end if;
  v_account := private.lock_account(v_charge.user_id);
  select * into v_charge from private.auto_top_up_charges where id = p_charge_id for update;
  select * into v_setting from private.auto_top_ups where user_id = v_charge.user_id for update;
  if v_charge.status <> 'in_flight' then
    return jsonb_build_object('status', 'ended',
      -- A declined one is over at Stripe, too, before anybody is done with it.
      'payment_intent_id', case when v_charge.status = 'declined'
        then (select payment_intent_id from public.purchases where id = v_charge.purchase_id) end);
  end if;
  -- Decided a while ago: the person may have disabled it, have agreed to other terms, or have bought time meanwhile.
  if v_charge.tried_at is null and (v_setting.status is distinct from 'active'
      or v_setting.consents is distinct from v_charge.consent
      or v_account.debt > 0 or not private.is_low(v_setting, private.free_amount(v_account))) then
    update private.auto_top_up_charges set status = 'canceled' where id = p_charge_id;
    return jsonb_build_object('status', 'not_wanted');
  end if;
  update private.auto_top_up_charges set tried_at = coalesce(tried_at, clock_timestamp()) where id = p_charge_id;
  return jsonb_build_object('status', 'charge', 'user_id', v_charge.user_id, 'purchase_id', v_charge.purchase_id,
    'payment_method_id', v_charge.payment_method_id,
    'payment_intent_id', (select payment_intent_id from public.purchases where id = v_charge.purchase_id),
    'amount_cents', v_charge.amount_cents, 'currency', v_charge.currency,
    'package_id', (select package_id from public.purchases where id = v_charge.purchase_id),
    'stripe_customer_id', (select stripe_customer_id from public.users where id = v_charge.user_id),
    'email', (select email from public.users where id = v_charge.user_id));
end $function$;
comment on function public.claim_auto_top_up_charge(uuid) is 'What to charge. Status charge, not_wanted (canceled before anything was sent), ended or unknown_charge. From the first charge on it stays charge until its end is known, because money may have moved. ended names the intent of a charge that was declined: it has to be canceled.';

CREATE OR REPLACE FUNCTION public.claim_trial(p_user_id uuid, p_seconds integer, p_valid_days integer, p_email_hash text, p_address_hash text, p_per_address integer, p_per_day integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_card public.grants;
  v_refusal text;
begin
  if (p_seconds between 60 and 36000 and p_valid_days between 1 and 366 and p_email_hash ~ '^[0-9a-f]{64}$'
      and p_address_hash ~ '^[0-9a-f]{64}$') is not true then
    return jsonb_build_object('status', 'invalid_trial');
  elsif (private.lock_account(p_user_id)).id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  -- After the account, and one for all: what an address and a day have had is counted after who came before.
  perform pg_advisory_xact_lock(12200);
  select g.* into v_card from private.trials t join public.grants g on g.id = t.card_id where t.user_id = p_user_id;
  if found then
    return jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', true);
  end if;
  v_refusal := private.trial_refusal(p_user_id, p_email_hash, p_address_hash, p_per_address, p_per_day);
  if v_refusal is not null then
    return jsonb_build_object('status', v_refusal);
  end if;
  insert into public.grants (id, account_id, unit, source, priority, status, paid, bonus, remaining, activated_at, expires_at)
    values (gen_random_uuid(), p_user_id, 'second', 'trial', -1, 'active', 0, p_seconds, p_seconds, now(),
      now() + make_interval(days => p_valid_days))
    returning * into v_card;
  insert into private.trials (user_id, card_id, email_hash, address_hash)
    values (p_user_id, v_card.id, p_email_hash, p_address_hash);
  perform private.credit_grant(v_card);
  return jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', false);
end $function$;
comment on function public.claim_trial(uuid,integer,integer,text,text,integer,integer) is 'Gives a new person free time to try, once for ever; a repeat answers the same card. Refuses with status had_one (by another account of the same e-mail address), not_confirmed, not_new (has bought or talked), address_had_enough (so many in 30 days), day_is_over (so many in all, by UTC), unknown_user or invalid_trial.';

CREATE OR REPLACE FUNCTION public.cleanup_expired_time_cards()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_page jsonb := jsonb_build_object();
  v_count int := 0;
begin
  loop
    v_page := public.expire_cards((v_page ->> 'next')::uuid);
    v_count := v_count + (v_page ->> 'cards')::int;
    exit when v_page ->> 'next' is null;
  end loop;
  return v_count;
end $function$;
comment on function public.cleanup_expired_time_cards() is 'Expires all that is due, in one transaction; answers how many cards. The sidecar goes page by page, with expire_cards.';

CREATE OR REPLACE FUNCTION public.close_support_request(p_request_id uuid, p_operator_id uuid, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_request private.support_requests;
begin
  if (length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_reason');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_request from private.support_requests where id = p_request_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_request');
  elsif v_request.status <> 'closed' then
    update private.support_requests set status = 'closed', closed_at = now(), closed_by = p_operator_id
      where id = p_request_id returning * into v_request;
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, 'close', p_request_id::text, trim(p_reason));
  end if;
  return jsonb_build_object('status', 'closed', 'request', private.request_for_operators(v_request));
end $function$;
comment on function public.close_support_request(uuid,uuid,text) is 'An operator closes a request, answered or not, for a reason; nobody is told. Harmless to repeat. Refuses with unknown_request, not_an_operator or invalid_reason.';

CREATE OR REPLACE FUNCTION public.close_tenant(p_user_id uuid, p_tenant_id uuid, p_forfeit_seconds bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_account public.accounts := private.lock_account(p_tenant_id);
  v_role text := private.role_in(p_user_id, p_tenant_id);
begin
  if v_role is null then
    return jsonb_build_object('status', case when exists (select from public.tenants t join public.tenant_members m
        on m.tenant_id = t.id and m.user_id = p_user_id and m.role = 'owner' where t.id = p_tenant_id and t.closed_at is not null)
      then 'closed' else 'unknown_tenant' end, 'forfeited_seconds', 0);
  elsif v_role <> 'owner' then
    return jsonb_build_object('status', 'not_allowed');
  elsif exists (select from public.subscriptions where tenant_id = p_tenant_id
      and status not in ('canceled', 'incomplete_expired')) then
    return jsonb_build_object('status', 'subscription_open');
  elsif exists (select from public.holds where account_id = p_tenant_id) then
    return jsonb_build_object('status', 'call_in_progress',
      'call_ids', (select jsonb_agg(id) from public.holds where account_id = p_tenant_id));
  end if;
  perform private.expire_grants_of(p_tenant_id);
  v_account := private.lock_account(p_tenant_id);
  if (v_account.balance <= p_forfeit_seconds) is not true and v_account.balance > 0 then
    return jsonb_build_object('status', 'forfeit_not_agreed', 'remaining_seconds', v_account.balance);
  end if;
  perform private.give_up_time(p_tenant_id);
  update public.tenants set closed_at = now() where id = p_tenant_id;
  update public.tenant_invitations set revoked_at = now()
    where tenant_id = p_tenant_id and accepted_at is null and revoked_at is null;
  return jsonb_build_object('status', 'closed', 'forfeited_seconds', v_account.balance);
end $function$;
comment on function public.close_tenant(uuid,uuid,bigint) is 'An owner closes a tenant, and gives up the time that is left, of which they agreed to lose so much. Its books stay. Harmless to repeat. Refuses with unknown_tenant, not_allowed, subscription_open, call_in_progress (with the calls) or forfeit_not_agreed (with what is left).';

CREATE OR REPLACE FUNCTION public.correct_memory(p_user_id uuid, p_memory_id uuid, p_text text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_text text := private.memory_text(p_text);
begin
  if (length(v_text) between 1 and 300) is not true then
    return jsonb_build_object('status', 'invalid_text');
  elsif private.holds_secret(v_text) then
    return jsonb_build_object('status', 'refused');
  end if;
  perform private.lock_caller(p_user_id);
  if not exists (select from public.caller_memories where user_id = p_user_id and id = p_memory_id) then
    return jsonb_build_object('status', 'unknown_memory');
  end if;
  delete from public.caller_memories
    where user_id = p_user_id and private.folded(text) = private.folded(v_text) and id <> p_memory_id;
  -- An embedding of other words would find it by what it does not say any more.
  update public.caller_memories set text = v_text, source = 'person',
      embedding = case when text = v_text then embedding end,
      embedding_model = case when text = v_text then embedding_model end,
      corrected_at = clock_timestamp(), updated_at = clock_timestamp()
    where id = p_memory_id;
  perform private.close_calls(p_user_id, null);
  return jsonb_build_object('status', 'corrected');
end $function$;
comment on function public.correct_memory(uuid,uuid,text) is 'A person puts a memory of theirs into their own words; another that says the same goes, and nothing more is remembered of calls that are open or ended within the hour. Status corrected, unknown_memory, invalid_text, or refused: it holds a card number or an activation code.';

CREATE OR REPLACE FUNCTION public.create_api_key(p_user_id uuid, p_tenant_id uuid, p_name text, p_scopes text[], p_expires_at timestamp with time zone, p_prefix text, p_last4 text, p_key_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.create_api_key(uuid,uuid,text,text[],timestamp with time zone,text,text,text) is 'An owner makes a key for programs of a tenant. Refuses with unknown_tenant, not_allowed, too_many_keys (50 that hold) or invalid_key.';

CREATE OR REPLACE FUNCTION public.create_code_batch(p_operator_id uuid, p_key text, p_kind text, p_package_id text, p_minutes integer, p_count integer, p_usable_until timestamp with time zone, p_note text, p_card_ids uuid[], p_code_hashes text[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_batch public.code_batches;
  v_seconds int;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif (length(p_key) between 1 and 255 and p_kind in ('gift', 'promo', 'reseller')
      and (p_package_id is null) <> (p_minutes is null) and coalesce(p_minutes between 1 and 60000, true)
      and p_count between 1 and 1000 and cardinality(p_card_ids) = p_count and cardinality(p_code_hashes) = p_count
      and p_usable_until > now() and p_usable_until < now() + interval '10 years'
      and length(trim(p_note)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_batch');
  end if;
  select total_minutes * 60 into v_seconds from public.pricing_tiers where id = p_package_id and active;
  if p_package_id is not null and v_seconds is null then
    return jsonb_build_object('status', 'unknown_package');
  end if;
  insert into public.code_batches (kind, package_id, seconds, count, usable_until, note, operator_id, key)
    values (p_kind, p_package_id, coalesce(v_seconds, p_minutes * 60), p_count, p_usable_until, trim(p_note),
      p_operator_id, p_key)
    on conflict (key) do nothing returning * into v_batch;
  if not found then
    select * into strict v_batch from public.code_batches where key = p_key;
    return case when (v_batch.kind, v_batch.package_id, v_batch.count, v_batch.usable_until, v_batch.note)
                       is not distinct from (p_kind, p_package_id, p_count, p_usable_until, trim(p_note))
                  and (p_minutes is null or v_batch.seconds = p_minutes * 60)
      then jsonb_build_object('status', 'created', 'replayed', true, 'batch', private.describe_batch(v_batch))
      else jsonb_build_object('status', 'key_reused') end;
  end if;
  insert into public.grants (id, unit, package_id, source, status, paid, bonus, remaining)
    select id, 'second', p_package_id, 'bonus', 'unactivated', 0, v_batch.seconds, v_batch.seconds from unnest(p_card_ids) id;
  insert into public.code_batch_cards (card_id, batch_id) select id, v_batch.id from unnest(p_card_ids) id;
  insert into public.activation_codes (card_id, code_hash, usable_until)
    select id, hash, p_usable_until from unnest(p_card_ids, p_code_hashes) t (id, hash);
  return jsonb_build_object('status', 'created', 'replayed', false, 'batch', private.describe_batch(v_batch));
end $function$;
comment on function public.create_code_batch(uuid,text,text,text,integer,integer,timestamp with time zone,text,uuid[],text[]) is 'Issues cards that belong to nobody yet, with the hashes of their codes; the same key issues them once. Refuses with status not_an_operator, invalid_batch, unknown_package or key_reused.';

CREATE OR REPLACE FUNCTION public.create_task(p_task jsonb, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  o public.market_opportunities;
  a public.autonomous_agents;
  t public.brain_tasks;
  r record;
begin
  if (length(p_key) between 1 and 150 and jsonb_typeof(p_task) = 'object') is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select * into r from jsonb_to_record(p_task) as x (opportunity_id uuid, agent_id uuid, title text, task_type text, target_api_id uuid, quantity int,
    input jsonb, required_capabilities text[], max_price_micros bigint, expected_revenue_micros bigint, priority smallint, tenant_id uuid, user_id uuid);
  select * into t from public.brain_tasks where key = 'task:' || p_key;
  if found then
    return jsonb_build_object('status', 'assigned', 'repeated', true, 'task', private.read_task(t));
  end if;
  if r.opportunity_id is not null then
    select * into o from public.market_opportunities where id = r.opportunity_id
      and tenant_id is not distinct from r.tenant_id and user_id is not distinct from r.user_id for update;
    if not found then
      return jsonb_build_object('status', 'unknown_opportunity');
    elsif o.status <> 'open' or o.expires_at <= now() then
      return jsonb_build_object('status', 'not_open', 'is', o.status);
    end if;
  else
    insert into public.market_opportunities (title, task_type, target_api_id, quantity, input, required_capabilities, max_price_micros,
        expected_revenue_micros, priority, key, tenant_id, user_id)
      values (coalesce(r.title, 'Task'), coalesce(r.task_type, 'api_call'), r.target_api_id, coalesce(r.quantity, 1), coalesce(r.input, '{}'),
        coalesce(r.required_capabilities, '{}'), r.max_price_micros, coalesce(r.expected_revenue_micros, 0), coalesce(r.priority, 0),
        'task:' || p_key, r.tenant_id, r.user_id)
      on conflict (key) do nothing;
    select * into o from public.market_opportunities where key = 'task:' || p_key for update;
    if o.status <> 'open' then
      return jsonb_build_object('status', 'not_open', 'is', o.status);
    end if;
  end if;
  for a in select g.* from public.autonomous_agents g where (r.agent_id is null or g.id = r.agent_id) and g.retired_at is null
      and g.status in ('idle', 'active') and private.suits(g, o)
    order by g.running_tasks >= g.max_concurrent_tasks, g.performance_score desc, g.running_tasks, g.id limit 20 for update
  loop
    t := private.assign_task(a, o, 'task:' || p_key);
    exit when t.id is not null;
  end loop;
  if t.id is not null then
    return jsonb_build_object('status', 'assigned', 'repeated', false, 'task', private.read_task(t));
  end if;
  -- Nobody can do it now: it stays open, and the scheduler finds it.
  return jsonb_build_object('status', 'waiting', 'opportunity_id', o.id);
exception when data_exception or foreign_key_violation or check_violation or not_null_violation then
  return jsonb_build_object('status', 'malformed');
end $function$;
comment on function public.create_task(jsonb,text) is 'A task, once for a key: of an opportunity (opportunity_id) or of its own (title, task_type, target_api_id, quantity, input, required_capabilities, max_price_micros, expected_revenue_micros, priority), for agent_id or for whoever suits best. Status assigned, waiting (nobody is free, can do it or can pay it today), not_open, unknown_opportunity or malformed.';

CREATE OR REPLACE FUNCTION public.create_tenant(p_user_id uuid, p_name text, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_tenant public.tenants;
begin
  if (length(trim(p_name)) between 1 and 200 and length(p_key) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_tenant');
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  -- Many at once get no more than one after the other.
  perform pg_advisory_xact_lock(hashtextextended(p_user_id::text, 20100));
  select * into v_tenant from public.tenants where created_by = p_user_id and key = p_key;
  if found then
    return case when private.role_in(p_user_id, v_tenant.id) is null then jsonb_build_object('status', 'key_reused')
      else jsonb_build_object('status', 'created', 'replayed', true,
        'tenant', private.describe_tenant(v_tenant, private.role_in(p_user_id, v_tenant.id))) end;
  elsif (select count(*) from public.tenants where created_by = p_user_id and closed_at is null) >= 20 then
    return jsonb_build_object('status', 'too_many_tenants');
  end if;
  insert into public.tenants (name, created_by, key) values (trim(p_name), p_user_id, p_key) returning * into v_tenant;
  insert into public.tenant_members (tenant_id, user_id, role) values (v_tenant.id, p_user_id, 'owner');
  insert into public.accounts (id, owner_kind, owner_id, unit) values (v_tenant.id, 'tenant', v_tenant.id, 'second');
  return jsonb_build_object('status', 'created', 'replayed', false, 'tenant', private.describe_tenant(v_tenant, 'owner'));
end $function$;
comment on function public.create_tenant(uuid,text,text) is 'Creates a tenant with its account, whose owner is who asks; the same key creates it once. Refuses with too_many_tenants (20 open ones), key_reused, unknown_user or invalid_tenant.';

CREATE OR REPLACE FUNCTION public.credit_summary(p_user_id uuid, p_tenant_id uuid, p_months integer DEFAULT 6)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_role text := private.role_in(p_user_id, p_tenant_id);
  s public.subscriptions := private.credit_subscription(p_tenant_id);
  c public.credit_periods;
  v_balance bigint;
  v_debt bigint;
  v_left bigint;
  v_credits jsonb;
begin
  if p_user_id is not null and v_role is null or not exists (select from public.tenants where id = p_tenant_id and closed_at is null) then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  select coalesce(sum(g.remaining) filter (where g.expires_at > now()), 0), coalesce(max(a.debt), 0) into v_balance, v_debt
    from public.accounts a left join public.grants g on g.account_id = a.id and g.status = 'active'
    where a.owner_kind = 'tenant' and a.owner_id = p_tenant_id and a.unit = 'credit';
  select * into c from public.credit_periods where subscription_id = s.id and period_start <= now() order by period_start desc limit 1;
  v_left := v_balance - v_debt + private.credits_ahead(c);
  v_credits := jsonb_build_object('included', coalesce(c.included, 0), 'used', coalesce(c.used, 0), 'remaining', v_left,
    'overage', greatest(0, v_debt - private.credits_ahead(c)), 'alert', private.credit_alert(p_tenant_id, v_left, coalesce(c.included, 0)));
  if v_role = 'member' then
    -- What it costs is for owners and billing.
    return jsonb_build_object('status', 'ok', 'scope', 'member', 'tenant_id', p_tenant_id, 'credits', v_credits);
  end if;
  return jsonb_build_object('status', 'ok', 'scope', 'tenant', 'tenant_id', p_tenant_id, 'credits', v_credits,
    'settings', (select jsonb_build_object('overage_cap_cents', x.overage_cap_cents, 'low_credits', x.low_credits)
      from (values (1)) one left join private.credit_settings x on x.tenant_id = p_tenant_id),
    'subscription', case when s.id is not null then jsonb_build_object('id', s.id, 'plan_code', upper(substr(s.plan_id, 9)), 'status', s.status,
      'current_period_start', private.utc_text(s.current_period_start), 'current_period_end', private.utc_text(s.current_period_end)) end,
    'assets', (select jsonb_build_object('count', l.asset_count, 'site_breakdown', l.site_breakdown, 'captured_at', private.utc_text(l.captured_at))
      from public.asset_snapshots l where l.tenant_id = p_tenant_id order by l.captured_at desc, l.created_at desc limit 1),
    'so_far', case when c.subscription_id is not null then coalesce(c.usage, private.usage_of_period(c, greatest(0, v_debt - private.credits_ahead(c)), null)) end,
    'forecast', private.period_forecast(s), 'months', private.credit_months(p_tenant_id, p_months));
end $function$;
comment on function public.credit_summary(uuid,uuid,integer) is 'Credits, assets and amounts of a tenant as they are now, what the period will come to if it goes on like this, and so many months. A member sees the credits only; without a person it is for a key of the tenant. Status ok or unknown_tenant (also for who does not belong to it).';

CREATE OR REPLACE FUNCTION public.credit_wallet(p_operator_id uuid, p_owner_kind text, p_owner_id uuid, p_micros bigint, p_reason text, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.credit_wallet(uuid,text,uuid,bigint,text,text) is 'Gives a wallet money, for a reason, by an operator; once for a key. Refuses with not_an_operator, own_account, unknown_wallet, key_reused or malformed.';

CREATE OR REPLACE FUNCTION public.database_settings()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('synchronous_commit', current_setting('synchronous_commit'),
    'fsync', current_setting('fsync'), 'full_page_writes', current_setting('full_page_writes'))
$function$;

CREATE OR REPLACE FUNCTION public.decide_auto_top_ups(p_limit integer DEFAULT 500)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id uuid;
  v_outcome text;
  v_counts jsonb := '{}'::jsonb;
begin
  for v_user_id in
    select s.user_id from private.auto_top_ups s join public.accounts a on a.id = s.user_id
      left join public.pricing_tiers t on t.id = s.package_id and t.active
    where s.status = 'active'
      and not exists (select from private.auto_top_up_charges c where c.user_id = s.user_id and c.status = 'in_flight')
      and (not private.is_as_consented(s, t)
        or a.debt = 0 and private.is_low(s, private.free_amount(a))
          and private.auto_topped_up_cents(s.user_id, s.currency) + s.price_cents <= s.monthly_cap_cents)
    order by s.user_id limit p_limit
  loop
    begin
      v_outcome := private.decide_auto_top_up(v_user_id);
    exception when others then
      raise warning 'automatic top-up of % was not decided: %', v_user_id, sqlerrm;
      v_outcome := 'failed';
    end;
    v_counts := v_counts || jsonb_build_object(v_outcome, coalesce((v_counts ->> v_outcome)::int, 0) + 1);
  end loop;
  return v_counts;
end $function$;
comment on function public.decide_auto_top_ups(integer) is 'Begins the automatic top-ups that are due: below the threshold, nothing owed, as consented to, under the cap of this calendar month, none in flight, breaker closed; and stops those whose package is not what was consented to. Harmless to call at any time, by anybody, at once. Answers how many of each outcome.';

CREATE OR REPLACE FUNCTION public.decide_gainshare(p_user_id uuid, p_run_id uuid, p_decision text, p_snapshot_hash text, p_reason text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  r public.gainshare_runs;
  v_role text;
begin
  select * into r from public.gainshare_runs where id = p_run_id for update;
  v_role := private.role_in(p_user_id, r.tenant_id);
  if r.id is null or v_role is null then
    return jsonb_build_object('status', 'unknown_run');
  elsif v_role not in ('owner', 'billing') then
    return jsonb_build_object('status', 'not_allowed');
  elsif (p_decision in ('approve', 'reject', 'dispute') and coalesce(length(trim(p_reason)) between 1 and 500, p_decision = 'approve')) is not true then
    return jsonb_build_object('status', 'invalid_decision');
  elsif p_snapshot_hash is distinct from r.snapshot_hash then
    return jsonb_build_object('status', 'another_run');
  elsif p_user_id = r.run_by then
    return jsonb_build_object('status', 'own_affair');
  elsif (p_decision, r.status) in (('approve', 'approved'), ('approve', 'invoiced'), ('reject', 'rejected'), ('dispute', 'disputed')) then
    return jsonb_build_object('status', 'decided', 'run', private.describe_gainshare(r));
  elsif not (r.status = 'pending_approval' and (p_decision <> 'dispute' or now() <= r.dispute_until)
      or r.status = 'disputed' and p_decision in ('approve', 'reject')
      -- Who agreed may think better of it, until it is on an invoice.
      or r.status = 'approved' and p_decision = 'dispute' and now() <= r.dispute_until
        and not private.gainshare_is_placed(r.id)) then
    return jsonb_build_object('status', 'too_late');
  end if;
  update public.gainshare_runs set status = case p_decision when 'approve' then 'approved' when 'reject' then 'rejected' else 'disputed' end,
    decided_by = p_user_id, decided_at = now(), reason = trim(p_reason) where id = p_run_id returning * into r;
  insert into public.gainshare_acts (run_id, act, actor_id, snapshot_hash, reason)
    values (r.id, p_decision, p_user_id, r.snapshot_hash, trim(p_reason));
  perform private.owe_gainshare(r.id);
  return jsonb_build_object('status', 'decided', 'run', private.describe_gainshare(r));
end $function$;
comment on function public.decide_gainshare(uuid,uuid,text,text,text) is 'An owner, or who does the billing, approves, rejects or disputes (with a reason) the run whose hash they saw. Silence is no consent: what nobody approves is never billed. Status decided with the run; refuses with too_late, another_run, own_affair (who ran it), not_allowed, invalid_decision or unknown_run.';

CREATE OR REPLACE FUNCTION public.decide_job(p_id uuid, p_decision text, p_operator_id uuid, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_job pgboss.job;
begin
  if (p_decision in ('retry', 'drop') and length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_act');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select j.* into v_job from private.job_kinds k join pgboss.job j on j.name = k.name and j.id = p_id for update of j;
  if not found then
    return jsonb_build_object('status', 'unknown_item');
  elsif v_job.state <> 'failed' then
    return jsonb_build_object('status', case when v_job.state < 'completed' then 'waiting' else 'done' end);
  elsif p_decision = 'drop' and v_job.data ->> 'user_id' = p_operator_id::text then
    return jsonb_build_object('status', 'own_affair');
  end if;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, p_decision || '_job', p_id::text, trim(p_reason));
  if p_decision = 'drop' then
    update pgboss.job set state = 'cancelled', completed_on = now() where name = v_job.name and id = v_job.id;
    return jsonb_build_object('status', 'dropped');
  end if;
  perform private.do_again(v_job.name, v_job.id);
  return jsonb_build_object('status', 'retried');
end $function$;
comment on function public.decide_job(uuid,text,uuid,text) is 'Takes a job up again that was given up, with all its attempts (retry), or lets it be for good (drop), for a reason. Status retried, dropped, waiting (not given up) or done; refuses with unknown_item, invalid_act, not_an_operator or own_affair.';

CREATE OR REPLACE FUNCTION public.decline_auto_top_up_charge(p_charge_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_charge private.auto_top_up_charges;
begin
  select * into v_charge from private.auto_top_up_charges where id = p_charge_id;
  if not found then
    return jsonb_build_object('status', 'unknown_charge');
  end if;
  perform private.lock_account(v_charge.user_id);
  perform private.end_charge(v_charge, 'declined');
  return jsonb_build_object('status', (select status from private.auto_top_up_charges where id = p_charge_id));
end $function$;
comment on function public.decline_auto_top_up_charge(uuid) is 'Notes that the card was declined and the intent canceled. Counts once; answers how the charge stands.';

CREATE OR REPLACE FUNCTION public.deduct_user_time(user_id uuid, minutes integer, key text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.deduct_user_time(uuid,integer,text) is 'Takes whole minutes, first-expiring card first, all or nothing; the same key deducts once.';

CREATE OR REPLACE FUNCTION public.delete_account(p_user_id uuid, p_forfeit_seconds bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_account public.accounts;
  v_owned jsonb;
begin
  if (private.lock_account(p_user_id)).id is null
     or not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  elsif exists (select from public.holds where account_id = p_user_id)
    or exists (select from public.calls where user_id = p_user_id and status = 'open') then
    return jsonb_build_object('status', 'call_in_progress',
      'call_ids', (select jsonb_agg(id) from public.calls where user_id = p_user_id and status = 'open'));
  end if;
  select jsonb_agg(t.name order by t.created_at, t.id) into v_owned
    from public.tenant_members m join public.tenants t on t.id = m.tenant_id and t.closed_at is null
    where m.user_id = p_user_id and private.is_last_owner(p_user_id, t.id);
  if v_owned is not null then
    return jsonb_build_object('status', 'last_owner', 'tenants', v_owned);
  end if;
  perform private.expire_grants_of(p_user_id);
  v_account := private.lock_account(p_user_id);
  if (v_account.balance <= p_forfeit_seconds) is not true and v_account.balance > 0 then
    return jsonb_build_object('status', 'forfeit_not_agreed', 'remaining_seconds', v_account.balance);
  end if;
  -- Given up is over: nobody will use it, so nobody owes it any more. Money for it can still go back.
  perform private.give_up_time(p_user_id);
  -- A trigger does the rest, as for everybody who is deleted.
  delete from auth.users where id = p_user_id;
  return jsonb_build_object('status', 'deleted', 'forfeited_seconds', v_account.balance);
end $function$;
comment on function public.delete_account(uuid,bigint) is 'A person deletes their own account, and gives up the time that is left, of which they agreed to lose so much. Refuses with unknown_user, call_in_progress (with the calls), last_owner (with the names of the tenants that only they own: they hand them over or close them first) or forfeit_not_agreed (with what is left).';

CREATE OR REPLACE FUNCTION public.deletion_terms(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('email', u.email,
    'has_password', coalesce((select encrypted_password from auth.users where id = p_user_id), '') <> '',
    'remaining_seconds', public.get_user_time_balance(p_user_id),
    'frozen_seconds', (select coalesce(sum(frozen), 0)::bigint from public.grants where account_id = p_user_id),
    'waiting_gifts', (select count(*) from public.grants
      where purchaser_id = p_user_id and source = 'gift' and status = 'unactivated'),
    'live_calls', (select count(*) from public.calls where user_id = p_user_id and status = 'open'))
  from public.users u where id = p_user_id and deleted_at is null
$function$;
comment on function public.deletion_terms(uuid) is 'What a person would lose with their account, and whether they have a password to prove who they are. Null for nobody.';

CREATE OR REPLACE FUNCTION public.desk_ms_today(p_user_id uuid)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(sum((w ->> 'to_ms')::bigint - (w ->> 'from_ms')::bigint), 0)::bigint
  from public.calls c, jsonb_path_query(c.receipt, '$.windows[*] ? (@.reason == "desk")') w
  where c.user_id = p_user_id and c.ended_at > now() - interval '24 hours'
    and jsonb_path_exists(c.receipt, '$.windows[*] ? (@.reason == "desk")')
$function$;
comment on function public.desk_ms_today(uuid) is 'How many milliseconds the calls of a person that ended within a day were at the top-up desk.';

CREATE OR REPLACE FUNCTION public.disable_auto_top_up(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update private.auto_top_ups set status = 'disabled', stop_reason = null, updated_at = now() where user_id = p_user_id;
  return jsonb_build_object('status', case when found then 'disabled' else 'not_set' end);
end $function$;
comment on function public.disable_auto_top_up(uuid) is 'Ends automatic top-up. What was not yet sent to Stripe is not charged. Status disabled or not_set.';

CREATE OR REPLACE FUNCTION public.downgrade_blockers(p_tenant_id uuid, p_plan_id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('what', x.what, 'has', x.has, 'allows', x.allows) order by x.what), '[]')
  from public.plans p cross join lateral (values
    ('sites', coalesce((select count(*) from jsonb_object_keys((select site_breakdown from public.v_asset_latest where tenant_id = p_tenant_id))), 0), p.max_sites),
    ('seats', (select count(*) from public.tenant_members where tenant_id = p_tenant_id), p.max_seats),
    ('assets', coalesce((select asset_count from public.v_asset_latest where tenant_id = p_tenant_id), 0)::bigint, p.included_assets)) x (what, has, allows)
  where p.id = p_plan_id and x.has > x.allows
$function$;
comment on function public.downgrade_blockers(uuid,text) is 'What a tenant has more of than a plan takes: [{what, has, allows}], none when it may change.';

CREATE OR REPLACE FUNCTION public.due_machine_payments(p_limit integer DEFAULT 20)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.due_machine_payments(integer) is 'Payments on a chain of which it is not known what became of them, for whoever asks to find out: within a minute nobody else gets them.';

CREATE OR REPLACE FUNCTION public.end_lost_tool_calls(p_limit integer DEFAULT 500)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_id uuid;
  v_count int := 0;
begin
  for v_id in select id from private.tool_calls where lost_at < clock_timestamp() order by lost_at
    limit greatest(0, least(coalesce(p_limit, 500), 5000)) for update skip locked
  loop
    begin
      v_count := v_count + private.end_tool_call(v_id, 'unfinished')::int;
    exception when others then
      raise warning 'use of tool % not ended: %', v_id, sqlstate;
    end;
  end loop;
  delete from private.tool_results where id in (
    select id from private.tool_results where ended_at < now() - interval '1 day' order by ended_at limit 5000);
  return v_count;
end $function$;
comment on function public.end_lost_tool_calls(integer) is 'Records uses of tools of whose end nobody told, as unfinished; and forgets results of long jobs after a day.';

CREATE OR REPLACE FUNCTION public.end_purchase_unmade(p_purchase_id uuid, p_older_than_seconds integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- The same purchase can still be begun again under its own key, and its money, should there be any, is still received.
  update public.purchases set status = 'failed', failure_code = 'never_made', updated_at = now()
    where id = p_purchase_id and payment_intent_id is null and private.may_follow(status, 'failed')
      and updated_at < now() - make_interval(secs => p_older_than_seconds);
  return found;
end $function$;
comment on function public.end_purchase_unmade(uuid,integer) is 'Ends the doubt about a purchase of which Stripe has nothing: it failed before it reached Stripe.';

CREATE OR REPLACE FUNCTION public.end_task(p_task_id uuid, p_epoch integer, p_outcome text, p_charged_micros bigint DEFAULT 0, p_result jsonb DEFAULT NULL::jsonb, p_error text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  t public.brain_tasks;
  a public.autonomous_agents;
begin
  if (p_outcome in ('completed', 'failed', 'again') and p_charged_micros >= 0 and coalesce(octet_length(p_result::text), 0) <= 65536) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select g.* into a from public.brain_tasks b join public.autonomous_agents g on g.id = b.assigned_agent
    where b.id = p_task_id for update of g;
  select * into t from public.brain_tasks where id = p_task_id for update;
  if t.id is null then
    return jsonb_build_object('status', 'unknown_task');
  elsif t.ended_at is not null and t.epoch = p_epoch then
    return jsonb_build_object('status', t.status, 'repeated', true);
  elsif t.status <> 'running' or t.epoch is distinct from p_epoch then
    return jsonb_build_object('status', 'lost');
  elsif p_charged_micros > t.reserved_micros then
    return jsonb_build_object('status', 'more_than_reserved', 'reserved_micros', t.reserved_micros);
  elsif p_outcome = 'again' and t.attempts < t.max_attempts and a.retired_at is null then
    -- Twice as long each time, up to an hour; the reservation stays.
    update public.brain_tasks set status = 'assigned', lost_at = null, error = left(p_error, 1000), updated_at = now(),
        due_at = clock_timestamp() + least(interval '1 hour', make_interval(secs => 3 * 2 ^ (t.attempts - 1)))
      where id = t.id returning * into t;
    perform private.owe_task(t);
    return jsonb_build_object('status', 'again', 'due_at', private.utc_text(t.due_at));
  end if;
  perform private.end_task(t, a, case p_outcome when 'completed' then 'completed' else 'failed' end, p_charged_micros, p_result, p_error);
  return jsonb_build_object('status', case p_outcome when 'completed' then 'completed' else 'failed' end, 'repeated', false);
end $function$;
comment on function public.end_task(uuid,integer,text,bigint,jsonb,text) is 'A task has ended: completed, failed for good, or to be tried again; with what it was charged. Status completed, failed or again, lost (another worker has it), more_than_reserved, unknown_task or malformed.';

CREATE OR REPLACE FUNCTION public.end_tool_call(p_id uuid, p_outcome text, p_result jsonb DEFAULT NULL::jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id uuid;
begin
  if (p_outcome in ('ok', 'refused', 'failed', 'unfinished')) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select user_id into v_user_id from private.tool_calls where id = p_id for update;
  if not private.end_tool_call(p_id, p_outcome) then
    return jsonb_build_object('status', 'unknown');
  end if;
  if p_result is not null then
    insert into private.tool_results (id, user_id, result) values (p_id, v_user_id, p_result) on conflict (id) do nothing;
  end if;
  return jsonb_build_object('status', 'recorded');
end $function$;
comment on function public.end_tool_call(uuid,text,jsonb) is 'A tool has ended: ok, refused, failed or unfinished; of a long one with its result, which is kept for a day. Exactly one event of usage comes of it. Status recorded, unknown (also of one that was told before) or malformed.';

CREATE OR REPLACE FUNCTION public.erase_all_memories(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_count int;
begin
  if (private.lock_caller(p_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  delete from public.caller_memories where user_id = p_user_id;
  get diagnostics v_count = row_count;
  update public.caller_settings set erased_at = clock_timestamp() where user_id = p_user_id;
  return jsonb_build_object('status', 'erased', 'count', v_count);
end $function$;
comment on function public.erase_all_memories(uuid) is 'Deletes all memories of a person, and has nothing remembered of calls that began before, the ones going on included. Status erased or unknown_user.';

CREATE OR REPLACE FUNCTION public.erase_memory(p_user_id uuid, p_memory_id uuid, p_call_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.lock_caller(p_user_id);
  delete from public.caller_memories where user_id = p_user_id and id = p_memory_id;
  if not found then
    return jsonb_build_object('status', 'unknown_memory');
  end if;
  perform private.close_calls(p_user_id, p_call_id);
  return jsonb_build_object('status', 'erased');
end $function$;
comment on function public.erase_memory(uuid,uuid,uuid) is 'Deletes one memory, and has nothing more remembered of calls that are open or ended within the hour, but for the call in which the person asked for it, if it was in one: that leaves out by itself what was said before. Status erased or unknown_memory.';

CREATE OR REPLACE FUNCTION public.erase_person(p_user_id uuid, p_operator_id uuid, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if (length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_act');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif p_user_id = p_operator_id then
    return jsonb_build_object('status', 'own_affair');
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  insert into public.operator_acts (operator_id, act, subject, reason) values (p_operator_id, 'erase', p_user_id::text, trim(p_reason));
  -- The trigger on it does the rest: supabase/README.md, "When a person is deleted".
  delete from auth.users where id = p_user_id;
  return jsonb_build_object('status', 'erased');
end $function$;
comment on function public.erase_person(uuid,uuid,text) is 'Deletes a person for a reason: what the books must keep stays under the bare id. Status erased; refuses with invalid_act, not_an_operator, own_affair or unknown_user.';

CREATE OR REPLACE FUNCTION public.expire_cards(p_after uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 500)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.expire_cards(uuid,integer) is 'Expires what is due of so many accounts, from the one after the given one on. Answers how many cards, and where to go on; next is null where all are done.';

CREATE OR REPLACE FUNCTION public.explain_usage(p_tenant_id uuid, p_event_name text, p_day date, p_theirs numeric)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_ours numeric;
  v_unsure numeric;
  v_refused numeric;
  v_difference numeric;
  v_explanation text;
  v_from timestamptz;
  v_to timestamptz;
begin
  if p_theirs is null or p_theirs in ('NaN', 'Infinity', '-Infinity') or not isfinite(p_day)
      or p_day not between '2000-01-01' and '2200-01-01' then
    return jsonb_build_object('status', 'malformed');
  end if;
  v_from := p_day::timestamp at time zone 'utc';
  v_to := (p_day + 1)::timestamp at time zone 'utc';
  perform from private.meter_events where tenant_id = p_tenant_id and event_name = p_event_name and occurred_at >= v_from
    and occurred_at < v_to and state = 'uncertain' for update;
  select coalesce(sum(value) filter (where state = 'delivered'), 0),
      coalesce(sum(value) filter (where state in ('uncertain', 'frozen') and attempts > 0), 0),
      coalesce(sum(value) filter (where state = 'refused'), 0)
    into v_ours, v_unsure, v_refused from private.meter_events
    where tenant_id = p_tenant_id and event_name = p_event_name and occurred_at >= v_from and occurred_at < v_to;
  v_difference := p_theirs - v_ours;
  if v_unsure > 0 and v_difference in (0, v_unsure) and not exists (select from private.meter_events
      where tenant_id = p_tenant_id and event_name = p_event_name and occurred_at >= v_from and occurred_at < v_to
        and (state = 'frozen' or settled_at > now() - interval '1 hour')) then
    -- All of it arrived, or none of it did.
    update private.meter_events set state = case when v_difference = 0 then 'owed' else 'delivered' end,
        attempts = case when v_difference = 0 then 0 else attempts end,
        first_tried_at = case when v_difference > 0 then first_tried_at end, due_at = now(),
        settled_at = case when v_difference > 0 then now() end, reason = 'decided_by_the_sums'
      where tenant_id = p_tenant_id and event_name = p_event_name and occurred_at >= v_from and occurred_at < v_to and state = 'uncertain';
    v_explanation := case when v_difference = 0 then 'same' else 'arrived_unmarked' end;
  else
    v_explanation := case
      when v_difference = 0 then 'same'
      when v_difference = v_unsure then 'arrived_unmarked'
      when v_difference > 0 and v_difference = v_refused then 'counted_although_refused'
      when v_difference > 0 and exists (select from private.meter_events where tenant_id = p_tenant_id and event_name = p_event_name
        and occurred_at >= v_from and occurred_at < v_to and state = 'delivered' and value = v_difference and attempts > 1) then 'one_counted_twice'
      when v_difference < 0 and exists (select from private.meter_events where tenant_id = p_tenant_id and event_name = p_event_name
        and occurred_at >= v_from and occurred_at < v_to and state = 'delivered' and value = -v_difference) then 'one_not_counted'
      when v_difference < 0 and v_ours = -v_difference then 'none_counted'
      when v_difference > 0 then 'unexplained_more' else 'unexplained_less' end;
  end if;
  if v_explanation = 'same' then
    update private.usage_differences set cleared_at = now()
      where tenant_id = p_tenant_id and event_name = p_event_name and day = p_day and cleared_at is null;
  elsif exists (select from public.tenants where id = p_tenant_id) and p_event_name is not null then
    insert into private.usage_differences as d (tenant_id, event_name, day, ours, theirs, explanation)
      values (p_tenant_id, p_event_name, p_day, v_ours, p_theirs, v_explanation)
      on conflict (tenant_id, event_name, day) do update set ours = excluded.ours, theirs = excluded.theirs,
        explanation = excluded.explanation, seen_at = now(), cleared_at = null;
  end if;
  return jsonb_build_object('status', 'explained', 'difference', v_difference::text, 'ours', v_ours::text, 'explanation', v_explanation);
end $function$;
comment on function public.explain_usage(uuid,text,date,numeric) is 'Holds a meter''s sum of a day against ours. Status explained, with same, arrived_unmarked, counted_although_refused, one_counted_twice, one_not_counted, none_counted, unexplained_more or unexplained_less; or malformed. Where all or none of what was uncertain arrived, it is delivered or owed again.';

CREATE OR REPLACE FUNCTION public.export_code_batch(p_operator_id uuid, p_batch_id uuid, p_export_id uuid, p_reason text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_batch public.code_batches;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif p_export_id is null or (coalesce(length(trim(p_reason)) between 1 and 500, true)) is not true then
    return jsonb_build_object('status', 'unknown_batch');
  end if;
  select * into v_batch from public.code_batches where id = p_batch_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_batch');
  elsif v_batch.revoked_at is not null then
    return jsonb_build_object('status', 'revoked');
  elsif v_batch.export_id is distinct from p_export_id and v_batch.export_id is not null then
    return jsonb_build_object('status', 'already_exported', 'exported_at', v_batch.exported_at);
  end if;
  if v_batch.export_id is null and p_reason is not null then
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, 'export_codes', p_batch_id::text, trim(p_reason));
  end if;
  -- The same export may be asked again: its sidecar did not get the answer.
  update public.code_batches
    set exported_at = coalesce(exported_at, now()), exported_by = coalesce(exported_by, p_operator_id),
        export_id = p_export_id
    where id = p_batch_id returning * into v_batch;
  return jsonb_build_object('status', 'exported', 'batch', private.describe_batch(v_batch), 'card_ids',
    (select jsonb_agg(card_id order by card_id) from public.code_batch_cards where batch_id = p_batch_id));
end $function$;
comment on function public.export_code_batch(uuid,uuid,uuid,text) is 'Notes that the codes of a batch leave the house, which they do once, and answers its cards. Refuses with status not_an_operator, unknown_batch, revoked or already_exported.';

CREATE OR REPLACE FUNCTION public.export_part(p_user_id uuid, p_part text, p_after_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_after_id text DEFAULT NULL::text, p_limit integer DEFAULT 500)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with page as (
    select * from private.export_rows(p_user_id, p_part) r
    where p_after_at is null or (r.at, r.id) > (p_after_at, coalesce(p_after_id, ''))
    order by r.at, r.id limit greatest(1, least(coalesce(p_limit, 500), 1000)))
  select jsonb_build_object('items', coalesce(jsonb_agg(item order by at, id), '[]'),
    'next', case when count(*) = greatest(1, least(coalesce(p_limit, 500), 1000)) then
      (select jsonb_build_object('at', at, 'id', id) from page order by at desc, id desc limit 1) end)
  from page
$function$;
comment on function public.export_part(uuid,text,timestamp with time zone,text,integer) is 'A page of what is kept of a person: of their cards, ledger, calls, purchases, memories, support_requests or usage, oldest first. next says where the next page begins; null on the last one.';

CREATE OR REPLACE FUNCTION public.export_person(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object(
    'account', jsonb_build_object('user_id', u.id, 'email', u.email, 'display_name', u.display_name, 'role', u.role,
      'signed_up_at', u.created_at, 'stripe_customer_id', u.stripe_customer_id, 'balance_seconds', a.balance,
      'debt_seconds', a.debt),
    'settings', (select jsonb_build_object('locale', s.locale, 'voice', s.voice, 'memory_enabled', s.memory_enabled)
      from public.caller_settings s where s.user_id = u.id),
    'page', (select jsonb_build_object('language', s.language, 'seen_language', s.seen_language, 'mails_off', s.mails_off)
      from private.page_settings s where s.user_id = u.id),
    'automatic_top_up', public.read_auto_top_up(u.id),
    'trial', (select jsonb_build_object('card_id', t.card_id, 'claimed_at', t.claimed_at)
      from private.trials t where t.user_id = u.id))
  from public.users u join public.accounts a on a.id = u.id where u.id = p_user_id and u.deleted_at is null
$function$;
comment on function public.export_person(uuid) is 'What is kept of a person once: account, settings, consent. Null for nobody.';

CREATE OR REPLACE FUNCTION public.fail_stripe_event(p_event_id text, p_error text, p_max_attempts integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_event public.stripe_events;
begin
  update public.stripe_events
    set attempts = attempts + 1, last_error = left(p_error, 500),
        status = case when attempts + 1 < p_max_attempts then status else 'parked' end
    where id = p_event_id and status = 'received' returning * into v_event;
  if not found then
    return jsonb_build_object('status', 'not_waiting');
  end if;
  return jsonb_build_object('status', v_event.status, 'attempts', v_event.attempts);
end $function$;
comment on function public.fail_stripe_event(text,text,integer) is 'Counts a failure to apply an event, and parks it at the last one allowed. Answers received, parked or not_waiting.';

CREATE OR REPLACE FUNCTION public.find_machine_order(p_user_id uuid, p_tenant_id uuid, p_secret_hash text, p_key text DEFAULT NULL::text, p_order_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.machine_order(m.purchase_id) from public.machine_payments m
  where m.account_id = coalesce(p_tenant_id, private.machine_buyer(p_user_id, p_tenant_id, p_secret_hash, false))
    and (p_tenant_id is null or private.machine_buyer(p_user_id, p_tenant_id, p_secret_hash, false) is not null)
    and (m.order_key = p_key or m.purchase_id = p_order_id)
  order by m.attempt desc limit 1
$function$;
comment on function public.find_machine_order(uuid,uuid,text,text,uuid) is 'An order of this person, tenant or secret, by its key or its id, as it stands; null where there is none of theirs.';

CREATE OR REPLACE FUNCTION public.find_people(p_text text, p_code_hash text DEFAULT NULL::text, p_limit integer DEFAULT 20)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with asked as (
    -- Whatever begins with it lies between it and it with the last of all characters behind: so an index finds it, which it
    -- does not for a pattern that is known only when it is asked.
    select text, lower(text) as first, lower(text) || U&'\+10FFFF' as last from (select trim(left(p_text, 200)) as text) t
    where length(text) > 0),
  found as (
    (select u.id as user_id, 'e-mail' as found_by, 1 as rank from public.users u, asked
      where lower(u.email) ~>=~ asked.first and lower(u.email) ~<~ asked.last order by lower(u.email) limit 50)
    union all
    (select u.id, 'name', 2 from public.users u, asked
      where lower(u.display_name) ~>=~ asked.first and lower(u.display_name) ~<~ asked.last order by lower(u.display_name) limit 50)
    union all
    select f.user_id, f.found_by, 0 from asked, private.people_of_id(
      case when asked.text ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then asked.text::uuid end) f
    union all select p.user_id, 'payment', 0 from public.purchases p, asked
      where p.payment_intent_id = asked.text or p.checkout_session_id = asked.text
    union all select p.user_id, 'refund', 0 from public.payment_refunds r join public.purchases p on p.id = r.purchase_id, asked where r.id = asked.text
    union all select p.user_id, 'dispute', 0 from public.payment_disputes d join public.purchases p on p.id = d.purchase_id, asked where d.id = asked.text
    union all select u.id, 'customer', 0 from public.users u, asked where u.stripe_customer_id = asked.text
    union all select o.user_id, case o.user_id when g.account_id then 'code' else 'code given' end, 0
      from public.activation_codes c join public.grants g on g.id = c.card_id
      cross join lateral (select g.account_id as user_id union select g.purchaser_id) o where c.code_hash = p_code_hash)
  select coalesce(jsonb_agg(jsonb_build_object('user_id', u.id, 'email', u.email, 'display_name', u.display_name,
      'created_at', private.utc_text(u.created_at), 'is_deleted', u.deleted_at is not null, 'is_frozen', u.frozen_at is not null,
      'role', u.role, 'found_by', f.found_by, 'balance_seconds', coalesce(a.balance, 0)) order by f.rank, lower(u.email), u.id), '[]')
  from (select o.*, p.email from (select distinct on (user_id) * from found where user_id is not null order by user_id, rank) o
    join public.users p on p.id = o.user_id order by o.rank, lower(p.email), p.id limit greatest(1, least(coalesce(p_limit, 20), 100))) f
  join public.users u on u.id = f.user_id left join public.accounts a on a.id = u.id
$function$;
comment on function public.find_people(text,text,integer) is 'People by the beginning of their e-mail address or name, or by the id of anything of theirs: person, call, purchase, card, payment, refund, dispute, customer, or the hash of a code.';

CREATE OR REPLACE FUNCTION public.finish_execution(p_execution_id uuid, p_outcome text, p_http_status integer DEFAULT NULL::integer, p_bytes bigint DEFAULT NULL::bigint, p_took_ms integer DEFAULT NULL::integer, p_result jsonb DEFAULT NULL::jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_execution public.api_executions;
begin
  select * into v_execution from public.api_executions where id = p_execution_id for update;
  if v_execution.id is null then
    return jsonb_build_object('status', 'unknown_execution');
  elsif v_execution.status <> 'running' then
    return private.describe_execution(v_execution, true);
  elsif (p_outcome in ('ok', 'timeout', 'unreachable', 'unsafe', 'redirect', 'server_error', 'client_error', 'too_big', 'bad_answer', 'bad_arguments', 'lost')
      and coalesce(p_http_status between 100 and 599, true) and coalesce(p_bytes >= 0, true) and coalesce(p_took_ms >= 0, true)) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  return private.describe_execution(
    private.end_execution(v_execution, p_outcome, p_http_status, p_bytes, p_took_ms, p_result), false);
end $function$;
comment on function public.finish_execution(uuid,text,integer,bigint,integer,jsonb) is 'Settles a call of a paid API by what became of it: charged when it answered, or when our arguments were wrong and the seller charges for that; never otherwise. Harmless to repeat. Answers succeeded or failed with the money, unknown_execution or malformed.';

CREATE OR REPLACE FUNCTION public.finish_operator_refund(p_refund_id uuid, p_stripe_refund_id text, p_refusal text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.operator_refunds
    set stripe_refund_id = p_stripe_refund_id, refusal = case when p_stripe_refund_id is null then left(p_refusal, 500) end
    where id = p_refund_id and stripe_refund_id is null and (p_stripe_refund_id is not null or p_refusal is not null);
  return found;
end $function$;
comment on function public.finish_operator_refund(uuid,text,text) is 'Notes what Stripe made of a refund: its id, or why it was refused. A refund that was made stays made.';

CREATE OR REPLACE FUNCTION public.finish_stripe_event(p_event_id text, p_event_type text, p_outcome text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not private.claim_event(p_event_id, p_event_type, null, 'applying') then
    return jsonb_build_object('status', 'duplicate_event');
  end if;
  return private.finish_event(p_event_id, p_outcome);
end $function$;
comment on function public.finish_stripe_event(text,text,text) is 'Ends an event that is about no purchase of ours. Answers the outcome, or duplicate_event.';

CREATE OR REPLACE FUNCTION public.forget_activation_addresses()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_count int;
begin
  delete from public.activation_addresses where address_hash in
    (select address_hash from public.activation_addresses where forget_at <= now() for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end $function$;
comment on function public.forget_activation_addresses() is 'Removes the addresses whose hour is over; answers how many.';

CREATE OR REPLACE FUNCTION public.forget_customer(p_customer_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id uuid;
  v_tenant_id uuid;
begin
  update public.users set stripe_customer_id = null where stripe_customer_id = p_customer_id returning id into v_user_id;
  if found then
    perform private.owe_customer(v_user_id, p_customer_id);
    return jsonb_build_object('status', 'forgotten', 'user_id', v_user_id);
  end if;
  update public.tenants set stripe_customer_id = null where stripe_customer_id = p_customer_id returning id into v_tenant_id;
  if not found then
    return jsonb_build_object('status', 'unknown_customer');
  end if;
  perform private.owe_tenant_customer(v_tenant_id, p_customer_id);
  return jsonb_build_object('status', 'forgotten', 'tenant_id', v_tenant_id);
end $function$;
comment on function public.forget_customer(text) is 'For customer.deleted: nobody has this customer any more, and a new one is owed. Status forgotten or unknown_customer, which is also the answer to a repeat.';

CREATE OR REPLACE FUNCTION public.forget_trial_addresses()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_count int;
begin
  update private.trials set address_hash = null
    where address_hash is not null and claimed_at <= now() - interval '30 days';
  get diagnostics v_count = row_count;
  return v_count;
end $function$;
comment on function public.forget_trial_addresses() is 'Removes the network addresses of trials that are older than 30 days.';

CREATE OR REPLACE FUNCTION public.freeze_person(p_user_id uuid, p_is_frozen boolean, p_operator_id uuid, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_person public.users;
begin
  if (length(trim(p_reason)) between 1 and 500) is not true or p_is_frozen is null then
    return jsonb_build_object('status', 'invalid_act');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif p_user_id = p_operator_id then
    return jsonb_build_object('status', 'own_affair');
  end if;
  select * into v_person from public.users where id = p_user_id and deleted_at is null for update;
  if not found then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  if (v_person.frozen_at is not null) is distinct from p_is_frozen then
    update public.users set frozen_at = case when p_is_frozen then now() end where id = p_user_id;
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, case when p_is_frozen then 'freeze' else 'unfreeze' end, p_user_id::text, trim(p_reason));
  end if;
  return jsonb_build_object('status', case when p_is_frozen then 'frozen' else 'free' end);
end $function$;
comment on function public.freeze_person(uuid,boolean,uuid,text) is 'Freezes an account, or frees it, for a reason; a repeat changes nothing. Status frozen or free; refuses with invalid_act, not_an_operator, own_affair or unknown_user.';

CREATE OR REPLACE FUNCTION public.fund_agent(p_user_id uuid, p_agent_id uuid, p_micros bigint, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.fund_agent(uuid,uuid,bigint,text) is 'Moves money from the wallet of who an agent works for to the agent''s, once for a key. Refuses with not_allowed, not_enough_money, unknown_wallet, key_reused or malformed.';

CREATE OR REPLACE FUNCTION public.get_user_analytics(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.user_analytics(p_user_id) || jsonb_build_object(
    'conversation', private.conversation_totals(p_user_id), 'calls', private.conversation_calls(p_user_id))
$function$;

CREATE OR REPLACE FUNCTION public.get_user_time_balance(user_id uuid)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(sum(g.remaining), 0)::bigint from public.grants g
  where g.account_id = get_user_time_balance.user_id and g.unit = 'second' and g.status = 'active' and g.expires_at > now()
$function$;
comment on function public.get_user_time_balance(uuid) is 'Seconds left on all active, unexpired cards of a person, including those promised to live calls.';

CREATE OR REPLACE FUNCTION public.give_promotional_credits(p_tenant_id uuid, p_credits bigint, p_days integer, p_reason text, p_operator_id uuid, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_grant private.credit_grants;
begin
  if (p_credits between 1 and 1000000000000 and p_days between 1 and 3660 and length(trim(p_reason)) between 1 and 500
      and length(p_key) between 1 and 200) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif not exists (select from public.tenants where id = p_tenant_id and closed_at is null)
      or not exists (select from public.users where id = p_operator_id and role = 'operator' and deleted_at is null) then
    return jsonb_build_object('status', 'unknown');
  elsif exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_operator_id) then
    -- Nobody gives to themselves, here as little as time.
    return jsonb_build_object('status', 'own_tenant');
  end if;
  v_grant.tenant_id := p_tenant_id;
  v_grant.kind := 'promotion';
  v_grant.amount := p_credits;
  v_grant.reason := trim(p_reason);
  v_grant.given_by := p_operator_id;
  v_grant.key := 'promotion:' || p_operator_id || ':' || p_key;
  return jsonb_build_object('status', case when private.give_credits((private.lock_credits(p_tenant_id)).id, v_grant,
    now() + make_interval(days => p_days)) then 'given' else 'given_before' end);
end $function$;
comment on function public.give_promotional_credits(uuid,bigint,integer,text,uuid,text) is 'Gives a tenant credits for so many days: burned before those that were paid for. Once by its key. Status given, given_before, malformed, unknown (tenant, or operator) or own_tenant.';

CREATE OR REPLACE FUNCTION public.grant_goodwill(p_user_id uuid, p_seconds integer, p_reason text, p_operator_id uuid, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.grant_goodwill(uuid,integer,text,uuid,text) is 'Gives a person time, for a reason, by an operator; the same key gives it once. Refuses with status invalid_grant, not_an_operator, own_account, unknown_user or key_reused.';

CREATE OR REPLACE FUNCTION public.invite_member(p_user_id uuid, p_tenant_id uuid, p_invitation_id uuid, p_email text, p_role text, p_token_hash text, p_valid_days integer DEFAULT 7)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_role text;
  v_email text := lower(trim(p_email));
  v_invitation public.tenant_invitations;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_role <> 'owner' then
    return jsonb_build_object('status', 'not_allowed');
  elsif (length(v_email) between 3 and 320 and p_role in ('owner', 'billing', 'member') and p_invitation_id is not null
      and p_token_hash ~ '^[0-9a-f]{64}$' and p_valid_days between 1 and 30) is not true then
    return jsonb_build_object('status', 'invalid_invitation');
  elsif exists (select from public.tenant_members m join public.users u on u.id = m.user_id
      where m.tenant_id = p_tenant_id and lower(u.email) = v_email) then
    return jsonb_build_object('status', 'already_member');
  end if;
  update public.tenant_invitations set revoked_at = now()
    where tenant_id = p_tenant_id and email = v_email and accepted_at is null and revoked_at is null and expires_at <= now();
  select * into v_invitation from public.tenant_invitations
    where tenant_id = p_tenant_id and email = v_email and accepted_at is null and revoked_at is null;
  if found then
    -- Asked for already: no second mail, but the role that was said last.
    update public.tenant_invitations set role = p_role where id = v_invitation.id returning * into v_invitation;
    return jsonb_build_object('status', 'invited', 'replayed', true, 'invitation', private.describe_invitation(v_invitation));
  end if;
  -- Mail to strangers is not to be had without end: by whoever invites, and for whoever is invited.
  perform pg_advisory_xact_lock(hashtextextended(p_user_id::text, 20101));
  if (select count(*) from public.tenant_invitations
      where invited_by = p_user_id and created_at > now() - interval '1 day') >= 50
    or (select count(*) from public.tenant_invitations
      where email = v_email and created_at > now() - interval '1 day') >= 5 then
    return jsonb_build_object('status', 'too_many_invitations');
  end if;
  insert into public.tenant_invitations (id, tenant_id, email, role, token_hash, invited_by, expires_at)
    values (p_invitation_id, p_tenant_id, v_email, p_role, p_token_hash, p_user_id, now() + make_interval(days => p_valid_days))
    on conflict do nothing returning * into v_invitation;
  if not found then
    return jsonb_build_object('status', 'invalid_invitation');
  end if;
  perform private.enqueue('notice', 'notice:tenant_invitation:' || v_invitation.id,
    jsonb_build_object('notice', 'tenant_invitation', 'invitation_id', v_invitation.id));
  return jsonb_build_object('status', 'invited', 'replayed', false, 'invitation', private.describe_invitation(v_invitation));
end $function$;
comment on function public.invite_member(uuid,uuid,uuid,text,text,text,integer) is 'An owner invites an e-mail address; a mail with a link is owed. One that waits is answered again, without a mail. Refuses with unknown_tenant, not_allowed, already_member, too_many_invitations (50 a day by one person, 5 to one address) or invalid_invitation.';

CREATE OR REPLACE FUNCTION public.job_figures()
 RETURNS TABLE(kind text, waiting bigint, given_up bigint, oldest_seconds bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select j.name, count(*) filter (where j.state <> 'failed'), count(*) filter (where j.state = 'failed'),
    coalesce(greatest(0, floor(extract(epoch from now() - min(j.created_on) filter (where j.state <> 'failed')))), 0)::bigint
  from pgboss.job j join private.job_kinds k on k.name = j.name
  where j.state in ('created', 'retry', 'active', 'failed') group by j.name order by j.name
$function$;
comment on function public.job_figures() is 'What is still owed, by kind.';

CREATE OR REPLACE FUNCTION public.list_api_keys(p_user_id uuid, p_tenant_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case r.role when 'member' then jsonb_build_object('status', 'not_allowed') else
    case when r.role is null then jsonb_build_object('status', 'unknown_tenant') else
    jsonb_build_object('status', 'found', 'keys', (select coalesce(jsonb_agg(private.describe_api_key(k) order by k.created_at desc, k.id), '[]')
      from (select * from public.api_keys where tenant_id = p_tenant_id order by created_at desc, id limit 500) k)) end end
  from (select private.role_in(p_user_id, p_tenant_id) as role) r
$function$;
comment on function public.list_api_keys(uuid,uuid) is 'The newest 500 keys of a tenant, for its owners and who does its billing. Status found, not_allowed or unknown_tenant.';

CREATE OR REPLACE FUNCTION public.list_api_products(p_user_id uuid, p_seller_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.list_api_products(uuid,uuid) is 'The products of a seller, for who may act for it, or those of the house, for operators: with the names of their secrets. Refuses with not_allowed.';

CREATE OR REPLACE FUNCTION public.list_billing_invoices(p_tenant_id uuid, p_limit integer DEFAULT 50, p_before timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(private.describe_invoice(i) order by i.created_at desc, i.id), '[]')
  from (select * from public.billing_invoices where tenant_id = p_tenant_id and (p_before is null or created_at < p_before) and status <> 'deleted'
    order by created_at desc, id limit greatest(0, least(p_limit, 200))) i
$function$;
comment on function public.list_billing_invoices(uuid,integer,timestamp with time zone) is 'The invoices of a tenant, newest first, with what each is made of.';

CREATE OR REPLACE FUNCTION public.list_calls(p_user_id uuid, p_tenant_id uuid DEFAULT NULL::uuid, p_before uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 20)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
declare
  v_role text := private.role_in(p_user_id, p_tenant_id);
  v_sees_all boolean := v_role in ('owner', 'billing');
  v_before public.calls;
  v_answer jsonb;
begin
  if p_tenant_id is not null and v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  if p_before is not null then
    select * into v_before from public.calls c where c.id = p_before and private.may_see_call(p_user_id, c);
    if not found then
      return jsonb_build_object('status', 'unknown_call');
    end if;
  end if;
  -- An index leads to a person's calls, and to a tenant's.
  with page as (
    select c, row_number() over (order by c.opened_at desc, c.id desc) as place
    from public.calls c
    where (case when v_sees_all then c.tenant_id = p_tenant_id
        else c.user_id = p_user_id and (p_tenant_id is null or c.tenant_id = p_tenant_id) end)
      and (v_sees_all is true or c.tenant_id is null or private.may_see_call(p_user_id, c))
      and (p_before is null or (c.opened_at, c.id) < (v_before.opened_at, v_before.id))
    order by c.opened_at desc, c.id desc limit private.page_size(p_limit) + 1)
  select jsonb_build_object('status', 'found',
    'calls', coalesce(jsonb_agg(private.call_seen(p.c) || case when v_sees_all then jsonb_build_object('user_id', (p.c).user_id,
        'display_name', (select u.display_name from public.users u where u.id = (p.c).user_id)) else '{}' end order by place)
      filter (where place <= private.page_size(p_limit)), '[]'),
    'next', (select (n.c).id from page n where n.place = private.page_size(p_limit)
      and exists (select from page more where more.place > n.place))) into v_answer
  from page p;
  return v_answer;
end $function$;
comment on function public.list_calls(uuid,uuid,uuid,integer) is 'A page of calls, newest first: a person''s own, on their own time and on that of tenants they belong to; or, of a tenant, their own, and for owners and who does its billing all, with who talked. Refuses with unknown_tenant or unknown_call (of p_before).';

CREATE OR REPLACE FUNCTION public.list_code_batches(p_operator_id uuid, p_limit integer DEFAULT 100)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when private.is_operator(p_operator_id) then jsonb_build_object('status', 'listed', 'batches',
      (select coalesce(jsonb_agg(private.describe_batch(b) order by b.created_at desc, b.id), '[]') from
        (select * from public.code_batches order by created_at desc, id limit greatest(0, least(p_limit, 1000))) b))
    else jsonb_build_object('status', 'not_an_operator') end
$function$;
comment on function public.list_code_batches(uuid,integer) is 'The newest batches and what became of their codes. Refuses with status not_an_operator.';

CREATE OR REPLACE FUNCTION public.list_credit_plans()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object(
    'plans', coalesce((select jsonb_agg(to_jsonb(p) - 'active' - 'plan_id' order by p.base_price_cad, p.code) from public.billing_plans p where p.active), '[]'),
    'credit_rules', coalesce((select jsonb_agg(jsonb_build_object('event_type', r.event_type, 'unit', r.unit, 'pieces_per_unit', r.pieces_per_unit,
        'credits_per_unit', trim_scale(round(r.credits::numeric * r.pieces_per_unit / r.per_pieces, 6))) order by r.event_type)
      from public.credit_rules r where r.valid_from <= now() and (r.valid_to is null or r.valid_to > now())), '[]'))
$function$;
comment on function public.list_credit_plans() is 'Plans with credits that are for sale, cheapest first, and what costs how many credits now.';

CREATE OR REPLACE FUNCTION public.list_gainshare(p_tenant_id uuid, p_limit integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(private.describe_gainshare(r) order by r.created_at desc, r.id), '[]')
  from (select * from public.gainshare_runs where tenant_id = p_tenant_id order by created_at desc, id
    limit greatest(0, least(p_limit, 200))) r
$function$;
comment on function public.list_gainshare(uuid,integer) is 'The runs of a tenant, newest first, each with its chain and what was done about it.';

CREATE OR REPLACE FUNCTION public.list_given_up_jobs(p_limit integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'kind', j.name, 'key', j.singleton_key,
    'attempts', j.retry_count + 1, 'created_at', j.created_on, 'parked_at', j.completed_on,
    'last_error', private.why_given_up(j)) order by j.completed_on desc, j.id), '[]')
  from (select j.* from pgboss.job j join private.job_kinds k on k.name = j.name
        where j.state = 'failed' order by j.completed_on desc, j.id limit greatest(0, least(p_limit, 1000))) j
$function$;
comment on function public.list_given_up_jobs(integer) is 'The dead letters: jobs that had all their attempts, or cannot succeed. Newest first.';

CREATE OR REPLACE FUNCTION public.list_invitations(p_user_id uuid, p_tenant_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select (select coalesce(jsonb_agg(private.describe_invitation(i) order by i.created_at desc, i.id), '[]')
    from (select * from public.tenant_invitations where tenant_id = p_tenant_id order by created_at desc, id limit 200) i)
  from (select private.role_in(p_user_id, p_tenant_id) as role) r where r.role = 'owner'
$function$;
comment on function public.list_invitations(uuid,uuid) is 'The last 200 invitations of a tenant, for its owners; null for others.';

CREATE OR REPLACE FUNCTION public.list_invoice_runs(p_limit integer, p_after_seconds integer DEFAULT 0)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(x.id order by x.id), '[]') from (
    select s.id from public.subscriptions s where exists (select from public.credit_periods c left join private.invoiced_periods i
        on i.subscription_id = c.subscription_id and i.period_start = c.period_start
      where c.subscription_id = s.id and i.subscription_id is null and (c.period_start < s.current_period_start or s.ended_at is not null)
        and least(c.period_end, s.ended_at) <= now() - make_interval(secs => greatest(0, p_after_seconds)))
      or exists (select from private.invoice_lines l where l.subscription_id = s.id and l.invoice_id is null
        and (l.placed_at is null or s.ended_at is not null) and l.created_at <= now() - make_interval(secs => greatest(0, p_after_seconds)))
    order by s.id limit greatest(0, least(p_limit, 1000))) x
$function$;
comment on function public.list_invoice_runs(integer,integer) is 'Subscriptions with a period that has been over for so long and is on no invoice, or with something that is not at Stripe yet.';

CREATE OR REPLACE FUNCTION public.list_memories(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((
    select jsonb_build_object('status', 'listed', 'memory_enabled', s.memory_enabled, 'memories', coalesce((
      select jsonb_agg(jsonb_build_object('id', m.id, 'text', m.text, 'kind', m.kind, 'source', m.source,
          'call_id', m.call_id, 'created_at', private.utc_text(m.created_at), 'updated_at', private.utc_text(m.updated_at))
        order by m.updated_at desc, m.id desc)
      from public.caller_memories m where m.user_id = s.user_id), '[]'))
    from private.settings_of(p_user_id) s where s.user_id is not null), jsonb_build_object('status', 'unknown_user'))
$function$;
comment on function public.list_memories(uuid) is 'Everything that is remembered of a person, newest first, also while memory is off. Status listed or unknown_user.';

CREATE OR REPLACE FUNCTION public.list_operator_acts(p_before timestamp with time zone, p_limit integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('at', private.utc_text(a.at), 'operator_id', a.operator_id,
    'operator_email', u.email, 'act', a.act, 'subject', a.subject, 'reason', a.reason) order by a.at desc, a.act, a.subject), '[]')
  from private.all_operator_acts(coalesce(p_before, 'infinity'), greatest(1, least(coalesce(p_limit, 100), 1000))) a
  left join public.users u on u.id = a.operator_id
$function$;
comment on function public.list_operator_acts(timestamp with time zone,integer) is 'What operators did and why, newest first, from before a time on.';

CREATE OR REPLACE FUNCTION public.list_opportunities(p_limit integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'title', o.title, 'source', o.source, 'task_type', o.task_type, 'status', o.status,
    'score', o.score, 'target_api_id', o.target_api_id, 'expected_revenue_micros', o.expected_revenue_micros, 'max_price_micros', o.max_price_micros,
    'created_at', private.utc_text(o.created_at), 'expires_at', private.utc_text(o.expires_at)) order by o.created_at desc, o.id), '[]')
  from (select * from public.market_opportunities order by created_at desc, id limit greatest(0, least(p_limit, 500))) o
$function$;
comment on function public.list_opportunities(integer) is 'What could be done, newest first.';

CREATE OR REPLACE FUNCTION public.list_own_requests(p_user_id uuid, p_before uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 20)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(private.describe_request(r) order by r.created_at desc, r.id desc), '[]')
  from (select q.* from private.support_requests q
    where q.user_id = p_user_id and (p_before is null or (q.created_at, q.id) < (select b.created_at, b.id
      from private.support_requests b where b.id = p_before and b.user_id = p_user_id))
    order by q.created_at desc, q.id desc limit greatest(1, least(coalesce(p_limit, 20), 100))) r
$function$;
comment on function public.list_own_requests(uuid,uuid,integer) is 'What somebody asked for help with, newest first, page by page: from behind p_before on.';

CREATE OR REPLACE FUNCTION public.list_payment_verifications(p_tenant_id uuid, p_before timestamp with time zone DEFAULT NULL::timestamp with time zone, p_limit integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(to_jsonb(v) order by v.created_at desc, v.id desc), '[]') from (
    select id, key, chain, tx_hash, reference, status, verdict, is_final, created_at, updated_at from private.payment_verifications
    where tenant_id = p_tenant_id and created_at < coalesce(p_before, 'infinity')
    order by created_at desc, id desc limit greatest(1, least(coalesce(p_limit, 50), 100))) v
$function$;
comment on function public.list_payment_verifications(uuid,timestamp with time zone,integer) is 'What a tenant had verified, newest first.';

CREATE OR REPLACE FUNCTION public.list_people_without_customer(p_limit integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('count', (select count(*) from public.users where stripe_customer_id is null),
    'people', coalesce((select jsonb_agg(jsonb_build_object('user_id', p.id, 'signed_up_at', p.created_at,
        'outbox_item_id', j.id, 'attempts', j.retry_count + (j.started_on is not null)::int,
        'parked_at', case j.state when 'failed' then j.completed_on end, 'last_error', private.why_given_up(j))
        order by p.created_at, p.id)
      from (select id, created_at from public.users where stripe_customer_id is null
            order by created_at, id limit greatest(0, least(p_limit, 1000))) p
      left join lateral (select * from pgboss.job where name = 'create_customer'
        and data ->> 'user_id' = p.id::text order by created_on desc limit 1) j on true), '[]'))
$function$;
comment on function public.list_people_without_customer(integer) is 'Who has no customer at Stripe, longest first, with what became of the attempts to make one.';

CREATE OR REPLACE FUNCTION public.list_purchases(p_user_id uuid, p_before uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 20)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with page as (
    select p, row_number() over (order by p.created_at desc, p.id desc) as place
    from public.purchases p
    where p.user_id = p_user_id and p.tenant_id is null and p.status in ('processing', 'review', 'succeeded', 'refused')
      and (p_before is null or (p.created_at, p.id) < (
        select b.created_at, b.id from public.purchases b where b.id = p_before and b.user_id = p_user_id))
    order by p.created_at desc, p.id desc limit private.page_size(p_limit) + 1)
  select jsonb_build_object(
    'purchases', coalesce(jsonb_agg(private.purchase_seen(p) order by place)
      filter (where place <= private.page_size(p_limit)), '[]'),
    'next', (select (n.p).id from page n where n.place = private.page_size(p_limit)
      and exists (select from page more where more.place > n.place)))
  from page
$function$;
comment on function public.list_purchases(uuid,uuid,integer) is 'A page of a person''s purchases whose money came or is on its way, newest first. next is the p_before of the next page, null on the last one; a p_before that is none of theirs answers an empty page.';

CREATE OR REPLACE FUNCTION public.list_support_requests(p_status text DEFAULT NULL::text, p_user_id uuid DEFAULT NULL::uuid, p_about_id uuid DEFAULT NULL::uuid, p_after uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_from private.support_requests;
  v_limit int := greatest(1, least(coalesce(p_limit, 50), 200));
  v_page jsonb;
begin
  select * into v_from from private.support_requests where id = p_after;
  -- Who waits longest comes first; of what is done, the newest.
  if p_status = 'open' then
    select jsonb_agg(private.request_for_operators(r) order by r.created_at, r.id) into v_page
      from (select * from private.support_requests q where status = 'open'
          and (p_user_id is null or user_id = p_user_id) and (p_about_id is null or about_id = p_about_id)
          and (p_after is null or (q.created_at, q.id) > (v_from.created_at, v_from.id))
        order by created_at, id limit v_limit) r;
  else
    select jsonb_agg(private.request_for_operators(r) order by r.created_at desc, r.id desc) into v_page
      from (select * from private.support_requests q where (p_status is null or status = p_status)
          and (p_user_id is null or user_id = p_user_id) and (p_about_id is null or about_id = p_about_id)
          and (p_after is null or (q.created_at, q.id) < (v_from.created_at, v_from.id))
        order by created_at desc, id desc limit v_limit) r;
  end if;
  return jsonb_build_object('requests', coalesce(v_page, '[]'),
    'next', case when jsonb_array_length(v_page) = v_limit then v_page -> -1 -> 'id' end);
end $function$;
comment on function public.list_support_requests(text,uuid,uuid,uuid,integer) is 'For operators, page by page: open ones longest waiting first, all others newest first; of one person or about one call, purchase or card. next is passed as p_after, and null on the last page.';

CREATE OR REPLACE FUNCTION public.list_tasks(p_limit integer DEFAULT 50, p_before timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(private.read_task(t) || jsonb_build_object('agent_name', a.agent_name) order by t.created_at desc, t.id), '[]')
  from (select * from public.brain_tasks where p_before is null or created_at < p_before order by created_at desc, id
    limit greatest(0, least(p_limit, 500))) t join public.autonomous_agents a on a.id = t.assigned_agent
$function$;
comment on function public.list_tasks(integer,timestamp with time zone) is 'Tasks, newest first.';

CREATE OR REPLACE FUNCTION public.list_tenant_members(p_user_id uuid, p_tenant_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select (select jsonb_agg(jsonb_build_object('user_id', m.user_id, 'display_name', u.display_name, 'role', m.role,
        -- Members know each other by name; an address is for who invites and bills.
        'email', case when r.role in ('owner', 'billing') or m.user_id = p_user_id then u.email end,
        'joined_at', private.utc_text(m.created_at)) order by m.created_at, m.user_id)
      from public.tenant_members m join public.users u on u.id = m.user_id where m.tenant_id = p_tenant_id)
  from (select private.role_in(p_user_id, p_tenant_id) as role) r where r.role is not null
$function$;
comment on function public.list_tenant_members(uuid,uuid) is 'Who belongs to a tenant, for its members; null for others.';

CREATE OR REPLACE FUNCTION public.list_tenants(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(private.describe_tenant(t, m.role) order by t.created_at, t.id), '[]')
  from public.tenant_members m join public.tenants t on t.id = m.tenant_id
    join public.users u on u.id = m.user_id and u.deleted_at is null
  where m.user_id = p_user_id and t.closed_at is null
$function$;
comment on function public.list_tenants(uuid) is 'The open tenants that a person belongs to, with their role in each.';

CREATE OR REPLACE FUNCTION public.list_tenants_without_customer(p_limit integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('count', (select count(*) from public.tenants where stripe_customer_id is null and closed_at is null),
    'tenants', coalesce((select jsonb_agg(jsonb_build_object('tenant_id', p.id, 'created_at', p.created_at,
        'outbox_item_id', j.id, 'attempts', j.retry_count + (j.started_on is not null)::int,
        'parked_at', case j.state when 'failed' then j.completed_on end, 'last_error', private.why_given_up(j))
        order by p.created_at, p.id)
      from (select id, created_at from public.tenants where stripe_customer_id is null and closed_at is null
            order by created_at, id limit greatest(0, least(p_limit, 1000))) p
      left join lateral (select * from pgboss.job where name = 'create_tenant_customer'
        and data ->> 'tenant_id' = p.id::text order by created_on desc limit 1) j on true), '[]'))
$function$;
comment on function public.list_tenants_without_customer(integer) is 'Which tenants have no customer at Stripe, longest first, with what became of the attempts to make one.';

CREATE OR REPLACE FUNCTION public.live_subscription(p_tenant_id uuid, p_line text DEFAULT 'credits'::text)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select s.id from public.subscriptions s join public.plans p on p.id = s.plan_id and p.line = p_line
  where s.tenant_id = p_tenant_id and s.status not in ('canceled', 'incomplete_expired')
  order by s.status = 'incomplete', s.current_period_end desc nulls last, s.id limit 1
$function$;
comment on function public.live_subscription(uuid,text) is 'The id of the subscription that a tenant has in a line, or null.';

CREATE OR REPLACE FUNCTION public.make_usage_partitions(p_months integer DEFAULT 3)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_months date[];
  v_month date;
  v_made text[] := '{}';
  v_elsewhere bigint;
begin
  if not pg_try_advisory_xact_lock(24, 6) then
    return jsonb_build_object('status', 'busy');
  end if;
  -- Read to the end before anything is made: a table that is being read cannot be changed.
  v_months := array(
    select (date_trunc('month', now() at time zone 'utc') + make_interval(months => n))::date
      from generate_series(0, greatest(0, least(coalesce(p_months, 3), 24))) n
    union select occurred_month from private.usage_events_elsewhere
      where occurred_month between '2020-01-01' and date_trunc('month', now() at time zone 'utc') + interval '2 years' order by 1);
  foreach v_month in array v_months loop
    if private.make_usage_partition(v_month) then
      v_made := v_made || v_month::text;
    end if;
  end loop;
  select count(*) into v_elsewhere from private.usage_events_elsewhere;
  if v_elsewhere > 0 then
    -- The clock of a server has jumped, or somebody wrote by hand.
    perform public.note_finding('usage_out_of_time', 'usage_events_elsewhere', format('%s usage events are of months that cannot be '
      'true (first: %s). They are counted in those months.', v_elsewhere, (select min(occurred_month) from private.usage_events_elsewhere)));
  end if;
  return jsonb_build_object('status', 'complete', 'made', to_jsonb(v_made), 'elsewhere', v_elsewhere);
end $function$;
comment on function public.make_usage_partitions(integer) is 'Makes the partitions of usage events for this month and the next ones, and of months whose events came before their partition.';

CREATE OR REPLACE FUNCTION public.may_call(p_call_id uuid, p_user_id uuid, p_room_name text, p_max_live_calls integer DEFAULT 4, p_tenant_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
comment on function public.may_call(uuid,uuid,text,integer,uuid) is 'Whether open_call would open that call now: status open, or the status it would refuse with; the live_calls of the account, and the free_seconds that none of them holds.';

CREATE OR REPLACE FUNCTION public.miss_invoice_line(p_id uuid, p_invoice_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update private.invoice_lines set target_invoice_id = null where id = p_id and placed_at is null and target_invoice_id = p_invoice_id;
  return jsonb_build_object('status', case when found then 'missed' else 'not_there' end);
end $function$;
comment on function public.miss_invoice_line(uuid,text) is 'The draft that a line was tried on was final already: it is tried elsewhere. Status missed or not_there.';

CREATE OR REPLACE FUNCTION public.monitor_market(p_tenant_id uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_slot text := (floor(extract(epoch from now()) / 300))::bigint::text;
  v_found jsonb;
begin
  if p_tenant_id is not null and not exists (select from public.tenants where id = p_tenant_id and closed_at is null) then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  with made as (
    insert into public.market_opportunities (title, source, required_capabilities, target_api_id, max_price_micros, expected_revenue_micros,
        score, key, tenant_id, expires_at)
      select left('Call ' || coalesce(nullif(p.title, ''), p.name), 200), 'monitor', array['api_calls'], p.id, p.price_micros, p.price_micros,
        -- Which of it was answered lately.
        round(((coalesce(r.completed, 0) + 1.0) / (coalesce(r.ended, 0) + 2.0))::numeric, 5),
        format('monitor:%s:%s:%s', coalesce(p_tenant_id::text, 'house'), p.id, v_slot), p_tenant_id, now() + interval '1 hour'
      from public.api_products p
      left join lateral (select count(*) filter (where l.status = 'completed') as completed, count(*) as ended from (
        select b.status from public.brain_tasks b where b.target_api_id = p.id and b.ended_at is not null order by b.created_at desc limit 50) l) r on true
      where p.status = 'active' and (p.tenant_id is null or p.tenant_id = p_tenant_id)
        and not exists (select from public.market_opportunities o where o.target_api_id = p.id and o.status in ('open', 'assigned')
          and o.source = 'monitor' and o.tenant_id is not distinct from p_tenant_id)
      order by p.created_at, p.id limit greatest(1, least(coalesce(p_limit, 50), 500))
    on conflict (key) do nothing returning id, title, target_api_id, expected_revenue_micros, score)
  select coalesce(jsonb_agg(to_jsonb(made)), '[]') into v_found from made;
  return jsonb_build_object('status', 'monitored', 'opportunities', v_found);
end $function$;
comment on function public.monitor_market(uuid,integer) is 'Looks at what is for sale and writes down what agents could do with it: for agents of the house, or of a tenant. Status monitored or unknown_tenant.';

CREATE OR REPLACE FUNCTION public.next_refund_attempt(p_refund_id uuid, p_attempt integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.operator_refunds set attempt = attempt + 1 where id = p_refund_id and attempt = p_attempt;
  return (select attempt from public.operator_refunds where id = p_refund_id);
end $function$;

CREATE OR REPLACE FUNCTION public.next_stripe_attempt(p_purchase_id uuid, p_attempt integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- Of several that found the key used up, one moves on, and the others get the key that it moved on to.
  update public.purchases set stripe_attempt = stripe_attempt + 1, updated_at = now()
    where id = p_purchase_id and stripe_attempt = p_attempt;
  return (select stripe_attempt from public.purchases where id = p_purchase_id);
end $function$;
comment on function public.next_stripe_attempt(uuid,integer) is 'The next idempotency key of a purchase, where Stripe keeps an error of its own under this one; answers its number.';

CREATE OR REPLACE FUNCTION public.note_api_answers(p_notes jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  x record;
begin
  if (jsonb_typeof(p_notes) = 'array' and jsonb_array_length(p_notes) <= 1000) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  -- Before anything of a key, as use_api_keys has it, or two of them could wait for each other.
  perform from private.api_allowances a where a.tenant_id in (select k.tenant_id
    from jsonb_to_recordset(p_notes) as n (key_id uuid) join public.api_keys k on k.id = n.key_id) order by a.tenant_id for update;
  for x in
    select k.id, k.tenant_id, n.code, n.status, least(n.count, 100000) as count, n.period_start, n.request_id
    from jsonb_to_recordset(p_notes) as n (key_id uuid, code text, status int, count int, period_start timestamptz, request_id text)
      join public.api_keys k on k.id = n.key_id
    where n.count > 0 and n.status between 400 and 599 and length(n.code) between 1 and 64
    order by k.tenant_id, k.id, n.code
  loop
    update private.api_allowances set used = greatest(0, used - x.count)
      where tenant_id = x.tenant_id and x.status >= 500 and period_start = x.period_start;
    insert into private.api_hours as h (key_id, hour, tenant_id, client_errors, server_errors)
      values (x.id, date_trunc('hour', now(), 'UTC'), x.tenant_id, case when x.status < 500 then x.count else 0 end,
        case when x.status >= 500 then x.count else 0 end)
      on conflict (key_id, hour) do update set client_errors = h.client_errors + excluded.client_errors,
        server_errors = h.server_errors + excluded.server_errors;
    insert into private.api_errors as e (tenant_id, day, key_id, code, status, count, last_at, last_request_id)
      values (x.tenant_id, (now() at time zone 'UTC')::date, x.id, x.code, x.status, x.count, now(), left(x.request_id, 64))
      on conflict (tenant_id, day, key_id, code) do update set count = e.count + excluded.count, last_at = excluded.last_at,
        last_request_id = excluded.last_request_id, status = excluded.status;
  end loop;
  return jsonb_build_object('status', 'noted');
exception when data_exception then
  return jsonb_build_object('status', 'malformed');
end $function$;
comment on function public.note_api_answers(jsonb) is 'Notes by which errors requests by keys were answered: [{key_id, code, status, count, period_start, request_id}]. What failed by our doing is not counted against the quota. Status noted or malformed.';

CREATE OR REPLACE FUNCTION public.note_card_consent(p_purchase_id uuid, p_consent boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.purchases
    set card_consent_at = case when p_consent then coalesce(card_consent_at, now()) end, updated_at = now()
    where id = p_purchase_id and status in ('created', 'unknown', 'awaiting_payment', 'failed');
  return found;
end $function$;
comment on function public.note_card_consent(uuid,boolean) is 'Notes, before the payment, whether its card may be kept. False where the payment is over or on its way.';

CREATE OR REPLACE FUNCTION public.note_chain_refund(p_operator_id uuid, p_purchase_id uuid, p_amount_cents integer, p_transaction text, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.note_chain_refund(uuid,uuid,integer,text,text) is 'An operator sent money of a purchase back on its chain: takes its share of the time, as a refund at Stripe does. Keyed by the transaction. Refuses with not_operator, own_purchase, not_refundable or transaction_used.';

CREATE OR REPLACE FUNCTION public.note_finding(p_kind text, p_subject text, p_detail text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_is_new boolean;
begin
  insert into public.reconciliation_findings (kind, subject, detail) values (p_kind, p_subject, left(p_detail, 500))
    on conflict (kind, subject) do update set detail = excluded.detail, last_seen_at = now()
    returning xmax = 0 into v_is_new;
  return v_is_new;
end $function$;
comment on function public.note_finding(text,text,text) is 'Notes where Stripe and the books differ; true when it was not known.';

CREATE OR REPLACE FUNCTION public.note_invoice_line(p_id uuid, p_item_id text, p_invoice_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  l private.invoice_lines;
begin
  update private.invoice_lines set stripe_item_id = p_item_id, invoice_id = p_invoice_id, target_invoice_id = p_invoice_id, was_late = p_invoice_id is null,
      placed_at = now() where id = p_id and placed_at is null and length(p_item_id) > 0 returning * into l;
  if not found then
    return jsonb_build_object('status', case when exists (select from private.invoice_lines where id = p_id) then 'noted_before' else 'unknown_line' end);
  elsif l.was_late and l.part <> 'gainshare' and exists (select from public.subscriptions where id = l.subscription_id and ended_at is null) then
    perform public.note_finding('late_invoice_line', l.id::text, format('%s of %s came after the invoice of its period was final: the next one has it.',
      l.part, l.subscription_id));
  end if;
  return jsonb_build_object('status', 'noted');
exception when integrity_constraint_violation then
  return jsonb_build_object('status', 'unknown_line');
end $function$;
comment on function public.note_invoice_line(uuid,text,text) is 'A line is an item at Stripe: on that draft, or (null) waiting for the next invoice, which is a finding. Status noted, noted_before or unknown_line.';

CREATE OR REPLACE FUNCTION public.note_language(p_user_id uuid, p_language text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into private.page_settings as s (user_id, seen_language)
    select id, p_language from public.users where id = p_user_id and deleted_at is null and p_language ~ '^[a-z]{2}$'
    on conflict (user_id) do update set seen_language = excluded.seen_language, updated_at = now()
      where s.seen_language is distinct from excluded.seen_language
$function$;
comment on function public.note_language(uuid,text) is 'Notes the language of a buyer''s browser, which the mails about the purchase go by. What is no language, or of nobody, is not noted.';

CREATE OR REPLACE FUNCTION public.note_late_usage(p_id uuid, p_invoice_item_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update private.late_usage set invoice_item_id = p_invoice_item_id, billed_at = now()
    where id = p_id and invoice_item_id is null and length(p_invoice_item_id) between 1 and 255;
  return jsonb_build_object('status', case when found then 'noted'
    when exists (select from private.late_usage where id = p_id) then 'noted_before' else 'unknown' end);
exception when unique_violation then
  return jsonb_build_object('status', 'unknown');
end $function$;
comment on function public.note_late_usage(uuid,text) is 'Notes which invoice item bills late usage. Status noted, noted_before or unknown.';

CREATE OR REPLACE FUNCTION public.note_lookers(p_user_ids uuid[], p_seconds integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- In one order, so that two who serve the same people wait for each other instead of deadlocking.
  insert into private.lookers as l (user_id, looks_until)
    select id, now() + make_interval(secs => p_seconds) from unnest(p_user_ids) id group by id order by id
    on conflict (user_id) do update set looks_until = greatest(l.looks_until, excluded.looks_until);
  delete from private.lookers where user_id in
    (select user_id from private.lookers where looks_until < now() for update skip locked);
  return cardinality(p_user_ids);
end $function$;
comment on function public.note_lookers(uuid[],integer) is 'Changes of these people are told for so many seconds from now on. Answers how many they are.';

CREATE OR REPLACE FUNCTION public.note_operator_act(p_operator_id uuid, p_act text, p_subject text, p_about_user_id uuid, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if (length(trim(p_reason)) between 1 and 500) is not true or (length(p_subject) between 1 and 255) is not true
     or (p_act in ('end_call', 'answer', 'retry_job')) is not true then
    return jsonb_build_object('status', 'invalid_act');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif p_about_user_id = p_operator_id then
    return jsonb_build_object('status', 'own_affair');
  end if;
  insert into public.operator_acts (operator_id, act, subject, reason) values (p_operator_id, p_act, p_subject, trim(p_reason));
  return jsonb_build_object('status', 'noted');
end $function$;
comment on function public.note_operator_act(uuid,text,text,uuid,text) is 'Notes an act (end_call, answer or retry_job) before it is done, and whom it is about. Status noted; refuses with invalid_act, not_an_operator or own_affair.';

CREATE OR REPLACE FUNCTION public.note_payment_fee(p_purchase_id uuid, p_payment_intent_id text, p_fee_cents bigint, p_currency text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_purchase public.purchases;
begin
  if (p_fee_cents between 0 and 1000000000 and p_currency ~ '^[a-z]{3}$') is not true then
    return jsonb_build_object('status', 'invalid_fee');
  end if;
  select * into v_purchase from public.purchases
    where id = p_purchase_id and payment_intent_id = p_payment_intent_id and status = 'succeeded';
  if not found then
    return jsonb_build_object('status', 'not_ours');
  end if;
  insert into private.payment_fees (purchase_id, cents, currency, of_currency, happened_at)
    values (p_purchase_id, p_fee_cents, p_currency, private.money_currency(v_purchase),
      coalesce((select min(happened_at) from private.money_changes where purchase_id = p_purchase_id and purchases > 0), now()))
    on conflict (purchase_id) do nothing;
  if not found then
    return jsonb_build_object('status', 'known');
  end if;
  delete from private.fees_wanted where purchase_id = p_purchase_id;
  return jsonb_build_object('status', 'noted');
end $function$;
comment on function public.note_payment_fee(uuid,text,bigint,text) is 'Notes what Stripe keeps of the payment that paid a purchase, once. Status noted, known, not_ours (another intent pays it, or none) or invalid_fee.';

CREATE OR REPLACE FUNCTION public.note_replay(p_event_id text, p_operator_id uuid, p_reason text DEFAULT 'replayed'::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_status text;
begin
  if (length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_act');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  v_status := private.reopen_event(p_event_id);
  if v_status = 'reopened' then
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, 'replay', p_event_id, trim(p_reason));
  end if;
  return jsonb_build_object('status', v_status);
end $function$;
comment on function public.note_replay(text,uuid,text) is 'Lets an event be applied again, by an operator for a reason. Answers reopened, done, unknown_event, invalid_act or not_an_operator.';

CREATE OR REPLACE FUNCTION public.note_tenant_customer(p_tenant_id uuid, p_customer_at_stripe text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_customer text;
begin
  if (p_customer_at_stripe ~ '^cus_[A-Za-z0-9]{1,200}$') is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  update public.tenants set stripe_customer_id = coalesce(stripe_customer_id, p_customer_at_stripe) where id = p_tenant_id
    returning stripe_customer_id into v_customer;
  if not found then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  return jsonb_build_object('status', case when v_customer = p_customer_at_stripe then 'noted' else 'has_another' end,
    'customer', v_customer);
exception when unique_violation then
  return jsonb_build_object('status', 'malformed');
end $function$;
comment on function public.note_tenant_customer(uuid,text) is 'Notes the customer of a tenant at Stripe, unless it has one. Status noted, has_another, unknown_tenant or malformed.';

CREATE OR REPLACE FUNCTION public.note_unknown_outcome(p_purchase_id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.purchases set status = 'unknown', updated_at = now()
    where id = p_purchase_id and private.may_follow(status, 'unknown');
  return found;
end $function$;
comment on function public.note_unknown_outcome(uuid) is 'Stripe was asked for this purchase''s payment and did not answer. Its idempotency key stays, so asking again finds it.';

CREATE OR REPLACE FUNCTION public.open_call(p_call_id uuid, p_user_id uuid, p_room_name text, p_slice_seconds integer DEFAULT 30, p_lease_margin_seconds integer DEFAULT 15, p_max_live_calls integer DEFAULT 4, p_worker_id text DEFAULT NULL::text, p_tenant_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.open_call(uuid,uuid,text,integer,integer,integer,text,uuid) is 'Opens a call and grants its first slice, or takes an open one over with a new epoch (not for the same worker); of a tenant''s time where the person is a member. Refuses with status unknown_user, unknown_tenant, no_time_left, too_many_calls, too_many_short_calls, spend_limit_reached, room_taken, call_settled or call_mismatch. expiring_seconds is what expires within a week.';

CREATE OR REPLACE FUNCTION public.operator_analytics(p_days integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with period as (
    select private.day_of(now()) - (least(greatest(p_days, 1), 366) - 1) as first_day, private.day_of(now()) as last_day),
  tail as materialized (select * from private.tail()),
  since as (select first_day::timestamp at time zone 'utc' as at from period),
  calls as materialized (
    select private.day_of(c.at) as day, sum(calls) as calls, sum(measured_calls) as measured_calls,
      sum(charged_seconds) as charged_seconds, sum(turns) as turns, sum(interruptions) as interruptions, sum(errors) as errors,
      round(sum(quality_sum) / nullif(sum(quality_calls), 0))::int as quality, sum(provider_cost_micros) as provider_cost_micros,
      sum(calls_not_fully_priced) as calls_not_fully_priced
    from (select * from private.call_figures where grain = 'day'
      union all select f.* from tail, private.figures_of_calls(tail.calls) f) c, since where c.at >= since.at group by 1),
  slots as (
    select private.day_of(t.at) as day, slot, sum(turns) as turns, sum(whole_ms) / sum(turns) as ms
    from (select * from private.turn_figures where grain = 'day'
      union all select f.* from tail, private.figures_of_turns(tail.calls) f) t, since where t.at >= since.at group by 1, 2),
  waits as (
    select day, round(min(ms) filter (where upto >= total * 0.5))::int as p50, round(min(ms) filter (where upto >= total * 0.95))::int as p95
    from (select *, sum(turns) over (partition by day order by slot) as upto, sum(turns) over (partition by day) as total
      from slots) s group by day),
  earned as materialized (
    select private.day_of(e.at) as day, currency, sum(micros) as micros
    from (select * from private.earning_figures where grain = 'day'
      union all select f.* from tail, private.figures_of_earnings(tail.entries, tail.changes, tail.since, null) f) e, since
    where e.at >= since.at and e.reason = 'use' group by 1, 2),
  days as (
    select to_char(d, 'YYYY-MM-DD') as day, coalesce(c.calls, 0) as calls, coalesce(c.measured_calls, 0) as measured_calls,
      coalesce(c.charged_seconds, 0) as charged_seconds, coalesce(c.turns, 0) as turns,
      coalesce(c.interruptions, 0) as interruptions, coalesce(c.errors, 0) as errors, w.p50 as latency_p50_ms,
      w.p95 as latency_p95_ms, c.quality, coalesce(c.provider_cost_micros, 0) as provider_cost_micros,
      coalesce(c.calls_not_fully_priced, 0) as calls_not_fully_priced, round(coalesce(e.micros, 0))::bigint as earned_micros
    from period cross join generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') d
    left join calls c on c.day = d::date left join waits w on w.day = d::date
    left join earned e on e.day = d::date and e.currency = 'usd')
  select jsonb_build_object(
    'days', (select jsonb_agg(to_jsonb(d) || jsonb_build_object('margin_micros', earned_micros - provider_cost_micros)
      order by day) from days d),
    'unpriced_models', (select coalesce(jsonb_agg(distinct substr(f.source, 10) order by substr(f.source, 10)), '[]')
      from (select * from private.failure_figures where grain = 'day'
        union all select f.* from tail, private.figures_of_failures(tail.calls) f) f, since
      where f.at >= since.at and f.source like 'unpriced:%'),
    'earned_in_other_currencies', (select coalesce(jsonb_object_agg(currency, micros), '{}') from (
      select currency, round(sum(micros))::bigint as micros from earned where currency <> 'usd'
      group by currency having sum(micros) <> 0) o))
$function$;
comment on function public.operator_analytics(integer) is 'Calls, latency, quality, provider cost, earnings and margin of the last days, for operators, exact to the last commit.';

CREATE OR REPLACE FUNCTION public.optimise_agents()
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_recovered int;
begin
  update public.autonomous_agents set status = case when running_tasks > 0 then 'active' else 'idle' end, errors_in_a_row = 0, updated_at = now()
    where id in (select id from public.autonomous_agents where status = 'error' and retired_at is null and last_active_at < now() - interval '1 hour'
      for update skip locked);
  get diagnostics v_recovered = row_count;
  delete from public.agent_budgets b where b.day < current_date - 400 and b.reserved_micros = 0;
  return jsonb_build_object('status', 'done', 'recovered', v_recovered);
end $function$;
comment on function public.optimise_agents() is 'Lets agents that failed too often try again after an hour.';

CREATE OR REPLACE FUNCTION public.premium_tool(p_user_id uuid, p_tenant_id uuid, p_tool text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case
    when r.role is null then jsonb_build_object('status', 'unknown_tenant')
    when p_tool = any (p.features) then jsonb_build_object('status', 'open')
    else jsonb_build_object('status', 'not_in_plan', 'may_buy', r.role in ('owner', 'billing'), 'plan', p.name,
      'offer', (select jsonb_build_object('plan_id', o.id, 'name', o.name, 'seat_price_cents', o.seat_price_cents, 'currency', o.currency)
        from public.plans o where o.active and o.line = 'time' and p_tool = any (o.features)
        order by o.seat_price_cents nulls last, o.id limit 1)) end
  from (select private.role_in(p_user_id, p_tenant_id) as role) r
    left join public.tenants t on t.id = p_tenant_id and r.role is not null left join public.plans p on p.id = t.plan_id
$function$;
comment on function public.premium_tool(uuid,uuid,text) is 'Whether the plan of a tenant opens a tool to a member. Status open, unknown_tenant, or not_in_plan: with the name of the plan it has, whether they may subscribe to another one, and the cheapest for sale that opens it.';

CREATE OR REPLACE FUNCTION public.products_for_sale(p_user_id uuid, p_tenant_id uuid DEFAULT NULL::uuid, p_after uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(private.describe_product(p) - '{api_endpoint,places,headers,speech}'::text[] order by p.id), '[]')
  from (select * from public.api_products p where p.status = 'active' and (p_after is null or p.id > p_after)
      and (p.tenant_id is null or p.tenant_id = p_tenant_id and private.role_in(p_user_id, p_tenant_id) is not null)
    order by p.id limit greatest(1, least(coalesce(p_limit, 50), 100))) p
$function$;
comment on function public.products_for_sale(uuid,uuid,uuid,integer) is 'The paid APIs that a person, or a tenant of theirs, may call, without where they are: in the order of their ids, from the one after the given one on.';

CREATE OR REPLACE FUNCTION public.rate_call(p_user_id uuid, p_call_id uuid, p_score integer, p_words text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_call public.calls;
  v_rating private.call_ratings;
begin
  if (p_score between 1 and 5 and coalesce(length(p_words) between 1 and 500, true)) is not true then
    return jsonb_build_object('status', 'invalid_rating');
  end if;
  select * into v_call from public.calls where id = p_call_id and user_id = p_user_id;
  if not found or exists (select from public.users where id = p_user_id and deleted_at is not null) then
    return jsonb_build_object('status', 'unknown_call');
  elsif v_call.status <> 'settled' then
    return jsonb_build_object('status', 'call_in_progress');
  end if;
  insert into private.call_ratings as r (call_id, user_id, score, words) values (p_call_id, p_user_id, p_score, p_words)
    on conflict (call_id) do update set score = excluded.score, words = excluded.words, changed_at = now()
      where r.rated_at > now() - interval '1 day'
    returning * into v_rating;
  if not found then
    return jsonb_build_object('status', 'too_late');
  end if;
  return jsonb_build_object('status', 'rated', 'rating', private.describe_rating(v_rating));
end $function$;
comment on function public.rate_call(uuid,uuid,integer,text) is 'The caller rates a settled call, once; for a day it can be changed. Refuses with unknown_call (of somebody else, too), call_in_progress, too_late or invalid_rating.';

CREATE OR REPLACE FUNCTION public.read_api_errors(p_tenant_id uuid, p_days integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(to_jsonb(r) order by r.day desc, r.count desc, r.code, r.key_id), '[]') from (
    select e.day, e.key_id, e.code, e.status, e.count, private.utc_text(e.last_at) as last_at, e.last_request_id
    from private.api_errors e
    where e.tenant_id = p_tenant_id and e.day > (now() at time zone 'UTC')::date - least(greatest(p_days, 1), 400)
    order by e.day desc, e.count desc, e.code, e.key_id limit 500) r
$function$;
comment on function public.read_api_errors(uuid,integer) is 'By which errors requests by keys of a tenant were answered in so many days up to today, newest first, 500 lines at most.';

CREATE OR REPLACE FUNCTION public.read_api_plan(p_tenant_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  a private.api_allowances;
begin
  if not exists (select from public.tenants where id = p_tenant_id and closed_at is null) then
    return null;
  end if;
  a := private.lock_api_allowance(p_tenant_id);
  return jsonb_build_object('allowance', private.describe_api_allowance(a), 'used', a.used,
    'plan', (select jsonb_build_object('id', p.id, 'name', p.name, 'base_price_cents', p.base_price_cents, 'currency', p.currency)
      from public.plans p where p.id = a.plan_id),
    'keys', (select count(*) from public.api_keys k where k.tenant_id = p_tenant_id and private.holds_now(k)),
    'periods', (select coalesce(jsonb_agg(jsonb_build_object('period_start', private.utc_text(x.period_start),
        'period_end', private.utc_text(x.period_end), 'plan_id', x.plan_id, 'used', x.used) order by x.period_start desc), '[]')
      from (select * from private.api_periods where tenant_id = p_tenant_id order by period_start desc limit 12) x));
end $function$;
comment on function public.read_api_plan(uuid) is 'The plan of a tenant in the line api, what is left of it, and the periods before; null for one that is closed.';

CREATE OR REPLACE FUNCTION public.read_api_usage(p_tenant_id uuid, p_from timestamp with time zone, p_to timestamp with time zone, p_by text, p_key_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when (p_from < p_to and p_to <= p_from + case p_by when 'hour' then interval '31 days' else interval '400 days' end
      and p_by in ('hour', 'day', 'key')) is not true
    then jsonb_build_object('status', 'out_of_range')
    else jsonb_build_object('status', 'ok', 'rows', (select coalesce(jsonb_agg(to_jsonb(r) order by r.at, r.key_id), '[]') from (
      select case when p_by <> 'key' then private.utc_text(date_trunc(p_by, h.hour, 'UTC')) end as at,
        case when p_by = 'key' or p_key_id is not null then h.key_id end as key_id, sum(h.served)::bigint as served,
        sum(h.over_quota)::bigint as over_quota, sum(h.over_rate)::bigint as over_rate, sum(h.client_errors)::bigint as client_errors,
        sum(h.server_errors)::bigint as server_errors
      from private.api_hours h
      where h.tenant_id = p_tenant_id and h.hour >= p_from and h.hour < p_to and coalesce(h.key_id = p_key_id, true)
      group by 1, 2) r)) end
$function$;
comment on function public.read_api_usage(uuid,timestamp with time zone,timestamp with time zone,text,uuid) is 'Requests by keys of a tenant by hour (31 days at most), day or key (400 days). Status ok or out_of_range.';

CREATE OR REPLACE FUNCTION public.read_auto_top_up(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when a.user_id is null then jsonb_build_object('status', 'not_set')
    else jsonb_build_object('status', a.status, 'package_id', a.package_id, 'price_cents', a.price_cents,
      'currency', a.currency, 'threshold_seconds', a.threshold_seconds,
      'monthly_cap_cents', a.monthly_cap_cents, 'payment_method_id', a.payment_method_id, 'consent_at', a.consent_at,
      'stop_reason', a.stop_reason, 'consecutive_declines', a.consecutive_declines,
      'charged_this_month_cents', private.auto_topped_up_cents(a.user_id, a.currency),
      'charge_in_flight', exists (select from private.auto_top_up_charges c
        where c.user_id = a.user_id and c.status = 'in_flight'),
      -- Of the last charge under the terms of now, where that one was declined.
      'last_failure', (select case when c.status = 'declined' then coalesce(p.failure_code, 'card_declined') end
        from private.auto_top_up_charges c join public.purchases p on p.id = c.purchase_id
        where c.user_id = a.user_id and c.consent = a.consents and c.status <> 'canceled'
        order by c.created_at desc limit 1)) end
  from (select) one left join private.auto_top_ups a on a.user_id = p_user_id
$function$;
comment on function public.read_auto_top_up(uuid) is 'A person''s automatic top-up, with how far it went this month, why it stopped and why its last charge failed. Status not_set, active, disabled or stopped.';

CREATE OR REPLACE FUNCTION public.read_caller(p_user_id uuid, p_facts integer DEFAULT 30, p_call_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((
    select private.settings_answer(s, 'known') || jsonb_build_object('is_call_closed', exists (
      select from public.calls c where c.id = p_call_id and c.user_id = s.user_id
        and (c.opened_at <= s.erased_at or exists (select from private.remembered_calls r where r.call_id = c.id))),
      'facts', coalesce((
      select jsonb_agg(jsonb_build_object('id', id, 'text', text, 'kind', kind)
        order by corrected_at is null, updated_at desc, id desc)
      from (select * from public.caller_memories where user_id = s.user_id and s.memory_enabled
        order by corrected_at is null, updated_at desc, id desc
        limit greatest(0, least(coalesce(p_facts, 30), 200))) most), '[]'))
    from private.settings_of(p_user_id) s where s.user_id is not null), jsonb_build_object('status', 'unknown_user'))
$function$;
comment on function public.read_caller(uuid,integer,uuid) is 'How to speak with a person, and what is remembered of them: what they corrected first, then the newest. No facts when memory is off. is_call_closed: nothing more is remembered of that call. Status known or unknown_user.';

CREATE OR REPLACE FUNCTION public.read_invitation_mail(p_invitation_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.describe_invitation(i) || jsonb_build_object('tenant_name', t.name, 'inviter', u.display_name, 'inviter_id', u.id,
    'status', case when t.closed_at is not null then 'revoked' else private.describe_invitation(i) ->> 'status' end)
  from public.tenant_invitations i join public.tenants t on t.id = i.tenant_id join public.users u on u.id = i.invited_by
  where i.id = p_invitation_id
$function$;
comment on function public.read_invitation_mail(uuid) is 'What the mail of an invitation says; null where there is none.';

CREATE OR REPLACE FUNCTION public.read_invoice_mail(p_invoice_id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.describe_invoice(i) || jsonb_build_object('tenant_name', t.name, 'owner_id', o.user_id, 'email', coalesce(t.billing_email, o.email),
    'time_zone', coalesce(s.time_zone, 'UTC'), 'plan_name', p.name)
  from public.billing_invoices i join public.tenants t on t.id = i.tenant_id and t.closed_at is null
    left join public.subscriptions s on s.id = i.subscription_id left join public.plans p on p.id = s.plan_id
    left join lateral (select m.user_id, u.email from public.tenant_members m join public.users u on u.id = m.user_id and u.deleted_at is null
      where m.tenant_id = t.id and m.role = 'owner' order by m.created_at, m.user_id limit 1) o on true
  where i.id = p_invoice_id
$function$;
comment on function public.read_invoice_mail(text) is 'What a mail about an invoice says, and to whom it goes; null where there is none, or its tenant is closed.';

CREATE OR REPLACE FUNCTION public.read_page_settings(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((
    select jsonb_build_object('status', 'known', 'language', s.language,
      -- What is known of the languages somebody reads, the surest first.
      'mail_language', coalesce(s.language, s.seen_language, substr(c.locale, 1, 2)),
      'mails_off', coalesce(to_jsonb(s.mails_off), '[]'))
    from public.users u left join private.page_settings s on s.user_id = u.id
      left join public.caller_settings c on c.user_id = u.id
    where u.id = p_user_id), jsonb_build_object('status', 'unknown_user'))
$function$;
comment on function public.read_page_settings(uuid) is 'In which language the page (null: the browser''s) and the mails (null: nobody knows) speak with a person, and which mails are off. Status known, or unknown_user.';

CREATE OR REPLACE FUNCTION public.read_paid_call(p_user_id uuid, p_tenant_id uuid, p_secret_hash text, p_call_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.paid_call_seen(c) from public.paid_calls c,
    (select private.machine_buyer(p_user_id, p_tenant_id, p_secret_hash, false) as id) b
  where c.id = p_call_id and c.account_id = coalesce(p_tenant_id, b.id) and b.id is not null
$function$;
comment on function public.read_paid_call(uuid,uuid,text,uuid) is 'A call of this person, tenant or secret that was paid for: paid, used and left, and its receipt once it is over. Null otherwise.';

CREATE OR REPLACE FUNCTION public.read_purchase(p_user_id uuid, p_purchase_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.purchase_seen(p) || jsonb_build_object('payment_intent_id', p.payment_intent_id)
  from public.purchases p where p.id = p_purchase_id and p.user_id = p_user_id
    and (p.tenant_id is null or private.role_in(p_user_id, p.tenant_id) in ('owner', 'billing'))
    and p.status in ('processing', 'review', 'succeeded', 'refused')
$function$;
comment on function public.read_purchase(uuid,uuid) is 'The same of one purchase of theirs, with its intent at Stripe. Null where there is none.';

CREATE OR REPLACE FUNCTION public.read_rating(p_user_id uuid, p_call_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.describe_rating(r) from private.call_ratings r where call_id = p_call_id and user_id = p_user_id
$function$;

CREATE OR REPLACE FUNCTION public.read_receipt(p_user_id uuid, p_call_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((select case when c.receipt is null then jsonb_build_object('status', 'call_in_progress')
      else jsonb_build_object('status', 'found', 'tenant_id', c.tenant_id, 'receipt', c.receipt) end
    from public.calls c where c.id = p_call_id and private.may_see_call(p_user_id, c)), jsonb_build_object('status', 'unknown_call'))
$function$;
comment on function public.read_receipt(uuid,uuid) is 'The receipt of a call, untouched, for whoever may see the call. Status found, call_in_progress or unknown_call.';

CREATE OR REPLACE FUNCTION public.read_settings(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((select private.settings_answer(s, 'known') from private.settings_of(p_user_id) s
    where s.user_id is not null), jsonb_build_object('status', 'unknown_user'))
$function$;
comment on function public.read_settings(uuid) is 'How a person wants to be spoken with. Status known, or unknown_user.';

CREATE OR REPLACE FUNCTION public.read_spend_mail(p_tenant_id uuid, p_user_id uuid, p_period text, p_began date, p_threshold text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('tenant_name', t.name, 'email', case when m.role in ('owner', 'billing') then u.email end,
    'period', n.period, 'began', n.began, 'threshold', n.threshold, 'spent_micros', n.spent_micros, 'limit_micros', n.limit_micros,
    'currency', n.currency)
  from private.spend_notices n join public.tenants t on t.id = n.tenant_id
  join public.users u on u.id = p_user_id left join public.tenant_members m on m.tenant_id = t.id and m.user_id = u.id
  where n.tenant_id = p_tenant_id and n.period = p_period and n.began = p_began and n.threshold = p_threshold
$function$;
comment on function public.read_spend_mail(uuid,uuid,text,date,text) is 'What the mail about a threshold of spending says; its address is null for who left since. Null where there is no such notice.';

CREATE OR REPLACE FUNCTION public.read_subscription(p_subscription_id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('subscription_id', s.id, 'tenant_id', s.tenant_id, 'status', s.status, 'plan_id', s.plan_id,
    'plan_code', upper(substr(s.plan_id, 9)), 'next_plan_code', upper(substr(s.next_plan_id, 9)),
    'current_period_start', private.utc_text(s.current_period_start), 'current_period_end', private.utc_text(s.current_period_end),
    'cancel_at', private.utc_text(s.cancel_at), 'trial_end', private.utc_text(s.trial_end), 'ended_at', private.utc_text(s.ended_at),
    'time_zone', s.time_zone, 'waiting_lines', coalesce((select jsonb_agg(jsonb_build_object('part', l.part, 'amount_cents', l.amount_cents,
        'currency', l.currency, 'description', l.description) order by l.created_at) from private.invoice_lines l
      where l.subscription_id = s.id and l.invoice_id is null), '[]'))
  from public.subscriptions s join public.plans p on p.id = s.plan_id and p.kind = 'credits' where s.id = p_subscription_id
$function$;
comment on function public.read_subscription(text) is 'A subscription to a plan with credits, and what waits for its next invoice; null where there is none.';

CREATE OR REPLACE FUNCTION public.read_support_request(p_request_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.request_for_operators(r) from private.support_requests r where id = p_request_id
$function$;
comment on function public.read_support_request(uuid) is 'One request with who asked, for operators and for mails about it; null where there is none.';

CREATE OR REPLACE FUNCTION public.read_tenant(p_user_id uuid, p_tenant_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.describe_tenant(t, r.role) from (select private.role_in(p_user_id, p_tenant_id) as role) r
    join public.tenants t on t.id = p_tenant_id where r.role is not null
$function$;
comment on function public.read_tenant(uuid,uuid) is 'An open tenant as one of its members may see it; null for others.';

CREATE OR REPLACE FUNCTION public.read_tenant_billing(p_user_id uuid, p_tenant_id uuid, p_line text DEFAULT 'time'::text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((select case when m.role not in ('owner', 'billing') then jsonb_build_object('status', 'forbidden')
      when t.closed_at is not null then jsonb_build_object('status', 'closed')
      else jsonb_build_object('status', 'found', 'customer', t.stripe_customer_id, 'plan_id', t.plan_id,
        'subscription', (select jsonb_build_object('id', s.id, 'plan_id', s.plan_id, 'status', s.status, 'seats', s.quantity,
            'current_period_end', private.utc_text(s.current_period_end), 'cancel_at', private.utc_text(s.cancel_at))
          from public.subscriptions s join public.plans p on p.id = s.plan_id and p.line = p_line
          where s.tenant_id = t.id and s.status not in ('canceled', 'incomplete_expired')
          order by s.status = 'incomplete', s.current_period_end desc nulls last, s.id limit 1)) end
    from public.tenant_members m join public.tenants t on t.id = m.tenant_id
    where m.user_id = p_user_id and m.tenant_id = p_tenant_id), jsonb_build_object('status', 'unknown_tenant'))
$function$;
comment on function public.read_tenant_billing(uuid,uuid,text) is 'The customer of a tenant and its subscription in a line, for its owners and who does its billing. Status found, forbidden, closed or unknown_tenant (also for who does not belong to it).';

CREATE OR REPLACE FUNCTION public.read_tenant_contact(p_tenant_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((select jsonb_build_object('status', 'found', 'customer', t.stripe_customer_id, 'name', t.name,
      'email', coalesce(t.billing_email, (select u.email from public.tenant_members m join public.users u on u.id = m.user_id
        where m.tenant_id = t.id and m.role = 'owner' order by m.created_at, m.user_id limit 1)))
    from public.tenants t where t.id = p_tenant_id), jsonb_build_object('status', 'unknown_tenant'))
$function$;
comment on function public.read_tenant_contact(uuid) is 'What Stripe is told of a tenant: its name, and where its invoices go. Status found or unknown_tenant.';

CREATE OR REPLACE FUNCTION public.read_tenant_role(p_user_id uuid, p_tenant_id uuid)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.role_in(p_user_id, p_tenant_id)
$function$;
comment on function public.read_tenant_role(uuid,uuid) is 'The role of a person in an open tenant; null for who does not belong to it.';

CREATE OR REPLACE FUNCTION public.read_tool_job(p_id uuid, p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((select jsonb_build_object('status', 'ended', 'result', result) from private.tool_results where id = p_id and user_id = p_user_id),
    (select jsonb_build_object('status', 'under_way') from private.tool_calls where id = p_id and user_id = p_user_id),
    jsonb_build_object('status', 'unknown'))
$function$;
comment on function public.read_tool_job(uuid,uuid) is 'What became of a long job of a person: ended with a result, under_way or unknown.';

CREATE OR REPLACE FUNCTION public.read_trial(p_user_id uuid, p_email_hash text, p_address_hash text, p_per_address integer, p_per_day integer)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when exists (select from private.trials where user_id = p_user_id) then 'claimed'
    else coalesce(private.trial_refusal(p_user_id, p_email_hash, p_address_hash, p_per_address, p_per_day), 'open') end
$function$;
comment on function public.read_trial(uuid,text,text,integer,integer) is 'Whether claim_trial would give something now: open, claimed, or the status that it would refuse with.';

CREATE OR REPLACE FUNCTION public.read_wallet(p_user_id uuid, p_tenant_id uuid DEFAULT NULL::uuid, p_agent_id uuid DEFAULT NULL::uuid, p_seller_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_kind text := case when p_agent_id is not null then 'agent' when p_seller_id is not null then 'seller' when p_tenant_id is not null then 'tenant'
    else 'person' end;
  v_allowed boolean;
begin
  v_allowed := case v_kind when 'agent' then (select private.acts_for(p_user_id, user_id, tenant_id) from public.autonomous_agents where id = p_agent_id)
    when 'seller' then (select private.acts_for(p_user_id, user_id, tenant_id) from public.sellers where id = p_seller_id)
    when 'tenant' then private.role_in(p_user_id, p_tenant_id) is not null
    else exists (select from public.users where id = p_user_id and deleted_at is null) end;
  if v_allowed is not true then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  return (select jsonb_build_object('status', 'ok', 'owner_kind', v_kind, 'balance_micros', coalesce(a.balance, 0), 'debt_micros', coalesce(a.debt, 0),
      'held_micros', coalesce((select sum(amount) from public.wallet_holds where account_id = a.id and status = 'held'), 0),
      'charges', (select coalesce(jsonb_agg(jsonb_build_object('at', private.utc_text(h.ended_at), 'charged_micros', h.charged, 'refunded_micros', h.refunded,
          'share_micros', h.share, 'fee_micros', h.fee + h.remainder, 'about', case v_kind when 'seller' then '{}' else h.about end) order by h.ended_at desc), '[]')
        from (select * from public.wallet_holds w where w.status = 'settled' and
            case v_kind when 'seller' then w.seller_account_id = a.id else w.account_id = a.id and w.unit = 'micro_usd' end
          order by w.ended_at desc limit 20) h))
    from (select) one left join public.accounts a on a.unit = 'micro_usd' and a.owner_kind = v_kind
      and a.owner_id = coalesce(p_agent_id, p_seller_id, p_tenant_id, p_user_id));
end $function$;
comment on function public.read_wallet(uuid,uuid,uuid,uuid) is 'What is in the wallet of a person, a tenant of theirs, or an agent or a seller that they act for, and the last twenty charges. Refuses with not_allowed.';

CREATE OR REPLACE FUNCTION public.reap_calls(p_limit integer DEFAULT 200)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.reap_calls(integer) is 'Settles calls whose lease ran out at the last use reported. The operator bears at most one slice of each; the caller never pays for what was not reported.';

CREATE OR REPLACE FUNCTION public.reap_executions(p_limit integer DEFAULT 500)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_execution public.api_executions;
  v_count int := 0;
begin
  for v_execution in
    select * from public.api_executions where status = 'running' and lease_until <= now()
    order by account_id, id limit greatest(1, least(coalesce(p_limit, 500), 10000)) for update skip locked
  loop
    begin
      perform private.end_execution(v_execution, 'lost', null, null, null, null);
      v_count := v_count + 1;
    exception when others then
      raise warning 'execution % not reaped: %', v_execution.id, sqlerrm;
    end;
  end loop;
  update public.api_executions set result = null where id in (select id from public.api_executions
    where result is not null and ended_at < now() - interval '1 day' order by ended_at limit 1000 for update skip locked);
  return v_count;
end $function$;
comment on function public.reap_executions(integer) is 'Ends calls of paid APIs that nobody told the end of: they are not charged. Forgets results of more than a day ago. Answers how many ended.';

CREATE OR REPLACE FUNCTION public.reap_tasks(p_limit integer DEFAULT 500)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_id uuid;
  t public.brain_tasks;
  a public.autonomous_agents;
  v_lost int := 0;
  v_told int := 0;
  v_expired int;
  v_limit int := greatest(1, least(coalesce(p_limit, 500), 5000));
begin
  for v_id in select id from public.brain_tasks where status = 'running' and lost_at <= clock_timestamp() order by lost_at limit v_limit loop
    select g.* into a from public.brain_tasks b join public.autonomous_agents g on g.id = b.assigned_agent where b.id = v_id for update of g;
    select * into t from public.brain_tasks where id = v_id for update;
    continue when t.status <> 'running' or t.lost_at > clock_timestamp();
    v_lost := v_lost + 1;
    update public.brain_tasks set status = 'assigned', lost_at = null, error = 'its worker was lost', due_at = clock_timestamp(), updated_at = now()
      where id = v_id returning * into t;
    perform private.owe_task(t);
  end loop;
  -- Due for minutes, and no job has taken it up: owed anew under a key of its own.
  for t in update public.brain_tasks set epoch = epoch + 1, due_at = clock_timestamp(), updated_at = now()
    where id in (select id from public.brain_tasks where status = 'assigned' and due_at < clock_timestamp() - interval '3 minutes'
      order by due_at limit v_limit for update skip locked) returning *
  loop
    v_told := v_told + 1;
    perform private.owe_task(t);
  end loop;
  update public.market_opportunities set status = 'expired', updated_at = now() where id in (
    select id from public.market_opportunities where status = 'open' and expires_at <= now() limit v_limit for update skip locked);
  get diagnostics v_expired = row_count;
  return jsonb_build_object('status', 'done', 'lost', v_lost, 'told_again', v_told, 'expired', v_expired);
end $function$;
comment on function public.reap_tasks(integer) is 'Brings back tasks whose worker is silent, and those that no job has taken up; closes opportunities that are over.';

CREATE OR REPLACE FUNCTION public.reap_wallet_holds(p_limit integer DEFAULT 500)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.reap_wallet_holds(integer) is 'Frees what was promised of wallets for longer than it was promised for; answers how many promises.';

CREATE OR REPLACE FUNCTION public.record_assets(p_tenant_id uuid, p_asset_count integer, p_site_breakdown jsonb DEFAULT '{}'::jsonb, p_captured_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_source text DEFAULT 'api'::text, p_key text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_at timestamptz := coalesce(p_captured_at, now());
  v_sites jsonb := coalesce(p_site_breakdown, '{}');
  v_snapshot public.asset_snapshots;
begin
  if (p_source in ('service', 'api', 'csv', 'connector') and private.is_site_breakdown(v_sites)
      and coalesce(length(p_key) between 1 and 255, true) and p_asset_count between 0 and 100000000) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif v_at > now() + interval '5 minutes' or v_at < now() - interval '400 days' then
    return jsonb_build_object('status', 'out_of_range');
  elsif v_sites <> '{}' and (select sum((s.value #>> '{}')::bigint) from jsonb_each(v_sites) s) > p_asset_count then
    return jsonb_build_object('status', 'sites_exceed_count');
  end if;
  perform from public.tenants where id = p_tenant_id and closed_at is null for key share;
  if not found then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  insert into public.asset_snapshots (tenant_id, asset_count, site_breakdown, captured_at, source, key)
    values (p_tenant_id, p_asset_count, v_sites, v_at, p_source, p_key)
    on conflict (tenant_id, key) do nothing returning * into v_snapshot;
  if not found then
    select * into v_snapshot from public.asset_snapshots where tenant_id = p_tenant_id and key = p_key;
    if (v_snapshot.asset_count, v_snapshot.site_breakdown) is distinct from (p_asset_count, v_sites) then
      return jsonb_build_object('status', 'key_reused');
    end if;
  end if;
  return jsonb_build_object('status', 'recorded', 'snapshot', jsonb_build_object('id', v_snapshot.id, 'tenant_id', p_tenant_id,
    'asset_count', v_snapshot.asset_count, 'site_breakdown', v_snapshot.site_breakdown, 'captured_at', private.utc_text(v_snapshot.captured_at),
    'source', v_snapshot.source));
end $function$;
comment on function public.record_assets(uuid,integer,jsonb,timestamp with time zone,text,text) is 'Writes down how many assets a tenant has, by a key once. Status recorded, malformed, out_of_range (of more than 400 days ago, or to come), sites_exceed_count, unknown_tenant or key_reused.';

CREATE OR REPLACE FUNCTION public.record_missing_usage(p_limit integer DEFAULT 200)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_note private.usage_to_record;
  v_call public.calls;
  v_recorded int := 0;
  v_failed int := 0;
begin
  for v_note in select * from private.usage_to_record order by attempts, noted_at
    limit greatest(0, least(coalesce(p_limit, 200), 1000)) for update skip locked
  loop
    select * into v_call from public.calls where id = v_note.call_id;
    begin
      perform private.record_usage(private.seconds_of_call(v_call) || private.measured_usage_of_call(v_call), v_call.opened_at);
      delete from private.usage_to_record where call_id = v_note.call_id;
      v_recorded := v_recorded + 1;
    exception when others then
      update private.usage_to_record set attempts = attempts + 1, reason = sqlstate where call_id = v_note.call_id;
      v_failed := v_failed + 1;
      perform public.note_finding('usage_not_recorded', v_note.call_id::text, format('What this call used could not be recorded, '
        'and is tried again (%s, %s times so far).', sqlstate, v_note.attempts + 1));
    end;
  end loop;
  return jsonb_build_object('recorded', v_recorded, 'failed', v_failed);
end $function$;
comment on function public.record_missing_usage(integer) is 'Records the usage of calls for which that failed when they were settled. Harmless to repeat, and beside itself.';

CREATE OR REPLACE FUNCTION public.record_payment_verification(p_tenant_id uuid, p_key_id uuid, p_key text, p_request jsonb, p_verdict jsonb, p_candidates jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.record_payment_verification(uuid,uuid,text,jsonb,jsonb,jsonb) is 'Writes down what the nodes of a chain say of a payment, and takes one of the transfers that would do: for one order of the tenant, once. A key is one event of usage, however often it is asked. Status recorded with the verdict that holds, key_reused, unknown_tenant or malformed.';

CREATE OR REPLACE FUNCTION public.record_site_assets(p_tenant_id uuid, p_site text, p_asset_count integer, p_night date, p_source text DEFAULT 'connector'::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_zone text;
  v_at timestamptz;
  v_sites jsonb;
begin
  if (p_night between '2020-01-01' and '2200-01-01') is not true or private.is_site_breakdown(jsonb_build_object(p_site, p_asset_count)) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select time_zone into v_zone from public.tenants where id = p_tenant_id for no key update;
  -- The last moment of the night that is asked for, or this one while it lasts.
  v_at := least(now(), (p_night + 1)::timestamp at time zone coalesce(v_zone, 'UTC') - interval '1 microsecond');
  if exists (select from public.asset_snapshots where tenant_id = p_tenant_id and key = format('%s:%s:%s', p_source, p_night, p_site)) then
    return jsonb_build_object('status', 'recorded_before');
  end if;
  select a.site_breakdown into v_sites from public.asset_snapshots a
    where a.tenant_id = p_tenant_id and a.captured_at <= v_at order by a.captured_at desc, a.created_at desc limit 1;
  v_sites := coalesce(v_sites, '{}') || jsonb_build_object(p_site, p_asset_count);
  return public.record_assets(p_tenant_id, (select sum((s.value #>> '{}')::bigint)::int from jsonb_each(v_sites) s), v_sites, v_at, p_source,
    format('%s:%s:%s', p_source, p_night, p_site));
exception when data_exception then
  return jsonb_build_object('status', 'malformed');
end $function$;
comment on function public.record_site_assets(uuid,text,integer,date,text) is 'Writes down how many assets one site had in a night, once; the other sites count as they did last. Who counts by site counts all of them by site. Status as record_assets, or recorded_before.';

CREATE OR REPLACE FUNCTION public.refund_execution(p_operator_id uuid, p_execution_id uuid, p_reason text, p_key text, p_micros bigint DEFAULT NULL::bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_execution public.api_executions;
  v_answer jsonb;
  v_key text := format('refund:%s:%s', p_execution_id, left(p_key, 100));
begin
  select * into v_execution from public.api_executions where id = p_execution_id for update;
  if not exists (select from public.users where id = p_operator_id and role = 'operator' and deleted_at is null) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif v_execution.id is null or v_execution.hold_id is null then
    return jsonb_build_object('status', 'unknown_execution');
  elsif (length(p_key) between 1 and 100 and length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif private.is_own_account(p_operator_id, coalesce(v_execution.tenant_id, v_execution.user_id))
      or exists (select from public.autonomous_agents a where a.id = v_execution.agent_id
        and private.is_own_account(p_operator_id, coalesce(a.tenant_id, a.user_id))) then
    return jsonb_build_object('status', 'own_account');
  end if;
  v_answer := private.refund_micros(v_execution.hold_id, v_key, p_micros);
  if v_answer ->> 'status' = 'refunded' then
    -- On the day on which it goes back, so that what an earlier day earned stays what it was.
    insert into public.autonomous_revenue (agent_id, task_id, api_product_id, seller_id, hold_id, amount_micros, platform_fee_micros,
        seller_share_micros, revenue_source, status, key)
      select v_execution.agent_id, v_execution.task_id, v_execution.product_id, p.seller_id, v_execution.hold_id, -r.amount,
        -r.fee - r.remainder, -r.share, 'api_calls', 'collected', v_key
      from public.wallet_refunds r, public.api_products p where r.key = v_key and p.id = v_execution.product_id
      on conflict (key) do nothing;
  end if;
  return v_answer;
end $function$;
comment on function public.refund_execution(uuid,uuid,text,text,bigint) is 'Gives back what a call of a paid API cost, or a part: the seller its share, the platform its fee. By an operator, once for a key; the revenue falls by a row of its own. Refuses with not_an_operator, own_account, unknown_execution, not_settled, more_than_charged, key_reused or malformed.';

CREATE OR REPLACE FUNCTION public.refuse_meter_events(p_identifiers text[], p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_refused int;
begin
  update private.meter_events set state = 'refused', reason = left(coalesce(p_reason, ''), 300), settled_at = now()
    where identifier in (select i::uuid from unnest(p_identifiers) i where pg_input_is_valid(i, 'uuid'))
      and state in ('frozen', 'delivered', 'uncertain');
  get diagnostics v_refused = row_count;
  return jsonb_build_object('status', 'refused', 'refused', v_refused);
end $function$;
comment on function public.refuse_meter_events(text[],text) is 'For reports of Stripe about events that it could not count. Others than ours are left alone. Harmless to repeat.';

CREATE OR REPLACE FUNCTION public.register_agent(p_user_id uuid, p_tenant_id uuid, p_agent jsonb, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.register_agent(uuid,uuid,jsonb,text) is 'Registers an agent of a person, of a tenant, or (without both, by the service) of the house, idle and with a wallet of its own; once for a key. Refuses with not_allowed, key_reused or malformed.';

CREATE OR REPLACE FUNCTION public.register_seller(p_user_id uuid, p_tenant_id uuid, p_name text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.register_seller(uuid,uuid,text) is 'Makes a person, or a tenant by its owners or who does its billing, a seller of paid APIs; who is one stays that one. Refuses with not_allowed or malformed.';

CREATE OR REPLACE FUNCTION public.remember_facts(p_call_id uuid, p_user_id uuid, p_facts jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_call public.calls;
  v_settings public.caller_settings;
  v_outcomes text[];
begin
  select * into v_call from public.calls where id = p_call_id and user_id = p_user_id;
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  elsif jsonb_typeof(p_facts) is distinct from 'array' or jsonb_array_length(p_facts) > 20
      or exists (select from jsonb_array_elements(p_facts) fact where not private.is_fact(fact)) then
    return jsonb_build_object('status', 'invalid_facts');
  end if;
  v_settings := private.lock_caller(p_user_id);
  if v_call.opened_at <= v_settings.erased_at then
    return jsonb_build_object('status', 'already_remembered');
  end if;
  insert into private.remembered_calls (call_id) values (p_call_id) on conflict do nothing;
  if not found then
    return jsonb_build_object('status', 'already_remembered');
  elsif v_settings.memory_enabled is not true then
    -- Marked all the same: turning memory on later is no consent to what was said before.
    return jsonb_build_object('status', 'memory_off');
  end if;
  for v_fact in 0 .. jsonb_array_length(p_facts) - 1 loop
    v_outcomes := v_outcomes || private.remember_fact(v_call, p_facts -> v_fact);
  end loop;
  delete from public.caller_memories where id in (select id from public.caller_memories
    where user_id = p_user_id order by updated_at desc, id desc offset 200);
  return jsonb_build_object('status', 'remembered', 'count', coalesce(cardinality(array_positions(v_outcomes, 'stored')), 0),
    'refused', coalesce(cardinality(array_positions(v_outcomes, 'refused')), 0));
end $function$;
comment on function public.remember_facts(uuid,uuid,jsonb) is 'Stores what a call told, once: [{text, kind, embedding?, model?, replaces?}], at most 20. Status remembered with how many were stored and how many refused as secrets, already_remembered (also of calls that began before everything was erased), memory_off, unknown_call or invalid_facts. Keeps the 200 newest of a person.';

CREATE OR REPLACE FUNCTION public.remove_member(p_user_id uuid, p_tenant_id uuid, p_member_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.remove_member(uuid,uuid,uuid) is 'An owner removes a member, or a member leaves; calls of theirs that use the tenant''s time are ended. Refuses with unknown_tenant, not_allowed, unknown_member or last_owner.';

CREATE OR REPLACE FUNCTION public.renew_call(p_call_id uuid, p_epoch integer, p_used_ms bigint, p_restored_ms bigint DEFAULT 0)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_hold record;
  v_refusal record;
  v_free bigint;
  v_live_calls bigint;
  v_ahead bigint;
  v_give bigint;
  v_restored_ms bigint;
begin
  -- Rows are locked in the order of the list: account, then hold. After a wait both are read again as they are then.
  select h.account_id, h.epoch, h.amount, h.slice_seconds, h.used_ms, h.restored_ms, a.balance,
      a.first_end into v_hold
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
  v_hold.used_ms := least(v_hold.amount * 1000, greatest(v_hold.used_ms, p_used_ms));
  v_restored_ms := least(greatest(v_hold.restored_ms, p_restored_ms), v_hold.used_ms);
  if v_restored_ms / 1000 > v_hold.restored_ms / 1000 then
    perform private.release_restored(p_call_id, v_hold.used_ms, v_restored_ms);
    select balance into v_hold.balance from public.accounts where id = v_hold.account_id;
  end if;
  -- A statement of its own: it sees what changed while the lock was waited for.
  select v_hold.balance - sum(amount - restored_ms / 1000), count(*) into v_free, v_live_calls
    from public.holds where account_id = v_hold.account_id;
  v_ahead := v_hold.amount - (v_hold.used_ms + 999) / 1000;
  -- As private.seconds_to_grant, which would cost as much as the rest.
  v_give := greatest(0, least(v_free, v_hold.slice_seconds - v_ahead,
    greatest(least(5, v_hold.slice_seconds) - v_ahead, v_free / v_live_calls)));
  update public.holds
    set used_ms = v_hold.used_ms, restored_ms = v_restored_ms, amount = amount + v_give, renewals = renewals + 1,
        lease_expires_at = clock_timestamp() + make_interval(secs => slice_seconds + lease_margin_seconds)
    where id = p_call_id;
  return jsonb_build_object('status', 'renewed', 'call_id', p_call_id, 'epoch', v_hold.epoch,
    'granted_seconds', v_hold.amount + v_give, 'used_ms', v_hold.used_ms, 'free_seconds', v_free - v_give,
    'live_calls', v_live_calls, 'final', v_free = v_give);
end $function$;
comment on function public.renew_call(uuid,integer,bigint,bigint) is 'Reports the cumulative use and raises the hold to used + slice within what is free. Absolute counters: a repeat changes nothing. A wrong epoch is answered with status fenced: hang up.';

CREATE OR REPLACE FUNCTION public.renew_calls(p_call_ids uuid[], p_epochs integer[], p_used_ms bigint[], p_restored_ms bigint[])
 RETURNS TABLE(call_id uuid, status text, epoch integer, granted_seconds bigint, free_seconds bigint, live_calls integer, final boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  v_holds tid[];
  v_accounts uuid[];
  v_balances bigint[];
  v_used_ms bigint[];
  v_restored_ms bigint[];
  v_first_end timestamptz;
  v_is_back boolean;
  v_back record;
begin
  -- Once, and again after something was given back: that changes balances and the places of rows.
  for v_round in 1..2 loop
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
    exit when v_round = 2;
    v_is_back := false;
    for v_back in
      select h.id, m.used_ms, least(asked.restored_ms, m.used_ms) as restored_ms
      from (select * from unnest(v_holds, v_used_ms, v_restored_ms) as t (hold, used_ms, restored_ms)
        where restored_ms >= 1000) asked
      join public.holds h on h.ctid = asked.hold
      cross join lateral (values (least(h.amount * 1000, greatest(h.used_ms, asked.used_ms)))) m (used_ms)
      where least(asked.restored_ms, m.used_ms) / 1000 > h.restored_ms / 1000
    loop
      perform private.release_restored(v_back.id, v_back.used_ms, v_back.restored_ms);
      v_is_back := true;
    end loop;
    exit when not v_is_back;
  end loop;
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
    select account_id, sum(amount - restored_ms / 1000)::bigint as amount, count(*) as calls from public.holds
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
end $function$;
comment on function public.renew_calls(uuid[],integer[],bigint[],bigint[]) is 'renew_call for many calls in one statement: the same rules, one row per call and epoch. The arrays go by position.';

CREATE OR REPLACE FUNCTION public.repair_customer(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user public.users;
  v_job pgboss.job;
begin
  -- The lock orders two repairs of the same person: the second sees the job of the first.
  select * into v_user from public.users where id = p_user_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_user');
  elsif v_user.stripe_customer_id is not null then
    return jsonb_build_object('status', 'has_customer');
  end if;
  select * into v_job from pgboss.job where name = 'create_customer' and data ->> 'user_id' = p_user_id::text
    order by created_on desc limit 1 for update;
  if not found then
    perform private.owe_customer(p_user_id);
  elsif v_job.state in ('completed', 'failed', 'cancelled') then
    perform private.do_again(v_job.name, v_job.id);
  else
    return jsonb_build_object('status', 'under_way');
  end if;
  return jsonb_build_object('status', 'begun');
end $function$;
comment on function public.repair_customer(uuid) is 'Owes a person a customer again. Status begun, under_way, has_customer or unknown_user.';

CREATE OR REPLACE FUNCTION public.repair_tenant_customer(p_tenant_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_tenant public.tenants;
  v_job pgboss.job;
begin
  select * into v_tenant from public.tenants where id = p_tenant_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_tenant.stripe_customer_id is not null then
    return jsonb_build_object('status', 'has_customer');
  end if;
  select * into v_job from pgboss.job where name = 'create_tenant_customer' and data ->> 'tenant_id' = p_tenant_id::text
    order by created_on desc limit 1 for update;
  if not found then
    perform private.owe_tenant_customer(p_tenant_id);
  elsif v_job.state in ('completed', 'failed', 'cancelled') then
    perform private.do_again(v_job.name, v_job.id);
  else
    return jsonb_build_object('status', 'under_way');
  end if;
  return jsonb_build_object('status', 'begun');
end $function$;
comment on function public.repair_tenant_customer(uuid) is 'Owes a tenant a customer again. Status begun, under_way, has_customer or unknown_tenant.';

CREATE OR REPLACE FUNCTION public.report_worker(p_worker_id uuid, p_report jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  r record;
begin
  if p_worker_id is null or jsonb_typeof(p_report) is distinct from 'object' or length(p_report::text) > 2000 then
    return jsonb_build_object('status', 'invalid_report');
  end if;
  begin
    select * into r from jsonb_to_record(p_report) as j (name text, release text, state text, calls int, seats int, load_percent int);
  exception when data_exception then
    return jsonb_build_object('status', 'invalid_report');
  end;
  if r.state = 'gone' then
    delete from private.workers where id = p_worker_id;
    return jsonb_build_object('status', 'noted');
  elsif (length(r.name) between 1 and 200 and length(coalesce(r.release, '')) <= 100 and r.calls >= 0
      and coalesce(r.seats >= 0, true) and r.load_percent >= 0
      and r.state in ('open', 'full', 'starved', 'draining', 'not_connected')) is not true then
    return jsonb_build_object('status', 'invalid_report');
  end if;
  insert into private.workers as w (id, name, release, state, calls, seats, load_percent)
    values (p_worker_id, r.name, coalesce(r.release, ''), r.state, r.calls, r.seats, r.load_percent)
    on conflict (id) do update set name = excluded.name, release = excluded.release, state = excluded.state,
      calls = excluded.calls, seats = excluded.seats, load_percent = excluded.load_percent, reported_at = now();
  delete from private.workers where reported_at < now() - interval '1 hour';
  return jsonb_build_object('status', 'noted');
end $function$;
comment on function public.report_worker(uuid,jsonb) is 'A worker tells how it is: name, release, state (open, full, starved, draining, not_connected, or gone at its end), calls, seats (null where the processor decides) and load_percent. Status noted or invalid_report.';

CREATE OR REPLACE FUNCTION public.reschedule_gift(p_user_id uuid, p_card_id uuid, p_deliver_on date, p_time_zone text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_purchase public.purchases;
  v_at timestamptz := case when p_deliver_on is null then now() else private.delivery_time(p_deliver_on, p_time_zone) end;
begin
  select * into v_purchase from public.purchases
    where id = p_card_id and user_id = p_user_id and purpose = 'gift' for update;
  if not found then
    return jsonb_build_object('status', 'unknown_gift');
  elsif v_at is null then
    return jsonb_build_object('status', 'invalid_delivery');
  elsif v_purchase.status in ('review', 'refused', 'canceled')
     or exists (select from public.grants where id = p_card_id and status <> 'unactivated') then
    return jsonb_build_object('status', 'too_late');
  elsif v_purchase.status = 'succeeded' then
    update pgboss.job set start_after = v_at, data = data || jsonb_build_object('due_at', v_at),
        keep_until = v_at + (select make_interval(secs => retention_seconds) from pgboss.queue where name = 'notice')
      where name = 'notice' and id = private.job_id(format('notice:gift:%s', p_card_id)) and state = 'created'
        and start_after > now();
    if not found then
      return jsonb_build_object('status', 'too_late');
    end if;
    perform pg_notify(private.queue_channel(), 'notice');
  end if;
  update public.purchases set deliver_at = case when p_deliver_on is not null then v_at end, updated_at = now()
    where id = p_card_id;
  return jsonb_build_object('status', 'scheduled', 'deliver_at', private.utc_text(v_at));
end $function$;
comment on function public.reschedule_gift(uuid,uuid,date,text) is 'The buyer of a gift has its code sent on another day, or at once where there is none, as long as it was not sent. Refuses with unknown_gift, invalid_delivery or too_late.';

CREATE OR REPLACE FUNCTION public.reserve_desk(p_call_id uuid, p_had_ms bigint, p_seconds integer, p_seconds_per_day integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id uuid := (select user_id from public.calls where id = p_call_id and status = 'open');
  v_left_ms bigint;
  v_seconds int;
begin
  if (v_user_id is not null and p_had_ms between 0 and 86400000 and p_seconds between 0 and 86400 and p_seconds_per_day between 0 and 86400) is not true then
    return 0;
  end if;
  -- One after the other: calls at the same time get no more together.
  perform pg_advisory_xact_lock(hashtextextended(v_user_id::text, 11400));
  delete from private.desks d using public.calls c where c.id = d.call_id and c.user_id = v_user_id and c.status <> 'open';
  v_left_ms := p_seconds_per_day * 1000::bigint - public.desk_ms_today(v_user_id) - p_had_ms
    - (select coalesce(sum(d.reserved_ms), 0) from private.desks d join public.calls c on c.id = d.call_id
      where c.user_id = v_user_id and c.id <> p_call_id);
  v_seconds := greatest(0, least(p_seconds, v_left_ms / 1000));
  insert into private.desks (call_id, reserved_ms) values (p_call_id, p_had_ms + v_seconds * 1000::bigint)
    on conflict (call_id) do update set reserved_ms = excluded.reserved_ms;
  return v_seconds;
end $function$;
comment on function public.reserve_desk(uuid,bigint,integer,integer) is 'Takes so many seconds of the day''s free desks for a call that goes on and had so much of them before; answers how many it gets.';

CREATE OR REPLACE FUNCTION public.resolve_review(p_purchase_id uuid, p_decision text, p_operator_id uuid, p_reason text, p_code_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.resolve_review(uuid,text,uuid,text,text) is 'An operator gives the time for money that did not fit (release), or does not (refuse), for a reason. Answers succeeded or refused; refuses with invalid_decision, not_an_operator, unknown_purchase, own_purchase, not_in_review or nothing_to_release (no intent of its own paid it: refund that one in Stripe).';

CREATE OR REPLACE FUNCTION public.retry_refused_meter_events(p_event_name text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_owed int;
begin
  update private.meter_events set state = 'owed', identifier = gen_random_uuid(), customer = null, attempts = 0,
      first_tried_at = null, settled_at = null, reason = null, due_at = now()
    where state = 'refused' and (p_event_name is null or event_name = p_event_name);
  get diagnostics v_owed = row_count;
  return jsonb_build_object('status', 'owed', 'owed', v_owed);
end $function$;
comment on function public.retry_refused_meter_events(text) is 'Owes again what was refused, under new identifiers; all of it, or that of one meter.';

CREATE OR REPLACE FUNCTION public.revenue_over_time(p_from date, p_to date, p_by text DEFAULT 'day'::text, p_zone text DEFAULT 'UTC'::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_from timestamptz;
  v_to timestamptz;
  v_rows jsonb;
begin
  if (select count(*) from pg_timezone_names where name = p_zone) <> 1 then
    return jsonb_build_object('status', 'unknown_zone');
  elsif (p_by in ('hour', 'day') and isfinite(p_from) and p_from between '2000-01-01' and '2999-12-30' and isfinite(p_to)
      and p_to between p_from + 1 and p_from + case p_by when 'hour' then 31 else 400 end) is not true then
    return jsonb_build_object('status', 'out_of_range');
  end if;
  v_from := p_from::timestamp at time zone p_zone;
  v_to := p_to::timestamp at time zone p_zone;
  select coalesce(jsonb_agg(to_jsonb(s) order by s.at, s.currency, s.revenue_source), '[]') into v_rows from (
    select private.utc_text(date_trunc(p_by, b.at, p_zone)) as at, b.currency, b.revenue_source, sum(b.entries) as entries,
      sum(b.amount_micros) as amount_micros, sum(b.platform_fee_micros) as platform_fee_micros, sum(b.seller_share_micros) as seller_share_micros,
      sum(b.stripe_cost_micros) as stripe_cost_micros
    from private.revenue_between(v_from, v_to, private.grain_of(p_zone, v_from, v_to, p_by)) b group by 1, 2, 3) s;
  return jsonb_build_object('status', 'ok', 'rows', v_rows);
end $function$;
comment on function public.revenue_over_time(date,date,text,text) is 'Collected revenue by hour (31 days at most) or day of a zone, currency and source, from a day to the one before the other. Status ok, out_of_range or unknown_zone.';

CREATE OR REPLACE FUNCTION public.revenue_stats(p_zone text DEFAULT 'UTC'::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_from timestamptz;
  v_tasks record;
begin
  if (select count(*) from pg_timezone_names where name = p_zone) <> 1 then
    return jsonb_build_object('status', 'unknown_zone');
  end if;
  v_from := date_trunc('day', now(), p_zone);
  select count(*) as all_of_them, count(*) filter (where status = 'completed') as completed into v_tasks
    from public.brain_tasks where created_at >= now() - interval '24 hours';
  return jsonb_build_object('status', 'ok', 'as_of', private.utc_text(now()),
    'today', (select coalesce(jsonb_agg(to_jsonb(s) order by s.currency), '[]') from (
      select currency, sum(entries) as entries, sum(amount_micros) as amount_micros, sum(platform_fee_micros) as platform_fee_micros,
        sum(seller_share_micros) as seller_share_micros, sum(stripe_cost_micros) as stripe_cost_micros
      from private.revenue_between(v_from, 'infinity', private.grain_of(p_zone, v_from, now(), 'hour')) group by currency) s),
    'active_agents', (select count(*) from public.autonomous_agents where status = 'active'),
    'tasks_24_hours', v_tasks.all_of_them, 'completed_24_hours', v_tasks.completed,
    'success_rate', case when v_tasks.all_of_them = 0 then 0 else round(v_tasks.completed::numeric / v_tasks.all_of_them, 6) end,
    'pending_payments', (select count(*) from public.pending_payments where status = 'pending'),
    'pending_micros', (select coalesce(sum(amount_micros), 0) from public.pending_payments where status = 'pending'));
end $function$;
comment on function public.revenue_stats(text) is 'The figures of the board of revenue: collected since the zone''s midnight by currency, agents at work, how many of the tasks of 24 hours are completed, and what is to be charged. Status ok or unknown_zone.';

CREATE OR REPLACE FUNCTION public.revoke_api_key(p_user_id uuid, p_tenant_id uuid, p_key_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.revoke_api_key(uuid,uuid,uuid) is 'An owner ends a key at once. Harmless to repeat. Refuses with unknown_tenant, not_allowed or unknown_key.';

CREATE OR REPLACE FUNCTION public.revoke_code_batch(p_operator_id uuid, p_batch_id uuid, p_reason text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_batch public.code_batches;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_batch from public.code_batches where id = p_batch_id for update;
  if not found or (coalesce(length(trim(p_reason)) between 1 and 500, true)) is not true then
    return jsonb_build_object('status', 'unknown_batch');
  end if;
  -- One that is being activated at this moment is waited for, and stays with its owner.
  perform from public.grants
    where id in (select card_id from public.code_batch_cards where batch_id = p_batch_id) order by id for update;
  update public.grants set status = 'revoked', remaining = 0
    where id in (select card_id from public.code_batch_cards where batch_id = p_batch_id) and status = 'unactivated';
  if v_batch.revoked_at is null and p_reason is not null then
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, 'revoke_codes', p_batch_id::text, trim(p_reason));
  end if;
  update public.code_batches
    set revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, p_operator_id)
    where id = p_batch_id returning * into v_batch;
  return jsonb_build_object('status', 'revoked', 'batch', private.describe_batch(v_batch));
end $function$;
comment on function public.revoke_code_batch(uuid,uuid,text) is 'Takes back the codes of a batch that nobody used; harmless to repeat. Refuses with status not_an_operator or unknown_batch.';

CREATE OR REPLACE FUNCTION public.revoke_invitation(p_user_id uuid, p_tenant_id uuid, p_invitation_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_role text;
  v_invitation public.tenant_invitations;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_role <> 'owner' then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  update public.tenant_invitations set revoked_at = coalesce(revoked_at, now())
    where id = p_invitation_id and tenant_id = p_tenant_id and accepted_at is null returning * into v_invitation;
  if not found then
    return jsonb_build_object('status', 'unknown_invitation');
  end if;
  return jsonb_build_object('status', 'revoked', 'invitation', private.describe_invitation(v_invitation));
end $function$;
comment on function public.revoke_invitation(uuid,uuid,uuid) is 'An owner takes an invitation back. Refuses with unknown_tenant, not_allowed or unknown_invitation (also one that was accepted).';

CREATE OR REPLACE FUNCTION public.roll_up(p_limit integer DEFAULT 5000)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_from xid8;
  v_upto xid8;
  w record;
begin
  -- One at a time: a run whose answer nobody waited for may still be at it.
  if not pg_try_advisory_xact_lock(24, 2) then
    return jsonb_build_object('status', 'busy');
  end if;
  select upto into v_from from private.rolled_up;
  if v_from > pg_snapshot_xmax(pg_current_snapshot()) then
    perform public.note_finding('figures_of_another_server', 'rolled_up', 'These books were restored into another PostgreSQL, '
      'which counts its transactions anew: run select private.begin_figures_anew() once (docs/board.md).');
    return jsonb_build_object('status', 'busy');
  end if;
  v_upto := private.end_of_batch(v_from, greatest(1, least(coalesce(p_limit, 5000), 50000)));
  if v_upto > v_from then
    w := private.written_between(v_from, v_upto);
    perform private.add_all(w.calls, w.entries, w.changes, v_from, v_upto);
    delete from private.settled_calls where xid < v_upto;
    delete from private.people_changes where xid < v_upto;
    delete from private.event_changes where xid < v_upto;
    update private.rolled_up set upto = v_upto;
  end if;
  return jsonb_build_object('status',
    case when v_upto > v_from and v_upto < pg_snapshot_xmin(pg_current_snapshot()) then 'more' else 'complete' end);
end $function$;
comment on function public.roll_up(integer) is 'Adds what was written since to the sums that operators see, not much more than so many rows. Status complete, more (call it again) or busy (another run is at it).';

CREATE OR REPLACE FUNCTION public.roll_up_revenue(p_limit integer DEFAULT 5000)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_from xid8;
  v_upto xid8;
begin
  if not pg_try_advisory_xact_lock(24, 50) then
    return jsonb_build_object('status', 'busy');
  end if;
  select upto into v_from from private.revenue_rolled_up;
  if v_from > pg_snapshot_xmax(pg_current_snapshot()) then
    perform public.note_finding('figures_of_another_server', 'revenue_rolled_up', 'These books were restored into another PostgreSQL, '
      'which counts its transactions anew: run select private.begin_revenue_figures_anew() once (docs/board.md).');
    return jsonb_build_object('status', 'busy');
  end if;
  v_upto := private.end_of_revenue_batch(v_from, greatest(1, least(coalesce(p_limit, 5000), 500000)));
  if v_upto > v_from then
    perform private.add_revenue_figures(array(select q from private.figures_of_revenue(v_from, v_upto) q));
    update private.revenue_rolled_up set upto = v_upto;
  end if;
  return jsonb_build_object('status',
    case when v_upto > v_from and v_upto < pg_snapshot_xmin(pg_current_snapshot()) then 'more' else 'complete' end);
end $function$;
comment on function public.roll_up_revenue(integer) is 'Adds revenue that was collected since to its sums, not much more than so many rows. Status complete, more (call it again) or busy.';

CREATE OR REPLACE FUNCTION public.roll_up_usage(p_limit integer DEFAULT 5000)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_from xid8;
  v_upto xid8;
begin
  if not pg_try_advisory_xact_lock(24, 7) then
    return jsonb_build_object('status', 'busy');
  end if;
  select upto into v_from from private.usage_rolled_up;
  if v_from > pg_snapshot_xmax(pg_current_snapshot()) then
    perform public.note_finding('figures_of_another_server', 'usage_rolled_up', 'These books were restored into another PostgreSQL, '
      'which counts its transactions anew: run select private.begin_usage_figures_anew() once (docs/usage.md).');
    return jsonb_build_object('status', 'busy');
  end if;
  v_upto := private.end_of_usage_batch(v_from, greatest(1, least(coalesce(p_limit, 5000), 50000)));
  if v_upto > v_from then
    perform private.add_usage_figures(array(select h from private.figures_of_usage(v_from, v_upto) h));
    update private.usage_rolled_up set upto = v_upto;
  end if;
  return jsonb_build_object('status',
    case when v_upto > v_from and v_upto < pg_snapshot_xmin(pg_current_snapshot()) then 'more' else 'complete' end);
end $function$;
comment on function public.roll_up_usage(integer) is 'Adds usage that was recorded since to its sums, not much more than so many events. Status complete, more (call it again) or busy (another run is at it).';

CREATE OR REPLACE FUNCTION public.room_finished(p_room_name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- A hint, not a truth: the worker still settles first, and a late or repeated hint never moves a lease forward.
  update public.holds
    set lease_expires_at = least(lease_expires_at, now() + make_interval(secs => lease_margin_seconds))
    where id = (select id from public.calls where room_name = p_room_name and status = 'open');
  return found;
end $function$;
comment on function public.room_finished(text) is 'LiveKit says the room is gone: let the reaper look soon.';

CREATE OR REPLACE FUNCTION public.rotate_api_key(p_user_id uuid, p_tenant_id uuid, p_key_id uuid, p_grace_seconds integer, p_prefix text, p_last4 text, p_key_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.rotate_api_key(uuid,uuid,uuid,integer,text,text,text) is 'An owner puts a new key in the place of one that holds, which holds for p_grace_seconds (30 days at most) beside it. Refuses with unknown_tenant, not_allowed, unknown_key, already_rotated or invalid_key.';

CREATE OR REPLACE FUNCTION public.run_gainshare(p_operator_id uuid, p_tenant_id uuid, p_period_start date, p_period_end date, p_share_pct numeric, p_fee_cap_cents bigint DEFAULT NULL::bigint, p_dispute_days integer DEFAULT 30)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_snapshot jsonb;
  v_hash text;
  r public.gainshare_runs;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif (p_share_pct between 10 and 20 and p_period_end >= p_period_start and isfinite(p_period_start) and isfinite(p_period_end)
      and p_period_end <= p_period_start + 400
      and p_period_end <= current_date and coalesce(p_fee_cap_cents >= 0, true) and p_dispute_days between 1 and 365) is not true then
    return jsonb_build_object('status', 'invalid_run');
  elsif not exists (select from public.tenants where id = p_tenant_id) then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  perform pg_advisory_xact_lock(hashtextextended(p_tenant_id::text, 30000));
  v_snapshot := private.gain_snapshot(p_tenant_id, p_period_start, p_period_end, round(p_share_pct, 2), p_fee_cap_cents);
  if v_snapshot ? 'refused' then
    return jsonb_build_object('status', v_snapshot ->> 'refused');
  end if;
  v_hash := encode(sha256(convert_to(v_snapshot::text, 'utf8')), 'hex');
  for r in select * from public.gainshare_runs where tenant_id = p_tenant_id and period_start <= p_period_end
      and period_end >= p_period_start and status not in ('withdrawn', 'rejected') for update
  loop
    if r.snapshot_hash = v_hash then
      return jsonb_build_object('status', 'run', 'run', private.describe_gainshare(r));
    elsif r.status not in ('pending_approval', 'disputed') then
      return jsonb_build_object('status', 'overlaps', 'gainshare_run_id', r.id);
    end if;
  end loop;
  -- Measured anew, and nobody agreed to the one before.
  with withdrawn as (update public.gainshare_runs set status = 'withdrawn', reason = 'run anew' where tenant_id = p_tenant_id
      and period_start <= p_period_end and period_end >= p_period_start and status in ('pending_approval', 'disputed')
      returning id, snapshot_hash)
  insert into public.gainshare_acts (run_id, act, actor_id, snapshot_hash, reason)
    select id, 'withdraw', p_operator_id, snapshot_hash, 'run anew' from withdrawn;
  insert into public.gainshare_runs (tenant_id, period_start, period_end, share_pct, currency, savings_cents, fee_cents, fee_cap_cents,
      snapshot, snapshot_hash, run_by, dispute_until)
    values (p_tenant_id, p_period_start, p_period_end, p_share_pct, v_snapshot ->> 'currency', (v_snapshot ->> 'savings_cents')::bigint,
      (v_snapshot ->> 'fee_cents')::bigint, p_fee_cap_cents, v_snapshot, v_hash, p_operator_id,
      now() + make_interval(days => p_dispute_days))
    returning * into r;
  insert into public.gainshare_acts (run_id, act, actor_id, snapshot_hash) values (r.id, 'run', p_operator_id, v_hash);
  return jsonb_build_object('status', 'run', 'run', private.describe_gainshare(r));
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'invalid_run');
end $function$;
comment on function public.run_gainshare(uuid,uuid,date,date,numeric,bigint,integer) is 'An operator works out what a period saved, both days included, and freezes it. The same measurements answer the same run; others take the place of one that nobody has agreed to. Status run with the run; refuses with overlaps (some of these days are agreed), nothing_measured, several_currencies, invalid_run, unknown_tenant or not_an_operator.';

CREATE OR REPLACE FUNCTION public.save_api_product(p_user_id uuid, p_seller_id uuid, p_product_id uuid, p_product jsonb, p_secrets jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.save_api_product(uuid,uuid,uuid,jsonb,jsonb) is 'Makes a product of a seller (or, by an operator or the service, of the house), or changes what is named of one; a change of what a caller gets or pays is a new version. Secrets come sealed; null removes one. Refuses with not_allowed, retired, name_taken or malformed.';

CREATE OR REPLACE FUNCTION public.schedule_tasks(p_limit integer DEFAULT 100)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  o public.market_opportunities;
  a public.autonomous_agents;
  v_task public.brain_tasks;
  v_limit int := greatest(1, least(coalesce(p_limit, 100), 1000));
  v_assigned int := 0;
  v_looked int := 0;
begin
  for o in
    select * from public.market_opportunities where status = 'open' and expires_at > now()
    order by priority desc, score desc, created_at, id
    -- Nobody can do some of them: those do not hold up the others.
    limit 10 * v_limit for update skip locked
  loop
    exit when v_assigned >= v_limit;
    v_looked := v_looked + 1;
    -- The best agent that is free, can do it and can pay it today.
    for a in
      select g.* from public.autonomous_agents g
      where g.status in ('idle', 'active') and g.retired_at is null and g.running_tasks < g.max_concurrent_tasks
        and private.suits(g, o)
        and coalesce((select b.spent_micros + b.reserved_micros from public.agent_budgets b
          where b.agent_id = g.id and b.day = private.agent_day(g.zone)), 0) + private.highest_price(o, g.agent_type) <= g.daily_budget_micros
      order by g.performance_score desc, g.running_tasks, g.id for update skip locked
    loop
      v_task := private.assign_task(a, o, 'opportunity:' || o.id || ':' || o.updated_at);
      exit when v_task.id is not null;
    end loop;
    v_assigned := v_assigned + (v_task.id is not null)::int;
    v_task := null;
  end loop;
  return jsonb_build_object('status', 'done', 'looked_at', v_looked, 'assigned', v_assigned);
end $function$;
comment on function public.schedule_tasks(integer) is 'Matches open opportunities to agents that are free, by capability, score, price and today''s budget: one task for each at most, whoever asks and however many at once. Status done, with how many were looked at and assigned.';

CREATE OR REPLACE FUNCTION public.search_memories(p_user_id uuid, p_query text, p_embedding real[] DEFAULT NULL::real[], p_model text DEFAULT NULL::text, p_limit integer DEFAULT 5)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_settings public.caller_settings := private.settings_of(p_user_id);
  v_config regconfig := private.text_search_of(v_settings.locale);
  v_words tsquery[] := private.search_words(v_config, p_query);
  v_embedding real[] := case when private.is_embedding(p_embedding) then p_embedding end;
  v_limit int := greatest(1, least(coalesce(p_limit, 5), 50));
  v_found jsonb;
begin
  if v_settings.memory_enabled is not true then
    return jsonb_build_object('status', 'memory_off');
  end if;
  select jsonb_agg(jsonb_build_object('id', id, 'text', text, 'kind', kind, 'score', round(score::numeric, 4))
      order by score desc, updated_at desc, id desc) into v_found
  from (
    select m.*, greatest(private.share_of_words(v_config, m.text, v_words),
      -- Those of another model lie in another space; where a name is missing, the length has to do.
      case when coalesce(m.embedding_model = p_model, true) and cardinality(m.embedding) = cardinality(v_embedding)
        then nullif(private.cosine_similarity(m.embedding, v_embedding), 'NaN') end) as score
    from public.caller_memories m where m.user_id = p_user_id
    order by score desc, m.updated_at desc, m.id desc limit v_limit) best
  -- Nothing to look for: what was told last.
  where score > 0 or cardinality(v_words) = 0 and v_embedding is null;
  return jsonb_build_object('status', 'found', 'facts', coalesce(v_found, '[]'));
end $function$;
comment on function public.search_memories(uuid,text,real[],text,integer) is 'Memories of a person that fit a query, best first: by the words that they share, or by the cosine of the embeddings where that is greater. A query without words answers the newest. Status found, or memory_off.';

CREATE OR REPLACE FUNCTION public.seconds_to_next_lease_end()
 RETURNS double precision
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select extract(epoch from min(lease_expires_at) - clock_timestamp())::double precision from public.holds
$function$;
comment on function public.seconds_to_next_lease_end() is 'When the first live call can be given up, if nobody reports it again until then; null where there is none.';

CREATE OR REPLACE FUNCTION public.set_agent_state(p_agent_id uuid, p_state text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  a public.autonomous_agents;
begin
  select * into a from public.autonomous_agents where id = p_agent_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_agent');
  elsif (p_state in ('idle', 'maintenance', 'retired')) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif a.retired_at is not null then
    return jsonb_build_object('status', 'retired');
  elsif p_state = 'retired' then
    perform private.retire_agent(a.id, 'its agent was deleted');
  else
    update public.autonomous_agents set errors_in_a_row = 0, updated_at = now(),
      status = case when p_state = 'maintenance' then 'maintenance' when running_tasks > 0 then 'active' else 'idle' end where id = a.id;
  end if;
  return jsonb_build_object('status', 'set', 'state', (select case when retired_at is null then status else 'retired' end
    from public.autonomous_agents where id = a.id));
end $function$;
comment on function public.set_agent_state(uuid,text) is 'Takes an agent out (maintenance), back in (idle) or off for good (retired: its row and its books stay, and what it had not begun is given to others). Status set, retired (it was before), unknown_agent or malformed.';

CREATE OR REPLACE FUNCTION public.set_auto_top_up(p_user_id uuid, p_package_id text, p_threshold_seconds integer, p_monthly_cap_cents integer, p_payment_method_id text, p_price_cents integer DEFAULT NULL::integer, p_currency text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_tier public.pricing_tiers;
  v_seconds int;
begin
  select * into v_tier from public.pricing_tiers where id = p_package_id and active;
  v_seconds := v_tier.total_minutes * 60;
  if not exists (select from public.users where id = p_user_id) then
    return jsonb_build_object('status', 'unknown_user');
  elsif v_tier.id is null then
    return jsonb_build_object('status', 'unknown_package');
  elsif (p_threshold_seconds between 60 and 360000) is not true
     or (p_monthly_cap_cents between 50 and 10000000) is not true
     or (length(p_payment_method_id) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_setting');
  elsif (p_price_cents <> v_tier.price_cents) is true or (p_currency <> v_tier.currency) is true then
    return jsonb_build_object('status', 'price_changed', 'price_cents', v_tier.price_cents, 'currency', v_tier.currency);
  elsif p_monthly_cap_cents < v_tier.price_cents then
    return jsonb_build_object('status', 'cap_below_price', 'price_cents', v_tier.price_cents);
  elsif p_threshold_seconds > v_seconds then
    return jsonb_build_object('status', 'threshold_above_package', 'package_seconds', v_seconds);
  end if;
  insert into private.auto_top_ups (user_id, package_id, threshold_seconds, monthly_cap_cents, payment_method_id,
      price_cents, currency, package_seconds)
    values (p_user_id, p_package_id, p_threshold_seconds, p_monthly_cap_cents, p_payment_method_id,
      v_tier.price_cents, v_tier.currency, v_seconds)
    on conflict (user_id) do update set package_id = excluded.package_id, threshold_seconds = excluded.threshold_seconds,
      monthly_cap_cents = excluded.monthly_cap_cents, payment_method_id = excluded.payment_method_id,
      price_cents = excluded.price_cents, currency = excluded.currency, package_seconds = excluded.package_seconds,
      consents = auto_top_ups.consents + 1, consent_at = now(), status = 'active', stop_reason = null,
      consecutive_declines = 0, updated_at = now();
  return jsonb_build_object('status', 'set');
end $function$;
comment on function public.set_auto_top_up(uuid,text,integer,integer,text,integer,text) is 'A person consents to automatic top-up on these terms, anew each time, which also closes the breaker. The price is today''s; with one given, it has to be that. Refuses with unknown_user, unknown_package, invalid_setting, price_changed, cap_below_price or threshold_above_package.';

CREATE OR REPLACE FUNCTION public.set_catalogue(p_plans jsonb, p_dry_run boolean DEFAULT false)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_before jsonb;
  v_after jsonb;
  v_changes jsonb;
  v_columns text;
  v_values text;
  v_changed text;
  v_plans jsonb;
begin
  if (jsonb_typeof(p_plans) = 'array' and jsonb_array_length(p_plans) <= 500) is not true then
    return jsonb_build_object('status', 'refused', 'reason', 'not_a_list');
  end if;
  perform pg_advisory_xact_lock(24, 23);
  select coalesce(jsonb_agg(x || '{"active": true}'), '[]') into v_plans from jsonb_array_elements(p_plans) x;
  select coalesce(jsonb_object_agg(p.id, to_jsonb(p) || jsonb_build_object('metered', private.meters_of_plan(p.id))), '{}')
    into v_before from public.plans p;
  -- Plans with credits are rows of their own (billing_plans): the file says nothing of them.
  update public.plans set active = false where active and kind <> 'credits'
    and id not in (select x ->> 'id' from jsonb_array_elements(p_plans) x);
  -- Each column that the table has: what the file does not say is as the table has it for a new row.
  select string_agg(format('%I', a.attname), ', '),
      string_agg(format('coalesce(x.%I, %s)', a.attname, coalesce(pg_get_expr(d.adbin, d.adrelid), 'null')), ', '),
      string_agg(format('%1$I = excluded.%1$I', a.attname), ', ')
    into v_columns, v_values, v_changed
    from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = 'public.plans'::regclass and a.attnum > 0 and not a.attisdropped;
  execute format('insert into public.plans (%s) select %s from jsonb_populate_recordset(null::public.plans, $1) x
    on conflict (id) do update set %s', v_columns, v_values, v_changed) using v_plans;
  delete from private.plan_meters where plan_id in (select x ->> 'id' from jsonb_array_elements(p_plans) x);
  insert into private.plan_meters (plan_id, kind, event_name, value, unit_amount_decimal, currency)
    select x ->> 'id', k, m ->> 'event_name', m ->> 'value', (m ->> 'unit_amount_decimal')::numeric, x ->> 'currency'
    from jsonb_array_elements(p_plans) x cross join lateral jsonb_array_elements(coalesce(x -> 'metered', '[]')) m
    cross join lateral jsonb_array_elements_text(m -> 'kinds') k;
  select coalesce(jsonb_object_agg(p.id, to_jsonb(p) || jsonb_build_object('metered', private.meters_of_plan(p.id))), '{}')
    into v_after from public.plans p;
  select coalesce(jsonb_agg(jsonb_build_object('plan', a.key, 'change', case when v_before -> a.key is null then 'added'
      when not (a.value -> 'active')::boolean then 'retired' else 'changed' end,
      'fields', coalesce((select jsonb_agg(f.key order by f.key) from jsonb_each(a.value) f
        where v_before -> a.key is not null and f.value is distinct from v_before -> a.key -> f.key), '[]')) order by a.key), '[]')
    into v_changes from jsonb_each(v_after) a where a.value is distinct from v_before -> a.key;
  if p_dry_run is true then
    raise exception using errcode = 'PT200', message = v_changes::text;
  end if;
  return jsonb_build_object('status', 'set', 'changes', v_changes);
exception
  when sqlstate 'PT200' then
    return jsonb_build_object('status', 'set', 'changes', sqlerrm::jsonb);
  when data_exception or integrity_constraint_violation then
    return jsonb_build_object('status', 'refused', 'reason', sqlerrm);
end $function$;
comment on function public.set_catalogue(jsonb,boolean) is 'Brings the plans of the catalogue here, all or none, and says what that changes: [{plan, change, fields}]; with p_dry_run it changes nothing. Status set or refused. Harmless to repeat.';

CREATE OR REPLACE FUNCTION public.set_credit_rule(p_event_type text, p_unit text, p_piece text, p_pieces_per_unit integer, p_credits integer, p_per_pieces integer, p_from timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform pg_advisory_xact_lock(24, 25);
  if exists (select from public.credit_rules where event_type = p_event_type and valid_from = p_from and (unit, piece, pieces_per_unit,
      credits, per_pieces) is not distinct from (p_unit, p_piece, p_pieces_per_unit, p_credits, p_per_pieces)) then
    return jsonb_build_object('status', 'unchanged');
  elsif exists (select from public.credit_rules where event_type = p_event_type) and (p_from > clock_timestamp()) is not true
      or exists (select from public.credit_rules where event_type = p_event_type and valid_from >= p_from) then
    return jsonb_build_object('status', 'refused', 'reason', 'another_holds_then');
  end if;
  update public.credit_rules set valid_to = p_from where event_type = p_event_type and valid_to is null;
  insert into public.credit_rules (event_type, unit, piece, pieces_per_unit, credits, per_pieces, valid_from)
    values (p_event_type, p_unit, p_piece, p_pieces_per_unit, p_credits, p_per_pieces, p_from);
  return jsonb_build_object('status', 'set');
exception when data_exception or integrity_constraint_violation then
  return jsonb_build_object('status', 'refused', 'reason', 'malformed');
end $function$;
comment on function public.set_credit_rule(text,text,text,integer,integer,integer,timestamp with time zone) is 'What an event costs from a later moment on; of a new type, from any. The one before ends there. Status set, unchanged or refused (another_holds_then, malformed).';

CREATE OR REPLACE FUNCTION public.set_credit_settings(p_user_id uuid, p_tenant_id uuid, p_overage_cap_cents bigint, p_low_credits bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if p_user_id is not null and (private.role_in(p_user_id, p_tenant_id) in ('owner', 'billing')) is not true then
    return jsonb_build_object('status', 'forbidden');
  elsif not exists (select from public.tenants where id = p_tenant_id and closed_at is null) then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif p_overage_cap_cents < 0 or p_low_credits < 0 then
    return jsonb_build_object('status', 'malformed');
  end if;
  insert into private.credit_settings (tenant_id, overage_cap_cents, low_credits) values (p_tenant_id, p_overage_cap_cents, p_low_credits)
    on conflict (tenant_id) do update set overage_cap_cents = excluded.overage_cap_cents, low_credits = excluded.low_credits;
  return jsonb_build_object('status', 'set');
end $function$;
comment on function public.set_credit_settings(uuid,uuid,bigint,bigint) is 'The most that overage of a period may cost, and at how many credits left the alert LOW comes; null: no cap, and a tenth of what the plan includes. By owner or billing, or a key of the tenant (no person). Status set, forbidden, unknown_tenant or malformed.';

CREATE OR REPLACE FUNCTION public.set_rates(p_rates jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_rate jsonb;
  v_done text[] := '{}';
  v_detail text;
begin
  if (jsonb_typeof(p_rates) = 'array' and jsonb_array_length(p_rates) <= 2000) is not true then
    return jsonb_build_object('status', 'refused', 'reason', 'not_a_list');
  end if;
  -- One at a time: two at once would each see what was there before the other.
  perform pg_advisory_xact_lock(24, 5);
  for v_rate in select value from jsonb_array_elements(p_rates) order by value ->> 'valid_from' loop
    v_done := v_done || private.set_rate(v_rate);
  end loop;
  return jsonb_build_object('status', 'set', 'added', cardinality(array_positions(v_done, 'added')),
    'changed', cardinality(array_positions(v_done, 'changed')), 'unchanged', cardinality(array_positions(v_done, 'unchanged')));
exception
  when sqlstate 'PT422' then
    get stacked diagnostics v_detail = pg_exception_detail;
    return jsonb_build_object('status', 'refused', 'reason', sqlerrm, 'rate', v_detail);
  when data_exception or integrity_constraint_violation then
    return jsonb_build_object('status', 'refused', 'reason', sqlerrm, 'rate', left(v_rate::text, 500));
end $function$;
comment on function public.set_rates(jsonb) is 'Brings rates of the catalogue here: all of them, or none. Each is {kind, provider, model, tool, cost_micros_usd_per_million, price_micros_per_million or markup_percent, currency, valid_from, valid_to}; the one before ends where the next begins. Harmless to repeat. Refuses to change what has held already: add one from a later moment on.';

CREATE OR REPLACE FUNCTION public.settle_call(p_call_id uuid, p_epoch integer, p_used_ms bigint, p_end_reason text, p_windows jsonb DEFAULT '[]'::jsonb, p_restored_ms bigint DEFAULT 0, p_measures jsonb DEFAULT NULL::jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.settle_call(uuid,integer,bigint,text,jsonb,bigint,jsonb) is 'Ends a call once: charges used minus restored time and writes the receipt. A repeat answers the stored receipt; a wrong epoch is answered with status fenced. Measures are stored with it, or dropped when malformed.';

CREATE OR REPLACE FUNCTION public.settle_machine_payment(p_purchase_id uuid, p_outcome text, p_transaction text DEFAULT NULL::text, p_failure text DEFAULT NULL::text, p_code_hash text DEFAULT NULL::text, p_again_seconds integer DEFAULT 60)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
comment on function public.settle_machine_payment(uuid,text,text,text,text,integer) is 'What became of a payment on a chain: settled gives the card, once, in the same transaction; failed for good; or pending, which is looked at again after so many seconds. Of a repeat, and of news that come late, nothing changes.';

CREATE OR REPLACE FUNCTION public.settle_meter_events(p_outcomes jsonb, p_retry_seconds integer DEFAULT 30)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_settled int;
begin
  if jsonb_typeof(p_outcomes) is distinct from 'array' or jsonb_array_length(p_outcomes) > 10000 then
    return jsonb_build_object('status', 'malformed', 'settled', 0);
  end if;
  update private.meter_events m set settled_at = now(), state = o.state, reason = left(o.reason, 300)
    from jsonb_to_recordset(p_outcomes) as o (id bigint, state text, reason text)
    where m.id = o.id and m.state in ('frozen', 'uncertain') and o.state in ('delivered', 'refused', 'too_old');
  get diagnostics v_settled = row_count;
  -- Known not to have arrived, this time: it is as if it had not been tried, unless it was before and nobody knows of that.
  update private.meter_events m set state = case m.attempts when 1 then 'owed' else 'frozen' end, attempts = m.attempts - 1,
      first_tried_at = case m.attempts when 1 then null else m.first_tried_at end,
      due_at = now() + make_interval(secs => least(greatest(coalesce(p_retry_seconds, 30), 0), 3600))
    from jsonb_to_recordset(p_outcomes) as o (id bigint, state text)
    where m.id = o.id and m.state = 'frozen' and o.state = 'not_sent' and m.attempts > 0;
  get diagnostics v_settled = row_count;
  return jsonb_build_object('status', 'settled', 'settled', v_settled);
exception when data_exception then
  return jsonb_build_object('status', 'malformed', 'settled', 0);
end $function$;
comment on function public.settle_meter_events(jsonb,integer) is 'Notes what became of meter events that were handed out: [{id, state: delivered, refused, too_old or not_sent, reason}]. Status settled or malformed. Only forward: what was refused stays refused.';

CREATE OR REPLACE FUNCTION public.spend_warning(p_tenant_id uuid)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select r.period from private.spend_reached(p_tenant_id) r order by r.period desc limit 1
$function$;
comment on function public.spend_warning(uuid) is 'Whether a tenant has reached a threshold of spending of its plan, for what a call says when it begins: month, day or null.';

CREATE OR REPLACE FUNCTION public.spoken_products(p_user_id uuid, p_tenant_id uuid, p_limit integer DEFAULT 16)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(private.describe_product(p) order by p.created_at, p.id), '[]')
  from (select * from public.api_products p where p.status = 'active' and p.is_spoken
      and (p.tenant_id is null or p.tenant_id = p_tenant_id)
      -- To have them described costs in every turn: only who has money for them has them.
      and exists (select from public.accounts a where a.unit = 'micro_usd' and a.balance > 0
        and a.owner_kind = case when p_tenant_id is null then 'person' else 'tenant' end and a.owner_id = coalesce(p_tenant_id, p_user_id))
    order by p.tenant_id nulls last, p.created_at, p.id limit greatest(0, least(coalesce(p_limit, 16), 64))) p
$function$;
comment on function public.spoken_products(uuid,uuid,integer) is 'The paid APIs that a call of a person, for a tenant or not, may use by voice: none for who has no money in the wallet that pays.';

CREATE OR REPLACE FUNCTION public.stop_using_card(p_user_id uuid, p_payment_method_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update private.auto_top_ups set status = 'disabled', stop_reason = null, updated_at = now()
    where user_id = p_user_id and payment_method_id = p_payment_method_id and status <> 'disabled';
  return jsonb_build_object('status', case when found then 'disabled' else 'not_used' end);
end $function$;
comment on function public.stop_using_card(uuid,text) is 'Before a saved card is removed: ends the automatic top-up that uses it. Status disabled or not_used.';

CREATE OR REPLACE FUNCTION public.store_stripe_events(p_events jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- In the order of their ids, so that two replicas with the same events wait for each other instead of deadlocking.
  insert into public.stripe_events (id, type, object_id, outcome, status)
    select distinct on (id) id, type, object_id, status, status
    from jsonb_to_recordset(p_events) as e (id text, type text, object_id text, handled boolean),
      lateral (values (case when handled then 'received' else 'ignored' end)) s (status)
    order by id on conflict (id) do nothing;
  return (select jsonb_agg(jsonb_build_object('status', e.status) order by asked.nth)
    from jsonb_array_elements(p_events) with ordinality as asked (event, nth)
    join public.stripe_events e on e.id = asked.event ->> 'id');
end $function$;
comment on function public.store_stripe_events(jsonb) is 'Notes events before anything is done about them, and answers in their order where each stands: received, done, ignored or parked.';

CREATE OR REPLACE FUNCTION public.subscription_start(p_tenant_id uuid, p_start date DEFAULT NULL::date, p_now timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_zone text := (select time_zone from public.tenants where id = p_tenant_id);
  v_hour int;
  v_today date;
begin
  if v_zone is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif not exists (select from pg_catalog.pg_timezone_names where name = v_zone) then
    v_zone := 'UTC';
  end if;
  v_hour := private.anchor_hour(v_zone);
  v_today := ((p_now - make_interval(hours => v_hour)) at time zone 'UTC')::date;
  if not (coalesce(p_start, v_today) between (v_today - interval '1 month')::date + 1 and v_today) then
    return jsonb_build_object('status', 'not_then', 'today', v_today);
  end if;
  return jsonb_build_object('status', 'found', 'time_zone', v_zone, 'anchor_hour', v_hour, 'day', extract(day from coalesce(p_start, v_today)),
    'start', extract(epoch from coalesce(p_start, v_today)::timestamp at time zone 'UTC' + make_interval(hours => v_hour))::bigint);
exception when data_exception then
  return jsonb_build_object('status', 'not_then', 'today', v_today);
end $function$;
comment on function public.subscription_start(uuid,date,timestamp with time zone) is 'The moment of UTC at which Stripe is to begin a subscription on that day of the tenant''s zone: today, or a day of the month before. Status found, not_then or unknown_tenant.';

CREATE OR REPLACE FUNCTION public.support_figures(p_days integer DEFAULT 30)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object(
    'open', (select count(*) from private.support_requests where status = 'open'),
    'longest_waiting_seconds', (select floor(extract(epoch from now() - min(created_at)))::bigint
      from private.support_requests where status = 'open'),
    'asked', count(*), 'answered', count(r.answered_at),
    'answer_p50_seconds', floor(percentile_disc(0.5) within group (order by extract(epoch from r.answered_at - r.created_at))),
    'answer_p95_seconds', floor(percentile_disc(0.95) within group (order by extract(epoch from r.answered_at - r.created_at))))
  from private.support_requests r
  where created_at > now() - make_interval(days => greatest(1, least(coalesce(p_days, 30), 366)))
$function$;
comment on function public.support_figures(integer) is 'Of the requests of the last days, how many were answered and how soon; and how many are open now.';

CREATE OR REPLACE FUNCTION public.take_call_token(p_user_id uuid, p_call_id uuid, p_address_hash text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  -- Many requests at once get no more than one after the other. Person before address, as everywhere.
  perform pg_advisory_xact_lock(hashtextextended(p_user_id::text, 4100));
  if p_address_hash is not null then
    perform pg_advisory_xact_lock(hashtextextended(p_address_hash, 4101));
  end if;
  if exists (select from public.call_tokens where call_id = p_call_id) then
    return jsonb_build_object('status', 'taken');
  end if;
  -- Far more than a person needs whose line is bad, and than a house full of people behind one address.
  if (select count(*) from public.call_tokens where user_id = p_user_id and issued_at > now() - interval '1 minute') >= 10
    or (select count(*) from public.call_tokens where user_id = p_user_id and issued_at > now() - interval '10 minutes') >= 40
    or (select count(*) from public.call_tokens
      where address_hash = p_address_hash and issued_at > now() - interval '1 minute') >= 120 then
    return jsonb_build_object('status', 'too_many_requests');
  end if;
  -- The table cleans itself: more is forgotten than is written.
  delete from public.call_tokens where call_id in (select call_id from public.call_tokens
    where issued_at < now() - interval '10 minutes' order by issued_at limit 20 for update skip locked);
  insert into public.call_tokens (call_id, user_id, address_hash) values (p_call_id, p_user_id, p_address_hash);
  return jsonb_build_object('status', 'taken');
end $function$;
comment on function public.take_call_token(uuid,uuid,text) is 'Counts a token for a call: 10 a minute and 40 in ten minutes for a person, 120 a minute for an address. Refuses with status too_many_requests or unknown_user.';

CREATE OR REPLACE FUNCTION public.take_fees_wanted(p_limit integer, p_older_than_seconds integer)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with taken as (
    update private.fees_wanted w set asked_at = now()
    from (select purchase_id from private.fees_wanted
      where asked_at < now() - make_interval(secs => greatest(0, coalesce(p_older_than_seconds, 0)))
      order by asked_at limit greatest(1, least(coalesce(p_limit, 100), 1000)) for update skip locked) t
    where w.purchase_id = t.purchase_id returning w.purchase_id)
  select coalesce(jsonb_agg(jsonb_build_object('purchase_id', p.id, 'payment_intent_id', p.payment_intent_id) order by p.id), '[]')
  from taken join public.purchases p on p.id = taken.purchase_id
$function$;
comment on function public.take_fees_wanted(integer,integer) is 'Paid purchases of which nobody knows what Stripe keeps, and of which Stripe was not asked for so long: those that wait longest.';

CREATE OR REPLACE FUNCTION public.take_invoice_lines(p_subscription_id text, p_invoice_id text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  s public.subscriptions;
  c record;
  u jsonb;
  v_end timestamptz;
begin
  select * into s from public.subscriptions where id = p_subscription_id for no key update;
  if not found or not exists (select from public.plans where id = s.plan_id and kind = 'credits') then
    return jsonb_build_object('status', 'not_ours', 'lines', '[]'::jsonb);
  end if;
  for c in select p.* from public.credit_periods p left join private.invoiced_periods i
      on i.subscription_id = p.subscription_id and i.period_start = p.period_start
    where p.subscription_id = s.id and i.subscription_id is null and (p.period_start < s.current_period_start or s.ended_at is not null)
    order by p.period_start
  loop
    -- What was paused and went on within the period began another one before this one was over.
    v_end := least(c.period_end, s.ended_at,
      (select min(n.period_start) from public.credit_periods n where n.subscription_id = s.id and n.period_start > c.period_start));
    continue when (v_end <= now()) is not true;
    u := case when v_end > c.period_start then private.period_usage(s.id, c.period_start, v_end) end;
    insert into private.invoiced_periods (subscription_id, period_start, usage) values (s.id, c.period_start, u) on conflict do nothing;
    insert into private.invoice_lines (tenant_id, subscription_id, part, period_start, period_end, quantity, unit_micros, amount_cents, currency, description)
      select s.tenant_id, s.id, x.part, c.period_start, v_end, x.quantity, (u -> x.part ->> 'unit_price_micros')::bigint, a.amount, u ->> 'currency',
        format('%s: %s × %s (%s to %s)', x.words, x.quantity,
          trim_scale((u -> x.part ->> 'unit_price_micros')::numeric / 1000000), (c.period_start at time zone s.time_zone)::date,
          ((v_end - interval '1 microsecond') at time zone s.time_zone)::date)
      from (values ('assets', 'Assets beyond the plan', (u -> 'assets' ->> 'extra')::bigint),
        ('credits', 'Credits beyond the plan', (u -> 'credits' ->> 'overage')::bigint)) x (part, words, quantity)
      -- In the smallest unit of whichever currency, as Stripe rounds it; of a trial nothing.
      cross join lateral (select round(x.quantity * (u -> x.part ->> 'unit_price_micros')::numeric
        / private.micros_of_smallest_unit(u ->> 'currency'))::bigint as amount) a
      where a.amount > 0 and (u -> x.part ->> 'cents')::bigint > 0
      on conflict do nothing;
  end loop;
  update private.invoice_lines set subscription_id = s.id
    where tenant_id = s.tenant_id and subscription_id is null and placed_at is null and s.status in ('trialing', 'active', 'past_due')
      and currency = (select currency from public.plans where id = s.plan_id);
  update private.invoice_lines set target_invoice_id = p_invoice_id
    where subscription_id = s.id and placed_at is null and target_invoice_id is null and p_invoice_id is not null;
  return jsonb_build_object('status', 'taken', 'customer', (select stripe_customer_id from public.tenants where id = s.tenant_id),
    'lines', coalesce((select jsonb_agg(jsonb_build_object('id', l.id, 'part', l.part, 'target_invoice_id', l.target_invoice_id,
        'quantity', l.quantity, 'unit_micros', l.unit_micros, 'amount_cents', l.amount_cents, 'currency', l.currency,
        'description', l.description, 'period_start', extract(epoch from l.period_start)::bigint, 'period_end', extract(epoch from l.period_end)::bigint,
        'age_seconds', extract(epoch from now() - l.created_at)::bigint) order by l.created_at, l.part)
      from private.invoice_lines l where l.subscription_id = s.id and l.placed_at is null), '[]'));
end $function$;
comment on function public.take_invoice_lines(text,text) is 'Works out, once for each period that is over, what goes to the next invoice of a subscription, and answers what is not at Stripe yet. With the id of a draft, that is where it is tried. Status taken or not_ours.';

CREATE OR REPLACE FUNCTION public.take_late_usage(p_limit integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_group record;
  v_id uuid;
begin
  if not pg_try_advisory_xact_lock(24, 22) then
    return jsonb_build_object('status', 'busy', 'items', '[]'::jsonb);
  end if;
  for v_group in
    select m.tenant_id, m.event_name, m.occurred_month, m.currency, m.unit_amount_decimal, t.stripe_customer_id as customer,
      sum(m.value)::bigint as value, count(*)::int as events, array_agg(m.id) as ids
    from (select * from private.meter_events where state = 'too_old' and late_id is null order by id limit 5000 for update) m
    join public.tenants t on t.id = m.tenant_id and t.stripe_customer_id is not null
    group by 1, 2, 3, 4, 5, 6
  loop
    insert into private.late_usage (tenant_id, event_name, occurred_month, customer, value, events, unit_amount_decimal, currency)
      values (v_group.tenant_id, v_group.event_name, v_group.occurred_month, v_group.customer, v_group.value, v_group.events,
        v_group.unit_amount_decimal, v_group.currency) returning id into v_id;
    update private.meter_events set late_id = v_id where id = any(v_group.ids);
  end loop;
  return jsonb_build_object('status', 'taken', 'items', coalesce((select jsonb_agg(jsonb_build_object('id', l.id,
      'customer', l.customer, 'event_name', l.event_name, 'month', to_char(l.occurred_month, 'YYYY-MM'), 'value', l.value::text,
      'unit_amount_decimal', trim_scale(l.unit_amount_decimal)::text, 'currency', l.currency,
      'age_seconds', extract(epoch from now() - l.noted_at)::int) order by l.noted_at, l.id)
    from (select * from private.late_usage where invoice_item_id is null order by noted_at, id
      limit least(greatest(coalesce(p_limit, 0), 0), 1000)) l), '[]'));
end $function$;
comment on function public.take_late_usage(integer) is 'Gathers what is too old for a meter into items of invoices, and hands out those that have none yet. Status taken or busy.';

CREATE OR REPLACE FUNCTION public.take_meter_events(p_limit integer, p_lease_seconds integer DEFAULT 60, p_oldest_days integer DEFAULT 35)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_lease interval := make_interval(secs => least(greatest(coalesce(p_lease_seconds, 60), 0), 3600));
  v_events jsonb;
  v_ids bigint[];
begin
  v_ids := array(select id from private.meter_events where state in ('owed', 'frozen') and due_at <= now()
    order by due_at, id limit least(greatest(coalesce(p_limit, 0), 0), 5000) for update skip locked);
  update private.meter_events set state = 'uncertain', reason = 'tried_a_day_ago'
    where id = any(v_ids) and state = 'frozen' and first_tried_at < now() - interval '23 hours';
  update private.meter_events set state = 'too_old'
    where id = any(v_ids) and state in ('owed', 'frozen') and first_tried_at is null
      and occurred_at < now() - make_interval(days => least(greatest(coalesce(p_oldest_days, 35), 1), 400)) + interval '1 hour';
  -- Stripe counts it and bills it to nobody: the invoice of that period is final an hour after its end.
  update private.meter_events m set state = 'too_old', reason = 'its_period_is_billed'
    from public.subscriptions s where m.id = any(v_ids) and m.state in ('owed', 'frozen') and m.first_tried_at is null
      and s.tenant_id = m.tenant_id and s.status in ('trialing', 'active', 'past_due')
      and m.occurred_at < s.current_period_start and s.current_period_start < now() - interval '50 minutes';
  update private.meter_events m set due_at = now() + interval '10 minutes', reason = 'no_customer'
    from public.tenants t where m.id = any(v_ids) and m.state in ('owed', 'frozen') and t.id = m.tenant_id
      and m.customer is null and t.stripe_customer_id is null;
  with taken as (
    update private.meter_events m set state = 'frozen', customer = coalesce(m.customer, t.stripe_customer_id),
      attempts = m.attempts + 1, first_tried_at = coalesce(m.first_tried_at, now()), due_at = now() + v_lease, reason = null
    from public.tenants t where m.id = any(v_ids) and m.state in ('owed', 'frozen') and t.id = m.tenant_id
      and coalesce(m.customer, t.stripe_customer_id) is not null
    returning m.*)
  select coalesce(jsonb_agg(jsonb_build_object('id', id, 'tenant_id', tenant_id, 'customer', customer, 'event_name', event_name,
    'identifier', identifier, 'value', value::text, 'occurred_at', private.utc_text(occurred_at),
    'recorded_at', private.utc_text(recorded_at), 'attempt', attempts) order by id), '[]') into v_events from taken;
  return jsonb_build_object('status', case when cardinality(v_ids) = 0 then 'nothing' else 'taken' end, 'events', v_events);
end $function$;
comment on function public.take_meter_events(integer,integer,integer) is 'Freezes up to so many meter events and hands them out: {id, tenant_id, customer, event_name, identifier, value, occurred_at, attempt}. Status taken or nothing. Harmless to repeat: what was frozen is handed out word for word.';

CREATE OR REPLACE FUNCTION public.track_credits(p_tenant_id uuid, p_subscription_id text, p_event_type text, p_units numeric, p_key text DEFAULT NULL::text, p_meta jsonb DEFAULT '{}'::jsonb, p_user_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_asked text := jsonb_build_array(p_subscription_id, p_event_type, trim_scale(p_units))::text;
  v_known private.credit_answers;
  v_account public.accounts;
  r public.credit_rules;
  s public.subscriptions;
  c public.credit_periods;
  v_pieces numeric;
  v_parts numeric;
  v_credits bigint;
  v_beyond bigint;
  v_refusal text;
  v_remaining bigint;
  v_answer jsonb;
begin
  if (p_units > 0 and p_units <= 1000000000000 and p_tenant_id is not null and length(coalesce(p_key, 'x')) between 1 and 255
      and private.is_plain_metadata(coalesce(p_meta, '{}'))) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  -- Once without the lock, so that many repeats at once wait for nothing, and once with it.
  select * into v_known from private.credit_answers where tenant_id = p_tenant_id and key = p_key;
  if not found then
    perform from public.tenants where id = p_tenant_id and closed_at is null for key share;
    if not found then
      return jsonb_build_object('status', 'unknown_tenant');
    end if;
    v_account := private.lock_credits(p_tenant_id);
    select * into v_known from private.credit_answers where tenant_id = p_tenant_id and key = p_key;
  end if;
  if v_known.key is not null then
    return case when v_known.asked = v_asked then jsonb_build_object('status', 'tracked', 'replayed', true, 'answer', v_known.answer)
      else jsonb_build_object('status', 'key_reused') end;
  end if;
  select * into r from public.credit_rules where event_type = p_event_type and valid_from <= now() and (valid_to is null or valid_to > now());
  if not found then
    return jsonb_build_object('status', 'unknown_event_type');
  end if;
  -- A second is no decimal part of a minute: what is a whole piece but for its last digits is one.
  v_pieces := round(p_units * r.pieces_per_unit);
  if (v_pieces between 1 and 1000000000000 and abs(p_units * r.pieces_per_unit - v_pieces) <= 0.001) is not true then
    return jsonb_build_object('status', 'parted_unit', 'pieces_per_unit', r.pieces_per_unit);
  end if;
  s := private.credit_subscription(p_tenant_id);
  if p_subscription_id is not null and s.id is distinct from p_subscription_id then
    return jsonb_build_object('status', 'unknown_subscription');
  end if;
  perform private.expire_grants_of(v_account.id);
  if s.id is not null then
    c := private.credit_period_now(s, v_account);
  end if;
  v_account := private.lock_account(v_account.id);
  -- What was no whole credit before adds to this one; by another rule since, the part of a credit that it was.
  select coalesce(floor(m.remainder * r.per_pieces::numeric / m.per_pieces), 0) + v_pieces * r.credits into v_parts
    from (values (1)) one left join private.credit_remainders m on m.tenant_id = p_tenant_id and m.event_type = r.event_type;
  v_credits := floor(v_parts / r.per_pieces);
  v_beyond := v_account.debt + v_credits - least(v_credits, private.free_amount(v_account));
  if v_credits > private.free_amount(v_account) then
    v_refusal := private.overage_refusal(c, s, v_beyond);
    if v_refusal is not null then
      return jsonb_build_object('status', v_refusal, 'remaining_credits', v_account.balance - v_account.debt + private.credits_ahead(c));
    end if;
  end if;
  perform private.burn_credits(v_account, c, r, p_units, v_pieces, v_credits, p_user_id, coalesce(p_meta, '{}'));
  insert into private.credit_remainders as m (tenant_id, event_type, remainder, per_pieces)
    values (p_tenant_id, r.event_type, v_parts - v_credits::numeric * r.per_pieces, r.per_pieces)
    on conflict (tenant_id, event_type) do update set remainder = excluded.remainder, per_pieces = excluded.per_pieces;
  v_remaining := v_account.balance - v_account.debt - v_credits + private.credits_ahead(c);
  v_answer := jsonb_build_object('ok', true, 'credits_burned', v_credits, 'remaining_credits', v_remaining,
    'alert', private.credit_alert(p_tenant_id, v_remaining, coalesce(c.included, 0)));
  insert into private.credit_answers (tenant_id, key, asked, answer) select p_tenant_id, p_key, v_asked, v_answer where p_key is not null;
  return jsonb_build_object('status', 'tracked', 'replayed', false, 'answer', v_answer);
exception when foreign_key_violation then
  return jsonb_build_object('status', 'malformed');
end $function$;
comment on function public.track_credits(uuid,text,text,numeric,text,jsonb,uuid) is 'Records an event of a tenant and burns its credits, all of them or none: {ok, credits_burned, remaining_credits, alert}; the same key is answered the same again. Status tracked, malformed, unknown_tenant, unknown_subscription, unknown_event_type, parted_unit, key_reused, no_credits_left (what is beyond is refused: no plan, a trial, a period that is not paid) or overage_cap_reached.';

CREATE OR REPLACE FUNCTION public.track_usage(p_user_id uuid, p_tenant_id uuid, p_events jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_owner_id uuid := coalesce(p_tenant_id, p_user_id);
  v_refusals text[];
  v_answers jsonb;
begin
  if (jsonb_typeof(p_events) = 'array' and jsonb_array_length(p_events) <= 100) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif not exists (select from public.users where id = p_user_id) then
    return jsonb_build_object('status', 'unknown_user');
  elsif p_tenant_id is not null
      and not exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_user_id) then
    -- Better not billed than billed to whom it does not concern.
    return jsonb_build_object('status', 'not_a_member');
  end if;
  v_refusals := array(select private.usage_refusal(e, p_user_id, p_tenant_id) from jsonb_array_elements(p_events) with ordinality s (e, n)
    order by n);
  -- Who sends an event again shortly after the end of a month, with a time of then, must not be charged in both months: around
  -- it the keys are locked, in one order, so that of two at once the second one sees the first.
  perform pg_advisory_xact_lock(hash) from (
    select distinct hashtextextended(v_owner_id || ' ' || (e ->> 'key'), 21030) as hash
    from jsonb_array_elements(p_events) with ordinality s (e, n)
    where case when v_refusals[n] is null then
      date_trunc('month', (e ->> 'occurred_at')::timestamptz - interval '1 day', 'utc')
        <> date_trunc('month', (e ->> 'occurred_at')::timestamptz + interval '1 day', 'utc') end order by 1) h;
  with sent as materialized (
    select n, e, e ->> 'key' as key, v_refusals[n] as refusal from jsonb_array_elements(p_events) with ordinality s (e, n)),
  fit as materialized (
    select distinct on (s.key) s.n, row((s.e ->> 'occurred_at')::timestamptz, p_user_id, p_tenant_id, (s.e ->> 'call_id')::uuid, s.e ->> 'kind',
        s.e ->> 'tool', s.e ->> 'server', s.e ->> 'provider', s.e ->> 'model', floor((s.e ->> 'quantity')::numeric)::bigint,
        coalesce(s.e -> 'metadata', '{}'), s.key, s.e ->> 'kind' = 'tool_call' and s.e -> 'metadata' ->> 'outcome' = 'refused')::private.usage_entry as entry
    from sent s where s.refusal is null order by s.key, s.n),
  before as materialized (
    -- Of this month, and of the ones beside it.
    select u.key, u.occurred_month, u.kind, u.tool, u.quantity
    from fit f cross join lateral (
      select date_trunc('month', (f.entry).occurred_at at time zone 'utc')::date as month) m
    cross join lateral (values (m.month), ((m.month - interval '1 month')::date), ((m.month + interval '1 month')::date)) near (month)
    join public.usage_events u on u.occurred_month = near.month and u.owner_id = v_owner_id and u.key = (f.entry).key),
  recorded as materialized (
    select r.key from private.record_usage(array(select f.entry from fit f
      where not exists (select from before b where b.key = (f.entry).key))) r)
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', coalesce(s.key, ''), 'reason', s.refusal,
      'status', case when s.refusal is not null then 'refused'
        when f.n is not null and exists (select from recorded r where r.key = s.key) then 'recorded'
        when exists (select from before b where b.key = s.key and (b.kind, coalesce(b.tool, ''), b.quantity::numeric, b.occurred_month)
            is distinct from (s.e ->> 'kind', coalesce(s.e ->> 'tool', ''), (s.e ->> 'quantity')::numeric,
              date_trunc('month', (s.e ->> 'occurred_at')::timestamptz at time zone 'utc')::date)) then 'conflict'
        else 'duplicate' end)) order by s.n), '[]') into v_answers
  from sent s left join fit f on f.n = s.n;
  return jsonb_build_object('status', 'tracked', 'events', v_answers);
end $function$;
comment on function public.track_usage(uuid,uuid,jsonb) is 'Records what a person, or a member of a tenant, used: up to 100 events {kind, quantity, occurred_at, key, tool, server, provider, model, call_id, metadata}. Each is answered by its key: recorded, duplicate, conflict (the key names another event, also of a month beside) or refused with a reason. Harmless to repeat with the same key and occurred_at. Status tracked, malformed, unknown_user or not_a_member.';

CREATE OR REPLACE FUNCTION public.update_tenant(p_user_id uuid, p_tenant_id uuid, p_name text DEFAULT NULL::text, p_billing_email text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_role text;
  v_tenant public.tenants;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_role = 'member' or p_name is not null and v_role <> 'owner' then
    return jsonb_build_object('status', 'not_allowed');
  elsif not (coalesce(length(trim(p_name)) between 1 and 200, true)
      and coalesce(length(p_billing_email) between 3 and 320, true)) then
    return jsonb_build_object('status', 'invalid_tenant');
  end if;
  update public.tenants set name = coalesce(trim(p_name), name), billing_email = coalesce(p_billing_email, billing_email)
    where id = p_tenant_id returning * into v_tenant;
  return jsonb_build_object('status', 'updated', 'tenant', private.describe_tenant(v_tenant, v_role));
end $function$;
comment on function public.update_tenant(uuid,uuid,text,text) is 'An owner renames a tenant; an owner or who does its billing says where invoices go. What is null stays. Refuses with unknown_tenant (also of others), not_allowed or invalid_tenant.';

CREATE OR REPLACE FUNCTION public.usage_limits(p_user_id uuid, p_tenant_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  p public.plans;
  s record;
begin
  if not exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_user_id) then
    return jsonb_build_object('status', 'not_a_member');
  end if;
  select pl.* into p from public.tenants t join public.plans pl on pl.id = t.plan_id where t.id = p_tenant_id;
  s := private.tenant_spend(p_tenant_id);
  return jsonb_build_object('status', 'ok', 'plan_id', p.id, 'currency', s.currency, 'calls_at_once', p.calls_at_once,
    'monthly_minutes', p.monthly_minutes, 'requests_per_minute', p.requests_per_minute,
    'day', jsonb_build_object('spent_micros', round(s.day_micros), 'soft_micros', p.soft_spend_per_day_micros,
      'hard_micros', p.hard_spend_per_day_micros),
    'month', jsonb_build_object('spent_micros', round(s.month_micros), 'soft_micros', p.soft_spend_per_month_micros,
      'hard_micros', p.hard_spend_per_month_micros));
end $function$;
comment on function public.usage_limits(uuid,uuid) is 'What the plan of a tenant allows, and what was spent of it today and this month (UTC), for its people. Null is no limit. Status ok or not_a_member.';

CREATE OR REPLACE FUNCTION public.usage_report_figures()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object(
    'waiting', (select count(*) from private.meter_events where state in ('owed', 'frozen')),
    'oldest_seconds', coalesce((select extract(epoch from now() - min(recorded_at))::int from private.meter_events
      where state in ('owed', 'frozen')), 0),
    'refused', (select count(*) from private.meter_events where state = 'refused'),
    'uncertain', (select count(*) from private.meter_events where state = 'uncertain'),
    'unpriced', (select count(*) from private.meter_events where state = 'unpriced'),
    'late', (select count(*) from private.meter_events where state = 'too_old' and late_id is null)
      + (select count(*) from private.late_usage where invoice_item_id is null),
    -- A meter counts it, and no subscription bills it.
    'without_subscription', (select count(*) from public.tenants t
      where exists (select from private.meter_events m where m.tenant_id = t.id and m.state in ('owed', 'frozen', 'delivered')
          and m.occurred_at > now() - interval '35 days')
        and not exists (select from public.subscriptions s where s.tenant_id = t.id
          and s.status in ('active', 'trialing', 'past_due'))),
    'differences', (select count(*) from private.usage_differences where cleared_at is null and explanation like 'unexplained%'))
$function$;
comment on function public.usage_report_figures() is 'What of usage waits to be reported, and what a person has to look at.';

CREATE OR REPLACE FUNCTION public.usage_summary(p_user_id uuid, p_tenant_id uuid, p_from date, p_to date, p_by text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
declare
  v_role text;
  v_owner_id uuid := coalesce(p_tenant_id, p_user_id);
  v_sees_all boolean;
  v_shown_user_id uuid;
  v_rows jsonb;
begin
  if (p_by in ('hour', 'day', 'kind', 'tool', 'person') and isfinite(p_from) and isfinite(p_to) and p_from between '2000-01-01' and '2999-12-30'
      and p_to between p_from + 1 and p_from + case p_by when 'hour' then 31 else 400 end) is not true then
    return jsonb_build_object('status', 'out_of_range');
  end if;
  if p_tenant_id is not null then
    select role into v_role from public.tenant_members where tenant_id = p_tenant_id and user_id = p_user_id;
    if v_role is null then
      return jsonb_build_object('status', 'not_a_member');
    end if;
  end if;
  -- A member sees what they used themselves.
  v_sees_all := coalesce(v_role in ('owner', 'billing'), false);
  -- Of one person, of all together, or (null) of each.
  v_shown_user_id := case when not v_sees_all then p_user_id when p_by <> 'person' then private.nobody() end;
  with shown as materialized (
    select f.* from private.usage_figures f
    where f.owner_id = v_owner_id and f.grain = case p_by when 'hour' then 'hour' else 'day' end
      and f.at >= p_from::timestamp at time zone 'utc' and f.at < p_to::timestamp at time zone 'utc'
      and (f.user_id = v_shown_user_id or v_shown_user_id is null and f.user_id <> private.nobody())
    union all
    select f.* from private.usage_rolled_up r cross join lateral private.figures_of_usage(r.upto, null, v_owner_id) f
    where f.at >= p_from::timestamp at time zone 'utc' and f.at < p_to::timestamp at time zone 'utc'
      and (f.user_id = v_shown_user_id or v_shown_user_id is null and f.user_id <> private.nobody())),
  grouped as (
    select case p_by when 'hour' then private.utc_text(s.at) when 'day' then private.utc_text(date_trunc('day', s.at, 'utc')) end as at,
      case p_by when 'person' then s.user_id end as user_id, s.kind, case p_by when 'tool' then s.tool end as tool, s.currency,
      sum(s.events) as events, sum(s.quantity) as quantity, sum(s.price_micros) as price_micros,
      sum(s.events_without_price) as events_without_price
    from shown s where p_by <> 'tool' or s.kind = 'tool_call' group by 1, 2, 3, 4, 5 having sum(s.events) > 0)
  select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(g)) || jsonb_build_object('unit', private.usage_unit(g.kind))
    order by g.at, g.user_id, g.kind, g.tool, g.currency), '[]') into v_rows from grouped g;
  return jsonb_build_object('status', 'ok', 'scope', case when p_tenant_id is null or not v_sees_all then 'own' else 'tenant' end,
    'rows', v_rows);
end $function$;
comment on function public.usage_summary(uuid,uuid,date,date,text) is 'What somebody used, or a tenant: by hour (31 days at most), day, kind, tool or person, exact to the last commit. From a day to the one before the other, in UTC. A member sees their own part, owner and billing all. Status ok, out_of_range or not_a_member.';

CREATE OR REPLACE FUNCTION public.usage_to_compare(p_days integer, p_settled_seconds integer DEFAULT 3600)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(to_jsonb(d) order by d.tenant_id, d.event_name, d.day), '[]') from (
    select m.tenant_id, m.event_name, m.customer, (m.occurred_at at time zone 'utc')::date as day,
      coalesce(sum(m.value) filter (where m.state = 'delivered'), 0)::text as delivered,
      bool_or(m.state = 'frozen' or coalesce(m.settled_at > now() - make_interval(secs => greatest(coalesce(p_settled_seconds, 0), 0)), false)) as fresh
    from private.meter_events m
    where m.occurred_at >= date_trunc('day', now() at time zone 'utc' - make_interval(days => least(greatest(coalesce(p_days, 0), 0), 400))) at time zone 'utc'
      and m.customer is not null
    group by 1, 2, 3, 4) d
$function$;
comment on function public.usage_to_compare(integer,integer) is 'What was delivered, by tenant, meter and day of UTC: to be held against the meters. fresh: some of it may still be on its way.';

CREATE OR REPLACE FUNCTION public.use_api_keys(p_uses jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_answers jsonb := '[]'::jsonb;
  v_minute timestamptz := date_trunc('minute', now());
  u record;
  a private.api_allowances;
  v_count int;
  v_served int;
  v_by_quota int;
begin
  if (jsonb_typeof(p_uses) = 'array' and jsonb_array_length(p_uses) <= 1000) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  for u in
    select x.n, x.use ->> 'scope' as scope, (x.use ->> 'count')::int as count, (x.use ->> 'writes')::boolean as writes,
      k as key, k.tenant_id, k.id is not null and private.holds_now(k) as holds, p.frozen_at is not null as is_frozen
    from jsonb_array_elements(p_uses) with ordinality x (use, n)
      left join public.api_keys k on k.key_hash = x.use ->> 'hash'
      left join public.users p on p.id = k.created_by
    order by k.tenant_id nulls first, k.id, x.n
  loop
    if not u.holds then
      v_answers := v_answers || jsonb_build_object('n', u.n, 'status', 'unknown');
      continue;
    end if;
    if (u.scope = any ((u.key).scopes)) is not true then
      v_answers := v_answers || jsonb_build_object('n', u.n, 'status', 'scope_missing');
      continue;
    elsif u.is_frozen and u.writes is not false then
      v_answers := v_answers || jsonb_build_object('n', u.n, 'status', 'frozen');
      continue;
    end if;
    -- Before the row of a key: whoever has that lock waits for nobody.
    a := private.lock_api_allowance(u.tenant_id);
    update public.api_keys set last_used_at = now()
      where id = (u.key).id and coalesce(abs(extract(epoch from now() - last_used_at)) > 60, true);
    -- A statement that waited may be of the minute before; a clock that was set back begins anew.
    if a.minute_at < v_minute or a.minute_at > v_minute + interval '2 minutes' then
      a.minute_at := v_minute;
      a.minute_used := 0;
    end if;
    v_count := greatest(0, least(coalesce(u.count, 0), 100000));
    v_by_quota := least(v_count, greatest(0, coalesce(a.quota - a.used, v_count)));
    v_served := least(v_by_quota, greatest(0, a.per_minute - a.minute_used));
    if v_served > 0 then
      update private.api_allowances set used = used + v_served, minute_at = a.minute_at, minute_used = a.minute_used + v_served
        where tenant_id = u.tenant_id returning * into a;
    end if;
    insert into private.api_hours as h (key_id, hour, tenant_id, served, over_quota, over_rate)
      values ((u.key).id, date_trunc('hour', now(), 'UTC'), u.tenant_id, v_served, v_count - v_by_quota, v_by_quota - v_served)
      on conflict (key_id, hour) do update set served = h.served + excluded.served, over_quota = h.over_quota + excluded.over_quota,
        over_rate = h.over_rate + excluded.over_rate;
    v_answers := v_answers || jsonb_build_object('n', u.n, 'status', 'ok', 'key_id', (u.key).id, 'tenant_id', u.tenant_id, 'served', v_served,
      'over_rate', v_by_quota - v_served, 'allowance', private.describe_api_allowance(a));
  end loop;
  return jsonb_build_object('status', 'ok', 'answers', (select coalesce(jsonb_agg(x - 'n' order by (x ->> 'n')::int), '[]')
    from jsonb_array_elements(v_answers) x));
exception when data_exception then
  return jsonb_build_object('status', 'malformed');
end $function$;
comment on function public.use_api_keys(jsonb) is 'Finds keys by [{hash, scope, writes, count}] and counts so many requests of each. Answers in their order: unknown (also revoked, over, or of a closed tenant), scope_missing, frozen (who made it is, and it writes), or ok with how many are served and what is left. Of those not served, over_rate are for the minute and the others for the period. Status ok or malformed.';

CREATE OR REPLACE FUNCTION public.verify_receipts(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
comment on function public.verify_receipts(uuid) is 'Checks a person''s receipts: which numbers do not match their hash or the one before, and whether any is missing.';

CREATE OR REPLACE FUNCTION public.wallet_books()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
comment on function public.wallet_books() is 'What came into all wallets and went out, what is in them by kind of owner, and the difference, which is 0. What charges and transfers moved between wallets adds up to 0, too. Reads all of the ledger of micro_usd.';

CREATE OR REPLACE FUNCTION public.write_page_settings(p_user_id uuid, p_language text DEFAULT NULL::text, p_mails_off text[] DEFAULT NULL::text[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if (p_language = '' or p_language ~ '^[a-z]{2}$') is false
     or (p_mails_off <@ array['receipt', 'refund', 'top_up_stopped']) is false then
    return jsonb_build_object('status', 'invalid_settings');
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  insert into private.page_settings as s (user_id, language, mails_off)
    values (p_user_id, nullif(p_language, ''), array(select distinct m from unnest(p_mails_off) m order by m))
    on conflict (user_id) do update
      set language = nullif(coalesce(p_language, s.language), ''),
          mails_off = array(select distinct m from unnest(coalesce(p_mails_off, s.mails_off)) m order by m),
          updated_at = now();
  return public.read_page_settings(p_user_id) || jsonb_build_object('status', 'written');
end $function$;
comment on function public.write_page_settings(uuid,text,text[]) is 'Changes what is not null; an empty language is that of the browser. Status written, with all as it is now, unknown_user or invalid_settings.';

CREATE OR REPLACE FUNCTION public.write_settings(p_user_id uuid, p_locale text DEFAULT NULL::text, p_voice text DEFAULT NULL::text, p_memory_enabled boolean DEFAULT NULL::boolean)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_settings public.caller_settings;
begin
  if (p_locale = '' or p_locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$') is false
     or (p_voice = '' or p_voice ~ '^[a-z][a-z0-9_-]{0,63}$') is false then
    return jsonb_build_object('status', 'invalid_settings');
  elsif (private.lock_caller(p_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  update public.caller_settings
    set locale = nullif(coalesce(p_locale, locale), ''),
        voice = nullif(coalesce(p_voice, voice), ''),
        memory_enabled = coalesce(p_memory_enabled, memory_enabled),
        updated_at = now()
    where user_id = p_user_id returning * into v_settings;
  return private.settings_answer(v_settings, 'written');
end $function$;
comment on function public.write_settings(uuid,text,text,boolean) is 'Changes what is not null; an empty locale or voice is the one that the service is configured with. Status written, with all settings as they are now, unknown_user or invalid_settings.';

CREATE OR REPLACE FUNCTION private.activation_is_closed(p_user_id uuid, p_address_hash text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (select from public.activation_attempts where user_id = p_user_id and failed_count >= 10
                 and window_started_at > now() - interval '1 hour')
      or exists (select from public.activation_addresses where address_hash = p_address_hash and failed_count >= 30
                 and forget_at > now())
$function$;

CREATE OR REPLACE FUNCTION private.acts_for(p_user_id uuid, p_owner_user_id uuid, p_owner_tenant_id uuid)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(p_user_id = p_owner_user_id and exists (select from public.users where id = p_user_id and deleted_at is null), false)
    or coalesce(private.role_in(p_user_id, p_owner_tenant_id) in ('owner', 'billing'), false)
    or (p_owner_user_id is null and p_owner_tenant_id is null
      and exists (select from public.users where id = p_user_id and role = 'operator' and deleted_at is null))
$function$;

CREATE OR REPLACE FUNCTION private.add_activity(p_calls uuid[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into private.active_people as a (day, previous_day, cohort, people)
    select day, previous_day, cohort, people from private.figures_of_activity(p_calls) order by day, previous_day, cohort
  on conflict (day, previous_day, cohort) do update set people = a.people + excluded.people;
  insert into private.person_days (user_id, day)
    select distinct user_id, private.day_of(opened_at) from public.calls where id = any (p_calls) on conflict do nothing
$function$;

CREATE OR REPLACE FUNCTION private.add_all(p_calls uuid[], p_entries bigint[], p_changes bigint[], p_from xid8, p_upto xid8)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  t record;
begin
  for t in select * from private.sums() loop
    perform private.add_figures(t.name, t.rows, p_calls, p_entries, p_changes, p_from, p_upto);
  end loop;
  perform private.mark_trials(p_calls, p_changes);
  perform private.add_activity(p_calls);
end $function$;

CREATE OR REPLACE FUNCTION private.add_billing_plan()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if new.code is null or new.code !~ '^[A-Z0-9_]{1,50}$' then
    raise exception 'code: capital letters, digits and _' using errcode = '22023';
  elsif new.base_price_cad * 100 <> floor(new.base_price_cad * 100) or new.asset_uplift_cad * 1000000 <> floor(new.asset_uplift_cad * 1000000)
      or new.overage_per_credit_cad * 1000000 <> floor(new.overage_per_credit_cad * 1000000) then
    raise exception 'prices: whole cents, and millionths of a dollar for an asset or a credit' using errcode = '22023';
  end if;
  insert into public.plans (id, line, name, kind, currency, base_price_cents, included_assets, included_credits, asset_price_micros,
      credit_price_micros, max_sites, max_seats, trial_days, assets_billed_by, active)
    values ('credits_' || lower(new.code), 'credits', coalesce(new.name, new.code), 'credits', 'cad', (new.base_price_cad * 100)::int,
      coalesce(new.included_assets, 0), coalesce(new.included_credits, 0), (new.asset_uplift_cad * 1000000)::bigint,
      (new.overage_per_credit_cad * 1000000)::bigint, new.max_sites, new.max_seats, coalesce(new.trial_days, 0),
      coalesce(new.assets_billed_by, 'average'), coalesce(new.active, true));
  new.plan_id := 'credits_' || lower(new.code);
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.add_figures(p_table text, p_rows text, p_calls uuid[], p_entries bigint[], p_changes bigint[], p_from xid8, p_upto xid8, p_day date DEFAULT NULL::date, p_grains text[] DEFAULT '{hour,day,month}'::text[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  c record := private.columns_of_figures(p_table);
  v_keys text := array_to_string(array['grain', 'at'] || c.keys, ', ');
begin
  execute format('insert into private.%1$I as f (%2$s, %3$s)
      select g.grain, date_trunc(g.grain, r.at, ''utc'')%4$s, %5$s
      from (%6$s) r cross join unnest($7) g (grain) group by 1, 2%4$s order by 1, 2%4$s
    on conflict (%2$s) do update set %7$s',
    p_table, v_keys, array_to_string(c.sums, ', '),
    (select coalesce(string_agg(', r.' || k, '' order by n), '') from unnest(c.keys) with ordinality u (k, n)),
    (select string_agg(format('sum(r.%I)', s), ', ' order by n) from unnest(c.sums) with ordinality u (s, n)),
    p_rows,
    (select string_agg(format('%1$I = f.%1$I + excluded.%1$I', s), ', ' order by n) from unnest(c.sums) with ordinality u (s, n)))
    using p_calls, p_entries, p_changes, p_from, p_upto, p_day, p_grains;
end $function$;

CREATE OR REPLACE FUNCTION private.add_revenue_figures(p_quarters private.revenue_figures[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into private.revenue_figures as f
    select g.grain, g.at, q.currency, q.revenue_source, sum(q.entries), sum(q.amount_micros), sum(q.platform_fee_micros),
      sum(q.seller_share_micros), sum(q.stripe_cost_micros)
    from unnest(p_quarters) q cross join lateral (values ('quarter', q.at), ('hour', date_trunc('hour', q.at, 'utc')),
      ('day', date_trunc('day', q.at, 'utc'))) g (grain, at)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (grain, at, currency, revenue_source) do update set entries = f.entries + excluded.entries,
    amount_micros = f.amount_micros + excluded.amount_micros, platform_fee_micros = f.platform_fee_micros + excluded.platform_fee_micros,
    seller_share_micros = f.seller_share_micros + excluded.seller_share_micros, stripe_cost_micros = f.stripe_cost_micros + excluded.stripe_cost_micros
$function$;

CREATE OR REPLACE FUNCTION private.add_usage_figures(p_hours private.usage_figures[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into private.usage_figures as f
    select g.grain, g.at, h.owner_id, h.user_id, h.kind, h.tool, h.currency, sum(h.events), sum(h.quantity), sum(h.cost_micro_usd),
      sum(h.events_without_cost), sum(h.price_micros), sum(h.events_without_price)
    from unnest(p_hours) h cross join lateral (values ('hour', h.at), ('day', date_trunc('day', h.at, 'utc'))) g (grain, at)
    group by g.grain, g.at, h.owner_id, h.user_id, h.kind, h.tool, h.currency order by 3, 4, 1, 2, 5, 6, 7
  on conflict (owner_id, user_id, grain, at, kind, tool, currency) do update set events = f.events + excluded.events,
    quantity = f.quantity + excluded.quantity, cost_micro_usd = f.cost_micro_usd + excluded.cost_micro_usd,
    events_without_cost = f.events_without_cost + excluded.events_without_cost, price_micros = f.price_micros + excluded.price_micros,
    events_without_price = f.events_without_price + excluded.events_without_price
$function$;

CREATE OR REPLACE FUNCTION private.agent_day(p_zone text)
 RETURNS date
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$ select (clock_timestamp() at time zone p_zone)::date $function$;

CREATE OR REPLACE FUNCTION private.alarms()
 RETURNS TABLE(alarm text, count bigint, detail text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select * from (
    select 'books_broken', count(*), string_agg(distinct invariant, ', ') from private.audit_violations
    union all select 'nobody_answers', 1, 'no worker takes calls'
      where not exists (select from private.workers w where w.state = 'open' and not private.is_silent(w))
    union all select 'workers_silent', count(*), string_agg(w.name, ', ' order by w.name) from private.workers w where private.is_silent(w)
    union all select 'jobs_given_up', coalesce(sum(given_up), 0), string_agg(kind, ', ') filter (where given_up > 0) from public.job_figures()
    union all select 'events_parked', count(*), null from public.stripe_events where status = 'parked'
    union all select 'reviews', count(*), null from public.purchases where status = 'review'
    union all select 'disputes_open', count(*), null from public.payment_disputes where status = 'open'
    union all select 'findings', count(*), string_agg(distinct kind, ', ') from public.reconciliation_findings
      where last_seen_at > now() - interval '1 day'
    union all select 'calls_silent', count(*), 'their worker has not reported for longer than its lease' from public.holds
      where lease_expires_at < now()
    union all select 'people_without_customer', count(*), null from public.users
      where stripe_customer_id is null and deleted_at is null and created_at < now() - interval '1 hour') a (alarm, count, detail)
  where count > 0
$function$;

CREATE OR REPLACE FUNCTION private.all_operator_acts(p_before timestamp with time zone, p_limit integer)
 RETURNS TABLE(at timestamp with time zone, operator_id uuid, act text, subject text, reason text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select * from (
    (select created_at, operator_id, act, subject, reason from public.operator_acts
      where created_at < p_before order by created_at desc, id desc limit p_limit)
    union all
    (select w.created_at, w.operator_id, 'goodwill', g.account_id::text, w.reason
      from public.goodwill_grants w join public.grants g on g.id = w.card_id
      where w.created_at < p_before order by w.created_at desc limit p_limit)
    union all
    (select created_at, operator_id, 'issue_codes', id::text, note from public.code_batches
      where created_at < p_before order by created_at desc limit p_limit)
    union all
    (select exported_at, exported_by, 'export_codes', id::text, note from public.code_batches b
      where exported_at < p_before and not exists (select from public.operator_acts a
        where a.subject = b.id::text and a.act = 'export_codes') order by exported_at desc limit p_limit)
    union all
    (select revoked_at, revoked_by, 'revoke_codes', id::text, note from public.code_batches b
      where revoked_at < p_before and not exists (select from public.operator_acts a
        where a.subject = b.id::text and a.act = 'revoke_codes') order by revoked_at desc limit p_limit))
    a (at, operator_id, act, subject, reason)
  order by at desc, act, subject limit p_limit
$function$;

CREATE OR REPLACE FUNCTION private.anchor_hour(p_zone text)
 RETURNS integer
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select greatest(0, max(ceil(extract(epoch from d at time zone p_zone at time zone 'UTC' - d) / 3600)))::int
  from unnest(array['2026-01-15', '2026-04-15', '2026-07-15', '2026-10-15']::timestamp[]) d
$function$;

CREATE OR REPLACE FUNCTION private.answer_seconds(p_took interval)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select greatest(0, floor(extract(epoch from p_took)))::bigint
$function$;

CREATE OR REPLACE FUNCTION private.answer_slot(p_took interval)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select lpad(private.slot_of(least(private.answer_seconds(p_took) / 15, 1000000)::int)::text, 2, '0')
$function$;

CREATE OR REPLACE FUNCTION private.api_allowance_is_stale()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_table_name = 'plans' then
    -- In the order of those who use them, or one would wait for the other.
    perform from private.api_allowances order by tenant_id for update;
    update private.api_allowances set is_stale = true;
  else
    update private.api_allowances set is_stale = true where tenant_id = new.tenant_id;
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.assets_of_period(p_tenant_id uuid, p_zone text, p_start timestamp with time zone, p_end timestamp with time zone, OUT nights integer, OUT average numeric, OUT latest integer, OUT peak integer, OUT total bigint)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
declare
  v_end timestamptz := least(p_end, now());
begin
  select count(c.assets), avg(c.assets), max(c.assets), coalesce(sum(c.assets), 0) into nights, average, peak, total
    from (
      select (select a.asset_count from public.asset_snapshots a where a.tenant_id = p_tenant_id and a.captured_at < d::timestamp at time zone p_zone
        order by a.captured_at desc, a.created_at desc limit 1) as assets
      from generate_series((p_start at time zone p_zone)::date + 1, (v_end at time zone p_zone)::date, interval '1 day') d) c;
  select a.asset_count into latest from public.asset_snapshots a where a.tenant_id = p_tenant_id and a.captured_at < p_end
    order by a.captured_at desc, a.created_at desc limit 1;
  average := coalesce(average, latest);
  peak := coalesce(peak, latest);
end $function$;

CREATE OR REPLACE FUNCTION private.assign_task(a public.autonomous_agents, o public.market_opportunities, p_key text)
 RETURNS public.brain_tasks
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_task public.brain_tasks;
  v_day date := private.agent_day(a.zone);
  v_price bigint := private.highest_price(o, a.agent_type);
begin
  if not private.reserve_budget(a, v_day, v_price) then
    return null;
  end if;
  update public.autonomous_agents set running_tasks = running_tasks + 1, status = 'active', last_active_at = clock_timestamp(), updated_at = now()
    where id = a.id and status in ('idle', 'active') and retired_at is null and running_tasks < max_concurrent_tasks;
  if not found then
    update public.agent_budgets set reserved_micros = reserved_micros - v_price where agent_id = a.id and day = v_day;
    return null;
  end if;
  insert into public.brain_tasks (opportunity_id, assigned_agent, task_type, target_api_id, quantity, input, priority, is_simulation,
      expected_revenue_micros, reserved_micros, budget_day, epoch, key)
    values (o.id, a.id, case when private.is_simulation(a.agent_type) then 'simulation' else o.task_type end, o.target_api_id, o.quantity,
      o.input, o.priority, private.is_simulation(a.agent_type),
      case when private.is_simulation(a.agent_type) then 0 else o.expected_revenue_micros end, v_price, v_day, 1, p_key)
    returning * into v_task;
  update public.autonomous_agents set current_task_id = v_task.id where id = a.id;
  update public.market_opportunities set status = 'assigned', updated_at = now() where id = o.id;
  perform private.owe_task(v_task);
  return v_task;
end $function$;

CREATE OR REPLACE FUNCTION private.audit_accounts(p_accounts uuid[])
 RETURNS TABLE(invariant text, subject text, detail text, scope uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with a as materialized (
    select a.id, a.balance, a.debt, a.first_end, h.amount as held, h.calls
    from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id
    cross join lateral (select coalesce(sum(amount - restored_ms / 1000), 0) + case a.unit when 'micro_usd' then
        (select coalesce(sum(w.amount), 0) from public.wallet_holds w where w.account_id = a.id and w.status = 'held') else 0 end as amount,
      count(*) as calls from public.holds where account_id = a.id) h)
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
$function$;

CREATE OR REPLACE FUNCTION private.audit_and_keep(p_part text, p_ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_part text := replace(p_part, 'changed ', '');
begin
  delete from private.audit_violations v where v.part = v_part
    and (v.scope = any (p_ids) or v_part = 'events')
    -- Only what is asked again: receipts and charges are not, where an account is audited because it changed.
    and (p_part <> 'changed accounts' or v.detail not like 'receipts %' and v.detail not like 'charge %');
  insert into private.audit_violations (part, scope, invariant, subject, detail)
    select v_part, f.scope, f.invariant, f.subject, f.detail from private.audit_part(p_part, p_ids) f;
end $function$;

CREATE OR REPLACE FUNCTION private.audit_calls(p_accounts uuid[])
 RETURNS TABLE(invariant text, subject text, detail text, scope uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION private.audit_changes(p_limit integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_last bigint;
  v_accounts uuid[];
  v_cards uuid[];
begin
  with entries as materialized (
    select l.* from public.ledger l
    where l.id > (select ledger_id from private.audit_state) and l.created_at < now() - interval '1 minute'
    order by l.id limit p_limit)
  select max(e.id), array_agg(distinct e.account_id), (
      select array_agg(distinct c.id) from entries, unnest(array[grant_id, about_grant_id]) c (id) where c.id is not null)
    into v_last, v_accounts, v_cards from entries e;
  if v_last is null then
    return false;
  end if;
  perform private.audit_and_keep('changed accounts', v_accounts);
  perform private.audit_and_keep('cards', v_cards);
  update private.audit_state set ledger_id = v_last;
  return true;
end $function$;

CREATE OR REPLACE FUNCTION private.audit_credits(p_accounts uuid[])
 RETURNS TABLE(invariant text, subject text, detail text, scope uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with a as materialized (
    select a.id, a.tenant_id, a.debt from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id and a.unit = 'credit')
  select 'I8', a.id::text, format('burned %s by the ledger, %s by days', l.amount, d.amount), a.id
  from a cross join lateral (select coalesce(-sum(amount), 0) as amount from public.ledger where account_id = a.id and reason = 'use') l
  cross join lateral (select coalesce(sum(credits), 0) as amount from public.credit_days where tenant_id = a.tenant_id) d
  where l.amount <> d.amount
  union all
  select 'I8', a.id::text, format('%s and %s closed, %s and %s taken off the debt', p.overage, p.unpaid, l.billed, l.unpaid), a.id
  from a cross join lateral (select coalesce(sum(overage), 0) as overage, coalesce(sum(unpaid), 0) as unpaid from public.credit_periods
    where tenant_id = a.tenant_id) p
  cross join lateral (select coalesce(sum(amount) filter (where key like 'billed:%'), 0) as billed,
      coalesce(sum(amount) filter (where key like 'unpaid:%'), 0) as unpaid
    from public.ledger where account_id = a.id and grant_id is null and amount > 0) l
  where (p.overage, p.unpaid) <> (l.billed, l.unpaid)
  union all
  select 'I8', g.id::text, format('%s granted, %s with a reason', g.paid + g.bonus, coalesce(c.amount, 0)), a.id
  from a join public.grants g on g.account_id = a.id and g.part_of is null left join private.credit_grants c on c.grant_id = g.id
  where g.paid + g.bonus is distinct from c.amount
  union all
  select 'I8', c.subscription_id, format('granted %s, grants of %s in the period of %s', c.granted, g.amount, c.period_start), a.id
  from a join public.credit_periods c on c.tenant_id = a.tenant_id
  cross join lateral (select coalesce(sum(amount), 0) as amount from private.credit_grants
    where subscription_id = c.subscription_id and period_start = c.period_start) g
  where c.granted <> g.amount
  union all
  select 'I8', a.id::text, format('owes %s, and no period is open that it may be of', a.debt), a.id
  from a where a.debt > 0 and not exists (select from public.credit_periods where tenant_id = a.tenant_id and closed_at is null and not is_trial)
$function$;

CREATE OR REPLACE FUNCTION private.audit_events()
 RETURNS TABLE(invariant text, subject text, detail text, scope uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'I5', id, 'event without an outcome', null::uuid from public.stripe_events where outcome = 'applying'
$function$;

CREATE OR REPLACE FUNCTION private.audit_frozen(p_cards uuid[])
 RETURNS TABLE(invariant text, subject text, detail text, scope uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'I2', g.id::text, v.detail, g.id
  from unnest(p_cards) as asked (id) join public.grants g on g.id = asked.id
  left join public.purchases p on p.id = g.id
  cross join lateral (
    select format('%s under dispute, %s of it frozen', g.disputed, g.frozen)
    where g.frozen not between 0 and g.disputed
      or g.disputed <> case when p.status = 'succeeded'
        then private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents + p.disputed_cents)
          - private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents) else 0 end
    union all
    select format('%s frozen, noted %s', g.frozen, t.amount)
    from (select coalesce(sum(t.amount), 0) as amount from private.taken_parts t
      where t.reason = 'freeze' and t.grant_id in (select id from public.grants where g.id in (id, part_of))) t
    where g.account_id is not null and g.part_of is null and g.frozen <> t.amount
    union all
    select format('whole %s, left %s, frozen %s, taken back %s', g.paid + g.bonus, g.remaining, g.frozen,
      p.clawed_back_seconds)
    where p.id is not null and g.account_id is null
      and g.remaining + g.frozen + p.clawed_back_seconds <> g.paid + g.bonus
    union all
    select format('taken back %s of %s, frozen %s', t.clawed_back, p.clawed_back_seconds, g.frozen)
    from (select g.paid + g.bonus - g.frozen - coalesce(sum(amount), 0) as clawed_back from public.ledger
      where about_grant_id = g.id and reason in ('grant', 'bonus_grant', 'clawback', 'freeze', 'restore')) t
    where p.id is not null and g.account_id is not null and t.clawed_back not between 0 and p.clawed_back_seconds
  ) v (detail)
$function$;

CREATE OR REPLACE FUNCTION private.audit_grants(p_cards uuid[])
 RETURNS TABLE(invariant text, subject text, detail text, scope uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with g as materialized (
    select g.* from unnest(p_cards) as asked (id) join public.grants g on g.id = asked.id)
  select 'I1', g.id::text, format('ledger %s, grant %s', l.amount, g.remaining), g.id
  from g cross join lateral (
    select coalesce(sum(amount), 0) as amount, coalesce(bool_or(account_id is distinct from g.account_id), false) as strange
    from public.ledger where grant_id = g.id) l
  where l.amount <> case when g.account_id is null then 0 else g.remaining end or l.strange
  union all
  select 'I3', id::text, format('%s remain', remaining), id from g where remaining < 0
$function$;

CREATE OR REPLACE FUNCTION private.audit_next(p_part text, p_limit integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_after uuid := coalesce((select after_id from private.audit_progress where part = p_part),
    '00000000-0000-0000-0000-000000000000');
  v_ids uuid[];
begin
  if p_part = 'accounts' then
    v_ids := array(select id from public.accounts where id > v_after order by id limit p_limit);
  else
    v_ids := array(select id from (
        (select id from public.grants where id > v_after order by id limit p_limit) union
        (select id from public.purchases where id > v_after order by id limit p_limit)) c order by id limit p_limit);
  end if;
  if cardinality(v_ids) > 0 then
    perform private.audit_and_keep(p_part, v_ids);
    update private.audit_progress set after_id = v_ids[cardinality(v_ids)],
        begun_at = case when after_id is null then now() else begun_at end
      where part = p_part;
    return true;
  end if;
  -- What was found of an account that is gone would stay for ever.
  delete from private.audit_violations v using private.audit_progress p
    where v.part = p_part and p.part = p_part and v.seen_at < p.begun_at;
  update private.audit_progress set after_id = null, completed_at = clock_timestamp() where part = p_part;
  return false;
end $function$;

CREATE OR REPLACE FUNCTION private.audit_part(p_part text, p_ids uuid[])
 RETURNS TABLE(invariant text, subject text, detail text, scope uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select * from private.audit_accounts(case when p_part in ('accounts', 'changed accounts') then p_ids end)
  union all select * from private.audit_calls(case when p_part in ('accounts', 'changed accounts') then p_ids end)
  union all select * from private.audit_receipts(case when p_part = 'accounts' then p_ids end)
  union all select * from private.audit_wallets(case when p_part = 'accounts' then p_ids end)
  union all select * from private.audit_credits(case when p_part = 'accounts' then p_ids end)
  union all select * from private.audit_grants(case when p_part = 'cards' then p_ids end)
  union all select * from private.audit_purchases(case when p_part = 'cards' then p_ids end)
  union all select * from private.audit_frozen(case when p_part = 'cards' then p_ids end)
  union all select v.* from private.audit_events() v where p_part = 'events'
$function$;

CREATE OR REPLACE FUNCTION private.audit_purchases(p_cards uuid[])
 RETURNS TABLE(invariant text, subject text, detail text, scope uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION private.audit_receipts(p_accounts uuid[])
 RETURNS TABLE(invariant text, subject text, detail text, scope uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'I5', asked.id::text, format('receipts %s, broken %s, complete %s', r.found ->> 'receipts',
    r.found ->> 'broken', r.found ->> 'complete'), asked.id
  from unnest(p_accounts) as asked (id) cross join lateral (select public.verify_receipts(asked.id) as found) r
  where r.found -> 'broken' <> '[]' or (r.found ->> 'complete')::boolean is not true
$function$;

CREATE OR REPLACE FUNCTION private.audit_wallets(p_accounts uuid[])
 RETURNS TABLE(invariant text, subject text, detail text, scope uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'I7', h.id::text, format('charge of %s, taken %s, share %s of %s, fee %s of %s, remainder %s of %s', h.charged, taken.amount,
    s.amount, h.share, f.amount, h.fee, r.amount, h.remainder), h.account_id
  from unnest(p_accounts) as asked (id)
  join public.wallet_holds h on h.account_id = asked.id and h.unit = 'micro_usd' and h.status = 'settled'
  cross join lateral (select coalesce(-sum(l.amount), 0) as amount from jsonb_array_elements(h.lines) line
    join public.ledger l on l.key = format('charge:%s:%s', h.id, line ->> 'grant_id') and l.account_id = h.account_id and l.reason = 'use') taken
  left join public.ledger s on s.key = format('charge:%s:share', h.id) and s.account_id = h.seller_account_id
  left join public.ledger f on f.key = format('charge:%s:fee', h.id) and f.account_id = h.platform_account_id
  left join public.ledger r on r.key = format('charge:%s:remainder', h.id) and r.account_id = h.platform_account_id
  where (taken.amount, coalesce(s.amount, 0), coalesce(f.amount, 0), coalesce(r.amount, 0))
    <> (h.charged, h.share, h.fee, h.remainder)
  union all
  select 'I7', h.id::text, format('charge of which %s went back, by refunds %s', h.refunded, b.amount), h.account_id
  from unnest(p_accounts) as asked (id)
  join public.wallet_holds h on h.account_id = asked.id and h.unit = 'micro_usd' and h.status = 'settled'
  cross join lateral (select coalesce(sum(amount), 0) as amount from public.wallet_refunds where hold_id = h.id) b
  where h.refunded <> b.amount
  union all
  select 'I7', h.id::text, format('charge, refund %s of %s: back %s, share %s of %s, fee %s of %s, remainder %s of %s', b.key, b.amount,
    l.back, l.share, b.share, l.fee, b.fee, l.remainder, b.remainder), h.account_id
  from unnest(p_accounts) as asked (id)
  join public.wallet_holds h on h.account_id = asked.id and h.unit = 'micro_usd' and h.refunded > 0
  join public.wallet_refunds b on b.hold_id = h.id
  cross join lateral (
    select coalesce(sum(e.amount) filter (where e.reason = 'restore'), 0) as back,
      coalesce(-sum(e.amount) filter (where e.reason = 'share_reversed'), 0) as share,
      coalesce(-sum(e.amount) filter (where e.reason = 'fee_reversed'), 0) as fee,
      coalesce(-sum(e.amount) filter (where e.reason = 'remainder'), 0) as remainder
    from public.ledger e where e.key in (
      select format('charge:%s:back:%s:%s', h.id, b.key, part.name)
      from (select line ->> 'grant_id' from jsonb_array_elements(h.lines) line
        union all select p || q from unnest(array['share', 'fee', 'remainder']) p,
          unnest(array['', ':debt', ':' || h.seller_account_id, ':' || h.platform_account_id]) q where q is not null) part (name))) l
  where (l.back, l.share, l.fee, l.remainder) <> (b.amount, b.share, b.fee, b.remainder)
  union all
  select 'I7', a.id::text, format('charge shares %s, ledger %s', h.share, l.amount), a.id
  from unnest(p_accounts) as asked (id) join public.accounts a on a.id = asked.id and a.owner_kind = 'seller'
  cross join lateral (select coalesce(sum(w.share), 0) - coalesce(sum(b.share), 0) as share from public.wallet_holds w
    left join lateral (select sum(share) as share from public.wallet_refunds where hold_id = w.id and w.refunded > 0) b on true
    where w.seller_account_id = a.id) h
  cross join lateral (select coalesce(sum(amount), 0) as amount from public.ledger
    where account_id = a.id and reason in ('share', 'share_reversed')) l
  where h.share <> l.amount
$function$;

CREATE OR REPLACE FUNCTION private.auto_topped_up_cents(p_user_id uuid, p_currency text)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(sum(amount_cents), 0) from private.auto_top_up_charges
  where user_id = p_user_id and currency = p_currency and status in ('in_flight', 'succeeded', 'review')
    and created_at >= date_trunc('month', now(), 'UTC')
$function$;

CREATE OR REPLACE FUNCTION private.balances_without_ended(p_account_ids uuid[])
 RETURNS bigint[]
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.begin_figures_anew()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  lock table public.ledger, private.money_changes, public.calls, public.users, private.call_ratings, private.support_requests,
    private.trials, private.payment_fees in access exclusive mode;
  alter table public.ledger disable trigger ledger_is_append_only;
  alter table private.money_changes disable trigger money_changes_are_append_only;
  update public.ledger set xid = null where xid is not null;
  update private.money_changes set xid = null where xid is not null;
  alter table public.ledger enable trigger ledger_is_append_only;
  alter table private.money_changes enable trigger money_changes_are_append_only;
  delete from private.settled_calls;
  delete from private.people_changes;
  delete from private.event_changes;
  update private.rolled_up set upto = pg_snapshot_xmin(pg_current_snapshot());
  perform private.build_all_days();
end $function$;

CREATE OR REPLACE FUNCTION private.begin_revenue_figures_anew()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  lock table public.autonomous_revenue in access exclusive mode;
  alter table public.autonomous_revenue disable trigger keep_revenue;
  update public.autonomous_revenue set xid = '0' where xid <> '0';
  alter table public.autonomous_revenue enable trigger keep_revenue;
  delete from private.revenue_figures;
  perform private.add_revenue_figures(array(select q from private.figures_of_revenue('0', null) q));
  update private.revenue_rolled_up set upto = pg_snapshot_xmin(pg_current_snapshot());
end $function$;

CREATE OR REPLACE FUNCTION private.begin_usage_figures_anew()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_day date;
begin
  lock table public.usage_events in access exclusive mode;
  alter table public.usage_events disable trigger usage_events_are_append_only;
  update public.usage_events set xid = '0' where xid <> '0';
  alter table public.usage_events enable trigger usage_events_are_append_only;
  update private.usage_rolled_up set upto = pg_snapshot_xmin(pg_current_snapshot());
  delete from private.usage_figures;
  for v_day in select distinct private.day_of(occurred_at) from public.usage_events loop
    perform private.build_usage_day(v_day, (select upto from private.usage_rolled_up));
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION private.bring_back(p_account_id uuid, p_about_id uuid, p_whole_id uuid, p_reason text, p_amount bigint, p_key text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_part private.taken_parts;
  v_whole public.grants;
  v_end timestamptz;
  v_grant_id uuid;
  v_count int := 0;
begin
  for v_part in select * from private.pick_up(p_account_id, p_whole_id, p_reason, p_amount) loop
    v_count := v_count + 1;
    v_end := now() + v_part.usable_for;
    select w.* into v_whole from public.grants g join public.grants w on w.id = coalesce(g.part_of, g.id)
      where g.id = v_part.grant_id;
    if v_whole.account_id = p_account_id and v_whole.remaining + v_whole.frozen + v_part.amount <= v_whole.paid + v_whole.bonus
       and (v_whole.remaining = 0
         or v_whole.expires_at > now() and v_whole.expires_at - v_end between interval '-1 minute' and interval '1 minute') then
      v_grant_id := v_whole.id;
      update public.grants set expires_at = case when remaining = 0 then v_end else expires_at end, ended_at = null
        where id = v_grant_id;
    else
      insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, package_id, part_of,
          activated_at, expires_at)
        select gen_random_uuid(), a.id, a.unit, coalesce(v_whole.source, 'bonus'), 'exhausted',
          v_part.amount - v_part.bonus, v_part.bonus, 0, v_whole.package_id, v_whole.id, now(), v_end
        from public.accounts a where a.id = p_account_id
        returning id into v_grant_id;
    end if;
    perform private.post(p_account_id, v_grant_id, case p_reason when 'debt_payment' then p_reason else 'restore' end,
      v_part.amount, format('%s:%s', p_key, v_count),
      p_about_grant_id => case p_reason when 'debt_payment' then v_grant_id else p_about_id end);
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION private.build_all_days()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_day date;
  v_first date := private.day_of(least((select min(opened_at) from public.calls), (select min(created_at) from public.ledger),
    (select min(created_at) from public.users), (select min(booked_at) from private.money_changes)));
  v_upto xid8 := (select upto from private.rolled_up);
begin
  for v_day in select generate_series(v_first, private.day_of(now()), interval '1 day')::date loop
    perform private.build_day(v_day, v_upto);
  end loop;
  for v_day in select generate_series(date_trunc('month', v_first::timestamp), private.day_of(now()), interval '1 month')::date loop
    perform private.build_month(v_day);
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION private.build_day(p_day date, p_upto xid8)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_begin timestamptz := p_day::timestamp at time zone 'utc';
  v_end timestamptz := (p_day + 1)::timestamp at time zone 'utc';
  v_calls uuid[] := array(select c.id from public.calls c where c.status = 'settled' and c.opened_at >= v_begin
    and c.opened_at < v_end and not exists (select from private.settled_calls s where s.call_id = c.id));
  v_entries bigint[] := array(select l.id from public.ledger l where l.created_at >= v_begin and l.created_at < v_end
    and (l.xid is null or l.xid < p_upto));
  -- Seconds of a call count when it began, whenever it was settled.
  v_earning bigint[] := array(
    select l.id from public.ledger l where l.id = any (v_entries) and l.reason in ('use', 'expire') and l.call_id is null
    union all select l.id from public.calls c join public.ledger l on l.call_id = c.id
      where c.opened_at >= v_begin and c.opened_at < v_end and l.reason = 'use' and (l.xid is null or l.xid < p_upto));
  v_changes bigint[] := array(select m.id from private.money_changes m where (m.xid is null or m.xid < p_upto)
    and (m.booked_at >= v_begin and m.booked_at < v_end or m.happened_at >= v_begin and m.happened_at < v_end));
  t record;
begin
  update private.trials r set
      talked = exists (select from public.calls c where c.user_id = r.user_id and c.charged_seconds > 0 and c.status = 'settled'
        and not exists (select from private.settled_calls s where s.call_id = c.id)),
      bought = exists (select from public.purchases p join private.money_changes m on m.purchase_id = p.id and m.purchases > 0
        where p.user_id = r.user_id and p.created_at > r.claimed_at and (m.xid is null or m.xid < p_upto))
    where claimed_at >= v_begin and claimed_at < v_end;
  for t in
    select s.name, coalesce(o.rows, s.rows) as rows, case s.name when 'earning_figures' then v_earning else v_entries end as entries
    from private.sums() s left join (values
      ('money_figures', 'select * from private.figures_of_money($3) where private.day_of(at) = $6'),
      ('earning_figures', 'select * from private.figures_of_earnings($2, ''{}'', $4, $5)'),
      ('people_figures', 'select private.hour_of(u.created_at) as at, 1 as people from public.users u
          where u.created_at >= $6::timestamp at time zone ''utc'' and u.created_at < ($6 + 1)::timestamp at time zone ''utc''
        union all select private.hour_of(at), -people from private.people_changes where private.day_of(at) = $6'),
      ('event_figures', 'select kind, private.hour_of(at) as at, name, version, events, total from private.event_rows
          where at >= $6::timestamp at time zone ''utc'' and at < ($6 + 1)::timestamp at time zone ''utc''
        union all select kind, private.hour_of(at), name, version, -events, -total from private.event_changes
          where private.day_of(at) = $6'))
      o (name, rows) on o.name = s.name
  loop
    execute format('delete from private.%I where at >= $1 and at < $2 and grain in (''hour'', ''day'')', t.name) using v_begin, v_end;
    perform private.add_figures(t.name, t.rows, v_calls, t.entries, v_changes, p_upto, p_upto, p_day, '{hour,day}');
  end loop;
  delete from private.person_days where day = p_day
    and user_id not in (select user_id from public.calls where id = any (v_calls));
  insert into private.person_days (user_id, day)
    select distinct user_id, p_day from public.calls where id = any (v_calls) on conflict do nothing;
  delete from private.active_people where day = p_day;
  insert into private.active_people (day, previous_day, cohort, people)
    select p_day, coalesce(b.day, '-infinity'), date_trunc('month', u.created_at at time zone 'utc')::date, count(*)
    from private.person_days d join public.users u on u.id = d.user_id
    left join lateral (select day from private.person_days where user_id = d.user_id and day < p_day
      order by day desc limit 1) b on true
    where d.day = p_day group by 2, 3;
end $function$;

CREATE OR REPLACE FUNCTION private.build_month(p_month date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_begin timestamptz := p_month::timestamp at time zone 'utc';
  v_end timestamptz := (p_month + interval '1 month') at time zone 'utc';
  v_name text;
begin
  for v_name in select name from private.sums() loop
    execute format('delete from private.%I where grain = ''month'' and at = $1', v_name) using v_begin;
    perform private.add_figures(v_name, format('select * from private.%I where grain = ''day'' and at >= %L and at < %L',
      v_name, v_begin, v_end), null, null, null, null, null, null, '{month}');
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION private.build_usage_day(p_day date, p_upto xid8)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  delete from private.usage_figures where at >= p_day::timestamp at time zone 'utc' and at < (p_day + 1)::timestamp at time zone 'utc';
  select private.add_usage_figures(array(select h from private.figures_of_usage_of_day(p_day, p_upto) h))
$function$;

CREATE OR REPLACE FUNCTION private.burn_credits(p_account public.accounts, c public.credit_periods, r public.credit_rules, p_units numeric, p_pieces numeric, p_credits bigint, p_user_id uuid, p_meta jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_id uuid := gen_random_uuid();
  v_left bigint := least(p_credits, private.free_amount(p_account));
begin
  if v_left > 0 then
    perform private.take_from_grants(p_account.id, v_left, 'use', 'credits:' || v_id);
  end if;
  if p_credits > v_left then
    perform private.post(p_account.id, null, 'use', v_left - p_credits, 'credits:' || v_id || ':beyond');
  end if;
  perform private.record_usage(array[row(now(), p_user_id, p_account.tenant_id, null, 'credit_event', null, null, null, null,
      p_pieces, p_meta, 'credits:' || v_id, true)::private.usage_entry], null,
    row(c.subscription_id, r.event_type, p_units, p_credits, r.id, r.piece)::private.credit_entry);
  insert into public.credit_days as d (tenant_id, day, event_type, events, units, credits)
    values (p_account.tenant_id, (now() at time zone 'utc')::date, r.event_type, 1, p_units, p_credits)
    on conflict (tenant_id, day, event_type) do update set events = d.events + 1, units = d.units + excluded.units,
      credits = d.credits + excluded.credits;
  update public.credit_periods set used = used + p_credits where subscription_id = c.subscription_id and period_start = c.period_start;
end $function$;

CREATE OR REPLACE FUNCTION private.call_answer(h public.holds, p_free bigint, p_live_calls integer)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_build_object('status', 'open', 'call_id', h.id, 'epoch', h.epoch, 'granted_seconds', h.amount,
    'used_ms', h.used_ms, 'restored_ms', h.restored_ms, 'free_seconds', p_free, 'live_calls', p_live_calls,
    'final', p_free = 0)
$function$;

CREATE OR REPLACE FUNCTION private.call_seen(c public.calls)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('call_id', c.id, 'tenant_id', c.tenant_id, 'opened_at', private.utc_text(c.opened_at),
    'ended_at', private.utc_text(c.ended_at), 'status', c.status, 'end_reason', c.end_reason, 'charged_seconds', c.charged_seconds,
    'receipt_number', (c.receipt ->> 'number')::int, 'turns', c.turns, 'latency_p50_ms', c.latency_p50_ms, 'quality', c.quality)
$function$;

CREATE OR REPLACE FUNCTION private.calls_of(p_account_id uuid)
 RETURNS SETOF public.calls
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select * from public.calls where user_id = p_account_id and tenant_id is null
  union all
  select * from public.calls where tenant_id = p_account_id
$function$;

CREATE OR REPLACE FUNCTION private.card_lines(p_lines jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('card_id', line -> 'grant_id', 'source', line -> 'source',
      'seconds', line -> 'amount', 'bonus_seconds', line -> 'bonus', 'remaining_seconds', line -> 'remaining')
    order by position), '[]')
  from jsonb_array_elements(p_lines) with ordinality as l (line, position)
$function$;

CREATE OR REPLACE FUNCTION private.cents_for(p_count bigint, p_micros bigint, p_currency text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select coalesce(round(p_count::numeric * p_micros / private.micros_of_smallest_unit(p_currency)), 0)::bigint
$function$;

CREATE OR REPLACE FUNCTION private.cents_text(p_cents bigint, p_currency text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select trim(to_char(p_cents * m / 1000000, case m when 1000000 then '999,999,999,999,990' when 1000 then '999,999,999,999,990.000'
    else '999,999,999,999,990.00' end))
  from private.micros_of_smallest_unit(p_currency) m
$function$;

CREATE OR REPLACE FUNCTION private.check_zone()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform now() at time zone new.zone;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.claim_event(p_event_id text, p_type text, p_intent_id text, p_outcome text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if p_event_id is null then
    return true;
  end if;
  insert into public.stripe_events (id, type, payment_intent_id, outcome, status)
    values (p_event_id, p_type, p_intent_id, p_outcome, 'received')
    on conflict (id) do update set outcome = excluded.outcome, payment_intent_id = excluded.payment_intent_id
    where stripe_events.status in ('received', 'parked');
  return found;
end $function$;

CREATE OR REPLACE FUNCTION private.claim_transfer(p_verification private.payment_verifications, p_candidates jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.close_calls(p_user_id uuid, p_but_call_id uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into private.remembered_calls (call_id)
  select id from public.calls
    where user_id = p_user_id and id is distinct from p_but_call_id
      and (status = 'open' or ended_at > now() - interval '1 hour')
    order by id
  on conflict do nothing
$function$;

CREATE OR REPLACE FUNCTION private.close_credit_periods(p_account public.accounts, p_before timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  c public.credit_periods;
  v_debt bigint;
begin
  for c in select * from public.credit_periods where tenant_id = p_account.tenant_id and closed_at is null and period_start < p_before
    order by period_start, subscription_id for update
  loop
    select debt into v_debt from public.accounts where id = p_account.id;
    c.unpaid := least(v_debt, private.credits_ahead(c));
    c.overage := v_debt - c.unpaid;
    c.period_end := coalesce(c.period_end, p_before);
    if c.overage > 0 then
      perform private.post(p_account.id, null, 'debt_payment', c.overage, format('billed:%s:%s', c.subscription_id, private.utc_text(c.period_start)));
    end if;
    if c.unpaid > 0 then
      perform private.post(p_account.id, null, 'restore', c.unpaid, format('unpaid:%s:%s', c.subscription_id, private.utc_text(c.period_start)));
    end if;
    update public.credit_periods set period_end = c.period_end, overage = c.overage, unpaid = c.unpaid, closed_at = now(),
        usage = private.usage_of_period(c, c.overage, null) || jsonb_build_object('is_final', true)
      where subscription_id = c.subscription_id and period_start = c.period_start;
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION private.columns_of_figures(p_table text, OUT keys text[], OUT sums text[])
 RETURNS record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(array_agg(a.attname::text order by a.attnum) filter (where k.is_key and a.attname not in ('grain', 'at')), '{}'),
    array_agg(a.attname::text order by a.attnum) filter (where not k.is_key)
  from pg_catalog.pg_attribute a
  cross join lateral (select exists (select from pg_catalog.pg_index i where i.indrelid = a.attrelid and i.indisprimary
    and a.attnum = any (i.indkey::int2[])) as is_key) k
  where a.attrelid = format('private.%I', p_table)::regclass and a.attnum > 0 and not a.attisdropped
$function$;

CREATE OR REPLACE FUNCTION private.conversation_calls(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(to_jsonb(c) order by c.opened_at), '[]') from (
    select id as call_id, private.utc_text(opened_at) as opened_at, turns, interruptions, latency_p50_ms,
      latency_p95_ms, quality
    from public.calls where user_id = p_user_id and status = 'settled' and turns is not null
    order by calls.opened_at desc limit 30) c
$function$;

CREATE OR REPLACE FUNCTION private.conversation_totals(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('measured_calls', count(*), 'turns', coalesce(sum(turns), 0),
    'interruptions', coalesce(sum(interruptions), 0),
    'latency_p50_ms', round(percentile_cont(0.5) within group (order by latency_p50_ms))::int,
    'quality', round(avg(quality))::int)
  from public.calls where user_id = p_user_id and status = 'settled' and turns is not null
$function$;

CREATE OR REPLACE FUNCTION private.cosine_similarity(a real[], b real[])
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE STRICT
 SET search_path TO ''
AS $function$select sum(x::float8 * y) / nullif(sqrt(sum(x::float8 * x)) * sqrt(sum(y::float8 * y)), 0) from unnest(a, b) t (x, y)$function$;

CREATE OR REPLACE FUNCTION private.count_failed_address(p_address_hash text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into public.activation_addresses (address_hash, failed_count, forget_at)
    select p_address_hash, 1, now() + interval '1 hour' where p_address_hash is not null
  on conflict (address_hash) do update set
    failed_count = case when activation_addresses.forget_at <= now() then 1
                        else activation_addresses.failed_count + 1 end,
    forget_at = greatest(activation_addresses.forget_at,
                         case when activation_addresses.forget_at <= now() then excluded.forget_at end)
$function$;

CREATE OR REPLACE FUNCTION private.count_failed_attempt(p_user_id uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into public.activation_attempts (user_id, failed_count, window_started_at) values (p_user_id, 1, now())
  on conflict (user_id) do update set
    failed_count = case when activation_attempts.window_started_at < now() - interval '1 hour' then 1
                        else activation_attempts.failed_count + 1 end,
    window_started_at = case when activation_attempts.window_started_at < now() - interval '1 hour' then now()
                             else activation_attempts.window_started_at end
$function$;

CREATE OR REPLACE FUNCTION private.count_text(p_count numeric)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$ select trim(to_char(p_count, '999,999,999,999,990')) $function$;

CREATE OR REPLACE FUNCTION private.credit_alert(p_tenant_id uuid, p_remaining bigint, p_included bigint)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when p_remaining < 0 then 'OVERAGE'
    when p_remaining <= coalesce((select low_credits from private.credit_settings where tenant_id = p_tenant_id), p_included / 10) then 'LOW' end
$function$;

CREATE OR REPLACE FUNCTION private.credit_grant(p_grant public.grants)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.credit_months(p_tenant_id uuid, p_months integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('month', to_char(m.month, 'YYYY-MM'), 'credits', m.credits, 'events', m.events,
      'by_event_type', m.types) order by m.month desc), '[]')
  from (
    select d.month, sum(d.credits)::bigint as credits, sum(d.events)::bigint as events, jsonb_agg(jsonb_build_object('event_type', d.event_type,
        'unit', (select r.unit from public.credit_rules r where r.event_type = d.event_type order by r.valid_from desc limit 1),
        'units', d.units, 'credits', d.credits, 'events', d.events) order by d.event_type) as types
    from (select date_trunc('month', day)::date as month, event_type, sum(units) as units, sum(credits)::bigint as credits,
        sum(events)::bigint as events
      from public.credit_days where tenant_id = p_tenant_id and day >= date_trunc('month', now() at time zone 'utc')
        - make_interval(months => greatest(0, least(coalesce(p_months, 6), 36) - 1)) group by 1, 2) d
    group by d.month) m
$function$;

CREATE OR REPLACE FUNCTION private.credit_period_now(s public.subscriptions, p_account public.accounts)
 RETURNS public.credit_periods
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  c public.credit_periods;
begin
  select * into c from public.credit_periods where subscription_id = s.id and period_start <= now() order by period_start desc limit 1;
  -- What follows a trial begins when Stripe says so: until then it would be noted as another trial.
  if c.period_end <= now() and s.status <> 'trialing' then
    perform private.note_credit_period(s, c.period_end, null);
    select * into c from public.credit_periods where subscription_id = s.id and period_start = c.period_end;
  end if;
  if c.period_start is not null and exists (select from public.credit_periods where tenant_id = p_account.tenant_id and closed_at is null
      and period_start < c.period_start) then
    perform private.close_credit_periods(p_account, c.period_start);
  end if;
  return c;
end $function$;

CREATE OR REPLACE FUNCTION private.credit_subscription(p_tenant_id uuid)
 RETURNS public.subscriptions
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select s from public.subscriptions s join public.plans p on p.id = s.plan_id and p.kind = 'credits'
  where s.tenant_id = p_tenant_id and s.status in ('trialing', 'active', 'past_due') and (s.cancel_at <= now()) is not true
  order by s.status = 'past_due', s.current_period_end desc nulls last, s.id limit 1
$function$;

CREATE OR REPLACE FUNCTION private.credit_wallet(p_account_id uuid, p_source text, p_amount bigint, p_key text)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.credits_ahead(c public.credit_periods)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select case when c.is_trial or c.subscription_id is null then 0 else greatest(0, c.included - c.granted) end
$function$;

CREATE OR REPLACE FUNCTION private.credits_of_trial(p_included bigint, p_start timestamp with time zone, p_end timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select least(p_included, floor(p_included * extract(epoch from p_end - p_start) / 2592000))::bigint
$function$;

CREATE OR REPLACE FUNCTION private.day_of(p_at timestamp with time zone)
 RETURNS date
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select (p_at at time zone 'utc')::date
$function$;

CREATE OR REPLACE FUNCTION private.days_of_figures(OUT first_day date, OUT last_day date)
 RETURNS record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.day_of(least((select min(at) from private.call_figures where grain = 'day'),
      (select min(at) from private.time_figures where grain = 'day'), (select min(at) from private.people_figures where grain = 'day'))),
    private.day_of(now())
$function$;

CREATE OR REPLACE FUNCTION private.decide_auto_top_up(p_user_id uuid)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_account public.accounts := private.lock_account(p_user_id);
  v_setting private.auto_top_ups;
  v_tier public.pricing_tiers;
  v_charge_id uuid := gen_random_uuid();
  v_begun jsonb;
begin
  select * into v_setting from private.auto_top_ups where user_id = p_user_id for update;
  if v_setting.status is distinct from 'active' then
    return coalesce(v_setting.status, 'not_set');
  elsif exists (select from private.auto_top_up_charges where user_id = p_user_id and status = 'in_flight') then
    return 'in_flight';
  end if;
  select * into v_tier from public.pricing_tiers where id = v_setting.package_id and active;
  if not private.is_as_consented(v_setting, v_tier) then
    perform private.stop_auto_top_up(p_user_id, 'terms_changed');
    return 'terms_changed';
  elsif not private.is_low(v_setting, private.free_amount(v_account)) then
    return 'enough_time';
  elsif v_account.debt > 0 then
    -- A package would pay what is owed and lift nothing: nobody agreed to that.
    return 'owes_time';
  elsif private.auto_topped_up_cents(p_user_id, v_setting.currency) + v_setting.price_cents > v_setting.monthly_cap_cents then
    return 'over_cap';
  end if;
  v_begun := public.begin_purchase(p_user_id, v_setting.package_id, 'me', 'auto_top_up:' || v_charge_id);
  -- The catalogue may have changed since it was read above.
  if (v_begun ->> 'status' = 'ready' and (v_begun -> 'purchase' ->> 'amount_cents')::int = v_setting.price_cents
      and v_begun -> 'purchase' ->> 'currency' = v_setting.currency
      and (v_begun -> 'purchase' ->> 'paid_seconds')::int + (v_begun -> 'purchase' ->> 'bonus_seconds')::int
        = v_setting.package_seconds) is not true then
    raise exception 'automatic top-up of %: the purchase is not the one decided about', p_user_id;
  end if;
  insert into private.auto_top_up_charges (id, user_id, purchase_id, payment_method_id, amount_cents, currency, consent)
    values (v_charge_id, p_user_id, (v_begun -> 'purchase' ->> 'id')::uuid, v_setting.payment_method_id,
      v_setting.price_cents, v_setting.currency, v_setting.consents);
  perform private.enqueue('auto_top_up', 'auto_top_up:' || v_charge_id, jsonb_build_object('charge_id', v_charge_id));
  return 'begun';
end $function$;

CREATE OR REPLACE FUNCTION private.deducted_by_day(p_user_id uuid)
 RETURNS TABLE(used_on date, seconds bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select (created_at at time zone 'utc')::date, -sum(amount)::bigint from public.ledger
  where account_id = p_user_id and unit = 'second' and reason = 'use' and call_id is null group by 1
$function$;

CREATE OR REPLACE FUNCTION private.delivery_time(p_day date, p_time_zone text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  v_at timestamptz;
begin
  v_at := (p_day + time '09:00') at time zone p_time_zone;
  return case when v_at > now() and v_at <= now() + interval '366 days' then v_at end;
exception when invalid_parameter_value or datetime_field_overflow then
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.describe_api_allowance(a private.api_allowances)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('plan_id', a.plan_id, 'limit', a.quota, 'remaining', case when a.quota is not null then greatest(0, a.quota - a.used) end,
    'period_start', private.utc_text(a.period_start), 'resets_at', private.utc_text(a.period_end),
    'resets_in', greatest(1, ceil(extract(epoch from a.period_end - now()))::bigint),
    'window', extract(epoch from a.period_end - a.period_start)::bigint,
    'per_minute', a.per_minute,
    'remaining_in_minute', case when a.minute_at = date_trunc('minute', now()) then greatest(0, a.per_minute - a.minute_used) else a.per_minute end,
    'minute_resets_in', greatest(1, ceil(extract(epoch from date_trunc('minute', now()) + interval '1 minute' - now()))::int))
$function$;

CREATE OR REPLACE FUNCTION private.describe_api_key(k public.api_keys)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('id', k.id, 'name', k.name, 'preview', k.prefix || '…' || k.last4, 'scopes', to_jsonb(k.scopes),
    'state', case when k.revoked_at is not null then 'revoked' when not private.holds_now(k) then 'over'
      when k.rotated_to is not null then 'rotated' else 'live' end,
    'created_by', k.created_by, 'creator_left', private.role_in(k.created_by, k.tenant_id) is null,
    'created_at', private.utc_text(k.created_at), 'expires_at', private.utc_text(k.expires_at),
    'rotated_to', k.rotated_to, 'grace_until', private.utc_text(k.grace_until), 'revoked_at', private.utc_text(k.revoked_at),
    'last_used_at', private.utc_text(k.last_used_at))
$function$;

CREATE OR REPLACE FUNCTION private.describe_batch(p public.code_batches)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('id', p.id, 'kind', p.kind, 'package_id', p.package_id, 'seconds', p.seconds,
    'count', p.count, 'usable_until', p.usable_until, 'note', p.note, 'operator_id', p.operator_id,
    'created_at', p.created_at, 'exported_at', p.exported_at, 'exported_by', p.exported_by,
    'revoked_at', p.revoked_at,
    'activated', count(*) filter (where c.account_id is not null),
    'revoked', count(*) filter (where c.status = 'revoked'),
    'waiting', count(*) filter (where c.status = 'unactivated' and p.usable_until > now()),
    'lapsed', count(*) filter (where c.status = 'unactivated' and p.usable_until <= now()))
  from public.code_batch_cards b join public.grants c on c.id = b.card_id where b.batch_id = p.id
$function$;

CREATE OR REPLACE FUNCTION private.describe_execution(e public.api_executions, p_repeated boolean)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('status', e.status, 'execution_id', e.id, 'product_id', e.product_id, 'version', e.version,
    'outcome', e.outcome, 'price_micros', e.price_micros, 'charged_micros', e.charged_micros, 'http_status', e.http_status,
    'bytes', e.bytes, 'took_ms', e.took_ms, 'result', e.result, 'repeated', p_repeated,
    'fee_micros', h.fee + h.remainder, 'share_micros', h.share, 'refunded_micros', h.refunded)
  from (select) one left join public.wallet_holds h on h.id = e.hold_id
$function$;

CREATE OR REPLACE FUNCTION private.describe_gainshare(r public.gainshare_runs)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('gainshare_run_id', r.id, 'tenant_id', r.tenant_id, 'period_start', r.period_start, 'period_end', r.period_end,
    'currency', r.currency, 'calculated_savings_cents', r.savings_cents, 'fee_cents', r.fee_cents, 'calculated_savings_cad', r.calculated_savings_cad,
    'fee_cad', r.fee_cad, 'share_pct', r.share_pct, 'status', r.status, 'dispute_until', private.utc_text(r.dispute_until),
    'decided_at', private.utc_text(r.decided_at), 'reason', r.reason, 'invoice_id', r.invoice_id, 'snapshot_hash', r.snapshot_hash,
    'chain', r.snapshot ->> 'chain', 'created_at', private.utc_text(r.created_at),
    'savings_breakdown', (select jsonb_object_agg(m ->> 'metric', m - 'metric') from jsonb_array_elements(r.snapshot -> 'metrics') m),
    'acts', (select jsonb_agg(jsonb_build_object('act', a.act, 'at', private.utc_text(a.at), 'actor_id', a.actor_id, 'reason', a.reason) order by a.id)
      from public.gainshare_acts a where a.run_id = r.id))
$function$;

CREATE OR REPLACE FUNCTION private.describe_invitation(i public.tenant_invitations)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('id', i.id, 'email', i.email, 'role', i.role, 'created_at', private.utc_text(i.created_at),
    'expires_at', private.utc_text(i.expires_at), 'status', case when i.accepted_at is not null then 'accepted'
      when i.revoked_at is not null then 'revoked' when i.expires_at <= now() then 'expired' else 'waiting' end)
$function$;

CREATE OR REPLACE FUNCTION private.describe_invoice(i public.billing_invoices)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('id', i.id, 'subscription_id', i.subscription_id, 'number', i.number, 'status', i.status, 'billing_reason', i.billing_reason,
    'period_start', private.utc_text(i.period_start), 'period_end', private.utc_text(i.period_end), 'currency', i.currency,
    'subtotal_cents', i.subtotal_cents, 'tax_cents', i.tax_cents, 'total_cents', i.total_cents, 'amount_due_cents', i.amount_due_cents,
    'amount_paid_cents', i.amount_paid_cents, 'credited_cents', i.credited_cents,
    'breakdown', jsonb_build_object('base_cents', i.base_cents, 'assets_cents', i.assets_cents, 'credits_cents', i.credits_cents,
      'gainshare_cents', i.gainshare_cents, 'other_cents', i.other_cents, 'lines', i.breakdown),
    'hosted_url', i.hosted_url, 'pdf_url', i.pdf_url, 'attempt_count', i.attempt_count, 'next_attempt_at', private.utc_text(i.next_attempt_at),
    'created_at', private.utc_text(i.created_at), 'finalized_at', private.utc_text(i.finalized_at), 'paid_at', private.utc_text(i.paid_at))
$function$;

CREATE OR REPLACE FUNCTION private.describe_product(p public.api_products)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('id', p.id, 'seller_id', p.seller_id, 'tenant_id', p.tenant_id, 'name', p.name, 'title', p.title,
    'description', p.description, 'category', p.category, 'version', p.version, 'status', p.status, 'price_micros', p.price_micros,
    'price_per_call', p.price_per_call, 'api_endpoint', p.api_endpoint, 'method', p.method, 'parameters', p.parameters, 'places', p.places,
    'response_schema', p.response_schema, 'headers', p.headers, 'speech', p.speech, 'rate_per_minute', p.rate_per_minute,
    'timeout_ms', p.timeout_ms, 'max_bytes', p.max_bytes, 'charges_client_errors', p.charges_client_errors, 'is_spoken', p.is_spoken)
$function$;

CREATE OR REPLACE FUNCTION private.describe_rating(r private.call_ratings)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_build_object('call_id', r.call_id, 'score', r.score, 'words', r.words,
    'rated_at', private.utc_text(r.rated_at), 'changeable_until', private.utc_text(r.rated_at + interval '1 day'))
$function$;

CREATE OR REPLACE FUNCTION private.describe_request(r private.support_requests)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('id', r.id, 'about', r.about, 'about_id', r.about_id, 'message', r.message, 'status', r.status,
    'answer', r.answer, 'created_at', private.utc_text(r.created_at), 'answered_at', private.utc_text(r.answered_at),
    'closed_at', private.utc_text(r.closed_at))
$function$;

CREATE OR REPLACE FUNCTION private.describe_tenant(t public.tenants, p_role text)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('id', t.id, 'name', t.name, 'role', p_role, 'plan_id', t.plan_id,
    'created_at', private.utc_text(t.created_at), 'closed_at', private.utc_text(t.closed_at),
    'balance_seconds', a.balance, 'held_seconds', h.held, 'live_calls', h.calls,
    'members', (select count(*) from public.tenant_members where tenant_id = t.id),
    'billing_email', case when p_role in ('owner', 'billing') then t.billing_email end,
    'debt_seconds', case when p_role in ('owner', 'billing') then a.debt end)
  from public.accounts a
  cross join lateral (select coalesce(sum(amount - restored_ms / 1000), 0)::bigint as held, count(*) as calls
    from public.holds where account_id = a.id) h
  where a.id = t.id
$function$;

CREATE OR REPLACE FUNCTION private.describe_wallet_hold(h public.wallet_holds, p_repeated boolean DEFAULT false)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_build_object('status', h.status, 'hold_id', h.id, 'held_micros', h.amount, 'charged_micros', h.charged,
    'share_micros', h.share, 'fee_micros', h.fee, 'remainder_micros', h.remainder, 'refunded_micros', h.refunded,
    'repeated', p_repeated)
$function$;

CREATE OR REPLACE FUNCTION private.do_again(p_kind text, p_id uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update pgboss.job set state = 'retry', retry_count = 0, started_on = null, completed_on = null, output = null,
    start_after = now(), keep_until = now() + (select make_interval(secs => retention_seconds) from pgboss.queue where name = p_kind)
    where name = p_kind and id = p_id;
  select pg_notify(private.queue_channel(), p_kind);
$function$;
comment on function private.do_again(text,uuid) is 'Takes a job up again that has come to an end, with all its attempts.';

CREATE OR REPLACE FUNCTION private.earn(p_account_id uuid, p_amount bigint, p_reason text, p_key text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, activated_at, expires_at)
    values (p_account_id, p_account_id, 'micro_usd', 'earned', 'exhausted', 0, 0, 0, now(), private.wallet_end())
    on conflict do nothing;
  update public.grants set bonus = bonus + p_amount where id = p_account_id;
  perform private.post(p_account_id, p_account_id, p_reason, p_amount, p_key);
  if (private.lock_account(p_account_id)).debt > 0 then
    perform private.pay_debt(p_account_id);
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.earned_micros_per_second(p public.purchases)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select case when p.status = 'succeeded' and m.paid > 0 then
    case when private.money_currency(p) = p.currency then least(p.amount_cents, m.paid) else m.paid end
      * private.micros_of_smallest_unit(private.money_currency(p))
      * greatest(0, m.paid - p.refunded_cents - p.lost_cents) / m.paid / (p.paid_seconds + p.bonus_seconds)
    else 0 end
  from (select coalesce(p.received_cents, p.amount_cents) as paid) m
$function$;

CREATE OR REPLACE FUNCTION private.embedding_of(p_embedding jsonb)
 RETURNS real[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select case when private.is_embedding(numbers) then numbers end
  from (select array_agg(case when abs(x::numeric) < 1e-30 then 0 when abs(x::numeric) < 1e30 then x::real end order by n)
    from jsonb_array_elements_text(case when jsonb_typeof(p_embedding) = 'array' then p_embedding else '[]' end)
      with ordinality e (x, n)) e (numbers)
$function$;

CREATE OR REPLACE FUNCTION private.end_calls_of(p_user_id uuid, p_tenant_id uuid DEFAULT NULL::uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.enqueue('end_call', 'end_call:' || id, jsonb_build_object('call_id', id)) from public.calls
    where user_id = p_user_id and status = 'open' and (p_tenant_id is null or tenant_id = p_tenant_id)
$function$;

CREATE OR REPLACE FUNCTION private.end_charge(p_charge private.auto_top_up_charges, p_status text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_setting private.auto_top_ups;
  v_reason text;
begin
  -- Once Stripe was asked, only Stripe's answer ends it: asked of the row, which may have been claimed a moment ago.
  update private.auto_top_up_charges set status = p_status
    where id = p_charge.id and status = 'in_flight' and (p_status <> 'canceled' or tried_at is null);
  if not found then
    return;
  end if;
  update private.auto_top_ups
    set consecutive_declines = case p_status when 'declined' then consecutive_declines + 1 when 'succeeded' then 0
          else consecutive_declines end,
        updated_at = now()
    -- A charge under older terms says nothing about the card of the newer ones.
    where user_id = p_charge.user_id and consents = p_charge.consent returning * into v_setting;
  v_reason := case when p_status = 'review' then 'review'
    when p_status = 'declined' and v_setting.consecutive_declines >= 2 then 'declined' end;
  if v_reason is not null and v_setting.status = 'active' then
    perform private.stop_auto_top_up(p_charge.user_id, v_reason);
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.end_execution(e public.api_executions, p_outcome text, p_http_status integer, p_bytes bigint, p_took_ms integer, p_result jsonb)
 RETURNS public.api_executions
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_outcome text := p_outcome;
  v_charge bigint := 0;
  v_answer jsonb;
begin
  if p_outcome = 'ok' or p_outcome = 'client_error' and (select (described ->> 'charges_client_errors')::boolean
      from public.api_product_versions where product_id = e.product_id and version = e.version) then
    v_charge := e.price_micros;
  end if;
  if e.hold_id is not null then
    v_answer := case when v_charge > 0 then private.settle_micros(e.hold_id, v_charge) else private.release_micros(e.hold_id) end;
    if v_charge > 0 and v_answer ->> 'status' is distinct from 'settled' then
      -- What was promised was free again before the answer came: nobody pays for it, and it is not handed over.
      v_outcome := 'lost';
      v_charge := 0;
    end if;
  end if;
  update public.api_executions
    set status = case v_outcome when 'ok' then 'succeeded' else 'failed' end, outcome = v_outcome, charged_micros = v_charge,
        http_status = p_http_status, bytes = p_bytes, took_ms = p_took_ms, ended_at = now(),
        result = case when v_outcome = 'ok' and pg_column_size(p_result) <= 65536 then p_result end
    where id = e.id returning * into e;
  if v_charge > 0 then
    insert into public.autonomous_revenue (agent_id, task_id, api_product_id, seller_id, hold_id, amount_micros, platform_fee_micros,
        seller_share_micros, revenue_source, status, key)
      select e.agent_id, e.task_id, e.product_id, p.seller_id, h.id, h.charged, h.fee + h.remainder, h.share, 'api_calls', 'collected',
        'execution:' || e.id
      from public.wallet_holds h, public.api_products p where h.id = e.hold_id and p.id = e.product_id;
  end if;
  return e;
end $function$;

CREATE OR REPLACE FUNCTION private.end_of_batch(p_from xid8, p_limit integer)
 RETURNS xid8
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_upto xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_source text;
  v_xid xid8;
begin
  foreach v_source in array array['private.settled_calls', 'public.ledger', 'private.money_changes', 'private.people_changes',
    'private.event_changes'] loop
    execute format('select xid from %s where xid >= $1 and xid < $2 order by xid offset $3 limit 1', v_source)
      into v_xid using p_from, v_upto, p_limit;
    if v_xid = p_from then
      execute format('select xid from %s where xid > $1 and xid < $2 order by xid limit 1', v_source)
        into v_xid using p_from, v_upto;
    end if;
    v_upto := least(v_upto, coalesce(v_xid, v_upto));
  end loop;
  return v_upto;
end $function$;

CREATE OR REPLACE FUNCTION private.end_of_revenue_batch(p_from xid8, p_limit integer)
 RETURNS xid8
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_upto xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_xid xid8;
begin
  select xid into v_xid from public.autonomous_revenue where xid >= p_from and xid < v_upto order by xid offset p_limit limit 1;
  if v_xid = p_from then
    select xid into v_xid from public.autonomous_revenue where xid > p_from and xid < v_upto order by xid limit 1;
  end if;
  return coalesce(v_xid, v_upto);
end $function$;

CREATE OR REPLACE FUNCTION private.end_of_usage_batch(p_from xid8, p_limit integer)
 RETURNS xid8
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_upto xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_xid xid8;
begin
  select xid into v_xid from public.usage_events where xid >= p_from and xid < v_upto order by xid offset p_limit limit 1;
  if v_xid = p_from then
    select xid into v_xid from public.usage_events where xid > p_from and xid < v_upto order by xid limit 1;
  end if;
  return coalesce(v_xid, v_upto);
end $function$;

CREATE OR REPLACE FUNCTION private.end_plan_grants(s public.subscriptions)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_lives boolean := s.status in ('trialing', 'active', 'past_due');
  v_ended record;
begin
  update private.plan_grants set period_end = s.current_period_end
    where v_lives and subscription_id = s.id and period_start = s.current_period_start and period_end <> s.current_period_end;
  update private.plan_grants p set ended_early = true from public.grants g
    where g.id = p.grant_id and not v_lives and p.subscription_id = s.id and g.status = 'active' and g.expires_at > now();
  update public.grants g
    set expires_at = case when v_lives and p.period_start = s.current_period_start then p.period_end else least(g.expires_at, now()) end
    from private.plan_grants p where p.grant_id = g.id and p.subscription_id = s.id and g.status = 'active';
  perform private.expire_grants_of(s.tenant_id);
  for v_ended in
    update private.plan_grants p set ended_early = false
      where p.ended_early and v_lives and p.subscription_id = s.id and p.period_start = s.current_period_start and p.period_end > now()
      returning p.grant_id as id, p.period_end, (select -sum(l.amount) from public.ledger l
        where l.grant_id = p.grant_id and l.reason in ('expire', 'restore')) as seconds
  loop
    if v_ended.seconds > 0 then
      update public.grants set expires_at = v_ended.period_end where id = v_ended.id;
      perform private.post(s.tenant_id, v_ended.id, 'restore', v_ended.seconds::bigint, format('restore:%s:%s', v_ended.id, gen_random_uuid()));
      perform private.pay_debt(s.tenant_id);
    end if;
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION private.end_task(t public.brain_tasks, a public.autonomous_agents, p_status text, p_charged bigint, p_result jsonb, p_error text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_ok boolean := p_status = 'completed';
  -- A worker that died may have been charged: what the books say counts, whoever tells of the end.
  v_charged bigint := greatest(p_charged, (select coalesce(sum(r.amount_micros), 0) from public.autonomous_revenue r
    where r.task_id = t.id and r.amount_micros > 0));
begin
  if v_charged > t.reserved_micros then
    perform public.note_finding('task_charged_too_much', t.id::text, format('The task cost %s millionths of a dollar, and %s were '
      'reserved of its agent''s budget.', v_charged, t.reserved_micros));
    v_charged := t.reserved_micros;
  end if;
  update public.brain_tasks set status = p_status, charged_micros = v_charged, result = p_result, error = left(p_error, 1000), lost_at = null,
      ended_at = clock_timestamp(), updated_at = now() where id = t.id;
  update public.agent_budgets set reserved_micros = reserved_micros - t.reserved_micros, spent_micros = spent_micros + v_charged
    where agent_id = t.assigned_agent and day = t.budget_day;
  update public.autonomous_agents g set running_tasks = g.running_tasks - 1,
      status = case when g.status = 'active' and g.running_tasks = 1 then 'idle' else g.status end,
      current_task_id = case when g.current_task_id = t.id then (select b.id from public.brain_tasks b
        where b.assigned_agent = g.id and b.status in ('assigned', 'running') and b.id <> t.id order by b.created_at desc limit 1)
        else g.current_task_id end,
      last_active_at = clock_timestamp(), updated_at = now()
    where g.id = a.id;
  if p_status <> 'canceled' then
    update public.autonomous_agents g set
        decayed_successes = g.decayed_successes * 0.98 + v_ok::int, decayed_tasks = g.decayed_tasks * 0.98 + 1,
        success_rate = round(((g.decayed_successes * 0.98 + v_ok::int) / (g.decayed_tasks * 0.98 + 1))::numeric, 5),
        -- Half of it is trust from before, which the first ten tasks or so replace.
        performance_score = round(((g.decayed_successes * 0.98 + v_ok::int + 2.5) / (g.decayed_tasks * 0.98 + 1 + 5))::numeric, 5),
        total_tasks_completed = g.total_tasks_completed + v_ok::int,
        error_count = g.error_count + (not v_ok)::int, errors_in_a_row = case when v_ok then 0 else g.errors_in_a_row + 1 end,
        last_error = case when v_ok then g.last_error else left(p_error, 1000) end,
        -- It is not given more to fail at, until somebody has a look or an hour is over (optimise_agents).
        status = case when not v_ok and g.errors_in_a_row + 1 >= 5 and g.status in ('idle', 'active') then 'error' else g.status end
      where g.id = a.id;
  end if;
  update public.market_opportunities o set status = case p_status when 'completed' then 'completed'
      -- What was paid for in part is not given to another one, who would be paid for all of it.
      when 'canceled' then case when v_charged > 0 then 'failed' when o.expires_at > now() then 'open' else 'expired' end else 'failed' end, updated_at = clock_timestamp()
    where o.id = t.opportunity_id and o.status = 'assigned';
end $function$;

CREATE OR REPLACE FUNCTION private.end_tool_call(p_id uuid, p_outcome text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  t private.tool_calls;
begin
  delete from private.tool_calls where id = p_id returning * into t;
  if not found then
    return false;
  end if;
  -- Of whose end nobody told, a process of ours has died: nobody pays for that.
  -- It happened when it began: that is the time which a repeat would say, too.
  perform private.record_usage(array[row(t.begun_at, t.user_id, t.tenant_id, null, 'tool_call', t.tool, t.server, null, null, 1,
    jsonb_build_object('outcome', p_outcome), 'tool:' || t.id, p_outcome in ('refused', 'unfinished'))::private.usage_entry]);
  return true;
end $function$;

CREATE OR REPLACE FUNCTION private.enqueue(p_kind text, p_key text, p_payload jsonb, p_due_at timestamp with time zone DEFAULT now())
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if (length(p_key) between 1 and 250) is not true or jsonb_typeof(p_payload) is distinct from 'object' then
    raise exception 'a job has a key of 1 to 250 characters and an object as its payload';
  end if;
  insert into pgboss.job (id, name, data, singleton_key, start_after, keep_until, expire_seconds, deletion_seconds,
    retry_limit, retry_delay, retry_backoff, retry_delay_max, policy, dead_letter, heartbeat_seconds)
  select private.job_id(p_key), q.name, p_payload, p_key, p_due_at, p_due_at + make_interval(secs => q.retention_seconds),
    q.expire_seconds, q.deletion_seconds, q.retry_limit, q.retry_delay, q.retry_backoff, q.retry_delay_max, q.policy,
    q.dead_letter, q.heartbeat_seconds
  from pgboss.queue q where q.name = p_kind
  on conflict do nothing;
  if found then
    -- Heard when this transaction commits, by every replica: the job begins at once, and nobody has to ask for it.
    perform pg_notify(private.queue_channel(), p_kind);
  elsif not exists (select from pgboss.queue where name = p_kind) then
    raise exception 'there is no queue %', p_kind;
  end if;
end $function$;
comment on function private.enqueue(text,text,jsonb,timestamp with time zone) is 'Owes the world an effect, once per key. Call it in the transaction that causes the effect. A payload holds ids only: no address, no code, no secret.';

CREATE OR REPLACE FUNCTION private.expire_grants_of(p_account_id uuid)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
      p_about_grant_id => coalesce(v_grant.part_of, v_grant.id), p_emptied => 'expired');
    v_count := v_count + 1;
  end loop;
  update public.accounts a set first_end = e.first_end
    from (select min(expires_at) as first_end from public.grants where account_id = p_account_id and status = 'active') e
    where a.id = p_account_id and a.first_end is distinct from e.first_end;
  return v_count;
end $function$;

CREATE OR REPLACE FUNCTION private.expire_wallet_holds(p_account_id uuid)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.export_rows(p_user_id uuid, p_part text)
 RETURNS TABLE(at timestamp with time zone, id text, item jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select g.created_at, g.id::text, jsonb_build_object('card_id', g.id, 'package_id', g.package_id, 'source', g.source,
      'status', g.status, 'paid_seconds', g.paid, 'bonus_seconds', g.bonus, 'remaining_seconds', g.remaining,
      'frozen_seconds', g.frozen, 'given_away', g.account_id is distinct from p_user_id, 'created_at', g.created_at,
      'activated_at', g.activated_at, 'expires_at', g.expires_at)
    from public.grants g where p_part = 'cards' and (g.account_id = p_user_id or g.purchaser_id = p_user_id)
  union all
  select l.created_at, lpad(l.id::text, 20, '0'), jsonb_build_object('card_id', l.grant_id, 'about_card_id', l.about_grant_id,
      'call_id', l.call_id, 'reason', l.reason, 'seconds', l.amount, 'created_at', l.created_at)
    from public.ledger l where p_part = 'ledger' and l.account_id = p_user_id
  union all
  select c.opened_at, c.id::text, jsonb_build_object('call_id', c.id, 'status', c.status, 'opened_at', c.opened_at,
      'ended_at', c.ended_at, 'end_reason', c.end_reason, 'charged_seconds', c.charged_seconds, 'tenant_id', c.tenant_id,
      -- What a tenant paid, and what it has left, is in its books.
      'receipt', case when c.tenant_id is null then c.receipt end,
      'turns', c.turns, 'interruptions', c.interruptions, 'latency_p50_ms', c.latency_p50_ms,
      'latency_p95_ms', c.latency_p95_ms, 'quality', c.quality,
      'rating', (select private.describe_rating(r) from private.call_ratings r where r.call_id = c.id))
    from public.calls c where p_part = 'calls' and c.user_id = p_user_id
  union all
  select p.created_at, p.id::text, jsonb_build_object('purchase_id', p.id, 'package_id', p.package_id, 'purpose', p.purpose,
      'status', p.status, 'amount_cents', p.amount_cents, 'currency', p.currency, 'received_cents', p.received_cents,
      'received_currency', private.money_currency(p), 'refunded_cents', p.refunded_cents,
      'disputed_cents', p.disputed_cents, 'lost_cents', p.lost_cents, 'paid_seconds', p.paid_seconds,
      'bonus_seconds', p.bonus_seconds, 'gift_message', p.gift_message, 'gift_recipient', p.gift_recipient,
      'payment_intent_id', p.payment_intent_id, 'card_kept_at', p.card_consent_at, 'created_at', p.created_at,
      'refunds', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'amount_cents', r.amount_cents,
        'status', r.status)), '[]') from public.payment_refunds r where r.purchase_id = p.id))
    from public.purchases p where p_part = 'purchases' and p.user_id = p_user_id and p.tenant_id is null
  union all
  select m.created_at, m.id::text, jsonb_build_object('memory_id', m.id, 'text', m.text, 'kind', m.kind, 'source', m.source,
      'call_id', m.call_id, 'created_at', m.created_at, 'updated_at', m.updated_at)
    from public.caller_memories m where p_part = 'memories' and m.user_id = p_user_id
  union all
  select s.created_at, s.id::text, private.describe_request(s)
    from private.support_requests s where p_part = 'support_requests' and s.user_id = p_user_id
  union all
  select e.occurred_at, lpad(e.id::text, 20, '0'), jsonb_build_object('usage_event_id', e.id, 'occurred_at', e.occurred_at,
      'tenant_id', e.tenant_id, 'call_id', e.call_id, 'kind', e.kind, 'tool', e.tool, 'server', e.server, 'provider', e.provider,
      'model', e.model, 'quantity', e.quantity, 'unit', e.unit, 'price_micros', e.price_micros, 'currency', e.currency,
      'metadata', e.metadata)
    from public.usage_events e where p_part = 'usage' and e.user_id = p_user_id
$function$;

CREATE OR REPLACE FUNCTION private.extend_hold(h public.holds)
 RETURNS public.holds
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.figures_of_activity(p_calls uuid[])
 RETURNS SETOF private.active_people
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with fresh as materialized (
    select distinct c.user_id, (c.opened_at at time zone 'utc')::date as day from public.calls c where c.id = any (p_calls)
    except select d.user_id, d.day from private.person_days d
      where d.user_id in (select user_id from public.calls where id = any (p_calls))),
  days as (
    select user_id, day, false as is_fresh from private.person_days where user_id in (select user_id from fresh)
    union all select user_id, day, true from fresh),
  gaps as (
    select user_id, day, lag(day, 1, '-infinity') over (partition by user_id order by day) as previous_day, 1 as people from days
    union all
    select user_id, day, lag(day, 1, '-infinity') over (partition by user_id order by day), -1 from days where not is_fresh)
  select g.day, g.previous_day, date_trunc('month', u.created_at at time zone 'utc')::date, sum(g.people)::bigint
  from gaps g join public.users u on u.id = g.user_id group by 1, 2, 3 having sum(g.people) <> 0
$function$;

CREATE OR REPLACE FUNCTION private.figures_of_calls(p_calls uuid[])
 RETURNS SETOF private.call_figures
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'hour', date_trunc('hour', c.opened_at, 'utc'), coalesce(left(c.measures ->> 'version', 100), ''), count(*), count(c.turns),
    coalesce(sum(c.charged_seconds), 0)::bigint, coalesce(sum(c.turns), 0)::bigint,
    sum((case when jsonb_typeof(c.measures -> 'unanswered_turns') = 'number' then greatest(0, least((c.measures -> 'unanswered_turns' #>> '{}')::numeric, 1000000000))::bigint else 0 end))::bigint,
    coalesce(sum(c.interruptions), 0)::bigint,
    sum((case when jsonb_typeof(c.measures -> 'false_interruptions') = 'number' then greatest(0, least((c.measures -> 'false_interruptions' #>> '{}')::numeric, 1000000000))::bigint else 0 end))::bigint,
    coalesce(sum(c.errors), 0)::bigint,
    coalesce(sum(c.quality), 0)::bigint, count(c.quality), coalesce(sum(c.provider_cost_micros), 0)::bigint,
    count(*) filter (where c.provider_cost_micros is null or c.measures -> 'unpriced' <> '[]')
  from public.calls c where c.id = any (p_calls) group by 2, 3
$function$;

CREATE OR REPLACE FUNCTION private.figures_of_day(p_day date)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_name text;
  v_rows jsonb;
  v_all jsonb := jsonb_build_object();
begin
  for v_name in select name from private.sums() loop
    execute format('select coalesce(jsonb_agg(to_jsonb(f) order by f::text), ''[]'') from private.%I f
      where (f.grain in (''hour'', ''day'') and f.at >= $1 and f.at < $2 or f.grain = ''month'' and f.at = date_trunc(''month'', $1, ''utc''))
        and (%s)', v_name,
      (select string_agg(format('f.%I <> 0', s), ' or ') from private.columns_of_figures(v_name) c, unnest(c.sums) s))
      into v_rows using p_day::timestamp at time zone 'utc', (p_day + 1)::timestamp at time zone 'utc';
    v_all := v_all || jsonb_build_object(v_name, v_rows);
  end loop;
  return v_all || jsonb_build_object('active_people', (select coalesce(jsonb_agg(to_jsonb(a) order by a.previous_day, a.cohort), '[]')
    from private.active_people a where a.day = p_day and a.people <> 0));
end $function$;

CREATE OR REPLACE FUNCTION private.figures_of_earnings(p_entries bigint[], p_changes bigint[], p_from xid8, p_upto xid8)
 RETURNS SETOF private.earning_figures
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with new_seconds as (
    select l.call_id, l.created_at, l.reason, r.currency, -l.amount * r.rate as micros
    from public.ledger l join public.grants g on g.id = l.grant_id
    cross join lateral (select m.currency, sum(m.micros_per_second) as rate from private.money_changes m
      where m.purchase_id = coalesce(g.part_of, g.id) and (m.xid is null or p_upto is null or m.xid < p_upto)
      group by m.currency) r
    where l.id = any (p_entries) and l.reason in ('use', 'expire') and l.unit = 'second'),
  new_rates as (
    select l.call_id, l.created_at, l.reason, m.currency, -l.amount * m.rate as micros
    from (select purchase_id, currency, sum(micros_per_second) as rate from private.money_changes
      where id = any (p_changes) group by 1, 2 having sum(micros_per_second) <> 0) m
    cross join lateral (select id from public.grants where id = m.purchase_id
      union all select id from public.grants where part_of = m.purchase_id) g
    join public.ledger l on l.grant_id = g.id and l.reason in ('use', 'expire') and l.unit = 'second'
      and (l.xid is null or l.xid < p_from))
  select 'hour', private.hour_of(coalesce(c.opened_at, e.created_at)), e.reason, e.currency, sum(e.micros)
  from (select * from new_seconds union all select * from new_rates) e left join public.calls c on c.id = e.call_id
  group by 2, 3, 4
$function$;

CREATE OR REPLACE FUNCTION private.figures_of_events(p_calls uuid[], p_changes bigint[], p_from xid8, p_upto xid8)
 RETURNS SETOF private.event_figures
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'hour', kind, private.hour_of(at), name, version, sum(events)::bigint, sum(total)::bigint from (
    select kind, at, name, version, events, total from private.event_changes
      where xid >= p_from and (p_upto is null or xid < p_upto)
    union all
    select 'trial', t.claimed_at, n.name, '', 1, 0 from private.trials_of(p_calls, p_changes) t
      cross join lateral (values ('talked', t.talks), ('bought', t.buys)) n (name, is_new) where n.is_new) e
  group by kind, 3, name, version
$function$;

CREATE OR REPLACE FUNCTION private.figures_of_failures(p_calls uuid[])
 RETURNS SETOF private.failure_figures
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'hour', at, source, sum(failures)::bigint from (
    select date_trunc('hour', c.opened_at, 'utc') as at, left(f.key, 150) as source, (case when jsonb_typeof(f.value) = 'number' then greatest(0, least((f.value #>> '{}')::numeric, 1000000000))::bigint else 0 end) as failures
    from public.calls c cross join lateral jsonb_each(case jsonb_typeof(c.measures -> 'errors_by_provider')
      when 'object' then c.measures -> 'errors_by_provider' else '{}' end) f where c.id = any (p_calls)
    union all
    select date_trunc('hour', c.opened_at, 'utc'), 'unpriced:' || left(model, 140), 1
    from public.calls c cross join lateral jsonb_array_elements_text(case jsonb_typeof(c.measures -> 'unpriced')
      when 'array' then c.measures -> 'unpriced' else '[]' end) model where c.id = any (p_calls)) f
  where failures > 0 group by at, source
$function$;

CREATE OR REPLACE FUNCTION private.figures_of_money(p_changes bigint[])
 RETURNS SETOF private.money_figures
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'hour', b.basis, private.hour_of(b.at), m.currency, m.package_id, m.way, sum(m.purchases)::bigint,
    sum(m.declined)::bigint, sum(m.sold_seconds)::bigint, sum(m.received_cents)::bigint, sum(m.tax_cents)::bigint,
    sum(m.refunded_cents)::bigint, sum(m.lost_cents)::bigint
  from private.money_changes m cross join lateral (values ('booked', m.booked_at), ('happened', m.happened_at)) b (basis, at)
  where m.id = any (p_changes) group by 2, 3, 4, 5, 6
$function$;

CREATE OR REPLACE FUNCTION private.figures_of_people(p_from xid8, p_upto xid8)
 RETURNS SETOF private.people_figures
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'hour', private.hour_of(at), sum(people)::bigint from private.people_changes
  where xid >= p_from and (p_upto is null or xid < p_upto) group by 2
$function$;

CREATE OR REPLACE FUNCTION private.figures_of_providers(p_calls uuid[])
 RETURNS SETOF private.provider_figures
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with used as materialized (
    select date_trunc('hour', c.opened_at, 'utc') as at, coalesce(left(c.measures ->> 'version', 100), '') as version, p.provider, p.failures
    from public.calls c cross join lateral private.providers_of(c.measures) p where c.id = any (p_calls))
  select 'hour', at, version, provider, count(*), count(*) filter (where failures > 0), sum(failures)::bigint
  from used group by at, version, provider
$function$;

CREATE OR REPLACE FUNCTION private.figures_of_revenue(p_from xid8, p_upto xid8)
 RETURNS SETOF private.revenue_figures
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return query select 'quarter', private.quarter_of(r.created_at), r.currency, r.revenue_source, count(*), sum(r.amount_micros),
    sum(r.platform_fee_micros), sum(r.seller_share_micros), sum(r.stripe_cost_micros)
  from public.autonomous_revenue r
  where r.xid >= p_from and (p_upto is null or r.xid < p_upto) and r.status = 'collected' group by 2, 3, 4;
end $function$;

CREATE OR REPLACE FUNCTION private.figures_of_time(p_entries bigint[])
 RETURNS SETOF private.time_figures
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'hour', date_trunc('hour', l.created_at, 'utc'), l.reason, coalesce(g.source, 'debt'), count(*), sum(l.amount)::bigint
  from public.ledger l left join public.grants g on g.id = l.grant_id
  where l.id = any (p_entries) and l.unit = 'second' group by 2, 3, 4
$function$;

CREATE OR REPLACE FUNCTION private.figures_of_turns(p_calls uuid[])
 RETURNS SETOF private.turn_figures
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with turns as materialized (
    select date_trunc('hour', c.opened_at, 'utc') as at, coalesce(left(c.measures ->> 'version', 100), '') as version,
      t.turn -> place.whole as whole, t.turn -> place.eot as eot, t.turn -> place.llm as llm, t.turn -> place.tts as tts
    from public.calls c
    cross join lateral (select array_position(names, 'whole') - 1 as whole, array_position(names, 'end_of_turn') - 1 as eot,
        array_position(names, 'llm_first_token') - 1 as llm, array_position(names, 'tts_first_byte') - 1 as tts
      from (select array(select jsonb_array_elements_text(case jsonb_typeof(c.measures -> 'turn_parts')
        when 'array' then c.measures -> 'turn_parts' else '[]' end)) as names offset 0) n offset 0) place
    cross join lateral jsonb_array_elements(case jsonb_typeof(c.measures -> 'latest_turns')
      when 'array' then c.measures -> 'latest_turns' else '[]' end) t (turn)
    where c.id = any (p_calls) and jsonb_typeof(t.turn -> place.whole) = 'number'),
  waits as materialized (
    select at, version, (case when jsonb_typeof(whole) = 'number' then greatest(0, least((whole #>> '{}')::numeric, 1000000000))::bigint else 0 end) as whole, (case when jsonb_typeof(eot) = 'number' then greatest(0, least((eot #>> '{}')::numeric, 1000000000))::bigint else 0 end) as eot,
      (case when jsonb_typeof(llm) = 'number' then greatest(0, least((llm #>> '{}')::numeric, 1000000000))::bigint else 0 end) as llm, (case when jsonb_typeof(tts) = 'number' then greatest(0, least((tts #>> '{}')::numeric, 1000000000))::bigint else 0 end) as tts from turns),
  first as (select *, least(eot, whole) as eot_part from waits),
  second as (
    select *, least(llm, whole - eot_part) as llm_part,
      -- As private.slot_of.
      greatest(0, least(63, floor(ln(greatest(whole, 1) / 20.0::float8) / ln(1.15::float8))::int + 1)) as slot from first)
  select 'hour', at, version, slot, count(*), sum(whole)::bigint, sum(eot_part)::bigint, sum(llm_part)::bigint,
    sum(least(tts, whole - eot_part - llm_part))::bigint
  from second group by at, version, slot
$function$;

CREATE OR REPLACE FUNCTION private.figures_of_usage(p_from xid8, p_upto xid8, p_owner_id uuid DEFAULT NULL::uuid)
 RETURNS SETOF private.usage_figures
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return query
  select 'hour', date_trunc('hour', u.occurred_at, 'utc'), u.owner_id, p.user_id, u.kind, coalesce(u.tool, ''), u.currency, count(*),
    sum(u.quantity), coalesce(sum(u.cost_micro_usd), 0), count(*) filter (where u.cost_micro_usd is null), coalesce(sum(u.price_micros), 0),
    count(*) filter (where u.price_micros is null)
  from public.usage_events u
  cross join lateral (select u.user_id where u.user_id is not null union all select private.nobody() where u.tenant_id is not null) p
  where u.xid >= p_from and (p_upto is null or u.xid < p_upto) and (p_owner_id is null or u.owner_id = p_owner_id)
  group by 2, 3, 4, 5, 6, 7;
end $function$;

CREATE OR REPLACE FUNCTION private.figures_of_usage_of_day(p_day date, p_upto xid8)
 RETURNS SETOF private.usage_figures
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'hour', date_trunc('hour', u.occurred_at, 'utc'), u.owner_id, p.user_id, u.kind, coalesce(u.tool, ''), u.currency, count(*),
    sum(u.quantity), coalesce(sum(u.cost_micro_usd), 0), count(*) filter (where u.cost_micro_usd is null), coalesce(sum(u.price_micros), 0),
    count(*) filter (where u.price_micros is null)
  from public.usage_events u
  cross join lateral (select u.user_id where u.user_id is not null union all select private.nobody() where u.tenant_id is not null) p
  where u.occurred_month = date_trunc('month', p_day)::date and u.occurred_at >= p_day::timestamp at time zone 'utc'
    and u.occurred_at < (p_day + 1)::timestamp at time zone 'utc' and u.xid < p_upto
  group by 2, 3, 4, 5, 6, 7
$function$;

CREATE OR REPLACE FUNCTION private.finish_call(h public.holds, p_used_ms bigint, p_restored_ms bigint, p_reason text, p_by text, p_windows jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_used_ms bigint := least(h.amount * 1000, greatest(h.used_ms, p_used_ms));
  v_restored_ms bigint := least(greatest(h.restored_ms, p_restored_ms), v_used_ms);
  v_charge bigint := (v_used_ms - v_restored_ms) / 1000;
  v_ended_at timestamptz := clock_timestamp();
  v_opened_at timestamptz;
  v_cards jsonb;
  v_kept uuid[];
  v_account public.accounts;
  v_receipt jsonb;
  v_paid_tools jsonb := private.paid_tools_of(h.id);
begin
  -- While the hold is there, so that what ended during the call is kept for it.
  perform private.expire_grants_of(h.account_id);
  v_cards := private.receipt_cards(private.take_from_grants(h.account_id, v_charge, 'use', 'call:' || h.id, h.id));
  v_kept := array(select grant_id from private.kept_parts where hold_id = h.id);
  delete from public.holds where id = h.id;
  if cardinality(v_kept) > 0 then
    perform private.settle_kept(h.account_id, v_kept, h.id);
  end if;
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
  if v_paid_tools is not null then
    v_receipt := v_receipt || jsonb_build_object('paid_tools', v_paid_tools);
  end if;
  v_receipt := v_receipt || jsonb_build_object('hash', private.receipt_hash(v_receipt));
  update public.accounts set receipts = receipts + 1, last_receipt_hash = v_receipt ->> 'hash' where id = h.account_id;
  update public.calls
    set status = 'settled', epoch = h.epoch, used_ms = v_used_ms, restored_ms = v_restored_ms, charged_seconds = v_charge,
        ended_at = v_ended_at, end_reason = p_reason, settled_by = p_by, receipt = v_receipt
    where id = h.id;
  return v_receipt;
end $function$;

CREATE OR REPLACE FUNCTION private.finish_event(p_event_id text, p_outcome text, p_card_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.stripe_events set outcome = p_outcome, status = 'done', last_error = null, handled_at = now()
    where id = p_event_id;
  return jsonb_build_object('status', p_outcome, 'card_id', p_card_id);
end $function$;

CREATE OR REPLACE FUNCTION private.folded(p_text text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select lower(p_text collate pg_catalog."und-x-icu")
$function$;

CREATE OR REPLACE FUNCTION private.follow_address_of_owner()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.owe_update_of_tenant(t.id) from public.tenant_members m join public.tenants t on t.id = m.tenant_id
    where m.user_id = new.id and m.role = 'owner' and t.stripe_customer_id is not null and t.billing_email is null
      and t.closed_at is null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.follow_auth_user()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  -- As the page writes it, or as the providers that people sign in with do.
  v_name text := left(coalesce(new.raw_user_meta_data ->> 'display_name', new.raw_user_meta_data ->> 'full_name',
    new.raw_user_meta_data ->> 'name', ''), 200);
begin
  insert into public.users (id, email, display_name) values (new.id, new.email, v_name)
  on conflict (id) do update set email = excluded.email,
    display_name = case when tg_op = 'UPDATE' and new.raw_user_meta_data is not distinct from old.raw_user_meta_data
      then users.display_name else excluded.display_name end;
  insert into public.accounts (id, owner_kind, owner_id, unit) values (new.id, 'person', new.id, 'second')
  on conflict do nothing;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.follow_auto_top_up()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_charge private.auto_top_up_charges;
begin
  select * into v_charge from private.auto_top_up_charges where purchase_id = new.id;
  if not found then
    return null;
  end if;
  perform private.end_charge(v_charge, case
    when new.status = 'succeeded' then 'succeeded'
    when new.status in ('review', 'refused') then 'review'
    -- Given up before Stripe was asked for anything, which is not the card's fault.
    when new.failure_code = 'never_made' then 'canceled'
    else 'declined' end);
  if new.status = 'failed' and new.payment_intent_id is not null then
    -- Its intent could be paid later. Whoever charged it cancels it; this makes sure, whatever became of them.
    perform private.enqueue('auto_top_up', 'auto_top_up:' || v_charge.id || ':end',
      jsonb_build_object('charge_id', v_charge.id));
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.follow_credit_period()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if new.current_period_start is null or new.status not in ('trialing', 'active', 'past_due')
      or not exists (select from public.plans where id = new.plan_id and kind = 'credits') then
    return null;
  end if;
  perform private.note_credit_period(new, new.current_period_start, new.current_period_end);
  if new.status = 'trialing' and new.current_period_end is not null then
    perform private.grant_credits(new.id, new.current_period_start, new.current_period_end);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.follow_deletion()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.follow_invoice(i public.billing_invoices, p_old_status text, p_old_attempts integer, p_old_credited bigint)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_is_credits boolean := exists (select from public.subscriptions s join public.plans p on p.id = s.plan_id
    where s.id = i.subscription_id and p.kind = 'credits');
  v_change jsonb;
begin
  if i.status in ('open', 'paid', 'uncollectible', 'void') then
    update public.gainshare_runs r set status = 'invoiced', invoice_id = i.id from private.invoice_lines l
      where l.invoice_id = i.id and l.gainshare_run_id = r.id and r.status = 'approved';
    insert into public.gainshare_acts (run_id, act, snapshot_hash, reason)
      select r.id, 'invoice', r.snapshot_hash, i.id from public.gainshare_runs r where r.invoice_id = i.id and r.status = 'invoiced'
        and not exists (select from public.gainshare_acts a where a.run_id = r.id and a.act = 'invoice');
  end if;
  if i.status = 'paid' and i.granted_at is null and v_is_credits then
    if i.period_start is not null then
      perform private.grant_credits(i.subscription_id, i.period_start, i.period_end, i.id);
    end if;
    select jsonb_build_object('from', g.l ->> 'plan_id', 'to', c.l ->> 'plan_id', 'at', c.l ->> 'period_start') into v_change
      from (select l from jsonb_array_elements(i.breakdown) l where (l ->> 'is_proration')::boolean and (l ->> 'amount')::bigint < 0 limit 1) g,
        (select l from jsonb_array_elements(i.breakdown) l where (l ->> 'is_proration')::boolean and (l ->> 'amount')::bigint > 0 limit 1) c;
    if v_change ->> 'from' <> v_change ->> 'to' then
      perform private.grant_upgrade_credits(i.subscription_id, v_change ->> 'from', v_change ->> 'to', (v_change ->> 'at')::timestamptz, i.id);
    end if;
    update public.billing_invoices set granted_at = now() where id = i.id;
  end if;
  if i.credited_cents > coalesce(p_old_credited, 0) then
    perform private.owe_invoice_mail('invoice_credited', i.id, format('%s:%s', i.id, i.credited_cents));
    if i.total_cents > 0 and i.status = 'paid' then
      perform private.take_back_credits(i.id, i.credited_cents::numeric / i.total_cents);
    end if;
  end if;
  if not v_is_credits then
    return;
  end if;
  -- Nothing to pay, nothing to tell: a trial, or a change that was credited.
  if i.status = 'paid' and i.amount_paid_cents > 0 then
    perform private.owe_invoice_mail('invoice_paid', i.id, i.id);
  elsif i.status = 'open' and i.attempt_count > coalesce(p_old_attempts, 0) then
    perform private.owe_invoice_mail('invoice_failed', i.id, format('%s:%s', i.id, i.attempt_count));
  elsif i.status = 'open' and i.attempt_count = 0 then
    perform private.owe_invoice_mail('invoice_open', i.id, i.id);
  elsif i.status = 'void' then
    perform private.owe_invoice_mail('invoice_void', i.id, i.id);
  end if;
  if i.status = 'void' and p_old_status is distinct from 'void' and i.billing_reason is distinct from 'subscription_create' then
    perform public.note_finding('invoice_void', i.id, format('Invoice %s of %s was voided: what it billed (%s %s) is billed by no other, and the credits of '
      'its period are not granted. Make another one at Stripe if that was not meant.', coalesce(i.number, i.id), i.subscription_id, i.total_cents, i.currency));
  elsif i.status = 'uncollectible' then
    perform public.note_finding('invoice_uncollectible', i.id, format('Invoice %s of %s was given up: %s %s.', coalesce(i.number, i.id), i.subscription_id,
      i.total_cents, i.currency));
  elsif i.status = 'draft' and i.problem is not null then
    perform public.note_finding('invoice_not_final', i.id, format('Invoice of %s cannot become final: %s', i.subscription_id, i.problem));
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.follow_owners()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.owe_update_of_tenant(t.id) from public.tenants t
    where t.id = coalesce(new.tenant_id, old.tenant_id) and t.stripe_customer_id is not null and t.billing_email is null
      and t.closed_at is null and 'owner' in (new.role, old.role);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.follow_subscription()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- A tenant without an account has no time to give.
  if (private.lock_account(new.tenant_id)).id is null then
    return null;
  end if;
  perform private.end_plan_grants(new);
  perform private.give_plan_grant(new, case when tg_op = 'UPDATE' and old.status in ('trialing', 'active')
    and old.current_period_start = new.current_period_start and old.plan_id <> new.plan_id then old.plan_id end);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.follow_tenant()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.owe_update_of_tenant(new.id);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.forget_person(p_user_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- Also of calls under way nothing is remembered any more.
  perform public.erase_all_memories(p_user_id);
  update public.caller_settings set locale = null, voice = null, memory_enabled = false where user_id = p_user_id;
  delete from private.page_settings where user_id = p_user_id;
  delete from public.activation_attempts where user_id = p_user_id;
  -- Its consent ends with the person: what was not sent to Stripe yet is not charged.
  delete from private.auto_top_ups where user_id = p_user_id;
  -- Words to somebody and their address, but for those that still wait for who they are meant for.
  update public.purchases p set gift_message = null, gift_recipient = null, gift_email = null
    where user_id = p_user_id and num_nonnulls(gift_message, gift_recipient, gift_email) > 0
      and not exists (select from public.grants where id = p.id and status = 'unactivated');
  -- What was written to us. That somebody asked, and how a call was rated, stays in the figures.
  update private.call_ratings set words = null where user_id = p_user_id;
  update private.support_requests set message = null, answer = null where user_id = p_user_id;
  update public.users set email = null, display_name = '', role = 'caller', deleted_at = coalesce(deleted_at, now())
    where id = p_user_id;
end $function$;

CREATE OR REPLACE FUNCTION private.free_amount(a public.accounts)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select a.balance - coalesce(sum(h.amount - h.restored_ms / 1000), 0)::bigint - case a.unit when 'micro_usd' then
    (select coalesce(sum(w.amount), 0)::bigint from public.wallet_holds w where w.account_id = a.id and w.status = 'held') else 0 end
  from public.holds h where h.account_id = a.id
$function$;

CREATE OR REPLACE FUNCTION private.freeze_disputed(p_account_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_grant public.grants;
  v_whole public.grants;
  v_take bigint;
begin
  for v_grant in
    select g.* from public.grants g join public.grants w on w.id = coalesce(g.part_of, g.id)
    where g.account_id = p_account_id and g.status = 'active' and w.disputed > w.frozen
    order by w.id, g.part_of is not null, g.id for update of g
  loop
    select * into strict v_whole from public.grants where id = coalesce(v_grant.part_of, v_grant.id);
    v_take := least(v_grant.remaining - private.kept_of(v_grant.id), v_whole.disputed - v_whole.frozen,
      private.free_amount(private.lock_account(p_account_id)));
    continue when v_take <= 0;
    perform private.note_taken(v_grant, 'freeze', v_take);
    perform private.post(p_account_id, v_grant.id, 'freeze', -v_take, format('freeze:%s:%s', v_grant.id, gen_random_uuid()),
      p_about_grant_id => v_whole.id);
    update public.grants set frozen = frozen + v_take, frozen_at = coalesce(frozen_at, now()) where id = v_whole.id;
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION private.gain_of_metric(b public.kpi_baselines, p_from date, p_to date)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  m record;
  v_improvement numeric;
  v_units numeric;
  v_savings numeric;
  v_counted numeric;
  v_one numeric := 1000000 / private.micros_of_smallest_unit(b.currency);
begin
  select sum(value * weight) / nullif(sum(weight), 0) as actual, sum(events) as events, sum(days) as days,
      jsonb_agg(jsonb_build_object('id', id, 'from', period_start, 'to', period_end, 'value', value, 'events', events,
        'evidence', encode(sha256(convert_to(evidence::text, 'utf8')), 'hex')) order by period_start) as rows
    into m
    from (select distinct on (period_start, period_end) *, period_end - period_start + 1 as days,
        case when b.method = 'per_event' then events else period_end - period_start + 1 end as weight
      from public.kpi_actuals where tenant_id = b.tenant_id and metric = b.metric and period_start >= p_from and period_end <= p_to
      order by period_start, period_end, created_at desc, id) x;
  if m.actual is null or b.method = 'failures' and m.actual <= 0 then
    return null;
  end if;
  v_improvement := case b.direction when 'up' then m.actual - b.baseline_value else b.baseline_value - m.actual end;
  v_units := case b.method
    when 'share_of_hours' then v_improvement * b.scheduled_hours / 100
    when 'failures' then b.scheduled_hours / b.baseline_value - b.scheduled_hours / m.actual
    when 'per_event' then v_improvement * coalesce(m.events, 0)
    else v_improvement end;
  v_savings := v_units * b.cost_per_unit;
  v_counted := least(v_savings, b.max_savings_cents / v_one);
  return jsonb_build_object('metric', b.metric, 'unit', b.unit, 'direction', b.direction, 'method', b.method,
    'baseline', trim_scale(b.baseline_value), 'actual', trim_scale(round(m.actual, 6)), 'improvement', trim_scale(round(v_improvement, 6)),
    'scheduled_hours', trim_scale(b.scheduled_hours), 'events', m.events, 'days_measured', m.days,
    'units', trim_scale(round(v_units, 6)), 'cost_per_unit', trim_scale(b.cost_per_unit), 'savings', trim_scale(round(v_savings, 6)),
    'cap', b.max_savings_cents / v_one, 'counted', trim_scale(round(v_counted, 6)),
    'baseline_id', b.id, 'baseline_from', b.effective_from, 'hours_assumed', b.evidence ->> 'scheduled_hours' is not distinct from 'assumed',
    'evidence', encode(sha256(convert_to(b.evidence::text, 'utf8')), 'hex'), 'measured', m.rows,
    'chain', format('%s − %s = %s %s; %s = %s; %s × %s = %s',
      trim_scale(case b.direction when 'up' then round(m.actual, 6) else b.baseline_value end),
      trim_scale(case b.direction when 'up' then b.baseline_value else round(m.actual, 6) end), trim_scale(round(v_improvement, 6)), b.unit,
      case b.method
        when 'share_of_hours' then format('%s %% × %s h', trim_scale(round(v_improvement, 6)), trim_scale(b.scheduled_hours))
        when 'failures' then format('%s h / %s − %s h / %s', trim_scale(b.scheduled_hours), trim_scale(b.baseline_value),
          trim_scale(b.scheduled_hours), trim_scale(round(m.actual, 6)))
        when 'per_event' then format('%s × %s events', trim_scale(round(v_improvement, 6)), coalesce(m.events, 0))
        else trim_scale(round(v_improvement, 6))::text end,
      trim_scale(round(v_units, 6)), trim_scale(round(v_units, 6)), trim_scale(b.cost_per_unit), to_char(round(v_savings, 2), 'FM999999999999990.00')));
end $function$;

CREATE OR REPLACE FUNCTION private.gain_snapshot(p_tenant_id uuid, p_from date, p_to date, p_share numeric, p_fee_cap_cents bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_metrics jsonb;
  v_currencies text[];
  v_one numeric;
  v_sum numeric;
  v_net numeric;
  v_fee bigint;
begin
  select jsonb_agg(g order by g ->> 'metric'), array_agg(distinct b.currency) into v_metrics, v_currencies
    from (select distinct on (metric) * from public.kpi_baselines where tenant_id = p_tenant_id and effective_from <= p_from
        order by metric, effective_from desc) b
    cross join lateral (select private.gain_of_metric(b, p_from, p_to) as g) x where g is not null;
  if v_metrics is null then
    return jsonb_build_object('refused', 'nothing_measured');
  elsif cardinality(v_currencies) > 1 then
    return jsonb_build_object('refused', 'several_currencies');
  end if;
  v_one := 1000000 / private.micros_of_smallest_unit(v_currencies[1]);
  v_sum := (select sum((m ->> 'counted')::numeric) from jsonb_array_elements(v_metrics) m);
  v_net := greatest(0, v_sum);
  -- Rounded once, half up, at the fee.
  v_fee := least(round(v_net * p_share / 100 * v_one), coalesce(p_fee_cap_cents, 9223372036854775807))::bigint;
  return jsonb_build_object('tenant_id', p_tenant_id, 'period_start', p_from, 'period_end', p_to, 'currency', v_currencies[1],
    'share_pct', trim_scale(p_share), 'rule', 'net of losses, rounded once at the fee', 'metrics', v_metrics, 'savings', trim_scale(v_net),
    'savings_cents', round(v_net * v_one)::bigint, 'fee_cap_cents', p_fee_cap_cents, 'fee_cents', v_fee,
    'chain', format('%s = %s; %s × %s %% = %s%s',
      (select string_agg((m ->> 'counted'), ' + ' order by m ->> 'metric') from jsonb_array_elements(v_metrics) m),
      to_char(v_net, 'FM999999999999990.00'), to_char(v_net, 'FM999999999999990.00'), trim_scale(p_share),
      to_char(round(v_net * p_share / 100 * v_one) / v_one, 'FM999999999999990.00'),
      case when v_fee < round(v_net * p_share / 100 * v_one) then format(', at most %s', to_char(v_fee / v_one, 'FM999999999999990.00')) else '' end));
end $function$;

CREATE OR REPLACE FUNCTION private.gainshare_is_placed(p_run_id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform from private.invoice_lines where gainshare_run_id = p_run_id for update;
  return exists (select from private.invoice_lines where gainshare_run_id = p_run_id
    and (placed_at is not null or target_invoice_id is not null or subscription_id is not null));
end $function$;

CREATE OR REPLACE FUNCTION private.give_back(g public.grants, p_debtor_id uuid, p_total bigint, p_key text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_taken record := private.taken_from(g);
  v_came_back bigint := (select clawed_back_seconds from public.purchases where id = g.id) - p_total;
  v_left bigint := least(v_came_back, v_taken.clawed_back, v_taken.clawed_back + v_taken.expired - p_total);
  v_debt bigint := least(v_left, v_taken.owed);
  v_paid bigint := greatest(0, v_debt - (private.lock_account(p_debtor_id)).debt);
begin
  if v_paid > 0 then
    perform private.bring_back(p_debtor_id, g.id, null, 'debt_payment', v_paid, p_key || ':paid');
    perform private.post(p_debtor_id, null, 'debt_payment', -v_paid, p_key || ':paid');
  end if;
  if v_debt > 0 then
    perform private.post(p_debtor_id, null, 'restore', v_debt, p_key || ':debt', p_about_grant_id => g.id);
  end if;
  if v_left > v_debt then
    perform private.bring_back(g.account_id, g.id, g.id, 'clawback', v_left - v_debt, p_key);
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.give_credits(p_account_id uuid, p_grant private.credit_grants, p_until timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_grant public.grants;
  v_is_gift boolean := p_grant.kind = 'promotion';
begin
  if exists (select from private.credit_grants where key = p_grant.key) then
    return false;
  end if;
  insert into public.grants (id, account_id, unit, source, priority, status, paid, bonus, remaining, activated_at, expires_at)
    values (gen_random_uuid(), p_account_id, 'credit', case p_grant.kind when 'promotion' then 'bonus' when 'trial' then 'trial' else 'plan' end,
      case when v_is_gift then -1 else 0 end, 'active', case when v_is_gift then 0 else p_grant.amount end,
      case when v_is_gift then p_grant.amount else 0 end, p_grant.amount, now(), p_until) returning * into v_grant;
  p_grant.grant_id := v_grant.id;
  p_grant.taken := 0;
  insert into private.credit_grants select (p_grant).*;
  update public.credit_periods set granted = granted + p_grant.amount
    where subscription_id = p_grant.subscription_id and period_start = p_grant.period_start;
  perform private.credit_grant(v_grant);
  return true;
end $function$;

CREATE OR REPLACE FUNCTION private.give_plan_grant(s public.subscriptions, p_plan_before text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_minutes int := (select monthly_minutes from public.plans where id = s.plan_id);
  v_before int;
  v_last_plan text;
  v_seconds bigint;
  v_grant public.grants;
begin
  if (s.status in ('trialing', 'active') and v_minutes > 0 and s.current_period_end > now()) is not true
     or exists (select from public.tenants where id = s.tenant_id and closed_at is not null) then
    return;
  end if;
  select max(monthly_minutes), (array_agg(plan_id order by given_at desc, monthly_minutes desc))[1] into v_before, v_last_plan
    from private.plan_grants where subscription_id = s.id and period_start = s.current_period_start;
  if v_last_plan is null and p_plan_before is null then
    v_seconds := v_minutes::bigint * 60 - private.overused_seconds(s);
  elsif coalesce(v_last_plan, p_plan_before) <> s.plan_id then
    -- What the plan before brought was given, be it nothing: the catalogue may say something else by now.
    v_seconds := floor(greatest(0, v_minutes - coalesce(v_before, 0))::numeric * 60
      * least(1, extract(epoch from s.current_period_end - now()) / extract(epoch from s.current_period_end - s.current_period_start)));
  end if;
  if (v_seconds > 0) is not true then
    return;
  end if;
  insert into public.grants (id, account_id, unit, source, status, paid, remaining, activated_at, expires_at)
    values (gen_random_uuid(), s.tenant_id, 'second', 'plan', 'active', v_seconds, v_seconds, now(), s.current_period_end)
    returning * into v_grant;
  insert into private.plan_grants (grant_id, subscription_id, period_start, period_end, plan_id, monthly_minutes, is_trial)
    values (v_grant.id, s.id, s.current_period_start, s.current_period_end, s.plan_id, v_minutes, s.status = 'trialing');
  perform private.credit_grant(v_grant);
end $function$;

CREATE OR REPLACE FUNCTION private.give_up_time(p_account_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_grant public.grants;
begin
  for v_grant in
    select * from public.grants where account_id = p_account_id and status = 'active'
    order by priority, expires_at, created_at, id for update
  loop
    perform private.post(p_account_id, v_grant.id, 'expire', -v_grant.remaining,
      format('expire:%s:%s', v_grant.id, gen_random_uuid()),
      p_about_grant_id => coalesce(v_grant.part_of, v_grant.id), p_emptied => 'expired');
  end loop;
  update public.accounts set first_end = null where id = p_account_id;
end $function$;

CREATE OR REPLACE FUNCTION private.grain_of(p_zone text, p_from timestamp with time zone, p_to timestamp with time zone, p_by text)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when p_by = 'day' and p_zone = 'UTC' then 'day'
    when exists (select from generate_series(p_from, p_to + interval '1 day', interval '1 day') d
      where extract(minute from d at time zone p_zone) <> extract(minute from d at time zone 'UTC')) then 'quarter' else 'hour' end
$function$;

CREATE OR REPLACE FUNCTION private.grant_credits(p_subscription_id text, p_period_start timestamp with time zone, p_period_end timestamp with time zone, p_invoice_id text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  s public.subscriptions;
  c public.credit_periods;
  v_account public.accounts;
  v_grant private.credit_grants;
begin
  select * into s from public.subscriptions where id = p_subscription_id;
  if not found or not exists (select from public.plans where id = s.plan_id and kind = 'credits') then
    return jsonb_build_object('status', 'unknown_subscription');
  elsif (p_period_end > p_period_start and isfinite(p_period_start) and isfinite(p_period_end)) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  v_account := private.lock_credits(s.tenant_id);
  if not exists (select from public.credit_periods where subscription_id = s.id and period_start = p_period_start and period_end is not null) then
    perform private.note_credit_period(s, p_period_start, p_period_end);
  end if;
  perform private.close_credit_periods(v_account, p_period_start);
  select * into strict c from public.credit_periods where subscription_id = s.id and period_start = p_period_start;
  if c.closed_at is not null or c.period_end <= now() then
    return jsonb_build_object('status', 'period_over');
  end if;
  v_grant.subscription_id := s.id;
  v_grant.period_start := c.period_start;
  v_grant.tenant_id := s.tenant_id;
  v_grant.kind := case when c.is_trial then 'trial' else 'period' end;
  v_grant.invoice_id := p_invoice_id;
  v_grant.key := format('period:%s:%s', s.id, private.utc_text(c.period_start));
  v_grant.amount := c.included - (select coalesce(sum(amount), 0) from private.credit_grants
    where subscription_id = s.id and period_start = c.period_start and kind = 'upgrade');
  if v_grant.amount <= 0 or private.give_credits(v_account.id, v_grant, c.period_end) is false then
    return jsonb_build_object('status', 'granted_before');
  end if;
  return jsonb_build_object('status', 'granted', 'credits', v_grant.amount);
end $function$;

CREATE OR REPLACE FUNCTION private.grant_upgrade_credits(p_subscription_id text, p_from_plan_id text, p_to_plan_id text, p_at timestamp with time zone, p_invoice_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  s public.subscriptions;
  c public.credit_periods;
  v_account public.accounts;
  v_more bigint;
  v_grant private.credit_grants;
begin
  select * into s from public.subscriptions where id = p_subscription_id;
  select b.included_credits - a.included_credits into v_more from public.plans a, public.plans b
    where a.id = p_from_plan_id and b.id = p_to_plan_id and a.kind = 'credits' and b.kind = 'credits';
  if s.id is null or v_more is null or (p_at <= now() + interval '5 minutes' and length(p_invoice_id) > 0) is not true then
    return jsonb_build_object('status', 'unknown_subscription');
  end if;
  v_account := private.lock_credits(s.tenant_id);
  select * into c from public.credit_periods where subscription_id = s.id and period_start <= p_at and period_end > p_at
    order by period_start desc limit 1 for update;
  if c.closed_at is not null or (c.period_end > now()) is not true then
    return jsonb_build_object('status', 'period_over');
  end if;
  v_grant.amount := floor(v_more * extract(epoch from c.period_end - p_at) / extract(epoch from c.period_end - c.period_start));
  v_grant.key := format('upgrade:%s:%s', s.id, p_invoice_id);
  if exists (select from private.credit_grants where key = v_grant.key) then
    return jsonb_build_object('status', 'granted_before');
  end if;
  update public.credit_periods set plan_id = p_to_plan_id, included = included + greatest(0, v_grant.amount)
    where subscription_id = s.id and period_start = c.period_start;
  if v_grant.amount <= 0 then
    return jsonb_build_object('status', 'nothing_more');
  end if;
  v_grant.subscription_id := s.id;
  v_grant.period_start := c.period_start;
  v_grant.tenant_id := s.tenant_id;
  v_grant.kind := 'upgrade';
  v_grant.invoice_id := p_invoice_id;
  perform private.give_credits(v_account.id, v_grant, c.period_end);
  return jsonb_build_object('status', 'granted', 'credits', v_grant.amount);
end $function$;

CREATE OR REPLACE FUNCTION private.highest_price(o public.market_opportunities, p_agent_type text)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when private.is_simulation(p_agent_type) or o.target_api_id is null then 0
    else (select p.price_micros * o.quantity from public.api_products p where p.id = o.target_api_id) end
$function$;

CREATE OR REPLACE FUNCTION private.hint()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id uuid;
begin
  if tg_table_name = 'accounts' then
    v_user_id := new.owner_id;
  elsif tg_op = 'DELETE' then
    v_user_id := old.user_id;
  else
    v_user_id := new.user_id;
  end if;
  if exists (select from private.lookers where user_id = v_user_id and looks_until > now()) then
    perform pg_notify('mindbot_hints', v_user_id || ' ' || tg_argv[0]);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.hold_micros(p_account_id uuid, p_amount bigint, p_key text, p_seller_id uuid DEFAULT NULL::uuid, p_seconds integer DEFAULT 120, p_about jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.holds_activation_code(p_text text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select upper(normalize(p_text, NFKC)) ~ ('(?<![0-9A-Z])[2346789FHJKLMPQRWXY]'
    '(?:[^0-9A-Z]{0,3}[2346789FHJKLMPQRWXY]){11}(?![0-9A-Z])')
$function$;

CREATE OR REPLACE FUNCTION private.holds_card_number(p_text text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select exists (
    select from regexp_matches(
        translate(normalize(p_text, NFKC), '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '01234567890123456789'),
        '[0-9](?:[^0-9[:alpha:]]{0,3}[0-9]){12,}', 'g') found (texts),
      regexp_replace(texts[1], '[^0-9]', '', 'g') digits,
      generate_series(13, 19) size, generate_series(1, length(digits) - size + 1) first
    where (select sum(case when place % 2 = 1 then digit else digit * 2 / 10 + digit * 2 % 10 end) % 10 = 0
      from generate_series(1, size) place, cast(substr(digits, first + size - place, 1) as int) digit))
$function$;

CREATE OR REPLACE FUNCTION private.holds_now(k public.api_keys)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select k.revoked_at is null and coalesce(k.expires_at > now(), true) and coalesce(k.grace_until > now(), true)
    and exists (select from public.tenants where id = k.tenant_id and closed_at is null)
$function$;

CREATE OR REPLACE FUNCTION private.holds_secret(p_text text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select private.holds_card_number(p_text) or private.holds_activation_code(p_text)
$function$;

CREATE OR REPLACE FUNCTION private.hour_of(p_at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select date_trunc('hour', p_at at time zone 'utc') at time zone 'utc'
$function$;

CREATE OR REPLACE FUNCTION private.is_about_own(p_user_id uuid, p_about text, p_about_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case p_about
    when 'account' then p_about_id is null
    when 'call' then exists (select from public.calls where id = p_about_id and user_id = p_user_id)
    when 'purchase' then exists (select from public.purchases where id = p_about_id and user_id = p_user_id)
    when 'card' then exists (select from public.grants where id = p_about_id and p_user_id in (account_id, purchaser_id))
    else false end
$function$;

CREATE OR REPLACE FUNCTION private.is_as_consented(s private.auto_top_ups, t public.pricing_tiers)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select (t.id = s.package_id and t.price_cents = s.price_cents and t.currency = s.currency
    and t.total_minutes * 60 = s.package_seconds) is true
$function$;

CREATE OR REPLACE FUNCTION private.is_embedding(p_embedding real[])
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select array_ndims(p_embedding) = 1 and cardinality(p_embedding) <= 4096
    and (select bool_and(coalesce(abs(x) < 1e15, false)) and bool_or(abs(x) > 1e-15) from unnest(p_embedding) x)
$function$;

CREATE OR REPLACE FUNCTION private.is_fact(p_fact jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select case when jsonb_typeof(p_fact) = 'object' then
    coalesce(jsonb_typeof(p_fact -> 'text') = 'string' and p_fact -> 'kind' in ('"fact"', '"preference"')
      and length(private.memory_text(p_fact ->> 'text')) between 1 and 300
      and coalesce(jsonb_typeof(p_fact -> 'replaces'), 'null') in ('string', 'null')
      and coalesce(jsonb_typeof(p_fact -> 'model'), 'null') in ('string', 'null')
      and coalesce(length(p_fact ->> 'model'), 1) between 1 and 200
      and case coalesce(jsonb_typeof(p_fact -> 'embedding'), 'null')
        when 'null' then true
        when 'array' then jsonb_array_length(p_fact -> 'embedding') between 1 and 4096
          and not jsonb_path_exists(p_fact -> 'embedding', 'strict $[*] ? (@.type() != "number")')
        else false end, false)
    else false end
$function$;

CREATE OR REPLACE FUNCTION private.is_last_owner(p_user_id uuid, p_tenant_id uuid)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_user_id and role = 'owner')
    and not exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id <> p_user_id and role = 'owner')
$function$;

CREATE OR REPLACE FUNCTION private.is_low(s private.auto_top_ups, p_free bigint)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select (p_free <= least(s.threshold_seconds, s.package_seconds - 1)) is true
$function$;

CREATE OR REPLACE FUNCTION private.is_operator(p_user_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (select from public.users where id = p_user_id and role = 'operator')
$function$;

CREATE OR REPLACE FUNCTION private.is_own_account(p_user_id uuid, p_account_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select p_user_id = p_account_id or exists (select from public.tenant_members
    where tenant_id = p_account_id and user_id = p_user_id)
$function$;

CREATE OR REPLACE FUNCTION private.is_plain_metadata(p_metadata jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_typeof(p_metadata) = 'object' and octet_length(p_metadata::text) <= 2048 and not exists (
    select from jsonb_each(p_metadata) m where m.key !~ '^[A-Za-z][A-Za-z0-9_]{0,63}$' or (case jsonb_typeof(m.value)
      when 'string' then m.value #>> '{}' ~ '^[A-Za-z][A-Za-z0-9_.:@/-]{0,99}$'
      when 'number' then abs((m.value #>> '{}')::numeric) <= 1000000000000
      else jsonb_typeof(m.value) in ('boolean', 'null') end) is not true)
$function$;

CREATE OR REPLACE FUNCTION private.is_silent(w private.workers)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select w.reported_at < now() - interval '30 seconds'
$function$;

CREATE OR REPLACE FUNCTION private.is_simulation(p_agent_type text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$ select p_agent_type in ('volume_generator', 'nft_minter') $function$;

CREATE OR REPLACE FUNCTION private.is_site_breakdown(p_sites jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_typeof(p_sites) = 'object' and (select count(*) <= 500 and bool_and(s.key ~ '^[A-Za-z0-9][A-Za-z0-9 _.:/-]{0,63}$'
      and (case jsonb_typeof(s.value) when 'number' then (s.value #>> '{}')::numeric between 0 and 10000000
        and (s.value #>> '{}')::numeric = floor((s.value #>> '{}')::numeric) end) is true) is not false
    from jsonb_each(case jsonb_typeof(p_sites) when 'object' then p_sites else '{}' end) s)
$function$;

CREATE OR REPLACE FUNCTION private.job_id(p_key text)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  -- The first half of the hash, with the bits that make it a UUID of version 8 (RFC 9562, section 5.8).
  select encode(set_byte(set_byte(h, 6, get_byte(h, 6) & 15 | 128), 8, get_byte(h, 8) & 63 | 128), 'hex')::uuid
  from (select substr(sha256(convert_to(p_key, 'UTF8')), 1, 16) as h) hash
$function$;
comment on function private.job_id(text) is 'The id of the job with this key. So the primary key of the queue is what makes a key owed once: no table of keys beside it.';

CREATE OR REPLACE FUNCTION private.keep_an_owner()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_tenant_id uuid := (case tg_table_name when 'tenants' then to_jsonb(new) ->> 'id' else to_jsonb(old) ->> 'tenant_id' end)::uuid;
begin
  if exists (select from public.tenants where id = v_tenant_id and closed_at is null)
     and not exists (select from public.tenant_members where tenant_id = v_tenant_id and role = 'owner') then
    raise exception 'tenant % would have no owner', v_tenant_id using errcode = '23514';
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.keep_for_calls(g public.grants)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION private.keep_forgotten()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  new.email := null;
  new.display_name := '';
  new.role := 'caller';
  new.deleted_at := old.deleted_at;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.keep_gainshare()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_table_name = 'gainshare_runs' and tg_op = 'UPDATE' then
    if (new.id, new.tenant_id, new.period_start, new.period_end, new.share_pct, new.currency, new.savings_cents, new.fee_cents,
        new.fee_cap_cents, new.snapshot, new.snapshot_hash, new.run_by, new.created_at, new.dispute_until)
      is not distinct from (old.id, old.tenant_id, old.period_start, old.period_end, old.share_pct, old.currency, old.savings_cents,
        old.fee_cents, old.fee_cap_cents, old.snapshot, old.snapshot_hash, old.run_by, old.created_at, old.dispute_until) then
      return new;
    end if;
  end if;
  raise exception 'rows of % are kept as they are', tg_table_name using errcode = '55000';
end $function$;

CREATE OR REPLACE FUNCTION private.keep_revenue()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if old.status = 'collected' or (new.amount_micros, new.created_at, new.currency, new.revenue_source, new.agent_id)
      is distinct from (old.amount_micros, old.created_at, old.currency, old.revenue_source, old.agent_id) then
    raise exception 'revenue is not changed: what goes back is a row with a negative amount';
  end if;
  new.xid := pg_current_xact_id();
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.kept_of(p_grant_id uuid)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(sum(amount), 0)::bigint from private.kept_parts where grant_id = p_grant_id
$function$;

CREATE OR REPLACE FUNCTION private.lease_of_settlement()
 RETURNS interval
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select interval '60 seconds'
$function$;

CREATE OR REPLACE FUNCTION private.leave_tenants(p_user_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_tenant_id uuid;
begin
  for v_tenant_id in
    select tenant_id from public.tenant_members where user_id = p_user_id order by tenant_id
  loop
    perform private.lock_account(v_tenant_id);
    if private.is_last_owner(p_user_id, v_tenant_id) then
      update public.tenant_members set role = 'owner' where tenant_id = v_tenant_id and user_id = (
        select user_id from public.tenant_members where tenant_id = v_tenant_id and user_id <> p_user_id
        order by role = 'billing' desc, created_at, user_id limit 1);
      if not found then
        update public.tenants set closed_at = coalesce(closed_at, now()) where id = v_tenant_id;
        update public.tenant_invitations set revoked_at = now()
          where tenant_id = v_tenant_id and accepted_at is null and revoked_at is null;
      end if;
    end if;
    delete from public.tenant_members where tenant_id = v_tenant_id and user_id = p_user_id;
    perform private.revoke_invitations_by(p_user_id, v_tenant_id);
  end loop;
  -- Their address was in what they accepted, and in what still waits for them.
  delete from public.tenant_invitations i using public.users u
    where u.id = p_user_id and (i.accepted_by = p_user_id or i.accepted_at is null and i.email = lower(u.email));
end $function$;

CREATE OR REPLACE FUNCTION private.live_calls(p_account_id uuid)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select count(*)::int from public.holds where account_id = p_account_id
$function$;

CREATE OR REPLACE FUNCTION private.local_moment(p_at timestamp with time zone, p_zone text, p_anchor_hour integer)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when p_at = date_trunc('day', p_at, 'UTC') + make_interval(hours => p_anchor_hour)
    then (p_at at time zone 'UTC')::date::timestamp at time zone p_zone else p_at end
$function$;

CREATE OR REPLACE FUNCTION private.lock_account(p_account_id uuid)
 RETURNS public.accounts
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select * from public.accounts where id = p_account_id for update
$function$;

CREATE OR REPLACE FUNCTION private.lock_api_allowance(p_tenant_id uuid)
 RETURNS private.api_allowances
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  a private.api_allowances;
begin
  select * into a from private.api_allowances where tenant_id = p_tenant_id for update;
  if not found or a.is_stale or now() >= a.period_end or now() < a.period_start - interval '1 day' then
    a := private.renew_api_allowance(p_tenant_id);
  end if;
  return a;
end $function$;

CREATE OR REPLACE FUNCTION private.lock_caller(p_user_id uuid)
 RETURNS public.caller_settings
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_settings public.caller_settings;
begin
  insert into public.caller_settings (user_id) select id from public.users where id = p_user_id on conflict do nothing;
  select * into v_settings from public.caller_settings where user_id = p_user_id for update;
  return v_settings;
end $function$;

CREATE OR REPLACE FUNCTION private.lock_credits(p_tenant_id uuid)
 RETURNS public.accounts
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_id uuid;
begin
  perform from public.tenants where id = p_tenant_id for key share;
  select id into v_id from public.accounts where owner_kind = 'tenant' and owner_id = p_tenant_id and unit = 'credit';
  if not found then
    insert into public.accounts (owner_kind, owner_id, unit) values ('tenant', p_tenant_id, 'credit')
      on conflict (owner_kind, owner_id, unit) do nothing;
    select id into strict v_id from public.accounts where owner_kind = 'tenant' and owner_id = p_tenant_id and unit = 'credit';
  end if;
  return private.lock_account(v_id);
end $function$;

CREATE OR REPLACE FUNCTION private.lose_frozen(g public.grants, p_amount bigint, p_name text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.taken_parts (account_id, grant_id, reason, amount, bonus, usable_for)
    select account_id, grant_id, 'clawback', amount, bonus, usable_for
    from private.pick_up(g.account_id, g.id, 'freeze', p_amount);
  perform private.post(g.account_id, g.id, 'restore', p_amount, format('restore:%s:lost', p_name));
  perform private.post(g.account_id, g.id, 'clawback', -p_amount, format('clawback:%s:lost', p_name));
end $function$;

CREATE OR REPLACE FUNCTION private.machine_buyer(p_user_id uuid, p_tenant_id uuid, p_secret_hash text, p_begins boolean)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.machine_order(p_purchase_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION private.machine_payer(p_secret_hash text)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.make_card(p public.purchases, p_code_hash text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.make_usage_partition(p_month date)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
 SET lock_timeout TO '300ms'
AS $function$
declare
  v_month date := date_trunc('month', p_month)::date;
  v_next date := (date_trunc('month', p_month) + interval '1 month')::date;
  v_name text := 'usage_events_' || to_char(p_month, 'YYYY_MM');
begin
  if to_regclass('private.' || v_name) is not null then
    return false;
  end if;
  execute format('create table private.%I (like public.usage_events including defaults including constraints including generated)', v_name);
  lock table private.usage_events_elsewhere in access exclusive mode;
  if exists (select from private.usage_events_elsewhere where occurred_month = v_month) then
    alter table private.usage_events_elsewhere disable trigger usage_events_are_append_only;
    execute format('with moved as (delete from private.usage_events_elsewhere where occurred_month = %1$L returning *)
      insert into private.%2$I (%3$s) select %3$s from moved', v_month, v_name, (select string_agg(quote_ident(attname), ', ' order by attnum)
        from pg_attribute where attrelid = 'public.usage_events'::regclass and attnum > 0 and not attisdropped and attgenerated = ''));
    alter table private.usage_events_elsewhere enable trigger usage_events_are_append_only;
  end if;
  execute format('alter table public.usage_events attach partition private.%I for values from (%L) to (%L)', v_name, v_month, v_next);
  execute format('create trigger %I before truncate on private.%I for each statement execute function private.refuse_change()',
    v_name || '_is_never_truncated', v_name);
  execute format('revoke all on private.%I from public, anon, authenticated, service_role', v_name);
  return true;
end $function$;

CREATE OR REPLACE FUNCTION private.mark_request()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  select coalesce(left(c.measures ->> 'version', 100), ''),
      array(select p.provider from private.providers_of(c.measures) p order by p.provider)
    into new.version, new.providers from public.calls c where c.id = new.about_id and new.about = 'call';
  new.version := coalesce(new.version, '');
  new.providers := coalesce(new.providers, '{}');
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.mark_trials(p_calls uuid[], p_changes bigint[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update private.trials t set talked = t.talked or d.talks, bought = t.bought or d.buys
  from private.trials_of(p_calls, p_changes) d where d.user_id = t.user_id
$function$;

CREATE OR REPLACE FUNCTION private.may_follow(p_from text, p_to text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select coalesce(p_to = any (case p_from
    when 'created' then array['unknown', 'awaiting_payment', 'processing', 'failed', 'canceled', 'review', 'succeeded']
    when 'unknown' then array['awaiting_payment', 'processing', 'failed', 'canceled', 'review', 'succeeded']
    when 'awaiting_payment' then array['processing', 'failed', 'canceled', 'review', 'succeeded']
    when 'processing' then array['failed', 'canceled', 'review', 'succeeded']
    -- A failure does not end a purchase, and a cancellation does not end a payment that was under way.
    when 'failed' then array['canceled', 'review', 'succeeded']
    when 'canceled' then array['review', 'succeeded']
    when 'review' then array['succeeded', 'refused']
    else array[]::text[] end), false)
$function$;

CREATE OR REPLACE FUNCTION private.may_see_call(p_user_id uuid, c public.calls)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when c.tenant_id is null then c.user_id = p_user_id
    else exists (select from public.tenant_members m where m.tenant_id = c.tenant_id and m.user_id = p_user_id
      and (c.user_id = p_user_id or m.role in ('owner', 'billing'))) end
$function$;

CREATE OR REPLACE FUNCTION private.measured_usage_of_call(c public.calls)
 RETURNS private.usage_entry[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return array(
    with entries as materialized (
      select l.list, n.*, t.*
      from (values ('llm'), ('stt'), ('tts'), ('tools')) l (list)
      cross join lateral jsonb_array_elements(case jsonb_typeof(c.measures -> l.list) when 'array' then c.measures -> l.list else '[]' end)
        with ordinality m (value, position)
      cross join lateral (
        select coalesce(nullif(left(regexp_replace(m.value ->> 'provider', '[^A-Za-z0-9_.:@/-]', '_', 'g'), 64), ''), 'unknown') as provider,
          coalesce(nullif(left(regexp_replace(m.value ->> 'model', '[^A-Za-z0-9_.:@/-]', '_', 'g'), 64), ''), 'unknown') as model,
          coalesce(nullif(left(regexp_replace(m.value ->> 'tool', '[^A-Za-z0-9_.:@/-]', '_', 'g'), 64), ''), 'unknown') as tool) n
      cross join lateral (
        select coalesce(max(f.figure) filter (where f.name = 'input_tokens'), 0) as input,
          coalesce(max(f.figure) filter (where f.name = 'cached_tokens'), 0) as cached,
          coalesce(max(f.figure) filter (where f.name = 'output_tokens'), 0) as output,
          coalesce(max(f.figure) filter (where f.name = 'audio_ms'), 0) as audio_ms,
          coalesce(max(f.figure) filter (where f.name = 'characters'), 0) as characters,
          coalesce(max(f.figure) filter (where f.name = 'ok'), 0) as ok, coalesce(max(f.figure) filter (where f.name = 'refused'), 0) as refused,
          coalesce(max(f.figure) filter (where f.name = 'failed'), 0) as failed,
          coalesce(max(f.figure) filter (where f.name = 'unfinished'), 0) as unfinished
        from (select j.key as name, case when jsonb_typeof(j.value) = 'number'
            then floor(greatest(0, least((j.value #>> '{}')::numeric, 1000000000)))::bigint end as figure
          from jsonb_each(case jsonb_typeof(m.value) when 'object' then m.value else '{}' end) j) f) t
      where jsonb_typeof(m.value) = 'object' and m.position <= 32),
    used as (
      select k.kind, null::text as tool, e.provider, e.model, k.quantity, k.metadata, k.kind || ':' || e.provider || ':' || e.model as name,
        false as is_free
      from entries e
      cross join lateral (values
        ('llm', 'llm_input_token', e.input - least(e.cached, e.input), '{}'::jsonb),
        ('llm', 'llm_cached_input_token', least(e.cached, e.input), '{}'),
        ('llm', 'llm_output_token', e.output, '{}'),
        ('stt', 'stt_second', e.audio_ms / 1000, jsonb_build_object('audio_ms', e.audio_ms)),
        ('tts', 'tts_character', e.characters, jsonb_build_object('audio_ms', e.audio_ms))) k (list, kind, quantity, metadata)
      where k.list = e.list
      union all
      select 'tool_call', e.tool, null, null, case when n = 1000 then o.uses - 999 else 1 end, jsonb_build_object('outcome', o.outcome),
        'tool:' || e.tool || ':' || o.outcome || ':' || n, o.outcome = 'refused'
      from entries e
      cross join lateral (values ('ok', e.ok), ('refused', e.refused), ('failed', e.failed), ('unfinished', e.unfinished)) o (outcome, uses)
      cross join lateral generate_series(1, least(o.uses, 1000)) n
      where e.list = 'tools')
    select row(c.ended_at, c.user_id, c.tenant_id, c.id, u.kind, u.tool, case u.kind when 'tool_call' then 'agent' end, u.provider, u.model,
      u.quantity, u.metadata, 'call:' || c.id || ':' || u.name, u.is_free)::private.usage_entry from used u where u.quantity > 0);
end $function$;

CREATE OR REPLACE FUNCTION private.memory_text(p_text text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select trim(regexp_replace(normalize(p_text, NFC),
    '[\s[:cntrl:]\u0080-\u009f\u200b\u2028-\u202e\u2066-\u2069\ufeff]+', ' ', 'g'))
$function$;

CREATE OR REPLACE FUNCTION private.meters_of_plan(p_plan_id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(to_jsonb(m) - 'plan_id' order by m.kind), '[]') from private.plan_meters m where m.plan_id = p_plan_id
$function$;

CREATE OR REPLACE FUNCTION private.micros_of_smallest_unit(p_currency text)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select case
    when upper(p_currency) = any ('{BIF,CLP,DJF,GNF,JPY,KMF,KRW,MGA,PYG,RWF,VND,VUV,XAF,XOF,XPF}') then 1000000
    when upper(p_currency) = any ('{BHD,JOD,KWD,OMR,TND}') then 1000
    else 10000 end
$function$;

CREATE OR REPLACE FUNCTION private.micros_text(p_micros bigint)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select trim(to_char(p_micros / 1000000.0, case when p_micros % 10000 = 0 then '999,999,990.00' when p_micros % 100 = 0 then '999,999,990.0000'
    else '999,999,990.000000' end))
$function$;

CREATE OR REPLACE FUNCTION private.money_currency(p public.purchases)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select coalesce(p.received_currency, p.currency)
$function$;

CREATE OR REPLACE FUNCTION private.money_of(p public.purchases)
 RETURNS private.money_changes
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select row(null, null, p.id, null, null, private.money_currency(p), p.package_id,
    case when p.idempotency_key like 'auto_top_up:%' then 'automatic' when p.purpose = 'gift' then 'gift' else 'own' end,
    (p.status = 'succeeded')::int, (p.status = 'failed' and p.idempotency_key like 'auto_top_up:%')::int,
    case when p.status = 'succeeded' then p.paid_seconds + p.bonus_seconds else 0 end, coalesce(p.received_cents, 0),
    case when private.money_currency(p) = p.currency then greatest(0, coalesce(p.received_cents, 0) - p.amount_cents) else 0 end,
    p.refunded_cents, p.lost_cents, private.earned_micros_per_second(p))::private.money_changes
$function$;

CREATE OR REPLACE FUNCTION private.nobody()
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$ select '00000000-0000-0000-0000-000000000000'::uuid $function$;

CREATE OR REPLACE FUNCTION private.nobody_can_use(p public.purchases)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case
    when p.tenant_id is not null then
      (select 'the tenant that it was bought for is closed' from public.tenants where id = p.tenant_id and closed_at is not null)
    when p.purpose = 'me' then
      (select 'the account that it was bought for is deleted' from public.users where id = p.user_id and deleted_at is not null)
  end
$function$;

CREATE OR REPLACE FUNCTION private.note_credit_period(s public.subscriptions, p_start timestamp with time zone, p_end timestamp with time zone)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into public.credit_periods as c (subscription_id, period_start, period_end, tenant_id, plan_id, is_trial, included)
    select s.id, p_start, p_end, s.tenant_id, p.id, s.status = 'trialing',
      case when s.status = 'trialing' then private.credits_of_trial(p.included_credits, p_start, p_end) else p.included_credits end
    from public.plans p where p.id = s.plan_id and p.kind = 'credits'
  -- What was noted before Stripe told of the period may have been of the plan before.
  on conflict (subscription_id, period_start) do update set period_end = coalesce(excluded.period_end, c.period_end), plan_id = excluded.plan_id,
      included = case when c.period_end is null then excluded.included else c.included end
    where c.closed_at is null and (c.period_end, c.plan_id) is distinct from (coalesce(excluded.period_end, c.period_end), excluded.plan_id)
$function$;

CREATE OR REPLACE FUNCTION private.note_debt(g public.grants, p_debtor_id uuid, p_total bigint, p_key text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_taken record := private.taken_from(g);
  v_owed bigint := p_total - v_taken.clawed_back - v_taken.expired
    - (select coalesce(sum(private.kept_of(id)), 0) from public.grants where g.id in (id, part_of));
begin
  if v_owed > 0 then
    perform private.post(p_debtor_id, null, 'clawback', -v_owed, p_key || ':debt', p_about_grant_id => g.id);
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.note_disputes(p_purchase_id uuid, p_disputes jsonb)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into public.payment_disputes (id, purchase_id, amount_cents, status, reason)
    select d ->> 'id', p_purchase_id, (d ->> 'amount_cents')::int, d ->> 'status', d ->> 'reason'
    from jsonb_array_elements(case jsonb_typeof(p_disputes) when 'array' then p_disputes else '[]' end) d
    order by d ->> 'id'
  on conflict (id) do update set status = excluded.status, updated_at = now()
  where payment_disputes.purchase_id = excluded.purchase_id
    and array_position(array['open', 'lost', 'won'], excluded.status)
      > array_position(array['open', 'lost', 'won'], payment_disputes.status)
$function$;

CREATE OR REPLACE FUNCTION private.note_fee()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.event_changes (kind, at, name, version, events, total)
    values ('fee', new.happened_at, new.currency, new.of_currency, 1, new.cents);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.note_first_end()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.accounts set first_end = new.expires_at
    where id = new.account_id and (first_end <= new.expires_at) is not true;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.note_money()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_now private.money_changes := private.money_of(new);
  v_before private.money_changes := private.money_of(old);
begin
  if v_now.currency = v_before.currency then
    perform private.note_money_change(v_now, 1, v_before);
  else
    -- No difference of two currencies: what stood in the one goes, and comes in the other.
    perform private.note_money_change(v_before, -1);
    perform private.note_money_change(v_now, 1);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.note_money_change(m private.money_changes, p_sign integer, p_minus private.money_changes DEFAULT NULL::private.money_changes)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into private.money_changes (purchase_id, happened_at, currency, package_id, way, purchases, declined, sold_seconds,
      received_cents, tax_cents, refunded_cents, lost_cents, micros_per_second)
    select m.purchase_id, coalesce((select min(happened_at) from private.money_changes
        where purchase_id = m.purchase_id and (purchases > 0 or received_cents > 0)), now()),
      m.currency, m.package_id, m.way, d.purchases, d.declined, d.sold, d.received, d.tax, d.refunded, d.lost, d.rate
    from (select p_sign * m.purchases - coalesce(p_minus.purchases, 0) as purchases,
      p_sign * m.declined - coalesce(p_minus.declined, 0) as declined,
      p_sign * m.sold_seconds - coalesce(p_minus.sold_seconds, 0) as sold,
      p_sign * m.received_cents - coalesce(p_minus.received_cents, 0) as received,
      p_sign * m.tax_cents - coalesce(p_minus.tax_cents, 0) as tax,
      p_sign * m.refunded_cents - coalesce(p_minus.refunded_cents, 0) as refunded,
      p_sign * m.lost_cents - coalesce(p_minus.lost_cents, 0) as lost,
      p_sign * m.micros_per_second - coalesce(p_minus.micros_per_second, 0) as rate) d
    where (d.purchases, d.declined, d.sold, d.received, d.tax, d.refunded, d.lost, d.rate) is distinct from
      (0, 0, 0, 0, 0, 0, 0, 0)
$function$;

CREATE OR REPLACE FUNCTION private.note_person()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.people_changes (at, people)
    select case tg_op when 'INSERT' then new.created_at else old.created_at end, case tg_op when 'INSERT' then 1 else -1 end
    where not case tg_op when 'INSERT' then new.is_machine else old.is_machine end;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.note_rating()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.event_changes (kind, at, name, version, events, total)
    select 'rating', c.opened_at, s.score::text, coalesce(left(c.measures ->> 'version', 100), ''), s.sign, s.sign * s.score
    from public.calls c cross join (values (case when tg_op <> 'INSERT' then old.score end, -1),
      (case when tg_op <> 'DELETE' then new.score end, 1)) s (score, sign)
    where c.id = case tg_op when 'DELETE' then old.call_id else new.call_id end and s.score is not null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.note_refunds(p_purchase_id uuid, p_refunds jsonb)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into public.payment_refunds (id, purchase_id, amount_cents, status)
    select r ->> 'id', p_purchase_id, (r ->> 'amount_cents')::int, r ->> 'status'
    from jsonb_array_elements(case jsonb_typeof(p_refunds) when 'array' then p_refunds else '[]' end) r
    order by r ->> 'id'
  on conflict (id) do update set status = excluded.status, updated_at = now()
  where payment_refunds.purchase_id = excluded.purchase_id
    and array_position(array['pending', 'succeeded', 'failed'], excluded.status)
      > array_position(array['pending', 'succeeded', 'failed'], payment_refunds.status)
$function$;

CREATE OR REPLACE FUNCTION private.note_request()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_sign int := case tg_op when 'DELETE' then -1 else 1 end;
  r private.support_requests;
begin
  if tg_op = 'DELETE' then r := old; else r := new; end if;
  if tg_op <> 'UPDATE' then
    insert into private.event_changes (kind, at, name, version, events, total)
      values ('request', r.created_at, r.about, r.version, v_sign, 0);
    insert into private.event_changes (kind, at, name, version, events, total)
      select 'request_provider', r.created_at, provider, r.version, v_sign, 0 from unnest(r.providers) provider;
  end if;
  if r.answered_at is not null and (tg_op <> 'UPDATE' or old.answered_at is null) then
    insert into private.event_changes (kind, at, name, version, events, total)
      values ('answer', r.created_at, private.answer_slot(r.answered_at - r.created_at), '', v_sign,
        v_sign * private.answer_seconds(r.answered_at - r.created_at));
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.note_revenue_of_agent()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.autonomous_agents set total_revenue_micros = total_revenue_micros + new.amount_micros where id = new.agent_id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.note_second_payment(p public.purchases, p_intent_id text, p_status text, p_received_cents integer, p_currency text, p_refunds jsonb)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_refunded int;
  v_failed boolean;
  v_is_new boolean;
begin
  if p_status is distinct from 'succeeded' or p_intent_id is null or (p_received_cents > 0) is not true or p_currency is null
     -- Money that counts for the purchase which it pays must not go back because it names another.
     or exists (select from public.purchases where payment_intent_id = p_intent_id) then
    return 'other_intent';
  end if;
  select coalesce(sum((r ->> 'amount_cents')::int) filter (where r ->> 'status' <> 'failed'), 0)::int,
      coalesce(bool_or(r ->> 'status' = 'failed'), false)
    into v_refunded, v_failed
    from jsonb_array_elements(case jsonb_typeof(p_refunds) when 'array' then p_refunds else '[]' end) r;
  insert into public.second_payments (payment_intent_id, purchase_id, received_cents, currency, refunded_cents)
    values (p_intent_id, p.id, p_received_cents, p_currency, v_refunded)
    on conflict (payment_intent_id) do update set refunded_cents = excluded.refunded_cents, updated_at = now()
    returning xmax = 0 into v_is_new;
  perform public.note_finding('second_payment', p_intent_id, format('%s %s paid for purchase %s beside its own payment: %s',
    p_received_cents, p_currency, p.id, case when v_refunded >= p_received_cents then 'it went back'
      when v_failed then 'its refund failed, return it by hand' else 'it goes back' end));
  if v_is_new and v_refunded < p_received_cents then
    perform private.enqueue('return_second_payment', 'second_payment:' || p_intent_id,
      jsonb_build_object('payment_intent_id', p_intent_id));
    perform private.owe_notice('second_payment', p.id, p_intent_id);
  end if;
  return case when v_is_new then 'second_payment' else 'other_intent' end;
end $function$;

CREATE OR REPLACE FUNCTION private.note_settled_call()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.settled_calls (call_id) values (new.id);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.note_taken(g public.grants, p_reason text, p_amount bigint)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into private.taken_parts (account_id, grant_id, reason, amount, bonus, usable_for)
  values (g.account_id, g.id, p_reason, p_amount, least(p_amount, greatest(0, g.remaining - g.paid)),
    greatest(interval '0', g.expires_at - now()))
$function$;

CREATE OR REPLACE FUNCTION private.note_trial()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.event_changes (kind, at, name, version, events, total) values ('trial', new.claimed_at, 'claimed', '', 1, 0);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.overage_refusal(c public.credit_periods, s public.subscriptions, p_beyond bigint)
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_overage bigint := p_beyond - private.credits_ahead(c);
  v_price bigint;
  v_smallest numeric;
  v_cap bigint;
begin
  if c.subscription_id is not null and not c.is_trial and s.status <> 'trialing' and v_overage <= 0 then
    return null;
  end if;
  select p.credit_price_micros, private.micros_of_smallest_unit(p.currency) into v_price, v_smallest from public.plans p where p.id = c.plan_id;
  if c.subscription_id is null or c.is_trial or s.status = 'trialing' or v_price is null or c.granted < c.included then
    return 'no_credits_left';
  end if;
  select overage_cap_cents into v_cap from private.credit_settings where tenant_id = c.tenant_id;
  return case when v_overage::numeric * v_price > v_cap * v_smallest then 'overage_cap_reached' end;
end $function$;

CREATE OR REPLACE FUNCTION private.overused_seconds(s public.subscriptions)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(sum(greatest(0, u.seconds - floor(g.paid * extract(epoch from s.current_period_start - p.period_start)
      / extract(epoch from p.period_end - p.period_start)))), 0)::bigint
  from private.plan_grants p join public.grants g on g.id = p.grant_id
  cross join lateral (select coalesce(-sum(l.amount), 0) as seconds from public.ledger l
    where l.about_grant_id = g.id and l.reason in ('use', 'debt_payment')) u
  where p.subscription_id = s.id and not p.is_trial
    and p.period_start < s.current_period_start and p.period_end > s.current_period_start
$function$;

CREATE OR REPLACE FUNCTION private.owe_customer(p_user_id uuid, p_after text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.enqueue('create_customer',
    concat_ws(':after:', 'customer:' || p_user_id, p_after), jsonb_build_object('user_id', p_user_id))
$function$;

CREATE OR REPLACE FUNCTION private.owe_customer_at_sign_up()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.owe_customer(new.id);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.owe_customer_of_new_tenant()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.owe_tenant_customer(new.id);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.owe_customer_update()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- A job says that something changed, not what: it copies what is true when it runs. So each change is a job of its own.
  perform private.enqueue('update_customer', format('customer:%s:changed:%s', new.id, gen_random_uuid()),
    jsonb_build_object('user_id', new.id));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.owe_dispute_notice()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'INSERT' or new.status is distinct from old.status then
    perform private.owe_notice('dispute_' || new.status, new.purchase_id, new.id);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.owe_gainshare(p_run_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  r public.gainshare_runs;
begin
  select * into strict r from public.gainshare_runs where id = p_run_id;
  if r.status <> 'approved' then
    delete from private.invoice_lines where gainshare_run_id = r.id and placed_at is null and target_invoice_id is null;
  elsif r.fee_cents > 0 then
    insert into private.invoice_lines (tenant_id, part, gainshare_run_id, quantity, amount_cents, currency, description)
      values (r.tenant_id, 'gainshare', r.id, 1, r.fee_cents, r.currency, format('Gain-share %s to %s: %s %% of %s', r.period_start, r.period_end,
        trim_scale(r.share_pct), to_char(r.savings_cents * private.micros_of_smallest_unit(r.currency) / 1000000, 'FM999999999999990.00')))
      on conflict (gainshare_run_id) do nothing;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.owe_gift(p public.purchases)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.enqueue('notice', format('notice:gift:%s', p.id), jsonb_build_object('notice', 'gift',
      'purchase_id', p.id, 'subject_id', p.id, 'due_at', greatest(now(), p.deliver_at)),
    greatest(now(), p.deliver_at))
$function$;

CREATE OR REPLACE FUNCTION private.owe_invoice_mail(p_notice text, p_invoice_id text, p_subject text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.enqueue('notice', format('notice:%s:%s', p_notice, p_subject), jsonb_build_object('notice', p_notice, 'invoice_id', p_invoice_id))
$function$;

CREATE OR REPLACE FUNCTION private.owe_meter_events()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.meter_events (occurred_month, usage_event_id, tenant_id, event_name, value, unit_amount_decimal, currency,
      occurred_at, due_at, state, reason)
    select a.occurred_month, a.id, a.tenant_id, m.event_name, v.value, m.unit_amount_decimal, m.currency, a.occurred_at,
      -- Clocks differ: what is ahead by more than five minutes would be refused.
      greatest(now(), a.occurred_at - interval '4 minutes'), case when v.value is null then 'unpriced' else 'owed' end,
      case when v.value is null then case when a.price_micros is null then 'no_rate' else 'another_currency' end end
    from added a join public.tenants t on t.id = a.tenant_id
    join private.plan_meters m on m.plan_id = t.plan_id and m.kind = a.kind
    cross join lateral (select case when m.value = 'quantity' then a.quantity
      when a.currency = m.currency then a.price_micros end as value) v
    where v.value is distinct from 0
    on conflict (usage_event_id, occurred_month) do nothing;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.owe_notice(p_notice text, p_purchase_id uuid, p_subject text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.enqueue('notice', format('notice:%s:%s', p_notice, p_subject),
    jsonb_build_object('notice', p_notice, 'purchase_id', p_purchase_id, 'subject_id', p_subject))
$function$;

CREATE OR REPLACE FUNCTION private.owe_receipt()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.owe_notice('receipt', new.id, new.id::text);
  if new.purpose = 'gift' then
    perform private.owe_gift(new);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.owe_refund_notice()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'INSERT' and new.status <> 'failed' then
    perform private.owe_notice('refund', new.purchase_id, new.id);
  elsif tg_op = 'UPDATE' and new.status = 'failed' and old.status <> 'failed' then
    perform private.owe_notice('refund_failed', new.purchase_id, new.id);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.owe_task(t public.brain_tasks)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.enqueue('agent_task', format('agent_task:%s:%s', t.id, t.epoch), jsonb_build_object('task_id', t.id), t.due_at)
$function$;

CREATE OR REPLACE FUNCTION private.owe_tenant_customer(p_tenant_id uuid, p_after text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.enqueue('create_tenant_customer', concat_ws(':after:', 'tenant_customer:' || p_tenant_id, p_after),
    jsonb_build_object('tenant_id', p_tenant_id))
$function$;

CREATE OR REPLACE FUNCTION private.owe_update_of_tenant(p_tenant_id uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.enqueue('update_tenant_customer', format('tenant_customer:%s:changed:%s', p_tenant_id, gen_random_uuid()),
    jsonb_build_object('tenant_id', p_tenant_id))
$function$;

CREATE OR REPLACE FUNCTION private.page_size(p_limit integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select greatest(1, least(coalesce(p_limit, 20), 100))
$function$;

CREATE OR REPLACE FUNCTION private.paid_call_refusal(p_account_id uuid, p_call_id uuid, p_cents bigint)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_call public.paid_calls;
begin
  if p_call_id is null then
    return null;
  end if;
  -- Two extensions at once must not pass the cap together.
  select * into v_call from public.paid_calls where id = p_call_id and account_id = p_account_id for update;
  return case when v_call.id is null then 'unknown_call'
    when exists (select from public.calls where id = p_call_id and status = 'settled') then 'call_settled'
    when private.paid_for_call(p_call_id) + p_cents > v_call.max_cents then 'spend_cap_reached' end;
end $function$;

CREATE OR REPLACE FUNCTION private.paid_call_seen(c public.paid_calls)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('call_id', c.id, 'user_id', c.user_id, 'tenant_id', c.tenant_id, 'max_cents', c.max_cents,
    'status', coalesce(k.status, 'waiting'), 'paid_seconds', paid.seconds, 'used_seconds', used.seconds,
    -- While it runs: what it can go on for, all of it is there. After it: what of the payment was not used.
    'left_seconds', case when k.status = 'settled' then 0
      else greatest(0, least(paid.seconds, public.get_user_time_balance(c.account_id)) - used.seconds) end,
    'given_back_seconds', case when k.status = 'settled' then greatest(0, paid.seconds - used.seconds) else 0 end,
    'account_seconds', public.get_user_time_balance(c.account_id), 'orders', paid.orders,
    'receipt', k.receipt)
  from (select coalesce(sum(p.paid_seconds + p.bonus_seconds - p.clawed_back_seconds) filter (where p.status = 'succeeded'), 0)::bigint as seconds,
      coalesce(jsonb_agg(private.machine_order(p.id) order by p.created_at), '[]') as orders
    from public.machine_payments m join public.purchases p on p.id = m.purchase_id where m.call_id = c.id) paid
  left join public.calls k on k.id = c.id
  left join public.holds h on h.id = c.id
  cross join lateral (select coalesce(k.charged_seconds, (h.used_ms - h.restored_ms + 999) / 1000, 0)::bigint as seconds) used
$function$;

CREATE OR REPLACE FUNCTION private.paid_for_call(p_call_id uuid)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(sum(p.amount_cents), 0)::bigint from public.machine_payments m join public.purchases p on p.id = m.purchase_id
  where m.call_id = p_call_id and p.status not in ('failed', 'canceled')
$function$;

CREATE OR REPLACE FUNCTION private.paid_tools_of(p_call_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_agg(jsonb_build_object('name', p.name, 'calls', t.calls, 'charged_micros', t.charged) order by p.name)
  from (select product_id, count(*) as calls, sum(charged_micros)::bigint as charged from public.api_executions
    where call_id = p_call_id and status <> 'running' and charged_micros > 0 group by product_id) t
  join public.api_products p on p.id = t.product_id
$function$;

CREATE OR REPLACE FUNCTION private.part_of_line(p_line jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when p_line ->> 'part' in ('assets', 'credits', 'gainshare') then p_line ->> 'part'
    when (p_line ->> 'is_base')::boolean then 'base' else 'other' end
$function$;

CREATE OR REPLACE FUNCTION private.pay_debt(p_account_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
  insert into private.taken_parts (account_id, grant_id, reason, amount, bonus, usable_for)
    select p_account_id, g.id, 'debt_payment', line.amount, line.bonus, greatest(interval '0', g.expires_at - now())
    from jsonb_to_recordset(private.take_from_grants(p_account_id, v_pay, 'debt_payment', v_key))
      as line (grant_id uuid, amount bigint, bonus bigint)
    join public.grants g on g.id = line.grant_id;
  perform private.post(p_account_id, null, 'debt_payment', v_pay, v_key);
end $function$;

CREATE OR REPLACE FUNCTION private.people_of_id(p_id uuid)
 RETURNS TABLE(user_id uuid, found_by text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select id, 'person' from public.users where id = p_id
  union all select c.user_id, 'call' from public.calls c where c.id = p_id
  union all select p.user_id, 'purchase' from public.purchases p where p.id = p_id
  union all select g.account_id, 'card' from public.grants g where g.id = p_id
  union all select g.purchaser_id, 'card given' from public.grants g where g.id = p_id and g.purchaser_id <> g.account_id
$function$;

CREATE OR REPLACE FUNCTION private.period_forecast(s public.subscriptions)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  c public.credit_periods;
  v_account public.accounts;
  a record;
  v_zone text := (select time_zone from public.tenants where id = s.tenant_id);
  v_nights int;
  v_used bigint;
  v_left bigint;
  v_assets int;
begin
  select * into c from public.credit_periods where subscription_id = s.id and period_start <= now() order by period_start desc limit 1;
  if (c.period_end > now()) is not true then
    return null;
  end if;
  select * into v_account from public.accounts where owner_kind = 'tenant' and owner_id = s.tenant_id and unit = 'credit';
  v_used := ceil(c.used * extract(epoch from c.period_end - c.period_start)
    / greatest(extract(epoch from now() - c.period_start), least(86400, extract(epoch from c.period_end - c.period_start))));
  v_used := greatest(v_used, c.used);
  v_left := coalesce(v_account.balance - v_account.debt, 0) + private.credits_ahead(c);
  a := private.assets_of_period(s.tenant_id, v_zone, c.period_start, c.period_end);
  v_nights := ((c.period_end - interval '1 microsecond') at time zone v_zone)::date - (now() at time zone v_zone)::date;
  select case p.assets_billed_by when 'latest' then a.latest when 'peak' then a.peak
      else round((a.total + a.latest::numeric * v_nights) / nullif(a.nights + v_nights, 0)) end
    into v_assets from public.plans p where p.id = c.plan_id;
  return private.usage_of_period(c, case when c.is_trial then 0 else greatest(0, v_used - c.used - v_left) end,
    jsonb_build_object('used', v_used, 'assets', coalesce(v_assets, 0)));
end $function$;

CREATE OR REPLACE FUNCTION private.period_usage(p_subscription_id text, p_period_start timestamp with time zone, p_period_end timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  s public.subscriptions;
  c public.credit_periods;
  v_account public.accounts;
begin
  select * into s from public.subscriptions where id = p_subscription_id;
  if not found or not exists (select from public.plans where id = s.plan_id and kind = 'credits')
      or (p_period_end > p_period_start and isfinite(p_period_start) and isfinite(p_period_end)) is not true then
    return null;
  end if;
  select * into c from public.credit_periods where subscription_id = s.id and period_start = p_period_start;
  if c.closed_at is null then
    v_account := private.lock_credits(s.tenant_id);
    perform private.expire_grants_of(v_account.id);
    select * into c from public.credit_periods where subscription_id = s.id and period_start = p_period_start;
    if c.subscription_id is null and exists (select from public.credit_periods where subscription_id = s.id and period_start < p_period_end
        and coalesce(period_end, 'infinity') > p_period_start) then
      return null;
    elsif c.subscription_id is null then
      perform private.note_credit_period(s, p_period_start, p_period_end);
    elsif c.closed_at is null and p_period_end < coalesce(c.period_end, 'infinity') then
      -- It ended earlier than was told before.
      update public.credit_periods set period_end = p_period_end where subscription_id = s.id and period_start = p_period_start;
    end if;
    if p_period_end <= now() then
      perform private.close_credit_periods(v_account, p_period_start + interval '1 microsecond');
    else
      perform private.close_credit_periods(v_account, p_period_start);
    end if;
    select * into strict c from public.credit_periods where subscription_id = s.id and period_start = p_period_start;
    select * into v_account from public.accounts where id = v_account.id;
  end if;
  return coalesce(c.usage, private.usage_of_period(c, greatest(0, v_account.debt - private.credits_ahead(c)), null));
end $function$;

CREATE OR REPLACE FUNCTION private.pick_up(p_account_id uuid, p_whole_id uuid, p_reason text, p_amount bigint)
 RETURNS SETOF private.taken_parts
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_left bigint := p_amount;
  v_part private.taken_parts;
begin
  for v_part in
    select * from private.taken_parts t where t.account_id = p_account_id and t.reason = p_reason
      and (p_whole_id is null or t.grant_id in (select id from public.grants where p_whole_id in (id, part_of)))
    order by t.id desc for update
  loop
    exit when v_left = 0;
    if v_part.amount <= v_left then
      delete from private.taken_parts where id = v_part.id;
    else
      update private.taken_parts set amount = amount - v_left, bonus = least(bonus, amount - v_left) where id = v_part.id;
      v_part.bonus := greatest(0, v_part.bonus - (v_part.amount - v_left));
      v_part.amount := v_left;
    end if;
    v_left := v_left - v_part.amount;
    return next v_part;
  end loop;
  if v_left > 0 then
    v_part := null;
    v_part.account_id := p_account_id;
    v_part.grant_id := p_whole_id;
    v_part.amount := v_left;
    v_part.bonus := 0;
    v_part.usable_for := interval '1 year';
    return next v_part;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.plan_of(p_tenant_id uuid, p_line text)
 RETURNS public.plans
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select p from public.plans p
    left join public.subscriptions s on s.plan_id = p.id and s.tenant_id = p_tenant_id and s.status in ('trialing', 'active', 'past_due')
      and coalesce(s.cancel_at > now(), true)
  where p.line = p_line and (s.id is not null or p.active and p.base_price_cents = 0)
  order by s.id is null, s.status = 'past_due', s.current_period_end desc nulls last, s.id limit 1
$function$;

CREATE OR REPLACE FUNCTION private.platform_wallet()
 RETURNS uuid
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.wallet('platform', md5('platform ' || to_char(now() at time zone 'utc', 'YYYY-MM'))::uuid)
$function$;

CREATE OR REPLACE FUNCTION private.post(p_account_id uuid, p_grant_id uuid, p_reason text, p_amount bigint, p_key text, p_about_grant_id uuid DEFAULT NULL::uuid, p_call_id uuid DEFAULT NULL::uuid, p_emptied text DEFAULT 'exhausted'::text)
 RETURNS public.grants
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.price_period(p public.plans, p_is_trial boolean, p_assets integer, p_assets_by text, p_included bigint, p_used bigint, p_overage bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
declare
  v_extra int := greatest(0, coalesce(p_assets, 0) - p.included_assets);
  v_base bigint := case when p_is_trial then 0 else p.base_price_cents end;
  v_asset_cents bigint := case when p_is_trial then 0 else private.cents_for(v_extra, p.asset_price_micros, p.currency) end;
  v_credit_cents bigint := case when p_is_trial then 0 else private.cents_for(p_overage, p.credit_price_micros, p.currency) end;
begin
  return jsonb_build_object('plan_id', p.id, 'plan_code', upper(substr(p.id, 9)), 'currency', p.currency, 'is_trial', p_is_trial, 'base_cents', v_base,
    'assets', jsonb_build_object('billed', coalesce(p_assets, 0), 'billed_by', p.assets_billed_by, 'counted', p_assets_by, 'included', p.included_assets,
      'extra', v_extra, 'unit_price_micros', p.asset_price_micros, 'cents', v_asset_cents),
    'credits', jsonb_build_object('used', p_used, 'included', p_included, 'overage', p_overage,
      'unit_price_micros', p.credit_price_micros, 'cents', v_credit_cents),
    'subtotal_cents', v_base + v_asset_cents + v_credit_cents,
    'chain', jsonb_build_array(
      format('Base of %s: %s', p.name, private.cents_text(v_base, p.currency)),
      format('Assets: %s billed (%s) - %s included = %s x %s = %s', private.count_text(coalesce(p_assets, 0)), p_assets_by,
        private.count_text(p.included_assets), private.count_text(v_extra), private.micros_text(coalesce(p.asset_price_micros, 0)),
        private.cents_text(v_asset_cents, p.currency)),
      format('Credits: %s used, %s beyond what was there x %s = %s', private.count_text(p_used), private.count_text(p_overage),
        private.micros_text(coalesce(p.credit_price_micros, 0)), private.cents_text(v_credit_cents, p.currency)),
      format('Together before tax: %s %s', private.cents_text(v_base + v_asset_cents + v_credit_cents, p.currency), upper(p.currency))));
end $function$;

CREATE OR REPLACE FUNCTION private.providers_of(p_measures jsonb)
 RETURNS TABLE(provider text, failures bigint)
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select left(u.provider, 150), sum(u.failures)::bigint from (
    select p.part || '@' || (m.model ->> 'provider') as provider, 0::bigint as failures
    from (values ('llm'), ('stt'), ('tts')) p (part)
    cross join lateral jsonb_array_elements(case jsonb_typeof(p_measures -> p.part) when 'array' then p_measures -> p.part else '[]' end) m (model)
    where jsonb_typeof(m.model -> 'provider') = 'string'
    union all
    select f.key, greatest(0, least((f.value #>> '{}')::numeric, 1000000000))::bigint
    from jsonb_each(case jsonb_typeof(p_measures -> 'errors_by_provider') when 'object' then p_measures -> 'errors_by_provider' else '{}' end) f
    where jsonb_typeof(f.value) = 'number') u
  group by 1
$function$;

CREATE OR REPLACE FUNCTION private.purchase_seen(p public.purchases)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('purchase_id', p.id, 'purpose', p.purpose, 'package_id', p.package_id,
    'package_name', coalesce((select t.name from public.pricing_tiers t where t.id = p.package_id), p.package_id),
    'total_seconds', p.paid_seconds + p.bonus_seconds, 'bonus_seconds', p.bonus_seconds,
    'status', p.status, 'amount_cents', p.amount_cents, 'currency', p.currency,
    'received_cents', p.received_cents, 'received_currency', private.money_currency(p),
    'refunded_cents', p.refunded_cents, 'disputed_cents', p.disputed_cents, 'lost_cents', p.lost_cents,
    'taken_back_seconds', p.clawed_back_seconds,
    'paid_debt_seconds', coalesce((select c.paid_debt_seconds from public.time_cards c where c.id = p.id), 0),
    'is_automatic', exists (select from private.auto_top_up_charges c where c.purchase_id = p.id),
    'recipient_name', p.gift_recipient, 'recipient_email', p.gift_email,
    'deliver_at', private.utc_text(p.deliver_at),
    'created_at', private.utc_text(p.created_at),
    'refunds', (select coalesce(jsonb_agg(jsonb_build_object('amount_cents', r.amount_cents, 'status', r.status,
        'created_at', private.utc_text(r.created_at)) order by r.created_at, r.id), '[]')
      from public.payment_refunds r where r.purchase_id = p.id))
$function$;

CREATE OR REPLACE FUNCTION private.quarter_of(p_at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$ select date_bin('15 minutes', p_at, timestamptz '2000-01-01T00:00:00Z') $function$;

CREATE OR REPLACE FUNCTION private.queue_channel()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select 'pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24)
$function$;
comment on function private.queue_channel() is 'Where pg-boss listens; a payload is the name of a queue.';

CREATE OR REPLACE FUNCTION private.read_task(t public.brain_tasks)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('id', t.id, 'opportunity_id', t.opportunity_id, 'assigned_agent', t.assigned_agent, 'task_type', t.task_type,
    'target_api_id', t.target_api_id, 'status', t.status, 'is_simulation', t.is_simulation, 'attempts', t.attempts,
    'reserved_micros', t.reserved_micros, 'charged_micros', t.charged_micros, 'error', t.error,
    'created_at', private.utc_text(t.created_at), 'ended_at', private.utc_text(t.ended_at))
$function$;

CREATE OR REPLACE FUNCTION private.receipt_cards(p_lines jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(line || jsonb_build_object(
      'paid_seconds', (line ->> 'seconds')::bigint - (line ->> 'bonus_seconds')::bigint,
      'package_id', g.package_id, 'expires_at', private.utc_text(g.expires_at),
      'tariff', case when p.id is not null then jsonb_build_object('price_cents', p.amount_cents,
        'currency', p.currency, 'seconds', p.paid_seconds + p.bonus_seconds) end) order by position), '[]')
  from jsonb_array_elements(private.card_lines(p_lines)) with ordinality as l (line, position)
  join public.grants g on g.id = (line ->> 'card_id')::uuid
  left join public.purchases p on p.id = coalesce(g.part_of, g.id)
$function$;

CREATE OR REPLACE FUNCTION private.receipt_hash(p_receipt jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select encode(sha256(convert_to((p_receipt - 'hash')::text, 'UTF8')), 'hex')
$function$;

CREATE OR REPLACE FUNCTION private.receive_money(p public.purchases, p_intent_id text, p_received_cents integer, p_tax_cents integer, p_currency text, p_code_hash text)
 RETURNS public.purchases
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.record_call_usage()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.record_usage(case when old.status = 'settled' then '{}' else private.seconds_of_call(new) end
    || case when new.measures is null then '{}' else private.measured_usage_of_call(new) end, new.opened_at);
  return null;
exception when others then
  raise warning 'usage of call % not recorded: %', new.id, sqlstate;
  begin
    insert into private.usage_to_record (call_id, reason) values (new.id, sqlstate) on conflict do nothing;
  exception when others then
    -- The check of each night finds it.
    raise warning 'nor noted: %', sqlstate;
  end;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.record_usage(p_entries private.usage_entry[], p_priced_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_credits private.credit_entry DEFAULT NULL::private.credit_entry)
 RETURNS TABLE(owner_id uuid, key text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
begin
  -- Ordered, so that two that record the same at once wait for each other instead of deadlocking.
  return query insert into public.usage_events (occurred_month, occurred_at, owner_id, tenant_id, user_id, call_id, kind, tool, server,
      provider, model, quantity, unit, cost_micro_usd, price_micros, currency, rate_id, metadata, key, subscription_id, event_type, units,
      credits_burned, credit_rule_id)
    select date_trunc('month', e.occurred_at at time zone 'utc')::date, e.occurred_at, coalesce(e.tenant_id, e.user_id), e.tenant_id,
      e.user_id, e.call_id, e.kind, e.tool, e.server, e.provider, e.model, e.quantity,
      coalesce((p_credits).piece, private.usage_unit(e.kind)),
      -- What runs on a machine of ours costs nothing, unless a rate says so.
      coalesce(round(e.quantity::numeric * r.cost_micros_usd_per_million / 1000000)::bigint,
        case when e.provider ~ '^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$' then 0 end),
      case when e.is_free then 0
        else round(e.quantity::numeric * coalesce(r.price_micros_per_million,
          r.cost_micros_usd_per_million * (100 + r.markup_percent) / 100) / 1000000)::bigint end,
      e.currency, r.id, coalesce(e.metadata, '{}'), e.key, (p_credits).subscription_id, (p_credits).event_type, (p_credits).units,
      (p_credits).credits, (p_credits).rule_id
    from (select u.*, case when u.tenant_id is null then 'usd' else coalesce((select p.currency from public.tenants t
        join public.plans p on p.id = t.plan_id where t.id = u.tenant_id), 'usd') end as currency from unnest(p_entries) u) e
    left join lateral (
      select r.* from public.rates r
      -- Cached input without a rate of its own is input.
      where r.kind in (e.kind, case e.kind when 'llm_cached_input_token' then 'llm_input_token' end) and r.currency = e.currency
        and r.valid_from <= coalesce(p_priced_at, e.occurred_at)
        and (r.valid_to is null or r.valid_to > coalesce(p_priced_at, e.occurred_at))
        and (r.provider is null or r.provider = e.provider) and (r.model is null or r.model = e.model)
        and (r.tool is null or r.tool = e.tool)
      order by r.tool is not null desc, r.model is not null desc, r.provider is not null desc, r.kind = e.kind desc limit 1) r on true
    order by coalesce(e.tenant_id, e.user_id), e.key
  on conflict (owner_id, key, occurred_month) do nothing
  returning usage_events.owner_id, usage_events.key;
end $function$;

CREATE OR REPLACE FUNCTION private.refund_micros(p_hold_id uuid, p_key text, p_amount bigint DEFAULT NULL::bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  raise exception '% is append-only: write a correcting entry instead', tg_table_name using errcode = 'PT403';
end $function$;

CREATE OR REPLACE FUNCTION private.refuse_deleted_person()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if exists (select from public.users where deleted_at is not null
      and id::text = to_jsonb(new) ->> case tg_table_name when 'grants' then 'account_id' else 'user_id' end) then
    raise exception 'this person was deleted' using errcode = 'PT401';
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.refuse_frozen_person()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id uuid;
begin
  if tg_table_name = 'grants' then
    v_user_id := new.account_id;
  else
    v_user_id := new.user_id;
  end if;
  if exists (select from public.users where id = v_user_id and frozen_at is not null) then
    raise exception 'this account is frozen' using errcode = 'PT423';
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.refuse_rate(p_why text, p_rate jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  raise exception using errcode = 'PT422', message = p_why, detail = left(p_rate::text, 500);
end $function$;

CREATE OR REPLACE FUNCTION private.refuse_to_begin_elsewhere()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> 'created' then
    raise exception 'purchase % cannot begin as %', new.id, new.status using errcode = '23514';
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.refuse_to_go_back()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status is distinct from old.status and not private.may_follow(old.status, new.status) then
    raise exception 'purchase % cannot go from % to %', old.id, old.status, new.status using errcode = '23514';
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.release_micros(p_hold_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.release_restored(p_hold_id uuid, p_used_ms bigint, p_restored_ms bigint)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_hold public.holds;
  v_over bigint;
  v_part record;
begin
  update public.holds set used_ms = p_used_ms, restored_ms = p_restored_ms where id = p_hold_id returning * into strict v_hold;
  select coalesce(sum(amount), 0) - (v_hold.amount - v_hold.restored_ms / 1000) into v_over
    from private.kept_parts where hold_id = p_hold_id;
  for v_part in
    select k.grant_id, k.amount from private.kept_parts k join public.grants g on g.id = k.grant_id
    where k.hold_id = p_hold_id order by g.priority desc, g.expires_at desc, g.created_at desc, g.id desc
  loop
    exit when v_over <= 0;
    delete from private.kept_parts
      where hold_id = p_hold_id and grant_id = v_part.grant_id and amount <= v_over;
    update private.kept_parts set amount = amount - v_over where hold_id = p_hold_id and grant_id = v_part.grant_id;
    v_over := v_over - v_part.amount;
  end loop;
  perform private.pay_debt(v_hold.account_id);
end $function$;

CREATE OR REPLACE FUNCTION private.remember_fact(c public.calls, p_fact jsonb)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_text text := private.memory_text(p_fact ->> 'text');
  v_embedding real[] := private.embedding_of(p_fact -> 'embedding');
  v_model text := case when v_embedding is not null then p_fact ->> 'model' end;
  v_old public.caller_memories;
begin
  if private.holds_secret(v_text) then
    return 'refused';
  end if;
  if p_fact ->> 'replaces' is not null then
    select * into v_old from public.caller_memories
      where user_id = c.user_id and id::text = lower(p_fact ->> 'replaces');
    -- One that is gone was erased: its newer wording would bring it back.
    if not found or v_old.corrected_at >= c.opened_at then
      return 'known';
    end if;
  end if;
  -- Told again: as fresh as new, in the words that it has.
  update public.caller_memories set updated_at = clock_timestamp(), embedding = coalesce(v_embedding, embedding),
      embedding_model = case when v_embedding is null then embedding_model else v_model end
    where user_id = c.user_id and private.folded(text) = private.folded(v_text) and id is distinct from v_old.id;
  if found then
    delete from public.caller_memories where id = v_old.id;
    return 'known';
  elsif v_old.id is not null then
    update public.caller_memories set text = v_text, kind = p_fact ->> 'kind', source = 'call', call_id = c.id,
      embedding = v_embedding, embedding_model = v_model, updated_at = clock_timestamp(), corrected_at = null
      where id = v_old.id;
  else
    insert into public.caller_memories (user_id, text, kind, source, call_id, embedding, embedding_model)
      values (c.user_id, v_text, p_fact ->> 'kind', 'call', c.id, v_embedding, v_model);
  end if;
  return 'stored';
end $function$;

CREATE OR REPLACE FUNCTION private.renew_api_allowance(p_tenant_id uuid)
 RETURNS private.api_allowances
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  p public.plans := private.plan_of(p_tenant_id, 'api');
  a private.api_allowances;
  v_start timestamptz;
  v_end timestamptz;
  v_used bigint;
begin
  insert into private.api_allowances (tenant_id, period_start, period_end, per_minute, is_stale)
    values (p_tenant_id, '-infinity', now(), 0, true)
    on conflict (tenant_id) do nothing;
  select * into a from private.api_allowances where tenant_id = p_tenant_id for update;
  select current_period_start, current_period_end into v_start, v_end from public.subscriptions
    where tenant_id = p_tenant_id and plan_id = p.id and status in ('trialing', 'active', 'past_due') and coalesce(cancel_at > now(), true)
    order by status = 'past_due', current_period_end desc nulls last, id limit 1;
  while v_end <= now() loop
    v_start := v_end;
    v_end := v_end + interval '1 month';
  end loop;
  v_start := coalesce(v_start, date_trunc('month', now(), 'UTC'));
  v_end := coalesce(v_end, (date_trunc('month', now() at time zone 'UTC') + interval '1 month') at time zone 'UTC');
  if isfinite(a.period_start) and a.period_start <> v_start then
    insert into private.api_periods (tenant_id, period_start, period_end, plan_id, used)
      values (p_tenant_id, a.period_start, a.period_end, a.plan_id, a.used)
      on conflict (tenant_id, period_start) do update set used = excluded.used, period_end = excluded.period_end, plan_id = excluded.plan_id;
  end if;
  v_used := case when a.period_start = v_start then a.used else
    (select used from private.api_periods where tenant_id = p_tenant_id and period_start = v_start) end;
  delete from private.api_hours where tenant_id = p_tenant_id and hour < now() - interval '400 days';
  delete from private.api_errors where tenant_id = p_tenant_id and day < current_date - 400;
  update private.api_allowances set plan_id = p.id, period_start = v_start, period_end = v_end, used = coalesce(v_used, 0),
      quota = case when p.id is not null or exists (select from public.plans where line = 'api' and active)
        then coalesce(p.requests_per_period, 0) end,
      per_minute = coalesce(p.requests_per_minute, 600), is_stale = false
    where tenant_id = p_tenant_id returning * into a;
  return a;
end $function$;

CREATE OR REPLACE FUNCTION private.renewal_refusal(p_call_id uuid, p_epoch integer, OUT status text, OUT epoch integer, OUT charged_seconds integer)
 RETURNS record
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when c.id is null then 'unknown_call' when coalesce(c.epoch, h.epoch) is distinct from p_epoch then 'fenced'
      when c.status = 'settled' then 'call_settled' end, coalesce(c.epoch, h.epoch), c.charged_seconds
  from (select) one left join public.calls c on c.id = p_call_id left join public.holds h on h.id = c.id
$function$;

CREATE OR REPLACE FUNCTION private.reopen_event(p_event_id text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.stripe_events set status = 'received', outcome = 'received', attempts = 0
    where id = p_event_id and status in ('parked', 'ignored', 'received');
  return case when found then 'reopened'
    when exists (select from public.stripe_events where id = p_event_id) then 'done' else 'unknown_event' end;
end $function$;

CREATE OR REPLACE FUNCTION private.request_for_operators(r private.support_requests)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select private.describe_request(r) || jsonb_build_object('user_id', r.user_id, 'email', u.email,
    'display_name', u.display_name, 'answered_by', r.answered_by, 'closed_by', r.closed_by,
    'answer_seconds', floor(extract(epoch from r.answered_at - r.created_at))::bigint,
    'waiting_seconds', case r.status when 'open' then floor(extract(epoch from now() - r.created_at))::bigint end)
  from public.users u where u.id = r.user_id
$function$;

CREATE OR REPLACE FUNCTION private.reserve_budget(a public.autonomous_agents, p_day date, p_micros bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.agent_budgets (agent_id, day) values (a.id, p_day) on conflict do nothing;
  update public.agent_budgets b set reserved_micros = b.reserved_micros + p_micros
    from public.autonomous_agents g
    where b.agent_id = a.id and b.day = p_day and g.id = a.id and p_micros >= 0
      and b.spent_micros + b.reserved_micros + p_micros <= g.daily_budget_micros;
  return found;
end $function$;

CREATE OR REPLACE FUNCTION private.retire_agent(p_agent_id uuid, p_why text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  a public.autonomous_agents;
  t public.brain_tasks;
begin
  update public.autonomous_agents set retired_at = now(), status = 'maintenance', updated_at = now()
    where id = p_agent_id and retired_at is null returning * into a;
  if not found then
    return false;
  end if;
  -- What it has not begun somebody else may do. What runs comes to its end: its price is promised.
  for t in select * from public.brain_tasks where assigned_agent = p_agent_id and status = 'assigned' order by id for update loop
    perform private.end_task(t, a, 'canceled', 0, null, p_why);
  end loop;
  return true;
end $function$;

CREATE OR REPLACE FUNCTION private.retire_agents_of()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_id uuid;
begin
  for v_id in select id from public.autonomous_agents where retired_at is null
    and case tg_table_name when 'users' then user_id = new.id else tenant_id = new.id end order by id
  loop
    perform private.retire_agent(v_id, 'who it worked for is gone');
  end loop;
  update public.sellers set closed_at = now() where closed_at is null
    and case tg_table_name when 'users' then user_id = new.id else tenant_id = new.id end;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.revenue_between(p_from timestamp with time zone, p_to timestamp with time zone, p_grain text DEFAULT 'quarter'::text)
 RETURNS TABLE(at timestamp with time zone, currency text, revenue_source text, entries numeric, amount_micros numeric, platform_fee_micros numeric, seller_share_micros numeric, stripe_cost_micros numeric)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select f.at, f.currency, f.revenue_source, f.entries::numeric, f.amount_micros, f.platform_fee_micros, f.seller_share_micros, f.stripe_cost_micros
    from private.revenue_figures f where f.grain = p_grain and f.at >= p_from and f.at < p_to
  union all
  select case p_grain when 'quarter' then t.at else date_trunc(p_grain, t.at, 'utc') end, t.currency, t.revenue_source, t.entries, t.amount_micros,
      t.platform_fee_micros, t.seller_share_micros, t.stripe_cost_micros
    from private.revenue_rolled_up w cross join lateral private.figures_of_revenue(w.upto, null) t where t.at >= p_from and t.at < p_to
$function$;

CREATE OR REPLACE FUNCTION private.review_reason(p public.purchases, p_intent_id text, p_received_cents integer, p_tax_cents integer, p_currency text)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case
    when p_intent_id is null then 'paid without a payment intent'
    when p.payment_intent_id is null and exists (select from public.purchases o
      where o.payment_intent_id = p_intent_id) then format('%s pays another purchase', p_intent_id)
    when p.currency is distinct from p_currency
      or p.amount_cents is distinct from p_received_cents - coalesce(p_tax_cents, 0) or (p_tax_cents < 0)
      then format('%s %s received for %s %s', p_received_cents, p_currency, p.amount_cents, p.currency)
    else private.nobody_can_use(p)
  end
$function$;

CREATE OR REPLACE FUNCTION private.revoke_invitations_by(p_user_id uuid, p_tenant_id uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update public.tenant_invitations set revoked_at = now()
    where tenant_id = p_tenant_id and invited_by = p_user_id and accepted_at is null and revoked_at is null
$function$;

CREATE OR REPLACE FUNCTION private.role_in(p_user_id uuid, p_tenant_id uuid)
 RETURNS text
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select m.role from public.tenant_members m join public.tenants t on t.id = m.tenant_id and t.closed_at is null
    join public.users u on u.id = m.user_id and u.deleted_at is null
  where m.tenant_id = p_tenant_id and m.user_id = p_user_id
$function$;

CREATE OR REPLACE FUNCTION private.search_words(p_config regconfig, p_text text)
 RETURNS tsquery[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select coalesce(array_agg((quoted || case when length(lexeme) >= 3 then ':*' else '' end)::tsquery), '{}')
  from (select lexeme, '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''' as quoted
    from unnest(to_tsvector(p_config, private.folded(left(p_text, 1000)))) limit 40) words
$function$;

CREATE OR REPLACE FUNCTION private.seconds_of_call(c public.calls)
 RETURNS private.usage_entry[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  if (c.charged_seconds > 0) is not true then
    return '{}';
  end if;
  return array[row(c.ended_at, c.user_id, c.tenant_id, c.id, 'voice_second', null, null, null, null, c.charged_seconds,
    jsonb_build_object('settled_by', c.settled_by), 'call:' || c.id || ':voice', false)::private.usage_entry];
end $function$;

CREATE OR REPLACE FUNCTION private.seconds_to_grant(p_free bigint, p_live_calls bigint, p_ahead_seconds bigint, p_max integer)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select greatest(0, least(p_free, p_max - p_ahead_seconds,
    greatest(least(5, p_max) - p_ahead_seconds, p_free / greatest(p_live_calls, 1))))
$function$;

CREATE OR REPLACE FUNCTION private.set_rate(p_rate jsonb)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  r record;
  v_thing bigint;
  v_same public.rates;
  v_before public.rates;
  v_next timestamptz;
begin
  select * into r from jsonb_to_record(p_rate) as x (kind text, provider text, model text, tool text,
    cost_micros_usd_per_million bigint, price_micros_per_million bigint, markup_percent numeric(7, 3), currency text,
    valid_from timestamptz, valid_to timestamptz);
  r.currency := coalesce(r.currency, 'usd');
  if private.usage_unit(r.kind) is null then
    perform private.refuse_rate('unknown_kind', p_rate);
  end if;
  v_thing := hashtextextended(r.kind || ' ' || coalesce(r.provider, '') || ' ' || coalesce(r.model, '') || ' '
    || coalesce(r.tool, '') || ' ' || r.currency, 0) >> 1;
  select * into v_same from public.rates where thing = v_thing and valid_from = r.valid_from;
  if found then
    if (v_same.cost_micros_usd_per_million, v_same.price_micros_per_million, v_same.markup_percent)
        is distinct from (r.cost_micros_usd_per_million, r.price_micros_per_million, r.markup_percent) then
      if v_same.valid_from <= clock_timestamp() then
        perform private.refuse_rate('has_held_already', p_rate);
      end if;
      update public.rates set cost_micros_usd_per_million = r.cost_micros_usd_per_million,
        price_micros_per_million = r.price_micros_per_million, markup_percent = r.markup_percent where id = v_same.id;
      return 'changed';
    elsif r.valid_to is not null and r.valid_to is distinct from v_same.valid_to then
      if least(r.valid_to, v_same.valid_to) <= clock_timestamp() then
        perform private.refuse_rate('has_held_already', p_rate);
      end if;
      update public.rates set valid_to = r.valid_to where id = v_same.id;
      return 'changed';
    end if;
    return 'unchanged';
  end if;
  select * into v_before from public.rates where thing = v_thing and valid_from < r.valid_from
    and (valid_to is null or valid_to > r.valid_from);
  if found then
    if r.valid_from <= clock_timestamp() then
      perform private.refuse_rate('another_held_then', p_rate);
    end if;
    update public.rates set valid_to = r.valid_from where id = v_before.id;
  end if;
  select min(valid_from) into v_next from public.rates where thing = v_thing and valid_from > r.valid_from;
  insert into public.rates (kind, provider, model, tool, cost_micros_usd_per_million, price_micros_per_million, markup_percent,
      currency, valid_from, valid_to)
    values (r.kind, r.provider, r.model, r.tool, r.cost_micros_usd_per_million, r.price_micros_per_million, r.markup_percent,
      r.currency, r.valid_from, least(r.valid_to, v_next));
  return 'added';
end $function$;

CREATE OR REPLACE FUNCTION private.settings_answer(p_settings public.caller_settings, p_status text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_build_object('status', p_status, 'locale', p_settings.locale, 'voice', p_settings.voice,
    'memory_enabled', p_settings.memory_enabled)
$function$;

CREATE OR REPLACE FUNCTION private.settings_of(p_user_id uuid)
 RETURNS public.caller_settings
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select (u.id, s.locale, s.voice, coalesce(s.memory_enabled, true), s.erased_at,
    coalesce(s.updated_at, u.created_at))::public.caller_settings
  from public.users u left join public.caller_settings s on s.user_id = u.id where u.id = p_user_id
$function$;

CREATE OR REPLACE FUNCTION private.settle_card(p public.purchases)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.settle_kept(p_account_id uuid, p_grant_ids uuid[], p_call_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.settle_micros(p_hold_id uuid, p_amount bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.settle_owned(g public.grants, p public.purchases, p_total bigint, p_disputed bigint)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.share_of_words(p_config regconfig, p_text text, p_words tsquery[])
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select coalesce(avg((said @@ word)::int), 0)
  from to_tsvector(p_config, private.folded(p_text)) said, unnest(p_words) word
$function$;

CREATE OR REPLACE FUNCTION private.share_seconds(p public.purchases, p_cents bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select (p.paid_seconds + p.bonus_seconds)::bigint * least(p_cents, m.paid) / m.paid
  from (select coalesce(nullif(p.received_cents, 0), p.amount_cents)::bigint as paid) m
$function$;

CREATE OR REPLACE FUNCTION private.slot_of(p_ms integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select greatest(0, least(63, floor(ln(greatest(p_ms, 1) / 20.0::float8) / ln(1.15::float8))::int + 1))
$function$;

CREATE OR REPLACE FUNCTION private.spend_reached(p_tenant_id uuid)
 RETURNS TABLE(period text, began date, threshold text, spent_micros bigint, limit_micros bigint, currency text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  p public.plans;
  s record;
  v_today date := (now() at time zone 'utc')::date;
begin
  select pl.* into p from public.tenants t join public.plans pl on pl.id = t.plan_id where t.id = p_tenant_id;
  if not found then
    return;
  end if;
  s := private.tenant_spend(p_tenant_id);
  return query select x.period, x.began, x.threshold, round(x.spent)::bigint, x.most, s.currency
    from (values ('day', v_today, 'soft', s.day_micros, p.soft_spend_per_day_micros),
      ('day', v_today, 'hard', s.day_micros, p.hard_spend_per_day_micros),
      ('month', date_trunc('month', v_today)::date, 'soft', s.month_micros, p.soft_spend_per_month_micros),
      ('month', date_trunc('month', v_today)::date, 'hard', s.month_micros, p.hard_spend_per_month_micros))
      x (period, began, threshold, spent, most)
    -- Nothing spent is nothing to tell of, however low the threshold.
    where x.spent >= x.most and x.spent > 0;
end $function$;

CREATE OR REPLACE FUNCTION private.spend_refusal(p_tenant_id uuid)
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  p public.plans;
  s record;
begin
  select pl.* into p from public.tenants t join public.plans pl on pl.id = t.plan_id where t.id = p_tenant_id;
  if not found or coalesce(p.hard_spend_per_day_micros, p.hard_spend_per_month_micros) is null then
    return null;
  end if;
  s := private.tenant_spend(p_tenant_id);
  return case when s.day_micros >= p.hard_spend_per_day_micros then 'day' when s.month_micros >= p.hard_spend_per_month_micros then 'month' end;
end $function$;

CREATE OR REPLACE FUNCTION private.split_price(p_amount bigint, p_fee_bps integer, p_owed_fraction integer, OUT share bigint, OUT fee bigint, OUT remainder bigint, OUT owed_fraction integer)
 RETURNS record
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select s.owed / 10000, p_amount * p_fee_bps / 10000, p_amount - s.owed / 10000 - p_amount * p_fee_bps / 10000, (s.owed % 10000)::int
  from (select p_amount * (10000 - p_fee_bps) + case when p_fee_bps < 10000 then p_owed_fraction else 0 end as owed) s
$function$;

CREATE OR REPLACE FUNCTION private.steps(p_from timestamp with time zone, p_to timestamp with time zone, p_step text, p_zone text)
 RETURNS TABLE(name text, step timestamp with time zone, step_end timestamp with time zone, sign integer, grain text, since timestamp with time zone, until timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_from timestamptz := date_trunc('hour', p_from, 'utc');
  v_to timestamptz := date_trunc('hour', p_to + interval '59 minutes 59.999999 seconds', 'utc');
begin
  if (p_step in ('hour', 'day', 'week', 'month') and v_from < v_to and v_from >= '2000-01-01' and v_to <= '2999-12-31'
      and p_zone is not null) is not true
     or v_to - v_from > (case p_step when 'hour' then interval '8 days' when 'day' then interval '367 days' else interval '3700 days' end) then
    raise exception 'a range begins before it ends, and has at most 8 days by hour, 367 by day and 3700 by week or month'
      using errcode = '22023';
  end if;
  return query
  with marks as (
    -- Zones whose days do not begin with an hour of UTC have them from the hour before.
    select date_trunc('hour', greatest(v_from, s at time zone p_zone), 'utc') as first_at,
      date_trunc('hour', least(v_to, (s + ('1 ' || p_step)::interval) at time zone p_zone), 'utc') as last_at
    from generate_series(date_trunc(p_step, v_from at time zone p_zone),
      (v_to at time zone p_zone) - interval '1 second', ('1 ' || p_step)::interval) s),
  near as (
    select m.first_at, m.last_at, date_trunc('month', m.first_at + interval '14 hours', 'utc') as first_month,
      date_trunc('month', m.last_at + interval '14 hours', 'utc') as last_month,
      date_trunc('day', m.first_at + interval '12 hours', 'utc') as first_day,
      date_trunc('day', m.last_at + interval '12 hours', 'utc') as last_day
    from marks m where m.first_at < m.last_at),
  whole as (
    select n.first_at, n.last_at, g.grain, g.since, g.until from near n cross join lateral (
      select case when p_step = 'month' and n.first_month < n.last_month and n.first_at <= n.first_month + interval '14 hours'
          and n.last_at <= n.last_month + interval '14 hours' then 'month' when n.first_day < n.last_day then 'day' end as grain) k
    cross join lateral (select k.grain, case k.grain when 'month' then n.first_month when 'day' then n.first_day else n.first_at end as since,
      case k.grain when 'month' then n.last_month when 'day' then n.last_day else n.first_at end as until) g)
  select to_char(w.first_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), w.first_at, w.last_at, p.sign, p.grain, p.since, p.until
  from whole w cross join lateral (
    select 1 as sign, w.grain as grain, w.since as since, w.until as until where w.grain is not null
    union all select 1, 'hour', w.first_at, w.since where w.first_at < w.since
    union all select -1, 'hour', w.since, w.first_at where w.since < w.first_at
    union all select 1, 'hour', w.until, w.last_at where w.until < w.last_at
    union all select -1, 'hour', w.last_at, w.until where w.last_at < w.until) p;
end $function$;

CREATE OR REPLACE FUNCTION private.stop_auto_top_up(p_user_id uuid, p_reason text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_setting private.auto_top_ups;
begin
  update private.auto_top_ups set status = 'stopped', stop_reason = p_reason, updated_at = now()
    where user_id = p_user_id and status = 'active' returning * into v_setting;
  if found then
    perform private.enqueue('notice', format('notice:top_up_stopped:%s:%s', p_user_id, v_setting.consents),
      jsonb_build_object('notice', 'top_up_stopped', 'user_id', p_user_id, 'reason', p_reason));
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.stop_auto_top_up_for_money_back()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_ids uuid[] := array[new.user_id, (select account_id from public.grants where id = new.id)];
  v_user_id uuid;
begin
  if exists (select from private.auto_top_ups where status = 'active' and user_id = any (v_ids)) then
    -- Both, in the order of their ids, as everything that touches several accounts.
    for v_user_id in select id from public.accounts where id = any (v_ids) order by id loop
      perform private.lock_account(v_user_id);
      perform private.stop_auto_top_up(v_user_id, 'money_back');
    end loop;
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.suits(a public.autonomous_agents, o public.market_opportunities)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(o.required_capabilities <@ a.capabilities
    and (a.tenant_id, a.user_id) is not distinct from (o.tenant_id, o.user_id)
    and case o.task_type when 'simulation' then private.is_simulation(a.agent_type)
      when 'payment_processing' then a.agent_type = 'payment_bot' else a.agent_type = 'api_consumer' end
    and (o.target_api_id is null or exists (select from public.api_products p
      where p.id = o.target_api_id and p.status = 'active' and (p.tenant_id is null or p.tenant_id = a.tenant_id)))
    and private.highest_price(o, a.agent_type) <= coalesce(o.max_price_micros, 1000000000000), false)
$function$;

CREATE OR REPLACE FUNCTION private.sum_money_back(p public.purchases)
 RETURNS public.purchases
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.purchases
    set refunded_cents = (select coalesce(sum(amount_cents), 0)::int from public.payment_refunds
          where purchase_id = p.id and status <> 'failed'),
        disputed_cents = (select coalesce(sum(amount_cents), 0)::int from public.payment_disputes
          where purchase_id = p.id and status = 'open'),
        lost_cents = (select coalesce(sum(amount_cents), 0)::int from public.payment_disputes
          where purchase_id = p.id and status = 'lost')
    where id = p.id returning * into p;
  return p;
end $function$;

CREATE OR REPLACE FUNCTION private.sums()
 RETURNS TABLE(name text, rows text)
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  values ('call_figures', 'select * from private.figures_of_calls($1)'),
    ('turn_figures', 'select * from private.figures_of_turns($1)'),
    ('failure_figures', 'select * from private.figures_of_failures($1)'),
    ('provider_figures', 'select * from private.figures_of_providers($1)'),
    ('time_figures', 'select * from private.figures_of_time($2)'),
    ('money_figures', 'select * from private.figures_of_money($3)'),
    ('earning_figures', 'select * from private.figures_of_earnings($2, $3, $4, $5)'),
    ('people_figures', 'select * from private.figures_of_people($4, $5)'),
    ('event_figures', 'select * from private.figures_of_events($1, $3, $4, $5)')
$function$;

CREATE OR REPLACE FUNCTION private.tail(OUT calls uuid[], OUT entries bigint[], OUT changes bigint[], OUT since xid8)
 RETURNS record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select w.calls, w.entries, w.changes, r.upto from private.rolled_up r, private.written_between(r.upto, null) w
$function$;

CREATE OR REPLACE FUNCTION private.take_api_call(p_product_id uuid, p_rate integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.api_minutes as m (product_id, minute, calls) values (p_product_id, date_trunc('minute', clock_timestamp()), 1)
    on conflict (product_id) do update
      set calls = case when m.minute = excluded.minute then m.calls + 1 else 1 end, minute = excluded.minute
      where m.minute <> excluded.minute or m.calls < p_rate;
  return found;
end $function$;

CREATE OR REPLACE FUNCTION private.take_back(g public.grants, p_debtor_id uuid, p_amount bigint, p_total bigint, p_key text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_left bigint := p_amount;
  v_take bigint;
  v_grant public.grants;
begin
  for v_grant in
    select * from public.grants where g.id in (id, part_of) and account_id = g.account_id and status = 'active'
    order by part_of is not null, expires_at, id for update
  loop
    v_take := least(v_left, v_grant.remaining - private.kept_of(v_grant.id),
      private.free_amount(private.lock_account(g.account_id)));
    continue when v_take <= 0;
    perform private.note_taken(v_grant, 'clawback', v_take);
    perform private.post(g.account_id, v_grant.id, 'clawback', -v_take, format('%s:%s', p_key, v_grant.id),
      p_about_grant_id => g.id);
    v_left := v_left - v_take;
  end loop;
  perform private.note_debt(g, p_debtor_id, p_total, p_key);
end $function$;

CREATE OR REPLACE FUNCTION private.take_back_credits(p_invoice_id text, p_share numeric)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_row private.credit_grants;
  v_grant public.grants;
  v_take bigint;
  v_taken bigint := 0;
begin
  for v_row in select * from private.credit_grants where invoice_id = p_invoice_id order by tenant_id, key loop
    perform private.lock_credits(v_row.tenant_id);
    select * into v_row from private.credit_grants where grant_id = v_row.grant_id for update;
    perform private.expire_grants_of((select account_id from public.grants where id = v_row.grant_id));
    select * into v_grant from public.grants where id = v_row.grant_id for update;
    v_take := least(v_grant.remaining, floor(v_row.amount * greatest(0, least(p_share, 1)))::bigint - v_row.taken);
    continue when (v_take > 0) is not true;
    update private.credit_grants set taken = taken + v_take where grant_id = v_row.grant_id;
    perform private.post(v_grant.account_id, v_grant.id, 'clawback', -v_take, format('clawback:%s:%s', v_grant.id, v_row.taken + v_take));
    v_taken := v_taken + v_take;
  end loop;
  return v_taken;
end $function$;

CREATE OR REPLACE FUNCTION private.take_from_grants(p_account_id uuid, p_amount bigint, p_reason text, p_key text, p_call_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.taken_from(g public.grants, OUT clawed_back bigint, OUT expired bigint, OUT owed bigint)
 RETURNS record
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select g.paid + g.bonus - g.frozen - coalesce(sum(l.amount) filter (where l.reason <> 'expire'), 0)::bigint,
    -coalesce(sum(l.amount) filter (where l.reason = 'expire'), 0)::bigint,
    -coalesce(sum(l.amount) filter (where l.grant_id is null), 0)::bigint
  from public.ledger l
  where l.about_grant_id = g.id and l.reason in ('grant', 'bonus_grant', 'clawback', 'expire', 'freeze', 'restore')
$function$;

CREATE OR REPLACE FUNCTION private.tenant_spend(p_tenant_id uuid, OUT currency text, OUT day_micros numeric, OUT month_micros numeric)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
#variable_conflict use_column
declare
  v_upto xid8;
begin
  select upto into v_upto from private.usage_rolled_up;
  select coalesce(p.currency, 'usd') into tenant_spend.currency from public.tenants t left join public.plans p on p.id = t.plan_id
    where t.id = p_tenant_id;
  select coalesce(sum(s.price_micros) filter (where s.at >= date_trunc('day', now(), 'utc')), 0), coalesce(sum(s.price_micros), 0)
    into tenant_spend.day_micros, tenant_spend.month_micros
  from (
    select f.at, f.price_micros, f.currency from private.usage_figures f
      where f.owner_id = p_tenant_id and f.user_id = private.nobody() and f.grain = 'day' and f.at >= date_trunc('month', now(), 'utc')
    union all
    select u.occurred_at, u.price_micros, u.currency from public.usage_events u
      where u.xid >= v_upto and u.tenant_id = p_tenant_id and u.occurred_at >= date_trunc('month', now(), 'utc')) s
  where s.currency = tenant_spend.currency;
end $function$;

CREATE OR REPLACE FUNCTION private.text_search_of(p_locale text)
 RETURNS regconfig
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select (case split_part(p_locale, '-', 1) when 'de' then 'pg_catalog.german' when 'es' then 'pg_catalog.spanish'
    when 'fr' then 'pg_catalog.french' else 'pg_catalog.english' end)::regconfig
$function$;

CREATE OR REPLACE FUNCTION private.transfer_micros(p_from_id uuid, p_to_id uuid, p_amount bigint, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.trial_refusal(p_user_id uuid, p_email_hash text, p_address_hash text, p_per_address integer, p_per_day integer)
 RETURNS text
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case
    when not exists (select from public.users where id = p_user_id and deleted_at is null) then 'unknown_user'
    when exists (select from private.trials where user_id = p_user_id or email_hash = p_email_hash) then 'had_one'
    -- An address that nobody has confirmed is any address at all.
    when not exists (select from auth.users where id = p_user_id and email is not null and email_confirmed_at is not null)
      then 'not_confirmed'
    when exists (select from public.purchases where user_id = p_user_id and status = 'succeeded')
      or exists (select from public.calls where user_id = p_user_id and charged_seconds > 0) then 'not_new'
    when ((select count(*) from private.trials where address_hash = p_address_hash
        and claimed_at > now() - interval '30 days') < p_per_address) is not true then 'address_had_enough'
    when ((select count(*) from private.trials where claimed_at >= date_trunc('day', now(), 'UTC')) < p_per_day) is not true
      then 'day_is_over' end
$function$;

CREATE OR REPLACE FUNCTION private.trials_of(p_calls uuid[], p_changes bigint[])
 RETURNS TABLE(user_id uuid, claimed_at timestamp with time zone, talks boolean, buys boolean)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select t.user_id, t.claimed_at, bool_or(d.talks and not t.talked), bool_or(d.buys and not t.bought)
  from (
    select c.user_id, true as talks, false as buys, null::timestamptz as bought_at from public.calls c
      where c.id = any (p_calls) and c.charged_seconds > 0
    union all
    select p.user_id, false, true, p.created_at from private.money_changes m join public.purchases p on p.id = m.purchase_id
      where m.id = any (p_changes) and m.purchases > 0) d
  join private.trials t on t.user_id = d.user_id and (d.talks or d.bought_at > t.claimed_at)
  where (d.talks and not t.talked) or (d.buys and not t.bought) group by t.user_id, t.claimed_at
$function$;

CREATE OR REPLACE FUNCTION private.unearn(p_account_id uuid, p_amount bigint, p_reason text, p_key text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_take bigint := least(p_amount, private.free_amount(private.lock_account(p_account_id)));
begin
  if v_take > 0 then
    perform private.take_from_grants(p_account_id, v_take, p_reason, p_key);
  end if;
  if p_amount > v_take then
    perform private.post(p_account_id, null, p_reason, v_take - p_amount, p_key || ':debt');
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.usage_figures_of_day(p_day date)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(to_jsonb(f) order by f::text), '[]') from private.usage_figures f
  where at >= p_day::timestamp at time zone 'utc' and at < (p_day + 1)::timestamp at time zone 'utc'
$function$;

CREATE OR REPLACE FUNCTION private.usage_of_period(c public.credit_periods, p_overage bigint, p_forecast jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  p public.plans;
  a record;
  v_assets int;
  v_by text;
begin
  select * into strict p from public.plans where id = c.plan_id;
  a := private.assets_of_period(c.tenant_id, (select time_zone from public.tenants where id = c.tenant_id), c.period_start,
    coalesce(c.period_end, now()));
  v_assets := coalesce((p_forecast ->> 'assets')::int, case p.assets_billed_by when 'latest' then a.latest when 'peak' then a.peak else round(a.average) end, 0);
  v_by := case when p_forecast is not null then 'forecast' when a.latest is null then 'never counted' when a.nights = 0 then 'latest count' when p.assets_billed_by = 'latest' then 'latest count'
    when p.assets_billed_by = 'peak' then 'highest night' else format('average of %s nights', a.nights) end;
  return jsonb_build_object('subscription_id', c.subscription_id, 'tenant_id', c.tenant_id, 'period_start', private.utc_text(c.period_start),
      'period_end', private.utc_text(c.period_end), 'is_final', false, 'granted_credits', c.granted, 'nights', a.nights)
    || private.price_period(p, c.is_trial, v_assets, v_by, c.included, coalesce((p_forecast ->> 'used')::bigint, c.used), p_overage);
end $function$;

CREATE OR REPLACE FUNCTION private.usage_refusal(p_event jsonb, p_user_id uuid, p_tenant_id uuid)
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_name text;
  v_at timestamptz;
begin
  if jsonb_typeof(p_event) is distinct from 'object' or coalesce(jsonb_typeof(p_event -> 'key'), '') <> 'string'
      or (length(p_event ->> 'key') between 1 and 255) is not true then
    return 'key';
  elsif p_event ->> 'key' like 'call:%' then
    return 'key_is_reserved';
  elsif (p_event ->> 'kind' in ('stt_second', 'llm_input_token', 'llm_cached_input_token', 'llm_output_token', 'tts_character',
      'tool_call')) is not true then
    -- Seconds of voice are told by the settlement of a call, and by nobody else.
    return 'kind';
  elsif (jsonb_typeof(p_event -> 'quantity') = 'number' and (p_event ->> 'quantity')::numeric between 1 and 1000000000
      and (p_event ->> 'quantity')::numeric = floor((p_event ->> 'quantity')::numeric)) is not true then
    return 'quantity';
  elsif (p_event ->> 'kind' = 'tool_call') <> (p_event ->> 'tool' is not null) then
    return 'tool';
  end if;
  foreach v_name in array array['tool', 'server', 'provider', 'model'] loop
    if (p_event ->> v_name ~ '^[A-Za-z0-9_.:@/-]{1,100}$') is false then
      return v_name;
    end if;
  end loop;
  if p_event ? 'metadata' and private.is_plain_metadata(p_event -> 'metadata') is not true then
    return 'metadata';
  elsif (p_event ->> 'occurred_at' ~ '^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$') is not true then
    return 'occurred_at';
  end if;
  begin
    v_at := (p_event ->> 'occurred_at')::timestamptz;
    if p_event ->> 'call_id' is not null and not exists (select from public.calls c where c.id = (p_event ->> 'call_id')::uuid
        and c.user_id = p_user_id and c.tenant_id is not distinct from p_tenant_id) then
      return 'call_id';
    end if;
  exception when data_exception then
    return case when v_at is null then 'occurred_at' else 'call_id' end;
  end;
  return case when v_at > clock_timestamp() + interval '5 minutes' then 'in_the_future'
    when v_at < clock_timestamp() - interval '400 days' then 'too_old' end;
end $function$;

CREATE OR REPLACE FUNCTION private.usage_unit(p_kind text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select case p_kind when 'voice_second' then 'second' when 'stt_second' then 'second' when 'llm_input_token' then 'token'
    when 'llm_cached_input_token' then 'token' when 'llm_output_token' then 'token' when 'tts_character' then 'character'
    when 'tool_call' then 'call' when 'credit_event' then 'piece' end
$function$;

CREATE OR REPLACE FUNCTION private.user_analytics(p_user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object(
    'totals', (select jsonb_build_object('calls', count(*), 'charged_seconds', coalesce(sum(charged_seconds), 0)
          + (select coalesce(sum(seconds), 0) from private.deducted_by_day(p_user_id)),
        'average_call_seconds', coalesce(round(avg(charged_seconds)), 0),
        -- What comes back after a dispute was granted before.
        'granted_seconds', (select coalesce(sum(amount), 0) from public.ledger
          where account_id = p_user_id and amount > 0 and reason not in ('debt_payment', 'restore')),
        'spent', (select coalesce(jsonb_agg(to_jsonb(s) order by s.currency), '[]') from (
          select private.money_currency(p) as currency,
            sum(greatest(0, coalesce(received_cents, amount_cents) - refunded_cents - lost_cents)) as cents
          from public.purchases p where user_id = p_user_id and status = 'succeeded' group by 1) s))
      from public.calls where user_id = p_user_id and status = 'settled'),
    'days', (select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]') from (
      select to_char(day, 'YYYY-MM-DD') as day, count(v.id) as calls,
        coalesce(sum(v.charged_seconds), 0) + coalesce(o.seconds, 0) as charged_seconds
      from generate_series((now() at time zone 'utc')::date - 29, (now() at time zone 'utc')::date, interval '1 day') day
      left join public.calls v on v.user_id = p_user_id and v.status = 'settled'
        and (v.opened_at at time zone 'utc')::date = day::date
      left join private.deducted_by_day(p_user_id) o on o.used_on = day::date
      group by day, o.seconds) d),
    'payments', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
      select id as purchase_id, purpose, payment_intent_id, package_id, amount_cents, currency, received_cents,
        private.money_currency(purchases) as received_currency, refunded_cents, disputed_cents, lost_cents, status,
        to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
      from public.purchases where user_id = p_user_id order by purchases.created_at desc limit 50) p))
$function$;

CREATE OR REPLACE FUNCTION private.usual_of_metric(p_metric text, OUT unit text, OUT direction text, OUT method text, OUT scheduled_hours numeric)
 RETURNS record
 LANGUAGE sql
 IMMUTABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select x.unit, x.direction, x.method, x.hours from (values
    ('availability', 'percent', 'up', 'share_of_hours', 2500::numeric),
    ('mtbf', 'hour', 'up', 'failures', 2500),
    ('mttr', 'hour', 'down', 'per_event', null),
    ('inventory', 'currency', 'down', 'plain', null),
    ('overtime', 'hour', 'down', 'plain', null)) x (metric, unit, direction, method, hours)
  where x.metric = p_metric
$function$;

CREATE OR REPLACE FUNCTION private.utc_text(p_at timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select to_char(p_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$function$;

CREATE OR REPLACE FUNCTION private.wallet(p_owner_kind text, p_owner_id uuid)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.wallet_end()
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$ select timestamptz '9999-01-01T00:00:00Z' $function$;

CREATE OR REPLACE FUNCTION private.want_fee()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.fees_wanted (purchase_id) values (new.id) on conflict do nothing;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.why_given_up(j pgboss.job)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select coalesce(j.output ->> 'reason', j.output -> 'value' ->> 'message', j.output ->> 'message')
$function$;

CREATE OR REPLACE FUNCTION private.write_journal_of_before()
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into private.money_changes (xid, purchase_id, booked_at, happened_at, currency, package_id, way, purchases, declined,
      sold_seconds, received_cents, tax_cents, refunded_cents, lost_cents, micros_per_second)
    select null::xid8, p.id, p.created_at, p.created_at, m.currency, m.package_id, m.way, m.purchases, m.declined, m.sold_seconds,
      m.received_cents, m.tax_cents, 0, 0, m.micros_per_second
    from public.purchases p cross join lateral private.money_of(p) m
    where p.received_cents is not null or p.status in ('succeeded', 'failed')
    union all
    select null::xid8, p.id, p.updated_at, p.created_at, m.currency, m.package_id, m.way, 0, 0, 0, 0, 0, m.refunded_cents, m.lost_cents, 0
    from public.purchases p cross join lateral private.money_of(p) m where p.refunded_cents > 0 or p.lost_cents > 0
$function$;

CREATE OR REPLACE FUNCTION private.write_measures(p_call_id uuid, p_measures jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  m record;
begin
  if octet_length(p_measures::text) > 32768 then
    raise exception using errcode = 'PT413', message = 'too large';
  end if;
  select * into m from jsonb_to_record(p_measures) as r (turns int, interruptions int, errors int,
    latency_p50_ms int, latency_p95_ms int, provider_cost_micros bigint, quality smallint);
  if m.turns is null or m.interruptions is null or m.errors is null or m.provider_cost_micros is null
      or least(m.turns, m.interruptions, m.errors, m.latency_p50_ms, m.latency_p95_ms, m.provider_cost_micros,
        m.quality) < 0
      or m.quality > 100 or m.provider_cost_micros > 1000000000000
      or jsonb_typeof(p_measures -> 'unpriced') is distinct from 'array'
      or jsonb_path_exists(p_measures -> 'unpriced', 'strict $[*] ? (@.type() != "string")') then
    raise exception using errcode = 'PT400', message = 'out of range';
  end if;
  update public.calls
    set turns = m.turns, interruptions = m.interruptions, errors = m.errors, latency_p50_ms = m.latency_p50_ms,
        latency_p95_ms = m.latency_p95_ms, provider_cost_micros = m.provider_cost_micros, quality = m.quality,
        measures = p_measures - array['turns', 'interruptions', 'errors', 'latency_p50_ms', 'latency_p95_ms',
          'provider_cost_micros', 'quality']
    where id = p_call_id;
exception when others then
  -- The code says what was wrong without a word of what was sent.
  raise warning 'measures of call % dropped: %', p_call_id, sqlstate;
  update public.calls
    set measures = jsonb_build_object('dropped', case sqlstate when 'PT413' then 'too_large' else 'malformed' end)
    where id = p_call_id;
end $function$;

CREATE OR REPLACE FUNCTION private.written_between(p_from xid8, p_upto xid8, OUT calls uuid[], OUT entries bigint[], OUT changes bigint[])
 RETURNS record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select array(select call_id from private.settled_calls where xid >= p_from and (p_upto is null or xid < p_upto)),
    array(select id from public.ledger where xid >= p_from and (p_upto is null or xid < p_upto)),
    array(select id from private.money_changes where xid >= p_from and (p_upto is null or xid < p_upto))
$function$;

-- Triggers

CREATE TRIGGER add_billing_plan INSTEAD OF INSERT ON public.billing_plans FOR EACH ROW EXECUTE FUNCTION private.add_billing_plan();
CREATE TRIGGER api_allowance_is_stale AFTER INSERT OR UPDATE ON public.plans FOR EACH ROW WHEN ((new.line = 'api'::text)) EXECUTE FUNCTION private.api_allowance_is_stale();
CREATE TRIGGER api_allowance_is_stale AFTER INSERT OR UPDATE ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION private.api_allowance_is_stale();
CREATE TRIGGER asset_snapshots_are_append_only BEFORE DELETE OR UPDATE ON public.asset_snapshots FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER asset_snapshots_are_never_truncated BEFORE TRUNCATE ON public.asset_snapshots FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER check_zone BEFORE INSERT OR UPDATE OF zone ON public.autonomous_agents FOR EACH ROW EXECUTE FUNCTION private.check_zone();
CREATE TRIGGER follow_address_of_owner AFTER UPDATE OF email ON public.users FOR EACH ROW WHEN ((old.email IS DISTINCT FROM new.email)) EXECUTE FUNCTION private.follow_address_of_owner();
CREATE TRIGGER follow_auth_user AFTER INSERT OR UPDATE OF email ON auth.users FOR EACH ROW EXECUTE FUNCTION private.follow_auth_user();
CREATE TRIGGER follow_auth_user_name AFTER UPDATE OF raw_user_meta_data ON auth.users FOR EACH ROW EXECUTE FUNCTION private.follow_auth_user();
CREATE TRIGGER follow_auto_top_up AFTER UPDATE OF status ON public.purchases FOR EACH ROW WHEN (((new.status = ANY (ARRAY['succeeded'::text, 'failed'::text, 'canceled'::text, 'review'::text, 'refused'::text])) AND (new.status IS DISTINCT FROM old.status))) EXECUTE FUNCTION private.follow_auto_top_up();
CREATE TRIGGER follow_credit_period AFTER INSERT OR UPDATE OF status, plan_id, current_period_start, current_period_end ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION private.follow_credit_period();
CREATE TRIGGER follow_deletion AFTER DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION private.follow_deletion();
CREATE TRIGGER follow_owners AFTER INSERT OR DELETE OR UPDATE OF role ON public.tenant_members FOR EACH ROW EXECUTE FUNCTION private.follow_owners();
CREATE TRIGGER follow_soft_deletion AFTER UPDATE ON auth.users FOR EACH ROW WHEN (((old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL))) EXECUTE FUNCTION private.follow_deletion();
CREATE TRIGGER follow_subscription AFTER INSERT OR UPDATE OF status, plan_id, current_period_start, current_period_end ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION private.follow_subscription();
CREATE TRIGGER follow_tenant AFTER UPDATE OF name, billing_email ON public.tenants FOR EACH ROW WHEN (((new.stripe_customer_id IS NOT NULL) AND ((old.name IS DISTINCT FROM new.name) OR (old.billing_email IS DISTINCT FROM new.billing_email)))) EXECUTE FUNCTION private.follow_tenant();
CREATE TRIGGER gainshare_acts_are_kept BEFORE DELETE OR UPDATE ON public.gainshare_acts FOR EACH ROW EXECUTE FUNCTION private.keep_gainshare();
CREATE TRIGGER gainshare_runs_are_frozen BEFORE DELETE OR UPDATE ON public.gainshare_runs FOR EACH ROW EXECUTE FUNCTION private.keep_gainshare();
CREATE TRIGGER hint_at_balance AFTER UPDATE ON public.accounts FOR EACH ROW WHEN (((new.owner_kind = 'person'::text) AND ((old.balance <> new.balance) OR (old.debt <> new.debt)))) EXECUTE FUNCTION private.hint('balance');
CREATE TRIGGER hint_at_call AFTER INSERT OR UPDATE OF status ON public.calls FOR EACH ROW EXECUTE FUNCTION private.hint('calls');
CREATE TRIGGER hint_at_memory AFTER INSERT OR DELETE OR UPDATE ON public.caller_memories FOR EACH ROW EXECUTE FUNCTION private.hint('memories');
CREATE TRIGGER hint_at_purchase AFTER UPDATE ON public.purchases FOR EACH ROW WHEN ((((((old.status IS DISTINCT FROM new.status) OR (old.refunded_cents IS DISTINCT FROM new.refunded_cents)) OR (old.disputed_cents IS DISTINCT FROM new.disputed_cents)) OR (old.lost_cents IS DISTINCT FROM new.lost_cents)) OR (old.deliver_at IS DISTINCT FROM new.deliver_at))) EXECUTE FUNCTION private.hint('purchases');
CREATE TRIGGER hint_at_support AFTER INSERT OR UPDATE OF status ON private.support_requests FOR EACH ROW EXECUTE FUNCTION private.hint('support');
CREATE CONSTRAINT TRIGGER keep_an_owner AFTER INSERT OR UPDATE OF closed_at ON public.tenants DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION private.keep_an_owner();
CREATE CONSTRAINT TRIGGER keep_an_owner AFTER DELETE OR UPDATE ON public.tenant_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION private.keep_an_owner();
CREATE TRIGGER keep_forgotten BEFORE UPDATE ON public.users FOR EACH ROW WHEN ((old.deleted_at IS NOT NULL)) EXECUTE FUNCTION private.keep_forgotten();
CREATE TRIGGER keep_revenue BEFORE UPDATE ON public.autonomous_revenue FOR EACH ROW EXECUTE FUNCTION private.keep_revenue();
CREATE TRIGGER kpi_actuals_are_kept BEFORE DELETE OR UPDATE ON public.kpi_actuals FOR EACH ROW EXECUTE FUNCTION private.keep_gainshare();
CREATE TRIGGER kpi_baselines_are_kept BEFORE DELETE OR UPDATE ON public.kpi_baselines FOR EACH ROW EXECUTE FUNCTION private.keep_gainshare();
CREATE TRIGGER ledger_is_append_only BEFORE DELETE OR UPDATE ON public.ledger FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER ledger_is_never_truncated BEFORE TRUNCATE ON public.ledger FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER mark_request BEFORE INSERT ON private.support_requests FOR EACH ROW EXECUTE FUNCTION private.mark_request();
CREATE TRIGGER money_changes_are_append_only BEFORE DELETE OR UPDATE ON private.money_changes FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER money_changes_are_never_truncated BEFORE TRUNCATE ON private.money_changes FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER note_changed_end AFTER UPDATE ON public.grants FOR EACH ROW WHEN (((new.status = 'active'::text) AND ((old.status <> 'active'::text) OR (old.expires_at IS DISTINCT FROM new.expires_at) OR (old.account_id IS DISTINCT FROM new.account_id)))) EXECUTE FUNCTION private.note_first_end();
CREATE TRIGGER note_collected_revenue AFTER UPDATE OF status ON public.autonomous_revenue FOR EACH ROW WHEN (((new.status = 'collected'::text) AND (old.status <> 'collected'::text) AND (new.agent_id IS NOT NULL))) EXECUTE FUNCTION private.note_revenue_of_agent();
CREATE TRIGGER note_fee AFTER INSERT ON private.payment_fees FOR EACH ROW EXECUTE FUNCTION private.note_fee();
CREATE TRIGGER note_first_end AFTER INSERT ON public.grants FOR EACH ROW WHEN ((new.status = 'active'::text)) EXECUTE FUNCTION private.note_first_end();
CREATE TRIGGER note_money AFTER UPDATE ON public.purchases FOR EACH ROW WHEN ((((((((new.status IS DISTINCT FROM old.status) OR (new.currency IS DISTINCT FROM old.currency)) OR (new.received_currency IS DISTINCT FROM old.received_currency)) OR (new.amount_cents IS DISTINCT FROM old.amount_cents)) OR (new.received_cents IS DISTINCT FROM old.received_cents)) OR (new.refunded_cents IS DISTINCT FROM old.refunded_cents)) OR (new.lost_cents IS DISTINCT FROM old.lost_cents))) EXECUTE FUNCTION private.note_money();
CREATE TRIGGER note_person AFTER INSERT OR DELETE ON public.users FOR EACH ROW EXECUTE FUNCTION private.note_person();
CREATE TRIGGER note_rating AFTER INSERT OR DELETE OR UPDATE OF score ON private.call_ratings FOR EACH ROW EXECUTE FUNCTION private.note_rating();
CREATE TRIGGER note_request AFTER INSERT OR DELETE OR UPDATE OF answered_at ON private.support_requests FOR EACH ROW EXECUTE FUNCTION private.note_request();
CREATE TRIGGER note_revenue AFTER INSERT ON public.autonomous_revenue FOR EACH ROW WHEN (((new.status = 'collected'::text) AND (new.agent_id IS NOT NULL))) EXECUTE FUNCTION private.note_revenue_of_agent();
CREATE TRIGGER note_settled_call AFTER UPDATE OF status ON public.calls FOR EACH ROW WHEN (((new.status = 'settled'::text) AND (old.status IS DISTINCT FROM 'settled'::text))) EXECUTE FUNCTION private.note_settled_call();
CREATE TRIGGER note_trial AFTER INSERT ON private.trials FOR EACH ROW EXECUTE FUNCTION private.note_trial();
CREATE TRIGGER operator_acts_are_kept BEFORE DELETE OR UPDATE ON public.operator_acts FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER operator_acts_are_never_truncated BEFORE TRUNCATE ON public.operator_acts FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER owe_customer AFTER INSERT ON public.tenants FOR EACH ROW WHEN ((new.stripe_customer_id IS NULL)) EXECUTE FUNCTION private.owe_customer_of_new_tenant();
CREATE TRIGGER owe_customer AFTER INSERT ON public.users FOR EACH ROW WHEN (((new.stripe_customer_id IS NULL) AND (NOT new.is_machine))) EXECUTE FUNCTION private.owe_customer_at_sign_up();
CREATE TRIGGER owe_customer_update AFTER UPDATE OF email, display_name ON public.users FOR EACH ROW WHEN (((new.email IS DISTINCT FROM old.email) OR (new.display_name IS DISTINCT FROM old.display_name))) EXECUTE FUNCTION private.owe_customer_update();
CREATE TRIGGER owe_dispute_notice AFTER INSERT OR UPDATE OF status ON public.payment_disputes FOR EACH ROW EXECUTE FUNCTION private.owe_dispute_notice();
CREATE TRIGGER owe_meter_events AFTER INSERT ON public.usage_events REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION private.owe_meter_events();
CREATE TRIGGER owe_receipt AFTER UPDATE OF status ON public.purchases FOR EACH ROW WHEN (((new.status = 'succeeded'::text) AND (old.status IS DISTINCT FROM 'succeeded'::text))) EXECUTE FUNCTION private.owe_receipt();
CREATE TRIGGER owe_refund_notice AFTER INSERT OR UPDATE OF status ON public.payment_refunds FOR EACH ROW EXECUTE FUNCTION private.owe_refund_notice();
CREATE TRIGGER payment_fees_are_append_only BEFORE DELETE OR UPDATE ON private.payment_fees FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER payment_fees_are_never_truncated BEFORE TRUNCATE ON private.payment_fees FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER purchases_begin_as_created BEFORE INSERT ON public.purchases FOR EACH ROW EXECUTE FUNCTION private.refuse_to_begin_elsewhere();
CREATE TRIGGER purchases_only_move_forward BEFORE UPDATE OF status ON public.purchases FOR EACH ROW EXECUTE FUNCTION private.refuse_to_go_back();
CREATE TRIGGER record_call_usage AFTER UPDATE OF status, measures ON public.calls FOR EACH ROW WHEN (((new.status = 'settled'::text) AND ((old.status IS DISTINCT FROM 'settled'::text) OR ((old.measures IS NULL) AND (new.measures IS NOT NULL))))) EXECUTE FUNCTION private.record_call_usage();
CREATE TRIGGER refuse_deleted_person BEFORE INSERT ON public.calls FOR EACH ROW EXECUTE FUNCTION private.refuse_deleted_person();
CREATE TRIGGER refuse_deleted_person BEFORE UPDATE OF account_id ON public.grants FOR EACH ROW WHEN (((old.account_id IS NULL) AND (new.account_id IS NOT NULL))) EXECUTE FUNCTION private.refuse_deleted_person();
CREATE TRIGGER refuse_deleted_person BEFORE INSERT ON public.purchases FOR EACH ROW EXECUTE FUNCTION private.refuse_deleted_person();
CREATE TRIGGER refuse_frozen_person BEFORE INSERT ON public.purchases FOR EACH ROW EXECUTE FUNCTION private.refuse_frozen_person();
CREATE TRIGGER refuse_frozen_person BEFORE UPDATE OF account_id ON public.grants FOR EACH ROW WHEN (((old.account_id IS NULL) AND (new.account_id IS NOT NULL))) EXECUTE FUNCTION private.refuse_frozen_person();
CREATE TRIGGER refuse_frozen_person BEFORE INSERT ON public.calls FOR EACH ROW EXECUTE FUNCTION private.refuse_frozen_person();
CREATE TRIGGER retire_agents AFTER UPDATE OF closed_at ON public.tenants FOR EACH ROW WHEN (((new.closed_at IS NOT NULL) AND (old.closed_at IS NULL))) EXECUTE FUNCTION private.retire_agents_of();
CREATE TRIGGER retire_agents AFTER UPDATE OF deleted_at ON public.users FOR EACH ROW WHEN (((new.deleted_at IS NOT NULL) AND (old.deleted_at IS NULL))) EXECUTE FUNCTION private.retire_agents_of();
CREATE TRIGGER revenue_is_never_deleted BEFORE DELETE ON public.autonomous_revenue FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER revenue_is_never_truncated BEFORE TRUNCATE ON public.autonomous_revenue FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER stop_auto_top_up_for_money_back AFTER UPDATE OF refunded_cents, disputed_cents, lost_cents ON public.purchases FOR EACH ROW WHEN (((new.refunded_cents > old.refunded_cents) OR (new.disputed_cents > old.disputed_cents) OR (new.lost_cents > old.lost_cents))) EXECUTE FUNCTION private.stop_auto_top_up_for_money_back();
CREATE TRIGGER usage_events_2026_11_is_never_truncated BEFORE TRUNCATE ON private.usage_events_2026_11 FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_2026_12_is_never_truncated BEFORE TRUNCATE ON private.usage_events_2026_12 FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_2027_01_is_never_truncated BEFORE TRUNCATE ON private.usage_events_2027_01 FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_2027_02_is_never_truncated BEFORE TRUNCATE ON private.usage_events_2027_02 FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_are_append_only BEFORE DELETE OR UPDATE ON private.usage_events_elsewhere FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_are_append_only BEFORE DELETE OR UPDATE ON public.usage_events FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_are_append_only BEFORE DELETE OR UPDATE ON private.usage_events_2026_11 FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_are_append_only BEFORE DELETE OR UPDATE ON private.usage_events_2026_12 FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_are_append_only BEFORE DELETE OR UPDATE ON private.usage_events_2027_02 FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_are_append_only BEFORE DELETE OR UPDATE ON private.usage_events_2027_01 FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_are_never_truncated BEFORE TRUNCATE ON public.usage_events FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER usage_events_elsewhere_are_never_truncated BEFORE TRUNCATE ON private.usage_events_elsewhere FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER versions_are_kept BEFORE DELETE OR UPDATE ON public.api_product_versions FOR EACH ROW EXECUTE FUNCTION private.refuse_change();
CREATE TRIGGER want_fee AFTER UPDATE OF status ON public.purchases FOR EACH ROW WHEN (((new.status = 'succeeded'::text) AND (old.status IS DISTINCT FROM 'succeeded'::text) AND (new.payment_intent_id IS NOT NULL))) EXECUTE FUNCTION private.want_fee();

-- Policies

create policy "own accounts" on public.accounts for select to authenticated using (((person_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))) OR (tenant_id IN ( SELECT tenant_members.tenant_id
   FROM public.tenant_members
  WHERE (tenant_members.user_id = ( SELECT auth.uid() AS uid)))) OR ((owner_kind = 'seller'::text) AND (owner_id IN ( SELECT sellers.id
   FROM public.sellers))) OR ((owner_kind = 'agent'::text) AND (owner_id IN ( SELECT a.id
   FROM public.autonomous_agents a
  WHERE ((a.user_id = ( SELECT auth.uid() AS uid)) OR (a.tenant_id IN ( SELECT m.tenant_id
           FROM public.tenant_members m
          WHERE (m.user_id = ( SELECT auth.uid() AS uid))))))))));
create policy "budgets of own agents" on public.agent_budgets for select to authenticated using ((agent_id IN ( SELECT autonomous_agents.id
   FROM public.autonomous_agents)));
create policy "own executions" on public.api_executions for select to authenticated using ((((user_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))) AND (tenant_id IS NULL)) OR (tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text]))))) OR (EXISTS ( SELECT
   FROM public.users u
  WHERE ((u.id = ( SELECT auth.uid() AS uid)) AND (u.role = 'operator'::text) AND (u.deleted_at IS NULL))))));
create policy "products for sale" on public.api_products for select to authenticated using ((((status = 'active'::text) AND ((tenant_id IS NULL) OR (tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE (m.user_id = ( SELECT auth.uid() AS uid)))))) OR (seller_id IN ( SELECT sellers.id
   FROM public.sellers)) OR (EXISTS ( SELECT
   FROM public.users u
  WHERE ((u.id = ( SELECT auth.uid() AS uid)) AND (u.role = 'operator'::text) AND (u.deleted_at IS NULL))))));
create policy "assets of own tenants" on public.asset_snapshots for select to authenticated using ((tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text]))))));
create policy "operators see agents" on public.autonomous_agents for select to authenticated using (((EXISTS ( SELECT
   FROM public.users u
  WHERE ((u.id = ( SELECT auth.uid() AS uid)) AND (u.role = 'operator'::text) AND (u.deleted_at IS NULL)))) OR ((user_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))) OR (tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE (m.user_id = ( SELECT auth.uid() AS uid)))))));
create policy "operators see revenue" on public.autonomous_revenue for select to authenticated using (((EXISTS ( SELECT
   FROM public.users u
  WHERE ((u.id = ( SELECT auth.uid() AS uid)) AND (u.role = 'operator'::text) AND (u.deleted_at IS NULL)))) OR (seller_id IN ( SELECT sellers.id
   FROM public.sellers))));
create policy "invoices of own tenants" on public.billing_invoices for select to authenticated using ((tenant_id IN ( SELECT tenant_members.tenant_id
   FROM public.tenant_members
  WHERE ((tenant_members.user_id = ( SELECT auth.uid() AS uid)) AND (tenant_members.role = ANY (ARRAY['owner'::text, 'billing'::text]))))));
create policy "tasks of own agents" on public.brain_tasks for select to authenticated using (((assigned_agent IN ( SELECT autonomous_agents.id
   FROM public.autonomous_agents)) OR (EXISTS ( SELECT
   FROM public.users u
  WHERE ((u.id = ( SELECT auth.uid() AS uid)) AND (u.role = 'operator'::text) AND (u.deleted_at IS NULL))))));
create policy "own memories" on public.caller_memories for select to authenticated using ((user_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))));
create policy "own settings" on public.caller_settings for select to authenticated using ((user_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))));
create policy "own calls" on public.calls for select to authenticated using ((((user_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))) AND ((tenant_id IS NULL) OR (tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE (m.user_id = ( SELECT auth.uid() AS uid)))))) OR (tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text])))))));
create policy "credits of own tenants" on public.credit_days for select to authenticated using ((tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text]))))));
create policy "periods of own tenants" on public.credit_periods for select to authenticated using ((tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text]))))));
create policy "rules are public" on public.credit_rules for select to anon, authenticated using (true);
create policy "runs of own tenants" on public.gainshare_runs for select to authenticated using ((tenant_id IN ( SELECT tenant_members.tenant_id
   FROM public.tenant_members
  WHERE ((tenant_members.user_id = ( SELECT auth.uid() AS uid)) AND (tenant_members.role = ANY (ARRAY['owner'::text, 'billing'::text]))))));
create policy "own grants" on public.grants for select to authenticated using (((account_id IN ( SELECT accounts.id
   FROM public.accounts
  WHERE (accounts.person_id = ( SELECT auth.uid() AS uid)))) OR (account_id IN ( SELECT tenant_members.tenant_id
   FROM public.tenant_members
  WHERE ((tenant_members.user_id = ( SELECT auth.uid() AS uid)) AND (tenant_members.role = ANY (ARRAY['owner'::text, 'billing'::text]))))) OR ((unit = 'credit'::text) AND (account_id IN ( SELECT a.id
   FROM (public.accounts a
     JOIN public.tenant_members m ON ((m.tenant_id = a.tenant_id)))
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text])))))) OR ((unit = 'micro_usd'::text) AND (account_id IN ( SELECT a.id
   FROM public.accounts a
  WHERE ((a.unit = 'micro_usd'::text) AND ((a.owner_kind = 'seller'::text) OR (a.tenant_id IN ( SELECT m.tenant_id
           FROM public.tenant_members m
          WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text]))))))))))));
create policy "own holds" on public.holds for select to authenticated using (((account_id IN ( SELECT accounts.id
   FROM public.accounts
  WHERE (accounts.person_id = ( SELECT auth.uid() AS uid)))) OR (EXISTS ( SELECT
   FROM public.calls c
  WHERE ((c.id = holds.id) AND (c.tenant_id IS NOT NULL))))));
create policy "actuals of own tenants" on public.kpi_actuals for select to authenticated using ((tenant_id IN ( SELECT tenant_members.tenant_id
   FROM public.tenant_members
  WHERE ((tenant_members.user_id = ( SELECT auth.uid() AS uid)) AND (tenant_members.role = ANY (ARRAY['owner'::text, 'billing'::text]))))));
create policy "baselines of own tenants" on public.kpi_baselines for select to authenticated using ((tenant_id IN ( SELECT tenant_members.tenant_id
   FROM public.tenant_members
  WHERE ((tenant_members.user_id = ( SELECT auth.uid() AS uid)) AND (tenant_members.role = ANY (ARRAY['owner'::text, 'billing'::text]))))));
create policy "own ledger" on public.ledger for select to authenticated using (((account_id IN ( SELECT accounts.id
   FROM public.accounts
  WHERE (accounts.person_id = ( SELECT auth.uid() AS uid)))) OR (account_id IN ( SELECT tenant_members.tenant_id
   FROM public.tenant_members
  WHERE ((tenant_members.user_id = ( SELECT auth.uid() AS uid)) AND (tenant_members.role = ANY (ARRAY['owner'::text, 'billing'::text]))))) OR ((unit = 'credit'::text) AND (account_id IN ( SELECT a.id
   FROM (public.accounts a
     JOIN public.tenant_members m ON ((m.tenant_id = a.tenant_id)))
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text])))))) OR ((unit = 'micro_usd'::text) AND (account_id IN ( SELECT a.id
   FROM public.accounts a
  WHERE ((a.unit = 'micro_usd'::text) AND ((a.owner_kind = 'seller'::text) OR (a.tenant_id IN ( SELECT m.tenant_id
           FROM public.tenant_members m
          WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text]))))))))))));
create policy "operators see opportunities" on public.market_opportunities for select to authenticated using (((EXISTS ( SELECT
   FROM public.users u
  WHERE ((u.id = ( SELECT auth.uid() AS uid)) AND (u.role = 'operator'::text) AND (u.deleted_at IS NULL)))) OR ((tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE (m.user_id = ( SELECT auth.uid() AS uid)))) OR (user_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))))));
create policy "operators see payments" on public.payments for select to authenticated using ((EXISTS ( SELECT
   FROM public.users u
  WHERE ((u.id = ( SELECT auth.uid() AS uid)) AND (u.role = 'operator'::text) AND (u.deleted_at IS NULL)))));
create policy "operators see what is to be charged" on public.pending_payments for select to authenticated using ((EXISTS ( SELECT
   FROM public.users u
  WHERE ((u.id = ( SELECT auth.uid() AS uid)) AND (u.role = 'operator'::text) AND (u.deleted_at IS NULL)))));
create policy "plans are public" on public.plans for select to anon using (active);
create policy "plans are public 2" on public.plans for select to authenticated using ((active OR (id IN ( SELECT tenants.plan_id
   FROM public.tenants)) OR (id IN ( SELECT s.plan_id
   FROM public.subscriptions s))));
create policy "prices are public" on public.pricing_tiers for select to anon, authenticated using (active);
create policy "own purchases" on public.purchases for select to authenticated using ((((user_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))) AND (tenant_id IS NULL)) OR (tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text])))))));
create policy "own sellers" on public.sellers for select to authenticated using (((user_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))) OR (tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text])))))));
create policy "subscriptions of own tenants" on public.subscriptions for select to authenticated using ((tenant_id IN ( SELECT tenant_members.tenant_id
   FROM public.tenant_members
  WHERE ((tenant_members.user_id = ( SELECT auth.uid() AS uid)) AND (tenant_members.role = ANY (ARRAY['owner'::text, 'billing'::text]))))));
create policy "own memberships" on public.tenant_members for select to authenticated using ((user_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))));
create policy "own tenants" on public.tenants for select to authenticated using ((id IN ( SELECT tenant_members.tenant_id
   FROM public.tenant_members
  WHERE (tenant_members.user_id = ( SELECT auth.uid() AS uid)))));
create policy "own usage" on public.usage_events for select to authenticated using ((((user_id = ( SELECT users.id
   FROM public.users
  WHERE ((users.id = ( SELECT auth.uid() AS uid)) AND (users.deleted_at IS NULL)))) AND ((tenant_id IS NULL) OR (tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE (m.user_id = ( SELECT auth.uid() AS uid)))))) OR (tenant_id IN ( SELECT m.tenant_id
   FROM public.tenant_members m
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text])))))));
create policy "own person" on public.users for select to authenticated using (((id = ( SELECT auth.uid() AS uid)) AND (deleted_at IS NULL)));
create policy "holds of own wallets" on public.wallet_holds for select to authenticated using ((account_id IN ( SELECT a.id
   FROM public.accounts a
  WHERE ((a.unit = 'micro_usd'::text) AND ((a.person_id = ( SELECT auth.uid() AS uid)) OR (a.tenant_id IN ( SELECT m.tenant_id
           FROM public.tenant_members m
          WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.role = ANY (ARRAY['owner'::text, 'billing'::text]))))))))));
create policy "refunds to own wallets" on public.wallet_refunds for select to authenticated using ((hold_id IN ( SELECT wallet_holds.id
   FROM public.wallet_holds)));

-- Grants

grant execute on function public.accept_invitation(uuid,text) to service_role;
grant execute on function public.activate_time_card(uuid,text,text,uuid) to service_role;
grant execute on function public.add_kpi_actual(uuid,uuid,jsonb) to service_role;
grant execute on function public.add_kpi_baseline(uuid,uuid,jsonb) to service_role;
grant execute on function public.agent_cards(integer) to service_role;
grant execute on function public.answer_support_request(uuid,uuid,text) to service_role;
grant execute on function public.apply_invoice(jsonb,timestamp with time zone) to service_role;
grant execute on function public.apply_payment(text,text,uuid,text,text,integer,integer,text,text,jsonb,jsonb,text) to service_role;
grant execute on function public.apply_subscription(jsonb,timestamp with time zone) to service_role;
grant execute on function public.ask_for_help(uuid,text,text,uuid,text) to service_role;
grant execute on function public.attach_checkout_session(uuid,text) to service_role;
grant execute on function public.attach_payment_intent(uuid,text) to service_role;
grant execute on function public.audit_figures() to service_role;
grant execute on function public.audit_invariants() to service_role;
grant execute on function public.audit_some(integer) to service_role;
grant execute on function public.beat_task(uuid,integer,integer) to service_role;
grant execute on function public.begin_execution(text,uuid,uuid,uuid,uuid,uuid,uuid,bigint,integer,boolean) to service_role;
grant execute on function public.begin_machine_payment(uuid,uuid,text,text,text,jsonb,jsonb,uuid) to service_role;
grant execute on function public.begin_operator_refund(uuid,uuid,integer,text,text) to service_role;
grant execute on function public.begin_paid_call(uuid,uuid,text,uuid,integer) to service_role;
grant execute on function public.begin_payment_verification(uuid,text,text) to service_role;
grant execute on function public.begin_purchase(uuid,text,text,text,text,text,text,date,text,uuid) to service_role;
grant execute on function public.begin_task(uuid,integer) to service_role;
grant execute on function public.begin_tool_call(uuid,uuid,uuid,text,text,integer) to service_role;
grant execute on function public.begin_tool_job(uuid,uuid,uuid,text,text) to service_role;
grant execute on function public.board_calls(timestamp with time zone,timestamp with time zone,text,text,integer) to service_role;
grant execute on function public.board_disputes(text,integer) to service_role;
grant execute on function public.board_money(timestamp with time zone,timestamp with time zone,text,text,text) to service_role;
grant execute on function public.board_now(integer) to service_role;
grant execute on function public.board_people(timestamp with time zone,timestamp with time zone,text,text) to service_role;
grant execute on function public.board_person(uuid) to service_role;
grant execute on function public.board_requests(timestamp with time zone,timestamp with time zone,text,text,text,integer) to service_role;
grant execute on function public.board_retention(integer) to service_role;
grant execute on function public.board_support(timestamp with time zone,timestamp with time zone,text,text) to service_role;
grant execute on function public.board_time(timestamp with time zone,timestamp with time zone,text,text) to service_role;
grant execute on function public.board_trials(timestamp with time zone,timestamp with time zone) to service_role;
grant execute on function public.board_voice(timestamp with time zone,timestamp with time zone,text,text) to service_role;
grant execute on function public.calls_in_vain(uuid) to service_role;
grant execute on function public.change_member_role(uuid,uuid,uuid,text) to service_role;
grant execute on function public.check_figures(date) to service_role;
grant execute on function public.check_revenue(date) to service_role;
grant execute on function public.check_spend(integer) to service_role;
grant execute on function public.check_usage(date) to service_role;
grant execute on function public.choose_checkout(uuid,integer) to service_role;
grant execute on function public.claim_auto_top_up_charge(uuid) to service_role;
grant execute on function public.claim_trial(uuid,integer,integer,text,text,integer,integer) to service_role;
grant execute on function public.cleanup_expired_time_cards() to service_role;
grant execute on function public.close_support_request(uuid,uuid,text) to service_role;
grant execute on function public.close_tenant(uuid,uuid,bigint) to service_role;
grant execute on function public.correct_memory(uuid,uuid,text) to service_role;
grant execute on function public.create_api_key(uuid,uuid,text,text[],timestamp with time zone,text,text,text) to service_role;
grant execute on function public.create_code_batch(uuid,text,text,text,integer,integer,timestamp with time zone,text,uuid[],text[]) to service_role;
grant execute on function public.create_task(jsonb,text) to service_role;
grant execute on function public.create_tenant(uuid,text,text) to service_role;
grant execute on function public.credit_summary(uuid,uuid,integer) to service_role;
grant execute on function public.credit_wallet(uuid,text,uuid,bigint,text,text) to service_role;
grant execute on function public.database_settings() to service_role;
grant execute on function public.decide_auto_top_ups(integer) to service_role;
grant execute on function public.decide_gainshare(uuid,uuid,text,text,text) to service_role;
grant execute on function public.decide_job(uuid,text,uuid,text) to service_role;
grant execute on function public.decline_auto_top_up_charge(uuid) to service_role;
grant execute on function public.deduct_user_time(uuid,integer,text) to service_role;
grant execute on function public.delete_account(uuid,bigint) to service_role;
grant execute on function public.deletion_terms(uuid) to service_role;
grant execute on function public.desk_ms_today(uuid) to service_role;
grant execute on function public.disable_auto_top_up(uuid) to service_role;
grant execute on function public.downgrade_blockers(uuid,text) to service_role;
grant execute on function public.due_machine_payments(integer) to service_role;
grant execute on function public.end_lost_tool_calls(integer) to service_role;
grant execute on function public.end_purchase_unmade(uuid,integer) to service_role;
grant execute on function public.end_task(uuid,integer,text,bigint,jsonb,text) to service_role;
grant execute on function public.end_tool_call(uuid,text,jsonb) to service_role;
grant execute on function public.erase_all_memories(uuid) to service_role;
grant execute on function public.erase_memory(uuid,uuid,uuid) to service_role;
grant execute on function public.erase_person(uuid,uuid,text) to service_role;
grant execute on function public.expire_cards(uuid,integer) to service_role;
grant execute on function public.explain_usage(uuid,text,date,numeric) to service_role;
grant execute on function public.export_code_batch(uuid,uuid,uuid,text) to service_role;
grant execute on function public.export_part(uuid,text,timestamp with time zone,text,integer) to service_role;
grant execute on function public.export_person(uuid) to service_role;
grant execute on function public.fail_stripe_event(text,text,integer) to service_role;
grant execute on function public.find_machine_order(uuid,uuid,text,text,uuid) to service_role;
grant execute on function public.find_people(text,text,integer) to service_role;
grant execute on function public.finish_execution(uuid,text,integer,bigint,integer,jsonb) to service_role;
grant execute on function public.finish_operator_refund(uuid,text,text) to service_role;
grant execute on function public.finish_stripe_event(text,text,text) to service_role;
grant execute on function public.forget_activation_addresses() to service_role;
grant execute on function public.forget_customer(text) to service_role;
grant execute on function public.forget_trial_addresses() to service_role;
grant execute on function public.freeze_person(uuid,boolean,uuid,text) to service_role;
grant execute on function public.fund_agent(uuid,uuid,bigint,text) to service_role;
grant execute on function public.get_user_analytics(uuid) to service_role;
grant execute on function public.get_user_time_balance(uuid) to service_role;
grant execute on function public.give_promotional_credits(uuid,bigint,integer,text,uuid,text) to service_role;
grant execute on function public.grant_goodwill(uuid,integer,text,uuid,text) to service_role;
grant execute on function public.invite_member(uuid,uuid,uuid,text,text,text,integer) to service_role;
grant execute on function public.job_figures() to service_role;
grant execute on function public.list_api_keys(uuid,uuid) to service_role;
grant execute on function public.list_api_products(uuid,uuid) to service_role;
grant execute on function public.list_billing_invoices(uuid,integer,timestamp with time zone) to service_role;
grant execute on function public.list_calls(uuid,uuid,uuid,integer) to service_role;
grant execute on function public.list_code_batches(uuid,integer) to service_role;
grant execute on function public.list_credit_plans() to service_role;
grant execute on function public.list_gainshare(uuid,integer) to service_role;
grant execute on function public.list_given_up_jobs(integer) to service_role;
grant execute on function public.list_invitations(uuid,uuid) to service_role;
grant execute on function public.list_invoice_runs(integer,integer) to service_role;
grant execute on function public.list_memories(uuid) to service_role;
grant execute on function public.list_operator_acts(timestamp with time zone,integer) to service_role;
grant execute on function public.list_opportunities(integer) to service_role;
grant execute on function public.list_own_requests(uuid,uuid,integer) to service_role;
grant execute on function public.list_payment_verifications(uuid,timestamp with time zone,integer) to service_role;
grant execute on function public.list_people_without_customer(integer) to service_role;
grant execute on function public.list_purchases(uuid,uuid,integer) to service_role;
grant execute on function public.list_support_requests(text,uuid,uuid,uuid,integer) to service_role;
grant execute on function public.list_tasks(integer,timestamp with time zone) to service_role;
grant execute on function public.list_tenant_members(uuid,uuid) to service_role;
grant execute on function public.list_tenants(uuid) to service_role;
grant execute on function public.list_tenants_without_customer(integer) to service_role;
grant execute on function public.live_subscription(uuid,text) to service_role;
grant execute on function public.make_usage_partitions(integer) to service_role;
grant execute on function public.may_call(uuid,uuid,text,integer,uuid) to service_role;
grant execute on function public.miss_invoice_line(uuid,text) to service_role;
grant execute on function public.monitor_market(uuid,integer) to service_role;
grant execute on function public.next_refund_attempt(uuid,integer) to service_role;
grant execute on function public.next_stripe_attempt(uuid,integer) to service_role;
grant execute on function public.note_api_answers(jsonb) to service_role;
grant execute on function public.note_card_consent(uuid,boolean) to service_role;
grant execute on function public.note_chain_refund(uuid,uuid,integer,text,text) to service_role;
grant execute on function public.note_finding(text,text,text) to service_role;
grant execute on function public.note_invoice_line(uuid,text,text) to service_role;
grant execute on function public.note_language(uuid,text) to service_role;
grant execute on function public.note_late_usage(uuid,text) to service_role;
grant execute on function public.note_lookers(uuid[],integer) to service_role;
grant execute on function public.note_operator_act(uuid,text,text,uuid,text) to service_role;
grant execute on function public.note_payment_fee(uuid,text,bigint,text) to service_role;
grant execute on function public.note_replay(text,uuid,text) to service_role;
grant execute on function public.note_tenant_customer(uuid,text) to service_role;
grant execute on function public.note_unknown_outcome(uuid) to service_role;
grant execute on function public.open_call(uuid,uuid,text,integer,integer,integer,text,uuid) to service_role;
grant execute on function public.operator_analytics(integer) to service_role;
grant execute on function public.optimise_agents() to service_role;
grant execute on function public.premium_tool(uuid,uuid,text) to service_role;
grant execute on function public.products_for_sale(uuid,uuid,uuid,integer) to service_role;
grant execute on function public.rate_call(uuid,uuid,integer,text) to service_role;
grant execute on function public.read_api_errors(uuid,integer) to service_role;
grant execute on function public.read_api_plan(uuid) to service_role;
grant execute on function public.read_api_usage(uuid,timestamp with time zone,timestamp with time zone,text,uuid) to service_role;
grant execute on function public.read_auto_top_up(uuid) to service_role;
grant execute on function public.read_caller(uuid,integer,uuid) to service_role;
grant execute on function public.read_invitation_mail(uuid) to service_role;
grant execute on function public.read_invoice_mail(text) to service_role;
grant execute on function public.read_page_settings(uuid) to service_role;
grant execute on function public.read_paid_call(uuid,uuid,text,uuid) to service_role;
grant execute on function public.read_purchase(uuid,uuid) to service_role;
grant execute on function public.read_rating(uuid,uuid) to service_role;
grant execute on function public.read_receipt(uuid,uuid) to service_role;
grant execute on function public.read_settings(uuid) to service_role;
grant execute on function public.read_spend_mail(uuid,uuid,text,date,text) to service_role;
grant execute on function public.read_subscription(text) to service_role;
grant execute on function public.read_support_request(uuid) to service_role;
grant execute on function public.read_tenant(uuid,uuid) to service_role;
grant execute on function public.read_tenant_billing(uuid,uuid,text) to service_role;
grant execute on function public.read_tenant_contact(uuid) to service_role;
grant execute on function public.read_tenant_role(uuid,uuid) to service_role;
grant execute on function public.read_tool_job(uuid,uuid) to service_role;
grant execute on function public.read_trial(uuid,text,text,integer,integer) to service_role;
grant execute on function public.read_wallet(uuid,uuid,uuid,uuid) to service_role;
grant execute on function public.reap_calls(integer) to service_role;
grant execute on function public.reap_executions(integer) to service_role;
grant execute on function public.reap_tasks(integer) to service_role;
grant execute on function public.reap_wallet_holds(integer) to service_role;
grant execute on function public.record_assets(uuid,integer,jsonb,timestamp with time zone,text,text) to service_role;
grant execute on function public.record_missing_usage(integer) to service_role;
grant execute on function public.record_payment_verification(uuid,uuid,text,jsonb,jsonb,jsonb) to service_role;
grant execute on function public.record_site_assets(uuid,text,integer,date,text) to service_role;
grant execute on function public.refund_execution(uuid,uuid,text,text,bigint) to service_role;
grant execute on function public.refuse_meter_events(text[],text) to service_role;
grant execute on function public.register_agent(uuid,uuid,jsonb,text) to service_role;
grant execute on function public.register_seller(uuid,uuid,text) to service_role;
grant execute on function public.remember_facts(uuid,uuid,jsonb) to service_role;
grant execute on function public.remove_member(uuid,uuid,uuid) to service_role;
grant execute on function public.renew_call(uuid,integer,bigint,bigint) to service_role;
grant execute on function public.renew_calls(uuid[],integer[],bigint[],bigint[]) to service_role;
grant execute on function public.repair_customer(uuid) to service_role;
grant execute on function public.repair_tenant_customer(uuid) to service_role;
grant execute on function public.report_worker(uuid,jsonb) to service_role;
grant execute on function public.reschedule_gift(uuid,uuid,date,text) to service_role;
grant execute on function public.reserve_desk(uuid,bigint,integer,integer) to service_role;
grant execute on function public.resolve_review(uuid,text,uuid,text,text) to service_role;
grant execute on function public.retry_refused_meter_events(text) to service_role;
grant execute on function public.revenue_over_time(date,date,text,text) to service_role;
grant execute on function public.revenue_stats(text) to service_role;
grant execute on function public.revoke_api_key(uuid,uuid,uuid) to service_role;
grant execute on function public.revoke_code_batch(uuid,uuid,text) to service_role;
grant execute on function public.revoke_invitation(uuid,uuid,uuid) to service_role;
grant execute on function public.roll_up(integer) to service_role;
grant execute on function public.roll_up_revenue(integer) to service_role;
grant execute on function public.roll_up_usage(integer) to service_role;
grant execute on function public.room_finished(text) to service_role;
grant execute on function public.rotate_api_key(uuid,uuid,uuid,integer,text,text,text) to service_role;
grant execute on function public.run_gainshare(uuid,uuid,date,date,numeric,bigint,integer) to service_role;
grant execute on function public.save_api_product(uuid,uuid,uuid,jsonb,jsonb) to service_role;
grant execute on function public.schedule_tasks(integer) to service_role;
grant execute on function public.search_memories(uuid,text,real[],text,integer) to service_role;
grant execute on function public.seconds_to_next_lease_end() to service_role;
grant execute on function public.set_agent_state(uuid,text) to service_role;
grant execute on function public.set_auto_top_up(uuid,text,integer,integer,text,integer,text) to service_role;
grant execute on function public.set_catalogue(jsonb,boolean) to service_role;
grant execute on function public.set_credit_rule(text,text,text,integer,integer,integer,timestamp with time zone) to service_role;
grant execute on function public.set_credit_settings(uuid,uuid,bigint,bigint) to service_role;
grant execute on function public.set_rates(jsonb) to service_role;
grant execute on function public.settle_call(uuid,integer,bigint,text,jsonb,bigint,jsonb) to service_role;
grant execute on function public.settle_machine_payment(uuid,text,text,text,text,integer) to service_role;
grant execute on function public.settle_meter_events(jsonb,integer) to service_role;
grant execute on function public.spend_warning(uuid) to service_role;
grant execute on function public.spoken_products(uuid,uuid,integer) to service_role;
grant execute on function public.stop_using_card(uuid,text) to service_role;
grant execute on function public.store_stripe_events(jsonb) to service_role;
grant execute on function public.subscription_start(uuid,date,timestamp with time zone) to service_role;
grant execute on function public.support_figures(integer) to service_role;
grant execute on function public.take_call_token(uuid,uuid,text) to service_role;
grant execute on function public.take_fees_wanted(integer,integer) to service_role;
grant execute on function public.take_invoice_lines(text,text) to service_role;
grant execute on function public.take_late_usage(integer) to service_role;
grant execute on function public.take_meter_events(integer,integer,integer) to service_role;
grant execute on function public.track_credits(uuid,text,text,numeric,text,jsonb,uuid) to service_role;
grant execute on function public.track_usage(uuid,uuid,jsonb) to service_role;
grant execute on function public.update_tenant(uuid,uuid,text,text) to service_role;
grant execute on function public.usage_limits(uuid,uuid) to service_role;
grant execute on function public.usage_report_figures() to service_role;
grant execute on function public.usage_summary(uuid,uuid,date,date,text) to service_role;
grant execute on function public.usage_to_compare(integer,integer) to service_role;
grant execute on function public.use_api_keys(jsonb) to service_role;
grant execute on function public.verify_receipts(uuid) to service_role;
grant execute on function public.wallet_books() to service_role;
grant execute on function public.write_page_settings(uuid,text,text[]) to service_role;
grant execute on function public.write_settings(uuid,text,text,boolean) to service_role;
grant select on public.accounts to authenticated;
grant select on public.accounts to service_role;
grant select on public.activation_addresses to service_role;
grant select on public.activation_attempts to service_role;
grant select on public.activation_codes to service_role;
grant select on public.agent_budgets to authenticated;
grant select on public.agent_budgets to service_role;
grant select (agent_id), select (bytes), select (call_id), select (charged_micros), select (created_at), select (ended_at), select (http_status), select (id), select (outcome), select (price_micros), select (product_id), select (status), select (task_id), select (tenant_id), select (took_ms), select (user_id), select (version) on public.api_executions to authenticated;
grant select on public.api_executions to service_role;
grant select on public.api_keys to service_role;
grant select on public.api_product_versions to service_role;
grant select (category), select (charges_client_errors), select (created_at), select (description), select (id), select (is_spoken), select (max_bytes), select (method), select (name), select (parameters), select (price_micros), select (price_per_call), select (rate_per_minute), select (response_schema), select (seller_id), select (status), select (tenant_id), select (timeout_ms), select (title), select (updated_at), select (version) on public.api_products to authenticated;
grant select on public.api_products to service_role;
grant select on public.asset_snapshots to authenticated;
grant select on public.asset_snapshots to service_role;
grant select on public.autonomous_agents to authenticated;
grant select on public.autonomous_agents to service_role;
grant select on public.autonomous_revenue to authenticated;
grant select on public.autonomous_revenue to service_role;
grant select on public.billing_invoices to authenticated;
grant select on public.billing_invoices to service_role;
grant select on public.billing_plans to anon;
grant select on public.billing_plans to authenticated;
grant insert, select on public.billing_plans to service_role;
grant select on public.billing_subscriptions to authenticated;
grant select on public.billing_subscriptions to service_role;
grant select on public.billing_usage_events to authenticated;
grant select on public.billing_usage_events to service_role;
grant select on public.brain_tasks to authenticated;
grant select on public.brain_tasks to service_role;
grant select on public.call_tokens to service_role;
grant select on public.caller_memories to authenticated;
grant select on public.caller_settings to authenticated;
grant select (charged_seconds), select (end_reason), select (ended_at), select (epoch), select (errors), select (id), select (interruptions), select (latency_p50_ms), select (latency_p95_ms), select (opened_at), select (quality), select (receipt), select (restored_ms), select (room_name), select (settled_by), select (status), select (tenant_id), select (turns), select (used_ms), select (user_id), select (worker_id) on public.calls to authenticated;
grant select on public.calls to service_role;
grant select on public.code_batch_cards to service_role;
grant select on public.code_batches to service_role;
grant select on public.credit_days to authenticated;
grant select on public.credit_days to service_role;
grant select on public.credit_periods to authenticated;
grant select on public.credit_periods to service_role;
grant select on public.credit_rules to anon;
grant select on public.credit_rules to authenticated;
grant select on public.credit_rules to service_role;
grant select on public.gainshare_acts to service_role;
grant select on public.gainshare_runs to authenticated;
grant select on public.gainshare_runs to service_role;
grant select on public.goodwill_grants to service_role;
grant select on public.grants to authenticated;
grant select on public.grants to service_role;
grant select on public.holds to authenticated;
grant select on public.holds to service_role;
grant select on public.kpi_actuals to authenticated;
grant select on public.kpi_actuals to service_role;
grant select on public.kpi_baselines to authenticated;
grant select on public.kpi_baselines to service_role;
grant select on public.ledger to authenticated;
grant select on public.ledger to service_role;
grant select on public.market_opportunities to authenticated;
grant select on public.market_opportunities to service_role;
grant select on public.operator_acts to service_role;
grant select on public.operator_refunds to service_role;
grant select on public.payment_disputes to service_role;
grant select on public.payment_history to authenticated;
grant select on public.payment_history to service_role;
grant select on public.payment_refunds to service_role;
grant select on public.payments to authenticated;
grant select on public.payments to service_role;
grant select on public.pending_payments to authenticated;
grant select on public.pending_payments to service_role;
grant select on public.plans to anon;
grant select on public.plans to authenticated;
grant select on public.plans to service_role;
grant select on public.pricing_tiers to anon;
grant select on public.pricing_tiers to authenticated;
grant insert, select, update on public.pricing_tiers to service_role;
grant select on public.purchases to authenticated;
grant select on public.purchases to service_role;
grant select on public.rates to service_role;
grant select on public.reconciliation_findings to service_role;
grant select on public.second_payments to service_role;
grant select on public.sellers to authenticated;
grant select on public.sellers to service_role;
grant select on public.stripe_events to service_role;
grant select on public.subscription_limits to authenticated;
grant select on public.subscription_limits to service_role;
grant select on public.subscriptions to authenticated;
grant select on public.subscriptions to service_role;
grant select on public.tenant_invitations to service_role;
grant select on public.tenant_members to authenticated;
grant select on public.tenant_members to service_role;
grant select (closed_at), select (created_at), select (id), select (name), select (plan_id) on public.tenants to authenticated;
grant select on public.tenants to service_role;
grant select on public.time_accounts to authenticated;
grant select on public.time_accounts to service_role;
grant select on public.time_cards to authenticated;
grant select on public.time_cards to service_role;
grant select on public.time_ledger to authenticated;
grant select on public.time_ledger to service_role;
grant select (call_id), select (credit_rule_id), select (credits_burned), select (currency), select (event_type), select (id), select (key), select (kind), select (metadata), select (model), select (occurred_at), select (occurred_month), select (owner_id), select (price_micros), select (provider), select (quantity), select (recorded_at), select (server), select (subscription_id), select (tenant_id), select (tool), select (unit), select (units), select (user_id) on public.usage_events to authenticated;
grant select on public.usage_events to service_role;
grant select on public.user_profiles to authenticated;
grant select on public.user_profiles to service_role;
grant select on public.user_subscriptions to authenticated;
grant select on public.user_subscriptions to service_role;
grant select on public.users to authenticated;
grant select, update (display_name), update (role), update (stripe_customer_id) on public.users to service_role;
grant select on public.v_asset_latest to authenticated;
grant select on public.v_asset_latest to service_role;
grant select on public.v_subscription_credit_summary to authenticated;
grant select on public.v_subscription_credit_summary to service_role;
grant select on public.v_tenant_monthly_usage to authenticated;
grant select on public.v_tenant_monthly_usage to service_role;
grant select on public.voice_sessions to authenticated;
grant select on public.voice_sessions to service_role;
grant select on public.wallet_holds to authenticated;
grant select on public.wallet_holds to service_role;
grant select on public.wallet_refunds to authenticated;
grant select on public.wallet_refunds to service_role;
