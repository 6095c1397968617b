import type { Request, RequestHandler } from 'express';
import type { Metrics } from '../base/metrics.ts';

/** The pattern of the route, not the path: ids in labels would make a time series of every person. */
export function routeOf(request: Request): string {
  const route: unknown = request.route;
  const matched = typeof route === 'object' && route !== null && 'path' in route;
  return matched ? String(route.path) : 'page';
}

/** Measures every request by method, route and status. */
export function countRequests(metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const stop = metrics.requestSeconds.startTimer();
    response.once('finish', () => {
      const matched = response.statusCode !== 404 || request.route !== undefined;
      const route = matched ? routeOf(request) : 'none';
      stop({ method: request.method, route, status: response.statusCode });
    });
    next();
  };
}
