-- How a person wants to be spoken with, and whether anything of their calls is remembered.

create table public.caller_settings (
  user_id uuid primary key references public.users (id) on delete cascade,
  locale text check (locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'),
  voice text check (voice ~ '^[a-z][a-z0-9_-]{0,63}$'),
  memory_enabled boolean not null default true,
  -- What began before this moment is not remembered: everything was erased then.
  erased_at timestamptz,
  updated_at timestamptz not null default now()
);
comment on table public.caller_settings is
  'A row per person who chose something, or of whom something is remembered; without a row the defaults hold. Its lock '
  'makes all that changes what is remembered of a person take turns. No function of time or money takes it.';
comment on column public.caller_settings.locale is 'BCP 47: language, script and region, in the usual case. Null: what the service is configured with.';
comment on column public.caller_settings.voice is 'Null: the voice that the service is configured with.';

-- The row of a person, locked, made where there is none yet. Null for somebody unknown.
create function private.lock_caller(p_user_id uuid) returns public.caller_settings
language plpgsql security definer set search_path = '' as $$
declare
  v_settings public.caller_settings;
begin
  insert into public.caller_settings (user_id) select id from public.users where id = p_user_id on conflict do nothing;
  select * into v_settings from public.caller_settings where user_id = p_user_id for update;
  return v_settings;
end $$;

-- The same without the lock, and without leaving a row behind. Null for somebody unknown.
create function private.settings_of(p_user_id uuid) returns public.caller_settings
language sql stable security definer set search_path = '' as $$
  select (u.id, s.locale, s.voice, coalesce(s.memory_enabled, true), s.erased_at,
    coalesce(s.updated_at, u.created_at))::public.caller_settings
  from public.users u left join public.caller_settings s on s.user_id = u.id where u.id = p_user_id
$$;

create function private.settings_answer(p_settings public.caller_settings, p_status text) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('status', p_status, 'locale', p_settings.locale, 'voice', p_settings.voice,
    'memory_enabled', p_settings.memory_enabled)
$$;

create function public.read_settings(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((select private.settings_answer(s, 'known') from private.settings_of(p_user_id) s
    where s.user_id is not null), jsonb_build_object('status', 'unknown_user'))
$$;
comment on function public.read_settings(uuid) is
  'How a person wants to be spoken with. Status known, or unknown_user.';

create function public.write_settings(p_user_id uuid, p_locale text default null, p_voice text default null,
  p_memory_enabled boolean default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_settings public.caller_settings;
begin
  if (p_locale = '' or p_locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$') is false
     or (p_voice = '' or p_voice ~ '^[a-z][a-z0-9_-]{0,63}$') is false then
    return jsonb_build_object('status', 'invalid_settings');
  elsif (private.lock_caller(p_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  update public.caller_settings
    set locale = nullif(coalesce(p_locale, locale), ''),
        voice = nullif(coalesce(p_voice, voice), ''),
        memory_enabled = coalesce(p_memory_enabled, memory_enabled),
        updated_at = now()
    where user_id = p_user_id returning * into v_settings;
  return private.settings_answer(v_settings, 'written');
end $$;
comment on function public.write_settings(uuid, text, text, boolean) is
  'Changes what is not null; an empty locale or voice is the one that the service is configured with. Status written, '
  'with all settings as they are now, unknown_user or invalid_settings.';

alter table public.caller_settings enable row level security;
create policy "own settings" on public.caller_settings for select to authenticated
  using (user_id = (select auth.uid()));
revoke all on public.caller_settings from public, anon, authenticated, service_role;
grant select on public.caller_settings to authenticated;

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.read_settings(uuid), public.write_settings(uuid, text, text, boolean)
  from public, anon, authenticated;
grant execute on function public.read_settings(uuid), public.write_settings(uuid, text, text, boolean) to service_role;
