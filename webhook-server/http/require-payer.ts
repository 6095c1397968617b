import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import { hashClaimSecret } from '../../shared/activation-codes/keyed-hash.ts';
import { Fault } from '../../shared/errors.ts';
import { parseInput } from './parse-input.ts';
import type { TenantCaller } from './require-key.ts';
import type { Person } from './verify-access-token.ts';

/**
 * In whose name a program pays: a person, a tenant (by a key, or by a person who does its billing), or whoever has a
 * secret. Nobody, where it only looks at a price.
 */
export type Payer = { userId?: string; tenantId?: string; secretHash?: string };

/** Long enough that nobody guesses it. */
const SECRET = /^[\x21-\x7e]{32,200}$/;

/** Of a payment in the header that other routes have the access token in (https://paymentauth.org): mppx sends it there. */
const PAYMENT = /^Payment +/i;

/** Takes a payment out of the way of who signs in: they come in one header, and then who signs in comes in another one. */
export const setPaymentAside: RequestHandler = (request, response, next) => {
  const { authorization } = request.headers;
  if (authorization === undefined || !PAYMENT.test(authorization)) return next();
  response.locals.payment = authorization;
  const account = request.get('payer-authorization');
  if (account === undefined) delete request.headers.authorization;
  else request.headers.authorization = account;
  next();
};

/** What `setPaymentAside` took. */
export const paymentOf = (response: Response): string | undefined =>
  (response.locals as { payment?: string }).payment;

const named = z.object({ tenant_id: z.uuid().toLowerCase().optional() });

/** Notes in whose name it is. Belongs behind the guards of keys and people, of which one may have let the request through. */
export function notePayer(key: string): RequestHandler {
  return (request, response, next) => {
    const { person, tenant } = response.locals as { person?: Person; tenant?: TenantCaller };
    const secret = request.get('claim-secret');
    if (secret !== undefined && !SECRET.test(secret)) {
      throw new Fault('invalid_request', 'Claim-Secret: must be 32 to 200 visible ASCII characters');
    }
    const { tenant_id: tenantId } = parseInput(named, { tenant_id: request.query.tenant_id });
    const payer: Payer =
      tenant !== undefined
        ? { tenantId: tenant.tenantId }
        : person !== undefined
          ? { userId: person.userId, ...(tenantId !== undefined && { tenantId }) }
          : secret !== undefined
            ? { secretHash: hashClaimSecret(key, secret) }
            : {};
    response.locals.payer = payer;
    response.set('cache-control', 'no-store');
    next();
  };
}

/** In whose name the request is; only behind `notePayer`. */
export function payerOf(response: Response): Payer {
  const { payer } = response.locals as { payer?: Payer };
  if (payer === undefined) throw new Error('this route lacks notePayer');
  return payer;
}
