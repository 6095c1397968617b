import compression from 'compression';
import express, { type Express } from 'express';
import { Fault } from '../shared/errors.ts';
import type { Dependencies } from './base/dependencies.ts';
import { errorsOf } from './base/track-errors.ts';
import { createGuards } from './http/access.ts';
import { allowOrigins } from './http/allow-origins.ts';
import { answerErrors } from './http/answer-errors.ts';
import { countRequests } from './http/count-requests.ts';
import { createGate } from './http/gate.ts';
import { limitRequests, type RequestBudgets } from './http/limit-requests.ts';
import { logRequests } from './http/log-requests.ts';
import { mountAll, type Process, requireReady } from './http/route.ts';
import { setSecurityHeaders } from './http/set-security-headers.ts';
import { createPage } from './page/serve-page.ts';
import { routes } from './routes.ts';

export type AppOptions = Process & {
  budgets: RequestBudgets;
  /** Folder of the built page; need not exist. */
  pageFolder: string;
  /** Whether each answer is held against its schema before it is sent: for tests. */
  checkAnswers?: boolean;
};

/**
 * The sidecar as an Express application. It keeps nothing between requests that another replica would
 * need. People are told apart by their tokens; a client's address counts for wrong codes only, and then proxies
 * are believed as far as PROXIES_IN_FRONT says, and no further.
 */
export function createApp(deps: Dependencies, options: AppOptions): Express {
  const { config, metrics, logger } = deps;
  const { budgets, pageFolder, checkAnswers = false, ...process } = options;
  const guards = createGuards(deps, limitRequests(budgets));

  const app = express();
  app.set('trust proxy', config.PROXIES_IN_FRONT);
  app.use(logRequests(logger), countRequests(metrics), setSecurityHeaders(config));
  app.use(allowOrigins(config.ALLOWED_ORIGINS), compression());
  const page = createPage(pageFolder);
  app.use(page.navigations);
  // Those that ask Stripe have a gate of their own, and so have those that ask chains or sellers: while they are slow, all else goes on.
  const newGate = () => createGate(config.REQUESTS_AT_ONCE);
  const gates = { own: newGate(), provider: newGate(), chains: newGate(), sellers: newGate() };
  app.use(mountAll(routes, { deps, process, guards, gates, checkAnswers }));
  app.use(requireReady(process.isReady), page.files);
  app.use(() => {
    throw new Fault('not_found');
  });
  app.use(answerErrors(metrics, errorsOf(deps)));
  return app;
}
