import { type ReactNode, type SubmitEvent, useState } from 'react';
import { ErrorMessage } from '../api/error-message.tsx';
import { useWords } from '../words/use-words.ts';

/** The longest question that is taken. */
const MAX_QUESTION = 2000;

interface QuestionFormProps {
  ask: (message: string, idempotencyKey: string) => Promise<void>;
  /** Above the question, such as what it is about. */
  children?: ReactNode;
  /** Where the form can be closed. */
  onCancel?: () => void;
  /** Where a button opened it, the question has the focus. */
  focus?: boolean;
}

/** Asks whoever runs the service. What could not be sent stays to be sent again. */
export function QuestionForm({ ask, children, onCancel, focus = false }: QuestionFormProps) {
  const words = useWords('support');
  const [stage, setStage] = useState<'open' | 'busy' | 'sent'>('open');
  const [message, setMessage] = useState('');
  const [error, setError] = useState<unknown>(null);
  // Sent again after a lost answer, it is the same question; changed, it is another one.
  const [key, setKey] = useState(() => crypto.randomUUID());

  async function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    setStage('busy');
    setError(null);
    try {
      await ask(message, key);
      setStage('sent');
    } catch (failure) {
      setError(failure);
      setStage('open');
    }
  }

  if (stage === 'sent') {
    return (
      <p className="good" role="status" data-testid="help-sent">
        {words.sent}
      </p>
    );
  }
  return (
    <form className="stack" onSubmit={send}>
      {children}
      <label>
        {words.label}
        <textarea
          value={message}
          onChange={(event) => {
            setMessage(event.target.value);
            setKey(crypto.randomUUID());
          }}
          rows={4}
          maxLength={MAX_QUESTION}
          required
          // biome-ignore lint/a11y/noAutofocus: the button that was pressed is gone, and this is what it opened
          autoFocus={focus}
          data-testid="help-message"
        />
      </label>
      {error !== null && <ErrorMessage error={error} />}
      <div className="row">
        <button type="submit" className="primary" disabled={stage === 'busy'} data-testid="send-help">
          {words.send}
        </button>
        {onCancel && (
          <button type="button" className="quiet" onClick={onCancel}>
            {words.notNow}
          </button>
        )}
      </div>
    </form>
  );
}
