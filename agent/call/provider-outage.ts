import type { Conversation } from './conversation.ts';
import { APOLOGY } from './sentences.ts';

/** After so many turns in a row without an answer nobody should have to go on asking. */
const MAX_UNANSWERED = 3;

type OutageEvents = {
  /** Whether answers are minded: who takes leave apologises for nothing. */
  isMinded(): boolean;
  /** Told the end of the first turn in a row without an answer, on the call's clock. */
  unanswered(sinceMs: number): void;
  over(): void;
  giveUp(): void;
};

/** Follows whether the caller gets answers: what hears, thinks and speaks for the agent may fail. */
export class ProviderOutage {
  readonly #conversation: Conversation;
  readonly #events: OutageEvents;
  #unanswered = 0;

  constructor(conversation: Conversation, events: OutageEvents) {
    this.#conversation = conversation;
    this.#events = events;
    conversation.onAnswer?.(() => this.#answered());
    conversation.onNoAnswer?.((sinceMs, isTold) => this.#notAnswered(sinceMs, isTold));
  }

  get isOn(): boolean {
    return this.#unanswered > 0;
  }

  #answered(): void {
    if (!this.isOn) return;
    this.#unanswered = 0;
    this.#events.over();
  }

  #notAnswered(sinceMs: number, isTold: boolean): void {
    if (!this.#events.isMinded()) return;
    this.#unanswered++;
    this.#events.unanswered(sinceMs);
    if (this.#unanswered >= MAX_UNANSWERED) this.#events.giveUp();
    else if (!isTold) this.#conversation.say(APOLOGY);
  }
}
