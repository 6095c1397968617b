import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { type ApiScope, hashApiKey, isApiKey, isMeantAsApiKey } from '../../shared/api-keys/api-key.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import type { Gate } from './gate.ts';
import { parseInput } from './parse-input.ts';

/** A later one may all that an earlier one may. */
export const TENANT_ROLES = ['member', 'billing', 'owner'] as const;
export type TenantRole = (typeof TENANT_ROLES)[number];

/** For whom a request is: of a key, or of a person who belongs to the tenant. */
export type TenantCaller = { tenantId: string; keyId?: string; userId?: string; role?: TenantRole };

const BEARER = /^Bearer +(\S+)$/i;
const checkedSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('ok'),
    key_id: z.uuid(),
    tenant_id: z.uuid(),
    scopes: z.array(z.string()),
    is_frozen: z.boolean(),
  }),
  z.object({ status: z.literal('unknown') }),
]);

/** Said of every key that does not hold: whoever guesses or finds one must not learn whether it ever did. */
const noKey = () =>
  new Fault('not_signed_in', 'This API key does not hold. An owner of the tenant can make one.');

export const hasApiKey = (request: Request): boolean =>
  isMeantAsApiKey(BEARER.exec(request.headers.authorization ?? '')?.[1] ?? '');

/** For whom the request is; only after `requireKey` or `requireTenant`. */
export function tenantOf(response: Response): TenantCaller {
  const { tenant } = response.locals as { tenant?: TenantCaller };
  if (tenant === undefined) throw new Error('this route lacks requireKey or requireTenant');
  return tenant;
}

/**
 * Lets programs through whose key holds and has the scope. Each request asks the database: what nobody keeps cannot
 * outlive a revocation, at whatever replica.
 */
export function requireKey({ config, database }: Dependencies, gate: Gate, scope: ApiScope): RequestHandler {
  return async (request, response, next) => {
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (key === undefined)
      throw new Fault('not_signed_in', 'Send an API key as "Authorization: Bearer mb_…".');
    if (!isApiKey(key)) throw noKey();
    const args = { p_key_hash: hashApiKey(config.API_KEY_PEPPER, key) };
    const checked = await gate(() => callFunction(database, 'check_api_key', args, checkedSchema));
    if (checked.status === 'unknown') throw noKey();
    if (!checked.scopes.includes(scope)) {
      throw new Fault(
        'scope_missing',
        `This API key lacks the scope ${scope}. An owner can make another one.`,
      );
    }
    // A key does no more than whoever made it may do themselves.
    const isLooking = request.method === 'GET' || request.method === 'HEAD';
    if (checked.is_frozen && !isLooking) throw new Fault('account_frozen');
    response.locals.tenant = { tenantId: checked.tenant_id, keyId: checked.key_id } satisfies TenantCaller;
    response.set('cache-control', 'no-store');
    next();
  };
}

const named = z.object({ tenant_id: z.uuid().toLowerCase().optional() });

/** The tenant that the path, the query or the body names. @throws Fault `forbidden` where they name several */
function namedTenant(request: Request): string | undefined {
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
