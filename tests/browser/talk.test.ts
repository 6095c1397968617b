import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { openSidecarPage } from '../support/sidecar-page.ts';
import { cameTrue } from './page-steps.ts';

const scene = await openSidecarPage();
afterAll(() => scene?.close());

test('who has no time left is told so, and is not asked for a microphone', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await scene.browser.newPage();
  await page.addInitScript(`{
    window.asked = 0;
    navigator.mediaDevices.getUserMedia = async () => { window.asked += 1; throw new Error('none'); };
  }`);
  await scene.signIn(page, await scene.sidecar.database.signUp(), '/talk', 'talk');
  await page.getByTestId('talk').click();
  await page.getByTestId('error').waitFor(cameTrue);
  expect(await page.evaluate('window.asked')).toBe(0);
  await page.close();
});
