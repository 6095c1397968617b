import { ReadableStream } from 'node:stream/web';
import { AudioFrame } from '@livekit/rtc-node';
import type { Clock } from '../../../shared/clock.ts';
import type { Tts } from './tts.ts';

/** A minute and a half of speech; what is there longest goes first. */
const MAX_BYTES = 4 * 1024 * 1024;

/** When a text is tried again that could not be spoken. */
const AGAIN_MS = 30_000;

/** A text that is spoken, or just being spoken. */
class Prepared {
  readonly #frames: AudioFrame[] = [];
  #isOver = false;
  #more = Promise.withResolvers<void>();

  get bytes(): number {
    return this.#frames.reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  add(frame: AudioFrame): void {
    this.#frames.push(frame);
    this.#tell();
  }

  end(): void {
    this.#isOver = true;
    this.#tell();
  }

  /** All of it, as it comes. */
  play(): ReadableStream<AudioFrame> {
    let at = 0;
    return new ReadableStream<AudioFrame>({
      pull: async (controller) => {
        while (at >= this.#frames.length && !this.#isOver) await this.#more.promise;
        const frame = this.#frames[at++];
        if (!frame) return controller.close();
        // Whoever plays a frame writes on it.
        const { data, sampleRate, channels, samplesPerChannel } = frame;
        controller.enqueue(new AudioFrame(data, sampleRate, channels, samplesPerChannel));
      },
    });
  }

  #tell(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers<void>();
  }
}

/**
 * Audio of fixed sentences, made ahead, one after the other: it is there at once when it is needed, also when the voice
 * is not. In bounded memory.
 */
export class PreparedSpeech {
  readonly #voice: Tts;
  readonly #clock: Clock;
  readonly #made = new Map<string, Prepared>();
  readonly #waiting = new Set<string>();
  readonly #timers = new Map<string, () => void>();
  readonly #closed = new AbortController();
  #isBusy = false;

  constructor(voice: Tts, clock: Clock) {
    this.#voice = voice;
    this.#clock = clock;
  }

  /** Makes what is not there yet, later; never throws. */
  prepare(texts: readonly string[]): void {
    for (const text of texts) if (!this.#made.has(text)) this.#waiting.add(text);
    if (!this.#isBusy) void this.#makeAll();
  }

  /** The audio of a text, if it is there or has been begun with; undefined: speak it the ordinary way. */
  take(text: string): ReadableStream<AudioFrame> | undefined {
    return this.#made.get(text)?.play();
  }

  close(): void {
    this.#closed.abort();
    this.#waiting.clear();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  async #makeAll(): Promise<void> {
    this.#isBusy = true;
    for (const text of this.#waiting) {
      this.#waiting.delete(text);
      await this.#make(text);
    }
    this.#isBusy = false;
  }

  async #make(text: string): Promise<void> {
    const prepared = new Prepared();
    this.#made.set(text, prepared);
    const speech = this.#voice.speakAhead(text, this.#closed.signal);
    for await (const { frame } of speech) prepared.add(frame);
    prepared.end();
    this.#makeRoom(prepared);
    if (speech.isWhole || this.#closed.signal.aborted) return;
    this.#made.delete(text);
    this.#timers.set(
      text,
      this.#clock.after(AGAIN_MS, () => {
        this.#timers.delete(text);
        this.prepare([text]);
      }),
    );
  }

  #makeRoom(latest: Prepared): void {
    let bytes = [...this.#made.values()].reduce((sum, prepared) => sum + prepared.bytes, 0);
    for (const [text, prepared] of this.#made) {
      if (bytes <= MAX_BYTES) return;
      if (prepared === latest) continue;
      this.#made.delete(text);
      bytes -= prepared.bytes;
    }
  }
}
