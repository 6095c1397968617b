-- What operators do about people and calls, each act with its reason, in the one table that nobody changes; and accounts
-- that are frozen: nothing new begins on them, and what is there stays.

alter table public.operator_acts drop constraint operator_acts_act_check,
  add constraint operator_acts_act_check check (act in ('release', 'refuse', 'refund', 'replay', 'end_call', 'freeze',
    'unfreeze', 'erase', 'answer', 'retry_job'));
create index operator_acts_in_time on public.operator_acts (created_at desc, id desc);

alter table public.users add column frozen_at timestamptz;
comment on column public.users.frozen_at is
  'An operator froze the account: no call, purchase or code begins on it. Calls under way go on, and money still comes back.';

create function private.refuse_frozen_person() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid;
begin
  if tg_table_name = 'grants' then
    v_user_id := new.account_id;
  else
    v_user_id := new.user_id;
  end if;
  if exists (select from public.users where id = v_user_id and frozen_at is not null) then
    raise exception 'this account is frozen' using errcode = 'PT423';
  end if;
  return new;
end $$;
create trigger refuse_frozen_person before insert on public.calls
  for each row execute function private.refuse_frozen_person();
create trigger refuse_frozen_person before insert on public.purchases
  for each row execute function private.refuse_frozen_person();
create trigger refuse_frozen_person before update of account_id on public.grants
  for each row when (old.account_id is null and new.account_id is not null)
  execute function private.refuse_frozen_person();

-- Nobody decides about their own affairs.
create function public.note_operator_act(p_operator_id uuid, p_act text, p_subject text, p_about_user_id uuid, p_reason text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if (length(trim(p_reason)) between 1 and 500) is not true or (length(p_subject) between 1 and 255) is not true
     or (p_act in ('end_call', 'answer', 'retry_job')) is not true then
    return jsonb_build_object('status', 'invalid_act');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif p_about_user_id = p_operator_id then
    return jsonb_build_object('status', 'own_affair');
  end if;
  insert into public.operator_acts (operator_id, act, subject, reason) values (p_operator_id, p_act, p_subject, trim(p_reason));
  return jsonb_build_object('status', 'noted');
end $$;
comment on function public.note_operator_act(uuid, text, text, uuid, text) is
  'Notes an act (end_call, answer or retry_job) before it is done, and whom it is about. Status noted; refuses with '
  'invalid_act, not_an_operator or own_affair.';

create function public.freeze_person(p_user_id uuid, p_is_frozen boolean, p_operator_id uuid, p_reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_person public.users;
begin
  if (length(trim(p_reason)) between 1 and 500) is not true or p_is_frozen is null then
    return jsonb_build_object('status', 'invalid_act');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif p_user_id = p_operator_id then
    return jsonb_build_object('status', 'own_affair');
  end if;
  select * into v_person from public.users where id = p_user_id and deleted_at is null for update;
  if not found then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  if (v_person.frozen_at is not null) is distinct from p_is_frozen then
    update public.users set frozen_at = case when p_is_frozen then now() end where id = p_user_id;
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, case when p_is_frozen then 'freeze' else 'unfreeze' end, p_user_id::text, trim(p_reason));
  end if;
  return jsonb_build_object('status', case when p_is_frozen then 'frozen' else 'free' end);
end $$;
comment on function public.freeze_person(uuid, boolean, uuid, text) is
  'Freezes an account, or frees it, for a reason; a repeat changes nothing. Status frozen or free; refuses with invalid_act, '
  'not_an_operator, own_affair or unknown_user.';

create function public.erase_person(p_user_id uuid, p_operator_id uuid, p_reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if (length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_act');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif p_user_id = p_operator_id then
    return jsonb_build_object('status', 'own_affair');
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  insert into public.operator_acts (operator_id, act, subject, reason) values (p_operator_id, 'erase', p_user_id::text, trim(p_reason));
  -- The trigger on it does the rest: supabase/README.md, "When a person is deleted".
  delete from auth.users where id = p_user_id;
  return jsonb_build_object('status', 'erased');
end $$;
comment on function public.erase_person(uuid, uuid, text) is
  'Deletes a person for a reason: what the books must keep stays under the bare id. Status erased; refuses with invalid_act, '
  'not_an_operator, own_affair or unknown_user.';

-- All that operators did, wherever it is written down.
create function private.all_operator_acts(p_before timestamptz, p_limit int)
returns table (at timestamptz, operator_id uuid, act text, subject text, reason text)
language sql stable security definer set search_path = '' as $$
  select * from (
    (select created_at, operator_id, act, subject, reason from public.operator_acts
      where created_at < p_before order by created_at desc, id desc limit p_limit)
    union all
    (select w.created_at, w.operator_id, 'goodwill', g.account_id::text, w.reason
      from public.goodwill_grants w join public.grants g on g.id = w.card_id
      where w.created_at < p_before order by w.created_at desc limit p_limit)
    union all
    (select created_at, operator_id, 'issue_codes', id::text, note from public.code_batches
      where created_at < p_before order by created_at desc limit p_limit)
    union all
    (select exported_at, exported_by, 'export_codes', id::text, note from public.code_batches
      where exported_at < p_before order by exported_at desc limit p_limit)
    union all
    (select revoked_at, revoked_by, 'revoke_codes', id::text, note from public.code_batches
      where revoked_at < p_before order by revoked_at desc limit p_limit)) a (at, operator_id, act, subject, reason)
  order by at desc, act, subject limit p_limit
$$;
create index goodwill_grants_in_time on public.goodwill_grants (created_at desc);

create function public.list_operator_acts(p_before timestamptz, p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('at', private.utc_text(a.at), 'operator_id', a.operator_id,
    'operator_email', u.email, 'act', a.act, 'subject', a.subject, 'reason', a.reason) order by a.at desc, a.act, a.subject), '[]')
  from private.all_operator_acts(coalesce(p_before, 'infinity'), greatest(1, least(coalesce(p_limit, 100), 1000))) a
  left join public.users u on u.id = a.operator_id
$$;
comment on function public.list_operator_acts(timestamptz, int) is 'What operators did and why, newest first, from before a time on.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.note_operator_act(uuid, text, text, uuid, text), public.freeze_person(uuid, boolean, uuid, text),
  public.erase_person(uuid, uuid, text), public.list_operator_acts(timestamptz, int) from public, anon, authenticated;
grant execute on function public.note_operator_act(uuid, text, text, uuid, text), public.freeze_person(uuid, boolean, uuid, text),
  public.erase_person(uuid, uuid, text), public.list_operator_acts(timestamptz, int) to service_role;
