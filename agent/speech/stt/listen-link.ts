import type { Clock } from '../../../shared/clock.ts';
import { ListenConnection, type ListenDeadlines } from './listen-connection.ts';
import type { ListenEnd } from './listen-end.ts';
import type { ListenMessage } from './listen-messages.ts';
import { listenUrl } from './listen-url.ts';
import type { Provider } from './providers.ts';

/** Connections that lived so long were good ones, even if nobody spoke. */
const GOOD_MS = 10_000;
/** So long a connection has the chance to answer what it was sent at its beginning. */
const FRESH_MS = 2_000;

type LinkEvents = {
  onOpen(link: ListenLink): void;
  onMessage(link: ListenLink, message: ListenMessage): void;
  onEnd(link: ListenLink, end: ListenEnd): void;
};

export type LinkOptions = { language: string; deadlines: ListenDeadlines; clock: Clock };

/** A connection to a provider, and which part of the stream it was sent. */
export class ListenLink {
  readonly provider: Provider;
  readonly connection: ListenConnection;
  /** When it was begun, on the clock given. */
  readonly sinceMs: number;
  /** Position of the first sample it was sent. */
  base = 0;
  /** Whether it brought anything that is final. */
  hasDelivered = false;
  readonly #clock: Clock;

  constructor(provider: Provider, { language, deadlines, clock }: LinkOptions, events: LinkEvents) {
    this.provider = provider;
    this.#clock = clock;
    this.sinceMs = clock.nowMs();
    this.connection = new ListenConnection(
      listenUrl(provider, language),
      provider.apiKey,
      {
        onOpen: () => events.onOpen(this),
        onMessage: (message) => events.onMessage(this, message),
        onEnd: (end) => events.onEnd(this, end),
      },
      clock,
      deadlines,
    );
  }

  get isFresh(): boolean {
    return this.#clock.nowMs() - this.sinceMs < FRESH_MS;
  }

  /** Whether its provider is worth another attempt at once: one that stumbles over the same words each time is not. */
  get wasGood(): boolean {
    return this.hasDelivered || this.#clock.nowMs() - this.sinceMs >= GOOD_MS;
  }
}
