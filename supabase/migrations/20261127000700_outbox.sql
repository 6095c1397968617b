-- What has to be done outside of the database: written in the transaction that causes it, done by any replica after it.



create table private.outbox (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind ~ '^[a-z_]{1,40}$'),
  key text not null unique check (length(key) between 1 and 250),
  payload jsonb not null default '{}' check (jsonb_typeof(payload) = 'object'),
  attempts int not null default 0 check (attempts >= 0),
  due_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  done_at timestamptz,
  parked_at timestamptz,
  last_error text check (length(last_error) <= 500),
  check (done_at is null or parked_at is null)
);
comment on table private.outbox is
  'Effects still owed to the world. A payload holds ids only: no address, no code, no secret. due_at is also the lease: '
  'whoever claims an item moves it ahead, and an item that nobody finishes comes due again.';
create index outbox_due on private.outbox (kind, due_at) where done_at is null and parked_at is null;
create index outbox_parked on private.outbox (parked_at, id) where parked_at is not null;

create table private.timers (
  name text primary key,
  due_at timestamptz not null
);
comment on table private.timers is 'When each periodic job is next due: the replica that moves the row forward runs it.';



create function private.enqueue(p_kind text, p_key text, p_payload jsonb, p_due_at timestamptz default now())
returns void
language sql security definer set search_path = '' as $$
  insert into private.outbox (kind, key, payload, due_at) values (p_kind, p_key, p_payload, p_due_at)
  on conflict (key) do nothing
$$;
comment on function private.enqueue(text, text, jsonb, timestamptz) is
  'Owes the world an effect, once per key. Call it in the transaction that causes the effect.';

