import { percentile } from './percentile.ts';

/**
 * The parts of a turn, each in milliseconds:
 * - `end_of_turn`: from the end of speech to the decision that the turn is over
 * - `transcription`: from the end of speech to the last words of the transcript
 * - `llm_first_token`: from the request to the first token, of the reply that was heard
 * - `tts_first_byte`: from the first text to the first audio, of the reply that was heard
 * - `whole`: from the end of speech (or the message typed) to the first sound (or text) of the answer
 *
 * They overlap where the model begins before the turn is over, so they need not add up.
 */
export const TURN_PARTS = [
  'end_of_turn',
  'transcription',
  'llm_first_token',
  'tts_first_byte',
  'whole',
] as const;
export type TurnPart = (typeof TURN_PARTS)[number];
export type Turn = Partial<Record<TurnPart, number>>;

/** How many turns are kept, the latest ones: what percentiles are of, and what is stored. */
export const KEPT_TURNS = 200;

const toMs = (ms: number) => Math.max(0, Math.round(ms));

/** The turns of one call, in bounded memory. The one that goes on can still get parts. */
export class TurnLog {
  readonly #kept: Turn[] = [];
  readonly #done: (turn: Turn) => void;
  #turn: { parts: Turn; sinceMs: number | undefined; isDone: boolean } | undefined;
  #count = 0;

  /** @param done told once of each turn, when nothing more is expected of it */
  constructor(done: (turn: Turn) => void) {
    this.#done = done;
  }

  get count(): number {
    return this.#count;
  }

  /** The kept ones, oldest first. */
  get kept(): readonly Turn[] {
    return this.#kept;
  }

  /** @param sinceMs when the caller was done; undefined where that is not known */
  begin(parts: Turn, sinceMs: number | undefined): void {
    this.finish();
    this.#count++;
    this.#turn = { parts: {}, sinceMs, isDone: false };
    this.#kept.push(this.#turn.parts);
    if (this.#kept.length > KEPT_TURNS) this.#kept.shift();
    this.add(parts);
  }

  /** Parts that are known already stay, but for the whole: who measures it at the loudspeaker knows best. */
  add(parts: Turn): void {
    if (!this.#turn || this.#turn.isDone) return;
    const known = this.#turn.parts;
    for (const part of TURN_PARTS) {
      const value = parts[part];
      if (value === undefined || !Number.isFinite(value)) continue;
      if (part === 'whole' || known[part] === undefined) known[part] = toMs(value);
    }
  }

  /** The agent begins to be heard. */
  answered(atMs: number): void {
    const { parts, sinceMs } = this.#turn ?? {};
    if (sinceMs === undefined || parts?.whole !== undefined) return;
    this.add({ whole: atMs - sinceMs });
  }

  /** Nothing more belongs to this turn. */
  finish(): void {
    if (!this.#turn || this.#turn.isDone) return;
    this.#turn.isDone = true;
    this.#done(this.#turn.parts);
  }

  of(part: TurnPart): number[] {
    return this.#kept.flatMap((turn) => turn[part] ?? []);
  }

  /** What is typical of a part, and what is bad. */
  summary(part: TurnPart) {
    const values = this.of(part);
    const [p50, p95] = [percentile(values, 0.5), percentile(values, 0.95)];
    return p50 === undefined || p95 === undefined
      ? undefined
      : { count: values.length, p50_ms: p50, p95_ms: p95 };
  }
}
