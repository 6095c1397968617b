import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatActivationCode } from '../../shared/activation-codes/code.ts';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { chromiumPath, NO_CHROMIUM } from '../support/chromium.ts';
import { SIDECAR_KEYS, startSidecar, type TestSidecar } from '../support/sidecar.ts';

const folder = mkdtempSync(join(tmpdir(), 'mindbot-activation-page-'));
/** Set to keep the screenshots. */
const screenshots = process.env.SCREENSHOTS ?? folder;
let sidecar: TestSidecar;
let browser: Browser | undefined;

beforeAll(async () => {
  if (chromiumPath === null) return;
  const vite = resolve('node_modules/vite/bin/vite.js');
  // What tests set would give a development build of React.
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, [vite, 'build', 'web', '--outDir', folder, '--emptyOutDir'], {
    env,
  });
  sidecar = await startSidecar({ app: { pageFolder: folder } });
  browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await sidecar?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A gift of an hour, with a message that would do harm as markup. */
async function gift(): Promise<string> {
  const { database } = sidecar;
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
  await database.sql`insert into time_cards (id, source, status, paid_seconds, remaining_seconds)
    values (${id}, 'gift', 'unactivated', 3600, 3600)`;
  await database.sql`insert into activation_codes (card_id, code_hash) values (${id}, ${hashActivationCode(key, code)})`;
  return formatActivationCode(code);
}

test('a link fills the code in and asks; a slip asks nobody; and the code is in no address', async (context) => {
  if (!browser) return context.skip(NO_CHROMIUM);
  const code = await gift();
  const person = await sidecar.database.signUp();
  const page = await browser.newPage();
  const requests: string[] = [];
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  const activations = () => requests.filter((line) => line.startsWith('POST') && line.endsWith('/activate'));

  await page.goto(`${sidecar.url}/#/activate/${code}`);
  await page.getByText('Your link brought a gift code.').waitFor();
  expect(page.url()).toBe(`${sidecar.url}/`);
  await page.getByTestId('email').fill(person.email);
  await page.getByTestId('password').fill('correct horse battery');
  await page.getByTestId('sign-in').click();
  const field = page.getByTestId('activate-code');
  await field.waitFor();
  expect(await field.inputValue()).toBe(code);
  const status = page.getByTestId('activate-status');
  await status.filter({ hasText: 'Press Activate' }).waitFor();
  expect(activations()).toEqual([]);

  await field.fill(code.replace(/^./, code.startsWith('2') ? '3' : '2'));
  await page.getByTestId('activate').click();
  await status.filter({ hasText: /wrong, missing or swapped/ }).waitFor();
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
  await page.screenshot({ path: join(screenshots, 'activation.png'), fullPage: true });
}, 60_000);
