import { type KeyboardEvent, type SubmitEvent, useEffect, useRef, useState } from 'react';
import { LONGEST_MEMORY } from '../../../shared/api/memories.ts';

interface CorrectFormProps {
  text: string;
  onSubmit: (text: string) => void;
  onCancel: () => void;
}

/** A memory in the person's own words. Enter saves, as it is one line however long, and Escape leaves it as it was. */
export function CorrectForm({ text, onSubmit, onCancel }: CorrectFormProps) {
  const field = useRef<HTMLTextAreaElement>(null);
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
        aria-label="In your own words"
        data-testid="memory-words"
      />
      <div className="row">
        <button type="submit" className="primary" disabled={words.trim() === ''} data-testid="save-memory">
          Save
        </button>
        <button type="button" onClick={onCancel}>
          Leave it
        </button>
      </div>
    </form>
  );
}
