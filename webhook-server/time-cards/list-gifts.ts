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

type Words = Pick<Gift, 'message' | 'recipient_name' | 'recipient_email' | 'deliver_at'>;
const NO_WORDS: Words = { message: null, recipient_name: null, recipient_email: null, deliver_at: null };

/** What became of the mail with the code; one that is due goes out within the minute. */
function deliveryOf(status: Gift['status'], { deliver_at }: Words, now: Date): Gift['delivery'] {
  if (deliver_at === null || new Date(deliver_at) <= now) return 'sent';
  return status === 'waiting' ? 'scheduled' : 'canceled';
}

/** What the buyer wished, by the id of the card, which is that of the purchase. */
async function readWords({ database }: Dependencies, userId: string): Promise<Map<string, Words>> {
  const { data, error } = await database
    .from('purchases')
    .select('id, gift_message, gift_recipient, gift_email, deliver_at')
    .eq('user_id', userId)
    .eq('purpose', 'gift')
    .order('created_at', { ascending: false })
    .limit(LIMIT);
  if (error) throw databaseFault('purchases', error);
  return new Map(
    data.map((row) => [
      row.id,
      {
        message: row.gift_message,
        recipient_name: row.gift_recipient,
        recipient_email: row.gift_email,
        deliver_at: row.deliver_at === null ? null : new Date(row.deliver_at).toISOString(),
      },
    ]),
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
  return data.map((row) => {
    const words = wordsOf.get(row.id) ?? NO_WORDS;
    const status = statusOf(row.status);
    return {
      card_id: row.id,
      package_id: row.package_id,
      activation_code: formatActivationCode(deriveActivationCode(deps.config.ACTIVATION_CODE_KEY, row.id)),
      total_seconds: row.paid_seconds + row.bonus_seconds,
      status,
      ...words,
      delivery: deliveryOf(status, words, deps.now()),
      bought_at: new Date(row.created_at).toISOString(),
    };
  });
}
