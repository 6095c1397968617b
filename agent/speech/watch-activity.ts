import { voice } from '@livekit/agents';
import type { Activity } from '../call/conversation.ts';

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
