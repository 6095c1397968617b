import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { openSidecarPage } from '../support/sidecar-page.ts';
import { bankFrame, cameTrue, payWithCard, pressButton } from './page-steps.ts';

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

test('3-D Secure in the form: the bank asks in place, and the time is there', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await buyer();
  const left: string[] = [];
  page.on('framenavigated', (frame) => frame === page.mainFrame() && left.push(frame.url()));
  await page.getByTestId('buy-starter').click();
  await payWithCard(page, ASKED);
  await page.getByTestId('checkout').waitFor(cameTrue);
  await bankFrame(page).getByRole('button', { name: 'Complete' }).click(cameTrue);
  await page.locator('[data-testid=pay-status][data-phase=landed]').waitFor(cameTrue);
  await lands(page);
  expect(left).toEqual([]);
  expect(page.url()).toBe(`${scene.sidecar.url}/buy`);
  await page.close();
});

test('who fails there is told so, and pays with another card in the same form', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await buyer();
  await page.getByTestId('buy-starter').click();
  await payWithCard(page, ASKED);
  await bankFrame(page).getByRole('button', { name: 'Fail' }).click(cameTrue);
  await page
    .locator('[data-testid=pay-status][data-phase=declined]')
    .filter({ hasText: 'unable to authenticate' })
    .waitFor(cameTrue);
  await payWithCard(page, '4242424242424242');
  await lands(page);
  await page.close();
});

test('who comes back from a bank’s own page is told how it ended there, and nothing of it stays in the address', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await buyer();
  await page.goto(`${scene.sidecar.url}/talk?attempt=a&payment_intent=pi_1&redirect_status=succeeded`);
  await page.getByText('Paid. Your time appears here in a moment.').waitFor(cameTrue);
  expect(page.url()).toBe(`${scene.sidecar.url}/buy`);
  await page.goto(`${scene.sidecar.url}/?attempt=a&payment_intent=pi_1&redirect_status=failed`);
  await page.getByText('The payment did not go through.').waitFor(cameTrue);
  expect(page.url()).toBe(`${scene.sidecar.url}/buy`);
  await page.close();
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
