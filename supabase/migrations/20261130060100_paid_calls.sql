-- A call that pays its way: what programs pay for it, how much they want to pay at most, and what is left of it.

-- What a minute of such a call costs: this package for its minutes, never on the shelf. Change it as any other price.
insert into public.pricing_tiers (id, name, hours, minutes, price_cents, description, active, sort_order)
  values ('paid-call', 'Paid call', 0, 10, 200, 'Minutes of a call that a program pays for', false, 100);

create table public.paid_calls (
  id uuid primary key,
  account_id uuid not null,
  user_id uuid not null references public.users (id) on delete restrict,
  tenant_id uuid references public.tenants (id) on delete restrict,
  max_cents int check (max_cents > 0),
  created_at timestamptz not null default now()
);
comment on table public.paid_calls is
  'A call that was paid for before it began. Its id is the id of the call; the time that was paid is on the account of who paid.';
comment on column public.paid_calls.max_cents is 'What the payer wants to pay for it at most, extensions included; null: as much as they ask for.';
create index paid_calls_by_user on public.paid_calls (user_id);
create index paid_calls_by_tenant on public.paid_calls (tenant_id);
alter table public.machine_payments
  add constraint machine_payments_call_id_fkey foreign key (call_id) references public.paid_calls (id) on delete restrict;
alter table public.paid_calls enable row level security;
revoke all on public.paid_calls from anon, authenticated, service_role;

-- What counts against the cap: all that was paid or is on its way.
create function private.paid_for_call(p_call_id uuid) returns bigint
language sql volatile security definer set search_path = '' as $$
  select coalesce(sum(p.amount_cents), 0)::bigint from public.machine_payments m join public.purchases p on p.id = m.purchase_id
  where m.call_id = p_call_id and p.status not in ('failed', 'canceled')
$$;

-- Why a payment for a call is not taken, or null.
create function private.paid_call_refusal(p_account_id uuid, p_call_id uuid, p_cents bigint) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_call public.paid_calls;
begin
  if p_call_id is null then
    return null;
  end if;
  -- Two extensions at once must not pass the cap together.
  select * into v_call from public.paid_calls where id = p_call_id and account_id = p_account_id for update;
  return case when v_call.id is null then 'unknown_call'
    when exists (select from public.calls where id = p_call_id and status = 'settled') then 'call_settled'
    when private.paid_for_call(p_call_id) + p_cents > v_call.max_cents then 'spend_cap_reached' end;
end $$;

create function private.paid_call_seen(c public.paid_calls) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object('call_id', c.id, 'user_id', c.user_id, 'tenant_id', c.tenant_id, 'max_cents', c.max_cents,
    'status', coalesce(k.status, 'waiting'), 'paid_seconds', paid.seconds, 'used_seconds', used.seconds,
    -- While it runs: what it can go on for, all of it is there. After it: what of the payment was not used.
    'left_seconds', case when k.status = 'settled' then 0
      else greatest(0, least(paid.seconds, public.get_user_time_balance(c.account_id)) - used.seconds) end,
    'given_back_seconds', case when k.status = 'settled' then greatest(0, paid.seconds - used.seconds) else 0 end,
    'account_seconds', public.get_user_time_balance(c.account_id), 'orders', paid.orders,
    'receipt', k.receipt)
  from (select coalesce(sum(p.paid_seconds + p.bonus_seconds - p.clawed_back_seconds) filter (where p.status = 'succeeded'), 0)::bigint as seconds,
      coalesce(jsonb_agg(private.machine_order(p.id) order by p.created_at), '[]') as orders
    from public.machine_payments m join public.purchases p on p.id = m.purchase_id where m.call_id = c.id) paid
  left join public.calls k on k.id = c.id
  left join public.holds h on h.id = c.id
  cross join lateral (select coalesce(k.charged_seconds, (h.used_ms - h.restored_ms + 999) / 1000, 0)::bigint as seconds) used
$$;

create function public.begin_paid_call(p_user_id uuid, p_tenant_id uuid, p_secret_hash text, p_call_id uuid, p_max_cents int)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_buyer_id uuid := private.machine_buyer(p_user_id, p_tenant_id, p_secret_hash, true);
  v_call public.paid_calls;
begin
  if v_buyer_id is null then
    return jsonb_build_object('status', 'unknown_buyer');
  elsif p_call_id is null or p_max_cents <= 0 then
    return jsonb_build_object('status', 'unknown_call');
  end if;
  insert into public.paid_calls (id, account_id, user_id, tenant_id, max_cents)
    values (p_call_id, coalesce(p_tenant_id, v_buyer_id), v_buyer_id, p_tenant_id, p_max_cents) on conflict do nothing;
  select * into v_call from public.paid_calls where id = p_call_id and account_id = coalesce(p_tenant_id, v_buyer_id);
  if not found then
    return jsonb_build_object('status', 'unknown_call');
  end if;
  return jsonb_build_object('status', 'begun', 'call', private.paid_call_seen(v_call));
end $$;
comment on function public.begin_paid_call(uuid, uuid, text, uuid, int) is
  'Notes a call that is going to be paid for, with the most that its payer wants to pay; the first time counts.';

create function public.read_paid_call(p_user_id uuid, p_tenant_id uuid, p_secret_hash text, p_call_id uuid) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select private.paid_call_seen(c) from public.paid_calls c,
    (select private.machine_buyer(p_user_id, p_tenant_id, p_secret_hash, false) as id) b
  where c.id = p_call_id and c.account_id = coalesce(p_tenant_id, b.id) and b.id is not null
$$;
comment on function public.read_paid_call(uuid, uuid, text, uuid) is
  'A call of this person, tenant or secret that was paid for: paid, used and left, and its receipt once it is over. Null otherwise.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.begin_paid_call(uuid, uuid, text, uuid, int), public.read_paid_call(uuid, uuid, text, uuid)
  from public, anon, authenticated;
grant execute on function public.begin_paid_call(uuid, uuid, text, uuid, int), public.read_paid_call(uuid, uuid, text, uuid)
  to service_role;
