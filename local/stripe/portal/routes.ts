import type Stripe from 'stripe';
import { z } from 'zod';
import { text } from '../api/form.ts';
import { ok, type Route, route } from '../api/route.ts';
import { requireCustomer } from '../customers/find-customer.ts';
import { newId, randomText } from '../store/identifiers.ts';

/** Stripe keeps the portal's settings in an object of their own, which the stand-in does not have. */
const CONFIGURATION = 'bpc_StandInDefaultConfigura';

/** https://docs.stripe.com/api/customer_portal/sessions/create; `url` is for this customer's browser only. */
const create = route({
  method: 'POST',
  path: '/v1/billing_portal/sessions',
  params: {
    customer: text(),
    locale: text().optional(),
    return_url: z.url({ protocol: /^https?$/ }).optional(),
  },
  notModelled: ['after_expiration', 'configuration', 'customer_account', 'flow_data', 'on_behalf_of'],
  handle(call, given) {
    requireCustomer(call, given.customer);
    const id = newId('bps');
    const secret = randomText(32);
    const session: Stripe.BillingPortal.Session = {
      id,
      object: 'billing_portal.session',
      configuration: CONFIGURATION,
      created: call.nowSeconds,
      customer: given.customer,
      customer_account: null,
      flow: null,
      livemode: false,
      locale: (given.locale ?? null) as Stripe.BillingPortal.Session.Locale | null,
      on_behalf_of: null,
      return_url: given.return_url ?? null,
      url: `${call.baseUrl}/p/session/${id}/${secret}`,
    };
    return ok(call.store.insert(session, { secret }));
  },
});

export const portalRoutes: readonly Route[] = [create];
