import { formatActivationCode } from '../../shared/activation-codes/code.ts';
import { deriveActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import type { Gift } from '../../shared/api/time-cards.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import type { Dependencies } from '../base/dependencies.ts';

const LIMIT = 200;

function statusOf(cardStatus: string): Gift['status'] {
  if (cardStatus === 'unactivated') return 'waiting';
  return cardStatus === 'revoked' ? 'revoked' : 'activated';
}

type Words = Pick<Gift, 'message' | 'recipient_name'>;

/** What the buyer wrote, by the id of the card, which is that of the purchase. */
async function readWords({ database }: Dependencies, userId: string): Promise<Map<string, Words>> {
  const { data, error } = await database
    .from('purchases')
    .select('id, gift_message, gift_recipient')
    .eq('user_id', userId)
    .or('gift_message.not.is.null,gift_recipient.not.is.null')
    .order('created_at', { ascending: false })
    .limit(LIMIT);
  if (error) throw databaseFault('purchases', error);
  return new Map(
    data.map((row) => [row.id, { message: row.gift_message, recipient_name: row.gift_recipient }]),
  );
}

/**
 * The gifts that a person bought, newest first, with their codes.
 * @throws Fault `database_unavailable`
 */
export async function listGifts(deps: Dependencies, userId: string): Promise<Gift[]> {
  const wordsOf = await readWords(deps, userId);
  const { data, error } = await deps.database
    .from('time_cards')
    .select('id, package_id, status, paid_seconds, bonus_seconds, created_at')
    .eq('purchaser_id', userId)
    .eq('source', 'gift')
    .order('created_at', { ascending: false })
    .limit(LIMIT);
  if (error) throw databaseFault('time_cards', error);
  return data.map((row) => ({
    card_id: row.id,
    package_id: row.package_id,
    activation_code: formatActivationCode(deriveActivationCode(deps.config.ACTIVATION_CODE_KEY, row.id)),
    total_seconds: row.paid_seconds + row.bonus_seconds,
    status: statusOf(row.status),
    ...(wordsOf.get(row.id) ?? { message: null, recipient_name: null }),
    bought_at: new Date(row.created_at).toISOString(),
  }));
}
