import { type APIConnectOptions, APIStatusError, stt } from '@livekit/agents';
import { type ListenEnd, refusal } from './listen-end.ts';
import type { ListenMessage } from './listen-messages.ts';
import { SAMPLE_RATE } from './listen-url.ts';
import type { ListenerEvents } from './listener-events.ts';
import { type ListenerOptions, PersistentListener } from './persistent-listener.ts';
import type { Provider } from './providers.ts';
import { SoundGate } from './sound-gate.ts';
import { SpeechEvents } from './speech-events.ts';

/** How much audio is reported as used at once. */
const USAGE_SECONDS = 5;

type StreamOptions = Omit<ListenerOptions, 'events'> & {
  connOptions: APIConnectOptions | undefined;
  events: Pick<ListenerEvents, 'onDeaf' | 'onListening'>;
  onClose(): void;
};

/** One caller's audio in, and the framework's events out. */
export class SttStream extends stt.SpeechStream {
  readonly label = 'mindbot.SttStream';
  readonly #onClose: () => void;
  readonly #gate = new SoundGate();
  readonly #speech: SpeechEvents;
  readonly #listener: PersistentListener;
  readonly #hopeless = Promise.withResolvers<never>();
  #requestId = '';
  #usedSamples = 0;

  constructor(owner: stt.STT, { connOptions, events, onClose, ...options }: StreamOptions) {
    super(owner, SAMPLE_RATE, connOptions);
    this.#onClose = onClose;
    this.#speech = new SpeechEvents(options.language);
    this.#listener = new PersistentListener({
      ...options,
      events: {
        ...events,
        onMessage: (message, offsetSeconds) => this.#receive(message, offsetSeconds),
        onSent: (samples) => this.#used(samples),
        onHopeless: (end, provider) => this.#giveUp(end, provider),
      },
    });
    // Nobody waits for it before `run`, nor when the stream ends otherwise.
    this.#hopeless.promise.catch(() => {});
  }

  /** See `Stt.renew`. */
  renew(): void {
    this.#listener.renew();
  }

  override close(): void {
    if (this.closed) return;
    this.#reportUse();
    this.#listener.close();
    this.#onClose();
    super.close();
  }

  protected async run(): Promise<void> {
    this.#listener.start();
    await Promise.race([this.#listen(), this.#hopeless.promise]);
  }

  async #listen(): Promise<void> {
    for (;;) {
      const { done, value } = await this.input.next();
      if (done) break;
      if (typeof value === 'symbol') this.#finishSound(this.#gate.close());
      else this.#take(value.data);
    }
    this.#send(this.#gate.close());
    await this.#listener.end();
    this.#reportUse();
  }

  #take(samples: Int16Array): void {
    const wasOpen = this.#gate.isOpen;
    const blocks = this.#gate.push(samples);
    if (wasOpen && !this.#gate.isOpen) this.#finishSound(blocks);
    else this.#send(blocks);
  }

  #finishSound(blocks: readonly Int16Array[]): void {
    this.#send(blocks);
    this.#listener.finalize();
  }

  #send(blocks: readonly Int16Array[]): void {
    for (const block of blocks) this.#listener.send(block, this.#gate.skipped);
  }

  #receive(message: ListenMessage, offsetSeconds: number): void {
    if (message.type === 'Results') this.#requestId = message.metadata?.request_id ?? this.#requestId;
    for (const event of this.#speech.from(message, this.startTimeOffset + offsetSeconds)) this.#put(event);
  }

  /** Providers bill what they are sent, and so what they are sent again. */
  #used(samples: number): void {
    this.#usedSamples += samples;
    if (this.#usedSamples >= USAGE_SECONDS * SAMPLE_RATE) this.#reportUse();
  }

  #reportUse(): void {
    if (this.#usedSamples === 0) return;
    const audioDuration = this.#usedSamples / SAMPLE_RATE;
    this.#usedSamples = 0;
    const type = stt.SpeechEventType.RECOGNITION_USAGE;
    this.#put({ type, requestId: this.#requestId, recognitionUsage: { audioDuration } });
  }

  #put(event: stt.SpeechEvent): void {
    if (!this.queue.closed) this.queue.put(event);
  }

  #giveUp(end: ListenEnd, provider: Provider): void {
    this.#listener.close();
    const options = { statusCode: end.code ?? -1, retryable: false };
    this.#hopeless.reject(new APIStatusError({ message: refusal(provider.name, end), options }));
  }
}
