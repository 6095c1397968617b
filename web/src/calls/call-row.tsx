import { endWords } from '../../../shared/api/call-words.ts';
import type { CallSummary } from '../../../shared/api/receipts.ts';
import { shortDuration } from '../../../shared/units.ts';
import { momentWords } from '../units/date.ts';
import { responseTime } from '../units/response-time.ts';

interface CallRowProps {
  call: CallSummary;
  onReceipt: () => void;
}

/** One call; a button that opens its receipt, once there is one. */
export function CallRow({ call, onReceipt }: CallRowProps) {
  const began = momentWords(call.opened_at);
  const ended = call.status === 'settled';
  return (
    <li className="call-row" data-testid="call-row" data-status={call.status}>
      <div className="card-head">
        <strong>{began}</strong>
        <span className="number">
          {call.charged_seconds === null ? 'going on' : shortDuration(call.charged_seconds)}
        </span>
      </div>
      <div className="call-foot">
        <span>
          {ended && endWords(call.end_reason ?? '')}
          {call.latency_p50_ms !== null && (
            <>
              <br />
              Answers after {responseTime(call.latency_p50_ms)}
              {call.quality !== null && `, quality ${call.quality}`}
            </>
          )}
        </span>
        {ended && (
          <button
            type="button"
            className="quiet"
            onClick={onReceipt}
            aria-label={`Receipt of the call of ${began}`}
            aria-haspopup="dialog"
            data-testid="open-receipt"
          >
            Receipt
          </button>
        )}
      </div>
    </li>
  );
}
