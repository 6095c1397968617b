import { z } from 'zod';
import { API_SCOPES } from '../api-keys/api-key.ts';
import { plainText } from './plain-text.ts';
import { apiSchemas } from './schemas.ts';

const timestamp = z.string().describe('RFC 3339');
const scopes = z
  .array(z.enum(API_SCOPES))
  .min(1)
  .max(API_SCOPES.length)
  .describe('What the key may be used for.');

export const apiKeySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    preview: z.string().describe('The first 12 characters and the last 4. The rest is kept nowhere.'),
    scopes,
    state: z
      .enum(['live', 'rotated', 'over', 'revoked'])
      .describe('`rotated`: another one is in its place, and this one holds until `grace_until`.'),
    created_by: z.uuid(),
    creator_left: z
      .boolean()
      .describe('Whoever made it belongs to the tenant no more, and may know it still: rotate it.'),
    created_at: timestamp,
    expires_at: timestamp.nullable(),
    rotated_to: z.uuid().nullable(),
    grace_until: timestamp.nullable(),
    revoked_at: timestamp.nullable(),
    last_used_at: timestamp.nullable().describe('To the minute.'),
  })
  .register(apiSchemas, { id: 'ApiKey' });

export const apiKeyResponse = z.object({ key: apiKeySchema }).register(apiSchemas, { id: 'ApiKeyResponse' });
export const apiKeysResponse = z
  .object({ keys: z.array(apiKeySchema) })
  .register(apiSchemas, { id: 'ApiKeysResponse' });
export const newApiKeyResponse = z
  .object({
    key: apiKeySchema,
    secret: z.string().describe('The key itself. It is shown here and never again.'),
  })
  .register(apiSchemas, { id: 'NewApiKeyResponse' });

/** Body of `POST /tenants/:tenant_id/api-keys`. */
export const createApiKeyRequest = z
  .strictObject({
    name: plainText(100),
    scopes,
    expires_at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('RFC 3339; without it the key holds until it is revoked.'),
  })
  .register(apiSchemas, { id: 'CreateApiKeyRequest' });

/** Body of `POST /tenants/:tenant_id/api-keys/:key_id/rotate`. */
export const rotateApiKeyRequest = z
  .strictObject({
    grace_seconds: z
      .int()
      .min(0)
      .max(2_592_000)
      .default(86_400)
      .describe('So long the old key holds beside the new one: a day unless given, 30 at most.'),
  })
  .register(apiSchemas, { id: 'RotateApiKeyRequest' });
