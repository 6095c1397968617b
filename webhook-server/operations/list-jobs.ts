import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { outboxJobs } from '../outbox/outbox-jobs.ts';
import { compareAsJob } from '../payments/compare-payments.ts';
import { createReconciler } from '../payments/reconcile-payments.ts';
import { auditInvariants } from './audit-invariants.ts';
import type { PeriodicJob } from './periodic-jobs.ts';
import { reapCalls } from './reap-calls.ts';

/** All that has to be done again and again, whoever is calling. */
export function listJobs(deps: Dependencies): PeriodicJob[] {
  return [
    { name: 'reap_calls', everySeconds: 5, run: () => reapCalls(deps) },
    { name: 'reconcile_payments', everySeconds: 60, run: createReconciler(deps) },
    { name: 'compare_payments', everySeconds: 300, run: createReconciler(deps, compareAsJob) },
    ...outboxJobs(deps),
    {
      name: 'expire_cards',
      everySeconds: 3600,
      async run() {
        const count = await callFunction(deps.database, 'cleanup_expired_time_cards', {}, z.int());
        deps.metrics.expiredCards.inc(count);
      },
    },
    {
      name: 'forget_addresses',
      everySeconds: 3600,
      async run() {
        await callFunction(deps.database, 'forget_activation_addresses', {}, z.int());
      },
    },
    {
      name: 'audit_invariants',
      everySeconds: 600,
      run: () => auditInvariants(deps),
      // Else an old finding of this replica would stand beside a newer one of another.
      leftToAnother: () => deps.metrics.auditViolations.reset(),
    },
  ];
}
