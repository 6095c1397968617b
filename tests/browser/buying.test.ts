import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { chargeAutoTopUp } from '../../webhook-server/auto-top-ups/charge-auto-top-up.ts';
import { decideAutoTopUps } from '../../webhook-server/auto-top-ups/decide-auto-top-ups.ts';
import { NO_CHROMIUM } from '../support/chromium.ts';
import type { Person } from '../support/database.ts';
import { patience } from '../support/patience.ts';
import { makeAllDue, workJobs } from '../support/queue.ts';
import { until } from '../support/sidecar.ts';
import { openSidecarPage, problemsOf, type SidecarPage } from '../support/sidecar-page.ts';
import { bankFrame, cardFrame, goTo, payWithCard, pressButton } from './page-steps.ts';

const PHONE = { width: 360, height: 740 };
const cameTrue = { timeout: patience(30_000) };
const scene = await openSidecarPage();
afterAll(() => scene?.close());

async function keep({ screenshot }: SidecarPage, page: Page, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.screenshot({ path: screenshot(name), fullPage: true });
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.screenshot({ path: screenshot(`${name}-dark`), fullPage: true });
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  // Nothing may be wider than the phone.
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
}

async function arrive({ browser, sidecar, signIn }: SidecarPage) {
  const person = await sidecar.database.signUp();
  const page = await browser.newPage({ viewport: PHONE });
  const problems = problemsOf(page);
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  await signIn(page, person, '/buy', 'buy-starter');
  /** Refusals (a declined card, a purchase that moved on) are answers, and no problem of the page. */
  const faults = () => problems.filter((line) => !/status of 40[29]/.test(line));
  return { page, person, faults, requested };
}

async function fillStripesPage(page: Page, number: string): Promise<void> {
  await page.getByLabel('E-mail').fill('payer@example.com');
  await page.getByLabel('Card number').fill(number);
  await page.getByLabel('Expiry (MM / YY)').fill('12 / 40');
  await page.getByLabel('Security code').fill('123');
  await page.getByLabel('Name on card').fill('Ada Payer');
  await page.getByRole('button', { name: 'Pay $9.99' }).click();
}

const shows = (page: Page, seconds: number) =>
  page.locator(`[data-testid=balance][data-seconds="${seconds}"]`).waitFor(cameTrue);

/** Waits until the sidecar tells of it, then lets the page look again, as it does when somebody comes back to its tab. */
async function seen(
  { sidecar }: SidecarPage,
  page: Page,
  person: Person,
  part: 'balance' | 'auto-top-up',
  isThere: (answer: Record<string, unknown>) => boolean,
): Promise<void> {
  const path = `/user/${person.id}/${part}`;
  await until(async () => isThere((await sidecar.get(path, { person })).body as Record<string, unknown>));
  await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
}

test('on Stripe’s page: back without paying, on again, 3-D Secure failed and passed, and the time is there', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { page, person, faults } = await arrive(scene);
  await page.getByTestId('buy-starter').click();
  await page.locator('[data-testid=pay]:enabled').waitFor(cameTrue);
  await keep(scene, page, 'checkout');
  await pressButton(page, 'pay-elsewhere');
  await page.getByText('Cancel and go back').click();
  await page.getByText('You came back from Stripe’s page without paying.').waitFor(cameTrue);
  expect(new URL(page.url()).search).toBe('');

  // Who has cancelled there is asked anew, and can pay in the form, too.
  await page.getByTestId('buy-starter').click();
  await page.locator('[data-testid=pay]:enabled').waitFor(cameTrue);
  await pressButton(page, 'pay-elsewhere');
  await page.getByLabel('Card number').waitFor(cameTrue);
  await fillStripesPage(page, '4000 0000 0000 3220');
  await page.getByRole('button', { name: 'Fail' }).click();
  await page.getByRole('alert').waitFor(cameTrue);
  await fillStripesPage(page, '4000 0000 0000 3220');
  await keep(scene, page, 'challenge');
  await page.getByRole('button', { name: 'Complete' }).click();
  await page.getByText('Your time appears here as soon as').waitFor(cameTrue);
  await seen(scene, page, person, 'balance', (answer) => answer.balance_seconds === 3600);
  await shows(page, 3600);
  await keep(scene, page, 'returned');
  expect(faults()).toEqual([]);
  await scene.sidecar.expectSound();
});

async function payByHand(page: Page, number: string): Promise<void> {
  await page.getByTestId('buy-starter').click();
  const another = page.getByTestId('another-card');
  await page
    .locator('[data-testid=pay-status][data-phase=ready]')
    .waitFor({ ...cameTrue, state: 'attached' });
  if ((await another.count()) > 0) await another.check();
  await page.getByTestId('keep-card').check();
  await payWithCard(page, number);
  await page.locator('[data-testid=pay-status][data-phase=landed]').waitFor(cameTrue);
  await page.getByTestId('close-checkout').click();
}

