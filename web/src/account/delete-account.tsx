import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import type { DeletionTerms } from '../../../shared/api/own-data.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { usePerson } from '../person/person.tsx';
import { EmailField, PasswordField } from '../sign-in/fields.tsx';
import { shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';

interface DeleteAccountProps {
  onClose: () => void;
  onDeleted: () => void;
}

/** Says what is lost with the account, and asks for the address, and for the password where there is one. */
export function DeleteAccount({ onClose, onDeleted }: DeleteAccountProps) {
  const { ownData } = useWords('account');
  const { sidecar } = usePerson();
  const dialog = useRef<HTMLDialogElement>(null);
  const [terms, setTerms] = useState<DeletionTerms | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
    const stop = new AbortController();
    sidecar.deletionTerms(stop.signal).then(setTerms, (failure: unknown) => {
      if (!stop.signal.aborted) setError(failure);
    });
    return () => stop.abort();
  }, [sidecar]);

  async function remove(email: string, password: string, forfeitSeconds: number) {
    setError(null);
    try {
      await sidecar.deleteAccount({
        email,
        forfeit_seconds: forfeitSeconds,
        ...(password !== '' && { password }),
      });
      onDeleted();
    } catch (failure) {
      setError(failure);
    }
  }

  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-labelledby="delete-title"
      onClose={onClose}
      data-testid="confirm-deletion"
    >
      <div className="stack">
        <h3 id="delete-title">{ownData.removeTitle}</h3>
        <p>{ownData.removeWhy}</p>
        {terms === null && error === null && <p className="faint">{ownData.loading}</p>}
        {terms !== null && (
          <ConsentForm terms={terms} onDelete={remove} onKeep={() => dialog.current?.close()} />
        )}
        {error !== null && <ErrorMessage error={error} />}
      </div>
    </dialog>
  );
}

interface ConsentFormProps {
  terms: DeletionTerms;
  onDelete: (email: string, password: string, forfeitSeconds: number) => Promise<void>;
  onKeep: () => void;
}

function ConsentForm({ terms, onDelete, onKeep }: ConsentFormProps) {
  const { ownData } = useWords('account');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const { remaining_seconds: remaining, waiting_gifts: gifts } = terms;

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    setBusy(true);
    await onDelete(email, password, remaining);
    setBusy(false);
  }
  return (
    <form className="stack" onSubmit={submit}>
      {gifts > 0 && <p className="warning">{ownData.gifts(gifts)}</p>}
      {terms.live_calls > 0 && <p className="warning">{ownData.live}</p>}
      {remaining > 0 && (
        <>
          <p className="warning">{ownData.lose(shortDuration(remaining))}</p>
          <label className="choice consent">
            <input type="checkbox" required data-testid="forfeit" />
            {ownData.agree}
          </label>
        </>
      )}
      <EmailField label={ownData.typeEmail} value={email} onChange={setEmail} />
      {terms.needs_password && (
        <PasswordField label={ownData.yourPassword} value={password} onChange={setPassword} isNew={false} />
      )}
      <div className="row">
        <button type="submit" className="danger" disabled={busy} data-testid="delete-now">
          {ownData.removeNow}
        </button>
        <button type="button" onClick={onKeep} data-testid="keep-account">
          {ownData.keep}
        </button>
      </div>
    </form>
  );
}
