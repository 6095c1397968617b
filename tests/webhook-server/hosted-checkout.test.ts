import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CreateCheckoutSessionResponse } from '../../shared/api/checkout.ts';
import { comparePayments } from '../../webhook-server/payments/compare-payments.ts';
import { createCheckoutSession } from '../../webhook-server/payments/create-checkout-session.ts';
import { visit } from '../stripe-stand-in/harness.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

const CARD = {
  email: 'payer@example.com',
  method: 'card',
  number: '4242424242424242',
  expiry: '12 / 40',
  cvc: '123',
  name: 'Ada Payer',
};
const BANK = {
  email: 'payer@example.com',
  method: 'us_bank_account',
  name: 'Ada Payer',
  routing_number: '110000000',
};

let sidecar: TestSidecar;
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar({ settleAfterMs: 300, config: { PUBLIC_URL: 'https://mindbot.example/' } });
});
beforeEach(async () => {
  person = await sidecar.database.signUp();
});
afterAll(() => sidecar.close());

const ask = (key: string, body: object = {}) =>
  sidecar.post('/create-checkout-session', {
    person,
    body: { package_id: 'starter', ...body },
    headers: { 'idempotency-key': key },
  });
async function open(key: string = randomUUID(), body: object = {}): Promise<CreateCheckoutSessionResponse> {
  const answer = await ask(key, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as CreateCheckoutSessionResponse;
}
const sessionOf = ({ checkout_url: url }: CreateCheckoutSessionResponse) =>
  sidecar.stripe.checkout.sessions.retrieve(url.split('/').at(-1) ?? '', { expand: ['payment_intent'] });
async function orderOf({ purchase_id: id }: { purchase_id: string }) {
  const [row] = await sidecar.database.sql`select * from payment_history where id = ${id}`;
  return row ?? {};
}
const reaches = (opened: CreateCheckoutSessionResponse, status: string) =>
  until(async () => (await orderOf(opened)).status === status);
async function chargesOf(owner: Person): Promise<number> {
  const charges = await sidecar.stripe.charges.list({ limit: 100 });
  return charges.data.filter(({ metadata, paid }) => paid && metadata.user_id === owner.id).length;
}

test('a purchase is paid on Stripe’s page: the frozen price, our names on everything, and back to our page', async () => {
  const key = randomUUID();
  const opened = await open(key);
  expect(Date.parse(opened.expires_at) - Date.now()).toBeGreaterThan(3600_000);
  const { sql } = sidecar.database;
  // A price that changes afterwards changes nothing.
  await sql`update pricing_tiers set price_cents = price_cents + 1 where id = 'starter'`;
  expect(await open(key)).toEqual(opened);
  await sql`update pricing_tiers set price_cents = price_cents - 1 where id = 'starter'`;
  const paid = await visit(opened.checkout_url, CARD);
  expect(paid.location).toBe(`https://mindbot.example/?attempt=${key}&checkout=done`);
  await reaches(opened, 'succeeded');
  expect(await sessionOf(opened)).toMatchObject({
    amount_total: 999,
    automatic_tax: { enabled: false },
    cancel_url: `https://mindbot.example/?attempt=${key}&checkout=back`,
    client_reference_id: opened.purchase_id,
    metadata: { purchase_id: opened.purchase_id },
    payment_intent: { metadata: { purchase_id: opened.purchase_id, price_cents: '999' } },
  });
  expect(await sidecar.balanceOf(person)).toBe(3600);
  expect(codeOf(await ask(key))).toBe('purchase_closed');
  await sidecar.expectSound();
});

test('a gift with its words, and keys that were used otherwise', async () => {
  const key = randomUUID();
  const gift = { for: 'gift', message: 'For you', recipient_name: 'Zoë' };
  const opened = await open(key, gift);
  await visit(opened.checkout_url, CARD);
  await reaches(opened, 'succeeded');
  const gifts = (await sidecar.get(`/user/${person.id}/gifts`, { person })).body;
  expect(gifts).toMatchObject({ gifts: [{ message: 'For you', recipient_name: 'Zoë' }] });
  expect(codeOf(await ask(key, { ...gift, message: 'Other' }))).toBe('idempotency_key_reused');
  expect(codeOf(await ask(randomUUID(), { package_id: 'none' }))).toBe('unknown_package');
  expect(codeOf(await ask(''))).toBe('idempotency_key_missing');
});

test('the card form first, then the page: the intent can never be paid again, the page once', async () => {
  const key = randomUUID();
  const { payment_intent_id: intentId } = await sidecar.begin(person, 'starter', 'me', key);
  const opened = await open(key);
  expect((await sidecar.stripe.paymentIntents.retrieve(intentId)).status).toBe('canceled');
  await expect(sidecar.pay(intentId)).rejects.toThrow();
  // Its end is told of, and is not the end of the order.
  const { sql } = sidecar.database;
  await until(async () => {
    const [row] = await sql`select count(*)::int as n from stripe_events
      where payment_intent_id = ${intentId} and outcome = 'other_intent'`;
    return row?.n === 1;
  });
  expect(await orderOf(opened)).toMatchObject({ status: 'awaiting_payment', replaced_intent_id: intentId });
  const back = await sidecar.post('/create-payment-intent', {
    person,
    body: { package_id: 'starter' },
    headers: { 'idempotency-key': key },
  });
  expect([back.status, codeOf(back)]).toEqual([409, 'checkout_open']);
  // Nor does the comparison with Stripe take the old intent for the order's own.
  await sql`update payment_history set created_at = now() - interval '1 hour', updated_at = now() - interval '1 hour'
    where id = ${opened.purchase_id}`;
  await comparePayments(sidecar.deps, new Date(Date.now() - 86_400_000));
  expect(await orderOf(opened)).toMatchObject({ status: 'awaiting_payment', payment_intent_id: null });
  expect(await open(key)).toEqual(opened);
  await visit(opened.checkout_url, CARD);
  await reaches(opened, 'succeeded');
  expect(await chargesOf(person)).toBe(1);
  expect(await sidecar.balanceOf(person)).toBe(3600);
  await sidecar.expectSound();
});

test('pressing both ways at the same moment, again and again: one charge each time', async () => {
  for (let round = 0; round < 12; round++) {
    const buyer = await sidecar.database.signUp();
    person = buyer;
    const key = randomUUID();
    const byCard = async () => {
      const begun = await sidecar.post('/create-payment-intent', {
        person: buyer,
        body: { package_id: 'starter' },
        headers: { 'idempotency-key': key },
      });
      if (begun.status !== 201) return;
      const { payment_intent_id: intentId } = begun.body as { payment_intent_id: string };
      await sidecar.pay(intentId).catch(() => undefined);
    };
    const onPage = async () => {
      const answer = await ask(key);
      if (answer.status !== 201) return;
      await visit((answer.body as CreateCheckoutSessionResponse).checkout_url, CARD);
    };
    if (round % 2 === 0) await byCardIsReady(buyer, key);
    await Promise.all([byCard(), onPage(), byCard(), onPage()]);
    await until(async () => (await sidecar.balanceOf(buyer)) > 0);
    expect(await sidecar.balanceOf(buyer)).toBe(3600);
    expect(await chargesOf(buyer)).toBe(1);
  }
  await sidecar.expectSound();
}, 60_000);

/** Every other round the intent is there already, as it is when the page has its checkout open. */
async function byCardIsReady(buyer: Person, key: string): Promise<void> {
  await sidecar.begin(buyer, 'starter', 'me', key);
}

test('paid by card first: there is no page any more', async () => {
  const key = randomUUID();
  const { payment_intent_id: intentId } = await sidecar.begin(person, 'starter', 'me', key);
  await sidecar.pay(intentId);
  // Also before anybody has told us of the payment.
  expect(codeOf(await ask(key))).toBe('purchase_closed');
  await until(async () => (await sidecar.balanceOf(person)) === 3600);
  expect(codeOf(await ask(key))).toBe('purchase_closed');
});

test('cut off after the choice and before the intent was canceled: its money counts, and there is no page', async () => {
  const key = randomUUID();
  const { payment_intent_id: intentId } = await sidecar.begin(person, 'starter', 'me', key);
  const { sql } = sidecar.database;
  await sql`select choose_checkout(id, 7200) from payment_history where payment_intent_id = ${intentId}`;
  await sidecar.pay(intentId);
  expect(codeOf(await ask(key))).toBe('purchase_closed');
  await until(async () => (await sidecar.balanceOf(person)) === 3600);
  expect((await sidecar.stripe.checkout.sessions.list({ limit: 1 })).data[0]?.metadata?.user_id).not.toBe(
    person.id,
  );
  await sidecar.expectSound();
});

test('Stripe computes tax where it is told to', async () => {
  const deps = { ...sidecar.deps, config: { ...sidecar.deps.config, STRIPE_AUTOMATIC_TAX: true } };
  const opened = await createCheckoutSession(deps, {
    userId: person.id,
    packageId: 'starter',
    purpose: 'me',
    idempotencyKey: randomUUID(),
    pageUrl: 'https://mindbot.example',
  });
  expect((await sessionOf(opened)).automatic_tax.enabled).toBe(true);
});

test('a page that ends unpaid ends its order, and a declined card on it does not', async () => {
  const opened = await open();
  expect((await visit(opened.checkout_url, { ...CARD, number: '4000000000000002' })).status).toBe(402);
  await reaches(opened, 'failed');
  const session = await sessionOf(opened);
  expect(session.status).toBe('open');
  await sidecar.stripe.checkout.sessions.expire(session.id);
  await reaches(opened, 'canceled');
  expect(await sidecar.balanceOf(person)).toBe(0);
  const [none] = await sidecar.database
    .sql`select count(*)::int as n from time_cards where user_id = ${person.id}`;
  expect(none?.n).toBe(0);
});

test.each([
  ['000123456789', 'succeeded', 3600],
  ['000111111116', 'failed', 0],
])('a debit of account %s is on its way, and then has %s', async (account, status, seconds) => {
  const opened = await open();
  const answer = await visit(opened.checkout_url, { ...BANK, account_number: account });
  expect(answer.location).toContain('checkout=done');
  await reaches(opened, 'processing');
  expect(codeOf(await ask((await orderOf(opened)).idempotency_key as string))).toBe('purchase_closed');
  expect(await sidecar.balanceOf(person)).toBe(0);
  await reaches(opened, status);
  expect(await sidecar.balanceOf(person)).toBe(seconds);
  const told = await sidecar.events(`checkout.session.async_payment_${status}`);
  expect(told.length).toBeGreaterThan(0);
  await sidecar.expectSound();
});

test('a lost answer or an error of Stripe’s own: asked again, and still one page', async () => {
  for (const fault of ['drop_answer', 'api_error'] as const) {
    const key = randomUUID();
    let failures = 3;
    sidecar.failStripe(({ path }) =>
      path.endsWith('/checkout/sessions') && failures-- > 0 ? fault : undefined,
    );
    expect([201, 502]).toContain((await ask(key)).status);
    sidecar.failStripe(() => undefined);
    const opened = await open(key);
    await visit(opened.checkout_url, CARD);
    await reaches(opened, 'succeeded');
  }
  expect(await sidecar.balanceOf(person)).toBe(7200);
  await sidecar.expectSound();
});
