import { appendFileSync } from 'node:fs';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { openSidecarPage, type SidecarPage } from '../support/sidecar-page.ts';
import { cameTrue } from './page-steps.ts';

// What a first visit loads, and whether anything moves while it comes. PAGE_FIGURES names a file that a table of all
// rooms is written to, with the time until each can be used on a processor four times as slow (npm run bench:page).

/** Gzip, with headers: over plain HTTP no browser asks for brotli, which is a seventh less. */
const MOST_BYTES = 120_000;
/** More than the goal: with an answer of the service for each of their panels, and the headers of each. */
const MOST_BYTES_OF: Record<string, number> = { buy: 130_000, account: 138_000 };
const MOST_SHIFT = 0.05;
const SLOWER = 4;
const WRITES = process.env.PAGE_FIGURES;

const ROOMS = [
  { name: 'landing', path: '/', usable: 'start', signedIn: false },
  { name: 'sign-in', path: '/sign-in', usable: 'sign-in', signedIn: false },
  { name: 'help', path: '/help', usable: 'operator-box', signedIn: false, onlyTable: true },
  { name: 'terms', path: '/terms', usable: 'operator-box', signedIn: false, onlyTable: true },
  { name: 'talk', path: '/talk', usable: 'talk', signedIn: true },
  { name: 'buy', path: '/buy', usable: 'buy-starter', signedIn: true },
  { name: 'account', path: '/account', usable: 'sign-out', signedIn: true },
  { name: 'gift', path: '/gift', usable: 'activate-code', signedIn: true, onlyTable: true },
  { name: 'help, signed in', path: '/help', usable: 'send-help', signedIn: true, onlyTable: true },
].filter(({ onlyTable = false }) => WRITES !== undefined || !onlyTable);

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

/** As somebody who has signed in before. */
async function signedInState(scene: SidecarPage) {
  const browser = await scene.browser.newContext();
  await scene.signIn(await browser.newPage(), await scene.sidecar.database.signUp(), '/sign-in', 'balance');
  const state = await browser.storageState();
  await browser.close();
  return state;
}
const signedIn = scene && (await signedInState(scene));
const table = ['| room | kB | requests | layout shift | usable after |', '| --- | --- | --- | --- | --- |'];
afterAll(() => {
  if (WRITES !== undefined) appendFileSync(WRITES, `\n${table.join('\n')}\n`);
});

test.for(ROOMS)('a first visit to $name loads little, and nothing moves', async (room, context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const browser = await scene.browser.newContext({
    viewport: { width: 390, height: 844 },
    ...(room.signedIn && signedIn && { storageState: signedIn }),
  });
  const { bytes, requests, usableMs, shift } = await visit(
    await browser.newPage(),
    scene.sidecar.url + room.path,
    room.usable,
  );
  const figures = [
    (bytes / 1000).toFixed(1),
    requests,
    shift.toFixed(3),
    `${(usableMs / 1000).toFixed(2)} s`,
  ];
  table.push(`| ${[room.name, ...figures].join(' | ')} |`);
  // So that one run of the table shows them all.
  expect.soft(bytes).toBeLessThanOrEqual(MOST_BYTES_OF[room.name] ?? MOST_BYTES);
  expect.soft(shift).toBeLessThanOrEqual(MOST_SHIFT);
  await browser.close();
});
