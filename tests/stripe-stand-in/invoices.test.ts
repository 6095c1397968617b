import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { clientOf, eventTypes, refusalOf, startForTest, visit } from './harness.ts';

const HOUR = 3_600;
const DAY = 86_400;
const at = (iso: string) => Date.parse(iso) / 1000;
const day = (seconds: number | undefined) => new Date((seconds ?? 0) * 1000).toISOString().slice(0, 13);

async function shop({ now = '2026-01-31T05:00:00Z', card = 'pm_card_visa', province = 'ON' } = {}) {
  const stripe = clientOf(await startForTest());
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: at(now) });
  const customer = await stripe.customers.create({
    test_clock: clock.id,
    ...(province === '' ? {} : { address: { country: 'CA', state: province } }),
  });
  const pay = async (id: string) => {
    const { id: method } = await stripe.paymentMethods.attach(id, { customer: customer.id });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method } });
  };
  if (card !== '') await pay(card);
  const price = async (unit_amount: number) =>
    stripe.prices.create({
      ...{ currency: 'cad', unit_amount, recurring: { interval: 'month' }, product_data: { name: 'Plan' } },
    });
  const [small, large] = [await price(400_000), await price(900_000)];
  const start = (more: Partial<Stripe.SubscriptionCreateParams> = {}) =>
    stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: large.id }],
      automatic_tax: { enabled: province !== '' },
      ...more,
    });
  const invoices = async () =>
    (await stripe.invoices.list({ customer: customer.id, limit: 100 })).data.reverse();
  const advance = (to: number) => stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
  const read = (id: string) => stripe.subscriptions.retrieve(id);
  return { stripe, customer, small, large, start, invoices, advance, read, pay };
}

const periodOf = ({ items }: Stripe.Subscription) => {
  const [item] = items.data;
  return [day(item?.current_period_start), day(item?.current_period_end)];
};

test('periods keep to the 31st, also where a month has none; a first one that began earlier is whole', async () => {
  const { start, invoices, advance, read } = await shop({ now: '2026-01-31T09:30:00Z' });
  const begun = await start({
    backdate_start_date: at('2026-01-31T05:00:00Z'),
    billing_cycle_anchor_config: { day_of_month: 31, hour: 5, minute: 0, second: 0 },
  });
  expect(periodOf(begun)).toEqual(['2026-01-31T05', '2026-02-28T05']);
  await advance(at('2026-02-28T06:00:00Z'));
  expect(periodOf(await read(begun.id))).toEqual(['2026-02-28T05', '2026-03-31T05']);
  await advance(at('2026-05-01T00:00:00Z'));
  expect(periodOf(await read(begun.id))).toEqual(['2026-04-30T05', '2026-05-31T05']);
  expect((await invoices()).map(({ subtotal, total, status }) => [subtotal, total, status])).toEqual(
    Array.from({ length: 4 }, () => [900_000, 1_017_000, 'paid']),
  );
});

test('a draft takes items until its hour is over; tax is of where the customer is', async () => {
  const { stripe, customer, start, invoices, advance } = await shop({ province: 'QC' });
  const { id } = await start();
  await advance(at('2026-02-28T05:00:00Z'));
  const [, draft] = await invoices();
  const item = (fields: object) =>
    stripe.invoiceItems.create({
      customer: customer.id,
      currency: 'cad',
      invoice: draft?.id ?? '',
      ...fields,
    });
  await item({ quantity: 200, unit_amount_decimal: Stripe.Decimal.from('300') });
  await item({ quantity: 500_000, unit_amount_decimal: Stripe.Decimal.from('0.2') });
  expect((await refusalOf(item({ amount: 1, currency: 'usd' }))).message).toContain('currency');
  expect((await stripe.invoices.retrieve(draft?.id ?? '')).status).toBe('draft');
  await advance(at('2026-02-28T06:00:00Z'));
  const final = await stripe.invoices.retrieve(draft?.id ?? '', { expand: ['payments'] });
  // 5 % and 9.975 % of 10,600.00.
  expect([final.status, final.subtotal, final.total]).toEqual(['paid', 1_060_000, 1_218_735]);
  expect(final.total_taxes?.map(({ amount }) => amount)).toEqual([53_000, 105_735]);
  expect(final.payments?.data.map(({ status, amount_paid }) => [status, amount_paid])).toEqual([
    ['paid', 1_218_735],
  ]);
  expect((await refusalOf(item({ amount: 1 }))).code).toBe('invoice_not_editable');
  expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(2);
});

