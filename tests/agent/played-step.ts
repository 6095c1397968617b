import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type CallEnd,
  type Effect,
  type Event,
  type Figures,
  newCall,
  type State,
} from '../../agent/call/call-state.ts';
import { thresholdAt } from '../../agent/call/counting.ts';
import type { Presence } from '../../agent/call/line.ts';
import { receiptWindows, restoredMs, usedMs } from '../../agent/call/meter.ts';
import { dueTimes, type step } from '../../agent/call/step.ts';
import { isRunning, windowsOf } from '../../agent/call/timeline.ts';
import { billedMs } from '../../agent/call/windows.ts';
import { type Move, mostly, moves, oftenest, type WithoutTime } from './step-moves.ts';
import { frozen, isLive, StepBooks, StepWorld, WaitingRule } from './step-world.ts';

export type Step = typeof step;

const SETTINGS = {
  sliceSeconds: 30,
  reconnectGraceSeconds: 30,
  deskSeconds: 90,
  deskSecondsPerDay: 200,
  deskAnswers: 3,
  deskWords: 50,
  silenceAskSeconds: 45,
  silenceGoodbyeSeconds: 30,
};
const GOODBYE_MS = 15_000;
/** What changing the role takes, and a stall. */
const LATE_MS = 9_000;
/** A call in a world without anything else: what was asked for is answered by moves, and its rules are checked. */
class PlayedCall {
  readonly #step: Step;
  #state: State;
  #nowMs = 1000;
  readonly #books: StepBooks;
  /** What was asked for and has got no answer. */
  #open: Effect[] = [];
  // What the world knows by itself, to hold the call against.
  readonly #world: StepWorld;
  #isFenced = false;
  #isListening = false;
  readonly #waiting = new WaitingRule();
  #deadLines = 0;
  #warned = Number.POSITIVE_INFINITY;
  #figures: Figures | undefined;
  #settlesOpen = 0;
  #goodbyeUntilMs: number | undefined;
  #deskUntilMs: number | undefined;
  #end: CallEnd | undefined;
  #last = [0, 0];

  constructor(step: Step, ownedSeconds: number, presence: Presence) {
    this.#step = step;
    this.#books = new StepBooks(ownedSeconds, SETTINGS.sliceSeconds);
    this.#world = new StepWorld(presence);
    this.#state = frozen(newCall(SETTINGS, presence, this.#nowMs));
  }

