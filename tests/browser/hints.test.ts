import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { patience } from '../support/patience.ts';
import { openSidecarPage } from '../support/sidecar-page.ts';
import { giveTime } from '../time/people.ts';

const scene = await openSidecarPage();
afterAll(() => scene?.close());

const IDLE_MS = 6_000;

test.for([
  ['asks for nothing while the service tells of changes', true],
  ['asks by the clock where the service cannot', false],
] as const)('an idle page %s', async ([_does, isTold], context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { browser, sidecar, signIn } = scene;
  const person = await sidecar.database.signUp();
  const page = await browser.newPage();
  if (!isTold) await page.route('**/events', (route) => route.fulfill({ status: 503, body: '{}' }));
  await signIn(page, person, '/account', 'balance');
  await page.waitForTimeout(patience(3_000));
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.waitForTimeout(IDLE_MS);
  console.log(`an idle page (told: ${isTold}): ${asked.length} requests in ${IDLE_MS / 1000} s`);
  if (isTold) expect(asked).toEqual([]);
  else expect(asked).not.toEqual([]);
  await giveTime(sidecar.database.sql, person.id, 3600);
  await expect
    .poll(() => page.getByTestId('balance').first().textContent(), { timeout: patience(15_000) })
    .toContain('1 h');
  await page.close();
});
