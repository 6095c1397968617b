import type { Message, State } from './call-state.ts';
import {
  chargedMs,
  enter,
  expiringSeconds,
  mayEnter,
  type RenewalRequest,
  remainingSeconds,
  renew,
  report,
  restore,
} from './meter.ts';
import { unservedSince } from './service.ts';
import { isRunning } from './timeline.ts';
import type { Interruption, Phase } from './windows.ts';
import { change, clearTimers, emit, phaseOfTalk, setTimer, type Work } from './work.ts';

/** Seconds left at which the caller is warned, the first warning first. */
const THRESHOLDS_SECONDS = [300, 60];

/** The lowest threshold that is passed; infinite when none is: after time was bought, warnings are due again. */
export const thresholdAt = (remaining: number): number =>
  THRESHOLDS_SECONDS.filter((seconds) => remaining <= seconds).at(-1) ?? Number.POSITIVE_INFINITY;

/** Seconds of billed time until the next warning is due; undefined when none is. */
export function secondsUntilWarning(remaining: number): number | undefined {
  const threshold = THRESHOLDS_SECONDS.find((seconds) => seconds < remaining);
  return threshold === undefined ? undefined : remaining - threshold;
}

/** What the caller's client is told of the clock. */
function meterState({ stage, meter }: State): Extract<Message, { type: 'meter' }>['state'] {
  if (stage.name === 'desk' || stage.name === 'resuming') return 'desk';
  if (stage.name === 'goodbye' || stage.name === 'ended') return 'stopped';
  if (stage.name !== 'talking') return 'waiting';
  return isRunning(meter.timeline) ? 'running' : 'paused';
}

/** The caller is being told what is left: a notice right behind it would say the same. */
export function tellRemaining(work: Work): { remainingSeconds: number; expiringSeconds: number } {
  const { meter } = work.state;
  const left = remainingSeconds(meter, work.nowMs);
  const lastKnown = { remainingSeconds: left, liveCalls: meter.grant.liveCalls };
  change(work, { lastKnown, warnedAtSeconds: thresholdAt(left) });
  return { remainingSeconds: left, expiringSeconds: expiringSeconds(meter, work.nowMs) };
}

/** More than what the person's other calls may have given back. */
function hasGrown({ lastKnown, settings }: State, left: number): boolean {
  if (!lastKnown) return false;
  return left - lastKnown.remainingSeconds > (settings.sliceSeconds + 1) * lastKnown.liveCalls;
}

/** Tells between turns what is due now, once, and looks again when the next warning will be. */
export function giveNotice(work: Work): void {
  const { hasToldOfOtherCall, meter, warnedAtSeconds } = work.state;
  const left = remainingSeconds(meter, work.nowMs);
  const { liveCalls } = meter.grant;
  const threshold = thresholdAt(left);
  if (threshold < warnedAtSeconds) {
    emit(work, { type: 'send', message: { type: 'warning', remaining_seconds: left } });
    const speech = { say: 'warning', remainingSeconds: left } as const;
    emit(work, { type: 'say_between_turns', speech, topic: 'time' });
  } else if (hasGrown(work.state, left)) {
    const speech = { say: 'timeAdded', remainingSeconds: left } as const;
    emit(work, { type: 'say_between_turns', speech, topic: 'time' });
  }
  change(work, { warnedAtSeconds: threshold, lastKnown: { remainingSeconds: left, liveCalls } });
  if (liveCalls > 1 && !hasToldOfOtherCall) {
    change(work, { hasToldOfOtherCall: true });
    emit(work, { type: 'say_between_turns', speech: { say: 'otherCall' }, topic: 'other_call' });
  }
  if (work.state.hasSpendWarning) {
    change(work, { hasSpendWarning: false });
    emit(work, { type: 'say_between_turns', speech: { say: 'spendWarning' }, topic: 'spend' });
  }
  const nextSeconds = secondsUntilWarning(left);
  if (nextSeconds === undefined) clearTimers(work, 'notice');
  else setTimer(work, 'notice', nextSeconds * 1000);
}

/** The figures are new, or the clock has begun to run or stand. */
export function figuresChanged(work: Work): void {
  const { meter, stage } = work.state;
  if (stage.name === 'ended') return;
  emit(work, {
    type: 'send',
    message: {
      type: 'meter',
      state: meterState(work.state),
      used_ms: chargedMs(meter, work.nowMs),
      remaining_seconds: remainingSeconds(meter, work.nowMs),
    },
  });
  if (isRunning(meter.timeline)) giveNotice(work);
  else clearTimers(work, 'notice');
}

export function enterPhase(work: Work, phase: Phase): void {
  const { meter } = work.state;
  if (!mayEnter(meter, phase)) return;
  change(work, { meter: enter(meter, phase, work.nowMs) });
  figuresChanged(work);
}

/** Lets the clock follow what is going on: it runs while both sides of a conversation hear each other. */
export function followTalk(work: Work): void {
  if (work.state.stage.name === 'talking') enterPhase(work, phaseOfTalk(work.state));
}

function ask(work: Work, [meter, request]: ReturnType<typeof report>): RenewalRequest | undefined {
  change(work, { meter });
  if (request) emit(work, { type: 'renew', request });
  return request;
}

/** Tells the database the figures as they are now: a crash from here on must not lose them. */
export const reportNow = (work: Work) => ask(work, report(work.state.meter, work.nowMs));

/** Asks the database for more; several askers share one report. */
export const renewNow = (work: Work) => ask(work, renew(work.state.meter, work.nowMs));

/** What is noticed late: a dead line, a recogniser that hears nothing, or a question that gets no answer. */
type Loss = 'line' | 'stt' | 'answer';

/**
 * Gives back what was billed since then. Known to the database at once: whoever settles must not charge it.
 *
 * Of a dead line only what was really lost: whoever was answered meanwhile, or heard, was served, and packets that stay
 * out are no proof of the opposite. The same of a recogniser that hears nothing: a caller may hum until it gives up.
 * While an answer of ours is missing, all is free, whatever else was served.
 */
export function giveBack(work: Work, sinceMs: number, loss: Loss): void {
  const all = [{ fromMs: sinceMs, toMs: work.nowMs }];
  const lost = loss === 'answer' ? all : unservedSince(work.state.service, sinceMs, work.nowMs);
  const reason: Interruption = loss === 'line' ? 'line_down' : 'provider_outage';
  for (const spell of lost) {
    change(work, { meter: restore(work.state.meter, spell, reason, work.nowMs) });
  }
  reportNow(work);
}
