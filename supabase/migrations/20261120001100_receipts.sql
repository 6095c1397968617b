-- A receipt for every call: what was billed and what was not, from which cards, by which rule; each one carries
-- the hash of the caller's previous receipt, so that none can be changed or left out unnoticed.

alter table public.voice_sessions
  add column restored_ms bigint not null default 0,
  add column renewals int not null default 0,
  add column worker_id text,
  add constraint voice_sessions_restored check (restored_ms between 0 and used_ms);
comment on column public.voice_sessions.restored_ms is
  'Part of used_ms that turned out to be free, as when a provider failed. Absolute, like used_ms; it is not charged.';

alter table public.time_accounts
  add column receipts int not null default 0,
  add column last_receipt_hash text;

-- The hash of a receipt: SHA-256 over the text of its JSON as PostgreSQL writes it, without the hash itself.
create function private.receipt_hash(p_receipt jsonb) returns text
language sql immutable set search_path = '' as $$
  select encode(sha256(convert_to((p_receipt - 'hash')::text, 'UTF8')), 'hex')
$$;

create function private.utc_text(p_at timestamptz) returns text
language sql immutable set search_path = '' as $$
  select to_char(p_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- What was taken from each card, with the price that was paid for it.
create function private.receipt_cards(p_lines jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(line || jsonb_build_object(
      'paid_seconds', (line ->> 'seconds')::int - (line ->> 'bonus_seconds')::int,
      'package_id', c.package_id, 'expires_at', private.utc_text(c.expires_at),
      'tariff', case when p.id is not null then jsonb_build_object('price_cents', p.amount_cents,
        'currency', p.currency, 'seconds', c.paid_seconds + c.bonus_seconds) end) order by position), '[]')
  from jsonb_array_elements(p_lines) with ordinality as l (line, position)
  join public.time_cards c on c.id = (line ->> 'card_id')::uuid
  left join public.payment_history p on p.id = c.id
$$;

create or replace function private.finish_call(c public.voice_sessions, p_used_ms bigint, p_reason text, p_by text,
  p_windows jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_used_ms bigint := least(c.granted_seconds * 1000::bigint, greatest(c.used_ms, p_used_ms));
  v_restored_ms bigint := least(c.restored_ms, v_used_ms);
  v_charge int := floor((v_used_ms - v_restored_ms) / 1000.0);
  v_ended_at timestamptz := clock_timestamp();
  v_cards jsonb;
  v_account public.time_accounts;
  v_receipt jsonb;
begin
  update public.time_accounts
    set held_seconds = held_seconds - c.granted_seconds, live_calls = live_calls - 1 where user_id = c.user_id;
  v_cards := private.receipt_cards(
    private.take_from_cards(c.user_id, v_charge, 'use', 'call:' || c.id, c.id));
  -- Before the receipt, so that its balance is what is really left.
  perform private.pay_debt(c.user_id);
  v_account := private.lock_account(c.user_id);
  v_receipt := jsonb_build_object('call_id', c.id, 'number', v_account.receipts + 1,
    'opened_at', private.utc_text(c.opened_at), 'ended_at', private.utc_text(v_ended_at),
    'end_reason', p_reason, 'settled_by', p_by,
    'used_ms', v_used_ms, 'restored_ms', v_restored_ms, 'charged_seconds', v_charge,
    'paid_seconds', (select coalesce(sum((line ->> 'paid_seconds')::int), 0) from jsonb_array_elements(v_cards) line),
    'bonus_seconds', (select coalesce(sum((line ->> 'bonus_seconds')::int), 0) from jsonb_array_elements(v_cards) line),
    'rounding', 'down to whole seconds, once per call',
    'slices', jsonb_build_object('slice_seconds', c.slice_seconds, 'granted_seconds', c.granted_seconds,
      'renewals', c.renewals),
    'cards', v_cards, 'windows', p_windows, 'balance_seconds', v_account.balance_seconds,
    'previous_hash', v_account.last_receipt_hash);
  v_receipt := v_receipt || jsonb_build_object('hash', private.receipt_hash(v_receipt));
  update public.time_accounts set receipts = receipts + 1, last_receipt_hash = v_receipt ->> 'hash'
    where user_id = c.user_id;
  update public.voice_sessions
    set status = 'settled', used_ms = v_used_ms, restored_ms = v_restored_ms, charged_seconds = v_charge,
        ended_at = v_ended_at, end_reason = p_reason, settled_by = p_by, receipt = v_receipt
    where id = c.id;
  return v_receipt;
end $$;

drop function public.settle_call(uuid, int, bigint, text, jsonb);
create function public.settle_call(p_call_id uuid, p_epoch int, p_used_ms bigint, p_end_reason text,
  p_windows jsonb default '[]', p_restored_ms bigint default 0) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_call public.voice_sessions;
begin
  select * into v_call from public.voice_sessions where id = p_call_id;
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  end if;
  perform private.lock_account(v_call.user_id);
  select * into v_call from public.voice_sessions where id = p_call_id for update;
  if v_call.epoch is distinct from p_epoch then
    return jsonb_build_object('status', 'fenced', 'epoch', v_call.epoch);
  elsif v_call.status = 'settled' then
    return jsonb_build_object('status', 'settled', 'replayed', true, 'receipt', v_call.receipt);
  end if;
  v_call.restored_ms := greatest(v_call.restored_ms, p_restored_ms, 0);
  return jsonb_build_object('status', 'settled', 'replayed', false, 'receipt',
    private.finish_call(v_call, greatest(p_used_ms, 0), left(p_end_reason, 100), 'worker', p_windows));
end $$;
comment on function public.settle_call(uuid, int, bigint, text, jsonb, bigint) is
  'Ends a call once: charges used minus restored time and writes the receipt. '
  'A repeat answers the stored receipt; a wrong epoch is answered with status fenced.';

create function public.verify_receipts(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  with chain as (
    select (receipt ->> 'number')::int as number, receipt,
      lag(receipt ->> 'hash') over (order by (receipt ->> 'number')::int) as before,
      row_number() over (order by (receipt ->> 'number')::int) as position
    from public.voice_sessions where user_id = p_user_id and receipt ? 'number')
  select jsonb_build_object('receipts', count(*), 'broken', coalesce(jsonb_agg(number order by number) filter (where
      receipt ->> 'hash' is distinct from private.receipt_hash(receipt)
      or receipt ->> 'previous_hash' is distinct from before or number <> position), '[]'),
    'complete', count(*) = (select receipts from public.time_accounts where user_id = p_user_id)
      and max(receipt ->> 'hash') filter (where number = (select receipts from public.time_accounts where user_id = p_user_id))
        is not distinct from (select last_receipt_hash from public.time_accounts where user_id = p_user_id))
  from chain
$$;
comment on function public.verify_receipts(uuid) is
  'Checks a person''s receipts: which numbers do not match their hash or the one before, and whether any is missing.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.settle_call(uuid, int, bigint, text, jsonb, bigint), public.verify_receipts(uuid)
  from public, anon, authenticated;
grant execute on function public.settle_call(uuid, int, bigint, text, jsonb, bigint), public.verify_receipts(uuid)
  to service_role;
