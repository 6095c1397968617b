import type postgres from 'postgres';
import { type BoardLoad, sumStatements } from './load-board-sums.ts';

/** Calls of one statement: progress is told after each. */
const CHUNK = 1_000_000;
const DAYS = 365;
/** Of each call one turn that is as all others, and one of its own. */
const TURNS = `[[400, 250, 350, 180, 1050]]`;
const PROVIDERS = `{"llm": [{"model": "a", "provider": "api.openai.com"}], "tts": [{"model": "b", "provider": "api.openai.com"}],
  "stt": [{"model": "c", "provider": "api.deepgram.com"}]}`;

/** Ids in order, so that indices are filled from one end; random ones would take an hour. All times are from one moment on. */
const names = (base: string) => `
  create schema bench;
  create function bench.id(kind text, n bigint) returns uuid immutable language sql
    return (kind || '0000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid;
  create function bench.at(share double precision) returns timestamptz immutable language sql
    return '${base}'::timestamptz + share * interval '${DAYS} days'`;

/** Each person bought one card, somewhere in the year; every fiftieth was refunded a half, every tenth tried for free before. */
const people = (from: number, to: number, payments: number) => `
  create temp table made on commit drop as select n, bench.id('a', n) as person, bench.id('c', n) as card,
    bench.at(n::float8 / ${payments}) as at from generate_series(${from}, ${to}) n;
  insert into auth.users (id, email) select person, 'person' || n || '@example.com' from made;
  insert into public.users (id, email, display_name, stripe_customer_id, created_at)
    select person, 'person' || n || '@example.com', 'Person ' || n, 'cus_' || n, at from made;
  insert into public.accounts (id, owner_kind, owner_id, unit, balance)
    select person, 'person', person, 'second', 3600 from made;
  insert into public.purchases (id, user_id, package_id, purpose, idempotency_key, amount_cents, currency, paid_seconds,
      bonus_seconds, status, payment_intent_id, received_cents, refunded_cents, created_at, updated_at)
    select card, person, (array['starter', 'basic', 'premium'])[1 + n % 3], 'me', n::text, 4499,
      (array['usd', 'usd', 'usd', 'eur', 'gbp'])[1 + n % 5], 18000, 1800, 'succeeded', 'pi_' || n, 4499,
      case n % 50 when 0 then 2249 else 0 end, at, at from made;
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, purchaser_id, package_id,
      payment_intent_id, activated_at, expires_at)
    select card, person, 'second', 'paid', 'active', 18000, 1800, 3600, person, 'basic', 'pi_' || n, now(), now() + interval '1 year'
    from made;
  insert into public.ledger (account_id, unit, grant_id, about_grant_id, reason, amount, key, created_at, xid)
    select person, 'second', card, card, 'grant', 19800, 'grant:' || n, at, null from made;
  insert into private.money_changes (xid, purchase_id, booked_at, happened_at, currency, package_id, way, purchases, declined,
      sold_seconds, received_cents, tax_cents, refunded_cents, lost_cents, micros_per_second)
    select null, p.id, p.created_at, p.created_at, p.currency, p.package_id, 'own', 1, 0, 19800, 4499, 0, p.refunded_cents, 0,
      private.earned_micros_per_second(p) from made m join public.purchases p on p.id = m.card;
  insert into private.payment_fees (purchase_id, cents, currency, of_currency, happened_at)
    select p.id, 160, 'usd', p.currency, p.created_at from made m join public.purchases p on p.id = m.card where m.n % 20 > 0;
  insert into private.trials (user_id, card_id, email_hash, claimed_at, talked, bought)
    select person, card, lpad(to_hex(n), 64, '0'), at - interval '1 minute', false, true from made where n % 10 = 0`;

