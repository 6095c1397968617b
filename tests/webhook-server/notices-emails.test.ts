import { expect, test } from 'vitest';
import { PAGE_LANGUAGES } from '../../shared/api/page-languages.ts';
import {
  disputeClosedEmail,
  disputeOpenedEmail,
  giftEmail,
  receiptEmail,
  refundEmail,
  refundFailedEmail,
  secondPaymentEmail,
  topUpStoppedEmail,
} from '../../webhook-server/notices/emails.ts';
import type { PurchaseFacts } from '../../webhook-server/notices/purchase-facts.ts';
import { type Email, emailHtml, emailText } from '../../webhook-server/notices/render-email.ts';
import { en, type MailWords } from '../../webhook-server/notices/words/en.ts';
import { mailWordsOf } from '../../webhook-server/notices/words/of-language.ts';

const MARKUP = '<img src=x onerror="alert(1)"> & co';
const PURCHASE: PurchaseFacts = {
  id: '11111111-1111-4111-8111-111111111111',
  userId: '22222222-2222-4222-8222-222222222222',
  purpose: 'gift',
  packageName: MARKUP,
  amountCents: 1234,
  receivedCents: 1234,
  refundedCents: 1234,
  currency: 'jpy',
  receivedCurrency: 'jpy',
  paidSeconds: 3600,
  bonusSeconds: 0,
  clawedBackSeconds: 3600,
  giftRecipient: MARKUP,
  giftEmail: null,
  deliverAt: null,
  buyerName: MARKUP,
  giftMessage: `two\nlines ${MARKUP}`,
  boughtAt: '2026-11-20T23:59:59.9+00:00',
  cardStatus: 'unactivated',
  paidDebtSeconds: 0,
  email: 'someone@example.com',
};
const CODE = '2346-789F-HJKL';

const emailsIn = (words: MailWords): Record<string, Email> => ({
  receipt: receiptEmail(words, PURCHASE),
  'receipt of time that was owed': receiptEmail(words, {
    ...PURCHASE,
    purpose: 'me',
    bonusSeconds: 60,
    paidDebtSeconds: 3000,
    receivedCents: 1300,
  }),
  'receipt of a gift on a day': receiptEmail(words, {
    ...PURCHASE,
    giftEmail: 'a@example.com',
    deliverAt: PURCHASE.boughtAt,
  }),
  gift: giftEmail(words, PURCHASE, CODE, 'https://mindbot.example/'),
  'gift by mail': giftEmail(words, { ...PURCHASE, giftEmail: 'a@example.com' }, CODE, undefined),
  'gift of nobody': giftEmail(
    words,
    { ...PURCHASE, giftEmail: 'a@example.com', buyerName: ' ' },
    CODE,
    undefined,
  ),
  refund: refundEmail(words, PURCHASE, 1234),
  'failed refund': refundFailedEmail(words, PURCHASE, 1234),
  'dispute that begins': disputeOpenedEmail(words, PURCHASE, 1234),
  'dispute that is won': disputeClosedEmail(words, PURCHASE, 1234, 'won'),
  'dispute that is lost': disputeClosedEmail(words, PURCHASE, 1234, 'lost'),
  'second payment': secondPaymentEmail(words, PURCHASE, 1234, 'jpy'),
  'stopped top-up': topUpStoppedEmail(words, 'money_back', MARKUP),
});
const EMAILS = emailsIn(en);
const IN_ALL = PAGE_LANGUAGES.flatMap((language) => {
  const words = mailWordsOf(language);
  return Object.entries(emailsIn(words)).map(([name, email]) => ({ name, language, words, email }));
});

test.each(IN_ALL)('the email of a $name escapes every value, and loads nothing: $language', (each) => {
  const { language, words, email } = each;
  const markup = emailHtml(words, email);
  expect(markup).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; co');
  expect(markup).not.toMatch(/<(img|script|link|iframe|object)\b/);
  expect(markup).not.toMatch(/url\(|@import/);
  expect(markup).toContain(`lang="${language}"`);
  expect(markup).toContain('prefers-color-scheme: dark');
  const text = emailText(words, email);
  for (const said of [email.subject, ...email.paragraphs, ...email.facts.flat()])
    expect(text).toContain(said);
});

test.each(PAGE_LANGUAGES.filter((language) => language !== 'en'))(
  'nothing is left in English: %s',
  (language) => {
    const words = mailWordsOf(language);
    const theirs = emailsIn(words);
    for (const [name, email] of Object.entries(EMAILS)) {
      const other = theirs[name];
      expect(other?.subject, name).not.toBe(email.subject);
      for (const paragraph of email.paragraphs) expect(other?.paragraphs, name).not.toContain(paragraph);
      // The same is told, and in the same order.
      expect(other?.facts.length, name).toBe(email.facts.length);
      expect(other?.paragraphs.length, name).toBe(email.paragraphs.length);
    }
    expect(words.signature).not.toBe(en.signature);
  },
);

test.each([
  ['de', 'Bezahlt: 11,89\u00a0€', 'Datum: 20. November 2026', '1.234\u00a0¥'],
  ['es', 'Pagado: 11,89\u00a0€', 'Fecha: 20 de noviembre de 2026', '1234\u00a0JPY'],
  ['fr', 'Payé\u00a0: 11,89\u00a0€', 'Date\u00a0: 20 novembre 2026', '1\u202f234\u00a0JPY'],
] as const)('days and amounts are written as in the language: %s', (language, paid, day, yen) => {
  const words = mailWordsOf(language);
  const euros = { ...PURCHASE, currency: 'eur', receivedCurrency: 'eur', receivedCents: 1189 };
  const text = emailText(words, receiptEmail(words, euros));
  for (const line of [paid, day]) expect(text).toContain(line);
  expect(emailText(words, refundEmail(words, PURCHASE, 1234))).toContain(yen);
});

test('an amount is in the smallest unit of its own currency', () => {
  expect(emailText(en, EMAILS.receipt as Email)).toContain('Paid: ¥1,234');
  const euros = {
    ...PURCHASE,
    currency: 'eur',
    receivedCurrency: 'eur',
    amountCents: 999,
    receivedCents: 1189,
  };
  const text = emailText(en, receiptEmail(en, euros));
  for (const line of ['Price: €9.99', 'Tax: €1.90', 'Paid: €11.89', 'Date: 20 November 2026']) {
    expect(text).toContain(line);
  }
});

test('a receipt says how much of what was bought paid time that was owed', () => {
  expect(emailText(en, EMAILS.receipt as Email)).not.toContain('owed');
  const text = emailText(en, receiptEmail(en, { ...PURCHASE, purpose: 'me', paidDebtSeconds: 3000 }));
  expect(text).toContain('You owed time that was used');
  expect(text).toContain('Paid of what was owed: 50 min');
});

test('a link to activate holds the code where no server sees it', () => {
  const url = new URL(EMAILS.gift?.link?.url ?? '');
  expect(url.hash).toBe(`#/activate/${CODE}`);
  expect(url.pathname + url.search).not.toContain(CODE);
  expect(giftEmail(en, PURCHASE, CODE, undefined).link).toBeUndefined();
});