test('who is nowhere is not taxed: refused at the start, and a draft that stays one', async () => {
  const { stripe, customer, start, invoices, advance } = await shop();
  await start();
  await stripe.customers.update(customer.id, { address: '' });
  await advance(at('2026-02-28T07:00:00Z'));
  const [, draft] = await invoices();
  expect([draft?.status, draft?.automatic_tax.status, draft?.last_finalization_error?.code]).toEqual([
    ...['draft', 'requires_location_inputs', 'customer_tax_location_invalid'],
  ]);
  expect(await eventTypes(stripe)).toContain('invoice.finalization_failed');
  expect((await refusalOf(stripe.invoices.finalizeInvoice(draft?.id ?? ''))).code).toBe(
    'customer_tax_location_invalid',
  );
  await stripe.customers.update(customer.id, { address: { country: 'CA', state: 'AB' } });
  expect((await stripe.invoices.finalizeInvoice(draft?.id ?? '')).total).toBe(945_000);
  expect(
    (await refusalOf((await shop({ province: '' })).start({ automatic_tax: { enabled: true } }))).code,
  ).toBe('customer_tax_location_invalid');
});

test('a preview is the invoice, to the cent; nothing is left of it', async () => {
  const { stripe, start, small, large, invoices, advance } = await shop();
  const begun = await start({ items: [{ price: small.id }] });
  await advance(at('2026-02-11T17:23:45Z'));
  const change = {
    items: [{ id: begun.items.data[0]?.id ?? '', price: large.id }],
    proration_behavior: 'always_invoice' as const,
    proration_date: at('2026-02-11T17:20:00Z'),
  };
  const preview = await stripe.invoices.createPreview({
    subscription: begun.id,
    subscription_details: change,
  });
  expect([(await invoices()).length, preview.status, preview.id?.startsWith('upcoming_in_')]).toEqual([
    1,
    'draft',
    true,
  ]);
  await advance(at('2026-02-11T18:00:00Z'));
  await stripe.subscriptions.update(begun.id, { ...change, payment_behavior: 'pending_if_incomplete' });
  const [, made] = await invoices();
  expect([made?.status, made?.total, made?.lines.data.map(({ amount }) => amount)]).toEqual([
    ...['paid', preview.total, preview.lines.data.map(({ amount }) => amount)],
  ]);
  expect(
    (await refusalOf(stripe.subscriptions.update(begun.id, { ...change, proration_date: 1 }))).message,
  ).toContain('proration_date');
  // The next one, if nothing is done.
  const next = await stripe.invoices.createPreview({ subscription: begun.id });
  expect([next.subtotal, (await invoices()).length]).toEqual([900_000, 2]);
});

test('a change waits for its payment, and is over after 23 hours', async () => {
  const { stripe, start, small, large, advance, read, pay } = await shop();
  const begun = await start({ items: [{ price: small.id }] });
  await pay('pm_card_chargeCustomerFail');
  const items = [{ id: begun.items.data[0]?.id ?? '', price: large.id }];
  const change = {
    items,
    proration_behavior: 'always_invoice' as const,
    payment_behavior: 'pending_if_incomplete' as const,
  };
  const tooMuch = stripe.subscriptions.update(begun.id, { ...change, cancel_at_period_end: true });
  expect((await refusalOf(tooMuch)).message).toContain('pending_if_incomplete');
  const waiting = await stripe.subscriptions.update(begun.id, change);
  expect([waiting.status, waiting.items.data[0]?.price.id, waiting.pending_update === null]).toEqual([
    ...['active', small.id, false],
  ]);
  await advance(at('2026-02-01T05:00:00Z'));
  expect((await read(begun.id)).pending_update).toBeNull();
  expect((await stripe.invoices.retrieve(String(waiting.latest_invoice))).status).toBe('void');
  await pay('pm_card_mastercard');
  const again = await stripe.subscriptions.update(begun.id, change);
  expect([again.items.data[0]?.price.id, again.pending_update]).toEqual([large.id, null]);
});

test('a card that fails is tried again after 3, 5 and 7 days, and then it is over; one that is mended goes on', async () => {
  const { start, invoices, advance, read, pay } = await shop();
  const { id } = await start();
  await pay('pm_card_chargeCustomerFail');
  const tries: unknown[] = [];
  for (const days of [0, 3, 8]) {
    await advance(at('2026-02-28T06:00:00Z') + days * DAY);
    const [, open] = await invoices();
    tries.push([open?.attempt_count, day(open?.next_payment_attempt ?? 0), (await read(id)).status]);
  }
  expect(tries).toEqual([
    [1, '2026-03-03T06', 'past_due'],
    [2, '2026-03-08T06', 'past_due'],
    [3, '2026-03-15T06', 'past_due'],
  ]);
  await pay('pm_card_visa');
  await advance(at('2026-03-15T06:00:00Z'));
  expect([(await invoices())[1]?.status, (await read(id)).status]).toEqual(['paid', 'active']);
  await pay('pm_card_chargeCustomerFail');
  await advance(at('2026-04-20T06:00:00Z'));
  expect([(await invoices())[2]?.attempt_count, (await read(id)).status]).toEqual([4, 'canceled']);
});

