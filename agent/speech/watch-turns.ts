import { voice } from '@livekit/agents';
import type { Clock } from '../../shared/clock.ts';

const NEVER_MS = Number.NEGATIVE_INFINITY;

/** How long the agent may think about one answer. */
const ANSWER_MS = 30_000;

type TurnListeners = {
  /** The answer begins to be heard. */
  answer: (() => void)[];
  noAnswer: ((sinceMs: number) => void)[];
  lateAnswer: ((sinceMs: number) => void)[];
};

/** What became of the turns of the caller. */
class Turns {
  readonly #clock: Clock;
  readonly #listeners: TurnListeners;
  #spokeFromMs = NEVER_MS;
  #spokeUntilMs = NEVER_MS;
  #thinksSinceMs = NEVER_MS;
  #agentSpokeUntilMs = NEVER_MS;
  /** When something failed for good, and when something failed that was then tried again, in the turn at hand. */
  #failedAtMs = NEVER_MS;
  #hinderedAtMs = NEVER_MS;
  /** Whether what the agent says is an answer. */
  #isAnswering = false;
  /** Whether what was stopped last was one. */
  #wasAnswering = false;
  /** End of the first turn of the caller that still has no answer. */
  #openSinceMs: number | undefined;
  /** Whether the turn at hand, and whether any since the last answer, was reported. */
  #isReported = false;
  #isOut = false;

  constructor(clock: Clock, listeners: TurnListeners) {
    this.#clock = clock;
    this.#listeners = listeners;
  }

  callerBegins(): void {
    this.#spokeFromMs = this.#clock.nowMs();
  }

  callerEnds(): void {
    this.#spokeUntilMs = this.#clock.nowMs();
  }

  agentThinks(): void {
    this.#thinksSinceMs = this.#clock.nowMs();
    this.#openSinceMs ??= this.#endOfTurnMs();
    this.#isReported = false;
    // The framework may think, and fail, before the end of a turn. What failed before the turn began is over.
    if (this.#failedAtMs < this.#spokeFromMs) this.#failedAtMs = NEVER_MS;
    if (this.#hinderedAtMs < this.#spokeFromMs) this.#hinderedAtMs = NEVER_MS;
  }

  agentAnswers(): void {
    this.#late(this.#openSinceMs ?? this.#endOfTurnMs());
    this.#openSinceMs = undefined;
    this.#isOut = false;
    this.#isAnswering = true;
    // What failed before was made anew. What failed since is a part of this answer, and will be missing.
    if (this.#failedAtMs < this.#thinksSinceMs) this.#failedAtMs = NEVER_MS;
    for (const listener of this.#listeners.answer) listener();
  }

  /** Goes on where a sound that was no word had stopped it. */
  agentGoesOn(): void {
    this.#isAnswering = this.#wasAnswering;
  }

  /** The agent thinks no more, and nothing was heard. */
  agentStaysSilent(): void {
    if (this.#failedAtMs > NEVER_MS) this.noAnswer();
    else {
      // The caller went on speaking before the answer. That is no failure, unless they waited because of one.
      this.#late(this.#openSinceMs ?? this.#endOfTurnMs());
      if (!this.#isOut) this.#openSinceMs = undefined;
    }
  }

  /** An answer that broke off counts as none from where it did; one with a gap is free from there. */
  agentFallsSilent(): void {
    this.#agentSpokeUntilMs = this.#clock.nowMs();
    const sinceMs = this.#hinderedAtMs > NEVER_MS ? this.#hinderedAtMs : this.#failedAtMs;
    if (this.#isAnswering && this.#failedAtMs > NEVER_MS) {
      this.#openSinceMs = sinceMs;
      this.noAnswer();
    } else if (this.#isAnswering) this.#late(sinceMs);
    this.#wasAnswering = this.#isAnswering;
    this.#isAnswering = false;
    this.#hinderedAtMs = NEVER_MS;
  }

  failed(): void {
    this.#failedAtMs = this.#clock.nowMs();
  }

  /** @param agoMs when the attempt that failed began */
  hindered(agoMs: number): void {
    const nowMs = this.#clock.nowMs();
    if (!this.#isAnswering) {
      // Before the answer the end of the turn counts.
      if (this.#hinderedAtMs === NEVER_MS) this.#hinderedAtMs = nowMs;
      return;
    }
    // Within it speech is made ahead: whether there is a gap nobody can tell, and the attempt is the longest it can be.
    // It is told by the machine's date, which may jump; no attempt lasts longer than an answer may.
    const attemptMs = Math.min(ANSWER_MS, Math.max(0, agoMs));
    for (const listener of this.#listeners.lateAnswer) listener(nowMs - attemptMs);
  }

  noAnswer(): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#isOut = true;
    this.#failedAtMs = NEVER_MS;
    this.#hinderedAtMs = NEVER_MS;
    this.#openSinceMs ??= this.#endOfTurnMs();
    for (const listener of this.#listeners.noAnswer) listener(this.#openSinceMs);
  }

  #late(sinceMs: number): void {
    if (this.#hinderedAtMs === NEVER_MS) return;
    this.#hinderedAtMs = NEVER_MS;
    for (const listener of this.#listeners.lateAnswer) listener(sinceMs);
  }

  #endOfTurnMs(): number {
    return this.#spokeUntilMs > this.#agentSpokeUntilMs ? this.#spokeUntilMs : this.#clock.nowMs();
  }
}

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
