-- Codes that an operator issues by the batch: gifts of the house, promotions, and cards that a reseller sells.

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
  card_id uuid primary key references public.time_cards (id) on delete restrict,
  batch_id uuid not null references public.code_batches (id) on delete restrict
);
create index code_batch_cards_by_batch on public.code_batch_cards (batch_id);

alter table public.code_batches enable row level security;
alter table public.code_batch_cards enable row level security;
revoke all on public.code_batches, public.code_batch_cards from anon, authenticated, service_role;
grant select on public.code_batches, public.code_batch_cards to service_role;

create function private.is_operator(p_user_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.users where id = p_user_id and role = 'operator')
$$;

-- A batch with what became of its codes. Volatile, as it answers what its caller has just written.
create function private.describe_batch(p public.code_batches) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object('id', p.id, 'kind', p.kind, 'package_id', p.package_id, 'seconds', p.seconds,
    'count', p.count, 'usable_until', p.usable_until, 'note', p.note, 'operator_id', p.operator_id,
    'created_at', p.created_at, 'exported_at', p.exported_at, 'exported_by', p.exported_by,
    'revoked_at', p.revoked_at,
    'activated', count(*) filter (where c.user_id is not null),
    'revoked', count(*) filter (where c.status = 'revoked'),
    'waiting', count(*) filter (where c.status = 'unactivated' and p.usable_until > now()),
    'lapsed', count(*) filter (where c.status = 'unactivated' and p.usable_until <= now()))
  from public.code_batch_cards b join public.time_cards c on c.id = b.card_id where b.batch_id = p.id
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
  insert into public.time_cards (id, package_id, source, status, paid_seconds, bonus_seconds, remaining_seconds)
    select id, p_package_id, 'bonus', 'unactivated', 0, v_batch.seconds, v_batch.seconds from unnest(p_card_ids) id;
  insert into public.code_batch_cards (card_id, batch_id) select id, v_batch.id from unnest(p_card_ids) id;
  insert into public.activation_codes (card_id, code_hash, usable_until)
    select id, hash, p_usable_until from unnest(p_card_ids, p_code_hashes) t (id, hash);
  return jsonb_build_object('status', 'created', 'replayed', false, 'batch', private.describe_batch(v_batch));
end $$;
comment on function public.create_code_batch(uuid, text, text, text, int, int, timestamptz, text, uuid[], text[]) is
  'Issues cards that belong to nobody yet, with the hashes of their codes; the same key issues them once. '
  'Refuses with status not_an_operator, invalid_batch, unknown_package or key_reused.';

create function public.list_code_batches(p_operator_id uuid, p_limit int default 100) returns jsonb
language sql stable security definer set search_path = '' as $$
  select case when private.is_operator(p_operator_id) then jsonb_build_object('status', 'listed', 'batches',
      (select coalesce(jsonb_agg(private.describe_batch(b) order by b.created_at desc, b.id), '[]') from
        (select * from public.code_batches order by created_at desc, id limit greatest(0, least(p_limit, 1000))) b))
    else jsonb_build_object('status', 'not_an_operator') end
$$;
comment on function public.list_code_batches(uuid, int) is
  'The newest batches and what became of their codes. Refuses with status not_an_operator.';

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
  perform from public.time_cards
    where id in (select card_id from public.code_batch_cards where batch_id = p_batch_id) order by id for update;
  update public.time_cards set status = 'revoked', remaining_seconds = 0
    where id in (select card_id from public.code_batch_cards where batch_id = p_batch_id) and status = 'unactivated';
  update public.code_batches
    set revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, p_operator_id)
    where id = p_batch_id returning * into v_batch;
  return jsonb_build_object('status', 'revoked', 'batch', private.describe_batch(v_batch));
end $$;
comment on function public.revoke_code_batch(uuid, uuid) is
  'Takes back the codes of a batch that nobody used; harmless to repeat. '
  'Refuses with status not_an_operator or unknown_batch.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function
  public.create_code_batch(uuid, text, text, text, int, int, timestamptz, text, uuid[], text[]),
  public.list_code_batches(uuid, int), public.export_code_batch(uuid, uuid, uuid),
  public.revoke_code_batch(uuid, uuid) from public, anon, authenticated;
grant execute on function
  public.create_code_batch(uuid, text, text, text, int, int, timestamptz, text, uuid[], text[]),
  public.list_code_batches(uuid, int), public.export_code_batch(uuid, uuid, uuid),
  public.revoke_code_batch(uuid, uuid) to service_role;
