import { OpenAI } from 'openai';

/**
 * How long an answer asks to be left alone, in milliseconds; undefined when it does not say. `retry-after-ms` is
 * OpenAI's own; `retry-after` is seconds or a date (RFC 9110, section 10.2.3).
 */
function retryAfterMs(headers: Headers): number | undefined {
  const ms = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (Number.isFinite(ms)) return Math.max(0, ms);
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const atMs = Date.parse(text);
  return Number.isFinite(atMs) ? Math.max(0, atMs - Date.now()) : undefined;
}

/** What a server without keys is sent: the client insists on one, and the key of another provider is none of its business. */
export const NO_KEY = 'none';

export type ProviderOptions = {
  /** Such as `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey: string;
  model: string;
  /** How long it may take to begin, and then to go on, in milliseconds. */
  deadlineMs: number;
};

/** A model behind OpenAI's protocol, at an address of its own. Asks once: who uses it decides what a failure means. */
export class OpenAIProvider {
  readonly client: OpenAI;
  readonly model: string;
  readonly deadlineMs: number;
  /** Its address, as the framework names providers: such as `api.openai.com`. */
  readonly host: string;
  #retryAfterMs: number | undefined;

  constructor({ baseUrl, apiKey, model, deadlineMs }: ProviderOptions) {
    this.model = model;
    this.deadlineMs = deadlineMs;
    this.host = new URL(baseUrl).host;
    this.client = new OpenAI({
      apiKey,
      baseURL: baseUrl,
      maxRetries: 0,
      // The framework's plugin keeps nothing of an answer's headers when it failed.
      fetch: async (address, init) => {
        this.#retryAfterMs = undefined;
        const response = await fetch(address, init);
        this.#retryAfterMs = retryAfterMs(response.headers);
        return response;
      },
    });
  }

  /** How long its last answer asks to be left alone, in milliseconds; undefined when it does not say. */
  get retryAfterMs(): number | undefined {
    return this.#retryAfterMs;
  }
}
