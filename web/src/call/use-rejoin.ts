import { useEffect, useRef, useState } from 'react';
import type { CallsResponse } from '../../../shared/api/receipts.ts';
import type { Polled } from '../api/use-polled.ts';
import { isLive } from './call-state.ts';
import type { CallKeeper, KeptCall } from './kept-call.ts';
import type { Call } from './use-call.ts';

/**
 * Comes back into the call that was running when the page was reloaded or lost, as long as the server says that it runs.
 * @returns how to take over the call that another tab has; null when none has one
 */
export function useRejoin(keeper: CallKeeper, call: Call, calls: Polled<CallsResponse>): (() => void) | null {
  const [elsewhere, setElsewhere] = useState<KeptCall | null>(null);
  const isDecided = useRef(false);
  const live = isLive(call.state);
  const { rejoin } = call;

  useEffect(() => keeper.watch(setElsewhere), [keeper]);
  const isTakenOver = call.state.ended?.reason === 'duplicate_identity';
  useEffect(() => {
    if (isTakenOver) setElsewhere(keeper.read());
  }, [isTakenOver, keeper]);
  useEffect(() => (live ? keeper.hold() : undefined), [live, keeper]);
  useEffect(() => {
    if (calls.data === null || isDecided.current) return;
    isDecided.current = true;
    const kept = keeper.read();
    if (kept === null) return;
    const row = calls.data.calls.find(({ call_id }) => call_id === kept.callId);
    if (row?.status !== 'open') return keeper.forget();
    void keeper.isHeldElsewhere().then((isHeld) => (isHeld ? setElsewhere(kept) : rejoin(kept)));
  }, [calls.data, keeper, rejoin]);

  if (live || elsewhere === null) return null;
  return () => {
    setElsewhere(null);
    void rejoin(elsewhere);
  };
}
