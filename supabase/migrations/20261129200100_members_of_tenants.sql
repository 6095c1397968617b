-- Tenants, their members and invitations. What changes them takes the lock of the tenant's account, as what uses its time does:
-- so nobody opens a call for a tenant that they have just left.

alter table public.tenants
  add column created_by uuid references public.users (id) on delete restrict,
  add column key text check (length(key) between 1 and 255),
  add constraint tenants_created_once unique (created_by, key);
comment on column public.tenants.key is 'Names the creation: the same person and key create one tenant.';
create index tenant_invitations_by_address on public.tenant_invitations (email, created_at);

-- The role of a person in a tenant that is open; null where they have none, or are gone.
create function private.role_in(p_user_id uuid, p_tenant_id uuid) returns text
language sql volatile security definer set search_path = '' as $$
  select m.role from public.tenant_members m join public.tenants t on t.id = m.tenant_id and t.closed_at is null
    join public.users u on u.id = m.user_id and u.deleted_at is null
  where m.tenant_id = p_tenant_id and m.user_id = p_user_id
$$;

create function private.is_last_owner(p_user_id uuid, p_tenant_id uuid) returns boolean
language sql volatile security definer set search_path = '' as $$
  select exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_user_id and role = 'owner')
    and not exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id <> p_user_id and role = 'owner')
$$;

create function private.describe_tenant(t public.tenants, p_role text) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object('id', t.id, 'name', t.name, 'role', p_role, 'plan_id', t.plan_id,
    'created_at', private.utc_text(t.created_at), 'closed_at', private.utc_text(t.closed_at),
    'balance_seconds', a.balance, 'held_seconds', h.held, 'live_calls', h.calls,
    'members', (select count(*) from public.tenant_members where tenant_id = t.id),
    'billing_email', case when p_role in ('owner', 'billing') then t.billing_email end,
    'debt_seconds', case when p_role in ('owner', 'billing') then a.debt end)
  from public.accounts a
  cross join lateral (select coalesce(sum(amount - restored_ms / 1000), 0)::bigint as held, count(*) as calls
    from public.holds where account_id = a.id) h
  where a.id = t.id
$$;

