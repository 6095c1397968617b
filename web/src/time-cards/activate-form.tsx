import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import type { ActivateResponse } from '../../../shared/api/time-cards.ts';
import { shortDuration } from '../../../shared/units.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { slipOf } from './activation-link.ts';
import { GiftWords } from './gift-words.tsx';

interface ActivateFormProps {
  /** Of the link that opened the page, or null. It is filled in, and nothing more: the person decides. */
  linkCode: string | null;
  activate: (code: string) => Promise<ActivateResponse>;
  onActivated: () => void;
}

const ASK = 'Your link brought this code. Press Activate to add its time to your account.';

export function ActivateForm({ linkCode, activate, onActivated }: ActivateFormProps) {
  const [code, setCode] = useState(linkCode ?? '');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [words, setWords] = useState(linkCode === null ? '' : ASK);
  const [activated, setActivated] = useState<ActivateResponse | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (linkCode !== null) button.current?.focus();
  }, [linkCode]);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    setError(null);
    setActivated(null);
    const slip = slipOf(code);
    setWords(slip ?? '');
    if (slip !== null) return;
    setBusy(true);
    try {
      setActivated(await activate(code));
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
          <button type="submit" ref={button} disabled={busy} data-testid="activate">
            Activate
          </button>
        </span>
      </label>
      <div className="status" aria-live="polite" data-testid="activate-status">
        {error != null && <ErrorMessage error={error} />}
        {activated && <Activated answer={activated} />}
        {error == null && !activated && words}
      </div>
    </form>
  );
}

function Activated({ answer: { card, balance_seconds, gift } }: { answer: ActivateResponse }) {
  return (
    <>
      {shortDuration(card.total_seconds)} added. Your balance is now {shortDuration(balance_seconds)}.
      {gift && <GiftWords message={gift.message} recipientName={gift.recipient_name} />}
    </>
  );
}