/** Settled calls in the order of time, of people who had signed up by then, each with its entry of the ledger. */
const calls = (from: number, to: number, { calls, payments }: BoardLoad, xid: string) => `
  with made as materialized (
    select n, bench.at(n::float8 / ${calls}) as at,
      1 + (n * 7919 % greatest(1, ${payments}::bigint * n / ${calls})) as person, 30 + n % 240 as seconds
    from generate_series(${from}::bigint, ${to}) n),
  entries as (
    insert into public.ledger (account_id, unit, grant_id, about_grant_id, call_id, reason, amount, key, created_at, xid)
      select bench.id('a', person), 'second', bench.id('c', person), bench.id('c', person), bench.id('b', n), 'use', -seconds,
        'call:' || n, at, ${xid} from made),
  ratings as (
    insert into private.call_ratings (call_id, user_id, score, rated_at)
      select bench.id('b', n), bench.id('a', person), 1 + n % 5, at + interval '5 minutes' from made where n % 10 = 0),
  requests as (
    insert into private.support_requests (user_id, key, about, about_id, message, status, answer, created_at, answered_at, answered_by,
        version, providers)
      select bench.id('a', person), n::text, 'call', bench.id('b', n), 'It was slow.', 'answered', 'Sorry.', at,
        at + (60 + n % 90000) * interval '1 second', bench.id('a', person), '1.' || n * 12 / ${calls} || '.0',
        '{llm@api.openai.com,stt@api.deepgram.com,tts@api.openai.com}' from made where n % 100 = 0)
  insert into public.calls (id, user_id, room_name, worker_id, status, opened_at, ended_at, end_reason, settled_by, epoch,
      used_ms, restored_ms, charged_seconds, turns, interruptions, errors, latency_p50_ms, latency_p95_ms,
      provider_cost_micros, quality, measures, receipt)
    select bench.id('b', n), bench.id('a', person), 'call-' || n, 'worker-' || n % 50, 'settled', at, at + seconds * interval '1 second',
      'caller_hung_up', 'worker', 1, seconds * 1000, 0, seconds, 6, n % 3, (n % 97 = 0)::int, 700 + n % 900,
      1300 + n % 2500, 20000 + n % 5000, 60 + n % 40,
      jsonb_build_object('version', '1.' || n * 12 / ${calls} || '.0', 'unpriced', '[]'::jsonb, 'unanswered_turns', (n % 211 = 0)::int,
        'turn_parts', '["end_of_turn", "transcription", "llm_first_token", "tts_first_byte", "whole"]'::jsonb,
        'errors_by_provider', case when n % 97 = 0 then '{"llm@api.openai.com": 1}' else '{}' end::jsonb,
        'latest_turns', '${TURNS}'::jsonb || jsonb_build_array(jsonb_build_array(n % 900, 200, 300 + n % 1500, 150, 700 + n % 3000)))
        || '${PROVIDERS}', '{}' from made`;

/** Filled at once, an index takes a fraction of the time that it takes row by row. */
async function withoutIndices(sql: postgres.ISql, fill: () => Promise<void>): Promise<number> {
  const indices = await sql<{ name: string; definition: string }[]>`
    select format('%I.%I', schemaname, indexname) as name, indexdef as definition from pg_indexes
    where (schemaname, tablename) in (('public', 'ledger'), ('public', 'calls'), ('public', 'purchases'), ('public', 'grants'),
        ('public', 'users'), ('private', 'call_ratings'), ('private', 'support_requests'), ('private', 'money_changes'))
      and indexname not in (select conname from pg_constraint where contype in ('p', 'u'))`;
  for (const { name } of indices) await sql.unsafe(`drop index ${name}`);
  await fill();
  await sql.unsafe("set maintenance_work_mem = '2GB'; set max_parallel_maintenance_workers = 2");
  for (const { definition } of indices) await sql.unsafe(definition);
  return indices.length;
}

/** Fails where a day of the sums that were made at once is not what its rows come to. */
async function checkDays(sql: postgres.ISql): Promise<void> {
  for (const ago of [3, 200]) {
    const [row] = await sql<{ answer: { status: string } }[]>`
      select public.check_figures((now() - make_interval(days => ${ago}))::date) as answer`;
    if (row?.answer.status !== 'same') throw new Error(`wrong sums: ${JSON.stringify(row?.answer)}`);
  }
}

/**
 * A year of calls and payments, written set by set, and the sums of all its days at once.
 * @param load.unrolled so many of the latest calls are not rolled up yet
 */
export async function loadBoard(
  sql: postgres.Sql,
  load: BoardLoad,
  progress: (step: string) => void,
): Promise<void> {
  const base = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - DAYS * 86_400_000).toISOString();
  await sql.unsafe(names(base));
  // What is measured is reading: nothing that is written here has to outlive a crash.
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit'])
    await sql.unsafe(`alter system set ${name} = off`);
  await sql`select pg_reload_conf()`;
  const one = await sql.reserve();
  try {
    // Triggers and foreign keys are looked at row by row, and would take longer than the measurement.
    await one.unsafe(
      "set session_replication_role = replica; set work_mem = '512MB'; set plan_cache_mode = auto",
    );
    const rolled = load.calls - load.unrolled;
    const indices = await withoutIndices(one, async () => {
      for (let from = 1; from <= load.payments; from += CHUNK) {
        const to = Math.min(load.payments, from + CHUNK - 1);
        await one.unsafe(`begin; ${people(from, to, load.payments)}; commit`);
        progress(`people and payments, ${to} of ${load.payments}`);
      }
      for (let from = 1; from <= rolled; from += CHUNK) {
        const to = Math.min(rolled, from + CHUNK - 1);
        await one.unsafe(calls(from, to, load, 'null'));
        progress(`calls, ${to} of ${load.calls}`);
      }
    });
    progress(`${indices} indices`);
    for (const [what, statement] of sumStatements({ ...load, calls: rolled }, load.calls)) {
      await one.unsafe(statement);
      progress(`sums: ${what}`);
    }
    await one.unsafe('vacuum (analyze)');
    progress('vacuumed and analysed');
    await checkDays(one);
    progress('two days of the sums are what their rows come to');
    await one.unsafe(calls(rolled + 1, load.calls, load, 'pg_current_xact_id()'));
    await one.unsafe(`insert into private.settled_calls (call_id)
      select bench.id('b', n) from generate_series(${rolled + 1}, ${load.calls}) n`);
    progress(`${load.unrolled} calls that are not rolled up`);
  } finally {
    one.release();
  }
}
