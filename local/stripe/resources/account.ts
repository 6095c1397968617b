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

export const accountRoutes: readonly Route[] = [account];
