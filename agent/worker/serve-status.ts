import { createServer, type Server } from 'node:http';
import express from 'express';
import { listenOrExit } from '../../shared/listen.ts';
import type { WorkerMetrics } from './metrics.ts';

export type WorkerHealth = { connected: boolean; activeCalls: number; isDraining: boolean };

async function listen(app: express.Express, portName: string, port: number, host: string): Promise<Server> {
  const server = createServer(app);
  await listenOrExit(server, { port, host, portName, hostName: 'STATUS_HOST' });
  return server;
}

/**
 * Serves `GET /health` (200 when the worker is registered at LiveKit, else 503; `draining` when it takes no new
 * calls) on one port and
 * `GET /metrics` (Prometheus text) on another.
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
    const { connected, activeCalls, isDraining } = await health();
    const ready = isDraining ? 'draining' : 'ok';
    response.status(connected ? 200 : 503).json({
      status: connected ? ready : 'unavailable',
      checks: { livekit: connected ? 'ok' : 'not connected' },
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
