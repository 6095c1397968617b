import type { ErrorRequestHandler } from 'express';
import type { ErrorResponse } from '../../shared/api/error.ts';
import { describeCause } from '../base/failures.ts';
import type { Metrics } from '../base/metrics.ts';
import { faultOf } from './fault-of.ts';

/** Answers every error in the one shape that clients know, and logs those that are not the caller's doing. */
export function answerErrors(metrics: Metrics): ErrorRequestHandler {
  return (error, request, response, next) => {
    const fault = faultOf(error);
    metrics.refusals.inc({ code: fault.code });
    if (fault.status >= 500) {
      request.log.error({ code: fault.code, cause: describeCause(fault.cause) }, 'a request failed');
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    const { code, message } = fault;
    const body: ErrorResponse = { error: { code, message, request_id: String(request.id) } };
    response.status(fault.status).set('cache-control', 'no-store').json(body);
  };
}
