import { retryAfterOf } from './error.js';

export type SendOptions = {
  fetch: typeof globalThis.fetch;
  /** How many times a request is sent again at most. */
  retries: number;
  /** Of one attempt. */
  timeoutMs: number;
  /** Longer than this nobody waits for a quota or a rate: the refusal is thrown instead. */
  longestWaitMs: number;
};

const SAFE = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;

/** Whether it does the same when it is done twice: by its method, or as the service knows it by its key. */
const isRepeatable = (request: Request) => SAFE.has(request.method) || request.headers.has('idempotency-key');

/** Refused before anything was done, or failed in a way that may pass. What has been paid for is never sent again. */
function mayPass(request: Request, response: Response): boolean {
  if (response.headers.has('payment-response') || response.headers.has('payment-receipt')) return false;
  if (response.status === 429) return true;
  if (response.status === 503 && response.headers.has('retry-after')) return true;
  return response.status >= 500 && response.status !== 501 && isRepeatable(request);
}

/** Half of it is by chance, so that those who failed together do not come back together. */
const pauseMs = (attempt: number) =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + Math.random() / 2);

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    }
    signal.addEventListener('abort', done);
  });
}

/** `fetch` that sends again what may be sent again, after the time that the service asks for. */
export function createSend({
  fetch,
  retries,
  timeoutMs,
  longestWaitMs,
}: SendOptions): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt >= retries;
      let wanted: number | undefined;
      try {
        const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
        // A body can be read once.
        const response = await fetch(isLast ? request : request.clone(), { signal });
        if (isLast || !mayPass(request, response)) return response;
        const seconds = retryAfterOf(response);
        wanted = seconds === undefined ? undefined : seconds * 1000;
        if (wanted !== undefined && wanted > longestWaitMs) return response;
        await response.body?.cancel();
      } catch (error) {
        if (isLast || request.signal.aborted || !isRepeatable(request)) throw error;
      }
      await wait(Math.max(wanted ?? 0, pauseMs(attempt)), request.signal);
    }
  };
}
