import { route } from '../http/route.ts';
import { createHealthCheck, healthResponse } from './check-health.ts';
import { outsideOf } from './check-outside.ts';
import { createFigures } from './show-figures.ts';

const forWhoRunsIt = { tag: 'service', method: 'get', access: 'anybody', evenUnready: true } as const;

/** For those who run it. A proxy in front should not pass `/metrics` on to everybody. */
export const operationsRoutes = [
  route({
    ...forWhoRunsIt,
    operationId: 'checkHealth',
    path: '/health',
    summary: 'Whether this replica gets anything done',
    unavailableWhen: 'The database does not answer; the body is the same.',
    answer: healthResponse,
    prepare(deps, process) {
      const { database, mail } = deps;
      const outside = outsideOf(deps);
      const checkHealth = createHealthCheck({ database, mailState: mail.state, outside, ...process });
      return async ({ response }) => {
        const health = await checkHealth();
        // Late jobs are no reason to take a replica out of service: it still serves callers and webhooks.
        response.status(health.checks.database === 'ok' ? 200 : 503).set('cache-control', 'no-store');
        return health;
      };
    },
  }),
  route({
    ...forWhoRunsIt,
    operationId: 'readMetrics',
    path: '/metrics',
    summary: 'Figures for Prometheus',
    answer: 'text',
    prepare(deps) {
      const showFigures = createFigures(deps);
      const outside = outsideOf(deps);
      return async ({ response }) => {
        // Whoever scrapes sees nodes that nobody has asked for a while, too.
        await Promise.all([showFigures(), outside()]);
        const { registry } = deps.metrics;
        response.type(registry.contentType);
        return registry.metrics();
      };
    },
  }),
];
