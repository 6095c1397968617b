import { setTimeout as sleep } from 'node:timers/promises';
import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { declarationOf } from '../../local/stripe/description/declarations.ts';
import { fill, problemsOf } from '../../local/stripe/description/objects.ts';
import type { StripeStandIn } from '../../local/stripe/server.ts';
import { KINDS } from '../../local/stripe/store/kinds.ts';
import { clientOf, refusalOf, startForTest, startReceiver } from '../stripe-stand-in/harness.ts';
import { playSteps } from './play.ts';

const RETURN = { return_url: 'https://example.com/back' };

/** Answers that are made when they are asked for. */
const NOT_STORED = [
  ...[
    'account',
    'balance',
    'v2.core.account_link',
    'billing.meter_event',
    'billing.meter_event_adjustment',
    'list',
  ],
  ...['billing.meter_event_summary', 'item'],
  ...['v2.billing.meter_event', 'v2.billing.meter_event_session', 'v2.core.event'],
];

/** As it came over the wire: without what the SDK makes of decimals. */
function onTheWire(answer: object): object {
  return JSON.parse(JSON.stringify(answer));
}

/** Those in the answer itself, and in lists. */
function kindsOf(answer: object): string[] {
  const { object, data }: { object?: unknown; data?: unknown } = answer;
  const inner = object === 'list' && Array.isArray(data) ? data.flatMap(kindsOf) : [];
  return [String(object), ...inner];
}

/** Of version 2 of the API. */
async function makeVersion2(stripe: Stripe, thinEvents: () => Promise<string>): Promise<object[]> {
  const payload = { stripe_customer_id: 'cus_nobody', value: '1' };
  const event = await stripe.v2.billing.meterEvents.create({ event_name: 'unheard', payload });
  const session = await stripe.v2.billing.meterEventSession.create();
  return [event, session, await stripe.v2.core.events.retrieve(await thinEvents())];
}

/** What is paid again and again: seats and use, with an invoice and an item that waits for one. */
async function subscribe(stripe: Stripe): Promise<object[]> {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: Math.floor(Date.now() / 1000) });
  const { id: customer } = await stripe.customers.create({ test_clock: clock.id });
  const { id: default_payment_method } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  const meter = await stripe.billing.meters.create({
    display_name: 'Use',
    event_name: 'use',
    default_aggregation: { formula: 'sum' },
  });
  const price = { currency: 'usd', unit_amount: 5, product_data: { name: 'Seat' } };
  const seat = await stripe.prices.create({ ...price, recurring: { interval: 'month' } });
  const use = await stripe.prices.create({
    ...price,
    recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
  });
  const items = [{ price: seat.id, quantity: 2 }, { price: use.id }];
  const subscription = await stripe.subscriptions.create({ customer, default_payment_method, items });
  const end = subscription.items.data[0]?.current_period_end ?? 0;
  const advanced = await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: end - 86_400 });
  const id = subscription.items.data[0]?.id ?? '';
  const changed = await stripe.subscriptions.update(subscription.id, { items: [{ id, quantity: 3 }] });
  const pending = await stripe.invoiceItems.list({ pending: true });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: end + 7_200 });
  return [use, subscription, advanced, changed, pending, await stripe.invoices.list({ customer })];
}

/** A seller who gets a part of a charge, gives some of it back, and is paid out. */
async function sell(stripe: Stripe, standIn: StripeStandIn): Promise<object[]> {
  const { id: destination } = await stripe.v2.core.accounts.create({
    contact_email: 'seller@example.com',
    dashboard: 'none',
    identity: { country: 'us' },
    configuration: {
      recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
    },
    defaults: { responsibilities: { fees_collector: 'stripe', losses_collector: 'stripe' } },
  });
  standIn.changeAccount(destination, { transfers: 'active' });
  const transfer = await stripe.transfers.create({ amount: 300, currency: 'usd', destination });
  const reversal = await stripe.transfers.createReversal(transfer.id, { amount: 100 });
  const on = { stripeAccount: destination };
  const payout = await stripe.payouts.create({ amount: 100, currency: 'usd', method: 'instant' }, on);
  standIn.settle();
  return [
    transfer,
    reversal,
    payout,
    await stripe.transfers.list({ destination }),
    await stripe.balance.retrieve({}, on),
    await stripe.accounts.retrieve(destination),
  ];
}

/** What the contract's sequence does not make: one of each remaining kind. */
async function makeTheRest(stripe: Stripe): Promise<object[]> {
  const customer = await stripe.customers.create({ address: { city: 'Bern' } });
  const product = await stripe.products.create({ name: 'Time' });
  const bought = { product: product.id, currency: 'usd', unit_amount: 999 };
  const debit = await stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_usBankAccount_success',
    allowed_payment_method_types: ['us_bank_account'],
    mandate_data: { customer_acceptance: { type: 'offline', offline: {} } },
    expand: ['latest_charge.refunds', 'payment_method'],
  });
  return [
    product,
    await stripe.prices.create(bought),
    await stripe.prices.create({ ...bought, recurring: { interval: 'month' } }),
    await stripe.webhookEndpoints.create({ url: 'https://example.com/', enabled_events: ['*'] }),
    await stripe.billingPortal.sessions.create({ customer: customer.id, ...RETURN }),
    await stripe.checkout.sessions.create({
      mode: 'payment',
      automatic_tax: { enabled: true },
      customer_email: 'a@example.com',
      line_items: [{ price: (await stripe.prices.create(bought)).id, quantity: 2 }],
      success_url: 'https://example.com/',
      expand: ['line_items'],
    }),
    debit,
    await stripe.setupIntents.create({
      confirm: true,
      payment_method: 'pm_card_authenticationRequired',
      ...RETURN,
    }),
    await stripe.accounts.retrieveCurrent(),
    await stripe.balance.retrieve(),
    ...(await stripe.balanceTransactions.list({ limit: 2 })).data,
  ];
}

