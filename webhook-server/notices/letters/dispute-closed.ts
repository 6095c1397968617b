import { money } from '../../../shared/units.ts';
import type { Letter } from '../letter.ts';
import type { PurchaseFacts } from '../purchase-facts.ts';

/** The bank decided a dispute: for us (won) or for the buyer (lost). */
export function disputeClosedLetter(
  purchase: PurchaseFacts,
  disputedCents: number,
  end: 'won' | 'lost',
): Letter {
  return {
    subject: 'The dispute about your payment is over',
    paragraphs: [
      end === 'won'
        ? 'Your bank decided that the payment stands. The time that it paid for can be used again.'
        : 'Your bank gave the money back to you. The time that it had paid for was taken back.',
    ],
    facts: [
      ['Package', purchase.packageName],
      ['Disputed', money(disputedCents, purchase.currency, 'en')],
      ['Purchase', purchase.id],
    ],
  };
}
