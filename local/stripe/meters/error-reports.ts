import type { Call } from '../api/route.ts';

/** Of many errors of a kind Stripe shows a few. */
const SAMPLES = 5;

/**
 * Tells of the events of a meter that could not be counted since the last report, as a thin event.
 * @param meter its id; empty for events of a name that no meter has
 */
export function reportMeterErrors(call: Call, meter: string): void {
  const { database } = call.store;
  const rows = database.prepare('SELECT * FROM meter_errors WHERE meter = ? ORDER BY id').all(meter);
  if (rows.length === 0) return;
  database.prepare('DELETE FROM meter_errors WHERE meter = ?').run(meter);
  const times = rows.map(({ at }) => Number(at));
  const error_types = [...Map.groupBy(rows, ({ code }) => String(code))].map(([code, errors]) => ({
    code,
    error_count: errors.length,
    sample_errors: errors.slice(0, SAMPLES).map(({ message, identifier }) => ({
      error_message: String(message),
      request: { identifier: String(identifier) },
    })),
  }));
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  const data = {
    developer_message_summary: `There ${rows.length === 1 ? 'is 1 invalid event' : `are ${rows.length} invalid events`}`,
    reason: { error_count: rows.length, error_types },
    validation_start: at(Math.min(...times)),
    validation_end: at(Math.max(...times) + 1),
  };
  if (meter === '') call.emitThin('v1.billing.meter.no_meter_found', data);
  else {
    call.emitThin('v1.billing.meter.error_report_triggered', data, {
      id: meter,
      type: 'billing.meter',
      url: `/v1/billing/meters/${meter}`,
    });
  }
}
