import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const HEADER = 'x-request-id';
/** Anything else could forge log lines or fill the disk. */
const SANE = /^[\w.-]{1,64}$/;

/** The caller's own id where it is short and plain, else a new one; echoed in the answer. */
export function assignRequestId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers[HEADER];
  const id = typeof given === 'string' && SANE.test(given) ? given : randomUUID();
  response.setHeader(HEADER, id);
  return id;
}
