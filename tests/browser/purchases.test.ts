import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import type { Person } from '../support/database.ts';
import { openSidecarPage, problemsOf, type SidecarPage } from '../support/sidecar-page.ts';
import { buy, createBank, overSql } from '../time/bank.ts';
import { cameTrue, violations } from './page-steps.ts';

const scene = await openSidecarPage({ config: { TRIAL_MINUTES: 10 } });
afterAll(() => scene?.close());

/** Axe, in both themes. */
async function isClean({ screenshot }: SidecarPage, page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect([name, colorScheme, await violations(page)]).toEqual([name, colorScheme, []]);
    await page.screenshot({ path: screenshot(`${name}-${colorScheme}`) });
  }
}

/** A purchase whose money went back, one of which a part did, and a gift that goes out on a day. */
async function personWithPurchases({ sidecar }: SidecarPage): Promise<Person> {
  const { database } = sidecar;
  const person = await database.signUp();
  const bank = createBank(overSql(database.sql));
  await bank.refund((await buy(bank, person.id, 'starter')).intentId, 999);
  await bank.refund((await buy(bank, person.id, 'basic')).intentId, 1000);
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  const begun = await sidecar.post('/create-payment-intent', {
    person,
    headers: { 'idempotency-key': crypto.randomUUID() },
    body: {
      package_id: 'starter',
      for: 'gift',
      recipient_name: 'Zoë',
      recipient_email: 'zoe@example.com',
      deliver_on: day,
      time_zone: 'Europe/Berlin',
    },
  });
  await sidecar.pay((begun.body as { payment_intent_id: string }).payment_intent_id, 'pm_card_visa');
  return person;
}

test('purchases with what went back and their papers; a gift’s link, picture and day', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const person = await personWithPurchases(scene);
  const page = await scene.browser.newPage({
    viewport: { width: 320, height: 700 },
    reducedMotion: 'reduce',
  });
  const problems = problemsOf(page);
  await scene.signIn(page, person, '/buy', 'purchase');
  const rows = page.getByTestId('purchase');
  await rows.nth(2).waitFor(cameTrue);
  expect(await rows.nth(2).textContent()).toContain('refunded');
  expect(await rows.nth(1).textContent()).toContain('partly refunded');

  // Its receipt, and Stripe’s, which is asked for when somebody looks.
  await rows.nth(2).getByTestId('purchase-receipt').click();
  const receipt = page.frameLocator('[data-testid=receipt] iframe');
  await receipt.getByText('$9.99 of $9.99').waitFor(cameTrue);
  await isClean(scene, page, 'purchase-receipt');
  await page.getByTestId('close-receipt').click();
  await rows.first().locator('summary').click();
  await rows.first().getByTestId('stripe-receipt').waitFor(cameTrue);

  await page.getByTestId('pass-on').click();
  await page.getByTestId('qr').waitFor(cameTrue);
  const code = await page.getByTestId('gift-code').textContent();
  expect(await page.getByTestId('gift-link').textContent()).toBe(
    `${scene.sidecar.url}/gift#/activate/${code}`,
  );
  await isClean(scene, page, 'gift-dialog');
  await page.keyboard.press('Escape');
  await page.getByTestId('gift-dialog').waitFor({ ...cameTrue, state: 'detached' });
  expect(await page.evaluate(`document.activeElement.dataset.testid`)).toBe('pass-on');

  await page.getByTestId('delivery').locator('summary').click();
  const day = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await page.getByTestId('delivery-day').fill(day);
  await page.getByTestId('save-day').click();
  await page.getByTestId('delivery').getByText('Saved.').waitFor(cameTrue);
  await page.getByTestId('send-now').click();
  // Sent: there is nothing to change any more.
  await page.getByTestId('delivery').waitFor({ ...cameTrue, state: 'detached' });
  expect(problems).toEqual([]);
  await page.close();
});

const MISPLACED = `[
  ...[...document.querySelectorAll('main .panel')].filter((panel) => panel.getBoundingClientRect().right > innerWidth - 8),
  ...[...document.querySelectorAll('.package')].filter((row) => {
    const range = document.createRange();
    range.selectNodeContents(row.querySelector('div'));
    const [name, price] = [range.getBoundingClientRect(), row.querySelector('.price').getBoundingClientRect()];
    return name.right > price.left && name.bottom > price.top + 1;
  }),
].map((element) => element.textContent.slice(0, 40))`;

test('free minutes are taken with one press; a refunded card says so; mails are chosen; in every language on a small phone', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { sidecar } = scene;
  const newcomer = await sidecar.database.signUp();
  const page = await scene.browser.newPage({
    viewport: { width: 320, height: 700 },
    reducedMotion: 'reduce',
  });
  const problems = problemsOf(page);
  await scene.signIn(page, newcomer, '/account', 'claim-trial');
  await page.getByTestId('claim-trial').click();
  await page.locator('[data-testid=balance][data-seconds="600"]').waitFor(cameTrue);
  await page.getByTestId('mail-receipt').uncheck();
  await page.getByTestId('mails-saved').filter({ hasText: 'Saved.' }).waitFor(cameTrue);
  await page.getByTestId('mail-language').selectOption('fr');
  await page.getByTestId('mails-saved').filter({ hasText: 'Saved.' }).waitFor(cameTrue);
  const bank = createBank(overSql(sidecar.database.sql));
  await bank.refund((await buy(bank, newcomer.id, 'starter')).intentId, 999);

  for (const language of ['de', 'es', 'fr']) {
    await page.evaluate(`localStorage.setItem('mindbot.language', '${language}')`);
    for (const room of ['account', 'buy', 'gift']) {
      await page.goto(`${sidecar.url}/${room}`);
      await page.getByTestId('room').waitFor(cameTrue);
      await page.getByTestId(room === 'account' ? 'sign-out' : 'activate-code').waitFor(cameTrue);
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect([language, room, over]).toEqual([language, room, 0]);
      // Neither is a panel wider than its place, nor does a name lie upon a price.
      expect(await page.evaluate(MISPLACED), `${room} in ${language}`).toEqual([]);
      expect([language, room, await violations(page)]).toEqual([language, room, []]);
      await page.screenshot({ path: scene.screenshot(`${room}-${language}-small`), fullPage: true });
      if (room === 'account') {
        const ending = page.locator('[data-testid=card-ending][data-status=refunded]');
        expect(await ending.count()).toBe(1);
        expect(await page.getByTestId('mail-receipt').isChecked()).toBe(false);
        expect(await page.getByTestId('mail-language').inputValue()).toBe('fr');
      }
    }
  }
  expect(problems).toEqual([]);
  await page.close();
});
