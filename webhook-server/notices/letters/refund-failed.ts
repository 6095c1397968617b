import { money } from '../../../shared/units.ts';
import type { Letter } from '../letter.ts';
import type { PurchaseFacts } from '../purchase-facts.ts';

/**
 * A refund that the buyer's bank did not take.
 * @param refundCents of this refund alone
 */
export function refundFailedLetter(purchase: PurchaseFacts, refundCents: number): Letter {
  const sum = money(refundCents, purchase.currency, 'en');
  return {
    subject: `Your refund of ${sum} did not arrive`,
    paragraphs: [
      'Your bank returned the money, as it does when a card or an account was closed. The time is yours again until we have found another way to pay you: please write to us.',
    ],
    facts: [
      ['Package', purchase.packageName],
      ['Returned', sum],
      ['Purchase', purchase.id],
    ],
  };
}
