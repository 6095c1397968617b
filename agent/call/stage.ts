import type { CallMessage } from '../../shared/api/calls.ts';
import type { Presence } from './line.ts';
import type { Phase } from './windows.ts';

/** Where a live call stands: `desk` while there is no time; nothing leads back from `leaving`; `over` is silent. */
export type Stage = 'talk' | 'desk' | 'leaving' | 'over';

/** What the clock counts while the call is in the middle of talking. */
export function phaseOfTalk(presence: Presence, isProviderOut: boolean): Phase {
  if (presence === 'unreachable') return 'our_outage';
  if (presence !== 'present') return 'line_down';
  return isProviderOut ? 'provider_outage' : 'talking';
}

/** What the caller's client is told. */
export function meterState(
  stage: Stage,
  isRunning: boolean,
  hasSpoken: boolean,
): Extract<CallMessage, { type: 'meter' }>['state'] {
  if (stage === 'desk') return 'desk';
  if (stage !== 'talk') return 'stopped';
  if (isRunning) return 'running';
  return hasSpoken ? 'paused' : 'waiting';
}
