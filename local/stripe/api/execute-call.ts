import type { Api } from './api.ts';
import { expandAnswer } from './expand.ts';
import { internalError, type Reply, StripeRefusal } from './refusal.ts';
import type { Route } from './route.ts';
import { transact } from './transact.ts';

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
