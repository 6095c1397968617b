import { activationLink } from '../../shared/activation-codes/code.ts';
import { money, shortDuration } from '../../shared/units.ts';
import type { PurchaseFacts } from './purchase-facts.ts';
import type { Email } from './render-email.ts';
import type { MailWords } from './words/en.ts';

/** A day as people write it, of no time zone but UTC: nobody knows where the reader is. */
function dateOf({ dates }: MailWords, timestamp: string): string {
  const format = new Intl.DateTimeFormat(dates, { dateStyle: 'long', timeZone: 'UTC' });
  return format.format(new Date(timestamp));
}

/** Amounts of one currency, in the notation of the language. */
const cashIn =
  ({ amounts }: MailWords, currency: string) =>
  (cents: number) =>
    money(cents, currency, amounts);

function giftIsPaid(words: MailWords, { giftEmail, deliverAt }: PurchaseFacts): string {
  const day = deliverAt === null ? null : dateOf(words, deliverAt);
  return giftEmail === null ? words.receipt.giftComes(day) : words.receipt.giftGoesTo(giftEmail, day);
}

/** The receipt of a purchase, to its buyer. */
export function receiptEmail(words: MailWords, purchase: PurchaseFacts): Email {
  const { terms, receipt } = words;
  const { amountCents, receivedCents, currency, receivedCurrency, paidSeconds, bonusSeconds } = purchase;
  const time = shortDuration(paidSeconds + bonusSeconds);
  const isGift = purchase.purpose === 'gift';
  const cash = cashIn(words, receivedCurrency);
  return {
    subject: receipt.subject(purchase.packageName),
    paragraphs: [
      isGift ? giftIsPaid(words, purchase) : receipt.ready,
      ...(purchase.paidDebtSeconds > 0 ? [receipt.debt] : []),
    ],
    facts: [
      [terms.package, isGift ? receipt.asGift(purchase.packageName) : purchase.packageName],
      [terms.time, bonusSeconds > 0 ? receipt.withBonus(time, shortDuration(bonusSeconds)) : time],
      ...(receivedCurrency === currency && receivedCents > amountCents
        ? ([
            [terms.price, cash(amountCents)],
            [terms.tax, cash(receivedCents - amountCents)],
          ] as const)
        : []),
      [terms.paid, cash(receivedCents)],
      ...(purchase.paidDebtSeconds > 0
        ? ([[terms.paidDebt, shortDuration(purchase.paidDebtSeconds)]] as const)
        : []),
      // Only where it is read, or sent, later.
      ...(purchase.refundedCents > 0
        ? ([
            [terms.refundedInAll, words.refund.inAll(cash(purchase.refundedCents), cash(receivedCents))],
          ] as const)
        : []),
      [terms.date, dateOf(words, purchase.boughtAt)],
      [terms.purchase, purchase.id],
    ],
  };
}

/**
 * The activation code of a gift, to whom it is for, or to its buyer, who passes it on. The subject stays without the code:
 * lists of messages and locked screens show it.
 */
export function giftEmail(
  words: MailWords,
  purchase: PurchaseFacts,
  code: string,
  pageUrl: string | undefined,
): Email {
  const { terms, gift } = words;
  // What is left of it, where a part went back before its day.
  const time = shortDuration(purchase.paidSeconds + purchase.bonusSeconds - purchase.clawedBackSeconds);
  const { giftRecipient, giftMessage, buyerName } = purchase;
  const isForReader = purchase.giftEmail !== null;
  const giver = buyerName.trim() === '' ? gift.somebody : buyerName.trim();
  return {
    subject: isForReader ? gift.subjectForYou(time) : gift.subjectYours(time),
    paragraphs: [isForReader ? gift.forYou(giver) : gift.passOn],
    code,
    facts: [
      ...(giftRecipient === null ? [] : [[terms.recipient, giftRecipient] as const]),
      ...(giftMessage === null
        ? []
        : [[isForReader ? terms.theirWords : terms.yourWords, giftMessage] as const]),
      [terms.package, purchase.packageName],
      [terms.time, time],
      ...(isForReader ? [] : [[terms.purchase, purchase.id] as const]),
    ],
    ...(pageUrl !== undefined && { link: { words: gift.link, url: activationLink(pageUrl, code) } }),
    footnote: gift.likeCash,
  };
}

/**
 * A refund, in full or in part, to the buyer.
 * @param refundCents of this refund alone
 */
export function refundEmail(words: MailWords, purchase: PurchaseFacts, refundCents: number): Email {
  const { terms, refund } = words;
  const cash = cashIn(words, purchase.receivedCurrency);
  return {
    subject: refund.subject(cash(refundCents)),
    paragraphs: [refund.text],
    facts: [
      [terms.package, purchase.packageName],
      [terms.refundedNow, cash(refundCents)],
      [terms.refundedInAll, refund.inAll(cash(purchase.refundedCents), cash(purchase.receivedCents))],
      [terms.takenBack, shortDuration(purchase.clawedBackSeconds)],
      [terms.purchase, purchase.id],
    ],
  };
}

/**
 * A refund that the buyer's bank did not take.
 * @param refundCents of this refund alone
 */
export function refundFailedEmail(words: MailWords, purchase: PurchaseFacts, refundCents: number): Email {
  const { terms, refund } = words;
  const sum = cashIn(words, purchase.receivedCurrency)(refundCents);
  return {
    subject: refund.failedSubject(sum),
    paragraphs: [refund.failed],
    facts: [
      [terms.package, purchase.packageName],
      [terms.returned, sum],
      [terms.purchase, purchase.id],
    ],
  };
}

function disputeFacts(words: MailWords, purchase: PurchaseFacts, disputedCents: number): Email['facts'] {
  const { terms } = words;
  return [
    [terms.package, purchase.packageName],
    [terms.disputed, cashIn(words, purchase.receivedCurrency)(disputedCents)],
    [terms.purchase, purchase.id],
  ];
}

/** The buyer's bank asked for the money back. */
export function disputeOpenedEmail(words: MailWords, purchase: PurchaseFacts, disputedCents: number): Email {
  const { dispute } = words;
  return {
    subject: dispute.openSubject,
    paragraphs: [dispute.open, dispute.mistake],
    facts: disputeFacts(words, purchase, disputedCents),
  };
}

/** The bank decided a dispute: for us (won) or for the buyer (lost). */
export function disputeClosedEmail(
  words: MailWords,
  purchase: PurchaseFacts,
  disputedCents: number,
  end: 'won' | 'lost',
): Email {
  const { dispute } = words;
  return {
    subject: dispute.closedSubject,
    paragraphs: [dispute[end]],
    facts: disputeFacts(words, purchase, disputedCents),
  };
}

/** Automatic top-up ended itself. */
export function topUpStoppedEmail(
  { topUp, terms }: MailWords,
  reason: keyof MailWords['topUp']['why'],
  packageName: string,
): Email {
  return {
    subject: topUp.subject,
    paragraphs: [`${topUp.why[reason]} ${topUp.stays}`],
    facts: [[terms.package, packageName]],
  };
}

/** A purchase was paid by a second payment, which goes back. */
export function secondPaymentEmail(
  words: MailWords,
  purchase: PurchaseFacts,
  cents: number,
  currency: string,
): Email {
  const { terms, second } = words;
  const sum = cashIn(words, currency)(cents);
  return {
    subject: second.subject(sum),
    paragraphs: [second.text],
    facts: [
      [terms.package, purchase.packageName],
      [terms.goesBack, sum],
      [terms.purchase, purchase.id],
    ],
  };
}
