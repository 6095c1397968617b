import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp as signUpByApi } from '../../commands/customer/ask-sidecar.ts';
import { type Stack, startStack } from '../../commands/demo/start-stack.ts';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { patience } from '../support/patience.ts';
import { writeMicrophoneFile } from '../support/spoken-microphone.ts';
import {
  cameTrue,
  cardFrame,
  goTo,
  isInView,
  payWithCard,
  seconds,
  signUp,
  violations,
} from './page-steps.ts';

/** Less than a slice: the first grant is the last one. */
const LITTLE_SECONDS = 15;

const folder = mkdtempSync(join(tmpdir(), 'mindbot-desk-'));
/** Set to keep the screenshots. */
const screenshots = process.env.SCREENSHOTS ?? folder;

let stack: Stack | undefined;
let browser: Browser | undefined;

beforeAll(async () => {
  if (chromiumPath === null) return;
  const microphone = join(folder, 'microphone.wav');
  await writeMicrophoneFile(microphone, [{ silenceSeconds: 60, text: 'Thank you.' }]);
  stack = await startStack(join(folder, 'home'));
  browser = await launchChromium(microphone);
}, patience(240_000));

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const NO_LIVEKIT =
  'no LiveKit server here: install Go 1.26 or newer, or livekit-server, and run ./launch.sh test';
const PHONE = { permissions: ['microphone'], viewport: { width: 375, height: 812 } };

/** Somebody new, with hardly any time, calls until it is used up. @returns the database */
async function runOut({ status }: Stack, page: Page) {
  const { supabase, sidecar } = status;
  const service = createClient(supabase.url, supabase.secret_key ?? '', { auth: { persistSession: false } });
  const email = await signUp(page, sidecar.url);
  const { data: person } = await service.from('users').select('id').eq('email', email).single();
  const operator = await signUpByApi(status, 'Ada');
  await service.from('users').update({ role: 'operator' }).eq('id', operator.id);
  const { data: grant } = await service.rpc('grant_goodwill', {
    p_user_id: person?.id,
    p_operator_id: operator.id,
    p_seconds: LITTLE_SECONDS,
    p_reason: 'to run out soon',
    p_key: email,
  });
  expect(grant).toMatchObject({ status: 'granted' });
  await page.reload();
  await page.locator(`[data-testid=balance][data-seconds="${LITTLE_SECONDS}"]`).waitFor(cameTrue);
  await page.getByTestId('talk').click();
  await page.getByTestId('desk').waitFor(cameTrue);
  await page.locator('[data-testid=call-state][data-meter=desk]').waitFor(cameTrue);
  return service;
}

/** How long it takes from Pay until the call goes on, as the buyer sees it. TOP_UP_FIGURES names a file for it (npm run bench:top-up). */
const FIGURES = process.env.TOP_UP_FIGURES;
const PLAYS = 5;

test.runIf(FIGURES !== undefined)(
  'how long it takes from Pay until the call goes on',
  async (context) => {
    if (!stack || !browser) return context.skip(NO_CHROMIUM);
    if (stack.status.livekit === null) return context.skip(NO_LIVEKIT);
    const waits: number[] = [];
    for (let play = 0; play < PLAYS; play += 1) {
      const own = await browser.newContext(PHONE);
      const page = await own.newPage();
      await runOut(stack, page);
      await page.getByTestId('buy-starter').click(cameTrue);
      await cardFrame(page).getByLabel('Card number').fill('4242424242424242', cameTrue);
      const pay = page.locator('[data-testid=pay]:enabled');
      await pay.waitFor(cameTrue);
      const began = performance.now();
      await pay.press('Enter');
      await page.locator('[data-testid=call-state][data-meter=running]').waitFor(cameTrue);
      waits.push((performance.now() - began) / 1000);
      await page.getByTestId('hang-up').click();
      await own.close();
    }
    waits.sort((one, other) => one - other);
    const words = waits.map((wait) => wait.toFixed(2)).join(', ');
    const p50 = waits[Math.floor(PLAYS / 2)] ?? Number.NaN;
    appendFileSync(FIGURES ?? '', `\nFrom Pay until the call goes on: p50 ${p50.toFixed(2)} s of ${words}\n`);
  },
  patience(600_000),
);

test(
  'a call that runs out waits at the desk, and goes on when time is bought on the same page',
  async (context) => {
    if (!stack || !browser) return context.skip(NO_CHROMIUM);
    if (stack.status.livekit === null) return context.skip(NO_LIVEKIT);
    const page = await browser.newPage(PHONE);
    const service = await runOut(stack, page);
    // Over the call and above the bar, which says how long the assistant stays.
    await page.getByTestId('shop-sheet').waitFor(cameTrue);
    await page.getByTestId('desk').getByText('The assistant stays for').waitFor(cameTrue);
    await page.screenshot({ path: join(screenshots, 'desk.png') });
    await page.getByTestId('close-shop').click();
    await page.getByTestId('desk-buy').click();
    await page.getByTestId('buy-starter').click();
    await cardFrame(page).getByLabel('Card number').waitFor(cameTrue);
    await page.screenshot({ path: join(screenshots, 'desk-pay.png') });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: join(screenshots, 'desk-pay-dark.png') });
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await violations(page)).toEqual([]);
    expect(await isInView(page, 'pay')).toBe(true);
    expect(await isInView(page, 'hang-up')).toBe(true);
    await payWithCard(page, '4242424242424242');
    await page.getByTestId('resumed').waitFor(cameTrue);
    await page.locator('[data-testid=call-state][data-meter=running]').waitFor(cameTrue);
    await page.getByTestId('desk').waitFor({ ...cameTrue, state: 'detached' });
    // What the buyer sees now is the call.
    await page.getByTestId('shop-sheet').waitFor({ ...cameTrue, state: 'hidden' });
    expect(await page.getByTestId('voice-orb').isVisible()).toBe(true);
    await page.screenshot({ path: join(screenshots, 'resumed.png') });
    await expect.poll(() => seconds(page, 'used-time'), cameTrue).toBeGreaterThan(LITTLE_SECONDS + 1);

    await page.getByTestId('hang-up').click();
    await goTo(page, 'account');
    await page.getByTestId('open-receipt').first().click(cameTrue);
    const receipt = page.getByTestId('receipt').locator('iframe').contentFrame();
    await receipt.getByRole('cell', { name: 'Buying more time' }).waitFor(cameTrue);
    await page.screenshot({ path: join(screenshots, 'desk-receipt.png') });

    const { data: calls } = await service
      .from('voice_sessions')
      .select('status, end_reason, charged_seconds');
    expect(calls).toMatchObject([{ status: 'settled', end_reason: 'caller_hung_up' }]);
    expect(calls?.[0]?.charged_seconds).toBeGreaterThan(LITTLE_SECONDS);
    expect((await service.rpc('audit_invariants')).data).toEqual([]);
  },
  patience(180_000),
);
