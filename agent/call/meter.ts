import type { Grant, Opening } from './billing.ts';
import type { Spell } from './service.ts';
import {
  carryOver,
  countedMs,
  endTimeline,
  enterBeyond,
  enterPhase,
  freeTalkWithin,
  isRunning,
  newTimeline,
  type Timeline,
  windowsOf,
} from './timeline.ts';
import { billedWithin, type Interruption, isBilled, type Phase, type Window } from './windows.ts';

/** Why the meter says that the call must stop. */
export type StopReason = 'time_used_up' | 'billing_unreachable' | 'fenced';

/** What the call does, free of charge, when its time is used up. */
type RestPhase = 'desk' | 'goodbye';

/** A report of the use so far, which asks for more. `id` tells answers apart: they may overtake each other. */
export type RenewalRequest = { id: number; usedMs: number; restoredMs: number };

/** What came of a report: a grant, or that this worker does not own the call any more, or nothing. */
export type RenewalAnswer = Grant | 'fenced' | 'unanswered';

const MIN_PAUSE_MS = 500;

/** The first of what is used is reported so soon: a call that hangs or dies before half a slice was served, too. */
const FIRST_REPORT_MS = 2_000;

/** How often a call without time looks whether some was bought. */
const LOOK_PAUSE_MS = 1_000;

/**
 * Keeps a live call within what it was granted: a value, which each function answers anew. Renewals are due when
 * half a slice is used; on the call's own monotonic clock the grant ends, whether or not the database can be
 * reached. Renewals go on then, for the lease and for time that is bought, until the meter is closed. `nowMs` is
 * the time of the event on the call's clock.
 */
export type Meter = Readonly<{
  timeline: Timeline;
  sliceSeconds: number;
  restPhase: RestPhase;
  grant: Grant;
  /** What of the person's time expired within a week when the call began; the call uses that first. */
  expiringSeconds: number;
  /** Whether the database has opened the call. */
  isOpen: boolean;
  /** Nothing is reported or counted any more. */
  isClosed: boolean;
  /** The grant is used up. The clock stands until there is time again. */
  isExhausted: boolean;
  lastRenewalFailed: boolean;
  /** Reports so far, and the use that the last one told of. */
  sent: number;
  /** What was given back with each report that has no answer yet, and what the newest grant knows of. */
  asked: readonly { id: number; restoredMs: number }[];
  knownRestoredMs: number;
  reportedMs: number;
  /** The report that those who ask now share; one made at once for a reason of its own is not shared. */
  sharedRenewal?: number | undefined;
  /** When the next renewal is due, on the call's clock. */
  renewAtMs?: number | undefined;
  /** When the grant will be used up if talk goes on, on the call's clock. */
  grantEndsAtMs?: number | undefined;
}>;

const NOTHING: Grant = { grantedSeconds: 0, freeSeconds: 0, liveCalls: 1, final: false };

/** The meter of a call that was not opened yet: it counts phases, and nothing can be billed. */
export const newMeter = (sliceSeconds: number, restPhase: RestPhase, nowMs: number): Meter => ({
  timeline: newTimeline(nowMs),
  sliceSeconds,
  restPhase,
  grant: NOTHING,
  expiringSeconds: 0,
  isOpen: false,
  isClosed: false,
  isExhausted: false,
  lastRenewalFailed: false,
  sent: 0,
  asked: [],
  knownRestoredMs: 0,
  reportedMs: 0,
});

/** Milliseconds counted, never more than was granted. */
export const usedMs = (meter: Meter, nowMs: number): number =>
  Math.min(countedMs(meter.timeline, nowMs), meter.grant.grantedSeconds * 1000);

/** The part of `usedMs` that is free after all. Never shrinks. */
export const restoredMs = (meter: Meter, nowMs: number): number =>
  Math.min(meter.timeline.restoredMs, usedMs(meter, nowMs));

