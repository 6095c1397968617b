import type { Answer } from '../support/sidecar.ts';
import {
  ALICE,
  type Asked,
  BOB,
  type EvmScene,
  FAKE_TOKEN,
  RELAYER,
  type Scene,
  SHOP,
  SHOP_LOOKALIKE,
  SOL_ALICE,
  SOL_BOB,
  SOL_FAKE_MINT,
  SOL_SHOP,
  type SolanaScene,
  TOKEN,
  USDC_MINT,
  usdc,
} from './scene.ts';

type Expected = readonly [status: 'verified' | 'pending' | 'rejected' | 400 | 409, ...reasons: string[]];
export type HostileCase = readonly [name: string, expected: Expected, play: (scene: Scene) => Promise<Asked>];

/** What the shop asks when Alice should have paid 10. */
const asked = (chain: string, tx_hash: string, more: object = {}) => ({
  chain,
  tx_hash,
  amount: '10',
  recipient: SHOP,
  payer: ALICE,
  ...more,
});

type EvmPlay = (scene: EvmScene & { ask: Scene['ask']; all: Scene }) => Promise<Asked>;
/** On a chain of its own; what was paid is final unless the play says otherwise. */
const evm = (name: string, expected: Expected, play: EvmPlay): HostileCase => [
  name,
  expected,
  (all) => play({ ...all.evm(), ask: all.ask, all }),
];
/** One payment, and one question about it, on a chain that many share. */
let shared: EvmScene | undefined;
const one = (
  name: string,
  expected: Expected,
  arrange: (pay: EvmScene['pay'], ledger: EvmScene['ledger']) => string,
  more: object = {},
  isFinal = true,
): HostileCase => [
  name,
  expected,
  async (all) => {
    shared ??= all.evm();
    const hash = arrange(shared.pay, shared.ledger);
    if (isFinal) shared.ledger.settle();
    return all.ask(asked(shared.chain, hash, more));
  },
];
const malformed = (name: string, more: (hash: string) => object): HostileCase => [
  name,
  [400],
  async (all) => {
    shared ??= all.evm();
    const hash = shared.pay(usdc(10));
    shared.ledger.settle();
    return all.ask(asked(shared.chain, hash, more(hash)));
  },
];

const WELL_FORMED: HostileCase[] = [
  one('paid to the unit, and final', ['verified'], (pay) => pay(usdc(10))),
  one('the hash in capital letters is the same hash', ['verified'], (pay) => {
    const hash = `0x${'ab'.repeat(32)}`;
    pay(usdc(10), {}, { hash });
    return `0x${hash.slice(2).toUpperCase()}`;
  }),
  one(
    'seen only, and safe is asked for',
    ['pending', 'not_safe_yet'],
    (pay, ledger) => {
      ledger.settle();
      return pay(usdc(10));
    },
    {},
    false,
  ),
  one('seen only, and that is enough', ['verified'], (pay) => pay(usdc(10)), { finality: 'seen' }, false),
  one(
    'safe, and final is asked for',
    ['pending', 'not_final_yet'],
    (pay, ledger) => {
      const hash = pay(usdc(10));
      ledger.settle('safe');
      return hash;
    },
    { finality: 'final' },
    false,
  ),
  one('paid by signature: another one sends it, and the tokens are hers', ['verified'], (pay) =>
    pay(usdc(10), {}, { sender: RELAYER }),
  ),
  one('more than asked for', ['verified'], (pay) => pay(usdc(10.01))),
];

