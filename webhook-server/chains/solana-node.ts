import { createSolanaRpcFromTransport, type RpcTransport, signature } from '@solana/kit';
import { z } from 'zod';
import type { ChainNode } from './evm-node.ts';
import type { Facts, Finality, Transfer } from './facts.ts';
import { limitedFetch, NodeFailure } from './limited-fetch.ts';

const balance = z.object({
  accountIndex: z.coerce.number().int(),
  mint: z.string(),
  owner: z.string(),
  uiTokenAmount: z.object({ amount: z.string().regex(/^\d{1,20}$/) }),
});
/** What we need of a transaction. Of a node that leaves out the owners of accounts nothing can be said. */
const transactionSchema = z.object({
  slot: z.coerce.bigint(),
  blockTime: z.coerce.number().nullish(),
  meta: z.object({
    err: z.unknown(),
    preTokenBalances: z.array(balance).nullish(),
    postTokenBalances: z.array(balance).nullish(),
  }),
  transaction: z.object({
    signatures: z.array(z.string()).min(1),
    message: z.object({ accountKeys: z.array(z.object({ pubkey: z.string() })).min(1) }),
  }),
});
type Transaction = z.infer<typeof transactionSchema>;

/**
 * What came to whom: by mint and owner, from what their token accounts held before and after. So it does not matter by which
 * program and over how many steps it went, nor what a token keeps of each transfer: what counts is what arrived.
 */
function solanaTransfers({ meta }: Transaction): Transfer[] {
  type Change = { mint: string; owner: string; amount: bigint; index: number };
  const changes = new Map<string, Change>();
  const add = (list: z.infer<typeof balance>[], sign: bigint) => {
    for (const { mint, owner, accountIndex, uiTokenAmount } of list) {
      const key = `${mint} ${owner}`;
      const change = changes.get(key) ?? { mint, owner, amount: 0n, index: accountIndex };
      change.amount += sign * BigInt(uiTokenAmount.amount);
      change.index = Math.min(change.index, accountIndex);
      changes.set(key, change);
    }
  };
  add(meta.preTokenBalances ?? [], -1n);
  add(meta.postTokenBalances ?? [], 1n);
  const all = [...changes.values()];
  return all
    .filter(({ amount }) => amount > 0n)
    .map(({ mint, owner, amount, index }) => ({
      index,
      token: mint,
      from: all.filter((other) => other.mint === mint && other.amount < 0n).map((other) => other.owner),
      to: owner,
      amount,
    }))
    .toSorted((a, b) => a.index - b.index);
}

function transportTo(url: string): RpcTransport {
  return async <Answer>({ payload, signal }: Parameters<RpcTransport>[0]): Promise<Answer> => {
    const response = await limitedFetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)),
      ...(signal !== undefined && { signal }),
    });
    return (await response.json()) as Answer;
  };
}

function failureOf(error: unknown): NodeFailure {
  if (error instanceof NodeFailure) return error;
  if (!(error instanceof Error)) return new NodeFailure('malformed', 'not an answer');
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return new NodeFailure('late', 'no answer in time');
  if (error.name === 'SolanaError') return new NodeFailure('refused', error.message.slice(0, 100));
  if (error instanceof TypeError && error.cause !== undefined)
    return new NodeFailure('unreachable', 'the node is not to be reached');
  return new NodeFailure('malformed', error.name);
}

/** A node of Solana. @param genesis the beginning of the hash of the first block, which tells its networks apart */
export function createSolanaNode({
  url,
  genesis,
  timeoutMs,
}: {
  url: string;
  genesis: string;
  timeoutMs: number;
}): ChainNode {
  const rpc = createSolanaRpcFromTransport(transportTo(url));
  const soon = () => ({ abortSignal: AbortSignal.timeout(timeoutMs) });
  let known: Promise<void> | undefined;

  function checkChain(): Promise<void> {
    known ??= rpc
      .getGenesisHash()
      .send(soon())
      .then((hash) => {
        if (!hash.startsWith(genesis)) throw new NodeFailure('other_chain', 'the node is of another network');
      });
    known.catch(() => {
      known = undefined;
    });
    return known;
  }

  async function at(commitment: 'confirmed' | 'finalized', txHash: string): Promise<Transaction | null> {
    const options = { commitment, maxSupportedTransactionVersion: 0, encoding: 'jsonParsed' } as const;
    const answer: unknown = await rpc.getTransaction(signature(txHash), options).send(soon());
    if (answer === null) return null;
    const transaction = transactionSchema.parse(answer);
    if (transaction.transaction.signatures[0] !== txHash)
      throw new NodeFailure('malformed', 'this is another transaction');
    return transaction;
  }

  async function read(txHash: string): Promise<Facts> {
    const [confirmed, finalized] = await Promise.all([
      at('confirmed', txHash),
      at('finalized', txHash),
      checkChain(),
    ]);
    const transaction = finalized ?? confirmed;
    if (transaction === null) return { found: false };
    const { slot, blockTime, meta } = transaction;
    const finality: Finality = finalized === null ? 'safe' : 'final';
    return {
      found: true,
      failed: meta.err !== null && meta.err !== undefined,
      finality,
      isCanonical: true,
      block: String(slot),
      blockNumber: slot,
      blockTimeMs: blockTime === null || blockTime === undefined ? null : blockTime * 1000,
      sender: transaction.transaction.message.accountKeys[0]?.pubkey ?? '',
      transfers: solanaTransfers(transaction),
    };
  }

  return {
    readFacts: (txHash) =>
      read(txHash).catch((error: unknown) => {
        throw failureOf(error);
      }),
    probe: () =>
      checkChain().catch((error: unknown) => {
        throw failureOf(error);
      }),
  };
}
