import type Stripe from 'stripe';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../dependencies.ts';
import { describeCause } from '../http/describe-cause.ts';
import { applyStripeEvent } from './apply-stripe-event.ts';
import { HANDLED_EVENTS, isPaymentEvent, type PaymentEvent } from './fetch-payment.ts';
import { askStripe } from './stripe-client.ts';

/** Longer than any deploy and most outages; beyond it Stripe itself retries for three days. */
const FIRST_LOOK_BACK_MS = 24 * 3600_000;
/** How far each later run looks back behind the last complete one: covers clocks that differ. */
const OVERLAP_MS = 10 * 60_000;
const PAGE_SIZE = 100;

async function forgetKnown(database: DatabaseClient, events: PaymentEvent[]): Promise<PaymentEvent[]> {
  if (events.length === 0) return [];
  const ids = events.map(({ id }) => id);
  const { data, error } = await database.from('stripe_events').select('id').in('id', ids);
  if (error) throw new Fault('database_unavailable', undefined, { cause: error });
  const known = new Set(data.map(({ id }) => id));
  return events.filter(({ id }) => !known.has(id));
}

/** One event that cannot be applied must not keep the others from being applied. */
async function applyAll(deps: Dependencies, events: PaymentEvent[]): Promise<number> {
  let failures = 0;
  for (const event of events) {
    try {
      await applyStripeEvent(deps, event, 'reconciler');
    } catch (error) {
      failures++;
      const cause = describeCause(error instanceof Fault ? (error.cause ?? error) : error);
      deps.logger.error({ event_id: event.id, cause }, 'an event could not be applied; it is tried again');
    }
  }
  return failures;
}

/**
 * Applies the events that no webhook brought: Stripe's list of events is the truth, webhooks only make it
 * fast (https://docs.stripe.com/api/events/list).
 * @param since the earliest event to look at
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`, or `internal` when some events
 *   could not be applied
 */
export async function reconcilePayments(deps: Dependencies, since: Date): Promise<void> {
  const params: Stripe.EventListParams = {
    types: [...HANDLED_EVENTS],
    created: { gte: Math.floor(since.getTime() / 1000) },
    limit: PAGE_SIZE,
  };
  let failures = 0;
  for (let after: string | undefined, more = true; more; ) {
    const page = await askStripe(() =>
      deps.stripe.events.list(after === undefined ? params : { ...params, starting_after: after }),
    );
    if (page === null) break;
    failures += await applyAll(deps, await forgetKnown(deps.database, page.data.filter(isPaymentEvent)));
    after = page.data.at(-1)?.id;
    more = page.has_more && after !== undefined;
  }
  if (failures > 0) throw new Fault('internal', `${failures} Stripe events could not be applied.`);
}

/**
 * A reconciler that remembers how far it got: a day at first, then from its last complete run, so that an
 * outage of any length leaves no gap.
 */
export function createReconciler(deps: Dependencies): () => Promise<void> {
  let completeUntilMs: number | undefined;
  return async () => {
    const startedMs = deps.now().getTime();
    const lookBackMs =
      completeUntilMs === undefined ? startedMs - FIRST_LOOK_BACK_MS : completeUntilMs - OVERLAP_MS;
    await reconcilePayments(deps, new Date(lookBackMs));
    completeUntilMs = startedMs;
  };
}
