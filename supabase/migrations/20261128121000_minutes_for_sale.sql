-- Packages whose time is not whole hours: so many hours and minutes. What a package holds is said in one place, total_minutes.

alter table public.pricing_tiers
  add column minutes int not null default 0 check (minutes between 0 and 59),
  drop constraint pricing_tiers_hours_check,
  add constraint pricing_tiers_hours_check check (hours between 0 and 10000),
  add constraint some_time_is_sold check (hours * 60 + minutes > 0),
  drop column total_minutes;
alter table public.pricing_tiers
  add column total_minutes int not null generated always as (hours * 60 + minutes + bonus_minutes) stored;
comment on column public.pricing_tiers.minutes is 'Beside the hours: a package of ten minutes has 0 hours and 10 minutes.';
comment on column public.pricing_tiers.total_minutes is 'All that a buyer gets: hours, minutes and bonus.';

-- Which package is the best value says its price, and no words that stay when prices change.
update public.pricing_tiers set description = 'Two hours on top' where id = 'premium' and description = 'Best value option';

create or replace function private.is_as_consented(s private.auto_top_ups, t public.pricing_tiers) returns boolean
language sql immutable set search_path = '' as $$
  select (t.id = s.package_id and t.price_cents = s.price_cents and t.currency = s.currency
    and t.total_minutes * 60 = s.package_seconds) is true
$$;

create or replace function public.set_auto_top_up(p_user_id uuid, p_package_id text, p_threshold_seconds int,
  p_monthly_cap_cents int, p_payment_method_id text, p_price_cents int default null, p_currency text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;

create or replace function public.create_code_batch(p_operator_id uuid, p_key text, p_kind text, p_package_id text, p_minutes int,
  p_count int, p_usable_until timestamptz, p_note text, p_card_ids uuid[], p_code_hashes text[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
