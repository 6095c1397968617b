export interface Decline {
  readonly code: string;
  readonly decline_code?: string;
  readonly message: string;
}

/** When a card asks for its holder's authentication; a card that was set up for later use may differ off-session. */
type Authentication = 'always' | 'on_session' | 'unless_set_up';

export type DisputeCause = 'fraudulent' | 'inquiry' | 'product_not_received';

export interface TestCard {
  readonly number: string;
  readonly authentication?: Authentication;
  readonly decline?: Decline;
  /** True for the one declining card that can be saved first. */
  readonly attachable?: true;
  /** The dispute that follows a payment by itself. */
  readonly dispute?: DisputeCause;
  readonly refund?: 'fails' | 'pending';
}

function declined(declineCode: string, message = 'Your card was declined.'): Decline {
  return { code: 'card_declined', decline_code: declineCode, message };
}

const INSUFFICIENT_FUNDS = declined('insufficient_funds', 'Your card has insufficient funds.');

const paying: Readonly<Record<string, TestCard>> = {
  visa: { number: '4242424242424242' },
  visa_debit: { number: '4000056655665556' },
  mastercard: { number: '5555555555554444' },
  mastercard_debit: { number: '5200828282828210' },
  amex: { number: '378282246310005' },
  discover: { number: '6011111111111117' },
  diners: { number: '3056930009020004' },
  jcb: { number: '3566002020360505' },
  bypassPending: { number: '4000000000000077' },
};

const declining: Readonly<Record<string, TestCard>> = {
  chargeDeclined: { number: '4000000000000002', decline: declined('generic_decline') },
  chargeDeclinedInsufficientFunds: { number: '4000000000009995', decline: INSUFFICIENT_FUNDS },
  chargeDeclinedLostCard: { number: '4000000000009987', decline: declined('lost_card') },
  chargeDeclinedStolenCard: { number: '4000000000009979', decline: declined('stolen_card') },
  chargeDeclinedVelocityLimitExceeded: {
    number: '4000000000006975',
    decline: declined(
      'card_velocity_exceeded',
      'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
    ),
  },
  chargeDeclinedExpiredCard: {
    number: '4000000000000069',
    decline: { code: 'expired_card', message: 'Your card has expired.' },
  },
  chargeDeclinedIncorrectCvc: {
    number: '4000000000000127',
    decline: { code: 'incorrect_cvc', message: "Your card's security code is incorrect." },
  },
  chargeDeclinedProcessingError: {
    number: '4000000000000119',
    decline: {
      code: 'processing_error',
      message: 'An error occurred while processing your card. Try again in a little bit.',
    },
  },
  chargeCustomerFail: { number: '4000000000000341', decline: declined('generic_decline'), attachable: true },
  radarBlock: { number: '4100000000000019', decline: declined('fraudulent') },
};

const authenticating: Readonly<Record<string, TestCard>> = {
  authenticationRequired: { number: '4000002760003184', authentication: 'always' },
  authenticationRequiredOnSetup: { number: '4000002500003155', authentication: 'unless_set_up' },
  authenticationRequiredSetupForOffSession: { number: '4000003800000446', authentication: 'on_session' },
  authenticationRequiredChargeDeclinedInsufficientFunds: {
    number: '4000008260003178',
    authentication: 'always',
    decline: INSUFFICIENT_FUNDS,
    attachable: true,
  },
  threeDSecure2Required: { number: '4000000000003220', authentication: 'always' },
  threeDSecureRequired: { number: '4000000000003063', authentication: 'always' },
  threeDSecureRequiredChargeDeclined: {
    number: '4000008400001629',
    authentication: 'always',
    decline: declined('generic_decline'),
    attachable: true,
  },
  threeDSecureOptional: { number: '4000000000003055' },
};

const disputedOrReturned: Readonly<Record<string, TestCard>> = {
  createDispute: { number: '4000000000000259', dispute: 'fraudulent' },
  createDisputeProductNotReceived: { number: '4000000000002685', dispute: 'product_not_received' },
  createDisputeInquiry: { number: '4000000000001976', dispute: 'inquiry' },
  pendingRefund: { number: '4000000000007726', refund: 'pending' },
  refundFail: { number: '4000000000005126', refund: 'fails' },
};

/** The name is what follows `pm_card_` in Stripe's test payment methods (https://docs.stripe.com/testing). */
const TEST_CARDS: Readonly<Record<string, TestCard>> = {
  ...paying,
  ...declining,
  ...authenticating,
  ...disputedOrReturned,
};

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
