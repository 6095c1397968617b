import { expect, test } from 'vitest';
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
import { emailHtml, emailText } from '../../webhook-server/notices/render-email.ts';

const MARKUP = '<img src=x onerror="alert(1)"> & co';
const PURCHASE: PurchaseFacts = {
  id: '11111111-1111-4111-8111-111111111111',
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

const EMAILS = {
  receipt: receiptEmail(PURCHASE),
  gift: giftEmail(PURCHASE, CODE, 'https://mindbot.example/'),
  refund: refundEmail(PURCHASE, 1234),
  'failed refund': refundFailedEmail(PURCHASE, 1234),
  'dispute that begins': disputeOpenedEmail(PURCHASE, 1234),
  'dispute that is won': disputeClosedEmail(PURCHASE, 1234, 'won'),
  'dispute that is lost': disputeClosedEmail(PURCHASE, 1234, 'lost'),
  'second payment': secondPaymentEmail(PURCHASE, 1234, 'jpy'),
  'stopped top-up': topUpStoppedEmail('money_back', MARKUP),
};

test.each(Object.entries(EMAILS))(
  'the email of a %s escapes every value, and loads nothing',
  (_name, email) => {
    const markup = emailHtml(email);
    expect(markup).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; co');
    expect(markup).not.toMatch(/<(img|script|link|iframe|object)\b/);
    expect(markup).not.toMatch(/url\(|@import/);
    expect(markup).toContain('lang="en"');
    expect(markup).toContain('prefers-color-scheme: dark');
    const text = emailText(email);
    for (const said of [email.subject, ...email.paragraphs, ...email.facts.flat()])
      expect(text).toContain(said);
  },
);

test('an amount is in the smallest unit of its own currency', () => {
  expect(emailText(EMAILS.receipt)).toContain('Paid: ¥1,234');
  const euros = {
    ...PURCHASE,
    currency: 'eur',
    receivedCurrency: 'eur',
    amountCents: 999,
    receivedCents: 1189,
  };
  const text = emailText(receiptEmail(euros));
  for (const line of ['Price: €9.99', 'Tax: €1.90', 'Paid: €11.89', 'Date: 20 November 2026']) {
    expect(text).toContain(line);
  }
});

test('a receipt says how much of what was bought paid time that was owed', () => {
  expect(emailText(EMAILS.receipt)).not.toContain('owed');
  const text = emailText(receiptEmail({ ...PURCHASE, purpose: 'me', paidDebtSeconds: 3000 }));
  expect(text).toContain('You owed time that was used');
  expect(text).toContain('Paid of what was owed: 50 min');
});

test('a link to activate holds the code where no server sees it', () => {
  const url = new URL(EMAILS.gift.link?.url ?? '');
  expect(url.hash).toBe(`#/activate/${CODE}`);
  expect(url.pathname + url.search).not.toContain(CODE);
  expect(giftEmail(PURCHASE, CODE, undefined).link).toBeUndefined();
});
