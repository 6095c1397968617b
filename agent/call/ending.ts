import type { GoodbyeReason } from '../sentences/sentences.ts';
import type { Bill, Closing, EndReason, Figures, Speech, Stage } from './call-state.ts';
import { enterPhase, reportNow } from './counting.ts';
import { endMeter, receiptWindows, restoredMs, usedMs } from './meter.ts';
import { change, clearTimers, emit, setTimer, type Work } from './work.ts';

/** How long a goodbye may last, whatever is said and whether or not it is heard. */
const GOODBYE_MS = 15_000;

/** How long a caller is kept on the line for the bill. It is written all the same. */
const BILL_MS = 3_000;

/** How long the line and the conversation may take to close. Neither may keep the job, nor each other. */
const CLOSE_MS = 5_000;

/** After which a settlement that got no answer is tried again. */
const SETTLE_AGAIN_MS = [500, 1_000, 2_000, 4_000];

type Ended = Extract<Stage, { name: 'ended' }>;

/** Begins the last words. Nothing is billed from here on. */
function beginGoodbye(work: Work, reason: EndReason): void {
  change(work, { stage: { name: 'goodbye', reason }, timers: {} });
  setTimer(work, 'goodbye', GOODBYE_MS);
}

/** Says goodbye and ends then, for that reason. */
export function sayGoodbye(work: Work, reason: GoodbyeReason | 'said_goodbye', speech?: Speech): void {
  const { name } = work.state.stage;
  if (name === 'goodbye' || name === 'ended') return;
  beginGoodbye(work, reason);
  enterPhase(work, 'goodbye');
  // Reported before anything is said: a crash during the goodbye must not lose what was used.
  reportNow(work);
  const usual: Speech = reason === 'said_goodbye' ? { say: 'farewell' } : { say: 'goodbye', reason };
  emit(work, { type: 'say_goodbye', speech: speech ?? usual, deadlineMs: GOODBYE_MS });
}

/** Says why no call may begin. There is no bill. */
export function refuse(work: Work, speech: Extract<Speech, { say: 'refusal' }>): void {
  beginGoodbye(work, 'refused');
  emit(work, { type: 'say_goodbye', speech, deadlineMs: GOODBYE_MS });
}

export function goodbyeIsOver(work: Work): void {
  const { stage } = work.state;
  if (stage.name === 'goodbye') end(work, stage.reason);
}

/** Ends the call: stops the clock, settles, tells the client, closes the line. Only the first reason counts. */
export function end(work: Work, reason: EndReason): void {
  const { meter, stage } = work.state;
  if (stage.name === 'ended') return;
  const isOpening = stage.name === 'connecting' && stage.opening === 'asked';
  change(work, { meter: endMeter(meter, work.nowMs), timers: {} });
  // What is still being opened will have a hold, which must be released.
  if (isOpening) setEnded(work, { name: 'ended', reason, bill: { is: 'opening' }, closing: 'bill' });
  else writeBill(work, reason);
}

/** The call was opened or refused after its end. */
export function writeBill(work: Work, reason: EndReason): void {
  const { meter } = work.state;
  if (!meter.isOpen) {
    const bill: Bill = { is: 'known', usedMs: 0, chargedSeconds: undefined };
    setEnded(work, { name: 'ended', reason, bill, closing: 'bill' });
    return void goOnClosing(work);
  }
  const figures: Figures = {
    usedMs: usedMs(meter, work.nowMs),
    restoredMs: restoredMs(meter, work.nowMs),
    windows: receiptWindows(meter, work.nowMs),
  };
  const bill: Bill = { is: 'settling', figures, tries: 1 };
  setEnded(work, { name: 'ended', reason, bill, closing: 'bill' });
  setTimer(work, 'closing', BILL_MS);
  emit(work, { type: 'settle', figures, reason });
}

const setEnded = (work: Work, stage: Ended) => change(work, { stage });

export function settled(work: Work, chargedSeconds: number | undefined): void {
  const { stage } = work.state;
  if (stage.name !== 'ended' || stage.bill.is !== 'settling') return;
  const { usedMs: counted } = stage.bill.figures;
  setEnded(work, { ...stage, bill: { is: 'known', usedMs: counted, chargedSeconds } });
  if (stage.closing === 'bill') goOnClosing(work);
  else finishIfDone(work);
}

export function notSettled(work: Work): void {
  const { stage } = work.state;
  if (stage.name !== 'ended' || stage.bill.is !== 'settling') return;
  const pauseMs = SETTLE_AGAIN_MS[stage.bill.tries - 1];
  if (pauseMs !== undefined) return void setTimer(work, 'settle_again', pauseMs);
  emit(work, { type: 'leave_to_reaper' });
  settled(work, undefined);
}

export function settleAgain(work: Work): void {
  const { stage } = work.state;
  if (stage.name !== 'ended' || stage.bill.is !== 'settling') return;
  const { figures, tries } = stage.bill;
  setEnded(work, { ...stage, bill: { is: 'settling', figures, tries: tries + 1 } });
  emit(work, { type: 'settle', figures, reason: stage.reason });
}

/** What was waited for is closed. */
export function closed(work: Work, what: Closing): void {
  const { stage } = work.state;
  if (stage.name === 'ended' && stage.closing === what) goOnClosing(work);
}

/** What is waited for has come, or has taken too long: the next is closed. */
export function goOnClosing(work: Work): void {
  const { stage } = work.state;
  if (stage.name !== 'ended') return;
  clearTimers(work, 'closing');
  const billed = stage.bill.is === 'known' ? stage.bill.chargedSeconds : undefined;
  // A worker that another one has replaced leaves quietly: room and caller are the other's now.
  const isOthers = stage.reason === 'fenced' && billed === undefined;
  if (stage.closing === 'bill' && !isOthers) {
    setEnded(work, { ...stage, closing: 'line' });
    const message = { type: 'ended', reason: stage.reason, charged_seconds: billed ?? null } as const;
    emit(work, { type: 'send', message }, { type: 'close_line' });
    setTimer(work, 'closing', CLOSE_MS);
  } else if (stage.closing === 'bill' || stage.closing === 'line') {
    setEnded(work, { ...stage, closing: 'conversation' });
    emit(work, { type: 'close_conversation' });
    setTimer(work, 'closing', CLOSE_MS);
  } else {
    setEnded(work, { ...stage, closing: 'nothing' });
    finishIfDone(work);
  }
}

function finishIfDone(work: Work): void {
  const { stage } = work.state;
  if (stage.name !== 'ended' || stage.closing !== 'nothing' || stage.bill.is !== 'known') return;
  const { usedMs: counted, chargedSeconds } = stage.bill;
  emit(work, { type: 'finish', end: { reason: stage.reason, usedMs: counted, chargedSeconds } });
}
