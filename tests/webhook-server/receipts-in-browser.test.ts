import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import type { TestDatabase } from '../support/database.ts';
import { openSidecarPage, problemsOf } from '../support/sidecar-page.ts';
import { giveTime } from '../time/people.ts';

const scene = await openSidecarPage();
afterAll(() => scene?.close());

async function settledCalls({ service }: TestDatabase, userId: string, count: number): Promise<void> {
  const windows = [
    { reason: 'connecting', billed: false, from_ms: 0, to_ms: 900 },
    { reason: 'talking', billed: true, from_ms: 900, to_ms: 20_900 },
    { reason: 'line_down', billed: false, from_ms: 20_900, to_ms: 30_000 },
  ];
  for (let i = 0; i < count; i++) {
    const callId = randomUUID();
    await service.rpc('open_call', { p_call_id: callId, p_user_id: userId, p_room_name: callId });
    const end = { p_call_id: callId, p_epoch: 1, p_end_reason: 'line_lost' };
    await service.rpc('settle_call', { ...end, p_used_ms: 20_000, p_windows: windows });
  }
}

test.for([
  { name: 'wide', width: 1280, height: 900, colorScheme: 'light' as const },
  { name: 'phone', width: 360, height: 740, colorScheme: 'dark' as const },
])('calls and receipts by keyboard alone: $name, $colorScheme', async (look, context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { browser, sidecar, screenshot, signIn } = scene;
  const person = await sidecar.database.signUp();
  await giveTime(sidecar.database.sql, person.id, 3600);
  await settledCalls(sidecar.database, person.id, 12);
  const { width, height, colorScheme, name } = look;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const problems = problemsOf(page);
  await signIn(page, person, '/account', 'call-row');
  const rows = page.getByTestId('call-row');
  expect(await rows.count()).toBe(10);
  expect(await rows.first().textContent()).toContain('Your line was lost and did not come back in time.');
  await page.getByRole('button', { name: 'Older calls' }).click();
  await expect.poll(() => rows.count()).toBe(12);
  await page.getByTestId('calls').screenshot({ path: screenshot(`calls-${name}`) });

  const open = page.getByTestId('open-receipt').nth(1);
  await open.focus();
  await page.keyboard.press('Enter');
  const receipt = page.frameLocator('[data-testid=receipt] iframe');
  await receipt.getByRole('heading', { name: 'Receipt no. 11' }).waitFor();
  expect(await receipt.locator('body').textContent()).toContain('Your line was cut');
  expect(await receipt.locator('rect.billed').count()).toBe(1);
  const box = await page.getByTestId('receipt').boundingBox();
  expect(box?.y).toBeGreaterThanOrEqual(0);
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(height);
  await page.screenshot({ path: screenshot(`receipt-${name}`) });
  const overflow = await receipt.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
  expect(overflow).toBe(0);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);

  await page.evaluate(
    `document.querySelector('[data-testid=receipt] iframe').contentWindow.print = () => { window.printed = true; }`,
  );
  await page.keyboard.press('Tab');
  await page.getByTestId('print-receipt').focus();
  await page.keyboard.press('Enter');
  expect(await page.evaluate('window.printed')).toBe(true);
  await page.keyboard.press('Escape');
  await page.getByTestId('receipt').waitFor({ state: 'detached' });
  expect(await open.evaluate((button) => button.ownerDocument.activeElement === button)).toBe(true);
  expect(problems).toEqual([]);
  await page.close();
});

test('a receipt that does not come says why', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { browser, sidecar, signIn } = scene;
  const person = await sidecar.database.signUp();
  await giveTime(sidecar.database.sql, person.id, 3600);
  await settledCalls(sidecar.database, person.id, 1);
  const page = await browser.newPage();
  await signIn(page, person, '/account', 'call-row');
  await page.route('**/receipt', (route) => route.abort());
  await page.getByTestId('open-receipt').click();
  await page.getByTestId('receipt').getByTestId('error').filter({ hasText: 'cannot be reached' }).waitFor();
  await page.getByTestId('close-receipt').click();
  await page.getByTestId('receipt').waitFor({ state: 'detached' });
  await page.close();
});
