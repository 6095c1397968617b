import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { ApiScope } from '../../shared/api-keys/api-key.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { createGate, type Gate } from './gate.ts';
import { parseInput } from './parse-input.ts';
import {
  createKeyGuard,
  hasApiKey,
  namedTenant,
  requireRole,
  requireSameTenant,
  type TenantRole,
} from './require-key.ts';
import { notePayer, setPaymentAside } from './require-payer.ts';
import { requirePresent } from './require-present.ts';
import { createTokenVerifier, type Person, type TokenVerifier } from './verify-access-token.ts';

/**
 * Who may ask: `anybody`; a `person` who is signed in; `self`, the person whom the path names as `user_id`; an
 * `operator`; a `service`, which is a process of our own; a program with an API `key` of a tenant; a `member` of the tenant
 * that `tenant_id` names in the path, the query or the body, or a key of it; `known`, which is a service, a key, or a person who
 * is signed in and, where the request names a tenant, belongs to it; a `payer`, who is a key, a person, who has a secret, or nothing
 * yet but the question what it costs.
 */
export type Access =
  | 'anybody'
  | 'person'
  | 'self'
  | 'operator'
  | 'service'
  | 'key'
  | 'member'
  | 'known'
  | 'payer';

/** What a route by key or of members asks for: the scope of the key, and at least this role of a person (member unless given). */
export type TenantAccess = { scope?: ApiScope | undefined; role?: TenantRole | undefined };

/** What a request passes before a route handles it: before its body is read, and behind that. */
export type Guards = (
  access: Access,
  asked: TenantAccess,
) => { before: RequestHandler[]; behind: RequestHandler[] };

const BEARER = /^Bearer +(\S+)$/i;

/** Lets only people with a valid access token through (RFC 6750, section 2.1). */
function requirePerson(verify: TokenVerifier): RequestHandler {
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
const requireSelf: RequestHandler = (request, response, next) => {
  const userId = parseInput(z.object({ user_id: z.uuid() }), request.params).user_id;
  if (userId.toLowerCase() !== personOf(response).userId) throw new Fault('forbidden');
  next();
};

/**
 * Lets only operators through; belongs after `requirePerson`. The role is the database's: what a token says about
 * roles could be an hour old, and of a project's own making.
 */
function requireOperator({ database }: Dependencies, gate: Gate): RequestHandler {
  return async (_request, response, next) => {
    const users = database.from('users').select('role').eq('id', personOf(response).userId);
    const { data, error } = await gate(() => users.maybeSingle());
    if (error) throw databaseFault('users', error);
    if (data?.role !== 'operator') throw new Fault('forbidden', 'Only operators may do this.');
    next();
  };
}

/** A guard for some requests only. */
const only =
  (isMeant: (request: Request) => boolean, guard: RequestHandler): RequestHandler =>
  (request, response, next) =>
    isMeant(request) ? guard(request, response, next) : next();
const isPerson = (request: Request) => !hasApiKey(request);
const isSignedIn = (request: Request) =>
  BEARER.test(request.headers.authorization ?? '') && isPerson(request);

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Lets only our own processes through: those that have the service role key of the database anyway. Digests are
 * compared, as they have one length, in a time that does not tell how much of a guess was right.
 */
function serviceKeyOf(key: string): (request: Request) => boolean {
  const expected = digest(key);
  return (request) =>
    timingSafeEqual(digest(BEARER.exec(request.headers.authorization ?? '')?.[1] ?? ''), expected);
}

function requireServiceKey(isService: (request: Request) => boolean): RequestHandler {
  return (request, _response, next) => {
    if (!isService(request)) {
      throw new Fault('not_signed_in', 'Send the service role key as "Authorization: Bearer …".');
    }
    next();
  };
}

/**
 * The checks of each kind of access.
 * @param limited counts the requests of a person. It comes before the role is looked up, so that nobody can have the
 *   database asked for it without end.
 */
export function createGuards(deps: Dependencies, limited: RequestHandler): Guards {
  const { config, now } = deps;
  const verify = createTokenVerifier({
    supabaseUrl: config.SUPABASE_URL,
    jwtSecret: config.SUPABASE_JWT_SECRET,
    now,
  });
  const gate = createGate(config.REQUESTS_AT_ONCE);
  const present = requirePresent(deps.database, (response) => personOf(response as Response).userId, gate);
  const person = [requirePerson(verify), limited, present];
  const isService = serviceKeyOf(config.SUPABASE_SERVICE_ROLE_KEY);
  const isUser = (request: Request) => isPerson(request) && !isService(request);
  const simple = {
    anybody: [],
    person,
    self: [...person, requireSelf],
    operator: [...person, requireOperator(deps, gate)],
    service: [requireServiceKey(isService)],
  };
  const requireKey = createKeyGuard(deps);
  const userIdOf = (response: Response) => personOf(response).userId;
  return (access, { scope, role = 'member' }) => {
    if (access !== 'key' && access !== 'member' && access !== 'known' && access !== 'payer')
      return { before: simple[access], behind: [] };
    if (scope === undefined) throw new Error('a route by key has a scope');
    const key = requireKey(scope);
    if (access === 'key') return { before: [key], behind: [requireSameTenant] };
    if (access === 'payer') {
      const before = [
        setPaymentAside,
        only(hasApiKey, key),
        ...person.map((guard) => only(isSignedIn, guard)),
        only((request) => !BEARER.test(request.headers.authorization ?? ''), limited),
        notePayer(config.ACTIVATION_CODE_KEY),
      ];
      return { before, behind: [] };
    }
    const roles = requireRole(deps, gate, { userIdOf, role });
    if (access === 'known') {
      return {
        before: [only(hasApiKey, key), ...person.map((guard) => only(isUser, guard))],
        behind: [
          only(hasApiKey, requireSameTenant),
          only((request) => isUser(request) && namedTenant(request) !== undefined, roles),
        ],
      };
    }
    return {
      before: [only(hasApiKey, key), ...person.map((guard) => only(isPerson, guard))],
      behind: [only(hasApiKey, requireSameTenant), only(isPerson, roles)],
    };
  };
}
