import type { Store } from '../store/store.ts';
import {
  allPendingDeliveries,
  pendingDelivery,
  pendingWebhooks,
  recordFailure,
  recordSuccess,
} from './deliveries.ts';
import { postEvent } from './post-event.ts';

const MAXIMUM_CONCURRENT = 32;

interface DispatcherOptions {
  readonly store: Store;
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

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier process left undelivered. */
  resume(): void {
    for (const { id, delayMs } of allPendingDeliveries(this.#options.store)) this.schedule(id, delayMs);
  }

  schedule(deliveryId: number, delayMs = 0): void {
    if (this.#stop.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(deliveryId);
      this.#ready.push(deliveryId);
      this.#startReady();
    }, delayMs);
    this.#timers.set(deliveryId, timer);
  }

  /** Stops; what is under way stays pending and is sent again after a restart, so it may arrive twice. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#running);
  }

  #startReady(): void {
    while (this.#running.size < MAXIMUM_CONCURRENT && !this.#stop.signal.aborted) {
      const id = this.#ready.shift();
      if (id === undefined) return;
      const attempt = this.#attempt(id).finally(() => {
        this.#running.delete(attempt);
        this.#startReady();
      });
      this.#running.add(attempt);
    }
  }

  async #attempt(id: number): Promise<void> {
    const { store, now, retryDelaysMs } = this.#options;
    const delivery = pendingDelivery(store, id);
    if (delivery === undefined) return;
    const event = store.find('event', delivery.eventId);
    const endpoint = store.find('webhook_endpoint', delivery.endpointId);
    const secret = store.privatePart('webhook_endpoint', delivery.endpointId)?.secret;
    if (event === undefined || endpoint === undefined || secret === undefined) return;
    const delivered = await postEvent({
      url: endpoint.url,
      secret,
      event: { ...event, pending_webhooks: pendingWebhooks(store, event.id) },
      nowSeconds: Math.floor(now() / 1000),
      signal: this.#stop.signal,
    });
    if (delivered) return recordSuccess(store, id);
    if (this.#stop.signal.aborted) return;
    const retryInMs = retryDelaysMs[delivery.attempts];
    recordFailure(store, id, retryInMs);
    if (retryInMs !== undefined) this.schedule(id, retryInMs);
  }
}
