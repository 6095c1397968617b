import { type ReactNode, useId } from 'react';
import type { PurchaseFor } from '../../../shared/api/payments.ts';
import type { Package, PricingResponse } from '../../../shared/api/pricing.ts';
import { money, shortDuration } from '../../../shared/units.ts';

interface PackageListProps {
  pricing: PricingResponse;
  purchaseFor: PurchaseFor;
  onPurchaseFor: (choice: PurchaseFor) => void;
  onBuy: (item: Package) => void;
  /** What else is asked of the buyer. */
  children?: ReactNode;
}

/** For whom, and which package. */
export function PackageList({ pricing, purchaseFor, onPurchaseFor, onBuy, children }: PackageListProps) {
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
        <legend className="hidden">Who is it for?</legend>
        {choice('me', 'For me')}
        {choice('gift', 'As a gift')}
      </fieldset>
      {children}
      <ul className="plain packages">
        {pricing.packages.map((item) => (
          <li key={item.id} className="package" data-testid={`package-${item.id}`}>
            <div>
              <strong>{item.name}</strong>
              <span className="faint">{timeWords(item)}</span>
            </div>
            <span className="number price">
              {money(item.price_cents, pricing.currency)}
              <span className="faint">{perHour(item, pricing.currency)}</span>
            </span>
            <button
              type="button"
              onClick={() => onBuy(item)}
              aria-label={`Buy ${item.name}`}
              data-testid={`buy-${item.id}`}
            >
              Buy
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function timeWords(item: Package): string {
  const bonus = item.bonus_minutes > 0 ? ` + ${shortDuration(item.bonus_minutes * 60)} free` : '';
  return `${item.hours} h${bonus}`;
}

function perHour(item: Package, currency: string): string {
  return `${money(Math.round((item.price_cents * 60) / item.total_minutes), currency)} an hour`;
}
