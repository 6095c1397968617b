import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { OperatorRequest } from '../../../shared/api/support.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { type Act, ActDialog } from './act-dialog.tsx';
import { useBoard } from './use-board.ts';
import { moment, roughly } from './words.ts';

interface RequestListProps {
  requests: OperatorRequest[];
  isLoaded: boolean;
  onDone: () => void;
}

export function RequestList({ requests, isLoaded, onDone }: RequestListProps) {
  const board = useBoard();
  const [act, setAct] = useState<Act | null>(null);
  if (requests.length === 0)
    return <p className="faint">{isLoaded ? 'Nobody asks for help.' : 'One moment …'}</p>;
  return (
    <>
      <ul className="plain stack">
        {requests.map((request) => (
          <li key={request.id} className="request">
            <p>
              <Link href={`/operator/people/${request.user_id}`}>{request.email ?? 'deleted'}</Link>{' '}
              <span className="faint">
                about {request.about === 'account' ? 'the account' : `a ${request.about}`}
                {request.about_id !== null && (
                  <>
                    {' '}
                    <code>{request.about_id.slice(0, 8)}</code>
                  </>
                )}
                , {moment(request.created_at)}
                {request.waiting_seconds !== null && `, waits for ${roughly(request.waiting_seconds)}`}
              </span>
            </p>
            <blockquote>{request.message ?? 'What was written is gone with the person.'}</blockquote>
            {request.answer !== null && (
              <blockquote className="answer">
                {request.answer}
                {request.answer_seconds !== null && (
                  <small>Answered after {roughly(request.answer_seconds)}.</small>
                )}
              </blockquote>
            )}
            {request.status === 'open' && <Answer request={request} onDone={onDone} />}
            {request.status !== 'closed' && (
              <button
                type="button"
                className="link"
                onClick={() =>
                  setAct({
                    title: 'Close without another answer',
                    words: 'It is off the list. Nobody is written to.',
                    button: 'Close it',
                    run: (reason) => board.close(request.id, reason),
                  })
                }
              >
                Close<span className="hidden"> the request of {request.email}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {act && <ActDialog act={act} onClose={() => setAct(null)} onDone={onDone} />}
    </>
  );
}

/** The form comes with the wish to answer: a list of fifty is read first. */
function Answer({ request, onDone }: { request: OperatorRequest; onDone: () => void }) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <AnswerForm request={request} onDone={onDone} />;
  return (
    <div className="row">
      <button type="button" onClick={() => setOpen(true)}>
        Answer<span className="hidden"> the request of {request.email}</span>
      </button>
    </div>
  );
}

function AnswerForm({ request, onDone }: { request: OperatorRequest; onDone: () => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const board = useBoard();
  const [text, setText] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function send() {
    setBusy(true);
    setError(null);
    try {
      await board.answer(request.id, text.trim());
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label>
        Answer to {request.email ?? 'somebody'}
        <textarea
          ref={field}
          rows={3}
          maxLength={5000}
          required
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      {error !== null && <ErrorMessage error={error} />}
      <div className="row">
        <button type="submit" className="primary" disabled={isBusy || text.trim() === ''}>
          {isBusy ? 'One moment …' : 'Send by mail'}
        </button>
      </div>
    </form>
  );
}
