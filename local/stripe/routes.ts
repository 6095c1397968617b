import type { Route } from './api/route.ts';
import { checkoutRoutes } from './checkout/routes.ts';
import { customerRoutes } from './customers/routes.ts';
import { disputeRoutes } from './disputes/routes.ts';
import { paymentMethodRoutes } from './payment-methods/routes.ts';
import { portalRoutes } from './portal/routes.ts';
import { refundRoutes } from './refunds/routes.ts';
import { accountRoutes } from './resources/account.ts';
import { chargeRoutes } from './resources/charges.ts';
import { eventRoutes } from './resources/events.ts';
import { paymentIntentRoutes } from './resources/payment-intents.ts';
import { browserPaymentIntentRoutes } from './resources/payment-intents-for-browsers.ts';
import { priceRoutes } from './resources/prices.ts';
import { productRoutes } from './resources/products.ts';
import { webhookEndpointRoutes } from './resources/webhook-endpoints.ts';
import { setupIntentRoutes } from './setup-intents/routes.ts';
import { browserSetupIntentRoutes } from './setup-intents/routes-for-browsers.ts';

/** Everything the API answers; a new resource is a new file and one line here. */
export const routes: readonly Route[] = [
  ...accountRoutes,
  ...chargeRoutes,
  ...checkoutRoutes,
  ...customerRoutes,
  ...disputeRoutes,
  ...eventRoutes,
  ...paymentIntentRoutes,
  ...browserPaymentIntentRoutes,
  ...paymentMethodRoutes,
  ...portalRoutes,
  ...priceRoutes,
  ...productRoutes,
  ...refundRoutes,
  ...setupIntentRoutes,
  ...browserSetupIntentRoutes,
  ...webhookEndpointRoutes,
];
