import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { until } from '../support/sidecar.ts';
import { fillSignIn, openSidecarPage } from '../support/sidecar-page.ts';
import { cameTrue, violations } from './page-steps.ts';

const scene = await openSidecarPage();
afterAll(() => scene?.close());

const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 } };
const DARK_PHONE: BrowserContextOptions = { ...PHONE, colorScheme: 'dark' };

/** What is wider than the window: on a phone everything has to be read without scrolling to the side. */
const isTooWide = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

test('without its configuration the page says so, keeps trying, and needs nobody for it', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await scene.browser.newPage(DARK_PHONE);
  await page.route('**/config.json', (route) =>
    route.fulfill({ status: 502, body: '<html>bad gateway</html>' }),
  );
  await page.goto(`${scene.sidecar.url}/#/activate/7F29-HJKL-MPQR`);
  await page.getByRole('heading', { name: 'MindBot is not to be reached' }).waitFor(cameTrue);
  await page.locator('[data-testid=connection][data-state=unreachable] span').waitFor(cameTrue);
  // Said once, and not in English only by what stands before the service.
  expect(await page.getByTestId('error').count()).toBe(0);
  await page.getByText('The gift code of your link waits here').waitFor(cameTrue);
  expect(await isTooWide(page)).toBe(false);
  await page.screenshot({ path: scene.screenshot('no-config'), fullPage: true });
  await page.unroute('**/config.json');
  await page.getByTestId('sign-in').waitFor(cameTrue);
  await page.getByText('Your link brought a gift code.').waitFor(cameTrue);
  await page.close();
});

test('a line that breaks is one sentence, which goes by itself, and nobody is told that they own nothing', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { sidecar } = scene;
  const person = await sidecar.database.signUp();
  const { payment_intent_id } = await sidecar.begin(person, 'starter', 'me');
  await sidecar.pay(payment_intent_id);
  await until(async () => (await sidecar.balanceOf(person)) === 3600);
  const page = await scene.browser.newPage(PHONE);
  let isCut = true;
  const asked: string[] = [];
  await page.route('**/user/**', (route) => {
    asked.push(route.request().url());
    return isCut ? route.abort() : route.continue();
  });
  await page.goto(`${sidecar.url}/account`);
  await fillSignIn(page, person);
  const connection = (state: string) =>
    page.locator(`[data-testid=connection][data-state=${state}]`).waitFor({ ...cameTrue, state: 'attached' });
  await connection('unreachable');
  await expect.poll(() => new Set(asked).size, cameTrue).toBeGreaterThan(6);
  expect(await page.getByRole('status').filter({ hasText: 'cannot be reached' }).count()).toBe(1);
  expect(await page.getByTestId('error').count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  expect(await page.getByText('None yet').count()).toBe(0);
  expect(await isTooWide(page)).toBe(false);
  await page.screenshot({ path: scene.screenshot('cut-line'), fullPage: true });
  isCut = false;
  // Whoever does not want to wait has all of it asked again at once.
  await page.getByTestId('try-now').click();
  await connection('back');
  await page.locator('[data-testid=balance][data-seconds="3600"]').waitFor(cameTrue);
  await page.getByText('of 1 h').first().waitFor(cameTrue);
  expect(await page.getByTestId('error').count()).toBe(0);
  await connection('fine');
  // And a browser without a network says so, and goes on by itself when it has one.
  await page.context().setOffline(true);
  await connection('offline');
  await page.context().setOffline(false);
  await connection('fine');
  await page.close();
});

test.each([
  ['in the fragment', '/#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid'],
  ['in the query', '/?error=access_denied&error_code=otp_expired&error_description=x&utm_source=mail'],
])('a link of a mail that is used up says so, and its error leaves the address: %s', async (_where, path) => {
  if (!scene) return;
  const page = await scene.browser.newPage(PHONE);
  await page.goto(scene.sidecar.url + path);
  await page.getByText('This link was used already, or is too old.').waitFor(cameTrue);
  await page.getByTestId('sign-in').waitFor(cameTrue);
  expect(page.url()).not.toMatch(/error/);
  if (path.includes('utm')) expect(page.url()).toContain('utm_source=mail');
  expect(await isTooWide(page)).toBe(false);
  await page.close();
});

test('a code is pasted with all that stands around it, and a short password is told before anybody is asked', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await scene.browser.newPage(PHONE);
  const sent: string[] = [];
  page.on('request', (request) => sent.push(request.url()));
  await page.goto(`${scene.sidecar.url}/gift`);
  await page.getByTestId('no-account').click(cameTrue);
  await page.getByTestId('email').fill('new@example.com');
  await page.getByTestId('password').fill('nine char');
  await page.getByTestId('sign-up').click();
  await page.getByText('A new password must have 10 characters or more.').waitFor(cameTrue);
  expect(sent.filter((url) => url.includes('/auth/v1/signup'))).toEqual([]);

  await page.getByTestId('have-account').click();
  await fillSignIn(page, await scene.sidecar.database.signUp());
  const field = page.getByTestId('activate-code');
  await field.waitFor(cameTrue);
  await field.focus();
  // As a browser pastes, without a clipboard of the machine's.
  await page.evaluate(`{
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', 'Pass this code on:\\n\\n    “7f29\\u2212hjkl\\u2212mpqr”.\\n\\nFor: Zoë, with love');
    document.activeElement.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }`);
  await expect.poll(() => field.inputValue(), cameTrue).toBe('7F29-HJKL-MPQR');
  await field.fill('7F29 HJL MPQR');
  await page.getByTestId('activate').click();
  await page.getByText('The second group has 3 characters instead of four.').waitFor(cameTrue);
  expect(sent.filter((url) => url.endsWith('/activate'))).toEqual([]);
  expect(await isTooWide(page)).toBe(false);
  await page.screenshot({ path: scene.screenshot('pasted'), fullPage: true });
  await page.close();
});
