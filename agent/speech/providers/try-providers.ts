import { type APIError, APITimeoutError } from '@livekit/agents';
import type { Clock } from '../../../shared/clock.ts';
import { type ProviderChain, REFUSED_MS } from './provider-chain.ts';
import { toApiError } from './to-api-error.ts';

/** How often one provider is asked for the same thing, at most. */
const TRIES = 3;

/** With somebody else to ask, a second failure in a row is enough. */
const TRIES_WITH_OTHERS = 2;

/** Before the second and the third try, in milliseconds. */
const PAUSES_MS = [100, 800];

/** How long a provider may keep a caller waiting by `retry-after`, in milliseconds: with another provider, and without. */
const PATIENCE_MS = 1_000;
const PATIENCE_ALONE_MS = 3_000;

type Askable = { readonly retryAfterMs: number | undefined };

type Trying<Provider> = {
  signal: AbortSignal;
  /** Asks for it once. `isLater`: another attempt failed before. */
  attempt(provider: Provider, isLater: boolean): Promise<void>;
  /** An attempt failed that began then (milliseconds since 1970), and another one follows. */
  failed(error: APIError, beganAt: number): void;
  /** Whether what was given out already can only be gone on with by the same provider. */
  isBound?(): boolean;
};

const sleep = (ms: number, clock: Clock) => new Promise<void>((resolve) => clock.after(ms, resolve));

/** How long to wait before the same provider is asked again; undefined: not at all. */
function pauseBefore(
  tries: number,
  error: APIError,
  { retryAfterMs }: Askable,
  hasOthers: boolean,
): number | undefined {
  if (!error.retryable || tries >= (hasOthers ? TRIES_WITH_OTHERS : TRIES)) return undefined;
  // Who waited in vain once does not wait the same time again while there is somebody else to ask.
  if (hasOthers && error instanceof APITimeoutError) return undefined;
  if (retryAfterMs !== undefined) {
    if (hasOthers && retryAfterMs > PATIENCE_MS) return undefined;
    return Math.min(retryAfterMs, PATIENCE_ALONE_MS);
  }
  return PAUSES_MS[tries - 1] ?? 0;
}

/**
 * Asks the providers until one of them has done it: a failure is repeated quickly, then the next one is asked, and the
 * one that failed is left alone for a while. Comes back without having done it when it is called off.
 * @throws APIError of the last attempt
 */
export async function tryProviders<Provider extends Askable>(
  chain: ProviderChain<Provider>,
  { signal, attempt, failed, isBound = () => false }: Trying<Provider>,
): Promise<void> {
  const order = chain.inOrder();
  let isLater = false;
  for (const [index, provider] of order.entries()) {
    for (let tries = 1; !signal.aborted; tries++) {
      const beganAt = Date.now();
      try {
        return await attempt(provider, isLater);
      } catch (thrown) {
        if (signal.aborted) return;
        const error = toApiError(thrown);
        const pauseMs = pauseBefore(tries, error, provider, order.length > 1 && !isBound());
        const isLast = index === order.length - 1 || isBound();
        if (pauseMs === undefined) {
          chain.leaveAlone(provider, error.retryable ? provider.retryAfterMs : REFUSED_MS);
        }
        if (pauseMs === undefined && isLast) throw error;
        failed(error, beganAt);
        isLater = true;
        if (pauseMs === undefined) break;
        await sleep(pauseMs, chain.clock);
      }
    }
  }
}
