import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { StripeStandIn } from '../../local/stripe/server.ts';
import { clientOf, PUBLISHABLE_KEY, SECRET_KEY, send, startForTest, temporaryFile } from './harness.ts';

async function newIntent(standIn: StripeStandIn) {
  const stripe = clientOf(standIn);
  const customer = await stripe.customers.create({ email: 'payer@example.com' });
  const intent = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    customer: customer.id,
    metadata: { order: 'secret' },
  });
  return { stripe, id: intent.id, clientSecret: String(intent.client_secret) };
}

function cardForm(clientSecret: string, number: string, change: Record<string, string> = {}) {
  return {
    client_secret: clientSecret,
    'payment_method_data[type]': 'card',
    'payment_method_data[card][number]': number,
    'payment_method_data[card][exp_month]': '12',
    'payment_method_data[card][exp_year]': '2040',
    'payment_method_data[card][cvc]': '123',
    ...change,
  };
}

test('a browser confirms with a test card and sees nothing of the customer, the charge or the metadata', async () => {
  const standIn = await startForTest();
  const { stripe, id, clientSecret } = await newIntent(standIn);
  const answer = await send(standIn, 'POST', `/v1/payment_intents/${id}/confirm`, {
    key: PUBLISHABLE_KEY,
    form: cardForm(clientSecret, '4242 4242 4242 4242'),
  });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ id, status: 'succeeded', amount: 500 });
  for (const hidden of ['customer', 'metadata', 'latest_charge', 'amount_received']) {
    expect(answer.body).not.toHaveProperty(hidden);
  }
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect((await stripe.paymentIntents.retrieve(id)).status).toBe('succeeded');
});

test('a browser retrieves its intent, with the key in the header or in the query', async () => {
  const standIn = await startForTest();
  const { id, clientSecret } = await newIntent(standIn);
  const path = `/v1/payment_intents/${id}?client_secret=${clientSecret}`;
  const byHeader = await send(standIn, 'GET', path, { key: PUBLISHABLE_KEY });
  const byQuery = await send(standIn, 'GET', `${path}&key=${PUBLISHABLE_KEY}`);
  expect([byHeader.status, byQuery.status]).toEqual([200, 200]);
  expect(byQuery.body).toEqual(byHeader.body);
  expect(byQuery.body).not.toHaveProperty('metadata');
});

test('a browser is allowed to ask from another origin, but not beyond its two routes', async () => {
  const standIn = await startForTest();
  const preflight = await send(standIn, 'OPTIONS', '/v1/payment_intents/pi_x/confirm', {
    headers: { origin: 'http://127.0.0.1:9', 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
  const elsewhere = await send(standIn, 'OPTIONS', '/v1/customers');
  expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull();
});

test.each([
  ['the secret of another intent', (other: string) => other],
  ['a shortened secret', (_other: string, own: string) => own.slice(0, -1)],
])('%s opens nothing', async (_name, forge) => {
  const standIn = await startForTest();
  const own = await newIntent(standIn);
  const other = await newIntent(standIn);
  const secret = forge(other.clientSecret, own.clientSecret);
  const read = await send(standIn, 'GET', `/v1/payment_intents/${own.id}?client_secret=${secret}`, {
    key: PUBLISHABLE_KEY,
  });
  const confirm = await send(standIn, 'POST', `/v1/payment_intents/${own.id}/confirm`, {
    key: PUBLISHABLE_KEY,
    form: { client_secret: secret, payment_method: 'pm_card_visa' },
  });
  for (const { status, body } of [read, confirm]) {
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'payment_intent_invalid_parameter', param: 'client_secret' });
    expect(JSON.stringify(body)).not.toContain(own.clientSecret);
  }
  expect((await own.stripe.paymentIntents.retrieve(own.id)).status).toBe('requires_payment_method');
});

test('without the client secret, or with parameters of a server, a publishable key gets nothing', async () => {
  const standIn = await startForTest();
  const { id, clientSecret } = await newIntent(standIn);
  const bare = await send(standIn, 'GET', `/v1/payment_intents/${id}`, { key: PUBLISHABLE_KEY });
  expect(bare.body.error).toMatchObject({ code: 'parameter_missing', param: 'client_secret' });
  const forms = [
    { 'expand[0]': 'customer' },
    { off_session: 'true' },
    { amount: '1' },
    { 'metadata[a]': '1' },
  ];
  for (const extra of forms) {
    const { status, body } = await send(standIn, 'POST', `/v1/payment_intents/${id}/confirm`, {
      key: PUBLISHABLE_KEY,
      form: { client_secret: clientSecret, payment_method: 'pm_card_visa', ...extra } as Record<
        string,
        string
      >,
    });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'parameter_unknown' });
  }
});

test('the secret key is not accepted in a form from a browser in place of the header', async () => {
  const standIn = await startForTest();
  const answer = await send(standIn, 'GET', `/v1/customers?key=${SECRET_KEY}`);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({ code: 'parameter_unknown', param: 'key' });
});

