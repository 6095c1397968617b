import type { FaultPlan, RequestFault } from '../faults/fault-plan.ts';
import type { Tasks } from '../later/tasks.ts';
import type { Store } from '../store/store.ts';
import type { WebhookDispatcher } from '../webhooks/webhook-dispatcher.ts';
import type { ApiKeys } from './authenticate.ts';
import type { IdempotencyKeys } from './idempotency-keys.ts';

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
