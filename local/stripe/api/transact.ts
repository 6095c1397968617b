import { declarationOf } from '../description/declarations.ts';
import { fill, type Given } from '../description/objects.ts';
import type { FaultPlan, RequestFault } from '../faults/fault-plan.ts';
import type { Tasks } from '../later/tasks.ts';
import { KINDS, type Kind, newId, type PrivateParts, type StoredObjects } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import { eventEmitter, thinEventEmitter } from '../webhooks/events.ts';
import type { WebhookDispatcher } from '../webhooks/webhook-dispatcher.ts';
import type { ApiKeys } from './authenticate.ts';
import { onlyGiven } from './form.ts';
import type { IdempotencyKeys } from './idempotency-keys.ts';
import { noSuchObject } from './refusal.ts';
import type { Call, KeyKind, New } from './route.ts';

/** A failure to stage for a request (see faults/fault-plan.ts), or undefined to let it pass. */
export type Fault = (request: { method: string; path: string }) => RequestFault | undefined;

/** What every request needs of the running stand-in. */
export interface Api {
  readonly keys: ApiKeys;
  readonly store: Store;
  readonly idempotencyKeys: IdempotencyKeys;
  readonly dispatcher: WebhookDispatcher;
  readonly tasks: Tasks;
  /** Does what is due by now, before anything looks at what came of it. */
  readonly runDue: () => void;
  /** How long what happens by itself takes: debits, refunds, disputes and their verdicts. */
  readonly settleAfterMs: number;
  /** Where browsers reach the stand-in, when that is not where requests of the API arrive. */
  readonly publicUrl: string | undefined;
  readonly now: () => number;
  readonly latencyMs: number;
  readonly fault: Fault | undefined;
  readonly faults: FaultPlan;
}

/** Where a change comes from: a request of the API, a page, or (without a request) time that has passed. */
export interface Origin {
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
  readonly keyKind: KeyKind;
  readonly path: string;
  readonly id: string;
  readonly subId: string;
  /** Where browsers reach the stand-in, without a slash at the end. */
  readonly baseUrl: string;
  readonly account: string | undefined;
}

export const NO_REQUEST: Origin = {
  requestId: null,
  idempotencyKey: null,
  keyKind: 'secret',
  path: '',
  id: '',
  subId: '',
  baseUrl: '',
  account: undefined,
};

/** How a call finds, makes and changes objects. */
function objectsOf(
  store: Store,
  idInPath: string,
  nowSeconds: number,
): Pick<Call, 'change' | 'create' | 'object'> {
  return {
    object(kind, id = idInPath) {
      const { called = kind, param } = KINDS[kind];
      const found = store.find(kind, id);
      if (found === undefined) throw noSuchObject(called, id, param);
      return found;
    },
    create<K extends Kind>(kind: K, fields: New<K>, privatePart?: PrivateParts[keyof PrivateParts]) {
      const { prefix, length } = KINDS[kind];
      const id = fields.id ?? newId(prefix, length);
      const dated = declarationOf(kind).fields.has('created') ? { created: nowSeconds } : {};
      return store.insert(fill(kind, { ...dated, ...fields, id } as Given<StoredObjects[K]>), privatePart);
    },
    change: (object, fields) => store.replace({ ...object, ...onlyGiven(fields) }),
  };
}

/**
 * Runs `work` in one transaction with its events, their deliveries and what it planned for later, and starts
 * the deliveries once all of it is committed. What it throws rolls everything back.
 */
export function transact<Result>(api: Api, origin: Origin, work: (call: Call) => Result): Result {
  const { store, settleAfterMs } = api;
  const nowMs = api.now();
  const nowSeconds = Math.floor(nowMs / 1000);
  const deliveries: number[] = [];
  const { requestId, idempotencyKey, keyKind, path, id, subId, baseUrl, account } = origin;
  const emit = eventEmitter(store, { requestId, idempotencyKey, nowSeconds }, deliveries);
  const emitThin = thinEventEmitter(store, nowSeconds, deliveries);
  const later: Call['later'] = (task, objectId, delayMs = settleAfterMs) =>
    api.tasks.plan(task, objectId, nowMs + delayMs);
  const objects = objectsOf(store, id, nowSeconds);
  const result = store.transaction(() =>
    work({
      store,
      nowSeconds,
      keyKind,
      path,
      id,
      subId,
      baseUrl,
      account,
      emit,
      emitThin,
      later,
      ...objects,
    }),
  );
  for (const delivery of deliveries) api.dispatcher.schedule(delivery);
  return result;
}
