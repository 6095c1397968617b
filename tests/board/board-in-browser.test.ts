import { randomUUID } from 'node:crypto';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { cameTrue } from '../browser/page-steps.ts';
import type { Person } from '../support/database.ts';
import { patience } from '../support/patience.ts';
import { openSidecarPage, problemsOf, type SidecarPage } from '../support/sidecar-page.ts';
import { createBank, overSql } from '../time/bank.ts';

const ROOMS = ['now', 'business', 'voice', 'people', 'requests', 'money', 'log'];
const LOOKS = [
  { name: 'wide', viewport: { width: 1280, height: 900 } },
  { name: 'phone', viewport: { width: 360, height: 740 } },
];
const scene = await openSidecarPage();
afterAll(() => scene?.close());

const TURNS = [
  [420, 250, 380, 190, 1080],
  [510, 300, 900, 200, 1700],
  [380, 240, 300, 150, 860],
];

/** An operator, somebody who bought and talked a month long, and others; with something in each room. */
async function people({ sidecar }: SidecarPage): Promise<{ operator: Person; buyer: Person }> {
  const { sql } = sidecar.database;
  const [operator, buyer, caller] = [
    await sidecar.database.signUp(),
    await sidecar.database.signUp(`buyer-${randomUUID().slice(0, 8)}@example.com`),
    await sidecar.database.signUp(),
  ];
  await sql`update users set role = 'operator' where id = ${operator.id}`;
  const bank = createBank(overSql(sql));
  await sidecar.buy(buyer, 'premium');
  const intent = await sidecar.buy(caller, 'basic');
  for (let day = 0; day < 30; day++) {
    const callId = randomUUID();
    const who = day % 3 === 0 ? caller : buyer;
    await bank.open(who.id, { callId, slice: 3600, max: 100 });
    await sql`update calls set opened_at = now() - make_interval(days => ${day}, hours => ${day % 5}) where id = ${callId}`;
    const measures = {
      ...{
        turns: 3,
        interruptions: day % 3,
        errors: day % 7 === 0 ? 1 : 0,
        latency_p50_ms: 1080,
        latency_p95_ms: 1700,
      },
      ...{
        provider_cost_micros: 31_000,
        quality: 70 + (day % 20),
        unpriced: [],
        version: day < 12 ? '1.1.0' : '1.0.0',
      },
      errors_by_provider: day % 7 === 0 ? { 'llm@api.openai.com': 1 } : {},
      turn_parts: ['end_of_turn', 'transcription', 'llm_first_token', 'tts_first_byte', 'whole'],
      llm: [{ model: 'a', provider: 'api.openai.com' }],
      stt: [{ model: 'c', provider: 'api.deepgram.com' }],
      latest_turns: TURNS.map((turn) => turn.map((ms) => ms + day * 13)),
    };
    await sql`select settle_call(${callId}, 1, ${(200 + day * 20) * 1000}, 'said_goodbye', p_measures => ${sql.json(measures)})`;
    await sql`select rate_call(${who.id}, ${callId}, ${1 + (day % 5)})`;
    if (day < 3)
      await sql`select ask_for_help(${who.id}, ${callId}, 'call', ${callId}, 'It took long to answer.')`;
  }
  await bank.open(caller.id, { callId: randomUUID() });
  await sql`select note_finding('purchase_missing', 'pi_unknown', 'Stripe has a payment of 9.99 usd that the books do not know')`;
  const worker = { name: 'host-1:4711', release: '1.1.0', calls: 1, seats: 7, load_percent: 14 };
  for (const [id, state] of [
    [randomUUID(), 'open'],
    [randomUUID(), 'draining'],
  ] as const)
    await sql`select report_worker(${id}, ${sql.json({ ...worker, state })})`;
  await sql`select private.enqueue('notice', 'notice:test', '{"notice": "none"}', now() + interval '1 day')`;
  await sql`update pgboss.job set state = 'failed', completed_on = now(), output = '{"message": "no such mailbox"}'
    where name = 'notice' and singleton_key = 'notice:test'`;
  await sql`insert into stripe_events (id, type, object_id, status, outcome, attempts, last_error)
    values ('evt_parked', 'refund.updated', 're_none', 'parked', 'parked', 8, 'Stripe did not answer')`;
  await sql`insert into payment_disputes (id, purchase_id, amount_cents, status, reason)
    select 'dp_of_caller', id, 999, 'open', 'fraudulent' from purchases where payment_intent_id = ${intent}`;
  await sql`select ask_for_help(${buyer.id}, 'k', 'account', null, 'I was charged twice, I think. Could you look?')`;
  return { operator, buyer };
}

let those: Promise<{ operator: Person; buyer: Person }> | undefined;
async function open(room: string, options: { viewport?: { width: number; height: number } } = {}) {
  if (scene === undefined) throw new Error('no Chromium');
  those ??= people(scene);
  const them = await those;
  const page = await scene.browser.newPage(options);
  const problems = problemsOf(page);
  await scene.signIn(page, them.operator, `/operator/${room}`, 'room');
  await page.locator('.board').first().waitFor();
  return { ...them, page, problems, scene };
}

