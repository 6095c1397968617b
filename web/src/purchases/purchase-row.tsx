import { type SyntheticEvent, useState } from 'react';
import type { OwnPurchase } from '../../../shared/api/purchases.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import { dayWords, momentWords, money, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/words.ts';

interface PurchaseRowProps {
  purchase: OwnPurchase;
  sidecar: Sidecar;
  onReceipt: () => void;
}

/** One purchase: what, when and for how much, what went back, and its papers. */
export function PurchaseRow({ purchase, sidecar, onReceipt }: PurchaseRowProps) {
  const { purchases: words } = useWords('buy');
  const { package_name: name, received_cents: received } = purchase;
  const day = dayWords(purchase.created_at);
  const tag = backTag(purchase, words);
  return (
    <li className="card" data-testid="purchase" data-status={purchase.status}>
      <div className="card-head">
        <strong>
          {name}
          {purchase.purpose === 'gift' && <span className="tag">{words.gift}</span>}
          {purchase.is_automatic && <span className="tag">{words.automatic}</span>}
          {tag !== null && <span className="tag">{tag}</span>}
        </strong>
        <span className="number">
          {received === null
            ? money(purchase.amount_cents, purchase.currency)
            : money(received, purchase.received_currency)}
        </span>
      </div>
      <div className="card-foot">
        <span>
          {day}, {shortDuration(purchase.total_seconds)}
        </span>
        {purchase.status === 'succeeded' && (
          <button
            type="button"
            className="quiet"
            onClick={onReceipt}
            aria-label={words.receiptLabel(name, day)}
            aria-haspopup="dialog"
            data-testid="purchase-receipt"
          >
            {words.receipt}
          </button>
        )}
      </div>
      {linesOf(purchase, words).map((line) => (
        <p className="faint" key={line}>
          {line}
        </p>
      ))}
      <Details purchase={purchase} sidecar={sidecar} />
    </li>
  );
}

type PurchaseWords = Words['buy']['purchases'];

/** What became of its money, in a word. */
function backTag(purchase: OwnPurchase, words: PurchaseWords): string | null {
  const back = purchase.refunded_cents + purchase.lost_cents;
  if (purchase.disputed_cents > 0) return words.disputedTag;
  if (back === 0) return null;
  return back >= (purchase.received_cents ?? purchase.amount_cents)
    ? words.refundedTag
    : words.partRefundedTag;
}

function linesOf(purchase: OwnPurchase, words: PurchaseWords): string[] {
  const { received_currency: currency, status } = purchase;
  const cash = (cents: number) => money(cents, currency);
  return [
    status !== 'succeeded' && words.states[status],
    ...purchase.refunds.map((refund) =>
      words[REFUND[refund.status]](cash(refund.amount_cents), momentWords(refund.created_at)),
    ),
    purchase.disputed_cents > 0 && words.disputed(cash(purchase.disputed_cents)),
    purchase.lost_cents > 0 && words.lost(cash(purchase.lost_cents)),
    purchase.taken_back_seconds > 0 && words.takenBack(shortDuration(purchase.taken_back_seconds)),
    purchase.paid_debt_seconds > 0 && words.paidDebt(shortDuration(purchase.paid_debt_seconds)),
  ].filter((line) => line !== false);
}

const REFUND = { succeeded: 'refund', pending: 'refundPending', failed: 'refundFailed' } as const;

/** Its number, and Stripe's receipt, which Stripe is asked for only when somebody looks. */
function Details({ purchase, sidecar }: Pick<PurchaseRowProps, 'purchase' | 'sidecar'>) {
  const { purchases: words } = useWords('buy');
  const [url, setUrl] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  async function look(event: SyntheticEvent<HTMLDetailsElement>) {
    if (!event.currentTarget.open || url !== null || purchase.status !== 'succeeded') return;
    setError(null);
    try {
      setUrl((await sidecar.stripeReceipt(purchase.purchase_id, AbortSignal.timeout(15_000))).receipt_url);
    } catch (failure) {
      setError(failure);
    }
  }
  return (
    <details onToggle={look} data-testid="purchase-details">
      <summary>{words.details}</summary>
      <p className="faint purchase-number">
        {words.number}: <code>{purchase.purchase_id}</code>
      </p>
      {url !== null && (
        <a href={url} target="_blank" rel="noopener noreferrer" data-testid="stripe-receipt">
          {words.stripeReceipt}
        </a>
      )}
      {error != null && <ErrorMessage error={error} />}
    </details>
  );
}
