import { type SubmitEvent, useEffect, useId, useState } from 'react';
import { Link } from 'wouter';
import { endWords, windowWords } from '../../../shared/api/call-words.ts';
import type { Receipt } from '../../../shared/api/receipts.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import { QuestionForm } from '../help/question-form.tsx';
import { exactSeconds, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { CallState } from './call-state.ts';
import type { Settled } from './use-settled.ts';

interface AfterCallProps {
  call: CallState;
  settled: Settled;
  sidecar: Sidecar;
}

/** Why the call ended and what it cost; and, once that is in the books, of what, how it was, and help with it. */
export function AfterCall({ call, settled, sidecar }: AfterCallProps) {
  const talk = useWords('talk');
  const { ends } = useWords('calls');
  const { ended, callId, meter } = call;
  if (ended === null) return null;
  const { chargedSeconds, looking } = settled;
  const waiting = looking ? talk.chargeComes : talk.chargeLater;
  const charge =
    chargedSeconds === null
      ? meter === null && !looking
        ? talk.meterNeverStarted
        : waiting
      : chargedSeconds === 0
        ? talk.nothingCharged
        : talk.charged(shortDuration(chargedSeconds));
  const isSettled = callId !== null && chargedSeconds !== null && !looking;
  return (
    <div className="stack after-call">
      <div className="ended" role="status" data-testid="call-ended" data-reason={ended.reason}>
        <strong>{endWords(ended.reason, ends)}</strong> {charge}
      </div>
      {isSettled && (
        <>
          {chargedSeconds > 0 && <Billed key={callId} callId={callId} load={sidecar.receiptFigures} />}
          <Rating key={`rating-${callId}`} rate={(score, words) => sidecar.rateCall(callId, score, words)} />
          <AskForHelp
            key={`help-${callId}`}
            ask={(message, idempotencyKey) => sidecar.ask(callId, message, idempotencyKey)}
          />
        </>
      )}
    </div>
  );
}

interface BilledProps {
  callId: string;
  load: Sidecar['receiptFigures'];
}

/** The billed stretches of the call, to the millisecond, which add up to what was charged. */
function Billed({ callId, load }: BilledProps) {
  const talk = useWords('talk');
  const { windows } = useWords('calls');
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    load(callId, stop.signal).then(setReceipt, (error: unknown) => {
      // What was charged stands above, and the whole receipt is a link away.
      if (!stop.signal.aborted) console.warn('a receipt could not be read', error);
    });
    return () => stop.abort();
  }, [callId, load]);
  const billed = receipt?.windows.filter((window) => window.billed) ?? [];
  const sumMs = billed.reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0);
  return (
    <details open>
      <summary>{talk.whatWasBilled}</summary>
      {receipt && billed.length > 0 && (
        <table className="prices" data-testid="billed" data-sum-ms={sumMs}>
          <tbody>
            {billed.map(({ reason, from_ms, to_ms }) => (
              <Row key={from_ms} name={windowWords(reason, windows)} value={exactly(to_ms - from_ms)} />
            ))}
            {billed.length > 1 && <Row name={talk.sum} value={exactly(sumMs)} />}
            {receipt.restored_ms > 0 && <Row name={talk.givenBack} value={exactly(receipt.restored_ms)} />}
            <Row name={talk.roundedDown} value={exactSeconds(receipt.charged_seconds * 1000, 0)} strong />
          </tbody>
        </table>
      )}
      <Link href={`/calls/${callId}`} data-testid="whole-receipt">
        {talk.wholeReceipt}
      </Link>
    </details>
  );
}

const exactly = (ms: number) => exactSeconds(ms, 3);

function Row({ name, value, strong = false }: { name: string; value: string; strong?: boolean }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="number">{strong ? <strong>{value}</strong> : value}</td>
    </tr>
  );
}

/** The longest words that go with a rating. */
const MAX_WORDS = 500;

/** From 1 to 5, and in words if somebody likes; it can be changed for a day. */
function Rating({ rate }: { rate: (score: number, words?: string) => Promise<unknown> }) {
  const talk = useWords('talk');
  const group = useId();
  const [score, setScore] = useState(0);
  const [words, setWords] = useState('');
  const [kept, setKept] = useState<'score' | 'words' | null>(null);
  const [error, setError] = useState<unknown>(null);

  async function keep(chosen: number, said: string) {
    setScore(chosen);
    setKept(null);
    setError(null);
    try {
      await rate(chosen, said);
      setKept(said === '' ? 'score' : 'words');
    } catch (failure) {
      setError(failure);
    }
  }
  function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    void keep(score, words.trim());
  }

  return (
    <form className="stack" onSubmit={send}>
      <fieldset className="rating" data-testid="rating">
        <legend>{talk.howWasIt}</legend>
        <div className="row">
          {talk.scores.map((name, index) => (
            <label className="choice" key={name}>
              <input
                type="radio"
                name={group}
                checked={score === index + 1}
                onChange={() => keep(index + 1, words.trim())}
                data-testid={`score-${index + 1}`}
              />
              {name}
            </label>
          ))}
        </div>
      </fieldset>
      {score > 0 && kept !== 'words' && (
        <label>
          {talk.ratingWords}
          <span className="row">
            <input
              value={words}
              onChange={(event) => setWords(event.target.value)}
              maxLength={MAX_WORDS}
              autoComplete="off"
              data-testid="rating-words"
            />
            <button type="submit" disabled={words.trim() === ''} data-testid="send-rating-words">
              {talk.sendWords}
            </button>
          </span>
        </label>
      )}
      <p className="good status" role="status" data-testid="rating-kept">
        {kept !== null && talk.thanks}
      </p>
      {error !== null && <ErrorMessage error={error} />}
    </form>
  );
}

function AskForHelp({ ask }: { ask: (message: string, idempotencyKey: string) => Promise<void> }) {
  const talk = useWords('talk');
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <QuestionForm ask={ask} onCancel={() => setOpen(false)} focus />;
  return (
    <div className="row">
      <button type="button" className="quiet" onClick={() => setOpen(true)} data-testid="ask-for-help">
        {talk.askForHelp}
      </button>
    </div>
  );
}
