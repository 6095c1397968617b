import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type Stripe from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { priceKeyOf, readPlanCatalogue } from '../../shared/catalogue/plans.ts';
import { noteSubscription } from '../../webhook-server/payments/apply-subscription.ts';
import { bringCatalogue } from '../../webhook-server/plans/bring-catalogue.ts';
import { createSink } from '../../webhook-server/usage-reports/create-sink.ts';
import { reportUsage } from '../../webhook-server/usage-reports/report-usage.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ webhooks: false });
  await bringCatalogue(sidecar.deps, readPlanCatalogue(), { dryRun: false });
});
afterAll(() => sidecar.close());

const DAY = 86_400;

/** `npm run pricing-models` shows it; a test run does not. */
function show(...lines: string[]): void {
  const { PRICING_FIGURES: path } = process.env;
  if (path !== undefined) appendFileSync(path, `${lines.join('\n')}\n\n`);
}

/** A tenant that subscribes to a plan, by a clock of its own. */
async function subscribe(planId: string, seats?: number) {
  const { stripe, database, deps } = sidecar;
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: Math.floor(Date.now() / 1000) });
  const customer = (await stripe.customers.create({ test_clock: clock.id })).id;
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });
  const owner = await database.signUp();
  const id = randomUUID();
  await database.sql.begin(async (sql) => {
    await sql`insert into public.tenants (id, name, stripe_customer_id) values (${id}, ${planId}, ${customer})`;
    await sql`insert into public.tenant_members (tenant_id, user_id, role) values (${id}, ${owner.id}, 'owner')`;
  });
  const plan = readPlanCatalogue().plans.find((one) => one.id === planId);
  const keys = [
    ...(seats === undefined ? [] : [priceKeyOf(planId, 'seat')]),
    ...(plan?.metered ?? []).map(({ event_name }) => priceKeyOf(planId, event_name)),
  ];
  const prices = (await stripe.prices.list({ lookup_keys: keys })).data;
  const subscription = await stripe.subscriptions.create({
    customer,
    billing_mode: { type: 'flexible', flexible: { proration_discounts: 'itemized' } },
    items: prices.map(({ id: price, recurring }) => ({
      price,
      ...(recurring?.usage_type === 'licensed' && { quantity: seats ?? 1 }),
    })),
  });
  await noteSubscription(deps, subscription, new Date());
  const end = subscription.items.data[0]?.current_period_end ?? 0;
  const track = async (events: object[]) => {
    const body = events.map((event) => ({
      key: randomUUID(),
      occurred_at: new Date().toISOString(),
      ...event,
    }));
    const args = { p_user_id: owner.id, p_tenant_id: id, p_events: body };
    const { data } = await database.service.rpc('track_usage', args as never);
    return data as unknown as { events: { status: string }[] };
  };
  /** The invoice at the end of the period, an hour after it: then it is final. */
  const bill = async (): Promise<Stripe.Invoice> => {
    await reportUsage(deps, createSink(deps), { leaseSeconds: 0 });
    await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: end + 3_600 });
    return (await stripe.invoices.list({ customer })).data[0] as Stripe.Invoice;
  };
  return { id, owner, customer, clock, subscription, end, track, bill };
}

const lineOf = (invoice: Stripe.Invoice) =>
  invoice.lines.data.map(
    ({ quantity, amount, pricing }) => `    ${quantity} × ${pricing?.unit_amount_decimal} ¢ = ${amount} ¢`,
  );

