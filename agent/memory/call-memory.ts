import { mayBeKept } from '../../shared/secrets/may-be-kept.ts';
import type { CallerProfile } from '../person/caller-profile.ts';

export type KnownFact = CallerProfile['facts'][number];

/**
 * What became of a call's memory:
 * - `off`: the person does not want one, or nobody could say; it was turned off, or something was erased or
 *   corrected on the page or in another call, during the call; or all was erased; or it was remembered before
 * - `nothing_said`: nothing that is not private or secret
 * - `nothing_new`: nothing worth remembering
 * - `remembered`
 * - `unanswered`: by the model or the database, or too late
 */
export const MEMORY_OUTCOMES = ['off', 'nothing_said', 'nothing_new', 'remembered', 'unanswered'] as const;

export type MemoryOutcome = (typeof MEMORY_OUTCOMES)[number];

/** What a call knows from earlier ones, and which part of it may be left to later ones. */
export class CallMemory {
  /** False where the person has turned memory off, or nobody could say whether they have. */
  readonly isOn: boolean;
  #facts: readonly KnownFact[];
  #erased: string[] = [];
  #privateFromMs = Number.POSITIVE_INFINITY;
  #erasedAtMs = Number.NEGATIVE_INFINITY;
  /** What the caller was asked whether to forget, and after how many turns of theirs. */
  asked: { what: KnownFact | 'everything'; turns: number } | undefined;
  /** Called when facts were erased, so that whoever was told them in advance is told again. */
  onErased: () => void | Promise<void> = () => {};

  constructor({ memoryEnabled, facts }: Pick<CallerProfile, 'memoryEnabled' | 'facts'>) {
    this.isOn = memoryEnabled;
    // What a person wrote by hand, or an older filter let in, is searched and forgotten, but no model reads it.
    this.#facts = memoryEnabled ? facts.filter(({ text }) => mayBeKept(text)) : [];
  }

  /** Most useful first. */
  get facts(): readonly KnownFact[] {
    return this.#facts;
  }

  /** Facts that were erased during this call: nothing that says the same comes back from it. */
  get erased(): readonly string[] {
    return this.#erased;
  }

  /** @param fromMs wall clock; what was said at that time or later stays out of memory */
  keepPrivate(fromMs: number): void {
    this.#privateFromMs = Math.min(this.#privateFromMs, fromMs);
  }

  /**
   * Forgets for the rest of this call what the database has erased. What was said until now may be how the call came
   * to know it, and the question whether to forget it said it again: none of that is read when the call is over.
   * @param atMs wall clock
   */
  async forget(facts: readonly KnownFact[], atMs: number): Promise<void> {
    const ids = new Set(facts.map(({ id }) => id));
    this.#facts = this.#facts.filter(({ id }) => !ids.has(id));
    this.#erased.push(...facts.map(({ text }) => text));
    this.#erasedAtMs = Math.max(this.#erasedAtMs, atMs);
    await this.onErased();
  }

  /** Forgets what is remembered no more: it was erased elsewhere. @param remembered all that is */
  keepOnly(remembered: readonly KnownFact[]): void {
    const ids = new Set(remembered.map(({ id }) => id));
    this.#erased.push(...this.#facts.filter(({ id }) => !ids.has(id)).map(({ text }) => text));
    this.#facts = this.#facts.filter(({ id }) => ids.has(id));
  }

  /** Whether memory may read what the caller said at that time (wall clock). */
  mayRead(saidAtMs: number): boolean {
    return saidAtMs < this.#privateFromMs && saidAtMs > this.#erasedAtMs;
  }
}
