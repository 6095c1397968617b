import type Stripe from 'stripe';
import { created, text } from '../api/form.ts';
import { listing, retrieving } from '../api/list-objects.ts';
import type { Call, Route } from '../api/route.ts';

/** What Stripe takes in the United States: of a card 2.9 % and 30 cents, of a debit 0.8 % and five dollars at most. */
const CARD = { share: 0.029, fixedCents: 30 };
const DEBIT = { share: 0.008, mostCents: 500 };

/** Where 30 cents are another number of the currency's smallest unit. */
const FIXED: Readonly<Record<string, number>> = { gbp: 20, eur: 25, jpy: 40 };

function feeOf({ amount, currency, payment_method_details: details }: Stripe.Charge): number {
  if (details?.type === 'us_bank_account') return Math.min(DEBIT.mostCents, Math.round(amount * DEBIT.share));
  return Math.round(amount * CARD.share) + (FIXED[currency] ?? CARD.fixedCents);
}

/** Money that moves on the balance: `amount` without the fee, `net` with it. */
export function moveMoney(
  call: Call,
  move: Pick<
    Stripe.BalanceTransaction,
    'amount' | 'currency' | 'description' | 'fee' | 'reporting_category' | 'type'
  > & { source: string; feeDescription?: string },
): Stripe.BalanceTransaction {
  const { feeDescription: description = 'Stripe processing fees', ...rest } = move;
  const { amount, currency, fee } = move;
  return call.create('balance_transaction', {
    ...rest,
    available_on: call.nowSeconds,
    balance_type: 'payments',
    fee_details: fee === 0 ? [] : [{ amount: fee, currency, description, type: 'stripe_fee' }],
    net: amount - fee,
    status: 'available',
  });
}

/** What a charge brings, less the fee. As with a bank account for each currency, it settles in the one it was paid in. */
export function bookCharge(call: Call, charge: Stripe.Charge): Stripe.Charge {
  const { id } = moveMoney(call, {
    amount: charge.amount,
    currency: charge.currency,
    description: charge.description,
    fee: feeOf(charge),
    reporting_category: 'charge',
    source: charge.id,
    type: charge.id.startsWith('py_') ? 'payment' : 'charge',
  });
  return call.change(charge, { balance_transaction: id });
}

/** What a refund takes, or brings back when it failed. Fees are not given back. */
export function bookRefund(call: Call, refund: Stripe.Refund, hasFailed = false): string {
  return moveMoney(call, {
    amount: hasFailed ? refund.amount : -refund.amount,
    currency: refund.currency,
    description: hasFailed ? 'REFUND FAILURE' : 'REFUND FOR CHARGE',
    fee: 0,
    reporting_category: hasFailed ? 'refund_failure' : 'refund',
    source: refund.id,
    type: hasFailed ? 'refund_failure' : 'refund',
  }).id;
}

export const balanceTransactionRoutes: readonly Route[] = [
  retrieving('balance_transaction'),
  // Those of sellers are on their balances.
  listing('balance_transaction', { created: created(), currency: text(), source: text(), type: text() }, [
    { sql: 'private IS NULL', values: [] },
  ]),
];
