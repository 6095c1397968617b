import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { createCheckoutSession } from '../../webhook-server/payments/create-checkout-session.ts';
import { visit } from '../stripe-stand-in/harness.ts';
import { codeOf } from '../support/sidecar.ts';
import { CARD } from './hosted-checkout-buyer.ts';
import { testWithBuyer as test } from './test-with-buyer.ts';

const BANK = {
  email: 'payer@example.com',
  method: 'us_bank_account',
  name: 'Ada Payer',
  routing_number: '110000000',
};

test('a purchase is paid on Stripe’s page: the frozen price, our names on everything, and back to our page', async ({
  sidecar,
  person,
  buyer,
}) => {
  const key = randomUUID();
  const opened = await buyer.open(key);
  expect(Date.parse(opened.expires_at) - Date.now()).toBeGreaterThan(3600_000);
  const { sql } = sidecar.database;
  // A price that changes afterwards changes nothing.
  await sql`update pricing_tiers set price_cents = price_cents + 1 where id = 'starter'`;
  expect(await buyer.open(key)).toEqual(opened);
  await sql`update pricing_tiers set price_cents = price_cents - 1 where id = 'starter'`;
  const paid = await visit(opened.checkout_url, CARD);
  expect(paid.location).toBe(`https://mindbot.example/?attempt=${key}&checkout=done`);
  await buyer.reaches(opened, 'succeeded');
  expect(await buyer.sessionOf(opened)).toMatchObject({
    amount_total: 999,
    automatic_tax: { enabled: false },
    cancel_url: `https://mindbot.example/?attempt=${key}&checkout=back`,
    client_reference_id: opened.purchase_id,
    metadata: { purchase_id: opened.purchase_id },
    payment_intent: { metadata: { purchase_id: opened.purchase_id, price_cents: '999' } },
  });
  expect(await sidecar.balanceOf(person)).toBe(3600);
  expect(codeOf(await buyer.ask(key))).toBe('purchase_closed');
  await sidecar.expectSound();
});

test('a gift with its words, and keys that were used otherwise', async ({ sidecar, person, buyer }) => {
  const key = randomUUID();
  const gift = { for: 'gift', message: 'For you', recipient_name: 'Zoë' };
  const opened = await buyer.open(key, gift);
  await visit(opened.checkout_url, CARD);
  await buyer.reaches(opened, 'succeeded');
  const gifts = (await sidecar.get(`/user/${person.id}/gifts`, { person })).body;
  expect(gifts).toMatchObject({ gifts: [{ message: 'For you', recipient_name: 'Zoë' }] });
  expect(codeOf(await buyer.ask(key, { ...gift, message: 'Other' }))).toBe('idempotency_key_reused');
  expect(codeOf(await buyer.ask(randomUUID(), { package_id: 'none' }))).toBe('unknown_package');
  expect(codeOf(await buyer.ask(''))).toBe('idempotency_key_missing');
});

test('Stripe computes tax where it is told to', async ({ sidecar, person, buyer }) => {
  const deps = { ...sidecar.deps, config: { ...sidecar.deps.config, STRIPE_AUTOMATIC_TAX: true } };
  const opened = await createCheckoutSession(deps, {
    userId: person.id,
    packageId: 'starter',
    purpose: 'me',
    idempotencyKey: randomUUID(),
    pageUrl: 'https://mindbot.example',
  });
  expect((await buyer.sessionOf(opened)).automatic_tax.enabled).toBe(true);
});

test('a page that ends unpaid ends its order, and a declined card on it does not', async ({
  sidecar,
  person,
  buyer,
}) => {
  const opened = await buyer.open();
  expect((await visit(opened.checkout_url, { ...CARD, number: '4000000000000002' })).status).toBe(402);
  await buyer.reaches(opened, 'failed');
  const session = await buyer.sessionOf(opened);
  expect(session.status).toBe('open');
  await sidecar.stripe.checkout.sessions.expire(session.id);
  await buyer.reaches(opened, 'canceled');
  expect(await sidecar.balanceOf(person)).toBe(0);
  const [none] = await sidecar.database
    .sql`select count(*)::int as n from time_cards where user_id = ${person.id}`;
  expect(none?.n).toBe(0);
});

test.for([
  ['000123456789', 'succeeded', 3600],
  ['000111111116', 'failed', 0],
] as const)(
  'a debit of account %s is on its way, and then has %s',
  async ([account, status, seconds], { sidecar, person, buyer }) => {
    const opened = await buyer.open();
    const answer = await visit(opened.checkout_url, { ...BANK, account_number: account });
    expect(answer.location).toContain('checkout=done');
    await buyer.reaches(opened, 'processing');
    expect(codeOf(await buyer.ask((await buyer.orderOf(opened)).idempotency_key as string))).toBe(
      'purchase_closed',
    );
    expect(await sidecar.balanceOf(person)).toBe(0);
    sidecar.standIn.settle();
    await buyer.reaches(opened, status);
    expect(await sidecar.balanceOf(person)).toBe(seconds);
    const told = await sidecar.events(`checkout.session.async_payment_${status}`);
    expect(told.length).toBeGreaterThan(0);
    await sidecar.expectSound();
  },
);

test('a lost answer or an error of Stripe’s own: asked again, and still one page', async ({
  sidecar,
  person,
  buyer,
}) => {
  for (const fault of ['drop_answer', 'api_error'] as const) {
    const key = randomUUID();
    let failures = 3;
    sidecar.failStripe(({ path }) =>
      path.endsWith('/checkout/sessions') && failures-- > 0 ? fault : undefined,
    );
    expect([201, 502]).toContain((await buyer.ask(key)).status);
    sidecar.failStripe(() => undefined);
    expect(failures).toBeLessThan(3);
    const opened = await buyer.open(key);
    await visit(opened.checkout_url, CARD);
    await buyer.reaches(opened, 'succeeded');
    expect(await buyer.countSessions(opened)).toBe(1);
  }
  expect(await sidecar.balanceOf(person)).toBe(7200);
  await sidecar.expectSound();
});
