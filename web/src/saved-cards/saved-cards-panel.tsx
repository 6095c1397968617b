import { useState } from 'react';
import type { AutoTopUpResponse } from '../../../shared/api/auto-top-up.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import type { Polled } from '../api/use-polled.ts';
import { useWords } from '../words/use-words.ts';
import { AutoTopUp } from './auto-top-up.tsx';
import { cardWords, expiryWords } from './card-words.ts';

interface SavedCardsPanelProps {
  cards: Polled<SavedCard[]>;
  topUp: Polled<AutoTopUpResponse>;
  pricing: PricingResponse | null;
  sidecar: Sidecar;
}

/** Automatic top-up, and the cards that it and the shop can use. */
export function SavedCardsPanel({ cards, topUp, pricing, sidecar }: SavedCardsPanelProps) {
  const { topUp: words, savedCards } = useWords('account');
  const kept = cards.data ?? [];
  // Removing a card can end the top-up, and the answers tell of one of the two only.
  async function andRefresh(work: Promise<unknown>) {
    await work;
    cards.refresh();
    topUp.refresh();
  }
  return (
    <section className="panel" aria-labelledby="top-up">
      <h2 id="top-up">{words.title}</h2>
      {topUp.data && cards.data && pricing && (
        <AutoTopUp
          topUp={topUp.data}
          cards={kept}
          pricing={pricing}
          onSet={(terms) => andRefresh(sidecar.setAutoTopUp(terms))}
          onDisable={() => andRefresh(sidecar.disableAutoTopUp())}
        />
      )}
      {kept.length > 0 && (
        <>
          <h3>{savedCards.title}</h3>
          <SavedCardList cards={kept} onRemove={(id) => andRefresh(sidecar.removeSavedCard(id))} />
        </>
      )}
      {(cards.error ?? topUp.error) != null && <ErrorMessage error={cards.error ?? topUp.error} />}
    </section>
  );
}

interface SavedCardListProps {
  cards: SavedCard[];
  onRemove: (id: string) => Promise<unknown>;
}

/** The kept cards, each with a way to remove it. */
function SavedCardList({ cards, onRemove }: SavedCardListProps) {
  const { savedCards: words } = useWords('account');
  const { checkout } = useWords('buy');
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
              <strong className="number">{cardWords(card, checkout.aCard)}</strong>
              <small>{words.until(expiryWords(card))}</small>
            </div>
            <button
              type="button"
              className="quiet"
              onClick={() => remove(card.id)}
              disabled={removing !== null}
              aria-label={words.removeLabel(cardWords(card, checkout.aCard))}
              data-testid="remove-card"
            >
              {removing === card.id ? words.removing : words.remove}
            </button>
          </li>
        ))}
      </ul>
      {error != null && <ErrorMessage error={error} />}
    </>
  );
}
