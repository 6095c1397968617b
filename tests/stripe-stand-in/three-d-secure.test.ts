import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { clientOf, eventTypes, startForTest, visit } from './harness.ts';

const BACK = 'https://shop.example/back?order=7';

async function challenged(stripe: Stripe) {
  const intent = await stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_authenticationRequired',
    return_url: BACK,
  });
  expect(intent).toMatchObject({
    status: 'requires_action',
    next_action: { type: 'redirect_to_url', redirect_to_url: { return_url: BACK } },
  });
  const url = String(intent.next_action?.redirect_to_url?.url);
  return { intent, url, secret: String(intent.client_secret) };
}

test('the page of the bank completes the payment and sends its payer back', async () => {
  const stripe = clientOf(await startForTest());
  const { intent, url, secret } = await challenged(stripe);
  const page = await visit(url);
  expect(page.status).toBe(200);
  expect(page.text).toContain('$9.99');
  expect(page.text).toContain('3184');
  const form = { client_secret: secret, authentication: 'complete' };
  const done = await visit(url, form);
  expect(done.status).toBe(303);
  const back = new URL(String(done.location));
  expect(Object.fromEntries(back.searchParams)).toEqual({
    order: '7',
    payment_intent: intent.id,
    payment_intent_client_secret: secret,
    redirect_status: 'succeeded',
  });
  expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
  await visit(url, form);
  await visit(url, { ...form, authentication: 'fail' });
  expect((await stripe.charges.list({ payment_intent: intent.id })).data).toHaveLength(1);
});

test('failing it charges nothing and leaves the intent open for another card', async () => {
  const stripe = clientOf(await startForTest());
  const { intent, url, secret } = await challenged(stripe);
  const failed = await visit(url, { client_secret: secret, authentication: 'fail' });
  expect(failed.location).toContain('redirect_status=failed');
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
    status: 'requires_payment_method',
    latest_charge: null,
    last_payment_error: { code: 'payment_intent_authentication_failure' },
  });
  expect(await eventTypes(stripe)).toContain('payment_intent.payment_failed');
  const paid = await stripe.paymentIntents.confirm(intent.id, {
    payment_method: 'pm_card_visa',
    return_url: BACK,
  });
  expect(paid.status).toBe('succeeded');
});

test('without the client secret the page shows nothing, and what it shows is escaped', async () => {
  const stripe = clientOf(await startForTest());
  const { intent, url, secret } = await challenged(stripe);
  const foreign = url.replace(secret, `${intent.id}_secret_wrong`);
  expect((await visit(foreign)).status).toBe(404);
  expect((await visit(foreign, { client_secret: 'wrong', authentication: 'complete' })).status).toBe(404);
  const page = await visit(`${url}&return_url=%22%3E%3Cscript%3E`);
  expect(page.text).not.toContain('<script');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('a payment that Stripe.js confirms names the page too', async () => {
  const stripe = clientOf(await startForTest());
  const intent = await stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_authenticationRequired',
    return_url: BACK,
    use_stripe_sdk: true,
  });
  expect(intent.next_action?.type).toBe('use_stripe_sdk');
  const url = String(Reflect.get(intent.next_action?.use_stripe_sdk ?? {}, 'stripe_js'));
  expect((await visit(url)).text).toContain('Complete');
  const script = `${url}&return_url=javascript:alert(1)`;
  const done = await visit(script, {
    client_secret: String(intent.client_secret),
    authentication: 'complete',
  });
  expect(done).toMatchObject({ status: 200, location: null });
});

test('a setup is authenticated on the same page', async () => {
  const stripe = clientOf(await startForTest());
  const customer = await stripe.customers.create({});
  const setup = await stripe.setupIntents.create({
    customer: customer.id,
    confirm: true,
    payment_method: 'pm_card_authenticationRequired',
    return_url: BACK,
  });
  const url = String(setup.next_action?.redirect_to_url?.url);
  const form = { client_secret: String(setup.client_secret), authentication: 'complete' };
  expect((await visit(url, form)).location).toContain(`setup_intent=${setup.id}`);
  expect((await stripe.setupIntents.retrieve(setup.id)).status).toBe('succeeded');
});
