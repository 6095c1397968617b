-- What people say about their calls: a rating of each, and requests for help, which operators answer.

create table private.call_ratings (
  call_id uuid primary key references public.calls (id) on delete restrict,
  user_id uuid not null references public.users (id) on delete restrict,
  score smallint not null check (score between 1 and 5),
  words text check (length(words) between 1 and 500),
  rated_at timestamptz not null default now(),
  changed_at timestamptz not null default now()
);
comment on table private.call_ratings is 'One per call, by its caller: 1 (bad) to 5 (good). Can be changed for a day.';
create index call_ratings_by_person on private.call_ratings (user_id);
create index call_ratings_by_time on private.call_ratings (rated_at);

create table private.support_requests (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  key text not null check (length(key) between 1 and 255),
  about text not null check (about in ('call', 'purchase', 'card', 'account')),
  about_id uuid,
  message text check (length(message) between 1 and 2000),
  status text not null default 'open' check (status in ('open', 'answered', 'closed')),
  answer text check (length(answer) between 1 and 5000),
  created_at timestamptz not null default now(),
  answered_at timestamptz,
  answered_by uuid references public.users (id) on delete restrict,
  closed_at timestamptz,
  closed_by uuid references public.users (id) on delete restrict,
  unique (user_id, key),
  constraint about_something check ((about = 'account') = (about_id is null)),
  check ((answered_at is null) = (answered_by is null) and (closed_at is null) = (closed_by is null)),
  check (case status when 'open' then answered_at is null and closed_at is null
    when 'answered' then answered_at is not null and closed_at is null else closed_at is not null end)
);
comment on table private.support_requests is
  'Somebody asks for help with a call, a purchase, a card or their account. Message and answer go with a deleted person.';
create index support_requests_in_order on private.support_requests (created_at, id);
create index support_requests_by_status on private.support_requests (status, created_at, id);
create index support_requests_by_subject on private.support_requests (about_id) where about_id is not null;
create index support_requests_by_answerer on private.support_requests (answered_by);
create index support_requests_by_closer on private.support_requests (closed_by);
revoke all on private.call_ratings, private.support_requests from public, anon, authenticated, service_role;

-- A word for what an operator did: more are added with what operators can do.
alter table public.operator_acts drop constraint operator_acts_act_check,
  add constraint operator_acts_act_check check (act ~ '^[a-z_]{1,40}$');

create function private.describe_rating(r private.call_ratings) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('call_id', r.call_id, 'score', r.score, 'words', r.words,
    'rated_at', private.utc_text(r.rated_at), 'changeable_until', private.utc_text(r.rated_at + interval '1 day'))
$$;

