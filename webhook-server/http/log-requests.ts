import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { Logger } from 'pino';
import { type HttpLogger, pinoHttp } from 'pino-http';

const HEADER = 'x-request-id';
/** Anything else could forge log lines or fill the disk. */
const SANE = /^[\w.-]{1,64}$/;

/** The caller's own id where it is short and plain, else a new one; echoed in the answer. */
function assignRequestId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers[HEADER];
  const id = typeof given === 'string' && SANE.test(given) ? given : randomUUID();
  response.setHeader(HEADER, id);
  return id;
}

/** Probes come every few seconds, renewals by the thousand: they would bury everything else. */
const QUIET = new Set(['/health', '/metrics', '/internal/renewals']);

/** The path without its query and without the code of a gift: both may hold what opens a door. */
function pathOf(request: { url?: string | undefined }): string {
  const path = (request.url ?? '').split('?')[0] ?? '';
  return path.replace(/^\/gift\/.+/s, '/gift/…');
}

/** What was refused because too many asked at once is told in sum (`answer-errors.ts`). */
const isShed = (response: ServerResponse): boolean =>
  'locals' in response && (response as Response).locals.isShed === true;

/** One line per request: method, path, status, duration. Never headers, bodies, tokens or codes. */
export function logRequests(logger: Logger): HttpLogger {
  return pinoHttp<IncomingMessage, ServerResponse>({
    logger,
    genReqId: assignRequestId,
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'request_id', responseTime: 'duration_ms' },
    serializers: {
      req: (request: IncomingMessage) => ({ method: request.method, path: pathOf(request) }),
      res: (response: ServerResponse) => ({ status: response.statusCode }),
    },
    autoLogging: { ignore: (request) => QUIET.has(pathOf(request)) },
    customLogLevel: (_request, response) =>
      isShed(response) ? 'silent' : response.statusCode >= 500 ? 'error' : 'info',
    // The error is logged where it is answered; here it would only be "failed with status code 500".
    customErrorObject: (_request, _response, _error, { err: _, ...value }: Record<string, unknown>) => value,
  });
}
