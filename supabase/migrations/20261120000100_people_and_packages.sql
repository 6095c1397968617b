-- Who uses the system, and what is for sale.

-- Older hosted projects grant every new object in public to everybody: a migration that forgot to revoke
-- would open a table to the world. Forgetting to grant only fails a test.
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

create schema if not exists private;
revoke all on schema private from public;

create table public.users (
  id uuid primary key references auth.users (id) on delete cascade,
  email text,
  display_name text not null default '' check (length(display_name) <= 200),
  role text not null default 'caller' check (role in ('caller', 'operator')),
  stripe_customer_id text unique,
  created_at timestamptz not null default now()
);
comment on table public.users is 'One row per person, made by a trigger when auth.users gains one.';

create table public.time_accounts (
  user_id uuid primary key references public.users (id) on delete cascade,
  balance_seconds bigint not null default 0 check (balance_seconds >= 0),
  held_seconds bigint not null default 0 check (held_seconds >= 0),
  debt_seconds bigint not null default 0 check (debt_seconds >= 0),
  live_calls int not null default 0 check (live_calls >= 0),
  check (held_seconds <= balance_seconds)
) with (fillfactor = 70);
comment on table public.time_accounts is
  'One row per person: the lock that every money function takes first, and the sum of the person''s cards.';

create function private.follow_auth_user() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.users (id, email, display_name)
  values (new.id, new.email, left(coalesce(new.raw_user_meta_data ->> 'display_name', ''), 200))
  on conflict (id) do update set email = excluded.email;
  insert into public.time_accounts (user_id) values (new.id) on conflict do nothing;
  return new;
end $$;

create trigger follow_auth_user after insert or update of email on auth.users
  for each row execute function private.follow_auth_user();

-- People who signed up before this migration.
insert into public.users (id, email) select id, email from auth.users on conflict do nothing;
insert into public.time_accounts (user_id) select id from public.users on conflict do nothing;

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
