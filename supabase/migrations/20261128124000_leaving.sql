-- What people take with them, and leave: an export of all that is kept of them, and the deletion of their account by themselves.

select pgboss.create_queue('detach_cards', '{"policy": "standard", "retryLimit": 19, "retryDelay": 3,
  "retryBackoff": true, "retryDelayMax": 3600, "expireInSeconds": 60, "retentionSeconds": 34560000,
  "deleteAfterSeconds": 34560000, "notify": true}'::jsonb);

create or replace function private.follow_deletion() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  -- Before the row goes.
  v_customer_id text := (select stripe_customer_id from public.users where id = old.id);
begin
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

create function public.deletion_terms(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('email', u.email,
    'has_password', coalesce((select encrypted_password from auth.users where id = p_user_id), '') <> '',
    'remaining_seconds', public.get_user_time_balance(p_user_id),
    'frozen_seconds', (select coalesce(sum(frozen), 0)::bigint from public.grants where account_id = p_user_id),
    'waiting_gifts', (select count(*) from public.grants
      where purchaser_id = p_user_id and source = 'gift' and status = 'unactivated'),
    'live_calls', (select count(*) from public.holds where account_id = p_user_id))
  from public.users u where id = p_user_id and deleted_at is null
$$;
comment on function public.deletion_terms(uuid) is
  'What a person would lose with their account, and whether they have a password to prove who they are. Null for nobody.';

create function public.delete_account(p_user_id uuid, p_forfeit_seconds bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_account public.accounts;
  v_grant public.grants;
begin
  if (private.lock_account(p_user_id)).id is null
     or exists (select from public.users where id = p_user_id and deleted_at is not null) then
    return jsonb_build_object('status', 'unknown_user');
  elsif exists (select from public.holds where account_id = p_user_id) then
    return jsonb_build_object('status', 'call_in_progress',
      'call_ids', (select jsonb_agg(id) from public.holds where account_id = p_user_id));
  end if;
  perform private.expire_grants_of(p_user_id);
  v_account := private.lock_account(p_user_id);
  if (v_account.balance <= p_forfeit_seconds) is not true and v_account.balance > 0 then
    return jsonb_build_object('status', 'forfeit_not_agreed', 'remaining_seconds', v_account.balance);
  end if;
  -- Given up is over: nobody will use it, so nobody owes it any more. Money for it can still go back.
  for v_grant in
    select * from public.grants where account_id = p_user_id and status = 'active'
    order by priority, expires_at, created_at, id for update
  loop
    perform private.post(p_user_id, v_grant.id, 'expire', -v_grant.remaining,
      format('expire:%s:%s', v_grant.id, gen_random_uuid()),
      p_about_grant_id => coalesce(v_grant.part_of, v_grant.id), p_emptied => 'expired');
  end loop;
  update public.accounts set first_end = null where id = p_user_id;
  -- A trigger does the rest, as for everybody who is deleted.
  delete from auth.users where id = p_user_id;
  return jsonb_build_object('status', 'deleted', 'forfeited_seconds', v_account.balance);
end $$;
comment on function public.delete_account(uuid, bigint) is
  'A person deletes their own account, and gives up the time that is left, of which they agreed to lose so much. Refuses with '
  'unknown_user, call_in_progress (with the calls) or forfeit_not_agreed (with what is left).';

create function private.export_rows(p_user_id uuid, p_part text)
returns table (at timestamptz, id text, item jsonb)
language sql stable security definer set search_path = '' as $$
  select g.created_at, g.id::text, jsonb_build_object('card_id', g.id, 'package_id', g.package_id, 'source', g.source,
      'status', g.status, 'paid_seconds', g.paid, 'bonus_seconds', g.bonus, 'remaining_seconds', g.remaining,
      'frozen_seconds', g.frozen, 'given_away', g.account_id is distinct from p_user_id, 'created_at', g.created_at,
      'activated_at', g.activated_at, 'expires_at', g.expires_at)
    from public.grants g where p_part = 'cards' and (g.account_id = p_user_id or g.purchaser_id = p_user_id)
  union all
  select l.created_at, lpad(l.id::text, 20, '0'), jsonb_build_object('card_id', l.grant_id, 'about_card_id', l.about_grant_id,
      'call_id', l.call_id, 'reason', l.reason, 'seconds', l.amount, 'created_at', l.created_at)
    from public.ledger l where p_part = 'ledger' and l.account_id = p_user_id
  union all
  select c.opened_at, c.id::text, jsonb_build_object('call_id', c.id, 'status', c.status, 'opened_at', c.opened_at,
      'ended_at', c.ended_at, 'end_reason', c.end_reason, 'charged_seconds', c.charged_seconds, 'receipt', c.receipt,
      'turns', c.turns, 'interruptions', c.interruptions, 'latency_p50_ms', c.latency_p50_ms,
      'latency_p95_ms', c.latency_p95_ms, 'quality', c.quality,
      'rating', (select private.describe_rating(r) from private.call_ratings r where r.call_id = c.id))
    from public.calls c where p_part = 'calls' and c.user_id = p_user_id
  union all
  select p.created_at, p.id::text, jsonb_build_object('purchase_id', p.id, 'package_id', p.package_id, 'purpose', p.purpose,
      'status', p.status, 'amount_cents', p.amount_cents, 'currency', p.currency, 'received_cents', p.received_cents,
      'received_currency', private.money_currency(p), 'refunded_cents', p.refunded_cents,
      'disputed_cents', p.disputed_cents, 'lost_cents', p.lost_cents, 'paid_seconds', p.paid_seconds,
      'bonus_seconds', p.bonus_seconds, 'gift_message', p.gift_message, 'gift_recipient', p.gift_recipient,
      'payment_intent_id', p.payment_intent_id, 'card_kept_at', p.card_consent_at, 'created_at', p.created_at,
      'refunds', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'amount_cents', r.amount_cents,
        'status', r.status)), '[]') from public.payment_refunds r where r.purchase_id = p.id))
    from public.purchases p where p_part = 'purchases' and p.user_id = p_user_id
  union all
  select m.created_at, m.id::text, jsonb_build_object('memory_id', m.id, 'text', m.text, 'kind', m.kind, 'source', m.source,
      'call_id', m.call_id, 'created_at', m.created_at, 'updated_at', m.updated_at)
    from public.caller_memories m where p_part = 'memories' and m.user_id = p_user_id
  union all
  select s.created_at, s.id::text, private.describe_request(s)
    from private.support_requests s where p_part = 'support_requests' and s.user_id = p_user_id
