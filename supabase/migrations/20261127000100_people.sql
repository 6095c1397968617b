-- Who uses the system, and what is for sale.

-- Older hosted projects grant every new object in public to everybody: a migration that forgot to revoke
-- would open a table to the world. Forgetting to grant only fails a test.
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

create schema if not exists private;
revoke all on schema private from public;
grant usage on schema public to anon, authenticated, service_role;

create table public.users (
  id uuid primary key references auth.users (id) on delete cascade,
  email text,
  display_name text not null default '' check (length(display_name) <= 200),
  role text not null default 'caller' check (role in ('caller', 'operator')),
  stripe_customer_id text unique,
  created_at timestamptz not null default now()
);
comment on table public.users is 'One row per person, made by a trigger when auth.users gains one.';
create index users_without_customer on public.users (created_at, id) where stripe_customer_id is null;

create table public.pricing_tiers (
  id text primary key check (id ~ '^[a-z0-9_-]{1,64}$'),
  name text not null,
  hours int not null check (hours between 1 and 10000),
  bonus_minutes int not null default 0 check (bonus_minutes between 0 and 600000),
  total_minutes int not null generated always as (hours * 60 + bonus_minutes) stored,
  price_cents int not null check (price_cents >= 50),
  currency text not null default 'usd' check (currency ~ '^[a-z]{3}$'),
  description text not null default '',
  active boolean not null default true,
  sort_order int not null default 0
);
comment on table public.pricing_tiers is 'The packages for sale. A price is frozen into the purchase when it begins.';

insert into public.pricing_tiers (id, name, hours, bonus_minutes, price_cents, description, sort_order) values
  ('starter', 'Starter', 1, 0, 999, 'Perfect for trying out', 1),
  ('basic', 'Basic', 5, 30, 4499, 'Great for regular users', 2),
  ('premium', 'Premium', 10, 120, 7999, 'Best value option', 3),
  ('pro', 'Pro', 25, 300, 17999, 'For power users', 4),
  ('enterprise', 'Enterprise', 50, 600, 29999, 'Maximum value', 5);

create function private.is_operator(p_user_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.users where id = p_user_id and role = 'operator')
$$;

create function private.utc_text(p_at timestamptz) returns text
language sql immutable set search_path = '' as $$
  select to_char(p_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

create function private.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception '% is append-only: write a correcting entry instead', tg_table_name using errcode = 'PT403';
end $$;

-- People read their own rows, prices are public, and only service_role writes.
alter table public.users enable row level security;
alter table public.pricing_tiers enable row level security;
create policy "own person" on public.users for select to authenticated using (id = (select auth.uid()));
create policy "prices are public" on public.pricing_tiers for select to anon, authenticated using (active);

revoke all on public.users, public.pricing_tiers from anon, authenticated, service_role;
grant select on public.pricing_tiers to anon, authenticated, service_role;
grant insert, update on public.pricing_tiers to service_role;
grant select on public.users to authenticated, service_role;
grant update (display_name, role, stripe_customer_id) on public.users to service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
