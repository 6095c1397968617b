import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { openSidecarPage } from '../support/sidecar-page.ts';
import { cameTrue, payWithCard } from './page-steps.ts';

const scene = await openSidecarPage();
afterAll(() => scene?.close());

test('who has no time left is told so, and is not asked for a microphone', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await scene.browser.newPage();
  await page.addInitScript(`{
    window.asked = 0;
    navigator.mediaDevices.getUserMedia = async () => { window.asked += 1; throw new Error('none'); };
  }`);
  await scene.signIn(page, await scene.sidecar.database.signUp(), '/talk', 'talk');
  await page.getByTestId('talk').click();
  await page.getByTestId('error').waitFor(cameTrue);
  expect(await page.evaluate('window.asked')).toBe(0);
  await page.close();
});

test('a gift goes by e-mail on a day, and the shop says which package is the best value', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await scene.browser.newPage({ viewport: { width: 375, height: 812 } });
  await scene.signIn(page, await scene.sidecar.database.signUp(), '/buy', 'buy-starter');
  await page.getByTestId('package-enterprise').filter({ hasText: 'Best value' }).waitFor(cameTrue);
  expect(await page.getByText('Best value').count()).toBe(1);
  await page.getByTestId('package-starter').filter({ hasText: '$0.167 a minute' }).waitFor(cameTrue);
  await page.getByTestId('for-gift').check();
  await page.getByTestId('gift-recipient').fill('Grace');
  await page.getByTestId('gift-email').fill('grace@example.com');
  const day = await page.getByTestId('gift-day').getAttribute('min');
  await page.getByTestId('gift-day').fill(day ?? '');
  await page.screenshot({ path: scene.screenshot('buy-gift-phone'), fullPage: true });
  await page.getByTestId('buy-starter').click();
  await payWithCard(page, '4242424242424242');
  await page.locator('[data-testid=pay-status][data-phase=landed]').waitFor(cameTrue);
  await page
    .getByTestId('gift-delivery')
    .filter({ hasText: /to grace@example\.com, goes out / })
    .waitFor(cameTrue);
  await page.close();
});
