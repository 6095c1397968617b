import { API_VERSION, fill } from '../description/objects.ts';
import { newId, type WireEvent } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';

/** Thin events go to this one only, and all others never do. */
const THIN_ENDPOINT = 'ed_ThinConfiguredAtStart';

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
function planDeliveries(store: Store, event: WireEvent): number[] {
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

/** Records an event about an object as it is now; `previous` is the object before an update, `account` the seller's that it is of. */
export type Emit = (type: string, object: object, previous?: object, account?: string) => void;

function changedFields(before: object, after: object): object {
  const old = Object.entries(before).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(after, field)),
  );
  return Object.fromEntries(old);
}

interface Origin {
  /** null for what happened without a request. */
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
  readonly nowSeconds: number;
}

/**
 * An emitter for one request. Events and their deliveries are written in the request's transaction, so a
 * change without its event, or an event without its change, cannot exist.
 * @param planned receives the ids of the deliveries to start once the transaction is committed.
 */
export function eventEmitter(store: Store, origin: Origin, planned: number[]): Emit {
  return (type, object, previous, account) => {
    const event = fill<WireEvent>('event', {
      id: newId('evt'),
      account,
      api_version: API_VERSION,
      created: origin.nowSeconds,
      data: {
        object,
        ...(previous === undefined ? {} : { previous_attributes: changedFields(previous, object) }),
      },
      pending_webhooks: 0,
      request: { id: origin.requestId, idempotency_key: origin.idempotencyKey },
      type,
    });
    store.insert(event);
    planned.push(...planDeliveries(store, event));
  };
}

interface RelatedObject {
  readonly id: string;
  readonly type: string;
  readonly url: string;
}

/** Records an event of which a delivery has only the id and the type: the data has to be fetched. */
export type EmitThin = (type: string, data: object | undefined, related?: RelatedObject) => void;

/** As `eventEmitter`, for thin events (https://docs.stripe.com/event-destinations#thin-payload). */
export function thinEventEmitter(store: Store, nowSeconds: number, planned: number[]): EmitThin {
  return (type, data, related) => {
    const event = {
      id: newId('evt_test'),
      object: 'v2.core.event',
      created: new Date(nowSeconds * 1000).toISOString(),
      ...(data === undefined ? {} : { data }),
      livemode: false,
      ...(related === undefined ? {} : { related_object: related }),
      type,
    };
    store.database
      .prepare('INSERT INTO thin_events (id, created, body) VALUES (?, ?, ?)')
      .run(event.id, nowSeconds, JSON.stringify(event));
    if (store.database.prepare('SELECT 1 FROM thin_endpoints').get() === undefined) return;
    const { lastInsertRowid } = store.database
      .prepare('INSERT INTO deliveries (event_id, endpoint_id, next_attempt_ms) VALUES (?, ?, ?)')
      .run(event.id, THIN_ENDPOINT, Date.now());
    planned.push(Number(lastInsertRowid));
  };
}

/** Where thin events go, in place of where they went before. */
export function configureThinEndpoint(store: Store, { url, secret }: { url: string; secret: string }): void {
  store.database
    .prepare('INSERT OR REPLACE INTO thin_endpoints (id, url, secret) VALUES (?, ?, ?)')
    .run(THIN_ENDPOINT, url, secret);
}

interface Post {
  readonly type: string;
  readonly url: string;
  readonly secrets: readonly string[];
  readonly body: object;
}

function thinPost(store: Store, { eventId }: Delivery): Post | undefined {
  const endpoint = store.database.prepare('SELECT * FROM thin_endpoints').get();
  const row = store.database.prepare('SELECT body FROM thin_events WHERE id = ?').get(eventId);
  if (endpoint === undefined || row === undefined) return undefined;
  const { data: _fetched, ...body } = JSON.parse(String(row.body));
  return { type: body.type, url: String(endpoint.url), secrets: [String(endpoint.secret)], body };
}

/** What is posted where; undefined where the event or its endpoint is gone. */
export function postOf(store: Store, delivery: Delivery): Post | undefined {
  if (delivery.endpointId === THIN_ENDPOINT) return thinPost(store, delivery);
  const event = store.find('event', delivery.eventId);
  const endpoint = store.find('webhook_endpoint', delivery.endpointId);
  const signing = store.privatePart('webhook_endpoint', delivery.endpointId);
  if (event === undefined || endpoint === undefined || signing === undefined) return undefined;
  const { secret, oldSecret } = signing;
  return {
    type: event.type,
    url: endpoint.url,
    secrets: oldSecret === undefined ? [secret] : [secret, oldSecret],
    body: { ...event, pending_webhooks: pendingWebhooks(store, event.id) },
  };
}
