-- A summary is read by who pays and whose it is: with a plan for any of them all sums of the month were read for one person's.

create or replace function public.usage_summary(p_user_id uuid, p_tenant_id uuid, p_from date, p_to date, p_by text) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
declare
  v_role text;
  v_owner_id uuid := coalesce(p_tenant_id, p_user_id);
  v_sees_all boolean;
  v_shown_user_id uuid;
  v_rows jsonb;
begin
  if (p_by in ('hour', 'day', 'kind', 'tool', 'person') and isfinite(p_from) and isfinite(p_to) and p_from between '2000-01-01' and '2999-12-30'
      and p_to between p_from + 1 and p_from + case p_by when 'hour' then 31 else 400 end) is not true then
    return jsonb_build_object('status', 'out_of_range');
  end if;
  if p_tenant_id is not null then
    select role into v_role from public.tenant_members where tenant_id = p_tenant_id and user_id = p_user_id;
    if v_role is null then
      return jsonb_build_object('status', 'not_a_member');
    end if;
  end if;
  -- A member sees what they used themselves.
  v_sees_all := coalesce(v_role in ('owner', 'billing'), false);
  -- Of one person, of all together, or (null) of each.
  v_shown_user_id := case when not v_sees_all then p_user_id when p_by <> 'person' then private.nobody() end;
  with shown as materialized (
    select f.* from private.usage_figures f
    where f.owner_id = v_owner_id and f.grain = case p_by when 'hour' then 'hour' else 'day' end
      and f.at >= p_from::timestamp at time zone 'utc' and f.at < p_to::timestamp at time zone 'utc'
      and (f.user_id = v_shown_user_id or v_shown_user_id is null and f.user_id <> private.nobody())
    union all
    select f.* from private.usage_rolled_up r cross join lateral private.figures_of_usage(r.upto, null, v_owner_id) f
    where f.at >= p_from::timestamp at time zone 'utc' and f.at < p_to::timestamp at time zone 'utc'
      and (f.user_id = v_shown_user_id or v_shown_user_id is null and f.user_id <> private.nobody())),
  grouped as (
    select case p_by when 'hour' then private.utc_text(s.at) when 'day' then private.utc_text(date_trunc('day', s.at, 'utc')) end as at,
      case p_by when 'person' then s.user_id end as user_id, s.kind, case p_by when 'tool' then s.tool end as tool, s.currency,
      sum(s.events) as events, sum(s.quantity) as quantity, sum(s.price_micros) as price_micros,
      sum(s.events_without_price) as events_without_price
    from shown s where p_by <> 'tool' or s.kind = 'tool_call' group by 1, 2, 3, 4, 5 having sum(s.events) > 0)
  select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(g)) || jsonb_build_object('unit', private.usage_unit(g.kind))
    order by g.at, g.user_id, g.kind, g.tool, g.currency), '[]') into v_rows from grouped g;
  return jsonb_build_object('status', 'ok', 'scope', case when p_tenant_id is null or not v_sees_all then 'own' else 'tenant' end,
    'rows', v_rows);
end $$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
