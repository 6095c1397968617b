import express, { type Express } from 'express';
import { Fault } from '../shared/errors.ts';
import { requirePerson } from './accounts/require-person.ts';
import { accountRoutes } from './accounts/routes.ts';
import { createTokenVerifier } from './accounts/verify-access-token.ts';
import { autoTopUpRoutes } from './auto-top-ups/routes.ts';
import { callerRoutes } from './callers/routes.ts';
import { receiptRoutes } from './calls/receipt-routes.ts';
import { callRoutes, livekitWebhookRoutes, renewalRoutes } from './calls/routes.ts';
import { catalogueRoutes } from './catalogue/routes.ts';
import type { Dependencies } from './dependencies.ts';
import { answerErrors } from './http/answer-errors.ts';
import { countRequests } from './http/count-requests.ts';
import { limitRate, type RateLimit } from './http/limit-rate.ts';
import { logRequests } from './http/log-requests.ts';
import { setSecurityHeaders } from './http/set-security-headers.ts';
import { describeApi } from './openapi/describe-api.ts';
import { createHealthCheck } from './operations/check-health.ts';
import { operationsRoutes } from './operations/routes.ts';
import { codeBatchRoutes } from './operators/code-batches/routes.ts';
import { operatorRoutes } from './operators/routes.ts';
import { outboxRoutes } from './outbox/routes.ts';
import { pageRoutes } from './page/routes.ts';
import { checkoutRoutes } from './payments/checkout-routes.ts';
import { paymentRoutes, stripeWebhookRoutes } from './payments/routes.ts';
import { savedCardRoutes } from './saved-cards/routes.ts';
import { timeCardRoutes } from './time-cards/routes.ts';

const MAX_BODY = '64kb';

export type AppOptions = {
  rateLimit: RateLimit;
  /** Folder of the built page; need not exist. */
  pageFolder: string;
  /** False until the database was found fit to keep a ledger; nothing but health is served before. */
  isReady: () => boolean;
  /** Names of the periodic jobs that are late. */
  lateJobs: () => string[];
};

/**
 * The sidecar as an Express application. It keeps nothing between requests that another replica would
 * need. People are told apart by their tokens; a client's address counts for wrong codes only, and then proxies
 * are believed as far as PROXIES_IN_FRONT says, and no further.
 */
export function createApp(deps: Dependencies, options: AppOptions): Express {
  const { config, metrics, logger, now } = deps;
  const { isReady, lateJobs } = options;
  const signedIn = requirePerson(
    createTokenVerifier({ supabaseUrl: config.SUPABASE_URL, jwtSecret: config.SUPABASE_JWT_SECRET, now }),
  );
  const limited = () => limitRate(options.rateLimit);
  const apiDescription = describeApi();

  const app = express();
  app.set('trust proxy', config.PROXIES_IN_FRONT);
  app.use(logRequests(logger), countRequests(metrics), setSecurityHeaders(config));
  app.use(
    operationsRoutes(
      deps,
      createHealthCheck({ database: deps.database, isReady, lateJobs, mailState: deps.mail.state }),
    ),
  );
  app.use((_request, _response, next) => next(isReady() ? undefined : new Fault('database_unavailable')));
  app.use(stripeWebhookRoutes(deps), livekitWebhookRoutes(deps), renewalRoutes(deps));
  app.use(express.json({ limit: MAX_BODY }));
  app.use(catalogueRoutes(deps), accountRoutes(deps, signedIn));
  app.use(paymentRoutes(deps, signedIn, limited()));
  app.use(checkoutRoutes(deps, signedIn, limited()), savedCardRoutes(deps, signedIn, limited()));
  app.use(timeCardRoutes(deps, signedIn, limited()));
  app.use(callRoutes(deps, signedIn, limited()), receiptRoutes(deps, signedIn));
  app.use(operatorRoutes(deps, signedIn, limited()));
  app.use(outboxRoutes(deps, signedIn, limited()));
  app.use(autoTopUpRoutes(deps, signedIn, limited()));
  app.use(codeBatchRoutes(deps, signedIn, limited()));
  app.use(callerRoutes(deps, signedIn, limited()));
  app.get('/openapi.json', (_request, response) => {
    response.json(apiDescription);
  });
  app.use(pageRoutes(deps, options.pageFolder));
  app.use(() => {
    throw new Fault('not_found');
  });
  app.use(answerErrors(metrics));
  return app;
}
