import type { Spell } from './service.ts';
import {
  billedMs,
  billedWithin,
  freeWithin,
  type Interruption,
  isBilled,
  joined,
  type Phase,
  type Window,
} from './windows.ts';

/**
 * The presence clock of one call: contiguous windows on a monotonic clock. Nothing here can be paused by a
 * provider, a database or a model; only a change of phase moves it. Every function answers a new timeline;
 * `nowMs` is the time of the event on the call's clock.
 */
export type Timeline = Readonly<{
  /** When the call began, on the call's clock, less what another worker reported before. */
  startMs: number;
  /** The windows that are over. */
  closed: readonly Window[];
  phase: Phase;
  /** When the phase began, since the start. */
  phaseFromMs: number;
  restoredMs: number;
  /** When it ended, since the start. */
  endMs?: number;
}>;

export const newTimeline = (nowMs: number): Timeline => ({
  startMs: nowMs,
  closed: [],
  phase: 'connecting',
  phaseFromMs: 0,
  restoredMs: 0,
});

const sinceStartMs = (timeline: Timeline, nowMs: number) => Math.round(nowMs - timeline.startMs);

const current = ({ phase, phaseFromMs }: Timeline, toMs: number): Window => ({
  reason: phase,
  billed: isBilled(phase),
  from_ms: phaseFromMs,
  to_ms: toMs,
});

/** The same, with the current window closed and a new one of the same phase begun. */
function closedAt(timeline: Timeline, nowMs: number): Timeline {
  const toMs = sinceStartMs(timeline, nowMs);
  const closed =
    toMs > timeline.phaseFromMs ? [...timeline.closed, current(timeline, toMs)] : timeline.closed;
  return { ...timeline, closed, phaseFromMs: toMs };
}

/** Whether time is being billed. */
export const isRunning = (timeline: Timeline): boolean =>
  timeline.endMs === undefined && isBilled(timeline.phase);

/**
 * Puts what another worker reported of this call before all windows, so that the counters go on from there.
 * @param restoredMs part of `usedMs` that was given back
 */
export function carryOver(timeline: Timeline, usedMs: number, restoredMs: number): Timeline {
  if (usedMs === 0) return timeline;
  const later = timeline.closed.map((window) => ({
    ...window,
    from_ms: window.from_ms + usedMs,
    to_ms: window.to_ms + usedMs,
  }));
  const chargedMs = usedMs - restoredMs;
  const earlier: Window[] = [
    { reason: 'earlier', billed: true, from_ms: 0, to_ms: chargedMs },
    { reason: 'earlier', billed: false, from_ms: chargedMs, to_ms: usedMs },
  ];
  return {
    ...timeline,
    closed: [...earlier.filter((window) => window.to_ms > window.from_ms), ...later],
    restoredMs: timeline.restoredMs + restoredMs,
    startMs: timeline.startMs - usedMs,
    phaseFromMs: timeline.phaseFromMs + usedMs,
    ...(timeline.endMs !== undefined && { endMs: timeline.endMs + usedMs }),
  };
}

export function enterPhase(timeline: Timeline, phase: Phase, nowMs: number): Timeline {
  if (phase === timeline.phase || timeline.endMs !== undefined) return timeline;
  return { ...closedAt(timeline, nowMs), phase };
}

/**
 * Gives the talk of that time back: it stays in the counter, which may be reported already, and is counted as
 * restored too.
 */
export function freeTalkWithin(
  timeline: Timeline,
  { fromMs, toMs }: Spell,
  reason: Interruption,
  nowMs: number,
): Timeline {
  if (timeline.endMs !== undefined) return timeline;
  const before = closedAt(timeline, nowMs);
  const [from, to] = [sinceStartMs(timeline, fromMs), sinceStartMs(timeline, toMs)];
  const closed = freeWithin(before.closed, from, to, reason);
  const givenBackMs = billedMs(before.closed) - billedMs(closed);
  return { ...before, closed, restoredMs: before.restoredMs + givenBackMs };
}

/**
 * Enters a free phase because a limit is reached. What the counter has beyond it is given away for good: a busy
 * process noticed too late.
 */
export function enterBeyond(timeline: Timeline, limitMs: number, phase: Phase, nowMs: number): Timeline {
  if (timeline.endMs !== undefined) return timeline;
  const before = closedAt(timeline, nowMs);
  return { ...before, closed: billedWithin(before.closed, limitMs - before.restoredMs), phase };
}

/** Ends the last window. Later changes and the passing of time have no effect. */
export function endTimeline(timeline: Timeline, nowMs: number): Timeline {
  if (timeline.endMs !== undefined) return timeline;
  const ended = closedAt(timeline, nowMs);
  return { ...ended, endMs: ended.phaseFromMs };
}

/** All windows so far, the current one up to now. */
export function windowsOf(timeline: Timeline, nowMs: number): Window[] {
  const { closed, endMs } = timeline;
  return joined(endMs === undefined ? [...closed, current(timeline, sinceStartMs(timeline, nowMs))] : closed);
}

/** Milliseconds counted so far, those that were restored later included. */
export const countedMs = (timeline: Timeline, nowMs: number): number =>
  billedMs(windowsOf(timeline, nowMs)) + timeline.restoredMs;

/** Milliseconds of desks so far. */
export const deskMs = (timeline: Timeline, nowMs: number): number =>
  windowsOf(timeline, nowMs)
    .filter(({ reason }) => reason === 'desk')
    .reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0);
