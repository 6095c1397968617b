import { type SubmitEvent, useState } from 'react';
import type { AutoTopUpRequest } from '../../../shared/api/auto-top-up.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import { money, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import { cardWords } from './card-words.ts';

const THRESHOLDS = [300, 600, 1800, 3600];
/** The cap is said in packages, because nobody wants a cap between two of them. */
const MOST_PER_MONTH = [1, 2, 3, 5, 10];

interface AutoTopUpFormProps {
  cards: SavedCard[];
  pricing: PricingResponse;
  submitLabel: string;
  busy: boolean;
  onSubmit: (terms: AutoTopUpRequest) => void;
}

/** The terms, and the consent to exactly these: changing one of them takes it back. */
export function AutoTopUpForm({ cards, pricing, submitLabel, busy, onSubmit }: AutoTopUpFormProps) {
  const { topUp: words } = useWords('account');
  const { checkout } = useWords('buy');
  const { packages } = pricing;
  const [packageId, setPackageId] = useState(packages[0]?.id);
  const [wanted, setThreshold] = useState(600);
  const [times, setTimes] = useState(3);
  const [cardId, setCardId] = useState(cards[0]?.id);
  const [consent, setConsent] = useState(false);
  const item = packages.find(({ id }) => id === packageId) ?? packages[0];
  const card = cards.find(({ id }) => id === cardId) ?? cards[0];
  if (!item || !card) return null;
  const { currency } = item;
  const cap = item.price_cents * times;
  const price = money(item.price_cents, currency);
  const seconds = item.total_minutes * 60;
  // What the package gives lifts the time above it again: a threshold beyond that would buy one after the other.
  const thresholds = THRESHOLDS.filter((one) => one < seconds);
  const threshold = Math.min(wanted, thresholds.at(-1) ?? seconds);

  const select = <T extends string | number>(title: string, testId: string, field: Field<T>) => (
    <Select title={title} testId={testId} field={field} onChange={() => setConsent(false)} />
  );

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!consent || !item || !card) return;
    onSubmit({
      package_id: item.id,
      threshold_seconds: threshold,
      monthly_cap_cents: cap,
      payment_method_id: card.id,
      price_cents: item.price_cents,
      currency,
      consent: true,
    });
  }

  return (
    <form className="stack" onSubmit={submit}>
      {select(words.buy, 'top-up-package', {
        value: item.id,
        set: setPackageId,
        options: packages.map((one) => [
          one.id,
          words.option(one.name, shortDuration(one.total_minutes * 60), money(one.price_cents, one.currency)),
        ]),
      })}
      {select(words.whenLeft, 'top-up-threshold', {
        value: threshold,
        set: setThreshold,
        options: thresholds.map((one) => [one, shortDuration(one)]),
      })}
      {select(words.withCard, 'top-up-card', {
        value: card.id,
        set: setCardId,
        options: cards.map((one) => [one.id, cardWords(one, checkout.aCard)]),
      })}
      {select(words.never, 'top-up-cap', {
        value: times,
        set: setTimes,
        options: MOST_PER_MONTH.map((count) => [
          count,
          words.aMonth(money(item.price_cents * count, currency)),
        ]),
      })}
      <label className="choice consent">
        <input
          type="checkbox"
          checked={consent}
          onChange={(event) => setConsent(event.target.checked)}
          data-testid="top-up-consent"
        />
        <span>
          {words.agree(
            shortDuration(threshold),
            cardWords(card, checkout.aCard),
            price,
            item.name,
            money(cap, currency),
          )}
        </span>
      </label>
      <button type="submit" className="primary" disabled={!consent || busy} data-testid="top-up-on">
        {submitLabel}
      </button>
    </form>
  );
}

type Field<T> = { value: T; set: (value: T) => void; options: [value: T, label: string][] };

interface SelectProps<T> {
  title: string;
  testId: string;
  field: Field<T>;
  onChange: () => void;
}

function Select<T extends string | number>({ title, testId, field, onChange }: SelectProps<T>) {
  return (
    <label>
      {title}
      <select
        value={field.value}
        data-testid={testId}
        onChange={(event) => {
          const option = field.options.find(([value]) => String(value) === event.target.value);
          if (option) field.set(option[0]);
          onChange();
        }}
      >
        {field.options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
