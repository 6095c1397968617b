import type Stripe from 'stripe';
import { ok, type Route, route } from '../api/route.ts';
import { fill } from '../description/objects.ts';

const account = route({
  method: 'GET',
  path: '/v1/account',
  handle: () =>
    ok(
      fill<Stripe.Account>('account', {
        id: 'acct_1StripeStandIn00',
        charges_enabled: true,
        country: 'US',
        default_currency: 'usd',
        details_submitted: true,
        payouts_enabled: true,
        settings: { dashboard: { display_name: 'Stripe stand-in', timezone: 'Etc/UTC' } },
        type: 'standard',
      }),
    ),
});

/** What came, less refunds, disputes and fees. Nothing is paid out, and all of it is available at once. */
const balance = route({
  method: 'GET',
  path: '/v1/balance',
  handle(call) {
    const rows = call.store.database
      .prepare(
        `SELECT json_extract(body, '$.currency') AS currency, sum(json_extract(body, '$.net')) AS amount
         FROM objects WHERE kind = 'balance_transaction' GROUP BY 1 ORDER BY 1`,
      )
      .all();
    const entry = (amount: number, currency: string) => ({
      amount,
      currency,
      source_types: { card: amount },
    });
    const available = rows.map((row) => entry(Number(row.amount), String(row.currency)));
    return ok(
      fill<Stripe.Balance>('balance', {
        available: available.length > 0 ? available : [entry(0, 'usd')],
        pending: [entry(0, 'usd')],
      }),
    );
  },
});

export const accountRoutes: readonly Route[] = [account, balance];