test('every object that the stand-in answers, and that its events carry, is as Stripe declares it', async () => {
  const receiver = await startReceiver();
  const thinWebhook = { url: receiver.url, secret: 'whsec_thin' };
  const standIn = await startForTest({ settleAfterMs: 10, thinWebhook });
  const stripe = clientOf(standIn);
  const played = await playSteps(stripe);
  const thinEvent = async () => {
    standIn.settle();
    while (receiver.received.length === 0) await sleep(5);
    return JSON.parse(receiver.received[0]?.body ?? '{}').id;
  };
  const answers = [
    ...played.flatMap(({ answer }) => answer ?? []),
    ...(await makeTheRest(stripe)),
    ...(await subscribe(stripe)),
    ...(await sell(stripe, standIn)),
    ...(await makeVersion2(stripe, thinEvent)),
  ];
  const events: Stripe.Event[] = [];
  for await (const event of stripe.events.list({ limit: 100 })) events.push(event);
  const objects = [...answers, ...events, ...events.map(({ data }) => data.object)].map(onTheWire);
  expect(objects.flatMap((object) => problemsOf(object))).toEqual([]);
  const kinds = new Set(objects.flatMap(kindsOf));
  expect(kinds).toEqual(new Set([...Object.keys(KINDS), ...NOT_STORED]));
});

test('what is missing, unknown or of another type in an answer is found', async () => {
  const stripe = clientOf(await startForTest());
  const intent = onTheWire(await stripe.paymentIntents.create({ amount: 999, currency: 'usd' }));
  const { latest_charge: _missing, ...rest } = intent as Record<string, unknown>;
  const wrong = {
    ...rest,
    amount: '999',
    paid: true,
    payment_method_types: 'card',
    amount_details: { tip: { amount: 'ten' } },
    automatic_payment_methods: { allow_redirects: 'sometimes', enabled: true },
  };
  expect(problemsOf(intent)).toEqual([]);
  expect(problemsOf(wrong).sort()).toEqual([
    'payment_intent.amount: "999" is none of number',
    'payment_intent.amount_details.tip.amount: "ten" is none of number',
    'payment_intent.automatic_payment_methods.allow_redirects: "sometimes" is none of "always", "never"',
    'payment_intent.latest_charge: missing',
    'payment_intent.paid: Stripe has no such field',
    'payment_intent.payment_method_types: "card" is none of list',
  ]);
});

test('an object is filled with what Stripe shows, and with nothing that Stripe has not', () => {
  const meter = {
    id: 'mtr_1',
    created: 1,
    display_name: 'Calls',
    event_name: 'calls',
    status: 'active',
    updated: 1,
    customer_mapping: { event_payload_key: 'customer' },
    default_aggregation: { formula: 'sum' },
    value_settings: { event_payload_key: 'value' },
  } as const;
  const filled = fill<Stripe.Billing.Meter>('billing.meter', meter);
  expect(problemsOf(filled)).toEqual([]);
  expect(filled).toEqual({
    ...meter,
    object: 'billing.meter',
    customer_mapping: { event_payload_key: 'customer', type: 'by_id' },
    event_time_window: null,
    livemode: false,
    status_transitions: { deactivated_at: null },
  });
  // @ts-expect-error a meter without a name is refused by the compiler, too
  expect(() => fill<Stripe.Billing.Meter>('billing.meter', { ...meter, event_name: undefined })).toThrow(
    'Meter.event_name has no default and was not given',
  );
  // @ts-expect-error and so is a field that it has not
  expect(() => fill<Stripe.Billing.Meter>('billing.meter', { ...meter, price: 1 })).toThrow(
    'Meter has no field price',
  );
});

test.each(
  [
    ['account_link', 'application_fee', 'balance_transaction', 'billing.credit_grant', 'billing.meter_event'],
    ['coupon', 'invoice', 'invoiceitem', 'payout', 'subscription', 'subscription_item', 'transfer'],
    ['transfer_reversal'],
  ].flat(),
)('the declaration of %s, which may be needed next, can be read', (object) => {
  const { fields } = declarationOf(object);
  expect(fields.size).toBeGreaterThan(2);
  const empty = [...fields.values()].filter(({ union }) => union.length === 0);
  expect(empty.map(({ name }) => name).filter((name) => name !== 'deleted')).toEqual([]);
  expect(() => declarationOf(`${object}_of_nobody`)).toThrow('declares no object');
});

test('only what Stripe declares as an object or a list can be expanded, also where it is null', async () => {
  const stripe = clientOf(await startForTest());
  const create = (expand: string[]) => stripe.paymentIntents.create({ amount: 999, currency: 'usd', expand });
  expect(await create(['latest_charge', 'customer', 'payment_method'])).toMatchObject({ customer: null });
  for (const path of [
    'amount',
    'description',
    'canceled_at',
    'nothing',
    'automatic_payment_methods.enabled',
  ]) {
    expect((await refusalOf(create([path]))).message).toBe(`This property cannot be expanded (${path}).`);
  }
});
