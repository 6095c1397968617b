-- A call of a paid API, from the promise of its price to what became of it; refunds; and what was lost on the way.

-- Volatile, as it answers what its caller has just written.
create function private.describe_execution(e public.api_executions, p_repeated boolean) returns jsonb
language sql security definer set search_path = '' as $$
  select jsonb_build_object('status', e.status, 'execution_id', e.id, 'product_id', e.product_id, 'version', e.version,
    'outcome', e.outcome, 'price_micros', e.price_micros, 'charged_micros', e.charged_micros, 'http_status', e.http_status,
    'bytes', e.bytes, 'took_ms', e.took_ms, 'result', e.result, 'repeated', p_repeated,
    'fee_micros', h.fee + h.remainder, 'share_micros', h.share, 'refunded_micros', h.refunded)
  from (select) one left join public.wallet_holds h on h.id = e.hold_id
$$;

-- One of the product's calls of this minute, for all replicas together; false where there is none left.
create function private.take_api_call(p_product_id uuid, p_rate int) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.api_minutes as m (product_id, minute, calls) values (p_product_id, date_trunc('minute', clock_timestamp()), 1)
    on conflict (product_id) do update
      set calls = case when m.minute = excluded.minute then m.calls + 1 else 1 end, minute = excluded.minute
      where m.minute <> excluded.minute or m.calls < p_rate;
  return found;
end $$;

-- Ends an execution whose row is locked; money is taken for what is charged, and for nothing else.
create function private.end_execution(e public.api_executions, p_outcome text, p_http_status int, p_bytes bigint, p_took_ms int,
  p_result jsonb) returns public.api_executions
language plpgsql security definer set search_path = '' as $$
declare
  v_outcome text := p_outcome;
  v_charge bigint := 0;
  v_answer jsonb;
begin
  if p_outcome = 'ok' or p_outcome = 'client_error' and (select (described ->> 'charges_client_errors')::boolean
      from public.api_product_versions where product_id = e.product_id and version = e.version) then
    v_charge := e.price_micros;
  end if;
  if e.hold_id is not null then
    v_answer := case when v_charge > 0 then private.settle_micros(e.hold_id, v_charge) else private.release_micros(e.hold_id) end;
    if v_charge > 0 and v_answer ->> 'status' is distinct from 'settled' then
      -- What was promised was free again before the answer came: nobody pays for it, and it is not handed over.
      v_outcome := 'lost';
      v_charge := 0;
    end if;
  end if;
  update public.api_executions
    set status = case v_outcome when 'ok' then 'succeeded' else 'failed' end, outcome = v_outcome, charged_micros = v_charge,
        http_status = p_http_status, bytes = p_bytes, took_ms = p_took_ms, ended_at = now(),
        result = case when v_outcome = 'ok' and pg_column_size(p_result) <= 65536 then p_result end
    where id = e.id returning * into e;
  if v_charge > 0 then
    insert into public.autonomous_revenue (agent_id, task_id, api_product_id, seller_id, hold_id, amount_micros, platform_fee_micros,
        seller_share_micros, revenue_source, status, key)
      select e.agent_id, e.task_id, e.product_id, p.seller_id, h.id, h.charged, h.fee + h.remainder, h.share, 'api_calls', 'collected',
        'execution:' || e.id
      from public.wallet_holds h, public.api_products p where h.id = e.hold_id and p.id = e.product_id;
  end if;
  return e;
end $$;

create function public.begin_execution(p_key text, p_product_id uuid, p_user_id uuid default null, p_tenant_id uuid default null,
  p_agent_id uuid default null, p_task_id uuid default null, p_call_id uuid default null, p_may_cost_micros bigint default 0,
  p_lease_seconds int default 90, p_try boolean default false) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_execution public.api_executions;
  v_product public.api_products;
  v_seller public.sellers;
  v_wallet uuid;
  v_price bigint;
  v_hold jsonb;
  v_id uuid := gen_random_uuid();
