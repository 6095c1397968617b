import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { CARD_ITEM, SESSION } from './checkout-form.ts';
import { clientOf, refusalOf, startForTest } from './harness.ts';

test('stored prices are sold too, several and many of them', async () => {
  const stripe = clientOf(await startForTest());
  const price = await stripe.prices.create({
    currency: 'eur',
    unit_amount: 500,
    product_data: { name: 'P' },
  });
  const session = await stripe.checkout.sessions.create({
    ...SESSION,
    line_items: [
      { price: price.id, quantity: 3 },
      { price_data: { currency: 'eur', unit_amount: 1, product_data: { name: 'Q' } }, quantity: 1 },
    ],
  });
  expect(session).toMatchObject({ amount_total: 1501, currency: 'eur', payment_method_types: ['card'] });
  const page = await stripe.checkout.sessions.listLineItems(session.id, { limit: 1 });
  expect(page).toMatchObject({ has_more: true, data: [{ description: 'P', amount_total: 1500 }] });
  const all = await stripe.checkout.sessions
    .listLineItems(session.id, { limit: 1 })
    .autoPagingToArray({ limit: 9 });
  expect(all.map(({ description }) => description)).toEqual(['P', 'Q']);
});

test.each([
  ['no item', { line_items: undefined }, { code: 'parameter_missing' }],
  [
    'no quantity',
    { line_items: [{ price_data: CARD_ITEM.price_data }] },
    { param: 'line_items[0][quantity]' },
  ],
  ['an unknown price', { line_items: [{ price: 'price_none', quantity: 1 }] }, { code: 'resource_missing' }],
  [
    'less than the minimum',
    { line_items: [{ ...CARD_ITEM, price_data: { ...CARD_ITEM.price_data, unit_amount: 10 } }] },
    { code: 'amount_too_small' },
  ],
  ['no address to return to', { success_url: undefined }, { param: 'success_url' }],
  ['an address that is none', { success_url: 'shop' }, { code: 'url_invalid', param: 'success_url' }],
  ['an address that is a script', { cancel_url: 'javascript:alert(1)' }, { code: 'url_invalid' }],
  ['an end too early', { expires_at: Math.floor(Date.now() / 1000) + 60 }, { param: 'expires_at' }],
  ['an unknown customer', { customer: 'cus_none' }, { code: 'resource_missing', param: 'customer' }],
  ['a subscription to nothing that recurs', { mode: 'subscription' }, {}],
  ['a setup', { mode: 'setup' }, { param: 'mode' }],
  ['a discount', { discounts: [{ coupon: 'x' }] }, { code: 'parameter_unknown' }],
])('a session with %s is refused', async (_name, change, expected) => {
  const stripe = clientOf(await startForTest());
  const params = { ...SESSION, ...change } as Stripe.Checkout.SessionCreateParams;
  expect(await refusalOf(stripe.checkout.sessions.create(params))).toMatchObject({
    statusCode: 400,
    ...expected,
  });
  expect((await stripe.checkout.sessions.list()).data).toEqual([]);
});
