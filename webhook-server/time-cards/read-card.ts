import type { Card } from '../../shared/api/time-cards.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { CARD_COLUMNS, toCard } from './card.ts';

/** A card that is known to be there. @throws Fault `database_unavailable` */
export async function readCard({ database, now }: Dependencies, cardId: string): Promise<Card> {
  const cards = database.from('time_cards').select(CARD_COLUMNS);
  const { data, error } = await cards.eq('id', cardId).single();
  if (error) throw databaseFault('time_cards', error);
  return toCard(data, now());
}
