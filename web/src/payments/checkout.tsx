import { useEffect, useRef } from 'react';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { Package } from '../../../shared/api/pricing.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import type { Card, Gift } from '../../../shared/api/time-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import { GiftActions } from '../time-cards/gift-actions.tsx';
import { dayWords, momentWords, money, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/words.ts';
import { abandonAttempt, type Purchase } from './attempts.ts';
import { PaymentForms } from './payment-forms.tsx';
import { type CheckoutState, useCheckout } from './use-checkout.ts';

interface CheckoutProps {
  purchase: Purchase;
  item: Package;
  stripe: PageConfig['stripe'];
  sidecar: Sidecar;
  cards: Card[];
  gifts: Gift[];
  savedCards: SavedCard[];
  /** True while a call goes on. */
  inCall: boolean;
  onPaid: () => void;
  onPaying: (paying: boolean) => void;
  /** @param paid whether nothing is to be paid any more */
  onClose: (paid: boolean) => void;
}

/** One payment, from the choice of a package until the time is there. */
export function Checkout(props: CheckoutProps) {
  const { purchase, item, stripe, sidecar, cards, gifts, savedCards, inCall, onPaid, onPaying, onClose } =
    props;
  const { state, prepared, pay, moveToStripesPage, prepareAgain } = useCheckout(purchase, sidecar, onPaid);
  const { checkout: words } = useWords('buy');
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const intent = prepared?.intent ?? null;
  const price = money(intent?.amount_cents ?? item.price_cents, intent?.currency ?? item.currency);
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
    if (!paid) abandonAttempt(sessionStorage, purchase);
    onClose(paid);
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
        {words.heading(item.name, shortDuration(item.total_minutes * 60), price)}
        {purchase.purchaseFor === 'gift' && <span className="tag">{words.gift}</span>}
      </h3>
      {purchase.idempotencyKey && <p className="faint">{words.prepared}</p>}
      {!paid && elsewhere === null && (
        <PaymentForms
          stripe={stripe}
          prepared={prepared}
          savedCards={savedCards}
          payLabel={words.pay(price)}
          busy={notYet || state.phase === 'failed'}
          onPay={pay}
        />
      )}
      <CheckoutStatus
        state={state}
        purchase={purchase}
        item={item}
        paymentIntentId={intent?.payment_intent_id ?? null}
        cards={cards}
        gifts={gifts}
      />
      <div className="row">
        {elsewhere !== null && payElsewhere}
        {state.phase === 'failed' && (
          <button type="button" className="primary" onClick={prepareAgain} data-testid="pay-again">
            {words.again}
          </button>
        )}
        <button
          type="button"
          className="quiet"
          onClick={close}
          disabled={paying}
          data-testid="close-checkout"
        >
          {paid ? words.done : words.notNow}
        </button>
        {elsewhere === null && payElsewhere}
      </div>
    </section>
  );
}

interface PayElsewhereProps {
  /** The address of Stripe's page, once the purchase was moved there. */
  url: string | null;
  busy: boolean;
  /** True while a call goes on, which leaving this page would end. */
  inCall: boolean;
  onMove: () => Promise<string | null>;
}

/** Paying on Stripe's own page: a quiet way out of the card form, and then the way there. */
function PayElsewhere({ url, busy, inCall, onMove }: PayElsewhereProps) {
  const { checkout: words } = useWords('buy');
  async function move() {
    const address = await onMove();
    if (address !== null && !inCall) window.location.assign(address);
  }
  if (url === null) {
    return (
      <button type="button" className="link" onClick={move} disabled={busy} data-testid="pay-elsewhere">
        {words.elsewhere}
      </button>
    );
  }
  return (
    <a
      className="button"
      href={url}
      {...(inCall && { target: '_blank', rel: 'noopener' })}
      data-testid="stripes-page"
    >
      {words.openStripe}
    </a>
  );
}

interface CheckoutStatusProps {
  state: CheckoutState;
  purchase: Purchase;
  item: Package;
  paymentIntentId: string | null;
  cards: Card[];
  gifts: Gift[];
}

/** Where the payment stands, in words; spoken by screen readers when it changes. */
function CheckoutStatus(props: CheckoutStatusProps) {
  const { state, paymentIntentId } = props;
  const words = useWords('buy');
  const { checkout } = words;
  return (
    <div className="status" role="status" data-testid="pay-status" data-phase={state.phase}>
      {statusWords(props, words)}
      {state.phase === 'late' && paymentIntentId && <small>{checkout.payment(paymentIntentId)}</small>}
    </div>
  );
}

function statusWords(
  { state, purchase, item, cards, gifts }: CheckoutStatusProps,
  { checkout, outcomes }: Words['buy'],
) {
  const gift = purchase.purchaseFor === 'gift';
  switch (state.phase) {
    case 'preparing':
      return checkout.preparing;
    case 'ready':
      return '';
    case 'elsewhere':
      return checkout.isElsewhere;
    case 'confirming':
      return checkout.paying;
    case 'waiting':
      return gift ? checkout.waitingCode : checkout.waitingTime;
    case 'late':
      return checkout.late;
    case 'failed':
      return <ErrorMessage error={state.error} />;
    case 'declined':
    case 'unknown':
      return <p className="bad">{typeof state.why === 'string' ? outcomes[state.why] : state.why.told}</p>;
    case 'landed':
      return gift ? (
        <GiftReady gift={gifts.find((candidate) => candidate.card_id === state.newId)} />
      ) : (
        <TimeReady item={item} card={cards.find(({ id }) => id === state.newId)} />
      );
  }
}

/** What was bought, and from when and until when it can be used. */
function TimeReady({ item, card }: { item: Package; card: Card | undefined }) {
  const { checkout, purchases } = useWords('buy');
  const debt = card?.paid_debt_seconds ?? 0;
  return (
    <p className="good">
      {checkout.landed(item.name, shortDuration(item.total_minutes * 60 - debt))}{' '}
      {card?.expires_at && checkout.landedUntil(dayWords(card.expires_at))}{' '}
      {debt > 0 && `${purchases.paidDebt(shortDuration(debt))}.`}
    </p>
  );
}

function GiftReady({ gift }: { gift: Gift | undefined }) {
  const { checkout } = useWords('buy');
  if (!gift) return <p className="good">{checkout.giftInList}</p>;
  return (
    <div className="stack">
      <p className="good">
        {checkout.giftReady} <code>{gift.activation_code}</code>
      </p>
      {gift.recipient_email !== null && gift.delivery === 'scheduled' && gift.deliver_at !== null && (
        <p>{checkout.giftGoes(gift.recipient_email, momentWords(gift.deliver_at))}</p>
      )}
      <GiftActions gift={gift} />
    </div>
  );
}
