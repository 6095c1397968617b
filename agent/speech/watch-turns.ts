import { voice } from '@livekit/agents';
import type { Clock } from '../../shared/clock.ts';
import { type TurnListeners, Turns } from './turns.ts';

/** How long the agent may think about one answer. */
const ANSWER_MS = 30_000;

/**
 * Watches whether each turn of the caller gets an answer, and in time. A turn without one is one in which the language
 * model, the voice or the recogniser failed, or took too long, and in which nothing was heard, or only a part: the
 * framework stays silent then, and a caller who pays by the second must not. An answer is late when the model or the
 * voice failed at first, which both tell by an error that is recoverable.
 */
export function watchTurns<Context>(session: voice.AgentSession<Context>, clock: Clock) {
  const { AgentFalseInterruption, AgentStateChanged, Close, UserStateChanged } = voice.AgentSessionEventTypes;
  const listeners: TurnListeners = { answer: [], noAnswer: [], lateAnswer: [] };
  const turns = new Turns(clock, listeners);
  let cancelDeadline = () => {};

  session.on(UserStateChanged, ({ oldState, newState }) => {
    if (newState === 'speaking') turns.callerBegins();
    if (oldState === 'speaking') turns.callerEnds();
  });
  session.on(AgentStateChanged, ({ oldState, newState }) => {
    cancelDeadline();
    if (oldState === 'speaking') turns.agentFallsSilent();
    if (newState === 'thinking') {
      turns.agentThinks();
      cancelDeadline = clock.after(ANSWER_MS, () => {
        // Told when the agent falls silent: whatever is said before the interruption goes with it.
        turns.failed();
        session.interrupt({ force: true });
      });
    } else if (oldState === 'thinking' && newState === 'speaking') turns.agentAnswers();
    else if (oldState === 'thinking') turns.agentStaysSilent();
  });
  session.on(voice.AgentSessionEventTypes.Error, ({ error }) => {
    if (!('type' in error)) return;
    if (!error.recoverable) turns.failed();
    else if (error.type !== 'stt_error') turns.hindered(Date.now() - error.timestamp);
    // Without a recogniser the session closes, and there is nothing to wait for.
    if (!error.recoverable && error.type === 'stt_error') turns.noAnswer();
  });
  session.on(AgentFalseInterruption, ({ resumed }) => {
    if (resumed) turns.agentGoesOn();
  });
  session.on(Close, () => cancelDeadline());
  return {
    onAnswer: (listener: () => void) => void listeners.answer.push(listener),
    onNoAnswer: (listener: (sinceMs: number) => void) => void listeners.noAnswer.push(listener),
    onLateAnswer: (listener: (sinceMs: number) => void) => void listeners.lateAnswer.push(listener),
  };
}
