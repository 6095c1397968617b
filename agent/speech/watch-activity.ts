import { voice } from '@livekit/agents';
import { newRepeats, noteWords } from './repeats.ts';

/**
 * What can be heard on the line:
 * - `agent_busy`, `agent_quiet`: the agent speaks or thinks, or is done with it
 * - `words`: the caller says something
 * - `noise`: there is sound on the caller's side, which may become words, or an announcement that says the same again
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
  let repeats = newRepeats;
  let isTranscribed = false;
  const note = (text: string, isFinal: boolean) => {
    if (text.trim() === '') return;
    const [next, isNew] = noteWords(repeats, text, isFinal);
    repeats = next;
    listener(isNew ? 'words' : 'noise');
  };
  session.on(UserInputTranscribed, ({ transcript, isFinal }) => {
    note(transcript, isFinal);
    isTranscribed ||= isFinal;
  });
  // Whoever types is not transcribed.
  session.on(ConversationItemAdded, ({ item }) => {
    if (item.type !== 'message' || item.role !== 'user') return;
    if (!isTranscribed) note(item.textContent ?? '', true);
    isTranscribed = false;
  });
}
