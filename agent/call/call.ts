import { Fault } from '../../shared/errors.ts';
import { reasonOfAbsence } from './attendance.ts';
import type { CallEnd, CallOptions } from './call-options.ts';
import type { EndReason } from './end-reason.ts';
import { LiveCall } from './live-call.ts';
import type { Meter } from './meter.ts';
import { takeDown } from './take-down.ts';
import { takeLeave } from './take-leave.ts';
import { Timeline } from './timeline.ts';

/** One call from the first ring to the receipt. Ends once, whatever happens first. */
export class Call {
  readonly #o: CallOptions;
  readonly #timeline: Timeline;
  #live: LiveCall | undefined;
  #opening: Promise<Fault | undefined> | undefined;
  #ending: Promise<CallEnd> | undefined;
  readonly #ended = Promise.withResolvers<CallEnd>();

  constructor(options: CallOptions) {
    this.#o = options;
    this.#timeline = new Timeline(options.clock);
  }

  /** The live meter, for the tools. Undefined before the call is open. */
  get meter(): Meter | undefined {
    return this.#live?.meter;
  }

  /** Settles when the call has ended and its bill is written (or left to the reaper). */
  get ended(): Promise<CallEnd> {
    return this.#ended.promise;
  }

  /** Opens the call, lets the conversation begin, greets the caller once there, and sees it to its end. */
  async run(): Promise<CallEnd> {
    void this.#begin().catch((error: unknown) => {
      this.#o.logger.error({ err: error }, 'conversation did not start');
      return this.end('conversation_failed');
    });
    return this.ended;
  }

  /** The caller has said goodbye: nothing is billed from here on, and the farewell is the last word. */
  sayGoodbye(): void {
    this.#live?.sayGoodbye();
  }

  async #begin(): Promise<void> {
    const { conversation, line } = this.#o;
    if (this.#ending) return;
    // A conversation without its room ends, too: why the room is gone is what counts.
    conversation.onClosed((reason) => {
      const presence = line.presence();
      void this.end((presence !== 'awaited' && reasonOfAbsence(presence)) || reason);
    });
    this.#opening = this.#open();
    const started = conversation.start().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const [fault, failure] = await Promise.all([this.#opening, started]);
    if (this.#ending) return;
    if (fault) return this.#refuse(fault);
    if (failure) throw failure.error;
    this.#live?.begin();
  }

  /** Answers why no call may begin. */
  async #open(): Promise<Fault | undefined> {
    try {
      const opening = await this.#o.billing.open();
      this.#timeline.carryOver(opening.usedMs, opening.restoredMs);
      this.#live = new LiveCall(this.#o, this.#timeline, opening, (reason) => void this.end(reason));
      return undefined;
    } catch (error) {
      return error instanceof Fault ? error : new Fault('internal', undefined, { cause: error });
    }
  }

  async #refuse(fault: Fault): Promise<void> {
    this.#o.logger.warn({ err: fault }, 'call refused');
    await takeLeave(this.#o, this.#o.sentences.faults[fault.code]);
    await this.end('refused');
  }

  /** Ends the call: stops the clock, settles, tells the client, closes the line. Repeats wait for the first. */
  end(reason: EndReason): Promise<CallEnd> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  async #end(reason: EndReason): Promise<CallEnd> {
    this.#live?.stop();
    this.#timeline.end();
    // What is still being opened will have a hold, which must be released.
    await this.#opening;
    this.#live?.stop();
    const end = await takeDown(this.#o, this.meter, reason);
    this.#ended.resolve(end);
    return end;
  }
}
