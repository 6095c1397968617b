import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { deliveryResponse, type Gift, giftsResponse } from '../../shared/api/time-cards.ts';
import { sendNotice } from '../../webhook-server/notices/send-notice.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

const ZONE = 'America/New_York';
let sidecar: TestSidecar;
let buyer: Person;
beforeAll(async () => {
  sidecar = await startSidecar({ config: { PUBLIC_URL: 'https://mindbot.example' } });
});
afterAll(() => sidecar.close());
beforeEach(async () => {
  buyer = await sidecar.database.signUp();
});
afterEach(() => sidecar.expectSound());

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
/** Nine in the morning there, by a clock that knows of summer time. */
const morningOf = (instant: string) =>
  new Intl.DateTimeFormat('sv', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' }).format(
    new Date(instant),
  );

const begin = (wish: object) =>
  sidecar.post('/create-payment-intent', {
    person: buyer,
    body: { package_id: 'starter', for: 'gift', ...wish },
    headers: { 'idempotency-key': randomUUID() },
  });
async function give(wish: object): Promise<{ gift: Gift; intentId: string }> {
  const answer = await begin(wish);
  expect(answer.status).toBe(201);
  const { payment_intent_id: intentId } = answer.body as { payment_intent_id: string };
  await sidecar.pay(intentId);
  await until(async () => (await gifts()).length > 0);
  return { gift: (await gifts())[0] as Gift, intentId };
}
const gifts = async () =>
  giftsResponse.parse((await sidecar.get(`/user/${buyer.id}/gifts`, { person: buyer })).body).gifts;
const reschedule = (cardId: string, deliver_on: string | null, by = buyer) =>
  sidecar.put(`/user/${by.id}/gifts/${cardId}/delivery`, {
    person: by,
    body: { deliver_on, time_zone: ZONE },
  });

/** The job of the mail with the code: when it is due, and what it does then. */
async function mailOf(cardId: string) {
  const [job] = await sidecar.database
    .sql`select id, singleton_key as key, data as payload, start_after as due,
    keep_until > start_after as kept from pgboss.job where singleton_key = ${`notice:gift:${cardId}`}`;
  const { id, key, payload, due, kept } = job as unknown as {
    id: string;
    key: string;
    payload: object;
    due: Date;
    kept: boolean;
  };
  expect(kept).toBe(true);
  const sent: { to: string; subject: string; text: string }[] = [];
  async function send(): Promise<{ outcome: string; sent: typeof sent }> {
    const mail = {
      ...sidecar.deps.mail,
      send: async (message: (typeof sent)[number]) => void sent.push(message),
    };
    const deps = { ...sidecar.deps, mail, now: () => new Date(due.getTime() + 1000) };
    const ageSeconds = (due.getTime() - Date.now()) / 1000;
    return { outcome: await sendNotice(deps, { id, key, payload, attempt: 1, ageSeconds }), sent };
  }
  return { due: due.toISOString(), send };
}

test('its mail goes out in the morning of that day, to whom it is for', async () => {
  const wish = { recipient_email: 'friend@example.com', recipient_name: 'Zoë', message: 'Enjoy!' };
  const { gift } = await give({ ...wish, deliver_on: inDays(200), time_zone: ZONE });
  expect(gift).toMatchObject({ delivery: 'scheduled', recipient_email: 'friend@example.com' });
  expect(morningOf(gift.deliver_at ?? '')).toBe(`${inDays(200)} 09:00`);
  const { due, send } = await mailOf(gift.card_id);
  expect(due).toBe(gift.deliver_at);
  const { outcome, sent } = await send();
  expect(outcome).toBe('sent');
  expect(sent).toMatchObject([{ to: 'friend@example.com', subject: 'A gift for you: 1 h of MindBot' }]);
  expect(sent[0]?.text).toContain(gift.activation_code);
  expect(sent[0]?.text).toContain('Enjoy!');
  expect(sent[0]?.text).not.toContain(buyer.email);
});

test('without a day it goes out at once, and without an address to its buyer', async () => {
  const { gift } = await give({});
  expect(gift).toMatchObject({ delivery: 'sent', deliver_at: null, recipient_email: null });
  const { due, send } = await mailOf(gift.card_id);
  expect(Date.parse(due)).toBeLessThanOrEqual(Date.now() + 60_000);
  expect((await send()).sent).toMatchObject([{ to: buyer.email }]);
});

