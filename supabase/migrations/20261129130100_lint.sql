-- As `supabase db lint` wants it: a default of the type of its variable, and not a text that is cast each time.

create or replace function public.cleanup_expired_time_cards() returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_page jsonb := jsonb_build_object();
  v_count int := 0;
begin
  loop
    v_page := public.expire_cards((v_page ->> 'next')::uuid);
    v_count := v_count + (v_page ->> 'cards')::int;
    exit when v_page ->> 'next' is null;
  end loop;
  return v_count;
end $$;