/** What axe finds on what is shown, by rule and element. */
async function violationsOf(page: Page): Promise<string[]> {
  // By the debugger: the page's own policy lets no script in.
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`,
  )) as string[];
  return found;
}

test.skipIf(scene === undefined)(
  'an operator finds somebody by their address, and refunds a purchase with a reason',
  async () => {
    const { page, problems, buyer, operator, scene } = await open('people');
    await page.getByTestId('find').fill(buyer.email.slice(0, 12));
    await page.getByTestId('found').first().click();
    await page.getByTestId('refund').first().click();
    await page.getByTestId('amount').fill('19.99');
    // Nothing without a reason.
    expect(await page.getByTestId('do-act').isDisabled()).toBe(true);
    await page.getByTestId('reason').fill('charged twice');
    expect(await violationsOf(page)).toEqual([]);
    await page.getByTestId('do-act').click();
    await page.getByTestId('act').waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: 'charged twice' }).waitFor();
    const { sql } = scene.sidecar.database;
    expect(await sql`select refunded_cents from purchases where user_id = ${buyer.id}`).toMatchObject([
      { refunded_cents: 1999 },
    ]);
    const [act] = await sql`select act, reason, operator_id from operator_acts where act = 'refund'`;
    expect(act).toEqual({ act: 'refund', reason: 'charged twice', operator_id: operator.id });
    expect(problems).toEqual([]);
    await page.close();
  },
  patience(60_000),
);

test.skipIf(scene === undefined)(
  'what was given up, parked and issued has buttons, each asks why, and the log has all of it',
  async () => {
    const { page, problems, scene } = await open('now');
    const act = async (button: string, reason: string) => {
      await page.getByTestId(button).first().click();
      await page.getByTestId('reason').fill(reason);
      expect(await violationsOf(page), button).toEqual([]);
      await page.getByTestId('do-act').click();
      await page.getByTestId('act').waitFor({ state: 'detached' });
    };
    await act('drop-job', 'the mailbox is gone');
    await page.goto(`${scene.sidecar.url}/operator/requests`);
    await page.getByRole('button', { name: '3 requests about 1.1.0' }).click();
    await expect.poll(() => page.getByTestId('behind').getByRole('listitem').count(), cameTrue).toBe(3);
    await page.goto(`${scene.sidecar.url}/operator/money`);
    await act('replay', 'Stripe answers again');
    await act('issue-codes', 'for the fair');
    const file = page.waitForEvent('download');
    await act('export-codes', 'to the printer');
    expect((await file).suggestedFilename()).toMatch(/^codes-.*\.csv$/);
    await act('revoke-codes', 'the fair is off');
    const acts = await scene.sidecar.database
      .sql`select act, reason from operator_acts where act <> 'refund' order by id`;
    expect(acts.map(({ act: what, reason }) => `${what}: ${reason}`)).toEqual([
      'drop_job: the mailbox is gone',
      'replay: Stripe answers again',
      'export_codes: to the printer',
      'revoke_codes: the fair is off',
    ]);
    expect(problems).toEqual([]);
    await page.close();
  },
  patience(60_000),
);

test.skipIf(scene === undefined).each(LOOKS)(
  'each room says what it has, $name, in both themes, and nothing of it is out of reach',
  async ({ name, viewport }) => {
    const { page, problems, buyer, scene } = await open('now', { viewport });
    for (const room of [...ROOMS, `people/${buyer.id}`]) {
      await page.goto(`${scene.sidecar.url}/operator/${room}${room === 'people' ? '?text=buyer' : ''}`);
      await page.locator('.board').first().waitFor();
      // A line that tells of changes stays open, so the network is never idle.
      await expect.poll(() => page.getByTestId('skeleton').count(), cameTrue).toBe(0);
      if (room === 'business')
        for (const summary of await page.locator('summary').all()) await summary.click();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const file = `board-${room.replace(buyer.id, 'one').replace('/', '-')}-${name}-${colorScheme}`;
        if (process.env.SCREENSHOTS) await page.screenshot({ path: scene.screenshot(file), fullPage: true });
        expect(await violationsOf(page), `${room}, ${colorScheme}`).toEqual([]);
      }
      // Nothing may be wider than the page.
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), room).toBe(true);
    }
    expect(problems).toEqual([]);
    await page.close();
  },
  patience(180_000),
);

test.skipIf(scene === undefined)('who is no operator is told so, and sees nothing', async () => {
  if (scene === undefined) return;
  const person = await scene.sidecar.database.signUp();
  const page = await scene.browser.newPage();
  await scene.signIn(page, person, '/operator/business', 'not-an-operator');
  expect(await page.locator('.board').count()).toBe(0);
  await page.close();
});
