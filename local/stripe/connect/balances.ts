import type Stripe from 'stripe';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { fill } from '../description/objects.ts';

/** What a seller's account has, in the smallest unit of a currency. */
export function balanceOf(call: Call, account: string, currency: string): number {
  const row = call.store.database
    .prepare(
      'SELECT coalesce(sum(amount), 0) AS amount FROM account_moves WHERE account = ? AND currency = ?',
    )
    .get(account, currency);
  return Number(row?.amount ?? 0);
}

export function moveOfAccount(
  call: Call,
  move: { account: string; amount: number; currency: string; source: string },
): void {
  call.store.database
    .prepare('INSERT INTO account_moves (account, amount, currency, source, at) VALUES (?, ?, ?, ?, ?)')
    .run(move.account, move.amount, move.currency, move.source, call.nowSeconds);
}

/** What the platform itself has: charges less refunds, disputes, fees and transfers. */
export function balanceOfPlatform(call: Call, currency: string): number {
  const row = call.store.database
    .prepare(
      `SELECT coalesce(sum(json_extract(body, '$.net')), 0) AS amount FROM objects
       WHERE kind = 'balance_transaction' AND private IS NULL AND json_extract(body, '$.currency') = ?`,
    )
    .get(currency);
  return Number(row?.amount ?? 0);
}

/** Of what can be paid out at once, Stripe keeps its price. */
const INSTANT_SHARE = 0.01;
const INSTANT_LEAST_CENTS = 50;

export function instantFeeOf(amount: number): number {
  return Math.max(INSTANT_LEAST_CENTS, Math.round(amount * INSTANT_SHARE));
}

const entry = (amount: number, currency: string) => ({ amount, currency, source_types: { card: amount } });

function rowsOf(call: Call): { currency: string; amount: number }[] {
  const { database } = call.store;
  const rows =
    call.account === undefined
      ? database
          .prepare(
            `SELECT json_extract(body, '$.currency') AS currency, sum(json_extract(body, '$.net')) AS amount
             FROM objects WHERE kind = 'balance_transaction' AND private IS NULL GROUP BY 1 ORDER BY 1`,
          )
          .all()
      : database
          .prepare(
            'SELECT currency, sum(amount) AS amount FROM account_moves WHERE account = ? GROUP BY 1 ORDER BY 1',
          )
          .all(call.account);
  return rows.map((row) => ({ currency: String(row.currency), amount: Number(row.amount) }));
}

function instantPart(amount: number, currency: string): Stripe.Balance.InstantAvailable {
  const net = Math.max(0, amount - instantFeeOf(amount));
  return {
    ...entry(amount, currency),
    net_available: [{ amount: net, destination: 'ba_ofTheSeller', source_types: { card: net } }],
  };
}

/** What came, less what went; all of it is available at once. With `Stripe-Account`: what a seller's account has. */
const balance = route({
  method: 'GET',
  path: '/v1/balance',
  isForAccounts: true,
  handle(call) {
    const rows = rowsOf(call);
    const available = rows.map(({ amount, currency }) => entry(amount, currency));
    return ok(
      fill<Stripe.Balance>('balance', {
        available: available.length > 0 ? available : [entry(0, 'usd')],
        pending: [entry(0, 'usd')],
        ...(call.account !== undefined && {
          instant_available: rows.map(({ amount, currency }) => instantPart(amount, currency)),
        }),
      }),
    );
  },
});

export const balanceRoutes: readonly Route[] = [balance];
