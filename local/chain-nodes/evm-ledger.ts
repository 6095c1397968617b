import { createHash } from 'node:crypto';
import { type Methods, RpcError } from './start-node.ts';

/** `keccak256('Transfer(address,address,uint256)')`: the same for tokens and for collectibles. */
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

export type TransferLog = {
  token: string;
  from: string;
  to: string;
  amount: bigint;
  /** A collectible: the third topic is its number, and there is no amount. */
  isCollectible?: boolean;
};
type Transaction = { hash: string; sender: string; failed: boolean; logs: readonly TransferLog[] };
type Block = {
  number: number;
  hash: string;
  parentHash: string;
  timestamp: number;
  transactions: Transaction[];
};

const hex = (value: number | bigint) => `0x${value.toString(16)}`;
const word = (value: string | bigint) =>
  `0x${(typeof value === 'bigint' ? value.toString(16) : value.replace(/^0x/, '')).padStart(64, '0').toLowerCase()}`;
const hashOf = (...parts: unknown[]) =>
  `0x${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
const ZEROS = `0x${'0'.repeat(40)}`;

/** A chain of scripted blocks. Times are of the blocks, in seconds. */
export class EvmLedger {
  readonly chainId: number;
  /** Numbers of the last blocks that are safe and final; null: none is yet. */
  safe: number | null = null;
  finalized: number | null = null;
  #blocks: Block[] = [];
  #forks = 0;
  #transactions = 0;

  constructor(chainId: number, startedAt = Math.floor(Date.now() / 1000) - 3600) {
    this.chainId = chainId;
    this.#blocks.push({
      number: 0,
      hash: hashOf(chainId),
      parentHash: word(0n),
      timestamp: startedAt,
      transactions: [],
    });
  }

  get tip(): number {
    return this.#blocks.length - 1;
  }

  /** A block with a transaction of these transfers. @returns the transaction's hash */
  pay(
    logs: readonly TransferLog[],
    options: { at?: number; failed?: boolean; sender?: string; hash?: string } = {},
  ): string {
    const { at = Math.floor(Date.now() / 1000), failed = false } = options;
    const hash = options.hash ?? hashOf(this.chainId, 'transaction', ++this.#transactions);
    const sender = options.sender ?? logs[0]?.from ?? ZEROS;
    this.mine(1, at, [{ hash, sender, failed, logs: failed ? [] : logs }]);
    return hash;
  }

  mine(count = 1, at = Math.floor(Date.now() / 1000), transactions: Transaction[] = []): void {
    for (let n = 0; n < count; n++) {
      const parent = this.#blocks.at(-1) as Block;
      const number = parent.number + 1;
      const hash = hashOf(
        this.chainId,
        number,
        parent.hash,
        this.#forks,
        transactions.map((t) => t.hash),
      );
      this.#blocks.push({
        number,
        hash,
        parentHash: parent.hash,
        timestamp: at,
        transactions: n === 0 ? transactions : [],
      });
    }
  }

  /** All there is so far becomes safe, or final. */
  settle(what: 'safe' | 'final' = 'final'): void {
    this.safe = this.tip;
    if (what === 'final') this.finalized = this.tip;
  }

  /** Takes the last blocks back, with what was in them, and mines one more than that. */
  reorganise(depth: number): void {
    this.#forks++;
    this.#blocks.splice(-depth, depth);
    this.mine(depth + 1);
  }

  #receipt(block: Block, transaction: Transaction): object {
    const about = {
      transactionHash: transaction.hash,
      blockHash: block.hash,
      blockNumber: hex(block.number),
    };
    const logs = transaction.logs.map(({ token, from, to, amount, isCollectible = false }, index) => ({
      ...about,
      address: token,
      topics: [TRANSFER, word(from), word(to), ...(isCollectible ? [word(amount)] : [])],
      data: isCollectible ? '0x' : word(amount),
      logIndex: hex(index),
      transactionIndex: '0x0',
      removed: false,
    }));
    return {
      ...about,
      from: transaction.sender,
      to: transaction.logs[0]?.token ?? ZEROS,
      contractAddress: null,
      cumulativeGasUsed: '0xc350',
      effectiveGasPrice: '0x3b9aca00',
      gasUsed: '0xc350',
      logs,
      logsBloom: `0x${'0'.repeat(512)}`,
      status: transaction.failed ? '0x0' : '0x1',
      transactionIndex: '0x0',
      type: '0x2',
    };
  }

  #show(block: Block): object {
    return {
      number: hex(block.number),
      hash: block.hash,
      parentHash: block.parentHash,
      timestamp: hex(block.timestamp),
      transactions: block.transactions.map(({ hash }) => hash),
      baseFeePerGas: '0x1',
      gasLimit: '0x1c9c380',
      gasUsed: '0xc350',
      size: '0x220',
      uncles: [],
    };
  }

  /**
   * How one node sees it.
   * @param view.behind blocks that it has not got yet
   * @param view.knowsTags whether it has heard of `safe` and `finalized`
   */
  methods(view: { behind?: number; knowsTags?: boolean } = {}): Methods {
    const { knowsTags = true } = view;
    const tip = () => Math.max(0, this.tip - (view.behind ?? 0));
    const tagged = (tag: string, number: number | null) => {
      if (!knowsTags) throw new RpcError(-32_602, `invalid argument 0: hex string without 0x prefix`);
      if (number === null) throw new RpcError(-32_000, `${tag} block not found`);
      return Math.min(number, tip());
    };
    const numberOf = (value: unknown): number => {
      if (value === 'latest' || value === 'pending') return tip();
      if (value === 'earliest') return 0;
      if (value === 'safe') return tagged('safe', this.safe);
      if (value === 'finalized') return tagged('finalized', this.finalized);
      if (typeof value === 'string' && /^0x(0|[1-9a-f][0-9a-f]*)$/.test(value)) return Number(value);
      throw new RpcError(-32_602, 'invalid argument 0: not a block number');
    };
    return {
      eth_chainId: () => hex(this.chainId),
      eth_blockNumber: () => hex(tip()),
      eth_getBlockByNumber: ([number, full]) => {
        if (typeof full !== 'boolean') throw new RpcError(-32_602, 'missing value for required argument 1');
        const block = this.#blocks[numberOf(number)];
        return block === undefined || block.number > tip() ? null : this.#show(block);
      },
      eth_getTransactionReceipt: ([hash]) => {
        if (typeof hash !== 'string' || !/^0x[0-9a-fA-F]{64}$/.test(hash))
          throw new RpcError(-32_602, 'invalid argument 0: want 64 hex digits for common.Hash');
        for (const block of this.#blocks.slice(0, tip() + 1)) {
          const found = block.transactions.find((transaction) => transaction.hash === hash.toLowerCase());
          if (found !== undefined) return this.#receipt(block, found);
        }
        return null;
      },
    };
  }
}
