import { activationLink } from '../../../shared/activation-codes/activation-link.ts';
import { shortDuration } from '../../../shared/units.ts';
import type { Letter } from '../letter.ts';
import type { PurchaseFacts } from '../purchase-facts.ts';

/**
 * The activation code of a gift, to its buyer. The subject stays without the code: lists of messages and locked
 * screens show it.
 */
export function giftLetter(purchase: PurchaseFacts, code: string, pageUrl: string | undefined): Letter {
  const time = shortDuration(purchase.paidSeconds + purchase.bonusSeconds);
  const { giftRecipient, giftMessage } = purchase;
  return {
    subject: `Your gift: ${time} of MindBot`,
    paragraphs: [
      'Pass this activation code on. Whoever enters it first gets the time; their year to use it begins then.',
    ],
    code,
    facts: [
      ...(giftRecipient === null ? [] : [['For', giftRecipient] as const]),
      ...(giftMessage === null ? [] : [['Your words', giftMessage] as const]),
      ['Package', purchase.packageName],
      ['Time', time],
      ['Purchase', purchase.id],
    ],
    ...(pageUrl !== undefined && {
      link: { words: 'Activate it with this link', url: activationLink(pageUrl, code) },
    }),
    footnote: 'It can be typed on the page, or read aloud in a call. Treat it like cash.',
  };
}
