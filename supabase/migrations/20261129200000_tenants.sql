-- Tenants: organisations that pay for what their members do. Plans, what a tenant subscribes to, and whose time a call uses.

create table public.plans (
  id text primary key check (id ~ '^[a-z0-9_-]{1,64}$'),
  name text not null check (length(name) between 1 and 200),
  kind text not null check (kind in ('prepaid', 'metered', 'seats')),
  monthly_minutes int check (monthly_minutes between 0 and 10000000),
  calls_at_once int not null default 4 check (calls_at_once between 0 and 10000),
  requests_per_minute int not null default 600 check (requests_per_minute between 1 and 1000000),
  soft_spend_per_day_micros bigint check (soft_spend_per_day_micros >= 0),
  hard_spend_per_day_micros bigint check (hard_spend_per_day_micros >= 0),
  soft_spend_per_month_micros bigint check (soft_spend_per_month_micros >= 0),
  hard_spend_per_month_micros bigint check (hard_spend_per_month_micros >= 0),
  currency text not null default 'usd' check (currency ~ '^[a-z]{3}$'),
  features text[] not null default '{}',
  seat_price_cents int check (seat_price_cents >= 0),
  active boolean not null default true,
  constraint soft_comes_before_hard check (coalesce(soft_spend_per_day_micros <= hard_spend_per_day_micros, true)
    and coalesce(soft_spend_per_month_micros <= hard_spend_per_month_micros, true)),
  constraint seats_have_a_price check ((kind = 'seats') = (seat_price_cents is not null))
);
comment on table public.plans is
  'What tenants subscribe to, brought here from the catalogue file. A limit that is null is none.';
comment on column public.plans.monthly_minutes is
  'Minutes that the subscription brings each period, as a grant of the source plan; null: none, the tenant buys cards.';
comment on column public.plans.features is 'The premium tools that the plan opens, by name.';
comment on column public.plans.hard_spend_per_day_micros is
  'In millionths of the currency, over a day of UTC. At a soft threshold people are told; at a hard one nothing new begins.';

create table public.tenants (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(trim(name)) between 1 and 200),
  stripe_customer_id text unique,
  billing_email text check (length(billing_email) between 3 and 320),
  plan_id text references public.plans (id) on delete restrict,
  created_at timestamptz not null default now(),
  closed_at timestamptz
);
comment on table public.tenants is 'Organisations. One that is closed stays for the books, and nothing new begins in it.';
create index tenants_by_plan on public.tenants (plan_id);
create index tenants_without_customer on public.tenants (created_at, id)
  where stripe_customer_id is null and closed_at is null;

create table public.tenant_members (
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  user_id uuid not null references public.users (id) on delete restrict,
  role text not null check (role in ('owner', 'billing', 'member')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, user_id)
);
comment on table public.tenant_members is
  'Who belongs to a tenant. A member talks on its time; billing buys and sees what all did; an owner also says who belongs.';
create index tenant_members_by_person on public.tenant_members (user_id, role, tenant_id);

create table public.tenant_invitations (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  email text not null check (length(email) between 3 and 320 and email = lower(email)),
  role text not null check (role in ('owner', 'billing', 'member')),
  token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  invited_by uuid not null references public.users (id) on delete restrict,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid references public.users (id) on delete restrict,
  revoked_at timestamptz,
  constraint accepted_or_revoked check (accepted_at is null or revoked_at is null),
  constraint accepted_by_somebody check ((accepted_at is null) = (accepted_by is null))
);
comment on table public.tenant_invitations is
  'Who was asked by e-mail to join. The token of the link is stored nowhere; its hash lets it be used once.';
create index tenant_invitations_by_tenant on public.tenant_invitations (tenant_id, created_at desc);
create index tenant_invitations_by_inviter on public.tenant_invitations (invited_by, created_at);
create index tenant_invitations_by_who_accepted on public.tenant_invitations (accepted_by);
create unique index tenant_invitations_one_waits on public.tenant_invitations (tenant_id, email)
  where accepted_at is null and revoked_at is null;

create table public.subscriptions (
  id text primary key check (length(id) between 1 and 255),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  plan_id text not null references public.plans (id) on delete restrict,
  status text not null check (status in ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled',
    'unpaid', 'paused')),
  quantity int check (quantity >= 0),
  current_period_start timestamptz,
  current_period_end timestamptz,
  cancel_at timestamptz,
  stripe_items jsonb not null default '[]',
  updated_at timestamptz not null default now(),
  read_at timestamptz not null default now(),
  constraint a_period_has_a_length check (current_period_end > current_period_start)
);
comment on table public.subscriptions is
  'What Stripe says of each subscription. The id is Stripe''s; read_at is when it was last fetched from there.';
create index subscriptions_by_tenant on public.subscriptions (tenant_id, status);
create index subscriptions_by_plan on public.subscriptions (plan_id);

-- An open tenant always has an owner, whatever anybody does to its members; asked when the transaction is over.
create function private.keep_an_owner() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_tenant_id uuid := (case tg_table_name when 'tenants' then to_jsonb(new) ->> 'id' else to_jsonb(old) ->> 'tenant_id' end)::uuid;
begin
  if exists (select from public.tenants where id = v_tenant_id and closed_at is null)
     and not exists (select from public.tenant_members where tenant_id = v_tenant_id and role = 'owner') then
    raise exception 'tenant % would have no owner', v_tenant_id using errcode = '23514';
  end if;
  return null;
end $$;
create constraint trigger keep_an_owner after insert or update of closed_at on public.tenants
  deferrable initially deferred for each row execute function private.keep_an_owner();
