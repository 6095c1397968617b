import type { FaultPlan, RequestFault } from '../faults/fault-plan.ts';
import type { Tasks } from '../later/tasks.ts';
import type { Store } from '../store/store.ts';
import type { WebhookDispatcher } from '../webhooks/webhook-dispatcher.ts';
import type { ApiKeys } from './authenticate.ts';
import { expandAnswer } from './expand.ts';
import type { IdempotencyKeys } from './idempotency-keys.ts';
import { internalError, type Reply, StripeRefusal } from './refusal.ts';
import type { Route } from './route.ts';
import { transact } from './transact.ts';

/** A failure to stage for a request (see faults/fault-plan.ts), or undefined to let it pass. */
export type Fault = (request: { method: string; path: string }) => RequestFault | undefined;

/** What every request needs of the running stand-in. */
export interface Api {
  readonly keys: ApiKeys;
  readonly store: Store;
  readonly idempotencyKeys: IdempotencyKeys;
  readonly dispatcher: WebhookDispatcher;
  readonly tasks: Tasks;
  /** How long what happens by itself takes: debits, refunds, disputes and their verdicts. */
  readonly settleAfterMs: number;
  /** Where browsers reach the stand-in, when that is not where requests of the API arrive. */
  readonly publicUrl: string | undefined;
  readonly now: () => number;
  readonly latencyMs: number;
  readonly fault: Fault | undefined;
  readonly faults: FaultPlan;
}

export interface IncomingCall {
  readonly route: Route;
  readonly requestId: string;
  readonly idempotencyKey: string | null;
  readonly path: string;
  readonly id: string;
  readonly subId: string;
  readonly baseUrl: string;
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
  const { route, params, expand } = incoming;
  try {
    return transact(api, { ...incoming, keyKind: route.keyKind }, (call) => {
      const { status, body } = route.run(call, params);
      const expanded = status === 200 ? expandAnswer(api.store, body, expand) : body;
      const visible = { status, body: route.view(expanded) };
      remember(visible);
      return visible;
    });
  } catch (error) {
    const refusal = asRefusal(error, incoming.requestId);
    const { status, body } = refusal.toReply();
    const visible = { status, body: route.view(body) };
    if (!refusal.beforeExecution) remember(visible);
    return visible;
  }
}
