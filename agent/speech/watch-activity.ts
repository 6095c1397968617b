import { voice } from '@livekit/agents';

/**
 * What can be heard on the line:
 * - `agent_busy`, `agent_quiet`: the agent speaks or thinks, or is done with it
 * - `words`: the caller says something
 * - `noise`: there is sound on the caller's side, which may become words
 */
export type Activity = 'agent_busy' | 'agent_quiet' | 'words' | 'noise';

/** Tells what can be heard on the line. */
export function watchActivity<Context>(
  session: voice.AgentSession<Context>,
  listener: (activity: Activity) => void,
): void {
  const { AgentStateChanged, ConversationItemAdded, UserInputTranscribed, UserStateChanged } =
    voice.AgentSessionEventTypes;
  session.on(AgentStateChanged, ({ newState }) => {
    listener(newState === 'speaking' || newState === 'thinking' ? 'agent_busy' : 'agent_quiet');
  });
  session.on(UserStateChanged, ({ newState }) => {
    if (newState === 'speaking') listener('noise');
  });
  session.on(UserInputTranscribed, ({ transcript }) => {
    if (transcript.trim() !== '') listener('words');
  });
  // Whoever types is not transcribed.
  session.on(ConversationItemAdded, ({ item }) => {
    if (item.type === 'message' && item.role === 'user') listener('words');
  });
}
