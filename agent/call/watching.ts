import type { Activity } from '../speech/watch-activity.ts';
import type { EndReason, State } from './call-state.ts';
import { followTalk, giveBack, tellRemaining } from './counting.ts';
import { end, sayGoodbye } from './ending.ts';
import type { Presence } from './line.ts';
import { afterActivity, afterAnswer } from './service.ts';
import { change, clearTimers, emit, isGoingOn, isInConversation, setTimer, type Work } from './work.ts';

/** How long a caller may take to come into the room: the job is there because they have opened it. */
const ARRIVAL_MS = 20_000;

/** A greeting of which nothing was heard by then has failed, and is said again. */
const GREET_AGAIN_MS = 10_000;

/**
 * A caller who is there and hears nothing for so long never will, or does not let us speak: nobody keeps a free line.
 * A line that flaps begins anew, but not for ever.
 */
const UNHEARD_MS = 20_000;
const MAX_UNHEARD_MS = 60_000;

/** As often as this a line dies by chance. From then on the caller is told, and so is the operator. */
const STEADY_DEATHS = 2;

/** After so many turns in a row without an answer nobody should have to go on asking. */
const MAX_UNANSWERED = 3;

/** Nobody should go on talking to an agent that hears nothing for so long. */
const MAX_DEAF_MS = 30_000;

/** Nobody should be kept on a free line in which nothing is asked: an outage ends with the next answer, or the call. */
const MAX_QUIET_MS = 120_000;

/** Longer than it takes to ask once more. Whoever says more than that is not asking, and is written down as ever. */
const ASK_AGAIN_MS = 20_000;

/** Why a call ends that has waited too long for somebody; undefined when nobody is missing. */
export function reasonOfAbsence(presence: Presence): EndReason | undefined {
  if (presence === 'awaited') return 'caller_never_came';
  if (presence === 'cut') return 'line_lost';
  return presence === 'unreachable' ? 'our_outage' : undefined;
}

/** How long a sound may take to become words, once in a silence: nobody is asked in the middle of a sentence. */
const WORDS_WITHIN_MS = 10_000;

const silenceMs = ({ hasAskedWhetherThere, settings }: State): number =>
  (hasAskedWhetherThere ? (settings.silenceGoodbyeSeconds ?? 0) : (settings.silenceAskSeconds ?? 0)) * 1000;

/** Whether a silence would be the caller's: they are there, and what they say arrives. */
const isListening = ({ presence, settings, stage, sttLostSinceMs }: State): boolean =>
  (settings.silenceAskSeconds ?? 0) > 0 &&
  isInConversation(stage) &&
  presence === 'present' &&
  sttLostSinceMs === undefined;

/** Silence begins now or anew, or is nobody's: nobody shall pay for hold music. */
export function listenForSilence(work: Work): void {
  change(work, { silenceLeftMs: silenceMs(work.state), isSilenceNew: true, hasWaitedForWords: false });
  goOnListening(work);
}

/** The same silence goes on, where the agent is quiet: what it says counts for nobody. */
function goOnListening(work: Work): void {
  const { isAgentQuiet, silenceLeftMs } = work.state;
  if (isAgentQuiet && isListening(work.state)) setTimer(work, 'silence', silenceLeftMs);
  else clearTimers(work, 'silence');
}

/** What is left of a silence in which the agent begins to speak. It counts from where the first answer is heard. */
function silenceLeft({ state, nowMs }: Work): number {
  if (state.isSilenceNew) return silenceMs(state);
  return state.timers.silence === undefined ? state.silenceLeftMs : Math.max(0, state.timers.silence - nowMs);
}

/** The agent begins to speak or think. What was left of the silence is left of it afterwards. */
function agentBusy(work: Work): void {
  change(work, { isAgentQuiet: false, silenceLeftMs: silenceLeft(work), isSilenceNew: false });
  goOnListening(work);
}

