import { type SubmitEvent, useEffect, useId, useState } from 'react';
import { Link } from 'wouter';
import { windowWords } from '../../../shared/api/call-words.ts';
import type { Receipt } from '../../../shared/api/receipts.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import { shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { CallState } from './call-state.ts';
import { endingWords } from './call-words.ts';
import type { Settled } from './use-settled.ts';

interface AfterCallProps {
  call: CallState;
  settled: Settled;
  sidecar: Sidecar;
}

/** Why the call ended and what it cost; and, once that is in the books, of what, how it was, and help with it. */
export function AfterCall({ call, settled, sidecar }: AfterCallProps) {
  const talk = useWords('talk');
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
        <strong>{endingWords(ended.reason)}</strong> {charge}
      </div>
      {isSettled && (
        <>
          {chargedSeconds > 0 && <Billed key={callId} callId={callId} load={sidecar.receiptFigures} />}
          <Rating key={`rating-${callId}`} rate={(score) => sidecar.rateCall(callId, score)} />
          <AskForHelp
            key={`help-${callId}`}
            ask={(message, idempotencyKey) => sidecar.askAboutCall(callId, message, idempotencyKey)}
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
              <Row key={from_ms} name={windowWords(reason)} value={exactly(to_ms - from_ms)} />
            ))}
            {billed.length > 1 && <Row name={talk.sum} value={exactly(sumMs)} />}
            {receipt.restored_ms > 0 && <Row name={talk.givenBack} value={exactly(receipt.restored_ms)} />}
            <Row name={talk.roundedDown} value={`${receipt.charged_seconds} s`} strong />
          </tbody>
        </table>
      )}
      <Link href={`/calls/${callId}`} data-testid="whole-receipt">
        {talk.wholeReceipt}
      </Link>
    </details>
  );
}

const exactly = (ms: number) => `${(ms / 1000).toFixed(3)} s`;

function Row({ name, value, strong = false }: { name: string; value: string; strong?: boolean }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="number">{strong ? <strong>{value}</strong> : value}</td>
    </tr>
  );
}

/** From 1 to 5; it can be changed for a day. */
function Rating({ rate }: { rate: (score: number) => Promise<unknown> }) {
  const talk = useWords('talk');
  const group = useId();
  const [score, setScore] = useState(0);
  const [isKept, setKept] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function choose(chosen: number) {
    setScore(chosen);
    setKept(false);
    setError(null);
    try {
      await rate(chosen);
      setKept(true);
    } catch (failure) {
      setError(failure);
    }
  }

  return (
    <fieldset className="rating" data-testid="rating">
      <legend>{talk.howWasIt}</legend>
      <div className="row">
        {talk.scores.map((name, index) => (
          <label className="choice" key={name}>
            <input
              type="radio"
              name={group}
              checked={score === index + 1}
              onChange={() => choose(index + 1)}
              data-testid={`score-${index + 1}`}
            />
            {name}
          </label>
        ))}
      </div>
      <p className="good status" role="status" data-testid="rating-kept">
        {isKept && talk.thanks}
      </p>
      {error !== null && <ErrorMessage error={error} />}
    </fieldset>
  );
}

/** The longest question that is taken. */
const MAX_QUESTION = 2000;

function AskForHelp({ ask }: { ask: (message: string, idempotencyKey: string) => Promise<unknown> }) {
  const talk = useWords('talk');
  const [stage, setStage] = useState<'closed' | 'open' | 'busy' | 'sent'>('closed');
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
        {talk.helpSent}
      </p>
    );
  }
  if (stage === 'closed') {
    return (
      <div className="row">
        <button type="button" className="quiet" onClick={() => setStage('open')} data-testid="ask-for-help">
          {talk.askForHelp}
        </button>
      </div>
    );
  }
  return (
    <form className="stack" onSubmit={send}>
      <label>
        {talk.helpLabel}
        <textarea
          value={message}
          onChange={(event) => {
            setMessage(event.target.value);
            setKey(crypto.randomUUID());
          }}
          rows={3}
          maxLength={MAX_QUESTION}
          required
          // biome-ignore lint/a11y/noAutofocus: the button that was pressed is gone, and this is what it opened
          autoFocus
          data-testid="help-message"
        />
      </label>
      {error !== null && <ErrorMessage error={error} />}
      <div className="row">
        <button type="submit" className="primary" disabled={stage === 'busy'} data-testid="send-help">
          {talk.helpSend}
        </button>
        <button type="button" className="quiet" onClick={() => setStage('closed')}>
          {talk.notNow}
        </button>
      </div>
    </form>
  );
}
