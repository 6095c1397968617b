import { money } from '../../../shared/units.ts';
import type { Letter } from '../letter.ts';
import type { PurchaseFacts } from '../purchase-facts.ts';

/** Automatic top-up ended itself, because payments failed. */
export function topUpStoppedLetter(purchase: PurchaseFacts): Letter {
  return {
    subject: 'Your automatic top-up has stopped',
    paragraphs: [
      'Your card could not be charged twice in a row. Nothing more is charged until you turn automatic top-up on again, with this card or another.',
    ],
    facts: [
      ['Package', purchase.packageName],
      ['Not charged', money(purchase.amountCents, purchase.currency, 'en')],
      ['Purchase', purchase.id],
    ],
  };
}
