-- What a period comes to: the base, assets and credits beyond what the plan includes, in cents, with the chain from count to amount.

create function private.count_text(p_count numeric) returns text
language sql immutable set search_path = '' as $$ select trim(to_char(p_count, '999,999,999,999,990')) $$;
-- An amount in the smallest unit of its currency, with the decimals of that one.
create function private.cents_text(p_cents bigint, p_currency text) returns text
language sql immutable set search_path = '' as $$
  select trim(to_char(p_cents * m / 1000000, case m when 1000000 then '999,999,999,999,990' when 1000 then '999,999,999,999,990.000'
    else '999,999,999,999,990.00' end))
  from private.micros_of_smallest_unit(p_currency) m
$$;
-- A price of one, with two decimals at least and as many as it has.
create function private.micros_text(p_micros bigint) returns text
language sql immutable set search_path = '' as $$
  select trim(to_char(p_micros / 1000000.0, case when p_micros % 10000 = 0 then '999,999,990.00' when p_micros % 100 = 0 then '999,999,990.0000'
    else '999,999,990.000000' end))
$$;
-- So many at a price of millionths, in the smallest unit of the currency, rounded once, half up.
create function private.cents_for(p_count bigint, p_micros bigint, p_currency text) returns bigint
language sql immutable set search_path = '' as $$
  select coalesce(round(p_count::numeric * p_micros / private.micros_of_smallest_unit(p_currency)), 0)::bigint
$$;

-- Amounts of a plan, an asset count and an overage. A trial costs nothing, whatever is counted in it.
create function private.price_period(p public.plans, p_is_trial boolean, p_assets int, p_assets_by text, p_included bigint,
  p_used bigint, p_overage bigint) returns jsonb
language plpgsql immutable set search_path = '' as $$
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
end $$;

-- @param p_credits_by_now used and overage of a forecast in place of what was counted; null: what was counted.
create function private.usage_of_period(c public.credit_periods, p_overage bigint, p_forecast jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
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
end $$;

-- What the invoice of a period says; null where it is of no period. Of one that is over it is final: the period is closed, and nothing changes it any more.
create function private.period_usage(p_subscription_id text, p_period_start timestamptz, p_period_end timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;

-- What the period will come to if it goes on like this: credits by the time that is gone, of one day at least, assets as they were
-- counted last. Answers as period_usage, with forecast; null where there is none.
create function private.period_forecast(s public.subscriptions) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
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
end $$;

create view public.subscription_limits with (security_invoker = true) as
  select c.subscription_id, c.tenant_id, c.period_start, c.period_end, c.included as included_credits, c.used as credits_used,
    greatest(0, w.left_now) as credits_remaining, greatest(0, -w.left_now) as overage_credits, p.included_assets, p.max_sites, p.max_seats
  from public.subscriptions s
  join public.credit_periods c on c.subscription_id = s.id
    and c.period_start = (select max(l.period_start) from public.credit_periods l where l.subscription_id = s.id and l.period_start <= now())
  join public.plans p on p.id = c.plan_id
  join public.accounts a on a.tenant_id = c.tenant_id and a.unit = 'credit'
  cross join lateral (select coalesce((select sum(g.remaining) from public.grants g where g.account_id = a.id and g.status = 'active'
      and g.expires_at > now()), 0)::bigint - a.debt + case when c.is_trial then 0 else greatest(0, c.included - c.granted) end as left_now) w
  where s.status in ('trialing', 'active', 'past_due');
comment on view public.subscription_limits is 'What each live subscription allows in its period, and what of it is left.';

create view public.v_subscription_credit_summary with (security_invoker = true) as
  select l.subscription_id, l.tenant_id, b.plan_code, b.status, l.period_start, l.period_end, l.included_credits, l.credits_used,
    l.credits_remaining, l.overage_credits, round(100.0 * l.credits_used / nullif(l.included_credits, 0), 2) as percent_used
  from public.subscription_limits l join public.billing_subscriptions b on b.id = l.subscription_id;
comment on view public.v_subscription_credit_summary is 'Credits of each live subscription, as they are now.';

create policy "plans of own subscriptions" on public.plans for select to authenticated
  using (id in (select s.plan_id from public.subscriptions s));
revoke all on public.subscription_limits, public.v_subscription_credit_summary from anon, authenticated, service_role;
grant select on public.subscription_limits, public.v_subscription_credit_summary to authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
