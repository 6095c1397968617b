import type Stripe from 'stripe';
import { z } from 'zod';
import { formatAmount } from '../api/amount.ts';
import { currency, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { invalidParameter, invalidRequest } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { fill } from '../description/objects.ts';
import { KINDS, newId } from '../store/kinds.ts';
import { sellerAccount, transfersStatus } from './accounts.ts';
import { balanceOf, instantFeeOf, moveOfAccount } from './balances.ts';

/** Where instant payouts exist (https://docs.stripe.com/payouts/instant-payouts). */
const INSTANT_COUNTRIES = new Set('ae au ca dk eu gb hk my no nz se sg us'.split(' '));
const STANDARD_SECONDS = 2 * 86_400;

function accountOf(call: Call): string {
  if (call.account !== undefined) return call.account;
  throw invalidParameter('This stand-in pays out for connected accounts only: send Stripe-Account.');
}

/** What left the account of a seller is on their balance, with what Stripe takes for speed. */
function transactionOf(
  call: Call,
  payout: { id: string; amount: number; currency: string; fee: number },
): string {
  const { id, amount, currency: code, fee } = payout;
  const transaction = fill<Stripe.BalanceTransaction>('balance_transaction', {
    id: newId(KINDS.balance_transaction.prefix),
    amount: -amount,
    available_on: call.nowSeconds,
    balance_type: 'payments',
    created: call.nowSeconds,
    currency: code,
    description: 'STRIPE PAYOUT',
    fee,
    fee_details:
      fee === 0
        ? []
        : [{ amount: fee, currency: code, description: 'Instant payout fee', type: 'stripe_fee' }],
    net: -amount - fee,
    reporting_category: 'payout',
    source: id,
    status: 'available',
    type: 'payout',
  });
  call.store.insert(transaction, { account: accountOf(call) });
  return transaction.id;
}

/** @throws StripeRefusal where the account may not be paid out, has not so much, or not at once */
function checkPayout(
  call: Call,
  account: string,
  given: { amount: number; currency: string; method: string },
): number {
  const seller = sellerAccount(call, account);
  const isPaused = call.store.privatePart('v2.core.account', account)?.payouts === 'paused';
  if (transfersStatus(seller) !== 'active' || isPaused) {
    throw invalidRequest('Payouts are not enabled for this account.', { code: 'payouts_not_allowed' });
  }
  const fee = given.method === 'instant' ? instantFeeOf(given.amount) : 0;
  if (given.method === 'instant' && !INSTANT_COUNTRIES.has(seller.identity?.country ?? '')) {
    throw invalidRequest('Instant payouts are not supported for this account.', {
      code: 'instant_payouts_unsupported',
    });
  }
  const has = balanceOf(call, account, given.currency);
  if (has >= given.amount + fee) return fee;
  throw invalidRequest(
    `You have insufficient funds in your Stripe account for this transfer. Your card balance is too low: ${formatAmount(has, given.currency)}.`,
    { code: 'balance_insufficient' },
  );
}

const create = route({
  method: 'POST',
  path: '/v1/payouts',
  isForAccounts: true,
  params: {
    amount: integer(1),
    currency: currency(),
    description: text(1000).optional(),
    metadata: metadata().optional(),
    method: z.enum(['instant', 'standard']).optional(),
  },
  handle(call, given) {
    const account = accountOf(call);
    const method = given.method ?? 'standard';
    const fee = checkPayout(call, account, { ...given, method });
    const id = newId('po');
    const payout = call.create(
      'payout',
      {
        id,
        amount: given.amount,
        arrival_date: call.nowSeconds + (method === 'instant' ? 0 : STANDARD_SECONDS),
        automatic: false,
        balance_transaction: transactionOf(call, { ...given, id, fee }),
        currency: given.currency,
        description: given.description,
        destination: 'ba_ofTheSeller',
        metadata: mergeMetadata({}, given.metadata),
        method,
        reconciliation_status: 'not_applicable',
        source_type: 'card',
        status: 'pending',
        type: method === 'instant' ? 'card' : 'bank_account',
      },
      { account },
    );
    moveOfAccount(call, { account, amount: -given.amount - fee, currency: given.currency, source: id });
    call.later('settle_payout', id);
    call.emit('payout.created', payout, undefined, account);
    return ok(payout);
  },
});

/** The bank has taken the money, or sent it back. */
export function settlePayout(call: Call, payoutId: string): void {
  const payout = call.store.find('payout', payoutId);
  const account = call.store.privatePart('payout', payoutId)?.account;
  if (payout?.status !== 'pending' || account === undefined) return;
  if (call.store.privatePart('v2.core.account', account)?.payouts !== 'failing') {
    call.emit('payout.paid', call.change(payout, { status: 'paid' }), payout, account);
    return;
  }
  const failed = call.change(payout, {
    failure_code: 'account_closed',
    failure_message: 'The bank account has been closed',
    status: 'failed',
  });
  moveOfAccount(call, { account, amount: payout.amount, currency: payout.currency, source: payout.id });
  call.emit('payout.failed', failed, payout, account);
}

const retrieve = route({
  method: 'GET',
  path: '/v1/payouts/:id',
  isForAccounts: true,
  handle(call) {
    const payout = call.object('payout');
    if (call.store.privatePart('payout', payout.id)?.account !== call.account)
      call.object('payout', 'of another account');
    return ok(payout);
  },
});

export const payoutRoutes: readonly Route[] = [create, retrieve];
