-- Cards that wait for their owner behind a code: gifts, and batches that an operator issues. And time that is given for
-- a reason.



create table public.activation_codes (
  card_id uuid primary key references public.grants (id) on delete restrict,
  code_hash text not null unique check (code_hash ~ '^[0-9a-f]{64}$'),
  usable_until timestamptz
);
comment on table public.activation_codes is
  'Keyed hashes only. The code itself is derived from the card''s id with a key that the database never sees.';
comment on column public.activation_codes.usable_until is
  'From then on the code opens nothing; null: no such day. The year of the card begins with its activation.';

create table public.activation_attempts (
  user_id uuid primary key references public.users (id) on delete cascade,
  failed_count int not null,
  window_started_at timestamptz not null
);

create table public.activation_addresses (
  address_hash text primary key check (address_hash ~ '^[0-9a-f]{64}$'),
  failed_count int not null,
  forget_at timestamptz not null
);
comment on table public.activation_addresses is
  'Wrong codes by the keyed hash of the address they came from. The address itself is stored nowhere.';
create index activation_addresses_to_forget on public.activation_addresses (forget_at);

create table public.code_batches (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind in ('gift', 'promo', 'reseller')),
  package_id text references public.pricing_tiers (id),
  seconds int not null check (seconds between 60 and 3600000),
  count int not null check (count between 1 and 1000),
  usable_until timestamptz not null check (usable_until > created_at),
  note text not null check (length(note) between 1 and 500),
  operator_id uuid not null references public.users (id) on delete restrict,
  key text not null unique check (length(key) between 1 and 255),
  created_at timestamptz not null default now(),
  exported_at timestamptz,
  exported_by uuid references public.users (id) on delete restrict,
  export_id uuid,
  revoked_at timestamptz,
  revoked_by uuid references public.users (id) on delete restrict,
  check ((exported_at is null) = (exported_by is null) and (exported_at is null) = (export_id is null)),
  check ((revoked_at is null) = (revoked_by is null))
);
comment on table public.code_batches is
  'Cards that nobody bought. Their seconds are bonus seconds: no payment stands behind them, and none is refunded.';

create table public.code_batch_cards (
  card_id uuid primary key references public.grants (id) on delete restrict,
  batch_id uuid not null references public.code_batches (id) on delete restrict
);
create index code_batch_cards_by_batch on public.code_batch_cards (batch_id);



create table public.goodwill_grants (
  card_id uuid primary key references public.grants (id) on delete restrict,
  operator_id uuid not null references public.users (id) on delete restrict,
  reason text not null check (length(reason) between 1 and 500),
  key text not null unique check (length(key) between 1 and 255),
  created_at timestamptz not null default now()
);



-- Ten wrong codes by a person, or thirty from an address: then neither learns anything more for the rest of the hour.
create function private.activation_is_closed(p_user_id uuid, p_address_hash text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.activation_attempts where user_id = p_user_id and failed_count >= 10
                 and window_started_at > now() - interval '1 hour')
      or exists (select from public.activation_addresses where address_hash = p_address_hash and failed_count >= 30
                 and forget_at > now())
$$;

create function private.count_failed_attempt(p_user_id uuid) returns void
language sql security definer set search_path = '' as $$
  insert into public.activation_attempts (user_id, failed_count, window_started_at) values (p_user_id, 1, now())
  on conflict (user_id) do update set
    failed_count = case when activation_attempts.window_started_at < now() - interval '1 hour' then 1
                        else activation_attempts.failed_count + 1 end,
    window_started_at = case when activation_attempts.window_started_at < now() - interval '1 hour' then now()
                             else activation_attempts.window_started_at end
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

