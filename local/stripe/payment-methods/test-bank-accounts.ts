import type { Decline } from './test-cards.ts';

interface TestBankAccount {
  readonly number: string;
  readonly failure?: Decline;
}

export const TEST_ROUTING_NUMBER = '110000000';

/**
 * The name is what follows `pm_usBankAccount_` in Stripe's test payment methods
 * (https://docs.stripe.com/testing#non-card-payments, ACH Direct Debit).
 */
const TEST_BANK_ACCOUNTS: Readonly<Record<string, TestBankAccount>> = {
  success: { number: '000123456789' },
  accountClosed: {
    number: '000111111113',
    failure: { code: 'account_closed', message: "The customer's bank account has been closed." },
  },
  noAccount: {
    number: '000111111116',
    failure: { code: 'no_account', message: "The customer's bank account could not be located." },
  },
  insufficientFunds: {
    number: '000222222227',
    failure: { code: 'insufficient_funds', message: "The customer's account has insufficient funds." },
  },
  debitNotAuthorized: {
    number: '000333333335',
    failure: {
      code: 'debit_not_authorized',
      message: 'The customer has notified their bank that this payment was unauthorized.',
    },
  },
};

export interface NamedBankAccount {
  readonly name: string;
  readonly last4: string;
}

function named(entry: [string, TestBankAccount] | undefined): NamedBankAccount | undefined {
  return entry === undefined ? undefined : { name: entry[0], last4: entry[1].number.slice(-4) };
}

/** The test account behind `pm_usBankAccount_...`, or undefined for any other id. */
export function testBankAccountNamed(id: string): NamedBankAccount | undefined {
  return named(Object.entries(TEST_BANK_ACCOUNTS).find(([name]) => id === `pm_usBankAccount_${name}`));
}

export function testBankAccountNumbered(number: string): NamedBankAccount | undefined {
  return named(Object.entries(TEST_BANK_ACCOUNTS).find(([, account]) => account.number === number));
}

/** Why a debit of the account comes back, or undefined when it is paid. */
export function debitFailureOf(name: string): Decline | undefined {
  return TEST_BANK_ACCOUNTS[name]?.failure;
}
