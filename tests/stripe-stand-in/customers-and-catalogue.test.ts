import { expect, test } from 'vitest';
import { clientOf, refusalOf, startForTest } from './harness.ts';

test('a customer is created, found, updated and listed', async () => {
  const stripe = clientOf(await startForTest());
  const created = await stripe.customers.create({
    email: 'ann@example.com',
    name: 'Ann',
    metadata: { a: '1' },
  });
  expect(created).toMatchObject({ object: 'customer', livemode: false, email: 'ann@example.com' });
  await stripe.customers.create({ email: 'bob@example.com' });
  const updated = await stripe.customers.update(created.id, { phone: '+15550100', name: '' });
  expect(updated).toMatchObject({ id: created.id, phone: '+15550100', name: null, metadata: { a: '1' } });
  expect(await stripe.customers.retrieve(created.id)).toMatchObject({ phone: '+15550100', name: null });
  const found = await stripe.customers.list({ email: 'ann@example.com' });
  expect(found.data.map(({ id }) => id)).toEqual([created.id]);
});

test('metadata is merged, unset by an empty value and cleared by an empty string', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.customers.create({ metadata: { keep: '1', drop: '2' } });
  const merged = await stripe.customers.update(id, { metadata: { drop: '', add: '3' } });
  expect(merged.metadata).toEqual({ keep: '1', add: '3' });
  const untouched = await stripe.customers.update(id, { name: 'Ann' });
  expect(untouched.metadata).toEqual({ keep: '1', add: '3' });
  expect((await stripe.customers.update(id, { metadata: '' })).metadata).toEqual({});
});

test.each([
  ['a key of 41 characters', { ['k'.repeat(41)]: 'v' }, /up to 40 characters/],
  ['a value of 501 characters', { k: 'v'.repeat(501) }, /up to 500 characters/],
  ['51 keys', Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`key${n}`, 'v'])), /up to 50 keys/],
])('metadata with %s is refused', async (_name, metadata, message) => {
  const stripe = clientOf(await startForTest());
  expect((await refusalOf(stripe.customers.create({ metadata }))).message).toMatch(message);
});

test('metadata at its limits is accepted', async () => {
  const stripe = clientOf(await startForTest());
  const metadata = Object.fromEntries(
    Array.from({ length: 50 }, (_, n) => [`${n}`.padEnd(40, 'k'), 'v'.repeat(500)]),
  );
  expect((await stripe.customers.create({ metadata })).metadata).toEqual(metadata);
});

test('the limit of 50 keys counts what is already there', async () => {
  const stripe = clientOf(await startForTest());
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`key${n}`, 'v']));
  const { id } = await stripe.customers.create({ metadata });
  expect((await refusalOf(stripe.customers.update(id, { metadata: { more: 'v' } }))).statusCode).toBe(400);
});

test('unknown, unmodelled and malformed parameters are refused by name', async () => {
  const stripe = clientOf(await startForTest());
  const unknown = await refusalOf(stripe.customers.create({ nickname: 'x' } as never));
  expect(unknown).toMatchObject({ code: 'parameter_unknown', param: 'nickname' });
  const unmodelled = await refusalOf(stripe.customers.create({ balance: 100 }));
  expect(unmodelled).toMatchObject({ code: 'parameter_unknown', param: 'balance' });
  expect(unmodelled.message).toContain('does not model');
  expect(await refusalOf(stripe.customers.create({ email: 'nonsense' }))).toMatchObject({
    code: 'email_invalid',
    param: 'email',
  });
});

test('a missing object is 404 in the path and 400 in a parameter', async () => {
  const stripe = clientOf(await startForTest());
  expect(await refusalOf(stripe.customers.retrieve('cus_none'))).toMatchObject({
    statusCode: 404,
    code: 'resource_missing',
    message: "No such customer: 'cus_none'",
  });
  const reference = stripe.paymentIntents.create({ amount: 500, currency: 'usd', customer: 'cus_none' });
  expect(await refusalOf(reference)).toMatchObject({
    statusCode: 400,
    code: 'resource_missing',
    param: 'customer',
  });
});

test('products and prices are created, updated and listed', async () => {
  const stripe = clientOf(await startForTest());
  const product = await stripe.products.create({ name: 'Starter', metadata: { seconds: '600' } });
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 999,
    lookup_key: 'starter',
  });
  expect(price).toMatchObject({ type: 'one_time', unit_amount: 999, product: product.id, active: true });
  expect(String(price.unit_amount_decimal)).toBe('999');
  const off = await stripe.products.update(product.id, { active: false, default_price: price.id });
  expect(off).toMatchObject({ active: false, default_price: price.id, metadata: { seconds: '600' } });
  expect((await stripe.products.list({ active: true })).data).toEqual([]);
  expect((await stripe.products.list({ ids: [product.id] })).data).toHaveLength(1);
  await stripe.prices.update(price.id, { active: false, nickname: 'old' });
  expect(await stripe.prices.retrieve(price.id, { expand: ['product'] })).toMatchObject({
    active: false,
    nickname: 'old',
    product: { id: product.id, name: 'Starter' },
  });
  expect((await stripe.prices.list({ lookup_keys: ['starter'] })).data).toHaveLength(1);
});

test('a lookup key names one price until it is transferred', async () => {
  const stripe = clientOf(await startForTest());
  const fields = { currency: 'usd', unit_amount: 100, lookup_key: 'one', product_data: { name: 'One' } };
  const first = await stripe.prices.create(fields);
  expect((await refusalOf(stripe.prices.create(fields))).message).toContain(first.id);
  const second = await stripe.prices.create({ ...fields, transfer_lookup_key: true });
  expect((await stripe.prices.list({ lookup_keys: ['one'] })).data.map(({ id }) => id)).toEqual([second.id]);
  expect((await stripe.prices.retrieve(first.id)).lookup_key).toBeNull();
});

test('a price needs an amount and a product that exists, and a refused one leaves no product behind', async () => {
  const stripe = clientOf(await startForTest());
  const withoutAmount = stripe.prices.create({ currency: 'usd', product_data: { name: 'Orphan' } });
  expect((await refusalOf(withoutAmount)).code).toBe('parameter_missing');
  const nowhere = stripe.prices.create({ currency: 'usd', unit_amount: 1, product: 'prod_none' });
  expect((await refusalOf(nowhere)).code).toBe('resource_missing');
  expect((await stripe.products.list()).data).toEqual([]);
});
