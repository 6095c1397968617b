import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, NO_CHROMIUM } from '../support/chromium.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { giveTime } from '../time/people.ts';

const folder = mkdtempSync(join(tmpdir(), 'mindbot-receipt-page-'));
/** Set to keep the screenshots. */
const screenshots = process.env.SCREENSHOTS ?? folder;
const PASSWORD = 'correct horse battery';
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

async function settledCalls(userId: string, count: number): Promise<void> {
  const { service } = sidecar.database;
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

async function signIn(page: Page, email: string): Promise<void> {
  await page.goto(sidecar.url);
  await page.getByTestId('email').fill(email);
  await page.getByTestId('password').fill(PASSWORD);
  await page.getByTestId('sign-in').click();
  await page.getByTestId('call-row').first().waitFor();
}

/** Looks at what is wrong with a page, violations of its Content-Security-Policy included. */
function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  return problems;
}

test.each([
  { name: 'wide', width: 1280, height: 900, colorScheme: 'light' as const },
  { name: 'phone', width: 360, height: 740, colorScheme: 'dark' as const },
])(
  'calls and receipts by keyboard alone: $name, $colorScheme',
  async (look) => {
    if (!browser) return;
    const person = await sidecar.database.signUp();
    await giveTime(sidecar.database.sql, person.id, 3600);
    await settledCalls(person.id, 12);
    const { width, height, colorScheme, name } = look;
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    const problems = problemsOf(page);
    await signIn(page, person.email);
    const rows = page.getByTestId('call-row');
    expect(await rows.count()).toBe(10);
    expect(await rows.first().textContent()).toContain('Your line was lost and did not come back in time.');
    await page.getByRole('button', { name: 'Older calls' }).click();
    await expect.poll(() => rows.count()).toBe(12);
    await page.getByTestId('calls').screenshot({ path: join(screenshots, `calls-${name}.png`) });

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
    await page.screenshot({ path: join(screenshots, `receipt-${name}.png`) });
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
  },
  60_000,
);

test('a receipt that does not come says why', async (context) => {
  if (!browser) return context.skip(NO_CHROMIUM);
  const person = await sidecar.database.signUp();
  await giveTime(sidecar.database.sql, person.id, 3600);
  await settledCalls(person.id, 1);
  const page = await browser.newPage();
  await signIn(page, person.email);
  await page.route('**/receipt', (route) => route.abort());
  await page.getByTestId('open-receipt').click();
  await page.getByTestId('receipt').getByTestId('error').filter({ hasText: 'cannot be reached' }).waitFor();
  await page.getByTestId('close-receipt').click();
  await page.getByTestId('receipt').waitFor({ state: 'detached' });
  await page.close();
}, 60_000);
