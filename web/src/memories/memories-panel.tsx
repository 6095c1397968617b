import { useRef, useState } from 'react';
import type { MemoriesResponse } from '../../../shared/api/memories.ts';
import type { SettingsResponse } from '../../../shared/api/settings.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import type { Polled } from '../api/use-polled.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/words.ts';
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
  const { memories: words } = useWords('account');
  const heading = useRef<HTMLHeadingElement>(null);
  const [showsAll, setShowsAll] = useState(false);
  const [news, setNews] = useState('');
  const [error, setError] = useState<unknown>(null);
  const known = memories.data;

  /** @returns whether it worked */
  async function run(done: string, work: () => Promise<void>): Promise<boolean> {
    setNews('');
    setError(null);
    try {
      await work();
      setNews(done);
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    }
  }
  const correct = (id: string, text: string) =>
    run(words.corrected, async () => memories.replace(await sidecar.correctMemory(id, text)));
  async function erase(work: () => Promise<MemoriesResponse>) {
    const erased = await run(words.erased, async () => memories.replace(await work()));
    // What had the focus is gone.
    if (erased) heading.current?.focus();
  }
  function turn(on: boolean) {
    return run(on ? words.isOn : words.isOff, async () => {
      settings.replace(await sidecar.changeSettings({ memory_enabled: on }));
      if (known) memories.replace({ ...known, memory_enabled: on });
    });
  }

  return (
    <section className="panel" aria-labelledby="memories" data-testid="memories">
      <h2 id="memories" ref={heading} tabIndex={-1}>
        {words.title}
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
            {words.remember}
          </label>
          <p className="faint">{explain(known, words)}</p>
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
                  {showsAll ? words.newestOnly : words.showAll(known.memories.length)}
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

type MemoryWords = Words['account']['memories'];

function explain({ memory_enabled: on, memories }: MemoriesResponse, words: MemoryWords): string {
  if (!on) return memories.length > 0 ? words.offWithSome : words.off;
  return memories.length > 0 ? words.some : words.none;
}

interface EraseAllProps {
  count: number;
  onErase: () => void;
}

/** Asks once more, because nothing brings it back. */
function EraseAll({ count, onErase }: EraseAllProps) {
  const { memories: words } = useWords('account');
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
        {words.eraseAllAsk}
      </button>
      <dialog ref={dialog} className="confirm" aria-labelledby="erase-all" data-testid="confirm-erase">
        <div className="stack">
          <h3 id="erase-all">{words.eraseTitle}</h3>
          <p>{words.eraseWhy(count)}</p>
          <div className="row">
            <button type="button" className="danger" onClick={erase} data-testid="erase-all-now">
              {words.eraseAll}
            </button>
            <button ref={keep} type="button" onClick={() => dialog.current?.close()} data-testid="keep-all">
              {words.keep}
            </button>
          </div>
        </div>
      </dialog>
    </div>
  );
}
