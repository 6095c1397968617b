import type { Effect, Stage, State, Timer } from './call-state.ts';
import type { Phase } from './windows.ts';

/** One step under way: the state so far, and the effects so far. It never leaves the step, which answers both. */
export type Work = { state: State; readonly effects: Effect[]; readonly nowMs: number };

export const change = (work: Work, part: Partial<State>): void => {
  work.state = { ...work.state, ...part };
};

export const emit = (work: Work, ...effects: Effect[]): void => {
  work.effects.push(...effects);
};

export const setTimer = (work: Work, timer: Timer, afterMs: number): void =>
  change(work, { timers: { ...work.state.timers, [timer]: work.nowMs + Math.max(0, afterMs) } });

export function clearTimers(work: Work, ...timers: readonly Timer[]): void {
  const left = { ...work.state.timers };
  for (const timer of timers) delete left[timer];
  change(work, { timers: left });
}

/** Whether the caller and the agent are in conversation, or will be at the first word. */
export const isInConversation = ({ name }: Stage): boolean => name === 'waiting' || name === 'talking';

/** Whether the call goes on: it was begun, and nobody has said goodbye. */
export const isGoingOn = (stage: Stage): boolean =>
  isInConversation(stage) || stage.name === 'desk' || stage.name === 'resuming';

/**
 * Whether what the caller says and types is taken. Nothing of value flows while the clock stands: neither before the
 * first word, nor on a line that carries nothing, nor behind the goodbye. The desk is free, and has an end; an outage
 * of ours is free, too, for as long as it takes to ask again.
 */
export const mayListen = ({ presence, stage }: State): boolean =>
  presence === 'present' && (stage.name === 'talking' || stage.name === 'desk' || stage.name === 'resuming');

/** What the clock counts in the middle of a conversation. */
export function phaseOfTalk({ presence, service, unansweredTurns, sttLostSinceMs, talkOn }: State): Phase {
  if (presence === 'unreachable') return 'our_outage';
  if (presence !== 'present') return 'line_down';
  // Who types meanwhile is answered, and served by that.
  if (sttLostSinceMs !== undefined && !service.isAnswering) return 'provider_outage';
  return unansweredTurns > 0 && talkOn?.isBilled !== true ? 'provider_outage' : 'talking';
}
