import { useState } from 'react';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { cardWords, expiryWords } from './card-words.ts';

interface SavedCardListProps {
  cards: SavedCard[];
  onRemove: (id: string) => Promise<unknown>;
}

/** The kept cards, each with a way to remove it. */
export function SavedCardList({ cards, onRemove }: SavedCardListProps) {
  const [removing, setRemoving] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);

  async function remove(id: string) {
    setRemoving(id);
    setError(null);
    try {
      await onRemove(id);
    } catch (failure) {
      setError(failure);
    }
    setRemoving(null);
  }

  return (
    <>
      <ul className="plain">
        {cards.map((card) => (
          <li key={card.id} className="card card-head" data-testid="kept-card">
            <div>
              <strong className="number">{cardWords(card)}</strong>
              <small>until {expiryWords(card)}</small>
            </div>
            <button
              type="button"
              className="quiet"
              onClick={() => remove(card.id)}
              disabled={removing !== null}
              aria-label={`Remove ${cardWords(card)}`}
              data-testid="remove-card"
            >
              {removing === card.id ? 'Removing …' : 'Remove'}
            </button>
          </li>
        ))}
      </ul>
      {error != null && <ErrorMessage error={error} />}
    </>
  );
}
