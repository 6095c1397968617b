import { setTimeout as sleep } from 'node:timers/promises';
import type { Request } from 'express';
import { API_VERSION } from '../description/objects.ts';
import { SHARED_TOKENS_VERSION } from '../description/preview.ts';
import { newId } from '../store/kinds.ts';
import { authenticate, authenticateSession, secretKeyRequired } from './authenticate.ts';
import { expandAnswer } from './expand.ts';
import {
  internalError,
  invalidParameter,
  type Reply,
  rateLimited,
  StripeRefusal,
  unrecognizedUrl,
} from './refusal.ts';
import type { Route } from './route.ts';
import { type Api, transact } from './transact.ts';

function checkHeaders(api: Api, request: Request, route: Route): void {
  const version = request.get('stripe-version');
  const asksForPreview = request.body?.shared_payment_granted_token !== undefined;
  if (asksForPreview && version !== SHARED_TOKENS_VERSION) {
    throw invalidParameter('Received unknown parameter: shared_payment_granted_token', {
      param: 'shared_payment_granted_token',
    });
  }
  if (version !== undefined && version !== API_VERSION && !asksForPreview) {
    // Other versions have other shapes: answering in this one would hide the difference until production.
    throw invalidParameter(`Invalid Stripe API version: ${version}. This stand-in speaks ${API_VERSION}.`);
  }
  const account = request.get('stripe-account');
  const isKnown = account !== undefined && api.store.find('v2.core.account', account) !== undefined;
  if (account !== undefined && !(isKnown && route.isForAccounts)) {
    throw new StripeRefusal(
      403,
      'invalid_request_error',
      `The provided key does not have access to account '${account}' (or that account does not exist). Application access may have been revoked.`,
      { code: 'account_invalid' },
      true,
    );
  }
  if (request.path.startsWith('/v2/')) return;
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
function incomingCall(
  api: Api,
  request: Request,
  candidates: readonly Route[],
  requestId: string,
): IncomingCall {
  const given: Record<string, unknown> = { ...request.query, ...request.body };
  const keyKind = candidates.some((candidate) => candidate.keyKind === 'session')
    ? authenticateSession(api.store, request.get('authorization'), Math.floor(api.now() / 1000))
    : authenticate(api.keys, request.get('authorization'), given.key);
  const route = candidates.find((candidate) => candidate.keyKind === keyKind);
  if (route === undefined) throw secretKeyRequired();
  checkHeaders(api, request, route);
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
    account: request.get('stripe-account'),
    // A publishable key may not expand and a secret key does not belong into a form: both stay unknown there.
    params:
      keyKind === 'publishable'
        ? { ...params, ...(expand === undefined ? {} : { expand }) }
        : { ...params, ...(key === undefined ? {} : { key }) },
    expand: keyKind === 'publishable' ? undefined : expand,
  };
}

interface IncomingCall {
  readonly route: Route;
  readonly requestId: string;
  readonly idempotencyKey: string | null;
  readonly path: string;
  readonly id: string;
  readonly subId: string;
  readonly baseUrl: string;
  readonly account: string | undefined;
  readonly params: object;
  readonly expand: unknown;
}

function asRefusal(error: unknown, requestId: string): StripeRefusal {
  if (error instanceof StripeRefusal) return error;
  console.error(`stripe stand-in: ${requestId} failed`, error);
  return internalError();
}

/**
 * Executes one call. The change, its events and the remembered answer are committed together, so a crash at
 * any moment leaves either all of them or none.
 * @param remember stores the answer under the idempotency key; does nothing when there is none.
 */
function executeCall(api: Api, incoming: IncomingCall, remember: (reply: Reply) => void): Reply {
  const { route, params, expand } = incoming;
  try {
    return transact(api, { ...incoming, keyKind: route.keyKind }, (call) => {
      const { status, body } = route.run(call, params);
      const expanded = status === 200 ? expandAnswer(api.store, body, expand) : body;
      const visible = { status, body: route.view(expanded) };
      remember(visible);
      return visible;
    });
  } catch (error) {
    const refusal = asRefusal(error, incoming.requestId);
    const { status, body } = refusal.toReply();
    const visible = { status, body: route.view(body) };
    if (!refusal.beforeExecution) remember(visible);
    return visible;
  }
}

export interface Answer extends Reply {
  readonly headers: Readonly<Record<string, string>>;
  /** A fault may lose the answer after all was done: the connection is cut, or stays silent. */
  readonly fate: 'dropped' | 'sent' | 'withheld';
}

interface Executed {
  readonly reply: Reply;
  readonly fate: Answer['fate'];
}

async function execute(
  api: Api,
  incoming: IncomingCall,
  remember: (reply: Reply) => void,
): Promise<Executed> {
  if (api.latencyMs > 0) await sleep(api.latencyMs);
  api.runDue();
  const request = { method: incoming.route.method, path: incoming.path };
  const fault = api.fault?.(request) ?? api.faults.nextForRequest(request);
  if (fault === 'rate_limited') throw rateLimited();
  if (fault === 'api_error') {
    const reply = internalError().toReply();
    remember(reply);
    return { reply, fate: 'sent' };
  }
  const fate = fault === 'drop_answer' ? 'dropped' : fault === 'hang' ? 'withheld' : 'sent';
  return { reply: executeCall(api, incoming, remember), fate };
}

async function executeOnce(api: Api, incoming: IncomingCall, key: string): Promise<Answer> {
  const { idempotencyKeys } = api;
  const { keyKind, method } = incoming.route;
  const request = {
    key,
    endpoint: `${method} ${incoming.path}`,
    fingerprint: idempotencyKeys.fingerprint(keyKind, [incoming.params, incoming.expand, incoming.account]),
  };
  const saved = idempotencyKeys.recallOrTake(request);
  if (saved !== undefined) {
    const headers = { 'idempotent-replayed': 'true', 'original-request': saved.requestId };
    return { status: saved.status, body: saved.body, headers, fate: 'sent' };
  }
  try {
    const { reply, fate } = await execute(api, incoming, (outcome) =>
      idempotencyKeys.save(request, incoming.requestId, outcome),
    );
    return { ...reply, headers: {}, fate };
  } finally {
    idempotencyKeys.release(key);
  }
}

/** Stripe tells its clients when another try is of no use, or of use. */
function retryAdvice(status: number): Record<string, string> {
  if (status === 409) return { 'stripe-should-retry': 'true' };
  return status >= 500 ? { 'stripe-should-retry': 'false' } : {};
}

/**
 * Authenticates, checks and executes a request to one of the given routes, which differ only in their key.
 * Never throws for what the client did.
 */
export async function answerRequest(
  api: Api,
  request: Request,
  candidates: readonly Route[],
): Promise<Answer> {
  const requestId = newId('req', 14);
  const idempotencyKey = request.get('idempotency-key');
  const headers = {
    'request-id': requestId,
    'stripe-version': API_VERSION,
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  };
  try {
    const incoming = incomingCall(api, request, candidates, requestId);
    const answer =
      incoming.idempotencyKey === null
        ? { ...(await execute(api, incoming, () => {})), headers: {} }
        : await executeOnce(api, incoming, incoming.idempotencyKey);
    const { status, body } = 'reply' in answer ? answer.reply : answer;
    return {
      status,
      body,
      headers: { ...headers, ...retryAdvice(status), ...answer.headers },
      fate: answer.fate,
    };
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    const { status, body } = error.toReply();
    return { status, body, headers: { ...headers, ...retryAdvice(status) }, fate: 'sent' };
  }
}
