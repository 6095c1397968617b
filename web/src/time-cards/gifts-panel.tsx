import { type ClipboardEvent, type SubmitEvent, useEffect, useRef, useState } from 'react';
import { formatActivationCode } from '../../../shared/activation-codes/code.ts';
import {
  MOST_CHARACTERS,
  readActivationCode,
  slipWords,
} from '../../../shared/activation-codes/read-code.ts';
import type { ActivateResponse, Gift } from '../../../shared/api/time-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Polled } from '../api/use-polled.ts';
import { dayWords, momentWords, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import { DeliveryForm } from './delivery-form.tsx';
import { GiftActions } from './gift-actions.tsx';

/** As many as stand there until all are asked for. */
const FIRST = 5;

interface GiftsPanelProps {
  gifts: Polled<Gift[]>;
  /** The code of the link that opened the page, or null. */
  linkCode: string | null;
  activate: (code: string) => Promise<ActivateResponse>;
  onActivated: () => void;
  reschedule: (cardId: string, deliverOn: string | null) => Promise<unknown>;
}

export function GiftsPanel({ gifts, linkCode, activate, onActivated, reschedule }: GiftsPanelProps) {
  const { gifts: words } = useWords('buy');
  return (
    <section className="panel" aria-labelledby="gifts">
      <h2 id="gifts">{words.title}</h2>
      <ActivateForm key={linkCode} linkCode={linkCode} activate={activate} onActivated={onActivated} />
      {gifts.data && gifts.data.length > 0 && (
        <>
          <h3>{words.bought}</h3>
          <GiftList gifts={gifts.data} reschedule={reschedule} onChanged={gifts.refresh} />
        </>
      )}
      {gifts.error != null && <ErrorMessage error={gifts.error} />}
    </section>
  );
}

interface ActivateFormProps {
  /** Of the link that opened the page, or null. It is filled in, and nothing more: the person decides. */
  linkCode: string | null;
  activate: (code: string) => Promise<ActivateResponse>;
  onActivated: () => void;
}

function ActivateForm({ linkCode, activate, onActivated }: ActivateFormProps) {
  const { gifts: said } = useWords('buy');
  const [code, setCode] = useState(linkCode ?? '');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [words, setWords] = useState(linkCode === null ? '' : said.linkBrought);
  const [activated, setActivated] = useState<ActivateResponse | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (linkCode !== null) button.current?.focus();
  }, [linkCode]);

  /** Shows the code of what is pasted, be it a whole message; what has none is pasted as it is. */
  function paste(event: ClipboardEvent<HTMLInputElement>) {
    const pasted = readActivationCode(event.clipboardData.getData('text'));
    if (pasted === null) return;
    event.preventDefault();
    setCode(formatActivationCode(pasted));
  }

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    setError(null);
    setActivated(null);
    const slip = slipWords(code);
    setWords(slip ?? '');
    if (slip !== null) return;
    setBusy(true);
    try {
      setActivated(await activate(code));
      setCode('');
      onActivated();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="stack" onSubmit={submit}>
      <label>
        {said.gotOne}
        <span className="row">
          <input
            className="code"
            value={code}
            onChange={(event) => setCode(event.target.value)}
            onPaste={paste}
            placeholder="XXXX XXXX XXXX"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            required
            maxLength={MOST_CHARACTERS}
            data-testid="activate-code"
          />
          <button type="submit" ref={button} disabled={busy} data-testid="activate">
            {said.activate}
          </button>
        </span>
      </label>
      <div className="status" aria-live="polite" data-testid="activate-status">
        {error != null && <ErrorMessage error={error} />}
        {activated && <Activated answer={activated} />}
        {error == null && !activated && words}
      </div>
    </form>
  );
}

function Activated({ answer: { card, balance_seconds, gift } }: { answer: ActivateResponse }) {
  const { gifts: words } = useWords('buy');
  return (
    <>
      {words.added(shortDuration(card.total_seconds), shortDuration(balance_seconds))}
      {gift && <GiftWords message={gift.message} recipientName={gift.recipient_name} />}
    </>
  );
}

interface GiftListProps {
  gifts: Gift[];
  reschedule: (cardId: string, deliverOn: string | null) => Promise<unknown>;
  onChanged: () => void;
}

/** Gifts this person has bought, with the code to pass on. */
function GiftList({ gifts, reschedule, onChanged }: GiftListProps) {
  const { gifts: words } = useWords('buy');
  const [showsAll, setShowsAll] = useState(false);
  return (
    <>
      <ul className="plain">
        {gifts.slice(0, showsAll ? undefined : FIRST).map((gift) => (
          <li key={gift.card_id} className="gift" data-status={gift.status}>
            <div className="card-head">
              <code data-testid="gift-code">{gift.activation_code}</code>
              <span className="faint">{dayWords(gift.bought_at)}</span>
            </div>
            <GiftWords message={gift.message} recipientName={gift.recipient_name} />
            <div className="card-foot">
              <span>
                {shortDuration(gift.total_seconds)}, {words.states[gift.status]}
                <DeliveryWords gift={gift} />
              </span>
            </div>
            {gift.status === 'waiting' && <GiftActions gift={gift} />}
            {gift.delivery === 'scheduled' && (
              <DeliveryForm gift={gift} reschedule={reschedule} onChanged={onChanged} />
            )}
          </li>
        ))}
      </ul>
      {gifts.length > FIRST && !showsAll && (
        <button type="button" className="quiet" onClick={() => setShowsAll(true)}>
          {words.showAll(gifts.length)}
        </button>
      )}
    </>
  );
}

/** To whom the mail with the code goes, and when, as long as it has not gone. */
function DeliveryWords({ gift }: { gift: Gift }) {
  const buy = useWords('buy');
  const to = gift.recipient_email === null ? '' : `, ${buy.goesTo(gift.recipient_email)}`;
  const isToCome = gift.delivery === 'scheduled' && gift.deliver_at !== null;
  const when = isToCome && gift.deliver_at !== null ? `, ${buy.goesOut(momentWords(gift.deliver_at))}` : '';
  return <span data-testid="gift-delivery">{to + when}</span>;
}

interface GiftWordsProps {
  message: string | null;
  recipientName: string | null;
}

/** What the giver wrote, as text. */
function GiftWords({ message, recipientName }: GiftWordsProps) {
  const { gifts: words } = useWords('buy');
  if (message === null && recipientName === null) return null;
  return (
    <blockquote className="faint" data-testid="gift-words">
      {recipientName !== null && <p>{words.for(recipientName)}</p>}
      {message !== null && <p>{message}</p>}
    </blockquote>
  );
}
