-- Time given for nothing, with a reason, by an operator; and the audit of what came since.

create table public.goodwill_grants (
  card_id uuid primary key references public.time_cards (id) on delete restrict,
  operator_id uuid not null references public.users (id) on delete restrict,
  reason text not null check (length(reason) between 1 and 500),
  key text not null unique check (length(key) between 1 and 255),
  created_at timestamptz not null default now()
);
alter table public.goodwill_grants enable row level security;
revoke all on public.goodwill_grants from anon, authenticated, service_role;
grant select on public.goodwill_grants to service_role;

create or replace function private.credit_card(p_card public.time_cards) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.time_ledger (user_id, card_id, reason, seconds, key)
    select p_card.user_id, p_card.id, t.reason, t.seconds, t.reason || ':' || p_card.id
    from (values ('grant', least(p_card.remaining_seconds, p_card.paid_seconds)),
                 (case p_card.source when 'goodwill' then 'goodwill' else 'bonus_grant' end,
                  greatest(0, p_card.remaining_seconds - p_card.paid_seconds))) t (reason, seconds)
    where t.seconds > 0;
  update public.time_accounts set balance_seconds = balance_seconds + p_card.remaining_seconds
    where user_id = p_card.user_id;
  perform private.pay_debt(p_card.user_id);
end $$;

create function public.grant_goodwill(p_user_id uuid, p_seconds int, p_reason text, p_operator_id uuid, p_key text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.time_cards;
  v_known public.goodwill_grants;
begin
  if (p_seconds between 1 and 360000) is not true or (length(trim(p_reason)) between 1 and 500) is not true
     or (length(p_key) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_grant');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  elsif (private.lock_account(p_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  select * into v_known from public.goodwill_grants where key = p_key;
  if found then
    select * into v_card from public.time_cards where id = v_known.card_id;
    return case when v_card.user_id = p_user_id and v_card.bonus_seconds = p_seconds
      then jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', true)
      else jsonb_build_object('status', 'key_reused') end;
  end if;
  insert into public.time_cards (id, user_id, source, status, paid_seconds, bonus_seconds, remaining_seconds,
      activated_at, expires_at)
    values (gen_random_uuid(), p_user_id, 'goodwill', 'active', 0, p_seconds, p_seconds, now(), now() + interval '1 year')
    returning * into v_card;
  -- Unique by key: of two grants at once with one key for two people, the second fails as a whole.
  insert into public.goodwill_grants (card_id, operator_id, reason, key)
    values (v_card.id, p_operator_id, trim(p_reason), p_key);
  perform private.credit_card(v_card);
  return jsonb_build_object('status', 'granted', 'card_id', v_card.id, 'replayed', false);
end $$;
comment on function public.grant_goodwill(uuid, int, text, uuid, text) is
  'Gives a person time, for a reason, by an operator; the same key gives it once. '
  'Refuses with status invalid_grant, not_an_operator, unknown_user or key_reused.';

create or replace function private.audit_calls() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I3', user_id::text, 'negative account' from public.time_accounts
  where balance_seconds < 0 or held_seconds < 0 or debt_seconds < 0 or held_seconds > balance_seconds
  union all
  select 'I3', user_id::text, 'debt beside free time' from public.time_accounts
  where debt_seconds > 0 and balance_seconds > held_seconds
  union all
  select 'I3', id::text, 'negative card' from public.time_cards where remaining_seconds < 0
  union all
  select 'I3', id::text, 'negative call' from public.voice_sessions
  where used_ms < 0 or granted_seconds < 0 or charged_seconds < 0 or restored_ms < 0 or restored_ms > used_ms
  union all
  -- I4: what a live call may use beyond its last report is one slice (plus the second it is rounded up to).
  select 'I4', id::text, format('granted %s, used %s ms', granted_seconds, used_ms) from public.voice_sessions
  where status = 'open' and granted_seconds * 1000::bigint - used_ms >= (slice_seconds + 1) * 1000::bigint
  union all
  select 'I5', v.id::text, format('charged %s, ledger %s, used %s ms, restored %s ms', v.charged_seconds,
    coalesce(l.s, 0), v.used_ms, v.restored_ms)
  from public.voice_sessions v
  left join (select call_id, -sum(seconds) s from public.time_ledger where call_id is not null group by call_id) l
    on l.call_id = v.id
  where coalesce(v.charged_seconds, 0) <> coalesce(l.s, 0)
     or v.status = 'settled' and v.charged_seconds <> floor((v.used_ms - v.restored_ms) / 1000.0)
  union all
  select 'I5', a.user_id::text, format('%s receipts, %s settled calls', a.receipts, coalesce(v.n, 0))
  from public.time_accounts a
  -- Calls settled before there was a chain have receipts without a number.
  left join (select user_id, count(*) n from public.voice_sessions where receipt ? 'number' group by user_id) v
    using (user_id)
  where a.receipts <> coalesce(v.n, 0)
$$;

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.grant_goodwill(uuid, int, text, uuid, text) from public, anon, authenticated;
grant execute on function public.grant_goodwill(uuid, int, text, uuid, text) to service_role;
