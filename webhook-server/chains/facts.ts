/** How sure the chain is of a block: it may still go; it goes only if much fails at once; it stays. */
const FINALITIES = ['seen', 'safe', 'final'] as const;
export type Finality = (typeof FINALITIES)[number];

/** Tokens that came to somebody. */
export type Transfer = {
  /** Names it within the transaction: of an EVM chain the log's index, of Solana that of the receiving token account. */
  index: number;
  /** Addresses of EVM chains are in small letters. */
  token: string;
  /** On Solana whoever has less of the token afterwards, which may be several. */
  from: readonly string[];
  to: string;
  amount: bigint;
};

export type FoundFacts = {
  found: true;
  failed: boolean;
  finality: Finality;
  /** False while the chain decides about the block anew. */
  isCanonical: boolean;
  /** Names the block: by its hash, on Solana by its slot. */
  block: string;
  blockNumber: bigint;
  /** Null where the node does not know. */
  blockTimeMs: number | null;
  /** Who sent the transaction and paid for it; of a payment by signature it is not who pays. */
  sender: string;
  transfers: readonly Transfer[];
};

/** What a node says about a transaction. */
export type Facts = { found: false } | FoundFacts;

export const isAtLeast = (finality: Finality, wanted: Finality): boolean =>
  FINALITIES.indexOf(finality) >= FINALITIES.indexOf(wanted);

/** The less sure of two. */
export const lesser = (a: Finality, b: Finality): Finality => (isAtLeast(a, b) ? b : a);

/** Two nodes say the same where this is the same. How sure they are of it may differ by a block. */
export const digestOf = (facts: FoundFacts): string =>
  JSON.stringify([
    facts.failed,
    facts.isCanonical,
    facts.block,
    String(facts.blockNumber),
    facts.transfers.map(({ index, token, from, to, amount }) => [index, token, from, to, String(amount)]),
  ]);
