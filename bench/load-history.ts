import type postgres from 'postgres';

/** So long each call was. */
const CALL_SECONDS = 60;
/** Over how many days the calls are spread. */
const DAYS = 30;

const names = `
  create schema if not exists bench;
  create or replace function bench.person(n bigint) returns uuid immutable language sql
    return md5('person ' || n)::uuid;
  create or replace function bench.card(n bigint) returns uuid immutable language sql
    return md5('card ' || n)::uuid;
  create or replace function bench.call(n bigint, k bigint) returns uuid immutable language sql
    return md5('call ' || n || ' ' || k)::uuid`;

/** People who each bought a card, and small amounts that came and went, so that the ledger has a past. */
const peopleAndCards = (people: number, calls: number, past: number) => `
  insert into auth.users (id, email) select bench.person(n), n || '@example.com' from generate_series(1, ${people}) n;
  insert into public.users (id, email, stripe_customer_id)
    select bench.person(n), n || '@example.com', 'cus_' || n from generate_series(1, ${people}) n;
  insert into public.accounts (id, owner_kind, owner_id, unit, balance, receipts)
    select bench.person(n), 'person', bench.person(n), 'second', 90000 - ${calls * CALL_SECONDS}, ${calls}
    from generate_series(1, ${people}) n;
  insert into public.purchases (id, user_id, package_id, purpose, idempotency_key, amount_cents, currency, paid_seconds,
      bonus_seconds, status, payment_intent_id, received_cents, created_at)
    select bench.card(n), bench.person(n), 'pro', 'me', n::text, 17999, 'usd', 90000, 0, 'succeeded', 'pi_' || n, 17999,
      now() - interval '31 days' - n % 300 * interval '1 day' from generate_series(1, ${people}) n;
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, purchaser_id, package_id,
      payment_intent_id, activated_at, expires_at)
    select bench.card(n), bench.person(n), 'second', 'paid', 'active', 90000, 0, 90000 - ${calls * CALL_SECONDS},
      bench.person(n), 'pro', 'pi_' || n, now(), now() + interval '1 year' from generate_series(1, ${people}) n;
  update public.accounts a set first_end = g.expires_at
    from public.grants g where g.account_id = a.id and g.status = 'active';
  insert into public.ledger (account_id, unit, grant_id, about_grant_id, reason, amount, key, created_at)
    select bench.person(n), 'second', bench.card(n), bench.card(n), 'grant', 90000, 'grant:' || bench.card(n),
      now() - interval '31 days' from generate_series(1, ${people}) n;
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, activated_at, expires_at)
    select md5('gift ' || n || k)::uuid, bench.person(n), 'second', 'goodwill', 'expired', 0, 10, 0, now(), now()
    from generate_series(1, ${people}) n, generate_series(1, ${past}) k;
  insert into public.ledger (account_id, unit, grant_id, about_grant_id, reason, amount, key, created_at)
    select bench.person(n), 'second', md5('gift ' || n || k)::uuid, md5('gift ' || n || k)::uuid,
      case sign when 1 then 'goodwill' else 'expire' end, 10 * sign, 'past:' || n || ':' || k || ':' || sign,
      now() - interval '31 days'
    from generate_series(1, ${people}) n, generate_series(1, ${past}) k, unnest(array[1, -1]) sign;
  insert into public.stripe_events (id, type, object_id, payment_intent_id, status, outcome, received_at, handled_at)
    select 'evt_' || n || '_' || k, 'payment_intent.succeeded', 'pi_' || n, 'pi_' || n, 'done', 'applied',
      now() - n % 300 * interval '1 day', now() from generate_series(1, ${people}) n, generate_series(1, 3) k`;

