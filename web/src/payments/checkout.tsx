import { useEffect, useRef } from 'react';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { Package } from '../../../shared/api/pricing.ts';
import type { Gift } from '../../../shared/api/time-cards.ts';
import { money, shortDuration } from '../../../shared/units.ts';
import type { Sidecar } from '../api/sidecar.ts';
import { abandonAttempt, type Order } from './attempts.ts';
import { CardForm } from './card-form.tsx';
import { CheckoutStatus } from './checkout-status.tsx';
import { confirmCard } from './confirm-card.ts';
import { PaymentElementForm } from './payment-element-form.tsx';
import { useCheckout } from './use-checkout.ts';

interface CheckoutProps {
  order: Order;
  item: Package;
  currency: string;
  stripe: PageConfig['stripe'];
  sidecar: Sidecar;
  gifts: Gift[];
  onPaid: () => void;
  onPaying: (paying: boolean) => void;
  onClose: () => void;
}

/** One payment, from the choice of a package until the time is there. */
export function Checkout(props: CheckoutProps) {
  const { order, item, stripe, sidecar, gifts, onPaid, onPaying, onClose } = props;
  const { state, prepared, pay, prepareAgain } = useCheckout(order, sidecar, onPaid);
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const intent = prepared?.intent ?? null;
  const price = money(intent?.amount_cents ?? item.price_cents, intent?.currency ?? props.currency);
  const paying = state.phase === 'confirming';
  const paid = state.phase === 'waiting' || state.phase === 'landed' || state.phase === 'late';

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

  const form = { payLabel: `Pay ${price}`, busy: paying || !prepared || state.phase === 'failed' };
  return (
    <section className="checkout" ref={section} aria-labelledby="checkout" data-testid="checkout">
      <h3 id="checkout" ref={heading} tabIndex={-1}>
        {item.name}: {shortDuration(item.total_minutes * 60)} for {price}
        {order.purchaseFor === 'gift' && <span className="tag">gift</span>}
      </h3>
      {order.idempotencyKey && <p className="faint">Your assistant prepared this in the call.</p>}
      {!paid && stripe.api_url && (
        <CardForm
          {...form}
          onPay={(card) => prepared && pay(() => confirmCard(stripe, prepared.intent, card))}
        />
      )}
      {!paid && !stripe.api_url && prepared && (
        <PaymentElementForm
          {...form}
          publishableKey={stripe.publishable_key}
          clientSecret={prepared.intent.client_secret}
          idempotencyKey={prepared.attempt.idempotencyKey}
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
      </div>
    </section>
  );
}
