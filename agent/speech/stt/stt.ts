import { type APIConnectOptions, stt } from '@livekit/agents';
import { type Logger, pino } from 'pino';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import type { CallConfig } from '../../../shared/config/variables.ts';
import type { SpokenCaller } from '../../person/caller-profile.ts';
import { LISTEN_DEADLINES, type ListenDeadlines } from './listen-connection.ts';
import { type ListenEnd, refusal } from './listen-end.ts';
import { listenLanguage } from './listen-url.ts';
import { type Provider, Providers } from './providers.ts';
import { SttStream } from './stt-stream.ts';

/** Told when nothing can hear the caller, and when that is over. Times are on the clock given. */
export type SttEvents = {
  /** Since when: the drop of the connection, or the first sound that got no answer. */
  onLost?(sinceMs: number): void;
  /** A recogniser listens again, and has answered what was said in between. */
  onBack?(): void;
};

export type SttOptions = {
  /** In the order in which they are wanted. */
  providers: readonly [Provider, ...Provider[]];
  logger: Logger;
  language: string;
  deadlines: ListenDeadlines;
  clock: Clock;
  random: () => number;
  events: SttEvents;
};

/**
 * Speech recognition by Deepgram's protocol that survives its provider: connections that drop, hang or never open are
 * replaced, by those of the next provider if need be, and what they left unanswered is said to them again. It gives
 * up, with an error that closes the session, only when every provider refuses before any of them ever listened.
 */
export class Stt extends stt.STT {
  readonly label = 'mindbot.Stt';
  readonly #options: SttOptions;
  readonly #providers: Providers;
  readonly #streams = new Set<SttStream>();
  readonly #logger: Logger;
  #provider: Provider;
  #lostSinceMs: number | undefined;

  constructor(options: SttOptions) {
    super({ streaming: true, interimResults: true, alignedTranscript: 'word' });
    this.#options = options;
    this.#logger = options.logger;
    this.#providers = new Providers(options.providers, options.clock, options.random);
    this.#provider = options.providers[0];
    // The session listens while an agent is active; in between, an error without a listener would be thrown.
    this.on('error', () => {});
  }

  override get model(): string {
    return this.#provider.model;
  }

  /** The host that recognises speech at the moment. */
  override get provider(): string {
    return this.#provider.name;
  }

  override stream(options?: { connOptions?: APIConnectOptions }): SttStream {
    const { language, deadlines, clock } = this.#options;
    const stream = new SttStream(this, {
      providers: this.#providers,
      language,
      deadlines,
      clock,
      connOptions: options?.connOptions,
      events: {
        onDeaf: (sinceMs, end, provider) => this.#lost(sinceMs, end, provider),
        onListening: (provider, missedSeconds) => this.#hears(provider, missedSeconds),
      },
      onClose: () => this.#streams.delete(stream),
    });
    this.#streams.add(stream);
    return stream;
  }

  /** Tells that somebody spoke and no words came: connections that owe a transcript are replaced. */
  renew(): void {
    for (const stream of this.#streams) stream.renew();
  }

  #lost(sinceMs: number, end: ListenEnd, provider: Provider): void {
    const why = { provider: provider.name, reason: end.reason, code: end.code };
    if (end.reason === 'refused') this.#logger.error(why, refusal(provider.name, end));
    else this.#logger.warn(why, 'the connection to speech recognition was lost');
    if (this.#lostSinceMs !== undefined) return;
    this.#lostSinceMs = sinceMs;
    this.#options.events.onLost?.(sinceMs);
  }

  #hears(provider: Provider, missedSeconds: number): void {
    if (provider !== this.#provider) {
      this.#provider = provider;
      this.#logger.warn({ provider: provider.name }, 'another provider recognises speech now');
    }
    if (this.#lostSinceMs === undefined) return;
    const lostMs = Math.round(this.#options.clock.nowMs() - this.#lostSinceMs);
    this.#logger.info(
      { provider: provider.name, lost_ms: lostMs, missed_seconds: missedSeconds },
      'speech is recognised again',
    );
    this.#lostSinceMs = undefined;
    this.#options.events.onBack?.();
  }

  protected override async _recognize(): Promise<stt.SpeechEvent> {
    throw new Error('Speech is recognised while it is spoken, not from recordings.');
  }

  override async close(): Promise<void> {
    for (const stream of this.#streams) stream.close();
  }
}

const MODEL = 'nova-3';
/** What a fallback without a key is sent: Deepgram's key is none of its business. */
const NO_KEY = 'none';

type Options = SttEvents & {
  /** What is not given is not told. */
  logger?: Logger;
  clock?: Clock;
  random?: () => number;
  deadlines?: ListenDeadlines;
};

const providerAt = (url: string, apiKey: string, model = MODEL): Provider => ({
  name: new URL(url).host,
  url,
  apiKey,
  model,
});

/** What hears the caller: Deepgram, and where it fails the fallback that is configured. */
export function createStt(config: CallConfig, caller: SpokenCaller, options: Options = {}): Stt {
  const {
    logger = pino({ level: 'silent' }),
    clock = systemClock,
    random = Math.random,
    deadlines = LISTEN_DEADLINES,
    ...events
  } = options;
  const first = providerAt(config.DEEPGRAM_BASE_URL, config.DEEPGRAM_API_KEY);
  const { DEEPGRAM_FALLBACK_BASE_URL: url, DEEPGRAM_FALLBACK_API_KEY: key } = config;
  const fallback = url && providerAt(url, key ?? NO_KEY, config.DEEPGRAM_FALLBACK_MODEL);
  const providers: [Provider, ...Provider[]] = fallback ? [first, fallback] : [first];
  return new Stt({
    providers,
    logger,
    language: listenLanguage(caller.locale),
    deadlines,
    clock,
    random,
    events,
  });
}
