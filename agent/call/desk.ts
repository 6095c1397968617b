import type { Role } from './conversation.ts';
import { enterPhase, figuresChanged, followTalk, reportNow, tellRemaining } from './counting.ts';
import { end, sayGoodbye } from './ending.ts';
import { answered, grantEnds, type RenewalAnswer, type StopReason } from './meter.ts';
import { listenForSilence } from './watching.ts';
import { change, clearTimers, emit, isInConversation, setTimer, type Work } from './work.ts';

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

/** Time is used up: the agent stays for a while, free of charge, to sell more. */
function openDesk(work: Work): void {
  const freeSeconds = work.state.settings.deskSeconds ?? 0;
  change(work, { stage: { name: 'desk', roleChange: work.state.roleChanges + 1 }, deskAnswers: 0 });
  listenForSilence(work);
  enterPhase(work, 'desk');
  setTimer(work, 'desk', freeSeconds * 1000);
  emit(work, { type: 'send', message: { type: 'desk', free_seconds: freeSeconds } });
  changeRole(work, 'desk');
  // Before anything long is said: a crash from here on must not lose the last slice.
  reportNow(work);
}

export function answeredAtDesk(work: Work): void {
  const { deskAnswers, settings, stage } = work.state;
  if (stage.name !== 'desk') return;
  change(work, { deskAnswers: deskAnswers + 1 });
  if (deskAnswers + 1 >= (settings.deskAnswers ?? Number.POSITIVE_INFINITY)) sayGoodbye(work, 'time_used_up');
}

/** Time was bought: the same conversation goes on, once the agent is back in it. */
function resume(work: Work): void {
  clearTimers(work, 'desk', 'role_change');
  change(work, { stage: { name: 'resuming', roleChange: changeRole(work, 'assistant') } });
}

/** The agent has its new role, or does not come to it. */
export function roleChanged(work: Work, roleChange: number, isDone: boolean): void {
  const { settings, stage } = work.state;
  if (stage.name !== 'desk' && stage.name !== 'resuming') return;
  if (stage.roleChange !== roleChange) return;
  clearTimers(work, 'role_change');
  if (stage.name === 'desk') {
    if (!isDone) return void sayGoodbye(work, 'time_used_up');
    const freeSeconds = settings.deskSeconds ?? 0;
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
  const hasDesk = (work.state.settings.deskSeconds ?? 0) > 0;
  if (!isInConversation(work.state.stage) || reason === 'fenced') return;
  if (reason === 'time_used_up' && hasDesk) openDesk(work);
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
