import type { FaultPlan } from '../faults/fault-plan.ts';
import type { Store } from '../store/store.ts';
import {
  allPendingDeliveries,
  pendingDelivery,
  pendingWebhooks,
  recordFailure,
  recordSuccess,
} from './deliveries.ts';
import { HeldDeliveries } from './held-deliveries.ts';
import { postEvent } from './post-event.ts';

const MAXIMUM_CONCURRENT = 32;

interface DispatcherOptions {
  readonly store: Store;
  readonly faults: FaultPlan;
  readonly retryDelaysMs: readonly number[];
  readonly now: () => number;
}

/** Delivers events in the background, in no promised order, and retries after the given delays. */
export class WebhookDispatcher {
  readonly #options: DispatcherOptions;
  readonly #timers = new Map<number, NodeJS.Timeout>();
  readonly #ready: number[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #held = new HeldDeliveries((ids) => this.#deliverInOrder(ids));

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier process left undelivered. */
  resume(): void {
    for (const { id, delayMs } of allPendingDeliveries(this.#options.store)) this.#wait(id, delayMs);
  }

  /** A new delivery, unless a fault was planned for it. */
  schedule(deliveryId: number): void {
    const { store, faults } = this.#options;
    const delivery = pendingDelivery(store, deliveryId);
    const type = delivery === undefined ? undefined : store.find('event', delivery.eventId)?.type;
    const planned = type === undefined ? undefined : faults.nextForDelivery(type);
    if (planned?.fault === 'drop') recordFailure(store, deliveryId, undefined);
    else if (planned?.fault === 'reorder') this.#held.hold(deliveryId, planned.delay_ms);
    else this.#wait(deliveryId, planned?.fault === 'delay' ? planned.delay_ms : 0);
    if (planned?.fault === 'duplicate') this.#run(this.#attempt(deliveryId));
  }

  /** Stops; what is under way stays pending and is sent again after a restart, so it may arrive twice. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#held.close();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#running);
  }

  #wait(deliveryId: number, delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(deliveryId);
      this.#ready.push(deliveryId);
      this.#startReady();
    }, delayMs);
    this.#timers.set(deliveryId, timer);
  }

  #startReady(): void {
    while (this.#running.size < MAXIMUM_CONCURRENT && !this.#stop.signal.aborted) {
      const id = this.#ready.shift();
      if (id === undefined) return;
      this.#run(this.#attempt(id));
    }
  }

  #run(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#running.delete(tracked);
      this.#startReady();
    });
    this.#running.add(tracked);
  }

  #deliverInOrder(ids: readonly number[]): void {
    const work = async () => {
      for (const id of ids) await this.#attempt(id);
    };
    this.#run(work());
  }

  async #attempt(id: number): Promise<void> {
    const { store, now, retryDelaysMs } = this.#options;
    const delivery = this.#stop.signal.aborted ? undefined : pendingDelivery(store, id);
    if (delivery === undefined) return;
    const event = store.find('event', delivery.eventId);
    const endpoint = store.find('webhook_endpoint', delivery.endpointId);
    const signing = store.privatePart('webhook_endpoint', delivery.endpointId);
    if (event === undefined || endpoint === undefined || signing === undefined) return;
    const { secret, oldSecret } = signing;
    const delivered = await postEvent({
      url: endpoint.url,
      secrets: oldSecret === undefined ? [secret] : [secret, oldSecret],
      event: { ...event, pending_webhooks: pendingWebhooks(store, event.id) },
      nowSeconds: Math.floor(now() / 1000),
      signal: this.#stop.signal,
    });
    if (delivered) return recordSuccess(store, id);
    if (this.#stop.signal.aborted || pendingDelivery(store, id) === undefined) return;
    const retryInMs = retryDelaysMs[delivery.attempts];
    recordFailure(store, id, retryInMs);
    if (retryInMs !== undefined) this.#wait(id, retryInMs);
  }
}
