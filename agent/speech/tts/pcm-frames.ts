import { AudioFrame } from '@livekit/rtc-node';
import { SPEECH_RATE } from './speech-provider.ts';

/**
 * 50 ms: the first one is complete with the first packet of any provider, and there are few enough of them to cost
 * nothing. The framework's own AudioByteStream copies byte by byte, which costs more than all the rest of speaking.
 */
const FRAME_BYTES = (SPEECH_RATE / 20) * 2;

/** Cuts a stream of 16-bit samples, which arrives in any pieces, into frames. */
export class PcmFrames {
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
