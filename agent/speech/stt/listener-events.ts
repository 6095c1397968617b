import type { ListenEnd } from './listen-end.ts';
import type { ListenMessage } from './listen-messages.ts';
import type { Provider } from './providers.ts';

/** What whoever listens through all faults has to tell. */
export type ListenerEvents = {
  /** @param offsetSeconds from the message's time to that of the audio put in */
  onMessage(message: ListenMessage, offsetSeconds: number): void;
  /** Nothing hears the caller, since then. May come again before `onListening`. */
  onDeaf(sinceMs: number, end: ListenEnd, provider: Provider): void;
  /**
   * Everything said so far has reached a recogniser that works. Comes often.
   * @param missedSeconds of audio that waited too long to be sent again, in the whole call
   */
  onListening(provider: Provider, missedSeconds: number): void;
  /** Audio went out, new or once more. */
  onSent(samples: number): void;
  /** All providers refused before any of them ever listened. */
  onHopeless(end: ListenEnd, provider: Provider): void;
};
