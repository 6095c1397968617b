import { voice } from '@livekit/agents';
import type { Logger } from 'pino';
import type { Clock } from '../../../shared/clock.ts';
import type { Stt } from './stt.ts';

/** Shorter sounds without a transcript are coughs and doors; nobody is asked to say those again. */
const WORDS_MS = 800;

/** Whether a sound of that length must have been speech. */
const isSpeech = (durationMs: number): boolean => durationMs >= WORDS_MS;

/** Whoever was asked so often in a row, and said no word, hums, or is not talking to us: the silence is theirs. */
const MAX_QUESTIONS = 2;

/** How long after the end of speech a transcript may be missing, in milliseconds. */
export const TRANSCRIPTION_TIMEOUT_MS = 3_000;

/** How long a new connection may take to bring the words of what is said to it once more. */
const SECOND_HEARING_MS = 2_000;

type Recovery = {
  stt: Pick<Stt, 'renew'>;
  /** The last resort: asks the caller to say it again. Must not throw. */
  askAgain(): void;
  clock: Clock;
  logger: Logger;
};

/**
 * Tells the recogniser when voice activity heard somebody speak and no words came: the recogniser notices by itself when it
 * is not answered, but only here is it known that there was speech. What was said is then sent over another
 * connection, and only when that brings no words either is the caller asked for them.
 */
export function recoverStt<Context>(
  session: voice.AgentSession<Context>,
  { stt, askAgain, clock, logger }: Recovery,
): void {
  const { UserTranscriptionTimeout, UserInputTranscribed, UserStateChanged, Close } =
    voice.AgentSessionEventTypes;
  let cancelQuestion = () => {};
  let questions = 0;
  session.on(UserTranscriptionTimeout, ({ speechDuration }) => {
    logger.warn({ speech_ms: Math.round(speechDuration) }, 'speech without a transcript');
    stt.renew();
    cancelQuestion();
    // What interrupts the agent without a word was no question of the caller's.
    const hasTheWord = session.agentState === 'speaking' || session.agentState === 'thinking';
    if (!isSpeech(speechDuration) || hasTheWord || questions >= MAX_QUESTIONS) return;
    cancelQuestion = clock.after(SECOND_HEARING_MS, () => {
      questions++;
      askAgain();
    });
  });
  session.on(UserInputTranscribed, ({ transcript }) => {
    if (transcript.trim() === '') return;
    questions = 0;
    cancelQuestion();
  });
  session.on(UserStateChanged, ({ newState }) => {
    if (newState === 'speaking') cancelQuestion();
  });
  session.on(Close, () => cancelQuestion());
}
