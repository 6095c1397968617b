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

/** A turn, and when the caller was done, where that is known. */
type Kept = { parts: Turn; sinceMs: number | undefined; isDone: boolean };

/** Times of one moment, told by different events. */
const SAME_MS = 10;

/** The value that `share` (0 to 1) of the values do not exceed, by nearest rank; undefined of none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** Parts that are known stay, but for the whole: who measures it at the loudspeaker knows best. */
function fill(known: Turn, parts: Turn): void {
  for (const part of TURN_PARTS) {
    const value = parts[part];
    if (value === undefined || !Number.isFinite(value)) continue;
    if (part === 'whole' || known[part] === undefined) known[part] = toMs(value);
  }
}

/** The turns of one call, in bounded memory. The last one can still get parts. */
export class TurnLog {
  readonly #kept: Kept[] = [];
  readonly #done: (turn: Turn) => void;
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
    return this.#kept.map(({ parts }) => parts);
  }

  /** @param sinceMs when the caller was done; undefined where that is not known */
  begin(parts: Turn, sinceMs: number | undefined): void {
    this.finish();
    this.#count++;
    const turn: Kept = { parts: {}, sinceMs, isDone: false };
    fill(turn.parts, parts);
    this.#kept.push(turn);
    if (this.#kept.length > KEPT_TURNS) this.#kept.shift();
  }

  /** The agent begins to be heard. */
  answered(atMs: number): void {
    const turn = this.#kept.at(-1);
    if (!turn || turn.isDone || turn.sinceMs === undefined || turn.parts.whole !== undefined) return;
    fill(turn.parts, { whole: atMs - turn.sinceMs });
  }

  /**
   * An answer is over. One that the caller cut short is told of only after their next turn began.
   * @param sinceMs when the caller was done whom it answers; undefined where that is not known
   * @param heardFromMs when it began to be heard
   */
  heard(parts: Turn, sinceMs: number | undefined, heardFromMs: number | undefined): void {
    const isItsTurn = (turn: Kept) =>
      sinceMs === undefined
        ? (heardFromMs ?? 0) >= (turn.sinceMs ?? 0)
        : Math.abs((turn.sinceMs ?? 0) - sinceMs) < SAME_MS;
    const turn = this.#kept.slice(-2).findLast(isItsTurn);
    if (!turn) return;
    fill(turn.parts, parts);
    if (turn === this.#kept.at(-1)) this.finish();
  }

  /** Nothing more belongs to the last turn. */
  finish(): void {
    const turn = this.#kept.at(-1);
    if (!turn || turn.isDone) return;
    turn.isDone = true;
    this.#done(turn.parts);
  }

  of(part: TurnPart): number[] {
    return this.#kept.flatMap(({ parts }) => parts[part] ?? []);
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
