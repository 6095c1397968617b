import { voice } from '@livekit/agents';
import type { Clock } from '../../shared/clock.ts';
import { isSpeech } from './hearing/recover-hearing.ts';

/** How long the agent may think about one answer. */
const ANSWER_MS = 30_000;

/**
 * Watches whether each turn of the caller gets an answer. A turn without one is one in which the language model,
 * the voice or the recogniser failed, or took too long, and in which nothing was heard: the framework stays silent
 * then, and a caller who pays by the second must not.
 */
export function watchTurns<Context>(session: voice.AgentSession<Context>, clock: Clock) {
  const { AgentStateChanged, Error: ErrorEvent, UserStateChanged } = voice.AgentSessionEventTypes;
  const answerListeners: (() => void)[] = [];
  const noAnswerListeners: ((sinceMs: number, isTold: boolean) => void)[] = [];
  let spokeFromMs = Number.NEGATIVE_INFINITY;
  let spokeUntilMs = Number.NEGATIVE_INFINITY;
  let agentSpokeUntilMs = Number.NEGATIVE_INFINITY;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  /** End of the first turn of the caller that still has no answer. */
  let openSinceMs: number | undefined;
  /** Whether the turn at hand, and whether any since the last answer, was reported. */
  let isReported = false;
  let isOut = false;
  let cancelDeadline = () => {};

  const endOfTurnMs = () => (spokeUntilMs > agentSpokeUntilMs ? spokeUntilMs : clock.nowMs());
  const report = (isTold: boolean) => {
    if (isReported) return;
    isReported = true;
    isOut = true;
    failedAtMs = Number.NEGATIVE_INFINITY;
    const sinceMs = openSinceMs ?? endOfTurnMs();
    openSinceMs = sinceMs;
    for (const listener of noAnswerListeners) listener(sinceMs, isTold);
  };
  const thinks = () => {
    openSinceMs ??= endOfTurnMs();
    isReported = false;
    // The framework may think, and fail, before the end of a turn. What failed before the turn began is over.
    if (failedAtMs < spokeFromMs) failedAtMs = Number.NEGATIVE_INFINITY;
    cancelDeadline = clock.after(ANSWER_MS, () => {
      report(false);
      session.interrupt({ force: true });
    });
  };
  const answers = () => {
    openSinceMs = undefined;
    isOut = false;
    failedAtMs = Number.NEGATIVE_INFINITY;
    for (const listener of answerListeners) listener();
  };
  const staysSilent = () => {
    if (failedAtMs > Number.NEGATIVE_INFINITY) report(false);
    // The caller went on speaking before the answer: that is no failure.
    else if (!isOut) openSinceMs = undefined;
  };

  session.on(UserStateChanged, ({ oldState, newState }) => {
    if (newState === 'speaking') spokeFromMs = clock.nowMs();
    if (oldState === 'speaking') spokeUntilMs = clock.nowMs();
  });
  session.on(AgentStateChanged, ({ oldState, newState }) => {
    cancelDeadline();
    if (oldState === 'speaking') agentSpokeUntilMs = clock.nowMs();
    if (newState === 'thinking') thinks();
    else if (oldState === 'thinking' && newState === 'speaking') answers();
    else if (oldState === 'thinking') staysSilent();
  });
  session.on(ErrorEvent, ({ error }) => {
    if (!('type' in error) || error.recoverable) return;
    failedAtMs = clock.nowMs();
    // Without a recogniser the session closes, and there is nothing to wait for.
    if (error.type === 'stt_error') report(false);
  });
  session.on(voice.AgentSessionEventTypes.UserTranscriptionTimeout, ({ speechDuration }) => {
    if (!isSpeech(speechDuration)) return;
    isReported = false;
    report(true);
  });
  session.on(voice.AgentSessionEventTypes.Close, () => cancelDeadline());
  return {
    onAnswer: (listener: () => void) => void answerListeners.push(listener),
    onNoAnswer: (listener: (sinceMs: number, isTold: boolean) => void) =>
      void noAnswerListeners.push(listener),
  };
}
