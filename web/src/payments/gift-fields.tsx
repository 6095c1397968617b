import type { GiftWording } from './attempts.ts';

interface GiftFieldsProps {
  words: GiftWording;
  onChange: (words: GiftWording) => void;
}

/** What may go with a gift: whom it is for, and a message that is shown on activation. */
export function GiftFields({ words, onChange }: GiftFieldsProps) {
  return (
    <div className="stack">
      <label>
        For whom? (optional)
        <input
          value={words.recipientName}
          onChange={(event) => onChange({ ...words, recipientName: event.target.value })}
          maxLength={100}
          autoComplete="off"
          data-testid="gift-recipient"
        />
      </label>
      <label>
        Message (optional)
        <textarea
          value={words.message}
          onChange={(event) => onChange({ ...words, message: event.target.value })}
          maxLength={300}
          rows={2}
          data-testid="gift-message"
        />
      </label>
    </div>
  );
}
