-- What workers tell of themselves, so that operators see whether whoever calls is answered; and what operators do about jobs,
-- events and codes, each act with its reason.

create table private.workers (
  id uuid primary key,
  name text not null,
  release text not null,
  state text not null check (state in ('open', 'full', 'starved', 'draining', 'not_connected')),
  calls int not null check (calls >= 0),
  seats int check (seats >= 0),
  load_percent int not null check (load_percent >= 0),
  started_at timestamptz not null default now(),
  reported_at timestamptz not null default now()
);
comment on table private.workers is
  'Worker processes by what they last told of themselves. seats: how many calls it can hold, where calls are counted; null '
  'where the processor decides. load_percent: of what it takes at most. One that ends takes its row along, and one that was '
  'killed is silent, and forgotten after an hour.';
revoke all on private.workers from public, anon, authenticated, service_role;

-- Three reports that did not come.
create function private.is_silent(w private.workers) returns boolean
language sql stable set search_path = '' as $$
  select w.reported_at < now() - interval '30 seconds'
$$;

create function public.report_worker(p_worker_id uuid, p_report jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  r record;
begin
  if p_worker_id is null or jsonb_typeof(p_report) is distinct from 'object' or length(p_report::text) > 2000 then
    return jsonb_build_object('status', 'invalid_report');
  end if;
  begin
    select * into r from jsonb_to_record(p_report) as j (name text, release text, state text, calls int, seats int, load_percent int);
  exception when data_exception then
    return jsonb_build_object('status', 'invalid_report');
  end;
  if r.state = 'gone' then
    delete from private.workers where id = p_worker_id;
    return jsonb_build_object('status', 'noted');
  elsif (length(r.name) between 1 and 200 and length(coalesce(r.release, '')) <= 100 and r.calls >= 0
      and coalesce(r.seats >= 0, true) and r.load_percent >= 0
      and r.state in ('open', 'full', 'starved', 'draining', 'not_connected')) is not true then
    return jsonb_build_object('status', 'invalid_report');
  end if;
  insert into private.workers as w (id, name, release, state, calls, seats, load_percent)
    values (p_worker_id, r.name, coalesce(r.release, ''), r.state, r.calls, r.seats, r.load_percent)
    on conflict (id) do update set name = excluded.name, release = excluded.release, state = excluded.state,
      calls = excluded.calls, seats = excluded.seats, load_percent = excluded.load_percent, reported_at = now();
  delete from private.workers where reported_at < now() - interval '1 hour';
  return jsonb_build_object('status', 'noted');
end $$;
comment on function public.report_worker(uuid, jsonb) is
  'A worker tells how it is: name, release, state (open, full, starved, draining, not_connected, or gone at its end), calls, '
  'seats (null where the processor decides) and load_percent. Status noted or invalid_report.';

-- Jobs that were given up are taken up again, or dropped: a dropped one stays in the queue as cancelled, so that its key is
-- not owed again.
drop function public.retry_job(uuid);
create function public.decide_job(p_id uuid, p_decision text, p_operator_id uuid, p_reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job pgboss.job;
begin
  if (p_decision in ('retry', 'drop') and length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_act');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select j.* into v_job from private.job_kinds k join pgboss.job j on j.name = k.name and j.id = p_id for update of j;
  if not found then
    return jsonb_build_object('status', 'unknown_item');
  elsif v_job.state <> 'failed' then
    return jsonb_build_object('status', case when v_job.state < 'completed' then 'waiting' else 'done' end);
  elsif p_decision = 'drop' and v_job.data ->> 'user_id' = p_operator_id::text then
    return jsonb_build_object('status', 'own_affair');
  end if;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, p_decision || '_job', p_id::text, trim(p_reason));
  if p_decision = 'drop' then
    update pgboss.job set state = 'cancelled', completed_on = now() where name = v_job.name and id = v_job.id;
    return jsonb_build_object('status', 'dropped');
  end if;
  perform private.do_again(v_job.name, v_job.id);
  return jsonb_build_object('status', 'retried');
end $$;
comment on function public.decide_job(uuid, text, uuid, text) is
  'Takes a job up again that was given up, with all its attempts (retry), or lets it be for good (drop), for a reason. Status '
  'retried, dropped, waiting (not given up) or done; refuses with unknown_item, invalid_act, not_an_operator or own_affair.';

drop function public.note_replay(text, uuid);
create function public.note_replay(p_event_id text, p_operator_id uuid, p_reason text default 'replayed') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_status text;
begin
  if (length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_act');
  elsif not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  v_status := private.reopen_event(p_event_id);
  if v_status = 'reopened' then
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, 'replay', p_event_id, trim(p_reason));
  end if;
  return jsonb_build_object('status', v_status);
end $$;
comment on function public.note_replay(text, uuid, text) is
  'Lets an event be applied again, by an operator for a reason. Answers reopened, done, unknown_event, invalid_act or '
  'not_an_operator.';

drop function public.export_code_batch(uuid, uuid, uuid);
create function public.export_code_batch(p_operator_id uuid, p_batch_id uuid, p_export_id uuid, p_reason text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_batch public.code_batches;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif p_export_id is null or (coalesce(length(trim(p_reason)) between 1 and 500, true)) is not true then
    return jsonb_build_object('status', 'unknown_batch');
  end if;
  select * into v_batch from public.code_batches where id = p_batch_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_batch');
  elsif v_batch.revoked_at is not null then
    return jsonb_build_object('status', 'revoked');
  elsif v_batch.export_id is distinct from p_export_id and v_batch.export_id is not null then
    return jsonb_build_object('status', 'already_exported', 'exported_at', v_batch.exported_at);
  end if;
  if v_batch.export_id is null and p_reason is not null then
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, 'export_codes', p_batch_id::text, trim(p_reason));
  end if;
  -- The same export may be asked again: its sidecar did not get the answer.
  update public.code_batches
    set exported_at = coalesce(exported_at, now()), exported_by = coalesce(exported_by, p_operator_id),
        export_id = p_export_id
    where id = p_batch_id returning * into v_batch;
  return jsonb_build_object('status', 'exported', 'batch', private.describe_batch(v_batch), 'card_ids',
    (select jsonb_agg(card_id order by card_id) from public.code_batch_cards where batch_id = p_batch_id));
end $$;
comment on function public.export_code_batch(uuid, uuid, uuid, text) is
  'Notes that the codes of a batch leave the house, which they do once, and answers its cards. '
  'Refuses with status not_an_operator, unknown_batch, revoked or already_exported.';

drop function public.revoke_code_batch(uuid, uuid);
create function public.revoke_code_batch(p_operator_id uuid, p_batch_id uuid, p_reason text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_batch public.code_batches;
begin
  if not private.is_operator(p_operator_id) then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_batch from public.code_batches where id = p_batch_id for update;
  if not found or (coalesce(length(trim(p_reason)) between 1 and 500, true)) is not true then
    return jsonb_build_object('status', 'unknown_batch');
  end if;
  -- One that is being activated at this moment is waited for, and stays with its owner.
  perform from public.grants
    where id in (select card_id from public.code_batch_cards where batch_id = p_batch_id) order by id for update;
  update public.grants set status = 'revoked', remaining = 0
    where id in (select card_id from public.code_batch_cards where batch_id = p_batch_id) and status = 'unactivated';
  if v_batch.revoked_at is null and p_reason is not null then
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, 'revoke_codes', p_batch_id::text, trim(p_reason));
  end if;
  update public.code_batches
    set revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, p_operator_id)
    where id = p_batch_id returning * into v_batch;
  return jsonb_build_object('status', 'revoked', 'batch', private.describe_batch(v_batch));
end $$;
comment on function public.revoke_code_batch(uuid, uuid, text) is
  'Takes back the codes of a batch that nobody used; harmless to repeat. '
  'Refuses with status not_an_operator or unknown_batch.';

-- Codes that were exported or revoked without a reason of their own stand there with the note of their batch.
create or replace function private.all_operator_acts(p_before timestamptz, p_limit int)
returns table (at timestamptz, operator_id uuid, act text, subject text, reason text)
language sql stable security definer set search_path = '' as $$
  select * from (
    (select created_at, operator_id, act, subject, reason from public.operator_acts
      where created_at < p_before order by created_at desc, id desc limit p_limit)
    union all
    (select w.created_at, w.operator_id, 'goodwill', g.account_id::text, w.reason
      from public.goodwill_grants w join public.grants g on g.id = w.card_id
      where w.created_at < p_before order by w.created_at desc limit p_limit)
    union all
    (select created_at, operator_id, 'issue_codes', id::text, note from public.code_batches
      where created_at < p_before order by created_at desc limit p_limit)
    union all
    (select exported_at, exported_by, 'export_codes', id::text, note from public.code_batches b
      where exported_at < p_before and not exists (select from public.operator_acts a
        where a.subject = b.id::text and a.act = 'export_codes') order by exported_at desc limit p_limit)
    union all
    (select revoked_at, revoked_by, 'revoke_codes', id::text, note from public.code_batches b
      where revoked_at < p_before and not exists (select from public.operator_acts a
        where a.subject = b.id::text and a.act = 'revoke_codes') order by revoked_at desc limit p_limit))
    a (at, operator_id, act, subject, reason)
  order by at desc, act, subject limit p_limit
$$;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.report_worker(uuid, jsonb), public.decide_job(uuid, text, uuid, text),
  public.note_replay(text, uuid, text), public.export_code_batch(uuid, uuid, uuid, text),
  public.revoke_code_batch(uuid, uuid, text) from public, anon, authenticated;
grant execute on function public.report_worker(uuid, jsonb), public.decide_job(uuid, text, uuid, text),
  public.note_replay(text, uuid, text), public.export_code_batch(uuid, uuid, uuid, text),
  public.revoke_code_batch(uuid, uuid, text) to service_role;
