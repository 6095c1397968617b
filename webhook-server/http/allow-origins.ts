import cors, { type CorsOptions } from 'cors';
import type { RequestHandler } from 'express';

const OPTIONS: CorsOptions = {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [
    'authorization',
    'content-type',
    'idempotency-key',
    'x-request-id',
    'x-tenant-id',
    'mcp-protocol-version',
  ],
  exposedHeaders: ['retry-after', 'ratelimit', 'ratelimit-policy', 'x-request-id'],
  maxAge: 600,
};

/**
 * Lets pages of these origins ask (https://fetch.spec.whatwg.org/#http-cors-protocol), and no others. Nothing here goes by
 * cookies, so an origin is given no more than its page's own token allows.
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  const answer = cors((request, decide) => {
    decide(null, { ...OPTIONS, origin: allowed.has(request.headers.origin ?? '') });
  });
  return (request, response, next) => {
    // Also where nothing is allowed: what a cache keeps of that is not for a page that may ask.
    if (allowed.size > 0) response.vary('origin');
    answer(request, response, next);
  };
}
