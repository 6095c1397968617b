import { z } from 'zod';
import type { PageConfig } from '../../../shared/api/config.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { loadStripe } from './stripe-js.ts';

const TIMEOUT_MS = 20_000;

type StripeConfig = PageConfig['stripe'];
type Intent = { payment_intent_id: string; client_secret: string };

export interface CardDetails {
  number: string;
  expMonth: string;
  expYear: string;
  cvc: string;
}

const confirmAnswer = z.object({
  status: z.string().optional(),
  error: z
    .object({
      type: z.string().optional(),
      code: z.string().optional(),
      message: z.string().optional(),
      payment_intent: z.object({ status: z.string().optional() }).optional(),
    })
    .optional(),
});

/**
 * Confirms a payment with card details at the local server that stands in for Stripe
 * (https://docs.stripe.com/api/payment_intents/confirm). Never used with the real Stripe: there, card
 * numbers go into Stripe's own frame and this page does not see them. Rejects, as all that confirm here, when no readable
 * answer came.
 */
export function confirmCard(stripe: StripeConfig, intent: Intent, card: CardDetails): Promise<Outcome> {
  return confirmAtStandIn(stripe, intent, {
    'payment_method_data[type]': 'card',
    'payment_method_data[card][number]': card.number.replaceAll(/\s/g, ''),
    'payment_method_data[card][exp_month]': card.expMonth.trim(),
    'payment_method_data[card][exp_year]': card.expYear.trim(),
    'payment_method_data[card][cvc]': card.cvc.trim(),
  });
}

/** Confirms a payment with a kept card: at the stand-in, or by Stripe.js, which may ask for 3-D Secure. */
export async function confirmSavedCard(
  stripe: StripeConfig,
  intent: Intent,
  cardId: string,
  returnUrl: string,
): Promise<Outcome> {
  if (stripe.api_url !== null) return confirmAtStandIn(stripe, intent, { payment_method: cardId });
  const client = await loadStripe(stripe.publishable_key);
  const { paymentIntent, error } = await client.confirmPayment({
    clientSecret: intent.client_secret,
    confirmParams: { payment_method: cardId, return_url: returnUrl },
    redirect: 'if_required',
  });
  return outcomeOf(paymentIntent?.status, error);
}

async function confirmAtStandIn(
  stripe: StripeConfig,
  intent: Intent,
  details: Record<string, string>,
): Promise<Outcome> {
  const form = new URLSearchParams({ client_secret: intent.client_secret, ...details });
  const answer = await fetch(
    `${stripe.api_url}/v1/payment_intents/${encodeURIComponent(intent.payment_intent_id)}/confirm`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${stripe.publishable_key}` },
      body: form,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    },
  );
  const { status, error } = confirmAnswer.parse(await answer.json());
  return outcomeOf(status, error);
}
