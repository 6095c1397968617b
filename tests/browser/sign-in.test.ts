import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { until } from '../support/sidecar.ts';
import { fillSignIn, openSidecarPage, problemsOf, type SidecarPage } from '../support/sidecar-page.ts';
import { cameTrue } from './page-steps.ts';

const scene = await openSidecarPage();
afterAll(() => scene?.close());

const NEW_PASSWORD = 'another horse battery';
const PHONE = { width: 360, height: 740 };

/** The link of the newest mail to an address. */
async function linkTo({ sidecar }: SidecarPage, email: string, count = 1): Promise<string> {
  const { messages } = sidecar.database.mails;
  await until(async () => (messages.get(email)?.length ?? 0) >= count);
  const { html = '', text = '' } = messages.get(email)?.at(-1) ?? {};
  const link = /https?:[^\s"'<>]*\/verify\?[^\s"'<>]*/.exec(html || text)?.[0] ?? '';
  return link.replaceAll('&amp;', '&');
}

const inTalk = (page: Page) => page.getByTestId('balance').waitFor(cameTrue);

test('forgotten password: a link by mail, a new password, which holds; the link does not work twice', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const person = await scene.sidecar.database.signUp();
  const page = await scene.browser.newPage({ viewport: PHONE });
  const problems = problemsOf(page);
  await page.goto(`${scene.sidecar.url}/sign-in`);
  await page.getByRole('link', { name: 'Forgotten?' }).click();
  await page.getByRole('heading', { name: 'Forgotten password' }).waitFor(cameTrue);
  await page.getByTestId('email').fill(person.email);
  await page.getByTestId('forgot').click();
  await page.getByText('a mail with a link is on its way').waitFor(cameTrue);

  const link = await linkTo(scene, person.email);
  await page.goto(link);
  await page.getByRole('heading', { name: 'A new password' }).waitFor(cameTrue);
  await page.getByTestId('password').fill('too short');
  await page.getByTestId('save-password').click();
  await page.getByText('A new password must have 10 characters or more.').waitFor(cameTrue);
  await page.getByTestId('password').fill(NEW_PASSWORD);
  await page.getByTestId('save-password').click();
  await page.getByTestId('password-saved').waitFor(cameTrue);
  expect(page.url()).toBe(`${scene.sidecar.url}/new-password`);

  const other = await scene.browser.newPage({ viewport: PHONE });
  await other.goto(link);
  await other.getByText('This link was used already, or is too old.').waitFor(cameTrue);
  await other.getByTestId('ask-again').waitFor(cameTrue);
  expect(other.url()).not.toContain('error');
  await other.goto(`${scene.sidecar.url}/account`);
  await fillSignIn(other, person);
  await other.getByText('E-mail or password is wrong.').waitFor(cameTrue);
  await other.getByTestId('password').fill(NEW_PASSWORD);
  await other.getByTestId('sign-in').click();
  await inTalk(other);
  expect(other.url()).toBe(`${scene.sidecar.url}/account`);
  expect(problems).toEqual([]);
});

test('a link by mail signs in, to the room that was wanted; and nobody learns who has an account', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const person = await scene.sidecar.database.signUp();
  const page = await scene.browser.newPage();
  const ask = async (email: string) => {
    await page.goto(`${scene.sidecar.url}/buy`);
    await page.getByTestId('by-link').click(cameTrue);
    await page.getByTestId('email').fill(email);
    await page.getByTestId('send-link').click();
    await page.getByText('If there is an account with this address').waitFor(cameTrue);
  };
  const nobody = `${randomUUID()}@example.com`;
  await ask(nobody);
  expect(scene.sidecar.database.mails.messages.has(nobody)).toBe(false);
  await ask(person.email);
  await page.goto(await linkTo(scene, person.email));
  await page.getByTestId('buy-starter').waitFor(cameTrue);
  expect(page.url().replace(/#$/, '')).toBe(`${scene.sidecar.url}/buy`);
});

test('address and password are changed; signing out everywhere ends the other session, too', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const person = await scene.sidecar.database.signUp();
  const [page, other] = await Promise.all([scene.browser.newPage(), scene.browser.newPage()]);
  await scene.signIn(page, person, '/account', 'access');
  await scene.signIn(other, person, '/account', 'access');
  await page.getByText('Change the password').click();
  await page.getByTestId('access').getByTestId('password').fill(NEW_PASSWORD);
  await page.getByTestId('change-password').click();
  await page.getByText('Your new password is saved.').waitFor(cameTrue);
  await page.getByText('Change the e-mail address').click();
  await page.getByTestId('access').getByTestId('email').fill(`new-${person.email}`);
  await page.getByTestId('save-email').click();
  // Where addresses need no confirmation, as on a machine without keys, a change holds at once.
  await page
    .getByText('Open the links in the mails')
    .or(page.getByText('Your address is changed.'))
    .waitFor(cameTrue);

  await page.getByTestId('sign-out-everywhere').click();
  await page.getByTestId('sign-in').waitFor(cameTrue);
  const { gateway } = scene.sidecar.database;
  const stored = (await other.evaluate(
    `JSON.parse(Object.entries(localStorage).find(([name]) => name.endsWith('-auth-token'))[1]).refresh_token`,
  )) as string;
  const answer = await fetch(`${gateway.url}/auth/v1/token?grant_type=refresh_token`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      apikey: scene.sidecar.variables.SUPABASE_PUBLISHABLE_KEY ?? '',
    },
    body: JSON.stringify({ refresh_token: stored }),
  });
  expect(answer.status).toBe(400);
});
