import type { DatabaseClient } from '../database/client.ts';
import { databaseFault } from '../database/database-fault.ts';
import { Fault } from '../errors.ts';

/** Seconds of a person, or of a tenant. `freeSeconds` is what a new or growing call could still get. */
export type Account = {
  balanceSeconds: number;
  heldSeconds: number;
  freeSeconds: number;
  liveCalls: number;
  /** Used, and its money went back: what is bought next pays it first. Whoever owes has nothing free. */
  debtSeconds: number;
};

/**
 * What a person or a tenant owns now. Cards past their expiry count until the sweep or the next call takes them out.
 * @throws Fault `not_signed_in` for an unknown one, `database_unavailable`
 */
export async function readAccount(client: DatabaseClient, ownerId: string): Promise<Account> {
  const { data, error } = await client
    .from('time_accounts')
    .select('balance_seconds, held_seconds, live_calls, debt_seconds')
    .eq('user_id', ownerId)
    .maybeSingle()
    // No column of a view is known to be never null; these are.
    .overrideTypes<
      { balance_seconds: number; held_seconds: number; live_calls: number; debt_seconds: number },
      { merge: false }
    >();
  if (error) throw databaseFault('time_accounts', error);
  if (!data) throw new Fault('not_signed_in', 'This account does not exist any more. Sign up again.');
  return {
    balanceSeconds: data.balance_seconds,
    heldSeconds: data.held_seconds,
    freeSeconds: data.balance_seconds - data.held_seconds,
    liveCalls: data.live_calls,
    debtSeconds: data.debt_seconds,
  };
}
