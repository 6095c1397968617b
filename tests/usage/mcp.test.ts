import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { doToolJob } from '../../webhook-server/mcp/do-tool-job.ts';
import { TOOLS } from '../../webhook-server/mcp/tools.ts';
import { createCustomer } from '../../webhook-server/queue/create-customer.ts';
import { rollUpUsage } from '../../webhook-server/usage/keep-usage.ts';
import type { Person } from '../support/database.ts';
import { workJobs } from '../support/queue.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { giveTime } from '../time/people.ts';
import { addTenant, talk } from './usage.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

/** The official client, signed in as somebody. */
async function connectAs({ accessToken }: { accessToken: string }, headers: Record<string, string> = {}) {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', sidecar.url), {
    requestInit: { headers: { authorization: `Bearer ${accessToken}`, ...headers } },
  });
  await client.connect(transport as Transport);
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
    const [content] = result.content;
    return {
      isError: result.isError === true,
      text: content?.type === 'text' ? content.text : '',
      result: result.structuredContent,
    };
  };
  return { client, call };
}

async function eventsOf(ownerId: string): Promise<string[]> {
  const rows = await sidecar.database
    .sql`select tool, metadata ->> 'outcome' as outcome, quantity::int, server from usage_events
    where owner_id = ${ownerId} and kind = 'tool_call' order by id`;
  expect(rows.every(({ quantity, server }) => quantity === 1 && server === 'mcp')).toBe(true);
  return rows.map(({ tool, outcome }) => `${tool}: ${outcome}`);
}
const waiting = async () =>
  (await sidecar.database.sql`select count(*)::int as n from private.tool_calls`)[0]?.n;

let person: Person;
test('the official client finds the tools, and each use of one is one event', async () => {
  person = await sidecar.database.signUp();
  await giveTime(sidecar.database.sql, person.id, 754);
  const { client, call } = await connectAs(person);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => name));
  expect(await eventsOf(person.id)).toEqual([]);
  expect((await call('check_time_balance')).result).toMatchObject({
    remaining_seconds: 754,
    free_seconds: 754,
  });
  expect((await call('get_pricing_packages')).result).toMatchObject({
    packages: expect.arrayContaining([expect.objectContaining({ id: 'starter' })]),
  });
  expect((await call('estimate_session_cost', { seconds: 3600 })).result).toMatchObject({
    cost_cents: 999,
    currency: 'usd',
  });
  await Promise.all(Array.from({ length: 5 }, () => call('check_time_balance')));
  expect(await eventsOf(person.id)).toEqual([
    'check_time_balance: ok',
    'get_pricing_packages: ok',
    'estimate_session_cost: ok',
    ...Array.from({ length: 5 }, () => 'check_time_balance: ok'),
  ]);
  expect(await waiting()).toBe(0);
  await client.close();
});

test('what a tool refuses is told in words and is one event; what never began is none', async () => {
  const someone = await sidecar.database.signUp();
  const { call } = await connectAs(someone);
  expect(await call('read_job', { job_id: crypto.randomUUID() })).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^not_found: .*job/),
  });
  expect(await eventsOf(someone.id)).toEqual(['read_job: refused']);
  for (const [name, args] of [
    ['estimate_session_cost', { seconds: -1 }],
    ['estimate_session_cost', {}],
    ['read_job', { job_id: 'x' }],
    ['drop_table', {}],
  ] as const) {
    expect(await call(name, args)).toMatchObject({ isError: true, text: expect.stringMatching(/\w+/) });
  }
  expect(await eventsOf(someone.id)).toEqual(['read_job: refused']);
  // Who was refused pays nothing.
  const [event] = await sidecar.database
    .sql`select price_micros::int as price from usage_events where owner_id = ${someone.id}`;
  expect(event?.price).toBe(0);
});

