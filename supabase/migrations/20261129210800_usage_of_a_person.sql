-- What people take with them, and what is kept of a person: their usage, too.

create or replace function private.export_rows(p_user_id uuid, p_part text)
returns table(at timestamp with time zone, id text, item jsonb)
language sql stable security definer set search_path = '' as $$
  select g.created_at, g.id::text, jsonb_build_object('card_id', g.id, 'package_id', g.package_id, 'source', g.source,
      'status', g.status, 'paid_seconds', g.paid, 'bonus_seconds', g.bonus, 'remaining_seconds', g.remaining,
      'frozen_seconds', g.frozen, 'given_away', g.account_id is distinct from p_user_id, 'created_at', g.created_at,
      'activated_at', g.activated_at, 'expires_at', g.expires_at)
    from public.grants g where p_part = 'cards' and (g.account_id = p_user_id or g.purchaser_id = p_user_id)
  union all
  select l.created_at, lpad(l.id::text, 20, '0'), jsonb_build_object('card_id', l.grant_id, 'about_card_id', l.about_grant_id,
      'call_id', l.call_id, 'reason', l.reason, 'seconds', l.amount, 'created_at', l.created_at)
    from public.ledger l where p_part = 'ledger' and l.account_id = p_user_id
  union all
  select c.opened_at, c.id::text, jsonb_build_object('call_id', c.id, 'status', c.status, 'opened_at', c.opened_at,
      'ended_at', c.ended_at, 'end_reason', c.end_reason, 'charged_seconds', c.charged_seconds, 'tenant_id', c.tenant_id,
      -- What a tenant paid, and what it has left, is in its books.
      'receipt', case when c.tenant_id is null then c.receipt end,
      'turns', c.turns, 'interruptions', c.interruptions, 'latency_p50_ms', c.latency_p50_ms,
      'latency_p95_ms', c.latency_p95_ms, 'quality', c.quality,
      'rating', (select private.describe_rating(r) from private.call_ratings r where r.call_id = c.id))
    from public.calls c where p_part = 'calls' and c.user_id = p_user_id
  union all
  select p.created_at, p.id::text, jsonb_build_object('purchase_id', p.id, 'package_id', p.package_id, 'purpose', p.purpose,
      'status', p.status, 'amount_cents', p.amount_cents, 'currency', p.currency, 'received_cents', p.received_cents,
      'received_currency', private.money_currency(p), 'refunded_cents', p.refunded_cents,
      'disputed_cents', p.disputed_cents, 'lost_cents', p.lost_cents, 'paid_seconds', p.paid_seconds,
      'bonus_seconds', p.bonus_seconds, 'gift_message', p.gift_message, 'gift_recipient', p.gift_recipient,
      'payment_intent_id', p.payment_intent_id, 'card_kept_at', p.card_consent_at, 'created_at', p.created_at,
      'refunds', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'amount_cents', r.amount_cents,
        'status', r.status)), '[]') from public.payment_refunds r where r.purchase_id = p.id))
    from public.purchases p where p_part = 'purchases' and p.user_id = p_user_id and p.tenant_id is null
  union all
  select m.created_at, m.id::text, jsonb_build_object('memory_id', m.id, 'text', m.text, 'kind', m.kind, 'source', m.source,
      'call_id', m.call_id, 'created_at', m.created_at, 'updated_at', m.updated_at)
    from public.caller_memories m where p_part = 'memories' and m.user_id = p_user_id
  union all
  select s.created_at, s.id::text, private.describe_request(s)
    from private.support_requests s where p_part = 'support_requests' and s.user_id = p_user_id
  union all
  select e.occurred_at, lpad(e.id::text, 20, '0'), jsonb_build_object('usage_event_id', e.id, 'occurred_at', e.occurred_at,
      'tenant_id', e.tenant_id, 'call_id', e.call_id, 'kind', e.kind, 'tool', e.tool, 'server', e.server, 'provider', e.provider,
      'model', e.model, 'quantity', e.quantity, 'unit', e.unit, 'price_micros', e.price_micros, 'currency', e.currency,
      'metadata', e.metadata)
    from public.usage_events e where p_part = 'usage' and e.user_id = p_user_id
$$;

comment on function public.export_part(uuid, text, timestamptz, text, int) is
  'A page of what is kept of a person: of their cards, ledger, calls, purchases, memories, support_requests or usage, oldest first. '
  'next says where the next page begins; null on the last one.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
