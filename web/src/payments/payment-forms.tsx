import { useState } from 'react';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import { CardChoice } from './card-choice.tsx';
import { CardForm } from './card-form.tsx';
import { confirmCard, confirmSavedCard } from './confirm-card.ts';
import { KeepCard } from './keep-card.tsx';
import type { Outcome } from './outcome.ts';
import { PaymentElementForm } from './payment-element-form.tsx';
import { returnAddress } from './payment-return.ts';
import type { PreparedPayment } from './prepare-payment.ts';

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
  const form = { payLabel, busy };

  function paySaved(cardId: string) {
    if (!prepared) return;
    const { intent, attempt } = prepared;
    const back = returnAddress(window.location, attempt.idempotencyKey);
    onPay(() => confirmSavedCard(stripe, intent, cardId, back), false);
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
      {saved === null && stripe.api_url !== null && (
        <CardForm
          {...form}
          onPay={(card) => prepared && onPay(() => confirmCard(stripe, prepared.intent, card), keep)}
        >
          <KeepCard checked={keep} disabled={busy} onChange={setKeep} />
        </CardForm>
      )}
      {saved === null && stripe.api_url === null && prepared && (
        <PaymentElementForm
          {...form}
          publishableKey={stripe.publishable_key}
          clientSecret={prepared.intent.client_secret}
          idempotencyKey={prepared.attempt.idempotencyKey}
          onPay={(confirm) => onPay(confirm, keep)}
        >
          <KeepCard checked={keep} disabled={busy} onChange={setKeep} />
        </PaymentElementForm>
      )}
    </>
  );
}
