import { createHmac } from 'node:crypto';
import type { FaultPlan } from '../faults/fault-plan.ts';
import type { Store } from '../store/store.ts';
import { allPendingDeliveries, pendingDelivery, postOf, recordFailure, recordSuccess } from './events.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The waits between Stripe's attempts in live mode, which back off and end after three days
 * (https://docs.stripe.com/webhooks#retries); the single steps are not published, these are as observed.
 */
const LIVE_WAITS_MS: readonly number[] = [
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  12 * HOUR_MS,
  12 * HOUR_MS,
  12 * HOUR_MS,
  12 * HOUR_MS,
];

/** Fast enough for a person to watch: five minutes become half a second, three days eight minutes. */
export const DEFAULT_RETRY_SCALE = 1 / 600;

/** @param scale 1 is Stripe's own pace. @returns the waits before each further attempt, in milliseconds. */
export function retryWaitsMs(scale: number): number[] {
  return LIVE_WAITS_MS.map((waitMs) => Math.round(waitMs * scale));
}

const TIMEOUT_MS = 10_000;

/**
 * `Stripe-Signature`: HMAC-SHA256 over "timestamp.payload" in hex
 * (https://docs.stripe.com/webhooks#verify-manually).
 */
function signature(payload: string, secrets: readonly string[], nowSeconds: number): string {
  const digests = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${nowSeconds}.${payload}`).digest('hex'),
  );
  return [`t=${nowSeconds}`, ...digests.map((digest) => `v1=${digest}`)].join(',');
}

interface Post {
  readonly url: string;
  /** One signature for each: while a secret is being rolled there are two. */
  readonly secrets: readonly string[];
  readonly body: object;
  readonly nowSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * Posts an event to an endpoint once.
 * @returns whether it answered 2xx; a redirect, a timeout and a refused connection are failures, as at Stripe.
 */
async function postEvent({ url, secrets, body, nowSeconds, signal }: Post): Promise<boolean> {
  // Stripe indents its payloads: a receiver that verifies a re-serialized body fails here as it would there.
  const payload = JSON.stringify(body, null, 2);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: payload,
      redirect: 'manual',
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        'Stripe-Signature': signature(payload, secrets, nowSeconds),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Whatever went wrong on the way is one thing to the sender: not delivered, to be tried again.
    return false;
  }
}

/** Deliveries that are held together for a while and then released newest first. */
class HeldDeliveries {
  readonly #release: (ids: readonly number[]) => void;
  #ids: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(release: (ids: readonly number[]) => void) {
    this.#release = release;
  }

  /** @param delayMs counts from the first one that is held. */
  hold(id: number, delayMs: number): void {
    this.#ids.push(id);
    this.#timer ??= setTimeout(() => {
      const ids = this.#ids.reverse();
      this.#ids = [];
      this.#timer = undefined;
      this.#release(ids);
    }, delayMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

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
    const type = delivery === undefined ? undefined : postOf(store, delivery)?.type;
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
    const post = postOf(store, delivery);
    if (post === undefined) return;
    const delivered = await postEvent({
      ...post,
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
