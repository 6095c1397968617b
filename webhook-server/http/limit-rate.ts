import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { Fault } from '../../shared/errors.ts';
import { personOf } from '../accounts/require-person.ts';

export type RateLimit = { windowMs: number; requests: number };

/** Far above what a person does by hand, far below what a script would need to be a nuisance. */
export const DEFAULT_RATE_LIMIT: RateLimit = { windowMs: 60_000, requests: 120 };

/**
 * Limits requests per person; belongs after `requirePerson`. It counts in this process only, so N replicas
 * allow N times as much: enough against a loop gone wild. What must hold exactly (wrong codes, live calls)
 * is counted in the database.
 */
export function limitRate({ windowMs, requests }: RateLimit): RequestHandler {
  return rateLimit({
    windowMs,
    limit: requests,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (_request, response) => personOf(response).userId,
    handler: () => {
      throw new Fault('too_many_requests');
    },
  });
}
