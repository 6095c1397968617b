import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause } from '../base/failures.ts';
import { type MeterEvent, meterEvent, type Outcome, type UsageSink } from './sink.ts';

/** Frozen by one statement. */
const TAKEN_AT_ONCE = 1_000;
/** Of one run; what is left comes with the next. */
const MOST_EVENTS = 200_000;
/** Requests under way at once. */
const LANES = 4;

const takenSchema = z.object({ status: z.enum(['taken', 'nothing']), events: z.array(meterEvent) });
const settledSchema = z.object({ status: z.literal('settled'), settled: z.int() });

/** Sends one request's worth, and notes at once what became of it. @returns why to stop, if so */
async function report(
  deps: Dependencies,
  sink: UsageSink,
  events: readonly MeterEvent[],
): Promise<Error | undefined> {
  const { database, metrics, logger, now } = deps;
  const { outcomes, away } = await sink.send(events);
  await callFunction(database, 'settle_meter_events', { p_outcomes: outcomes }, settledSchema);
  const byId = new Map(events.map((event) => [event.id, event]));
  for (const { id, state, reason } of outcomes) {
    const event = byId.get(id);
    if (event === undefined) continue;
    metrics.meterEvents.inc({ sink: sink.name, outcome: state });
    if (state === 'delivered') {
      metrics.meterEventDelay.observe((now().getTime() - Date.parse(event.recorded_at)) / 1000);
    }
    if (state !== 'refused') continue;
    const { tenant_id, event_name, identifier } = event;
    logger.error(
      { tenant_id, event_name, identifier, reason },
      'usage is refused where it is billed: mend the cause, then npm run parity -- --retry',
    );
  }
  return away;
}

/** Groups of one request each; events of one customer stay together as far as that goes. */
function inRequests(events: readonly MeterEvent[], atOnce: number): MeterEvent[][] {
  const sorted = events.toSorted((a, b) =>
    a.customer < b.customer ? -1 : a.customer > b.customer ? 1 : a.id - b.id,
  );
  return Array.from({ length: Math.ceil(sorted.length / atOnce) }, (_, n) =>
    sorted.slice(n * atOnce, (n + 1) * atOnce),
  );
}

/** Sends what was taken. What is not sent any more, because the other side is away, is owed as before. */
async function reportTaken(
  deps: Dependencies,
  sink: UsageSink,
  events: readonly MeterEvent[],
): Promise<Error | undefined> {
  const waiting = inRequests(events, sink.atOnce);
  let away: Error | undefined;
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined && away === undefined; next = waiting.shift()) {
      away = (await report(deps, sink, next)) ?? away;
      if (away !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const unsent = waiting.flat().map(({ id }): Outcome => ({ id, state: 'not_sent' }));
  if (unsent.length > 0) {
    await callFunction(deps.database, 'settle_meter_events', { p_outcomes: unsent }, settledSchema);
  }
  return away;
}

/**
 * Reports what is owed: freezes it, sends it, marks it. It may be killed at any moment, and run twice at once: what was frozen
 * is sent again word for word, and whoever gets it twice counts it once.
 * @returns how many were handed out
 * @throws Fault `payment_provider_unavailable` where usage is not taken now; what is owed waits. `database_unavailable`
 */
export async function reportUsage(
  deps: Dependencies,
  sink: UsageSink,
  options: { leaseSeconds?: number; most?: number } = {},
): Promise<number> {
  const { leaseSeconds = 60, most = MOST_EVENTS } = options;
  let handed = 0;
  while (handed < most) {
    const args = { p_limit: TAKEN_AT_ONCE, p_lease_seconds: leaseSeconds, p_oldest_days: sink.oldestDays };
    const { status, events } = await callFunction(deps.database, 'take_meter_events', args, takenSchema);
    if (status === 'nothing') break;
    handed += events.length;
    const away = await reportTaken(deps, sink, events);
    if (away === undefined) continue;
    deps.logger.warn(
      { sink: sink.name, cause: describeCause(away) },
      'usage cannot be reported now; it waits',
    );
    throw new Fault('payment_provider_unavailable', undefined, { cause: away });
  }
  return handed;
}
