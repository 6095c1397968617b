import type { Request } from 'express';
import { API_VERSION } from '../api-version.ts';
import type { Api } from './api.ts';
import { authenticate, secretKeyRequired } from './authenticate.ts';
import type { IncomingCall } from './execute-call.ts';
import { invalidParameter, StripeRefusal, unrecognizedUrl } from './refusal.ts';
import type { Route } from './route.ts';

function checkHeaders(request: Request): void {
  const version = request.get('stripe-version');
  if (version !== undefined && version !== API_VERSION) {
    // Other versions have other shapes: answering in this one would hide the difference until production.
    throw invalidParameter(`Invalid Stripe API version: ${version}. This stand-in speaks ${API_VERSION}.`);
  }
  const account = request.get('stripe-account');
  if (account !== undefined) {
    throw new StripeRefusal(
      403,
      'invalid_request_error',
      `The provided key does not have access to account '${account}' (or that account does not exist). Application access may have been revoked.`,
      { code: 'account_invalid' },
      true,
    );
  }
  // null means that there is no body to have a type.
  const form = request.is('application/x-www-form-urlencoded');
  if (request.method === 'POST' && form === false && request.get('content-length') !== '0') {
    throw invalidParameter(
      'Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/.',
    );
  }
}

/** The address a browser can open: the one the request came to, unless another was configured. */
export function baseUrlOf(api: Api, request: Request): string {
  return api.publicUrl ?? `${request.protocol}://${request.get('host') ?? 'localhost'}`;
}

/**
 * What a request asks for.
 * @param candidates routes of this method and path, which differ only in their key
 * @throws StripeRefusal 401, 403, 404 or 400 before anything is executed
 */
export function incomingCall(
  api: Api,
  request: Request,
  candidates: readonly Route[],
  requestId: string,
): IncomingCall {
  const given: Record<string, unknown> = { ...request.query, ...request.body };
  const keyKind = authenticate(api.keys, request.get('authorization'), given.key);
  const route = candidates.find((candidate) => candidate.keyKind === keyKind);
  if (route === undefined) throw secretKeyRequired();
  checkHeaders(request);
  const id = String(request.params.id ?? '');
  if (id === 'search') throw unrecognizedUrl(request.method, request.path);
  const { expand, key, ...params } = given;
  return {
    route,
    requestId,
    idempotencyKey: request.method === 'POST' ? (request.get('idempotency-key') ?? null) : null,
    path: request.path,
    id,
    subId: String(request.params.subId ?? ''),
    baseUrl: baseUrlOf(api, request),
    // A publishable key may not expand and a secret key does not belong into a form: both stay unknown there.
    params:
      keyKind === 'publishable'
        ? { ...params, ...(expand === undefined ? {} : { expand }) }
        : { ...params, ...(key === undefined ? {} : { key }) },
    expand: keyKind === 'publishable' ? undefined : expand,
  };
}
