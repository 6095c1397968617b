-- Plans that include credits and assets, and charge for what goes beyond. Rows of the one catalogue of plans, in the line credits.

alter table public.plans
  add column included_credits bigint check (included_credits between 0 and 1000000000000),
  add column included_assets int check (included_assets >= 0),
  add column asset_price_micros bigint check (asset_price_micros between 0 and 1000000000000),
  add column credit_price_micros bigint check (credit_price_micros between 0 and 1000000000000),
  add column max_sites int check (max_sites >= 1),
  add column max_seats int check (max_seats >= 1),
  add column trial_days int check (trial_days between 0 and 365),
  add column assets_billed_by text check (assets_billed_by in ('average', 'latest', 'peak')),
  drop constraint plans_kind_check,
  add constraint plans_kind_check check (kind in ('prepaid', 'metered', 'seats', 'flat', 'credits')),
  add constraint plans_of_credits_are_complete check ((kind = 'credits') = (line = 'credits') and (kind <> 'credits'
    or num_nulls(base_price_cents, included_credits, included_assets, trial_days, assets_billed_by) = 0)),
  add constraint plans_of_credits_have_a_code check (kind <> 'credits' or id ~ '^credits_[a-z0-9_]{1,50}$');
comment on column public.plans.included_credits is 'Credits that each paid period brings; they end with it.';
comment on column public.plans.asset_price_micros is
  'In millionths of the currency''s unit, for each asset above the included ones and period; null: none may be above.';
comment on column public.plans.credit_price_micros is
  'In millionths of the currency''s unit, for each credit above the included ones; null: none is burned above them.';
comment on column public.plans.assets_billed_by is
  'Which count of a period is billed: the average of its nights, the latest one, or the highest.';

insert into public.plans (id, line, name, kind, currency, base_price_cents, included_assets, included_credits, asset_price_micros,
    credit_price_micros, max_sites, max_seats, trial_days, assets_billed_by)
  values
    ('credits_starter', 'credits', 'Starter (Pilot)', 'credits', 'cad', 400000, 200, 250000, 3000000, 2000, 1, 5, 14, 'average'),
    ('credits_pro', 'credits', 'Pro (Scale)', 'credits', 'cad', 900000, 1000, 1000000, 3000000, 2000, 3, 25, 14, 'average'),
    ('credits_enterprise', 'credits', 'Enterprise (Autonomous)', 'credits', 'cad', 1800000, 3000, 5000000, 2500000, 1500, 8, 100, 0,
      'average');

create view public.billing_plans with (security_invoker = true) as
  select upper(substr(id, 9)) as code, name, round(base_price_cents / 100.0, 2) as base_price_cad, included_assets, included_credits,
    round(asset_price_micros / 1000000.0, 6) as asset_uplift_cad, round(credit_price_micros / 1000000.0, 6) as overage_per_credit_cad,
    max_sites, max_seats, trial_days, assets_billed_by, active, id as plan_id
  from public.plans where kind = 'credits' and currency = 'cad';
comment on view public.billing_plans is
  'Plans with credits, in Canadian dollars. A row that is inserted here is for sale everywhere. A plan is never changed: whoever '
  'has it was told its prices. Add another one, and set this one inactive.';

-- Amounts as people write them become integers; what would have to be rounded is refused.
create function private.add_billing_plan() returns trigger
language plpgsql security definer set search_path = '' as $$
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
end $$;
create trigger add_billing_plan instead of insert on public.billing_plans
  for each row execute function private.add_billing_plan();

-- Which zone a tenant's nights and months are of. A name of a zone, never an offset: summer time comes and goes.
alter table public.tenants add column time_zone text not null default 'UTC'
  check (time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$');
comment on column public.tenants.time_zone is 'By whose midnight nights are counted and periods begin.';

create view public.billing_subscriptions with (security_invoker = true) as
  select s.id, s.tenant_id, upper(substr(s.plan_id, 9)) as plan_code, s.status, s.current_period_start, s.current_period_end, s.cancel_at,
    s.id as stripe_subscription_id, s.updated_at
  from public.subscriptions s where s.plan_id like 'credits\_%';
comment on view public.billing_subscriptions is 'Subscriptions to plans with credits, as Stripe has them.';

-- The catalogue file brings the other plans, and retires those of them that left it.
create or replace function public.set_catalogue(p_plans jsonb, p_dry_run boolean default false) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;

revoke all on public.billing_plans, public.billing_subscriptions from anon, authenticated, service_role;
grant select on public.billing_plans to anon, authenticated, service_role;
grant insert on public.billing_plans to service_role;
grant select on public.billing_subscriptions to authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
