import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import { Fault } from '../../shared/errors.ts';
import { parseInput } from '../http/parse-input.ts';
import type { Person, TokenVerifier } from './verify-access-token.ts';

const BEARER = /^Bearer +(\S+)$/i;

/** Lets only people with a valid access token through (RFC 6750, section 2.1). */
export function requirePerson(verify: TokenVerifier): RequestHandler {
  return async (request, response, next) => {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new Fault('not_signed_in');
    response.locals.person = await verify(token);
    response.set('cache-control', 'no-store');
    next();
  };
}

/** Who sent the request; only after `requirePerson`. */
export function personOf(response: Response): Person {
  const { person } = response.locals as { person?: Person };
  if (person === undefined) throw new Error('this route lacks requirePerson');
  return person;
}

/** Lets only the person named in the path through. */
export const requireSelf: RequestHandler = (request, response, next) => {
  const userId = parseInput(z.object({ user_id: z.uuid() }), request.params).user_id;
  if (userId.toLowerCase() !== personOf(response).userId) throw new Fault('forbidden');
  next();
};
