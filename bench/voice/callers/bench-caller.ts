import { setTimeout as sleep } from 'node:timers/promises';
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { nowMs } from '../clock.ts';

const MICROPHONE_RATE = 16_000;
const FRAME_MS = 20;
/** How far ahead of its sound the microphone is. */
const QUEUE_MS = 60;
const FRAME_SAMPLES = (MICROPHONE_RATE * FRAME_MS) / 1000;
const EAR_RATE = 16_000;
/** Larger than the noise of the codec, smaller than any voice. */
const AUDIBLE = 1000;

/** A caller who is in the room. Times are milliseconds on the clock that all processes share. */
export type BenchCaller = {
  /** When they were in the room with their microphone on. */
  presentAtMs: number;
  /** When they first heard anything; undefined before. */
  firstHeardAtMs(): number | undefined;
  lastHeardAtMs(): number | undefined;
  /** Speaks in real time. @returns when the last sample was sent */
  say(samples: Int16Array): Promise<number>;
  /** When sound is first heard after a moment, or undefined when there is none within so long. */
  heardAfter(atMs: number, withinMs: number): Promise<number | undefined>;
  /** Comes back when nothing has been heard for so long. */
  untilQuiet(quietMs: number): Promise<void>;
  /** Leaves. @returns when they were gone */
  hangUp(): Promise<number>;
};

/** Sends silence unless there is something to say, as a real microphone does. */
class Microphone {
  readonly source = new AudioSource(MICROPHONE_RATE, 1);
  readonly #timer = setInterval(() => this.#fill(), FRAME_MS / 2);
  #speech: { samples: Int16Array; done: (atMs: number) => void } | undefined;

  say(samples: Int16Array): Promise<number> {
    return new Promise((done) => {
      this.#speech = { samples, done };
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.source.close();
  }

  /**
   * Keeps the queue at the same level. Frames sent by the clock instead would, after each moment in which this process
   * was late, stay queued for the rest of the call, and be taken for latency of the agent.
   */
  #fill(): void {
    while (this.source.queuedDuration <= QUEUE_MS - FRAME_MS) {
      const { frame, done } = this.#next();
      // It is refused when the room has just been left.
      this.source
        .captureFrame(new AudioFrame(frame, MICROPHONE_RATE, 1, FRAME_SAMPLES))
        .catch(() => undefined);
      done?.(nowMs() + this.source.queuedDuration);
    }
  }

  #next(): { frame: Int16Array; done?: (atMs: number) => void } {
    const frame = new Int16Array(FRAME_SAMPLES);
    const speech = this.#speech;
    if (!speech) return { frame };
    frame.set(speech.samples.subarray(0, FRAME_SAMPLES));
    speech.samples = speech.samples.subarray(FRAME_SAMPLES);
    if (speech.samples.length > 0) return { frame };
    this.#speech = undefined;
    return { frame, done: speech.done };
  }
}

/** Notices when there is sound. */
class Ear {
  firstAtMs: number | undefined;
  lastAtMs: number | undefined;
  #waiting: (() => void) | undefined;

  async listen(stream: AudioStream): Promise<void> {
    for await (const { data } of stream) {
      if (!data.some((sample) => Math.abs(sample) > AUDIBLE)) continue;
      this.lastAtMs = nowMs();
      this.firstAtMs ??= this.lastAtMs;
      this.#waiting?.();
    }
  }

  async heardAfter(atMs: number, withinMs: number): Promise<number | undefined> {
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const timer = setTimeout(() => resolve(undefined), Math.max(0, atMs + withinMs - nowMs()));
    this.#waiting = () => {
      if ((this.lastAtMs ?? 0) > atMs) resolve(this.lastAtMs);
    };
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
    }
  }

  async untilQuiet(quietMs: number): Promise<void> {
    for (;;) {
      const leftMs = (this.lastAtMs ?? 0) + quietMs - nowMs();
      if (leftMs <= 0) return;
      await sleep(leftMs);
    }
  }
}

/** Calls: all callers live in one process, speak what was prepared, and only look how loud the answer is. */
export async function callIn(url: string, token: string): Promise<BenchCaller> {
  const room = new Room();
  const ear = new Ear();
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind !== TrackKind.KIND_AUDIO) return;
    void ear.listen(new AudioStream(track, { sampleRate: EAR_RATE, numChannels: 1, frameSizeMs: 10 }));
  });
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const microphone = new Microphone();
  const track = LocalAudioTrack.createAudioTrack('microphone', microphone.source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
  await room.localParticipant?.publishTrack(track, options);
  return {
    presentAtMs: nowMs(),
    firstHeardAtMs: () => ear.firstAtMs,
    lastHeardAtMs: () => ear.lastAtMs,
    say: (samples) => microphone.say(samples),
    heardAfter: (atMs, withinMs) => ear.heardAfter(atMs, withinMs),
    untilQuiet: (quietMs) => ear.untilQuiet(quietMs),
    async hangUp() {
      const leftAtMs = nowMs();
      await room.disconnect();
      await microphone.close();
      return leftAtMs;
    },
  };
}
