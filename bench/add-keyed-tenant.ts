import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { type ApiScope, hashApiKey, makeApiKey, showApiKey } from '../shared/api-keys/api-key.ts';
import { API_KEY_PEPPER } from './start-webhook-servers.ts';

export type KeyedTenant = { id: string; secret: string; hash: string };

/**
 * A tenant of the first person of the bench, with one key, which is asked for no rate to speak of.
 * @param quota requests that its plan serves; null for any number
 * @param subscribe makes the subscription of its plan, in the same transaction
 */
export async function addKeyedTenant(
  sql: postgres.Sql,
  scope: ApiScope,
  quota: number | null,
  subscribe?: (tx: postgres.TransactionSql, tenantId: string) => Promise<unknown>,
): Promise<KeyedTenant> {
  const [id, secret] = [randomUUID(), makeApiKey(true)];
  const { prefix, last4 } = showApiKey(secret);
  const hash = hashApiKey(API_KEY_PEPPER, secret);
  await sql.begin(async (tx) => {
    await tx`insert into tenants (id, name) values (${id}, 'T')`;
    await tx`insert into tenant_members (tenant_id, user_id, role) values (${id}, bench.person(1), 'owner')`;
    await tx`insert into api_keys (tenant_id, name, prefix, last4, key_hash, scopes, created_by)
      values (${id}, 'bench', ${prefix}, ${last4}, ${hash}, ${[scope]}, bench.person(1))`;
    await subscribe?.(tx, id);
  });
  // Its allowance is made by a first look at it.
  await sql`select use_api_keys(${sql.json([{ hash, scope, writes: false, count: 0 }])})`;
  await sql`update private.api_allowances set quota = ${quota}, per_minute = 2000000000 where tenant_id = ${id}`;
  return { id, secret, hash };
}
