import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../support/chromium.ts';
import type { Person, TestDatabase } from '../support/database.ts';
import { openSidecarPage, problemsOf } from '../support/sidecar-page.ts';
import { giveTime } from '../time/people.ts';

const scene = await openSidecarPage();
afterAll(() => scene?.close());

async function measuredCall(
  { service }: TestDatabase,
  person: Person,
  p50Ms: number | null,
  p95Ms: number | null,
): Promise<void> {
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

test.for([
  { name: 'wide', width: 1280, height: 900, colorScheme: 'light' as const },
  { name: 'phone', width: 360, height: 740, colorScheme: 'dark' as const },
])(
  'people see how soon answers came: $name, $colorScheme',
  async ({ name, width, height, colorScheme }, context) => {
    if (!scene) return context.skip(NO_CHROMIUM);
    const { database } = scene.sidecar;
    const person = await database.signUp();
    await giveTime(database.sql, person.id, 3600);
    const page = await scene.browser.newPage({ viewport: { width, height }, colorScheme });
    const problems = problemsOf(page);
    await scene.signIn(page, person, '/account', 'balance');
    // Nothing is plotted before there is anything to plot.
    expect(await page.getByTestId('responses').count()).toBe(0);
    for (let call = 0; call < 12; call++)
      await measuredCall(database, person, 700 + call * 40, 1500 + (call % 4) * 300);
    await measuredCall(database, person, null, null);
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
    await panel.screenshot({ path: scene.screenshot(`responses-${name}`) });
    await page.getByTestId('calls').screenshot({ path: scene.screenshot(`calls-measured-${name}`) });
    await page.screenshot({ path: scene.screenshot(`page-${name}`), fullPage: true });
    expect(problems).toEqual([]);
    await page.close();
  },
);
