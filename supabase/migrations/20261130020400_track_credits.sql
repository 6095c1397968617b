-- An event burns credits: in one transaction it is written down, its credits are taken in the order of use, and the answer is kept
-- for whoever asks again.

-- The period that an event of now belongs to. Where the last one is over and Stripe has not told of the next, it begins with its end.
-- Expects the account locked.
create function private.credit_period_now(s public.subscriptions, p_account public.accounts) returns public.credit_periods
language plpgsql security definer set search_path = '' as $$
declare
  c public.credit_periods;
begin
  select * into c from public.credit_periods where subscription_id = s.id and period_start <= now() order by period_start desc limit 1;
  -- What follows a trial begins when Stripe says so: until then it would be noted as another trial.
  if c.period_end <= now() and s.status <> 'trialing' then
    perform private.note_credit_period(s, c.period_end, null);
    select * into c from public.credit_periods where subscription_id = s.id and period_start = c.period_end;
  end if;
  if c.period_start is not null and exists (select from public.credit_periods where tenant_id = p_account.tenant_id and closed_at is null
      and period_start < c.period_start) then
    perform private.close_credit_periods(p_account, c.period_start);
  end if;
  return c;
end $$;

-- The subscription with credits that a tenant has now.
create function private.credit_subscription(p_tenant_id uuid) returns public.subscriptions
language sql stable security definer set search_path = '' as $$
  select s from public.subscriptions s join public.plans p on p.id = s.plan_id and p.kind = 'credits'
  where s.tenant_id = p_tenant_id and s.status in ('trialing', 'active', 'past_due') and (s.cancel_at <= now()) is not true
  order by s.status = 'past_due', s.current_period_end desc nulls last, s.id limit 1
$$;

-- Why credits beyond those that are there are not burned; null where they are. p_beyond is what the account would owe.
create function private.overage_refusal(c public.credit_periods, s public.subscriptions, p_beyond bigint) returns text
language plpgsql stable security definer set search_path = '' as $$
declare
  v_overage bigint := p_beyond - private.credits_ahead(c);
  v_price bigint;
  v_smallest numeric;
  v_cap bigint;
begin
  if c.subscription_id is not null and not c.is_trial and s.status <> 'trialing' and v_overage <= 0 then
    return null;
  end if;
  select p.credit_price_micros, private.micros_of_smallest_unit(p.currency) into v_price, v_smallest from public.plans p where p.id = c.plan_id;
  if c.subscription_id is null or c.is_trial or s.status = 'trialing' or v_price is null or c.granted < c.included then
    return 'no_credits_left';
  end if;
  select overage_cap_cents into v_cap from private.credit_settings where tenant_id = c.tenant_id;
  return case when v_overage::numeric * v_price > v_cap * v_smallest then 'overage_cap_reached' end;
end $$;

-- What is left; below zero it is what was used beyond it.
create function private.credit_alert(p_tenant_id uuid, p_remaining bigint, p_included bigint) returns text
language sql stable security definer set search_path = '' as $$
  select case when p_remaining < 0 then 'OVERAGE'
    when p_remaining <= coalesce((select low_credits from private.credit_settings where tenant_id = p_tenant_id), p_included / 10) then 'LOW' end
$$;

