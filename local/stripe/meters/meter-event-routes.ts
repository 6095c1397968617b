import type Stripe from 'stripe';
import { z } from 'zod';
import { integer, text } from '../api/form.ts';
import { invalidParameter, invalidRequest } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { fill } from '../description/objects.ts';
import { newId, randomText } from '../store/kinds.ts';
import { checkTimestamp, isKnown, type MeterEvent, refuseKnown, takeMeterEvent } from './take-meter-event.ts';

const IDENTIFIER_LENGTH = 100;
const SESSION_SECONDS = 15 * 60;
const EVENTS_AT_ONCE = 100;
const CANCEL_WITHIN_SECONDS = 86_400;

const payload = z.record(z.string(), z.string());
const identifier = text(IDENTIFIER_LENGTH).optional();
const isoTime = z.iso.datetime({ offset: true }).optional();

/** An event of version 2 says its time in words. */
function inSeconds(call: Call, timestamp: string | undefined): number {
  return timestamp === undefined ? call.nowSeconds : Math.floor(Date.parse(timestamp) / 1000);
}

/** What is refused at once: a time that is not allowed, an identifier that is taken. The rest is told later. */
function take(call: Call, event: MeterEvent): void {
  checkTimestamp(call, event);
  refuseKnown(call, event.identifier);
  takeMeterEvent(call, event);
}

const create = route({
  method: 'POST',
  path: '/v1/billing/meter_events',
  params: { event_name: text(100), identifier, payload, timestamp: integer(0).optional() },
  handle(call, given) {
    const timestamp = given.timestamp ?? call.nowSeconds;
    const event = { ...given, identifier: given.identifier ?? randomText(32), timestamp };
    take(call, event);
    return ok(fill<Stripe.Billing.MeterEvent>('billing.meter_event', { ...event, created: call.nowSeconds }));
  },
});

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

const createInVersion2 = route({
  method: 'POST',
  path: '/v2/billing/meter_events',
  params: { event_name: text(100), identifier, payload, timestamp: isoTime },
  handle(call, given) {
    const event = {
      ...given,
      identifier: given.identifier ?? randomText(32),
      timestamp: inSeconds(call, given.timestamp),
    };
    take(call, event);
    return ok(
      fill<Stripe.V2.Billing.MeterEvent>('v2.billing.meter_event', {
        ...event,
        created: iso(call.nowSeconds),
        timestamp: given.timestamp ?? iso(event.timestamp),
      }),
    );
  },
});

const createSession = route({
  method: 'POST',
  path: '/v2/billing/meter_event_session',
  handle(call) {
    const token = `mes_token_${randomText(48)}`;
    const expires = call.nowSeconds + SESSION_SECONDS;
    call.store.database
      .prepare('INSERT INTO meter_event_sessions (token, expires) VALUES (?, ?)')
      .run(token, expires);
    return ok(
      fill<Stripe.V2.Billing.MeterEventSession>('v2.billing.meter_event_session', {
        id: newId('mes_test'),
        authentication_token: token,
        created: iso(call.nowSeconds),
        expires_at: iso(expires),
      }),
    );
  },
});

const streamed = z.strictObject({ event_name: text(100), identifier, payload, timestamp: isoTime });

/** The stream checks nothing but the form: what cannot be counted is told of later, what is known is dropped. */
const stream = route({
  method: 'POST',
  path: '/v2/billing/meter_event_stream',
  keyKind: 'session',
  params: { events: z.array(streamed).min(1) },
  handle(call, { events }) {
    if (events.length > EVENTS_AT_ONCE) {
      throw invalidParameter(`You may send at most ${EVENTS_AT_ONCE} events.`, { param: 'events' });
    }
    for (const given of events) {
      const event = {
        ...given,
        identifier: given.identifier ?? randomText(32),
        timestamp: inSeconds(call, given.timestamp),
      };
      if (!isKnown(call, event.identifier)) takeMeterEvent(call, event);
    }
    return ok({});
  },
});

/** Takes an event back: within a day, by its identifier. */
function cancel(call: Call, eventName: string, identifier: string): void {
  const { changes } = call.store.database
    .prepare(
      `UPDATE meter_events SET canceled = 1
       WHERE event_name = ? AND identifier = ? AND received > ? AND canceled = 0`,
    )
    .run(eventName, identifier, call.nowSeconds - CANCEL_WITHIN_SECONDS);
  if (changes > 0) return;
  throw invalidRequest(`No event to cancel was received within the last 24 hours: ${identifier}.`, {
    code: 'resource_missing',
    param: 'cancel[identifier]',
  });
}

const adjust = route({
  method: 'POST',
  path: '/v1/billing/meter_event_adjustments',
  params: {
    event_name: text(100),
    type: z.literal('cancel'),
    cancel: z.strictObject({ identifier: text(IDENTIFIER_LENGTH) }),
  },
  handle(call, given) {
    cancel(call, given.event_name, given.cancel.identifier);
    return ok(
      fill<Stripe.Billing.MeterEventAdjustment>('billing.meter_event_adjustment', {
        ...given,
        status: 'pending',
      }),
    );
  },
});

export const meterEventRoutes: readonly Route[] = [create, createInVersion2, createSession, stream, adjust];
