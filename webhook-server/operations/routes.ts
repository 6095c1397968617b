import { Router } from 'express';
import type { Dependencies } from '../dependencies.ts';
import type { Health } from './check-health.ts';

/** For those who run it. A proxy in front should not pass `/metrics` on to everybody. */
export function operationsRoutes({ metrics }: Dependencies, checkHealth: () => Promise<Health>): Router {
  const router = Router();
  router.get('/health', async (_request, response) => {
    const health = await checkHealth();
    // Late jobs are no reason to take a replica out of service: it still serves callers and webhooks.
    const status = health.checks.database === 'ok' ? 200 : 503;
    response.status(status).set('cache-control', 'no-store').json(health);
  });
  router.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return router;
}
