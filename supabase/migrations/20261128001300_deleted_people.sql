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
create function private.refuse_deleted_person() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.users where deleted_at is not null
      and id::text = to_jsonb(new) ->> case tg_table_name when 'grants' then 'account_id' else 'user_id' end) then
    raise exception 'this person was deleted' using errcode = 'PT403';
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

-- What a person used is what calls charged, and what was deducted without a call.
create function private.deducted_by_day(p_user_id uuid) returns table (day text, seconds bigint)
language sql stable security definer set search_path = '' as $$
  select to_char(created_at at time zone 'utc', 'YYYY-MM-DD'), -sum(amount)::bigint from public.ledger
  where account_id = p_user_id and unit = 'second' and reason = 'use' and call_id is null group by 1
$$;

create or replace function public.get_user_analytics(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select a.answer || jsonb_build_object(
    'totals', (a.answer -> 'totals') || jsonb_build_object('charged_seconds',
      (a.answer -> 'totals' ->> 'charged_seconds')::bigint
        + (select coalesce(sum(seconds), 0) from private.deducted_by_day(p_user_id))),
    'days', (select coalesce(jsonb_agg(d.day || jsonb_build_object('charged_seconds',
          (d.day ->> 'charged_seconds')::bigint + coalesce(o.seconds, 0)) order by d.nth), '[]')
      from jsonb_array_elements(a.answer -> 'days') with ordinality d (day, nth)
      left join private.deducted_by_day(p_user_id) o on o.day = d.day ->> 'day'),
    'conversation', private.conversation_totals(p_user_id), 'calls', private.conversation_calls(p_user_id))
  from (select private.user_analytics(p_user_id) as answer) a
$$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
