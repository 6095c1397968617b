import type { SidecarConfig } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { createMail } from '../base/mail.ts';
import { createMetrics } from '../base/metrics.ts';
import { type Comparison, comparePayments } from './compare-payments.ts';
import { reconcilePayments } from './reconcile-payments.ts';
import { createStripeClient } from './stripe-client.ts';

export type Reconciliation = Comparison & {
  /** RFC 3339. */
  since: string;
  /** Why some events could not be applied, or null. */
  failed_events: string | null;
};

/** What a command works with that does a part of the sidecar's work. */
export function dependenciesOfCommand(config: SidecarConfig): Dependencies {
  return {
    config,
    logger: createLogger('command', config.LOG_LEVEL),
    database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
    stripe: createStripeClient(config),
    metrics: createMetrics(),
    mail: createMail(config),
    now: () => new Date(),
  };
}

/**
 * All that the periodic jobs do about payments, once and by hand. Harmless beside a running sidecar.
 * @param since looks at what Stripe made from then on
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function reconcileOnce(config: SidecarConfig, since: Date): Promise<Reconciliation> {
  const deps = dependenciesOfCommand(config);
  const failed = await reconcilePayments(deps, since).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return { since: since.toISOString(), failed_events: failed, ...(await comparePayments(deps, since)) };
}
