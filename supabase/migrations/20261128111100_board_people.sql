-- Finding a person by whatever is known of them, and all about one.

create index users_by_email on public.users (lower(email) text_pattern_ops);
create index users_by_name on public.users (lower(display_name) text_pattern_ops);

-- Whom an id is about, of whatever it is.
create function private.people_of_id(p_id uuid) returns table (user_id uuid, found_by text)
language sql stable security definer set search_path = '' as $$
  select id, 'person' from public.users where id = p_id
  union all select c.user_id, 'call' from public.calls c where c.id = p_id
  union all select p.user_id, 'purchase' from public.purchases p where p.id = p_id
  union all select g.account_id, 'card' from public.grants g where g.id = p_id
  union all select g.purchaser_id, 'card given' from public.grants g where g.id = p_id and g.purchaser_id <> g.account_id
$$;

create function public.find_people(p_text text, p_code_hash text default null, p_limit int default 20) returns jsonb
language sql stable security definer set search_path = '' as $$
  with asked as (
    -- Whatever begins with it lies between it and it with the last of all characters behind: so an index finds it, which it
    -- does not for a pattern that is known only when it is asked.
    select text, lower(text) as first, lower(text) || U&'\+10FFFF' as last from (select trim(left(p_text, 200)) as text) t
    where length(text) > 0),
  found as (
    (select u.id as user_id, 'e-mail' as found_by, 1 as rank from public.users u, asked
      where lower(u.email) ~>=~ asked.first and lower(u.email) ~<~ asked.last order by lower(u.email) limit 50)
    union all
    (select u.id, 'name', 2 from public.users u, asked
      where lower(u.display_name) ~>=~ asked.first and lower(u.display_name) ~<~ asked.last order by lower(u.display_name) limit 50)
    union all
    select f.user_id, f.found_by, 0 from asked, private.people_of_id(
      case when asked.text ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then asked.text::uuid end) f
    union all select p.user_id, 'payment', 0 from public.purchases p, asked
      where p.payment_intent_id = asked.text or p.checkout_session_id = asked.text
    union all select p.user_id, 'refund', 0 from public.payment_refunds r join public.purchases p on p.id = r.purchase_id, asked where r.id = asked.text
    union all select p.user_id, 'dispute', 0 from public.payment_disputes d join public.purchases p on p.id = d.purchase_id, asked where d.id = asked.text
    union all select u.id, 'customer', 0 from public.users u, asked where u.stripe_customer_id = asked.text
    union all select o.user_id, case o.user_id when g.account_id then 'code' else 'code given' end, 0
      from public.activation_codes c join public.grants g on g.id = c.card_id
      cross join lateral (select g.account_id as user_id union select g.purchaser_id) o where c.code_hash = p_code_hash)
  select coalesce(jsonb_agg(jsonb_build_object('user_id', u.id, 'email', u.email, 'display_name', u.display_name,
      'created_at', private.utc_text(u.created_at), 'is_deleted', u.deleted_at is not null, 'is_frozen', u.frozen_at is not null,
      'role', u.role, 'found_by', f.found_by, 'balance_seconds', coalesce(a.balance, 0)) order by f.rank, lower(u.email), u.id), '[]')
  from (select o.*, p.email from (select distinct on (user_id) * from found where user_id is not null order by user_id, rank) o
    join public.users p on p.id = o.user_id order by o.rank, lower(p.email), p.id limit greatest(1, least(coalesce(p_limit, 20), 100))) f
  join public.users u on u.id = f.user_id left join public.accounts a on a.id = u.id
$$;
comment on function public.find_people(text, text, int) is
  'People by the beginning of their e-mail address or name, or by the id of anything of theirs: person, call, purchase, card, '
  'payment, refund, dispute, customer, or the hash of a code.';

create function public.board_person(p_user_id uuid) returns jsonb
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
          where subject = u.id::text or subject in (select id::text from public.purchases where user_id = u.id)
            or subject in (select id::text from (select id from public.calls where user_id = u.id order by opened_at desc limit 100) c)
        union all select w.created_at, w.operator_id, 'goodwill', u.id::text, w.reason
          from public.grants g join public.goodwill_grants w on w.card_id = g.id where g.account_id = u.id
        order by at desc limit 50) a
      left join public.users o on o.id = a.operator_id))
  from public.users u where u.id = p_user_id
$$;
comment on function public.board_person(uuid) is
  'All about a person that operators see: account, cards (given ones, too), the latest calls and purchases, automatic top-up, '
  'and what operators did. Null where there is nobody. What the person told is not in it.';

revoke execute on all functions in schema private from public, anon, authenticated, service_role;
revoke execute on function public.find_people(text, text, int), public.board_person(uuid) from public, anon, authenticated;
grant execute on function public.find_people(text, text, int), public.board_person(uuid) to service_role;
