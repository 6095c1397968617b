import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { z } from 'zod';
import { Fault, type FaultCode } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { type Access, type Guards, personOf, type TenantAccess } from './access.ts';
import type { Gate } from './gate.ts';
import { parseInput } from './parse-input.ts';
import { isSignedIn, knownTenant, type TenantCaller, tenantOf } from './require-key.ts';
import { type Payer, payerOf } from './require-payer.ts';
import { letFrozen } from './require-present.ts';

/** As Stripe's own API takes it (https://docs.stripe.com/api/idempotent_requests), and the database. */
export const BUYERS_KEY_LENGTH = 255;
/** The database takes 255 characters with the operator's id before the key. */
export const OPERATORS_KEY_LENGTH = 200;

/** What operations are about; openapi/describe-api.ts says it in a sentence. */
export type Tag =
  | 'time'
  | 'purchases'
  | 'saved cards'
  | 'calls'
  | 'settings'
  | 'help'
  | 'usage'
  | 'tenants'
  | 'machine payments'
  | 'API keys'
  | 'paid APIs'
  | 'operators'
  | 'webhooks'
  | 'internal'
  | 'service';

type Schema = z.ZodType | undefined;
type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
/**
 * `text`, `csv` and `events` (a stream of its own) are sent as they are, `json` is an object that the document does not
 * describe further.
 */
type Answer = z.ZodType | 'text' | 'csv' | 'json' | 'events';
type AnswerOf<A> = A extends z.ZodType ? z.output<A> : A extends 'json' ? object : string;

/** All of a route that the API's document tells. */
export type Operation = TenantAccess & {
  /** What it does, as one name in plain words: unique in the API. */
  operationId: string;
  tag: Tag;
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As Express writes it: `/user/:user_id/balance`. */
  path: string;
  access: Access;
  summary: string;
  description?: string;
  /** What the path names, besides the `user_id` of access `self`. */
  params?: z.ZodObject | undefined;
  query?: z.ZodObject | undefined;
  body?: Schema;
  /** The body is taken as bytes, because a signature is over them. */
  bytes?: boolean;
  /** A request without a body counts as `{}`. */
  bodyMayBeMissing?: boolean;
  /** Needs an Idempotency-Key header: what it names, and its longest length. */
  idempotency?: { names: string; maxLength: number };
  /** Headers that are checked by the handler. */
  headers?: Record<string, { description: string; maxLength: number; optional?: boolean }>;
  /** Of success; 200 unless given. */
  status?: number;
  answer: Answer;
  /** When the answer comes with status 202: it is not the last word, and looks the same. */
  pendingWhen?: string;
  /** When the answer comes with status 503: it is no refusal, and looks the same. */
  unavailableWhen?: string;
  /** Answered as an HTML document, too. */
  alsoHtml?: boolean;
  /** What this route refuses, besides what follows from the rest (`faultsOf`). */
  faults?: readonly FaultCode[];
  /** Answered also while the database has not been found fit. */
  evenUnready?: boolean;
  /** Waits for the nodes of chains. */
  asksChains?: boolean;
  /** Waits for what sellers of paid APIs answer. */
  asksSellers?: boolean;
  /** Also for who is frozen: it asks for help, or takes back what they agreed to. */
  evenFrozen?: boolean;
};

type Input<Body extends Schema, Params extends Schema, Query extends Schema> = {
  deps: Dependencies;
  body: Output<Body>;
  params: Output<Params>;
  query: Output<Query>;
  /** Empty where the route asks for none. */
  idempotencyKey: string;
  /** Who asks; empty where nobody is signed in. */
  userId: string;
  /** For which tenant, with access `key` and `member`; with `known` of an empty id where a service or a person names none. */
  tenant: TenantCaller;
  /** In whose name, with access `payer`. */
  payer: Payer;
  request: Request;
  response: Response;
};

