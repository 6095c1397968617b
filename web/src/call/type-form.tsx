import { type SubmitEvent, useState } from 'react';
import { useWords } from '../words/use-words.ts';
import type { Call } from './use-call.ts';

/** The longest text that the assistant reads, in bytes of UTF-8. */
const MAX_TEXT_BYTES = 4_000;
/** Of the assistant, when it can be written to. */
const READS = new Set(['idle', 'listening', 'thinking', 'speaking']);

/** For who cannot speak, or would rather not. What could not be sent stays to be sent again. */
export function TypeForm({ call }: { call: Call }) {
  const talk = useWords('talk');
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');

  async function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const words = text.trim();
    if (words === '' || busy) return;
    const over = new TextEncoder().encode(words).length - MAX_TEXT_BYTES;
    if (over > 0) return setTrouble(talk.tooLong(over));
    if (call.state.phase !== 'joined' || !READS.has(call.state.agent)) return setTrouble(talk.tooEarly);
    setBusy(true);
    setTrouble('');
    try {
      await call.say(words);
      setText('');
    } catch (error) {
      console.warn('a typed text was not sent', error);
      setTrouble(talk.notSent);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="type-in" onSubmit={send}>
      <label>
        <span className="hidden">{talk.typeLabel}</span>
        <span className="row">
          <input
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={talk.typeLabel}
            autoComplete="off"
            data-testid="typed"
          />
          <button type="submit" disabled={busy || text.trim() === ''} data-testid="send-typed">
            {talk.send}
          </button>
        </span>
      </label>
      <p className="bad" role="status" data-testid="typed-trouble">
        {trouble}
      </p>
    </form>
  );
}
