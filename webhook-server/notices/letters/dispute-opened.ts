import { money } from '../../../shared/units.ts';
import type { Letter } from '../letter.ts';
import type { PurchaseFacts } from '../purchase-facts.ts';

/** The buyer's bank asked for the money back. */
export function disputeOpenedLetter(purchase: PurchaseFacts, disputedCents: number): Letter {
  return {
    subject: 'Your payment is disputed',
    paragraphs: [
      'Your bank told us that this payment is disputed. The time that it paid for cannot be used until the bank has decided; all other time can.',
      'If that is a mistake, tell your bank, and write to us.',
    ],
    facts: [
      ['Package', purchase.packageName],
      ['Disputed', money(disputedCents, purchase.currency, 'en')],
      ['Purchase', purchase.id],
    ],
  };
}
