import type postgres from 'postgres';
import { expect } from 'vitest';
import { type Bank, createBank, overSql, PRICES } from './bank.ts';
import { addPerson, violations } from './people.ts';

export type Call = {
  id: string;
  userId: string;
  epoch: number;
  grantedSeconds: number;
  /** What the worker's own clock says, and the most that it reported while the call was its own. */
  usedMs: number;
  reportedMs: number;
  chargedSeconds?: number;
};
type Dispute = { status: 'open' | 'lost' | 'won'; cents: number };
export type Card = {
  id: string;
  sold: boolean;
  buyer?: string;
  paid: boolean;
  /** Those that did not fail, the last one last. */
  refunds: number[];
  dispute?: Dispute;
  expired: boolean;
  /** What was on it whenever it ended: nothing else of it may expire. */
  mayExpire: number;
  end?: End;
};

/** What a card may still be charged after its end, by the calls that were live then. */
type End = {
  usedBefore: number;
  /** What those calls had used of it by then. */
  least: number;
  /** With the slices that they were promised of it. */
  most: number;
  calls: Call[];
};

export const refundedCents = (card: Card): number => card.refunds.reduce((sum, cents) => sum + cents, 0);

/** What a test knows by itself about the people it plays with, to hold against the database. */
export type World = {
  sql: postgres.ISql;
  bank: Bank;
  people: string[];
  calls: Map<number, Call>;
  cards: Card[];
  usedSeconds: Map<string, number>;
  /** The card of free minutes, by person. */
  trials: Map<string, string>;
  deductionKeys: Set<string>;
};

export async function createWorld(sql: postgres.ISql): Promise<World> {
  const people = [await addPerson(sql), await addPerson(sql)];
  await sql`update auth.users set email_confirmed_at = now() where id in ${sql(people)}`;
  return {
    sql,
    bank: createBank(overSql(sql)),
    people,
    calls: new Map(),
    cards: [],
    trials: new Map(),
    usedSeconds: new Map(people.map((id) => [id, 0])),
    deductionKeys: new Set(),
  };
}

export function noteUse(world: World, userId: string, seconds: number): void {
  world.usedSeconds.set(userId, (world.usedSeconds.get(userId) ?? 0) + seconds);
}

/** The promise to the caller: whole seconds of what was reported and granted, rounded down. */
export function noteCharge(world: World, call: Call, chargedSeconds: number | undefined): void {
  expect(chargedSeconds).toBe(Math.floor(Math.min(call.reportedMs, call.grantedSeconds * 1000) / 1000));
  call.chargedSeconds = chargedSeconds ?? 0;
  noteUse(world, call.userId, call.chargedSeconds);
}

const clamp = (amount: number, most: number) => Math.max(0, Math.min(amount, most));

/** What remains of a card, who has it and what it was charged; undefined of one that is not running. */
async function runningCard(world: World, card: Card) {
  const [row] = await world.sql<{ owner: string; remaining: number; used: number }[]>`
    select user_id as owner, remaining_seconds as remaining, (select coalesce(-sum(seconds), 0)::int
      from public.time_ledger l where l.card_id = c.id and l.reason = 'use') as used
    from public.time_cards c where id = ${card.id} and status = 'active' and expires_at > now()`;
  return row;
}

/** Ends a card now, and notes what that must mean for the calls of its owner, which it comes first for from now on. */
export async function endCard(world: World, card: Card): Promise<void> {
  const running = await runningCard(world, card);
  if (running === undefined) return;
  const calls = [...world.calls.values()].filter(
    (call) => call.userId === running.owner && call.chargedSeconds === undefined,
  );
  // What the calls may keep of cards that ended before is at most this.
  const kept = world.cards
    .filter(({ end }) => end?.calls.some((call) => calls.includes(call)))
    .reduce((sum, { end }) => sum + (end?.most ?? 0), 0);
  // Free minutes come first in use, whenever anything else ends.
  const trial = world.trials.get(running.owner);
  const free = world.cards.find(({ id }) => id === trial && trial !== card.id);
  const first = free === undefined ? 0 : ((await runningCard(world, free))?.remaining ?? 0);
  const sum = (of: (call: Call) => number) => calls.reduce((total, call) => total + of(call), 0);
  const { remaining } = running;
  card.end = {
    usedBefore: running.used,
    least: clamp(sum(({ reportedMs }) => Math.floor(reportedMs / 1000)) - kept - first, remaining),
    most: clamp(
      sum(({ grantedSeconds }) => grantedSeconds),
      remaining,
    ),
    calls,
  };
  card.expired = true;
  card.mayExpire += remaining;
  // The clock of the database stands still in a history: of two cards, the one that ended first must have the earlier end.
  const ended = world.cards.filter(({ expired }) => expired).length;
  await world.sql`update public.time_cards
    set expires_at = now() - interval '1 hour' + ${ended} * interval '1 second' where id = ${card.id}`;
}

