import type { AnalyticsResponse } from '../../../shared/api/accounts.ts';
import { Skeleton } from '../shell/skeleton.tsx';
import { dayWords, money } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/words.ts';

interface PurchasesPanelProps {
  usage: AnalyticsResponse | null;
  /** package id to the name it is sold under */
  packageNames: Map<string, string>;
}

type Payment = AnalyticsResponse['payments'][number];

/** What was paid, and what of it went back. */
export function PurchasesPanel({ usage, packageNames }: PurchasesPanelProps) {
  const { purchases } = useWords('account');
  const paid = usage?.payments.filter(({ received_cents: received }) => received !== null);
  return (
    <section className="panel" aria-labelledby="purchases" data-testid="purchases">
      <h2 id="purchases">{purchases.title}</h2>
      {paid === undefined && <Skeleton />}
      {paid?.length === 0 && <p className="faint">{purchases.none}</p>}
      {paid !== undefined && paid.length > 0 && (
        <ul className="plain">
          {paid.map((payment) => (
            <li key={payment.purchase_id} className="card" data-testid="purchase">
              <div className="card-head">
                <strong>
                  {packageNames.get(payment.package_id) ?? payment.package_id}
                  {payment.purpose === 'gift' && <span className="tag">{purchases.gift}</span>}
                </strong>
                <span className="number">
                  {money(payment.received_cents ?? 0, payment.received_currency)}
                </span>
              </div>
              <div className="card-foot">
                <span>{dayWords(payment.created_at)}</span>
                <span>{wentBack(payment, purchases)}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function wentBack(payment: Payment, purchases: Words['account']['purchases']): string {
  const { received_currency: currency } = payment;
  return [
    payment.refunded_cents > 0 && purchases.refunded(money(payment.refunded_cents, currency)),
    payment.disputed_cents > 0 && purchases.disputed(money(payment.disputed_cents, currency)),
    payment.lost_cents > 0 && purchases.lost(money(payment.lost_cents, currency)),
  ]
    .filter((part) => part !== false)
    .join(', ');
}
