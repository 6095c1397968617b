import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { type Seller, startSeller, WEATHER } from './seller.ts';

let sidecar: TestSidecar;
let api: Seller;
let owner: Person;
let buyer: Person;
let operator: Person;
beforeAll(async () => {
  api = await startSeller();
  sidecar = await startSidecar({
    config: { PAID_API_ORIGINS: [api.origin], API_SECRETS_KEY: 'k'.repeat(32) },
  });
  [owner, buyer, operator] = [
    await sidecar.database.signUp(),
    await sidecar.database.signUp(),
    await sidecar.database.signUp(),
  ];
  await sidecar.database.sql`update users set role = 'operator' where id = ${operator.id}`;
});
afterAll(async () => {
  await sidecar.close();
  await api.close();
});

const post = (path: string, person: Person, body: unknown, key: string = randomUUID()) =>
  sidecar.post(path, { person, body, headers: { 'idempotency-key': key } });

test('from a seller’s offer to a call that an agent pays for, and its money back', async () => {
  const { seller_id: sellerId } = (await post('/sellers', owner, { name: 'Weather Ltd' })).body as {
    seller_id: string;
  };
  const offer = {
    name: 'weather',
    price_per_call: 0.1,
    api_endpoint: `${api.origin}/ok`,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    response_schema: WEATHER,
    headers: { authorization: 'Bearer {{token}}' },
    secrets: { token: 's3cret-token' },
  };
  const products = `/sellers/${sellerId}/api-products`;
  expect(codeOf(await post(products, buyer, offer))).toBe('forbidden');
  expect(codeOf(await post(products, owner, { ...offer, headers: { host: 'database' } }))).toBe(
    'invalid_request',
  );
  expect(codeOf(await post(products, owner, { ...offer, api_endpoint: 'file:///etc/passwd' }))).toBe(
    'invalid_request',
  );
  const made = await post(products, owner, offer);
  expect(made).toMatchObject({
    status: 201,
    body: { product: { version: 1, status: 'draft', secrets: ['token'] } },
  });
  expect(made.text).not.toContain('s3cret');
  const { id } = (made.body as { product: { id: string } }).product;
  const tried = await post(`${products}/${id}/try`, owner, { arguments: { city: 'Oslo' } });
  expect(tried.body).toMatchObject({ status: 'succeeded', charged_micros: 0, result: { temperature: 21.5 } });
  expect(api.requests.at(-1)?.headers.authorization).toBe('Bearer s3cret-token');
  expect(
    (await sidecar.patch(`${products}/${id}`, { person: owner, body: { status: 'active' } })).body,
  ).toMatchObject({
    product: { status: 'active', version: 1 },
  });
  const listed = await sidecar.get('/api-products', { person: buyer });
  expect(listed.body).toMatchObject({ products: [{ id, price_micros: 100_000 }] });
  expect(listed.text).not.toContain(api.origin);

  const agent = {
    agent_name: 'Crypto Data Miner v1',
    agent_type: 'api_consumer',
    capabilities: ['api_calls'],
    daily_budget: 50,
  };
  const registered = await post('/api-consumer-agent/register', buyer, agent, 'mine');
  expect(registered).toMatchObject({
    status: 201,
    body: { agent: { status: 'idle', daily_budget_micros: 50_000_000 } },
  });
  expect((await post('/api-consumer-agent/register', buyer, agent, 'mine')).body).toEqual(registered.body);
  const agentId = (registered.body as { agent: { id: string } }).agent.id;
  const call = { api_product_id: id, agent_id: agentId, arguments: { city: 'Oslo' } };
  expect(codeOf(await post('/api-consumer-agent/execute', buyer, call))).toBe('not_enough_money');
  const gift = {
    owner_kind: 'person',
    owner_id: buyer.id,
    amount_micros: 1_000_000,
    reason: 'to begin with',
  };
  expect(codeOf(await post('/operator/wallets/credit', buyer, gift))).toBe('forbidden');
  expect(codeOf(await post('/operator/wallets/credit', operator, { ...gift, owner_id: operator.id }))).toBe(
    'forbidden',
  );
  for (const _ of [1, 2])
    expect((await post('/operator/wallets/credit', operator, gift, 'gift')).status).toBe(201);
  expect(codeOf(await post(`/agents/${agentId}/fund`, owner, { amount_micros: 400_000 }))).toBe('forbidden');
  for (const _ of [1, 2])
    expect((await post(`/agents/${agentId}/fund`, buyer, { amount_micros: 400_000 }, 'fund')).status).toBe(
      200,
    );
  expect(codeOf(await post('/api-consumer-agent/execute', owner, call))).toBe('forbidden');
  const done = await post('/api-consumer-agent/execute', buyer, call, 'first');
  expect(done.body).toMatchObject({
    status: 'succeeded',
    charged_micros: 100_000,
    fee_micros: 5_000,
    share_micros: 95_000,
  });
  expect((await post('/api-consumer-agent/execute', buyer, call, 'first')).body).toMatchObject({
    repeated: true,
  });
  expect(
    codeOf(await post('/api-consumer-agent/execute', buyer, { ...call, max_price_micros: 99_999 })),
  ).toBe('price_not_confirmed');
  const wallet = (of: Person, query: string) => sidecar.get(`/wallet${query}`, { person: of });
  expect((await wallet(buyer, '')).body).toMatchObject({ balance_micros: 600_000, held_micros: 0 });
  expect((await wallet(buyer, `?agent_id=${agentId}`)).body).toMatchObject({
    balance_micros: 300_000,
    charges: [{ charged_micros: 100_000 }],
  });
  expect((await wallet(owner, `?seller_id=${sellerId}`)).body).toMatchObject({
    balance_micros: 95_000,
    charges: [{ share_micros: 95_000 }],
  });
  expect(codeOf(await wallet(buyer, `?seller_id=${sellerId}`))).toBe('forbidden');
  const { execution_id: executionId } = done.body as { execution_id: string };
  const back = await post(`/operator/executions/${executionId}/refund`, operator, { reason: 'it was wrong' });
  expect(back.body).toEqual({ status: 'refunded', amount_micros: 100_000, refunded_micros: 100_000 });
  expect((await wallet(owner, `?seller_id=${sellerId}`)).body).toMatchObject({
    balance_micros: 0,
    debt_micros: 0,
  });
  await sidecar.expectSound();
});
