import { Elements, PaymentElement, useElements, useStripe } from '@stripe/react-stripe-js';
import type { Stripe } from '@stripe/stripe-js';
import { type ReactNode, type SubmitEvent, useMemo, useState, useSyncExternalStore } from 'react';
import { ErrorMessage } from '../api/error-message.tsx';
import { useWords } from '../words/use-words.ts';
import { confirmForm, type Outcome } from './stripe.ts';

interface FieldsProps {
  /** Where a bank's page sends the buyer back to. */
  returnUrl: string;
  payLabel: string;
  busy: boolean;
  onPay: (confirm: () => Promise<Outcome>) => void;
  /** What else is asked before paying. */
  children?: ReactNode;
}

export interface StripeFormProps extends FieldsProps {
  stripe: Stripe;
  clientSecret: string;
}

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');

function onSchemeChange(listener: () => void): () => void {
  prefersDark.addEventListener('change', listener);
  return () => prefersDark.removeEventListener('change', listener);
}

const currentTheme = () => (prefersDark.matches ? ('night' as const) : ('stripe' as const));

/** Stripe's Payment Element: the card details stay in Stripe's frame. */
export function StripeForm({ stripe, clientSecret, ...fields }: StripeFormProps) {
  const theme = useSyncExternalStore(onSchemeChange, currentTheme);
  const options = useMemo(() => ({ clientSecret, appearance: { theme } }), [clientSecret, theme]);
  return (
    <Elements stripe={stripe} options={options}>
      <Fields {...fields} />
    </Elements>
  );
}

function Fields({ returnUrl, payLabel, busy, onPay, children }: FieldsProps) {
  const stripe = useStripe();
  const elements = useElements();
  const { checkout } = useWords('buy');
  const [ready, setReady] = useState(false);
  const [error, setError] = useState<Error | null>(null);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (stripe && elements) onPay(() => confirmForm(stripe, elements, returnUrl));
  }
  return (
    <form className="stack" onSubmit={submit}>
      <PaymentElement
        className="payment-element"
        onReady={() => setReady(true)}
        onLoadError={(event) => setError(new Error(event.error.message ?? checkout.formFailed))}
      />
      {children}
      {error !== null && <ErrorMessage error={error} />}
      <button type="submit" className="primary" disabled={busy || !ready} data-testid="pay">
        {payLabel}
      </button>
    </form>
  );
}
