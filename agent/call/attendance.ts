import type { CallOptions, EndReason } from './call-options.ts';
import type { Presence } from './line.ts';
import { greeting, WELCOME_BACK } from './sentences.ts';

/** How long a caller may take to come into the room. */
const ARRIVAL_MS = 60_000;

type AttendanceEvents = {
  /** Neither does a caller who comes back during the goodbye start the clock, nor one who is gone prolong the call. */
  isTakingLeave(): boolean;
  isTalking(): boolean;
  /** Seconds that are left, which the caller is about to be told. */
  tellRemaining(): number;
  changed(): void;
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
    line.onPresence((presence) => this.#presenceChanged(presence));
    this.#presenceChanged(line.presence());
  }

  /** Waits for nobody any more. */
  stop(): void {
    this.#cancelWait();
  }

  #presenceChanged(presence: Presence): void {
    if (presence === 'left') return void this.#events.end('caller_hung_up');
    if (this.#events.isTakingLeave()) return;
    this.#waitFor(presence);
    this.#events.changed();
    if (presence === 'present' && this.#events.isTalking()) this.#welcome();
    this.#wasAway = presence !== 'present';
  }

  #waitFor(presence: Presence): void {
    this.#cancelWait();
    const reason = reasonOfAbsence(presence);
    if (reason === undefined) return;
    const { clock, settings } = this.#o;
    const waitMs = presence === 'awaited' ? ARRIVAL_MS : settings.reconnectGraceSeconds * 1000;
    this.#cancelWait = clock.after(waitMs, () => this.#events.end(reason));
  }

  #welcome(): void {
    const { conversation } = this.#o;
    if (!this.#hasHeard) conversation.say(greeting(this.#events.tellRemaining()));
    else if (this.#wasAway) conversation.say(WELCOME_BACK);
  }

  #heard(): void {
    if (this.#hasHeard || this.#o.line.presence() !== 'present') return;
    this.#hasHeard = true;
    this.#events.changed();
  }
}
