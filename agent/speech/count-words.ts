import { voice } from '@livekit/agents';

const wordsIn = (text: string): number => text.split(/\s+/u).filter((word) => word !== '').length;

/** Tells how many words of the caller's were written down anew, also of what is not final yet: it is shown, too. */
export function countWords<Context>(
  session: voice.AgentSession<Context>,
  listener: (words: number) => void,
): void {
  let told = 0;
  session.on(voice.AgentSessionEventTypes.UserInputTranscribed, ({ transcript, isFinal }) => {
    const words = wordsIn(transcript);
    if (words > told) listener(words - told);
    told = isFinal ? 0 : Math.max(told, words);
  });
}