  play(steps: readonly Move[], begins: { opens: boolean; starts: boolean; hears: boolean }): void {
    this.#tell({ type: 'run', presence: this.#world.presence });
    this.#answer('open', begins.opens);
    this.#answer('start_conversation', begins.starts);
    if (begins.hears) this.#tell({ type: 'heard' });
    for (const move of steps) this.#make(move);
    this.#tell({ type: 'end_wanted', reason: 'job_shutdown' });
    this.#pass(60_000);
    for (let tries = 0; tries < 6; tries++) {
      this.#answer('settle', true);
      this.#pass(10_000);
    }
    expect(this.#end).toBeDefined();
    expect(dueTimes(this.#state)).toEqual({});
    expect(this.#figures !== undefined).toBe(begins.opens);
    expect(this.#end?.usedMs).toBe(this.#figures?.usedMs ?? 0);
  }

  #make(move: Move): void {
    if (move.move === 'pass') this.#pass(move.ms);
    else if (move.move === 'stall') this.#nowMs += move.ms;
    else if (move.move === 'buy') this.#books.owned += move.seconds;
    else if (move.move === 'answer') this.#answer(move.what, move.isGood);
    else if (move.move === 'fence') this.#fence();
    else if (move.move === 'event') this.#tell(move.event);
    else if (move.move === 'ago') {
      const sinceMs = this.#nowMs - move.agoMs;
      if (move.type === 'stt') this.#tell({ type: 'stt', lostSinceMs: sinceMs });
      else if (move.type === 'dead') this.#tell({ type: 'presence', presence: 'cut', sinceMs });
      else this.#tell({ type: move.type, sinceMs });
    }
  }

  /** Lets time pass; what is due comes in its order. */
  #pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let count = 0; count < 10_000; count++) {
      const [next] = Object.entries(dueTimes(this.#state)).sort(([, one], [, other]) => one - other);
      if (!next || next[1] > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next[1]);
      const timer = next[0] as Extract<Event, { type: 'due' }>['timer'];
      this.#tell({ type: 'due', timer });
    }
    this.#nowMs = untilMs;
  }

  #fence(): void {
    const asked = this.#take('renew');
    if (!asked) return;
    const wasLive = this.#state.stage.name !== 'ended';
    this.#isFenced ||= wasLive;
    this.#tell({ type: 'renewal', id: asked.request.id, answer: 'fenced' });
    if (wasLive) expect(this.#state.stage).toMatchObject({ name: 'ended', reason: 'fenced' });
  }

  #take<Type extends Effect['type']>(type: Type): Extract<Effect, { type: Type }> | undefined {
    const found = this.#open.find((effect) => effect.type === type);
    this.#open = this.#open.filter((effect) => effect !== found);
    return found as Extract<Effect, { type: Type }> | undefined;
  }

  /** Answers the oldest request of that kind, if there is one. */
  #answer(what: Effect['type'], isGood: boolean): void {
    const asked = this.#take(what);
    if (asked?.type === 'open') {
      const opening = () => ({
        ...this.#books.extend(0),
        usedMs: 0,
        restoredMs: 0,
        expiringSeconds: 0,
        deskMs: 0,
      });
      this.#tell(isGood ? { type: 'opened', opening: opening() } : { type: 'refused', code: 'no_time_left' });
    }
    if (asked?.type === 'start_conversation') {
      this.#tell({ type: isGood ? 'conversation_started' : 'conversation_not_started' });
    }
    if (asked?.type === 'renew') {
      const { id, usedMs: used, restoredMs: restored } = asked.request;
      this.#tell({ type: 'renewal', id, answer: isGood ? this.#books.extend(used, restored) : 'unanswered' });
    }
    if (asked?.type === 'change_role') {
      this.#tell({ type: 'role_changed', roleChange: asked.roleChange, isDone: isGood });
    }
    if (asked?.type === 'say_goodbye') this.#tell({ type: 'goodbye_said' });
    if (asked?.type === 'settle') {
      this.#settlesOpen--;
      const chargedSeconds = Math.floor(billedMs(asked.figures.windows) / 1000);
      this.#tell(isGood ? { type: 'settled', chargedSeconds } : { type: 'not_settled' });
    }
    if (asked?.type === 'close_line') this.#tell({ type: 'line_closed' });
    if (asked?.type === 'close_conversation') this.#tell({ type: 'conversation_ended' });
  }

  #tell(unstamped: WithoutTime<Event>): void {
    // Whoever has left does not come back on the same line.
    if (unstamped.type === 'presence' && this.#world.presence === 'left') return;
    const happened = { ...unstamped, atMs: this.#nowMs } as Event;
    const before = this.#state;
    this.#world.note(happened, before);
    const [state, effects] = this.#step(before, happened);
    expect(this.#step(before, happened)).toEqual([state, effects]);
    this.#state = frozen(state);
    for (const effect of effects) this.#see(effect, before);
    // What was due has come, and comes again later or never.
    if (happened.type === 'due') {
      expect(dueTimes(state)[happened.timer] ?? Number.POSITIVE_INFINITY).toBeGreaterThan(this.#nowMs);
    }
    this.#checkStage(before);
    this.#checkListening();
    this.#waiting.check(before, state, this.#nowMs);
    this.#checkFigures(before, effects);
    this.#checkGivenBack(happened, before, effects);
    this.#checkWritten(happened, before);
  }

  #see(effect: Effect, before: State): void {
    expect(this.#end).toBeUndefined();
    const wasEnded = before.stage.name === 'ended';
    const speaks = ['say', 'say_between_turns', 'say_goodbye', 'renew', 'change_role', 'prepare'];
    if (wasEnded) expect(speaks).not.toContain(effect.type);
    if (effect.type === 'send' && effect.message.type === 'warning') {
      const threshold = thresholdAt(effect.message.remaining_seconds);
      expect(threshold).toBeLessThan(this.#warned);
      this.#warned = threshold;
    }
    if (effect.type === 'listen') {
      expect(effect.isOn).not.toBe(this.#isListening);
      this.#isListening = effect.isOn;
    }
    if (effect.type === 'settle') {
      // Only one that got no answer is repeated, with the same figures.
      expect(this.#settlesOpen).toBe(0);
      if (this.#figures) expect(effect.figures).toEqual(this.#figures);
      this.#figures = effect.figures;
      this.#settlesOpen++;
      expect(billedMs(effect.figures.windows)).toBe(effect.figures.usedMs - effect.figures.restoredMs);
    }
    if (effect.type === 'finish') this.#end = effect.end;
    else this.#open.push(effect);
  }

  #checkStage(before: State): void {
    const { meter, presence, stage } = this.#state;
    expect(presence).toBe(this.#world.presence);
    if (before.stage.name === 'goodbye') expect(['goodbye', 'ended']).toContain(stage.name);
    if (before.stage.name === 'ended') expect(stage.name).toBe('ended');
    if (this.#isFenced) expect(stage.name).toBe('ended');
    if (isRunning(meter.timeline)) {
      expect(stage.name).toBe('talking');
      expect(this.#world.hasHeard).toBe(true);
      expect(this.#world.presence).toBe('present');
      expect(this.#world.isOut()).toBe(false);
    } else if (stage.name === 'talking' && this.#world.presence === 'present') {
      expect(this.#world.isOut()).toBe(true);
    }
    const due = dueTimes(this.#state);
    if (isLive(this.#state) && this.#world.presence !== 'present') expect(due.absence).toBeDefined();
    if (stage.name === 'waiting' && this.#world.presence === 'present') expect(due.greet_again).toBeDefined();
    // Nobody stays on a free line for longer than it is meant to be.
    this.#goodbyeUntilMs =
      stage.name === 'goodbye' ? (this.#goodbyeUntilMs ?? this.#nowMs + GOODBYE_MS) : undefined;
    if (this.#goodbyeUntilMs !== undefined) expect(due.goodbye).toBeLessThanOrEqual(this.#goodbyeUntilMs);
    const deskMs = SETTINGS.deskSeconds * 1000;
    this.#deskUntilMs = stage.name === 'desk' ? (this.#deskUntilMs ?? this.#nowMs + deskMs) : undefined;
    if (this.#deskUntilMs !== undefined) expect(due.desk).toBeLessThanOrEqual(this.#deskUntilMs);
    // Nobody comes back from the desk without time.
    if (before.stage.name === 'desk' && stage.name === 'resuming') expect(meter.isExhausted).toBe(false);
    if (before.stage.name === 'desk') expect(stage.name).not.toBe('talking');
    // A live call is always about to report, or waits for the answer.
    if (meter.isOpen && stage.name !== 'ended') {
      expect(due.renewal !== undefined || meter.sharedRenewal !== undefined).toBe(true);
    }
  }

  /** Nothing that a caller says or types is taken while the clock stands, but at the desk and in an outage of ours. */
  #checkListening(): void {
    const { meter, stage } = this.#state;
    const isAtDesk = stage.name === 'desk' || stage.name === 'resuming';
    const isOurFault = this.#world.unanswered > 0 || this.#world.isDeaf;
    const isTalking = stage.name === 'talking' && (isRunning(meter.timeline) || isOurFault);
    expect(this.#isListening).toBe(this.#world.presence === 'present' && (isAtDesk || isTalking));
    if (this.#world.deskAnswers >= SETTINGS.deskAnswers) expect(stage.name).not.toBe('desk');
    if (this.#world.deskWords >= SETTINGS.deskWords) expect(stage.name).not.toBe('desk');
    const desks = windowsOf(meter.timeline, this.#nowMs).filter(({ reason }) => reason === 'desk');
    const deskMs = desks.reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0);
    // The way back takes a while, and a busy process is late.
    expect(deskMs).toBeLessThanOrEqual(SETTINGS.deskSecondsPerDay * 1000 + desks.length * LATE_MS);
  }

  /** A dead line and a deaf recogniser give back what was lost, and nothing in which the caller was served. */
  #checkGivenBack(happened: Event, before: State, effects: readonly Effect[]): void {
    const isDeaf = happened.type === 'stt';
    if (!isDeaf && happened.type !== 'presence') return;
    const sinceMs = isDeaf ? happened.lostSinceMs : happened.sinceMs;
    if (sinceMs === undefined) return;
    const lostMs = this.#world.lostMs(sinceMs, this.#nowMs);
    const restoredMs = this.#state.meter.timeline.restoredMs - before.meter.timeline.restoredMs;
    expect(restoredMs).toBeLessThanOrEqual(lostMs);
    if (isDeaf || (!isLive(before) && before.stage.name !== 'goodbye')) return;
    this.#deadLines++;
    expect(effects.some(({ type }) => type === 'note_dead_lines')).toBe(this.#deadLines > 2);
  }

  /** A turn without an answer gives back nothing in which its caller was written down at their cost. */
  #checkWritten({ type }: Event, before: State): void {
    if (type !== 'no_answer' && type !== 'late_answer') return;
    const restoredMs = this.#state.meter.timeline.restoredMs - before.meter.timeline.restoredMs;
    expect(restoredMs).toBeLessThanOrEqual(Math.max(0, this.#nowMs - this.#world.servedUntilMs));
  }

  #checkFigures(before: State, effects: readonly Effect[]): void {
    const { meter } = this.#state;
    const [used, restored] = [usedMs(meter, this.#nowMs), restoredMs(meter, this.#nowMs)];
    const [lastUsed = 0, lastRestored = 0] = this.#last;
    expect(used).toBeGreaterThanOrEqual(lastUsed);
    expect(restored).toBeGreaterThanOrEqual(lastRestored);
    expect(restored).toBeLessThanOrEqual(used);
    expect(used).toBeLessThanOrEqual(this.#books.granted * 1000);
    expect(billedMs(receiptWindows(meter, this.#nowMs))).toBe(used - restored);
    // What is given back is known to the database at once: a crash must not charge it.
    // A grant that grows may show more of what is known already.
    const isNew = meter.timeline.restoredMs > before.meter.timeline.restoredMs;
    if (isNew && before.stage.name !== 'ended' && this.#state.stage.name !== 'ended') {
      expect(
        effects.some((effect) => effect.type === 'renew' && effect.request.restoredMs === restored),
      ).toBe(true);
    }
    const isBought = meter.grant.grantedSeconds > before.meter.grant.grantedSeconds;
    const left = meter.grant.grantedSeconds + meter.grant.freeSeconds - Math.ceil(used / 1000);
    if (isBought || thresholdAt(left) > this.#warned)
      this.#warned = Math.max(this.#warned, thresholdAt(left));
    this.#last = [used, restored];
  }
}

/** Whatever happens, and in whatever order, a call keeps its rules. */
export const keepsItsRules = (step: Step) =>
  fc.property(
    fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 500 })),
    fc.constantFrom<Presence>('present', 'present', 'awaited', 'cut'),
    fc.record({ opens: mostly, starts: mostly, hears: oftenest }),
    moves,
    (ownedSeconds, presence, begins, steps) => {
      const call = new PlayedCall(step, ownedSeconds, presence);
      call.play(steps, begins);
    },
  );
