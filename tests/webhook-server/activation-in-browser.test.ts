import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { formatActivationCode } from '../../shared/activation-codes/code.ts';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { NO_CHROMIUM } from '../support/chromium.ts';
import type { TestDatabase } from '../support/database.ts';
import { SIDECAR_KEYS } from '../support/sidecar.ts';
import { fillSignIn, openSidecarPage } from '../support/sidecar-page.ts';

const scene = await openSidecarPage();
afterAll(() => scene?.close());

/** A gift of an hour, with a message that would do harm as markup. */
async function gift(database: TestDatabase): Promise<string> {
  const buyer = await database.signUp();
  const { data } = await database.service.rpc('begin_purchase', {
    p_user_id: buyer.id,
    p_package_id: 'starter',
    p_purpose: 'gift',
    p_key: randomUUID(),
    p_message: 'Happy birthday! <b id="harm">x</b>',
    p_recipient_name: 'Zoë',
  });
  const { id } = (data as { purchase: { id: string } }).purchase;
  const key = SIDECAR_KEYS.activationCodeKey;
  const code = deriveActivationCode(key, id);
  await database.sql`insert into grants (id, unit, source, status, paid, remaining)
    values (${id}, 'second', 'gift', 'unactivated', 3600, 3600)`;
  await database.sql`insert into activation_codes (card_id, code_hash) values (${id}, ${hashActivationCode(key, code)})`;
  return formatActivationCode(code);
}

test('a link fills the code in and asks; a slip asks nobody; and the code is in no address', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { browser, sidecar, screenshot } = scene;
  const code = await gift(sidecar.database);
  const person = await sidecar.database.signUp();
  const page = await browser.newPage();
  const requests: string[] = [];
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  const activations = () => requests.filter((line) => line.startsWith('POST') && line.endsWith('/activate'));

  await page.goto(`${sidecar.url}/#/activate/${code}`);
  await page.getByText('Your link brought a gift code.').waitFor();
  expect(page.url()).toBe(`${sidecar.url}/gift`);
  await fillSignIn(page, person);
  const field = page.getByTestId('activate-code');
  await field.waitFor();
  expect(await field.inputValue()).toBe(code);
  const status = page.getByTestId('activate-status');
  await status.filter({ hasText: 'Press Activate' }).waitFor();
  expect(activations()).toEqual([]);

  await field.fill(code.replace(/^./, code.startsWith('2') ? '3' : '2'));
  await page.getByTestId('activate').click();
  await status.filter({ hasText: /One character is wrong/ }).waitFor();
  expect(activations()).toEqual([]);

  // The same link in a page that is open already.
  await page.evaluate(`location.hash = '/activate/${code.toLowerCase()}'`);
  await page.waitForFunction(
    `document.querySelector('[data-testid=activate-code]').value === '${code.toLowerCase()}'`,
  );
  await page.getByTestId('activate').click();
  await page.locator('[data-testid=balance][data-seconds="3600"]').waitFor();
  await page.getByTestId('gift-words').filter({ hasText: 'For Zoë' }).waitFor();
  expect(await page.getByTestId('gift-words').textContent()).toContain('<b id="harm">x</b>');
  expect(await page.locator('#harm').count()).toBe(0);
  expect(activations()).toHaveLength(1);
  expect(requests.join('\n')).not.toContain(code);
  await page.screenshot({ path: screenshot('activation'), fullPage: true });
});
