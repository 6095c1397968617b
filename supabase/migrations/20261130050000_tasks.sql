-- Agents that work by themselves: what there is to do, who does it, and what they may spend on a day. A task's price is reserved
-- before it begins, in one statement; what it is charged takes the place of the reservation when it ends.

alter table public.autonomous_agents
  add column zone text not null default 'UTC' check (length(zone) between 1 and 64),
  add column running_tasks int not null default 0 check (running_tasks >= 0),
  add column errors_in_a_row int not null default 0 check (errors_in_a_row >= 0),
  add column decayed_successes double precision not null default 0 check (decayed_successes >= 0),
  add column decayed_tasks double precision not null default 0 check (decayed_tasks >= 0),
  add column retired_at timestamptz;
comment on column public.autonomous_agents.zone is 'Where the agent''s day begins: the name of a zone, such as Europe/Berlin.';
comment on column public.autonomous_agents.decayed_successes is
  'Tasks that succeeded, of which each later one takes 2 % of the weight: success_rate is this of decayed_tasks, and no task is counted again for it.';
create index autonomous_agents_for_work on public.autonomous_agents (performance_score desc, id)
  where status in ('idle', 'active') and retired_at is null;

-- A zone that nobody knows would fail each time that a day is asked for, for all agents together.
create function private.check_zone() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform now() at time zone new.zone;
  return new;
end $$;
create trigger check_zone before insert or update of zone on public.autonomous_agents for each row execute function private.check_zone();

create table public.agent_budgets (
  agent_id uuid not null references public.autonomous_agents (id) on delete restrict,
  day date not null,
  reserved_micros bigint not null default 0 check (reserved_micros >= 0),
  spent_micros bigint not null default 0 check (spent_micros >= 0),
  primary key (agent_id, day)
) with (fillfactor = 70);
comment on table public.agent_budgets is
  'What an agent has spent on a day of its zone, and what is reserved for tasks that began on it. Both together are never more than its daily budget was.';

create table public.market_opportunities (
  id uuid primary key default gen_random_uuid(),
  title text not null check (length(trim(title)) between 1 and 200),
  source text not null default 'manual' check (length(source) between 1 and 100),
  task_type text not null default 'api_call' check (task_type in ('api_call', 'payment_processing', 'simulation')),
  required_capabilities text[] not null default '{}' check (cardinality(required_capabilities) <= 20),
  target_api_id uuid references public.api_products (id) on delete restrict,
  quantity int not null default 1 check (quantity between 1 and 1000),
  input jsonb not null default '{}' check (pg_column_size(input) <= 20000),
  max_price_micros bigint check (max_price_micros between 0 and 1000000000000),
  expected_revenue_micros bigint not null default 0 check (expected_revenue_micros between 0 and 1000000000000),
  expected_revenue numeric(20, 6) generated always as (expected_revenue_micros::numeric / 1000000) stored,
  score numeric(6, 5) not null default 0.5 check (score between 0 and 1),
  priority smallint not null default 0,
  status text not null default 'open' check (status in ('open', 'assigned', 'completed', 'failed', 'expired', 'canceled')),
  key text unique check (length(key) between 1 and 200),
  user_id uuid references public.users (id) on delete restrict,
  tenant_id uuid references public.tenants (id) on delete restrict,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '1 day',
  constraint is_for_one check (num_nonnulls(user_id, tenant_id) <= 1)
) with (fillfactor = 70);
comment on table public.market_opportunities is
  'What could be done: which capabilities it needs, which API it calls how often, what that may cost at most and should bring. '
  'One of a person or a tenant is for their agents, and one of nobody for those of the house: no agent spends its money for somebody else.';
create index market_opportunities_open on public.market_opportunities (priority desc, score desc, created_at, id) where status = 'open';
create index market_opportunities_by_time on public.market_opportunities (created_at desc, id);
create index market_opportunities_by_product on public.market_opportunities (target_api_id);
create index market_opportunities_by_tenant on public.market_opportunities (tenant_id);
create index market_opportunities_by_person on public.market_opportunities (user_id);

