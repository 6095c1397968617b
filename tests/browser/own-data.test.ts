import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { PASSWORD } from '../support/database.ts';
import { fillSignIn, openSidecarPage, problemsOf } from '../support/sidecar-page.ts';
import { giveTime } from '../time/people.ts';
import { cameTrue } from './page-steps.ts';

const scene = await openSidecarPage();
afterAll(() => scene?.close());

test('a person takes their data along, and deletes the account, told first what is lost', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { database } = scene.sidecar;
  const person = await database.signUpByForm();
  await giveTime(database.sql, person.id, 3600);
  const page = await scene.browser.newPage({ viewport: { width: 360, height: 740 } });
  const problems = problemsOf(page);
  await scene.signIn(page, person, '/account', 'own-data');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export').click()]);
  const kept = readFileSync(await download.path(), 'utf8');
  expect(kept).toContain(person.email);
  JSON.parse(kept);

  await page.getByTestId('delete-account').click();
  const dialog = page.getByTestId('confirm-deletion');
  await dialog.getByText('1 h that you have not used are given up').waitFor(cameTrue);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ ...cameTrue, state: 'detached' });
  expect(await page.evaluate('document.activeElement.dataset.testid')).toBe('delete-account');

  await page.getByTestId('delete-account').press('Enter');
  await dialog.getByTestId('forfeit').check();
  await dialog.getByTestId('email').fill(person.email);
  await dialog.getByTestId('password').fill('not the password');
  await dialog.getByTestId('delete-now').click();
  await dialog.getByTestId('error').waitFor(cameTrue);
  await dialog.getByTestId('password').fill(PASSWORD);
  await dialog.getByTestId('delete-now').click();
  await page.getByTestId('sign-in').waitFor(cameTrue);
  await fillSignIn(page, person);
  await page.getByText('E-mail or password is wrong.').waitFor(cameTrue);
  expect(problems.filter((line) => !/status of 4\d\d/.test(line))).toEqual([]);
  await page.close();
});
