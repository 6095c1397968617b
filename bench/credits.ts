import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { addKeyedTenant, type KeyedTenant } from './add-keyed-tenant.ts';
import { loadPeople } from './load-people.ts';
import { count, describeMachine, median, type Result, range, tableOf } from './results.ts';
import { startGatewayProcess } from './start-gateway-process.ts';
import { startBenchServer } from './start-server.ts';
import { startBareInsert, startSidecar } from './start-webhook-servers.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '10000' }, clients: { type: 'string', default: '64' } },
});
const [requests, clients] = [Number(values.requests), Number(values.clients)];
const ROUNDS = 3;
/** Half of the requests burn the last credit of a tenant whose plan has none beyond; the others are refused. */
const ENOUGH_FOR = Math.floor(requests / 2);

/** A tenant whose plan includes so much, with a paid period and a key. */
const addTenant = (sql: postgres.Sql, planId: string): Promise<KeyedTenant> =>
  addKeyedTenant(sql, 'usage:write', null, async (tx, id) => {
    await tx`insert into subscriptions (id, tenant_id, plan_id, status, current_period_start, current_period_end)
      values (${`sub_${id}`}, ${id}, ${planId}, 'active', now(), now() + interval '30 days')`;
    await tx`select private.grant_credits(id, current_period_start, current_period_end, 'in_bench') from subscriptions where tenant_id = ${id}`;
  });

const agent = new Agent({ keepAlive: true, maxSockets: clients });

/** Sends until it is answered: whoever is told that too many ask at once comes again. */
async function post(url: string, secret: string, body: object): Promise<{ status: number; text: string }> {
  for (;;) {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
    request(url, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .once('error', reject)
      .end(JSON.stringify(body));
    const answer = await promise;
    if (answer.status !== 503) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function inParallel(
  loops: number,
  total: number,
  one: (client: number) => Promise<void>,
): Promise<number> {
  let left = total;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: loops }, async (_, client) => {
      while (left-- > 0) await one(client);
    }),
  );
  return (total * 1000) / (performance.now() - startedMs);
}

const eventOf = ({ id }: KeyedTenant) => ({ tenant_id: id, event_type: 'tool_call', units: 1 });
const remainingOf = async (sql: postgres.Sql, { id }: KeyedTenant) =>
  (
    await sql`select (balance - debt)::int as left from accounts where tenant_id = ${id} and unit = 'credit'`
  )[0]?.left as number;

async function oneKey(sql: postgres.Sql, url: string): Promise<Result> {
  const tenant = await addTenant(sql, 'credits_pro');
  const body = { ...eventOf(tenant), idempotency_key: 'once' };
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(url, tenant.secret, body)));
  const burned = 1_000_000 - (await remainingOf(sql, tenant));
  const bodies = new Set(answers.map(({ status, text }) => `${status} ${text}`));
  return {
    name: '100 at once with one key',
    value: `${burned} burned`,
    goal: { text: 'one burn, one answer', met: burned === 1 && bodies.size === 1 },
    details: [...bodies].join('; '),
  };
}

async function toTheLast(sql: postgres.Sql, url: string): Promise<Result> {
  await sql`insert into billing_plans (code, base_price_cad, included_credits) values ('BENCH', 1, ${ENOUGH_FOR})`;
  const tenant = await addTenant(sql, 'credits_bench');
  const statuses = new Map<number, number>();
  let lowest = 0;
  const rate = await inParallel(clients, requests, async () => {
    const { status, text } = await post(url, tenant.secret, eventOf(tenant));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 200) lowest = Math.min(lowest, JSON.parse(text).remaining_credits);
  });
  const left = await remainingOf(sql, tenant);
  return {
    name: `${count(requests)} requests on ${count(ENOUGH_FOR)} credits, none beyond`,
    value: `${count(statuses.get(200) ?? 0)} burned, ${count(statuses.get(402) ?? 0)} refused, ${left} left`,
    goal: {
      text: 'exact, and never below zero',
      met: statuses.get(200) === ENOUGH_FOR && left === 0 && lowest === 0,
    },
    details: `${clients} clients, ${count(rate)}/s; statuses ${JSON.stringify([...statuses])}`,
  };
}

/** By turns, so that what else the machine does falls upon all of them. */
async function compare(sql: postgres.Sql, url: string, bareUrl: string): Promise<Result[]> {
  const one = await addTenant(sql, 'credits_enterprise');
  const many: KeyedTenant[] = [];
  for (let n = 0; n < clients; n++) many.push(await addTenant(sql, 'credits_enterprise'));
  const ways = {
    'a bare route that inserts one row': () => post(bareUrl, '', eventOf(one)),
    'usage/track, all of one tenant': () => post(url, one.secret, eventOf(one)),
    [`usage/track, of ${clients} tenants`]: (client: number) => {
      const tenant = many[client] ?? one;
      return post(url, tenant.secret, eventOf(tenant));
    },
  };
  const found = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const rate = await inParallel(clients, Math.ceil(requests / ROUNDS), async (client) => {
        const { status, text } = await way(client);
        if (status !== 200) throw new Error(`${name}: ${status} ${text}`);
      });
      found.get(name)?.push(rate);
    }
  }
  const [bare = []] = found.values();
  const left = await remainingOf(sql, one);
  const results: Result[] = [...found].map(([name, rates], index) => ({
    name,
    value: `${count(median(rates))}/s`,
    ...(index > 0 && {
      ratio: {
        median: median(rates.map((rate, round) => rate / (bare[round] ?? Number.NaN))),
        range: range(rates.map((rate, round) => rate / (bare[round] ?? Number.NaN))),
        to: 'of the bare route',
      },
    }),
    details: `${clients} clients`,
  }));
  const sent = ROUNDS * Math.ceil(requests / ROUNDS);
  results.push({
    name: 'what is left of one tenant',
    value: count(left),
    goal: { text: `exactly ${count(5_000_000 - sent)}`, met: left === 5_000_000 - sent },
  });
  return results;
}

console.log(JSON.stringify(describeMachine()));
const server = await startBenchServer();
const gateway = await startGatewayProcess(server.url);
const sidecar = await startSidecar(gateway.url, server.url);
const { sql } = server;
await loadPeople(sql, { first: 1, people: 1, callsEach: 0, cardSeconds: 3600 });
await sql`create table bench.bare (id bigint generated always as identity primary key, tenant_id uuid not null,
  event_type text not null, units numeric not null, at timestamptz not null default now())`;
const bare = await startBareInsert(server.url);
async function end(): Promise<void> {
  agent.destroy();
  for (const process of [bare, sidecar]) await process.end();
  await gateway[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void end().finally(() => process.exit(130)));

const url = new URL('/usage/track', sidecar.url).href;
const results = [await oneKey(sql, url), await toTheLast(sql, url), ...(await compare(sql, url, bare.url))];
const broken = await sql`select * from audit_invariants()`;
results.push({
  name: 'the audit',
  value: `${broken.length} violations`,
  goal: { text: 'none', met: broken.length === 0 },
});
console.log(`\n${tableOf(results)}\n`);
await end();
process.exit(results.every(({ goal }) => goal?.met !== false) ? 0 : 1);
