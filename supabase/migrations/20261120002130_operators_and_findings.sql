-- What operators do about money, each act with its reason; and what comparing with Stripe could not heal.

create table public.operator_acts (
  id bigint generated always as identity primary key,
  operator_id uuid not null references public.users (id) on delete restrict,
  act text not null check (act in ('release', 'refuse', 'refund', 'replay')),
  subject text not null check (length(subject) between 1 and 255),
  reason text not null check (length(reason) between 1 and 500),
  created_at timestamptz not null default now()
);
comment on table public.operator_acts is 'Who did what about whose money, and why. Nobody changes or removes a row.';
create index operator_acts_by_subject on public.operator_acts (subject);
create or replace function private.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception '% is append-only: write a correcting entry instead', tg_table_name using errcode = 'PT403';
end $$;
create trigger operator_acts_are_kept before update or delete on public.operator_acts
  for each row execute function private.refuse_change();
create trigger operator_acts_are_never_truncated before truncate on public.operator_acts
  for each statement execute function private.refuse_change();

create table public.operator_refunds (
  id uuid primary key default gen_random_uuid(),
  purchase_id uuid not null references public.payment_history (id) on delete restrict,
  operator_id uuid not null references public.users (id) on delete restrict,
  key text not null unique check (length(key) between 1 and 255),
  asked_cents int check (asked_cents > 0),
  amount_cents int not null check (amount_cents > 0),
  attempt int not null default 1,
  stripe_refund_id text,
  refusal text,
  created_at timestamptz not null default now()
);
comment on table public.operator_refunds is
  'Refunds that an operator asked for, with a frozen amount. Without stripe_refund_id and refusal: the outcome at '
  'Stripe is unknown, and asking again under the same key finds it.';
create index operator_refunds_under_way on public.operator_refunds (created_at)
  where stripe_refund_id is null and refusal is null;

create table public.reconciliation_findings (
  kind text not null check (length(kind) between 1 and 100),
  subject text not null check (length(subject) between 1 and 255),
  detail text not null,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (kind, subject)
);
comment on table public.reconciliation_findings is
  'Where Stripe and the books differ and nothing here may decide. A row that no run sees again is old, not gone.';

alter table public.operator_acts enable row level security;
alter table public.operator_refunds enable row level security;
alter table public.reconciliation_findings enable row level security;
revoke all on public.operator_acts, public.operator_refunds, public.reconciliation_findings
  from anon, authenticated, service_role;
grant select on public.operator_acts, public.operator_refunds, public.reconciliation_findings to service_role;

create function public.resolve_review(p_purchase_id uuid, p_decision text, p_operator_id uuid, p_reason text,
  p_code_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.payment_history;
begin
  if (p_decision in ('release', 'refuse')) is not true or (length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'invalid_decision');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_purchase from public.payment_history where id = p_purchase_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_purchase');
  elsif v_purchase.user_id = p_operator_id then
    return jsonb_build_object('status', 'own_purchase');
  elsif v_purchase.status = (case p_decision when 'release' then 'succeeded' else 'refused' end)
    and v_purchase.review_reason is not null then
    return jsonb_build_object('status', v_purchase.status, 'replayed', true);
  elsif v_purchase.status <> 'review' then
    return jsonb_build_object('status', 'not_in_review');
  elsif p_decision = 'release' and (v_purchase.payment_intent_id is null or p_code_hash is null) then
    return jsonb_build_object('status', 'nothing_to_release');
  end if;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, p_decision, p_purchase_id::text, trim(p_reason));
  if p_decision = 'refuse' then
    update public.payment_history set status = 'refused', updated_at = now() where id = p_purchase_id;
    return jsonb_build_object('status', 'refused', 'replayed', false);
  end if;
  perform private.lock_account(v_purchase.user_id);
  update public.payment_history set status = 'succeeded', failure_code = null, updated_at = now()
    where id = p_purchase_id returning * into v_purchase;
  perform private.make_card(v_purchase, p_code_hash);
  perform private.settle_card(v_purchase);
  return jsonb_build_object('status', 'succeeded', 'replayed', false);
end $$;
comment on function public.resolve_review(uuid, text, uuid, text, text) is
  'An operator gives the time for money that did not fit (release), or does not (refuse), for a reason. Answers succeeded '
  'or refused; refuses with invalid_decision, not_an_operator, unknown_purchase, own_purchase, not_in_review or '
  'nothing_to_release (no intent of its own paid it: refund that one in Stripe).';

