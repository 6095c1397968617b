import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, signUp as signUpByApi } from '../../commands/customer/ask-sidecar.ts';
import { buyGift } from '../../commands/customer/buy-package.ts';
import { figuresIn } from '../../commands/demo/figures.ts';
import { type Stack, startStack } from '../../commands/demo/start-stack.ts';
import { freePort } from '../../local/free-port.ts';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { patience } from '../support/patience.ts';
import { writeMicrophoneFile } from '../support/spoken-microphone.ts';
import { cameTrue, goTo, payWithCard, seconds, signUp } from './page-steps.ts';
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
