import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { hashApiKey, isApiKey } from '../shared/api-keys/api-key.ts';
import { readPlanCatalogue } from '../shared/catalogue/plans.ts';
import { createDatabaseClient } from '../shared/database/client.ts';
import type { Dependencies } from '../webhook-server/base/dependencies.ts';
import { createKeyUses, type KeyUse } from '../webhook-server/http/use-keys.ts';
import { addKeyedTenant } from './add-keyed-tenant.ts';
import { loadPeople } from './load-people.ts';
import { count, describeMachine, median, type Result, range, tableOf } from './results.ts';
import { startGatewayProcess } from './start-gateway-process.ts';
import { KEYS, startBenchServer } from './start-server.ts';
import { API_KEY_PEPPER, startSidecar } from './start-webhook-servers.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    quota: { type: 'string', default: '10000' },
    clients: { type: 'string', default: '64' },
    checks: { type: 'string', default: '20000' },
  },
});
const [requests, quota, clients, checks] = [
  Number(values.requests),
  Number(values.quota),
  Number(values.clients),
  Number(values.checks),
];
const ROUNDS = 3;
/** What a replica would take at once, did it lease its part of a quota. */
const BLOCK = 100;

/** So many loops, until all is asked. */
async function inParallel(
  loops: number,
  total: number,
  one: (client: number) => Promise<void>,
): Promise<void> {
  let left = total;
  const loop = async (client: number) => {
    while (left-- > 0) await one(client);
  };
  await Promise.all(Array.from({ length: loops }, (_, client) => loop(client)));
}

/** Ways to check and count, each asked by all clients of one process. */
function waysOf(url: string, hash: string) {
  const database = createDatabaseClient(url, KEYS.secretKey);
  const use: KeyUse = { hash, scope: 'usage:read', writes: false };
  const gathered = createKeyUses({ database } as Dependencies);
  const ask = (number: number) =>
    database.rpc('use_api_keys' as never, { p_uses: [{ ...use, count: number }] } as never).throwOnError();
  let [leased, waiting]: [number, Promise<unknown> | undefined] = [0, undefined];
  return {
    'gathered in one statement (the product)': async () => void (await gathered(use)),
    'a statement for each request': async () => void (await ask(1)),
    // It knows a revocation as late as the block lasts: here for what it would save, and not for use.
    [`leased in blocks of ${BLOCK}`]: async () => {
      while (leased <= 0) {
        waiting ??= Promise.resolve(ask(BLOCK)).then(() => {
          leased = BLOCK;
          waiting = undefined;
        });
        await waiting;
      }
      leased--;
    },
  };
}

const cpuMs = (from: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
};

/** By turns, so that what else the machine does falls upon all of them. */
async function compareWays(sql: postgres.Sql, url: string): Promise<Result[]> {
  const { secret, hash } = await addKeyedTenant(sql, 'usage:read', 1_000_000_000);
  const ways = Object.entries(waysOf(url, hash));
  const found = new Map(ways.map(([name]) => [name, { rates: [] as number[], cpu: [] as number[] }]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, way] of ways) {
      const [startedMs, cpu] = [performance.now(), process.cpuUsage()];
      await inParallel(clients, checks / ROUNDS, async () => {
        // What each request costs, whatever way: the checksum, and the hash.
        if (isApiKey(secret)) hashApiKey(API_KEY_PEPPER, secret);
        await way();
      });
      found.get(name)?.rates.push(((checks / ROUNDS) * 1000) / (performance.now() - startedMs));
      found.get(name)?.cpu.push(cpuMs(cpu) / (checks / ROUNDS));
    }
  }
  const own = found.get(ways[0]?.[0] ?? '')?.rates ?? [];
  return [...found].map(([name, { rates, cpu }], index) => ({
    name: `key check, ${name}`,
    value: `${count(median(rates))}/s`,
    ...(index > 0 && {
      ratio: {
        median: median(rates.map((rate, round) => rate / (own[round] ?? Number.NaN))),
        range: range(rates.map((rate, round) => rate / (own[round] ?? Number.NaN))),
        to: 'of gathered',
      },
    }),
    ...(index === 0 && { goal: { text: 'at most 0.2 ms of CPU', met: median(cpu) <= 0.2 } }),
    details: `${median(cpu).toFixed(3)} ms of CPU each in the process that asks, ${clients} clients`,
  }));
}

/** Processor time of a process so far, in milliseconds: user and system, in ticks of 10 ms. */
function processCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function get(agent: Agent, url: string, secret: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  request(url, { agent, headers: { authorization: `Bearer ${secret}` } }, (response) => {
    response.resume();
    response.once('end', () => resolve(response.statusCode ?? 0));
  })
    .once('error', reject)
    .end();
  return promise;
}

console.log(JSON.stringify(describeMachine()));
const server = await startBenchServer();
const gateway = await startGatewayProcess(server.url);
const replicas = await Promise.all([1, 2].map(() => startSidecar(gateway.url, server.url)));
async function end(): Promise<void> {
  for (const replica of replicas) await replica.end();
  await gateway[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void end().finally(() => process.exit(130)));

const { sql } = server;
await loadPeople(sql, { first: 1, people: 1, callsEach: 0, cardSeconds: 3600 });
await sql`select set_catalogue(${sql.json(readPlanCatalogue().plans as never)})`;
const results = await compareWays(sql, gateway.url);

const { id, secret } = await addKeyedTenant(sql, 'usage:read', quota);
const agent = new Agent({ keepAlive: true, maxSockets: clients });
const addresses = replicas.map(({ url }) => new URL('/v1/api-errors', url).href);
const statuses = new Map<number, number>();
const before = replicas.map(({ pid }) => processCpuMs(pid));
const startedMs = performance.now();
await inParallel(clients, requests, async (client) => {
  const status = await get(agent, addresses[client % addresses.length] ?? '', secret);
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
});
const seconds = (performance.now() - startedMs) / 1000;
const cpu = replicas.reduce((sum, { pid }, index) => sum + processCpuMs(pid) - (before[index] ?? 0), 0);
const [kept] = await sql`select used::int from private.api_allowances where tenant_id = ${id}`;
const [hours] =
  await sql`select sum(served)::int as served, sum(over_quota)::int as refused from private.api_hours where tenant_id = ${id}`;
const [served, refused] = [statuses.get(200) ?? 0, statuses.get(429) ?? 0];
results.push({
  name: `${count(requests)} requests on a quota of ${count(quota)}`,
  value: `${count(served)} served, ${count(refused)} refused`,
  goal: {
    text: `exactly ${count(Math.min(quota, requests))} served`,
    met: served === Math.min(quota, requests),
  },
  details:
    `${clients} clients, 2 replicas, ${count(requests / seconds)}/s; ${(cpu / requests).toFixed(3)} ms of CPU each in the replicas, HTTP and all; ` +
    `counted ${count(kept?.used)}, told ${count(hours?.served)} and ${count(hours?.refused)}; others ${JSON.stringify([...statuses].filter(([status]) => status !== 200 && status !== 429))}`,
});
console.log(`\n${tableOf(results)}\n`);
agent.destroy();
await end();
process.exit(served === Math.min(quota, requests) && kept?.used === served ? 0 : 1);
