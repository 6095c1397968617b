import type Stripe from 'stripe';
import { formatAmount } from '../api/amount.ts';
import { created, currency, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { fieldIs, listing, listObjects, pageParams, retrieving } from '../api/list-objects.ts';
import { invalidRequest, noSuchReference } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { moveMoney } from '../resources/balance-transactions.ts';
import { newId } from '../store/kinds.ts';
import { transfersStatus } from './accounts.ts';
import { balanceOf, balanceOfPlatform, moveOfAccount } from './balances.ts';

const INSUFFICIENT =
  'You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance by creating Charges using the 4000000000000077 test card. See: https://stripe.com/docs/testing#available-balance';

/** @throws StripeRefusal where the account may not get money */
function checkDestination(call: Call, id: string): void {
  const account = call.store.find('v2.core.account', id);
  if (account === undefined) throw noSuchReference('destination', id, 'destination');
  if (transfersStatus(account) === 'active') return;
  throw invalidRequest(
    'Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, legacy_payments',
    { code: 'insufficient_capabilities_for_transfer' },
  );
}

/** What earlier transfers of the same charge sent away, whether or not it came back. */
function sentOf(call: Call, chargeId: string): number {
  const row = call.store.database
    .prepare(
      `SELECT coalesce(sum(json_extract(body, '$.amount') - json_extract(body, '$.amount_reversed')), 0) AS amount FROM objects
       WHERE kind = 'transfer' AND json_extract(body, '$.source_transaction') = ?`,
    )
    .get(chargeId);
  return Number(row?.amount ?? 0);
}

/** A transfer of the money of a charge needs no balance, and is never more than the charge. */
function checkSource(call: Call, chargeId: string, amount: number, code: string): void {
  const charge = call.store.find('charge', chargeId);
  if (charge === undefined) throw noSuchReference('charge', chargeId, 'source_transaction');
  if (charge.status === 'failed') {
    throw invalidRequest('This charge has failed, so it cannot be the source of a transfer.', {
      param: 'source_transaction',
    });
  }
  if (charge.currency !== code) {
    throw invalidRequest(
      `The currency of source_transaction's balance transaction (${charge.currency}) must be the same as the transfer currency (${code})`,
      { param: 'currency' },
    );
  }
  const sent = sentOf(call, chargeId);
  if (sent + amount <= charge.amount) return;
  throw invalidRequest(
    `Transfers using this transaction as a source must not exceed the source amount of ${formatAmount(charge.amount, code)}. (There is already a transfer using this source, amounting to ${formatAmount(sent, code)})`,
    { param: 'source_transaction' },
  );
}

const create = route({
  method: 'POST',
  path: '/v1/transfers',
  params: {
    amount: integer(1),
    currency: currency(),
    description: text(1000).optional(),
    destination: text(),
    metadata: metadata().optional(),
    source_transaction: text().optional(),
    transfer_group: text().optional(),
  },
  handle(call, given) {
    checkDestination(call, given.destination);
    if (given.source_transaction !== undefined)
      checkSource(call, given.source_transaction, given.amount, given.currency);
    else if (balanceOfPlatform(call, given.currency) < given.amount)
      throw invalidRequest(INSUFFICIENT, { code: 'balance_insufficient' });
    const id = newId('tr');
    const { id: transaction } = moveMoney(call, {
      amount: -given.amount,
      currency: given.currency,
      description: given.description ?? null,
      fee: 0,
      reporting_category: 'transfer',
      source: id,
      type: 'transfer',
    });
    const transfer = call.create('transfer', {
      id,
      amount: given.amount,
      amount_reversed: 0,
      balance_transaction: transaction,
      currency: given.currency,
      description: given.description,
      destination: given.destination,
      destination_payment: newId('py'),
      metadata: mergeMetadata({}, given.metadata),
      reversals: { object: 'list', data: [], has_more: false, url: `/v1/transfers/${id}/reversals` },
      source_transaction: given.source_transaction,
      source_type: 'card',
      transfer_group: given.transfer_group,
    });
    moveOfAccount(call, {
      account: given.destination,
      amount: given.amount,
      currency: given.currency,
      source: id,
    });
    call.emit('transfer.created', transfer);
    return ok(transfer);
  },
});

function checkReversal(call: Call, transfer: Stripe.Transfer, amount: number): void {
  const left = transfer.amount - transfer.amount_reversed;
  if (left === 0) {
    throw invalidRequest(`Transfer ${transfer.id} is already fully reversed.`, { code: 'transfer_reversed' });
  }
  if (amount > left) {
    throw invalidRequest(
      `Reversal amount (${formatAmount(amount, transfer.currency)}) is greater than unreversed amount on transfer (${formatAmount(left, transfer.currency)})`,
      { param: 'amount' },
    );
  }
  if (balanceOf(call, String(transfer.destination), transfer.currency) < amount) {
    throw invalidRequest('Insufficient balance in the connected account to perform the transfer reversal.', {
      code: 'balance_insufficient',
    });
  }
}

/** Money of a transfer comes back, as far as the seller's account still has it. */
const reverse = route({
  method: 'POST',
  path: '/v1/transfers/:id/reversals',
  params: {
    amount: integer(1).optional(),
    description: text(1000).optional(),
    metadata: metadata().optional(),
  },
  handle(call, given) {
    const transfer = call.object('transfer');
    const amount = given.amount ?? transfer.amount - transfer.amount_reversed;
    checkReversal(call, transfer, amount);
    const id = newId('trr');
    const { currency: code } = transfer;
    const { id: transaction } = moveMoney(call, {
      amount,
      currency: code,
      description: given.description ?? null,
      fee: 0,
      reporting_category: 'transfer_reversal',
      source: id,
      type: 'transfer_refund',
    });
    const reversal = call.create('transfer_reversal', {
      id,
      amount,
      balance_transaction: transaction,
      currency: code,
      destination_payment_refund: newId('pyr'),
      metadata: mergeMetadata({}, given.metadata),
      transfer: transfer.id,
    });
    const reversed = transfer.amount_reversed + amount;
    const changed = call.change(transfer, {
      amount_reversed: reversed,
      reversals: { ...transfer.reversals, data: [...transfer.reversals.data, reversal] },
      reversed: reversed === transfer.amount,
    });
    moveOfAccount(call, {
      account: String(transfer.destination),
      amount: -amount,
      currency: code,
      source: id,
    });
    call.emit('transfer.reversed', changed, transfer);
    return ok(reversal);
  },
});

const listReversals = route({
  method: 'GET',
  path: '/v1/transfers/:id/reversals',
  params: pageParams,
  handle(call, given) {
    const { id } = call.object('transfer');
    return ok(listObjects(call, 'transfer_reversal', given, fieldIs('transfer', id)));
  },
});

export const transferRoutes: readonly Route[] = [
  create,
  retrieving('transfer'),
  listing('transfer', { created: created(), destination: text(), transfer_group: text() }),
  reverse,
  listReversals,
];
