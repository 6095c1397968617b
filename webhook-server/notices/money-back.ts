import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import { HopelessError } from '../outbox/hopeless-error.ts';

export type MoneyBack = { amountCents: number; status: string };

/**
 * A refund or a dispute as it is now.
 * @throws HopelessError where there is none, Fault `database_unavailable`
 */
export async function readMoneyBack(
  database: DatabaseClient,
  table: 'payment_refunds' | 'payment_disputes',
  id: string,
): Promise<MoneyBack> {
  const rows = database.from(table).select('amount_cents, status').eq('id', id);
  const { data, error } = await rows.maybeSingle();
  if (error) throw new Fault('database_unavailable', undefined, { cause: error });
  if (data === null) throw new HopelessError('there is no such refund or dispute');
  return { amountCents: data.amount_cents, status: data.status };
}