create function public.rate_call(p_user_id uuid, p_call_id uuid, p_score int, p_words text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_call public.calls;
  v_rating private.call_ratings;
begin
  if (p_score between 1 and 5 and coalesce(length(p_words) between 1 and 500, true)) is not true then
    return jsonb_build_object('status', 'invalid_rating');
  end if;
  select * into v_call from public.calls where id = p_call_id and user_id = p_user_id;
  if not found or exists (select from public.users where id = p_user_id and deleted_at is not null) then
    return jsonb_build_object('status', 'unknown_call');
  elsif v_call.status <> 'settled' then
    return jsonb_build_object('status', 'call_in_progress');
  end if;
  insert into private.call_ratings as r (call_id, user_id, score, words) values (p_call_id, p_user_id, p_score, p_words)
    on conflict (call_id) do update set score = excluded.score, words = excluded.words, changed_at = now()
      where r.rated_at > now() - interval '1 day'
    returning * into v_rating;
  if not found then
    return jsonb_build_object('status', 'too_late');
  end if;
  return jsonb_build_object('status', 'rated', 'rating', private.describe_rating(v_rating));
end $$;
comment on function public.rate_call(uuid, uuid, int, text) is
  'The caller rates a settled call, once; for a day it can be changed. Refuses with unknown_call (of somebody else, too), '
  'call_in_progress, too_late or invalid_rating.';

create function public.read_rating(p_user_id uuid, p_call_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select private.describe_rating(r) from private.call_ratings r where call_id = p_call_id and user_id = p_user_id
$$;

-- Whether somebody has what they ask about.
create function private.is_about_own(p_user_id uuid, p_about text, p_about_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select case p_about
    when 'account' then p_about_id is null
    when 'call' then exists (select from public.calls where id = p_about_id and user_id = p_user_id)
    when 'purchase' then exists (select from public.purchases where id = p_about_id and user_id = p_user_id)
    when 'card' then exists (select from public.grants where id = p_about_id and p_user_id in (account_id, purchaser_id))
    else false end
$$;

create function private.describe_request(r private.support_requests) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('id', r.id, 'about', r.about, 'about_id', r.about_id, 'message', r.message, 'status', r.status,
    'answer', r.answer, 'created_at', private.utc_text(r.created_at), 'answered_at', private.utc_text(r.answered_at),
    'closed_at', private.utc_text(r.closed_at))
$$;

create function public.ask_for_help(p_user_id uuid, p_key text, p_about text, p_about_id uuid, p_message text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_request private.support_requests;
begin
  if (length(p_key) between 1 and 255 and length(p_message) between 1 and 2000) is not true then
    return jsonb_build_object('status', 'invalid_request');
  elsif not exists (select from public.users where id = p_user_id and deleted_at is null) then
    return jsonb_build_object('status', 'unknown_user');
  end if;
  -- Many at once get no more than one after the other.
  perform pg_advisory_xact_lock(hashtextextended(p_user_id::text, 12300));
  select * into v_request from private.support_requests where user_id = p_user_id and key = p_key;
  if found then
    return case when (v_request.about, v_request.about_id, v_request.message)
        is not distinct from (p_about, p_about_id, p_message)
      then jsonb_build_object('status', 'asked', 'replayed', true, 'request', private.describe_request(v_request))
      else jsonb_build_object('status', 'key_reused') end;
  elsif private.is_about_own(p_user_id, p_about, p_about_id) is not true then
    return jsonb_build_object('status', 'unknown_subject');
  elsif (select count(*) from private.support_requests
      where user_id = p_user_id and created_at > now() - interval '1 day') >= 5 then
    return jsonb_build_object('status', 'too_many_requests');
  end if;
  insert into private.support_requests (user_id, key, about, about_id, message)
    values (p_user_id, p_key, p_about, p_about_id, p_message) returning * into v_request;
  perform private.enqueue('notice', 'notice:support_request:' || v_request.id,
    jsonb_build_object('notice', 'support_request', 'request_id', v_request.id));
  return jsonb_build_object('status', 'asked', 'replayed', false, 'request', private.describe_request(v_request));
end $$;
comment on function public.ask_for_help(uuid, text, text, uuid, text) is
  'Somebody asks for help with a call, purchase or card of theirs, or with their account; five times a day. The same key '
  'asks once. Refuses with unknown_subject, too_many_requests, key_reused, unknown_user or invalid_request.';

create function public.list_own_requests(p_user_id uuid, p_before uuid default null, p_limit int default 20) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(private.describe_request(r) order by r.created_at desc, r.id desc), '[]')
  from (select q.* from private.support_requests q
    where q.user_id = p_user_id and (p_before is null or (q.created_at, q.id) < (select b.created_at, b.id
      from private.support_requests b where b.id = p_before and b.user_id = p_user_id))
    order by q.created_at desc, q.id desc limit greatest(1, least(coalesce(p_limit, 20), 100))) r
$$;
comment on function public.list_own_requests(uuid, uuid, int) is
  'What somebody asked for help with, newest first, page by page: from behind p_before on.';

-- A request as operators see it, beside who asked.
create function private.request_for_operators(r private.support_requests) returns jsonb
language sql stable security definer set search_path = '' as $$
  select private.describe_request(r) || jsonb_build_object('user_id', r.user_id, 'email', u.email,
    'display_name', u.display_name, 'answered_by', r.answered_by, 'closed_by', r.closed_by,
    'answer_seconds', floor(extract(epoch from r.answered_at - r.created_at))::bigint,
    'waiting_seconds', case r.status when 'open' then floor(extract(epoch from now() - r.created_at))::bigint end)
  from public.users u where u.id = r.user_id
$$;

create function public.list_support_requests(p_status text default null, p_user_id uuid default null,
  p_about_id uuid default null, p_after uuid default null, p_limit int default 50) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_from private.support_requests;
  v_limit int := greatest(1, least(coalesce(p_limit, 50), 200));
  v_page jsonb;
begin
  select * into v_from from private.support_requests where id = p_after;
  -- Who waits longest comes first; of what is done, the newest.
  if p_status = 'open' then
    select jsonb_agg(private.request_for_operators(r) order by r.created_at, r.id) into v_page
      from (select * from private.support_requests q where status = 'open'
          and (p_user_id is null or user_id = p_user_id) and (p_about_id is null or about_id = p_about_id)
          and (p_after is null or (q.created_at, q.id) > (v_from.created_at, v_from.id))
        order by created_at, id limit v_limit) r;
  else
    select jsonb_agg(private.request_for_operators(r) order by r.created_at desc, r.id desc) into v_page
      from (select * from private.support_requests q where (p_status is null or status = p_status)
          and (p_user_id is null or user_id = p_user_id) and (p_about_id is null or about_id = p_about_id)
          and (p_after is null or (q.created_at, q.id) < (v_from.created_at, v_from.id))
        order by created_at desc, id desc limit v_limit) r;
  end if;
  return jsonb_build_object('requests', coalesce(v_page, '[]'),
    'next', case when jsonb_array_length(v_page) = v_limit then v_page -> -1 -> 'id' end);
end $$;
comment on function public.list_support_requests(text, uuid, uuid, uuid, int) is
  'For operators, page by page: open ones longest waiting first, all others newest first; of one person or about one call, '
  'purchase or card. next is passed as p_after, and null on the last page.';

create function public.answer_support_request(p_request_id uuid, p_operator_id uuid, p_answer text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_request private.support_requests;
begin
  if (length(trim(p_answer)) between 1 and 5000) is not true then
    return jsonb_build_object('status', 'invalid_answer');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_request from private.support_requests where id = p_request_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_request');
  elsif v_request.status <> 'open' then
    return case when v_request.answer = trim(p_answer)
      then jsonb_build_object('status', 'answered', 'replayed', true, 'request', private.request_for_operators(v_request))
      else jsonb_build_object('status', 'not_open') end;
  end if;
  update private.support_requests
    set status = 'answered', answer = trim(p_answer), answered_at = now(), answered_by = p_operator_id
    where id = p_request_id returning * into v_request;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, 'answer', p_request_id::text, 'answered a request for help');
  perform private.enqueue('notice', 'notice:support_answer:' || p_request_id,
    jsonb_build_object('notice', 'support_answer', 'request_id', p_request_id));
  return jsonb_build_object('status', 'answered', 'replayed', false, 'request', private.request_for_operators(v_request));
end $$;
comment on function public.answer_support_request(uuid, uuid, text) is
  'An operator answers a request for help, once; the answer goes by mail. Refuses with unknown_request, not_open (answered '
  'otherwise or closed), not_an_operator or invalid_answer.';

create function public.close_support_request(p_request_id uuid, p_operator_id uuid, p_reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_request private.support_requests;
begin
  if (length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_reason');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_request from private.support_requests where id = p_request_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_request');
  elsif v_request.status <> 'closed' then
    update private.support_requests set status = 'closed', closed_at = now(), closed_by = p_operator_id
      where id = p_request_id returning * into v_request;
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, 'close', p_request_id::text, trim(p_reason));
  end if;
  return jsonb_build_object('status', 'closed', 'request', private.request_for_operators(v_request));
end $$;
comment on function public.close_support_request(uuid, uuid, text) is
  'An operator closes a request, answered or not, for a reason; nobody is told. Harmless to repeat. Refuses with '
  'unknown_request, not_an_operator or invalid_reason.';

create function public.support_figures(p_days int default 30) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'open', (select count(*) from private.support_requests where status = 'open'),
    'longest_waiting_seconds', (select floor(extract(epoch from now() - min(created_at)))::bigint
      from private.support_requests where status = 'open'),
    'asked', count(*), 'answered', count(r.answered_at),
    'answer_p50_seconds', floor(percentile_disc(0.5) within group (order by extract(epoch from r.answered_at - r.created_at))),
    'answer_p95_seconds', floor(percentile_disc(0.95) within group (order by extract(epoch from r.answered_at - r.created_at))))
  from private.support_requests r
  where created_at > now() - make_interval(days => greatest(1, least(coalesce(p_days, 30), 366)))
$$;
comment on function public.support_figures(int) is
  'Of the requests of the last days, how many were answered and how soon; and how many are open now.';

create function public.read_support_request(p_request_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select private.request_for_operators(r) from private.support_requests r where id = p_request_id
$$;
comment on function public.read_support_request(uuid) is 'One request with who asked, for operators and for mails about it; null where there is none.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.rate_call(uuid, uuid, int, text), public.read_rating(uuid, uuid),
  public.ask_for_help(uuid, text, text, uuid, text), public.list_own_requests(uuid, uuid, int),
  public.list_support_requests(text, uuid, uuid, uuid, int), public.answer_support_request(uuid, uuid, text),
  public.close_support_request(uuid, uuid, text), public.support_figures(int), public.read_support_request(uuid)
  from public, anon, authenticated;
grant execute on function public.rate_call(uuid, uuid, int, text), public.read_rating(uuid, uuid),
  public.ask_for_help(uuid, text, text, uuid, text), public.list_own_requests(uuid, uuid, int),
  public.list_support_requests(text, uuid, uuid, uuid, int), public.answer_support_request(uuid, uuid, text),
  public.close_support_request(uuid, uuid, text), public.support_figures(int), public.read_support_request(uuid)
  to service_role;
