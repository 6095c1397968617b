import type { CallOptions } from './call-options.ts';

/** After so many turns in a row without an answer nobody should have to go on asking. */
const MAX_UNANSWERED = 3;

/** Nobody should go on talking to an agent that hears nothing for so long. */
const MAX_DEAF_MS = 30_000;

/** Nobody should be kept on a free line in which nothing is asked: an outage ends with the next answer, or the call. */
const MAX_QUIET_MS = 120_000;

type OutageEvents = {
  /** Whether answers are minded: who takes leave apologises for nothing. */
  isMinded(): boolean;
  /** Told since when, on the call's clock: the end of the first turn in a row without an answer, or the last word heard. */
  began(sinceMs: number): void;
  /** An answer is there that was waited for since then because of a failure. */
  late(sinceMs: number): void;
  over(): void;
  giveUp(): void;
};

/** Follows whether the caller is heard and gets answers: what hears, thinks and speaks for the agent may fail. */
export class ProviderOutage {
  readonly #o: CallOptions;
  readonly #events: OutageEvents;
  #unanswered = 0;
  #isDeaf = false;
  #cancelDeaf: () => void = () => {};
  #cancelQuiet: () => void = () => {};

  constructor(options: CallOptions, events: OutageEvents) {
    const { conversation } = options;
    this.#o = options;
    this.#events = events;
    conversation.onAnswer?.(() => this.#answered());
    conversation.onNoAnswer?.((sinceMs) => this.#notAnswered(sinceMs));
    conversation.onLateAnswer?.((sinceMs) => {
      if (events.isMinded()) events.late(sinceMs);
    });
  }

  /** The conversation has begun: from now on it matters whether the caller is heard. */
  begin(): void {
    this.#o.conversation.onStt?.((lostSinceMs) =>
      lostSinceMs === undefined ? this.#hears() : this.#hearsNothing(lostSinceMs),
    );
  }

  get isOn(): boolean {
    return this.#unanswered > 0 || this.#isDeaf;
  }

  /** Whether what the caller says arrives nowhere. */
  get isDeaf(): boolean {
    return this.#isDeaf;
  }

  /** Gives up on nobody any more. */
  stop(): void {
    this.#cancelDeaf();
    this.#cancelQuiet();
  }

  #answered(): void {
    if (this.#unanswered === 0) return;
    this.#unanswered = 0;
    this.#cancelQuiet();
    if (!this.isOn) this.#events.over();
  }

  #notAnswered(sinceMs: number): void {
    if (!this.#events.isMinded()) return;
    this.#unanswered++;
    this.#events.began(sinceMs);
    this.#cancelQuiet();
    this.#cancelQuiet = this.#o.clock.after(MAX_QUIET_MS, () => this.#events.giveUp());
    if (this.#unanswered >= MAX_UNANSWERED) this.#events.giveUp();
    else this.#o.conversation.say(this.#o.sentences.apology);
  }

  #hearsNothing(sinceMs: number): void {
    if (!this.#events.isMinded()) return;
    this.#isDeaf = true;
    this.#cancelDeaf();
    this.#cancelDeaf = this.#o.clock.after(MAX_DEAF_MS, () => this.#events.giveUp());
    this.#events.began(sinceMs);
  }

  #hears(): void {
    this.#cancelDeaf();
    if (!this.#isDeaf) return;
    this.#isDeaf = false;
    if (!this.isOn) this.#events.over();
  }
}
