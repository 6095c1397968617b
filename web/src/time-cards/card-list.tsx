import type { Card } from '../../../shared/api/time-cards.ts';
import { dayWords, shortDuration } from '../units.ts';

interface CardListProps {
  /** null until the first answer: nobody is told that they own nothing before that is known. */
  cards: Card[] | null;
  /** package id to the name it is sold under */
  packageNames: Map<string, string>;
}

/** Cards with time on them, and the spent ones folded away. */
export function CardList({ cards, packageNames }: CardListProps) {
  const live = cards?.filter((card) => card.status === 'active') ?? [];
  const spent = cards?.filter((card) => card.status !== 'active') ?? [];
  const row = (card: Card) => (
    <CardRow key={card.id} card={card} name={packageNames.get(card.package_id ?? '') ?? 'Time card'} />
  );
  return (
    <section className="panel" aria-labelledby="cards">
      <h2 id="cards">Your time cards</h2>
      {cards !== null && live.length === 0 && (
        <p className="faint">
          {spent.length === 0 ? 'None yet.' : 'None with time on it.'} Buy a package, or enter a gift code.
        </p>
      )}
      {live.length > 0 && <ul className="plain">{live.map(row)}</ul>}
      {spent.length > 0 && (
        <details>
          <summary>Used up or expired ({spent.length})</summary>
          <ul className="plain">{spent.map(row)}</ul>
        </details>
      )}
    </section>
  );
}

const SOURCES: Record<Card['source'], string> = {
  paid: 'bought',
  gift: 'gift',
  bonus: 'bonus',
  goodwill: 'goodwill',
  trial: 'free to try',
};

const ENDINGS: Partial<Record<Card['status'], string>> = {
  exhausted: 'used up',
  expired: 'expired',
  revoked: 'taken back',
  refunded: 'refunded',
  frozen: 'disputed',
  unactivated: 'not activated',
};

function CardRow({ card, name }: { card: Card; name: string }) {
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
      {card.taken_back_seconds > 0 && (
        <p className="faint">{shortDuration(card.taken_back_seconds)} went back with their money.</p>
      )}
      {card.frozen_seconds > 0 && (
        <p className="faint">
          {shortDuration(card.frozen_seconds)} are frozen while the payment is disputed.
        </p>
      )}
      {card.paid_debt_seconds > 0 && (
        <p className="faint">{shortDuration(card.paid_debt_seconds)} of it paid time that was owed.</p>
      )}
    </li>
  );
}
