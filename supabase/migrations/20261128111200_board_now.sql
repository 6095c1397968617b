-- What goes on now, what waits for a person, and the calls behind a figure.

create index disputes_open on public.payment_disputes (created_at) where status = 'open';

-- What waits for somebody, with how much of it; nothing where all is well.
create function private.alarms() returns table (alarm text, count bigint, detail text)
language sql stable security definer set search_path = '' as $$
  select * from (
    select 'books_broken', count(*), string_agg(distinct invariant, ', ') from private.audit_violations
    union all select 'jobs_given_up', coalesce(sum(given_up), 0), string_agg(kind, ', ') filter (where given_up > 0) from public.job_figures()
    union all select 'events_parked', count(*), null from public.stripe_events where status = 'parked'
    union all select 'reviews', count(*), null from public.purchases where status = 'review'
    union all select 'disputes_open', count(*), null from public.payment_disputes where status = 'open'
    union all select 'findings', count(*), string_agg(distinct kind, ', ') from public.reconciliation_findings
      where last_seen_at > now() - interval '1 day'
    union all select 'calls_silent', count(*), 'their worker has not reported for longer than its lease' from public.holds
      where lease_expires_at < now()
    union all select 'people_without_customer', count(*), null from public.users
      where stripe_customer_id is null and deleted_at is null and created_at < now() - interval '1 hour') a (alarm, count, detail)
  where count > 0
$$;

create function public.board_now(p_limit int default 200) returns jsonb
language sql stable security definer set search_path = '' as $$
  with live as materialized (
    select h.id, h.account_id, h.amount, h.used_ms, h.restored_ms, h.lease_expires_at, h.renewals, c.opened_at, c.worker_id, c.room_name
    from public.holds h join public.calls c on c.id = h.id
    order by c.opened_at limit greatest(1, least(coalesce(p_limit, 200), 500))),
  tail as materialized (select * from private.tail()),
  hour as materialized (
    select source, sum(failures) as failures from (
      select source, failures from private.failure_figures where grain = 'hour' and at >= private.hour_of(now() - interval '1 hour')
      union all select f.source, f.failures from tail, private.figures_of_failures(tail.calls) f
        where f.at >= private.hour_of(now() - interval '1 hour')) f
    where source not like 'unpriced:%' group by source)
  select jsonb_build_object(
    'at', private.utc_text(now()),
    'live_calls', (select count(*) from public.holds),
    'calls', (select coalesce(jsonb_agg(jsonb_build_object('call_id', l.id, 'user_id', l.account_id, 'email', u.email,
        'opened_at', private.utc_text(l.opened_at), 'worker_id', l.worker_id, 'used_seconds', l.used_ms / 1000,
        'restored_seconds', l.restored_ms / 1000,
        'left_seconds', a.balance - (l.used_ms - l.restored_ms) / 1000 - coalesce(o.amount, 0),
        'lease_ends_at', private.utc_text(l.lease_expires_at), 'is_silent', l.lease_expires_at < now()) order by l.opened_at, l.id), '[]')
      from live l join public.accounts a on a.id = l.account_id left join public.users u on u.id = l.account_id
      -- What other calls of the same person hold is not this one's.
      left join lateral (select sum(h.amount - h.restored_ms / 1000) as amount from public.holds h
        where h.account_id = l.account_id and h.id <> l.id) o on true),
    'workers', (select coalesce(jsonb_agg(jsonb_build_object('worker_id', worker_id, 'calls', calls, 'silent', silent) order by worker_id), '[]')
      from (select c.worker_id, count(*) as calls, count(*) filter (where h.lease_expires_at < now()) as silent
        from public.holds h join public.calls c on c.id = h.id group by c.worker_id) w),
    'failures', (select coalesce(jsonb_agg(jsonb_build_object('source', source, 'failures', failures) order by failures desc, source), '[]') from hour),
    'jobs', (select coalesce(jsonb_agg(to_jsonb(j) order by j.kind), '[]') from public.job_figures() j),
    'alarms', (select coalesce(jsonb_agg(to_jsonb(a) order by a.alarm), '[]') from private.alarms() a))
$$;
comment on function public.board_now(int) is
  'Live calls (the oldest so many) with what is left to each, by worker; failures of providers in this hour and the last; what '
  'is owed to the world; and what waits for a person.';

