import { useEffect, useRef, useState } from 'react';
import type { TokenResponse } from '../../../shared/api/calls.ts';
import type { CallsResponse } from '../../../shared/api/receipts.ts';
import type { Polled } from '../api/use-polled.ts';
import { isLive } from './call-state.ts';
import type { CallKeeper, KeptCall } from './kept-call.ts';
import type { Call } from './use-call.ts';

/** A call of the person's that is running, and not here. */
export interface Elsewhere {
  where: 'tab' | 'device';
  takeOver: () => void;
}

/**
 * Comes back into the call that was running when the page was reloaded or lost, as long as the server says that it runs.
 * @param askPlace asks for the place in a call that this browser knows nothing else of
 * @returns the call that another tab or device has; null when none has one
 */
export function useRejoin(
  keeper: CallKeeper,
  call: Call,
  calls: Polled<CallsResponse>,
  askPlace: (callId: string) => Promise<TokenResponse>,
): Elsewhere | null {
  const [inTab, setInTab] = useState<KeptCall | null>(null);
  const [isDecided, setDecided] = useState(false);
  const begun = useRef(false);
  /** What ended in this browser is still open in the books for a moment. */
  const known = useRef(new Set<string>());
  const live = isLive(call.state);
  const { rejoin } = call;

  useEffect(() => keeper.watch(setInTab), [keeper]);
  const isTakenOver = call.state.ended?.reason === 'duplicate_identity';
  const [isInTab, setIsInTab] = useState(true);
  useEffect(() => {
    if (!isTakenOver) return setIsInTab(true);
    setInTab(keeper.read());
    void keeper.isHeldElsewhere().then(setIsInTab);
  }, [isTakenOver, keeper]);
  // Ended on another device, of which no tab tells.
  const isOver = calls.data?.calls.find(({ call_id }) => call_id === inTab?.callId)?.status === 'settled';
  useEffect(() => {
    if (!isOver) return;
    keeper.forget();
    setInTab(null);
  }, [isOver, keeper]);
  useEffect(() => (live ? keeper.hold() : undefined), [live, keeper]);
  useEffect(() => {
    if (calls.data === null || begun.current) return;
    begun.current = true;
    const kept = keeper.read();
    const row = calls.data.calls.find(({ call_id }) => call_id === kept?.callId);
    if (kept === null || row?.status !== 'open') {
      if (kept !== null) keeper.forget();
      return setDecided(true);
    }
    void keeper.isHeldElsewhere().then((isHeld) => {
      if (isHeld) setInTab(kept);
      else void rejoin(async () => kept.place);
      setDecided(true);
    });
  }, [calls.data, keeper, rejoin]);

  for (const id of [inTab?.callId, call.state.callId]) if (id) known.current.add(id);
  if (live || !isDecided) return null;
  if (inTab !== null) {
    return {
      where: isInTab ? 'tab' : 'device',
      takeOver: () => {
        setInTab(null);
        void rejoin(async () => inTab.place);
      },
    };
  }
  const row = calls.data?.calls.find((one) => one.status === 'open' && !known.current.has(one.call_id));
  return row ? { where: 'device', takeOver: () => void rejoin(() => askPlace(row.call_id)) } : null;
}