test('margin on the cost of models: priced in millionths as it is used, rounded once on the invoice', async () => {
  const { id, track, bill } = await subscribe('metered');
  const uses = [
    { kind: 'llm_input_token', model: 'gpt-4.1-mini', provider: 'openai', quantity: 1_234_567 },
    { kind: 'llm_output_token', model: 'gpt-4.1-mini', provider: 'openai', quantity: 98_765 },
    { kind: 'stt_second', model: 'nova-3', provider: 'deepgram', quantity: 3_601 },
    { kind: 'tts_character', model: 'tts-1', provider: 'openai', quantity: 45_678 },
  ];
  expect((await track(uses)).events.map(({ status }) => status)).toEqual(uses.map(() => 'recorded'));
  // The cost of a million, with 30 % upon it.
  const expected = [
    Math.round(1_234_567 * 0.4 * 1.3),
    Math.round(98_765 * 1.6 * 1.3),
    Math.round(3_601 * 128.333333 * 1.3),
    Math.round(45_678 * 15 * 1.3),
  ];
  const rows = await sidecar.database
    .sql`select kind, quantity, cost_micro_usd, price_micros from public.usage_events
    where tenant_id = ${id} order by id`;
  const byKind = new Map(rows.map((row) => [row.kind, row]));
  expect(uses.map(({ kind }) => Number(byKind.get(kind)?.price_micros))).toEqual(expected);
  const micros = expected.reduce((sum, one) => sum + one, 0);
  const invoice = await bill();
  expect([invoice.status, invoice.total]).toEqual(['paid', Math.round(micros / 10_000)]);
  show(
    'Margin on model cost (plan metered): cost, 30 % upon it, in millionths of a dollar',
    ...rows.map(
      (row) => `    ${row.kind}: ${row.quantity} cost ${row.cost_micro_usd}, priced ${row.price_micros}`,
    ),
    `    together ${micros}; on the invoice:`,
    ...lineOf(invoice),
  );
});

test('premium tools: the plan opens them, a use has its price, and one that fails for want of the plan costs nothing', async () => {
  const { id, track, bill } = await subscribe('premium', 1);
  const [plan] = await sidecar.database
    .sql`select features from public.plans p join public.tenants t on t.plan_id = p.id
    where t.id = ${id}`;
  expect(plan?.features).toContain('web_search');
  const use = { kind: 'tool_call', tool: 'web_search', quantity: 1 };
  await track([
    use,
    use,
    use,
    { ...use, metadata: { outcome: 'refused' } },
    { ...use, tool: 'read_balance' },
  ]);
  const invoice = await bill();
  // 3 uses at 25,000 millionths, and the seat of the next month.
  expect([invoice.status, invoice.total]).toEqual(['paid', 8 + 1_900]);
  show(
    'Premium tools (plan premium): 3 uses of web_search at $0.025, one refused, one of a free tool',
    ...lineOf(invoice),
  );
});

test('seats and use on one subscription: two more seats at half of the month, and voice by the second', async () => {
  const { id, owner, clock, subscription, end, bill } = await subscribe('team', 3);
  const { stripe, database, deps } = sidecar;
  await database.sql`insert into public.usage_events (occurred_month, occurred_at, owner_id, tenant_id, user_id, kind, quantity,
      unit, price_micros, currency, key)
    select date_trunc('month', now() at time zone 'utc')::date, now(), ${id}, ${id}, ${owner.id}, 'voice_second', 61 + n, 'second', 1, 'usd', 'v' || n
    from generate_series(1, 10) n`;
  await reportUsage(deps, createSink(deps), { leaseSeconds: 0 });
  const start = subscription.items.data[0]?.current_period_start ?? 0;
  await stripe.testHelpers.testClocks.advance(clock.id, {
    frozen_time: start + Math.round((end - start) / 2),
  });
  const seats = subscription.items.data.find(({ quantity }) => quantity !== undefined)?.id ?? '';
  await stripe.subscriptions.update(subscription.id, { items: [{ id: seats, quantity: 5 }] });
  const invoice = await bill();
  const seconds = 10 * 61 + 55;
  // Half a month of two seats more, five seats of the next month, and a quarter of a cent a second.
  expect([invoice.status, invoice.total]).toEqual(['paid', 2_000 + 10_000 + Math.round(seconds * 0.25)]);
  expect(end - start).toBeGreaterThan(27 * DAY);
  show(
    `Seats and use (plan team): 3 seats, 5 from half of the month on, ${seconds} s of voice`,
    ...lineOf(invoice),
  );
});
