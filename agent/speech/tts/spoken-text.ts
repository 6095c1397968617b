import { APIConnectionError, type APIError, shortuuid, tts } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import type { ProviderChain } from '../providers/provider-chain.ts';
import { toApiError } from '../providers/to-api-error.ts';
import { tryProviders } from '../providers/try-providers.ts';
import { withinDeadline } from '../providers/within-deadline.ts';
import { SPEECH_RATE, type SpeechProvider } from './speech-provider.ts';

/**
 * 50 ms: the first one is complete with the first packet of any provider, and there are few enough of them to cost
 * nothing. The framework's own AudioByteStream copies byte by byte, which costs more than all the rest of speaking.
 */
const FRAME_BYTES = (SPEECH_RATE / 20) * 2;

/** Cuts a stream of 16-bit samples, which arrives in any pieces, into frames. */
class PcmFrames {
  #rest = Buffer.alloc(0);

  /** The frames that are complete with this piece. */
  add(piece: Uint8Array): AudioFrame[] {
    this.#rest = Buffer.concat([this.#rest, piece]);
    const frames: AudioFrame[] = [];
    for (; this.#rest.length >= FRAME_BYTES; this.#rest = this.#rest.subarray(FRAME_BYTES)) {
      frames.push(toFrame(this.#rest.subarray(0, FRAME_BYTES)));
    }
    return frames;
  }

  /** What is left at the end; half a sample is none. */
  end(): AudioFrame[] {
    const rest = this.#rest.subarray(0, this.#rest.length - (this.#rest.length % 2));
    this.#rest = Buffer.alloc(0);
    return rest.length > 0 ? [toFrame(rest)] : [];
  }
}

function toFrame(bytes: Buffer): AudioFrame {
  const samples = new Int16Array(bytes.length / 2);
  new Uint8Array(samples.buffer).set(bytes);
  return new AudioFrame(samples, SPEECH_RATE, 1, samples.length);
}

type SpokenTextOptions = {
  chain: ProviderChain<SpeechProvider>;
  text: string;
  /** Put in front when the first attempt failed; undefined: in the middle of a reply nobody says sorry. */
  apology: string | undefined;
  signal?: AbortSignal | undefined;
  /** An attempt failed that began then, and another one follows. */
  hindered(error: APIError, beganAt: number): void;
  /** What was not spoken by then stays unspoken. */
  failed(error: APIError): void;
  /** What the framework counts of it: told with the model and the address of who spoke. */
  counted(metrics: Parameters<tts.TTSCallbacks['metrics_collected']>[0]): void;
};

/** To whom the framework reports one text that is spoken. */
class Report extends tts.TTS {
  label = 'mindbot.Tts';
  by: SpeechProvider;

  constructor(by: SpeechProvider) {
    super(SPEECH_RATE, 1, { streaming: false });
    this.by = by;
  }

  override get model(): string {
    return this.by.model;
  }

  override get provider(): string {
    return this.by.host;
  }

  override synthesize(): never {
    throw new TypeError('Reports only.');
  }

  override stream(): never {
    throw new TypeError('Reports only.');
  }
}

/**
 * One text, spoken by the first provider that can, while it is being made.
 *
 * Retries happen here and not in the framework: it asks one provider only, knows nothing of `retry-after`, leaves a
 * rejection that nobody handles when it gives up, and would give out again what was heard already.
 */
export class SpokenText extends tts.ChunkedStream {
  label = 'mindbot.SpokenText';
  readonly #o: SpokenTextOptions;
  readonly #report: Report;
  readonly #frames = new PcmFrames();
  readonly #id = shortuuid();
  #said: string;
  #givenBytes = 0;
  #isWhole = false;

  constructor(options: SpokenTextOptions) {
    const report = new Report(options.chain.providers[0]);
    super(options.text, report, undefined, options.signal);
    this.#o = options;
    this.#report = report;
    this.#said = options.text;
    report.on('metrics_collected', (metrics) => options.counted(metrics));
  }

  /** Whether all of it was spoken: only after the last frame. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  protected async run(): Promise<void> {
    // Quotes and dashes by themselves have no sound.
    if (!/[\p{L}\p{N}]/u.test(this.inputText)) return;
    try {
      await tryProviders(this.#o.chain, {
        signal: this.abortSignal,
        attempt: (provider, isLater) => this.#speak(provider, isLater),
        failed: (error, beganAt) => this.#o.hindered(error, beganAt),
        isBound: () => this.#givenBytes > 0,
      });
      this.#isWhole = !this.abortSignal.aborted;
    } catch (error) {
      this.#o.failed(toApiError(error));
    }
    this.#put(this.#frames.end());
  }

  /**
   * What was given out is heard, and must not be heard again: the same voice speaks the text once more, and goes on
   * where it was interrupted. It may say it a little faster or slower, which blurs the seam by a syllable at most. Where
   * another voice would be in the text nobody knows; the sentence ends there instead.
   */
  async #speak(provider: SpeechProvider, isLater: boolean): Promise<void> {
    const { apology, chain, text } = this.#o;
    if (isLater && this.#givenBytes === 0 && apology && !text.startsWith(apology)) {
      this.#said = `${apology} ${text}`;
    }
    this.#report.by = provider;
    const request = new AbortController();
    const signal = AbortSignal.any([this.abortSignal, request.signal]);
    let heardBytes = this.#givenBytes;
    try {
      for await (const bytes of withinDeadline(
        provider.speak(this.#said, signal),
        provider.deadlineMs,
        chain.clock,
      )) {
        const fresh = bytes.subarray(heardBytes);
        heardBytes -= bytes.length - fresh.length;
        this.#givenBytes += fresh.length;
        this.#put(this.#frames.add(fresh));
      }
    } finally {
      request.abort();
    }
    if (this.#givenBytes === 0) throw new APIConnectionError({ message: 'the provider sent no sound' });
  }

  #put(frames: ReturnType<PcmFrames['add']>): void {
    if (this.queue.closed) return;
    for (const frame of frames) {
      this.queue.put({ requestId: this.#id, segmentId: this.#id, frame, final: false });
    }
  }
}
