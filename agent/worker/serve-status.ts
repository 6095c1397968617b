import { createServer, type Server } from 'node:http';
import express from 'express';
import { listenOrExit } from '../../shared/listen.ts';
import type { WorkerMetrics } from './metrics.ts';

export type WorkerHealth = {
  connected: boolean;
  /** Calls that were taken do not get to their callers. */
  isStarved: boolean;
  activeCalls: number;
  isDraining: boolean;
};

async function listen(app: express.Express, portName: string, port: number, host: string): Promise<Server> {
  const server = createServer(app);
  await listenOrExit(server, { port, host, portName, hostName: 'STATUS_HOST' });
  return server;
}

/**
 * Serves `GET /health` on one port and `GET /metrics` (Prometheus text) on another. Health is 200 when the worker is
 * registered at LiveKit and the calls it takes get to their callers, else 503; `draining` when it takes no new calls.
 */
export async function serveStatus(options: {
  /** Address to listen on; others than loopback only where a scraper or an orchestrator must reach it. */
  host: string;
  healthPort: number;
  metricsPort: number;
  health: () => Promise<WorkerHealth>;
  metrics: WorkerMetrics;
}): Promise<{ close(): void }> {
  const { health, metrics } = options;
  const healthApp = express().disable('x-powered-by');
  healthApp.get('/health', async (_request, response) => {
    const { connected, isStarved, activeCalls, isDraining } = await health();
    const isWell = connected && !isStarved;
    const ready = isDraining ? 'draining' : 'ok';
    response.status(isWell ? 200 : 503).json({
      status: isWell ? ready : 'unavailable',
      checks: {
        livekit: connected ? 'ok' : 'not connected',
        starts: isStarved ? 'calls that were taken do not start' : 'ok',
      },
      active_calls: activeCalls,
    });
  });
  const metricsApp = express().disable('x-powered-by');
  metricsApp.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  const servers = [
    await listen(healthApp, 'HEALTH_CHECK_PORT', options.healthPort, options.host),
    await listen(metricsApp, 'PROMETHEUS_PORT', options.metricsPort, options.host),
  ];
  return {
    close() {
      for (const server of servers) server.close();
    },
  };
}
