import { readAccount } from '../../shared/time/read-account.ts';
import type { CallContext } from './call-context.ts';

/**
 * Seconds that the caller owes, or the tenant that pays, by the books as they are now.
 * @throws Fault `database_unavailable`
 */
export async function readDebt({ database, userId, tenantId }: CallContext): Promise<number> {
  return (await readAccount(database, tenantId ?? userId)).debtSeconds;
}

/** The same for what can be told without it, where nobody answers. Who has something free owes nothing, so is not asked about. */
export async function tellableDebt(call: CallContext): Promise<number> {
  const meter = call.meter();
  return meter?.grant.freeSeconds === 0 ? readDebt(call).catch(() => 0) : 0;
}