/** It has been silent for too long: the caller is asked once whether they are there. */
export function silent(work: Work): void {
  const { hasAskedWhetherThere, hasWaitedForWords, noiseSinceMs } = work.state;
  const soundMs = work.nowMs - (noiseSinceMs ?? Number.NEGATIVE_INFINITY);
  if (!hasWaitedForWords && soundMs < WORDS_WITHIN_MS) {
    change(work, { hasWaitedForWords: true });
    return void setTimer(work, 'silence', WORDS_WITHIN_MS - soundMs);
  }
  if (hasAskedWhetherThere) return void sayGoodbye(work, 'silence');
  change(work, { hasAskedWhetherThere: true });
  listenForSilence(work);
  emit(work, { type: 'say', speech: { say: 'areYouThere' } });
}

/** Only words end a silence. Sound without any is silence, however often it comes, and whatever the agent makes of it. */
export function noticed(work: Work, activity: Activity): void {
  change(work, { service: afterActivity(work.state.service, activity, work.nowMs) });
  if (activity === 'agent_busy') agentBusy(work);
  else if (activity === 'noise') change(work, { noiseSinceMs: work.nowMs });
  else if (activity === 'agent_quiet') {
    change(work, { isAgentQuiet: true });
    goOnListening(work);
    followAnswer(work);
  } else {
    change(work, { hasAskedWhetherThere: false });
    listenForSilence(work);
    talkedOn(work);
  }
}

/** The conversation and the clock follow what is new about the caller or a provider. */
function follow(work: Work): void {
  followTalk(work);
  listenForSilence(work);
}

/** @param sinceMs where it is known only now */
export function presenceChanged(work: Work, presence: Presence, sinceMs?: number): void {
  change(work, { presence });
  const { meter, stage } = work.state;
  if (!isGoingOn(stage) && stage.name !== 'goodbye') return;
  if (presence === 'left' && meter.isOpen) return void end(work, 'caller_hung_up');
  if (isGoingOn(stage)) {
    waitFor(work, presence, sinceMs);
    follow(work);
    if (presence === 'present' && isInConversation(stage)) welcome(work);
    change(work, { wasAway: presence !== 'present' });
    hushIfCut(work);
  }
  if (sinceMs === undefined) return;
  giveBack(work, sinceMs, 'line');
  noteDeadLine(work);
}

/** A line that dies again and again is a bad one, or a trick: in both cases somebody should know. */
function noteDeadLine(work: Work): void {
  const times = work.state.deadLines + 1;
  change(work, { deadLines: times });
  if (times > STEADY_DEATHS) emit(work, { type: 'note_dead_lines', times });
}

function waitFor(work: Work, presence: Presence, sinceMs = work.nowMs): void {
  clearTimers(work, 'absence');
  if (reasonOfAbsence(presence) === undefined) return;
  const waitMs = presence === 'awaited' ? ARRIVAL_MS : work.state.settings.reconnectGraceSeconds * 1000;
  setTimer(work, 'absence', waitMs - (work.nowMs - sinceMs));
}

export function absentForTooLong(work: Work): void {
  const reason = reasonOfAbsence(work.state.presence);
  if (reason) end(work, reason);
}

/** Whoever only blocks what they send would listen free of charge, while their clock stands. */
function hushIfCut(work: Work): void {
  if (work.state.presence === 'cut') emit(work, { type: 'hush' });
}

function welcome(work: Work): void {
  if (work.state.stage.name === 'waiting') {
    waitToBeHeard(work);
    greet(work);
  } else if (work.state.wasAway) {
    const isUnsteady = work.state.deadLines === STEADY_DEATHS + 1;
    emit(work, { type: 'say', speech: { say: isUnsteady ? 'unsteadyLine' : 'welcomeBack' } });
  }
}

function greet(work: Work): void {
  emit(work, { type: 'say', speech: { say: 'greeting', ...tellRemaining(work) } });
  setTimer(work, 'greet_again', GREET_AGAIN_MS);
}

/** Begins anew at each arrival, within the bound for all of them. */
function waitToBeHeard(work: Work): void {
  const arrivedAtMs = work.state.arrivedAtMs ?? work.nowMs;
  change(work, { arrivedAtMs });
  setTimer(work, 'unheard', Math.min(UNHEARD_MS, arrivedAtMs + MAX_UNHEARD_MS - work.nowMs));
}

/** Whoever is away then is waited for elsewhere, and gets the rest when back. */
export function unheard(work: Work): void {
  if (work.state.stage.name === 'waiting' && work.state.presence === 'present') end(work, 'never_heard');
}

