import { setTimeout as sleep } from 'node:timers/promises';
import type { Request } from 'express';
import { API_VERSION } from '../api-version.ts';
import { runDueTasks } from '../later/run-due-tasks.ts';
import { newId } from '../store/identifiers.ts';
import type { Api } from './api.ts';
import { executeCall, type IncomingCall } from './execute-call.ts';
import { incomingCall } from './incoming-call.ts';
import { internalError, type Reply, rateLimited, StripeRefusal } from './refusal.ts';
import type { Route } from './route.ts';

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
  runDueTasks(api);
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
    fingerprint: idempotencyKeys.fingerprint(keyKind, [incoming.params, incoming.expand]),
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
