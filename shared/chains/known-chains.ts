/** A token: where its contract (on Solana: its mint) is, and how many decimals an amount of it has. */
export type Token = { symbol: string; address: string; decimals: number };

export type KnownChain = {
  /** As CAIP-2 writes it: `eip155:8453`. On Solana the second part is the beginning of the genesis hash. */
  id: string;
  name: string;
  tokens: readonly Token[];
  /**
   * So many blocks on top of a transaction's stand for `safe` and `final`, where a node does not know these words. Where it
   * does, its answer holds: it knows what the chain has agreed on, and a number of blocks is only a guess of it.
   */
  blocks?: { safe: number; final: number } | undefined;
};

const usdc = (address: string, decimals = 6): Token => ({ symbol: 'USDC', address, decimals });
const bridged = (address: string): Token => ({ symbol: 'USDC.e', address, decimals: 6 });
const usdt = (address: string, decimals = 6): Token => ({ symbol: 'USDT', address, decimals });

/**
 * The one table of chains and of the tokens that are money on them; what is not here is a lookalike. Note the 18 decimals on
 * BNB: the same figure is another amount there. More chains come by `MORE_CHAINS`.
 */
export const KNOWN_CHAINS: readonly KnownChain[] = [
  {
    id: 'eip155:1',
    name: 'ethereum',
    tokens: [
      usdc('0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'),
      usdt('0xdAC17F958D2ee523a2206206994597C13D831ec7'),
    ],
    blocks: { safe: 32, final: 64 },
  },
  {
    id: 'eip155:8453',
    name: 'base',
    tokens: [usdc('0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913')],
    blocks: { safe: 300, final: 900 },
  },
  {
    id: 'eip155:137',
    name: 'polygon',
    tokens: [
      usdc('0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359'),
      bridged('0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174'),
      usdt('0xc2132D05D31c914a87C6611C10748AEb04B58e8F'),
    ],
    blocks: { safe: 64, final: 256 },
  },
  {
    id: 'eip155:42161',
    name: 'arbitrum',
    tokens: [
      usdc('0xaf88d065e77c8cC2239327C5EDb3A432268e5831'),
      bridged('0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8'),
      usdt('0xFd086bC7CD5C481DCC9C85ebE478A1C0b69FCbb9'),
    ],
    blocks: { safe: 2400, final: 7200 },
  },
  {
    id: 'eip155:10',
    name: 'optimism',
    tokens: [
      usdc('0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85'),
      bridged('0x7F5c764cBc14f9669B88837ca1490cCa17c31607'),
      usdt('0x94b008aA00579c1307B0EF2c499aD98a8ce58e58'),
    ],
    blocks: { safe: 300, final: 900 },
  },
  {
    id: 'eip155:56',
    name: 'bnb',
    tokens: [
      usdc('0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d', 18),
      usdt('0x55d398326f99059fF775485246999027B3197955', 18),
    ],
    blocks: { safe: 15, final: 30 },
  },
  {
    id: 'eip155:43114',
    name: 'avalanche',
    tokens: [
      usdc('0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E'),
      usdt('0x9702230A8Ea53601f5cD2dc00fDBc13d4dF4A8c7'),
    ],
    // What a node of Avalanche answers has been accepted for good.
    blocks: { safe: 1, final: 2 },
  },
  {
    id: 'eip155:42220',
    name: 'celo',
    tokens: [usdc('0xcebA9300f2b948710d2653dD7B07f33A8B32118C')],
    blocks: { safe: 600, final: 1800 },
  },
  {
    id: 'eip155:59144',
    name: 'linea',
    tokens: [usdc('0x176211869cA2b568f2A7D4EE941E073a821EE1ff')],
    blocks: { safe: 300, final: 5400 },
  },
  {
    id: 'eip155:324',
    name: 'zksync',
    tokens: [usdc('0x1d17CBcF0D6D143135aE902365D2E5e2A16538D4')],
    blocks: { safe: 600, final: 90_000 },
  },
  {
    id: 'eip155:534352',
    name: 'scroll',
    tokens: [usdc('0x06eFdBFf2a14a7c8E15944D1F4A48F9F95F663A4')],
    blocks: { safe: 300, final: 3600 },
  },
  {
    id: 'eip155:130',
    name: 'unichain',
    tokens: [usdc('0x078D782b760474a361dDA0AF3839290b0EF57AD6')],
    blocks: { safe: 600, final: 1800 },
  },
  {
    id: 'eip155:146',
    name: 'sonic',
    tokens: [usdc('0x29219dd400f2Bf60E5a23d13Be72B486D4038894')],
    blocks: { safe: 10, final: 30 },
  },
  {
    id: 'eip155:480',
    name: 'world-chain',
    tokens: [usdc('0x79A02482A880bCE3F13e09Da970dC34db4CD24d1')],
    blocks: { safe: 300, final: 900 },
  },
  {
    id: 'eip155:84532',
    name: 'base-sepolia',
    tokens: [usdc('0x036CbD53842c5426634e7929541eC2318f3dCF7e')],
    blocks: { safe: 300, final: 900 },
  },
  {
    id: 'eip155:11155111',
    name: 'sepolia',
    tokens: [usdc('0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238')],
    blocks: { safe: 32, final: 64 },
  },
  {
    id: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
    name: 'solana',
    tokens: [
      usdc('EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'),
      usdt('Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB'),
    ],
  },
  {
    id: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
    name: 'solana-devnet',
    tokens: [usdc('4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU')],
  },
];
