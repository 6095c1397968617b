import { lazy, Suspense, useState } from 'react';
import { endWords } from '../../../shared/api/call-words.ts';
import type { CallSummary, CallsResponse } from '../../../shared/api/receipts.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import { useOlder } from '../api/use-older.ts';
import type { Polled } from '../api/use-polled.ts';
import { momentWords, responseTime, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import './calls.css';

/** Loaded when somebody opens one. */
const ReceiptDialog = lazy(async () => ({ default: (await import('./receipt-dialog.tsx')).ReceiptDialog }));

const pageOf = ({ calls, next }: CallsResponse) => ({ items: calls, next });
const idOf = ({ call_id }: CallSummary) => call_id;

interface CallsPanelProps {
  newest: Polled<CallsResponse>;
  sidecar: Sidecar;
}

/** The calls so far, each with its receipt. */
export function CallsPanel({ newest, sidecar }: CallsPanelProps) {
  const words = useWords('calls');
  const [shown, setShown] = useState<CallSummary | null>(null);
  const older = useOlder(newest.data && pageOf(newest.data), idOf, async (signal, next) =>
    pageOf(await sidecar.calls(signal, next)),
  );
  const { items: calls, hasMore, loading, error, loadMore } = older;
  return (
    <section className="panel" aria-labelledby="calls" data-testid="calls">
      <h2 id="calls">{words.title}</h2>
      {newest.data && calls.length === 0 && <p className="faint">{words.none}</p>}
      {calls.length > 0 && (
        <ul className="plain">
          {calls.map((call) => (
            <CallRow key={call.call_id} call={call} onReceipt={() => setShown(call)} />
          ))}
        </ul>
      )}
      {hasMore && (
        <button type="button" className="quiet" onClick={loadMore} disabled={loading}>
          {words.older}
        </button>
      )}
      {(error ?? newest.error) != null && <ErrorMessage error={error ?? newest.error} />}
      {shown && (
        <Suspense fallback={null}>
          <ReceiptDialog
            key={shown.call_id}
            id={shown.call_id}
            load={sidecar.receipt}
            onClose={() => setShown(null)}
          />
        </Suspense>
      )}
    </section>
  );
}

interface CallRowProps {
  call: CallSummary;
  onReceipt: () => void;
}

/** One call; a button that opens its receipt, once there is one. */
function CallRow({ call, onReceipt }: CallRowProps) {
  const words = useWords('calls');
  const began = momentWords(call.opened_at);
  const ended = call.status === 'settled';
  return (
    <li className="call-row" data-testid="call-row" data-status={call.status}>
      <div className="card-head">
        <strong>
          {began}
          {call.tenant_id !== null && <span className="tag">{words.team}</span>}
        </strong>
        <span className="number">
          {call.charged_seconds === null ? words.goingOn : shortDuration(call.charged_seconds)}
        </span>
      </div>
      <div className="call-foot">
        <span>
          {ended && endWords(call.end_reason ?? '', words.ends)}
          {call.latency_p50_ms !== null && (
            <>
              <br />
              {words.answersAfter(responseTime(call.latency_p50_ms))}
              {call.quality !== null && `, ${words.quality(call.quality)}`}
            </>
          )}
        </span>
        {ended && (
          <button
            type="button"
            className="quiet"
            onClick={onReceipt}
            aria-label={words.receiptOf(began)}
            aria-haspopup="dialog"
            data-testid="open-receipt"
          >
            {words.receipt}
          </button>
        )}
      </div>
    </li>
  );
}
