-- Tools that other programs use. A use is written down before the tool begins and becomes one event of usage when it ends, in
-- one transaction: so each leads to exactly one, also where it fails after its effect, and where the process dies in between.

create table private.tool_calls (
  id uuid primary key,
  user_id uuid not null references public.users (id) on delete restrict,
  tenant_id uuid references public.tenants (id) on delete restrict,
  tool text not null check (tool ~ '^[\w.:@/-]{1,100}$'),
  server text not null check (server ~ '^[\w.:@/-]{1,100}$'),
  begun_at timestamptz not null default clock_timestamp(),
  -- Whoever has not told of its end by then has died.
  lost_at timestamptz not null
);
comment on table private.tool_calls is 'Uses of tools that have begun, and of which no end was told yet.';
create index tool_calls_of_person on private.tool_calls (user_id);
create index tool_calls_of_tenant on private.tool_calls (tenant_id);
create index tool_calls_lost on private.tool_calls (lost_at);

create table private.tool_results (
  id uuid primary key,
  user_id uuid not null references public.users (id) on delete cascade,
  ended_at timestamptz not null default clock_timestamp(),
  result jsonb not null check (octet_length(result::text) <= 65536)
);
comment on table private.tool_results is 'What long jobs came to, for a day.';
create index tool_results_of_person on private.tool_results (user_id);
create index tool_results_in_time on private.tool_results (ended_at);

-- A use that is asked for again has begun, whatever the plan says by then.
create function public.begin_tool_call(p_id uuid, p_user_id uuid, p_tenant_id uuid, p_tool text, p_server text, p_seconds int)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_limit int;
  v_period text;
  -- A moment that is known: an index is no help against a clock that goes on.
  v_since timestamptz := clock_timestamp() - interval '1 minute';
begin
  if exists (select from private.tool_calls where id = p_id and user_id = p_user_id) then
    -- Asked again, because the answer was lost: it has begun.
    return jsonb_build_object('status', 'begun');
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  elsif p_tenant_id is not null
      and not exists (select from public.tenant_members m join public.tenants t on t.id = m.tenant_id and t.closed_at is null
        where m.tenant_id = p_tenant_id and m.user_id = p_user_id) then
    return jsonb_build_object('status', 'not_a_member');
  end if;
  v_period := private.spend_refusal(p_tenant_id);
  if v_period is not null then
    return jsonb_build_object('status', 'spend_limit', 'period', v_period);
  end if;
  if p_tenant_id is not null then
    -- One after the other, so that of many at once no more begin than the plan allows.
    perform pg_advisory_xact_lock(hashtextextended(p_tenant_id::text, 21090));
    select p.requests_per_minute into v_limit from public.tenants t join public.plans p on p.id = t.plan_id where t.id = p_tenant_id;
    if (select count(*) from (
        (select from private.tool_calls c where c.tenant_id = p_tenant_id and c.begun_at > v_since limit v_limit)
        union all
        (select from public.usage_events u where u.tenant_id = p_tenant_id and u.occurred_at > v_since
          and u.kind = 'tool_call' and u.key like 'tool:%' limit v_limit)) x) >= v_limit then
      return jsonb_build_object('status', 'too_many_requests');
    end if;
  end if;
  insert into private.tool_calls (id, user_id, tenant_id, tool, server, lost_at)
    values (p_id, p_user_id, p_tenant_id, p_tool, p_server,
      clock_timestamp() + make_interval(secs => greatest(1, least(coalesce(p_seconds, 60), 86400))))
    on conflict (id) do nothing;
  return jsonb_build_object('status', 'begun');
end $$;
comment on function public.begin_tool_call(uuid, uuid, uuid, text, text, int) is
  'Writes down that a tool begins for a person, or a member of a tenant that pays. Without a word of its end within so many seconds '
  'it counts as unfinished. Status begun, unknown_user or not_a_member.';

