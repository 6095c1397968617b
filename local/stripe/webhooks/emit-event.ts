import { API_VERSION } from '../api-version.ts';
import { newId } from '../store/identifiers.ts';
import type { Store } from '../store/store.ts';
import type { WireEvent } from '../store/stored-objects.ts';
import { planDeliveries } from './deliveries.ts';

/** Records an event about an object as it is now; `previous` is the object before an update. */
export type Emit = (type: string, object: object, previous?: object) => void;

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
  return (type, object, previous) => {
    const event: WireEvent = {
      id: newId('evt'),
      object: 'event',
      api_version: API_VERSION,
      created: origin.nowSeconds,
      data: {
        object,
        ...(previous === undefined ? {} : { previous_attributes: changedFields(previous, object) }),
      },
      livemode: false,
      pending_webhooks: 0,
      request: { id: origin.requestId, idempotency_key: origin.idempotencyKey },
      type,
    };
    store.insert(event);
    planned.push(...planDeliveries(store, event));
  };
}