/** The windows for the receipt. Their billed ones sum up to `usedMs - restoredMs`. */
export const receiptWindows = (meter: Meter, nowMs: number): Window[] =>
  billedWithin(windowsOf(meter.timeline, nowMs), usedMs(meter, nowMs) - restoredMs(meter, nowMs));

/** Milliseconds that are charged for so far: what is told to the caller as used. */
export const chargedMs = (meter: Meter, nowMs: number): number =>
  usedMs(meter, nowMs) - restoredMs(meter, nowMs);

/**
 * Seconds that this call can still use, as far as the last answer knew. What was given back is free again: the answer to
 * the report of it counts it, and until then it is counted here.
 */
export function remainingSeconds(meter: Meter, nowMs: number): number {
  const { grant, knownRestoredMs, timeline } = meter;
  const used = Math.ceil(countedMs(timeline, nowMs) / 1000);
  const restored = Math.floor(restoredMs(meter, nowMs) / 1000) - Math.floor(knownRestoredMs / 1000);
  return Math.max(0, grant.grantedSeconds + grant.freeSeconds + Math.max(0, restored) - used);
}

/** What is left of the time that expires within a week: it is used before all other. */
export function expiringSeconds(meter: Meter, nowMs: number): number {
  const charged = Math.ceil(chargedMs(meter, nowMs) / 1000);
  return Math.max(0, Math.min(meter.expiringSeconds - charged, remainingSeconds(meter, nowMs)));
}

const leftMs = ({ grant, timeline }: Meter, nowMs: number) =>
  grant.grantedSeconds * 1000 - countedMs(timeline, nowMs);

function watchGrant(meter: Meter, nowMs: number): Meter {
  if (!isRunning(meter.timeline)) return { ...meter, grantEndsAtMs: undefined };
  const grantEndsAtMs = nowMs + Math.max(0, leftMs(meter, nowMs));
  if (meter.reportedMs > 0 || meter.renewAtMs === undefined) return { ...meter, grantEndsAtMs };
  const firstReportMs = Math.max(0, FIRST_REPORT_MS - countedMs(meter.timeline, nowMs));
  return { ...meter, grantEndsAtMs, renewAtMs: Math.min(meter.renewAtMs, nowMs + firstReportMs) };
}

/** The lease lives on in every phase, so renewals go on while nothing is billed. */
function schedule(meter: Meter, nowMs: number): Meter {
  const halfMs = Math.min(meter.sliceSeconds * 1000, leftMs(meter, nowMs)) / 2;
  const pauseMs = meter.isExhausted ? LOOK_PAUSE_MS : Math.max(MIN_PAUSE_MS, halfMs);
  return watchGrant({ ...meter, renewAtMs: nowMs + pauseMs }, nowMs);
}

/** The database has opened the call: from now on its lease is renewed. */
export function openMeter(meter: Meter, opening: Opening, nowMs: number): Meter {
  const { usedMs: earlierMs, restoredMs: earlierRestoredMs, expiringSeconds: expiring, ...grant } = opening;
  const timeline = carryOver(meter.timeline, earlierMs, earlierRestoredMs);
  const open = {
    ...meter,
    timeline,
    grant,
    expiringSeconds: expiring,
    knownRestoredMs: earlierRestoredMs,
    isOpen: true,
  };
  return meter.isClosed ? open : schedule(open, nowMs);
}

/** Whether that phase can be entered: nothing is billed without a grant, and nothing moves after the end. */
export const mayEnter = (meter: Meter, phase: Phase): boolean =>
  !meter.isClosed && !(meter.isExhausted && isBilled(phase));

/** Moves the presence clock; billing starts or pauses with it. The same meter where that may not be. */
export function enter(meter: Meter, phase: Phase, nowMs: number): Meter {
  if (!mayEnter(meter, phase)) return meter;
  return watchGrant({ ...meter, timeline: enterPhase(meter.timeline, phase, nowMs) }, nowMs);
}

