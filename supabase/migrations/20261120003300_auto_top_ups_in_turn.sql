-- Who is over the cap of the month, or chose a package that is no longer sold, stayed among the first that are looked at
-- and was in the way of everybody behind. Both are known already and asked here, not under each person's lock.

create or replace function public.decide_auto_top_ups(p_limit int default 500) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid;
  v_outcome text;
  v_counts jsonb := '{}';
begin
  for v_user_id in
    select s.user_id from private.auto_top_ups s join public.time_accounts a using (user_id)
      join public.pricing_tiers t on t.id = s.package_id and t.active
    where s.status = 'active' and a.balance_seconds - a.held_seconds <= s.threshold_seconds
      and private.auto_topped_up_cents(s.user_id) + t.price_cents <= s.monthly_cap_cents
      and not exists (select from private.auto_top_up_charges c where c.user_id = s.user_id and c.status = 'in_flight')
    order by s.user_id limit p_limit
  loop
    begin
      v_outcome := private.decide_auto_top_up(v_user_id);
    exception when others then
      raise warning 'automatic top-up of % was not decided: %', v_user_id, sqlerrm;
      v_outcome := 'failed';
    end;
    v_counts := v_counts || jsonb_build_object(v_outcome, coalesce((v_counts ->> v_outcome)::int, 0) + 1);
  end loop;
  return v_counts;
end $$;
