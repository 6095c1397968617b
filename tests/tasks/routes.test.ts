import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEST_KEYS } from '../support/keys.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { addAgent, addProduct } from './agents.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ webhooks: false });
});
afterAll(() => sidecar.close());

const brain = (path: string, body: object, key?: string) =>
  sidecar.post(`/neural-brain/${path}`, {
    token: TEST_KEYS.secretKey,
    body,
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  });

test('what is for sale is found, assigned, and shown on the board', async () => {
  const { sql } = sidecar.database;
  const operator = await sidecar.database.signUp();
  await sql`update users set role = 'operator' where id = ${operator.id}`;
  const product = await addProduct(sql, 100_000, { title: 'Prices' });
  const agent = await addAgent(sql, { agent_name: 'Miner', max_concurrent_tasks: 2, daily_budget: 0.25 });
  const found = await brain('monitor', {});
  expect(found.body).toMatchObject({ opportunities: [{ title: 'Call Prices', target_api_id: product }] });
  const { id } = (found.body as { opportunities: { id: string }[] }).opportunities[0] ?? { id: '' };
  expect((await brain('schedule', {})).body).toEqual({ looked_at: 1, assigned: 1 });
  expect(codeOf(await brain('create-task', { opportunity_id: id }, 'again'))).toBe('purchase_closed');
  const own = { agent_id: agent, target_api_id: product, title: 'Own' };
  const made = await brain('create-task', own, 'own');
  expect(made.body).toMatchObject({
    status: 'assigned',
    task: { assigned_agent: agent, reserved_micros: 100_000 },
  });
  expect((await brain('create-task', own, 'own')).body).toMatchObject({
    task: { id: (made.body as { task: { id: string } }).task.id },
  });
  // $0.20 of $0.25 are reserved.
  expect((await brain('create-task', own, 'third')).body).toMatchObject({ status: 'waiting' });
  expect(codeOf(await brain('create-task', own))).toBe('idempotency_key_missing');

  const board = async (path: string) =>
    (await sidecar.get(`/operator/revenue/${path}`, { person: operator })).body;
  expect(await board('stats?zone=Europe/Berlin')).toMatchObject({
    today: [],
    active_agents: 1,
    tasks_24_hours: 2,
  });
  expect(await board('agents')).toMatchObject({
    agents: [{ agent_name: 'Miner', status: 'active', running_tasks: 2, reserved_micros: 200_000 }],
  });
  expect(((await board('tasks')) as { tasks: unknown[] }).tasks).toHaveLength(2);
  expect(((await board('opportunities')) as { opportunities: unknown[] }).opportunities).toHaveLength(3);
  expect(await board('over-time?from=2026-01-01&to=2026-01-31')).toEqual({ rows: [] });
  expect((await sidecar.get('/operator/revenue/stats?zone=Mars', { person: operator })).status).toBe(400);
  const state = `/operator/agents/${agent}/state`;
  expect((await sidecar.post(state, { person: operator, body: { state: 'retired' } })).body).toEqual({
    state: 'retired',
  });
  const [left] = await sql`select count(*)::int as n from brain_tasks where status = 'canceled'`;
  expect(left?.n).toBe(2);
  const stranger = await sidecar.database.signUp();
  expect((await sidecar.get('/operator/revenue/stats', { person: stranger })).status).toBe(403);
  expect((await sidecar.post('/neural-brain/monitor', { token: 'nobody', body: {} })).status).toBe(401);
});
