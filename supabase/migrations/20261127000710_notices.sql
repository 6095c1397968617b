-- Effects that are owed when something happens: a customer at Stripe for who signs up, and e-mails about money.



create function private.owe_customer(p_user_id uuid, p_after text default null) returns void
language sql security definer set search_path = '' as $$
  select private.enqueue('create_customer',
    concat_ws(':after:', 'customer:' || p_user_id, p_after), jsonb_build_object('user_id', p_user_id))
$$;

create function private.owe_customer_at_sign_up() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.owe_customer(new.id);
  return null;
end $$;
create trigger owe_customer after insert on public.users
  for each row when (new.stripe_customer_id is null) execute function private.owe_customer_at_sign_up();

-- People who signed up before the first migration.
select private.owe_customer(id) from public.users where stripe_customer_id is null;

create function public.forget_customer(p_customer_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid;
begin
  update public.users set stripe_customer_id = null where stripe_customer_id = p_customer_id returning id into v_user_id;
  if not found then
    return jsonb_build_object('status', 'unknown_customer');
  end if;
  perform private.owe_customer(v_user_id, p_customer_id);
  return jsonb_build_object('status', 'forgotten', 'user_id', v_user_id);
end $$;
comment on function public.forget_customer(text) is
  'For customer.deleted: nobody has this customer any more, and a new one is owed. Status forgotten or unknown_customer, '
  'which is also the answer to a repeat.';

create function public.list_people_without_customer(p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('count', (select count(*) from public.users where stripe_customer_id is null),
    'people', coalesce((select jsonb_agg(jsonb_build_object('user_id', p.id, 'signed_up_at', p.created_at,
        'outbox_item_id', j.id, 'attempts', j.retry_count + (j.started_on is not null)::int,
        'parked_at', case j.state when 'failed' then j.completed_on end, 'last_error', private.why_given_up(j))
        order by p.created_at, p.id)
      from (select id, created_at from public.users where stripe_customer_id is null
            order by created_at, id limit greatest(0, least(p_limit, 1000))) p
      left join lateral (select * from pgboss.job where name = 'create_customer'
        and data ->> 'user_id' = p.id::text order by created_on desc limit 1) j on true), '[]'))
$$;
comment on function public.list_people_without_customer(int) is
  'Who has no customer at Stripe, longest first, with what became of the attempts to make one.';

create function public.repair_customer(p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user public.users;
  v_job pgboss.job;
begin
  -- The lock orders two repairs of the same person: the second sees the job of the first.
  select * into v_user from public.users where id = p_user_id for update;
  if not found then
    return jsonb_build_object('status', 'unknown_user');
  elsif v_user.stripe_customer_id is not null then
    return jsonb_build_object('status', 'has_customer');
  end if;
  select * into v_job from pgboss.job where name = 'create_customer' and data ->> 'user_id' = p_user_id::text
    order by created_on desc limit 1 for update;
  if not found then
    perform private.owe_customer(p_user_id);
  elsif v_job.state in ('completed', 'failed', 'cancelled') then
    perform private.do_again(v_job.name, v_job.id);
  else
    return jsonb_build_object('status', 'under_way');
  end if;
  return jsonb_build_object('status', 'begun');
end $$;
comment on function public.repair_customer(uuid) is
  'Owes a person a customer again. Status begun, under_way, has_customer or unknown_user.';

create function private.owe_notice(p_notice text, p_purchase_id uuid, p_subject text) returns void
language sql security definer set search_path = '' as $$
  select private.enqueue('notice', format('notice:%s:%s', p_notice, p_subject),
    jsonb_build_object('notice', p_notice, 'purchase_id', p_purchase_id, 'subject_id', p_subject))
$$;

create function private.owe_receipt() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.owe_notice('receipt', new.id, new.id::text);
  if new.purpose = 'gift' then
    perform private.owe_notice('gift', new.id, new.id::text);
  end if;
  return null;
end $$;
create trigger owe_receipt after update of status on public.purchases
  for each row when (new.status = 'succeeded' and old.status is distinct from 'succeeded')
  execute function private.owe_receipt();

-- A refund is told of when Stripe has it, which is before the bank does, and once more if it fails there.
create function private.owe_refund_notice() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' and new.status <> 'failed' then
    perform private.owe_notice('refund', new.purchase_id, new.id);
  elsif tg_op = 'UPDATE' and new.status = 'failed' and old.status <> 'failed' then
    perform private.owe_notice('refund_failed', new.purchase_id, new.id);
  end if;
  return null;
end $$;
create trigger owe_refund_notice after insert or update of status on public.payment_refunds
  for each row execute function private.owe_refund_notice();

create function private.owe_dispute_notice() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' or new.status is distinct from old.status then
    perform private.owe_notice('dispute_' || new.status, new.purchase_id, new.id);
  end if;
  return null;
end $$;
create trigger owe_dispute_notice after insert or update of status on public.payment_disputes
  for each row execute function private.owe_dispute_notice();



revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.forget_customer(text), public.list_people_without_customer(int),
  public.repair_customer(uuid) from public, anon, authenticated;
grant execute on function public.forget_customer(text), public.list_people_without_customer(int),
  public.repair_customer(uuid) to service_role;
