import type { Logger } from 'pino';
import type { CallMessage } from '../../shared/api/calls.ts';
import type { Clock } from '../../shared/clock.ts';
import { Fault } from '../../shared/errors.ts';
import { spokenDuration } from '../../shared/units.ts';
import type { Billing } from './billing.ts';
import type { Conversation } from './conversation.ts';
import type { Line, Presence } from './line.ts';
import { Meter, type StopReason } from './meter.ts';
import { settlePatiently } from './settle-patiently.ts';
import { Timeline } from './timeline.ts';
import { secondsUntilWarning, Warnings, warningSpeech } from './warnings.ts';

export type EndReason =
  | StopReason
  | 'caller_hung_up'
  | 'caller_never_came'
  | 'line_lost'
  | 'refused'
  | 'conversation_failed'
  | 'job_shutdown';

export type CallSettings = { sliceSeconds: number; reconnectGraceSeconds: number };

export type CallOptions = {
  callId: string;
  line: Line;
  billing: Billing;
  conversation: Conversation;
  clock: Clock;
  logger: Logger;
  settings: CallSettings;
  onRenewalFailed: () => void;
};

export type CallEnd = { reason: EndReason; usedMs: number; chargedSeconds: number | undefined };

/** How long a caller may take to come into the room, and how long taking leave may last. */
const ARRIVAL_MS = 60_000;
const GOODBYE_MS = 10_000;

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

  /** Opens the call, lets the conversation begin, and greets the caller once there. */
  async run(): Promise<CallEnd> {
    const { conversation, line, billing } = this.#o;
    conversation.onSpeaking(() => this.#heard());
    conversation.onClosed(
      (reason) => void this.end(reason === 'job_shutdown' ? reason : 'conversation_failed'),
    );
    const [opened, started] = await Promise.allSettled([billing.open(), conversation.start()]);
    if (opened.status === 'rejected') return this.#refuse(opened.reason);
    this.#meter = new Meter({
      billing,
      timeline: this.#timeline,
      clock: this.#o.clock,
      sliceSeconds: this.#o.settings.sliceSeconds,
      grant: opened.value,
      events: {
        changed: () => this.#changed(),
        stop: (reason) => void this.#runOut(reason),
        failed: (error) => {
          this.#o.logger.warn({ err: error }, 'renewal got no answer');
          this.#o.onRenewalFailed();
        },
      },
    });
    if (started.status === 'rejected') {
      this.#o.logger.error({ err: started.reason }, 'conversation did not start');
      return this.end('conversation_failed');
    }
    line.onPresence((presence) => this.#presenceChanged(presence));
    this.#presenceChanged(line.presence());
    return this.ended;
  }

  /** Ends the call: stops the clock, settles, tells the client, closes the line. Repeats wait for the first. */
  end(reason: EndReason): Promise<CallEnd> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  async #end(reason: EndReason): Promise<CallEnd> {
    const { billing, line, conversation, logger, clock, callId } = this.#o;
    this.#cancelWait();
    this.#cancelWarning();
    this.#timeline.end();
    this.#meter?.close();
    const usedMs = this.#meter?.usedMs() ?? 0;
    const settle = () => billing.settle(usedMs, reason, this.#timeline.windows());
    const chargedSeconds = this.#meter && (await settlePatiently(settle, clock, logger));
    this.#send({ type: 'ended', call_id: callId, reason, charged_seconds: chargedSeconds ?? null });
    // A fenced worker leaves quietly: the room now belongs to another one.
    if (reason !== 'fenced') await line.hangUp();
    await conversation.close();
    const result = { reason, usedMs, chargedSeconds };
    logger.info(result, 'call ended');
    this.#ended.resolve(result);
    return result;
  }

  async #refuse(error: unknown): Promise<CallEnd> {
    const fault = error instanceof Fault ? error : new Fault('internal', undefined, { cause: error });
    this.#o.logger.warn({ err: fault }, 'call refused');
    await Promise.allSettled([this.#o.conversation.takeLeave(fault.speech, GOODBYE_MS)]);
    return this.end('refused');
  }

  #presenceChanged(presence: Presence): void {
    this.#cancelWait();
    if (presence === 'left') return void this.end('caller_hung_up');
    if (presence === 'awaited') {
      this.#cancelWait = this.#o.clock.after(ARRIVAL_MS, () => void this.end('caller_never_came'));
    } else if (presence === 'cut') {
      if (this.#spoken) this.#meter?.enter('line_down');
      const graceMs = this.#o.settings.reconnectGraceSeconds * 1000;
      this.#cancelWait = this.#o.clock.after(graceMs, () => void this.end('line_lost'));
    } else if (this.#spoken) {
      this.#meter?.enter('talking');
    } else {
      const left = spokenDuration(this.#meter?.remainingSeconds() ?? 0);
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
    const remaining = meter.remainingSeconds();
    this.#send({
      type: 'meter',
      call_id: this.#o.callId,
      state: this.#timeline.running ? 'running' : this.#spoken ? 'paused' : 'waiting',
      used_ms: meter.usedMs(),
      remaining_seconds: remaining,
    });
    this.#warnWhenDue(meter);
  }

  #warnWhenDue(meter: Meter): void {
    this.#cancelWarning();
    if (!this.#timeline.running) return;
    const remaining = meter.remainingSeconds();
    if (this.#warnings.passed(remaining)) {
      this.#send({ type: 'warning', call_id: this.#o.callId, remaining_seconds: remaining });
      this.#o.conversation.sayBetweenTurns(warningSpeech(remaining));
    }
    const nextSeconds = secondsUntilWarning(remaining);
    if (nextSeconds === undefined) return;
    this.#cancelWarning = this.#o.clock.after(nextSeconds * 1000, () => this.#warnWhenDue(meter));
  }

  async #runOut(reason: StopReason): Promise<void> {
    if (this.#ending) return;
    const goodbye = GOODBYES[reason];
    this.#cancelWarning();
    if (goodbye === undefined) return void this.end(reason);
    this.#timeline.enter('goodbye');
    const usedMs = this.#meter?.usedMs() ?? 0;
    // Reported before anything is said: a crash during the goodbye must not lose the last slice.
    const reported = this.#o.billing.renew(usedMs).catch(() => undefined);
    await Promise.allSettled([reported, this.#o.conversation.takeLeave(goodbye, GOODBYE_MS)]);
    await this.end(reason);
  }

  #send(message: CallMessage): void {
    this.#o.line.send(message);
  }
}
