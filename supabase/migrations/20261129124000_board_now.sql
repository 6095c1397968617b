-- What goes on now, with the workers that told of themselves, the providers, and jobs that were given up.

create or replace function private.alarms() returns table (alarm text, count bigint, detail text)
language sql stable security definer set search_path = '' as $$
  select * from (
    select 'books_broken', count(*), string_agg(distinct invariant, ', ') from private.audit_violations
    union all select 'nobody_answers', 1, 'no worker takes calls'
      where not exists (select from private.workers w where w.state = 'open' and not private.is_silent(w))
    union all select 'workers_silent', count(*), string_agg(w.name, ', ' order by w.name) from private.workers w where private.is_silent(w)
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

create or replace function public.board_now(p_limit int default 200) returns jsonb
language sql stable security definer set search_path = '' as $$
  with live as materialized (
    select h.id, h.account_id, h.amount, h.used_ms, h.restored_ms, h.lease_expires_at, h.renewals, c.opened_at, c.worker_id, c.room_name
    from public.holds h join public.calls c on c.id = h.id
    order by c.opened_at limit greatest(1, least(coalesce(p_limit, 200), 500))),
  tail as materialized (select * from private.tail()),
  providers as materialized (
    select provider, sum(calls) as calls, sum(failing_calls) as failing_calls, sum(failures) as failures from (
      select provider, calls, failing_calls, failures from private.provider_figures
        where grain = 'hour' and at >= private.hour_of(now() - interval '1 hour')
      union all select f.provider, f.calls, f.failing_calls, f.failures from tail, private.figures_of_providers(tail.calls) f
        where f.at >= private.hour_of(now() - interval '1 hour')) f
    group by provider)
  select jsonb_build_object(
    'at', private.utc_text(now()),
    'live_calls', (select count(*) from public.holds),
    'calls', (select coalesce(jsonb_agg(jsonb_build_object('call_id', l.id, 'user_id', l.account_id, 'email', u.email,
        'opened_at', private.utc_text(l.opened_at), 'used_seconds', l.used_ms / 1000,
        'restored_seconds', l.restored_ms / 1000,
        'left_seconds', a.balance - (l.used_ms - l.restored_ms) / 1000 - coalesce(o.amount, 0),
        'lease_ends_at', private.utc_text(l.lease_expires_at), 'is_silent', l.lease_expires_at < now()) order by l.opened_at, l.id), '[]')
      from live l join public.accounts a on a.id = l.account_id left join public.users u on u.id = l.account_id
      -- What other calls of the same person hold is not this one's.
      left join lateral (select sum(h.amount - h.restored_ms / 1000) as amount from public.holds h
        where h.account_id = l.account_id and h.id <> l.id) o on true),
    'workers', (select coalesce(jsonb_agg(jsonb_build_object('worker_id', w.id, 'name', w.name, 'release', w.release,
        'state', w.state, 'is_silent', private.is_silent(w), 'calls', w.calls, 'seats', w.seats, 'load_percent', w.load_percent,
        'started_at', private.utc_text(w.started_at), 'reported_seconds_ago', floor(extract(epoch from now() - w.reported_at))::int)
        order by w.name, w.id), '[]') from private.workers w),
    'providers', (select coalesce(jsonb_agg(to_jsonb(p) order by failures desc, provider), '[]') from providers p),
    'jobs', (select coalesce(jsonb_agg(to_jsonb(j) order by j.kind), '[]') from public.job_figures() j),
    'given_up', public.list_given_up_jobs(50),
    'alarms', (select coalesce(jsonb_agg(to_jsonb(a) order by a.alarm), '[]') from private.alarms() a))
$$;
comment on function public.board_now(int) is
  'Live calls (the oldest so many) with what is left to each; workers by what they last told of themselves; providers by the '
  'calls of this hour and the last; what is owed to the world, and the latest 50 jobs that were given up; and what waits for a '
  'person.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
