import { setTimeout as sleep } from 'node:timers/promises';
import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { clientOf, movableClock, refusalOf, startForTest, startReceiver } from './harness.ts';

const DAY = 86_400;
const THIN_SECRET = 'whsec_thin';

async function metered(options: Parameters<typeof startForTest>[0] = {}) {
  const clock = movableClock();
  const standIn = await startForTest({ now: clock.now, ...options });
  const stripe = clientOf(standIn);
  const customer = (await stripe.customers.create({})).id;
  const meter = await stripe.billing.meters.create({
    display_name: 'Voice seconds',
    event_name: 'voice',
    default_aggregation: { formula: 'sum' },
  });
  const now = () => Math.floor(clock.now() / 1000);
  const event = (identifier: string, value: string, change: object = {}) => ({
    event_name: 'voice',
    identifier,
    payload: { stripe_customer_id: customer, value },
    timestamp: now(),
    ...change,
  });
  const send = (identifier: string, value: string, change: object = {}) =>
    stripe.billing.meterEvents.create(event(identifier, value, change));
  const total = async (who = customer) => {
    const minute = (seconds: number) => seconds - (seconds % 60);
    const span = { customer: who, start_time: minute(now() - 36 * DAY), end_time: minute(now() + 600) };
    return (await stripe.billing.meters.listEventSummaries(meter.id, span)).data[0]?.aggregated_value;
  };
  return { clock, standIn, stripe, customer, meter, now, event, send, total };
}

test('a meter is made once for a name, renamed, closed and opened again', async () => {
  const { stripe, meter } = await metered();
  const again = { display_name: 'x', event_name: 'voice', default_aggregation: { formula: 'sum' } } as const;
  expect((await refusalOf(stripe.billing.meters.create(again))).message).toContain('voice');
  expect(await stripe.billing.meters.update(meter.id, { display_name: 'Talk' })).toMatchObject({
    display_name: 'Talk',
    event_name: 'voice',
  });
  expect((await stripe.billing.meters.deactivate(meter.id)).status).toBe('inactive');
  expect((await stripe.billing.meters.list({ status: 'active' })).data).toEqual([]);
  expect((await stripe.billing.meters.reactivate(meter.id)).status_transitions.deactivated_at).toBeNull();
  expect((await refusalOf(stripe.billing.meters.reactivate(meter.id))).statusCode).toBe(400);
});

test('events of all three kinds are summed exactly, each identifier once', async () => {
  const { stripe, standIn, now, send, event, total } = await metered();
  await send('a', '0.1');
  await send('b', '0.2', { timestamp: now() - 34 * DAY });
  const { payload } = event('c', '61');
  const later = { event_name: 'voice', payload, timestamp: new Date(now() * 1000).toISOString() };
  expect(await stripe.v2.billing.meterEvents.create({ ...later, identifier: 'c' })).toMatchObject({
    object: 'v2.billing.meter_event',
    identifier: 'c',
  });
  const { authentication_token: token } = await stripe.v2.billing.meterEventSession.create();
  const streaming = clientOf(standIn, token);
  const events = ['d', 'e', 'a', 'd'].map((identifier) => ({ ...later, identifier }));
  await streaming.v2.billing.meterEventStream.create({ events });
  expect(await total()).toBe(183.3);
  const refusal = await refusalOf(send('a', '7'));
  expect(refusal).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
  expect([refusal.message, refusal.code]).toEqual(['An event already exists with identifier a.', undefined]);
  const second = stripe.v2.billing.meterEvents.create({ ...later, identifier: 'c' });
  expect((await refusalOf(second)).message).toContain('already exists');
});

test('an identifier is remembered for a day and no longer', async () => {
  const { clock, send, total } = await metered();
  await send('a', '5');
  clock.advanceSeconds(DAY - 1);
  await refusalOf(send('a', '5'));
  clock.advanceSeconds(2);
  await send('a', '5');
  expect(await total()).toBe(10);
});

test.each([
  [-35 * DAY - 1, 'more than 35 days in past'],
  [301, 'more than 5 minutes in future'],
])('a time %i seconds from now is refused', async (seconds, words) => {
  const { stripe, now, send, event } = await metered();
  const timestamp = now() + seconds;
  expect((await refusalOf(send('a', '1', { timestamp }))).message).toContain(words);
  const { payload } = event('a', '1');
  const inVersion2 = { event_name: 'voice', payload, timestamp: new Date(timestamp * 1000).toISOString() };
  expect((await refusalOf(stripe.v2.billing.meterEvents.create(inVersion2))).statusCode).toBe(400);
});

