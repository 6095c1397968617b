import { useEffect, useState } from 'react';
import type { CallState, Meter } from './call-state.ts';

/** The page counts on by itself for at most one slice of the meter: more it cannot know. */
const TRUST_MS = 30_000;

export interface MeterNow {
  usedSeconds: number;
  remainingSeconds: number;
}

/** The meter at a later moment of the page's clock. */
export function meterAt(meter: Meter, nowMs: number): MeterNow {
  const elapsedMs =
    meter.state === 'running' ? Math.min(TRUST_MS, Math.max(0, nowMs - meter.receivedAtMs)) : 0;
  return {
    usedSeconds: Math.floor((meter.usedMs + elapsedMs) / 1000),
    remainingSeconds: Math.max(0, meter.remainingSeconds - Math.floor(elapsedMs / 1000)),
  };
}

/** The meter of the running call, brought up to date every second; null outside a call. */
export function useMeterNow(call: CallState): MeterNow | null {
  const [nowMs, setNowMs] = useState(() => performance.now());
  const live = call.phase === 'joined';
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => setNowMs(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, [live]);
  const shown = live || call.phase === 'reconnecting';
  // After its end nothing is counted, also while the goodbye is still heard.
  const atMs = Math.min(nowMs, call.ended?.atMs ?? nowMs);
  return shown && call.meter ? meterAt(call.meter, atMs) : null;
}
