import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, NO_CHROMIUM } from '../support/chromium.ts';
import type { Person } from '../support/database.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { giveTime } from '../time/people.ts';

if (chromiumPath === null) console.log(NO_CHROMIUM);

const folder = mkdtempSync(join(tmpdir(), 'mindbot-responses-page-'));
/** Set to keep the screenshots. */
const screenshots = process.env.SCREENSHOTS ?? folder;
let sidecar: TestSidecar;
let browser: Browser | undefined;

beforeAll(async () => {
  if (chromiumPath === null) return;
  const vite = resolve('node_modules/vite/bin/vite.js');
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

async function measuredCall(person: Person, p50Ms: number | null, p95Ms: number | null): Promise<void> {
  const { service } = sidecar.database;
  const callId = randomUUID();
  await service.rpc('open_call', { p_call_id: callId, p_user_id: person.id, p_room_name: callId });
  const latency = { latency_p50_ms: p50Ms, latency_p95_ms: p95Ms };
  const cost = { provider_cost_micros: 987_654, unpriced: [] };
  await service.rpc('settle_call', {
    p_call_id: callId,
    p_epoch: 1,
    p_used_ms: 20_000,
    p_end_reason: 'said_goodbye',
    p_measures: { turns: 3, interruptions: 0, errors: 0, quality: 93, ...latency, ...cost },
  });
}

test.skipIf(chromiumPath === null).each([
  { name: 'wide', width: 1280, height: 900, colorScheme: 'light' as const },
  { name: 'phone', width: 360, height: 740, colorScheme: 'dark' as const },
])(
  'people see how soon answers came: $name, $colorScheme',
  async ({ name, width, height, colorScheme }) => {
    const person = await sidecar.database.signUp();
    await giveTime(sidecar.database.sql, person.id, 3600);
    const page = await (browser as Browser).newPage({ viewport: { width, height }, colorScheme });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (line) => {
      if (line.type() === 'error') problems.push(line.text());
    });
    const signIn = async () => {
      await page.goto(sidecar.url);
      await page.getByTestId('email').fill(person.email);
      await page.getByTestId('password').fill('correct horse battery');
      await page.getByTestId('sign-in').click();
      await page.getByTestId('balance').waitFor();
    };
    await signIn();
    // Nothing is plotted before there is anything to plot.
    expect(await page.getByTestId('responses').count()).toBe(0);
    for (let call = 0; call < 12; call++)
      await measuredCall(person, 700 + call * 40, 1500 + (call % 4) * 300);
    await measuredCall(person, null, null);
    await page.reload();
    const panel = page.getByTestId('responses');
    await panel.waitFor();
    expect(await panel.textContent()).toContain('Typical wait for an answer0.9 s');
    expect(await panel.textContent()).toContain('Quality93 of 100');
    expect(await panel.locator('svg g').count()).toBe(12);
    const label = await panel.getByRole('img').getAttribute('aria-label');
    expect(label).toBe('Response times of the last 12 calls: at most 2.4 s.');
    const rows = page.getByTestId('call-row');
    expect(await rows.nth(1).textContent()).toContain('Answers after 1.1 s, quality 93');
    expect(await rows.first().textContent()).not.toContain('Answers after');
    expect(await page.content()).not.toMatch(/987.?654/);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    await panel.screenshot({ path: join(screenshots, `responses-${name}.png`) });
    await page.getByTestId('calls').screenshot({ path: join(screenshots, `calls-measured-${name}.png`) });
    await page.screenshot({ path: join(screenshots, `page-${name}.png`), fullPage: true });
    expect(problems).toEqual([]);
    await page.close();
  },
  60_000,
);
