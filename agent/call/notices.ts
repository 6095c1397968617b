import type { CallOptions } from './call-options.ts';
import type { Meter } from './meter.ts';
import { secondsUntilWarning, Warnings } from './warnings.ts';

/** What a caller is told about their balance without asking, between turns. */
export class Notices {
  readonly #o: CallOptions;
  readonly #warnings = new Warnings();
  #known: { remainingSeconds: number; liveCalls: number } | undefined;
  #toldOfOtherCall = false;
  #cancel: () => void = () => {};

  constructor(options: CallOptions) {
    this.#o = options;
  }

  /** The caller was just told what is left: a notice right behind it would say the same. */
  told(meter: Meter): void {
    const remainingSeconds = meter.remainingSeconds();
    this.#known = { remainingSeconds, liveCalls: meter.grant.liveCalls };
    this.#warnings.passed(remainingSeconds);
  }

  /** Says what is due now, and looks again when the next warning will be. */
  look(meter: Meter): void {
    this.stop();
    const { conversation, line, callId, clock, sentences } = this.#o;
    const remaining = meter.remainingSeconds();
    if (this.#warnings.passed(remaining)) {
      line.send({ type: 'warning', call_id: callId, remaining_seconds: remaining });
      conversation.sayBetweenTurns(sentences.warning(remaining), 'time');
    } else if (this.#hasGrown(remaining)) {
      conversation.sayBetweenTurns(sentences.timeAdded(remaining), 'time');
    }
    this.#known = { remainingSeconds: remaining, liveCalls: meter.grant.liveCalls };
    if (meter.grant.liveCalls > 1 && !this.#toldOfOtherCall) {
      this.#toldOfOtherCall = true;
      conversation.sayBetweenTurns(sentences.otherCall, 'other_call');
    }
    const nextSeconds = secondsUntilWarning(remaining);
    if (nextSeconds === undefined) return;
    this.#cancel = clock.after(nextSeconds * 1000, () => this.look(meter));
  }

  stop(): void {
    this.#cancel();
  }

  /** More than what the person's other calls may have given back. */
  #hasGrown(remainingSeconds: number): boolean {
    if (!this.#known) return false;
    const sliceSeconds = this.#o.settings.sliceSeconds + 1;
    return remainingSeconds - this.#known.remainingSeconds > sliceSeconds * this.#known.liveCalls;
  }
}
