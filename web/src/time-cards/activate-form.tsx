import { type SubmitEvent, useState } from 'react';
import type { ActivateResponse } from '../../../shared/api/time-cards.ts';
import { shortDuration } from '../../../shared/units.ts';
import { ErrorMessage } from '../api/error-message.tsx';

interface ActivateFormProps {
  activate: (code: string) => Promise<ActivateResponse>;
  onActivated: () => void;
}

export function ActivateForm({ activate, onActivated }: ActivateFormProps) {
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState('');

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setDone('');
    try {
      const { card, balance_seconds } = await activate(code);
      setDone(
        `${shortDuration(card.total_seconds)} added. Your balance is now ${shortDuration(balance_seconds)}.`,
      );
      setCode('');
      onActivated();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="stack" onSubmit={submit}>
      <label>
        Got a gift code?
        <span className="row">
          <input
            className="code"
            value={code}
            onChange={(event) => setCode(event.target.value)}
            placeholder="XXXX XXXX XXXX"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            required
            maxLength={64}
            data-testid="activate-code"
          />
          <button type="submit" disabled={busy} data-testid="activate">
            Activate
          </button>
        </span>
      </label>
      <div className="status" aria-live="polite" data-testid="activate-status">
        {error != null ? <ErrorMessage error={error} /> : done}
      </div>
    </form>
  );
}
