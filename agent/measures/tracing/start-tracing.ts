import { telemetry } from '@livekit/agents';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { Logger } from 'pino';
import { systemClock } from '../../../shared/clock.ts';
import { within } from '../../../shared/within.ts';
import { withoutWords } from './without-words.ts';

/** How long the end of a job waits for the last spans. */
const FLUSH_MS = 3_000;

/** Hands on what is left of a span without words. */
function wordless(inner: SpanProcessor): SpanProcessor {
  return {
    onStart: () => {},
    onEnd: (span) => inner.onEnd(withoutWords(span)),
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown(),
  };
}

/** Says once that traces do not arrive: they are sent every few seconds, and a call does not depend on them. */
function reportTrouble(logger: Logger): void {
  let isReported = false;
  const report = (problem: string) => {
    if (!isReported) logger.warn({ problem: problem.slice(0, 200) }, 'traces not sent');
    isReported = true;
  };
  const ignore = () => {};
  diag.setLogger(
    { error: report, warn: ignore, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
}

/**
 * Sends the framework's spans of the one call of this process by OTLP over HTTP. Headers, as for a key, come from
 * `OTEL_EXPORTER_OTLP_HEADERS` (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 * @param endpoint without `/v1/traces`, as in the standard variable
 */
export function startTracing(options: {
  endpoint: string;
  serviceName: string;
  callId: string;
  logger: Logger;
}): { close(): Promise<void> } {
  const { endpoint, serviceName, callId, logger } = options;
  reportTrouble(logger);
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'mindbot.call_id': callId }),
    spanProcessors: [wordless(new BatchSpanProcessor(new OTLPTraceExporter({ url })))],
  });
  // Spans find their parents by the context, which only a registered provider keeps.
  provider.register();
  // The framework would add a filter of its own, which takes out less than ours.
  telemetry.setTracerProvider(provider, { registerSpanProcessor: () => {} });
  return {
    async close() {
      const flushing = provider.shutdown().then(
        () => 'sent',
        (error: unknown) => {
          logger.warn({ err: error }, 'traces not sent');
          return 'failed';
        },
      );
      const end = await within(flushing, FLUSH_MS, systemClock);
      if (end === undefined) logger.warn('traces not sent: the receiver takes too long');
    },
  };
}
