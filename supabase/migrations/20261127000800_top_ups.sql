-- Automatic top-up: with a person's consent, a package is bought when their time runs low. It can never storm: one
-- charge at a time, never beyond the cap of a month, and after two declines none until the person acts.



create table private.auto_top_ups (
  user_id uuid primary key references public.users (id) on delete cascade,
  package_id text not null references public.pricing_tiers (id),
  threshold_seconds int not null check (threshold_seconds between 60 and 360000),
  monthly_cap_cents int not null check (monthly_cap_cents between 50 and 10000000),
  payment_method_id text not null check (length(payment_method_id) between 1 and 255),
  -- Of exactly these terms: changing any of them is a new consent.
  consent_at timestamptz not null default now(),
  status text not null default 'active' check (status in ('active', 'disabled', 'stopped')),
  consecutive_declines int not null default 0 check (consecutive_declines >= 0),
  updated_at timestamptz not null default now()
);
comment on table private.auto_top_ups is
  'stopped is the breaker: two declines in a row open it, and only the person closes it, by consenting again.';
create index auto_top_ups_active on private.auto_top_ups (user_id) where status = 'active';

create table private.auto_top_up_charges (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  purchase_id uuid not null unique references public.purchases (id) on delete restrict,
  payment_method_id text not null,
  amount_cents int not null check (amount_cents > 0),
  status text not null default 'in_flight' check (status in ('in_flight', 'succeeded', 'declined', 'canceled', 'review')),
  -- From here on money may have moved: it is only looked for, never begun anew.
  tried_at timestamptz,
  created_at timestamptz not null default now()
);
-- The last line of defence, should the decision ever be wrong.
create unique index auto_top_up_charges_one_in_flight on private.auto_top_up_charges (user_id) where status = 'in_flight';
create index auto_top_up_charges_by_user on private.auto_top_up_charges (user_id, created_at);



