import type postgres from 'postgres';

/** Calls of one statement: progress is told after each. */
const CHUNK = 500_000;
const DAYS = 365;
/** Of each call one turn that is as all others, and one of its own. */
const TURNS = `[[400, 250, 350, 180, 1050]]`;

export type BoardLoad = { calls: number; payments: number; unrolled: number };

/** Ids in order, so that indices are filled from one end; random ones would take an hour. */
const names = `
  create schema bench;
  create function bench.id(kind text, n bigint) returns uuid immutable language sql
    return (kind || '0000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid;
  create function bench.at(share double precision) returns timestamptz stable language sql
    return date_trunc('hour', now()) - interval '${DAYS} days' + share * interval '${DAYS} days'`;

/** Each person bought one card, somewhere in the year; every fiftieth was refunded a half. */
const people = (from: number, to: number, payments: number) => `
  insert into auth.users (id, email) select bench.id('a', n), 'person' || n || '@example.com' from generate_series(${from}, ${to}) n;
  insert into public.users (id, email, display_name, stripe_customer_id, created_at)
    select bench.id('a', n), 'person' || n || '@example.com', 'Person ' || n, 'cus_' || n, bench.at(n / ${payments}.0)
    from generate_series(${from}, ${to}) n;
  insert into public.accounts (id, owner_kind, owner_id, unit, balance)
    select bench.id('a', n), 'person', bench.id('a', n), 'second', 3600 from generate_series(${from}, ${to}) n;
  insert into public.purchases (id, user_id, package_id, purpose, idempotency_key, amount_cents, currency, paid_seconds,
      bonus_seconds, status, payment_intent_id, received_cents, refunded_cents, created_at, updated_at)
    select bench.id('c', n), bench.id('a', n), (array['starter', 'basic', 'premium'])[1 + n % 3], 'me', n::text, 4499,
      (array['usd', 'usd', 'usd', 'eur', 'gbp'])[1 + n % 5], 18000, 1800, 'succeeded', 'pi_' || n, 4499,
      case n % 50 when 0 then 2249 else 0 end, bench.at(n / ${payments}.0), bench.at(n / ${payments}.0)
    from generate_series(${from}, ${to}) n;
  insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, purchaser_id, package_id,
      payment_intent_id, activated_at, expires_at)
    select bench.id('c', n), bench.id('a', n), 'second', 'paid', 'active', 18000, 1800, 3600, bench.id('a', n), 'basic',
      'pi_' || n, now(), now() + interval '1 year' from generate_series(${from}, ${to}) n;
  insert into public.ledger (account_id, unit, grant_id, about_grant_id, reason, amount, key, created_at, xid)
    select bench.id('a', n), 'second', bench.id('c', n), bench.id('c', n), 'grant', 19800, 'grant:' || n,
      bench.at(n / ${payments}.0), null from generate_series(${from}, ${to}) n`;

/** Settled calls in the order of time, of people who had signed up by then, each with its entry of the ledger. */
const calls = (from: number, to: number, { calls, payments }: BoardLoad, xid: string) => `
  with made as materialized (
    select n, bench.at(n / ${calls}.0) as at,
      1 + (n * 7919 % greatest(1, (${payments}.0 * n / ${calls})::bigint)) as person, 30 + n % 240 as seconds
    from generate_series(${from}::bigint, ${to}) n),
  entries as (
    insert into public.ledger (account_id, unit, grant_id, about_grant_id, call_id, reason, amount, key, created_at, xid)
      select bench.id('a', person), 'second', bench.id('c', person), bench.id('c', person), bench.id('b', n), 'use', -seconds,
        'call:' || n, at, ${xid} from made)
  insert into public.calls (id, user_id, room_name, worker_id, status, opened_at, ended_at, end_reason, settled_by, epoch,
      used_ms, restored_ms, charged_seconds, turns, interruptions, errors, latency_p50_ms, latency_p95_ms,
      provider_cost_micros, quality, measures, receipt)
    select bench.id('b', n), bench.id('a', person), 'call-' || n, 'worker-' || n % 50, 'settled', at, at + seconds * interval '1 second',
      'caller_hung_up', 'worker', 1, seconds * 1000, 0, seconds, 6, n % 3, (n % 97 = 0)::int, 700 + n % 900,
      1300 + n % 2500, 20000 + n % 5000, 60 + n % 40,
      jsonb_build_object('version', '1.' || n * 12 / ${calls} || '.0', 'unpriced', '[]'::jsonb, 'unanswered_turns', (n % 211 = 0)::int,
        'turn_parts', '["end_of_turn", "transcription", "llm_first_token", "tts_first_byte", "whole"]'::jsonb,
        'errors_by_provider', case when n % 97 = 0 then '{"llm@api.openai.com": 1}' else '{}' end::jsonb,
        'latest_turns', '${TURNS}'::jsonb || jsonb_build_array(jsonb_build_array(n % 900, 200, 300 + n % 1500, 150, 700 + n % 3000))),
      '{}' from made`;

