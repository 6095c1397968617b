import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ErrorMessage } from '../api/error-message.tsx';

export interface Act {
  title: string;
  /** What happens, and whether it can be undone. */
  words: string;
  button: string;
  isDangerous?: boolean;
  /** Does it. The key stays the same while the dialog is open, so that a repeat is the same act. */
  run: (reason: string, key: string) => Promise<unknown>;
  /** Between the words and the reason, such as an amount. */
  fields?: ReactNode;
}

interface ActDialogProps {
  act: Act;
  onClose: () => void;
  /** Done: whatever is shown may be old. */
  onDone: () => void;
}

/** Asks why before anything is done, and says what came of it. */
export function ActDialog({ act, onClose, onDone }: ActDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [key] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => dialog.current?.showModal(), []);

  async function run() {
    setBusy(true);
    setError(null);
    try {
      await act.run(reason.trim(), key);
      onDone();
      dialog.current?.close();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }

  return (
    <dialog ref={dialog} className="act" aria-labelledby="act-title" onClose={onClose} data-testid="act">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <h2 id="act-title">{act.title}</h2>
        <p>{act.words}</p>
        {act.fields}
        <label>
          Reason
          <textarea
            required
            maxLength={500}
            rows={3}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
            data-testid="reason"
          />
          <small>Operators can read it ever after.</small>
        </label>
        {error !== null && <ErrorMessage error={error} />}
        <div className="row">
          <button
            type="submit"
            className={act.isDangerous ? 'danger' : 'primary'}
            disabled={isBusy || reason.trim() === ''}
            data-testid="do-act"
          >
            {isBusy ? 'One moment …' : act.button}
          </button>
          <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
