import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { clientOf, PUBLISHABLE_KEY, refusalOf, SECRET_KEY, send, startForTest } from './harness.ts';

test('a wrong secret key is refused with 401 and is not repeated in the message', async () => {
  const standIn = await startForTest();
  const refusal = await refusalOf(clientOf(standIn, 'sk_test_wrongwrongwrong9999').balance.retrieve());
  expect(refusal).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
  expect(refusal.message).toMatch(/^Invalid API Key provided: sk_test_\*+9999$/);
});

test('a missing key is refused with 401', async () => {
  const standIn = await startForTest();
  const { status, body } = await send(standIn, 'GET', '/v1/customers');
  expect(status).toBe(401);
  expect(body.error).toMatchObject({
    type: 'invalid_request_error',
    message: expect.stringContaining('You did not provide an API key'),
  });
});

test('the secret key is accepted as the user name of basic authentication, as curl -u sends it', async () => {
  const standIn = await startForTest();
  const authorization = `Basic ${Buffer.from(`${SECRET_KEY}:`).toString('base64')}`;
  const { status } = await send(standIn, 'GET', '/v1/balance', { headers: { authorization } });
  expect(status).toBe(200);
});

test('a publishable key is refused with 403 on every route that is not for browsers', async () => {
  const standIn = await startForTest();
  const stripe = clientOf(standIn, PUBLISHABLE_KEY);
  const calls = [
    stripe.balance.retrieve(),
    stripe.customers.list(),
    stripe.customers.create({ email: 'a@example.com' }),
    stripe.paymentIntents.list(),
    stripe.paymentIntents.create({ amount: 500, currency: 'usd' }),
    stripe.paymentIntents.update('pi_x', { amount: 100 }),
    stripe.paymentIntents.cancel('pi_x'),
    stripe.refunds.create({ payment_intent: 'pi_x' }),
    stripe.events.list(),
    stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:1/', enabled_events: ['*'] }),
  ];
  for (const call of calls) {
    const refusal = await refusalOf(call);
    expect(refusal).toBeInstanceOf(Stripe.errors.StripePermissionError);
    expect(refusal.code).toBe('secret_key_required');
  }
});

test('an unknown route is refused in the shape that stripe-node throws', async () => {
  const standIn = await startForTest();
  const refusal = await refusalOf(clientOf(standIn).payouts.list());
  expect(refusal).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
  expect(refusal.statusCode).toBe(404);
  expect(refusal.message).toMatch(/^Unrecognized request URL \(GET: \/v1\/payouts\)/);
});

test('search is not modelled and is not mistaken for an id', async () => {
  const standIn = await startForTest();
  const refusal = await refusalOf(clientOf(standIn).paymentIntents.search({ query: "status:'succeeded'" }));
  expect(refusal.message).toMatch(/^Unrecognized request URL/);
});

test('another API version is refused', async () => {
  const standIn = await startForTest();
  const refusal = await refusalOf(clientOf(standIn).balance.retrieve({}, { apiVersion: '2024-06-20' }));
  expect(refusal.message).toContain('Invalid Stripe API version: 2024-06-20');
});

test('a call on behalf of a connected account is refused, not done for the platform', async () => {
  const stripe = clientOf(await startForTest());
  const refusal = await refusalOf(stripe.customers.create({}, { stripeAccount: 'acct_other' }));
  expect(refusal).toMatchObject({ statusCode: 403, code: 'account_invalid' });
  expect((await stripe.customers.list()).data).toEqual([]);
});

test('a JSON body is refused', async () => {
  const standIn = await startForTest();
  const response = await fetch(`${standIn.url}/v1/customers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'a@example.com' }),
  });
  expect(response.status).toBe(400);
  expect(JSON.stringify(await response.json())).toContain('application/x-www-form-urlencoded');
});

test('a live key stops the start', async () => {
  await expect(startForTest({ secretKey: 'sk_live_abc' })).rejects.toThrow('live key');
});

test('health and account answer', async () => {
  const standIn = await startForTest();
  expect((await send(standIn, 'GET', '/health')).status).toBe(200);
  const account = await clientOf(standIn).accounts.retrieveCurrent();
  expect(account).toMatchObject({ object: 'account', charges_enabled: true });
  expect(account.lastResponse.headers).toMatchObject({ 'request-id': expect.stringMatching(/^req_/) });
});
