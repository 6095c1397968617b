-- People read their own rows, prices are public, and only service_role writes.

revoke all on all tables in schema public from anon, authenticated, service_role;
revoke all on all sequences in schema public from anon, authenticated, service_role;

alter table public.users enable row level security;
alter table public.time_accounts enable row level security;
alter table public.pricing_tiers enable row level security;
alter table public.time_cards enable row level security;
alter table public.activation_codes enable row level security;
alter table public.activation_attempts enable row level security;
alter table public.voice_sessions enable row level security;
alter table public.time_ledger enable row level security;
alter table public.payment_history enable row level security;
alter table public.stripe_events enable row level security;

grant usage on schema public to anon, authenticated, service_role;
grant select on public.pricing_tiers to anon, authenticated;
grant select on public.users, public.time_accounts, public.time_cards, public.voice_sessions,
  public.time_ledger, public.payment_history to authenticated;

-- Not even service_role writes time or money except through the functions, which check and lock.
grant select on all tables in schema public to service_role;
grant insert, update on public.pricing_tiers to service_role;
grant update (display_name, role, stripe_customer_id) on public.users to service_role;

create policy "prices are public" on public.pricing_tiers for select to anon, authenticated using (active);
create policy "own person" on public.users for select to authenticated using (id = (select auth.uid()));
create policy "own account" on public.time_accounts for select to authenticated using (user_id = (select auth.uid()));
create policy "own cards" on public.time_cards for select to authenticated using (user_id = (select auth.uid()));
create policy "own calls" on public.voice_sessions for select to authenticated using (user_id = (select auth.uid()));
create policy "own ledger" on public.time_ledger for select to authenticated using (user_id = (select auth.uid()));
create policy "own payments" on public.payment_history for select to authenticated using (user_id = (select auth.uid()));
