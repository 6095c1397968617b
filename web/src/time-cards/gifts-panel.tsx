import { type ClipboardEvent, type SubmitEvent, useEffect, useRef, useState } from 'react';
import { activationLink, formatActivationCode } from '../../../shared/activation-codes/code.ts';
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
import { CopyButton } from './copy-button.tsx';

interface GiftsPanelProps {
  gifts: Polled<Gift[]>;
  /** The code of the link that opened the page, or null. */
  linkCode: string | null;
  activate: (code: string) => Promise<ActivateResponse>;
  onActivated: () => void;
}

export function GiftsPanel({ gifts, linkCode, activate, onActivated }: GiftsPanelProps) {
  return (
    <section className="panel" aria-labelledby="gifts">
      <h2 id="gifts">Gifts</h2>
      <ActivateForm key={linkCode} linkCode={linkCode} activate={activate} onActivated={onActivated} />
      {gifts.data && gifts.data.length > 0 && (
        <>
          <h3>Codes you bought</h3>
          <GiftList gifts={gifts.data} />
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

const ASK = 'Your link brought this code. Press Activate to add its time to your account.';

function ActivateForm({ linkCode, activate, onActivated }: ActivateFormProps) {
  const [code, setCode] = useState(linkCode ?? '');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [words, setWords] = useState(linkCode === null ? '' : ASK);
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
        Got a gift code?
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
            Activate
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
  return (
    <>
      {shortDuration(card.total_seconds)} added. Your balance is now {shortDuration(balance_seconds)}.
      {gift && <GiftWords message={gift.message} recipientName={gift.recipient_name} />}
    </>
  );
}

const STATES: Record<Gift['status'], string> = {
  waiting: 'waiting to be used',
  activated: 'used',
  revoked: 'taken back',
};

/** Gifts this person has bought, with the code to pass on. */
function GiftList({ gifts }: { gifts: Gift[] }) {
  return (
    <ul className="plain">
      {gifts.map((gift) => (
        <li key={gift.card_id} className="gift" data-status={gift.status}>
          <div className="card-head">
            <code data-testid="gift-code">{gift.activation_code}</code>
            {gift.status === 'waiting' && (
              <>
                <CopyButton text={gift.activation_code} label={`Copy gift code ${gift.activation_code}`} />
                <CopyButton
                  text={activationLink(location.origin + location.pathname, gift.activation_code)}
                  label={`Copy a link for gift code ${gift.activation_code}`}
                  words="Copy link"
                />
              </>
            )}
          </div>
          <GiftWords message={gift.message} recipientName={gift.recipient_name} />
          <div className="card-foot">
            <span>
              {shortDuration(gift.total_seconds)}, {STATES[gift.status]}
              <DeliveryWords gift={gift} />
            </span>
            <span>{dayWords(gift.bought_at)}</span>
          </div>
        </li>
      ))}
    </ul>
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
  if (message === null && recipientName === null) return null;
  return (
    <blockquote className="faint" data-testid="gift-words">
      {recipientName !== null && <p>For {recipientName}</p>}
      {message !== null && <p>{message}</p>}
    </blockquote>
  );
}
