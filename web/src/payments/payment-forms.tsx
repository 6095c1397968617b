import { useEffect, useId, useState } from 'react';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { cardWords } from '../saved-cards/card-words.ts';
import { useWords } from '../words/use-words.ts';
import { returnAddress } from './payment-return.ts';
import type { PreparedPayment } from './prepare-payment.ts';
import { confirmSavedCard, FormNotLoaded, type Outcome, openStripe } from './stripe.ts';
import type { StripeFormProps } from './stripe-form.tsx';

interface PaymentFormsProps {
  stripe: PageConfig['stripe'];
  /** Null until the payment is prepared. */
  prepared: PreparedPayment | null;
  savedCards: SavedCard[];
  payLabel: string;
  busy: boolean;
  onPay: (confirm: () => Promise<Outcome>, keepCard: boolean) => void;
}

/** A saved card, or the form for another one with the question whether to keep it. */
export function PaymentForms({ stripe, prepared, savedCards, payLabel, busy, onPay }: PaymentFormsProps) {
  const [choice, setChoice] = useState<string | null>();
  const [keep, setKeep] = useState(false);
  const first = savedCards[0]?.id ?? null;
  const chosen = choice === undefined || !savedCards.some(({ id }) => id === choice) ? first : choice;
  const saved = choice === null ? null : chosen;
  const clientSecret = prepared?.intent.client_secret;
  const returnUrl = prepared ? returnAddress(window.location, prepared.attempt.idempotencyKey) : '';

  function paySaved(cardId: string) {
    if (clientSecret === undefined) return;
    onPay(() => confirmSavedCard(stripe, clientSecret, cardId, returnUrl), false);
  }

  return (
    <>
      {first !== null && <CardChoice cards={savedCards} chosen={saved} onChoose={setChoice} />}
      {saved !== null && (
        <button
          type="button"
          className="primary"
          disabled={busy}
          onClick={() => paySaved(saved)}
          data-testid="pay-saved"
        >
          {payLabel}
        </button>
      )}
      {saved === null && clientSecret !== undefined && (
        <CardForm
          key={clientSecret}
          stripe={stripe}
          clientSecret={clientSecret}
          returnUrl={returnUrl}
          payLabel={payLabel}
          busy={busy}
          onPay={(confirm) => onPay(confirm, keep)}
        >
          <KeepCard checked={keep} disabled={busy} onChange={setKeep} />
        </CardForm>
      )}
    </>
  );
}

type CardFormProps = Omit<StripeFormProps, 'stripe'> & { stripe: PageConfig['stripe'] };

/** Stripe's form, loaded with Stripe.js when somebody pays. Another client secret needs another key. */
function CardForm({ stripe: config, ...form }: CardFormProps) {
  const { checkout, outcomes } = useWords('buy');
  const [loaded, setLoaded] = useState<Awaited<ReturnType<typeof loadForm>> | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let gone = false;
    loadForm(config).then(
      (parts) => !gone && setLoaded(parts),
      (failure: unknown) => !gone && setError(failure),
    );
    return () => {
      gone = true;
    };
  }, [config]);
  if (error !== null) {
    return <ErrorMessage error={error instanceof FormNotLoaded ? new Error(outcomes.notLoaded) : error} />;
  }
  if (loaded === null) return <p className="faint">{checkout.loadingForm}</p>;
  return <loaded.StripeForm stripe={loaded.stripe} {...form} />;
}

async function loadForm(config: PageConfig['stripe']) {
  const [stripe, { StripeForm }] = await Promise.all([openStripe(config), import('./stripe-form.tsx')]);
  return { stripe, StripeForm };
}

interface CardChoiceProps {
  cards: SavedCard[];
  /** The id of a saved card, or null for another one. */
  chosen: string | null;
  onChoose: (id: string | null) => void;
}

/** Which card to pay with, for somebody who had one kept. */
function CardChoice({ cards, chosen, onChoose }: CardChoiceProps) {
  const { checkout } = useWords('buy');
  const group = useId();
  const choice = (id: string | null, label: string) => (
    <label className="choice" key={id ?? 'another'}>
      <input
        type="radio"
        name={group}
        checked={chosen === id}
        onChange={() => onChoose(id)}
        data-testid={id === null ? 'another-card' : 'saved-card'}
      />
      {label}
    </label>
  );
  return (
    <fieldset className="choices">
      <legend className="hidden">{checkout.whichCard}</legend>
      {cards.map((card) => choice(card.id, cardWords(card, checkout.aCard)))}
      {choice(null, checkout.anotherCard)}
    </fieldset>
  );
}

interface KeepCardProps {
  checked: boolean;
  disabled: boolean;
  onChange: (keep: boolean) => void;
}

/** Consent to keeping the card, never given in advance. */
function KeepCard({ checked, disabled, onChange }: KeepCardProps) {
  const { checkout } = useWords('buy');
  return (
    <label className="choice consent">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        data-testid="keep-card"
      />
      <span>
        {checkout.keepCard}
        <small>{checkout.keepCardWhy}</small>
      </span>
    </label>
  );
}