-- What was charged, or may still be, since the month began (UTC). A review counts: its money came.
create function private.auto_topped_up_cents(p_user_id uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select coalesce(sum(amount_cents), 0) from private.auto_top_up_charges
  where user_id = p_user_id and status in ('in_flight', 'succeeded', 'review')
    and created_at >= date_trunc('month', now(), 'UTC')
$$;

create function public.set_auto_top_up(p_user_id uuid, p_package_id text, p_threshold_seconds int,
  p_monthly_cap_cents int, p_payment_method_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_price int;
begin
  select price_cents into v_price from public.pricing_tiers where id = p_package_id and active;
  if not exists (select from public.users where id = p_user_id) then
    return jsonb_build_object('status', 'unknown_user');
  elsif v_price is null then
    return jsonb_build_object('status', 'unknown_package');
  elsif (p_threshold_seconds between 60 and 360000) is not true
     or (p_monthly_cap_cents between 50 and 10000000) is not true
     or (length(p_payment_method_id) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_setting');
  elsif p_monthly_cap_cents < v_price then
    return jsonb_build_object('status', 'cap_below_price', 'price_cents', v_price);
  end if;
  insert into private.auto_top_ups (user_id, package_id, threshold_seconds, monthly_cap_cents, payment_method_id)
    values (p_user_id, p_package_id, p_threshold_seconds, p_monthly_cap_cents, p_payment_method_id)
    on conflict (user_id) do update set package_id = excluded.package_id, threshold_seconds = excluded.threshold_seconds,
      monthly_cap_cents = excluded.monthly_cap_cents, payment_method_id = excluded.payment_method_id,
      consent_at = now(), status = 'active', consecutive_declines = 0, updated_at = now();
  return jsonb_build_object('status', 'set');
end $$;
comment on function public.set_auto_top_up(uuid, text, int, int, text) is
  'A person consents to automatic top-up on these terms, anew each time, which also closes the breaker. '
  'Refuses with unknown_user, unknown_package, invalid_setting or cap_below_price.';

create function public.disable_auto_top_up(p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update private.auto_top_ups set status = 'disabled', updated_at = now() where user_id = p_user_id;
  return jsonb_build_object('status', case when found then 'disabled' else 'not_set' end);
end $$;
comment on function public.disable_auto_top_up(uuid) is
  'Ends automatic top-up. What was not yet sent to Stripe is not charged. Status disabled or not_set.';

create function public.stop_using_card(p_user_id uuid, p_payment_method_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update private.auto_top_ups set status = 'disabled', updated_at = now()
    where user_id = p_user_id and payment_method_id = p_payment_method_id and status <> 'disabled';
  return jsonb_build_object('status', case when found then 'disabled' else 'not_used' end);
end $$;
comment on function public.stop_using_card(uuid, text) is
  'Before a saved card is removed: ends the automatic top-up that uses it. Status disabled or not_used.';

create function public.read_auto_top_up(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select case when a.user_id is null then jsonb_build_object('status', 'not_set')
    else jsonb_build_object('status', a.status, 'package_id', a.package_id, 'threshold_seconds', a.threshold_seconds,
      'monthly_cap_cents', a.monthly_cap_cents, 'payment_method_id', a.payment_method_id, 'consent_at', a.consent_at,
      'consecutive_declines', a.consecutive_declines, 'charged_this_month_cents', private.auto_topped_up_cents(a.user_id),
      'charge_in_flight', exists (select from private.auto_top_up_charges c
        where c.user_id = a.user_id and c.status = 'in_flight'),
      -- Of the last charge under the terms of now, where that one was declined.
      'last_failure', (select case when c.status = 'declined' then coalesce(p.failure_code, 'card_declined') end
        from private.auto_top_up_charges c join public.purchases p on p.id = c.purchase_id
        where c.user_id = a.user_id and c.created_at >= a.consent_at and c.status <> 'canceled'
        order by c.created_at desc limit 1)) end
  from (select) one left join private.auto_top_ups a on a.user_id = p_user_id
$$;
comment on function public.read_auto_top_up(uuid) is
  'A person''s automatic top-up, with how far it went this month and why its last charge failed. Status not_set, '
  'active, disabled or stopped.';

-- Lock order: purchase, account, charge, setting. The account's lock makes two deciders of one person take turns.
create function private.decide_auto_top_up(p_user_id uuid) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts := private.lock_account(p_user_id);
  v_setting private.auto_top_ups;
  v_charge_id uuid := gen_random_uuid();
  v_begun jsonb;
  v_price int;
begin
  select * into v_setting from private.auto_top_ups where user_id = p_user_id for update;
  if v_setting.status is distinct from 'active' then
    return coalesce(v_setting.status, 'not_set');
  elsif (private.free_amount(v_account) <= v_setting.threshold_seconds) is not true then
    return 'enough_time';
  elsif exists (select from private.auto_top_up_charges where user_id = p_user_id and status = 'in_flight') then
    return 'in_flight';
  end if;
  select price_cents into v_price from public.pricing_tiers where id = v_setting.package_id and active;
  if v_price is null then
    return 'unknown_package';
  elsif private.auto_topped_up_cents(p_user_id) + v_price > v_setting.monthly_cap_cents then
    return 'over_cap';
  end if;
  v_begun := public.begin_purchase(p_user_id, v_setting.package_id, 'me', 'auto_top_up:' || v_charge_id);
  if v_begun ->> 'status' is distinct from 'ready' or (v_begun -> 'purchase' ->> 'amount_cents')::int <> v_price then
    raise exception 'automatic top-up of %: the purchase is not the one decided about', p_user_id;
  end if;
  insert into private.auto_top_up_charges (id, user_id, purchase_id, payment_method_id, amount_cents)
    values (v_charge_id, p_user_id, (v_begun -> 'purchase' ->> 'id')::uuid, v_setting.payment_method_id, v_price);
  perform private.enqueue('auto_top_up', 'auto_top_up:' || v_charge_id, jsonb_build_object('charge_id', v_charge_id));
  return 'begun';
end $$;

create function public.decide_auto_top_ups(p_limit int default 500) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid;
  v_outcome text;
  v_counts jsonb := '{}';
begin
  for v_user_id in
    select s.user_id from private.auto_top_ups s join public.accounts a on a.id = s.user_id
      join public.pricing_tiers t on t.id = s.package_id and t.active
    where s.status = 'active' and private.free_amount(a) <= s.threshold_seconds
      and private.auto_topped_up_cents(s.user_id) + t.price_cents <= s.monthly_cap_cents
      and not exists (select from private.auto_top_up_charges c where c.user_id = s.user_id and c.status = 'in_flight')
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
  'Begins the automatic top-ups that are due: below the threshold, under the cap of this calendar month, none in '
  'flight, breaker closed. Harmless to call at any time, by anybody, at once. Answers how many of each outcome.';

create function public.claim_auto_top_up_charge(p_charge_id uuid) returns jsonb
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
    return jsonb_build_object('status', 'ended');
  end if;
  -- Decided a while ago: the person may have disabled it, or have bought time meanwhile.
  if v_charge.tried_at is null and (v_setting.status is distinct from 'active'
      or v_setting.payment_method_id is distinct from v_charge.payment_method_id
      or (private.free_amount(v_account) <= v_setting.threshold_seconds) is not true) then
    update private.auto_top_up_charges set status = 'canceled' where id = p_charge_id;
    return jsonb_build_object('status', 'not_wanted');
  end if;
  update private.auto_top_up_charges set tried_at = coalesce(tried_at, clock_timestamp()) where id = p_charge_id;
  return jsonb_build_object('status', 'charge', 'user_id', v_charge.user_id, 'purchase_id', v_charge.purchase_id,
    'payment_method_id', v_charge.payment_method_id,
    'payment_intent_id', (select payment_intent_id from public.purchases where id = v_charge.purchase_id),
    'amount_cents', v_charge.amount_cents,
    'currency', (select currency from public.purchases where id = v_charge.purchase_id),
    'package_id', (select package_id from public.purchases where id = v_charge.purchase_id),
    'stripe_customer_id', (select stripe_customer_id from public.users where id = v_charge.user_id),
    'email', (select email from public.users where id = v_charge.user_id));
end $$;
comment on function public.claim_auto_top_up_charge(uuid) is
  'What to charge. Status charge, not_wanted (canceled before anything was sent), ended or unknown_charge. From the first '
  'charge on it stays charge until its end is known, because money may have moved.';

-- The end of a charge counts once. A decline opens the breaker at the second one in a row, and the person is told.
create function private.end_charge(p_charge private.auto_top_up_charges, p_status text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_setting private.auto_top_ups;
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
        status = case when status = 'active' and (p_status = 'review' or p_status = 'declined' and consecutive_declines >= 1)
          then 'stopped' else status end,
        updated_at = now()
    -- A charge under older terms says nothing about the card of the newer ones.
    where user_id = p_charge.user_id and consent_at <= p_charge.created_at returning * into v_setting;
  if v_setting.status = 'stopped' then
    perform private.owe_notice('top_up_stopped', p_charge.purchase_id, p_charge.id::text);
  end if;
end $$;

create function public.decline_auto_top_up_charge(p_charge_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_charge private.auto_top_up_charges;
begin
  select * into v_charge from private.auto_top_up_charges where id = p_charge_id;
  if not found then
    return jsonb_build_object('status', 'unknown_charge');
  end if;
  perform private.lock_account(v_charge.user_id);
  perform private.end_charge(v_charge, 'declined');
  return jsonb_build_object('status', (select status from private.auto_top_up_charges where id = p_charge_id));
end $$;
comment on function public.decline_auto_top_up_charge(uuid) is
  'Notes that the card was declined and the intent canceled. Counts once; answers how the charge stands.';

-- The purchase is the truth about its money; whoever moves it, moves the charge.
create function private.follow_auto_top_up() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_charge private.auto_top_up_charges;
begin
  select * into v_charge from private.auto_top_up_charges where purchase_id = new.id;
  if found then
    perform private.end_charge(v_charge, case
      when new.status = 'succeeded' then 'succeeded'
      when new.status in ('review', 'refused') then 'review'
      -- Given up before Stripe was asked for anything, which is not the card's fault.
      when new.failure_code = 'never_made' then 'canceled'
      else 'declined' end);
  end if;
  return null;
end $$;

create trigger follow_auto_top_up after update of status on public.purchases
  for each row when (new.status in ('succeeded', 'failed', 'canceled', 'review', 'refused')
    and new.status is distinct from old.status)
  execute function private.follow_auto_top_up();

revoke all on private.auto_top_ups, private.auto_top_up_charges from public, anon, authenticated, service_role;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.set_auto_top_up(uuid, text, int, int, text), public.disable_auto_top_up(uuid),
  public.stop_using_card(uuid, text), public.read_auto_top_up(uuid), public.decide_auto_top_ups(int),
  public.claim_auto_top_up_charge(uuid), public.decline_auto_top_up_charge(uuid) from public, anon, authenticated;
grant execute on function public.set_auto_top_up(uuid, text, int, int, text), public.disable_auto_top_up(uuid),
  public.stop_using_card(uuid, text), public.read_auto_top_up(uuid), public.decide_auto_top_ups(int),
  public.claim_auto_top_up_charge(uuid), public.decline_auto_top_up_charge(uuid) to service_role;
