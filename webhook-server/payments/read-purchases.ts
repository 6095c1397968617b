import type { DatabaseClient } from '../../shared/database/client.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';

/** What the books say about the payment of a purchase. */
export type StoredPurchase = {
  id: string;
  userId: string;
  status: string;
  intentId: string | null;
  refundedCents: number;
};

const BATCH = 200;
const COLUMNS = 'id, user_id, status, payment_intent_id, refunded_cents';

type Row = {
  id: string;
  user_id: string;
  status: string;
  payment_intent_id: string | null;
  refunded_cents: number;
};

const purchaseOf = (row: Row): StoredPurchase => ({
  id: row.id,
  userId: row.user_id,
  status: row.status,
  intentId: row.payment_intent_id,
  refundedCents: row.refunded_cents,
});

/** In portions that fit into an address. @throws Fault `database_unavailable` */
async function inBatches<Found>(
  table: string,
  ids: string[],
  read: (ids: string[]) => PromiseLike<{ data: Found[] | null; error: unknown }>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let at = 0; at < ids.length; at += BATCH) {
    const { data, error } = await read(ids.slice(at, at + BATCH));
    if (error) throw databaseFault(table, error);
    found.push(...(data ?? []));
  }
  return found;
}

/** @throws Fault `database_unavailable` */
export async function readPurchasesByIntent(
  database: DatabaseClient,
  intentIds: string[],
): Promise<Map<string, StoredPurchase>> {
  const rows = await inBatches('purchases', intentIds, (ids) =>
    database.from('purchases').select(COLUMNS).in('payment_intent_id', ids),
  );
  return new Map(rows.map((row) => [row.payment_intent_id ?? '', purchaseOf(row)]));
}

/** What went back of payments beside the one that counts, by their intents. @throws Fault `database_unavailable` */
export async function readSecondPayments(
  database: DatabaseClient,
  intentIds: string[],
): Promise<Map<string, number>> {
  const rows = await inBatches('second_payments', intentIds, (ids) =>
    database.from('second_payments').select('payment_intent_id, refunded_cents').in('payment_intent_id', ids),
  );
  return new Map(rows.map((row) => [row.payment_intent_id, row.refunded_cents]));
}

/** Where refunds or disputes stand in the books. @throws Fault `database_unavailable` */
export async function readStatuses(
  database: DatabaseClient,
  table: 'payment_refunds' | 'payment_disputes',
  ids: string[],
): Promise<Map<string, string>> {
  const rows = await inBatches(table, ids, (batch) =>
    database.from(table).select('id, status').in('id', batch),
  );
  return new Map(rows.map(({ id, status }) => [id, status]));
}

/** Paid purchases made between two moments, oldest first. @throws Fault `database_unavailable` */
export async function readPaidPurchases(
  database: DatabaseClient,
  { from, to, limit }: { from: Date; to: Date; limit: number },
): Promise<StoredPurchase[]> {
  const { data, error } = await database
    .from('purchases')
    .select(COLUMNS)
    .eq('status', 'succeeded')
    .gte('created_at', from.toISOString())
    .lte('created_at', to.toISOString())
    .order('created_at')
    .limit(limit);
  if (error) throw databaseFault('purchases', error);
  return data.map(purchaseOf);
}

/**
 * Purchases of which nobody knows whether their intent was made, oldest first: `unknown`, and `created` for a while.
 * @throws Fault `database_unavailable`
 */
export async function readUnknownPurchases(
  database: DatabaseClient,
  { to, limit }: { to: Date; limit: number },
): Promise<StoredPurchase[]> {
  const { data, error } = await database
    .from('purchases')
    .select(COLUMNS)
    .is('payment_intent_id', null)
    // Of a payment on a chain Stripe knows nothing: recover_machine_payments asks the chain.
    .neq('rail', 'x402')
    // Said by what they are not, because in a filter "unknown" can be read as the word for no value at all.
    .not('status', 'in', '(processing,failed,canceled,review,succeeded,refused)')
    .lte('created_at', to.toISOString())
    .order('created_at')
    .limit(limit);
  if (error) throw databaseFault('purchases', error);
  return data.map(purchaseOf);
}
