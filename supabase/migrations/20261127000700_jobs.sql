-- Jobs: what has to be done outside of the database, or again and again. A job is written in the transaction that owes
-- it, and done by any replica of the sidecar after that. The tables are pg-boss's; what is written into them from SQL is
-- here, and it is all that is.

-- The sidecar works as this role, and it reaches nothing but the queue: time, money and people stay behind the
-- functions that service_role calls. It signs in once an operator gives it a password (docs/running.md).
do $$ begin
  if not exists (select from pg_roles where rolname = 'mindbot_jobs') then
    create role mindbot_jobs nologin;
  end if;
end $$;

-- One queue per kind of effect, so that a mail server that hangs holds up mails and nothing else.
-- retryLimit, retryDelay: 20 attempts, 3 to 6 seconds after the first failure, then twice as long each time up to an
-- hour: given up after about half a day, which is longer than most outages. expireInSeconds: longer than any handler takes;
-- an attempt whose process died counts, so that a job that ends its process does not do so for ever.
-- retentionSeconds, deleteAfterSeconds: 400 days, as a key can be owed again after that, and a dispute takes months.
select pgboss.create_queue(name, '{"policy": "standard", "retryLimit": 19, "retryDelay": 3, "retryBackoff": true,
  "retryDelayMax": 3600, "expireInSeconds": 60, "retentionSeconds": 34560000, "deleteAfterSeconds": 34560000,
  "notify": true}'::jsonb)
from unnest(array['create_customer', 'notice', 'auto_top_up']) as name;
-- stately: of each periodic job one waits and one runs at most, whoever sends it (its singleton_key is its name).
-- heartbeatSeconds: when a replica dies in the middle, another one does it again. That is what retryLimit is for, too; a
-- run that fails is not repeated, as the next one comes.
select pgboss.create_queue('periodic', '{"policy": "stately", "retryLimit": 1000, "retryDelay": 1,
  "expireInSeconds": 900, "heartbeatSeconds": 30, "deleteAfterSeconds": 3600, "notify": true}'::jsonb);
-- Where pg-boss puts what its schedules owe. It makes this queue itself, but without the wake-up.
select pgboss.create_queue('__pgboss__send-it', '{"policy": "standard", "deleteAfterSeconds": 3600, "notify": true}'::jsonb);

-- For operators, who look for the customer of a person.
create index jobs_about_people on pgboss.job_common ((data ->> 'user_id')) where name = 'create_customer';

create function private.queue_channel() returns text
language sql immutable set search_path = '' as $$
  select 'pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24)
$$;
comment on function private.queue_channel() is 'Where pg-boss listens; a payload is the name of a queue.';

create function private.job_id(p_key text) returns uuid
language sql immutable set search_path = '' as $$
  -- The first half of the hash, with the bits that make it a UUID of version 8 (RFC 9562, section 5.8).
  select encode(set_byte(set_byte(h, 6, get_byte(h, 6) & 15 | 128), 8, get_byte(h, 8) & 63 | 128), 'hex')::uuid
  from (select substr(sha256(convert_to(p_key, 'UTF8')), 1, 16) as h) hash
$$;
comment on function private.job_id(text) is
  'The id of the job with this key. So the primary key of the queue is what makes a key owed once: no table of keys beside it.';

create function private.enqueue(p_kind text, p_key text, p_payload jsonb, p_due_at timestamptz default now())
returns void
language plpgsql security definer set search_path = '' as $$
begin
  if (length(p_key) between 1 and 250) is not true or jsonb_typeof(p_payload) is distinct from 'object' then
    raise exception 'a job has a key of 1 to 250 characters and an object as its payload';
  end if;
  insert into pgboss.job (id, name, data, singleton_key, start_after, keep_until, expire_seconds, deletion_seconds,
    retry_limit, retry_delay, retry_backoff, retry_delay_max, policy, dead_letter, heartbeat_seconds)
  select private.job_id(p_key), q.name, p_payload, p_key, p_due_at, p_due_at + make_interval(secs => q.retention_seconds),
    q.expire_seconds, q.deletion_seconds, q.retry_limit, q.retry_delay, q.retry_backoff, q.retry_delay_max, q.policy,
    q.dead_letter, q.heartbeat_seconds
  from pgboss.queue q where q.name = p_kind
  on conflict do nothing;
  if found then
    -- Heard when this transaction commits, by every replica: the job begins at once, and nobody has to ask for it.
    perform pg_notify(private.queue_channel(), p_kind);
  elsif not exists (select from pgboss.queue where name = p_kind) then
    raise exception 'there is no queue %', p_kind;
  end if;