create function public.activate_time_card(p_user_id uuid, p_code_hash text, p_address_hash text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.grants;
  v_is_over boolean;
  v_words jsonb;
begin
  if (private.lock_account(p_user_id)).id is null then
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
  select t.* into v_card from public.grants t join public.activation_codes c on c.card_id = t.id
    where c.code_hash = p_code_hash for update of t;
  if not found then
    perform private.count_failed_attempt(p_user_id);
    perform private.count_failed_address(p_address_hash);
    return jsonb_build_object('status', 'unknown_code');
  end if;
  select coalesce(usable_until <= now(), false) into v_is_over
    from public.activation_codes where card_id = v_card.id;
  select jsonb_build_object('message', gift_message, 'recipient_name', gift_recipient) into v_words
    from public.purchases where id = v_card.id and (gift_message is not null or gift_recipient is not null);
  if v_card.status = 'revoked' or v_card.account_id is null and v_is_over then
    return jsonb_build_object('status', 'revoked');
  elsif v_card.account_id = p_user_id then
    return jsonb_build_object('status', 'already_yours', 'card_id', v_card.id, 'gift', v_words);
  elsif v_card.account_id is not null then
    return jsonb_build_object('status', 'used');
  end if;
  update public.grants
    set account_id = p_user_id, status = 'active', activated_at = now(), expires_at = now() + interval '1 year'
    where id = v_card.id returning * into v_card;
  perform private.credit_grant(v_card);
  return jsonb_build_object('status', 'activated', 'card_id', v_card.id, 'gift', v_words);
end $$;
comment on function public.activate_time_card(uuid, text, text) is
  'Gives the card behind a code to a person, once. Its year of validity begins now. '
  'Refuses with status unknown_code, used, already_yours, revoked, too_many_attempts or unknown_user.';

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

-- A batch with what became of its codes. Volatile, as it answers what its caller has just written.
create function private.describe_batch(p public.code_batches) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object('id', p.id, 'kind', p.kind, 'package_id', p.package_id, 'seconds', p.seconds,
    'count', p.count, 'usable_until', p.usable_until, 'note', p.note, 'operator_id', p.operator_id,
    'created_at', p.created_at, 'exported_at', p.exported_at, 'exported_by', p.exported_by,
    'revoked_at', p.revoked_at,
    'activated', count(*) filter (where c.account_id is not null),
    'revoked', count(*) filter (where c.status = 'revoked'),
    'waiting', count(*) filter (where c.status = 'unactivated' and p.usable_until > now()),
    'lapsed', count(*) filter (where c.status = 'unactivated' and p.usable_until <= now()))
  from public.code_batch_cards b join public.grants c on c.id = b.card_id where b.batch_id = p.id
$$;

create function public.create_code_batch(p_operator_id uuid, p_key text, p_kind text, p_package_id text, p_minutes int,
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
  select hours * 3600 + bonus_minutes * 60 into v_seconds from public.pricing_tiers where id = p_package_id and active;
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
comment on function public.create_code_batch(uuid, text, text, text, int, int, timestamptz, text, uuid[], text[]) is
  'Issues cards that belong to nobody yet, with the hashes of their codes; the same key issues them once. '
  'Refuses with status not_an_operator, invalid_batch, unknown_package or key_reused.';

create function public.export_code_batch(p_operator_id uuid, p_batch_id uuid, p_export_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_batch public.code_batches;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif p_export_id is null then
    return jsonb_build_object('status', 'unknown_batch');
  end if;
  select * into v_batch from public.code_batches where id = p_batch_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_batch');
  elsif v_batch.revoked_at is not null then
    return jsonb_build_object('status', 'revoked');
  elsif v_batch.export_id is distinct from p_export_id and v_batch.export_id is not null then
    return jsonb_build_object('status', 'already_exported', 'exported_at', v_batch.exported_at);
  end if;
  -- The same export may be asked again: its sidecar did not get the answer.
  update public.code_batches
    set exported_at = coalesce(exported_at, now()), exported_by = coalesce(exported_by, p_operator_id),
        export_id = p_export_id
    where id = p_batch_id returning * into v_batch;
  return jsonb_build_object('status', 'exported', 'batch', private.describe_batch(v_batch), 'card_ids',
    (select jsonb_agg(card_id order by card_id) from public.code_batch_cards where batch_id = p_batch_id));
end $$;
comment on function public.export_code_batch(uuid, uuid, uuid) is
  'Notes that the codes of a batch leave the house, which they do once, and answers its cards. '
  'Refuses with status not_an_operator, unknown_batch, revoked or already_exported.';

create function public.revoke_code_batch(p_operator_id uuid, p_batch_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_batch public.code_batches;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_batch from public.code_batches where id = p_batch_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_batch');
  end if;
  -- One that is being activated at this moment is waited for, and stays with its owner.
  perform from public.grants
    where id in (select card_id from public.code_batch_cards where batch_id = p_batch_id) order by id for update;
  update public.grants set status = 'revoked', remaining = 0
    where id in (select card_id from public.code_batch_cards where batch_id = p_batch_id) and status = 'unactivated';
  update public.code_batches
    set revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, p_operator_id)
    where id = p_batch_id returning * into v_batch;
  return jsonb_build_object('status', 'revoked', 'batch', private.describe_batch(v_batch));
end $$;
comment on function public.revoke_code_batch(uuid, uuid) is
  'Takes back the codes of a batch that nobody used; harmless to repeat. '
  'Refuses with status not_an_operator or unknown_batch.';

create function public.list_code_batches(p_operator_id uuid, p_limit int default 100) returns jsonb
language sql stable security definer set search_path = '' as $$
  select case when private.is_operator(p_operator_id) then jsonb_build_object('status', 'listed', 'batches',
      (select coalesce(jsonb_agg(private.describe_batch(b) order by b.created_at desc, b.id), '[]') from
        (select * from public.code_batches order by created_at desc, id limit greatest(0, least(p_limit, 1000))) b))
    else jsonb_build_object('status', 'not_an_operator') end
$$;
comment on function public.list_code_batches(uuid, int) is
  'The newest batches and what became of their codes. Refuses with status not_an_operator.';



create function public.grant_goodwill(p_user_id uuid, p_seconds int, p_reason text, p_operator_id uuid, p_key text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.grants;
  v_known public.goodwill_grants;
begin
  if (p_seconds between 1 and 360000) is not true or (length(trim(p_reason)) between 1 and 500) is not true
     or (length(p_key) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_grant');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  elsif (private.lock_account(p_user_id)).id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  select * into v_known from public.goodwill_grants where key = p_key;
  if found then
    select * into v_card from public.grants where id = v_known.card_id;
    return case when v_card.account_id = p_user_id and v_card.bonus = p_seconds
      then jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', true)
      else jsonb_build_object('status', 'key_reused') end;
  end if;
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, activated_at, expires_at)
    values (gen_random_uuid(), p_user_id, 'second', 'goodwill', 'active', 0, p_seconds, p_seconds, now(),
      now() + interval '1 year')
    returning * into v_card;
  -- Unique by key: of two grants at once with one key for two people, the second fails as a whole.
  insert into public.goodwill_grants (card_id, operator_id, reason, key)
    values (v_card.id, p_operator_id, trim(p_reason), p_key);
  perform private.credit_grant(v_card);
  return jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', false);
end $$;
comment on function public.grant_goodwill(uuid, int, text, uuid, text) is
  'Gives a person time, for a reason, by an operator; the same key gives it once. '
  'Refuses with status invalid_grant, not_an_operator, unknown_user or key_reused.';



alter table public.activation_codes enable row level security;
alter table public.activation_attempts enable row level security;
alter table public.activation_addresses enable row level security;
alter table public.code_batches enable row level security;
alter table public.code_batch_cards enable row level security;
alter table public.goodwill_grants enable row level security;
revoke all on public.activation_codes, public.activation_attempts, public.activation_addresses, public.code_batches,
  public.code_batch_cards, public.goodwill_grants from anon, authenticated, service_role;
grant select on public.activation_codes, public.activation_attempts, public.activation_addresses, public.code_batches,
  public.code_batch_cards, public.goodwill_grants to service_role;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.activate_time_card(uuid, text, text), public.forget_activation_addresses(),
  public.create_code_batch(uuid, text, text, text, int, int, timestamptz, text, uuid[], text[]),
  public.export_code_batch(uuid, uuid, uuid), public.revoke_code_batch(uuid, uuid), public.list_code_batches(uuid, int),
  public.grant_goodwill(uuid, int, text, uuid, text) from public, anon, authenticated;
grant execute on function public.activate_time_card(uuid, text, text), public.forget_activation_addresses(),
  public.create_code_batch(uuid, text, text, text, int, int, timestamptz, text, uuid[], text[]),
  public.export_code_batch(uuid, uuid, uuid), public.revoke_code_batch(uuid, uuid), public.list_code_batches(uuid, int),
  public.grant_goodwill(uuid, int, text, uuid, text) to service_role;
