import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { Fault } from '../../shared/errors.ts';

const BEARER = /^Bearer +(\S+)$/i;
const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Lets only our own processes through: those that have the service role key of the database anyway. Digests are
 * compared, as they have one length, in a time that does not tell how much of a guess was right.
 */
export function requireServiceKey(key: string): RequestHandler {
  const expected = digest(key);
  return (request, _response, next) => {
    const given = BEARER.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!timingSafeEqual(digest(given), expected)) {
      throw new Fault('not_signed_in', 'Send the service role key as "Authorization: Bearer …".');
    }
    next();
  };
}
