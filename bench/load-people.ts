import type postgres from 'postgres';

/** Plenty: no run of the benchmark uses up a grant. */
export const ENDLESS_SECONDS = 2_000_000_000;

/**
 * Functions by which a number names a person or a call, so that pgbench, which knows only numbers, can name them.
 * The ids are as random as the real ones.
 */
const NAMES = `
  create schema if not exists bench;
  create or replace function bench.person(n bigint) returns uuid immutable language sql
    return md5('person ' || n)::uuid;
  create or replace function bench.call(n bigint) returns uuid immutable language sql
    return md5('call ' || n)::uuid`;

/**
 * Makes people from `first` on, each with one grant and open calls: set by set, but the very rows that sign-up, a
 * gift and `open_call` would have written, into the same tables with all their constraints and indexes.
 * Calls and holds lie in an order that has nothing to do with that of the accounts.
 */
export async function loadPeople(
  sql: postgres.Sql,
  options: { first: number; people: number; callsEach: number; cardSeconds: number },
  progress: (step: string) => void = () => {},
): Promise<void> {
  const { first, people, callsEach, cardSeconds } = options;
  const last = first + people - 1;
  await sql.unsafe(NAMES);
  await sql.begin(async (tx) => {
    // Triggers and foreign keys are looked at row by row, and would take longer than the measurement.
    await tx`set local session_replication_role = replica`;
    progress('people');
    await tx.unsafe(`
      insert into auth.users (id, email)
        select bench.person(n), n || '@example.com' from generate_series(${first}, ${last}) n;
      insert into public.users (id, email)
        select bench.person(n), n || '@example.com' from generate_series(${first}, ${last}) n;
      insert into public.accounts (id, owner_kind, owner_id, unit, balance, first_end)
        select bench.person(n), 'person', bench.person(n), 'second', ${cardSeconds}, now() + interval '1 year'
        from generate_series(${first}, ${last}) n`);
    progress('grants and ledger');
    await tx.unsafe(`
      insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining, activated_at, expires_at)
        select md5('grant ' || n)::uuid, bench.person(n), 'second', 'goodwill', 'active', 0, ${cardSeconds},
          ${cardSeconds}, now(), now() + interval '1 year'
        from generate_series(${first}, ${last}) n;
      insert into public.ledger (account_id, unit, grant_id, about_grant_id, reason, amount, key)
        select account_id, unit, id, id, 'goodwill', remaining, 'goodwill:' || id from public.grants
        where account_id in (select bench.person(n) from generate_series(${first}, ${last}) n)`);
    if (callsEach === 0) return;
    progress('calls');
    await tx.unsafe(`
      insert into public.calls (id, user_id, room_name, worker_id)
        select bench.call(n), bench.person(${first} + n % ${people}), 'call-' || bench.call(n), 'worker-' || n % 1000
        from (select n from generate_series(${first}, ${first + people * callsEach - 1}) n order by md5(n::text)) n;
      insert into public.holds (id, account_id, unit, amount, slice_seconds, lease_margin_seconds, lease_expires_at,
          renewals)
        select bench.call(n), bench.person(${first} + n % ${people}), 'second', 30, 30, 15,
          now() + interval '45 seconds', 1
        from (select n from generate_series(${first}, ${first + people * callsEach - 1}) n order by md5(n::text)) n`);
  });
  progress('vacuum, analyse');
  await sql.unsafe('vacuum (freeze, analyze)');
}
