import type Stripe from 'stripe';
import { z } from 'zod';
import { text } from '../api/form.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { invalidParameter, noSuchReference } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { keepBankAccount, keepCard } from './keep-payment-method.ts';
import { billingDetails, readCard, typedCard } from './read-card.ts';
import { refuseCardNumbersFromServers, unwrittenCard } from './supplied-payment-method.ts';
import { TEST_ROUTING_NUMBER, testBankAccountNumbered } from './test-bank-accounts.ts';
import { testCardNamed } from './test-cards.ts';

const bankAccount = z.strictObject({
  account_holder_type: z.enum(['company', 'individual']).optional(),
  account_number: text(),
  account_type: z.enum(['checking', 'savings']).optional(),
  routing_number: text(),
});

export const createParams = {
  type: z.enum(['card', 'us_bank_account']),
  allow_redisplay: z.enum(['always', 'limited', 'unspecified']).optional(),
  billing_details: billingDetails.optional(),
  card: z.union([z.strictObject({ token: text() }), typedCard]).optional(),
  metadata: metadata().optional(),
  us_bank_account: bankAccount.optional(),
};

const createSchema = z.strictObject(createParams);
type CreateParams = z.output<typeof createSchema>;

function missing(param: string) {
  return invalidParameter(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}

/** An account by its numbers; only Stripe's test accounts exist. @throws StripeRefusal 400 for all others. */
export function readBankAccount({
  account_number: number,
  routing_number: routing,
}: z.output<typeof bankAccount>) {
  if (routing !== TEST_ROUTING_NUMBER) {
    throw invalidParameter(
      'You must use a test bank account number in test mode. Try 000123456789 or see more options at https://stripe.com/docs/testing.',
      {
        code: 'routing_number_invalid',
        param: 'us_bank_account[routing_number]',
      },
    );
  }
  const account = testBankAccountNumbered(number);
  if (account === undefined) {
    throw invalidParameter(
      'You must use a test bank account number in test mode. Try 000123456789 or see more options at https://stripe.com/docs/testing.',
      {
        code: 'account_number_invalid',
        param: 'us_bank_account[account_number]',
      },
    );
  }
  return account;
}

/** https://docs.stripe.com/api/payment_methods/create; numbers come from browsers, tokens from servers. */
export function createPaymentMethod(call: Call, given: CreateParams): Stripe.PaymentMethod {
  const extras = {
    billing: given.billing_details,
    metadata: mergeMetadata({}, given.metadata),
    allowRedisplay: given.allow_redisplay,
  };
  if (given.type === 'us_bank_account') {
    if (given.us_bank_account === undefined) throw missing('us_bank_account');
    return keepBankAccount(call, readBankAccount(given.us_bank_account), extras);
  }
  if (given.card === undefined) throw missing('card');
  if ('token' in given.card) {
    const { token } = given.card;
    const named = testCardNamed(token.startsWith('tok_') ? token : '');
    if (named === undefined) throw noSuchReference('token', token, 'card[token]');
    return keepCard(call, unwrittenCard(call, named), extras);
  }
  refuseCardNumbersFromServers(call);
  return keepCard(call, readCard(given.card, { nowSeconds: call.nowSeconds, shown: {} }), extras);
}