$$;

create function public.export_part(p_user_id uuid, p_part text, p_after_at timestamptz default null,
  p_after_id text default null, p_limit int default 500) returns jsonb
language sql stable security definer set search_path = '' as $$
  with page as (
    select * from private.export_rows(p_user_id, p_part) r
    where p_after_at is null or (r.at, r.id) > (p_after_at, coalesce(p_after_id, ''))
    order by r.at, r.id limit greatest(1, least(coalesce(p_limit, 500), 1000)))
  select jsonb_build_object('items', coalesce(jsonb_agg(item order by at, id), '[]'),
    'next', case when count(*) = greatest(1, least(coalesce(p_limit, 500), 1000)) then
      (select jsonb_build_object('at', at, 'id', id) from page order by at desc, id desc limit 1) end)
  from page
$$;
comment on function public.export_part(uuid, text, timestamptz, text, int) is
  'A page of what is kept of a person: of their cards, ledger, calls, purchases, memories or support_requests, oldest first. '
  'next says where the next page begins; null on the last one.';

create function public.export_person(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'account', jsonb_build_object('user_id', u.id, 'email', u.email, 'display_name', u.display_name, 'role', u.role,
      'signed_up_at', u.created_at, 'stripe_customer_id', u.stripe_customer_id, 'balance_seconds', a.balance,
      'debt_seconds', a.debt),
    'settings', (select jsonb_build_object('locale', s.locale, 'voice', s.voice, 'memory_enabled', s.memory_enabled)
      from public.caller_settings s where s.user_id = u.id),
    'automatic_top_up', public.read_auto_top_up(u.id),
    'trial', (select jsonb_build_object('card_id', t.card_id, 'claimed_at', t.claimed_at)
      from private.trials t where t.user_id = u.id))
  from public.users u join public.accounts a on a.id = u.id where u.id = p_user_id and u.deleted_at is null
$$;
comment on function public.export_person(uuid) is 'What is kept of a person once: account, settings, consent. Null for nobody.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.deletion_terms(uuid), public.delete_account(uuid, bigint),
  public.export_part(uuid, text, timestamptz, text, int), public.export_person(uuid) from public, anon, authenticated;
grant execute on function public.deletion_terms(uuid), public.delete_account(uuid, bigint),
  public.export_part(uuid, text, timestamptz, text, int), public.export_person(uuid) to service_role;
