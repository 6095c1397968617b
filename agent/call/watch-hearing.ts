import type { HearingEvents } from '../speech/hearing/hearing.ts';
import type { Conversation } from './conversation.ts';

/** Passes on what hearing tells, which is there before the call. */
export function watchHearing() {
  const listeners: ((lostSinceMs: number | undefined) => void)[] = [];
  const tell = (lostSinceMs: number | undefined) => {
    for (const listener of listeners) listener(lostSinceMs);
  };
  return {
    events: { onLost: tell, onBack: () => tell(undefined) } satisfies HearingEvents,
    onHearing: ((listener) => void listeners.push(listener)) satisfies Conversation['onHearing'],
  };
}
