import { useEffect, useRef, useState } from 'react';
import type { BalanceResponse } from '../../../shared/api/accounts.ts';
import type { CallsResponse } from '../../../shared/api/receipts.ts';
import type { Polled } from '../api/use-polled.ts';
import type { CallState } from './call-state.ts';
import { meterAt } from './meter-now.ts';

const LOOK_MS = 1_000;
/** Longer than it takes to settle a call whose worker died at its last report. */
const PATIENCE_MS = 120_000;

/** What became of the call that ended last, as the books have it. */
export interface Settled {
  /** What was charged; null as long as nobody knows. */
  chargedSeconds: number | null;
  /** True while the page goes on looking for that. */
  looking: boolean;
  /** What was left when the call ended, for as long as the balance that was read is older than the charge; else null. */
  heldSeconds: number | null;
}

const NOTHING: Settled = { chargedSeconds: null, looking: false, heldSeconds: null };

/**
 * After a call: looks every second whether it is settled, and then at the balance. Until both are known the page shows
 * what the meter said last, as the balance that was read before knows nothing of the call.
 */
export function useSettled(
  call: CallState,
  calls: Polled<CallsResponse>,
  balance: Polled<BalanceResponse>,
): Settled {
  const { ended, callId, meter } = call;
  const endedAtMs = ended?.atMs ?? null;
  const row = calls.data?.calls.find((one) => one.call_id === callId);
  const charged = row?.status === 'settled' ? row.charged_seconds : null;
  const settledAtMs = useSeenAt(charged !== null && endedAtMs !== null, callId);
  const isOver = useIsOver(endedAtMs);

  const isFresh = settledAtMs !== null && balance.askedAtMs >= settledAtMs;
  const looking = endedAtMs !== null && callId !== null && !isOver && !isFresh;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer of the list of calls begins the next wait
  useEffect(() => {
    if (!looking) return;
    // Both are asked when a call ends; after that a while after each answer, lest a slow one be cut off for ever.
    if (settledAtMs !== null) return balance.refresh();
    const timer = setTimeout(calls.refresh, LOOK_MS);
    return () => clearTimeout(timer);
  }, [looking, settledAtMs, calls.askedAtMs, calls.refresh, balance.refresh]);

  if (ended === null || endedAtMs === null) return NOTHING;
  return {
    chargedSeconds: charged ?? ended.chargedSeconds,
    looking: looking && settledAtMs === null,
    heldSeconds: looking && meter !== null ? meterAt(meter, endedAtMs).remainingSeconds : null,
  };
}

/** When something of a call was seen first, on the page's own clock; null as long as it is not so. */
function useSeenAt(isSo: boolean, callId: string | null): number | null {
  const seen = useRef<{ callId: string | null; atMs: number } | null>(null);
  if (!isSo) return null;
  if (seen.current?.callId !== callId) seen.current = { callId, atMs: performance.now() };
  return seen.current?.atMs ?? null;
}

/** Whether a call ended so long ago that nothing more is awaited. */
function useIsOver(endedAtMs: number | null): boolean {
  const [overFor, setOverFor] = useState<number | null>(null);
  useEffect(() => {
    if (endedAtMs === null) return;
    const timer = setTimeout(() => setOverFor(endedAtMs), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [endedAtMs]);
  return endedAtMs !== null && overFor === endedAtMs;
}
