import { eventEmitter } from '../webhooks/emit-event.ts';
import type { Api } from './api.ts';
import type { Call, KeyKind } from './route.ts';

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
}

export const NO_REQUEST: Origin = {
  requestId: null,
  idempotencyKey: null,
  keyKind: 'secret',
  path: '',
  id: '',
  subId: '',
  baseUrl: '',
};

/**
 * Runs `work` in one transaction with its events, their deliveries and what it planned for later, and starts
 * the deliveries once all of it is committed. What it throws rolls everything back.
 */
export function transact<Result>(api: Api, origin: Origin, work: (call: Call) => Result): Result {
  const { store, settleAfterMs } = api;
  const nowMs = api.now();
  const nowSeconds = Math.floor(nowMs / 1000);
  const deliveries: number[] = [];
  const { requestId, idempotencyKey, keyKind, path, id, subId, baseUrl } = origin;
  const emit = eventEmitter(store, { requestId, idempotencyKey, nowSeconds }, deliveries);
  const later: Call['later'] = (task, objectId, delayMs = settleAfterMs) =>
    api.tasks.plan(task, objectId, nowMs + delayMs);
  const result = store.transaction(() =>
    work({ store, nowSeconds, keyKind, path, id, subId, baseUrl, emit, later }),
  );
  for (const delivery of deliveries) api.dispatcher.schedule(delivery);
  return result;
}
