import { useState } from 'react';
import type { CallSummary, CallsResponse } from '../../../shared/api/receipts.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import type { Polled } from '../api/use-polled.ts';
import { CallRow } from './call-row.tsx';
import { ReceiptDialog } from './receipt-dialog.tsx';
import { useOlderCalls } from './use-older-calls.ts';

interface CallsPanelProps {
  newest: Polled<CallsResponse>;
  sidecar: Sidecar;
}

/** The calls so far, each with its receipt. */
export function CallsPanel({ newest, sidecar }: CallsPanelProps) {
  const [shown, setShown] = useState<CallSummary | null>(null);
  const { calls, hasMore, loading, error, loadMore } = useOlderCalls(newest.data, sidecar);
  return (
    <section className="panel" aria-labelledby="calls" data-testid="calls">
      <h2 id="calls">Calls</h2>
      {newest.data && calls.length === 0 && <p className="faint">None yet.</p>}
      {calls.length > 0 && (
        <ul className="plain">
          {calls.map((call) => (
            <CallRow key={call.call_id} call={call} onReceipt={() => setShown(call)} />
          ))}
        </ul>
      )}
      {hasMore && (
        <button type="button" className="quiet" onClick={loadMore} disabled={loading}>
          Older calls
        </button>
      )}
      {(error ?? newest.error) != null && <ErrorMessage error={error ?? newest.error} />}
      {shown && (
        <ReceiptDialog
          key={shown.call_id}
          callId={shown.call_id}
          load={sidecar.receipt}
          onClose={() => setShown(null)}
        />
      )}
    </section>
  );
}
