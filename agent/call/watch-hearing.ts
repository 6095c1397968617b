import type { SttEvents } from '../speech/stt/stt.ts';
import type { Conversation } from './conversation.ts';

/** Passes on what hearing tells, which is there before the call. */
export function watchHearing() {
  const listeners: ((lostSinceMs: number | undefined) => void)[] = [];
  let nowLostSinceMs: number | undefined;
  const tell = (lostSinceMs: number | undefined) => {
    nowLostSinceMs = lostSinceMs;
    for (const listener of listeners) listener(lostSinceMs);
  };
  return {
    events: { onLost: tell, onBack: () => tell(undefined) } satisfies SttEvents,
    onHearing: ((listener) => {
      listeners.push(listener);
      // Hearing begins with the conversation, and may be lost before the call is open.
      if (nowLostSinceMs !== undefined) listener(nowLostSinceMs);
    }) satisfies Conversation['onHearing'],
  };
}
