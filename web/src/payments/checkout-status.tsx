import type { Package } from '../../../shared/api/pricing.ts';
import type { Gift } from '../../../shared/api/time-cards.ts';
import { shortDuration } from '../../../shared/units.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { CopyButton } from '../time-cards/copy-button.tsx';
import type { Order } from './attempts.ts';
import type { CheckoutState } from './use-checkout.ts';

interface CheckoutStatusProps {
  state: CheckoutState;
  order: Order;
  item: Package;
  paymentIntentId: string | null;
  gifts: Gift[];
}

/** Where the payment stands, in words; spoken by screen readers when it changes. */
export function CheckoutStatus({ state, order, item, paymentIntentId, gifts }: CheckoutStatusProps) {
  return (
    <div className="status" role="status" data-testid="pay-status" data-phase={state.phase}>
      {statusWords(state, order, item, gifts)}
      {state.phase === 'late' && paymentIntentId && <small>Payment {paymentIntentId}</small>}
    </div>
  );
}

function statusWords(state: CheckoutState, order: Order, item: Package, gifts: Gift[]) {
  const gift = order.purchaseFor === 'gift';
  switch (state.phase) {
    case 'preparing':
      return 'Preparing the payment …';
    case 'ready':
      return '';
    case 'elsewhere':
      return 'This purchase is being paid on Stripe’s page. The time appears here as soon as it is paid.';
    case 'confirming':
      return 'Paying …';
    case 'waiting':
      return gift ? 'Paid. Waiting for the gift code …' : 'Paid. Waiting for the time to appear …';
    case 'late':
      return 'The payment is on its way, but the time is not here yet. It will come by itself; nothing needs to be paid again.';
    case 'failed':
      return <ErrorMessage error={state.error} />;
    case 'declined':
    case 'unknown':
      return <p className="bad">{state.message}</p>;
    case 'landed':
      return gift ? (
        <GiftReady gift={gifts.find((candidate) => candidate.card_id === state.newId)} />
      ) : (
        <p className="good">Paid. {shortDuration(item.total_minutes * 60)} are yours now.</p>
      );
  }
}

function GiftReady({ gift }: { gift: Gift | undefined }) {
  return (
    <p className="good">
      Paid. {gift ? 'Pass this code on: ' : 'The code is in your list of gifts.'}
      {gift && (
        <>
          <code>{gift.activation_code}</code>{' '}
          <CopyButton text={gift.activation_code} label={`Copy gift code ${gift.activation_code}`} />
        </>
      )}
    </p>
  );
}
