import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { showFigures } from '../../webhook-server/operations/show-figures.ts';
import { billLateUsage } from '../../webhook-server/usage-reports/bill-late-usage.ts';
import { compareUsage } from '../../webhook-server/usage-reports/compare-usage.ts';
import { createMetronomeSink } from '../../webhook-server/usage-reports/metronome-sink.ts';
import { reportUsage } from '../../webhook-server/usage-reports/report-usage.ts';
import type { UsageSink } from '../../webhook-server/usage-reports/sink.ts';
import { until } from '../support/sidecar.ts';
import { DAY_MS, type Reporting, sceneOf, startReporting, type Use, use } from './scene.ts';

let reporting: Reporting;
beforeAll(async () => {
  reporting = await startReporting();
});
afterAll(() => reporting.sidecar.close());
const startScene = () => sceneOf(reporting);

const priced = (count: number, first = 1): Use[] =>
  Array.from({ length: count }, (_, n) => ({ key: `k${first + n}`, price: first + n }));
const sumTo = (count: number) => (count * (count + 1)) / 2;

test('many and few, twice by key and by two reporters at once: each is counted once, to the unit', async () => {
  const { sql, tenant, report, counted, states } = await startScene();
  await use(sql, tenant, priced(130));
  await use(sql, tenant, priced(130));
  await use(sql, tenant, [{ price: 0 }]);
  await Promise.all([report(), report()]);
  await use(sql, tenant, priced(7, 131));
  await report();
  expect(await states()).toEqual({ delivered: 137 });
  const [sent] =
    await sql`select sum(value)::int as sum from private.meter_events where tenant_id = ${tenant.id}`;
  const [used] =
    await sql`select sum(price_micros)::int as sum from public.usage_events where tenant_id = ${tenant.id}`;
  expect([sent?.sum, used?.sum, await counted()]).toEqual([sumTo(137), sumTo(137), sumTo(137)]);
});

test('a reporter that is killed after sending, and answers that are lost, count nothing twice', async () => {
  const { sidecar, sql, tenant, sink, report, counted, states } = await startScene();
  const killed: UsageSink = {
    ...sink,
    async send(events) {
      await sink.send(events);
      throw new Error('killed');
    },
  };
  await use(sql, tenant, priced(240));
  await expect(reportUsage(sidecar.deps, killed, { leaseSeconds: 0 })).rejects.toThrow('killed');
  expect(Object.keys(await states())).toContain('frozen');
  const frozen =
    await sql`select id, identifier, customer, value from private.meter_events where tenant_id = ${tenant.id} order by id`;
  let dropped = 0;
  sidecar.failStripe(({ path }) => (/meter_event/.test(path) && dropped++ < 3 ? 'drop_answer' : undefined));
  for (let run = 0; run < 6; run++) await report().catch(() => 0);
  expect(await states()).toEqual({ delivered: 240 });
  expect(await counted()).toBe(sumTo(240));
  expect(
    await sql`select id, identifier, customer, value from private.meter_events where tenant_id = ${tenant.id} order by id`,
  ).toEqual(frozen);
  await report();
  expect(dropped).toBeGreaterThanOrEqual(3);
});

test('while Stripe is down nothing is lost and little is asked; afterwards the rest is sent', async () => {
  const { sidecar, sql, tenant, report, counted, states, makeAllDue } = await startScene();
  await use(sql, tenant, priced(600));
  let asked = 0;
  sidecar.failStripe(() => {
    asked++;
    return 'api_error';
  });
  for (let minute = 0; minute < 3; minute++) {
    await expect(report()).rejects.toThrow();
    await makeAllDue();
  }
  // One request for each lane of each run: who is down is not asked 600 times.
  expect(asked).toBeLessThanOrEqual(12);
  sidecar.failStripe(() => 'rate_limited');
  await expect(report()).rejects.toThrow();
  sidecar.failStripe(() => undefined);
  await makeAllDue();
  await report();
  expect(await states()).toEqual({ delivered: 600 });
  expect(await counted()).toBe(sumTo(600));
});

