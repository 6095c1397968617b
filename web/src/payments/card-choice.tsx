import { useId } from 'react';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import { cardWords } from '../saved-cards/card-words.ts';

interface CardChoiceProps {
  cards: SavedCard[];
  /** The id of a saved card, or null for another one. */
  chosen: string | null;
  onChoose: (id: string | null) => void;
}

/** Which card to pay with, for somebody who had one kept. */
export function CardChoice({ cards, chosen, onChoose }: CardChoiceProps) {
  const group = useId();
  const choice = (id: string | null, label: string) => (
    <label className="choice" key={id ?? 'another'}>
      <input
        type="radio"
        name={group}
        checked={chosen === id}
        onChange={() => onChoose(id)}
        data-testid={id === null ? 'another-card' : 'saved-card'}
      />
      {label}
    </label>
  );
  return (
    <fieldset className="choices">
      <legend className="hidden">Which card?</legend>
      {cards.map((card) => choice(card.id, cardWords(card)))}
      {choice(null, 'Another card')}
    </fieldset>
  );
}
