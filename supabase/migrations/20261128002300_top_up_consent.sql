-- Automatic top-up charges what the person agreed to, and nothing else: a consent freezes package, price, currency and cap.
-- Whatever is not as it was then asks again, and money that went back stops it.

alter table private.auto_top_ups
  add column consents int not null default 1 check (consents > 0),
  add column price_cents int check (price_cents > 0),
  add column currency text check (currency ~ '^[a-z]{3}$'),
  add column package_seconds int check (package_seconds > 0),
  add column stop_reason text check (stop_reason in ('declined', 'review', 'terms_changed', 'money_back'));
comment on column private.auto_top_ups.consents is 'How often the person consented: names the terms of now.';
comment on column private.auto_top_ups.price_cents is
  'Of the package, as it was consented to, with its currency and its time: the cap is of this currency, too.';
-- What was consented to before was not noted, so it asks again.
update private.auto_top_ups set status = 'stopped', stop_reason = 'terms_changed' where status = 'active';
update private.auto_top_ups set stop_reason = 'declined' where status = 'stopped' and stop_reason is null;
alter table private.auto_top_ups
  add constraint active_has_its_terms check (status <> 'active'
    or price_cents is not null and currency is not null and package_seconds is not null),
  add constraint stopped_has_its_reason check ((status = 'stopped') = (stop_reason is not null));
comment on table private.auto_top_ups is
  'stopped is the breaker: declines, a review, terms that changed or money that went back open it, and only the person '
  'closes it, by consenting again.';

alter table private.auto_top_up_charges add column consent int not null default 0, add column currency text;
comment on column private.auto_top_up_charges.consent is
  'Which consent it was decided under: what becomes of a charge under older terms says nothing about those of now.';
update private.auto_top_up_charges c set currency = p.currency from public.purchases p where p.id = c.purchase_id;
alter table private.auto_top_up_charges alter column currency set not null, alter column consent drop default;

-- What was charged, or may still be, since the month began (UTC), in one currency. A review counts: its money came.
drop function private.auto_topped_up_cents(uuid);
create function private.auto_topped_up_cents(p_user_id uuid, p_currency text) returns bigint
language sql stable security definer set search_path = '' as $$
  select coalesce(sum(amount_cents), 0) from private.auto_top_up_charges
  where user_id = p_user_id and currency = p_currency and status in ('in_flight', 'succeeded', 'review')
    and created_at >= date_trunc('month', now(), 'UTC')
$$;

-- Whether a package is still what was consented to. One that is not for sale any more is not.
create function private.is_as_consented(s private.auto_top_ups, t public.pricing_tiers) returns boolean
language sql immutable set search_path = '' as $$
  select (t.id = s.package_id and t.price_cents = s.price_cents and t.currency = s.currency
    and t.hours * 3600 + t.bonus_minutes * 60 = s.package_seconds) is true
$$;

-- Whether so much free time is little enough. A package always lifts it above, so that none follows another without use.
create function private.is_low(s private.auto_top_ups, p_free bigint) returns boolean
language sql immutable set search_path = '' as $$
  select (p_free <= least(s.threshold_seconds, s.package_seconds - 1)) is true
$$;

