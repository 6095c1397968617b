import { type Methods, RpcError } from './start-node.ts';

type TokenBalance = { account: number; mint: string; owner: string; before: bigint; after: bigint };
type Scripted = {
  signature: string;
  /** Addresses of the accounts; the first one pays the fee. */
  accounts: readonly string[];
  balances: readonly TokenBalance[];
  err: unknown;
  blockTime: number | null;
  commitment: 'processed' | 'confirmed' | 'finalized';
};

const LEVELS = ['processed', 'confirmed', 'finalized'];
const PARAMS = -32_602;

/** Transactions as `getTransaction` answers them in the encoding `jsonParsed`. */
export class SolanaLedger {
  readonly genesis: string;
  #transactions = new Map<string, Scripted & { slot: number }>();
  #slot = 300_000_000;

  constructor(genesis: string) {
    this.genesis = genesis;
  }

  add(scripted: Partial<Scripted> & Pick<Scripted, 'signature' | 'balances'>): string {
    const { signature } = scripted;
    this.#transactions.set(signature, {
      accounts: [scripted.balances.find(({ before, after }) => after < before)?.owner ?? '1'.repeat(32)],
      err: null,
      blockTime: Math.floor(Date.now() / 1000),
      commitment: 'finalized',
      ...scripted,
      slot: ++this.#slot,
    });
    return signature;
  }

  /** The cluster has come to agree on it. */
  advance(signature: string, commitment: Scripted['commitment']): void {
    const transaction = this.#transactions.get(signature);
    if (transaction !== undefined) transaction.commitment = commitment;
  }

  /** The fork with it was given up. */
  drop(signature: string): void {
    this.#transactions.delete(signature);
  }

  #show({ signature, accounts, balances, err, blockTime, slot }: Scripted & { slot: number }): object {
    const side = (which: 'before' | 'after') =>
      balances
        .filter((balance) => balance[which] > 0n || balance.before === balance.after)
        .map(({ account, mint, owner, [which]: amount }) => ({
          accountIndex: account,
          mint,
          owner,
          programId: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
          uiTokenAmount: { amount: String(amount), decimals: 6, uiAmount: null, uiAmountString: '' },
        }));
    return {
      slot,
      blockTime,
      version: 0,
      meta: {
        err,
        fee: 5000,
        innerInstructions: [],
        logMessages: [],
        preBalances: [],
        postBalances: [],
        preTokenBalances: side('before'),
        postTokenBalances: side('after'),
        status: err === null ? { Ok: null } : { Err: err },
      },
      transaction: {
        signatures: [signature],
        message: {
          accountKeys: accounts.map((pubkey) => ({
            pubkey,
            signer: true,
            writable: true,
            source: 'transaction',
          })),
          instructions: [],
          recentBlockhash: '1'.repeat(32),
        },
      },
    };
  }

  methods(): Methods {
    return {
      getGenesisHash: () => this.genesis,
      getSlot: () => this.#slot,
      getTransaction: ([signature, options]) => {
        const { commitment = 'finalized', maxSupportedTransactionVersion } = (options ?? {}) as Record<
          string,
          unknown
        >;
        if (typeof signature !== 'string' || !/^[1-9A-HJ-NP-Za-km-z]{64,88}$/.test(signature))
          throw new RpcError(PARAMS, 'Invalid param: WrongSize');
        if (commitment === 'processed')
          throw new RpcError(PARAMS, 'Method does not support commitment below `confirmed`');
        const found = this.#transactions.get(signature);
        if (found === undefined || LEVELS.indexOf(found.commitment) < LEVELS.indexOf(String(commitment)))
          return null;
        if (maxSupportedTransactionVersion === undefined)
          throw new RpcError(-32_015, 'Transaction version (0) is not supported by the requesting client');
        return this.#show(found);
      },
    };
  }
}
