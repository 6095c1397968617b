-- In which language the page and the mails speak with a person, and which mails they do without. How the agent speaks is
-- another matter (public.caller_settings).

create table private.page_settings (
  user_id uuid primary key references public.users (id) on delete cascade,
  language text check (language ~ '^[a-z]{2}$'),
  seen_language text check (seen_language ~ '^[a-z]{2}$'),
  mails_off text[] not null default '{}' check (mails_off <@ array['receipt', 'refund', 'top_up_stopped']),
  updated_at timestamptz not null default now()
);
comment on table private.page_settings is
  'A row per person who chose something, or who bought; without a row the defaults hold.';
comment on column private.page_settings.language is 'ISO 639-1, as chosen. Null: the page goes by the browser.';
comment on column private.page_settings.seen_language is 'Of the browser of their latest purchase: mails go by it where nothing was chosen.';
comment on column private.page_settings.mails_off is 'Mails that are not sent. None of those that hold a code or ask for something can be among them.';
revoke all on private.page_settings from public, anon, authenticated, service_role;

create function public.read_page_settings(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((
    select jsonb_build_object('status', 'known', 'language', s.language,
      -- What is known of the languages somebody reads, the surest first.
      'mail_language', coalesce(s.language, s.seen_language, substr(c.locale, 1, 2)),
      'mails_off', coalesce(to_jsonb(s.mails_off), '[]'))
    from public.users u left join private.page_settings s on s.user_id = u.id
      left join public.caller_settings c on c.user_id = u.id
    where u.id = p_user_id), jsonb_build_object('status', 'unknown_user'))
$$;
comment on function public.read_page_settings(uuid) is
  'In which language the page (null: the browser''s) and the mails (null: nobody knows) speak with a person, and which mails '
  'are off. Status known, or unknown_user.';

create function public.write_page_settings(p_user_id uuid, p_language text default null, p_mails_off text[] default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if (p_language = '' or p_language ~ '^[a-z]{2}$') is false
     or (p_mails_off <@ array['receipt', 'refund', 'top_up_stopped']) is false then
    return jsonb_build_object('status', 'invalid_settings');
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  insert into private.page_settings as s (user_id, language, mails_off)
    values (p_user_id, nullif(p_language, ''), array(select distinct m from unnest(p_mails_off) m order by m))
    on conflict (user_id) do update
      set language = nullif(coalesce(p_language, s.language), ''),
          mails_off = array(select distinct m from unnest(coalesce(p_mails_off, s.mails_off)) m order by m),
          updated_at = now();
  return public.read_page_settings(p_user_id) || jsonb_build_object('status', 'written');
end $$;
comment on function public.write_page_settings(uuid, text, text[]) is
  'Changes what is not null; an empty language is that of the browser. Status written, with all as it is now, unknown_user or '
  'invalid_settings.';

create function public.note_language(p_user_id uuid, p_language text) returns void
language sql security definer set search_path = '' as $$
  insert into private.page_settings as s (user_id, seen_language)
    select id, p_language from public.users where id = p_user_id and deleted_at is null and p_language ~ '^[a-z]{2}$'
    on conflict (user_id) do update set seen_language = excluded.seen_language, updated_at = now()
      where s.seen_language is distinct from excluded.seen_language
$$;
comment on function public.note_language(uuid, text) is
  'Notes the language of a buyer''s browser, which the mails about the purchase go by. What is no language, or of nobody, is '
  'not noted.';

create or replace function private.forget_person(p_user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- Also of calls under way nothing is remembered any more.
  perform public.erase_all_memories(p_user_id);
  update public.caller_settings set locale = null, voice = null, memory_enabled = false where user_id = p_user_id;
  delete from private.page_settings where user_id = p_user_id;
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

create or replace function public.export_person(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'account', jsonb_build_object('user_id', u.id, 'email', u.email, 'display_name', u.display_name, 'role', u.role,
      'signed_up_at', u.created_at, 'stripe_customer_id', u.stripe_customer_id, 'balance_seconds', a.balance,
      'debt_seconds', a.debt),
    'settings', (select jsonb_build_object('locale', s.locale, 'voice', s.voice, 'memory_enabled', s.memory_enabled)
      from public.caller_settings s where s.user_id = u.id),
    'page', (select jsonb_build_object('language', s.language, 'seen_language', s.seen_language, 'mails_off', s.mails_off)
      from private.page_settings s where s.user_id = u.id),
    'automatic_top_up', public.read_auto_top_up(u.id),
    'trial', (select jsonb_build_object('card_id', t.card_id, 'claimed_at', t.claimed_at)
      from private.trials t where t.user_id = u.id))
  from public.users u join public.accounts a on a.id = u.id where u.id = p_user_id and u.deleted_at is null
$$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.read_page_settings(uuid), public.write_page_settings(uuid, text, text[]),
  public.note_language(uuid, text) from public, anon, authenticated;
grant execute on function public.read_page_settings(uuid), public.write_page_settings(uuid, text, text[]),
  public.note_language(uuid, text) to service_role;
