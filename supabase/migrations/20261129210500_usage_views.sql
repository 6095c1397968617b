-- The names under which the first design knew usage, people and subscriptions.

create view public.billing_usage_events with (security_invoker = true) as
  select id, user_id, tenant_id, tool as tool_name, server as server_id, kind, quantity, unit, price_micros, currency, call_id, metadata,
    null::text as stripe_event_id, occurred_at, recorded_at as created_at
  from public.usage_events;
comment on view public.billing_usage_events is
  'Usage events. stripe_event_id is the identifier under which Stripe took it, null as long as it did not.';

create view public.user_profiles with (security_invoker = true) as
  select id, email, display_name, stripe_customer_id, created_at from public.users;
comment on view public.user_profiles is 'People with their customer at Stripe.';

create view public.user_subscriptions with (security_invoker = true) as
  select m.user_id, s.tenant_id, m.role, s.id as stripe_subscription_id, s.plan_id, p.kind as plan_type, s.status, s.quantity,
    s.current_period_start, s.current_period_end, s.cancel_at, s.updated_at
  from public.subscriptions s join public.tenant_members m on m.tenant_id = s.tenant_id join public.plans p on p.id = s.plan_id;
comment on view public.user_subscriptions is 'What tenants subscribe to, for each of their people.';

revoke all on public.billing_usage_events, public.user_profiles, public.user_subscriptions from anon, authenticated, service_role;
grant select on public.billing_usage_events, public.user_profiles, public.user_subscriptions to authenticated, service_role;
