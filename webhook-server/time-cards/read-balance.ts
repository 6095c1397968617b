import { z } from 'zod';
import type { BalanceResponse } from '../../shared/api/accounts.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { readAccount } from '../../shared/time/read-account.ts';
import { listCards } from './list-cards.ts';

/** Seconds on cards that have not expired, whether or not the sweep has taken the expired ones out yet. */
function readValidSeconds(database: DatabaseClient, userId: string): Promise<number> {
  return callFunction(database, 'get_user_time_balance', { user_id: userId }, z.int());
}

/**
 * What a person owns, what of it live calls may still use, and the cards.
 * @throws Fault `not_signed_in` for an unknown person, `database_unavailable`
 */
export async function readBalance(
  deps: { database: DatabaseClient; now: () => Date },
  userId: string,
): Promise<BalanceResponse> {
  const [account, validSeconds, cards] = await Promise.all([
    readAccount(deps.database, userId),
    readValidSeconds(deps.database, userId),
    listCards(deps, userId),
  ]);
  return {
    user_id: userId,
    // A live call keeps what it was promised, even when the card expires meanwhile.
    balance_seconds: Math.max(validSeconds, account.heldSeconds),
    held_seconds: account.heldSeconds,
    debt_seconds: account.debtSeconds,
    cards,
  };
}
