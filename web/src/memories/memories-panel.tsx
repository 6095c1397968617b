import { useRef, useState } from 'react';
import type { MemoriesResponse } from '../../../shared/api/memories.ts';
import type { SettingsResponse } from '../../../shared/api/settings.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import type { Polled } from '../api/use-polled.ts';
import { MemoryRow } from './memory-row.tsx';
import './memories.css';

/** As many as stand there until all are asked for. */
const FIRST = 8;

interface MemoriesPanelProps {
  memories: Polled<MemoriesResponse>;
  settings: Polled<SettingsResponse>;
  sidecar: Sidecar;
}

/** What the agent remembers of this person: to see, correct and erase, and to turn off. */
export function MemoriesPanel({ memories, settings, sidecar }: MemoriesPanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [showsAll, setShowsAll] = useState(false);
  const [news, setNews] = useState('');
  const [error, setError] = useState<unknown>(null);
  const known = memories.data;

  /** @returns whether it worked */
  async function run(words: string, work: () => Promise<void>): Promise<boolean> {
    setNews('');
    setError(null);
    try {
      await work();
      setNews(words);
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    }
  }
  const correct = (id: string, text: string) =>
    run('Corrected.', async () => memories.replace(await sidecar.correctMemory(id, text)));
  async function erase(work: () => Promise<MemoriesResponse>) {
    const erased = await run('Erased.', async () => memories.replace(await work()));
    // What had the focus is gone.
    if (erased) heading.current?.focus();
  }
  function turn(on: boolean) {
    return run(on ? 'Memory is on.' : 'Memory is off.', async () => {
      settings.replace(await sidecar.changeSettings({ memory_enabled: on }));
      if (known) memories.replace({ ...known, memory_enabled: on });
    });
  }

  return (
    <section className="panel" aria-labelledby="memories" data-testid="memories">
      <h2 id="memories" ref={heading} tabIndex={-1}>
        What MindBot remembers
      </h2>
      {known && (
        <>
          <label className="choice">
            <input
              type="checkbox"
              checked={known.memory_enabled}
              onChange={(event) => turn(event.target.checked)}
              data-testid="memory-enabled"
            />
            Remember me from call to call
          </label>
          <p className="faint">{explain(known)}</p>
          {known.memories.length > 0 && (
            <>
              <ul className="plain">
                {known.memories.slice(0, showsAll ? undefined : FIRST).map((memory) => (
                  <MemoryRow
                    key={memory.id}
                    memory={memory}
                    onCorrect={(text) => correct(memory.id, text)}
                    onErase={() => erase(() => sidecar.eraseMemory(memory.id))}
                  />
                ))}
              </ul>
              {known.memories.length > FIRST && (
                <button type="button" className="quiet" onClick={() => setShowsAll(!showsAll)}>
                  {showsAll ? 'Show the newest only' : `Show all ${known.memories.length}`}
                </button>
              )}
              <EraseAll count={known.memories.length} onErase={() => erase(sidecar.eraseAllMemories)} />
            </>
          )}
          <p role="status" className="status good" data-testid="memory-news">
            {news}
          </p>
        </>
      )}
      {(error ?? memories.error) != null && <ErrorMessage error={error ?? memories.error} />}
    </section>
  );
}

function explain({ memory_enabled: on, memories }: MemoriesResponse): string {
  if (!on && memories.length > 0) {
    return 'Off. Nothing is kept of your calls, and the agent knows nothing of what stands here.';
  }
  if (!on) return 'Off. Nothing is kept of your calls.';
  if (memories.length > 0) return 'From your calls. The agent knows it in the next one.';
  return 'Nothing yet. After a call, what you told about yourself stands here.';
}

interface EraseAllProps {
  count: number;
  onErase: () => void;
}

/** Asks once more, because nothing brings it back. */
function EraseAll({ count, onErase }: EraseAllProps) {
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
