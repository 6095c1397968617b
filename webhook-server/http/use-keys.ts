import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { gather } from '../../shared/gather.ts';
import type { Dependencies } from '../base/dependencies.ts';

/** What is left of a tenant's plan in the line `api`. */
export const allowanceSchema = z.object({
  plan_id: z.string().nullable(),
  limit: z.int().nullable(),
  remaining: z.int().nullable(),
  period_start: z.string(),
  resets_at: z.string(),
  resets_in: z.int(),
  window: z.int(),
  per_minute: z.int(),
  remaining_in_minute: z.int(),
  minute_resets_in: z.int(),
});
export type Allowance = z.output<typeof allowanceSchema>;

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['unknown', 'scope_missing', 'frozen']) }),
  z.object({
    status: z.literal('ok'),
    key_id: z.uuid(),
    tenant_id: z.uuid(),
    served: z.int(),
    over_rate: z.int(),
    allowance: allowanceSchema,
  }),
]);
const usedSchema = z.object({ status: z.literal('ok'), answers: z.array(answerSchema) });

export type KeyUse = { hash: string; scope: string; writes: boolean };
/** What became of one request by a key. */
export type UsedKey =
  | { status: 'unknown' | 'scope_missing' | 'frozen' }
  | { status: 'served' | 'over_rate' | 'over_quota'; keyId: string; tenantId: string; allowance: Allowance };

/** Different keys and scopes in one statement. */
const MOST = 200;
/** Whoever waits longer for a place is told so. */
const PATIENCE_MS = 2_000;

/**
 * Finds keys and counts requests by them, those that come at the same time in one statement: the more ask, the less each
 * costs. Each statement is sent after the requests in it have come, and nothing of its answer is kept for a later one.
 * @throws Fault `database_unavailable`, `overloaded`
 */
export function createKeyUses({ database }: Dependencies): (use: KeyUse) => Promise<UsedKey> {
  type Item = KeyUse & { count: number };
  const ask = gather(
    async (uses: Item[]) => {
      // Not sent again when no answer comes: it may have been counted.
      const { answers } = await callFunction(database, 'use_api_keys', { p_uses: uses }, usedSchema, {
        once: true,
      });
      return answers;
    },
    {
      ...{ forMs: 0, most: MOST, atOnce: 2 },
      patience: { ms: PATIENCE_MS, error: () => new Fault('overloaded') },
      repeats: {
        keyOf: ({ hash, scope, writes }: Item) => `${hash} ${scope} ${writes}`,
        merge: (known: Item, next: Item) => ({ ...known, count: known.count + next.count }),
      },
    },
  );
  return async (use) => {
    const answer = await ask({ ...use, count: 1 });
    if (answer.status !== 'ok') return answer;
    const { key_id: keyId, tenant_id: tenantId, allowance } = answer;
    // One answer for all that asked together: each takes its part of it.
    if (answer.served > 0) {
      answer.served--;
      return { status: 'served', keyId, tenantId, allowance };
    }
    const status = answer.over_rate > 0 ? 'over_rate' : 'over_quota';
    if (status === 'over_rate') answer.over_rate--;
    return { status, keyId, tenantId, allowance };
  };
}

/** What one request by a key was answered, where it was an error. */
type Note = {
  key_id: string;
  code: string;
  status: number;
  period_start: string;
  request_id: string;
  count: number;
};
const NOTED_EACH_MS = 500;

/** Notes errors by which requests were answered, a while later and together. What this process had not noted when it died is lost. */
export function createAnswerNotes({ database, logger }: Dependencies): (note: Omit<Note, 'count'>) => void {
  const note = gather(
    async (notes: Note[]) => {
      const noted = z.object({ status: z.literal('noted') });
      await callFunction(database, 'note_api_answers', { p_notes: notes }, noted, { once: true });
      return notes.map(() => undefined);
    },
    {
      ...{ forMs: NOTED_EACH_MS, most: MOST },
      repeats: {
        keyOf: (one: Note) => `${one.key_id} ${one.code} ${one.period_start}`,
        merge: (known: Note, next: Note) => ({ ...next, count: known.count + next.count }),
      },
    },
  );
  return (one) => {
    note({ ...one, count: 1 }).catch((error: unknown) =>
      logger.warn({ cause: String(error) }, 'answers to requests by key were not noted'),
    );
  };
}
