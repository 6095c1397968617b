import { KeptAudio } from './kept-audio.ts';
import type { ListenEnd } from './listen-end.ts';
import { type LinkOptions, ListenLink } from './listen-link.ts';
import type { ListenMessage } from './listen-messages.ts';
import { SAMPLE_RATE } from './listen-url.ts';
import type { ListenerEvents } from './listener-events.ts';
import type { Provider, Providers } from './providers.ts';

/** How long the recogniser may take for the rest when the stream ends. */
const REST_MS = 5_000;
const NORMAL_CLOSURE = 1000;
/** How soon to look again whether the line is quiet enough to go back to a better provider. */
const QUIET_CHECK_MS = 1_000;

export type ListenerOptions = LinkOptions & {
  providers: Providers;
  events: ListenerEvents;
};

/**
 * Keeps a recogniser listening whatever happens to its connections. What has no final transcript yet is sent again on
 * the next one, as fast as it is taken, from the end of the last final transcript: so nothing is lost or heard twice.
 */
export class PersistentListener {
  readonly #options: ListenerOptions;
  readonly #kept = new KeptAudio();
  /** The connection that listens, and the one that is being opened. */
  #current: ListenLink | undefined;
  #next: ListenLink | undefined;
  #isInSound = false;
  #everListened = false;
  #ending: (() => void) | undefined;
  #isClosed = false;
  #cancelTimer = () => {};

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  start(): void {
    const { provider, afterMs } = this.#options.providers.next();
    if (afterMs === 0) this.#connect(provider);
    else this.#after(afterMs, () => this.#connect(provider));
  }

  /** @param skipped samples of silence left out so far */
  send(samples: Int16Array, skipped: number): void {
    if (this.#isClosed) return;
    this.#isInSound = true;
    this.#kept.add(samples, skipped);
    if (!this.#current) return;
    this.#current.connection.send(samples);
    this.#options.events.onSent(samples.length);
  }

  /** The stretch of sound is over: what it held is wanted now, as no more audio comes that would bring it out. */
  finalize(): void {
    this.#isInSound = false;
    this.#current?.connection.finalize();
  }

  /** Takes another connection if this one owes a transcript: somebody who should know says that there was speech. */
  renew(): void {
    if (this.#kept.hasSound && this.#current?.isFresh === false) this.#current.connection.giveUp();
  }

  /** No more audio comes. @returns when the rest was delivered, or will not be */
  async end(): Promise<void> {
    if (this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ending = resolve;
    this.#current?.connection.closeStream();
    const cancel = this.#options.clock.after(REST_MS, resolve);
    await promise;
    cancel();
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#next?.connection.leave();
    this.#current?.connection.leave();
    this.#next = undefined;
    this.#current = undefined;
    this.#ending?.();
  }

  #after(delayMs: number, act: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(delayMs, act);
  }

  #connect(provider: Provider): void {
    this.#cancelTimer();
    this.#next = new ListenLink(provider, this.#options, {
      onOpen: (link) => this.#opened(link),
      onMessage: (link, message) => this.#received(link, message),
      onEnd: (link, end) => this.#ended(link, end),
    });
  }

  #opened(link: ListenLink): void {
    this.#current?.connection.leave();
    this.#current = link;
    this.#next = undefined;
    this.#everListened = true;
    link.base = this.#kept.start;
    const { hasSound } = this.#kept;
    link.connection.resend(this.#kept.samples, hasSound);
    this.#options.events.onSent(this.#kept.end - this.#kept.start);
    if (!this.#isInSound && hasSound) link.connection.finalize();
    if (this.#ending) link.connection.closeStream();
    if (!hasSound) this.#options.events.onListening(link.provider, this.#kept.missedSeconds);
    this.#seekBetter(link.provider);
  }

  #received(link: ListenLink, message: ListenMessage): void {
    const { providers, events } = this.#options;
    events.onListening(link.provider, this.#kept.missedSeconds);
    if (message.type !== 'Results') {
      events.onMessage(message, 0);
      return;
    }
    const end = link.base + Math.round((message.start + message.duration) * SAMPLE_RATE);
    // A result begins where the one before it ended, with a silence in between: the words are at its end.
    events.onMessage(message, (link.base + this.#kept.skippedBefore(end)) / SAMPLE_RATE);
    if (!message.is_final) return;
    this.#kept.forgetUntil(end);
    link.hasDelivered = true;
    providers.worked(link.provider);
  }

  #ended(link: ListenLink, end: ListenEnd): void {
    const isServing = link === this.#current;
    if (end.reason !== 'dropped' || !link.wasGood) this.#options.providers.failed(link.provider, end.reason);
    if (isServing) this.#current = undefined;
    else this.#next = undefined;
    const isDone = !this.#kept.hasSound || end.code === NORMAL_CLOSURE;
    if (this.#ending && isDone) this.#ending();
    else if (this.#current) this.#seekBetter(this.#current.provider);
    else this.#deaf(link, end, isServing);
  }

  #deaf(link: ListenLink, end: ListenEnd, wasServing: boolean): void {
    const { providers, events } = this.#options;
    events.onDeaf(wasServing ? end.sinceMs : link.sinceMs, end, link.provider);
    if (!this.#everListened && providers.haveAllRefused) events.onHopeless(end, link.provider);
    // A connection to a better provider may be on its way already.
    else if (!this.#next) this.start();
  }

  /** Goes back to a provider that is wanted more, when its time has come and nobody speaks. */
  #seekBetter(provider: Provider): void {
    const afterMs = this.#options.providers.betterAfterMs(provider);
    if (afterMs === undefined) return;
    this.#after(afterMs, () => {
      const { provider: better } = this.#options.providers.next();
      const isQuiet = !this.#isInSound && !this.#kept.hasSound;
      if (isQuiet && better !== provider) this.#connect(better);
      else this.#after(QUIET_CHECK_MS, () => this.#seekBetter(provider));
    });
  }
}
