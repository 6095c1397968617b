import { within } from '../../shared/within.ts';
import type { CallOptions } from './call-options.ts';
import type { Role } from './conversation.ts';

/** How long the agent may take to change its role. */
const CHANGE_MS = 4_000;

/**
 * Where a call waits, free of charge, after its time is used up: the agent sells more time, and does nothing
 * else. The desk closes by its own clock, whatever is said at it.
 */
export class TopUpDesk {
  readonly #o: CallOptions;
  readonly #over: () => void;
  #isOpen = false;
  #cancel: () => void = () => {};

  /** @param over called when its time is over, or when it cannot be opened */
  constructor(options: CallOptions, over: () => void) {
    this.#o = options;
    this.#over = over;
  }

  /** For how long it opens; 0: there is none. */
  get freeSeconds(): number {
    const { conversation, settings } = this.#o;
    return conversation.become ? (settings.deskSeconds ?? 0) : 0;
  }

  async open(): Promise<void> {
    const { callId, clock, conversation, line, sentences } = this.#o;
    this.#isOpen = true;
    this.#cancel = clock.after(this.freeSeconds * 1000, this.#over);
    line.send({ type: 'desk', call_id: callId, free_seconds: this.freeSeconds });
    const isThere = await this.#become('desk');
    // Time may have come, or the caller gone, while the agent was on its way.
    if (!this.#isOpen) return;
    if (isThere) conversation.say(sentences.deskOpens(this.freeSeconds));
    else this.#over();
  }

  close(): void {
    this.#isOpen = false;
    this.#cancel();
  }

  /** Brings the agent back to the conversation; false when it did not come. */
  async leave(): Promise<boolean> {
    this.close();
    return this.#become('assistant');
  }

  async #become(role: Role): Promise<boolean> {
    const { clock, conversation, logger } = this.#o;
    const changed = async () => {
      await conversation.become?.(role);
      return true;
    };
    const attempt = changed().catch((error: unknown) => {
      logger.warn({ err: error, role }, 'role not changed');
      return false;
    });
    return (await within(attempt, CHANGE_MS, clock)) ?? false;
  }
}