create function public.claim_outbox_item(p_kind text, p_lease_seconds int, p_max_attempts int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_item private.outbox;
begin
  if (p_lease_seconds between 1 and 3600) is not true or (p_max_attempts > 0) is not true then
    return jsonb_build_object('status', 'invalid_claim');
  end if;
  -- Skipping what others hold: nobody waits, and no two get the same.
  select * into v_item from private.outbox
    where kind = p_kind and done_at is null and parked_at is null and due_at <= clock_timestamp()
    order by due_at limit 1 for update skip locked;
  if not found then
    return jsonb_build_object('status', 'nothing_due');
  elsif v_item.attempts >= p_max_attempts then
    -- Whoever had the last attempt never came back. An item that ends its process must not do so for ever.
    update private.outbox set parked_at = clock_timestamp(), last_error = coalesce(last_error, 'no attempt came to an end')
      where id = v_item.id returning * into v_item;
    return jsonb_build_object('status', 'parked', 'id', v_item.id, 'key', v_item.key, 'attempt', v_item.attempts);
  end if;
  update private.outbox
    set attempts = attempts + 1, due_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where id = v_item.id returning * into v_item;
  return jsonb_build_object('status', 'claimed', 'id', v_item.id, 'key', v_item.key, 'payload', v_item.payload,
    'attempt', v_item.attempts, 'age_seconds', floor(extract(epoch from clock_timestamp() - v_item.created_at))::int);
end $$;
comment on function public.claim_outbox_item(text, int, int) is
  'Leases the item of a kind that is due for longest: status claimed, parked (it had all its attempts), nothing_due '
  'or invalid_claim. Not harmless to repeat: an answer that gets lost costs the item one attempt and one lease.';

create function public.finish_outbox_item(p_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  -- Whoever did it may say so, also when the lease had run out: once done is done.
  update private.outbox set done_at = coalesce(done_at, clock_timestamp()), parked_at = null, last_error = null
    where id = p_id;
  return jsonb_build_object('status', case when found then 'done' else 'unknown_item' end);
end $$;
comment on function public.finish_outbox_item(uuid) is 'Notes that the effect happened.';

create function public.fail_outbox_item(p_id uuid, p_attempt int, p_error text,
  p_retry_in_seconds numeric default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  -- Only for the attempt that failed: a later one may be under way, and its lease is not ours to change.
  update private.outbox
    set last_error = left(p_error, 500),
        parked_at = case when p_retry_in_seconds is null then clock_timestamp() end,
        due_at = clock_timestamp() + make_interval(secs => coalesce(greatest(p_retry_in_seconds, 0), 0))
    where id = p_id and attempts = p_attempt and done_at is null and parked_at is null;
  return jsonb_build_object('status',
    case when not found then 'stale' when p_retry_in_seconds is null then 'parked' else 'postponed' end);
end $$;
comment on function public.fail_outbox_item(uuid, int, text, numeric) is
  'Gives an item back: due again after so many seconds, or parked where that is null. Status postponed, parked or stale.';

create function public.retry_outbox_item(p_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_item private.outbox;
begin
  select * into v_item from private.outbox where id = p_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_item');
  elsif v_item.parked_at is null then
    return jsonb_build_object('status', case when v_item.done_at is null then 'waiting' else 'done' end);
  end if;
  update private.outbox set parked_at = null, attempts = 0, due_at = clock_timestamp() where id = p_id;
  return jsonb_build_object('status', 'retried');
end $$;
comment on function public.retry_outbox_item(uuid) is
  'Takes a parked item up again, with all its attempts. Status retried, waiting (not parked), done or unknown_item.';

create function public.forget_done_outbox_items(p_older_than_days int) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_count int;
begin
  delete from private.outbox where done_at < now() - make_interval(days => greatest(p_older_than_days, 400));
  get diagnostics v_count = row_count;
  return v_count;
end $$;
comment on function public.forget_done_outbox_items(int) is
  'Deletes what was done long ago: 400 days at least, as a key can be used again then, and a dispute takes months.';

create function public.outbox_figures() returns table (kind text, waiting bigint, parked bigint, oldest_seconds bigint)
language sql stable security definer set search_path = '' as $$
  select o.kind, count(*) filter (where o.parked_at is null), count(*) filter (where o.parked_at is not null),
    coalesce(greatest(0, floor(extract(epoch from
      now() - min(o.created_at) filter (where o.parked_at is null)))), 0)::bigint
  from private.outbox o where o.done_at is null group by o.kind order by o.kind
$$;
comment on function public.outbox_figures() is 'What is still owed, by kind.';

create function public.list_parked_outbox_items(p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'kind', o.kind, 'key', o.key, 'attempts', o.attempts,
    'created_at', o.created_at, 'parked_at', o.parked_at, 'last_error', o.last_error) order by o.parked_at desc, o.id), '[]')
  from (select * from private.outbox where parked_at is not null
        order by parked_at desc, id limit greatest(0, least(p_limit, 1000))) o
$$;
comment on function public.list_parked_outbox_items(int) is 'What was given up, newest first.';

create function public.claim_timer(p_name text, p_every_seconds numeric) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.timers (name, due_at) values (p_name, clock_timestamp() + make_interval(secs => p_every_seconds))
    on conflict (name) do update set due_at = excluded.due_at where timers.due_at <= clock_timestamp();
  return found;
end $$;
comment on function public.claim_timer(text, numeric) is
  'True for the one replica that may run this periodic job now.';



revoke all on private.outbox, private.timers from public, anon, authenticated, service_role;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.claim_outbox_item(text, int, int), public.finish_outbox_item(uuid),
  public.fail_outbox_item(uuid, int, text, numeric), public.retry_outbox_item(uuid),
  public.forget_done_outbox_items(int), public.outbox_figures(), public.list_parked_outbox_items(int),
  public.claim_timer(text, numeric) from public, anon, authenticated;
grant execute on function public.claim_outbox_item(text, int, int), public.finish_outbox_item(uuid),
  public.fail_outbox_item(uuid, int, text, numeric), public.retry_outbox_item(uuid),
  public.forget_done_outbox_items(int), public.outbox_figures(), public.list_parked_outbox_items(int),
  public.claim_timer(text, numeric) to service_role;
