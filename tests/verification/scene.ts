import type { z } from 'zod';
import { EvmLedger, type TransferLog } from '../../local/chain-nodes/evm-ledger.ts';
import { SolanaLedger } from '../../local/chain-nodes/solana-ledger.ts';
import { type ScriptedNode, startNode } from '../../local/chain-nodes/start-node.ts';
import type { verifyPaymentResponse } from '../../shared/api/verification.ts';
import { API_SCOPES } from '../../shared/api-keys/api-key.ts';
import { KNOWN_CHAINS } from '../../shared/chains/known-chains.ts';
import { type Answer, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { addTenant } from '../usage/usage.ts';

const address = (n: number) => `0x${n.toString(16).padStart(40, 'a')}`;
export const [SHOP, ALICE, BOB, RELAYER, FAKE_TOKEN] = [0x501, 0xa11ce, 0xb0b, 0x4e1a, 0xfa4e].map(
  address,
) as [string, string, string, string, string];
/** Begins and ends as the shop does. */
export const SHOP_LOOKALIKE = `${SHOP.slice(0, 8)}${'1'.repeat(26)}${SHOP.slice(-8)}`;
export const TOKEN = address(0xc01);
export const [SOL_SHOP, SOL_ALICE, SOL_BOB, SOL_FAKE_MINT] = ['6', '7', '8', '9'].map((digit) =>
  digit.repeat(43),
) as [string, string, string, string];
export const USDC_MINT = KNOWN_CHAINS.find(({ name }) => name === 'solana')?.tokens[0]?.address ?? '';
const GENESIS = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d';
export const usdc = (amount: number): bigint => BigInt(Math.round(amount * 1e6));

/** Chains of the tests' own, each with two nodes that no other test has upset. */
const CHAINS = 40;
const SOLANAS = 8;

export type EvmScene = {
  chain: string;
  ledger: EvmLedger;
  nodes: [ScriptedNode, ScriptedNode];
  /** What Alice pays the shop, or anything else. @returns the hash */
  pay(amount: bigint, more?: Partial<TransferLog>, options?: Parameters<EvmLedger['pay']>[1]): string;
};
export type SolanaScene = { chain: string; ledger: SolanaLedger; nodes: [ScriptedNode, ScriptedNode] };
type Verdict = z.output<typeof verifyPaymentResponse>;
export type Asked = { answer: Answer; verdict: Verdict };
export type Scene = Awaited<ReturnType<typeof startScene>>;

async function startEvm(n: number): Promise<EvmScene> {
  const ledger = new EvmLedger(900_000 + n);
  const nodes: [ScriptedNode, ScriptedNode] = [
    await startNode(ledger.methods()),
    await startNode(ledger.methods()),
  ];
  return {
    chain: `test-${n}`,
    ledger,
    nodes,
    pay: (amount, more = {}, options = {}) =>
      ledger.pay([{ token: TOKEN, from: ALICE, to: SHOP, amount, ...more }], options),
  };
}

/** As CAIP-2 has it, a network of its own: the first characters of the genesis hash. */
const genesisOf = (n: number) => `${'ABCDEFGH'[n]}${GENESIS.slice(1)}`;

async function startSolana(n: number): Promise<SolanaScene> {
  const ledger = new SolanaLedger(genesisOf(n));
  const nodes: [ScriptedNode, ScriptedNode] = [
    await startNode(ledger.methods()),
    await startNode(ledger.methods()),
  ];
  return { chain: `solana-${n}`, ledger, nodes };
}

/** A sidecar with chains of which each node does what the test says, and a tenant with a key. */
export async function startScene() {
  const evm = await Promise.all(Array.from({ length: CHAINS }, (_, n) => startEvm(n)));
  const solana = await Promise.all(Array.from({ length: SOLANAS }, (_, n) => startSolana(n)));
  const bnb = new EvmLedger(56);
  const old = new EvmLedger(137);
  const single = [
    await startNode(bnb.methods()),
    await startNode(old.methods({ knowsTags: false })),
  ] as const;
  const usdcOf = (token: string) => [{ symbol: 'USDC', address: token, decimals: 6 }];
  const more = [
    ...evm.map(({ chain, ledger }) => ({
      id: `eip155:${ledger.chainId}`,
      name: chain,
      tokens: usdcOf(TOKEN),
    })),
    ...solana.map(({ chain }, n) => ({
      id: `solana:${genesisOf(n).slice(0, 32)}`,
      name: chain,
      tokens: usdcOf(USDC_MINT),
    })),
  ];
  const urls = (nodes: readonly ScriptedNode[]) => nodes.map(({ url }) => url);
  const sidecar = await startSidecar({
    config: {
      CHAIN_NODES: new Map([
        ...[...evm, ...solana].map(({ chain, nodes }) => [chain, urls(nodes)] as const),
        ['bnb', [single[0].url]],
        ['polygon', [single[1].url]],
      ]),
      MORE_CHAINS: more as never,
    },
  });
  const tenant = await addKey(sidecar);
  let [nextEvm, nextSolana, key] = [0, 0, 0];

  const ask = async (
    body: object,
    idempotencyKey = `key ${++key}`,
    token = tenant.secret,
  ): Promise<Asked> => {
    const headers = { 'idempotency-key': idempotencyKey };
    const answer = await sidecar.post('/v1/payments/verify', { token, body, headers });
    return { answer, verdict: answer.body as Verdict };
  };
  return {
    sidecar,
    tenant,
    bnb,
    old,
    ask,
    evm: () => evm[nextEvm++] ?? fail(),
    solana: () => solana[nextSolana++] ?? fail(),
    async eventsOf(tenantId = tenant.tenantId): Promise<number> {
      const [row] = await sidecar.database.sql<{ n: number }[]>`select count(*)::int as n from usage_events
        where tenant_id = ${tenantId} and tool = 'payments.verify' and kind = 'tool_call'`;
      return row?.n ?? 0;
    },
    async close() {
      await sidecar.close();
      for (const node of [...evm, ...solana].flatMap(({ nodes }) => nodes)) await node.close();
      for (const node of single) await node.close();
    },
  };
}

const fail = (): never => {
  throw new Error('more chains are needed');
};

/** A tenant, with a key that may do everything. */
export async function addKey(sidecar: TestSidecar, scopes: readonly string[] = API_SCOPES) {
  const owner = await sidecar.database.signUp();
  const tenantId = await addTenant(sidecar.database.sql, [owner.id]);
  const made = await sidecar.post(`/tenants/${tenantId}/api-keys`, {
    person: owner,
    body: { name: 'Shop', scopes },
  });
  return { owner, tenantId, secret: (made.body as { secret: string }).secret };
}
