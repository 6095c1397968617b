import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { clientOf, startForTest } from './harness.ts';

/** Set to keep what the pages look like. */
const screenshots = process.env.SCREENSHOTS;
const PHONE = { width: 320, height: 640 };

let browser: Browser | undefined;

beforeAll(async () => {
  if (chromiumPath === null) return;
  browser = await launchChromium();
});

afterAll(() => browser?.close());

async function openCheckout(page: Page) {
  const standIn = await startForTest();
  const stripe = clientOf(standIn);
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [
      {
        price_data: { currency: 'usd', unit_amount: 999, product_data: { name: 'One hour of talking' } },
        quantity: 1,
      },
    ],
    success_url: `${standIn.url}/health?session={CHECKOUT_SESSION_ID}`,
    cancel_url: `${standIn.url}/health?canceled`,
  });
  await page.goto(String(session.url));
  return { stripe, id: session.id };
}

async function keep(page: Page, name: string): Promise<void> {
  if (screenshots !== undefined)
    await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

/** Run in the page: the lowest contrast of any text against what is behind it (WCAG 2.2, 1.4.3). */
const LOWEST_CONTRAST = `(() => {
  const channels = (color) => (color.match(/[\\d.]+/g) ?? []).slice(0, 4).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    if (element === null) return matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(0,0,0)' : 'rgb(255,255,255)';
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 ? behind(element.parentElement) : color;
  };
  const texts = [...document.querySelectorAll('h1, p, a, label, legend, button, span')];
  return Math.min(...texts.map((element) => {
    const [one, other] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  }));
})()`;

const lowestContrast = (page: Page) => page.evaluate<number>(LOWEST_CONTRAST);
const contentWidth = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth');

test('a payment is made with the keyboard alone, declined first, then over the bank’s page', async (context) => {
  if (browser === undefined) return context.skip(NO_CHROMIUM);
  const page = await browser.newPage();
  const { stripe, id } = await openCheckout(page);
  const type = async (text: string) => {
    await page.keyboard.press('Tab');
    await page.keyboard.type(text);
  };
  await type('payer@example.com');
  await page.keyboard.press('Tab');
  await type('4000000000000002');
  await type('12 / 40');
  await type('123');
  await type('Ada');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'declined' }).waitFor();
  expect(await page.getByLabel('E-mail').inputValue()).toBe('payer@example.com');
  expect(await page.getByLabel('Card number').inputValue()).toBe('');
  await page.getByLabel('Card number').fill('4000 0027 6000 3184');
  await page.getByLabel('Security code').fill('123');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'is it you' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/health?session=${id}`);
  expect((await stripe.checkout.sessions.retrieve(id)).payment_status).toBe('paid');
});

test('what is wrong gets the focus, and a way leads back', async (context) => {
  if (browser === undefined) return context.skip(NO_CHROMIUM);
  const page = await browser.newPage();
  await openCheckout(page);
  await page.getByLabel('E-mail').fill('payer@example.com');
  await page.getByLabel('Card number').fill('4242 4242 4242 4241');
  await page.getByLabel('Expiry').fill('12/40');
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.getByRole('alert').waitFor();
  const focused = page.locator('input:focus');
  expect(await focused.getAttribute('name')).toBe('number');
  expect(await focused.getAttribute('aria-invalid')).toBe('true');
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.waitForURL('**/health?canceled');
});

test.for(['light', 'dark'] as const)(
  'at a phone’s width in %s nothing is cut off or hard to read',
  async (colorScheme, context) => {
    if (browser === undefined) return context.skip(NO_CHROMIUM);
    const page = await browser.newPage({ viewport: PHONE, colorScheme });
    const { stripe, id } = await openCheckout(page);
    await page.getByRole('button', { name: /^Pay/ }).click();
    await page.getByRole('alert').waitFor();
    await keep(page, `checkout-${colorScheme}`);
    expect(await contentWidth(page)).toBeLessThanOrEqual(PHONE.width);
    expect(await lowestContrast(page)).toBeGreaterThanOrEqual(4.5);
    for (const target of await page.locator('button, input:visible:not([type=radio])').all()) {
      expect((await target.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
    await page.getByLabel('US bank account').check();
    expect(await page.getByLabel('Card number').isVisible()).toBe(false);
    await page.getByLabel('E-mail').fill('payer@example.com');
    await page.getByLabel('Routing number').fill('110000000');
    await page.getByLabel('Account number').fill('000123456789');
    await keep(page, `checkout-bank-${colorScheme}`);
    await page.getByRole('button', { name: /^Pay/ }).click();
    await page.waitForURL(`**/health?session=${id}`);
    expect((await stripe.checkout.sessions.retrieve(id)).status).toBe('complete');
  },
);

test('in the portal a card is removed, and the page fits a phone', async (context) => {
  if (browser === undefined) return context.skip(NO_CHROMIUM);
  const page = await browser.newPage({ viewport: PHONE, colorScheme: 'dark' });
  const stripe = clientOf(await startForTest());
  const { id: customer } = await stripe.customers.create({});
  for (const card of ['pm_card_visa', 'pm_card_amex']) await stripe.paymentMethods.attach(card, { customer });
  await page.goto((await stripe.billingPortal.sessions.create({ customer })).url);
  await keep(page, 'portal-dark');
  expect(await contentWidth(page)).toBeLessThanOrEqual(PHONE.width);
  expect(await lowestContrast(page)).toBeGreaterThanOrEqual(4.5);
  await page.getByRole('button', { name: /Remove visa ending in 4242/ }).click();
  await page.getByText('visa ending in 4242').waitFor({ state: 'detached' });
  expect((await stripe.paymentMethods.list({ customer })).data).toHaveLength(1);
});