/** What only the running process knows of itself. */
export type Process = {
  /** False until the database was found fit to keep a ledger. */
  isReady: () => boolean;
  /** Names of the periodic jobs that are late. */
  lateJobs: () => string[];
  /** Aborted when the process stops: what would go on by itself ends then. */
  stopping?: AbortSignal;
};

/** What it returns is the answer, unless it has sent another form of it. */
type Handle<I, A> = (input: I) => Promise<AnswerOf<A>> | AnswerOf<A>;

type Definition<
  Body extends Schema,
  Params extends z.ZodObject | undefined,
  Query extends z.ZodObject | undefined,
  A extends Answer,
> = Operation & {
  body?: Body;
  params?: Params;
  query?: Query;
  answer: A;
  /** Of the body, as `express` writes sizes. */
  bodyLimit?: string;
  /** A GET that changes something: Express would answer HEAD by the same handler. */
  refuseHead?: boolean;
} & (
    | { handle: Handle<Input<Body, Params, Query>, A>; prepare?: never }
    /** Makes the handler of one server, where something has to outlive a request. */
    | {
        prepare: (deps: Dependencies, process: Process) => Handle<Input<Body, Params, Query>, A>;
        handle?: never;
      }
  );

type MountOptions = {
  deps: Dependencies;
  process: Process;
  guards: Guards;
  /** How many at once may work: by our own database, with the payment provider, and with the nodes of chains. */
  gates: { own: Gate; provider: Gate; chains: Gate; sellers: Gate };
  /** Whether each answer is held against its schema, as tests do. */
  checkAnswers: boolean;
};
export type Route = { operation: Operation; mount(router: Router, options: MountOptions): void };

/** The name that the client gave to this attempt. */
function idempotencyKeyOf(request: Request, maxLength: number): string {
  const key = request.get('idempotency-key') ?? '';
  if (key.length >= 1 && key.length <= maxLength) return key;
  throw new Fault(
    'idempotency_key_missing',
    `Send an Idempotency-Key header (1 to ${maxLength} characters): a new one each time, the same one for a retry.`,
  );
}

const refuseHead: RequestHandler = (request, _response, next) =>
  next(request.method === 'HEAD' ? new Fault('not_found') : undefined);

/** Lets requests through once the database was found fit. */
export const requireReady =
  (isReady: () => boolean): RequestHandler =>
  (_request, _response, next) =>
    next(isReady() ? undefined : new Fault('database_unavailable'));

/** What is too much anyway is told so before its token is verified: a refusal must cost less than an answer. */
const refuseEarly =
  (gate: Gate): RequestHandler =>
  (_request, _response, next) => {
    gate.refuseIfFull();
    next();
  };

function parserOf({ bytes, body, bodyLimit }: { bytes?: boolean; body?: Schema; bodyLimit?: string }) {
  if (bytes) return [express.raw({ type: () => true, limit: bodyLimit ?? '1mb' })];
  return body === undefined ? [] : [express.json({ limit: bodyLimit ?? '64kb' })];
}

/**
 * Only what people ask for themselves may be told to come later: not probes, webhooks and reports of live calls, nor what
 * is public, which is answered from memory.
 */
const isSpared = ({ access }: Operation) => access === 'anybody' || access === 'service';
/** Who is waited for: while one of them is slow, everything else goes on. */
const gateOf = ({ asksChains, asksSellers, faults = [] }: Operation) => {
  if (asksChains) return 'chains';
  if (asksSellers) return 'sellers';
  return faults.includes('payment_provider_unavailable') ? 'provider' : 'own';
};