test('what is refused is set apart, the rest is sent, and it can be owed anew under another name', async () => {
  const { sidecar, sql, tenant, report, counted, states, makeAllDue } = await startScene();
  await use(sql, tenant, [...priced(3), { price: 50, at: new Date(Date.now() + 600_000) }]);
  await report();
  expect(await states()).toEqual({ delivered: 3, owed: 1 });
  await makeAllDue();
  await report();
  expect(await states()).toEqual({ delivered: 3, refused: 1 });
  await sql`update private.meter_events set occurred_at = now() where state = 'refused'`;
  await sidecar.database.service.rpc('retry_refused_meter_events', {});
  await report();
  expect(await states()).toEqual({ delivered: 4 });
  expect(await counted()).toBe(56);
});

test('what Stripe takes and cannot count is told by a thin event, and is refused here', async () => {
  const { sidecar, sql, tenant, report, counted, states, meter } = await startScene();
  sidecar.standIn.setThinWebhook(`${sidecar.url}/webhooks/stripe-meters`, 'whsec_thin');
  await use(sql, tenant, priced(3));
  await sidecar.stripe.billing.meters.deactivate(meter.id);
  await report();
  expect(await states()).toEqual({ delivered: 3 });
  sidecar.standIn.settle();
  await until(async () => (await states()).refused === 3);
  const [row] = await sql`select distinct reason from private.meter_events where state = 'refused'`;
  expect(row?.reason).toBe('archived_meter');
  await sidecar.stripe.billing.meters.reactivate(meter.id);
  await sidecar.database.service.rpc('retry_refused_meter_events', { p_event_name: meter.event_name });
  await report();
  expect([await states(), await counted()]).toEqual([{ delivered: 3 }, 6]);
});

test('a thin event is believed only by its signature, and about nothing but its id', async () => {
  const { sidecar, sql, tenant, report, states } = await startScene();
  await use(sql, tenant, priced(1));
  await report();
  const [row] = await sql`select identifier from private.meter_events where tenant_id = ${tenant.id}`;
  const sample = { error_message: 'x', request: { identifier: String(row?.identifier) } };
  const lie = JSON.stringify({
    ...{ id: 'evt_invented', object: 'v2.core.event', type: 'v1.billing.meter.error_report_triggered' },
    ...{ livemode: false, created: new Date().toISOString() },
    data: {
      reason: {
        error_count: 1,
        error_types: [{ code: 'no_meter', error_count: 1, sample_errors: [sample] }],
      },
    },
  });
  const post = (payload: string, secret: string) =>
    sidecar.post('/webhooks/stripe-meters', {
      raw: payload,
      headers: { 'stripe-signature': sidecar.stripe.webhooks.generateTestHeaderString({ payload, secret }) },
    });
  expect((await post(lie, 'whsec_other')).status).toBe(400);
  expect((await post(lie, 'whsec_thin')).body).toEqual({ received: true, outcome: 'not_ours' });
  expect((await post('{"object":"event","id":"evt_1","type":"invoice.paid"}', 'whsec_thin')).status).toBe(
    400,
  );
  expect((await post(lie.replace('error_report_triggered', 'updated'), 'whsec_thin')).body).toMatchObject({
    outcome: 'ignored',
  });
  expect(await states()).toEqual({ delivered: 1 });
});

