import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { hashInvitationToken } from '../../shared/activation-codes/keyed-hash.ts';
import { NO_CHROMIUM } from '../support/chromium.ts';
import { openSidecarPage, problemsOf, type SidecarPage } from '../support/sidecar-page.ts';
import { giveTime } from '../time/people.ts';
import { cameTrue, violations } from './page-steps.ts';

// Every room, to a visitor and to who is signed in: nothing is wider than the window, and axe finds nothing.
// `npm run screenshots` keeps a picture of each, in light, in dark and on a phone.

const KEEPS = process.env.SCREENSHOTS !== undefined;
if (process.env.SCREENSHOTS) mkdirSync(process.env.SCREENSHOTS, { recursive: true });

const LOOKS = [
  { look: 'light', width: 1280, height: 900, colorScheme: 'light' as const },
  { look: 'dark', width: 1280, height: 900, colorScheme: 'dark' as const },
  { look: 'phone', width: 360, height: 740, colorScheme: 'light' as const },
  { look: 'small', width: 320, height: 640, colorScheme: 'dark' as const },
].filter(({ look }) => KEEPS || look === 'light' || look === 'small');

type Room = { name: string; path: string; shows?: string };
const VISITOR: Room[] = [
  { name: 'landing', path: '/', shows: '[data-testid=price-starter]' },
  { name: 'sign-in', path: '/sign-in' },
  { name: 'sign-up', path: '/sign-up' },
  { name: 'forgot-password', path: '/forgot-password' },
  { name: 'new-password-link', path: '/new-password' },
  { name: 'buy-signed-out', path: '/buy' },
  { name: 'help', path: '/help' },
  { name: 'terms', path: '/terms' },
  { name: 'privacy', path: '/privacy' },
  { name: 'missing', path: '/no/such/room' },
];
const PERSON: Room[] = [
  { name: 'talk', path: '/talk', shows: '[data-testid=balance][data-seconds="7190"]' },
  { name: 'buy', path: '/buy', shows: '[data-testid=buy-starter]' },
  { name: 'account', path: '/account', shows: '[data-testid=call-row]' },
  { name: 'call', path: '/calls/:call', shows: '[data-testid=call-receipt] iframe' },
  { name: 'gift', path: '/gift', shows: '[data-testid=activate-code]' },
  { name: 'teams', path: '/teams', shows: '[data-testid=team]' },
  { name: 'join', path: '/teams/join#a-token', shows: '[data-testid=join-team]' },
  { name: 'team', path: '/teams/:team', shows: '[data-testid=plan-offer]' },
  { name: 'new-password', path: '/new-password' },
  { name: 'help-signed-in', path: '/help' },
  { name: 'missing-signed-in', path: '/no/such/room' },
];

async function look({ screenshot }: SidecarPage, page: Page, name: string): Promise<void> {
  await page
    .getByTestId('skeleton')
    .first()
    .waitFor({ ...cameTrue, state: 'detached' });
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  expect([name, await violations(page)]).toEqual([name, []]);
  if (KEEPS) await page.screenshot({ path: screenshot(name), fullPage: true });
}

const scene = await openSidecarPage();
afterAll(() => scene?.close());

test.for(LOOKS)('rooms of a visitor: $look', async ({ look: name, colorScheme, ...viewport }, context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await scene.browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
  const problems = problemsOf(page);
  for (const room of VISITOR) {
    await page.goto(scene.sidecar.url + room.path);
    await page.locator(room.shows ?? '[data-testid=room]').waitFor(cameTrue);
    await look(scene, page, `${room.name}-${name}`);
  }
  expect(problems.filter((line) => !line.includes('status of 404'))).toEqual([]);
  await page.close();
});

async function personWithAPast({ sidecar }: SidecarPage) {
  const { database } = sidecar;
  const person = await database.signUp();
  await giveTime(database.sql, person.id, 7200);
  const callId = crypto.randomUUID();
  await database.service.rpc('open_call', { p_call_id: callId, p_user_id: person.id, p_room_name: 'room' });
  const used = { p_used_ms: 10_400, p_end_reason: 'caller_hung_up' };
  await database.service.rpc('settle_call', { p_call_id: callId, p_epoch: 1, ...used });
  const { data } = await database.service.rpc('create_tenant', {
    p_user_id: person.id,
    p_name: 'Müller & Söhne',
    p_key: callId,
  });
  const team = (data as { tenant: { id: string } }).tenant.id;
  await giveTime(database.sql, team, 600);
  await database.sql`insert into plans (id, name, kind, monthly_minutes, seat_price_cents)
    values ('team', 'MindBot 25', 'seats', 12000, 2000) on conflict do nothing`;
  await database.sql`insert into tenant_invitations (tenant_id, email, role, token_hash, invited_by, expires_at)
    values (${team}, ${`${callId}@genossenschaft-handwerk-nordwest.example`}, 'billing',
      ${callId.replaceAll('-', '').repeat(2)}, ${person.id}, now() + interval '7 days')`;
  const teamCall = crypto.randomUUID();
  await database.service.rpc('open_call', {
    p_call_id: teamCall,
    p_user_id: person.id,
    p_room_name: teamCall,
    p_tenant_id: team,
  });
  await database.service.rpc('settle_call', { p_call_id: teamCall, p_epoch: 1, ...used });
  return { person, callId, team };
}

