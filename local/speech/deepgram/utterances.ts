import { concatenate } from '../models/audio-samples.ts';
import { ONSET_VOICED_FRAMES, ONSET_WINDOW } from '../models/speech-bounds.ts';
import { FRAME_MS, type Loudness, VoiceActivityDetector } from '../models/voice-activity.ts';

/** Times are seconds of audio since the stream began, not of the clock. */
export type SpeechEvent =
  | { kind: 'started'; atSeconds: number }
  | { kind: 'silent'; startSeconds: number; durationSeconds: number }
  | ({ kind: 'grew' } & Utterance)
  | ({ kind: 'ended'; isEndpoint: boolean } & Utterance);

interface Utterance {
  audio: Int16Array;
  startSeconds: number;
  /** Without the silence at the end. */
  durationSeconds: number;
}

const BEFORE_SPEECH_FRAMES = 300 / FRAME_MS;
/** Deepgram tells of silence and noise, too, with results that have no words. */
const SILENT_FRAMES = 2000 / FRAME_MS;
const INTERIM_FRAMES = 400 / FRAME_MS;
/** "P", "t" and "k" are up to 150 ms of silence inside a word: a shorter endpoint would cut words apart. */
const MIN_ENDPOINT_MS = 300;
const NO_ENDPOINT_CUT_MS = 1000;
const MAX_UNVOICED_FRAMES = 1000 / FRAME_MS;
const PAUSE_FRAMES = 100 / FRAME_MS;
const SOFT_LIMIT_FRAMES = 10_000 / FRAME_MS;
const HARD_LIMIT_FRAMES = 20_000 / FRAME_MS;

/** Cuts a stream of audio into utterances. Keeps no more than one utterance, at most 20 s. */
export class UtteranceCutter {
  readonly #detector: VoiceActivityDetector;
  readonly #endpointFrames: number;
  readonly #unvoicedLimit: number;
  readonly #isEndpointing: boolean;
  #rest = new Int16Array(0);
  #frames: Int16Array[] = [];
  #recent: Loudness[] = [];
  #speaking = false;
  #quietFrames = 0;
  #unvoicedFrames = 0;
  #position = 0;
  #silentFrom = 0;

  /**
   * @param sampleRate Hz
   * @param endpointingMs silence that ends an utterance, at least 300; false: never called an endpoint
   */
  constructor(sampleRate: number, endpointingMs: number | false) {
    this.#detector = new VoiceActivityDetector(sampleRate);
    this.#isEndpointing = endpointingMs !== false;
    const silenceMs = endpointingMs === false ? NO_ENDPOINT_CUT_MS : Math.max(MIN_ENDPOINT_MS, endpointingMs);
    this.#endpointFrames = Math.ceil(silenceMs / FRAME_MS);
    this.#unvoicedLimit = Math.max(MAX_UNVOICED_FRAMES, this.#endpointFrames);
  }

  get isSpeaking(): boolean {
    return this.#speaking;
  }

  /** Seconds of audio classified so far. */
  get positionSeconds(): number {
    return (this.#position * FRAME_MS) / 1000;
  }

  push(pcm: Int16Array): SpeechEvent[] {
    const { frameLength } = this.#detector;
    const audio = concatenate([this.#rest, pcm]);
    const events: SpeechEvent[] = [];
    let start = 0;
    for (; start + frameLength <= audio.length; start += frameLength) {
      events.push(...this.#pushFrame(audio.slice(start, start + frameLength)));
    }
    this.#rest = audio.slice(start);
    return events;
  }

  /** Ends the utterance under way, if any, without waiting for silence. */
  flush(): SpeechEvent[] {
    return this.#speaking ? [this.#cut(true)] : [];
  }

  #pushFrame(frame: Int16Array): SpeechEvent[] {
    const loudness = this.#detector.classify(frame);
    this.#position++;
    this.#frames.push(frame);
    return this.#speaking ? this.#continue(loudness) : this.#listen(loudness);
  }

  #listen(loudness: Loudness): SpeechEvent[] {
    this.#recent = [...this.#recent, loudness].slice(-ONSET_WINDOW);
    const voiced = this.#recent.filter((recent) => recent === 'voiced').length;
    this.#frames = this.#frames.slice(-BEFORE_SPEECH_FRAMES - ONSET_WINDOW);
    if (voiced < ONSET_VOICED_FRAMES) return this.#silence();
    this.#speaking = true;
    this.#recent = [];
    this.#quietFrames = 0;
    this.#unvoicedFrames = 0;
    return [{ kind: 'started', atSeconds: this.#startSeconds() }];
  }

  #continue(loudness: Loudness): SpeechEvent[] {
    this.#quietFrames = loudness === 'quiet' ? this.#quietFrames + 1 : 0;
    this.#unvoicedFrames = loudness === 'voiced' ? 0 : this.#unvoicedFrames + 1;
    // Noise that sets in after the last word must not keep the utterance open.
    const isOver = this.#quietFrames >= this.#endpointFrames || this.#unvoicedFrames >= this.#unvoicedLimit;
    if (isOver) return [this.#cut(this.#isEndpointing)];
    const isLong = this.#frames.length >= SOFT_LIMIT_FRAMES && this.#quietFrames >= PAUSE_FRAMES;
    if (isLong || this.#frames.length >= HARD_LIMIT_FRAMES) return [this.#cut(false)];
    if (this.#quietFrames > 0 || this.#frames.length % INTERIM_FRAMES !== 0) return [];
    return [{ kind: 'grew', ...this.#utterance() }];
  }

  /** Up to the frames that may still become part of an utterance. */
  #silence(): SpeechEvent[] {
    const frames = this.#position - this.#frames.length - this.#silentFrom;
    if (frames < SILENT_FRAMES) return [];
    const startSeconds = (this.#silentFrom * FRAME_MS) / 1000;
    this.#silentFrom += frames;
    return [{ kind: 'silent', startSeconds, durationSeconds: (frames * FRAME_MS) / 1000 }];
  }

  #cut(isEndpoint: boolean): SpeechEvent {
    const utterance = this.#utterance();
    this.#frames = [];
    this.#silentFrom = this.#position;
    this.#speaking = false;
    return { kind: 'ended', isEndpoint, ...utterance };
  }

  #utterance(): Utterance {
    return {
      audio: concatenate(this.#frames),
      startSeconds: this.#startSeconds(),
      durationSeconds: ((this.#frames.length - this.#quietFrames) * FRAME_MS) / 1000,
    };
  }

  #startSeconds(): number {
    return ((this.#position - this.#frames.length) * FRAME_MS) / 1000;
  }
}
