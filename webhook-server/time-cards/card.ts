import type { Card } from '../../shared/api/time-cards.ts';
import { cardSource, storedCardStatus } from '../../shared/api/time-cards.ts';
import type { Tables } from '../../shared/database/types.ts';

/** The columns that a card is shown from. */
export const CARD_COLUMNS =
  'id, package_id, source, status, paid_seconds, bonus_seconds, remaining_seconds, paid_debt_seconds, taken_back_seconds, frozen_seconds, refunded_seconds, expires_at';

type CardRow = Pick<
  Tables<'time_cards'>,
  | 'id'
  | 'package_id'
  | 'source'
  | 'status'
  | 'paid_seconds'
  | 'bonus_seconds'
  | 'remaining_seconds'
  | 'paid_debt_seconds'
  | 'taken_back_seconds'
  | 'frozen_seconds'
  | 'refunded_seconds'
  | 'expires_at'
>;

/** What a card with nothing left on it is called: by what became of its money, where that is what emptied it. */
function statusOf(row: CardRow, isDue: boolean): Card['status'] {
  const status = isDue ? 'expired' : storedCardStatus.parse(row.status);
  if (status === 'active') return status;
  if ((row.refunded_seconds ?? 0) >= row.paid_seconds + row.bonus_seconds) return 'refunded';
  return row.frozen_seconds > 0 ? 'frozen' : status;
}

/** A stored card as its owner sees it: past its expiry it is expired, also before the sweep comes by. */
export function toCard(row: CardRow, now: Date): Card {
  const expiresAt = row.expires_at === null ? null : new Date(row.expires_at);
  const isDue = row.status === 'active' && expiresAt !== null && expiresAt <= now;
  return {
    id: row.id,
    package_id: row.package_id,
    source: cardSource.parse(row.source),
    status: statusOf(row, isDue),
    total_seconds: row.paid_seconds + row.bonus_seconds,
    remaining_seconds: isDue ? 0 : row.remaining_seconds,
    paid_debt_seconds: row.paid_debt_seconds ?? 0,
    taken_back_seconds: row.taken_back_seconds ?? 0,
    frozen_seconds: row.frozen_seconds,
    expires_at: expiresAt?.toISOString() ?? null,
  };
}
