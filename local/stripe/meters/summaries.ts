import type Stripe from 'stripe';
import { z } from 'zod';
import { integer, text } from '../api/form.ts';
import { pageParams } from '../api/list-objects.ts';
import { invalidParameter, noSuchReference } from '../api/refusal.ts';
import { type Call, ok, route } from '../api/route.ts';
import { fill } from '../description/objects.ts';
import { numberOf } from './quantity.ts';

const MINUTE = 60;
const SECONDS = { hour: 3_600, day: 86_400 } as const;

/** What a meter counts of one customer from `start` until before `end`. */
interface Span {
  readonly meter: Stripe.Billing.Meter;
  readonly customer: string;
  readonly start: number;
  readonly end: number;
}

const MEASURES = {
  sum: 'sum(whole) AS whole, sum(fraction) AS fraction',
  count: 'count(*) AS whole, 0 AS fraction',
  // Of several at the same second the one that came last counts.
  last: 'whole, fraction, max(timestamp * 1000000000 + id)',
} as const;

/** The sum, the count or the last value of each window that has events, oldest first. */
function measure({ meter, customer, start, end }: Span, call: Call, windowSeconds: number) {
  const formula = meter.default_aggregation.formula as keyof typeof MEASURES;
  return call.store.database
    .prepare(
      `SELECT timestamp / CAST(? AS INTEGER) * CAST(? AS INTEGER) AS start, ${MEASURES[formula]} FROM meter_events
       WHERE event_name = ? AND customer = ? AND timestamp >= ? AND timestamp < ? AND canceled = 0
       GROUP BY 1 ORDER BY 1`,
    )
    .all(windowSeconds, windowSeconds, meter.event_name, customer, start, end)
    .map((row) => ({
      start: Number(row.start),
      value: { whole: BigInt(Number(row.whole)), fraction: BigInt(Number(row.fraction)) },
    }));
}

const WHOLE_SPAN_SECONDS = 10_000_000_000;

/** What an invoice is made of: all of one customer in a period. */
export function metered(call: Call, span: Span): { whole: bigint; fraction: bigint } {
  return measure(span, call, WHOLE_SPAN_SECONDS)[0]?.value ?? { whole: 0n, fraction: 0n };
}

function checkBounds(start: number, end: number, window: keyof typeof SECONDS | undefined): void {
  const step = window === undefined ? MINUTE : SECONDS[window];
  const aligned = window === undefined ? 'minute' : `UTC ${window}`;
  for (const [param, value] of [
    ['start_time', start],
    ['end_time', end],
  ] as const) {
    if (value % step === 0) continue;
    throw invalidParameter(`${param} must be aligned with ${aligned} boundaries.`, { param });
  }
  if (start >= end) throw invalidParameter('start_time must be before end_time.', { param: 'start_time' });
}

/** https://docs.stripe.com/api/billing/meter-event-summary/list: in windows, or all in one. */
export const listSummaries = route({
  method: 'GET',
  path: '/v1/billing/meters/:id/event_summaries',
  params: {
    ...pageParams,
    customer: text(),
    end_time: integer(0),
    start_time: integer(0),
    value_grouping_window: z.enum(['hour', 'day']).optional(),
  },
  handle(call, given) {
    const { customer, start_time: start, end_time: end, value_grouping_window: window, limit = 10 } = given;
    const meter = call.object('billing.meter');
    checkBounds(start, end, window);
    if (call.store.find('customer', customer) === undefined) {
      throw noSuchReference('customer', customer, 'customer');
    }
    const span = { meter, customer, start, end };
    const windows =
      window === undefined
        ? [{ start, end, value: metered(call, span) }]
        : measure(span, call, SECONDS[window]).map((one) => ({ ...one, end: one.start + SECONDS[window] }));
    const summaries = windows.reverse().map((one) =>
      fill<Stripe.Billing.MeterEventSummary>('billing.meter_event_summary', {
        id: `mtrusg_test_${meter.id.slice(-16)}${one.start}${one.end - one.start}`,
        aggregated_value: numberOf(one.value),
        end_time: one.end,
        meter: meter.id,
        start_time: one.start,
      }),
    );
    const after = given.starting_after;
    const from = after === undefined ? 0 : summaries.findIndex(({ id }) => id === after) + 1;
    const data = summaries.slice(from, from + limit);
    return ok({ object: 'list', url: call.path, has_more: from + limit < summaries.length, data });
  },
});
