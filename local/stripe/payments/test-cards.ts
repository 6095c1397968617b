export interface Decline {
  readonly code: string;
  readonly decline_code?: string;
  readonly message: string;
}

export type Outcome = 'succeeds' | 'requires_action' | Decline;

/** All that may be kept of a card. */
export interface CardFace {
  readonly brand: string;
  readonly last4: string;
}

function declined(declineCode: string, message = 'Your card was declined.'): Decline {
  return { code: 'card_declined', decline_code: declineCode, message };
}

export const AUTHENTICATION_REQUIRED = declined(
  'authentication_required',
  'Your card was declined. This transaction requires authentication.',
);

/** In test mode Stripe declines every card that is not one of its own. */
const NOT_A_TEST_CARD = declined(
  'test_mode_live_card',
  'Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
);

/** The name is what follows `pm_card_` in Stripe's test payment methods (https://docs.stripe.com/testing). */
const TEST_CARDS: Readonly<Record<string, { number: string; outcome: Outcome }>> = {
  visa: { number: '4242424242424242', outcome: 'succeeds' },
  mastercard: { number: '5555555555554444', outcome: 'succeeds' },
  amex: { number: '378282246310005', outcome: 'succeeds' },
  chargeDeclined: { number: '4000000000000002', outcome: declined('generic_decline') },
  chargeDeclinedInsufficientFunds: {
    number: '4000000000009995',
    outcome: declined('insufficient_funds', 'Your card has insufficient funds.'),
  },
  chargeDeclinedExpiredCard: {
    number: '4000000000000069',
    outcome: { code: 'expired_card', message: 'Your card has expired.' },
  },
  chargeDeclinedIncorrectCvc: {
    number: '4000000000000127',
    outcome: { code: 'incorrect_cvc', message: "Your card's security code is incorrect." },
  },
  chargeDeclinedProcessingError: {
    number: '4000000000000119',
    outcome: {
      code: 'processing_error',
      message: 'An error occurred while processing your card. Try again in a little bit.',
    },
  },
  authenticationRequired: { number: '4000002760003184', outcome: 'requires_action' },
  authenticationRequiredOnSetup: { number: '4000002500003155', outcome: 'requires_action' },
};

const PREFIX = 'pm_card_';
const OTHER_CARD = 'other';

/** The test card behind `pm_card_...` with what may be shown of it, or undefined for any other id. */
export function testCardNamed(paymentMethodId: string): { name: string; face: CardFace } | undefined {
  const name = paymentMethodId.startsWith(PREFIX) ? paymentMethodId.slice(PREFIX.length) : '';
  const card = Object.hasOwn(TEST_CARDS, name) ? TEST_CARDS[name] : undefined;
  return card === undefined ? undefined : { name, face: cardFace(card.number) };
}

/** The name of the test card with this number; all other numbers share the card that is always declined. */
export function testCardNumbered(number: string): string {
  return Object.entries(TEST_CARDS).find(([, card]) => card.number === number)?.[0] ?? OTHER_CARD;
}

export function outcomeOf(testCardName: string): Outcome {
  return TEST_CARDS[testCardName]?.outcome ?? NOT_A_TEST_CARD;
}

function brandOf(number: string): string {
  if (number.startsWith('4')) return 'visa';
  if (/^(5[1-5]|2[2-7])/.test(number)) return 'mastercard';
  if (/^3[47]/.test(number)) return 'amex';
  return /^6(011|5)/.test(number) ? 'discover' : 'unknown';
}

export function cardFace(number: string): CardFace {
  return { brand: brandOf(number), last4: number.slice(-4) };
}

/** The check digit of ISO/IEC 7812-1, annex B. */
export function passesLuhn(number: string): boolean {
  const sum = [...number].reverse().reduce((total, character, index) => {
    const doubled = Number(character) * (index % 2 === 0 ? 1 : 2);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