test('without a customer it waits, without a price it is told of, and both can be seen', async () => {
  const { sidecar, sql, tenant, report, counted, states, makeAllDue } = await startScene();
  await sql`update public.tenants set stripe_customer_id = null where id = ${tenant.id}`;
  await use(sql, tenant, [
    { price: 7 },
    { price: null },
    { price: 9, currency: 'eur' },
    { kind: 'stt_second' },
  ]);
  await report();
  expect(await states()).toEqual({ owed: 1, unpriced: 2 });
  await showFigures(sidecar.deps);
  const shown = await sidecar.deps.metrics.registry.metrics();
  expect(shown).toContain('mindbot_usage_to_report{what="unpriced"} 2');
  expect(shown).toMatch(/mindbot_usage_to_report\{what="without_subscription"\} [1-9]/);
  await sql`update public.tenants set stripe_customer_id = ${tenant.customer} where id = ${tenant.id}`;
  await makeAllDue();
  await report();
  expect([await states(), await counted()]).toEqual([{ delivered: 1, unpriced: 2 }, 7]);
});

test.each([
  ['arrived', 'arrived_unmarked', 'delivered'],
  ['did not arrive', 'same', 'owed'],
])(
  'what was tried a day ago is not sent blindly: the sums say that it %s',
  async (_name, explanation, state) => {
    const { sidecar, sql, tenant, sink, report, counted, states } = await startScene();
    await use(sql, tenant, priced(4));
    const lost: UsageSink = {
      ...sink,
      async send(events) {
        if (state === 'delivered') await sink.send(events);
        return { outcomes: [], away: new Error('no answer') };
      },
    };
    await expect(reportUsage(sidecar.deps, lost, { leaseSeconds: 0 })).rejects.toThrow();
    await sql`update private.meter_events set first_tried_at = now() - interval '24 hours' where tenant_id = ${tenant.id}`;
    await report();
    expect(await states()).toEqual({ uncertain: 4 });
    const compared = (await compareUsage(sidecar.deps, { settledSeconds: 0 })).filter(
      (one) => one.tenant_id === tenant.id,
    );
    expect(compared.map((one) => one.explanation)).toEqual([explanation]);
    expect(await states()).toEqual({ [state]: 4 });
    await report();
    expect([await states(), await counted()]).toEqual([{ delivered: 4 }, 10]);
  },
);

test('parity says where sums differ and why, and that they do no more', async () => {
  const { sidecar, sql, tenant, report } = await startScene();
  const yesterday = new Date(Date.now() - DAY_MS);
  await use(sql, tenant, [...priced(3), { price: 100, at: yesterday }]);
  await report();
  const explanations = async () =>
    Object.fromEntries(
      (await compareUsage(sidecar.deps, { settledSeconds: 0 }))
        .filter((one) => one.tenant_id === tenant.id)
        .map((one) => [one.day, one.explanation]),
    );
  const day = (at: Date) => at.toISOString().slice(0, 10);
  expect(await explanations()).toEqual({ [day(yesterday)]: 'same', [day(new Date())]: 'same' });
  const stripe = sidecar.stripe.billing;
  const payload = { stripe_customer_id: tenant.customer, value: '5' };
  await stripe.meterEvents.create({ event_name: 'mindbot_usage_micros', identifier: 'by hand', payload });
  const [row] =
    await sql`select identifier from private.meter_events where tenant_id = ${tenant.id} and value = 100`;
  const cancel = { identifier: String(row?.identifier) };
  await stripe.meterEventAdjustments.create({ event_name: 'mindbot_usage_micros', type: 'cancel', cancel });
  expect(await explanations()).toEqual({
    [day(yesterday)]: 'one_not_counted',
    [day(new Date())]: 'unexplained_more',
  });
  const undo = {
    event_name: 'mindbot_usage_micros',
    type: 'cancel',
    cancel: { identifier: 'by hand' },
  } as const;
  await stripe.meterEventAdjustments.create(undo);
  await explanations();
  const open =
    await sql`select event_name from private.usage_differences where tenant_id = ${tenant.id} and cleared_at is null`;
  expect(open).toHaveLength(1);
});