/** One settled call of each person, with its entry and a receipt that holds the hash of the one before. */
const callsOf = (people: number, k: number) => `
  insert into public.calls (id, user_id, room_name, worker_id, status, opened_at, ended_at, end_reason, settled_by, epoch,
      used_ms, restored_ms, charged_seconds, turns, interruptions, errors, latency_p50_ms, latency_p95_ms,
      provider_cost_micros, quality, measures, receipt)
    select c.id, c.user_id, 'call-' || c.id, 'worker-' || n % 1000, 'settled', c.at, c.at + interval '61 seconds',
      'caller_hung_up', 'worker', 1, ${CALL_SECONDS * 1000}, 0, ${CALL_SECONDS}, 6, 1, 0, 600 + n % 900, 1200 + n % 2000,
      20000 + n % 5000, 60 + n % 40, '{"unpriced": []}',
      r.receipt || jsonb_build_object('hash', private.receipt_hash(r.receipt))
    from generate_series(1, ${people}) n
    cross join lateral (select bench.call(n, ${k}) as id, bench.person(n) as user_id,
      now() - (n * 7 + ${k} * 11) % ${DAYS} * interval '1 day' - n % 80000 * interval '1 second' as at) c
    cross join lateral (select jsonb_build_object('call_id', c.id, 'number', ${k}, 'opened_at', c.at, 'ended_at', c.at,
      'end_reason', 'caller_hung_up', 'settled_by', 'worker', 'used_ms', ${CALL_SECONDS * 1000}, 'restored_ms', 0,
      'charged_seconds', ${CALL_SECONDS}, 'paid_seconds', ${CALL_SECONDS}, 'bonus_seconds', 0,
      'rounding', 'down to whole seconds, once per call',
      'slices', '{"slice_seconds": 30, "granted_seconds": 90, "renewals": 4}'::jsonb,
      'cards', jsonb_build_array(jsonb_build_object('card_id', bench.card(n), 'source', 'paid', 'seconds', ${CALL_SECONDS},
        'paid_seconds', ${CALL_SECONDS}, 'bonus_seconds', 0, 'package_id', 'pro')),
      'windows', jsonb_build_array(jsonb_build_object('from_ms', 0, 'to_ms', 1200, 'billed', false, 'reason', 'connecting'),
        jsonb_build_object('from_ms', 1200, 'to_ms', 61200, 'billed', true, 'reason', 'talking')),
      'balance_seconds', 90000 - ${k * CALL_SECONDS},
      'previous_hash', (select last_receipt_hash from public.accounts where id = c.user_id)) as receipt) r;
  insert into public.ledger (account_id, unit, grant_id, about_grant_id, call_id, reason, amount, key, created_at)
    select bench.person(n), 'second', bench.card(n), bench.card(n), bench.call(n, ${k}), 'use', -${CALL_SECONDS},
      'call:' || bench.call(n, ${k}) || ':' || bench.card(n), now() - interval '1 day' from generate_series(1, ${people}) n;
  update public.accounts a set last_receipt_hash = c.receipt ->> 'hash'
    from generate_series(1, ${people}) n join public.calls c on c.id = bench.call(n, ${k}) where a.id = bench.person(n)`;

/**
 * Books with a past, set by set: the very rows that purchases and settled calls would have written. The audit finds
 * nothing in them.
 * @param options.past small grants of each person that came and expired: two entries each
 */
export async function loadHistory(
  sql: postgres.Sql,
  options: { people: number; callsEach: number; past: number },
  progress: (step: string) => void = () => {},
): Promise<void> {
  const { people, callsEach, past } = options;
  await sql.unsafe(names);
  const one = await sql.reserve();
  try {
    // Triggers and foreign keys are looked at row by row, and would take longer than the measurement.
    await one.unsafe('set session_replication_role = replica; set synchronous_commit = off');
    progress('people, cards, events');
    await one.unsafe(peopleAndCards(people, callsEach, past));
    for (let k = 1; k <= callsEach; k++) {
      progress(`calls, ${k} of ${callsEach}`);
      await one.unsafe(`analyze public.accounts; ${callsOf(people, k)}`);
    }
    progress('vacuum, analyse');
    await one.unsafe('set session_replication_role = origin; set synchronous_commit = on');
    await one.unsafe('vacuum (analyze)');
  } finally {
    one.release();
  }
}
