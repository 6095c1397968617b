import { useEffect, useReducer, useRef } from 'react';
import type { CallMessage, TokenResponse } from '../../../shared/api/calls.ts';
import { type CallEvent, type CallState, nextCallState, noCall } from './call-state.ts';
import type { LiveCall } from './join-call.ts';

export interface Call {
  state: CallState;
  talk: () => Promise<void>;
  hangUp: () => Promise<void>;
  setMuted: (muted: boolean) => Promise<void>;
  allowSound: () => Promise<void>;
  /** For when the reason of the last failure is gone, such as no time. */
  forgetError: () => void;
}

interface CallOptions {
  askToken: () => Promise<TokenResponse>;
  onMessage: (message: CallMessage) => void;
}

/** The person's call: at most one at a time, left when the page or the account is left. */
export function useCall({ askToken, onMessage }: CallOptions): Call {
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

  async function talk() {
    const stop = new AbortController();
    giveUp.current = stop;
    live.current = null;
    // An earlier call may still be winding down; only the newest one may speak.
    const onEvent = (event: CallEvent) => {
      if (giveUp.current === stop) dispatch(event);
    };
    onEvent({ type: 'started' });
    try {
      // Loaded on the first call only: LiveKit is most of the page's code.
      const { joinCall } = await import('./join-call.ts');
      const joined = await joinCall(askToken, { onEvent, onMessage }, stop.signal);
      if (giveUp.current === stop) live.current = joined;
    } catch (error) {
      if (!stop.signal.aborted) onEvent({ type: 'failed', error });
    }
  }

  async function hangUp() {
    if (live.current) return live.current.hangUp();
    // Still connecting: there is nothing to leave yet, and joinCall gives up by itself.
    dispatch({ type: 'left', reason: 'hung_up', atMs: performance.now() });
    giveUp.current?.abort();
    giveUp.current = null;
  }

  return {
    state,
    talk,
    hangUp,
    setMuted: async (muted) => live.current?.setMuted(muted),
    allowSound: async () => live.current?.allowSound(),
    forgetError: () => dispatch({ type: 'error_seen' }),
  };
}