create function public.begin_operator_refund(p_purchase_id uuid, p_operator_id uuid, p_amount_cents int,
  p_reason text, p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_purchase public.payment_history;
  v_refund public.operator_refunds;
  v_left int;
begin
  if (p_amount_cents < 1) is true or (length(trim(p_reason)) between 1 and 500) is not true
     or (length(p_key) between 1 and 255) is not true then
    return jsonb_build_object('status', 'invalid_refund');
  elsif not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  select * into v_purchase from public.payment_history where id = p_purchase_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_purchase');
  elsif v_purchase.user_id = p_operator_id then
    return jsonb_build_object('status', 'own_purchase');
  end if;
  select * into v_refund from public.operator_refunds where key = p_key;
  if found then
    if v_refund.purchase_id <> p_purchase_id or v_refund.asked_cents is distinct from p_amount_cents then
      return jsonb_build_object('status', 'key_reused');
    end if;
    return jsonb_build_object('status', 'ready', 'refund', to_jsonb(v_refund), 'replayed', true,
      'payment_intent_id', v_purchase.payment_intent_id);
  elsif v_purchase.payment_intent_id is null or v_purchase.status not in ('succeeded', 'review', 'refused') then
    return jsonb_build_object('status', 'not_paid');
  end if;
  -- What is under way counts as refunded: two operators at once must not refund the same rest twice.
  v_left := coalesce(v_purchase.received_cents, v_purchase.amount_cents) - v_purchase.refunded_cents
    - (select coalesce(sum(amount_cents), 0) from public.operator_refunds o where o.purchase_id = p_purchase_id
       and o.refusal is null and not exists (select from public.payment_refunds r where r.id = o.stripe_refund_id));
  if coalesce(p_amount_cents, v_left) > v_left or v_left < 1 then
    return jsonb_build_object('status', 'not_so_much_left', 'left_cents', greatest(0, v_left));
  end if;
  insert into public.operator_refunds (purchase_id, operator_id, key, asked_cents, amount_cents)
    values (p_purchase_id, p_operator_id, p_key, p_amount_cents, coalesce(p_amount_cents, v_left))
    returning * into v_refund;
  insert into public.operator_acts (operator_id, act, subject, reason)
    values (p_operator_id, 'refund', p_purchase_id::text, trim(p_reason));
  return jsonb_build_object('status', 'ready', 'refund', to_jsonb(v_refund), 'replayed', false,
    'payment_intent_id', v_purchase.payment_intent_id);
end $$;
comment on function public.begin_operator_refund(uuid, uuid, int, text, text) is
  'Notes a refund before Stripe is asked for it; without an amount, of all that is left. The same key answers the same '
  'refund. Refuses with invalid_refund, not_an_operator, unknown_purchase, own_purchase, key_reused, not_paid or '
  'not_so_much_left.';

create function public.finish_operator_refund(p_refund_id uuid, p_stripe_refund_id text, p_refusal text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.operator_refunds
    set stripe_refund_id = p_stripe_refund_id, refusal = case when p_stripe_refund_id is null then left(p_refusal, 500) end
    where id = p_refund_id and stripe_refund_id is null and (p_stripe_refund_id is not null or p_refusal is not null);
  return found;
end $$;
comment on function public.finish_operator_refund(uuid, text, text) is
  'Notes what Stripe made of a refund: its id, or why it was refused. A refund that was made stays made.';

create function public.next_refund_attempt(p_refund_id uuid, p_attempt int) returns int
language plpgsql security definer set search_path = '' as $$
begin
  update public.operator_refunds set attempt = attempt + 1 where id = p_refund_id and attempt = p_attempt;
  return (select attempt from public.operator_refunds where id = p_refund_id);
end $$;

create function public.note_replay(p_event_id text, p_operator_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_status text;
begin
  if not exists (select from public.users where id = p_operator_id and role = 'operator') then
    return jsonb_build_object('status', 'not_an_operator');
  end if;
  v_status := private.reopen_event(p_event_id);
  if v_status = 'reopened' then
    insert into public.operator_acts (operator_id, act, subject, reason)
      values (p_operator_id, 'replay', p_event_id, 'replayed');
  end if;
  return jsonb_build_object('status', v_status);
end $$;
comment on function public.note_replay(text, uuid) is
  'Lets an event be applied again, by an operator. Answers reopened, done, unknown_event or not_an_operator.';

create function public.note_finding(p_kind text, p_subject text, p_detail text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_is_new boolean;
begin
  insert into public.reconciliation_findings (kind, subject, detail) values (p_kind, p_subject, left(p_detail, 500))
    on conflict (kind, subject) do update set detail = excluded.detail, last_seen_at = now()
    returning xmax = 0 into v_is_new;
  return v_is_new;
end $$;
comment on function public.note_finding(text, text, text) is
  'Notes where Stripe and the books differ; true when it was not known.';

create function public.end_order_unmade(p_purchase_id uuid, p_older_than_seconds int) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  -- The same order can still be begun again under its own key, and its money, should there be any, is still received.
  update public.payment_history set status = 'failed', failure_code = 'never_made', updated_at = now()
    where id = p_purchase_id and payment_intent_id is null and private.may_follow(status, 'failed')
      and updated_at < now() - make_interval(secs => p_older_than_seconds);
  return found;
end $$;
comment on function public.end_order_unmade(uuid, int) is
  'Ends the doubt about an order of which Stripe has nothing: it failed before it reached Stripe.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.resolve_review(uuid, text, uuid, text, text),
  public.begin_operator_refund(uuid, uuid, int, text, text), public.finish_operator_refund(uuid, text, text),
  public.next_refund_attempt(uuid, int), public.note_replay(text, uuid), public.note_finding(text, text, text),
  public.end_order_unmade(uuid, int) from public, anon, authenticated;
grant execute on function public.resolve_review(uuid, text, uuid, text, text),
  public.begin_operator_refund(uuid, uuid, int, text, text), public.finish_operator_refund(uuid, text, text),
  public.next_refund_attempt(uuid, int), public.note_replay(text, uuid), public.note_finding(text, text, text),
  public.end_order_unmade(uuid, int) to service_role;
