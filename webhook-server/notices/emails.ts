import { activationLink } from '../../shared/activation-codes/code.ts';
import { money, shortDuration } from '../../shared/units.ts';
import type { PurchaseFacts } from './purchase-facts.ts';
import type { Email } from './render-email.ts';

/** A day as people write it, of no time zone but UTC: nobody knows where the reader is. */
function dateOf(timestamp: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  return format.format(new Date(timestamp));
}

function giftIsPaid({ giftEmail, deliverAt }: PurchaseFacts): string {
  const day = deliverAt === null ? '' : ` on ${dateOf(deliverAt)}`;
  if (giftEmail !== null)
    return `Thank you. Your gift is paid; its activation code goes to ${giftEmail}${day}.`;
  return `Thank you. Your gift is paid; its activation code comes${day} in a message of its own.`;
}

/** The receipt of a purchase, to its buyer. */
export function receiptEmail(purchase: PurchaseFacts): Email {
  const { amountCents, receivedCents, currency, receivedCurrency, paidSeconds, bonusSeconds } = purchase;
  const time = shortDuration(paidSeconds + bonusSeconds);
  const isGift = purchase.purpose === 'gift';
  const cash = (cents: number) => money(cents, receivedCurrency, 'en');
  return {
    subject: `Your receipt: ${purchase.packageName}`,
    paragraphs: [
      isGift ? giftIsPaid(purchase) : 'Thank you. Your time is on your account, and ready to talk.',
      ...(purchase.paidDebtSeconds > 0
        ? [
            'You owed time that was used and whose money had gone back to you. A part of what you bought has paid for it.',
          ]
        : []),
    ],
    facts: [
      ['Package', isGift ? `${purchase.packageName}, as a gift` : purchase.packageName],
      ['Time', bonusSeconds > 0 ? `${time}, of which ${shortDuration(bonusSeconds)} bonus` : time],
      ...(receivedCurrency === currency && receivedCents > amountCents
        ? ([
            ['Price', cash(amountCents)],
            ['Tax', cash(receivedCents - amountCents)],
          ] as const)
        : []),
      ['Paid', cash(receivedCents)],
      ...(purchase.paidDebtSeconds > 0
        ? ([['Paid of what was owed', shortDuration(purchase.paidDebtSeconds)]] as const)
        : []),
      ['Date', dateOf(purchase.boughtAt)],
      ['Purchase', purchase.id],
    ],
  };
}

/**
 * The activation code of a gift, to whom it is for, or to its buyer, who passes it on. The subject stays without the code:
 * lists of messages and locked screens show it.
 */
export function giftEmail(purchase: PurchaseFacts, code: string, pageUrl: string | undefined): Email {
  // What is left of it, where a part went back before its day.
  const time = shortDuration(purchase.paidSeconds + purchase.bonusSeconds - purchase.clawedBackSeconds);
  const { giftRecipient, giftMessage, buyerName } = purchase;
  const isForReader = purchase.giftEmail !== null;
  const giver = buyerName.trim() === '' ? 'Somebody' : buyerName.trim();
  return {
    subject: isForReader ? `A gift for you: ${time} of MindBot` : `Your gift: ${time} of MindBot`,
    paragraphs: [
      isForReader
        ? `${giver} gives you time to talk with MindBot, a voice assistant. Enter this code on the page, and the time is yours; your year to use it begins then.`
        : 'Pass this activation code on. Whoever enters it first gets the time; their year to use it begins then.',
    ],
    code,
    facts: [
      ...(giftRecipient === null ? [] : [['For', giftRecipient] as const]),
      ...(giftMessage === null ? [] : [[isForReader ? 'Their words' : 'Your words', giftMessage] as const]),
      ['Package', purchase.packageName],
      ['Time', time],
      ...(isForReader ? [] : [['Purchase', purchase.id] as const]),
    ],
    ...(pageUrl !== undefined && {
      link: { words: 'Activate it with this link', url: activationLink(pageUrl, code) },
    }),
    footnote: 'It can be typed on the page, or read aloud in a call. Treat it like cash.',
  };
}

/**
 * A refund, in full or in part, to the buyer.
 * @param refundCents of this refund alone
 */
export function refundEmail(purchase: PurchaseFacts, refundCents: number): Email {
  const cash = (cents: number) => money(cents, purchase.receivedCurrency, 'en');
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

/**
 * A refund that the buyer's bank did not take.
 * @param refundCents of this refund alone
 */
export function refundFailedEmail(purchase: PurchaseFacts, refundCents: number): Email {
  const sum = money(refundCents, purchase.receivedCurrency, 'en');
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

/** The buyer's bank asked for the money back. */
export function disputeOpenedEmail(purchase: PurchaseFacts, disputedCents: number): Email {
  return {
    subject: 'Your payment is disputed',
    paragraphs: [
      'Your bank told us that this payment is disputed. The time that it paid for cannot be used until the bank has decided; all other time can.',
      'If that is a mistake, tell your bank, and write to us.',
    ],
    facts: [
      ['Package', purchase.packageName],
      ['Disputed', money(disputedCents, purchase.receivedCurrency, 'en')],
      ['Purchase', purchase.id],
    ],
  };
}

/** The bank decided a dispute: for us (won) or for the buyer (lost). */
export function disputeClosedEmail(
  purchase: PurchaseFacts,
  disputedCents: number,
  end: 'won' | 'lost',
): Email {
  return {
    subject: 'The dispute about your payment is over',
    paragraphs: [
      end === 'won'
        ? 'Your bank decided that the payment stands. The time that it paid for can be used again.'
        : 'Your bank gave the money back to you. The time that it had paid for was taken back.',
    ],
    facts: [
      ['Package', purchase.packageName],
      ['Disputed', money(disputedCents, purchase.receivedCurrency, 'en')],
      ['Purchase', purchase.id],
    ],
  };
}

const WHY_STOPPED = {
  declined: 'Your card could not be charged twice in a row.',
  review: 'A payment of your automatic top-up did not arrive as agreed, and we look at it.',
  terms_changed: 'The package, or its price, is not what you agreed to any more.',
  money_back:
    'Money went back to the payer, by a refund or a dispute, and you shall not be charged for time again at once.',
};

/** Automatic top-up ended itself. */
export function topUpStoppedEmail(reason: keyof typeof WHY_STOPPED, packageName: string): Email {
  return {
    subject: 'Your automatic top-up has stopped',
    paragraphs: [`${WHY_STOPPED[reason]} Nothing more is charged until you turn automatic top-up on again.`],
    facts: [['Package', packageName]],
  };
}

/** A purchase was paid by a second payment, which goes back. */
export function secondPaymentEmail(purchase: PurchaseFacts, cents: number, currency: string): Email {
  const sum = money(cents, currency, 'en');
  return {
    subject: `You paid twice: ${sum} goes back to you`,
    paragraphs: [
      'We received a second payment for a purchase that another payment pays. It goes back, whole and by itself, to where it was paid from, which takes some days.',
    ],
    facts: [
      ['Package', purchase.packageName],
      ['Goes back', sum],
      ['Purchase', purchase.id],
    ],
  };
}
