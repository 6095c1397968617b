import type { CallMeasures } from '../../agent/measures/call-measures.ts';
import type { TestDatabase } from '../support/database.ts';
import { callOf } from '../time/people.ts';

/** Prices of what answers on this machine, so that it costs something. */
export const PRICES = JSON.stringify({
  'gpt-4.1-mini': { input_micros_per_million_tokens: 1_000_000, output_micros_per_million_tokens: 2_000_000 },
  'gpt-4o-mini-tts': { micros_per_million_characters: 10_000_000 },
  'nova-3': { micros_per_minute: 6_000 },
});

/** What the books have of a call. */
export async function rowOf(db: TestDatabase, callId: string) {
  const row = await callOf(db.sql, callId);
  if (row === undefined) throw new Error('no such call');
  return row as typeof row & { measures: CallMeasures };
}
