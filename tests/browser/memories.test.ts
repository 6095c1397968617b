import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { fact, type MemoryOf, memoryOf } from '../memory/memory.ts';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { patience } from '../support/patience.ts';
import { openSidecarPage, problemsOf, type SidecarPage } from '../support/sidecar-page.ts';

const LOOKS = [
  { name: 'wide', width: 1280, height: 900 },
  { name: 'phone', width: 360, height: 740 },
];
const cameTrue = { timeout: patience(30_000) };
const scene = await openSidecarPage();
afterAll(() => scene?.close());

/** @param id of the panel, or of what stands in front of the page */
async function keep({ screenshot }: SidecarPage, page: Page, id: string, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.getByTestId(id).screenshot({ path: screenshot(`${name}-${colorScheme}`) });
  }
  // Nothing may be wider than the page.
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
}

async function open(
  { browser, sidecar, signIn }: SidecarPage,
  look: { width: number; height: number },
  tell: (memory: MemoryOf) => Promise<unknown>,
) {
  const person = await sidecar.database.signUp();
  const memory = memoryOf(sidecar.database.sql, person.id);
  await tell(memory);
  const page = await browser.newPage({ viewport: look });
  const problems = problemsOf(page);
  await signIn(page, person, '/account', 'memory-enabled');
  return { page, memory, problems };
}

const shown = (page: Page) => page.getByTestId('memory-text').allTextContents();
const news = (page: Page, words: string) =>
  page.getByTestId('memory-news').filter({ hasText: words }).waitFor(cameTrue);
/** Of what has the focus: the test id, or the tag. */
const focused = (page: Page) =>
  page.evaluate('document.activeElement.dataset.testid ?? document.activeElement.tagName');

test.for(LOOKS)(
  'a person sees, corrects and erases what is remembered, by keyboard alone: $name',
  async (look, context) => {
    if (!scene) return context.skip(NO_CHROMIUM);
    const { page, memory, problems } = await open(scene, look, (own) =>
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
    await keep(scene, page, 'memories', `memories-${look.name}`);

    await page.getByRole('button', { name: 'Correct: Has a dog' }).focus();
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('memory-words');
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe('correct-memory');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Has a cat called Bruna');
    await keep(scene, page, 'memories', `memories-correcting-${look.name}`);
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
    await keep(scene, page, 'confirm-erase', `memories-confirm-${look.name}`);
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
);

test('memory is turned off and on, and a correction that is refused says why and stays to be changed', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const [look] = LOOKS;
  if (!look) throw new Error('no look');
  const { page, memory } = await open(scene, look, (own) => own.tell(fact('Has a dog')));
  await page.getByTestId('memory-enabled').press('Space');
  await news(page, 'Memory is off.');
  expect(await page.getByTestId('memory-enabled').isChecked()).toBe(false);
  expect(await memory.readCaller()).toMatchObject({ memory_enabled: false, facts: [] });
  expect(await shown(page)).toEqual(['Has a dog']);
  await keep(scene, page, 'memories', 'memories-off');
  await page.getByTestId('memory-enabled').press('Space');
  await news(page, 'Memory is on.');
  expect(await memory.readCaller()).toMatchObject({ memory_enabled: true });

  await page.getByTestId('correct-memory').click();
  await page.getByTestId('memory-words').fill('Pays with 4242 4242 4242 4242');
  await page.getByTestId('save-memory').click();
  await page.getByTestId('memories').getByTestId('error').filter({ hasText: 'never kept' }).waitFor(cameTrue);
  await keep(scene, page, 'memories', 'memories-refused');
  await page.getByTestId('memory-words').fill('Pays in time');
  await page.getByTestId('save-memory').click();
  await news(page, 'Corrected.');
  expect(await page.getByTestId('error').count()).toBe(0);
  expect(await memory.texts()).toEqual(['Pays in time']);
  await page.close();
});

test('of many memories the newest stand there, and all when asked for', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const [, look] = LOOKS;
  if (!look) throw new Error('no look');
  const { page } = await open(scene, look, (own) =>
    own.tell(...Array.from({ length: 20 }, (_, n) => fact(`Likes tea ${n}`))),
  );
  expect(await shown(page)).toEqual(Array.from({ length: 8 }, (_, n) => `Likes tea ${19 - n}`));
  await page.getByRole('button', { name: 'Show all 20' }).press('Enter');
  expect(await shown(page)).toHaveLength(20);
  await page.getByRole('button', { name: 'Show the newest only' }).press('Enter');
  expect(await shown(page)).toHaveLength(8);
  await page.close();
});

test.for(LOOKS)('language and voice are chosen, and stay chosen: $name', async (look, context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { page, memory, problems } = await open(scene, look, async () => {});
  expect(await page.getByTestId('locale').inputValue()).toBe('');
  expect(await page.getByTestId('voice').inputValue()).toBe('');
  await page.getByTestId('locale').selectOption('Deutsch');
  await page.getByTestId('settings-saved').filter({ hasText: 'Saved.' }).waitFor(cameTrue);
  await page.getByTestId('voice').selectOption('Nova');
  await expect.poll(() => memory.readCaller()).toMatchObject({ locale: 'de-DE', voice: 'nova' });
  await keep(scene, page, 'settings', `settings-${look.name}`);
  await page.reload();
  await page.getByTestId('locale').waitFor(cameTrue);
  expect(await page.getByTestId('locale').inputValue()).toBe('de-DE');
  await page.getByTestId('voice').selectOption('The usual voice');
  await expect.poll(() => memory.readCaller()).toMatchObject({ locale: 'de-DE', voice: null });
  expect(problems).toEqual([]);
  await page.close();
});