test('a card is kept with consent, pays the next time with one press, and is removed', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { page, faults } = await arrive(scene);
  await payByHand(page, '4242424242424242');
  await goTo(page, 'account');
  await page.getByTestId('kept-card').filter({ hasText: 'Visa •••• 4242' }).waitFor(cameTrue);

  await goTo(page, 'buy');
  await page.getByTestId('buy-starter').click();
  await page.locator('[data-testid=pay-saved]:enabled').waitFor(cameTrue);
  await keep(scene, page, 'saved-card');
  await page.getByTestId('pay-saved').click();
  await page.locator('[data-testid=pay-status][data-phase=landed]').waitFor(cameTrue);
  await shows(page, 7200);
  await page.getByTestId('close-checkout').click();

  await goTo(page, 'account');
  await page.getByTestId('remove-card').click();
  await page.getByTestId('kept-card').waitFor({ ...cameTrue, state: 'detached' });
  await goTo(page, 'buy');
  await page.getByTestId('buy-starter').click();
  await page.getByTestId('keep-card').waitFor(cameTrue);
  expect(await page.getByTestId('pay-saved').count()).toBe(0);
  expect(await page.getByTestId('keep-card').isChecked()).toBe(false);
  expect(faults()).toEqual([]);
});

test('Stripe.js is loaded when somebody pays; blocked, it says so; the card is declined, then asked for 3-D Secure', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { page, person, faults, requested } = await arrive(scene);
  const stripe = scene.sidecar.variables.STRIPE_API_URL ?? '';
  const ofStripe = () => requested.filter((url) => url.startsWith(stripe) || /\/stripe-[^/]*\.js/.test(url));
  expect(ofStripe()).toEqual([]);
  await page.route('**/v3/stripe.js', (route) => route.abort());
  await page.getByTestId('buy-starter').click();
  await page.getByTestId('error').filter({ hasText: 'cannot be loaded' }).waitFor(cameTrue);
  await page.unroute('**/v3/stripe.js');
  await page.getByTestId('close-checkout').click();
  await page.getByTestId('buy-starter').click();
  const frame = cardFrame(page);
  await frame.getByLabel('Card number').waitFor(cameTrue);
  expect(ofStripe()).not.toEqual([]);
  const scheme = () => frame.locator('html').evaluate((html) => html.style.colorScheme);
  expect(await scheme()).toBe('light');
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await expect.poll(scheme).toBe('dark');

  await payWithCard(page, '4000000000000002');
  await page.locator('[data-testid=pay-status][data-phase=declined]').waitFor(cameTrue);
  // A card of which the bank asks more, in place.
  await payWithCard(page, '4000002760003184');
  await bankFrame(page).getByRole('heading', { name: 'is it you' }).waitFor(cameTrue);
  await bankFrame(page).getByRole('button', { name: 'Complete' }).click();
  await page.locator('[data-testid=pay-status][data-phase=landed]').waitFor(cameTrue);
  await seen(scene, page, person, 'balance', (answer) => answer.balance_seconds === 3600);
  await shows(page, 3600);
  expect(new URL(page.url()).search).toBe('');
  expect(faults().filter((line) => !line.includes('ERR_FAILED'))).toEqual([]);
  await scene.sidecar.expectSound();
});

/** What the timers of the sidecar do. */
async function runTopUps({ sidecar }: SidecarPage): Promise<void> {
  await decideAutoTopUps(sidecar.deps);
  await makeAllDue(sidecar);
  await workJobs(sidecar, 'auto_top_up', chargeAutoTopUp);
}

async function turnOn(page: Page): Promise<void> {
  await page.getByTestId('top-up-open').click();
  await page.getByTestId('top-up-threshold').selectOption('1800');
  await page.getByTestId('top-up-consent').check();
}

test('automatic top-up: off at first, turned on with consent, charges, stops after declines, and starts again', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { page, person, faults } = await arrive(scene);
  const { database, stripe } = scene.sidecar;
  const { sql } = database;
  const panel = (status: string) => page.locator(`[data-testid=auto-top-up][data-status=${status}]`);
  await goTo(page, 'account');
  await panel('not_set').waitFor(cameTrue);
  await goTo(page, 'buy');
  await payByHand(page, '4242424242424242');
  await goTo(page, 'account');
  await turnOn(page);
  await page.getByTestId('top-up-cap').selectOption('2');
  // Other terms are another consent.
  expect(await page.getByTestId('top-up-on').isDisabled()).toBe(true);
  await page.getByTestId('top-up-consent').check();
  await keep(scene, page, 'top-up-terms');
  await page.getByTestId('top-up-on').click();
  await panel('active').waitFor(cameTrue);
  await sql`select public.deduct_user_time(${person.id}, 30)`;
  await runTopUps(scene);
  await seen(scene, page, person, 'balance', (answer) => answer.balance_seconds === 5400);
  await shows(page, 5400);
  await panel('active').filter({ hasText: '$9.99 of $19.98 charged' }).waitFor(cameTrue);
  await keep(scene, page, 'top-up-active');

  await page.getByTestId('remove-card').click();
  await panel('disabled').waitFor(cameTrue);
  const [row] = await sql`select stripe_customer_id as id from users where id = ${person.id}`;
  const attach = (card: string) => stripe.paymentMethods.attach(card, { customer: row?.id as string });
  await attach('pm_card_authenticationRequired');
  await sql`select public.deduct_user_time(${person.id}, 80)`;
  await page.reload();
  await panel('disabled').waitFor(cameTrue);
  await turnOn(page);
  await page.getByTestId('top-up-on').click();
  await panel('active').waitFor(cameTrue);
  await runTopUps(scene);
  await runTopUps(scene);
  await seen(scene, page, person, 'auto-top-up', (answer) => answer.status === 'stopped');
  await page.getByTestId('top-up-stopped').filter({ hasText: 'Buy a package by hand' }).waitFor(cameTrue);
  await keep(scene, page, 'top-up-stopped');
  await page.getByTestId('top-up-off').click();
  await panel('disabled').waitFor(cameTrue);
  expect(faults()).toEqual([]);
  await scene.sidecar.expectSound();
});
