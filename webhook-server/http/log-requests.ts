import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { type HttpLogger, pinoHttp } from 'pino-http';
import { assignRequestId } from './assign-request-id.ts';

/** Probes come every few seconds and would bury everything else. */
const QUIET = new Set(['/health', '/metrics']);

/** The path without its query: a query may hold what somebody pasted into it. */
function pathOf(request: { url?: string | undefined }): string {
  return (request.url ?? '').split('?')[0] ?? '';
}

/** One line per request: method, path, status, duration. Never headers, bodies, tokens or codes. */
export function logRequests(logger: Logger): HttpLogger {
  return pinoHttp<IncomingMessage, ServerResponse>({
    logger,
    genReqId: assignRequestId,
    quietReqLogger: true,
    autoLogging: { ignore: (request) => QUIET.has(pathOf(request)) },
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'error' : 'info'),
    // The error itself is logged where it is answered; here it would repeat what Stripe's errors carry.
    customErrorObject: (_request, response) => ({ res: { status: response.statusCode } }),
    customSuccessObject: (request, response, value: { responseTime: number }) => ({
      req: { method: request.method, path: pathOf(request) },
      res: { status: response.statusCode },
      responseTime: value.responseTime,
    }),
  });
}
