import { activationLink } from '../../../shared/activation-codes/activation-link.ts';
import type { Gift } from '../../../shared/api/time-cards.ts';
import { shortDuration } from '../../../shared/units.ts';
import { dayWords } from '../units/date.ts';
import { CopyButton } from './copy-button.tsx';
import { GiftWords } from './gift-words.tsx';

const STATES: Record<Gift['status'], string> = {
  waiting: 'waiting to be used',
  activated: 'used',
  revoked: 'taken back',
};

/** Gifts this person has bought, with the code to pass on. */
export function GiftList({ gifts }: { gifts: Gift[] }) {
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
            </span>
            <span>{dayWords(gift.bought_at)}</span>
          </div>
        </li>
      ))}
    </ul>
  );
}
