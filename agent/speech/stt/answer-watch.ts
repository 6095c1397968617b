import type { Clock } from '../../../shared/clock.ts';
import { SAMPLE_RATE } from './listen-url.ts';

export type AnswerDeadlines = {
  /** From the first audio without an answer. Recognisers answer to silence and noise, too, about once a second. */
  answerMs: number;
  /** From a ping to its pong, on a connection without audio. */
  pongMs: number;
};

/** Deepgram closes after 10 s without audio or KeepAlive. */
const IDLE_MS = 4_000;
/** A cough and the silence behind it need no answer. */
const MIN_UNANSWERED_SAMPLES = 3 * SAMPLE_RATE;

/** Follows whether the other side still answers: a connection that hangs looks like a caller who says nothing. */
export class AnswerWatch {
  readonly #clock: Clock;
  readonly #deadlines: AnswerDeadlines;
  #sentAtMs: number;
  #pingedAtMs: number | undefined;
  #unansweredSinceMs: number | undefined;
  #unansweredSamples = 0;
  #insists = false;

  constructor(clock: Clock, deadlines: AnswerDeadlines) {
    this.#clock = clock;
    this.#deadlines = deadlines;
    this.#sentAtMs = clock.nowMs();
  }

  /** Since when an answer is due; undefined when none is. */
  get waitsSinceMs(): number | undefined {
    return this.#unansweredSinceMs ?? this.#pingedAtMs;
  }

  get isLate(): boolean {
    const isMuch = this.#insists || this.#unansweredSamples >= MIN_UNANSWERED_SAMPLES;
    const isMute = isMuch && this.#isPast(this.#unansweredSinceMs, this.#deadlines.answerMs);
    return isMute || this.#isPast(this.#pingedAtMs, this.#deadlines.pongMs);
  }

  /** Whether nothing was sent for so long that a sign of life is due. */
  get isIdle(): boolean {
    return this.#isPast(this.#sentAtMs, IDLE_MS);
  }

  sent(samples: number): void {
    this.#sentAtMs = this.#clock.nowMs();
    this.#unansweredSinceMs ??= this.#sentAtMs;
    this.#unansweredSamples += samples;
  }

  pinged(): void {
    this.#sentAtMs = this.#clock.nowMs();
    this.#pingedAtMs ??= this.#sentAtMs;
  }

  ponged(): void {
    this.#pingedAtMs = undefined;
  }

  /** Even the little that was sent must be answered. */
  insist(): void {
    this.#insists = true;
  }

  answered(): void {
    this.#insists = false;
    this.#pingedAtMs = undefined;
    this.#unansweredSinceMs = undefined;
    this.#unansweredSamples = 0;
  }

  #isPast(sinceMs: number | undefined, deadlineMs: number): boolean {
    return sinceMs !== undefined && this.#clock.nowMs() - sinceMs >= deadlineMs;
  }
}
