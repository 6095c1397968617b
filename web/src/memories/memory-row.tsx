import { useEffect, useRef, useState } from 'react';
import type { Memory } from '../../../shared/api/memories.ts';
import { dayWords } from '../units/date.ts';
import { CorrectForm } from './correct-form.tsx';

interface MemoryRowProps {
  memory: Memory;
  /** @returns whether it worked */
  onCorrect: (text: string) => Promise<boolean>;
  onErase: () => void;
}

function originWords({ kind, source, created_at, updated_at }: Memory): string {
  const told =
    source === 'person' ? `in your words since ${dayWords(updated_at)}` : `told ${dayWords(created_at)}`;
  return kind === 'preference' ? `Preference, ${told}` : `Fact, ${told}`;
}

/** One memory, which becomes a form while it is corrected. */
export function MemoryRow({ memory, onCorrect, onErase }: MemoryRowProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [state, setState] = useState<'shown' | 'corrected' | 'open'>('shown');
  useEffect(() => {
    // The form is gone, and with it what had the focus.
    if (state === 'corrected') button.current?.focus();
  }, [state]);

  async function correct(text: string) {
    if (await onCorrect(text)) setState('corrected');
  }

  return (
    <li className="memory" data-testid="memory" data-source={memory.source}>
      {state === 'open' ? (
        <CorrectForm text={memory.text} onSubmit={correct} onCancel={() => setState('corrected')} />
      ) : (
        <>
          <p data-testid="memory-text">{memory.text}</p>
          <div className="memory-foot">
            <small>{originWords(memory)}</small>
            <div className="row">
              <button
                ref={button}
                type="button"
                className="quiet"
                onClick={() => setState('open')}
                aria-label={`Correct: ${memory.text}`}
                data-testid="correct-memory"
              >
                Correct
              </button>
              <button
                type="button"
                className="quiet"
                onClick={onErase}
                aria-label={`Erase: ${memory.text}`}
                data-testid="erase-memory"
              >
                Erase
              </button>
            </div>
          </div>
        </>
      )}
    </li>
  );
}
