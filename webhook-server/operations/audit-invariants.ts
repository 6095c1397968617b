import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { INVARIANTS } from '../base/metrics.ts';

const violationSchema = z.object({ invariant: z.string(), subject: z.string(), detail: z.string() });

/** A little longer than the time between two audits: by then another replica shows what it found, and this is old. */
const SHOWN_MS = 11 * 60_000;

/** An audit to be run again and again: its figures are taken down when another replica has newer ones. */
export function createAudit(deps: Dependencies): () => Promise<void> {
  let takeDown: NodeJS.Timeout | undefined;
  return async () => {
    await auditInvariants(deps);
    clearTimeout(takeDown);
    takeDown = setTimeout(() => deps.metrics.auditViolations.reset(), SHOWN_MS).unref();
  };
}

/**
 * Checks the invariants of time and money (supabase/migrations, `audit_invariants`) and tells of each that
 * is broken. It repairs nothing: a broken invariant is a bug, and a person has to look.
 * @throws Fault `database_unavailable`
 */
async function auditInvariants({ database, metrics, logger }: Dependencies): Promise<void> {
  const violations = await callFunction(database, 'audit_invariants', {}, z.array(violationSchema));
  metrics.auditViolations.reset();
  for (const invariant of INVARIANTS) metrics.auditViolations.set({ invariant }, 0);
  for (const violation of violations) {
    metrics.auditViolations.inc({ invariant: violation.invariant });
    logger.error(violation, 'an invariant is broken');
  }
}
