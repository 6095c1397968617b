-- A person's page stays as fast when operators did a hundred thousand things about others.
create or replace function public.board_person(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'person', jsonb_build_object('user_id', u.id, 'email', u.email, 'display_name', u.display_name, 'role', u.role,
      'stripe_customer_id', u.stripe_customer_id, 'created_at', private.utc_text(u.created_at),
      'frozen_at', private.utc_text(u.frozen_at), 'deleted_at', private.utc_text(u.deleted_at)),
    'account', (select jsonb_build_object('balance_seconds', t.balance_seconds, 'held_seconds', t.held_seconds,
      'debt_seconds', t.debt_seconds, 'live_calls', t.live_calls) from public.time_accounts t where t.user_id = u.id),
    'auto_top_up', public.read_auto_top_up(u.id),
    'cards', (select coalesce(jsonb_agg(jsonb_build_object('card_id', g.id, 'source', g.source, 'status', g.status,
        'package_id', g.package_id, 'seconds', g.paid + g.bonus, 'remaining_seconds', g.remaining, 'frozen_seconds', g.frozen,
        'is_given_away', g.account_id is distinct from u.id, 'expires_at', private.utc_text(g.expires_at),
        'created_at', private.utc_text(g.created_at)) order by g.created_at desc, g.id), '[]')
      from (select * from public.grants where account_id = u.id
        union select * from public.grants where purchaser_id = u.id and source = 'gift'
        order by created_at desc limit 50) g),
    'calls', (select coalesce(jsonb_agg(jsonb_build_object('call_id', c.id, 'status', c.status, 'opened_at', private.utc_text(c.opened_at),
        'ended_at', private.utc_text(c.ended_at), 'end_reason', c.end_reason, 'charged_seconds', c.charged_seconds,
        'latency_p95_ms', c.latency_p95_ms, 'quality', c.quality, 'errors', c.errors) order by c.opened_at desc), '[]')
      from (select * from public.calls where user_id = u.id order by opened_at desc limit 25) c),
    'purchases', (select coalesce(jsonb_agg(jsonb_build_object('purchase_id', p.id, 'package_id', p.package_id, 'purpose', p.purpose,
        'status', p.status, 'currency', private.money_currency(p), 'amount_cents', p.amount_cents, 'received_cents', p.received_cents,
        'refunded_cents', p.refunded_cents, 'disputed_cents', p.disputed_cents, 'lost_cents', p.lost_cents,
        'review_reason', p.review_reason, 'failure_code', p.failure_code, 'payment_intent_id', p.payment_intent_id,
        'created_at', private.utc_text(p.created_at)) order by p.created_at desc), '[]')
      from (select * from public.purchases where user_id = u.id order by created_at desc limit 50) p),
    'acts', (select coalesce(jsonb_agg(jsonb_build_object('at', private.utc_text(a.at), 'operator_email', o.email,
        'operator_id', a.operator_id, 'act', a.act, 'subject', a.subject, 'reason', a.reason) order by a.at desc), '[]')
      from (
        select created_at as at, operator_id, act, subject, reason from public.operator_acts
          -- One array, so that each is looked up: an or of subqueries reads all that operators ever did.
          where subject = any (array[u.id::text]
            || array(select id::text from public.purchases where user_id = u.id order by created_at desc limit 1000)
            || array(select id::text from public.calls where user_id = u.id order by opened_at desc limit 100))
        union all select w.created_at, w.operator_id, 'goodwill', u.id::text, w.reason
          from public.grants g join public.goodwill_grants w on w.card_id = g.id where g.account_id = u.id
        order by at desc limit 50) a
      left join public.users o on o.id = a.operator_id))
  from public.users u where u.id = p_user_id
$$;
