import type { Route } from './api/route.ts';
import { checkoutRoutes } from './checkout/routes.ts';
import { connectAccountRoutes } from './connect/accounts.ts';
import { balanceRoutes } from './connect/balances.ts';
import { payoutRoutes } from './connect/payouts.ts';
import { transferRoutes } from './connect/transfers.ts';
import { disputeRoutes } from './disputes/routes.ts';
import { meterEventRoutes } from './meters/meter-event-routes.ts';
import { meterRoutes } from './meters/meters.ts';
import { thinEventRoutes } from './meters/thin-event-routes.ts';
import { portalRoutes } from './pages/portal.ts';
import { customerRoutes } from './payment-methods/customers.ts';
import { paymentMethodRoutes } from './payment-methods/routes.ts';
import { refundRoutes } from './payments/refunds.ts';
import { paymentIntentRoutes } from './payments/routes.ts';
import { setupIntentRoutes } from './payments/setup-intents.ts';
import { sharedTokenRoutes } from './payments/shared-tokens.ts';
import { accountRoutes } from './resources/account.ts';
import { balanceTransactionRoutes } from './resources/balance-transactions.ts';
import { chargeRoutes } from './resources/charges.ts';
import { eventRoutes } from './resources/events.ts';
import { priceRoutes } from './resources/prices.ts';
import { productRoutes } from './resources/products.ts';
import { webhookEndpointRoutes } from './resources/webhook-endpoints.ts';
import { invoiceRoutes } from './subscriptions/invoice-routes.ts';
import { subscriptionRoutes } from './subscriptions/subscription-routes.ts';
import { testClockRoutes } from './subscriptions/test-clocks.ts';

/** Everything the API answers; a new resource is a new file and one line here. */
export const routes: readonly Route[] = [
  ...accountRoutes,
  ...balanceRoutes,
  ...balanceTransactionRoutes,
  ...chargeRoutes,
  ...checkoutRoutes,
  ...connectAccountRoutes,
  ...customerRoutes,
  ...disputeRoutes,
  ...eventRoutes,
  ...invoiceRoutes,
  ...meterEventRoutes,
  ...meterRoutes,
  ...paymentIntentRoutes,
  ...paymentMethodRoutes,
  ...payoutRoutes,
  ...portalRoutes,
  ...priceRoutes,
  ...productRoutes,
  ...refundRoutes,
  ...setupIntentRoutes,
  ...sharedTokenRoutes,
  ...subscriptionRoutes,
  ...testClockRoutes,
  ...thinEventRoutes,
  ...transferRoutes,
  ...webhookEndpointRoutes,
];