create table public.brain_tasks (
  id uuid primary key default gen_random_uuid(),
  opportunity_id uuid references public.market_opportunities (id) on delete restrict,
  assigned_agent uuid not null references public.autonomous_agents (id) on delete restrict,
  task_type text not null check (task_type in ('api_call', 'payment_processing', 'simulation')),
  target_api_id uuid references public.api_products (id) on delete restrict,
  quantity int not null default 1 check (quantity between 1 and 1000),
  input jsonb not null default '{}',
  status text not null default 'assigned' check (status in ('assigned', 'running', 'completed', 'failed', 'canceled')),
  priority smallint not null default 0,
  is_simulation boolean not null default false,
  expected_revenue_micros bigint not null default 0,
  expected_revenue numeric(20, 6) generated always as (expected_revenue_micros::numeric / 1000000) stored,
  reserved_micros bigint not null check (reserved_micros >= 0),
  charged_micros bigint check (charged_micros >= 0),
  budget_day date not null,
  attempts int not null default 0 check (attempts >= 0),
  max_attempts int not null default 5 check (max_attempts between 1 and 50),
  epoch int not null default 0,
  due_at timestamptz not null default now(),
  lost_at timestamptz,
  last_heartbeat_at timestamptz,
  result jsonb check (pg_column_size(result) <= 70000),
  error text check (length(error) <= 1000),
  key text unique check (length(key) between 1 and 200),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  constraint ends_once check ((status in ('completed', 'failed', 'canceled')) = (ended_at is not null)),
  constraint lives_while_it_runs check ((status = 'running') = (lost_at is not null)),
  constraint charged_no_more_than_reserved check (charged_micros <= reserved_micros)
) with (fillfactor = 60);
comment on table public.brain_tasks is
  'What agents do, each for one opportunity. reserved_micros is what it costs at most: taken from the day''s budget when it was assigned.';
comment on column public.brain_tasks.epoch is 'Counts who took it up: whoever tells of its end names theirs, and a lost worker that comes back is not believed.';
comment on column public.brain_tasks.budget_day is 'The day of the agent''s zone on which it was assigned. What it costs counts on that day, whenever it ends.';
create unique index brain_tasks_one_of_an_opportunity on public.brain_tasks (opportunity_id)
  where status in ('assigned', 'running', 'completed');
create index brain_tasks_by_opportunity on public.brain_tasks (opportunity_id);
create index brain_tasks_by_agent on public.brain_tasks (assigned_agent, created_at desc);
create index brain_tasks_by_product on public.brain_tasks (target_api_id);
create index brain_tasks_by_time on public.brain_tasks (created_at) include (status);
create index brain_tasks_lost on public.brain_tasks (lost_at) where status = 'running';
create index brain_tasks_waiting on public.brain_tasks (due_at) where status = 'assigned';

alter table public.autonomous_agents
  add constraint works_on_a_task foreign key (current_task_id) references public.brain_tasks (id) on delete restrict;
create index autonomous_agents_by_task on public.autonomous_agents (current_task_id);

-- A task that waits for its worker: one job for each time that it is taken up. What is not worked for long is found (reap_tasks).
select pgboss.create_queue('agent_task', '{"policy": "standard", "retryLimit": 3, "retryDelay": 2, "retryBackoff": true,
  "retryDelayMax": 60, "expireInSeconds": 120, "retentionSeconds": 864000, "deleteAfterSeconds": 864000, "notify": true}'::jsonb);

create function private.owe_task(t public.brain_tasks) returns void
language sql security definer set search_path = '' as $$
  select private.enqueue('agent_task', format('agent_task:%s:%s', t.id, t.epoch), jsonb_build_object('task_id', t.id), t.due_at)
$$;

