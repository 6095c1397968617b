import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, signUp as signUpByApi } from '../../commands/customer/ask-sidecar.ts';
import { buyGift } from '../../commands/customer/buy-package.ts';
import { figuresIn } from '../../commands/demo/figures.ts';
import { type Stack, startStack } from '../../commands/demo/start-stack.ts';
import { freePort } from '../../local/free-port.ts';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { patience } from '../support/patience.ts';
import { writeMicrophoneFile } from '../support/spoken-microphone.ts';
import { cameTrue, goTo, payWithCard, seconds, signUp, violations } from './page-steps.ts';
import { serveStarter } from './starter/serve-starter.ts';

const folder = mkdtempSync(join(tmpdir(), 'mindbot-browser-'));
/** Set to keep the screenshots. */
const screenshots = process.env.SCREENSHOTS ?? folder;

const NO_SERVER =
  'no LiveKit server here: install Go 1.26 or newer, or livekit-server, and run ./launch.sh test';

let stack: Stack | undefined;
let browser: Browser | undefined;
/** Where a page of somebody else is served. */
let elsewhere: number;

beforeAll(async () => {
  if (chromiumPath === null) return;
  const microphone = join(folder, 'microphone.wav');
  await writeMicrophoneFile(microphone, [{ silenceSeconds: 11, text: 'How much time do I have left?' }]);
  elsewhere = await freePort();
  stack = await startStack(join(folder, 'home'), { ALLOWED_ORIGINS: `http://127.0.0.1:${elsewhere}` });
  browser = await launchChromium(microphone);
}, patience(240_000));

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What else there is in a call than speaking. */
async function typesAndMutes(page: Page): Promise<void> {
  const typed = page.getByTestId('typed');
  await typed.fill('é'.repeat(2_001));
  await page.getByTestId('send-typed').click();
  await page.getByTestId('typed-trouble').filter({ hasText: 'Too long by 2 bytes' }).waitFor(cameTrue);
  await typed.fill('Thank you so far.');
  await typed.press('Enter');
  await page
    .locator('[data-testid=caption][data-speaker=caller]')
    .filter({ hasText: 'Thank you so far.' })
    .waitFor(cameTrue);
  expect(await typed.inputValue()).toBe('');

  const mute = (pressed: boolean) =>
    page.locator(`[data-testid=mute][aria-pressed=${pressed}]`).waitFor(cameTrue);
  await page.keyboard.press('Alt+KeyM');
  await mute(true);
  await page.getByTestId('mute').click();
  await mute(false);
  // Held, for as long as it is held.
  await page.keyboard.down('Alt');
  await page.keyboard.down('KeyM');
  await mute(true);
  await page.waitForTimeout(500);
  await page.keyboard.up('KeyM');
  await page.keyboard.up('Alt');
  await mute(false);
  await page.getByTestId('microphone').locator('summary').click();
  await page
    .getByTestId('microphones')
    .locator('option')
    .first()
    .waitFor({ ...cameTrue, state: 'attached' });
}

/** After a call: of what the charge is, how the call was, and help with it. */
async function looksBack(page: Page, charged: number): Promise<void> {
  await page.getByTestId('billed').waitFor(cameTrue);
  const sumMs = Number(await page.getByTestId('billed').getAttribute('data-sum-ms'));
  expect(Math.floor(sumMs / 1000)).toBe(charged);
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('score-4').check();
  await page.getByTestId('rating-kept').filter({ hasText: 'Thank you.' }).waitFor(cameTrue);
  await page.getByTestId('ask-for-help').click();
  await page.getByTestId('help-message').fill('Why was the greeting so long?');
  await page.getByTestId('send-help').click();
  await page.getByTestId('help-sent').waitFor(cameTrue);
}