test('Metronome gets the same, a hundred at once, and what it refuses is found by halves', async () => {
  const { sidecar, sql, tenant, states } = await startScene();
  const seen = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const usage = JSON.parse(Buffer.concat(chunks).toString()) as {
      transaction_id: string;
      customer_id: string;
      properties: { value: string };
    }[];
    const isFine =
      request.url === '/v1/ingest' && usage.length <= 100 && request.headers.authorization === 'Bearer key';
    const refused = !isFine || usage.some(({ properties }) => properties.value === '77');
    if (!refused)
      for (const one of usage) seen.set(one.transaction_id, `${one.customer_id} ${one.properties.value}`);
    response.writeHead(refused ? 400 : 200).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await use(sql, tenant, priced(150));
  await reportUsage(sidecar.deps, createMetronomeSink({ url, token: 'key' }), { leaseSeconds: 0 });
  expect(await states()).toEqual({ delivered: 149, refused: 1 });
  expect(new Set(seen.values()).size).toBe(149);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await use(sql, tenant, priced(2, 151));
  await expect(
    reportUsage(sidecar.deps, createMetronomeSink({ url, token: 'key' }), { leaseSeconds: 0 }),
  ).rejects.toThrow();
  expect(await states()).toEqual({ delivered: 149, refused: 1, owed: 2 });
});

test('what is too old for the meter becomes one item of an invoice for a month, whoever dies in between', async () => {
  const { sidecar, sql, tenant, report, counted, states } = await startScene();
  const old = new Date(Date.now() - 40 * DAY_MS);
  await use(sql, tenant, [{ price: 1_234_567, at: old }, { price: 65_433, at: old }, { price: 7 }]);
  await report();
  expect([await states(), await counted()]).toEqual([{ too_old: 2, delivered: 1 }, 7]);
  await Promise.all([billLateUsage(sidecar.deps), billLateUsage(sidecar.deps)]);
  const items = async () => (await sidecar.stripe.invoiceItems.list({ customer: tenant.customer })).data;
  // 1,300,000 millionths of a dollar.
  expect((await items()).map(({ amount, metadata }) => [metadata?.value, amount])).toEqual([
    ['1300000', 130],
  ]);
  const [audit] = await sql`select * from private.late_usage where tenant_id = ${tenant.id}`;
  expect(audit).toMatchObject({ value: 1_300_000, events: 2, invoice_item_id: (await items())[0]?.id });
  // Made at Stripe, and not noted: within the day the key finds it, and after that its name.
  for (const age of ['1 second', '3 days']) {
    await sql`update private.late_usage set invoice_item_id = null, noted_at = now() - ${age}::interval
      where tenant_id = ${tenant.id}`;
    await billLateUsage(sidecar.deps);
  }
  expect(await items()).toHaveLength(1);
});

test('usage of a period whose invoice is final becomes an item of the next one, and all other usage is metered', async () => {
  const { sidecar, sql, tenant, report, counted, states } = await startScene();
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const begin = (minutes: number) =>
    sql`insert into public.subscriptions (id, tenant_id, plan_id, status, current_period_start, current_period_end)
      values (${`sub_${tenant.id}`}, ${tenant.id}, 'metered_test', 'active', ${ago(minutes)}, ${new Date(Date.now() + 30 * DAY_MS)})
      on conflict (id) do update set current_period_start = excluded.current_period_start`;
  // The period ended half an hour ago: its invoice is a draft.
  await begin(30);
  await use(sql, tenant, [{ price: 3, at: ago(40) }]);
  await report();
  await begin(70);
  await use(sql, tenant, [
    { price: 50_000, at: ago(80) },
    { price: 4, at: ago(60) },
  ]);
  await report();
  expect([await states(), await counted()]).toEqual([{ delivered: 2, too_old: 1 }, 7]);
  await billLateUsage(sidecar.deps);
  const { data } = await sidecar.stripe.invoiceItems.list({ customer: tenant.customer });
  expect(data.map(({ amount }) => amount)).toEqual([5]);
});
