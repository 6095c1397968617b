import { useRef } from 'react';

interface EraseAllProps {
  count: number;
  onErase: () => void;
}

/** Asks once more, because nothing brings it back. */
export function EraseAll({ count, onErase }: EraseAllProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const keep = useRef<HTMLButtonElement>(null);
  function ask() {
    dialog.current?.showModal();
    // Else the first button has the focus, and Enter pressed twice erases all.
    keep.current?.focus();
  }
  function erase() {
    dialog.current?.close();
    onErase();
  }
  return (
    <div className="row">
      <button type="button" className="quiet" onClick={ask} data-testid="erase-all">
        Erase all …
      </button>
      <dialog ref={dialog} className="confirm" aria-labelledby="erase-all" data-testid="confirm-erase">
        <div className="stack">
          <h3 id="erase-all">Erase all that MindBot remembers?</h3>
          <p>
            {count === 1 ? 'The memory is' : `All ${count} memories are`} deleted for good. A call that you
            are in now leaves nothing, either.
          </p>
          <div className="row">
            <button type="button" className="danger" onClick={erase} data-testid="erase-all-now">
              Erase all
            </button>
            <button ref={keep} type="button" onClick={() => dialog.current?.close()} data-testid="keep-all">
              Keep them
            </button>
          </div>
        </div>
      </dialog>
    </div>
  );
}
