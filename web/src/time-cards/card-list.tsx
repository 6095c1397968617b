import type { Card } from '../../../shared/api/time-cards.ts';
import { dayWords, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';

interface CardListProps {
  /** null until the first answer: nobody is told that they own nothing before that is known. */
  cards: Card[] | null;
  /** package id to the name it is sold under */
  packageNames: Map<string, string>;
}

/** Cards with time on them, and the spent ones folded away. */
export function CardList({ cards, packageNames }: CardListProps) {
  const { cards: words } = useWords('account');
  const live = cards?.filter((card) => card.status === 'active') ?? [];
  const spent = cards?.filter((card) => card.status !== 'active') ?? [];
  const row = (card: Card) => (
    <CardRow key={card.id} card={card} name={packageNames.get(card.package_id ?? '') ?? words.timeCard} />
  );
  return (
    <section className="panel" aria-labelledby="cards">
      <h2 id="cards">{words.title}</h2>
      {cards !== null && live.length === 0 && (
        <p className="faint">{spent.length === 0 ? words.none : words.noneLeft}</p>
      )}
      {live.length > 0 && <ul className="plain">{live.map(row)}</ul>}
      {spent.length > 0 && (
        <details>
          <summary>{words.spent(spent.length)}</summary>
          <ul className="plain">{spent.map(row)}</ul>
        </details>
      )}
    </section>
  );
}

function CardRow({ card, name }: { card: Card; name: string }) {
  const { cards: words } = useWords('account');
  const ending = card.status === 'active' ? null : words.endings[card.status];
  const expiry = card.expires_at ? words.until(dayWords(card.expires_at)) : words.noExpiry;
  return (
    <li className="card" data-testid={`card-${card.id}`}>
      <div className="card-head">
        <strong>
          {name} <span className="tag">{words.sources[card.source]}</span>
          {ending !== null && (
            <span className="tag" data-testid="card-ending" data-status={card.status}>
              {ending}
            </span>
          )}
        </strong>
        <span className="number">{shortDuration(card.remaining_seconds)}</span>
      </div>
      <meter
        min={0}
        max={Math.max(1, card.total_seconds)}
        value={card.remaining_seconds}
        aria-label={words.remains(name)}
      />
      <div className="card-foot">
        <span>{expiry}</span>
        <span>{words.of(shortDuration(card.total_seconds))}</span>
      </div>
      {card.taken_back_seconds > 0 && (
        <p className="faint">{words.takenBack(shortDuration(card.taken_back_seconds))}</p>
      )}
      {card.frozen_seconds > 0 && <p className="faint">{words.frozen(shortDuration(card.frozen_seconds))}</p>}
      {card.paid_debt_seconds > 0 && (
        <p className="faint">{words.paidDebt(shortDuration(card.paid_debt_seconds))}</p>
      )}
    </li>
  );
}
