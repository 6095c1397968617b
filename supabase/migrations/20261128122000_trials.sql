-- Free minutes to try, for new people: a grant of its own that is used before anything else, is never refunded and ends soon.

alter table public.grants drop constraint grants_source_check,
  add constraint grants_source_check check (source in ('paid', 'gift', 'bonus', 'goodwill', 'trial'));

create table private.trials (
  user_id uuid primary key references public.users (id) on delete restrict,
  card_id uuid not null unique references public.grants (id) on delete restrict,
  email_hash text not null unique check (email_hash ~ '^[0-9a-f]{64}$'),
  address_hash text check (address_hash ~ '^[0-9a-f]{64}$'),
  claimed_at timestamptz not null default now()
);
comment on table private.trials is
  'Who had free minutes, once for ever: by person, and by the keyed hash of their e-mail address, so that who deletes the '
  'account and signs up again gets no second ones. The hash of the network address goes after 30 days.';
create index trials_by_address on private.trials (address_hash, claimed_at) where address_hash is not null;
create index trials_by_day on private.trials (claimed_at);
revoke all on private.trials from public, anon, authenticated, service_role;

-- Why somebody gets no free minutes now; null where they do.
create function private.trial_refusal(p_user_id uuid, p_email_hash text, p_address_hash text, p_per_address int,
  p_per_day int) returns text
language sql volatile security definer set search_path = '' as $$
  select case
    when not exists (select from public.users where id = p_user_id and deleted_at is null) then 'unknown_user'
    when exists (select from private.trials where user_id = p_user_id or email_hash = p_email_hash) then 'had_one'
    -- An address that nobody has confirmed is any address at all.
    when not exists (select from auth.users where id = p_user_id and email is not null and email_confirmed_at is not null)
      then 'not_confirmed'
    when exists (select from public.purchases where user_id = p_user_id and status = 'succeeded')
      or exists (select from public.calls where user_id = p_user_id and charged_seconds > 0) then 'not_new'
    when ((select count(*) from private.trials where address_hash = p_address_hash
        and claimed_at > now() - interval '30 days') < p_per_address) is not true then 'address_had_enough'
    when ((select count(*) from private.trials where claimed_at >= date_trunc('day', now(), 'UTC')) < p_per_day) is not true
      then 'day_is_over' end
$$;

create function public.claim_trial(p_user_id uuid, p_seconds int, p_valid_days int, p_email_hash text, p_address_hash text,
  p_per_address int, p_per_day int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.grants;
  v_refusal text;
begin
  if (p_seconds between 60 and 36000 and p_valid_days between 1 and 366 and p_email_hash ~ '^[0-9a-f]{64}$'
      and p_address_hash ~ '^[0-9a-f]{64}$') is not true then
    return jsonb_build_object('status', 'invalid_trial');
  elsif (private.lock_account(p_user_id)).id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  -- After the account, and one for all: what an address and a day have had is counted after who came before.
  perform pg_advisory_xact_lock(12200);
  select g.* into v_card from private.trials t join public.grants g on g.id = t.card_id where t.user_id = p_user_id;
  if found then
    return jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', true);
  end if;
  v_refusal := private.trial_refusal(p_user_id, p_email_hash, p_address_hash, p_per_address, p_per_day);
  if v_refusal is not null then
    return jsonb_build_object('status', v_refusal);
  end if;
  insert into public.grants (id, account_id, unit, source, priority, status, paid, bonus, remaining, activated_at, expires_at)
    values (gen_random_uuid(), p_user_id, 'second', 'trial', -1, 'active', 0, p_seconds, p_seconds, now(),
      now() + make_interval(days => p_valid_days))
    returning * into v_card;
  insert into private.trials (user_id, card_id, email_hash, address_hash)
    values (p_user_id, v_card.id, p_email_hash, p_address_hash);
  perform private.credit_grant(v_card);
  return jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', false);
end $$;
comment on function public.claim_trial(uuid, int, int, text, text, int, int) is
  'Gives a new person free time to try, once for ever; a repeat answers the same card. Refuses with status had_one (by '
  'another account of the same e-mail address), not_confirmed, not_new (has bought or talked), address_had_enough (so many '
  'in 30 days), day_is_over (so many in all, by UTC), unknown_user or invalid_trial.';

create function public.read_trial(p_user_id uuid, p_email_hash text, p_address_hash text, p_per_address int, p_per_day int)
returns text
language sql stable security definer set search_path = '' as $$
  select case when exists (select from private.trials where user_id = p_user_id) then 'claimed'
    else coalesce(private.trial_refusal(p_user_id, p_email_hash, p_address_hash, p_per_address, p_per_day), 'open') end
$$;
comment on function public.read_trial(uuid, text, text, int, int) is
  'Whether claim_trial would give something now: open, claimed, or the status that it would refuse with.';

create function public.forget_trial_addresses() returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_count int;
begin
  update private.trials set address_hash = null
    where address_hash is not null and claimed_at <= now() - interval '30 days';
  get diagnostics v_count = row_count;
  return v_count;
end $$;
comment on function public.forget_trial_addresses() is 'Removes the network addresses of trials that are older than 30 days.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.claim_trial(uuid, int, int, text, text, int, int),
  public.read_trial(uuid, text, text, int, int), public.forget_trial_addresses() from public, anon, authenticated;
grant execute on function public.claim_trial(uuid, int, int, text, text, int, int),
  public.read_trial(uuid, text, text, int, int), public.forget_trial_addresses() to service_role;
