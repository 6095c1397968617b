-- A use of a tool that is asked for again has begun, whatever the plan says by then; and one that was lost with a process of ours
-- is an event, and costs nothing.

create or replace function public.begin_tool_call(p_id uuid, p_user_id uuid, p_tenant_id uuid, p_tool text, p_server text, p_seconds int)
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

create or replace function private.end_tool_call(p_id uuid, p_outcome text) returns boolean
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

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