test.each([
  ['4000000000000002', 'card_declined', 'generic_decline'],
  ['4000000000009995', 'card_declined', 'insufficient_funds'],
  ['4000000000000069', 'expired_card', undefined],
  ['4111111111111111', 'card_declined', 'test_mode_live_card'],
])('card %s is declined', async (number, code, declineCode) => {
  const standIn = await startForTest();
  const { stripe, id, clientSecret } = await newIntent(standIn);
  const { status, body } = await send(standIn, 'POST', `/v1/payment_intents/${id}/confirm`, {
    key: PUBLISHABLE_KEY,
    form: cardForm(clientSecret, number),
  });
  expect(status).toBe(402);
  expect(body.error).toMatchObject({
    type: 'card_error',
    code,
    payment_intent: { id, status: 'requires_payment_method' },
  });
  expect(body.error?.decline_code).toBe(declineCode);
  expect(body.error?.payment_intent).not.toHaveProperty('metadata');
  expect((await stripe.events.list({ type: 'payment_intent.payment_failed' })).data).toHaveLength(1);
});

test('a card that is no test card is declined with a pointer to the test cards', async () => {
  const standIn = await startForTest();
  const { id, clientSecret } = await newIntent(standIn);
  const { body } = await send(standIn, 'POST', `/v1/payment_intents/${id}/confirm`, {
    key: PUBLISHABLE_KEY,
    form: cardForm(clientSecret, '4111111111111111'),
  });
  expect(body.error?.message).toContain('https://stripe.com/docs/testing');
});

test.each([
  [
    'a number that fails the check digit',
    { 'payment_method_data[card][number]': '4242424242424241' },
    'incorrect_number',
  ],
  ['no number at all', { 'payment_method_data[card][number]': 'abc' }, 'incorrect_number'],
  ['month 13', { 'payment_method_data[card][exp_month]': '13' }, 'invalid_expiry_month'],
  ['a past year', { 'payment_method_data[card][exp_year]': '2020' }, 'invalid_expiry_year'],
  ['a cvc of two digits', { 'payment_method_data[card][cvc]': '12' }, 'invalid_cvc'],
])('%s is refused before any charge', async (_name, change, code) => {
  const standIn = await startForTest();
  const { stripe, id, clientSecret } = await newIntent(standIn);
  const { status, body } = await send(standIn, 'POST', `/v1/payment_intents/${id}/confirm`, {
    key: PUBLISHABLE_KEY,
    form: cardForm(clientSecret, '4242424242424242', change as Record<string, string>),
  });
  expect(status).toBe(402);
  expect(body.error).toMatchObject({ type: 'card_error', code, payment_intent: { id } });
  expect((await stripe.charges.list()).data).toEqual([]);
  expect((await stripe.paymentIntents.retrieve(id)).status).toBe('requires_payment_method');
});

test('a card is good to the end of its month', async () => {
  const now = () => Date.UTC(2027, 4, 31, 23, 59, 59);
  const standIn = await startForTest({ now });
  const { id, clientSecret } = await newIntent(standIn);
  const confirm = (month: string) =>
    send(standIn, 'POST', `/v1/payment_intents/${id}/confirm`, {
      key: PUBLISHABLE_KEY,
      form: cardForm(clientSecret, '4242424242424242', {
        'payment_method_data[card][exp_month]': month,
        'payment_method_data[card][exp_year]': '27',
      }),
    });
  expect((await confirm('4')).status).toBe(402);
  expect((await confirm('5')).status).toBe(200);
});

test('a browser authenticates by confirming a second time', async () => {
  const standIn = await startForTest();
  const { id, clientSecret } = await newIntent(standIn);
  const confirm = () =>
    send(standIn, 'POST', `/v1/payment_intents/${id}/confirm`, {
      key: PUBLISHABLE_KEY,
      form: cardForm(clientSecret, '4000002500003155'),
    });
  expect((await confirm()).body.status).toBe('requires_action');
  expect((await confirm()).body.status).toBe('succeeded');
});

test('neither card number nor cvc is written down or logged', async () => {
  const logged = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')];
  const databaseFile = temporaryFile();
  const standIn = await startForTest({ databaseFile });
  for (const number of ['4242424242424242', '4000000000000002', '4111111111111111', '4242424242424241']) {
    const { id, clientSecret } = await newIntent(standIn);
    await send(standIn, 'POST', `/v1/payment_intents/${id}/confirm`, {
      key: PUBLISHABLE_KEY,
      form: cardForm(clientSecret, number, { 'payment_method_data[card][cvc]': '987' }),
      headers: { 'idempotency-key': `card-${id}` },
    });
  }
  const folder = dirname(databaseFile);
  const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
  expect(written.join('')).toContain('payment_intent.succeeded');
  const everything = [...written, JSON.stringify(logged.map(({ mock }) => mock.calls))].join('');
  expect(everything).not.toMatch(/4242424242424242|4000000000000002|4111111111111111|4242424242424241/);
  expect(everything).not.toContain('"987"');
});
