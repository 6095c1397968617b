-- What people are told by e-mail is owed in the transaction that changed their order. Payloads hold ids only.

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
create trigger owe_receipt after update of status on public.payment_history
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

revoke execute on all functions in schema private from public, anon, authenticated;
