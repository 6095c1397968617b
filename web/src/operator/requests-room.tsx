import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import type { OperatorRequest } from '../../../shared/api/support.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { type Act, ActDialog } from './act-dialog.tsx';
import { Tile } from './figure.tsx';
import { BoardRoom, Panel } from './room.tsx';
import { useAnswer, useBoard } from './use-board.ts';
import { count, moment, roughly } from './words.ts';

const SHOWN = { open: 'Open', answered: 'Answered', closed: 'Closed' } as const;

/** Who asked for help, beside what it is about. */
export function RequestsRoom() {
  const [address, navigate] = useLocation();
  const asked = new URLSearchParams(useSearch()).get('status') ?? 'open';
  const status = asked in SHOWN ? asked : 'open';
  const answer = useAnswer((board, signal) => board.requests({ status }, signal), status, 30_000);
  const figures = useAnswer((board, signal) => board.requestFigures(signal), 'figures');
  return (
    <BoardRoom
      title="Support"
      answer={answer}
      aside={
        <div className="row">
          {Object.entries(SHOWN).map(([name, words]) => (
            <button
              key={name}
              type="button"
              className="quiet"
              aria-pressed={status === name}
              onClick={() => navigate(`${address}?status=${name}`, { replace: true })}
            >
              {words}
            </button>
          ))}
        </div>
      }
    >
      {({ requests }) => (
        <>
          {figures.data && (
            <dl className="tiles wide">
              <Tile
                name="Open"
                value={count(figures.data.open)}
                small={
                  figures.data.longest_waiting_seconds === null
                    ? undefined
                    : `the oldest for ${roughly(figures.data.longest_waiting_seconds)}`
                }
              />
              <Tile name="Asked in 30 days" value={count(figures.data.asked)} />
              <Tile name="Answered" value={count(figures.data.answered)} />
              <Tile
                name="Time to answer"
                value={
                  figures.data.answer_p50_seconds === null ? '–' : roughly(figures.data.answer_p50_seconds)
                }
                small={
                  figures.data.answer_p95_seconds === null
                    ? undefined
                    : `19 of 20 within ${roughly(figures.data.answer_p95_seconds)}`
                }
              />
            </dl>
          )}
          <Panel title={SHOWN[status as keyof typeof SHOWN]} wide>
            <RequestList requests={requests} onDone={answer.refresh} isLoaded />
          </Panel>
        </>
      )}
    </BoardRoom>
  );
}

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

function Answer({ request, onDone }: { request: OperatorRequest; onDone: () => void }) {
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
