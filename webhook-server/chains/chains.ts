import { KNOWN_CHAINS, type KnownChain } from '../../shared/chains/known-chains.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { onceFor } from '../base/once-for.ts';
import { createEvmNode } from './evm-node.ts';
import { createNodePool, type NodePool, type PoolNode } from './node-pool.ts';
import { createSolanaNode } from './solana-node.ts';

/** A node has answered by then, with all that is asked of it. */
const TIMEOUT_MS = 3_000;

export type Chain = KnownChain & { family: 'evm' | 'solana'; pool: NodePool };

/** Two nodes of one provider differ by what stands before them, and never by the key in the address. */
const nameOf = (url: string, index: number) => `${index + 1}:${new URL(url).hostname}`;

/** The nodes of a chain, at these addresses. */
export function nodesOf({ id, blocks }: KnownChain, urls: readonly string[]): PoolNode[] {
  const [namespace, reference = ''] = id.split(':');
  return urls.map((url, index) => {
    const options = { url, timeoutMs: TIMEOUT_MS };
    const node =
      namespace === 'solana'
        ? createSolanaNode({ ...options, genesis: reference })
        : createEvmNode({ ...options, chainId: Number(reference), blocks });
    return { ...node, name: nameOf(url, index) };
  });
}

/** A chain of the table, or of those that were added to it. */
export const findKnownChain = (more: readonly KnownChain[], name: string): KnownChain | undefined =>
  [...KNOWN_CHAINS, ...more].find((chain) => chain.name === name);

function createChains({ config: { CHAIN_NODES, MORE_CHAINS }, metrics }: Dependencies): readonly Chain[] {
  return [...CHAIN_NODES].map(([name, urls]) => {
    const chain = findKnownChain(MORE_CHAINS, name);
    // The configuration is refused before (shared/config/chain-variables.ts).
    if (chain === undefined) throw new Error(`no chain is called ${name}`);
    const tell = ({ node, outcome }: { node: string; outcome: string }) => {
      metrics.chainNodeRequests.inc({ chain: name, node, outcome });
      metrics.chainNodeUp.set({ chain: name, node }, outcome === 'answered' ? 1 : 0);
    };
    const pool = createNodePool(nodesOf(chain, urls), { timeoutMs: TIMEOUT_MS, tell });
    return { ...chain, family: chain.id.startsWith('solana:') ? 'solana' : 'evm', pool };
  });
}

/** The chains that have nodes here: once for a process, so that all know which node fails. */
export const chainsOf = onceFor(createChains);

/** The chain of a name, or of an id as CAIP-2 writes it. */
export function findChain(chains: readonly Chain[], name: string): Chain | undefined {
  const wanted = name.toLowerCase();
  return chains.find((chain) => chain.name === wanted || chain.id.toLowerCase() === wanted);
}
