import type { Store } from '../store/store.ts';
import type { WireEvent } from '../store/stored-objects.ts';

interface Delivery {
  readonly eventId: string;
  readonly endpointId: string;
  /** Attempts made so far. */
  readonly attempts: number;
}

/**
 * Moments of deliveries are wall-clock milliseconds (not the injected clock): they are waited for with real
 * timers, which a frozen test clock must not stop.
 */
export function planDeliveries(store: Store, event: WireEvent): number[] {
  const endpoints = store.database
    .prepare(
      `SELECT id FROM objects WHERE kind = 'webhook_endpoint' AND json_extract(body, '$.status') = 'enabled' AND EXISTS (
         SELECT 1 FROM json_each(body, '$.enabled_events') WHERE value IN ('*', ?))`,
    )
    .all(event.type);
  const insert = store.database.prepare(
    'INSERT INTO deliveries (event_id, endpoint_id, next_attempt_ms) VALUES (?, ?, ?)',
  );
  return endpoints.map(({ id }) => Number(insert.run(event.id, id ?? null, Date.now()).lastInsertRowid));
}

export function pendingDelivery(store: Store, id: number): Delivery | undefined {
  const row = store.database.prepare(`SELECT * FROM deliveries WHERE id = ? AND state = 'pending'`).get(id);
  if (row === undefined) return undefined;
  return {
    eventId: String(row.event_id),
    endpointId: String(row.endpoint_id),
    attempts: Number(row.attempts),
  };
}

/** Those that were left undelivered, with the milliseconds until each is due (0 when overdue). */
export function allPendingDeliveries(store: Store): { id: number; delayMs: number }[] {
  return store.database
    .prepare(`SELECT id, next_attempt_ms FROM deliveries WHERE state = 'pending' ORDER BY id`)
    .all()
    .map((row) => ({ id: Number(row.id), delayMs: Math.max(0, Number(row.next_attempt_ms) - Date.now()) }));
}

export function recordSuccess(store: Store, id: number): void {
  store.database
    .prepare(`UPDATE deliveries SET state = 'delivered', attempts = attempts + 1 WHERE id = ?`)
    .run(id);
}

/** @param retryInMs undefined when no attempt is left: the event then stays listed as undelivered. */
export function recordFailure(store: Store, id: number, retryInMs: number | undefined): void {
  store.database
    .prepare(`UPDATE deliveries SET attempts = attempts + 1, state = ?, next_attempt_ms = ? WHERE id = ?`)
    .run(retryInMs === undefined ? 'failed' : 'pending', Date.now() + (retryInMs ?? 0), id);
}

export function dropDeliveriesTo(store: Store, endpointId: string): void {
  store.database.prepare('DELETE FROM deliveries WHERE endpoint_id = ?').run(endpointId);
}

/** `pending_webhooks`: how many endpoints have not yet answered 2xx. */
export function pendingWebhooks(store: Store, eventId: string): number {
  const row = store.database
    .prepare(`SELECT count(*) AS pending FROM deliveries WHERE event_id = ? AND state <> 'delivered'`)
    .get(eventId);
  return Number(row?.pending ?? 0);
}
