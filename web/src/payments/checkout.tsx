import { useEffect, useRef } from 'react';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { Package } from '../../../shared/api/pricing.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import type { Gift } from '../../../shared/api/time-cards.ts';
import { money, shortDuration } from '../../../shared/units.ts';
import type { Sidecar } from '../api/sidecar.ts';
import { abandonAttempt, type Order } from './attempts.ts';
import { CheckoutStatus } from './checkout-status.tsx';
import { PayElsewhere } from './pay-elsewhere.tsx';
import { PaymentForms } from './payment-forms.tsx';
import { useCheckout } from './use-checkout.ts';

interface CheckoutProps {
  order: Order;
  item: Package;
  currency: string;
  stripe: PageConfig['stripe'];
  sidecar: Sidecar;
  gifts: Gift[];
  savedCards: SavedCard[];
  /** True while a call goes on. */
  inCall: boolean;
  onPaid: () => void;
  onPaying: (paying: boolean) => void;
  onClose: () => void;
}

/** One payment, from the choice of a package until the time is there. */
export function Checkout(props: CheckoutProps) {
  const { order, item, stripe, sidecar, gifts, savedCards, inCall, onPaid, onPaying, onClose } = props;
  const { state, prepared, pay, moveToStripesPage, prepareAgain } = useCheckout(order, sidecar, onPaid);
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const intent = prepared?.intent ?? null;
  const price = money(intent?.amount_cents ?? item.price_cents, intent?.currency ?? props.currency);
  const paying = state.phase === 'confirming';
  const paid = state.phase === 'waiting' || state.phase === 'landed' || state.phase === 'late';
  const notYet = paying || state.phase === 'preparing' || !prepared;
  const elsewhere = state.phase === 'elsewhere' ? state.url : null;

  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    section.current?.scrollIntoView({ block: 'nearest' });
  }, []);

  const busy = paying || state.phase === 'waiting';
  useEffect(() => {
    onPaying(busy);
    return () => onPaying(false);
  }, [busy, onPaying]);

  function close() {
    if (!paid) abandonAttempt(sessionStorage, order);
    onClose();
  }

  const payElsewhere = !paid && state.phase !== 'failed' && (
    <PayElsewhere
      url={elsewhere}
      busy={notYet || state.phase === 'unknown'}
      inCall={inCall}
      onMove={moveToStripesPage}
    />
  );
  return (
    <section className="checkout" ref={section} aria-labelledby="checkout" data-testid="checkout">
      <h3 id="checkout" ref={heading} tabIndex={-1}>
        {item.name}: {shortDuration(item.total_minutes * 60)} for {price}
        {order.purchaseFor === 'gift' && <span className="tag">gift</span>}
      </h3>
      {order.idempotencyKey && <p className="faint">Your assistant prepared this in the call.</p>}
      {!paid && elsewhere === null && (
        <PaymentForms
          stripe={stripe}
          prepared={prepared}
          savedCards={savedCards}
          payLabel={`Pay ${price}`}
          busy={notYet || state.phase === 'failed'}
          onPay={pay}
        />
      )}
      <CheckoutStatus
        state={state}
        order={order}
        item={item}
        paymentIntentId={intent?.payment_intent_id ?? null}
        gifts={gifts}
      />
      <div className="row">
        {elsewhere !== null && payElsewhere}
        {state.phase === 'failed' && (
          <button type="button" className="primary" onClick={prepareAgain} data-testid="pay-again">
            Try again
          </button>
        )}
        <button
          type="button"
          className="quiet"
          onClick={close}
          disabled={paying}
          data-testid="close-checkout"
        >
          {paid ? 'Done' : 'Not now'}
        </button>
        {elsewhere === null && payElsewhere}
      </div>
    </section>
  );
}
