import Stripe from 'stripe';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { gather } from '../../shared/gather.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeFailure } from '../base/failures.ts';
import { applyStripeEvent } from './apply-stripe-event.ts';
import { type EventHint, isHandled } from './handled-events.ts';

/** After so many failures that no outage explains, an event waits for a person. */
const MAX_ATTEMPTS = 8;

/** Stripe waits for seconds, and an event is some 100 bytes. */
const TOGETHER = { forMs: 3, most: 200 };

const storedSchema = z.array(z.object({ status: z.enum(['received', 'done', 'ignored', 'parked']) }));
const failedSchema = z.object({ status: z.enum(['received', 'parked', 'not_waiting']) });

/** True where Stripe does not answer at all: that is nobody's poison, and ends by itself. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Fault)) return false;
  const { code, cause } = error;
  // Nor is our own key the event's fault: what came meanwhile is applied when it is mended.
  if (code === 'payment_misconfigured') return true;
  if (code !== 'payment_provider_unavailable') return false;
  return (
    cause instanceof Stripe.errors.StripeError && !(cause instanceof Stripe.errors.StripeInvalidRequestError)
  );
}

/** Counts a failure, and tells of an event that is given up. A database that is away counts nothing. */
async function noteFailure(deps: Dependencies, event: EventHint, error: unknown): Promise<boolean> {
  if (isOutage(error)) return false;
  const args = {
    p_event_id: event.id,
    p_error: describeFailure(error),
    p_max_attempts: MAX_ATTEMPTS,
  };
  const { status } = await callFunction(deps.database, 'fail_stripe_event', args, failedSchema);
  if (status !== 'parked') return false;
  deps.metrics.parkedStripeEvents.inc({ type: event.type });
  deps.logger.error(
    { event_id: event.id, type: event.type, failure: args.p_error },
    'a Stripe event failed too often and is parked: mend the cause, then replay it',
  );
  return true;
}

type Source = 'webhook' | 'reconciler';

type Stored = z.infer<typeof storedSchema>[number];

async function storeTogether({ database }: Dependencies, events: EventHint[]): Promise<(Stored | Error)[]> {
  const rows = events.map(({ id, type, objectId }) => ({
    id,
    type,
    object_id: objectId,
    handled: isHandled(type),
  }));
  return callFunction(database, 'store_stripe_events', { p_events: rows }, storedSchema);
}

/**
 * Stores events. Those that come while others are being stored share one request: it costs more than all the rest. One
 * that the database refuses fails alone.
 */
function storeStripeEvents(deps: Dependencies) {
  return gather(async (events: EventHint[]) => {
    try {
      return await storeTogether(deps, events);
    } catch (error) {
      const isRefusal = error instanceof Fault && error.code !== 'database_unavailable';
      if (!isRefusal || events.length === 1) throw error;
      return (
        await Promise.all(
          events.map((event) => storeTogether(deps, [event]).catch((alone: Error) => [alone])),
        )
      ).flat();
    }
  }, TOGETHER);
}

/**
 * Makes what takes events in: it stores an event, so that nothing can be lost any more, and applies it. One that is
 * stored and not applied is taken up by the next delivery or by the reconciler, whichever comes first. It answers
 * with the outcome, `ignored` for a type that is not handled and `parked` for one that waits for a person, and
 * throws Fault `payment_provider_unavailable`, `database_unavailable` or `internal`: send the event again.
 */
export function createEventReceiver(
  deps: Dependencies,
): (event: EventHint, source: Source) => Promise<string> {
  const store = storeStripeEvents(deps);
  return async (event, source) => {
    const { status } = await store(event);
    if (status !== 'received') {
      const outcome = status === 'done' ? 'duplicate_event' : status;
      deps.metrics.stripeEvents.inc({ source, type: isHandled(event.type) ? event.type : 'other', outcome });
      return outcome;
    }
    try {
      return await applyStripeEvent(deps, event, source);
    } catch (error) {
      if (await noteFailure(deps, event, error)) return 'parked';
      throw error;
    }
  };
}
