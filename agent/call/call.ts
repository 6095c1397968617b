import type { CallMessage } from '../../shared/api/calls.ts';
import { Fault } from '../../shared/errors.ts';
import { spokenDuration } from '../../shared/units.ts';
import type { CallEnd, CallOptions, EndReason } from './call-options.ts';
import type { Presence } from './line.ts';
import { Meter, type StopReason } from './meter.ts';
import { takeDown } from './take-down.ts';
import { Timeline } from './timeline.ts';
import { secondsUntilWarning, Warnings, warningSpeech } from './warnings.ts';

/** How long a caller may take to come into the room, and how long taking leave may last. */
const ARRIVAL_MS = 60_000;
const GOODBYE_MS = 15_000;

const GOODBYES: Partial<Record<StopReason, string>> = {
  time_used_up:
    'Your time is used up now, so I have to say goodbye. You can buy more time on the page. Take care!',
  billing_unreachable:
    'I am sorry, I cannot reach your account right now, so I have to let you go. Nothing beyond this was charged. Goodbye!',
};

/** One call from the first ring to the receipt. Ends once, whatever happens first. */
export class Call {
  readonly #o: CallOptions;
  readonly #timeline: Timeline;
  readonly #warnings = new Warnings();
  #meter: Meter | undefined;
  #opening: Promise<Fault | undefined> | undefined;
  #spoken = false;
  #cancelWait: () => void = () => {};
  #cancelWarning: () => void = () => {};
  #ending: Promise<CallEnd> | undefined;
  readonly #ended = Promise.withResolvers<CallEnd>();

  constructor(options: CallOptions) {
    this.#o = options;
    this.#timeline = new Timeline(options.clock);
  }

  /** The live meter, for the tools. Undefined before the call is open. */
  get meter(): Meter | undefined {
    return this.#meter;
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

  async #begin(): Promise<void> {
    const { conversation, line } = this.#o;
    if (this.#ending) return;
    conversation.onSpeaking(() => this.#heard());
    conversation.onClosed((reason) => void this.end(line.presence() === 'cut' ? 'line_lost' : reason));
    this.#opening = this.#open();
    const started = conversation.start().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const [fault, failure] = await Promise.all([this.#opening, started]);
    if (this.#ending) return;
    if (fault) return this.#refuse(fault);
    if (failure) throw failure.error;
    line.onPresence((presence) => this.#presenceChanged(presence));
    this.#presenceChanged(line.presence());
  }

  /** Answers why no call may begin. */
  async #open(): Promise<Fault | undefined> {
    const { billing, clock, settings } = this.#o;
    try {
      const { usedMs, ...grant } = await billing.open();
      this.#timeline.carryOver(usedMs);
      const meter = new Meter({
        billing,
        timeline: this.#timeline,
        clock,
        sliceSeconds: settings.sliceSeconds,
        grant,
        events: {
          changed: () => this.#changed(),
          stop: (reason) => void this.#runOut(meter, reason),
          failed: this.#renewalFailed,
        },
      });
      this.#meter = meter;
      return undefined;
    } catch (error) {
      return error instanceof Fault ? error : new Fault('internal', undefined, { cause: error });
    }
  }

  /** Ends the call: stops the clock, settles, tells the client, closes the line. Repeats wait for the first. */
  end(reason: EndReason): Promise<CallEnd> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  async #end(reason: EndReason): Promise<CallEnd> {
    this.#cancelWait();
    this.#cancelWarning();
    this.#timeline.end();
    // What is still being opened will have a hold, which must be released.
    await this.#opening;
    this.#meter?.close();
    const end = await takeDown(this.#o, this.#meter, reason);
    this.#ended.resolve(end);
    return end;
  }

  async #refuse(fault: Fault): Promise<void> {
    const { conversation, logger } = this.#o;
    logger.warn({ err: fault }, 'call refused');
    await conversation
      .takeLeave(fault.speech, GOODBYE_MS)
      .catch((error: unknown) => logger.warn({ err: error }, 'refused without a word'));
    await this.end('refused');
  }

  #presenceChanged(presence: Presence): void {
    if (this.#ending) return;
    if (presence === 'left') return void this.end('caller_hung_up');
    // Time is over: neither does a caller who comes back start the clock, nor one who is gone prolong the call.
    if (this.#timeline.phase === 'goodbye') return;
    this.#cancelWait();
    if (presence === 'awaited') {
      this.#cancelWait = this.#o.clock.after(ARRIVAL_MS, () => void this.end('caller_never_came'));
    } else if (presence === 'cut') {
      if (this.#spoken) this.#meter?.enter('line_down');
      const graceMs = this.#o.settings.reconnectGraceSeconds * 1000;
      this.#cancelWait = this.#o.clock.after(graceMs, () => void this.end('line_lost'));
    } else if (this.#spoken) {
      this.#meter?.enter('talking');
    } else {
      const remaining = this.#meter?.remainingSeconds() ?? 0;
      // The greeting says what is left: a warning right behind it would say the same.
      this.#warnings.passed(remaining);
      const left = spokenDuration(remaining);
      this.#o.conversation.say(`Hello, this is MindBot. You have ${left}. What can I do for you?`);
    }
  }

  /** The first word the caller hears starts the clock. */
  #heard(): void {
    if (this.#spoken || this.#o.line.presence() !== 'present') return;
    this.#spoken = true;
    this.#meter?.enter('talking');
  }

  #changed(): void {
    const meter = this.#meter;
    if (!meter || this.#ending) return;
    this.#sendMeter(meter, this.#timeline.running ? 'running' : this.#spoken ? 'paused' : 'waiting');
    this.#warnWhenDue(meter);
  }

  #warnWhenDue(meter: Meter): void {
    this.#cancelWarning();
    if (!this.#timeline.running) return;
    const remaining = meter.remainingSeconds();
    if (this.#warnings.passed(remaining)) {
      this.#o.line.send({ type: 'warning', call_id: this.#o.callId, remaining_seconds: remaining });
      this.#o.conversation.sayBetweenTurns(warningSpeech(remaining));
    }
    const nextSeconds = secondsUntilWarning(remaining);
    if (nextSeconds === undefined) return;
    this.#cancelWarning = this.#o.clock.after(nextSeconds * 1000, () => this.#warnWhenDue(meter));
  }

  async #runOut(meter: Meter, reason: StopReason): Promise<void> {
    if (this.#ending) return;
    const goodbye = GOODBYES[reason];
    if (goodbye === undefined) return void this.end(reason);
    const { billing, conversation, logger } = this.#o;
    this.#cancelWarning();
    this.#cancelWait();
    this.#timeline.enter('goodbye');
    this.#sendMeter(meter, 'stopped');
    // Reported before anything is said: a crash during the goodbye must not lose the last slice.
    void billing.renew(meter.usedMs()).catch(this.#renewalFailed);
    await conversation
      .takeLeave(goodbye, GOODBYE_MS)
      .catch((error: unknown) => logger.warn({ err: error }, 'no goodbye was said'));
    await this.end(reason);
  }

  readonly #renewalFailed = (error: unknown): void => {
    this.#o.logger.warn({ err: error }, 'renewal got no answer');
    this.#o.onRenewalFailed();
  };

  #sendMeter(meter: Meter, state: Extract<CallMessage, { type: 'meter' }>['state']): void {
    this.#o.line.send({
      type: 'meter',
      call_id: this.#o.callId,
      state,
      used_ms: meter.usedMs(),
      remaining_seconds: meter.remainingSeconds(),
    });
  }
}
