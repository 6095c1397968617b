import { useEffect, useRef, useState } from 'react';
import { ErrorMessage } from '../api/error-message.tsx';
import { useWords } from '../words/use-words.ts';

interface ReceiptDialogProps {
  /** Of the call or the purchase. */
  id: string;
  load: (id: string, signal: AbortSignal) => Promise<string>;
  onClose: () => void;
}

/**
 * A receipt as the sidecar wrote it, in a frame: what is printed is that document alone. The frame runs no
 * script; it may be reached from here, to print it.
 */
export function ReceiptDialog({ id, load, onClose }: ReceiptDialogProps) {
  const words = useWords('calls');
  const dialog = useRef<HTMLDialogElement>(null);
  const frame = useRef<HTMLIFrameElement>(null);
  const [receipt, setReceipt] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  useEffect(() => {
    const stop = new AbortController();
    load(id, stop.signal).then(setReceipt, (failure: unknown) => {
      if (!stop.signal.aborted) setError(failure);
    });
    return () => stop.abort();
  }, [id, load]);

  return (
    <dialog
      ref={dialog}
      className="receipt"
      aria-label={words.receipt}
      onClose={onClose}
      data-testid="receipt"
    >
      <div className="row">
        <button
          type="button"
          className="primary"
          disabled={receipt === null}
          onClick={() => frame.current?.contentWindow?.print()}
          data-testid="print-receipt"
        >
          {words.print}
        </button>
        <button type="button" onClick={() => dialog.current?.close()} data-testid="close-receipt">
          {words.close}
        </button>
      </div>
      {receipt !== null && (
        <iframe ref={frame} title={words.receipt} srcDoc={receipt} sandbox="allow-same-origin allow-modals" />
      )}
      {receipt === null && error === null && <p className="faint">{words.loading}</p>}
      {error !== null && <ErrorMessage error={error} />}
    </dialog>
  );
}
