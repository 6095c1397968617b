import {
  BaseError,
  BlockNotFoundError,
  createPublicClient,
  erc20Abi,
  type Hash,
  type Hex,
  HttpRequestError,
  http,
  isHash,
  LimitExceededRpcError,
  parseEventLogs,
  TimeoutError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem';
import type { Facts, Finality, Transfer } from './facts.ts';
import { limitedFetch, NodeFailure } from './limited-fetch.ts';

/** What a verification asks of a node, whatever the chain. */
export type ChainNode = {
  /** @throws NodeFailure */
  readFacts(txHash: string): Promise<Facts>;
  /** Whether it answers, and for the right chain. @throws NodeFailure */
  probe(): Promise<void>;
};

/** Why a node failed, of what viem makes of it. */
function failureOf(error: unknown): NodeFailure {
  if (error instanceof NodeFailure) return error;
  if (error instanceof BaseError) {
    const own = error.walk((cause) => cause instanceof NodeFailure);
    if (own instanceof NodeFailure) return own;
    if (error.walk((cause) => cause instanceof LimitExceededRpcError) !== null)
      return new NodeFailure('limited', 'too many requests for this node');
    if (error.walk((cause) => cause instanceof TimeoutError) !== null)
      return new NodeFailure('late', 'no answer in time');
    if (error.walk((cause) => cause instanceof HttpRequestError) !== null)
      return new NodeFailure('unreachable', 'the node is not to be reached');
    return new NodeFailure('refused', error.shortMessage);
  }
  return new NodeFailure('malformed', error instanceof Error ? error.name : 'not an answer');
}

type Client = ReturnType<typeof createPublicClient>;

/**
 * The block of a tag. Null where the node does not know the word, or has no such block yet; a node that fails otherwise does
 * not count as one that does not know.
 */
async function numberAt(client: Client, blockTag: 'safe' | 'finalized'): Promise<bigint | null> {
  try {
    return (await client.getBlock({ blockTag })).number;
  } catch (error) {
    if (error instanceof BlockNotFoundError) return null;
    const failure = failureOf(error);
    if (failure.kind !== 'refused' || failure.message.startsWith('status ')) throw failure;
    return null;
  }
}

/** A receipt that contradicts itself, or is another transaction's, is none. */
function checkReceipt(receipt: TransactionReceipt, txHash: string): void {
  const { transactionHash, blockHash, blockNumber, status, logs } = receipt;
  const fits = (of: { transactionHash: Hex | null; blockHash: Hex | null; blockNumber: bigint | null }) =>
    of.transactionHash?.toLowerCase() === txHash &&
    of.blockHash === blockHash &&
    of.blockNumber === blockNumber;
  const isWhole =
    isHash(blockHash) &&
    typeof blockNumber === 'bigint' &&
    (status === 'success' || status === 'reverted') &&
    Array.isArray(logs) &&
    transactionHash?.toLowerCase() === txHash &&
    typeof receipt.from === 'string';
  if (!isWhole || !logs.every(fits) || new Set(logs.map(({ logIndex }) => logIndex)).size < logs.length)
    throw new NodeFailure('malformed', 'the receipt contradicts itself');
}

/** All transfers of ERC-20 tokens. What only looks like one, as those of collectibles do, has another number of topics. */
function transfersOf({ logs }: TransactionReceipt): Transfer[] {
  return parseEventLogs({ abi: erc20Abi, eventName: 'Transfer', logs })
    .filter(({ removed }) => !removed)
    .map(({ logIndex, address, args }) => ({
      index: logIndex,
      token: address.toLowerCase(),
      from: [args.from.toLowerCase()],
      to: args.to.toLowerCase(),
      amount: args.value,
    }));
}

type EvmOptions = {
  url: string;
  chainId: number;
  blocks: { safe: number; final: number } | undefined;
  timeoutMs: number;
};

/** A node of an EVM chain. */
export function createEvmNode({ url, chainId, blocks, timeoutMs }: EvmOptions): ChainNode {
  const transport = http(url, { retryCount: 0, timeout: timeoutMs, fetchFn: limitedFetch });
  const client = createPublicClient({ transport, cacheTime: 0 });
  let known: Promise<void> | undefined;

  /** A node of another chain has another's transactions. Asked once: an address does not change its chain. */
  function checkChain(): Promise<void> {
    known ??= client.getChainId().then((id) => {
      if (id !== chainId) throw new NodeFailure('other_chain', `the node is of chain ${id}`);
    });
    known.catch(() => {
      known = undefined;
    });
    return known;
  }

  /** @param tags the last blocks that are safe and final, as the node said before the receipt's block was looked at */
  async function finalityOf(
    { blockNumber }: TransactionReceipt,
    [safe, finalized]: readonly (bigint | null)[],
  ): Promise<Finality> {
    const isGuessed = safe === null || finalized === null;
    const tip = isGuessed && blocks !== undefined ? await client.getBlockNumber({ cacheTime: 0 }) : 0n;
    const isPast = (tag: bigint | null | undefined, wanted: number | undefined) =>
      typeof tag === 'bigint'
        ? tag >= blockNumber
        : wanted !== undefined && tip - blockNumber + 1n >= BigInt(wanted);
    if (isPast(finalized, blocks?.final)) return 'final';
    return isPast(safe, blocks?.safe) ? 'safe' : 'seen';
  }

  async function receiptOf(hash: Hash): Promise<TransactionReceipt | null> {
    try {
      return await client.getTransactionReceipt({ hash });
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return null;
      throw error;
    }
  }

  async function read(txHash: string): Promise<Facts> {
    const [receipt, ...tags] = await Promise.all([
      receiptOf(txHash as Hash),
      numberAt(client, 'safe'),
      numberAt(client, 'finalized'),
      checkChain(),
    ]);
    if (receipt === null) return { found: false };
    checkReceipt(receipt, txHash);
    const finality = await finalityOf(receipt, tags.slice(0, 2) as (bigint | null)[]);
    // Last: a block that is still the chain's own now was it when the words above were said.
    const block = await client.getBlock({ blockNumber: receipt.blockNumber }).catch((error: unknown) => {
      if (error instanceof BlockNotFoundError) return null;
      throw error;
    });
    return {
      found: true,
      failed: receipt.status === 'reverted',
      finality,
      isCanonical: block !== null && block.hash === receipt.blockHash,
      block: receipt.blockHash,
      blockNumber: receipt.blockNumber,
      blockTimeMs: block === null ? null : Number(block.timestamp) * 1000,
      sender: receipt.from.toLowerCase(),
      transfers: transfersOf(receipt),
    };
  }

  return {
    readFacts: (txHash) =>
      read(txHash).catch((error: unknown) => {
        throw failureOf(error);
      }),
    probe: () =>
      checkChain()
        .then(() => client.getBlockNumber({ cacheTime: 0 }))
        .then(
          () => undefined,
          (error: unknown) => {
            throw failureOf(error);
          },
        ),
  };
}