test('a tool that fails after its effect is one event, and so is one whose end nobody tells', async () => {
  const someone = await sidecar.database.signUp();
  const { call } = await connectAs(someone);
  const tool = TOOLS.find(({ name }) => name === 'check_time_balance');
  if (tool === undefined) throw new Error('no such tool');
  let effects = 0;
  const failing = vi.spyOn(tool, 'run').mockImplementation(() => {
    effects++;
    return Promise.reject(new Error('after the effect'));
  });
  expect(await call('check_time_balance')).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^internal: /),
  });
  expect(await eventsOf(someone.id)).toEqual(['check_time_balance: failed']);
  // The word of the end is lost, as where the process dies.
  const { sql } = sidecar.database;
  failing.mockImplementation(async () => {
    effects++;
    await sql`alter table usage_events add constraint broken check (false) not valid`;
    return { done: true };
  });
  expect(await call('check_time_balance')).toMatchObject({ isError: false, result: { done: true } });
  failing.mockRestore();
  await sql`alter table usage_events drop constraint broken`;
  expect(effects).toBe(2);
  expect(await waiting()).toBe(1);
  await rollUpUsage(sidecar.deps);
  expect(await waiting()).toBe(1);
  await sql`update private.tool_calls set lost_at = now() - interval '1 second'`;
  for (let round = 0; round < 2; round++) await rollUpUsage(sidecar.deps);
  expect(await eventsOf(someone.id)).toEqual([
    'check_time_balance: failed',
    'check_time_balance: unfinished',
  ]);
  // It was ours that died: nobody pays for that.
  const prices =
    await sql`select price_micros::int as price from usage_events where owner_id = ${someone.id} order by id`;
  expect(prices.map(({ price }) => price)).toEqual([null, 0]);
});

test('a tool that takes long is told of once, when it ends, however often its job runs', async () => {
  const { sql } = sidecar.database;
  const someone = await sidecar.database.signUp();
  await giveTime(sql, someone.id, 1000);
  await talk(sql, someone.id, 5, null);
  const { call } = await connectAs(someone);
  const { job_id: id } = (await call('verify_receipts')).result as { job_id: string };
  expect(await eventsOf(someone.id)).toEqual([]);
  expect((await call('read_job', { job_id: id })).result).toEqual({ status: 'under_way' });
  const job = {
    id,
    key: id,
    payload: { id, user_id: someone.id, tool: 'verify_receipts' },
    attempt: 1,
    ageSeconds: 0,
  };
  // The work was done, and the process died before the queue knew.
  await doToolJob(sidecar.deps, job);
  await workJobs(sidecar, 'tool_job', doToolJob);
  await doToolJob(sidecar.deps, job);
  expect((await call('read_job', { job_id: id })).result).toEqual({
    status: 'ended',
    result: { receipts: 1, broken: [], complete: true },
  });
  expect(await eventsOf(someone.id)).toEqual(['read_job: ok', 'verify_receipts: ok', 'read_job: ok']);
  const stranger = await connectAs(await sidecar.database.signUp());
  expect(await stranger.call('read_job', { job_id: id })).toMatchObject({ isError: true });
});

test('the steps by which the first design verifies its setup, one after the other', async () => {
  const { sql } = sidecar.database;
  // A new account: its profile is there, and gets a customer at Stripe.
  const someone = await sidecar.database.signUp();
  await workJobs(sidecar, 'create_customer', createCustomer);
  const [profile] = await sql`select stripe_customer_id as id from user_profiles where id = ${someone.id}`;
  expect((await sidecar.stripe.customers.retrieve(profile?.id)).id).toMatch(/^cus_/);
  // A tool called by MCP is an event.
  await (await connectAs(someone)).call('check_time_balance');
  const events =
    await sql`select tool_name, server_id from billing_usage_events where user_id = ${someone.id}`;
  expect([...events]).toEqual([{ tool_name: 'check_time_balance', server_id: 'mcp' }]);
  // Who has none is found, and repaired.
  await sql`update users set stripe_customer_id = null where id = ${someone.id}`;
  const without = () => sql`SELECT u.id, u.email, up.stripe_customer_id FROM auth.users u
    LEFT JOIN user_profiles up ON up.id = u.id WHERE up.stripe_customer_id IS NULL and u.id = ${someone.id}`;
  expect(await without()).toHaveLength(1);
  const operator = await sidecar.database.signUp();
  await sql`update users set role = 'operator' where id = ${operator.id}`;
  expect((await sidecar.post(`/operator/users/${someone.id}/customer`, { person: operator })).status).toBe(
    202,
  );
  await workJobs(sidecar, 'create_customer', createCustomer);
  expect(await without()).toHaveLength(0);
});

