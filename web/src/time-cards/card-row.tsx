import type { Card } from '../../../shared/api/time-cards.ts';
import { shortDuration } from '../../../shared/units.ts';
import { dayWords } from '../units/date.ts';

const SOURCES: Record<Card['source'], string> = {
  paid: 'bought',
  gift: 'gift',
  bonus: 'bonus',
  goodwill: 'goodwill',
};

const ENDINGS: Partial<Record<Card['status'], string>> = {
  exhausted: 'used up',
  expired: 'expired',
  revoked: 'taken back',
  unactivated: 'not activated',
};

export function CardRow({ card, name }: { card: Card; name: string }) {
  const ending = ENDINGS[card.status];
  const expiry = card.expires_at ? `until ${dayWords(card.expires_at)}` : 'does not expire';
  return (
    <li className="card" data-testid={`card-${card.id}`}>
      <div className="card-head">
        <strong>
          {name} <span className="tag">{SOURCES[card.source]}</span>
        </strong>
        <span className="number">{shortDuration(card.remaining_seconds)}</span>
      </div>
      <meter
        min={0}
        max={Math.max(1, card.total_seconds)}
        value={card.remaining_seconds}
        aria-label={`${name}: what remains`}
      />
      <div className="card-foot">
        <span>{ending ?? expiry}</span>
        <span>of {shortDuration(card.total_seconds)}</span>
      </div>
    </li>
  );
}
