import { useRef, useState } from 'react';
import { ErrorMessage } from '../api/error-message.tsx';
import { saveFile } from '../api/save-file.ts';
import { usePerson } from '../person/person.tsx';
import type { SessionState } from '../session/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { DeleteAccount } from './delete-account.tsx';

/** What is kept of a person: to take along, and to have deleted. */
export function OwnDataPanel({ session }: { session: SessionState }) {
  const { ownData } = useWords('account');
  const { sidecar } = usePerson();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [asks, setAsks] = useState(false);
  const button = useRef<HTMLButtonElement>(null);

  async function take() {
    setBusy(true);
    setError(null);
    try {
      saveFile(await sidecar.exportData(), `mindbot-${new Date().toISOString().slice(0, 10)}.json`);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  }
  function close() {
    setAsks(false);
    button.current?.focus();
  }

  return (
    <section className="panel" aria-labelledby="own-data" data-testid="own-data">
      <h2 id="own-data">{ownData.title}</h2>
      <p className="faint">{ownData.takeWhy}</p>
      <div className="row">
        <button type="button" onClick={take} disabled={busy} data-testid="export">
          {busy ? ownData.taking : ownData.take}
        </button>
        <button
          type="button"
          className="quiet"
          ref={button}
          onClick={() => setAsks(true)}
          aria-haspopup="dialog"
          data-testid="delete-account"
        >
          {ownData.remove}
        </button>
      </div>
      {error != null && <ErrorMessage error={error} />}
      {asks && <DeleteAccount onClose={close} onDeleted={() => session.signOut(false)} />}
    </section>
  );
}
