import type { ErrorRequestHandler, Request, Response } from 'express';
import type { ErrorResponse } from '../../shared/api/error.ts';
import { DatabaseError } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import { describeCause } from '../base/failures.ts';
import type { Metrics } from '../base/metrics.ts';
import type { ErrorTracker } from '../base/track-errors.ts';
import { routeOf } from './count-requests.ts';
import type { Allowance } from './use-keys.ts';

type HttpError = { status: number; type?: string };

/** Errors of express and its body parsers, made with `http-errors`. */
function isHttpError(error: unknown): error is Error & HttpError {
  return error instanceof Error && 'status' in error && typeof error.status === 'number';
}

/**
 * Which fault an error is to the caller. What was not foreseen is `internal` and tells nothing of itself.
 * @returns the error itself when it is a fault already
 */
function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (isHttpError(error) && error.status >= 400 && error.status < 500) {
    if (error.type === 'entity.too.large') return new Fault('payload_too_large');
    if (error.type === 'entity.parse.failed') return new Fault('invalid_request', 'The body is not JSON.');
    if (error.status === 404) return new Fault('not_found');
    return new Fault('invalid_request', undefined, { cause: error });
  }
  return new Fault('internal', undefined, { cause: error });
}

const SHED_TOLD_EACH_MS = 10_000;

/** Two lines for each of a thousand that are refused would cost more than they: their number is told now and then. */
function tellOfShed() {
  let count = 0;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return ({ log }: Request, response: Response) => {
    response.locals.isShed = true;
    count++;
    if (performance.now() - toldAtMs < SHED_TOLD_EACH_MS) return;
    log.warn({ fault: 'overloaded', count }, 'too many ask at once: some are told to come again');
    count = 0;
    toldAtMs = performance.now();
  };
}

/** What is left of the plan, where a key asked. */
function quotaOf(response: Response): ErrorResponse['error']['quota'] {
  const { allowance } = response.locals as { allowance?: Allowance };
  if (allowance === undefined) return undefined;
  const { plan_id, limit, remaining, resets_at, per_minute, remaining_in_minute } = allowance;
  return { plan_id, limit, remaining, resets_at, per_minute, remaining_in_minute };
}

const AREAS: readonly [RegExp, string][] = [
  [/^\/v1\/payments\//, 'verification'],
  [/\/api-keys/, 'keys'],
  [
    /payment|purchase|checkout|subscription|invoice|billing|saved-card|top-up|stripe|x402|mpp|wallet/,
    'billing',
  ],
  [/call|token|livekit|renewals/, 'calls'],
];

/** Which domain a route belongs to, for whoever sorts errors. */
const areaOf = (route: string): string => AREAS.find(([pattern]) => pattern.test(route))?.[1] ?? 'other';

/** Answers every error in the one shape that clients know, and logs those that are not the caller's doing. */
export function answerErrors(metrics: Metrics, errors?: ErrorTracker): ErrorRequestHandler {
  const shed = tellOfShed();
  return (error, request, response, next) => {
    const fault = faultOf(error);
    response.locals.fault = fault.code;
    metrics.refusals.inc({ code: fault.code });
    // Not as `code`, under which the log expects what opens a door, and leaves it out.
    const line = { fault: fault.code, cause: describeCause(fault.cause) };
    if (fault.code === 'overloaded') shed(request, response);
    else if (fault.status >= 500) {
      request.log.error(line, 'a request failed');
      const route = routeOf(request);
      const where = `${request.method} ${route}`;
      errors?.capture(fault, { area: areaOf(route), where, code: fault.code, requestId: String(request.id) });
    }
    // What the database refused and our own check did not: the check, or the document, promises too much.
    else if (fault.cause instanceof DatabaseError) request.log.warn(line, 'the database refused a request');
    if (response.headersSent) {
      next(error);
      return;
    }
    if (fault.code === 'overloaded') response.set('retry-after', '1');
    // Unless whoever counted the requests has said it better.
    if (fault.code === 'too_many_requests' && !response.hasHeader('retry-after'))
      response.set('retry-after', '60');
    const { code, message, spend } = fault;
    const quota = quotaOf(response);
    const body: ErrorResponse = {
      error: {
        code,
        message,
        request_id: String(request.id),
        ...(quota && { quota }),
        ...(spend && { spend }),
      },
    };
    response.status(fault.status).set('cache-control', 'no-store').json(body);
  };
}
