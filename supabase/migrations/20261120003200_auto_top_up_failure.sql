-- A person whose automatic top-up failed is told why, and so what to do about it.

create or replace function public.read_auto_top_up(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select case when a.user_id is null then jsonb_build_object('status', 'not_set')
    else jsonb_build_object('status', a.status, 'package_id', a.package_id, 'threshold_seconds', a.threshold_seconds,
      'monthly_cap_cents', a.monthly_cap_cents, 'payment_method_id', a.payment_method_id, 'consent_at', a.consent_at,
      'consecutive_declines', a.consecutive_declines, 'charged_this_month_cents', private.auto_topped_up_cents(a.user_id),
      'charge_in_flight', exists (select from private.auto_top_up_charges c
        where c.user_id = a.user_id and c.status = 'in_flight'),
      -- Of the last charge under the terms of now, where that one was declined.
      'last_failure', (select case when c.status = 'declined' then coalesce(p.failure_code, 'card_declined') end
        from private.auto_top_up_charges c join public.payment_history p on p.id = c.purchase_id
        where c.user_id = a.user_id and c.created_at >= a.consent_at and c.status <> 'canceled'
        order by c.created_at desc limit 1)) end
  from (select) one left join private.auto_top_ups a on a.user_id = p_user_id
$$;
comment on function public.read_auto_top_up(uuid) is
  'A person''s automatic top-up, with how far it went this month and why its last charge failed. Status not_set, '
  'active, disabled or stopped.';
