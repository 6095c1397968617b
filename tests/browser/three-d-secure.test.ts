import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { openSidecarPage } from '../support/sidecar-page.ts';
import { cameTrue, payWithCard, pressButton } from './page-steps.ts';

const scene = await openSidecarPage();
afterAll(() => scene?.close());

/** Of a test card whose bank always asks who it is. */
const ASKED = '4000002760003184';

async function buyer(): Promise<Page> {
  if (!scene) throw new Error(NO_CHROMIUM);
  const page = await scene.browser.newPage();
  await scene.signIn(page, await scene.sidecar.database.signUp(), '/buy', 'buy-starter');
  return page;
}

const lands = (page: Page) => page.locator('[data-testid=balance][data-seconds="3600"]').waitFor(cameTrue);

test('3-D Secure in the form: the bank asks, and the time is there', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await buyer();
  await page.getByTestId('buy-starter').click();
  await payWithCard(page, ASKED);
  await page.getByRole('button', { name: 'Complete' }).click(cameTrue);
  await page.getByText('Paid. Your time appears here in a moment.').waitFor(cameTrue);
  await lands(page);
  expect(page.url()).toBe(`${scene.sidecar.url}/buy`);
  await page.close();
});

test('who fails there, or goes back, chooses again and pays with another card', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  for (const leave of ['fail', 'back'] as const) {
    const page = await buyer();
    await page.getByTestId('buy-starter').click();
    await payWithCard(page, ASKED);
    await page.getByRole('button', { name: 'Complete' }).waitFor(cameTrue);
    if (leave === 'fail') await page.getByRole('button', { name: 'Fail' }).click();
    else await page.goBack();
    await page.getByTestId('buy-starter').click(cameTrue);
    await payWithCard(page, '4242424242424242');
    await lands(page);
    await page.close();
  }
});

test('who cancels on Stripe’s page can pay in the form', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await buyer();
  await page.getByTestId('buy-starter').click();
  await pressButton(page, 'pay-elsewhere');
  await page.getByRole('link', { name: 'Cancel and go back' }).click(cameTrue);
  await page.getByText('You came back from Stripe’s page without paying.').waitFor(cameTrue);
  await page.getByTestId('buy-starter').click(cameTrue);
  await payWithCard(page, '4242424242424242');
  await lands(page);
  await page.close();
});
