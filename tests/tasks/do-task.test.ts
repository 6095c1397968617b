import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { createGuardedFetch } from '../../shared/paid-apis/guarded-fetch.ts';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import { createTaskHandler } from '../../webhook-server/tasks/do-task.ts';
import { addProduct, sellerFixture } from '../paid-apis/seller.ts';
import { testWithDatabase } from '../support/test-with-database.ts';
import { addPerson, violations } from '../time/people.ts';
import { addSeller, walletsOf } from '../wallets/wallets.ts';
import { addAgent, budgetOf, task as create } from './agents.ts';

const quiet = { info() {}, warn() {}, error() {} };

const test = testWithDatabase
  .extend('seller', { scope: 'file' }, sellerFixture)
  .extend('scene', async ({ db, seller }) => {
    const { sql } = db;
    const sellerId = await addSeller(sql, await addPerson(sql));
    const agent = await addAgent(sql, { daily_budget: 1, max_concurrent_tasks: 10 });
    const wallets = walletsOf(sql);
    await wallets.topUp(await wallets.of('agent', agent), 1_000_000);
    const apis = {
      database: db.service,
      fetch: createGuardedFetch({ allowedOrigins: [seller.origin] }),
      secretsKey: undefined,
    };
    const handle = createTaskHandler(apis);
    const run = (taskId: string, database: DatabaseClient = db.service) =>
      handle({ database, logger: quiet } as unknown as Dependencies, {
        ...{ id: randomUUID(), key: taskId, payload: { task_id: taskId }, attempt: 1, ageSeconds: 0 },
      });
    const assign = async (path: string, more: object = {}) => {
      const name = `p_${randomUUID().replaceAll('-', '_')}`;
      const product = await addProduct(sql, { origin: seller.origin, path, seller_id: sellerId, name });
      const request = { agent_id: agent, target_api_id: product, input: { city: 'Oslo' }, ...more };
      return (await create(sql, request, name)).task?.id ?? '';
    };
    const stateOf = async (id: string) =>
      (
        await sql`select status, attempts, charged_micros::int as charged, result from brain_tasks where id = ${id}`
      )[0];
    return { db, agent, run, assign, stateOf };
  });

test('is charged once for each call, and the budget has what the books have', async ({ scene }) => {
  const { db, agent, run, assign, stateOf } = scene;
  const id = await assign('/ok', { quantity: 2 });
  expect(await run(id)).toBe('completed');
  expect(await run(id)).toBe('ended');
  const done = await stateOf(id);
  const [books] =
    await db.sql`select sum(amount_micros)::int as sum, count(*)::int as n from autonomous_revenue where task_id = ${id}`;
  expect(done).toMatchObject({ status: 'completed', charged: books?.sum, result: { calls: 2 } });
  expect(books?.n).toBe(2);
  expect(await budgetOf(db.sql, agent)).toMatchObject({
    reserved: 0,
    spent: books?.sum,
    running_tasks: 0,
    status: 'idle',
  });
  expect(await violations(db.sql)).toEqual([]);
});

test('a worker that dies after it was charged, and before it told: the next one finds it, and nothing is charged twice', async ({
  scene,
}) => {
  const { db, agent, run, assign, stateOf } = scene;
  const id = await assign('/ok');
  const dying = Object.create(db.service) as DatabaseClient;
  Object.defineProperty(dying, 'rpc', {
    value: (name: string, args: object) =>
      name === 'end_task'
        ? Promise.reject(new Error('killed'))
        : db.service.rpc(name as never, args as never),
  });
  await expect(run(id, dying)).rejects.toThrow('killed');
  expect(await run(id)).toBe('under_way');
  await db.sql`update brain_tasks set lost_at = now() where id = ${id}`;
  await db.sql`select reap_tasks()`;
  expect(await run(id)).toBe('completed');
  const [books] =
    await db.sql`select sum(amount_micros)::int as sum, count(*)::int as n from autonomous_revenue where task_id = ${id}`;
  expect(books?.n).toBe(1);
  expect(await stateOf(id)).toMatchObject({ attempts: 2, charged: books?.sum });
  expect(await budgetOf(db.sql, agent)).toMatchObject({ reserved: 0, spent: books?.sum });
});

test('what is simulated moves nothing and says so', async ({ scene }) => {
  const { db, run, assign, stateOf } = scene;
  const trader = await addAgent(db.sql, { agent_type: 'volume_generator', daily_budget: 0 });
  const id = await assign('/ok', { agent_id: trader, task_type: 'simulation' });
  expect(await run(id)).toBe('completed');
  expect(await stateOf(id)).toMatchObject({ charged: 0, result: { is_simulation: true } });
  const [rows] = await db.sql`select count(*)::int as n from autonomous_revenue where task_id = ${id}`;
  expect(rows?.n).toBe(0);
});
