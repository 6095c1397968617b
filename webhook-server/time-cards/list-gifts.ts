import type { Gift } from '../../shared/api/time-cards.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../dependencies.ts';
import { deriveActivationCode, formatActivationCode } from './activation-code.ts';

const LIMIT = 200;

function statusOf(cardStatus: string): Gift['status'] {
  if (cardStatus === 'unactivated') return 'waiting';
  return cardStatus === 'revoked' ? 'revoked' : 'activated';
}

/**
 * The gifts that a person bought, newest first, with their codes.
 * @throws Fault `database_unavailable`
 */
export async function listGifts(deps: Dependencies, userId: string): Promise<Gift[]> {
  const { data, error } = await deps.database
    .from('time_cards')
    .select('id, package_id, status, paid_seconds, bonus_seconds, created_at')
    .eq('purchaser_id', userId)
    .eq('source', 'gift')
    .order('created_at', { ascending: false })
    .limit(LIMIT);
  if (error) throw new Fault('database_unavailable', undefined, { cause: error });
  return data.map((row) => ({
    card_id: row.id,
    package_id: row.package_id,
    activation_code: formatActivationCode(deriveActivationCode(deps.config.ACTIVATION_CODE_KEY, row.id)),
    total_seconds: row.paid_seconds + row.bonus_seconds,
    status: statusOf(row.status),
    bought_at: new Date(row.created_at).toISOString(),
  }));
}
