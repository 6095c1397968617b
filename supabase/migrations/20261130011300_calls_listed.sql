-- Calls as those may see them who talked, and in a tenant those who do its billing.

create function private.call_seen(c public.calls) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('call_id', c.id, 'tenant_id', c.tenant_id, 'opened_at', private.utc_text(c.opened_at),
    'ended_at', private.utc_text(c.ended_at), 'status', c.status, 'end_reason', c.end_reason, 'charged_seconds', c.charged_seconds,
    'receipt_number', (c.receipt ->> 'number')::int, 'turns', c.turns, 'latency_p50_ms', c.latency_p50_ms, 'quality', c.quality)
$$;

-- Whether somebody may see a call: their own, as long as they belong to the tenant that paid for it; and of a tenant whose billing
-- they do, each.
create function private.may_see_call(p_user_id uuid, c public.calls) returns boolean
language sql stable security definer set search_path = '' as $$
  select case when c.tenant_id is null then c.user_id = p_user_id
    else exists (select from public.tenant_members m where m.tenant_id = c.tenant_id and m.user_id = p_user_id
      and (c.user_id = p_user_id or m.role in ('owner', 'billing'))) end
$$;

create function public.list_calls(p_user_id uuid, p_tenant_id uuid default null, p_before uuid default null, p_limit int default 20)
returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
declare
  v_role text := private.role_in(p_user_id, p_tenant_id);
  v_sees_all boolean := v_role in ('owner', 'billing');
  v_before public.calls;
  v_answer jsonb;
begin
  if p_tenant_id is not null and v_role is null then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  if p_before is not null then
    select * into v_before from public.calls c where c.id = p_before and private.may_see_call(p_user_id, c);
    if not found then
      return jsonb_build_object('status', 'unknown_call');
    end if;
  end if;
  -- An index leads to a person's calls, and to a tenant's.
  with page as (
    select c, row_number() over (order by c.opened_at desc, c.id desc) as place
    from public.calls c
    where (case when v_sees_all then c.tenant_id = p_tenant_id
        else c.user_id = p_user_id and (p_tenant_id is null or c.tenant_id = p_tenant_id) end)
      and (v_sees_all is true or c.tenant_id is null or private.may_see_call(p_user_id, c))
      and (p_before is null or (c.opened_at, c.id) < (v_before.opened_at, v_before.id))
    order by c.opened_at desc, c.id desc limit private.page_size(p_limit) + 1)
  select jsonb_build_object('status', 'found',
    'calls', coalesce(jsonb_agg(private.call_seen(p.c) || case when v_sees_all then jsonb_build_object('user_id', (p.c).user_id,
        'display_name', (select u.display_name from public.users u where u.id = (p.c).user_id)) else '{}' end order by place)
      filter (where place <= private.page_size(p_limit)), '[]'),
    'next', (select (n.c).id from page n where n.place = private.page_size(p_limit)
      and exists (select from page more where more.place > n.place))) into v_answer
  from page p;
  return v_answer;
end $$;
comment on function public.list_calls(uuid, uuid, uuid, int) is
  'A page of calls, newest first: a person''s own, on their own time and on that of tenants they belong to; or, of a tenant, their own, '
  'and for owners and who does its billing all, with who talked. Refuses with unknown_tenant or unknown_call (of p_before).';

create function public.read_receipt(p_user_id uuid, p_call_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((select case when c.receipt is null then jsonb_build_object('status', 'call_in_progress')
      else jsonb_build_object('status', 'found', 'tenant_id', c.tenant_id, 'receipt', c.receipt) end
    from public.calls c where c.id = p_call_id and private.may_see_call(p_user_id, c)), jsonb_build_object('status', 'unknown_call'))
$$;
comment on function public.read_receipt(uuid, uuid) is
  'The receipt of a call, untouched, for whoever may see the call. Status found, call_in_progress or unknown_call.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.list_calls(uuid, uuid, uuid, int), public.read_receipt(uuid, uuid) from public, anon, authenticated;
grant execute on function public.list_calls(uuid, uuid, uuid, int), public.read_receipt(uuid, uuid) to service_role;
