import { expect, test } from 'vitest';
import { CARD_ITEM, FORM, SESSION } from './checkout-form.ts';
import { clientOf, startForTest, visit } from './harness.ts';

test('a declined card is said on the page, and another one pays the same intent', async () => {
  const stripe = clientOf(await startForTest());
  const { id, url } = await stripe.checkout.sessions.create(SESSION);
  const declined = await visit(String(url), { ...FORM, number: '4000000000009995' });
  expect(declined.status).toBe(402);
  expect(declined.text).toContain('role="alert"');
  expect(declined.text).toContain('insufficient funds');
  expect(declined.text).not.toContain('4000000000009995');
  expect((await stripe.checkout.sessions.retrieve(id)).status).toBe('open');
  expect((await visit(String(url), FORM)).status).toBe(303);
  const intents = (await stripe.paymentIntents.list()).data;
  expect(intents.map(({ status }) => status)).toEqual(['succeeded']);
  expect((await stripe.charges.list()).data.map(({ status }) => status)).toEqual(['succeeded', 'failed']);
});

test.each([
  ['a mistyped number', { number: '4242424242424241' }, 'number-mistake'],
  ['no date', { expiry: '' }, 'expiry-mistake'],
  ['a short code', { cvc: '1' }, 'cvc-mistake'],
  ['no address', { email: 'nobody' }, 'email-mistake'],
  [
    'a bank account that is no test account',
    { method: 'us_bank_account', routing_number: '1' },
    'routing_number-mistake',
  ],
])('%s is marked at its input and charges nothing', async (_name, change, mark) => {
  const stripe = clientOf(await startForTest());
  const { url } = await stripe.checkout.sessions.create(SESSION);
  const answer = await visit(String(url), { ...FORM, ...(change as Record<string, string>) });
  expect(answer.status).toBe(402);
  expect(answer.text).toContain(`id="${mark}"`);
  expect(answer.text).toContain(`aria-describedby="${mark}"`);
  expect((await stripe.paymentIntents.list()).data).toEqual([]);
});

test('3-D Secure goes over the page of the bank and back, failed and then passed', async () => {
  const stripe = clientOf(await startForTest());
  const { id, url } = await stripe.checkout.sessions.create(SESSION);
  const attempt = async (authentication: string) => {
    const sent = await visit(String(url), { ...FORM, number: '4000002760003184' });
    const challenge = new URL(String(sent.location));
    const secret = challenge.searchParams.get('client_secret') ?? '';
    const decided = await visit(challenge.href, { client_secret: secret, authentication });
    return visit(String(decided.location));
  };
  const failed = await attempt('fail');
  expect(failed.status).toBe(402);
  expect(failed.text).toContain('unable to authenticate');
  expect((await attempt('complete')).location).toContain(`session=${id}`);
  expect((await stripe.checkout.sessions.retrieve(id)).payment_status).toBe('paid');
});

test('what a shop writes is text on the page, never markup', async () => {
  const stripe = clientOf(await startForTest());
  const { url } = await stripe.checkout.sessions.create({
    ...SESSION,
    line_items: [
      {
        quantity: 1,
        price_data: { ...CARD_ITEM.price_data, product_data: { name: '<img src=x onerror=alert(1)>' } },
      },
    ],
  });
  const page = await visit(String(url), { ...FORM, email: '"><script>' });
  expect(page.text).not.toMatch(/<img|<script/);
  expect((await visit(String(url).slice(0, -1))).status).toBe(404);
});
