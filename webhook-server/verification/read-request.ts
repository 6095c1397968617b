import { createHash } from 'node:crypto';
import { isSignature, isAddress as isSolanaAddress } from '@solana/kit';
import { isAddress, isHash, zeroAddress } from 'viem';
import type { z } from 'zod';
import type { verifyPaymentRequest } from '../../shared/api/verification.ts';
import type { Token } from '../../shared/chains/known-chains.ts';
import { Fault } from '../../shared/errors.ts';
import { type Chain, findChain } from '../chains/chains.ts';
import type { Finality } from '../chains/facts.ts';

/** What a payment has to be. Addresses are as the facts have them, the amount is in the token's smallest unit. */
export type Expectation = {
  token: string;
  recipient: string;
  payer: string | null;
  amount: bigint;
  isExact: boolean;
  /** Null where nothing was said: then a day before it was asked for first. */
  notBeforeMs: number | null;
  finality: Finality;
};

export type ReadRequest = {
  chain: Chain;
  token: Token;
  txHash: string;
  expectation: Expectation;
  reference: string | null;
  /** Of all that was asked: another one under the same key is a mistake. */
  hash: string;
};

/** What is written otherwise makes the library throw. */
const BASE_58 = /^[1-9A-HJ-NP-Za-km-z]+$/;
const MOST = 2n ** 256n - 1n;

const wrong = (field: string, why: string) => new Fault('invalid_request', `${field}: ${why}`);

/**
 * An amount of a token in its smallest unit.
 * @throws Fault `invalid_request` for more decimals than the token has, for nothing, and for more than there can be
 */
export function amountOf(text: string, decimals: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  if (fraction.length > decimals) throw wrong('amount', `the token has ${decimals} decimals`);
  const amount = BigInt(whole + fraction.padEnd(decimals, '0'));
  if (amount === 0n) throw wrong('amount', 'must be more than 0');
  if (amount > MOST) throw wrong('amount', 'is more than there can be of a token');
  return amount;
}

/** The other way round, without zeros at the end. @example showAmount(10_500_000n, 6) === '10.5' */
export function showAmount(amount: bigint, decimals: number): string {
  const digits = String(amount).padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  const fraction = digits.slice(cut).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, cut) : `${digits.slice(0, cut)}.${fraction}`;
}

/** An address whose letters have two cases has to be right in them: that is how a mistyped one is found. */
function addressOf(field: string, text: string, { family }: Chain): string {
  if (family === 'solana') {
    if (!BASE_58.test(text) || !isSolanaAddress(text)) throw wrong(field, 'must be an address of Solana');
    return text;
  }
  const isOneCase = /^0x([0-9a-f]{40}|[0-9A-F]{40})$/.test(text);
  if (!isAddress(text, { strict: !isOneCase }) || text === zeroAddress)
    throw wrong(field, 'must be an address, and right in its capital letters where it has some');
  return text.toLowerCase();
}

function hashOf(text: string, { family }: Chain): string {
  if (family === 'solana') {
    if (!BASE_58.test(text) || !isSignature(text)) throw wrong('tx_hash', 'must be a signature of Solana');
    return text;
  }
  if (!isHash(text) || !/^0x[0-9a-fA-F]{64}$/.test(text))
    throw wrong('tx_hash', 'must be 0x and 64 hexadecimal digits');
  return text.toLowerCase();
}

function tokenOf(text: string, { tokens, family, name }: Chain): Token {
  const same = (a: string, b: string) =>
    family === 'solana' ? a === b : a.toLowerCase() === b.toLowerCase();
  const token = tokens.find(
    ({ symbol, address }) => symbol.toLowerCase() === text.toLowerCase() || same(address, text),
  );
  if (token === undefined)
    throw wrong('token', `must be one of ${tokens.map(({ symbol }) => symbol).join(', ')} on ${name}`);
  return token;
}

/** @throws Fault `invalid_request` */
export function readRequest(
  body: z.output<typeof verifyPaymentRequest>,
  chains: readonly Chain[],
): ReadRequest {
  const chain = findChain(chains, body.chain);
  if (chain === undefined)
    throw wrong('chain', 'is not served here; GET /v1/payments/chains lists those that are');
  const token = tokenOf(body.token, chain);
  const expectation = {
    token: chain.family === 'solana' ? token.address : token.address.toLowerCase(),
    recipient: addressOf('recipient', body.recipient, chain),
    payer: body.payer === undefined ? null : addressOf('payer', body.payer, chain),
    amount: amountOf(body.amount, token.decimals),
    isExact: body.exact,
    notBeforeMs: body.not_before === undefined ? null : Date.parse(body.not_before),
    finality: body.finality,
  };
  const txHash = hashOf(body.tx_hash, chain);
  const reference = body.reference ?? null;
  const { amount, ...rest } = expectation;
  const asked = [chain.id, txHash, reference, String(amount), rest];
  const hash = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
  return { chain, token, txHash, expectation, reference, hash };
}
