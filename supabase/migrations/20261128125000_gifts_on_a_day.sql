-- Gifts that reach somebody by e-mail, on a day: their mail is a job that is due then.

alter table public.purchases
  add column gift_email text check (length(gift_email) between 3 and 320),
  add column deliver_at timestamptz,
  add constraint only_gifts_are_delivered check (purpose = 'gift' or gift_email is null and deliver_at is null);
comment on column public.purchases.gift_email is 'Who gets the code by mail; null: the buyer does, and passes it on.';
comment on column public.purchases.deliver_at is 'When the code is sent; null: as soon as it is paid.';
create or replace view public.payment_history with (security_invoker = true) as select * from public.purchases;

-- Nine in the morning of a day where the buyer is; null for a day that is over, too far away, or nowhere.
create function private.delivery_time(p_day date, p_time_zone text) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  v_at timestamptz;
begin
  v_at := (p_day + time '09:00') at time zone p_time_zone;
  return case when v_at > now() and v_at <= now() + interval '366 days' then v_at end;
exception when invalid_parameter_value or datetime_field_overflow then
  return null;
end $$;

drop function public.begin_purchase(uuid, text, text, text, text, text);
create function public.begin_purchase(p_user_id uuid, p_package_id text, p_purpose text, p_key text,
  p_message text default null, p_recipient_name text default null, p_gift_email text default null,
  p_deliver_on date default null, p_time_zone text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
  v_deliver_at timestamptz := private.delivery_time(p_deliver_on, p_time_zone);
begin
  select * into v_purchase from public.purchases where user_id = p_user_id and idempotency_key = p_key;
  if not found and p_deliver_on is not null and v_deliver_at is null then
    return jsonb_build_object('status', 'invalid_delivery');
  end if;
  insert into public.purchases
    (user_id, package_id, purpose, idempotency_key, amount_cents, currency, paid_seconds, bonus_seconds,
     gift_message, gift_recipient, gift_email, deliver_at)
    select u.id, t.id, p_purpose, p_key, t.price_cents, t.currency, (t.total_minutes - t.bonus_minutes) * 60,
      t.bonus_minutes * 60, p_message, p_recipient_name, p_gift_email, v_deliver_at
    from public.pricing_tiers t, public.users u where t.id = p_package_id and t.active and u.id = p_user_id
    on conflict (user_id, idempotency_key) do nothing;
  select * into v_purchase from public.purchases where user_id = p_user_id and idempotency_key = p_key;
  if not found then
    return jsonb_build_object('status',
      case when exists (select from public.users where id = p_user_id) then 'unknown_package' else 'unknown_user' end);
  -- The day may have been changed since, so it is no part of what a repeat has to say again.
  elsif v_purchase.package_id is distinct from p_package_id or v_purchase.purpose is distinct from p_purpose
     or v_purchase.gift_message is distinct from p_message
     or v_purchase.gift_recipient is distinct from p_recipient_name
     or v_purchase.gift_email is distinct from p_gift_email then
    return jsonb_build_object('status', 'key_reused');
  end if;
  return jsonb_build_object('status', 'ready', 'purchase', to_jsonb(v_purchase),
    'stripe_customer_id', (select stripe_customer_id from public.users where id = p_user_id),
    'email', (select email from public.users where id = p_user_id));
end $$;
comment on function public.begin_purchase(uuid, text, text, text, text, text, text, date, text) is
  'Begins a purchase at today''s price, or answers the one that this key began. A gift may carry words, and reach somebody '
  'by mail, on a day. Refuses with status unknown_package, unknown_user, invalid_delivery or key_reused.';

create function private.owe_gift(p public.purchases) returns void
language sql security definer set search_path = '' as $$
  select private.enqueue('notice', format('notice:gift:%s', p.id), jsonb_build_object('notice', 'gift',
      'purchase_id', p.id, 'subject_id', p.id, 'due_at', greatest(now(), p.deliver_at)),
    greatest(now(), p.deliver_at))
$$;

create or replace function private.owe_receipt() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.owe_notice('receipt', new.id, new.id::text);
  if new.purpose = 'gift' then
    perform private.owe_gift(new);
  end if;
  return null;
end $$;

create function public.reschedule_gift(p_user_id uuid, p_card_id uuid, p_deliver_on date, p_time_zone text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
  v_at timestamptz := case when p_deliver_on is null then now() else private.delivery_time(p_deliver_on, p_time_zone) end;
begin
  select * into v_purchase from public.purchases
    where id = p_card_id and user_id = p_user_id and purpose = 'gift' for update;
  if not found then
    return jsonb_build_object('status', 'unknown_gift');
  elsif v_at is null then
    return jsonb_build_object('status', 'invalid_delivery');
  elsif v_purchase.status in ('review', 'refused', 'canceled')
     or exists (select from public.grants where id = p_card_id and status <> 'unactivated') then
    return jsonb_build_object('status', 'too_late');
  elsif v_purchase.status = 'succeeded' then
    update pgboss.job set start_after = v_at, data = data || jsonb_build_object('due_at', v_at),
        keep_until = v_at + (select make_interval(secs => retention_seconds) from pgboss.queue where name = 'notice')
      where name = 'notice' and id = private.job_id(format('notice:gift:%s', p_card_id)) and state = 'created'
        and start_after > now();
    if not found then
      return jsonb_build_object('status', 'too_late');
    end if;
    perform pg_notify(private.queue_channel(), 'notice');
  end if;
  update public.purchases set deliver_at = case when p_deliver_on is not null then v_at end, updated_at = now()
    where id = p_card_id;
  return jsonb_build_object('status', 'scheduled', 'deliver_at', private.utc_text(v_at));
end $$;
comment on function public.reschedule_gift(uuid, uuid, date, text) is
  'The buyer of a gift has its code sent on another day, or at once where there is none, as long as it was not sent. '
  'Refuses with unknown_gift, invalid_delivery or too_late.';

create or replace function private.forget_person(p_user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- Also of calls under way nothing is remembered any more.
  perform public.erase_all_memories(p_user_id);
  update public.caller_settings set locale = null, voice = null, memory_enabled = false where user_id = p_user_id;
  delete from public.activation_attempts where user_id = p_user_id;
  -- Its consent ends with the person: what was not sent to Stripe yet is not charged.
  delete from private.auto_top_ups where user_id = p_user_id;
  -- Words to somebody and their address, but for those that still wait for who they are meant for.
  update public.purchases p set gift_message = null, gift_recipient = null, gift_email = null
    where user_id = p_user_id and num_nonnulls(gift_message, gift_recipient, gift_email) > 0
      and not exists (select from public.grants where id = p.id and status = 'unactivated');
  -- What was written to us. That somebody asked, and how a call was rated, stays in the figures.
  update private.call_ratings set words = null where user_id = p_user_id;
  update private.support_requests set message = null, answer = null where user_id = p_user_id;
  update public.users set email = null, display_name = '', role = 'caller', deleted_at = coalesce(deleted_at, now())
    where id = p_user_id;
end $$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.begin_purchase(uuid, text, text, text, text, text, text, date, text),
  public.reschedule_gift(uuid, uuid, date, text) from public, anon, authenticated;
grant execute on function public.begin_purchase(uuid, text, text, text, text, text, text, date, text),
  public.reschedule_gift(uuid, uuid, date, text) to service_role;
