import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { type ApiScope, hashApiKey, isApiKey, isMeantAsApiKey } from '../../shared/api-keys/api-key.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import type { Gate } from './gate.ts';
import { parseInput } from './parse-input.ts';
import { type Allowance, createAnswerNotes, createKeyUses } from './use-keys.ts';

/** A later one may all that an earlier one may. */
const TENANT_ROLES = ['member', 'billing', 'owner'] as const;
export type TenantRole = (typeof TENANT_ROLES)[number];

/** For whom a request is: of a key, or of a person who belongs to the tenant. */
export type TenantCaller = { tenantId: string; keyId?: string; userId?: string; role?: TenantRole };

const BEARER = /^Bearer +(\S+)$/i;
/** Said of every key that does not hold: whoever guesses or finds one must not learn whether it ever did. */
const noKey = () =>
  new Fault('not_signed_in', 'This API key does not hold. An owner of the tenant can make one.');

export const hasApiKey = (request: Request): boolean =>
  isMeantAsApiKey(BEARER.exec(request.headers.authorization ?? '')?.[1] ?? '');

/** For whom the request is; only behind `RequireKey` or `requireRole`. */
export function tenantOf(response: Response): TenantCaller {
  const { tenant } = response.locals as { tenant?: TenantCaller };
  if (tenant === undefined) throw new Error('this route lacks RequireKey or requireRole');
  return tenant;
}

/** The same where a request need not be for a tenant: then its id is empty. */
export function knownTenant(response: Response): TenantCaller {
  const { tenant } = response.locals as { tenant?: TenantCaller };
  return tenant ?? { tenantId: '' };
}
export const isSignedIn = (response: Response): boolean => response.locals.person !== undefined;

/** The quota and the rate, and what is left of them, as draft-ietf-httpapi-ratelimit-headers writes it. */
function tellAllowance(response: Response, allowance: Allowance): void {
  const { limit, remaining, window, resets_in, per_minute, remaining_in_minute, minute_resets_in } =
    allowance;
  const [quota, left] =
    limit === null
      ? ['', '']
      : [`"period";q=${limit};w=${window}, `, `"period";r=${remaining};t=${resets_in}, `];
  response.set({
    'RateLimit-Policy': `${quota}"minute";q=${per_minute};w=60`,
    RateLimit: `${left}"minute";r=${remaining_in_minute};t=${minute_resets_in}`,
  });
  response.locals.allowance = allowance;
}

/** Notes the errors by which requests that were served are answered. */
function noteErrors(note: ReturnType<typeof createAnswerNotes>, request: Request, response: Response): void {
  response.once('finish', () => {
    const { tenant, allowance, fault } = response.locals as {
      tenant?: TenantCaller;
      allowance?: Allowance;
      fault?: string;
    };
    if (response.statusCode < 400 || tenant?.keyId === undefined || allowance === undefined) return;
    note({
      ...{ key_id: tenant.keyId, code: fault ?? 'other', status: response.statusCode },
      ...{ period_start: allowance.period_start, request_id: String(request.id) },
    });
  });
}

export type RequireKey = (scope: ApiScope) => RequestHandler;

/**
 * Lets programs through whose key holds and has the scope, as far as the plan of their tenant serves them. Each request
 * asks the database: what nobody keeps cannot outlive a revocation, at whatever replica.
 */
export function createKeyGuard(deps: Dependencies): RequireKey {
  const useKey = createKeyUses(deps);
  const note = createAnswerNotes(deps);
  return (scope) => async (request, response, next) => {
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (key === undefined)
      throw new Fault('not_signed_in', 'Send an API key as "Authorization: Bearer mb_…".');
    if (!isApiKey(key)) throw noKey();
    const writes = request.method !== 'GET' && request.method !== 'HEAD';
    const used = await useKey({ hash: hashApiKey(deps.config.API_KEY_PEPPER, key), scope, writes });
    if (used.status === 'unknown') throw noKey();
    if (used.status === 'scope_missing') {
      throw new Fault(
        'scope_missing',
        `This API key lacks the scope ${scope}. An owner can make another one.`,
      );
    }
    // A key does no more than whoever made it may do themselves.
    if (!('allowance' in used)) throw new Fault('account_frozen');
    const { tenantId, keyId, allowance } = used;
    tellAllowance(response, allowance);
    response.set('cache-control', 'no-store');
    if (used.status === 'over_rate') {
      response.set('retry-after', String(allowance.minute_resets_in));
      throw new Fault('too_many_requests', 'The plan of this tenant serves no more requests in this minute.');
    }
    if (used.status === 'over_quota') {
      response.set('retry-after', String(allowance.resets_in));
      throw new Fault('quota_spent');
    }
    response.locals.tenant = { tenantId, keyId } satisfies TenantCaller;
    noteErrors(note, request, response);
    next();
  };
}

const named = z.object({ tenant_id: z.uuid().toLowerCase().optional() });

/** The tenant that the path, the query or the body names. @throws Fault `forbidden` where they name several */
export function namedTenant(request: Request): string | undefined {
  const places = [request.params, request.query, request.body].map((place: unknown) =>
    typeof place === 'object' && place !== null && 'tenant_id' in place ? place.tenant_id : undefined,
  );
  const given = places.filter((id) => id !== undefined);
  const ids = new Set(given.map((id) => parseInput(named, { tenant_id: id }).tenant_id));
  if (ids.size > 1) throw new Fault('invalid_request', 'tenant_id: names two tenants');
  return [...ids][0];
}

/** A key names its tenant: whatever else the request names must be the same. Belongs behind the parser of the body. */
export const requireSameTenant: RequestHandler = (request, response, next) => {
  const tenantId = namedTenant(request);
  if (tenantId !== undefined && tenantId !== tenantOf(response).tenantId) {
    throw new Fault('forbidden', 'This API key is of another tenant.');
  }
  next();
};

const roleSchema = z.enum(TENANT_ROLES).nullable();

/** Lets members through whose role in the tenant that they name suffices. Belongs behind the parser of the body. */
export function requireRole(
  { database }: Dependencies,
  gate: Gate,
  { userIdOf, role }: { userIdOf: (response: Response) => string; role: TenantRole },
): RequestHandler {
  return async (request, response, next) => {
    const tenantId = namedTenant(request);
    if (tenantId === undefined) throw new Fault('invalid_request', 'tenant_id: is missing');
    const userId = userIdOf(response);
    const args = { p_user_id: userId, p_tenant_id: tenantId };
    const has = await gate(() => callFunction(database, 'read_tenant_role', args, roleSchema));
    if (has === null) throw new Fault('not_found', 'You belong to no tenant with this id.');
    if (TENANT_ROLES.indexOf(has) < TENANT_ROLES.indexOf(role)) throw new Fault('role_missing');
    response.locals.tenant = { tenantId, userId, role: has } satisfies TenantCaller;
    next();
  };
}
