import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import type { TestDatabase } from '../support/database.ts';

/** Makes a person as the auth server does, by a row in auth.users. */
export async function addPerson(sql: postgres.ISql): Promise<string> {
  const id = randomUUID();
  await sql`insert into auth.users (id, email) values (${id}, ${`${id}@example.com`})`;
  return id;
}

/** Gives a card of any length, which no function sells, by the function that every sale ends in. */
export async function giveTime(
  sql: postgres.ISql,
  userId: string,
  seconds: number,
  options: { bonusSeconds?: number; expiresInSeconds?: number } = {},
): Promise<string> {
  const { bonusSeconds = 0, expiresInSeconds = 86_400 } = options;
  const id = randomUUID();
  await sql`
    insert into public.grants (id, account_id, unit, source, status, paid, bonus, remaining,
      activated_at, expires_at)
    values (${id}, ${userId}, 'second', 'goodwill', 'active', ${seconds}, ${bonusSeconds}, ${seconds + bonusSeconds},
      now(), now() + make_interval(secs => ${expiresInSeconds}))`;
  await sql`select private.credit_grant(g) from public.grants g where g.id = ${id}`;
  return id;
}

/** Somebody who has signed up, and has that much time. @returns their id */
export async function signUpWith(db: TestDatabase, seconds: number): Promise<string> {
  const { id } = await db.signUp();
  if (seconds > 0) await giveTime(db.sql, id, seconds);
  return id;
}

export type AccountRow = { balance: number; held: number; debt: number; live: number };

export async function accountOf(sql: postgres.ISql, userId: string): Promise<AccountRow> {
  const [row] = await sql<AccountRow[]>`
    select balance_seconds::int as balance, held_seconds::int as held, debt_seconds::int as debt, live_calls as live
    from public.time_accounts where user_id = ${userId}`;
  if (row === undefined) throw new Error(`no account of ${userId}`);
  return row;
}

export async function cardOf(sql: postgres.ISql, cardId: string) {
  const [row] = await sql<{ status: string; remaining: number }[]>`
    select status, remaining_seconds as remaining from public.time_cards where id = ${cardId}`;
  return row;
}

/** What the books have of a call, if it was ever opened. */
export async function callOf(sql: postgres.ISql, callId: string): Promise<postgres.Row | undefined> {
  const [row] = await sql`select v.*, c.provider_cost_micros, c.measures from public.voice_sessions v
    join public.calls c using (id) where id = ${callId}`;
  return row;
}

/** The audit's findings, as `I1`, `I2`, ... with what is wrong. */
export async function violations(sql: postgres.ISql): Promise<{ invariant: string; detail: string }[]> {
  return [
    ...(await sql<{ invariant: string; detail: string }[]>`
    select invariant, detail from public.audit_invariants()`),
  ];
}

/** Lets the lease of a call run out, without waiting for it. */
export async function lapse(sql: postgres.ISql, callId: string): Promise<void> {
  await sql`update public.holds set lease_expires_at = now() - interval '1 second' where id = ${callId}`;
}

export async function expireCard(sql: postgres.ISql, cardId: string): Promise<void> {
  await sql`update public.time_cards set expires_at = now() - interval '1 second' where id = ${cardId}`;
}