begin
  if (length(p_key) between 1 and 150 and p_lease_seconds between 1 and 600 and p_try is not null) is not true then
    return jsonb_build_object('status', 'malformed');
  -- Who buys for a tenant is its billing. In a call every member may use what is cheap enough not to be asked about.
  elsif p_user_id is not null and (p_tenant_id is not null and (private.role_in(p_user_id, p_tenant_id) in ('owner', 'billing')
        or p_call_id is not null and p_may_cost_micros <= 250000 and private.role_in(p_user_id, p_tenant_id) is not null) is not true
      or p_agent_id is not null and (select private.acts_for(p_user_id, a.user_id, a.tenant_id) from public.autonomous_agents a
        where a.id = p_agent_id) is not true) then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  v_wallet := case when p_agent_id is not null then private.wallet('agent', p_agent_id)
    when p_tenant_id is not null then private.wallet('tenant', p_tenant_id) else private.wallet('person', p_user_id) end;
  select * into v_execution from public.api_executions where key = p_key for update;
  if v_execution.id is not null then
    if v_execution.product_id <> p_product_id or v_execution.account_id is distinct from (case when not p_try then v_wallet end)
       or v_execution.user_id is distinct from p_user_id then
      return jsonb_build_object('status', 'key_reused');
    elsif v_execution.status <> 'running' then
      return private.describe_execution(v_execution, true);
    elsif v_execution.lease_until > clock_timestamp() then
      return jsonb_build_object('status', 'in_progress', 'execution_id', v_execution.id);
    end if;
    return private.describe_execution(private.end_execution(v_execution, 'lost', null, null, null, null), true);
  end if;
  select * into v_product from public.api_products where id = p_product_id;
  select * into v_seller from public.sellers where id = v_product.seller_id;
  if v_product.id is null or v_product.status = 'retired'
     or not p_try and (v_product.status <> 'active' or v_product.tenant_id is distinct from p_tenant_id and v_product.tenant_id is not null
       or v_seller.closed_at is not null)
     or p_try and (private.acts_for(p_user_id, v_seller.user_id, v_seller.tenant_id)) is not true then
    return jsonb_build_object('status', 'unknown_product');
  elsif v_wallet is null and not p_try then
    return jsonb_build_object('status', 'unknown_wallet');
  elsif p_tenant_id is not null and private.spend_refusal(p_tenant_id) is not null then
    return jsonb_build_object('status', 'spend_limit_reached', 'period', private.spend_refusal(p_tenant_id));
  end if;
  -- Who offers it tries it for nothing: no money moves to oneself.
  v_price := case when p_try then 0 else v_product.price_micros end;
  if (v_price <= p_may_cost_micros) is not true then
    return jsonb_build_object('status', 'confirm_price', 'price_micros', v_price);
  end if;
  if not p_try then
    v_hold := private.hold_micros(v_wallet, v_price, 'execution:' || v_id, v_product.seller_id, p_lease_seconds + 60,
      jsonb_build_object('execution_id', v_id, 'product_id', v_product.id));
    if v_hold ->> 'status' <> 'held' then
      return v_hold || jsonb_build_object('price_micros', v_price);
    end if;
  end if;
  -- Only who can pay takes a place of the minute.
  if not private.take_api_call(v_product.id, v_product.rate_per_minute) then
    if not p_try then
      perform private.release_micros((v_hold ->> 'hold_id')::uuid);
    end if;
    return jsonb_build_object('status', 'too_many_calls');
  end if;
  insert into public.api_executions (id, key, product_id, version, account_id, user_id, tenant_id, agent_id, task_id, call_id, hold_id,
      price_micros, lease_until)
    values (v_id, p_key, v_product.id, v_product.version, case when not p_try then v_wallet end, p_user_id, p_tenant_id, p_agent_id, p_task_id,
      p_call_id, (v_hold ->> 'hold_id')::uuid, v_price, clock_timestamp() + make_interval(secs => p_lease_seconds))
    on conflict (key) do nothing returning * into v_execution;
  if v_execution.id is null then
    -- Another one with this key began at the same moment, and what was held for this one is not needed.
    perform private.release_micros((v_hold ->> 'hold_id')::uuid);
    return jsonb_build_object('status', 'in_progress');
  end if;
  return jsonb_build_object('status', 'begun', 'execution_id', v_id, 'price_micros', v_price, 'product', private.describe_product(v_product),
    'secrets', (select coalesce(jsonb_object_agg(name, sealed), '{}') from private.api_secrets where product_id = v_product.id));
end $$;
comment on function public.begin_execution(text, uuid, uuid, uuid, uuid, uuid, uuid, bigint, int, boolean) is
  'Holds the price of a call of a paid API, of the wallet of the agent, the tenant or the person, and answers begun with all that is '
  'needed to call it; a repeat of the key answers what became of it. Refuses with unknown_product, unknown_wallet, not_allowed, '
  'confirm_price (it costs more than it may), not_enough_money, too_many_calls, spend_limit_reached, in_progress, key_reused or malformed.';

