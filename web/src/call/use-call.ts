import { useCallback, useEffect, useReducer, useRef } from 'react';
import type { CallMessage, TokenResponse } from '../../../shared/api/calls.ts';
import { type CallEvent, type CallState, nextCallState, noCall } from './call-state.ts';
import type { LiveCall } from './join-call.ts';
import type { CallKeeper } from './kept-call.ts';
import { QUIET, type Voices } from './voices.ts';

export interface Call {
  state: CallState;
  talk: () => Promise<void>;
  /** Goes on with a call that is running. */
  rejoin: (askPlace: () => Promise<TokenResponse>) => Promise<void>;
  hangUp: () => Promise<void>;
  setMuted: (muted: boolean) => Promise<void>;
  allowSound: () => Promise<void>;
  /** How loud both sides are now; to be asked as often as it is drawn. */
  voices: () => Voices;
  /** Sends what was typed; rejects when it could not be sent. */
  say: (text: string) => Promise<void>;
  chooseMicrophone: (deviceId: string) => Promise<void>;
  /** For when the reason of the last failure is gone, such as no time. */
  forgetError: () => void;
}

interface CallOptions {
  askToken: () => Promise<TokenResponse>;
  onMessage: (message: CallMessage) => void;
  keeper: CallKeeper;
}

/** The person's call: at most one at a time, left when the page or the account is left. */
export function useCall({ askToken, onMessage, keeper }: CallOptions): Call {
  const [state, dispatch] = useReducer(nextCallState, noCall);
  const live = useRef<LiveCall | null>(null);
  const giveUp = useRef<AbortController | null>(null);

  useEffect(
    () => () => {
      giveUp.current?.abort();
      void live.current?.hangUp();
    },
    [],
  );

  const join = useCallback(
    async (askPlace: () => Promise<TokenResponse>) => {
      const stop = new AbortController();
      giveUp.current = stop;
      live.current = null;
      // An earlier call may still be winding down; only the newest one may speak.
      const onEvent = (event: CallEvent) => {
        if (giveUp.current !== stop) return;
        if (isOver(event)) keeper.forget();
        dispatch(event);
      };
      onEvent({ type: 'started' });
      try {
        // Loaded on the first call only: LiveKit is most of the page's code.
        const { joinCall } = await import('./join-call.ts');
        const joined = await joinCall(askPlace, { onEvent, onMessage }, keeper.keep, stop.signal);
        if (giveUp.current === stop) live.current = joined;
      } catch (error) {
        if (!stop.signal.aborted) onEvent({ type: 'failed', error });
      }
    },
    [keeper, onMessage],
  );

  async function hangUp() {
    if (live.current) return live.current.hangUp();
    // Still connecting: there is nothing to leave yet, and joinCall gives up by itself.
    dispatch({ type: 'left', reason: 'hung_up', atMs: performance.now() });
    giveUp.current?.abort();
    giveUp.current = null;
  }

  const voices = useCallback(() => live.current?.voices() ?? QUIET, []);

  async function say(text: string) {
    if (live.current === null) throw new Error('There is no call.');
    await live.current.say(text);
    // What was typed is heard by nobody, so nobody else writes it down.
    const segmentId = `typed-${crypto.randomUUID()}`;
    dispatch({ type: 'caption', caption: { segmentId, speaker: 'caller', text, final: true } });
  }

  return {
    state,
    talk: () => join(askToken),
    rejoin: join,
    voices,
    say,
    chooseMicrophone: async (deviceId) => live.current?.chooseMicrophone(deviceId),
    hangUp,
    setMuted: async (muted) => live.current?.setMuted(muted),
    allowSound: async () => live.current?.allowSound(),
    forgetError: () => dispatch({ type: 'error_seen' }),
  };
}

/** Whether nobody can come back into the call: it ended, or was hung up. What a line or another tab cut off can go on. */
function isOver(event: CallEvent): boolean {
  if (event.type === 'message') return event.message.type === 'ended';
  if (event.type === 'left') return !['connection_lost', 'duplicate_identity'].includes(event.reason);
  return event.type === 'failed';
}
