import Stripe from 'stripe';
import type { Dependencies } from '../base/dependencies.ts';
import { createStripeClient } from '../payments/stripe-client.ts';
import { type MeterEvent, neverArrived, type Outcome, type Sent, type UsageSink } from './sink.ts';

/** Of the stream; https://docs.stripe.com/api/v2/billing/meter-event-stream/create */
const STREAM_AT_ONCE = 100;
/** Below that the answer of version 1, which says at once what is wrong, is worth a request for each. */
const STREAM_FROM = 25;
/** Of version 1, which takes 1,000 events a second. */
const LANES = 8;
/** A session is good for 15 minutes. */
const SESSION_MS = 14 * 60_000;

const payloadOf = ({ customer, value }: MeterEvent) => ({ stripe_customer_id: customer, value });

/** Stripe gives it no code: "An event already exists with identifier …". */
function isKnownAlready({ code, message }: Stripe.errors.StripeError): boolean {
  return code === 'duplicate_meter_event' || /already exists with identifier/.test(message);
}

/** Why nothing else is worth sending, where it is not about this event. */
function isAway(error: unknown): boolean {
  return !(error instanceof Stripe.errors.StripeInvalidRequestError) || error.code === 'rate_limit';
}

/** Nothing was done about it: turned away before it was looked at, or never connected. */
function isKnownToBeUndone(error: unknown): boolean {
  const { StripeAuthenticationError, StripePermissionError, StripeRateLimitError } = Stripe.errors;
  return (
    [StripeAuthenticationError, StripePermissionError, StripeRateLimitError].some(
      (kind) => error instanceof kind,
    ) ||
    (error instanceof Stripe.errors.StripeError && error.code === 'rate_limit') ||
    neverArrived(error)
  );
}

function outcomeOf(id: number, error: unknown): Outcome | undefined {
  if (isKnownToBeUndone(error)) return { id, state: 'not_sent' };
  if (isAway(error)) return undefined;
  const refusal = error as Stripe.errors.StripeError;
  if (isKnownAlready(refusal)) return { id, state: 'delivered', reason: 'known_already' };
  const reason = refusal.code ?? refusal.message;
  const isTooOld = refusal.code === 'timestamp_too_far_in_past' || /more than 35 days in past/.test(reason);
  return { id, state: isTooOld ? 'too_old' : 'refused', reason };
}

/** One by one: what is wrong with one is not the others' fault. */
async function sendSingly({ stripe }: Dependencies, events: readonly MeterEvent[]): Promise<Sent> {
  const waiting = [...events];
  const outcomes: Outcome[] = [];
  let away: Error | undefined;
  const lane = async () => {
    for (let event = waiting.shift(); event !== undefined && away === undefined; event = waiting.shift()) {
      const { id, event_name, identifier, occurred_at, attempt } = event;
      const timestamp = Math.floor(Date.parse(occurred_at) / 1000);
      try {
        await stripe.billing.meterEvents.create(
          { event_name, identifier, timestamp, payload: payloadOf(event) },
          // Stripe keeps a failure of its own under the key: the next attempt has another. The identifier is the same.
          { idempotencyKey: `meter_event:${identifier}:${attempt}`, maxNetworkRetries: 0 },
        );
        outcomes.push({ id, state: 'delivered' });
      } catch (error) {
        if (isAway(error)) away = error as Error;
        const outcome = outcomeOf(id, error);
        if (outcome !== undefined) outcomes.push(outcome);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, events.length) }, lane));
  const left = waiting.map(({ id }): Outcome => ({ id, state: 'not_sent' }));
  return { outcomes: [...outcomes, ...left], ...(away !== undefined && { away }) };
}

/** The stream, and the session that opens it. */
function createStream({ config, stripe }: Dependencies) {
  let open: { client: Stripe; untilMs: number } | undefined;
  return async (events: readonly MeterEvent[]): Promise<void> => {
    const params = {
      events: events.map((event) => ({
        event_name: event.event_name,
        identifier: event.identifier,
        timestamp: event.occurred_at,
        payload: payloadOf(event),
      })),
    };
    for (let attempt = 1; ; attempt++) {
      if (open === undefined || open.untilMs < performance.now()) {
        const session = await stripe.v2.billing.meterEventSession.create({}, { maxNetworkRetries: 0 });
        // The token is a key of its own, for a client of its own.
        const client = createStripeClient({ ...config, STRIPE_SECRET_KEY: session.authentication_token });
        open = { client, untilMs: performance.now() + SESSION_MS };
      }
      try {
        await open.client.v2.billing.meterEventStream.create(params, { maxNetworkRetries: 0 });
        return;
      } catch (error) {
        const isOver = error instanceof Stripe.errors.TemporarySessionExpiredError;
        if (isOver || error instanceof Stripe.errors.StripeAuthenticationError) open = undefined;
        if (!isOver || attempt > 1) throw error;
      }
    }
  };
}

/** Stripe's billing meters: a few events by version 1 of the API, many by the stream of version 2. */
export function createStripeSink(deps: Dependencies): UsageSink {
  const stream = createStream(deps);
  return {
    name: 'stripe',
    atOnce: STREAM_AT_ONCE,
    oldestDays: 35,
    async send(events) {
      if (events.length < STREAM_FROM) return sendSingly(deps, events);
      try {
        await stream(events);
        return { outcomes: events.map(({ id }) => ({ id, state: 'delivered' })) };
      } catch (error) {
        // Something among them has a form that is refused: the others are sent all the same.
        if (!isAway(error)) return sendSingly(deps, events);
        const outcomes = events.flatMap(({ id }) => outcomeOf(id, error) ?? []);
        return { outcomes, away: error as Error };
      }
    },
  };
}
