import { useEffect, useRef, useState } from 'react';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { PurchaseFor } from '../../../shared/api/payments.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import type { Gift } from '../../../shared/api/time-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import type { Polled } from '../api/use-polled.ts';
import type { GiftWording, Order } from './attempts.ts';
import { Checkout } from './checkout.tsx';
import { GiftFields } from './gift-fields.tsx';
import { PackageList } from './package-list.tsx';
import type { Orders } from './use-orders.ts';

interface ShopPanelProps {
  userId: string;
  pricing: Polled<PricingResponse>;
  orders: Orders;
  stripe: PageConfig['stripe'];
  sidecar: Sidecar;
  gifts: Gift[];
  savedCards: SavedCard[];
  /** True while a call goes on. */
  inCall: boolean;
  onPaid: () => void;
  /** True while a call waits for time to be bought: the shop then comes to the buyer. */
  awaited: boolean;
}

/** The packages; while one is being paid, its checkout stands above them. */
export function ShopPanel(props: ShopPanelProps) {
  const { userId, pricing, orders, stripe, sidecar, gifts, savedCards, inCall, onPaid, awaited } = props;
  const [purchaseFor, setPurchaseFor] = useState<PurchaseFor>('me');
  const [words, setWords] = useState<GiftWording>({ recipientName: '', message: '' });
  const heading = useRef<HTMLHeadingElement>(null);
  const order = orders.current;
  const hasOrder = order !== null;
  useEffect(() => {
    // An open checkout has the focus already, and somebody may be typing a card number into it.
    if (!awaited || hasOrder) return;
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: 'start' });
  }, [awaited, hasOrder]);
  function buy(packageId: string) {
    const order = { userId, packageId, purchaseFor, idempotencyKey: null };
    orders.open(purchaseFor === 'gift' ? { ...order, words } : order);
  }
  const item = pricing.data?.packages.find((candidate) => candidate.id === order?.packageId);
  return (
    <section className="panel shop" aria-labelledby="shop">
      <h2 id="shop" ref={heading} tabIndex={-1}>
        Buy time
      </h2>
      {order && pricing.data && item && (
        <Checkout
          key={orderKey(order)}
          order={order}
          item={item}
          currency={pricing.data.currency}
          stripe={stripe}
          sidecar={sidecar}
          gifts={gifts}
          savedCards={savedCards}
          inCall={inCall}
          onPaid={onPaid}
          onPaying={orders.setPaying}
          onClose={orders.close}
        />
      )}
      {order && pricing.data && !item && (
        <ErrorMessage error={new Error('The assistant offered a package that is not for sale here.')} />
      )}
      {!item && pricing.data && (
        <PackageList
          pricing={pricing.data}
          purchaseFor={purchaseFor}
          onPurchaseFor={setPurchaseFor}
          onBuy={(chosen) => buy(chosen.id)}
        >
          {purchaseFor === 'gift' && <GiftFields words={words} onChange={setWords} />}
        </PackageList>
      )}
      {pricing.error != null && !pricing.data && <ErrorMessage error={pricing.error} />}
    </section>
  );
}

function orderKey(order: Order): string {
  return `${order.packageId}.${order.purchaseFor}.${order.idempotencyKey ?? ''}`;
}