end $$;
comment on function private.enqueue(text, text, jsonb, timestamptz) is
  'Owes the world an effect, once per key. Call it in the transaction that causes the effect. A payload holds ids only: '
  'no address, no code, no secret.';

create function private.do_again(p_kind text, p_id uuid) returns void
language sql security definer set search_path = '' as $$
  update pgboss.job set state = 'retry', retry_count = 0, started_on = null, completed_on = null, output = null,
    start_after = now(), keep_until = now() + (select make_interval(secs => retention_seconds) from pgboss.queue where name = p_kind)
    where name = p_kind and id = p_id;
  select pg_notify(private.queue_channel(), p_kind);
$$;
comment on function private.do_again(text, uuid) is 'Takes a job up again that has come to an end, with all its attempts.';

create view private.job_kinds as
  select name from pgboss.queue where policy = 'standard' and left(name, 2) <> '__';
comment on view private.job_kinds is 'The queues of effects that are owed: neither what is periodic nor what is pg-boss''s own.';

create function public.job_figures() returns table (kind text, waiting bigint, given_up bigint, oldest_seconds bigint)
language sql stable security definer set search_path = '' as $$
  select j.name, count(*) filter (where j.state <> 'failed'), count(*) filter (where j.state = 'failed'),
    coalesce(greatest(0, floor(extract(epoch from now() - min(j.created_on) filter (where j.state <> 'failed')))), 0)::bigint
  from pgboss.job j join private.job_kinds k on k.name = j.name
  where j.state in ('created', 'retry', 'active', 'failed') group by j.name order by j.name
$$;
comment on function public.job_figures() is 'What is still owed, by kind.';

create function private.why_given_up(j pgboss.job) returns text
language sql immutable set search_path = '' as $$
  select coalesce(j.output ->> 'reason', j.output -> 'value' ->> 'message', j.output ->> 'message')
$$;

create function public.list_given_up_jobs(p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'kind', j.name, 'key', j.singleton_key,
    'attempts', j.retry_count + 1, 'created_at', j.created_on, 'parked_at', j.completed_on,
    'last_error', private.why_given_up(j)) order by j.completed_on desc, j.id), '[]')
  from (select j.* from pgboss.job j join private.job_kinds k on k.name = j.name
        where j.state = 'failed' order by j.completed_on desc, j.id limit greatest(0, least(p_limit, 1000))) j
$$;
comment on function public.list_given_up_jobs(int) is 'The dead letters: jobs that had all their attempts, or cannot succeed. Newest first.';

create function public.retry_job(p_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job pgboss.job;
begin
  select j.* into v_job from private.job_kinds k join pgboss.job j on j.name = k.name and j.id = p_id for update of j;
  if not found then
    return jsonb_build_object('status', 'unknown_item');
  elsif v_job.state <> 'failed' then
    return jsonb_build_object('status', case when v_job.state < 'completed' then 'waiting' else 'done' end);
  end if;
  perform private.do_again(v_job.name, v_job.id);
  return jsonb_build_object('status', 'retried');
end $$;
comment on function public.retry_job(uuid) is
  'Takes a job up again that was given up, with all its attempts. Status retried, waiting (not given up), done or unknown_item.';

create function public.seconds_to_next_lease_end() returns double precision
language sql stable security definer set search_path = '' as $$
  select extract(epoch from min(lease_expires_at) - clock_timestamp())::double precision from public.holds
$$;
comment on function public.seconds_to_next_lease_end() is
  'When the first live call can be given up, if nobody reports it again until then; null where there is none.';

-- Nobody but the queue's own role, and the functions here. service_role in particular: the API does not show this schema,
-- and whoever holds the service key has no business in it.
revoke all on all tables in schema pgboss from public, anon, authenticated, service_role;
revoke all on schema pgboss from public, anon, authenticated, service_role;
revoke all on all functions in schema pgboss from public, anon, authenticated, service_role;
grant usage on schema pgboss to mindbot_jobs;
grant select, insert, update, delete on all tables in schema pgboss to mindbot_jobs;
grant execute on all functions in schema pgboss to mindbot_jobs;

revoke all on private.job_kinds from public, anon, authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.job_figures(), public.list_given_up_jobs(int), public.retry_job(uuid),
  public.seconds_to_next_lease_end() from public, anon, authenticated;
grant execute on function public.job_figures(), public.list_given_up_jobs(int), public.retry_job(uuid),
  public.seconds_to_next_lease_end() to service_role;
