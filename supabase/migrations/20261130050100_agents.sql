-- How there come to be tasks, and agents go.

create function private.read_task(t public.brain_tasks) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('id', t.id, 'opportunity_id', t.opportunity_id, 'assigned_agent', t.assigned_agent, 'task_type', t.task_type,
    'target_api_id', t.target_api_id, 'status', t.status, 'is_simulation', t.is_simulation, 'attempts', t.attempts,
    'reserved_micros', t.reserved_micros, 'charged_micros', t.charged_micros, 'error', t.error,
    'created_at', private.utc_text(t.created_at), 'ended_at', private.utc_text(t.ended_at))
$$;

-- What could be done now, once in each five minutes for a product. Only who asks has it found: no agent spends because a clock ticks.
create function public.monitor_market(p_tenant_id uuid default null, p_limit int default 50) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_slot text := (floor(extract(epoch from now()) / 300))::bigint::text;
  v_found jsonb;
begin
  if p_tenant_id is not null and not exists (select from public.tenants where id = p_tenant_id and closed_at is null) then
    return jsonb_build_object('status', 'unknown_tenant');
  end if;
  with made as (
    insert into public.market_opportunities (title, source, required_capabilities, target_api_id, max_price_micros, expected_revenue_micros,
        score, key, tenant_id, expires_at)
      select left('Call ' || coalesce(nullif(p.title, ''), p.name), 200), 'monitor', array['api_calls'], p.id, p.price_micros, p.price_micros,
        -- Which of it was answered lately.
        round(((coalesce(r.completed, 0) + 1.0) / (coalesce(r.ended, 0) + 2.0))::numeric, 5),
        format('monitor:%s:%s:%s', coalesce(p_tenant_id::text, 'house'), p.id, v_slot), p_tenant_id, now() + interval '1 hour'
      from public.api_products p
      left join lateral (select count(*) filter (where l.status = 'completed') as completed, count(*) as ended from (
        select b.status from public.brain_tasks b where b.target_api_id = p.id and b.ended_at is not null order by b.created_at desc limit 50) l) r on true
      where p.status = 'active' and (p.tenant_id is null or p.tenant_id = p_tenant_id)
        and not exists (select from public.market_opportunities o where o.target_api_id = p.id and o.status in ('open', 'assigned')
          and o.source = 'monitor' and o.tenant_id is not distinct from p_tenant_id)
      order by p.created_at, p.id limit greatest(1, least(coalesce(p_limit, 50), 500))
    on conflict (key) do nothing returning id, title, target_api_id, expected_revenue_micros, score)
  select coalesce(jsonb_agg(to_jsonb(made)), '[]') into v_found from made;
  return jsonb_build_object('status', 'monitored', 'opportunities', v_found);
end $$;
comment on function public.monitor_market(uuid, int) is
  'Looks at what is for sale and writes down what agents could do with it: for agents of the house, or of a tenant. Status monitored or unknown_tenant.';

