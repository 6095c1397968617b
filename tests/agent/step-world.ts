import { expect } from 'vitest';
import type { Grant } from '../../agent/call/billing.ts';
import type { Event, State } from '../../agent/call/call-state.ts';
import type { Presence } from '../../agent/call/line.ts';
import { dueTimes } from '../../agent/call/step.ts';

/** How long it is free to ask again after a turn without an answer. */
const ASK_AGAIN_MS = 20_000;

/** How long a caller who is there and hears nothing is waited for: at a stretch, and in all. */
const UNHEARD_MS = 20_000;
const MAX_UNHEARD_MS = 60_000;

export const isLive = ({ stage }: State) => ['waiting', 'talking', 'desk', 'resuming'].includes(stage.name);

/** What the world around a call knows by itself, without asking it: what the call does is held against this. */
export class StepWorld {
  presence: Presence;
  hasHeard = false;
  unanswered = 0;
  isDeaf = false;
  /** Whether what the agent says now is an answer. */
  isAnswered = false;
  heardAtMs = Number.NEGATIVE_INFINITY;
  busyFromMs: number | undefined;
  busy: { fromMs: number; toMs: number }[] = [];
  deskAnswers = 0;
  deskWords = 0;
  /** Until when what was said was billed for all that a turn without an answer gives back. */
  servedUntilMs = Number.NEGATIVE_INFINITY;
  /** Since when the caller talks on after a turn without an answer, and whether it is billed by now. */
  #talksOnSinceMs: number | undefined;
  #paysForTalk = false;

  constructor(presence: Presence) {
    this.presence = presence;
  }

  /** Whether a provider is out, and nobody makes more of it than asking again, or is answered all the same. */
  isOut = (): boolean => (this.unanswered > 0 && !this.#paysForTalk) || (this.isDeaf && !this.isAnswered);

  /** Of the time since then, what the caller was neither heard in nor spoken to. */
  lostMs(sinceMs: number, toMs: number): number {
    const fromMs = Math.max(sinceMs, this.heardAtMs);
    const busyMs = [...this.busy, { fromMs: this.busyFromMs ?? toMs, toMs }]
      .map((spell) => Math.max(0, Math.min(toMs, spell.toMs) - Math.max(fromMs, spell.fromMs)))
      .reduce((sum, ms) => sum + ms, 0);
    return Math.max(0, toMs - fromMs - busyMs);
  }

  note(happened: Event, before: State): void {
    if (happened.type === 'presence') this.presence = happened.presence;
    if (happened.type === 'answer') this.unanswered = 0;
    if (happened.type === 'no_answer' && isLive(before)) this.unanswered++;
    this.servedUntilMs = this.#paysForTalk ? this.heardAtMs : Number.NEGATIVE_INFINITY;
    if (happened.type === 'answer' || happened.type === 'no_answer') {
      this.#talksOnSinceMs = undefined;
      this.#paysForTalk = false;
    }
    if (happened.type === 'stt') this.isDeaf = happened.lostSinceMs !== undefined;
    this.#noteTalk(happened);
    const isAtDesk = before.stage.name === 'desk';
    this.deskAnswers = isAtDesk ? this.deskAnswers + (happened.type === 'answer' ? 1 : 0) : 0;
    this.deskWords = isAtDesk ? this.deskWords + (happened.type === 'written' ? happened.words : 0) : 0;
    if (happened.type === 'heard' && isLive(before) && this.presence === 'present') this.hasHeard = true;
  }

  #noteTalk(happened: Event): void {
    const { atMs } = happened;
    if (happened.type === 'answer') this.isAnswered = true;
    if (happened.type !== 'activity') return;
    const { activity } = happened;
    if (activity === 'words') {
      this.heardAtMs = atMs;
      if (this.unanswered > 0) this.#talksOnSinceMs ??= atMs;
      if (atMs - (this.#talksOnSinceMs ?? atMs) >= ASK_AGAIN_MS) this.#paysForTalk = true;
    }
    if (activity === 'agent_busy') this.busyFromMs ??= atMs;
    if (activity !== 'agent_quiet') return;
    this.isAnswered = false;
    if (this.busyFromMs === undefined) return;
    this.busy.push({ fromMs: this.busyFromMs, toMs: atMs });
    this.busyFromMs = undefined;
  }
}

/** Nobody changes a state: a step that tried would throw. */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
}

/** What a person owns and a call was granted of it, as private.extend_grant has it for one live call. */
export class StepBooks {
  owned: number;
  granted = 0;
  #restoredSeconds = 0;
  readonly #sliceSeconds: number;

  constructor(owned: number, sliceSeconds: number) {
    this.owned = owned;
    this.#sliceSeconds = sliceSeconds;
  }

  extend(used: number, restored = 0): Grant {
    this.#restoredSeconds = Math.max(this.#restoredSeconds, Math.floor(restored / 1000));
    const ahead = this.granted - Math.ceil(Math.min(used, this.granted * 1000) / 1000);
    // What was given back is free again.
    const owned = this.owned + this.#restoredSeconds;
    this.granted += Math.max(0, Math.min(owned - this.granted, this.#sliceSeconds - ahead));
    const freeSeconds = owned - this.granted;
    return { grantedSeconds: this.granted, freeSeconds, liveCalls: 1, final: freeSeconds === 0 };
  }
}

/** Nobody keeps a free line by hearing nothing. */
export class WaitingRule {
  #arrivedAtMs: number | undefined;
  #hereSinceMs: number | undefined;

  check(before: State, state: State, nowMs: number): void {
    if (state.stage.name !== 'waiting' || state.presence !== 'present') {
      this.#hereSinceMs = undefined;
      return;
    }
    const isNew = before.stage.name !== 'waiting' || before.presence !== 'present';
    // A caller who is told to be there again may have been away meanwhile.
    const isTold = state.timers.unheard !== before.timers.unheard;
    if (isNew || isTold) this.#hereSinceMs = nowMs;
    this.#hereSinceMs ??= nowMs;
    this.#arrivedAtMs ??= nowMs;
    const { unheard } = dueTimes(state);
    expect(unheard).toBeLessThanOrEqual(this.#hereSinceMs + UNHEARD_MS);
    expect(unheard).toBeLessThanOrEqual(Math.max(nowMs, this.#arrivedAtMs + MAX_UNHEARD_MS));
  }
}