export function greetAgain(work: Work): void {
  if (work.state.stage.name === 'waiting' && work.state.presence === 'present') greet(work);
}

/** The agent's voice reaches the caller. The first word starts the clock. */
export function heard(work: Work): void {
  if (!isGoingOn(work.state.stage)) return;
  hushIfCut(work);
  if (work.state.stage.name !== 'waiting' || work.state.presence !== 'present') return;
  change(work, { stage: { name: 'talking' } });
  clearTimers(work, 'greet_again', 'unheard');
  follow(work);
  // What must be heard also when no voice can be had.
  const speeches = [
    { say: 'apology' },
    { say: 'goodbye', reason: 'provider_outage' },
    { say: 'areYouThere' },
  ] as const;
  emit(work, { type: 'prepare', speeches });
}

/** A provider does not do its part since then. */
function outageBegan(work: Work, sinceMs: number, loss: 'stt' | 'answer'): void {
  followTalk(work);
  giveBack(work, sinceMs, loss);
  listenForSilence(work);
}

const isOutage = ({ state }: Work) => state.unansweredTurns > 0 || state.sttLostSinceMs !== undefined;

/**
 * After a turn without an answer it is free to ask again. A caller who goes on talking is served by the recogniser: that
 * is billed, as it is in any other call before the end of a question.
 */
function talkedOn(work: Work): void {
  const { talkOn, unansweredTurns } = work.state;
  if (unansweredTurns === 0 || talkOn?.isBilled) return;
  const sinceMs = talkOn?.sinceMs ?? work.nowMs;
  const isBilled = work.nowMs - sinceMs >= ASK_AGAIN_MS;
  change(work, { talkOn: { sinceMs, isBilled } });
  if (!isBilled) return;
  clearTimers(work, 'quiet');
  followTalk(work);
}

/** Since when a turn waits for its answer: not before the last word of it, where it was billed. */
const waitsSince = ({ service, talkOn }: State, sinceMs: number): number =>
  talkOn?.isBilled ? Math.max(sinceMs, service.heardUntilMs) : sinceMs;

export function notAnswered(work: Work, turnSinceMs: number): void {
  if (!isGoingOn(work.state.stage)) return;
  const sinceMs = waitsSince(work.state, turnSinceMs);
  const unansweredTurns = work.state.unansweredTurns + 1;
  change(work, { unansweredTurns, talkOn: undefined });
  outageBegan(work, sinceMs, 'answer');
  setTimer(work, 'quiet', MAX_QUIET_MS);
  if (unansweredTurns >= MAX_UNANSWERED) sayGoodbye(work, 'provider_outage');
  else emit(work, { type: 'say', speech: { say: 'apology' } });
}

/** While nothing that is said arrives, the clock runs in answers only. */
function followAnswer(work: Work): void {
  if (work.state.sttLostSinceMs !== undefined) followTalk(work);
}

export function turnAnswered(work: Work): void {
  const wasMissing = work.state.unansweredTurns > 0;
  change(work, { service: afterAnswer(work.state.service), unansweredTurns: 0 });
  if (wasMissing) {
    change(work, { talkOn: undefined });
    clearTimers(work, 'quiet');
  }
  followAnswer(work);
  if (wasMissing && !isOutage(work)) follow(work);
}

/** An answer is there that was waited for since then because of a failure. */
export function answeredLate(work: Work, sinceMs: number): void {
  if (isGoingOn(work.state.stage)) giveBack(work, waitsSince(work.state, sinceMs), 'answer');
}

/** @param lostSinceMs since when what the caller says arrives nowhere; undefined when it does again */
export function sttChanged(work: Work, lostSinceMs: number | undefined): void {
  const wasLost = work.state.sttLostSinceMs !== undefined;
  change(work, { sttLostSinceMs: lostSinceMs });
  if (!isGoingOn(work.state.stage)) return;
  if (lostSinceMs !== undefined) {
    setTimer(work, 'deaf', MAX_DEAF_MS);
    return void outageBegan(work, lostSinceMs, 'stt');
  }
  clearTimers(work, 'deaf');
  if (wasLost && !isOutage(work)) follow(work);
}