create function private.agent_day(p_zone text) returns date
language sql stable security definer set search_path = '' as $$ select (clock_timestamp() at time zone p_zone)::date $$;

-- One statement, so that of any number at once none sees a budget that another one is about to take. False: it does not suffice.
create function private.reserve_budget(a public.autonomous_agents, p_day date, p_micros bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.agent_budgets (agent_id, day) values (a.id, p_day) on conflict do nothing;
  update public.agent_budgets b set reserved_micros = b.reserved_micros + p_micros
    from public.autonomous_agents g
    where b.agent_id = a.id and b.day = p_day and g.id = a.id and p_micros >= 0
      and b.spent_micros + b.reserved_micros + p_micros <= g.daily_budget_micros;
  return found;
end $$;

-- Simulations: they register, run and cost nothing.
create function private.is_simulation(p_agent_type text) returns boolean
language sql immutable set search_path = '' as $$ select p_agent_type in ('volume_generator', 'nft_minter') $$;

-- Takes an agent, whose row is locked, for a task; null where it may do no more at once, or spend no more today.
create function private.assign_task(a public.autonomous_agents, o public.market_opportunities, p_key text) returns public.brain_tasks
language plpgsql security definer set search_path = '' as $$
declare
  v_task public.brain_tasks;
  v_day date := private.agent_day(a.zone);
  v_price bigint := private.highest_price(o, a.agent_type);
begin
  if not private.reserve_budget(a, v_day, v_price) then
    return null;
  end if;
  update public.autonomous_agents set running_tasks = running_tasks + 1, status = 'active', last_active_at = clock_timestamp(), updated_at = now()
    where id = a.id and status in ('idle', 'active') and retired_at is null and running_tasks < max_concurrent_tasks;
  if not found then
    update public.agent_budgets set reserved_micros = reserved_micros - v_price where agent_id = a.id and day = v_day;
    return null;
  end if;
  insert into public.brain_tasks (opportunity_id, assigned_agent, task_type, target_api_id, quantity, input, priority, is_simulation,
      expected_revenue_micros, reserved_micros, budget_day, epoch, key)
    values (o.id, a.id, case when private.is_simulation(a.agent_type) then 'simulation' else o.task_type end, o.target_api_id, o.quantity,
      o.input, o.priority, private.is_simulation(a.agent_type),
      case when private.is_simulation(a.agent_type) then 0 else o.expected_revenue_micros end, v_price, v_day, 1, p_key)
    returning * into v_task;
  update public.autonomous_agents set current_task_id = v_task.id where id = a.id;
  update public.market_opportunities set status = 'assigned', updated_at = now() where id = o.id;
  perform private.owe_task(v_task);
  return v_task;
end $$;

-- What a task can cost: the price of the API now, as often as it is called. A call that fails is not charged, so repeats cost nothing more.
create function private.highest_price(o public.market_opportunities, p_agent_type text) returns bigint
language sql stable security definer set search_path = '' as $$
  select case when private.is_simulation(p_agent_type) or o.target_api_id is null then 0
    else (select p.price_micros * o.quantity from public.api_products p where p.id = o.target_api_id) end
$$;

-- Whether an agent could do it: its capabilities, whose it is, what it costs, and whether it is of the kind.
create function private.suits(a public.autonomous_agents, o public.market_opportunities) returns boolean
language sql stable security definer set search_path = '' as $$
  select coalesce(o.required_capabilities <@ a.capabilities
    and (a.tenant_id, a.user_id) is not distinct from (o.tenant_id, o.user_id)
    and case o.task_type when 'simulation' then private.is_simulation(a.agent_type)
      when 'payment_processing' then a.agent_type = 'payment_bot' else a.agent_type = 'api_consumer' end
    and (o.target_api_id is null or exists (select from public.api_products p
      where p.id = o.target_api_id and p.status = 'active' and (p.tenant_id is null or p.tenant_id = a.tenant_id)))
    and private.highest_price(o, a.agent_type) <= coalesce(o.max_price_micros, 1000000000000), false)
$$;

-- Nobody waits here: what another scheduler has in its hands is passed over, so that any number may run at once.
create function public.schedule_tasks(p_limit int default 100) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  o public.market_opportunities;
  a public.autonomous_agents;
  v_task public.brain_tasks;
  v_limit int := greatest(1, least(coalesce(p_limit, 100), 1000));
  v_assigned int := 0;
  v_looked int := 0;
begin
  for o in
    select * from public.market_opportunities where status = 'open' and expires_at > now()
    order by priority desc, score desc, created_at, id
    -- Nobody can do some of them: those do not hold up the others.
    limit 10 * v_limit for update skip locked
  loop
    exit when v_assigned >= v_limit;
    v_looked := v_looked + 1;
    -- The best agent that is free, can do it and can pay it today.
    for a in
      select g.* from public.autonomous_agents g
      where g.status in ('idle', 'active') and g.retired_at is null and g.running_tasks < g.max_concurrent_tasks
        and private.suits(g, o)
        and coalesce((select b.spent_micros + b.reserved_micros from public.agent_budgets b
          where b.agent_id = g.id and b.day = private.agent_day(g.zone)), 0) + private.highest_price(o, g.agent_type) <= g.daily_budget_micros
      order by g.performance_score desc, g.running_tasks, g.id for update skip locked
    loop
      v_task := private.assign_task(a, o, 'opportunity:' || o.id || ':' || o.updated_at);
      exit when v_task.id is not null;
    end loop;
    v_assigned := v_assigned + (v_task.id is not null)::int;
    v_task := null;
  end loop;
  return jsonb_build_object('status', 'done', 'looked_at', v_looked, 'assigned', v_assigned);
end $$;
comment on function public.schedule_tasks(int) is
  'Matches open opportunities to agents that are free, by capability, score, price and today''s budget: one task for each at most, '
  'whoever asks and however many at once. Status done, with how many were looked at and assigned.';

-- A worker takes a task up. Of two, the second finds the first at work; of a lost one, the next has a later epoch.
create function public.begin_task(p_task_id uuid, p_seconds int default 60) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  t public.brain_tasks;
  a public.autonomous_agents;
begin
  select g.* into a from public.brain_tasks b join public.autonomous_agents g on g.id = b.assigned_agent
    where b.id = p_task_id for update of g;
  select * into t from public.brain_tasks where id = p_task_id for update;
  if t.id is null then
    return jsonb_build_object('status', 'unknown_task');
  elsif t.ended_at is not null then
    return jsonb_build_object('status', 'ended');
  elsif t.status = 'running' and t.lost_at > clock_timestamp() then
    return jsonb_build_object('status', 'under_way');
  elsif t.due_at > clock_timestamp() then
    return jsonb_build_object('status', 'not_due');
  elsif a.retired_at is not null or a.status = 'maintenance' then
    -- Deleted, or taken out, before its task began: somebody else may do it.
    perform private.end_task(t, a, 'canceled', 0, null, 'its agent does not work any more');
    return jsonb_build_object('status', 'ended');
  elsif t.attempts >= t.max_attempts then
    perform private.end_task(t, a, 'failed', 0, null, coalesce(t.error, 'its workers were lost'));
    return jsonb_build_object('status', 'ended');
  end if;
  update public.brain_tasks set status = 'running', epoch = epoch + 1, attempts = attempts + 1,
      started_at = coalesce(started_at, clock_timestamp()), last_heartbeat_at = clock_timestamp(), updated_at = now(),
      lost_at = clock_timestamp() + make_interval(secs => greatest(1, least(coalesce(p_seconds, 60), 3600)))
    where id = t.id returning * into t;
  update public.autonomous_agents set last_heartbeat_at = clock_timestamp(), last_active_at = clock_timestamp() where id = a.id;
  return jsonb_build_object('status', 'begun', 'task', jsonb_build_object('id', t.id, 'epoch', t.epoch, 'attempt', t.attempts,
    'task_type', t.task_type, 'agent_id', a.id, 'agent_type', a.agent_type, 'user_id', a.user_id, 'tenant_id', a.tenant_id,
    'target_api_id', t.target_api_id, 'quantity', t.quantity, 'input', t.input, 'reserved_micros', t.reserved_micros,
    'is_simulation', t.is_simulation));
end $$;
comment on function public.begin_task(uuid, int) is
  'Takes a task up for so many seconds, which heartbeats prolong. Status begun (with the task and its epoch), under_way, not_due, ended or unknown_task.';

create function public.beat_task(p_task_id uuid, p_epoch int, p_seconds int default 60) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_agent_id uuid;
begin
  update public.brain_tasks set last_heartbeat_at = clock_timestamp(),
      lost_at = greatest(lost_at, clock_timestamp() + make_interval(secs => greatest(1, least(coalesce(p_seconds, 60), 3600))))
    where id = p_task_id and epoch = p_epoch and status = 'running' returning assigned_agent into v_agent_id;
  if not found then
    return jsonb_build_object('status', 'lost');
  end if;
  update public.autonomous_agents set last_heartbeat_at = clock_timestamp() where id = v_agent_id
    and coalesce(last_heartbeat_at < clock_timestamp() - interval '5 seconds', true);
  return jsonb_build_object('status', 'beating');
end $$;
comment on function public.beat_task(uuid, int, int) is 'A worker says that it lives. Status beating, or lost: another one has the task, so stop.';

-- Brings a task to its end, with its agent's row locked: the reservation becomes what was charged, and the agent learns.
create function private.end_task(t public.brain_tasks, a public.autonomous_agents, p_status text, p_charged bigint, p_result jsonb, p_error text)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_ok boolean := p_status = 'completed';
  -- A worker that died may have been charged: what the books say counts, whoever tells of the end.
  v_charged bigint := greatest(p_charged, (select coalesce(sum(r.amount_micros), 0) from public.autonomous_revenue r
    where r.task_id = t.id and r.amount_micros > 0));
begin
  if v_charged > t.reserved_micros then
    perform public.note_finding('task_charged_too_much', t.id::text, format('The task cost %s millionths of a dollar, and %s were '
      'reserved of its agent''s budget.', v_charged, t.reserved_micros));
    v_charged := t.reserved_micros;
  end if;
  update public.brain_tasks set status = p_status, charged_micros = v_charged, result = p_result, error = left(p_error, 1000), lost_at = null,
      ended_at = clock_timestamp(), updated_at = now() where id = t.id;
  update public.agent_budgets set reserved_micros = reserved_micros - t.reserved_micros, spent_micros = spent_micros + v_charged
    where agent_id = t.assigned_agent and day = t.budget_day;
  update public.autonomous_agents g set running_tasks = g.running_tasks - 1,
      status = case when g.status = 'active' and g.running_tasks = 1 then 'idle' else g.status end,
      current_task_id = case when g.current_task_id = t.id then (select b.id from public.brain_tasks b
        where b.assigned_agent = g.id and b.status in ('assigned', 'running') and b.id <> t.id order by b.created_at desc limit 1)
        else g.current_task_id end,
      last_active_at = clock_timestamp(), updated_at = now()
    where g.id = a.id;
  if p_status <> 'canceled' then
    update public.autonomous_agents g set
        decayed_successes = g.decayed_successes * 0.98 + v_ok::int, decayed_tasks = g.decayed_tasks * 0.98 + 1,
        success_rate = round(((g.decayed_successes * 0.98 + v_ok::int) / (g.decayed_tasks * 0.98 + 1))::numeric, 5),
        -- Half of it is trust from before, which the first ten tasks or so replace.
        performance_score = round(((g.decayed_successes * 0.98 + v_ok::int + 2.5) / (g.decayed_tasks * 0.98 + 1 + 5))::numeric, 5),
        total_tasks_completed = g.total_tasks_completed + v_ok::int,
        error_count = g.error_count + (not v_ok)::int, errors_in_a_row = case when v_ok then 0 else g.errors_in_a_row + 1 end,
        last_error = case when v_ok then g.last_error else left(p_error, 1000) end,
        -- It is not given more to fail at, until somebody has a look or an hour is over (optimise_agents).
        status = case when not v_ok and g.errors_in_a_row + 1 >= 5 and g.status in ('idle', 'active') then 'error' else g.status end
      where g.id = a.id;
  end if;
  update public.market_opportunities o set status = case p_status when 'completed' then 'completed'
      -- What was paid for in part is not given to another one, who would be paid for all of it.
      when 'canceled' then case when v_charged > 0 then 'failed' when o.expires_at > now() then 'open' else 'expired' end else 'failed' end, updated_at = clock_timestamp()
    where o.id = t.opportunity_id and o.status = 'assigned';
end $$;

create function public.end_task(p_task_id uuid, p_epoch int, p_outcome text, p_charged_micros bigint default 0, p_result jsonb default null,
  p_error text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  t public.brain_tasks;
  a public.autonomous_agents;
begin
  if (p_outcome in ('completed', 'failed', 'again') and p_charged_micros >= 0 and coalesce(octet_length(p_result::text), 0) <= 65536) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  select g.* into a from public.brain_tasks b join public.autonomous_agents g on g.id = b.assigned_agent
    where b.id = p_task_id for update of g;
  select * into t from public.brain_tasks where id = p_task_id for update;
  if t.id is null then
    return jsonb_build_object('status', 'unknown_task');
  elsif t.ended_at is not null and t.epoch = p_epoch then
    return jsonb_build_object('status', t.status, 'repeated', true);
  elsif t.status <> 'running' or t.epoch is distinct from p_epoch then
    return jsonb_build_object('status', 'lost');
  elsif p_charged_micros > t.reserved_micros then
    return jsonb_build_object('status', 'more_than_reserved', 'reserved_micros', t.reserved_micros);
  elsif p_outcome = 'again' and t.attempts < t.max_attempts and a.retired_at is null then
    -- Twice as long each time, up to an hour; the reservation stays.
    update public.brain_tasks set status = 'assigned', lost_at = null, error = left(p_error, 1000), updated_at = now(),
        due_at = clock_timestamp() + least(interval '1 hour', make_interval(secs => 3 * 2 ^ (t.attempts - 1)))
      where id = t.id returning * into t;
    perform private.owe_task(t);
    return jsonb_build_object('status', 'again', 'due_at', private.utc_text(t.due_at));
  end if;
  perform private.end_task(t, a, case p_outcome when 'completed' then 'completed' else 'failed' end, p_charged_micros, p_result, p_error);
  return jsonb_build_object('status', case p_outcome when 'completed' then 'completed' else 'failed' end, 'repeated', false);
end $$;
comment on function public.end_task(uuid, int, text, bigint, jsonb, text) is
  'A task has ended: completed, failed for good, or to be tried again; with what it was charged. Status completed, failed or again, lost '
  '(another worker has it), more_than_reserved, unknown_task or malformed.';

-- What workers that died have left, and what nobody was told of, comes back; what is too late to be done is closed.
create function public.reap_tasks(p_limit int default 500) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  t public.brain_tasks;
  a public.autonomous_agents;
  v_lost int := 0;
  v_told int := 0;
  v_expired int;
  v_limit int := greatest(1, least(coalesce(p_limit, 500), 5000));
begin
  for v_id in select id from public.brain_tasks where status = 'running' and lost_at <= clock_timestamp() order by lost_at limit v_limit loop
    select g.* into a from public.brain_tasks b join public.autonomous_agents g on g.id = b.assigned_agent where b.id = v_id for update of g;
    select * into t from public.brain_tasks where id = v_id for update;
    continue when t.status <> 'running' or t.lost_at > clock_timestamp();
    v_lost := v_lost + 1;
    update public.brain_tasks set status = 'assigned', lost_at = null, error = 'its worker was lost', due_at = clock_timestamp(), updated_at = now()
      where id = v_id returning * into t;
    perform private.owe_task(t);
  end loop;
  -- Due for minutes, and no job has taken it up: owed anew under a key of its own.
  for t in update public.brain_tasks set epoch = epoch + 1, due_at = clock_timestamp(), updated_at = now()
    where id in (select id from public.brain_tasks where status = 'assigned' and due_at < clock_timestamp() - interval '3 minutes'
      order by due_at limit v_limit for update skip locked) returning *
  loop
    v_told := v_told + 1;
    perform private.owe_task(t);
  end loop;
  update public.market_opportunities set status = 'expired', updated_at = now() where id in (
    select id from public.market_opportunities where status = 'open' and expires_at <= now() limit v_limit for update skip locked);
  get diagnostics v_expired = row_count;
  return jsonb_build_object('status', 'done', 'lost', v_lost, 'told_again', v_told, 'expired', v_expired);
end $$;
comment on function public.reap_tasks(int) is
  'Brings back tasks whose worker is silent, and those that no job has taken up; closes opportunities that are over.';

-- Of the lifecycle's last step: who failed too often may try again after an hour, and unused budgets of days long gone are forgotten.
create function public.optimise_agents() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_recovered int;
begin
  update public.autonomous_agents set status = case when running_tasks > 0 then 'active' else 'idle' end, errors_in_a_row = 0, updated_at = now()
    where id in (select id from public.autonomous_agents where status = 'error' and retired_at is null and last_active_at < now() - interval '1 hour'
      for update skip locked);
  get diagnostics v_recovered = row_count;
  delete from public.agent_budgets b where b.day < current_date - 400 and b.reserved_micros = 0;
  return jsonb_build_object('status', 'done', 'recovered', v_recovered);
end $$;
comment on function public.optimise_agents() is 'Lets agents that failed too often try again after an hour.';

alter table public.agent_budgets enable row level security;
alter table public.market_opportunities enable row level security;
alter table public.brain_tasks enable row level security;
create policy "budgets of own agents" on public.agent_budgets for select to authenticated
  using (agent_id in (select id from public.autonomous_agents));
create policy "tasks of own agents" on public.brain_tasks for select to authenticated
  using (assigned_agent in (select id from public.autonomous_agents));
create policy "operators see tasks" on public.brain_tasks for select to authenticated
  using (exists (select from public.users u where u.id = (select auth.uid()) and u.role = 'operator' and u.deleted_at is null));
create policy "operators see opportunities" on public.market_opportunities for select to authenticated
  using (exists (select from public.users u where u.id = (select auth.uid()) and u.role = 'operator' and u.deleted_at is null));
create policy "opportunities of own tenants" on public.market_opportunities for select to authenticated
  using (tenant_id in (select m.tenant_id from public.tenant_members m where m.user_id = (select auth.uid()))
    or user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null));

revoke all on public.agent_budgets, public.market_opportunities, public.brain_tasks from anon, authenticated, service_role;
grant select on public.agent_budgets, public.market_opportunities, public.brain_tasks to authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.schedule_tasks(int), public.begin_task(uuid, int), public.beat_task(uuid, int, int),
  public.end_task(uuid, int, text, bigint, jsonb, text), public.reap_tasks(int), public.optimise_agents() from public, anon, authenticated;
grant execute on function public.schedule_tasks(int), public.begin_task(uuid, int), public.beat_task(uuid, int, int),
  public.end_task(uuid, int, text, bigint, jsonb, text), public.reap_tasks(int), public.optimise_agents() to service_role;