/**
 * A year of calls and payments, written set by set, and the sums of all its days, as the check of a night builds them.
 * @param load.unrolled so many of the latest calls are not rolled up yet
 */
export async function loadBoard(
  sql: postgres.Sql,
  load: BoardLoad,
  progress: (step: string) => void,
): Promise<void> {
  await sql.unsafe(names);
  const one = await sql.reserve();
  try {
    // Triggers and foreign keys are looked at row by row, and would take longer than the measurement.
    await one.unsafe(
      'set session_replication_role = replica; set synchronous_commit = off; set plan_cache_mode = auto',
    );
    for (let from = 1; from <= load.payments; from += CHUNK) {
      const to = Math.min(load.payments, from + CHUNK - 1);
      await one.unsafe(people(from, to, load.payments));
      progress(`people and payments, ${to} of ${load.payments}`);
    }
    const rolled = load.calls - load.unrolled;
    // Filled at once, an index takes a fraction of the time that it takes row by row.
    const indices = await one<{ name: string; definition: string }[]>`
      select format('%I.%I', schemaname, indexname) as name, indexdef as definition from pg_indexes
      where schemaname = 'public' and tablename in ('ledger', 'calls')
        and indexname not in (select conname from pg_constraint where contype in ('p', 'u'))`;
    for (const { name } of indices) await one.unsafe(`drop index ${name}`);
    for (let from = 1; from <= rolled; from += CHUNK) {
      const to = Math.min(rolled, from + CHUNK - 1);
      await one.unsafe(calls(from, to, load, 'null'));
      progress(`calls, ${to} of ${load.calls}`);
    }
    await one.unsafe("set maintenance_work_mem = '1GB'");
    for (const { definition } of indices) await one.unsafe(definition);
    progress(`${indices.length} indices`);
    await one.unsafe('vacuum (analyze)');
    progress('vacuumed and analysed');
    await one.unsafe('select private.write_journal_of_before()');
    progress('journal of money');
    await one.unsafe('analyze private.money_changes');
    const days = await one<{ day: string }[]>`select d::date::text as day
      from generate_series(private.day_of(bench.at(0)), private.day_of(now()), interval '1 day') d`;
    for (const [index, { day }] of days.entries()) {
      await one`select private.build_day(${day}, (select upto from private.rolled_up))`;
      if (index === 20) await one.unsafe('analyze private.person_days');
      if (index % 30 === 29) progress(`sums of days, ${index + 1} of ${days.length}`);
    }
    await one.unsafe(
      'vacuum (analyze) private.person_days, private.active_people, private.call_figures, private.turn_figures, private.time_figures, private.money_figures, private.earning_figures',
    );
    await one.unsafe(calls(rolled + 1, load.calls, load, 'pg_current_xact_id()'));
    await one.unsafe(`insert into private.settled_calls (call_id)
      select bench.id('b', n) from generate_series(${rolled + 1}, ${load.calls}) n`);
    progress(`${load.unrolled} calls that are not rolled up`);
  } finally {
    one.release();
  }
}
