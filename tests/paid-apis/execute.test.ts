import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import {
  type Execution,
  type ExecutionRequest,
  executeProduct,
} from '../../shared/paid-apis/execute-product.ts';
import { createGuardedFetch } from '../../shared/paid-apis/guarded-fetch.ts';
import { placeOf, seal } from '../../shared/paid-apis/seal.ts';
import { testWithDatabase } from '../support/test-with-database.ts';
import { addPerson, violations } from '../time/people.ts';
import { addAgent, addSeller, walletsOf } from '../wallets/wallets.ts';
import { addProduct, sellerFixture } from './seller.ts';

const KEY = 'a key for the secrets of products';
const test = testWithDatabase
  .extend('seller', { scope: 'file' }, sellerFixture)
  .extend('scene', async ({ db, seller }) => {
    const [buyer, owner] = [await addPerson(db.sql), await addPerson(db.sql)];
    const sellerId = await addSeller(db.sql, owner);
    const wallets = walletsOf(db.sql);
    const wallet = await wallets.of('person', buyer);
    await wallets.topUp(wallet, 1_000_000);
    const apis = {
      database: db.service,
      fetch: createGuardedFetch({ allowedOrigins: [seller.origin] }),
      secretsKey: KEY,
    };
    const execute = (productId: string, more: Partial<ExecutionRequest> = {}): Promise<Execution> =>
      executeProduct(apis, {
        key: randomUUID(),
        productId,
        userId: buyer,
        args: { city: 'Oslo' },
        mayCostMicros: 200_000,
        ...more,
      });
    const product = (path: string, more: object = {}) =>
      addProduct(db.sql, {
        origin: seller.origin,
        path,
        seller_id: sellerId,
        name: `p_${randomUUID().replaceAll('-', '_')}`,
        ...more,
      });
    const sellerWallet = await wallets.of('seller', sellerId);
    return { db, seller, buyer, owner, sellerId, wallets, wallet, sellerWallet, apis, execute, product };
  });

test('what answers rightly is charged, once for a key, and shared; revenue is the fee and the share', async ({
  scene,
}) => {
  const { seller, execute, product, wallets, wallet, sellerWallet, db } = scene;
  const productId = await product('ok');
  const before = seller.requests.length;
  const first = await execute(productId, { key: `k ${wallet}` });
  expect(first).toMatchObject({
    status: 'succeeded',
    charged_micros: 100_000,
    fee_micros: 5_000,
    share_micros: 95_000,
    result: { temperature: 21.5 },
  });
  expect(await execute(productId, { key: `k ${wallet}` })).toMatchObject({ ...first, repeated: true });
  expect(seller.requests.slice(before)).toHaveLength(1);
  expect(seller.requests.at(-1)).toMatchObject({
    path: '/ok?city=Oslo',
    headers: { 'idempotency-key': first.execution_id },
  });
  expect(await wallets.has(wallet)).toEqual({ net: 900_000, held: 0 });
  expect(await wallets.has(sellerWallet)).toEqual({ net: 95_000, held: 0 });
  const revenue =
    await db.sql`select amount::text, platform_fee::text, seller_share::text, revenue_source, status from autonomous_revenue
    where api_product_id = ${productId}`;
  expect([...revenue]).toEqual([
    {
      amount: '0.100000',
      platform_fee: '0.005000',
      seller_share: '0.095000',
      revenue_source: 'api_calls',
      status: 'collected',
    },
  ]);
});

test.for([
  ['slow', 'timeout'],
  ['wrong', 'bad_answer'],
  ['words', 'bad_answer'],
  ['broken', 'server_error'],
  ['refused', 'client_error'],
  ['big', 'too_big'],
  ['bomb', 'too_big'],
  ['redirect', 'redirect'],
  ['hangup', 'unreachable'],
] as const)('a seller that answers as %s is not paid', async ([path, outcome], { scene }) => {
  const { execute, product, wallets, wallet } = scene;
  const productId = await product(path, { timeout_ms: 300 });
  expect(await execute(productId)).toMatchObject({ status: 'failed', outcome, charged_micros: 0 });
  expect(await wallets.has(wallet)).toEqual({ net: 1_000_000, held: 0 });
});

