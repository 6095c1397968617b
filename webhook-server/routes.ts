import { accountRoutes } from './accounts/routes.ts';
import { apiPlanRoutes } from './api-keys/plan-routes.ts';
import { apiKeyRoutes } from './api-keys/routes.ts';
import { autoTopUpRoutes } from './auto-top-ups/routes.ts';
import { billingRoutes } from './billing/routes.ts';
import { callerRoutes } from './callers/routes.ts';
import { callReportRoutes, callRoutes, tenantCallRoutes } from './calls/routes.ts';
import { catalogueRoutes } from './catalogue/routes.ts';
import { creditRoutes } from './credits/routes.ts';
import { hintRoutes } from './hints/routes.ts';
import { machinePaymentRoutes } from './machine-payments/routes.ts';
import { mcpRoutes } from './mcp/routes.ts';
import { noticeRoutes } from './notices/routes.ts';
import { withDocument } from './openapi/describe-api.ts';
import { operationsRoutes } from './operations/routes.ts';
import { boardRoutes } from './operators/board/routes.ts';
import { codeBatchRoutes } from './operators/code-batches/routes.ts';
import { revenueRoutes } from './operators/revenue/routes.ts';
import { operatorRoutes } from './operators/routes.ts';
import { operatorSupportRoutes } from './operators/support/routes.ts';
import { ownDataRoutes } from './own-data/routes.ts';
import { pageRoutes } from './page/routes.ts';
import { paidApiRoutes } from './paid-apis/routes.ts';
import { paymentRoutes, stripeWebhookRoutes } from './payments/routes.ts';
import { purchaseRoutes } from './purchases/routes.ts';
import { queueRoutes } from './queue/routes.ts';
import { savedCardRoutes } from './saved-cards/routes.ts';
import { subscriptionRoutes } from './subscriptions/routes.ts';
import { supportRoutes } from './support/routes.ts';
import { taskRoutes } from './tasks/routes.ts';
import { tenantRoutes } from './tenants/routes.ts';
import { timeCardRoutes } from './time-cards/routes.ts';
import { trialRoutes } from './trials/routes.ts';
import { usageRoutes } from './usage/routes.ts';
import { meterWebhookRoutes } from './usage-reports/routes.ts';
import { verificationRoutes } from './verification/routes.ts';

/** All that the sidecar answers, besides the files of the page. A domain with routes of its own is added here. */
export const routes = withDocument([
  ...operationsRoutes,
  ...pageRoutes,
  ...catalogueRoutes,
  ...paymentRoutes,
  ...purchaseRoutes,
  ...machinePaymentRoutes,
  ...noticeRoutes,
  ...timeCardRoutes,
  ...trialRoutes,
  ...accountRoutes,
  ...hintRoutes,
  ...callRoutes,
  ...callerRoutes,
  ...savedCardRoutes,
  ...autoTopUpRoutes,
  ...supportRoutes,
  ...ownDataRoutes,
  ...tenantRoutes,
  ...apiKeyRoutes,
  ...apiPlanRoutes,
  ...tenantCallRoutes,
  ...operatorRoutes,
  ...operatorSupportRoutes,
  ...boardRoutes,
  ...revenueRoutes,
  ...queueRoutes,
  ...codeBatchRoutes,
  ...subscriptionRoutes,
  ...billingRoutes,
  ...stripeWebhookRoutes,
  ...meterWebhookRoutes,
  ...callReportRoutes,
  ...usageRoutes,
  ...paidApiRoutes,
  ...creditRoutes,
  ...taskRoutes,
  ...mcpRoutes,
  ...verificationRoutes,
]);
