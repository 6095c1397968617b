import type { RequestHandler } from 'express';

const METHODS = 'GET, POST, PUT, PATCH, DELETE';
const HEADERS = 'authorization, content-type, idempotency-key, x-request-id';
const EXPOSED = 'retry-after, ratelimit, ratelimit-policy, x-request-id';
const PREFLIGHT_SECONDS = '600';

/**
 * Lets pages of these origins ask (https://fetch.spec.whatwg.org/#http-cors-protocol), and no others. Nothing here goes by
 * cookies, so an origin is given no more than its page's own token allows.
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (request, response, next) => {
    if (allowed.size > 0) response.vary('origin');
    const origin = request.get('origin');
    if (origin === undefined || !allowed.has(origin)) return next();
    response.set({ 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED });
    if (request.method !== 'OPTIONS' || request.get('access-control-request-method') === undefined)
      return next();
    response.set({
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': HEADERS,
      'access-control-max-age': PREFLIGHT_SECONDS,
    });
    response.status(204).end();
  };
}
