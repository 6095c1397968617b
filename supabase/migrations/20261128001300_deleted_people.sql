-- Deleted people: hard (the row of auth.users goes) or soft (it stays, with deleted_at). Who has no books is gone with
-- everything; of who has, the books stay under the bare id, and nothing that says who it was. supabase/README.md says of
-- each table what becomes of it.

alter table public.users add column deleted_at timestamptz;
comment on column public.users.deleted_at is 'The person is deleted; the row stays for the books, with nothing in it but its id.';
-- A row that stays for the books outlives the one of auth.users.
alter table public.users drop constraint users_id_fkey;

create function private.forget_person(p_user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- Also of calls under way nothing is remembered any more.
  perform public.erase_all_memories(p_user_id);
  update public.caller_settings set locale = null, voice = null, memory_enabled = false where user_id = p_user_id;
  delete from public.activation_attempts where user_id = p_user_id;
  -- Its consent ends with the person: what was not sent to Stripe yet is not charged.
  delete from private.auto_top_ups where user_id = p_user_id;
  -- Words to somebody, but for those that still wait for who they are meant for.
  update public.purchases p set gift_message = null, gift_recipient = null
    where user_id = p_user_id and (gift_message is not null or gift_recipient is not null)
      and not exists (select from public.grants where id = p.id and status = 'unactivated');
  update public.users set email = null, display_name = '', role = 'caller', deleted_at = coalesce(deleted_at, now())
    where id = p_user_id;
end $$;

create function private.follow_deletion() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' then
    perform private.forget_person(new.id);
    return null;
  end if;
  begin
    -- What has books refuses, by its foreign keys.
    delete from public.users where id = old.id;
  exception when restrict_violation or foreign_key_violation then
    perform private.forget_person(old.id);
  end;
  return null;
end $$;
create trigger follow_deletion after delete on auth.users
  for each row execute function private.follow_deletion();
create trigger follow_soft_deletion after update on auth.users
  for each row when (old.deleted_at is null and new.deleted_at is not null) execute function private.follow_deletion();

-- The auth server writes other things into the address of who was deleted, before or after it says so.
create function private.keep_forgotten() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.email := null;
  new.display_name := '';
  new.role := 'caller';
  new.deleted_at := old.deleted_at;
  return new;
end $$;
create trigger keep_forgotten before update on public.users
  for each row when (old.deleted_at is not null) execute function private.keep_forgotten();

-- A token outlives its person by up to an hour: it opens no call, begins no purchase and activates no code.
create or replace function private.refuse_deleted_person() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.users where deleted_at is not null
      and id::text = to_jsonb(new) ->> case tg_table_name when 'grants' then 'account_id' else 'user_id' end) then
    raise exception 'this person was deleted' using errcode = 'PT401';
  end if;
  return new;
end $$;
create trigger refuse_deleted_person before insert on public.calls
  for each row execute function private.refuse_deleted_person();
create trigger refuse_deleted_person before insert on public.purchases
  for each row execute function private.refuse_deleted_person();
create trigger refuse_deleted_person before update of account_id on public.grants
  for each row when (old.account_id is null and new.account_id is not null)
  execute function private.refuse_deleted_person();

-- People who were deleted softly before.
select private.forget_person(u.id) from auth.users a join public.users u on u.id = a.id where a.deleted_at is not null;

-- Nobody gives time to who was deleted: nobody would use it.
create or replace function public.grant_goodwill(p_user_id uuid, p_seconds int, p_reason text, p_operator_id uuid,
  p_key text) returns jsonb
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
  elsif p_operator_id = p_user_id then
    return jsonb_build_object('status', 'own_account');
  elsif (private.lock_account(p_user_id)).id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  select * into v_known from public.goodwill_grants where key = p_key;
  if found then
    select * into v_card from public.grants where id = v_known.card_id;
    return case when v_card.account_id = p_user_id and v_card.bonus = p_seconds
      then jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', true)
      else jsonb_build_object('status', 'key_reused') end;
  elsif exists (select from public.users where id = p_user_id and deleted_at is not null) then
    return jsonb_build_object('status', 'unknown_user');
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
  'Gives a person time, for a reason, by an operator; the same key gives it once. Refuses with status invalid_grant, '
  'not_an_operator, own_account, unknown_user or key_reused.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
