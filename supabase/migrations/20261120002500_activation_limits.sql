-- Wrong codes are counted by person and by address; a code may have a last day; a gift may carry a message.

create table public.activation_addresses (
  address_hash text primary key check (address_hash ~ '^[0-9a-f]{64}$'),
  failed_count int not null,
  forget_at timestamptz not null
);
comment on table public.activation_addresses is
  'Wrong codes by the keyed hash of the address they came from. The address itself is stored nowhere.';
create index activation_addresses_to_forget on public.activation_addresses (forget_at);
alter table public.activation_addresses enable row level security;
revoke all on public.activation_addresses from anon, authenticated, service_role;
grant select on public.activation_addresses to service_role;

alter table public.activation_codes add column usable_until timestamptz;
comment on column public.activation_codes.usable_until is
  'From then on the code opens nothing; null: no such day. The year of the card begins with its activation.';

alter table public.payment_history
  add column gift_message text check (length(gift_message) between 1 and 300),
  add column gift_recipient text check (length(gift_recipient) between 1 and 100),
  add constraint only_gifts_have_words check (purpose = 'gift' or gift_message is null and gift_recipient is null);

-- Ten wrong codes by a person, or thirty from an address: then neither learns anything more for the rest of the hour.
create function private.activation_is_closed(p_user_id uuid, p_address_hash text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.activation_attempts where user_id = p_user_id and failed_count >= 10
                 and window_started_at > now() - interval '1 hour')
      or exists (select from public.activation_addresses where address_hash = p_address_hash and failed_count >= 30
                 and forget_at > now())
$$;

create function private.count_failed_address(p_address_hash text) returns void
language sql security definer set search_path = '' as $$
  insert into public.activation_addresses (address_hash, failed_count, forget_at)
    select p_address_hash, 1, now() + interval '1 hour' where p_address_hash is not null
  on conflict (address_hash) do update set
    failed_count = case when activation_addresses.forget_at <= now() then 1
                        else activation_addresses.failed_count + 1 end,
    forget_at = greatest(activation_addresses.forget_at,
                         case when activation_addresses.forget_at <= now() then excluded.forget_at end)
$$;

create function public.forget_activation_addresses() returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_count int;
begin
  delete from public.activation_addresses where address_hash in
    (select address_hash from public.activation_addresses where forget_at <= now() for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end $$;
comment on function public.forget_activation_addresses() is
  'Removes the addresses whose hour is over; answers how many.';

drop function public.activate_time_card(uuid, text);
create function public.activate_time_card(p_user_id uuid, p_code_hash text, p_address_hash text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.time_cards;
  v_is_over boolean;
  v_words jsonb;
begin
  if (private.lock_account(p_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  if p_address_hash is not null then
    -- After the account and before the card: many people behind one address get no more attempts by asking at once.
    perform pg_advisory_xact_lock(hashtextextended(p_address_hash, 2500));
  end if;
  -- Before the code is looked up, so that the answer is the same whether it exists or not.
  if private.activation_is_closed(p_user_id, p_address_hash) then
    return jsonb_build_object('status', 'too_many_attempts');
  end if;
  select t.* into v_card from public.time_cards t join public.activation_codes c on c.card_id = t.id
    where c.code_hash = p_code_hash for update of t;
  if not found then
    perform private.count_failed_attempt(p_user_id);
    perform private.count_failed_address(p_address_hash);
    return jsonb_build_object('status', 'unknown_code');
  end if;
  select coalesce(usable_until <= now(), false) into v_is_over
    from public.activation_codes where card_id = v_card.id;
  select jsonb_build_object('message', gift_message, 'recipient_name', gift_recipient) into v_words
    from public.payment_history where id = v_card.id and (gift_message is not null or gift_recipient is not null);
  if v_card.status = 'revoked' or v_card.user_id is null and v_is_over then
    return jsonb_build_object('status', 'revoked');
  elsif v_card.user_id = p_user_id then
    return jsonb_build_object('status', 'already_yours', 'card_id', v_card.id, 'gift', v_words);
  elsif v_card.user_id is not null then
    return jsonb_build_object('status', 'used');
  end if;
  update public.time_cards
    set user_id = p_user_id, status = 'active', activated_at = now(), expires_at = now() + interval '1 year'
    where id = v_card.id returning * into v_card;
  perform private.credit_card(v_card);
  return jsonb_build_object('status', 'activated', 'card_id', v_card.id, 'gift', v_words);
end $$;
comment on function public.activate_time_card(uuid, text, text) is
  'Gives the card behind a code to a person, once. Its year of validity begins now. '
  'Refuses with status unknown_code, used, already_yours, revoked, too_many_attempts or unknown_user.';

drop function public.begin_purchase(uuid, text, text, text);
create function public.begin_purchase(p_user_id uuid, p_package_id text, p_purpose text, p_key text,
  p_message text default null, p_recipient_name text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.payment_history;
begin
  insert into public.payment_history
    (user_id, package_id, purpose, idempotency_key, amount_cents, currency, paid_seconds, bonus_seconds,
     gift_message, gift_recipient)
    select u.id, t.id, p_purpose, p_key, t.price_cents, t.currency, t.hours * 3600, t.bonus_minutes * 60,
      p_message, p_recipient_name
    from public.pricing_tiers t, public.users u where t.id = p_package_id and t.active and u.id = p_user_id
    on conflict (user_id, idempotency_key) do nothing;
  select * into v_purchase from public.payment_history where user_id = p_user_id and idempotency_key = p_key;
  if not found then
    return jsonb_build_object('status',
      case when exists (select from public.users where id = p_user_id) then 'unknown_package' else 'unknown_user' end);
  elsif v_purchase.package_id is distinct from p_package_id or v_purchase.purpose is distinct from p_purpose
     or v_purchase.gift_message is distinct from p_message
     or v_purchase.gift_recipient is distinct from p_recipient_name then
    return jsonb_build_object('status', 'key_reused');
  end if;
  return jsonb_build_object('status', 'ready', 'purchase', to_jsonb(v_purchase),
    'stripe_customer_id', (select stripe_customer_id from public.users where id = p_user_id),
    'email', (select email from public.users where id = p_user_id));
end $$;
comment on function public.begin_purchase(uuid, text, text, text, text, text) is
  'Begins a purchase at today''s price, or answers the one that this key began. A gift may carry words. '
  'Refuses with status unknown_package, unknown_user or key_reused.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.activate_time_card(uuid, text, text), public.forget_activation_addresses(),
  public.begin_purchase(uuid, text, text, text, text, text) from public, anon, authenticated;
grant execute on function public.activate_time_card(uuid, text, text), public.forget_activation_addresses(),
  public.begin_purchase(uuid, text, text, text, text, text) to service_role;
