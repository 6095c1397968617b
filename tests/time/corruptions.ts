import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';

type AuditedWorld = {
  userId: string;
  other: string;
  cardId: string;
  live: string;
  settled: string;
  gift: string;
  disputed: string;
};

export type Corrupt = (sql: postgres.TransactionSql, world: AuditedWorld) => Promise<unknown>;

/** Drops the checks of a table, as if a fault had written below them. */
async function dropChecks(sql: postgres.TransactionSql, table: string) {
  const checks =
    await sql`select conname from pg_constraint where conrelid = ${table}::regclass and contype = 'c'`;
  for (const { conname } of checks) await sql.unsafe(`alter table ${table} drop constraint ${conname}`);
}

/** What a fault, or a person with a superuser's password, could do to the books; `replica` has switched every guard off. */
export const CORRUPTIONS: [invariant: string, name: string, corrupt: Corrupt][] = [
  ['I1', 'a ledger entry is lost', (sql, w) => sql`delete from time_ledger where call_id = ${w.settled}`],
  [
    'I1',
    'a ledger entry is changed',
    (sql, w) =>
      sql`update time_ledger set seconds = seconds + 1 where card_id = ${w.cardId} and reason = 'grant'`,
  ],
  [
    'I1',
    'an entry is counted twice',
    (sql, w) =>
      sql`insert into ledger (account_id, unit, grant_id, about_grant_id, call_id, reason, amount, key)
      select account_id, unit, grant_id, about_grant_id, call_id, reason, amount, key || ':again' from ledger where call_id = ${w.settled}`,
  ],
  [
    'I1',
    'a debt is forgiven without an entry',
    (sql, w) =>
      sql`insert into ledger (account_id, unit, reason, amount, key)
      values (${w.userId}, 'second', 'clawback', -5, 'gone')`,
  ],
  [
    'I1',
    'an entry belongs to another person',
    (sql, w) =>
      sql`update time_ledger set user_id = ${w.other} where card_id = ${w.cardId} and reason = 'use'`,
  ],
  [
    'I1',
    'time of a card that belongs to nobody',
    (sql, w) =>
      sql`insert into ledger (account_id, unit, grant_id, reason, amount, key)
      values (${w.userId}, 'second', ${w.gift}, 'grant', 5, 'early'),
        (${w.userId}, 'second', ${w.gift}, 'use', -4, 'early use')`,
  ],
  [
    'I2',
    'a balance from nowhere',
    (sql, w) => sql`update accounts set balance = balance + 60 where id = ${w.userId}`,
  ],
  [
    'I2',
    'a card from nowhere',
    (sql, w) => sql`update time_cards set remaining_seconds = remaining_seconds + 1 where id = ${w.cardId}`,
  ],
  [
    'I2',
    'a card given away',
    (sql, w) => sql`update time_cards set user_id = ${w.other} where id = ${w.cardId}`,
  ],
  [
    'I2',
    'a hold without a call',
    (
      sql,
      w,
    ) => sql`insert into holds (id, account_id, unit, amount, slice_seconds, lease_margin_seconds, lease_expires_at)
      values (${randomUUID()}, ${w.other}, 'second', 1, 30, 15, now())`,
  ],
  ['I2', 'a live call without a hold', (sql, w) => sql`delete from holds where id = ${w.live}`],
  [
    'I2',
    "a call that holds another person's time",
    (sql, w) => sql`update holds set account_id = ${w.other} where id = ${w.live}`,
  ],
  [
    'I3',
    'a negative balance',
    async (sql, w) => {
      await dropChecks(sql, 'accounts');
      await sql`update accounts set balance = -1 where id = ${w.other}`;
    },
  ],
  [
    'I3',
    'a negative debt',
    async (sql, w) => {
      await dropChecks(sql, 'accounts');
      await sql`update accounts set debt = -1 where id = ${w.other}`;
    },
  ],
  [
    'I3',
    'more held than owned',
    async (sql, w) => {
      await sql`update holds set amount = (select balance + 1 from accounts where id = ${w.userId}) where id = ${w.live}`;
    },
  ],
  ['I3', 'debt beside free time', (sql, w) => sql`update accounts set debt = 5 where id = ${w.other}`],
  [
    'I3',
    'a negative card',
    async (sql, w) => {
      await dropChecks(sql, 'grants');
      await sql`update time_cards set remaining_seconds = -1 where user_id = ${w.other}`;
    },
  ],
  [
    'I3',
    'a negative use',
    async (sql, w) => {
      await dropChecks(sql, 'holds');
      await sql`update holds set used_ms = -1 where id = ${w.live}`;
    },
  ],
  [
    'I4',
    'a grant of more than a slice',
    (sql, w) => sql`update holds set amount = amount + 5 where id = ${w.live}`,
  ],
  [
    'I5',
    'a charge of more than was used',
    async (sql, w) => {
      await sql`update calls set charged_seconds = charged_seconds + 1 where id = ${w.settled}`;
      await sql`update time_ledger set seconds = seconds - 1 where call_id = ${w.settled}`;
    },
  ],
  [
    'I5',
    'a use changed after its charge',
    (sql, w) => sql`update calls set used_ms = used_ms + 1000 where id = ${w.settled}`,
  ],
  [
    'I5',
    'a live call already charged',
    (sql, w) => sql`update time_ledger set call_id = ${w.live} where call_id = ${w.settled}`,
  ],
  [
    'I5',
    'an event without an outcome',
    (sql) => sql`insert into stripe_events (id, type, outcome) values ('evt_half', 'test', 'applying')`,
  ],
  [
    'I5',
    'a refund that took nothing back',
    (sql, w) => sql`update purchases set refunded_cents = amount_cents where id = ${w.cardId}`,
  ],
  [
    'I5',
    'a refund applied twice',
    (sql, w) =>
      sql`update purchases set clawed_back_seconds = clawed_back_seconds * 2 where id = ${w.cardId}`,
  ],
  [
    'I2',
    'time frozen from nowhere',
    async (sql, w) => {
      await dropChecks(sql, 'grants');
      await sql`update time_cards set disputed_seconds = 60, frozen_seconds = 60 where id = ${w.gift}`;
    },
  ],
  [
    'I2',
    'frozen time that vanished',
    async (sql, w) => {
      await sql`update time_cards set disputed_seconds = 0, frozen_seconds = 0 where id = ${w.disputed}`;
    },
  ],
  [
    'I2',
    'more frozen than was taken from the card',
    (sql, w) => sql`update time_cards set frozen_seconds = frozen_seconds - 1 where id = ${w.disputed}`,
  ],
  [
    'I2',
    'frozen time of which nobody knows how long it can be used',
    (sql, w) => sql`delete from private.taken_parts where grant_id = ${w.disputed}`,
  ],
  [
    'I2',
    'an end that an account does not know of',
    (sql, w) => sql`update accounts set first_end = now() + interval '2 years' where id = ${w.userId}`,
  ],
  [
    'I4',
    'a card that has ended with more on it than calls keep',
    (sql, w) => sql`update grants set ended_at = now(), expires_at = now() where id = ${w.cardId}`,
  ],
  [
    'I4',
    'a call that keeps more than it holds',
    (sql, w) => sql`insert into private.kept_parts values (${w.live}, ${w.cardId}, 100)`,
  ],
  [
    'I6',
    'a part of a card of somebody else',
    (sql, w) => sql`update grants set part_of = ${w.cardId} where account_id = ${w.other}`,
  ],
  [
    'I3',
    'time under dispute that can be used',
    async (sql, w) => {
      const [card] =
        await sql`update time_cards set frozen_seconds = 0, remaining_seconds = remaining_seconds + frozen_seconds,
        status = 'active' where id = ${w.disputed} returning user_id, remaining_seconds`;
      await sql`update accounts set balance = balance + ${card?.remaining_seconds as number}
        where id = ${card?.user_id as string}`;
    },
  ],
  [
    'I5',
    'a dispute that is forgotten',
    (sql, w) => sql`delete from payment_disputes where purchase_id = ${w.disputed}`,
  ],
  [
    'I5',
    'a refund that failed without anybody noticing',
    (sql, w) => sql`update payment_refunds set status = 'failed' where purchase_id = ${w.cardId}`,
  ],
  [
    'I6',
    'a payment without a card',
    async (sql, w) => {
      await sql`delete from activation_codes where card_id = ${w.gift}`;
      await sql`delete from time_cards where id = ${w.gift}`;
    },
  ],
  [
    'I6',
    'a card without a payment',
    (sql, w) => sql`update purchases set status = 'canceled', refunded_cents = 0 where id = ${w.gift}`,
  ],
  [
    'I6',
    'a paid card that names no payment',
    (sql, w) => sql`update time_cards set payment_intent_id = null where id = ${w.gift}`,
  ],
  [
    'I6',
    'a second card for one payment',
    async (sql, w) => {
      await sql`insert into grants (id, unit, purchaser_id, source, status, paid, remaining)
      values (${randomUUID()}, 'second', ${w.userId}, 'gift', 'unactivated', 3600, 3600)`;
    },
  ],
  [
    'I6',
    'a card larger than its purchase',
    (sql, w) => sql`update time_cards set paid_seconds = paid_seconds + 60 where id = ${w.gift}`,
  ],
];
