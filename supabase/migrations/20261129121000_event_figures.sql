-- What happens less often than calls, in the same sums: ratings, requests for help and how soon they are answered, free minutes
-- that were tried, and what Stripe keeps of a payment; and providers, by the calls that used them.

-- What Stripe keeps of a payment, as its balance transaction says. Without a row it is not known, which is not the same as 0.
create table private.payment_fees (
  purchase_id uuid primary key references public.purchases (id) on delete restrict,
  cents bigint not null check (cents >= 0),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  of_currency text not null check (of_currency ~ '^[a-z]{3}$'),
  happened_at timestamptz not null,
  noted_at timestamptz not null default now()
);
comment on table private.payment_fees is
  'What Stripe keeps of a payment, in the smallest unit of the currency that it settles in, which need not be the one that was '
  'received (of_currency). Noted once; without a row it is not known.';
create index payment_fees_in_time on private.payment_fees (happened_at);
create trigger payment_fees_are_append_only before update or delete on private.payment_fees
  for each row execute function private.refuse_change();
create trigger payment_fees_are_never_truncated before truncate on private.payment_fees
  for each statement execute function private.refuse_change();

create table private.fees_wanted (
  purchase_id uuid primary key references public.purchases (id) on delete restrict,
  asked_at timestamptz not null default '-infinity'
);
comment on table private.fees_wanted is
  'Paid purchases of which nobody knows yet what Stripe keeps, and when Stripe was asked last: it may know later than the payment.';
create index fees_wanted_in_turn on private.fees_wanted (asked_at);
insert into private.fees_wanted (purchase_id)
  select id from public.purchases where status = 'succeeded' and payment_intent_id is not null;

create function private.want_fee() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.fees_wanted (purchase_id) values (new.id) on conflict do nothing;
  return null;
end $$;
create trigger want_fee after update of status on public.purchases
  for each row when (new.status = 'succeeded' and old.status is distinct from 'succeeded' and new.payment_intent_id is not null)
  execute function private.want_fee();

