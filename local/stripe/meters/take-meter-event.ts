import { invalidRequest } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { findCustomer } from '../payment-methods/customers.ts';
import { timeOf } from '../payment-methods/time-of-customer.ts';
import { meterFor } from './meters.ts';
import { type Quantity, readQuantity } from './quantity.ts';

export interface MeterEvent {
  readonly event_name: string;
  readonly identifier: string;
  readonly payload: Readonly<Record<string, string>>;
  /** In seconds since 1970. */
  readonly timestamp: number;
}

const DAY_SECONDS = 86_400;
const OLDEST_SECONDS = 35 * DAY_SECONDS;
const FUTURE_SECONDS = 5 * 60;
/** "A rolling period of at least 24 hours": who relies on more finds out here. */
const UNIQUE_SECONDS = DAY_SECONDS;

/** The time that an event is held against: of a customer with a test clock that of the clock. */
function nowFor(call: Call, event: MeterEvent): number {
  return timeOf(call, event.payload.stripe_customer_id ?? '');
}

/** @throws StripeRefusal 400 for a time that a meter event cannot have. */
export function checkTimestamp(call: Call, event: MeterEvent): void {
  const { timestamp } = event;
  const now = nowFor(call, event);
  const oldest = now - OLDEST_SECONDS;
  if (timestamp < oldest) {
    throw invalidRequest(
      `The event timestamp cannot be more than 35 days in past. Expected a timestamp greater than or equal to ${oldest}.`,
      { code: 'timestamp_too_far_in_past', param: 'timestamp' },
    );
  }
  const newest = now + FUTURE_SECONDS;
  if (timestamp > newest) {
    throw invalidRequest(
      `The event timestamp cannot be more than 5 minutes in future. Expected a timestamp less than or equal to ${newest}.`,
      { code: 'timestamp_in_future', param: 'timestamp' },
    );
  }
}

export function isKnown(call: Call, identifier: string): boolean {
  const known = call.store.database
    .prepare('SELECT 1 FROM meter_events WHERE identifier = ? AND received > ?')
    .get(identifier, call.nowSeconds - UNIQUE_SECONDS);
  return known !== undefined;
}

/** Stripe gives this refusal without a code. @throws StripeRefusal 400 */
export function refuseKnown(call: Call, identifier: string): void {
  if (isKnown(call, identifier)) {
    throw invalidRequest(`An event already exists with identifier ${identifier}.`);
  }
}

interface Flaw {
  /** The meter's id, empty where there is none. */
  readonly meter: string;
  readonly code: string;
  readonly message: string;
}

type Counted = { readonly customer: string; readonly value: Quantity };

/** Who is charged with how much; or why nobody is, of which Stripe tells later, by an event. */
function read(call: Call, event: MeterEvent): Counted | Flaw {
  const meter = meterFor(call, event.event_name);
  if (meter === undefined) {
    return { meter: '', code: 'no_meter', message: `No meter found for event name ${event.event_name}.` };
  }
  const flaw = (code: string, message: string) => ({ meter: meter.id, code, message });
  const age = nowFor(call, event) - event.timestamp;
  // What comes by the stream is looked at only now.
  if (age > OLDEST_SECONDS) return flaw('timestamp_too_far_in_past', 'The event is older than 35 days.');
  if (age < -FUTURE_SECONDS) return flaw('timestamp_in_future', 'The event is more than 5 minutes ahead.');
  if (meter.status !== 'active') return flaw('archived_meter', 'The meter is archived.');
  const customer = event.payload[meter.customer_mapping.event_payload_key];
  if (customer === undefined || customer === '') {
    return flaw('meter_event_no_customer_defined', 'The event names no customer.');
  }
  if (findCustomer(call, customer) === undefined) {
    return flaw('meter_event_customer_not_found', `No such customer: '${customer}'`);
  }
  if (meter.default_aggregation.formula === 'count') return { customer, value: { whole: 1n, fraction: 0n } };
  const value = readQuantity(event.payload[meter.value_settings.event_payload_key]);
  if (typeof value === 'string') return flaw(`meter_event_${value}`, `The value is no number that is taken.`);
  return { customer, value };
}

/**
 * Counts an event, or notes why it cannot be counted: whoever sent it is not told now. An identifier is taken in both
 * cases only when the event counts.
 */
export function takeMeterEvent(call: Call, event: MeterEvent): void {
  const outcome = read(call, event);
  const { database } = call.store;
  if ('code' in outcome) {
    database
      .prepare('INSERT INTO meter_errors (meter, code, message, identifier, at) VALUES (?, ?, ?, ?, ?)')
      .run(outcome.meter, outcome.code, outcome.message, event.identifier, call.nowSeconds);
    call.later('report_meter_errors', outcome.meter);
    return;
  }
  database
    .prepare(
      `INSERT INTO meter_events (identifier, event_name, customer, whole, fraction, timestamp, received)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      event.identifier,
      event.event_name,
      outcome.customer,
      outcome.value.whole,
      outcome.value.fraction,
      event.timestamp,
      call.nowSeconds,
    );
}