test('a trial costs nothing; without a card it is paused at its end', async () => {
  const { start, invoices, advance, read } = await shop({ card: '' });
  const trial = await start({
    trial_end: at('2026-02-14T05:00:00Z'),
    trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
  });
  expect([trial.status, ...periodOf(trial)]).toEqual(['trialing', '2026-01-31T05', '2026-02-14T05']);
  await advance(at('2026-02-20T05:00:00Z'));
  expect([(await read(trial.id)).status, (await invoices()).map(({ total }) => total)]).toEqual([
    'paused',
    [0],
  ]);
});

test('paused gives back what is left of the period, and resumed begins a period of its own', async () => {
  const { stripe, start, invoices, advance, read } = await shop({
    now: '2026-04-01T00:00:00Z',
    province: '',
  });
  const { id } = await start();
  await advance(at('2026-04-16T00:00:00Z'));
  await stripe.subscriptions.pause(id);
  await advance(at('2026-06-10T12:00:00Z'));
  expect([(await read(id)).status, (await invoices()).length]).toEqual(['paused', 1]);
  const resumed = await stripe.subscriptions.resume(id, { billing_cycle_anchor: { type: 'now' } });
  expect([resumed.status, ...periodOf(resumed)]).toEqual(['active', '2026-06-10T12', '2026-07-10T12']);
  expect((await invoices()).map(({ total }) => total)).toEqual([900_000, 450_000]);
  expect((await refusalOf(stripe.subscriptions.resume(id))).message).toContain('active');
});

test('credit notes: off what is owed, back to the card, or off the next invoice; never more than there is', async () => {
  const { stripe, customer, start, invoices, advance, read, pay } = await shop({ province: '' });
  const { id, latest_invoice } = await start();
  const credit = (more: object) => stripe.creditNotes.create({ invoice: String(latest_invoice), ...more });
  expect((await refusalOf(credit({ amount: 100 }))).message).toContain('must equal');
  const refunded = await credit({ amount: 100_000, refund_amount: 60_000, credit_amount: 40_000 });
  expect([refunded.type, refunded.refunds[0]?.amount_refunded]).toEqual(['post_payment', 60_000]);
  expect((await refusalOf(credit({ amount: 800_001, credit_amount: 800_001 }))).message).toContain('greater');
  const deleted = await stripe.customers.retrieve(customer.id);
  expect((deleted as Stripe.Customer).balance).toBe(-40_000);
  await pay('pm_card_chargeCustomerFail');
  await advance(at('2026-02-28T06:00:00Z'));
  const [, open] = await invoices();
  expect([open?.total, open?.starting_balance, open?.amount_due]).toEqual([900_000, -40_000, 860_000]);
  const note = await stripe.creditNotes.create({ invoice: open?.id ?? '', amount: 860_000 });
  expect([note.type, (await invoices())[1]?.status, (await read(id)).status]).toEqual([
    'pre_payment',
    'paid',
    'active',
  ]);
});

test('voided and given up: what was late goes on; a first invoice that nobody pays ends it', async () => {
  const { stripe, start, invoices, advance, read, pay } = await shop();
  const { id } = await start();
  await pay('pm_card_chargeCustomerFail');
  await advance(at('2026-02-28T06:00:00Z'));
  const late = (await invoices())[1]?.id ?? '';
  await stripe.invoices.markUncollectible(late);
  expect((await read(id)).status).toBe('active');
  expect((await stripe.invoices.voidInvoice(late)).status).toBe('void');
  expect((await refusalOf(stripe.invoices.pay(late))).code).toBe('invoice_not_editable');
  const other = await start();
  expect(other.status).toBe('incomplete');
  await advance(at('2026-02-28T06:00:00Z') + 23 * HOUR);
  expect([
    (await read(other.id)).status,
    (await stripe.invoices.retrieve(String(other.latest_invoice))).status,
  ]).toEqual([...['incomplete_expired', 'void']]);
});

test("an invoice has a page on which it is paid, by a card that is the customer's from then on", async () => {
  const { stripe, customer, start, read } = await shop({ card: '' });
  const { id, latest_invoice } = await start();
  const { hosted_invoice_url: url } = await stripe.invoices.retrieve(String(latest_invoice));
  const typed = { method: 'card', expiry: '12/33', cvc: '123', name: 'A' };
  expect((await visit(url ?? '')).text).toContain('$10,170.00');
  const declined = await visit(url ?? '', { ...typed, number: '4000000000000002' });
  expect([declined.status, (await read(id)).status]).toEqual([402, 'incomplete']);
  const paid = await visit(url ?? '', { ...typed, number: '4242424242424242' });
  expect([paid.status, (await read(id)).status]).toEqual([200, 'active']);
  expect(paid.text).toContain('This invoice is paid.');
  const known = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer;
  expect(known.invoice_settings.default_payment_method).toMatch(/^pm_/);
});