create function public.note_payment_fee(p_purchase_id uuid, p_payment_intent_id text, p_fee_cents bigint, p_currency text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.purchases;
begin
  if (p_fee_cents between 0 and 1000000000 and p_currency ~ '^[a-z]{3}$') is not true then
    return jsonb_build_object('status', 'invalid_fee');
  end if;
  select * into v_purchase from public.purchases
    where id = p_purchase_id and payment_intent_id = p_payment_intent_id and status = 'succeeded';
  if not found then
    return jsonb_build_object('status', 'not_ours');
  end if;
  insert into private.payment_fees (purchase_id, cents, currency, of_currency, happened_at)
    values (p_purchase_id, p_fee_cents, p_currency, private.money_currency(v_purchase),
      coalesce((select min(happened_at) from private.money_changes where purchase_id = p_purchase_id and purchases > 0), now()))
    on conflict (purchase_id) do nothing;
  if not found then
    return jsonb_build_object('status', 'known');
  end if;
  delete from private.fees_wanted where purchase_id = p_purchase_id;
  return jsonb_build_object('status', 'noted');
end $$;
comment on function public.note_payment_fee(uuid, text, bigint, text) is
  'Notes what Stripe keeps of the payment that paid a purchase, once. Status noted, known, not_ours (another intent pays it, or '
  'none) or invalid_fee.';

create function public.take_fees_wanted(p_limit int, p_older_than_seconds int) returns jsonb
language sql security definer set search_path = '' as $$
  with taken as (
    update private.fees_wanted w set asked_at = now()
    from (select purchase_id from private.fees_wanted
      where asked_at < now() - make_interval(secs => greatest(0, coalesce(p_older_than_seconds, 0)))
      order by asked_at limit greatest(1, least(coalesce(p_limit, 100), 1000)) for update skip locked) t
    where w.purchase_id = t.purchase_id returning w.purchase_id)
  select coalesce(jsonb_agg(jsonb_build_object('purchase_id', p.id, 'payment_intent_id', p.payment_intent_id) order by p.id), '[]')
  from taken join public.purchases p on p.id = taken.purchase_id
$$;
comment on function public.take_fees_wanted(int, int) is
  'Paid purchases of which nobody knows what Stripe keeps, and of which Stripe was not asked for so long: those that wait longest.';

-- A request is about a call of a version, and about the providers that it used, as far as that is known when somebody asks.
alter table private.support_requests
  add column version text not null default '' check (length(version) <= 100),
  add column providers text[] not null default '{}';
create index support_requests_by_version on private.support_requests (version, created_at) where about = 'call';

-- Whom a call used: by part and host, as llm@api.openai.com; with how often each failed.
create function private.providers_of(p_measures jsonb) returns table (provider text, failures bigint)
language sql immutable set search_path = '' as $$
  select left(u.provider, 150), sum(u.failures)::bigint from (
    select p.part || '@' || (m.model ->> 'provider') as provider, 0::bigint as failures
    from (values ('llm'), ('stt'), ('tts')) p (part)
    cross join lateral jsonb_array_elements(case jsonb_typeof(p_measures -> p.part) when 'array' then p_measures -> p.part else '[]' end) m (model)
    where jsonb_typeof(m.model -> 'provider') = 'string'
    union all
    select f.key, greatest(0, least((f.value #>> '{}')::numeric, 1000000000))::bigint
    from jsonb_each(case jsonb_typeof(p_measures -> 'errors_by_provider') when 'object' then p_measures -> 'errors_by_provider' else '{}' end) f
    where jsonb_typeof(f.value) = 'number') u
  group by 1
$$;

create function private.mark_request() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  select coalesce(left(c.measures ->> 'version', 100), ''),
      array(select p.provider from private.providers_of(c.measures) p order by p.provider)
    into new.version, new.providers from public.calls c where c.id = new.about_id and new.about = 'call';
  new.version := coalesce(new.version, '');
  new.providers := coalesce(new.providers, '{}');
  return new;
end $$;
create trigger mark_request before insert on private.support_requests for each row execute function private.mark_request();

create table private.provider_figures (
  grain text not null check (grain in ('hour', 'day', 'month')),
  at timestamptz not null,
  version text not null,
  provider text not null,
  calls bigint not null,
  failing_calls bigint not null,
  failures bigint not null,
  primary key (grain, at, version, provider)
);
comment on table private.provider_figures is
  'Settled calls by the providers that they used (as llm@api.openai.com), and in how many of them one failed, by their beginning.';

create table private.event_figures (
  grain text not null check (grain in ('hour', 'day', 'month')),
  kind text not null,
  at timestamptz not null,
  name text not null,
  version text not null,
  events bigint not null,
  total bigint not null,
  primary key (grain, kind, at, name, version)
);
comment on table private.event_figures is
  'What happens less often than calls. rating: by the beginning of the call, name is the score; request (for help): when it was '
  'asked, name is what it is about; request_provider: the same for each provider of its call; answer: when its request was '
  'asked, name is the slot of how long it took in units of 15 s, total its seconds; trial: when it was claimed, name is claimed, '
  'talked or bought; fee: when it was paid, name is the currency of the fee, version the one received, total its smallest units.';

create table private.event_changes (
  xid xid8 not null default pg_current_xact_id(),
  kind text not null,
  at timestamptz not null,
  name text not null,
  version text not null,
  events int not null,
  total bigint not null
);
comment on table private.event_changes is 'Events that are not rolled up yet; a change of one is what it was, less, and what it is.';
create index event_changes_by_transaction on private.event_changes (xid);

alter table private.trials add column talked boolean not null default false, add column bought boolean not null default false;
comment on column private.trials.talked is 'As far as it is rolled up: who claimed it had a call that used time.';
comment on column private.trials.bought is 'As far as it is rolled up: who claimed it bought something after that.';

-- How long an answer took, in the slots of waits: units of 15 s reach from five minutes to three weeks.
create function private.answer_seconds(p_took interval) returns bigint
language sql immutable set search_path = '' as $$
  select greatest(0, floor(extract(epoch from p_took)))::bigint
$$;
create function private.answer_slot(p_took interval) returns text
language sql immutable set search_path = '' as $$
  select lpad(private.slot_of(least(private.answer_seconds(p_took) / 15, 1000000)::int)::text, 2, '0')
$$;

-- All events as the rows have them: what the sums are built anew from.
create view private.event_rows as
  select 'rating' as kind, c.opened_at as at, r.score::text as name, coalesce(left(c.measures ->> 'version', 100), '') as version, 1 as events, r.score::bigint as total
    from private.call_ratings r join public.calls c on c.id = r.call_id
  union all select 'request', created_at, about, version, 1, 0 from private.support_requests
  union all select 'request_provider', q.created_at, p.provider, q.version, 1, 0 from private.support_requests q cross join lateral unnest(q.providers) p (provider)
  union all select 'answer', created_at, private.answer_slot(answered_at - created_at), '', 1, private.answer_seconds(answered_at - created_at)
    from private.support_requests where answered_at is not null
  union all select 'trial', claimed_at, 'claimed', '', 1, 0 from private.trials
  union all select 'trial', claimed_at, 'talked', '', 1, 0 from private.trials where talked
  union all select 'trial', claimed_at, 'bought', '', 1, 0 from private.trials where bought
  union all select 'fee', happened_at, currency, of_currency, 1, cents from private.payment_fees;


-- Each event is noted when it happens; what it was before goes.
create function private.note_rating() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.event_changes (kind, at, name, version, events, total)
    select 'rating', c.opened_at, s.score::text, coalesce(left(c.measures ->> 'version', 100), ''), s.sign, s.sign * s.score
    from public.calls c cross join (values (case when tg_op <> 'INSERT' then old.score end, -1),
      (case when tg_op <> 'DELETE' then new.score end, 1)) s (score, sign)
    where c.id = case tg_op when 'DELETE' then old.call_id else new.call_id end and s.score is not null;
  return null;
end $$;
create trigger note_rating after insert or delete or update of score on private.call_ratings
  for each row execute function private.note_rating();

create function private.note_request() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_sign int := case tg_op when 'DELETE' then -1 else 1 end;
  r private.support_requests;
begin
  if tg_op = 'DELETE' then r := old; else r := new; end if;
  if tg_op <> 'UPDATE' then
    insert into private.event_changes (kind, at, name, version, events, total)
      values ('request', r.created_at, r.about, r.version, v_sign, 0);
    insert into private.event_changes (kind, at, name, version, events, total)
      select 'request_provider', r.created_at, provider, r.version, v_sign, 0 from unnest(r.providers) provider;
  end if;
  if r.answered_at is not null and (tg_op <> 'UPDATE' or old.answered_at is null) then
    insert into private.event_changes (kind, at, name, version, events, total)
      values ('answer', r.created_at, private.answer_slot(r.answered_at - r.created_at), '', v_sign,
        v_sign * private.answer_seconds(r.answered_at - r.created_at));
  end if;
  return null;
end $$;
create trigger note_request after insert or delete or update of answered_at on private.support_requests
  for each row execute function private.note_request();

create function private.note_trial() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.event_changes (kind, at, name, version, events, total) values ('trial', new.claimed_at, 'claimed', '', 1, 0);
  return null;
end $$;
create trigger note_trial after insert on private.trials for each row execute function private.note_trial();

create function private.note_fee() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.event_changes (kind, at, name, version, events, total)
    values ('fee', new.happened_at, new.currency, new.of_currency, 1, new.cents);
  return null;
end $$;
create trigger note_fee after insert on private.payment_fees for each row execute function private.note_fee();

-- What calls add to the sums of providers.
create function private.figures_of_providers(p_calls uuid[]) returns setof private.provider_figures
language sql stable security definer set search_path = '' as $$
  with used as materialized (
    select date_trunc('hour', c.opened_at, 'utc') as at, coalesce(left(c.measures ->> 'version', 100), '') as version, p.provider, p.failures
    from public.calls c cross join lateral private.providers_of(c.measures) p where c.id = any (p_calls))
  select 'hour', at, version, provider, count(*), count(*) filter (where failures > 0), sum(failures)::bigint
  from used group by at, version, provider
$$;

-- Who of those who tried talked for the first time in these calls, or bought with these changes.
create function private.trials_of(p_calls uuid[], p_changes bigint[]) returns table (user_id uuid, claimed_at timestamptz, talks boolean, buys boolean)
language sql stable security definer set search_path = '' as $$
  select t.user_id, t.claimed_at, bool_or(d.talks and not t.talked), bool_or(d.buys and not t.bought)
  from (
    select c.user_id, true as talks, false as buys, null::timestamptz as bought_at from public.calls c
      where c.id = any (p_calls) and c.charged_seconds > 0
    union all
    select p.user_id, false, true, p.created_at from private.money_changes m join public.purchases p on p.id = m.purchase_id
      where m.id = any (p_changes) and m.purchases > 0) d
  join private.trials t on t.user_id = d.user_id and (d.talks or d.bought_at > t.claimed_at)
  where (d.talks and not t.talked) or (d.buys and not t.bought) group by t.user_id, t.claimed_at
$$;

create function private.figures_of_events(p_calls uuid[], p_changes bigint[], p_from xid8, p_upto xid8)
returns setof private.event_figures
language sql stable security definer set search_path = '' as $$
  select 'hour', kind, private.hour_of(at), name, version, sum(events)::bigint, sum(total)::bigint from (
    select kind, at, name, version, events, total from private.event_changes
      where xid >= p_from and (p_upto is null or xid < p_upto)
    union all
    select 'trial', t.claimed_at, n.name, '', 1, 0 from private.trials_of(p_calls, p_changes) t
      cross join lateral (values ('talked', t.talks), ('bought', t.buys)) n (name, is_new) where n.is_new) e
  group by kind, 3, name, version
$$;

create function private.mark_trials(p_calls uuid[], p_changes bigint[]) returns void
language sql security definer set search_path = '' as $$
  update private.trials t set talked = t.talked or d.talks, bought = t.bought or d.buys
  from private.trials_of(p_calls, p_changes) d where d.user_id = t.user_id
$$;

revoke all on private.payment_fees, private.fees_wanted, private.provider_figures, private.event_figures, private.event_changes,
  private.event_rows from public, anon, authenticated, service_role;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.note_payment_fee(uuid, text, bigint, text), public.take_fees_wanted(int, int)
  from public, anon, authenticated;
grant execute on function public.note_payment_fee(uuid, text, bigint, text), public.take_fees_wanted(int, int) to service_role;
