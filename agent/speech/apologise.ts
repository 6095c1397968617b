import { voice } from '@livekit/agents';

const APOLOGY = 'Sorry, I could not think of an answer just now. Could you say that again?';

/**
 * Says something when the language model gave up on a turn: the framework would stay silent, and a caller
 * who pays by the second must not wonder whether anybody is there.
 */
export function apologiseForSilence<Context>(session: voice.AgentSession<Context>): void {
  session.on(voice.AgentSessionEventTypes.Error, ({ error }) => {
    if ('type' in error && error.type === 'llm_error' && !error.recoverable) session.say(APOLOGY);
  });
}
