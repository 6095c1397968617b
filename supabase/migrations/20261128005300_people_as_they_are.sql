-- People as the auth server has them: a name that is changed there reaches the books, also of who was there before the
-- first push; and a token that outlives its person (by an hour at most) reads nothing any more.

create or replace function private.follow_auth_user() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  -- As the page writes it, or as the providers that people sign in with do.
  v_name text := left(coalesce(new.raw_user_meta_data ->> 'display_name', new.raw_user_meta_data ->> 'full_name',
    new.raw_user_meta_data ->> 'name', ''), 200);
begin
  insert into public.users (id, email, display_name) values (new.id, new.email, v_name)
  on conflict (id) do update set email = excluded.email,
    display_name = case when tg_op = 'UPDATE' and new.raw_user_meta_data is not distinct from old.raw_user_meta_data
      then users.display_name else excluded.display_name end;
  insert into public.accounts (id, owner_kind, owner_id, unit) values (new.id, 'person', new.id, 'second')
  on conflict do nothing;
  return new;
end $$;
-- Beside the one of the address: on hosted projects auth.users is not ours, and no trigger of it can be removed again.
create trigger follow_auth_user_name after update of raw_user_meta_data on auth.users
  for each row execute function private.follow_auth_user();

update public.users u
  set display_name = left(coalesce(a.raw_user_meta_data ->> 'display_name', a.raw_user_meta_data ->> 'full_name',
    a.raw_user_meta_data ->> 'name', ''), 200)
  from auth.users a where a.id = u.id and u.display_name = '' and u.deleted_at is null
    and a.raw_user_meta_data ?| array['display_name', 'full_name', 'name'];

-- Grants, holds and the ledger are read through the account, so they follow it.
alter policy "own person" on public.users using (id = (select auth.uid()) and deleted_at is null);
alter policy "own accounts" on public.accounts
  using (person_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null));
alter policy "own calls" on public.calls
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null));
alter policy "own purchases" on public.purchases
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null));
alter policy "own settings" on public.caller_settings
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null));
alter policy "own memories" on public.caller_memories
  using (user_id = (select id from public.users where id = (select auth.uid()) and deleted_at is null));
