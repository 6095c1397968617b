import { parseArgs } from 'node:util';
import { EvmLedger } from '../local/chain-nodes/evm-ledger.ts';
import { type ScriptedNode, startNode } from '../local/chain-nodes/start-node.ts';
import { addKeyedTenant } from './add-keyed-tenant.ts';
import { loadPeople } from './load-people.ts';
import { describeMachine, median, percentile, type Result, tableOf } from './results.ts';
import { startGatewayProcess } from './start-gateway-process.ts';
import { startBenchServer } from './start-server.ts';
import { startSidecar } from './start-webhook-servers.ts';

/** How long a payment takes to be verified, from the request to the answer; with nodes that are dead, slow or hang, too. */
const { values } = parseArgs({
  options: { payments: { type: 'string', default: '300' }, clients: { type: 'string', default: '4' } },
});
const [payments, clients] = [Number(values.payments), Number(values.clients)];
const GOAL_MS = 500;
/** A question to a node of a provider, on a good day. */
const LATENCY_MS = 20;
const [TOKEN, SHOP, ALICE] = ['c', 'd', 'e'].map((digit) => `0x${digit.repeat(40)}`) as [
  string,
  string,
  string,
];

type Chain = { name: string; about: string; amount: string; ledger: EvmLedger; nodes: ScriptedNode[] };

async function startChain(
  id: number,
  about: string,
  amount: string,
  upset: (nodes: ScriptedNode[]) => void,
  count = 2,
): Promise<Chain> {
  const ledger = new EvmLedger(910_000 + id);
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(ledger.methods())));
  for (const node of nodes) node.fail({ latencyMs: LATENCY_MS });
  upset(nodes);
  return { name: `bench-${id}`, about, amount, ledger, nodes };
}

const chains = [
  await startChain(1, 'two nodes, one is asked', '10', () => {}),
  await startChain(2, 'the first node is dead', '10', ([node]) => node?.fail({ dead: true })),
  await startChain(3, 'the first node hangs', '10', ([node]) => node?.fail({ hangs: true })),
  await startChain(4, 'a large amount, two nodes agree', '1000', () => {}),
  await startChain(
    5,
    'a large amount, three nodes, one is dead',
    '1000',
    ([node]) => node?.fail({ dead: true }),
    3,
  ),
];

/** Each payment is one of its own. @throws Error where one is not verified */
async function measure(url: string, secret: string, { name, amount, ledger }: Chain): Promise<number[]> {
  const hashes = Array.from({ length: payments }, () =>
    ledger.pay([{ token: TOKEN, from: ALICE, to: SHOP, amount: BigInt(amount) * 1_000_000n }]),
  );
  ledger.settle();
  const times: number[] = [];
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let hash = hashes.pop(); hash !== undefined; hash = hashes.pop()) {
        const startedMs = performance.now();
        const answer = await fetch(`${url}/v1/payments/verify`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${secret}`,
            'content-type': 'application/json',
            'idempotency-key': hash,
          },
          body: JSON.stringify({ chain: name, tx_hash: hash, amount, recipient: SHOP, payer: ALICE }),
        });
        const text = await answer.text();
        const { status } = JSON.parse(text) as { status?: string };
        times.push(performance.now() - startedMs);
        if (status !== 'verified') throw new Error(`${name}: ${answer.status} ${text}`);
      }
    }),
  );
  return times;
}

console.log(JSON.stringify(describeMachine()));
const server = await startBenchServer();
const gateway = await startGatewayProcess(server.url);
const token = { symbol: 'USDC', address: TOKEN, decimals: 6 };
const sidecar = await startSidecar(gateway.url, server.url, {
  CHAIN_NODES: chains.map(({ name, nodes }) => `${name}=${nodes.map(({ url }) => url).join(',')}`).join(' '),
  MORE_CHAINS: JSON.stringify(
    chains.map(({ name, ledger }) => ({ id: `eip155:${ledger.chainId}`, name, tokens: [token] })),
  ),
});
async function end(): Promise<void> {
  await sidecar.end();
  for (const node of chains.flatMap(({ nodes }) => nodes)) await node.close();
  await gateway[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void end().finally(() => process.exit(130)));

const { sql } = server;
await loadPeople(sql, { first: 1, people: 1, callsEach: 0, cardSeconds: 3600 });
const { secret } = await addKeyedTenant(sql, 'verify', 1_000_000_000);
const url = new URL(sidecar.url).origin;
const results: Result[] = [];
for (const chain of chains) {
  const times = await measure(url, secret, chain);
  const p95 = percentile(times, 0.95);
  results.push({
    name: chain.about,
    value: `p50 ${median(times).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
    goal: { text: `p95 < ${GOAL_MS} ms`, met: p95 < GOAL_MS },
    details: `${payments} payments, ${clients} at once, nodes answer after ${LATENCY_MS} ms, longest ${Math.max(...times).toFixed(0)} ms`,
  });
}
console.log(`\n${tableOf(results)}\n`);
await end();
process.exit(results.every(({ goal }) => goal?.met) ? 0 : 1);
