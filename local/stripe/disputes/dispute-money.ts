import type Stripe from 'stripe';
import type { Call } from '../api/route.ts';
import { newId } from '../store/identifiers.ts';

/** What Stripe takes for each dispute in the United States, in cents. */
const FEE_CENTS = 1500;

/**
 * Money taken from the account for a dispute (`amount` negative, with the fee), or given back after one was
 * won (the fee stays with Stripe).
 */
export function disputeTransaction(
  call: Call,
  dispute: Pick<Stripe.Dispute, 'id' | 'currency'>,
  amount: number,
): Stripe.BalanceTransaction {
  const fee = amount < 0 ? FEE_CENTS : 0;
  return {
    id: newId('txn'),
    object: 'balance_transaction',
    amount,
    available_on: call.nowSeconds,
    balance_type: 'payments',
    created: call.nowSeconds,
    currency: dispute.currency,
    description: amount < 0 ? 'Chargeback withdrawal' : 'Chargeback reversal',
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency: dispute.currency,
              description: 'Dispute fee',
              type: 'stripe_fee',
            },
          ],
    net: amount - fee,
    reporting_category: amount < 0 ? 'dispute' : 'dispute_reversal',
    source: dispute.id,
    status: 'available',
    type: 'adjustment',
  };
}
