import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

/** One statement: well below the limit of a hosted database (8 s), and of a request to it. */
const STEP_MS = 1_000;
/** So many at most in one run, each followed by a rest as long: what the audit takes is bounded, whatever the books hold. */
const MOST_STEPS = 10;

const violationSchema = z.object({ invariant: z.string(), subject: z.string(), detail: z.string() });
const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['complete', 'more']), violations: z.array(violationSchema) }),
  z.object({ status: z.literal('busy') }),
]);

/**
 * Checks some of the invariants of time and money (supabase/migrations, `audit_some`): what changed since the last run, and
 * everything else in turn. Tells of each that is broken, and repairs nothing: a broken invariant is a bug, and a person has
 * to look. What is known to be broken is shown by `showFigures`.
 * @throws Fault `database_unavailable`
 */
export async function auditInvariants({ database, logger }: Dependencies): Promise<void> {
  for (let step = 0; step < MOST_STEPS; step++) {
    const startedMs = performance.now();
    const args = { p_milliseconds: STEP_MS };
    const answer = await callFunction(database, 'audit_some', args, answerSchema, { once: true });
    if (answer.status === 'busy') return;
    for (const violation of answer.violations) logger.error(violation, 'an invariant is broken');
    if (answer.status === 'complete') return;
    await sleep(performance.now() - startedMs);
  }
}