test('a stream takes 100 events, and its token nothing else and only for 15 minutes', async () => {
  const { clock, standIn, stripe, event } = await metered();
  const { authentication_token: token } = await stripe.v2.billing.meterEventSession.create();
  const streaming = clientOf(standIn, token);
  const { payload } = event('a', '1');
  const stream = (count: number) =>
    streaming.v2.billing.meterEventStream.create({
      events: Array.from({ length: count }, (_, n) => ({ event_name: 'voice', identifier: `${n}`, payload })),
    });
  await stream(100);
  expect((await refusalOf(stream(101))).statusCode).toBe(400);
  expect((await refusalOf(streaming.customers.list())).statusCode).toBe(401);
  const withKey = stripe.v2.billing.meterEventStream.create({ events: [{ event_name: 'voice', payload }] });
  expect((await refusalOf(withKey)).statusCode).toBe(401);
  clock.advanceSeconds(15 * 60);
  expect(await refusalOf(stream(1))).toBeInstanceOf(Stripe.errors.TemporarySessionExpiredError);
});

test('what cannot be counted is answered like the rest, and told of by a thin event', async () => {
  const receiver = await startReceiver();
  const { standIn, stripe, customer, event, send, total } = await metered({
    thinWebhook: { url: receiver.url, secret: THIN_SECRET },
  });
  const gone = (await stripe.customers.create({})).id;
  await stripe.customers.del(gone);
  const payloads = {
    nobody: { value: '1' },
    gone: { value: '1', stripe_customer_id: gone },
    words: { value: 'ten', stripe_customer_id: customer },
    digits: { value: '0.1234567890123', stripe_customer_id: customer },
    nothing: { stripe_customer_id: customer },
  };
  for (const [identifier, payload] of Object.entries(payloads)) await send(identifier, '1', { payload });
  await send('nameless', '1', { event_name: 'unheard' });
  const { authentication_token: token } = await stripe.v2.billing.meterEventSession.create();
  const old = { ...event('old', '1'), timestamp: '2020-01-01T00:00:00Z' };
  await clientOf(standIn, token).v2.billing.meterEventStream.create({ events: [old] });
  expect(await total()).toBe(0);
  standIn.settle();
  while (receiver.received.length < 2) await sleep(5);
  const told = await Promise.all(
    receiver.received.map(async ({ body, headers }) => {
      const secondsNow = Math.floor(Date.now() / 1000);
      expect(() =>
        stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), THIN_SECRET, secondsNow),
      ).toThrow();
      const notification = stripe.parseEventNotification(
        body,
        String(headers['stripe-signature']),
        THIN_SECRET,
        400_000_000,
      );
      expect(JSON.parse(body).data).toBeUndefined();
      const { data } =
        (await notification.fetchEvent()) as Stripe.V2.Core.Events.V1BillingMeterErrorReportTriggeredEvent;
      const errors = data.reason.error_types.flatMap(({ code, sample_errors }) =>
        sample_errors.map(({ request }) => `${request.identifier}: ${code}`),
      );
      return [notification.type, errors.sort()];
    }),
  );
  expect(Object.fromEntries(told)).toEqual({
    'v1.billing.meter.no_meter_found': ['nameless: no_meter'],
    'v1.billing.meter.error_report_triggered': [
      'digits: meter_event_value_too_many_digits',
      'gone: meter_event_customer_not_found',
      'nobody: meter_event_no_customer_defined',
      'nothing: meter_event_invalid_value',
      'old: timestamp_too_far_in_past',
      'words: meter_event_invalid_value',
    ],
  });
});

test('an event is taken back within a day, and a right one needs another identifier', async () => {
  const { clock, stripe, send, total } = await metered();
  const cancel = (identifier: string) =>
    stripe.billing.meterEventAdjustments.create({
      event_name: 'voice',
      type: 'cancel',
      cancel: { identifier },
    });
  await send('a', '5');
  await send('b', '7');
  expect(await cancel('a')).toMatchObject({ cancel: { identifier: 'a' }, status: 'pending' });
  expect(await total()).toBe(7);
  await refusalOf(cancel('a'));
  await refusalOf(send('a', '6'));
  await send('a2', '6');
  expect(await total()).toBe(13);
  clock.advanceSeconds(DAY + 1);
  await refusalOf(cancel('b'));
});

test('summaries come by hour and day of UTC, and page by page', async () => {
  const { stripe, customer, meter, now, send } = await metered();
  const midnight = now() - (now() % DAY);
  for (let hour = 0; hour < 12; hour++)
    await send(`h${hour}`, `${hour}`, { timestamp: midnight - hour * 3_600 });
  const span = { customer, start_time: midnight - DAY, end_time: midnight + DAY };
  const daily = await stripe.billing.meters.listEventSummaries(meter.id, {
    ...span,
    value_grouping_window: 'day',
  });
  expect(daily.data.map(({ aggregated_value }) => aggregated_value)).toEqual([0, 66]);
  const hours: number[] = [];
  const byHour = { ...span, value_grouping_window: 'hour' } as const;
  for await (const one of stripe.billing.meters.listEventSummaries(meter.id, byHour))
    hours.push(one.aggregated_value);
  expect(hours).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const crooked = stripe.billing.meters.listEventSummaries(meter.id, {
    ...byHour,
    start_time: span.start_time + 60,
  });
  expect((await refusalOf(crooked)).message).toContain('UTC hour');
});
