import type { Card } from '../../../shared/api/time-cards.ts';
import { CardRow } from './card-row.tsx';

interface CardListProps {
  cards: Card[];
  /** package id to the name it is sold under */
  packageNames: Map<string, string>;
}

/** Cards with time on them, and the spent ones folded away. */
export function CardList({ cards, packageNames }: CardListProps) {
  const live = cards.filter((card) => card.status === 'active');
  const spent = cards.filter((card) => card.status !== 'active');
  const row = (card: Card) => (
    <CardRow key={card.id} card={card} name={packageNames.get(card.package_id ?? '') ?? 'Time card'} />
  );
  return (
    <section className="panel" aria-labelledby="cards">
      <h2 id="cards">Your time cards</h2>
      {live.length === 0 && <p className="faint">None yet. Buy a package, or enter a gift code.</p>}
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