/** What was used before the end of a card is charged to it, and after it no more than the slices of its live calls. */
async function checkEnd(world: World, card: Card): Promise<void> {
  if (card.end === undefined) return;
  const { usedBefore, least, most, calls } = card.end;
  const [row] = await world.sql<{ used: number; isBack: boolean }[]>`
    select coalesce(-sum(seconds), 0)::int as used, (select expires_at > now() from public.time_cards
      where id = ${card.id}) as "isBack"
    from public.time_ledger where card_id = ${card.id} and reason = 'use'`;
  if (row?.isBack) {
    // Its money came back: it runs again.
    delete card.end;
    return;
  }
  const used = (row?.used ?? 0) - usedBefore;
  expect(used).toBeLessThanOrEqual(most);
  if (calls.every(({ chargedSeconds }) => chargedSeconds !== undefined)) {
    expect(used).toBeGreaterThanOrEqual(least);
  }
}

type LedgerSums = { granted: number; expired: number; taken: number };
const STARTER_SECONDS = 3600;

async function checkCard(world: World, card: Card): Promise<void> {
  const [sums] = await world.sql<LedgerSums[]>`
    select coalesce(sum(seconds) filter (where reason in ('grant', 'bonus_grant')), 0)::int as granted,
      coalesce(sum(seconds) filter (where reason = 'expire'), 0)::int as expired,
      coalesce(-sum(seconds) filter (where reason in ('clawback', 'freeze', 'restore')), 0)::int as taken
    from public.time_ledger where about_card_id = ${card.id}`;
  if (!card.expired) expect(sums?.expired).toBe(0);
  expect(-(sums?.expired ?? 0)).toBeLessThanOrEqual(card.mayExpire);
  if (!card.paid) expect(sums?.granted).toBe(0);
  if (!card.sold) return;
  const [row] = await world.sql<{ frozen: number }[]>`
    select frozen_seconds as frozen from public.time_cards where id = ${card.id}`;
  const { status, cents } = card.dispute ?? { status: 'won', cents: 0 };
  const gone = refundedCents(card) + (status === 'won' ? 0 : cents);
  const share = Math.floor((STARTER_SECONDS * Math.min(gone, PRICES.starter)) / PRICES.starter);
  expect(sums?.granted).toBeLessThanOrEqual(STARTER_SECONDS);
  expect(sums?.taken).toBeLessThanOrEqual(share);
  if (status !== 'open') expect(row?.frozen ?? 0).toBe(0);
  // Nothing is refunded or disputed, or not any more: then exactly what was bought was given, and nothing is missing.
  if (gone === 0 && sums?.granted) expect(sums.granted - sums.taken).toBe(STARTER_SECONDS);
}

/** Holds the database against the audit, and its ledger against what the test itself knows. */
export async function checkWorld(world: World): Promise<void> {
  expect(await violations(world.sql)).toEqual([]);
  const rows = await world.sql<{ id: string; used: number }[]>`
    select a.user_id as id, coalesce(-sum(l.seconds), 0)::int as used from public.time_accounts a
    left join public.time_ledger l on l.user_id = a.user_id and l.reason = 'use' group by a.user_id`;
  // Whoever has the money back owes for what was used, and nobody else: not who was given it.
  const elsewhere = await world.sql`select l.id from public.time_ledger l
    join public.purchases p on p.id = l.about_card_id and p.user_id <> l.user_id
    where l.card_id is null and l.reason in ('clawback', 'restore')`;
  expect([...elsewhere]).toEqual([]);
  for (const [userId, seconds] of world.usedSeconds) {
    expect(rows.find((row) => row.id === userId)?.used).toBe(seconds);
  }
  for (const card of world.cards) {
    await checkCard(world, card);
    await checkEnd(world, card);
  }
}
