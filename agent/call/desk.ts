import type { Role } from './conversation.ts';
import { enterPhase, figuresChanged, followTalk, reportNow, tellRemaining } from './counting.ts';
import { end, sayGoodbye } from './ending.ts';
import { answered, grantEnds, type RenewalAnswer, type StopReason } from './meter.ts';
import { deskMs } from './timeline.ts';
import { listenForSilence } from './watching.ts';
import { change, clearTimers, emit, isInConversation, setTimer, type Work } from './work.ts';

/** Nobody buys anything in less. */
const SHORTEST_SECONDS = 15;

/** How long the agent may take to change its role. */
const CHANGE_MS = 4_000;

/** Changes what the agent is there for. An older change that comes late is not this one. */
function changeRole(work: Work, role: Role): number {
  const roleChange = work.state.roleChanges + 1;
  change(work, { roleChanges: roleChange });
  emit(work, { type: 'change_role', role, roleChange });
  setTimer(work, 'role_change', CHANGE_MS);
  return roleChange;
}

/**
 * How long the desk may be open now. Each time that is used up opens one, however little it was: so what is free of it
 * is bounded by person and day, or tiny gifts one after the other would be free minutes.
 */
function deskSecondsLeft({ state, nowMs }: Work): number {
  const { deskSeconds = 0, deskSecondsPerDay = Number.POSITIVE_INFINITY } = state.settings;
  const hadMs = state.earlierDeskMs + deskMs(state.meter.timeline, nowMs);
  const seconds = Math.min(deskSeconds, Math.floor(deskSecondsPerDay - hadMs / 1000));
  return seconds < Math.min(deskSeconds, SHORTEST_SECONDS) ? 0 : seconds;
}

/** Time is used up: the agent stays for a while, free of charge, to sell more. */
function openDesk(work: Work, freeSeconds: number): void {
  const stage = { name: 'desk', roleChange: work.state.roleChanges + 1 } as const;
  change(work, { stage, deskFreeSeconds: freeSeconds, deskAnswers: 0, deskWords: 0 });
  listenForSilence(work);
  enterPhase(work, 'desk');
  setTimer(work, 'desk', freeSeconds * 1000);
  emit(work, { type: 'send', message: { type: 'desk', free_seconds: freeSeconds } });
  changeRole(work, 'desk');
  // Other calls of the person may be at a desk, too: only the database knows of them.
  emit(work, {
    type: 'reserve_desk',
    hadMs: deskMs(work.state.meter.timeline, work.nowMs),
    seconds: freeSeconds,
  });
  // Before anything long is said: a crash from here on must not lose the last slice.
  reportNow(work);
}

/** The database has said how much of the desk is free. */
export function deskReserved(work: Work, seconds: number): void {
  const { stage, deskFreeSeconds } = work.state;
  if (stage.name !== 'desk' || seconds >= deskFreeSeconds) return;
  if (seconds < SHORTEST_SECONDS) return void sayGoodbye(work, 'time_used_up');
  change(work, { deskFreeSeconds: seconds });
  setTimer(work, 'desk', seconds * 1000);
}

export function answeredAtDesk(work: Work): void {
  if (work.state.stage.name !== 'desk') return;
  change(work, { deskAnswers: work.state.deskAnswers + 1 });
  closeBusyDesk(work);
}

export function writtenAtDesk(work: Work, words: number): void {
  if (work.state.stage.name !== 'desk') return;
  change(work, { deskWords: work.state.deskWords + words });
  closeBusyDesk(work);
}

/** Buying takes some answers and some words. Who wants many more wants something else. */
function closeBusyDesk(work: Work): void {
  const { deskAnswers, deskWords, settings } = work.state;
  const isOver = (count: number, most = Number.POSITIVE_INFINITY) => count >= most;
  if (isOver(deskAnswers, settings.deskAnswers) || isOver(deskWords, settings.deskWords))
    sayGoodbye(work, 'time_used_up');
}

/** Time was bought: the same conversation goes on, once the agent is back in it. */
function resume(work: Work): void {
  clearTimers(work, 'desk', 'role_change');
  change(work, { stage: { name: 'resuming', roleChange: changeRole(work, 'assistant') } });
}

/** The agent has its new role, or does not come to it. */
export function roleChanged(work: Work, roleChange: number, isDone: boolean): void {
  const { stage } = work.state;
  if (stage.name !== 'desk' && stage.name !== 'resuming') return;
  if (stage.roleChange !== roleChange) return;
  clearTimers(work, 'role_change');
  if (stage.name === 'desk') {
    if (!isDone) return void sayGoodbye(work, 'time_used_up');
    const { deskFreeSeconds: freeSeconds } = work.state;
    return void emit(work, { type: 'say', speech: { say: 'deskOpens', freeSeconds } });
  }
  if (!isDone) return void sayGoodbye(work, 'conversation_failed');
  const { remainingSeconds } = tellRemaining(work);
  change(work, { stage: { name: 'talking' } });
  emit(work, { type: 'send', message: { type: 'resumed', remaining_seconds: remainingSeconds } });
  followTalk(work);
  emit(work, { type: 'say', speech: { say: 'thanksForTime', remainingSeconds } });
  listenForSilence(work);
}

/** The agent takes too long to change its role. */
export function roleChangeFailed(work: Work): void {
  roleChanged(work, work.state.roleChanges, false);
}

function stopped(work: Work, reason: StopReason): void {
  if (!isInConversation(work.state.stage) || reason === 'fenced') return;
  const freeSeconds = reason === 'time_used_up' ? deskSecondsLeft(work) : 0;
  if (freeSeconds > 0) openDesk(work, freeSeconds);
  else sayGoodbye(work, reason);
}

/** The grant may be used up. */
export function grantIsDue(work: Work): void {
  const [meter, reason] = grantEnds(work.state.meter, work.nowMs);
  change(work, { meter });
  if (reason) stopped(work, reason);
}

/** A report was answered, or was not. */
export function renewalAnswered(work: Work, id: number, answer: RenewalAnswer): void {
  const [meter, outcome] = answered(work.state.meter, id, answer, work.nowMs);
  change(work, { meter });
  if (outcome === 'nothing') return;
  if (outcome === 'fenced') return void end(work, 'fenced');
  figuresChanged(work);
  if (outcome === 'resumed' && work.state.stage.name === 'desk') resume(work);
}
