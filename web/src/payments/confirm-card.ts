import { z } from 'zod';
import type { PageConfig } from '../../../shared/api/config.ts';
import { lostAnswer, type Outcome, outcomeOf } from './outcome.ts';

const TIMEOUT_MS = 20_000;

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
 * numbers go into Stripe's own frame and this page does not see them.
 */
export async function confirmCard(
  stripe: PageConfig['stripe'],
  intent: { payment_intent_id: string; client_secret: string },
  card: CardDetails,
): Promise<Outcome> {
  const form = new URLSearchParams({
    client_secret: intent.client_secret,
    'payment_method_data[type]': 'card',
    'payment_method_data[card][number]': card.number.replaceAll(/\s/g, ''),
    'payment_method_data[card][exp_month]': card.expMonth.trim(),
    'payment_method_data[card][exp_year]': card.expYear.trim(),
    'payment_method_data[card][cvc]': card.cvc.trim(),
  });
  try {
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
  } catch (error) {
    console.error('the confirmation of a payment had no readable answer', error);
    return lostAnswer();
  }
}