-- The row goes and the event comes in one transaction: whoever tells of the same end again changes nothing. What was lost with
-- a process of ours is an event, too, and costs nothing.
create function private.end_tool_call(p_id uuid, p_outcome text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  t private.tool_calls;
begin
  delete from private.tool_calls where id = p_id returning * into t;
  if not found then
    return false;
  end if;
  -- Of whose end nobody told, a process of ours has died: nobody pays for that.
  -- It happened when it began: that is the time which a repeat would say, too.
  perform private.record_usage(array[row(t.begun_at, t.user_id, t.tenant_id, null, 'tool_call', t.tool, t.server, null, null, 1,
    jsonb_build_object('outcome', p_outcome), 'tool:' || t.id, p_outcome in ('refused', 'unfinished'))::private.usage_entry]);
  return true;
end $$;

create function public.end_tool_call(p_id uuid, p_outcome text, p_result jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid;
begin
  if (p_outcome in ('ok', 'refused', 'failed', 'unfinished')) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select user_id into v_user_id from private.tool_calls where id = p_id for update;
  if not private.end_tool_call(p_id, p_outcome) then
    return jsonb_build_object('status', 'unknown');
  end if;
  if p_result is not null then
    insert into private.tool_results (id, user_id, result) values (p_id, v_user_id, p_result) on conflict (id) do nothing;
  end if;
  return jsonb_build_object('status', 'recorded');
end $$;
comment on function public.end_tool_call(uuid, text, jsonb) is
  'A tool has ended: ok, refused, failed or unfinished; of a long one with its result, which is kept for a day. Exactly one event '
  'of usage comes of it. Status recorded, unknown (also of one that was told before) or malformed.';

create function public.begin_tool_job(p_id uuid, p_user_id uuid, p_tenant_id uuid, p_tool text, p_server text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb := public.begin_tool_call(p_id, p_user_id, p_tenant_id, p_tool, p_server, 86400);
begin
  if v_answer ->> 'status' = 'begun' then
    perform private.enqueue('tool_job', 'tool_job:' || p_id, jsonb_build_object('id', p_id, 'user_id', p_user_id, 'tool', p_tool));
  end if;
  return v_answer;
end $$;
comment on function public.begin_tool_job(uuid, uuid, uuid, text, text) is
  'Begins a tool that takes long: a job of the queue, which tells of its end by end_tool_call. Statuses as begin_tool_call.';

create function public.read_tool_job(p_id uuid, p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((select jsonb_build_object('status', 'ended', 'result', result) from private.tool_results where id = p_id and user_id = p_user_id),
    (select jsonb_build_object('status', 'under_way') from private.tool_calls where id = p_id and user_id = p_user_id),
    jsonb_build_object('status', 'unknown'))
$$;
comment on function public.read_tool_job(uuid, uuid) is 'What became of a long job of a person: ended with a result, under_way or unknown.';

create function public.end_lost_tool_calls(p_limit int default 500) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  v_count int := 0;
begin
  for v_id in select id from private.tool_calls where lost_at < clock_timestamp() order by lost_at
    limit greatest(0, least(coalesce(p_limit, 500), 5000)) for update skip locked
  loop
    begin
      v_count := v_count + private.end_tool_call(v_id, 'unfinished')::int;
    exception when others then
      raise warning 'use of tool % not ended: %', v_id, sqlstate;
    end;
  end loop;
  delete from private.tool_results where id in (
    select id from private.tool_results where ended_at < now() - interval '1 day' order by ended_at limit 5000);
  return v_count;
end $$;
comment on function public.end_lost_tool_calls(int) is
  'Records uses of tools of whose end nobody told, as unfinished; and forgets results of long jobs after a day.';

select pgboss.create_queue('tool_job', '{"policy": "standard", "retryLimit": 19, "retryDelay": 3,
  "retryBackoff": true, "retryDelayMax": 3600, "expireInSeconds": 60, "deleteAfterSeconds": 34560000,
  "retentionSeconds": 34560000, "notify": true}'::jsonb);

revoke all on private.tool_calls, private.tool_results from anon, authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.begin_tool_call(uuid, uuid, uuid, text, text, int), public.end_tool_call(uuid, text, jsonb),
  public.begin_tool_job(uuid, uuid, uuid, text, text), public.read_tool_job(uuid, uuid), public.end_lost_tool_calls(int)
  from public, anon, authenticated;
grant execute on function public.begin_tool_call(uuid, uuid, uuid, text, text, int), public.end_tool_call(uuid, text, jsonb),
  public.begin_tool_job(uuid, uuid, uuid, text, text), public.read_tool_job(uuid, uuid), public.end_lost_tool_calls(int) to service_role;
