import { expect, test } from 'vitest';
import { clientOf, movableClock, refusalOf, startForTest, visit } from './harness.ts';

async function openPortal() {
  const clock = movableClock();
  const stripe = clientOf(await startForTest({ now: clock.now }));
  const { id: customer } = await stripe.customers.create({});
  const visa = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  const amex = await stripe.paymentMethods.attach('pm_card_amex', { customer });
  const session = await stripe.billingPortal.sessions.create({
    customer,
    return_url: 'https://shop.example/account',
  });
  return { clock, stripe, customer, visa, amex, url: session.url, session };
}

test('a customer sees their cards, prefers one and removes one', async () => {
  const { stripe, customer, visa, amex, url, session } = await openPortal();
  expect(session).toMatchObject({ object: 'billing_portal.session', customer });
  const page = await visit(url);
  expect(page.text).toContain('visa ending in 4242');
  expect(page.text).toContain('amex ending in 0005');
  expect(page.text).toContain('https://shop.example/account');
  expect((await visit(url, { default: amex.id })).status).toBe(303);
  expect(await stripe.customers.retrieve(customer)).toMatchObject({
    invoice_settings: { default_payment_method: amex.id },
  });
  await visit(url, { remove: visa.id });
  expect((await stripe.paymentMethods.list({ customer })).data.map(({ id }) => id)).toEqual([amex.id]);
  expect((await visit(url)).text).not.toContain('4242');
});

test('it shows and changes nobody else’s cards, needs its secret, and ends after an hour', async () => {
  const { clock, stripe, visa, url } = await openPortal();
  const other = await stripe.customers.create({});
  const card = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: other.id });
  await visit(url, { remove: card.id });
  expect((await stripe.paymentMethods.retrieve(card.id)).customer).toBe(other.id);
  expect((await visit(url.slice(0, -1))).status).toBe(404);
  expect((await visit(`${url.slice(0, -1)}!`, { remove: visa.id })).status).toBe(404);
  clock.advanceSeconds(3601);
  expect((await visit(url, { remove: visa.id })).status).toBe(404);
  expect((await stripe.paymentMethods.retrieve(visa.id)).customer).not.toBeNull();
});

test('an unknown customer has no portal', async () => {
  const stripe = clientOf(await startForTest());
  const refusal = await refusalOf(stripe.billingPortal.sessions.create({ customer: 'cus_none' }));
  expect(refusal).toMatchObject({ code: 'resource_missing', param: 'customer' });
});
