import type { Store } from '../store/store.ts';
import { eventEmitter } from '../webhooks/emit-event.ts';
import type { WebhookDispatcher } from '../webhooks/webhook-dispatcher.ts';
import type { ApiKeys } from './authenticate.ts';
import { expandAnswer } from './expand.ts';
import type { IdempotencyKeys } from './idempotency-keys.ts';
import { internalError, type Reply, StripeRefusal } from './refusal.ts';
import type { Route } from './route.ts';

/**
 * A failure to stage for a test: `api_error` answers 500 without executing; `drop_answer` executes and then
 * cuts the connection, so that the caller cannot know the outcome.
 */
export type Fault = (request: { method: string; path: string }) => 'api_error' | 'drop_answer' | undefined;

/** What every request needs of the running stand-in. */
export interface Api {
  readonly keys: ApiKeys;
  readonly store: Store;
  readonly idempotencyKeys: IdempotencyKeys;
  readonly dispatcher: WebhookDispatcher;
  readonly now: () => number;
  readonly latencyMs: number;
  readonly fault: Fault | undefined;
}

export interface IncomingCall {
  readonly route: Route;
  readonly requestId: string;
  readonly idempotencyKey: string | null;
  readonly path: string;
  readonly id: string;
  readonly params: object;
  readonly expand: unknown;
}

function asRefusal(error: unknown, requestId: string): StripeRefusal {
  if (error instanceof StripeRefusal) return error;
  console.error(`stripe stand-in: ${requestId} failed`, error);
  return internalError();
}

/**
 * Executes one call. The change, its events and the remembered answer are committed together, so a crash at
 * any moment leaves either all of them or none.
 * @param remember stores the answer under the idempotency key; does nothing when there is none.
 */
export function executeCall(api: Api, incoming: IncomingCall, remember: (reply: Reply) => void): Reply {
  const { route, requestId, idempotencyKey, path, id } = incoming;
  const { store } = api;
  const nowSeconds = Math.floor(api.now() / 1000);
  const deliveries: number[] = [];
  const emit = eventEmitter(store, { requestId, idempotencyKey, nowSeconds }, deliveries);
  try {
    const reply = store.transaction(() => {
      const { status, body } = route.run(
        { store, nowSeconds, keyKind: route.keyKind, path, id, emit },
        incoming.params,
      );
      const expanded = status === 200 ? expandAnswer(store, body, incoming.expand) : body;
      const visible = { status, body: route.view(expanded) };
      remember(visible);
      return visible;
    });
    for (const delivery of deliveries) api.dispatcher.schedule(delivery);
    return reply;
  } catch (error) {
    const refusal = asRefusal(error, requestId);
    const { status, body } = refusal.toReply();
    const visible = { status, body: route.view(body) };
    if (!refusal.beforeExecution) remember(visible);
    return visible;
  }
}
