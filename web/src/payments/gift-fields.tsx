import type { GiftWording } from '../api/sidecar.ts';
import { dayFromNow } from '../time-cards/day-from-now.ts';
import { useWords } from '../words/use-words.ts';

interface GiftFieldsProps {
  words: GiftWording;
  onChange: (words: GiftWording) => void;
}

/** What may go with a gift: whom it is for, what is said on activation, and by which mail it goes on which day. */
export function GiftFields({ words, onChange }: GiftFieldsProps) {
  const buy = useWords('buy');
  const set = (change: Partial<GiftWording>) => onChange({ ...words, ...change });
  return (
    <div className="stack gift-fields">
      <label>
        {buy.forWhom}
        <input
          value={words.recipientName}
          onChange={(event) => set({ recipientName: event.target.value })}
          maxLength={100}
          autoComplete="off"
          data-testid="gift-recipient"
        />
      </label>
      <label>
        {buy.message}
        <textarea
          value={words.message}
          onChange={(event) => set({ message: event.target.value })}
          maxLength={300}
          rows={2}
          data-testid="gift-message"
        />
      </label>
      <label>
        {buy.recipientEmail}
        <input
          type="email"
          value={words.recipientEmail ?? ''}
          onChange={(event) => set({ recipientEmail: event.target.value })}
          maxLength={320}
          autoComplete="off"
          data-testid="gift-email"
        />
        <small>{buy.recipientEmailWhy}</small>
      </label>
      <label>
        {buy.deliverOn}
        <input
          type="date"
          value={words.deliverOn ?? ''}
          onChange={(event) => set({ deliverOn: event.target.value })}
          min={dayFromNow(1)}
          max={dayFromNow(365)}
          data-testid="gift-day"
        />
        <small>{buy.deliverOnWhy}</small>
      </label>
    </div>
  );
}
