import { type Decline, declined, TEST_CARDS, type TestCard } from './test-card-table.ts';

export type Outcome = 'succeeds' | 'requires_action' | Decline;

/** All that may be kept of a card. */
export interface CardFace {
  readonly brand: string;
  readonly last4: string;
}

export const AUTHENTICATION_REQUIRED: Decline = {
  code: 'authentication_required',
  decline_code: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
};

/** In test mode Stripe declines every card that is not one of its own. */
const NOT_A_TEST_CARD: TestCard = {
  number: '',
  decline: declined(
    'test_mode_live_card',
    'Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
  ),
};

const PREFIX = /^(?:pm_card_|tok_)(?:visa_(?=charge))?/;
const OTHER_CARD = 'other';

/** The test card behind `pm_card_...` or `tok_...`, or undefined for any other id. */
export function testCardNamed(id: string): { name: string; face: CardFace } | undefined {
  if (!PREFIX.test(id)) return undefined;
  const name = id.replace(PREFIX, '');
  const card = Object.hasOwn(TEST_CARDS, name) ? TEST_CARDS[name] : undefined;
  return card === undefined ? undefined : { name, face: cardFace(card.number) };
}

/** The name of the test card with this number; all other numbers share the card that is always declined. */
export function testCardNumbered(number: string): string {
  return Object.entries(TEST_CARDS).find(([, card]) => card.number === number)?.[0] ?? OTHER_CARD;
}

/** How the test card behaves that a payment method was made from. */
export function testCard(name: string): TestCard {
  return TEST_CARDS[name] ?? NOT_A_TEST_CARD;
}

export interface Circumstances {
  /** The holder is not there to authenticate. */
  readonly offSession: boolean;
  /** The holder has authenticated the card for use without them. */
  readonly setUp: boolean;
  /** The holder has just authenticated this very payment. */
  readonly authenticated: boolean;
}

function needsAuthentication(card: TestCard, { offSession, setUp }: Circumstances): boolean {
  if (card.authentication === undefined) return false;
  if (card.authentication === 'always' || !offSession) return true;
  return card.authentication === 'unless_set_up' && !setUp;
}

/** What becomes of a payment with a test card. */
export function outcomeOf(name: string, circumstances: Circumstances): Outcome {
  const card = testCard(name);
  if (!circumstances.authenticated && needsAuthentication(card, circumstances)) return 'requires_action';
  return card.decline ?? 'succeeds';
}

/** What becomes of saving a test card for later: most cards that decline payments decline this too. */
export function setupOutcomeOf(name: string, authenticated: boolean): Outcome {
  const card = testCard(name);
  if (card.authentication !== undefined && card.authentication !== 'on_session' && !authenticated) {
    return 'requires_action';
  }
  return card.attachable ? 'succeeds' : (card.decline ?? 'succeeds');
}

function brandOf(number: string): string {
  if (number.startsWith('4')) return 'visa';
  if (/^(5[1-5]|2[2-7])/.test(number)) return 'mastercard';
  if (/^3[47]/.test(number)) return 'amex';
  if (/^3[068]/.test(number)) return 'diners';
  if (/^35/.test(number)) return 'jcb';
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
