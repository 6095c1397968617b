-- What was earned, added up by quarters of an hour (every zone's day begins on one), hours and days of UTC, as the figures of usage are: what
-- transactions below the watermark wrote stands in the sums, what is not is read beside them. Never summed across currencies.

alter table public.autonomous_revenue add column xid xid8 not null default pg_current_xact_id();
create index autonomous_revenue_by_transaction on public.autonomous_revenue (xid);

create function private.keep_revenue() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if old.status = 'collected' or (new.amount_micros, new.created_at, new.currency, new.revenue_source, new.agent_id)
      is distinct from (old.amount_micros, old.created_at, old.currency, old.revenue_source, old.agent_id) then
    raise exception 'revenue is not changed: what goes back is a row with a negative amount';
  end if;
  new.xid := pg_current_xact_id();
  return new;
end $$;
create trigger keep_revenue before update on public.autonomous_revenue for each row execute function private.keep_revenue();
create trigger revenue_is_never_deleted before delete on public.autonomous_revenue for each row execute function private.refuse_change();
create trigger revenue_is_never_truncated before truncate on public.autonomous_revenue for each statement execute function private.refuse_change();

create function private.note_revenue_of_agent() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.autonomous_agents set total_revenue_micros = total_revenue_micros + new.amount_micros where id = new.agent_id;
  return null;
end $$;
create trigger note_revenue after insert on public.autonomous_revenue
  for each row when (new.status = 'collected' and new.agent_id is not null) execute function private.note_revenue_of_agent();
create trigger note_collected_revenue after update of status on public.autonomous_revenue
  for each row when (new.status = 'collected' and old.status <> 'collected' and new.agent_id is not null) execute function private.note_revenue_of_agent();

create table private.revenue_rolled_up (
  is_one boolean primary key default true check (is_one),
  upto xid8 not null
);
comment on table private.revenue_rolled_up is 'The watermark: revenue that transactions before this one wrote stands in the sums.';
insert into private.revenue_rolled_up (upto) values ('0');

create table private.revenue_figures (
  grain text not null check (grain in ('quarter', 'hour', 'day')),
  at timestamptz not null,
  currency text not null,
  revenue_source text not null,
  entries bigint not null,
  amount_micros numeric not null,
  platform_fee_micros numeric not null,
  seller_share_micros numeric not null,
  stripe_cost_micros numeric not null,
  primary key (grain, at, currency, revenue_source)
);
comment on table private.revenue_figures is 'Collected revenue by when it was earned.';

create function private.quarter_of(p_at timestamptz) returns timestamptz
language sql immutable set search_path = '' as $$ select date_bin('15 minutes', p_at, timestamptz '2000-01-01T00:00:00Z') $$;

-- Planned for the watermark as it is. Without an end: all that is not rolled up yet.
create function private.figures_of_revenue(p_from xid8, p_upto xid8) returns setof private.revenue_figures
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
begin
  return query select 'quarter', private.quarter_of(r.created_at), r.currency, r.revenue_source, count(*), sum(r.amount_micros),
    sum(r.platform_fee_micros), sum(r.seller_share_micros), sum(r.stripe_cost_micros)
  from public.autonomous_revenue r
  where r.xid >= p_from and (p_upto is null or r.xid < p_upto) and r.status = 'collected' group by 2, 3, 4;
end $$;

create function private.add_revenue_figures(p_quarters private.revenue_figures[]) returns void
language sql security definer set search_path = '' as $$
  insert into private.revenue_figures as f
    select g.grain, g.at, q.currency, q.revenue_source, sum(q.entries), sum(q.amount_micros), sum(q.platform_fee_micros),
      sum(q.seller_share_micros), sum(q.stripe_cost_micros)
    from unnest(p_quarters) q cross join lateral (values ('quarter', q.at), ('hour', date_trunc('hour', q.at, 'utc')),
      ('day', date_trunc('day', q.at, 'utc'))) g (grain, at)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (grain, at, currency, revenue_source) do update set entries = f.entries + excluded.entries,
    amount_micros = f.amount_micros + excluded.amount_micros, platform_fee_micros = f.platform_fee_micros + excluded.platform_fee_micros,
    seller_share_micros = f.seller_share_micros + excluded.seller_share_micros, stripe_cost_micros = f.stripe_cost_micros + excluded.stripe_cost_micros
$$;

-- Up to where a batch goes: before the first transaction that still runs, and not much more than so many rows. What one
-- transaction wrote is never parted.
create function private.end_of_revenue_batch(p_from xid8, p_limit int) returns xid8
language plpgsql stable security definer set search_path = '' as $$
declare
  v_upto xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_xid xid8;
begin
  select xid into v_xid from public.autonomous_revenue where xid >= p_from and xid < v_upto order by xid offset p_limit limit 1;
  if v_xid = p_from then
    select xid into v_xid from public.autonomous_revenue where xid > p_from and xid < v_upto order by xid limit 1;
  end if;
  return coalesce(v_xid, v_upto);
end $$;

create function public.roll_up_revenue(p_limit int default 5000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_from xid8;
  v_upto xid8;
begin
  if not pg_try_advisory_xact_lock(24, 50) then
    return jsonb_build_object('status', 'busy');
  end if;
  select upto into v_from from private.revenue_rolled_up;
  if v_from > pg_snapshot_xmax(pg_current_snapshot()) then
    perform public.note_finding('figures_of_another_server', 'revenue_rolled_up', 'These books were restored into another PostgreSQL, '
      'which counts its transactions anew: run select private.begin_revenue_figures_anew() once (docs/board.md).');
    return jsonb_build_object('status', 'busy');
  end if;
  v_upto := private.end_of_revenue_batch(v_from, greatest(1, least(coalesce(p_limit, 5000), 500000)));
  if v_upto > v_from then
    perform private.add_revenue_figures(array(select q from private.figures_of_revenue(v_from, v_upto) q));
    update private.revenue_rolled_up set upto = v_upto;
  end if;
  return jsonb_build_object('status',
    case when v_upto > v_from and v_upto < pg_snapshot_xmin(pg_current_snapshot()) then 'more' else 'complete' end);
end $$;
comment on function public.roll_up_revenue(int) is
  'Adds revenue that was collected since to its sums, not much more than so many rows. Status complete, more (call it again) or busy.';

-- After a dump was restored into another server: its transactions are numbered anew, so all is added up again.
create function private.begin_revenue_figures_anew() returns void
language plpgsql security definer set search_path = '' as $$
begin
  lock table public.autonomous_revenue in access exclusive mode;
  alter table public.autonomous_revenue disable trigger keep_revenue;
  update public.autonomous_revenue set xid = '0' where xid <> '0';
  alter table public.autonomous_revenue enable trigger keep_revenue;
  delete from private.revenue_figures;
  perform private.add_revenue_figures(array(select q from private.figures_of_revenue('0', null) q));
  update private.revenue_rolled_up set upto = pg_snapshot_xmin(pg_current_snapshot());
end $$;

-- A day of UTC anew from its rows, and whether it was right. The advisory lock keeps the roll-up out meanwhile.
create function public.check_revenue(p_day date default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upto xid8;
  v_day date := coalesce(p_day, (now() at time zone 'utc')::date - 1 - floor(random() * 30)::int);
  v_from timestamptz;
  v_wrong int;
begin
  if (v_day between '2000-01-01' and '2999-12-31') is not true then
    return jsonb_build_object('status', 'nothing');
  end if;
  v_from := v_day::timestamp at time zone 'utc';
  perform pg_advisory_xact_lock(24, 50);
  select upto into v_upto from private.revenue_rolled_up;
  create temp table anew on commit drop as select 'quarter'::text as grain, private.quarter_of(r.created_at) as at, r.currency, r.revenue_source,
    count(*) as entries, sum(r.amount_micros) as amount_micros, sum(r.platform_fee_micros) as platform_fee_micros,
    sum(r.seller_share_micros) as seller_share_micros, sum(r.stripe_cost_micros) as stripe_cost_micros
  from public.autonomous_revenue r where r.created_at >= v_from and r.created_at < v_from + interval '1 day' and r.xid < v_upto
    and r.status = 'collected' group by 2, 3, 4;
  select count(*) into v_wrong from (
    (select f.* from private.revenue_figures f where f.grain = 'quarter' and f.at >= v_from and f.at < v_from + interval '1 day'
      except select * from pg_temp.anew)
    union all
    (select * from pg_temp.anew except select f.* from private.revenue_figures f where f.grain = 'quarter')) d;
  if v_wrong > 0 then
    delete from private.revenue_figures where at >= v_from and at < v_from + interval '1 day';
    perform private.add_revenue_figures(array(select row(a.*)::private.revenue_figures from pg_temp.anew a));
    perform public.note_finding('revenue_differs', v_day::text,
      format('The sums of revenue of %s were not those of its rows, and were replaced.', v_day));
  end if;
  drop table pg_temp.anew;
  return jsonb_build_object('status', case when v_wrong > 0 then 'replaced' else 'same' end, 'day', v_day);
end $$;
comment on function public.check_revenue(date) is
  'Builds a day of the sums of revenue anew from its rows, a random one of the last 30 unless given. Status same, replaced or nothing.';

-- Revenue between two moments that are beginnings of the grain, exact to the last commit.
create function private.revenue_between(p_from timestamptz, p_to timestamptz, p_grain text default 'quarter')
returns table (at timestamptz, currency text, revenue_source text, entries numeric, amount_micros numeric, platform_fee_micros numeric,
  seller_share_micros numeric, stripe_cost_micros numeric)
language sql stable security definer set search_path = '' as $$
  select f.at, f.currency, f.revenue_source, f.entries::numeric, f.amount_micros, f.platform_fee_micros, f.seller_share_micros, f.stripe_cost_micros
    from private.revenue_figures f where f.grain = p_grain and f.at >= p_from and f.at < p_to
  union all
  select case p_grain when 'quarter' then t.at else date_trunc(p_grain, t.at, 'utc') end, t.currency, t.revenue_source, t.entries, t.amount_micros,
      t.platform_fee_micros, t.seller_share_micros, t.stripe_cost_micros
    from private.revenue_rolled_up w cross join lateral private.figures_of_revenue(w.upto, null) t where t.at >= p_from and t.at < p_to
$$;

-- The widest grain of which a zone's hours, or days, are made in that time: also where its clocks are put half an hour on (Lord Howe Island).
create function private.grain_of(p_zone text, p_from timestamptz, p_to timestamptz, p_by text) returns text
language sql stable security definer set search_path = '' as $$
  select case when p_by = 'day' and p_zone = 'UTC' then 'day'
    when exists (select from generate_series(p_from, p_to + interval '1 day', interval '1 day') d
      where extract(minute from d at time zone p_zone) <> extract(minute from d at time zone 'UTC')) then 'quarter' else 'hour' end
$$;

create function public.revenue_stats(p_zone text default 'UTC') returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_from timestamptz;
  v_tasks record;
begin
  if (select count(*) from pg_timezone_names where name = p_zone) <> 1 then
    return jsonb_build_object('status', 'unknown_zone');
  end if;
  v_from := date_trunc('day', now(), p_zone);
  select count(*) as all_of_them, count(*) filter (where status = 'completed') as completed into v_tasks
    from public.brain_tasks where created_at >= now() - interval '24 hours';
  return jsonb_build_object('status', 'ok', 'as_of', private.utc_text(now()),
    'today', (select coalesce(jsonb_agg(to_jsonb(s) order by s.currency), '[]') from (
      select currency, sum(entries) as entries, sum(amount_micros) as amount_micros, sum(platform_fee_micros) as platform_fee_micros,
        sum(seller_share_micros) as seller_share_micros, sum(stripe_cost_micros) as stripe_cost_micros
      from private.revenue_between(v_from, 'infinity', private.grain_of(p_zone, v_from, now(), 'hour')) group by currency) s),
    'active_agents', (select count(*) from public.autonomous_agents where status = 'active'),
    'tasks_24_hours', v_tasks.all_of_them, 'completed_24_hours', v_tasks.completed,
    'success_rate', case when v_tasks.all_of_them = 0 then 0 else round(v_tasks.completed::numeric / v_tasks.all_of_them, 6) end,
    'pending_payments', (select count(*) from public.pending_payments where status = 'pending'),
    'pending_micros', (select coalesce(sum(amount_micros), 0) from public.pending_payments where status = 'pending'));
end $$;
comment on function public.revenue_stats(text) is
  'The figures of the board of revenue: collected since the zone''s midnight by currency, agents at work, how many of the tasks of 24 hours are '
  'completed, and what is to be charged. Status ok or unknown_zone.';

create function public.revenue_over_time(p_from date, p_to date, p_by text default 'day', p_zone text default 'UTC') returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_from timestamptz;
  v_to timestamptz;
  v_rows jsonb;
begin
  if (select count(*) from pg_timezone_names where name = p_zone) <> 1 then
    return jsonb_build_object('status', 'unknown_zone');
  elsif (p_by in ('hour', 'day') and isfinite(p_from) and p_from between '2000-01-01' and '2999-12-30' and isfinite(p_to)
      and p_to between p_from + 1 and p_from + case p_by when 'hour' then 31 else 400 end) is not true then
    return jsonb_build_object('status', 'out_of_range');
  end if;
  v_from := p_from::timestamp at time zone p_zone;
  v_to := p_to::timestamp at time zone p_zone;
  select coalesce(jsonb_agg(to_jsonb(s) order by s.at, s.currency, s.revenue_source), '[]') into v_rows from (
    select private.utc_text(date_trunc(p_by, b.at, p_zone)) as at, b.currency, b.revenue_source, sum(b.entries) as entries,
      sum(b.amount_micros) as amount_micros, sum(b.platform_fee_micros) as platform_fee_micros, sum(b.seller_share_micros) as seller_share_micros,
      sum(b.stripe_cost_micros) as stripe_cost_micros
    from private.revenue_between(v_from, v_to, private.grain_of(p_zone, v_from, v_to, p_by)) b group by 1, 2, 3) s;
  return jsonb_build_object('status', 'ok', 'rows', v_rows);
end $$;
comment on function public.revenue_over_time(date, date, text, text) is
  'Collected revenue by hour (31 days at most) or day of a zone, currency and source, from a day to the one before the other. Status ok, out_of_range or unknown_zone.';

create function public.agent_cards(p_limit int default 50) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'agent_name', a.agent_name, 'agent_type', a.agent_type, 'status', a.status,
    'is_simulation', private.is_simulation(a.agent_type), 'capabilities', a.capabilities, 'running_tasks', a.running_tasks,
    'max_concurrent_tasks', a.max_concurrent_tasks, 'performance_score', a.performance_score, 'success_rate', a.success_rate,
    'total_tasks_completed', a.total_tasks_completed, 'total_revenue_micros', a.total_revenue_micros,
    'daily_budget_micros', a.daily_budget_micros, 'spent_today_micros', coalesce(b.spent_micros, 0), 'reserved_micros', coalesce(b.reserved_micros, 0),
    'error_count', a.error_count, 'last_error', a.last_error, 'last_heartbeat_at', private.utc_text(a.last_heartbeat_at),
    'last_active_at', private.utc_text(a.last_active_at)) order by a.status = 'active' desc, a.performance_score desc, a.id), '[]')
  from (select * from public.autonomous_agents where retired_at is null order by status = 'active' desc, performance_score desc, id
    limit greatest(0, least(p_limit, 500))) a
  left join public.agent_budgets b on b.agent_id = a.id and b.day = private.agent_day(a.zone)