test('its buyer can have it sent on another day, or now, as long as it was not sent', async () => {
  const { gift } = await give({ deliver_on: inDays(30), time_zone: ZONE });
  const later = deliveryResponse.parse((await reschedule(gift.card_id, inDays(60))).body);
  expect(morningOf(later.deliver_at)).toBe(`${inDays(60)} 09:00`);
  expect((await mailOf(gift.card_id)).due).toBe(later.deliver_at);
  expect((await gifts())[0]).toMatchObject({ deliver_at: later.deliver_at, delivery: 'scheduled' });
  const other = await sidecar.database.signUp();
  expect((await reschedule(gift.card_id, inDays(5), other)).status).toBe(404);
  expect((await reschedule(gift.card_id, null)).status).toBe(200);
  expect((await gifts())[0]).toMatchObject({ delivery: 'sent' });
  expect(codeOf(await reschedule(gift.card_id, inDays(5)))).toBe('too_late');
});

test('a day can be changed before it is paid, too', async () => {
  await begin({ deliver_on: inDays(30), time_zone: ZONE });
  const [row] = await sidecar.database.sql`select id from purchases where user_id = ${buyer.id}`;
  const { deliver_at } = deliveryResponse.parse((await reschedule(String(row?.id), inDays(60))).body);
  expect(morningOf(deliver_at)).toBe(`${inDays(60)} 09:00`);
  // Of what will never be paid, or is looked at first, no day is promised.
  for (const status of ['review', 'refused']) {
    await sidecar.database.sql`update purchases set status = ${status} where id = ${String(row?.id)}`;
    expect([status, codeOf(await reschedule(String(row?.id), inDays(50)))]).toEqual([status, 'too_late']);
  }
});

test('a refund before its day cancels the mail, and a part of it is told of as what is left', async () => {
  const { gift, intentId } = await give({ deliver_on: inDays(30), time_zone: ZONE });
  await sidecar.stripe.refunds.create({ payment_intent: intentId, amount: 333 });
  const leftOf = async () =>
    (
      await sidecar.database
        .sql`select remaining_seconds::int as left from time_cards where id = ${gift.card_id}`
    )[0]?.left;
  await until(async () => (await leftOf()) === 2400);
  expect((await (await mailOf(gift.card_id)).send()).sent).toMatchObject([
    { subject: 'Your gift: 40 min of MindBot' },
  ]);
  await sidecar.stripe.refunds.create({ payment_intent: intentId });
  await until(async () => (await leftOf()) === 0);
  expect((await gifts())[0]).toMatchObject({ status: 'revoked', delivery: 'canceled' });
  expect(await (await mailOf(gift.card_id)).send()).toEqual({ outcome: 'not_needed', sent: [] });
  expect(codeOf(await reschedule(gift.card_id, inDays(5)))).toBe('too_late');
});

test('it reaches whom it is for also when its buyer is gone, who needs no address for that', async () => {
  const { gift } = await give({
    recipient_email: 'friend@example.com',
    deliver_on: inDays(30),
    time_zone: ZONE,
  });
  await sidecar.database.sql`delete from auth.users where id = ${buyer.id}`;
  expect((await (await mailOf(gift.card_id)).send()).sent).toMatchObject([{ to: 'friend@example.com' }]);
});

test.each([
  ['on a day that is over', { deliver_on: inDays(-1), time_zone: ZONE }],
  ['in more than a year', { deliver_on: inDays(370), time_zone: ZONE }],
  ['nowhere', { deliver_on: inDays(30), time_zone: 'Mars/Olympus' }],
  ['without a time zone', { deliver_on: inDays(30) }],
  ['on no day', { deliver_on: '2027-02-30', time_zone: ZONE }],
  ['to no address', { recipient_email: 'not an address' }],
  ['for oneself', { for: 'me', deliver_on: inDays(30), time_zone: ZONE }],
])('not %s', async (_what, wish) => {
  const answer = await begin(wish);
  expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
  const rows = await sidecar.database.sql`select id from purchases where user_id = ${buyer.id}`;
  expect(rows).toHaveLength(0);
});
