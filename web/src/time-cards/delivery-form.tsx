import { type SubmitEvent, useState } from 'react';
import type { Gift } from '../../../shared/api/time-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { useWords } from '../words/use-words.ts';
import { dayFromNow, dayHere } from './day-from-now.ts';

interface DeliveryFormProps {
  gift: Gift;
  /** @param deliverOn as `2026-12-24`; null: now */
  reschedule: (cardId: string, deliverOn: string | null) => Promise<unknown>;
  onChanged: () => void;
}

/** As long as the mail of a gift has not gone: another day, or now. */
export function DeliveryForm({ gift, reschedule, onChanged }: DeliveryFormProps) {
  const { gifts: words } = useWords('buy');
  const [day, setDay] = useState(gift.deliver_at === null ? '' : dayHere(new Date(gift.deliver_at)));
  const [busy, setBusy] = useState(false);
  const [news, setNews] = useState('');
  const [error, setError] = useState<unknown>(null);

  async function run(deliverOn: string | null, done: string) {
    setBusy(true);
    setNews('');
    setError(null);
    try {
      await reschedule(gift.card_id, deliverOn);
      setNews(done);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
    onChanged();
  }
  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    void run(day, words.daySaved);
  }
  return (
    <details data-testid="delivery">
      <summary>{words.changeDay}</summary>
      <form className="stack" onSubmit={submit}>
        <label>
          {words.day}
          <input
            type="date"
            value={day}
            onChange={(event) => setDay(event.target.value)}
            min={dayFromNow(1)}
            max={dayFromNow(365)}
            required
            data-testid="delivery-day"
          />
          <small>{words.dayWhy}</small>
        </label>
        <div className="row">
          <button type="submit" disabled={busy} data-testid="save-day">
            {words.saveDay}
          </button>
          <button
            type="button"
            className="quiet"
            disabled={busy}
            onClick={() => run(null, words.sentNow)}
            data-testid="send-now"
          >
            {words.sendNow}
          </button>
        </div>
        <p className="status good" role="status">
          {news}
        </p>
        {error != null && <ErrorMessage error={error} />}
      </form>
    </details>
  );
}