/** Gives back what was billed then, because of what is noticed only now. To be reported at once. */
export function restore(meter: Meter, spell: Spell, reason: Interruption, nowMs: number): Meter {
  if (meter.isClosed) return meter;
  return { ...meter, timeline: freeTalkWithin(meter.timeline, spell, reason, nowMs) };
}

/** A report of the figures as they are now; none of a meter that is closed, or not open yet. */
export function report(meter: Meter, nowMs: number): [Meter, RenewalRequest | undefined] {
  if (meter.isClosed || !meter.isOpen) return [meter, undefined];
  const id = meter.sent + 1;
  const request = { id, usedMs: usedMs(meter, nowMs), restoredMs: restoredMs(meter, nowMs) };
  const asked = [...meter.asked, { id, restoredMs: request.restoredMs }];
  return [{ ...meter, sent: id, asked, reportedMs: request.usedMs }, request];
}

/** Asks for more, where nobody is asking already: several askers share one report. */
export function renew(meter: Meter, nowMs: number): [Meter, RenewalRequest | undefined] {
  const due = { ...meter, renewAtMs: undefined };
  if (meter.sharedRenewal !== undefined) return [due, undefined];
  const [asking, request] = report(due, nowMs);
  return [{ ...asking, sharedRenewal: request?.id }, request];
}

/** What an answer means: `fenced` closes the meter; `resumed`, there is time again after it was used up. */
type Outcome = 'nothing' | 'changed' | 'resumed' | 'fenced';

export function answered(meter: Meter, id: number, answer: RenewalAnswer, nowMs: number): [Meter, Outcome] {
  const request = meter.asked.find((one) => one.id === id);
  const asked = meter.asked.filter((one) => one !== request);
  const next = { ...meter, asked, ...(meter.sharedRenewal === id && { sharedRenewal: undefined }) };
  // An answer that comes after the end must not change the figure that was settled.
  if (meter.isClosed) return [next, 'nothing'];
  if (answer === 'fenced') return [closeMeter(next), 'fenced'];
  const isNewest = answer !== 'unanswered' && answer.grantedSeconds >= meter.grant.grantedSeconds;
  const lastRenewalFailed = answer === 'unanswered';
  // Answers may overtake each other; a grant never shrinks.
  const news = isNewest && {
    grant: answer,
    knownRestoredMs: Math.max(meter.knownRestoredMs, request?.restoredMs ?? 0),
  };
  const known = { ...next, lastRenewalFailed, ...news };
  const isResumed = known.isExhausted && leftMs(known, nowMs) > 0;
  const isExhausted = known.isExhausted && !isResumed;
  return [schedule({ ...known, isExhausted }, nowMs), isResumed ? 'resumed' : 'changed'];
}

/** The grant may be used up now. If it is, the clock stands, and the reason says why the call must stop. */
export function grantEnds(meter: Meter, nowMs: number): [Meter, StopReason | undefined] {
  if (!isRunning(meter.timeline) || leftMs(meter, nowMs) > 0) return [watchGrant(meter, nowMs), undefined];
  // A renewal without an answer so far is no proof that nothing is left: only the last slice is.
  const isUsedUp = meter.grant.final && !meter.lastRenewalFailed;
  const limitMs = meter.grant.grantedSeconds * 1000;
  const phase = isUsedUp ? meter.restPhase : 'goodbye';
  const timeline = enterBeyond(meter.timeline, limitMs, phase, nowMs);
  const stopped = schedule({ ...meter, timeline, isExhausted: true }, nowMs);
  return [stopped, isUsedUp ? 'time_used_up' : 'billing_unreachable'];
}

/** No renewal and no stop comes after this. */
export const closeMeter = (meter: Meter): Meter => ({
  ...meter,
  isClosed: true,
  renewAtMs: undefined,
  grantEndsAtMs: undefined,
});

/** Closes the meter and ends its last window. */
export const endMeter = (meter: Meter, nowMs: number): Meter => ({
  ...closeMeter(meter),
  timeline: endTimeline(meter.timeline, nowMs),
});
