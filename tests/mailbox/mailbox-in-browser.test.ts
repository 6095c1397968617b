import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Mailbox, startMailbox } from '../../local/mailbox/server.ts';
import { readMailSettings, type SmtpSettings } from '../../webhook-server/base/mail-settings.ts';
import { createSmtpSender } from '../../webhook-server/base/smtp-sender.ts';
import { giftEmail } from '../../webhook-server/notices/emails.ts';
import type { PurchaseFacts } from '../../webhook-server/notices/purchase-facts.ts';
import { type Email, emailHtml, emailText } from '../../webhook-server/notices/render-email.ts';
import { en } from '../../webhook-server/notices/words/en.ts';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';

const PURCHASE: PurchaseFacts = {
  id: '11111111-1111-4111-8111-111111111111',
  userId: '22222222-2222-4222-8222-222222222222',
  purpose: 'gift',
  packageName: 'Basic',
  amountCents: 4499,
  receivedCents: 4499,
  refundedCents: 0,
  currency: 'usd',
  receivedCurrency: 'usd',
  paidSeconds: 18_000,
  bonusSeconds: 1800,
  clawedBackSeconds: 0,
  giftRecipient: 'Ada',
  giftEmail: null,
  deliverAt: null,
  buyerName: '',
  giftMessage: 'x'.repeat(300),
  boughtAt: '2026-11-20T12:00:00Z',
  cardStatus: 'unactivated',
  paidDebtSeconds: 0,
  email: 'someone@example.com',
};

function settings({ smtpUrl }: Mailbox): SmtpSettings {
  const read = readMailSettings({ SMTP_URL: smtpUrl, MAIL_FROM: 'MindBot <mindbot@localhost>' });
  if ('problem' in read) throw new Error(read.problem);
  return read;
}

let email: Email;
let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox({ file: ':memory:' });
  email = giftEmail(en, PURCHASE, '2346-789F-HJKL', mailbox.url);
  const send = createSmtpSender(settings(mailbox));
  await send({
    id: `${'i'.repeat(40)}@localhost`,
    to: 'someone@example.com',
    subject: email.subject,
    text: emailText(en, email),
    html: `${emailHtml(en, email)}<script>document.title = 'run'</script>`,
  });
});
afterAll(() => mailbox.close());

test.skipIf(chromiumPath === null)(
  'on a phone, in the light and in the dark, by keyboard',
  { meta: { skippedBecause: NO_CHROMIUM } },
  async () => {
    const browser = await launchChromium();
    try {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ viewport: { width: 320, height: 640 }, colorScheme });
        const isWide = () => page.evaluate('document.documentElement.scrollWidth > innerWidth');
        await page.goto(mailbox.url);
        expect(await isWide()).toBe(false);
        await page.keyboard.press('Tab');
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: email.subject }).waitFor();
        expect(await isWide()).toBe(false);
        await page.frameLocator('iframe').getByText('2346-789F-HJKL').first().waitFor();
        const opened = page.waitForEvent('popup');
        await page.frameLocator('iframe').getByRole('link').click();
        expect((await opened).url()).toBe(email.link?.url);
        expect(await page.locator('pre').textContent()).toContain('2346-789F-HJKL');
        const alone = await browser.newPage({ viewport: { width: 320, height: 640 }, colorScheme });
        await alone.goto(`${mailbox.url}/messages/1/html`);
        // Its script did not run.
        expect(await alone.title()).toBe(email.subject);
        expect(await alone.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
        const background = await alone.evaluate('getComputedStyle(document.body).backgroundColor');
        expect(background).toBe(colorScheme === 'dark' ? 'rgb(28, 33, 38)' : 'rgb(255, 255, 255)');
        await alone.close();
        await page.close();
      }
    } finally {
      await browser.close();
    }
  },
);
