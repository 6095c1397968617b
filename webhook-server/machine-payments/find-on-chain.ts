import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { createPublicClient, getAddress, type Hex, http, parseAbi, parseEventLogs } from 'viem';
import type { Outcome } from './facilitator.ts';
import { findOnSolana } from './find-on-solana.ts';
import { eip3009 } from './payment-key.ts';

const TOKEN = parseAbi([
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
  'event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
]);

/** Nodes answer for so many blocks at once; on the fastest chain that is far longer than an authorization holds. */
const BLOCKS = 9_000n;
/** After its end by the chain's own clock: blocks that are taken back come again within less. */
const MARGIN_SECONDS = 120n;
const TIMEOUT_MS = 10_000;

/** What a node of the chain says became of a payment; undefined where it can still be taken. */
export type Finding = Outcome | undefined;

async function findOnEvm(
  rpcUrl: string,
  payload: PaymentPayload,
  requirements: PaymentRequirements,
): Promise<Finding> {
  const { authorization } = eip3009.parse(payload.payload);
  const client = createPublicClient({ transport: http(rpcUrl, { timeout: TIMEOUT_MS }), cacheTime: 0 });
  const asset = getAddress(requirements.asset);
  const [authorizer, nonce] = [getAddress(authorization.from), authorization.nonce as Hex];
  const tip = await client.getBlock({ blockTag: 'latest' });
  const isUsed = await client.readContract({
    address: asset,
    abi: TOKEN,
    functionName: 'authorizationState',
    args: [authorizer, nonce],
    blockNumber: tip.number,
  });
  if (!isUsed) {
    // By the clock of the chain, which is the one that the token asks: ours may be wrong.
    return tip.timestamp > BigInt(authorization.validBefore) + MARGIN_SECONDS
      ? { outcome: 'failed', failure: 'expired' }
      : undefined;
  }
  const [used] = await client.getLogs({
    address: asset,
    event: TOKEN[1],
    args: { authorizer, nonce },
    fromBlock: tip.number > BLOCKS ? tip.number - BLOCKS : 0n,
    toBlock: tip.number,
  });
  // Taken back by its payer, or older than the node tells: a person has to look.
  if (used === undefined) return { outcome: 'pending', transaction: null };
  const receipt = await client.getTransactionReceipt({ hash: used.transactionHash });
  // The transfer of this authorization, which USDC tells next: others may stand in the same transaction.
  const paid = parseEventLogs({ abi: TOKEN, eventName: 'Transfer', logs: receipt.logs }).some(
    ({ address, args, logIndex }) =>
      logIndex === used.logIndex + 1 &&
      getAddress(address) === asset &&
      args.from === authorizer &&
      args.to === getAddress(requirements.payTo) &&
      args.value === BigInt(requirements.amount),
  );
  return paid && receipt.status === 'success'
    ? { outcome: 'settled', transaction: used.transactionHash }
    : { outcome: 'pending', transaction: used.transactionHash };
}

/**
 * Asks a node of the chain what became of a payment.
 * @throws where the node gives no answer
 */
export function findOnChain(
  rpcUrl: string,
  payload: PaymentPayload,
  requirements: PaymentRequirements,
): Promise<Finding> {
  return requirements.network.startsWith('eip155:')
    ? findOnEvm(rpcUrl, payload, requirements)
    : findOnSolana(rpcUrl, payload);
}
