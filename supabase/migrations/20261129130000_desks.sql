-- Whoever runs out of time has a while at the desk, free, to buy more: not more than so much of it a day.

create index calls_with_desk on public.calls (user_id, ended_at)
  where jsonb_path_exists(receipt, '$.windows[*] ? (@.reason == "desk")');

create function public.desk_ms_today(p_user_id uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select coalesce(sum((w ->> 'to_ms')::bigint - (w ->> 'from_ms')::bigint), 0)::bigint
  from public.calls c, jsonb_path_query(c.receipt, '$.windows[*] ? (@.reason == "desk")') w
  where c.user_id = p_user_id and c.ended_at > now() - interval '24 hours'
    and jsonb_path_exists(c.receipt, '$.windows[*] ? (@.reason == "desk")')
$$;
comment on function public.desk_ms_today(uuid) is
  'How many milliseconds the calls of a person that ended within a day were at the top-up desk.';

revoke execute on function public.desk_ms_today(uuid) from public, anon, authenticated;
grant execute on function public.desk_ms_today(uuid) to service_role;