drop function public.set_auto_top_up(uuid, text, int, int, text);
create function public.set_auto_top_up(p_user_id uuid, p_package_id text, p_threshold_seconds int,
  p_monthly_cap_cents int, p_payment_method_id text, p_price_cents int default null, p_currency text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_tier public.pricing_tiers;
  v_seconds int;
begin
  select * into v_tier from public.pricing_tiers where id = p_package_id and active;
  v_seconds := v_tier.hours * 3600 + v_tier.bonus_minutes * 60;
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
comment on function public.set_auto_top_up(uuid, text, int, int, text, int, text) is
  'A person consents to automatic top-up on these terms, anew each time, which also closes the breaker. The price is '
  'today''s; with one given, it has to be that. Refuses with unknown_user, unknown_package, invalid_setting, '
  'price_changed, cap_below_price or threshold_above_package.';

create or replace function public.disable_auto_top_up(p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update private.auto_top_ups set status = 'disabled', stop_reason = null, updated_at = now() where user_id = p_user_id;
  return jsonb_build_object('status', case when found then 'disabled' else 'not_set' end);
end $$;

create or replace function public.stop_using_card(p_user_id uuid, p_payment_method_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update private.auto_top_ups set status = 'disabled', stop_reason = null, updated_at = now()
    where user_id = p_user_id and payment_method_id = p_payment_method_id and status <> 'disabled';
  return jsonb_build_object('status', case when found then 'disabled' else 'not_used' end);
end $$;

create or replace function public.read_auto_top_up(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
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
$$;
comment on function public.read_auto_top_up(uuid) is
  'A person''s automatic top-up, with how far it went this month, why it stopped and why its last charge failed. Status '
  'not_set, active, disabled or stopped.';

-- What was owed as a notice about the last purchase is one about the person from now on.
update pgboss.job j set data = jsonb_build_object('notice', 'top_up_stopped', 'user_id', p.user_id, 'reason', 'declined')
  from public.purchases p where j.name = 'notice' and j.state < 'completed' and j.data ->> 'notice' = 'top_up_stopped'
    and p.id = (j.data ->> 'purchase_id')::uuid;

-- Nothing is charged any more until the person consents again, and they are told why.
create function private.stop_auto_top_up(p_user_id uuid, p_reason text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_setting private.auto_top_ups;
begin
  update private.auto_top_ups set status = 'stopped', stop_reason = p_reason, updated_at = now()
    where user_id = p_user_id and status = 'active' returning * into v_setting;
  if found then
    perform private.enqueue('notice', format('notice:top_up_stopped:%s:%s', p_user_id, v_setting.consents),
      jsonb_build_object('notice', 'top_up_stopped', 'user_id', p_user_id, 'reason', p_reason));
  end if;
end $$;

-- Lock order: purchase, account, charge, setting. The account's lock makes two deciders of one person take turns.
create or replace function private.decide_auto_top_up(p_user_id uuid) returns text
language plpgsql security definer set search_path = '' as $$
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
end $$;

create or replace function public.decide_auto_top_ups(p_limit int default 500) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;
comment on function public.decide_auto_top_ups(int) is
  'Begins the automatic top-ups that are due: below the threshold, nothing owed, as consented to, under the cap of this '
  'calendar month, none in flight, breaker closed; and stops those whose package is not what was consented to. Harmless '
  'to call at any time, by anybody, at once. Answers how many of each outcome.';

create or replace function public.claim_auto_top_up_charge(p_charge_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
end $$;
comment on function public.claim_auto_top_up_charge(uuid) is
  'What to charge. Status charge, not_wanted (canceled before anything was sent), ended or unknown_charge. From the first '
  'charge on it stays charge until its end is known, because money may have moved. ended names the intent of a charge '
  'that was declined: it has to be canceled.';

-- The end of a charge counts once. A decline opens the breaker at the second one in a row, and the person is told.
create or replace function private.end_charge(p_charge private.auto_top_up_charges, p_status text) returns void
language plpgsql security definer set search_path = '' as $$
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
end $$;

-- The purchase is the truth about its money; whoever moves it, moves the charge.
create or replace function private.follow_auto_top_up() returns trigger
language plpgsql security definer set search_path = '' as $$
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
end $$;

-- Who got money back does not want the next charge at once: neither the buyer, nor whoever's time is taken for it.
create function private.stop_auto_top_up_for_money_back() returns trigger
language plpgsql security definer set search_path = '' as $$
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
end $$;

create trigger stop_auto_top_up_for_money_back
  after update of refunded_cents, disputed_cents, lost_cents on public.purchases
  for each row when (new.refunded_cents > old.refunded_cents or new.disputed_cents > old.disputed_cents
    or new.lost_cents > old.lost_cents)
  execute function private.stop_auto_top_up_for_money_back();

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.set_auto_top_up(uuid, text, int, int, text, int, text) from public, anon, authenticated;
grant execute on function public.set_auto_top_up(uuid, text, int, int, text, int, text) to service_role;
