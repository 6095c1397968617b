import { useEffect, useRef, useState } from 'react';
import type { OwnPurchase, PurchasesResponse } from '../../../shared/api/purchases.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import { usePolled } from '../api/use-polled.ts';
import { ReceiptDialog } from '../calls/receipt-dialog.tsx';
import '../calls/calls.css';
import { Skeleton } from '../shell/skeleton.tsx';
import { useWords } from '../words/use-words.ts';
import { PurchaseRow } from './purchase-row.tsx';

const SLOW_MS = 600_000;

interface PurchasesPanelProps {
  sidecar: Sidecar;
  /** Changes when something was bought or went back. */
  changed: unknown;
}

/** What was bought, and what of it went back, each with its receipt. */
export function PurchasesPanel({ sidecar, changed }: PurchasesPanelProps) {
  const { purchases: words } = useWords('buy');
  const [shown, setShown] = useState<OwnPurchase | null>(null);
  const newest = usePolled(sidecar.ownPurchases, SLOW_MS);
  const { purchases, hasMore, loading, error, loadMore } = useOlder(newest.data, sidecar);
  const { refresh } = newest;
  const first = useRef(changed);
  useEffect(() => {
    if (first.current !== changed) refresh();
    first.current = changed;
  }, [changed, refresh]);
  return (
    <section className="panel" aria-labelledby="purchases" data-testid="purchases">
      <h2 id="purchases">{words.title}</h2>
      {newest.data === null && newest.error == null && <Skeleton />}
      {newest.data !== null && purchases.length === 0 && <p className="faint">{words.none}</p>}
      {purchases.length > 0 && (
        <ul className="plain">
          {purchases.map((purchase) => (
            <PurchaseRow
              key={purchase.purchase_id}
              purchase={purchase}
              sidecar={sidecar}
              onReceipt={() => setShown(purchase)}
            />
          ))}
        </ul>
      )}
      {hasMore && (
        <button
          type="button"
          className="quiet"
          onClick={loadMore}
          disabled={loading}
          data-testid="older-purchases"
        >
          {words.older}
        </button>
      )}
      {(error ?? newest.error) != null && <ErrorMessage error={error ?? newest.error} />}
      {shown && (
        <ReceiptDialog
          key={shown.purchase_id}
          callId={shown.purchase_id}
          load={sidecar.purchaseReceipt}
          onClose={() => setShown(null)}
        />
      )}
    </section>
  );
}

/** The newest purchases as they are polled, and below them the older ones that were asked for. */
function useOlder(newest: PurchasesResponse | null, sidecar: Sidecar) {
  const [older, setOlder] = useState<PurchasesResponse | null>(null);
  const [loading, setLoading] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const leaving = useRef(new AbortController());
  useEffect(() => {
    const stop = new AbortController();
    leaving.current = stop;
    return () => stop.abort();
  }, []);
  const top = newest?.purchases ?? [];
  const known = new Set(top.map((one) => one.purchase_id));
  const purchases = [...top, ...(older?.purchases.filter((one) => !known.has(one.purchase_id)) ?? [])];
  const next = older ? older.next : (newest?.next ?? null);

  async function loadMore() {
    if (next === null) return;
    const { signal } = leaving.current;
    setLoading(true);
    setError(null);
    try {
      const page = await sidecar.ownPurchases(signal, next);
      // All that is shown is kept: what is bought meanwhile pushes others off the first page.
      setOlder({ purchases: [...purchases, ...page.purchases], next: page.next });
    } catch (failure) {
      if (!signal.aborted) setError(failure);
    } finally {
      if (!signal.aborted) setLoading(false);
    }
  }
  return { purchases, hasMore: next !== null, loading, error, loadMore };
}
