import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { createBank, overSql } from '../time/bank.ts';

type Row = Record<string, unknown> & { step: string };
/** What the tests look at of the board's answers. */
export type Figures = {
  status: string;
  steps: string[];
  money: (Row & { currency: string; received_cents: number; refunded_cents: number; purchases: number })[];
  fees: (Row & { currency: string; fee_currency: string; payments: number; fee_cents: number })[];
  packages: Row[];
  calls: (Row & { calls: number })[];
  time: (Row & { breakage_seconds: number })[];
  owed: { source: string; seconds: number }[];
  active: (Row & { people: number; returning: number })[];
  in_range: object;
  all: Voice;
  by_version: Voice[];
  by_step: Voice[];
};
type Voice = { waits: Record<'p50' | 'p95' | 'p99', Record<string, number>> };

/** A function of the board, by name and arguments in order. */
export async function ask(sql: postgres.ISql, name: string, ...args: (string | number)[]): Promise<Figures> {
  const places = args.map((_, index) => `$${index + 1}`).join(', ');
  const [row] = await sql.unsafe(`select public.${name}(${places}) as answer`, args);
  return row?.answer;
}

export type Turn = [
  endOfTurn: number | null,
  transcription: number,
  llm: number | null,
  tts: number | null,
  whole: number | null,
];

/** A settled call that began then, without the days that it takes to wait for it. */
export async function talk(
  sql: postgres.ISql,
  userId: string,
  at: string,
  options: { seconds?: number; turns?: Turn[]; version?: string; measures?: object } = {},
): Promise<string> {
  const { seconds = 60, turns = [], version } = options;
  const callId = randomUUID();
  await createBank(overSql(sql)).open(userId, { callId, slice: 3600, max: 1000 });
  await sql`update calls set opened_at = ${at} where id = ${callId}`;
  const measures = {
    ...{ turns: turns.length, interruptions: 1, errors: 0, latency_p50_ms: null, latency_p95_ms: null },
    ...{ provider_cost_micros: 10_000, quality: 80, unpriced: [], version },
    turn_parts: ['end_of_turn', 'transcription', 'llm_first_token', 'tts_first_byte', 'whole'],
    latest_turns: turns,
    ...options.measures,
  };
  await sql`select settle_call(${callId}, 1, ${seconds * 1000}, 'hang_up', p_measures => ${sql.json(measures as never)})`;
  return callId;
}

/** As if a purchase's journal had been written then: the same differences, at another time. */
export async function bookedAt(
  sql: postgres.ISql,
  purchaseId: string,
  at: string,
  happened = at,
): Promise<void> {
  await sql`alter table private.money_changes disable trigger user`;
  await sql`update private.money_changes set booked_at = ${at}, happened_at = ${happened}
    where purchase_id = ${purchaseId} and booked_at > now() - interval '1 hour'`;
  await sql`alter table private.money_changes enable trigger user`;
}
