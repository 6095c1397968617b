import type { GoodbyeReason } from '../sentences/sentences.ts';
import { Attendance } from './attendance.ts';
import type { Opening } from './billing.ts';
import type { CallOptions } from './call-options.ts';
import type { EndReason } from './end-reason.ts';
import type { Meter } from './meter.ts';
import type { StopReason } from './meter-options.ts';
import { Notices } from './notices.ts';
import { openMeter } from './open-meter.ts';
import { prepareGreeting } from './prepare-speech.ts';
import { ProviderOutage } from './provider-outage.ts';
import { Silence } from './silence.ts';
import { meterState, phaseOfTalk, type Stage } from './stage.ts';
import { takeLeave } from './take-leave.ts';
import type { Timeline } from './timeline.ts';
import { TopUpDesk } from './top-up-desk.ts';

/** A call that was opened, from the greeting to the last word: decides what is billed, and when it is over. */
export class LiveCall {
  readonly meter: Meter;
  readonly #o: CallOptions;
  readonly #timeline: Timeline;
  readonly #end: (reason: EndReason) => void;
  readonly #notices: Notices;
  readonly #silence: Silence;
  readonly #desk: TopUpDesk;
  readonly #outage: ProviderOutage;
  readonly #attendance: Attendance;
  #stage: Stage = 'talk';

  constructor(options: CallOptions, timeline: Timeline, opening: Opening, end: (reason: EndReason) => void) {
    const { line } = options;
    const isTalking = () => this.#stage === 'talk';
    this.#o = options;
    this.#timeline = timeline;
    this.#end = end;
    this.#desk = new TopUpDesk(options, () => void this.#leave('time_used_up'));
    this.meter = openMeter(options, timeline, opening, {
      restPhase: this.#desk.freeSeconds > 0 ? 'desk' : 'goodbye',
      changed: () => this.#changed(),
      stop: (reason) => this.#stopped(reason),
      resumed: () => void this.#resume(),
    });
    this.#notices = new Notices(options);
    prepareGreeting(options, this.meter);
    this.#attendance = new Attendance(options, {
      isTakingLeave: () => this.#isTakingLeave(),
      isTalking,
      tellRemaining: () => this.#tellRemaining(),
      expiringSeconds: () => this.meter.expiringSeconds(),
      changed: () => {
        this.#follow();
        this.#silence.look();
      },
      deadSince: (sinceMs) => this.meter.restoreSince(sinceMs, 'line_down'),
      end,
    });
    this.#outage = new ProviderOutage(options, {
      isMinded: () => !this.#isTakingLeave(),
      began: (sinceMs) => {
        this.#follow();
        this.meter.restoreSince(sinceMs, 'provider_outage');
        this.#silence.look();
      },
      late: (sinceMs) => this.meter.restoreSince(sinceMs, 'provider_outage'),
      over: () => {
        this.#follow();
        this.#silence.look();
      },
      giveUp: () => void this.#leave('provider_outage'),
    });
    this.#silence = new Silence(options, {
      isMinded: () => isTalking() && line.presence() === 'present' && !this.#outage.isDeaf,
      giveUp: () => void this.#leave('silence'),
    });
  }

  /** The conversation has begun: the caller is greeted once there. */
  begin(): void {
    this.#outage.begin();
    this.#attendance.begin();
  }

  sayGoodbye(): void {
    void this.#leave(this.#stage === 'desk' ? 'time_used_up' : 'said_goodbye', this.#o.sentences.farewell);
  }

  /** Nothing is billed, said or waited for after this. */
  stop(): void {
    this.#stage = 'over';
    this.#cancelAll();
    this.meter.close();
  }

  #cancelAll(): void {
    this.#attendance.stop();
    this.#outage.stop();
    this.#notices.stop();
    this.#silence.look();
    this.#desk.close();
  }

  #isTakingLeave(): boolean {
    return this.#stage === 'leaving' || this.#stage === 'over';
  }

  #tellRemaining(): number {
    this.#notices.told(this.meter);
    return this.meter.remainingSeconds();
  }

  /** Lets the clock follow what is going on. */
  #follow(): void {
    if (!this.#attendance.hasHeard || this.#stage !== 'talk') return;
    this.meter.enter(phaseOfTalk(this.#o.line.presence(), this.#outage.isOn));
  }

  #changed(): void {
    if (this.#stage === 'over') return;
    this.#o.line.send({
      type: 'meter',
      call_id: this.#o.callId,
      state: meterState(this.#stage, this.#timeline.running, this.#attendance.hasHeard),
      used_ms: this.meter.usedMs(),
      remaining_seconds: this.meter.remainingSeconds(),
    });
    if (this.#timeline.running) this.#notices.look(this.meter);
    else this.#notices.stop();
  }

  #stopped(reason: StopReason): void {
    if (reason === 'fenced') return void this.#end('fenced');
    if (this.#stage !== 'talk') return;
    if (reason !== 'time_used_up' || this.#desk.freeSeconds === 0) return void this.#leave(reason);
    this.#stage = 'desk';
    this.#silence.look();
    this.meter.enter('desk');
    void this.#desk.open();
  }

  /** Time was bought: the same conversation goes on. */
  async #resume(): Promise<void> {
    if (this.#stage !== 'desk') return;
    const isBack = await this.#desk.leave();
    if (this.#stage !== 'desk') return;
    if (!isBack) return this.#leave('conversation_failed');
    const { callId, conversation, line, sentences } = this.#o;
    const remaining = this.#tellRemaining();
    this.#stage = 'talk';
    line.send({ type: 'resumed', call_id: callId, remaining_seconds: remaining });
    this.#follow();
    conversation.say(sentences.thanksForTime(remaining));
    this.#silence.look();
  }

  async #leave(reason: GoodbyeReason | 'said_goodbye', speech?: string): Promise<void> {
    if (this.#isTakingLeave()) return;
    this.#stage = 'leaving';
    this.#cancelAll();
    this.meter.enter('goodbye');
    // Reported before anything is said: a crash during the goodbye must not lose what was used.
    this.meter.report();
    const { farewell, goodbyes } = this.#o.sentences;
    await takeLeave(this.#o, speech ?? (reason === 'said_goodbye' ? farewell : goodbyes[reason]));
    this.#end(reason);
  }
}
