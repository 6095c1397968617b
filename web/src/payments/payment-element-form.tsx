import { type ReactNode, type SubmitEvent, useEffect, useRef, useState } from 'react';
import { ErrorMessage } from '../api/error-message.tsx';
import { type Outcome, outcomeOf } from './outcome.ts';
import { returnAddress } from './payment-return.ts';
import { loadStripe, type StripeClient, type StripeElements } from './stripe-js.ts';

interface PaymentElementFormProps {
  publishableKey: string;
  clientSecret: string;
  idempotencyKey: string;
  payLabel: string;
  busy: boolean;
  onPay: (confirm: () => Promise<Outcome>) => void;
  /** What else is asked before paying. */
  children?: ReactNode;
}

/** Stripe's Payment Element: the card details stay in Stripe's frame. */
export function PaymentElementForm(props: PaymentElementFormProps) {
  const { publishableKey, clientSecret, idempotencyKey, payLabel, busy, onPay, children } = props;
  const place = useRef<HTMLDivElement>(null);
  const form = useRef<{ stripe: StripeClient; elements: StripeElements } | null>(null);
  const [ready, setReady] = useState(false);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    let leave = () => {};
    let gone = false;
    loadStripe(publishableKey).then((stripe) => {
      if (gone || !place.current) return;
      const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
      const elements = stripe.elements({ clientSecret, appearance: { theme: dark ? 'night' : 'stripe' } });
      const element = elements.create('payment');
      element.on('ready', () => setReady(true));
      element.on('loaderror', ({ error: failure }) =>
        setError(failure.message ?? 'The payment form failed.'),
      );
      element.mount(place.current);
      form.current = { stripe, elements };
      leave = () => element.destroy();
    }, setError);
    return () => {
      gone = true;
      form.current = null;
      leave();
    };
  }, [publishableKey, clientSecret]);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const current = form.current;
    if (current) onPay(() => confirmElement(current.stripe, current.elements, idempotencyKey));
  }

  return (
    <form className="stack" onSubmit={submit}>
      <div ref={place} className="payment-element" />
      {children}
      {error != null && <ErrorMessage error={error} />}
      <button type="submit" className="primary" disabled={busy || !ready} data-testid="pay">
        {payLabel}
      </button>
    </form>
  );
}

async function confirmElement(
  stripe: StripeClient,
  elements: StripeElements,
  idempotencyKey: string,
): Promise<Outcome> {
  // Whether the card is kept was told to Stripe by the server, a moment ago.
  const updated = await elements.fetchUpdates();
  if (updated.error) return outcomeOf(undefined, updated.error);
  const { paymentIntent, error } = await stripe.confirmPayment({
    elements,
    confirmParams: { return_url: returnAddress(window.location, idempotencyKey) },
    redirect: 'if_required',
  });
  return outcomeOf(paymentIntent?.status, error);
}