-- Burns credits of an account that is locked, and writes the event.
create function private.burn_credits(p_account public.accounts, c public.credit_periods, r public.credit_rules, p_units numeric,
  p_pieces numeric, p_credits bigint, p_user_id uuid, p_meta jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := gen_random_uuid();
  v_left bigint := least(p_credits, private.free_amount(p_account));
begin
  if v_left > 0 then
    perform private.take_from_grants(p_account.id, v_left, 'use', 'credits:' || v_id);
  end if;
  if p_credits > v_left then
    perform private.post(p_account.id, null, 'use', v_left - p_credits, 'credits:' || v_id || ':beyond');
  end if;
  perform private.record_usage(array[row(now(), p_user_id, p_account.tenant_id, null, 'credit_event', null, null, null, null,
      p_pieces, p_meta, 'credits:' || v_id, true)::private.usage_entry], null,
    row(c.subscription_id, r.event_type, p_units, p_credits, r.id, r.piece)::private.credit_entry);
  insert into public.credit_days as d (tenant_id, day, event_type, events, units, credits)
    values (p_account.tenant_id, (now() at time zone 'utc')::date, r.event_type, 1, p_units, p_credits)
    on conflict (tenant_id, day, event_type) do update set events = d.events + 1, units = d.units + excluded.units,
      credits = d.credits + excluded.credits;
  update public.credit_periods set used = used + p_credits where subscription_id = c.subscription_id and period_start = c.period_start;
end $$;

create function public.track_credits(p_tenant_id uuid, p_subscription_id text, p_event_type text, p_units numeric, p_key text default null,
  p_meta jsonb default '{}', p_user_id uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_asked text := jsonb_build_array(p_subscription_id, p_event_type, trim_scale(p_units))::text;
  v_known private.credit_answers;
  v_account public.accounts;
  r public.credit_rules;
  s public.subscriptions;
  c public.credit_periods;
  v_pieces numeric;
  v_parts numeric;
  v_credits bigint;
  v_beyond bigint;
  v_refusal text;
  v_remaining bigint;
  v_answer jsonb;
begin
  if (p_units > 0 and p_units <= 1000000000000 and p_tenant_id is not null and length(coalesce(p_key, 'x')) between 1 and 255
      and private.is_plain_metadata(coalesce(p_meta, '{}'))) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  -- Once without the lock, so that many repeats at once wait for nothing, and once with it.
  select * into v_known from private.credit_answers where tenant_id = p_tenant_id and key = p_key;
  if not found then
    perform from public.tenants where id = p_tenant_id and closed_at is null for key share;
    if not found then
      return jsonb_build_object('status', 'unknown_tenant');
    end if;
    v_account := private.lock_credits(p_tenant_id);
    select * into v_known from private.credit_answers where tenant_id = p_tenant_id and key = p_key;
  end if;
  if v_known.key is not null then
    return case when v_known.asked = v_asked then jsonb_build_object('status', 'tracked', 'replayed', true, 'answer', v_known.answer)
      else jsonb_build_object('status', 'key_reused') end;
  end if;
  select * into r from public.credit_rules where event_type = p_event_type and valid_from <= now() and (valid_to is null or valid_to > now());
  if not found then
    return jsonb_build_object('status', 'unknown_event_type');
  end if;
  -- A second is no decimal part of a minute: what is a whole piece but for its last digits is one.
  v_pieces := round(p_units * r.pieces_per_unit);
  if (v_pieces between 1 and 1000000000000 and abs(p_units * r.pieces_per_unit - v_pieces) <= 0.001) is not true then
    return jsonb_build_object('status', 'parted_unit', 'pieces_per_unit', r.pieces_per_unit);
  end if;
  s := private.credit_subscription(p_tenant_id);
  if p_subscription_id is not null and s.id is distinct from p_subscription_id then
    return jsonb_build_object('status', 'unknown_subscription');
  end if;
  perform private.expire_grants_of(v_account.id);
  if s.id is not null then
    c := private.credit_period_now(s, v_account);
  end if;
  v_account := private.lock_account(v_account.id);
  -- What was no whole credit before adds to this one; by another rule since, the part of a credit that it was.
  select coalesce(floor(m.remainder * r.per_pieces::numeric / m.per_pieces), 0) + v_pieces * r.credits into v_parts
    from (values (1)) one left join private.credit_remainders m on m.tenant_id = p_tenant_id and m.event_type = r.event_type;
  v_credits := floor(v_parts / r.per_pieces);
  v_beyond := v_account.debt + v_credits - least(v_credits, private.free_amount(v_account));
  if v_credits > private.free_amount(v_account) then
    v_refusal := private.overage_refusal(c, s, v_beyond);
    if v_refusal is not null then
      return jsonb_build_object('status', v_refusal, 'remaining_credits', v_account.balance - v_account.debt + private.credits_ahead(c));
    end if;
  end if;
  perform private.burn_credits(v_account, c, r, p_units, v_pieces, v_credits, p_user_id, coalesce(p_meta, '{}'));
  insert into private.credit_remainders as m (tenant_id, event_type, remainder, per_pieces)
    values (p_tenant_id, r.event_type, v_parts - v_credits::numeric * r.per_pieces, r.per_pieces)
    on conflict (tenant_id, event_type) do update set remainder = excluded.remainder, per_pieces = excluded.per_pieces;
  v_remaining := v_account.balance - v_account.debt - v_credits + private.credits_ahead(c);
  v_answer := jsonb_build_object('ok', true, 'credits_burned', v_credits, 'remaining_credits', v_remaining,
    'alert', private.credit_alert(p_tenant_id, v_remaining, coalesce(c.included, 0)));
  insert into private.credit_answers (tenant_id, key, asked, answer) select p_tenant_id, p_key, v_asked, v_answer where p_key is not null;
  return jsonb_build_object('status', 'tracked', 'replayed', false, 'answer', v_answer);
exception when foreign_key_violation then
  return jsonb_build_object('status', 'malformed');
end $$;
comment on function public.track_credits(uuid, text, text, numeric, text, jsonb, uuid) is
  'Records an event of a tenant and burns its credits, all of them or none: {ok, credits_burned, remaining_credits, alert}; the same '
  'key is answered the same again. Status tracked, malformed, unknown_tenant, unknown_subscription, unknown_event_type, parted_unit, '
  'key_reused, no_credits_left (what is beyond is refused: no plan, a trial, a period that is not paid) or overage_cap_reached.';

create function public.set_credit_settings(p_user_id uuid, p_tenant_id uuid, p_overage_cap_cents bigint, p_low_credits bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if p_user_id is not null and (private.role_in(p_user_id, p_tenant_id) in ('owner', 'billing')) is not true then
    return jsonb_build_object('status', 'forbidden');
  elsif not exists (select from public.tenants where id = p_tenant_id and closed_at is null) then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif p_overage_cap_cents < 0 or p_low_credits < 0 then
    return jsonb_build_object('status', 'malformed');
  end if;
  insert into private.credit_settings (tenant_id, overage_cap_cents, low_credits) values (p_tenant_id, p_overage_cap_cents, p_low_credits)
    on conflict (tenant_id) do update set overage_cap_cents = excluded.overage_cap_cents, low_credits = excluded.low_credits;
  return jsonb_build_object('status', 'set');
end $$;
comment on function public.set_credit_settings(uuid, uuid, bigint, bigint) is
  'The most that overage of a period may cost, and at how many credits left the alert LOW comes; null: no cap, and a tenth of what the '
  'plan includes. By owner or billing, or a key of the tenant (no person). Status set, forbidden, unknown_tenant or malformed.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.track_credits(uuid, text, text, numeric, text, jsonb, uuid),
  public.set_credit_settings(uuid, uuid, bigint, bigint) from public, anon, authenticated;
grant execute on function public.track_credits(uuid, text, text, numeric, text, jsonb, uuid),
  public.set_credit_settings(uuid, uuid, bigint, bigint) to service_role;
