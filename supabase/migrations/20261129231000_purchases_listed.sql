-- What a person bought, as they see it: what was paid, what of it went back and when, and what became of the gift.

create function private.purchase_seen(p public.purchases) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('purchase_id', p.id, 'purpose', p.purpose, 'package_id', p.package_id,
    'package_name', coalesce((select t.name from public.pricing_tiers t where t.id = p.package_id), p.package_id),
    'total_seconds', p.paid_seconds + p.bonus_seconds, 'bonus_seconds', p.bonus_seconds,
    'status', p.status, 'amount_cents', p.amount_cents, 'currency', p.currency,
    'received_cents', p.received_cents, 'received_currency', private.money_currency(p),
    'refunded_cents', p.refunded_cents, 'disputed_cents', p.disputed_cents, 'lost_cents', p.lost_cents,
    'taken_back_seconds', p.clawed_back_seconds,
    'paid_debt_seconds', coalesce((select c.paid_debt_seconds from public.time_cards c where c.id = p.id), 0),
    'is_automatic', exists (select from private.auto_top_up_charges c where c.purchase_id = p.id),
    'recipient_name', p.gift_recipient, 'recipient_email', p.gift_email,
    'deliver_at', private.utc_text(p.deliver_at),
    'created_at', private.utc_text(p.created_at),
    'refunds', (select coalesce(jsonb_agg(jsonb_build_object('amount_cents', r.amount_cents, 'status', r.status,
        'created_at', private.utc_text(r.created_at)) order by r.created_at, r.id), '[]')
      from public.payment_refunds r where r.purchase_id = p.id))
$$;

create function private.page_size(p_limit int) returns int
language sql immutable set search_path = '' as $$
  select greatest(1, least(coalesce(p_limit, 20), 100))
$$;

create function public.list_purchases(p_user_id uuid, p_before uuid default null, p_limit integer default 20)
returns jsonb
language sql stable security definer set search_path = '' as $$
  with page as (
    select p, row_number() over (order by p.created_at desc, p.id desc) as place
    from public.purchases p
    where p.user_id = p_user_id and p.tenant_id is null and p.status in ('processing', 'review', 'succeeded', 'refused')
      and (p_before is null or (p.created_at, p.id) < (
        select b.created_at, b.id from public.purchases b where b.id = p_before and b.user_id = p_user_id))
    order by p.created_at desc, p.id desc limit private.page_size(p_limit) + 1)
  select jsonb_build_object(
    'purchases', coalesce(jsonb_agg(private.purchase_seen(p) order by place)
      filter (where place <= private.page_size(p_limit)), '[]'),
    'next', (select (n.p).id from page n where n.place = private.page_size(p_limit)
      and exists (select from page more where more.place > n.place)))
  from page
$$;
comment on function public.list_purchases(uuid, uuid, int) is
  'A page of a person''s purchases whose money came or is on its way, newest first. next is the p_before of the next page, '
  'null on the last one; a p_before that is none of theirs answers an empty page.';

-- What was bought for a tenant is for who does its billing now, and not for who bought it and left.
create function public.read_purchase(p_user_id uuid, p_purchase_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select private.purchase_seen(p) || jsonb_build_object('payment_intent_id', p.payment_intent_id)
  from public.purchases p where p.id = p_purchase_id and p.user_id = p_user_id
    and (p.tenant_id is null or private.role_in(p_user_id, p.tenant_id) in ('owner', 'billing'))
    and p.status in ('processing', 'review', 'succeeded', 'refused')
$$;
comment on function public.read_purchase(uuid, uuid) is 'The same of one purchase of theirs, with its intent at Stripe. Null where there is none.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.list_purchases(uuid, uuid, int), public.read_purchase(uuid, uuid)
  from public, anon, authenticated;
grant execute on function public.list_purchases(uuid, uuid, int), public.read_purchase(uuid, uuid) to service_role;
