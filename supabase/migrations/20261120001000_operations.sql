-- What those who run it need: checks at boot, timers shared by replicas, the audit, and figures of use.

create function public.database_settings() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('synchronous_commit', current_setting('synchronous_commit'),
    'fsync', current_setting('fsync'), 'full_page_writes', current_setting('full_page_writes'))
$$;

create function public.claim_timer(p_name text, p_every_seconds numeric) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.timers (name, due_at) values (p_name, clock_timestamp() + make_interval(secs => p_every_seconds))
    on conflict (name) do update set due_at = excluded.due_at where timers.due_at <= clock_timestamp();
  return found;
end $$;
comment on function public.claim_timer(text, numeric) is
  'True for the one replica that may run this periodic job now.';

-- I1: granted + restored = balance + used + expired + clawed back - debt, for each person.
create function private.audit_conservation() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I1', a.user_id::text, format('ledger %s, balance - debt %s', coalesce(l.s, 0), a.balance_seconds - a.debt_seconds)
  from public.time_accounts a
  left join (select user_id, sum(seconds) s from public.time_ledger group by user_id) l using (user_id)
  where coalesce(l.s, 0) <> a.balance_seconds - a.debt_seconds
  union all
  select 'I1', c.id::text, format('ledger %s, card %s', coalesce(l.s, 0), c.remaining_seconds)
  from public.time_cards c
  left join (select card_id, sum(seconds) s from public.time_ledger group by card_id) l on l.card_id = c.id
  where coalesce(l.s, 0) <> case when c.user_id is null then 0 else c.remaining_seconds end
$$;

-- I2: account = sum of its cards, held = sum of live grants.
create function private.audit_accounts() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I2', a.user_id::text, format('balance %s, cards %s', a.balance_seconds, coalesce(c.s, 0))
  from public.time_accounts a
  left join (select user_id, sum(remaining_seconds) s from public.time_cards group by user_id) c using (user_id)
  where a.balance_seconds <> coalesce(c.s, 0)
  union all
  select 'I2', a.user_id::text, format('held %s in %s calls, grants %s in %s', a.held_seconds, a.live_calls,
    coalesce(v.s, 0), coalesce(v.n, 0))
  from public.time_accounts a
  left join (select user_id, sum(granted_seconds) s, count(*) n from public.voice_sessions where status = 'open'
             group by user_id) v using (user_id)
  where a.held_seconds <> coalesce(v.s, 0) or a.live_calls <> coalesce(v.n, 0)
$$;

create function private.audit_calls() returns table (invariant text, subject text, detail text)
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
  where used_ms < 0 or granted_seconds < 0 or charged_seconds < 0
  union all
  -- I4: what a live call may use beyond its last report is one slice (plus the second it is rounded up to).
  select 'I4', id::text, format('granted %s, used %s ms', granted_seconds, used_ms) from public.voice_sessions
  where status = 'open' and granted_seconds * 1000::bigint - used_ms >= (slice_seconds + 1) * 1000::bigint
  union all
  select 'I5', v.id::text, format('charged %s, ledger %s, used %s ms', v.charged_seconds, coalesce(l.s, 0), v.used_ms)
  from public.voice_sessions v
  left join (select call_id, -sum(seconds) s from public.time_ledger where call_id is not null group by call_id) l
    on l.call_id = v.id
  where coalesce(v.charged_seconds, 0) <> coalesce(l.s, 0)
     or v.status = 'settled' and v.charged_seconds <> floor(v.used_ms / 1000.0)
$$;

-- I5: every refund took back its share once. I6: a paid intent has exactly one card, and a card is paid for.
create function private.audit_payments() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select 'I5', id, 'event without an outcome' from public.stripe_events where outcome = 'applying'
  union all
  select 'I5', id::text, format('refunded %s of %s cents, taken back %s of %s seconds', refunded_cents, amount_cents,
    clawed_back_seconds, paid_seconds + bonus_seconds)
  from public.payment_history
  where clawed_back_seconds <> case when status = 'succeeded'
    then (paid_seconds + bonus_seconds)::bigint * refunded_cents / amount_cents else 0 end
  union all
  select 'I6', coalesce(p.id, c.id)::text,
    format('payment %s, card %s', coalesce(p.status, 'missing'), coalesce(c.status, 'missing'))
  from (select * from public.payment_history where status = 'succeeded') p
  full join (select * from public.time_cards where source in ('paid', 'gift') or payment_intent_id is not null) c
    on c.id = p.id and c.payment_intent_id = p.payment_intent_id
    and c.paid_seconds = p.paid_seconds and c.bonus_seconds = p.bonus_seconds
  where p.id is null or c.id is null
$$;

create function public.audit_invariants() returns table (invariant text, subject text, detail text)
language sql stable security definer set search_path = '' as $$
  select * from private.audit_conservation()
  union all select * from private.audit_accounts()
  union all select * from private.audit_calls()
  union all select * from private.audit_payments()
$$;
comment on function public.audit_invariants() is 'One row per violation of I1 to I6; none when all is well.';

create function public.get_user_analytics(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'totals', (select jsonb_build_object('calls', count(*), 'charged_seconds', coalesce(sum(charged_seconds), 0),
        'average_call_seconds', coalesce(round(avg(charged_seconds)), 0),
        'granted_seconds', (select coalesce(sum(seconds), 0) from public.time_ledger
          where user_id = p_user_id and seconds > 0 and reason <> 'debt_payment'),
        'spent_cents', (select coalesce(sum(amount_cents - refunded_cents), 0) from public.payment_history
          where user_id = p_user_id and status = 'succeeded'),
        'currency', coalesce((select currency from public.payment_history where user_id = p_user_id
          order by created_at desc limit 1), 'usd'))
      from public.voice_sessions where user_id = p_user_id and status = 'settled'),
    'days', (select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]') from (
      select to_char(day, 'YYYY-MM-DD') as day, count(v.id) as calls, coalesce(sum(v.charged_seconds), 0) as charged_seconds
      from generate_series((now() at time zone 'utc')::date - 29, (now() at time zone 'utc')::date, interval '1 day') day
      left join public.voice_sessions v on v.user_id = p_user_id and v.status = 'settled'
        and (v.opened_at at time zone 'utc')::date = day::date
      group by day) d),
    'payments', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
      select payment_intent_id, package_id, amount_cents, currency, status,
        to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
      from public.payment_history where user_id = p_user_id order by payment_history.created_at desc limit 50) p))
$$;

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.database_settings(), public.claim_timer(text, numeric), public.audit_invariants(),
  public.get_user_analytics(uuid) from public, anon, authenticated;
grant execute on function public.database_settings(), public.claim_timer(text, numeric), public.audit_invariants(),
  public.get_user_analytics(uuid) to service_role;