test(
  'a person signs up, buys time, talks with the agent, and sees the balance fall',
  async (context) => {
    if (!stack || !browser) return context.skip(NO_CHROMIUM);
    if (stack.status.livekit === null) return context.skip(NO_SERVER);
    const page = await browser.newPage({ permissions: ['microphone'] });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await signUp(page, stack.status.sidecar.url);
    expect(await seconds(page, 'balance')).toBe(0);

    await goTo(page, 'buy');
    await page.getByTestId('buy-starter').click();
    await payWithCard(page, '4000000000000002');
    await page.locator('[data-testid=pay-status][data-phase=declined]').waitFor(cameTrue);
    await payWithCard(page, '4242424242424242');
    await page.locator('[data-testid=pay-status][data-phase=landed]').waitFor(cameTrue);
    await page.locator('[data-testid=balance][data-seconds="3600"]').waitFor(cameTrue);
    await page.screenshot({ path: join(screenshots, 'paid.png'), fullPage: true });

    await goTo(page, 'talk');
    await page.getByTestId('talk').click();
    const agentLine = page.locator('[data-testid=caption][data-speaker=agent]');
    await agentLine.filter({ hasText: 'MindBot' }).first().waitFor(cameTrue);
    await page
      .locator('[data-testid=caption][data-speaker=caller]')
      .filter({ hasText: /time/i })
      .first()
      .waitFor(cameTrue);
    const answer = agentLine.filter({ hasText: /minutes/ }).last();
    await answer.waitFor(cameTrue);
    await page.locator('[data-testid=call-state][data-meter=running]').waitFor(cameTrue);
    await page.screenshot({ path: join(screenshots, 'talking.png'), fullPage: true });
    expect(figuresIn((await answer.textContent()) ?? '')).toContain(59);
    expect(await seconds(page, 'used-time')).toBeGreaterThan(5);
    await typesAndMutes(page);

    // From now on every figure that the balance shows is written down.
    await page.evaluate(`{
      const balance = document.querySelector('[data-testid=balance]');
      window.shown = [Number(balance.dataset.seconds)];
      new MutationObserver(() => window.shown.push(Number(balance.dataset.seconds)))
        .observe(balance, { attributeFilter: ['data-seconds'] });
    }`);
    await page.getByTestId('hang-up').click();
    await page
      .getByTestId('call-ended')
      .filter({ hasText: /Charged: \d+ s\./ })
      .waitFor(cameTrue);
    const charged = Number(
      /Charged: (\d+) s/.exec((await page.getByTestId('call-ended').textContent()) ?? '')?.[1],
    );
    await page.locator(`[data-testid=balance][data-seconds="${3600 - charged}"]`).waitFor(cameTrue);
    const shown = (await page.evaluate('window.shown')) as number[];
    // The page counts whole seconds of its own, and the meter rounds down: it never jumps back to what was before.
    expect(Math.max(...shown)).toBeLessThanOrEqual((shown[0] ?? 0) + 2);
    await looksBack(page, charged);
    await page.screenshot({ path: join(screenshots, 'ended.png'), fullPage: true });

    const { supabase } = stack.status;
    const service = createClient(supabase.url, supabase.secret_key ?? '', {
      auth: { persistSession: false },
    });
    await expect
      .poll(async () => (await service.from('voice_sessions').select('status, end_reason')).data, cameTrue)
      .toEqual([{ status: 'settled', end_reason: 'caller_hung_up' }]);
    expect((await service.rpc('audit_invariants')).data).toEqual([]);
    expect(problems).toEqual([]);
  },
  patience(180_000),
);

test(
  'a reload comes back into the call, and another tab takes it over: it is one call, and one charge',
  async (context) => {
    if (!stack || !browser) return context.skip(NO_CHROMIUM);
    if (stack.status.livekit === null) return context.skip(NO_SERVER);
    const { status } = stack;
    const tabs = await browser.newContext({ permissions: ['microphone'] });
    const page = await tabs.newPage();
    await signUp(page, status.sidecar.url);
    const giver = await signUpByApi(status, 'Ada');
    const { activation_code: code } = await buyGift(status, giver, 'starter');
    await page.goto(`${status.sidecar.url}/gift`);
    await page.getByTestId('activate-code').fill(code);
    await page.getByTestId('activate').click();
    await page.locator('[data-testid=balance][data-seconds="3600"]').waitFor(cameTrue);

    const talks = (tab: Page) =>
      tab.locator('[data-testid=call-state][data-phase=joined][data-meter=running]').waitFor(cameTrue);
    const used = (tab: Page) => expect.poll(() => seconds(tab, 'used-time'), cameTrue);
    await goTo(page, 'talk');
    await page.getByTestId('talk').click();
    await talks(page);
    await used(page).toBeGreaterThan(2);
    await page.reload();
    await talks(page);
    await used(page).toBeGreaterThan(4);

    const second = await tabs.newPage();
    await second.goto(`${status.sidecar.url}/talk`);
    await second.getByTestId('elsewhere').waitFor(cameTrue);
    expect(await second.getByTestId('talk').count()).toBe(0);
    await second.getByTestId('take-over').click();
    await page.locator('[data-testid=call-ended][data-reason=duplicate_identity]').waitFor(cameTrue);
    await talks(second);
    await used(second).toBeGreaterThan(6);
    await page.getByTestId('elsewhere').waitFor(cameTrue);

    // Another device knows of no place in the call, and is given one by the service.
    const { origins } = await tabs.storageState();
    const signedIn = origins.map(({ origin, localStorage }) => ({
      origin,
      localStorage: localStorage.filter(({ name }) => name.startsWith('sb-')),
    }));
    const device = await browser.newContext({
      permissions: ['microphone'],
      storageState: { cookies: [], origins: signedIn },
    });
    const third = await device.newPage();
    await third.goto(`${status.sidecar.url}/talk`);
    await third.locator('[data-testid=elsewhere][data-where=device]').waitFor(cameTrue);
    await third.getByTestId('take-over').click();
    await talks(third);
    await second.locator('[data-testid=call-ended][data-reason=duplicate_identity]').waitFor(cameTrue);
    await used(third).toBeGreaterThan(8);
    await third.getByTestId('hang-up').click();
    await third.getByTestId('billed').waitFor(cameTrue);
    await device.close();
    await second.getByTestId('elsewhere').waitFor({ ...cameTrue, state: 'detached' });
    // Nothing is left to come back to.
    await page.getByTestId('elsewhere').waitFor({ ...cameTrue, state: 'detached' });
    await second.reload();
    await second.getByTestId('talk').waitFor(cameTrue);
    await goTo(second, 'account');
    await second.getByTestId('call-row').first().waitFor(cameTrue);
    expect(await second.getByTestId('call-row').count()).toBe(1);
    await tabs.close();
  },
  patience(180_000),
);

