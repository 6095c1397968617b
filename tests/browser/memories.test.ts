import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fact, type MemoryOf, memoryOf } from '../memory/memory.ts';
import { chromiumPath, NO_CHROMIUM } from '../support/chromium.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

const folder = mkdtempSync(join(tmpdir(), 'mindbot-memories-page-'));
/** Set to keep the screenshots. */
const screenshots = process.env.SCREENSHOTS ?? folder;
const LOOKS = [
  { name: 'wide', width: 1280, height: 900 },
  { name: 'phone', width: 360, height: 740 },
];
const cameTrue = { timeout: 15_000 };
let sidecar: TestSidecar;
let browser: Browser | undefined;

beforeAll(async () => {
  if (chromiumPath === null) return;
  const vite = resolve('node_modules/vite/bin/vite.js');
  // What tests set would give a development build of React.
  const env = { ...process.env, NODE_ENV: 'production' };
  const page = join(folder, 'page');
  await promisify(execFile)(process.execPath, [vite, 'build', 'web', '--outDir', page, '--emptyOutDir'], {
    env,
  });
  sidecar = await startSidecar({ app: { pageFolder: page } });
  browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await sidecar?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param id of the panel, or of what stands in front of the page */
async function keep(page: Page, id: string, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    const path = join(screenshots, `${name}-${colorScheme}.png`);
    await page.getByTestId(id).screenshot({ path });
  }
  // Nothing may be wider than the page.
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
}

async function open(look: { width: number; height: number }, tell: (memory: MemoryOf) => Promise<unknown>) {
  if (!browser) throw new Error(NO_CHROMIUM);
  const person = await sidecar.database.signUp();
  const memory = memoryOf(sidecar.database.sql, person.id);
  await tell(memory);
  const page = await browser.newPage({ viewport: look });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  await page.goto(sidecar.url);
  await page.getByTestId('email').fill(person.email);
  await page.getByTestId('password').fill('correct horse battery');
  await page.getByTestId('sign-in').click();
  await page.getByTestId('memory-enabled').waitFor(cameTrue);
  return { page, memory, problems };
}

const shown = (page: Page) => page.getByTestId('memory-text').allTextContents();
const news = (page: Page, words: string) =>
  page.getByTestId('memory-news').filter({ hasText: words }).waitFor(cameTrue);
/** Of what has the focus: the test id, or the tag. */
const focused = (page: Page) =>
  page.evaluate('document.activeElement.dataset.testid ?? document.activeElement.tagName');

test.each(LOOKS)(
  'a person sees, corrects and erases what is remembered, by keyboard alone: $name',
  async (look) => {
    if (!browser) return;
    const { page, memory, problems } = await open(look, (own) =>
      own.tell(
        fact('Has a dog called Bruno'),
        { text: 'Prefers short answers', kind: 'preference' },
        fact(
          `Works as a ${'very '.repeat(20)}busy gardener, in Donaudampfschifffahrtsgesellschaftskapitänsmütze`,
        ),
      ),
    );
    const [work = '', ...rest] = await shown(page);
    expect(rest).toEqual(['Prefers short answers', 'Has a dog called Bruno']);
    await keep(page, 'memories', `memories-${look.name}`);

    await page.getByRole('button', { name: 'Correct: Has a dog' }).focus();
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('memory-words');
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe('correct-memory');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Has a cat called Bruna');
    await keep(page, 'memories', `memories-correcting-${look.name}`);
    await page.keyboard.press('Enter');
    await news(page, 'Corrected.');
    expect(await shown(page)).toEqual(['Has a cat called Bruna', work, 'Prefers short answers']);
    expect(await focused(page)).toBe('correct-memory');

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await news(page, 'Erased.');
    expect(await shown(page)).toEqual([work, 'Prefers short answers']);
    expect(await focused(page)).toBe('H2');
    expect(await memory.texts()).toHaveLength(2);

    await page.getByTestId('erase-all').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('confirm-erase').waitFor(cameTrue);
    await keep(page, 'confirm-erase', `memories-confirm-${look.name}`);
    expect(await focused(page)).toBe('keep-all');
    await page.keyboard.press('Enter');
    await page.getByTestId('confirm-erase').waitFor({ ...cameTrue, state: 'hidden' });
    expect(await focused(page)).toBe('erase-all');
    expect(await memory.texts()).toHaveLength(2);
    await page.keyboard.press('Enter');
    await page.getByTestId('erase-all-now').press('Enter');
    await page.getByText('Nothing yet.').waitFor(cameTrue);
    expect(await memory.texts()).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  },
  60_000,
);

test('memory is turned off and on, and a correction that is refused says why and stays to be changed', async (context) => {
  if (!browser) return context.skip(NO_CHROMIUM);
  const [look] = LOOKS;
  if (!look) throw new Error('no look');
  const { page, memory } = await open(look, (own) => own.tell(fact('Has a dog')));
  await page.getByTestId('memory-enabled').press('Space');
  await news(page, 'Memory is off.');
  expect(await page.getByTestId('memory-enabled').isChecked()).toBe(false);
  expect(await memory.readCaller()).toMatchObject({ memory_enabled: false, facts: [] });
  expect(await shown(page)).toEqual(['Has a dog']);
  await keep(page, 'memories', 'memories-off');
  await page.getByTestId('memory-enabled').press('Space');
  await news(page, 'Memory is on.');
  expect(await memory.readCaller()).toMatchObject({ memory_enabled: true });

  await page.getByTestId('correct-memory').click();
  await page.getByTestId('memory-words').fill('Pays with 4242 4242 4242 4242');
  await page.getByTestId('save-memory').click();
  await page.getByTestId('memories').getByTestId('error').filter({ hasText: 'never kept' }).waitFor(cameTrue);
  await keep(page, 'memories', 'memories-refused');
  await page.getByTestId('memory-words').fill('Pays in time');
  await page.getByTestId('save-memory').click();
  await news(page, 'Corrected.');
  expect(await page.getByTestId('error').count()).toBe(0);
  expect(await memory.texts()).toEqual(['Pays in time']);
  await page.close();
}, 60_000);

test('of many memories the newest stand there, and all when asked for', async (context) => {
  if (!browser) return context.skip(NO_CHROMIUM);
  const [, look] = LOOKS;
  if (!look) throw new Error('no look');
  const { page } = await open(look, (own) =>
    own.tell(...Array.from({ length: 20 }, (_, n) => fact(`Likes tea ${n}`))),
  );
  expect(await shown(page)).toEqual(Array.from({ length: 8 }, (_, n) => `Likes tea ${19 - n}`));
  await page.getByRole('button', { name: 'Show all 20' }).press('Enter');
  expect(await shown(page)).toHaveLength(20);
  await page.getByRole('button', { name: 'Show the newest only' }).press('Enter');
  expect(await shown(page)).toHaveLength(8);
  await page.close();
}, 60_000);

test.each(LOOKS)(
  'language and voice are chosen, and stay chosen: $name',
  async (look) => {
    if (!browser) return;
    const { page, memory, problems } = await open(look, async () => {});
    expect(await page.getByTestId('locale').inputValue()).toBe('');
    expect(await page.getByTestId('voice').inputValue()).toBe('');
    await page.getByTestId('locale').selectOption('Deutsch');
    await page.getByTestId('settings-saved').filter({ hasText: 'Saved.' }).waitFor(cameTrue);
    await page.getByTestId('voice').selectOption('Nova');
    await expect.poll(() => memory.readCaller()).toMatchObject({ locale: 'de-DE', voice: 'nova' });
    await keep(page, 'settings', `settings-${look.name}`);
    await page.reload();
    await page.getByTestId('locale').waitFor(cameTrue);
    expect(await page.getByTestId('locale').inputValue()).toBe('de-DE');
    await page.getByTestId('voice').selectOption('The usual voice');
    await expect.poll(() => memory.readCaller()).toMatchObject({ locale: 'de-DE', voice: null });
    expect(problems).toEqual([]);
    await page.close();
  },
  60_000,
);
