import type { CallMessage } from '../../shared/api/calls.ts';

/**
 * Where the caller is:
 * - `awaited`: not here yet
 * - `present`: in the room
 * - `cut`: gone without a word, or in the room with a line that carries nothing (network); may come back
 * - `unreachable`: our own connection to the room is down, and nobody hears us
 * - `left`: hung up, or removed
 */
export type Presence = 'awaited' | 'present' | 'cut' | 'unreachable' | 'left';

/**
 * The caller's side of a call, whatever carries it: a LiveKit room, or an in-process line on a machine
 * without a media server.
 */
export type Line = {
  presence(): Presence;
  /**
   * Calls back at each change of presence, with the time since when it is so (on the call's clock) where it is
   * known only now.
   */
  onPresence(listener: (presence: Presence, sinceMs?: number) => void): void;
  /** Tells the caller's client something. Never throws: the call does not depend on it. */
  send(message: CallMessage): void;
  /** Ends the line for everybody on it. Safe to repeat. */
  hangUp(): Promise<void>;
};