create constraint trigger keep_an_owner after update or delete on public.tenant_members
  deferrable initially deferred for each row execute function private.keep_an_owner();

-- Accounts: a tenant's account of seconds has the tenant's id, as a person's has the person's.
alter table public.accounts
  drop constraint accounts_owner_kind_check,
  add constraint accounts_owner_kind_check check (owner_kind in ('person', 'tenant')),
  drop constraint seconds_of_a_person_have_their_id,
  add constraint seconds_have_the_id_of_their_owner check (unit <> 'second' or id = owner_id),
  add column tenant_id uuid generated always as (case owner_kind when 'tenant' then owner_id end) stored
    references public.tenants (id) on delete restrict;
comment on column public.accounts.tenant_id is 'Whose account it is, where it is a tenant''s.';
create index accounts_by_tenant on public.accounts (tenant_id);

alter table public.grants drop constraint grants_source_check,
  add constraint grants_source_check check (source in ('paid', 'gift', 'bonus', 'goodwill', 'trial', 'plan'));

-- Who pays: the account of a call or a purchase has the id coalesce(tenant_id, user_id).
alter table public.calls add column tenant_id uuid references public.tenants (id) on delete restrict;
comment on column public.calls.tenant_id is 'The tenant whose time the call uses; null where it is the person''s own.';
create index calls_by_tenant on public.calls (tenant_id, opened_at desc);
alter table public.purchases add column tenant_id uuid references public.tenants (id) on delete restrict;
comment on column public.purchases.tenant_id is 'The tenant that it is bought for; null where the person buys for themselves.';
create index purchases_by_tenant on public.purchases (tenant_id, created_at desc);
create or replace view public.payment_history with (security_invoker = true) as select * from public.purchases;
create or replace view public.voice_sessions with (security_invoker = true) as
  select c.id, c.user_id, c.room_name, c.worker_id, c.status, coalesce(c.epoch, h.epoch) as epoch,
    coalesce(h.slice_seconds, (c.receipt -> 'slices' ->> 'slice_seconds')::int) as slice_seconds,
    h.lease_margin_seconds,
    coalesce(h.amount, (c.receipt -> 'slices' ->> 'granted_seconds')::bigint) as granted_seconds,
    coalesce(c.used_ms, h.used_ms) as used_ms, coalesce(c.restored_ms, h.restored_ms) as restored_ms,
    coalesce(h.renewals, (c.receipt -> 'slices' ->> 'renewals')::int) as renewals, h.lease_expires_at,
    c.charged_seconds, c.opened_at, c.ended_at, c.end_reason, c.settled_by, c.receipt,
    c.turns, c.interruptions, c.errors, c.latency_p50_ms, c.latency_p95_ms, c.quality, c.tenant_id
  from public.calls c left join public.holds h on h.id = c.id;

-- What is personal stays personal; a tenant's books are for its owners and who does its billing; who left reads nothing of it.
alter table public.plans enable row level security;
alter table public.tenants enable row level security;
alter table public.tenant_members enable row level security;
alter table public.tenant_invitations enable row level security;
alter table public.subscriptions enable row level security;

create policy "own memberships" on public.tenant_members for select to authenticated
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null));
create policy "own tenants" on public.tenants for select to authenticated
  using (id in (select tenant_id from public.tenant_members where user_id = (select auth.uid())));
create policy "plans are public" on public.plans for select to anon, authenticated using (active);
create policy "own plan" on public.plans for select to authenticated
  using (id in (select plan_id from public.tenants));
create policy "subscriptions of own tenants" on public.subscriptions for select to authenticated
  using (tenant_id in (select tenant_id from public.tenant_members
    where user_id = (select auth.uid()) and role in ('owner', 'billing')));

-- Every member may know what is left to talk on; cards and the ledger say what was bought, and when.
create policy "accounts of own tenants" on public.accounts for select to authenticated
  using (tenant_id in (select tenant_id from public.tenant_members where user_id = (select auth.uid())));
create policy "grants of own tenants" on public.grants for select to authenticated
  using (account_id in (select tenant_id from public.tenant_members
    where user_id = (select auth.uid()) and role in ('owner', 'billing')));
create policy "ledger of own tenants" on public.ledger for select to authenticated
  using (account_id in (select tenant_id from public.tenant_members
    where user_id = (select auth.uid()) and role in ('owner', 'billing')));
alter policy "own calls" on public.calls
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null)
    and (tenant_id is null or tenant_id in (select m.tenant_id from public.tenant_members m where m.user_id = (select auth.uid()))));
create policy "calls of own tenants" on public.calls for select to authenticated
  using (tenant_id in (select m.tenant_id from public.tenant_members m
    where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')));
-- The hold of a call is for whoever sees the call.
create policy "holds of calls in own tenants" on public.holds for select to authenticated
  using (exists (select from public.calls c where c.id = holds.id and c.tenant_id is not null));
alter policy "own purchases" on public.purchases
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null) and tenant_id is null);
create policy "purchases of own tenants" on public.purchases for select to authenticated
  using (tenant_id in (select m.tenant_id from public.tenant_members m
    where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')));

revoke all on public.plans, public.tenants, public.tenant_members, public.tenant_invitations, public.subscriptions
  from anon, authenticated, service_role;
grant select on public.plans to anon, authenticated, service_role;
grant select on public.tenant_members, public.subscriptions to authenticated, service_role;
grant select on public.tenants, public.tenant_invitations to service_role;
-- Where its invoices go, and by which name Stripe knows it, is for who does the billing.
grant select (id, name, plan_id, created_at, closed_at) on public.tenants to authenticated;
grant select (tenant_id) on public.calls to authenticated;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
