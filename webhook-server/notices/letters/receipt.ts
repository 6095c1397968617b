import { money, shortDuration } from '../../../shared/units.ts';
import { dateOf } from '../date-of.ts';
import type { Letter } from '../letter.ts';
import type { PurchaseFacts } from '../purchase-facts.ts';

/** The receipt of a purchase, to its buyer. */
export function receiptLetter(purchase: PurchaseFacts): Letter {
  const { amountCents, receivedCents, currency, paidSeconds, bonusSeconds } = purchase;
  const time = shortDuration(paidSeconds + bonusSeconds);
  const isGift = purchase.purpose === 'gift';
  const cash = (cents: number) => money(cents, currency, 'en');
  return {
    subject: `Your receipt: ${purchase.packageName}`,
    paragraphs: [
      isGift
        ? 'Thank you. Your gift is paid; its activation code comes in a message of its own.'
        : 'Thank you. Your time is on your account, and ready to talk.',
    ],
    facts: [
      ['Package', isGift ? `${purchase.packageName}, as a gift` : purchase.packageName],
      ['Time', bonusSeconds > 0 ? `${time}, of which ${shortDuration(bonusSeconds)} bonus` : time],
      ...(receivedCents > amountCents
        ? ([
            ['Price', cash(amountCents)],
            ['Tax', cash(receivedCents - amountCents)],
          ] as const)
        : []),
      ['Paid', cash(receivedCents)],
      ['Date', dateOf(purchase.boughtAt)],
      ['Purchase', purchase.id],
    ],
  };
}