-- A task of somebody's own making, or of an opportunity that is there: assigned at once to the agent that is named, else to the best one.
create function public.create_task(p_task jsonb, p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  o public.market_opportunities;
  a public.autonomous_agents;
  t public.brain_tasks;
  r record;
begin
  if (length(p_key) between 1 and 150 and jsonb_typeof(p_task) = 'object') is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select * into r from jsonb_to_record(p_task) as x (opportunity_id uuid, agent_id uuid, title text, task_type text, target_api_id uuid, quantity int,
    input jsonb, required_capabilities text[], max_price_micros bigint, expected_revenue_micros bigint, priority smallint, tenant_id uuid, user_id uuid);
  select * into t from public.brain_tasks where key = 'task:' || p_key;
  if found then
    return jsonb_build_object('status', 'assigned', 'repeated', true, 'task', private.read_task(t));
  end if;
  if r.opportunity_id is not null then
    select * into o from public.market_opportunities where id = r.opportunity_id
      and tenant_id is not distinct from r.tenant_id and user_id is not distinct from r.user_id for update;
    if not found then
      return jsonb_build_object('status', 'unknown_opportunity');
    elsif o.status <> 'open' or o.expires_at <= now() then
      return jsonb_build_object('status', 'not_open', 'is', o.status);
    end if;
  else
    insert into public.market_opportunities (title, task_type, target_api_id, quantity, input, required_capabilities, max_price_micros,
        expected_revenue_micros, priority, key, tenant_id, user_id)
      values (coalesce(r.title, 'Task'), coalesce(r.task_type, 'api_call'), r.target_api_id, coalesce(r.quantity, 1), coalesce(r.input, '{}'),
        coalesce(r.required_capabilities, '{}'), r.max_price_micros, coalesce(r.expected_revenue_micros, 0), coalesce(r.priority, 0),
        'task:' || p_key, r.tenant_id, r.user_id)
      on conflict (key) do nothing;
    select * into o from public.market_opportunities where key = 'task:' || p_key for update;
    if o.status <> 'open' then
      return jsonb_build_object('status', 'not_open', 'is', o.status);
    end if;
  end if;
  for a in select g.* from public.autonomous_agents g where (r.agent_id is null or g.id = r.agent_id) and g.retired_at is null
      and g.status in ('idle', 'active') and private.suits(g, o)
    order by g.running_tasks >= g.max_concurrent_tasks, g.performance_score desc, g.running_tasks, g.id limit 20 for update
  loop
    t := private.assign_task(a, o, 'task:' || p_key);
    exit when t.id is not null;
  end loop;
  if t.id is not null then
    return jsonb_build_object('status', 'assigned', 'repeated', false, 'task', private.read_task(t));
  end if;
  -- Nobody can do it now: it stays open, and the scheduler finds it.
  return jsonb_build_object('status', 'waiting', 'opportunity_id', o.id);
exception when data_exception or foreign_key_violation or check_violation or not_null_violation then
  return jsonb_build_object('status', 'malformed');
end $$;
comment on function public.create_task(jsonb, text) is
  'A task, once for a key: of an opportunity (opportunity_id) or of its own (title, task_type, target_api_id, quantity, input, required_capabilities, '
  'max_price_micros, expected_revenue_micros, priority), for agent_id or for whoever suits best. Status assigned, waiting (nobody is free, can do it or '
  'can pay it today), not_open, unknown_opportunity or malformed.';

create function private.retire_agent(p_agent_id uuid, p_why text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  a public.autonomous_agents;
  t public.brain_tasks;
begin
  update public.autonomous_agents set retired_at = now(), status = 'maintenance', updated_at = now()
    where id = p_agent_id and retired_at is null returning * into a;
  if not found then
    return false;
  end if;
  -- What it has not begun somebody else may do. What runs comes to its end: its price is promised.
  for t in select * from public.brain_tasks where assigned_agent = p_agent_id and status = 'assigned' order by id for update loop
    perform private.end_task(t, a, 'canceled', 0, null, p_why);
  end loop;
  return true;
end $$;

create function public.set_agent_state(p_agent_id uuid, p_state text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  a public.autonomous_agents;
begin
  select * into a from public.autonomous_agents where id = p_agent_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_agent');
  elsif (p_state in ('idle', 'maintenance', 'retired')) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif a.retired_at is not null then
    return jsonb_build_object('status', 'retired');
  elsif p_state = 'retired' then
    perform private.retire_agent(a.id, 'its agent was deleted');
  else
    update public.autonomous_agents set errors_in_a_row = 0, updated_at = now(),
      status = case when p_state = 'maintenance' then 'maintenance' when running_tasks > 0 then 'active' else 'idle' end where id = a.id;
  end if;
  return jsonb_build_object('status', 'set', 'state', (select case when retired_at is null then status else 'retired' end
    from public.autonomous_agents where id = a.id));
end $$;
comment on function public.set_agent_state(uuid, text) is
  'Takes an agent out (maintenance), back in (idle) or off for good (retired: its row and its books stay, and what it had not begun is given to '
  'others). Status set, retired (it was before), unknown_agent or malformed.';

-- Whose person or tenant is gone works no more, and sells nothing more.
create function private.retire_agents_of() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  for v_id in select id from public.autonomous_agents where retired_at is null
    and case tg_table_name when 'users' then user_id = new.id else tenant_id = new.id end order by id
  loop
    perform private.retire_agent(v_id, 'who it worked for is gone');
  end loop;
  update public.sellers set closed_at = now() where closed_at is null
    and case tg_table_name when 'users' then user_id = new.id else tenant_id = new.id end;
  return null;
end $$;
create trigger retire_agents after update of deleted_at on public.users
  for each row when (new.deleted_at is not null and old.deleted_at is null) execute function private.retire_agents_of();
create trigger retire_agents after update of closed_at on public.tenants
  for each row when (new.closed_at is not null and old.closed_at is null) execute function private.retire_agents_of();

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.monitor_market(uuid, int), public.create_task(jsonb, text), public.set_agent_state(uuid, text)
  from public, anon, authenticated;
grant execute on function public.monitor_market(uuid, int), public.create_task(jsonb, text), public.set_agent_state(uuid, text) to service_role;
