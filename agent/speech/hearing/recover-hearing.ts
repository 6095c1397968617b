import { voice } from '@livekit/agents';
import type { Logger } from 'pino';

/** Shorter sounds without a transcript are coughs and doors; nobody is asked to say those again. */
const WORDS_MS = 800;

/** Whether a sound of that length must have been speech. */
export const isSpeech = (durationMs: number): boolean => durationMs >= WORDS_MS;

/** How long after the end of speech a transcript may be missing, in milliseconds. */
export const TRANSCRIPTION_TIMEOUT_MS = 3_000;

const ASK_AGAIN = 'Sorry, I did not hear that. Could you say it again?';

/**
 * Opens a new connection to speech recognition when somebody spoke and no words came: the Deepgram plugin
 * neither reconnects nor reports an error when its connection drops, and a deaf agent would go on being paid.
 * @param freshAgent the same agent with a recogniser of its own
 */
export function recoverHearing<Context>(
  session: voice.AgentSession<Context>,
  freshAgent: (history: voice.AgentSession<Context>['history']) => voice.Agent<Context>,
  logger: Logger,
): void {
  session.on(voice.AgentSessionEventTypes.UserTranscriptionTimeout, ({ speechDuration }) => {
    logger.warn(
      { speech_ms: Math.round(speechDuration) },
      'speech without a transcript: hearing starts anew',
    );
    session.updateAgent(freshAgent(session.currentAgent.chatCtx));
    if (isSpeech(speechDuration)) session.say(ASK_AGAIN);
  });
}
