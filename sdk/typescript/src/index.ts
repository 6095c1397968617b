import { errorOf } from './error.js';
import { createClient, createConfig } from './generated/client/index.js';
import { MindBotApi } from './generated/sdk.gen.js';
import { createSend } from './send.js';

export { MindBotError, type Quota } from './error.js';
export type * from './generated/types.gen.js';

export type MindBotOptions = {
  /** Of the service: `https://your-host`. */
  baseUrl: string;
  /** `mb_live_…` of a tenant, or the access token of a person; a function where it changes. */
  apiKey: string | (() => string | Promise<string>);
  /** Put one that pays here (`@x402/fetch`), with a cap on what it may spend. */
  fetch?: typeof globalThis.fetch;
  /** How many times a request is sent again at most (2). */
  retries?: number;
  /** Of one attempt, in milliseconds (30,000). */
  timeoutMs?: number;
  /** Longer than this nobody waits for a rate, in milliseconds (60,000). */
  longestWaitMs?: number;
};

/** A new name for something that is to happen once: send it as `Idempotency-Key`, the same one when you try again. */
export const idempotencyKey = (): string => crypto.randomUUID();

/** The API of MindBot: a method for each operation, which answers what the service answers, or throws a `MindBotError`. */
export class MindBot extends MindBotApi {
  constructor(options: MindBotOptions) {
    const { baseUrl, apiKey, retries = 2, timeoutMs = 30_000, longestWaitMs = 60_000 } = options;
    const fetch = options.fetch ?? globalThis.fetch;
    const client = createClient(
      createConfig({
        baseUrl: baseUrl.replace(/\/$/, ''),
        auth: () => (typeof apiKey === 'function' ? apiKey() : apiKey),
        fetch: createSend({ fetch, retries, timeoutMs, longestWaitMs }),
        throwOnError: true,
      }),
    );
    client.interceptors.error.use((thrown, response) => errorOf(thrown, response));
    super({ client });
  }
}

/**
 * Everything of a list that comes in pages, whose `next` is the `before` of the next one:
 * `for await (const call of pages((before) => mindbot.listCalls({ path, query: { before } }), 'calls'))`
 */
export async function* pages<Key extends string, Item>(
  read: (before: string | undefined) => Promise<{ [name in Key]: Item[] } & { next: string | null }>,
  key: Key,
): AsyncGenerator<Item> {
  for (let before: string | undefined; ; ) {
    const page = await read(before);
    yield* page[key];
    if (page.next === null) return;
    before = page.next;
  }
}
