import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { PurchaseFor } from '../../../shared/api/payments.ts';
import type { Package, PricingResponse } from '../../../shared/api/pricing.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import type { Card, Gift } from '../../../shared/api/time-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { GiftWording, Sidecar } from '../api/sidecar.ts';
import type { Polled } from '../api/use-polled.ts';
import { money, pricePerMinute, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { Purchase } from './attempts.ts';
import { Checkout } from './checkout.tsx';
import { GiftFields } from './gift-fields.tsx';
import './payments.css';
import type { Purchases } from './use-purchases.ts';

interface ShopPanelProps {
  userId: string;
  pricing: Polled<PricingResponse>;
  purchases: Purchases;
  stripe: PageConfig['stripe'];
  sidecar: Sidecar;
  cards: Card[];
  gifts: Gift[];
  savedCards: SavedCard[];
  /** True while a call goes on. */
  inCall: boolean;
  onPaid: () => void;
  /** When a purchase was paid and looked at. */
  onDone?: () => void;
  /** True while a call waits for time to be bought: the shop then comes to the buyer. */
  awaited: boolean;
}

const NO_WORDS: GiftWording = { recipientName: '', message: '', recipientEmail: '', deliverOn: '' };

/** The packages; while one is being paid, its checkout stands above them. */
export function ShopPanel(props: ShopPanelProps) {
  const { userId, pricing, purchases, stripe, sidecar, cards, gifts, savedCards } = props;
  const { inCall, awaited, onPaid, onDone } = props;
  const buyWords = useWords('buy');
  const [purchaseFor, setPurchaseFor] = useState<PurchaseFor>('me');
  const [words, setWords] = useState<GiftWording>(NO_WORDS);
  const heading = useRef<HTMLHeadingElement>(null);
  const purchase = purchases.current;
  const isBuying = purchase !== null;
  useEffect(() => {
    // An open checkout has the focus already, and somebody may be typing a card number into it.
    if (!awaited || isBuying) return;
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: 'start' });
  }, [awaited, isBuying]);
  function buy(packageId: string) {
    const purchase = { userId, packageId, purchaseFor, idempotencyKey: null };
    purchases.open(purchaseFor === 'gift' ? { ...purchase, words } : purchase);
  }
  const item = pricing.data?.packages.find((candidate) => candidate.id === purchase?.packageId);
  return (
    <section className="panel shop" aria-labelledby="shop">
      <h2 id="shop" ref={heading} tabIndex={-1}>
        {buyWords.title}
      </h2>
      {purchase && pricing.data && item && (
        <Checkout
          key={purchaseKey(purchase)}
          purchase={purchase}
          item={item}
          stripe={stripe}
          sidecar={sidecar}
          cards={cards}
          gifts={gifts}
          savedCards={savedCards}
          inCall={inCall}
          onPaid={onPaid}
          onPaying={purchases.setPaying}
          onClose={(paid) => {
            purchases.close();
            if (paid) onDone?.();
          }}
        />
      )}
      {purchase && pricing.data && !item && <ErrorMessage error={new Error(buyWords.unknownPackage)} />}
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

function purchaseKey(purchase: Purchase): string {
  return `${purchase.packageId}.${purchase.purchaseFor}.${purchase.idempotencyKey ?? ''}`;
}

interface PackageListProps {
  pricing: PricingResponse;
  purchaseFor: PurchaseFor;
  onPurchaseFor: (choice: PurchaseFor) => void;
  onBuy: (item: Package) => void;
  /** What else is asked of the buyer. */
  children?: ReactNode;
}

/** For whom, and which package. */
function PackageList({ pricing, purchaseFor, onPurchaseFor, onBuy, children }: PackageListProps) {
  const landing = useWords('landing');
  const words = useWords('buy');
  const group = useId();
  const choice = (value: PurchaseFor, label: string) => (
    <label className="choice">
      <input
        type="radio"
        name={group}
        checked={purchaseFor === value}
        onChange={() => onPurchaseFor(value)}
        data-testid={`for-${value}`}
      />
      {label}
    </label>
  );
  return (
    <>
      <fieldset className="choices">
        <legend className="hidden">{words.whoFor}</legend>
        {choice('me', words.forMe)}
        {choice('gift', words.asGift)}
      </fieldset>
      {children}
      <ul className="plain packages">
        {pricing.packages.map((item) => (
          <li key={item.id} className="package" data-testid={`package-${item.id}`}>
            <div>
              <strong>
                {item.name}
                {item.best_value && <span className="tag best-value">{landing.bestValue}</span>}
              </strong>
              <span className="faint">{timeWords(item, words.withBonus)}</span>
            </div>
            <span className="number price">
              {money(item.price_cents, item.currency)}
              <span className="faint">{landing.perMinute(pricePerMinute(item))}</span>
            </span>
            <button
              type="button"
              onClick={() => onBuy(item)}
              aria-label={words.buyLabel(item.name)}
              data-testid={`buy-${item.id}`}
            >
              {words.buy}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function timeWords(item: Package, withBonus: (time: string, bonus: string) => string): string {
  const time = shortDuration((item.hours * 60 + item.minutes) * 60);
  return item.bonus_minutes > 0 ? withBonus(time, shortDuration(item.bonus_minutes * 60)) : time;
}