create function public.board_calls(p_from timestamptz, p_to timestamptz, p_order text, p_version text default null, p_limit int default 50)
returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('call_id', c.id, 'user_id', c.user_id, 'opened_at', private.utc_text(c.opened_at),
      'charged_seconds', c.charged_seconds, 'turns', c.turns, 'interruptions', c.interruptions, 'errors', c.errors,
      'latency_p50_ms', c.latency_p50_ms, 'latency_p95_ms', c.latency_p95_ms, 'quality', c.quality, 'end_reason', c.end_reason,
      'version', c.measures ->> 'version') order by c.place, c.id), '[]')
  from (
    select *, row_number() over (order by case p_order when 'slow' then -latency_p95_ms when 'errors' then -errors
        when 'interrupted' then -interruptions when 'quality' then quality end nulls last, opened_at) as place
    from public.calls
    where opened_at >= p_from and opened_at < p_to and p_to - p_from <= interval '32 days' and status = 'settled'
      and (p_version is null or coalesce(measures ->> 'version', '') = p_version)
    order by place limit greatest(1, least(coalesce(p_limit, 50), 200))) c
$$;
comment on function public.board_calls(timestamptz, timestamptz, text, text, int) is
  'The calls behind a figure: of a range of 32 days at most, worst first by p_order slow, errors, interrupted or quality.';

create function public.board_disputes(p_status text, p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('dispute_id', d.id, 'status', d.status, 'reason', d.reason,
      'amount_cents', d.amount_cents, 'currency', private.money_currency(p), 'created_at', private.utc_text(d.created_at),
      'purchase_id', p.id, 'user_id', p.user_id, 'email', u.email, 'package_id', p.package_id,
      'paid_at', private.utc_text(p.created_at), 'payment_intent_id', p.payment_intent_id,
      -- What speaks against it: that the time was given, and used, and when.
      'evidence', jsonb_build_object('sold_seconds', p.paid_seconds + p.bonus_seconds,
        'used_seconds', coalesce(-e.seconds, 0), 'calls', coalesce(e.calls, 0),
        'first_used_at', private.utc_text(e.first_at), 'last_used_at', private.utc_text(e.last_at),
        'frozen_seconds', g.frozen, 'activated_at', private.utc_text(g.activated_at))) order by d.created_at desc, d.id), '[]')
  from (select * from public.payment_disputes where p_status is null or status = p_status
    order by created_at desc, id limit greatest(1, least(coalesce(p_limit, 100), 500))) d
  join public.purchases p on p.id = d.purchase_id left join public.users u on u.id = p.user_id
  left join public.grants g on g.id = p.id
  left join lateral (select sum(l.amount) as seconds, count(distinct l.call_id) as calls, min(c.opened_at) as first_at, max(c.opened_at) as last_at
    from public.grants o join public.ledger l on l.grant_id = o.id and l.reason = 'use' left join public.calls c on c.id = l.call_id
    where o.id = p.id or o.part_of = p.id) e on true
$$;
comment on function public.board_disputes(text, int) is 'Disputes, newest first, with what the books know that speaks against them.';

create function public.board_trials(p_from timestamptz, p_to timestamptz) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('claimed', count(*), 'talked', count(*) filter (where t.talked), 'bought', count(*) filter (where t.bought))
  from (
    select exists (select from public.calls c where c.user_id = r.user_id and c.charged_seconds > 0) as talked,
      exists (select from public.purchases p where p.user_id = r.user_id and p.status = 'succeeded' and p.created_at > r.claimed_at) as bought
    from private.trials r where r.claimed_at >= p_from and r.claimed_at < p_to limit 100000) t);
end $$;
comment on function public.board_trials(timestamptz, timestamptz) is 'How many claimed free minutes then, and how many of these talked, and bought.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.board_now(int), public.board_calls(timestamptz, timestamptz, text, text, int),
  public.board_disputes(text, int), public.board_trials(timestamptz, timestamptz) from public, anon, authenticated;
grant execute on function public.board_now(int), public.board_calls(timestamptz, timestamptz, text, text, int),
  public.board_disputes(text, int), public.board_trials(timestamptz, timestamptz) to service_role;