create function public.finish_execution(p_execution_id uuid, p_outcome text, p_http_status int default null, p_bytes bigint default null,
  p_took_ms int default null, p_result jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_execution public.api_executions;
begin
  select * into v_execution from public.api_executions where id = p_execution_id for update;
  if v_execution.id is null then
    return jsonb_build_object('status', 'unknown_execution');
  elsif v_execution.status <> 'running' then
    return private.describe_execution(v_execution, true);
  elsif (p_outcome in ('ok', 'timeout', 'unreachable', 'unsafe', 'redirect', 'server_error', 'client_error', 'too_big', 'bad_answer', 'bad_arguments', 'lost')
      and coalesce(p_http_status between 100 and 599, true) and coalesce(p_bytes >= 0, true) and coalesce(p_took_ms >= 0, true)) is not true then
    return jsonb_build_object('status', 'malformed');
  end if;
  return private.describe_execution(
    private.end_execution(v_execution, p_outcome, p_http_status, p_bytes, p_took_ms, p_result), false);
end $$;
comment on function public.finish_execution(uuid, text, int, bigint, int, jsonb) is
  'Settles a call of a paid API by what became of it: charged when it answered, or when our arguments were wrong and the seller charges for '
  'that; never otherwise. Harmless to repeat. Answers succeeded or failed with the money, unknown_execution or malformed.';

create function public.refund_execution(p_operator_id uuid, p_execution_id uuid, p_reason text, p_key text, p_micros bigint default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_execution public.api_executions;
  v_answer jsonb;
  v_key text := format('refund:%s:%s', p_execution_id, left(p_key, 100));
begin
  select * into v_execution from public.api_executions where id = p_execution_id for update;
  if not exists (select from public.users where id = p_operator_id and role = 'operator' and deleted_at is null) then
    return jsonb_build_object('status', 'not_an_operator');
  elsif v_execution.id is null or v_execution.hold_id is null then
    return jsonb_build_object('status', 'unknown_execution');
  elsif (length(p_key) between 1 and 100 and length(trim(p_reason)) between 1 and 500) is not true then
    return jsonb_build_object('status', 'malformed');
  elsif private.is_own_account(p_operator_id, coalesce(v_execution.tenant_id, v_execution.user_id))
      or exists (select from public.autonomous_agents a where a.id = v_execution.agent_id
        and private.is_own_account(p_operator_id, coalesce(a.tenant_id, a.user_id))) then
    return jsonb_build_object('status', 'own_account');
  end if;
  v_answer := private.refund_micros(v_execution.hold_id, v_key, p_micros);
  if v_answer ->> 'status' = 'refunded' then
    -- On the day on which it goes back, so that what an earlier day earned stays what it was.
    insert into public.autonomous_revenue (agent_id, task_id, api_product_id, seller_id, hold_id, amount_micros, platform_fee_micros,
        seller_share_micros, revenue_source, status, key)
      select v_execution.agent_id, v_execution.task_id, v_execution.product_id, p.seller_id, v_execution.hold_id, -r.amount,
        -r.fee - r.remainder, -r.share, 'api_calls', 'collected', v_key
      from public.wallet_refunds r, public.api_products p where r.key = v_key and p.id = v_execution.product_id
      on conflict (key) do nothing;
  end if;
  return v_answer;
end $$;
comment on function public.refund_execution(uuid, uuid, text, text, bigint) is
  'Gives back what a call of a paid API cost, or a part: the seller its share, the platform its fee. By an operator, once for a key; the '
  'revenue falls by a row of its own. Refuses with not_an_operator, own_account, unknown_execution, not_settled, more_than_charged, key_reused or malformed.';

create function public.reap_executions(p_limit int default 500) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_execution public.api_executions;
  v_count int := 0;
begin
  for v_execution in
    select * from public.api_executions where status = 'running' and lease_until <= now()
    order by account_id, id limit greatest(1, least(coalesce(p_limit, 500), 10000)) for update skip locked
  loop
    begin
      perform private.end_execution(v_execution, 'lost', null, null, null, null);
      v_count := v_count + 1;
    exception when others then
      raise warning 'execution % not reaped: %', v_execution.id, sqlerrm;
    end;
  end loop;
  update public.api_executions set result = null where id in (select id from public.api_executions
    where result is not null and ended_at < now() - interval '1 day' order by ended_at limit 1000 for update skip locked);
  return v_count;
end $$;
comment on function public.reap_executions(int) is
  'Ends calls of paid APIs that nobody told the end of: they are not charged. Forgets results of more than a day ago. Answers how many ended.';

-- What paid APIs cost in a call, for its receipt; null where it used none.
create function private.paid_tools_of(p_call_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_agg(jsonb_build_object('name', p.name, 'calls', t.calls, 'charged_micros', t.charged) order by p.name)
  from (select product_id, count(*) as calls, sum(charged_micros)::bigint as charged from public.api_executions
    where call_id = p_call_id and status <> 'running' and charged_micros > 0 group by product_id) t
  join public.api_products p on p.id = t.product_id
$$;

-- As before, and what paid APIs cost in the call.
create or replace function private.finish_call(h public.holds, p_used_ms bigint, p_restored_ms bigint, p_reason text, p_by text,
  p_windows jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_used_ms bigint := least(h.amount * 1000, greatest(h.used_ms, p_used_ms));
  v_restored_ms bigint := least(greatest(h.restored_ms, p_restored_ms), v_used_ms);
  v_charge bigint := (v_used_ms - v_restored_ms) / 1000;
  v_ended_at timestamptz := clock_timestamp();
  v_opened_at timestamptz;
  v_cards jsonb;
  v_kept uuid[];
  v_account public.accounts;
  v_receipt jsonb;
  v_paid_tools jsonb := private.paid_tools_of(h.id);
begin
  -- While the hold is there, so that what ended during the call is kept for it.
  perform private.expire_grants_of(h.account_id);
  v_cards := private.receipt_cards(private.take_from_grants(h.account_id, v_charge, 'use', 'call:' || h.id, h.id));
  v_kept := array(select grant_id from private.kept_parts where hold_id = h.id);
  delete from public.holds where id = h.id;
  if cardinality(v_kept) > 0 then
    perform private.settle_kept(h.account_id, v_kept, h.id);
  end if;
  -- Before the receipt, so that its balance is what is really left.
  perform private.pay_debt(h.account_id);
  v_account := private.lock_account(h.account_id);
  select opened_at into strict v_opened_at from public.calls where id = h.id;
  v_receipt := jsonb_build_object('call_id', h.id, 'number', v_account.receipts + 1,
    'opened_at', private.utc_text(v_opened_at), 'ended_at', private.utc_text(v_ended_at),
    'end_reason', p_reason, 'settled_by', p_by,
    'used_ms', v_used_ms, 'restored_ms', v_restored_ms, 'charged_seconds', v_charge,
    'paid_seconds', (select coalesce(sum((line ->> 'paid_seconds')::int), 0) from jsonb_array_elements(v_cards) line),
    'bonus_seconds', (select coalesce(sum((line ->> 'bonus_seconds')::int), 0) from jsonb_array_elements(v_cards) line),
    'rounding', 'down to whole seconds, once per call',
    'slices', jsonb_build_object('slice_seconds', h.slice_seconds, 'granted_seconds', h.amount, 'renewals', h.renewals),
    'cards', v_cards, 'windows', p_windows, 'balance_seconds', v_account.balance,
    'previous_hash', v_account.last_receipt_hash);
  if v_paid_tools is not null then
    v_receipt := v_receipt || jsonb_build_object('paid_tools', v_paid_tools);
  end if;
  v_receipt := v_receipt || jsonb_build_object('hash', private.receipt_hash(v_receipt));
  update public.accounts set receipts = receipts + 1, last_receipt_hash = v_receipt ->> 'hash' where id = h.account_id;
  update public.calls
    set status = 'settled', epoch = h.epoch, used_ms = v_used_ms, restored_ms = v_restored_ms, charged_seconds = v_charge,
        ended_at = v_ended_at, end_reason = p_reason, settled_by = p_by, receipt = v_receipt
    where id = h.id;
  return v_receipt;
end $$;

-- What is in a wallet, for who may spend it; with the last that was charged to it.
create function public.read_wallet(p_user_id uuid, p_tenant_id uuid default null, p_agent_id uuid default null, p_seller_id uuid default null)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_kind text := case when p_agent_id is not null then 'agent' when p_seller_id is not null then 'seller' when p_tenant_id is not null then 'tenant'
    else 'person' end;
  v_allowed boolean;
begin
  v_allowed := case v_kind when 'agent' then (select private.acts_for(p_user_id, user_id, tenant_id) from public.autonomous_agents where id = p_agent_id)
    when 'seller' then (select private.acts_for(p_user_id, user_id, tenant_id) from public.sellers where id = p_seller_id)
    when 'tenant' then private.role_in(p_user_id, p_tenant_id) is not null
    else exists (select from public.users where id = p_user_id and deleted_at is null) end;
  if v_allowed is not true then
    return jsonb_build_object('status', 'not_allowed');
  end if;
  return (select jsonb_build_object('status', 'ok', 'owner_kind', v_kind, 'balance_micros', coalesce(a.balance, 0), 'debt_micros', coalesce(a.debt, 0),
      'held_micros', coalesce((select sum(amount) from public.wallet_holds where account_id = a.id and status = 'held'), 0),
      'charges', (select coalesce(jsonb_agg(jsonb_build_object('at', private.utc_text(h.ended_at), 'charged_micros', h.charged, 'refunded_micros', h.refunded,
          'share_micros', h.share, 'fee_micros', h.fee + h.remainder, 'about', case v_kind when 'seller' then '{}' else h.about end) order by h.ended_at desc), '[]')
        from (select * from public.wallet_holds w where w.status = 'settled' and
            case v_kind when 'seller' then w.seller_account_id = a.id else w.account_id = a.id and w.unit = 'micro_usd' end
          order by w.ended_at desc limit 20) h))
    from (select) one left join public.accounts a on a.unit = 'micro_usd' and a.owner_kind = v_kind
      and a.owner_id = coalesce(p_agent_id, p_seller_id, p_tenant_id, p_user_id));
end $$;
comment on function public.read_wallet(uuid, uuid, uuid, uuid) is
  'What is in the wallet of a person, a tenant of theirs, or an agent or a seller that they act for, and the last twenty charges. Refuses with not_allowed.';

create function public.products_for_sale(p_user_id uuid, p_tenant_id uuid default null, p_after uuid default null, p_limit int default 50) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(private.describe_product(p) - '{api_endpoint,places,headers,speech}'::text[] order by p.id), '[]')
  from (select * from public.api_products p where p.status = 'active' and (p_after is null or p.id > p_after)
      and (p.tenant_id is null or p.tenant_id = p_tenant_id and private.role_in(p_user_id, p_tenant_id) is not null)
    order by p.id limit greatest(1, least(coalesce(p_limit, 50), 100))) p
$$;
comment on function public.products_for_sale(uuid, uuid, uuid, int) is
  'The paid APIs that a person, or a tenant of theirs, may call, without where they are: in the order of their ids, from the one after the given one on.';

alter table public.api_product_versions enable row level security;
alter table public.api_executions enable row level security;
create policy "own executions" on public.api_executions for select to authenticated
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null) and tenant_id is null);
create policy "executions of own tenants" on public.api_executions for select to authenticated
  using (tenant_id in (select m.tenant_id from public.tenant_members m
    where m.user_id = (select auth.uid()) and m.role in ('owner', 'billing')));
create policy "operators see executions" on public.api_executions for select to authenticated
  using (exists (select from public.users u where u.id = (select auth.uid()) and u.role = 'operator' and u.deleted_at is null));

revoke all on public.api_product_versions, public.api_executions, private.api_secrets, private.api_minutes
  from anon, authenticated, service_role;
grant select on public.api_product_versions, public.api_executions to service_role;
-- What an API answered is for whoever asked, by the service.
grant select (id, product_id, version, user_id, tenant_id, agent_id, task_id, call_id, status, outcome, price_micros, charged_micros,
  http_status, bytes, took_ms, created_at, ended_at) on public.api_executions to authenticated;
revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.register_seller(uuid, uuid, text), public.register_agent(uuid, uuid, jsonb, text),
  public.fund_agent(uuid, uuid, bigint, text), public.credit_wallet(uuid, text, uuid, bigint, text, text),
  public.save_api_product(uuid, uuid, uuid, jsonb, jsonb), public.list_api_products(uuid, uuid), public.spoken_products(uuid, uuid, int),
  public.begin_execution(text, uuid, uuid, uuid, uuid, uuid, uuid, bigint, int, boolean),
  public.finish_execution(uuid, text, int, bigint, int, jsonb), public.refund_execution(uuid, uuid, text, text, bigint),
  public.reap_executions(int), public.read_wallet(uuid, uuid, uuid, uuid),
  public.products_for_sale(uuid, uuid, uuid, int) from public, anon, authenticated;
grant execute on function public.register_seller(uuid, uuid, text), public.register_agent(uuid, uuid, jsonb, text),
  public.fund_agent(uuid, uuid, bigint, text), public.credit_wallet(uuid, text, uuid, bigint, text, text),
  public.save_api_product(uuid, uuid, uuid, jsonb, jsonb), public.list_api_products(uuid, uuid), public.spoken_products(uuid, uuid, int),
  public.begin_execution(text, uuid, uuid, uuid, uuid, uuid, uuid, bigint, int, boolean),
  public.finish_execution(uuid, text, int, bigint, int, jsonb), public.refund_execution(uuid, uuid, text, text, bigint),
  public.reap_executions(int), public.read_wallet(uuid, uuid, uuid, uuid),
  public.products_for_sale(uuid, uuid, uuid, int) to service_role;
