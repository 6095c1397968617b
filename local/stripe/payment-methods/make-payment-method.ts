import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { z } from 'zod';
import { emptyableText, integer, text } from '../api/form.ts';
import { invalidParameter, StripeRefusal } from '../api/refusal.ts';
import type { Call, New } from '../api/route.ts';
import { type NamedBankAccount, TEST_ROUTING_NUMBER, testBankAccountNumbered } from './test-bank-accounts.ts';
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

type Extras = Pick<Partial<New<'payment_method'>>, 'allow_redisplay' | 'billing_details' | 'metadata'>;

/** The same for every payment method made of the same card or account. */
function fingerprintOf(...parts: string[]): string {
  return createHash('sha256')
    .update(parts.join('/'))
    .digest('base64url')
    .replaceAll(/[-_]/g, '0')
    .slice(0, 16);
}

/** Keeps a card, of which only the brand, the last digits and the date remain. */
export function keepCard(call: Call, card: ReadCard, extras: Extras = {}): Stripe.PaymentMethod {
  const { brand, last4 } = card.face;
  return call.create(
    'payment_method',
    {
      ...extras,
      allow_redisplay: extras.allow_redisplay ?? 'unspecified',
      billing_details: { address: {}, ...extras.billing_details },
      card: {
        brand,
        checks: {},
        country: 'US',
        display_brand: brand,
        exp_month: card.expMonth,
        exp_year: card.expYear,
        fingerprint: fingerprintOf(card.testCardName, brand, last4),
        funding: card.testCardName.endsWith('_debit') ? 'debit' : 'credit',
        last4,
        networks: { available: [brand] },
        regulated_status: 'unregulated',
        three_d_secure_usage: { supported: true },
      },
      type: 'card',
    },
    { testName: card.testCardName, used: false, setUp: false },
  );
}

/** Keeps an account; Stripe would have it verified first, here it counts as verified. */
export function keepBankAccount(
  call: Call,
  account: NamedBankAccount,
  extras: Extras = {},
): Stripe.PaymentMethod {
  return call.create(
    'payment_method',
    {
      ...extras,
      allow_redisplay: extras.allow_redisplay ?? 'unspecified',
      billing_details: { address: {}, ...extras.billing_details },
      us_bank_account: {
        account_holder_type: 'individual',
        account_type: 'checking',
        bank_name: 'STRIPE TEST BANK',
        fingerprint: fingerprintOf(TEST_ROUTING_NUMBER, account.name),
        last4: account.last4,
        networks: { preferred: 'ach', supported: ['ach'] },
        routing_number: TEST_ROUTING_NUMBER,
        status_details: {},
      },
      type: 'us_bank_account',
    },
    { testName: account.name, used: false, setUp: false },
  );
}

export const typedBankAccount = z.strictObject({
  account_holder_type: z.enum(['company', 'individual']).optional(),
  account_number: text(),
  account_type: z.enum(['checking', 'savings']).optional(),
  routing_number: text(),
});

/** An account by its numbers; only Stripe's test accounts exist. @throws StripeRefusal 400 for all others. */
export function readBankAccount(typed: z.output<typeof typedBankAccount>): NamedBankAccount {
  const account = testBankAccountNumbered(typed.account_number);
  const wrong =
    typed.routing_number !== TEST_ROUTING_NUMBER
      ? 'routing_number'
      : account === undefined
        ? 'account_number'
        : undefined;
  if (account !== undefined && wrong === undefined) return account;
  throw invalidParameter(
    'You must use a test bank account number in test mode. Try 000123456789 or see more options at https://stripe.com/docs/testing.',
    { code: `${wrong}_invalid`, param: `us_bank_account[${wrong}]` },
  );
}
