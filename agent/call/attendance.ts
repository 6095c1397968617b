import type { CallOptions } from './call-options.ts';
import type { EndReason } from './end-reason.ts';
import type { Presence } from './line.ts';
import { prepareForOutages } from './prepare-speech.ts';

/** How long a caller may take to come into the room. */
const ARRIVAL_MS = 60_000;

/** A greeting of which nothing was heard by then has failed, and is said again. */
const GREET_AGAIN_MS = 15_000;

type AttendanceEvents = {
  /** Neither does a caller who comes back during the goodbye start the clock, nor one who is gone prolong the call. */
  isTakingLeave(): boolean;
  isTalking(): boolean;
  /** Seconds that are left, which the caller is about to be told. */
  tellRemaining(): number;
  /** What of it expires within a week. */
  expiringSeconds(): number;
  changed(): void;
  /** The line has been dead since then, on the call's clock, which is known only now. */
  deadSince(sinceMs: number): void;
  end(reason: EndReason): void;
};

/** Why a call ends that has waited too long for somebody; undefined when nobody is missing. */
export function reasonOfAbsence(presence: Presence): EndReason | undefined {
  if (presence === 'awaited') return 'caller_never_came';
  if (presence === 'cut') return 'line_lost';
  return presence === 'unreachable' ? 'our_outage' : undefined;
}

/** Follows the caller: greets them once there, and waits for them when they are not, for as long as is reasonable. */
export class Attendance {
  readonly #o: CallOptions;
  readonly #events: AttendanceEvents;
  #hasHeard = false;
  #wasAway = false;
  #cancelWait: () => void = () => {};
  #cancelGreeting: () => void = () => {};

  constructor(options: CallOptions, events: AttendanceEvents) {
    this.#o = options;
    this.#events = events;
  }

  /** Whether the caller has heard the first word, which starts the clock. */
  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  begin(): void {
    const { conversation, line } = this.#o;
    conversation.onSpeaking(() => this.#heard());
    line.onPresence((presence, sinceMs) => this.#presenceChanged(presence, sinceMs));
    this.#presenceChanged(line.presence());
  }

  /** Waits for nobody any more. */
  stop(): void {
    this.#cancelWait();
    this.#cancelGreeting();
  }

  #presenceChanged(presence: Presence, sinceMs?: number): void {
    if (presence === 'left') return void this.#events.end('caller_hung_up');
    if (!this.#events.isTakingLeave()) this.#attend(presence, sinceMs);
    if (sinceMs !== undefined) this.#events.deadSince(sinceMs);
  }

  #attend(presence: Presence, sinceMs: number | undefined): void {
    this.#waitFor(presence, sinceMs);
    this.#events.changed();
    if (presence === 'present' && this.#events.isTalking()) this.#welcome();
    this.#wasAway = presence !== 'present';
    this.#hush();
  }

  #waitFor(presence: Presence, sinceMs: number | undefined): void {
    this.#cancelWait();
    const reason = reasonOfAbsence(presence);
    if (reason === undefined) return;
    const { clock, settings } = this.#o;
    const waitMs = presence === 'awaited' ? ARRIVAL_MS : settings.reconnectGraceSeconds * 1000;
    const waitedMs = clock.nowMs() - (sinceMs ?? clock.nowMs());
    this.#cancelWait = clock.after(Math.max(0, waitMs - waitedMs), () => this.#events.end(reason));
  }

  /** Whoever only blocks what they send would listen free of charge, while their clock stands. */
  #hush(): void {
    if (this.#o.line.presence() === 'cut') this.#o.conversation.hush?.();
  }

  #welcome(): void {
    const { conversation, sentences } = this.#o;
    if (!this.#hasHeard) this.#greet();
    else if (this.#wasAway) conversation.say(sentences.welcomeBack);
  }

  #greet(): void {
    const { tellRemaining, expiringSeconds } = this.#events;
    const { clock, conversation, sentences } = this.#o;
    conversation.say(sentences.greeting(tellRemaining(), expiringSeconds()));
    this.#cancelGreeting();
    this.#cancelGreeting = clock.after(GREET_AGAIN_MS, () => {
      if (this.#o.line.presence() === 'present' && this.#events.isTalking()) this.#greet();
    });
  }

  #heard(): void {
    if (!this.#events.isTakingLeave()) this.#hush();
    if (this.#hasHeard || this.#o.line.presence() !== 'present') return;
    this.#hasHeard = true;
    this.#cancelGreeting();
    this.#events.changed();
    prepareForOutages(this.#o);
  }
}
