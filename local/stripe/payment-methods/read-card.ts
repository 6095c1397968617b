import { z } from 'zod';
import { emptyableText, integer } from '../api/form.ts';
import { StripeRefusal } from '../api/refusal.ts';
import { type CardFace, cardFace, passesLuhn, testCardNumbered } from './test-cards.ts';

/** A card as its holder types it. */
export const typedCard = z.strictObject({
  number: z.string(),
  exp_month: integer(),
  exp_year: integer(),
  cvc: z.string().optional(),
});

type TypedCard = z.output<typeof typedCard>;

export const billingDetails = z.strictObject({
  name: emptyableText().optional(),
  email: emptyableText().optional(),
  phone: emptyableText().optional(),
});

/** `payment_method_data` as Stripe.js sends it for a card. */
export const paymentMethodData = z.strictObject({
  type: z.enum(['card']),
  card: typedCard,
  allow_redisplay: z.enum(['always', 'limited', 'unspecified']).optional(),
  billing_details: billingDetails.optional(),
});

export type PaymentMethodData = z.output<typeof paymentMethodData>;

export interface ReadCard {
  readonly testCardName: string;
  readonly face: CardFace;
  readonly expMonth: number;
  readonly expYear: number;
}

/** The intent that is shown in a refusal; it stays as it was, since nothing was tried. */
export type ShownIntent = { payment_intent: object } | { setup_intent: object } | Record<never, never>;

/**
 * Checks a card as typed by its holder and forgets its number and cvc.
 * @throws StripeRefusal 402 incorrect_number, invalid_expiry_month, invalid_expiry_year or invalid_cvc.
 */
export function readCard(
  card: TypedCard,
  { nowSeconds, shown }: { nowSeconds: number; shown: ShownIntent },
): ReadCard {
  const refuse = (code: string, param: string, message: string) =>
    new StripeRefusal(402, 'card_error', message, { code, param, ...shown });
  const number = card.number.replaceAll(/[\s-]/g, '');
  if (!/^\d{12,19}$/.test(number) || !passesLuhn(number)) {
    throw refuse('incorrect_number', 'number', 'Your card number is incorrect.');
  }
  if (card.exp_month < 1 || card.exp_month > 12) {
    throw refuse('invalid_expiry_month', 'exp_month', "Your card's expiration month is invalid.");
  }
  const expYear = card.exp_year < 100 ? 2000 + card.exp_year : card.exp_year;
  // A card is good to the end of its month.
  const endsSeconds = Date.UTC(expYear, card.exp_month) / 1000;
  if (Number.isNaN(endsSeconds) || endsSeconds <= nowSeconds || expYear > 2099) {
    throw refuse('invalid_expiry_year', 'exp_year', "Your card's expiration year is invalid.");
  }
  const face = cardFace(number);
  if (card.cvc !== undefined && !(face.brand === 'amex' ? /^\d{3,4}$/ : /^\d{3}$/).test(card.cvc)) {
    throw refuse('invalid_cvc', 'cvc', "Your card's security code is invalid.");
  }
  return { testCardName: testCardNumbered(number), face, expMonth: card.exp_month, expYear };
}