test('what our arguments caused is charged only where the seller says so, and arguments that do not fit are not sent', async ({
  scene,
}) => {
  const { execute, product, seller } = scene;
  const productId = await product('refused', { charges_client_errors: true });
  expect(await execute(productId)).toMatchObject({
    status: 'failed',
    outcome: 'client_error',
    charged_micros: 100_000,
  });
  const before = seller.requests.length;
  expect(await execute(await product('ok'), { args: { city: 7 } })).toMatchObject({
    outcome: 'bad_arguments',
    charged_micros: 0,
  });
  expect(await execute(await product('v1/{city}/now'), { args: { city: '..' } })).toMatchObject({
    outcome: 'bad_arguments',
  });
  expect(seller.requests).toHaveLength(before);
  await execute(await product('v1/{city}/now'), { args: { city: '../../etc?x=1#' } });
  expect(seller.requests.at(-1)?.path).toBe('/v1/..%2F..%2Fetc%3Fx%3D1%23/now');
});

test('a price is agreed to, money is there, and the rate holds, or nothing is called', async ({ scene }) => {
  const { execute, product, seller, wallets, wallet } = scene;
  const dear = await product('ok', { price_per_call: 0.9 });
  const before = seller.requests.length;
  await expect(execute(dear)).rejects.toMatchObject({ code: 'price_not_confirmed' });
  expect(seller.requests).toHaveLength(before);
  expect(await execute(dear, { mayCostMicros: 900_000 })).toMatchObject({ charged_micros: 900_000 });
  await expect(execute(dear, { mayCostMicros: 900_000 })).rejects.toMatchObject({ code: 'not_enough_money' });
  const rare = await product('ok', { rate_per_minute: 1, price_per_call: 0.000_001 });
  await execute(rare);
  await expect(execute(rare)).rejects.toMatchObject({ code: 'too_many_requests' });
  expect(await wallets.has(wallet)).toEqual({ net: 99_999, held: 0 });
});

test('twenty at once spend no more than there is, and twenty with one key are one', async ({ scene }) => {
  const { execute, product, wallets, wallet, db } = scene;
  const productId = await product('ok', { price_per_call: 0.15 });
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => execute(productId)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
  expect(await wallets.has(wallet)).toEqual({ net: 100_000, held: 0 });
  await wallets.topUp(wallet, 5_000_000);
  const key = randomUUID();
  await Promise.allSettled(Array.from({ length: 20 }, () => execute(productId, { key })));
  expect(await wallets.has(wallet)).toEqual({ net: 4_950_000, held: 0 });
  const [sum] =
    await db.sql`select count(*)::int as rows, sum(amount_micros)::int as micros from autonomous_revenue where api_product_id = ${productId}`;
  expect(sum).toEqual({ rows: 7, micros: 1_050_000 });
  expect(await violations(db.sql)).toEqual([]);
});

test('secrets are sent and stand nowhere in the clear; another place opens none', async ({ scene }) => {
  const { execute, product, seller, db, sellerId, apis } = scene;
  const productId = await product('ok', { headers: { authorization: 'Bearer {{token}}' } });
  const sealed = seal('s3cret-of-the-seller', KEY, placeOf(productId, 'token'));
  await db.sql`select save_api_product(null, ${sellerId}, ${productId}, '{}', ${db.sql.json({ token: sealed })})`;
  expect(await execute(productId)).toMatchObject({ status: 'succeeded' });
  expect(seller.requests.at(-1)?.headers.authorization).toBe('Bearer s3cret-of-the-seller');
  const rows =
    await db.sql`select to_jsonb(p)::text || (select string_agg(to_jsonb(v)::text, '') from api_product_versions v)
    || (select string_agg(to_jsonb(s)::text, '') from private.api_secrets s) || (select string_agg(to_jsonb(e)::text, '') from api_executions e) as text
    from api_products p where id = ${productId}`;
  expect(rows[0]?.text).not.toContain('s3cret');
  const other = await product('ok', { headers: { authorization: 'Bearer {{token}}' } });
  await db.sql`select save_api_product(null, ${sellerId}, ${other}, '{}', ${db.sql.json({ token: sealed })})`;
  expect(await execute(other)).toMatchObject({ outcome: 'bad_arguments', charged_micros: 0 });
  await expect(
    executeProduct(
      { ...apis, secretsKey: undefined },
      { key: randomUUID(), productId, userId: scene.buyer, args: {}, mayCostMicros: 1e6 },
    ),
  ).resolves.toMatchObject({ outcome: 'bad_arguments' });
});

