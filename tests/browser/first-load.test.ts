import { appendFileSync } from 'node:fs';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { fillSignIn, openSidecarPage } from '../support/sidecar-page.ts';
import { cameTrue } from './page-steps.ts';

// What a first visit loads, and whether anything moves while it comes. PAGE_FIGURES names a file that the figures are
// written to, with the time until the page can be used on a processor four times as slow (npm run bench:page).

/** Gzip, with headers: over plain HTTP no browser asks for brotli, which is a seventh less. */
const MOST_BYTES = { visitor: 120_000, person: 170_000 };
const MOST_SHIFT = 0.05;
const SLOWER = 4;

const ROOMS = [
  { name: 'landing', path: '/', usable: 'start', signedIn: false },
  { name: 'sign-in', path: '/sign-in', usable: 'sign-in', signedIn: false },
  { name: 'talk', path: '/talk', usable: 'talk', signedIn: true },
  { name: 'buy', path: '/buy', usable: 'buy-starter', signedIn: true },
  { name: 'account', path: '/account', usable: 'sign-out', signedIn: true },
];

const scene = await openSidecarPage();
afterAll(() => scene?.close());

/** Counts what comes over the line, headers included, as it is compressed. */
async function countBytes(line: CDPSession) {
  const count = { bytes: 0, requests: 0 };
  await line.send('Network.enable');
  line.on('Network.loadingFinished', ({ encodedDataLength }) => {
    count.bytes += encodedDataLength;
    count.requests += 1;
  });
  return count;
}

async function visit(page: Page, url: string, usable: string) {
  const line = await page.context().newCDPSession(page);
  await line.send('Network.enable');
  await line.send('Network.setCacheDisabled', { cacheDisabled: true });
  await line.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  const count = await countBytes(line);
  await page.addInitScript(`{
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  }`);
  await page.goto(url);
  await page.getByTestId(usable).first().waitFor(cameTrue);
  const usableMs = Number(await page.evaluate('performance.now()'));
  await page
    .getByTestId('skeleton')
    .first()
    .waitFor({ ...cameTrue, state: 'detached' });
  // What comes late may still move something; a line that tells of changes stays open, so the network is never idle.
  await page.waitForTimeout(1_500);
  return { ...count, usableMs: Math.round(usableMs), shift: Number(await page.evaluate('window.shift')) };
}

test.for(ROOMS)('a first visit to $name loads little, and nothing moves', async (room, context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const browser = await scene.browser.newContext({ viewport: { width: 390, height: 844 } });
  if (room.signedIn) {
    const before = await browser.newPage();
    await before.goto(`${scene.sidecar.url}/sign-in`);
    await fillSignIn(before, await scene.sidecar.database.signUp());
    await before.getByTestId('balance').waitFor(cameTrue);
    await before.close();
  }
  const { shift, ...figures } = await visit(
    await browser.newPage(),
    scene.sidecar.url + room.path,
    room.usable,
  );
  if (process.env.PAGE_FIGURES) {
    const line = { room: room.name, ...figures, shift: Number(shift.toFixed(3)) };
    appendFileSync(process.env.PAGE_FIGURES, `${JSON.stringify(line)}\n`);
  }
  expect(figures.bytes).toBeLessThanOrEqual(MOST_BYTES[room.signedIn ? 'person' : 'visitor']);
  expect(shift).toBeLessThanOrEqual(MOST_SHIFT);
  await browser.close();
});
