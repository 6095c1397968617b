import { voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';

const TICK_MS = 20;

/** A loudspeaker without a device: plays at the pace of real time to whoever listens, and can be interrupted. */
export class Speaker extends voice.AudioOutput {
  readonly #rate: number;
  readonly #listener: (samples: Int16Array, sampleRate: number) => void;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #queue: Int16Array[] = [];
  #segmentOpen = false;
  #flushed = false;
  #paused = false;
  #playedSamples = 0;

  constructor(sampleRate: number, listener: (samples: Int16Array, sampleRate: number) => void) {
    super(sampleRate, undefined, { pause: true });
    this.#rate = sampleRate;
    this.#listener = listener;
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS / 2);
  }

  override async captureFrame(frame: AudioFrame): Promise<void> {
    await super.captureFrame(frame);
    if (!this.#segmentOpen) {
      this.#segmentOpen = true;
      this.#playedSamples = 0;
      this.onPlaybackStarted(Date.now());
    }
    this.#flushed = false;
    this.#queue.push(Int16Array.from(frame.data));
  }

  override flush(): void {
    super.flush();
    this.#flushed = true;
  }

  /** Silence until it goes on where it was. */
  override pause(): void {
    super.pause();
    this.#paused = true;
  }

  override resume(): void {
    super.resume();
    this.#paused = false;
  }

  override clearBuffer(): void {
    this.#queue = [];
    if (this.#segmentOpen) this.#finish(true);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #catchUp(): void {
    while (this.#ticks * TICK_MS < performance.now() - this.#startMs) {
      this.#ticks++;
      this.#playTick();
    }
    if (this.#segmentOpen && this.#flushed && this.#queue.length === 0) this.#finish(false);
  }

  #playTick(): void {
    const samples = new Int16Array((this.#rate * TICK_MS) / 1000);
    let filled = 0;
    for (let head = this.#queue[0]; head && !this.#paused && filled < samples.length; head = this.#queue[0]) {
      const part = head.subarray(0, samples.length - filled);
      samples.set(part, filled);
      filled += part.length;
      if (part.length === head.length) this.#queue.shift();
      else this.#queue[0] = head.subarray(part.length);
    }
    this.#playedSamples += filled;
    this.#listener(samples, this.#rate);
  }

  #finish(interrupted: boolean): void {
    this.#segmentOpen = false;
    this.#flushed = false;
    this.onPlaybackFinished({ playbackPosition: this.#playedSamples / this.#rate, interrupted });
  }
}
