import { setTimeout as sleep } from 'node:timers/promises';
import type { Conversation } from '../../../agent/call/conversation.ts';

const VOICE_MS = 60;

/**
 * A conversation without models: what the agent says is heard a moment later.
 * @param onHeard called just before the call is told that its words reach the caller
 * @param onGoodbye called when the agent says goodbye, which is free
 */
export function scriptedConversation(onHeard: () => void, onGoodbye: () => void): Conversation {
  let speaking = () => {};
  const say = () => {
    setTimeout(() => {
      onHeard();
      speaking();
    }, VOICE_MS);
  };
  return {
    start: async () => {},
    say,
    sayBetweenTurns: say,
    async sayGoodbye() {
      onGoodbye();
      await sleep(VOICE_MS);
    },
    onSpeaking(listener) {
      speaking = listener;
    },
    onClosed() {},
    close: async () => {},
  };
}
