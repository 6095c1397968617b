import { shortDuration } from '../../../shared/units.ts';
import type { CallState } from './call-state.ts';
import { endingWords } from './call-words.ts';

/** Why the call ended and what it cost; the agent's number where it came, else what was last counted. */
export function CallEnded({ call }: { call: CallState }) {
  if (!call.ended) return null;
  const { reason, chargedSeconds } = call.ended;
  return (
    <div className="ended" role="status" data-testid="call-ended" data-reason={reason}>
      <strong>{endingWords(reason)}</strong> {chargeWords(chargedSeconds, call)}
    </div>
  );
}

function chargeWords(chargedSeconds: number | null, call: CallState): string {
  if (chargedSeconds === 0) return 'Nothing was charged.';
  if (chargedSeconds !== null) return `Charged: ${shortDuration(chargedSeconds)}.`;
  if (!call.meter) return 'The meter had not started.';
  return `Last count: ${shortDuration(call.meter.usedMs / 1000)}. The exact charge shows in your balance in a moment.`;
}