test('a gift is bought, its code activated once, and a slip of the tongue is told apart from a used code', async (context) => {
  if (!stack || !browser) return context.skip(NO_CHROMIUM);
  const page = await browser.newPage();
  await signUp(page, stack.status.sidecar.url);
  await goTo(page, 'buy');
  await page.getByTestId('for-gift').check();
  await page.getByTestId('buy-basic').click();
  await payWithCard(page, '4242424242424242');
  await page.locator('[data-testid=pay-status][data-phase=landed]').waitFor(cameTrue);
  const code = ((await page.getByTestId('gift-code').first().textContent()) ?? '').trim();
  expect(code).toMatch(/^[2346789FHJKLMPQRWXY]{4}(-[2346789FHJKLMPQRWXY]{4}){2}$/);

  const activate = async (text: string) => {
    await page.getByTestId('activate-code').fill(text);
    await page.getByTestId('activate').click();
  };
  await activate(code.replace(/^./, code.startsWith('2') ? '3' : '2'));
  await page
    .getByTestId('activate-status')
    .filter({ hasText: /wrong|swapped|missing/ })
    .waitFor(cameTrue);
  await activate(code.toLowerCase());
  await page.locator('[data-testid=balance][data-seconds="19800"]').waitFor(cameTrue);
  await page.screenshot({ path: join(screenshots, 'gift.png'), fullPage: true });
});

test(
  "a page built from LiveKit's React starter talks with the agent, by the token endpoint as it is",
  async (context) => {
    if (!stack || !browser) return context.skip(NO_CHROMIUM);
    if (stack.status.livekit === null) return context.skip(NO_SERVER);
    const { status } = stack;
    const person = await signUpByApi(status, 'Katherine');
    const { activation_code: code } = await buyGift(status, person, 'starter');
    await ask(status, person, '/activate', { code });
    const stop = await serveStarter(folder, elsewhere);
    try {
      const page = await browser.newPage({ permissions: ['microphone'] });
      const query = new URLSearchParams({
        endpoint: `${status.sidecar.url}/token`,
        access_token: person.accessToken,
      });
      await page.goto(`http://127.0.0.1:${elsewhere}/?${query}`);
      // The second call within the life of a token: a client that kept the first would come to a room that is over.
      for (const _call of [1, 2]) {
        await page.getByRole('button', { name: 'Start call' }).click();
        const said = page.locator('li[data-from=agent]');
        await said.filter({ hasText: 'MindBot' }).first().waitFor(cameTrue);
        await page.getByRole('button', { name: 'Ask' }).click();
        await said
          .filter({ hasText: /minutes/ })
          .first()
          .waitFor(cameTrue);
        await page.getByRole('button', { name: 'End call' }).click();
      }
      const calls = async () =>
        (await ask<{ calls: unknown[] }>(status, person, `/user/${person.id}/calls`)).calls;
      await expect.poll(async () => (await calls()).length, cameTrue).toBe(2);
    } finally {
      await stop();
    }
  },
  patience(180_000),
);