test('a tenant pays where its member says so, and nobody else can make it', async () => {
  const [owner, stranger] = [await sidecar.database.signUp(), await sidecar.database.signUp()];
  const tenantId = await addTenant(sidecar.database.sql, [owner.id]);
  const headers = { 'x-tenant-id': tenantId };
  await (await connectAs(owner, headers)).call('get_pricing_packages');
  expect(await (await connectAs(stranger, headers)).call('get_pricing_packages')).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^forbidden: /),
  });
  expect(await eventsOf(tenantId)).toEqual(['get_pricing_packages: ok']);
  expect(await eventsOf(owner.id)).toEqual([]);
});

test('a tenant at the limits of its plan begins nothing new, and is told why', async () => {
  const { sql } = sidecar.database;
  await sql`insert into plans (id, name, kind, requests_per_minute, hard_spend_per_day_micros) values ('tight', 'Tight', 'metered', 3, 5000)`;
  await sql`select set_rates('[{"kind": "tool_call", "tool": "get_pricing_packages", "price_micros_per_million": 2500000000, "valid_from": "2020-01-01"}]')`;
  const owner = await sidecar.database.signUp();
  const ofTenant = async () => {
    const tenantId = await addTenant(sql, [owner.id], 'tight');
    return { tenantId, ...(await connectAs(owner, { 'x-tenant-id': tenantId })) };
  };
  const often = await ofTenant();
  const many = await Promise.all(Array.from({ length: 8 }, () => often.call('check_time_balance')));
  expect(
    many.map(({ text }) => text.split(':')[0]).filter((code) => code === 'too_many_requests'),
  ).toHaveLength(5);
  expect(await eventsOf(often.tenantId)).toHaveLength(3);
  const dear = await ofTenant();
  const codes = [];
  for (let count = 0; count < 3; count++)
    codes.push((await dear.call('get_pricing_packages')).text.split(':')[0]);
  expect(codes[2]).toBe('spend_limit_reached');
  expect(await eventsOf(dear.tenantId)).toHaveLength(2);
  const limits = () => sidecar.get(`/usage/limits?tenant_id=${dear.tenantId}`, { person: owner });
  const spent = {
    plan_id: 'tight',
    currency: 'usd',
    requests_per_minute: 3,
    day: { spent_micros: 5000, soft_micros: null, hard_micros: 5000 },
  };
  expect((await limits()).body).toMatchObject(spent);
  await rollUpUsage(sidecar.deps);
  expect((await limits()).body).toMatchObject(spent);
  expect(codeOf(await sidecar.get(`/usage/limits?tenant_id=${dear.tenantId}`, { person }))).toBe('forbidden');
});

test('nobody without a token, many messages in one, and too many requests are refused', async () => {
  await expect(connectAs({ accessToken: 'none' })).rejects.toThrow(/not_signed_in/);
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const headers = { accept: 'application/json, text/event-stream' };
  const ask = (body: unknown, token = person.accessToken) => sidecar.post('/mcp', { token, body, headers });
  expect((await ask(ping)).body).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  expect(codeOf(await ask([ping, ping]))).toBe('invalid_request');
  expect((await sidecar.get('/mcp')).status).toBe(405);
  const strict = await startSidecar({ app: { budgets: { windowMs: 60_000, reads: 3, writes: 3 } } });
  const poor = await strict.database.signUp();
  const answers = [];
  for (let count = 0; count < 4; count++)
    answers.push(await strict.post('/mcp', { person: poor, body: ping, headers }));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(answers[3]?.headers.get('ratelimit')).toBeTruthy();
  await strict.close();
});
