-- The tables of the first design: agents, the paid APIs that they consume, what that earned, and what Stripe charges for it.
-- Amounts are millionths of a dollar; beside each stands the decimal of the first design.

create table public.autonomous_agents (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references public.users (id) on delete restrict,
  tenant_id uuid references public.tenants (id) on delete restrict,
  agent_name text not null check (length(trim(agent_name)) between 1 and 200),
  agent_type text not null check (agent_type in ('api_consumer', 'payment_bot', 'volume_generator', 'nft_minter')),
  status text not null default 'idle' check (status in ('idle', 'active', 'error', 'maintenance')),
  capabilities text[] not null default '{}' check (cardinality(capabilities) <= 50),
  wallet_address text check (length(wallet_address) <= 200),
  daily_budget numeric(14, 6) not null default 0 check (daily_budget between 0 and 1000000),
  daily_budget_micros bigint generated always as ((daily_budget * 1000000)::bigint) stored,
  max_concurrent_tasks int not null default 1 check (max_concurrent_tasks between 0 and 1000),
  performance_score numeric(6, 5) not null default 0.5 check (performance_score between 0 and 1),
  success_rate numeric(6, 5) not null default 0 check (success_rate between 0 and 1),
  total_tasks_completed bigint not null default 0 check (total_tasks_completed >= 0),
  total_revenue_micros bigint not null default 0,
  total_revenue_generated numeric(20, 6) generated always as (total_revenue_micros::numeric / 1000000) stored,
  current_task_id uuid,
  last_active_at timestamptz,
  last_heartbeat_at timestamptz,
  error_count int not null default 0 check (error_count >= 0),
  last_error text check (length(last_error) <= 1000),
  metadata jsonb not null default '{}' check (pg_column_size(metadata) <= 20000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint works_for_one check (num_nonnulls(user_id, tenant_id) <= 1)
) with (fillfactor = 70);
comment on table public.autonomous_agents is
  'Agents, each for a person or a tenant, or of the house. An agent pays from its own wallet: an account of micro_usd of the kind agent.';
comment on column public.autonomous_agents.wallet_address is 'For payments by crypto only; nothing is paid to or from it here.';
create index autonomous_agents_by_status on public.autonomous_agents (status, created_at, id);
create index autonomous_agents_by_person on public.autonomous_agents (user_id);
create index autonomous_agents_by_tenant on public.autonomous_agents (tenant_id);

create table public.api_products (
  id uuid primary key default gen_random_uuid(),
  seller_id uuid references public.sellers (id) on delete restrict,
  tenant_id uuid references public.tenants (id) on delete restrict,
  name text not null check (name ~ '^[a-z][a-z0-9_]{1,63}$'),
  title text not null default '' check (length(title) <= 200),
  description text not null default '' check (length(description) <= 1000),
  category text not null default 'data' check (length(category) between 1 and 100),
  version int not null default 1 check (version > 0),
  status text not null default 'draft' check (status in ('draft', 'active', 'retired')),
  price_per_call numeric(14, 6) not null check (price_per_call between 0 and 10000),
  price_micros bigint generated always as ((price_per_call * 1000000)::bigint) stored,
  api_endpoint text not null check (length(api_endpoint) between 10 and 2000 and api_endpoint ~ '^https?://'),
  method text not null default 'GET' check (method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
  parameters jsonb not null default '{"type": "object", "properties": {}}' check (pg_column_size(parameters) <= 30000),
  places jsonb not null default '{}',
  response_schema jsonb check (pg_column_size(response_schema) <= 30000),
  headers jsonb not null default '{}',
  speech text check (length(speech) <= 500),
  rate_per_minute int not null default 60 check (rate_per_minute between 1 and 100000),
  timeout_ms int not null default 10000 check (timeout_ms between 100 and 60000),
  max_bytes int not null default 262144 check (max_bytes between 1 and 5000000),
  charges_client_errors boolean not null default false,
  is_spoken boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.api_products is
  'Paid APIs as tools: what is asked, where, what a call costs, and the limits of it. Without a seller it is the house''s, and so is '
  'the price; without a tenant everybody may call it. Secrets stand in private.api_secrets, never here.';
comment on column public.api_products.places is 'Where each parameter goes: {"city": "query", "id": "path", …}; what is not named goes into the query of a GET, else the body.';
comment on column public.api_products.charges_client_errors is 'Whether a 4xx, which our arguments caused, is charged.';
comment on column public.api_products.speech is 'What is said of a result, with {paths} into it; without it the model finds its words.';
create unique index api_products_by_name on public.api_products
  (coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'), name) where status <> 'retired';
create index api_products_by_seller on public.api_products (seller_id, created_at desc);
create index api_products_by_tenant on public.api_products (tenant_id);

create table public.pending_payments (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid references public.autonomous_agents (id) on delete restrict,
  api_product_id uuid references public.api_products (id) on delete restrict,
  account_id uuid references public.accounts (id) on delete restrict,
  amount_micros bigint not null check (amount_micros > 0),
  amount numeric(20, 6) generated always as (amount_micros::numeric / 1000000) stored,
  currency text not null default 'usd' check (currency = 'usd'),
  status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed', 'canceled')),
  payment_intent_id text unique check (length(payment_intent_id) <= 255),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.pending_payments is 'What is to be charged at Stripe, until its webhook says what became of it.';
create index pending_payments_by_status on public.pending_payments (status, created_at);
create index pending_payments_by_agent on public.pending_payments (agent_id);
create index pending_payments_by_product on public.pending_payments (api_product_id);
create index pending_payments_by_account on public.pending_payments (account_id);

create table public.payments (
  id uuid primary key default gen_random_uuid(),
  stripe_id text not null unique check (length(stripe_id) between 1 and 255),
  pending_payment_id uuid references public.pending_payments (id) on delete restrict,
  amount_micros bigint not null check (amount_micros >= 0),
  amount numeric(20, 6) generated always as (amount_micros::numeric / 1000000) stored,
  stripe_fee_micros bigint check (stripe_fee_micros >= 0),
  refunded_micros bigint not null default 0 check (refunded_micros between 0 and amount_micros),
  currency text not null default 'usd' check (currency = 'usd'),
  status text not null check (status in ('pending', 'succeeded', 'failed', 'refunded', 'disputed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.payments is 'What Stripe charged, each payment intent once, with what Stripe kept of it.';
create index payments_by_pending_payment on public.payments (pending_payment_id);
create index payments_by_time on public.payments (created_at);

create table public.autonomous_revenue (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid references public.autonomous_agents (id) on delete restrict,
  task_id uuid,
  api_product_id uuid references public.api_products (id) on delete restrict,
  seller_id uuid references public.sellers (id) on delete restrict,
  hold_id uuid references public.wallet_holds (id) on delete restrict,
  pending_payment_id uuid references public.pending_payments (id) on delete restrict,
  amount_micros bigint not null,
  platform_fee_micros bigint not null default 0,
  seller_share_micros bigint not null default 0,
  stripe_cost_micros bigint not null default 0,
  amount numeric(20, 6) generated always as (amount_micros::numeric / 1000000) stored,
  platform_fee numeric(20, 6) generated always as (platform_fee_micros::numeric / 1000000) stored,
  seller_share numeric(20, 6) generated always as (seller_share_micros::numeric / 1000000) stored,
  currency text not null default 'usd' check (currency = 'usd'),
  revenue_source text not null check (revenue_source in ('api_calls', 'payment_fees', 'task_completion')),
  status text not null check (status in ('pending', 'collected', 'failed')),
  key text not null unique check (length(key) between 1 and 200),
  created_at timestamptz not null default now(),
  constraint revenue_is_what_became_of_it check (amount_micros = platform_fee_micros + seller_share_micros + stripe_cost_micros)
);
comment on table public.autonomous_revenue is
  'What was earned, each thing once: amount = platform fee (with the remainder) + seller''s share + what Stripe kept of it. '
  'Money that goes back is a row with a negative amount, on the day on which it went back.';
create index autonomous_revenue_by_time on public.autonomous_revenue (created_at, status);
create index autonomous_revenue_by_agent on public.autonomous_revenue (agent_id, created_at);
create index autonomous_revenue_by_product on public.autonomous_revenue (api_product_id);
create index autonomous_revenue_by_seller on public.autonomous_revenue (seller_id, created_at);
create index autonomous_revenue_by_hold on public.autonomous_revenue (hold_id);
create index autonomous_revenue_by_pending_payment on public.autonomous_revenue (pending_payment_id);
create index autonomous_revenue_by_task on public.autonomous_revenue (task_id);

alter table public.autonomous_agents enable row level security;
alter table public.api_products enable row level security;
alter table public.pending_payments enable row level security;
alter table public.payments enable row level security;
alter table public.autonomous_revenue enable row level security;

-- The board of the first design reads the tables themselves: operators see all, everybody else what is theirs.
create policy "operators see agents" on public.autonomous_agents for select to authenticated
  using (exists (select from public.users u where u.id = (select auth.uid()) and u.role = 'operator' and u.deleted_at is null));
create policy "own agents" on public.autonomous_agents for select to authenticated
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null)
    or tenant_id in (select m.tenant_id from public.tenant_members m where m.user_id = (select auth.uid())));
create policy "accounts of own agents" on public.accounts for select to authenticated
  using (owner_kind = 'agent' and owner_id in (select a.id from public.autonomous_agents a
    where a.user_id = (select auth.uid()) or a.tenant_id in (select m.tenant_id from public.tenant_members m
      where m.user_id = (select auth.uid()))));
create policy "products for sale" on public.api_products for select to authenticated
  using (status = 'active' and (tenant_id is null
    or tenant_id in (select m.tenant_id from public.tenant_members m where m.user_id = (select auth.uid()))));
create policy "own products" on public.api_products for select to authenticated
  using (seller_id in (select id from public.sellers));
create policy "operators see products" on public.api_products for select to authenticated
  using (exists (select from public.users u where u.id = (select auth.uid()) and u.role = 'operator' and u.deleted_at is null));
create policy "operators see what is to be charged" on public.pending_payments for select to authenticated
  using (exists (select from public.users u where u.id = (select auth.uid()) and u.role = 'operator' and u.deleted_at is null));
create policy "operators see payments" on public.payments for select to authenticated
  using (exists (select from public.users u where u.id = (select auth.uid()) and u.role = 'operator' and u.deleted_at is null));
create policy "operators see revenue" on public.autonomous_revenue for select to authenticated
  using (exists (select from public.users u where u.id = (select auth.uid()) and u.role = 'operator' and u.deleted_at is null));
create policy "revenue of own products" on public.autonomous_revenue for select to authenticated
  using (seller_id in (select id from public.sellers));

revoke all on public.autonomous_agents, public.api_products, public.pending_payments, public.payments, public.autonomous_revenue
  from anon, authenticated, service_role;
grant select on public.autonomous_agents, public.api_products, public.pending_payments, public.payments, public.autonomous_revenue
  to service_role;
grant select on public.autonomous_agents, public.pending_payments, public.payments, public.autonomous_revenue to authenticated;
-- Where a seller's API is, and what is sent there, is the seller's.
grant select (id, seller_id, tenant_id, name, title, description, category, version, status, price_per_call, price_micros, method,
  parameters, response_schema, rate_per_minute, timeout_ms, max_bytes, charges_client_errors, is_spoken, created_at, updated_at)
  on public.api_products to authenticated;
