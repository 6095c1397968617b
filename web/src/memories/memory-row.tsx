import { type KeyboardEvent, type SubmitEvent, useEffect, useRef, useState } from 'react';
import type { Memory } from '../../../shared/api/memories.ts';
import { LONGEST_MEMORY } from '../../../shared/api/memory-length.ts';
import { dayWords } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/words.ts';

interface MemoryRowProps {
  memory: Memory;
  /** @returns whether it worked */
  onCorrect: (text: string) => Promise<boolean>;
  onErase: () => void;
}

function originWords(
  { kind, source, created_at, updated_at }: Memory,
  words: Words['account']['memories'],
): string {
  const told = source === 'person' ? words.yourWords(dayWords(updated_at)) : words.told(dayWords(created_at));
  return words[kind](told);
}

/** One memory, which becomes a form while it is corrected. */
export function MemoryRow({ memory, onCorrect, onErase }: MemoryRowProps) {
  const { memories: words } = useWords('account');
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
            <small>{originWords(memory, words)}</small>
            <div className="row">
              <button
                ref={button}
                type="button"
                className="quiet"
                onClick={() => setState('open')}
                aria-label={words.correctLabel(memory.text)}
                data-testid="correct-memory"
              >
                {words.correct}
              </button>
              <button
                type="button"
                className="quiet"
                onClick={onErase}
                aria-label={words.eraseLabel(memory.text)}
                data-testid="erase-memory"
              >
                {words.erase}
              </button>
            </div>
          </div>
        </>
      )}
    </li>
  );
}

interface CorrectFormProps {
  text: string;
  onSubmit: (text: string) => void;
  onCancel: () => void;
}

/** A memory in the person's own words. Enter saves, as it is one line however long, and Escape leaves it as it was. */
function CorrectForm({ text, onSubmit, onCancel }: CorrectFormProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const { memories: said } = useWords('account');
  const [words, setWords] = useState(text);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (words.trim() === text) onCancel();
    else if (words.trim() !== '') onSubmit(words);
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === 'Escape') onCancel();
    // While an input method composes a character, Enter chooses it.
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  }

  return (
    <form className="stack" onSubmit={submit}>
      <textarea
        ref={field}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={onKeyDown}
        maxLength={LONGEST_MEMORY}
        rows={2}
        aria-label={said.inYourWords}
        data-testid="memory-words"
      />
      <div className="row">
        <button type="submit" className="primary" disabled={words.trim() === ''} data-testid="save-memory">
          {said.save}
        </button>
        <button type="button" onClick={onCancel}>
          {said.leave}
        </button>
      </div>
    </form>
  );
}