test('a new price is a new version, and what has begun keeps its own', async ({ scene }) => {
  const { product, db, sellerId, buyer, wallets, wallet } = scene;
  const productId = await product('ok');
  const [begun] =
    await db.sql`select begin_execution('old', ${productId}, ${buyer}, p_may_cost_micros => 100000) as answer`;
  await db.sql`select save_api_product(null, ${sellerId}, ${productId}, '{"price_per_call": 0.5}')`;
  const [ended] =
    await db.sql`select finish_execution(${begun?.answer.execution_id}, 'ok', 200, 1, 1, '{}') as answer`;
  expect(ended?.answer).toMatchObject({ version: 1, charged_micros: 100_000 });
  expect(await wallets.has(wallet)).toEqual({ net: 900_000, held: 0 });
  const versions =
    await db.sql`select version, (described ->> 'price_micros')::int as price from api_product_versions where product_id = ${productId} order by 1`;
  expect([...versions]).toEqual([
    { version: 1, price: 100_000 },
    { version: 2, price: 500_000 },
  ]);
});

test('what is lost with its worker is not charged, also when it answers late, and a refund turns share, fee and revenue back', async ({
  scene,
}) => {
  const { product, db, buyer, execute, wallets, wallet, sellerWallet } = scene;
  const productId = await product('ok');
  const [begun] =
    await db.sql`select begin_execution('lost', ${productId}, ${buyer}, p_may_cost_micros => 100000) as answer`;
  expect(await wallets.has(wallet)).toEqual({ net: 1_000_000, held: 100_000 });
  await db.sql`update api_executions set lease_until = now() - interval '1 second' where key = 'lost'`;
  await db.sql`select reap_executions()`;
  expect(await wallets.has(wallet)).toEqual({ net: 1_000_000, held: 0 });
  const [late] =
    await db.sql`select finish_execution(${begun?.answer.execution_id}, 'ok', 200, 1, 1, '{}') as answer`;
  expect(late?.answer).toMatchObject({ status: 'failed', outcome: 'lost', charged_micros: 0 });

  const { execution_id: id } = await execute(productId);
  const operator = await addPerson(db.sql);
  await db.sql`update users set role = 'operator' where id = ${operator}`;
  const refund = async (micros: number | null, key: string) =>
    (
      await db.sql`select refund_execution(${operator}, ${id}, 'it was wrong', ${key}, ${micros}) as answer`
    )[0]?.answer;
  expect(await refund(40_000, 'a')).toMatchObject({ status: 'refunded', amount_micros: 40_000 });
  expect(await refund(40_000, 'a')).toMatchObject({ status: 'refunded', refunded_micros: 40_000 });
  expect(await refund(null, 'b')).toMatchObject({
    status: 'refunded',
    amount_micros: 60_000,
    refunded_micros: 100_000,
  });
  expect((await refund(null, 'c')).status).toBe('more_than_charged');
  expect(await wallets.has(wallet)).toEqual({ net: 1_000_000, held: 0 });
  expect(await wallets.has(sellerWallet)).toEqual({ net: 0, held: 0 });
  const [sum] =
    await db.sql`select count(*)::int as rows, sum(amount)::float8 as amount, sum(platform_fee)::float8 as fee from autonomous_revenue where api_product_id = ${productId}`;
  expect(sum).toEqual({ rows: 3, amount: 0, fee: 0 });
  expect(await violations(db.sql)).toEqual([]);
});

test('an agent pays from its own wallet, which who it works for fills; a tenant’s product is for the tenant; who offers one tries it free', async ({
  scene,
}) => {
  const { product, db, buyer, owner, execute, wallets, wallet } = scene;
  const productId = await product('ok');
  const agentId = await addAgent(db.sql, buyer);
  await expect(execute(productId, { agentId })).rejects.toMatchObject({ code: 'not_enough_money' });
  const fund = async (userId: string) =>
    (await db.sql`select fund_agent(${userId}, ${agentId}, 250000, 'first') as answer`)[0]?.answer.status;
  expect(await fund(owner)).toBe('not_allowed');
  await expect(execute(productId, { agentId, userId: owner })).rejects.toMatchObject({ code: 'forbidden' });
  expect(await fund(buyer)).toBe('transferred');
  expect(await fund(buyer)).toBe('transferred');
  expect(await execute(productId, { agentId })).toMatchObject({ status: 'succeeded' });
  expect(await wallets.has(await wallets.of('agent', agentId))).toEqual({ net: 150_000, held: 0 });
  expect(await wallets.has(wallet)).toEqual({ net: 750_000, held: 0 });

  const draft = await product('ok', { status: 'draft' });
  await expect(execute(draft)).rejects.toMatchObject({ code: 'not_found' });
  await expect(execute(draft, { isTrial: true, mayCostMicros: 0 })).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(await execute(draft, { isTrial: true, userId: owner, mayCostMicros: 0 })).toMatchObject({
    status: 'succeeded',
    charged_micros: 0,
  });
});