test.for(LOOKS)('rooms of a person: $look', async ({ look: name, colorScheme, ...viewport }, context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { person, callId, team } = await personWithAPast(scene);
  const page = await scene.browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
  const problems = problemsOf(page);
  await scene.signIn(page, person, '/talk', 'balance');
  for (const room of PERSON) {
    await page.goto(scene.sidecar.url + room.path.replace(':call', callId).replace(':team', team));
    await page
      .locator(room.shows ?? '[data-testid=room]')
      .first()
      .waitFor(cameTrue);
    await look(scene, page, `${room.name}-${name}`);
    // A frame that nobody gave a size is 150 high, and shows a receipt's first three lines.
    for (const frame of await page.locator('main iframe').all())
      expect((await frame.boundingBox())?.height, room.name).toBeGreaterThan(300);
  }
  expect(problems.filter((line) => !line.includes('status of 404'))).toEqual([]);
  await page.close();
});

/** What a page in another language does not say: words of English that German, Spanish and French do not have. */
const ENGLISH = /\b(?:the|and|your|you|with|this|that|it|are|from|what|when|which|nothing|yet)\b/i;

/** All that is read or read out, but for what is marked as English. */
const wordsOf = (page: Page): Promise<string[]> =>
  page.evaluate(`{
    const said = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, textContent } = walker.currentNode;
      if (!parentElement.closest('body [lang=en], script, noscript')) said.push(textContent);
    }
    for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
      for (const element of document.querySelectorAll('[' + name + ']')) said.push(element.getAttribute(name));
    said.push(document.title);
    said.filter((words) => words.trim() !== '');
  }`);

test.for(['de', 'es', 'fr'])(
  'no English is left in the rooms in %s, and they fit a small phone',
  async (language, context) => {
    if (!scene) return context.skip(NO_CHROMIUM);
    const { person, callId, team } = await personWithAPast(scene);
    const own = await scene.browser.newContext({
      locale: `${language}-CH`,
      viewport: { width: 320, height: 640 },
      reducedMotion: 'reduce',
    });
    const page = await own.newPage();
    async function walk(rooms: Room[]) {
      for (const room of rooms) {
        await page.goto(scene?.sidecar.url + room.path.replace(':call', callId).replace(':team', team));
        await page
          .locator(room.shows ?? '[data-testid=room]')
          .first()
          .waitFor(cameTrue);
        await page
          .getByTestId('skeleton')
          .first()
          .waitFor({ ...cameTrue, state: 'detached' });
        expect(await page.evaluate('document.documentElement.lang')).toBe(language);
        expect([room.name, (await wordsOf(page)).filter((words) => ENGLISH.test(words))]).toEqual([
          room.name,
          [],
        ]);
        const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect([room.name, over]).toEqual([room.name, 0]);
      }
    }
    await walk(VISITOR);
    await scene.signIn(page, person, '/talk', 'balance');
    await walk(PERSON);
    // Another language is there at once, and on their next visit.
    await page.getByTestId('page-language').selectOption('en');
    await page.getByRole('heading', { name: 'Nothing is here' }).waitFor(cameTrue);
    const { sql } = scene.sidecar.database;
    await expect
      .poll(async () => {
        const [user] =
          await sql`select raw_user_meta_data ->> 'language' as language from auth.users where id = ${person.id}`;
        return user?.language;
      }, cameTrue)
      .toBe('en');
    await own.close();
  },
);

test('a team is made, somebody is invited, and joins by the link of the mail', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const { sql } = scene.sidecar.database;
  const [owner, friend] = [await scene.sidecar.database.signUp(), await scene.sidecar.database.signUp()];
  const page = await scene.browser.newPage({ reducedMotion: 'reduce' });
  await scene.signIn(page, owner, '/teams', 'make-team');
  await page.getByTestId('team-name').fill('Nordwest');
  await page.getByTestId('make-team').click();
  await page.getByTestId('invite-email').fill(friend.email);
  await page.getByTestId('invite').click();
  await page.getByTestId('invitation').waitFor(cameTrue);
  expect(await page.getByTestId('member').count()).toBe(1);
  await page.close();
  const token = 'a'.repeat(43);
  const hash = hashInvitationToken(scene.sidecar.deps.config.ACTIVATION_CODE_KEY, token);
  await sql`update tenant_invitations set token_hash = ${hash} where email = ${friend.email}`;
  const other = await scene.browser.newPage({ reducedMotion: 'reduce' });
  await scene.signIn(other, friend, `/teams/join#${token}`, 'join-team');
  await other.getByTestId('join-team').click();
  await other.getByTestId('member').nth(1).waitFor(cameTrue);
  // What is for owners, and for who does the billing, is not shown to a member.
  expect([
    await other.getByTestId('invitations').count(),
    await other.getByTestId('plan-offer').count(),
  ]).toEqual([0, 0]);
  await other.close();
});

test('negative control: English in a German room is found', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await scene.browser.newPage();
  await page.goto(`${scene.sidecar.url}/sign-in`);
  await page.getByTestId('room').waitFor(cameTrue);
  expect((await wordsOf(page)).filter((words) => ENGLISH.test(words))).not.toEqual([]);
  await page.close();
});

test('negative control: axe finds what is wrong', async (context) => {
  if (!scene) return context.skip(NO_CHROMIUM);
  const page = await scene.browser.newPage();
  await page.goto(`${scene.sidecar.url}/help`);
  await page.getByTestId('room').waitFor(cameTrue);
  await page.evaluate(`document.querySelector('main').append(document.createElement('input'))`);
  expect((await violations(page)).join()).toContain('label');
  await page.close();
});