create function public.create_tenant(p_user_id uuid, p_name text, p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_tenant public.tenants;
begin
  if (length(trim(p_name)) between 1 and 200 and length(p_key) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_tenant');
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  -- Many at once get no more than one after the other.
  perform pg_advisory_xact_lock(hashtextextended(p_user_id::text, 20100));
  select * into v_tenant from public.tenants where created_by = p_user_id and key = p_key;
  if found then
    return case when private.role_in(p_user_id, v_tenant.id) is null then jsonb_build_object('status', 'key_reused')
      else jsonb_build_object('status', 'created', 'replayed', true,
        'tenant', private.describe_tenant(v_tenant, private.role_in(p_user_id, v_tenant.id))) end;
  elsif (select count(*) from public.tenants where created_by = p_user_id and closed_at is null) >= 20 then
    return jsonb_build_object('status', 'too_many_tenants');
  end if;
  insert into public.tenants (name, created_by, key) values (trim(p_name), p_user_id, p_key) returning * into v_tenant;
  insert into public.tenant_members (tenant_id, user_id, role) values (v_tenant.id, p_user_id, 'owner');
  insert into public.accounts (id, owner_kind, owner_id, unit) values (v_tenant.id, 'tenant', v_tenant.id, 'second');
  return jsonb_build_object('status', 'created', 'replayed', false, 'tenant', private.describe_tenant(v_tenant, 'owner'));
end $$;
comment on function public.create_tenant(uuid, text, text) is
  'Creates a tenant with its account, whose owner is who asks; the same key creates it once. Refuses with too_many_tenants '
  '(20 open ones), key_reused, unknown_user or invalid_tenant.';

create function public.update_tenant(p_user_id uuid, p_tenant_id uuid, p_name text default null,
  p_billing_email text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_role text;
  v_tenant public.tenants;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_role = 'member' or p_name is not null and v_role <> 'owner' then
    return jsonb_build_object('status', 'not_allowed');
  elsif not (coalesce(length(trim(p_name)) between 1 and 200, true)
      and coalesce(length(p_billing_email) between 3 and 320, true)) then
    return jsonb_build_object('status', 'invalid_tenant');
  end if;
  update public.tenants set name = coalesce(trim(p_name), name), billing_email = coalesce(p_billing_email, billing_email)
    where id = p_tenant_id returning * into v_tenant;
  return jsonb_build_object('status', 'updated', 'tenant', private.describe_tenant(v_tenant, v_role));
end $$;
comment on function public.update_tenant(uuid, uuid, text, text) is
  'An owner renames a tenant; an owner or who does its billing says where invoices go. What is null stays. Refuses with '
  'unknown_tenant (also of others), not_allowed or invalid_tenant.';

-- Gives up all time of an account that has no live calls: it is used by nobody, so nobody owes it. Expects it locked.
create function private.give_up_time(p_account_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_grant public.grants;
begin
  for v_grant in
    select * from public.grants where account_id = p_account_id and status = 'active'
    order by priority, expires_at, created_at, id for update
  loop
    perform private.post(p_account_id, v_grant.id, 'expire', -v_grant.remaining,
      format('expire:%s:%s', v_grant.id, gen_random_uuid()),
      p_about_grant_id => coalesce(v_grant.part_of, v_grant.id), p_emptied => 'expired');
  end loop;
  update public.accounts set first_end = null where id = p_account_id;
end $$;

create function public.close_tenant(p_user_id uuid, p_tenant_id uuid, p_forfeit_seconds bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts := private.lock_account(p_tenant_id);
  v_role text := private.role_in(p_user_id, p_tenant_id);
begin
  if v_role is null then
    return jsonb_build_object('status', case when exists (select from public.tenants t join public.tenant_members m
        on m.tenant_id = t.id and m.user_id = p_user_id and m.role = 'owner' where t.id = p_tenant_id and t.closed_at is not null)
      then 'closed' else 'unknown_tenant' end, 'forfeited_seconds', 0);
  elsif v_role <> 'owner' then
    return jsonb_build_object('status', 'not_allowed');
  elsif exists (select from public.subscriptions where tenant_id = p_tenant_id
      and status not in ('canceled', 'incomplete_expired')) then
    return jsonb_build_object('status', 'subscription_open');
  elsif exists (select from public.holds where account_id = p_tenant_id) then
    return jsonb_build_object('status', 'call_in_progress',
      'call_ids', (select jsonb_agg(id) from public.holds where account_id = p_tenant_id));
  end if;
  perform private.expire_grants_of(p_tenant_id);
  v_account := private.lock_account(p_tenant_id);
  if (v_account.balance <= p_forfeit_seconds) is not true and v_account.balance > 0 then
    return jsonb_build_object('status', 'forfeit_not_agreed', 'remaining_seconds', v_account.balance);
  end if;
  perform private.give_up_time(p_tenant_id);
  update public.tenants set closed_at = now() where id = p_tenant_id;
  update public.tenant_invitations set revoked_at = now()
    where tenant_id = p_tenant_id and accepted_at is null and revoked_at is null;
  return jsonb_build_object('status', 'closed', 'forfeited_seconds', v_account.balance);
end $$;
comment on function public.close_tenant(uuid, uuid, bigint) is
  'An owner closes a tenant, and gives up the time that is left, of which they agreed to lose so much. Its books stay. Harmless '
  'to repeat. Refuses with unknown_tenant, not_allowed, subscription_open, call_in_progress (with the calls) or '
  'forfeit_not_agreed (with what is left).';

create function public.list_tenants(p_user_id uuid) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select coalesce(jsonb_agg(private.describe_tenant(t, m.role) order by t.created_at, t.id), '[]')
  from public.tenant_members m join public.tenants t on t.id = m.tenant_id
    join public.users u on u.id = m.user_id and u.deleted_at is null
  where m.user_id = p_user_id and t.closed_at is null
$$;
comment on function public.list_tenants(uuid) is 'The open tenants that a person belongs to, with their role in each.';

create function public.read_tenant(p_user_id uuid, p_tenant_id uuid) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select private.describe_tenant(t, r.role) from (select private.role_in(p_user_id, p_tenant_id) as role) r
    join public.tenants t on t.id = p_tenant_id where r.role is not null
$$;
comment on function public.read_tenant(uuid, uuid) is 'An open tenant as one of its members may see it; null for others.';

create function public.list_tenant_members(p_user_id uuid, p_tenant_id uuid) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select (select jsonb_agg(jsonb_build_object('user_id', m.user_id, 'display_name', u.display_name, 'role', m.role,
        -- Members know each other by name; an address is for who invites and bills.
        'email', case when r.role in ('owner', 'billing') or m.user_id = p_user_id then u.email end,
        'joined_at', private.utc_text(m.created_at)) order by m.created_at, m.user_id)
      from public.tenant_members m join public.users u on u.id = m.user_id where m.tenant_id = p_tenant_id)
  from (select private.role_in(p_user_id, p_tenant_id) as role) r where r.role is not null
$$;
comment on function public.list_tenant_members(uuid, uuid) is 'Who belongs to a tenant, for its members; null for others.';

-- What somebody invited to goes on only as long as they may invite.
create function private.revoke_invitations_by(p_user_id uuid, p_tenant_id uuid) returns void
language sql security definer set search_path = '' as $$
  update public.tenant_invitations set revoked_at = now()
    where tenant_id = p_tenant_id and invited_by = p_user_id and accepted_at is null and revoked_at is null
$$;

create function public.change_member_role(p_user_id uuid, p_tenant_id uuid, p_member_id uuid, p_role text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_role text;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_role <> 'owner' then
    return jsonb_build_object('status', 'not_allowed');
  elsif (p_role in ('owner', 'billing', 'member')) is not true then
    return jsonb_build_object('status', 'invalid_role');
  elsif not exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_member_id) then
    return jsonb_build_object('status', 'unknown_member');
  elsif p_role <> 'owner' and private.is_last_owner(p_member_id, p_tenant_id) then
    return jsonb_build_object('status', 'last_owner');
  end if;
  update public.tenant_members set role = p_role where tenant_id = p_tenant_id and user_id = p_member_id;
  if p_role <> 'owner' then
    perform private.revoke_invitations_by(p_member_id, p_tenant_id);
  end if;
  return jsonb_build_object('status', 'changed', 'role', p_role);
end $$;
comment on function public.change_member_role(uuid, uuid, uuid, text) is
  'An owner changes the role of a member. Refuses with unknown_tenant, not_allowed, unknown_member, last_owner or invalid_role.';

create function public.remove_member(p_user_id uuid, p_tenant_id uuid, p_member_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_role text;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_role <> 'owner' and p_member_id is distinct from p_user_id then
    return jsonb_build_object('status', 'not_allowed');
  elsif not exists (select from public.tenant_members where tenant_id = p_tenant_id and user_id = p_member_id) then
    return jsonb_build_object('status', 'unknown_member');
  elsif private.is_last_owner(p_member_id, p_tenant_id) then
    return jsonb_build_object('status', 'last_owner');
  end if;
  delete from public.tenant_members where tenant_id = p_tenant_id and user_id = p_member_id;
  perform private.revoke_invitations_by(p_member_id, p_tenant_id);
  return jsonb_build_object('status', 'removed', 'call_ids', (select coalesce(jsonb_agg(h.id), '[]')
    from public.holds h join public.calls c on c.id = h.id where h.account_id = p_tenant_id and c.user_id = p_member_id));
end $$;
comment on function public.remove_member(uuid, uuid, uuid) is
  'An owner removes a member, or a member leaves; answers the calls of theirs that still use the tenant''s time and are to be '
  'ended. Refuses with unknown_tenant, not_allowed, unknown_member or last_owner.';

create function private.describe_invitation(i public.tenant_invitations) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('id', i.id, 'email', i.email, 'role', i.role, 'created_at', private.utc_text(i.created_at),
    'expires_at', private.utc_text(i.expires_at), 'status', case when i.accepted_at is not null then 'accepted'
      when i.revoked_at is not null then 'revoked' when i.expires_at <= now() then 'expired' else 'waiting' end)
$$;

create function public.invite_member(p_user_id uuid, p_tenant_id uuid, p_invitation_id uuid, p_email text, p_role text,
  p_token_hash text, p_valid_days int default 7) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_role text;
  v_email text := lower(trim(p_email));
  v_invitation public.tenant_invitations;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_role <> 'owner' then
    return jsonb_build_object('status', 'not_allowed');
  elsif (length(v_email) between 3 and 320 and p_role in ('owner', 'billing', 'member') and p_invitation_id is not null
      and p_token_hash ~ '^[0-9a-f]{64}$' and p_valid_days between 1 and 30) is not true then
    return jsonb_build_object('status', 'invalid_invitation');
  elsif exists (select from public.tenant_members m join public.users u on u.id = m.user_id
      where m.tenant_id = p_tenant_id and lower(u.email) = v_email) then
    return jsonb_build_object('status', 'already_member');
  end if;
  update public.tenant_invitations set revoked_at = now()
    where tenant_id = p_tenant_id and email = v_email and accepted_at is null and revoked_at is null and expires_at <= now();
  select * into v_invitation from public.tenant_invitations
    where tenant_id = p_tenant_id and email = v_email and accepted_at is null and revoked_at is null;
  if found then
    -- Asked for already: no second mail, but the role that was said last.
    update public.tenant_invitations set role = p_role where id = v_invitation.id returning * into v_invitation;
    return jsonb_build_object('status', 'invited', 'replayed', true, 'invitation', private.describe_invitation(v_invitation));
  end if;
  -- Mail to strangers is not to be had without end: by whoever invites, and for whoever is invited.
  perform pg_advisory_xact_lock(hashtextextended(p_user_id::text, 20101));
  if (select count(*) from public.tenant_invitations
      where invited_by = p_user_id and created_at > now() - interval '1 day') >= 50
    or (select count(*) from public.tenant_invitations
      where email = v_email and created_at > now() - interval '1 day') >= 5 then
    return jsonb_build_object('status', 'too_many_invitations');
  end if;
  insert into public.tenant_invitations (id, tenant_id, email, role, token_hash, invited_by, expires_at)
    values (p_invitation_id, p_tenant_id, v_email, p_role, p_token_hash, p_user_id, now() + make_interval(days => p_valid_days))
    on conflict do nothing returning * into v_invitation;
  if not found then
    return jsonb_build_object('status', 'invalid_invitation');
  end if;
  perform private.enqueue('notice', 'notice:tenant_invitation:' || v_invitation.id,
    jsonb_build_object('notice', 'tenant_invitation', 'invitation_id', v_invitation.id));
  return jsonb_build_object('status', 'invited', 'replayed', false, 'invitation', private.describe_invitation(v_invitation));
end $$;
comment on function public.invite_member(uuid, uuid, uuid, text, text, text, int) is
  'An owner invites an e-mail address; a mail with a link is owed. One that waits is answered again, without a mail. Refuses with '
  'unknown_tenant, not_allowed, already_member, too_many_invitations (50 a day by one person, 5 to one address) or '
  'invalid_invitation.';

create function public.list_invitations(p_user_id uuid, p_tenant_id uuid) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select (select coalesce(jsonb_agg(private.describe_invitation(i) order by i.created_at desc, i.id), '[]')
    from (select * from public.tenant_invitations where tenant_id = p_tenant_id order by created_at desc, id limit 200) i)
  from (select private.role_in(p_user_id, p_tenant_id) as role) r where r.role = 'owner'
$$;
comment on function public.list_invitations(uuid, uuid) is 'The last 200 invitations of a tenant, for its owners; null for others.';

create function public.revoke_invitation(p_user_id uuid, p_tenant_id uuid, p_invitation_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_role text;
  v_invitation public.tenant_invitations;
begin
  perform private.lock_account(p_tenant_id);
  v_role := private.role_in(p_user_id, p_tenant_id);
  if v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  elsif v_role <> 'owner' then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  update public.tenant_invitations set revoked_at = coalesce(revoked_at, now())
    where id = p_invitation_id and tenant_id = p_tenant_id and accepted_at is null returning * into v_invitation;
  if not found then
    return jsonb_build_object('status', 'unknown_invitation');
  end if;
  return jsonb_build_object('status', 'revoked', 'invitation', private.describe_invitation(v_invitation));
end $$;
comment on function public.revoke_invitation(uuid, uuid, uuid) is
  'An owner takes an invitation back. Refuses with unknown_tenant, not_allowed or unknown_invitation (also one that was accepted).';

create function public.accept_invitation(p_user_id uuid, p_token_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_invitation public.tenant_invitations;
  v_tenant public.tenants;
begin
  select * into v_invitation from public.tenant_invitations where token_hash = p_token_hash;
  if not found then
    return jsonb_build_object('status', 'unknown_invitation');
  end if;
  perform private.lock_account(v_invitation.tenant_id);
  select * into strict v_invitation from public.tenant_invitations where id = v_invitation.id for update;
  select * into strict v_tenant from public.tenants where id = v_invitation.tenant_id;
  if v_invitation.accepted_by = p_user_id and private.role_in(p_user_id, v_tenant.id) is not null then
    -- The answer was lost on its way.
    return jsonb_build_object('status', 'accepted', 'replayed', true,
      'tenant', private.describe_tenant(v_tenant, private.role_in(p_user_id, v_tenant.id)));
  elsif v_invitation.accepted_at is not null or v_invitation.revoked_at is not null or v_tenant.closed_at is not null
    or v_invitation.expires_at <= now() then
    return jsonb_build_object('status', 'invitation_over');
  -- A link that was passed on lets nobody else in.
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null and lower(email) = v_invitation.email) then
    return jsonb_build_object('status', 'other_address');
  end if;
  insert into public.tenant_members (tenant_id, user_id, role) values (v_tenant.id, p_user_id, v_invitation.role)
    on conflict do nothing;
  update public.tenant_invitations set accepted_at = now(), accepted_by = p_user_id where id = v_invitation.id;
  return jsonb_build_object('status', 'accepted', 'replayed', false,
    'tenant', private.describe_tenant(v_tenant, private.role_in(p_user_id, v_tenant.id)));
end $$;
comment on function public.accept_invitation(uuid, text) is
  'A person joins by the token of an invitation to their own address, once. Refuses with unknown_invitation, other_address or '
  'invitation_over (accepted, revoked, expired, or the tenant is closed).';

create function public.read_invitation_mail(p_invitation_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select private.describe_invitation(i) || jsonb_build_object('tenant_name', t.name, 'inviter', u.display_name, 'inviter_id', u.id,
    'status', case when t.closed_at is not null then 'revoked' else private.describe_invitation(i) ->> 'status' end)
  from public.tenant_invitations i join public.tenants t on t.id = i.tenant_id join public.users u on u.id = i.invited_by
  where i.id = p_invitation_id
$$;
comment on function public.read_invitation_mail(uuid) is 'What the mail of an invitation says; null where there is none.';

-- Who is gone leaves their tenants. A tenant without an owner gets one: of who does its billing, else of its members, whoever
-- has been there longest. Where nobody is left, it is closed: what time it has is used by nobody, and expires.
create function private.leave_tenants(p_user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_tenant_id uuid;
begin
  for v_tenant_id in
    select tenant_id from public.tenant_members where user_id = p_user_id order by tenant_id
  loop
    perform private.lock_account(v_tenant_id);
    if private.is_last_owner(p_user_id, v_tenant_id) then
      update public.tenant_members set role = 'owner' where tenant_id = v_tenant_id and user_id = (
        select user_id from public.tenant_members where tenant_id = v_tenant_id and user_id <> p_user_id
        order by role = 'billing' desc, created_at, user_id limit 1);
      if not found then
        update public.tenants set closed_at = coalesce(closed_at, now()) where id = v_tenant_id;
        update public.tenant_invitations set revoked_at = now()
          where tenant_id = v_tenant_id and accepted_at is null and revoked_at is null;
      end if;
    end if;
    delete from public.tenant_members where tenant_id = v_tenant_id and user_id = p_user_id;
    perform private.revoke_invitations_by(p_user_id, v_tenant_id);
  end loop;
  -- Their address was in what they accepted, and in what still waits for them.
  delete from public.tenant_invitations i using public.users u
    where u.id = p_user_id and (i.accepted_by = p_user_id or i.accepted_at is null and i.email = lower(u.email));
end $$;

create or replace function private.follow_deletion() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  -- Before the row goes.
  v_customer_id text := (select stripe_customer_id from public.users where id = old.id);
begin
  perform private.leave_tenants(old.id);
  if tg_op = 'UPDATE' then
    perform private.forget_person(old.id);
  else
    begin
      -- What has books refuses, by its foreign keys.
      delete from public.users where id = old.id;
    exception when restrict_violation or foreign_key_violation then
      perform private.forget_person(old.id);
    end;
  end if;
  -- Whoever is gone pays nothing more: what they had kept at Stripe to pay with goes, by whomever they were deleted.
  if v_customer_id is not null then
    perform private.enqueue('detach_cards', 'detach:' || v_customer_id, jsonb_build_object('customer_id', v_customer_id));
  end if;
  return null;
end $$;

-- Who deletes themselves says first what becomes of a tenant that only they own.
create or replace function public.delete_account(p_user_id uuid, p_forfeit_seconds bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts;
  v_owned jsonb;
begin
  if (private.lock_account(p_user_id)).id is null
     or not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  elsif exists (select from public.holds where account_id = p_user_id)
    or exists (select from public.calls where user_id = p_user_id and status = 'open') then
    return jsonb_build_object('status', 'call_in_progress',
      'call_ids', (select jsonb_agg(id) from public.calls where user_id = p_user_id and status = 'open'));
  end if;
  select jsonb_agg(t.name order by t.created_at, t.id) into v_owned
    from public.tenant_members m join public.tenants t on t.id = m.tenant_id and t.closed_at is null
    where m.user_id = p_user_id and private.is_last_owner(p_user_id, t.id);
  if v_owned is not null then
    return jsonb_build_object('status', 'last_owner', 'tenants', v_owned);
  end if;
  perform private.expire_grants_of(p_user_id);
  v_account := private.lock_account(p_user_id);
  if (v_account.balance <= p_forfeit_seconds) is not true and v_account.balance > 0 then
    return jsonb_build_object('status', 'forfeit_not_agreed', 'remaining_seconds', v_account.balance);
  end if;
  -- Given up is over: nobody will use it, so nobody owes it any more. Money for it can still go back.
  perform private.give_up_time(p_user_id);
  -- A trigger does the rest, as for everybody who is deleted.
  delete from auth.users where id = p_user_id;
  return jsonb_build_object('status', 'deleted', 'forfeited_seconds', v_account.balance);
end $$;
comment on function public.delete_account(uuid, bigint) is
  'A person deletes their own account, and gives up the time that is left, of which they agreed to lose so much. Refuses with '
  'unknown_user, call_in_progress (with the calls), last_owner (with the names of the tenants that only they own: they hand them '
  'over or close them first) or forfeit_not_agreed (with what is left).';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.create_tenant(uuid, text, text), public.update_tenant(uuid, uuid, text, text),
  public.close_tenant(uuid, uuid, bigint), public.list_tenants(uuid), public.read_tenant(uuid, uuid),
  public.list_tenant_members(uuid, uuid), public.change_member_role(uuid, uuid, uuid, text),
  public.remove_member(uuid, uuid, uuid), public.invite_member(uuid, uuid, uuid, text, text, text, int),
  public.list_invitations(uuid, uuid), public.revoke_invitation(uuid, uuid, uuid), public.accept_invitation(uuid, text),
  public.read_invitation_mail(uuid) from public, anon, authenticated;
grant execute on function public.create_tenant(uuid, text, text), public.update_tenant(uuid, uuid, text, text),
  public.close_tenant(uuid, uuid, bigint), public.list_tenants(uuid), public.read_tenant(uuid, uuid),
  public.list_tenant_members(uuid, uuid), public.change_member_role(uuid, uuid, uuid, text),
  public.remove_member(uuid, uuid, uuid), public.invite_member(uuid, uuid, uuid, text, text, text, int),
  public.list_invitations(uuid, uuid), public.revoke_invitation(uuid, uuid, uuid), public.accept_invitation(uuid, text),
  public.read_invitation_mail(uuid) to service_role;
