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

export function declined(declineCode: string, message = 'Your card was declined.'): Decline {
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
export const TEST_CARDS: Readonly<Record<string, TestCard>> = {
  ...paying,
  ...declining,
  ...authenticating,
  ...disputedOrReturned,
};