$$;
comment on function public.agent_cards(int) is 'Agents with what they do now, spent today and earned so far: those at work first, then the best.';

create function public.list_tasks(p_limit int default 50, p_before timestamptz default null) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(private.read_task(t) || jsonb_build_object('agent_name', a.agent_name) order by t.created_at desc, t.id), '[]')
  from (select * from public.brain_tasks where p_before is null or created_at < p_before order by created_at desc, id
    limit greatest(0, least(p_limit, 500))) t join public.autonomous_agents a on a.id = t.assigned_agent
$$;
comment on function public.list_tasks(int, timestamptz) is 'Tasks, newest first.';

create function public.list_opportunities(p_limit int default 50) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'title', o.title, 'source', o.source, 'task_type', o.task_type, 'status', o.status,
    'score', o.score, 'target_api_id', o.target_api_id, 'expected_revenue_micros', o.expected_revenue_micros, 'max_price_micros', o.max_price_micros,
    'created_at', private.utc_text(o.created_at), 'expires_at', private.utc_text(o.expires_at)) order by o.created_at desc, o.id), '[]')
  from (select * from public.market_opportunities order by created_at desc, id limit greatest(0, least(p_limit, 500))) o
$$;
comment on function public.list_opportunities(int) is 'What could be done, newest first.';

revoke all on private.revenue_rolled_up, private.revenue_figures from anon, authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.roll_up_revenue(int), public.check_revenue(date), public.revenue_stats(text),
  public.revenue_over_time(date, date, text, text), public.agent_cards(int), public.list_tasks(int, timestamptz), public.list_opportunities(int)
  from public, anon, authenticated;
grant execute on function public.roll_up_revenue(int), public.check_revenue(date), public.revenue_stats(text),
  public.revenue_over_time(date, date, text, text), public.agent_cards(int), public.list_tasks(int, timestamptz), public.list_opportunities(int) to service_role;
