import { money, shortDuration } from '../../../shared/units.ts';
import type { Letter } from '../letter.ts';
import type { PurchaseFacts } from '../purchase-facts.ts';

/**
 * A refund, in full or in part, to the buyer.
 * @param refundCents of this refund alone
 */
export function refundLetter(purchase: PurchaseFacts, refundCents: number): Letter {
  const cash = (cents: number) => money(cents, purchase.currency, 'en');
  return {
    subject: `Your refund of ${cash(refundCents)}`,
    paragraphs: [
      'The money goes back to where it was paid from, which takes some days. The time that it had paid for is taken back in proportion.',
    ],
    facts: [
      ['Package', purchase.packageName],
      ['Refunded now', cash(refundCents)],
      ['Refunded in all', `${cash(purchase.refundedCents)} of ${cash(purchase.receivedCents)}`],
      ['Time taken back', shortDuration(purchase.clawedBackSeconds)],
      ['Purchase', purchase.id],
    ],
  };
}
