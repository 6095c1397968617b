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

/**
 * What was paid, less refunds and what disputes took; Stripe's fees for payments are not modelled, so
 * everything paid is available at once.
 */
const balance = route({
  method: 'GET',
  path: '/v1/balance',
  handle(call) {
    const rows = call.store.database
      .prepare(
        `SELECT currency, sum(amount) AS amount FROM (
           SELECT json_extract(body, '$.currency') AS currency,
                  json_extract(body, '$.amount_captured') - json_extract(body, '$.amount_refunded') AS amount
           FROM objects WHERE kind = 'charge' AND json_extract(body, '$.status') = 'succeeded'
           UNION ALL
           SELECT json_extract(body, '$.currency'), json_extract(entry.value, '$.net')
           FROM objects, json_each(body, '$.balance_transactions') AS entry WHERE kind = 'dispute'
         ) GROUP BY currency ORDER BY currency`,
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