/** One route of the API: who may ask, what comes in, what goes out and what is refused, said once. */
export function route<
  A extends Answer,
  Body extends Schema = undefined,
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
>(definition: Definition<Body, Params, Query, A>): Route {
  const { method, path, access, body, params, query, idempotency, answer, status = 200 } = definition;
  const isOfTenant = access === 'key' || access === 'member';
  const isKnown = access === 'known';

  function whoAsks(response: Response): { userId: string; tenant: TenantCaller } {
    if (isOfTenant) return { userId: tenantOf(response).userId ?? '', tenant: tenantOf(response) };
    const tenant = isKnown ? knownTenant(response) : { tenantId: '' };
    if (isSpared(definition) || access === 'payer' || (isKnown && !isSignedIn(response)))
      return { userId: '', tenant };
    return { userId: personOf(response).userId, tenant };
  }

  function inputOf(deps: Dependencies, request: Request, response: Response) {
    const sent = definition.bodyMayBeMissing ? (request.body ?? {}) : request.body;
    return {
      deps,
      idempotencyKey: idempotency ? idempotencyKeyOf(request, idempotency.maxLength) : '',
      body: (body && parseInput(body, sent)) as Output<Body>,
      params: (params && parseInput(params, request.params)) as Output<Params>,
      query: (query && parseInput(query, request.query)) as Output<Query>,
      ...whoAsks(response),
      payer: access === 'payer' ? payerOf(response) : {},
      request,
      response,
    };
  }

  return {
    operation: definition,
    mount(router, { deps, process, guards, gates, checkAnswers }) {
      const handle = definition.handle ?? definition.prepare(deps, process);
      const gate = isSpared(definition) ? undefined : gates[gateOf(definition)];
      const { before: first, behind } = guards(access, definition);
      const before = [
        ...(definition.evenUnready ? [] : [requireReady(process.isReady)]),
        ...(gate === undefined ? [] : [refuseEarly(gate)]),
        ...(definition.refuseHead ? [refuseHead] : []),
        ...(definition.evenFrozen ? [letFrozen] : []),
        ...first,
        ...parserOf(definition),
        ...behind,
      ];
      router[method](path, ...before, async (request, response) => {
        const input = inputOf(deps, request, response);
        response.status(status);
        const answered = await (gate === undefined ? handle(input) : gate(() => handle(input)));
        if (checkAnswers && typeof answer !== 'string') answer.parse(answered);
        if (response.headersSent) return;
        if (typeof answered === 'string') response.send(answered);
        else response.json(answered);
      });
    },
  };
}

/** What a route refuses: what it says itself, and what follows from the rest of it. */
export function faultsOf(operation: Operation): Set<FaultCode> {
  const { access, body, bytes, params, query, idempotency, evenUnready, faults = [] } = operation;
  const signedIn = access !== 'anybody' && access !== 'service';
  const byKey = access === 'key' || access === 'member' || access === 'known';
  return new Set<FaultCode>([
    'internal',
    ...(evenUnready ? [] : (['database_unavailable'] as const)),
    ...(isSpared(operation) ? [] : (['overloaded'] as const)),
    ...(body || params || query || access === 'self' ? (['invalid_request'] as const) : []),
    ...(body || bytes ? (['payload_too_large'] as const) : []),
    ...(idempotency ? (['idempotency_key_missing'] as const) : []),
    ...(access === 'anybody' ? [] : (['not_signed_in'] as const)),
    ...(signedIn ? (['too_many_requests'] as const) : []),
    ...(signedIn && operation.method !== 'get' && !operation.evenFrozen ? (['account_frozen'] as const) : []),
    ...(access === 'self' || access === 'operator' || byKey ? (['forbidden'] as const) : []),
    ...(byKey ? (['scope_missing', 'invalid_request', 'quota_spent'] as const) : []),
    ...(access === 'payer' ? (['scope_missing', 'invalid_request'] as const) : []),
    ...(access === 'member' || access === 'known' ? (['role_missing', 'not_found'] as const) : []),
    ...faults,
    // Whoever asks Stripe may be refused for good, too.
    ...(faults.includes('payment_provider_unavailable')
      ? (['payment_refused', 'payment_misconfigured'] as const)
      : []),
  ]);
}

/** A router with all these routes. */
export function mountAll(routes: readonly Route[], options: MountOptions): Router {
  const router = Router();
  for (const { mount } of routes) mount(router, options);
  return router;
}
