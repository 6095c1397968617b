import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { OwnPurchase, PurchasesResponse } from '../../../shared/api/purchases.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import { useOlder } from '../api/use-older.ts';
import { usePolled } from '../api/use-polled.ts';
import '../calls/calls.css';
import { Skeleton } from '../shell/skeleton.tsx';
import { useWords } from '../words/use-words.ts';
import { PurchaseRow } from './purchase-row.tsx';

/** Loaded when somebody opens one. */
const ReceiptDialog = lazy(async () => ({
  default: (await import('../calls/receipt-dialog.tsx')).ReceiptDialog,
}));

const SLOW_MS = 600_000;

const pageOf = ({ purchases, next }: PurchasesResponse) => ({ items: purchases, next });
const idOf = ({ purchase_id }: OwnPurchase) => purchase_id;

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
  const older = useOlder(newest.data && pageOf(newest.data), idOf, async (signal, next) =>
    pageOf(await sidecar.ownPurchases(signal, next)),
  );
  const { items: purchases, hasMore, loading, error, loadMore } = older;
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
        <Suspense fallback={null}>
          <ReceiptDialog
            key={shown.purchase_id}
            id={shown.purchase_id}
            load={sidecar.purchaseReceipt}
            onClose={() => setShown(null)}
          />
        </Suspense>
      )}
    </section>
  );
}