const MALFORMED: HostileCase[] = [
  malformed('a hash with a space before it', (hash) => ({ tx_hash: ` ${hash}` })),
  malformed('a hash with a line end behind it', (hash) => ({ tx_hash: `${hash}\n` })),
  malformed('a hash that lacks a digit', (hash) => ({ tx_hash: hash.slice(0, -1) })),
  malformed('a hash with 0X', (hash) => ({ tx_hash: `0X${hash.slice(2)}` })),
  malformed('a hash without 0x', (hash) => ({ tx_hash: hash.slice(2) })),
  malformed('a hash with a letter O', (hash) => ({ tx_hash: `${hash.slice(0, -1)}O` })),
  malformed('amount 1e6', () => ({ amount: '1e6' })),
  malformed('amount 0', () => ({ amount: '0' })),
  malformed('amount 0.000000', () => ({ amount: '0.000000' })),
  malformed('amount -1', () => ({ amount: '-1' })),
  malformed('amount +10', () => ({ amount: '+10' })),
  malformed('amount with a space', () => ({ amount: ' 10' })),
  malformed('amount with a comma', () => ({ amount: '10,00' })),
  malformed('amount 010', () => ({ amount: '010' })),
  malformed('amount 10.', () => ({ amount: '10.' })),
  malformed('amount in hexadecimal digits', () => ({ amount: '0xa' })),
  malformed('amount in digits of another script', () => ({ amount: '١٠' })),
  malformed('amount as a number, which rounds', () => ({ amount: 10 })),
  malformed('amount with a decimal more than the token has', () => ({ amount: '10.0000001' })),
  malformed('amount of 78 digits, more than there can be', () => ({ amount: `9${'0'.repeat(77)}` })),
  malformed('a recipient whose capital letters are wrong', () => ({
    recipient: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02914',
  })),
  malformed('nobody as the recipient', () => ({ recipient: `0x${'0'.repeat(40)}` })),
  malformed('a payer that is no address', () => ({ payer: 'alice.eth' })),
  malformed('an address of Solana', () => ({ recipient: SOL_SHOP })),
  malformed('a chain that nobody knows', () => ({ chain: 'basé' })),
  malformed('a chain that has no nodes here', () => ({ chain: 'ethereum' })),
  malformed('a token that is not in the table, by its address', () => ({ token: FAKE_TOKEN })),
  malformed('a field that does not exist', () => ({ amout: '10' })),
];

