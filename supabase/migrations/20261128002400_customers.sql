-- What a person changes about themselves is changed at Stripe, too: their customer there, and so its page, has the e-mail
-- address and the name of now.

select pgboss.create_queue('update_customer', '{"policy": "standard", "retryLimit": 19, "retryDelay": 3,
  "retryBackoff": true, "retryDelayMax": 3600, "expireInSeconds": 60, "retentionSeconds": 34560000,
  "deleteAfterSeconds": 34560000, "notify": true}'::jsonb);

create function private.owe_customer_update() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- A job says that something changed, not what: it copies what is true when it runs. So each change is a job of its own.
  perform private.enqueue('update_customer', format('customer:%s:changed:%s', new.id, gen_random_uuid()),
    jsonb_build_object('user_id', new.id));
  return null;
end $$;
create trigger owe_customer_update after update of email, display_name on public.users
  for each row when (new.email is distinct from old.email or new.display_name is distinct from old.display_name)
  execute function private.owe_customer_update();

-- Who changed something before there was anybody to tell Stripe of it.
select private.enqueue('update_customer', format('customer:%s:changed:before', id), jsonb_build_object('user_id', id))
  from public.users where stripe_customer_id is not null;

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
