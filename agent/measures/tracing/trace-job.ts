import type { JobContext } from '@livekit/agents';
import type { Logger } from 'pino';
import type { AgentConfig } from '../../../shared/config/variables.ts';
import { startTracing } from './start-tracing.ts';

/** Sends traces of the job's call where the operator wants them, and the last ones before the process ends. */
export function traceJob(
  ctx: Pick<JobContext, 'addShutdownCallback'>,
  config: AgentConfig,
  callId: string,
  logger: Logger,
): void {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return;
  const tracing = startTracing({ endpoint, serviceName: config.OTEL_SERVICE_NAME, callId, logger });
  ctx.addShutdownCallback(() => tracing.close());
}