const PAID_OTHERWISE: HostileCase[] = [
  one('no such transaction', ['pending', 'not_found'], () => `0x${'0d'.repeat(32)}`),
  one('it failed on the chain', ['rejected', 'transaction_failed'], (pay) =>
    pay(usdc(10), {}, { failed: true }),
  ),
  one('a token that only calls itself so', ['rejected', 'wrong_token'], (pay) =>
    pay(usdc(10), { token: FAKE_TOKEN }),
  ),
  one('to somebody else', ['rejected', 'wrong_recipient'], (pay) => pay(usdc(10), { to: BOB })),
  one('to an address that looks like ours', ['rejected', 'wrong_recipient'], (pay) =>
    pay(usdc(10), { to: SHOP_LOOKALIKE }),
  ),
  one("somebody else's payment", ['rejected', 'wrong_payer'], (pay) => pay(usdc(10), { from: BOB })),
  one('sent by the payer, out of the pocket of another', ['rejected', 'wrong_payer'], (pay) =>
    pay(usdc(10), { from: BOB }, { sender: ALICE }),
  ),
  one('from us to us', ['rejected', 'self_payment'], (pay) => pay(usdc(10), { from: SHOP }), {
    payer: undefined,
  }),
  one('by us to somebody', ['rejected', 'wrong_recipient'], (pay) => pay(usdc(10), { from: SHOP, to: BOB })),
  one('a millionth too little', ['rejected', 'underpaid'], (pay) => pay(usdc(10) - 1n)),
  one('an amount of 72 digits is compared exactly', ['rejected', 'underpaid'], (pay) => pay(2n ** 255n), {
    amount: `1${'0'.repeat(71)}`,
  }),
  one(
    'more than asked for, and exactly that is asked for',
    ['rejected', 'amount_differs'],
    (pay) => pay(usdc(10.01)),
    { exact: true },
  ),
  one('nothing, as those send who want their address copied', ['rejected', 'no_transfer'], (pay) => pay(0n)),
  one('a collectible whose number is the amount', ['rejected', 'no_transfer'], (pay) =>
    pay(usdc(10), { isCollectible: true }),
  ),
  one('a transaction without a transfer', ['rejected', 'no_transfer'], (_, ledger) => ledger.pay([])),
  one('two days ago', ['rejected', 'too_old'], (pay) =>
    pay(usdc(10), {}, { at: Math.floor(Date.now() / 1000) - 2 * 86_400 }),
  ),
  one(
    'a second before the order was made',
    ['rejected', 'too_old'],
    (pay) => pay(usdc(10), {}, { at: 1_790_000_000 }),
    { not_before: new Date(1_790_000_001_000).toISOString() },
  ),
  one('in two parts, of which none is enough', ['rejected', 'underpaid'], (_, ledger) =>
    ledger.pay([5, 5].map((amount) => ({ token: TOKEN, from: ALICE, to: SHOP, amount: usdc(amount) }))),
  ),
  one('some of the right token, and the rest of a false one', ['rejected', 'underpaid'], (_, ledger) =>
    ledger.pay(
      [
        [TOKEN, 1],
        [FAKE_TOKEN, 9],
      ].map(([token, amount]) => ({
        token: String(token),
        from: ALICE,
        to: SHOP,
        amount: usdc(Number(amount)),
      })),
    ),
  ),
  [
    'the same figure where the token has 18 decimals',
    ['rejected', 'underpaid'],
    async ({ bnb, ask }) => {
      const hash = bnb.pay([
        { token: '0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d', from: ALICE, to: SHOP, amount: usdc(10) },
      ]);
      bnb.settle();
      return ask(asked('bnb', hash));
    },
  ],
  [
    'a payment of another chain',
    ['pending', 'not_found'],
    async (all) => {
      const hash = all.bnb.pay([{ token: TOKEN, from: ALICE, to: SHOP, amount: usdc(10) }]);
      return all.ask(asked((shared ?? all.evm()).chain, hash));
    },
  ],
  evm(
    '63 blocks on top, where the node knows no better',
    ['pending', 'not_safe_yet'],
    async ({ all: { old, ask } }) => {
      const hash = old.pay([
        { token: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359', from: ALICE, to: SHOP, amount: usdc(10) },
      ]);
      old.mine(62);
      return ask(asked('polygon', hash));
    },
  ),
  evm('64 blocks on top', ['verified'], async ({ all: { old, ask } }) => {
    const hash = old.pay([
      { token: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359', from: ALICE, to: SHOP, amount: usdc(10) },
    ]);
    old.mine(63);
    return ask(asked('polygon', hash));
  }),
];

const ONCE: HostileCase[] = [
  evm(
    'claimed by another order before',
    ['rejected', 'already_claimed'],
    async ({ chain, ledger, pay, ask }) => {
      const hash = pay(usdc(10));
      ledger.settle();
      await ask(asked(chain, hash));
      return ask(asked(chain, hash));
    },
  ),
  evm(
    'claimed before, with the hash in other letters',
    ['rejected', 'already_claimed'],
    async ({ chain, ledger, pay, ask }) => {
      const hash = pay(usdc(10));
      ledger.settle();
      await ask(asked(chain, hash));
      return ask(asked(chain, `0x${hash.slice(2).toUpperCase()}`));
    },
  ),
  evm(
    'claimed before, with the id of the chain instead of its name',
    ['rejected', 'already_claimed'],
    async ({ chain, ledger, pay, ask }) => {
      const hash = pay(usdc(10));
      ledger.settle();
      await ask(asked(chain, hash));
      return ask(asked(`eip155:${ledger.chainId}`, hash));
    },
  ),
  evm(
    'by a third order, of a transaction that pays two',
    ['rejected', 'already_claimed'],
    async ({ chain, ledger, ask }) => {
      const hash = ledger.pay(
        [10, 10].map((amount) => ({ token: TOKEN, from: ALICE, to: SHOP, amount: usdc(amount) })),
      );
      ledger.settle();
      const both = [await ask(asked(chain, hash)), await ask(asked(chain, hash))];
      if (both.some(({ verdict }) => verdict.status !== 'verified')) throw new Error('two orders are paid');
      return ask(asked(chain, hash));
    },
  ),
  evm(
    'a large order takes the large transfer, though a small one came first',
    ['verified'],
    async ({ chain, ledger, ask }) => {
      const hash = ledger.pay(
        [10, 25].map((amount) => ({ token: TOKEN, from: ALICE, to: SHOP, amount: usdc(amount) })),
      );
      ledger.settle();
      await ask(asked(chain, hash));
      return ask(asked(chain, hash, { amount: '25' }));
    },
  ),
  evm('the same order again, under another key', ['verified'], async ({ chain, ledger, pay, ask }) => {
    const hash = pay(usdc(10));
    ledger.settle();
    await ask(asked(chain, hash, { reference: 'order 1' }));
    return ask(asked(chain, hash, { reference: 'order 1' }));
  }),
  evm(
    'another order of the same reference in other letters',
    ['rejected', 'already_claimed'],
    async ({ chain, ledger, pay, ask }) => {
      const hash = pay(usdc(10));
      ledger.settle();
      await ask(asked(chain, hash, { reference: 'order 2' }));
      return ask(asked(chain, hash, { reference: 'Order 2' }));
    },
  ),
  evm('the same key for another amount', [409], async ({ chain, ledger, pay, ask }) => {
    const hash = pay(usdc(10));
    ledger.settle();
    await ask(asked(chain, hash), 'one key');
    return ask(asked(chain, hash, { amount: '9' }), 'one key');
  }),
];

const seeing = (node: EvmScene['nodes'][number], method: string, change: (result: never) => unknown) =>
  node.fail({
    lie: (asked, result) => (asked === method && result !== null ? change(result as never) : result),
  });
type Receipt = { logs: { data: string; transactionHash: string }[]; blockHash: string };

/** The first node does this; the second one is honest. */
const first = (
  name: string,
  upset: (node: EvmScene['nodes'][number], scene: EvmScene) => void,
  expected: Expected = ['verified'],
  more: object = {},
): HostileCase =>
  evm(name, expected, async (scene) => {
    const hash = scene.pay(usdc(10));
    scene.ledger.settle();
    upset(scene.nodes[0], scene);
    return scene.ask(asked(scene.chain, hash, more));
  });
/** The same about an amount for which no node alone is believed. */
const large = (
  name: string,
  expected: Expected,
  upset: (node: EvmScene['nodes'][number], scene: EvmScene) => void,
  more: object = {},
): HostileCase =>
  evm(name, expected, async (scene) => {
    const hash = scene.pay(usdc(5000));
    scene.ledger.settle();
    upset(scene.nodes[0], scene);
    return scene.ask(asked(scene.chain, hash, { amount: '5000', ...more }));
  });

const NODES: HostileCase[] = [
  first('a dead node', (node) => node.fail({ dead: true })),
  first('a node that hangs', (node) => node.fail({ hangs: true })),
  first('a node that has had too many requests', (node) => node.fail({ status: 429 })),
  first('a node behind a proxy that fails', (node) => node.fail({ status: 502 })),
  first('a node that sends a page', (node) => node.fail({ garbage: '<html>' })),
  first('a node that sends nothing', (node) => node.fail({ garbage: '' })),
  first('an endless answer', (node) => node.fail({ garbage: `"${'x'.repeat(9 * 1024 * 1024)}"` })),
  first('a node of another chain', (node) => seeing(node, 'eth_chainId', () => '0x1')),
  first('a node that has not got the block yet', (node) =>
    seeing(node, 'eth_getTransactionReceipt', () => null),
  ),
  first('the receipt of another transaction', (node) =>
    seeing(node, 'eth_getTransactionReceipt', (receipt: Receipt) => ({
      ...receipt,
      transactionHash: `0x${'1'.repeat(64)}`,
    })),
  ),
  first('logs of another transaction in the receipt', (node) =>
    seeing(node, 'eth_getTransactionReceipt', ({ logs, ...receipt }: Receipt) => ({
      ...receipt,
      logs: logs.map((log) => ({ ...log, transactionHash: `0x${'1'.repeat(64)}` })),
    })),
  ),
  first('a receipt without a status', (node) =>
    seeing(node, 'eth_getTransactionReceipt', (receipt: Receipt) => ({ ...receipt, status: undefined })),
  ),
  first('a receipt with the same log twice', (node) =>
    seeing(node, 'eth_getTransactionReceipt', ({ logs, ...receipt }: Receipt) => ({
      ...receipt,
      logs: [...logs, ...logs],
    })),
  ),
  first(
    'a receipt of a block that the chain gave up',
    (node) =>
      seeing(node, 'eth_getTransactionReceipt', ({ logs, ...receipt }: Receipt) => ({
        ...receipt,
        blockHash: `0x${'2'.repeat(64)}`,
        logs: logs.map((log) => ({ ...log, blockHash: `0x${'2'.repeat(64)}` })),
      })),
    ['pending', 'reorganised'],
  ),
  evm('no node answers', ['pending', 'nodes_unavailable'], async (scene) => {
    const hash = scene.pay(usdc(10));
    for (const node of scene.nodes) node.fail({ dead: true });
    return scene.ask(asked(scene.chain, hash));
  }),
  evm('nothing at first, and then a receipt', ['verified'], async ({ chain, ledger, pay, ask }) => {
    const hash = `0x${'5e'.repeat(32)}`;
    const before = await ask(asked(chain, hash), 'null then a receipt');
    if (before.verdict.reasons[0] !== 'not_found') throw new Error('there is none yet');
    pay(usdc(10), {}, { hash });
    ledger.settle();
    return ask(asked(chain, hash), 'null then a receipt');
  }),
  large('a large amount, and both nodes say so', ['verified'], () => {}),
  large('a large amount, and one node is dead', ['pending', 'too_few_nodes'], (node) =>
    node.fail({ dead: true }),
  ),
  large('a large amount, and one node is behind', ['pending', 'too_few_nodes'], (node) =>
    seeing(node, 'eth_getTransactionReceipt', () => null),
  ),
  large('a large amount, of which one node says that it is larger', ['pending', 'nodes_disagree'], (node) =>
    seeing(node, 'eth_getTransactionReceipt', ({ logs, ...receipt }: Receipt) => ({
      ...receipt,
      logs: logs.map((log) => ({ ...log, data: `0x${'f'.repeat(64)}` })),
    })),
  ),
  large('a large amount, which one node calls failed', ['pending', 'nodes_disagree'], (node) =>
    seeing(node, 'eth_getTransactionReceipt', (receipt: Receipt) => ({ ...receipt, status: '0x0' })),
  ),
  evm(
    'a large amount, which one node calls final and the other safe',
    ['pending', 'not_final_yet'],
    async ({ chain, ledger, pay, nodes, ask }) => {
      const hash = pay(usdc(5000));
      ledger.settle('safe');
      nodes[0].fail({
        lie: (method, result, [tag]) =>
          method === 'eth_getBlockByNumber' && tag === 'finalized'
            ? { ...(blank as object), number: '0xffffffff' }
            : result,
      });
      return ask(asked(chain, hash, { amount: '5000', finality: 'final' }));
    },
  ),
  evm(
    'a payment that went with its block after it was safe',
    ['pending', 'not_found'],
    async ({ chain, ledger, pay, ask }) => {
      const hash = pay(usdc(10));
      ledger.settle('safe');
      const before = await ask(asked(chain, hash), 'reorganised after safe');
      if (before.verdict.status !== 'verified' || before.verdict.is_final)
        throw new Error('it was verified, not for good');
      ledger.reorganise(1);
      return ask(asked(chain, hash), 'reorganised after safe');
    },
  ),
  evm(
    'a payment that failed when its block was made anew',
    ['rejected', 'transaction_failed'],
    async ({ chain, ledger, pay, ask }) => {
      const hash = pay(usdc(10));
      ledger.settle('safe');
      await ask(asked(chain, hash), 'failed after safe');
      ledger.reorganise(1);
      pay(usdc(10), {}, { hash, failed: true });
      ledger.settle();
      return ask(asked(chain, hash), 'failed after safe');
    },
  ),
];
/** A block as its fields are; only the number counts there. */
const blank = {
  hash: `0x${'3'.repeat(64)}`,
  parentHash: `0x${'3'.repeat(64)}`,
  timestamp: '0x1',
  transactions: [],
  gasLimit: '0x1',
  gasUsed: '0x1',
  size: '0x1',
  uncles: [],
};

const SIGNATURES = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
let signatures = 0;
/** 64 bytes in base 58. */
const signature = () => `${SIGNATURES[2 + (signatures++ % 30)]}${'4'.repeat(86)}`;
const paid = (amount: bigint, more: { mint?: string; owner?: string; payer?: string } = {}) => [
  {
    account: 1,
    mint: more.mint ?? USDC_MINT,
    owner: more.payer ?? SOL_ALICE,
    before: usdc(9000),
    after: usdc(9000) - amount,
  },
  { account: 2, mint: more.mint ?? USDC_MINT, owner: more.owner ?? SOL_SHOP, before: 5n, after: 5n + amount },
];
const solAsked = (chain: string, tx_hash: string, more: object = {}) => ({
  chain,
  tx_hash,
  amount: '10',
  recipient: SOL_SHOP,
  payer: SOL_ALICE,
  ...more,
});
let sharedSolana: SolanaScene | undefined;
const sol = (
  name: string,
  expected: Expected,
  scripted: Partial<Parameters<SolanaScene['ledger']['add']>[0]>,
  more: object = {},
): HostileCase => [
  `Solana: ${name}`,
  expected,
  async (all) => {
    sharedSolana ??= all.solana();
    const hash = sharedSolana.ledger.add({ balances: paid(usdc(10)), signature: signature(), ...scripted });
    return all.ask(solAsked(sharedSolana.chain, hash, more));
  },
];
const solNode = (
  name: string,
  expected: Expected,
  amount: number,
  upset: (scene: SolanaScene) => void,
): HostileCase => [
  `Solana: ${name}`,
  expected,
  async (all) => {
    const scene = all.solana();
    const hash = scene.ledger.add({ balances: paid(usdc(amount)), signature: signature() });
    upset(scene);
    return all.ask(solAsked(scene.chain, hash, { amount: String(amount) }));
  },
];

const SOLANA: HostileCase[] = [
  sol('paid, and final', ['verified'], {}),
  sol('confirmed, which is safe', ['verified'], { commitment: 'confirmed' }),
  sol(
    'confirmed, and final is asked for',
    ['pending', 'not_final_yet'],
    { commitment: 'confirmed' },
    { finality: 'final' },
  ),
  sol('processed by one validator only', ['pending', 'not_found'], { commitment: 'processed' }),
  sol('it failed', ['rejected', 'transaction_failed'], { err: { InstructionError: [0, { Custom: 1 }] } }),
  sol('a mint that only calls itself so', ['rejected', 'wrong_token'], {
    balances: paid(usdc(10), { mint: SOL_FAKE_MINT }),
  }),
  sol('to somebody else', ['rejected', 'wrong_recipient'], { balances: paid(usdc(10), { owner: SOL_BOB }) }),
  sol("somebody else's payment", ['rejected', 'wrong_payer'], {
    balances: paid(usdc(10), { payer: SOL_BOB }),
  }),
  sol('into two accounts of ours', ['verified'], {
    balances: [
      ...paid(usdc(4)),
      { account: 3, mint: USDC_MINT, owner: SOL_SHOP, before: 0n, after: usdc(6) },
      { account: 4, mint: USDC_MINT, owner: SOL_ALICE, before: usdc(6), after: 0n },
    ],
  }),
  sol('from one account of ours into another', ['rejected', 'no_transfer'], {
    balances: paid(usdc(10), { payer: SOL_SHOP }),
  }),
  sol('by two together, of whom one says that it was they', ['rejected', 'wrong_payer'], {
    balances: [
      ...paid(usdc(10), { payer: SOL_BOB }),
      { account: 3, mint: USDC_MINT, owner: SOL_ALICE, before: usdc(1), after: 0n },
    ],
  }),
  sol('a token that keeps a fee: what arrives counts', ['rejected', 'underpaid'], {
    balances: [
      { account: 1, mint: USDC_MINT, owner: SOL_ALICE, before: usdc(10), after: 0n },
      { account: 2, mint: USDC_MINT, owner: SOL_SHOP, before: 0n, after: usdc(9.99) },
    ],
  }),
  sol('the node does not know when', ['pending', 'block_time_unknown'], { blockTime: null }),
  sol('two days ago', ['rejected', 'too_old'], { blockTime: Math.floor(Date.now() / 1000) - 2 * 86_400 }),
  sol('a signature that is none', [400], {}, { tx_hash: 'O0Il' }),
  sol('an address of an EVM chain', [400], {}, { recipient: SHOP }),
  sol('a hash of an EVM chain', [400], {}, { tx_hash: `0x${'1'.repeat(64)}` }),
  sol(
    'a signature that differs by a small letter',
    ['pending', 'not_found'],
    {},
    { tx_hash: `a${'4'.repeat(86)}` },
  ),
  solNode('a dead node', ['verified'], 10, ({ nodes }) => nodes[0].fail({ dead: true })),
  solNode('a node of another network', ['verified'], 10, ({ nodes }) =>
    nodes[0].fail({
      lie: (method, result) =>
        method === 'getGenesisHash' ? 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG' : result,
    }),
  ),
  solNode('a large amount, and one node is dead', ['pending', 'too_few_nodes'], 5000, ({ nodes }) =>
    nodes[0].fail({ dead: true }),
  ),
  solNode(
    'a large amount, and one node makes up a transfer',
    ['pending', 'nodes_disagree'],
    5000,
    ({ nodes }) =>
      nodes[0].fail({
        lie: (_, result) =>
          typeof result === 'object' && result !== null
            ? JSON.parse(JSON.stringify(result).replaceAll('5000000005', '9000000005'))
            : result,
      }),
  ),
];

export const HOSTILE_CASES: readonly HostileCase[] = [
  ...WELL_FORMED,
  ...MALFORMED,
  ...PAID_OTHERWISE,
  ...ONCE,
  ...NODES,
  ...SOLANA,
];

/** An answer as a line of the table. */
export const verdictOf = ({ status, body }: Answer): Expected => {
  if (status !== 200) return [status as 400];
  const { status: verdict, reasons } = body as { status: 'verified'; reasons: string[] };
  return [verdict, ...reasons];
};
