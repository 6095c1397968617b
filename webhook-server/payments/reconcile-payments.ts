import type Stripe from 'stripe';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause } from '../base/failures.ts';
import { eachOf } from './each-of.ts';
import { type EventHint, HANDLED_EVENTS, hintOf } from './handled-events.ts';
import { createEventReceiver } from './receive-stripe-event.ts';

/** Longer than any deploy and most outages; beyond it Stripe itself retries for three days. */
const FIRST_LOOK_BACK_MS = 24 * 3600_000;
/** How far each later run looks back behind the last complete one: covers clocks that differ. */
const OVERLAP_MS = 10 * 60_000;
const PAGE_SIZE = 100;
/** More of them Stripe does not take in one list. */
const TYPES_AT_ONCE = 20;
/** Younger ones are in somebody's hands. */
const STUCK_AFTER_MS = 60_000;

async function forgetDone(database: DatabaseClient, events: EventHint[]): Promise<EventHint[]> {
  if (events.length === 0) return [];
  const ids = events.map(({ id }) => id);
  const { data, error } = await database.from('stripe_events').select('id, status').in('id', ids);
  if (error) throw databaseFault('stripe_events', error);
  const done = new Set(data.filter(({ status }) => status !== 'received').map(({ id }) => id));
  return events.filter(({ id }) => !done.has(id));
}

/** Events that were stored and then not applied, as when the process ended in between. */
async function findStuck({ database, now }: Dependencies): Promise<EventHint[]> {
  const before = new Date(now().getTime() - STUCK_AFTER_MS).toISOString();
  const { data, error } = await database
    .from('stripe_events')
    .select('id, type, object_id')
    .eq('status', 'received')
    .lt('received_at', before)
    .order('received_at')
    .limit(PAGE_SIZE);
  if (error) throw databaseFault('stripe_events', error);
  return data.map(({ id, type, object_id }) => ({ id, type, objectId: object_id ?? '' }));
}

/** One event that cannot be applied must not keep the others from being applied. */
async function applyAll(deps: Dependencies, events: EventHint[]): Promise<number> {
  const receive = createEventReceiver(deps);
  let failures = 0;
  for (const event of events) {
    try {
      await receive(event, 'reconciler');
    } catch (error) {
      failures++;
      const cause = describeCause(error instanceof Fault ? (error.cause ?? error) : error);
      deps.logger.error({ event_id: event.id, cause }, 'an event could not be applied; it is tried again');
    }
  }
  return failures;
}

/**
 * Applies the events that no webhook brought, and those that were stored and not applied: Stripe's list of events
 * is the truth, webhooks only make it fast (https://docs.stripe.com/api/events/list).
 * @param since the earliest event to look at
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`, or `internal` when some events
 *   could not be applied
 */
export async function reconcilePayments(deps: Dependencies, since: Date): Promise<void> {
  const created = { gte: Math.floor(since.getTime() / 1000) };
  let failures = 0;
  const known = new Set<string>();
  for (let at = 0; at < HANDLED_EVENTS.length; at += TYPES_AT_ONCE) {
    const types = HANDLED_EVENTS.slice(at, at + TYPES_AT_ONCE);
    const params: Stripe.EventListParams = { types, created, limit: PAGE_SIZE };
    for await (const page of eachOf((after) => deps.stripe.events.list({ ...params, ...after }))) {
      const hints = page.map(hintOf);
      for (const { id } of hints) known.add(id);
      failures += await applyAll(deps, await forgetDone(deps.database, hints));
    }
  }
  const stuck = (await findStuck(deps)).filter(({ id }) => !known.has(id));
  failures += await applyAll(deps, stuck);
  if (failures > 0) throw new Fault('internal', `${failures} Stripe events could not be applied.`);
}

/**
 * A reconciler that remembers how far it got: a day at first, then from its last complete run, so that an
 * outage of any length leaves no gap.
 */
export function createReconciler(
  deps: Dependencies,
  run: (deps: Dependencies, since: Date) => Promise<unknown> = reconcilePayments,
): () => Promise<void> {
  let completeUntilMs: number | undefined;
  return async () => {
    const startedMs = deps.now().getTime();
    const lookBackMs =
      completeUntilMs === undefined ? startedMs - FIRST_LOOK_BACK_MS : completeUntilMs - OVERLAP_MS;
    await run(deps, new Date(lookBackMs));
    completeUntilMs = startedMs;
  };
}
