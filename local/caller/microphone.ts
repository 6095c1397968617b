import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import { voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';

const FRAME_MS = 20;

/**
 * A microphone without a device: plays what it is given at the pace of real time, and silence otherwise,
 * as the agent would receive it from a room.
 */
export class Microphone extends voice.AudioInput {
  readonly sampleRate: number;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #frames = 0;
  #queue: { samples: Int16Array; done: () => void }[] = [];
  #controller: ReadableStreamDefaultController<AudioFrame> | undefined;
  #isAttached = true;

  constructor(sampleRate: number) {
    super();
    this.sampleRate = sampleRate;
    this.multiStream.addInputStream(
      new ReadableStream<AudioFrame>({
        start: (controller) => {
          this.#controller = controller;
        },
      }),
    );
    this.#timer = setInterval(() => this.#catchUp(), FRAME_MS / 2);
  }

  /** Comes back when the last sample has left. */
  play(samples: Int16Array): Promise<void> {
    return new Promise((done) => this.#queue.push({ samples, done }));
  }

  /** What is said to somebody who does not listen goes by. */
  override setAttached(isAttached: boolean): void {
    this.#isAttached = isAttached;
  }

  override async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#controller?.close();
    this.#controller = undefined;
    await super.close();
  }

  #catchUp(): void {
    while (this.#frames * FRAME_MS < performance.now() - this.#startMs) {
      this.#frames++;
      const frame = this.#nextFrame();
      if (this.#isAttached) this.#controller?.enqueue(frame);
    }
  }

  #nextFrame(): AudioFrame {
    const length = (this.sampleRate * FRAME_MS) / 1000;
    const frame = new Int16Array(length);
    const head = this.#queue[0];
    if (head) {
      frame.set(head.samples.subarray(0, length));
      head.samples = head.samples.subarray(length);
      if (head.samples.length === 0) {
        this.#queue.shift();
        head.done();
      }
    }
    return new AudioFrame(frame, this.sampleRate, 1, length);
  }
}
