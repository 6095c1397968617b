import type { Card } from '../../shared/api/time-cards.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { CARD_COLUMNS, toCard } from './card.ts';

const LIMIT = 200;

/**
 * The newest 200 cards of a person, in the order they are used up.
 * @throws Fault `database_unavailable`
 */
export async function listCards(
  deps: { database: DatabaseClient; now: () => Date },
  userId: string,
): Promise<Card[]> {
  const { data, error } = await deps.database
    .from('time_cards')
    .select(CARD_COLUMNS)
    .eq('user_id', userId)
    .order('expires_at', { ascending: false })
    .order('id')
    .limit(LIMIT);
  if (error) throw databaseFault('time_cards', error);
  return data.reverse().map((row) => toCard(row, deps.now()));
}
