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
  paid: boolean;
  /** Those that did not fail, the last one last. */
  refunds: number[];
  dispute?: Dispute;
  expired: boolean;
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
  deductionKeys: Set<string>;
};

export async function createWorld(sql: postgres.ISql): Promise<World> {
  const people = [await addPerson(sql), await addPerson(sql)];
  return {
    sql,
    bank: createBank(overSql(sql)),
    people,
    calls: new Map(),
    cards: [],
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

type LedgerSums = { granted: number; expired: number; taken: number };
const STARTER_SECONDS = 3600;

async function checkCard(world: World, card: Card): Promise<void> {
  const [sums] = await world.sql<LedgerSums[]>`
    select coalesce(sum(seconds) filter (where reason in ('grant', 'bonus_grant')), 0)::int as granted,
      coalesce(sum(seconds) filter (where reason = 'expire'), 0)::int as expired,
      coalesce(-sum(seconds) filter (where reason in ('clawback', 'freeze', 'restore')), 0)::int as taken
    from public.time_ledger where about_card_id = ${card.id}`;
  if (!card.expired) expect(sums?.expired).toBe(0);
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
  for (const [userId, seconds] of world.usedSeconds) {
    expect(rows.find((row) => row.id === userId)?.used).toBe(seconds);
  }
  for (const card of world.cards) await checkCard(world, card);
}
