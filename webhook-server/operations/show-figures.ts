import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause } from '../base/failures.ts';
import { INVARIANTS } from '../base/metrics.ts';

const figuresSchema = z.array(
  z.object({ kind: z.string(), waiting: z.int(), given_up: z.int(), oldest_seconds: z.int() }),
);
const peopleSchema = z.object({ count: z.int() });
const auditSchema = z.object({
  violations: z.record(z.string(), z.int()),
  ran_seconds_ago: z.int().nullable(),
  round_seconds_ago: z.int().nullable(),
});
const usageSchema = z.object({ oldest_seconds: z.int() }).catchall(z.int());
/** An audit comes every ten minutes. What an older one found is no news of the books as they are. */
const AUDIT_SHOWN_SECONDS = 25 * 60;

function showAudit({ metrics }: Dependencies, audit: z.infer<typeof auditSchema>): void {
  const { violations, ran_seconds_ago: ran, round_seconds_ago: round } = audit;
  if (ran !== null) metrics.auditAgeSeconds.set({ audit: 'run' }, ran);
  if (round !== null) metrics.auditAgeSeconds.set({ audit: 'round' }, round);
  if (ran === null || ran > AUDIT_SHOWN_SECONDS) return;
  for (const invariant of INVARIANTS) metrics.auditViolations.set({ invariant }, violations[invariant] ?? 0);
}

/** A figure that is not known is not shown: the last one that was would be taken for the one of now. */
function takeDown({ metrics }: Dependencies): void {
  const { jobsWaiting, jobsGivenUp, oldestJobSeconds, auditViolations, auditAgeSeconds } = metrics;
  for (const gauge of [jobsWaiting, jobsGivenUp, oldestJobSeconds, auditViolations, auditAgeSeconds])
    gauge.reset();
  metrics.usageToReport.reset();
  metrics.peopleWithoutCustomer.remove();
  metrics.oldestUsageSeconds.remove();
}

/** However many scrape: the database is asked this often at most, and not at all where nobody does. */
const CACHED_MS = 15_000;

/**
 * Shows what is still owed, what was given up, who has no customer at Stripe, and what the audit found, whichever replica
 * ran it.
 * @throws Fault `database_unavailable`; then none of these figures is shown
 */
export async function showFigures(deps: Dependencies): Promise<void> {
  const { database, metrics } = deps;
  const once = { once: true };
  const asked = Promise.all([
    callFunction(database, 'job_figures', {}, figuresSchema, once),
    callFunction(database, 'list_people_without_customer', { p_limit: 0 }, peopleSchema, once),
    callFunction(database, 'audit_figures', {}, auditSchema, once),
    callFunction(database, 'usage_report_figures', {}, usageSchema, once),
  ]);
  const [figures, people, audit, usage] = await asked.finally(() => takeDown(deps));
  for (const { kind, waiting, given_up, oldest_seconds } of figures) {
    metrics.jobsWaiting.set({ kind }, waiting);
    metrics.jobsGivenUp.set({ kind }, given_up);
    metrics.oldestJobSeconds.set({ kind }, oldest_seconds);
  }
  metrics.peopleWithoutCustomer.set(people.count);
  showAudit(deps, audit);
  const { oldest_seconds, ...waiting } = usage;
  metrics.oldestUsageSeconds.set(oldest_seconds);
  for (const [what, count] of Object.entries(waiting)) metrics.usageToReport.set({ what }, count);
}

/** What `GET /metrics` asks for first. Never throws: without a database all other figures are still worth seeing. */
export function createFigures(deps: Dependencies): () => Promise<void> {
  let asked = { atMs: Number.NEGATIVE_INFINITY, done: Promise.resolve() };
  return () => {
    if (performance.now() - asked.atMs > CACHED_MS) {
      const done = showFigures(deps).catch((error: unknown) => {
        deps.logger.warn({ cause: describeCause(error) }, 'the figures of the database are not to be had');
      });
      asked = { atMs: performance.now(), done };
    }
    return asked.done;
  };
}
