import { z } from 'zod';
import {
  apiKeyResponse,
  apiKeySchema,
  apiKeysResponse,
  createApiKeyRequest,
  newApiKeyResponse,
  rotateApiKeyRequest,
} from '../../shared/api/api-keys.ts';
import { hashApiKey, makeApiKey, showApiKey } from '../../shared/api-keys/api-key.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { route } from '../http/route.ts';
import { askTenants } from '../tenants/ask-tenants.ts';

const all = {
  tag: 'API keys',
  access: 'person',
  path: '/tenants/:tenant_id/api-keys',
  params: z.object({ tenant_id: z.uuid().toLowerCase() }),
} as const;
const one = {
  ...all,
  path: '/tenants/:tenant_id/api-keys/:key_id',
  params: z.object({ tenant_id: z.uuid().toLowerCase(), key_id: z.uuid().toLowerCase() }),
} as const;

const found = z.object({ status: z.literal('found'), keys: z.array(apiKeySchema) });
const keyWith = <Status extends string>(status: Status) =>
  z.object({ status: z.literal(status), key: apiKeySchema });

/** A new key, and what the database is told of it. It moves real money where Stripe does. */
function newKey({ config }: Dependencies) {
  const secret = makeApiKey(/^(sk|rk)_live_/.test(config.STRIPE_SECRET_KEY));
  const { prefix, last4 } = showApiKey(secret);
  const told = { p_prefix: prefix, p_last4: last4, p_key_hash: hashApiKey(config.API_KEY_PEPPER, secret) };
  return { secret, told };
}

/** Keys of a tenant: its owners make, rotate and revoke them; who does its billing sees them. */
export const apiKeyRoutes = [
  route({
    ...all,
    operationId: 'createApiKey',
    method: 'post',
    summary: 'Make a key for programs of a tenant (owners)',
    description: 'The key is in this answer and nowhere else. A tenant has at most 50 that hold.',
    body: createApiKeyRequest,
    status: 201,
    answer: newApiKeyResponse,
    faults: ['not_found', 'role_missing'],
    async handle({ deps, userId, params, body }) {
      const { secret, told } = newKey(deps);
      const args = {
        ...{ p_user_id: userId, p_tenant_id: params.tenant_id, p_name: body.name, p_scopes: body.scopes },
        ...{ p_expires_at: body.expires_at ?? null, ...told },
      };
      const { key } = await askTenants(deps, 'create_api_key', args, keyWith('created'));
      return { key, secret };
    },
  }),
  route({
    ...all,
    operationId: 'listApiKeys',
    method: 'get',
    summary: 'The keys of a tenant (owners and billing)',
    answer: apiKeysResponse,
    faults: ['not_found', 'role_missing'],
    async handle({ deps, userId, params }) {
      const args = { p_user_id: userId, p_tenant_id: params.tenant_id };
      const { keys } = await askTenants(deps, 'list_api_keys', args, found);
      return { keys };
    },
  }),
  route({
    ...one,
    path: '/tenants/:tenant_id/api-keys/:key_id/rotate',
    operationId: 'rotateApiKey',
    method: 'post',
    summary: 'Put a new key in the place of one (owners)',
    description: 'With the same name, scopes and end. The old one holds beside it for the time of grace.',
    body: rotateApiKeyRequest,
    bodyMayBeMissing: true,
    status: 201,
    answer: newApiKeyResponse,
    faults: ['not_found', 'role_missing', 'already_rotated'],
    async handle({ deps, userId, params, body }) {
      const { secret, told } = newKey(deps);
      const args = {
        ...{ p_user_id: userId, p_tenant_id: params.tenant_id, p_key_id: params.key_id },
        ...{ p_grace_seconds: body.grace_seconds, ...told },
      };
      const { key } = await askTenants(deps, 'rotate_api_key', args, keyWith('rotated'));
      return { key, secret };
    },
  }),
  route({
    ...one,
    operationId: 'revokeApiKey',
    method: 'delete',
    summary: 'End a key at once (owners)',
    description: 'The next request by it is refused, whichever replica it comes to. Harmless to repeat.',
    answer: apiKeyResponse,
    faults: ['not_found', 'role_missing'],
    async handle({ deps, userId, params }) {
      const args = { p_user_id: userId, p_tenant_id: params.tenant_id, p_key_id: params.key_id };
      const { key } = await askTenants(deps, 'revoke_api_key', args, keyWith('revoked'));
      return { key };
    },
  }),
];
