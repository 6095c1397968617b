import type { Card } from '../../shared/api/time-cards.ts';
import { cardSource, cardStatus } from '../../shared/api/time-cards.ts';
import type { Tables } from '../../shared/database/types.ts';

/** The columns that a card is shown from. */
export const CARD_COLUMNS =
  'id, package_id, source, status, paid_seconds, bonus_seconds, remaining_seconds, paid_debt_seconds, expires_at';

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
  | 'expires_at'
>;

/** A stored card as its owner sees it: past its expiry it is expired, also before the sweep comes by. */
export function toCard(row: CardRow, now: Date): Card {
  const expiresAt = row.expires_at === null ? null : new Date(row.expires_at);
  const due = row.status === 'active' && expiresAt !== null && expiresAt <= now;
  return {
    id: row.id,
    package_id: row.package_id,
    source: cardSource.parse(row.source),
    status: due ? 'expired' : cardStatus.parse(row.status),
    total_seconds: row.paid_seconds + row.bonus_seconds,
    remaining_seconds: due ? 0 : row.remaining_seconds,
    paid_debt_seconds: row.paid_debt_seconds ?? 0,
    expires_at: expiresAt?.toISOString() ?? null,
  };
}
