-- A code turns an unowned card into an owned one.

create function private.count_failed_attempt(p_user_id uuid) returns void
language sql security definer set search_path = '' as $$
  insert into public.activation_attempts (user_id, failed_count, window_started_at) values (p_user_id, 1, now())
  on conflict (user_id) do update set
    failed_count = case when activation_attempts.window_started_at < now() - interval '1 hour' then 1
                        else activation_attempts.failed_count + 1 end,
    window_started_at = case when activation_attempts.window_started_at < now() - interval '1 hour' then now()
                             else activation_attempts.window_started_at end
$$;

create function public.activate_time_card(p_user_id uuid, p_code_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_card public.time_cards;
begin
  if (private.lock_account(p_user_id)).user_id is null then
    return jsonb_build_object('status', 'unknown_user');
  elsif exists (select from public.activation_attempts where user_id = p_user_id and failed_count >= 10
                and window_started_at > now() - interval '1 hour') then
    return jsonb_build_object('status', 'too_many_attempts');
  end if;
  select t.* into v_card from public.time_cards t join public.activation_codes c on c.card_id = t.id
    where c.code_hash = p_code_hash for update of t;
  if not found then
    perform private.count_failed_attempt(p_user_id);
    return jsonb_build_object('status', 'unknown_code');
  elsif v_card.status = 'revoked' then
    return jsonb_build_object('status', 'revoked');
  elsif v_card.user_id = p_user_id then
    return jsonb_build_object('status', 'already_yours', 'card_id', v_card.id);
  elsif v_card.user_id is not null then
    return jsonb_build_object('status', 'used');
  end if;
  update public.time_cards
    set user_id = p_user_id, status = 'active', activated_at = now(), expires_at = now() + interval '1 year'
    where id = v_card.id returning * into v_card;
  perform private.credit_card(v_card);
  return jsonb_build_object('status', 'activated', 'card_id', v_card.id);
end $$;
comment on function public.activate_time_card(uuid, text) is
  'Gives the card behind a code to a person, once. Its year of validity begins now. '
  'Refuses with status unknown_code, used, already_yours, revoked, too_many_attempts or unknown_user.';

revoke execute on all functions in schema private from public, anon, authenticated;
revoke execute on function public.activate_time_card(uuid, text) from public, anon, authenticated;
grant execute on function public.activate_time_card(uuid, text) to service_role;
