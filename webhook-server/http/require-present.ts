import type { RequestHandler } from 'express';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Gate } from './gate.ts';

/** So long it is not asked again. A token lives for an hour, which is the time that this makes short. */
const KNOWN_MS = 10_000;
const MOST_KNOWN = 10_000;

/**
 * Lets only people through who were not deleted: a token outlives its person. Who is frozen only looks, and does what
 * `letFrozen` stands before. Belongs after the budget of requests, so that nobody can have the database asked without end.
 * @param gate for those whom the database is asked about: while it is slow they must not pile up here
 */
export function requirePresent(
  database: DatabaseClient,
  userIdOf: (response: object) => string,
  gate: Gate,
): RequestHandler {
  const known = new Map<string, number>();
  return async (request, response, next) => {
    const userId = userIdOf(response);
    if (performance.now() - (known.get(userId) ?? Number.NEGATIVE_INFINITY) > KNOWN_MS) {
      const { data, error } = await gate(() =>
        database.from('users').select('deleted_at, frozen_at').eq('id', userId).maybeSingle(),
      );
      if (error) throw databaseFault('users', error);
      if (data === null || data.deleted_at !== null) {
        throw new Fault('not_signed_in', 'This account does not exist any more. Sign up again.');
      }
      // Who is frozen may look, and begins nothing: asked each time, so that it ends as soon as it is over.
      if (data.frozen_at !== null) {
        const isLooking = request.method === 'GET' || request.method === 'HEAD';
        if (!isLooking && !response.locals.letFrozen) throw new Fault('account_frozen');
        return next();
      }
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(userId, performance.now());
    }
    next();
  };
}

/** For what somebody may do whose account is frozen. Belongs before `requirePresent`. */
export const letFrozen: RequestHandler = (_request, response, next) => {
  response.locals.letFrozen = true;
  next();
};
